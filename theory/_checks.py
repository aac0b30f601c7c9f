"""Checks of arguments that every floor shares: each error states the rule and the value received."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

# How far a vector of probabilities may be from summing to one: decimals typed by hand.
PROBABILITY_TOLERANCE = 1e-6

# Sums and products of a few payoffs of this size stay finite in double precision.
LARGEST_PAYOFF = 1e100


def finite_array(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as a new float array, or raise ValueError if an entry is not a finite number."""
    try:
        array = np.array(values, dtype=np.float64)
    except OverflowError:
        raise ValueError(
            f"{name} must be numbers that a double can hold, got a larger whole number"
        ) from None
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a rectangular array of numbers, got {values!r}") from error
    if not np.isfinite(array).all():
        position = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, got {array[position]} at position {position}")
    return array


def payoff_array(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as a float array whose sums and products stay finite, or raise ValueError."""
    array = finite_array(name, values)
    if array.size and np.abs(array).max() > LARGEST_PAYOFF:
        raise ValueError(
            f"{name} must be at most {LARGEST_PAYOFF:g} in absolute value, got {np.abs(array).max():g}"
        )
    return array


def finite_number(name: str, value: Any) -> float:
    """Return `value` as a float, or raise ValueError if it is not a finite number."""
    array = finite_array(name, value)
    if array.ndim != 0:
        raise ValueError(f"{name} must be one number, got {value!r}")
    return float(array)


def number_within(name: str, value: Any, low: float, high: float) -> float:
    """Return `value` as a float, or raise ValueError if it lies outside `[low, high]`."""
    number = finite_number(name, value)
    if not low <= number <= high:
        raise ValueError(f"{name} must lie in [{low:g}, {high:g}], got {number:g}")
    return number


def whole_number(name: str, value: Any, at_least: int) -> int:
    """Return `value` as an int, or raise ValueError if it is not a whole number of at least `at_least`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, got {value!r}") from None
    if isinstance(value, bool) or number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {value!r}")
    return number


def probability_vector(name: str, values: ArrayLike, length: int) -> FloatArray:
    """Return `values` as one probability vector of the given length, or raise ValueError."""
    vector = finite_array(name, values)
    if vector.shape != (length,):
        raise ValueError(f"{name} must be {length} probabilities, got shape {vector.shape}")
    if (vector < 0).any():
        raise ValueError(f"{name} must be non-negative, got {vector.tolist()}")
    if abs(vector.sum() - 1.0) > PROBABILITY_TOLERANCE:
        raise ValueError(f"{name} must sum to one, got {vector.tolist()} with sum {vector.sum():g}")
    return vector


def known_name(kind: str, name: str, known: Sequence[str]) -> str:
    """Return `name` if it is known, else raise ValueError that names the nearest ones."""
    if name in known:
        return name
    near = get_close_matches(str(name), known, n=3, cutoff=0.4)
    hint = f"nearest: {', '.join(near)}" if near else f"known: {', '.join(known)}"
    raise ValueError(f"unknown {kind} {name!r}; {hint}")


def two_action_profile(profile: Any, n_players: int) -> FloatArray:
    """Return the profile of a game of two actions as an array `[n_players, 2]`, or raise ValueError."""
    mixtures = finite_array("profile", profile)
    if mixtures.shape != (n_players, 2):
        raise ValueError(
            f"profile must have two probabilities for each of {n_players} players, got shape {mixtures.shape}"
        )
    negative = (mixtures < 0).any(axis=1)
    off_sum = np.abs(mixtures.sum(axis=1) - 1.0) > PROBABILITY_TOLERANCE
    for rule, broken in (("be non-negative", negative), ("sum to one", off_sum)):
        if broken.any():
            player = int(broken.argmax())
            raise ValueError(f"profile of player {player + 1} must {rule}, got {mixtures[player].tolist()}")
    return mixtures


def cooperation_profile(cooperation: ArrayLike, n_players: int) -> FloatArray:
    """Return the profile `[n_players, 2]` of probabilities of the first action: one for all, or one each."""
    probabilities = finite_array("cooperation", cooperation)
    if probabilities.shape not in ((), (n_players,)):
        raise ValueError(
            f"cooperation must be one probability or one for each of {n_players} players, "
            f"got shape {probabilities.shape}"
        )
    each = np.broadcast_to(probabilities, (n_players,))
    number_within("cooperation", each.min(), 0.0, 1.0)
    number_within("cooperation", each.max(), 0.0, 1.0)
    return np.stack([each, 1.0 - each], axis=1)
