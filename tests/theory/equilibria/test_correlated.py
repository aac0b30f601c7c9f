import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.equilibria.correlated import correlated_regrets, welfare_optimal_correlated_equilibrium
from theory.equilibria.nash import nash_equilibria
from theory.games.catalogue import named_game, named_games
from theory.games.game import Game

CHICKEN = named_game("chicken-aumann")

games = st.sampled_from([(2, 2), (3, 2), (2, 2, 2)]).flatmap(
    lambda shape: arrays(np.float64, (len(shape), *shape), elements=st.integers(0, 9).map(float))
)


def test_aumanns_chicken():
    # (6, 6), (2, 7), (7, 2), (0, 0): half (C, C), a quarter (C, D) and (D, C). The worst obedient player of C is
    # told so with (C, C) twice as often as with (C, D).
    found = welfare_optimal_correlated_equilibrium(CHICKEN)
    assert found.distribution == pytest.approx(np.array([[0.5, 0.25], [0.25, 0.0]]), abs=1e-9)
    assert found.payoffs == pytest.approx([5.25, 5.25])
    assert found.welfare == pytest.approx(10.5)
    assert found.regrets == pytest.approx([0.0, 0.0], abs=1e-9)


def test_aumanns_traffic_light():
    # Aumann (1974): one third each of (C, C), (C, D) and (D, C) pays 5, more than the mixed equilibrium's 14/3.
    third = np.array([[1, 1], [1, 0]]) / 3
    assert correlated_regrets(CHICKEN, third) == pytest.approx([0.0, 0.0])
    assert correlated_regrets(CHICKEN, third, coarse=True) == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize(
    ("distribution", "internal", "coarse"),
    [
        # Always (C, C): each gains 1 by D.
        ([[1, 0], [0, 0]], [1, 1], [1, 1]),
        # Half (C, C), half (D, D). Told C one gains 1 by D; told D one gains 2 by C.
        ([[0.5, 0], [0, 0.5]], [1.5, 1.5], [1.0, 1.0]),
        # Half (C, C), half (C, D): the row would always play D against C, C against D; it is told C.
        ([[0.5, 0.5], [0, 0]], [0, 0.5], [0, 0.5]),
        # Alternating between the pure equilibria.
        ([[0, 0.5], [0.5, 0]], [0, 0], [0, 0]),
    ],
)
def test_regrets_by_hand(distribution, internal, coarse):
    assert correlated_regrets(CHICKEN, distribution) == pytest.approx(internal)
    assert correlated_regrets(CHICKEN, distribution, coarse=True) == pytest.approx(coarse)


def test_a_coarse_equilibrium_that_is_not_correlated():
    # Moulin & Vial (1978): in Rock, Paper, Scissors with ties avoided, each strictly wins half of the time. Told
    # what to play one could always win; without being told one cannot.
    game = named_game("rock-paper-scissors")
    off_diagonal = (1 - np.eye(3)) / 6
    assert correlated_regrets(game, off_diagonal, coarse=True) == pytest.approx([0, 0])
    assert correlated_regrets(game, off_diagonal) == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(
    ("name", "welfare"),
    [
        ("prisoners-dilemma", 2.0),  # nothing but (D, D)
        ("stag-hunt", 6.0),
        ("battle-of-the-sexes", 3.0),
        ("matching-pennies", 0.0),
        ("rock-paper-scissors", 0.0),
        ("harmony", 6.0),
    ],
)
def test_best_welfare(name, welfare):
    assert welfare_optimal_correlated_equilibrium(named_game(name)).welfare == pytest.approx(
        welfare, abs=1e-9
    )


@pytest.mark.parametrize("name", named_games())
def test_correlated_equilibria_are_at_least_as_good_as_nash(name):
    game = named_game(name)
    found = welfare_optimal_correlated_equilibrium(game)
    best_nash = max(game.expected_payoffs(p).sum() for p in nash_equilibria(game).profiles)
    assert found.welfare >= best_nash - 1e-9
    assert found.distribution.sum() == pytest.approx(1.0)
    assert (found.distribution >= 0).all()
    assert found.payoffs == pytest.approx([(own * found.distribution).sum() for own in game.payoffs])
    assert found.welfare == pytest.approx(found.payoffs.sum())
    assert (found.regrets <= 1e-9 * game.payoff_range).all()


