"""Sweeps over files of experiments: each condition at each value, as if it were swept alone."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import simulation
from commonweal import draw_sweep, draw_sweep_verdicts
from scenarios import sweep
from scenarios.sweeps.of_file import FileToSweep
from scenarios.sweeps.run import without_progress

TEXT = """
title = "Two conditions"
world = "mechanism-design"
runs = 3
seed = 5
episodes = 20

[[conditions]]
name = "slow"
learning_rate = 0.1

[[conditions]]
name = "fast"
learning_rate = 0.9
"""
OVER = {"bound": [1.0, 2.0, -1.0]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_each_condition_is_what_a_sweep_of_it_alone_gives(file: Path, tmp_path: Path) -> None:
    data = sweep(file, OVER, store=tmp_path / "sweep", workers=1)
    assert data["joint_cooperation"].dims == ("condition", "bound", "run")
    assert data["condition"].values.tolist() == ["slow", "fast"]
    assert (data.sizes["run"], data.attrs["seed"]) == (3, 5)
    for condition, rate in (("slow", 0.1), ("fast", 0.9)):
        parameters = simulation.MechanismDesignParameters(episodes=20, learning_rate=rate)
        for point in simulation.sweep(parameters, OVER, runs=3, seed=5):
            here = data.sel(condition=condition, bound=point.values["bound"])
            assert str(here["error"].values) == point.error
            if point.data is not None:
                np.testing.assert_array_equal(here["joint_cooperation"], point.data["joint_cooperation"])
                np.testing.assert_array_equal(here["label"].values[here["verdict"]], point.data["label"])
    failed = data["error"].sel(bound=-1.0).values
    assert all("bound" in text for text in failed), "a point that fails is told, and the others stand"
    assert (data["error"].sel(bound=[1.0, 2.0]) == "").all()


def test_it_goes_on_where_it_ended_to_the_same_bits(file: Path, tmp_path: Path) -> None:
    whole = sweep(str(file), OVER, store=tmp_path / "whole", workers=1)

    def interrupted(records, finished, total):
        for number, record in enumerate(records):
            if number == 3:
                raise KeyboardInterrupt
            yield record

    with pytest.raises(KeyboardInterrupt):
        sweep(file, OVER, store=tmp_path / "again", workers=1, progress=interrupted)
    assert len(list((tmp_path / "again" / "cells").glob("*.npz"))) == 3
    told = []

    def counted(records, finished, total):
        told.append((finished, total))
        return without_progress(records, finished, total)

    xr.testing.assert_identical(
        sweep(file, OVER, store=tmp_path / "again", workers=1, progress=counted), whole
    )
    assert told == [(3, 6)]
    assert (tmp_path / "again" / "data.nc").read_bytes() == (tmp_path / "whole" / "data.nc").read_bytes()
    file.write_text(TEXT.replace("0.9", "0.8"), encoding="utf-8")
    with pytest.raises(ValueError, match="another sweep, of different conditions"):
        sweep(file, OVER, store=tmp_path / "again", workers=1)


@pytest.mark.slow
def test_two_processes_give_the_same_bits(file: Path, tmp_path: Path) -> None:
    for workers in (1, 2):
        sweep(file, OVER, store=tmp_path / str(workers), workers=workers)
    assert (tmp_path / "1" / "data.nc").read_bytes() == (tmp_path / "2" / "data.nc").read_bytes()


def test_conditions_are_lines_of_a_picture(file: Path, tmp_path: Path) -> None:
    data = sweep(file, {"bound": [1.0, 2.0]}, store=tmp_path / "sweep", workers=1)
    axes = draw_sweep(data)
    assert [line.get_label() for line in axes.lines] == ["slow", "fast"]
    assert [line.get_linestyle() for line in axes.lines] == ["-", "--"], (
        "where both are the same, both are seen"
    )
    expected = data["joint_cooperation"].sel(condition="fast").mean("run").values
    assert axes.lines[1].get_ydata() == pytest.approx(expected)
    assert "95% interval" in axes.get_title(loc="left")
    assert len(draw_sweep_verdicts(data).lines) == 2
    assert (tmp_path / "sweep" / "sweep.png").exists()


def test_a_file_of_one_condition_has_no_dimension_for_it(tmp_path: Path) -> None:
    path = tmp_path / "one.toml"
    path.write_text('world = "mechanism-design"\nepisodes = 20\nruns = 2\n', encoding="utf-8")
    data = sweep(path, {"bound": [1.0]}, store=tmp_path / "sweep", workers=1, runs=4)
    assert data["joint_cooperation"].dims == ("bound", "run")
    assert data.sizes["run"] == 4


def test_the_command_sweeps_a_file(commonweal, file: Path, tmp_path: Path) -> None:
    arguments = ("sweep", str(file), "--over", "bound=1,2", "--set", "episodes=10", "--workers", "1")
    code, out, _ = commonweal(*arguments, "--json", "--out", str(tmp_path))
    assert code == 0
    told = json.loads(out)
    assert (told["runs"], told["seed"], len(told["points"])) == (3, 5, 4)
    assert told["points"][3]["values"] == {"condition": "fast", "bound": 2}
    code, _, error = commonweal("sweep", str(file), "--over", "learning_rate=0.1,0.2", "--out", str(tmp_path))
    assert code == 2
    assert "learning_rate must not be what the file itself varies" in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("duels", "--over", "noise=0:.2"),
            "values of noise that are evenly spaced must be written from:to:count, got '0:.2'",
        ),
        (
            ("duels", "--over", "noise=0,0.1", "--set", "noise=0.2"),
            "noise must be set or swept over, got both",
        ),
        (("duels", "--over", "second=grim,grimm"), "second: unknown kind of player 'grimm'; nearest: grim"),
        (
            ("thesis-table-4.2", "--over", "bound=1,2"),
            "a sweep must be of a world or of a file of an experiment, got the scenario 'thesis-table-4.2': sweep "
            "the world that it plays, or write its conditions as a file",
        ),
    ],
)
def test_what_is_asked_for_by_mistake_is_refused_in_one_line(
    commonweal, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, out, error = commonweal("sweep", *arguments, "--out", str(tmp_path / "out"))
    assert (code, out, error) == (2, "", f"commonweal: {message}\n")
    assert not (tmp_path / "out").exists()


def test_players_are_swept_over_by_the_names_that_a_file_gives_them(commonweal, tmp_path: Path) -> None:
    arguments = ("sweep", "duels", "--over", "second=grim,gradual-tit-for-tat", "--set", "rounds=20")
    code, out, _ = commonweal(*arguments, "--runs", "2", "--workers", "1", "--json", "--out", str(tmp_path))
    assert code == 0
    told = [point["quantities"]["mean_level"]["mean"] for point in json.loads(out)["points"]]
    players = [simulation.Grim(), simulation.GradualPlayer()]
    parameters = simulation.DuelParameters(rounds=20)
    data = sweep(parameters, {"second": players}, runs=2, store=tmp_path / "python", workers=1)
    assert told == data["mean_level_mean"].values.tolist()


def test_variables_that_the_file_records_are_kept(file: Path, tmp_path: Path) -> None:
    file.write_text(TEXT.replace("runs = 3", 'runs = 3\nrecord = ["action"]'), encoding="utf-8")
    data = sweep(file, {"bound": [1.0]}, store=tmp_path / "sweep", workers=1)
    parameters = simulation.MechanismDesignParameters(episodes=20, learning_rate=0.9, bound=1.0)
    alone = simulation.simulate(parameters, runs=3, seed=5)
    np.testing.assert_array_equal(data["action"].sel(condition="fast", bound=1.0), alone["action"])
    assert "payoff" not in data


def test_what_one_condition_sets_is_not_swept_over(file: Path) -> None:
    file.write_text(TEXT + "bound = 2.0\n", encoding="utf-8")  # of the last condition
    with pytest.raises(ValueError, match="bound must not be what the file itself varies"):
        FileToSweep(file).grid(OVER)


def test_what_cannot_be_swept(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must exist"):
        FileToSweep(tmp_path / "nothing.toml")
    with pytest.raises(ValueError, match="world must not be given beside a file"):
        sweep(file, OVER, world=simulation.world("duels"))
    with pytest.raises(ValueError, match="nonsense"):
        sweep(file, {"nonsense": [1]})
    with pytest.raises(ValueError, match="runs must be at least 1, got 0"):
        sweep(file, OVER, runs=0)
