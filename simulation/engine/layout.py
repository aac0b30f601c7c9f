"""Named arrays that share one vector: what a law reads and writes by name, a driver copies without knowing names."""

from __future__ import annotations

from collections.abc import Iterator
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

    def of(self, words: Words) -> NDArray[Any]:
        """Return `[..., *shape]`, a view on this array in each of the vectors `words[..., size]`."""
        return self.within(words.view(self.dtype))

    def within(self, vectors: NDArray[Any]) -> NDArray[Any]:
        """Return the same of vectors that are read as the array's type."""
        part = vectors[..., self.part]
        return part if len(self.shape) == 1 else part.reshape(*part.shape[:-1], *self.shape)


class Layout:
    """The arrays of a named tuple, which may hold further named tuples, one after the other in one vector.

    Parameters
    ----------
    example
        A named tuple of NumPy arrays, of any types and shapes, and of named tuples of such.

    Attributes
    ----------
    slots
        Of all arrays, in their order.
    size
        Words of the vector.
    """

    def __init__(self, example: Any) -> None:
        self._example = example
        self.slots: list[Slot] = []
        at = 0
        for name, array in leaves(example):
            first = at * WORD // array.itemsize
            self.slots.append(Slot(name, slice(first, first + array.size), array.shape, array.dtype))
            at += -(-array.nbytes // WORD)
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

    def copies(self, words: Words) -> Any:
        """Return the named tuple of copies, each contiguous."""
        return _put(self._example, map(np.ascontiguousarray, self._arrays(words)))

    def _arrays(self, words: Words) -> Iterator[NDArray[Any]]:
        vectors = {dtype: words.view(dtype) for dtype in self._dtypes}
        return (slot.within(vectors[slot.dtype]) for slot in self.slots)


def leaves(values: Any, name: str = "") -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the name and the array of all arrays of a named tuple, inner named tuples included."""
    if isinstance(values, np.ndarray):
        yield name, values
        return
    for part, value in zip(values._fields, values, strict=True):
        yield from leaves(value, part)


def copied(values: Any) -> Any:
    """Return a named tuple of arrays with copies of them."""
    return _put(values, (array.copy() for _, array in leaves(values)))


def _put(like: Any, arrays: Iterator[NDArray[Any]]) -> Any:
    if isinstance(like, np.ndarray):
        return next(arrays)
    return type(like)(*(_put(part, arrays) for part in like))
