"""Who meets whom in which games, in `gradual-tft-duels`: named games, ensembles of random ones, rules, opponents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.players import (
    BinaryTitForTat,
    ConsequentialistCooperator,
    ContriteTitForTat,
    DuelPlayer,
    FirmButFair,
    FixedLevel,
    GradualPlayer,
    Grim,
    LiteralMirror,
    TitForTat,
    WinStayLoseShift,
)
from theory import Game, named_game

LEVELS = 21
GRADED = "donation"


def game_of(temptation: float, reward: float, punishment: float, sucker: float) -> Game:
    """Return the symmetric 2x2 game of payoffs T, R, P and S."""
    t, r, p, s = temptation, reward, punishment, sucker
    return Game.bimatrix([[r, s], [t, p]], [[r, t], [s, p]], title=f"T, R, P, S = {t:g}, {r:g}, {p:g}, {s:g}")


# Dilemmas of T, R, P, S between what Table 4.1 has (T - R = P - S) and games in which exploiting pays more.
GAMES: Mapping[str, Callable[[], Game]] = MappingProxyType(
    {
        "prisoners-dilemma": lambda: named_game("prisoners-dilemma"),
        "dilemma-5-3-1-0": lambda: game_of(5.0, 3.0, 1.0, 0.0),
        "dilemma-4.5-3-1-0": lambda: game_of(4.5, 3.0, 1.0, 0.0),
        "dilemma-6-4-1-0": lambda: game_of(6.0, 4.0, 1.0, 0.0),
        "dilemma-5-3-0.5-0": lambda: game_of(5.0, 3.0, 0.5, 0.0),
        "chicken": lambda: named_game("chicken"),
        "chicken-3.2": lambda: named_game("chicken-3.2"),
        "stag-hunt": lambda: named_game("stag-hunt"),
        "stag-hunt-3.2": lambda: named_game("stag-hunt-3.2"),
        GRADED: lambda: graded_donation_game(levels=LEVELS),
    }
)
CHICKENS = ("chicken", "chicken-3.2")

GRADUAL, CONTRITE, WIN_STAY = "gradual", "contrite", "win-stay"
RULES: Mapping[str, DuelPlayer] = MappingProxyType(
    {
        GRADUAL: GradualPlayer(),
        CONTRITE: ContriteTitForTat(),
        "generous": TitForTat(generosity=None),
        "tit-for-tat": TitForTat(),
        WIN_STAY: WinStayLoseShift(),
        "firm-but-fair": FirmButFair(),
        "grim": Grim(),
        "binary": BinaryTitForTat(),
        "consequentialist": ConsequentialistCooperator(),
        "literal-mirror": LiteralMirror(),
    }
)
# Whom the gradual rule is compared with, game by game.
COMPARED = (CONTRITE, WIN_STAY)
DEFECTOR = "defector"
OPPONENTS: Mapping[str, DuelPlayer] = MappingProxyType(
    {**RULES, "cooperator": FixedLevel(cooperation=1.0), DEFECTOR: FixedLevel(cooperation=0.0)}
)

# What is played before the first round: an action of each.
STARTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"CC": ("C", "C"), "DD": ("D", "D"), "CD": ("C", "D")}
)


@cache
def stage_game(name: str) -> Game:
    """Return a named game, always the same object, so that what is known of it is worked out once."""
    return GAMES[name]()


def start_in(game: Game, start: str) -> tuple[int, int]:
    """Return the actions of a start: full cooperation is the first, full defection the last."""
    one, two = (0 if letter == "C" else game.n_actions[i] - 1 for i, letter in enumerate(STARTS[start]))
    return one, two
