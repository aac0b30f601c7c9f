import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from tests.examples import examples
from theory import Game, judge, judge_batch, named_game
from theory.verdicts.batch import CHUNK
from theory.verdicts.two_by_two import (
    ScaledGames,
    bargaining_points,
    independent_slack,
    lottery_slack,
    pure_slack,
    security_levels_of_cells,
)
from theory.verdicts.words import LABELS

C, D = [1.0, 0.0], [0.0, 1.0]
DISAGREEMENTS = ("security", "minimax", "defection", (0.5, -0.25))

NUMBERS = (
    "payoffs",
    "welfare",
    "regrets",
    "pareto_slack",
    "security_levels",
    "welfare_index",
    "best_nash_welfare",
    "worst_nash_welfare",
    "disagreement_point",
    "nash_bargaining_distance",
    "kalai_smorodinsky_distance",
    "nash_tolerance",
    "pareto_tolerance",
    "rationality_tolerance",
    "welfare_tolerance",
)
ANSWERS = (
    "is_nash",
    "is_pareto_optimal",
    "is_individually_rational",
    "pareto_optimal_nash_exists",
    "is_welfare_optimal_nash",
    "label",
)

payoff_values = st.one_of(
    st.integers(-3, 3).map(float), st.integers(-3, 3).map(lambda k: k / 3), st.floats(-3, 3, width=16)
)
probabilities = st.one_of(
    st.sampled_from([0.0, 1.0, 0.5, 1 / 3, 0.25]), st.integers(0, 64).map(lambda k: k / 64)
)


@st.composite
def batches(draw, size=4):
    payoffs = draw(arrays(np.float64, (size, 2, 2, 2), elements=payoff_values))
    if draw(st.booleans()):  # zero-sum: the feasible set is a segment, the security levels on it
        payoffs[:, 1] = 1.0 - payoffs[:, 0]
    p = draw(arrays(np.float64, (size, 2), elements=probabilities))
    return payoffs, np.stack([p, 1 - p], axis=-1)


def as_array(value):
    return np.asarray(np.nan if value is None else value, dtype=float)


def assert_agrees(batch, k, single):
    for name in NUMBERS:
        ours, theirs = as_array(getattr(batch, name)[k]), as_array(getattr(single, name))
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-8, err_msg=name)
    close = any(
        0 < abs(getattr(single, name) - batch.tolerance) < 1e-8
        for name in ("nash_tolerance", "pareto_tolerance", "rationality_tolerance", "welfare_tolerance")
    )
    for name in ANSWERS:
        assert close or getattr(batch, name)[k] == getattr(single, name), name
    dominating = batch.pareto_dominating[k]
    assert np.isnan(dominating).all() == (single.pareto_dominating is None)
    if single.pareto_dominating is not None:
        # Where several dominate by the same total, any of them is right.
        assert dominating.sum() - single.payoffs.sum() == pytest.approx(single.pareto_slack, abs=1e-8)
        assert (dominating >= single.payoffs - 1e-8).all()


@pytest.mark.parametrize("within", ["lotteries", "independent", "pure"])
@given(data=batches(), disagreement=st.sampled_from(DISAGREEMENTS), tolerance=st.sampled_from([1e-6, 0.02]))
@settings(max_examples=examples(60), deadline=None)
def test_every_answer_is_that_of_judge(within, data, disagreement, tolerance):
    payoffs, profiles = data
    options = {"disagreement": disagreement, "within": within, "tolerance": tolerance}
    batch = judge_batch(payoffs, profiles, **options)
    for k in range(len(profiles)):
        assert_agrees(batch, k, judge(Game(payoffs[k]), profiles[k], **options))


@given(data=batches(), disagreement=st.sampled_from(DISAGREEMENTS))
@settings(max_examples=examples(25), deadline=None)
def test_one_game_for_all_outcomes_is_the_same_game_given_each_time(data, disagreement):
    payoffs, profiles = data
    once = judge_batch(payoffs[0], profiles, disagreement=disagreement)
    each = judge_batch(np.stack([payoffs[0]] * len(profiles)), profiles, disagreement=disagreement)
    for name in (*NUMBERS, *ANSWERS, "pareto_dominating"):
        np.testing.assert_array_equal(getattr(once, name), getattr(each, name), err_msg=name)


