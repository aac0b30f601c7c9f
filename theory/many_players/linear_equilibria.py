r"""Nash equilibria of linear dilemmas: all of them, from one number.

When a fraction m of the others cooperates, cooperating pays

    D(m) = -(1 - m) fear - m greed

more than defecting (module `theory.many_players.linear_payoffs` names the symbols). D is linear in m, which leaves
four kinds of game:

- **Greed and fear both positive, or both negative**: defection, or cooperation, is dominant.
- **Greed positive, fear negative** (Chicken): cooperate while few do. With M = (N - 1) fear / (fear - greed),
  where D(M / (N - 1)) = 0, the pure equilibria have k cooperators with M <= k <= M + 1. In a mixed one, a
  players cooperate for sure, b >= 2 mix with the same probability p = (M - a) / (b - 1) in (0, 1) and the
  others defect: any a < M with a + b > M + 1 will do.
- **Greed negative, fear positive** (Stag Hunt): all cooperate, all defect, or all mix with the same
  probability M / (N - 1). No other profile is an equilibrium: sure cooperators would see fewer cooperators
  than those who mix, and so would rather defect, and sure defectors the reverse.
- **D zero somewhere at the ends**: limits of these, with a continuum where one player is indifferent between
  two pure equilibria.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, ulp

import numpy as np

from theory.checks import FloatArray
from theory.many_players.linear_payoffs import LinearPayoffs

# Greed and fear are differences of payoffs: what rounding may leave of a zero, in units in the last place.
_ROUNDING_UNITS = 16


@dataclass(frozen=True)
class LinearDilemmaEquilibria:
    """The Nash equilibria of a linear dilemma.

    Attributes
    ----------
    cooperators
        The numbers k for which every pure profile with k cooperators is an equilibrium, ascending.
    symmetric
        Cooperation probabilities p of the equilibria in which all play alike, ascending. Where everyone
        is always indifferent, every p is one: then only 0 and 1 are listed and `continuum` is True.
    worst_welfare, best_welfare
        Smallest and largest sum of expected payoffs over *all* equilibria, asymmetric mixed ones included.
    continuum
        Whether there are infinitely many equilibria.
    complete
        Whether `cooperators` and the two welfares take account of every equilibrium: always so here.
    """

    cooperators: tuple[int, ...]
    symmetric: tuple[float, ...]
    worst_welfare: float
    best_welfare: float
    continuum: bool
    complete: bool = True


def equilibria(game: LinearPayoffs) -> LinearDilemmaEquilibria:
    """Return the Nash equilibria of a linear dilemma in O(N) operations.

    Gains from deviating that rounding of the payoffs can explain (16 units in the last place of the largest
    payoff) count as zero.
    """
    n = game.n_players
    rounding = _ROUNDING_UNITS * ulp(max(abs(p) for p in game.corners))
    if abs(game.greed) <= rounding and abs(game.fear) <= rounding:
        # All indifferent, always: welfare is linear in each player's probability, so extreme at outcomes.
        worst, best = game.welfare_range
        return LinearDilemmaEquilibria(tuple(range(n + 1)), (0.0, 1.0), worst, best, continuum=True)
    pure = _pure(game, rounding)
    symmetric = [k / n for k in pure if k in (0, n)]
    welfares = [game.welfare(np.array(pure))]
    if min(game.greed, game.fear) < -rounding and max(game.greed, game.fear) > rounding:
        others = (n - 1) * game.fear / (game.fear - game.greed)  # M of the module's docstring
        symmetric.append(others / (n - 1))
        welfares.append(_mixed_welfares(game, others))
    every = np.concatenate(welfares)
    return LinearDilemmaEquilibria(
        cooperators=pure,
        symmetric=tuple(sorted(symmetric)),
        worst_welfare=float(every.min()),
        best_welfare=float(every.max()),
        # Neighbours are both equilibria only if the player between them is indifferent.
        continuum=any(k + 1 == next_k for k, next_k in pairwise(pure)),
    )


def _pure(game: LinearPayoffs, rounding: float) -> tuple[int, ...]:
    """Return the numbers k of cooperators from which nobody gains by changing its mind."""
    others = np.arange(game.n_players)
    last = game.n_players - 1
    defecting_pays = ((last - others) * game.fear + others * game.greed) / last
    cooperators_stay = np.append(True, defecting_pays <= rounding)
    defectors_stay = np.append(defecting_pays >= -rounding, True)
    return tuple(int(k) for k in np.flatnonzero(cooperators_stay & defectors_stay))


def _mixed_welfares(game: LinearPayoffs, others: float) -> FloatArray:
    """Return welfares of mixed equilibria among which are the smallest and the largest.

    With cooperation probabilities p_i the welfare is

        W = N P + (T + S - 2 P) s + (fear - greed) (s^2 - q) / (N - 1),   s = sum p_i, q = sum p_i^2.

    With a sure cooperators and the rest as in the module's docstring s = M + p and
    s^2 - q = M^2 - a + (M + a) p: linear in p for given a, so extreme where the number b of those who mix
    is smallest or largest.
    """
    n = game.n_players
    if game.greed > 0:
        once = np.arange(ceil(others), dtype=np.float64)
        most_likely = (others - once) / (floor(others) + 1 - once)
        least_likely = (others - once) / (n - 1 - once)
        sure, mixing = np.tile(once, 2), np.concatenate([most_likely, least_likely])
    else:
        sure, mixing = np.zeros(1), np.array([others / (n - 1)])
    linear = (game.temptation + game.sucker - 2 * game.punishment) * (others + mixing)
    pairs = others**2 - sure + (others + sure) * mixing
    return np.asarray(n * game.punishment + linear + (game.fear - game.greed) / (n - 1) * pairs)
