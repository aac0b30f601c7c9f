"""Fields of parameters from text: by type, in parameters within parameters, and refused with rule and value."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.frame.settings import (
    read_number,
    read_value,
    read_whole_number,
    settings_of,
    with_settings,
    written,
)
from theory import Game, named_game


@dataclass(frozen=True, kw_only=True)
class Planner:
    bound: float = 3.0
    """Positive."""
    sees: tuple[bool, bool] = (True, True)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    least_runs: ClassVar[int] = 2

    runs: int = 10
    """Of each
    cell."""
    noise: float | None = None
    signs: Literal["both", "rewards"] = "both"
    games: tuple[str, ...] = ("chicken", "stag-hunt")
    pairs: tuple[tuple[float, float], ...] = ((0.5, 1.0),)
    size: int | str = 3
    planner: Planner = field(default_factory=Planner)
    game: Game = field(default_factory=lambda: named_game("chicken"))

    def __post_init__(self) -> None:
        if self.runs < 2:
            raise ValueError(f"runs must be at least 2, got {self.runs}")


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("runs=3", "runs", 3),
        (" noise = .5 ", "noise", 0.5),
        ("noise=none", "noise", None),
        ("signs=rewards", "signs", "rewards"),
        ("games=chicken", "games", ("chicken",)),
        ("games=chicken, stag-hunt", "games", ("chicken", "stag-hunt")),
        ('games=["chicken","a,b"]', "games", ("chicken", "a,b")),
        ("games=", "games", ()),
        ("pairs=[[1,2],[0.5,-3]]", "pairs", ((1.0, 2.0), (0.5, -3.0))),
        ("size=7", "size", 7),
        ("size=large", "size", "large"),
    ],
)
def test_a_value_is_read_by_the_type_of_its_field(text: str, path: str, value: object) -> None:
    changed = with_settings(Parameters(), [text])
    assert getattr(changed, path) == value
    assert changed.planner == Planner()


def test_parameters_within_parameters() -> None:
    changed = with_settings(Parameters(), ["planner.bound=2", "planner.sees=true,false", "runs=4"])
    assert changed == Parameters(runs=4, planner=Planner(bound=2.0, sees=(True, False)), game=changed.game)
    assert with_settings(changed, []) is changed


def test_a_game_is_a_name_and_a_dilemma_has_its_greed() -> None:
    changed = with_settings(Parameters(), ["game=stag-hunt", "game.greed=2.5"])
    assert changed.game.payoffs[0, 1, 0] == named_game("stag-hunt").payoffs[0, 0, 0] + 2.5


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["runs"], "a setting must be written path=value, got 'runs'"),
        (["rums=3"], "unknown setting 'rums'; nearest: runs"),
        (["planner=3"], "unknown setting 'planner'"),
        (["planner.bond=3"], "unknown setting 'planner.bond'; nearest: planner.bound"),
        (["runs=3", "runs=4"], "runs must be set once, got '3' and '4'"),
        (["runs=3.5"], r"runs must be a whole number, got '3\.5'"),
        (["runs=1"], "runs must be at least 2, got 1"),
        (["noise=x"], "noise must be a number, got 'x'"),
        (["signs=bot"], "unknown signs 'bot'; nearest: both"),
        (["planner.sees=yes,no"], "planner.sees must be true or false, got 'yes'"),
        (["planner.sees=true"], "planner.sees must be 2 values with commas in between, got 'true'"),
        (["pairs=[[1,2]"], "pairs must be a JSON list or have commas in between, got"),
        (["pairs=1,2"], "pairs must be 2 values with commas in between, got '1'"),
        (["game=chiken"], "unknown game 'chiken'; nearest: chicken"),
    ],
)
def test_what_is_refused(texts: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        with_settings(Parameters(), texts)


def test_what_can_be_set_is_listed_with_defaults_and_bounds() -> None:
    listed = {setting.path: setting for setting in settings_of(Parameters())}
    assert listed["runs"].meaning == "Of each cell. At least 2."
    assert listed["planner.bound"].meaning == "Positive."
    assert listed["planner.bound"].value == 3.0
    assert {path: setting.kind for path, setting in listed.items()} == {
        "runs": "whole number",
        "noise": "number or none",
        "signs": "both or rewards",
        "games": "name, ...",
        "pairs": "number, number, ...",
        "size": "whole number or name",
        "planner.bound": "number",
        "planner.sees": "true or false, true or false",
        "game": "game",
        "game.greed": "number",
        "game.fear": "number",
        "game.reward": "number",
        "game.punishment": "number",
    }


@given(
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False),
    st.lists(st.integers()).map(tuple),
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))).map(tuple),
)
def test_what_is_written_is_read(whole, number, several, pairs) -> None:
    assert read_value("x", written(whole), int) == whole
    assert read_value("x", written(number), float) == number
    assert read_value("x", written(several), tuple[int, ...]) == several
    assert read_value("x", written(pairs), tuple[tuple[float, float], ...]) == pairs
    named = ("donation", "donation, continuous")
    assert read_value("x", written(named), tuple[str, ...]) == named
    assert read_value("x", written(None), int | None) is None
    assert read_value("x", written(True), bool) is True


def test_numbers() -> None:
    assert read_whole_number("runs", "12") == 12
    assert read_number("tolerance", "1e-3") == 1e-3
    with pytest.raises(ValueError, match=r"seed must be a whole number, got '1\.5'"):
        read_whole_number("seed", "1.5")
    with pytest.raises(ValueError, match="tolerance must be a number, got 'x'"):
        read_number("tolerance", "x")
    with pytest.raises(ValueError, match=r"seed must have at most 1000 digits, got '9{199} \.\.\."):
        read_whole_number("seed", "9" * 6000)
    assert read_whole_number("seed", str(2**80)) == 2**80
