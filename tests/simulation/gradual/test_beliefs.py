"""Beliefs against closed forms."""

import math

import numpy as np
import pytest

from simulation.engine.compilation import compiled
from simulation.gradual.beliefs import (
    CooperativenessBelief,
    belief_deviation,
    belief_interval,
    belief_mean,
    belief_update,
    floored_likelihoods,
    inner_product,
)
from simulation.gradual.policies import cooperativeness_grid, policy_family
from theory import named_game

GRID = cooperativeness_grid(2001)


@pytest.mark.parametrize(("cooperated", "defected"), [(0, 0), (3, 0), (0, 7), (12, 5)])
def test_bernoulli_actions_give_the_conjugate_beta_posterior(cooperated: int, defected: int) -> None:
    # If P(C | beta) = beta, a uniform prior becomes Beta(1 + cooperated, 1 + defected).
    belief = CooperativenessBelief(GRID)
    for _ in range(cooperated):
        belief.update(GRID)
    for _ in range(defected):
        belief.update(1.0 - GRID)
    a, b = 1 + cooperated, 1 + defected
    assert belief.mean == pytest.approx(a / (a + b), abs=1e-3)
    assert belief.deviation == pytest.approx(math.sqrt(a * b / (a + b + 1)) / (a + b), abs=1e-3)
    # The probability of the whole sequence is the Beta function B(a, b).
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    assert belief.log_evidence == pytest.approx(log_beta, abs=0.01)
    assert belief.observations == cooperated + defected


def test_a_beta_prior_is_conjugate_too() -> None:
    prior = GRID * (1.0 - GRID)
    belief = CooperativenessBelief(GRID, prior / prior.sum())
    belief.update(GRID)
    assert belief.mean == pytest.approx(3 / 5, abs=1e-3)


def test_interval_holds_the_coverage() -> None:
    belief = CooperativenessBelief(cooperativeness_grid(101))
    low, high = belief.interval(0.9)
    assert (low, high) == pytest.approx((0.05, 0.95))
    assert belief.interval(0.0)[0] == belief.interval(0.0)[1]
    assert belief.interval(1.0) == (0.0, 1.0)
    certain = CooperativenessBelief([0.0, 0.5, 1.0], [0.0, 1.0, 0.0])
    assert certain.interval(0.5) == (0.5, 0.5)


def test_a_prior_typed_by_hand_is_normalised() -> None:
    belief = CooperativenessBelief(np.array([0.0, 0.5, 1.0]), prior=np.array([0.3, 0.3, 0.4000009]))
    assert float(belief.probabilities.sum()) == pytest.approx(1.0, abs=1e-12)


def test_interval_of_a_belief_about_several_forms_goes_by_cooperativeness() -> None:
    grid = np.tile([0.0, 0.5, 1.0], 2)
    belief = np.array([0.1, 0.3, 0.1, 0.1, 0.3, 0.1])
    assert belief_interval(belief, grid, 0.5) == (0.5, 0.5)
    assert belief_interval(belief, grid, 0.9) == (0.0, 1.0)


def test_forgetting_is_the_filter_of_an_opponent_who_redraws() -> None:
    # Two betas, C with probabilities .2 and .9: the two-state hidden Markov filter by hand.
    belief = CooperativenessBelief([0.0, 1.0], [0.5, 0.5], forgetting=0.1)
    lik = np.array([0.2, 0.9])
    p = 0.5
    for _ in range(3):
        p = 0.9 * p + 0.05
        p = p * 0.9 / (p * 0.9 + (1.0 - p) * 0.2)
        belief.update(lik)
        assert belief.mean == pytest.approx(p, rel=1e-12)


def test_full_forgetting_remembers_one_action_only() -> None:
    belief = CooperativenessBelief(GRID, forgetting=1.0)
    for _ in range(5):
        belief.update(GRID)
    assert belief.mean == pytest.approx(2 / 3, abs=1e-3)


