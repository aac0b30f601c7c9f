r"""The same meeting as learners have it who know no exact value: slopes and cross terms estimated from episodes.

In round t player i is in state s_t and plays C or D; its score is psi_i(t) = grad_i log pi_i(a_t | s_t), which for
P(C) = sigmoid(theta) is 1 - P(C) after C and -P(C) after D, in the number of s_t. With S_i(t) the sum of scores up to
round t,

    grad_i V_j = E sum_t gamma^t r_j(t) S_i(t),    grad_1 grad_2 V_j = E sum_t gamma^t r_j(t) S_1(t) S_2(t)^T

(Foerster and others, "Learning with opponent-learning awareness", AAMAS 2018, section 4.3; their lookahead is by this
product). Of a reward the mean of the other episodes in the same round is taken away, which changes no expectation.
Slopes and cross terms are from episodes of their own: so a cross term along a slope, as LOLA has it, is the product
of independent estimates, and not biased. Episodes end after so many rounds, which leaves out what comes later.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulation.markov_games.learners.meeting import Meeting
from theory.checks import FloatArray, IntArray

START = 4


@dataclass(frozen=True)
class Batch:
    """Episodes that were played.

    Attributes
    ----------
    states
        `[runs, episodes, rounds]`: 0 to 3 after CC, CD, DC, DD, and 4 at the start.
    scores
        `[2, runs, episodes, rounds, 5]`: of each player, summed up to this round.
    rewards
        `[2, runs, episodes, rounds]`, discounted, less the mean of the other episodes.
    """

    states: IntArray
    scores: FloatArray
    rewards: FloatArray


@dataclass(frozen=True, eq=False)
class EstimatedMeeting(Meeting):
    """Many pairs of players at once, of whom episodes are known.

    Attributes
    ----------
    generators
        One for each run: what it draws does not depend on other runs.
    episodes, rounds
        How many are played for slopes, and as many again for cross terms; how long each is.
    """

    generators: tuple[np.random.Generator, ...]
    episodes: int
    rounds: int

    def moved(self, player: int, step: FloatArray) -> Meeting:
        """Return the meeting after a step `[runs, 5]` of one player, of which other episodes are played."""
        theta = self.theta.copy()
        theta[player] += step
        return EstimatedMeeting(
            theta, self.payoffs, self.discount, self.generators, self.episodes, self.rounds
        )

    def visits(self) -> FloatArray:
        """Return `[runs, 5]`: how often each of five numbers decided, discounted."""
        here = self._for_slopes.states[..., None] == np.arange(5)
        weights = self.discount ** np.arange(self.rounds)
        return np.asarray(np.einsum("rbtk,t->rk", here, weights) / self.episodes)

    def slope(self, of: int, by: int) -> FloatArray:
        """Return `[runs, 5]`: an estimate of the gradient of one player's value in the numbers of one player."""
        batch = self._for_slopes
        return np.asarray(np.einsum("rbt,rbtk->rk", batch.rewards[of], batch.scores[by]) / self.episodes)

    def cross(self, of: int, by: int, along: FloatArray) -> FloatArray:
        """Return `[runs, 5]`: an estimate of how a slope along a direction changes, as of `Meeting`."""
        batch = self._for_cross_terms
        weights = batch.rewards[of] * np.einsum("rbtk,rk->rbt", batch.scores[by], along)
        return np.asarray(np.einsum("rbt,rbtk->rk", weights, batch.scores[1 - by]) / self.episodes)

    @cached_property
    def _for_slopes(self) -> Batch:
        return self._played()

    @cached_property
    def _for_cross_terms(self) -> Batch:
        return self._played()

    def _played(self) -> Batch:
        shape = (self.rounds, self.episodes, 2)
        draws = np.stack([generator.random(shape) for generator in self.generators], axis=2)
        runs = np.arange(len(self.generators))
        cooperation = np.moveaxis(self.cooperation, 0, -1)  # [runs, 5, player]
        states = np.full((self.episodes, len(runs)), START)
        met, scores, outcomes = [], np.empty((*draws.shape[:3], 2, 5)), []
        for number, drawn in enumerate(draws):
            met.append(states)
            chances = cooperation[runs, states]  # [episodes, runs, player]
            plays_c = drawn < chances
            own = np.where(plays_c, 1.0 - chances, -chances)
            scores[number] = own[..., None] * (states[..., None] == np.arange(5))[:, :, None]
            states = 2 * (~plays_c[..., 0]) + ~plays_c[..., 1]
            outcomes.append(states)
        rewards = (
            self.payoffs[:, np.stack(outcomes)] * (self.discount ** np.arange(self.rounds))[:, None, None]
        )
        above = rewards - rewards.mean(axis=2, keepdims=True)
        return Batch(
            states=np.transpose(np.stack(met), (2, 1, 0)),
            scores=np.transpose(np.cumsum(scores, axis=0), (3, 2, 1, 0, 4)),
            rewards=np.transpose(above * self.episodes / (self.episodes - 1), (0, 3, 2, 1)),
        )
