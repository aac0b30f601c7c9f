"""Parameters of a planner that leads two players and leaves them to themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from simulation.engine.layout import copied
from simulation.engine.randomness import whole_number
from simulation.gradual.duels import let_remember
from simulation.gradual.players import LiteralMirror
from simulation.gradual.seat import DuelPlayer, Seat, describe, duel_player, new_mind
from simulation.handover.law import (
    Handover,
    HandoverRoom,
    HandoverState,
    handover_law_between,
    new_table,
)
from simulation.mechanism_design.parameters import MechanismDesignParameters
from simulation.planner.state import new_workspace
from theory.arguments import check_fields, checked, count, of_type
from theory.checks import FloatArray, is_list, known_name, number_within, shown, truth_value

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
    """A planner and the two players that it leads and leaves.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states, or the planner or the players have options
        that make no sense here.
    """

    planner: MechanismDesignParameters = field(default_factory=_passing_planner)
    """The game, the number of rounds (`episodes`), in how many of them the planner acts, and its options; its
    knowledge must be "modelled", since it does not know its players' rules (the policy "others-rewards" needs no
    knowledge). What it says of learners is for `simulate`."""
    player: DuelPlayer | tuple[DuelPlayer, DuelPlayer] = field(default_factory=_distrustful)
    """Both players, or each of them: any players of duels (`simulation.gradual.players`), your own too. By default
    literal mirrors who expect a defector, and believe as fast as they doubt."""
    informed: bool = True
    """Whether the players go by what is announced, and not only by what they get. Of those who are informed, literal
    mirrors reply in the game in force; others play C while a planner acts and C is at least as good as D in that game
    whatever the other does and once better; learners learn from what they get in any case."""
    attribution: Attribution = "character"
    """Whether, for literal mirrors who are informed, cooperation under incentives counts as "character", or is
    explained by the "incentives"."""
    defected_before: bool = False
    """Whether the players remember a round of mutual defection before the first and take that for their round 0. Else
    it is nothing to them but the last actions, and those who begin with an action of their own do so."""
    noise: float = 0.0
    """Probability, for each player in each round, that the other action is played instead, in [0, 1]."""

    def __post_init__(self) -> None:
        check_fields(self)
        of_type(MechanismDesignParameters)("planner", self.planner)
        for name in ("informed", "defected_before"):
            truth_value(name, getattr(self, name))
        known_name("attribution", self.attribution, get_args(Attribution))
        number_within("noise", self.noise, 0.0, 1.0)
        if self.planner.knowledge != "modelled" and self.planner.policy != "others-rewards":
            raise ValueError(
                "a planner of players whose rules it does not know must model them from their actions, so knowledge "
                f"must be 'modelled', got {self.planner.knowledge!r}"
            )
        mirrors = [player for player in self.players if isinstance(player, LiteralMirror)]
        if self.attribution == "incentives" and not (self.informed and mirrors):
            raise ValueError(
                "attribution 'incentives' is for literal mirrors who are informed, got informed "
                f"{self.informed} and player {shown(self.player)}"
            )
        for mirror in mirrors if self.informed else ():
            _check_informed(mirror)

    @property
    def players(self) -> tuple[DuelPlayer, DuelPlayer]:
        """The player in each role."""
        given: Any = self.player
        if is_list(given) and len(given) != 2:
            raise ValueError(f"player must be a player of duels, or one for each of two, got {shown(given)}")
        one, two = given if is_list(given) else (given, given)
        return duel_player("player", one), duel_player("player", two)

    @checked(burn_in=count(0))
    def constants(self, burn_in: int) -> Handover:
        """Return what stays fixed, where outcomes are counted from the round `burn_in` on."""
        constants, players = self.planner.constants, self.players
        _, places = handover_law_between(*players)
        return Handover(
            constants.payoffs,
            constants.planning,
            constants.planned_episodes,
            float(self.noise),
            np.array(places),
            int(self.defected_before),
            np.array([self.informed and not player.learns_from_payoffs for player in players]),
            np.array([isinstance(player, LiteralMirror) for player in players]),
            np.array([float(getattr(player, "tremble", 0.0)) for player in players]),
            self.attribution == "incentives",
            burn_in,
        )

    @checked(generator=of_type(np.random.Generator))
    def start(self, generator: np.random.Generator) -> HandoverState:
        """Return the state before the first round, after mutual defection: that is the outcome to be left."""
        game, players, seats = self.planner.game, self.players, self._seats
        one, two = (
            new_mind(player, seat, game, role)
            for role, (player, seat) in enumerate(zip(players, seats, strict=True))
        )
        if self.defected_before:
            let_remember(players, seats, (one, two), game, (1, 1))
        return HandoverState(self.planner.start(generator), one, two, np.ones(2, np.int64), np.zeros(4))

    def room(self) -> HandoverRoom:
        """Return what the law writes to; two tables of each literal mirror are rewritten in every round."""
        first, second = self._seats
        return HandoverRoom(
            copied(first), copied(second), new_table(), new_workspace(self.planner.critic_units)
        )

    @cached_property
    def _seats(self) -> tuple[Seat, Seat]:
        first, second = self.players
        return first.seat(self.planner.game, 0), second.seat(self.planner.game, 1)

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters as plain values for JSON."""
        one, two = (describe(player) for player in self.players)
        return {
            "planner": self.planner.to_dict(),
            "player": [one, two] if is_list(self.player) else one,
            "informed": bool(self.informed),
            "attribution": self.attribution,
            "defected_before": bool(self.defected_before),
            "noise": self.noise,
        }


def _check_informed(player: LiteralMirror) -> None:
    """Raise ValueError if a literal mirror has options with which it cannot reply in the game in force."""
    if player.form != "sum" or player.selection != "best-reply" or player.reward_share > 0.0:
        raise ValueError(
            "literal mirrors who are informed must choose best replies by the form 'sum' and estimate by actions, "
            f"got form {player.form!r}, selection {player.selection!r}, reward_share {player.reward_share}"
        )
    if player.probe_probability > 0.0 or player.other_forms:
        raise ValueError(
            "literal mirrors who are informed neither probe nor doubt the other's form, got probe_probability "
            f"{player.probe_probability} and other_forms {player.other_forms}"
        )
    if player.believed_game is not None or player.families is not None:
        raise ValueError(
            "literal mirrors who are informed know the game in force, so believed_game and families must be None"
        )
