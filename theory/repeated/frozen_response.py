r"""Best responses to a frozen player whose state is a tuple of real numbers, as bounds.

With the responder's payoffs u(x, y), its discount d and its noise e, the value of a cell
(`theory.repeated.frozen_cells`) is bounded from above and from below by

    V(cell) = max or min over manners of  max over y of  sum over y' and x of  P(y' | y) P(x | manner)
              [(1 - d) u(x, y') + d max or min over options of V(cell after x and y')],

payoffs per round, where P(y' | y) is 1 - e for y' = y. Where every cell is one state, both are the value itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.arguments import checked, count, number, place
from theory.checks import FloatArray, IntArray, finite_array, number_below_one, shown
from theory.games.checks import two_player_game
from theory.games.game import Game
from theory.repeated.frozen_cells import Cells, FrozenPlayer, explore, frozen_player

# Sweeps by which a policy is evaluated between two improvements of it, and improvements at most.
SWEEPS, MOST_IMPROVEMENTS = 200, 20_000

# What iteration leaves open of a value, as a share of the payoff range; it widens the bounds.
LEFT_OPEN = 1e-7


@dataclass(frozen=True, eq=False)
class FrozenResponse:
    """What a best response to a frozen player gets.

    Attributes
    ----------
    lower, upper
        Bounds of its discounted payoff per round, from the frozen player's start.
    is_exact
        Whether every cell was one state, so that the bounds differ only by what iteration leaves open, at most
        2e-7 payoff ranges.
    n_states
        How many cells play can lead to.
    resolution
        `[c]`: the steps of the grid on which the frozen player's numbers were read.
    discount, noise
        As given.
    """

    lower: float
    upper: float
    is_exact: bool
    n_states: int
    resolution: FloatArray
    discount: float
    noise: float


@checked(
    game=two_player_game, frozen=frozen_player, player=place(2), noise=number(0.0, 1.0), max_states=count()
)
def best_response_to_frozen(
    game: Game,
    frozen: FrozenPlayer,
    player: int,
    *,
    discount: float = 0.99,
    noise: float = 0.0,
    resolution: Sequence[float] | None = None,
    max_states: int = 500_000,
) -> FrozenResponse:
    """Bound what `player` (0 or 1) can get at most from a frozen player in the other role.

    Parameters
    ----------
    game
        The stage game, of two players.
    frozen
        The other, such as `simulation.frozen_ledger` returns.
    player
        Who responds.
    discount
        d in [0, 1): weight of the next round relative to this one.
    noise
        In [0, 1]: probability with which, for either player, another action is played than was chosen, each of the
        others alike. The responder and the frozen player see what was played.
    resolution
        Positive steps, one for each number of the frozen player's state; None: what it asks for.
    max_states
        More cells than these are refused.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, or play can lead to more than `max_states` cells.
    """
    d = number_below_one("discount", discount)
    cells = cells_of(game, frozen, player, resolution=resolution, noise=noise, max_states=max_states)
    payoffs = payoffs_against(game, player)
    slips = slipping(payoffs.shape[1], noise)
    upper = _value(cells, payoffs, slips, d, 1.0)
    lower = upper if cells.is_exact else _value(cells, payoffs, slips, d, -1.0)
    left = LEFT_OPEN * float(np.ptp(payoffs))
    return FrozenResponse(
        float(lower - left), float(upper + left), cells.is_exact, cells.n_states, cells.resolution, d, noise
    )


def cells_of(
    game: Game,
    frozen: FrozenPlayer,
    player: int,
    *,
    resolution: Sequence[float] | None,
    noise: float,
    max_states: int,
) -> Cells:
    """Return the cells that play against `player` can lead to, or raise ValueError."""
    wanted = (game.n_actions[1 - player], game.n_actions[player])
    if tuple(frozen.n_actions) != wanted:
        raise ValueError(f"frozen must have {wanted} own and other's actions, got {shown(frozen.n_actions)}")
    steps = np.asarray(frozen.resolution, dtype=np.float64)
    if resolution is not None:
        given = finite_array("resolution", resolution)
        if given.shape != steps.shape or given.min() <= 0.0:
            raise ValueError(f"resolution must be {len(steps)} positive steps, got {shown(resolution)}")
        steps = given
    return explore(frozen, steps, noise=noise, max_states=max_states)


def payoffs_against(game: Game, player: int) -> FloatArray:
    """Return `[k, m]`: what `player` gets, the frozen player's actions in rows."""
    return np.asarray(game.payoffs[1] if player else game.payoffs[0].T)


