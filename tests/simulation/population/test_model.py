"""The Mesa face: rows seen as agents, changed by hand, the same bits as the batch and as plain Python."""

import json
import pickle

import mesa
import networkx as nx
import numpy as np
import pytest

from simulation import NetworkDescription, Population, PopulationParameters, simulate_population
from simulation.engine.randomness import run_generator
from simulation.population.model import NetworkAgent
from simulation.population.runs import draws_per_step
from simulation.population.state import SUMMARY

MIXED = {"learner": 0.4, "imitator": 0.2, "mirror": 0.2, "cooperator": 0.1, "defector": 0.1}


def mixed(**options) -> PopulationParameters:
    return PopulationParameters(
        graph=NetworkDescription(kind="scale-free", size=60, seed=3), rules=MIXED, steps=40, noise=0.02, alpha=0.2,
        **{"planner_steps": 25, "budget_per_agent": 0.3} | options,
    )  # fmt: skip


def change_by_hand(state, step: int) -> None:
    if step == 10:
        state.theta[7] = 2.5
        state.alpha[11] = 0.9
        state.planner[:] = [1.0, -0.5]


@pytest.mark.parametrize("per_partner", [False, True])
def test_mesa_batch_and_plain_python_are_the_same_bits(per_partner: bool) -> None:
    parameters = mixed(per_partner=per_partner)
    model = Population(parameters, rng=5, run=2)
    while model.running:
        model.step()
    data = simulate_population(parameters, runs=3, seed=5, workers=2).isel(run=2)
    frame = model.datacollector.get_model_vars_dataframe()
    assert len(frame) == 41
    assert frame[list(SUMMARY)].iloc[0].isna().all()  # nothing has been played
    frame = frame.iloc[1:]
    for name in (*SUMMARY, "welfare_index"):
        assert np.array_equal(frame[name].to_numpy(), data[name].values), name
    for which in ("learner", "imitator", "mirror", "fixed"):
        for name in ("cooperation", "payoff", "alpha"):
            batch = data[f"{name}_by_rule"].sel(by_rule=which).values
            assert np.array_equal(frame[f"{name}_{which}"].to_numpy(), batch)
    assert np.array_equal(model.cooperation_probability, data["final_cooperation_probability"].values)
    assert np.array_equal(model.state.alpha, data["final_alpha"].values)
    assert model.planner.paid / 40 / 60 == float(data["outlay_per_step"])

    generator = run_generator(5, 2)
    state = parameters.start(generator)
    room, record = parameters.room(), parameters.record()
    for step in range(40):
        draws = generator.random(draws_per_step(state, parameters.constants))
        parameters.law(state, draws, step, parameters.constants, room, record)
    for plain, machine in zip(state, model.state, strict=True):
        assert np.array_equal(plain, machine)


def test_agents_changed_by_hand_go_on_as_the_changed_arrays_would() -> None:
    parameters = mixed()
    model = Population(parameters, rng=1)
    generator = run_generator(1)
    state, room, record = parameters.start(generator), parameters.room(), parameters.record()
    for step in range(30):
        if step == 10:
            model.members[7].theta = 2.5
            model.members[11].alpha = 0.9
            model.planner.layer[:] = [1.0, -0.5]
        change_by_hand(state, step)
        model.step()
        draws = generator.random(draws_per_step(state, parameters.constants))
        parameters.law(state, draws, step, parameters.constants, room, record)
    for plain, machine in zip(state, model.state, strict=True):
        assert np.array_equal(plain, machine)


def test_agents_show_their_rows_as_plain_numbers() -> None:
    model = Population(mixed(per_partner=True), rng=0)
    model.step()
    assert NetworkAgent.theta.__doc__.startswith("Policy parameter")
    for agent in model.members[:20]:
        json.dumps(
            [agent.theta, agent.alpha, agent.cooperation_probability, agent.share, agent.payoff, agent.incentive,
             agent.degree, agent.rule, agent.remembered.tolist()]
        )  # fmt: skip
        assert agent.degree == len(agent.neighbours) == len(agent.remembered)
        assert agent in agent.neighbours[0].neighbours
    assert len(model.agents) == 61
    assert len(model.agents_by_type[NetworkAgent]) == 60
    assert model.agents_by_type[NetworkAgent].get("theta") == model.state.theta.tolist()
    frame = model.agents_by_type[NetworkAgent].select(lambda agent: agent.rule == "learner")
    assert len(frame) == 24


