import json
import re
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import theory.equilibria.welfare
from tests.examples import examples
from theory import Game, judge, matrix_dilemma, named_game, nash_equilibria, pure_equilibria
from theory.equilibria.welfare import EquilibriumWelfare, WelfareRange
from theory.many_players.linear_dilemma import linear_dilemma
from theory.pareto.slack import ParetoSlack
from theory.verdicts.facts import game_facts
from theory.verdicts.verdict import (
    check_tolerance,
    is_at_most,
    judge_by_facts,
    label_by_facts,
    welfare_tolerance_bounds,
)
from theory.verdicts.words import LABELS, UNSETTLED, label_of, label_suffix

C, D = [1, 0], [0, 1]
NASH_BEST, NASH_OPTIMAL, NASH_DOMINATED, OPTIMAL, DOMINATED = LABELS


def payoff_tensors(shape):
    return arrays(np.float64, shape, elements=st.integers(-3, 3).map(float))


def mixtures(n):
    return st.one_of(
        st.integers(0, n - 1).map(lambda k: np.eye(n)[k]),
        st.lists(st.integers(0, 5), min_size=n, max_size=n)
        .filter(any)
        .map(lambda weights: np.array(weights) / sum(weights)),
    )


@st.composite
def games_with_profiles(draw, shapes=((2, 2), (2, 3), (3, 3))):
    shape = draw(st.sampled_from(shapes))
    game = Game(draw(payoff_tensors((len(shape), *shape))))
    return game, [draw(mixtures(n)) for n in shape]


# Verdicts by hand. R, S, T, P of thesis Table 4.1: Prisoner's Dilemma 3, 0, 4, 1; Chicken 3, 2, 3.5, 1;
# Stag Hunt 3, 0, 2, 1. Battle of the Sexes of Luce & Raiffa (1957), Matching Pennies.
BY_HAND = [
    # game, profile, label, payoffs, regrets, slack, index, (worst, best) welfare of Nash, one Pareto-optimal?
    ("prisoners-dilemma", (C, C), OPTIMAL, (3, 3), (1, 1), 0, 1, (2, 2), False),
    (
        "prisoners-dilemma",
        (C, D),
        OPTIMAL + ", below the security level of player 1",
        (0, 4),
        (1, 0),
        0,
        0.5,
        (2, 2),
        False,
    ),
    ("prisoners-dilemma", (D, D), NASH_DOMINATED, (1, 1), (0, 0), 4, 0, (2, 2), False),
    ("chicken", (C, C), OPTIMAL, (3, 3), (0.5, 0.5), 0, 1, (16 / 3, 5.5), True),
    ("chicken", (C, D), NASH_BEST, (2, 3.5), (0, 0), 0, 7 / 8, (16 / 3, 5.5), True),
    ("chicken", (D, C), NASH_BEST, (3.5, 2), (0, 0), 0, 7 / 8, (16 / 3, 5.5), True),
    (
        "chicken",
        (D, D),
        DOMINATED + ", below the security level of player 1 and player 2",
        (1, 1),
        (1, 1),
        4,
        0,
        (16 / 3, 5.5),
        True,
    ),
    (
        "chicken",
        ([2 / 3, 1 / 3], [2 / 3, 1 / 3]),
        NASH_DOMINATED,
        (8 / 3, 8 / 3),
        (0, 0),
        2 / 3,
        5 / 6,
        (16 / 3, 5.5),
        True,
    ),
    ("stag-hunt", (C, C), NASH_BEST, (3, 3), (0, 0), 0, 1, (2, 6), True),
    (
        "stag-hunt",
        (C, D),
        DOMINATED + ", below the security level of player 1",
        (0, 2),
        (1, 1),
        4,
        0,
        (2, 6),
        True,
    ),
    ("stag-hunt", (D, D), NASH_DOMINATED, (1, 1), (0, 0), 4, 0, (2, 6), True),
    ("battle-of-the-sexes", (C, C), NASH_BEST, (2, 1), (0, 0), 0, 1, (4 / 3, 3), True),
    (
        "battle-of-the-sexes",
        (C, D),
        DOMINATED + ", below the security level of player 1 and player 2",
        (0, 0),
        (1, 1),
        3,
        0,
        (4 / 3, 3),
        True,
    ),
    (
        "battle-of-the-sexes",
        ([2 / 3, 1 / 3], [1 / 3, 2 / 3]),
        NASH_DOMINATED,
        (2 / 3, 2 / 3),
        (0, 0),
        5 / 3,
        4 / 9,
        (4 / 3, 3),
        True,
    ),
    (
        "matching-pennies",
        (C, C),
        OPTIMAL + ", below the security level of player 2",
        (1, -1),
        (0, 2),
        0,
        None,
        (0, 0),
        True,
    ),
    (
        "matching-pennies",
        ([0.5, 0.5], [0.5, 0.5]),
        NASH_BEST,
        (0, 0),
        (0, 0),
        0,
        None,
        (0, 0),
        True,
    ),
]


@pytest.mark.parametrize(
    ("name", "profile", "label", "payoffs", "regrets", "slack", "index", "nash_welfare", "exists"), BY_HAND
)
def test_verdicts_by_hand(name, profile, label, payoffs, regrets, slack, index, nash_welfare, exists):
    verdict = judge(named_game(name), profile)
    assert verdict.label == label
    assert verdict.payoffs == pytest.approx(payoffs)
    assert verdict.welfare == pytest.approx(sum(payoffs))
    assert verdict.regrets == pytest.approx(regrets, abs=1e-12)
    assert verdict.is_nash == ("not an" not in label)
    assert verdict.pareto_slack == pytest.approx(slack, abs=1e-12)
    assert verdict.is_pareto_optimal == (slack == 0)
    assert verdict.is_individually_rational == ("below" not in label)
    assert verdict.welfare_index == (None if index is None else pytest.approx(index))
    assert (verdict.worst_nash_welfare, verdict.best_nash_welfare) == pytest.approx(nash_welfare)
    assert verdict.pareto_optimal_nash_exists is exists
    assert verdict.note == ""


