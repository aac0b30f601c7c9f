"""A ledger mirror as a frozen player: theory can say what it may lose, and what the best answer to it gains."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from simulation.engine.compilation import compiled
from simulation.gradual.ledgers.rule import (
    MOST_OFFERS,
    QUARREL_BOUND,
    LedgerBook,
    LedgerGame,
    LedgerNumbers,
    begin,
    book_at,
    ledger_game,
    probability_of,
    settle,
)
from simulation.gradual.players import GradualPlayer
from theory import Game
from theory.arguments import checked, of_type, place, positive
from theory.checks import FloatArray, IntArray
from theory.games.checks import two_player_game

# Steps of a number's range, at most, for which its increments are read as whole multiples of one step.
MOST_STEPS = 128

# Own payoff ranges beyond the budget, from which on slips' debts are not told apart.
FORGOTTEN = 2.0

# What is left of a division, as a share of the largest number, for which it counts as none.
REMAINDER = 1e-7


class FrozenLedger:
    """A ledger mirror that keeps its rule for ever: a `theory.FrozenPlayer` whose state is its book.

    Attributes
    ----------
    n_actions
        Own and other's.
    start, resolution
        `[5]`: of the ledger, the account, mistrust, the quarrel and the offers (`simulation.gradual.ledgers.rule`).
    lowest
        `[5]`: debts on the account that are so large are not told apart.
    loss_bound
        The budget.
    """

    def __init__(self, player: GradualPlayer, game: Game, role: int, coarsest: float) -> None:
        tables = player.tables(game, role)
        self.numbers = player.numbers_in(tables)
        self.tables = ledger_game(tables)
        self.n_actions = (tables.net_harm.shape[0], tables.net_harm.shape[1])
        self.loss_bound = self.numbers.budget
        book = np.zeros((1, len(LedgerBook._fields)))
        begin(self.numbers, LedgerBook(*book.T))
        self.start = book[0]
        own = self.numbers
        bound = QUARREL_BOUND * own.temptation
        # Only slips lead there.
        self.lowest = np.array([-np.inf, -own.budget - FORGOTTEN, -np.inf, -np.inf, -np.inf])
        self.resolution = np.array(
            [
                _step([*tables.net_harm.ravel(), own.most_claimed], coarsest),
                _step([*tables.above_security.ravel(), own.account_cap], coarsest),
                own.mistrust or 1.0,
                _step([*tables.gain_of_other.ravel(), bound], min(coarsest, own.temptation or coarsest)),
                _step([1.0, own.calm, MOST_OFFERS], own.calm or 1.0),
            ]
        )

    def action_probabilities(self, states: FloatArray) -> FloatArray:
        """Return `[n, k]`: the probabilities of the own actions in `states[n, 5]`."""
        chances = np.empty((len(states), self.n_actions[0]))
        _chances()(self.numbers, self.tables, _books(states), chances)
        return chances

    def next_states(self, states: FloatArray, own: IntArray, other: IntArray) -> FloatArray:
        """Return `[n, 5]`: the books after a round that was played so."""
        books = _books(states)
        _settled()(self.numbers, self.tables, books, np.ascontiguousarray(own), np.ascontiguousarray(other))
        return books.T.copy()


@checked(player=of_type(GradualPlayer), game=two_player_game, role=place(2), coarsest=positive)
def frozen_ledger(player: GradualPlayer, game: Game, role: int, *, coarsest: float = 0.25) -> FrozenLedger:
    """Return a ledger mirror as it plays from now on, for `theory.judge_frozen` and `theory.best_response_to_frozen`.

    Parameters
    ----------
    player
        Whoever plays.
    game
        Of two players.
    role
        0 or 1.
    coarsest
        Full harms, payoff ranges: the step of what is read on a grid where increments are no multiples of a step of
        their own that is a 128th of the largest at least; positive. Games with whole payoffs need none.

    Raises
    ------
    ValueError
        If an argument is out of its bounds.
    """
    return FrozenLedger(player, game, role, coarsest)


def _books(states: FloatArray) -> FloatArray:
    """Return `[5, n]`, of `[n, 5]` states: a row for each number, which may be written to."""
    return np.array(states.T, dtype=np.float64, order="C")


def _step(numbers: list[Any], otherwise: float) -> float:
    """Return the largest step of which all numbers are multiples, if it is not too small, by Euclid's algorithm."""
    sizes = np.abs(np.array(numbers, dtype=np.float64))
    most = float(sizes.max())
    step = 0.0
    for size in sizes[sizes > REMAINDER * most]:
        larger, smaller = max(step, float(size)), min(step, float(size))
        while smaller > REMAINDER * most:
            larger, smaller = smaller, larger - smaller * np.rint(larger / smaller)
            smaller = abs(smaller)
        step = larger
    return float(step) if step * MOST_STEPS > most else otherwise


@cache
def _chances() -> Any:
    def chances(own: LedgerNumbers, game: LedgerGame, books: FloatArray, written: FloatArray) -> None:
        """Write the probabilities of the own actions, `[n, k]`."""
        for i in range(written.shape[0]):
            for action in range(written.shape[1]):
                written[i, action] = probability_of(own, game, book_at(books, i), action)

    return compiled(chances)


@cache
def _settled() -> Any:
    def settled(
        own: LedgerNumbers, game: LedgerGame, books: FloatArray, mine: IntArray, theirs: IntArray
    ) -> None:
        """Book a round into each of `books[5, n]`."""
        for i in range(len(mine)):
            settle(own, game, book_at(books, i), mine[i], theirs[i])

    return compiled(settled)
