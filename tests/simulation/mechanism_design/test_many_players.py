"""Planners among N players: the O(N) law against all 2^N outcomes, Python against compiled, independence."""

import itertools
import warnings
from dataclasses import replace

import numpy as np
import pytest

from simulation import ManyPlayersParameters, simulate_many
from simulation.engine.randomness import run_generator
from simulation.engine.runs import play_runs
from simulation.mechanism_design.many_players import many_players_process
from simulation.mechanism_design.many_players_law import (
    initial_many_state,
    many_player_round,
    new_many_room,
    new_many_round,
)
from theory import linear_dilemma

GAMES = [(1.0, 1.0), (0.5, -1.0), (-1.0, 1.0)]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def expectations(theta: np.ndarray, layer: np.ndarray, parameters: ManyPlayersParameters):
    """Expected payoffs and incentives of each player, summed over all 2^N outcomes."""
    game = linear_dilemma(parameters.n_players, greed=parameters.greed, fear=parameters.fear)
    p = sigmoid(theta)
    payoffs, incentives = np.zeros(len(p)), np.zeros(len(p))
    for actions in itertools.product((1, 0), repeat=len(p)):
        a = np.array(actions)
        chance = np.prod(np.where(a, p, 1 - p))
        k = a.sum()
        payoffs += chance * np.where(a, game.cooperator_payoff(k), game.defector_payoff(k))
        incentives += chance * parameters.bound * np.tanh((layer[0] * a + layer[1]) / 2)
    return payoffs, incentives


def slope(function, x: np.ndarray, k: int, h: float = 1e-5):
    step = h * np.eye(len(x))[k]
    return (function(x + step) - function(x - step)) / (2 * h)


def one_round(parameters, theta, layer, draws):
    state = initial_many_state(parameters.n_players, 0.0, 0.0, run_generator(0))
    state.theta[:], state.planner[:] = theta, layer
    room, record = new_many_room(parameters.n_players), new_many_round()
    many_player_round(state, draws, 0, parameters.constants, room, record)
    return room, record


@pytest.mark.parametrize(("greed", "fear"), GAMES)
@pytest.mark.parametrize("n_players", [2, 3, 5])
def test_learners_ascend_their_expected_reward_over_all_outcomes(n_players, greed, fear) -> None:
    parameters = ManyPlayersParameters(n_players=n_players, greed=greed, fear=fear, learners="expected")
    theta, layer = run_generator(1).normal(size=n_players), np.array([0.9, -0.4])
    room, _ = one_round(parameters, theta, layer, np.full(n_players, 0.5))
    for i in range(n_players):
        reward = lambda t, i=i: sum(part[i] for part in expectations(t, layer, parameters))  # noqa: E731
        assert room.gradient[i] == pytest.approx(slope(reward, theta, i), abs=1e-8)


@pytest.mark.parametrize(("greed", "fear"), GAMES)
@pytest.mark.parametrize("n_players", [2, 3, 5])
def test_the_planner_ascends_eq_4_7_over_all_outcomes(n_players, greed, fear) -> None:
    parameters = ManyPlayersParameters(
        n_players=n_players, greed=greed, fear=fear, cost=0.05, lookahead_rate=0.7
    )
    theta, layer = run_generator(2).normal(size=n_players), np.array([0.8, -0.5])
    draws = run_generator(3).random(n_players)
    room, _ = one_round(parameters, theta, layer, draws)
    cooperated = draws < sigmoid(theta)

    def objective(of_layer: np.ndarray) -> float:
        value = 0.0
        for i in range(n_players):
            welfare = slope(lambda t: expectations(t, of_layer, parameters)[0].sum(), theta, i)
            incentive = slope(lambda t, i=i: expectations(t, of_layer, parameters)[1][i], theta, i)
            value += 0.7 * welfare * incentive / n_players
        paid = 3.0 * np.tanh((of_layer[0] * cooperated + of_layer[1]) / 2)
        return float(value - 0.05 * np.sqrt(np.mean(paid**2)))

    for k in range(2):
        assert room.planner_gradient[k] == pytest.approx(slope(objective, layer, k, 1e-4), abs=1e-6)


