"""Playing independent runs of any law: draws from outside, one record, threads over runs.

A **law** is one step of one run, written in scalar loops and marked `@rule`, which allocates nothing:

    law(state, draws, step, constants, room, record) -> None

- `state`: a named tuple of arrays (or of named tuples of arrays), all that a run carries from step to step, of any
  types. Sums over the steps from a burn-in on are a part of the state to which the law adds `if step >= constants.
  burn_in`, and so is what must be known of the last step after the run.
- `draws[k]`: uniform on [0, 1), as many as `Process.draws` says; arrays of several axes are laid out in their order.
- `step`: counted from 0 over the whole run.
- `constants`: a named tuple of what stays fixed: arrays, numbers, further named tuples.
- `room`: a named tuple of arrays for intermediate results; the law must not read what an earlier step left there.
- `record`: a named tuple of arrays (or of such), what happened in the step, written anew by the law. Those that
  `Process.recorded` names are kept, with their own types: whole numbers may be `int8`, one number is an array `[1]`.

A `Process` says all that the driver must know; `play_runs` plays it in a batch and `simulation.engine.model` in a
model of Mesa, both by the one `compiled_loop`, so that the two are the same bit for bit:

    process = Process(
        law=duel_step, unit="round", steps=rounds, draws=8, constants=constants,
        start=start, room=new_room, record=new_duel_round,
        recorded={"action": ("player",), "payoff": ("player",)},
        watched=lambda state: (state.first.table, state.second.table), tell=divergence,
    )
    played = play_runs(process, runs=runs, seed=seed, every=every, workers=workers)
    data = played.dataset({"mean_payoff": (("run", "player"), played.states.payoffs / counted)}, {"player": [1, 2]})
    return with_provenance(data, law=duel_round, seed=seed, ...)

Run i depends on (process, seed, i) alone: it takes `start(generator)` and then all draws from the generator of run i.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from simulation.engine.compilation import UNTRANSLATABLE, compiled, line_beyond_numba, rule
from simulation.engine.layout import Layout, Words, copied, each, leaves
from simulation.engine.randomness import run_generator, whole_number
from simulation.engine.sizes import refuse_beyond_memory
from simulation.engine.workers import Check, blocks, in_threads
from theory.checks import FloatArray

Record = Literal["all", "summary"] | int

Law = Callable[[Any, FloatArray, int, Any, Any, Any], None]

# What is seen of a step before the law is applied.
Observe = Callable[[Any, int, Any, Any, Any], None]

# Runs of one chunk share their arrays of draws and records; results depend on neither number.
CHUNK = 64
CHUNK_DRAWS = 512_000


@rule
def observe_nothing(state: Any, step: int, constants: Any, room: Any, record: Any) -> None:
    """Write nothing: all that is recorded is written by the law."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Process:
    """A law and what it works on.

    Functions and constants should be such that they can be pickled (functions of a module, methods, `partial`),
    since a model of Mesa keeps the process.
    """

    law: Law
    unit: str
    """What a step is called in errors and datasets: "episode", "round", "step"."""
    steps: int
    """At least 1."""
    draws: int | Callable[[Any], int]
    """How many draws a step takes; or a function of the state at the start, whose runs are then played one by one."""
    constants: Any
    start: Callable[[np.random.Generator], Any]
    """Returns the state before the first step. It may return the same object again and again, which is copied."""
    room: Callable[[], Any]
    record: Callable[[], Any]
    recorded: Mapping[str, tuple[str, ...]]
    """Of each array of the record that is kept: the names of its axes, none for an array `[1]`."""
    watched: Callable[[Any], Sequence[NDArray[Any]]]
    """Returns what must stay finite of a state; called with the states of many runs, too, runs first."""
    tell: Callable[[Any, Any, Any], str]
    """`tell(state, record, before)` says what a diverged run has come to; `before` is the state before the step, None
    where nobody has kept it."""
    wrong: Callable[[Any], str] | None = None
    """Which rule gave what cannot be and so left a number that is not finite in the state, and what it gave; empty if
    none has: the run has diverged then."""
    observe: Observe = observe_nothing
    """Called before the law in steps that are recorded: what is dear to compute and not needed by the law. A rule."""
    finish: Callable[[Any, Any, Any], Any] | None = None
    """`finish(state, room, record)` is called after the last step of a run, and `Played.ends` has what it returns."""
    ends_only: bool = False
    """Whether that alone is kept of a run, and not its last state, which may be large."""
    effort: int = 0
    """Work of a step, in draws, of a law that does much more than to look at its draws."""
    state_bytes: int = 0
    """Bytes of a state, where it may be too large to be tried; 0: what `start` returns is looked at."""
    compile_law: bool = True
    """False runs law and driver as plain Python."""
    fault: Callable[[Any], str] | None = None
    """Of a law of the user's own: which rule a record violates, empty if none. It is looked at in each step."""

    made_by: tuple[Callable[..., Process], tuple[Any, ...]] | None = None
    """A function and its arguments that make the same process anew, for a law that cannot be pickled."""

    def __reduce__(self) -> Any:
        return super().__reduce__() if self.made_by is None else self.made_by

    def draws_of(self, state: Any) -> int:
        """Return how many draws the next step takes."""
        return self.draws(state) if callable(self.draws) else self.draws

    def drive(self, run: str) -> Callable[..., None]:
        """Return the loop over the law; `run` is what errors call the run, where the law is watched."""
        if self.compile_law:
            return compiled_loop(self.law, self.observe)
        law = self.law if self.fault is None else _watched(self, run)
        return _loop(law, self.observe)

    def diverged(self, state: Any) -> bool:
        """Return whether a number of a state (or of many) has left the finite."""
        # Looking for a 0 among the bytes takes a fifth of the time of `all()`, and models look after each step.
        return any(0 in np.isfinite(part).tobytes() for part in self.watched(state))

    def ended(self, run: str, step: int, state: Any, record: Any, before: Any = None) -> str:
        """Return why a run cannot go on after a step in which a number has left the finite."""
        wrong = self.wrong(state) if self.wrong else ""
        if wrong:
            return f"{run}, {self.unit} {step}: {wrong}"
        return f"{run} diverged in {self.unit} {step}: {self.tell(state, record, before)}"


