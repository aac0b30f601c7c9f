r"""Mirroring in groups: each player mirrors what the others do on the whole, alpha_i <- clip(mean + epsilon_i).

In a public good a level of cooperation reaches everybody, so that no player can answer the others one by one. It can
mirror their *mean* cooperativeness, or that of the *least* cooperative one:

    alpha_i' = clip(mean over j != i of alpha_j + epsilon_i, 0, 1),    or with min instead of mean.

For two players both are `theory.altruism.mirror`. *Stubborn* players keep their weight. What follows for the mean:

- Without stubborn players the sum of all weights moves by the sum of all generosities until some weight is clipped:
  **the sum of the generosities decides**, as between two. What differs between the players dies out by the factor
  -1 / (n - 1) a round, so that from three players on there is no echo for ever.
- With m stubborn defectors among n players and a common epsilon, the mirrors rest at

      alpha = min(1, epsilon (n - 1) / m):

  of n = 21 players with epsilon = .05 twenty cooperate fully beside one defector. With *least* they rest at epsilon.

The map is monotone. So from weights of 0 the mirrors climb to the lowest fixed point and from 1 they fall to the
highest one; where the two agree there is no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, finite_array, known_name

Aggregate = Literal["mean", "least"]

# Weights that move by less than this have come to rest.
AT_REST = 1e-13

# Two fixed points that are nearer than this are one.
SAME = 1e-9

MAX_UPDATES = 200_000


@dataclass(frozen=True, eq=False)
class GroupMirrorRest:
    """Where mirrors with perfect estimates rest in a group.

    Attributes
    ----------
    lowest, highest
        `[n_players]`: the fixed points that are reached from weights of 0 and of 1; stubborn players' weights
        included.
    unique
        Whether the two agree: then every start of simultaneous updates ends there or circles around it.
    """

    lowest: FloatArray
    highest: FloatArray
    unique: bool


def group_mirror_step(
    weights: FloatArray,
    generosity: FloatArray,
    *,
    stubborn: FloatArray | None = None,
    aggregate: Aggregate = "mean",
) -> FloatArray:
    """Return `[n_players]`: the weights after one simultaneous update.

    `stubborn[n_players]` holds weights that stay, and NaN for the mirrors.
    """
    n = len(weights)
    if aggregate == "mean":
        of_others = (weights.sum() - weights) / (n - 1)
    else:
        order = np.argsort(weights)
        of_others = np.full(n, weights[order[0]])
        of_others[order[0]] = weights[order[1]]
    following = np.clip(of_others + generosity, 0.0, 1.0)
    return following if stubborn is None else np.where(np.isnan(stubborn), following, stubborn)


def group_mirror_rest(
    generosity: ArrayLike, *, stubborn: ArrayLike | None = None, aggregate: Aggregate = "mean"
) -> GroupMirrorRest:
    """Return where mirrors with perfect estimates rest.

    Parameters
    ----------
    generosity
        `[n_players]`, at least two: epsilon of each player; that of stubborn players does not matter.
    stubborn
        `[n_players]`: weights in [0, 1] that stay, NaN for mirrors; None: all are mirrors.
    aggregate
        `"mean"` or `"least"`: which cooperativeness of the others is mirrored.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, or generosities so nearly cancel out that the weights still move
        after 200,000 updates.
    """
    epsilon = finite_array("generosity", generosity)
    if epsilon.ndim != 1 or len(epsilon) < 2:
        raise ValueError(
            f"generosity must be one number for each of at least 2 players, got shape {epsilon.shape}"
        )
    known_name("aggregate", aggregate, get_args(Aggregate))
    kept = np.full(len(epsilon), np.nan) if stubborn is None else np.array(stubborn, dtype=np.float64)
    if kept.shape != epsilon.shape or ((kept < 0.0) | (kept > 1.0) | np.isinf(kept)).any():
        raise ValueError(
            f"stubborn must be {len(epsilon)} weights in [0, 1], NaN for mirrors, got {kept.tolist()}"
        )
    lowest, highest = (
        _follow(np.full(len(epsilon), start), epsilon, kept, aggregate) for start in (0.0, 1.0)
    )
    return GroupMirrorRest(lowest, highest, bool(np.abs(highest - lowest).max() <= SAME))


def _follow(start: FloatArray, epsilon: FloatArray, kept: FloatArray, aggregate: Aggregate) -> FloatArray:
    weights = np.where(np.isnan(kept), start, kept)
    for _ in range(MAX_UPDATES):
        following = group_mirror_step(weights, epsilon, stubborn=kept, aggregate=aggregate)
        if np.abs(following - weights).max() <= AT_REST:
            return following
        weights = following
    raise ValueError(
        f"weights must come to rest within {MAX_UPDATES} updates, got generosities that sum to {epsilon.sum():g}"
    )
