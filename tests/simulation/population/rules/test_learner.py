"""Agents of a population who live by somebody's learning rule, against a learner written here on the same draws."""

import json
import math
import pickle
import warnings

import networkx as nx
import numpy as np
import pytest

from simulation import NetworkDescription, Population, PopulationParameters, simulate_population
from simulation.engine.randomness import run_generator
from tests.simulation.learning.rules import boltzmann, bush_mosteller_in_lists, in_a_crowd
from theory import named_game

GRAPH = nx.lollipop_graph(4, 3)


@pytest.mark.parametrize("per_partner", [False, True])
def test_a_q_learner_on_the_same_draws(per_partner: bool) -> None:
    game = named_game("chicken")
    parameters = PopulationParameters(
        graph=GRAPH,
        game=game,
        rules=in_a_crowd({boltzmann: 1.0}),
        steps=60,
        per_partner=per_partner,
        alpha=0.3,
    )
    model = Population(parameters, rng=4)
    generator = run_generator(4)
    parameters.start(generator)
    values = np.zeros((7, 2))
    for _ in range(60):
        model.step()
        p = [1 / (1 + math.exp((d - c) / 0.5)) for c, d in values.tolist()]
        actions = np.where(generator.random(7) < p, 0, 1)
        assert [agent.share for agent in model.members] == (1 - actions).tolist()
        for i in range(7):
            partners = parameters.network.of(i)
            own = np.mean([game.payoffs[0, actions[i], actions[j]] for j in partners])
            others = np.mean([game.payoffs[1, actions[i], actions[j]] for j in partners])
            values[i, actions[i]] += 0.1 * (own + 0.3 * others - values[i, actions[i]])
    assert np.stack([agent.memory for agent in model.members]) == pytest.approx(values, abs=1e-12)
    assert model.cooperation_probability == pytest.approx(
        [1 / (1 + math.exp((d - c) / 0.5)) for c, d in values.tolist()]
    )


def test_mesa_and_batch_are_the_same_bits_among_all_rules() -> None:
    rules = in_a_crowd({boltzmann: 0.4, "imitator": 0.2, "mirror": 0.2, "learner": 0.2})
    parameters = PopulationParameters(
        graph=NetworkDescription(kind="ring", size=30), rules=rules, steps=25, noise=0.02, planner_steps=10
    )
    data = simulate_population(parameters, runs=2, seed=1, snapshots=[10], workers=2).isel(run=1)
    model = pickle.loads(pickle.dumps(Population(parameters, rng=1, run=1)))
    while model.running:
        model.step()
    assert data["by_rule"].values.tolist() == [
        "learner", "imitator", "mirror", "fixed", "boltzmann-q", "typo"
    ]  # fmt: skip
    frame = model.datacollector.get_model_vars_dataframe().iloc[1:]
    for name in ("boltzmann-q", "learner", "imitator"):
        batch = data["cooperation_by_rule"].sel(by_rule=name).values
        assert np.array_equal(frame[f"cooperation_{name}"].to_numpy(), batch)
    assert np.array_equal(data["final_cooperation_probability"].values, model.cooperation_probability)
    assert (data["rule"].values == "boltzmann-q").sum() == 12
    described = json.loads(data.attrs["parameters"])
    assert described["rules"]["boltzmann-q"] == 0.4
    assert described["learning_rules"][0]["tunables"] == {"learning_rate": 0.1, "temperature": 0.5}


@pytest.mark.parametrize("learners", ["sampled", "expected"])
def test_the_projects_own_rules_are_nothing_special(learners: str) -> None:
    graph = NetworkDescription(kind="ring", size=20)
    by_name = "policy-gradient" if learners == "sampled" else "expected-policy-gradient"
    left = []
    for options in ({"learners": learners}, {"rules": {by_name: 1.0}}):
        parameters = PopulationParameters(graph=graph, noise=0.01, **options)
        state, room, record = parameters.start(run_generator(3)), parameters.room(), parameters.record()
        for draws in run_generator(4).random((30, 20)):
            parameters.law(state, draws, 0, parameters.constants, room, record)
        left.append(state.memory)
    assert np.array_equal(*left)


def test_a_rule_in_plain_python_plays_with_one_notice() -> None:
    parameters = PopulationParameters(graph=GRAPH, rules={bush_mosteller_in_lists: 1.0}, steps=5)
    with pytest.warns(UserWarning, match="plain Python") as noticed:
        data = simulate_population(parameters, runs=2, seed=0)
    assert len(noticed) == 1
    assert noticed[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = Population(parameters, rng=0)
    while model.running:
        model.step()
    assert np.array_equal(model.cooperation_probability, data["final_cooperation_probability"][0])


def test_imitators_take_over_the_log_odds_of_who_has_no_theta() -> None:
    parameters = PopulationParameters(
        graph=nx.path_graph(2),
        rules=in_a_crowd({"imitator": 0.5, boltzmann: 0.5}),
        intensity=1e9,
        game=named_game("chicken"),
    )
    model = Population(parameters, rng=1)
    q_learner, imitator = sorted(model.members, key=lambda agent: agent.rule)
    for _ in range(60):
        imitator.theta = 40.0  # cooperates, so that who defects gets more
        q_learner.memory[:] = [0.6, 0.5]
        model.step()
        if q_learner.payoff > imitator.payoff:
            break
    assert q_learner.payoff > imitator.payoff
    assert imitator.theta == pytest.approx(0.1 / 0.5)


def test_agents_change_their_rule_by_hand() -> None:
    rules = in_a_crowd({boltzmann: 6 / 7, "learner": 1 / 7})
    model = Population(PopulationParameters(graph=GRAPH, rules=rules), rng=1)
    first, *_, last = sorted(model.members, key=lambda agent: agent.rule)
    assert (first.rule, last.rule) == ("boltzmann-q", "learner")
    first.memory[:] = [0.0, 1.0]
    assert first.theta == pytest.approx(-2.0)
    with pytest.raises(ValueError, match="policy parameter"):
        first.theta = 1.0
    first.rule, last.rule = "fixed", "boltzmann-q"
    assert first.theta == pytest.approx(-2.0)
    assert (last.cooperation_probability, last.memory.tolist()) == (0.5, [0.0, 0.0])
    model.step()


@pytest.mark.parametrize(
    ("rules", "error"),
    [
        ({boltzmann: 0.5, boltzmann.tuned(temperature=1.0): 0.5}, "told apart by their names"),
        ({boltzmann.tuned(name="mirror"): 1.0}, "told apart"),
        ({"boltzmann": 1.0}, "unknown rule"),
        ({boltzmann: 0.4}, "shares of rules must sum to 1"),
    ],
)
def test_rules_are_told_apart_by_name(rules: dict, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        PopulationParameters(rules=rules)