def slipping(n_actions: int, noise: float) -> FloatArray:
    """Return `[m, m]`: the probability that the second action is played where the first was chosen."""
    if n_actions == 1:
        return np.ones((1, 1))
    others = noise / (n_actions - 1)
    return np.asarray(np.full((n_actions, n_actions), others) + (1.0 - noise - others) * np.eye(n_actions))


def _value(cells: Cells, payoffs: FloatArray, slips: FloatArray, d: float, sign: float) -> float:
    """Return the value of the first cell, nature choosing for the responder (sign 1) or against it (-1).

    Improvements of all choices alternate with sweeps that evaluate them (Puterman 1994, section 6.5). Between two
    sides that need not lead on: then sweeps become fewer, until plain value iteration is left, which always ends.
    """
    values = np.full(cells.n_states, float(payoffs.min() if sign > 0 else payoffs.max()))
    aim = LEFT_OPEN * float(np.ptp(payoffs)) * (1.0 - d)
    last, sweeps = np.inf, SWEEPS
    for _ in range(MOST_IMPROVEMENTS):
        new, immediate, following = improved(cells, values, (1.0 - d) * payoffs, slips, d, sign)
        change = float(np.abs(new - values).max())
        values = new
        if change <= aim:
            return float(values[0])
        if sign < 0 and change >= last:
            sweeps //= 2
        last = change
        for _ in range(sweeps):
            values = immediate + following @ values
    raise ValueError(f"value iteration did not end after {MOST_IMPROVEMENTS} improvements")


def improved(
    cells: Cells, values: FloatArray, rewards: FloatArray, slips: FloatArray, d: float, sign: float
) -> tuple[FloatArray, FloatArray, Any]:
    """Return the values `[s]` of one more round, and payoffs and discounted chances of the choices that give them."""
    from scipy.sparse import coo_array

    chosen = _first_best(values[cells.options], cells.first_option, sign)
    following = cells.options[chosen].reshape(len(cells.played), *rewards.shape)
    # [b, y']: worth of an action of the responder as it is played, and [b, y] as it is chosen
    worth = np.einsum("bx,bxy->by", cells.played, rewards + d * values[following]) @ slips.T
    action = worth.argmax(axis=1)
    best = worth[np.arange(len(worth)), action]
    manner = _first_best(best, cells.first_manner, sign)
    weights = cells.played[manner][:, :, None] * slips[action[manner]][:, None, :]
    rows, own, other = np.nonzero(weights)
    chances = coo_array(
        (d * weights[rows, own, other], (rows, following[manner][rows, own, other])), shape=(len(manner),) * 2
    )
    return best[manner], (weights * rewards).sum(axis=(1, 2)), chances.tocsr()


def _first_best(values: FloatArray, starts: IntArray, sign: float) -> IntArray:
    """Return the place of the largest (sign 1) or least (-1) of each run of values, the first of equal ones."""
    if len(starts) == len(values):
        return starts
    choose = np.maximum if sign > 0 else np.minimum
    lengths = np.diff(np.append(starts, len(values)))
    run = np.repeat(np.arange(len(starts)), lengths)
    places = np.flatnonzero(values == choose.reduceat(values, starts)[run])
    is_first = np.append(True, np.diff(run[places]) > 0)
    return np.asarray(places[is_first])
