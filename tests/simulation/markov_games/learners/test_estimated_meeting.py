"""Slopes and cross terms from episodes against the exact ones, and LOLA by policy gradient."""

import numpy as np
import pytest

from simulation.markov_games.learners.climbing import climb_together
from simulation.markov_games.learners.estimated_meeting import EstimatedMeeting
from simulation.markov_games.learners.lola import Lola
from simulation.markov_games.learners.look_ahead import LookAhead
from simulation.markov_games.learners.meeting import Meeting
from simulation.markov_games.learners.naive import NaiveLearner
from simulation.markov_games.learners.natural_gradient import NaturalGradient
from simulation.markov_games.learners.stable_opponent_shaping import StableOpponentShaping
from theory import Game

DILEMMA = Game.bimatrix([[-1, -3], [0, -2]], [[-1, 0], [-3, -2]])

# Of means of independent estimates; 2 games, 30 numbers each: a chance of 60 * 5.7e-7 = 3e-5 to err.
MOST_ERRORS = 5.0
REPEATS = 2000


def estimates(theta, payoffs, discount, rounds):
    """Return REPEATS meetings of one pair, each a run with its own episodes."""
    many = np.repeat(theta[:, None], REPEATS, axis=1)
    generators = tuple(np.random.default_rng([7, repeat]) for repeat in range(REPEATS))
    return EstimatedMeeting(many, payoffs, discount, generators, 4, rounds)


def within_sampling_error(found, exact):
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert np.all(np.abs(found.mean(axis=0) - exact) <= MOST_ERRORS * error)
    assert np.all(error < 0.2 * np.abs(exact).max())  # so that it says something


@pytest.mark.parametrize("number", [0, 1])
def test_estimates_are_right_on_average(number):
    # What is left out after 25 rounds is below .6^25 = 3e-6 of what is counted.
    rng = np.random.default_rng(number)
    theta, payoffs, discount = rng.normal(size=(2, 5)), rng.normal(size=(2, 4)), 0.6
    exact = Meeting(theta[:, None], payoffs, discount)
    found = estimates(theta, payoffs, discount, 25)
    along = rng.normal(size=5)
    for of in (0, 1):
        for by in (0, 1):
            within_sampling_error(found.slope(of, by), exact.slope(of, by)[0])
            within_sampling_error(
                found.cross(of, by, np.tile(along, (REPEATS, 1))), exact.cross(of, by, along[None])[0]
            )
    within_sampling_error(found.visits(), exact.visits()[0])


def test_what_lola_climbs_is_right_on_average_though_it_is_a_product_of_estimates():
    rng = np.random.default_rng(4)
    theta, payoffs, discount = rng.normal(size=(2, 5)), rng.normal(size=(2, 4)), 0.6
    learner = Lola(lookahead_rate=0.7)
    exact = learner.direction(Meeting(theta[:, None], payoffs, discount), 0)[0]
    within_sampling_error(learner.direction(estimates(theta, payoffs, discount, 25), 0), exact)


def test_one_run_does_not_depend_on_others_and_episodes_are_new_in_each_update():
    asked = {"game": DILEMMA, "updates": 5, "episodes": 8, "rounds": 10, "seed": 3}
    alone = climb_together(Lola(), NaiveLearner(), runs=1, **asked)
    among = climb_together(Lola(), NaiveLearner(), runs=3, **asked)
    np.testing.assert_array_equal(alone["payoff_before"].values[0], among["payoff_before"].values[0])
    generators = (np.random.default_rng(1),)
    one = EstimatedMeeting(np.zeros((2, 1, 5)), np.eye(2, 4), 0.9, generators, 8, 10)
    assert np.any(one.moved(0, np.zeros((1, 5))).slope(0, 0) != one.slope(0, 0))


@pytest.mark.parametrize("kind", [NaiveLearner, NaturalGradient, LookAhead, Lola, StableOpponentShaping])
def test_every_learner_by_gradients_learns_from_episodes(kind):
    learner = kind(rate=0.05)
    data = climb_together(learner, learner, game=DILEMMA, updates=20, episodes=16, rounds=30, runs=2, seed=1)
    exact = climb_together(learner, learner, game=DILEMMA, updates=20, runs=2, seed=1)
    assert np.isfinite(data["payoff"].values).all()
    assert np.any(data["cooperation"].values != exact["cooperation"].values)
    assert data.attrs["seed"] == 1


def test_one_episode_is_refused():
    with pytest.raises(
        ValueError, match="episodes must be 0, or at least 2 to be compared with each other, got 1"
    ):
        climb_together(Lola(), Lola(), game=DILEMMA, episodes=1)


@pytest.mark.slow
def test_lola_by_policy_gradient_cooperates_where_naive_learners_do_not():
    # 20 pairs each, 64 episodes of 100 rounds. By exact gradients every pair of these seeds is above -1.3, and every
    # naive one below -1.9. If .8 of pairs were above, 12 or fewer of 20 would be with a chance of 3%.
    asked = {"game": DILEMMA, "updates": 200, "episodes": 64, "rounds": 100, "runs": 20, "seed": 1000}
    lola = climb_together(Lola(rate=0.3), Lola(rate=0.3), **asked)["payoff"].values.mean(axis=1)
    naive = climb_together(NaiveLearner(rate=0.3), NaiveLearner(rate=0.3), **asked)["payoff"].values.mean(
        axis=1
    )
    assert (lola > -1.3).sum() >= 13
    assert naive.max() < -1.9
