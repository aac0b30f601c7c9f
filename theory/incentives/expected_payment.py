r"""The least expected payment that pushes learners towards cooperation with given strength.

Learner i cooperates with probability p_i = sigmoid(theta_i) and ascends the gradient of its expected reward.
Incentives u_i(a) contribute to that gradient

    d E[u_i] / d theta_i = p_i (1 - p_i) (E[u_i | i cooperates] - E[u_i | i defects]),

the expectations being over what the others do (thesis equations 4.1 and 4.2). Many incentives give the same
gradients, at different cost. The cheapest ones are the yardstick for a planner that learns: with punishments
an *equilibrium* costs nothing on its path (`theory.incentives.cheapest`), but a push away from mixed play does.

The cost of one round is sum_i |u_i| (`total`, the thesis's "additional rewards"), or the length of the vector
u (`euclidean`, the norm in the planner's cost, thesis section 4.1.5). For `total`, a unit of gradient costs
1 / (1 - p_i) as reward for cooperating and 1 / p_i as punishment for defecting, so whatever is rarer is paid
for first, up to the bound c: pushes beyond 2 c p_i (1 - p_i) are out of reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked
from theory.checks import FloatArray, finite_array, known_name, truth_value
from theory.deprecation import renamed_keyword
from theory.games.game import Game
from theory.incentives.program import IncentiveProgram, Limits, Objective, signs_of_kind

NORMS = ("total", "euclidean")

# Cutting planes settle two learners in some 20 programs, three in 40, five in more than 100.
_MOST_EUCLIDEAN = 3


@dataclass(frozen=True, eq=False)
class ExpectedPayment:
    """The cheapest incentives that give learners stated gradients.

    Attributes
    ----------
    feasible
        Whether any allowed incentives give these gradients.
    payment
        Expected cost of one round, in payoff units; None if not feasible.
    incentives
        `[n_players, 2, ..., 2]`: incentives of that cost; None if not feasible.
    least_bound
        The smallest bound on absolute values that allows the gradients, all else as asked for; infinite if
        none does.
    """

    feasible: bool
    payment: float | None
    incentives: FloatArray | None
    least_bound: float


def expected_gradients(game: Game, cooperation: ArrayLike) -> FloatArray:
    """Return `[n_players]`: the gradients of the players' own expected payoffs by their theta_i.

    Parameters
    ----------
    game
        A game of two actions each: its payoffs, or with incentives what learners receive in all.
    cooperation
        `[n_players]`: the probabilities p_i in [0, 1] of action 0.
    """
    if set(game.n_actions) != {2}:
        raise ValueError(f"the game must have two actions each, got {game.n_actions}")
    p = _probabilities(cooperation, game.n_players)
    profile = np.stack([p, 1 - p], axis=1)
    slopes = [np.subtract(*game.action_payoffs(i, list(profile))) for i in range(game.n_players)]
    return np.asarray(p * (1 - p) * slopes)


@renamed_keyword("kind", "incentive_signs", translate=signs_of_kind)
@checked(revenue_neutral=truth_value)
def least_expected_payment(
    cooperation: ArrayLike,
    gradients: ArrayLike,
    *,
    bound: float | None = None,
    incentive_signs: str = "both",
    revenue_neutral: bool = False,
    norm: str = "total",
) -> ExpectedPayment:
    """Return the least expected payment with which incentives contribute given gradients.

    Parameters
    ----------
    cooperation
        `[n_players]`: the learners' probabilities p_i in [0, 1] of cooperating. At 0 and 1 the only
        gradient is 0.
    gradients
        `[n_players]`: what incentives are to add to each learner's gradient by theta_i, in payoff units.
    bound
        c: largest absolute value of every incentive; None for no bound.
    incentive_signs
        `"both"`, `"rewards"` (none negative) or `"punishments"` (none positive).
    revenue_neutral
        Whether incentives must sum to zero over the players in every outcome.
    norm
        Cost of one round: `"total"`, sum_i |u_i|, or `"euclidean"`, the length of the vector u (at most three
        learners: cutting planes take too long for more).

    Returns
    -------
    ExpectedPayment
        Exact to 1e-7 of the largest gradient divided by the smallest p_i (1 - p_i).

    Raises
    ------
    ValueError
        If an argument does not fit, or there are more than ten learners (three for `"euclidean"`).
    """
    known_name("norm", norm, NORMS)
    limits = Limits(incentive_signs, bound, revenue_neutral)
    wanted = finite_array("gradients", gradients)
    if wanted.ndim != 1 or not len(wanted):
        raise ValueError(f"gradients must be one number for each learner, got shape {wanted.shape}")
    if norm == "euclidean" and len(wanted) > _MOST_EUCLIDEAN:
        raise ValueError(
            f'norm "euclidean" is for at most {_MOST_EUCLIDEAN} learners, got {len(wanted)}: ask for "total"'
        )
    p = _probabilities(cooperation, len(wanted))
    sensitivity = p * (1 - p)
    if (wanted[sensitivity == 0] != 0).any():
        return ExpectedPayment(False, None, None, inf)
    slopes = np.divide(wanted, sensitivity, out=np.zeros_like(wanted), where=sensitivity > 0)
    program = IncentiveProgram((2,) * len(p), limits, float(np.abs(slopes).max()) or 1.0)
    joint = _joint(p)
    for i in np.flatnonzero(sensitivity):
        _demand_slope(program, int(i), joint, float(slopes[i]))
    least_bound = program.least_bound()
    weights = np.broadcast_to(joint, program.shape)
    incentives = program.minimise(Objective(weights, norm))
    if incentives is None:
        return ExpectedPayment(False, None, None, least_bound)
    # Outcomes that do not occur enter no gradient.
    incentives[:, joint == 0] = 0.0
    lengths = np.linalg.norm(incentives, ord=1 if norm == "total" else 2, axis=0)
    return ExpectedPayment(True, float((joint * lengths).sum()), incentives, least_bound)


def _demand_slope(program: IncentiveProgram, learner: int, joint: FloatArray, slope: float) -> None:
    """Demand that cooperating pays the learner `slope` more in incentives than defecting, in expectation."""
    entries = np.arange(program.size).reshape(program.shape)[learner]
    cooperates, defects = np.moveaxis(entries, learner, 0).reshape(2, -1)
    others = joint.sum(axis=learner).ravel()
    program.equal(np.append(cooperates, defects), np.append(others, -others), slope)


def _joint(cooperation: FloatArray) -> FloatArray:
    """Return `[2, ..., 2]`: the probabilities of the outcomes."""
    joint = np.ones(())
    for p in cooperation:
        joint = np.multiply.outer(joint, [p, 1 - p])
    return joint


def _probabilities(cooperation: ArrayLike, n_players: int) -> FloatArray:
    p = finite_array("cooperation", cooperation)
    if p.shape != (n_players,):
        raise ValueError(
            f"cooperation must be one probability for each of {n_players} players, got shape {p.shape}"
        )
    if (p < 0).any() or (p > 1).any():
        raise ValueError(f"cooperation must lie in [0, 1], got {p.tolist()}")
    return p
