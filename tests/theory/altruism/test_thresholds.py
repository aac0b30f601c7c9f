from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.altruism.thresholds import WeightInterval, cooperation_thresholds, full_altruism, reply_interval
from theory.games.catalogue import named_game
from theory.games.dilemmas import MatrixDilemma
from theory.games.game import Game

payoffs_2x2 = arrays(np.float64, (2, 2, 2), elements=st.integers(-4, 8).map(float))
payoffs_3x2 = arrays(np.float64, (2, 3, 2), elements=st.integers(-4, 8).map(float))


@pytest.mark.parametrize(
    ("name", "cooperation_from", "defection_until"),
    [
        ("prisoners-dilemma-3.2", 1 / 3, 1 / 3),
        ("prisoners-dilemma", 1 / 3, 1 / 3),
        ("chicken-3.2", 1 / 2, None),
        ("chicken", 1 / 2, None),
        ("stag-hunt-3.2", 0.0, 1 / 2),
        ("stag-hunt", 0.0, 1.0),
    ],
)
def test_thresholds_of_the_thesis_games(name, cooperation_from, defection_until):
    thresholds = cooperation_thresholds(named_game(name))
    assert [mixture.tolist() for mixture in thresholds.profile] == [[1, 0], [1, 0]]
    assert thresholds.is_social_optimum
    for interval in (thresholds.alpha, thresholds.beta):
        assert interval.lower == pytest.approx(cooperation_from)
        assert interval.upper == inf
    assert [mixture.tolist() for mixture in thresholds.defection] == [[0, 1], [0, 1]]
    for interval in (thresholds.defection_alpha, thresholds.defection_beta):
        if defection_until is None:
            assert interval is None
        else:
            assert interval == WeightInterval(0.0, pytest.approx(defection_until))


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_symmetric_closed_form(reward_over_sucker, greed, fear, temptation_over_punishment):
    # (T - R) / (R - S) and (P - S) / (T - P) with R = 0.
    S, T = -reward_over_sucker, greed
    P = min(S + fear, T - temptation_over_punishment)
    thresholds = cooperation_thresholds(
        MatrixDilemma(reward=0, sucker=S, temptation=T, punishment=P), [[1, 0], [1, 0]]
    )
    assert thresholds.alpha.lower == pytest.approx(T / -S)
    if P >= S:
        assert thresholds.defection_alpha.upper == pytest.approx((P - S) / (T - P))
    else:
        assert thresholds.defection_alpha is None


def test_players_have_thresholds_of_their_own():
    game = Game.bimatrix([[3, 0], [4, 1]], [[3, 6], [0, 1]])
    thresholds = cooperation_thresholds(game, [[1, 0], [1, 0]])
    assert thresholds.alpha.lower == pytest.approx(1 / 3)
    assert thresholds.beta.lower == pytest.approx(3 / 3)
    assert not thresholds.is_equilibrium(0.5, 0.9)
    assert not thresholds.is_equilibrium(0.2, 1)
    assert thresholds.is_equilibrium(0.5, 1)


def test_altruism_can_also_destroy_an_equilibrium():
    # The selfish reply of player 1 hurts player 2: it lasts until 1/2.
    game = Game.bimatrix([[2, 0], [1, 0]], [[0, 0], [2, 0]])
    assert reply_interval(game, 0, [[1, 0], [1, 0]]) == WeightInterval(0.0, 0.5)
    assert 0.5 in WeightInterval(0.0, 0.5)
    assert 0.6 not in WeightInterval(0.0, 0.5)


def test_an_action_can_be_a_reply_for_medium_weights_only():
    # Rows: selfish, compromise, sacrifice; compromise beats the first from 1/2 on and the last until 2.
    game = Game.bimatrix([[3], [2], [0]], [[0], [2], [3]])
    assert reply_interval(game, 0, [[0, 1, 0], [1]]) == WeightInterval(0.5, 2.0)
    assert reply_interval(game, 0, [[1, 0, 0], [1]]) == WeightInterval(0.0, 0.5)
    assert reply_interval(game, 0, [[0, 0, 1], [1]]) == WeightInterval(2.0, inf)


def test_a_dominated_compromise_is_never_a_reply():
    game = Game.bimatrix([[4], [1], [0]], [[0], [1], [4]])
    assert reply_interval(game, 0, [[0, 1, 0], [1]]) is None


