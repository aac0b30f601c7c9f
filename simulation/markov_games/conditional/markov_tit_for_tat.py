r"""Approximate Markov Tit-for-Tat (amTFT) of Lerer and Peysakhovich (2017), by exact values instead of rollouts.

It plays the agreed policy and keeps a debit W of what the other gained by not doing so: after the other's action y

    W <- max(0, W + g_other(s, (c_own, y))).

Once W exceeds the threshold T it plays its safe policy for k steps and begins anew with W = 0: k is the least number
of steps of mutual safe play that cost the other, compared with the agreement, at least alpha W. It punishes what is
gained, by whole phases; what it does itself while it punishes, or by a slip, is not counted.

Where this may differ from the paper's program: W does not fall below 0 (a partner's blunders are no credit), the
selfish policy is the maxmin policy, and W is remembered on a grid, rounded by lot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.markov_games.conditional.agreement import AGREED_PLAY, AgreedPlay, joint_place
from simulation.markov_games.conditional.cooperator import ConditionalCooperator
from simulation.markov_games.conditional.player import FiniteMemory, grid_from_to
from simulation.markov_games.exact import joint_policy
from theory.arguments import check_fields, checked, place
from theory.checks import FloatArray, IntArray, number_within, whole_number
from theory.resolution import TIE


@dataclass(frozen=True, kw_only=True)
class MarkovTitForTat(ConditionalCooperator):
    """Approximate Markov Tit-for-Tat (amTFT; Lerer & Peysakhovich 2017): punish gains by phases that cost more.

    Parameters
    ----------
    threshold
        T, in payoff units, at least 0. Where values are exact nothing need be forgiven as an error of estimation.
    multiplier
        alpha, above 0: how many times its gain a deviation is to cost.
    longest
        Steps of a punishment at most, at least 1.
    grid_step
        Between remembered debits, in payoff units.

    Raises
    ------
    ValueError
        If a parameter is not as above.
    """

    threshold: float = 0.0
    multiplier: float = 6.0
    longest: int = 200
    grid_step: float = 0.125

    def __post_init__(self) -> None:
        check_fields(self)
        number_within("threshold", self.threshold, 0.0, 1e6)
        number_within("multiplier", self.multiplier, 1e-6, 1e6)
        number_within("grid_step", self.grid_step, 1e-3, 1e6)
        whole_number("longest", self.longest, at_least=1)

    @checked(play=AGREED_PLAY, role=place(2))
    def seated(self, play: AgreedPlay, role: int) -> FiniteMemory:
        """Return the player in a role: memories are the debits of a grid, then how many steps are left to punish."""
        grid = grid_from_to(0.0, self.threshold, self.grid_step)
        states, joint = play.gains.shape[1:]
        memories = grid.size + self.longest
        policy = np.empty((memories, states, play.game.game.n_actions))
        policy[: grid.size], policy[grid.size :] = play.agreed[role], play.safe[role]
        successors = np.zeros((memories, states, joint, 2), np.int64)
        lots = np.zeros((memories, states, joint, 2))
        lots[..., 0] = 1.0
        # One step less to punish; after the last one the debit is 0.
        left = np.arange(self.longest)
        successors[grid.size + 1 :, ..., 0] = (grid.size + left[:-1])[:, None, None]
        gained = _gain_of_other(play, role)
        costs = _costs_of_punishing(play, role, self.longest)
        for point, debit in enumerate(grid.points):
            after = np.maximum(0.0, debit + gained)
            below, chance = grid.rounded(after)
            successors[point, ..., 0], successors[point, ..., 1] = below, np.minimum(below + 1, grid.size - 1)
            lots[point, ..., 0], lots[point, ..., 1] = 1.0 - chance, chance
            punishes = after > self.threshold + TIE
            steps = _steps_needed(costs, self.multiplier * after)
            successors[point, punishes] = (grid.size + steps - 1)[punishes, None]
        return FiniteMemory(role, policy, successors, lots)


def _gain_of_other(play: AgreedPlay, role: int) -> FloatArray:
    """Return `[S, J]`: what the other's action gains it, had the player kept to the agreement."""
    states = np.arange(play.game.n_states)[:, None]
    theirs = play.game.actions[:, 1 - role][None, :]
    joint = joint_place(play, role, play.agreed_actions[role][:, None], theirs)
    return np.asarray(play.gains[1 - role][states, joint])


def _costs_of_punishing(play: AgreedPlay, role: int, longest: int) -> FloatArray:
    """Return `[longest, S, J]`: what k = 1, 2, ... steps of mutual safe play after a joint action cost the other."""
    game, other = play.game, 1 - role
    chances = joint_policy(game, play.safe)
    rewards = np.einsum("sj,sj->s", game.rewards[other], chances)
    chain = np.zeros((game.n_states, game.n_states))
    places = np.broadcast_to(np.arange(game.n_states)[:, None, None], game.successors.shape)
    np.add.at(chain, (places, game.successors), chances[:, :, None] * game.probabilities)
    worth, costs = play.values[other], []
    for _ in range(longest):
        worth = rewards + play.discount * chain @ worth
        costs.append(play.values[other] - worth)
    ahead = np.einsum("sjk,lsjk->lsj", game.probabilities, np.array(costs)[:, game.successors])
    return np.asarray(ahead)


def _steps_needed(costs: FloatArray, wanted: FloatArray) -> IntArray:
    """Return `[S, J]`: the least number of steps that cost as much as is wanted, the longest where none does."""
    enough = costs >= wanted - TIE
    return np.where(enough.any(axis=0), enough.argmax(axis=0) + 1, len(costs))
