"""Playing many matches on draws that depend on (seed, pair, repetition) alone.

Pairs of finite-state machines are played by one compiled loop. A pair in which somebody counts or learns is
played in lockstep: turn by turn, all matches of a strategy at once. Both give, bit for bit, the same actions.

Where chance ends a match (`prob_end`) the end has nothing to do with the players. So play goes on beyond it, unseen,
and turn t enters means with the chance that a match lasts so long: S_t = (1 - prob_end)^(t - 1). Played are
ceil(2 / prob_end) turns and as many as the match has, so that turn t is played with a chance g_t of 1 up to there and
falling by 1 - prob_end from then on: the weights S_t / g_t make the expectation exact. What is left of the lengths'
own chance is some 2% of its variance.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.engine.compilation import UNTRANSLATABLE, compiled, line_beyond_numba, rule
from simulation.engine.draws import geometric
from simulation.engine.runs import indices_told
from simulation.engine.sizes import refuse_beyond_memory
from simulation.engine.workers import Check, in_threads, worker_threads
from simulation.matches.law import (
    Ending,
    Plays,
    carried_out,
    play_machines,
    record_machines,
    stack_machines,
    weigh_machines,
)
from simulation.matches.strategies.base import Cooperation, Functions, Known, Strategy, Update, first_memory
from theory import Game
from theory.checks import FloatArray, IntArray, SmallArray
from theory.repeated.machines import FiniteState

# Draws of one unit of work: machines run fastest on what fits the cache, lockstep on many matches at once.
MACHINE_DRAWS = 2**15
LOCKSTEP_DRAWS = 2**21

# Mean lengths that are played whatever the match's own.
HORIZON = 2.0


@dataclass(frozen=True)
class Terms:
    """What all matches have in common.

    Attributes
    ----------
    game
        A game of two players with two actions each.
    turns
        Length, or with `prob_end` the largest length; None if only `prob_end` ends a match.
    prob_end
        Probability with which a match ends after each turn; None if `turns` does.
    noise
        Probability in [0, 1/2) with which each action flips.
    """

    game: Game
    turns: int | None
    prob_end: float | None
    noise: float

    @property
    def ending(self) -> Ending | None:
        """How ends by chance are played beyond; None if there are none."""
        if self.prob_end is None:
            return None
        most = self.turns if self.turns is not None else np.iinfo(np.int64).max
        return Ending(1.0 - self.prob_end, math.ceil(HORIZON / self.prob_end), int(most))

    def known_to(self, role: int) -> Known:
        """Return what the player in a role (0 the row, 1 the column) knows."""
        payoffs = np.ascontiguousarray(
            self.game.payoffs if role == 0 else self.game.payoffs[::-1].transpose(0, 2, 1)
        )
        payoffs.setflags(write=False)  # in both roles: code is compiled for one kind of array
        turns = self.turns if self.prob_end is None and self.turns is not None else 0
        return Known(payoffs, turns, self.noise, role)


@dataclass(frozen=True, eq=False)
class Sample:
    """Matches that were played.

    Attributes
    ----------
    counts
        `[n_pairs, repetitions, 4]`: turns with the outcomes CC, CD, DC, DD (row player first).
    turns
        `[n_pairs, repetitions]`: lengths.
    weighted
        `[n_pairs, repetitions, 4]`: the counts that means are made of; `counts` for matches of fixed length, else
        weighted as the module says.
    is_certain
        `[n_pairs]`: whether nothing in the pair's matches is random.
    actions
        `[n_pairs, repetitions, longest, 2]`: 0 for C, 1 for D, -1 after the end; None if not recorded.
    """

    counts: IntArray
    turns: IntArray
    weighted: FloatArray
    is_certain: NDArray[np.bool_]
    actions: SmallArray | None


@dataclass(frozen=True)
class _Unit:
    """A stretch of work: for each entry a pair and some of its repetitions."""

    stretches: tuple[tuple[int, int, int], ...]
    in_lockstep: bool


def sample_matches(
    strategies: Sequence[Strategy],
    pairs: Sequence[tuple[int, int]],
    terms: Terms,
    *,
    repetitions: int,
    seed: int,
    workers: int | None = None,
    record: bool = False,
    stacklevel: int = 1,
) -> Sample:
    """Play `repetitions` matches of each pair of strategies; `stacklevel` is that of a warning."""
    _notice_plain_python(strategies, stacklevel + 1)
    n = len(strategies)
    streams = [i * n + j for i, j in pairs]
    refuse_many_matches(len(pairs), repetitions)
    lengths = np.stack([_lengths(terms, repetitions, seed, stream) for stream in streams])
    ending = terms.ending
    played = lengths if ending is None else np.minimum(lengths + ending.horizon, ending.most)
    certain = np.array([_is_certain(strategies[i], strategies[j], terms) for i, j in pairs])
    counts = np.zeros((len(pairs), repetitions, 4), dtype=np.int64)
    weighted = np.zeros(counts.shape if ending is not None else (0, 0, 0))
    shape = (len(pairs), repetitions, int(lengths.max()), 2) if record else (0, 0, 0, 0)
    refuse_beyond_memory(
        f"all actions of {len(pairs) * repetitions} matches of {shape[2]} turns",
        2 * math.prod(shape),
        lower="repetitions or turns, or do not record actions",
    )
    actions: SmallArray = np.full(shape, -1, dtype=np.int8)
    machines = [strategy.machine for strategy in strategies]
    table, places = stack_machines([machine or _NOBODY for machine in machines], terms.noise)
    starts = np.array([place.start for place in places])

    def play(unit: _Unit, check: Check) -> None:
        chosen = [(k, r) for k, first, last in unit.stretches for r in range(first, last)]
        turns = np.array([lengths[k, r] for k, r in chosen], dtype=np.int64)
        taken = turns if ending is None else np.array([played[k, r] for k, r in chosen], dtype=np.int64)
        offset = np.concatenate([[0], 2 * np.cumsum(taken)[:-1]]).astype(np.int64)
        draws = _draws(unit, played, streams, seed)
        found = np.zeros((len(chosen), 4), dtype=np.int64)
        weights = np.zeros(found.shape if ending is not None else (0, 0))
        written: SmallArray = np.empty(draws.size if record else 0, dtype=np.int8)
        who = [pairs[k] for k, _ in chosen]
        if unit.in_lockstep:
            _play_in_lockstep(
                strategies, who, terms, turns, taken, offset, draws, found, weights, written, check
            )
        else:
            rows, columns = np.array(who).T
            plays = Plays(starts[rows], starts[columns], turns, offset)
            if ending is not None:
                weigh_machines(table, plays, ending, draws, found, weights, written)
            elif record:
                record_machines(table, plays, draws, found, written)
            else:
                play_machines(table, plays, draws, found)
        where = tuple(np.array(chosen).T)
        counts[where] = found
        if ending is not None:
            weighted[where] = weights
        if record:
            for (k, r), at, length in zip(chosen, offset, turns, strict=True):
                actions[k, r, :length] = written[at : at + 2 * length].reshape(length, 2)

    units = list(_units(pairs, machines, played, np.where(certain, 1, repetitions)))
    with indices_told():
        in_threads(play, units, worker_threads(workers))
    # What is certain was played once; ends by chance are not.
    counts[certain] = counts[certain, :1]
    if record:
        actions[certain] = actions[certain, :1]
    if ending is None:
        weighted = counts.astype(np.float64)
    return Sample(counts, lengths, weighted, certain, actions if record else None)


def refuse_many_matches(pairs: int, repetitions: int) -> None:
    """Raise ValueError if what is kept of so many matches, all actions apart, does not fit into memory."""
    # Counts of four outcomes, plain and weighted, and lengths, also as payoffs and levels of both, in numbers that
    # are copied once.
    refuse_beyond_memory(
        f"{repetitions} matches of each of {pairs} pairs", 8 * 32 * pairs * repetitions, lower="repetitions"
    )


# Holds the place of a strategy that is no machine in the table of machines.
_NOBODY = FiniteState((1.0,), ((0, 0, 0, 0),))


def _is_certain(first: Strategy, second: Strategy, terms: Terms) -> bool:
    return terms.noise == 0.0 and terms.prob_end is None and not (first.is_stochastic or second.is_stochastic)


def _lengths(terms: Terms, repetitions: int, seed: int, stream: int) -> IntArray:
    if terms.prob_end is None:
        assert terms.turns is not None
        return np.full(repetitions, terms.turns, dtype=np.int64)
    # A child of its own, so that the draws of actions can be found by counting.
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, 1)))
    lengths = geometric(generator, terms.prob_end, repetitions)
    return np.minimum(lengths, terms.turns) if terms.turns is not None else lengths


def _draws(unit: _Unit, lengths: IntArray, streams: Sequence[int], seed: int) -> FloatArray:
    """Return the unit's random numbers in [0, 1): two a turn, those of a pair in the order of repetitions."""
    sizes = [2 * int(lengths[k, first:last].sum()) for k, first, last in unit.stretches]
    draws = np.empty(sum(sizes))
    at = 0
    for (k, first, _), size in zip(unit.stretches, sizes, strict=True):
        bits = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(streams[k],)))
        if first:
            bits.advance(2 * int(lengths[k, :first].sum()))
        np.random.Generator(bits).random(out=draws[at : at + size])
        at += size
    return draws


