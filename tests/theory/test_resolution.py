"""Ties are those of the exact game, whatever rounding did to its payoffs.

Games of small whole numbers are exact in floats, and have many ties. The same games with payoffs that were
multiplied, shifted, or added up in decimals must get the same answers. A payoff near c is stored to c / 10^16; shifts
go up to 10^6 here, where payoffs are read to 2 / 10^9: far below the differences of these games, which are whole.
"""

import warnings
from fractions import Fraction
from itertools import combinations, product

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory import (
    BargainingProblem,
    FeasibleSet,
    Game,
    dominated_actions,
    eliminate_dominated,
    judge,
    judge_batch,
    nash_equilibria,
    network_game,
    pareto_optimal_profiles,
    pure_equilibria,
    security_levels,
)
from theory.altruism.payoff_surfaces import best_reply_rest_point, surfaces
from theory.equilibria.bimatrix import bimatrix_equilibria
from theory.equilibria.two_by_two import batch_equilibria, equilibria_2x2
from theory.equilibria.welfare import WelfareRange, equilibrium_welfare
from theory.resolution import SHARE, as_fraction, read, resolution_of, simplest_within, unit_of

# Scales and shifts of one player's payoffs, as decimals and thirds that floats do not hold.
SCALES = [
    Fraction(1),
    Fraction(1, 10),
    Fraction(3, 10),
    Fraction(1, 3),
    Fraction(10, 7),
    Fraction(10**9),
    Fraction(1, 10**9),
]
SHIFTS = [
    Fraction(0),
    Fraction(1, 10),
    Fraction(-7, 10),
    Fraction(1, 3),
    Fraction(1000, 7),
    Fraction(10**6),
    Fraction(-(10**6), 3),
]


def whole_numbers(shape, most=3):
    size = int(np.prod(shape))
    entries = st.lists(st.integers(0, most), min_size=size, max_size=size)
    return entries.map(lambda values: np.array(values).reshape(shape))


bimatrices = st.tuples(st.integers(1, 3), st.integers(2, 3)).flatmap(lambda shape: whole_numbers((2, *shape)))
maps = st.tuples(st.sampled_from(SCALES), st.sampled_from(SHIFTS))


def mapped(payoffs, scale, shift):
    """The payoffs scale * (u + shift): each computed exactly, then stored as a float."""
    return np.vectorize(lambda u: float(scale * (int(u) + shift)))(payoffs)


def shared_out(payoffs):
    """The same with rounding of another kind: .1 u as a sum of u times .1, and what is left of 1."""
    return np.vectorize(lambda u: sum([0.1] * int(u)) if u % 2 else 1.0 - sum([0.1] * (10 - int(u))))(payoffs)


def equilibria_of(game):
    found = nash_equilibria(game)
    assert found.complete
    profiles = {tuple(np.round(np.concatenate(profile), 6) + 0.0) for profile in found.profiles}
    return profiles, found.continuum


def dominated_in(game, **options):
    return {(found.player, found.action) for found in dominated_actions(game, **options)}


def answers(game):
    """What must not change with the units of payoffs."""
    kept = eliminate_dominated(game).kept
    dominated = [
        dominated_in(game, kind=kind, by=by) for kind, by in product(("strict", "weak"), ("pure", "mixed"))
    ]
    return equilibria_of(game), pure_equilibria(game), kept, dominated


def verdicts(game):
    """Labels and tolerances of all pure outcomes, but for what adds payoffs of different players."""
    found = [judge(game, game.pure(*outcome)) for outcome in game.pure_profiles()]
    return [(v.is_nash, v.is_pareto_optimal, v.is_individually_rational) for v in found], np.array(
        [(v.nash_tolerance, v.pareto_tolerance, v.rationality_tolerance) for v in found]
    )


