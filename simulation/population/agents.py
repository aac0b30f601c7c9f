"""The Mesa face of a population: each agent is a view on its row of the model's arrays."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from simulation.learning.policy_gradient import sigmoid
from simulation.population.state import MIRROR, RULES
from theory.checks import FloatArray, finite_number, known_name

if TYPE_CHECKING:
    from simulation.population.model import Population


class Row:
    """An attribute that reads and writes the agent's row of an array of the model's state, as a plain float."""

    def __init__(self, name: str, doc: str) -> None:
        self.name = name
        self.__doc__ = doc

    def __get__(self, agent: NetworkAgent | None, owner: type | None = None) -> Any:
        """Return the row, or the descriptor itself on the class."""
        return self if agent is None else float(getattr(agent.model.state, self.name)[agent.row])

    def __set__(self, agent: NetworkAgent, value: float) -> None:
        """Write the row in place, so that no view goes stale."""
        getattr(agent.model.state, self.name)[agent.row] = finite_number(self.name, value)


class NetworkAgent(mesa.Agent):  # type: ignore[misc] # Mesa is untyped
    """One agent of a population; `row` is its number.

    Reading and writing its attributes reads and writes the arrays that the law works on, so that agents can be
    inspected and changed by hand between steps. Views are for people: whatever concerns all agents is
    faster on `model.state` and `model.last_round`.
    """

    theta = Row("theta", "Policy parameter: P(C) = sigmoid(theta). Mirrors: what they last meant to play.")

    def __init__(self, model: Population, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def node(self) -> Hashable:
        """The node of the graph on which the agent sits."""
        nodes = self.model.parameters.network.nodes
        return self.row if nodes is None else nodes[self.row]

    @property
    def rule(self) -> str:
        """By which it adapts: "learner", "imitator", "mirror" or "fixed"."""
        return RULES[int(self.model.state.rule[self.row])]

    @rule.setter
    def rule(self, name: str) -> None:
        state, row = self.model.state, self.row
        which = RULES.index(known_name("rule", name, RULES))
        # A learner of another rule must not go on moving by its momentum, and its running means start afresh; a new
        # mirror has seen nothing.
        state.theta_first[row] = state.theta_second[row] = 0.0
        state.learner_powers[:, row] = 1.0
        if which == MIRROR != state.rule[row]:
            prior = self.model.parameters.prior
            self._cooperations[:], self._defections[:] = prior
            state.alpha[row], state.theta[row] = self.model.parameters.mirror_of_prior
        state.rule[row] = which

    @property
    def alpha(self) -> float:
        """Cooperativeness: the weight of partners' payoffs. A mirror's follows from its belief after each step."""
        return float(self.model.state.alpha[self.row])

    @alpha.setter
    def alpha(self, value: float) -> None:
        if self.rule == "mirror" and self.model.parameters.per_partner:
            raise ValueError(
                "alpha of a mirror that treats each partner on its own is a mean of several: change "
                "`remembered`, its beliefs"
            )
        self.model.state.alpha[self.row] = finite_number("alpha", value)

    @property
    def cooperation_probability(self) -> float:
        """P(C) of the next step; of a mirror the share of partners with whom it last meant to cooperate."""
        return sigmoid(self.theta)

    @property
    def share(self) -> float:
        """Share of partners towards whom C was carried out in the last step."""
        return float(self.model.last_round.share[self.row])

    @property
    def payoff(self) -> float:
        """Payoff of the last step, without incentive."""
        return float(self.model.last_round.payoff[self.row])

    @property
    def incentive(self) -> float:
        """What the planner gave in the last step."""
        return float(self.model.last_round.incentive[self.row])

    @property
    def degree(self) -> int:
        """Number of neighbours."""
        return int(self.model.parameters.network.degrees[self.row])

    @property
    def neighbours(self) -> list[NetworkAgent]:
        """The agents it plays with."""
        members = self.model.members
        return [members[k] for k in self.model.parameters.network.of(self.row).tolist()]

    @property
    def remembered(self) -> FloatArray:
        """`[k, 2]`, a copy: remembered cooperations and defections of a mirror, prior included.

        There is one row for all partners, or one for each where conduct is by partner. Assigning changes them.
        """
        return np.stack([self._cooperations, self._defections], axis=1)

    @remembered.setter
    def remembered(self, values: Any) -> None:
        given = np.broadcast_to(np.asarray(values, dtype=np.float64), self.remembered.shape)
        if not (np.isfinite(given) & (given > 0.0)).all():
            raise ValueError(f"remembered must be positive numbers, got {values!r}")
        self._cooperations[:], self._defections[:] = given.T

    @property
    def _cooperations(self) -> FloatArray:
        return self._conduct(self.model.state.cooperations)

    @property
    def _defections(self) -> FloatArray:
        return self._conduct(self.model.state.defections)

    def _conduct(self, array: FloatArray) -> FloatArray:
        if not self.model.parameters.per_partner:
            return array[self.row : self.row + 1]
        starts = self.model.parameters.network.starts
        return array[starts[self.row] : starts[self.row + 1]]


class NetworkPlanner(mesa.Agent):  # type: ignore[misc] # Mesa is untyped
    """The planner of a population (`simulation.population.planner`)."""

    @property
    def layer(self) -> FloatArray:
        """`[2]`: w and b of its offer; writing changes it."""
        layer: FloatArray = self.model.state.planner
        return layer

    @property
    def active(self) -> bool:
        """Whether it acts in the next step."""
        return bool(self.model.planning)

    @property
    def paid(self) -> float:
        """Absolute incentives so far, summed over agents and steps."""
        return float(self.model.state.paid[0])
