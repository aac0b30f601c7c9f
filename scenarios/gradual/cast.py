"""The games of the scenarios about literal mirrors, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from simulation.gradual.graded_games import graded_donation_game, graded_public_good
from theory import Game, named_game

LEVELS = 21

GAMES: dict[str, Callable[[], Game]] = {
    "donation": lambda: graded_donation_game(levels=LEVELS),
    "asymmetric-donation": lambda: graded_donation_game(benefit=(2.0, 1.0), levels=LEVELS),
    "public-good": lambda: graded_public_good(2, benefit=1.5, exponent=0.5, levels=LEVELS),
    "partnership": lambda: graded_donation_game(benefit=0.5, interaction=0.4, levels=LEVELS),
    "prisoners-dilemma": lambda: named_game("prisoners-dilemma"),
    "chicken": lambda: named_game("chicken"),
    "stag-hunt": lambda: named_game("stag-hunt"),
}


@cache
def stage_game(name: str) -> Game:
    """Return a game by name, always the same object, so that what is known of it is worked out once."""
    return GAMES[name]()
