"""Encodings: what of a state and a joint action a planner looks at when it decides what to pay.

Cells
    Whole numbers k_i(s, j) `[n_players, S, J]`: where two are equal the planner pays alike. `each-apart` tells all
    apart, `by-actions` looks at the joint action alone, `events` at what everybody gets, oneself first: in the Coin
    Game that is who picks what up, seen by the player who is paid.
Views
    What a network gets, in one or more views of the game. `own-frame`: as each player sees it, with everybody's
    action, oneself first; one network pays every player. `thesis`: what the first player sees, with everybody's
    action; one network with an output for each player (thesis 4.3.1). Which board the first player sees is up to
    the game: in a Coin Game of the view `first` everything is where it is.
Offers
    What a planner pays that learns nothing, such as a tutor who knows what it wants to be played.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from simulation.markov_games.enumerated import EnumeratedGame
from theory.checks import FloatArray, IntArray, finite_array, known_name, shown

# Decimals up to which rewards are one reward.
_DECIMALS = 9


class Views(NamedTuple):
    """What a network sees of states and joint actions: their sum over both, after its first weights, is one."""

    states: Any
    """`[views, S, size]`."""
    actions: Any
    """`[views, J, size]`."""


class Offers(NamedTuple):
    """What is paid, whatever comes of it."""

    numbers: Any
    """`[n_players, S, J]`: z, of which incentives are made as of a planner's own (`incentive_models.py`)."""


def each_apart(game: EnumeratedGame) -> IntArray:
    """Return the encoding `[n_players, S, J]` that treats no two joint actions, states or players alike."""
    return np.arange(game.rewards.size).reshape(game.rewards.shape)


def by_actions(game: EnumeratedGame) -> IntArray:
    """Return the encoding `[n_players, S, J]` that looks at the joint action alone, whatever the state."""
    n, _, joint = game.rewards.shape
    return np.broadcast_to(np.arange(n * joint).reshape(n, 1, joint), game.rewards.shape)


def events(game: EnumeratedGame) -> IntArray:
    """Return the encoding `[n_players, S, J]` of what everybody gets, from each player's side."""
    seen = np.stack([np.roll(game.rewards, -player, axis=0) for player in range(game.n_players)])
    rows = np.moveaxis(seen, 1, -1).reshape(-1, game.n_players)  # [player, S, J] of [oneself, the next, ...]
    _, cells = np.unique(np.round(rows, _DECIMALS), axis=0, return_inverse=True)
    return np.asarray(cells.reshape(game.rewards.shape))


def own_frame(game: EnumeratedGame) -> Views:
    """Return what each player sees, and everybody's action from oneself on: a view for each player."""
    players = range(game.n_players)
    return Views(
        np.moveaxis(game.observations, 1, 0),
        np.stack([_by_zeros_and_ones(game, np.roll(game.actions, -player, axis=1)) for player in players]),
    )


def thesis(game: EnumeratedGame) -> Views:
    """Return what the first player sees, and the joint action, in zeros and ones: one view for all."""
    joint = len(game.actions)
    return Views(game.observations[None, :, 0], np.eye(joint)[None])


def _by_zeros_and_ones(game: EnumeratedGame, actions: IntArray) -> FloatArray:
    ones = np.eye(game.game.n_actions)[actions]
    return ones.reshape(len(actions), -1)


_ENCODINGS: dict[str, Callable[[EnumeratedGame], IntArray | Views]] = {
    "each-apart": each_apart,
    "by-actions": by_actions,
    "events": events,
    "own-frame": own_frame,
    "thesis": thesis,
}
ENCODINGS = tuple(_ENCODINGS)


def encoding_of(game: EnumeratedGame, encoding: Any) -> IntArray | Views | Offers:
    """Return the encoding of that name, or one of your own: cells, views, or offers.

    Raises
    ------
    ValueError
        If there is none of that name, cells are no whole numbers from 0 of the shape of the game's rewards, or
        views or offers do not fit the game.
    """
    if isinstance(encoding, str):
        return _ENCODINGS[known_name("encoding", encoding, ENCODINGS)](game)
    if isinstance(encoding, Views):
        return _checked_views(game, encoding)
    if isinstance(encoding, Offers):
        return _checked_offers(game, encoding)
    try:
        cells = np.asarray(encoding)
    except ValueError as error:  # rows of several lengths
        raise ValueError(
            f"an encoding must be whole numbers from 0 of shape {game.rewards.shape}, got {shown(encoding)}"
        ) from error
    if cells.shape != game.rewards.shape or not np.issubdtype(cells.dtype, np.integer) or cells.min() < 0:
        raise ValueError(
            f"an encoding must be whole numbers from 0 of shape {game.rewards.shape}, got {cells.dtype} of shape"
            f" {cells.shape}"
        )
    return cells


def _checked_views(game: EnumeratedGame, views: Views) -> Views:
    states, actions = (np.asarray(each, float) for each in views)
    n, s, j = game.rewards.shape
    fits = states.ndim == actions.ndim == 3 and states.shape[1] == s and actions.shape[1] == j
    if not fits or states.shape[0] != actions.shape[0] or states.shape[0] not in (1, n):
        raise ValueError(
            f"views must be [1 or {n}, {s}, size] of states and [as many, {j}, size] of joint actions, got"
            f" {states.shape} and {actions.shape}"
        )
    return Views(states, actions)


def _checked_offers(game: EnumeratedGame, offers: Offers) -> Offers:
    numbers = finite_array("offers", offers.numbers)
    if numbers.shape != game.rewards.shape:
        raise ValueError(f"offers must be of shape {game.rewards.shape}, got {numbers.shape}")
    return Offers(numbers)
