"""Facts of a game: what each holds, in which units, and what is left open; verdicts test what follows from them."""

import numpy as np
import pytest

from tests.theory.verdicts.test_verdict import Foreign
from theory import Game, disagreement_point, named_game
from theory.equilibria.welfare import EquilibriumWelfare, WelfareRange
from theory.many_players.linear_dilemma import linear_dilemma
from theory.pareto.slack import TOLERANCE
from theory.resolution import SHARE
from theory.verdicts.facts import all_outcomes_pareto_optimal, game_facts, has_undominated_welfare

# Somebody's mixture is a continuum of equilibria, with 0 for player 1 and 1 for player 2; the outcome (c, C), where
# both have 1 more, is none, since D is better for player 2 whatever player 1 does.
ROW = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, -1.0]])
COLUMN = np.array([[0.0, 1.0], [0.0, 1.0], [2.0, 3.0]])


def test_facts_by_hand() -> None:
    # Chicken: security levels 2 of payoffs 1 to 3.5; by symmetry both bargaining points are (3, 3).
    game = named_game("chicken")
    facts = game_facts(game)
    assert facts.game is game
    assert (facts.disagreement, facts.within) == ("security", "lotteries")
    assert facts.lowest == pytest.approx([1, 1])
    assert facts.scale == pytest.approx([2.5, 2.5])
    assert facts.resolution == pytest.approx(game.resolution)
    assert facts.security_levels == pytest.approx([2, 2])
    assert facts.disagreement_point == pytest.approx([2, 2])
    assert facts.nash_bargaining == pytest.approx([3, 3])
    assert facts.kalai_smorodinsky == pytest.approx([3, 3])
    assert facts.pareto_optimal_nash_exists is True
    assert facts.notes == ()
    assert facts.welfare is facts.equilibria.over_outcomes
    # The slack is asked for from what exceeds the lowest payoffs, and its outcome is given likewise.
    assert facts.slack(np.zeros(2)).gain == pytest.approx(4)
    assert facts.slack(np.zeros(2)).dominating == pytest.approx([2, 2])


def test_the_shifted_game_is_the_same_from_zero_on() -> None:
    payoffs = [[[5.0, 7.0], [5.0, 6.0]], [[-3.0, -3.0], [-3.0, -3.0]]]
    game = Game(payoffs, actions=(("u", "d"), ("l", "r")), players=("Ann", "Bob"), title="Shifted")
    facts = game_facts(game)
    shifted = facts.shifted
    assert shifted.payoffs.tolist() == [[[0, 2], [0, 1]], [[0, 0], [0, 0]]]
    assert (shifted.actions, shifted.players, shifted.title) == (game.actions, game.players, game.title)
    assert np.array_equal(shifted.resolution, game.resolution)
    assert facts.lowest.tolist() == [5, -3]
    assert facts.scale.tolist() == [2, 1]  # 1 where a player's payoffs are all the same
    # A game without tensor is not shifted.
    dilemma = linear_dilemma(5, greed=1, fear=1)
    facts = game_facts(dilemma)
    assert facts.shifted is dilemma
    assert facts.lowest.tolist() == [0] * 5
    assert facts.scale == pytest.approx([4] * 5)
    assert facts.resolution == pytest.approx([4 * SHARE] * 5, abs=0)
    assert facts.security_levels == pytest.approx([1] * 5)
    assert facts.nash_bargaining == pytest.approx([3] * 5)


@pytest.mark.parametrize("name", ["security", "minimax", "defection"])
def test_disagreement_points_are_those_of_the_game_itself(name: str) -> None:
    game = Game(named_game("chicken").payoffs + np.array([10.0, -7.0]).reshape(2, 1, 1))
    expected = disagreement_point(game, name)
    facts = game_facts(game, disagreement=name)
    assert facts.disagreement == name
    assert facts.disagreement_point == pytest.approx(expected)
    given = game_facts(game, disagreement=expected)
    assert given.disagreement == "given"
    assert given.disagreement_point == pytest.approx(expected)
    assert given.nash_bargaining == pytest.approx(facts.nash_bargaining)
    assert given.security_levels == pytest.approx([12, -5])


def test_two_players_equilibria_speak_for_a_continuum_and_three_players_only_within_lotteries() -> None:
    two = Game.bimatrix(ROW, COLUMN)
    third = np.zeros((3, 2))
    third[2, 0] = 1.0
    three = Game(np.stack([ROW, COLUMN, third])[..., None])
    for game in (two, three):
        for within in ("lotteries", "independent", "pure"):
            facts = game_facts(game, within=within)
            assert facts.equilibria.complete
            assert facts.equilibria.continuum
            assert facts.within == within
            if game is two or within == "lotteries":
                assert facts.pareto_optimal_nash_exists is False
                assert facts.notes == ()
            else:
                assert facts.pareto_optimal_nash_exists is None
                assert facts.notes == (
                    "Whether a Pareto-optimal Nash equilibrium exists is unknown: equilibria are not listed or "
                    "their slack is not settled.",
                )


