"""Named arrays that share one vector: what a law reads and writes by name, a driver copies without knowing names."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

# A vector is made of words of so many bytes; each array begins with one.
WORD = 8


class Slot(NamedTuple):
    """Where an array stands in the vector."""

    name: str
    """The last name on the way to it: "theta" of `state.theta`, "belief" of `state.first.belief`."""
    part: slice
    """Of a vector that is read as the array's type."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        return math.prod(self.shape) * self.dtype.itemsize

    def fill(self, arrays: NDArray[Any], words: Words) -> None:
        """Write this array of each of the vectors `words[..., size]` to `arrays[..., *shape]`.

        Each is moved as one item, which takes NumPy a fraction of the time of one number after the other.
        """
        if arrays.size:
            first = self.part.start * self.dtype.itemsize
            bytes_of_array = words.view(np.uint8)[..., first : first + self.nbytes]
            _whole(arrays.reshape(*words.shape[:-1], -1))[...] = _whole(bytes_of_array)

    def within(self, vectors: NDArray[Any]) -> NDArray[Any]:
        """Return `[..., *shape]`, a view on this array in each of some vectors that are read as its type."""
        part = vectors[..., self.part]
        return part if len(self.shape) == 1 else part.reshape(*part.shape[:-1], *self.shape)


class Layout:
    """The arrays of a named tuple, which may hold further named tuples, one after the other in one vector.

    Parameters
    ----------
    example
        A named tuple of NumPy arrays, of any types and shapes, and of named tuples of such.
    front
        Names of arrays that come before all others, so that they can be copied alone.

    Attributes
    ----------
    slots
        Of all arrays, in the order of the example.
    size
        Words of the vector.
    front
        Words of the arrays that come first.
    """

    def __init__(self, example: Any, front: Container[str] = ()) -> None:
        self._example = example
        arrays = list(leaves(example))
        self.front = sum(_words(array) for name, array in arrays if name in front) if front else 0
        self.slots: list[Slot] = []
        at_front, at = 0, self.front
        for name, array in arrays:
            if name in front:
                first, at_front = at_front, at_front + _words(array)
            else:
                first, at = at, at + _words(array)
            first = first * WORD // array.itemsize
            self.slots.append(Slot(name, slice(first, first + array.size), array.shape, array.dtype))
        self.size = at
        self._dtypes = {slot.dtype for slot in self.slots}

    @cached_property
    def by_name(self) -> dict[str, Slot]:
        """The arrays by their names, of those that have one to themselves."""
        names = [slot.name for slot in self.slots]
        return {slot.name: slot for slot in self.slots if names.count(slot.name) == 1}

    def empty(self) -> Words:
        """Return a vector of zeros."""
        return np.zeros(self.size, np.uint64)

    def views(self, words: Words) -> Any:
        """Return the named tuple whose arrays are views on `words[..., size]`, each `[..., *shape]`."""
        return _put(self._example, self._arrays(words))

    def _arrays(self, words: Words) -> Iterator[NDArray[Any]]:
        vectors = {dtype: words.view(dtype) for dtype in self._dtypes}
        return (slot.within(vectors[slot.dtype]) for slot in self.slots)


def _whole(arrays: NDArray[Any]) -> NDArray[np.void]:
    """Return `[...]`: each of the arrays `[..., n]` as one item."""
    view: NDArray[np.void] = arrays.view(f"V{arrays.shape[-1] * arrays.itemsize}")[..., 0]
    return view


def _words(array: NDArray[Any]) -> int:
    return -(-array.nbytes // WORD)


def leaves(values: Any, name: str = "") -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the name and the array of all arrays of a named tuple, inner named tuples included."""
    if isinstance(values, np.ndarray):
        yield name, values
        return
    for part, value in zip(values._fields, values, strict=True):
        yield from leaves(value, part)


def each(function: Callable[..., NDArray[Any]], *values: Any) -> Any:
    """Return a named tuple of arrays like `values`, which are alike, with `function` of each array of theirs."""
    return _put(values[0], map(function, *([array for _, array in leaves(value)] for value in values)))


def copied(values: Any) -> Any:
    """Return a named tuple of arrays with copies of them."""
    return each(np.ndarray.copy, values)


def _put(like: Any, arrays: Iterator[NDArray[Any]]) -> Any:
    if isinstance(like, np.ndarray):
        return next(arrays)
    return type(like)(*(_put(part, arrays) for part in like))
