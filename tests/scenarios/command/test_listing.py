"""What `commonweal list` prints fits the terminal and loses no word."""

import json
from collections.abc import Callable

import pytest

from scenarios.command.listing import names_above_texts, names_in_lines
from scenarios.registry import scenario_finding, scenario_names, scenario_summary
from simulation import strategy_names

CommandLine = Callable[..., tuple[int, str, str]]

LONG = "from .123 to 1,000 of all " * 12 + "a-name-with-hyphens-that-is-looked-for"


@pytest.mark.parametrize("columns", ["80", "100", "1", "1000"])
def test_lines_fit_and_numbers_and_names_stay_whole(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for printed in (
        names_above_texts("Heading", {"first": [LONG, "and this"], "another": [LONG]}),
        names_in_lines("Heading", {"first": LONG, "another": LONG}),
    ):
        assert max(map(len, printed.splitlines())) <= min(max(int(columns), 60), 120)
        assert " ".join(printed.split()).count(LONG) == 2
        assert printed.count("a-name-with-hyphens-that-is-looked-for") == 2


def test_names_stand_beside_or_above_their_texts() -> None:
    assert names_in_lines("Games", {"a": "one", "longer": "two"}) == "Games\n  a       one\n  longer  two"
    assert names_above_texts("Runs", {"a": ["one", "two"]}) == "Runs\n  a\n      one\n      two"
    assert names_in_lines("Games", {"a": ""}) == "Games\n  a"
    assert names_in_lines("Games", {}) == "Games"


def test_what_each_scenario_found_is_listed(commonweal: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = commonweal("list")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    told = " ".join(out.split())
    for name in scenario_names():
        assert f"{name} {scenario_summary(name)} - {scenario_finding(name)}" in told
    listed = json.loads(commonweal("list", "--json")[1])
    assert listed["findings"] == {name: scenario_finding(name) for name in scenario_names()}


def test_strategies_of_tournaments_are_listed_with_memory_and_source(commonweal: CommandLine) -> None:
    code, out, _ = commonweal("list", "--strategies")
    assert code == 0
    assert all(name in out for name in strategy_names())
    assert "…" not in out
    listed = {
        each["name"]: each
        for each in json.loads(commonweal("list", "--strategies", "--json")[1])["strategies"]
    }
    assert tuple(listed) == strategy_names()
    assert listed["tit-for-tat"] == {
        "name": "tit-for-tat",
        "memory_depth": 1,
        "is_stochastic": False,
        "source": "Anatol Rapoport in Axelrod (1980)",
    }
    # Grim never forgets; who plays C with 1/3 after a D draws; who always defects remembers nothing.
    assert listed["grim"]["memory_depth"] is None
    assert listed["generous-tit-for-tat"]["is_stochastic"]
    assert listed["always-defect"]["memory_depth"] == 0


def test_a_scenario_and_strategies_are_two_questions(commonweal: CommandLine) -> None:
    code, out, err = commonweal("list", "thesis-table-4.2", "--strategies")
    assert (code, out) == (2, "")
    assert "list takes a name or --strategies, got thesis-table-4.2 and --strategies" in err
