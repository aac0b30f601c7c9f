"""The one shape of every scenario: cells that are played one after the other, then one report on what is done.

How a scenario is written, in a module of its own that ends in `SCENARIO = Scenario(...)`:

1. `Parameters(RunParameters)`, a frozen dataclass with the paper's values as defaults, which checks what it gets;
   `runs`, `seed` and `quick()` come with `RunParameters`. Every field can be set from the shell (`--set path=value`).
2. `Cell(NamedTuple)` (or a frozen dataclass): what is varied, with a name and a type for each part. Code asks a cell
   for `cell.game`; nobody splits labels. `cells(parameters)` lists what is to be played, in order.
3. `build(parameters, cell)`, often a method of the parameters: the parameters of the cell's simulation. It is called
   for all cells before the first is played, so that a value which any cell refuses is refused at once.
4. `play(parameters, cell)`: the simulation, an `xarray.Dataset`. It is stored as soon as it is finished, in the
   group that `group(cell)` names. Where records are too large to keep for all cells, `play` measures and judges them
   itself and returns `Measured(data, cells, verdicts)` with what is to be stored of the data, or none. A run that is
   resumed gets cells back as they were stored: a report needs nothing else.
5. `report(parameters, done)`: what the finished cells show. Measured quantities and verdicts are dictionaries
   (`scenarios.frame.keys` explains common keys, `keys=` the scenario's own); the finding is in words; a function
   lists the pictures, and it alone imports `scenarios.pictures`. Tables are `scenarios.frame.results.Table`, their
   entries text; pictures are `Picture(name, draw)`. Any cells may be missing, because they failed or an interrupt
   came: at least one is there, but not necessarily the first.
6. `play_from(parameters, cell, kept)`, only where a cell takes minutes: the same as `play`, which keeps in the folder
   `kept` how far it is, goes on from there, and removes the folder when it is done.
7. `tree(parameters, done)`, only where the groups of the stored file are not one for each cell.

`Scenario.run` is the only loop. A cell that fails leaves the others standing; an interrupt keeps what is finished;
cells that an earlier run finished are handed to it and not played again. Where a report fails, the command
`commonweal run` stores the finished cells without one.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, Self, TypeVar

from scenarios.frame.results import Picture, Result, Table, no_pictures
from scenarios.frame.source import OURS, Source, named
from theory.checks import seed_number, shown, whole_number

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, kw_only=True)
class RunParameters:
    """What the parameters of every scenario begin with; a scenario adds its own and checks them."""

    least_runs: ClassVar[int] = 1
    quick_runs: ClassVar[int] = 2
    """Runs of a short look."""

    runs: int = 10
    """Independent runs of each cell."""
    seed: int = 0
    """A whole number of at least 0. Run i depends on the parameters, the seed and i alone."""

    def __post_init__(self) -> None:
        whole_number("runs", self.runs, at_least=self.least_runs)
        seed_number("seed", self.seed)
        for one in fields(self):
            value = getattr(self, one.name)
            # A text would be taken letter by letter.
            if isinstance(one.default, tuple) and not isinstance(value, tuple):
                raise ValueError(f"{one.name} must be a tuple, such as {one.default!r}, got {shown(value)}")

    def quick(self) -> Self:
        """Return the parameters of a short look."""
        return replace(self, runs=min(self.runs, self.quick_runs))


class Progress(Protocol):
    """Tells a person how far a run is."""

    def __call__(self, steps: Iterable[Any], *, total: int) -> Iterable[Any]:
        """Pass the steps on, one tick each."""


def silent(steps: Iterable[Any], *, total: int) -> Iterable[Any]:
    """Pass the steps on without a word."""
    return steps


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A cell whose records are too large to keep: what is stored of them, what was measured and judged at once."""

    data: xr.Dataset | None = None
    cells: Sequence[dict[str, Any]] = ()
    verdicts: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a scenario says of the cells that are done; the fields are those of `Result`."""

    cells: Sequence[dict[str, Any]]
    verdicts: Sequence[dict[str, Any]]
    finding: str
    tables: Sequence[Table]
    make_pictures: Callable[[], Sequence[Picture]] = no_pictures


class Keep(Protocol):
    """Stores a cell as soon as it is finished."""

    def __call__(self, group: str, played: xr.Dataset | Measured) -> None:
        """Store what was played under the name of its group."""


def keep_nothing(group: str, played: xr.Dataset | Measured) -> None:
    """Store nothing."""


class Fail(Protocol):
    """Notes what a cell failed with."""

    def __call__(self, group: str, error: Exception) -> None:
        """Note it under the name of the cell's group."""