@pytest.mark.parametrize("one_game", [True, False])
@pytest.mark.parametrize("disagreement", ["security", "own"])
def test_chunks_make_no_difference(one_game, disagreement):
    rng = np.random.default_rng(3)
    n = 2 * CHUNK + 7
    payoffs, profiles = rng.normal(size=(n, 2, 2, 2)), rng.dirichlet([1, 1], size=(n, 2))
    points = rng.normal(size=(n, 2)) - 1
    whole = judge_batch(
        payoffs[0] if one_game else payoffs,
        profiles,
        disagreement=points if disagreement == "own" else disagreement,
    )
    for some in (slice(0, 1), slice(CHUNK - 3, CHUNK + 4), slice(2 * CHUNK - 1, n)):
        part = judge_batch(
            payoffs[0] if one_game else payoffs[some],
            profiles[some],
            disagreement=points[some] if disagreement == "own" else disagreement,
        )
        for name in (*NUMBERS, *ANSWERS, "pareto_dominating"):
            np.testing.assert_array_equal(getattr(whole, name)[some], getattr(part, name), err_msg=name)


def test_shapes_and_types():
    rng = np.random.default_rng(0)
    batch = judge_batch(rng.normal(size=(5, 2, 2, 2)), rng.dirichlet([1, 1], size=(5, 2)), tolerance=0.02)
    assert len(batch) == 5
    pairs = ("payoffs", "regrets", "security_levels", "disagreement_point", "pareto_dominating")
    for name in (*NUMBERS, *ANSWERS, "pareto_dominating"):
        assert getattr(batch, name).shape == ((5, 2) if name in pairs else (5,)), name
    for name in ANSWERS[:-1]:
        assert getattr(batch, name).dtype == bool
    assert (batch.tolerance, batch.within, batch.disagreement) == (0.02, "lotteries", "security")
    assert judge_batch(rng.normal(size=(2, 2, 2)), [[C, C]], disagreement=[0, 0]).disagreement == "given"


def test_labels_are_counted():
    game = named_game("prisoners-dilemma")
    outcomes = [[D, D], [C, C], [D, D], [C, D], [D, D], [D, C], [C, C]]
    batch = judge_batch(game, outcomes)
    assert batch.labels.tolist() == [judge(game, profile).label for profile in outcomes]
    assert batch.label is batch.labels
    assert batch.label_counts() == {
        "Pareto-dominated Nash equilibrium": 3,
        "Pareto-optimal, not an equilibrium": 2,
        "Pareto-optimal, not an equilibrium, below the security level of player 1": 1,
        "Pareto-optimal, not an equilibrium, below the security level of player 2": 1,
    }
    assert next(iter(batch.label_counts())) == "Pareto-dominated Nash equilibrium"
    assert len(set(batch.label_names)) == 4 * len(LABELS)


def test_names_of_players_come_from_the_game():
    game = Game.bimatrix([[3, 0], [4, 1]], [[3, 4], [0, 1]], players=("Ann", "Bob"))
    assert judge_batch(game, [[D, C]]).labels[0].endswith("below the security level of Bob")


def test_no_outcomes():
    for payoffs in (np.zeros((0, 2, 2, 2)), np.zeros((2, 2, 2))):
        batch = judge_batch(payoffs, np.zeros((0, 2, 2)))
        assert len(batch) == 0
        assert batch.payoffs.shape == (0, 2)
        assert batch.label_counts() == {}


def test_disagreement_by_unique_equilibrium_payoffs():
    rng = np.random.default_rng(5)
    dilemma = named_game("prisoners-dilemma").payoffs
    payoffs = np.stack([dilemma, 2 * dilemma, named_game("matching-pennies").payoffs])
    profiles = rng.dirichlet([1, 1], size=(3, 2))
    batch = judge_batch(payoffs, profiles, disagreement="nash")
    assert batch.disagreement_point == pytest.approx(np.array([[1, 1], [2, 2], [0, 0]]))
    for k in range(3):
        assert_agrees(batch, k, judge(Game(payoffs[k]), profiles[k], disagreement="nash"))


def test_disagreement_by_equilibria_that_differ_names_the_game():
    n = CHUNK + 3
    payoffs = np.stack([named_game("prisoners-dilemma").payoffs] * n + [named_game("chicken").payoffs])
    with pytest.raises(ValueError, match=f"equilibria that all pay the same, got several in game {n}"):
        judge_batch(payoffs, [[C, C]] * (n + 1), disagreement="nash")


