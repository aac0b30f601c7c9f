"""Firm-but-fair has the four probabilities of Frean (1994)."""

import pytest

from simulation import strategy
from simulation.gradual.players import FirmButFair
from simulation.gradual.seat import Asked, Played, new_mind
from theory import MemoryOne, named_game


def test_it_cooperates_with_the_probabilities_of_its_source() -> None:
    player, game = FirmButFair(), named_game("prisoners-dilemma")
    source = strategy("firm-but-fair").rule
    assert isinstance(source, MemoryOne)
    seat = player.seat(game, 0)
    draws = [(k + 0.5) / 300 for k in range(300)]
    for own in (0, 1):
        for other in (0, 1):
            mind = new_mind(player, seat, game, 0)
            player.learn(seat, mind, Played(0, own, other, 0.0, 0))
            share = sum(player.choose(seat, mind, Asked(other, 1, draw, 0.5)) == 0 for draw in draws) / 300
            assert share == pytest.approx(source.after[2 * own + other], abs=1e-9)
    assert player.choose(seat, new_mind(player, seat, game, 0), Asked(1, 0, 0.9, 0.5)) == 0
