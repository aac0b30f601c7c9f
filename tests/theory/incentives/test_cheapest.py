import re
from itertools import product
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from tests.examples import examples
from theory.equilibria.dominance import dominated_actions
from theory.equilibria.n_players import pure_equilibria
from theory.games.catalogue import named_game
from theory.games.game import Game
from theory.incentives.cheapest import cheapest_incentives
from theory.incentives.implementation import k_implementation
from theory.incentives.program import Effort, IncentiveProgram, Limits, Objective
from theory.many_players.linear_dilemma import linear_dilemma
from theory.verdicts.verdict import judge

small_payoffs = st.integers(-4, 4).map(float)
bimatrices = arrays(float, (2, 2, 3), elements=small_payoffs)
three_players = arrays(float, (3, 2, 2, 2), elements=small_payoffs)
games = st.one_of(bimatrices, three_players).map(Game)

PD = named_game("prisoners-dilemma")


def dominance_margin(game, target):
    """By how much the target actions are better than all others, whatever the others do."""
    margins = []
    for i, payoffs in enumerate(game.payoffs):
        own = np.moveaxis(payoffs, i, 0)
        margins += [(own[target[i]] - own[a]).min() for a in range(len(own)) if a != target[i]]
    return min(margins)


def nash_margin(game, target):
    profile = game.pure(*target)
    margins = []
    for i, a in enumerate(target):
        payoffs = game.action_payoffs(i, profile)
        margins += [payoffs[a] - p for k, p in enumerate(payoffs) if k != a]
    return min(margins)


@pytest.mark.parametrize("solution", ["nash", "dominant"])
@pytest.mark.parametrize(
    ("arguments", "on_path", "least_bound"),
    [
        ({}, 0, 0.5),
        ({"incentive_signs": "rewards"}, 2, 1),
        ({"incentive_signs": "punishments"}, 0, 1),
        ({"bound": 1}, 0, 0.5),
        ({"bound": 0.7}, 0.6, 0.5),
        ({"bound": 0.5}, 1, 0.5),
        ({"revenue_neutral": True}, 0, 1),
        ({"margin": 0.5}, 0, 0.75),
        ({"margin": 0.5, "incentive_signs": "rewards"}, 3, 1.5),
        ({"margin": 0.5, "bound": 1}, 1, 0.75),
    ],
)
def test_cooperation_in_the_prisoners_dilemma(solution, arguments, on_path, least_bound):
    # Defecting gains 1, whatever the other does.
    found = cheapest_incentives(PD, (0, 0), solution=solution, **arguments)
    assert found.feasible
    assert found.on_path == pytest.approx(on_path, abs=1e-9)
    assert found.least_bound == pytest.approx(least_bound)
    judged = PD.with_incentives(found.incentives)
    margin = arguments.get("margin", 0)
    assert (nash_margin if solution == "nash" else dominance_margin)(judged, (0, 0)) >= margin - 1e-9


@pytest.mark.parametrize(
    ("solution", "arguments", "off_path", "incentives"),
    [
        ("nash", {}, 2, [[[0, 0], [-1, 0]], [[0, -1], [0, 0]]]),
        ("nash", {"incentive_signs": "rewards"}, 0, [[[1, 0], [0, 0]], [[1, 0], [0, 0]]]),
        ("nash", {"bound": 0.75}, 1.5, [[[0.25, 0], [-0.75, 0]], [[0.25, -0.75], [0, 0]]]),
        # What one is fined, the other receives.
        ("nash", {"revenue_neutral": True}, 4, [[[0, 1], [-1, 0]], [[0, -1], [1, 0]]]),
        ("dominant", {"revenue_neutral": True}, 4, [[[0, 1], [-1, 0]], [[0, -1], [1, 0]]]),
        ("dominant", {"incentive_signs": "rewards"}, 2, [[[1, 1], [0, 0]], [[1, 0], [1, 0]]]),
        ("dominant", {"incentive_signs": "punishments"}, 4, [[[0, 0], [-1, -1]], [[0, -1], [0, -1]]]),
        (
            "dominant",
            {"off_path": "largest", "incentive_signs": "punishments"},
            1,
            [[[0, 0], [-1, -1]], [[0, -1], [0, -1]]],
        ),
        ("nash", {"off_path": "largest"}, 1, [[[0, 0], [-1, 0]], [[0, -1], [0, 0]]]),
    ],
)
def test_which_incentives(solution, arguments, off_path, incentives):
    found = cheapest_incentives(PD, (0, 0), solution=solution, **arguments)
    assert found.off_path == pytest.approx(off_path)
    assert found.incentives == pytest.approx(np.array(incentives), abs=1e-8)