@given(bimatrices, maps, maps)
@settings(max_examples=examples(20), deadline=None)
def test_affine_maps_of_the_players_payoffs_change_nothing(payoffs, first, second):
    exact = Game(payoffs)
    game = Game([mapped(payoffs[0], *first), mapped(payoffs[1], *second)])
    assert answers(game) == answers(exact)
    levels = [
        scale * (level + shift)
        for level, (scale, shift) in zip(security_levels(exact), (first, second), strict=True)
    ]
    assert security_levels(game) == pytest.approx(np.array(levels, dtype=float), rel=1e-9)
    yes_or_no, tolerances = verdicts(game)
    assert yes_or_no == verdicts(exact)[0]
    assert tolerances == pytest.approx(verdicts(exact)[1], abs=1e-7)
    for within in ("lotteries", "pure"):
        assert pareto_optimal_profiles(game, within) == pareto_optimal_profiles(exact, within)


@given(bimatrices)
@settings(max_examples=examples(20), deadline=None)
def test_sums_of_decimals_are_the_decimals(payoffs):
    game, exact = Game(shared_out(payoffs)), Game(payoffs)
    assert answers(game) == answers(exact)
    assert [judge(game, game.pure(*a)).label for a in game.pure_profiles()] == [
        judge(exact, exact.pure(*a)).label for a in exact.pure_profiles()
    ]
    assert WelfareRange.of(game).spread == pytest.approx(WelfareRange.of(exact).spread / 10, abs=1e-12)
    assert (game.payoff_range == 0).tolist() == (exact.payoff_range == 0).tolist()
    vertices = FeasibleSet.of(exact).vertices / 10
    assert FeasibleSet.of(game).vertices == pytest.approx(vertices, abs=1e-12)


@given(bimatrices, st.data())
@settings(max_examples=examples(30), deadline=None)
def test_what_is_left_when_dominated_actions_are_gone_keeps_its_ties(payoffs, data):
    # A last row and a last column that nobody plays; without them the row's range is often nothing but rounding.
    _, m, n = payoffs.shape
    outside = data.draw(whole_numbers((2, m + 1, n + 1), most=9)) * 1.0
    constant = data.draw(st.booleans())
    core = np.stack([np.full((m, n), 3), payoffs[1]]) if constant else payoffs
    outside[:, :m, :n] = np.where(data.draw(whole_numbers((2, m, n), most=1)), shared_out(core), 0.1 * core)
    outside[0, m], outside[1, :, n] = -100, -100
    profiles, continuum = equilibria_of(Game(outside))
    exact, is_infinite = equilibria_of(Game(core))
    assert profiles == {(*profile[:m], 0, *profile[m:], 0) for profile in exact}
    assert continuum == is_infinite
    labels = [judge(Game(outside), Game(outside).pure(*a)).is_nash for a in Game(core).pure_profiles()]
    assert labels == [judge(Game(core), Game(core).pure(*a)).is_nash for a in Game(core).pure_profiles()]


@given(bimatrices, st.data())
@settings(max_examples=examples(20), deadline=None)
def test_an_action_that_differs_in_its_last_bits_is_a_duplicate(payoffs, data):
    action = data.draw(st.integers(0, payoffs.shape[1] - 1))
    base = shared_out(payoffs)
    assume(all(np.any(of_player) for of_player in base))  # beside zeros alone nothing is too small to count
    again = np.nextafter(base[:, [action]], data.draw(st.sampled_from([-np.inf, np.inf])))
    game = Game(np.concatenate([base, again], axis=1))
    profiles, _ = equilibria_of(game)
    m = payoffs.shape[1]
    merged = set()
    for profile in profiles:
        x = np.array(profile[:m])
        x[action] += profile[m]
        merged.add((*np.round(x, 6), *profile[m + 1 :]))
    assert merged == equilibria_of(Game(payoffs))[0]
    assert dominated_in(game) - {(0, m)} == dominated_in(Game(payoffs))
    labels = [judge(game, game.pure(k, 0)).label for k in (action, m)]
    assert labels[0] == labels[1]


@given(whole_numbers((2, 3)), maps, st.lists(st.integers(-4, 4), min_size=6, max_size=6))
@settings(max_examples=examples(20), deadline=None)
def test_a_player_whose_payoff_is_constant_but_for_its_last_bits_is_indifferent(first, other, bits):
    level = mapped(np.full((2, 3), 2), *other)
    almost = level + np.array(bits).reshape(2, 3) * np.spacing(level)
    game, exact = Game([first, almost]), Game([first, np.zeros((2, 3))])
    assert game.payoff_range[1] == 0
    assert answers(game) == answers(exact)
    assert [judge(game, game.pure(*a)).is_nash for a in game.pure_profiles()] == [
        judge(exact, exact.pure(*a)).is_nash for a in exact.pure_profiles()
    ]
    assert (
        judge(game, game.pure(0, 0)).rationality_tolerance
        == judge(exact, exact.pure(0, 0)).rationality_tolerance
    )


