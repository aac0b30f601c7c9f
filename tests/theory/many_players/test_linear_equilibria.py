from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory.many_players.linear_dilemma import LinearDilemma, linear_dilemma

thirds = st.integers(-9, 9).map(lambda k: k / 3)


@st.composite
def dilemmas(draw, most_players=5):
    return linear_dilemma(
        draw(st.integers(2, most_players)),
        greed=draw(thirds),
        fear=draw(thirds),
        reward=2.0,
        punishment=draw(thirds),
    )


def is_equilibrium(tensor, cooperation):
    profile = np.stack([cooperation, 1 - np.asarray(cooperation)], axis=1)
    return tensor.regrets(profile).max() <= 1e-11


def mixed_equilibria(game):
    """All equilibria with at least two who mix, found by trying every number of sure cooperators."""
    n, tensor = game.n_players, game.to_game()
    for sure, mixing in product(range(n - 1), range(2, n + 1)):
        if sure + mixing > n or abs(game.greed - game.fear) < 1e-9:
            continue
        # The others of one who mixes: `sure` and (mixing - 1) p cooperators make it indifferent.
        p = ((n - 1) * game.fear / (game.fear - game.greed) - sure) / (mixing - 1)
        if 1e-9 < p < 1 - 1e-9:
            cooperation = np.repeat([1.0, p, 0.0], [sure, mixing, n - sure - mixing])
            if is_equilibrium(tensor, cooperation):
                yield cooperation


@given(dilemmas())
@settings(max_examples=examples(150), deadline=None)
def test_equilibria_are_those_of_the_tensor(game):
    n, tensor, found = game.n_players, game.to_game(), game.equilibria()
    pure = [k for k in range(n + 1) if is_equilibrium(tensor, np.arange(n) < k)]
    assert list(found.cooperators) == pure
    mixed = list(mixed_equilibria(game))
    welfares = [tensor.expected_payoffs(game.profile(c)).sum() for c in mixed] + [
        float(game.welfare(k)) for k in pure
    ]
    assert (found.worst_welfare, found.best_welfare) == pytest.approx(
        (min(welfares), max(welfares)), abs=1e-10
    )
    assert found.complete is True
    symmetric = sorted([c[0] for c in mixed if (c == c[0]).all()] + [k / n for k in pure if k in (0, n)])
    assert found.symmetric == pytest.approx(symmetric)
    # With a continuum, one player may mix between neighbouring outcomes.
    between = [
        k for k in range(n) if is_equilibrium(tensor, np.where(np.arange(n) == k, 0.4, np.arange(n) < k))
    ]
    assert found.continuum is bool(between)


@pytest.mark.parametrize(
    ("greed", "fear", "cooperators", "symmetric", "welfares", "continuum"),
    [
        (1, 1, (0,), (0.0,), (5, 5), False),  # Prisoner's Dilemma
        (-1, -1, (5,), (1.0,), (15, 15), False),  # Harmony
        (-1, 1, (0, 5), (0.0, 0.5, 1.0), (5, 15), False),  # Stag Hunt
        (-1, 3, (0, 5), (0.0, 0.75, 1.0), (5, 15), False),
        (1, 0, (0, 1), (0.0,), (5, 1 + 4 * 1.75), True),  # the first cooperator loses nothing
        (-1, 0, (0, 5), (0.0, 1.0), (5, 15), False),
        (0, 1, (0, 5), (0.0, 1.0), (5, 15), False),
        (0, -1, (4, 5), (1.0,), (4 * 2.75 + 3, 15), True),  # the last defector gains nothing
        (0, 0, (0, 1, 2, 3, 4, 5), (0.0, 1.0), (5, 15), True),
    ],
)
def test_every_kind_of_game(greed, fear, cooperators, symmetric, welfares, continuum):
    found = linear_dilemma(5, greed=greed, fear=fear).equilibria()
    assert found.cooperators == cooperators
    assert found.symmetric == pytest.approx(symmetric)
    assert (found.worst_welfare, found.best_welfare) == pytest.approx(welfares)
    assert found.continuum is continuum


@pytest.mark.parametrize(
    ("n_players", "greed", "fear", "cooperators", "continuum"),
    [
        (5, 1, -1, (2, 3), True),  # M = 2: a third cooperator is indifferent
        (5, 0.1, -0.3, (3, 4), True),  # M = 3 exactly, though not in binary
        (9, 0.7, -0.1, (1, 2), True),
        (4, 1, -1, (2,), False),  # M = 1.5
        (101, 0.3, -0.1, (25, 26), True),
    ],
)
def test_chicken_is_decided_by_where_cooperation_stops_paying(n_players, greed, fear, cooperators, continuum):
    found = linear_dilemma(n_players, greed=greed, fear=fear).equilibria()
    assert found.cooperators == cooperators
    assert found.continuum is continuum


def test_asymmetric_mixtures_can_be_worse_than_everything_symmetric():
    # Three players, M = 1.6: best (2 cooperators) 10.2, all mixing 9.64; one sure cooperator and two who
    # mix with probability .6 lie between, or outside, by the payoffs.
    game = linear_dilemma(3, greed=0.5, fear=-2)
    found = game.equilibria()
    one_sure = game.expected_payoffs(game.profile([1, 0.6, 0.6])).sum()
    all_mix = game.expected_payoffs(game.profile(0.8)).sum()
    assert game.regrets(game.profile([1, 0.6, 0.6])).max() == pytest.approx(0, abs=1e-12)
    assert game.regrets(game.profile(0.8)).max() == pytest.approx(0, abs=1e-12)
    assert found.worst_welfare == pytest.approx(min(one_sure, all_mix, float(game.welfare(2))))
    assert found.best_welfare == pytest.approx(max(one_sure, all_mix, float(game.welfare(2))))


@pytest.mark.parametrize(("greed", "fear"), [(0.5, -2), (2, -0.5), (-1, 2), (1, 1)])
def test_gambit_finds_no_other_equilibria_of_three_players(greed, fear):
    gambit = pytest.importorskip("pygambit")
    game = linear_dilemma(3, greed=greed, fear=fear)
    tensor = gambit.StrategicGame.from_arrays(*game.to_game().payoffs)
    welfares = []
    for equilibrium in gambit.nash.enumpoly_solve(tensor).equilibria:
        profile = [[equilibrium[i][a] for a in tensor.get_strategies(i)] for i in tensor.players]
        assert game.regrets(profile).max() < 1e-6
        welfares.append(game.expected_payoffs(profile).sum())
    found = game.equilibria()
    assert (found.worst_welfare, found.best_welfare) == pytest.approx(
        (min(welfares), max(welfares)), abs=1e-5
    )


def test_rounding_of_large_payoffs_is_not_a_motive():
    # 1e6 + .1 - 1e6 is not .1 in binary; with equal payoffs the differences are rounding alone.
    assert LinearDilemma(4, 0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2).equilibria().continuum
    assert linear_dilemma(5, greed=0.1, fear=-0.3, reward=1e6, punishment=1e6).equilibria().cooperators == (
        3,
        4,
    )


def test_a_million_players():
    found = linear_dilemma(10**6, greed=1, fear=-3).equilibria()
    # M = .75 (N - 1) = 749999.25.
    assert found.cooperators == (750_000,)
    assert found.symmetric == pytest.approx((0.75,))
    assert found.best_welfare >= float(linear_dilemma(10**6, greed=1, fear=-3).welfare(750_000))
    assert found.worst_welfare < found.best_welfare
