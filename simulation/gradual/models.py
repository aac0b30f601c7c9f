"""The Mesa face of graded duels: two agents play, and one watches alpha, beta and both beliefs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from simulation.engine.agent import LawAgent
from simulation.engine.keywords import parameters_of, takes_fields_of
from simulation.engine.model import LawModel
from simulation.gradual.beliefs import belief_interval
from simulation.gradual.duels import duel_process
from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.law import DuelRound
from simulation.gradual.parameters import DuelParameters
from simulation.gradual.players import GradualPlayer, LiteralMirror
from simulation.gradual.players.gradual_tit_for_tat import memory
from simulation.gradual.seat import DuelPlayer
from theory.arguments import checked, place, with_methods
from theory.checks import FloatArray, finite_number, number_within
from theory.deprecation import renamed_keyword


class DuelAgent(LawAgent):
    """A player of a duel: a view on its mind and on the last round."""

    @checked(model=with_methods("a model of Mesa", "register_agent"), role=place(2))
    def __init__(self, model: GradualPair, role: int) -> None:
        super().__init__(model)
        self.role = role
        self._mind = model.minds[role]
        self._seat = model.seats[role]
        self._round = model.last_round

    @property
    def level(self) -> float:
        """Degree of cooperation played in the last round, in [0, 1]; NaN before the first."""
        return float(self._round.level[self.role]) if self.model.turn else float("nan")

    @property
    def payoff(self) -> float:
        """Payoff of the last round; NaN before the first."""
        return float(self._round.payoff[self.role]) if self.model.turn else float("nan")

    @property
    def alpha(self) -> float:
        """Cooperativeness of the next round; NaN for players who have none."""
        return float(self._mind.alpha[0])

    @alpha.setter
    def alpha(self, value: float) -> None:
        self._mind.alpha[0] = number_within("alpha", value, -1.0, 1.0)

    @property
    def beta_hat(self) -> float:
        """Estimate of the other's cooperativeness; NaN for players who estimate nothing."""
        return float(self._mind.estimate[0])

    @property
    def deviation(self) -> float:
        """Standard deviation of the belief; NaN for players who have none."""
        return float(self._mind.deviation[0])


class LiteralMirrorAgent(DuelAgent):
    """A literal mirror: it mirrors the other's degree of cooperativeness (thesis chapter 5)."""

    @property
    def belief(self) -> FloatArray:
        """`[n]`: probabilities of the other's cooperativeness, on `grid`; writing changes the belief."""
        belief: FloatArray = self._mind.belief
        return belief

    @property
    def grid(self) -> FloatArray:
        """`[n]`: the cooperativeness that the belief is about."""
        grid: FloatArray = self._seat.grid
        return grid

    @property
    def zero_evidence(self) -> int:
        """Rounds so far that no cooperativeness could explain."""
        return int(self._mind.zero_evidence[0])

    @property
    def log_evidence(self) -> float:
        """Sum of the log probabilities of the other's actions so far."""
        return float(self._mind.log_evidence[0])

    @renamed_keyword("coverage", "confidence")
    def interval(self, confidence: float = 0.9) -> tuple[float, float]:
        """Return the central interval that holds at least the share `confidence` of the belief."""
        return belief_interval(self.belief, self.grid, confidence)


class GradualTitForTat(DuelAgent):
    """Gradual Tit-for-Tat (thesis chapter 5): it mirrors what the other owes on its ledger.

    All that it keeps can be read, and written to change what it does next.
    """

    @property
    def ledger(self) -> float:
        """N: net harm received less given, in full harms; the other owes what is positive."""
        return float(memory(self._mind.memory).ledger[0])

    @ledger.setter
    def ledger(self, value: float) -> None:
        memory(self._mind.memory).ledger[0] = finite_number("ledger", value)

    @property
    def account(self) -> float:
        """A: own payoffs above the security level so far, in own payoff ranges, at most the cap."""
        return float(memory(self._mind.memory).account[0])

    @account.setter
    def account(self, value: float) -> None:
        memory(self._mind.memory).account[0] = finite_number("account", value)

    @property
    def mistrust(self) -> float:
        """M: a claim without a deed, in full harms; 0 as soon as the other has kept to the agreement."""
        return float(memory(self._mind.memory).mistrust[0])

    @property
    def quarrel(self) -> float:
        """G: what the other gained since the last agreed round, in its payoff ranges."""
        return float(memory(self._mind.memory).quarrel[0])

    @property
    def offers(self) -> float:
        """j: peace offers made, less what agreed rounds have made good."""
        return float(memory(self._mind.memory).offers[0])