def recording_interval(record: Record, unit: str = "episode") -> int:
    """Return every how many steps one is recorded; 0 stands for none."""
    if isinstance(record, str):
        if record not in ("all", "summary"):
            raise ValueError(f"record must be 'all', 'summary' or every how many {unit}s, got {record!r}")
        return 1 if record == "all" else 0
    return whole_number("record", record, at_least=1)


@cache
def compiled_loop(law: Law, observe: Observe = observe_nothing) -> Callable[..., None]:
    """Return the compiled loop over a law."""
    return compiled(_loop(law, observe))


def _loop(law: Law, observe: Observe) -> Callable[..., None]:
    def drive(
        state: Any,
        words: Words,
        states: Words,
        draws: FloatArray,
        first: int,
        constants: Any,
        room: Any,
        record: Any,
        written: Words,
        every: int,
        rows: Words,
    ) -> None:
        """Apply the law to `draws[runs, steps, k]`, which begin with step `first`.

        `state` is a view on `words`, and `states[runs, size]` are what all runs carry; with no words, `state` is
        that of a single run itself. What is recorded of `record` is a view on `written`, and each `every`-th goes to
        `rows[runs, recorded, size]`.
        """
        begun = -(-first // every) if every > 0 else 0
        for run in range(draws.shape[0]):
            for w in range(words.shape[0]):
                words[w] = states[run, w]
            for k in range(draws.shape[1]):
                step = first + k
                recorded = every > 0 and step % every == 0
                if recorded:
                    observe(state, step, constants, room, record)
                law(state, draws[run, k], step, constants, room, record)
                if recorded:
                    row = step // every - begun
                    for w in range(written.shape[0]):
                        rows[run, row, w] = written[w]
            for w in range(words.shape[0]):
                states[run, w] = words[w]

    return drive


# Without words, rows and steps that are recorded, the driver works on the state and the record that it is given.
_NO_WORDS = np.zeros(0, np.uint64)
_NO_STATES = np.zeros((1, 0), np.uint64)
_NO_ROWS = np.zeros((1, 0, 0), np.uint64)


def take_step(
    process: Process,
    state: Any,
    draws: FloatArray,
    step: int,
    room: Any,
    record: Any,
    *,
    run: str = "the run",
) -> None:
    """Apply the law once, `state` and `record` are updated; `draws[k]`, or `draws[steps, k]` for several steps.

    Raises
    ------
    ValueError
        If a number has left the finite after these steps, or a law of the user's own writes what cannot be.
    """
    try:
        process.drive(run)(
            state, _NO_WORDS, _NO_STATES, draws.reshape(1, -1, draws.shape[-1]), step, process.constants, room,
            record, _NO_WORDS, 0, _NO_ROWS,
        )  # fmt: skip
    except IndexError as error:
        raise ValueError(_beyond(error)) from error
    if process.diverged(state):
        raise ValueError(process.ended(run, step, state, record))


@contextmanager
def indices_told() -> Iterator[None]:
    """Raise ValueError where a rule looks for a number where there is none; rules of users look at each index."""
    try:
        yield
    except IndexError as error:
        raise ValueError(_beyond(error)) from error


def _beyond(error: IndexError) -> str:
    return (
        "a rule of your own looks beyond the numbers that there are: all that it remembers must be declared "
        f"(`memory`, `Memory`), and is read by place, counted from 0 in the order of declaration; {error}"
    )


def fault_of(process: Process) -> str:
    """Return why the law of a process cannot be compiled, empty if it can; it is compiled for no run at all."""
    state = copied(process.start(run_generator(0)))
    draws = np.empty((0, 1, process.draws_of(state)))
    try:
        compiled_loop(process.law, process.observe)(
            state, _NO_WORDS, _NO_STATES, draws, 0, process.constants, process.room(), process.record(), _NO_WORDS, 0,
            _NO_ROWS,
        )  # fmt: skip
    # What a law reaches must be named and be constant, which is a ValueError; what numba cannot translate is its own.
    except ValueError as error:
        return str(error)
    except UNTRANSLATABLE as error:
        return line_beyond_numba(str(error))
    return ""


def _watched(process: Process, run: str) -> Law:
    """Return the law of a process, which raises ValueError with the step in which it writes what cannot be."""
    assert process.fault is not None
    law, fault = process.law, process.fault

    def watched(state: Any, draws: FloatArray, step: int, constants: Any, room: Any, record: Any) -> None:
        before = copied(state)
        try:
            with np.errstate(all="ignore"):
                law(state, draws, step, constants, room, record)
        except ArithmeticError as error:
            said = process.ended(run, step, state, record, before)
            raise ValueError(f"{said}; {type(error).__name__}: {error}") from error
        if process.diverged(state):
            raise ValueError(process.ended(run, step, state, record, before))
        wrong = fault(record)
        if wrong:
            raise ValueError(f"{run}, {process.unit} {step}: {wrong}")

    return watched


class _Played(NamedTuple):
    """What the runs of one chunk leave."""

    states: Any
    """Runs first; None where ends alone are kept."""
    end: Any
    kept: list[Any]


@dataclass(frozen=True, eq=False)
class Played:
    """What runs leave.

    Attributes
    ----------
    states
        The states after the last step, runs first; None where ends alone are kept.
    recorded
        By name, `[runs, recorded steps, ...]`; `[runs, recorded steps]` of what has no axes. Empty if nothing is.
    ends
        What `Process.finish` returned of each run.
    kept
        Of each run what was kept at the moments, in their order.
    """

    process: Process
    every: int
    states: Any
    recorded: dict[str, NDArray[Any]]
    ends: list[Any]
    kept: list[list[Any]]

    def thinned(self, every: int) -> Played:
        """Return the same with each `every`-th step alone (0: none), where all were recorded."""
        if every == self.every:
            return self
        recorded = (
            {name: values[:, ::every].copy() for name, values in self.recorded.items()} if every else {}
        )
        return replace(self, every=every, recorded=recorded)

    def dataset(self, data: Mapping[str, Any], coordinates: Mapping[str, Any]) -> xr.Dataset:
        """Return what was recorded and further variables, given as xarray takes them, as a dataset.

        A variable in `data` takes the place of a recorded one of its name.
        """
        unit = self.process.unit
        runs = len(self.ends) or len(next(iter(leaves(self.states)))[1])
        along = {"run": np.arange(runs), **coordinates}
        variables = dict(data)
        if self.every:
            along[unit] = np.arange(0, self.process.steps, self.every)
            for name, values in self.recorded.items():
                variables.setdefault(name, (("run", unit, *self.process.recorded[name]), values))
        return xr.Dataset(variables, along)


def play_runs(
    process: Process,
    *,
    runs: int,
    seed: int,
    every: int,
    workers: int,
    moments: Sequence[int] = (),
    keep: Callable[[Any], Any] = copied,
    check: Check | None = None,
    what: str = "",
    lower: str = "runs",
    beside: int = 0,
) -> Played:
    """Play independent runs.

    Parameters
    ----------
    process
        Of each run.
    runs, workers
        At least 1.
    seed
        At least 0.
    every
        Each `every`-th step is recorded (`recording_interval`); 0: none.
    moments
        After how many steps `keep(state)` is kept; the state itself must not be, since it changes.
    check
        Called between blocks: it raises if all is to end, as a part of something else.
    what, lower, beside
        For the error about memory: what the runs are of (" of 10 players"), which arguments make it less, and how
        many bytes a run takes besides states and records.

    Raises
    ------
    ValueError
        If what is kept does not fit into memory, a run diverges (with the step in which a number left the finite),
        or a law of the user's own writes what cannot be.
    """
    batch = _Batch(
        process, runs, seed, every, sorted({0, *moments, process.steps}), tuple(moments), keep, check
    )
    batch.refuse_beyond_memory(what, lower, beside)
    batch.make_room()
    size = batch.runs_of_a_chunk()
    chunks = [range(first, min(first + size, runs)) for first in range(0, runs, size)]
    # Plain Python gains nothing by threads, and a law of the user's own need not be made for them.
    with indices_told():
        parts = in_threads(batch.play, chunks, workers if process.compile_law else 1)
    states = [part.states for part in parts]
    return Played(
        process,
        every,
        states[0] if len(states) == 1 or process.ends_only else each(_joined, *states),
        batch.recorded,
        [part.end for part in parts] if process.finish else [],
        [part.kept for part in parts] if moments else [],
    )


def _alone(array: NDArray[Any]) -> NDArray[Any]:
    return array[None]


def _joined(*arrays: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate(arrays)


class _Batch:
    """Plays chunks of runs, whose records go to common arrays."""

    def __init__(
        self,
        process: Process,
        runs: int,
        seed: int,
        every: int,
        stops: list[int],
        moments: tuple[int, ...],
        keep: Callable[[Any], Any],
        check: Check | None,
    ) -> None:
        self.process = process
        self.runs = runs
        self.seed = seed
        self.every = every
        self.stops = stops
        self.moments = moments
        self.keep = keep
        self.check = check
        self.rows = -(-process.steps // every) if every else 0
        self._of_first = run_generator(seed)
        self._first_is_waiting = True
        self.recorded: dict[str, NDArray[Any]] = {}

    @cached_property
    def start(self) -> Any:
        """The state of the first run before its first step."""
        return self.process.start(self._of_first)

    @cached_property
    def layout(self) -> Layout:
        """The layout of states."""
        return Layout(self.start)

    @cached_property
    def record(self) -> Layout:
        """The layout of records, where they are kept."""
        return Layout(self.process.record(), self.process.recorded)

    def refuse_beyond_memory(self, what: str, lower: str, beside: int) -> None:
        slots = [self.record.by_name[name] for name in self.process.recorded] if self.every else []
        row = sum(slot.nbytes for slot in slots)
        unit, state = self.process.unit, 0
        if not self.process.ends_only:
            state = self.process.state_bytes or sum(array.nbytes for _, array in leaves(self.start))
        refuse_beyond_memory(
            f"{self.runs} runs of {self.rows} recorded {unit}s{what}",
            # Of the states there are the parts and the whole.
            self.runs * (2 * state + self.rows * row + beside),
            lower=f"{lower}, or record fewer {unit}s",
        )

    def make_room(self) -> None:
        """Make the arrays of what is recorded, and draw the first start before threads need it."""
        self.start  # noqa: B018
        for name, axes in self.process.recorded.items() if self.every else ():
            slot = self.record.by_name[name]
            shape = slot.shape if axes else ()
            self.recorded[name] = np.zeros((self.runs, self.rows, *shape), slot.dtype)

    def runs_of_a_chunk(self) -> int:
        process = self.process
        # What is seen of a single run alone: its moments, its end, its number of draws, its name in errors.
        if self.moments or process.finish or callable(process.draws) or process.fault:
            return 1
        work = max(process.draws_of(self.start), process.effort, 1)
        return max(1, min(CHUNK, CHUNK_DRAWS // (process.steps * work)))

    def play(self, numbers: range, stop: Check, *, singly: bool = False) -> _Played:
        """Play the runs of some numbers; `singly` looks at each step, to tell in which one it cannot go on."""
        process = self.process
        begun = [self._begin(run) for run in numbers]
        generators = [generator for generator, _ in begun]
        state, words, states = self._states([start for _, start in begun])
        of_all = state if len(numbers) == 1 else self.layout.views(states)
        record, written, room = *self._record(), process.room()
        drive, width = process.drive(f"run {numbers[0]}"), process.draws_of(state)
        # A record that is written is work, too.
        work = max(width, process.effort, -(-len(written) // self.every) if self.every else 0, 1)
        kept = {}
        for begin, end in zip(self.stops, [*self.stops[1:], process.steps], strict=True):
            if begin in self.moments:
                kept[begin] = self.keep(state)
            for first, length in blocks(
                end - begin, work * len(numbers), stop, compiled=process.compile_law, singly=singly
            ):
                if self.check is not None:
                    self.check()
                first += begin
                before = copied(state) if singly else None
                draws = np.empty((len(numbers), length, width))
                for of_run, generator in zip(draws, generators, strict=True):
                    generator.random(out=of_run)
                rows = self._rows(len(numbers), first, length)
                drive(
                    state, words, states, draws, first, process.constants, room, record, written, self.every, rows
                )  # fmt: skip
                if process.diverged(of_all):
                    if singly:
                        raise ValueError(process.ended(f"run {numbers[0]}", first, state, record, before))
                    self._tell_divergence(numbers, of_all, stop)
                self._keep_records(numbers, first, rows)
        end_of_run = process.finish(state, room, record) if process.finish else None
        after = None
        if not process.ends_only:
            # One run has left its state, several have left views on what they carry.
            after = each(_alone, state) if len(numbers) == 1 else each(np.ascontiguousarray, of_all)
        return _Played(after, end_of_run, [kept[moment] for moment in self.moments])

    def _begin(self, run: int) -> tuple[np.random.Generator, Any]:
        """Return the generator of a run, and the state before its first step."""
        if run == 0 and self._first_is_waiting:  # it has been drawn, to see how large states are
            start, self._first_is_waiting = self.start, False
            return self._of_first, start
        generator = run_generator(self.seed, run)
        return generator, self.process.start(generator)

    def _states(self, starts: list[Any]) -> tuple[Any, Words, Words]:
        """Return the state that the law works on; of several runs also its words, and those that each run carries."""
        if len(starts) == 1:
            return copied(starts[0]), _NO_WORDS, _NO_STATES
        words = self.layout.empty()
        state = self.layout.views(words)
        states = np.empty((len(starts), self.layout.size), np.uint64)
        written_last: Any = None
        for row, start in enumerate(starts):
            if start is not written_last:
                for (_, to), (_, array) in zip(leaves(state), leaves(start), strict=True):
                    to[...] = array
            states[row], written_last = words, start
        return state, words, states

    def _record(self) -> tuple[Any, Words]:
        """Return what the law writes of a step, and the words of what is kept of it."""
        if not self.every:
            return self.process.record(), _NO_WORDS
        written = self.record.empty()
        return self.record.views(written), written[: self.record.front]

    def _rows(self, runs: int, first: int, length: int) -> Words:
        """Return room for what is recorded of the steps of a block."""
        if not self.every:
            return _NO_ROWS
        begun, ended = -(-first // self.every), -(-(first + length) // self.every)
        return np.empty((runs, ended - begun, self.record.front), np.uint64)

    def _keep_records(self, numbers: range, first: int, rows: Words) -> None:
        if not rows.shape[1]:
            return
        begun = -(-first // self.every)
        for name, kept in self.recorded.items():
            to = kept[numbers.start : numbers.stop, begun : begun + rows.shape[1]]
            self.record.by_name[name].fill(to, rows)

    def _tell_divergence(self, numbers: range, of_all: Any, stop: Check) -> None:
        """Raise ValueError for the first run that diverged: it is repeated, looking at every step."""
        run = numbers[0]
        if len(numbers) > 1:
            diverged = (self.process.diverged(each(itemgetter(row), of_all)) for row in range(len(numbers)))
            run = next(number for number, has in zip(numbers, diverged, strict=True) if has)
        self.play(range(run, run + 1), stop, singly=True)
        raise AssertionError(f"run {run} diverged and did not when it was repeated")
