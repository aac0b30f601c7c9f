"""What bounds and budgets allow: closed forms against the linear programs of theory, and what is said when."""

import itertools
import warnings

import numpy as np
import pytest

from simulation import MechanismDesignParameters, simulate
from simulation.engine.randomness import run_generator
from theory import Game, linear_dilemma, named_game
from theory.incentives.cheapest import cheapest_incentives
from theory.incentives.reach import (
    least_bound,
    least_budget,
    regrets_at_best,
    regrets_at_best_of_many,
    warn_if_out_of_reach,
)

NAMES = ("prisoners-dilemma", "chicken", "stag-hunt", "harmony", "prisoners-dilemma-3.2")
SIGNS = ("both", "rewards", "punishments")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("signs", SIGNS)
def test_least_bound_is_that_of_the_linear_program(name: str, signs: str) -> None:
    game = named_game(name)
    outcome, regrets = regrets_at_best(game)
    program = cheapest_incentives(game, outcome, incentive_signs=signs)
    assert least_bound(regrets, signs=signs) == pytest.approx(program.least_bound, abs=1e-6)


@pytest.mark.parametrize(("greed", "fear"), [(1.0, 1.0), (0.5, -1.0), (-1.0, 1.0), (3.0, -1.5), (5.0, 2.0)])
def test_regrets_of_many_players_are_those_of_the_tensor(greed: float, fear: float) -> None:
    dilemma = linear_dilemma(5, greed=greed, fear=fear)
    cooperators, regrets = regrets_at_best_of_many(dilemma)
    outcome, of_players = regrets_at_best(dilemma.to_game())
    assert cooperators == 5 - sum(outcome)
    assert regrets.max() == pytest.approx(of_players.max(), abs=1e-12)


def test_an_outcome_that_some_defect_in_is_named_by_its_cooperators() -> None:
    # T = 8, so that W(k) of two players is 8 for one cooperator and 6 for two; who cooperates gains 1.
    dilemma = linear_dilemma(2, greed=5.0, fear=1.0)
    assert regrets_at_best_of_many(dilemma)[0] == 1
    with pytest.warns(UserWarning, match="make cooperation of 1 of 2, .* the least bound is 0.5"):
        warn_if_out_of_reach(dilemma, 0.3)


@pytest.mark.parametrize("seed", range(6))
def test_least_revenue_neutral_bound_is_that_of_the_linear_program(seed: int) -> None:
    game = Game(run_generator(seed).normal(size=(2, 2, 2)))
    outcome, regrets = regrets_at_best(game)
    program = cheapest_incentives(game, outcome, revenue_neutral=True)
    assert least_bound(regrets, revenue_neutral=True) == pytest.approx(program.least_bound, abs=1e-6)


@pytest.mark.parametrize("n_players", [2, 3, 4])
@pytest.mark.parametrize("seed", range(4))
def test_least_revenue_neutral_bound_of_many_players_is_that_of_a_linear_program(
    n_players: int, seed: int
) -> None:
    # Variables: rewards r of n players at the outcome, and where each of them leaves it; the bound on them.
    from scipy.optimize import linprog

    n = n_players
    gains = run_generator(seed).exponential(size=n) ** 2
    gains[: seed % n] = 0.0  # of those who are content
    less_mean = np.eye(n) - 1.0 / n
    rows = np.zeros((n, (n + 1) * n + 1))
    for i in range(n):
        rows[i, :n] = -less_mean[i]
        rows[i, (i + 1) * n : (i + 2) * n] = less_mean[i]
    size = rows.shape[1] - 1
    within = [np.append(sign * unit, -1.0) for unit in np.eye(size) for sign in (1, -1)]
    found = linprog(
        np.append(np.zeros(size), 1.0),
        A_ub=np.vstack([rows, within]),
        b_ub=np.append(-gains, np.zeros(2 * size)),
        bounds=[(None, None)] * (size + 1),
    )
    assert least_bound(gains, revenue_neutral=True) == pytest.approx(found.fun, abs=1e-7)


@pytest.mark.parametrize("signs", SIGNS)
def test_least_bound_of_three_players_is_that_of_the_linear_program(signs: str) -> None:
    for seed in range(4):
        game = Game(run_generator(seed).normal(size=(3, 2, 3, 2)))
        outcome, regrets = regrets_at_best(game)
        program = cheapest_incentives(game, outcome, incentive_signs=signs)
        assert least_bound(regrets, signs=signs) == pytest.approx(program.least_bound, abs=1e-6)


def test_least_budget_by_brute_force_over_the_incentives_at_the_outcome() -> None:
    # With gains of 3 and 2, a bound of 2 and a budget B: punish each by min(2, B), reward the rest.
    gains, grid = np.array([3.0, 2.0]), np.linspace(0, 5, 501)

    def works(budget: float, bound: float) -> bool:
        free = min(bound, budget)
        return any(
            x + y <= budget + 1e-9 and x + free >= 3.0 - 1e-9 and y + free >= 2.0 - 1e-9
            for x, y in itertools.product(np.linspace(0, bound, 41), repeat=2)
        )

    for bound in (2.0, 4.0):
        least = min(b for b in grid if works(b, bound))
        assert least_budget(gains, bound) == pytest.approx(least, abs=0.06)
    assert least_budget(gains, 4.0, signs="rewards") == 5.0
    assert least_budget(gains, 4.0, signs="punishments") == 3.0
    assert least_budget(gains, 1.0) == float("inf")


def test_the_outcome_that_needs_least_is_chosen_among_the_best() -> None:
    game = Game.bimatrix([[2, 0], [3, 2]], [[2, 0], [0, 2]])
    assert regrets_at_best(game)[0] == (1, 1)


