r"""How patient players must be if deviations are punished by a Nash equilibrium for ever (Friedman 1971).

Payoffs of the repeated game are means, (1 - d) sum_t d^t g(a_t), with the common discount factor d. Let
h_i(a) be what player i gains by its best deviation from the outcome a, v_i its payoff on the path of play
and n_i its payoff in the stage equilibrium that follows its deviation. It keeps to a if and only if

    (1 - d) h_i(a) <= d (v_i - n_i),    that is    d >= h_i(a) / (h_i(a) + v_i - n_i),

and always where h_i(a) = 0. In the Prisoner's Dilemma mutual cooperation needs (T - R) / (T - P).
(Friedman, "A non-cooperative equilibrium for supergames", Review of Economic Studies 38, 1971.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked
from theory.checks import FloatArray
from theory.equilibria.nash import REGRET_TOLERANCE, nash_equilibria
from theory.games.checks import matrix_game, payoffs_of_players
from theory.games.game import Game, Profile
from theory.pareto.feasible_set import FeasibleSet


@dataclass(frozen=True, eq=False)
class NashReversion:
    """The least discount factor at which reversion to Nash equilibria sustains a target.

    Attributes
    ----------
    discount
        The least discount factor, in [0, 1); None if none sustains the target.
    per_player
        What holds each player alone; None where nothing does.
    punishments
        `[n_players]`: what each player gets for ever after it has deviated.
    equilibria
        For each player the profile that punishes it.
    complete
        Whether all equilibria of the stage game are known. If not, a worse one may ask for less patience.
    """

    discount: float | None
    per_player: tuple[float | None, ...]
    punishments: FloatArray
    equilibria: tuple[tuple[FloatArray, ...], ...]
    complete: bool


@dataclass(frozen=True, eq=False)
class Target:
    """What is to be sustained.

    Attributes
    ----------
    value
        `[n_players]`: mean payoffs.
    payoffs, gains
        `[m, n_players]`: the outcomes that a public lottery may draw to reach it, and each player's gain
        from its best deviation, zero where it is rounding.
    """

    value: FloatArray
    payoffs: FloatArray
    gains: FloatArray

    @classmethod
    def of(cls, game: Game, profile: Profile | None, payoffs: ArrayLike | None) -> Target:
        """Return the target given as a profile or as payoffs, or raise ValueError."""
        if (profile is None) == (payoffs is None):
            raise ValueError(f"the target must be a profile or payoffs, got {profile!r} and {payoffs!r}")
        if profile is None:
            assert payoffs is not None
            value = payoffs_of_players("payoffs", payoffs, game.n_players)
            return cls(value, *_outcomes(game))
        mixtures = game.check_profile(profile)
        _check_observable(game, mixtures)
        value = game.expected_payoffs(mixtures)
        return cls(value, value[None], _settled(game, game.regrets(mixtures)[None]))

    def least_discount(self, needed: FloatArray, scale: FloatArray) -> float | None:
        """Return the least d for which outcomes with `needed[m]` <= d reach the value; None if none does."""
        steps = np.unique(needed[np.isfinite(needed)])
        low, high = 0, len(steps)
        # Patience only adds outcomes: the first step that is enough is found by bisection.
        while low < high:
            middle = (low + high) // 2
            reached = FeasibleSet(self.payoffs[needed <= steps[middle]] / scale)
            if reached.contains(self.value / scale):
                high = middle
            else:
                low = middle + 1
        return float(steps[low]) if low < len(steps) else None


@checked(game=matrix_game)
def friedman_discount(
    game: Game,
    profile: Profile | None = None,
    *,
    payoffs: ArrayLike | None = None,
    reversion_to: Profile | None = None,
) -> NashReversion:
    """Return how patient players must be to sustain a target under the threat of a Nash equilibrium.

    Parameters
    ----------
    game
        The stage game, for any number of players.
    profile
        The target as a profile played every turn, one probability vector per player. Players who mix must
        be indifferent between the actions that they use, for the others do not see the mixture.
    payoffs
        Or the target as `[n_players]` mean payoffs, reached every turn by the public lottery over outcomes
        and stage equilibria that asks for the least patience.
    reversion_to
        The equilibrium that follows every deviation; by default each player's worst one follows its own.

    Raises
    ------
    ValueError
        If the target is not one of the two, or `reversion_to` is not an equilibrium.
    """
    target = Target.of(game, profile, payoffs)
    equilibria, complete = _punishing_equilibria(game, reversion_to)
    punishments = np.array([game.expected_payoffs(e)[i] for i, e in enumerate(equilibria)])
    scale = np.where(game.payoff_range > 0, game.payoff_range, 1.0)
    loss = target.value - punishments
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.where(loss > game.resolution, target.gains / (target.gains + loss), np.inf)
    needed[target.gains == 0.0] = 0.0
    return NashReversion(
        discount=target.least_discount(needed.max(axis=1), scale),
        per_player=tuple(target.least_discount(column, scale) for column in needed.T),
        punishments=punishments,
        equilibria=equilibria,
        complete=complete,
    )


def _punishing_equilibria(
    game: Game, reversion_to: Profile | None
) -> tuple[tuple[tuple[FloatArray, ...], ...], bool]:
    """For each player the stage equilibrium that punishes it, and whether no worse one can exist."""
    if reversion_to is not None:
        mixtures = game.check_profile(reversion_to)
        regrets = game.regrets(mixtures)
        if (regrets > REGRET_TOLERANCE * game.payoff_range).any():
            raise ValueError(f"reversion_to must be a Nash equilibrium, got regrets {regrets.tolist()}")
        return (mixtures,) * game.n_players, True
    found = nash_equilibria(game)
    if not found.profiles:
        raise ValueError(
            "punishment needs a known equilibrium of the stage game, got none: give reversion_to"
        )
    payoffs = np.array([game.expected_payoffs(profile) for profile in found.profiles])
    # Payoffs are bilinear on each product of mixtures: of a continuum, an extreme equilibrium is worst.
    return tuple(found.profiles[k] for k in payoffs.argmin(axis=0)), found.complete


def _outcomes(game: Game) -> tuple[FloatArray, FloatArray]:
    """`[m, n_players]` payoffs and gains of the pure profiles and of the known equilibria."""
    best = [payoff.max(axis=i, keepdims=True) - payoff for i, payoff in enumerate(game.payoffs)]
    gains = _settled(game, np.stack(best).reshape(game.n_players, -1).T)
    equilibria = [game.expected_payoffs(profile) for profile in nash_equilibria(game).profiles]
    if not equilibria:
        return game.outcomes, gains
    return np.vstack([game.outcomes, *equilibria]), np.vstack([gains, np.zeros_like(equilibria)])


def _negligible(game: Game) -> FloatArray:
    """Return `[n_players]`: gains that count as nothing."""
    return np.maximum(REGRET_TOLERANCE * game.payoff_range, game.resolution)


def _settled(game: Game, gains: FloatArray) -> FloatArray:
    """Gains that are rounding set to zero."""
    return np.where(gains > _negligible(game), gains, 0.0)


def _check_observable(game: Game, mixtures: tuple[FloatArray, ...]) -> None:
    for player, mixture in enumerate(mixtures):
        used = game.action_payoffs(player, mixtures)[mixture > 0]
        if np.ptp(used) > _negligible(game)[player]:
            raise ValueError(
                "a target profile must be pure or leave a player indifferent between the actions that it "
                f"mixes, got {mixture.tolist()} for {game.players[player]}, which pay {used.tolist()}: "
                "give payoffs, reached by a public lottery, instead"
            )