def test_disagreement_point_of_each_outcome():
    game = named_game("chicken")
    points = np.array([[2.0, 2.0], [1.0, 2.0], [9.0, 9.0]])
    batch = judge_batch(game, [[C, D]] * 3, disagreement=points)
    np.testing.assert_array_equal(batch.disagreement_point, points)
    for k in range(3):
        assert_agrees(batch, k, judge(game, [C, D], disagreement=points[k]))
    assert np.isnan(batch.nash_bargaining_distance[2])


def test_probabilities_typed_with_few_digits():
    game = named_game("chicken")
    typed = [[0.6666666, 0.3333333], [0.9999995, 0.0]]
    assert_agrees(judge_batch(game, [typed]), 0, judge(game, typed))


def test_payoffs_with_a_large_common_part():
    payoffs = np.array([[[0.0, 0], [0, 0]], [[0, 0], [0, 1]]]) + np.array([1e6 + 0.1, 1e6]).reshape(2, 1, 1)
    batch = judge_batch(payoffs, [[[1 / 3, 2 / 3], [0.7, 0.3]]])
    assert batch.pareto_slack[0] == pytest.approx(0.8)
    assert batch.is_individually_rational[0]
    assert batch.pareto_optimal_nash_exists[0]


# The closed forms against linear programs


def tensors(n, seed):
    rng = np.random.default_rng(seed)
    games = np.concatenate([rng.normal(size=(n, 2, 2, 2)), rng.integers(0, 3, size=(n, 2, 2, 2))])
    return games, np.moveaxis(games.reshape(-1, 2, 4), 0, -1)


def test_lottery_slack_against_linear_programs():
    games, cells = tensors(60, 1)
    profiles = np.random.default_rng(2).dirichlet([1, 1], size=(len(games), 2))
    scaled = ScaledGames.of(cells)
    p, q = profiles[:, 0, 0], profiles[:, 1, 0]
    weights = np.stack([p * q, p * (1 - q), (1 - p) * q, (1 - p) * (1 - q)])
    judged = (scaled.cells * weights).sum(axis=1)
    slack = lottery_slack(scaled, judged)
    for k in range(len(games)):
        outcomes, scale = scaled.cells[..., k], scaled.scale[:, k]
        for objective, found in ((scale, slack.gain[k]), (np.ones(2), slack.relative_gain[k])):
            best = linprog(
                -objective @ outcomes,
                A_ub=-outcomes,
                b_ub=-judged[:, k] + 1e-12,
                A_eq=np.ones((1, 4)),
                b_eq=[1],
            )
            assert found == pytest.approx(-best.fun - objective @ judged[:, k], abs=1e-7)


def test_independent_slack_against_a_grid():
    games, cells = tensors(30, 4)
    profiles = np.random.default_rng(5).dirichlet([1, 1], size=(len(games), 2))
    scaled = ScaledGames.of(cells)
    batch = judge_batch(games, profiles, within="independent")
    grid = np.linspace(0, 1, 201)
    p, q = (axis.ravel() for axis in np.meshgrid(grid, grid))
    mixing = np.stack([p * q, p * (1 - q), (1 - p) * q, (1 - p) * (1 - q)])
    for k in range(len(games)):
        gains = cells[..., k] @ mixing - batch.payoffs[k][:, None]
        total = gains.sum(axis=0)[(gains >= 0).all(axis=0)].max(initial=0.0)
        # No grid point is better, and the best are nearly as good.
        assert total <= batch.pareto_slack[k] + 1e-9
        assert batch.pareto_slack[k] <= total + 0.05 * scaled.scale[:, k].sum()


def test_senses_of_domination_are_nested():
    games, _ = tensors(200, 6)
    profiles = np.random.default_rng(7).dirichlet([1, 1], size=(len(games), 2))
    lotteries, independent, pure = (
        judge_batch(games, profiles, within=within).pareto_slack
        for within in ("lotteries", "independent", "pure")
    )
    assert (pure <= independent + 1e-9).all()
    assert (independent <= lotteries + 1e-9).all()
    assert (pure < independent - 0.01).any()
    assert (independent < lotteries - 0.01).any()


def test_tie_of_weights_takes_the_best_of_each():
    # Weighted in payoff units (0, 9) is best; weighted in payoff ranges it is (1, .9) of the unit square.
    cells = np.array([[0.0, 1, 0, 0.5], [9, 8, 0, 0]])[..., None]
    slack = lottery_slack(ScaledGames.of(cells), np.zeros((2, 1)))
    assert slack.gain[0] == pytest.approx(9)
    assert slack.relative_gain[0] == pytest.approx(1 + 8 / 9)
    for function in (pure_slack, independent_slack):
        other = function(ScaledGames.of(cells), np.zeros((2, 1)))
        assert other.gain[0] == pytest.approx(9)
        assert other.relative_gain[0] == pytest.approx(1 + 8 / 9)