@given(whole_numbers((2, 3, 3), most=5), st.data())
@settings(max_examples=examples(10), deadline=None)
def test_altruism_at_an_indifference(payoffs, data):
    A, B = payoffs
    pairs = [(i, k, j) for i, k in combinations(range(3), 2) for j in range(3)]
    weights = [
        Fraction(int(A[i, j] - A[k, j]), int(B[k, j] - B[i, j])) for i, k, j in pairs if B[k, j] != B[i, j]
    ]
    weights = [weight for weight in weights if 0 <= weight <= 1]
    assume(weights)
    weight = data.draw(st.sampled_from(weights))
    p, q = weight.numerator, weight.denominator
    exact, game = Game([q * A + p * B, q * B + p * A]), Game(payoffs).altruistic(float(weight), float(weight))
    assert answers(game) == answers(exact)
    assert verdicts(game)[0] == verdicts(exact)[0]
    best = equilibrium_welfare(exact)
    assert equilibrium_welfare(game).best == pytest.approx(best.best / q, abs=1e-9)
    start = (2, 2)
    assert best_reply_rest_point(game, start) == best_reply_rest_point(exact, start)
    # Original welfare of the best equilibrium of the altruistic game, by exact utilities.
    original = Game(payoffs)
    welfare = max(
        float(original.expected_payoffs(profile).sum()) for profile in nash_equilibria(exact).profiles
    )
    assert surfaces(original, [float(weight)], [float(weight)]).W[0, 0] == pytest.approx(welfare, abs=1e-9)


@given(whole_numbers((2, 3, 3), most=5), st.integers(0, 2), st.integers(0, 2))
@settings(max_examples=examples(10), deadline=None)
def test_incentives_that_make_the_row_indifferent(payoffs, one, other):
    needed = np.zeros_like(payoffs)
    needed[0, one] = payoffs[0, other] - payoffs[0, one]
    game = Game(shared_out(payoffs)).with_incentives(
        np.vectorize(lambda t: float(Fraction(int(t), 10)))(needed)
    )
    exact = Game(payoffs + needed)
    assert answers(game) == answers(exact)
    assert verdicts(game)[0] == verdicts(exact)[0]


@given(whole_numbers((3, 2, 2, 2), most=2), st.tuples(maps, maps, maps), st.permutations(range(3)))
@settings(max_examples=examples(15), deadline=None)
def test_three_players(payoffs, changes, order):
    exact = Game(payoffs)
    tensor = np.array(
        [mapped(of_player, *change) for of_player, change in zip(payoffs, changes, strict=True)]
    )
    moved = Game(np.transpose(tensor[order], (0, *(1 + k for k in order))))
    back = np.argsort(order)
    pure = {tuple(outcome[k] for k in back) for outcome in pure_equilibria(moved)}
    assert pure == set(pure_equilibria(exact))
    found, wanted = (nash_equilibria(game, max_boxes=500) for game in (moved, exact))
    assert found.complete == wanted.complete
    if wanted.complete:
        assert {tuple(np.round(np.concatenate([p[k] for k in back]), 6) + 0.0) for p in found.profiles} == {
            tuple(np.round(np.concatenate(p), 6) + 0.0) for p in wanted.profiles
        }


