r"""Games on networks: everybody plays a 2x2 game with each neighbour, with one action for all of them.

`theory.many_players.network_payoffs` has the payoffs and their symbols. Nothing here stores the tensor of 2^N
outcomes: payoffs and regrets take O(E) operations for E edges. What no such short way is known for (all equilibria
in general, bargaining solutions, sometimes the range of welfare) is left unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked
from theory.checks import FloatArray, finite_array, known_name
from theory.games.checks import symmetric_two_by_two_game
from theory.games.game import Game
from theory.graphs import ACCUMULATIONS, neighbour_rows
from theory.many_players.network_pareto import network_pareto_slack
from theory.many_players.network_payoffs import NetworkPayoffs
from theory.many_players.network_welfare import (
    NetworkGameEquilibria,
    dominant_equilibrium,
    equilibria_of_extreme_welfare,
    welfare_range,
)
from theory.many_players.tables import one_players_payoffs
from theory.pareto.slack import ParetoSlack
from theory.resolution import resolution_of
from theory.tables import Table


@dataclass(frozen=True, eq=False)
class NetworkGame(NetworkPayoffs):
    """A game on a network. It answers what `theory.verdicts.facts.GameWithoutTensor` asks.

    Attributes
    ----------
    starts, neighbours, tables, accumulation
        As in `theory.many_players.network_payoffs.NetworkPayoffs`.
    title
        A name for tables and pictures.
    """

    title: str = ""

    def as_tables(self) -> list[Table]:
        """Return what one player gets with a partner, and who plays with whom, as notebooks show the game."""
        of_all = (
            "" if (self.tables == self.tables[0]).all() else " Of player 1; others have tables of their own."
        )
        note = (
            f"{self.n_players} players, {len(self.neighbours) // 2} pairs of neighbours; what counts is the "
            f"{self.accumulation} over partners.{of_all}"
        )
        return one_players_payoffs(self.title, self.tables[0].tolist(), note=note, partners="its partner")

    def security_levels(self) -> FloatArray:
        """Return `[n_players]`: what each player can be sure of by mixing, whatever the others do.

        Partners matter only through the fraction of them that cooperates, and linearly, so that they do
        their worst all alike: the level is the value of the player's own table, times w_i d_i.
        """
        (reward, sucker), (temptation, punishment) = np.moveaxis(self.tables, 0, -1)
        pure = np.maximum(np.minimum(reward, sucker), np.minimum(temptation, punishment))
        slopes_apart = (temptation - punishment) - (reward - sucker)
        with np.errstate(divide="ignore", invalid="ignore"):
            # The mixture at which the partners' choice makes no difference.
            p = (temptation - punishment) / slopes_apart
            mixed = punishment + p * (sucker - punishment)
        between = (slopes_apart != 0) & (p > 0) & (p < 1)
        value = np.where(between, np.maximum(pure, np.where(between, mixed, 0.0)), pure)
        return np.asarray(value * self.weights * self.degrees)

    @cached_property
    def welfare_range(self) -> tuple[float, float]:
        """Smallest and largest sum of payoffs over the outcomes, each NaN where it is not known."""
        return welfare_range(self)

    def equilibria(self) -> NetworkGameEquilibria:
        """Return what is known of the Nash equilibria (see `theory.many_players.network_welfare`)."""
        return dominant_equilibrium(self) or equilibria_of_extreme_welfare(self, self.welfare_range)

    def pareto_slack(self, payoffs: ArrayLike, *, within: str = "lotteries") -> ParetoSlack:
        """Return how much a dominating outcome would give in all (see `theory.many_players.network_pareto`)."""
        return network_pareto_slack(self, payoffs, within=within)

    def bargaining_point(self, name: str, *, disagreement: ArrayLike | None = None) -> FloatArray:
        """Raise ValueError: the bargaining solutions of games on networks are not known."""
        raise ValueError(f"the bargaining solution {name!r} of a game on a network is not known in general")

    def altruistic(self, alpha: ArrayLike) -> NetworkGame:
        """Return the game in which player i weighs what its partners get in the games with it by alpha_i.

        `alpha` is one number for all or `[n_players]`. A partner's table counts with the weight w_i, as one's own.
        """
        weight = finite_array("alpha", alpha)
        if weight.shape not in ((), (self.n_players,)):
            raise ValueError(
                f"alpha must be one number or one for each of {self.n_players} players, got shape {weight.shape}"
            )
        if not self.has_one_table:
            raise ValueError("altruism is defined where all players have the same table, got different ones")
        of_partner = np.swapaxes(self.tables, 1, 2)
        weighed = np.broadcast_to(weight, (self.n_players,))[:, None, None] * of_partner
        return replace(self, tables=self.tables + weighed)

    def with_incentives(self, incentives: ArrayLike) -> NetworkGame:
        """Return the game in which player i gets `incentives[i, a]` more in all for its own action a."""
        extra = finite_array("incentives", incentives)
        if extra.shape != (self.n_players, 2):
            raise ValueError(f"incentives must have shape {(self.n_players, 2)}, got {extra.shape}")
        for_each_game = extra / (self.weights * self.degrees)[:, None]
        return replace(self, tables=self.tables + for_each_game[:, :, None])

    def to_game(self) -> Game:
        """Return the same game as a payoff tensor, for at most 16 players."""
        self.check_tensor()
        cooperates = 1.0 - np.indices(self.n_actions).reshape(self.n_players, -1).T
        payoffs = [self.expected_payoffs(self.profile(outcome)) for outcome in cooperates]
        return Game(
            np.array(payoffs).T.reshape(self.n_players, *self.n_actions),
            title=self.title,
            # Sums over partners, which may cancel.
            resolution=resolution_of(self.tables) * self.weights * self.degrees,
        )


@checked(game=symmetric_two_by_two_game)
def network_game(graph: Any, game: Game, *, accumulation: str = "mean") -> NetworkGame:
    """Return the game in which everybody plays a symmetric 2x2 game with all neighbours.

    Parameters
    ----------
    graph
        An undirected networkx graph, whose nodes are the players in its order, a list of edges or an adjacency
        matrix of ones and zeros, without weights; or compressed sparse rows, a tuple (starts, neighbours): the
        neighbours of player i are `neighbours[starts[i]:starts[i + 1]]`.
    game
        Of two players with two actions, symmetric.
    accumulation
        Whether payoffs are the `mean` or the `total` over partners.

    Raises
    ------
    ValueError
        If the graph is directed or has loops or isolated nodes, or the game is not symmetric.

    Examples
    --------
    >>> import networkx as nx
    >>> from theory import judge, named_game
    >>> everywhere = network_game(nx.cycle_graph(50), named_game("prisoners-dilemma"))
    >>> judge(everywhere, everywhere.profile(1.0)).label
    'Pareto-optimal, not an equilibrium'
    """
    known_name("accumulation", accumulation, ACCUMULATIONS)
    starts, neighbours = neighbour_rows("graph", graph)
    tables = np.broadcast_to(game.payoffs[0], (len(starts) - 1, 2, 2))
    return NetworkGame(starts, neighbours, tables, accumulation, f"{game.title or 'game'} on a network")
