"""Contrite Tit-for-Tat is the machine of Wu & Axelrod (1995)."""

import numpy as np

from simulation import graded_donation_game, play_duels, strategy
from simulation.gradual.players import ContriteTitForTat
from simulation.gradual.seat import Asked, Played, new_mind
from theory import FiniteState, named_game


def test_it_walks_through_the_states_of_the_machine_whatever_happens() -> None:
    player, game = ContriteTitForTat(), named_game("prisoners-dilemma")
    machine = strategy("contrite-tit-for-tat").rule
    assert isinstance(machine, FiniteState)
    seat = player.seat(game, 0)
    mind, state = new_mind(player, seat, game, 0), 0
    moods = set()
    for own, other in np.random.default_rng(1).integers(0, 2, (400, 2)).tolist():
        assert player.choose(seat, mind, Asked(0, 1, 0.5, 0.5)) == 1 - machine.cooperation[state]
        player.learn(seat, mind, Played(0, own, other, 0.0, 1))
        state = machine.transitions[state][2 * own + other]
        moods.add(state)
    assert moods == {0, 1, 2}


def test_levels_below_one_half_are_defections() -> None:
    player, game = ContriteTitForTat(), graded_donation_game(levels=5)
    seat = player.seat(game, 0)
    for other, answer in ((0, 0), (2, 0), (3, 4), (4, 4)):
        mind = new_mind(player, seat, game, 0)
        player.learn(seat, mind, Played(0, 1, other, 0.0, 0))
        assert player.choose(seat, mind, Asked(other, 1, 0.5, 0.5)) == answer


def test_two_who_begin_provoked_defect_until_one_of_them_slips() -> None:
    """Only a cooperation of the other ends being provoked; one who is content is then provoked in turn."""
    provoked, game = ContriteTitForTat(begins_provoked=True), named_game("prisoners-dilemma")
    data = play_duels(provoked, provoked, game=game, rounds=50, start=(1, 1))
    assert (data["level"].values == 0.0).all()
    against_content = play_duels(provoked, ContriteTitForTat(), game=game, rounds=50, start=(1, 1))
    assert against_content["level"].values[0].tolist() == [[0.0, 1.0], [1.0, 0.0]] * 25
