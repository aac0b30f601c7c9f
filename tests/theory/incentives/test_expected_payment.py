import re
from math import inf

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from tests.examples import examples
from theory.games.catalogue import named_game
from theory.games.game import Game
from theory.incentives.expected_payment import expected_gradients, least_expected_payment
from theory.incentives.program import Effort, IncentiveProgram, Limits, Objective

probabilities = st.floats(0.02, 0.98)
pushes = st.floats(-0.5, 0.5).map(lambda g: round(g, 6))


def contributed(incentives, cooperation):
    """Derivatives of the expected incentives by theta, by central differences."""
    n = len(cooperation)
    theta = np.log(np.array(cooperation)) - np.log1p(-np.array(cooperation))

    def expected(thetas):
        p = 1 / (1 + np.exp(-thetas))
        return Game(incentives).expected_payoffs([[q, 1 - q] for q in p])

    h = 1e-5
    steps = h * np.eye(n)
    return [(expected(theta + steps[i])[i] - expected(theta - steps[i])[i]) / (2 * h) for i in range(n)]


def least_total(p, gradient, bound):
    """Closed form for one learner: pay for the rarer action first."""
    reach = bound * p * (1 - p)
    cheap, dear = min(1 / p, 1 / (1 - p)), max(1 / p, 1 / (1 - p))
    push = abs(gradient)
    if push > 2 * reach + 1e-12:
        return None
    return cheap * min(push, reach) + dear * max(push - reach, 0)


@given(probabilities, probabilities, pushes, pushes, st.sampled_from([None, 0.5, 3.0]))
@settings(max_examples=examples(60), deadline=None)
def test_least_total_in_closed_form(p, q, g, h, bound):
    limit = inf if bound is None else bound
    each = [least_total(p, g, limit), least_total(q, h, limit)]
    reach = max(abs(g) / (2 * p * (1 - p)), abs(h) / (2 * q * (1 - q)))
    assume(bound is None or abs(reach - bound) > 1e-6)
    found = least_expected_payment([p, q], [g, h], bound=bound)
    assert found.least_bound == pytest.approx(reach, abs=1e-7)
    assert found.feasible == (None not in each)
    if found.feasible:
        assert found.payment == pytest.approx(sum(each), abs=1e-6)
        assert contributed(found.incentives, [p, q]) == pytest.approx([g, h], abs=1e-6)
        assert np.abs(found.incentives).max() <= limit + 1e-7
    else:
        assert (found.payment, found.incentives) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "payment", "paid"),
    [
        # p = 1/4, q = 4/5, a gradient of .03 and .04: slopes .16 and .25.
        ({}, 0.03 / 0.75 + 0.04 / 0.8, {(0, 0), (1, 1)}),
        ({"incentive_signs": "rewards"}, 0.03 / 0.75 + 0.04 / 0.2, {(0, 0), (1, 0)}),
        ({"incentive_signs": "punishments"}, 0.03 / 0.25 + 0.04 / 0.8, {(0, 1), (1, 1)}),
    ],
)
def test_rare_actions_are_paid_for(arguments, payment, paid):
    found = least_expected_payment([0.25, 0.8], [0.03, 0.04], **arguments)
    assert found.payment == pytest.approx(payment)
    # Which player is paid something, in which of its own actions.
    own = {
        (i, a) for i in (0, 1) for a in (0, 1) if np.abs(np.take(found.incentives[i], a, axis=i)).sum() > 1e-9
    }
    assert own == paid


def test_pushing_back_costs_the_same_with_the_signs_turned():
    push = least_expected_payment([0.25, 0.8], [0.03, -0.04])
    assert push.payment == pytest.approx(0.03 / 0.75 + 0.04 / 0.8)
    assert np.take(push.incentives[1], 1, axis=1).min() >= 0
    assert contributed(push.incentives, [0.25, 0.8]) == pytest.approx([0.03, -0.04], abs=1e-7)


def test_the_push_that_cancels_greed_costs_less_as_defection_gets_rare():
    # Greed and fear are 1, and so is the fine on defection that cancels them: due ever less often.
    payments = []
    for p in (0.5, 0.9, 0.99, 0.999):
        own = expected_gradients(named_game("prisoners-dilemma"), [p, p])
        assert own == pytest.approx([-p * (1 - p)] * 2)
        payments.append(least_expected_payment([p, p], -own).payment)
    assert payments == pytest.approx([1.0, 0.2, 0.02, 0.002])


