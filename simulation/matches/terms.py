"""Checks of what matches and tournaments are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.engine.randomness import whole_number
from simulation.matches.runs import Terms
from simulation.matches.strategies.base import Functions, Rule, Strategy
from simulation.matches.strategies.catalogue import strategy
from theory import Game
from theory.checks import is_list, number_within, shown
from theory.repeated.machines import FiniteState
from theory.repeated.memory_one import MemoryOne

Player = Strategy | Rule | str

# A match needs two random numbers a turn in memory at once.
MOST_TURNS = 10_000_000


def checked_terms(game: Game, turns: int | None, *, noise: float, prob_end: float | None = None) -> Terms:
    """Return what all matches have in common, or raise ValueError with the rule that is violated."""
    if not isinstance(game, Game) or game.n_actions != (2, 2):
        got = game.n_actions if isinstance(game, Game) else repr(game)
        raise ValueError(f"game must be a game of two players with two actions each, got {got}")
    if turns is None and prob_end is None:
        raise ValueError("give turns, prob_end or both, got neither")
    if turns is not None and whole_number("turns", turns, at_least=1) > MOST_TURNS:
        raise ValueError(f"turns must be at most {MOST_TURNS}, got {turns}: see theory.memory_one_payoffs")
    if prob_end is not None:
        prob_end = number_within("prob_end", prob_end, 0.0, 1.0)
        if prob_end < 100.0 / MOST_TURNS and turns is None:
            raise ValueError(
                f"prob_end must be at least {100 / MOST_TURNS:g} without turns, got {prob_end:g}"
            )
        # A match that never ends by chance is one of fixed length.
        prob_end = prob_end or None
    return Terms(game, turns, prob_end, checked_noise(noise))


def checked_noise(noise: float) -> float:
    """Return the probability of a flip, or raise ValueError: from 1/2 on, actions mean the opposite."""
    number = number_within("noise", noise, 0.0, 1.0)
    if number >= 0.5:
        raise ValueError(f"noise must lie in [0, 1/2), got {number:g}")
    return number


def as_strategy(player: Player, name: str) -> Strategy:
    """Return a strategy as it is, one of the catalogue by its name, or a rule under the given name."""
    if isinstance(player, str):
        return strategy(player)
    if isinstance(player, MemoryOne | FiniteState | Functions):
        return Strategy(name, player)
    if not isinstance(player, Strategy):
        raise ValueError(
            "a player of matches must be a name, a Strategy, a MemoryOne, a FiniteState or Functions, "
            f"got {shown(player)}"
        )
    return player


def as_field(players: Sequence[Player]) -> list[Strategy]:
    """Return the strategies of a tournament; their names must differ."""
    if not is_list(players):
        raise ValueError(
            f"strategies must be a list, got {shown(players)}; name one by simulation.Strategy(name, rule)"
        )
    field = [as_strategy(player, f"player {k + 1}") for k, player in enumerate(players)]
    if not field:
        raise ValueError("a tournament must have at least one strategy, got none")
    names = [player.name for player in field]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"strategies must have different names, got {name!r} {names.count(name)} times: "
                "rename one with dataclasses.replace(strategy, name=...)"
            )
    return field
