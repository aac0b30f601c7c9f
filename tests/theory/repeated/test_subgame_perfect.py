import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.games.catalogue import named_game
from theory.games.game import Game
from theory.geometry.polygons import contains, convex_hull, half_plane
from theory.repeated.subgame_perfect import LARGEST_DISCOUNT, subgame_perfect_payoffs

AXELROD = named_game("prisoners-dilemma-axelrod")  # R, S, T, P = 3, 0, 5, 1

small_games = arrays(np.float64, (2, 2, 2), elements=st.integers(0, 9).map(float))
games = st.one_of(
    small_games,
    arrays(np.float64, (2, 2, 3), elements=st.integers(0, 9).map(float)),
    arrays(np.float64, (2, 3, 3), elements=st.integers(0, 9).map(float)),
)
discounts = st.floats(0.05, 0.97)


def corners(game, discount, **keywords):
    return sorted(
        tuple(v) for v in subgame_perfect_payoffs(game, discount, **keywords).vertices.round(9) + 0.0
    )


@pytest.mark.parametrize(
    ("discount", "expected"),
    [
        (0, [(1, 1)]),
        (0.24, [(1, 1)]),
        # From 1/4 on, exploitation in turns is worth being patient for.
        (0.25, [(1, 1), (1, 4), (4, 1)]),
        (0.49, [(1, 1), (1, 4), (4, 1)]),
        # From (T - R) / (T - P) = 1/2 on everything feasible that gives both at least P.
        (0.5, [(1, 1), (1, 13 / 3), (3, 3), (13 / 3, 1)]),
        (0.99, [(1, 1), (1, 13 / 3), (3, 3), (13 / 3, 1)]),
        (LARGEST_DISCOUNT, [(1, 1), (1, 13 / 3), (3, 3), (13 / 3, 1)]),
    ],
)
def test_prisoners_dilemma(discount, expected):
    found = subgame_perfect_payoffs(AXELROD, discount)
    assert np.array(sorted(found.vertices.tolist())) == pytest.approx(np.array(expected), abs=1e-9)
    assert found.punishments.tolist() == [1, 1]
    assert found.complete
    assert found.discount == discount


def test_without_patience_equilibria_of_the_stage_game_and_their_lotteries_are_left():
    assert corners(named_game("battle-of-the-sexes"), 0) == [
        (pytest.approx(2 / 3), pytest.approx(2 / 3)),
        (1, 2),
        (2, 1),
    ]
    assert corners(named_game("battle-of-the-sexes"), 0, stage_mixtures=False) == [(1, 2), (2, 1)]
    assert subgame_perfect_payoffs(named_game("battle-of-the-sexes"), 0).punishments == pytest.approx(
        [2 / 3] * 2
    )


def test_games_without_pure_equilibria_may_have_none_in_pure_actions():
    found = subgame_perfect_payoffs(named_game("matching-pennies"), 0.9, stage_mixtures=False)
    assert found.vertices.shape == (0, 2)
    assert found.punishments is None
    assert found.complete
    assert corners(named_game("matching-pennies"), 0.9) == [(0, 0)]


def test_a_player_without_any_stake():
    found = subgame_perfect_payoffs(Game.bimatrix([[1, 2], [3, 4]], [[5, 5], [5, 5]]), 0.5)
    assert np.array(sorted(found.vertices.tolist())) == pytest.approx(np.array([[3, 5], [4, 5]]))


def test_published_example_of_abreu_and_sannikov():
    # Abreu & Sannikov (2014), section 6, at discount factor 0.3.
    game = Game.bimatrix([[16, 3, 0], [21, 10, -1], [9, 5, -5]], [[9, 13, 3], [1, 4, 0], [0, -4, -15]])
    published = [
        (1.12568240, 2.8),
        (7.33770472, 0),
        (7.86308964, 0),
        (19.7917977, 2.8),
        (15.5630896, 9.1),
        (7.33770472, 10.9826253),
    ]
    found = subgame_perfect_payoffs(game, 0.3, stage_mixtures=False)
    assert found.complete
    assert np.array(sorted(found.vertices.tolist())) == pytest.approx(np.array(sorted(published)), abs=1e-7)
    assert found.punishments == pytest.approx([1.12568240, 0], abs=1e-8)


def with_quantecon(game, discount):
    from quantecon.game_theory import NormalFormGame, Player, RepeatedGame

    stage = NormalFormGame([Player(game.payoffs[0]), Player(game.payoffs[1].T)])
    hull = RepeatedGame(stage, discount).equilibrium_payoffs(options={"max_iter": 5000})
    return convex_hull([tuple(v) for v in hull.points[hull.vertices]], tolerance=1e-9)


def assert_same_set(one, other, tolerance=1e-6):
    assert all(contains(one, corner, tolerance=tolerance) for corner in other)
    assert all(contains(other, corner, tolerance=tolerance) for corner in one)


def polygon(vertices):
    return convex_hull([tuple(v) for v in vertices.tolist()], tolerance=0)


@pytest.mark.slow  # quantecon compiles for ten seconds
def test_agreement_with_quantecon_where_the_set_has_an_interior():
    rng = np.random.default_rng(20)
    compared = 0
    for shape in [(2, 2), (2, 3), (3, 3)] * 60:
        game = Game(rng.integers(0, 10, (2, *shape)).astype(float))
        discount = float(rng.uniform(0.1, 0.95))
        found = subgame_perfect_payoffs(game, discount, stage_mixtures=False)
        assert found.complete
        ours = polygon(found.vertices)
        if len(ours) > 2 and np.linalg.svd(found.vertices - found.vertices[0])[1][1] > 0.05:
            assert_same_set(ours, with_quantecon(game, discount))
            compared += 1
    assert compared > 40


