"""Agents of one's own in a population: they take a step in Python after each round."""

import pickle

import mesa
import networkx as nx
import numpy as np
import pytest

from simulation import NetworkAgent, NetworkDescription, Population, PopulationParameters, simulate_population


class Echo(NetworkAgent):
    """Does next what most neighbours did: Tit-for-Tat towards all."""

    steps = 0

    def step(self) -> None:
        self.steps += 1
        done = [neighbour.share for neighbour in self.neighbours]
        self.cooperation_probability = 1.0 if sum(done) >= len(done) / 2 else 0.0


class Still(NetworkAgent):
    """Takes a step, and does nothing in it."""

    def step(self) -> None:
        pass


class Restless(NetworkAgent):
    """Draws its P(C) from Mesa's random numbers."""

    def step(self) -> None:
        self.cooperation_probability = self.random.random()


def test_an_agent_of_ones_own_answers_the_round_that_all_have_played() -> None:
    # On a path of three the middle one hears of both ends, who never change.
    for ends, answer in ((["cooperator", "defector"], 1.0), (["defector", "defector"], 0.0)):
        parameters = PopulationParameters(graph=nx.path_graph(3), rules=[ends[0], Echo, ends[1]], steps=5)
        model = Population(parameters, rng=0)
        middle = model.members[1]
        assert isinstance(middle, Echo)
        assert middle.cooperation_probability == pytest.approx(0.25)
        model.run_model()
        assert (middle.steps, middle.share, middle.rule) == (5, answer, "fixed")
        # The payoffs of the Prisoner's Dilemma (3, 0, 4, 1), as a mean over both partners.
        assert middle.payoff == (1.5 if answer else 1.0)


def test_who_does_nothing_in_its_step_is_a_fixed_agent_bit_for_bit() -> None:
    def frame(rule: object) -> object:
        rules = {"learner": 0.5, "imitator": 0.25, rule: 0.25}
        model = Population(graph=NetworkDescription(size=36), rules=rules, noise=0.05, steps=30, rng=4)
        model.run_model()
        return model.datacollector.get_model_vars_dataframe()

    assert frame(Still).equals(frame("fixed"))  # type: ignore[attr-defined]


def test_shares_are_placed_by_the_seed_and_counted_exactly() -> None:
    rules = {"learner": 0.7, Still: 0.2, Restless: 0.1}
    first, again, other = (Population(rules=rules, steps=3, rng=seed) for seed in (1, 1, 2))
    assert {kind: len(first.agents_by_type[kind]) for kind in (NetworkAgent, Still, Restless)} == {
        NetworkAgent: 70, Still: 20, Restless: 10,
    }  # fmt: skip
    kinds = [[type(agent) for agent in model.members] for model in (first, again, other)]
    assert kinds[0] == kinds[1] != kinds[2]
    assert all((agent.rule == "fixed") == (type(agent) is not NetworkAgent) for agent in first.members)


def test_a_seed_repeats_what_agents_draw_and_models_are_pickled_with_them() -> None:
    def run(model: Population) -> list[float]:
        model.run_model()
        return model.cooperation_probability.tolist()

    rules = {"learner": 0.5, Restless: 0.5}
    model = Population(rules=rules, steps=6, rng=3)
    for _ in range(3):
        model.step()
    copy = pickle.loads(pickle.dumps(model))
    assert run(model) == run(copy) == run(Population(rules=rules, steps=6, rng=3))
    assert run(model) != run(Population(rules=rules, steps=6, rng=4))


def test_what_an_agent_of_ones_own_does_is_collected_in_the_same_step() -> None:
    model = Population(
        graph=nx.path_graph(3), rules=["cooperator", Echo, "cooperator"], steps=2, rng=0,
        agent_reporters={"steps": "steps", "chance": "cooperation_probability"},
    )  # fmt: skip
    model.run_model()
    frame = model.datacollector.get_agent_vars_dataframe().xs(2, level="AgentID")
    assert frame["steps"].tolist() == [0, 1, 2]
    assert frame["chance"].tolist() == pytest.approx([0.25, 1.0, 1.0])


def test_rules_that_are_no_agents_are_refused() -> None:
    class Unstepping(NetworkAgent):
        """Takes no step of its own."""

    class Stranger(mesa.Agent):
        def step(self) -> None:
            pass

    for kind in (Unstepping, Stranger, NetworkAgent):
        with pytest.raises(
            ValueError, match=r"a class among rules must be a NetworkAgent with a step\(\) of its own"
        ):
            Population(rules={"learner": 0.5, kind: 0.5})
    with pytest.raises(ValueError, match=r"rule must be one of learner, imitator, .*, got <class .int.>"):
        PopulationParameters(rules={"learner": 0.5, int: 0.5})
    learner = type("learner", (Still,), {})
    with pytest.raises(ValueError, match="told apart by their names, got another one called 'learner'"):
        PopulationParameters(rules={"defector": 0.5, learner: 0.5})
    with pytest.raises(
        ValueError, match=r"play in a Mesa model, Population\(parameters\), alone, got rules with Echo"
    ):
        simulate_population(PopulationParameters(rules={"learner": 0.5, Echo: 0.5}), runs=1)


def test_a_probability_beyond_its_bounds_is_refused_in_the_step_that_sets_it() -> None:
    class Beyond(NetworkAgent):
        def step(self) -> None:
            self.cooperation_probability = 1.5

    model = Population(graph=nx.path_graph(3), rules=["learner", Beyond, "learner"], rng=0)
    with pytest.raises(ValueError, match=r"cooperation_probability must lie in \[0, 1\], got 1.5"):
        model.step()


def test_they_live_beside_a_planner_and_among_those_who_treat_each_partner_on_its_own() -> None:
    model = Population(
        rules={"learner": 0.5, "gradual-tit-for-tat": 0.3, Echo: 0.2}, per_partner=True, planner_steps=10,
        noise=0.02, steps=20, rng=1,
    )  # fmt: skip
    model.run_model()
    assert model.planner.paid > 0.0
    assert {agent.steps for agent in model.agents_by_type[Echo]} == {20}
    assert np.isfinite(model.state.memory).all()
    assert model.judge().pairs.correlated.label
