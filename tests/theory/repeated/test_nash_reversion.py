import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.games.catalogue import named_game
from theory.games.dilemmas import MatrixDilemma
from theory.games.game import Game
from theory.repeated.nash_reversion import friedman_discount

AXELROD = named_game("prisoners-dilemma-axelrod")  # R, S, T, P = 3, 0, 5, 1
COOPERATION = [[1, 0], [1, 0]]

small_games = arrays(np.float64, (2, 2, 2), elements=st.integers(0, 9).map(float)).map(Game)


@pytest.mark.parametrize(
    ("name", "discount"),
    [
        ("prisoners-dilemma-axelrod", 1 / 2),
        ("prisoners-dilemma-3.2", 1 / 3),
        ("prisoners-dilemma", 1 / 3),
        # Punished by the equilibrium in which one yields and gets S: (T - R) / (T - S).
        ("chicken-3.2", 1 / 3),
        ("chicken", 1 / 3),
        ("chicken-aumann", 1 / 5),
        ("stag-hunt", 0),
        ("harmony", 0),
        ("deadlock", None),
    ],
)
def test_mutual_cooperation(name, discount):
    found = friedman_discount(named_game(name), COOPERATION)
    assert found.discount == (None if discount is None else pytest.approx(discount))
    assert found.per_player == ((None, None) if discount is None else pytest.approx((discount,) * 2))
    assert found.complete