def _units(
    pairs: Sequence[tuple[int, int]],
    machines: Sequence[FiniteState | None],
    lengths: IntArray,
    repetitions: IntArray,
) -> Iterator[_Unit]:
    """Cut the work into units of about equal size; a single repetition is never cut."""
    for in_lockstep, budget in ((False, MACHINE_DRAWS), (True, LOCKSTEP_DRAWS)):
        waiting: list[tuple[int, int, int]] = []
        size = 0
        for k, (i, j) in enumerate(pairs):
            if (machines[i] is None or machines[j] is None) != in_lockstep:
                continue
            for first, last, cost in _stretches(2 * lengths[k, : repetitions[k]], budget):
                if waiting and size + cost > budget:
                    yield _Unit(tuple(waiting), in_lockstep)
                    waiting, size = [], 0
                waiting.append((k, first, last))
                size += cost
        if waiting:
            yield _Unit(tuple(waiting), in_lockstep)


def _stretches(costs: IntArray, budget: int) -> Iterator[tuple[int, int, int]]:
    total = int(costs.sum())
    if total <= budget:
        yield 0, len(costs), total
        return
    first, size = 0, 0
    for r, cost in enumerate(costs.tolist()):
        if r > first and size + cost > budget:
            yield first, r, size
            first, size = r, 0
        size += cost
    yield first, len(costs), size


