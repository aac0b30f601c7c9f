"""The tool that makes mutants lists each change once, makes what it lists, and leaves words alone."""

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("mutants", Path(__file__).parent / "mutants.py")
assert _spec is not None
assert _spec.loader is not None
mutants = importlib.util.module_from_spec(_spec)
sys.modules["mutants"] = mutants  # dataclasses look their module up
_spec.loader.exec_module(mutants)

TEXT = '''"""A docstring."""
from __future__ import annotations

LIMIT = 3


def largest(values: list[int], *, floor: int = 0) -> int | None:
    """Another."""
    if not values:
        raise ValueError(f"values must not be empty, got {len(values)}")
    best = max(value for value in values if value < LIMIT)
    return best if best >= floor else None
'''


@pytest.fixture
def every() -> list:
    return mutants.mutants_of("a.py", TEXT)


def test_mutants_are_listed_once_and_in_order(every: list) -> None:
    assert every == mutants.mutants_of("a.py", TEXT)
    assert len({(one.node, one.choice) for one in every}) == len(every)


def test_every_mutant_is_another_program(every: list) -> None:
    texts = {ast.unparse(mutants.mutated(one, TEXT)) for one in every}
    assert ast.unparse(ast.parse(TEXT)) not in texts
    assert len(texts) == len(every)
    for text in texts:
        compile(text, "a.py", "exec")


def test_changes_are_those_that_a_reader_expects(every: list) -> None:
    changes = {one.change for one in every}
    assert {
        "value < LIMIT  ->  value <= LIMIT",
        "value < LIMIT  ->  value >= LIMIT",
        "best >= floor  ->  best > floor",
        "3  ->  4",
        "0  ->  1",
        "not values  ->  values",
        "return best if best >= floor else None  ->  return None",
    } <= changes
    assert any(change.endswith("->  min((value for value in values if value < LIMIT))") for change in changes)
    assert any(change.startswith("raise") and change.endswith("pass") for change in changes)


def test_docstrings_annotations_imports_and_words_of_errors_are_left_alone(every: list) -> None:
    for one in every:
        before = one.change.split("  ->  ")[0]
        assert "docstring" not in before
        assert "Another" not in before
        assert not before.startswith(("from", "list", "f'", "'values"))


def test_tests_are_chosen_by_the_lines_that_they_reach_quick_ones_first() -> None:
    one = mutants.Mutant("a.py", 0, 0, (10, 11), "")
    lines = {
        "slow": {"a.py": [9, 10]},
        "quick": {"a.py": [11]},
        "other": {"a.py": [12]},
        "none": {"b.py": [10]},
    }
    seconds = {"slow": 2.0, "quick": 1.0, "other": 0.5, "none": 0.1}
    assert mutants.tests_for(one, lines, seconds) == ["quick", "slow"]
    imported = mutants.Mutant("a.py", 0, 0, (1, 1), "")
    assert mutants.tests_for(imported, lines, seconds) == ["other", "quick", "slow"]


def test_tests_of_the_file_that_mirrors_a_module_come_first() -> None:
    one = mutants.Mutant("theory/repeated/ledger.py", 0, 0, (10, 11), "")
    names = (
        "tests/theory/repeated/test_ledger.py::test_own",
        "tests/simulation/gradual/test_ledger.py::test_quick",
    )
    lines = {name: {"theory/repeated/ledger.py": [10]} for name in names}
    assert mutants.tests_for(one, lines, {names[0]: 2.0, names[1]: 1.0}) == list(names)
