"""The game that players of a game with state play with their policies, and the verdict of theory on what they chose.

A policy is a player's action, an episode's expected sum of rewards its payoff. Of this game `theory.judge` asks what
follows from the tables, step by step from an episode's end: how much a player would gain by its best response (which
sees the state and the step), the least and the most that anybody can have, what each can be sure of, and what joint
play could give to all at once. All equilibria are not known.

What joint plays, and lotteries over them, give the players is a polytope. Its corner that is best in a weighted sum
of payoffs follows from one backward induction; so a linear program over corners that are added as its prices ask for
them (column generation; Gilmore & Gomory 1961) finds how much more all could have with nobody losing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike

from simulation.markov_games.enumerated import EnumeratedGame
from simulation.markov_games.exact import best_response, checked_policies, episode_values, expected_ahead
from theory import Verdict, judge
from theory.arguments import checked
from theory.bargaining.security import maxmin_value
from theory.checks import FloatArray, finite_array, plain_text
from theory.games.game import Profile
from theory.geometry.linear_programs import best_lottery, prices
from theory.pareto.slack import TOLERANCE, ParetoSlack
from theory.resolution import TIE

# What a further corner must add to the sum of gains, in payoff ranges.
_ADDED = 1e-9

# Corners that are tried at most; each is the best one for prices that no earlier one satisfied.
_MOST_CORNERS = 1000


@dataclass(frozen=True, eq=False)
class _NoEquilibriumKnown:
    best_welfare: float | None = None
    worst_welfare: float | None = None
    continuum: bool | None = None
    complete: bool = False


@dataclass(frozen=True, eq=False)
class PolicyGame:
    """Policies as actions. It answers what `theory.verdicts.facts.GameWithoutTensor` asks.

    A profile is `[n_players, S, A]` probabilities; as one vector for each player, these divided by S.

    Attributes
    ----------
    tables
        The game with state, written out; a payoff is the sum of an episode of its horizon.
    title
        A name for tables and pictures.
    """

    tables: EnumeratedGame
    title: str = ""

    @property
    def n_players(self) -> int:
        """Number of players."""
        return self.tables.n_players

    @property
    def n_actions(self) -> tuple[int, ...]:
        """Number of pure policies of each player."""
        return (self.tables.game.n_actions**self.tables.n_states,) * self.n_players

    @property
    def players(self) -> tuple[str, ...]:
        """Names of the players."""
        return tuple(f"player {number}" for number in range(1, self.n_players + 1))

    def check_profile(self, profile: Profile) -> tuple[FloatArray, ...]:
        """Return each player's policy as one vector of sum 1, or raise ValueError with what is wrong."""
        return tuple(policy.ravel() / len(policy) for policy in self._policies(profile))

    def expected_payoffs(self, profile: Profile) -> FloatArray:
        """Return `[n_players]`."""
        return episode_values(self.tables, self._policies(profile))

    def regrets(self, profile: Profile) -> FloatArray:
        """Return `[n_players]`: what each would gain by its best response, which sees the state and the step."""
        policies = self._policies(profile)
        gains = [best_response(self.tables, policies, player=player).gain for player in range(self.n_players)]
        return np.asarray(np.maximum(np.array(gains), 0.0))

    @cached_property
    def payoff_range(self) -> FloatArray:
        """`[n_players]`: largest minus smallest payoff of each player over joint plays."""
        each = np.eye(self.n_players)
        most = np.array([_corner(self.tables, own)[k] for k, own in enumerate(each)])
        least = np.array([_corner(self.tables, -own)[k] for k, own in enumerate(each)])
        return np.asarray(most - least)

    @cached_property
    def welfare_range(self) -> tuple[float, float]:
        """Smallest and largest sum of payoffs over joint plays."""
        every = np.ones(self.n_players)
        return float(_corner(self.tables, -every).sum()), float(_corner(self.tables, every).sum())

    def equilibria(self) -> _NoEquilibriumKnown:
        """Return that none is known."""
        return _NoEquilibriumKnown()

    def security_levels(self) -> FloatArray:
        """Return `[n_players]`: what each can be sure of by mixing, whatever the others do together."""
        return np.array([self._secured(player) for player in range(self.n_players)])

    def pareto_slack(self, payoffs: ArrayLike, *, within: str = "lotteries") -> ParetoSlack:
        """Return how much a lottery over joint plays would give in all with nobody losing."""
        if within != "lotteries":
            raise ValueError(
                f'of games with state it is known what lotteries dominate: use within="lotteries", got {within!r}'
            )
        judged = finite_array("payoffs", payoffs)
        scale = np.where(self.payoff_range > 0.0, self.payoff_range, 1.0)
        found = [self._most_gained(judged, weights, scale) for weights in (1.0 / scale, np.ones_like(scale))]
        relative, total = (gains for gains in found)
        relative_gain = float((relative / scale).sum())
        if relative_gain <= TOLERANCE:
            return ParetoSlack(0.0, 0.0, judged)
        return ParetoSlack(float(total.sum()), relative_gain, judged + total)

    def bargaining_point(self, name: str, *, disagreement: ArrayLike | None = None) -> NoReturn:
        """Raise ValueError: the bargaining solutions of games with state are not worked out."""
        raise ValueError(f"the {name} bargaining solution of a game with state is not worked out")

    def with_incentives(self, incentives: ArrayLike) -> PolicyGame:
        """Return the game in which player i gets `incentives[i, s, j]` more for joint action j in state s."""
        extra = finite_array("incentives", incentives)
        if extra.shape != self.tables.rewards.shape:
            raise ValueError(
                f"incentives must have the shape of the rewards, {self.tables.rewards.shape}, got {extra.shape}"
            )
        return replace(self, tables=replace(self.tables, rewards=self.tables.rewards + extra))

    def _policies(self, profile: Profile | Sequence[ArrayLike]) -> FloatArray:
        shape = (self.n_players, self.tables.n_states, self.tables.game.n_actions)
        given = np.asarray(profile, float)
        if given.shape == (self.n_players, shape[1] * shape[2]):
            given = given.reshape(shape)
            given = given / given.sum(axis=-1, keepdims=True)
        return checked_policies(self.tables, given)

    def _secured(self, player: int) -> float:
        n_actions = self.tables.game.n_actions
        by_own = np.argsort(self.tables.actions[:, player], kind="stable").reshape(n_actions, -1)
        values = np.zeros(self.tables.n_states)
        for _ in range(self.tables.game.horizon):
            worth = (self.tables.rewards[player] + expected_ahead(self.tables, values))[:, by_own]
            values, least_most = worth.min(axis=2).max(axis=1), worth.max(axis=1).min(axis=1)
            # Where these differ by more than rounding no pure action secures most.
            for state in np.flatnonzero(least_most - values > TIE * np.abs(worth).max()):
                values[state] = maxmin_value(worth[state])
        return float(self.tables.start @ values)

    def _most_gained(self, judged: FloatArray, weights: FloatArray, scale: FloatArray) -> FloatArray:
        """Return `[n_players]` gains, none below 0, whose weighted sum no lottery over joint plays exceeds."""
        weights = weights / weights.max()
        gains = np.array([np.zeros_like(judged), _corner(self.tables, weights) - judged]) / scale
        for _ in range(_MOST_CORNERS):
            objective = gains @ (weights * scale)
            lottery = best_lottery(objective, gains, np.zeros_like(judged))
            asked = prices(objective, at_least=gains.T)
            if lottery is None or asked is None:
                break
            corner = (_corner(self.tables, weights + asked / scale) - judged) / scale
            if (
                corner @ (weights * scale + asked)
                <= float((gains @ (weights * scale + asked)).max()) + _ADDED
            ):
                return np.maximum(lottery @ gains * scale, 0.0)
            gains = np.vstack([gains, corner])
        raise ValueError(f"the Pareto slack must be settled within {_MOST_CORNERS} corners, got more")


