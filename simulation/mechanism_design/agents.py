"""The Mesa face of the players: each agent is a view on its part of the model's state.

Reading and writing an attribute reads and writes the arrays that the law works on, so agents can be
inspected and changed by hand between steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from simulation.learning.policy_gradient import sigmoid_compiled
from simulation.mechanism_design.runs import incentives_by_outcome
from simulation.planner.incentives import new_incentives
from theory.arguments import checked, place, with_methods
from theory.checks import FloatArray, finite_number

if TYPE_CHECKING:
    from simulation.mechanism_design.model import MechanismDesign


class Learner(mesa.Agent):
    """A player that learns its probability of cooperation by policy gradient (thesis section 4.2)."""

    @checked(model=with_methods("a model of Mesa", "register_agent"), player=place(2))
    def __init__(self, model: MechanismDesign, player: int) -> None:
        super().__init__(model)
        self.player = player
        self._state = model.state
        self._round = model.last_round

    @property
    def theta(self) -> float:
        """Policy parameter: P(C) = sigmoid(theta)."""
        return float(self._state.theta[self.player])

    @theta.setter
    def theta(self, value: float) -> None:
        self._state.theta[self.player] = finite_number("theta", value)

    @property
    def alpha(self) -> float:
        """Cooperativeness: the weight of the other's payoff in this learner's reward."""
        return float(self._state.alpha[self.player])

    @alpha.setter
    def alpha(self, value: float) -> None:
        self._state.alpha[self.player] = finite_number("alpha", value)

    @property
    def cooperation_probability(self) -> float:
        """P(C) of the next episode."""
        return sigmoid_compiled(self.theta)

    @property
    def action(self) -> str:
        """Action of the last episode, "C" or "D"."""
        return "C" if self._round.cooperated[self.player] else "D"

    @property
    def payoff(self) -> float:
        """Payoff of the last episode in the original game."""
        return float(self._round.payoff[self.player])

    @property
    def additional_reward(self) -> float:
        """What the planner gave in the last episode."""
        return float(self._round.additional_reward[self.player])


class Planner(mesa.Agent):
    """The planning agent of thesis chapter 4."""

    @checked(model=with_methods("a model of Mesa", "register_agent"))
    def __init__(self, model: MechanismDesign) -> None:
        super().__init__(model)
        self._layer: FloatArray = model.state.planner
        self._paid: FloatArray = model.state.paid

    @property
    def layer(self) -> FloatArray:
        """`[6]`: the planner's weights and biases, as `simulation.planner.incentives` orders them."""
        return self._layer

    @property
    def incentives(self) -> FloatArray:
        """`[4, 2]`: what each player would get in the outcomes CC, CD, DC, DD; 0 while the planner is off."""
        by_outcome = np.zeros((4, 2))
        if self.active:
            model = self.model
            incentives_by_outcome(model.state, model.constants, new_incentives(), by_outcome)
        return by_outcome

    @property
    def active(self) -> bool:
        """Whether the planner acts in the next episode."""
        return bool(self.model.planning)

    @property
    def paid(self) -> float:
        """Absolute additional rewards so far, summed over players and episodes."""
        return float(self._paid.sum())