@given(st.lists(whole_numbers((2, 2, 2)), min_size=1, max_size=6), maps, maps, st.data())
@settings(max_examples=examples(20), deadline=None)
def test_many_verdicts_are_each_of_them(games, first, second, data):
    tensors = np.array([[mapped(A, *first), mapped(B, *second)] for A, B in games])
    cooperation = data.draw(
        st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=2 * len(games), max_size=2 * len(games))
    )
    profiles = np.array([[[p, 1 - p] for p in pair] for pair in np.reshape(cooperation, (-1, 2))])
    within = data.draw(st.sampled_from(["lotteries", "independent", "pure"]))
    batch = judge_batch(tensors, profiles, within=within)
    solved = batch_equilibria(tensors)
    for k, (tensor, profile) in enumerate(zip(tensors, profiles, strict=True)):
        same_verdict(batch, k, Game(tensor), judge(Game(tensor), profile, within=within))
        expected = equilibria_2x2(tensor[0], tensor[1])
        assert solved.first_action[k, : solved.count[k]] == pytest.approx(np.array(expected), abs=1e-6)
        assert solved.continuum[k] == nash_equilibria(Game(tensor)).continuum
    one = judge_batch(Game(tensors[0]).altruistic(-1, 1), profiles, within=within)
    of_one = Game(tensors[0]).altruistic(-1, 1)
    for k, profile in enumerate(profiles):
        same_verdict(one, k, of_one, judge(of_one, profile, within=within))


def same_verdict(batch, k, game, verdict):
    assert batch.labels[k] == verdict.label
    assert batch.pareto_optimal_nash_exists[k] == verdict.pareto_optimal_nash_exists
    for name in (
        "nash_tolerance", "pareto_tolerance", "rationality_tolerance", "welfare_index", "welfare_tolerance",
        "nash_bargaining_distance", "kalai_smorodinsky_distance",
    ):  # fmt: skip
        value = getattr(verdict, name)
        expected = pytest.approx(np.nan if value is None else value, abs=1e-6, nan_ok=True)
        assert getattr(batch, name)[k] == expected, name
    dominating = np.full(2, np.nan) if verdict.pareto_dominating is None else verdict.pareto_dominating
    scale = np.where(game.payoff_range > 0, game.payoff_range, 1.0)
    assert batch.pareto_dominating[k] / scale == pytest.approx(dominating / scale, abs=1e-6, nan_ok=True)


def test_a_tie_of_a_reduced_game_is_one_of_the_original():
    # Once row 2 and column 1 are gone, all that is left of the row's payoffs is 1/10 + 2/10 beside 3/10.
    game = Game.bimatrix([[0.3, 1], [0.1 + 0.2, 1], [0, 0]], [[100, 0], [1, 0], [1, 0]])
    found = nash_equilibria(game)
    assert [tuple(map(tuple, profile)) for profile in found.profiles] == [
        ((1, 0, 0), (1, 0)),
        ((0, 1, 0), (1, 0)),
    ]
    assert found.complete
    assert found.continuum
    assert equilibrium_welfare(game).best == pytest.approx(100.3)
    reduction = eliminate_dominated(game)
    assert reduction.kept == ((0, 1), (0,))
    assert reduction.game.payoff_range[0] == 0
    assert reduction.game.resolution == pytest.approx(game.resolution)


def test_altruism_between_a_tie_and_a_dominant_action():
    game = Game.bimatrix([[0, 0, 0], [-2, -2, -2], [-1, -1, -1]], [[0, -3, -2], [3, 0, 1], [3, 0, 1]])
    assert pytest.approx(2) == surfaces(game, [1 / 3], [0.25]).W


@pytest.mark.parametrize(
    "of", [lambda game: game, lambda game: Game(game.payoffs)], ids=["derived", "as numbers"]
)
def test_a_sum_of_decimals_that_is_constant(of):
    game = of(Game.bimatrix([[0.1, 0.2], [0.3, 0.6]], [[0.5, 0.4], [0.3, 0]]).altruistic(1, 1))
    assert np.ptp(game.payoffs[0]) > 0  # rounding
    for outcome in game.pure_profiles():
        verdict = judge(game, game.pure(*outcome), tolerance=0)
        assert verdict.label == "welfare-optimal Nash equilibrium"
        assert (verdict.nash_tolerance, verdict.pareto_tolerance, verdict.rationality_tolerance) == (0, 0, 0)
        same_verdict(judge_batch(game, [game.pure(*outcome)], tolerance=0), 0, game, verdict)
    assert nash_equilibria(game).continuum
    assert batch_equilibria(game.payoffs[None]).count[0] == 4
    assert BargainingProblem.of(game).nash().gains == pytest.approx([0, 0], abs=1e-15)