def test_where_some_weighted_sum_of_payoffs_is_constant_nothing_dominates() -> None:
    zero_sum = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
    assert all_outcomes_pareto_optimal(Game.bimatrix(zero_sum, -zero_sum))
    # In whatever units the players measure, ...
    assert all_outcomes_pareto_optimal(Game.bimatrix(1e3 * zero_sum + 7.0, 5.0 - 1e-2 * zero_sum))
    assert all_outcomes_pareto_optimal(Game.bimatrix(1e7 + zero_sum, -1e7 - zero_sum))
    # ... also where others never get anything else, or nobody does.
    idle = np.full((1, 2, 3), 4.0)
    assert all_outcomes_pareto_optimal(Game(np.concatenate([idle, [zero_sum, -zero_sum]])[..., None]))
    assert all_outcomes_pareto_optimal(Game(np.ones((3, 2, 2, 2))))
    # A difference beyond rounding, common interests, or one player who alone gets more, and something dominates.
    close = zero_sum.copy()
    close[0, 0] += 1e-9
    for B in (-close, zero_sum, np.zeros_like(zero_sum)):
        assert not all_outcomes_pareto_optimal(Game.bimatrix(zero_sum, B))


def test_a_sum_is_not_constant_that_hides_a_gain_of_a_player_with_small_payoffs() -> None:
    u, z = np.random.default_rng(0).random((2, 2, 2))
    z = (z - z.min()) / np.ptp(z)
    payoffs = np.stack([u, 1.0 - u + 1e-6 * z, 1e-6 * (1.0 - z)])
    # The third player's second action gives it alone 1e-9 of its payoff range more.
    game = Game(np.stack([payoffs, payoffs + np.reshape([0.0, 0.0, 1e-15], (3, 1, 1))], axis=-1))
    assert not all_outcomes_pareto_optimal(game)


def test_a_game_without_a_tensor_is_asked_for_bargaining_points_with_the_disagreement_point() -> None:
    asked = []

    def bargaining_point(name: str, *, disagreement: np.ndarray | None = None) -> np.ndarray:
        asked.append((name, None if disagreement is None else disagreement.tolist()))
        return np.full(3, 2.0)

    game = Foreign(linear_dilemma(3, greed=1, fear=1))
    game.bargaining_point = bargaining_point
    for disagreement, point in ((np.array([0.0, 0.5, 1.0]), [0.0, 0.5, 1.0]), ("security", None)):
        asked.clear()
        facts = game_facts(game, disagreement=disagreement)
        assert asked == []  # nobody wanted to know yet
        assert facts.nash_bargaining.tolist() == facts.kalai_smorodinsky.tolist() == [2.0] * 3
        assert asked == [("nash", point), ("kalai-smorodinsky", point)]


def test_welfare_as_large_as_any_is_undominated_unless_somebody_s_payoffs_are_as_small_as_rounding() -> None:
    over_outcomes = WelfareRange(0.0, 10.0, 10.0, 10.0)

    def undominated(best: float, ranges: list[float]) -> bool:
        known = EquilibriumWelfare((best, 10.0), (0.0, 0.0), 0.0, over_outcomes)
        return has_undominated_welfare(known, np.array(ranges))

    assert undominated(10.0, [5.0, 5.0])
    assert undominated(10.0, [5.0, 0.0])  # who never gets anything else gains nothing
    # Whoever dominates by less than welfare shows may have gained a large share of a small range.
    for small, expected in ((1e-1, True), (1e-5, False)):
        assert undominated(10.0 - 1e-2 * TOLERANCE, [5.0, small]) is expected
    # 1e-12 of the ranges is rounding, and may be as much.
    assert undominated(10.0, [10.0, 2e-11 / TOLERANCE])
    assert not undominated(10.0, [10.0, 5e-12 / TOLERANCE])
    assert not undominated(9.0, [5.0, 5.0])


def test_what_may_dominate_is_passed_on_to_games_without_a_tensor() -> None:
    # Taking turns pays more than mutual cooperation.
    dilemma = linear_dilemma(2, greed=5, fear=1)
    for within, gain in (("pure", 0.0), ("lotteries", 2.0)):
        facts = game_facts(dilemma, within=within)
        assert facts.slack(np.array([3.0, 3.0])).gain == pytest.approx(gain, abs=1e-9)
    with pytest.raises(ValueError, match="unknown set of dominating outcomes 'lottery'; nearest: lotteries"):
        game_facts(dilemma, within="lottery")
