"""The one loop of all scenarios: what it refuses, what it keeps and when, what a failure and an interrupt leave."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
import xarray as xr

from scenarios.frame.scenario import Measured, Report, RunParameters, Scenario, folder_name, group_of


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    factors: tuple[float, ...] = (1.0, 2.0, 3.0)


class Cell(NamedTuple):
    factor: float


@dataclass(frozen=True)
class Place:
    game: str
    noise: float


@pytest.mark.parametrize("factors", ["1,2", 1.0, [1.0]])
def test_what_is_several_is_a_tuple(factors: object) -> None:
    with pytest.raises(ValueError, match=r"factors must be a tuple, such as \(1.0, 2.0, 3.0\), got"):
        Parameters(factors=factors)  # type: ignore[arg-type]


def build(parameters: Parameters, cell: Cell) -> float:
    if cell.factor < 0.0:
        raise ValueError(f"factor must be at least 0, got {cell.factor:g}")
    return cell.factor


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    return Report(
        cells=[cell._asdict() | {"mean": float(data["x"].mean())} for cell, data in done.items()],
        verdicts=[],
        finding=f"{len(done)} cells.",
        tables=[],
    )


class Trial:
    """A scenario that tells what was played, and fails where it is told to."""

    def __init__(self, fail: Mapping[float, BaseException] | None = None, **options: object) -> None:
        self.played: list[float] = []
        self.kept: list[str] = []
        self.fail = dict(fail or {})
        self.scenario = Scenario(
            name="trial",
            Parameters=Parameters,
            cells=lambda parameters: [Cell(factor) for factor in parameters.factors],
            build=build,
            play=self.play,
            report=report,
            **options,  # type: ignore[arg-type]
        )

    def play(self, parameters: Parameters, cell: Cell) -> xr.Dataset:
        self.played.append(cell.factor)
        if cell.factor in self.fail:
            raise self.fail[cell.factor]
        return xr.Dataset({"x": ("run", cell.factor * np.arange(parameters.runs))})

    def keep(self, group: str, played: object) -> None:
        self.kept.append(group)


def test_all_cells_are_built_before_the_first_is_played() -> None:
    trial = Trial()
    with pytest.raises(ValueError, match="factor must be at least 0, got -1"):
        trial.scenario.run(Parameters(factors=(1.0, 2.0, -1.0)))
    assert trial.played == []


def test_each_cell_is_kept_before_the_next_is_played() -> None:
    trial = Trial()
    order = []

    def keep(group: str, played: xr.Dataset) -> None:
        order.append((group, list(trial.played), float(played["x"].max())))

    result = trial.scenario.run(Parameters(runs=3), keep=keep)
    assert order == [("1", [1.0], 2.0), ("2", [1.0, 2.0], 4.0), ("3", [1.0, 2.0, 3.0], 6.0)]
    assert result.complete
    assert result.data.groups == ("/", "/1", "/2", "/3")
    assert result.data.attrs["scenario"] == "trial"


def test_a_cell_that_fails_leaves_the_others_standing() -> None:
    trial = Trial({2.0: RuntimeError("no luck")})
    result = trial.scenario.run(Parameters(), keep=trial.keep)
    assert trial.played == [1.0, 2.0, 3.0]
    assert trial.kept == ["1", "3"]
    assert not result.complete
    assert [cell["factor"] for cell in result.cells] == [1.0, 3.0]
    assert result.to_dict()["failures"] == {"2": "RuntimeError: no luck"}
    assert "failures" not in Trial().scenario.run(Parameters()).to_dict()


def test_where_every_cell_fails_the_first_failure_is_told() -> None:
    trial = Trial({factor: ValueError(f"rule {factor:g}") for factor in (1.0, 2.0, 3.0)})
    with pytest.raises(ValueError, match="rule 1"):
        trial.scenario.run(Parameters())


def test_an_interrupt_keeps_what_is_finished_and_passes_where_nothing_is() -> None:
    trial = Trial({2.0: KeyboardInterrupt()})
    result = trial.scenario.run(Parameters())
    assert trial.played == [1.0, 2.0]
    assert not result.complete
    assert [cell["factor"] for cell in result.cells] == [1.0]
    with pytest.raises(KeyboardInterrupt):
        Trial({1.0: KeyboardInterrupt()}).scenario.run(Parameters())


def test_an_interrupt_after_a_failure_alone_passes_too() -> None:
    with pytest.raises(KeyboardInterrupt):
        Trial({1.0: ValueError("rule"), 2.0: KeyboardInterrupt()}).scenario.run(Parameters())


def test_cells_of_an_earlier_run_are_neither_played_nor_kept_again() -> None:
    whole = Trial().scenario.run(Parameters(runs=3))
    earlier = {"2": xr.Dataset({"x": ("run", 2.0 * np.arange(3))})}
    ticks: list[int] = []

    def progress(steps: Iterator[object], *, total: int) -> Iterator[object]:
        ticks.append(total)
        yield from steps

    trial = Trial()
    result = trial.scenario.run(Parameters(runs=3), progress, trial.keep, finished=earlier)
    assert (trial.played, trial.kept, ticks) == ([1.0, 3.0], ["1", "3"], [2])
    assert result.complete
    assert (result.cells, result.data.groups) == (whole.cells, whole.data.groups)


def test_where_an_earlier_run_finished_cells_there_is_a_report_whatever_comes() -> None:
    earlier = {"2": xr.Dataset({"x": ("run", [0.0, 2.0])})}
    interrupted = Trial({1.0: KeyboardInterrupt()}).scenario.run(Parameters(), finished=earlier)
    assert (interrupted.interrupted, interrupted.complete) == (True, False)
    assert [cell["factor"] for cell in interrupted.cells] == [2.0]
    errors = {factor: ValueError("rule") for factor in (1.0, 3.0)}
    failed = Trial(errors).scenario.run(Parameters(), finished=earlier)
    assert [cell["factor"] for cell in failed.cells] == [2.0]
    assert set(failed.failures) == {"1", "3"}


def test_groups_that_are_no_cell_of_this_run_are_left_out() -> None:
    result = Trial().scenario.run(Parameters(), finished={"7": xr.Dataset({"x": ("run", [7.0])})})
    assert [cell["factor"] for cell in result.cells] == [1.0, 2.0, 3.0]


def test_a_bar_is_closed_whatever_happens() -> None:
    closed = []

    def bar(steps, *, total) -> Iterator[Cell]:
        try:
            yield from steps
        finally:
            closed.append(total)

    Trial({2.0: KeyboardInterrupt()}).scenario.run(Parameters(), bar)
    assert closed == [3]


def test_cells_need_groups_of_their_own() -> None:
    with pytest.raises(ValueError, match="cells must have different groups, got"):
        Trial(group=lambda cell: "one").scenario.run(Parameters())
    with pytest.raises(ValueError, match="trial must have at least one cell"):
        Trial().scenario.run(Parameters(factors=()))


def test_folders_of_groups_are_different_short_and_plain() -> None:
    groups = ["a/b", "a-b", "a b", "ä", "x" * 300, "x" * 301, "../up", "a/.."]
    names = [folder_name(group) for group in groups]
    assert len(set(names)) == len(groups)
    assert all(len(name) <= 80 and "/" not in name and name not in (".", "..") for name in names)


def test_groups_are_named_by_the_parts_of_a_cell() -> None:
    assert group_of(Cell(0.05)) == "0.05"
    assert group_of(Place("chicken", 0.0)) == "chicken/0"
    assert group_of(("a", 2)) == "a/2"
    assert group_of("alone") == "alone"


def test_what_is_stored_of_large_records() -> None:
    small = xr.Dataset({"y": ("run", [1.0])})
    trial = Scenario(
        name="large",
        Parameters=Parameters,
        cells=lambda parameters: [Cell(factor) for factor in parameters.factors],
        play=lambda parameters, cell: Measured(
            data=small if cell.factor == 2.0 else None, cells=[cell._asdict()]
        ),
        report=lambda parameters, done: Report(
            cells=[cell for measured in done.values() for cell in measured.cells],
            verdicts=[],
            finding="",
            tables=[],
        ),
    )
    result = trial.run(Parameters())
    assert result.data.groups == ("/", "/2")
    assert [cell["factor"] for cell in result.cells] == [1.0, 2.0, 3.0]


def test_a_tree_of_its_own() -> None:
    def tree(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> dict[str, xr.Dataset]:
        return {"all": xr.concat(done.values(), "factor")}

    result = Trial(tree=tree).scenario.run(Parameters(runs=2))
    assert result.data["all"].dataset.sizes == {"factor": 3, "run": 2}


def test_slips_of_whoever_writes_a_scenario_are_told_by_their_rule() -> None:
    class Undecorated(RunParameters):
        factors: tuple[float, ...] = ()

    parts = {"Parameters": Parameters, "cells": lambda parameters: [Cell(1.0)], "report": report}
    data = xr.Dataset({"x": ("run", [1.0])})

    def run(**changes: object) -> None:
        kept = {**parts, "play": lambda parameters, cell: data, **changes}
        Scenario(name="slips", **kept).run(Parameters())  # type: ignore[arg-type]

    run()
    with pytest.raises(
        ValueError, match=r"Parameters must be marked @dataclass.*, got none above .*Undecorated"
    ):
        run(Parameters=Undecorated)
    with pytest.raises(
        ValueError, match=r"build must make the parameters of '1', got AttributeError: .*'facter'"
    ):
        run(build=lambda parameters, cell: cell.facter)
    with pytest.raises(ValueError, match="play must return a dataset or Measured, got None"):
        run(play=lambda parameters, cell: None)
    with pytest.raises(ValueError, match="report must return a Report, got None"):
        run(report=lambda parameters, done: None)
