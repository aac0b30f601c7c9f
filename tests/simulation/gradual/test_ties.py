"""What decides where two things are worth the same: a stated rule or the lot, never rounding."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulation import graded_donation_game
from simulation.gradual.players import (
    BinaryTitForTat,
    ConsequentialistCooperator,
    ContriteTitForTat,
    DuelPlayer,
    FirmButFair,
    FixedCooperativeness,
    GradualPlayer,
    LevelLearner,
    LiteralMirror,
    OutcomeQLearner,
    TitForTat,
    WinStayLoseShift,
)
from simulation.gradual.policies import fair_actions
from simulation.gradual.seat import Asked, Played, new_mind
from simulation.matches.strategies.learners import q_learning
from theory import Game, named_game

# Factors and shifts that leave few payoffs as exact as they are written.
UNITS = [(1.0 / 3.0, 0.0), (0.1, 0.0), (1.0, 0.1), (1.0 / 7.0, 0.3)]

GAMES = {
    name: named_game(name)
    for name in ("prisoners-dilemma", "chicken", "stag-hunt", "prisoners-dilemma-axelrod")
} | {
    "donation": graded_donation_game(levels=5, benefit=2.0),
    "unlike": graded_donation_game(benefit=(2.0, 1.0), levels=6),
}

PLAYERS: list[DuelPlayer] = [
    BinaryTitForTat(),
    BinaryTitForTat(debit_limit=1.0, factor=1.0),
    BinaryTitForTat(form="nash"),
    ConsequentialistCooperator(),
    ConsequentialistCooperator(share=1.0),
    ContriteTitForTat(),
    FirmButFair(),
    FixedCooperativeness(beta=0.5),
    FixedCooperativeness(beta=1.0 / 3.0),
    GradualPlayer(),
    LiteralMirror(grid_points=11),
    LiteralMirror(grid_points=11, form="value", epsilon=0.0, tremble=0.0, forgetting=0.0),
    OutcomeQLearner(),
    TitForTat(generosity=None),
    WinStayLoseShift(),
]


def in_other_units(game: Game, factor: float, shift: float) -> Game:
    return Game.bimatrix(*(factor * game.payoffs[role] + shift for role in (0, 1)))


def played_by(player: DuelPlayer, game: Game) -> list[int]:
    """Return what a player of role 0 does in 40 rounds in which both play at random, whatever it chooses."""
    generator = np.random.default_rng(3)
    seat = player.seat(game, 0)
    mind = new_mind(player, seat, game, 0)
    chosen, own, other = [], 0, 0
    for turn in range(40):
        draw, extra = generator.random(2)
        chosen.append(player.choose(seat, mind, Asked(other, turn, draw, extra)))
        before, (own, other) = own, (int(n * generator.random()) for n in game.n_actions)
        player.learn(seat, mind, Played(before, own, other, float(game.payoffs[0, own, other]), turn))
    return chosen


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("player", PLAYERS, ids=lambda player: type(player).__name__)
def test_units_of_payoffs_do_not_change_what_is_played(player: DuelPlayer, game: str) -> None:
    usual = played_by(player, GAMES[game])
    for unit in UNITS:
        assert played_by(player, in_other_units(GAMES[game], *unit)) == usual


@pytest.mark.parametrize("form", ["sum", "egalitarian", "nash", "kalai-smorodinsky"])
def test_units_do_not_change_what_is_fair(form: Any) -> None:
    for game in GAMES.values():
        usual = fair_actions(game, 0, form=form)
        for factor, _ in UNITS:
            assert fair_actions(in_other_units(game, factor, 0.0), 0, form=form) == usual


@pytest.mark.parametrize("learner", [LevelLearner(), OutcomeQLearner(expected_cooperation=0.5)])
def test_a_q_learner_that_knows_nothing_goes_by_its_rule_for_ties(learner: Any) -> None:
    game = GAMES["stag-hunt"]  # in which C and D promise the same where the other cooperates half of the time
    for ties, share in (("cooperation", 1.0), ("defection", 0.0), ("lot", 0.5)):
        player = replace(learner, ties=ties)
        seat = player.seat(game, 0)
        mind = new_mind(player, seat, game, 0)
        chosen = [player.choose(seat, mind, Asked(0, 1, (k + 0.5) / 10.0, 0.5)) for k in range(10)]
        assert np.mean(np.array(chosen) == 0) == share


def test_a_lot_is_fair_among_the_best_choices_alone() -> None:
    player = LevelLearner(ties="lot", situations=1)
    game = graded_donation_game(levels=6)
    seat = player.seat(game, 0)
    mind = new_mind(player, seat, game, 0)
    mind.table[0] = [0.0, 0.3, 0.1 + 0.2, -1.0, 0.3, 0.2]
    chosen = [player.choose(seat, mind, Asked(0, 1, (k + 0.5) / 30.0, 0.5)) for k in range(30)]
    assert np.bincount(chosen, minlength=6).tolist() == [0, 10, 10, 0, 10, 0]


@pytest.mark.parametrize(("ties", "chance"), [("cooperation", 0.95), ("lot", 0.5), ("defection", 0.05)])
def test_q_learning_in_matches_begins_by_its_rule_for_ties(ties: str, chance: float) -> None:
    rule: Any = q_learning(exploration=0.1, ties=ties).rule
    assert rule.cooperation(np.array(rule.memory), 0, None) == pytest.approx(chance)
