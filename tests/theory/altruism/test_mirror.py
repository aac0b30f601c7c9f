import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory.altruism.mirror import mirror_fixed_points, mirror_step, mirror_trajectory

weight = st.integers(0, 20).map(lambda k: k / 20)
generosity = st.integers(-26, 26).map(lambda k: k / 20)
updates = st.sampled_from(["simultaneous", "alternating"])


def test_one_simultaneous_step_crosses_the_old_weights():
    assert mirror_step(np.array([0.2, 0.7]), (0.1, -0.05)) == pytest.approx([0.8, 0.15])


def test_one_alternating_step_lets_player_2_see_the_new_weight():
    assert mirror_step(np.array([0.2, 0.7]), (0.1, -0.05), update="alternating") == pytest.approx([0.8, 0.75])


def test_steps_are_clipped_to_the_unit_square():
    assert mirror_step(np.array([0.9, 0.1]), (-0.3, 0.3)).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("epsilons", "rest", "steps_from_selfishness"),
    [
        ((0.05, 0.05), (1.0, 1.0), 20),
        ((0.05, -0.02), (1.0, 0.98), 66),
        ((0.02, -0.05), (0.02, 0.0), 1),
        ((-0.1, 0.3), (0.9, 1.0), 10),
        ((-0.3, 0.1), (0.0, 0.1), 1),
        ((-0.2, -0.2), (0.0, 0.0), 0),
        ((1.5, -1.2), (1.0, 0.0), 1),
    ],
)
def test_the_sum_of_generosities_decides(epsilons, rest, steps_from_selfishness):
    fixed = mirror_fixed_points(*epsilons)
    assert fixed.vertices == pytest.approx(np.array([rest]), abs=1e-12)
    assert not fixed.continuum
    trajectory = mirror_trajectory((0, 0), *epsilons)
    assert trajectory.period == 1
    assert trajectory.weights[-1] == pytest.approx(rest, abs=1e-12)
    assert trajectory.updates == steps_from_selfishness
    assert trajectory.updates <= fixed.step_bound
    assert len(trajectory.weights) == trajectory.updates + 1


@pytest.mark.parametrize(
    ("epsilons", "bound"),
    [((0.05, 0.05), 20), ((0.3, -0.26), 50), ((-0.4, 0), 6), ((3, 3), 2), ((2, -2), 2)],
)
def test_step_bound_is_two_updates_for_each_round_trip(epsilons, bound):
    assert mirror_fixed_points(*epsilons).step_bound == bound


def test_the_step_bound_is_met_by_the_slowest_start():
    assert mirror_trajectory((0, 0), 0.05, 0.05).updates == mirror_fixed_points(0.05, 0.05).step_bound


def test_without_generosity_the_diagonal_is_fixed():
    fixed = mirror_fixed_points(0, 0)
    assert fixed.continuum
    assert fixed.step_bound is None
    assert fixed.vertices.tolist() == [[0, 0], [1, 1]]


def test_opposite_generosities_leave_a_shifted_segment():
    fixed = mirror_fixed_points(0.25, -0.25)
    assert fixed.continuum
    assert fixed.vertices.tolist() == [[0.25, 0], [1, 0.75]]


@pytest.mark.parametrize(("epsilon", "rest"), [(1, (1, 0)), (1.5, (1, 0)), (-1, (0, 1)), (-2, (0, 1))])
def test_of_the_segment_one_corner_is_left_when_one_takes_all(epsilon, rest):
    fixed = mirror_fixed_points(epsilon, -epsilon)
    assert fixed.vertices.tolist() == [list(rest)]
    assert not fixed.continuum


def test_rounding_in_the_sum_of_generosities_counts_as_zero():
    assert mirror_fixed_points(0.1 + 0.2, -0.3).continuum
    assert not mirror_fixed_points(0.3 + 1e-6, -0.3).continuum


def test_tit_for_tat_echoes_when_both_move_at_once():
    trajectory = mirror_trajectory((1, 0), 0, 0)
    assert trajectory.period == 2
    assert trajectory.updates == 0
    assert trajectory.weights.tolist() == [[1, 0], [0, 1]]


def test_turn_taking_stops_the_echo_at_once():
    trajectory = mirror_trajectory((1, 0), 0, 0, update="alternating")
    assert (trajectory.period, trajectory.updates) == (1, 1)
    assert trajectory.weights.tolist() == [[1, 0], [0, 0]]


