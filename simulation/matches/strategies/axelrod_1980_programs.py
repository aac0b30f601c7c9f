"""Two entries of Axelrod's first tournament whose programs survive: Downing's and Graaskamp's.

The archive of the second tournament (github.com/Axelrod-Python/TourExec) holds, by its own comments, Graaskamp's
program of round one (`grasr.f`) and Downing's revised rule (`k59r.f`), which fits the table of round one with both
chances 1/2 at first. The rules are written here from what those programs do. Nydegger's (`k57r.f`) is a machine:
see `short_memory.nydegger`.
"""

from __future__ import annotations

import math

from simulation.engine.compilation import rule
from simulation.matches.strategies.base import Functions, Known
from theory.checks import FloatArray

# A number of six hexadecimal digits lies between 16^5 and 16^6.
SIX_DIGITS_FROM, SIX_DIGITS_TO = 1048576.0, 16777216.0

# Graaskamp's memory: what is told apart after turn 56, and the chances of each number of turns left to wait.
LAST, POINTS, KIND, WAITING = 0, 1, 5, 6
MIRRORS, TWIN, ANALOGY = 2, 3, 4
EVERYBODY_ELSE, ANSWERS, GIVEN_UP, FIRST_GENTLE = 0.0, 1.0, 2.0, 3.0
SHORTEST, LONGEST = 5, 14


@rule
def downing_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Play C, D or C and D in turns, whichever pays most if the other answers as it did so far.

    Memory: own last action; how often own C was answered and how often by C; the same for own D; whether to compute
    with six hexadecimal digits. The other's first action answers nothing; a chance without data is 1/2.
    """
    answered_c, c_after_c = (memory[1], memory[2]) if memory[1] > 0.0 else (2.0, 1.0)
    answered_d, c_after_d = (memory[3], memory[4]) if memory[3] > 0.0 else (2.0, 1.0)
    of_payoffs = known.payoffs[0]
    reward = of_payoffs[0, 0] - of_payoffs[0, 1]
    temptation = of_payoffs[1, 0] - of_payoffs[1, 1]
    fear = of_payoffs[1, 1] - of_payoffs[0, 1]
    # Twice what C or taking turns pays above D; 6g - 8b - 2 and 4g - 5b - 1 in payoffs 5, 3, 1, 0.
    if memory[5] == 1.0:
        g, b = six_digits(c_after_c / answered_c), six_digits(c_after_d / answered_d)
        always = _weighed(2.0 * reward, g, 2.0 * temptation, b, 2.0 * fear)
        in_turns = _weighed(temptation, g, 2.0 * temptation - reward, b, fear)
    else:
        # Both are multiplied by the two numbers of answers, so that whole payoffs are compared exactly.
        g, b = c_after_c * answered_d, c_after_d * answered_c
        both = answered_c * answered_d
        always = 2.0 * reward * g - 2.0 * temptation * b - 2.0 * fear * both
        in_turns = temptation * g - (2.0 * temptation - reward) * b - fear * both
    if always >= 0.0 and always >= in_turns:
        return 1.0
    return float(memory[0]) if always >= 0.0 or in_turns >= 0.0 else 0.0


@rule
def _weighed(of_c: float, g: float, of_d: float, b: float, less: float) -> float:
    return six_digits(six_digits(six_digits(of_c * g) - six_digits(of_d * b)) - less)


@rule
def six_digits(number: float) -> float:
    """Cut a number to six hexadecimal digits, as single precision on an IBM System/360 does."""
    size = math.fabs(number)
    if size == 0.0:
        return 0.0
    scale = 1.0
    while size * scale < SIX_DIGITS_FROM:
        scale *= 16.0
    while size * scale >= SIX_DIGITS_TO:
        scale /= 16.0
    cut = math.floor(size * scale) / scale
    return cut if number > 0.0 else -cut


@rule
def downing_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Count the other's answer to the own action of the turn before."""
    if turn > 0:
        before = int(memory[0])
        memory[1 + 2 * before] += 1.0
        memory[2 + 2 * before] += 1.0 - other
    memory[0] = own