def test_total_and_largest_are_different_aims():
    # Against the second column the target pays 4 too little: one incentive, or a reward and a threat of half
    # its size.
    game = Game.bimatrix([[0, 0], [0, 4]], [[0, 0], [0, 0]])
    total = cheapest_incentives(game, (0, 0), solution="dominant")
    largest = cheapest_incentives(game, (0, 0), solution="dominant", off_path="largest")
    assert (total.off_path, largest.off_path) == (pytest.approx(4), pytest.approx(2))
    assert np.abs(total.incentives).sum() == pytest.approx(4)
    assert largest.incentives[0] == pytest.approx(np.array([[0, 2], [0, -2]]), abs=1e-8)


@pytest.mark.parametrize(
    ("arguments", "least_bound"),
    [
        ({"bound": 0.4}, 0.5),
        ({"bound": 0.9, "incentive_signs": "rewards"}, 1),
        ({"bound": 0.9, "revenue_neutral": True}, 1),
        ({"revenue_neutral": True, "incentive_signs": "rewards"}, inf),
        ({"revenue_neutral": True, "incentive_signs": "punishments", "bound": 2}, inf),
        ({"bound": 0.5, "margin": 0.01}, 0.505),
    ],
)
def test_infeasible_limits_say_what_would_do(arguments, least_bound):
    found = cheapest_incentives(PD, (0, 0), **arguments)
    assert not found.feasible
    assert (found.incentives, found.on_path, found.off_path) == (None, None, None)
    assert found.least_bound == pytest.approx(least_bound)
    if least_bound < inf:
        assert cheapest_incentives(PD, (0, 0), **arguments | {"bound": least_bound}).feasible


@given(games, st.data())
@settings(max_examples=examples(40), deadline=None)
def test_rewards_alone_cost_the_regrets_as_in_k_implementation(game, data):
    target = data.draw(st.sampled_from(list(game.pure_profiles())))
    nash = cheapest_incentives(game, target, incentive_signs="rewards")
    assert nash.on_path == pytest.approx(game.regrets(game.pure(*target)).sum(), abs=1e-8)
    assert nash.off_path == pytest.approx(0, abs=1e-8)
    dominant = cheapest_incentives(game, target, incentive_signs="rewards", solution="dominant")
    assert dominant.on_path == pytest.approx(k_implementation(game, target).price, abs=1e-8)
    assert dominance_margin(game.with_incentives(dominant.incentives), target) >= -1e-8


@given(games, st.data(), st.floats(0, 2))
@settings(max_examples=examples(40), deadline=None)
def test_threats_alone_cost_nothing_on_the_path(game, data, margin):
    target = data.draw(st.sampled_from(list(game.pure_profiles())))
    found = cheapest_incentives(game, target, incentive_signs="punishments", margin=margin)
    assert found.on_path == pytest.approx(0, abs=1e-8)
    profile = game.pure(*target)
    needed = 0.0
    for i, a in enumerate(target):
        payoffs = game.action_payoffs(i, profile)
        needed += np.maximum(np.delete(payoffs, a) - payoffs[a] + margin, 0).sum()
    assert found.off_path == pytest.approx(needed, abs=1e-7)
    assert nash_margin(game.with_incentives(found.incentives), target) >= margin - 1e-7


