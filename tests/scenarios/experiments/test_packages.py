"""Installed packages bring scenarios and rules by entry points; a broken one leaves the others standing."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scenarios.experiments.packages import rule_of_package
from scenarios.registry import load_scenario

CommandLine = Callable[..., tuple[int, str, str]]
RULE = '''"""A rule that never learns."""

from simulation import LearningRule

STUBBORN = LearningRule(
    name="stubborn", memory={"p": 0.75}, cooperation=lambda memory, tunables: memory[0],
    learn=lambda memory, tunables, experience: None,
)
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Give a function that installs a package: its modules, and its entry points by group."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)

    def install_it(package: str, modules: dict[str, str], **groups: str) -> None:
        site = tmp_path / f"site-{package}"
        (site / f"{package}-1.2.dist-info").mkdir(parents=True)
        (site / f"{package}-1.2.dist-info" / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n"
        )
        lines = [f"[commonweal.{group}]\n{entries}\n" for group, entries in groups.items()]
        (site / f"{package}-1.2.dist-info" / "entry_points.txt").write_text("\n".join(lines))
        for name, text in modules.items():
            (site / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(site)
        importlib.invalidate_caches()

    yield install_it
    for name in set(sys.modules) - before:
        if name.startswith("their_"):
            del sys.modules[name]


def test_a_packages_scenario_is_listed_and_run_by_name(
    commonweal: CommandLine, install: Callable[..., None], tmp_path: Path, scenario_text: str
) -> None:
    install("theirs", {"their_twins": scenario_text}, scenarios="their-twins = their_twins:SCENARIO")
    code, out, err = commonweal("list")
    assert (code, err) == (0, "")
    assert (
        "Scenarios of installed packages\n  their-twins  Does a strategy keep cooperating with its twin"
        in out
    )
    code, out, _ = commonweal(
        "run", "their-twins", "--runs", "2", "--set", "turns=50", "--set", "noise=0", "--out", str(tmp_path / "out"),
        "--json",
    )  # fmt: skip
    assert code == 0
    printed = json.loads(out)
    assert printed["source"] == {"package": "theirs 1.2"}
    assert Path(printed["results"]).name.startswith("their-twins-")
    code, _, err = commonweal("run", "their-twinz")
    assert "unknown scenario 'their-twinz'; nearest: their-twins" in err


BROKEN = {
    "fails": ("their_failure:SCENARIO", "the scenario fails of the package broken 1.2 cannot be loaded: "
              "ZeroDivisionError: division by zero"),
    "ends": ("their_end:SCENARIO", "the scenario ends of the package broken 1.2 cannot be loaded: SystemExit: 4"),
    "absent": ("their_nothing:SCENARIO", "cannot be loaded: ModuleNotFoundError: No module named 'their_nothing'"),
    "other": ("their_rule:STUBBORN", "the scenario other of the package broken 1.2 must be a Scenario, got Learn"),
    "thesis-table-4.2": ("their_twins:SCENARIO", "must have a name that the project does not use itself"),
}  # fmt: skip


def test_broken_ones_are_named_a_line_each_and_leave_the_others_standing(
    commonweal: CommandLine, install: Callable[..., None], scenario_text: str
) -> None:
    install(
        "broken",
        {"their_failure": "1 / 0\n", "their_end": "raise SystemExit(4)\n", "their_rule": RULE},
        scenarios="\n".join(f"{name} = {target}" for name, (target, _) in BROKEN.items()),
    )
    install("theirs", {"their_twins": scenario_text}, scenarios="their-twins = their_twins:SCENARIO")
    code, out, err = commonweal("list")
    assert code == 0
    assert "  their-twins  Does" in out
    assert "thesis-table-4.2" in out
    lines = err.splitlines()
    assert len(lines) == len(BROKEN)
    for name, (_, told) in BROKEN.items():
        assert sum(told in line for line in lines) == 1, name
    for name, (_, told) in BROKEN.items():
        if name != "thesis-table-4.2":
            code, _, err = commonweal("run", name)
            assert code == 2
            assert told in err
    assert load_scenario("thesis-table-4.2").source == {}, "the project's name is the project's"


def test_a_name_of_two_packages_is_neithers(
    commonweal: CommandLine, install: Callable[..., None], scenario_text: str
) -> None:
    for package in ("theirs", "others"):
        install(package, {"their_twins": scenario_text}, scenarios="their-twins = their_twins:SCENARIO")
    code, _, err = commonweal("run", "their-twins")
    assert code == 2
    assert "the scenario their-twins must be of one package, got" in err


def test_rules_are_loaded_by_name(install: Callable[..., None]) -> None:
    install(
        "theirs", {"their_rule": RULE}, rules="stubborn = their_rule:STUBBORN\nnone = their_rule:LearningRule"
    )
    assert rule_of_package("stubborn").memory == {"p": 0.75}
    with pytest.raises(
        ValueError, match=r"the rule none of the package theirs 1\.2 must be a LearningRule, got"
    ):
        rule_of_package("none")
