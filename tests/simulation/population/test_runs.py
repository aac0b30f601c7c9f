"""Many runs: independence, snapshots, settings that make no sense, verdicts equal to the model's."""

import json
import math

import networkx as nx
import numpy as np
import pytest

from simulation import (
    NetworkDescription,
    Population,
    PopulationParameters,
    judge_population,
    simulate_population,
)
from simulation.engine.randomness import run_generator
from theory import judge, named_game

RING = NetworkDescription(kind="ring", size=40)


def test_run_depends_on_parameters_seed_and_its_number_alone() -> None:
    parameters = PopulationParameters(graph=RING, rules={"learner": 0.5, "imitator": 0.5}, steps=60)
    many = simulate_population(parameters, runs=4, seed=3, workers=3, snapshots=(0, 60))
    assert many.isel(run=slice(0, 2)).equals(
        simulate_population(parameters, runs=2, seed=3, workers=1, snapshots=(0, 60))
    )
    other = simulate_population(parameters, runs=4, seed=4)
    assert not np.array_equal(many["cooperation"], other["cooperation"])


def test_snapshots_do_not_change_the_run() -> None:
    parameters = PopulationParameters(graph=RING, rules={"learner": 0.7, "mirror": 0.3}, steps=50)
    kept = simulate_population(parameters, runs=2, seed=1, snapshots=(0, 13, 50), record=7)
    plain = simulate_population(parameters, runs=2, seed=1)
    assert np.array_equal(kept["cooperation"], plain["cooperation"][:, ::7])
    assert kept["step"].values.tolist() == list(range(0, 50, 7))
    final = kept["snapshot_cooperation_probability"].sel(snapshot=50)
    assert np.array_equal(final, plain["final_cooperation_probability"])
    start = kept["snapshot_cooperation_probability"].sel(snapshot=0, run=0).values
    assert set(np.round(start, 6)) == {0.25, 1.0}
    assert "cooperation" not in simulate_population(parameters, runs=1, record="summary")


def test_plain_python_plays_the_same_bits() -> None:
    parameters = PopulationParameters(
        graph=nx.cycle_graph(8),
        rules={"learner": 0.5, "imitator": 0.25, "mirror": 0.25},
        steps=20,
        noise=0.1,
        planner_steps=10,
    )
    plain = simulate_population(parameters, runs=2, seed=4, snapshots=(5,), compile_law=False)
    assert plain.identical(simulate_population(parameters, runs=2, seed=4, snapshots=(5,)))


def test_the_parameters_travel_with_the_data() -> None:
    parameters = PopulationParameters(graph=RING, steps=2)
    stored = json.loads(simulate_population(parameters, runs=1).attrs["parameters"])
    assert stored["graph"]["kind"] == "ring"
    given = PopulationParameters(graph=nx.path_graph(3), rules=["mirror", "fixed", "fixed"], steps=2)
    stored = json.loads(given.to_json())
    assert stored["graph"] == {"agents": 3, "edges": 2}
    assert stored["rules"] == {"mirror": 1, "fixed": 2}


def test_shares_are_rounded_by_largest_remainders_and_placed_at_random() -> None:
    parameters = PopulationParameters(graph=RING, rules={"learner": 0.51, "mirror": 0.26, "defector": 0.23})
    rules = [parameters.start(run_generator(0, run)).rule.tolist() for run in range(2)]
    assert [rules[0].count(k) for k in range(4)] == [20, 0, 11, 9]
    assert sorted(rules[0]) == sorted(rules[1]) != rules[0]
    assert rules[0] != rules[1]


@pytest.mark.parametrize("per_partner", [False, True])
def test_a_model_with_learners_a_planner_and_mirrors_is_judged_as_the_batch(per_partner) -> None:
    parameters = PopulationParameters(
        graph=NetworkDescription(kind="small-world", size=60, degree=4, seed=1),
        rules={"learner": 0.7, "mirror": 0.3}, steps=1200, planner_steps=None, per_partner=per_partner,
    )  # fmt: skip
    model = Population(parameters, rng=2)
    while model.running:
        model.step()
    of_model = model.judge()
    data = simulate_population(parameters, runs=1, seed=2, record="summary")
    of_batch = judge_population(parameters, data, run=0)
    assert json.dumps(of_model.pairs.to_dict()) == json.dumps(of_batch.pairs.to_dict())
    if per_partner:
        assert of_model.original is of_model.with_incentives is of_batch.altruistic is None
        return
    assert of_model.original.to_dict() == of_batch.original.to_dict()
    assert of_model.with_incentives.to_dict() == of_batch.with_incentives.to_dict()
    assert of_model.altruistic.to_dict() == of_batch.altruistic.to_dict()
    # The planner holds cooperation that is no equilibrium of the original game.
    assert of_model.original.is_nash is False
    assert of_model.original.welfare_index > 0.9
    assert of_model.with_incentives.nash_tolerance < of_model.original.nash_tolerance


