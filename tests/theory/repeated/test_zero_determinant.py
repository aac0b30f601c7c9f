from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.games.catalogue import named_game
from theory.games.game import Game
from theory.repeated.memory_one import MemoryOne, memory_one_payoffs
from theory.repeated.zero_determinant import LinearRelation, enforced_relation, zero_determinant

AXELROD = named_game("prisoners-dilemma-axelrod")  # R, S, T, P = 3, 0, 5, 1

probability = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(1e-6, 1 - 1e-6))
opponents = st.builds(MemoryOne, probability, st.tuples(*[probability] * 4))


@pytest.mark.parametrize(
    ("keywords", "after"),
    [
        # Press & Dyson (2012): extortion factor 3.
        ({"baseline": 1, "extortion_factor": 3}, (11 / 13, 1 / 2, 7 / 26, 0)),
        # Stewart & Plotkin (2012): Extort-2.
        ({"baseline": 1, "extortion_factor": 2}, (8 / 9, 1 / 2, 1 / 3, 0)),
        # Stewart & Plotkin (2012): ZDGTFT-2, generous.
        ({"baseline": 3, "extortion_factor": 2, "phi": 1 / 8}, (1, 1 / 8, 1, 1 / 4)),
        ({"baseline": 3, "slope": 1 / 2, "phi": 1 / 4}, (1, 1 / 8, 1, 1 / 4)),
        # Tit-for-Tat is the fair one.
        ({"baseline": 1, "slope": 1, "phi": 1 / 5}, (1, 0, 1, 0)),
        # Press & Dyson (2012), equation 8 with p1 = 2/3, p4 = 1/3: sets the opponent's payoff to 2.
        ({"baseline": 2, "slope": 0, "phi": 1 / 3}, (2 / 3, 0, 2 / 3, 1 / 3)),
    ],
)
def test_published_strategies(keywords, after):
    strategy = zero_determinant(AXELROD, **keywords)
    assert strategy.after == pytest.approx(after)
    assert strategy.first == 1.0


def test_the_opening_is_free():
    assert zero_determinant(AXELROD, baseline=1, slope=0.5, first=0.25).first == 0.25


@settings(max_examples=examples(100), deadline=None)
@given(opponents, st.sampled_from([1.0, 1.5, 2.0, 10.0]), st.booleans())
def test_extortion_holds_against_everyone(opponent, factor, second):
    extortioner = zero_determinant(AXELROD, baseline=1, extortion_factor=factor, player=int(second))
    pair = (opponent, extortioner) if second else (extortioner, opponent)
    got = memory_one_payoffs(*pair, AXELROD).payoffs
    own, other = got[::-1] if second else got
    assert own - 1 == pytest.approx(factor * (other - 1), abs=1e-9)


@settings(max_examples=examples(50), deadline=None)
@given(opponents, st.floats(1, 3))
def test_equalizers_set_the_opponents_payoff(opponent, payoff):
    equalizer = zero_determinant(AXELROD, baseline=payoff, slope=0)
    assert memory_one_payoffs(equalizer, opponent, AXELROD).payoffs[1] == pytest.approx(payoff, abs=1e-9)


@settings(max_examples=examples(150), deadline=None)
@given(
    opponents,
    opponents,
    arrays(np.float64, (2, 2), elements=st.integers(0, 5).map(float)),
    st.integers(-8, 8).map(lambda k: k / 4),
    st.floats(0, 5),
    st.sampled_from([-2, -0.25, 0.1, 1]),
    st.integers(0, 1),
)
def test_what_is_enforced_is_what_was_asked_for(given, opponent, own, slope, baseline, phi, player):
    # The other's payoffs are chosen so that the given strategy enforces the relation, by definition.
    reaction = np.array(given.after) - [1, 1, 0, 0]
    assume(np.abs(reaction).max() > 0.01)
    other = baseline + slope * (own - baseline) - reaction.reshape(2, 2) / phi
    game = Game.bimatrix(own, other) if player == 0 else Game.bimatrix(other.T, own.T)
    strategy = zero_determinant(game, baseline=baseline, slope=slope, phi=phi, player=player)
    assert strategy.after == pytest.approx(given.after, abs=1e-9)
    got = memory_one_payoffs(*((given, opponent) if player == 0 else (opponent, given)), game).payoffs
    assert got[1 - player] - baseline == pytest.approx(slope * (got[player] - baseline), abs=1e-7)
    relation = enforced_relation(given, game, player=player)
    assert relation is not None
    assert relation.own * got[player] + relation.other * got[1 - player] + relation.constant == pytest.approx(
        0, abs=1e-7
    )


