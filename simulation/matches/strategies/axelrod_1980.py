"""The entries of Axelrod's first tournament that are neither memory-one nor small machines.

Axelrod (1980), "Effective Choice in the Prisoner's Dilemma", J. Conflict Resolution 24:3, describes each
entry in a few sentences. Where the sentences leave a choice, the default is the reading that his table of
what each pair scored supports (`scenarios.tournaments.axelrod_first` compares them); keywords give the others.
Downing's and Graaskamp's programs survive, and stand in `axelrod_1980_programs`.
"""

from __future__ import annotations

import math

from simulation.engine.compilation import rule
from simulation.matches.strategies.axelrod_1980_programs import downing_rule, graaskamp_rule
from simulation.matches.strategies.base import Functions, Known
from simulation.matches.strategies.counting import plays_first_number
from simulation.matches.strategies.short_memory import Entry
from theory.checks import FloatArray

# Upper 5% point of the chi-squared distribution with one degree of freedom.
CHI_SQUARED_5_PERCENT = 3.841458820694124

# The 199th root of 1/2: from the first to the 200th turn there are 199 steps.
GEOMETRIC_FALL = 0.9965229074746375


@rule
def seems_random(cooperations: float, defections: float) -> bool:
    """Return whether a chi-squared test at 5% cannot tell the counts from fair coin flips."""
    return (cooperations - defections) * (cooperations - defections) <= CHI_SQUARED_5_PERCENT * (
        cooperations + defections
    )


@rule
def seems_independent(after_c: float, c_after_c: float, after_d: float, c_after_d: float) -> bool:
    """Return whether a chi-squared test at 5% cannot tell that the chance of C depends on the turn before.

    The 2x2 table has `c_after_c` of `after_c` cases and `c_after_d` of `after_d`. A table with an empty margin
    tells nothing, so that the test does not reject.
    """
    cooperated = c_after_c + c_after_d
    defected = after_c + after_d - cooperated
    difference = c_after_c * (after_d - c_after_d) - c_after_d * (after_c - c_after_c)
    scale = after_c * after_d * cooperated * defected
    return (after_c + after_d) * difference * difference <= CHI_SQUARED_5_PERCENT * scale


@rule
def feld(memory: FloatArray, turn: int, known: Known) -> float:
    """Tit-for-Tat whose chance of C after C falls from 1 on the first turn to 1/2 on the 200th and later.

    Memory: other's last action, whether the fall is geometric instead of linear, the geometric chance.
    """
    if memory[0] == 1.0:
        return 0.0
    return float(memory[2]) if memory[1] == 1.0 else 1.0 - 0.5 * min(turn / 199.0, 1.0)


