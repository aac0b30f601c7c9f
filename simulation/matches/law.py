"""Many matches of finite-state machines at once: played on given draws, and in expectation.

All machines stand in one table, so that a state is one number and a match two numbers. Actions are 0 (C)
and 1 (D), outcomes 0-3 are CC, CD, DC, DD in a player's own eyes, own action first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.engine.compilation import compiled
from theory.checks import FloatArray, IntArray
from theory.repeated.machines import FiniteState


class Machines(NamedTuple):
    """The states of all machines, one after the other."""

    cooperation: FloatArray
    """`[n_states]` probabilities that the action carried out is C, noise included."""
    successor: IntArray
    """`[4 * n_states]`: the state after outcome k of state s is `successor[4 * s + k]`."""


class Plays(NamedTuple):
    """Matches to be played, each on its own stretch of the draws."""

    first: IntArray
    """`[n_plays]`: the opening state of player 1."""
    second: IntArray
    """`[n_plays]`: of player 2."""
    turns: IntArray
    """`[n_plays]` lengths."""
    offset: IntArray
    """`[n_plays]`: play p uses `draws[offset[p]]` to `draws[offset[p] + 2 * turns[p] - 1]`, player 1's draw
    before player 2's on each turn. Where an end by chance is played beyond, so many more as that takes."""


class Ending(NamedTuple):
    """Ends by chance, and how far play goes on beyond them, for the expectation over all possible ends."""

    ongoing: float
    """Probability with which a match goes on after a turn."""
    horizon: int
    """So many turns are played in every match, and so many more as the match has: turn t then enters with
    the chance that a match lasts so long, divided by the chance that turn t is played."""
    most: int
    """Largest number of turns."""


class Rows(NamedTuple):
    """Where one machine stands in the table: its states are `base`, `base + 1`, ..."""

    start: int
    """The state in which it begins."""
    base: int
    n_states: int


def stack_machines(machines: Sequence[FiniteState], noise: float) -> tuple[Machines, list[Rows]]:
    """Return all machines in one table, and where each of them stands."""
    sizes = [machine.n_states for machine in machines]
    bases = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    intended = np.array([p for machine in machines for p in machine.cooperation], dtype=np.float64)
    successor = np.concatenate(
        [
            np.asarray(machine.transitions, dtype=np.int64).ravel() + base
            for machine, base in zip(machines, bases, strict=False)
        ]
        or [np.zeros(0, dtype=np.int64)]
    )
    rows = [
        Rows(int(base) + machine.start, int(base), machine.n_states)
        for machine, base in zip(machines, bases, strict=False)
    ]
    return Machines(carried_out(intended, noise), successor), rows


def carried_out(intended: Any, noise: float) -> Any:
    """Return the probability of C once actions flip with probability `noise`."""
    return intended * (1.0 - noise) + (1.0 - intended) * noise


def _play(machines: Machines, plays: Plays, draws: FloatArray, counts: IntArray) -> None:
    """Play all matches and add up outcomes in `counts[n_plays, 4]`."""
    cooperation, successor = machines.cooperation, machines.successor
    for p in range(plays.first.size):
        a, b, at = plays.first[p], plays.second[p], plays.offset[p]
        defections_a, defections_b, both = 0, 0, 0
        for _ in range(plays.turns[p]):
            x = 1 if draws[at] >= cooperation[a] else 0
            y = 1 if draws[at + 1] >= cooperation[b] else 0
            at += 2
            defections_a += x
            defections_b += y
            both += x & y
            a, b = successor[4 * a + 2 * x + y], successor[4 * b + 2 * y + x]
        counts[p, 0] = plays.turns[p] - defections_a - defections_b + both
        counts[p, 1] = defections_b - both
        counts[p, 2] = defections_a - both
        counts[p, 3] = both


def _record(
    machines: Machines, plays: Plays, draws: FloatArray, counts: IntArray, actions: NDArray[np.int8]
) -> None:
    """Play like `_play`, and write the actions beside their draws in `actions[len(draws)]`."""
    for p in range(plays.first.size):
        a, b, at = plays.first[p], plays.second[p], plays.offset[p]
        for _ in range(plays.turns[p]):
            x = 1 if draws[at] >= machines.cooperation[a] else 0
            y = 1 if draws[at + 1] >= machines.cooperation[b] else 0
            actions[at] = x
            actions[at + 1] = y
            at += 2
            counts[p, 2 * x + y] += 1
            a, b = machines.successor[4 * a + 2 * x + y], machines.successor[4 * b + 2 * y + x]


