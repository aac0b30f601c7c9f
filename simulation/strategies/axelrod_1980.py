"""The entries of Axelrod's first tournament that are neither memory-one nor small machines.

Axelrod (1980), "Effective Choice in the Prisoner's Dilemma", J. Conflict Resolution 24:3, describes each
entry in a few sentences; the programs are lost. Where the sentences leave a choice, the reading of the
Axelrod library 4.14 is the default, and a keyword gives another.
"""

from __future__ import annotations

import math

from simulation.compilation import rule
from simulation.strategies.base import Functions, Known
from simulation.strategies.counting import count_defections, plays_first_number
from simulation.strategies.short_memory import Entry
from theory._checks import FloatArray

# Upper 5% point of the chi-squared distribution with one degree of freedom.
CHI_SQUARED_5_PERCENT = 3.841458820694124


@rule
def seems_random(cooperations: float, defections: float) -> bool:
    """Return whether a chi-squared test at 5% cannot tell the counts from fair coin flips."""
    return (cooperations - defections) ** 2 <= CHI_SQUARED_5_PERCENT * (cooperations + defections)


@rule
def seems_independent(after_c: float, c_after_c: float, after_d: float, c_after_d: float) -> bool:
    """Return whether a chi-squared test at 5% cannot tell that the chance of C depends on the turn before.

    The 2x2 table has `c_after_c` of `after_c` cases and `c_after_d` of `after_d`.
    """
    total = after_c + after_d
    cooperated = c_after_c + c_after_d
    if after_c == 0.0 or after_d == 0.0 or cooperated == 0.0 or cooperated == total:
        # A constant player is no random one.
        return False
    difference = c_after_c * (after_d - c_after_d) - c_after_d * (after_c - c_after_c)
    statistic = total * difference * difference / (after_c * after_d * cooperated * (total - cooperated))
    return statistic <= CHI_SQUARED_5_PERCENT


