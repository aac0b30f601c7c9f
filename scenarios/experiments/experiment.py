"""The scenario that a file describes: its conditions are the cells, and all else is the frame's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

import xarray as xr

from scenarios.experiments.listing import settings_of_world
from scenarios.experiments.measures import judged, measured, with_verdicts
from scenarios.experiments.reading import Experiment, document_of, experiment_of, with_texts
from scenarios.experiments.report import report_on
from scenarios.experiments.variants import Document
from scenarios.frame.scenario import Measured, RunParameters, Scenario
from scenarios.frame.settings import Setting
from scenarios.frame.source import source_of_file
from simulation import world
from theory.checks import known_name

# Dimensions of what is recorded step by step.
_STEPS = {"episode", "step", "round", "turn"}


class Cell(NamedTuple):
    """A condition, and the name of its group in the stored file."""

    condition: str
    stored: str


@dataclass(frozen=True, kw_only=True)
class ExperimentParameters(RunParameters):
    """What a file says, with what was set since."""

    document: Document = field(default_factory=dict)
    """But for `runs` and `seed`."""

    def settings(self) -> list[Setting]:
        """Return what can be set: of every file, and of its world."""
        every = [
            Setting("runs", "whole number", self.runs, "Independent runs of each condition, at least 1."),
            Setting("seed", "whole number", self.seed, "A whole number of at least 0."),
            Setting(
                "record", "name, whole number or names", self.document.get("record", "summary"),
                'What is kept of each run: "summary", "all" steps, every k-th, or a list of variables.',
            ),
        ]  # fmt: skip
        of_world = settings_of_world(self.document["world"])
        return every + [replace(one, value=_said(self.document, one.path, one.value)) for one in of_world]

    def with_texts(self, given: Iterable[str]) -> Self:
        """Return what the file would say with values set by texts `path=value`."""
        start = self.document | {"runs": self.runs, "seed": self.seed}
        document = with_texts(start, given)
        return replace(self, document=_without_runs(document), runs=document["runs"], seed=document["seed"])


def _without_runs(document: Document) -> Document:
    return {key: value for key, value in document.items() if key not in ("runs", "seed")}


def _said(document: Document, path: str, usual: Any) -> Any:
    value: Any = document
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return usual
        value = value[key]
    return value


class _File:
    """A file whose experiment is read once for each document that is made of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[Document, Experiment] | None = None

    def experiment(self, parameters: ExperimentParameters) -> Experiment:
        document = parameters.document | {"runs": parameters.runs, "seed": parameters.seed}
        if self._read is None or self._read[0] != document:
            self._read = document, experiment_of(document, self._path)
        return self._read[1]

    def cells(self, parameters: ExperimentParameters) -> Sequence[Cell]:
        stored: list[str] = []
        cells = []
        for name in self.experiment(parameters).variants:
            group = _group_of(name)
            stored.append(group if group not in stored else f"{group} ({len(stored) + 1})")
            cells.append(Cell(name, stored[-1]))
        return cells

    def build(self, parameters: ExperimentParameters, cell: Cell) -> Any:
        return self.experiment(parameters).variants[cell.condition]

    def play(self, parameters: ExperimentParameters, cell: Cell) -> Measured:
        heading = self.experiment(parameters).heading
        of_world, values = world(heading.world), self.build(parameters, cell)
        data = of_world.play(values, runs=heading.runs, seed=heading.seed, workers=None, record=heading.steps)
        unknown = [name for name in heading.variables if name not in data.data_vars]
        if unknown:
            known_name("variable to record", unknown[0], tuple(str(name) for name in data.data_vars))
        where = {"condition": cell.condition}
        verdicts = judged(of_world, values, data)
        return Measured(
            data=with_verdicts(_kept(data, heading.variables), verdicts),
            cells=[where | entry for entry in measured(of_world, values, data)],
            verdicts=[where | entry for entry in verdicts.counted],
        )


def _kept(data: xr.Dataset, variables: tuple[str, ...]) -> xr.Dataset:
    """Return a dataset without what was recorded step by step, but for the chosen variables, if some were chosen."""
    if not variables:
        return data
    by_step = [name for name, values in data.data_vars.items() if _STEPS & set(values.dims)]
    return data.drop_vars([name for name in by_step if name not in variables])


def _group_of(name: str) -> str:
    """Return a condition's name as that of a group: no path, and what every reader of NetCDF takes."""
    return re.sub(r"[^\w .,=+()-]", "-", name, flags=re.ASCII).strip(" .") or "runs"


def scenario_of_file(path: Path) -> Scenario[ExperimentParameters, Cell, Measured]:
    """Return the scenario that a file describes.

    Raises
    ------
    ValueError
        If there is no such file, or something is wrong with it.
    """
    text, document = document_of(path)
    file = _File(path)
    heading = experiment_of(document, path).heading

    @dataclass(frozen=True, kw_only=True)
    class Parameters(ExperimentParameters):
        runs: int = heading.runs
        seed: int = heading.seed
        document: Document = field(default_factory=lambda: _without_runs(document))

    name = re.sub(r"[^A-Za-z0-9._-]", "-", path.stem).strip("._-")[:100] or "experiment"
    return Scenario(
        name=name,
        Parameters=Parameters,
        cells=file.cells,
        build=file.build,
        play=file.play,
        report=lambda parameters, done: report_on(name, file.experiment(parameters), done),
        group=lambda cell: cell.stored,
        about=heading.title,
        source=source_of_file(path, text),
    )
