r"""Newton's method for the indifference equations of many profiles of supports at once, each from its centre.

With x_i a mixture on the support of player i, P_i the projection along (1, ..., 1) and D_ij the derivatives of the
payoffs of i's actions by x_j, a step d solves P_i (u_i + sum_j D_ij d_j) = 0 with sum d_j = 0 for each j. Written
in this way no action is the first, so that where it leads does not depend on the order of players and actions.
Of the roots those are kept that are isolated, where the step is unique.
"""

from __future__ import annotations

from itertools import combinations
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.checks import BoolArray, FloatArray
from theory.equilibria.support_classes import Sizes

_STEPS = 15

# Payoffs, in units of the payoff range, that differ by less are equal at a root.
_ACCURATE = 1e-12

# Where inverses have larger entries the equations may be singular but for rounding.
_SINGULAR = 1e8

# Probabilities beyond this on either side of [0, 1] are given up.
_FAR = 2.0

# Probabilities above minus this are not negative.
_ROUNDING = 1e-9

# Entries of the payoffs on supports that are held at once.
_AT_ONCE = 1_000_000


def roots_from_centres(
    payoffs: FloatArray, sizes: Sizes, tolerance: FloatArray
) -> list[tuple[FloatArray, ...]]:
    """Return the equilibria to which Newton's method leads from the centres of all supports of some sizes.

    Parameters
    ----------
    payoffs
        `[n_players, *n_actions]`, in units of the payoff ranges.
    sizes
        The size of each player's support.
    tolerance
        `[n_players]`: largest regret of an equilibrium, in the same units.
    """
    supports = [
        np.array(list(combinations(range(n), k))) for n, k in zip(payoffs.shape[1:], sizes, strict=True)
    ]
    shape = tuple(map(len, supports))
    chunk = max(1, _AT_ONCE // (prod(sizes) * len(sizes)))
    found = []
    for start in range(0, prod(shape), chunk):
        places = np.unravel_index(np.arange(start, min(start + chunk, prod(shape))), shape)
        of_players = [support[place] for support, place in zip(supports, places, strict=True)]
        found += _roots(payoffs, of_players, tolerance)
    return found


def _roots(
    payoffs: FloatArray, supports: list[NDArray[np.intp]], tolerance: FloatArray
) -> list[tuple[FloatArray, ...]]:
    """Return the equilibria on `supports[i][n, k_i]`."""
    tensors = [_on_supports(tensor, supports) for tensor in payoffs]
    mixtures = [np.full(support.shape, 1.0 / support.shape[1]) for support in supports]
    found = []
    for _ in range(_STEPS):
        residual = _residuals(tensors, mixtures)
        inverse, regular = _inverse_jacobians(tensors, mixtures)
        at_root = np.abs(residual).max(axis=1) <= _ACCURATE
        isolated = at_root & regular
        found += _equilibria(payoffs, _selected(supports, isolated), _selected(mixtures, isolated), tolerance)
        far = np.abs(np.concatenate(mixtures, axis=1)).max(axis=1) > _FAR
        left = ~at_root & ~far
        if not left.any():
            break
        tensors, mixtures = _selected(tensors, left), _selected(mixtures, left)
        supports = _selected(supports, left)
        mixtures = _moved(mixtures, -(inverse[left] @ residual[left, :, None])[..., 0])
    return found


def _mixers(mixtures: list[FloatArray]) -> list[int]:
    return [i for i, mixture in enumerate(mixtures) if mixture.shape[1] > 1]


def _moved(mixtures: list[FloatArray], step: FloatArray) -> list[FloatArray]:
    moved, end = list(mixtures), 0
    for i in _mixers(mixtures):
        start, end = end, end + mixtures[i].shape[1]
        moved[i] = mixtures[i] + step[:, start:end]
    return moved


def _selected(arrays: list[NDArray[Any]], places: BoolArray) -> list[NDArray[Any]]:
    return [array[places] for array in arrays]


def _on_supports(tensor: FloatArray, supports: list[NDArray[np.intp]]) -> FloatArray:
    """Return `[n, *k]`: the payoffs on each profile of supports."""
    n_players = len(supports)
    index = tuple(
        support.reshape(len(support), *(support.shape[1] if j == i else 1 for j in range(n_players)))
        for i, support in enumerate(supports)
    )
    return np.asarray(tensor[index])


def _averaged(tensor: FloatArray, mixtures: list[FloatArray], kept: tuple[int, ...]) -> FloatArray:
    """Return `[n, *sizes of those kept]`: payoffs `[n, *k]` on average over all others' mixtures."""
    # Later axes first, so that the positions of the earlier ones stay as they are.
    for j in reversed(range(len(mixtures))):
        if j not in kept:
            moved = np.moveaxis(tensor, j + 1, -1)
            ones = (1,) * (moved.ndim - 2)
            weights = mixtures[j].reshape(len(tensor), *ones, mixtures[j].shape[1])
            tensor = (moved * weights).sum(axis=-1)
    return tensor


def _residuals(tensors: list[FloatArray], mixtures: list[FloatArray]) -> FloatArray:
    """Return `[n, sum of k]`, of mixing players: what each action pays more than the mean over the support."""
    pays = [_averaged(tensors[i], mixtures, (i,)) for i in _mixers(mixtures)]
    return np.concatenate([own - own.mean(axis=1, keepdims=True) for own in pays], axis=1)


def _inverse_jacobians(tensors: list[FloatArray], mixtures: list[FloatArray]) -> tuple[FloatArray, BoolArray]:
    """Return `[n, sum of k, sum of k]`, from residuals to steps (the shortest, if not unique), and where unique."""
    mixers = _mixers(mixtures)
    sizes = [mixtures[i].shape[1] for i in mixers]
    blocks = [slice(end - k, end) for k, end in zip(sizes, np.cumsum(sizes), strict=True)]
    jacobian = np.zeros((len(mixtures[0]), sum(sizes), sum(sizes)))
    means = np.zeros((sum(sizes), sum(sizes)))
    for rows, i in zip(blocks, mixers, strict=True):
        means[rows, rows] = 1.0 / mixtures[i].shape[1]
        for columns, j in zip(blocks, mixers, strict=True):
            if j != i:
                slopes = _averaged(tensors[i], mixtures, (i, j))
                slopes = slopes if i < j else slopes.swapaxes(1, 2)
                slopes = slopes - slopes.mean(axis=1, keepdims=True)
                jacobian[:, rows, columns] = slopes - slopes.mean(axis=2, keepdims=True)
    # What is left out, the means, is mapped to itself: so the inverse is that of the equations, if there is one.
    with_means = jacobian + means
    inverse = np.zeros_like(jacobian)
    with np.errstate(all="ignore"):
        regular = np.abs(np.linalg.det(with_means)) > np.finfo(float).tiny
        inverse[regular] = np.linalg.inv(with_means[regular])
    regular &= np.abs(inverse).max(axis=(1, 2)) < _SINGULAR
    inverse[~regular] = np.linalg.pinv(jacobian[~regular], rcond=1.0 / _SINGULAR)
    return inverse, regular


def _equilibria(
    payoffs: FloatArray, supports: list[NDArray[np.intp]], mixtures: list[FloatArray], tolerance: FloatArray
) -> list[tuple[FloatArray, ...]]:
    """Return the roots that are equilibria, as profiles of the whole game."""
    feasible = np.concatenate(mixtures, axis=1).min(axis=1) >= -_ROUNDING
    supports, mixtures = _selected(supports, feasible), _selected(mixtures, feasible)
    weights = [np.maximum(mixture, 0.0) for mixture in mixtures]
    weights = [weight / weight.sum(axis=1, keepdims=True) for weight in weights]
    stays = np.ones(len(weights[0]), dtype=bool)
    for i, tensor in enumerate(payoffs):
        everything = np.broadcast_to(np.arange(tensor.shape[i]), (len(stays), tensor.shape[i]))
        pays = _averaged(
            _on_supports(tensor, [everything if j == i else own for j, own in enumerate(supports)]),
            weights,
            (i,),
        )
        played = np.take_along_axis(pays, supports[i], axis=1)
        stays &= pays.max(axis=1) - (played * weights[i]).sum(axis=1) <= tolerance[i]
    return [_profile(payoffs.shape[1:], supports, weights, k) for k in np.flatnonzero(stays).tolist()]


def _profile(
    n_actions: tuple[int, ...], supports: list[NDArray[Any]], weights: list[FloatArray], k: int
) -> tuple[FloatArray, ...]:
    profile = tuple(np.zeros(n) for n in n_actions)
    for mixture, support, weight in zip(profile, supports, weights, strict=True):
        mixture[support[k]] = weight[k]
    return profile
