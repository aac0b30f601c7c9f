r"""Nash equilibria of finite games, each verified by its regret.

Two players: all *extreme* equilibria, that is all pairs of vertices of the best-response polytopes that
are best replies to each other; every equilibrium is a convex combination of them within a *maximal Nash
subset*, a product of mixtures of the row with mixtures of the column (Millham 1974; von Stengel 2002).
More players: see `theory.equilibria_n_player`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory._checks import FloatArray
from theory.best_response_polytope import Vertices, best_response_vertices
from theory.equilibria_2x2 import equilibria_2x2
from theory.games import Game

MixedProfile = tuple[FloatArray, ...]

# Largest regret of an equilibrium, as a share of the player's payoff range.
REGRET_TOLERANCE = 1e-9

# Largest number of vertices of a best-response polytope that are looked at (some 13 x 13 actions).
MAX_VERTICES = 30_000

# Largest number of maximal Nash subsets that are listed.
MAX_SUBSETS = 10_000


@dataclass(frozen=True, eq=False)
class Equilibria:
    """The Nash equilibria of a game.

    Attributes
    ----------
    profiles
        Profiles, each a tuple of one probability vector per player, sorted by falling probability of the
        first actions (the first player's before the second's, ...). Two players: the extreme equilibria.
    complete
        Whether `profiles` are all equilibria there are (two players: all extreme ones).
    continuum
        Whether infinitely many equilibria are known to exist. If `complete`, False says that there are none.
    maximal_subsets
        Two players and `complete`: the maximal Nash subsets. Each is a pair (U, V) of tuples of mixtures:
        every mixture in the convex hull of U with every one in that of V is an equilibrium, and the union of
        these products is the set of all equilibria. Otherwise empty.
    method
        The solver that found them.
    note
        What the solver could not promise; empty if there is nothing to say.
    """

    profiles: tuple[MixedProfile, ...]
    complete: bool
    continuum: bool
    maximal_subsets: tuple[tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]], ...]
    method: str
    note: str = ""


def nash_equilibria(game: Game, *, max_vertices: int = MAX_VERTICES) -> Equilibria:
    """Return the Nash equilibria of a game."""
    if game.n_players == 2:
        return _bimatrix_equilibria(game, max_vertices)
    pure = tuple(game.pure(*outcome) for outcome in pure_equilibria(game))
    return Equilibria(
        profiles=pure,
        complete=False,
        continuum=False,
        maximal_subsets=(),
        method="pure profiles",
        note="Mixed equilibria of three or more players are not looked for.",
    )


def pure_equilibria(game: Game) -> tuple[tuple[int, ...], ...]:
    """Return all pure equilibria as action tuples, in the order of `game.pure_profiles()`.

    A player's action is a best reply if no other gains more than `REGRET_TOLERANCE` times its payoff range.
    """
    is_equilibrium = np.ones(game.n_actions, dtype=bool)
    for i, tolerance in enumerate(REGRET_TOLERANCE * game.payoff_range):
        payoffs = game.payoffs[i]
        is_equilibrium &= payoffs >= payoffs.max(axis=i, keepdims=True) - tolerance
    return tuple(tuple(int(a) for a in outcome) for outcome in np.argwhere(is_equilibrium))


def _bimatrix_equilibria(game: Game, max_vertices: int) -> Equilibria:
    A, B = game.payoffs
    if game.n_actions == (2, 2):
        pairs: list[MixedProfile] = [
            (np.array([p, 1 - p]), np.array([q, 1 - q])) for p, q in equilibria_2x2(A, B)
        ]
        method = "closed form"
    else:
        rows = best_response_vertices(B.T, max_vertices=max_vertices)
        columns = best_response_vertices(A, max_vertices=max_vertices)
        pairs = [(rows.mixtures[x], columns.mixtures[y]) for x, y in _complementary_pairs(rows, columns)]
        method = "vertices"
    pairs = _sorted(pairs)
    subsets = _maximal_subsets(pairs)
    return Equilibria(
        profiles=tuple(pairs),
        complete=True,
        continuum=any(len(u) * len(v) > 1 for u, v in subsets),
        maximal_subsets=subsets,
        method=method,
    )


def _complementary_pairs(rows: Vertices, columns: Vertices) -> NDArray[np.intp]:
    """Return `[n_equilibria, 2]`: the pairs of vertices in which every played action is a best reply."""
    n_rows = rows.mixtures.shape[1]
    swapped = np.hstack([columns.labels[:, -n_rows:], columns.labels[:, :-n_rows]])
    # Each of the two lacks a label where neither has it.
    lacking = (~rows.labels).astype(np.float32) @ (~swapped).astype(np.float32).T
    return np.argwhere(lacking == 0)


def _sorted(profiles: list[MixedProfile]) -> list[MixedProfile]:
    return sorted(profiles, key=lambda profile: tuple(-np.round(np.concatenate(profile), 9)))


def _maximal_subsets(
    pairs: list[MixedProfile],
) -> tuple[tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]], ...]:
    rows = {pair[0].tobytes(): pair[0] for pair in pairs}
    columns = {pair[1].tobytes(): pair[1] for pair in pairs}
    partners: dict[bytes, frozenset[bytes]] = {
        x: frozenset(b.tobytes() for a, b in pairs if a.tobytes() == x) for x in rows
    }
    closed: set[frozenset[bytes]] = set()
    for of_x in partners.values():
        closed |= {of_x & other for other in closed} | {of_x}
    return tuple(
        (
            tuple(rows[x] for x in rows if subset <= partners[x]),
            tuple(columns[y] for y in columns if y in subset),
        )
        for subset in sorted((s for s in closed if s), key=sorted)
    )
