"""What groups in a graded public good share, by whatever rule they play: the good, its tables, its rounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.engine.elementary import power_of
from simulation.engine.randomness import whole_number
from simulation.gradual.graded_games import (
    GradedGame,
    PublicGoodPayoffs,
    cooperation_levels,
    graded_public_good,
)
from theory.arguments import check_fields
from theory.checks import FloatArray, finite_number, number_within


@dataclass(frozen=True, kw_only=True)
class PublicGoodGroup:
    """A group in a graded public good V_i = b mean(x)^e - c x_i^2 / 2.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    n_players: int = 5
    """At least 2."""
    benefit: float = 1.0
    """b: what the good is worth to each when all cooperate fully, positive."""
    cost: float = 1.0
    """c: twice what one's own full cooperation costs, positive."""
    exponent: float = 1.0
    """e in (0, 1]: returns are constant at 1 and diminish below."""
    levels: int = 21
    """Levels of the grid, at least 2."""
    noise: float = 0.0
    """Probability, for each player in each round, that a uniform one of the other levels is played instead."""
    rounds: int = 1000
    """At least 1."""

    def __post_init__(self) -> None:
        check_fields(self)
        whole_number("n_players", self.n_players, at_least=2)
        whole_number("levels", self.levels, at_least=2)
        for name in ("benefit", "cost"):
            if finite_number(name, getattr(self, name)) <= 0.0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name):g}")
        if not 0.0 < finite_number("exponent", self.exponent) <= 1.0:
            raise ValueError(f"exponent must lie in (0, 1], got {self.exponent:g}")
        number_within("noise", self.noise, 0.0, 1.0)
        whole_number("rounds", self.rounds, at_least=1)

    @property
    def game(self) -> GradedGame:
        """The stage game with its payoff tensor, for verdicts; ValueError if it is too large for one."""
        return graded_public_good(
            self.n_players,
            benefit=self.benefit,
            cost=self.cost,
            exponent=self.exponent,
            levels=self.levels,
        )


def worth_and_cost(group: PublicGoodGroup) -> tuple[FloatArray, FloatArray]:
    """Return what the good is worth by the sum of the others' actions and one's own, `[S, k]`, and costs `[k]`.

    The k actions are counted from full cooperation, so that their sum over n - 1 others is one of S = (n - 1)(k - 1)
    + 1.
    """
    n, k = group.n_players, group.levels
    own = cooperation_levels(k)
    sums = (n - 1) - np.arange((n - 1) * (k - 1) + 1)[:, None] / (k - 1)
    good = PublicGoodPayoffs(group.benefit, group.cost, group.exponent)
    mean = (sums + own) / n
    return good.benefit * power_of(mean, good.exponent), good.cost * own * own / 2.0