@settings(max_examples=examples(100), deadline=None)
@given(st.floats(-1, 1), st.floats(1.1, 2.9), st.sampled_from([1, 100, 0.01]), st.integers(-50, 50))
def test_the_relation_is_recovered_in_any_units(slope, baseline, scale, shift):
    # Slopes down to -1/4 (set by S and T) and baselines between P and R can be enforced here.
    assume(slope >= -0.05)
    game = Game(scale * (AXELROD.payoffs + shift))
    strategy = zero_determinant(game, baseline=scale * (baseline + shift), slope=slope)
    relation = enforced_relation(strategy, game)
    assert relation.slope == pytest.approx(slope, abs=1e-6)
    if slope < 0.99:
        assert relation.baseline == pytest.approx(scale * (baseline + shift), rel=1e-5, abs=1e-5 * scale)


def test_tit_for_tat_enforces_equal_payoffs():
    relation = enforced_relation(MemoryOne(1, (1, 0, 1, 0)), AXELROD)
    assert relation.own == pytest.approx(0.2)
    assert relation.other == pytest.approx(-0.2)
    assert relation.constant == pytest.approx(0, abs=1e-12)
    assert relation.slope == pytest.approx(1)
    assert relation.baseline is None


def test_relations_that_leave_the_other_free_have_no_slope():
    assert LinearRelation(1.0, 0.0, -2.0).slope is None
    assert LinearRelation(1.0, 0.0, -2.0).baseline == 2.0
    assert LinearRelation(1.0, -1.0, 0.0).baseline is None
    assert LinearRelation(1.0, -2.0, 1.0).slope == 0.5


def test_in_a_constant_sum_game_the_value_can_be_enforced():
    game = Game.bimatrix([[0, 1], [2, 3]], [[3, 2], [1, 0]])
    strategy = MemoryOne(0.5, (1 / 2, 5 / 6, 1 / 6, 1 / 2))
    relation = enforced_relation(strategy, game)
    opponent = MemoryOne(0.5, (0.3, 0.6, 0.2, 0.9))
    own, other = memory_one_payoffs(strategy, opponent, game).payoffs
    assert own == pytest.approx(1.5)
    assert relation.own * own + relation.other * other + relation.constant == pytest.approx(0)


@pytest.mark.parametrize(
    "after",
    [(1, 0, 0, 1), (1, 0, 0, 0), (1, 1, 1, 1), (0, 0, 0, 0), (0.5,) * 4, (1, 1, 0, 0), (0.9, 0, 1, 0)],
)
def test_most_strategies_enforce_nothing(after):
    assert enforced_relation(MemoryOne(1, after), AXELROD) is None


def test_noise_can_be_part_of_the_strategy():
    noisy = MemoryOne(1, (1, 0, 1, 0)).with_noise(0.1)
    assert enforced_relation(noisy, AXELROD) is None
    donation = Game.bimatrix([[2, -1], [3, 0]], [[2, 3], [-1, 0]])
    # In the donation game all reactive strategies are zero-determinant (Hilbe, Nowak & Sigmund 2013).
    relation = enforced_relation(noisy, donation)
    opponent = MemoryOne(0, (0.2, 0.6, 0.9, 0.4))
    own, other = memory_one_payoffs(noisy, opponent, donation).payoffs
    assert relation.own * own + relation.other * other + relation.constant == pytest.approx(0)


def test_tolerance_decides_what_counts_as_enforced():
    almost = MemoryOne(1, (1, 1e-4, 1, 0))
    assert enforced_relation(almost, AXELROD) is None
    assert enforced_relation(almost, AXELROD, tolerance=1e-3) is not None


def test_labels_of_actions_do_not_matter():
    # With C and D exchanged, phi changes its sign and the probabilities are those of the other action.
    relabelled = Game(AXELROD.payoffs[:, ::-1, ::-1])
    strategy = zero_determinant(AXELROD, baseline=1, extortion_factor=3)
    other = zero_determinant(relabelled, baseline=1, extortion_factor=3)
    assert [1 - p for p in other.after[::-1]] == pytest.approx(strategy.after)
    # P - S is 1 - 0 there and 3 - 5 here.
    assert zero_determinant(
        relabelled, baseline=1, extortion_factor=3, phi=1 / 26 * 2
    ).after == pytest.approx(other.after)


def test_phi_of_an_extortion_factor_is_that_of_press_and_dyson():
    # Printed in Press & Dyson (2012) for T, R, P, S = 5, 3, 1, 0.
    strategy = zero_determinant(AXELROD, baseline=1, extortion_factor=3, phi=1 / 26)
    assert strategy.after == pytest.approx((11 / 13, 1 / 2, 7 / 26, 0))


