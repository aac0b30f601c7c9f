r"""What two players of a game with state agree on, what either can secure alone, and what one step does to both.

Agreed is the stationary play of the largest sum of discounted payoffs, V^c_i(s) what it is worth to player i; secured
is the value V^d_i(s) of the game in which the other wants nothing but i's loss (Shapley 1953), by a maxmin policy. A
joint action j changes what they have by

    g_i(s, j) = r_i(s, j) + gamma E V^c_i(s') - V^c_i(s),    e_i(s, j) = r_i(s, j) + gamma E V^d_i(s') - V^d_i(s):

the gain beyond the agreement, and beyond the security value. Chance is taken out: what a player books does not
depend on its luck with what comes next. Along any play the discounted sum of g_i is, in expectation, what i has more
than the agreement gives it; the same of e_i and security. By Bellman's equation no joint action has g_1 + g_2 > 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.markov_games.enumerated import ENUMERATED, EnumeratedGame
from simulation.markov_games.exact import discounted_values, expected_ahead
from simulation.markov_games.stationary_values import foe_values, team_values
from theory.arguments import checked, number, of_type
from theory.checks import BoolArray, FloatArray, IntArray
from theory.resolution import TIE

# What the agreement must give more than a player can secure, a step, as a share of the largest reward.
_LEAST_GAIN = 1e-6

# Actions that fall short of the security value by no more than this, as a share of the largest value, secure it.
_SAFE = 1e-8

_PLAYERS = (0, 1)


@dataclass(frozen=True, eq=False)
class AgreedPlay:
    """A game of two players who have agreed on something.

    Joint actions are in the order of `game.actions`, states in that of the tables.

    Attributes
    ----------
    game
        The tables.
    discount
        gamma, by which harms are weighed.
    agreed
        `[2, S, A]`: the agreed policies, pure ones.
    safe
        `[2, S, A]`: maxmin policies; where several actions are safe, the one by which one has most beside a partner
        who keeps to the agreement. Any of them is safe, but two by whom nobody moves on could stay for ever.
    values, secured
        `[2, S]`: V^c and V^d, discounted sums in payoff units.
    gains, above_security, above_defence
        `[2, S, J]`: g, e, and the same beyond what mutual safe play is worth; in payoff units.
    """

    game: EnumeratedGame
    discount: float
    agreed: FloatArray
    safe: FloatArray
    values: FloatArray
    secured: FloatArray
    gains: FloatArray
    above_security: FloatArray
    above_defence: FloatArray

    @property
    def gain_a_step(self) -> FloatArray:
        """`[2]`: what the agreement gives more than a player can secure, a step, from the first state on."""
        return np.asarray((1.0 - self.discount) * (self.values - self.secured) @ self.game.start)

    @property
    def agreed_actions(self) -> IntArray:
        """`[2, S]`: what each does by agreement."""
        return np.asarray(self.agreed.argmax(axis=2))

    @property
    def kept(self) -> BoolArray:
        """`[2, S, J]`: whether what a player does in a joint action is what is agreed in the state."""
        return np.asarray(self.agreed_actions[:, :, None] == self.game.actions.T[:, None, :])


AGREED_PLAY = of_type(AgreedPlay, called="what `simulation.agreed_play` returns")


def joint_place(play: AgreedPlay, role: int, own: IntArray, other: IntArray) -> IntArray:
    """Return the places of joint actions of own and other's actions, arrays of one shape."""
    n_actions = play.game.game.n_actions
    return own * n_actions + other if role == 0 else other * n_actions + own


