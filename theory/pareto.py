r"""Pareto optimality, and how much is left on the table.

An outcome is *strongly Pareto-optimal* if no other one gives someone more and no one less. The answer
depends on what may dominate (`within`):

- `"lotteries"`: any lottery over outcomes, that is, players who toss a common coin (the convex hull);
- `"independent"`: profiles in which everyone mixes on its own;
- `"pure"`: pure profiles.

Optimal within lotteries implies optimal within independent mixtures implies optimal within pure profiles. For
pure profiles of 2x2 games the first two coincide: a lottery over two other outcomes that dominates one either
lies on a line that one player can mix along, or both are its neighbours, and moving a little probability
to them gains to first order what the lottery gains.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import FloatArray, finite_array, known_name
from theory._frontier import ROUNDING, Frontier, payoff_scale
from theory.games import Game, StrategicGame
from theory.security import outcomes_of

WITHIN = ("lotteries", "independent", "pure")

# Relative gain up to which an exact profile counts as Pareto-optimal.
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class ParetoSlack:
    """How much an outcome leaves on the table.

    Attributes
    ----------
    gain
        Largest total gain over players that a dominating outcome gives with nobody losing, in payoff
        units, at least 0. It is 0 exactly where the outcome is strongly Pareto-optimal.
    relative_gain
        Largest sum over players of the gain divided by that player's payoff range: the same if a player's
        payoffs are rescaled. Tolerances judge it.
    dominating
        `[n_players]` payoffs of the outcome that gives `gain`; the judged payoffs where that is 0.
    exact
        Whether `gain` and `relative_gain` are proved to be the largest. Else they are lower bounds,
        attained by an outcome that was found.
    """

    gain: float
    relative_gain: float
    dominating: FloatArray
    exact: bool = True


def pareto_slack(game: StrategicGame, payoffs: ArrayLike, *, within: str = "lotteries") -> ParetoSlack:
    """Return how much more the players of a game could have had with nobody losing.

    Parameters
    ----------
    game
        A game that lists its outcomes.
    payoffs
        `[n_players]` payoffs to be judged.
    within
        What may dominate: `"lotteries"`, `"independent"` or `"pure"`.

    Raises
    ------
    ValueError
        If `within` is unknown or `payoffs` does not fit the game.
    """
    judged = finite_array("payoffs", payoffs)
    if judged.shape != (game.n_players,):
        raise ValueError(f"payoffs must be {game.n_players} numbers, got shape {judged.shape}")
    name = known_name("set of dominating outcomes", within, WITHIN)
    outcomes = outcomes_of(game)
    if name == "pure":
        return _largest_gains(judged, outcomes, outcomes)
    if name == "lotteries":
        return _slack_within_lotteries(judged, outcomes)
    return _slack_within_independent(game, judged, outcomes)


def _largest_gains(judged: FloatArray, candidates: FloatArray, outcomes: FloatArray) -> ParetoSlack:
    """Return the largest gains among those of `candidates[k, n_players]` at which nobody loses."""
    scale = payoff_scale(outcomes)
    gains = candidates - judged
    gains = gains[(gains >= -ROUNDING * scale).all(axis=1)]
    if not len(gains):
        return ParetoSlack(0.0, 0.0, judged)
    total, relative = gains.sum(axis=1), (gains / scale).sum(axis=1)
    best = int(total.argmax())
    if relative.max() <= ROUNDING * len(scale):
        return ParetoSlack(0.0, 0.0, judged)
    return ParetoSlack(max(float(total[best]), 0.0), float(relative.max()), judged + gains[best])


def _slack_within_lotteries(judged: FloatArray, outcomes: FloatArray) -> ParetoSlack:
    if outcomes.shape[1] == 2:
        # What dominates is a stretch of the frontier; a weighted sum is largest at one of its corners.
        frontier = Frontier.of(outcomes)
        stretch = frontier.above(judged.tolist())
        positions = frontier.positions(*stretch) if stretch else []
        corners = np.array([frontier.point(position) for position in positions]).reshape(-1, 2)
    else:
        corners = _best_lotteries(judged, outcomes)
    return _largest_gains(judged, corners, outcomes)


def _best_lotteries(judged: FloatArray, outcomes: FloatArray) -> FloatArray:
    """Return `[2 or 0, n_players]`: payoffs of the dominating lotteries with largest gain of each kind."""
    from theory._linear_programs import best_lottery

    scale = payoff_scale(outcomes)
    gains = (outcomes - judged) / scale
    found = [
        best_lottery(objective, gains, np.zeros(len(scale)))
        for objective in (gains @ scale / scale.max(), gains.sum(axis=1))
    ]
    # The program's tolerance is coarser than rounding: what it lets a player lose is put back.
    points = [np.maximum(w @ outcomes, judged) for w in found if w is not None]
    return np.array(points).reshape(-1, len(scale))


def _slack_within_independent(game: StrategicGame, judged: FloatArray, outcomes: FloatArray) -> ParetoSlack:
    assert isinstance(game, Game)
    if game.n_actions == (2, 2):
        from theory._independent import candidates_2x2

        return _largest_gains(judged, candidates_2x2(game.payoffs, judged), outcomes)
    raise ValueError(f'within "independent" is for 2x2 games, got {game.n_actions} actions')


def pareto_optimal_profiles(
    game: StrategicGame, within: str = "lotteries", *, tolerance: float = TOLERANCE
) -> tuple[tuple[int, ...], ...]:
    """Return the pure profiles that are strongly Pareto-optimal, in the game's order.

    Parameters
    ----------
    game
        A game that lists its outcomes.
    within
        What may dominate: `"lotteries"`, `"independent"` or `"pure"`.
    tolerance
        Largest `relative_gain` of a dominating outcome that is still ignored.

    Raises
    ------
    ValueError
        If `within` is unknown, or it cannot be settled for some profile.
    """
    outcomes = outcomes_of(game)
    assert isinstance(game, Game)
    profiles = list(game.pure_profiles())
    name = known_name("set of dominating outcomes", within, WITHIN)
    if name == "independent" and game.n_actions == (2, 2):
        name = "lotteries"
    return tuple(
        profiles[k]
        for k in _undominated(outcomes, tolerance)
        if name == "pure" or pareto_slack(game, outcomes[k], within=name).relative_gain <= tolerance
    )


def _undominated(outcomes: FloatArray, tolerance: float) -> Iterator[int]:
    """Yield the outcomes that no other outcome dominates."""
    for k, judged in enumerate(outcomes):
        if _largest_gains(judged, outcomes, outcomes).relative_gain <= tolerance:
            yield k