def test_an_action_that_harms_oneself_for_nothing_is_never_a_reply():
    assert reply_interval(Game.bimatrix([[1], [2]], [[5], [5]]), 0, [[1, 0], [1]]) is None


def test_equal_actions_are_replies_at_all_weights():
    assert reply_interval(Game.bimatrix([[1], [1]], [[5], [5]]), 0, [[1, 0], [1]]) == WeightInterval(0.0, inf)


def test_ties_by_decimal_rounding_are_ties():
    game = Game.bimatrix([[0.3], [0.1 + 0.2], [0]], [[0], [0], [1]])
    assert reply_interval(game, 0, [[1, 0, 0], [1]]).lower == 0.0


def test_a_mixture_is_a_reply_where_the_actions_it_uses_are_equally_good():
    # Matching rows against a uniform column: always indifferent.
    game = named_game("matching-pennies")
    assert reply_interval(game, 0, [[0.5, 0.5], [0.5, 0.5]]) == WeightInterval(0.0, inf)
    stag_hunt = named_game("stag-hunt-3.2")
    mixed = reply_interval(stag_hunt, 1, [[0.2, 0.8], [0.2, 0.8]])
    assert (mixed.lower, mixed.upper) == (pytest.approx(0.25), pytest.approx(0.25))


@settings(max_examples=examples(150), deadline=None)
@given(payoffs_3x2, st.integers(0, 5), st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0, 1.7, 4.0]))
def test_intervals_are_the_weights_without_regret(payoffs, outcome, weight):
    game = Game(payoffs)
    profile = game.pure(*list(game.pure_profiles())[outcome])
    regrets = game.altruistic(weight, weight).regrets(profile)
    for player in (0, 1):
        interval = reply_interval(game, player, profile)
        inside = interval is not None and interval.lower - 1e-9 <= weight <= interval.upper + 1e-9
        assert inside == (regrets[player] <= 1e-9)


@settings(max_examples=examples(150), deadline=None)
@given(payoffs_3x2)
def test_a_social_optimum_stays_an_equilibrium_up_to_full_altruism(payoffs):
    thresholds = cooperation_thresholds(Game(payoffs))
    assert thresholds.is_social_optimum
    for interval in (thresholds.alpha, thresholds.beta):
        assert interval.lower <= 1 + 1e-12
        assert interval.upper >= 1 - 1e-12


@settings(max_examples=examples(60), deadline=None)
@given(payoffs_2x2, st.integers(1, 9), st.integers(-9, 9))
def test_common_units_and_shifts_leave_thresholds_unchanged(payoffs, scale, shift):
    one = cooperation_thresholds(Game(payoffs), [[1, 0], [1, 0]])
    other = cooperation_thresholds(Game(scale * payoffs + shift), [[1, 0], [1, 0]])
    for a, b in ((one.alpha, other.alpha), (one.defection_beta, other.defection_beta)):
        assert (a is None) == (b is None)
        if a is not None:
            assert (a.lower, a.upper) == (pytest.approx(b.lower), pytest.approx(b.upper))


@settings(max_examples=examples(60), deadline=None)
@given(payoffs_3x2)
def test_renaming_the_players_swaps_their_intervals(payoffs):
    game, swapped = Game(payoffs), Game(payoffs[::-1].transpose(0, 2, 1))
    for outcome in game.pure_profiles():
        first, second = game.pure(*outcome)
        assert reply_interval(game, 0, [first, second]) == reply_interval(swapped, 1, [second, first])


def test_the_default_outcome_has_the_highest_welfare():
    thresholds = cooperation_thresholds(Game.bimatrix([[0, 0, 1], [0, 5, 0]], [[0, 0, 0], [0, 1, 9]]))
    assert [mixture.tolist() for mixture in thresholds.profile] == [[0, 1], [0, 0, 1]]
    assert thresholds.defection is None
    assert thresholds.defection_alpha is None
    assert thresholds.defection_beta is None


def test_another_outcome_need_not_be_a_social_optimum():
    game = named_game("prisoners-dilemma")
    thresholds = cooperation_thresholds(game, [[0, 1], [0, 1]])
    assert not thresholds.is_social_optimum
    assert thresholds.alpha == WeightInterval(0.0, pytest.approx(1 / 3))
    assert thresholds.is_equilibrium(0.3, 0.3)
    assert not thresholds.is_equilibrium(0.3, 0.4)
    assert [mixture.tolist() for mixture in thresholds.defection] == [[1, 0], [1, 0]]