@checked(game=ENUMERATED, discount=number(0.0, 1.0))
def agreed_play(game: EnumeratedGame, *, discount: float = 0.99) -> AgreedPlay:
    """Return what the two players of a game with state agree on, what each can secure, and what a step does to both.

    Agreed is the stationary play of the largest sum of discounted payoffs, secured the value of the game in which the
    other wants nothing but one's loss (Shapley 1953).

    Parameters
    ----------
    game
        The tables of a game of two players that never ends by itself.
    discount
        gamma, in [0, 1).

    Raises
    ------
    ValueError
        If the game is another one, the discount is not as above, or the largest sum gives somebody no more than it
        can secure by itself.
    """
    if game.n_players != 2:
        raise ValueError(f"an agreement is between 2 players, got a game of {game.n_players}")
    if np.any(game.probabilities.sum(axis=2) < 1.0 - TIE):
        raise ValueError(
            "conditional cooperators play games that do not end by themselves, got one that does"
        )
    if discount == 1.0:
        raise ValueError("discount must be below 1 where a game need not end, got 1")
    agreed = _best_together(game, discount)
    values = discounted_values(game, agreed, discount=discount)
    foes = [foe_values(game, discount=discount, player=player) for player in _PLAYERS]
    secured = np.stack([foe.values for foe in foes])
    above_security = _beyond(game, secured, discount)
    safe = np.stack(
        [
            _lively(game, player, agreed, foes[player].policy, above_security[player], discount)
            for player in _PLAYERS
        ]
    )
    play = AgreedPlay(
        game=game,
        discount=discount,
        agreed=agreed,
        safe=safe,
        values=values,
        secured=secured,
        gains=_beyond(game, values, discount),
        above_security=above_security,
        above_defence=_beyond(game, discounted_values(game, safe, discount=discount), discount),
    )
    if np.any(play.gain_a_step <= _LEAST_GAIN * np.abs(game.rewards).max()):
        raise ValueError(
            "what is agreed on must give both more than they can secure, got"
            f" {play.gain_a_step.tolist()} a step beyond that"
        )
    return play


def _best_together(game: EnumeratedGame, discount: float) -> FloatArray:
    values = team_values(game, discount=discount).values
    worth = game.rewards.sum(axis=0) + discount * expected_ahead(game, values)
    # Of joint actions that differ by rounding alone both players take the first.
    best = worth >= worth.max(axis=1, keepdims=True) - _SAFE * max(1.0, float(np.abs(worth).max()))
    chosen = game.actions[best.argmax(axis=1)]
    return np.stack([np.eye(game.game.n_actions)[chosen[:, player]] for player in _PLAYERS])


def _lively(
    game: EnumeratedGame,
    player: int,
    agreed: FloatArray,
    mixture: FloatArray,
    surplus: FloatArray,
    discount: float,
) -> FloatArray:
    """Return `[S, A]`: the safe policy that is best beside the agreed one, found by improvement (Howard 1960)."""
    n_actions = game.game.n_actions
    by_own = surplus.reshape(-1, n_actions, n_actions)
    least = by_own.min(axis=2 - player)
    is_safe = least >= -_SAFE * max(1.0, float(np.abs(surplus).max()))
    pure = is_safe.any(axis=1)
    policy = np.where(pure[:, None], np.eye(n_actions)[is_safe.argmax(axis=1)], mixture)
    while True:
        both = agreed.copy()
        both[player] = policy
        values = discounted_values(game, both, discount=discount)[player]
        worth = (game.rewards[player] + discount * expected_ahead(game, values)).reshape(by_own.shape)
        beside = np.einsum("sab,sb->sa" if player == 0 else "sba,sb->sa", worth, agreed[1 - player])
        allowed = np.where(is_safe, beside, -np.inf)
        # Of actions that differ by rounding alone the first is taken.
        near = allowed >= allowed.max(axis=1, keepdims=True) - _SAFE * max(1.0, float(np.abs(values).max()))
        best = near.argmax(axis=1)
        gained = np.take_along_axis(beside, best[:, None], axis=1)[:, 0] - values
        better = pure & (gained > _SAFE * max(1.0, float(np.abs(values).max())))
        if not better.any():
            return policy
        policy = np.where(better[:, None], np.eye(n_actions)[best], policy)


def _beyond(game: EnumeratedGame, values: FloatArray, discount: float) -> FloatArray:
    return np.stack(
        [
            game.rewards[player] + discount * expected_ahead(game, values[player]) - values[player][:, None]
            for player in _PLAYERS
        ]
    )
