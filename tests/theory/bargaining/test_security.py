import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory import Game, disagreement_point, named_game, security_levels
from theory.bargaining.security import _value_by_linear_program, maxmin_value, minimax_levels
from theory.geometry.linear_programs import largest_smallest
from theory.many_players.linear_dilemma import linear_dilemma

BATTLE = named_game("battle-of-the-sexes")


def payoff_matrices(rows, columns):
    return arrays(np.float64, (rows, columns), elements=st.integers(-9, 9).map(float))


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("prisoners-dilemma", 1),
        ("chicken", 2),
        ("chicken-3.2", 1),  # not the 0 of mutual defection
        ("stag-hunt", 1),
        ("battle-of-the-sexes", 2 / 3),  # Luce & Raiffa (1957), section 5.3, in their payoffs 1/5
        ("matching-pennies", 0),
        ("rock-paper-scissors", 0),
    ],
)
def test_security_levels_of_textbook_games(name, level):
    np.testing.assert_allclose(security_levels(named_game(name)), [level, level], atol=1e-12)


@pytest.mark.parametrize("diagonal", [(1.0, 2.0), (3.0, 1.0, 2.0), (4.0, 1.0, 0.5, 2.0)])
def test_value_of_a_diagonal_game_is_that_of_parallel_resistances(diagonal):
    # Ferguson, Game Theory, part II, section 3.3: 1 / sum of 1 / d_i.
    assert maxmin_value(np.diag(diagonal)) == pytest.approx(1 / sum(1 / d for d in diagonal), abs=1e-9)


def test_value_of_a_game_with_two_rows():
    # Ferguson, Game Theory, part II, section 2.4: rows (2, 3, 1, 5) and (4, 1, 6, 0) are worth 17/7.
    matrix = np.array([[2.0, 3, 1, 5], [4, 1, 6, 0]])
    assert maxmin_value(matrix) == pytest.approx(17 / 7, abs=1e-12)
    # Turned, the same game is played by the one who pays.
    assert maxmin_value(-matrix.T) == pytest.approx(-17 / 7, abs=1e-12)


@settings(max_examples=examples(150), deadline=None)
@given(payoff_matrices(2, 2))
def test_value_of_two_by_two_is_the_best_of_all_mixtures(matrix):
    shares = np.append(np.linspace(0, 1, 1001), [0.5])
    secured = np.minimum(*(shares[:, None] * matrix[0] + (1 - shares[:, None]) * matrix[1]).T)
    value = maxmin_value(matrix)
    # Between grid points the minimum rises by at most the steepest slope times half a step.
    assert secured.max() - 1e-12 <= value <= secured.max() + 18 * 0.0005 + 1e-12


@settings(max_examples=examples(60), deadline=None)
@given(st.data(), st.integers(3, 5))
def test_closed_forms_agree_with_linear_programs(data, many):
    matrix = data.draw(payoff_matrices(*data.draw(st.sampled_from([(2, 2), (2, many), (many, 2)]))))
    if np.ptp(matrix):
        assert maxmin_value(matrix) == pytest.approx(_value_by_linear_program(matrix), abs=1e-8)


@settings(max_examples=examples(40), deadline=None)
@given(payoff_matrices(3, 3))
def test_a_player_secures_what_the_opponent_can_hold_it_to(matrix):
    value = maxmin_value(matrix)
    assert value == pytest.approx(-maxmin_value(-matrix.T), abs=1e-7)
    assert matrix.min(axis=1).max() - 1e-9 <= value <= matrix.max(axis=0).min() + 1e-9


@settings(max_examples=examples(40), deadline=None)
@given(payoff_matrices(2, 2), st.floats(0.1, 50), st.floats(-1000, 1000))
def test_value_moves_with_the_scale(matrix, factor, shift):
    assert maxmin_value(factor * matrix + shift) == pytest.approx(
        factor * maxmin_value(matrix) + shift, abs=1e-9 * (factor + abs(shift))
    )