Step = Callable[[int, IntArray, IntArray, FloatArray], None]


def _play_in_lockstep(
    strategies: Sequence[Strategy],
    who: Sequence[tuple[int, int]],
    terms: Terms,
    turns: IntArray,
    played: IntArray,
    offset: IntArray,
    draws: FloatArray,
    counts: IntArray,
    weighted: FloatArray,
    written: SmallArray,
    check: Check,
) -> None:
    """Play all matches turn by turn. Seat p belongs to player 1 of match p, seat n + p to its player 2."""
    n = len(who)
    probability = np.empty(2 * n)
    own, other = np.zeros(2 * n, dtype=np.int64), np.zeros(2 * n, dtype=np.int64)
    steps = []
    for side in range(2):
        players = np.array([pair[side] for pair in who])
        for s in np.unique(players):
            seats = np.flatnonzero(players == s) + side * n
            steps.append(_step_of(strategies[s], seats, terms.known_to(side)))
    rows = np.arange(n)
    ending, weight = terms.ending, 1.0
    for turn in range(int(played.max())):
        check()
        for step in steps:
            step(turn, own, other, probability)
        chance = carried_out(probability, terms.noise)
        # A match that is over goes on unseen, on draws that no longer matter.
        at = np.minimum(offset + 2 * turn, draws.size - 2)
        own[:n], own[n:] = draws[at] >= chance[:n], draws[at + 1] >= chance[n:]
        other[:n], other[n:] = own[n:], own[:n]
        outcome = 2 * own[:n] + own[n:]
        counts[rows, outcome] += turn < turns
        goes_on = turn < played
        if ending is not None:
            weighted[rows, outcome] += weight * goes_on
            weight *= ending.ongoing if turn < ending.horizon else 1.0
        if written.size:
            at = at[goes_on]
            written[at], written[at + 1] = own[:n][goes_on], own[n:][goes_on]