def test_the_outcome_to_be_left_can_be_given():
    game = Game.bimatrix([[3, 0, 0], [4, 1, 0], [0, 0, 0]], [[3, 4, 0], [0, 1, 0], [0, 0, 0]])
    thresholds = cooperation_thresholds(game, defection=[[0, 1, 0], [0, 1, 0]])
    assert thresholds.defection_alpha == WeightInterval(0.0, pytest.approx(1 / 3))
    mixed = cooperation_thresholds(named_game("chicken"), [[0.5, 0.5], [0.5, 0.5]])
    assert mixed.defection is None
    half_mixed = cooperation_thresholds(named_game("chicken"), [[1, 0], [0.5, 0.5]])
    assert half_mixed.defection is None


def test_never_an_equilibrium():
    game = Game.bimatrix([[1, 0], [2, 0]], [[5, 0], [5, 0]])
    thresholds = cooperation_thresholds(game, [[1, 0], [1, 0]])
    assert thresholds.alpha is None
    assert not thresholds.is_equilibrium(1, 1)


def test_full_altruism_is_the_fully_cooperative_game():
    # Thesis section 4.1.2: everyone receives the sum of all payoffs.
    game = named_game("chicken-3.2")
    cooperative = game.altruistic(1, 1)
    assert cooperative.payoffs.tolist() == [game.payoffs.sum(axis=0).tolist()] * 2
    assert cooperative.payoffs[0].tolist() == [[6, 5], [5, 0]]


@pytest.mark.parametrize(
    ("name", "rest_points", "always_optimal"),
    [
        ("prisoners-dilemma-3.2", ((0, 0),), True),
        ("chicken", ((0, 0),), True),
        ("stag-hunt-3.2", ((0, 0),), True),
        ("stag-hunt", ((0, 0), (1, 1)), False),
        ("battle-of-the-sexes", ((0, 0), (1, 1)), True),
    ],
)
def test_rest_points_under_full_altruism(name, rest_points, always_optimal):
    found = full_altruism(named_game(name))
    assert found.rest_points == rest_points
    assert found.always_optimal is always_optimal


def test_full_altruism_of_three_players():
    # Everyone is paid for agreement, twice as much for agreement on the first action.
    payoffs = np.zeros((3, 2, 2, 2))
    payoffs[:, 0, 0, 0], payoffs[:, 1, 1, 1] = 2, 1
    found = full_altruism(Game(payoffs))
    assert found.rest_points == ((0, 0, 0), (1, 1, 1))
    assert found.optima == ((0, 0, 0),)


@settings(max_examples=examples(80), deadline=None)
@given(payoffs_3x2)
def test_rest_points_are_pure_equilibria_of_the_fully_altruistic_game(payoffs):
    game = Game(payoffs)
    cooperative = game.altruistic(1, 1)
    expected = [
        outcome
        for outcome in game.pure_profiles()
        if max(cooperative.regrets(cooperative.pure(*outcome))) < 1e-9
    ]
    found = full_altruism(game)
    assert list(found.rest_points) == expected
    best = payoffs.sum(axis=0).max()
    assert set(found.optima) == {o for o in game.pure_profiles() if payoffs.sum(axis=0)[o] == best}


def three_players() -> Game:
    return Game(np.zeros((3, 2, 2, 2)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cooperation_thresholds(three_players()), "must be a game of two players, got 3"),
        (lambda: reply_interval(three_players(), 0, [[1, 0]] * 3), "must be a game of two players, got 3"),
        (lambda: reply_interval(named_game("chicken"), 2, [[1, 0]] * 2), "player must be 0 or 1, got 2"),
        (lambda: cooperation_thresholds(named_game("chicken"), [[1, 1], [1, 0]]), "must sum to one"),
        (
            lambda: cooperation_thresholds(named_game("chicken"), defection=[[1, 0]]),
            "profile must have one probability vector for each of 2 players, got 1",
        ),
        (
            lambda: cooperation_thresholds(named_game("chicken")).is_equilibrium(float("nan"), 0),
            "alpha must be finite",
        ),
        (
            lambda: cooperation_thresholds(named_game("chicken")).is_equilibrium(0, float("nan")),
            "beta must be finite",
        ),
    ],
)
def test_errors_state_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
