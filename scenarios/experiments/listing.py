"""What can be set of a world, and its defaults as a file would write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from scenarios.experiments.games import DONATION_GAME, numbers_of
from scenarios.experiments.schema import NONE, default_of, fields_of, hints_of
from scenarios.experiments.tables import kind_of_player
from scenarios.frame.settings import Setting, kind_in_words, meanings_of
from simulation import LearningRule, Strategy, world
from simulation.gradual.graded_games import GradedGame
from simulation.gradual.seat import DuelPlayer
from theory import Game, named_game, named_games

# Values that a file writes as a whole, in a table of their own.
_WHOLE = (Game, LearningRule, Strategy)


def settings_of_world(name: str) -> list[Setting]:
    """Return what can be set of a world, by paths."""
    return settings_within(world(name).Parameters())


def settings_within(parameters: Any, above: str = "") -> list[Setting]:
    """Return what can be set of parameters, those within them included."""
    kind = type(parameters)
    hints, meanings, allowed = hints_of(kind), meanings_of(kind), fields_of(kind)
    found = []
    for one in fields(parameters):
        if one.name not in allowed:
            continue
        value, path = getattr(parameters, one.name), f"{above}{one.name}"
        is_one_of_many = isinstance(value, DuelPlayer) and hints[one.name] is not type(value)
        if holds_settings(value) and not is_one_of_many:
            found += settings_within(value, f"{path}.")
        else:
            meaning = meanings.get(one.name, "")
            found.append(Setting(path, kind_in_words(hints[one.name]), as_written(value), meaning))
    return found


def holds_settings(value: Any) -> bool:
    """Return whether a value is parameters with fields of their own."""
    return is_dataclass(value) and not isinstance(value, _WHOLE)


def as_written(value: Any) -> Any:
    """Return a value as a file writes it: numbers, text, lists and tables."""
    if value is None:
        return NONE
    if isinstance(value, Game):
        return _game(value)
    if isinstance(value, LearningRule | Strategy):
        return value.name
    if holds_settings(value):
        named = {"kind": kind_of_player(type(value))} if isinstance(value, DuelPlayer) else {}
        return named | _differences(value)
    if isinstance(value, Mapping):
        return {str(key): as_written(one) for key, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [as_written(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def _differences(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that are not as they usually are."""
    allowed = fields_of(type(value))
    found = {
        one.name: (getattr(value, one.name), default_of(one)) for one in fields(value) if one.name in allowed
    }
    return {
        name: as_written(is_now)
        for name, (is_now, usual) in found.items()
        if as_written(is_now) != as_written(usual)
    }


def _game(game: Game) -> Any:
    if isinstance(game, GradedGame) and numbers_of(game):
        return {
            "kind": DONATION_GAME,
            **{name: as_written(value) for name, value in numbers_of(game).items()},
        }
    for name in named_games():
        if np.array_equal(named_game(name).payoffs, game.payoffs):
            return {"name": name}
    return {"payoffs": game.payoffs.tolist()}
