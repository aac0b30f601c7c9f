"""Entries of Axelrod's first tournament as the paper's sentences are read, where the defaults are read otherwise.

Axelrod (1980) describes each entry in a few sentences. The rules here follow them as the Axelrod library 4.14 does,
which its authors say does not give the published result; the catalogue's defaults follow surviving programs and
the published table instead. They are kept to compare, and because the library's players can be held against them.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.matches.strategies.axelrod_1980 import (
    seems_random,
    stein_rapoport_rule,
    tideman_chieruzzi_rule,
)
from simulation.matches.strategies.base import Functions, Known, Rule
from simulation.matches.strategies.counting import plays_first_number
from simulation.matches.strategies.short_memory import davis, grofman, nydegger
from theory.checks import FloatArray
from theory.repeated.memory_one import MemoryOne


@rule
def described_downing(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
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
def described_graaskamp_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
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
def described_graaskamp_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
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


def described_downing_rule(*, assumed_answers: bool = True) -> Functions:
    """Return Downing's entry as described; see `described_downing` for its two openings."""
    memory = (*(0.0,) * 6, float(not assumed_answers))
    return Functions(plays_first_number, described_downing, memory, is_stochastic=False, compiles=True)


def described_graaskamp_rule() -> Functions:
    """Return Graaskamp's entry as described."""
    memory = (0.0, 0.0, 0.0, 1.0, 1.0, 0.0, -1.0)
    return Functions(described_graaskamp_cooperation, described_graaskamp_update, memory, compiles=True)


def as_described() -> dict[str, Rule]:
    """Return, by name, the entries that the catalogue reads otherwise, as the Axelrod library 4.14 reads them.

    Graaskamp's rare defections come 5 to 15 turns apart, as the paper says; in the library 5 to 14.
    """
    return {
        "tideman-chieruzzi": tideman_chieruzzi_rule(from_the_first=True),
        "nydegger": nydegger(printed_list=True, other_counts_double=True, newest_weighs_most=True),
        "grofman": grofman(after_mutual_defection=1.0),
        "stein-rapoport": stein_rapoport_rule(counts=True),
        "davis": davis(remembers_all=True),
        "graaskamp": described_graaskamp_rule(),
        "downing": described_downing_rule(),
        "name-withheld": MemoryOne(0.5, (0.5, 0.5, 0.5, 0.5)),
    }
