"""Empirical meta-games: textbook evolutionary games, sets, errors, two populations, outcomes, basins."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory import Game, named_game
from theory.verdicts.meta_game import MOST_ACTIONS, judge_meta_game, meta_basins

STAGE = named_game("prisoners-dilemma-axelrod")
# Ten turns without noise: Tit-for-Tat, always-defect, always-cooperate.
THREE = np.array([[3, 0.9, 3], [1.4, 1, 5], [3, 0, 3]])
NAMES = ("tit-for-tat", "always-defect", "always-cooperate")


def by_row(verdict) -> dict:
    return {equilibrium.row: equilibrium for equilibrium in verdict.equilibria}


def test_axelrod_s_argument_by_hand() -> None:
    verdict = judge_meta_game(THREE, STAGE, names=NAMES)
    found = by_row(verdict)
    tit_for_tat, defect = found[(("tit-for-tat", 1.0),)], found[(("always-defect", 1.0),)]
    # Always-cooperate drifts in, so Tit-for-Tat is neutrally stable alone (Maynard Smith 1982).
    assert not tit_for_tat.is_strict
    assert tit_for_tat.is_evolutionarily_stable is False
    assert tit_for_tat.is_neutrally_stable
    assert tit_for_tat.payoffs == (3, 3)
    assert tit_for_tat.is_pareto_optimal
    assert tit_for_tat.pareto_slack == pytest.approx(0)
    assert tit_for_tat.nearest_bargaining_point == "Nash"
    assert tit_for_tat.bargaining_distances["Nash"] == pytest.approx(0)
    assert defect.is_strict
    assert defect.is_evolutionarily_stable
    assert not defect.is_pareto_optimal
    assert defect.pareto_slack == pytest.approx(4)
    assert defect.bargaining_distances["egalitarian"] == pytest.approx(np.hypot(2, 2) / 5)
    assert tit_for_tat.sure_equilibrium is None
    assert verdict.complete
    assert verdict.draws == 0
    assert verdict.survivors == NAMES
    assert json.loads(json.dumps(verdict.to_dict()))["complete"] is True


def test_hawk_dove_has_a_mixed_stable_point() -> None:
    # Maynard Smith & Price (1973): value 2, cost 4; half of the population are hawks.
    verdict = judge_meta_game([[-1, 2], [0, 1]], STAGE, names=("hawk", "dove"))
    (mixed,) = verdict.equilibria
    assert dict(mixed.row) == pytest.approx({"hawk": 0.5, "dove": 0.5})
    assert mixed.row == mixed.column
    assert mixed.is_evolutionarily_stable
    assert mixed.payoffs == pytest.approx((0.5, 0.5))
    assert mixed.sure_stable is None


@pytest.mark.parametrize(
    ("win", "stable", "neutral"), [(2.0, True, True), (1.0, False, True), (0.5, False, False)]
)
def test_rock_paper_scissors_is_stable_if_winning_pays(win: float, stable: bool, neutral: bool) -> None:
    # Hofbauer & Sigmund (1998), section 7.7: stable, neutral, unstable as the prize is above, at, below 1.
    matrix = [[0, -1, win], [win, 0, -1], [-1, win, 0]]
    (mixed,) = judge_meta_game(matrix, STAGE, names=("r", "p", "s")).equilibria
    assert mixed.is_evolutionarily_stable is stable
    assert mixed.is_neutrally_stable is neutral


def test_a_mixture_and_its_copy_drift_into_each_other() -> None:
    # Hawk, dove and a copy of the half-and-half mixture.
    matrix = [[-1, 2, 0.5], [0, 1, 0.5], [-0.5, 1.5, 0.5]]
    verdict = judge_meta_game(matrix, STAGE, names=("hawk", "dove", "mixed"))
    hawk_dove = next(e for e in verdict.equilibria if {name for name, _ in e.row} == {"hawk", "dove"})
    copy = by_row(verdict)[(("mixed", 1.0),)]
    for equilibrium in (hawk_dove, copy):
        assert equilibrium.is_evolutionarily_stable is False
        assert equilibrium.is_neutrally_stable is True


@pytest.mark.parametrize(
    ("matrix", "name", "neutral"),
    [([[0, 1, 1], [0, 0, 10], [0, 10, 0]], "a", False), ([[0, 1, 1], [0, 1, 0], [0, 1, 0]], "b", False)],
)
def test_mutants_that_invade_only_together_are_seen(matrix, name: str, neutral: bool) -> None:
    verdict = judge_meta_game(matrix, STAGE, names=("a", "b", "c"), errors=np.zeros((3, 3, 3)))
    found = by_row(verdict)[((name, 1.0),)]
    assert found.is_evolutionarily_stable is False
    assert found.is_neutrally_stable is neutral
    assert found.sure_stable == 0


def test_draws_decide_whether_mutants_gain_together() -> None:
    matrix = np.array([[0, 1, 1], [0, 0, 1.9], [0, 1.9, 0]])
    errors = np.zeros((4, 3, 3))
    errors[0, 1, 2] = 0.3  # b and c get 2.05 from each other on average
    errors[1, 1, 2], errors[1, 2, 2] = 0.3, -0.2  # but here c is too weak by itself
    errors[2, 1, 2] = 0.1  # 1.95 is not enough
    errors[3, 1, 0] = -0.1  # b loses alone
    found = by_row(judge_meta_game(matrix, STAGE, names=("a", "b", "c"), errors=errors))[(("a", 1.0),)]
    assert found.is_evolutionarily_stable is True
    assert found.sure_stable == 3 / 4


def test_strategies_that_nobody_can_tell_apart_are_stable_as_a_set() -> None:
    matrix = [[3, 3, 0], [3, 3, 0], [2, 1, 1]]
    verdict = judge_meta_game(matrix, STAGE, names=("a", "b", "c"))
    assert verdict.strict_sets == ((("a", "b"), 3.0),)
    assert not by_row(verdict)[(("a", 1.0),)].is_evolutionarily_stable
    # An intruder that does as well against one member breaks the set.
    broken = [[3, 3, 0], [3, 3, 0], [3, 1, 1]]
    assert judge_meta_game(broken, STAGE, names=("a", "b", "c")).strict_sets == ()


def test_two_populations_are_stable_where_strict() -> None:
    rows = [[2, 0], [0, 1]]
    columns = [[1, 0], [0, 2]]
    verdict = judge_meta_game([rows, columns], STAGE, names=("opera", "fight"))
    assert len(verdict.equilibria) == 3
    found = {(e.row, e.column): e for e in verdict.equilibria}
    opera = found[(("opera", 1.0),), (("opera", 1.0),)]
    assert opera.payoffs == (2, 1)
    assert opera.is_strict
    assert opera.is_evolutionarily_stable
    mixed = verdict.equilibria[-1]
    assert dict(mixed.row) == pytest.approx({"opera": 2 / 3, "fight": 1 / 3})
    assert mixed.is_evolutionarily_stable is False
    assert mixed.is_neutrally_stable is False
    assert verdict.strict_sets == ()
    sure = judge_meta_game([rows, columns], STAGE, names=("opera", "fight"), errors=np.zeros((3, 2, 2, 2)))
    assert sure.equilibria[0].sure_stable == 1


def test_shares_of_error_draws() -> None:
    errors = np.zeros((4, 3, 3))
    errors[0, 1, 0] = 2.0  # always-defect exploits Tit-for-Tat
    errors[1, 0, 1] = 0.2  # Tit-for-Tat is better against always-defect than that against itself
    errors[2, 2, 0] = -0.1  # always-cooperate is worse against Tit-for-Tat
    errors[3, 0, 0] = -0.5
    found = by_row(judge_meta_game(THREE, STAGE, names=NAMES, errors=errors))
    tit_for_tat, defect = found[(("tit-for-tat", 1.0),)], found[(("always-defect", 1.0),)]
    assert tit_for_tat.sure_equilibrium == 2 / 4
    assert tit_for_tat.sure_stable == 1 / 4
    assert tit_for_tat.sure_pareto_optimal == 3 / 4
    assert defect.sure_equilibrium == 3 / 4
    assert defect.sure_stable == 3 / 4
    assert defect.sure_pareto_optimal == 0


def test_a_tie_that_errors_break_is_stable_if_the_intruder_fares_worse_at_home() -> None:
    matrix = np.array([[1.0, 2.0], [1.0, 0.0]])
    found = judge_meta_game(matrix, STAGE, names=("a", "b"), errors=np.zeros((2, 2, 2)))
    assert by_row(found)[(("a", 1.0),)].is_evolutionarily_stable
    assert by_row(found)[(("a", 1.0),)].sure_stable == 1


@pytest.mark.parametrize(("less", "is_strict"), [(1e-5, True), (1e-11, False)])
def test_what_is_less_than_rounding_is_a_tie(less: float, is_strict: bool) -> None:
    matrix = [[1, 1, 0], [1 - less, 1, 0], [0, 0, 0]]
    verdict = judge_meta_game(matrix, STAGE, names=("a", "b", "c"), errors=np.zeros((1, 3, 3)))
    first = by_row(verdict)[(("a", 1.0),)]
    assert first.is_strict is is_strict
    assert first.is_evolutionarily_stable is is_strict
    assert first.is_neutrally_stable is True
    assert first.sure_equilibrium == 1
    assert first.sure_stable == is_strict
    # b answers itself as well as a answers b.
    assert verdict.strict_sets == (() if is_strict else ((("a", "b"), 1.0),))


def test_dominated_strategies_are_eliminated_in_turns() -> None:
    # Battigalli's staircase: c is dominated by b, then b by a.
    matrix = [[2, 2, 0], [1, 1, 3], [0, 0, 2]]
    verdict = judge_meta_game(matrix, STAGE, names=("a", "b", "c"))
    assert verdict.survivors == ("a",)
    assert [e.row for e in verdict.equilibria] == [(("a", 1.0),)]
    assert verdict.complete


def test_many_strategies_get_pure_equilibria_only() -> None:
    n = MOST_ACTIONS + 1
    verdict = judge_meta_game(np.eye(n), STAGE, names=[str(k) for k in range(n)])
    assert not verdict.complete
    assert len(verdict.equilibria) == n
    assert judge_meta_game(np.eye(3), STAGE, names=list("abc")).complete


@settings(max_examples=examples(12), deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=9, max_size=9), st.permutations(range(3)))
def test_names_and_units_do_not_matter(entries: list[int], order: list[int]) -> None:
    matrix = np.array(entries, dtype=float).reshape(3, 3)
    names = np.array(["a", "b", "c"])

    def stable(M, labels) -> set:
        verdict = judge_meta_game(M, STAGE, names=labels)
        return {
            (frozenset((name, round(p, 6)) for name, p in e.row), e.is_strict, e.is_evolutionarily_stable,
             e.is_neutrally_stable)
            for e in verdict.equilibria
        }  # fmt: skip

    expected = stable(matrix, tuple(names))
    assert stable(matrix[np.ix_(order, order)], tuple(names[order])) == expected
    assert stable(7 * matrix + 2, tuple(names)) == expected


def test_a_stage_game_without_agreement_has_no_bargaining_point_but_the_utilitarian() -> None:
    game = Game.bimatrix([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])
    (only,) = judge_meta_game([[0]], game, names=("a",)).equilibria
    assert only.is_pareto_optimal
    assert set(only.bargaining_distances) >= {"utilitarian"}


def test_distances_to_all_bargaining_points_and_the_nearest() -> None:
    # By symmetry all are (3, 3); payoffs are divided by their range of 5.
    (only,) = judge_meta_game([[1]], STAGE, names=("a",)).equilibria
    points = ("Nash", "Kalai-Smorodinsky", "egalitarian", "utilitarian")
    assert only.bargaining_distances == pytest.approx(dict.fromkeys(points, np.hypot(0.4, 0.4)))
    # From a security level of (1, 0) in the triangle of (0, 0), (4, 0) and (0, 2): the Nash point is half-way from
    # (1, 0) to the frontier's end (4, 0) in the row's payoffs, the utilitarian one that end.
    triangle = Game.bimatrix([[4, 1], [0, 1]], [[0, 0], [2, 0]])
    ends = judge_meta_game([[[4]], [[0]]], triangle, names=("a",)).equilibria[0]
    assert ends.nearest_bargaining_point == "utilitarian"
    assert ends.bargaining_distances["utilitarian"] == pytest.approx(0, abs=1e-9)
    middle = judge_meta_game([[[2.5]], [[0.75]]], triangle, names=("a",)).equilibria[0]
    assert middle.nearest_bargaining_point == "Nash"
    assert middle.bargaining_distances["Nash"] == pytest.approx(0, abs=1e-6)


def test_an_outcome_may_leave_two_percent_of_the_payoff_range() -> None:
    # Both get a little less than mutual cooperation pays; their gains are shares of a range of 5 and added up.
    for less, is_optimal in ((0.04, True), (0.06, False)):
        (only,) = judge_meta_game([[3 - less]], STAGE, names=("a",)).equilibria
        assert only.pareto_slack == pytest.approx(2 * less)
        assert only.is_pareto_optimal is is_optimal
        assert (
            judge_meta_game([[3 - less]], STAGE, names=("a",), tolerance=0.03).equilibria[0].is_pareto_optimal
        )
    drawn = judge_meta_game([[2.96]], STAGE, names=("a",), errors=[[[0.0]], [[-0.02]], [[-0.1]], [[0.01]]])
    assert drawn.equilibria[0].sure_pareto_optimal == 1 / 2
    assert drawn.draws == 4


def test_draws_count_for_a_mixture_within_the_tolerance_and_for_a_strategy_exactly() -> None:
    # Hawks and doves by halves: d more for hawks among themselves is d / 4 more than the mixture gets; the range
    # is 3.
    errors = np.zeros((4, 2, 2))
    errors[:, 0, 0] = 0.0, 0.2, 0.3, -0.3
    half = {"hawk": 0.5, "dove": 0.5}
    for tolerance, share in ((0.02, 1 / 2), (0.03, 1.0), (0.0, 1 / 4)):
        (mixed,) = judge_meta_game(
            [[-1, 2], [0, 1]], STAGE, names=("hawk", "dove"), errors=errors, tolerance=tolerance
        ).equilibria
        assert dict(mixed.row) == pytest.approx(half)
        assert mixed.sure_equilibrium == share
        assert mixed.sure_stable is None
        assert mixed.is_strict is False
    # Of the mixture's mean payoffs per draw none is near to what cooperation pays, unless both get 3 more.
    errors[1] += 3.0
    verdict = judge_meta_game([[-1, 2], [0, 1]], STAGE, names=("hawk", "dove"), errors=errors)
    assert verdict.equilibria[0].sure_pareto_optimal == 1 / 4
    # Tit-for-Tat is no equilibrium where always-cooperate gets one percent of the range more.
    errors = np.zeros((2, 3, 3))
    errors[0, 2, 0] = 0.05
    found = by_row(judge_meta_game(THREE, STAGE, names=NAMES, errors=errors))
    assert found[(("tit-for-tat", 1.0),)].sure_equilibrium == 1 / 2


def test_draws_of_two_populations() -> None:
    rows = np.array([[2.0, 0, 0], [0, 1, 0], [0, 0, 0]])
    columns = np.array([[1.0, 0, 0], [0, 2, 0], [0, 0, 0]])
    errors = np.zeros((5, 2, 3, 3))
    errors[1, 0, 1, 0] = 3.0  # the row's second strategy is better, its third one is not
    errors[2, 1, 0, 2] = 1.5  # the column's third strategy is better, its second one is not
    errors[3, 1, 0, 1] = 1.0  # the column's second strategy is as good
    errors[4, 0, 0, 0] = -2.0  # all the row's are as good
    verdict = judge_meta_game([rows, columns], STAGE, names=("a", "b", "c"), errors=errors)
    first = verdict.equilibria[0]
    assert (first.row, first.column) == ((("a", 1.0),), (("a", 1.0),))
    assert first.sure_equilibrium == 3 / 5
    assert first.sure_stable == 1 / 5
    assert verdict.basins == ()
    assert verdict.draws == 5


def test_each_population_loses_what_is_dominated_among_what_is_left_of_the_other() -> None:
    # The column's c is worse than a. Then its b is worse than a against the row's a and b, but not against c.
    A = np.array([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
    B = np.array([[1.0, 0, 0], [1, 0, 0], [0, 1, -1]])
    names = ("a", "b", "c")
    verdict = judge_meta_game([A, B], STAGE, names=names)
    assert verdict.survivors == names
    mixture = (("a", 0.5), ("c", 0.5)), (("a", 0.5), ("b", 0.5))
    expected = [((("a", 1.0),), (("a", 1.0),)), ((("c", 1.0),), (("b", 1.0),)), mixture]
    assert [(e.row, e.column) for e in verdict.equilibria] == expected
    exchanged = judge_meta_game([B.T, A.T], STAGE, names=names)
    assert exchanged.survivors == ("a", "b")
    assert {(e.column, e.row) for e in exchanged.equilibria} == set(expected)


def test_equilibria_with_one_mixing_player_are_listed_once() -> None:
    # The chain store (Selten 1978): staying out is an equilibrium while a fight is at least as likely as not.
    verdict = judge_meta_game([[[1, 1], [2, 0]], [[2, 2], [1, 0]]], STAGE, names=("a", "b"))
    found = [(dict(e.row), dict(e.column)) for e in verdict.equilibria]
    assert found == [({"a": 1}, {"b": 1}), ({"b": 1}, {"a": 1}), ({"a": 1}, {"a": 0.5, "b": 0.5})]
    assert [e.is_strict for e in verdict.equilibria] == [False, True, False]


def test_a_population_s_equilibria_are_symmetric() -> None:
    # In Chicken the other two pure equilibria have different strategies for the two players.
    verdict = judge_meta_game([[3, 2], [4, 0]], STAGE, names=("swerve", "drive"))
    assert [dict(e.row) for e in verdict.equilibria] == [pytest.approx({"swerve": 2 / 3, "drive": 1 / 3})]


@pytest.mark.slow
def test_all_equilibria_are_looked_for_among_twelve_strategies() -> None:
    # What one wins the other loses: one equilibrium, and no strategy dominates another.
    wins = np.random.default_rng(0).normal(size=(13, 13))
    wins -= wins.T
    names = [str(k) for k in range(13)]
    assert not judge_meta_game(wins, STAGE, names=names).complete
    twelve = judge_meta_game(wins[:12, :12], STAGE, names=names[:12])
    assert twelve.complete
    assert twelve.survivors == tuple(names[:12])
    assert len(twelve.equilibria) == 1


def test_draws_move_where_selection_leads() -> None:
    # Hawks and doves live together, but in a draw that makes hawks better against hawks, too, doves die out.
    errors = np.zeros((4, 2, 2))
    errors[0, 0, 0] = 1.5
    (basin,) = judge_meta_game([[-1, 2], [0, 1]], STAGE, names=("hawk", "dove"), errors=errors).basins
    assert dict(basin.strategies) == pytest.approx({"hawk": 0.5, "dove": 0.5}, abs=1e-3)
    assert basin.sure == 3 / 4
    # Draws in which the row gets more, and the column likewise: (a, a) stays an equilibrium of both or of none.
    errors = np.zeros((2, 2, 2))
    errors[0, 1, 0] = 0.5
    found = by_row(judge_meta_game([[1, 0], [0.8, 0.5]], STAGE, names=("a", "b"), errors=errors))
    assert found[(("a", 1.0),)].sure_equilibrium == 1 / 2
    assert found[(("a", 1.0),)].sure_stable == 1 / 2


def test_pure_equilibria_are_listed_though_others_cannot_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(game: Game) -> None:
        raise ValueError("too large")

    monkeypatch.setattr("theory.verdicts.meta_game.nash_equilibria", too_large)
    verdict = judge_meta_game([[2, 0], [0, 1]], STAGE, names=("a", "b"))
    assert [e.row for e in verdict.equilibria] == [(("a", 1.0),), (("b", 1.0),)]
    assert verdict.complete is False


def test_what_a_verdict_holds_as_plain_values() -> None:
    matrix = [[3, 3, 0], [3, 3, 0], [2, 1, 1]]
    verdict = judge_meta_game(matrix, STAGE, names=("a", "b", "c"), errors=np.zeros((2, 3, 3)))
    assert verdict.game.title == "meta-game"
    assert verdict.game.actions == (("a", "b", "c"),) * 2
    assert verdict.to_dict() == {
        "equilibria": [asdict(equilibrium) for equilibrium in verdict.equilibria],
        "strict_sets": [{"strategies": ["a", "b"], "payoff": 3.0}],
        "basins": [asdict(basin) for basin in verdict.basins],
        "survivors": ["a", "b", "c"],
        "complete": True,
        "draws": 2,
    }


@pytest.mark.parametrize(
    ("payoffs", "errors", "message"),
    [
        ([[1, 2]], None, r"payoffs must have shape \(2, 2\) or \(2, 2, 2\), got \(1, 2\)"),
        ([[1, np.nan], [0, 0]], None, "payoffs must be finite"),
        (
            [[1, 2], [0, 0]],
            np.zeros((5, 3, 2)),
            r"errors must have shape \[draws, \*\(2, 2\)\], got \(5, 3, 2\)",
        ),
    ],
)
def test_errors_state_the_rule_and_the_value(payoffs, errors, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        judge_meta_game(payoffs, STAGE, names=("a", "b"), errors=errors)


NO_DRAWS = np.zeros((0, 2, 2))


def test_a_coordination_game_has_two_basins() -> None:
    # The first wins where its share is above 1/4.
    first, second = meta_basins(np.array([[3.0, 0.0], [0.0, 1.0]]), ("a", "b"), NO_DRAWS)
    assert first.strategies == (("a", pytest.approx(1.0)),)
    assert second.strategies == (("b", pytest.approx(1.0)),)
    assert (first.payoff, second.payoff) == (pytest.approx(3.0), pytest.approx(1.0))
    # Of the 21 starts (k + 1/2) / 21, sixteen are above 1/4.
    assert first.share == pytest.approx(16 / 21)
    assert first.share + second.share == pytest.approx(1.0)
    assert first.is_at_rest
    assert second.is_at_rest
    assert first.from_even_start
    assert not second.from_even_start
    assert first.sure is None


def test_mixtures_that_no_pure_equilibrium_shows() -> None:
    # Hawks and doves among 13 strategies, so many that equilibria are not all looked for.
    matrix = np.full((15, 15), -9.0)
    matrix[:2, :2] = [[-1, 2], [0, 1]]
    matrix[:2, 2:] = 5.0
    matrix[2:, 2:] = 4.0 + 0.1 * np.eye(13)
    verdict = judge_meta_game(matrix, STAGE, names=[f"s{k}" for k in range(15)])
    (only,) = verdict.basins
    assert only.share == 1.0
    assert [name for name, _ in only.strategies] == ["s0", "s1"]
    assert [share for _, share in only.strategies] == pytest.approx([0.5, 0.5], abs=1e-6)
    assert verdict.to_dict()["basins"][0]["share"] == 1.0


def test_draws_say_how_sure_the_end_is() -> None:
    # The even start goes to the first where it is paid more than .99.
    matrix = np.array([[1.0, 0.0], [0.0, 0.99]])
    errors = np.zeros((40, 2, 2))
    errors[:, 0, 0] = np.where(np.arange(40) % 4 == 0, -0.1, 0.1)
    found = {basin.strategies[0][0]: basin for basin in meta_basins(matrix, ("a", "b"), matrix + errors)}
    assert found["a"].sure == pytest.approx(0.75)
    assert found["b"].sure == pytest.approx(0.25)


def test_what_cycles_is_not_at_rest() -> None:
    matrix = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    basins = meta_basins(matrix, ("r", "p", "s"), np.zeros((0, 3, 3)))
    assert len(basins) == 1
    assert basins[0].from_even_start
    assert not basins[0].is_at_rest


def test_one_strategy_and_two_populations() -> None:
    (only,) = meta_basins(np.array([[2.0]]), ("a",), np.zeros((3, 1, 1)))
    assert only.strategies == (("a", 1.0),)
    assert (only.share, only.sure) == (1.0, 1.0)
    rows = np.stack([np.eye(2), np.eye(2)])
    assert judge_meta_game(rows, Game(np.zeros((2, 2, 2))), names=("a", "b")).basins == ()
