"""Planners that leave: what they offer, what learners keep, and what is refused."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from simulation.markov_games.leaving.leaving_planner import (
    GradientPlanner,
    Leaving,
    LeavingParameters,
    TablePlanner,
    setting_of,
    simulate_leaving,
    symmetric_table,
    tutor,
)
from simulation.markov_games.leaving.memory_one_learners import Learners, MemoryOneGradient
from simulation.markov_games.leaving.planner_training import AbsenceTraining, train_for_absence
from theory import Game, MemoryOne, memory_one_payoffs, named_game

GAME = named_game("prisoners-dilemma")
WIN_STAY = MemoryOne(1.0, (1.0, 0.0, 0.0, 1.0))
MIXED = (MemoryOneGradient("natural"), MemoryOneGradient("projected"))


def test_a_tutor_pays_for_what_the_target_means_and_fines_the_rest():
    table = tutor(WIN_STAY, 2.0).incentives
    for state, seen in enumerate(("", "CC", "CD", "DC", "DD")):
        meant = "C" if seen in ("", "CC", "DD") else "D"
        for outcome, actions in enumerate(("CC", "CD", "DC", "DD")):
            for player in (0, 1):
                assert table[player, state, outcome] == (2.0 if actions[player] == meant else -2.0)
    # Grim means D after CD in its own view, and so does its twin after what is DC to it.
    grim = tutor(MemoryOne(1.0, (1.0, 0.0, 1.0, 0.0)), 1.0).incentives
    assert (grim[0, 3, 0], grim[1, 3, 0], grim[0, 2, 0], grim[1, 2, 0]) == (1.0, -1.0, -1.0, 1.0)


def test_symmetric_tables_treat_players_alike():
    own = np.arange(72.0).reshape(9, 8)
    table = symmetric_table(own, 3)
    assert (table[0] == own).all()
    # What player 2 sees as DCC (itself first, place 4) is CDC (place 2), before and after.
    assert table[1, 1 + 2, 2] == own[1 + 4, 4]


def leaving(parameters):
    return Leaving(setting_of(parameters), Learners.of(parameters.each_kind), 0, 0)


def test_the_planner_of_eq_4_3_climbs_what_the_learners_next_step_does_to_welfare():
    logits = np.random.default_rng(2).normal(size=(2, 5, 1))
    along = np.random.default_rng(3).normal(size=(2, 5, 4))
    with jax.enable_x64(True):
        run = leaving(LeavingParameters(game=GAME, learners=MIXED, planner=GradientPlanner(sees="state")))
        memory = run.learners.memory_of(jnp.asarray(logits))
        rewards = run.setting.rewards

        @jax.jit
        def after(size, offered):
            steps = run.climbed(memory, rewards + offered) - memory
            return run.welfare(memory + size * steps)

        @jax.jit
        def gradient():
            nothing = jnp.zeros((2, 5, 4))
            state = run.begun(memory, jax.random.key(0))
            # Of the first step of Adam's moving mean, from phi = 0, where tanh has slope 1.
            return run.planned(state).ascent.first / 0.1 / run.setting.bound + nothing

        # The slope in the size of a small step is linear in the incentives: differences of it are exact.
        def slope(offered):
            return float(after(1e-5, offered) - after(-1e-5, offered)) / 2e-5

        changed = slope(jnp.asarray(along)) - slope(jnp.zeros((2, 5, 4)))
        found = float(jnp.vdot(gradient(), jnp.asarray(along)))
    assert found * (1 - 0.96) == pytest.approx(changed, rel=1e-5)


def test_what_a_tutor_taught_stays_and_all_runs_are_their_own():
    parameters = LeavingParameters(game=GAME, learners=MIXED, planner=tutor(WIN_STAY), updates=1000)
    data = simulate_leaving(parameters, runs=3, seed=5)
    reached = memory_one_payoffs(WIN_STAY, WIN_STAY, GAME, noise=0.02, discount=0.96).payoffs.sum()
    assert data["welfare_after"].values[:, -1] == pytest.approx(np.full(3, reached), rel=1e-2)
    meant = np.array([1, 1, 0, 0, 1])  # the same from both sides
    assert (data["cooperation"].sel(moment="end").values.round() == meant).all()
    start = data["cooperation"].sel(moment="start").values
    assert len({row.tobytes() for row in start}) == 3
    assert (data["incentive"].values == tutor(WIN_STAY).incentives).all()
    assert data["paid"].values == pytest.approx(np.full(3, 6.0))  # 3 to or from each, every round
    told = json.loads(data.attrs["parameters"])
    assert [one["name"] for one in told["learners"]] == ["natural", "projected"]
    assert told["planner"]["incentives"] == tutor(WIN_STAY).incentives.tolist()
    # The same program without a planner: it does not act, and nothing is paid.
    alone = simulate_leaving(LeavingParameters(game=GAME, learners=MIXED, updates=200), runs=3, seed=5)
    assert (alone["cooperation"].sel(moment="start").values == start).all()
    assert (alone["cooperation"].sel(moment="leaving").values == start).all()
    assert (alone["paid"].values == 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["softmax", "natural", "projected"])
def test_a_planner_trained_for_its_absence_leaves_cooperation_behind(name):
    # 20 of 20 unseen groups; were the chance .8 in each, that would be seen in one test of 87.
    parameters = LeavingParameters(game=GAME, learners=MemoryOneGradient(name))
    trained = train_for_absence(parameters, AbsenceTraining(), seed=7)
    assert trained.welfare[-1] > 5.5 > trained.welfare[0]
    met = LeavingParameters(game=GAME, learners=MemoryOneGradient(name), planner=trained.planner)
    data = simulate_leaving(met, runs=20, seed=2000)
    assert (data["welfare_after"].values[:, -20:].mean(axis=1) > 5.4).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"game": Game(np.zeros((2, 2, 3)))},
            "game must be a Game of at most 16 outcomes in which all have as many",
        ),
        (
            {"game": Game(np.zeros((2, 5, 5)))},
            "game must be a Game of at most 16 outcomes in which all have as many",
        ),
        (
            {"game": Game(np.zeros((2, 3, 3))), "episodes": 4},
            "episodes and start are for two actions, got a game of 3",
        ),
        ({"learners": (MemoryOneGradient("natural"),)}, "learners must be one for each of 2 players"),
        ({"noise": 0.0}, "noise must lie strictly between 0 and 1/2, got 0"),
        ({"discount": 1.0}, "discount must be below 1, got 1"),
        ({"updates": 100}, "updates must be at least 200, got 100"),
        ({"start": (1.0, 2.0)}, "start must have a number for each of 5 states"),
        (
            {"planner": TablePlanner(np.zeros((3, 9, 8)))},
            r"incentives must be of shape \(2, 5, 4\), got \(3, 9, 8\)",
        ),
    ],
)
def test_wrong_parameters_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        LeavingParameters(**{"game": GAME, **changed})


@pytest.mark.slow
def test_projected_learners_fall_by_the_noise_of_their_estimates():
    """Of 50 pairs 20 stayed in a trial, and with half the rate 49.

    If shares are within the 95% bounds of that (below .55, above .89), each fails in at most 2% of cases.
    """
    staying = {}
    for rate, updates in ((0.01, 1000), (0.005, 2000)):
        terms = LeavingParameters(
            game=named_game("prisoners-dilemma"),
            learners=MemoryOneGradient("projected", rate=rate),
            planner=tutor(MemoryOne(1.0, (1.0, 0.0, 0.0, 1.0)), 1.0),
            planner_updates=500,
            updates=updates,
            noise=0.05,
            episodes=64,
        )
        welfare = simulate_leaving(terms, runs=50, seed=2000)["welfare_after"].values
        staying[rate] = int((welfare[:, -20:].mean(axis=1) > 0.9 * welfare.max()).sum())
    assert staying[0.01] <= 35
    assert staying[0.005] >= 40


def test_wrong_planners_are_refused():
    with pytest.raises(ValueError, match="bound must be positive, got 0"):
        GradientPlanner(bound=0.0)
    with pytest.raises(ValueError, match="what a planner sees"):
        GradientPlanner(sees="all")
    with pytest.raises(ValueError, match="offspring must be even, got 3"):
        AbsenceTraining(offspring=3)
    with pytest.raises(ValueError, match="a tutor teaches a pure strategy, of probabilities 0 and 1, got"):
        tutor(MemoryOne(1.0, (1.0, 0.5, 1.0, 0.0)))
    with pytest.raises(ValueError, match="planner must be a GradientPlanner, a TablePlanner or None, got"):
        LeavingParameters(game=GAME, planner="tutor")
    three = (MemoryOneGradient("natural"),) * 3
    with pytest.raises(ValueError, match="each group of among must be one for each of 2 players, got"):
        train_for_absence(LeavingParameters(game=GAME), AbsenceTraining(), among=(three,))
