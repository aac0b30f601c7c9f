"""Checks of arguments that every floor shares: each error states the rule and the value received.

A number is a number of Python or NumPy (or a `Fraction` or `Decimal`), not a truth value and not text: `True` and
"1" stand for something else than 1 more often than not.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from numbers import Number
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SmallArray = NDArray[np.int8]
BoolArray = NDArray[np.bool_]
Indices = NDArray[np.intp]

# How far a vector of probabilities may be from summing to one: decimals typed by hand.
PROBABILITY_TOLERANCE = 1e-6

# Sums and products of a few payoffs of this size stay finite in double precision.
LARGEST_PAYOFF = 1e100

# Whole numbers up to here are the same in double precision; no count of anything that is done reaches it.
LARGEST_COUNT = 2**53

# Characters of a value that an error shows.
LONGEST_SHOWN = 200


def shown(value: Any) -> str:
    """Return a value as an error shows it: on one line, and cut where it is long."""
    if isinstance(value, int) and abs(value) >= 10**30:
        return f"a whole number of {value.bit_length()} bits"
    try:
        text = " ".join(repr(value).split())
    except Exception:
        # Somebody else's object, or a list with a whole number too long to be printed.
        return f"an object of type {type(value).__name__}"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} ..."


def finite_array(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as a new float array, or raise ValueError if an entry is not a finite number."""
    array = np.array(real_array(name, values))
    if not np.isfinite(array).all():
        position = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{name} must be finite, got {array[position]}" + (f" at position {position}" if position else "")
        )
    return array


def real_array(name: str, values: Any) -> FloatArray:
    """Return `values` as a float array (itself if it is one), or raise ValueError if one is no real number."""
    if isinstance(values, np.ndarray) and values.dtype == np.float64:
        return values
    wanted = f"{name} must be a rectangular array of numbers"
    # Graphs and dictionaries have lengths and members, too, of which NumPy would make arrays.
    if not (isinstance(values, Number | Sequence) or hasattr(values, "__array__")):
        raise ValueError(f"{wanted}, got {shown(values)}")
    try:
        array = np.asarray(values)
    except Exception as error:
        raise ValueError(f"{wanted}, got {shown(values)}") from error
    if array.dtype.kind == "O" and all(_is_number(entry) for entry in array.flat):
        try:
            return np.asarray(array, dtype=np.float64)
        except OverflowError as error:
            raise ValueError(f"{name} must be numbers that a double can hold, got {shown(values)}") from error
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{wanted}, got {shown(values)}")
    return np.asarray(array, dtype=np.float64)


def _is_number(value: Any) -> bool:
    return isinstance(value, Number) and not isinstance(value, (bool, complex))


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
    if type(value) is float and math.isfinite(value):
        return value
    try:
        array = real_array(name, value)
    except ValueError:
        array = None
    if array is None or array.ndim != 0:
        raise ValueError(f"{name} must be one number, got {shown(value)}")
    if not np.isfinite(array):
        raise ValueError(f"{name} must be finite, got {array}")
    return float(array)


def number_within(name: str, value: Any, low: float, high: float) -> float:
    """Return `value` as a float, or raise ValueError if it lies outside `[low, high]`."""
    number = finite_number(name, value)
    if not low <= number <= high:
        raise ValueError(f"{name} must lie in [{low:g}, {high:g}], got {number:g}")
    return number


def number_below_one(name: str, value: Any) -> float:
    """Return `value` as a float, or raise ValueError if it lies outside [0, 1): a discount of a game without end."""
    number = number_within(name, value, 0.0, 1.0)
    if number == 1.0:
        raise ValueError(f"{name} must be below 1, got 1")
    return number


def positive_number(name: str, value: Any) -> float:
    """Return `value` as a float, or raise ValueError if it is not a finite number above 0."""
    number = finite_number(name, value)
    if number <= 0.0:
        raise ValueError(f"{name} must be positive, got {number:g}")
    return number


