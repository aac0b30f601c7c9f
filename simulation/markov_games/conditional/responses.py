"""What the best, the worst or a given opponent of a player with finite memory comes to, by backward induction.

An opponent sees the state, the player's memory and how many steps are left. It could keep the memory itself but for
the lots of its rounding, so no opponent can do better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, eye_array, kron

from simulation.markov_games.conditional.player import FiniteMemory
from simulation.markov_games.enumerated import EnumeratedGame
from theory.checks import FloatArray, IntArray


class Response(NamedTuple):
    """What an opponent comes to in matches of any length up to the longest."""

    totals: FloatArray
    """`[steps + 1]`: the expected sum over that many steps, from the first memory and state on, in payoff units."""
    from_states: FloatArray
    """`[steps + 1, S]`: the same from each state on."""
    actions: IntArray
    """`[M, S]`: what it does first in the longest match."""


@dataclass(frozen=True, eq=False)
class Opposition:
    """A player of finite memory as its opponents have it: a decision problem on memories and states.

    Attributes
    ----------
    game, player
        The tables, and who is played against.
    following
        `[M * S * A, M * S]` probabilities of what follows an opponent's action.
    joint
        `[M, S, A, B]`: joint actions that an opponent's action may make, and `chances` of them, of the same shape.
    """

    game: EnumeratedGame
    player: FiniteMemory
    following: csr_array
    joint: IntArray
    chances: FloatArray

    @property
    def memories_and_states(self) -> tuple[int, int]:
        """M and S."""
        return self.player.n_memories, self.game.n_states

    def best(self, rewards: FloatArray, *, steps: int | None = None) -> Response:
        """Return what an opponent comes to who makes the sum of `rewards[S, J]` as large as it can.

        These are its own for an exploiter, and less the player's for a foe. By default a match has as many steps as
        an episode of the game.
        """
        now, length = self._expected(rewards), self.game.game.horizon if steps is None else steps
        values, worth = np.zeros(self.memories_and_states), now
        from_states = np.zeros((length + 1, self.game.n_states))
        for done in range(1, length + 1):
            worth = now + (self.following @ values.ravel()).reshape(now.shape)
            values = worth.max(axis=2)
            from_states[done] = values[self.player.start]
        return Response(from_states @ self.game.start, from_states, worth.argmax(axis=2))

    def totals(self, policy: FloatArray, rewards: FloatArray, *, steps: int | None = None) -> FloatArray:
        """Return `[steps + 1]` expected sums of `rewards[S, J]` beside an opponent who plays `policy[S, A]`.

        A policy `[M, S, A]` looks at the player's memory, too.
        """
        now, length = self._expected(rewards), self.game.game.horizon if steps is None else steps
        values, totals = np.zeros(self.memories_and_states), np.zeros(length + 1)
        for done in range(1, length + 1):
            worth = now + (self.following @ values.ravel()).reshape(now.shape)
            values = (worth * policy).sum(axis=2)
            totals[done] = values[self.player.start] @ self.game.start
        return totals

    def _expected(self, rewards: FloatArray) -> FloatArray:
        states = np.arange(self.game.n_states)[None, :, None, None]
        return np.asarray((rewards[states, self.joint] * self.chances).sum(axis=3))


def opposition(game: EnumeratedGame, player: FiniteMemory) -> Opposition:
    """Return the decision problem of a player's opponents."""
    memories, states, n_actions = player.policy.shape
    # Only what the player may play: one action in each state where its policies are pure.
    most = int((player.policy > 0.0).sum(axis=2).max())
    plays = np.argsort(-player.policy, axis=2, kind="stable")[:, :, :most]
    own, theirs = np.arange(n_actions)[None, None, :, None], plays[:, :, None, :]
    joint = theirs * n_actions + own if player.role == 0 else own * n_actions + theirs
    chances = np.broadcast_to(np.take_along_axis(player.policy, plays, axis=2)[:, :, None, :], joint.shape)
    memory, state = np.arange(memories)[:, None, None, None], np.arange(states)[None, :, None, None]
    weights = player.lots[memory, state, joint] * chances[..., None]
    rows, *_ = np.nonzero(weights.reshape(memories * states * n_actions, -1))
    places = player.successors[memory, state, joint] * (states * n_actions**2)
    places = places + (state * n_actions**2 + joint)[..., None]
    kept = weights.ravel() > 0.0
    remembered = csr_array(
        (weights.ravel()[kept], (rows, places.ravel()[kept])),
        shape=(memories * states * n_actions, memories * states * n_actions**2),
    )
    following = remembered @ kron(eye_array(memories), transition_matrix(game), format="csr")
    return Opposition(game, player, following, joint, chances)


def transition_matrix(game: EnumeratedGame) -> csr_array:
    """Return `[S * J, S]` probabilities of what follows."""
    states, joint, outcomes = game.successors.shape
    rows = np.repeat(np.arange(states * joint), outcomes)
    entries = (game.probabilities.ravel(), (rows, game.successors.ravel()))
    matrix = csr_array(entries, shape=(states * joint, states))
    matrix.eliminate_zeros()
    return matrix
