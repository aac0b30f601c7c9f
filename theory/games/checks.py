"""Checks that an argument is a game of the kind that a function is for, or payoffs or a profile of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import ArrayLike

from theory.checks import FloatArray, payoff_array, shown
from theory.games.game import Game, StrategicGame


def strategic_game(name: str, value: Any) -> StrategicGame:
    """Return any game, or raise ValueError."""
    if isinstance(value, Game):  # most are, and to ask for a protocol takes long
        return value
    if not isinstance(value, StrategicGame) or isinstance(value, type):
        raise ValueError(
            f"{name} must be a game such as theory.Game(payoffs), got {shown(value)}{_reading(value)}"
        )
    return value


def matrix_game(name: str, value: Any) -> Game:
    """Return a game with a payoff tensor, or raise ValueError that says how to get one."""
    if isinstance(value, Game):
        return value
    strategic_game(name, value)
    raise ValueError(
        f"{name} must have a payoff tensor, as a theory.Game has, got {_kind(value)} of {value.n_players} players: "
        f"give its `to_game()` (at most 16 players), or use its own methods{_own_methods(value)}"
    )


def two_player_game(name: str, value: Any) -> Game:
    """Return a game of two players with a payoff tensor, or raise ValueError."""
    game = matrix_game(name, value)
    if game.n_players != 2:
        raise ValueError(f"{name} must be a game of two players, got {game.n_players}: {shown(game)}")
    return game


def two_by_two_game(name: str, value: Any) -> Game:
    """Return a game of two players with two actions each, or raise ValueError."""
    game = matrix_game(name, value)
    if game.n_actions != (2, 2):
        raise ValueError(f"{name} must be a game of two players with two actions each, got {shown(game)}")
    return game


def symmetric_two_by_two_game(name: str, value: Any) -> Game:
    """Return a symmetric game of two players with two actions each, or raise ValueError."""
    game = two_by_two_game(name, value)
    if not game.is_symmetric:
        raise ValueError(f"{name} must be symmetric, since neighbours have no roles, got {shown(game)}")
    return game


def payoffs_of_players(name: str, values: ArrayLike, n_players: int) -> FloatArray:
    """Return `values` as `[n_players]` payoffs, or raise ValueError."""
    payoffs = payoff_array(name, values)
    if payoffs.shape != (n_players,):
        raise ValueError(f"{name} must be {n_players} payoffs, got shape {payoffs.shape}")
    return payoffs


def foreign_game(library: str, attribute: str) -> Callable[[str, Any], Any]:
    """Ask for a game of another library, known by an attribute that it has."""

    def check(name: str, value: Any) -> Any:
        if isinstance(value, type) or getattr(value, attribute, None) is None:
            raise ValueError(f"{name} must be a game of {library}, got {shown(value)}")
        return value

    return check


def _kind(game: Any) -> str:
    return f"a {type(game).__name__}"


def _own_methods(game: Any) -> str:
    own = [method for method in ("equilibria", "pareto_slack", "security_levels") if hasattr(game, method)]
    return f" ({', '.join(f'`{method}()`' for method in own)}) and theory.judge" if own else ""


def _reading(value: Any) -> str:
    """Say how nested lists and arrays become games."""
    if isinstance(value, str):
        return ": theory.named_game knows games by name"
    if isinstance(value, (list, tuple)) or hasattr(value, "shape"):
        return ": theory.Game(payoffs) and theory.Game.bimatrix(A, B) make games of numbers"
    return ""