def _corner(tables: EnumeratedGame, weights: FloatArray) -> FloatArray:
    """Return `[n_players]` payoffs of a joint play, seen state and step, that is best in a weighted sum of them."""
    values = np.zeros((tables.n_players, tables.n_states))
    states = np.arange(tables.n_states)
    for _ in range(tables.game.horizon):
        worth = tables.rewards + np.stack([expected_ahead(tables, own) for own in values])
        best = np.einsum("n,nsj->sj", weights, worth).argmax(axis=1)
        values = worth[:, states, best]
    from_start: FloatArray = np.einsum("ns,s->n", values, tables.start)
    return from_start


@checked(title=plain_text)
def judge_policies(
    game: EnumeratedGame,
    policies: ArrayLike,
    *,
    incentives: ArrayLike | None = None,
    tolerance: float = 1e-6,
    title: str = "",
) -> Verdict:
    """Judge what players do in a game with state: its episode as a game between their policies.

    Parameters
    ----------
    game
        The tables of the game.
    policies
        `[n_players, S, A]` probabilities.
    incentives
        `[n_players, S, J]` that a planner adds to the rewards; by default none.
    tolerance
        As for `theory.judge`: shares of the payoff ranges.
    title
        What the verdict calls the game.

    Returns
    -------
    Verdict
        Equilibria are known only where the policies are one, bargaining solutions never.

    Raises
    ------
    ValueError
        If policies or incentives do not fit the game.
    """
    given = checked_policies(game, policies)
    played = PolicyGame(game, title)
    if incentives is not None:
        played = played.with_incentives(incentives)
    return judge(played, given, tolerance=tolerance)
