"""What a conditional cooperator is: a class of its tunables that takes a seat in any game with an agreement.

One's own is a frozen dataclass that inherits from `ConditionalCooperator` and writes `seated`, most easily by a
`FiniteMemory`: then `evaluate_cooperator` finds exact best responses to it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from simulation.markov_games.conditional.agreement import AgreedPlay
from simulation.markov_games.conditional.player import FiniteMemory, MarkovPlayer, without_memory
from theory.arguments import with_methods
from theory.checks import finite_array

_plays = with_methods(
    "a player with a role and the methods of a MarkovPlayer", "begin", "chances", "remember"
)

# Probabilities of a policy sum to 1 within this.
_ROUNDING = 1e-9


class ConditionalCooperator(ABC):
    """Whoever keeps to what is agreed on in a game with state as long as the other does, in its own sense."""

    @abstractmethod
    def seated(self, play: AgreedPlay, role: int) -> MarkovPlayer:
        """Return the player who has this rule in a game, as player 0 or 1 of it.

        Parameters
        ----------
        play
            The game (`play.game`), the agreed and the safe policies, and what each joint action does to both.
        role
            0 or 1.
        """


def player_in(play: AgreedPlay, role: int, name: str, value: Any) -> MarkovPlayer:
    """Return who plays in a role: a cooperator's player, a player as it is, or whoever plays a policy `[S, A]`.

    Raises
    ------
    ValueError
        If it is none of these, has another role, or is not one of the game.
    """
    wanted = (play.game.n_states, play.game.game.n_actions)
    if isinstance(value, ConditionalCooperator):
        player: MarkovPlayer = _plays(f"what {type(value).__name__}.seated returns", value.seated(play, role))
    elif all(hasattr(value, method) for method in ("begin", "chances", "remember")):
        player = _plays(name, value)
    else:
        policy = finite_array(f"{name}, where it is no player but a policy,", value)
        if policy.shape != wanted:
            raise ValueError(
                f"{name} must be a conditional cooperator, a player, or a policy [state, action] of shape {wanted},"
                f" got shape {policy.shape}"
            )
        if np.any(policy < 0.0) or np.any(np.abs(policy.sum(axis=1) - 1.0) > _ROUNDING):
            raise ValueError(f"{name} must give probabilities that sum to 1 in every state, got others")
        player = without_memory(policy, role=role)
    if (has := getattr(player, "role", None)) != role:
        raise ValueError(f"{name} must play in role {role} here, got a player in role {has}")
    if not isinstance(player, FiniteMemory):
        _check_chances(name, player, wanted[1])
    elif player.policy.shape[1:] != wanted:
        raise ValueError(
            f"{name} must be a player of this game, whose policy is [memory, state, action] with the last two of"
            f" {wanted}, got {player.policy.shape[1:]}"
        )
    return player


def _check_chances(name: str, player: MarkovPlayer, n_actions: int) -> None:
    """Raise ValueError if what a player does at first, in two matches, are no probabilities of actions."""
    given = finite_array(
        f"what the chances of {name} return", player.chances(player.begin(2), np.zeros(2, np.int64))
    )
    if given.shape != (2, n_actions):
        raise ValueError(
            f"the chances of {name} must be [runs, action], here of shape (2, {n_actions}), got {given.shape}"
        )
    if np.any(given < 0.0) or np.any(np.abs(given.sum(axis=1) - 1.0) > _ROUNDING):
        raise ValueError(f"the chances of {name} must be probabilities that sum to 1, got {given.tolist()}")