@rule
def feld(memory: FloatArray, turn: int, known: Known) -> float:
    """Tit-for-Tat whose chance of C after C falls from 1 to 1/2 by turn 200.

    Memory: other's last action, its defections, whether the fall is geometric instead of linear.
    """
    if memory[0] == 1.0:
        return 0.0
    passed = min(turn / 200.0, 1.0)
    return math.exp(passed * math.log(0.5)) if memory[2] == 1.0 else 1.0 - 0.5 * passed


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
def downing(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Play the action that pays more in the long run if the other answers own C and own D as it did so far.

    Memory: next action; own action before; own C and other's C after them; the same for D; opening reading.
    Both chances of C start at 1/2. By the default reading that means D on the first two turns, whose
    answers count (the first as an answer to a C before the match); by the other the chance is 1/2 until the
    first answer.
    """
    assumed = memory[6] == 0.0
    if turn == 0:
        if assumed:
            memory[3] += 1.0 - other
    elif memory[1] == 0.0:
        memory[3] += 1.0 - other
        memory[2] += 0.0 if assumed else 1.0
    else:
        memory[5] += 1.0 - other
        memory[4] += 0.0 if assumed else 1.0
    if assumed:
        # Here memory[2] and memory[4] count own actions, answered or not.
        memory[2] += 1.0 - own
        memory[4] += own
        after_c = memory[3] / (memory[2] + 1.0)
        after_d = memory[5] / max(memory[4], 2.0)
    else:
        after_c = memory[3] / memory[2] if memory[2] > 0.0 else 0.5
        after_d = memory[5] / memory[4] if memory[4] > 0.0 else 0.5
    memory[1] = own
    if assumed and turn == 0:
        memory[0] = 0.0
        return
    value_of_c = after_c * known.payoffs[0, 0, 0] + (1.0 - after_c) * known.payoffs[0, 0, 1]
    value_of_d = after_d * known.payoffs[0, 1, 0] + (1.0 - after_d) * known.payoffs[0, 1, 1]
    if value_of_c > value_of_d:
        memory[0] = 1.0
    elif value_of_c < value_of_d:
        memory[0] = 0.0
    else:
        memory[0] = own


@rule
def graaskamp_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Tit-for-Tat with a D on turn 51; from turn 57 D against random players, C with rare D against others.

    Memory: other's last action, its defections, random, mirrors, twin, own action before, turns since the
    last rare D (-1 before the first). A rare D comes after 5 to 15 turns, each equally likely.
    """
    if turn < 56:
        return 0.0 if memory[0] == 1.0 or turn == 50 else 1.0
    if memory[2] == 1.0:
        return 0.0
    if memory[3] == 1.0 or memory[4] == 1.0:
        return float(1.0 - memory[0])
    waited = float(memory[6])
    if waited < 5.0:
        return 1.0
    # Uniform on 5 ... 15, given that it is not over yet.
    return 1.0 - 1.0 / (16.0 - waited) if waited < 15.0 else 0.0


@rule
def graaskamp_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Keep what the checks need."""
    waiting = turn >= 56 and memory[2] == 0.0 and memory[3] == 0.0 and memory[4] == 0.0
    if waiting and own == 1 and memory[6] >= 5.0:
        memory[6] = 0.0
    memory[0] = other
    memory[1] += other
    if turn > 0 and other != memory[5]:
        memory[3] = 0.0
    if own != other:
        memory[4] = 0.0
    memory[5] = own
    if turn >= 55:
        if seems_random(turn + 1.0 - memory[1], memory[1]):
            memory[2] = 1.0
        elif memory[3] == 0.0 and memory[4] == 0.0:
            memory[6] += 1.0


@rule
def stein_rapoport_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Tit-for-Tat after four C, with two D at the end, and D against random players (tested every 15 turns).

    Memory: other's last action, its defections, random, reading, other's turns after its C and
    C among them, the same after D. By the default reading the counts of C and D
    are tested, by the other the transitions.
    """
    if known.turns > 0 and turn >= known.turns - 2:
        return 0.0
    if turn < 4:
        return 1.0
    return 0.0 if memory[2] == 1.0 else 1.0 - memory[0]


@rule
def stein_rapoport_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Count, and test every fifteen turns."""
    if turn > 0:
        before = int(memory[0])
        memory[4 + 2 * before] += 1.0
        memory[5 + 2 * before] += 1.0 - other
    memory[0] = other
    memory[1] += other
    if (turn + 2) % 15 == 0:
        if memory[3] == 1.0:
            random = seems_independent(memory[4], memory[5], memory[6], memory[7])
        else:
            random = seems_random(turn + 1.0 - memory[1], memory[1])
        memory[2] = 1.0 if random else 0.0


@rule
def tideman_chieruzzi_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Play what `tideman_chieruzzi_update` decided, and D on the last two turns."""
    return 0.0 if known.turns > 0 and turn >= known.turns - 2 else float(memory[0])


@rule
def tideman_chieruzzi_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Punish each run of defections one turn longer than the one before; sometimes start afresh.

    Memory: next action, length of punishment, punishing turns left, own lead in payoffs, turn of the last
    fresh start, whether its second C is due, defections since, other's action before, reading. By the default
    reading punishment grows with each punishment and defections under way are not counted; by the other it
    grows with each *finished* run from the second on and answers by Tit-for-Tat in between.
    """
    before = memory[7]
    memory[7] = other
    memory[3] += known.payoffs[0, own, other] - known.payoffs[1, own, other]
    memory[6] += other
    if memory[5] == 1.0:
        memory[5] = 0.0
        memory[0] = 1.0
        return
    if _gives_fresh_start(memory, turn + 2, other, known):
        memory[4] = turn + 2.0
        memory[5] = 1.0
        memory[1] = 0.0
        memory[2] = 0.0
        memory[6] = 0.0
        memory[0] = 1.0
        return
    if memory[8] == 1.0:
        if before == 1.0 and other == 0:
            # A run is over: from the second on it costs extra turns.
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
def _gives_fresh_start(memory: FloatArray, number: int, other: int, known: Known) -> bool:
    """Whether the other deserves a fresh start on turn `number` (counted from 1)."""
    played = number - 1.0
    return (
        (memory[4] == 0.0 or number - memory[4] >= 20.0)
        and memory[3] >= 10.0
        and (known.turns == 0 or known.turns - number >= 10)
        and other == 0
        and abs(memory[6] - played / 2.0) >= 1.5 * math.sqrt(played)
    )


def feld_rule(*, geometric: bool = False) -> Functions:
    """Return Feld's entry; "gradually" is a linear fall, or a geometric one."""
    return Functions(feld, count_defections, (0.0, 0.0, float(geometric)), compiles=True)


def shubik_rule(*, any_defection: bool = False) -> Functions:
    """Return Shubik's entry; by default only a defection against its own C is a departure."""
    return _deterministic(plays_first_number, shubik, 1.0, 0.0, 0.0, float(any_defection))


def tullock_rule(*, relative: bool = False) -> Functions:
    """Return Tullock's entry; "10% less" is ten percentage points, or a tenth of the share."""
    return Functions(tullock, remember_ten, (float(relative), *(0.0,) * 10), 10.0, compiles=True)


def downing_rule(*, assumed_answers: bool = True) -> Functions:
    """Return Downing's entry; see `downing` for its two openings."""
    return _deterministic(plays_first_number, downing, *(0.0,) * 6, float(not assumed_answers))


def graaskamp_rule() -> Functions:
    """Return Graaskamp's entry."""
    memory = (0.0, 0.0, 0.0, 1.0, 1.0, 0.0, -1.0)
    return Functions(graaskamp_cooperation, graaskamp_update, memory, compiles=True)


def stein_rapoport_rule(*, transitions: bool = False) -> Functions:
    """Return Stein & Rapoport's entry; see `stein_rapoport_cooperation` for its two tests."""
    return _deterministic(
        stein_rapoport_cooperation, stein_rapoport_update, 0.0, 0.0, 0.0, float(transitions), *(0.0,) * 4
    )


def tideman_chieruzzi_rule(*, finished_runs: bool = False) -> Functions:
    """Return Tideman & Chieruzzi's entry; see `tideman_chieruzzi_update` for its two readings."""
    return _deterministic(
        tideman_chieruzzi_cooperation, tideman_chieruzzi_update, 1.0, *(0.0,) * 7, float(finished_runs)
    )


def _deterministic(cooperation: object, update: object, *memory: float) -> Functions:
    return Functions(cooperation, update, memory, is_stochastic=False, compiles=True)  # type: ignore[arg-type]


def first_tournament_classics() -> dict[str, Entry]:
    """Return the entries of this file by name."""
    axelrod = "in Axelrod (1980), J. Conflict Resolution 24:3"
    return {
        "tideman-chieruzzi": (tideman_chieruzzi_rule(), f"Nicolaus Tideman & Paula Chieruzzi {axelrod}"),
        "shubik": (shubik_rule(), f"Martin Shubik {axelrod}"),
        "stein-rapoport": (stein_rapoport_rule(), f"William Stein & Amnon Rapoport {axelrod}"),
        "graaskamp": (graaskamp_rule(), f"James Graaskamp {axelrod}"),
        "downing": (downing_rule(), f"Leslie Downing {axelrod}"),
        "feld": (feld_rule(), f"Scott Feld {axelrod}"),
        "tullock": (tullock_rule(), f"Gordon Tullock {axelrod}"),
    }