def test_what_is_left_of_opposed_interests_is_rounding():
    # U_1 = V_1 - V_2 is 0 but for rounding, and has no large payoffs to tell so: what went in does.
    V = np.array([[0.1 + 0.2, 0.7], [0.5, 0.8 - 0.1]])
    game = Game.bimatrix(V, [[0.3, 0.7], [0.5, 0.7]]).altruistic(-1, 0)
    assert np.ptp(game.payoffs[0]) > 0
    assert game.payoff_range[0] == 0
    assert judge(game, game.pure(0, 1)).nash_tolerance == 0
    same_verdict(judge_batch(game, [game.pure(0, 1)]), 0, game, judge(game, game.pure(0, 1)))


def test_units_of_payoffs_that_nobody_shares():
    tensor = np.zeros((2, 2, 2))
    tensor[1] = 1e-13 * np.array([[0, 1], [2, 3]])
    verdict, batch = judge(Game(tensor), [[1, 0], [1, 0]]), judge_batch(tensor, [[[1, 0], [1, 0]]])
    assert (verdict.welfare_index, verdict.welfare_tolerance) == (0, 1)
    same_verdict(batch, 0, Game(tensor), verdict)


def test_the_largest_welfare_but_for_rounding_is_not_enough_where_a_players_units_are_small():
    # Welfare is largest at both rows but for 1e-14, which is all that the row player has to gain.
    payoffs = np.array([[[2e-14, 1e-14], [1e-14, -1e-14]], [[-2.0, -1.0], [-1.0, -2.0]]])
    for outcome in ((0, 1), (1, 0)):
        game = Game(payoffs)
        same_verdict(judge_batch(game, [game.pure(*outcome)]), 0, game, judge(game, game.pure(*outcome)))
    tied = Game(
        [
            [[2e-14, -1e-14], [1e-14, -1e-14]],
            [[-2.00000000000001, -1.00000000000001], [-1.00000000000002, -2]],
        ]
    )
    assert judge(tied, tied.pure(1, 1)).pareto_optimal_nash_exists is False


def test_of_two_outcomes_that_dominate_alike_the_first_players_is_named():
    tensor = np.array([[[0.0, 3.0], [1.0, 0.1]], [[0.0, 1.0], [3.0, 0.1]]])
    for payoffs in (tensor, tensor[:, ::-1], tensor[:, :, ::-1], tensor[:, ::-1, ::-1]):
        worst = np.argwhere(payoffs[0] == 0)[0]
        profile = Game(payoffs).pure(*worst)
        for within in ("lotteries", "pure", "independent"):
            assert judge(Game(payoffs), profile, within=within).pareto_dominating == pytest.approx([3, 1])
            assert judge_batch(payoffs, [profile], within=within).pareto_dominating[0] == pytest.approx(
                [3, 1]
            )


def test_a_part_is_read_as_finely_as_the_whole():
    A, B = np.array([[0.3, 0.3], [0.1 + 0.2, 0.3]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    of_a_game = np.array([1e-12, 1e-12])
    assert equilibria_2x2(A, B) == equilibria_2x2(np.full((2, 2), 0.3), B)  # by the last bits of .3
    assert equilibria_2x2(A - 0.3, B) != equilibria_2x2(np.zeros((2, 2)), B)
    assert equilibria_2x2(A - 0.3, B, resolution=of_a_game) == equilibria_2x2(np.zeros((2, 2)), B)
    wide = [np.hstack([M, M[:, :1]]) for M in (A - 0.3, B)]
    found = bimatrix_equilibria(*wide, max_vertices=100, resolution=of_a_game)
    exact = bimatrix_equilibria(np.zeros((2, 3)), wide[1], max_vertices=100)
    assert found.rows == pytest.approx(exact.rows)
    assert found.pairs.tolist() == exact.pairs.tolist()


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=8), st.floats(0, 1))
def test_reading(values, resolution):
    given_values = np.array([values])
    settled = read(given_values, np.array([resolution]))
    assert read(settled, np.array([resolution])) is settled
    ranked = np.sort(settled[0])
    steps = np.diff(ranked)
    assert (steps[steps > 0] > resolution).all()
    # Order is kept, and nothing grows.
    assert (np.diff(settled[0][np.argsort(given_values[0], kind="stable")]) >= 0).all()
    assert (settled <= given_values).all()
    alone = [x for x in values if all(y == x or abs(y - x) > resolution for y in values)]
    assert set(alone) <= set(settled[0].tolist())