def test_defectors_are_judged_as_the_equilibrium_that_they_play() -> None:
    parameters = PopulationParameters(graph=RING, rules={"defector": 1.0}, steps=3)
    data = simulate_population(parameters, runs=1)
    verdict = judge_population(parameters, data)
    assert verdict.original.label == "Pareto-dominated Nash equilibrium"
    assert verdict.original.label == judge(named_game("prisoners-dilemma"), [[0, 1], [0, 1]]).label
    assert verdict.with_incentives is verdict.altruistic is None
    assert verdict.pairs.counts.tolist() == [[0, 0], [0, 80]]
    assert (data["welfare_index"] == 0).all()


def test_noise_enters_the_judged_profile() -> None:
    parameters = PopulationParameters(graph=RING, rules={"cooperator": 1.0}, steps=3, noise=0.1)
    verdict = judge_population(parameters, simulate_population(parameters, runs=1))
    assert verdict.original.welfare == pytest.approx(40 * (1 + 2 * 0.9))


def test_an_unknown_range_of_welfare_gives_no_index() -> None:
    parameters = PopulationParameters(
        graph=nx.gnp_random_graph(60, 0.2, seed=1), game=named_game("stag-hunt"), steps=3
    )
    assert math.isnan(parameters.welfare_index(2.0))
    assert simulate_population(parameters, runs=1)["welfare_index"].isnull().all()


def test_learners_alone_end_at_defection_and_a_planner_leads_them_to_cooperation() -> None:
    # Ten runs each; in a run of 100 learners the mean P(C) at the end varies by less than .03 between runs.
    final = {}
    for planner_steps in (0, None):
        parameters = PopulationParameters(steps=1500, planner_steps=planner_steps)
        data = simulate_population(parameters, runs=10, record="summary")
        final[planner_steps] = data["final_cooperation_probability"].mean("agent").values
    assert (final[0] < 0.1).all()
    assert (final[None] > 0.9).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"game": named_game("battle-of-the-sexes")}, "game must be symmetric"),
        ({"game": named_game("rock-paper-scissors")}, "two players with two actions each"),
        ({"rules": {"lerner": 1.0}}, "unknown rule 'lerner'; nearest: learner"),
        ({"rules": {"learner": 0.5}}, "shares of rules must sum to 1"),
        ({"rules": {"learner": 1.5, "mirror": -0.5}}, "share of learner must lie in \\[0, 1\\]"),
        ({"rules": ["learner"] * 3}, "one rule for each of 100 agents, got 3"),
        ({"rules": "learner"}, "rules must be shares by name"),
        ({"rules": {"mirror": 1.0}, "planner_steps": 5}, "rules must hold learners, got mirror"),
        ({"noise": 0.5}, "noise must lie in \\[0, 1/2\\), got 0.5"),
        ({"accumulation": "sum"}, "unknown accumulation 'sum'"),
        ({"learners": "exact"}, "unknown learners 'exact'"),
        ({"targets": "hubs"}, "unknown targets 'hubs'"),
        ({"target_share": 0.0}, "target_share must lie in \\(0, 1\\], got 0.0"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"planner_steps": -1}, "planner_steps must be at least 0"),
        ({"initial_cooperation": 1.0}, "initial_cooperation must lie in \\(0, 1\\)"),
        ({"alpha": math.inf}, "alpha must be finite"),
        ({"epsilon": 2.0}, "epsilon must lie in \\[-1, 1\\]"),
        ({"forgetting": -0.1}, "forgetting must lie in \\[0, 1\\]"),
        ({"prior": (1.0, 0.0)}, "prior must be two positive numbers"),
        ({"learning_rate": 0.0}, "learning_rate must be positive"),
        ({"bound": -1.0}, "bound must be positive"),
        ({"budget_per_agent": -0.1}, "budget_per_agent must lie in \\[0, inf\\]"),
        ({"intensity": -1.0}, "intensity must lie in"),
        ({"graph": nx.DiGraph([(0, 1)])}, "graph must be undirected"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PopulationParameters(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"runs": 0}, "runs must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"record": "some"}, "record must be 'all', 'summary'"),
        ({"snapshots": (5,)}, "snapshots must lie within 3 steps, got 5"),
        ({"workers": -2}, "workers must be at least 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulate_population(PopulationParameters(steps=3), **arguments)