@rule
def graaskamp_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Tit-for-Tat with a D on turn 51; from turn 57 it depends on how the other has answered that D.

    Memory: other's last action; its points; whether it answered so far like Tit-for-Tat, the twin or the rule
    that is played C until turn 118 (no doubt ANALOGY); what it was taken for; the chances that 0 ... 14 turns
    are left until the next rare D. Who has at most 135 points (of 5, 3, 1 or 0 a turn, whatever the game) after
    56 turns meets D for ever; Tit-for-Tat and the twin meet one C and then Tit-for-Tat; others the same, but
    after every 5 to 14 turns, each equally likely, a D.
    """
    tit_for_tat = float(1.0 - memory[LAST])
    if turn < 56:
        return 0.0 if turn == 50 else tit_for_tat
    kind = memory[KIND]
    if kind == GIVEN_UP:
        return 0.0
    if turn == 56 or (kind == FIRST_GENTLE and turn < 118):
        return 1.0
    return tit_for_tat * float(1.0 - memory[WAITING]) if kind == EVERYBODY_ELSE else tit_for_tat


@rule
def graaskamp_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Keep what the checks need, judge after turn 56, and count down to the next rare D."""
    if turn >= 57 and memory[KIND] == EVERYBODY_ELSE:
        _count_down(memory, own, memory[LAST], known.noise)
    memory[LAST] = other
    if turn > 55:
        return
    outcome = 2 * own + other
    memory[POINTS] += (3.0, 5.0, 0.0, 1.0)[outcome]
    # The outcomes CC, CD, DC, DD, own action first, of turns 52 to 54 or 55.
    if turn == 51:
        _compare(memory, outcome, 1, 3, 0)
    elif turn == 52:
        _compare(memory, outcome, 2, 3, 1)
    elif turn == 53:
        _compare(memory, outcome, 1, 3, 2)
    elif turn == 54 and outcome != 0:
        memory[ANALOGY] = 0.0
    elif turn == 55:
        if memory[POINTS] <= 135.0:
            memory[KIND] = GIVEN_UP
        elif memory[MIRRORS] == 1.0 or memory[TWIN] == 1.0:
            memory[KIND] = ANSWERS
        elif memory[ANALOGY] == 1.0:
            memory[KIND] = FIRST_GENTLE


@rule
def _compare(memory: FloatArray, outcome: int, mirror: int, twin: int, analogy: int) -> None:
    if outcome != mirror:
        memory[MIRRORS] = 0.0
    if outcome != twin:
        memory[TWIN] = 0.0
    if outcome != analogy:
        memory[ANALOGY] = 0.0


@rule
def _count_down(memory: FloatArray, own: int, tit_for_tat: float, noise: float) -> None:
    """Learn from the own action whether the rare D was due: Tit-for-Tat's D hides it, noise blurs it.

    The number of turns to wait is drawn unseen; what is kept are its chances given the own actions, so that all
    actions have the chances that the drawn number gives them.
    """
    due = noise if own == 0 else 1.0 - noise
    not_due = 1.0 - noise if float(own) == tit_for_tat else noise
    total = due * memory[WAITING]
    for k in range(1, LONGEST + 1):
        total += not_due * memory[WAITING + k]
    if total <= 0.0:
        # An action that the rule cannot take tells nothing.
        due, not_due, total = 1.0, 1.0, 1.0
    again = due * memory[WAITING] / total
    for k in range(LONGEST):
        memory[WAITING + k] = not_due * memory[WAITING + k + 1] / total
    memory[WAITING + LONGEST] = 0.0
    for k in range(SHORTEST, LONGEST + 1):
        memory[WAITING + k] += again / (LONGEST + 1 - SHORTEST)


def downing_rule(*, hexadecimal: bool = False) -> Functions:
    """Return Downing's entry.

    Parameters
    ----------
    hexadecimal
        Cut chances, products and differences to six hexadecimal digits, as single precision on an IBM
        System/360 did; without it whole payoffs are compared exactly. This decides ties: in the first tournament one
        pair's scores hang on it, those against Shubik.
    """
    memory = (*(0.0,) * 5, float(hexadecimal))
    return Functions(downing_cooperation, downing_update, memory, is_stochastic=False, compiles=True)


def graaskamp_rule() -> Functions:
    """Return Graaskamp's entry."""
    waiting = (0.0,) * SHORTEST + (0.1,) * (LONGEST + 1 - SHORTEST)
    memory = (0.0, 0.0, 1.0, 1.0, 1.0, EVERYBODY_ELSE, *waiting)
    return Functions(graaskamp_cooperation, graaskamp_update, memory, compiles=True)
