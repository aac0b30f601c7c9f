"""A literal mirror as a finite-state machine, so that theory can judge it in the repeated game.

What the player will do depends on its belief, and on both last actions, which are what either replies to. Under
forgetting the belief remembers little of what is long past; and degrees of cooperativeness that act alike in every
situation are never told apart. So a belief is known by the mass of each such group, and, rounded, these are few.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulation.engine.compilation import compiled
from simulation.engine.elementary import matrix_product
from simulation.engine.randomness import whole_number
from simulation.gradual.beliefs import belief_deviation, belief_mean
from simulation.gradual.mirroring import mirrored
from simulation.gradual.players import LiteralMirror
from simulation.gradual.policies import policy_index
from simulation.gradual.seat import Learn, Mind, Played, Seat, new_mind
from theory import Game
from theory.arguments import checked, of_type, place
from theory.checks import FloatArray, finite_number, is_list, position, probability_vector, shown
from theory.deprecation import renamed_keyword
from theory.games.checks import two_by_two_game
from theory.repeated.machines import FiniteState

# Share of a belief that may lie elsewhere than the prior's shape has it: forgetting removes the rest.
SHAPE_TOLERANCE = 1e-3


@renamed_keyword("most_states", "max_states")
@checked(player=of_type(LiteralMirror), game=two_by_two_game, role=place(2))
def frozen_machine(
    player: LiteralMirror,
    game: Game,
    role: int,
    *,
    belief: FloatArray | None = None,
    last: tuple[int, int] = (1, 1),
    resolution: float = 0.01,
    max_states: int = 20_000,
) -> FiniteState:
    """Return the machine that plays as the player would from now on, as long as its own actions never slip.

    Parameters
    ----------
    player
        Estimates by actions alone (`reward_share` 0) and does not probe.
    game
        Of two players with two actions each.
    role
        0 or 1.
    belief
        `[n]`: the present belief about the other's cooperativeness; None: the prior. Within a group it must
        have the prior's shape, which no experience of this game changes.
    last
        The player's own last action and the other's, 0 for C and 1 for D.
    resolution
        Beliefs that agree when the mass of each group is rounded to multiples of this are one state; positive.
    max_states
        A machine that needs more is refused.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, or the machine needs more than `max_states` states.
    """
    if game.n_actions != (2, 2):
        raise ValueError(f"a frozen machine needs a game of 2x2 actions, got {game.n_actions}")
    if player.reward_share > 0.0 or player.probe_probability > 0.0:
        raise ValueError(
            "a frozen machine needs a player that estimates by actions alone and does not probe, "
            f"got reward_share {player.reward_share} and probe_probability {player.probe_probability}"
        )
    if finite_number("resolution", resolution) <= 0.0:
        raise ValueError(f"resolution must be positive, got {resolution}")
    if not is_list(last) or len(last) != 2:
        raise ValueError(f"last must be an own and the other's action, got {shown(last)}")
    last = (position("an action in last", last[0], 2), position("an action in last", last[1], 2))
    most = whole_number("max_states", max_states, at_least=1)
    seat = player.seat(game, role)
    known = seat.prior if belief is None else probability_vector("belief", belief, len(seat.grid))
    groups = _groups(seat)
    _check_shape(known, seat.prior, groups)
    mind = new_mind(player, seat, game, role)
    learned = _learned(player.learn)
    beliefs, alphas, lasts = known[None], [_alpha(player, seat, known)], [last]
    number = {(_masses(beliefs, groups, resolution)[0], last): 0}
    cooperation: list[float] = []
    rows: list[list[int]] = []
    # In waves: the states that play can lead to from those of the wave before, and that are new.
    while lasts:
        first = len(rows)
        for state, (alpha, (_, other)) in enumerate(zip(alphas, lasts, strict=True), start=first):
            cooperation.append(float(seat.cumulative[policy_index(seat.weights, alpha), other, 0]))
            rows.append([state] * 4)  # an action that is never played here leads nowhere
        played = [
            (k, *lasts[k], own, other)
            for k in range(len(lasts))
            for own in (0, 1)
            if cooperation[first + k] != float(own)
            for other in (0, 1)
        ]
        after, alpha_after = np.empty((len(played), len(known))), np.empty(len(played))
        learned(seat, mind, beliefs, np.array(played), after, alpha_after)
        new = []
        for e, masses in enumerate(_masses(after, groups, resolution)):
            k, _, _, own, other = played[e]
            key = masses, (own, other)
            if key not in number:
                number[key] = len(number)
                new.append(e)
            rows[first + k][2 * own + other] = number[key]
        if len(number) > most:
            raise ValueError(
                f"the machine must have at most {most} states, got more: a coarser resolution or more "
                "forgetting would help"
            )
        beliefs, alphas, lasts = after[new], alpha_after[new].tolist(), [played[e][3:] for e in new]
    return FiniteState(tuple(cooperation), tuple(map(tuple, rows)))


@cache
def _learned(learn: Learn) -> Callable[..., None]:
    """Return what a player learns from many rounds, each by itself: compiled, unless a subclass learns otherwise."""

    def learned(
        seat: Seat,
        mind: Mind,
        beliefs: FloatArray,
        played: NDArray[np.int64],
        after: FloatArray,
        alphas: FloatArray,
    ) -> None:
        """Write `after[rounds, n]` and `alphas[rounds]`.

        In `played[rounds, 5]` stand the place in `beliefs[states, n]`, both last actions and both actions.
        """
        for e in range(played.shape[0]):
            for k in range(after.shape[1]):
                mind.belief[k] = beliefs[played[e, 0], k]
            learn(seat, mind, Played(played[e, 1], played[e, 3], played[e, 4], math.nan, 1))
            for k in range(after.shape[1]):
                after[e, k] = mind.belief[k]
            alphas[e] = mind.alpha[0]

    return compiled(learned) if learn is LiteralMirror.learn else learned


def _alpha(player: LiteralMirror, seat: Seat, belief: FloatArray) -> float:
    """Return the cooperativeness that a belief is mirrored by."""
    mean = belief_mean(belief, seat.grid)
    deviation = belief_deviation(belief, seat.grid, mean)
    low, high = float(seat.weights[0]), float(seat.weights[-1])
    return float(mirrored(mean, deviation, player.epsilon, player.uncertainty_factor, low, high))


def _groups(seat: Seat) -> FloatArray:
    """Return `[n_weights, n_groups]`: 1 where a cooperativeness belongs to a group that acts alike."""
    _, group = np.unique(seat.likelihood.reshape(4, -1), axis=1, return_inverse=True)
    return np.asarray(np.eye(int(group.max()) + 1)[group.ravel()])


def _check_shape(belief: FloatArray, prior: FloatArray, groups: FloatArray) -> None:
    """Raise ValueError unless `belief[n]` divides the mass of each of `groups[n, g]` as the prior does."""
    of_prior = matrix_product(prior, groups)
    share = np.divide(
        matrix_product(belief, groups), of_prior, out=np.zeros_like(of_prior), where=of_prior > 0.0
    )
    off = float(np.abs(belief - prior * (matrix_product(groups, share[:, None])[:, 0])).sum())
    if off > SHAPE_TOLERANCE:
        raise ValueError(
            "belief must divide its mass as the prior does among degrees of cooperativeness that act alike, "
            f"got {off:.3g} of it elsewhere"
        )


def _masses(beliefs: FloatArray, groups: FloatArray, resolution: float) -> list[bytes]:
    """Return the rounded mass of each of `groups[n, g]` in each of `beliefs[states, n]`, as it is told apart."""
    rounded = np.round(matrix_product(beliefs, groups) / resolution).astype(np.int64)
    return [masses.tobytes() for masses in rounded]
