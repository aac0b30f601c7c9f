"""How the planner estimates the welfare's slope and the players' probabilities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.engine.randomness import run_generator
from simulation.planner.lookahead import (
    SEEN_SUMS,
    WINDOW_SUMS,
    modelled_cooperation,
    remember_actions,
    remember_round,
    welfare_gain_of_cooperating,
    window_slope,
)
from tests.examples import examples
from theory import Game, named_game


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken", "stag-hunt"])
@pytest.mark.parametrize("other", [0.0, 0.3, 1.0])
def test_welfare_gain_is_the_thesis_s_formula(name: str, other: float) -> None:
    # p_j (2R - T - S) + (1 - p_j) (T + S - 2P)
    game = named_game(name)
    R, S, T, P = game.payoffs[0].ravel()
    for player in range(2):
        gain = welfare_gain_of_cooperating(np.array(game.payoffs), player, other)
        assert gain == pytest.approx(other * (2 * R - T - S) + (1 - other) * (T + S - 2 * P))


def test_welfare_gain_in_an_asymmetric_game() -> None:
    game = Game.bimatrix([[1.0, 2.0], [3.0, 5.0]], [[0.0, 7.0], [1.0, 4.0]])
    welfare = game.payoffs.sum(axis=0)
    for player, other in ((0, 0.2), (1, 0.6)):
        mix = np.array([other, 1 - other])
        by_action = welfare @ mix if player == 0 else mix @ welfare
        gain = welfare_gain_of_cooperating(np.array(game.payoffs), player, other)
        assert gain == pytest.approx(by_action[0] - by_action[1])


rounds = st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-10, 10)), min_size=2, max_size=25)


@given(rounds)
@settings(max_examples=examples(60), deadline=None)
def test_window_slope_is_the_covariance_with_leave_one_out_baselines(history) -> None:
    window, sums = np.zeros((10, 3)), np.zeros(WINDOW_SUMS)
    for clock, row in enumerate(history):
        remember_round(window, sums, clock, *row)
    kept = np.array(history[-10:])
    for player in range(2):
        scores, welfare = kept[:, player], kept[:, 2]
        others = (welfare.sum() - welfare) / (len(kept) - 1)
        by_definition = np.mean(scores * (welfare - others))
        assert window_slope(sums, player) == pytest.approx(by_definition, abs=1e-9)
        assert window_slope(sums, player) == pytest.approx(np.cov(scores, welfare)[0, 1], abs=1e-9)


def test_window_slope_is_zero_before_two_rounds() -> None:
    window, sums = np.zeros((5, 3)), np.zeros(WINDOW_SUMS)
    assert window_slope(sums, 0) == 0.0
    remember_round(window, sums, 0, 0.5, 0.5, 3.0)
    assert window_slope(sums, 0) == 0.0


def test_window_slope_is_unbiased() -> None:
    # p (1 - p) times the gain of cooperating, by 4000 windows of 100 rounds each; four standard errors are
    # exceeded with probability 6e-5.
    game, p, q = named_game("chicken"), 0.3, 0.6
    exact = p * (1 - p) * welfare_gain_of_cooperating(np.array(game.payoffs), 0, q)
    generator, estimates = run_generator(0), []
    cooperated = generator.random((4000, 100, 2)) < np.array([p, q])
    actions = 1 - cooperated.astype(int)
    welfare = game.payoffs.sum(axis=0)[actions[..., 0], actions[..., 1]]
    for k in range(4000):
        window, sums = np.zeros((100, 3)), np.zeros(WINDOW_SUMS)
        for t in range(100):
            scores = cooperated[k, t] - np.array([p, q])
            remember_round(window, sums, t, scores[0], scores[1], welfare[k, t])
        estimates.append(window_slope(sums, 0))
    error = np.std(estimates) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - exact) < 4 * error


def test_model_of_the_players_is_the_frequency_in_the_window() -> None:
    seen, sums = np.zeros((4, 2)), np.zeros(SEEN_SUMS)
    assert modelled_cooperation(sums, 0, 0.0, 0.25) == 0.25
    for clock, row in enumerate([(1, 0), (1, 0), (0, 1), (1, 0), (0, 0), (0, 1)]):
        remember_actions(seen, sums, clock, *map(float, row))
    assert modelled_cooperation(sums, 0, 0.0, 0.25) == pytest.approx(1 / 4)
    assert modelled_cooperation(sums, 1, 0.0, 0.25) == pytest.approx(2 / 4)
    assert modelled_cooperation(sums, 1, 0.1, 0.25) == pytest.approx((0.5 - 0.1) / 0.8)
    # 1/4 seen with a flip probability of 0.3 is less than flips alone give: the edge, half an observation.
    assert modelled_cooperation(sums, 0, 0.3, 0.25) == pytest.approx(0.5 / 5)
