"""Parameters of a planner that leads two literal mirrors and leaves them to themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from simulation.engine.layout import copied
from simulation.engine.randomness import whole_number
from simulation.gradual.players import LiteralMirror
from simulation.gradual.seat import Seat, describe, new_mind
from simulation.handover.law import Handover, HandoverRoom, HandoverState, new_table
from simulation.mechanism_design.parameters import MechanismDesignParameters
from simulation.planner.state import new_workspace
from theory.arguments import check_fields, checked, count, of_type
from theory.checks import FloatArray, known_name, number_within

Attribution = Literal["character", "incentives"]


def prior_of_defectors(grid_points: int = 101, *, highest: float = 0.1, doubt: float = 0.01) -> FloatArray:
    """Return `[grid_points]`: almost sure that the other's cooperativeness is at most `highest`.

    Even on [0, highest] with probability 1 - doubt, even on [0, 1] with probability `doubt`: without any
    doubt no experience could change the belief.
    """
    grid = np.linspace(0.0, 1.0, whole_number("grid_points", grid_points, at_least=2))
    low = (grid <= number_within("highest", highest, 0.0, 1.0) + 1e-12).astype(np.float64)
    share = number_within("doubt", doubt, 0.0, 1.0)
    return np.asarray((1.0 - share) * low / low.sum() + share / grid_points)


def _distrustful() -> LiteralMirror:
    # A belief that is refreshed at least as fast as actions are thought to tremble forgives no defection.
    return LiteralMirror(prior=tuple(prior_of_defectors()), forgetting=0.05, tremble=0.05)


def _passing_planner() -> MechanismDesignParameters:
    return MechanismDesignParameters(
        episodes=8000, planner_episodes=4000, initial_cooperation=0.05, knowledge="modelled", cost=0.0
    )


@dataclass(frozen=True, kw_only=True)
class HandoverParameters:
    """A planner and the two literal mirrors that it leads and leaves.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states, or the planner or the players have options
        that make no sense here.
    """

    planner: MechanismDesignParameters = field(default_factory=_passing_planner)
    """The game, the number of rounds (`episodes`), in how many of them the planner acts, and its options; its
    knowledge must be "modelled", since these players have no policy parameter that it could know (the policy
    "others-rewards" needs no knowledge). What it says of learners is for `simulate`."""
    player: LiteralMirror = field(default_factory=_distrustful)
    """Both players. By default they expect a defector, and believe as fast as they doubt."""
    attribution: Attribution = "character"
    """Whether cooperation under incentives counts as "character", or is explained by the "incentives"."""
    noise: float = 0.0
    """Probability, for each player in each round, that the other action is played instead, in [0, 1]."""

    def __post_init__(self) -> None:
        check_fields(self)
        of_type(MechanismDesignParameters)("planner", self.planner)
        of_type(LiteralMirror)("player", self.player)
        known_name("attribution", self.attribution, get_args(Attribution))
        number_within("noise", self.noise, 0.0, 1.0)
        player = self.player
        if self.planner.knowledge != "modelled" and self.planner.policy != "others-rewards":
            raise ValueError(
                "a planner of mirrors must model them from their actions, so knowledge must be "
                f"'modelled', got {self.planner.knowledge!r}"
            )
        if player.form != "sum" or player.selection != "best-reply" or player.reward_share > 0.0:
            raise ValueError(
                "players under a planner must choose best replies by the form 'sum' and estimate by actions, "
                f"got form {player.form!r}, selection {player.selection!r}, reward_share {player.reward_share}"
            )
        if player.probe_probability > 0.0 or player.other_forms:
            raise ValueError(
                "players under a planner neither probe nor doubt the other's form, got probe_probability "
                f"{player.probe_probability} and other_forms {player.other_forms}"
            )
        if player.believed_game is not None or player.families is not None:
            raise ValueError(
                "players under a planner know the game in force, so believed_game and families must be None"
            )

    @checked(burn_in=count(0))
    def constants(self, burn_in: int) -> Handover:
        """Return what stays fixed, where outcomes are counted from the round `burn_in` on."""
        constants = self.planner.constants
        return Handover(
            constants.payoffs,
            constants.planning,
            constants.planned_episodes,
            float(self.noise),
            float(self.player.tremble),
            self.attribution == "incentives",
            burn_in,
        )

    @checked(generator=of_type(np.random.Generator))
    def start(self, generator: np.random.Generator) -> HandoverState:
        """Return the state before the first round, after mutual defection: that is the outcome to be left."""
        minds = [
            new_mind(self.player, seat, self.planner.game, role) for role, seat in enumerate(self._seats)
        ]
        return HandoverState(
            self.planner.start(generator), minds[0], minds[1], np.ones(2, np.int64), np.zeros(4)
        )

    def room(self) -> HandoverRoom:
        """Return what the law writes to; two tables of each player are rewritten in every round."""
        first, second = self._seats
        return HandoverRoom(
            copied(first), copied(second), new_table(), new_workspace(self.planner.critic_units)
        )

    @cached_property
    def _seats(self) -> tuple[Seat, Seat]:
        return self.player.seat(self.planner.game, 0), self.player.seat(self.planner.game, 1)

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters as plain values for JSON."""
        return {
            "planner": self.planner.to_dict(),
            "player": describe(self.player),
            "attribution": self.attribution,
            "noise": self.noise,
        }