@given(
    st.tuples(*[st.fractions(min_value=Fraction(1, 10), max_value=5, max_denominator=10)] * 3),
    st.fractions(min_value=1, max_value=20, max_denominator=10),
    st.fractions(min_value=Fraction(1, 20), max_value=1, max_denominator=20),
)
def test_extortion_is_what_press_and_dyson_solve_for(steps, chi, share):
    sucker = Fraction(-1, 3)
    punishment, reward, temptation = (sucker + sum(steps[: k + 1]) for k in range(3))
    gap = punishment - sucker
    largest = gap / (gap + chi * (temptation - punishment))
    phi = share * largest
    p1 = 1 - phi * (chi - 1) * (reward - punishment) / gap
    p2 = 1 - phi * (1 + chi * (temptation - punishment) / gap)
    p3 = phi * (chi + (temptation - punishment) / gap)
    game = Game.bimatrix(
        [[float(reward), float(sucker)], [float(temptation), float(punishment)]],
        [[float(reward), float(temptation)], [float(sucker), float(punishment)]],
    )
    # Their largest phi keeps p2 at least 0; p1 and p3 have bounds of their own outside of their dilemmas.
    assume(p1 >= 0 and p3 <= 1)
    strategy = zero_determinant(game, baseline=float(punishment), extortion_factor=float(chi), phi=float(phi))
    assert strategy.after == pytest.approx([float(p) for p in (p1, p2, p3, 0)], abs=1e-9)


def test_the_largest_phi_is_allowed_and_more_is_not():
    # phi <= (P - S) / (P - S + chi (T - P)): 1 / 13.
    assert zero_determinant(AXELROD, baseline=1, extortion_factor=3, phi=1 / 13).after[1] == pytest.approx(0)
    with pytest.raises(ValueError, match=r"phi must lie between 0 and 0.0769231 and not be 0, got 0.08"):
        zero_determinant(AXELROD, baseline=1, extortion_factor=3, phi=0.08)


def test_phi_of_an_extortion_factor_needs_a_loss_from_being_the_only_cooperator():
    game = Game.bimatrix([[3, 1], [5, 1]], [[3, 5], [1, 1]])
    with pytest.raises(ValueError, match="different payoffs after DD and CD, got 1 twice"):
        zero_determinant(game, baseline=1, extortion_factor=3, phi=0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: zero_determinant(AXELROD, baseline=1),
            "give either slope or extortion_factor, got None and None",
        ),
        (
            lambda: zero_determinant(AXELROD, baseline=1, slope=1, extortion_factor=1),
            "give either slope or extortion_factor, got 1 and 1",
        ),
        (lambda: zero_determinant(AXELROD, baseline=1, extortion_factor=0), "extortion_factor must not be 0"),
        (
            lambda: zero_determinant(AXELROD, baseline=4, slope=0),
            "got slope 0 and baseline 4, .*outside after CC$",
        ),
        (
            lambda: zero_determinant(AXELROD, baseline=0.5, slope=0),
            "got slope 0 and baseline 0.5, .*outside after DD$",
        ),
        (
            lambda: zero_determinant(AXELROD, baseline=2, slope=-1),
            "got slope -1 and baseline 2, .*outside after DC$",
        ),
        (lambda: zero_determinant(AXELROD, baseline=1, slope=2), "got slope 2 and .*outside after CC$"),
        (lambda: zero_determinant(AXELROD, baseline=1, slope=-3), "got slope -3 and .*outside after CC, CD$"),
        (lambda: zero_determinant(AXELROD, baseline=1, slope=0.5, phi=0), "phi must lie between 0 and"),
        (lambda: zero_determinant(AXELROD, baseline=1, slope=0.5, phi=-0.1), "phi must lie between 0 and"),
        (
            lambda: zero_determinant(AXELROD, baseline=1, slope=0.5, first=2),
            r"first must lie in \[0, 1\], got 2",
        ),
        (lambda: zero_determinant(AXELROD, baseline=float("nan"), slope=1), "baseline must be finite"),
        (lambda: zero_determinant(AXELROD, baseline=1, slope=float("inf")), "slope must be finite"),
        (lambda: zero_determinant(AXELROD, baseline=1, slope=1, player=2), "player must be 0 or 1, got 2"),
        (
            lambda: zero_determinant(Game.bimatrix([[1, 2], [3, 4]], [[1, 2], [3, 4]]), baseline=1, slope=1),
            "slope must leave something to enforce, got 1 with baseline 1",
        ),
        (
            lambda: zero_determinant(named_game("rock-paper-scissors"), baseline=1, slope=1),
            "a game of two players with two actions each, got .*3x3 actions",
        ),
        (
            lambda: enforced_relation(MemoryOne(1, (1, 0, 1, 0)), AXELROD, player=-1),
            "player must be 0 or 1, got -1",
        ),
    ],
)
def test_errors_state_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
