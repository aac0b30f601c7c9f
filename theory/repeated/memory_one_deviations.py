r"""What players who remember one round get, and what meaning another action once costs: for any game.

A pure rule with memory of one round means one action before the first round and after each outcome. All players
have K actions; with probability e, the noise, another action is played than is meant, each of the others alike, each
player's slip by itself. Payoffs are means with discount d. With V_i(j) what player i gets from after outcome j on if
all keep to their rules, outcome j is worth

    A_i(j) = (1 - d) u_i(j) + d V_i(j)

to it now. Freeze the others: they see the last outcome alone, so player i faces a decision process whose states are
the start and the outcomes, and its rule is the only best reply in all of them if and only if meaning another action
once, and going on by the rule, loses in each (as in `strict_memory_one.py`, which decides it exactly for two players
of two actions). Meaning a instead of b changes what i plays with probability 1 - e - e / (K - 1), whence the loss is

    (1 - K e / (K - 1)) sum over j_-i of Pr(j_-i) [A_i(b, j_-i) - A_i(a, j_-i)].
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked
from theory.checks import FloatArray, IntArray, finite_array, number_below_one, number_within, shown
from theory.games.checks import matrix_game
from theory.games.game import Game
from theory.resolution import LAST_BITS, TIE

# Values are found by solving as many linear equations as there are outcomes.
MOST_OUTCOMES = 2048


@dataclass(frozen=True, eq=False)
class MemoryOneDeviations:
    """What a profile of pure rules with memory of one round is worth, and what leaving it once costs.

    Attributes
    ----------
    payoffs
        `[n_players]`: what each gets, a discounted mean a round.
    losses
        `[n_players, 1 + outcomes]`: the least that each loses by meaning another action once, before the first round
        and after each outcome, as a share 1 - discount of the sum over rounds, in payoff units; negative: it gains.
    is_strict
        Whether every player loses in every state, by more than rounding: each rule is the only best reply to the
        others, after whatever happened. Losses shrink with 1 - discount, rounding grows with 1 / (1 - discount).
    """

    payoffs: FloatArray
    losses: FloatArray
    is_strict: bool

    @property
    def slack(self) -> float:
        """The least of the losses: by how much a strict profile is strict."""
        return float(self.losses.min())


def _actions_of(game: Game) -> int:
    """Return K, or raise ValueError."""
    if len(set(game.n_actions)) > 1 or game.n_actions[0] < 2:
        raise ValueError(f"all players of game must have as many actions, at least 2, got {game.n_actions}")
    if prod(game.n_actions) > MOST_OUTCOMES:
        raise ValueError(f"game must have at most {MOST_OUTCOMES} outcomes, got {prod(game.n_actions)}")
    return int(game.n_actions[0])


def _meant(rules: ArrayLike, shape: tuple[int, int], n_actions: int) -> IntArray:
    """Return the actions meant, whole numbers, or raise ValueError."""
    given = finite_array("rules", rules)
    if given.shape != shape:
        raise ValueError(
            f"rules must be of shape {shape}, for each player an action at the start and after each outcome, got "
            f"shape {given.shape}"
        )
    wrong = (given != np.floor(given)) | (given < 0) | (given >= n_actions)
    if wrong.any():
        raise ValueError(f"rules must be actions 0 to {n_actions - 1}, got {shown(float(given[wrong][0]))}")
    return given.astype(int)


def _slip(noise: float, n_actions: int) -> float:
    """Return the probability of each action that is not meant, or raise ValueError."""
    most = (n_actions - 1) / n_actions
    if number_within("noise", noise, 0.0, most) == most:
        raise ValueError(f"noise must be below {most:g}, where what is meant counts, got {noise:g}")
    return noise / (n_actions - 1)


@checked(game=matrix_game, discount=number_below_one)
def memory_one_deviations(
    game: Game, rules: ArrayLike, *, discount: float, noise: float
) -> MemoryOneDeviations:
    """Return what pure rules with memory of one round get, and what meaning another action once costs.

    Parameters
    ----------
    game
        Of any number of players, all of whom have as many actions, K, at least 2; of at most 2048 outcomes.
    rules
        `[n_players, 1 + outcomes]`: the actions meant before the first round and after each outcome, in the order of
        `game.payoffs[i].ravel()`, the same for all players, whoever looks.
    discount
        Weight in [0, 1) of the next round relative to this one.
    noise
        Probability in [0, (K - 1) / K) with which another action is played than is meant, each of the others alike.

    Raises
    ------
    ValueError
        If an argument is not as above.
    """
    n_actions, outcomes = _actions_of(game), prod(game.n_actions)
    meant = _meant(rules, (game.n_players, 1 + outcomes), n_actions)
    slip = _slip(noise, n_actions)
    steadiness = 1.0 - n_actions * slip
    plays = slip + steadiness * np.eye(n_actions)[meant]  # [player, S, action]
    action_of = np.indices(game.n_actions).reshape(game.n_players, outcomes)
    each = np.stack([plays[i][:, action_of[i]] for i in range(game.n_players)])  # [player, S, outcome]
    chances = each.prod(axis=0)
    payoffs = game.payoffs.reshape(game.n_players, outcomes)
    flow = (1.0 - discount) * chances[1:] @ payoffs.T
    values = np.linalg.solve(np.eye(outcomes) - discount * chances[1:], flow).T
    worth = (1.0 - discount) * payoffs + discount * values  # [player, outcome]
    losses = np.full(meant.shape, np.inf)
    for player in range(game.n_players):
        others = np.delete(each, player, axis=0).prod(axis=0)
        does = action_of[player] == np.arange(n_actions)[:, None]  # [action, outcome]
        by_action = others @ (does * worth[player]).T  # [S, action]: what playing it gives
        kept = np.take_along_axis(by_action, meant[player][:, None], axis=1)
        np.put_along_axis(by_action, meant[player][:, None], -np.inf, axis=1)
        losses[player] = steadiness * (kept[:, 0] - by_action.max(axis=1))
    rounding = _rounding(game, payoffs, discount)
    return MemoryOneDeviations(worth @ chances[0], losses, bool((losses > rounding[:, None]).all()))


def _rounding(game: Game, payoffs: FloatArray, discount: float) -> FloatArray:
    """Return `[n_players]`: losses up to which an action may be as good as another.

    Of one round's payoffs a difference of the game's resolution, or of `TIE` of the range, is none; the equations
    for values are solved up to some last bits of the largest payoff, divided by 1 - discount.
    """
    of_a_round = np.maximum(TIE * np.ptp(payoffs, axis=1), game.resolution)
    return np.asarray(
        (1.0 - discount) * of_a_round + LAST_BITS * np.abs(payoffs).max(axis=1) / (1.0 - discount)
    )
