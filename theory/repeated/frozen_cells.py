"""The states that a frozen player can come into, read on a grid, so that nothing that is true of them is lost.

A *frozen player* (`FrozenPlayer`) keeps its rule for ever; its state is a tuple of real numbers, of which there may
be infinitely many. Each number is read by its place on a grid of steps h: the point k h, or the open interval between
k h and (k + 1) h. A *cell* is a place for each number. Where increments are whole steps, points lead to points, and
the cells are the states themselves. Elsewhere an interval, moved by what is no whole number of steps, touches up to
three places; what the player does in it is what it does at one of its corners. So a cell has one or more *manners*
(what is done in a part of it), and each outcome leads from it into one of some cells: whoever lets nature choose the
manner and the cell as they like it best, or least, has bounds on both sides. All below a number's `lowest` is one
place, from which nature may go up at once.

That holds if a cell is crossed by one threshold of the player's rule in each number at most, and if on either side of
it each number of the next state moves with the same number of this one by no more than that moved: as it is shifted,
clipped or set anew. It holds without conditions where all cells are points (`Cells.is_exact`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np

from theory.checks import BoolArray, FloatArray, IntArray, finite_array, shown

# In steps: how far from a multiple a number still is one, and how far inside of an interval its ends are tried.
AT_POINT, INSIDE = 1e-6, 1e-4

# Bits of the whole number that names a cell.
KEY_BITS = 62


@runtime_checkable
class FrozenPlayer(Protocol):
    """A player that keeps its rule for ever: k own and m other's actions, and a state of c numbers."""

    @property
    def n_actions(self) -> tuple[int, int]:
        """Own and other's, k and m."""

    @property
    def start(self) -> FloatArray:
        """`[c]`: the state before the first round."""

    @property
    def resolution(self) -> FloatArray:
        """`[c]`: steps of the grid on which each number is read, positive."""

    @property
    def lowest(self) -> FloatArray:
        """`[c]`: below which numbers are not told apart, minus infinity where all are."""

    @property
    def loss_bound(self) -> float | None:
        """What losses below the own security level never add up to more than, in own payoff ranges; None: unknown.

        Where the own maxmin play is a mixture, its expectation counts for what it gets.
        """

    def action_probabilities(self, states: FloatArray) -> FloatArray:
        """Return `[n, k]`: the probabilities of the own actions in `states[n, c]`."""

    def next_states(self, states: FloatArray, own: IntArray, other: IntArray) -> FloatArray:
        """Return `[n, c]`: what follows `states[n, c]` after the actions `own[n]`, `other[n]` as they were played."""


