import re
from types import SimpleNamespace

import numpy as np
import pytest
import quantecon.game_theory as qe
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import theory.equilibria.welfare
from tests.examples import examples
from theory import Game, named_game, nash_equilibria, welfare_optimal_correlated_equilibrium
from theory.equilibria.welfare import WelfareRange, bounds_of_all, equilibrium_welfare
from theory.many_players.linear_dilemma import linear_dilemma

# Welfare by hand: lowest and highest of the outcomes, worst and best of the equilibria (thesis Table 4.1).
BY_HAND = [
    ("prisoners-dilemma", 2, 6, 2, 2),
    ("chicken", 2, 6, 16 / 3, 5.5),
    ("stag-hunt", 2, 6, 2, 6),
    ("battle-of-the-sexes", 0, 3, 4 / 3, 3),
    ("chicken-aumann", 0, 12, 9, 28 / 3),
]


@pytest.mark.parametrize(("name", "lowest", "highest", "worst", "best"), BY_HAND)
def test_prices_by_hand(name, lowest, highest, worst, best):
    welfare = equilibrium_welfare(named_game(name))
    assert (welfare.over_outcomes.lowest, welfare.over_outcomes.highest) == (lowest, highest)
    assert (welfare.worst, welfare.best) == pytest.approx((worst, best))
    assert welfare.price_of_anarchy == pytest.approx(highest / worst)
    assert welfare.price_of_stability == pytest.approx(highest / best)
    assert welfare.loss_of_anarchy == pytest.approx((highest - worst) / (highest - lowest))
    assert welfare.loss_of_stability == pytest.approx((highest - best) / (highest - lowest))
    assert welfare.note == ""


def test_whole_equilibrium_set_of_a_degenerate_game():
    # The row is always indifferent, the column answers each row by the same action: equilibria are (p, C)
    # with p >= 1/2, (p, D) with p <= 1/2 and (1/2, q).
    game = Game.bimatrix([[2, 2], [2, 2]], [[1, 0], [0, 1]])
    welfare = equilibrium_welfare(game)
    assert welfare.continuum is True
    # At the mixture of 1/2 the column gets 1/2, at either pure row 1.
    assert (welfare.worst, welfare.best) == pytest.approx((2.5, 3))
    assert len(welfare.profiles) == 4


def test_price_is_undefined_unless_welfare_is_positive():
    for shift, anarchy, stability in ((0, 3, 1), (-1, None, 1), (-1.5, None, 1), (-4, None, None)):
        game = Game(named_game("stag-hunt").payoffs + shift)
        welfare = equilibrium_welfare(game)
        assert welfare.price_of_anarchy == (anarchy if anarchy is None else pytest.approx(anarchy))
        assert welfare.price_of_stability == (stability if stability is None else pytest.approx(stability))
        # The losses do not depend on a shift.
        assert (welfare.loss_of_anarchy, welfare.loss_of_stability) == pytest.approx((1, 0))


def test_constant_welfare_has_no_losses():
    welfare = equilibrium_welfare(named_game("matching-pennies"))
    assert welfare.loss_of_anarchy is None
    assert welfare.loss_of_stability is None
    assert welfare.over_outcomes.index(0.0) is None
    shares = Game.bimatrix([[0.1, 0.7], [0.6, 0.3]], [[0.9, 0.3], [0.4, 0.7]])
    assert equilibrium_welfare(shares).over_outcomes.spread == 0
    assert equilibrium_welfare(shares).price_of_anarchy == pytest.approx(1)