@rule
def fall(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Keep the other's last action, and let the chance fall until turn 200."""
    memory[0] = other
    if turn < 199:
        memory[2] *= GEOMETRIC_FALL


@rule
def shubik(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Punish a defection, each time one turn longer.

    Memory: next action, length, punishing turns left, reading. A departure from mutual
    cooperation is a defection against the own C; by the second reading any defection counts and lengthens a
    punishment under way.
    """
    if memory[3] == 1.0 and other == 1:
        memory[1] += 1.0
        memory[2] = memory[1] if own == 0 else max(memory[2] - 1.0, 0.0) + 1.0
    elif memory[2] > 1.0:
        memory[2] -= 1.0
    else:
        resumed = memory[2] <= 0.0
        memory[2] = 0.0
        if resumed and other == 1 and own == 0:
            memory[1] += 1.0
            memory[2] = memory[1]
    memory[0] = 0.0 if memory[2] > 0.0 else 1.0


@rule
def tullock(memory: FloatArray, turn: int, known: Known) -> float:
    """C on eleven turns, then 10% less often than the other on its last ten. Memory: reading, ten actions."""
    if turn < 11:
        return 1.0
    share = 0.0
    for k in range(10):
        share += 0.1 * (1.0 - memory[1 + k])
    return share * 0.9 if memory[0] == 1.0 else max(share - 0.1, 0.0)


@rule
def remember_ten(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Keep the other's last ten actions."""
    memory[1 + turn % 10] = other


@rule
def stein_rapoport_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Tit-for-Tat after four C, with two D at the end, and D against random players (tested every 15 turns).

    Memory: other's last action, its defections, random, reading, other's turns after its C and C among them, the
    same after D. By default the other is random if its action does not depend on its own action before; one who
    has only defected is, one who has only cooperated is not. By reading 1 the counts of C and D are tested
    against fair coin flips; reading 2 spares one who has only defected.
    """
    if known.turns > 0 and turn >= known.turns - 2:
        return 0.0
    if turn < 4:
        return 1.0
    return 0.0 if memory[2] == 1.0 else 1.0 - memory[0]


@rule
def stein_rapoport_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Count, and test every fifteen turns: before turns 15, 30, ..., counted from 1."""
    if turn > 0:
        before = int(memory[0])
        memory[4 + 2 * before] += 1.0
        memory[5 + 2 * before] += 1.0 - other
    memory[0] = other
    memory[1] += other
    if (turn + 2) % 15 != 0:
        return
    if memory[3] == 1.0:
        random = seems_random(turn + 1.0 - memory[1], memory[1])
    else:
        random = seems_independent(memory[4], memory[5], memory[6], memory[7])
        if memory[5] + memory[7] == turn or (memory[3] == 2.0 and memory[5] + memory[7] == 0.0):
            random = False
    memory[2] = 1.0 if random else 0.0


@rule
def tideman_chieruzzi_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Play what `tideman_chieruzzi_update` decided, and D on the last two turns."""
    return 0.0 if known.turns > 0 and turn >= known.turns - 2 else float(memory[0])


@rule
def tideman_chieruzzi_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Punish each run of defections one turn longer than the one before; sometimes start afresh.

    Memory: next action, length of punishment, punishing turns left, own lead in payoffs, turn of the last
    fresh start, whether its second C is due, defections since, other's action before, reading. By default it
    plays Tit-for-Tat, and the k-th *finished* run costs k - 1 turns more; runs that end while it punishes do not
    count. By the other reading punishment starts with the first defection and grows with each punishment.
    """
    before = memory[7]
    memory[7] = other
    memory[3] += known.payoffs[0, own, other] - known.payoffs[1, own, other]
    memory[6] += other
    if memory[5] == 1.0:
        memory[5] = 0.0
        memory[0] = 1.0
        return
    if _gives_fresh_start(memory, turn + 2, before, other, known):
        memory[4] = turn + 2.0
        memory[5] = 1.0
        memory[1] = 0.0
        memory[2] = 0.0
        memory[6] = 0.0
        memory[0] = 1.0
        return
    if memory[8] == 0.0:
        if before == 1.0 and other == 0 and memory[2] == 0.0:
            memory[1] += 1.0
            memory[2] = memory[1] - 1.0
        punishes = memory[2] > 0.0
        memory[2] = max(memory[2] - 1.0, 0.0)
        memory[0] = 0.0 if punishes or other == 1 else 1.0
        return
    if memory[2] > 0.0:
        memory[2] -= 1.0
        memory[0] = 0.0
    elif other == 1:
        memory[1] += 1.0
        memory[2] = memory[1] - 1.0
        memory[0] = 0.0
    else:
        memory[0] = 1.0


@rule
def _gives_fresh_start(memory: FloatArray, number: int, before: float, other: int, known: Known) -> bool:
    """Whether the other deserves a fresh start on turn `number` (counted from 1).

    It has not just begun a run of defections; by the other reading it must have cooperated.
    """
    played = number - 1.0
    in_time = (memory[4] == 0.0 or number - memory[4] >= 20.0) and (
        known.turns == 0 or known.turns - number >= 10
    )
    peaceful = other == 0 or (memory[8] == 0.0 and before == 1.0)
    return (
        in_time
        and peaceful
        and memory[3] >= 10.0
        and math.fabs(memory[6] - played / 2.0) >= 1.5 * math.sqrt(played)
    )


def feld_rule(*, geometric: bool = False) -> Functions:
    """Return Feld's entry; "gradually" is a linear fall, or a geometric one."""
    return Functions(feld, fall, (0.0, float(geometric), 1.0), compiles=True)


def shubik_rule(*, any_defection: bool = False) -> Functions:
    """Return Shubik's entry; by default only a defection against its own C is a departure."""
    return _deterministic(plays_first_number, shubik, 1.0, 0.0, 0.0, float(any_defection))


def tullock_rule(*, relative: bool = False) -> Functions:
    """Return Tullock's entry; "10% less" is ten percentage points, or a tenth of the share."""
    return Functions(tullock, remember_ten, (float(relative), *(0.0,) * 10), 10.0, compiles=True)


def stein_rapoport_rule(*, counts: bool = False, spares_defectors: bool = False) -> Functions:
    """Return Stein & Rapoport's entry; `stein_rapoport_cooperation` has the readings.

    Parameters
    ----------
    counts
        Test the counts of C and D instead of the transitions.
    spares_defectors
        One who has only defected is not random (with `counts` this has no meaning and must be False).
    """
    if counts and spares_defectors:
        raise ValueError("spares_defectors is a reading of the test of transitions, got counts=True")
    reading = 1.0 if counts else 2.0 * spares_defectors
    return _deterministic(
        stein_rapoport_cooperation, stein_rapoport_update, 0.0, 0.0, 0.0, reading, *(0.0,) * 4
    )


def tideman_chieruzzi_rule(*, from_the_first: bool = False) -> Functions:
    """Return Tideman & Chieruzzi's entry; see `tideman_chieruzzi_update` for its two readings."""
    return _deterministic(
        tideman_chieruzzi_cooperation, tideman_chieruzzi_update, 1.0, *(0.0,) * 7, float(from_the_first)
    )


def _deterministic(cooperation: object, update: object, *memory: float) -> Functions:
    return Functions(cooperation, update, memory, is_stochastic=False, compiles=True)  # type: ignore[arg-type]


def first_tournament_classics() -> dict[str, Entry]:
    """Return the entries of this file, Downing's and Graaskamp's by name."""
    axelrod = "in Axelrod (1980), J. Conflict Resolution 24:3"
    archive = "from his archive of the second tournament (github.com/Axelrod-Python/TourExec)"
    return {
        "tideman-chieruzzi": (tideman_chieruzzi_rule(), f"Nicolaus Tideman & Paula Chieruzzi {axelrod}"),
        "shubik": (shubik_rule(), f"Martin Shubik {axelrod}"),
        "stein-rapoport": (stein_rapoport_rule(), f"William Stein & Amnon Rapoport {axelrod}"),
        "graaskamp": (graaskamp_rule(), f"James Graaskamp {axelrod}, {archive}"),
        "downing": (downing_rule(), f"Leslie Downing {axelrod}, {archive}, with both chances 1/2 at first"),
        "feld": (feld_rule(), f"Scott Feld {axelrod}"),
        "tullock": (tullock_rule(), f"Gordon Tullock {axelrod}"),
    }
