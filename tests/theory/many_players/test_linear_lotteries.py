import numpy as np
import pytest
from scipy.optimize import linprog

from theory.many_players.linear_dilemma import linear_dilemma
from theory.many_players.linear_lotteries import _tangents
from theory.many_players.linear_pareto import linear_pareto_slack


def full_program(game, judged):
    """The largest mean payoff of lotteries that dominate, with all rows and all columns at once."""
    n = game.n_players
    k, m = np.arange(n + 1), np.arange(1, n + 1)
    cooperator, defector = game.cooperator_payoff(k), game.defector_payoff(k)
    payoffs = np.where(np.arange(n) < k[:, None], cooperator[:, None], defector[:, None])
    largest = np.cumsum(-np.sort(-payoffs, axis=1), axis=1) / m
    needed = np.cumsum(-np.sort(-judged)) / m
    found = linprog(-largest[:, -1], A_ub=-largest.T, b_ub=-needed, A_eq=np.ones((1, n + 1)), b_eq=[1])
    return -found.fun


@pytest.mark.parametrize(
    ("greed", "fear", "least"), [(3, 1, 0.9), (1, -3, 0), (5, 3, 0.9), (5, 3, 0.3), (3, 1, 0.3)]
)
def test_few_rows_and_columns_do(greed, fear, least):
    game = linear_dilemma(400, greed=greed, fear=fear)
    judged = game.expected_payoffs(game.profile(np.linspace(least, 1, 400)))
    slack = game.pareto_slack(judged)
    assert slack.exact
    assert slack.gain == pytest.approx(400 * full_program(game, judged) - judged.sum(), abs=1e-5)
    # The rows matter: the largest welfare would harm somebody.
    assert slack.gain < game.welfare_range[1] - judged.sum() - 0.01


@pytest.mark.parametrize("n_players", [150, 151])
def test_many_binding_rows(n_players):
    # Nearly half of the players bind: a case that was found at random, and needs most of its rows.
    rng = np.random.default_rng(7)
    game = linear_dilemma(n_players, greed=2.65, fear=3.75)
    judged = game.expected_payoffs(game.profile(np.clip(0.5 + 0.6 * rng.normal(size=n_players), 0, 1)))
    judged += rng.normal(size=n_players) * 0.1
    slack = game.pareto_slack(judged)
    expected = n_players * full_program(game, judged) - judged.sum()
    assert slack.gain == pytest.approx(expected, abs=1e-5 if slack.exact else 1e-3)


@pytest.mark.parametrize("most_rows", [2, 6, 12, 24])
def test_bounds_from_below_where_rows_are_too_many(most_rows):
    game = linear_dilemma(400, greed=5, fear=3)
    judged = game.expected_payoffs(game.profile(np.linspace(0.9, 1, 400)))
    slack = linear_pareto_slack(game, judged, most_rows=most_rows)
    expected = 400 * full_program(game, judged) - judged.sum()
    assert slack.gain <= expected + 1e-6
    if slack.exact:
        assert slack.gain == pytest.approx(expected, abs=1e-5)
        assert slack.relative_gain_bound is None
    else:
        assert slack.gain >= {2: 0, 6: 0.3, 12: 0.8, 24: 0.9}[most_rows] * expected
        assert slack.relative_gain_bound * game.payoff_range[0] >= expected - 1e-6
    # What it gives is reached by some lottery, and dominates.
    assert (slack.dominating >= judged - 1e-12).all()
    assert 400 * full_program(game, slack.dominating - 1e-9) >= slack.dominating.sum() - 1e-4
    if most_rows <= 6:
        assert not slack.exact


def test_payoffs_that_nothing_but_a_bound_from_above_is_known_of():
    # On the frontier, and different for everybody: what is linear between few sizes lies above it.
    game = linear_dilemma(400, greed=5, fear=3)
    judged = game.expected_payoffs(game.profile(np.linspace(0.9, 1, 400)))
    best = game.pareto_slack(judged).dominating
    slack = linear_pareto_slack(game, best, most_rows=2)
    assert slack.gain < 1e-3
    assert slack.exact == (slack.relative_gain_bound is None)
    # Independent mixtures reach no more than lotteries, of which only a bound is known.
    independent = linear_pareto_slack(game, judged, within="independent", most_rows=2)
    assert (
        independent.relative_gain_bound == linear_pareto_slack(game, judged, most_rows=2).relative_gain_bound
    )


def test_programs_are_bounded():
    game = linear_dilemma(400, greed=5, fear=3)
    judged = game.expected_payoffs(game.profile(np.linspace(0.9, 1, 400)))
    with pytest.raises(ValueError, match=r"must settle within 3 linear programs, got no end: .*pure"):
        linear_pareto_slack(game, judged, most_programs=3)


def test_tangents_lie_above():
    rng = np.random.default_rng(0)
    descending = -np.sort(-np.round(rng.random(60), 2))  # with ties
    totals = np.cumsum(descending)
    sizes = np.array([1, 4, 5, 20, 41, 60])
    kinks, bounds = _tangents(descending, totals, sizes)
    between = np.interp(np.arange(61), np.append(0, kinks), np.append(0.0, bounds))
    assert (between >= np.append(0.0, totals) - 1e-12).all()
    assert between[sizes] == pytest.approx(totals[sizes - 1])
    assert (np.diff(between, 2) <= 1e-12).all()
    assert set(sizes) <= set(kinks)
    # Between two sizes there is one bend, where the tangents meet.
    assert len(kinks) <= 3 * len(sizes)
