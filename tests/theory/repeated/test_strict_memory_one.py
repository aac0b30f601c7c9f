"""Strict equilibria of pure memory-one players, against a reckoning that knows nothing of their structure.

The reckoning compares whole rules: with the other player frozen, it solves for the values of all 32 rules of a player
at all five states, in fractions, and calls a rule strict if every other one is worse wherever it means another action
and nowhere better.
"""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory import Game, MemoryOne, named_game
from theory.repeated.strict_memory_one import (
    strict_memory_one,
    strict_memory_one_equilibria,
    win_stay_lose_shift_law,
)

RULES = [MemoryOne(float(first), tuple(map(float, after))) for first, *after in product((0, 1), repeat=5)]
ALL_D, ALL_C = MemoryOne(0.0, (0.0,) * 4), MemoryOne(1.0, (1.0,) * 4)
WIN_STAY = MemoryOne(1.0, (1.0, 0.0, 0.0, 1.0))
GRIM = MemoryOne(1.0, (1.0, 0.0, 0.0, 0.0))
TIT_FOR_TAT = MemoryOne(1.0, (1.0, 0.0, 1.0, 0.0))
OUTCOMES = ((1, 1), (1, 0), (0, 1), (0, 0))  # 1 is C; player 1's action first

# Payoffs are whole numbers up to 5 and discounts eighths: by Cauchy's bound no polynomial of the noise that is asked
# for its sign has a root between 0 and this.
TINY = Fraction(1, 10**40)

payoffs = st.lists(st.integers(0, 5), min_size=8, max_size=8).map(lambda u: np.reshape(u, (2, 2, 2)))
four = st.lists(st.integers(0, 5), min_size=4, max_size=4)
discounts = st.integers(0, 7).map(lambda k: Fraction(k, 8))
noises = st.sampled_from([None, Fraction(0), Fraction(1, 50), Fraction(1, 7)])
rules = st.sampled_from(RULES)


def symmetric(reward, sucker, temptation, punishment):
    first = np.array([[reward, sucker], [temptation, punishment]], dtype=float)
    return Game.bimatrix(first, first.T)


def solved(matrix, known):
    """Solve linear equations in fractions."""
    rows = [[*row, value] for row, value in zip(matrix, known, strict=True)]
    for k in range(len(rows)):
        best = next(i for i in range(k, len(rows)) if rows[i][k] != 0)
        rows[k], rows[best] = rows[best], rows[k]
        for i in range(k + 1, len(rows)):
            ratio = rows[i][k] / rows[k][k]
            rows[i] = [x - ratio * y for x, y in zip(rows[i], rows[k], strict=True)]
    found = [Fraction(0)] * len(rows)
    for k in reversed(range(len(rows))):
        rest = sum(rows[k][i] * found[i] for i in range(k + 1, len(rows)))
        found[k] = (rows[k][-1] - rest) / rows[k][k]
    return found


def meant_by(rule, player):
    """Return what a player means before the first turn and after CC, CD, DC, DD, player 1's action first."""
    seen = OUTCOMES if player == 0 else [(own, other) for other, own in OUTCOMES]
    return [int(rule.first), *(int(rule.after[OUTCOMES.index(outcome)]) for outcome in seen)]


def values(means, frozen, player, u, discount, noise):
    """Return what a player gets from each state on: its rule `means`, the other's `frozen`, both `[5]`."""
    chances = []
    for own, other in zip(means, frozen, strict=True):
        a, b = (own, other) if player == 0 else (other, own)
        hit = {True: 1 - noise, False: noise}
        chances.append([hit[a == x] * hit[b == y] for x, y in OUTCOMES])
    now = [
        sum(p * w for p, w in zip(row, (u[player][1 - x, 1 - y] for x, y in OUTCOMES), strict=True))
        for row in chances
    ]
    matrix = [
        [Fraction(int(i == j)) - (discount * chances[i][j - 1] if j else 0) for j in range(5)]
        for i in range(5)
    ]
    return solved(matrix, [(1 - discount) * Fraction(w) for w in now])


def is_best_alone(rule, frozen, player, u, discount, noise):
    mine, other = meant_by(rule, player), meant_by(frozen, 1 - player)
    got = values(mine, other, player, u, discount, noise)
    for rival in product((0, 1), repeat=5):
        if list(rival) != mine:
            instead = values(rival, other, player, u, discount, noise)
            if any(
                x > y or (x == y and a != b) for x, y, a, b in zip(instead, got, rival, mine, strict=True)
            ):
                return False
    return True


