"""The one shape of every scenario.

A scenario is a module with a frozen dataclass `Parameters` (the paper's values as defaults; `runs`, `seed`
and a method `quick()`) and a function `run(parameters, progress) -> Result`. What the command line prints,
the JSON, the pictures and the stored data all come from the `Result`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from theory.checks import seed_number, whole_number

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True)
class RunParameters:
    """What the parameters of every scenario begin with; a scenario adds its own and checks them."""

    least_runs: ClassVar[int] = 1
    quick_runs: ClassVar[int] = 2
    """Runs of a short look."""

    runs: int = 10
    seed: int = 0
    """Run i depends on the parameters, the seed and i alone."""

    def __post_init__(self) -> None:
        whole_number("runs", self.runs, at_least=self.least_runs)
        seed_number("seed", self.seed)

    def quick(self) -> Self:
        """Return the parameters of a short look."""
        return replace(self, runs=min(self.runs, self.quick_runs))


Entry = str | tuple[str, ...]
"""Of a table: a text in one line, or lines below each other. A line's end inside a text is spelled out."""


@dataclass(frozen=True)
class Table:
    """A table for the terminal and the docs."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Entry]]
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture that is drawn when it is stored."""

    name: str
    draw: Callable[[], Figure]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a scenario found."""

    scenario: str
    parameters: dict[str, Any]
    seconds: float
    complete: bool
    """False if the run was interrupted: what was finished by then is here."""
    cells: Sequence[dict[str, Any]]
    """Measured quantities, one dictionary each."""
    verdicts: Sequence[dict[str, Any]]
    """What game theory says of the runs' outcomes, counted by label."""
    finding: str
    """The result in words."""
    tables: Sequence[Table]
    pictures: Sequence[Picture]
    data: xr.DataTree

    def to_dict(self) -> dict[str, Any]:
        """Return the result without tables, pictures and data, ready for JSON."""
        names = ("scenario", "parameters", "seconds", "complete", "cells", "verdicts", "finding")
        return {name: getattr(self, name) for name in names}


class Progress(Protocol):
    """Tells a person how far a run is."""

    def __call__(self, steps: Iterable[Any], *, total: int) -> Iterable[Any]:
        """Pass the steps on, one tick each."""


def silent(steps: Iterable[Any], *, total: int) -> Iterable[Any]:
    """Pass the steps on without a word."""
    return steps


class ScenarioModule(Protocol):
    """What a scenario's module offers."""

    Parameters: Any

    def run(self, parameters: Any, progress: Progress = silent) -> Result:
        """Run the scenario."""
