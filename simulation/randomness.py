"""Randomness is drawn outside the laws: run i depends on (parameters, seed, i) alone."""

from __future__ import annotations

import numpy as np

from theory._checks import whole_number as whole_number


def run_generator(seed: int, run: int = 0) -> np.random.Generator:
    """Return the random numbers of one run: the `run`-th child of the seed."""
    sequence = np.random.SeedSequence(
        whole_number("seed", seed, at_least=0), spawn_key=(whole_number("run", run, at_least=0),)
    )
    return np.random.default_rng(sequence)