@pytest.mark.parametrize(("greed", "fear"), GAMES)
def test_a_round_pays_what_the_linear_dilemma_says(greed: float, fear: float) -> None:
    parameters = ManyPlayersParameters(n_players=5, greed=greed, fear=fear)
    theta, layer = np.array([9.0, 9.0, -9.0, -9.0, 9.0]), np.array([2.0, -1.0])
    room, record = one_round(parameters, theta, layer, np.full(5, 0.5))
    game = linear_dilemma(5, greed=greed, fear=fear)
    assert room.cooperated.tolist() == [1, 1, 0, 0, 1]
    assert record.welfare[0] == pytest.approx(float(game.welfare(3)))
    assert record.additional_reward[0] == pytest.approx(5 * 3.0 * np.tanh(0.5))
    assert record.mean_cooperation[0] == pytest.approx(sigmoid(theta).mean())
    # Sampled: score times the reward received, payoff and incentive.
    for_c = float(game.cooperator_payoff(3)) + 3.0 * np.tanh(0.5)
    assert room.gradient[0] == pytest.approx((1 - sigmoid(theta)[0]) * for_c)
    for_d = float(game.defector_payoff(3)) - 3.0 * np.tanh(0.5)
    assert room.gradient[2] == pytest.approx(-sigmoid(theta)[2] * for_d)


@pytest.mark.parametrize("learners", ["sampled", "expected"])
def test_what_a_record_held_before_makes_no_difference(learners: str) -> None:
    parameters, results = ManyPlayersParameters(n_players=4, learners=learners), []
    for before in (0.0, np.nan):
        state = initial_many_state(4, -1.0, 0.1, run_generator(4))
        for draws in run_generator(5).random((3, 4)):
            room, record = new_many_room(4), new_many_round()
            for part in (*room, *record):
                part[...] = before
            many_player_round(state, draws, 0, parameters.constants, room, record)
        results.append((*state, *room, *record))
    for clean, dirty in zip(*results, strict=True):
        assert np.array_equal(clean, dirty)


@pytest.mark.parametrize("learners", ["sampled", "expected"])
def test_python_and_compiled_agree_bit_for_bit(learners: str) -> None:
    process = many_players_process(
        ManyPlayersParameters(n_players=7, learners=learners, episodes=60, planner_episodes=40)
    )
    machine = play_runs(process, runs=2, seed=5, every=2, workers=1)
    plain = play_runs(replace(process, compile_law=False), runs=2, seed=5, every=2, workers=1)
    for one, other in zip(plain.states, machine.states, strict=True):
        assert np.array_equal(one, other)
    for name, values in machine.recorded.items():
        assert np.array_equal(plain.recorded[name], values)
    assert (machine.recorded["additional_reward"][:, 20:] == 0).all()
    assert (machine.recorded["additional_reward"][:, :20] > 0).all()


def test_run_depends_on_parameters_seed_and_its_number_alone() -> None:
    parameters = ManyPlayersParameters(n_players=6, episodes=50)
    many = simulate_many(parameters, runs=4, seed=3, workers=3)
    assert many.isel(run=slice(0, 2)).equals(simulate_many(parameters, runs=2, seed=3, workers=1))
    assert not many.equals(simulate_many(parameters, runs=4, seed=4))


def test_records_and_summaries_agree() -> None:
    parameters = ManyPlayersParameters(n_players=6, episodes=50)
    full = simulate_many(parameters, runs=2, seed=3)
    thin = simulate_many(parameters, runs=2, seed=3, record=7)
    assert thin.equals(full.isel(episode=slice(0, None, 7)))
    assert "episode" not in simulate_many(parameters, runs=2, seed=3, record="summary").dims
    paid = full["additional_reward"].values.mean(axis=1) / 6
    assert full["average_additional_reward_per_player"].values == pytest.approx(paid)
    p = full["final_cooperation_probability"].values
    assert full["final_mean_cooperation"].values == pytest.approx(p.mean(axis=1))


