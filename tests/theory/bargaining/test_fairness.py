import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory import BargainingProblem, Game, NoRationalAgreement, named_game
from theory.bargaining.fairness import fairness_disagreement

# One dollar of which player 1 makes 4 and player 2 makes 2 (ranges 4 and 2).
UNEQUAL = BargainingProblem([(0, 0), (4, 0), (0, 2)], [0, 0])


@pytest.mark.parametrize(
    "name", ["prisoners-dilemma", "chicken", "stag-hunt", "battle-of-the-sexes", "matching-pennies"]
)
def test_symmetric_games_leave_nothing_to_disagree_about(name):
    fairness = fairness_disagreement(named_game(name))
    assert fairness.largest == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(fairness.stakes, 0, atol=1e-12)
    assert fairness.preferred == (fairness.notions,) * 2
    assert fairness.winner("Nash", rather_than="utilitarian") is None


def test_unequal_players_disagree():
    fairness = fairness_disagreement(UNEQUAL)
    assert fairness.notions == ("Nash", "Kalai-Smorodinsky", "egalitarian", "utilitarian")
    assert [solution.name for solution in fairness.solutions] == list(fairness.notions)
    # In ranges: (1/2, 1/2) twice, (1/3, 2/3) and (1, 0), all on one line.
    np.testing.assert_allclose(fairness.gains, [(1 / 2, 1 / 2), (1 / 2, 1 / 2), (1 / 3, 2 / 3), (1, 0)])
    between = np.sqrt(2) * np.array([[0, 0, 1, 3], [0, 0, 1, 3], [1, 1, 0, 4], [3, 3, 4, 0]]) / 6
    np.testing.assert_allclose(fairness.distances, between, atol=1e-12)
    assert fairness.largest == pytest.approx(np.sqrt(2) * 2 / 3)
    assert set(fairness.farthest_apart) == {"egalitarian", "utilitarian"}
    assert fairness.distance("Nash", "egalitarian") == pytest.approx(np.sqrt(2) / 6)
    np.testing.assert_allclose(fairness.stakes, [2 / 3, 2 / 3])
    assert fairness.preferred == (("utilitarian",), ("egalitarian",))
    assert fairness.winner("egalitarian", rather_than="Nash") == 1
    assert fairness.winner("Nash", rather_than="egalitarian") == 0
    assert fairness.winner("Nash", rather_than="Kalai-Smorodinsky") is None


def test_a_face_is_as_far_as_its_nearest_point():
    # All sums on the edge from (1, 1) to (2, 0) are 2; Kalai-Smorodinsky picks (4/3, 2/3) of it.
    fairness = fairness_disagreement(BargainingProblem([(0, 0), (2, 0), (1, 1), (0, 1)], [0, 0]))
    assert fairness.distance("utilitarian", "Kalai-Smorodinsky") == pytest.approx(0, abs=1e-12)
    assert fairness.distance("Nash", "Kalai-Smorodinsky") == pytest.approx(np.hypot(1 / 6, 1 / 3))
    assert fairness.winner("Kalai-Smorodinsky", rather_than="Nash") == 0


def test_the_disagreement_point_of_a_game_is_named_or_given():
    game = Game.bimatrix([[4, 2], [3, 2]], [[0, 4], [1, 0]])
    secure, defecting = fairness_disagreement(game), fairness_disagreement(game, disagreement="defection")
    np.testing.assert_allclose(secure.solutions[0].gains, secure.solutions[0].point - [2, 0.8])
    np.testing.assert_allclose(defecting.solutions[0].point, [3, 2])
    with pytest.raises(NoRationalAgreement):
        fairness_disagreement(game, disagreement=[4, 4])
    with pytest.raises(ValueError, match="unknown notion of fairness 'nash'; nearest: Nash"):
        secure.distance("nash", "egalitarian")


@settings(max_examples=examples(60), deadline=None)
@given(arrays(np.float64, (5, 2), elements=st.integers(-5, 5).map(float)))
def test_who_wins_and_by_how_much(outcomes):
    fairness = fairness_disagreement(BargainingProblem(outcomes, outcomes.min(axis=0)))
    spread = np.ptp(outcomes, axis=0)
    units = np.where(spread > 0, spread, 1)
    points = np.array([solution.point for solution in fairness.solutions]) / units
    np.testing.assert_array_equal(fairness.distances, fairness.distances.T)
    np.testing.assert_array_equal(np.diag(fairness.distances), 0)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert fairness.distances[i, j] == pytest.approx(np.linalg.norm(points[i] - points[j]), abs=1e-9)
    # A face may be nearer than the point that is selected from it.
    for i in range(3):
        assert fairness.distances[i, 3] <= np.linalg.norm(points[i] - points[3]) + 1e-9
    np.testing.assert_allclose(fairness.stakes, np.ptp(points, axis=0), atol=1e-9)
    for player in (0, 1):
        for k, notion in enumerate(fairness.notions):
            is_best = points[k, player] >= points[:, player].max() - 1e-7
            assert (notion in fairness.preferred[player]) == is_best
    # All points are efficient, so what one player gains the other loses.
    for one in fairness.notions:
        for other in fairness.notions:
            winner = fairness.winner(one, rather_than=other)
            assert winner is None or fairness.winner(other, rather_than=one) == 1 - winner


def test_three_players():
    fairness = fairness_disagreement(BargainingProblem(np.diag([1.0, 2, 4]), [0, 0, 0]))
    assert fairness.gains.shape == (4, 3)
    assert fairness.distance("Nash", "Kalai-Smorodinsky") == pytest.approx(0, abs=1e-8)
    assert fairness.preferred[2] == ("utilitarian",)
    assert fairness.preferred[0] == ("egalitarian",)
    assert fairness.winner("utilitarian", rather_than="Nash") == 2