@given(st.fractions(-5, 5), st.fractions(0, Fraction(1, 20)))
def test_the_simplest_fraction(value, width):
    found = simplest_within(value - width, value + width)
    assert abs(found - value) <= width
    for denominator in range(1, min(found.denominator, 60)):
        low, high = (value - width) * denominator, (value + width) * denominator
        assert low // 1 == high // 1
        assert low % 1 > 0


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (0.1 + 0.2, "3/10"),
        (1 / 3, "1/3"),
        (-2.5, "-5/2"),
        (0.0, "0"),
        (Fraction(1, 7), "1/7"),
    ],
)
def test_numbers_are_read_as_fractions(value, meant):
    assert as_fraction(value) == Fraction(meant)


def test_fractions_of_payoffs_are_as_fine_as_the_payoffs():
    assert as_fraction(1e6 + 1 / 3, 1e-9) == 10**6 + Fraction(1, 3)


def test_resolution():
    game = Game.bimatrix([[0, 4], [1, 2]], [[1e6, 1e6 + 1], [1e6, 1e6]])
    assert game.resolution == pytest.approx([4e-12, 8 * 2.0**-52 * (1e6 + 1)])
    assert unit_of(game.resolution) * SHARE == pytest.approx(game.resolution)
    assert unit_of(np.zeros(2)).tolist() == [1, 1]
    assert Game(np.zeros((1, 3))).resolution.tolist() == [0]
    coarse = Game(game.payoffs, resolution=[1.5, 0])
    assert coarse.resolution.tolist() == [1.5, game.resolution[1]]
    # 0, 1, 2 are one payoff by steps of 1.
    assert coarse.as_read.payoffs[0].tolist() == [[0, 4], [0, 0]]
    assert coarse.as_read.as_read is coarse.as_read
    assert (coarse.payoffs == game.payoffs).all()
    assert game.as_read is game
    assert game.altruistic(0.5, -2).resolution == pytest.approx([[1, 0.5], [2, 1]] @ game.resolution)
    extra = np.full((2, 2, 2), 1e3)
    extra[:, 0, 0] = 0
    assert game.with_incentives(extra).resolution == pytest.approx(game.resolution + resolution_of(extra))
    with pytest.raises(ValueError, match=r"resolution must be 2 numbers of at least 0, got \[-1.0, 0.0\]"):
        Game(game.payoffs, resolution=[-1, 0])
    with pytest.raises(ValueError, match="resolution must be 2 numbers"):
        Game(game.payoffs, resolution=1e-9)


def test_games_that_are_nearly_tied_are_solved_without_a_warning():
    generator = np.random.default_rng(20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for size in (1e-3, 1e-6, 1e-9, 1e-12, 1e-15) * 6:
            nearly = 1.0 + size * generator.integers(-3, 4, (3, 2, 2, 2)) * generator.random((3, 2, 2, 2))
            game = Game(nearly)
            found = nash_equilibria(game, max_boxes=500)
            assert all(
                (game.regrets(profile) <= 1e-9 * game.payoff_range).all() for profile in found.profiles
            )


@pytest.mark.parametrize("players", [("", "b"), ("  ", "b")])
def test_blank_names_are_no_names(players):
    game = Game.bimatrix([[3, 0], [4, 1]], [[3, 4], [0, 1]], players=players)
    assert game.players == ("player 1", "b")
    assert judge(game, game.pure(0, 1)).label.endswith(", below the security level of player 1")


def test_a_network_game_takes_the_resolution_of_its_tables_along():
    # On a triangle a payoff is the sum of two entries of the table: .1 + .2 - .3 is nothing but rounding.
    table = np.array([[0.1 + 0.2, -0.3], [-0.3, 0.1 + 0.2]])
    game = network_game(nx.cycle_graph(3), Game.bimatrix(table, table.T))
    tensor = game.to_game()
    assert tensor.resolution == pytest.approx(2 * resolution_of(table[None])[0] * np.ones(3))
    assert tensor.payoff_range == pytest.approx(game.payoff_range)
