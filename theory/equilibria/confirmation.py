"""Equilibria of two players confirmed by another program: nashpy, which shares no code with ours.

What it is asked for are the vertices of both best-response polytopes, from which equilibria follow (algorithm 3.5
of Nisan et al. 2007), in games where it can be trusted. Its support enumeration is not used: it drops equilibria of
ordinary games where a zero is rounded to a negative number. Nor are its Lemke-Howson paths, which may not end, nor
its test of best replies, which compares floats without a tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from theory.arguments import checked, of_type, optional
from theory.checks import FloatArray
from theory.equilibria.nash import Equilibria, MixedProfile, nash_equilibria
from theory.games.checks import matrix_game
from theory.games.game import Game

# Actions of a player up to which nashpy answers within a tenth of a second.
MOST_ACTIONS = 8

# Two probabilities that differ by no more are one: what the rounding of nashpy's polytopes leaves.
CLOSE = 1e-6


@dataclass(frozen=True, eq=False)
class Confirmation:
    """Whether nashpy finds the same equilibria.

    Attributes
    ----------
    agrees
        Whether it does; None where it was not asked.
    unconfirmed
        Equilibria of ours that it does not find.
    missing
        Equilibria that it finds and we do not.
    note
        The same in a sentence; why it was not asked, where it was not.
    """

    agrees: bool | None
    unconfirmed: tuple[MixedProfile, ...]
    missing: tuple[MixedProfile, ...]
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain Python values, ready for JSON."""
        alone = {"unconfirmed": self.unconfirmed, "missing": self.missing}
        lists = {
            name: [[mixture.tolist() for mixture in profile] for profile in profiles]
            for name, profiles in alone.items()
        }
        return {"agrees": self.agrees, **lists, "note": self.note}


@checked(game=matrix_game, equilibria=optional(of_type(Equilibria)))
def confirm_equilibria(game: Game, equilibria: Equilibria | None = None) -> Confirmation:
    """Ask nashpy for the equilibria of a small game that is not degenerate, and compare.

    Parameters
    ----------
    game
        A game given by its payoffs.
    equilibria
        What `nash_equilibria(game)` returned; by default it is called.

    Raises
    ------
    ValueError
        If the game has no payoff tensor.
    """
    ours = nash_equilibria(game) if equilibria is None else equilibria
    reason = _why_not(game, ours)
    if reason:
        return _not_asked(reason)
    theirs = _by_nashpy(*(_between_1_and_2(payoffs) for payoffs in game.payoffs))
    if theirs is None:
        return _not_asked("the game is degenerate, or so nearly so that rounding would decide")
    unconfirmed = tuple(profile for profile in ours.profiles if not _is_among(profile, theirs))
    missing = tuple(profile for profile in theirs if not _is_among(profile, ours.profiles))
    if not unconfirmed and not missing:
        count = "one equilibrium" if len(theirs) == 1 else f"{len(theirs)} equilibria"
        return Confirmation(True, (), (), f"nashpy, asked independently, finds the same {count}.")
    note = (
        f"nashpy disagrees: it does not find {len(unconfirmed)} of these equilibria and finds {len(missing)} others. "
        "One of the two programs is wrong: rely on neither, and report the game."
    )
    return Confirmation(False, unconfirmed, missing, note)


def _why_not(game: Game, equilibria: Equilibria) -> str:
    """Return why nashpy is not asked; empty if it is."""
    if game.n_players != 2:
        return f"it solves games of two players, and this one has {game.n_players}"
    if min(game.n_actions) < 2:
        return "a player has one action, which leaves no polytope to look at"
    if max(game.n_actions) > MOST_ACTIONS:
        return f"a player has more than {MOST_ACTIONS} actions"
    if not equilibria.complete:
        return "not all equilibria are known, so that there is nothing to compare"
    if equilibria.continuum:
        return "there are infinitely many equilibria"
    return ""


def _not_asked(reason: str) -> Confirmation:
    return Confirmation(None, (), (), f"nashpy was not asked: {reason}.")


def _between_1_and_2(payoffs: FloatArray) -> FloatArray:
    """Return payoffs in units of their range from 1 up: nashpy's polytopes are unbounded where a payoff is 0."""
    least, most = float(payoffs.min()), float(payoffs.max())
    return 1 + (payoffs - least) / ((most - least) or 1.0)


def _by_nashpy(A: FloatArray, B: FloatArray) -> list[MixedProfile] | None:
    """Return all equilibria by the labels of nashpy's vertices; None if a vertex has more labels than it may.

    In a game that is not degenerate a vertex in k dimensions lies on exactly k facets. nashpy calls a vertex on a
    facet from 1e-5 of the range on.
    """
    from nashpy.polytope import build_halfspaces, non_trivial_vertices
    from scipy.spatial import QhullError

    n_rows, n_columns = A.shape
    try:
        rows = list(non_trivial_vertices(build_halfspaces(B.T)))
        columns = list(non_trivial_vertices(build_halfspaces(A)))
    except QhullError:
        return None
    if any(len(labels) != n_rows for _, labels in rows) or any(len(own) != n_columns for _, own in columns):
        return None
    every = set(range(n_rows + n_columns))
    found: list[MixedProfile] = []
    for (x, of_x), (y, of_y) in product(rows, columns):
        # The facets of x are the columns that reply best, then the rows not played; those of y the other way round.
        if {(label + n_rows) % (n_rows + n_columns) for label in of_x} | set(of_y) == every:
            found.append((np.asarray(x / math.fsum(x)), np.asarray(y / math.fsum(y))))
    return found


def _is_among(profile: MixedProfile, profiles: Iterable[MixedProfile]) -> bool:
    return any(
        all(float(np.abs(one - other).max()) <= CLOSE for one, other in zip(profile, another, strict=True))
        for another in profiles
    )
