import inspect
from dataclasses import dataclass, replace

import pytest

from theory.arguments import checked, count
from theory.deprecation import also_called, renamed_fields, renamed_keyword


@renamed_keyword("repeats", "runs")
@checked(rounds=count(1))
def play(rounds: int, *, runs: int = 1) -> tuple[int, int]:
    """Play."""
    return rounds, runs


@renamed_keyword("last", "burn_in", translate=lambda last, given: given["rounds"] - last)
def count_rounds(rounds: int, *, burn_in: int = 0) -> tuple[int, int]:
    """Count."""
    return rounds, burn_in


@checked(rounds=count(1), runs=count(1))
@also_called(rounds="turns", runs="repetitions")
def match(
    name: str, *, turns: int = 2, repetitions: int = 1, rounds: int | None = None, runs: int | None = None
) -> tuple[str, int, int]:
    """Play a match."""
    return name, turns, repetitions


def test_an_old_name_works_and_says_the_new_one_where_it_is_written() -> None:
    with pytest.warns(DeprecationWarning, match="repeats of play is called runs now") as told:
        assert play(9, repeats=4) == (9, 4)  # type: ignore[call-arg]
    assert [warning.filename for warning in told] == [__file__]
    assert play(9, runs=4) == (9, 4)


def test_an_old_name_of_something_else_is_translated() -> None:
    with pytest.warns(DeprecationWarning, match="last of count_rounds is called burn_in now"):
        assert count_rounds(9, last=2) == (9, 7)  # type: ignore[call-arg]
    with pytest.warns(DeprecationWarning, match="last of count_rounds is called burn_in now"):
        assert count_rounds(rounds=9, last=3) == (9, 6)  # type: ignore[call-arg]


def test_a_second_name_works_without_a_warning() -> None:
    assert match("a", rounds=5, runs=3) == match("a", turns=5, repetitions=3) == ("a", 5, 3)
    assert match("a", rounds=5, repetitions=3) == ("a", 5, 3)
    assert match("a") == ("a", 2, 1)
    with pytest.raises(ValueError, match="runs must be at least 1, got 0"):
        match("a", runs=0)


def test_both_names_at_once_are_refused_even_if_they_agree() -> None:
    with pytest.raises(
        ValueError, match="rounds and turns are two names of one argument: give one, got 5 and 2"
    ):
        match("a", turns=2, rounds=5)
    with pytest.raises(
        ValueError, match="runs and repetitions are two names of one argument: give one, got 1 and 1"
    ):
        match("a", repetitions=1, runs=1)
    with pytest.raises(
        ValueError, match="repeats and runs are two names of one argument: give one, got 1 and 2"
    ):
        play(9, repeats=1, runs=2)  # type: ignore[call-arg]


@renamed_fields(repeats="runs", first="start")
@dataclass(frozen=True, kw_only=True)
class Play:
    runs: int = 1
    start: int = 0


def test_old_names_of_fields_stand_for_new_ones() -> None:
    with pytest.warns(DeprecationWarning, match="repeats of Play is called runs now") as told:
        assert Play(repeats=3) == Play(runs=3)
    assert told[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="of Play is called") as told:
        assert Play(repeats=3, first=2) == Play(runs=3, start=2)
    assert len(told) == 2
    assert replace(Play(runs=4), start=1) == Play(runs=4, start=1)
    assert list(inspect.signature(Play).parameters) == ["runs", "start"]
    with pytest.raises(ValueError, match="repeats and runs are two names of one argument"):
        Play(repeats=1, runs=2)
