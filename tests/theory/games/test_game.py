"""What a game says of itself."""

import numpy as np
import pytest

from theory import Game, named_game


def test_symmetric_games() -> None:
    assert named_game("chicken").is_symmetric
    assert not Game([[[3, 0], [4, 1]], [[3, 4], [0, 2]]]).is_symmetric
    assert not Game(np.zeros((2, 2, 3))).is_symmetric
    assert not Game(np.zeros((3, 2, 2, 2))).is_symmetric


@pytest.mark.parametrize(
    ("payoffs", "message"),
    [
        ([[(9, 9), (1, 10)], [(10, 1), (3, 3)]], r"got tuples such as \(9, 9\) innermost"),
        ((((9, 9), (1, 10)), ((10, 1), (3, 3))), r"got tuples such as \(9, 9\) innermost"),
        ([[[(1, 2, 3)] * 2] * 2] * 2, r"got tuples such as \(1, 2, 3\) innermost"),
        ([[[1, 2], [3, 4], [5, 6]]] * 3, r"got shape \(3, 3, 2\); if its last axis has the players"),
        (np.zeros((4, 2, 2)), r"got shape \(4, 2, 2\); if its last axis has the players"),
        (np.zeros((2, 2, 2, 3)), r"got shape \(2, 2, 2, 3\); if its last axis has the players"),
        (np.zeros((3, 3)), r"got shape \(3, 3\)$"),
    ],
)
def test_payoffs_by_outcome_are_not_read_as_payoffs_by_player(payoffs, message):
    with pytest.raises(ValueError, match=message):
        Game(payoffs)


def test_payoffs_by_outcome_with_the_players_put_first():
    by_outcome = [[(9, 9), (1, 10)], [(10, 1), (3, 3)]]
    game = Game(np.moveaxis(np.array(by_outcome), -1, 0))
    assert [tuple(u) for u in game.outcomes] == [(9, 9), (1, 10), (10, 1), (3, 3)]
    # Lists and arrays are read players first, whatever the lengths: rows of the first player's matrix.
    assert Game([[[9, 9], [1, 10]], [[10, 1], [3, 3]]]).payoffs[0].tolist() == [[9, 9], [1, 10]]
