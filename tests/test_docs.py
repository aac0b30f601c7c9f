"""Pages show real output: running what they show would change nothing; their links lead somewhere."""

import importlib.util
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest

import scenarios
import simulation
import theory

ROOT = Path(__file__).resolve().parent.parent

_spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
refresh = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(refresh)


# What these pages show takes long to run.
LONG = (
    "gradual-tft-duels",
    "gradual-tft-convergence",
    "fairness-disagreement",
    "noisy-tournament",
    "planner-handover",
    "planner-knowledge",
    "planner-on-networks",
    "cooperation-on-networks",
    "escape-room",
    "commons",
    "planner-that-leaves",
    "coin-game",
    "coin-game-gradual-tft",
    "thesis-table-4.3",
    "thesis-figure-4.2",
    "axelrod-first",
    "altruism-atlas",
    "planner-cost",
    "classic-learners",
    "learners",
    "planner",
    "networks",
    "games-with-state",
    "experiments",
    "reinforcement-learning",
    "populations",
    "tutorial",
    "sweeps",
    "CONTRIBUTING",
)
PAGES = [
    pytest.param(page, marks=pytest.mark.slow) if page.stem in LONG else page for page in refresh.pages()
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_show_what_the_code_prints(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert refresh.refreshed(text, tmp_path) == text


@pytest.mark.parametrize("page", refresh.pages(), ids=lambda page: page.stem)
def test_links_and_pictures_exist(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", refresh.pages(), ids=lambda page: page.stem)
def test_output_on_pages_fits_and_is_not_cut(page: Path) -> None:
    for block in re.findall(
        r"^```console\n(.*?)^```\n", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    ):
        for line in block.splitlines():
            if not line.startswith("$"):
                assert len(line) <= 80, line
                assert "…" not in line, line
                assert "\\n" not in line, line


@pytest.mark.parametrize(
    "package", [theory, theory.altruism, simulation, scenarios], ids=lambda package: package.__name__
)
def test_every_public_name_is_explained_on_a_page(package: ModuleType) -> None:
    named = {
        word
        for page in refresh.pages()
        for code in re.findall(r"`[^`\n]+`", page.read_text(encoding="utf-8"))
        for word in re.findall(r"\w+", code)
    }
    assert set(package.__all__) <= named, sorted(set(package.__all__) - named)


@pytest.mark.parametrize("page", refresh.pages(), ids=lambda page: page.stem)
def test_files_and_names_of_ours_on_pages_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in set(re.findall(r"`((?:theory|simulation|scenarios)(?:\.\w+)+)`", text)) - {"simulation.py"}:
        assert pkgutil.resolve_name(name), name
    for path in re.findall(r"`((?:theory|simulation|scenarios|tests|docs)/[\w/.]+)`", text):
        assert (ROOT / path).exists() or "NAME" in path, path


def test_a_page_that_shows_something_else_is_noticed(tmp_path: Path) -> None:
    page = "```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n"
    assert refresh.refreshed(page, tmp_path) == page.replace("3", "2")
    page = "```console\n$ commonweal list\nNothing.\n```\n"
    assert "prisoners-dilemma" in refresh.refreshed(page, tmp_path)


def test_pages_can_be_chosen_and_unknown_ones_are_refused() -> None:
    assert refresh.chosen([]) == refresh.pages()
    assert refresh.chosen(["docs/verdicts.md", "README.md"]) == [
        ROOT / "docs" / "verdicts.md",
        ROOT / "README.md",
    ]
    with pytest.raises(ValueError, match=r"unknown page 'docs/verdict\.md'; nearest: docs/verdicts\.md"):
        refresh.chosen(["docs/verdict.md"])


def test_every_scenario_has_a_page() -> None:
    from scenarios.registry import scenario_names

    for name in scenario_names():
        page = (ROOT / "docs" / "scenarios" / f"{name}.md").read_text(encoding="utf-8")
        assert f"commonweal run {name}" in page


def test_list_readme_and_pages_say_the_same_of_what_was_found() -> None:
    from scenarios.registry import scenario_finding, scenario_names

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| \[([^]]+)\]\(docs/scenarios/\1\.md\) \| [^|]+ \| ([^|]+) \|$", readme, re.MULTILINE
    )
    assert dict(rows) == {name: scenario_finding(name) for name in scenario_names()}
    for name, finding in rows:
        assert len(finding) <= 110, name
        page = (ROOT / "docs" / "scenarios" / f"{name}.md").read_text(encoding="utf-8")
        opening = re.split(r"^(?:```|## )", page, maxsplit=1, flags=re.MULTILINE)[0]
        for figure in re.findall(r"\d*\.?\d+", finding):
            assert re.search(rf"(?<![\d.]){re.escape(figure)}(?!\.?\d)", opening), (name, figure)