def test_large_payoffs_with_small_differences_keep_their_digits():
    assert maxmin_value(1e9 + np.array([[2.0, 0], [0, 1]])) - 1e9 == pytest.approx(2 / 3, abs=1e-6)


def test_three_players_are_held_down_by_joint_actions():
    # Player 1 has to guess whether the others' pennies match; they can correlate, so that it secures 1/2.
    guess = np.array([[[1.0, 0], [0, 1]], [[0, 1], [1, 0]]])
    game = Game([guess, np.zeros((2, 2, 2)), np.arange(8.0).reshape(2, 2, 2)])
    # Player 3 gets 4 a_1 + 2 a_2 + a_3: its action is worth 1 whatever the others do.
    np.testing.assert_allclose(security_levels(game), [0.5, 0, 1], atol=1e-12)
    np.testing.assert_array_equal(minimax_levels(game), [1, 0, 1])


def test_security_follows_the_players_and_the_actions():
    payoffs = np.random.default_rng(3).integers(-9, 9, (3, 2, 3, 2)).astype(float)
    turned = np.transpose(payoffs[[2, 0, 1]], (0, 3, 1, 2))[:, ::-1, :, ::-1]
    np.testing.assert_allclose(
        security_levels(Game(turned)), security_levels(Game(payoffs))[[2, 0, 1]], atol=1e-9
    )


def test_minimax_of_pure_actions():
    np.testing.assert_array_equal(minimax_levels(BATTLE), [1, 1])
    np.testing.assert_array_equal(disagreement_point(BATTLE, "minimax"), [1, 1])
    np.testing.assert_array_equal(minimax_levels(named_game("matching-pennies")), [1, 1])
    # The row can be held to 2 by the second column, the column to 5 by the first row.
    game = Game.bimatrix([[9, 2, 7], [3, 1, 8]], [[4, 5, 3], [7, 0, 6]])
    np.testing.assert_array_equal(minimax_levels(game), [2, 5])


def test_disagreement_points_by_name():
    np.testing.assert_array_equal(disagreement_point(named_game("chicken-3.2")), [1, 1])
    np.testing.assert_array_equal(disagreement_point(named_game("chicken-3.2"), "defection"), [0, 0])
    np.testing.assert_array_equal(disagreement_point(named_game("prisoners-dilemma"), "nash"), [1, 1])
    np.testing.assert_allclose(disagreement_point(named_game("matching-pennies"), "nash"), [0, 0], atol=1e-12)
    np.testing.assert_array_equal(disagreement_point(BATTLE, [0.25, -1]), [0.25, -1])
    public_good = Game(np.arange(24.0).reshape(3, 2, 2, 2))
    np.testing.assert_array_equal(disagreement_point(public_good, "defection"), [7, 15, 23])


def test_nash_payoffs_may_be_those_of_a_continuum():
    # The row is indifferent throughout, and every equilibrium pays (1, 2).
    game = Game.bimatrix([[1, 1], [1, 1]], [[2, 0], [2, 0]])
    np.testing.assert_array_equal(disagreement_point(game, "nash"), [1, 2])


def test_several_equilibria_are_no_disagreement_point():
    with pytest.raises(ValueError, match="which one is a selection") as error:
        disagreement_point(BATTLE, "nash")
    assert "got (2.0, 1.0), (0.666667, 0.666667), (1.0, 2.0): which one" in str(error.value)
    assert str(error.value).endswith("so give the payoffs that you mean")
    with pytest.raises(ValueError, match="which one is a selection"):
        disagreement_point(Game(BATTLE.payoffs * 1e-9), "nash")


def test_equilibria_that_differ_by_rounding_pay_the_same():
    game = Game.bimatrix([[1, 1], [1, 1]], [[2e9, 0], [2e9 + 1, 0]])
    np.testing.assert_allclose(disagreement_point(game, "nash"), [1, 2e9], rtol=1e-9)