def _step_of(strategy: Strategy, seats: IntArray, known: Known) -> Step:
    """Return the function that writes the chances of C of all seats of a strategy for a turn."""
    if isinstance(strategy.rule, Functions):
        return _step_of_functions(strategy.name, strategy.rule, seats, known)
    machine = strategy.machine
    assert machine is not None
    return _step_of_machine(machine, seats)


def _step_of_machine(machine: FiniteState, seats: IntArray) -> Step:
    cooperation, transitions = np.array(machine.cooperation), np.array(machine.transitions)
    state = np.full(len(seats), machine.start)

    def step(turn: int, own: IntArray, other: IntArray, probability: FloatArray) -> None:
        if turn > 0:
            state[:] = transitions[state, 2 * own[seats] + other[seats]]
        probability[seats] = cooperation[state]

    return step


def _step_of_functions(name: str, functions: Functions, seats: IntArray, known: Known) -> Step:
    memories = np.tile(first_memory(functions, known), (len(seats), 1))
    make = _compiled_step if functions.compiles else _plain_step
    advance = make(functions.cooperation, functions.update)

    def step(turn: int, own: IntArray, other: IntArray, probability: FloatArray) -> None:
        beyond_numba = None
        try:
            mixed = advance(memories, seats, turn, own, other, known, probability)
        except UNTRANSLATABLE as error:  # plain Python says more plainly what is wrong with a rule
            beyond_numba = error
            plain = _plain_step(functions.cooperation, functions.update)
            mixed = plain(memories, seats, turn, own, other, known, probability)
        low, high = probability[seats].min(), probability[seats].max()
        if not (low >= 0.0 and high <= 1.0):
            wrong = high if low >= 0.0 else low
            raise ValueError(f"the cooperation of {name!r} must be a probability, got {wrong} on turn {turn}")
        if mixed > 0.0 and not functions.is_stochastic:
            raise ValueError(
                f"the cooperation of {name!r} must be 0 or 1, since is_stochastic is False, got {mixed} on turn "
                f"{turn}"
            )
        if beyond_numba is not None:
            raise ValueError(
                f"compiles of {name!r} must be False, since its rule cannot be compiled: "
                f"{line_beyond_numba(str(beyond_numba))}"
            ) from beyond_numba

    return step


@cache
def _compiled_step(cooperation: Cooperation, update: Update) -> Callable[..., float]:
    return compiled(_plain_step(rule(cooperation), rule(update)))


def _plain_step(cooperation: Cooperation, update: Update) -> Callable[..., float]:
    def advance(
        memories: FloatArray,
        seats: IntArray,
        turn: int,
        own: IntArray,
        other: IntArray,
        known: Known,
        probability: FloatArray,
    ) -> float:
        """Write the chances of C of all seats; return the last that is neither 0 nor 1, 0 if none is."""
        mixed = 0.0
        for k in range(seats.size):
            seat = seats[k]
            if turn > 0:
                update(memories[k], turn - 1, own[seat], other[seat], known)
            probability[seat] = cooperation(memories[k], turn, known)
            if 0.0 < probability[seat] < 1.0:
                mixed = probability[seat]
        return mixed

    return advance


def _notice_plain_python(strategies: Sequence[Strategy], stacklevel: int) -> None:
    plain: list[Any] = [
        strategy.name
        for strategy in strategies
        if isinstance(strategy.rule, Functions) and not strategy.rule.compiles
    ]
    if plain:
        warnings.warn(
            f"strategies in plain Python run uncompiled, some hundred times slower: {', '.join(plain)}",
            stacklevel=stacklevel + 1,
        )