@pytest.mark.parametrize(
    ("name", "profile", "nash", "pareto", "rationality", "welfare"),
    [
        ("prisoners-dilemma", (C, C), 1 / 4, 0, 0, 1 / 4),
        ("prisoners-dilemma", (C, D), 1 / 4, 0, 1 / 4, 1 / 4),
        ("prisoners-dilemma", (D, D), 0, 1, 0, 0),
        ("chicken", (C, C), 0.5 / 2.5, 0, 0, 0.5 / 2.5),
        ("chicken", (D, D), 1 / 2.5, 4 / 2.5, 1 / 2.5, 3.5 / 4),
        ("chicken", ([2 / 3, 1 / 3],) * 2, 0, 2 / 3 / 2.5, 0, (5.5 - 16 / 3) / 4),
        ("stag-hunt", (D, D), 0, 4 / 3, 0, 1),
        ("matching-pennies", (C, C), 1, 0, 1 / 2, 1),
    ],
)
def test_least_tolerances_by_hand(name, profile, nash, pareto, rationality, welfare):
    verdict = judge(named_game(name), profile)
    assert verdict.nash_tolerance == pytest.approx(nash, abs=1e-12)
    assert verdict.pareto_tolerance == pytest.approx(pareto, abs=1e-12)
    assert verdict.rationality_tolerance == pytest.approx(rationality, abs=1e-12)
    assert verdict.welfare_tolerance == pytest.approx(welfare, abs=1e-12)


def test_mutual_defection_has_the_best_welfare_of_all_equilibria_although_it_is_dominated():
    # So a welfare-optimal equilibrium need not be Pareto-optimal, as thesis section 6.2.1 has it.
    verdict = judge(named_game("prisoners-dilemma"), [D, D])
    assert verdict.is_welfare_optimal_nash is True
    assert verdict.label == "Pareto-dominated Nash equilibrium"


def test_welfare_optimality_is_about_equilibria_only():
    cooperation = judge(named_game("prisoners-dilemma"), [C, C])
    assert cooperation.welfare > cooperation.best_nash_welfare
    assert cooperation.is_welfare_optimal_nash is False
    assert judge(named_game("stag-hunt"), [D, D]).is_welfare_optimal_nash is False


def test_pareto_optimal_equilibrium_that_is_not_the_best():
    # Pareto-optimal equilibria (5, 1) and (2, 2).
    game = Game.bimatrix([[5, 0], [0, 2]], [[1, 0], [0, 2]])
    assert judge(game, [C, C]).label == "welfare-optimal Nash equilibrium"
    assert judge(game, [D, D]).label == "Pareto-optimal Nash equilibrium"
    assert judge(game, [D, D]).welfare_tolerance == pytest.approx(2 / 6)


@pytest.mark.parametrize(
    ("name", "profile", "nash", "kalai_smorodinsky"),
    [
        # By symmetry both solutions are (3, 3).
        ("prisoners-dilemma", (C, C), 0, 0),
        ("prisoners-dilemma", (C, D), np.hypot(3 / 4, 1 / 4), np.hypot(3 / 4, 1 / 4)),
        ("prisoners-dilemma", (D, D), np.hypot(1 / 2, 1 / 2), np.hypot(1 / 2, 1 / 2)),
        ("chicken", (C, D), np.hypot(1 / 2.5, 0.5 / 2.5), np.hypot(1 / 2.5, 0.5 / 2.5)),
        # A lottery over (2, 1) and (1, 2).
        ("battle-of-the-sexes", (C, C), np.hypot(0.25, 0.25), np.hypot(0.25, 0.25)),
        # The disagreement point (0, 0) is on the frontier.
        ("matching-pennies", (C, C), np.hypot(0.5, 0.5), np.hypot(0.5, 0.5)),
    ],
)
def test_bargaining_distances_by_hand(name, profile, nash, kalai_smorodinsky):
    verdict = judge(named_game(name), profile)
    assert verdict.nash_bargaining_distance == pytest.approx(nash, abs=1e-9)
    assert verdict.kalai_smorodinsky_distance == pytest.approx(kalai_smorodinsky, abs=1e-9)


def test_the_two_bargaining_solutions_can_differ():
    # On the frontier from (0, 10) to (10, 4), the Nash solution maximises x (10 - .6 x): x = 25/3. The ideal
    # point is (10, 10), so that Kalai and Smorodinsky's has x = 10 - .6 x.
    game = Game.bimatrix([[0, 10], [0, 0]], [[10, 4], [0, 0]])
    verdict = judge(game, [D, D], disagreement=[0, 0])
    assert verdict.nash_bargaining_distance == pytest.approx(np.hypot(25 / 3, 5) / 10)
    assert verdict.kalai_smorodinsky_distance == pytest.approx(np.hypot(6.25, 6.25) / 10)


def test_disagreement_point_by_name_and_given():
    game = named_game("chicken-3.2")
    by_name = judge(game, [D, D], disagreement="defection")
    assert by_name.disagreement == "defection"
    assert by_name.disagreement_point == pytest.approx([0, 0])
    given_point = judge(game, [D, D], disagreement=[0.5, 0.25])
    assert given_point.disagreement == "given"
    assert given_point.disagreement_point == pytest.approx([0.5, 0.25])
    security = judge(game, [D, D])
    assert security.disagreement == "security"
    assert security.disagreement_point == pytest.approx([1, 1])
    # Individual rationality is judged by the security level all the same.
    assert by_name.is_individually_rational is False
    assert given_point.security_levels == pytest.approx([1, 1])


def test_disagreement_point_given_where_the_lowest_payoffs_are_not_zero():
    by_name, given_point = (
        judge(named_game("chicken"), [C, D], disagreement=point) for point in ("security", [2, 2])
    )
    assert given_point.disagreement_point == pytest.approx(by_name.disagreement_point)
    assert given_point.nash_bargaining_distance == pytest.approx(by_name.nash_bargaining_distance)
    assert given_point.kalai_smorodinsky_distance == pytest.approx(by_name.kalai_smorodinsky_distance)
    # From (3, 2) on, the frontier is the edge between (3, 3) and (3.5, 2), with the largest product at its middle.
    other = judge(named_game("chicken"), [C, D], disagreement=[3, 2])
    assert other.nash_bargaining_distance == pytest.approx(np.hypot(1.25, 1) / 2.5)


def test_no_rational_agreement_leaves_the_distances_unknown():
    verdict = judge(named_game("prisoners-dilemma"), [C, C], disagreement=[3.5, 3.5])
    assert verdict.nash_bargaining_distance is None
    assert verdict.kalai_smorodinsky_distance is None
    assert "Bargaining points are unknown" in verdict.note
    assert "No distance to a bargaining solution is known" in verdict.explanation
    assert verdict.label == OPTIMAL


def test_what_may_dominate():
    # T + S > 2 R: taking turns is better than mutual cooperation, but no single outcome is.
    game = matrix_dilemma(greed=5, fear=1)
    assert judge(game, [C, C], within="pure").is_pareto_optimal is True
    lotteries = judge(game, [C, C], within="lotteries")
    assert lotteries.is_pareto_optimal is False
    assert lotteries.pareto_slack == pytest.approx(2)
    assert lotteries.pareto_dominating.sum() == pytest.approx(8)
    assert lotteries.within == "lotteries"
    # From the mixed equilibrium of the Battle of the Sexes (2, 1) is best in each sense.
    mixed = [[2 / 3, 1 / 3], [1 / 3, 2 / 3]]
    battle = named_game("battle-of-the-sexes")
    for within in ("pure", "independent", "lotteries"):
        assert judge(battle, mixed, within=within).pareto_slack == pytest.approx(5 / 3)


