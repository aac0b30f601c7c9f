"""Games with degrees of cooperation: payoffs by hand, and what theory says of them."""

import pickle

import numpy as np
import pytest

from simulation.gradual.graded_games import (
    cooperation_levels,
    graded_donation_game,
    graded_public_good,
)
from theory import BargainingProblem, judge, named_game, nash_equilibria, security_levels


def test_levels_go_from_full_cooperation_to_full_defection() -> None:
    assert cooperation_levels(5).tolist() == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert cooperation_levels(2).tolist() == [1.0, 0.0]
    game = graded_donation_game(levels=3)
    assert game.actions[0] == ("1", "0.5", "0")


def test_donation_payoffs_by_hand() -> None:
    game = graded_donation_game(benefit=(2.0, 3.0), cost=(1.0, 4.0), interaction=0.5, levels=5)
    # x = 0.5, y = 0.25: V1 = 2 * .25 + .5 * .125 - 1 * .25 / 2; V2 = 3 * .5 + .5 * .125 - 4 * .0625 / 2
    assert game.payoffs_at([0.5, 0.25]) == pytest.approx([0.4375, 1.4375])
    assert game.payoffs[:, 2, 3] == pytest.approx([0.4375, 1.4375])
    assert game.payoffs_at([0.3, 0.7]) == pytest.approx(
        [2 * 0.7 + 0.5 * 0.21 - 0.045, 3 * 0.3 + 0.5 * 0.21 - 4 * 0.245]
    )


def test_two_levels_are_a_matrix_dilemma() -> None:
    game = graded_donation_game(levels=2)
    assert game.payoffs[0].tolist() == [[0.5, -0.5], [1.0, 0.0]]
    assert game.n_actions == named_game("prisoners-dilemma").n_actions


def test_theory_judges_the_grid() -> None:
    game = graded_donation_game(levels=101)
    assert judge(game, game.pure(100, 100)).label == "Pareto-dominated Nash equilibrium"
    cooperative = judge(game, game.pure(0, 0))
    assert cooperative.label == "Pareto-optimal, not an equilibrium"
    assert cooperative.nash_bargaining_distance == pytest.approx(0.0, abs=1e-9)
    assert cooperative.welfare_index == pytest.approx(1.0)
    assert nash_equilibria(graded_donation_game(levels=11)).complete


def test_altruistic_equilibrium_is_the_closed_form() -> None:
    # x_i = min(1, alpha b_j / c_i)
    game = graded_donation_game(benefit=(1.0, 2.0), cost=(2.0, 1.0), levels=101)
    altruistic = game.altruistic(0.3, 0.6)
    levels = game.levels
    for player, expected in ((0, 0.3 * 2.0 / 2.0), (1, 0.6 * 1.0 / 1.0)):
        own = altruistic.payoffs[player] if player == 0 else altruistic.payoffs[1].T
        assert levels[own[:, 17].argmax()] == pytest.approx(expected)


def test_nash_and_kalai_smorodinsky_differ_where_the_game_is_asymmetric() -> None:
    problem = BargainingProblem.of(graded_donation_game(benefit=(2.0, 1.0), levels=41))
    assert np.abs(problem.nash().point - problem.kalai_smorodinsky().point).max() > 0.01
    symmetric = BargainingProblem.of(graded_donation_game(levels=41))
    assert symmetric.nash().point == pytest.approx(symmetric.kalai_smorodinsky().point)


def test_public_good_of_three_by_hand() -> None:
    game = graded_public_good(3, benefit=3.0, cost=1.0, exponent=0.5, levels=3)
    assert game.n_players == 3
    # levels 1, 1/2, 0: mean 1/2
    assert game.payoffs[:, 0, 1, 2] == pytest.approx(3 * np.sqrt(0.5) - np.array([0.5, 0.125, 0.0]))
    assert security_levels(game).shape == (3,)


def test_public_good_is_symmetric() -> None:
    payoffs = graded_public_good(3, levels=4).payoffs
    assert payoffs[0] == pytest.approx(payoffs[1].transpose(1, 0, 2))


def test_games_survive_pickling() -> None:
    game = graded_donation_game(levels=5)
    copy = pickle.loads(pickle.dumps(game))
    assert np.array_equal(copy.payoffs, game.payoffs)
    assert copy.payoffs_at([0.2, 0.3]).tolist() == game.payoffs_at([0.2, 0.3]).tolist()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: graded_donation_game(benefit=0.0), "benefit must be positive, got 0"),
        (lambda: graded_donation_game(cost=(1.0, -2.0)), "cost must be positive, got -2"),
        (lambda: graded_donation_game(benefit=(1.0, 2.0, 3.0)), "benefit must be one number or one for each"),
        (lambda: graded_donation_game(levels=1), "levels must be at least 2, got 1"),
        (lambda: graded_donation_game(interaction=float("nan")), "interaction must be finite, got nan"),
        (lambda: graded_public_good(1), "n_players must be at least 2, got 1"),
        (lambda: graded_public_good(exponent=0.0), r"exponent must lie in \(0, 1\], got 0"),
        (lambda: graded_public_good(exponent=1.5), r"exponent must lie in \(0, 1\], got 1.5"),
        (lambda: graded_public_good(cost=-1.0), "cost must be positive, got -1"),
        (lambda: graded_public_good(8, levels=11), "a grid may have 5000000 payoffs, got 8 players with 11"),
        (lambda: graded_donation_game().payoffs_at([0.5]), r"levels must be 2 numbers, got shape \(1,\)"),
        (lambda: graded_donation_game().payoffs_at([0.5, 1.5]), r"levels must lie in \[0, 1\], got"),
    ],
)
def test_errors_state_the_rule_and_the_value(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
