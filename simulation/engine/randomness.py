"""Randomness is drawn outside the laws: run i depends on (parameters, seed, i) alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from theory.checks import seed_number
from theory.checks import whole_number as whole_number


def known_seed(seed: int | None, name: str = "seed") -> int:
    """Return a seed that is given, a whole number of at least 0; None draws one that a 64-bit number holds."""
    if seed is None:
        entropy: Any = np.random.SeedSequence().entropy
        return int(entropy) % 2**63
    return seed_number(name, seed)


def run_generator(seed: int, run: int = 0) -> np.random.Generator:
    """Return the random numbers of one run: the `run`-th child of the seed."""
    sequence = np.random.SeedSequence(
        seed_number("seed", seed), spawn_key=(whole_number("run", run, at_least=0),)
    )
    return np.random.default_rng(sequence)


def model_randomness(
    rng: int | np.random.Generator | None, run: int = 0
) -> tuple[int | np.random.Generator, np.random.Generator]:
    """Return what a Mesa model hands to Mesa as its `rng`, and the generator of the law's draws.

    A whole number is a seed, of which the draws are those of `run`; a generator serves for both as it is; None
    draws a seed.
    """
    if isinstance(rng, np.random.Generator):
        return rng, rng
    seed = known_seed(rng, "rng")
    return seed, run_generator(seed, run)
