r"""Social dilemmas of N players whose payoffs are linear in the number of cooperators (thesis Fig. 4.2).

Each of N players cooperates or defects. When k of them cooperate,

    a cooperator receives  c(k) = S + (R - S) (k - 1) / (N - 1)   for 1 <= k <= N,
    a defector receives    d(k) = P + (T - P) k / (N - 1)         for 0 <= k <= N - 1,

where R is the *reward* when all cooperate, P the *punishment* when all defect, T the *temptation* of
the only defector and S the *sucker* payoff of the only cooperator. *Greed* is T - R, *fear* is P - S.
For N = 2 this is the matrix dilemma of `theory.games.dilemmas`.

Nothing here stores the tensor of 2^N outcomes: every answer takes O(N) or O(N log N) operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import (
    FloatArray,
    finite_array,
    finite_number,
    known_name,
    payoff_array,
    plain_text,
    whole_number,
)
from theory.games.checks import cooperation_profile, two_action_profile
from theory.games.game import Game, Profile

if TYPE_CHECKING:
    from theory.many_players.linear_equilibria import LinearDilemmaEquilibria
    from theory.pareto.slack import ParetoSlack

LARGEST_POPULATION = 10**6

# A payoff tensor of 16 players holds 16 * 2^16 numbers: 8 MB.
LARGEST_TENSOR_GAME = 16

_BARGAINING_POINTS = ("nash", "kalai-smorodinsky", "egalitarian", "utilitarian")


@dataclass(frozen=True)
class LinearDilemma:
    """A symmetric game of N players who cooperate (action 0) or defect (action 1), without a tensor.

    It answers what `theory.games.game.StrategicGame` asks, and what a verdict needs to know of a game.

    Parameters
    ----------
    n_players
        N, from 2 to a million.
    reward, sucker, temptation, punishment
        R, S, T, P of the module's docstring: any finite payoffs.
    title
        A name for tables and pictures.

    Raises
    ------
    ValueError
        If N is out of bounds or a payoff is not finite (or so large that sums overflow).
    """

    n_players: int
    reward: float
    sucker: float
    temptation: float
    punishment: float
    title: str = ""

    def __post_init__(self) -> None:
        # The dataclass is frozen, so that checked values go around its __setattr__.
        n_players = whole_number("n_players", self.n_players, at_least=2, at_most=LARGEST_POPULATION)
        object.__setattr__(self, "n_players", n_players)
        for name in ("reward", "sucker", "temptation", "punishment"):
            payoff = float(payoff_array(name, finite_number(name, getattr(self, name))))
            object.__setattr__(self, name, payoff)
        plain_text("title", self.title)

    @property
    def greed(self) -> float:
        """T - R: the motive to exploit cooperators."""
        return self.temptation - self.reward

    @property
    def fear(self) -> float:
        """P - S: the motive to avoid being exploited."""
        return self.punishment - self.sucker

    @cached_property
    def n_actions(self) -> tuple[int, ...]:
        """Number of actions of each player: two."""
        return (2,) * self.n_players

    @cached_property
    def players(self) -> tuple[str, ...]:
        """Names of the players."""
        return tuple(f"player {i + 1}" for i in range(self.n_players))

    @property
    def payoff_range(self) -> FloatArray:
        """`[n_players]`: largest minus smallest payoff of each player over the outcomes."""
        # c and d are linear in k, so that their extremes are among these four.
        corners = (self.reward, self.sucker, self.temptation, self.punishment)
        return np.full(self.n_players, max(corners) - min(corners))

    def cooperator_payoff(self, cooperators: ArrayLike) -> FloatArray:
        """Return c(k) for numbers k of cooperators; k = 0 gives the line's continuation, paid to nobody."""
        others = (finite_array("cooperators", cooperators) - 1) / (self.n_players - 1)
        return _between(self.sucker, self.reward, others)

    def defector_payoff(self, cooperators: ArrayLike) -> FloatArray:
        """Return d(k) for numbers k of cooperators; k = N gives the line's continuation, paid to nobody."""
        others = finite_array("cooperators", cooperators) / (self.n_players - 1)
        return _between(self.punishment, self.temptation, others)

    def welfare(self, cooperators: ArrayLike) -> FloatArray:
        """Return W(k) = k c(k) + (N - k) d(k), the sum of all payoffs when k cooperate."""
        k = finite_array("cooperators", cooperators)
        return k * self.cooperator_payoff(k) + (self.n_players - k) * self.defector_payoff(k)

    @cached_property
    def welfare_range(self) -> tuple[float, float]:
        """Smallest and largest sum of payoffs over the outcomes."""
        welfare = self.welfare(np.arange(self.n_players + 1))
        return float(welfare.min()), float(welfare.max())

    def check_profile(self, profile: Profile | FloatArray) -> FloatArray:
        """Return the profile as an array `[n_players, 2]`, or raise ValueError with what is wrong."""
        return two_action_profile(profile, self.n_players)

    def profile(self, cooperation: ArrayLike) -> FloatArray:
        """Return the profile `[n_players, 2]` of cooperation probabilities: one for all, or one each."""
        return cooperation_profile(cooperation, self.n_players)

    def expected_payoffs(self, profile: Profile | FloatArray) -> FloatArray:
        """Return `[n_players]`: expected payoffs when all mix independently."""
        mixtures = self.check_profile(profile)
        return np.asarray((self._action_payoffs(mixtures) * mixtures).sum(axis=1))

    def regrets(self, profile: Profile | FloatArray) -> FloatArray:
        """Return `[n_players]`: what each player would gain by its best reply (never negative)."""
        mixtures = self.check_profile(profile)
        payoffs = self._action_payoffs(mixtures)
        # Differences that are all >= 0, so that rounding cannot go below 0.
        return np.asarray(((payoffs.max(axis=1, keepdims=True) - payoffs) * mixtures).sum(axis=1))

    def _action_payoffs(self, mixtures: FloatArray) -> FloatArray:
        """Return `[n_players, 2]`: what each action pays. By linearity only the others' mean counts."""
        cooperation = mixtures[:, 0]
        others = (cooperation.sum() - cooperation) / (self.n_players - 1)
        return np.stack(
            [
                _between(self.sucker, self.reward, others),
                _between(self.punishment, self.temptation, others),
            ],
            axis=1,
        )

    def security_levels(self) -> FloatArray:
        """Return `[n_players]`: what each player can be sure of by mixing, whatever the others do.

        The others matter only through the fraction m of them that cooperates, and linearly, so that they
        do their worst at m = 0 or m = 1: the level is the value of the zero-sum game
        [[S, R], [P, T]], the same whether the others may correlate their play or not.
        """
        levels = [min(self.sucker, self.reward), min(self.punishment, self.temptation)]
        # p S + (1 - p) P and p R + (1 - p) T cross at p = (T - P) / ((T - P) - (R - S)).
        slopes_apart = self.greed - self.fear
        if slopes_apart != 0:
            cooperation = (self.temptation - self.punishment) / slopes_apart
            if 0 < cooperation < 1:
                levels.append(float(_between(self.punishment, self.sucker, cooperation)))
        return np.full(self.n_players, max(levels))

    def minimax_levels(self) -> FloatArray:
        """Return `[n_players]`: the least to which the others' pure actions can hold a player."""
        k = np.arange(self.n_players)
        best_replies = np.maximum(self.cooperator_payoff(k + 1), self.defector_payoff(k))
        return np.full(self.n_players, best_replies.min())

    def pareto_slack(self, payoffs: ArrayLike, *, within: str = "lotteries") -> ParetoSlack:
        """Return how much a dominating outcome would give in all (see `theory.many_players.linear_pareto`)."""
        from theory.many_players.linear_pareto import pareto_slack

        return pareto_slack(self, payoffs, within=within)

    def equilibria(self) -> LinearDilemmaEquilibria:
        """Return the Nash equilibria by their numbers of cooperators, and what is known of their welfare."""
        from theory.many_players.linear_equilibria import equilibria

        return equilibria(self)

    def bargaining_point(self, name: str, *, disagreement: ArrayLike | None = None) -> FloatArray:
        """Return `[n_players]`: the bargaining solution, which symmetry alone decides here.

        The payoffs that lotteries reach form a convex set that any exchange of players leaves as it is. If
        the disagreement point treats all alike too, then the Nash, Kalai-Smorodinsky and egalitarian
        solutions are the outcome of largest welfare with the roles drawn by lot: everyone receives
        max_k W(k) / N. Of the utilitarian solutions, which need not be unique, this is the symmetric one.

        Parameters
        ----------
        name
            `nash`, `kalai-smorodinsky`, `egalitarian` or `utilitarian`.
        disagreement
            One number for all, or `[n_players]` equal ones; by default the security levels.

        Raises
        ------
        ValueError
            If the name is unknown or the disagreement point does not treat all alike.
        NoRationalAgreement
            If no outcome gives everyone at least the disagreement payoff.
        """
        known_name("bargaining solution", name, _BARGAINING_POINTS)
        level = self._common_level(self.security_levels() if disagreement is None else disagreement)
        share = self.welfare_range[1] / self.n_players
        # Playing the security strategy gives all of them their level: only rounding can put it above.
        if disagreement is None:
            share = max(share, level)
        if share < level:
            from theory.pareto.feasible_set import NoRationalAgreement

            raise NoRationalAgreement(np.array(level))
        return np.full(self.n_players, share)

    def _common_level(self, disagreement: ArrayLike) -> float:
        levels = finite_array("disagreement", disagreement)
        if levels.shape not in ((), (self.n_players,)):
            raise ValueError(
                f"disagreement must be one number or one for each of {self.n_players} players, "
                f"got shape {levels.shape}"
            )
        if levels.min() != levels.max():
            raise ValueError(
                "disagreement must be the same for all players, for symmetry to decide the solution, "
                f"got values from {levels.min():g} to {levels.max():g}"
            )
        return float(levels.min())

    def to_game(self) -> Game:
        """Return the same game as a payoff tensor, for at most 16 players."""
        if self.n_players > LARGEST_TENSOR_GAME:
            raise ValueError(
                f"n_players must be at most {LARGEST_TENSOR_GAME} for a payoff tensor of 2^N outcomes, "
                f"got {self.n_players}: ask the LinearDilemma itself"
            )
        cooperates = 1 - np.indices(self.n_actions)
        k = cooperates.sum(axis=0)
        payoffs = np.where(cooperates == 1, self.cooperator_payoff(k), self.defector_payoff(k))
        return Game(payoffs, title=self.title)


def linear_dilemma(
    n_players: int,
    *,
    greed: float,
    fear: float,
    reward: float = 3.0,
    punishment: float = 1.0,
    title: str = "",
) -> LinearDilemma:
    """Return the N-player dilemma with T = reward + greed and S = punishment - fear (thesis Fig. 4.2).

    Greed 1 and fear 1 with the default reward and punishment give the multi-player Prisoner's Dilemma of
    the thesis: 3 if all cooperate, 1 if all defect, 4 for the only defector, 0 for the only cooperator.
    """
    return LinearDilemma(
        n_players,
        reward=finite_number("reward", reward),
        sucker=finite_number("punishment", punishment) - finite_number("fear", fear),
        temptation=finite_number("reward", reward) + finite_number("greed", greed),
        punishment=punishment,
        title=title,
    )


def _between(low: float, high: float, fraction: ArrayLike) -> FloatArray:
    """Interpolate so that fractions 0 and 1, and equal ends, give the ends bit for bit."""
    share = np.asarray(fraction, dtype=np.float64)
    return np.where(share < 0.5, low + share * (high - low), high - (1 - share) * (high - low))
