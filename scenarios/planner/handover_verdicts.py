"""Judging what is left after a planner: observed play of each run, and what is left of it on average."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from scenarios.frame.verdicts import LEARNED_TOLERANCE
from theory import judge_counts, named_game
from theory.checks import FloatArray
from theory.statistics import clopper_pearson

# Frequencies of outcomes are rounded to so many parts before they are judged, to the tolerance: most runs then share
# their verdict with another one.
PARTS = 50


class Left(NamedTuple):
    """The mean P(C,C) of some runs."""

    mean: float
    low: float
    """95% interval; see `left_of`."""
    high: float
    runs: int
    """1 where runs cannot differ: then nothing is uncertain."""


def left_of(joint_cooperation: FloatArray, *, is_certain: bool) -> Left:
    """Return the mean of `joint_cooperation[runs]`, with an interval that keeps its width where all runs are alike.

    It is the exact one of a probability (Clopper & Pearson 1934), with the sum of shares in place of the number of
    successes: a share in [0, 1] varies at most as a coin of the same mean does, so that it is rather too wide.
    """
    runs, mean = len(joint_cooperation), float(joint_cooperation.mean())
    if is_certain:
        return Left(mean, mean, mean, 1)
    low, high = clopper_pearson(np.array(mean * runs), np.array(runs), 0.025)
    return Left(mean, float(low), float(high), runs)


def difference(one: Left, other: Left) -> tuple[float, float, float]:
    """Return by how much one mean is larger, and its 95% interval (Newcombe 1998, method 10, on those of both)."""
    by = one.mean - other.mean
    return (
        by,
        by - math.hypot(one.mean - one.low, other.high - other.mean),
        by + math.hypot(one.high - one.mean, other.mean - other.low),
    )


def labels_of(game: str, frequencies: FloatArray, counted: int) -> Iterable[str]:
    """Return the label of each run with `frequencies[runs, 4]` of CC, CD, DC, DD in `counted` rounds."""
    for row in frequencies:
        yield _label(game, _in_parts(row), counted)


def _in_parts(frequency: FloatArray) -> tuple[int, ...]:
    """Return whole numbers of parts with the sum `PARTS`, the largest remainders rounded up."""
    exact = PARTS * frequency
    whole = np.floor(exact + 1e-9).astype(int)
    for place in np.argsort(whole - exact, kind="stable")[: PARTS - int(whole.sum())]:
        whole[place] += 1
    return tuple(int(part) for part in whole)


@lru_cache(maxsize=100_000)
def _label(game: str, parts: tuple[int, ...], counted: int) -> str:
    counts = np.array(parts).reshape(2, 2) * max(1, counted // PARTS)
    return str(judge_counts(_game(game), counts, tolerance=LEARNED_TOLERANCE).correlated.label)


# One object, so that what is true of the game is found once.
_game = lru_cache(named_game)