def test_of_outcomes_as_good_as_each_other_the_one_that_needs_least_decides() -> None:
    # Welfare is 6 where all play A and where all play B; leaving A gains 1 for player 1, leaving B 0.9 for each.
    payoffs = np.zeros((3, 2, 2, 2))
    payoffs[:, 0, 0, 0] = payoffs[:, 1, 1, 1] = 2.0
    payoffs[0, 1, 0, 0] = 3.0
    for i in range(3):
        payoffs[(i, *(0 if j == i else 1 for j in range(3)))] = 2.9
    game = Game(payoffs)
    assert regrets_at_best(game)[0] == (1, 1, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # A reward of 1 at A is enough, where B would need 2.7.
        warn_if_out_of_reach(game, 3.0, signs="rewards", budget=1.0)
    with pytest.warns(UserWarning, match=r"0.99 a round make \(C, C, C\).* the least budget is 1$"):
        warn_if_out_of_reach(game, 3.0, signs="rewards", budget=0.99)
    with pytest.warns(UserWarning, match=r"bound 0.89 make \(D, D, D\).* the least bound is 0.9$"):
        warn_if_out_of_reach(game, 0.89, signs="rewards", budget=0.99)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bound": 0.4}, r"within the bound 0.4 make \(C, C\).*the least bound is 0.5"),
        ({"bound": 0.9, "incentive_signs": "rewards"}, "the least bound is 1"),
        ({"bound": 0.9, "budget": "revenue-neutral"}, "the least bound is 1"),
        (
            {"value_function": "literal", "budget": "limited", "budget_limit": 0.5},
            r"within the budget 0.5 a round make \(C, C\).*the least budget is 0.666667",
        ),
        # An incentive is felt 1 - 2f times as much.
        ({"bound": 0.9, "flip_probability": 0.3}, "the least bound is 1.25"),
        ({"sees": (True, False)}, r"player 2 gains 1 by leaving it, and the planner does not see"),
        ({"sees": (False, True)}, r"player 1 gains 1 by leaving it, and the planner does not see"),
    ],
)
def test_what_cannot_work_is_said_before_the_run(options: dict, message: str) -> None:
    parameters = MechanismDesignParameters(episodes=2, **options)
    with pytest.warns(UserWarning, match=message):
        simulate(parameters, runs=1)


def test_what_can_work_is_not_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_if_out_of_reach(named_game("prisoners-dilemma"), 0.5)
        warn_if_out_of_reach(named_game("stag-hunt"), 0.01)
        warn_if_out_of_reach(named_game("stag-hunt"), 0.01, sees=(True, False))
        warn_if_out_of_reach(named_game("prisoners-dilemma"), 1.25, flip=0.3)
        simulate(MechanismDesignParameters(bound=0.4, planner_episodes=0, episodes=2), runs=1)
        # Learners who care for each other need less: (1 - alpha) T is what tempts.
        simulate(MechanismDesignParameters(bound=0.4, alpha=(0.5, 0.5), episodes=2), runs=1)


def test_a_run_that_diverges_stops_with_the_episode_and_the_values() -> None:
    parameters = MechanismDesignParameters(
        optimiser="ascent", learning_rate=1e200, episodes=50, critic_units=2
    )
    with pytest.raises(
        ValueError, match=r"run 0 diverged in episode \d+: after theta \[.*came theta \[.*nan"
    ):
        simulate(parameters, runs=1, seed=0)


@pytest.mark.parametrize("flip", [0.1, 0.35])
@pytest.mark.parametrize("revenue_neutral", [False, True])
def test_least_bound_under_flips_is_that_of_a_linear_program(flip: float, revenue_neutral: bool) -> None:
    # Variables: what two players get at what is seen of (a_1, a_2), and the bound; both gain by leaving (C, C).
    from scipy.optimize import linprog

    game = Game.bimatrix([[3, 0], [4, 1]], [[3, 5.5], [0, 1]])
    gains = game.regrets(game.pure(0, 0))
    right = np.array([1 - flip, flip])  # of seeing C, when C is played
    rows = []
    for i in range(2):
        row = np.zeros((2, 2, 2))  # player, seen of 1, seen of 2
        change = np.multiply.outer(right - right[::-1], right)
        row[i] = change if i == 0 else change.T
        rows.append(np.append(-row.ravel(), 0.0))
    within = [np.append(sign * unit, -1.0) for unit in np.eye(8) for sign in (1, -1)]
    sums = np.array([np.append(np.tile(unit, 2), 0.0) for unit in np.eye(4)]) if revenue_neutral else None
    found = linprog(
        np.append(np.zeros(8), 1.0),
        A_ub=np.array(rows + within),
        b_ub=np.append(-gains, np.zeros(16)),
        A_eq=sums,
        b_eq=None if sums is None else np.zeros(4),
        bounds=[(None, None)] * 9,
    )
    least = least_bound(gains / (1 - 2 * flip), revenue_neutral=revenue_neutral)
    assert least == pytest.approx(found.fun, abs=1e-7)


def test_where_everybody_cooperates_or_nobody_does() -> None:
    everybody = linear_dilemma(5, greed=1.0, fear=1.0)
    cooperators, regrets = regrets_at_best_of_many(everybody)
    assert (cooperators, regrets.tolist()) == (5, [1.0, 0.0])
    nobody = linear_dilemma(5, greed=-1.0, fear=3.0, reward=0.0, punishment=4.0)
    assert regrets_at_best_of_many(nobody)[0] == 0
