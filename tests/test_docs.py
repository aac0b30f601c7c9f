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


# Learners in JAX whose courses hang on the last bit, which is that of one kind of machine: their pages say so.
# Mesa 3.5 writes whole numbers of a table with a point.
SENSITIVE = ("classic-learners", "coin-game", "coin-game-gradual-tft", "learners", "mesa")
_NUMBER = re.compile(r"\d*\.?\d+")


def numbers_apart(one: str, other: str) -> list[tuple[str, str]]:
    """Return the numbers of two texts that differ by more than machines may.

    That is five units of the last digit, or 2%; of whole numbers one, or 15% up to five. Texts of other words are
    apart as a whole; how their lines are filled is no matter.
    """
    texts = [" ".join(text.split()) for text in (one, other)]
    if _NUMBER.sub("#", texts[0]) != _NUMBER.sub("#", texts[1]):
        return [(one, other)]
    pairs = zip(*(_NUMBER.findall(text) for text in texts), strict=True)
    return [(a, b) for a, b in pairs if not _is_near(a, b)]


def _is_near(one: str, other: str) -> bool:
    a, b = float(one), float(other)
    digits = min(len(number.partition(".")[2]) for number in (one, other))
    if digits:
        return abs(a - b) <= max(5.001 * 10.0**-digits, 0.02 * max(a, b))
    return abs(a - b) <= max(1.0, min(5.0, 0.15 * max(a, b)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_show_what_the_code_prints(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    refreshed = refresh.refreshed(text, tmp_path)
    if page.stem in SENSITIVE:
        assert not numbers_apart(refreshed, text)
    else:
        assert refreshed == text


@pytest.mark.parametrize(
    ("shown", "printed", "near"),
    [
        ("0.928 (0.910, 0.943)", "0.930 (0.912, 0.945)", True),
        ("22 of 100  -1.36", "25 of 100 -1.35", True),
        ("0.1173", "0.1150", True),  # 2%
        ("0.928", "0.934", True),
        ("0.28", "0.34", False),
        ("22 of 100", "28 of 100", False),
        ("10 of 10", "9 of 10", True),
        ("10 of 10", "8 of 10", False),
        ("2026", "2020", False),
        ("-1.05", "1.05", False),
        ("the 5 runs", "all 5 runs", False),
        ("1 2 3", "1 2", False),
    ],
)
def test_what_another_machine_may_print_is_told_from_what_it_may_not(
    shown: str, printed: str, near: bool
) -> None:
    assert bool(numbers_apart(printed, shown)) is not near


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
