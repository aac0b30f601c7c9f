"""Dynamics against solutions in closed form, conserved quantities and equilibria."""

import nashpy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import Game, logit_dynamics, logit_equilibrium, named_game, replicator_dynamics
from theory.evolution.dynamics import TooLongError, integrate

ROCK_PAPER_SCISSORS = [[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]


@pytest.mark.parametrize("gain", [0.5, -2.0])
def test_constant_gain_is_logistic_growth(gain: float) -> None:
    # dx/dt = g x (1 - x): log odds grow by g t.
    times = np.linspace(0, 5, 11)
    found = replicator_dynamics([[gain, gain], [0.0, 0.0]], [0.3, 0.7], times=times).shares
    odds = 0.3 / 0.7 * np.exp(gain * times)
    assert found[:, 0] == pytest.approx(odds / (1 + odds), rel=1e-8)


def test_the_coordination_game_has_an_implicit_solution() -> None:
    # A = identity: dx/dt = x (1 - x) (2 x - 1), so (x - 1/2)^2 / (x (1 - x)) grows as e^t.
    found = replicator_dynamics(np.eye(2), [0.6, 0.4], times=[0.0, 1.0, 2.0]).shares[:, 0]
    measure = (found - 0.5) ** 2 / (found * (1 - found))
    assert measure == pytest.approx(measure[0] * np.exp([0.0, 1.0, 2.0]), rel=1e-7)


@pytest.mark.parametrize("draw_payoff", [0.0, 0.3])
def test_rock_paper_scissors_and_its_product(draw_payoff: float) -> None:
    # Hofbauer & Sigmund (1998), 7.7: with draws that pay e, d/dt log(x y z) = e (1 - 3 (x^2 + y^2 + z^2)), which is 0
    # for e = 0 and negative outside the centre for e > 0.
    matrix = np.array(ROCK_PAPER_SCISSORS) + draw_payoff * np.eye(3)
    found = replicator_dynamics(matrix, [0.5, 0.3, 0.2], times=np.linspace(0, 40, 9)).shares
    product = found.prod(axis=1)
    if draw_payoff == 0.0:
        assert product == pytest.approx(np.full(9, 0.03), rel=1e-7)
        assert np.ptp(found[:, 0]) > 0.1
    else:
        assert (np.diff(product) < 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_nashpy_goes_the_same_way(seed: int) -> None:
    A, B = np.random.default_rng(seed).uniform(-1, 1, (2, 3, 3))
    times, x, y = np.linspace(0, 10, 21), [0.2, 0.3, 0.5], [0.6, 0.3, 0.1]
    one = nashpy.Game(A).replicator_dynamics(y0=np.array(x), timepoints=times)
    assert replicator_dynamics(A, x, times=times).shares == pytest.approx(one, abs=1e-6)
    two = nashpy.Game(A, B).asymmetric_replicator_dynamics(np.array(x), np.array(y), times)
    found = replicator_dynamics(Game.bimatrix(A, B), [x, y], times=times)
    for shares, theirs in zip(found.populations, two, strict=True):
        assert shares == pytest.approx(theirs, abs=1e-6)


def test_matching_pennies_of_two_populations_conserves() -> None:
    # Hofbauer & Sigmund (1998), 10.3: x (1 - x) y (1 - y) is a constant of motion of a symmetric cycle game.
    game = Game.bimatrix([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])
    found = replicator_dynamics(game, [[0.7, 0.3], [0.6, 0.4]], times=np.linspace(0, 30, 7))
    x, y = (shares[:, 0] for shares in found.populations)
    measure = x * (1 - x) * y * (1 - y)
    assert measure == pytest.approx(np.full(7, measure[0]), rel=1e-7)
    assert np.ptp(x) > 0.1


def test_two_populations_of_the_prisoners_dilemma_defect() -> None:
    found = replicator_dynamics(named_game("prisoners-dilemma"), [[0.9, 0.1], [0.99, 0.01]], times=[0, 50])
    for shares in found.final:
        assert shares[1] == pytest.approx(1.0)


def test_three_populations_and_one_of_a_three_player_game() -> None:
    # Everybody's C adds 1 to all; own C costs 1.5: gains of C are -1/2 whoever does what.
    own, total = np.indices((2, 2, 2)), 3 - np.indices((2, 2, 2)).sum(axis=0)
    game = Game(total - 1.5 * (1 - own))
    times = np.linspace(0, 3, 4)
    odds = 4.0 * np.exp(-0.5 * times)
    one = replicator_dynamics(game, [0.8, 0.2], times=times).shares
    assert one[:, 0] == pytest.approx(odds / (1 + odds), rel=1e-8)
    three = replicator_dynamics(game, [[0.8, 0.2]] * 3, times=times)
    for shares in three.populations:
        assert shares == pytest.approx(one, rel=1e-8)


@given(st.lists(st.floats(-3, 3), min_size=16, max_size=16), st.integers(0, 3))
def test_shares_stay_shares_and_who_is_away_stays_away(payoffs, away) -> None:
    start = np.array([0.4, 0.3, 0.2, 0.1])
    start[away] = 0.0
    start /= start.sum()
    found = replicator_dynamics(np.reshape(payoffs, (4, 4)), start, times=[0.0, 3.0, 10.0]).shares
    assert (found >= 0).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(3))
    assert (found[:, away] == 0).all()


def test_logit_dynamics_relaxes_to_the_logit_equilibrium() -> None:
    for name in ("prisoners-dilemma", "stag-hunt"):
        game = named_game(name)
        found = logit_dynamics(game, [[0.5, 0.5], [0.5, 0.5]], rationality=1.0, times=[0, 100])
        expected = logit_equilibrium(game, 1.0).profile
        for shares, mixture in zip(found.final, expected, strict=True):
            assert shares == pytest.approx(np.asarray(mixture), abs=1e-6)


def test_logit_dynamics_without_rationality_is_exponential() -> None:
    times = np.array([0.0, 1.0, 3.0])
    found = logit_dynamics([[5, 1], [2, 3]], [1.0, 0.0], rationality=0.0, times=times).shares[:, 0]
    assert found == pytest.approx(0.5 + 0.5 * np.exp(-times), rel=1e-8)


@pytest.mark.parametrize(
    ("game", "initial", "times", "message"),
    [
        (np.eye(2), [0.5, 0.6], [0, 1], "initial must sum to one"),
        (np.eye(2), [1.5, -0.5], [0, 1], "initial must be non-negative"),
        (np.eye(2), [0.2, 0.3, 0.5], [0, 1], "initial must be 2 probabilities"),
        (np.eye(2), [0.5, 0.5], [0], "at least two increasing numbers"),
        (np.eye(2), [0.5, 0.5], [1, 0], "at least two increasing numbers"),
        ([[1, 2]], [0.5, 0.5], [0, 1], "at least two strategies"),
        (
            np.eye(2),
            [[0.5, 0.5], [0.5, 0.5]],
            [0, 1],
            "a matrix is played in one population, got shares of 2",
        ),
        (named_game("prisoners-dilemma"), [[0.5, 0.5]], [0, 1], "each of 2 players, got 1"),
        (Game.bimatrix([[1, 2], [0, 1]], [[1, 2], [0, 1]]), [0.5, 0.5], [0, 1], "must be symmetric"),
        (Game.bimatrix([[1, 2]], [[1, 2]]), [1.0], [0, 1], "must be symmetric"),
    ],
)
def test_bad_arguments(game, initial, times, message) -> None:
    with pytest.raises(ValueError, match=message):
        replicator_dynamics(game, initial, times=times)


def test_a_course_that_takes_too_long_is_given_up() -> None:
    times = np.array([0.0, 1.0])
    turning = 1e9 * np.array([[0.0, 1.0], [-1.0, 0.0]])
    with pytest.raises(TooLongError, match="the course until time 1 takes more than 2000 evaluations"):
        integrate(
            lambda x: turning @ x,
            np.ones(2),
            times,
            method="LSODA",
            rtol=1e-8,
            atol=1e-10,
            most_evaluations=2000,
        )


def test_a_game_of_three_must_be_symmetric_in_the_others_too() -> None:
    payoffs = np.zeros((3, 2, 2, 2))
    payoffs[0, 0, 0, 1] = 1.0
    payoffs[1], payoffs[2] = np.swapaxes(payoffs[0], 0, 1), np.swapaxes(payoffs[0], 0, 2)
    with pytest.raises(ValueError, match="must be symmetric"):
        replicator_dynamics(Game(payoffs), [0.5, 0.5], times=[0, 1])


def test_other_errors() -> None:
    with pytest.raises(ValueError, match="rationality must be at least 0, got -1"):
        logit_dynamics(np.eye(2), [0.5, 0.5], rationality=-1, times=[0, 1])
    pair = replicator_dynamics(named_game("chicken"), [[0.5, 0.5]] * 2, times=[0, 1])
    with pytest.raises(ValueError, match="those of one population, got 2"):
        _ = pair.shares