@pytest.mark.parametrize(
    ("more", "common_part", "spread"),
    [(1e-15, 0, 0), (5e-13, 0, 0), (4e-12, 0, 4e-12), (2**-27, 1e8, 0), (2**-20, 1e8, 2**-20)],
    ids=["last bits", "below 1e-12 of the ranges", "above", "digits lost to a common part", "above these"],
)
def test_what_rounding_can_explain(more, common_part, spread):
    # Welfare is constant but for what is added to one payoff.
    A = np.array([[0.0, 1.0], [0.5, 0.25]]) + common_part
    B = common_part - (A - common_part)
    B[0, 0] += more
    assert WelfareRange.of(Game.bimatrix(A, B)).spread == pytest.approx(spread, rel=1e-3)


def test_index():
    over_outcomes = WelfareRange.of(named_game("chicken"))
    assert over_outcomes.index(5.5) == pytest.approx(7 / 8)
    assert over_outcomes.index(2) == 0
    assert over_outcomes.index(6) == 1


small_games = arrays(np.float64, (2, 3, 3), elements=st.integers(-2, 2).map(float))


@given(small_games, st.lists(st.floats(0, 1), min_size=20, max_size=20))
@settings(max_examples=examples(40), deadline=None)
def test_no_equilibrium_lies_outside(payoffs, weights):
    game = Game(payoffs)
    welfare = equilibrium_welfare(game)
    for rows, columns in nash_equilibria(game).maximal_subsets:
        x = np.average(rows, axis=0, weights=np.resize(weights, len(rows)) + 1e-3)
        y = np.average(columns, axis=0, weights=np.resize(weights[::-1], len(columns)) + 1e-3)
        assert game.regrets([x, y]) == pytest.approx([0, 0], abs=1e-8)
        total = game.expected_payoffs([x, y]).sum()
        assert welfare.worst - 1e-9 <= total <= welfare.best + 1e-9


@pytest.mark.parametrize("n", [3, 4])
def test_agreement_with_vertex_enumeration(n):
    rng = np.random.default_rng(n)
    for _ in range(40):
        A, B = rng.normal(size=(2, n, n))
        found = qe.vertex_enumeration(qe.NormalFormGame((qe.Player(A), qe.Player(B.T))))
        totals = [float(x @ (A + B) @ y) for x, y in found]
        welfare = equilibrium_welfare(Game.bimatrix(A, B))
        assert (welfare.worst, welfare.best) == pytest.approx((min(totals), max(totals)), abs=1e-7)


@given(small_games, st.sampled_from([0.5, 3.0]), st.integers(-10, 10))
@settings(max_examples=examples(30), deadline=None)
def test_losses_do_not_depend_on_units(payoffs, unit, shift):
    first, second = equilibrium_welfare(Game(payoffs)), equilibrium_welfare(Game(unit * payoffs + shift))
    for name in ("loss_of_anarchy", "loss_of_stability"):
        one, other = getattr(first, name), getattr(second, name)
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other, abs=1e-8)
        assert one is None or -1e-9 <= one <= 1 + 1e-9


def test_third_player_without_a_choice():
    # Two players are always indifferent; welfare is the third player's payoff, bilinear over the continuum.
    payoffs = np.zeros((3, 2, 2, 1))
    payoffs[2, :, :, 0] = [[0, 1], [2, 5]]
    welfare = equilibrium_welfare(Game(payoffs))
    assert (welfare.worst, welfare.best) == (0, 5)


def test_many_players_without_a_tensor():
    game = linear_dilemma(1000, greed=1, fear=1)
    welfare = equilibrium_welfare(game)
    assert (welfare.worst, welfare.best) == (1000, 1000)
    assert (welfare.over_outcomes.lowest, welfare.over_outcomes.highest) == (1000, 3000)
    assert welfare.price_of_anarchy == welfare.price_of_stability == 3
    assert welfare.loss_of_anarchy == 1
    assert welfare.continuum is False
    assert welfare.profiles == ()
    stag_hunt = equilibrium_welfare(linear_dilemma(10, greed=-1, fear=1))
    assert (stag_hunt.price_of_anarchy, stag_hunt.price_of_stability) == (3, 1)


