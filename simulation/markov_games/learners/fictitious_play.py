"""Fictitious play: everybody answers best what the other has done so far on average (Brown 1951).

Both choose at the same time. Who is indifferent goes on as before; of several better actions the first best is taken.
While both stay with their actions, the round in which one of them changes is known, so play leaps from change to
change: frequencies converge to an equilibrium in zero-sum games (Robinson 1951), in 2x2 games (Miyasawa 1961; ties
apart) and in others, and in Shapley's game (1964) they cycle for ever, each time more slowly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory import Game
from theory.arguments import checked, count, of_type
from theory.checks import FloatArray, IntArray, position, shown

# What an action must be worth more than the one in force to be taken, as a share of what is compared.
TIE = 1e-9


@dataclass(frozen=True, eq=False)
class FictitiousPlay:
    """The course of fictitious play.

    Attributes
    ----------
    frequencies
        Of each player `[n_actions]`: how often it took each action, as a share of all rounds.
    outcomes
        `[k, 2]`: the actions of each stretch of rounds in which nobody changed.
    lengths
        `[k]`: how many rounds the stretches lasted; the last one was cut.
    regrets
        `[2]`: what each would gain by its best reply to the other's frequencies, in payoff units.
    """

    frequencies: tuple[FloatArray, FloatArray]
    outcomes: IntArray
    lengths: IntArray
    regrets: FloatArray

    @property
    def growth(self) -> FloatArray:
        """`[k - 2]`: by which factor each stretch that was not cut is longer than the one before."""
        return np.asarray(self.lengths[1:-1] / self.lengths[:-2])


@checked(game=of_type(Game), rounds=count())
def fictitious_play(game: Game, *, rounds: int, first: tuple[int, int] = (0, 0)) -> FictitiousPlay:
    """Return what two players of a matrix game do who play fictitiously; nothing is random.

    Parameters
    ----------
    game
        Of two players.
    rounds
        How many, at least 1.
    first
        What both do in the first round.

    Raises
    ------
    ValueError
        If the game has not two players, or an argument breaks its rule.
    """
    if game.n_players != 2:
        raise ValueError(
            f"fictitious play plays games of two players: the game must have 2, got {game.n_players}"
        )
    if not isinstance(first, tuple | list) or len(first) != 2:
        raise ValueError(f"first must be an action for each of 2 players, got {shown(first)}")
    actions = [position(f"first[{i}]", action, game.n_actions[i]) for i, action in enumerate(first)]
    # own[i][a, b]: what player i gets for its action a against b.
    own = game.payoffs[0], game.payoffs[1].T
    counts = [np.zeros(size, np.int64) for size in game.n_actions]
    outcomes: list[tuple[int, int]] = []
    lengths: list[int] = []
    played = 0
    while played < rounds:
        lasts = [_lasts(own[i], counts[1 - i], actions[i], actions[1 - i]) for i in (0, 1)]
        length = int(min(*lasts, rounds - played))
        outcomes.append((actions[0], actions[1]))
        lengths.append(length)
        for i in (0, 1):
            counts[i][actions[i]] += length
        played += length
        actions = [_next_action(own[i] @ counts[1 - i], actions[i]) for i in (0, 1)]
    frequencies = counts[0] / rounds, counts[1] / rounds
    return FictitiousPlay(frequencies, np.array(outcomes), np.array(lengths), game.regrets([*frequencies]))


def _lasts(own: FloatArray, counts: IntArray, action: int, other: int) -> float:
    """Return after how many rounds, at least 1, an action is no best reply any more while the other stays."""
    worth, drift = own @ counts, own[:, other] - own[action, other]
    gaining = drift > 0.0
    if not gaining.any():
        return math.inf
    ahead = worth[action] - worth[gaining] + _tie(worth)
    return float(max(1.0, (np.floor(ahead / drift[gaining]) + 1.0).min()))


def _next_action(worth: FloatArray, action: int) -> int:
    return action if worth[action] >= worth.max() - _tie(worth) else int(worth.argmax())


def _tie(worth: FloatArray) -> float:
    return TIE * max(1.0, float(np.abs(worth).max()))
