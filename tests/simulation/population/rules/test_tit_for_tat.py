"""Plain and contrite Tit-for-Tat on a network: the machines of matches towards each partner, and what went before."""

import networkx as nx
import numpy as np
import pytest

from simulation import GradualPlayer, Population, PopulationParameters, strategy
from simulation.engine.randomness import run_generator
from simulation.population.runs import draws_per_step
from theory import FiniteState

# C at first, then what the other did; content, provoked, contrite.
MACHINES = {
    "tit-for-tat": FiniteState((1, 0), ((0, 1), (0, 1))),
    "contrite-tit-for-tat": strategy("contrite-tit-for-tat").rule,
}
STAR = nx.star_graph(4)


def steps_of(parameters: PopulationParameters, seed: int, rounds: int):
    """Yield chances and actions (0 is C) of each step by the law in plain Python."""
    generator = run_generator(seed)
    state, room, record = parameters.start(generator), parameters.room(), parameters.record()
    for step in range(rounds):
        draws = generator.random(draws_per_step(state, parameters.constants))
        parameters.law(state, draws, step, parameters.constants, room, record)
        yield room.chance.copy(), 1 - room.cooperated, state


@pytest.mark.parametrize("name", MACHINES)
def test_towards_each_partner_it_is_the_machine_of_matches(name: str) -> None:
    parameters = PopulationParameters(
        graph=STAR, rules=[name, name, "fixed", "fixed", "defector"], per_partner=True, noise=0.2,
        initial_cooperation=0.5,
    )  # fmt: skip
    machine, reverse = MACHINES[name], parameters.network.reverse
    followed = [0, 1, 2, 3, 4]  # what the hub does to each, and what the first of them does to it
    at = [machine.start] * 5
    reached = set()
    for chances, actions, state in steps_of(parameters, 5, 200):
        for e in followed:
            assert chances[e] == pytest.approx(0.2 + 0.6 * machine.cooperation[at[e]])
            transitions = machine.transitions[at[e]]
            outcome = 2 * actions[e] + actions[reverse[e]]
            at[e] = transitions[outcome if len(transitions) == 4 else outcome % 2]
        assert state.alpha[0] == pytest.approx(np.mean([machine.cooperation[k] for k in at[:4]]))
        reached |= set(at)
    assert reached == set(range(len(machine.cooperation)))


def opened(opening: float, **options) -> list[float]:
    """Return the cooperation of some steps among agents of one rule, after a step before the first."""
    parameters = PopulationParameters(graph=nx.cycle_graph(300), per_partner=True, opening=opening, **options)
    return [float(1 - actions.mean()) for _, actions, _ in steps_of(parameters, 1, 12)]


def test_a_step_before_the_first_is_remembered() -> None:
    # Tit-for-Tat copies it for ever, edge by edge; contrite Tit-for-Tat defects once where it alone was betrayed.
    plain, contrite, ledgers = (
        {opening: opened(opening, rules={name: 1.0}) for opening in (0.0, 0.5, 1.0)}
        for name in ("tit-for-tat", "contrite-tit-for-tat", "gradual-tit-for-tat")
    )
    assert plain[0.0] == [0.0] * 12
    assert plain[0.5][0] == pytest.approx(0.5, abs=0.06)
    assert plain[0.5] == [pytest.approx(plain[0.5][0])] * 12
    assert contrite[0.5][0] == pytest.approx(0.75, abs=0.06)
    assert contrite[0.5][1:] == [1.0] * 11
    assert contrite[0.0] == plain[1.0] == contrite[1.0] == [1.0] * 12
    # One betrayal stays within the credit of a ledger.
    assert ledgers[0.0] == ledgers[0.5] == ledgers[1.0] == [1.0] * 12


def test_mirrors_remember_it_and_learners_do_not() -> None:
    mirrors = PopulationParameters(rules={"mirror": 1.0}, per_partner=True, opening=0.5)
    state = mirrors.start(run_generator(2))
    did = state.cooperations - 1.0
    assert set(did) == {0.0, 1.0}
    assert did.mean() == pytest.approx(0.5, abs=0.1)
    assert np.array_equal(state.defections, 2.0 - did)
    learners = PopulationParameters(opening=0.0)
    assert np.array_equal(
        learners.start(run_generator(2)).memory, PopulationParameters().start(run_generator(2)).memory
    )
    with pytest.raises(ValueError, match="opening must lie in"):
        PopulationParameters(opening=1.5)


def test_agents_can_be_made_to_play_tit_for_tat_and_changed_by_hand() -> None:
    parameters = PopulationParameters(
        graph=nx.path_graph(4), per_partner=True, gradual=GradualPlayer(trust=0.0),
        rules=["gradual-tit-for-tat", "tit-for-tat", "cooperator", "contrite-tit-for-tat"],
    )  # fmt: skip
    model = Population(parameters, rng=0)
    first, second, *_ = model.members
    assert (first.alpha, second.alpha) == (0.0, 1.0)
    model.step()
    assert model.last_round.cooperated.tolist() == [0, 1, 1, 1, 1, 1]
    first.rule = "tit-for-tat"
    second.book.ledger[1] = 1.0  # provoked by the third
    model.step()
    assert model.last_round.cooperated.tolist() == [1, 0, 0, 1, 1, 1]
    with pytest.raises(ValueError, match="alpha of an agent that keeps books follows from them"):
        second.alpha = 0.5
