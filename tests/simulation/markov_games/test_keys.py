"""Keys from seeds: those that JAX would take for one another are told apart, too."""

import jax
import numpy as np
import pytest

from simulation.markov_games.keys import key_of, keys_of_runs


@pytest.mark.parametrize("precise", [False, True])
def test_seeds_beyond_the_numbers_of_jax_have_keys_of_their_own(precise: bool) -> None:
    seeds = [0, 1, 2**31 - 1, 2**31, 2**32, 2**32 + 1, 2**63, 2**64, 10**40]
    with jax.enable_x64(precise):
        keys = {tuple(np.asarray(jax.random.key_data(key_of(seed))).tolist()) for seed in seeds}
    assert len(keys) == len(seeds)


def test_small_seeds_are_those_of_jax_and_runs_do_not_depend_on_how_many_there_are() -> None:
    few, many = (np.asarray(jax.random.key_data(keys_of_runs(7, runs))) for runs in (2, 5))
    assert np.array_equal(few, many[:2])
    own = jax.random.key_data(jax.random.fold_in(jax.random.key(7), 1))
    assert np.array_equal(few[1], np.asarray(own))
