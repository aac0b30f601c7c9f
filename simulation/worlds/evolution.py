"""Strategies of a repeated game that compete in a finite population, by what they get from each other in matches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from simulation.engine.runs import Record
from simulation.evolution.runs import evolve
from simulation.evolution.start import starting_counts
from simulation.population.networks import NetworkDescription
from simulation.tournaments.classic import round_robin
from simulation.worlds.tournament import Field
from simulation.worlds.world import Mixtures, World
from theory import Game
from theory.arguments import of_type
from theory.checks import FloatArray, number_within, seed_number, whole_number
from theory.evolution.selection import checked_selection


@dataclass(frozen=True, kw_only=True)
class EvolutionParameters(Field):
    """Selection among strategies; by default by pairwise comparison among 60 individuals, all alike at the start.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    size: int = 60
    """Of a population in which everybody meets everybody, at least 2."""
    graph: NetworkDescription | None = None
    """On which the population lives instead, of the network's size; None: everybody meets everybody."""
    initial: tuple[int, ...] | None = None
    """Players of each strategy at the start, which add up to the size; None: one player of the first of two, and
    equal numbers of more."""
    process: str = "pairwise"
    """"birth-death", "death-birth", "pairwise", "imitation" or "wright-fisher"."""
    accumulation: str = "mean"
    """Whether fitness comes from the "total" or the "mean" payoff over partners."""
    intensity: float | None = 1.0
    """Of selection: at least 0 for "pairwise", in [0, 1] for others; None: fitness is the payoff itself."""
    mutation: float = 0.001
    """Probability in [0, 1] with which a newcomer plays another strategy than its parent's."""
    steps: int = 10_000
    """At least 1."""
    matches: int = 10
    """Of each pair, from which payoffs are estimated where they are not known exactly; at least 1."""
    matches_seed: int = 0
    """Of these matches, at least 0."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("size", self.size, at_least=2)
        whole_number("steps", self.steps, at_least=1)
        whole_number("matches", self.matches, at_least=1)
        seed_number("matches_seed", self.matches_seed)
        checked_selection(self.process, self.accumulation, self.intensity)
        number_within("mutation", self.mutation, 0.0, 1.0)
        if self.graph is not None:
            of_type(NetworkDescription)("graph", self.graph)
        individuals = self.size if self.graph is None else self.graph.size
        starting_counts(self.initial, individuals, self.names, mixed=self.mutation == 0.0)

    @cached_property
    def choice_of_strategy(self) -> Game:
        """The game of choosing a strategy, in which each gets what its matches pay on average."""
        names = self.names
        matrix = self._payoffs
        return Game([matrix, matrix.T], actions=(names, names), title="choice of strategy")

    @property
    def _payoffs(self) -> FloatArray:
        played = round_robin(
            self.strategies, game=self.game, turns=self.turns, repetitions=self.matches, noise=self.noise,
            prob_end=self.prob_end, seed=self.matches_seed, exact=True,
        )  # fmt: skip
        return np.asarray(played["payoffs"].values)


def play_evolution_parameters(
    parameters: EvolutionParameters, /, *, runs: int, seed: int, workers: int | None, record: Record
) -> xr.Dataset:
    """Let strategies compete in independent runs; what is recorded are numbers of players."""
    p = parameters
    graph = None if p.graph is None else p.graph.build().to_networkx()
    return evolve(
        p.choice_of_strategy.payoffs[0],
        size=p.size if graph is None else None,
        graph=graph,
        initial=p.initial,
        process=p.process,
        accumulation=p.accumulation,
        intensity=p.intensity,
        mutation=p.mutation,
        steps=p.steps,
        runs=runs,
        seed=seed,
        record=record,
        names=p.names,
        workers=workers,
    )


def _measure(parameters: EvolutionParameters, data: xr.Dataset) -> dict[str, NDArray[Any]]:
    shares = {f"share_{name}": data["mean_shares"].sel(strategy=name).values for name in parameters.names}
    if "fixation_time" in data:
        shares["fixation_time"] = data["fixation_time"].values
    return shares


def _outcomes(parameters: EvolutionParameters, data: xr.Dataset) -> Iterator[Mixtures]:
    """Yield the mean shares of strategies, as what both of two who meet would choose."""
    shares = data["mean_shares"].values
    yield Mixtures(
        "choice-of-strategy", parameters.choice_of_strategy, [[of_run, of_run] for of_run in shares]
    )


WORLD = World(
    name="evolution",
    Parameters=EvolutionParameters,
    play=play_evolution_parameters,
    measure=_measure,
    outcomes=_outcomes,
)
