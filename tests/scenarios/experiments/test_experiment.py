"""A file is a scenario like the project's own: its cells are its conditions, and runs are those of the world."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from scenarios.experiments.experiment import scenario_of_file
from simulation import MechanismDesignParameters, judge_runs, simulate, world
from theory import named_game
from theory.statistics import mean_interval

CommandLine = Callable[..., tuple[int, str, str]]
FILE = """title = "Must a planner be able to punish?"
world = "mechanism-design"
runs = 3
seed = 5
record = 10
episodes = 40
game = "chicken"

[[conditions]]
name = "rewards only/both"
incentive_signs = "rewards"

[[conditions]]
name = "rewards only-both"
planner_episodes = 0
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my own file.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_files_runs_are_those_of_the_world_to_the_bit(
    commonweal: CommandLine, file: Path, tmp_path: Path
) -> None:
    code, out, _ = commonweal("run", str(file), "--json", "--out", str(tmp_path / "out"))
    assert code == 0
    printed = json.loads(out)
    parameters = MechanismDesignParameters(game=named_game("chicken"), episodes=40, incentive_signs="rewards")
    data = simulate(parameters, runs=3, seed=5, record=10)
    folder = Path(printed["results"])
    assert folder.parent == tmp_path / "out"
    assert folder.name.startswith("my-own-file-")
    run = json.loads((folder / "run.json").read_text())
    assert run["source"] == {
        "file": file.name,
        "sha256": hashlib.sha256(FILE.encode()).hexdigest(),
        "text": FILE,
    }
    assert (run["parameters"]["runs"], run["parameters"]["document"]["game"]) == (3, "chicken")
    assert (folder / "my-own-file-conditions.png").exists()
    with xr.open_datatree(folder / "data.nc", engine="h5netcdf") as stored:
        groups = [leaf.path for leaf in stored.leaves]
        assert groups == ["/rewards only-both", "/rewards only-both (2)"]
        first = stored[groups[0]].to_dataset().load()
    for name, values in data.data_vars.items():
        np.testing.assert_array_equal(first[name].values, values.values)
    verdicts = judge_runs(world("mechanism-design"), parameters, data)
    assert first["verdict_label"].values.tolist() == verdicts["label"].values.astype(str).tolist()
    welfare = next(cell for cell in printed["cells"] if cell["quantity"] == "joint_cooperation")
    values = data["joint_cooperation"].values
    assert welfare["condition"] == "rewards only/both"
    assert welfare["mean"] == pytest.approx(values.mean(), abs=1e-15)
    assert welfare["interval"] == pytest.approx(mean_interval(values))
    counted = [verdict for verdict in printed["verdicts"] if verdict["condition"] == "rewards only/both"]
    assert [sum(verdict["labels"].values()) for verdict in counted] == [3] * verdicts.sizes["judged_in"]


def test_what_is_set_from_the_shell_goes_before(commonweal: CommandLine, file: Path, tmp_path: Path) -> None:
    options = (
        "--set",
        "episodes=20",
        "--set",
        "game.greed=1",
        "--set",
        "game.fear=2",
        "--runs",
        "2",
        "--seed",
        "9",
    )
    code, out, _ = commonweal("run", str(file), *options, "--json", "--out", str(tmp_path / "out"))
    assert code == 0
    document = json.loads(out)["parameters"]["document"]
    assert (document["episodes"], document["game"]) == (20, {"name": "chicken", "greed": 1, "fear": 2})
    code, _, err = commonweal("run", str(file), "--set", "episods=20", "--out", str(tmp_path / "none"))
    assert (code, len(err.splitlines())) == (2, 1)
    assert "unknown key episods = 20; nearest: episodes" in err
    code, out, _ = commonweal("list", str(file), "--json")
    assert code == 0
    listed = {setting["path"]: setting["value"] for setting in json.loads(out)["settings"]}
    assert (listed["episodes"], listed["runs"], listed["bound"]) == (40, 3, 3.0)


def test_tables_and_finding_name_the_conditions(commonweal: CommandLine, file: Path, tmp_path: Path) -> None:
    code, out, _ = commonweal("run", str(file), "--out", str(tmp_path / "out"), "--quick")
    assert code == 0
    assert "Must a planner be able to punish?" in out
    assert "«rewards only/both»: joint cooperation" in " ".join(out.split())
    assert "2 of 2 runs are judged «" in " ".join(out.split())


def test_a_finding_without_conditions_begins_with_a_capital_and_keeps_those_of_the_label(
    commonweal: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "my.toml").write_text('world = "mechanism-design"\nruns = 2\nepisodes = 20\n')
    code, out, _ = commonweal("run", str(tmp_path / "my.toml"), "--out", str(tmp_path / "out"))
    assert code == 0
    said = " ".join(out.split())
    assert said.startswith("Joint cooperation ")
    assert "2 of 2 runs are judged «Pareto-" in said


def test_a_wrong_file_is_one_line_and_nothing_is_written(commonweal: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('world = "duels"\nnoise = "\\u001b[31m"\n')
    code, out, err = commonweal("run", str(tmp_path / "my.toml"), "--out", str(tmp_path / "out"))
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "noise must be a number, got '\\x1b[31m'" in err
    assert not (tmp_path / "out").exists()


def test_text_of_a_file_is_shown_as_text(commonweal: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(
        """title = "[bold]../../x[/bold]"
world = "matches"
turns = 5
runs = 2
first = "always-cooperate"
second = "always-defect"
[game]
payoffs = [[[3, 0], [5, 1]], [[3, 5], [0, 1]]]
players = ["\\u001b]0;x\\u0007[red]A", "\\u202eB"]
actions = [["\\u001b[31mC", "D"], ["../../C", "D/../.."]]
title = "\\u001b[2J[blink]"
[[conditions]]
name = "[red]../../../y"
"""
    )
    code, out, _ = commonweal("run", str(tmp_path / "my.toml"), "--full", "--out", str(tmp_path / "out"))
    assert code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert "[bold]../../x[/bold]" in out
    assert "[red]../../../y" in out
    assert "below the security level of \\x1b]0;x\\x07[red]A" in " ".join(out.split())
    assert {path.name for path in tmp_path.iterdir()} == {"my.toml", "out"}
    (folder,) = (tmp_path / "out").iterdir()
    assert folder.name.startswith("my-")
    assert all(path.is_file() for path in folder.iterdir())


def test_a_choice_of_variables_is_kept_of_all_steps(tmp_path: Path) -> None:
    text = 'world = "mechanism-design"\nepisodes = 20\nruns = 2\nrecord = ["payoff", "action"]\n'
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    scenario = scenario_of_file(path)
    result = scenario.run(scenario.Parameters())
    (group,) = result.data.children.values()
    data = group.to_dataset()
    assert {"payoff", "action", "final_cooperation_probability"} <= set(data.data_vars)
    assert not {"incentive", "cooperation_probability"} & set(data.data_vars)
    alone = simulate(MechanismDesignParameters(episodes=20), runs=2, seed=0)
    np.testing.assert_array_equal(data["payoff"], alone["payoff"])
    assert result.verdicts
    assert len(result.pictures) == 2
    path.write_text(text.replace("payoff", "pay-off"), encoding="utf-8")
    scenario = scenario_of_file(path)
    with pytest.raises(ValueError, match="unknown variable to record 'pay-off'; nearest: payoff"):
        scenario.run(scenario.Parameters())
