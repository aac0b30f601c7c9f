r"""Gradual Tit-for-Tat (thesis chapter 5): agents who keep a ledger of harms with each partner on its own.

The rule is that of duels (`simulation.gradual.ledgers.rule`), played against every partner by a book of its own. An
agent means to cooperate with a partner with the probability 1 or 0 that its ledger asks for, or with P(C) of the
maxmin mixture where the account forbids that; and a peace offer comes before either. Conduct is by partner, with a
draw for each.

In a symmetric game both partners see the same tables unless the agreed play is to do different things: then the agent
of the smaller number has the part of player 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.gradual.ledgers.rule import (
    LedgerBook,
    LedgerGame,
    LedgerNumbers,
    begin,
    book_at,
    ledger_game,
    level_meant,
    probability_of,
    settle,
)
from simulation.gradual.players.gradual_tit_for_tat import GradualPlayer
from simulation.population.rules.rule import PopulationRule
from simulation.population.state import LedgerPart, PopulationConstants, PopulationRoom, PopulationState
from theory import Game


class LedgerStart(NamedTuple):
    """What an agent begins with towards a partner whom it has not met."""

    book: tuple[float, ...]
    """One number for each field of `LedgerBook`."""
    chance: float
    """With which it means to cooperate."""
    level: float
    """Of what it means to play, in [0, 1]."""


def no_ledgers() -> tuple[LedgerPart, LedgerPart]:
    """Return what stands for both parts of a pair where nobody keeps a ledger."""
    nothing = LedgerPart(
        LedgerNumbers(*[0.0] * len(LedgerNumbers._fields)), LedgerGame(np.zeros((3, 0, 0)), np.zeros((4, 0)))
    )
    return nothing, nothing


def ledgers_of(player: GradualPlayer, game: Game) -> tuple[LedgerPart, LedgerPart]:
    """Return what the agents of smaller and of larger number in a pair go by."""
    first, second = (player.tables(game, role) for role in (0, 1))
    return (
        LedgerPart(player.numbers_in(first), ledger_game(first)),
        LedgerPart(player.numbers_in(second), ledger_game(second)),
    )


def ledger_start(part: LedgerPart) -> LedgerStart:
    """Return what an agent begins with in a part of a pair."""
    book = LedgerBook(*(np.zeros(1) for _ in LedgerBook._fields))
    begin(part.numbers, book)
    level = level_meant(part.numbers, part.game, book)
    return LedgerStart(
        tuple(float(entry[0]) for entry in book), probability_of(part.numbers, part.game, book, 0), level
    )


@rule
def part_of(place: int, constants: PopulationConstants) -> LedgerPart:
    """Return the part in a pair of the agent whose conduct stands at a place."""
    # Conduct is in the order of agents, so that of the smaller number stands first.
    return constants.first_in_pair if place < constants.seen[place] else constants.second_in_pair


@rule
def _answers(state: PopulationState, place: int, constants: PopulationConstants) -> float:
    """Return the chance of C that the book with one partner asks for."""
    part = part_of(place, constants)
    return probability_of(part.numbers, part.game, book_at(state.books, place), 0)


@rule
def _settles(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
    """Book the step with every partner; alpha is the mean level of what is meant next."""
    start, end = constants.starts[i], constants.starts[i + 1]
    level = 0.0
    for e in range(start, end):
        part, book = part_of(e, constants), book_at(state.books, e)
        mine, theirs = 1 - int(room.cooperated[e]), 1 - int(room.cooperated[constants.seen[e]])
        settle(part.numbers, part.game, book, mine, theirs)
        level += level_meant(part.numbers, part.game, book)
    state.alpha[i] = level / (end - start)


GRADUAL_AGENT = PopulationRule(
    name="gradual-tit-for-tat", means_towards=_answers, changes=_settles, by_book=True
)
