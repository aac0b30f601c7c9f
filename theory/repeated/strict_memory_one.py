r"""Which pairs of pure memory-one players are strict equilibria of a repeated 2x2 game in which hands tremble.

A pure memory-one player means one action in each of five states: before the first turn, and after the outcomes
CC, CD, DC, DD. With probability e, the noise, the other action is played than is meant, each player's by itself, so
that every outcome always has a chance. Payoffs are means with discount d. Let V_i(j) be what player i gets from after
outcome j on if both keep to their rules, and

    A_i(j) = (1 - d) u_i(j) + d V_i(j),

what outcome j is worth to it now. Freeze the other player: its rule sees the last outcome alone, so player i faces a
decision process of five states, and a rule is the only best reply at every state if and only if meaning the other
action once, and going on by the rule, loses at every state. If the other means b, meaning C instead of D changes i's
value by (1 - 2e) g_i(b), with

    g_i(b) = (1 - e) [A_i(C, b) - A_i(D, b)] + e [A_i(C, b') - A_i(D, b')],    b' the other of b.

So a pair is strict if and only if in each of the five states both mean a strict equilibrium of one and the same 2x2
game, that of payoffs A with trembling hands. Such a game has at most two strict pure equilibria, and if two, they
differ in both players' actions. Hence of the 32 x 32 pairs only these can ever be strict, in any game, at any
discount and noise:

- pairs that mean the same action in every state (CC or DD): All-C, All-D, Grim and Win-Stay, Lose-Shift against
  themselves are of this kind;
- pairs that mean opposite actions in every state (CD or DC), as turn-taking does.

Tit-for-Tat against itself is neither (after CD its players mean D and C, after CC both mean C): it is never strict.

For all small enough noise. d < 1, so values are rational functions of e without a pole at 0, of numerators of degree
at most 9 in g_i. The sign for all small enough e > 0 is that of the first coefficient of the series at e = 0 that is
not 0; if the first ten are 0, all are.

Win-Stay, Lose-Shift against itself, in a symmetric game with payoffs R, S, T, P and R > P. Call CC and DD agreement.
After agreement both mean C, otherwise both mean D. Both mean the same, so what they play agrees if both tremble or
neither does, with the same probability everywhere. So with G and B the values in states of agreement and of
disagreement, G - B is the difference of the payoffs of this turn alone:

    G - B = (1 - d) [(1 - e)^2 - e^2] (R - P) = (1 - d) (1 - 2e) (R - P).

After agreement the other plays C with probability 1 - e. C instead of D brings agreement with probability 1 - e
instead of e, so it gains, divided by 1 - d,

    (1 - e) (R - T) + e (S - P) + d (1 - 2e)^2 (R - P),

and after disagreement D instead of C gains (1 - e) (P - S) + e (T - R) + d (1 - 2e)^2 (R - P). Both are positive iff

    d > max{ (1 - e) (T - R) + e (P - S),  (1 - e) (S - P) + e (R - T) } / [(1 - 2e)^2 (R - P)].

In a Prisoner's Dilemma (T > R, P > S) the first decides. The same holds before the first turn, whether both begin
with C or both with D. For all small enough e it is

    d > max{ T - R,  S - P } / (R - P).

At equality, with T - R the larger and positive, the bound's slope in e at 0 is [3 (T - R) + (P - S)] / (R - P), at
least 2 (T - R) / (R - P) > 0, and likewise with S - P the larger: the pair is not strict. If the larger is 0, then
d = 0, and one of the gains is at most 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import lcm
from typing import Any, NamedTuple

import numpy as np

from theory.arguments import checked, optional
from theory.checks import BoolArray, FloatArray, number_below_one, number_within
from theory.games.checks import two_by_two_game
from theory.games.game import Game
from theory.repeated.memory_one import MemoryOne, memory_one_strategy
from theory.resolution import as_fraction

# Degree of the numerator of g_i(b) as a polynomial in the noise: each row of I - d P has degree 2, as its right-hand
# side has, so the values' numerators have degree 8, and g_i weighs them once more.
DEGREE = 9

Solve = Callable[[Sequence[Fraction]], list[Fraction]]


@dataclass(frozen=True, eq=False)
class StrictPair:
    """Whether two pure memory-one players are a strict equilibrium.

    Attributes
    ----------
    is_strict
        Whether each loses in every state by meaning the other action once.
    losses
        `[2, 5]`: what each player loses by that before the first turn and after CC, CD, DC and DD (player 1's action
        first), as a share 1 - discount of the sum over turns, in payoff units; negative: it gains. If the noise was
        not given these are the limits for noise towards 0, of which a strict pair may have some that are 0.
    """

    is_strict: bool
    losses: FloatArray

    @property
    def slack(self) -> float:
        """The least of the losses: by how much a strict pair is strict."""
        return float(self.losses.min())


@dataclass(frozen=True, eq=False)
class StrictPairs:
    """Which ordered pairs of the 32 pure memory-one players are strict equilibria.

    Attributes
    ----------
    strategies
        The 32 players, from All-D to All-C.
    is_strict
        `[32, 32]`: whether the pair of a first and a second player is one.
    slack
        `[32, 32]`: the least that one of them loses in one of the states by meaning the other action once, as in
        `StrictPair`.
    """

    strategies: tuple[MemoryOne, ...]
    is_strict: BoolArray
    slack: FloatArray


@dataclass(frozen=True)
class WinStayLoseShiftLaw:
    """From which discount on Win-Stay, Lose-Shift against itself is strict at every state.

    Attributes
    ----------
    after_agreement
        The bound that keeps both from defecting after CC and DD.
    after_disagreement
        The bound that keeps both from cooperating after CD and DC.
    """

    after_agreement: Fraction
    after_disagreement: Fraction

    @property
    def discount(self) -> Fraction:
        """The larger bound: strict if and only if the discount is above it; never if it is 1 or more."""
        return max(self.after_agreement, self.after_disagreement)


def pure_memory_one(name: str, value: Any) -> MemoryOne:
    """Return a memory-one strategy that is sure in every state, or raise ValueError."""
    rule = memory_one_strategy(name, value)
    if any(p not in (0.0, 1.0) for p in (rule.first, *rule.after)):
        raise ValueError(f"{name} must be sure in every state, with probabilities 0 and 1, got {rule}")
    return rule


def discount_below_one(name: str, value: Any) -> Fraction:
    """Return a discount in [0, 1) as a fraction, or raise ValueError."""
    number_below_one(name, value)
    return _exact(value)


def noise_below_half(name: str, value: Any) -> Fraction:
    """Return a noise in [0, 1/2) as a fraction, or raise ValueError."""
    if number_within(name, value, 0.0, 0.5) == 0.5:
        raise ValueError(f"{name} must be below 1/2, where what is meant counts, got 0.5")
    return _exact(value)


def _exact(value: Any) -> Fraction:
    return value if isinstance(value, Fraction) else as_fraction(float(value))


@checked(
    first=pure_memory_one,
    second=pure_memory_one,
    game=two_by_two_game,
    discount=discount_below_one,
    noise=optional(noise_below_half),
)
def strict_memory_one(
    first: MemoryOne,
    second: MemoryOne,
    game: Game,
    *,
    discount: float | Fraction,
    noise: float | None = None,
) -> StrictPair:
    """Return whether two pure memory-one players are a strict equilibrium of a repeated game, decided exactly.

    Parameters
    ----------
    first, second
        The strategies of player 1 and player 2, all of whose probabilities are 0 or 1.
    game
        A game of two players with two actions each; action 0 is C. It need not be symmetric.
    discount
        Weight in [0, 1) of the next turn relative to this one.
    noise
        Probability in [0, 1/2) with which each action flips; None: whether the pair is strict for all small enough
        positive ones.

    Numbers and payoffs count as the simplest fractions that they may be up to rounding; fractions as themselves.
    """
    gains = _gains(first.after, second.after, _payoffs(game), Fraction(discount), _known(noise))
    return _pair(first, second, gains)


@checked(game=two_by_two_game, discount=discount_below_one, noise=optional(noise_below_half))
def strict_memory_one_equilibria(
    game: Game, *, discount: float | Fraction, noise: float | None = None
) -> StrictPairs:
    """Return which of all 32 x 32 pairs of pure memory-one players are strict equilibria, decided exactly.

    The arguments are those of `strict_memory_one`.
    """
    payoffs = _payoffs(game)
    strategies = tuple(_all_pure())
    strict, slack = np.zeros((32, 32), dtype=bool), np.zeros((32, 32))
    gains = {
        (p.after, q.after): _gains(p.after, q.after, payoffs, Fraction(discount), _known(noise))
        for p, q in product(strategies[:16], repeat=2)
    }
    for (k, p), (m, q) in product(enumerate(strategies), repeat=2):
        found = _pair(p, q, gains[p.after, q.after])
        strict[k, m], slack[k, m] = found.is_strict, found.slack
    return StrictPairs(strategies, strict, slack)


@checked(game=two_by_two_game, noise=optional(noise_below_half))
def win_stay_lose_shift_law(game: Game, *, noise: float | None = None) -> WinStayLoseShiftLaw:
    """Return from which discount on Win-Stay, Lose-Shift against itself is a strict equilibrium, as fractions.

    Parameters
    ----------
    game
        A symmetric game of two players with two actions each in which CC pays more than DD.
    noise
        As in `strict_memory_one`; None: for all small enough positive ones.

    Raises
    ------
    ValueError
        If the game is not symmetric, or CC does not pay more than DD.
    """
    if not game.is_symmetric:
        raise ValueError(f"game must be symmetric, got {game!r}")
    (reward, sucker, temptation, punishment), _ = _payoffs(game)
    if reward <= punishment:
        raise ValueError(f"CC must pay more than DD, got {float(reward):g} and {float(punishment):g}")
    e = Fraction(noise or 0)
    unit = (1 - 2 * e) ** 2 * (reward - punishment)
    greed, fear = temptation - reward, punishment - sucker
    return WinStayLoseShiftLaw(
        after_agreement=((1 - e) * greed + e * fear) / unit,
        after_disagreement=(-(1 - e) * fear - e * greed) / unit,
    )


class _Gains(NamedTuple):
    """What meaning C instead of D gains a player if the other means C and D."""

    sizes: list[float]
    signs: list[int]
    """At all small enough noise, if none is given."""


def _known(noise: float | None) -> Fraction | None:
    return None if noise is None else Fraction(noise)


def _all_pure() -> Iterator[MemoryOne]:
    for first, *after in product((0.0, 1.0), repeat=5):
        yield MemoryOne(first, (after[0], after[1], after[2], after[3]))


def _payoffs(game: Game) -> tuple[list[Fraction], list[Fraction]]:
    """Return each player's payoffs at CC, CD, DC, DD."""
    flat, resolution = game.payoffs.reshape(2, 4).tolist(), game.resolution.tolist()
    own, other = ([as_fraction(u, resolution[i]) for u in flat[i]] for i in (0, 1))
    return own, other