def brute_force(game, target, solution, margin, kind, bound, revenue_neutral, off_path):
    """The same with z free and s >= |z|, dense, without scaling: payments on the path, then off it."""
    size = game.payoffs.size
    flat = np.arange(size).reshape(game.payoffs.shape)
    rows, right = [], []

    def demand(coefficients, value):
        row = np.zeros(2 * size + 1)
        for column, coefficient in coefficients:
            row[column] += coefficient
        rows.append(row)
        right.append(value)

    for i, n in enumerate(game.n_actions):
        for others in product(*(range(k) for j, k in enumerate(game.n_actions) if j != i)):
            on = others == tuple(a for j, a in enumerate(target) if j != i)
            for a in range(n):
                if a != target[i] and (on or solution == "dominant"):
                    good = (i, *others[:i], target[i], *others[i:])
                    bad = (i, *others[:i], a, *others[i:])
                    demand(
                        [(flat[good], -1), (flat[bad], 1)], game.payoffs[good] - game.payoffs[bad] - margin
                    )
    on_path = np.zeros(game.payoffs.shape, dtype=bool)
    on_path[(slice(None), *target)] = True
    for e in range(size):
        demand([(e, 1), (size + e, -1)], 0)
        demand([(e, -1), (size + e, -1)], 0)
        if off_path == "largest" and not on_path.flat[e]:
            demand([(size + e, 1), (2 * size, -1)], 0)
    limit = inf if bound is None else bound
    low = 0 if kind == "rewards" else -limit
    high = 0 if kind == "punishments" else limit
    equal = None
    if revenue_neutral:
        equal = np.zeros((size // game.n_players, 2 * size + 1))
        for outcome, entries in enumerate(flat.reshape(game.n_players, -1).T):
            equal[outcome, entries] = 1
    on_cost = np.concatenate([np.zeros(size), on_path.ravel(), [0.0]])
    off_cost = np.concatenate([np.zeros(size), ~on_path.ravel(), [0.0]])
    if off_path == "largest":
        off_cost = np.append(np.zeros(2 * size), 1.0)
    answers = []
    for cost in (on_cost, off_cost):
        found = linprog(
            cost,
            A_ub=np.array(rows),
            b_ub=right,
            A_eq=equal,
            b_eq=None if equal is None else np.zeros(len(equal)),
            bounds=[(low, high)] * size + [(0, None)] * (size + 1),
        )
        if found.status == 2:
            return None
        answers.append(found.fun)
        demand(list(enumerate(cost)), found.fun + 1e-9)
    return answers


@given(
    games,
    st.data(),
    st.sampled_from(["nash", "dominant"]),
    st.sampled_from([0.0, 0.5]),
    st.sampled_from(["both", "rewards", "punishments"]),
    st.sampled_from([None, 1.0, 3.0]),
    st.booleans(),
    st.sampled_from(["total", "largest"]),
)
@settings(max_examples=examples(100), deadline=None)
def test_payments_are_the_least_there_are(
    game, data, solution, margin, kind, bound, revenue_neutral, off_path
):
    target = data.draw(st.sampled_from(list(game.pure_profiles())))
    limits = (solution, margin, kind, bound, revenue_neutral, off_path)
    names = ("solution", "margin", "incentive_signs", "bound", "revenue_neutral", "off_path")
    found = cheapest_incentives(game, target, **dict(zip(names, limits, strict=True)))
    expected = brute_force(game, target, *limits)
    assert found.feasible == (expected is not None)
    if not found.feasible:
        assert bound is None or found.least_bound > bound - 1e-9 or revenue_neutral
        return
    assert (found.on_path, found.off_path) == pytest.approx(expected, abs=1e-6)
    judged = game.with_incentives(found.incentives)
    assert (nash_margin if solution == "nash" else dominance_margin)(judged, target) >= margin - 1e-6
    if bound is not None:
        assert np.abs(found.incentives).max() <= bound + 1e-8
    assert kind != "rewards" or found.incentives.min() >= 0
    assert kind != "punishments" or found.incentives.max() <= 0
    assert not revenue_neutral or np.abs(found.incentives.sum(axis=0)).max() < 1e-7
    # With the least bound the target can just be reached, with less it cannot.
    assert found.least_bound <= np.abs(found.incentives).max() + 1e-7
    if found.least_bound > 1e-6:
        less = brute_force(game, target, *limits[:3], 0.999 * found.least_bound, *limits[4:])
        assert less is None


def test_mixed_targets_are_made_equilibria():
    game = named_game("battle-of-the-sexes")
    halves = [[0.5, 0.5], [0.5, 0.5]]
    found = cheapest_incentives(game, halves)
    # Each gains 1/2 by its favourite: half a unit in expectation on one of its actions.
    assert found.on_path == pytest.approx(0.5)
    assert found.off_path == 0
    assert found.least_bound == pytest.approx(0.25)
    assert game.with_incentives(found.incentives).regrets(halves) == pytest.approx([0, 0], abs=1e-9)
    # An equilibrium needs nothing.
    equilibrium = [[2 / 3, 1 / 3], [1 / 3, 2 / 3]]
    free = cheapest_incentives(game, equilibrium)
    assert (free.on_path, free.least_bound) == (pytest.approx(0, abs=1e-8), pytest.approx(0, abs=1e-8))


def test_mixed_targets_with_actions_that_are_not_played():
    # The third actions pay 3 more than the first two, which a threat of 3 + margin takes away.
    A = np.array([[1.0, -1, 0], [-1, 1, 0], [3, 3, 0]])
    game = Game.bimatrix(A, [[-1, 1, 3], [1, -1, 3], [0, 0, 0]])
    target = [[0.5, 0.5, 0], [0.5, 0.5, 0]]
    found = cheapest_incentives(game, target, margin=0.25)
    assert found.on_path == pytest.approx(0, abs=1e-8)
    assert found.off_path == pytest.approx(2 * 2 * 3.25)
    judged = game.with_incentives(found.incentives)
    for i in (0, 1):
        payoffs = judged.action_payoffs(i, target)
        assert payoffs[0] == pytest.approx(payoffs[1], abs=1e-8)
        assert payoffs[2] == pytest.approx(payoffs[0] - 0.25, abs=1e-8)
    rewarded = cheapest_incentives(game, target, margin=0.25, incentive_signs="rewards")
    assert rewarded.on_path == pytest.approx(6.5)


def test_unequal_probabilities_are_paid_where_they_are_rare():
    # A mixture that plays the first action nine times in ten, though the second pays 1 more.
    game = Game.bimatrix([[0, 0], [1, 1]], [[0, 0], [0, 0]])
    found = cheapest_incentives(game, [[0.9, 0.1], [1, 0]])
    # Taking 1 from the second action costs .1; giving 1 to the first would cost .9.
    assert found.on_path == pytest.approx(0.1)
    assert found.incentives[0] == pytest.approx(np.array([[0, 0], [-1, 0]]), abs=1e-8)


def test_many_players():
    game = linear_dilemma(8, greed=1, fear=1).to_game()
    found = cheapest_incentives(game, (0,) * 8, incentive_signs="rewards", solution="dominant", margin=0.1)
    assert found.on_path == pytest.approx(8 * 1.1)
    judged = game.with_incentives(found.incentives)
    assert dominance_margin(judged, (0,) * 8) == pytest.approx(0.1)
    assert len(dominated_actions(judged, by="pure")) == 8


@given(bimatrices, st.sampled_from([0.1, 1 / 3, 0.7]), st.booleans(), st.data())
@settings(max_examples=examples(60), deadline=None)
def test_who_is_paid_to_be_indifferent_is_indifferent(payoffs, unit, revenue_neutral, data):
    # Payoffs that are no short decimals: what is paid must be as exact as they are.
    game = Game(np.asarray(payoffs) * unit)
    target = tuple(data.draw(st.integers(0, n - 1)) for n in game.n_actions)
    cheapest = cheapest_incentives(game, target, revenue_neutral=revenue_neutral)
    if cheapest.feasible:
        paid = game.with_incentives(cheapest.incentives)
        assert target in pure_equilibria(paid)
        assert judge(paid, paid.pure(*target)).nash_tolerance == 0.0


def test_incentives_can_leave_nobody_a_choice_that_matters():
    # The column player ends with constant payoffs: whatever it is paid too little is all of their range.
    game = Game.bimatrix(np.array([[1, 1], [0, 3]]) * 0.7, np.array([[4, 3], [3, 3]]) * 0.7)
    paid = game.with_incentives(cheapest_incentives(game, (0, 1)).incentives)
    assert judge(paid, paid.pure(0, 1)).is_nash
    assert (0, 1) in pure_equilibria(paid)


@given(bimatrices, st.floats(0.01, 1000), st.floats(-100, 100), st.sampled_from(["nash", "dominant"]))
@settings(max_examples=examples(40), deadline=None)
def test_units_of_payoff(payoffs, factor, shift, solution):
    target = (1, 2)
    found = cheapest_incentives(Game(payoffs), target, solution=solution)
    moved = cheapest_incentives(Game(factor * payoffs + shift), target, solution=solution)
    assert moved.on_path == pytest.approx(factor * found.on_path, abs=1e-6 * factor)
    assert moved.off_path == pytest.approx(factor * found.off_path, abs=1e-6 * factor)
    assert moved.least_bound == pytest.approx(factor * found.least_bound, abs=1e-6 * factor)


@given(bimatrices, st.booleans())
@settings(max_examples=examples(40), deadline=None)
def test_names_of_players_and_actions_do_not_matter(payoffs, revenue_neutral):
    found = cheapest_incentives(Game(payoffs), (0, 1), revenue_neutral=revenue_neutral)
    renamed = Game(payoffs[::-1, ::-1].transpose(0, 2, 1))
    again = cheapest_incentives(renamed, (1, 1), revenue_neutral=revenue_neutral)
    assert (found.on_path, found.off_path) == pytest.approx((again.on_path, again.off_path), abs=1e-7)


def test_constant_payoffs_need_only_the_margin():
    found = cheapest_incentives(Game(np.zeros((2, 2, 2))), (0, 0), margin=3)
    assert (found.on_path, found.off_path) == (pytest.approx(0), pytest.approx(6))
    assert cheapest_incentives(Game(np.zeros((2, 2, 2))), (0, 0)).least_bound == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"solution": "nahs"}, "unknown solution 'nahs'; nearest: nash"),
        ({"off_path": "mean"}, "unknown off-path measure 'mean'"),
        ({"incentive_signs": "reward"}, "unknown incentive_signs 'reward'; nearest: rewards"),
        ({"margin": -1}, "margin must lie in [0, inf], got -1"),
        ({"bound": -0.5}, "bound must lie in [0, inf], got -0.5"),
        ({"target": (0, 2)}, "the action of player 2 must be 0 or 1, got 2"),
        ({"target": [[1, 0], [0.5, 0.6]]}, "profile of player 2 must sum to one"),
        (
            {"target": [[1, 0], [0.5, 0.5]], "solution": "dominant"},
            'solution "dominant" needs a pure target, for no mixture is better than all its actions, '
            "got [[1.0, 0.0], [0.5, 0.5]]",
        ),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        cheapest_incentives(PD, **{"target": (0, 0)} | arguments)