def _weigh(
    machines: Machines,
    plays: Plays,
    ending: Ending,
    draws: FloatArray,
    counts: IntArray,
    weighted: FloatArray,
    actions: NDArray[np.int8],
) -> None:
    """Play like `_record` (without actions if there is no room) and beyond, for `weighted[n_plays, 4]`."""
    for p in range(plays.first.size):
        a, b, at = plays.first[p], plays.second[p], plays.offset[p]
        weight = 1.0
        for turn in range(min(ending.horizon + plays.turns[p], ending.most)):
            x = 1 if draws[at] >= machines.cooperation[a] else 0
            y = 1 if draws[at + 1] >= machines.cooperation[b] else 0
            weighted[p, 2 * x + y] += weight
            if turn < ending.horizon:
                weight *= ending.ongoing
            if turn < plays.turns[p]:
                counts[p, 2 * x + y] += 1
            if actions.size:
                actions[at] = x
                actions[at + 1] = y
            at += 2
            a, b = machines.successor[4 * a + 2 * x + y], machines.successor[4 * b + 2 * y + x]


class Room(NamedTuple):
    """Room for the joint states of two machines, n at most."""

    number: IntArray
    """`[n]`: number of a joint state, -1 before it is reached."""
    pairs: IntArray
    """`[n, 2]`: the states of a number."""
    following: IntArray
    """`[n, 4]`: the numbers after each outcome."""
    chances: FloatArray
    """`[n, 4]`: the outcomes' probabilities."""
    now: FloatArray
    """`[n]` probabilities of the joint states."""
    later: FloatArray
    """`[n]` the same one turn later."""


def new_room(joint_states: int) -> Room:
    """Return room for so many joint states."""
    return Room(
        np.full(joint_states, -1, dtype=np.int64),
        np.empty((joint_states, 2), dtype=np.int64),
        np.empty((joint_states, 4), dtype=np.int64),
        np.empty((joint_states, 4)),
        np.zeros(joint_states),
        np.zeros(joint_states),
    )


def _expect(
    machines: Machines, first: Rows, second: Rows, weights: FloatArray, room: Room, out: FloatArray
) -> int:
    """Add up in `out[4]` the outcomes' probabilities, weighted by turn; return the number of joint states.

    Only joint states that can be reached are followed: five for two memory-one strategies.
    """
    size = second.n_states
    number, pairs, following, chances = room.number, room.pairs, room.following, room.chances
    pairs[0, 0], pairs[0, 1] = first.start, second.start
    number[(first.start - first.base) * size + second.start - second.base] = 0
    known, at = 1, 0
    while at < known:
        a, b = pairs[at, 0], pairs[at, 1]
        p, q = machines.cooperation[a], machines.cooperation[b]
        for k in range(4):
            x, y = k // 2, k % 2
            chances[at, k] = (p if x == 0 else 1.0 - p) * (q if y == 0 else 1.0 - q)
            following[at, k] = 0
            if chances[at, k] > 0.0:
                to_a, to_b = machines.successor[4 * a + k], machines.successor[4 * b + 2 * y + x]
                key = (to_a - first.base) * size + to_b - second.base
                if number[key] < 0:
                    number[key] = known
                    pairs[known, 0], pairs[known, 1] = to_a, to_b
                    known += 1
                following[at, k] = number[key]
        at += 1
    now, later = room.now, room.later
    now[0] = 1.0
    for t in range(weights.size):
        for s in range(known):
            later[s] = 0.0
        for s in range(known):
            if now[s] > 0.0:
                for k in range(4):
                    mass = now[s] * chances[s, k]
                    out[k] += weights[t] * mass
                    later[following[s, k]] += mass
        now, later = later, now
    return known


play_machines = compiled(_play)
record_machines = compiled(_record)
weigh_machines = compiled(_weigh)
expect_machines = compiled(_expect)