def test_security_levels_by_linear_programs():
    games, cells = tensors(40, 8)
    levels = security_levels_of_cells(cells)
    for k, (A, B) in enumerate(games):
        for player, own in ((0, A), (1, B.T)):
            # max v with x own >= v for both of the other's actions
            best = linprog(
                [0, 0, -1],
                A_ub=np.hstack([-own.T, np.ones((2, 1))]),
                b_ub=[0, 0],
                A_eq=[[1, 1, 0]],
                b_eq=[1],
                bounds=[(0, 1), (0, 1), (None, None)],
            )
            assert levels[player, k] == pytest.approx(-best.fun, abs=1e-7)


def test_bargaining_points_are_efficient_and_beat_all_lotteries():
    rng = np.random.default_rng(9)
    _, cells = tensors(100, 10)
    games = ScaledGames.of(cells)
    points = bargaining_points(games, security_levels_of_cells(games.cells))
    lotteries = rng.dirichlet(np.full(4, 0.3), size=300)
    disagreement = security_levels_of_cells(games.cells)
    for k in range(cells.shape[-1]):
        d = disagreement[:, k]
        gains = lotteries @ games.cells[..., k].T - d
        products = np.where((gains >= 0).all(axis=1), gains.prod(axis=1), 0)
        nash, ks = points.nash[:, k] - d, points.kalai_smorodinsky[:, k] - d
        assert (nash >= -1e-9).all()
        assert (ks >= -1e-9).all()
        assert nash.prod() >= products.max() - 1e-9
        # No lottery is better for both than either point.
        for point in (nash, ks):
            assert not (gains > point + 1e-7).all(axis=1).any()


# Bad input


@pytest.mark.parametrize(
    ("profiles", "message"),
    [
        (
            [[C, C], [C, [0.5, 0.6]]],
            "must be probabilities that sum to one, got [0.5, 0.6] for player 2 of outcome 1",
        ),
        ([[C, C], [[1.5, -0.5], C]], "must be non-negative, got [1.5, -0.5] for player 1 of outcome 1"),
        ([[C, [np.nan, 1]]], "profiles must be finite, got nan at position (0, 1, 0)"),
        ([[C, C], [C, [np.inf, 1]]], "profiles must be finite, got inf at position (1, 1, 0)"),
        ([C, C], "profiles must have shape [n_outcomes, 2, 2], got (2, 2)"),
        ([[C, C, C]], "profiles must have shape [n_outcomes, 2, 2], got (1, 3, 2)"),
    ],
)
def test_bad_profiles(profiles, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        judge_batch(named_game("chicken"), profiles)


@pytest.mark.parametrize(
    ("payoffs", "message"),
    [
        (
            np.zeros((2, 2)),
            "payoffs must have shape [n_outcomes, 2, 2, 2], or [2, 2, 2] for one game, got (2, 2)",
        ),
        (np.zeros((2, 2, 2, 3)), "for one game, got (2, 2, 2, 3)"),
        (np.zeros((2, 2, 2, 2)), "payoffs must hold one game or one for each of 3 profiles, got 2 games"),
        (np.full((2, 2, 2), np.nan), "payoffs must be finite, got nan at position (0, 0, 0)"),
        (np.full((2, 2, 2), 1e200), "payoffs must be at most 1e+100 in absolute value"),
        (named_game("rock-paper-scissors"), "for one game, got (2, 3, 3)"),
    ],
)
def test_bad_payoffs(payoffs, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        judge_batch(payoffs, [[C, C]] * 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"within": "lottery"}, "unknown domination within 'lottery'; nearest: lotteries"),
        ({"tolerance": 2}, "tolerance must lie in [0, 1], got 2"),
        ({"disagreement": "securty"}, "unknown disagreement point 'securty'; nearest: security"),
        ({"disagreement": [1, 2, 3]}, "a name, two payoffs or two for each of 3 outcomes, got shape (3,)"),
        ({"disagreement": [np.inf, 1]}, "disagreement must be finite"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        judge_batch(named_game("chicken"), [[C, C]] * 3, **options)