def seed_number(name: str, value: Any) -> int:
    """Return `value` as a seed, a whole number of at least 0 however large, or raise ValueError."""
    return whole_number(name, value, at_least=0, at_most=None)


def whole_number(name: str, value: Any, at_least: int, at_most: int | None = LARGEST_COUNT) -> int:
    """Return `value` as an int, or raise ValueError if it is not a whole number within the bounds."""
    if isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} must be a whole number, got the truth value {value}")
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, got {shown(value)}") from None
    if number < at_least or (at_most is not None and number > at_most):
        bounds = (
            f"be at least {at_least}"
            if at_most in (None, LARGEST_COUNT)
            else f"lie in [{at_least}, {at_most}]"
        )
        if at_most == LARGEST_COUNT < number:
            bounds = f"be at most {LARGEST_COUNT}"
        raise ValueError(f"{name} must {bounds}, got {shown(number)}")
    return number


def position(name: str, value: Any, length: int) -> int:
    """Return `value` as the place of one of `length` things, counted from 0, or raise ValueError."""
    try:
        place = -1 if isinstance(value, (bool, np.bool_)) else operator.index(value)
    except TypeError:
        place = -1
    if not 0 <= place < length:
        wanted = "0 or 1" if length == 2 else f"a whole number from 0 to {length - 1}"
        raise ValueError(f"{name} must be {wanted}, got {shown(value)}")
    return place


def is_list(value: Any) -> bool:
    """Return whether a value is a list, tuple or array of things, not text and not one number."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def truth_value(name: str, value: Any) -> bool:
    """Return `value` as a bool, or raise ValueError if it is anything else than True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} must be True or False, got {shown(value)}")
    return bool(value)


def plain_text(name: str, value: Any) -> str:
    """Return `value` if it is text, or raise ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text, got {shown(value)}")
    return value


def names_of(name: str, values: Any, length: int) -> tuple[str, ...]:
    """Return so many names, or raise ValueError if they are more or fewer, or one is not text."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(f"{name} must be a list of {length} names, got {shown(values)}")
    names = tuple(values)
    if len(names) != length:
        raise ValueError(f"{name} must be {length} names, got {len(names)}: {shown(names)}")
    return tuple(str(plain_text(f"each of {name}", each)) for each in names)


def distinct_names(name: str, values: Any, length: int) -> tuple[str, ...]:
    """Return so many names, all different, or raise ValueError."""
    names = names_of(name, values, length)
    if len(set(names)) != length:
        raise ValueError(f"{name} must be different names, got {shown(names)}")
    return names


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


# So many names are listed whole in an error, also where there is a nearest one.
_FEW_NAMES = 12


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=_HasName)


def by_names(kind: str, named: Iterable[Named]) -> dict[str, Named]:
    """Return what has names by them, or raise ValueError if two have the same: one would hide the other."""
    found: dict[str, Named] = {}
    for thing in named:
        if thing.name in found:
            raise ValueError(f"{kind} must have different names, got {thing.name!r} twice")
        found[thing.name] = thing
    return found


def known_name(kind: str, name: str, known: Sequence[str], *, otherwise: str = "") -> str:
    """Return `name` if it is known, else raise ValueError that names the nearest ones, and all where they are few.

    `otherwise` is what may be given that is no name, such as "a LearningRule".
    """
    or_else = f", or {otherwise}" if otherwise else ""
    if not isinstance(name, str):
        raise ValueError(f"{kind} must be one of {', '.join(known)}{or_else}, got {shown(name)}")
    if name in known:
        return name
    near = get_close_matches(name, known, n=3, cutoff=0.4)
    hints = [f"nearest: {', '.join(near)}"] if near else []
    if not near or len(near) < len(known) <= _FEW_NAMES or otherwise:
        hints.append(f"known: {', '.join(known)}{or_else}")
    raise ValueError(f"unknown {kind} {shown(name)}; {'; '.join(hints)}")