def test_independent_mixtures_are_fewer_than_lotteries():
    # The mean of (4, 0) and (0, 4) dominates (1.5, 1.5), but independent mixing also meets the zeros.
    A = [[1.5, 0, 0], [0, 4, 0], [0, 0, 0]]
    B = [[1.5, 0, 0], [0, 0, 0], [0, 0, 4]]
    game, profile = Game.bimatrix(A, B), [[1, 0, 0], [1, 0, 0]]
    assert judge(game, profile, within="pure").is_pareto_optimal is True
    assert judge(game, profile, within="independent").is_pareto_optimal is True
    assert judge(game, profile).is_pareto_optimal is False
    assert judge(game, profile).pareto_slack == pytest.approx(1)


def test_the_labels():
    assert LABELS == (
        "welfare-optimal Nash equilibrium",
        "Pareto-optimal Nash equilibrium",
        "Pareto-dominated Nash equilibrium",
        "Pareto-optimal, not an equilibrium",
        "Pareto-dominated, not an equilibrium",
    )


def test_the_tolerance_itself_is_tolerated():
    # All ranges are 4, so that the shares are exact in binary.
    game = named_game("prisoners-dilemma")
    assert judge(game, [C, C], tolerance=0.25).is_nash is True
    exploited = judge(game, [C, D], tolerance=0.25)
    assert exploited.is_individually_rational is True
    # Within so wide a tolerance an equilibrium, and better than the only exact one.
    assert exploited.label == "welfare-optimal Nash equilibrium"
    assert judge(game, [D, D], tolerance=1).is_pareto_optimal is True
    # Two equilibria: (4, 4) and (2, 2) in a game whose welfare ranges from 0 to 8.
    coordination = Game.bimatrix([[4, 0], [0, 2]], [[4, 0], [0, 2]])
    assert judge(coordination, [D, D], tolerance=0.5).is_welfare_optimal_nash is True
    assert judge(coordination, [D, D], tolerance=0.4999).is_welfare_optimal_nash is False


def test_dominating_payoffs_are_named_where_there_are_any():
    # The lowest payoff of Chicken is 1.
    assert judge(named_game("chicken"), [D, D]).pareto_dominating == pytest.approx([3, 3])
    assert judge(named_game("prisoners-dilemma"), [D, D]).pareto_dominating == pytest.approx([3, 3])
    assert judge(named_game("prisoners-dilemma"), [C, C]).pareto_dominating is None


@given(games_with_profiles())
@settings(max_examples=examples(40), deadline=None)
def test_each_answer_turns_at_its_least_tolerance(game_and_profile):
    game, profile = game_and_profile
    facts = game_facts(game)
    exact = judge_by_facts(facts, profile)
    for least, answer in (
        ("nash_tolerance", "is_nash"),
        ("pareto_tolerance", "is_pareto_optimal"),
        ("rationality_tolerance", "is_individually_rational"),
        ("welfare_tolerance", "is_welfare_optimal_nash"),
    ):
        threshold = getattr(exact, least)
        if 1e-5 < threshold < 0.99:
            assert getattr(judge_by_facts(facts, profile, tolerance=threshold * 1.0001), answer) is True
            assert getattr(judge_by_facts(facts, profile, tolerance=threshold * 0.9999), answer) is False
        elif threshold < 1e-9:
            assert getattr(exact, answer) is True


@given(games_with_profiles(), st.sampled_from((1e-6, 0.02, 0.3)))
@settings(max_examples=examples(60), deadline=None)
def test_a_label_alone_is_that_of_the_verdict(game_and_profile, tolerance):
    game, profile = game_and_profile
    verdict = judge_by_facts(game_facts(game), profile, tolerance=tolerance)
    outcome = label_by_facts(game_facts(game), profile, tolerance=tolerance)
    assert (outcome.label, outcome.pareto_slack) == (verdict.label, verdict.pareto_slack)
    assert outcome.regrets.tolist() == verdict.regrets.tolist()


def test_a_label_asks_for_equilibria_only_where_it_needs_them():
    facts = game_facts(named_game("prisoners-dilemma"))
    assert label_by_facts(facts, [D, D]).label == NASH_DOMINATED
    assert label_by_facts(facts, [C, C]).label == OPTIMAL
    assert "equilibria" not in vars(facts)
    facts = game_facts(named_game("chicken"))
    assert label_by_facts(facts, [C, D]).label == NASH_BEST
    assert "equilibria" in vars(facts)


INVARIANT_FLAGS = (
    "is_nash",
    "is_pareto_optimal",
    "is_individually_rational",
    "pareto_optimal_nash_exists",
)
INVARIANT_NUMBERS = (
    "nash_tolerance",
    "pareto_tolerance",
    "rationality_tolerance",
    "nash_bargaining_distance",
    "kalai_smorodinsky_distance",
)
WELFARE_FLAGS = ("is_welfare_optimal_nash", "label")
WELFARE_NUMBERS = ("welfare_index", "welfare_tolerance")


def assert_same(first, second, flags, numbers):
    for name in flags:
        assert getattr(first, name) == getattr(second, name), name
    for name in numbers:
        one, other = getattr(first, name), getattr(second, name)
        assert (one is None) == (other is None), name
        if one is not None:
            assert one == pytest.approx(other, abs=1e-7), name


@given(
    games_with_profiles(), st.tuples(*[st.sampled_from([0.125, 1.0, 3.0, 100.0])] * 2), st.integers(-50, 50)
)
@settings(max_examples=examples(40), deadline=None)
def test_answers_do_not_depend_on_the_units_of_either_player(game_and_profile, units, shift):
    game, profile = game_and_profile
    scale = np.array(units).reshape(2, 1, 1)
    rescaled = Game(scale * game.payoffs + np.array([shift, -2.0 * shift]).reshape(2, 1, 1))
    assert_same(judge(game, profile), judge(rescaled, profile), INVARIANT_FLAGS, INVARIANT_NUMBERS)


@given(games_with_profiles(), st.sampled_from([0.125, 3.0, 1e6]), st.integers(-50, 50))
@settings(max_examples=examples(40), deadline=None)
def test_nothing_but_units_depends_on_a_common_unit(game_and_profile, unit, shift):
    game, profile = game_and_profile
    first, second = judge(game, profile), judge(Game(unit * game.payoffs + shift), profile)
    assert_same(first, second, INVARIANT_FLAGS + WELFARE_FLAGS, INVARIANT_NUMBERS + WELFARE_NUMBERS)
    assert second.welfare == pytest.approx(unit * first.welfare + 2 * shift)
    assert second.pareto_slack == pytest.approx(unit * first.pareto_slack, abs=1e-7 * unit)
    assert second.best_nash_welfare == pytest.approx(unit * first.best_nash_welfare + 2 * shift)
    assert second.worst_nash_welfare == pytest.approx(unit * first.worst_nash_welfare + 2 * shift)


