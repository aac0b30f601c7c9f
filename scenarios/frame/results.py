"""What a scenario gives: tables, pictures, measured quantities, verdicts and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scenarios.frame.source import Source, named
from theory.tables import Entry as Entry
from theory.tables import Table as Table

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A picture that is drawn when it is stored."""

    name: str
    draw: Callable[[], Figure]


def no_pictures() -> Sequence[Picture]:
    """Return that there is nothing to draw."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a scenario found."""

    scenario: str
    parameters: dict[str, Any]
    seconds: float
    complete: bool
    """False if cells are missing, by an interrupt or because they failed: what was finished is here."""
    interrupted: bool = False
    failures: Mapping[str, Exception] = field(default_factory=dict)
    """What cells failed with, by the name of their group."""
    cells: Sequence[dict[str, Any]]
    """Measured quantities, one dictionary each; `scenarios.frame.keys` says what a key means."""
    verdicts: Sequence[dict[str, Any]]
    """What game theory says of the runs' outcomes, counted by label."""
    finding: str
    """The result in words."""
    tables: Sequence[Table]
    make_pictures: Callable[[], Sequence[Picture]] = no_pictures
    """Called after everything else is stored: whatever goes wrong with plotting loses nothing."""
    data: xr.DataTree
    source: Source = field(default_factory=dict)
    """Where the scenario is from, if it is none of the project's."""

    @property
    def pictures(self) -> Sequence[Picture]:
        """The pictures of the result, not yet drawn."""
        return self.make_pictures()

    def to_dict(self) -> dict[str, Any]:
        """Return the result without tables, pictures and data, ready for JSON."""
        names = ("scenario", "parameters", "seconds", "complete", "cells", "verdicts", "finding")
        plain = {name: getattr(self, name) for name in names}
        if self.source:
            plain["source"] = named(self.source)
        if self.failures:
            plain["failures"] = errors_in_words(self.failures)
        return plain


def in_words(error: Exception) -> str:
    """Return what an error says; errors that are no rule of ours are named by their kind."""
    text = " ".join(str(error).split())
    return text if isinstance(error, ValueError) and text else f"{type(error).__name__}: {text}"


def errors_in_words(failures: Mapping[str, Exception]) -> dict[str, str]:
    """Return what each cell failed with."""
    return {cell: in_words(error) for cell, error in failures.items()}


def failures_in_words(failures: Mapping[str, Exception]) -> list[str]:
    """Return what cells failed with, a line each; those that failed alike share one."""
    alike: dict[str, list[str]] = {}
    for cell, words in errors_in_words(failures).items():
        alike.setdefault(words, []).append(cell)
    return [
        f"{'cell' if len(cells) == 1 else 'cells'} {', '.join(cells)} failed: {words}"
        for words, cells in alike.items()
    ]
