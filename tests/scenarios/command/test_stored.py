"""`commonweal show` and `report`: what a person sees of stored results."""

import json
import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two results of the scenario that is played fastest."""
    from scenarios.frame.store import Folder
    from scenarios.registry import load_scenario

    folder = tmp_path_factory.mktemp("results")
    scenario = load_scenario("altruism-atlas")
    for seed in (0, 1):
        parameters = scenario.Parameters(seed=seed).quick()
        result = scenario.run(parameters)
        with Folder(folder, result.scenario, result.parameters) as stored:
            stored.store(result)
            path = stored.publish()
        path.rename(folder / f"number-{seed}")
        os.utime(folder / f"number-{seed}", (seed, seed))
    return folder


def test_all_are_listed_one_is_printed_and_two_are_compared(commonweal, out: Path) -> None:
    code, listed, _ = commonweal("show", "--out", str(out))
    assert code == 0
    assert "number-0" in listed
    assert "number-1" in listed
    code, one, _ = commonweal("show", "number-1", "--out", str(out))
    assert code == 0
    assert "altruism-atlas: parameters" in one
    code, two, _ = commonweal("show", "number-0", str(out / "number-1"), "--out", str(out))
    assert code == 0
    assert "seed" in two.partition("Parameters that differ")[2]
    code, plain, _ = commonweal("show", "number-0", "--out", str(out), "--json")
    assert json.loads(plain)["scenario"] == "altruism-atlas"
    code, plain, _ = commonweal("show", "--out", str(out), "--json")
    assert {entry["name"] for entry in json.loads(plain)} == {"number-0", "number-1"}


def test_by_a_scenario_its_latest_result_is_meant(commonweal, out: Path, tmp_path: Path) -> None:
    for seed, name in ((1, "altruism-atlas-20260101-000000"), (0, "altruism-atlas-20260101-000001")):
        shutil.copytree(out / f"number-{seed}", tmp_path / name)
        os.utime(tmp_path / name, (10 - seed, 10 - seed))
    shutil.copytree(out / "number-1", tmp_path / "altruism-atlas-20260101-000002-mine")
    code, plain, _ = commonweal("show", "altruism-atlas", "--out", str(tmp_path), "--json")
    assert code == 0
    assert json.loads(plain)["parameters"]["seed"] == 0


def test_a_report_is_one_file_where_it_was_asked_for(commonweal, out: Path, tmp_path: Path) -> None:
    code, said, _ = commonweal("report", "number-0", "--out", str(out), "--to", str(tmp_path / "page.html"))
    assert code == 0
    assert "page.html" in said
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    code, _, _ = commonweal("report", "number-0", "--out", str(out))
    assert (out / "number-0" / "report.html").exists()


NOT_THERE = (
    "a result must be a folder, or the name of one or of a scenario in OUT, got 'none'; "
    "`commonweal show` lists those that are there"
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "none"), NOT_THERE),
        (("show", "a", "b", "c"), "show takes at most two results, got 3"),
        (("show", "no/folder"), "a result must be a folder, got 'no/folder'"),
        (("report", "none"), NOT_THERE),
    ],
)
def test_what_is_not_there_is_told_in_one_line(
    commonweal, out: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, said, errors = commonweal(*arguments, "--out", str(out))
    assert (code, said) == (2, "")
    assert errors.strip().replace(str(out), "OUT") == f"commonweal: {message}"


def test_the_nearest_name_of_a_result_is_told(commonweal, out: Path) -> None:
    code, _, errors = commonweal("show", "nunber-0", "--out", str(out))
    assert code == 2
    assert "nearest: number-0" in errors


def test_a_folder_that_cannot_be_written_is_told(commonweal, out: Path, tmp_path: Path) -> None:
    code, _, errors = commonweal(
        "report", "number-0", "--out", str(out), "--to", str(tmp_path / "no" / "page.html")
    )
    assert code == 2
    assert "the report must be writable, got" in errors