def note_nothing(group: str, error: Exception) -> None:
    """Note nothing: the result says it."""


def nothing_came() -> None:
    """Say that no interrupt came."""


# A name is a part of a folder's.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


def check_name(name: Any) -> None:
    """Raise ValueError if a scenario cannot be called so."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            "the name of a scenario must be of letters, digits, '.', '_' and '-', at most 100, and begin with a "
            f"letter or a digit, got {shown(name)}"
        )


def group_of(cell: Hashable) -> str:
    """Return the name of a cell's group in the stored file: its parts, one below the other."""
    parts = astuple(cell) if is_dataclass(cell) and not isinstance(cell, type) else cell
    if isinstance(parts, str) or not isinstance(parts, Iterable):
        parts = (parts,)
    return "/".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)


ParametersOf = TypeVar("ParametersOf", bound=RunParameters)
CellOf = TypeVar("CellOf", bound=Hashable)
PlayedOf = TypeVar("PlayedOf", bound="xr.Dataset | Measured")


@dataclass(frozen=True, kw_only=True)
class Scenario(Generic[ParametersOf, CellOf, PlayedOf]):
    """A named experiment; the module's text says how one is written."""

    name: str
    Parameters: type[ParametersOf]
    cells: Callable[[ParametersOf], Sequence[CellOf]]
    build: Callable[[ParametersOf, CellOf], object] = lambda parameters, cell: None
    play: Callable[[ParametersOf, CellOf], PlayedOf]
    report: Callable[[ParametersOf, Mapping[CellOf, PlayedOf]], Report]
    group: Callable[[CellOf], str] = group_of
    play_from: Callable[[ParametersOf, CellOf, Path], PlayedOf] | None = None
    tree: Callable[[ParametersOf, Mapping[CellOf, PlayedOf]], Mapping[str, xr.Dataset]] | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys of cells and verdicts that this scenario alone has, each with its meaning."""
    about: str = ""
    """What it asks, in one line; of the project's own the registry says that."""
    source: Source = field(default_factory=dict)
    """Where it is from, if it is none of the project's."""

    def __post_init__(self) -> None:
        check_name(self.name)
        own = vars(self.Parameters)
        if own.get("__annotations__") and "__dataclass_fields__" not in own:
            raise ValueError(
                "Parameters must be marked @dataclass(frozen=True, kw_only=True), got none above "
                f"{self.Parameters.__qualname__}"
            )

    def run(
        self,
        parameters: ParametersOf,
        progress: Progress = silent,
        keep: Keep = keep_nothing,
        check: Callable[[], None] = nothing_came,
        fail: Fail = note_nothing,
        finished: Mapping[str, xr.Dataset | Measured] = MappingProxyType({}),
        at_work: Path | None = None,
    ) -> Result:
        """Play all cells and report on those that are finished.

        Parameters
        ----------
        parameters
            Of the scenario's own kind.
        progress
            Told of each cell.
        keep
            Called with each cell that is finished, before the next is played.
        check
            Called after each cell; raises an interrupt that came and was lost in code that catches everything.
        fail
            Called with each cell that fails, as soon as it does: a report that fails then hides no failure.
        finished
            What an earlier run of the same parameters played, by group: it is not played again, and not kept again.
        at_work
            The folder in which cells of minutes keep how far they are, and from which they go on.

        Raises
        ------
        ValueError
            Before anything is played, if a cell's parameters break a rule.
        KeyboardInterrupt
            If an interrupt came before the first cell was finished; later ones keep what is finished.
        Exception
            What the first cell failed with, if every cell failed; what the report raises.
        """
        started = time.perf_counter()
        groups = self._checked(parameters)
        earlier = {cell: finished[group] for cell, group in groups.items() if group in finished}
        missing = {cell: group for cell, group in groups.items() if cell not in earlier}
        play = self._player(parameters, at_work)
        played, failures, interrupted = self._played(
            play, missing, progress, keep, check, fail, nothing_yet=not earlier
        )
        all_done = {**earlier, **played}
        done: dict[CellOf, Any] = {cell: all_done[cell] for cell in groups if cell in all_done}
        report = self.report(parameters, done)
        if not isinstance(report, Report):
            raise ValueError(f"report must return a Report, got {shown(report)}")
        plain = asdict(parameters)
        return Result(
            scenario=self.name,
            parameters=plain,
            seconds=time.perf_counter() - started,
            complete=len(done) == len(groups),
            interrupted=interrupted,
            failures=failures,
            data=data_tree(self.name, self._tree(parameters, done), plain, self.source),
            source=self.source,
            **vars(report),
        )

    def _checked(self, parameters: ParametersOf) -> dict[CellOf, str]:
        """Return the group of each cell, once the parameters of all have been built."""
        groups = {cell: self.group(cell) for cell in self.cells(parameters)}
        if not groups:
            raise ValueError(f"{self.name} must have at least one cell to play, got none")
        if len(set(groups.values())) < len(groups):
            raise ValueError(f"cells must have different groups, got {list(groups.values())}")
        for cell in groups:
            try:
                self.build(parameters, cell)
            except (AttributeError, LookupError, NameError, TypeError) as error:  # slips of whoever wrote it
                kind = f"{type(error).__name__}: {error}"
                raise ValueError(f"build must make the parameters of {groups[cell]!r}, got {kind}") from error
        return groups

    def _player(self, parameters: ParametersOf, at_work: Path | None) -> Callable[[CellOf, str], PlayedOf]:
        """Return what plays a cell of a group."""
        play_from = self.play_from
        if play_from is None or at_work is None:
            return lambda cell, group: self.play(parameters, cell)
        return lambda cell, group: play_from(parameters, cell, at_work / folder_name(group))

    @staticmethod
    def _played(
        play: Callable[[CellOf, str], PlayedOf],
        groups: Mapping[CellOf, str],
        progress: Progress,
        keep: Keep,
        check: Callable[[], None],
        fail: Fail,
        *,
        nothing_yet: bool,
    ) -> tuple[dict[CellOf, PlayedOf], dict[str, Exception], bool]:
        """Play cells; where none is finished in the end, and there was `nothing_yet`, pass on why."""
        done: dict[CellOf, PlayedOf] = {}
        failures: dict[str, Exception] = {}
        interrupted = False
        steps = progress(list(groups), total=len(groups))
        try:
            for cell in steps:
                try:
                    played = play(cell, groups[cell])
                    if played is None:
                        raise ValueError("play must return a dataset or Measured, got None")
                    keep(groups[cell], played)  # what cannot be kept is no result
                except Exception as error:
                    check()
                    failures[groups[cell]] = error
                    fail(groups[cell], error)
                else:
                    done[cell] = played
                    check()
        except KeyboardInterrupt:
            if nothing_yet and not done:
                raise
            interrupted = True
        finally:
            if hasattr(steps, "close"):
                steps.close()  # a bar that is drawn gives the cursor back
        if nothing_yet and not done:
            raise next(iter(failures.values()))
        return done, failures, interrupted

    def _tree(self, parameters: ParametersOf, done: Mapping[CellOf, PlayedOf]) -> Mapping[str, xr.Dataset]:
        if self.tree is not None:
            return self.tree(parameters, done)
        stored = {self.group(cell): stored_data(played) for cell, played in done.items()}
        return {group: data for group, data in stored.items() if data is not None}


def folder_name(group: str) -> str:
    """Return a name for a group's folder: of its own, short, and of plain letters."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", group)[:60]
    return f"{plain}-{hashlib.sha256(group.encode()).hexdigest()[:8]}"


def stored_data(played: xr.Dataset | Measured) -> xr.Dataset | None:
    """Return what is stored of a cell's data."""
    return played.data if isinstance(played, Measured) else played


def data_tree(
    scenario: str, groups: Mapping[str, xr.Dataset], parameters: Mapping[str, Any], source: Source = OURS
) -> xr.DataTree:
    """Return data as one tree of groups, with the scenario's name, its parameters and where it is from."""
    import xarray as xr

    tree = xr.DataTree.from_dict(dict(groups))
    tree.attrs = {"scenario": scenario, "parameters": json.dumps(dict(parameters))}
    if source:
        tree.attrs["source"] = json.dumps(named(source))
    return tree
