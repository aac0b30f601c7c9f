"""Randomness is drawn outside the laws: run i depends on (parameters, seed, i) alone."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np


def whole_number(name: str, value: Any, at_least: int) -> int:
    """Return `value` as an int, or raise ValueError if it is not a whole number of at least `at_least`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, got {value!r}") from None
    if isinstance(value, bool) or number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {value!r}")
    return number


def run_generator(seed: int, run: int = 0) -> np.random.Generator:
    """Return the random numbers of one run: the `run`-th child of the seed."""
    sequence = np.random.SeedSequence(
        whole_number("seed", seed, at_least=0), spawn_key=(whole_number("run", run, at_least=0),)
    )
    return np.random.default_rng(sequence)
