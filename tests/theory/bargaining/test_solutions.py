from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory import BargainingProblem, Game, NoRationalAgreement, named_game
from theory.bargaining import lotteries
from theory.many_players.linear_dilemma import linear_dilemma

NOTIONS = ("nash", "kalai_smorodinsky", "egalitarian", "utilitarian")

# The frontier runs from (2, 4) over (4, 2) to (10, -10); at d = (0, 0) it ends at (5, 0).
STEEP = [(0, 0), (2, 4), (4, 2), (10, -10)]

# Roth (1979), Proportional solutions to the bargaining problem: no efficient payoff gives all the same.
ROTH = [(0, 0, 0), (1, 0, 1), (0, 1, 1)]


def solve(problem, notion):
    return getattr(problem, notion)()


def point_of(outcomes, disagreement, notion):
    return solve(BargainingProblem(outcomes, disagreement), notion).point


def outcome_sets(n_players=2, least=1, most=9):
    return st.integers(least, most).flatmap(
        lambda m: arrays(np.float64, (m, n_players), elements=st.integers(-6, 6).map(float))
    )


@st.composite
def problems(draw, n_players=2, most=9):
    """Outcomes and a disagreement point that some lottery reaches or exceeds."""
    outcomes = draw(outcome_sets(n_players, most=most))
    weights = np.array(draw(st.lists(st.integers(0, 5), min_size=len(outcomes), max_size=len(outcomes))))
    assume(weights.sum() > 0)
    below = draw(arrays(np.float64, n_players, elements=st.integers(0, 4).map(float)))
    return outcomes, weights @ outcomes / weights.sum() - below


def units_of(outcomes):
    spread = np.ptp(outcomes, axis=0)
    return np.where(spread > 0, spread, 1)


# Published solutions and closed forms


def test_nash_example_of_bill_and_jack():
    # Nash (1950), The bargaining problem, section "Examples": each good's utility to Bill and to Jack. Bill
    # owns the first five. He gives book, whip, ball and bat for pen, toy and knife.
    goods = {
        "book": (2, 4),
        "whip": (2, 2),
        "ball": (2, 1),
        "bat": (2, 2),
        "box": (4, 1),
        "pen": (10, 1),
        "toy": (4, 1),
        "knife": (6, 2),
        "hat": (2, 2),
    }
    to_bill, to_jack = np.array(list(goods.values()), dtype=float).T
    bill_has = np.array(list(product((0, 1), repeat=9)))
    outcomes = np.stack([bill_has @ to_bill, (1 - bill_has) @ to_jack], axis=1)
    solution = BargainingProblem(outcomes, [12, 6]).nash()
    np.testing.assert_allclose(solution.gains, [12, 5])
    chosen = bill_has[solution.weights.argmax()]
    assert [name for name, his in zip(goods, chosen, strict=True) if his] == ["box", "pen", "toy", "knife"]
    assert solution.weights.max() == 1


@pytest.mark.parametrize("notion", NOTIONS)
@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("prisoners-dilemma", 3),
        ("chicken", 3),
        ("chicken-3.2", 3),
        ("stag-hunt", 3),
        ("deadlock", 2),
        ("battle-of-the-sexes", 1.5),
        ("matching-pennies", 0),
        ("chicken-aumann", 6),
    ],
)
def test_all_notions_agree_in_symmetric_games(name, share, notion):
    solution = solve(BargainingProblem.of(named_game(name)), notion)
    np.testing.assert_allclose(solution.point, [share, share], rtol=0, atol=1e-12)
    assert solution.gains_equal


@pytest.mark.parametrize(
    ("outcomes", "disagreement", "expected"),
    [
        # A triangle: Nash and Kalai-Smorodinsky halve the line, which they see as symmetric.
        ([(0, 0), (4, 0), (0, 2)], (0, 0), [(2, 1), (2, 1), (4 / 3, 4 / 3), (4, 0)]),
        # A trapezoid: the product is largest at the corner (1, 1); the ideal point is (2, 1).
        ([(0, 0), (2, 0), (1, 1), (0, 1)], (0, 0), [(1, 1), (4 / 3, 2 / 3), (1, 1), (1, 1)]),
        # The ideal point is (5, 4), since (10, -10) is not rational: 5 : 4 on x + y = 6.
        (STEEP, (0, 0), [(3, 3), (10 / 3, 8 / 3), (3, 3), (3, 3)]),
        # From (0, -4) the last edge, y = 10 - 2 x, counts as far as (7, -4). Nash's product x (10 - x) rises
        # on the line x + y = 6 as far as 5, beyond its end, and x (14 - 2 x) falls from 3.5 on: the corner.
        (STEEP, (0, -4), [(4, 2), (98 / 22, 10 - 196 / 22), (14 / 3, 2 / 3), (4, 2)]),
        # Only (4, 3) is efficient: the equal-gains line leaves the set before it.
        ([(0, 0), (4, 0), (4, 3), (0, 1)], (0, 0), [(4, 3)] * 4),
        # A disagreement point outside, below both.
        ([(1, 3), (3, 1)], (0, 0), [(2, 2)] * 4),
        # Above 2 for player 2 there is only the way from (1, 3) to (2, 2), and x (2 - x) falls on it.
        ([(1, 3), (3, 1)], (0, 2), [(1, 3), (4 / 3, 8 / 3), (1, 3), (1, 3)]),
        # All utilities negative.
        ([(-4, 0), (0, -4), (-5, -5)], (-5, -5), [(-2, -2)] * 4),
    ],
)
def test_closed_forms(outcomes, disagreement, expected):
    for notion, point in zip(NOTIONS, expected, strict=True):
        solution = solve(BargainingProblem(outcomes, disagreement), notion)
        np.testing.assert_allclose(solution.point, point, rtol=0, atol=1e-12, err_msg=notion)


