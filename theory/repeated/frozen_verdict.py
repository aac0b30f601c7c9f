"""What a frozen player can lose, by how much another can be ahead of it, and what the best answer to it gains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory.arguments import checked, count, number, place
from theory.checks import FloatArray, IntArray
from theory.games.checks import two_player_game
from theory.games.game import Game
from theory.repeated.frozen_cells import Cells, FrozenPlayer, frozen_player
from theory.repeated.frozen_response import best_response_to_frozen, cells_of, improved, slipping
from theory.repeated.ledger import Agreement, agreement, ledger_tables

# With which probability a loss by mixing is not exceeded.
CONFIDENCE = 0.999

# In ranges or full harms: what counts as no more.
NOTHING_MORE = 1e-9

# Rates are given when their bounds are so near to each other, or after so many improvements of what is chosen, each
# evaluated by so many sweeps.
RATE_WIDTH, RATE_IMPROVEMENTS, RATE_SWEEPS = 1e-5, 100, 100


@dataclass(frozen=True, eq=False)
class FrozenVerdict:
    """What is true of a frozen player in one role of a repeated game, against every opponent there is.

    Sums are over all rounds so far, the largest at any time and by any opponent. They are exact where `is_exact`;
    elsewhere, and where they can grow for ever, they are None, but for what the player itself promises.

    Attributes
    ----------
    largest_loss
        What falls short of the own security level, in own payoff ranges, surely. None where the security level takes
        a mixture of actions: then no bound is sure.
    largest_expected_loss
        The same with the expectation of the own maxmin mixture in place of what it gave; the sure loss where the
        maxmin is pure.
    probable_loss
        What the loss does not exceed at any time of `rounds` rounds with probability at least .999 (Azuma-Hoeffding).
    rounds
        As given.
    largest_lead
        What the opponent gets above the agreed payoff, in its payoff ranges; None if nothing bounds it.
    largest_surplus_harm
        Harm given less harm received, in full harms; None if nothing bounds it.
    deviation_gain
        `[2]`: bounds of what the best response gains over the agreed payoff, per discounted round, as a share of the
        opponent's payoff range.
    loss_rate, lead_rate
        What loss and lead per round do not exceed in the long run, in the same ranges, whatever an opponent does; 0
        where the sums are bounded.
    is_exact, n_states
        Whether every cell is one state of the player, and how many there are.
    discount, noise
        As given.
    """

    largest_loss: float | None
    largest_expected_loss: float | None
    probable_loss: float | None
    rounds: int
    largest_lead: float | None
    largest_surplus_harm: float | None
    deviation_gain: FloatArray
    loss_rate: float
    lead_rate: float
    is_exact: bool
    n_states: int
    discount: float
    noise: float


@checked(
    game=two_player_game,
    frozen=frozen_player,
    role=place(2),
    agreement=agreement,
    noise=number(0.0, 1.0),
    rounds=count(),
    max_states=count(),
)
def judge_frozen(
    game: Game,
    frozen: FrozenPlayer,
    role: int,
    *,
    agreement: Agreement | Sequence[int] = "nash",
    discount: float = 0.99,
    noise: float = 0.0,
    rounds: int = 1000,
    resolution: Sequence[float] | None = None,
    max_states: int = 500_000,
) -> FrozenVerdict:
    """Judge a player that keeps its rule for ever, by all that any opponent can do to it.

    Parameters
    ----------
    game
        The stage game, of two players.
    frozen
        Such as `simulation.frozen_ledger` returns.
    role
        0 or 1: whom it plays.
    agreement
        As in `ledger_tables`: what lead, harm and gain are measured from.
    discount
        In [0, 1), for the best response.
    noise
        In [0, 1]: probability with which, for either player, another action is played than was chosen.
    rounds
        For `probable_loss`.
    resolution
        Positive steps, one for each number of the frozen player's state; None: what it asks for.
    max_states
        More cells than these are refused.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, nothing is agreed on in this game, or play can lead to more than
        `max_states` cells.
    """
    tables = ledger_tables(game, role, agreement=agreement)
    if tables.agreed is None:
        raise ValueError(f"game must have an agreed play, got one where {tables.reason}")
    response = best_response_to_frozen(
        game, frozen, 1 - role, discount=discount, noise=noise, resolution=resolution, max_states=max_states
    )
    cells = cells_of(game, frozen, 1 - role, resolution=resolution, noise=noise, max_states=max_states)
    spread = float(np.ptp(game.payoffs[1 - role])) or 1.0
    gains = (np.array([response.lower, response.upper]) - tables.agreed_payoffs[1]) / spread
    loss, lead = -tables.above_security, tables.gain_of_other
    sure, lead_sum, harm_sum = (_largest_sum(cells, amounts) for amounts in (loss, lead, -tables.net_harm))
    bound = frozen.loss_bound if noise == 0.0 else None
    sure = sure if sure is not None else bound
    expected = sure if tables.is_security_pure else bound
    return FrozenVerdict(
        largest_loss=sure if tables.is_security_pure else None,
        largest_expected_loss=expected,
        probable_loss=None if expected is None else expected + _by_chance(tables.is_security_pure, rounds),
        rounds=rounds,
        largest_lead=lead_sum,
        largest_surplus_harm=harm_sum,
        deviation_gain=gains,
        loss_rate=0.0 if expected is not None else _rate(cells, loss, noise),
        lead_rate=0.0 if lead_sum is not None else _rate(cells, lead, noise),
        is_exact=cells.is_exact,
        n_states=cells.n_states,
        discount=response.discount,
        noise=noise,
    )


def _by_chance(is_pure: bool, rounds: int) -> float:
    """Return what bad luck with a mixture costs at most, in ranges: each round's luck lies within one range."""
    return 0.0 if is_pure else math.sqrt(rounds * math.log(1.0 / (1.0 - CONFIDENCE)) / 2.0)


