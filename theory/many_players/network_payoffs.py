r"""Payoffs of a game on a network: everybody plays a 2x2 game with each neighbour, with one action for all of them.

Player i has d_i neighbours N(i), cooperates with probability x_i, and gets from its game with neighbour j what
its own table says: R_i if both cooperate, S_i if only i does, T_i if only j does, P_i if nobody does. Its payoff is

    u_i(x) = w_i sum_{j in N(i)} [P_i + (S_i - P_i) x_i + (T_i - P_i) x_j + (R_i + P_i - S_i - T_i) x_i x_j],

where w_i = 1 / d_i if payoffs are averaged over partners (`mean`), and 1 if they are summed (`total`). Tables may
differ between players, so that altruism, which adds alpha_i times what the partners get in the games with i, and
incentives for one's own action lead to games of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from theory.checks import FloatArray, IntArray, finite_array
from theory.many_players.two_actions import TwoActionGame


@dataclass(frozen=True, eq=False)
class NetworkPayoffs(TwoActionGame):
    """Who plays with whom, and what it pays.

    Attributes
    ----------
    starts, neighbours
        `[n_players + 1]` and `[2 * n_edges]`: the neighbours of player i are
        `neighbours[starts[i]:starts[i + 1]]`.
    tables
        `[n_players, 2, 2]`: what player i gets by its own and a partner's action.
    accumulation
        Whether payoffs are the `mean` or the `total` over partners.
    n_players
        Number of players.
    """

    starts: IntArray
    neighbours: IntArray
    tables: FloatArray
    accumulation: str = "mean"
    n_players: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # The dataclass is frozen, so that a number that follows from others goes around its __setattr__.
        object.__setattr__(self, "n_players", len(self.starts) - 1)

    @cached_property
    def degrees(self) -> IntArray:
        """`[n_players]`: numbers of neighbours."""
        return np.diff(self.starts)

    @cached_property
    def sources(self) -> IntArray:
        """`[2 * n_edges]`: whose neighbour stands in each place of `neighbours`."""
        return np.repeat(np.arange(self.n_players), self.degrees)

    @cached_property
    def weights(self) -> FloatArray:
        """`[n_players]`: w_i of the module's docstring."""
        return 1.0 / self.degrees if self.accumulation == "mean" else np.ones(self.n_players)

    @property
    def payoff_range(self) -> FloatArray:
        """`[n_players]`: largest minus smallest payoff of each player over the outcomes."""
        # For a given action payoffs are linear in the number of cooperating partners: extreme at none or all.
        corners = self.tables.reshape(-1, 4)
        return np.asarray((corners.max(axis=1) - corners.min(axis=1)) * self.weights * self.degrees)

    def _action_payoffs(self, mixtures: FloatArray) -> FloatArray:
        """Return `[n_players, 2]`: what each action pays."""
        cooperating = self.sum_over_neighbours(mixtures[:, 0])
        defecting = self.degrees - cooperating
        total = self.tables[:, :, 0] * cooperating[:, None] + self.tables[:, :, 1] * defecting[:, None]
        return np.asarray(total * self.weights[:, None])

    def sum_over_neighbours(self, values: FloatArray) -> FloatArray:
        """Return `[n_players]`: the sum of `values[n_players]` over each player's neighbours."""
        each = finite_array("values", values)
        if each.shape[:1] != (self.n_players,):
            raise ValueError(
                f"values must be one for each of {self.n_players} players, got shape {each.shape}"
            )
        return np.asarray(np.add.reduceat(each[self.neighbours], self.starts[:-1]))

    @cached_property
    def has_one_table(self) -> bool:
        """Whether all players have the same table."""
        return bool((self.tables == self.tables[0]).all())
