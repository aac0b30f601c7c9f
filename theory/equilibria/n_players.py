r"""Nash equilibria of games of three and more players.

Where at most two players mix and all others play single actions, the two play an equilibrium of the bimatrix
game that the others leave them (`theory.equilibria.bimatrix`): all such equilibria are found exactly. Where
three and more mix, the indifference equations of every profile of supports are solved with a certificate
that no solution is missing (`theory.equilibria.indifference`). A generic game has finitely many equilibria (Harsanyi
1973) and all are found, within the bounds on work. Solutions that are not isolated cannot be listed: then
the result is not complete, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

import numpy as np

from theory.arguments import checked
from theory.checks import FloatArray
from theory.equilibria.bimatrix import bimatrix_equilibria
from theory.equilibria.indifference import IndifferenceSystem, Multilinear, nearest_root, shared_search
from theory.equilibria.logit import logit_equilibrium
from theory.equilibria.newton_supports import roots_from_centres
from theory.equilibria.polytope import HOPELESS, VertexLimitError, most_vertices
from theory.equilibria.support_classes import (
    Supports,
    n_of_sizes,
    n_supports,
    supports_of_sizes,
    whole_classes,
)
from theory.games.checks import matrix_game
from theory.games.game import Game
from theory.resolution import unit_of

MixedProfile = tuple[FloatArray, ...]

# Bimatrix games between two players, the others' actions being given, that are looked at.
MAX_PAIR_GAMES = 3000

# How many pair games may take all of `max_vertices`; where there are more they share that work.
PAIR_SHARES = 20

# Profiles of supports, in whole classes, for which Newton's method is tried once: a second or two.
MAX_TRIED_SUPPORTS = 20_000

# Payoffs of a game, all players' together, whose logit equilibria are followed.
MAX_LOGIT_PAYOFFS = 5000

# Profiles that differ by less are the same; probabilities above minus this are not negative.
_SAME, _ROUNDING = 1e-7, 1e-9

# Rationality (in units of 1 / payoff range) at which a logit equilibrium shows the supports of the limit, and
# the least probability of an action in it.
_ALMOST_RATIONAL = 1e4
_IN_SUPPORT = 1e-3


@dataclass(frozen=True)
class Effort:
    """What is tried at most.

    Attributes
    ----------
    pair_games
        Bimatrix games between two players that are looked at.
    hopeless
        How many times the vertices that may be visited a polytope may have to be begun with.
    tried_supports
        Profiles of supports for which Newton's method is tried once.
    logit_payoffs
        Payoffs of a game whose logit equilibria are followed.
    """

    pair_games: int = MAX_PAIR_GAMES
    hopeless: float = HOPELESS
    tried_supports: int = MAX_TRIED_SUPPORTS
    logit_payoffs: int = MAX_LOGIT_PAYOFFS


USUAL = Effort()


@dataclass(frozen=True, eq=False)
class NPlayerEquilibria:
    """What was found.

    Attributes
    ----------
    profiles
        Equilibria, each once, in no order.
    gaps
        What keeps the search from being complete; empty if it is.
    """

    profiles: list[MixedProfile]
    gaps: list[str]


def n_player_equilibria(
    game: Game,
    *,
    tolerance: FloatArray,
    max_vertices: int,
    max_supports: int,
    max_boxes: int,
    effort: Effort = USUAL,
) -> NPlayerEquilibria:
    """Return the equilibria of a game of three or more players.

    Parameters
    ----------
    game
        The game.
    tolerance
        `[n_players]`: largest regret of an equilibrium.
    max_vertices, max_supports, max_boxes
        As in `theory.nash_equilibria`.
    effort
        What else is tried at most.
    """
    found = NPlayerEquilibria([], [])
    for outcome in pure_equilibria(game):
        _add(found, game, tolerance, game.pure(*outcome))
    _add_pairs(found, game, tolerance, max_vertices, effort)
    _add_supports(found, game, tolerance, max_supports, max_boxes, effort)
    if (
        found.gaps
        and game.payoffs.size <= effort.logit_payoffs
        and all(mixture.max() == 1.0 for profile in found.profiles for mixture in profile)
    ):
        _add_logit_limit(found, game, tolerance)
    return found


@checked(game=matrix_game)
def pure_equilibria(game: Game) -> tuple[tuple[int, ...], ...]:
    """Return all pure equilibria of a game as action tuples, in the order of `game.pure_profiles()`.

    Payoffs of a player that differ by no more than its `resolution` are equal.
    """
    is_equilibrium = np.ones(game.n_actions, dtype=bool)
    for i, payoffs in enumerate(game.as_read.payoffs):
        is_equilibrium &= payoffs == payoffs.max(axis=i, keepdims=True)
    return tuple(tuple(int(a) for a in outcome) for outcome in np.argwhere(is_equilibrium))


def _add(found: NPlayerEquilibria, game: Game, tolerance: FloatArray, profile: MixedProfile) -> None:
    """Add a profile if it is an equilibrium and not known."""
    if (game.regrets(profile) > tolerance).any():
        return
    vector = np.concatenate(profile)
    if all(np.abs(vector - np.concatenate(known)).max() > _SAME for known in found.profiles):
        found.profiles.append(profile)


def _add_pairs(
    found: NPlayerEquilibria, game: Game, tolerance: FloatArray, max_vertices: int, effort: Effort
) -> None:
    """Add all equilibria in which two players mix."""
    n_games = sum(
        prod(game.n_actions) // (game.n_actions[i] * game.n_actions[j])
        for i, j in combinations(range(game.n_players), 2)
    )
    if n_games > effort.pair_games:
        found.gaps.append(
            f"Two players can mix against single actions of the others in {n_games} ways, more than "
            f"{effort.pair_games}: none was looked at."
        )
        return
    # Each gets the same share of the work.
    share = max(1, min(max_vertices, PAIR_SHARES * max_vertices // max(n_games, 1)))
    for pair in combinations(range(game.n_players), 2):
        m, n = (game.n_actions[i] for i in pair)
        if max(most_vertices(m, n), most_vertices(n, m)) > effort.hopeless * share:
            found.gaps.append(
                f"Where players {pair[0] + 1} and {pair[1] + 1} mix against single actions of the others, "
                f"{m} x {n} actions have too many vertices for max_vertices={max_vertices}: none was looked at."
            )
            continue
        for choice in product(*(range(1 if i in pair else n) for i, n in enumerate(game.n_actions))):
            _add_pair(found, game, tolerance, share, pair, choice)


def _add_pair(
    found: NPlayerEquilibria,
    game: Game,
    tolerance: FloatArray,
    max_vertices: int,
    pair: tuple[int, int],
    choice: tuple[int, ...],
) -> None:
    """Add the equilibria in which `pair` plays against the others' actions in `choice`."""
    left = tuple(slice(None) if i in pair else action for i, action in enumerate(choice))
    A, B = (game.payoffs[i][left] for i in pair)
    try:
        result = bimatrix_equilibria(A, B, max_vertices=max_vertices, resolution=game.resolution[list(pair)])
    except VertexLimitError as error:
        found.gaps.append(f"Between players {pair[0] + 1} and {pair[1] + 1}: {error}.")
        return

    def profile_of(x: int, y: int) -> MixedProfile:
        profile = list(game.pure(*choice))
        profile[pair[0]], profile[pair[1]] = result.rows[x], result.columns[y]
        return tuple(profile)

    for x, y in result.pairs:
        _add(found, game, tolerance, profile_of(x, y))
    for rows, columns in result.subsets or [(range(len(result.rows)), range(len(result.columns)))]:
        corners = [profile_of(x, y) for x, y in product(rows, columns)]
        if len(corners) > 1 and not _someone_deviates(game, tolerance, choice, pair, corners):
            found.gaps.append("There may be a continuum of equilibria, of which the ends are listed at most.")


