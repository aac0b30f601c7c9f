"""Gradual Tit-for-Tat (thesis chapter 5) by a ledger of harms, as a player of repeated 2x2 games.

The rule is `simulation.gradual.ledgers.rule`, the tunables are those of `simulation.GradualPlayer`: it is that player
of duels who takes part in matches. Its tables follow from the payoffs, which it learns when a match begins. Memory
holds the numbers that it goes by, its book and the tables, in this order. Peace offers and mixed maxmin play are
drawn; all else it plays with probability 0 or 1. It counts, so that it is no finite-state machine, and `exact_match`
refuses it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from simulation.engine.compilation import rule
from simulation.gradual.ledgers.rule import (
    LedgerBook,
    LedgerGame,
    LedgerNumbers,
    begin,
    probability_of,
    settle,
)
from simulation.gradual.players.gradual_tit_for_tat import GradualPlayer
from simulation.gradual.players.gradual_tit_for_tat import memory as viewed_book
from simulation.gradual.players.gradual_tit_for_tat import numbers as read_numbers
from simulation.matches.strategies.base import Functions, Known, Strategy
from theory import Game
from theory.arguments import checked, of_type, optional
from theory.checks import FloatArray, plain_text

NAME = "gradual-tit-for-tat"

# Places in memory, with a 2x2 game's tables: `[3, 2, 2]` by outcome, `[4, 2]` by action.
_BOOK = len(LedgerNumbers._fields)
_OUTCOMES = _BOOK + len(LedgerBook._fields)
_ACTIONS = _OUTCOMES + 12
_END = _ACTIONS + 8


@rule
def _numbers_in(memory: FloatArray) -> LedgerNumbers:
    return read_numbers(memory[:_BOOK])


@rule
def _book_in(memory: FloatArray) -> LedgerBook:
    return viewed_book(memory[_BOOK:_OUTCOMES])


@rule
def _game_in(memory: FloatArray) -> LedgerGame:
    return LedgerGame(memory[_OUTCOMES:_ACTIONS].reshape((3, 2, 2)), memory[_ACTIONS:_END].reshape((4, 2)))


@rule
def ledger_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Return the chance that what the ledger asks for, a peace offer or the maxmin play is C."""
    return probability_of(_numbers_in(memory), _game_in(memory), _book_in(memory), 0)


@rule
def ledger_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Book the turn."""
    settle(_numbers_in(memory), _game_in(memory), _book_in(memory), own, other)


@dataclass(frozen=True)
class LedgerMemory:
    """What a ledger mirror has in memory when a match begins."""

    player: GradualPlayer

    def __call__(self, known: Known) -> FloatArray:
        """Return `[38]`: numbers, an empty book, and the tables of the game that is played."""
        rows = known.payoffs if known.role == 0 else known.payoffs[::-1].transpose(0, 2, 1)
        seat = self.player.seat(Game(rows), known.role)
        book = np.zeros(len(LedgerBook._fields))
        begin(read_numbers(seat.numbers), viewed_book(book))
        return np.concatenate([seat.numbers, book, seat.by_outcome.ravel(), seat.by_action.ravel()])


@checked(player=optional(of_type(GradualPlayer)), name=optional(plain_text))
def gradual_tit_for_tat(player: GradualPlayer | None = None, *, name: str | None = None) -> Strategy:
    """Return gradual Tit-for-Tat, which mirrors what the other owes on a ledger of harms, as a strategy of matches.

    It plays every 2x2 game, in either role, as `player` plays it in duels.

    Parameters
    ----------
    player
        Its tunables; None: `GradualPlayer()`.
    name
        By default `gradual-tit-for-tat`, and the tunables that are not the defaults.

    Raises
    ------
    ValueError
        If an argument is none of these.
    """
    player = player or GradualPlayer()
    tuned = [
        f"{field.name} {getattr(player, field.name)}"
        for field in fields(player)
        if getattr(player, field.name) != field.default
    ]
    label = name or (f"{NAME} ({', '.join(tuned)})" if tuned else NAME)
    functions = Functions(ledger_cooperation, ledger_update, (), compiles=True, prepared=LedgerMemory(player))
    return Strategy(label, functions, "thesis chapter 5; ledger of harms")
