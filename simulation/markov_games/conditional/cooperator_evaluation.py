"""How good a conditional cooperator is, by the criteria of its literature: self-match, safety, incentive.

Where a player's memory is finite everything is exact but self-match, which is a mean of matches; else matches tell
everything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.markov_games.conditional.agreement import AGREED_PLAY, AgreedPlay
from simulation.markov_games.conditional.cooperator import ConditionalCooperator, player_in
from simulation.markov_games.conditional.evaluation import beside_others, judge_match, luck_free
from simulation.markov_games.conditional.exploiter import OTHER_MATCHES, best_exploiter
from simulation.markov_games.conditional.matches import play_matches
from simulation.markov_games.conditional.player import FiniteMemory, MarkovPlayer, without_memory
from simulation.markov_games.exact import episode_values
from theory import Verdict
from theory.arguments import checked, count, number, of_type
from theory.arguments import seed as seed_of
from theory.checks import FloatArray
from theory.statistics import mean_interval


@dataclass(frozen=True, eq=False)
class CooperatorEvaluation:
    """How good a conditional cooperator X is in either role of a game, in payoff units a step of an episode.

    S(Y, Z) is what Y gets beside Z; C plays what is agreed and D the safe policy, whatever happens. All but
    `is_exact` have one number for each role, `[2]`.

    Attributes
    ----------
    self_match
        S(X, X) - S(C, C), a mean of matches from which luck is taken out; near 0 if two of a kind cooperate.
    self_match_interval
        `[2, 2]`: of each role the ends of its 95% interval (Student's t).
    safety
        S(X, D) - S(D, D): near 0, or above, if a defector gets little from X.
    incentive
        S(C, X) - S(D, X), the other's: above 0 if it pays to cooperate with X.
    exploited
        What the best response, which sees all that X remembers and the step, gets beyond S(C, C); where `is_exact`
        is false, what the best opponent of those tried gets, in other matches than those that showed it to be best.
    least
        What X gets at least, whatever the other does; NaN where `is_exact` is false.
    is_exact
        Whether all but self-match is exact, as it is for a `FiniteMemory`; else it comes from matches.
    """

    play: AgreedPlay
    self_match: FloatArray
    self_match_interval: FloatArray
    safety: FloatArray
    incentive: FloatArray
    exploited: FloatArray
    least: FloatArray
    is_exact: bool

    @checked(tolerance=number(0.0))
    def judge(self, *, tolerance: float = 1e-6) -> Verdict:
        """Return the verdict on two of a kind, in the game in which everybody may play anything, with any memory.

        Parameters
        ----------
        tolerance
            As for `theory.judge`: shares of the payoff ranges. Self-match is a mean of matches, and an episode's last
            steps, after which nothing is answered, are in the best responses.

        Raises
        ------
        ValueError
            If best responses are not known exactly.
        """
        if not self.is_exact:
            raise ValueError(
                "a verdict asks for exact best responses, so that players must be a FiniteMemory, got others"
            )
        steps = self.play.game.game.horizon
        agreed = episode_values(self.play.game, self.play.agreed)
        received = agreed + steps * self.self_match
        # What is had from exploiting the player in one role the other has.
        most = agreed + steps * self.exploited[::-1]
        return judge_match(self.play.game, received, most, tolerance=tolerance)


@checked(
    play=AGREED_PLAY, cooperator=of_type(ConditionalCooperator), runs=count(2), seed=seed_of
)  # fmt: skip
def evaluate_cooperator(
    play: AgreedPlay, cooperator: ConditionalCooperator, *, runs: int = 400, seed: int = 0
) -> CooperatorEvaluation:
    """Return how good a conditional cooperator is in a game: self-match, safety, incentive, and who exploits it.

    The criteria are those of Lerer & Peysakhovich (2017), for either role, and over episodes of the game's horizon.

    Parameters
    ----------
    play
        The game, and what is agreed in it: what `agreed_play` returns.
    cooperator
        One of the project's, or your own.
    runs, seed
        How many matches tell self-match, at least 2, and all else of a player whose memory is no finite one; and
        their seed.

    Raises
    ------
    ValueError
        If an argument is not as above, or the cooperator is no player of this game.
    """
    players = [player_in(play, role, "cooperator", cooperator) for role in (0, 1)]
    horizon, agreed = play.game.game.horizon, episode_values(play.game, play.agreed)
    matched = luck_free(play, play_matches(play.game, *players, runs=runs, seed=seed)) - agreed / horizon
    found = np.array([_found(play, player, agreed, runs=runs, seed=seed) for player in players])
    safety, incentive, exploited, least = found.T / horizon
    return CooperatorEvaluation(
        play=play,
        self_match=matched.mean(axis=0),
        self_match_interval=np.array([mean_interval(one) for one in matched.T]),
        safety=safety,
        incentive=incentive,
        exploited=exploited,
        least=least,
        is_exact=all(isinstance(player, FiniteMemory) for player in players),
    )


def _found(
    play: AgreedPlay, player: MarkovPlayer, agreed: FloatArray, *, runs: int, seed: int
) -> list[float]:
    """Return safety, incentive, what an exploiter gets beyond the agreement, and the least, sums of an episode."""
    if isinstance(player, FiniteMemory):
        exact = beside_others(play, player)
        return [exact.safety, exact.incentive, exact.exploited[-1] - agreed[1 - player.role], exact.with_foe]
    return _seen(play, player, agreed, runs=runs, seed=seed)


def _seen(play: AgreedPlay, player: MarkovPlayer, agreed: FloatArray, *, runs: int, seed: int) -> list[float]:
    own, other = player.role, 1 - player.role

    def totals(opponent: MarkovPlayer, seed: int = seed) -> FloatArray:
        pair = (player, opponent) if own == 0 else (opponent, player)
        means = luck_free(play, play_matches(play.game, *pair, runs=runs, seed=seed)).mean(axis=0)
        return np.asarray(play.game.game.horizon * means)

    cooperating, robbing = (
        totals(without_memory(policies[other], role=other)) for policies in (play.agreed, play.safe)
    )
    most = totals(best_exploiter(play, player, runs=runs, seed=seed), seed + OTHER_MATCHES)[other]
    safety = robbing[own] - episode_values(play.game, play.safe)[own]
    return [safety, cooperating[other] - robbing[other], most - agreed[other], np.nan]
