"""Duels as frozen parameters: who plays, which game, how long and with which errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import get_args

import xarray as xr

from simulation.engine.runs import Record
from simulation.gradual.continuous import (
    ContinuousPlayer,
    donation_of,
    play_continuous_duels,
    starting_levels,
)
from simulation.gradual.duels import play_duels, starting_actions
from simulation.gradual.graded_games import GradedGame, graded_donation_game
from simulation.gradual.players import GradualPlayer
from simulation.gradual.seat import DuelPlayer, duel_player
from theory import Game
from theory.arguments import check_fields, of_type, optional
from theory.checks import number_within, whole_number
from theory.games.checks import two_player_game


@dataclass(frozen=True, kw_only=True)
class _Rounds:
    rounds: int = 1000
    """At least 1."""
    burn_in: int | None = None
    """Means are taken over the rounds from this one on, at least 0 and below `rounds`; None: from the middle on."""
    noise: float = 0.0
    """Probability, for each player in each round, that something else is played instead, in [0, 1]: an action, or a
    level of continuous duels, that is uniform among the others."""

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("rounds", self.rounds, at_least=1)
        number_within("noise", self.noise, 0.0, 1.0)
        if self.burn_in is not None and whole_number("burn_in", self.burn_in, at_least=0) >= self.rounds:
            raise ValueError(f"burn_in must be less than the {self.rounds} rounds, got {self.burn_in}")

    @property
    def first_counted(self) -> int:
        """The round from which on means are taken."""
        return self.rounds // 2 if self.burn_in is None else self.burn_in


@dataclass(frozen=True, kw_only=True)
class DuelParameters(_Rounds):
    """A duel of two players in a game with degrees of cooperation; by default two gradual Tit-for-Tat.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    first: DuelPlayer = field(default_factory=GradualPlayer)
    """A player of duels (`simulation.gradual.players`), your own too."""
    second: DuelPlayer = field(default_factory=GradualPlayer)
    game: Game = field(default_factory=lambda: graded_donation_game(levels=21))
    """Of two players, actions ordered from most to least cooperative."""
    misreading: float = 0.0
    """Probability, for each player in each round, that it takes the other's action for another one, in [0, 1]."""
    start: tuple[int, int] | None = None
    """Action of each player in a round that both take to have been played before the first; None: there is none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("first", "second"):
            duel_player(name, getattr(self, name))
        two_player_game("game", self.game)
        number_within("misreading", self.misreading, 0.0, 1.0)
        if self.start is not None:
            starting_actions(self.start, self.game)


@dataclass(frozen=True, kw_only=True)
class ContinuousDuelParameters(_Rounds):
    """A duel with any levels in [0, 1] of the graded donation game; by default of two gradual Tit-for-Tat.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    first: ContinuousPlayer = field(default_factory=GradualPlayer)
    """Gradual Tit-for-Tat by its ledger, a literal mirror, a fixed cooperativeness or level, or Tit-for-Tat."""
    second: ContinuousPlayer = field(default_factory=GradualPlayer)
    game: GradedGame = field(default_factory=lambda: graded_donation_game(levels=21))
    """A graded donation game, on whose grid the outcome is judged."""
    start: tuple[float, float] | None = None
    """Level of each player in a round that both take to have been played before the first; None: there is none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("first", "second"):
            of_type(*get_args(ContinuousPlayer))(name, getattr(self, name))
        donation_of(of_type(GradedGame)("game", self.game))
        if self.start is not None:
            starting_levels(self.start)


def play_duel_parameters(
    parameters: DuelParameters | None = None,
    /,
    *,
    runs: int = 1,
    seed: int | None = 0,
    workers: int | None = None,
    record: Record = "all",
) -> xr.Dataset:
    """Play duels as `play_duels` does, from parameters in one piece."""
    p: DuelParameters = optional(of_type(DuelParameters))("parameters", parameters) or DuelParameters()
    return play_duels(
        p.first, p.second, game=p.game, rounds=p.rounds, runs=runs, seed=seed, noise=p.noise,
        misreading=p.misreading, start=p.start, burn_in=p.first_counted, record=record, workers=workers,
    )  # fmt: skip


def play_continuous_parameters(
    parameters: ContinuousDuelParameters | None = None,
    /,
    *,
    runs: int = 1,
    seed: int | None = 0,
    workers: int | None = None,
    record: Record = "all",
) -> xr.Dataset:
    """Play continuous duels as `play_continuous_duels` does, from parameters in one piece."""
    check = optional(of_type(ContinuousDuelParameters))
    p: ContinuousDuelParameters = check("parameters", parameters) or ContinuousDuelParameters()
    return play_continuous_duels(
        p.first, p.second, game=p.game, rounds=p.rounds, runs=runs, seed=seed, noise=p.noise, start=p.start,
        burn_in=p.first_counted, record=record, workers=workers,
    )  # fmt: skip