def test_solution_says_what_it_is():
    problem = BargainingProblem(STEEP, [0, 0])
    solution = problem.kalai_smorodinsky()
    np.testing.assert_allclose(solution.ideal, [5, 4])
    np.testing.assert_allclose(problem.ideal_point, [5, 4])
    np.testing.assert_allclose(solution.gains, [10 / 3, 8 / 3])
    np.testing.assert_allclose(solution.weights, [0, 1 / 3, 2 / 3, 0])
    np.testing.assert_allclose(solution.face, [[10 / 3, 8 / 3]])
    np.testing.assert_array_equal(solution.scale, [10, 14])
    assert not solution.gains_equal
    names = [solve(problem, notion).name for notion in NOTIONS]
    assert names == ["Nash", "Kalai-Smorodinsky", "egalitarian", "utilitarian"]
    assert [solve(problem, notion).ideal is None for notion in NOTIONS] == [True, False, True, True]
    shifted = BargainingProblem(np.array(STEEP) + 1, [1, 1])
    np.testing.assert_allclose(shifted.nash().gains, [3, 3])
    assert repr(problem) == "<BargainingProblem: 4 outcomes, 2 players, disagreement point [0.0, 0.0]>"
    np.testing.assert_array_equal(problem.outcomes, STEEP)
    np.testing.assert_array_equal(problem.feasible_set.pareto_frontier, STEEP[1:])


def test_distances_are_in_payoff_ranges():
    solution = BargainingProblem([(0, 0), (4, 0), (0, 2)], [0, 0]).nash()
    assert solution.distance_to([2, 1]) == pytest.approx(0, abs=1e-12)
    assert solution.distance_to([4, 0]) == pytest.approx(np.sqrt(0.5))
    assert solution.distance_to([2, 2]) == pytest.approx(0.5)
    with pytest.raises(ValueError, match=r"payoffs must be 2 payoffs, got shape \(3,\)"):
        solution.distance_to([1, 2, 3])


# Utilitarian solutions are sets and ignore the disagreement point


def test_utilitarian_ties():
    dollar = BargainingProblem([(0, 0), (1, 0), (0, 1)], [0.2, 0])
    solution = dollar.utilitarian()
    np.testing.assert_array_equal(solution.face, [(0, 1), (1, 0)])
    np.testing.assert_allclose(solution.point, [0.6, 0.4])  # equal gains of 0.4
    assert solution.gains_equal
    assert solution.distance_to([0.9, 0.1]) == pytest.approx(0, abs=1e-12)
    assert solution.distance_to([1, 1]) == pytest.approx(np.sqrt(0.5))
    assert solution.distance_to([0, 2]) == pytest.approx(1)
    rational = dollar.utilitarian(rational=True)
    np.testing.assert_allclose(rational.face, [(0.2, 0.8), (1, 0)])
    # From STEEP's disagreement point (0, -4) the end of the face that is nearest to equal gains is (4, 2).
    steep = BargainingProblem(STEEP, [0, -4]).utilitarian()
    np.testing.assert_array_equal(steep.face, [(2, 4), (4, 2)])
    np.testing.assert_array_equal(steep.point, [4, 2])
    np.testing.assert_array_equal(BargainingProblem(STEEP, [-4, 0]).utilitarian().point, [2, 4])


def test_utilitarian_solution_may_be_worse_than_disagreement():
    # Player 2 could get 1 alone, but the sum is largest where it pays.
    outcomes = [(1, 1), (3, 2), (9, 0)]
    problem = BargainingProblem(outcomes, [1, 1])
    np.testing.assert_array_equal(problem.utilitarian().point, [9, 0])
    np.testing.assert_array_equal(problem.utilitarian().gains, [8, -1])
    np.testing.assert_allclose(problem.utilitarian(rational=True).point, [6, 1])
    np.testing.assert_allclose(problem.utilitarian(rational=True).face, [[6, 1]])
    # It exists even where there is no rational agreement.
    nowhere = BargainingProblem(outcomes, [5, 5])
    np.testing.assert_array_equal(nowhere.utilitarian().point, [9, 0])
    with pytest.raises(NoRationalAgreement):
        nowhere.utilitarian(rational=True)