def _pair(first: MemoryOne, second: MemoryOne, gains: Sequence[_Gains]) -> StrictPair:
    """Compare what is meant in each state with what is gained by C, given what the other means there."""
    meant = [(first.first, *first.after), _in_first_order(second)]
    strict, losses = True, np.zeros((2, 5))
    for i, state in product((0, 1), range(5)):
        means_c, other_defects = meant[i][state] == 1.0, int(meant[1 - i][state] == 0.0)
        size = gains[i].sizes[other_defects]
        losses[i, state] = size if means_c else -size
        strict = strict and gains[i].signs[other_defects] == (1 if means_c else -1)
    return StrictPair(strict, losses)


def _in_first_order(second: MemoryOne) -> tuple[float, ...]:
    """Return what player 2 means at first and after outcomes written with player 1's action first."""
    cc, cd, dc, dd = second.after
    return (second.first, cc, dc, cd, dd)


def _gains(
    first: Sequence[float],
    second: Sequence[float],
    payoffs: tuple[list[Fraction], list[Fraction]],
    discount: Fraction,
    noise: Fraction | None,
) -> list[_Gains]:
    """Return both players' gains, given what the players mean after each (own, other's) outcome."""
    cc, cd, dc, dd = second
    moves = [_chances(int(a), int(b)) for a, b in zip(first, (cc, dc, cd, dd), strict=True)]
    if noise is not None:  # series of one term
        moves = [[[_value(terms, noise)] for terms in row] for row in moves]
    solve = _solver([[terms[0] for terms in row] for row in moves], discount)
    return [_gains_of(i, _worth(moves, payoffs[i], discount, solve), noise) for i in (0, 1)]