@given(games_with_profiles())
@settings(max_examples=examples(40), deadline=None)
def test_exchanging_the_players_exchanges_their_numbers(game_and_profile):
    game, (x, y) = game_and_profile
    A, B = game.payoffs
    first, second = judge(game, [x, y]), judge(Game.bimatrix(B.T, A.T), [y, x])
    flags = (*INVARIANT_FLAGS, "is_welfare_optimal_nash")
    assert_same(first, second, flags, INVARIANT_NUMBERS + WELFARE_NUMBERS + ("pareto_slack",))
    for name in ("payoffs", "regrets", "security_levels"):
        assert getattr(first, name) == pytest.approx(getattr(second, name)[::-1], abs=1e-9)


@given(games_with_profiles(), st.randoms(use_true_random=False))
@settings(max_examples=examples(40), deadline=None)
def test_the_order_of_actions_does_not_matter(game_and_profile, random):
    game, profile = game_and_profile
    orders = [random.sample(range(n), n) for n in game.n_actions]
    reordered = Game(game.payoffs[np.ix_(range(2), *orders)])
    second = judge(reordered, [x[order] for x, order in zip(profile, orders, strict=True)])
    numbers = (
        *INVARIANT_NUMBERS,
        *WELFARE_NUMBERS,
        "pareto_slack",
        "best_nash_welfare",
        "worst_nash_welfare",
    )
    assert_same(judge(game, profile), second, INVARIANT_FLAGS + WELFARE_FLAGS, numbers)


def test_large_common_part_of_payoffs_does_not_hide_a_difference():
    # Player 1 always gets the same, so that whatever is better for player 2 dominates.
    small = Game.bimatrix([[0.1, 0.1], [0.1, 0.1]], [[0.0, 0.0], [0.0, 1.0]])
    large = Game.bimatrix([[1e6 + 0.1] * 2] * 2, [[1e6, 1e6], [1e6, 1e6 + 1.0]])
    for game in (small, large):
        verdict = judge(game, [[1 / 3, 2 / 3], [0.7, 0.3]])
        assert verdict.is_pareto_optimal is False
        assert verdict.pareto_slack == pytest.approx(0.8, rel=1e-6)
        assert verdict.is_individually_rational is True
        assert verdict.pareto_optimal_nash_exists is True


def test_constant_sum_up_to_rounding_has_no_welfare_index():
    A = np.array([[0.1, 0.7], [0.6, 0.3]])
    verdict = judge(Game.bimatrix(A, 1 - A), [C, D])
    assert verdict.welfare_index is None
    assert judge(Game.bimatrix(A, 1 - A), [[1 / 3, 2 / 3], [4 / 9, 5 / 9]]).label == NASH_BEST
    # A difference that rounding cannot explain counts.
    assert judge(Game.bimatrix(A, 1 - A + [[0, 1e-9], [0, 0]]), [C, D]).welfare_index == pytest.approx(1)


def test_zero_range_of_a_player():
    game = Game.bimatrix([[2, 2], [2, 2]], [[0, 1], [3, 0]])
    verdict = judge(game, [C, D])
    assert verdict.regrets == pytest.approx([0, 0])
    assert verdict.is_nash is True
    assert verdict.pareto_tolerance == pytest.approx(2 / 3)
    assert verdict.best_nash_welfare == pytest.approx(5)
    assert verdict.worst_nash_welfare == pytest.approx(2.75)
    assert verdict.continuum is True


def test_probabilities_typed_with_few_digits_are_made_to_sum_to_one():
    game = named_game("chicken")
    typed = judge(game, [[0.6666666, 0.3333333]] * 2)
    exact = judge(game, [[2 / 3, 1 / 3]] * 2)
    assert typed.payoffs == pytest.approx(exact.payoffs, abs=1e-7)
    assert typed.label == exact.label
    dilemma = linear_dilemma(3, greed=1, fear=1)
    assert judge(dilemma, [[0.9999995, 0]] * 3).payoffs.tolist() == [3, 3, 3]
    # (C, C) of a profile that sums to a little less than one is still Pareto-optimal.
    assert judge(game, [[0.9999995, 0], [0.9999995, 0]]).label == OPTIMAL
    assert judge(game, [[0.9999995, 0], [0.9999995, 0]]).pareto_tolerance == 0


@given(payoff_tensors((2, 2, 2)), st.lists(st.floats(0, 1), min_size=8, max_size=8))
@settings(max_examples=examples(50), deadline=None)
def test_statements_about_all_equilibria_hold_on_continua(payoffs, weights):
    game = Game(payoffs)
    facts = game_facts(game)
    for rows, columns in nash_equilibria(game).maximal_subsets:
        x = np.average(rows, axis=0, weights=np.array(weights[: len(rows)]) + 1e-3)
        y = np.average(columns, axis=0, weights=np.array(weights[4 : 4 + len(columns)]) + 1e-3)
        for within in ("lotteries", "pure"):
            verdict = judge_by_facts(game_facts(game, within=within), [x, y])
            assert verdict.is_nash
            assert facts.equilibria.worst - 1e-9 <= verdict.welfare <= facts.equilibria.best + 1e-9
            if verdict.pareto_tolerance < 1e-9:
                assert verdict.pareto_optimal_nash_exists is True


# Where the solver is not complete


def incomplete(game, **_):
    # One pure equilibrium, whichever others there are.
    profiles = tuple(game.pure(*outcome) for outcome in pure_equilibria(game)[:1])
    return SimpleNamespace(profiles=profiles, complete=False, continuum=False, note="Only some are known.")


