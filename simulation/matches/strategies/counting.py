"""Classics that count: rules whose memory is a few numbers.

Each is a pair of functions on `memory` (see `simulation.matches.strategies.base.Functions`): what a defection of the
last turn sets off is worked out by `update`, so that `cooperation` only reads it.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.matches.strategies.base import Functions, Known
from simulation.matches.strategies.short_memory import Entry
from theory.checks import FloatArray


@rule
def plays_first_number(memory: FloatArray, turn: int, known: Known) -> float:
    """Return `memory[0]`: the probability of C that `update` has left there."""
    return float(memory[0])


@rule
def count_lead(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Count the other's cooperations minus its defections."""
    memory[0] += 1.0 - 2.0 * other


@rule
def soft_majority(memory: FloatArray, turn: int, known: Known) -> float:
    """Cooperate if the other has cooperated at least as often as it defected."""
    return 1.0 if memory[0] >= 0.0 else 0.0


@rule
def hard_majority(memory: FloatArray, turn: int, known: Known) -> float:
    """Cooperate if the other has cooperated more often than it defected."""
    return 1.0 if memory[0] > 0.0 else 0.0


@rule
def count_defections(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Keep the other's last action and count its defections."""
    memory[0] = other
    memory[1] += other


@rule
def eatherley(memory: FloatArray, turn: int, known: Known) -> float:
    """Defect after a defection with the probability with which the other has defected."""
    return 1.0 if memory[0] == 0.0 else 1.0 - memory[1] / turn


@rule
def champion(memory: FloatArray, turn: int, known: Known) -> float:
    """C for ten turns, Tit-for-Tat until turn 25, then D only after a D of one who often defects."""
    if turn < 10 or memory[0] == 0.0:
        return 1.0
    if turn < 25:
        return 0.0
    share = memory[1] / turn
    return 1.0 - share if share >= 0.4 else 1.0


@rule
def forgiver(memory: FloatArray, turn: int, known: Known) -> float:
    """Cooperate unless the other has defected on more than a tenth of the turns."""
    return 0.0 if memory[1] > turn / 10.0 else 1.0


@rule
def gradual_of_beaufils(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Answer the n-th defection by n defections and two cooperations.

    Memory: next action, defections so far, punishing turns left, calming turns left.
    """
    memory[1] += other
    memory[0] = 1.0
    if memory[2] > 0.0:
        memory[2] -= 1.0
        memory[0] = 0.0
    elif memory[3] > 0.0:
        memory[3] -= 1.0
    elif other == 1:
        memory[2] = memory[1] - 1.0
        memory[3] = 2.0
        memory[0] = 0.0


@rule
def omega_tit_for_tat(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Tit-for-Tat that breaks deadlocks and gives up on random players.

    Memory: next action, randomness, deadlock, other's action before.
    """
    previous = memory[3]
    memory[3] = other
    memory[0] = 1.0 - other
    if turn == 0:
        return
    if memory[2] >= 3.0:
        memory[0] = 1.0
        memory[2] = 4.0 if memory[2] == 3.0 else 0.0
        return
    if previous == 0.0 and other == 0:
        memory[1] -= 1.0
    if previous != other:
        memory[1] += 1.0
    if own != other:
        memory[1] += 1.0
    if memory[1] >= 8.0:
        memory[0] = 0.0
    elif previous != other:
        memory[2] += 1.0
    else:
        memory[2] = 0.0


@rule
def adaptive(memory: FloatArray, turn: int, known: Known) -> float:
    """C six times, D five times, then the action that has paid more in total. Memory: payoffs by C and D."""
    if turn < 11:
        return 1.0 if turn < 6 else 0.0
    return 1.0 if memory[0] > memory[1] else 0.0


@rule
def add_payoff(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Add the payoff to the total of the own action."""
    memory[own] += known.payoffs[0, own, other]


def _counting(cooperation: object, update: object, *memory: float, stochastic: bool = False) -> Functions:
    return Functions(cooperation, update, memory, is_stochastic=stochastic, compiles=True)  # type: ignore[arg-type]


def counting_classics() -> dict[str, Entry]:
    """Return the classics that count (those of the first tournament are in `axelrod_1980`)."""
    second = "Axelrod (1980b), J. Conflict Resolution 24:379"
    return {
        "soft-majority": (_counting(soft_majority, count_lead, 0.0), f"Grisell in {second}"),
        "hard-majority": (
            _counting(hard_majority, count_lead, 0.0),
            "Mittal & Deb (2009), IEEE Trans. Evolutionary Computation 13:554",
        ),
        "eatherley": (
            _counting(eatherley, count_defections, 0.0, 0.0, stochastic=True),
            f"Graham Eatherley in {second}",
        ),
        "champion": (
            _counting(champion, count_defections, 0.0, 0.0, stochastic=True),
            f"Danny Champion in {second}",
        ),
        "forgiver": (
            _counting(forgiver, count_defections, 0.0, 0.0),
            "Knight et al., Axelrod library 4.14 (Thomas Campbell)",
        ),
        "gradual-of-beaufils": (
            _counting(plays_first_number, gradual_of_beaufils, 1.0, 0.0, 0.0, 0.0),
            "Beaufils, Delahaye & Mathieu (1997), Artificial Life V",
        ),
        "omega-tit-for-tat": (
            _counting(plays_first_number, omega_tit_for_tat, 1.0, 0.0, 0.0, 0.0),
            "Slany & Kienreich (2007), The Iterated Prisoners' Dilemma: 20 Years On",
        ),
        "adaptive": (
            _counting(adaptive, add_payoff, 0.0, 0.0),
            "Li, Hingston & Kendall (2011), IEEE Trans. Computational Intelligence and AI in Games 3:66",
        ),
    }
