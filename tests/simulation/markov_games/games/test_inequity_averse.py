"""Players who mind inequity: step by step as `theory` has it, and what keeps the peace in an iterated dilemma."""

import jax.numpy as jnp
import numpy as np
import pytest

from simulation.markov_games.enumerated import enumerate_game
from simulation.markov_games.exact import best_response
from simulation.markov_games.games.commons import Commons
from simulation.markov_games.games.inequity_averse import InequityAverse
from simulation.markov_games.games.iterated_game import IteratedGame
from simulation.markov_games.planner.planning import ExactPlanning, plan_exactly
from simulation.markov_games.policy_game import judge_policies
from theory import Game, named_game


def test_every_step_pays_what_the_one_shot_game_of_its_rewards_would() -> None:
    within = Commons(players=3, capacity=5)
    tables = enumerate_game(within)
    minding = enumerate_game(InequityAverse(game=within, envy=0.7, guilt=0.3))
    assert np.array_equal(minding.successors, tables.successors)
    for state in range(tables.n_states):
        stage = Game(tables.rewards[:, state].reshape(3, 3, 3, 3))
        wanted = stage.inequity_averse(envy=0.7, guilt=0.3).payoffs.reshape(3, -1)
        assert minding.rewards[:, state] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("guilt", [0.2, 0.3])
def test_cooperation_without_memory_is_an_equilibrium_from_the_threshold_on(guilt: float) -> None:
    # One round of Table 4.1's dilemma: T - guilt (T - S) <= R, so guilt >= (4 - 3) / (4 - 0) = .25.
    game = IteratedGame(game=named_game("prisoners-dilemma"), horizon=1)
    tables = enumerate_game(InequityAverse(game=game, guilt=guilt))
    cooperate = np.tile(np.eye(2)[0], (2, tables.n_states, 1))
    assert (best_response(tables, cooperate, player=0).gain < 1e-6) == (guilt > 0.25)


@pytest.mark.slow
def test_naive_learners_cooperate_who_feel_enough_guilt_and_no_verdict_calls_that_an_equilibrium_without_it() -> (
    None
):
    game = IteratedGame(game=named_game("prisoners-dilemma"), horizon=20)
    plain = enumerate_game(game)
    learning = ExactPlanning(updates=2000, planner_updates=0, discount=0.5)
    welfare = {}
    for guilt in (0.0, 0.9):
        tables = enumerate_game(InequityAverse(game=game, guilt=guilt))
        policies = plan_exactly(tables, learning, runs=20, seed=1000)["policy"].values
        welfare[guilt] = [
            judge_policies(plain, policy, tolerance=0.02).payoffs.sum() / 20 for policy in policies
        ]
    assert max(welfare[0.0]) < 2.5
    assert min(welfare[0.9]) > 5.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"envy": -1.0}, r"envy must lie in \[0, 1e\+09\], got -1"),
        ({"guilt": float("nan")}, "guilt must"),
        ({"game": named_game("chicken")}, "game must be one that lists its outcomes, got"),
    ],
)
def test_errors_state_the_rule_and_the_value(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        InequityAverse(**{"game": Commons()} | options)


def test_players_see_and_are_counted_as_in_the_game_within() -> None:
    within = Commons(players=3, capacity=4, horizon=9)
    minding = InequityAverse(game=within, envy=1.0)
    assert (minding.n_players, minding.n_actions, minding.horizon) == (3, 3, 9)
    start = minding.starts()[1]
    assert jnp.array_equal(minding.observe(start), within.observe(start))