def test_a_planner_that_leaves_pays_nothing_any_more() -> None:
    parameters = ManyPlayersParameters(n_players=6, episodes=50, planner_episodes=20)
    data = simulate_many(parameters, runs=2, seed=3)
    assert (data["additional_reward"].values[:, 20:] == 0).all()
    assert (data["final_incentive"] == 0).all()


@pytest.mark.parametrize("n_players", [10, 100])
def test_a_planner_leads_many_players_to_cooperation_and_its_absence_to_defection(n_players) -> None:
    # Published for ten players (author's summary file, 2000 episodes): .985 with a planner, .012 without.
    with_planner = simulate_many(ManyPlayersParameters(n_players=n_players, episodes=2000), runs=5)
    assert (with_planner["final_mean_cooperation"] > 0.97).all()
    without = simulate_many(
        ManyPlayersParameters(n_players=n_players, episodes=2000, planner_episodes=0), runs=5
    )
    assert (without["final_mean_cooperation"] < 0.03).all()


def test_a_bound_that_cannot_work_is_said_before_the_run() -> None:
    # Defecting from full cooperation gains greed = 1, and two incentives of c each turn 2c.
    message = "within the bound 0.4 make cooperation of 4 of 4, .*: the least bound is 0.5"
    with pytest.warns(UserWarning, match=message):
        data = simulate_many(ManyPlayersParameters(n_players=4, bound=0.4), runs=2)
    assert (data["final_mean_cooperation"] < 0.1).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        simulate_many(ManyPlayersParameters(n_players=4, bound=0.51, episodes=2), runs=1)
        simulate_many(ManyPlayersParameters(bound=0.1, planner_episodes=0, episodes=2), runs=1)


@pytest.mark.parametrize("episodes", [1, 30])
def test_a_run_that_diverges_stops_with_the_episode_and_the_values(episodes: int) -> None:
    large = {"lookahead_rate": 1e308, "planner_learning_rate": 1e300}
    with pytest.raises(ValueError, match=r"run 0 diverged in episode 0: policy .*, planner's layer \[nan"):
        simulate_many(ManyPlayersParameters(n_players=4, greed=5.0, episodes=episodes, **large), runs=1)


def test_a_step_too_large_for_the_players_is_noticed_in_the_last_episode_too() -> None:
    parameters = ManyPlayersParameters(n_players=4, learning_rate=1.5e308, planner_episodes=0, episodes=30)
    with pytest.raises(ValueError, match=r"diverged in episode \d+: policy parameters up to (inf|nan)"):
        simulate_many(parameters, runs=1)


def test_probabilities_of_extreme_parameters_do_not_overflow() -> None:
    data = simulate_many(ManyPlayersParameters(n_players=4, learning_rate=1e4, episodes=5), runs=1)
    p = data["final_cooperation_probability"].values
    assert ((p == 0.0) | (p == 1.0)).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n_players": 1}, "n_players must be at least 2, got 1"),
        ({"episodes": 0}, "episodes must be at least 1, got 0"),
        ({"planner_episodes": -1}, "planner_episodes must be at least 0, got -1"),
        ({"learners": "sample"}, "unknown learners 'sample'; nearest: sampled"),
        ({"greed": float("inf")}, "greed must be finite"),
        ({"initial_cooperation": 1.0}, r"initial_cooperation must lie in \(0, 1\), got 1.0"),
        ({"bound": 0.0}, "bound must be positive, got 0.0"),
        ({"learning_rate": -1.0}, "learning_rate must be positive, got -1.0"),
        ({"cost": -0.1}, "cost must be at least 0, got -0.1"),
        ({"planner_scale": -0.1}, "planner_scale must be at least 0, got -0.1"),
    ],
)
def test_bad_parameters_state_the_rule_and_the_value(values: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ManyPlayersParameters(**values)
