"""Games by name, each with its source."""

from __future__ import annotations

from collections.abc import Callable

from theory.checks import known_name
from theory.games.dilemmas import MatrixDilemma, matrix_dilemma
from theory.games.game import Game


def _rspt(title: str, reward: float, sucker: float, temptation: float, punishment: float) -> Game:
    return MatrixDilemma(
        reward=reward, sucker=sucker, temptation=temptation, punishment=punishment, title=title
    )


# One entry a game. Payoffs are those of the source that stands above it.
_GAMES: dict[str, Callable[[], Game]] = {
    # Thesis Table 4.1 (R = 3, P = 1).
    "prisoners-dilemma": lambda: matrix_dilemma(greed=1, fear=1, title="Prisoner's Dilemma"),
    "chicken": lambda: matrix_dilemma(greed=0.5, fear=-1, title="Chicken"),
    "stag-hunt": lambda: matrix_dilemma(greed=-1, fear=1, title="Stag Hunt"),
    # Thesis Table 3.2.
    "prisoners-dilemma-3.2": lambda: _rspt("Prisoner's Dilemma (Table 3.2)", 3, 0, 4, 1),
    "chicken-3.2": lambda: _rspt("Chicken (Table 3.2)", 3, 1, 4, 0),
    "stag-hunt-3.2": lambda: _rspt("Stag Hunt (Table 3.2)", 4, 0, 3, 1),
    # Axelrod (1980), "Effective Choice in the Prisoner's Dilemma".
    "prisoners-dilemma-axelrod": lambda: _rspt("Prisoner's Dilemma (Axelrod 1980)", 3, 0, 5, 1),
    # Neither greed nor fear, and both so strong that cooperation does not pay.
    "harmony": lambda: matrix_dilemma(greed=-1, fear=-1, title="Harmony"),
    "deadlock": lambda: _rspt("Deadlock", 1, 0, 3, 2),
    # Luce & Raiffa (1957), Games and Decisions, chapter 5.
    "battle-of-the-sexes": lambda: Game.bimatrix(
        [[2, 0], [0, 1]],
        [[1, 0], [0, 2]],
        actions=(("opera", "fight"), ("opera", "fight")),
        title="Battle of the Sexes",
    ),
    "matching-pennies": lambda: Game.bimatrix(
        [[1, -1], [-1, 1]],
        [[-1, 1], [1, -1]],
        actions=(("heads", "tails"), ("heads", "tails")),
        title="Matching Pennies",
    ),
    "rock-paper-scissors": lambda: Game.bimatrix(
        [[0, -1, 1], [1, 0, -1], [-1, 1, 0]],
        [[0, 1, -1], [-1, 0, 1], [1, -1, 0]],
        actions=(("rock", "paper", "scissors"),) * 2,
        title="Rock, Paper, Scissors",
    ),
    # Aumann (1974), the game in which correlation pays.
    "chicken-aumann": lambda: _rspt("Chicken (Aumann 1974)", 6, 2, 7, 0),
}


def named_games() -> tuple[str, ...]:
    """Return the names that `named_game` knows."""
    return tuple(_GAMES)


def named_game(name: str) -> Game:
    """Return a game of the catalogue; an unknown name raises ValueError with the nearest ones."""
    return _GAMES[known_name("game", name, named_games())]()
