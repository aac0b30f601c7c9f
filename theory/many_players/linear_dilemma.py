r"""Social dilemmas of N players whose payoffs are linear in the number of cooperators (thesis Fig. 4.2).

`theory.many_players.linear_payoffs` has the payoffs and their symbols. Nothing here stores the tensor of 2^N
outcomes: every answer takes O(N) or O(N log N) operations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, finite_array, finite_number, known_name, plain_text
from theory.games.game import Game
from theory.many_players.linear_equilibria import LinearDilemmaEquilibria, equilibria
from theory.many_players.linear_pareto import linear_pareto_slack
from theory.many_players.linear_payoffs import LinearPayoffs, between
from theory.many_players.tables import one_players_payoffs
from theory.many_players.two_actions import TwoActionGame
from theory.pareto.feasible_set import NoRationalAgreement
from theory.pareto.slack import ParetoSlack
from theory.tables import Table

_BARGAINING_POINTS = ("nash", "kalai-smorodinsky", "egalitarian", "utilitarian")


@dataclass(frozen=True)
class LinearDilemma(LinearPayoffs, TwoActionGame):
    """A symmetric game of N players who cooperate (action 0) or defect (action 1), without a tensor.

    It answers what `theory.games.game.StrategicGame` asks, and what a verdict needs to know of a game.

    Parameters
    ----------
    n_players
        N, from 2 to a million.
    reward, sucker, temptation, punishment
        R, S, T, P of `theory.many_players.linear_payoffs`: any finite payoffs.
    title
        A name for tables and pictures.

    Raises
    ------
    ValueError
        If N is out of bounds or a payoff is not finite (or so large that sums overflow).
    """

    title: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        plain_text("title", self.title)

    def as_tables(self) -> list[Table]:
        """Return what one player gets, as notebooks show the game."""
        note = f"{self.n_players} players; payoffs are linear in how many of the others play C."
        table = ((self.reward, self.sucker), (self.temptation, self.punishment))
        return one_players_payoffs(self.title, table, note=note)

    def _action_payoffs(self, mixtures: FloatArray) -> FloatArray:
        """Return `[n_players, 2]`: what each action pays. By linearity only the others' mean counts."""
        cooperation = mixtures[:, 0]
        others = (cooperation.sum() - cooperation) / (self.n_players - 1)
        return np.stack(
            [
                between(self.sucker, self.reward, others),
                between(self.punishment, self.temptation, others),
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
                levels.append(float(between(self.punishment, self.sucker, cooperation)))
        return np.full(self.n_players, max(levels))

    def minimax_levels(self) -> FloatArray:
        """Return `[n_players]`: the least to which the others' pure actions can hold a player."""
        k = np.arange(self.n_players)
        best_replies = np.maximum(self.cooperator_payoff(k + 1), self.defector_payoff(k))
        return np.full(self.n_players, best_replies.min())

    def pareto_slack(self, payoffs: ArrayLike, *, within: str = "lotteries") -> ParetoSlack:
        """Return how much a dominating outcome would give in all (see `theory.many_players.linear_pareto`)."""
        return linear_pareto_slack(self, payoffs, within=within)

    def equilibria(self) -> LinearDilemmaEquilibria:
        """Return the Nash equilibria by their numbers of cooperators, and what is known of their welfare."""
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

    def with_incentives(self, incentives: ArrayLike) -> LinearDilemma:
        """Return the game in which everybody gets `incentives[2]` more for its own C and D: it stays linear."""
        extra = finite_array("incentives", incentives)
        if extra.shape != (2,):
            raise ValueError(f"incentives must be one for C and one for D, got shape {extra.shape}")
        for_c, for_d = extra.tolist()
        return replace(
            self,
            reward=self.reward + for_c,
            sucker=self.sucker + for_c,
            temptation=self.temptation + for_d,
            punishment=self.punishment + for_d,
        )

    def to_game(self) -> Game:
        """Return the same game as a payoff tensor, for at most 16 players."""
        self.check_tensor()
        return Game(self.tensor(), title=self.title)


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
