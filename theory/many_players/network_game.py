r"""Games on networks: everybody plays a 2x2 game with each neighbour, with one action for all of them.

Player i has d_i neighbours N(i), cooperates with probability x_i, and gets from its game with neighbour j what
its own table says: R_i if both cooperate, S_i if only i does, T_i if only j does, P_i if nobody does. Its payoff is

    u_i(x) = w_i sum_{j in N(i)} [P_i + (S_i - P_i) x_i + (T_i - P_i) x_j + (R_i + P_i - S_i - T_i) x_i x_j],

where w_i = 1 / d_i if payoffs are averaged over partners (`mean`), and 1 if they are summed (`total`). Tables may
differ between players, so that altruism, which adds alpha_i times what the partners get in the games with i, and
incentives for one's own action lead to games of the same kind.

Nothing here stores the tensor of 2^N outcomes: payoffs and regrets take O(E) operations for E edges. What no
such short way is known for (all equilibria in general, bargaining solutions, sometimes the range of welfare) is
left unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.arguments import checked
from theory.checks import (
    FloatArray,
    finite_array,
    known_name,
    shown,
)
from theory.games.checks import cooperation_profile, symmetric_two_by_two_game, two_action_profile
from theory.games.game import Game, Profile
from theory.graphs import ACCUMULATIONS, undirected_graph
from theory.resolution import resolution_of

if TYPE_CHECKING:
    from theory.many_players.network_equilibria import NetworkGameEquilibria
    from theory.pareto.slack import ParetoSlack


# A payoff tensor of 16 players holds 16 * 2^16 numbers: 8 MB.
LARGEST_TENSOR_GAME = 16


@dataclass(frozen=True, eq=False)
class NetworkGame:
    """A game on a network. It answers what `theory.verdicts.facts.GameWithoutTensor` asks.

    Attributes
    ----------
    starts, neighbours
        `[n_players + 1]` and `[2 * n_edges]`: the neighbours of player i are
        `neighbours[starts[i]:starts[i + 1]]`.
    tables
        `[n_players, 2, 2]`: what player i gets by its own and a partner's action.
    accumulation
        Whether payoffs are the `mean` or the `total` over partners.
    title
        A name for tables and pictures.
    """

    starts: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    tables: FloatArray
    accumulation: str = "mean"
    title: str = ""

    @property
    def n_players(self) -> int:
        """Number of players."""
        return len(self.starts) - 1

    @cached_property
    def n_actions(self) -> tuple[int, ...]:
        """Number of actions of each player: two."""
        return (2,) * self.n_players

    @cached_property
    def players(self) -> tuple[str, ...]:
        """Names of the players."""
        return tuple(f"player {i + 1}" for i in range(self.n_players))

    @cached_property
    def degrees(self) -> NDArray[np.int64]:
        """`[n_players]`: numbers of neighbours."""
        return np.diff(self.starts)

    @cached_property
    def sources(self) -> NDArray[np.int64]:
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

    def check_profile(self, profile: Profile) -> FloatArray:
        """Return the profile as an array `[n_players, 2]`, or raise ValueError with what is wrong."""
        return two_action_profile(profile, self.n_players)

    def profile(self, cooperation: ArrayLike) -> FloatArray:
        """Return the profile `[n_players, 2]` of cooperation probabilities: one for all, or one each."""
        return cooperation_profile(cooperation, self.n_players)

    def expected_payoffs(self, profile: Profile) -> FloatArray:
        """Return `[n_players]`: expected payoffs when all mix independently."""
        mixtures = self.check_profile(profile)
        return np.asarray((self._action_payoffs(mixtures) * mixtures).sum(axis=1))

    def regrets(self, profile: Profile) -> FloatArray:
        """Return `[n_players]`: what each player would gain by its best reply (never negative)."""
        mixtures = self.check_profile(profile)
        payoffs = self._action_payoffs(mixtures)
        # Differences that are all >= 0, so that rounding cannot go below 0.
        return np.asarray(((payoffs.max(axis=1, keepdims=True) - payoffs) * mixtures).sum(axis=1))

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
        from theory.many_players.network_welfare import welfare_range

        return welfare_range(self)

    def equilibria(self) -> NetworkGameEquilibria:
        """Return what is known of the Nash equilibria (see `theory.many_players.network_equilibria`)."""
        from theory.many_players.network_equilibria import equilibria

        return equilibria(self)

    def pareto_slack(self, payoffs: ArrayLike, *, within: str = "lotteries") -> ParetoSlack:
        """Return how much a dominating outcome would give in all (see `theory.many_players.network_pareto`)."""
        from theory.many_players.network_pareto import pareto_slack

        return pareto_slack(self, payoffs, within=within)

    def bargaining_point(self, name: str, *, disagreement: ArrayLike | None = None) -> FloatArray:
        """Raise ValueError: the bargaining solutions of games on networks are not known."""
        raise ValueError(f"the {name} bargaining solution of a game on a network is not known in general")

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

    @cached_property
    def has_one_table(self) -> bool:
        """Whether all players have the same table."""
        return bool((self.tables == self.tables[0]).all())

    def to_game(self) -> Game:
        """Return the same game as a payoff tensor, for at most 16 players."""
        if self.n_players > LARGEST_TENSOR_GAME:
            raise ValueError(
                f"n_players must be at most {LARGEST_TENSOR_GAME} for a payoff tensor of 2^N outcomes, "
                f"got {self.n_players}: ask the NetworkGame itself"
            )
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
    starts, neighbours = _given_rows(graph) if isinstance(graph, tuple) else _rows(graph)
    _check_rows(starts, neighbours)
    tables = np.broadcast_to(game.payoffs[0], (len(starts) - 1, 2, 2))
    return NetworkGame(starts, neighbours, tables, accumulation, f"{game.title or 'game'} on a network")


def _given_rows(rows: tuple[Any, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if len(rows) != 2:
        raise ValueError(f"a tuple as graph must be (starts, neighbours), got {len(rows)} parts")
    starts, neighbours = (
        finite_array(name, row) for name, row in zip(("starts", "neighbours"), rows, strict=True)
    )
    for name, row in (("starts", starts), ("neighbours", neighbours)):
        if row.ndim != 1 or not row.size or (row != np.floor(row)).any():
            raise ValueError(
                f"{name} must be a list of whole numbers, got {shown(row)}: graph as a list has edges"
            )
    return starts.astype(np.int64), neighbours.astype(np.int64)


def _rows(given: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    graph = undirected_graph("graph", given)
    place = {node: k for k, node in enumerate(graph)}
    rows = [sorted(place[other] for other in graph[node]) for node in graph]
    starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return starts, np.array([k for row in rows for k in row], dtype=np.int64)


def _check_rows(starts: NDArray[np.int64], neighbours: NDArray[np.int64]) -> None:
    players = len(starts) - 1
    degrees = np.diff(starts)
    if players < 2 or starts[0] != 0 or starts[-1] != len(neighbours):
        raise ValueError(f"starts must run from 0 to the number of neighbours, got {starts.tolist()[:5]} ...")
    if (degrees < 1).any():
        raise ValueError(
            f"each player must have a neighbour, got player {int((degrees < 1).argmax()) + 1} alone"
        )
    sources = np.repeat(np.arange(players), degrees)
    if (neighbours < 0).any() or (neighbours >= players).any() or (sources == neighbours).any():
        raise ValueError(f"neighbours must be other players below {players}, got a loop or another number")
    forth, back = sources * players + neighbours, neighbours * players + sources
    if len(np.unique(forth)) != len(forth) or (np.sort(forth) != np.sort(back)).any():
        raise ValueError("edges must be undirected, each neighbour once in both of its rows")
