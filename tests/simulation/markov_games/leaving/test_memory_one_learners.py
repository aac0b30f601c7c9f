"""Learners with memory of one round, against the theory's exact payoffs and their differences."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from simulation.markov_games.leaving.memory_one_learners import (
    CLIP,
    KINDS,
    Learners,
    MemoryOneGradient,
    exact_steps,
    sampled_steps,
    welfare_slopes,
)
from simulation.markov_games.leaving.memory_one_play import advantages_of, chain_of, own_view, values_of
from theory import Game, MemoryOne, memory_one_payoffs

NOISE, DISCOUNT = 0.03, 0.9
GAME = Game.bimatrix([[3.0, 0.5], [4.0, 1.0]], [[2.0, 5.0], [0.0, 1.5]])


def policies(seed):
    return np.random.default_rng(seed).uniform(0.05, 0.95, (2, 5))


def by_theory(means):
    """Return both players' sums of payoffs of `means[2, 5]`, states written with player 1's action first."""
    first = MemoryOne(means[0][0], tuple(means[0][1:]))
    second = MemoryOne(means[1][0], tuple(means[1][[1, 3, 2, 4]]))
    found = memory_one_payoffs(first, second, GAME, noise=NOISE, discount=DISCOUNT).payoffs
    return found / (1 - DISCOUNT)


def slopes_by_theory(means, player, of):
    """Return `[5]`: the derivative of a function of both values by what a player means, by differences."""
    slopes = []
    for state in range(5):
        up, down = means.copy(), means.copy()
        up[player, state] += 1e-6
        down[player, state] -= 1e-6
        slopes.append((of(by_theory(up)) - of(by_theory(down))) / 2e-6)
    return np.array(slopes)


def rewards_of(game):
    n = game.n_players
    return jnp.broadcast_to(jnp.asarray(game.payoffs.reshape(n, 1, -1), float), (n, 1 + 2**n, 2**n))


@jax.jit
def _played(means, rewards):
    chain = chain_of(means[..., None], noise=NOISE, discount=DISCOUNT)
    return (
        values_of(chain, rewards, DISCOUNT)[:, 0],
        chain.visits,
        advantages_of(chain, rewards, DISCOUNT)[..., 0],
    )


def played(means, rewards):
    """Return values `[n_players]`, visits `[S]` and advantages `[n_players, S]`."""
    return [np.asarray(part) for part in _played(means, rewards)]


def logit(means):
    return np.log(means / (1 - means))[..., None]


@pytest.mark.parametrize("seed", range(3))
def test_values_are_those_of_the_theory(seed):
    with jax.enable_x64(True):
        found, visits, _ = played(jnp.asarray(policies(seed)), rewards_of(GAME))
    assert found == pytest.approx(by_theory(policies(seed)), rel=1e-12)
    assert visits.sum() == pytest.approx(1 / (1 - DISCOUNT))


@jax.jit
def climbed_by(learners, memory):
    chain = chain_of(learners.means(memory), noise=NOISE, discount=DISCOUNT)
    terms = (learners, memory, chain, rewards_of(GAME), NOISE, DISCOUNT)
    return exact_steps(*terms), welfare_slopes(*terms)


@pytest.mark.parametrize("name", KINDS)
def test_a_step_climbs_the_gradient_of_its_kind(name):
    means = policies(7)
    slopes = np.array([slopes_by_theory(means, i, lambda values, i=i: values[i]) for i in (0, 1)])
    welfare = np.array([slopes_by_theory(means, i, sum) for i in (0, 1)])
    with jax.enable_x64(True):
        learners = Learners.of([MemoryOneGradient(name, 0.7), MemoryOneGradient(name, 0.2)])
        memory = learners.memory_of(jnp.asarray(logit(means)))
        steps, of_welfare = (np.asarray(part)[..., 0] for part in climbed_by(learners, memory))
        _, visits, _ = played(jnp.asarray(means), rewards_of(GAME))
    by_memory = 1.0 if name == "projected" else means * (1 - means)
    climbed = slopes / visits / (1 - 2 * NOISE) if name == "natural" else slopes * by_memory
    assert steps == pytest.approx(np.array([[0.7], [0.2]]) * climbed, rel=1e-6)
    assert of_welfare == pytest.approx(welfare * by_memory, rel=1e-6)


def test_three_players_get_what_adding_up_rounds_gives():
    rng = np.random.default_rng(3)
    game = Game(rng.normal(size=(3, 2, 2, 2)))
    means = rng.uniform(size=(3, 9))
    plays = NOISE + (1 - 2 * NOISE) * means
    state, values = np.eye(9)[0], np.zeros(3)
    for turn in range(400):
        after = np.zeros(9)
        for j, actions in enumerate(product((0, 1), repeat=3)):
            chance = np.prod([plays[i] if a == 0 else 1 - plays[i] for i, a in enumerate(actions)], axis=0)
            after[1 + j] = state @ chance
            values += DISCOUNT**turn * after[1 + j] * game.payoffs[(slice(None), *actions)]
        state = after
    with jax.enable_x64(True):
        found, visits, gains = played(jnp.asarray(means), rewards_of(game))
        means[2, 4] += 1e-6
        slope = (played(jnp.asarray(means), rewards_of(game))[0][2] - found[2]) / 1e-6
    assert found == pytest.approx(values, rel=1e-10)
    assert gains[2, 4] * (1 - 2 * NOISE) * visits[4] == pytest.approx(slope, rel=1e-4)


@pytest.mark.slow
def test_sampled_steps_are_right_on_average():
    # 40 batches: a mean is within 4.5 standard errors of the truth in all 10 places but for one set of draws in 10^4.
    means = policies(5)
    with jax.enable_x64(True):
        learners = Learners.of([MemoryOneGradient("projected", 1.0)] * 2)
        memory, rewards = jnp.asarray(means)[..., None], rewards_of(GAME)
        exact = np.asarray(climbed_by(learners, memory)[0])

        def step(key):
            return sampled_steps(learners, memory, rewards, NOISE, DISCOUNT, key, batch=400, rounds=150)

        found = np.asarray(jax.jit(jax.vmap(step))(jax.random.split(jax.random.key(0), 40)))
    error = found.std(axis=0, ddof=1) / np.sqrt(40)
    # What is subtracted has part in itself: a mean over 400 episodes leaves 399 / 400 of the slope.
    assert (np.abs(found.mean(axis=0) - exact) < 4.5 * error + np.abs(exact) / 400).all()
    assert (np.abs(exact) > 4.5 * error).any()


def test_memories_stay_within_their_bounds():
    learners = Learners.of([MemoryOneGradient("natural"), MemoryOneGradient("projected")])
    far = jnp.array([[[-20.0], [3.0]], [[-20.0], [3.0]]])
    assert np.asarray(learners.kept(far))[..., 0].tolist() == [[-CLIP, 3.0], [0.0, 1.0]]
    softmax = Learners.of([MemoryOneGradient("softmax")] * 2)
    assert np.asarray(softmax.kept(far)).tolist() == far.tolist()


def test_players_see_themselves_first():
    states, outcomes = own_view(2, 1)
    assert (states, outcomes) == ([0, 1, 3, 2, 4], [0, 2, 1, 3])
    # Three players' outcomes are CCC, CCD, ..., DDD: what player 2 sees as DCC (itself first) is CDC.
    assert own_view(3, 1)[1][0b100] == 0b010
    assert own_view(3, 2)[1][0b110] == 0b101


def test_wrong_kinds_are_refused():
    with pytest.raises(ValueError, match="kind of learner"):
        MemoryOneGradient("lola")
    with pytest.raises(ValueError, match="rate must be positive, got 0"):
        MemoryOneGradient("natural", 0.0)
