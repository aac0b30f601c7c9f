"""The warning warns of the games in which a defector holds the mirror in cooperation, as play shows, no others."""

import warnings

import numpy as np
import pytest

from simulation import GradualPair, UnsafeMirrorWarning, graded_donation_game, play_duels
from simulation.gradual.players import GradualPlayer, Grim, LiteralMirror
from simulation.gradual.seat import Asked, Played, new_mind
from theory import Game, named_game

C, D = 0, 1


def is_warned(game: Game, role: int, mirror: LiteralMirror) -> bool:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mirror.seat(game, role)
    return any(issubclass(warning.category, UnsafeMirrorWarning) for warning in caught)


def is_held(game: Game, role: int, mirror: LiteralMirror) -> bool:
    """Return whether it replies to D with C, below what it can secure, after many D in reply to its C."""
    seat = mirror.seat(game, role)
    mind = new_mind(mirror, seat, game, role)
    for turn in range(20):
        mirror.learn(seat, mind, Played(C, C, D, 0.0, turn))
    secured = seat.own_payoffs.min(axis=1).max()
    return bool(seat.own_payoffs[C, D] < secured) and mirror.choose(seat, mind, Asked(D, 20, 0.5, 0.5)) == C


@pytest.mark.parametrize("order", ["TRPS", "TRSP", "RTPS"])
def test_it_warns_where_a_defector_holds_the_mirror_in_cooperation(order: str) -> None:
    generator = np.random.default_rng(7)
    found = []
    for k in range(20):
        # Player 2's payoffs are others in other units.
        one, two = (
            dict(zip(order, np.sort(generator.random(4))[::-1] * scale, strict=True)) for scale in (1.0, 30.0)
        )
        game = Game.bimatrix(
            [[one["R"], one["S"]], [one["T"], one["P"]]], [[two["R"], two["T"]], [two["S"], two["P"]]]
        )
        mirror = LiteralMirror(epsilon=0.04, uncertainty_factor=0.5 * (k % 2))
        found.append(is_held(game, k % 2, mirror))
        assert is_warned(game, k % 2, mirror) == found[-1]
    assert any(found) == (order != "TRSP")


def test_the_warning_says_what_follows_once_a_duel_and_a_model_begin() -> None:
    axelrod = named_game("prisoners-dilemma-axelrod")
    with pytest.warns(UnsafeMirrorWarning, match=r"player 1 .* theta_C = 0\.667, theta_D = 0\.25") as caught:
        play_duels(LiteralMirror(grid_points=51), Grim(), game=axelrod, rounds=2)
    assert len(caught) == 1
    with pytest.warns(UnsafeMirrorWarning, match="ever, 1 a round below its security level; GradualPlayer"):
        GradualPair(Grim(), LiteralMirror(grid_points=41), game=axelrod)


@pytest.mark.parametrize(
    ("mirror", "game"),
    [
        (LiteralMirror(), "prisoners-dilemma"),
        (LiteralMirror(), "stag-hunt"),
        (LiteralMirror(), "chicken"),
        (LiteralMirror(), "matching-pennies"),
        (LiteralMirror(epsilon=-0.1), "prisoners-dilemma-axelrod"),
        (LiteralMirror(form="value"), "prisoners-dilemma-axelrod"),
        (GradualPlayer(), "prisoners-dilemma-axelrod"),
        (LiteralMirror(), "graded"),
    ],
)
def test_it_keeps_silent_where_the_mirror_is_safe_or_the_question_makes_no_sense(
    mirror: LiteralMirror, game: str
) -> None:
    assert not is_warned(graded_donation_game(levels=5) if game == "graded" else named_game(game), 0, mirror)
