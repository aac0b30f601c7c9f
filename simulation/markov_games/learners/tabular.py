"""What learners in tables share: values of joint actions in each state, an assessment of them, and two schedules.

A learner keeps values Q[s, a, b] of its own action a and of all others' actions b together in state s. After each
step the entry of what was done moves towards

    reward + gamma V(s'),    V(s') = 0 where the game has ended,

by the learning rate. What V is, and what is played in a state, is the learner's *assessment* of Q in that state, the
one thing in which learners differ: the largest entry for a friend, the value of the matrix game for a foe, and so on.

An assessment is a function of numbers alone, compiled with the law (`simulation.markov_games.learners.law`):

    assess(values[A, B], seen[B], numbers[k], tableau, worth[A], policy[A]) -> V

It writes what each own action is taken to be worth, which Boltzmann exploration looks at, and the probabilities with
which actions are meant, and returns V. `seen[b]` counts how often the others did b there, one more than they did.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulation.engine.compilation import rule
from simulation.markov_games.enumerated import EnumeratedGame
from simulation.markov_games.matrix_game import solve_matrix_game
from theory.arguments import check_fields
from theory.checks import FloatArray, number_within

Assess = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], float]

# How far rewards of a zero-sum game may be from adding up to 0, as a share of the largest.
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class TabularLearner(ABC):
    """A learner in tables.

    Parameters
    ----------
    rate
        Learning rate at first, in (0, 1].
    last_rate
        Learning rate after the last step, in (0, 1]: it falls by the same factor in each step. None: it stays.
    exploration
        Probability of a uniform action instead of what is meant, in [0, 1].
    temperature
        At first, of Boltzmann exploration, which takes the place of the former: action a is chosen with probability
        proportional to exp(worth / temperature). At least 0; 0: there is none.
    cooling
        Factor of the temperature in each step, in (0, 1].
    least_temperature
        Where it stops falling, positive.
    first_value
        Of all entries at first, in payoff units.

    Raises
    ------
    ValueError
        If a value is not as above.
    """

    plays: ClassVar[str] = "games of any number of players that can be written out"
    """Which games it plays, in words."""
    sees_others: ClassVar[bool] = True
    """Whether it sees what others do; else B is 1."""

    rate: float = 0.1
    last_rate: float | None = None
    exploration: float = 0.1
    temperature: float = 0.0
    cooling: float = 1.0
    least_temperature: float = 0.05
    first_value: float = 0.0

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("rate", "last_rate", "cooling"):
            value = getattr(self, name)
            if value is not None and not 0.0 < value <= 1.0:
                raise ValueError(f"{name} must lie in (0, 1], got {value:g}")
        number_within("exploration", self.exploration, 0.0, 1.0)
        number_within("temperature", self.temperature, 0.0, 1e9)
        if not self.least_temperature > 0.0:
            raise ValueError(f"least_temperature must be positive, got {self.least_temperature:g}")

    @staticmethod
    @abstractmethod
    def assess(
        values: FloatArray,
        seen: FloatArray,
        numbers: FloatArray,
        tableau: FloatArray,
        worth: FloatArray,
        policy: FloatArray,
    ) -> float:
        """Return what a state is worth, and write what actions are, and what is meant: a rule (see the module)."""

    @property
    def numbers(self) -> tuple[float, ...]:
        """What the assessment is tuned by."""
        return ()

    def refusal(self, game: EnumeratedGame) -> str:
        """Return which rule of what it plays a game breaks, and how; empty if it plays the game."""
        return ""


def of_two_players(game: EnumeratedGame) -> str:
    """Return what to say of a game that has not two players, else nothing."""
    return "" if game.n_players == 2 else f"the game must have 2 players, got {game.n_players}"


def of_opposed_players(game: EnumeratedGame) -> str:
    """Return what to say of a game that is not zero-sum for two players, else nothing."""
    if game.n_players != 2:
        return of_two_players(game)
    off = float(np.abs(game.rewards.sum(axis=0)).max())
    if off > _ROUNDING * max(1.0, float(np.abs(game.rewards).max())):
        return f"rewards must add up to 0 in every state, got a sum of up to {off:g} in absolute value"
    return ""


@rule
def write_greedy(worth: FloatArray, policy: FloatArray) -> float:
    """Write the policy that takes an action of the largest worth, all of them alike, and return that worth."""
    largest = worth[0]
    for a in range(len(worth)):
        largest = max(largest, worth[a])
    ties = 0
    for a in range(len(worth)):
        ties += 1 if worth[a] == largest else 0
    for a in range(len(worth)):
        policy[a] = 1.0 / ties if worth[a] == largest else 0.0
    return float(largest)


@rule
def write_best_replies(values: FloatArray, worth: FloatArray) -> None:
    """Write of each own action what it is worth if the others do what is best for it; `values[A, B]`."""
    for a in range(values.shape[0]):
        worth[a] = values[a, 0]
        for b in range(values.shape[1]):
            worth[a] = max(worth[a], values[a, b])


@rule
def write_safe(values: FloatArray, tableau: FloatArray, worth: FloatArray, policy: FloatArray) -> float:
    """Write the mixture that secures most against `values[A, B]`, and what each action secures; return the value."""
    for a in range(values.shape[0]):
        worth[a] = values[a, 0]
        for b in range(values.shape[1]):
            worth[a] = min(worth[a], values[a, b])
    return solve_matrix_game(values, tableau, policy)
