r"""A game with state as players have it who mind having less than others, or more (Fehr & Schmidt 1999).

In each step, and not of the sums of an episode,

    u_i = r_i - envy / (N - 1) sum_j max(r_j - r_i, 0) - guilt / (N - 1) sum_j max(r_i - r_j, 0).

Learners learn in this game, and what they learn is judged in the one within. Hughes et al. (2018, "Inequity aversion
improves cooperation in intertemporal social dilemmas") put a decaying sum of past rewards in the place of r, which
would be part of the state; here its decay is 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp

from simulation.markov_games.protocol import ListedGame, Outcomes
from theory.arguments import check_fields
from theory.checks import number_within, shown


@dataclass(frozen=True, kw_only=True)
class InequityAverse(ListedGame):
    """Another game, whose players mind inequity.

    Parameters
    ----------
    game
        Any game that lists its outcomes.
    envy, guilt
        alpha and beta of the paper, utility per payoff unit and step, the same for all, in [0, 1e9].

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    game: ListedGame
    envy: float = 0.0
    guilt: float = 0.0
    horizon: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        if not isinstance(self.game, ListedGame):
            raise ValueError(f"game must be one that lists its outcomes, got {shown(self.game)}")
        object.__setattr__(self, "horizon", self.game.horizon)
        check_fields(self)
        number_within("envy", self.envy, 0.0, 1e9)
        number_within("guilt", self.guilt, 0.0, 1e9)

    @property
    def n_players(self) -> int:
        """As in the game within."""
        return self.game.n_players

    @property
    def n_actions(self) -> int:
        """As in the game within."""
        return self.game.n_actions

    def starts(self) -> tuple[jax.Array, Any]:
        """Return the first states of the game within."""
        return self.game.starts()

    def outcomes(self, state: Any, actions: jax.Array) -> Outcomes:
        """Return what follows in the game within, with utilities in the place of rewards."""
        may = self.game.outcomes(state, actions)
        ahead = may.rewards[:, :, None] - may.rewards[:, None, :]
        minded = self.envy * jnp.maximum(-ahead, 0.0) + self.guilt * jnp.maximum(ahead, 0.0)
        return may._replace(rewards=may.rewards - minded.sum(axis=2) / (self.n_players - 1))

    def observe(self, state: Any) -> jax.Array:
        """Return what players of the game within see."""
        return self.game.observe(state)

    def canonical(self, state: Any) -> Any:
        """Return the state that stands for it in the game within."""
        return self.game.canonical(state)