def _someone_deviates(
    game: Game,
    tolerance: FloatArray,
    choice: tuple[int, ...],
    pair: tuple[int, int],
    corners: Sequence[MixedProfile],
) -> bool:
    """Return whether some other player gains by the same action at all corners, and so between them, too."""
    least = np.maximum(tolerance, game.resolution)
    for i in range(game.n_players):
        if i not in pair:
            payoffs = np.array([game.action_payoffs(i, corner) for corner in corners])
            gains = payoffs - payoffs[:, [choice[i]]]
            if (gains > least[i]).all(axis=0).any():
                return True
    return False


def _add_supports(
    found: NPlayerEquilibria,
    game: Game,
    tolerance: FloatArray,
    max_supports: int,
    max_boxes: int,
    effort: Effort,
) -> None:
    """Add equilibria in which three and more players mix: all where the bounds on work allow it.

    Each profile of supports gets a share of the boxes before any gets more. Those that are not settled, and
    those that there are too many of, are at least tried by Newton's method.
    """
    n_actions = game.n_actions
    searched = whole_classes(n_actions, max_supports)
    searches = [
        (supports, *_system(game, supports))
        for sizes in searched
        for supports in supports_of_sizes(n_actions, sizes)
    ]
    roots = shared_search([system for _, _, system in searches], max_boxes=max_boxes)
    unsettled = set()
    for (supports, mixers, system), root in zip(searches, roots, strict=True):
        for point in root.points:
            _add_point(found, game, tolerance, supports, mixers, system, point)
        if not root.all_found:
            unsettled.add(tuple(map(len, supports)))
    n_open = sum(not root.all_found for root in roots)
    n_all = n_supports(n_actions)
    tried = [] if n_all == len(searches) else whole_classes(n_actions, effort.tried_supports)
    _add_by_newton(found, game, tolerance, sorted({*tried} - {*searched} | unsettled))
    if n_open:
        found.gaps.append(
            f"{n_open} of {n_all} profiles of supports with three or more mixing players were not settled: "
            "equilibria there may be a continuum, singular, or take more than "
            f"max_boxes={max_boxes} to find."
        )
    if n_all > len(searches):
        n_tried = sum(n_of_sizes(n_actions, sizes) for sizes in tried if sizes not in searched)
        found.gaps.append(
            f"{_number(n_all - len(searches))} profiles of supports with three or more mixing players were not "
            f"searched (max_supports={max_supports}); "
            + (
                f"in {n_tried} of them one start of Newton's method was tried."
                if n_tried
                else "none was tried."
            )
        )


