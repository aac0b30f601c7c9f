"""Every world: it plays from its defaults, a run depends on its number alone, and verdicts are those of `judge`."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from simulation import (
    FixedLevel,
    MechanismDesignParameters,
    PopulationParameters,
    judge_population,
    judge_runs,
    round_robin,
    simulate_population,
    world,
    world_names,
)
from simulation.worlds.catalogue import _WORLDS, world_played_from, world_summary
from simulation.worlds.world import JointPlay
from theory import Game, correlated_regrets, judge, named_game

# Worlds that are judged by joint play alone.
JOINT = ("handover", "matches", "tournament")


def brief(name: str) -> Any:
    """Return the parameters of a world, of a play that takes no time."""
    given = world(name).Parameters()
    if name == "handover":
        return replace(given, planner=replace(given.planner, episodes=60, planner_episodes=30))
    if name.endswith("groups"):
        given = replace(given, n_players=2)
    unit = next(unit for unit in ("episodes", "rounds", "steps", "turns") if hasattr(given, unit))
    return replace(given, **{unit: 60})


@cache
def played(name: str, runs: int = 3) -> xr.Dataset:
    return world(name).play(brief(name), runs=runs, seed=5, workers=1, record="summary")


@pytest.mark.parametrize("name", world_names())
def test_a_world_is_found_by_its_name_and_by_its_parameters(name: str) -> None:
    assert world(name).name == name
    assert world_played_from(brief(name)) is world(name)
    assert _WORLDS[name][1] == world(name).Parameters.__name__
    assert world_summary(name)


@pytest.mark.parametrize("name", world_names())
def test_a_run_depends_on_parameters_seed_and_its_number_alone(name: str) -> None:
    xr.testing.assert_identical(played(name, 2).drop_attrs(), played(name).isel(run=slice(2)).drop_attrs())


@pytest.mark.parametrize("name", world_names())
def test_what_runs_came_to_is_one_finite_number_each(name: str) -> None:
    measured = world(name).measure(brief(name), played(name))
    assert all(values.shape == (3,) and np.isfinite(values).all() for values in measured.values())
    assert measured


def outcomes_of_runs(name: str) -> Iterator[tuple[str, int, Any, Any]]:
    for outcomes in world(name).outcomes(brief(name), played(name)):
        if isinstance(outcomes, JointPlay):
            continue
        for run, profile in enumerate(outcomes.profiles):
            games = outcomes.games
            yield outcomes.judged_in, run, games[run] if isinstance(games, list) else games, profile


@pytest.mark.parametrize("name", world_names())
def test_each_run_is_judged_as_judge_does(name: str) -> None:
    verdicts = judge_runs(world(name), brief(name), played(name))
    judged = 0
    for judged_in, run, game, profile in outcomes_of_runs(name):
        found, wanted = verdicts.sel(run=run, judged_in=judged_in), judge(game, profile, tolerance=0.02)
        assert str(found["label"].values) == wanted.label
        assert found["regret"] == pytest.approx(wanted.regrets.max(), abs=1e-9)
        assert found["pareto_slack"] == pytest.approx(wanted.pareto_slack, abs=1e-7)
        assert found["welfare"] == pytest.approx(wanted.welfare)
        assert found["welfare_index"] == pytest.approx(wanted.welfare_index)
        judged += 1
    assert judged >= 3 or name in JOINT


def test_joint_play_is_judged_by_the_correlated_regrets_of_its_shares() -> None:
    verdicts = judge_runs(world("handover"), brief("handover"), played("handover"))
    game = brief("handover").planner.game
    for run, shares in enumerate(played("handover")["outcome_frequency"].values):
        regret = correlated_regrets(game, shares.reshape(2, 2)).max()
        found = verdicts.sel(run=run, judged_in="original")
        assert found["regret"] == pytest.approx(regret)
        assert ("not an equilibrium" in str(found["label"].values)) == (
            regret > 0.02 * game.payoff_range.max()
        )


def test_incentives_in_force_and_care_have_games_of_their_own() -> None:
    parameters = MechanismDesignParameters(episodes=60, alpha=(0.5, 0.25))
    data = world("mechanism-design").play(parameters, runs=1, seed=0, workers=1, record="summary")
    verdicts = judge_runs(world("mechanism-design"), parameters, data)
    assert verdicts["judged_in"].values.tolist() == ["original", "with-incentives", "altruistic"]
    row, column = parameters.game.payoffs
    extra = data["final_incentive"].values[0].reshape(2, 2, 2)  # row action, column action, player
    caring = Game.bimatrix(row + 0.5 * column + extra[..., 0], column + 0.25 * row + extra[..., 1])
    p, q = data["final_cooperation_probability"].values[0]
    wanted = judge(caring, [[p, 1 - p], [q, 1 - q]], tolerance=0.02)
    found = verdicts.sel(run=0, judged_in="altruistic")
    assert found["regret"] == pytest.approx(wanted.regrets.max())
    assert found["welfare"] == pytest.approx(wanted.welfare)


def test_populations_are_judged_as_judge_population_does() -> None:
    ring = [(k, (k + 1) % 6) for k in range(6)]
    parameters = PopulationParameters(graph=ring, steps=30, planner_steps=None, alpha=0.3)
    data = simulate_population(parameters, runs=2, seed=1, record="summary")
    verdicts = judge_runs(world("population"), parameters, data)
    for run in range(2):
        wanted = judge_population(parameters, data, run=run)
        for judged_in, verdict in (
            ("original", wanted.original),
            ("with-incentives", wanted.with_incentives),
            ("altruistic", wanted.altruistic),
        ):
            assert verdict is not None
            found = verdicts.sel(run=run, judged_in=judged_in)
            assert str(found["label"].values) == verdict.label
            assert found["welfare"] == pytest.approx(verdict.welfare)
        pairs = verdicts.sel(run=run, judged_in="pairs")
        assert pairs["regret"] == pytest.approx(wanted.pairs.correlated.regrets.value.max())


def test_a_group_too_large_for_a_tensor_is_played_and_not_judged() -> None:
    groups = world("groups")
    parameters = groups.Parameters(n_players=7, rounds=20)
    data = groups.play(parameters, runs=2, seed=0, workers=1, record="summary")
    verdicts = judge_runs(groups, parameters, data)
    assert verdicts.sizes == {"run": 2, "judged_in": 0}


def test_a_duel_of_two_levels_that_stay_is_judged_where_they_stay() -> None:
    duels = world("duels")
    chicken = named_game("chicken")
    parameters = duels.Parameters(
        first=FixedLevel(cooperation=1.0), second=FixedLevel(cooperation=0.0), game=chicken, rounds=10
    )
    data = duels.play(parameters, runs=1, seed=0, workers=1, record="summary")
    verdict = judge_runs(duels, parameters, data).sel(run=0, judged_in="original")
    assert str(verdict["label"].values) == judge(chicken, [[1, 0], [0, 1]], tolerance=0.02).label
    measured = duels.measure(parameters, data)
    assert (measured["mean_level_1"][0], measured["mean_level_2"][0]) == (1.0, 0.0)
    assert measured["mean_payoff_2"][0] == chicken.payoffs[1, 0, 1]


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"burn_in": 10}, "burn_in must be less than the 10 rounds, got 10"),
        ({"start": (0, 99)}, "start of player 2"),
    ],
)
def test_duels_refuse_what_cannot_be(wrong: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        world("duels").Parameters(rounds=10, **wrong)


def test_parameters_of_no_world_are_refused() -> None:
    with pytest.raises(ValueError, match=r"parameters must be of a world, one of .*DuelParameters.*, got 3"):
        world_played_from(3)


def test_a_match_is_judged_by_the_shares_of_what_was_played() -> None:
    data = world("matches").play(
        world("matches").Parameters(turns=50), runs=2, seed=0, workers=1, record="all"
    )
    actions = data["actions"].values
    assert actions.shape == (2, 50, 2)
    assert actions[0, 0].tolist() == [0, 1], "Tit-for-Tat begins with C, the other always defects"
    np.testing.assert_allclose(data["outcome_frequency"].values[0], [[0.0, 1 / 50], [0.0, 49 / 50]])
    np.testing.assert_allclose(data["mean_payoff"].values[0], [49 / 50, (5 + 49) / 50])


def test_a_run_of_a_tournament_is_a_round_robin_of_its_own() -> None:
    names = ("tit-for-tat", "always-defect", "random")
    given = world("tournament").Parameters(strategies=names, turns=40, noise=0.1)
    data = world("tournament").play(given, runs=3, seed=2, workers=1, record="all")
    whole = round_robin(names, game=given.game, turns=40, repetitions=3, noise=0.1, seed=2)
    np.testing.assert_allclose(data["score"].values.mean(axis=0), whole["score"].values)
    np.testing.assert_allclose(data["payoffs"].values.mean(axis=0), whole["payoffs"].values)
    cooperation = world("tournament").measure(given, data)["mean_cooperation"]
    weights = 1.0 + np.eye(3)  # both of two twins cooperate or not
    expected = (whole["cooperation"].values * weights).sum() / weights.sum()
    np.testing.assert_allclose(cooperation.mean(), expected)


def test_evolution_is_judged_in_the_game_of_choosing_a_strategy() -> None:
    given = world("evolution").Parameters(
        strategies=("always-cooperate", "always-defect"), turns=10, steps=3000, initial=(30, 30)
    )
    game = given.choice_of_strategy
    np.testing.assert_allclose(game.payoffs[0], [[3.0, 0.0], [5.0, 1.0]])
    data = world("evolution").play(given, runs=2, seed=0, workers=1, record="summary")
    assert (data["mean_shares"].sel(strategy="always-defect") > 0.9).all()
    (label,) = set(judge_runs(world("evolution"), given, data)["label"].values.ravel())
    assert "Pareto-dominated" in label