@pytest.mark.parametrize(("continuum", "known"), [(True, True), (False, None)])
def test_nothing_is_said_if_not_all_equilibria_are_known(monkeypatch, continuum, known):
    profiles = (([1, 0], [0, 1]),)

    def some(game):
        return SimpleNamespace(profiles=profiles, complete=False, continuum=continuum, note="Some.")

    monkeypatch.setattr(theory.equilibria.welfare, "nash_equilibria", some)
    welfare = equilibrium_welfare(named_game("chicken"))
    assert welfare.profiles == profiles
    assert welfare.note == "Some."
    assert welfare.continuum is known
    for name in ("best", "worst", "price_of_anarchy", "price_of_stability", "loss_of_anarchy"):
        assert getattr(welfare, name) is None
    assert welfare.loss_of_stability is None
    assert welfare.over_outcomes.highest == 6
    # What was found in the Stag Hunt has the largest welfare of all outcomes, and is as good as any.
    profiles = (([1, 0], [1, 0]),)
    hunt = equilibrium_welfare(named_game("stag-hunt"))
    assert (hunt.best, hunt.price_of_stability, hunt.loss_of_stability) == (6.0, 1.0, 0.0)
    assert hunt.worst is hunt.price_of_anarchy is hunt.loss_of_anarchy is None


@given(st.integers(0, 10**6), st.sampled_from([(2, 2), (3, 3), (2, 4), (2, 2, 2), (2, 3, 2)]))
@settings(max_examples=examples(25), deadline=None)
def test_bounds_hold_the_welfare_of_every_equilibrium(seed, shape):
    game = Game(np.random.default_rng(seed).integers(0, 5, (len(shape), *shape)).astype(float))
    least, most = bounds_of_all(game, WelfareRange.of(game))
    for profile in nash_equilibria(game).profiles:
        welfare = game.expected_payoffs(profile).sum()
        assert least - 1e-12 <= welfare <= most + 1e-12
    # The bounds are those of correlated equilibria, found by the other side of the same linear program.
    best = welfare_optimal_correlated_equilibrium(game).welfare
    worst = -welfare_optimal_correlated_equilibrium(_with_negative_welfare(game)).welfare
    assert (least, most) == pytest.approx((worst, best), abs=1e-6)


def _with_negative_welfare(game):
    """Return a game of the same gains from deviating and minus the welfare, by a player without a choice."""
    idle = -2.0 * game.payoffs.sum(axis=0)
    return Game(np.concatenate([game.payoffs, idle[None]])[..., None])


def test_unknown_spread_of_welfare_has_bounds():
    over = WelfareRange(lowest=np.nan, highest=10.0, spread=np.nan, spread_at_most=20.0)
    assert over.bounds == (-np.inf, 10.0)
    assert over.index(3.0) is None
    assert over.share((-1.0, 0.0)) == (0.0, 0.0)
    # Welfares of 6 and 8 occur, so that the spread is between 4 and 20.
    assert over.share((2.0, 2.0), (6.0, 8.0)) == (0.1, 0.5)
    assert over.share((2.0, np.inf), (6.0, 8.0)) == (0.1, 1.0)
    assert over.share((2.0, 3.0)) == (0.1, 1.0)


def test_solver_that_gives_up(monkeypatch):
    def too_large(game):
        raise ValueError("too large")

    monkeypatch.setattr(theory.equilibria.welfare, "nash_equilibria", too_large)
    welfare = equilibrium_welfare(named_game("stag-hunt"))
    assert welfare.best is welfare.worst is None
    assert welfare.note == "Equilibria are unknown: too large."


def test_errors_that_are_no_bound_are_not_hidden(monkeypatch):
    def broken(game):
        raise RuntimeError("broken")

    monkeypatch.setattr(theory.equilibria.welfare, "nash_equilibria", broken)
    with pytest.raises(RuntimeError, match=re.escape("broken")):
        equilibrium_welfare(named_game("stag-hunt"))