def test_a_start_off_the_box_of_the_segment_is_clipped_once_before_it_echoes():
    limit = mirror_fixed_points(0.25, -0.25).limit((0.1, 0.9))
    assert limit == pytest.approx(np.array([[0.25, 0.75], [1.0, 0.0]]))


def test_max_updates_bounds_a_slow_climb():
    trajectory = mirror_trajectory((0, 0), 1e-5, 1e-5, max_updates=10)
    assert (trajectory.period, trajectory.updates) == (0, 10)
    assert trajectory.weights.shape == (11, 2)


@settings(max_examples=examples(300), deadline=None)
@given(weight, weight, generosity, generosity, updates)
def test_trajectories_end_where_the_closed_form_says(alpha, beta, epsilon_1, epsilon_2, update):
    fixed = mirror_fixed_points(epsilon_1, epsilon_2)
    trajectory = mirror_trajectory((alpha, beta), epsilon_1, epsilon_2, update=update)
    limit = fixed.limit((alpha, beta), update=update)
    assert trajectory.period == len(limit)
    assert trajectory.updates <= (fixed.step_bound or 3)
    reached = trajectory.weights[-trajectory.period :]
    assert reached == pytest.approx(limit, abs=1e-9) or reached[::-1] == pytest.approx(limit, abs=1e-9)
    for point in limit[: len(limit) % 2]:
        assert mirror_step(point, (epsilon_1, epsilon_2), update=update) == pytest.approx(point, abs=1e-9)


@settings(max_examples=examples(200), deadline=None)
@given(weight, weight, generosity, updates)
def test_opposite_generosities_end_where_the_closed_form_says(alpha, beta, epsilon, update):
    trajectory = mirror_trajectory((alpha, beta), epsilon, -epsilon, update=update)
    limit = mirror_fixed_points(epsilon, -epsilon).limit((alpha, beta), update=update)
    assert trajectory.period == len(limit)
    reached = trajectory.weights[-trajectory.period :]
    assert reached == pytest.approx(limit, abs=1e-9) or reached[::-1] == pytest.approx(limit, abs=1e-9)


def test_one_update_may_be_asked_for():
    assert mirror_trajectory((0, 0), 0.1, 0.1, max_updates=1).updates == 1


@settings(max_examples=examples(100), deadline=None)
@given(generosity, generosity)
def test_renaming_the_players_swaps_the_fixed_points(epsilon_1, epsilon_2):
    one, other = mirror_fixed_points(epsilon_1, epsilon_2), mirror_fixed_points(epsilon_2, epsilon_1)
    assert one.vertices[:, ::-1] == pytest.approx(other.vertices)


@settings(max_examples=examples(100), deadline=None)
@given(generosity, generosity)
def test_exchanging_cooperation_and_defection_reflects_the_fixed_points(epsilon_1, epsilon_2):
    one, other = mirror_fixed_points(epsilon_1, epsilon_2), mirror_fixed_points(-epsilon_1, -epsilon_2)
    assert np.sort(1 - one.vertices, axis=0) == pytest.approx(np.sort(other.vertices, axis=0))


def test_limit_returns_its_own_array():
    fixed = mirror_fixed_points(0.1, 0.1)
    fixed.limit((0, 0))[:] = 7
    assert fixed.vertices.tolist() == [[1, 1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mirror_trajectory((0, 1.5), 0, 0), r"start must be two weights in \[0, 1\], got \(0, 1.5\)"),
        (lambda: mirror_trajectory((-0.5, 1), 0, 0), r"start must be two weights in \[0, 1\]"),
        (lambda: mirror_fixed_points(0, 0).limit((0, 0, 0)), r"start must be two weights"),
        (lambda: mirror_trajectory((0, 0), 0, 0, update="random"), "unknown update 'random'"),
        (lambda: mirror_fixed_points(0, 0).limit((0, 0), update="both"), "unknown update 'both'"),
        (
            lambda: mirror_trajectory((0, 0), 0, 0, max_updates=0),
            r"max_updates must lie in \[1, 10000000\], got 0",
        ),
        (lambda: mirror_fixed_points(float("nan"), 0), "epsilon_1 must be finite"),
        (lambda: mirror_fixed_points(0, float("inf")), "epsilon_2 must be finite"),
        (lambda: mirror_trajectory((0, 0), float("nan"), 0), "epsilon_1 must be finite"),
        (lambda: mirror_trajectory((0, 0), 0, float("nan")), "epsilon_2 must be finite"),
    ],
)
def test_errors_state_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
