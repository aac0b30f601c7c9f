r"""k-implementation: outcomes reached by promises of payments (Monderer & Tennenholtz 2004).

An interested party promises payments V_i(x) >= 0, to be made if x is played. It can neither forbid nor
punish, and counts on one thing only: nobody plays a dominated action of the game U + V, where y dominates x
if it never pays less, and sometimes more, whatever the others do. The promises are a *k-implementation* of
a set O of pure profiles if every undominated profile of U + V is in O and costs at most k = sum_i V_i. The
least such k is the price of O.

Promises that are never kept cost nothing, so that large ones are made wherever the others would have to leave
their part of O. What is left to pay for a single profile z is (their Theorem 1)

    k(z) = sum_i max_{x_i} (u_i(x_i, z_{-i}) - u_i(z)),

which is 0 if and only if z is a Nash equilibrium. For a set O, let Z be the undominated profiles of U + V, a
product of action sets Z_i inside O. Every action x_i outside Z_i is dominated by some d_i(x_i) in Z_i, so
that on Z

    V_i(z_i, z_{-i}) >= max over x_i with d_i(x_i) = z_i of (u_i(x_i, z_{-i}) - u_i(z_i, z_{-i})), and >= 0.

Conversely these promises, with large ones outside Z, leave nothing but profiles of Z. Hence the price of O is
the least, over all products Z inside O and all maps d, of the largest sum of these bounds over Z. There are
exponentially many (to price a set is NP-hard, Eidenbenz et al. 2011), so only small games are priced.

Sources: D. Monderer & M. Tennenholtz (2004), "K-Implementation", JAIR 21, 37-62; R. Eidenbenz, Y. A.
Pignolet, S. Schmid & R. Wattenhofer (2011), "Cost and complexity of harnessing games with payments",
International Game Theory Review 13.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from math import prod
from typing import cast

import numpy as np

from theory.arguments import checked
from theory.checks import BoolArray, FloatArray, is_list, shown
from theory.games.checks import matrix_game
from theory.games.game import Game

Actions = tuple[int, ...]

# For each player pairs of an action outside its set and the action inside that is to dominate it.
Dominators = tuple[tuple[tuple[int, int], ...], ...]

# Products of action sets, times ways in which they can dominate the rest, that are priced one by one.
MOST_CANDIDATES = 100_000


# What is paid, as a share of the payoff range, for a strict preference that no free payment gives.
_PREMIUM = 1e-6


@dataclass(frozen=True, eq=False)
class KImplementation:
    """The cheapest promises under which only target profiles are undominated.

    Attributes
    ----------
    price
        k: the largest sum of payments in the profiles of `implemented`, or the infimum if not `attained`.
    promises
        `[n_players, *n_actions]` promised payments, none negative. They cost `price` at most; if not
        `attained`, 1e-6 of the payoff range more for each action that only a premium makes worse.
    implemented
        For each player the actions of which those that remain undominated are some.
    attained
        Whether promises of exactly `price` exist.
    """

    price: float
    promises: FloatArray
    implemented: tuple[Actions, ...]
    attained: bool


@checked(game=matrix_game)
def k_implementation(game: Game, targets: Sequence[int] | Sequence[Sequence[int]]) -> KImplementation:
    """Return the price of reaching target profiles by promises, and promises of that price.

    Parameters
    ----------
    game
        A game in which every player has at least two actions (and there are at least two players).
    targets
        One pure profile as a tuple of actions, or several: any of them will do.

    Raises
    ------
    ValueError
        If a profile is not one of the game's, a player has only one action, or the target set is too
        large to be priced: more than 100 000 candidates.
    """
    if game.n_players < 2 or min(game.n_actions) < 2:
        raise ValueError(
            "k-implementation needs at least two players with at least two actions each, "
            f"got {game.n_actions} actions"
        )
    wanted = _wanted_profiles(game, targets)
    candidates = _candidates(game, wanted)
    prices = [_price(game, sets, dominators) for sets, dominators in candidates]
    least = min(prices) + float(game.resolution.max())
    found = None
    for price, (sets, dominators) in zip(prices, candidates, strict=True):
        if price <= least:
            found = _implementation(game, sets, dominators, price)
            if found.attained:
                return found
    assert found is not None
    return found


def _wanted_profiles(game: Game, targets: Sequence[int] | Sequence[Sequence[int]]) -> BoolArray:
    """Return `[*n_actions]`: which profiles are targets."""
    if not is_list(targets) or not len(targets):
        raise ValueError(f"targets must be a profile of actions, or a list of them, got {shown(targets)}")
    one = not any(is_list(target) for target in targets)
    profiles = cast("Sequence[Sequence[int]]", [targets] if one else targets)
    wanted = np.zeros(game.n_actions, dtype=bool)
    for profile in profiles:
        wanted[game.outcome(profile)] = True
    return wanted


def _candidates(game: Game, wanted: BoolArray) -> list[tuple[tuple[Actions, ...], Dominators]]:
    """Return every product of action sets within the targets, with every way to dominate the rest."""
    used = [np.unique(actions).tolist() for actions in np.nonzero(wanted)]
    n_products = prod(2 ** len(actions) - 1 for actions in used)
    _check_candidates(n_products)
    products = [
        sets for sets in product(*(_subsets(actions) for actions in used)) if wanted[np.ix_(*sets)].all()
    ]
    _check_candidates(
        sum(
            prod(len(own) ** (n - len(own)) for own, n in zip(sets, game.n_actions, strict=True))
            for sets in products
        )
    )
    return [(sets, dominators) for sets in products for dominators in _all_dominators(game, sets)]


def _check_candidates(number: int) -> None:
    if number > MOST_CANDIDATES:
        raise ValueError(
            f"targets must leave at most {MOST_CANDIDATES} ways to reach them, got {number}: "
            "ask for fewer profiles, or for each one alone"
        )


def _subsets(actions: Sequence[int]) -> list[Actions]:
    sizes = range(1, len(actions) + 1)
    return list(chain.from_iterable(combinations(actions, size) for size in sizes))


def _all_dominators(game: Game, sets: tuple[Actions, ...]) -> Iterator[Dominators]:
    """Yield every choice, for each player, of an action in its set for each of its actions outside."""
    outside = [[a for a in range(n) if a not in own] for own, n in zip(sets, game.n_actions, strict=True)]
    choices = (product(own, repeat=len(others)) for own, others in zip(sets, outside, strict=True))
    for chosen in product(*choices):
        yield tuple(
            tuple(zip(others, dominating, strict=True))
            for others, dominating in zip(outside, chosen, strict=True)
        )


def _needed(game: Game, player: int, sets: tuple[Actions, ...], dominators: Dominators) -> FloatArray:
    """Return `[*n_actions]`: what the player must be promised on the product of sets, 0 elsewhere."""
    own_first = np.moveaxis(game.payoffs[player], player, 0)
    needed = np.zeros_like(own_first)
    tie = game.resolution[player]
    for dominated, dominating in dominators[player]:
        gains = own_first[dominated] - own_first[dominating]
        needed[dominating] = np.maximum(needed[dominating], np.where(gains > tie, gains, 0.0))
    inside = np.zeros(game.n_actions, dtype=bool)
    inside[np.ix_(*sets)] = True
    return np.where(inside, np.moveaxis(needed, 0, player), 0.0)


def _price(game: Game, sets: tuple[Actions, ...], dominators: Dominators) -> float:
    needed = np.stack([_needed(game, i, sets, dominators) for i in range(game.n_players)])
    return float(needed.sum(axis=0).max())


def _implementation(
    game: Game, sets: tuple[Actions, ...], dominators: Dominators, price: float
) -> KImplementation:
    """Return promises that leave nothing but the product of sets undominated."""
    promises = np.stack([_needed(game, i, sets, dominators) for i in range(game.n_players)])
    attained = True
    for i, pairs in enumerate(dominators):
        if pairs:
            _promise_where_others_leave(game, i, sets, promises)
        for dominated, dominating in pairs:
            attained &= _make_strict(game, i, dominated, dominating, promises, price)
    return KImplementation(price, promises, sets, attained)


def _promise_where_others_leave(
    game: Game, player: int, sets: tuple[Actions, ...], promises: FloatArray
) -> None:
    """Promise more than any other action pays for the player's set, where others are outside theirs."""
    stay = np.zeros(game.n_actions, dtype=bool)
    stay[np.ix_(*(range(n) if j == player else sets[j] for j, n in enumerate(game.n_actions)))] = True
    leave = ~np.moveaxis(stay, player, 0)[0]
    payoffs = np.moveaxis(game.payoffs[player], player, 0)
    promised = np.moveaxis(promises[player], player, 0)  # a view
    for action in sets[player]:
        more_than_any = payoffs.max(axis=0) - payoffs[action] + _scale(game)
        promised[action] = np.where(leave, more_than_any, promised[action])


def _make_strict(
    game: Game, player: int, dominated: int, dominating: int, promises: FloatArray, price: float
) -> bool:
    """Raise a promise if the two actions would tie everywhere; return whether the price stays as it is."""
    payoffs = np.moveaxis(game.payoffs[player], player, 0)
    promised = np.moveaxis(promises[player], player, 0)  # a view
    tie = float(game.resolution.max())
    if (payoffs[dominating] + promised[dominating] - payoffs[dominated]).max() > tie:
        return True
    total = np.moveaxis(promises.sum(axis=0), player, 0)[dominating]
    cheapest = np.unravel_index(int(total.argmin()), total.shape)
    spare = price - float(total[cheapest])
    promised[dominating][cheapest] += spare / 2 if spare > tie else _PREMIUM * _scale(game)
    return spare > tie


def _scale(game: Game) -> float:
    return float(game.payoff_range.max()) or 1.0