def test_nothing_is_said_about_all_equilibria_if_not_all_are_known(monkeypatch):
    monkeypatch.setattr(theory.equilibria.welfare, "nash_equilibria", incomplete)
    verdict = judge(named_game("chicken"), [C, D])
    assert verdict.is_nash is True
    assert verdict.best_nash_welfare is None
    assert verdict.worst_nash_welfare is None
    # Half (C, C), a quarter (C, D), a quarter (D, C) is the best correlated equilibrium, of welfare 5.75.
    assert verdict.best_nash_welfare_bounds == pytest.approx((5.5, 5.75))
    assert verdict.worst_nash_welfare_bounds == pytest.approx((4.8, 5.5))
    assert verdict.pareto_optimal_nash_exists is True  # this one
    assert verdict.is_welfare_optimal_nash is None
    assert verdict.welfare_tolerance is None
    assert verdict.continuum is None
    assert verdict.n_equilibria == 1
    assert verdict.label == "Pareto-optimal Nash equilibrium, welfare optimality unknown"
    assert verdict.note == "Only some are known."
    assert "Only some are known." in verdict.explanation
    both = judge(named_game("stag-hunt"), [C, C], disagreement=[9, 9])
    assert both.note.startswith("Only some are known. Bargaining points are unknown: ")
    # It is none of the best equilibria if one that has more welfare is known, ...
    poor = judge(named_game("stag-hunt"), [D, D])
    assert (poor.is_welfare_optimal_nash, poor.welfare_tolerance) == (False, 1.0)
    assert "the best equilibrium has welfare 6." in poor.explanation
    # ... and no equilibrium is no best equilibrium, whatever the others are.
    assert judge(named_game("stag-hunt"), [C, D]).is_welfare_optimal_nash is False


@pytest.mark.slow  # six seconds each
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_equilibrium_of_the_largest_welfare_needs_no_other(place):
    # Three players who are paid 1 each where all do the same, 0 else: not all equilibria can be listed.
    payoffs = np.zeros((3, 3, 3, 3))
    payoffs[:, [0, 1, 2], [0, 1, 2], [0, 1, 2]] = 1.0
    game = Game(payoffs)
    verdict = judge(game, game.pure(place, place, place))
    assert verdict.note
    assert verdict.label == NASH_BEST
    assert (verdict.best_nash_welfare, verdict.worst_nash_welfare) == (3.0, 0.0)
    assert verdict.pareto_optimal_nash_exists is True
    assert (verdict.is_welfare_optimal_nash, verdict.welfare_tolerance) == (True, 0.0)
    assert "the best of all equilibria" in verdict.explanation
    middle = judge(game, [[1 / 3] * 3] * 3)
    assert middle.is_nash is True
    assert middle.is_welfare_optimal_nash is False
    assert middle.welfare_tolerance == pytest.approx(8 / 9)
    assert middle.label == NASH_DOMINATED


@pytest.mark.parametrize("seed", range(4))
def test_a_judged_equilibrium_counts_though_the_solver_missed_it(monkeypatch, seed):
    def none(game):
        return SimpleNamespace(profiles=(), complete=False, continuum=False, note="None is known.")

    game = Game(np.random.default_rng(seed).integers(0, 6, (3, 2, 3, 2)).astype(float))
    equilibria = theory.nash_equilibria(game)
    verdicts = [judge(game, profile) for profile in equilibria.profiles]
    monkeypatch.setattr(theory.equilibria.welfare, "nash_equilibria", none)
    for profile, known in zip(equilibria.profiles, verdicts, strict=True):
        verdict = judge(game, profile)
        least, most = verdict.best_nash_welfare_bounds
        assert max(verdict.welfare, least) - 1e-9 <= known.best_nash_welfare <= most + 1e-9
        assert verdict.is_welfare_optimal_nash in (None, known.is_welfare_optimal_nash)
        assert verdict.pareto_optimal_nash_exists in (None, known.pareto_optimal_nash_exists)
        assert verdict.label in (known.label, UNSETTLED[0])


@pytest.mark.parametrize(("regret", "counts"), [(0.0, True), (1e-5, False)])
def test_what_is_nearly_an_equilibrium_does_not_count_as_one(monkeypatch, regret, counts):
    def none(game):
        return SimpleNamespace(profiles=(), complete=False, continuum=False, note="None is known.")

    monkeypatch.setattr(theory.equilibria.welfare, "nash_equilibria", none)
    # Against C the second action costs 1 of a payoff range of 3.
    verdict = judge(named_game("stag-hunt"), [[1 - regret, regret], C], tolerance=0.02)
    assert verdict.is_nash is True
    assert (verdict.best_nash_welfare == 6) == counts
    assert (verdict.pareto_optimal_nash_exists is True) == counts


def test_an_equilibrium_shows_that_an_optimal_one_exists_by_its_welfare_or_by_its_slack(monkeypatch):
    def none(game):
        return SimpleNamespace(profiles=(), complete=False, continuum=False, note="None is known.")

    monkeypatch.setattr(theory.equilibria.welfare, "nash_equilibria", none)
    # Undominated with a welfare of 5.5 where there are 6, ...
    assert judge(named_game("chicken"), [C, D]).pareto_optimal_nash_exists is True
    assert judge(named_game("stag-hunt"), [D, D]).pareto_optimal_nash_exists is None

    # ... and of the largest welfare where the slack leaves it open.
    def found_nothing(game, payoffs, *, within):
        return ParetoSlack(0.0, 0.0, np.asarray(payoffs), exact=False)

    monkeypatch.setattr("theory.verdicts.facts.pareto_slack", found_nothing)
    assert judge(named_game("stag-hunt"), [C, C]).pareto_optimal_nash_exists is True
    assert judge(named_game("chicken"), [C, D]).pareto_optimal_nash_exists is None


def test_a_bad_tolerance_is_refused_before_the_game_is_looked_at(monkeypatch):
    monkeypatch.setattr("theory.verdicts.verdict.game_facts", None)
    with pytest.raises(ValueError, match="tolerance must lie in"):
        judge(named_game("chicken"), [C, C], tolerance=2)


@pytest.mark.parametrize("units", [(1.0, 1.0, 1.0), (2.0, 0.5, 7.0)])
def test_in_a_game_of_constant_sum_all_outcomes_are_pareto_optimal(monkeypatch, units):
    monkeypatch.setattr(theory.equilibria.welfare, "nash_equilibria", incomplete)
    payoffs = np.random.default_rng(0).integers(-5, 6, (3, 2, 3, 2)).astype(float)
    payoffs[2] = -payoffs[0] - payoffs[1]
    game = Game(payoffs * np.reshape(units, (3, 1, 1, 1)) + 3.0)
    verdict = judge(game, [C, [1, 0, 0], C])
    assert verdict.pareto_optimal_nash_exists is True
    assert verdict.is_pareto_optimal is True
    if units == (1.0, 1.0, 1.0):
        assert verdict.best_nash_welfare == verdict.worst_nash_welfare == pytest.approx(9.0)


def test_a_bound_of_the_slack_below_the_tolerance_settles_optimality(monkeypatch):
    def bounded(game, payoffs, *, within):
        return ParetoSlack(0.0, 0.0, np.asarray(payoffs), exact=False, relative_gain_bound=0.01)

    monkeypatch.setattr("theory.verdicts.facts.pareto_slack", bounded)
    game = named_game("prisoners-dilemma")
    assert judge(game, [C, C], tolerance=0.02).is_pareto_optimal is True
    assert judge(game, [C, C], tolerance=0.005).is_pareto_optimal is None


