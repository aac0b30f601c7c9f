"""Reading beta off rewards: clamps, sets, and curves that are flat or fall."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.gradual.policies import cooperativeness_grid, policy_family
from simulation.gradual.reward_inversion import average_curve, average_reward, invert_curve, invert_values
from simulation.gradual.surfaces import value_surfaces
from tests.examples import examples
from theory import named_game

GRID = np.linspace(0.0, 1.0, 11)


@settings(max_examples=examples(50), deadline=None)
@given(beta=st.floats(0.0, 1.0), slope=st.floats(0.1, 10.0), shift=st.floats(-5.0, 5.0))
def test_a_straight_line_is_inverted_exactly(beta: float, slope: float, shift: float) -> None:
    found = invert_values(GRID, shift + slope * GRID, shift + slope * beta)
    assert found.estimate == pytest.approx(beta, abs=1e-7)
    assert found.lower == pytest.approx(found.upper, abs=1e-7)
    assert found.monotone


def test_both_clamps() -> None:
    below, above = invert_values(GRID, 2 * GRID, -1.0), invert_values(GRID, 2 * GRID, 3.0)
    assert (below.estimate, below.position) == (0.0, "below")
    assert (above.estimate, above.position) == (1.0, "above")


def test_flat_curves_give_sets() -> None:
    # V is 1 up to beta = .3, then 2: as behind the threshold of a matrix dilemma.
    values = np.where(GRID < 0.35, 1.0, 2.0)
    at = invert_values(GRID, values, 1.0)
    assert (at.lower, at.upper, at.estimate) == pytest.approx((0.0, 0.3, 0.15))
    assert at.solutions.ravel() == pytest.approx([0.0, 0.3])
    above = invert_values(GRID, values, 2.5)
    assert (above.lower, above.upper, above.estimate) == pytest.approx((0.4, 1.0, 1.0))
    below = invert_values(GRID, values, 0.5)
    assert (below.lower, below.upper, below.estimate) == pytest.approx((0.0, 0.3, 0.0))
    between = invert_values(GRID, values, 1.25)
    assert between.estimate == pytest.approx(0.325)


def test_a_constant_curve_tells_nothing() -> None:
    # Nor does one that is constant up to rounding.
    for curve in (np.ones(11), 1.0 + 1e-15 * GRID, 3.0 * (0.1 + 0.2 * GRID - 0.2 * GRID)):
        for reward in (0.0, 0.3, 1.0, 2.0):
            found = invert_values(GRID, curve, reward)
            assert (found.lower, found.upper, found.estimate) == (0.0, 1.0, 0.5)


def test_rewards_in_the_prisoners_dilemma_are_read_honestly() -> None:
    # A defector gets P = 1 from everybody below beta = 1/3 and T = 4 from everybody above.
    dilemma, weights = named_game("prisoners-dilemma"), cooperativeness_grid(101)
    families = [policy_family(dilemma, player, weights=weights) for player in range(2)]
    curve = value_surfaces(dilemma, *families).values[0][0]
    sucker = invert_values(weights, curve, 1.0)
    assert (sucker.lower, sucker.upper, sucker.in_jump) == (0.0, pytest.approx(0.33), False)
    slipped = invert_values(weights, curve, 1.05)
    assert slipped.in_jump
    assert slipped.lower == slipped.upper == pytest.approx(0.33, abs=0.01)
    # Who knows how uncertain an average is gets the set of all that is compatible with it.
    known = invert_values(weights, curve, 1.05, uncertainty=0.2)
    assert (known.lower, known.upper, known.in_jump) == (0.0, pytest.approx(0.33, abs=0.01), False)
    assert known.estimate == pytest.approx(0.165, abs=0.01)
    nothing = invert_values(weights, curve, 2.5, uncertainty=2.0)
    assert (nothing.lower, nothing.upper) == (0.0, 1.0)


def test_uncertain_rewards_give_all_that_is_compatible() -> None:
    found = invert_values(GRID, 2.0 * GRID, 1.0, uncertainty=0.3)
    assert (found.lower, found.upper, found.estimate) == pytest.approx((0.35, 0.65, 0.5))
    assert not found.in_jump
    # Ends lie where the bounds are crossed, however near to a point of the grid.
    narrow = invert_values(GRID, 2.0 * GRID, 1.0, uncertainty=0.21)
    assert (narrow.lower, narrow.upper) == pytest.approx((0.395, 0.605))
    hill = 1.0 - 2.0 * np.abs(GRID - 0.5)
    both = invert_values(GRID, hill, 0.5, uncertainty=0.1)
    assert both.solutions == pytest.approx(np.array([[0.2, 0.3], [0.7, 0.8]]))
    flat = invert_values(GRID, np.where(GRID < 0.35, 1.0, 2.0), 1.5, uncertainty=0.6)
    assert flat.solutions == pytest.approx(np.array([[0.0, 1.0]]))
    # Outside the curve's range by more than the uncertainty: the clamp.
    assert invert_values(GRID, 2.0 * GRID, 3.0, uncertainty=0.5).position == "above"
    assert invert_values(GRID, 2.0 * GRID, 3.0, uncertainty=0.5).estimate == 1.0
    near = invert_values(GRID, 2.0 * GRID, 2.2, uncertainty=0.5)
    assert (near.position, near.lower, near.upper) == ("within", pytest.approx(0.85), 1.0)


@settings(max_examples=examples(50), deadline=None)
@given(
    values=st.lists(st.floats(-2.0, 2.0), min_size=11, max_size=11),
    reward=st.floats(-3.0, 3.0),
    uncertainty=st.floats(0.01, 2.0),
)
def test_the_set_holds_exactly_the_compatible_points(values, reward: float, uncertainty: float) -> None:  # type: ignore[no-untyped-def]
    curve = np.array(values)
    found = invert_values(GRID, curve, reward, uncertainty=uncertainty)
    if found.position == "within":
        for beta, value in zip(GRID, curve, strict=True):
            gap = abs(value - reward) - uncertainty
            inside = ((found.solutions[:, 0] <= beta + 1e-9) & (beta <= found.solutions[:, 1] + 1e-9)).any()
            if abs(gap) > 1e-6:
                assert inside == (gap < 0.0)


def test_curves_that_fall_have_several_solutions() -> None:
    # 0 -> 1 -> 0 with the top at .5
    values = 1.0 - 2.0 * np.abs(GRID - 0.5)
    found = invert_values(GRID, values, 0.5)
    assert not found.monotone
    assert found.solutions == pytest.approx(np.array([[0.25, 0.25], [0.75, 0.75]]))
    assert (found.lower, found.upper) == pytest.approx((0.25, 0.75))
    top = invert_values(GRID, values, 2.0)
    assert top.estimate == pytest.approx(0.5)
    assert top.position == "above"


def test_a_falling_curve_is_clamped_at_the_other_end() -> None:
    # A high reward then speaks for the least cooperative beta.
    found = invert_values(GRID, -GRID, 1.0)
    assert found.estimate == 0.0
    assert invert_values(GRID, -GRID, -2.0).estimate == 1.0


def test_averages_are_time_weighted() -> None:
    average = average_reward(99.0, 4.0, 0.25, True)
    assert average == 4.0
    assert average_reward(average, 8.0, 0.25, False) == 5.0
    curve = np.zeros(2)
    average_curve(curve, np.array([1.0, 2.0]), 0.25, True)
    average_curve(curve, np.array([5.0, 2.0]), 0.25, False)
    assert curve.tolist() == [2.0, 2.0]


def test_averaged_curve_is_consistent_while_alpha_moves() -> None:
    # V(alpha, beta) = beta - alpha^2: rewards of a fixed beta are inverted exactly whatever alpha did.
    curve, average, beta = np.zeros(11), 0.0, 0.37
    for t, alpha in enumerate([0.0, 1.0, 0.3, 0.9, 0.1]):
        average = average_reward(average, beta - alpha**2, 0.3, t == 0)
        average_curve(curve, GRID - alpha**2, 0.3, t == 0)
    assert invert_curve(GRID, curve, average)[2] == pytest.approx(beta)
    # The literal rule compares with the curve of the last alpha alone, and is wrong.
    assert abs(invert_curve(GRID, GRID - 0.1**2, average)[2] - beta) > 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], 0.0), "weights must be a grid"),
        ((GRID, [0.0], 0.0), "values must be one for each of 11 weights"),
        ((GRID, GRID, float("nan")), "reward must be finite, got nan"),
    ],
)
def test_errors_state_the_rule_and_the_value(arguments, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        invert_values(*arguments)


def test_uncertainty_is_not_negative() -> None:
    with pytest.raises(ValueError, match="uncertainty must be at least 0, got -1"):
        invert_values(GRID, GRID, 0.0, uncertainty=-1.0)


def test_a_grid_of_one_point_knows_one_answer() -> None:
    for uncertainty in (0.0, 1.0):
        found = invert_values([0.5], [1.0], 1.0, uncertainty=uncertainty)
        assert (found.lower, found.upper, found.estimate, found.in_jump) == (0.5, 0.5, 0.5, False)