def test_games_too_large():
    with pytest.raises(ValueError, match="at most 20000 payoffs for its incentives to be found, got 20402"):
        cheapest_incentives(Game(np.zeros((2, 101, 101))), (0, 0))


def test_a_solver_that_gives_up_is_an_error():
    rows = np.random.default_rng(0).normal(size=(60, 3200))
    program = IncentiveProgram((40, 40), Limits(revenue_neutral=True), 1.0, Effort(seconds=0.0))
    for row in rows:
        program.at_least(np.arange(3200), row, 1.0)
    with pytest.raises(ValueError, match=r"must be solved within 0 seconds, got .*[Tt]ime"):
        program.least_bound()


def test_incentives_that_miss_their_demands_are_an_error():
    program = IncentiveProgram((2, 2), Limits(), 1.0, Effort(decimals=1))
    program.at_least([0, 2], [1.0, -1.0], 1 / 3)
    with pytest.raises(ValueError, match=r"must meet its demands to 1e-7 of the payoff range, got 0\.03"):
        program.minimise(Objective(np.ones((2, 2, 2))))


@pytest.mark.parametrize(("kind", "signs"), [("any", "both"), ("punishments", "punishments")])
def test_the_old_name_of_signs_means_the_same(kind: str, signs: str) -> None:
    game = named_game("prisoners-dilemma")
    with pytest.warns(DeprecationWarning, match="kind of cheapest_incentives is called incentive_signs now"):
        old = cheapest_incentives(game, (0, 0), kind=kind)
    new = cheapest_incentives(game, (0, 0), incentive_signs=signs)
    assert np.array_equal(old.incentives, new.incentives)