def test_every_verdict_is_json(monkeypatch):
    games = [
        Game(np.zeros((2, 2, 2))),
        Game(np.ones((3, 2, 2, 2))),
        Game([[1.0, 2.0]]),
        named_game("chicken"),
    ]
    for solver in (theory.nash_equilibria, incomplete):
        monkeypatch.setattr(theory.equilibria.welfare, "nash_equilibria", solver)
        for game in games:
            verdict = judge(game, [np.full(n, 1 / n) for n in game.n_actions])
            assert json.loads(json.dumps(verdict.to_dict(), allow_nan=False))["label"] == verdict.label


def test_solver_that_gives_up(monkeypatch):
    def too_large(game, **_):
        raise ValueError("the game is too large")

    monkeypatch.setattr(theory.equilibria.welfare, "nash_equilibria", too_large)
    verdict = judge(named_game("stag-hunt"), [D, D])
    assert verdict.note == "Equilibria are unknown: the game is too large."
    assert verdict.best_nash_welfare is None
    assert verdict.n_equilibria is None
    assert verdict.label == NASH_DOMINATED
    assert verdict.nash_bargaining_distance is not None


def test_slack_that_is_only_a_lower_bound_cannot_show_optimality(monkeypatch):
    def found_nothing(game, payoffs, *, within):
        return ParetoSlack(0.0, 0.0, np.asarray(payoffs), exact=False)

    monkeypatch.setattr("theory.verdicts.facts.pareto_slack", found_nothing)
    verdict = judge(named_game("prisoners-dilemma"), [D, D])
    assert verdict.is_pareto_optimal is None
    assert verdict.pareto_optimal_nash_exists is None
    assert verdict.label == "Nash equilibrium, Pareto optimality unknown"
    assert (
        judge(named_game("prisoners-dilemma"), [C, C]).label
        == "not an equilibrium, Pareto optimality unknown"
    )

    def found_something(game, payoffs, *, within):
        return ParetoSlack(1.0, 0.5, np.asarray(payoffs) + 0.5, exact=False)

    monkeypatch.setattr("theory.verdicts.facts.pareto_slack", found_something)
    assert judge(named_game("prisoners-dilemma"), [D, D]).is_pareto_optimal is False
    assert judge(named_game("prisoners-dilemma"), [D, D]).pareto_optimal_nash_exists is False


# Three players


def test_three_players_by_hand():
    # Pure coordination of three: 2 each if all cooperate, 1 each if all defect, else 0.
    payoffs = np.zeros((3, 2, 2, 2))
    payoffs[:, 0, 0, 0], payoffs[:, 1, 1, 1] = 2, 1
    game = Game(payoffs)
    good, bad = judge(game, [C, C, C]), judge(game, [D, D, D])
    assert (good.is_nash, bad.is_nash) == (True, True)
    assert good.is_pareto_optimal is True
    assert bad.pareto_slack == pytest.approx(3)
    assert bad.label == NASH_DOMINATED
    mixed = judge(game, [[0.5, 0.5], C, D])
    # The other two can hold everyone down to 0 by a mismatch.
    assert mixed.security_levels == pytest.approx([0, 0, 0])
    assert mixed.label == DOMINATED
    assert mixed.regrets == pytest.approx([0, 0.5, 1])
    assert good.nash_bargaining_distance == pytest.approx(0, abs=1e-6)


def test_extreme_equilibria_do_not_speak_for_a_third_player():
    # Two players are always indifferent; the third, without a choice, gets least where they differ by half.
    payoffs = np.zeros((3, 2, 2, 1))
    payoffs[0, :, :, 0] = [[0, 1], [0, 1]]
    payoffs[1, :, :, 0] = [[1, 1], [0, 0]]
    payoffs[2, :, :, 0] = [[0, 1], [1, 0]]
    game = Game(payoffs)
    assert judge(game, [C, D, [1]]).pareto_optimal_nash_exists is True
    assert judge(game, [C, D, [1]]).continuum is True


# Games without a tensor


@given(
    st.integers(2, 4),
    st.sampled_from([-1.0, -0.5, 0.5, 1.0]),
    st.sampled_from([-1.0, -0.5, 0.5, 1.0]),
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=4, max_size=4),
)
@settings(max_examples=examples(15), deadline=None)
def test_linear_dilemma_is_judged_like_its_tensor(n, greed, fear, cooperation):
    game = linear_dilemma(n, greed=greed, fear=fear)
    profile = game.profile(cooperation[:n])
    direct, tensor = judge(game, profile), judge(game.to_game(), profile)
    flags = ("is_nash", "is_pareto_optimal", "is_individually_rational")
    assert_same(direct, tensor, flags, ("nash_tolerance", "pareto_slack", "welfare_index"))
    assert direct.payoffs == pytest.approx(tensor.payoffs)
    assert direct.security_levels == pytest.approx(tensor.security_levels)
    assert direct.nash_bargaining_distance == pytest.approx(tensor.nash_bargaining_distance, abs=1e-5)
    assert direct.kalai_smorodinsky_distance == pytest.approx(tensor.kalai_smorodinsky_distance, abs=1e-5)
    if tensor.best_nash_welfare is not None:
        assert direct.label == tensor.label
        assert direct.best_nash_welfare == pytest.approx(tensor.best_nash_welfare)
    if tensor.worst_nash_welfare is not None:
        assert direct.worst_nash_welfare == pytest.approx(tensor.worst_nash_welfare)
    if tensor.pareto_optimal_nash_exists is not None:
        assert direct.pareto_optimal_nash_exists is tensor.pareto_optimal_nash_exists


def test_ten_thousand_players():
    game = linear_dilemma(10_000, greed=1, fear=1)
    verdict = judge(game, game.profile(0.0))
    assert verdict.label == NASH_DOMINATED
    assert verdict.is_welfare_optimal_nash is True
    assert verdict.best_nash_welfare == pytest.approx(10_000)
    assert verdict.pareto_slack == pytest.approx(20_000)
    assert verdict.pareto_optimal_nash_exists is False
    assert verdict.nash_bargaining_distance == pytest.approx(0.5 * 100)
    assert len(verdict.explanation) < 1500


def test_many_players_below_their_level_are_counted():
    game = linear_dilemma(9, greed=1, fear=1)
    # One defector among cooperators of a game in which defection secures 1: lone cooperators get less.
    verdict = judge(game, game.profile([1.0] * 2 + [0.0] * 7))
    assert verdict.label.endswith(", below the security level of player 1 and player 2")
    chicken = linear_dilemma(9, greed=0.5, fear=-1)
    below = judge(chicken, chicken.profile(0.0))
    assert below.label == DOMINATED + ", below the security level of 9 players"


