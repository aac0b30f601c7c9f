"""Keys of JAX from seeds: any whole number from 0 is one, as everywhere in the project."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

# JAX takes what is below 2^63 (2^31 in single precision, where of more it looks at the last 32 bits only).
_PLAIN = 2**31


def key_of(seed: int) -> jax.Array:
    """Return the key of a seed; of those that JAX does not tell apart, one that depends on all their bits."""
    if seed >= _PLAIN:
        seed = int(np.random.SeedSequence(seed).generate_state(1)[0] >> 1)
    return jax.random.key(seed)


def keys_of_runs(seed: int, runs: int) -> jax.Array:
    """Return the keys of runs, of which each depends on the seed and its own number alone."""
    return jnp.stack([jax.random.fold_in(key_of(seed), run) for run in range(runs)])
