"""The Mesa face of a handover: a planner and two gradual Tit-for-Tat players, whom it leads and leaves."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import mesa
import numpy as np

from simulation.engine.compilation import compiled
from simulation.engine.model import LawModel
from simulation.gradual.law import start_mind
from simulation.gradual.models import GradualTitForTat
from simulation.gradual.seat import new_mind
from simulation.gradual.state import Mind, new_duel_round
from simulation.handover.law import DRAWS, handover_round, new_table
from simulation.handover.parameters import HandoverParameters
from simulation.handover.runs import divergence
from simulation.mechanism_design.agents import Planner
from simulation.mechanism_design.law import State, new_round, new_workspace
from theory.arguments import given_or_default
from theory.checks import FloatArray

_compiled_law = compiled(handover_round)


class GuidedPair(LawModel):
    """Two gradual Tit-for-Tat players and a planner in a 2x2 game; a step is a round.

    With the same seed the model takes, bit for bit, the steps of run 0 of `simulation.simulate_handover`.

    Parameters
    ----------
    parameters
        By default the Prisoner's Dilemma of thesis Table 4.1 from beliefs of mutual defection.
    rng
        A whole number to reproduce a run; a `numpy.random.Generator` is used as it is; None draws a seed.
    run
        Which run of the seed this is.
    """

    def __init__(
        self,
        parameters: HandoverParameters | None = None,
        *,
        rng: int | np.random.Generator | None = None,
        run: int = 0,
    ) -> None:
        super().__init__(rng, run)
        self.parameters = given_or_default("parameters", parameters, HandoverParameters)
        planner = self.parameters.planner
        self.game = planner.game
        self.constants = planner.constants
        self.state = self._draw_start(self._generator)
        self.pair = self.parameters.pair()
        self.seats = (self.pair.first, self.pair.second)
        self.minds = tuple(Mind(*(part[0] for part in new_mind(seat, (1, 1), 1))) for seat in self.seats)
        for seat, mind in zip(self.seats, self.minds, strict=True):
            start_mind(seat, mind)
        self.last_actions = np.ones(2, np.int64)
        self.last_round = new_duel_round()
        self.last_planned_round = new_round()
        self._table = new_table()
        self._workspace = new_workspace(planner.critic_units)
        self.turn = 0
        self.players = [GradualTitForTat(self, role) for role in range(2)]
        self.planner = Planner(self)
        self.datacollector = mesa.DataCollector(
            model_reporters={"welfare": "welfare", "average_additional_reward": "average_additional_reward"},
            agenttype_reporters={
                GradualTitForTat: {
                    name: attrgetter(name) for name in ("level", "payoff", "alpha", "beta_hat", "deviation")
                }
            },
        )
        self.running = True
        self._settle()
        self.datacollector.collect(self)

    def _draw_start(self, generator: np.random.Generator) -> State:
        return self.parameters.planner.start(generator)

    def step(self) -> None:
        """Play one round; `running` turns False when the parameters' number of rounds is reached.

        Raises
        ------
        ValueError
            If the planner diverges in this round.
        """
        _compiled_law(
            self.state,
            self.minds[0],
            self.minds[1],
            self.last_actions,
            self.turn,
            self._generator.random(DRAWS),
            self.turn < self.parameters.planner.planned_episodes,
            self.constants,
            self.pair,
            self._table,
            self._workspace,
            self.last_planned_round,
            self.last_round,
        )
        if not np.isfinite(self.state.planner).all():
            raise ValueError(divergence("the run", self.turn, self.state.planner))
        self.turn += 1
        self.running = self.turn < self.parameters.planner.episodes
        self.datacollector.collect(self)

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
