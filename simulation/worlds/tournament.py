"""Round robins of strategies of a repeated 2x2 game: each run is a tournament of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from simulation.engine.runs import Record, recording_interval
from simulation.matches.strategies.base import Strategy
from simulation.matches.terms import as_field
from simulation.tournaments.classic import round_robin
from simulation.worlds.matches import RepeatedGame, shares_of_outcomes
from simulation.worlds.world import JointPlay, World
from theory.checks import is_list, shown, truth_value

CLASSICS = (
    "always-cooperate", "always-defect", "tit-for-tat", "tit-for-two-tats", "grim", "win-stay-lose-shift",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Field(RepeatedGame):
    """Who meets whom in a repeated game."""

    strategies: tuple[Strategy | str, ...] = CLASSICS
    """At least two, with different names."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not is_list(self.strategies) or len(self.strategies) < 2:
            raise ValueError(f"strategies must be at least two, got {shown(self.strategies)}")
        as_field(self.strategies)

    @property
    def names(self) -> list[str]:
        """The strategies' names."""
        return [one.name for one in as_field(self.strategies)]


@dataclass(frozen=True, kw_only=True)
class TournamentParameters(Field):
    """A round robin; by default of six classics.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    self_play: bool = True
    """Whether each strategy also meets its twin."""

    def __post_init__(self) -> None:
        super().__post_init__()
        truth_value("self_play", self.self_play)


def play_tournament_parameters(
    parameters: TournamentParameters, /, *, runs: int, seed: int, workers: int | None, record: Record
) -> xr.Dataset:
    """Play independent round robins, a run each; what is recorded is what each pair got."""
    p, every = parameters, recording_interval(record, "turn")
    played = round_robin(
        p.strategies, game=p.game, turns=p.turns, repetitions=runs, noise=p.noise, prob_end=p.prob_end,
        self_play=p.self_play, seed=seed, record_actions=True, record_repetitions=True, workers=workers,
    )  # fmt: skip
    actions = np.moveaxis(played["actions"].values, 1, 0)
    data = xr.Dataset(
        {
            "score": (("run", "strategy"), played["repetition_score"].values),
            "outcome_frequency": (("run", "own_action", "other_action"), shares_of_outcomes(actions)),
        },
        {"run": np.arange(runs), "strategy": p.names},
        {name: value for name, value in played.attrs.items() if name != "repetitions"},
    )
    if every:
        data["payoffs"] = (("run", "strategy", "opponent"), played["repetition_payoffs"].values)
        data = data.assign_coords(opponent=p.names)
    return data


def _measure(parameters: TournamentParameters, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    shares = data["outcome_frequency"].values
    cooperation = (shares[:, 0].sum(axis=1) + shares[:, :, 0].sum(axis=1)) / 2.0
    scores = {f"score_{name}": data["score"].sel(strategy=name).values for name in parameters.names}
    return {"mean_cooperation": cooperation} | scores


def _outcomes(parameters: TournamentParameters, data: xr.Dataset) -> Iterator[JointPlay]:
    """Yield how often each outcome was played in all matches of a run."""
    yield JointPlay("pairs", parameters.game, data["outcome_frequency"].values)


WORLD = World(
    name="tournament",
    Parameters=TournamentParameters,
    play=play_tournament_parameters,
    measure=_measure,
    outcomes=_outcomes,
)
