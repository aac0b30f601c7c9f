"""Where selection leads in the meta-game of a tournament: the ends of the replicator dynamics from a grid of starts.

With many strategies equilibria cannot all be listed, but a dynamics can be followed, and what it ends in may be a
mixture that no search of pure ones finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from theory.checks import FloatArray
from theory.evolution.replicator import ends, rests, simplex_grid

# The grid is the finest of at most so many starts.
MOST_STARTS, FINEST = 400, 20

# Draws of the sampling error that are followed.
MOST_DRAWS = 50

# Strategies with less than this share have gone, or are on their way.
LEAST_SHARE = 1e-3

# In units of 1 / (payoff range).
DURATION = 1e4


@dataclass(frozen=True)
class MetaBasin:
    """Initial states from which the replicator dynamics ends with the same strategies.

    Attributes
    ----------
    strategies
        Those that are left, with their mean shares over these ends.
    payoff
        Mean payoff per turn at the ends.
    share
        Share of the initial states.
    is_at_rest
        Whether all ends are at rest; else some were still moving when they were last seen.
    from_even_start
        Whether equal shares of all strategies lead here.
    sure
        Share of (up to 50) error draws in which equal shares lead to the same strategies; None without draws.
    """

    strategies: tuple[tuple[str, float], ...]
    payoff: float
    share: float
    is_at_rest: bool
    from_even_start: bool
    sure: float | None


def meta_basins(matrix: FloatArray, names: Sequence[str], drawn: FloatArray) -> tuple[MetaBasin, ...]:
    """Return the basins of a one-population meta-game, largest first.

    Parameters
    ----------
    matrix
        `[n, n]` payoffs of strategy against strategy.
    names
        The strategies' names.
    drawn
        `[draws, n, n]` matrices with sampling errors.
    """
    n = len(matrix)
    if n == 1:
        sure = 1.0 if len(drawn) else None
        return (MetaBasin(((names[0], 1.0),), float(matrix[0, 0]), 1.0, True, True, sure),)
    even = np.full((1, n), 1.0 / n)
    final = _ends(matrix, np.vstack([even, simplex_grid(n, _resolution(n))]))
    resting = rests(matrix, final)
    left = _strategies_left(final)
    drawn = drawn[:MOST_DRAWS]
    of_draws = _strategies_left(_ends(drawn, np.repeat(even, len(drawn), axis=0))) if len(drawn) else []
    basins = []
    for support in sorted(set(left)):
        here = np.array([strategies == support for strategies in left])
        # The even start stands for itself; shares are those of the grid.
        members = final[here]
        payoffs = np.einsum("pi,ij,pj->p", members, matrix, members)
        basins.append(
            MetaBasin(
                strategies=tuple((names[k], float(members[:, k].mean())) for k in support),
                payoff=float(payoffs.mean()),
                share=float(here[1:].mean()),
                is_at_rest=bool(resting[here].all()),
                from_even_start=bool(here[0]),
                sure=float(np.mean([strategies == support for strategies in of_draws])) if of_draws else None,
            )
        )
    return tuple(sorted(basins, key=lambda basin: -basin.share))


def _resolution(n: int) -> int:
    """Return the finest grid's."""
    fitting = [r for r in range(1, FINEST + 1) if comb(r + n - 1, n - 1) <= MOST_STARTS]
    return max(fitting, default=1)


def _ends(matrix: FloatArray, starts: FloatArray) -> FloatArray:
    """Follow states, in one game or one for each, until they rest or time is over."""
    spread = float(np.ptp(matrix, axis=(-2, -1)).max()) or 1.0

    def at_rest(states: FloatArray, rows: Any) -> Any:
        return rests(matrix if matrix.ndim == 2 else matrix[rows], states)

    return ends(matrix, starts, DURATION / spread, at_rest)


def _strategies_left(states: FloatArray) -> list[tuple[int, ...]]:
    return [tuple(np.flatnonzero(state > LEAST_SHARE).tolist()) for state in states]