def frozen_player(name: str, value: Any) -> FrozenPlayer:
    """Return a frozen player whose numbers are in their bounds, or raise ValueError."""
    if not isinstance(value, FrozenPlayer) or isinstance(value, type):
        raise ValueError(
            f"{name} must be a frozen player such as simulation.frozen_ledger returns, got {shown(value)}"
        )
    start = finite_array(f"start of {name}", value.start)
    steps = finite_array(f"resolution of {name}", value.resolution)
    shapes = {start.shape, steps.shape, np.shape(value.lowest)}
    if start.ndim != 1 or not start.size or len(shapes) != 1 or steps.min() <= 0.0:
        raise ValueError(
            f"{name} must have a state of one number or more, a positive step and a lowest value of each, got start "
            f"{shown(value.start)}, resolution {shown(value.resolution)} and lowest {shown(value.lowest)}"
        )
    return value


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells that play can lead to, s of them, the first being where it starts; b manners, k own, m other's actions.

    Attributes
    ----------
    first_manner
        `[s]`: place of the first manner of each cell; its manners follow one another.
    played
        `[b, k]`: probabilities of the player's actions as they are played.
    first_option
        `[b * k * m]`: place of the first option after each manner and outcome, own action first.
    options
        `[o]`: cells, one of which follows. Where an action is never played, the cell itself stands.
    resolution
        `[c]`: the steps of the grid.
    """

    first_manner: IntArray
    played: FloatArray
    first_option: IntArray
    options: IntArray
    resolution: FloatArray
    n_other: int

    @property
    def n_states(self) -> int:
        """How many cells there are."""
        return len(self.first_manner)

    @cached_property
    def is_exact(self) -> bool:
        """Whether nature chooses nothing."""
        return len(self.options) == len(self.first_option) and len(self.played) == self.n_states

    def largest(self, values: FloatArray, sign: float = 1.0) -> FloatArray:
        """Return `[b, k, m]`: the largest of `values[s]` that may follow each outcome, or the least for sign -1."""
        of_options = values[self.options]
        if len(self.options) != len(self.first_option):
            choose = np.maximum if sign > 0 else np.minimum
            of_options = choose.reduceat(of_options, self.first_option)
        return of_options.reshape(len(self.played), -1, self.n_other)


def explore(player: FrozenPlayer, resolution: FloatArray, *, noise: float, max_states: int) -> Cells:
    """Return the cells that play can lead to, from where the player starts, in waves; or raise ValueError."""
    bits = KEY_BITS // len(resolution)
    wave = _keys(_places(player.start[None] / resolution)[0], bits)
    known = set(wave.tolist())
    parts, order = [], [wave]
    while len(wave):
        part = _followed(player, _codes(wave, bits, len(resolution)), resolution, noise, bits)
        parts.append(part)
        wave = np.array(sorted(set(part.options.tolist()) - known), dtype=np.int64)
        known.update(wave.tolist())
        order.append(wave)
        if len(known) > max_states:
            raise ValueError(
                f"max_states must be at least the number of states, which is more than {len(known)} at "
                f"resolution {resolution.tolist()}, got {max_states}: a coarser resolution would help"
            )
    return _joined(parts, np.concatenate(order), resolution, player.n_actions[1])


@dataclass(frozen=True, eq=False)
class _Part:
    """What `Cells` has, of one wave: counts in place of positions, keys in place of cells."""

    manners: IntArray
    played: FloatArray
    counts: IntArray
    options: IntArray


def _joined(parts: list[_Part], order: IntArray, resolution: FloatArray, n_other: int) -> Cells:
    manners, counts = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("manners", "counts")
    )
    sorting = np.argsort(order)
    options = np.concatenate([part.options for part in parts])
    return Cells(
        first_manner=np.cumsum(manners) - manners,
        played=np.concatenate([part.played for part in parts]),
        first_option=np.cumsum(counts) - counts,
        options=sorting[np.searchsorted(order[sorting], options)],
        resolution=resolution,
        n_other=n_other,
    )


def _places(numbers: FloatArray) -> tuple[IntArray, IntArray]:
    """Return where numbers in steps lie: 2 k at a point, 2 k + 1 in the interval above it; and the nearest points."""
    nearest = np.rint(numbers)
    places = np.where(np.abs(numbers - nearest) <= AT_POINT, 2 * nearest, 2 * np.floor(numbers) + 1)
    return places.astype(np.int64), nearest.astype(np.int64)


def _keys(codes: IntArray, bits: int) -> IntArray:
    """Return `[n]`: one whole number for each of `codes[n, c]`."""
    if np.abs(codes).max(initial=0) >= 2 ** (bits - 1):
        raise ValueError(
            f"resolution must be so coarse that a number has at most {2 ** (bits - 2)} steps, got one of "
            f"{int(np.abs(codes).max()) // 2}"
        )
    keys = np.zeros(len(codes), dtype=np.int64)
    for column in codes.T:
        keys = (keys << bits) + column + 2 ** (bits - 1)
    return keys


def _codes(keys: IntArray, bits: int, numbers: int) -> IntArray:
    shifts = bits * np.arange(numbers)[::-1]
    return np.asarray(((keys[:, None] >> shifts) & (2**bits - 1)) - 2 ** (bits - 1))


def _followed(player: FrozenPlayer, codes: IntArray, steps: FloatArray, noise: float, bits: int) -> _Part:
    """Return the manners of cells `codes[n, c]`, in their order, and what follows them."""
    is_open = codes % 2 == 1
    kinds, kind = np.unique(is_open, axis=0, return_inverse=True)
    lowest = _lowest(player.lowest, steps, bits)
    made = [
        _of_kind(player, codes[kind.ravel() == i], kinds[i], steps, noise, lowest) for i in range(len(kinds))
    ]
    # Manners of all kinds, put back into the order of the cells.
    owner = np.concatenate([np.flatnonzero(kind.ravel() == i)[part[0]] for i, part in enumerate(made)])
    order = np.argsort(owner, kind="stable")
    played = np.concatenate([part[1] for part in made])[order]
    low = np.concatenate([part[2] for part in made])[order]
    high = np.concatenate([part[3] for part in made])[order]
    options, counts = _boxes(low.reshape(-1, codes.shape[1]), high.reshape(-1, codes.shape[1]), bits)
    return _Part(np.bincount(owner, minlength=len(codes)), played, counts, options)


def _of_kind(
    player: FrozenPlayer,
    codes: IntArray,
    is_open: BoolArray,
    steps: FloatArray,
    noise: float,
    lowest: IntArray,
) -> tuple[IntArray, FloatArray, IntArray, IntArray]:
    """Return, for cells that are intervals in the same numbers, each manner's cell, what is played, and what follows.

    The last are the lowest and the highest places `[b, k, m, c]` of what may follow.
    """
    corners = _corners(is_open)
    states = ((codes // 2)[:, None] + corners[None]) * steps  # [n, corners, c]
    chances = _probabilities(player, states)
    after = _next(player, states) / steps  # [n, corners, k, m, c]
    low, high, is_alike = _spans(after, chances, corners, is_open)
    first, last = _end(low, low == high, -1.0), _end(high, low == high, 1.0)
    # Where all corners act alike, they are one manner.
    kept = np.ones(chances.shape[:2], dtype=bool)
    kept[is_alike, 1:] = False
    first[is_alike, 0], last[is_alike, 0] = first[is_alike].min(axis=1), last[is_alike].max(axis=1)
    owner = np.nonzero(kept)[0]
    other_actions = chances.shape[2] - 1
    slipped = (1.0 - chances) / other_actions if other_actions else chances
    played = ((1.0 - noise) * chances + noise * slipped)[kept]
    # What is never played leads nowhere.
    stays = (played == 0.0)[:, :, None, None]
    here = codes[owner][:, None, None]
    first, last = np.where(stays, here, first[kept]), np.where(stays, here, last[kept])
    # What is so low that it is not told apart: it may have been lower.
    return (
        owner,
        played,
        np.where(here <= lowest, lowest, np.maximum(first, lowest)),
        np.maximum(last, lowest),
    )


def _lowest(values: FloatArray, steps: FloatArray, bits: int) -> IntArray:
    """Return `[c]`: the intervals that stand for all below them."""
    least = -(2.0 ** (bits - 1))
    return np.array(
        [2 * math.floor(v) - 1 if v > least else 2 * least for v in values / steps], dtype=np.int64
    )


def _corners(is_open: BoolArray) -> FloatArray:
    """Return `[corners, c]`: the ends, just inside, of what is an interval; 0 for what is a point."""
    corners = np.zeros((2 ** int(is_open.sum()), len(is_open)))
    for place, number in enumerate(np.flatnonzero(is_open)):
        corners[:, number] = np.where(np.arange(len(corners)) >> place & 1, 1.0 - INSIDE, INSIDE)
    return corners


def _probabilities(player: FrozenPlayer, states: FloatArray) -> FloatArray:
    """Return `[n, corners, k]`, or raise ValueError if they are no probabilities."""
    chances = finite_array(
        "action probabilities", player.action_probabilities(states.reshape(-1, states.shape[-1]))
    )
    wanted = (states.shape[0] * states.shape[1], player.n_actions[0])
    if chances.shape != wanted or (chances < 0.0).any() or np.abs(chances.sum(axis=1) - 1.0).max() > AT_POINT:
        raise ValueError(
            f"action probabilities of a frozen player must be {wanted[1]} for each of {wanted[0]} states, at least 0 "
            f"and with sum 1, got {shown(chances)}"
        )
    return chances.reshape(*states.shape[:2], -1)


def _next(player: FrozenPlayer, states: FloatArray) -> FloatArray:
    """Return `[n, corners, k, m, c]`: what follows each outcome."""
    flat = states.reshape(-1, states.shape[-1])
    after = np.empty((len(flat), *player.n_actions, states.shape[-1]))
    for own, other in np.ndindex(*player.n_actions):
        actions = (np.full(len(flat), action, dtype=np.int64) for action in (own, other))
        after[:, own, other] = player.next_states(flat, *actions)
    return finite_array("states of a frozen player", after).reshape(*states.shape[:2], *after.shape[1:])


def _spans(
    after: FloatArray, chances: FloatArray, corners: FloatArray, is_open: BoolArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return what the part of a cell that acts like each corner leads to, least and most, and whether all are alike.

    Such a part reaches from its corner to the opposite one if that acts alike, and up to a threshold if not.
    """
    low, high = after.copy(), after.copy()
    all_alike = np.ones(len(after), dtype=bool)
    width = 1.0 - 2.0 * INSIDE
    for place, number in enumerate(np.flatnonzero(is_open)):
        opposite = np.arange(len(corners)) ^ (1 << place)
        others = np.arange(len(is_open)) != number
        moved = np.abs(after - after[:, opposite])[..., others].max(axis=(2, 3, 4), initial=0.0)
        alike = (np.abs(chances - chances[:, opposite]).max(axis=2) <= AT_POINT) & (moved <= AT_POINT)
        all_alike &= alike.all(axis=1)
        here, there = after[..., number], after[:, opposite][..., number]
        upwards = (corners[:, number] < 0.5)[None, :, None, None]
        alike = alike[..., None, None]
        low[..., number] = np.where(alike, np.minimum(here, there), np.where(upwards, here, here - width))
        high[..., number] = np.where(alike, np.maximum(here, there), np.where(upwards, here + width, here))
    return low, high, all_alike


def _end(numbers: FloatArray, is_single: BoolArray, side: float) -> IntArray:
    """Return the place of the end of what is reached, -1 for the lower and 1 for the upper end.

    Corners were tried just inside of their cells: what they lead to is widened by as much, but for what is set anew
    or clipped, which is reached itself.
    """
    exact, _ = _places(numbers)
    widened, beyond = _places(numbers + side * INSIDE)
    opened = np.where(widened % 2 == 0, 2 * beyond - int(side), widened)
    return np.asarray(np.where(is_single | (exact % 2 == 0), exact, opened))


def _boxes(low: IntArray, high: IntArray, bits: int) -> tuple[IntArray, IntArray]:
    """Return the keys of all cells from `low[n, c]` to `high[n, c]`, and how many there are of each."""
    sides = high - low + 1
    counts = sides.prod(axis=1)
    owner = np.repeat(np.arange(len(low)), counts)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    codes = np.empty((len(owner), low.shape[1]), dtype=np.int64)
    for column in range(low.shape[1]):
        codes[:, column] = low[owner, column] + rank % sides[owner, column]
        rank = rank // sides[owner, column]
    return _keys(codes, bits), counts
