"""Learners of three actions with memory of one round, against rounds that are added up and differences of these."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from simulation.markov_games.leaving.leaving_planner import symmetric_table, tutor_of_actions
from simulation.markov_games.leaving.memory_one_learners import (
    CLIP,
    KINDS,
    Learners,
    MemoryOneGradient,
    exact_steps,
    welfare_slopes,
)
from simulation.markov_games.leaving.memory_one_play import chain_of, own_view, values_of

NOISE, DISCOUNT = 0.03, 0.9
PAYOFFS = np.random.default_rng(11).normal(size=(2, 3, 3))


def policies(seed):
    """Return `[2, 10, 3]`."""
    return np.random.default_rng(seed).dirichlet(np.ones(3), size=(2, 10))


def added_up(meant):
    """Return both players' sums of payoffs of policies `[2, 10, 3]`: the chain's distribution, round by round."""
    plays = np.empty(meant.shape)
    for action in range(3):
        others = sum(meant[..., other] for other in range(3) if other != action)
        plays[..., action] = (1 - NOISE) * meant[..., action] + NOISE / 2 * others
    now, values = np.eye(10)[0], np.zeros(2)
    for turn in range(500):
        after = np.zeros(10)
        for own, other in product(range(3), repeat=2):
            chance = now @ (plays[0, :, own] * plays[1, :, other])
            after[1 + 3 * own + other] = chance
            values += DISCOUNT**turn * chance * PAYOFFS[:, own, other]
        now = after
    return values


def softmax(logits):
    powers = np.exp(logits)
    return powers / powers.sum(axis=-1, keepdims=True)


REWARDS = np.broadcast_to(PAYOFFS.reshape(2, 1, 9), (2, 10, 9))


@jax.jit
def climbed_by(learners, memory):
    chain = chain_of(learners.means(memory), noise=NOISE, discount=DISCOUNT)
    terms = (learners, memory, chain, jnp.asarray(REWARDS), NOISE, DISCOUNT)
    return (
        exact_steps(*terms),
        welfare_slopes(*terms),
        chain.visits,
        values_of(chain, terms[3], DISCOUNT)[:, 0],
    )


def found_by(name, meant, rate=1.0):
    """Return steps, slopes of welfare, visits, and values, of learners who mean `meant`."""
    with jax.enable_x64(True):
        learners = Learners.of([MemoryOneGradient(name, rate)] * 2)
        memory = learners.memory_of(jnp.asarray(np.log(meant[..., :2] / meant[..., 2:])))
        return [np.asarray(part) for part in climbed_by(learners, memory)]


def slopes_of(meant, moved):
    """Return `[2, 10, 3]`: of own values by numbers that `moved(player, state, action, size)` makes policies of."""
    slopes = np.empty(meant.shape)
    for player, state, action in product(range(2), range(10), range(3)):
        up, down = (added_up(moved(player, state, action, size))[player] for size in (1e-5, -1e-5))
        slopes[player, state, action] = (up - down) / 2e-5
    return slopes


def by_logits(meant):
    def moved(player, state, action, size):
        changed = meant.copy()
        logits = np.log(meant[player, state])
        logits[action] += size
        changed[player, state] = softmax(logits)
        return changed

    return slopes_of(meant, moved)


def by_probabilities(meant):
    def moved(player, state, action, size):
        # What no longer sums to 1 still has a value, which is linear in each state's policy.
        changed = meant.copy()
        changed[player, state] -= size / 3
        changed[player, state, action] += size
        return changed

    return slopes_of(meant, moved)


def test_values_are_what_adding_up_rounds_gives():
    for seed in range(3):
        _, _, visits, values = found_by("softmax", policies(seed))
        assert values == pytest.approx(added_up(policies(seed)), rel=1e-10)
        assert visits.sum() == pytest.approx(1 / (1 - DISCOUNT))


def test_softmax_learners_climb_a_logit_for_every_action_at_half_the_rate():
    meant = policies(4)
    slopes = by_logits(meant)
    steps = found_by("softmax", meant, 0.7)[0]
    assert steps == pytest.approx(0.35 * (slopes[..., :2] - slopes[..., 2:]), rel=1e-5, abs=1e-8)


def test_projected_learners_climb_within_the_simplex():
    meant = policies(5)
    slopes = by_probabilities(meant)
    steps = found_by("projected", meant, 0.7)[0]
    assert steps == pytest.approx(2 * 0.7 * slopes[..., :2], rel=1e-5, abs=1e-8)


def test_natural_learners_solve_fishers_equation():
    # Kakade (2002): Fisher's matrix of a state, times its visits, times the step is the gradient by log-odds.
    meant = policies(6)
    slopes = by_logits(meant)[..., :2]
    steps, _, visits, _ = found_by("natural", meant, 0.7)
    for player, state in product(range(2), range(10)):
        q = meant[player, state, :2]
        fisher = visits[state] * (np.diag(q) - np.outer(q, q))
        natural = np.linalg.solve(fisher, slopes[player, state])
        assert steps[player, state] == pytest.approx(0.7 * natural / (1 - 1.5 * NOISE), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", KINDS)
def test_slopes_of_welfare_are_those_of_the_sum(name):
    meant = policies(7)
    along = np.random.default_rng(8).normal(size=(2, 10, 2))

    def welfare(size):
        if name == "projected":
            written = meant[..., :2] + size * along
            return added_up(np.concatenate([written, 1 - written.sum(axis=2, keepdims=True)], axis=2)).sum()
        logits = np.log(meant)
        logits[..., :2] += size * along
        return added_up(softmax(logits)).sum()

    found = (found_by(name, meant)[1] * along).sum()
    assert found == pytest.approx((welfare(1e-5) - welfare(-1e-5)) / 2e-5, rel=1e-6)


def test_projections_are_the_nearest_probabilities():
    points = np.random.default_rng(9).normal(0.4, 0.8, size=(40, 2))
    learners = Learners.of([MemoryOneGradient("projected")])
    kept = np.asarray(learners.kept(jnp.asarray(points)[None]))[0]
    corners = np.array([(a, b, 40 - a - b) for a in range(41) for b in range(41 - a)]) / 40
    for point, found in zip(points, kept, strict=True):
        every, nearest = np.append(point, 1 - point.sum()), np.append(found, 1 - found.sum())
        assert nearest.min() >= -1e-6
        # No point of a fine grid is nearer.
        assert np.linalg.norm(every - nearest) <= np.linalg.norm(every - corners, axis=1).min() + 1e-6
    inside = jnp.array([[[0.2, 0.3]]])
    assert np.asarray(learners.kept(inside)) == pytest.approx(np.asarray(inside))


def test_natural_learners_keep_every_action_within_reach_and_the_order_of_the_others():
    learners = Learners.of([MemoryOneGradient("natural")])
    found = np.asarray(learners.kept(jnp.array([[[20.0, 15.0], [-20.0, 3.0], [-1.0, -30.0]]])))[0]
    logits = np.concatenate([found, np.zeros((3, 1))], axis=1)
    assert (logits.max(axis=1, keepdims=True) - logits).tolist() == [
        [0.0, 5.0, CLIP],
        [CLIP, 0.0, 3.0],
        [1.0, CLIP, 0.0],
    ]


def test_a_tutor_of_levels_and_views_of_the_second_player():
    states, outcomes = own_view(2, 1, 3)
    # What the second sees as (0, 2), itself first, is (2, 0).
    assert (outcomes[0 * 3 + 2], states[1 + 2]) == (2 * 3 + 0, 1 + 2 * 3 + 0)
    own = np.arange(90.0).reshape(10, 9)
    assert symmetric_table(own, 2, 3)[1, 1 + 6, 2] == own[1 + 2, 6]
    meant = np.array([0, 0, 2, 2, 1, 1, 2, 2, 2, 0])
    table = tutor_of_actions(meant, n_players=2, n_actions=3, bound=2.0).incentives
    for own_last, other_last, own_now, other_now in product(range(3), repeat=4):
        paid = 2.0 if meant[1 + 3 * own_last + other_last] == own_now else -2.0
        assert table[0, 1 + 3 * own_last + other_last, 3 * own_now + other_now] == paid
        assert table[1, 1 + 3 * other_last + own_last, 3 * other_now + own_now] == paid
