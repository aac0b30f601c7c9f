"""The Mesa face of a handover: a planner and two players, whom it leads and leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from simulation.engine.keywords import parameters_of, takes_fields_of
from simulation.engine.model import LawModel
from simulation.gradual.law import DuelRound
from simulation.gradual.models import AGENTS, DuelAgent
from simulation.handover.parameters import HandoverParameters
from simulation.handover.runs import handover_process
from simulation.mechanism_design.model import Planner
from theory.checks import FloatArray


class GuidedPair(LawModel):
    """Two players of duels and a planner in a 2x2 game; a step is a round.

    With the same seed the model takes, bit for bit, the steps of run 0 of `simulation.simulate_handover`.

    Parameters
    ----------
    parameters
        By default literal mirrors in the Prisoner's Dilemma of thesis Table 4.1, from beliefs of mutual defection.
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

    _of_your_own = "give `player` a DuelPlayer"

    @takes_fields_of(HandoverParameters)
    def __init__(
        self,
        parameters: HandoverParameters | None = None,
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
        self.parameters = parameters_of(HandoverParameters, parameters, keywords)
        self.game = self.parameters.planner.game
        self._begin(handover_process(self.parameters, stacklevel=2))
        self.seats = (self._room.first, self._room.second)
        self.minds = (self.state.first, self.state.second)
        self.last_actions = self.state.last
        planned, record = self._record.planned, self._record
        self.last_round = DuelRound(
            record.action, record.level, planned.payoff, record.alpha, record.estimate, record.deviation
        )
        self.players = [
            AGENTS.get(type(player), DuelAgent)(self, role)
            for role, player in enumerate(self.parameters.players)
        ]
        self.planner = Planner(self)
        self._settle(
            self.players,
            model_reporters={"welfare": "welfare", "average_additional_reward": "average_additional_reward"},
            agenttype_reporters={
                kind: {
                    name: attrgetter(name) for name in ("level", "payoff", "alpha", "beta_hat", "deviation")
                }
                for kind in {type(player) for player in self.players}
            },
        )

    @property
    def turn(self) -> int:
        """How many rounds have been played."""
        return self._steps_taken

    @property
    def planning(self) -> bool:
        """Whether the planner acts in the next round."""
        return self.turn < self.parameters.planner.planned_episodes and bool(self.state.clock[1] < 0.0)

    @property
    def welfare(self) -> float:
        """Sum of payoffs of the last round in the original game; NaN before the first."""
        return float(sum(player.payoff for player in self.players))

    @property
    def average_additional_reward(self) -> float:
        """Absolute additional rewards a round so far, summed over players."""
        return self.planner.paid / max(self.turn, 1)

    @property
    def profile(self) -> Sequence[FloatArray]:
        """The actions of the last round as pure mixtures, ready for `theory.judge`."""
        return self.game.pure(*(int(action) for action in self.last_actions))
