"""What a game says of itself."""

import numpy as np

from theory import Game, named_game


def test_symmetric_games() -> None:
    assert named_game("chicken").is_symmetric
    assert not Game([[[3, 0], [4, 1]], [[3, 4], [0, 2]]]).is_symmetric
    assert not Game(np.zeros((2, 2, 3))).is_symmetric
    assert not Game(np.zeros((3, 2, 2, 2))).is_symmetric