def is_strict_by_comparison(first, second, u, discount, noise):
    u = u.astype(int).astype(object)
    noise = TINY if noise is None else noise
    return is_best_alone(first, second, 0, u, discount, noise) and is_best_alone(
        second, first, 1, u, discount, noise
    )


@given(payoffs, discounts, noises, rules, rules, st.booleans())
@settings(max_examples=examples(60), deadline=None)
def test_a_pair_is_strict_if_every_other_rule_is_worse(u, discount, noise, first, second, twins):
    second = first if twins else second
    found = strict_memory_one(first, second, Game(u), discount=discount, noise=noise)
    assert found.is_strict == is_strict_by_comparison(first, second, u, discount, noise)
    if noise is not None:
        assert found.is_strict == (found.slack > 0)


@given(payoffs, discounts, noises)
@settings(max_examples=examples(2), deadline=None)
def test_strict_pairs_mean_the_same_in_every_state_or_the_opposite_in_every_state(u, discount, noise):
    found = strict_memory_one_equilibria(Game(u), discount=discount, noise=noise)
    assert found.strategies == tuple(RULES)
    strict = np.argwhere(found.is_strict).tolist()
    for k, m in strict:
        own, other = meant_by(RULES[k], 0), meant_by(RULES[m], 1)
        assert len({a == b for a, b in zip(own, other, strict=True)}) == 1
        assert is_strict_by_comparison(RULES[k], RULES[m], u, discount, noise)
        assert (
            strict_memory_one(RULES[k], RULES[m], Game(u), discount=discount, noise=noise).slack
            == found.slack[k, m]
        )


@given(payoffs, discounts, noises, rules, rules, st.booleans())
@settings(max_examples=examples(100), deadline=None)
def test_names_of_players_and_actions_and_units_of_payoffs_do_not_matter(
    u, discount, noise, first, second, twins
):
    second = first if twins else second

    def strict(tensor, one, other):
        return strict_memory_one(one, other, Game(tensor), discount=discount, noise=noise).is_strict

    found = strict(u, first, second)
    assert found == strict(u[::-1].transpose(0, 2, 1), second, first)
    shares, shifts = np.array([1 / 3, 0.7]), np.array([0.1, -5.3])
    assert found == strict(u * shares[:, None, None] + shifts[:, None, None], first, second)
    # Exchange C and D: states change places, and what is meant in them turns round.
    turned = [MemoryOne(1 - r.first, tuple(1 - p for p in r.after[::-1])) for r in (first, second)]
    assert found == strict(u[:, ::-1, ::-1], *turned)


@given(four, discounts, noises, st.sampled_from([Fraction(-1, 10**6), Fraction(0), Fraction(1, 10**6)]))
@settings(max_examples=examples(150), deadline=None)
def test_win_stay_lose_shift_is_strict_from_the_bound_on_and_not_at_it(u, discount, noise, beside):
    if u[0] <= u[3]:
        u[0], u[3] = u[3] + 1, u[0]
    game = symmetric(*u)
    bound = win_stay_lose_shift_law(game, noise=noise).discount
    if 0 <= bound + beside < 1:
        discount = bound + beside
    for first in (0.0, 1.0):
        rule = MemoryOne(first, WIN_STAY.after)
        assert strict_memory_one(rule, rule, game, discount=discount, noise=noise).is_strict == (
            discount > bound
        )


@pytest.mark.parametrize(
    ("name", "agreement", "disagreement"),
    # From Table 4.1's R = 3, P = 1, with T - R and P - S: 1 and 1, 1/2 and -1, -1 and 1.
    [
        ("prisoners-dilemma", "1/2", "-1/2"),
        ("chicken", "1/4", "1/2"),
        ("stag-hunt", "-1/2", "-1/2"),
    ],
)
def test_bounds_of_the_games_of_table_4_1(name, agreement, disagreement):
    found = win_stay_lose_shift_law(named_game(name))
    assert (found.after_agreement, found.after_disagreement) == (Fraction(agreement), Fraction(disagreement))
    assert found.discount == max(Fraction(agreement), Fraction(disagreement))