def test_linear_dilemma_with_unequal_disagreement_point():
    game = linear_dilemma(3, greed=1, fear=1)
    verdict = judge(game, game.profile(1.0), disagreement=[0, 1, 1])
    assert verdict.nash_bargaining_distance is None
    assert "Bargaining points are unknown" in verdict.note
    equal = judge(game, game.profile(1.0), disagreement="defection")
    assert equal.nash_bargaining_distance == pytest.approx(0)
    assert equal.disagreement_point == pytest.approx([1, 1, 1])


def test_what_cannot_be_settled_about_equilibria_leaves_the_outcome_judged(monkeypatch):
    def too_hard(game, *, within):
        raise ValueError("too hard")

    monkeypatch.setattr("theory.verdicts.facts.pareto_optimal_nash_exists", too_hard)
    game = linear_dilemma(4, greed=0.5, fear=-1)
    verdict = judge(game, game.profile(1.0))
    assert verdict.label == OPTIMAL
    assert verdict.pareto_optimal_nash_exists is None
    assert verdict.note == "Whether a Pareto-optimal Nash equilibrium exists is unknown: too hard."


class Foreign:
    """A linear dilemma that hides its kind: the protocol alone must do."""

    def __init__(self, game, *, complete=True):
        self.game, self.complete = game, complete
        for name in dir(game):
            if not name.startswith("_") and name != "equilibria":
                setattr(self, name, getattr(game, name))

    def equilibria(self):
        known = self.game.equilibria()
        return SimpleNamespace(
            best_welfare=known.best_welfare,
            worst_welfare=known.worst_welfare,
            continuum=known.continuum,
            complete=self.complete,
        )


def test_any_game_that_answers_the_protocol_can_be_judged():
    game = linear_dilemma(4, greed=-1, fear=1)
    verdict = judge(Foreign(game), game.profile(1.0))
    assert verdict.label == NASH_BEST
    # The best equilibrium has the largest welfare of all outcomes.
    assert verdict.pareto_optimal_nash_exists is True
    dilemma = linear_dilemma(4, greed=1, fear=1)
    unknown = judge(Foreign(dilemma), dilemma.profile(0.0))
    assert unknown.pareto_optimal_nash_exists is None
    assert unknown.note.startswith(
        "Whether a Pareto-optimal Nash equilibrium exists is unknown: equilibria are not"
    )
    assert unknown.is_welfare_optimal_nash is True
    incomplete = judge(Foreign(dilemma, complete=False), dilemma.profile(0.0))
    assert incomplete.best_nash_welfare is None
    assert incomplete.note == "The game does not know all its equilibria."


# Form


def test_explanation_names_the_numbers():
    text = judge(named_game("chicken"), [C, D]).explanation
    assert text.startswith("Chicken: welfare-optimal Nash equilibrium. Payoffs are (2, 3.5). ")
    assert "This is the best of the three equilibria, but welfare 5.5 of a possible 6." in text
    assert "Nobody gains by deviating." in text
    assert "No lottery gives anyone more without a loss to another." in text
    assert "Everyone gets what it can secure alone, (2, 2)." in text
    assert "The game has a Pareto-optimal Nash equilibrium." in text
    assert "is 0.4472 payoff ranges, to that of Kalai and Smorodinsky 0.4472" in text
    assert "(disagreement point (2, 2), security)" in text


@pytest.mark.parametrize(
    ("name", "profile", "options", "sentence"),
    [
        (
            "stag-hunt",
            (C, C),
            {},
            "This is the best of the three equilibria, with welfare 6 of a possible 6.",
        ),
        ("stag-hunt", (D, D), {}, "Nobody gains by deviating, but the best equilibrium has welfare 6."),
        ("stag-hunt", (D, D), {}, "Welfare is 2 of a possible 6."),
        ("stag-hunt", (D, D), {}, "A lottery gives (3, 3), 4 more in total with nobody losing."),
        (
            "stag-hunt",
            (D, D),
            {"within": "independent"},
            "An independent mixture gives (3, 3), 4 more in total with nobody losing.",
        ),
        ("stag-hunt", (C, D), {}, "Player 1 would gain 1 by its best reply."),
        ("stag-hunt", (C, D), {}, "Not everyone gets what it can secure alone, (1, 1)."),
        ("prisoners-dilemma", (D, D), {}, "This is the only equilibrium, but welfare 2 of a possible 6."),
        ("prisoners-dilemma", (D, D), {}, "The game has no Pareto-optimal Nash equilibrium."),
        (
            "prisoners-dilemma",
            ([0.01, 0.99], D),
            {"tolerance": 0.02},
            "Nobody gains more than 0.01 by deviating.",
        ),
        ("matching-pennies", ([0.5, 0.5],) * 2, {}, "with welfare 0 of a possible 0."),
    ],
)
def test_sentences_of_explanations(name, profile, options, sentence):
    assert sentence in judge(named_game(name), profile, **options).explanation


def test_explanation_of_a_continuum_and_of_a_game_without_a_name():
    game = Game.bimatrix([[2, 2], [2, 2]], [[0, 1], [3, 0]])
    text = judge(game, [D, C]).explanation
    assert text.startswith("This outcome: ")
    assert "the best of infinitely many equilibria" in text
    linear = linear_dilemma(8, greed=-1, fear=1)
    text = judge(linear, linear.profile(1.0)).explanation
    assert "the best of all equilibria" in text
    assert "Payoffs are 3 each." in text


def test_verdict_as_plain_values():
    for game, profile in ((named_game("chicken"), [C, D]), (named_game("matching-pennies"), [C, C])):
        verdict = judge(game, profile)
        plain = verdict.to_dict()
        assert json.loads(json.dumps(plain, allow_nan=False)) == plain
        names = {field.name for field in fields(verdict)} | {"explanation"}
        assert set(plain) == names - {"confirmation"}  # which was not asked for
        assert set(judge(game, profile, confirm=True).to_dict()) == names
        assert plain["payoffs"] == verdict.payoffs.tolist()
        assert plain["players"] == ["player 1", "player 2"]
        assert plain["explanation"] == verdict.explanation


def test_a_name_at_the_beginning_of_a_sentence_keeps_its_capitals():
    game = Game.bimatrix([[3, 0], [5, 1]], [[3, 4], [0, 1]], players=["NATO", "pH"])
    assert "NATO would gain 2 by its best reply." in judge(game, [C, C]).explanation
    game = Game.bimatrix([[3, 0], [4, 1]], [[3, 5], [0, 1]], players=["NATO", "pH"])
    assert "PH would gain 2 by its best reply." in judge(game, [C, C]).explanation


