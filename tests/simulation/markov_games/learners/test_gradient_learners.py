"""Learners by exact gradients: slopes and cross terms against exact rationals, rules against their definitions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from simulation.markov_games.learners.climbing import climb_together
from simulation.markov_games.learners.lola import Lola
from simulation.markov_games.learners.look_ahead import LookAhead
from simulation.markov_games.learners.meeting import Meeting
from simulation.markov_games.learners.naive import NaiveLearner
from simulation.markov_games.learners.natural_gradient import NaturalGradient
from simulation.markov_games.learners.shaping import GradientLearner
from simulation.markov_games.learners.stable_opponent_shaping import StableOpponentShaping
from theory import Game, named_game
from theory.repeated.memory_one import MemoryOne, memory_one_payoffs

LOLAS_DILEMMA = Game.bimatrix([[-1, -3], [0, -2]], [[-1, 0], [-3, -2]])


class Jet:
    """An exact number a + b x + c y + d x y with x x = y y = 0: derivatives in two variables and in both."""

    def __init__(self, *parts: Fraction | int) -> None:
        self.parts = tuple(Fraction(part) for part in (*parts, 0, 0, 0)[:4])

    def __add__(self, other: Jet) -> Jet:
        return Jet(*(x + y for x, y in zip(self.parts, other.parts, strict=True)))

    def __sub__(self, other: Jet) -> Jet:
        return Jet(*(x - y for x, y in zip(self.parts, other.parts, strict=True)))

    def __mul__(self, other: Jet) -> Jet:
        (a, b, c, d), (e, f, g, h) = self.parts, other.parts
        return Jet(a * e, a * f + b * e, a * g + c * e, a * h + b * g + c * f + d * e)

    def __truediv__(self, other: Jet) -> Jet:
        a, b, c, d = other.parts
        return self * Jet(1 / a, -b / a**2, -c / a**2, 2 * b * c / a**3 - d / a**2)


def exact_value(p: list[Jet], q: list[Jet], payoffs: list[Fraction], discount: Fraction) -> Jet:
    """Solve (1 - gamma P) u = r by elimination and return s u."""
    one = Jet(1)

    def row(k: int) -> list[Jet]:
        return [p[k] * q[k], p[k] * (one - q[k]), (one - p[k]) * q[k], (one - p[k]) * (one - q[k])]

    system = [
        [Jet(int(k == m)) - Jet(discount) * chance for m, chance in enumerate(row(k))] + [Jet(payoffs[k])]
        for k in range(4)
    ]
    for k in range(4):
        system[k] = [entry / system[k][k] for entry in system[k]]
        for m in range(4):
            if m != k:
                factor = system[m][k]
                system[m] = [x - factor * y for x, y in zip(system[m], system[k], strict=True)]
    total = Jet(0)
    for chance, solved in zip(row(4), system, strict=True):
        total = total + chance * solved[4]
    return total


def meeting_at(chances: list[list[Fraction]], game: Game, discount: float) -> Meeting:
    p = np.array(chances, float)
    return Meeting(np.log(p / (1.0 - p))[:, None, :], game.payoffs.reshape(2, 4), discount)


def test_values_slopes_and_cross_terms_are_the_exact_rational_ones() -> None:
    rng = np.random.default_rng(3)
    game = Game.bimatrix(rng.integers(-5, 6, (2, 2)), rng.integers(-5, 6, (2, 2)))
    discount = Fraction(9, 10)
    chances = [[Fraction(int(n), 20) for n in rng.integers(1, 20, 5)] for _ in (0, 1)]
    steep = np.array([[float(p * (1 - p)) for p in of_one] for of_one in chances])
    meeting = meeting_at(chances, game, 0.9)
    for of in (0, 1):
        payoffs = [Fraction(int(u)) for u in game.payoffs[of].ravel()]
        along = rng.normal(size=(2, 5))
        expected = np.zeros((2, 5))
        for k in range(5):
            for m in range(5):
                # Player 1's number k moves with x, player 2's number m with y.
                p = [Jet(c, int(i == k)) for i, c in enumerate(chances[0])]
                q = [Jet(c, 0, int(i == m)) for i, c in enumerate(chances[1])]
                value, by_x, by_y, by_both = (
                    float(part) for part in exact_value(p, q, payoffs, discount).parts
                )
                assert meeting.values[0, of] == pytest.approx(value, rel=1e-12)
                assert meeting.slope(of, 0)[0, k] == pytest.approx(by_x * steep[0, k], rel=1e-10, abs=1e-12)
                assert meeting.slope(of, 1)[0, m] == pytest.approx(by_y * steep[1, m], rel=1e-10, abs=1e-12)
                mixed = by_both * steep[0, k] * steep[1, m]
                expected[0, m] += along[0, k] * mixed
                expected[1, k] += along[1, m] * mixed
        for by in (0, 1):
            found = meeting.cross(of, by, along[by][None])[0]
            assert found == pytest.approx(expected[by], rel=1e-9, abs=1e-11)


def test_values_are_those_of_memory_one_strategies_and_player_2_reads_outcomes_from_player_1() -> None:
    rng = np.random.default_rng(4)
    game = named_game("chicken")
    theta = rng.normal(size=(2, 1, 5))
    p, q = 1.0 / (1.0 + np.exp(-theta[:, 0]))
    # The theory's strategies look at their own action first: player 2's after CD is what it does after (own D, C).
    first, second = MemoryOne(p[4], tuple(p[:4])), MemoryOne(q[4], (q[0], q[2], q[1], q[3]))
    expected = memory_one_payoffs(first, second, game, discount=0.96).payoffs
    meeting = Meeting(theta, game.payoffs.reshape(2, 4), 0.96)
    assert 0.04 * meeting.values[0] == pytest.approx(expected, abs=1e-10)


def finite_difference(function, theta: np.ndarray, player: int) -> np.ndarray:
    step, found = 1e-5, np.zeros(5)
    for k in range(5):
        moved = np.zeros_like(theta)
        moved[player, 0, k] = step
        found[k] = (function(theta + moved) - function(theta - moved)) / (2 * step)
    return found


@pytest.mark.parametrize("player", [0, 1])
def test_directions_are_those_of_their_definitions_by_finite_differences(player: int) -> None:
    theta = np.random.default_rng(5).normal(size=(2, 1, 5))
    payoffs, discount, other = LOLAS_DILEMMA.payoffs.reshape(2, 4), 0.9, 1 - player

    def meeting(at: np.ndarray) -> Meeting:
        return Meeting(at, payoffs, discount)

    def own_value(at: np.ndarray) -> float:
        return float(meeting(at).values[0, player])

    here = meeting(theta)
    slope = finite_difference(own_value, theta, player)
    assert NaiveLearner().direction(here, player)[0] == pytest.approx(slope, abs=1e-6)
    # LookAhead: the other's step is taken as given.
    ahead = theta.copy()
    ahead[other] += 0.5 * here.slope(other, other)
    expected = finite_difference(own_value, ahead, player)
    assert LookAhead(lookahead_rate=0.5).direction(here, player)[0] == pytest.approx(expected, abs=1e-6)
    # LOLA: how the other's gradient moves along one's own gain from it, that gain being fixed.
    wanted = here.slope(player, other)[0]
    shaping = finite_difference(lambda at: float(meeting(at).slope(other, other)[0] @ wanted), theta, player)
    expected = slope + 0.5 * shaping
    assert Lola(lookahead_rate=0.5).direction(here, player)[0] == pytest.approx(expected, abs=1e-5)
    # Natural: the gain of C over D in each state, that is the slope in P(C) over the visits.
    chance = here.cooperation[player, 0]
    information = here.visits()[0] * chance * (1 - chance)
    assert NaturalGradient().direction(here, player)[0] == pytest.approx(slope / information, rel=1e-5)


def test_stable_opponent_shaping_is_look_ahead_to_first_order_and_a_share_of_lolas_term() -> None:
    # Far out players are nearly at rest, and shaping turns some of them away from LookAhead's direction.
    theta = np.geomspace(0.1, 8.0, 400)[:, None] * np.random.default_rng(6).normal(size=(2, 400, 5))
    here = Meeting(theta, LOLAS_DILEMMA.payoffs.reshape(2, 4), 0.9)
    slopes = [here.slope(i, i) for i in (0, 1)]
    first, shaped = [], []
    for i in (0, 1):
        step = 1e-5 * slopes[1 - i]
        ahead = (here.moved(1 - i, step).slope(i, i) - here.moved(1 - i, -step).slope(i, i)) / 2e-5
        first.append(slopes[i] + ahead)
        shaped.append(Lola().direction(here, i) - slopes[i])
    shares = []
    for run in range(400):
        xi, chi, naive = (np.concatenate([part[0][run], part[1][run]]) for part in (first, shaped, slopes))
        turned = 1.0 if chi @ xi >= 0 else min(1.0, -0.5 * (xi @ xi) / (chi @ xi))
        shares.append(min(turned, naive @ naive if np.sqrt(naive @ naive) < 0.1 else 1.0))
    assert 5 < np.sum(np.array(shares) < 1.0) < 100
    for i in (0, 1):
        found = StableOpponentShaping().direction(here, i)
        expected = first[i] + np.array(shares)[:, None] * shaped[i]
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_both_move_at_once_and_runs_do_not_depend_on_their_number() -> None:
    few, more = (
        climb_together(Lola(), NaiveLearner(rate=0.5), game=LOLAS_DILEMMA, updates=1, runs=runs, seed=7)
        for runs in (2, 3)
    )
    assert np.array_equal(few["cooperation"].values, more["cooperation"].values[:2])
    start = climb_together(
        NaiveLearner(rate=1e-12), NaiveLearner(rate=1e-12), game=LOLAS_DILEMMA, updates=1, runs=2, seed=7
    )["cooperation"].values
    theta = np.moveaxis(np.log(start / (1.0 - start)), 1, 0)
    here = Meeting(theta, LOLAS_DILEMMA.payoffs.reshape(2, 4), 0.96)
    steps = np.stack([Lola().direction(here, 0), 0.5 * NaiveLearner().direction(here, 1)])
    expected = 1.0 / (1.0 + np.exp(-(theta + steps)))
    assert np.moveaxis(few["cooperation"].values, 1, 0) == pytest.approx(expected, abs=1e-8)


def test_lola_cooperates_where_naive_learners_do_not() -> None:
    # Means of 100 pairs have a standard error of about .015; the bars stand more than four of them away.
    naive, lola = (
        climb_together(one, one, game=LOLAS_DILEMMA, runs=100, seed=1)["payoff"].values.mean()
        for one in (NaiveLearner(), Lola())
    )
    assert lola > -1.15
    assert naive < -1.9


@pytest.mark.slow
def test_the_headlines_of_a_thousand_pairs() -> None:
    """Bars as stated beforehand; each holds all of a 95% interval of a thousand pairs, or its middle."""
    results = {
        (type(one).__name__, type(two).__name__): climb_together(
            one, two, game=LOLAS_DILEMMA, runs=1000, seed=0
        )
        for one, two in ((NaiveLearner(), NaiveLearner()), (Lola(), Lola()), (Lola(), NaiveLearner()))
    }
    means = {pair: data["payoff"].values.mean(axis=0) for pair, data in results.items()}
    assert means["Lola", "Lola"].mean() == pytest.approx(-1.04, abs=0.02)
    assert means["NaiveLearner", "NaiveLearner"].mean() == pytest.approx(-1.98, abs=0.02)
    assert means["Lola", "NaiveLearner"] == pytest.approx([-1.37, -1.40], abs=0.03)


@pytest.mark.parametrize(
    "learner", [NaiveLearner(), Lola(), LookAhead(), StableOpponentShaping(), NaturalGradient()]
)
def test_games_that_they_do_not_play_are_refused_in_one_line(learner: GradientLearner) -> None:
    three = Game(np.zeros((3, 2, 2, 2)))
    for game, got in ((three, r"\(2, 2, 2\)"), (named_game("rock-paper-scissors"), r"\(3, 3\)")):
        with pytest.raises(
            ValueError, match=rf"plays repeated games of two players .*actions each, got {got}$"
        ):
            climb_together(learner, learner, game=game)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NaiveLearner(rate=0.0), "rate must be positive, got 0"),
        (lambda: Lola(lookahead_rate=-1.0), "lookahead_rate must lie in"),
        (lambda: StableOpponentShaping(most_undone=1.0), r"most_undone must lie in \(0, 1\), got 1"),
        (lambda: StableOpponentShaping(at_rest=0.0), r"at_rest must lie in \(0, 1\), got 0"),
        (lambda: climb_together(Lola(), Lola(), game=LOLAS_DILEMMA, discount=1.0), "discount must be below 1"),
        (lambda: climb_together("lola", Lola(), game=LOLAS_DILEMMA), "first must be a GradientLearner"),
        (lambda: climb_together(Lola(), Lola(), game="pd"), "Lola plays .*: game must be a Game, got 'pd'"),
        (
            lambda: climb_together(Lola(rate=1e308, lookahead_rate=1e9), Lola(), game=LOLAS_DILEMMA, runs=1),
            "numbers must stay finite, got others in update 0 of run 0",
        ),
    ],
)  # fmt: skip
def test_errors_state_the_rule_and_the_value(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
