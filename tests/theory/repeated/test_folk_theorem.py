import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.games.catalogue import named_game
from theory.games.dilemmas import MatrixDilemma
from theory.games.game import Game
from theory.geometry.polygons import contains, convex_hull
from theory.pareto.feasible_set import NoRationalAgreement
from theory.repeated.folk_theorem import folk_theorem_set, subgame_perfect_discount
from theory.repeated.nash_reversion import friedman_discount
from theory.repeated.subgame_perfect import subgame_perfect_payoffs

AXELROD = named_game("prisoners-dilemma-axelrod")  # R, S, T, P = 3, 0, 5, 1
COOPERATION = [[1, 0], [1, 0]]

small_games = arrays(np.float64, (2, 2, 2), elements=st.integers(0, 9).map(float)).map(Game)


def corners(feasible):
    return sorted(tuple(v) for v in feasible.vertices.round(9).tolist())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prisoners-dilemma-axelrod", [(1, 1), (1, 13 / 3), (3, 3), (13 / 3, 1)]),
        # Security levels (1, 1), given by C.
        ("chicken-3.2", [(1, 1), (1, 4), (3, 3), (4, 1)]),
        # Security levels (2/3, 2/3), given by mixing.
        ("battle-of-the-sexes", [(2 / 3, 2 / 3), (2 / 3, 4 / 3), (1, 2), (4 / 3, 2 / 3), (2, 1)]),
        ("matching-pennies", [(0, 0)]),
    ],
)
def test_feasible_and_individually_rational_payoffs(name, expected):
    found = np.array(corners(folk_theorem_set(named_game(name))))
    assert found == pytest.approx(np.array(expected), abs=1e-8)


def test_a_set_of_too_many_corners_is_refused_before_they_are_looked_for():
    game = Game(np.random.default_rng(0).normal(size=(5, 2, 2, 2, 2, 2)))
    with pytest.raises(
        ValueError, match=r"at most 3000 outcomes can be searched .*, got at least \d{4}: use"
    ):
        folk_theorem_set(game)


def test_without_mixed_punishments_less_is_left():
    assert corners(folk_theorem_set(named_game("battle-of-the-sexes"), punishment="minimax")) == [
        (1, 1),
        (1, 2),
        (2, 1),
    ]
    with pytest.raises(NoRationalAgreement):
        folk_theorem_set(named_game("matching-pennies"), punishment="minimax")


@pytest.mark.parametrize(
    ("name", "discount"),
    [
        ("prisoners-dilemma-axelrod", 1 / 2),
        ("prisoners-dilemma-3.2", 1 / 3),
        ("chicken-3.2", 1 / 3),
        ("chicken", 1 / 3),
        ("chicken-aumann", 1 / 5),
        ("stag-hunt", 0),
        ("battle-of-the-sexes", 0),
    ],
)
def test_mutual_cooperation_exactly(name, discount):
    found = subgame_perfect_discount(named_game(name), COOPERATION)
    assert found.discount == pytest.approx(discount, abs=1e-15)
    assert found.lower == found.discount
    assert found.mixing_cannot_lower
    assert not found.impossible
    assert found.complete


