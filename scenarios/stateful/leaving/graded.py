"""Graded donation games whose two players remember the last pair of levels, and which rules can last in them.

Levels are full, half and none. Four ideas of two actions are carried over, and one is new with levels:

- Copy (graded Tit-for-Tat) means the level that the other played;
- Win-Stay, Lose-Shift means full after equal levels, none after different ones;
- Grim means full after both played full, else none;
- Pay Back goes one level down from its own if the other did less than itself, else one level up;
- Climb goes one level up after equal levels, and means none after different ones: after a slip both have to play
  none once, and then half once.

A slip of the mind at full cooperation saves the whole cost once. Under Win-Stay, Lose-Shift it then costs a round of
mutual none, under Climb also what a round of mutual half falls short of one of mutual full. So Climb is strict with
benefits at which Win-Stay, Lose-Shift is not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from theory.checks import FloatArray, IntArray

if TYPE_CHECKING:
    from theory import Game

# The cost is 1: full cooperation costs 1/2, half 1/8. With two levels the bound of Win-Stay, Lose-Shift would be 1/2
# (as in the Prisoner's Dilemma of Table 4.1) at the first benefit, and 1 (nothing efficient can last) at the second.
BENEFITS = {"graded-1.5": 1.5, "graded-1": 1.0}

FULL, HALF, NONE = 0, 1, 2
LEVELS = 3


def graded(benefit: float) -> Game:
    """Return a graded donation game."""
    from simulation.gradual.graded_games import graded_donation_game

    return graded_donation_game(benefit=benefit, levels=LEVELS)


def climb(own: int, other: int) -> int:
    """Return what Climb means after levels of its own and the other's."""
    return max(own - 1, FULL) if own == other else NONE


def pay_back(own: int, other: int) -> int:
    """Return what Pay Back means."""
    return min(own + 1, NONE) if other > own else max(own - 1, FULL)


_MEANT: dict[str, Callable[[int, int], int]] = {
    "Copy": lambda own, other: other,
    "WSLS": lambda own, other: FULL if own == other else NONE,
    "Grim": lambda own, other: FULL if own == other == FULL else NONE,
    "Pay Back": pay_back,
    "Climb": climb,
    "All-full": lambda own, other: FULL,
    "All-none": lambda own, other: NONE,
}


def rules() -> dict[str, IntArray]:
    """Return by name what rules mean, `[9]`, after each pair of levels, their own first."""
    return {
        name: np.array([meant(own, other) for own, other in product(range(LEVELS), repeat=2)])
        for name, meant in _MEANT.items()
    }


def target() -> IntArray:
    """Return what a tutor pays for in both games, `[10]`: Climb, which begins with full."""
    return np.array([FULL, *rules()["Climb"]])


def pair_of(after: IntArray, first: int = FULL) -> FloatArray:
    """Return policies `[2, 10, 3]` of two players of one rule `after[9]`, written as the game does."""
    own = np.array([first, *after])
    other = own[np.array([0, *(1 + np.arange(LEVELS**2).reshape(LEVELS, LEVELS).T.ravel())])]
    return np.asarray(np.eye(LEVELS)[np.stack([own, other])])


def rule_name(policies: FloatArray) -> str:
    """Return the name of a pair of pure rules `[2, 10, 3]`, whatever they begin with."""
    for name, after in rules().items():
        if (policies[:, 1:] == pair_of(after)[:, 1:]).all():
            return name
    return "other rules"


class Symmetric(NamedTuple):
    """All rules, each against itself."""

    rules: IntArray
    """`[19683, 9]`."""
    slack: FloatArray
    """The least that is lost in any state after a round by meaning another level once, as a share 1 - discount."""
    welfare: FloatArray
    """The sum of payoffs a round, a discounted mean, if the first round is meant to be full."""


@lru_cache(maxsize=4)
def all_symmetric(benefit: float, noise: float, discount: float) -> Symmetric:
    """Return how strict every rule is among two of it, and what they get."""
    found = np.array(list(product(range(LEVELS), repeat=LEVELS**2)))
    own_payoffs = graded(benefit).payoffs[0]
    plays = np.eye(LEVELS) * (1.0 - LEVELS / (LEVELS - 1.0) * noise) + noise / (LEVELS - 1)
    own = plays[found]
    others = own.reshape(-1, LEVELS, LEVELS, LEVELS).swapaxes(1, 2).reshape(own.shape)
    chances = np.einsum("rsa,rsb->rsab", own, others).reshape(len(found), LEVELS**2, LEVELS**2)
    gets = (1.0 - discount) * chances @ own_payoffs.ravel()
    values = np.linalg.solve(np.eye(LEVELS**2) - discount * chances, gets[:, :, None])[:, :, 0]
    worth = (1.0 - discount) * own_payoffs + discount * values.reshape(-1, LEVELS, LEVELS)
    each = np.einsum("rsb,rab->rsa", others, worth)
    meant = found[:, :, None] == np.arange(LEVELS)
    best_other = np.where(meant, -np.inf, each).max(axis=2)
    slack = (each[meant].reshape(found.shape) - best_other).min(axis=1)
    start = np.outer(plays[FULL], plays[FULL])
    return Symmetric(
        found, slack * (1.0 - LEVELS / (LEVELS - 1.0) * noise), 2.0 * (worth * start).sum(axis=(1, 2))
    )
