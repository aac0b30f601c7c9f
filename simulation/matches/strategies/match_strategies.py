"""Gradual Tit-for-Tat and the probing mirror as strategies in matches of a repeated 2x2 game.

In a match cooperativeness shows only as C or D. With one's own and the other's payoffs, a player of weight w
plays C in reply to the other's last action o where

    V_own(C, o) + w V_other(C, o) >= V_own(D, o) + w V_other(D, o).

A tie is C, read to 1e-9 of what is weighed, so that units of payoff and rounding do not decide.

`gradual_tit_for_tat` believes (Eq. 5.1, on a grid) that the other plays so, with a tremble and forgetting,
and replies with its own weight beta_hat + epsilon by the same rule. `probing_mirror` is the rule of
`simulation.gradual.players.probing`, and keeps its bound in games in which defection secures the security level.
"""

from __future__ import annotations

from simulation.engine.compilation import rule
from simulation.matches.strategies.base import Functions, Known, Strategy
from theory.checks import FloatArray, number_within

GRID_POINTS = 51

# Of what is weighed: smaller differences are rounding.
TIE = 1e-9

# Positions in Gradual Tit-for-Tat's memory; the belief comes last.
EPSILON, FORGETTING, TREMBLE, OWN_LAST, OTHER_LAST = range(5)
BELIEF = 5

# Positions in the probing mirror's memory.
BUDGET, CAP, PROBABILITY, ACCOUNT, PROBING, LAST = range(6)


@rule
def cooperates(own: FloatArray, other: FloatArray, reply_to: int, weight: float) -> bool:
    """Return whether weight w plays C against the action `reply_to`, for payoffs `[2, 2]` by own action."""
    gain = own[1, reply_to] - own[0, reply_to]
    harm = other[0, reply_to] - other[1, reply_to]
    return bool(gain <= weight * harm + TIE * (abs(gain) + abs(harm)))


@rule
def gradual_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Return 1 where the mirrored cooperativeness plays C, else 0; C on the first turn."""
    if turn == 0:
        return 1.0
    estimate = 0.0
    for k in range(GRID_POINTS):
        estimate += memory[BELIEF + k] * (k / (GRID_POINTS - 1.0))
    alpha = min(1.0, max(0.0, estimate + memory[EPSILON]))
    return 1.0 if cooperates(known.payoffs[0], known.payoffs[1], int(memory[OTHER_LAST]), alpha) else 0.0


@rule
def gradual_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Update the belief by the other's action in reply to one's own last one; the first tells nothing."""
    if turn > 0:
        # The other's own payoffs by its own action: the payoff tables seen from the other side.
        theirs = known.payoffs[1].T
        mine = known.payoffs[0].T
        evidence = 0.0
        for k in range(GRID_POINTS):
            expected = 0 if cooperates(theirs, mine, int(memory[OWN_LAST]), k / (GRID_POINTS - 1.0)) else 1
            agreement = 1.0 - memory[TREMBLE] if expected == other else 0.0
            remembered = (1.0 - memory[FORGETTING]) * memory[BELIEF + k] + memory[FORGETTING] / GRID_POINTS
            memory[BELIEF + k] = (agreement + memory[TREMBLE] / 2.0) * remembered
            evidence += memory[BELIEF + k]
        for k in range(GRID_POINTS):
            memory[BELIEF + k] /= evidence
    memory[OWN_LAST] = own
    memory[OTHER_LAST] = other


def gradual_tit_for_tat(
    *,
    epsilon: float = 0.05,
    forgetting: float = 0.01,
    tremble: float = 0.05,
    name: str = "gradual-tit-for-tat",
) -> Strategy:
    """Return Gradual Tit-for-Tat for matches.

    Parameters
    ----------
    epsilon
        Generosity added to the estimate, in [-1, 1].
    forgetting
        Probability, before each turn, that the other has drawn a new cooperativeness, in [0, 1].
    tremble
        Probability with which the other is thought to play either action, in (0, 1].
    name
        Its name. It is not the `Gradual` of Beaufils, Delahaye & Mathieu (1996).
    """
    if number_within("tremble", tremble, 0.0, 1.0) == 0.0:
        raise ValueError(f"tremble must lie in (0, 1], got {tremble:g}")
    memory = (
        number_within("epsilon", epsilon, -1.0, 1.0),
        number_within("forgetting", forgetting, 0.0, 1.0),
        tremble,
        0.0,
        0.0,
        *(1.0 / GRID_POINTS,) * GRID_POINTS,
    )
    played = Functions(gradual_cooperation, gradual_update, memory, is_stochastic=False, compiles=True)
    return Strategy(name, played, "mirrors a degree of cooperativeness (thesis chapter 5)")


@rule
def probing_cooperation(memory: FloatArray, turn: int, known: Known) -> float:
    """Return P(C): 1 while mirroring or probing, else that of a new probe; 0 where C is not affordable."""
    own = known.payoffs[0]
    security = min(own[1, 0], own[1, 1])
    worst = min(own[0, 0], own[0, 1])
    if memory[ACCOUNT] + worst - security < -memory[BUDGET] - 1e-9:
        return 0.0
    if turn == 0 or memory[LAST] == 0.0 or memory[PROBING] > 0.0:
        return 1.0
    return float(memory[PROBABILITY])


@rule
def probing_update(memory: FloatArray, turn: int, own: int, other: int, known: Known) -> None:
    """Book the payoff, and remember whether a probe has just begun."""
    began = turn > 0 and own == 0 and memory[LAST] == 1.0 and memory[PROBING] == 0.0
    memory[PROBING] = 1.0 if began else 0.0
    security = min(known.payoffs[0, 1, 0], known.payoffs[0, 1, 1])
    memory[ACCOUNT] = min(memory[CAP], memory[ACCOUNT] + known.payoffs[0, own, other] - security)
    memory[LAST] = other


def probing_mirror(
    *, budget: float = 4.0, cap: float = 20.0, probability: float = 0.1, name: str = "probing-mirror"
) -> Strategy:
    """Return the mirror that probes on account: it never loses more than `budget` below what D secures.

    Parameters
    ----------
    budget, cap
        Total loss that is accepted and most that the account holds, in payoff units, at least 0.
    probability
        Of a probe after the other's defection, in [0, 1].
    name
        Its name.
    """
    memory = (
        number_within("budget", budget, 0.0, 1e100),
        number_within("cap", cap, 0.0, 1e100),
        number_within("probability", probability, 0.0, 1.0),
        0.0,
        0.0,
        0.0,
    )
    played = Functions(probing_cooperation, probing_update, memory, compiles=True)
    return Strategy(name, played, "probes out of mutual defection on account")
