"""Pareto optimality in linear dilemmas against their tensors and linear programs."""

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.examples import examples
from theory.many_players.linear_dilemma import LinearDilemma, linear_dilemma
from theory.many_players.linear_pareto import pareto_optimal_nash_exists
from theory.pareto import slack as pareto

halves = st.integers(-8, 8).map(lambda k: k / 2)


@st.composite
def judged_dilemmas(draw):
    """A dilemma of at most six players and payoffs to judge: reached, or moved a little."""
    n = draw(st.integers(2, 6))
    game = LinearDilemma(n, *(draw(halves) for _ in range(4)))
    probability = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))
    cooperation = draw(st.lists(probability, min_size=n, max_size=n))
    moved = draw(st.sampled_from([0.0, 0.0, 0.25]))
    shifts = draw(st.lists(st.floats(-moved, moved), min_size=n, max_size=n))
    return game, game.expected_payoffs(game.profile(cooperation)) + shifts


def slack_over_all_outcomes(game, judged):
    """The linear program over the 2^N outcomes: None if none of their lotteries dominates."""
    outcomes = game.to_game().outcomes
    result = linprog(
        -outcomes.sum(axis=1),
        A_ub=-outcomes.T,
        b_ub=-judged + 1e-11,
        A_eq=np.ones((1, len(outcomes))),
        b_eq=[1],
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return None if result.status == 2 else -result.fun - judged.sum()


def distance_to_lotteries(game, payoffs):
    """The largest difference of one player's payoff to the nearest lottery over the 2^N outcomes."""
    outcomes = game.to_game().outcomes
    n, m = len(payoffs), len(outcomes)
    above = np.hstack([outcomes.T, -np.ones((n, 1))])
    below = np.hstack([-outcomes.T, -np.ones((n, 1))])
    return linprog(
        np.append(np.zeros(m), 1),
        A_ub=np.vstack([above, below]),
        b_ub=np.concatenate([payoffs, -payoffs]),
        A_eq=np.append(np.ones(m), 0)[None],
        b_eq=[1],
    ).fun


@given(judged_dilemmas())
@settings(max_examples=examples(200), deadline=None)
def test_slack_within_lotteries_is_that_of_all_outcomes(drawn):
    game, judged = drawn
    slack = game.pareto_slack(judged)
    expected = slack_over_all_outcomes(game, judged)
    assert slack.gain == pytest.approx(max(expected or 0.0, 0.0), abs=1e-7)
    assert slack.exact
    assert slack.gain == pytest.approx(slack.relative_gain * game.payoff_range[0])
    assert (slack.dominating - judged).sum() == pytest.approx(slack.gain, abs=1e-9)
    assert (slack.dominating >= judged - 1e-12).all()
    if slack.gain > 0:
        assert distance_to_lotteries(game, slack.dominating) < 1e-7


@given(judged_dilemmas())
@settings(max_examples=examples(150), deadline=None)
def test_slack_within_pure_outcomes_is_that_of_all_outcomes(drawn):
    game, judged = drawn
    slack = game.pareto_slack(judged, within="pure")
    expected = pareto.pareto_slack(game.to_game(), judged, within="pure")
    assert slack.gain == pytest.approx(expected.gain, abs=1e-9)
    assert slack.relative_gain == pytest.approx(expected.relative_gain, abs=1e-9)
    if slack.gain > 0:
        distances = np.abs(game.to_game().outcomes - slack.dominating).max(axis=1)
        assert distances.min() < 1e-9
    else:
        assert np.array_equal(slack.dominating, judged)


def test_by_hand():
    # All defect in the Prisoner's Dilemma of the thesis: all cooperating gives two more to each.
    game = linear_dilemma(10, greed=1, fear=1)
    slack = game.pareto_slack(np.ones(10))
    assert slack.gain == pytest.approx(20)
    assert slack.relative_gain == pytest.approx(5)
    assert slack.dominating == pytest.approx([3] * 10)
    # The only defector has 4, so that nobody can gain without its losing.
    alone = game.expected_payoffs(game.profile(np.arange(10) < 9))
    assert game.pareto_slack(alone).gain == 0
    assert np.array_equal(game.pareto_slack(alone).dominating, alone)
    # Two players whose exploitation pays in all: T + S = 5 > 2 R = 4, so taking turns dominates (C, C).
    turns = LinearDilemma(2, 2, 0, 5, 1)
    assert turns.pareto_slack([2, 2]).gain == pytest.approx(1)
    assert turns.pareto_slack([2, 2]).dominating == pytest.approx([2.5, 2.5])
    assert turns.pareto_slack([2, 2], within="pure").gain == 0
    # Mixing alike, both best cooperate with probability 3/4: 2 + 6 p - 4 p^2 = 4.25 in all.
    assert turns.pareto_slack([2, 2], within="independent").gain >= 0.25


def test_the_worst_off_gain_first():
    # Three players, welfare at most 9: of the 4.5 that (2.5, 1, 1) leaves, the last two have 2.25 more.
    game = linear_dilemma(3, greed=0.5, fear=1)
    slack = game.pareto_slack([2.5, 1, 1])
    assert slack.dominating == pytest.approx([3, 3, 3])
    skewed = game.pareto_slack([3.25, 1, 0.5])
    assert skewed.dominating[1] == pytest.approx(skewed.dominating[2])
    assert skewed.dominating[0] == pytest.approx(3.25)


def test_payoffs_beyond_reach_have_no_slack():
    game = linear_dilemma(5, greed=3, fear=1)
    slack = game.pareto_slack([3.5] * 5)
    assert (slack.gain, slack.relative_gain) == (0, 0)
    assert np.array_equal(slack.dominating, [3.5] * 5)
    assert game.pareto_slack([3.5] * 5, within="pure").gain == 0


def test_constant_payoffs_leave_nothing():
    constant = LinearDilemma(3, 1, 1, 1, 1)
    assert constant.pareto_slack([1, 1, 1]).gain == 0
    assert constant.pareto_slack([1, 1, 1], within="independent").gain == 0


@given(st.integers(0, 10**6), st.floats(0.1, 100), st.floats(-50, 50))
@settings(max_examples=examples(25), deadline=None)
def test_rescaled_and_renamed_payoffs(seed, factor, shift):
    rng = np.random.default_rng(seed)
    game = linear_dilemma(12, greed=rng.uniform(-1, 5), fear=rng.uniform(-3, 3))
    judged = game.expected_payoffs(game.profile(rng.random(12)))
    slack = game.pareto_slack(judged)
    renamed = rng.permutation(12)
    assert game.pareto_slack(judged[renamed]).dominating == pytest.approx(slack.dominating[renamed], abs=1e-7)
    corners = (game.reward, game.sucker, game.temptation, game.punishment)
    moved = LinearDilemma(12, *(factor * payoff + shift for payoff in corners))
    assert moved.pareto_slack(factor * judged + shift).gain == pytest.approx(
        factor * slack.gain, abs=1e-6 * factor
    )


def test_a_million_players():
    n = 10**6
    game = linear_dilemma(n, greed=3, fear=1)
    half = game.expected_payoffs(game.profile(np.arange(n) < n // 2))
    # Defectors keep d = 3.5, cooperators have 1.5; the frontier's largest total with half at 3.5 or more.
    slack = game.pareto_slack(half)
    assert slack.gain / n == pytest.approx(0.375, abs=1e-5)
    assert (slack.dominating >= half).all()
    assert game.pareto_slack(game.expected_payoffs(game.profile(1.0))).gain == 0


@pytest.mark.parametrize(("greed", "fear"), [(1, 1), (-1, -1), (2.5, 2.5)])
def test_independent_mixtures_reach_what_lotteries_do_if_greed_is_fear(greed, fear):
    game = linear_dilemma(4, greed=greed, fear=fear)
    rng = np.random.default_rng(3)
    judged = game.expected_payoffs(game.profile(rng.random(4)))
    slack = game.pareto_slack(judged, within="independent")
    assert slack.gain == pytest.approx(game.pareto_slack(judged).gain)
    # Payoffs are affine in the probabilities, so that the probabilities of the dominating payoffs are
    # the solution of linear equations: and they are probabilities.
    at_zero = game.expected_payoffs(game.profile(0.0))
    slopes = np.stack([game.expected_payoffs(game.profile(row)) - at_zero for row in np.eye(4)], axis=1)
    cooperation = np.linalg.solve(slopes, slack.dominating - at_zero)
    assert game.expected_payoffs(game.profile(cooperation.clip(0, 1))) == pytest.approx(slack.dominating)


@pytest.mark.parametrize("n_players", [2, 3, 8])
def test_few_players_are_searched_as_in_any_game(n_players):
    game = linear_dilemma(n_players, greed=0.5, fear=-1)
    judged = game.expected_payoffs(game.profile(np.linspace(0.1, 0.9, n_players)))
    found = game.pareto_slack(judged, within="independent")
    assert found.gain == pytest.approx(pareto.pareto_slack(game.to_game(), judged, within="independent").gain)
    assert game.pareto_slack([3] * n_players, within="independent").gain == 0


def test_many_players_mixing_are_between_pure_outcomes_and_lotteries():
    # Some defecting is best, and harms those who cooperate: no pure outcome dominates all cooperating.
    game = linear_dilemma(12, greed=8, fear=3)
    welfare = game.welfare(np.arange(13))
    everyone = game.pareto_slack([3] * 12, within="independent")
    assert not everyone.exact
    assert everyone.gain == 0
    assert everyone.relative_gain_bound * 13 == pytest.approx(welfare.max() - 36)
    # All defecting is dominated by all cooperating, and by no lottery more than by the best pure outcome.
    harmony = linear_dilemma(12, greed=-1, fear=0.5)
    nobody = harmony.pareto_slack([1] * 12, within="independent")
    assert nobody.exact
    assert nobody.gain == pytest.approx(24)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"payoffs": [1, 1]}, "payoffs must be 3 payoffs, got shape (2,)"),
        ({"payoffs": [1, 1, np.inf]}, "payoffs must be finite, got inf at position (2,)"),
        ({"payoffs": [1, 1, 1], "within": "lottery"}, "unknown set of dominating outcomes 'lottery'"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        linear_dilemma(3, greed=1, fear=1).pareto_slack(**arguments)


@pytest.mark.parametrize("cooperators", list(product([0, 1], repeat=3)))
def test_every_outcome_of_a_harmless_game(cooperators):
    # Welfare is the same everywhere, so that nothing can be gained.
    game = LinearDilemma(3, 1, 0, 2, 1)
    assert float(game.welfare(0)) == float(game.welfare(1)) == float(game.welfare(3)) == 3
    judged = game.expected_payoffs(game.profile(np.array(cooperators)))
    assert game.pareto_slack(judged).gain == 0


@pytest.mark.parametrize(
    ("greed", "fear", "exists"),
    [
        (1, 1, False),  # all defect although all would gain by cooperating
        (-1, 1, True),  # all cooperate
        (-1, -1, True),  # cooperation is dominant
    ],
)
@pytest.mark.parametrize("within", ["lotteries", "pure"])
def test_by_kind_of_dilemma(greed, fear, exists, within):
    for n in (2, 3, 5):
        assert pareto_optimal_nash_exists(linear_dilemma(n, greed=greed, fear=fear), within=within) is exists


def test_chicken_depends_on_the_number_of_players():
    # Of two one cooperates, of three two: the defector has more than if all cooperated. Of five three
    # cooperate, for 2.5 each, and defectors have 2.875: all would have 3 if all cooperated.
    games = {n: linear_dilemma(n, greed=0.5, fear=-1) for n in (2, 3, 5)}
    assert [game.equilibria().cooperators for game in games.values()] == [(1,), (2,), (3,)]
    assert [pareto_optimal_nash_exists(game) for game in games.values()] == [True, True, False]


def test_all_indifferent_includes_the_largest_welfare():
    assert pareto_optimal_nash_exists(linear_dilemma(4, greed=0, fear=0)) is True


def test_chicken_whose_equilibria_are_all_dominated():
    # A reward of 3 if all cooperate, and much less where only one or two do.
    game = linear_dilemma(4, greed=0.1, fear=-0.05, reward=3, punishment=0)
    assert game.equilibria().cooperators == (1, 2)
    exists = pareto_optimal_nash_exists(game)
    assert exists is False
    # Mixed equilibria might be undominated by pure profiles: that stays open.
    assert pareto_optimal_nash_exists(game, within="pure") is None


def test_mixed_equilibria_decide_nothing_within_lotteries():
    # Sampled equilibria in which two or more mix: where no pure one is optimal, neither are these.
    game = linear_dilemma(4, greed=0.1, fear=-0.05, reward=3, punishment=0)
    level = game.equilibria().symmetric[0]
    profile = game.profile(np.full(4, level))
    assert game.regrets(profile) == pytest.approx(np.zeros(4), abs=1e-12)
    assert game.pareto_slack(game.expected_payoffs(profile)).relative_gain > 0.1


def test_unknown_sense_of_domination():
    with pytest.raises(ValueError, match="unknown set of dominating outcomes"):
        pareto_optimal_nash_exists(linear_dilemma(3, greed=1, fear=1), within="lottery")