def test_equilibria_that_differ_for_one_player_only_are_several():
    # All equilibria pay the row 1; the column gets 0 or 3 as the row likes.
    game = Game.bimatrix([[1, 0], [1, 0]], [[3, 0], [0, -1]])
    with pytest.raises(ValueError, match=r"all pay the same, got .*\(1\.0, 3\.0\)"):
        disagreement_point(game, "nash")


def test_unknown_equilibria_are_no_disagreement_point(monkeypatch):
    class Incomplete:
        complete = False
        profiles = ((),)

    monkeypatch.setattr("theory.bargaining.security.nash_equilibria", lambda game: Incomplete)
    with pytest.raises(ValueError, match='"nash" needs all equilibria of the game, got 1 and no proof'):
        disagreement_point(BATTLE, "nash")


@pytest.mark.parametrize(
    ("disagreement", "message"),
    [
        ("securty", "unknown disagreement point 'securty'; nearest: security"),
        ("x", "unknown disagreement point 'x'; known: security, minimax, nash, defection"),
        ([1.0], r"disagreement point must be 2 payoffs, got shape \(1,\)"),
        ([1.0, np.nan], r"disagreement point must be finite, got nan at position \(1,\)"),
        ([1.0, 1e101], r"disagreement point must be at most 1e\+100 in absolute value, got 1e\+101"),
    ],
)
def test_bad_disagreement_points(disagreement, message):
    with pytest.raises(ValueError, match=message):
        disagreement_point(BATTLE, disagreement)


def test_defection_needs_two_actions():
    with pytest.raises(ValueError, match=r'"defection" needs two actions each .*, got \(3, 3\)'):
        disagreement_point(named_game("rock-paper-scissors"), "defection")


def test_a_game_without_tensor_answers_for_itself():
    dilemma = linear_dilemma(5, greed=1, fear=1)
    np.testing.assert_allclose(security_levels(dilemma), dilemma.security_levels())
    np.testing.assert_allclose(disagreement_point(dilemma, "defection"), np.ones(5))
    with pytest.raises(ValueError, match=r"must have a payoff tensor, .*got a LinearDilemma"):
        minimax_levels(dilemma)
    with pytest.raises(ValueError, match=r"give its `to_game\(\)`"):
        disagreement_point(dilemma, "nash")

    class Bare:
        n_players = 2

    with pytest.raises(ValueError, match=r"must be a game such as .*got .*Bare"):
        security_levels(Bare())


def test_disagreeing_sides_of_a_program_are_refused(monkeypatch):
    monkeypatch.setattr("theory.bargaining.security.largest_smallest", lambda units: np.eye(len(units))[0])
    with pytest.raises(ValueError, match=r"must agree within 1e-08 of its payoff range, got 0 and 1"):
        maxmin_value(np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]))


def test_an_unsolved_program_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="must be solved within 0 seconds, got"):
        largest_smallest(rng.normal(size=(60, 60)), seconds=0.0)


def test_two_players_need_no_scipy():
    code = """
import sys
from theory import BargainingProblem, FeasibleSet, Game
from theory import named_game, pareto_optimal_profiles, pareto_slack, security_levels
security_levels(Game.bimatrix([[2, 3, 1, 5], [4, 1, 6, 0]], [[3, 1, 2, 0], [0, 2, 1, 3]]))
game = named_game("battle-of-the-sexes")
problem = BargainingProblem.of(game)
for solution in (problem.nash(), problem.kalai_smorodinsky(), problem.egalitarian(), problem.utilitarian()):
    solution.distance_to([0, 0])
for within in ("lotteries", "independent", "pure"):
    pareto_slack(game, [0.5, 0.5], within=within)
    pareto_optimal_profiles(game, within)
FeasibleSet.of(game).individually_rational([0.5, 0.5]).contains([1, 1])
assert "scipy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
