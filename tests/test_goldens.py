"""What every law and driver simulates has the bits that were simulated elsewhere (`tests/goldens.py`)."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

_spec = importlib.util.spec_from_file_location("goldens", Path(__file__).with_name("goldens.py"))
assert _spec is not None
assert _spec.loader is not None
goldens = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(goldens)


FAMILIES = [
    pytest.param(family, id=family.__name__, marks=[pytest.mark.slow] if family is goldens.scenarios else [])
    for family in goldens.FAMILIES
]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_law_simulates_the_same_bits_everywhere(family: Callable) -> None:
    names = [name for name, _ in family()]
    kept = {name: of_case for name, of_case in goldens.read().items() if name in names}
    wrong = goldens.differences(goldens.simulated(family), kept)
    assert not wrong, "if a law was meant to change, run tests/goldens.py: it writes tests/goldens.json anew"


def test_no_case_is_kept_in_vain() -> None:
    assert sorted(goldens.read()) == sorted(name for family in goldens.FAMILIES for name, _ in family())


def test_hashes_see_bits_shapes_and_names_but_neither_signs_of_zero_nor_kinds_of_nan() -> None:
    values = np.array([0.1, 0.0, np.nan])
    other_nan = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    assert goldens.digest(values) == goldens.digest(np.array([0.1, -0.0, other_nan]))
    assert goldens.digest(values) != goldens.digest(np.nextafter(values, 1.0))
    assert goldens.digest(values) != goldens.digest(values[None])
    assert goldens.digest(np.array([1, 2], dtype=np.int8)) == goldens.digest(np.array([1, 2]))
    assert goldens.digest(np.array(["C", "D"])) != goldens.digest(np.array(["D", "C"]))
    assert goldens.differences({"a": {"x": "1"}}, {"a": {"x": "2"}, "b": {"y": "3"}}) == ["a: x", "b: y"]


def test_new_cases_are_added_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> dict:
        raise AssertionError("a case that is there is not played")

    def family() -> Iterator[tuple[str, Callable]]:
        yield "old", never
        yield "new", lambda: {"x": np.array([1.0])}

    monkeypatch.setattr(goldens, "read", lambda: {"old": {"x": "as it was"}, "gone": {"x": "no more"}})
    found = goldens.with_new_cases([family])
    assert found == {"old": {"x": "as it was"}, "new": {"x": goldens.digest(np.array([1.0]))}}