def _chances(a: int, b: int) -> list[list[Fraction]]:
    """Return the chance of each outcome if C is meant (1) or not (0), as coefficients of 1, e and e^2."""
    one, zero = Fraction(1), Fraction(0)
    plays = {True: (one, -one), False: (zero, one)}  # 1 - e and e
    chances = []
    for own, other in ((1, 1), (1, 0), (0, 1), (0, 0)):
        (p, q), (r, s) = plays[a == own], plays[b == other]
        chances.append([p * r, p * s + q * r, q * s])
    return chances


def _value(terms: Sequence[Fraction], noise: Fraction) -> Fraction:
    return sum((term * noise**k for k, term in enumerate(terms)), Fraction(0))


def _worth(
    moves: Sequence[Sequence[Sequence[Fraction]]],
    payoffs: Sequence[Fraction],
    discount: Fraction,
    solve: Solve,
) -> Iterator[list[Fraction]]:
    """Yield the terms of the series of A(j), of all outcomes j at once.

    V = P A and A = (1 - d) u + d V, so that the terms solve (I - d P_0) A_k = (1 - d) u [k = 0] + d (P_1 A_(k-1) +
    P_2 A_(k-2)). Where the noise is given, there is P_0 alone, and one term.
    """
    terms: list[list[Fraction]] = []
    n_powers = len(moves[0][0])
    for k in range(DEGREE + 1 if n_powers > 1 else 1):
        known = [(1 - discount) * u if k == 0 else Fraction(0) for u in payoffs]
        for power in range(1, min(k, n_powers - 1) + 1):
            for j, row in enumerate(moves):
                before = zip(row, terms[k - power], strict=True)
                known[j] += discount * sum(chance[power] * worth for chance, worth in before if chance[power])
        terms.append(solve(known))
        yield terms[k]