def test_sums_that_differ_by_rounding_tie():
    solution = BargainingProblem([(0.1, 0.2), (0.3, 0), (0, 0)], [0, 0]).utilitarian()
    np.testing.assert_array_equal(solution.face, [(0.1, 0.2), (0.3, 0)])
    np.testing.assert_allclose(solution.point, [0.15, 0.15])


# Degenerate problems


@pytest.mark.parametrize("notion", NOTIONS[:3])
@pytest.mark.parametrize(
    ("outcomes", "disagreement", "point"),
    [
        ([(2, 3)], (2, 3), (2, 3)),
        ([(2, 3)], (0, 0), (2, 3)),
        ([(0, 0), (4, 0), (0, 2)], (2, 1), (2, 1)),  # on an edge of the frontier
        ([(0, 0), (4, 0), (0, 2)], (4, 0), (4, 0)),  # at its end
        ([(0, 0), (1, 0), (0, 1)], (0.1 + 0.2, 0.7), (0.3, 0.7)),  # missed by rounding
        ([(0, 0), (1, 0), (0, 1)], (0.3, 0.7), (0.3, 0.7)),  # exceeded by rounding
        ([(0, 0), (1e9, 0), (0, 1e-9)], (3e8 + 1e-7, 7e-10), (3e8, 7e-10)),  # missed by rounding in ranges
        ([(0, 3), (1, 2.9), (2, 0)], (1.5, 1.45 + 4e-16), (1.5, 1.45)),  # missed on the second edge
        ([(0, 0), (4, 0), (4, 3), (0, 3)], (4, 1), (4, 3)),  # player 1 cannot gain
        ([(0, 0), (4, 0), (4, 3), (0, 3)], (1, 3), (4, 3)),  # player 2 cannot gain
        ([(0, 7), (4, 7)], (1, 7), (4, 7)),  # player 2 is indifferent
        ([(1, 1), (3, 2), (2, 1.5)], (1, 1), (3, 2)),  # a line
        ([(0, 5), (5, 0)], (1, 4), (1, 4)),
    ],
)
def test_degenerate_problems(outcomes, disagreement, point, notion):
    solution = solve(BargainingProblem(outcomes, disagreement), notion)
    np.testing.assert_allclose(solution.point, point, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("disagreement", [(1.1, 0), (0, 1.1), (0.6, 0.6), (2, 2), (0.5, 0.5 + 1e-9)])
def test_no_rational_agreement(disagreement):
    problem = BargainingProblem([(0, 0), (1, 0), (0, 1)], disagreement)
    for notion in NOTIONS[:3]:
        with pytest.raises(NoRationalAgreement, match="some feasible payoff must give every player at least"):
            solve(problem, notion)
    with pytest.raises(NoRationalAgreement):
        _ = problem.ideal_point


def test_matching_pennies_have_no_agreement_on_pure_minimax():
    with pytest.raises(NoRationalAgreement, match=r"got disagreement point \[1.0, 1.0\]"):
        BargainingProblem.of(named_game("matching-pennies"), "minimax").nash()


def test_disagreement_points_of_a_game_change_the_solution():
    # Player 1 is safe with 2, its opponent with 0.
    game = Game.bimatrix([[4, 2], [3, 2]], [[0, 4], [1, 0]])
    np.testing.assert_allclose(BargainingProblem.of(game).disagreement, [2, 0.8])
    np.testing.assert_array_equal(BargainingProblem.of(game, "defection").disagreement, [2, 0])
    np.testing.assert_array_equal(BargainingProblem.of(game, "minimax").disagreement, [2, 1])
    np.testing.assert_array_equal(BargainingProblem.of(game, [2, 2]).disagreement, [2, 2])
    nash = BargainingProblem.of(game, "defection").nash()
    np.testing.assert_allclose(nash.point, [3, 2])
    # With 2 for sure, player 2 gains less on the line x + y / 2 = 4, halfway from (2, 4) to (3, 2).
    np.testing.assert_allclose(BargainingProblem.of(game, [2, 2]).nash().point, [2.5, 3])


@pytest.mark.parametrize("size", [1e-90, 1e-9, 1e9, 1e98])
def test_tiny_and_huge_payoffs(size):
    for notion, point in zip(NOTIONS, [(3, 3), (10 / 3, 8 / 3), (3, 3), (3, 3)], strict=True):
        found = point_of(np.array(STEEP) * size, [0, 0], notion)
        np.testing.assert_allclose(found / size, point, rtol=1e-12)


def test_equal_gains_are_equal_up_to_a_fraction_of_the_range():
    for size in (1e-9, 1, 1e9):
        rough = np.array([(0, 0), (2 + 3e-8, 2), (10, -10)]) * size
        assert BargainingProblem(rough, [0, 0]).nash().gains_equal
        assert not BargainingProblem(np.array([(0, 0), (2.01, 2)]) * size, [0, 0]).nash().gains_equal


def test_payoffs_far_from_zero():
    for notion, point in zip(NOTIONS, [(3, 3), (10 / 3, 8 / 3), (3, 3), (3, 3)], strict=True):
        found = point_of(np.array(STEEP) + 1e6, [1e6, 1e6], notion) - 1e6
        np.testing.assert_allclose(found, point, rtol=0, atol=1e-8)


# Two players: what characterises each solution


def distance_to_frontier(problem, point):
    path = problem.feasible_set.pareto_frontier
    distances = [np.abs(path - point).sum(axis=1).min()]
    for start, end in pairwise(path):
        along = end - start
        share = np.clip((point - start) @ along / (along @ along), 0, 1)
        distances.append(np.abs(start + share * along - point).sum())
    return min(distances)


def largest_smallest_gain(gains):
    """The best of all lotteries over two outcomes: a basic solution of the program has no more."""
    best = gains.min(axis=1).max()
    for (a, b), (c, d) in product(gains, gains):
        slope = (c - a) - (d - b)
        share = (b - a) / slope if slope else 0.0
        if 0 <= share <= 1:
            best = max(best, min(a + share * (c - a), b + share * (d - b)))
    return best


@settings(max_examples=examples(80), deadline=None)
@given(problems())
def test_every_solution_is_an_efficient_lottery(problem):
    bargaining = BargainingProblem(*problem)
    for notion in NOTIONS:
        solution = solve(bargaining, notion)
        assert solution.weights.shape == (len(bargaining.outcomes),)
        assert (solution.weights >= 0).all()
        assert solution.weights.sum() == pytest.approx(1)
        np.testing.assert_allclose(solution.weights @ bargaining.outcomes, solution.point, atol=1e-9)
        np.testing.assert_allclose(solution.point - bargaining.disagreement, solution.gains, atol=1e-12)
        assert solution.gains_equal == (np.ptp(solution.gains) <= 1e-6)
        assert distance_to_frontier(bargaining, solution.point) <= 1e-9
        assert notion == "utilitarian" or (solution.gains >= -1e-9).all()


@settings(max_examples=examples(80), deadline=None)
@given(problems())
def test_nash_is_where_no_outcome_raises_the_product(problem):
    outcomes, disagreement = problem
    gains = BargainingProblem(outcomes, disagreement).nash().gains
    assume((gains > 1e-6).all())
    # The product is concave in logarithms: it is largest where its slope towards no outcome is positive.
    assert ((outcomes - disagreement) / gains).sum(axis=1).max() <= 2 + 1e-9


@settings(max_examples=examples(80), deadline=None)
@given(problems())
def test_kalai_smorodinsky_gives_equal_fractions_of_the_ideal_gains(problem):
    outcomes, disagreement = problem
    bargaining = BargainingProblem(outcomes, disagreement)
    solution = bargaining.kalai_smorodinsky()
    ideal = solution.ideal - disagreement
    corners = bargaining.feasible_set.individually_rational(disagreement).vertices
    np.testing.assert_allclose(solution.ideal, corners.max(axis=0), atol=1e-9)
    if (ideal > 1e-6).all():
        assert solution.gains[0] * ideal[1] == pytest.approx(solution.gains[1] * ideal[0], abs=1e-8)


@settings(max_examples=examples(80), deadline=None)
@given(problems())
def test_egalitarian_smallest_gain_is_largest(problem):
    outcomes, disagreement = problem
    gains = BargainingProblem(outcomes, disagreement).egalitarian().gains
    assert gains.min() == pytest.approx(largest_smallest_gain(outcomes - disagreement), abs=1e-9)


@settings(max_examples=examples(80), deadline=None)
@given(problems())
def test_utilitarian_sum_is_largest_and_its_gains_nearest_to_equal(problem):
    outcomes, disagreement = problem
    bargaining = BargainingProblem(outcomes, disagreement)
    solution = bargaining.utilitarian()
    largest = outcomes.sum(axis=1).max()
    assert solution.point.sum() == pytest.approx(largest, abs=1e-9)
    np.testing.assert_allclose(solution.face, bargaining.feasible_set.maximise([1, 1]))
    best = outcomes[outcomes.sum(axis=1) == largest] - disagreement
    assert solution.gains.min() == pytest.approx(largest_smallest_gain(best), abs=1e-9)
    rational = bargaining.utilitarian(rational=True)
    corners = bargaining.feasible_set.individually_rational(disagreement)
    assert rational.point.sum() == pytest.approx(corners.vertices.sum(axis=1).max(), abs=1e-9)
    assert (rational.gains >= -1e-9).all()
    assert (rational.face >= disagreement - 1e-9).all()
    np.testing.assert_allclose(rational.face.sum(axis=1), rational.point.sum(), atol=1e-9)


@settings(max_examples=examples(60), deadline=None)
@given(problems(), st.tuples(st.floats(0.1, 50), st.floats(0.1, 50)), st.integers(-99, 99))
def test_rescaling_players(problem, factors, shift):
    outcomes, disagreement = problem
    for notion in NOTIONS:
        # Nash and Kalai-Smorodinsky are covariant player by player, the others in a common unit only.
        factor = np.array(factors if notion in NOTIONS[:2] else (factors[0], factors[0]))
        shifts = np.array([shift, -2 * shift])
        found = point_of(outcomes * factor + shifts, disagreement * factor + shifts, notion)
        expected = point_of(outcomes, disagreement, notion) * factor + shifts
        np.testing.assert_allclose((found - expected) / factor, 0, atol=1e-8)


@settings(max_examples=examples(60), deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_names_order_duplicates_and_interior_outcomes_change_nothing(problem, random):
    outcomes, disagreement = problem
    more = [*outcomes.tolist(), *outcomes.tolist(), outcomes.mean(axis=0).tolist()]
    random.shuffle(more)
    for notion in NOTIONS:
        expected = point_of(outcomes, disagreement, notion)
        np.testing.assert_allclose(point_of(more, disagreement, notion), expected, atol=1e-9)
        swapped = point_of(outcomes[:, ::-1], disagreement[::-1], notion)
        np.testing.assert_allclose(swapped[::-1], expected, atol=1e-9)


@settings(max_examples=examples(60), deadline=None)
@given(outcome_sets(), st.integers(-9, 0))
def test_symmetric_problems_have_symmetric_solutions(half, disagreement):
    outcomes = np.vstack([half, half[:, ::-1], [[0, 0]]])
    for notion in NOTIONS:
        point = point_of(outcomes, [disagreement, disagreement], notion)
        assert point[0] == pytest.approx(point[1], abs=1e-9)


@settings(max_examples=examples(60), deadline=None)
@given(problems(), st.lists(st.integers(0, 8), min_size=4, max_size=4))
def test_nash_is_independent_of_irrelevant_alternatives(problem, kept):
    outcomes, disagreement = problem
    solution = BargainingProblem(outcomes, disagreement).nash()
    fewer = np.vstack([outcomes[[k % len(outcomes) for k in kept]], [solution.point]])
    np.testing.assert_allclose(point_of(fewer, disagreement, "nash"), solution.point, atol=1e-7)


@settings(max_examples=examples(80), deadline=None)
@given(problems(), outcome_sets(most=2))
def test_kalai_smorodinsky_is_individually_monotonic(problem, added):
    outcomes, disagreement = problem
    before = BargainingProblem(outcomes, disagreement).kalai_smorodinsky()
    after = BargainingProblem(np.vstack([outcomes, added]), disagreement).kalai_smorodinsky()
    for player in (0, 1):
        if after.ideal[player] <= before.ideal[player] + 1e-12:
            assert after.point[1 - player] >= before.point[1 - player] - 1e-9


def test_nash_is_not_individually_monotonic_but_kalai_smorodinsky_is():
    # Kalai & Smorodinsky (1975): for every payoff of player 1 the larger set offers player 2 as much or more.
    smaller = [(0, 0), (0, 1), (0.75, 0.75), (1, 0)]
    larger = [(0, 0), (0, 1), (1, 0.7), (1, 0)]
    assert point_of(smaller, [0, 0], "nash")[1] == pytest.approx(0.75)
    assert point_of(larger, [0, 0], "nash")[1] == pytest.approx(0.7)
    assert point_of(larger, [0, 0], "kalai_smorodinsky")[1] == pytest.approx(1 / 1.3)


# Three players and more


def test_roth_example():
    problem = BargainingProblem(ROTH, [0, 0, 0])
    for notion in NOTIONS:
        solution = solve(problem, notion)
        # The plain Kalai-Smorodinsky ray leaves the set at once; free disposal would stop at (1/2, 1/2, 1/2).
        np.testing.assert_allclose(solution.point, [0.5, 0.5, 1], atol=1e-9)
        np.testing.assert_allclose(solution.weights, [0, 0.5, 0.5], atol=1e-9)
        assert not solution.gains_equal
    np.testing.assert_allclose(problem.ideal_point, [1, 1, 1], atol=1e-9)
    names = [solve(problem, notion).name for notion in NOTIONS]
    assert names == ["Nash", "Kalai-Smorodinsky", "egalitarian", "utilitarian"]
    np.testing.assert_allclose(problem.kalai_smorodinsky().ideal, [1, 1, 1], atol=1e-9)
    assert [solve(problem, notion).ideal is None for notion in NOTIONS] == [True, False, True, True]
    face = problem.utilitarian().face
    np.testing.assert_array_equal(face, [(0, 1, 1), (1, 0, 1)])
    assert problem.utilitarian().distance_to([1, 1, 1]) == pytest.approx(np.sqrt(0.5))


def test_three_divide_a_dollar():
    dollar = np.vstack([np.eye(3), np.zeros((1, 3))])
    for notion in NOTIONS:
        np.testing.assert_allclose(point_of(dollar, [0, 0, 0], notion), [1 / 3] * 3, atol=1e-9)
        # What is left after the disagreement payoffs is shared equally: 0.4 / 3 each.
        found = point_of(dollar, [0.1, 0.2, 0.3], notion)
        np.testing.assert_allclose(found, np.array([0.1, 0.2, 0.3]) + 0.4 / 3, atol=1e-9)
    problem = BargainingProblem(dollar, [0.1, 0.2, 0.3])
    np.testing.assert_allclose(problem.ideal_point, [0.5, 0.6, 0.7], atol=1e-9)
    assert solve(problem, "egalitarian").gains_equal
    np.testing.assert_allclose(problem.utilitarian().face, [(0, 0, 1), (0, 1, 0), (1, 0, 0)])
    rational = problem.utilitarian(rational=True)
    expected = [(0.1, 0.2, 0.7), (0.1, 0.6, 0.3), (0.5, 0.2, 0.3)]
    np.testing.assert_allclose(sorted(rational.face.tolist()), expected, atol=1e-9)
    np.testing.assert_allclose(rational.point, problem.nash().point, atol=1e-8)


def test_unequal_units():
    # In units of 1, 2 and 4 per dollar; Nash and Kalai-Smorodinsky do not see units, the others do.
    dollar = np.diag([1.0, 2, 4])
    np.testing.assert_allclose(point_of(dollar, [0, 0, 0], "nash"), [1 / 3, 2 / 3, 4 / 3], atol=1e-9)
    np.testing.assert_allclose(point_of(dollar, [0, 0, 0], "kalai_smorodinsky"), [1 / 3, 2 / 3, 4 / 3])
    np.testing.assert_allclose(point_of(dollar, [0, 0, 0], "egalitarian"), [4 / 7] * 3)
    np.testing.assert_allclose(point_of(dollar, [0, 0, 0], "utilitarian"), [0, 0, 4], atol=1e-9)
    np.testing.assert_allclose(
        BargainingProblem(dollar, [0, 1, 0]).utilitarian().gains, [0, -1, 4], atol=1e-9
    )


def test_lexicographic_levels():
    # The dollar of the first two reaches 1/2 each, while players 3 and 4 share another two dollars.
    outcomes = [(a, 1 - a, 2 * b, 2 - 2 * b) for a, b in product((0, 1), repeat=2)]
    problem = BargainingProblem(outcomes, np.zeros(4))
    np.testing.assert_allclose(problem.egalitarian().point, [0.5, 0.5, 1, 1], atol=1e-8)
    np.testing.assert_allclose(problem.kalai_smorodinsky().point, [0.5, 0.5, 1, 1], atol=1e-8)
    np.testing.assert_allclose(problem.nash().point, [0.5, 0.5, 1, 1], atol=1e-8)
    # Three levels: player 1 ends at 1, 2 at 2, and only then 3 rises to 5.
    steps = [(1, 2, 0), (0, 2, 5), (1, 2, 5), (0, 0, 0)]
    np.testing.assert_allclose(point_of(steps, [0, 0, 0], "egalitarian"), [1, 2, 5], atol=1e-8)


def test_some_players_cannot_gain():
    # Only the even mixture of the first two pays players 1 and 2 their 0; player 3 then gets 2.5.
    outcomes = [(-1, 1, 5), (1, -1, 0), (-1, -1, 9)]
    problem = BargainingProblem(outcomes, [0, 0, 0])
    for notion in NOTIONS[:3]:
        np.testing.assert_allclose(solve(problem, notion).point, [0, 0, 2.5], atol=1e-8)
    np.testing.assert_allclose(problem.ideal_point, [0, 0, 2.5], atol=1e-8)
    # Two players share while the other two are held to nothing.
    outcomes = [(-1, 1, 6, 0), (1, -1, 0, 2), (-1, -1, 9, 9), (0, 0, 0, 0)]
    problem = BargainingProblem(outcomes, np.zeros(4))
    np.testing.assert_allclose(problem.nash().point, [0, 0, 3, 1], atol=1e-8)
    np.testing.assert_allclose(problem.kalai_smorodinsky().point, [0, 0, 3, 1], atol=1e-8)
    # As before, but for 3 and 4 there is a third way, better than halves of the two extremes.
    shares = [(6, 0), (4, 4), (0, 6)]
    outcomes = [(sign, -sign, *share) for sign in (1, -1) for share in shares] + [(-1, -1, 9, 9)]
    problem = BargainingProblem(outcomes, np.zeros(4))
    for notion in NOTIONS[:2]:
        np.testing.assert_allclose(solve(problem, notion).point, [0, 0, 4, 4], atol=1e-8)
    # Nobody can gain at all.
    stuck = BargainingProblem([(0, 0, 0), (1, 2, 3)], [1, 2, 3])
    for notion in NOTIONS[:3]:
        np.testing.assert_allclose(solve(stuck, notion).point, [1, 2, 3], atol=1e-8)
    np.testing.assert_allclose(stuck.kalai_smorodinsky().ideal, [1, 2, 3], atol=1e-8)
    assert [stuck.nash().name, stuck.kalai_smorodinsky().name] == ["Nash", "Kalai-Smorodinsky"]


def test_a_thin_surplus_is_shared():
    # All outcomes but the last are far away; only 1e-5 of them is to be shared, as 3 : 3 : 3.
    outcomes = np.array([(90, -40, -50), (-40, 90, -50), (-50, -50, 100.0)]) + 1e-3
    for notion in NOTIONS[:3]:
        found = BargainingProblem(outcomes, [0, 0, 0])
        np.testing.assert_allclose(solve(found, notion).gains, [1e-3] * 3, atol=1e-7)
    # The same with a corner in the middle, worth a third more than halves of the extremes.
    corner = np.vstack([outcomes, [[4e-3 / 3] * 3]])
    np.testing.assert_allclose(BargainingProblem(corner, [0, 0, 0]).nash().gains, [4e-3 / 3] * 3, atol=1e-7)


def test_no_rational_agreement_of_three_players():
    problem = BargainingProblem(ROTH, [0.6, 0.6, 0])
    for notion in NOTIONS[:3]:
        with pytest.raises(NoRationalAgreement, match=r"got disagreement point \[0.6, 0.6, 0.0\]"):
            solve(problem, notion)
    with pytest.raises(NoRationalAgreement):
        problem.utilitarian(rational=True)
    np.testing.assert_allclose(problem.utilitarian().point, [0.5, 0.5, 1], atol=1e-9)


def test_one_player_takes_the_best():
    problem = BargainingProblem([[1.0], [4], [2]], [2])
    for notion in NOTIONS:
        np.testing.assert_allclose(solve(problem, notion).point, [4], atol=1e-9)
    assert solve(problem, "nash").gains_equal


def test_public_good_of_three_players():
    giving = np.array(list(product((0, 1), repeat=3)))
    payoffs = (giving + 0.6 * (1 - giving).sum(axis=1, keepdims=True)).T.reshape(3, 2, 2, 2)
    problem = BargainingProblem.of(Game(payoffs))
    np.testing.assert_allclose(problem.disagreement, [1, 1, 1])
    for notion in NOTIONS:
        np.testing.assert_allclose(solve(problem, notion).point, [1.8] * 3, atol=1e-8)


@settings(max_examples=examples(20), deadline=None)
@given(problems(n_players=3, most=7))
def test_nash_of_three_players_is_where_no_outcome_raises_the_product(problem):
    outcomes, disagreement = problem
    bargaining = BargainingProblem(outcomes, disagreement)
    gains = bargaining.nash().gains
    assert (gains >= -1e-7).all()
    assume((gains > 1e-3).all())
    assert ((outcomes - disagreement) / gains).sum(axis=1).max() <= 3 + 1e-7


@settings(max_examples=examples(20), deadline=None)
@given(problems(most=6), st.sampled_from(NOTIONS), st.integers(0, 2))
def test_a_player_without_a_stake_changes_nothing(problem, notion, place):
    outcomes, disagreement = problem
    expected = point_of(outcomes, disagreement, notion)
    found = point_of(np.insert(outcomes, place, 7.0, axis=1), np.insert(disagreement, place, 7.0), notion)
    np.testing.assert_allclose(found, np.insert(expected, place, 7.0), atol=1e-6)


@settings(max_examples=examples(12), deadline=None)
@given(problems(n_players=3, most=6), st.sampled_from(NOTIONS), st.permutations(range(3)))
def test_names_and_units_of_three_players(problem, notion, order):
    outcomes, disagreement = problem
    expected = point_of(outcomes, disagreement, notion)
    factor = np.array([1.0, 8, 0.25] if notion in NOTIONS[:2] else [3.0] * 3)
    found = point_of((outcomes * factor + 2)[::-1, order], (disagreement * factor + 2)[list(order)], notion)
    np.testing.assert_allclose(((found - 2) / factor[list(order)]), expected[list(order)], atol=1e-5)


@settings(max_examples=examples(15), deadline=None)
@given(problems(n_players=3, most=5))
def test_lexicographic_smallest_gain_is_largest(problem):
    outcomes, disagreement = problem
    bargaining = BargainingProblem(outcomes, disagreement)
    gains = bargaining.egalitarian().gains
    # Lotteries over three outcomes in steps of 1/12 do no better.
    shares = np.array([(a, b, 12 - a - b) for a in range(13) for b in range(13 - a)]) / 12
    trios = np.array(list(product(range(len(outcomes)), repeat=3)))
    grid = np.einsum("sk,tkp->stp", shares, (outcomes - disagreement)[trios]).reshape(-1, 3)
    assert grid.min(axis=1).max() <= gains.min() + 1e-6
    best = grid[grid.min(axis=1) >= gains.min() - 1e-9]
    if len(best):
        assert np.sort(best, axis=1)[:, 1].max() <= np.sort(gains)[1] + 1e-5


def test_random_products_are_certified():
    rng = np.random.default_rng(11)
    for n_players in (2, 3, 5):
        for n_outcomes in (1, 4, 30):
            gains = rng.normal(size=(n_outcomes, n_players))
            gains[0] = np.abs(gains[0]) + 0.1
            weights = lotteries.largest_product(gains, np.eye(n_outcomes)[0])
            assert weights.min() >= 0
            assert weights.sum() == pytest.approx(1)
            assert (gains / (weights @ gains)).sum(axis=1).max() <= n_players + 1e-12


def test_degenerate_products_are_sharp():
    # At (3, 3, 3) the product is stationary towards the two others, which do not have to be played.
    problem = BargainingProblem([(3, 3, 3), (4, 3, 2), (2, 3, 4), (0, 0, 0)], [0, 0, 0])
    np.testing.assert_allclose(problem.nash().point, [3, 3, 3], rtol=0, atol=1e-12)
    problem = BargainingProblem([(3, 3, 3), (4, 3, 2), (0, 0, 0)], [0, 0, 0])
    np.testing.assert_allclose(problem.nash().point, [3, 3, 3], rtol=0, atol=1e-9)


def test_solvers_without_end_say_so():
    gains = np.eye(3) + 0.1
    with pytest.raises(ValueError, match="product of gains must be maximised within 2 steps, got a gap of"):
        lotteries.largest_product(gains, gains[0] / gains[0].sum(), most_steps=2)
    with pytest.raises(ValueError, match="must be maximised with 0 lotteries, got no end"):
        lotteries.largest_product_with_bounds(gains, np.ones(3, dtype=bool), np.eye(3), most_lotteries=0)


# Bad input


@pytest.mark.parametrize(
    ("outcomes", "disagreement", "message"),
    [
        ([1, 2], [0, 0], r"outcomes must have shape \[m, n_players\] .*, got shape \(2,\)"),
        ([(1, 2)], [0], r"disagreement point must be 2 payoffs, got shape \(1,\)"),
        ([(1, 2)], 0.5, r"disagreement point must be 2 payoffs, got shape \(\)"),
        ([(1, 2)], [0, np.inf], r"disagreement point must be finite, got inf at position \(1,\)"),
        ([(1, 2)], [0, -1e120], r"disagreement point must be at most 1e\+100 .*, got 1e\+120"),
        ([(1, np.nan)], [0, 0], r"outcomes must be finite, got nan at position \(0, 1\)"),
        ([(1, 2), (3,)], [0, 0], "outcomes must be a rectangular array of numbers"),
    ],
)
def test_bad_problems(outcomes, disagreement, message):
    with pytest.raises(ValueError, match=message):
        BargainingProblem(outcomes, disagreement)


def test_bad_games():
    with pytest.raises(ValueError, match="unknown disagreement point 'securiti'; nearest: security"):
        BargainingProblem.of(named_game("chicken"), "securiti")
    with pytest.raises(ValueError, match=r"must have a payoff tensor, .*got a LinearDilemma"):
        BargainingProblem.of(linear_dilemma(3, greed=1, fear=1))


def test_results_cannot_be_changed():
    problem = BargainingProblem(STEEP, [0, 0])
    with pytest.raises(ValueError, match="read-only"):
        problem.disagreement[0] = 1
    with pytest.raises(AttributeError):
        problem.nash().point = np.zeros(2)


# Half of the fourth outcome and half of the last one is (5, 2.5, 13, -.5), which no lottery improves for all.
THIN = np.array(
    [
        *[[-12, 1, -1, -3], [16, -10, 5, 2], [15, -11, 18, 15]],
        *[[-2, 13, 6, -7], [14, -19, -15, 16], [12, -8, 20, 6]],
    ],
    float,
)
UNITS = [10.0**power for power in range(-9, 10, 3)]


@pytest.mark.parametrize("unit", UNITS)
def test_a_feasible_disagreement_point_is_a_rational_agreement_in_all_units(unit):
    disagreement = (THIN[3] + THIN[5]) / 2
    problem = BargainingProblem(unit * THIN, unit * disagreement)
    for solution in (
        problem.nash(),
        problem.kalai_smorodinsky(),
        problem.egalitarian(),
        problem.utilitarian(rational=True),
    ):
        assert solution.point / unit == pytest.approx(disagreement, abs=1e-6)
    part = problem.feasible_set.individually_rational(problem.disagreement)
    assert part.vertices / unit == pytest.approx(np.tile(disagreement, (len(part.vertices), 1)), abs=1e-6)


@pytest.mark.parametrize("n_players", [2, 3, 4])
@pytest.mark.parametrize("place", ["vertex", "edge", "inside"])
@pytest.mark.parametrize("seed", range(2))
def test_units_of_payoff_change_no_solution(n_players, place, seed):
    outcomes = np.random.default_rng(seed).integers(-20, 21, (6, n_players)).astype(float)
    weights = {"vertex": [1, 0, 0, 0, 0, 0], "edge": [1, 1, 0, 0, 0, 0], "inside": [1] * 6}[place]
    disagreement = np.array(weights) / sum(weights) @ outcomes
    found = []
    for unit in (1.0, 1e-9, 1e-6, 1e6, 1e9):
        problem = BargainingProblem(unit * outcomes, unit * disagreement)
        solutions = [solve(problem, notion) for notion in NOTIONS] + [problem.utilitarian(rational=True)]
        found.append(np.array([solution.point / unit for solution in solutions]))
        assert (found[-1][[0, 1, 2, 4]] >= disagreement - 1e-6).all()
    for other in found[1:]:
        assert other == pytest.approx(found[0], abs=1e-6)
