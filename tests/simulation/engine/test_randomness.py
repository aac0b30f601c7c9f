import numpy as np
import pytest

from simulation.engine.randomness import model_randomness, run_generator, whole_number


def test_a_run_is_the_child_of_the_seed_with_its_number() -> None:
    expected = np.random.default_rng(np.random.SeedSequence(7).spawn(4)[3]).random(5)
    assert np.array_equal(run_generator(7, 3).random(5), expected)


def test_runs_and_seeds_differ() -> None:
    streams = {run_generator(seed, run).random() for seed in range(3) for run in range(3)}
    assert len(streams) == 9


@pytest.mark.parametrize("value", [1.0, "1", None, True])
def test_whole_number_refuses_other_types(value: object) -> None:
    with pytest.raises(ValueError, match="seed must be"):
        whole_number("seed", value, at_least=0)


def test_whole_number_states_the_rule_and_the_value() -> None:
    with pytest.raises(ValueError, match="runs must be at least 1, got 0"):
        whole_number("runs", 0, at_least=1)
    assert whole_number("runs", np.int64(3), at_least=1) == 3


def test_a_model_s_seed_gives_the_draws_of_its_run() -> None:
    seed, draws = model_randomness(3, 5)
    assert seed == 3
    assert np.array_equal(draws.random(4), run_generator(3, 5).random(4))


def test_a_model_uses_a_generator_as_it_is_and_draws_a_seed_if_it_gets_none() -> None:
    generator = np.random.default_rng(1)
    assert model_randomness(generator) == (generator, generator)
    seed, draws = model_randomness(None)
    assert isinstance(seed, int)
    assert np.array_equal(draws.random(4), run_generator(seed).random(4))
    assert model_randomness(None)[0] != seed  # fails by chance once in four billion runs


def test_a_model_s_seed_is_a_whole_number() -> None:
    with pytest.raises(ValueError, match="rng must be a whole number, got '1'"):
        model_randomness("1")  # type: ignore[arg-type]