def test_a_rule_can_be_changed_by_hand() -> None:
    model = Population(PopulationParameters(rules={"learner": 1.0}, steps=200), rng=0)
    for _ in range(5):
        model.step()
    agent = model.members[3]
    theta = agent.theta
    agent.rule = "fixed"
    for _ in range(3):
        model.step()
    assert agent.theta == theta
    agent.rule = "mirror"
    assert (agent.alpha, agent.remembered.tolist()) == (0.55, [[1.0, 1.0]])
    agent.remembered = [[8.0, 2.0]]
    model.step()
    assert agent.share == 1.0
    assert agent.remembered[0, 0] == pytest.approx(0.9 * 8 + 0.1 + sum(n.share for n in agent.neighbours))
    agent.rule = "imitator"
    model.step()
    with pytest.raises(ValueError, match="unknown rule 'miror'; nearest: mirror"):
        agent.rule = "miror"


def test_a_learner_made_late_learns_as_one_from_the_start() -> None:
    # Among fixed agents the expected gradient depends on theta alone, so that both take the same steps.
    def thetas(steps_before: int) -> list[float]:
        parameters = PopulationParameters(
            graph=nx.complete_graph(4), rules=["fixed", "fixed", "cooperator", "learner"], learners="expected",
            learning_rate=0.05, steps=10_000,
        )  # fmt: skip
        model = Population(parameters, rng=0)
        for _ in range(steps_before):
            model.step()
        start = model.members[0].theta
        model.members[0].rule = "learner"
        model.members[3].rule = "fixed"
        model.members[3].theta = start
        seen = [start]
        for _ in range(30):
            model.step()
            seen.append(model.members[0].theta)
        return seen

    late = thetas(2500)
    assert late == thetas(0)
    # The first step of Adam is the rate, whatever the gradient.
    assert late[1] - late[0] == pytest.approx(-0.05, rel=1e-4)


def test_what_makes_no_sense_by_hand_is_refused() -> None:
    model = Population(mixed(per_partner=True), rng=0)
    mirror = next(agent for agent in model.members if agent.rule == "mirror")
    with pytest.raises(ValueError, match="alpha of a mirror that treats each partner on its own"):
        mirror.alpha = 0.5
    with pytest.raises(ValueError, match="remembered must be positive"):
        mirror.remembered = -1.0
    with pytest.raises(ValueError, match="theta must be finite"):
        mirror.theta = float("nan")
    with pytest.raises(ValueError, match="cannot be removed"):
        mirror.remove()
    with pytest.raises(ValueError, match="rng must be"):
        Population(rng=1.5)
    with pytest.raises(ValueError, match="after its first step"):
        Population(rng=0).judge()


def test_model_and_its_views_survive_pickling() -> None:
    model = Population(mixed(), rng=5)
    for _ in range(10):
        model.step()
    copy = pickle.loads(pickle.dumps(model))
    for either in (model, copy):
        for _ in range(10):
            either.step()
    assert np.array_equal(model.state.theta, copy.state.theta)
    assert copy.members[0].theta == copy.state.theta[0]
    one, other = (either.datacollector.get_model_vars_dataframe() for either in (model, copy))
    assert one.equals(other)


def test_every_parameter_has_a_default_and_graphs_keep_their_nodes() -> None:
    assert isinstance(Population(), mesa.Model)
    model = Population(PopulationParameters(graph=nx.Graph([("x", "y"), ("y", "z")])), rng=0)
    assert [agent.node for agent in model.members] == ["x", "y", "z"]
    assert [agent.node for agent in model.members[0].neighbours] == ["y"]


def test_a_generator_goes_on_where_it_stopped() -> None:
    generator = np.random.default_rng(9)
    first, second = Population(rng=generator), Population(rng=generator)
    for model in (first, second):
        model.step()
    assert not np.array_equal(first.last_round.share, second.last_round.share)