def test_revenue_neutral_pushes():
    p, q = 0.3, 0.3
    found = least_expected_payment([p, q], [0.05, 0.05], revenue_neutral=True)
    assert found.incentives.sum(axis=0) == pytest.approx(np.zeros((2, 2)), abs=1e-9)
    assert contributed(found.incentives, [p, q]) == pytest.approx([0.05, 0.05], abs=1e-7)
    # A transfer t from the defector to the cooperator pushes both: slope q t' + (1 - q) t on each side.
    transfer = 0.05 / (p * (1 - p))
    assert found.payment == pytest.approx(2 * p * (1 - p) * 2 * transfer)
    assert found.payment > least_expected_payment([p, q], [0.05, 0.05]).payment


@given(probabilities, probabilities, pushes, pushes, st.sampled_from([1.5, 4.0]), st.booleans())
@settings(max_examples=examples(25), deadline=None)
def test_least_length_is_a_minimum(p, q, g, h, bound, revenue_neutral):
    limits = {"bound": bound, "revenue_neutral": revenue_neutral}
    found = least_expected_payment([p, q], [g, h], norm="euclidean", **limits)
    total = least_expected_payment([p, q], [g, h], **limits)
    assert found.feasible == total.feasible
    assert found.least_bound == pytest.approx(total.least_bound)
    assume(found.feasible)
    assert contributed(found.incentives, [p, q]) == pytest.approx([g, h], abs=1e-6)
    assert np.abs(found.incentives).max() <= bound + 1e-7
    weights = np.outer([p, 1 - p], [q, 1 - q])
    lengths = np.sqrt((found.incentives**2).sum(axis=0))
    assert found.payment == pytest.approx((weights * lengths).sum())
    # Norms of two numbers: |u| <= sum |u_i| <= sqrt(2) |u|.
    assert total.payment / np.sqrt(2) - 1e-7 <= found.payment <= total.payment + 1e-7
    if revenue_neutral:
        assert found.payment == pytest.approx(total.payment / np.sqrt(2), abs=1e-7)


def test_least_length_is_that_of_a_general_solver():
    p, q, g, h, bound = 0.25, 0.9, 0.3, 0.05, 3.0
    found = least_expected_payment([p, q], [g, h], norm="euclidean", bound=bound)
    weights = np.outer([p, 1 - p], [q, 1 - q])

    def cost(u):
        return (weights * np.sqrt((u.reshape(2, 2, 2) ** 2).sum(axis=0) + 1e-14)).sum()

    def slopes(u):
        first, second = u.reshape(2, 2, 2)
        return [
            p * (1 - p) * ((first[0] - first[1]) @ [q, 1 - q]) - g,
            q * (1 - q) * ([p, 1 - p] @ (second[:, 0] - second[:, 1])) - h,
        ]

    start = np.random.default_rng(0).normal(size=8)
    general = minimize(
        cost,
        start,
        bounds=[(-bound, bound)] * 8,
        constraints={"type": "eq", "fun": slopes},
        tol=1e-12,
        options={"maxiter": 1000},
    )
    assert found.payment <= general.fun + 1e-7
    assert found.payment == pytest.approx(general.fun, abs=1e-4)


def test_three_learners():
    p = [0.2, 0.5, 0.7]
    found = least_expected_payment(p, [0.1, 0.1, 0.1])
    assert found.payment == pytest.approx(0.1 / 0.8 + 0.1 / 0.5 + 0.1 / 0.7)
    assert contributed(found.incentives, p) == pytest.approx([0.1] * 3, abs=1e-6)
    length = least_expected_payment(p, [0.1, 0.1, 0.1], norm="euclidean")
    assert contributed(length.incentives, p) == pytest.approx([0.1] * 3, abs=1e-6)
    assert found.payment / np.sqrt(3) <= length.payment < found.payment