def test_zero_evidence_is_counted_and_changes_nothing() -> None:
    belief = CooperativenessBelief([0.0, 0.5, 1.0], [0.2, 0.3, 0.5])
    assert belief.update([0.0, 0.0, 0.0]) == 0.0
    assert belief.zero_evidence == 1
    assert belief.probabilities.tolist() == [0.2, 0.3, 0.5]
    assert belief.log_evidence == 0.0
    belief.update([1e-305, 0.0, 0.0])
    assert belief.zero_evidence == 2
    assert np.isfinite(belief.probabilities).all()


def test_set_identified_beta_keeps_the_prior_within_the_set() -> None:
    # In the Prisoner's Dilemma C says beta >= 1/3 and D that it is less: uniform means 2/3 and 1/6.
    game = named_game("prisoners-dilemma")
    likelihood = floored_likelihoods(policy_family(game, 1, weights=GRID), 0.0)
    for action, mean in ((0, 2 / 3), (1, 1 / 6)):
        belief = CooperativenessBelief(GRID)
        for _ in range(3):
            belief.update(likelihood[1, action])
        assert belief.mean == pytest.approx(mean, abs=1e-3)


def test_the_tremble_floors_likelihoods() -> None:
    family = policy_family(named_game("prisoners-dilemma"), 1, weights=[0.0, 1.0])
    floored = floored_likelihoods(family, 0.1)
    assert floored[0, 0] == pytest.approx([0.05, 0.95])
    assert floored[0, 1] == pytest.approx([0.95, 0.05])
    assert floored.sum(axis=1) == pytest.approx(np.ones((2, 2)))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 101])
def test_sums_in_four_lanes_are_the_sums(n: int) -> None:
    generator = np.random.default_rng(n)
    a, b = generator.random(n), generator.random(n)
    assert inner_product(a, b) == pytest.approx(float(a @ b))
    a /= a.sum()
    mean = belief_mean(a, b)
    assert mean == pytest.approx(float(a @ b))
    assert belief_deviation(a, b, mean) == pytest.approx(float(np.sqrt(a @ (b - mean) ** 2)))


def test_compiled_belief_is_the_plain_one_bit_for_bit() -> None:
    def update(belief, prior, likelihood, forgetting):  # type: ignore[no-untyped-def]
        return belief_update(belief, prior, likelihood, forgetting)

    generator = np.random.default_rng(3)
    prior = np.full(101, 1 / 101)
    plain, machine = prior.copy(), prior.copy()
    twin = compiled(update)
    for _ in range(50):
        likelihood = generator.random(101)
        assert update(plain, prior, likelihood, 0.02) == twin(machine, prior, likelihood, 0.02)
    assert np.array_equal(plain, machine)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CooperativenessBelief([]), "weights must be a grid of at least one"),
        (lambda: CooperativenessBelief([0.0, 1.0], [0.3, 0.3]), "prior must sum to one"),
        (lambda: CooperativenessBelief([0.0, 1.0], [1.0]), "prior must be 2 probabilities"),
        (
            lambda: CooperativenessBelief([0.0, 1.0], forgetting=1.1),
            r"forgetting must lie in \[0, 1\], got 1.1",
        ),
        (lambda: CooperativenessBelief([0.0, 1.0]).update([1.0]), "likelihood must be 2 finite numbers"),
        (lambda: CooperativenessBelief([0.0, 1.0]).update([1.0, -1.0]), "likelihood must be 2 finite"),
        (lambda: CooperativenessBelief([0.0, 1.0]).update([1.0, np.inf]), "likelihood must be 2 finite"),
        (
            lambda: CooperativenessBelief([0.0, 1.0]).interval(1.5),
            r"confidence must lie in \[0, 1\], got 1.5",
        ),
    ],
)
def test_errors_state_the_rule_and_the_value(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_tremble_must_be_a_probability() -> None:
    family = policy_family(named_game("prisoners-dilemma"), 0, weights=[0.0, 1.0])
    with pytest.raises(ValueError, match=r"tremble must lie in \[0, 1\], got -0.1"):
        floored_likelihoods(family, -0.1)


def test_coverage_is_the_old_name_of_confidence() -> None:
    belief = CooperativenessBelief(np.linspace(0.0, 1.0, 11))
    with pytest.warns(DeprecationWarning, match="coverage of interval is called confidence now"):
        assert belief.interval(coverage=0.5) == belief.interval(0.5)
