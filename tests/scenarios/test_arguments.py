"""What people write on the command line."""

from pathlib import Path

import pytest

from scenarios.arguments import (
    read_disagreement,
    read_game,
    read_json,
    read_number,
    read_profile,
    read_whole_number,
)
from theory import named_game


def test_a_game_by_name_by_matrices_by_tensor_and_by_file(tmp_path: Path) -> None:
    chicken = named_game("chicken")
    assert read_game(["chicken"]).payoffs.tolist() == chicken.payoffs.tolist()
    matrices = ["[[3, 2], [3.5, 1]]", "[[3, 3.5], [2, 1]]"]
    assert read_game(matrices).payoffs.tolist() == chicken.payoffs.tolist()
    assert read_game([f"[{', '.join(matrices)}]"]).payoffs.tolist() == chicken.payoffs.tolist()
    path = tmp_path / "chicken.nfg"
    path.write_text(chicken.to_nfg(), encoding="utf-8")
    assert read_game([str(path)]).payoffs.tolist() == chicken.payoffs.tolist()


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["chickn"], "unknown game 'chickn'; nearest: chicken"),
        (["[[1, 2], [3, 4]]"], "a game of two players needs two matrices, got one"),
        (["[[1, 2]]", "[[1], [2]]"], r"same shape, got shapes \(1, 2\) and \(2, 1\)"),
        (["[[1, NaN]]", "[[1, 2]]"], r"A must be finite, got nan at position \(0, 1\)"),
        (["[[1, 2", "[[1, 2]]"], "must be written as JSON"),
        (["missing.nfg"], "a game file must exist, got 'missing.nfg'"),
        (["a", "b", "c"], "got 3 arguments"),
        (["[[1e400]]", "[[1]]"], "A must be finite, got inf"),
    ],
)
def test_what_is_no_game_is_said(texts: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_game(texts)


def test_decimals_may_leave_out_the_leading_zero() -> None:
    assert read_profile("[[.9,.1],[1,0]]") == [[0.9, 0.1], [1, 0]]
    assert read_json("x", "[-.5, 1.25, .0]") == [-0.5, 1.25, 0.0]


@pytest.mark.parametrize("text", ["{}", "[1, 2]", "1"])
def test_a_profile_is_a_list_of_vectors(text: str) -> None:
    with pytest.raises(ValueError, match="a profile must be a list of probability vectors"):
        read_profile(text)


def test_numbers_and_disagreement_points() -> None:
    assert read_whole_number("runs", "12") == 12
    assert read_number("tolerance", "1e-3") == 1e-3
    assert read_disagreement("security") == "security"
    assert read_disagreement("[1, .5]") == [1, 0.5]
    with pytest.raises(ValueError, match=r"seed must be a whole number, got '1\.5'"):
        read_whole_number("seed", "1.5")
    with pytest.raises(ValueError, match="tolerance must be a number, got 'x'"):
        read_number("tolerance", "x")