def test_many_players_who_have_the_same_have_it_each():
    verdict = judge(linear_dilemma(10, greed=1.0, fear=1.0), [C] * 10)
    assert "Payoffs are 3 each." in verdict.explanation
    assert "what it can secure alone, 1 each." in verdict.explanation
    verdict = judge(linear_dilemma(10, greed=1.0, fear=1.0), [C] * 9 + [D])
    assert "Payoffs are between " in verdict.explanation


def test_names_in_the_verdict():
    game = Game.bimatrix([[3, 0], [4, 1]], [[3, 4], [0, 1]], players=("Ann", "Bob"), title="Dilemma")
    verdict = judge(game, [D, C])
    assert verdict.players == ("Ann", "Bob")
    assert verdict.game_title == "Dilemma"
    assert verdict.label.endswith("below the security level of Bob")
    assert verdict.tolerance == 1e-6
    assert verdict.welfare_range == (2, 6)


def test_defaults_are_for_exact_profiles():
    # Defecting less often than always costs the payoff range of 4 a share of p / 4.
    game = named_game("prisoners-dilemma")
    for share, is_nash in ((0.7e-6, True), (1.5e-6, False)):
        profile = [[4 * share, 1 - 4 * share], D]
        for verdict in (judge(game, profile), judge_by_facts(game_facts(game), profile)):
            assert verdict.nash_tolerance == pytest.approx(share)
            assert verdict.is_nash is is_nash
            assert verdict.tolerance == 1e-6
            assert (verdict.disagreement, verdict.within) == ("security", "lotteries")
    assert check_tolerance(0.02) == 0.02


@pytest.mark.parametrize(("more", "is_named"), [(1e-7, True), (1e-10, False)])
def test_what_dominates_is_named_unless_it_is_rounding(more, is_named):
    game = Game.bimatrix([[1, 1 + more], [0, 0]], [[1, 1], [0, 0]])
    verdict = judge(game, [C, C])
    assert verdict.is_pareto_optimal is True
    assert (verdict.pareto_dominating is not None) == is_named


def test_what_bounds_settle():
    assert [is_at_most(*bounds, 2.0) for bounds in ((1.0, 2.0), (2.0, 3.0), (2.5, 3.0), (1.0, 3.0))] == [
        True,
        None,
        False,
        None,
    ]


def test_bounds_of_the_tolerance_at_which_welfare_is_best():
    # The best equilibrium has a welfare of 6 to 8, the outcome one of 4 to 5; outcomes have 0 to 10.
    known = EquilibriumWelfare((6.0, 8.0), (1.0, 3.0), 0.0, WelfareRange(0.0, 10.0, 10.0, 10.0))
    assert welfare_tolerance_bounds(known, (4.0, 5.0), 0.0) == pytest.approx((0.1, 0.4))
    assert welfare_tolerance_bounds(known, (4.0, 5.0), 0.2) == pytest.approx((0.2, 0.4))
    assert welfare_tolerance_bounds(known, (4.0, 5.0), 0.5) == (0.5, 0.5)
    assert welfare_tolerance_bounds(known, (7.0, 9.0), 0.0) == pytest.approx((0.0, 0.1))
    # Of a spread of at most 20 it is known that the worst equilibrium has 3 at most, the best 6 at least.
    known = replace(known, over_outcomes=WelfareRange(np.nan, np.nan, np.nan, 20.0))
    assert welfare_tolerance_bounds(known, (5.0, 5.0), 0.0) == pytest.approx((1 / 20, 3 / 3))
    assert welfare_tolerance_bounds(known, (5.5, 5.5), 0.0) == pytest.approx((0.5 / 20, 2.5 / 3))
    assert welfare_tolerance_bounds(known, (5.0, 9.0), 0.0) == pytest.approx((0.0, 3 / 6))


def test_label_parts():
    assert label_of(True, True, True) == NASH_BEST
    assert label_of(True, True, False) == NASH_OPTIMAL
    assert (label_of(True, True, None), label_of(True, None, None), label_of(False, None, False)) == UNSETTLED
    assert UNSETTLED == (
        "Pareto-optimal Nash equilibrium, welfare optimality unknown",
        "Nash equilibrium, Pareto optimality unknown",
        "not an equilibrium, Pareto optimality unknown",
    )
    assert label_of(True, False, True) == NASH_DOMINATED
    assert label_of(False, True, False) == OPTIMAL
    assert label_of(False, False, False) == DOMINATED
    assert label_suffix([]) == ""
    assert label_suffix(["a"]) == ", below the security level of a"
    assert label_suffix(list("abcdef")) == ", below the security level of a and b and c and d and e and f"
    assert label_suffix(list("abcdefg")) == ", below the security level of 7 players"


def test_facts_can_be_used_again():
    game = named_game("chicken")
    facts = game_facts(game, disagreement="defection", within="pure")
    first, second = (
        judge_by_facts(facts, [C, D], tolerance=0.02),
        judge(game, [C, D], disagreement="defection", within="pure", tolerance=0.02),
    )
    assert first.to_dict() == second.to_dict()
    assert facts.welfare.lowest == 2


# Bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": -0.1}, "tolerance must lie in [0, 1], got -0.1"),
        ({"tolerance": 1.5}, "tolerance must lie in [0, 1], got 1.5"),
        ({"tolerance": float("nan")}, "tolerance must be finite"),
        ({"within": "lottery"}, "unknown set of dominating outcomes 'lottery'; nearest: lotteries"),
        ({"disagreement": "securty"}, "unknown disagreement point 'securty'; nearest: security"),
        ({"disagreement": [1, 2, 3]}, "2 payoffs, got shape (3,)"),
        ({"disagreement": "nash"}, 'disagreement "nash" needs equilibria that all pay the same'),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        judge(named_game("chicken"), [C, C], **options)


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ([C], "profile must have one probability vector for each of 2 players, got 1"),
        ([C, [0.5, 0.6]], "profile of player 2 must sum to one"),
        ([C, [1.5, -0.5]], "profile of player 2 must be non-negative"),
        ([[1, 0, 0], C], "profile of player 1 must be 2 probabilities, got shape (3,)"),
        ([[np.nan, 1], C], "profile of player 1 must be finite"),
        (
            ["C", "D"],
            "profile of player 1 must be 2 probabilities, got 'C'; `pure` of the game makes a profile",
        ),
        ((0, 1), "profile of player 1 must be 2 probabilities, got 0; `pure` of the game makes a profile"),
    ],
)
def test_bad_profiles(profile, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        judge(named_game("chicken"), profile)


def test_something_else_than_a_game():
    with pytest.raises(ValueError, match=r"must be a theory.Game or answer what .* lists, got list"):
        judge([[1, 2], [3, 4]], [C, C])


def test_tolerance_is_checked_when_facts_are_given():
    with pytest.raises(ValueError, match="tolerance must lie in"):
        judge_by_facts(game_facts(named_game("chicken")), [C, C], tolerance=2)
