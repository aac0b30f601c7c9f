"""Matches of two players of a game with state as a dataset: every step of every match."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from simulation.engine.provenance import with_provenance
from simulation.markov_games.conditional.agreement import AGREED_PLAY, AgreedPlay
from simulation.markov_games.conditional.cooperator import ConditionalCooperator, player_in
from simulation.markov_games.conditional.matches import play_matches
from simulation.markov_games.conditional.player import MarkovPlayer
from theory.arguments import checked, count, number, optional
from theory.arguments import seed as seed_of
from theory.checks import FloatArray


@checked(
    play=AGREED_PLAY, steps=optional(count()), runs=count(), seed=seed_of, noise=number(0.0, 1.0)
)  # fmt: skip
def play_markov_game(
    play: AgreedPlay,
    first: ConditionalCooperator | MarkovPlayer | FloatArray,
    second: ConditionalCooperator | MarkovPlayer | FloatArray,
    *,
    steps: int | None = None,
    runs: int = 100,
    seed: int = 0,
    noise: float = 0.0,
) -> xr.Dataset:
    """Return matches between two players of a game with state, each with any memory.

    Parameters
    ----------
    play
        The game, and what is agreed in it: what `agreed_play` returns.
    first, second
        Conditional cooperators; players as they sit; or policies `[S, A]` without a memory, such as `play.safe[1]`.
    steps
        Of a match; by default the game's horizon.
    runs, seed
        How many matches; match i depends on all else, the seed and i alone.
    noise
        With which probability each action is replaced by another one, each of the others alike, in [0, 1].

    Returns
    -------
    xarray.Dataset
        Dimensions run, step, player. `state` (run, step): its place in the tables. `action` (run, step, player), as
        played. `payoff` (run, step, player): expected of that joint action in that state, in payoff units.

    Raises
    ------
    ValueError
        If somebody is no player of this game in that role, or a number is out of its bounds.
    """
    game = play.game
    seated = [
        player_in(play, role, name, one)
        for role, (name, one) in enumerate((("first", first), ("second", second)))
    ]
    played = play_matches(game, *seated, steps=steps, runs=runs, seed=seed, noise=noise)
    data = xr.Dataset(
        {
            "state": (("run", "step"), played.states),
            "action": (("run", "step", "player"), game.actions[played.joint]),
            "payoff": (
                ("run", "step", "player"),
                np.moveaxis(game.rewards[:, played.states, played.joint], 0, -1),
            ),
        },
        {"player": [1, 2]},
    )
    return with_provenance(
        data, law=play_matches, seed=seed,
        parameters={"players": [_told(one) for one in (first, second)], "noise": noise},
        markov_game=repr(game.game), agreed_discount=play.discount,
    )  # fmt: skip


def _told(value: Any) -> str:
    """Return how a player is told of: as it prints where it is a cooperator, else its kind."""
    return repr(value) if isinstance(value, ConditionalCooperator) else type(value).__name__