@settings(max_examples=examples(50), deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_prisoners_dilemma_closed_form(fear, gain, greed):
    P, R, T = fear, fear + gain, fear + gain + greed
    game = MatrixDilemma(reward=R, sucker=0, temptation=T, punishment=P)
    assert subgame_perfect_discount(game, COOPERATION).discount == pytest.approx((T - R) / (T - P), abs=1e-14)


def test_worse_than_nash_punishments_ask_for_less_patience():
    # D pays 2 for ever; a third action hurts both (0), and is carried out under the threat of more of it.
    A = [[3, 0, 0], [4, 2, 0], [0, 0, 0]]
    game = Game.bimatrix(A, np.transpose(A))
    profile = [[1, 0, 0], [1, 0, 0]]
    assert friedman_discount(game, profile, reversion_to=[[0, 1, 0]] * 2).discount == pytest.approx(1 / 2)
    # Mutual harm is itself a stage equilibrium here.
    assert subgame_perfect_discount(game, profile).discount == pytest.approx(1 / 4)
    # Where it is not, one turn of mutual harm (-2) before cooperation gives the security level -1.
    A = [[3, 0, -1], [4, 2, -1], [0, 0, -2]]
    stick_and_carrot = Game.bimatrix(A, np.transpose(A))
    assert friedman_discount(stick_and_carrot, profile).discount == pytest.approx(1 / 2)
    found = subgame_perfect_discount(stick_and_carrot, profile)
    assert found.discount == pytest.approx(1 / 5)
    assert found.mixing_cannot_lower


@pytest.mark.parametrize(
    ("A", "B", "nash", "least"),
    [
        ([[4, 2], [5, 0]], [[4, 0], [3, 3]], 3 / 5, 2 / 5),
        ([[3, 2], [4, 0]], [[3, 1], [1, 3]], 3 / 4, 2 / 3),
    ],
)
def test_punishments_between_the_security_level_and_nash(A, B, nash, least):
    game = Game.bimatrix(A, B)
    assert friedman_discount(game, COOPERATION).discount == pytest.approx(nash)
    found = subgame_perfect_discount(game, COOPERATION)
    assert found.discount == pytest.approx(least, abs=2e-9)
    assert found.lower <= found.discount <= found.lower + 1e-9
    assert found.mixing_cannot_lower is None
    # Player 1 gains 1 by deviating; what it then gets must be just low enough.
    reward = game.payoffs[0, 0, 0]
    for d, kept in ((least + 1e-4, True), (least - 1e-4, False)):
        punishment = subgame_perfect_payoffs(game, d).punishments[0]
        assert ((1 - d) * (reward + 1) + d * punishment <= reward) == kept


def test_alternating_exploitation_needs_less_patience_than_cooperation():
    # In turns from C's side: 0 + 5 d against 1 + d, so that d >= 1/4.
    found = subgame_perfect_discount(AXELROD, payoffs=(2.5, 2.5))
    assert found.discount == pytest.approx(1 / 4, abs=2e-9)
    assert found.lower <= 1 / 4 <= found.discount + 1e-9
    assert found.discount - found.lower <= 1e-9
    assert found.complete
    assert found.mixing_cannot_lower is None
    assert friedman_discount(AXELROD, payoffs=(2.5, 2.5)).discount == pytest.approx(0.4)


@pytest.mark.parametrize("precision", [0.1, 1e-3, 1e-6])
def test_the_bisection_stops_at_the_precision(precision):
    found = subgame_perfect_discount(AXELROD, payoffs=(2.5, 2.5), precision=precision)
    assert found.discount - found.lower <= precision
    assert found.lower < 0.25 + 1e-9 <= found.discount + 2e-9


def test_the_bisection_ends_where_numbers_are_no_longer_told_apart():
    found = subgame_perfect_discount(AXELROD, payoffs=(2.5, 2.5), precision=1e-30)
    assert found.discount == pytest.approx(0.25, abs=1e-9)


def test_stage_equilibrium_payoffs_need_no_patience():
    found = subgame_perfect_discount(AXELROD, payoffs=(1, 1))
    assert (found.discount, found.lower, found.mixing_cannot_lower) == (0, 0, True)
    lottery = subgame_perfect_discount(named_game("battle-of-the-sexes"), payoffs=(1.5, 1.5))
    assert lottery.discount == 0
    assert subgame_perfect_discount(named_game("stag-hunt-3.2"), [[0.5, 0.5]] * 2).discount == 0


@pytest.mark.parametrize(
    "target",
    [
        {"profile": [[1, 0], [0, 1]]},  # the sucker gets less than its security level
        {"payoffs": (4, 4)},  # not feasible
        {"payoffs": (5, 0)},  # not individually rational
    ],
)
def test_what_no_patience_sustains(target):
    found = subgame_perfect_discount(AXELROD, **target)
    assert found.discount is None
    assert found.impossible
    assert found.mixing_cannot_lower
    assert found.lower == 1
    assert found.complete


def test_a_player_at_its_security_level_has_nothing_to_lose():
    game = Game.bimatrix([[1, 0], [2, 1]], [[3, 0], [3, 0]])
    assert subgame_perfect_discount(game, COOPERATION).impossible


def test_deadlock_cannot_be_resolved_into_mutual_cooperation():
    assert subgame_perfect_discount(named_game("deadlock"), COOPERATION).impossible


def test_what_no_tried_patience_sustains_is_not_called_impossible():
    # (1, 1) is above the security levels, but no equilibrium of the kinds searched punishes enough.
    game = Game.bimatrix([[7, 6], [9, 3]], [[6, 1], [8, 2]])
    found = subgame_perfect_discount(game, COOPERATION)
    assert found.discount is None
    assert not found.impossible
    assert found.lower == 1 - 2**-10
    assert found.complete


def test_very_patient_thresholds_are_known_from_nash_reversion():
    game = MatrixDilemma(reward=1.0001, sucker=0, temptation=5, punishment=1)
    exact = 3.9999 / 4
    found = subgame_perfect_discount(game, COOPERATION)
    assert found.discount == pytest.approx(exact, abs=1e-12)
    beyond = MatrixDilemma(reward=1 + 1e-7, sucker=0, temptation=5, punishment=1)
    found = subgame_perfect_discount(beyond, COOPERATION)
    assert found.discount == pytest.approx(1 - 1e-7 / 4, abs=1e-12)
    assert found.lower <= found.discount


def test_unfinished_iterations_are_reported():
    # Where the set closes in slowly, five iterations show little.
    found = subgame_perfect_discount(AXELROD, payoffs=(2.5, 2.5), max_iterations=3)
    assert not found.complete
    assert found.lower <= 0.25 <= found.discount <= 0.4 + 1e-12


@settings(max_examples=examples(60), deadline=None)
@given(small_games, st.integers(0, 3))
def test_outcomes_are_kept_from_the_discount_on(game, outcome):
    actions = divmod(outcome, 2)
    found = subgame_perfect_discount(game, game.pure(*actions), precision=1e-6)
    nash = friedman_discount(game, game.pure(*actions)).discount
    if nash is not None:
        assert found.discount <= nash + 1e-12
    if found.impossible:
        return
    for d in (0.2, 0.5, 0.8, 0.95):
        sustained = subgame_perfect_payoffs(game, d)
        kept = all(
            float(game.payoffs[i].max(axis=i)[actions[1 - i]]) * (1 - d) + d * sustained.punishments[i]
            <= float(game.payoffs[(i, *actions)]) + 1e-9
            or float(game.payoffs[i].max(axis=i)[actions[1 - i]]) == float(game.payoffs[(i, *actions)])
            for i in (0, 1)
        )
        if found.discount is not None and abs(d - found.discount) > 1e-5:
            assert kept == (d > found.discount)
        elif found.discount is None:
            assert not kept


@settings(max_examples=examples(30), deadline=None)
@given(small_games, st.lists(st.integers(1, 6), min_size=4, max_size=4))
def test_payoffs_are_in_the_set_from_the_discount_on(game, weights):
    value = game.outcomes.T @ (np.array(weights) / sum(weights))
    found = subgame_perfect_discount(game, payoffs=value, precision=1e-5, max_iterations=1000)
    for d in (0.2, 0.5, 0.8):
        hull = convex_hull(
            [tuple(v) for v in subgame_perfect_payoffs(game, d).vertices.tolist()], tolerance=0
        )
        inside = contains(hull, tuple(value.tolist()), tolerance=1e-8)
        if found.impossible or found.discount is None:
            assert not inside
        elif not found.lower - 1e-4 <= d <= found.discount + 1e-4:
            assert inside == (d > found.discount)


@settings(max_examples=examples(30), deadline=None)
@given(small_games, st.integers(0, 3), st.integers(1, 50), st.integers(-20, 20))
def test_renaming_and_units_do_not_matter(game, outcome, scale, shift):
    actions = divmod(outcome, 2)
    one = subgame_perfect_discount(game, game.pure(*actions), precision=1e-7, max_iterations=1000)
    swapped = Game(game.payoffs[::-1].transpose(0, 2, 1) * np.array([scale, 1])[:, None, None] + shift)
    other = subgame_perfect_discount(
        swapped, swapped.pure(*actions[::-1]), precision=1e-7, max_iterations=1000
    )
    assert one.impossible == other.impossible
    assert (one.discount is None) == (other.discount is None)
    assert one.discount is None or one.discount == pytest.approx(other.discount, abs=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: subgame_perfect_discount(AXELROD), "the target must be a profile or payoffs"),
        (
            lambda: subgame_perfect_discount(AXELROD, COOPERATION, precision=0),
            "precision must be positive, got 0",
        ),
        (
            lambda: subgame_perfect_discount(AXELROD, COOPERATION, precision=float("nan")),
            "precision must be finite, got nan",
        ),
        (lambda: subgame_perfect_discount(AXELROD, [[0.5, 0.5], [1, 0]]), "must be pure or leave a player"),
        (
            lambda: subgame_perfect_discount(Game(np.zeros((3, 2, 2, 2))), [[1, 0]] * 3),
            "must be a game of two players, got 3",
        ),
        (lambda: folk_theorem_set(AXELROD, punishment="nash"), "unknown punishment 'nash'"),
    ],
)
def test_errors_state_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("unit", [1e-9, 1e-4, 1e9])
def test_units_do_not_change_the_set_of_three_players(unit):
    payoffs = np.random.default_rng(0).integers(-9, 10, (3, 2, 2, 2)).astype(float)
    plain, scaled = folk_theorem_set(Game(payoffs)), folk_theorem_set(Game(unit * payoffs))
    assert len(scaled.vertices) == len(plain.vertices)
    for vertex in scaled.vertices / unit:
        assert plain.contains(vertex, tolerance=1e-7)
