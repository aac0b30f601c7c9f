"""Named arrays that share one vector."""

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation.engine.layout import WORD, Layout, copied, each, leaves


class Inner(NamedTuple):
    level: NDArray
    flag: NDArray


class Outer(NamedTuple):
    number: NDArray
    inner: Inner
    level: NDArray


def example() -> Outer:
    return Outer(
        np.ones(2), Inner(np.ones((2, 3), np.int16), np.zeros(1, np.int8)), np.ones((2, 2), np.int64)
    )


def test_views_have_the_shapes_and_types_of_the_example() -> None:
    layout = Layout(example())
    words = layout.empty()
    # 2 words, 6 numbers of 2 bytes in 2 words, 1 byte in a word, 4 words.
    assert layout.size == len(words) == 9
    assert words.nbytes == layout.size * WORD
    views = layout.views(words)
    assert isinstance(views.inner, Inner)
    for (name, view), (same, array) in zip(leaves(views), leaves(example()), strict=True):
        assert (name, view.shape, view.dtype) == (same, array.shape, array.dtype)
        assert view.flags.c_contiguous
        assert view.flags.aligned
        assert (view == 0).all()


def test_what_is_written_by_name_is_copied_with_the_vector_alone() -> None:
    layout = Layout(example())
    words = layout.empty()
    views = layout.views(words)
    rng = np.random.default_rng(0)
    for _, view in leaves(views):
        view[...] = rng.integers(-100, 100, size=view.shape)
    views.number[0] = np.nan
    rows = np.zeros((4, 3, layout.size), np.uint64)
    rows[2, 1] = words
    for (_, of_rows), (_, view) in zip(leaves(layout.views(rows)), leaves(views), strict=True):
        assert of_rows.shape == (4, 3, *view.shape)
        assert np.array_equal(of_rows[2, 1], view, equal_nan=True)
        assert (np.delete(of_rows.reshape(12, *view.shape), 7, axis=0) == 0).all()
    for _, array in leaves(each(np.ascontiguousarray, layout.views(rows))):
        assert array.flags.c_contiguous
        assert not np.shares_memory(array, rows)


def test_a_name_that_two_arrays_have_finds_neither() -> None:
    assert sorted(Layout(example()).by_name) == ["flag", "number"]


def test_copies_are_apart() -> None:
    first = example()
    second = copied(first)
    first.inner.level[0, 0] = 7
    assert second.inner.level[0, 0] == 1
    assert type(second.inner) is Inner


@pytest.mark.parametrize("bits", [0x7FF8000000000001, 0x8000000000000000, 1])
def test_bits_of_numbers_are_kept(bits: int) -> None:
    layout = Layout(Inner(np.zeros(1), np.zeros(1)))
    words = np.array([[bits, 0]], np.uint64)
    rows = layout.empty()[None]
    layout.views(rows).level[...] = layout.views(words).level
    assert rows[0, 0] == bits


def test_what_comes_first_is_copied_alone() -> None:
    layout = Layout(example(), front={"level", "flag"})
    words = layout.empty()
    views = layout.views(words)
    rng = np.random.default_rng(0)
    for _, view in leaves(views):
        view[...] = rng.integers(1, 100, size=view.shape)
    assert layout.front == 7
    copy = words.copy()
    copy[layout.front :] = 0
    for name, view in leaves(layout.views(copy)):
        assert (view != 0).all() if name in {"level", "flag"} else (view == 0).all()
    rows = np.tile(words[: layout.front], (4, 3, 1))
    flags = np.zeros((4, 5, 1), np.int8)
    layout.by_name["flag"].fill(flags[:, 1:4], rows)
    assert (flags[:, 1:4, 0] == views.inner.flag[0]).all()
    assert not flags[:, [0, 4]].any()


def test_arrays_of_nothing_are_written_too() -> None:
    layout = Layout(Inner(np.zeros((2, 0)), np.zeros(1)))
    layout.by_name["level"].fill(np.zeros((4, 2, 0)), layout.empty()[None].repeat(4, axis=0))


def test_several_are_joined_array_by_array() -> None:
    joined = each(lambda *arrays: np.concatenate(arrays), example(), example())
    assert joined.inner.level.shape == (4, 3)
    assert type(joined.inner) is Inner
