"""Three and more players who remember the last outcome: their games, and what Win-Stay, Lose-Shift is among them.

A player wins as long as all did the same, and then means C; after an outcome in which some did and some did not, it
means D. If nobody's hand slips again, all have done the same one round later. Of two players this is Win-Stay,
Lose-Shift itself.
"""

from __future__ import annotations

import numpy as np

from theory import Game
from theory.checks import BoolArray, FloatArray

# A public good: one unit is kept, or given and multiplied; everybody has this share of every unit that is given.
SHARES = {"public-good-3": (3, 0.6), "public-good-4": (4, 0.5)}


def public_good(name: str) -> Game:
    """Return a public good by name: giving costs 1 - share, and all are better off if all give."""
    n_players, share = SHARES[name]
    gives = 1 - np.indices((2,) * n_players)
    return Game(1.0 - gives + share * gives.sum(axis=0), title=name)


def win_stay(n_players: int) -> BoolArray:
    """Return `[S]`: whether C is meant before the first round and after each outcome, whoever looks."""
    meant = np.zeros(1 + 2**n_players, bool)
    meant[[0, 1, -1]] = True
    return meant


def profile_name(means: FloatArray) -> str:
    """Return the name of a profile of pure rules `[n_players, S]`, whatever they begin with."""
    n_players = len(means)
    names = {
        win_stay(n_players)[1:].tobytes(): "WSLS",
        np.ones(2**n_players, bool).tobytes(): "All-C",
        np.zeros(2**n_players, bool).tobytes(): "All-D",
        (np.arange(2**n_players) == 0).tobytes(): "Grim",
    }
    found = {names.get((rule[1:] > 0.5).tobytes(), "another rule") for rule in means}
    return found.pop() if len(found) == 1 and "another rule" not in found else "other rules"