def test_bounds_grow_with_noise():
    game = named_game("prisoners-dilemma")  # (T - R) = (P - S) = 1 and R - P = 2: 1 / (2 (1 - 2e)^2)
    for noise in ("0.001", "0.02", "0.05"):
        found = win_stay_lose_shift_law(game, noise=float(noise)).discount
        assert found == 1 / (2 * (1 - 2 * Fraction(noise)) ** 2)


@pytest.mark.parametrize("noise", [None, 0.001, 0.02, 0.05])
def test_what_is_strict_in_the_prisoners_dilemma_of_table_4_1(noise):
    found = strict_memory_one_equilibria(named_game("prisoners-dilemma"), discount=0.96, noise=noise)
    pairs = {(found.strategies[k], found.strategies[m]) for k, m in np.argwhere(found.is_strict).tolist()}
    twins = {ALL_D, GRIM, MemoryOne(0.0, GRIM.after), WIN_STAY, MemoryOne(0.0, WIN_STAY.after)}
    assert pairs == {(rule, rule) for rule in twins}


def test_nothing_efficient_is_strict_where_the_bound_is_one():
    game = symmetric(-1, -3, 0, -2)
    assert win_stay_lose_shift_law(game).discount == 1
    found = strict_memory_one_equilibria(game, discount=0.96)
    assert {found.strategies[k].after for k, _ in np.argwhere(found.is_strict).tolist()} == {
        ALL_D.after,
        GRIM.after,
    }


def test_tit_for_tat_and_unconditional_cooperation_are_not_strict():
    game = named_game("prisoners-dilemma")
    for rule in (TIT_FOR_TAT, ALL_C):
        assert not strict_memory_one(rule, rule, game, discount=0.96).is_strict


def test_a_tie_without_noise_is_broken_by_the_smallest_one():
    # Of R = S + 1 = T + 1 and P = T: C gains where the other plays C, and nothing where it plays D, but for trembles.
    game = symmetric(1, 0, 0, 0)
    assert not strict_memory_one(ALL_C, ALL_D, game, discount=0, noise=0).is_strict
    assert not strict_memory_one(ALL_D, ALL_D, game, discount=0, noise=0).is_strict
    assert strict_memory_one(ALL_C, ALL_C, game, discount=0, noise=0).is_strict
    found = strict_memory_one(ALL_C, ALL_D, symmetric(0, 1, 1, 1), discount=0)
    assert (found.is_strict, found.slack) == (False, 0.0)
    tied = Game.bimatrix([[0, 0], [1, 0]], [[0, 1], [0, 1]])
    assert strict_memory_one(ALL_D, ALL_D, tied, discount=0).is_strict
    assert strict_memory_one(ALL_D, ALL_D, tied, discount=0).slack == 0.0
    assert not strict_memory_one(ALL_D, ALL_D, tied, discount=0, noise=0).is_strict


def test_numbers_are_read_as_the_fractions_that_they_mean():
    # The bound is 1/3: at it the pair is not strict, whatever rounding did to it and to the payoffs.
    game = symmetric(0.3, 0.0, 0.1 + 0.3, 0.0)
    assert win_stay_lose_shift_law(game).discount == Fraction(1, 3)
    assert not strict_memory_one(WIN_STAY, WIN_STAY, game, discount=1 / 3).is_strict
    assert strict_memory_one(WIN_STAY, WIN_STAY, game, discount=1 / 3 + 1e-9).is_strict


def test_wrong_arguments_are_refused():
    game = named_game("prisoners-dilemma")
    with pytest.raises(ValueError, match="first must be sure in every state"):
        strict_memory_one(MemoryOne(0.5, ALL_C.after), ALL_C, game, discount=0.5)
    with pytest.raises(ValueError, match="discount must be below 1, got 1"):
        strict_memory_one(ALL_C, ALL_C, game, discount=1)
    with pytest.raises(ValueError, match="noise must be below 1/2"):
        strict_memory_one_equilibria(game, discount=0.5, noise=0.5)
    with pytest.raises(ValueError, match="CC must pay more than DD, got 1 and 1"):
        win_stay_lose_shift_law(symmetric(1, 0, 2, 1))
    with pytest.raises(ValueError, match="game must be symmetric"):
        win_stay_lose_shift_law(Game.bimatrix([[3, 0], [4, 1]], [[3, 4], [0, 2]]))
