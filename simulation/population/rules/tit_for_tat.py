"""Tit-for-Tat, plain and contrite, towards each partner on its own.

Plain Tit-for-Tat does what the partner did last. Contrite Tit-for-Tat is that of duels
(`simulation.gradual.players.contrite_tit_for_tat`) with a mood for each partner. Both begin content. The first number
of an agent's book on a partner is its mood; alpha is the share of partners to whom it means to cooperate next.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.gradual.players.contrite_tit_for_tat import CONTENT, PROVOKED, mood_after
from simulation.population.rules.rule import PopulationRule
from simulation.population.state import PopulationConstants, PopulationRoom, PopulationState


@rule
def _answers(state: PopulationState, place: int, constants: PopulationConstants) -> float:
    """Return the chance of C towards one partner: none for one who provoked."""
    return 0.0 if state.books[0, place] == PROVOKED else 1.0


@rule
def _copies(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
    """Be provoked by every partner who defected."""
    start, end = constants.starts[i], constants.starts[i + 1]
    for e in range(start, end):
        state.books[0, e] = CONTENT if room.cooperated[constants.seen[e]] == 1 else PROVOKED
    state.alpha[i] = _share_answered(state, start, end)


@rule
def _repents(state: PopulationState, i: int, constants: PopulationConstants, room: PopulationRoom) -> None:
    """Be provoked as the victim and contrite as the offender, partner by partner."""
    start, end = constants.starts[i], constants.starts[i + 1]
    for e in range(start, end):
        own, other = room.cooperated[e] == 1, room.cooperated[constants.seen[e]] == 1
        state.books[0, e] = mood_after(state.books[0, e], own, other)
    state.alpha[i] = _share_answered(state, start, end)


@rule
def _share_answered(state: PopulationState, start: int, end: int) -> float:
    provoked = 0.0
    for e in range(start, end):
        provoked += 1.0 if state.books[0, e] == PROVOKED else 0.0
    return 1.0 - provoked / (end - start)


TIT_FOR_TAT_AGENT = PopulationRule(name="tit-for-tat", means_towards=_answers, changes=_copies, by_book=True)
CONTRITE_AGENT = PopulationRule(
    name="contrite-tit-for-tat", means_towards=_answers, changes=_repents, by_book=True
)
