"""Matches of two strategies of a repeated 2x2 game, with noise and ends by chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from simulation.engine.provenance import with_provenance
from simulation.engine.runs import Record, recording_interval
from simulation.matches.law import play_machines
from simulation.matches.match import play_match
from simulation.matches.strategies.base import Strategy
from simulation.matches.strategies.catalogue import strategy
from simulation.matches.terms import as_strategy, checked_terms
from simulation.worlds.world import JointPlay, World, of_first_and_second
from theory import Game, named_game
from theory.arguments import check_fields
from theory.checks import FloatArray, SmallArray


@dataclass(frozen=True, kw_only=True)
class RepeatedGame:
    """What matches have in common.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    game: Game = field(default_factory=lambda: named_game("prisoners-dilemma-axelrod"))
    """Of two players with two actions each."""
    turns: int | None = 200
    """Of a match, at least 1; None: matches end by chance alone."""
    prob_end: float | None = None
    """Probability in [0, 1] with which a match ends after each turn; None: it has all its turns."""
    noise: float = 0.0
    """Probability in [0, 1/2) with which an action flips."""

    def __post_init__(self) -> None:
        check_fields(self)
        checked_terms(self.game, self.turns, noise=self.noise, prob_end=self.prob_end)


@dataclass(frozen=True, kw_only=True)
class MatchParameters(RepeatedGame):
    """A match of two strategies; by default Tit-for-Tat meets who always defects."""

    first: Strategy | str = field(default_factory=lambda: strategy("tit-for-tat"))
    """A strategy, or the name of one."""
    second: Strategy | str = field(default_factory=lambda: strategy("always-defect"))
    """A strategy, or the name of one."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("first", "second"):
            as_strategy(getattr(self, name), name)


def play_match_parameters(
    parameters: MatchParameters, /, *, runs: int, seed: int, workers: int | None, record: Record
) -> xr.Dataset:
    """Play independent matches, a run each; what is recorded are actions, -1 after the end."""
    p, every = parameters, recording_interval(record, "turn")
    first, second = as_strategy(p.first, "player 1"), as_strategy(p.second, "player 2")
    played = play_match(
        first,
        second,
        game=p.game,
        turns=p.turns,
        noise=p.noise,
        prob_end=p.prob_end,
        repetitions=runs,
        seed=seed,
    )
    if played.actions is None:
        raise AssertionError("sampled matches have actions")
    shares = shares_of_outcomes(played.actions)
    cooperation = np.stack([shares[:, 0].sum(axis=1), shares[:, :, 0].sum(axis=1)], axis=1)
    payoffs = np.stack([(shares * of).sum(axis=(1, 2)) for of in p.game.payoffs], axis=1)
    data = xr.Dataset(
        {
            "mean_cooperation": (("run", "player"), cooperation),
            "mean_payoff": (("run", "player"), payoffs),
            "outcome_frequency": (("run", "own_action", "other_action"), shares),
        },
        {"run": np.arange(runs), "player": [1, 2]},
    )
    if every:
        data["actions"] = (("run", "turn", "player"), played.actions[:, ::every])
        data = data.assign_coords(turn=np.arange(0, played.actions.shape[1], every))
    return with_provenance(
        data,
        law=play_machines,
        seed=seed,
        game=p.game,
        first=first.name,
        second=second.name,
        turns=p.turns or 0,
        prob_end=p.prob_end or 0.0,
        noise=float(p.noise),
    )


def shares_of_outcomes(actions: SmallArray) -> FloatArray:
    """Return `[runs, 2, 2]`: how often each outcome is in `actions[runs, ..., 2]`, where -1 is none."""
    runs = len(actions)
    pairs = actions.reshape(runs, -1, 2)
    shares = np.zeros((runs, 2, 2))
    for first in range(2):
        for second in range(2):
            shares[:, first, second] = ((pairs[..., 0] == first) & (pairs[..., 1] == second)).sum(axis=1)
    return np.asarray(shares / shares.sum(axis=(1, 2), keepdims=True))


def _measure(parameters: MatchParameters, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    return of_first_and_second(data, "mean_cooperation", "mean_payoff")


def _outcomes(parameters: MatchParameters, data: xr.Dataset) -> Iterator[JointPlay]:
    yield JointPlay("original", parameters.game, data["outcome_frequency"].values)


WORLD = World(
    name="matches",
    Parameters=MatchParameters,
    play=play_match_parameters,
    measure=_measure,
    outcomes=_outcomes,
)