@settings(max_examples=examples(50), deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_prisoners_dilemma_closed_form(fear, gain, greed):
    P, R, T = fear, fear + gain, fear + gain + greed
    found = friedman_discount(MatrixDilemma(reward=R, sucker=0, temptation=T, punishment=P), COOPERATION)
    assert found.discount == pytest.approx((T - R) / (T - P))


def test_each_player_is_punished_by_its_own_worst_equilibrium():
    found = friedman_discount(named_game("chicken-3.2"), COOPERATION)
    assert found.punishments.tolist() == [1, 1]
    assert [m.tolist() for m in found.equilibria[0]] == [[1, 0], [0, 1]]
    assert [m.tolist() for m in found.equilibria[1]] == [[0, 1], [1, 0]]


def test_friedman_1971_fixes_one_equilibrium_for_all():
    # The mixed equilibrium of Chicken pays 2: (4 - 3) / (4 - 2).
    game = named_game("chicken-3.2")
    found = friedman_discount(game, COOPERATION, reversion_to=[[0.5, 0.5]] * 2)
    assert found.discount == pytest.approx(0.5)
    assert found.punishments.tolist() == [2, 2]
    unfair = friedman_discount(game, COOPERATION, reversion_to=[[1, 0], [0, 1]])
    assert unfair.per_player == (pytest.approx(1 / 3), None)
    assert unfair.discount is None


def test_players_with_different_temptations():
    game = Game.bimatrix([[3, 0], [4, 1]], [[3, 9], [0, 1]])
    found = friedman_discount(game, COOPERATION)
    assert found.per_player == pytest.approx((1 / 3, 3 / 4))
    assert found.discount == pytest.approx(3 / 4)


def test_stage_equilibria_need_no_patience_even_mixed():
    assert friedman_discount(AXELROD, [[0, 1], [0, 1]]).discount == 0
    assert friedman_discount(named_game("matching-pennies"), [[0.5, 0.5]] * 2).discount == 0
    assert friedman_discount(named_game("stag-hunt-3.2"), [[0.5, 0.5]] * 2).discount == 0


@pytest.mark.parametrize(
    ("name", "payoffs"), [("matching-pennies", (0, 0)), ("battle-of-the-sexes", (2 / 3, 2 / 3))]
)
def test_payoffs_of_mixed_equilibria_are_had_without_patience(name, payoffs):
    assert friedman_discount(named_game(name), payoffs=payoffs).discount == 0


def test_a_mixture_of_equally_good_actions_can_be_watched():
    # Both rows used pay 2; the third would pay 5 and is seen by everyone. Punishment pays 0.
    A = [[2, 2, 0], [2, 2, 0], [5, 5, 0]]
    B = [[3, 3, 0], [3, 3, 0], [0, 0, 0]]
    found = friedman_discount(
        Game.bimatrix(A, B), [[0.5, 0.5, 0], [0.5, 0.5, 0]], reversion_to=[[0, 0, 1]] * 2
    )
    assert found.discount == pytest.approx(3 / 5)
    assert found.per_player == (pytest.approx(3 / 5), 0)


@pytest.mark.parametrize(
    ("payoffs", "discount"),
    [
        ((3, 3), 1 / 2),
        ((1, 1), 0),
        # Exploitation in turns: C against D loses 1 now, for 2.5 - 1 later.
        ((2.5, 2.5), 0.4),
        # Between them a lottery over (C, D), (D, C) and (D, D) is enough.
        ((2, 2), 1 / 2),
        ((1.5, 1.5), 2 / 3),
        ((1, 1.0001), None),
        ((4, 4), None),
        ((5, 0), None),
    ],
)
def test_payoffs_are_reached_by_the_lottery_that_needs_least_patience(payoffs, discount):
    found = friedman_discount(AXELROD, payoffs=payoffs)
    assert found.discount == (None if discount is None else pytest.approx(discount))


def test_what_holds_each_player_alone_may_be_less_than_what_holds_both():
    found = friedman_discount(AXELROD, payoffs=(3, 3))
    assert found.per_player == (pytest.approx(0.5), pytest.approx(0.5))
    lopsided = friedman_discount(AXELROD, payoffs=(13 / 3, 1))
    assert lopsided.per_player[1] is None
    assert lopsided.per_player[0] == pytest.approx(2 / (2 + 10 / 3))
    assert lopsided.discount is None


@settings(max_examples=examples(40), deadline=None)
@given(small_games, st.lists(st.integers(1, 6), min_size=4, max_size=4))
def test_the_least_lottery_by_trying_all_discounts(game, weights):
    # Every lottery over outcomes that are kept at d = discount; none at a smaller one.
    from scipy.optimize import linprog

    value = game.outcomes.T @ (np.array(weights) / sum(weights))
    found = friedman_discount(game, payoffs=value)
    best = np.stack([game.payoffs[i].max(axis=i, keepdims=True) - game.payoffs[i] for i in (0, 1)])
    gains = best.reshape(2, 4).T
    for d in np.linspace(0.01, 0.99, 12):
        kept = ((1 - d) * gains <= d * (value - found.punishments) + 1e-9) | (gains < 1e-9)
        points = game.outcomes[kept.all(axis=1)]
        reachable = len(points) > 0 and (
            linprog(
                np.zeros(len(points)),
                A_eq=np.vstack([points.T, np.ones(len(points))]),
                b_eq=[*value, 1],
                method="highs",
            ).status
            == 0
        )
        if found.discount is None:
            assert not reachable
        elif abs(d - found.discount) > 1e-6 and reachable:
            assert d > found.discount
        elif d > found.discount + 1e-6 and len(game_equilibria(game)) == pure_count(game):
            assert reachable


def game_equilibria(game):
    from theory.equilibria.nash import nash_equilibria

    return nash_equilibria(game).profiles


def pure_count(game):
    return sum(all(mixture.max() == 1 for mixture in profile) for profile in game_equilibria(game))


def test_more_than_two_players():
    # Public good of three: each pays 1 to give everyone 0.5 per contribution.
    payoffs = np.zeros((3, 2, 2, 2))
    for outcome in np.ndindex(2, 2, 2):
        given_ = 3 - sum(outcome)
        for i in range(3):
            payoffs[(i, *outcome)] = 0.5 * given_ - (outcome[i] == 0)
    found = friedman_discount(Game(payoffs), [[1, 0]] * 3, reversion_to=[[0, 1]] * 3)
    # Deviating gains 0.5, cooperation pays 0.5 a turn more than punishment.
    assert found.discount == pytest.approx(0.5)
    assert found.complete


def test_unknown_equilibria_are_said_to_be_unknown(monkeypatch):
    from types import SimpleNamespace

    some = SimpleNamespace(profiles=(AXELROD.pure(1, 1),), complete=False)
    monkeypatch.setattr("theory.repeated.nash_reversion.nash_equilibria", lambda game: some)
    assert not friedman_discount(AXELROD, COOPERATION).complete
    none = SimpleNamespace(profiles=(), complete=False)
    monkeypatch.setattr("theory.repeated.nash_reversion.nash_equilibria", lambda game: none)
    with pytest.raises(ValueError, match="needs a known equilibrium of the stage game, got none"):
        friedman_discount(AXELROD, COOPERATION)
    assert friedman_discount(
        AXELROD, payoffs=(2.5, 2.5), reversion_to=[[0, 1]] * 2
    ).discount == pytest.approx(0.4)


@settings(max_examples=examples(80), deadline=None)
@given(small_games, st.sampled_from([0.01, 3, 100]), st.integers(-20, 20), st.integers(0, 3))
def test_units_of_payoff_do_not_matter(game, scale, shift, outcome):
    profile = game.pure(*divmod(outcome, 2))
    units = np.array([scale, 1.0])[:, None, None], np.array([shift, 0.0])[:, None, None]
    one = friedman_discount(game, profile).discount
    other = friedman_discount(Game(game.payoffs * units[0] + units[1]), profile).discount
    assert (one is None) == (other is None)
    assert one is None or one == pytest.approx(other, abs=1e-9)


@settings(max_examples=examples(80), deadline=None)
@given(small_games, st.integers(0, 3))
def test_grim_trigger_is_an_equilibrium_from_the_discount_on(game, outcome):
    actions = divmod(outcome, 2)
    found = friedman_discount(game, game.pure(*actions))
    for d in (0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        holds = True
        for i in (0, 1):
            now = float(game.payoffs[(i, *actions)])
            best = float(game.payoffs[i].max(axis=i)[actions[1 - i]])
            holds &= best == now or now >= (1 - d) * best + d * found.punishments[i] - 1e-12
        assert holds == (found.discount is not None and d >= found.discount - 1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: friedman_discount(AXELROD), "the target must be a profile or payoffs, got None and None"),
        (
            lambda: friedman_discount(AXELROD, COOPERATION, payoffs=(3, 3)),
            "the target must be a profile or payoffs",
        ),
        (
            lambda: friedman_discount(AXELROD, payoffs=(3, 3, 3)),
            r"payoffs must be 2 payoffs, got shape \(3,\)",
        ),
        (
            lambda: friedman_discount(AXELROD, [[0.9, 0.1], [1, 0]]),
            "must be pure or leave a player indifferent",
        ),
        (
            lambda: friedman_discount(AXELROD, COOPERATION, reversion_to=COOPERATION),
            r"reversion_to must be a Nash equilibrium, got regrets \[2.0, 2.0\]",
        ),
    ],
)
def test_errors_state_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
