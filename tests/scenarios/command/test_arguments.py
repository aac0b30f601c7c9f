"""What people write on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.command.arguments import (
    read_disagreement,
    read_game,
    read_json,
    read_numbers,
    read_profile,
)
from theory import Game, named_game

CHICKEN = named_game("chicken")


def test_a_game_by_name_by_matrices_by_tensor_and_by_file(tmp_path: Path) -> None:
    chicken = named_game("chicken")
    assert read_game(["chicken"]).payoffs.tolist() == chicken.payoffs.tolist()
    matrices = ["[[3, 2], [3.5, 1]]", "[[3, 3.5], [2, 1]]"]
    assert read_game(matrices).payoffs.tolist() == chicken.payoffs.tolist()
    assert read_game([f"[{', '.join(matrices)}]"]).payoffs.tolist() == chicken.payoffs.tolist()
    for name in ("chicken.nfg", "CHICKEN.NFG", "c.Nfg"):
        path = tmp_path / name
        path.write_text(chicken.to_nfg(), encoding="utf-8-sig")
        assert read_game([str(path)]).payoffs.tolist() == chicken.payoffs.tolist()


def test_a_tree_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "CHOICE.EFG"
    path.write_text(
        'EFG 2 R "choice" { "one" }\np "" 1 1 "" { "l" "r" } 0\nt "" 1 "" { 3 }\nt "" 2 "" { 4 }\n'
    )
    game = read_game([str(path)])
    assert (game.title, game.actions, game.payoffs.tolist()) == ("choice", (("l", "r"),), [[3, 4]])


def test_one_array_for_each_of_many_players() -> None:
    payoffs = np.arange(24).reshape(3, 2, 2, 2)
    assert np.array_equal(read_game([json.dumps(array.tolist()) for array in payoffs]).payoffs, payoffs)
    assert np.array_equal(read_game([json.dumps(payoffs.tolist())]).payoffs, payoffs)
    payoffs = np.arange(64).reshape(4, 2, 2, 2, 2)
    assert np.array_equal(read_game([json.dumps(array.tolist()) for array in payoffs]).payoffs, payoffs)
    assert read_game(["[[1, 2, 3]]"]).n_actions == (3,)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["chickn"], "unknown game 'chickn'; nearest: chicken"),
        (["[[1, 2], [3, 4]]"], "a game of two players needs two matrices, got one"),
        (["[[1, 2]]", "[[1], [2]]"], r"same shape, got shapes \(1, 2\) and \(2, 1\)"),
        (
            ["[[1, NaN]]", "[[1, 2]]"],
            r"the payoff matrix of player 1 must be finite, got nan at position \(0, 1\)",
        ),
        (
            ["[[1, 2], [3]]", "[[1, 2], [3, 4]]"],
            "the payoff matrix of player 1 must be a rectangular array of numbers",
        ),
        (["[1, 2], [3, 4]", "[[1, 2], [3, 4]]"], "more follows its end"),
        (["[[1, 2", "[[1, 2]]"], "must be written as one value of JSON"),
        (["missing.nfg"], "a game file must exist, got 'missing.nfg'"),
        (["a", "b", "c"], "a payoff matrix must be written as one value of JSON, got 'a'"),
        (
            ["[[1]]", "[[1]]", "[[1]]"],
            r"the game has 3 players, so that each of the 3 arrays must have 3 axes",
        ),
        (["m.csv"], r"a game file must end in \.nfg .* or \.efg .*, got 'm.csv'"),
        (["./chicken"], r"a game file must end in \.nfg"),
        (["missing.EFG"], "a game file must exist, got 'missing.EFG'"),
        (["chicken-3.3"], "unknown game 'chicken-3.3'; nearest: chicken-3.2"),
        (['[["3", 1]]', "[[1, 2]]"], r"a payoff matrix must hold numbers, got '\"3\"' at \(0, 0\)"),
        (["[[true, 1]]", "[[1, 2]]"], r"must hold numbers, got 'true' at \(0, 0\)"),
        (
            ["[[[9, 9], [1, 10]], [[10, 1], [3, 3]], [[1, 1], [1, 1]]]"],
            r"shape \(3, 2, 2\); if its last axis",
        ),
        (
            ["[" * 5000, "[[1]]"],
            r"must be (written as one value of JSON|nested at most 64 deep), got '\[{199} \.\.\.",
        ),
        (["[" * 70 + "]" * 70, "[[1]]"], "must be nested at most 64 deep"),
        (
            ["[[1" + "0" * 400 + "]]", "[[1]]"],
            r"numbers of at most 1e\+100 in absolute value, got '10{198} \.\.\.",
        ),
        (["[[1" + "0" * 5000 + "]]", "[[1]]"], "numbers of at most 4300 digits"),
        (['{"a": 1}', "[[1]]"], "must be a list, got"),
        ([], "got nothing"),
        (["[[1e400]]", "[[1]]"], "the payoff matrix of player 1 must be finite, got inf"),
    ],
)
def test_what_is_no_game_is_said(texts: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_game(texts)


def test_decimals_may_leave_out_the_leading_zero() -> None:
    assert read_profile("[[.9,.1],[1,0]]", CHICKEN) == ([[0.9, 0.1], [1, 0]], "")
    assert read_json("x", "[-.5, 1.25, .0]") == [-0.5, 1.25, 0.0]


@pytest.mark.parametrize("text", ["{}", "[1, 2]", "1", "[[1, 0], 1]"])
def test_a_profile_is_a_list_of_vectors(text: str) -> None:
    with pytest.raises(ValueError, match="a profile must be a list"):
        read_profile(text, CHICKEN)


@pytest.mark.parametrize(
    ("text", "game", "outcome", "read_as"),
    [
        ("C,D", CHICKEN, (0, 1), "(C, D), read as names"),
        (" D ; C ", CHICKEN, (1, 0), "(D, C), read as names"),
        ("0,1", CHICKEN, (0, 1), "(C, D), read as positions from 0"),
        ("0,4", Game(np.zeros((2, 2, 4))), None, "got none: names fail in line 1, where '0'"),
        ("C,3", Game(np.zeros((2, 2, 4))), (0, 2), "(C, 3), read as names"),
        ("1,1", Game(np.zeros((2, 3, 3))), None, "got two: actions as names"),
        ("C,d", CHICKEN, None, r"--profile, line 1: 'd' must be an action .*; nearest: D"),
        ("row,column", CHICKEN, None, "'row' must be an action"),
        ("b", Game([[1, 2]], actions=[["a", "b"]]), (1,), "(b), read as names"),
        ("C,D,C", CHICKEN, None, "must have an action of each of 2 players, got 3"),
    ],
)
def test_a_profile_of_actions(text: str, game: Game, outcome: tuple[int, ...] | None, read_as: str) -> None:
    if outcome is None:
        with pytest.raises(ValueError, match=read_as):
            read_profile(text, game)
    else:
        profile, reading = read_profile(text, game)
        assert reading == read_as
        assert [int(mixture.argmax()) for mixture in profile] == list(outcome)
        assert [mixture.sum() for mixture in profile] == [mixture.max() for mixture in profile]


@given(st.text(max_size=40) | st.text('[]{},:0123456789.eE+-"truefalsn \\', max_size=60))
def test_any_text_is_numbers_or_refused(text: str) -> None:
    try:
        numbers = read_numbers("x", text)
    except ValueError as error:
        assert str(error).startswith("x must ")  # noqa: PT017
    else:
        assert isinstance(numbers, list)


def test_disagreement_points() -> None:
    assert read_disagreement("security") == "security"
    assert read_disagreement("[1, .5]") == [1, 0.5]
