"""The Mesa face of groups in a graded public good: of those who keep ledgers, and of literal mirrors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

import numpy as np

from simulation.engine.agent import LawAgent
from simulation.engine.keywords import parameters_of, takes_fields_of
from simulation.engine.model import LawModel
from simulation.gradual.beliefs import belief_interval
from simulation.gradual.groups.ledgers import LedgerGroupParameters, LedgerGroupRound
from simulation.gradual.groups.runs import GroupParameters, GroupRound, group_process
from simulation.gradual.ledgers.rule import LedgerBook, book_at
from theory.arguments import of_type, optional
from theory.checks import FloatArray, number_within
from theory.deprecation import renamed_keyword


class GroupAgent(LawAgent):
    """A player of a group: a view on one row of the model's arrays."""

    def __init__(self, model: GradualGroup, number: int) -> None:
        super().__init__(model)
        self.number = number

    @property
    def level(self) -> float:
        """Degree of cooperation played in the last round, in [0, 1]; NaN before the first."""
        return float(self.model.last_round.level[self.number]) if self.model.turn else math.nan

    @property
    def payoff(self) -> float:
        """Payoff of the last round; NaN before the first."""
        return float(self.model.last_round.payoff[self.number]) if self.model.turn else math.nan

    @property
    def estimate(self) -> float:
        """What the others estimate this player's cooperativeness to be."""
        return float(self.model.state.estimate[self.number])


class GroupMember(GroupAgent):
    """A literal mirror of a group, or a stubborn player among such."""

    @property
    def is_stubborn(self) -> bool:
        """Whether the player keeps its weight and does not mirror."""
        return not math.isnan(self.model.group.stubborn[self.number])

    @property
    def alpha(self) -> float:
        """Cooperativeness of the next round."""
        return float(self.model.state.alpha[self.number])

    @alpha.setter
    def alpha(self, value: float) -> None:
        self.model.state.alpha[self.number] = number_within("alpha", value, 0.0, 1.0)

    @property
    def belief(self) -> FloatArray:
        """`[n]`: the others' belief about this player, on the model's `group.weights`."""
        return np.asarray(self.model.state.belief[self.number])

    @renamed_keyword("coverage", "confidence")
    def interval(self, confidence: float = 0.9) -> tuple[float, float]:
        """Return the central interval that holds at least the share `confidence` of the others' belief."""
        return belief_interval(self.belief, self.model.group.weights, confidence)


class LedgerMember(GroupAgent):
    """A gradual Tit-for-Tat of a group, or a stubborn player among such, whose books are kept too."""

    @property
    def is_stubborn(self) -> bool:
        """Whether the player does not act by its ledgers."""
        return int(self.model.group.stubborn[self.number]) >= 0

    @property
    def alpha(self) -> float:
        """Level of what is meant next, which follows from the ledger: 1 for the agreed one, 0 for the harshest."""
        return float(self.model.state.alpha[self.number])

    @property
    def book(self) -> LedgerBook:
        """`[1]` each, views: ledger, account, mistrust, quarrel and offers; writing changes them."""
        return book_at(self.model.state.books, self.number)

    @property
    def ledger(self) -> float:
        """What the others owe, in full harms: the mean of them, or the least cooperative one."""
        return float(self.book.ledger[0])

    @property
    def account(self) -> float:
        """Own payoffs above the security level so far, in own payoff ranges, at most the cap."""
        return float(self.book.account[0])

    @property
    def offers(self) -> float:
        """Peace offers made, less what agreed rounds have made good."""
        return float(self.book.offers[0])

    @property
    def ledgers(self) -> FloatArray:
        """`[n]`, a view: what each player owes, in full harms; 0 of oneself."""
        return np.asarray(self.model.state.ledgers[self.number])


class GradualGroup(LawModel):
    """Players who mirror each other in a graded public good; a step is a round.

    With the same seed the model takes, bit for bit, the steps of run 0 of `play_groups`.

    Parameters
    ----------
    parameters
        Of the group: `LedgerGroupParameters` of gradual Tit-for-Tat, who keep ledgers, by default five of them; or
        `GroupParameters` of literal mirrors.
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

    _of_your_own = "a group has its two rules alone"

    @takes_fields_of(LedgerGroupParameters)
    def __init__(
        self,
        parameters: GroupParameters | LedgerGroupParameters | None = None,
        *,
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
        given = optional(of_type(GroupParameters, LedgerGroupParameters))("parameters", parameters)
        self.parameters: GroupParameters | LedgerGroupParameters = (
            given if given and not keywords else parameters_of(LedgerGroupParameters, given, keywords)
        )
        self._begin(group_process(self.parameters))
        self.group = self.constants
        self.last_round: GroupRound | LedgerGroupRound = self._record
        of_ledgers = isinstance(self.parameters, LedgerGroupParameters)
        kind: type[GroupAgent] = LedgerMember if of_ledgers else GroupMember
        self.players: list[Any] = [kind(self, number) for number in range(self.parameters.n_players)]
        shown = (
            "level",
            "payoff",
            "alpha",
            "estimate",
            *(("ledger", "account", "offers") if of_ledgers else ()),
        )
        self._settle(
            self.players,
            model_reporters={"welfare": "welfare"},
            agent_reporters={name: attrgetter(name) for name in shown},
        )

    @property
    def turn(self) -> int:
        """How many rounds have been played."""
        return self._steps_taken

    @property
    def welfare(self) -> float:
        """Sum of payoffs of the last round; NaN before the first."""
        return float(sum(player.payoff for player in self.players))
