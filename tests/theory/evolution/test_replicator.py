"""Rest points and basins against textbook games, the definition, and evolutionary stability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory import judge_meta_game, named_game, replicator_basins, replicator_rest_points
from theory.evolution.replicator import simplex_grid

ROCK_PAPER_SCISSORS = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])


def test_hawk_and_dove_share() -> None:
    # Maynard Smith & Price (1973): V / C = 1/2 hawks, for V = 2, C = 4.
    found = replicator_rest_points([[-1, 2], [0, 1]])
    assert [rest.shares.tolist() for rest in found.isolated] == [[1, 0], [0, 1], [0.5, 0.5]]
    assert [rest.is_stable for rest in found.isolated] == [False, False, True]
    assert [rest.is_nash for rest in found.isolated] == [False, False, True]
    assert found.continua == ()
    basins = replicator_basins([[-1, 2], [0, 1]])
    assert basins.shares.tolist() == [1.0]
    assert basins.final == pytest.approx(np.full((21, 2), 0.5), abs=2e-3)


@pytest.mark.parametrize("threshold", [0.25, 0.5, 0.8])
def test_coordination_games_divide_where_payoffs_are_equal(threshold: float) -> None:
    # A is better than B where its share is above b / (a + b).
    matrix = [[1 - threshold, 0.0], [0.0, threshold]]
    basins = replicator_basins(matrix, divisions=400)
    assert [rest.shares.tolist() for rest in basins.stable] == [[1, 0], [0, 1]]
    assert basins.shares == pytest.approx([1 - threshold, threshold], abs=1 / 400)
    assert basins.at_rest + basins.moving <= 1 / 400
    above = basins.initial[:, 0] > threshold + 1e-9
    assert (basins.reached[above] == 0).all()


def test_three_way_coordination_is_even_handed() -> None:
    basins = replicator_basins(np.eye(3), divisions=20)
    assert len(basins.stable) == 3
    assert basins.shares[0] == basins.shares[1] == basins.shares[2]
    assert (basins.reached[basins.reached >= 0] == basins.initial.argmax(axis=1)[basins.reached >= 0]).all()


def test_rock_paper_scissors_spirals_by_its_determinant() -> None:
    # Zeeman (1980): with draws that cost, orbits end inside; with draws that pay they leave; else they are closed.
    inside = replicator_basins(ROCK_PAPER_SCISSORS - 0.5 * np.eye(3), divisions=6)
    assert inside.shares.tolist() == [1.0]
    assert inside.stable[0].shares == pytest.approx(np.full(3, 1 / 3))
    closed = replicator_basins(ROCK_PAPER_SCISSORS, divisions=6, duration=50.0)
    assert closed.stable == ()
    # The grid's centre is the rest point itself.
    assert closed.at_rest == pytest.approx(1 / 28)
    assert closed.moving == pytest.approx(27 / 28)
    centre = replicator_rest_points(ROCK_PAPER_SCISSORS).isolated[-1]
    assert centre.is_stable is None
    assert sorted(centre.eigenvalues.imag) == pytest.approx([-1 / np.sqrt(3), 1 / np.sqrt(3)])
    outside = replicator_rest_points(ROCK_PAPER_SCISSORS + 0.5 * np.eye(3)).isolated[-1]
    assert outside.is_stable is False


def test_mixtures_that_do_the_same_are_a_continuum() -> None:
    # Always C, Tit-for-Tat and always D: without defectors nobody tells the first two apart.
    matrix = [[3.0, 3.0, 0.0], [3.0, 3.0, 0.99], [5.0, 1.04, 1.0]]
    found = replicator_rest_points(matrix)
    assert found.continua == ((0, 1),)
    basins = replicator_basins(matrix, divisions=12)
    assert [rest.shares.tolist() for rest in basins.stable] == [[0, 0, 1]]
    assert basins.at_rest > 0.3
    assert basins.at_rest + basins.moving + basins.shares.sum() == pytest.approx(1.0)
    cooperating = basins.final[basins.reached == -1]
    assert cooperating[:, 2].max() < 1e-6


@settings(max_examples=examples(40))
@given(st.lists(st.integers(-3, 3), min_size=9, max_size=9))
def test_rest_points_rest_and_strict_equilibria_are_stable(payoffs) -> None:
    matrix = np.reshape(payoffs, (3, 3)).astype(float)
    for rest in replicator_rest_points(matrix).isolated:
        f = matrix @ rest.shares
        assert rest.shares * (f - rest.shares @ f) == pytest.approx(np.zeros(3), abs=1e-9)
        assert rest.shares.sum() == pytest.approx(1.0)
    verdict = judge_meta_game(matrix, named_game("chicken"), names=["a", "b", "c"])
    places = {name: k for k, name in enumerate("abc")}
    for equilibrium in verdict.equilibria:
        shares = np.zeros(3)
        for name, share in equilibrium.row:
            shares[places[name]] = share
        same = [r for r in replicator_rest_points(matrix).isolated if np.abs(r.shares - shares).max() < 1e-6]
        # Taylor & Jonker (1978): what is evolutionarily stable is asymptotically stable, hence not unstable.
        if equilibrium.is_evolutionarily_stable:
            assert same
            assert same[0].is_stable is not False
            assert same[0].is_nash
        if equilibrium.is_strict:
            assert same[0].is_stable


def test_given_points_and_boundaries() -> None:
    # Without the third strategy the first wins; with it, it loses.
    matrix = [[2, 2, 0], [1, 1, 1], [3, 3, 3]]
    basins = replicator_basins(matrix, points=[[0.5, 0.5, 0.0], [0.1, 0.1, 0.8]])
    assert basins.reached.tolist() == [-1, 0]
    assert basins.final[0] == pytest.approx([1, 0, 0], abs=1e-6)


def test_grids_are_even() -> None:
    assert simplex_grid(2, 1).tolist() == [[0.25, 0.75], [0.75, 0.25]]
    grid = simplex_grid(3, 4)
    assert grid.shape == (15, 3)
    assert grid.sum(axis=1) == pytest.approx(np.ones(15))
    assert (grid > 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"divisions": 0}, "divisions must be at least 1, got 0"),
        ({"divisions": 300}, "at most 20000 points, got 45451"),
        ({"points": [[0.5, 0.5]]}, "point 0 must be 3 probabilities"),
        ({"points": [0.5, 0.5, 0.0]}, r"points must have shape \[1 to 20000, 3\], got shape \(3,\)"),
        ({"points": [[0.5, 0.6, 0.0]]}, "point 0 must sum to one"),
        ({"tolerance": 0.0}, "tolerance must lie in"),
        ({"duration": -1.0}, "duration must lie in"),
    ],
)
def test_bad_arguments(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        replicator_basins(ROCK_PAPER_SCISSORS, **arguments)


def test_too_many_strategies() -> None:
    with pytest.raises(ValueError, match="at most 12 strategies, got 13"):
        replicator_rest_points(np.eye(13))