def _number(count: int) -> str:
    return str(count) if count < 10**9 else "More than 10^9"


def _add_by_newton(
    found: NPlayerEquilibria, game: Game, tolerance: FloatArray, all_sizes: Sequence[tuple[int, ...]]
) -> None:
    """Add the equilibria to which Newton's method leads from the centres of all supports of some sizes."""
    units = unit_of(game.resolution)
    payoffs = game.payoffs / units.reshape(-1, *[1] * game.n_players)
    for sizes in all_sizes:
        for profile in roots_from_centres(payoffs, sizes, tolerance / units):
            _add(found, game, tolerance, profile)


def _system(game: Game, supports: Supports) -> tuple[list[int], IndifferenceSystem]:
    """Return the mixing players and their indifference equations.

    Payoffs are in units in which the resolution is `SHARE`: of the payoff ranges before any reduction.
    """
    mixers = [i for i, support in enumerate(supports) if len(support) > 1]
    equations, excesses = [], []
    units = unit_of(game.resolution)
    for i, own in enumerate(supports):
        others = [support for j, support in enumerate(supports) if j != i]
        payoffs = np.moveaxis(game.payoffs[i], i, 0) / units[i]
        payoffs = payoffs[np.ix_(range(len(payoffs)), *others)]
        gains = payoffs - payoffs[own[0]]
        gains = gains.reshape(len(gains), *(len(support) for support in others if len(support) > 1))
        depends_on = tuple(mixer for mixer, j in enumerate(mixers) if j != i)
        if len(own) > 1:
            equations.append(Multilinear(gains[list(own[1:])], depends_on))
        excesses.append(Multilinear(np.delete(gains, own, axis=0), depends_on))
    return mixers, IndifferenceSystem([len(supports[i]) for i in mixers], equations, excesses)


def _add_point(
    found: NPlayerEquilibria,
    game: Game,
    tolerance: FloatArray,
    supports: Supports,
    mixers: list[int],
    system: IndifferenceSystem,
    point: FloatArray,
) -> None:
    """Add the profile at a root if its probabilities are not negative."""
    profile = [np.zeros(n) for n in game.n_actions]
    for i, support in enumerate(supports):
        profile[i][list(support)] = 1.0
    for i, mixture in zip(mixers, system.mixtures(point[np.newaxis]), strict=True):
        if mixture.min() < -_ROUNDING:
            return
        weights = np.maximum(mixture[0, 0], 0.0)
        profile[i][list(supports[i])] = weights / weights.sum()
    _add(found, game, tolerance, tuple(profile))


def _add_logit_limit(found: NPlayerEquilibria, game: Game, tolerance: FloatArray) -> None:
    """Add the equilibrium in which the principal branch of logit equilibria ends, if that can be told."""
    ranges = np.where(game.payoff_range > 0, game.payoff_range, 1.0)
    scaled = Game(game.payoffs / ranges.reshape(-1, *[1] * game.n_players))
    try:
        limit = logit_equilibrium(scaled, _ALMOST_RATIONAL).profile
    except ValueError:
        return
    supports = tuple(tuple(np.flatnonzero(mixture > _IN_SUPPORT).tolist()) for mixture in limit)
    if any(len(support) > 1 for support in supports):
        mixers, system = _system(game, supports)
        guess = np.concatenate([limit[i][list(supports[i][1:])] for i in mixers])
        _add_point(found, game, tolerance, supports, mixers, system, nearest_root(system, guess))