@settings(max_examples=examples(40), deadline=None)
@given(games, st.sampled_from([1e-4, 1.0, 1e4]), st.data())
def test_invariance(payoffs, scale, data):
    game = Game(payoffs)
    found = welfare_optimal_correlated_equilibrium(game)
    assert (found.regrets <= 1e-8 * game.payoff_range).all()
    # The same unit and separate shifts for all: welfare moves along.
    shifts = np.arange(len(payoffs)).reshape(-1, *[1] * len(payoffs))
    moved = welfare_optimal_correlated_equilibrium(Game(scale * (payoffs + shifts)))
    assert moved.welfare == pytest.approx(scale * (found.welfare + shifts.sum()), rel=1e-7, abs=scale * 1e-6)
    orders = [data.draw(st.permutations(range(n))) for n in game.n_actions]
    shuffled = Game(payoffs[np.ix_(range(len(payoffs)), *orders)])
    assert welfare_optimal_correlated_equilibrium(shuffled).welfare == pytest.approx(found.welfare, abs=1e-6)
    turned = found.distribution[np.ix_(*orders)]
    assert correlated_regrets(shuffled, turned) == pytest.approx(found.regrets, abs=1e-9)


@settings(max_examples=examples(40), deadline=None)
@given(games)
def test_nash_equilibria_are_correlated_equilibria(payoffs):
    game = Game(payoffs)
    for profile in nash_equilibria(game, max_boxes=2000).profiles[:4]:
        lottery = profile[0]
        for mixture in profile[1:]:
            lottery = np.multiply.outer(lottery, mixture)
        assert correlated_regrets(game, lottery) == pytest.approx(np.zeros(len(payoffs)), abs=1e-8)
        assert correlated_regrets(game, lottery, coarse=True) == pytest.approx(
            np.zeros(len(payoffs)), abs=1e-8
        )


@settings(max_examples=examples(40), deadline=None)
@given(games, st.data())
def test_regrets_by_trying_all_departures(payoffs, data):
    game = Game(payoffs)
    weights = data.draw(arrays(np.float64, game.n_actions, elements=st.integers(0, 5).map(float)))
    if not weights.any():
        weights = weights + 1
    lottery = weights / weights.sum()
    internal, coarse = correlated_regrets(game, lottery), correlated_regrets(game, lottery, coarse=True)
    for i, n in enumerate(game.n_actions):
        obeying = (lottery * payoffs[i]).sum()
        told, pays = np.moveaxis(lottery, i, 0), np.moveaxis(payoffs[i], i, 0)
        best_swap = sum(max((told[a] * pays[b]).sum() for b in range(n)) for a in range(n))
        best_action = max((told.sum(axis=0) * pays[b]).sum() for b in range(n))
        assert internal[i] == pytest.approx(best_swap - obeying, abs=1e-9)
        assert coarse[i] == pytest.approx(max(best_action - obeying, 0), abs=1e-9)
    assert (internal >= coarse - 1e-12).all()
    assert (coarse >= 0).all()


def test_single_actions():
    found = welfare_optimal_correlated_equilibrium(Game(np.full((3, 1, 1, 1), 2.0)))
    assert found.distribution.tolist() == [[[1.0]]]
    assert found.welfare == 6.0


@pytest.mark.parametrize(
    ("distribution", "message"),
    [
        ([0.5, 0.5], "distribution must have a probability for each outcome, shape (2, 2), got shape (2,)"),
        ([[0.5, 0.7], [-0.2, 0]], "distribution must be non-negative, got -0.2"),
        ([[0.5, 0.7], [0.2, 0]], "distribution must sum to one, got sum 1.4"),
        ([[0.5, np.nan], [0.2, 0]], "distribution must be finite, got nan at position (0, 1)"),
    ],
)
def test_bad_distributions(distribution, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        correlated_regrets(CHICKEN, distribution)


def test_games_too_large():
    message = "at most 20000000 outcomes times pairs of actions, got 8000 x 16220"
    with pytest.raises(ValueError, match=message):
        welfare_optimal_correlated_equilibrium(Game(np.zeros((2, 80, 100))))
