"""The Mesa face of mechanism design: two learners and a planner, of whom each is a view on the model's arrays.

Reading and writing an agent's attribute reads and writes the arrays that the law works on, so agents can be inspected
and changed by hand between steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulation.engine.agent import LawAgent
from simulation.engine.keywords import parameters_of, takes_fields_of
from simulation.engine.model import LawModel
from simulation.learning.policy_gradient import sigmoid_compiled
from simulation.learning.rule import cooperation_of, notice_uncompiled_rules
from simulation.mechanism_design.law import Law
from simulation.mechanism_design.parameters import MechanismDesignParameters
from simulation.mechanism_design.runs import (
    expected_welfare,
    incentive_tensors,
    incentives_by_outcome,
    learned_profiles,
    mechanism_design_process,
    notice_uncompiled,
)
from simulation.planner.incentives import new_incentives
from simulation.planner.state import Round
from theory import Game
from theory.arguments import checked, function, place, with_methods
from theory.checks import FloatArray, finite_number


class Learner(LawAgent):
    """A player that learns to cooperate or not, by the policy gradient of thesis section 4.2 or its learning rule."""

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
        rules = self.model.parameters.learning_rules
        if rules is not None:
            if rules[self.player].policy_parameter is None:
                raise ValueError(
                    "theta can be set where a rule has a policy parameter, got the rule "
                    f"{rules[self.player].name!r}, whose `memory` can be changed"
                )
            self.memory[0] = finite_number("theta", value)
        self._state.theta[self.player] = finite_number("theta", value)

    @property
    def memory(self) -> FloatArray:
        """The numbers that its learning rule remembers, a view: writing changes them; empty without such a rule."""
        rules = self.model.parameters.learning_rules
        size = 0 if rules is None else len(rules[self.player].memory)
        memory: FloatArray = self._state.memory[self.player, :size]
        return memory

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
        rules = self.model.parameters.learning_rules
        if rules is not None:
            return cooperation_of(rules[self.player], self.memory)
        return sigmoid_compiled(self.theta)

    @property
    def action(self) -> str:
        """Action of the last episode, "C" or "D"; empty before the first."""
        if not self.model.episode:
            return ""
        return "C" if self._round.cooperated[self.player] else "D"

    @property
    def payoff(self) -> float:
        """Payoff of the last episode in the original game; NaN before the first."""
        return float(self._round.payoff[self.player]) if self.model.episode else math.nan

    @property
    def additional_reward(self) -> float:
        """What the planner gave in the last episode; NaN before the first."""
        return float(self._round.additional_reward[self.player]) if self.model.episode else math.nan


class Planner(LawAgent):
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


class MechanismDesign(LawModel):
    """Two learners and a planner in a 2x2 game; a step is an episode (thesis section 4.2).

    With the same seed the model takes, bit for bit, the steps of run 0 of `simulation.simulate`.

    Parameters
    ----------
    parameters
        By default the Prisoner's Dilemma of thesis Table 4.1 with a planner.
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
    law
        A law of your own in plain Python instead of `mechanism_design_round`.

    Warns
    -----
    UserWarning
        If no incentives within the bound or budget can make the outcome of the highest welfare an equilibrium.
    """

    _of_your_own = "give `learners` a LearningRule"

    @takes_fields_of(MechanismDesignParameters)
    def __init__(
        self,
        parameters: MechanismDesignParameters | None = None,
        *,
        rng: int | np.random.Generator | None = None,
        seed: int | None = None,
        run: int = 0,
        law: Law | None = None,
        model_reporters: Mapping[str, Any] | None = None,
        agent_reporters: Mapping[str, Any] | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            rng, run, seed=seed, model_reporters=model_reporters, agent_reporters=agent_reporters
        )
        self.parameters = parameters_of(MechanismDesignParameters, parameters, keywords)
        self.parameters.warn_if_out_of_reach(stacklevel=3)
        if law is not None:
            function("law", law)
            notice_uncompiled(stacklevel=3)
        else:
            notice_uncompiled_rules(self.parameters.learning_rules or (), stacklevel=2)
        self._begin(mechanism_design_process(self.parameters, law))
        self.last_round: Round = self._record.round
        self.learners = [Learner(self, player) for player in range(2)]
        self.planner = Planner(self)
        shown = ("joint_cooperation", "welfare", "average_additional_reward")
        self._settle(self.learners, model_reporters={name: name for name in shown})

    @property
    def episode(self) -> int:
        """How many episodes have been played."""
        return self._steps_taken

    @property
    def planning(self) -> bool:
        """Whether the planner acts in the next episode."""
        until = self.parameters.planner_episodes
        retired = self.state.clock[1] >= 0.0
        return not retired and (until is None or self.episode < until)

    @property
    def cooperation_probability(self) -> FloatArray:
        """`[2]`: P(C) of each learner."""
        return np.array([learner.cooperation_probability for learner in self.learners])

    @property
    def joint_cooperation(self) -> float:
        """P(C,C)."""
        return float(self.cooperation_probability.prod())

    @property
    def welfare(self) -> float:
        """Expected sum of payoffs in the original game."""
        return float(expected_welfare(self.parameters, self.cooperation_probability))

    @property
    def average_additional_reward(self) -> float:
        """Absolute additional rewards an episode so far, summed over players."""
        return self.planner.paid / max(self.episode, 1)

    @property
    def profile(self) -> Sequence[FloatArray]:
        """The learners' present mixtures, ready for `theory.judge`."""
        return list(learned_profiles(self.cooperation_probability))

    @property
    def game_in_force(self) -> Game:
        """The game with the planner's present incentives."""
        return self.parameters.game.with_incentives(incentive_tensors(self.planner.incentives))