def _gains_of(player: int, worth: Iterator[list[Fraction]], noise: Fraction | None) -> _Gains:
    """Return sizes and signs of g(b) from the terms of A, of which no more are asked for than are needed."""
    sizes, signs, before = [0.0, 0.0], [0, 0], [Fraction(0), Fraction(0)]
    for k, (cc, cd, dc, dd) in enumerate(worth):
        # A(C, b) - A(D, b), outcomes being written with player 1's action first.
        if_played = [cc - dc, cd - dd] if player == 0 else [cc - cd, dc - dd]
        for b in (0, 1):
            if noise is not None:
                term = (1 - 2 * noise) * ((1 - noise) * if_played[b] + noise * if_played[1 - b])
            else:
                term = if_played[b] + before[1 - b] - before[b]
            signs[b] = signs[b] or (term > 0) - (term < 0)
            sizes[b] = float(term) if k == 0 else sizes[b]
        before = if_played
        if all(signs):
            break
    return _Gains(sizes, signs)


def _solver(chain: Sequence[Sequence[Fraction]], discount: Fraction) -> Solve:
    """Return the function of y that gives x with (I - d P) x = y.

    The inverse is found in whole numbers: after step k of Gauss & Jordan's elimination without fractions (Bareiss
    1968), the pivots are minors, and divide what follows. I - d P is diagonally dominant: none of them is 0.
    """
    matrix = [[int(i == j) - discount * chain[i][j] for j in range(4)] for i in range(4)]
    unit = lcm(*(entry.denominator for row in matrix for entry in row))
    rows = [[int(x * unit) for x in row] + [int(i == j) for j in range(4)] for i, row in enumerate(matrix)]
    last = 1
    for k in range(4):
        pivot = rows[k][k]
        for i in range(4):
            if i != k:
                factor = rows[i][k]
                rows[i] = [(x * pivot - factor * y) // last for x, y in zip(rows[i], rows[k], strict=True)]
        last = pivot
    scale = Fraction(unit, last)

    def solve(known: Sequence[Fraction]) -> list[Fraction]:
        return [scale * sum(x * y for x, y in zip(row[4:], known, strict=True) if x) for row in rows]

    return solve
