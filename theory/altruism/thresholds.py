r"""From which cooperativeness on an outcome is an equilibrium (thesis section 5.2).

Player i weighs the other's payoff by w: its utility is V_i + w V_j. Against a fixed mixture of the other, the
profile's action is a best reply if for every action s

    gain(s) <= w loss(s),   gain(s) = V_i(s) - V_i(profile),   loss(s) = V_j(profile) - V_j(s):

a linear inequality in w for each s, so the weights that work form an interval. If the profile is a *social
optimum* (no action raises V_i + V_j) then gain(s) <= loss(s), the interval contains w = 1 and reaches
beyond: once a social optimum is an equilibrium, more altruism up to 1 never destroys it, which is what is
true of "welfare rises in both arguments". Its lower end a is tied to the selfishness level a / (1 - a)
of Apt & Schaefer (2014), "Selfishness level of strategic games", JAIR 49.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from theory.arguments import checked, place
from theory.checks import FloatArray, finite_number
from theory.games.checks import matrix_game, two_player_game
from theory.games.game import Game, Profile


@dataclass(frozen=True)
class WeightInterval:
    """The weights in `[lower, upper]`, 0 <= lower <= upper, where `upper` may be infinite."""

    lower: float
    upper: float

    def __contains__(self, weight: float) -> bool:
        return self.lower <= weight <= self.upper


@checked(game=two_player_game, player=place(2))
def reply_interval(game: Game, player: int, profile: Profile) -> WeightInterval | None:
    """Return the weights at which `profile[player]` is a best reply to the rest of `profile`.

    Parameters
    ----------
    game
        A game of two players.
    player
        0 or 1: whose reply, and whose weight on the other's payoff.
    profile
        One probability vector per player. A mixture is a best reply if all actions that it uses are.

    Returns
    -------
    WeightInterval or None
        None if the action is not a best reply for any weight >= 0.
    """
    if player not in (0, 1):
        raise ValueError(f"player must be 0 or 1, got {player!r}")
    mixtures = game.check_profile(profile)
    own = _payoffs_of_actions(game.payoffs[player], player, mixtures[1 - player])
    other = _payoffs_of_actions(game.payoffs[1 - player], player, mixtures[1 - player])
    gains = own - own @ mixtures[player]
    losses = other @ mixtures[player] - other
    tie = game.resolution
    gains[np.abs(gains) <= tie[player]] = 0.0
    losses[np.abs(losses) <= tie[1 - player]] = 0.0
    lower, upper = 0.0, inf
    for gain, loss in zip(gains.tolist(), losses.tolist(), strict=True):
        if loss > 0:
            lower = max(lower, gain / loss)
        elif loss < 0:
            upper = min(upper, gain / loss)
        elif gain > 0:
            return None
    return WeightInterval(lower, upper) if lower <= upper else None


@dataclass(frozen=True, eq=False)
class CooperationThresholds:
    """For which weights alpha (player 1) and beta (player 2) outcomes are equilibria.

    Attributes
    ----------
    profile
        The outcome asked about, as actions of the two players where it is pure.
    alpha, beta
        Weights at which each player's part of `profile` is a best reply to the other's part; the outcome is
        an equilibrium of `game.altruistic(a, b)` if and only if a is in `alpha` and b in `beta`. None: never.
    is_social_optimum
        Whether `profile` has the highest welfare of all outcomes; then both intervals contain 1.
    defection
        The opposite outcome, or None if there is none to compare with.
    defection_alpha, defection_beta
        The same intervals for `defection`: above their upper ends it stops being a reply.
    """

    profile: tuple[FloatArray, ...]
    alpha: WeightInterval | None
    beta: WeightInterval | None
    is_social_optimum: bool
    defection: tuple[FloatArray, ...] | None
    defection_alpha: WeightInterval | None
    defection_beta: WeightInterval | None

    def is_equilibrium(self, alpha: float, beta: float) -> bool:
        """Return whether `profile` is an equilibrium of the game with these weights."""
        weights = (finite_number("alpha", alpha), finite_number("beta", beta))
        return all(
            interval is not None and weight in interval
            for weight, interval in zip(weights, (self.alpha, self.beta), strict=True)
        )


@checked(game=two_player_game)
def cooperation_thresholds(
    game: Game, profile: Profile | None = None, *, defection: Profile | None = None
) -> CooperationThresholds:
    """Return the weights from which `profile` is an equilibrium and `defection` stops being one.

    Parameters
    ----------
    game
        A game of two players, of any size.
    profile
        The outcome to be reached, one probability vector per player; by default the pure outcome of highest
        welfare (the first of them in the order of `game.pure_profiles`).
    defection
        The outcome to be left; by default, where both players have two actions and `profile` is
        pure, the one in which both do the opposite.

    Notes
    -----
    In a symmetric dilemma (C, C) is an equilibrium from (T - R) / (R - S) on, and D stops being a reply to
    D above (P - S) / (T - P).
    """
    welfare = game.payoffs.sum(axis=0)
    if profile is None:
        best = np.unravel_index(int(np.argmax(welfare)), welfare.shape)
        profile = game.pure(*(int(a) for a in best))
    mixtures = game.check_profile(profile)
    opposite = _opposite(game, mixtures) if defection is None else game.check_profile(defection)
    attained = float(mixtures[0] @ welfare @ mixtures[1])
    return CooperationThresholds(
        profile=mixtures,
        alpha=reply_interval(game, 0, mixtures),
        beta=reply_interval(game, 1, mixtures),
        is_social_optimum=bool(attained >= welfare.max() - game.resolution.sum()),
        defection=opposite,
        defection_alpha=None if opposite is None else reply_interval(game, 0, opposite),
        defection_beta=None if opposite is None else reply_interval(game, 1, opposite),
    )


@dataclass(frozen=True)
class FullAltruism:
    """Where play can rest when everyone maximises the sum of payoffs.

    Attributes
    ----------
    rest_points
        Pure outcomes whose welfare no player can raise alone, as action tuples: the pure equilibria of
        `game.altruistic(1, 1)`, where best-reply play stops from any start.
    optima
        Those of them with the highest welfare of all outcomes.
    """

    rest_points: tuple[tuple[int, ...], ...]
    optima: tuple[tuple[int, ...], ...]

    @property
    def always_optimal(self) -> bool:
        """Whether best-reply play reaches the highest welfare from every start."""
        return self.rest_points == self.optima


@checked(game=matrix_game)
def full_altruism(game: Game) -> FullAltruism:
    """Return the local and the global maxima of welfare over pure outcomes, for any number of players.

    With all weights 1 the game is one of common interest: every strict improvement raises welfare, so
    best-reply play stops, but at a *local* maximum; the highest welfare is sure only if no other
    local maximum exists (as in the Prisoner's Dilemma, and not in the Stag Hunt of Table 4.1).
    """
    welfare = game.payoffs.sum(axis=0)
    tie = float(game.resolution.sum())
    rest_points = [
        outcome
        for outcome in game.pure_profiles()
        if all(
            welfare[outcome] >= welfare[(*outcome[:i], slice(None), *outcome[i + 1 :])].max() - tie
            for i in range(game.n_players)
        )
    ]
    optima = [outcome for outcome in rest_points if welfare[outcome] >= welfare.max() - tie]
    return FullAltruism(tuple(rest_points), tuple(optima))


def _payoffs_of_actions(payoffs: FloatArray, player: int, other: FloatArray) -> FloatArray:
    """`[n_actions[player]]`: one player's payoffs when `player` acts and the other mixes."""
    return payoffs @ other if player == 0 else other @ payoffs


def _opposite(game: Game, mixtures: tuple[FloatArray, ...]) -> tuple[FloatArray, ...] | None:
    if game.n_actions != (2, 2) or any(mixture.max() < 1.0 for mixture in mixtures):
        return None
    return tuple(mixture[::-1].copy() for mixture in mixtures)