THIN = Game.bimatrix([[5, 2], [9, 7]], [[6, 9], [7, 1]])


def test_sets_without_interior_are_found():
    found = subgame_perfect_payoffs(THIN, 0.8542438147227199, stage_mixtures=False)
    assert np.array(sorted(found.vertices.tolist())) == pytest.approx(
        np.array([(7, 7 + 4 / 7), (9, 7)]), abs=1e-9
    )


def one_application(game, discount, vertices, punishments):
    """The operator of Abreu, Pearce & Stacchetti (1990), written out from its definition."""
    A, B = game.payoffs
    generated = []
    for row, column in game.pure_profiles():
        gains = (A[:, column].max() - A[row, column], B[row].max() - B[row, column])
        promises = polygon(vertices)
        for i in (0, 1):
            least = punishments[i] + (1 - discount) / discount * gains[i]
            promises = half_plane(promises, i, least, tolerance=1e-9)
        today = (1 - discount) * game.payoffs[:, row, column]
        generated += [tuple(today + discount * np.array(w)) for w in promises]
    return convex_hull(generated, tolerance=1e-12)


@settings(max_examples=examples(150), deadline=None)
@given(games, discounts)
def test_the_set_is_a_fixed_point_of_promises(payoffs, discount):
    game = Game(payoffs)
    found = subgame_perfect_payoffs(game, discount, stage_mixtures=False)
    assert found.complete
    if len(found.vertices):
        assert found.punishments == pytest.approx(found.vertices.min(axis=0), abs=1e-8)
        generated = one_application(game, discount, found.vertices, found.punishments)
        assert_same_set(polygon(found.vertices), generated, tolerance=1e-7)


@settings(max_examples=examples(40), deadline=None)
@given(small_games, st.floats(0.05, 0.9))
def test_nothing_larger_is_a_fixed_point(payoffs, discount):
    # From the feasible set down, by the original operator, without the shortcut for corners.
    game = Game(payoffs)
    found = subgame_perfect_payoffs(game, discount, stage_mixtures=False)
    limit = polygon(game.outcomes)
    for _ in range(400):
        lowest = [min(corner[i] for corner in limit) for i in (0, 1)]
        limit = one_application(game, discount, np.array(limit), lowest)
        if not limit:
            break
    assert bool(limit) == bool(len(found.vertices))
    assert_same_set(limit, polygon(found.vertices), tolerance=1e-4)


@settings(max_examples=examples(100), deadline=None)
@given(small_games, discounts, discounts)
def test_patience_only_adds_payoffs(payoffs, one, other):
    less, more = (subgame_perfect_payoffs(Game(payoffs), d) for d in sorted((one, other)))
    assert all(contains(polygon(more.vertices), tuple(v), tolerance=1e-7) for v in less.vertices.tolist())


@settings(max_examples=examples(60), deadline=None)
@given(games, discounts)
def test_stage_mixtures_only_add_payoffs(payoffs, discount):
    without = subgame_perfect_payoffs(Game(payoffs), discount, stage_mixtures=False)
    both = subgame_perfect_payoffs(Game(payoffs), discount)
    assert all(contains(polygon(both.vertices), tuple(v), tolerance=1e-7) for v in without.vertices.tolist())
    assert len(both.vertices) > 0


@settings(max_examples=examples(60), deadline=None)
@given(games, discounts)
def test_renaming_players_and_actions_renames_the_set(payoffs, discount):
    one = subgame_perfect_payoffs(Game(payoffs), discount)
    other = subgame_perfect_payoffs(Game(payoffs[::-1, ::-1].transpose(0, 2, 1)), discount)
    assert_same_set(polygon(one.vertices), polygon(other.vertices[:, ::-1]), tolerance=1e-7)


@settings(max_examples=examples(60), deadline=None)
@given(games, discounts, st.sampled_from([0.001, 1, 500]), st.integers(-100, 100))
def test_units_of_payoff_do_not_matter(payoffs, discount, scale, shift):
    one = subgame_perfect_payoffs(Game(payoffs), discount)
    units = np.array([scale, 1.0]), np.array([shift, 0.0])
    other = subgame_perfect_payoffs(
        Game(payoffs * units[0][:, None, None] + units[1][:, None, None]), discount
    )
    back = (other.vertices - units[1]) / units[0]
    assert_same_set(polygon(one.vertices), polygon(back), tolerance=1e-6)


def test_too_few_iterations_leave_an_outer_bound():
    found = subgame_perfect_payoffs(AXELROD, 0.4, max_iterations=3)
    assert not found.complete
    assert found.iterations == 3
    exact = subgame_perfect_payoffs(AXELROD, 0.4)
    assert exact.complete
    assert exact.iterations > 3
    assert all(contains(polygon(found.vertices), tuple(v), tolerance=1e-9) for v in exact.vertices.tolist())
    assert not all(
        contains(polygon(exact.vertices), tuple(v), tolerance=1e-3) for v in found.vertices.tolist()
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: subgame_perfect_payoffs(AXELROD, 1), r"discount must lie in \[0, 0.999999\], got 1"),
        (lambda: subgame_perfect_payoffs(AXELROD, -0.1), r"discount must lie in \[0, 0.999999\], got -0.1"),
        (
            lambda: subgame_perfect_payoffs(AXELROD, 0.5, max_iterations=0),
            "max_iterations must be at least 1, got 0",
        ),
        (
            lambda: subgame_perfect_payoffs(Game(np.zeros((3, 2, 2, 2))), 0.5),
            "must be a game of two players, got 3",
        ),
    ],
)
def test_errors_state_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
