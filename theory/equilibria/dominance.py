r"""Dominated actions, and games reduced by eliminating strictly dominated ones.

An action of a player is *strictly dominated* by a mixture of the player's other actions if the mixture pays
more against every choice of actions by the others; it is *weakly dominated* if the mixture never pays less
and sometimes more. Strictly dominated actions are not played in any equilibrium, and the order in which they
are eliminated does not matter (Gilboa, Kalai & Zemel 1990). Neither is true of weakly dominated ones, so
these are found but not eliminated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory.arguments import checked
from theory.checks import FloatArray, known_name
from theory.games.checks import matrix_game
from theory.games.game import Game, Profile
from theory.geometry.linear_programs import best_lottery, largest_smallest

# What a lottery gains counts if it exceeds this share of the player's payoff range: what programs are sure of.
TOLERANCE = 1e-9

# The same for the one gain that a weakly dominating lottery needs.
WEAK_GAIN = 1e-6


@dataclass(frozen=True, eq=False)
class Dominance:
    """An action that is dominated, and by what.

    Attributes
    ----------
    player, action
        Who, and which action.
    mixture
        `[n_actions]`: the mixture of the player's other actions that dominates it.
    round
        The round of elimination, counted from 1.
    """

    player: int
    action: int
    mixture: FloatArray
    round: int = 1


@dataclass(frozen=True, eq=False)
class Elimination:
    """A game from which strictly dominated actions were eliminated.

    Attributes
    ----------
    game
        The reduced game.
    kept
        For each player the actions of the original game that are left: action k of player i in the reduced
        game is action `kept[i][k]` of the original one.
    eliminated
        What was eliminated, in order, with actions and mixtures of the original game. All that is dominated
        is eliminated at once in each round.
    n_actions
        Number of actions of each player in the original game.
    """

    game: Game
    kept: tuple[tuple[int, ...], ...]
    eliminated: tuple[Dominance, ...]
    n_actions: tuple[int, ...]

    @property
    def solves_game(self) -> bool:
        """Whether one action of each player is left, which is then the only equilibrium."""
        return all(len(actions) == 1 for actions in self.kept)

    def original_profile(self, profile: Profile) -> tuple[FloatArray, ...]:
        """Return a profile of the reduced game as one of the original game."""
        mixtures = self.game.check_profile(profile)
        restored = tuple(np.zeros(n) for n in self.n_actions)
        for vector, actions, mixture in zip(restored, self.kept, mixtures, strict=True):
            vector[list(actions)] = mixture
        return restored


@checked(game=matrix_game)
def dominated_actions(game: Game, *, kind: str = "strict", by: str = "mixed") -> tuple[Dominance, ...]:
    """Return the dominated actions of all players, each with a mixture that dominates it.

    Parameters
    ----------
    game
        A game of any number of players.
    kind
        `"strict"` or `"weak"`. Strictly dominated actions are weakly dominated, too.
    by
        `"mixed"`: by mixtures of the player's other actions (one linear program an action); `"pure"`: by
        single actions only.

    Raises
    ------
    ValueError
        If `kind` or `by` is none of these.
    """
    known_name("kind of dominance", kind, ("strict", "weak"))
    known_name("domination by", by, ("pure", "mixed"))
    found = []
    read = game.as_read
    scale = np.where(read.payoff_range > 0, read.payoff_range, 1.0)
    for player, n in enumerate(game.n_actions):
        payoffs = np.moveaxis(read.payoffs[player], player, 0).reshape(n, -1) / scale[player]
        least_gain = max(TOLERANCE, float(read.resolution[player] / scale[player]))
        for action in range(n):
            mixture = _dominating_mixture(payoffs, action, kind, by, least_gain)
            if mixture is not None:
                found.append(Dominance(player, action, mixture))
    return tuple(found)


@checked(game=matrix_game)
def eliminate_dominated(game: Game, *, by: str = "mixed") -> Elimination:
    """Return the game after iterated elimination of strictly dominated actions.

    Parameters
    ----------
    game
        A game of any number of players.
    by
        `"mixed"` or `"pure"`: what may dominate, as in `dominated_actions`.
    """
    kept = tuple(tuple(range(n)) for n in game.n_actions)
    reduced = read = game.as_read
    eliminated: list[Dominance] = []
    # Each round eliminates at least one action.
    for number in range(1, sum(game.n_actions) + 1):
        found = dominated_actions(reduced, by=by)
        if not found:
            break
        eliminated += [_in_original_actions(dominance, number, kept, game) for dominance in found]
        lost = {(dominance.player, dominance.action) for dominance in found}
        left = tuple(
            tuple(k for k in range(n) if (i, k) not in lost) for i, n in enumerate(reduced.n_actions)
        )
        kept = tuple(tuple(actions[k] for k in of) for actions, of in zip(kept, left, strict=True))
        reduced = restricted(read, kept)
    return Elimination(
        restricted(game, kept) if eliminated else game, kept, tuple(eliminated), game.n_actions
    )


def restricted(game: Game, actions: Sequence[Sequence[int]]) -> Game:
    """Return the game in which player i has only the actions `actions[i]`, in this order.

    Its payoffs are read as finely as those of the given game, whatever their own range.
    """
    tensor = game.payoffs[np.ix_(range(game.n_players), *actions)]
    names = [[game.actions[i][a] for a in of_player] for i, of_player in enumerate(actions)]
    return Game(tensor, actions=names, players=game.players, title=game.title, resolution=game.resolution)


def _in_original_actions(
    dominance: Dominance, number: int, kept: tuple[tuple[int, ...], ...], game: Game
) -> Dominance:
    actions = kept[dominance.player]
    mixture = np.zeros(game.n_actions[dominance.player])
    mixture[list(actions)] = dominance.mixture
    return Dominance(dominance.player, actions[dominance.action], mixture, number)


def _dominating_mixture(
    payoffs: FloatArray, action: int, kind: str, by: str, least_gain: float
) -> FloatArray | None:
    """Return the mixture over the rows of `payoffs` that dominates the row `action`, None if none does."""
    others = np.delete(np.arange(len(payoffs)), action)
    gains = payoffs[others] - payoffs[action]
    weights = _dominating_row(gains, kind)
    if weights is None and by == "mixed":
        weights = _dominating_lottery(gains, kind, least_gain)
    if weights is None:
        return None
    mixture = np.zeros(len(payoffs))
    mixture[others] = weights
    return mixture


def _dominating_row(gains: FloatArray, kind: str) -> FloatArray | None:
    # Payoffs that differ by rounding are exactly equal.
    if kind == "strict":
        dominates = (gains > 0.0).all(axis=1)
    else:
        dominates = (gains >= 0.0).all(axis=1) & (gains > 0.0).any(axis=1)
    return np.eye(len(gains))[np.argmax(dominates)] if dominates.any() else None


def _dominating_lottery(gains: FloatArray, kind: str, least_gain: float) -> FloatArray | None:
    if len(gains) < 2 or not (gains.max(axis=0) >= -least_gain).all():
        return None  # one row was looked at already; against some choice of the others every row loses
    if kind == "strict":
        weights = largest_smallest(gains)
        return weights if (weights @ gains).min() > least_gain else None
    lottery = best_lottery(gains.sum(axis=1), gains, np.zeros(gains.shape[1]))
    # A linear program keeps its constraints up to rounding, so that a tiny gain may be bought by a tiny loss.
    if lottery is None or (lottery @ gains).min() < -least_gain:
        return None
    if (lottery @ gains).max() <= max(WEAK_GAIN, least_gain):
        return None
    return lottery
