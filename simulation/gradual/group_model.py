"""The Mesa face of groups of mirrors in a graded public good."""

from __future__ import annotations

import math
from operator import attrgetter

import mesa
import numpy as np

from simulation.engine.model import LawModel
from simulation.gradual.beliefs import belief_interval
from simulation.gradual.groups import GroupParameters, GroupRound, group_process
from theory.arguments import given_or_default
from theory.checks import FloatArray, number_within
from theory.deprecation import renamed_keyword


class GroupMember(mesa.Agent):  # type: ignore[misc] # Mesa is untyped
    """A player of a group: a view on one row of the model's arrays."""

    def __init__(self, model: GradualGroup, number: int) -> None:
        super().__init__(model)
        self.number = number

    @property
    def is_stubborn(self) -> bool:
        """Whether the player keeps its weight and does not mirror."""
        return not math.isnan(self.model.group.stubborn[self.number])

    @property
    def level(self) -> float:
        """Degree of cooperation played in the last round, in [0, 1]; NaN before the first."""
        return float(self.model.last_round.level[self.number]) if self.model.turn else math.nan

    @property
    def payoff(self) -> float:
        """Payoff of the last round; NaN before the first."""
        return float(self.model.last_round.payoff[self.number]) if self.model.turn else math.nan

    @property
    def alpha(self) -> float:
        """Cooperativeness of the next round."""
        return float(self.model.state.alpha[self.number])

    @alpha.setter
    def alpha(self, value: float) -> None:
        self.model.state.alpha[self.number] = number_within("alpha", value, 0.0, 1.0)

    @property
    def estimate(self) -> float:
        """What the others estimate this player's cooperativeness to be."""
        return float(self.model.state.estimate[self.number])

    @property
    def belief(self) -> FloatArray:
        """`[n]`: the others' belief about this player, on the model's `group.weights`."""
        return np.asarray(self.model.state.belief[self.number])

    @renamed_keyword("coverage", "confidence")
    def interval(self, confidence: float = 0.9) -> tuple[float, float]:
        """Return the central interval that holds at least the share `confidence` of the others' belief."""
        return belief_interval(self.belief, self.model.group.weights, confidence)


class GradualGroup(LawModel):
    """Players who mirror each other in a graded public good; a step is a round.

    With the same seed the model takes, bit for bit, the steps of run 0 of `simulation.gradual.groups.play_groups`.

    Parameters
    ----------
    parameters
        Of the group; by default five mirrors.
    rng
        A whole number to reproduce a run; a `numpy.random.Generator` is used as it is; None draws a seed.
    run
        Which run of the seed this is.
    """

    def __init__(
        self,
        parameters: GroupParameters | None = None,
        *,
        rng: int | np.random.Generator | None = None,
        run: int = 0,
    ) -> None:
        super().__init__(rng, run)
        self.parameters = given_or_default("parameters", parameters, GroupParameters)
        self._begin(group_process(self.parameters))
        self.group = self.constants
        self.last_round: GroupRound = self._record
        self.turn = 0
        self.players = [GroupMember(self, number) for number in range(self.parameters.n_players)]
        self.datacollector = mesa.DataCollector(
            model_reporters={"welfare": "welfare"},
            agent_reporters={name: attrgetter(name) for name in ("level", "payoff", "alpha", "estimate")},
        )
        self.running = True
        self._settle()
        self.datacollector.collect(self)

    def step(self) -> None:
        """Play one round; `running` turns False when the number of rounds is reached."""
        self._take_step(self.turn)
        self.turn += 1
        self.running = self.turn < self.parameters.rounds
        self.datacollector.collect(self)

    @property
    def welfare(self) -> float:
        """Sum of payoffs of the last round; NaN before the first."""
        return float(sum(player.payoff for player in self.players))
