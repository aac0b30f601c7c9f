"""The command line: every command, and one clear line for bad input."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from scenarios.frame.keys import COMMON_KEYS
from scenarios.frame.settings import settings_of, with_settings, written
from scenarios.registry import load_scenario, scenario_names
from scenarios.thesis import cells as planner_cells
from tests.interruptions import SHORTER
from theory import Game, judge, named_game, named_games

PROFILE = ("--profile", "[[1,0],[1,0]]")

# Of several games or notions of fairness one; their pages play them all.
SHORTEST = SHORTER | {
    name: (*SHORTER[name], f"games={game}")
    for name, game in {
        "thesis-table-4.2": "chicken",
        "thesis-table-4.3": "stag-hunt",
        "planner-cost": "prisoners-dilemma",
        "planner-knowledge": "chicken",
    }.items()
}
# Tables that are not played unless they are asked for, whose keys are explained, too.
ASKED_FOR = {"planner-that-leaves": ("tables=leaving,artefact,dilemmas",)}
SHORTEST["planner-that-leaves"] = (
    *ASKED_FOR["planner-that-leaves"],
    "updates=200",
    "generations=1",
    "dilemmas=2",
)
SHORTEST["fairness-disagreement"] = ("notions=sum", "rounds=200")
SHORTEST["noisy-tournament"] = ("noise=0.05", "runs=2")


def test_help_names_every_command(commonweal) -> None:
    for arguments in ((), ("--help",)):
        code, out, _ = commonweal(*arguments)
        assert code == 0
        for command in ("list", "run", "judge", "solve", "tournament"):
            assert command in out


def test_list_shows_scenarios_and_games(commonweal) -> None:
    code, out, _ = commonweal("list")
    assert code == 0
    assert all(name in out for name in (*scenario_names(), *named_games()))
    listed = json.loads(commonweal("list", "--json")[1])
    assert set(listed["scenarios"]) == set(scenario_names())
    assert set(listed["games"]) == set(named_games())


def test_list_shows_what_can_be_set_of_a_scenario(commonweal) -> None:
    code, out, _ = commonweal("list", "thesis-figure-4.2")
    assert code == 0
    for text in ("sizes", "10,100,1000,10000", "whole number, ...", "at least 2 each", "--set path=value"):
        assert text in " ".join(out.split())
    listed = json.loads(commonweal("list", "thesis-figure-4.2", "--json")[1])
    settings = {setting["path"]: setting for setting in listed["settings"]}
    assert list(settings) == ["runs", "seed", "episodes", "sizes"]
    assert settings["sizes"]["value"] == [10, 100, 1000, 10_000]
    assert settings["episodes"]["meaning"].endswith("At least 1.")


@pytest.mark.parametrize("name", scenario_names())
def test_every_setting_says_what_it_means(name: str) -> None:
    for setting in settings_of(load_scenario(name).Parameters()):
        meaning = re.sub(r"^At least \d+\.$", "", setting.meaning)  # a bound alone says nothing
        assert meaning, f"{name} lists {setting.path} without a text below its field"


@pytest.mark.parametrize("name", scenario_names())
def test_every_default_can_be_written_and_read(name: str) -> None:
    parameters = load_scenario(name).Parameters()
    texts = [f"{setting.path}={written(setting.value)}" for setting in settings_of(parameters)]
    assert with_settings(parameters, texts) == parameters


def test_parameters_are_set_from_the_shell(commonweal, tmp_path: Path) -> None:
    options = (
        "--set",
        "games=chicken",
        "--set",
        "episodes = 50",
        "--runs",
        "2",
        "--out",
        str(tmp_path),
        "--json",
    )
    code, out, err = commonweal("run", "thesis-table-4.2", *options)
    assert code == 0, err
    printed = json.loads(out)
    assert printed["parameters"] == {"runs": 2, "seed": 0, "episodes": 50, "games": ["chicken"]}
    assert {cell["game"] for cell in printed["cells"]} == {"chicken"}


def test_judge_prints_the_fields_of_the_verdict(commonweal) -> None:
    code, out, _ = commonweal("judge", "chicken", "--profile", "[[.9,.1],[1,0]]", "--json")
    assert code == 0
    verdict = judge(named_game("chicken"), [[0.9, 0.1], [1, 0]])
    printed = json.loads(out)
    assert printed["label"] == verdict.label
    assert printed["payoffs"] == pytest.approx(list(verdict.payoffs))
    assert printed["is_nash"] is False
    promised = """payoffs welfare regrets is_nash pareto_slack is_pareto_optimal is_individually_rational
    welfare_index best_nash_welfare worst_nash_welfare pareto_optimal_nash_exists is_welfare_optimal_nash
    nash_bargaining_distance kalai_smorodinsky_distance label"""
    assert set(promised.split()) <= set(printed)


def test_judge_on_the_terminal_explains_with_numbers(commonweal, tmp_path: Path) -> None:
    arguments = ("judge", "stag-hunt", "--profile", "[[0,1],[0,1]]")
    code, out, _ = commonweal(*arguments, "--out", str(tmp_path))
    assert code == 0
    assert "Pareto-dominated Nash equilibrium" in out
    assert "individually rational" in out


def test_judge_takes_matrices_tolerance_and_disagreement(commonweal) -> None:
    game = ("[[3,0],[4,1]]", "[[3,4],[0,1]]")
    profile = ("--profile", "[[.01,.99],[0,1]]")
    strict = json.loads(commonweal("judge", *game, *profile, "--json")[1])
    loose = json.loads(commonweal("judge", *game, *profile, "--tolerance", ".02", "--json")[1])
    assert (strict["is_nash"], loose["is_nash"]) == (False, True)
    given = json.loads(commonweal("judge", *game, *profile, "--disagreement", "[2.5,0]", "--json")[1])
    assert given["nash_bargaining_distance"] != strict["nash_bargaining_distance"]


def test_judge_reads_plays_and_says_what_they_cannot_tell(commonweal, tmp_path: Path) -> None:
    plays = tmp_path / "plays.csv"
    plays.write_text("row,column\n" + "D,D\n" * 400 + "C,D\n")
    arguments = ("judge", "prisoners-dilemma", "--data", str(plays))
    printed = json.loads(commonweal(*arguments, "--json")[1])
    assert printed["rounds"] == 401
    assert printed["independent"]["label"] == "Pareto-dominated Nash equilibrium"
    plays.write_text("1,1\n" * 20)
    code, out, _ = commonweal(*arguments, "--pictures", "png", "--out", str(tmp_path))
    assert code == 0
    for text in ("Verdict on 20 rounds", "the data cannot tell", "correlated", "independent"):
        assert text in out
    assert list(tmp_path.glob("payoff-space-*.png"))


def test_judge_and_solve_draw_the_payoff_space_when_asked(commonweal, tmp_path: Path) -> None:
    for arguments in (("judge", "chicken", *PROFILE), ("solve", "chicken")):
        code, out, _ = commonweal(*arguments, "--out", str(tmp_path))
        assert code == 0
        assert "drawn" not in out
        assert not list(tmp_path.iterdir())
    for arguments in (("judge", "chicken", *PROFILE), ("solve", "chicken")):
        code, out, _ = commonweal(*arguments, "--pictures", "png,svg", "--out", str(tmp_path))
        assert code == 0
        assert out.count("The payoff space is drawn in") == 2
    assert len(list(tmp_path.glob("payoff-space-*.png"))) == 2
    assert len(list(tmp_path.glob("payoff-space-*.svg"))) == 2
    assert not list(tmp_path.glob(".*")), "nothing half-written is left"
    commonweal("solve", "chicken", "--json", "--pictures", "png", "--out", str(tmp_path))
    assert len(list(tmp_path.iterdir())) == 4, "with --json nothing is drawn"
    code, _, error = commonweal("solve", "chicken", "--pictures", "gif", "--out", str(tmp_path))
    assert code == 2
    assert "unknown kind of picture 'gif'" in error


def test_solve_reads_a_game_file_of_three_players(commonweal, tmp_path: Path) -> None:
    from theory import Game

    payoffs = [[[[3, 0], [0, 0]], [[4, 1], [1, 1]]], [[[3, 0], [4, 1]], [[0, 0], [1, 1]]]]
    payoffs.append([[[3, 4], [0, 1]], [[0, 1], [0, 1]]])
    path = tmp_path / "game.nfg"
    path.write_text(Game(payoffs, title="three").to_nfg(), encoding="utf-8")
    code, out, _ = commonweal("solve", str(path), "--out", str(tmp_path))
    assert code == 0
    assert "(D, D, D)" in out
    assert list(tmp_path.iterdir()) == [path]


def test_solve_prints_equilibria_frontier_and_bargaining(commonweal) -> None:
    code, out, _ = commonweal("solve", "chicken", "--json")
    assert code == 0
    solution = json.loads(out)
    assert {"equilibria", "pareto_optimal", "bargaining"} <= set(solution)
    assert len(solution["equilibria"]["profiles"]) == 3
    assert solution["equilibria"]["complete"] is True
    assert solution["equilibria"]["continuum"] is False
    assert solution["pareto_optimal"] == [[0, 0], [0, 1], [1, 0]]
    assert solution["bargaining"]["nash"]["point"] == pytest.approx([3, 3])
    assert solution["bargaining"]["disagreement_point"] == pytest.approx([2, 2])


def test_solve_on_the_terminal(commonweal, tmp_path: Path) -> None:
    code, out, _ = commonweal("solve", "[[3,0],[4,1]]", "[[3,4],[0,1]]", "--out", str(tmp_path))
    assert code == 0
    for text in ("(D, D)", "(1, 1)", "Bargaining points", "kalai-smorodinsky", "These are all equilibria"):
        assert text in out


def test_tournament_ranks_judges_and_stores(commonweal, tmp_path: Path) -> None:
    names = ("tit-for-tat", "always-defect", "always-cooperate", "grim")
    options = ("--turns", "50", "--repetitions", "3", "--noise", ".05", "--out", str(tmp_path))
    code, out, _ = commonweal("tournament", *names, *options)
    assert code == 0
    for text in (*names, "good partner", "Equilibria of the meta-game", "has the best score of 4"):
        assert text in out
    printed = json.loads(commonweal("tournament", *names, *options, "--no-self-play", "--json")[1])
    assert {cell["strategy"] for cell in printed["cells"]} == set(names)
    assert printed["verdicts"] == []
    stored = {path.name for path in Path(printed["results"]).iterdir()}
    assert {"data.nc", "standings.csv", "pairs.csv", "payoffs.png", "ranks.png", "run.json"} <= stored


def test_games_are_printed_as_they_were_read(commonweal, tmp_path: Path) -> None:
    pairs = "[[[9,9],[1,10]],[[10,1],[3,3]]]"  # players first, although it may have been meant otherwise
    for command in (("solve",), ("judge", "--profile", "D,D")):
        code, out, _ = commonweal(command[0], pairs, *command[1:], "--out", str(tmp_path))
        assert code == 0
        assert out.count("As read.") == 2
        first, second = out.split("Payoffs of player 1")[1].split("Payoffs of player 2")
        assert [line.split() for line in first.splitlines() if line.split()[:1] in (["C"], ["D"])] == [
            ["C", "9", "9"],
            ["D", "1", "10"],
        ]
        assert [line.split() for line in second.splitlines() if line.split()[:1] in (["C"], ["D"])][:2] == [
            ["C", "10", "1"],
            ["D", "3", "3"],
        ]
    printed = json.loads(commonweal("judge", pairs, "--profile", "1,1", "--json")[1])
    assert printed["game_payoffs"] == json.loads(pairs)
    assert printed["profile_read_as"] == "(D, D), read as positions from 0"
    assert "As read" not in commonweal("solve", "chicken", "--out", str(tmp_path))[1]


def test_three_players(commonweal) -> None:
    cube = "[[[1,2],[3,4]],[[1,2],[3,4]]]"
    code, out, _ = commonweal("judge", cube, cube, cube, "--profile", "C,D,D")
    assert code == 0
    assert "(C, D, D), read as names" in out
    assert "welfare-optimal Nash equilibrium" in out
    assert "Payoffs as read" in out


def test_the_reading_of_a_file_of_plays_is_said(commonweal, tmp_path: Path) -> None:
    path = tmp_path / "plays.csv"
    path.write_text("row;column\n" + "D;D\n" * 300, encoding="utf-8-sig")
    arguments = ("judge", "prisoners-dilemma", "--data", str(path))
    out = " ".join(commonweal(*arguments, "--out", str(tmp_path))[1].split())
    assert "300 rounds in lines 2 to 301, actions read as names, separated by semicolons;" in out
    assert "the line before them is a heading (row, column)." in out
    printed = json.loads(commonweal(*arguments, "--json")[1])
    assert printed["plays"]["heading"] == ["row", "column"]
    assert printed["rounds"] == 300
    path.write_text("1,1\n")
    matrices = ("[[1,2,3],[4,5,6],[7,8,9]]",) * 2
    code, _, err = commonweal("judge", *matrices, "--data", str(path))
    assert code == 2
    assert "must have one reading, got two" in err
    counts = [
        json.loads(commonweal("judge", *matrices, "--data", str(path), "--actions-as", kind, "--json")[1])[
            "counts"
        ]
        for kind in ("names", "positions")
    ]
    assert [np.argwhere(count).tolist() for count in counts] == [[[0, 0]], [[1, 1]]]


def test_a_hostile_game_is_printed_as_text(commonweal, tmp_path: Path) -> None:
    title = "a [/] [red]b :smile: $\\frac{$ \x1b]0;x\x07\0"
    game = Game(
        [[[3, 0], [4, 1]], [[3, 4], [0, 1]]],
        title=title,
        players=["[bold]x", "\x1b[2J"],
        actions=[["[stay]", "[go]"]] * 2,
    )
    (tmp_path / "hostile.nfg").write_text(game.to_nfg(), encoding="utf-8")
    path, folder = str(tmp_path / "hostile.nfg"), tmp_path / "res[red]ults"
    for arguments in (
        ("solve", path, "--pictures", "png"),
        ("judge", path, "--profile", "[[0,1],[0,1]]", "--pictures", "svg"),
        ("tournament", "grim", "always-defect", "--game", path, "--turns", "3", "--repetitions", "2"),
    ):
        code, out, err = commonweal(*arguments, "--out", str(folder))
        assert code == 0, err
        assert not set(out + err) & set("\x1b\x07\0")
        assert "a [/] [red]b :smile: $\\frac{$ \\x1b]0;x\\x07\\x00" in " ".join(out.split())
        printed = Path(out.strip().splitlines()[-1].split(" in ", 1)[1])
        assert printed.exists()
        assert printed.parent == folder
    assert "([go], [go])" in commonweal("solve", path, "--out", str(folder))[1]


def test_a_seed_of_any_size_is_kept(commonweal, tmp_path: Path) -> None:
    seed = str(2**70)
    options = ("--turns", "3", "--repetitions", "2", "--seed", seed, "--out", str(tmp_path), "--json")
    code, out, err = commonweal("tournament", "grim", "always-defect", *options)
    assert code == 0, err
    with xr.open_datatree(Path(json.loads(out)["results"]) / "data.nc", engine="h5netcdf") as data:
        assert str(data["tournament"].attrs["seed"]) == seed


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (MemoryError(), "commonweal: memory must be free for what was asked for: there is not enough"),
        (MemoryError("Unable to allocate 3 TiB"), "asked for: Unable to allocate 3 TiB"),
        (OverflowError("too large for C long"), "numbers must be small enough to count with: too large"),
        (ValueError("x" * 5000), "(4400 characters left out)"),
        (ValueError("a\x1b[2Jb\nc"), "commonweal: a\\x1b[2Jb c"),
    ],
)
def test_failures_of_any_kind_are_one_line(
    commonweal, monkeypatch: pytest.MonkeyPatch, failure: Exception, message: str
) -> None:
    def fail(texts: list[str]) -> None:
        raise failure

    monkeypatch.setattr("scenarios.command.arguments.read_game", fail)
    code, out, err = commonweal("solve", "chicken")
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert len(err) < 800


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tournament", "tit-for-tatt"), "unknown strategy 'tit-for-tatt'; nearest: tit-for-tat"),
        (("tournament", "grim", "--noise", ".5"), "noise must lie in"),
        (("tournament", "grim", "--turns", "x"), "turns must be a whole number, got 'x'"),
        (("tournament", "grim", "--turns", "0"), "turns must be at least 1, got 0"),
        (("tournament", "grim", "--repetitions", "0"), "repetitions must be at least 1, got 0"),
        (("tournament", "grim", "--runs", "x"), "runs must be a whole number, got 'x'"),
        (
            ("tournament", "grim", "--runs", "3", "--repetitions", "10"),
            "runs and repetitions are two names of one option: give one, got 3 and 10",
        ),
        (("tournament", "grim", "--repetitions", "1" + "0" * 21), "repetitions must be at most"),
        (
            ("tournament", "grim", "--repetitions", "1" + "0" * 13),
            "MiB for 10000000000000 matches of each of 1 pairs: lower repetitions",
        ),
        (("tournament", "grim", "--no-self-play"), "each strategy must meet somebody"),
        (("tournament", "grim", "grim"), "strategies must have different names"),
        (
            ("tournament", "grim", "--game", "[[1,2,3]]"),
            "game must be a game of two players with two actions",
        ),
        (("run", "thesis-table-4.2", "--runs", "1" + "0" * 21), "runs must be at most"),
        (
            ("run", "altruism-atlas", "--runs", "1" + "0" * 15),
            "MiB for 1000000000000000 runs of 64 bytes at least: lower runs",
        ),
        (("run", "thesis-table-42"), "unknown scenario 'thesis-table-42'; nearest: thesis-table-4.2"),
        (("run", "thesis-table-4.2", "--runs", "0"), "runs must be at least 1, got 0"),
        (("run", "thesis-table-4.2", "--runs", "x"), "runs must be a whole number, got 'x'"),
        (("run", "thesis-table-4.2", "--seed", "1.5"), "seed must be a whole number, got '1.5'"),
        (("run", "thesis-table-4.2", "--seed", "-1"), "seed must be at least 0, got -1"),
        (("run", "thesis-table-4.2", "--out", "/dev/null/x"), "the output folder must be writable"),
        (("run",), "Missing argument"),
        (("run", "thesis-table-4.2", "--set", "games=chiken"), "unknown game 'chiken'; nearest: chicken"),
        (
            ("run", "thesis-table-4.2", "--set", "games="),
            "games must be different names, at least one, got ()",
        ),
        (("run", "thesis-table-4.2", "--set", "game=chicken"), "unknown setting 'game'; nearest: games"),
        (
            ("run", "thesis-table-4.2", "--set", "episodes"),
            "a setting must be written path=value, got 'episodes'",
        ),
        (("run", "thesis-table-4.2", "--set", "episodes=0"), "episodes must be at least 1, got 0"),
        (
            ("run", "thesis-table-4.2", "--set", "runs=2", "--runs", "3"),
            "runs must be set once, got '3' and '2'",
        ),
        (("list", "thesis-table-42"), "unknown scenario 'thesis-table-42'; nearest: thesis-table-4.2"),
        (("judge", "chiken", *PROFILE), "unknown game 'chiken'; nearest: chicken"),
        (("judge", "chicken", "--profile", "[[.5,.4],[1,0]]"), "must sum to one"),
        (("judge", "chicken", "--profile", "[[1,0]]"), "for each of 2 players, got 1"),
        (("judge", "chicken", "--profile", "[[1.5,-.5],[1,0]]"), "must be non-negative"),
        (("judge", "chicken", "--profile", "[[1,0],[1,0,0]]"), "must be 2 probabilities"),
        (("judge", "chicken", "--profile", "nonsense"), "must be written as one value of JSON"),
        (("judge", "chicken", *PROFILE, "--within", "pur"), "nearest: pure"),
        (
            ("judge", "chicken", *PROFILE, "--tolerance", "x"),
            "tolerance must be a number",
        ),
        (
            ("judge", "chicken", *PROFILE, "--disagreement", "securty"),
            "nearest: security",
        ),
        (("judge", "chicken"), "judge needs either --profile or --data, got neither"),
        (
            ("judge", "chicken", *PROFILE, "--data", "x.csv"),
            "judge needs either --profile or --data, got both",
        ),
        (("judge", "chicken", "--data", "missing.csv"), "a file of plays must exist, got 'missing.csv'"),
        (
            ("judge", "chicken", *PROFILE, "--pictures", "png", "--out", "/dev/null/x"),
            "the output folder must be writable",
        ),
        (("solve", "[" * 5000, "[[1]]"), "a payoff matrix must be"),
        (("solve", "[[1" + "0" * 400 + "]]", "[[1]]"), "of at most 1e+100 in absolute value"),
        (("solve", "m.csv"), "a game file must end in .nfg"),
        (
            ("solve", "chicken", "--pictures", "png", "--out", "/dev/null/x"),
            "the output folder must be writable",
        ),
        (("solve", "[[1,2],[3,NaN]]", "[[1,2],[3,4]]"), "must be finite, got nan"),
        (("solve", "[[1,2],[3,4]]", "[[1,2]]"), "same shape"),
        (("solve", "[[1,2],[3,Infinity]]", "[[1,2],[3,4]]"), "must be finite, got inf"),
        (("frobnicate",), "No such command"),
        (("list", "--frobnicate"), "No such option"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(commonweal, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = commonweal(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("commonweal: ")
    assert len(err.splitlines()) == 1
    assert message in err


# Whose short runs take three seconds or more; `test_unfinished.py` plays, judges and draws them smaller still.
LONGER = (
    "axelrod-first",
    "coin-game",
    "coin-game-gradual-tft",
    "cooperation-on-networks",
    "fairness-disagreement",
    "gradual-tft-convergence",
    "noisy-tournament",
    "planner-handover",
    "planner-on-networks",
    "planner-that-leaves",
    "thesis-figure-4.2",
)


@pytest.mark.parametrize(
    ("name", "shorter"),
    [
        pytest.param(
            name,
            SHORTEST.get(name, ()),
            id=f"{name}-shorter",
            marks=[pytest.mark.slow] if name in LONGER else [],
        )
        for name in scenario_names()
    ]
    + [pytest.param(name, ASKED_FOR.get(name, ()), id=name, marks=pytest.mark.slow) for name in SHORTER],
)
def test_every_scenario_runs_quickly_and_stores_its_results(
    commonweal, tmp_path: Path, name: str, shorter: tuple[str, ...]
) -> None:
    changed = [word for text in shorter for word in ("--set", text)]
    code, out, _ = commonweal(
        "run", name, "--quick", "--seed", "1", *changed, "--out", str(tmp_path), "--json"
    )
    assert code == 0
    printed = json.loads(out)
    assert {"scenario", "parameters", "seconds", "cells", "verdicts", "finding"} <= set(printed)
    assert printed["scenario"] == name
    assert printed["parameters"]["seed"] == 1
    known = COMMON_KEYS.keys() | load_scenario(name).keys.keys()
    used = {key for entry in (*printed["cells"], *printed["verdicts"]) for key in entry}
    assert used <= known, "each key is explained"
    assert load_scenario(name).keys.keys() <= used, "what is explained is there"
    folder = Path(printed["results"])
    assert folder.parent == tmp_path
    assert {"data.nc", "summary.json", "run.json"} <= {path.name for path in folder.iterdir()}
    assert list(folder.glob("*.png"))


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_has_the_one_shape(name: str) -> None:
    module = load_scenario(name)
    parameters = module.Parameters()
    assert {"runs", "seed"} <= set(parameters.__dataclass_fields__)
    assert parameters.quick().runs <= parameters.runs
    assert module.__doc__


def test_tables_finding_and_folder_on_the_terminal(commonweal, tmp_path: Path) -> None:
    code, out, err = commonweal("run", "thesis-table-4.2", "--runs", "2", "--full", "--out", str(tmp_path))
    assert code == 0
    for text in ("P(C,C)", "with-planner", "thesis", "verdicts", "regret", "Pictures and data are in"):
        assert text in out
    assert "9/9" in err
    assert "more table" not in out
    (folder,) = tmp_path.iterdir()
    code, shown, _ = commonweal("show", str(folder))
    assert code == 0
    assert shown.startswith(out[: out.rindex("payoff units.")])  # all tables, in this order


def test_in_short_the_finding_comes_first_and_the_other_tables_are_shown_later(
    commonweal, tmp_path: Path
) -> None:
    options = ("--runs", "2", "--set", "games=chicken", "--set", "episodes=50", "--out", str(tmp_path))
    code, out, _ = commonweal("run", "thesis-table-4.2", *options)
    assert code == 0
    (folder,) = tmp_path.iterdir()
    summary = json.loads((folder / "summary.json").read_text())
    told = " ".join(out.split())
    assert told.startswith(" ".join(summary["finding"].split()) + " Chicken: mean")
    titles = [table["title"] for table in summary["tables"]]
    assert [title for title in titles if title in out] == titles[:1]
    assert out.splitlines()[-1] == f"One more table: --full, or commonweal show {folder}"
    code, shown, _ = commonweal("show", str(folder))
    assert code == 0
    assert all(title in shown for title in titles)


def test_an_interrupted_run_keeps_the_finished_cells(
    commonweal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = planner_cells.simulate, []

    def simulate(*arguments, **options):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(planner_cells, "simulate", simulate)
    code, out, _ = commonweal("run", "thesis-table-4.2", "--runs", "2", "--out", str(tmp_path))
    assert code == 130
    assert "Interrupted" in out
    (folder,) = tmp_path.iterdir()
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["complete"] is False
    assert {cell["condition"] for cell in summary["cells"]} == {"without-planner", "with-planner"}


@pytest.mark.slow
def test_ctrl_c_ends_the_program_quietly(tmp_path: Path) -> None:
    program = (
        # A shell starts its background jobs with interrupts ignored, and so would be what they start.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "import sys; from scenarios.thesis import cells as planner_cells\n"
        "from scenarios.cli import main\n"
        "real = planner_cells.simulate\n"
        "def begun(*arguments, **options):\n"
        "    print('begun', flush=True)\n"
        "    return real(*arguments, **options)\n"
        "planner_cells.simulate = begun\n"
        "sys.exit(main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "run", "thesis-table-4.2", "--runs", "5000", "--out", tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while process.stdout.readline() != "begun\n":
        assert process.poll() is None  # far from done by then: 5,000 runs of nine cells take a minute
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_killed_run_that_is_resumed_has_the_bits_of_an_undisturbed_one(tmp_path: Path, commonweal) -> None:
    command = ("run", "thesis-table-4.2", "--runs", "200", "--out")
    program = "import sys; from scenarios.cli import main; sys.exit(main())"
    left = tmp_path / "left"
    process = subprocess.Popen([sys.executable, "-c", program, *command, left], stderr=subprocess.DEVNULL)
    while not list(left.glob(".*.partial/cells/000001.npz")):
        assert process.poll() is None
    process.kill()
    process.wait()
    assert commonweal(*command, tmp_path / "whole")[0] == 0
    code, _, err = commonweal(*command, left, "--resume")
    assert code == 0
    assert re.search("going on from .*: [2-8] finished cells are not played again", err)
    (killed,) = [path for path in left.iterdir() if (path / "cells").exists()]
    (resumed,) = set(left.iterdir()) - {killed}
    (whole,) = (tmp_path / "whole").iterdir()
    first, second = (json.loads((path / "summary.json").read_text()) for path in (resumed, whole))
    assert first == second | {"seconds": first["seconds"]}
    with xr.open_datatree(resumed / "data.nc") as found, xr.open_datatree(whole / "data.nc") as expected:
        assert found.identical(expected)
