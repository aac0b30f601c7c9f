r"""Consequentialist conditional cooperation of Peysakhovich and Lerer (2018): by what one gets, not by what is done.

It cooperates as long as its average reward is at least a threshold between what it gets from cooperating with a
cooperator and with a defector,

    R = share V(C, C) + (1 - share) V(C, D)    a step,

and plays its safe policy else. The average is at least R exactly if Z, the sum of r - R, is at least 0: Z is what is
remembered, on a grid, rounded by lot, up to a most on either side, so that what was long ago does not weigh for ever.
Rewards are those of the tables, expected where a step's reward is a matter of chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.markov_games.conditional.agreement import AGREED_PLAY, AgreedPlay
from simulation.markov_games.conditional.cooperator import ConditionalCooperator
from simulation.markov_games.conditional.player import FiniteMemory, grid_from_to
from simulation.markov_games.exact import discounted_values
from theory.arguments import check_fields, checked, place
from theory.checks import number_within


@dataclass(frozen=True, kw_only=True)
class MarkovConsequentialist(ConditionalCooperator):
    """Consequentialist conditional cooperation (Peysakhovich & Lerer 2018): cooperate while rewards are as hoped.

    Parameters
    ----------
    share
        Where between V(C, D) and V(C, C) the threshold lies, in [0, 1].
    surplus_cap
        |Z| at most, in the largest absolute reward of a step, above 0.
    grid_step
        Between remembered Z, in payoff units.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    share: float = 0.5
    surplus_cap: float = 20.0
    grid_step: float = 0.25

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("share", self.share, 0.0, 1.0)
        number_within("surplus_cap", self.surplus_cap, 1e-6, 1e6)
        number_within("grid_step", self.grid_step, 1e-3, 1e6)

    @checked(play=AGREED_PLAY, role=place(2))
    def threshold(self, play: AgreedPlay, role: int) -> float:
        """Return R, in payoff units a step."""
        beside = play.agreed.copy()
        beside[1 - role] = play.safe[1 - role]
        robbed = discounted_values(play.game, beside, discount=play.discount)[role]
        worth = (1.0 - play.discount) * np.stack([play.values[role], robbed]) @ play.game.start
        return float(self.share * worth[0] + (1.0 - self.share) * worth[1])

    @checked(play=AGREED_PLAY, role=place(2))
    def seated(self, play: AgreedPlay, role: int) -> FiniteMemory:
        """Return the player in a role."""
        most = self.surplus_cap * float(np.abs(play.game.rewards).max())
        grid = grid_from_to(-most, most, self.grid_step)
        surplus = play.game.rewards[role] - self.threshold(play, role)
        after = grid.points[:, None, None] + surplus
        below, chance = grid.rounded(after)
        kept = grid.points >= -0.5 * self.grid_step
        policy = np.where(kept[:, None, None], play.agreed[role], play.safe[role])
        return FiniteMemory(
            role,
            policy,
            np.stack([below, below + 1], axis=3),
            np.stack([1.0 - chance, chance], axis=3),
            start=grid.place_of(0.0),
        )