AGENTS: dict[type[DuelPlayer], type[DuelAgent]] = {
    GradualPlayer: GradualTitForTat,
    LiteralMirror: LiteralMirrorAgent,
}


class GradualPair(LawModel):
    """Two players in a game with degrees of cooperation; a step is a round.

    With the same seed the model takes, bit for bit, the steps of run 0 of
    `simulation.gradual.duels.play_duels`.

    Parameters
    ----------
    first, second
        The players, see `simulation.gradual.players`; by default both are gradual Tit-for-Tat.
    parameters
        All of a duel in one piece, instead of the players and further keywords, which are its fields: `game`, of two
        players, by default the graded donation game of 101 levels; `noise`, the probability, for each player in each
        round, that a uniform one of its other actions is played instead; `misreading`, the probability that it takes
        the other's action for another one; `start`, the action of each player in a round that both take to have been
        played before the first, by default none; and `rounds`, at least 1, after which `running` turns False.
    rng
        A whole number to reproduce a run; a `numpy.random.Generator` is used as it is; None draws a seed.
    seed
        The same, under Mesa's other name.
    run
        Which run of the seed this is.
    model_reporters
        Further ones of Mesa's `DataCollector`, beside the model's own.
    agent_reporters
        Likewise of all agents, but instead of the model's own; none for `{}`.
    """

    _of_your_own = "give `first` or `second` a DuelPlayer"

    @takes_fields_of(DuelParameters)
    def __init__(
        self,
        first: DuelPlayer | None = None,
        second: DuelPlayer | None = None,
        *,
        parameters: DuelParameters | None = None,
        rng: int | np.random.Generator | None = None,
        seed: int | None = None,
        run: int = 0,
        model_reporters: Mapping[str, Any] | None = None,
        agent_reporters: Mapping[str, Any] | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            rng, run, seed=seed, model_reporters=model_reporters, agent_reporters=agent_reporters
        )
        given = {"first": first, "second": second, "game": keywords.pop("game", None)}
        keywords |= {name: value for name, value in given.items() if value is not None}
        if parameters is None:
            keywords.setdefault("game", graded_donation_game())
        self.parameters = parameters_of(DuelParameters, parameters, keywords)
        p, self.game = self.parameters, self.parameters.game
        process = duel_process(
            p.first, p.second, game=p.game, rounds=p.rounds, noise=p.noise, misreading=p.misreading, start=p.start,
            stacklevel=2,
        )  # fmt: skip
        self._begin(process)
        self.seats = (self.constants.first, self.constants.second)
        self.minds = (self.state.first, self.state.second)
        self.last_actions = self.state.last
        self.last_round: DuelRound = self._record
        self.players = [
            AGENTS.get(type(player), DuelAgent)(self, role) for role, player in enumerate((p.first, p.second))
        ]
        self._settle(
            self.players,
            model_reporters={"welfare": "welfare"},
            agent_reporters={
                name: attrgetter(name) for name in ("level", "payoff", "alpha", "beta_hat", "deviation")
            },
        )

    @property
    def turn(self) -> int:
        """How many rounds have been played."""
        return self._steps_taken

    @property
    def welfare(self) -> float:
        """Sum of payoffs of the last round; NaN before the first."""
        return float(sum(player.payoff for player in self.players))

    @property
    def profile(self) -> Sequence[FloatArray]:
        """The actions of the last round as pure mixtures, ready for `theory.judge`."""
        return self.game.pure(*(int(action) for action in self.last_actions))