def test_certain_players_cannot_be_pushed():
    found = least_expected_payment([1.0, 0.5], [0.1, 0.0])
    assert (found.feasible, found.payment, found.incentives, found.least_bound) == (False, None, None, inf)
    one = least_expected_payment([1.0, 0.5], [0.0, 0.1])
    assert one.payment == pytest.approx(0.1 / 0.5)
    # Outcomes that do not occur are left alone.
    assert (one.incentives[:, 1] == 0).all()
    assert contributed(one.incentives, [1 - 1e-12, 0.5])[1] == pytest.approx(0.1, abs=1e-5)
    assert least_expected_payment([0.0, 1.0], [0, 0]).payment == 0


def test_out_of_reach():
    found = least_expected_payment([0.5, 0.5], [0.1, 0.6], bound=1)
    assert (found.feasible, found.payment) == (False, None)
    assert found.least_bound == pytest.approx(1.2)
    never = least_expected_payment([0.5, 0.5], [0.1, 0.1], incentive_signs="rewards", revenue_neutral=True)
    assert never.least_bound == inf
    assert not least_expected_payment([0.5, 0.5], [0.1, 0.6], bound=1, norm="euclidean").feasible


def test_gradients_of_a_game():
    game = named_game("chicken-3.2")
    gradients = expected_gradients(game, [0.3, 0.6])
    # C pays .6 * 3 + .4 * 1, D pays .6 * 4; C pays .3 * 3 + .7 * 1, D pays .3 * 4.
    assert gradients == pytest.approx([0.21 * (2.2 - 2.4), 0.24 * (1.6 - 1.2)])
    assert gradients == pytest.approx(contributed(game.payoffs, [0.3, 0.6]), abs=1e-8)
    three = Game(np.random.default_rng(1).normal(size=(3, 2, 2, 2)))
    assert expected_gradients(three, [0.1, 0.5, 0.8]) == pytest.approx(
        contributed(three.payoffs, [0.1, 0.5, 0.8]), abs=1e-8
    )


@pytest.mark.parametrize(
    ("cooperation", "gradients", "arguments", "message"),
    [
        ([0.5], [1, 1], {}, "cooperation must be one probability for each of 2 players, got shape (1,)"),
        ([0.5, 1.5], [1, 1], {}, "cooperation must lie in [0, 1], got [0.5, 1.5]"),
        ([np.nan, 0.5], [1, 1], {}, "cooperation must be finite, got nan at position (0,)"),
        ([-0.5, 0.5], [1, 1], {}, "cooperation must lie in [0, 1], got [-0.5, 0.5]"),
        ([0.5, 0.5], 1.0, {}, "gradients must be one number for each learner, got shape ()"),
        ([], [], {}, "gradients must be one number for each learner, got shape (0,)"),
        ([0.5, 0.5], [1, np.nan], {}, "gradients must be finite, got nan at position (1,)"),
        ([0.5, 0.5], [1, 1], {"norm": "l1"}, "unknown norm 'l1'"),
        ([0.5, 0.5], [1, 1], {"incentive_signs": "fines"}, "unknown incentive_signs 'fines'"),
        ([0.5, 0.5], [1, 1], {"bound": -1}, "bound must lie in [0, inf], got -1"),
        ([0.5] * 4, [1] * 4, {"norm": "euclidean"}, 'is for at most 3 learners, got 4: ask for "total"'),
        ([0.5] * 11, [1] * 11, {}, "the game must have at most 20000 payoffs"),
    ],
)
def test_bad_arguments(cooperation, gradients, arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        least_expected_payment(cooperation, gradients, **arguments)


def test_gradients_need_two_actions():
    with pytest.raises(ValueError, match=re.escape("the game must have two actions each, got (3, 3)")):
        expected_gradients(named_game("rock-paper-scissors"), [0.5, 0.5])


def test_cutting_planes_are_bounded():
    joint = np.multiply.outer([0.25, 0.75], [0.9, 0.1])
    program = IncentiveProgram((2, 2), Limits(bound=3), 1.0, Effort(cuts=2))
    program.equal([0, 1, 2, 3], [0.9, 0.1, -0.9, -0.1], 1.6)
    program.equal([4, 6, 5, 7], [0.25, 0.75, -0.25, -0.75], 0.5)
    with pytest.raises(ValueError, match="must be found within 2 cuts"):
        program.minimise(Objective(np.broadcast_to(joint, (2, 2, 2)), "euclidean"))