def _largest_sum(cells: Cells, amounts: FloatArray) -> float | None:
    """Return the largest sum of `amounts[k, m]` along any way that play can take, or None if there is none.

    That is the longest way in the graph of the cells. It is found when no sweep makes any longer (Bellman-Ford);
    where the longest ways so far go round a circle that adds something, nothing bounds it.
    """
    if not cells.is_exact:
        return None
    options = cells.options.reshape(cells.n_states, -1)
    step = np.where(np.repeat(cells.played > 0.0, cells.n_other, axis=1), amounts.ravel(), -np.inf)
    ways, best = np.zeros(cells.n_states), np.full(cells.n_states, -1)
    sweep = 0
    while True:
        onward = step + ways[options]
        longer = np.maximum(ways, onward.max(axis=1))
        is_longer = longer > ways + NOTHING_MORE
        if not is_longer.any():
            return float(ways[0])
        best[is_longer] = onward[is_longer].argmax(axis=1)
        ways = np.where(is_longer, longer, ways)
        sweep += 1
        if sweep & (sweep - 1) == 0 and _goes_round(options, step, best, int(is_longer.argmax())):
            return None  # looked for at powers of two


def _goes_round(options: IntArray, step: FloatArray, best: IntArray, cell: int) -> bool:
    """Return whether the way from a cell along the `best[s]` options, -1 for an end, adds something in a circle."""
    total, passed = 0.0, dict[int, float]()
    while best[cell] >= 0 and cell not in passed:
        passed[cell] = total
        total += step[cell, best[cell]]
        cell = int(options[cell, best[cell]])
    return best[cell] >= 0 and total - passed[cell] > NOTHING_MORE


def _rate(cells: Cells, amounts: FloatArray, noise: float) -> float:
    """Return what the mean of `amounts[k, m]` per round does not exceed in the long run.

    With any v, and T v the best that one more round and v give, no rate is larger than the largest entry of T v - v
    (Puterman 1994, Theorem 8.5.5); v is found by relative policy iteration.
    """
    slips = slipping(amounts.shape[1], noise)
    values = np.zeros(cells.n_states)
    rate = math.inf
    for _ in range(RATE_IMPROVEMENTS):
        new, immediate, following = improved(cells, values, amounts, slips, 1.0, 1.0)
        change = new - values
        rate = min(rate, float(change.max()))
        if np.ptp(change) <= RATE_WIDTH:
            break
        for _ in range(RATE_SWEEPS):
            # Half of a step: ways that return in two rounds do not swing for ever.
            values = 0.5 * values + 0.5 * (immediate + following @ values)
        values -= values[0]
    return rate
