import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import brentq

from tests.examples import examples
from theory.equilibria.logit import follow, logit_equilibrium, system_of
from theory.equilibria.nash import nash_equilibria
from theory.games.catalogue import named_game
from theory.games.game import Game


def logistic(x):
    return 1 / (1 + np.exp(-x))


def response(game, profile, rationality):
    weights = [np.exp(rationality * game.action_payoffs(i, profile)) for i in range(game.n_players)]
    return [w / w.sum() for w in weights]


@pytest.mark.parametrize(
    "name", ["prisoners-dilemma-3.2", "chicken", "battle-of-the-sexes", "rock-paper-scissors"]
)
def test_no_rationality_is_uniform_play(name):
    game = named_game(name)
    found = logit_equilibrium(game, 0)
    assert [x.tolist() for x in found.profile] == [[1 / n] * n for n in game.n_actions]
    assert (found.rationality, found.residual) == (0.0, 0.0)
    assert found.bifurcation is None
    assert found.turning_points == ()


@pytest.mark.parametrize("rationality", [0.1, 1.0, 5.0, 30.0])
def test_a_dominant_strategy_is_logistic(rationality):
    # In the Prisoner's Dilemma defection always pays 1 more.
    found = logit_equilibrium(named_game("prisoners-dilemma-3.2"), rationality)
    for mixture in found.profile:
        assert mixture[1] == pytest.approx(logistic(rationality), rel=1e-12)
    assert found.residual < 1e-15


def test_a_published_equilibrium():
    # Goeree & Holt (2001), AER 91, asymmetric matching pennies with payoff 320: own payoffs matter.
    game = Game.bimatrix([[320, 40], [40, 80]], [[40, 80], [80, 40]])
    found = logit_equilibrium(game, 0.05)
    p, q = found.profile[0][0], found.profile[1][0]
    assert p == pytest.approx(logistic(0.05 * (320 * q - 40 * q + 40 * (1 - q) - 80 * (1 - q))), abs=1e-12)
    assert p > 0.5  # the Nash equilibrium says one half


def test_stag_hunt_bifurcates_at_two():
    # Table 3.2: R, S, T, P = 4, 0, 3, 1; against uniform play both actions pay 2. Symmetric deviations from it grow
    # where r (R - T + P - S) / 4 > 1.
    game = named_game("stag-hunt-3.2")
    assert logit_equilibrium(game, 1.999).bifurcation is None
    for rationality in (2.0, 2.5, 50.0):
        found = logit_equilibrium(game, rationality)
        assert found.bifurcation == pytest.approx(2.0, abs=1e-9)
        assert [x.tolist() for x in found.profile] == [[0.5, 0.5]] * 2
        assert found.turning_points == ()


def test_battle_of_the_sexes_bifurcates_where_the_symmetric_solution_turns_unstable():
    # With x the probability of one's favourite: x = logistic(r (2 - 3 x)); deviations of both towards the same
    # outcome grow where 3 r x (1 - x) > 1.
    def symmetric(r):
        return brentq(lambda x: x - logistic(r * (2 - 3 * x)), 0, 1, xtol=1e-15)

    critical = brentq(lambda r: 3 * r * symmetric(r) * (1 - symmetric(r)) - 1, 0.5, 3, xtol=1e-13)
    assert critical == pytest.approx(1.372, abs=1e-3)
    game = named_game("battle-of-the-sexes")
    for rationality in (critical, 2.0, 20.0):
        found = logit_equilibrium(game, rationality + 1e-9)
        x = symmetric(rationality + 1e-9)
        assert found.profile[0] == pytest.approx([x, 1 - x], abs=1e-9)
        assert found.profile[1] == pytest.approx([1 - x, x], abs=1e-9)
        assert found.bifurcation == pytest.approx(critical, abs=1e-8)
    assert logit_equilibrium(game, critical - 1e-6).bifurcation is None
    assert logit_equilibrium(game, 2.0).profile[0] == pytest.approx([0.599, 0.401], abs=1e-3)


def test_gambit_leaves_the_symmetric_branch():
    gambit = pytest.importorskip("pygambit")
    game = named_game("battle-of-the-sexes")
    theirs = gambit.qre.logit_solve_lambda(gambit.read_nfg(io.BytesIO(game.to_nfg().encode())), lam=[2.0])[0]
    profile = [
        [float(theirs.profile[i][a]) for a in of] for i, of in zip(game.players, game.actions, strict=True)
    ]
    # A fixed point as well, but not on the branch that starts at uniform play.
    assert profile[0] == pytest.approx([0.957, 0.043], abs=1e-3)
    assert response(game, profile, 2.0)[0] == pytest.approx(profile[0], abs=1e-4)


def test_three_actions_bifurcate_in_two_directions_at_once():
    # Pure coordination on n actions: symmetric deviations v with sum 0 grow where r / n > 1; in the direction of
    # each v there is one, so that the sign of the determinant does not change for n = 3.
    for n in (2, 3, 4):
        found = logit_equilibrium(Game.bimatrix(np.eye(n), np.eye(n)), 10.0)
        assert found.bifurcation == pytest.approx(n, abs=1e-6)
        assert found.profile[0] == pytest.approx(np.full(n, 1 / n), abs=1e-12)


