"""A fixed level is the nearest action, whatever the other does and whatever pays."""

import pytest

from simulation import graded_donation_game, play_duels
from simulation.gradual.players import FixedLevel, TitForTat
from theory import named_game


@pytest.mark.parametrize("game", ["stag-hunt", "chicken", "prisoners-dilemma"])
def test_unconditional_defection_and_cooperation(game: str) -> None:
    for level in (0.0, 1.0):
        data = play_duels(
            FixedLevel(cooperation=level), TitForTat(), game=named_game(game), rounds=5, start=(1, 1)
        )
        assert (data["level"].values[0, :, 0] == level).all()


def test_levels_between_are_the_nearest() -> None:
    game = graded_donation_game(levels=5)
    for level, nearest in ((0.3, 0.25), (0.6, 0.5), (0.9, 1.0)):
        data = play_duels(FixedLevel(cooperation=level), FixedLevel(), game=game, rounds=2)
        assert (data["level"].values[0, :, 0] == nearest).all()
    with pytest.raises(ValueError, match=r"cooperation must lie in \[0, 1\], got 2"):
        FixedLevel(cooperation=2.0)