def test_a_branch_that_turns_back():
    # McKelvey's example of a backward-bending principal branch (Gambit's collection, loopback.nfg).
    game = Game.bimatrix([[6, 6], [7.32, 1]], [[7, 7], [6, 4]])
    back, forth = logit_equilibrium(game, 1.5).turning_points
    assert (back, forth) == pytest.approx((1.34942, 1.32419), abs=1e-5)
    # Solutions of the two equations: one below `forth`, three between, one above `back`, again three later.
    grid = np.linspace(0, 1, 20_001)

    def solutions(r):
        q = logistic(2 * r * (1 - grid))
        gap = logistic(r * (-1.32 * q + 5 * (1 - q))) - grid
        return grid[np.flatnonzero(np.diff(np.sign(gap)))]

    for rationality, n_solutions, choice in (
        (1.3, 1, -1),
        (1.34, 3, -1),
        (1.4, 1, 0),
        (1.6, 3, 0),
        (9, 3, 0),
    ):
        found = logit_equilibrium(game, rationality)
        assert len(solutions(rationality)) == n_solutions
        assert found.profile[0][0] == pytest.approx(solutions(rationality)[choice], abs=1e-4)
        assert found.turning_points == pytest.approx((back, forth) * (rationality > 1.349), abs=1e-9)
        assert found.bifurcation is None


@settings(max_examples=examples(40), deadline=None)
@given(
    st.sampled_from([(2, 2), (3, 2), (3, 3), (2, 2, 2)]).flatmap(
        lambda shape: arrays(np.float64, (len(shape), *shape), elements=st.integers(0, 9).map(float))
    ),
    st.sampled_from([0.1, 1.0, 10.0]),
    st.data(),
)
def test_fixed_points_invariance_and_relabelling(payoffs, rationality, data):
    game = Game(payoffs)
    found = logit_equilibrium(game, rationality)
    assert found.residual < 1e-10
    for mixture, reply in zip(found.profile, response(game, found.profile, rationality), strict=True):
        assert mixture == pytest.approx(reply, abs=1e-9)
    if found.bifurcation is None and not found.turning_points:
        # Payoffs ten times as large are a tenth of the rationality; payoffs may be shifted.
        scaled = logit_equilibrium(Game(10 * payoffs - 3), rationality / 10)
        orders = [data.draw(st.permutations(range(n))) for n in game.n_actions]
        shuffled = logit_equilibrium(Game(payoffs[np.ix_(range(len(payoffs)), *orders)]), rationality)
        for x, y, z, order in zip(found.profile, scaled.profile, shuffled.profile, orders, strict=True):
            assert y == pytest.approx(x, abs=1e-8)
            assert z == pytest.approx(x[order], abs=1e-8)


@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (2, 2, 2), (3, 3, 3)])
def test_the_limit_is_a_nash_equilibrium(shape):
    rng = np.random.default_rng(1)
    for _ in range(4):
        game = Game(rng.random((len(shape), *shape)))
        found = logit_equilibrium(game, 1e5)
        nash = [np.concatenate(profile) for profile in nash_equilibria(game).profiles]
        distance = min(np.abs(np.concatenate(found.profile) - profile).max() for profile in nash)
        assert distance < 1e-3
        assert found.residual < 1e-8


def test_the_stable_selection_of_stag_hunt():
    # Risk-dominant (D, D): R, S, T, P = 4, 0, 3.5, 1; the principal branch selects it (McKelvey & Palfrey 1995).
    game = Game.bimatrix([[4, 0], [3.5, 1]], [[4, 3.5], [0, 1]])
    found = logit_equilibrium(game, 50.0)
    assert found.profile[0][1] == pytest.approx(1.0, abs=1e-9)
    assert found.bifurcation is None


def test_constant_payoffs_and_single_actions():
    for payoffs in (np.full((2, 3, 2), 7.0), np.ones((3, 1, 1, 1))):
        found = logit_equilibrium(Game(payoffs), 5.0)
        assert [x.tolist() for x in found.profile] == [[1 / n] * n for n in payoffs.shape[1:]]


def test_one_player():
    found = logit_equilibrium(Game([[0.0, 1.0, 3.0]]), 2.0)
    weights = np.exp([0.0, 2.0, 6.0])
    assert found.profile[0] == pytest.approx(weights / weights.sum(), abs=1e-12)


@pytest.mark.parametrize(
    ("rationality", "message"),
    [
        (-1, "rationality must be at least 0, got -1"),
        (np.inf, "rationality must be finite, got inf"),
        ([1.0, 2.0], "rationality must be one number, got [1.0, 2.0]"),
    ],
)
def test_bad_rationality(rationality, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        logit_equilibrium(named_game("chicken"), rationality)


def test_steps_are_bounded():
    message = (
        "rationality must be within reach along the principal branch, got 300 / payoff range: .* ended at 0."
    )
    with pytest.raises(ValueError, match=message):
        follow(system_of(named_game("chicken-3.2"), 4.0), 300.0, max_steps=3)
