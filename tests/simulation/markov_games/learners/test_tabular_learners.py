"""Learners in tables: exact values that they come to, their choices, and the law as plain Python and compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from simulation.engine.runs import play_runs
from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.games.escape_room import EscapeRoom
from simulation.markov_games.games.grid_game import GridGame, second_grid_game
from simulation.markov_games.games.iterated_game import IteratedGame
from simulation.markov_games.learners.friend_or_foe_q import FoeQ, FriendQ
from simulation.markov_games.learners.independent_q import IndependentQ
from simulation.markov_games.learners.joint_action import JointAction
from simulation.markov_games.learners.law import chosen_action
from simulation.markov_games.learners.learning import learn_in_tables, process_of
from simulation.markov_games.learners.minimax_q import MinimaxQ
from simulation.markov_games.learners.tabular import TabularLearner
from simulation.markov_games.protocol import ListedGame, Outcomes
from theory import Game

CLIMBING = [[11, -30, 0], [-30, 7, 6], [0, 0, 5]]  # Claus & Boutilier 1998; both get it


@cache
def climbing() -> EnumeratedGame:
    return without_state(CLIMBING, CLIMBING)


def without_state(row: list, column: list) -> EnumeratedGame:
    return enumerate_game(IteratedGame(game=Game.bimatrix(row, column), remember=False))


@cache
def escape_room(players: int) -> EnumeratedGame:
    return enumerate_game(EscapeRoom(players=players))


class Place(NamedTuple):
    at: jax.Array


@dataclass(frozen=True)
class Corridor(ListedGame):
    """One player walks left or right in five cells, slips with 1/4, and the game ends at the right with 1."""

    horizon: int = 50
    n_players = 1
    n_actions = 2

    def starts(self) -> tuple[jax.Array, Place]:
        return jnp.ones(1), Place(jnp.zeros(1, int))

    def outcomes(self, state: Place, actions: jax.Array) -> Outcomes:
        steps = jnp.array([1, -1]) * (2 * actions[0] - 1)
        after = jnp.clip(state.at + steps, 0, 4)
        done = after == 4
        return Outcomes(jnp.array([0.75, 0.25]), Place(after), done[:, None].astype(float), done)

    def observe(self, state: Place) -> jax.Array:
        return (jnp.arange(5) == state.at)[None].astype(float)


def test_alone_q_learning_finds_the_values_of_a_decision_process() -> None:
    tables = enumerate_game(Corridor())
    order = np.asarray(tables.states.at)
    # Always to the right, V_k = .9 (3/4 V_{k+1} + 1/4 V_{k-1}), V_4 = 1 / .9 (a prize of 1 and nothing after it).
    system, right = np.eye(4), np.zeros(4)
    for k in range(4):
        if k < 3:
            system[k, k + 1] -= 0.9 * 0.75
        else:
            right[k] = 0.75
        system[k, max(k - 1, 0)] -= 0.9 * 0.25
    expected = np.linalg.solve(system, right)[order]
    learner = IndependentQ(rate=0.5, last_rate=0.001, exploration=0.3)
    data = learn_in_tables(tables, learner, discount=0.9, steps=30_000, runs=2, seed=0)
    assert data["value"].values[:, 0] == pytest.approx(np.tile(expected, (2, 1)), abs=0.04)
    assert (data["policy"].values[:, 0, :, 1] == 1.0).all()


def test_minimax_q_comes_to_the_values_and_mixtures_of_zero_sum_games() -> None:
    for payoffs, value, mixture in (
        ([[1, -1], [-1, 1]], 0.0, [1 / 2, 1 / 2]),
        ([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], 0.0, [1 / 3, 1 / 3, 1 / 3]),
        ([[3, -1], [-1, 1]], 10 / 3, [1 / 3, 2 / 3]),
    ):
        tables = without_state(payoffs, (-np.array(payoffs)).tolist())
        learner = MinimaxQ(rate=1.0, last_rate=0.01, exploration=0.2)
        data = learn_in_tables(tables, learner, discount=0.9, steps=5000, runs=5, seed=0)
        assert data["value"].values[:, :, 0] == pytest.approx(np.tile([value, -value], (5, 1)), abs=1e-3)
        assert data["policy"].values[:, 0, 0] == pytest.approx(np.tile(mixture, (5, 1)), abs=1e-3)


def test_friends_and_foes_come_to_the_exact_values_of_the_grid_games() -> None:
    for game, friend, foe in ((GridGame(), 97.0299, 0.0), (second_grid_game(), 98.01, 49.005)):
        tables = enumerate_game(game)
        start = int(tables.start.argmax())
        for kind, value in ((FriendQ, friend), (FoeQ, foe)):
            learner = kind(rate=1.0, last_rate=0.001, exploration=1.0)
            data = learn_in_tables(tables, learner, discount=0.99, steps=100_000, runs=2, seed=0)
            # Who must go through a barrier is left with the noise of its learning rate: standard deviations of 1.7.
            bar = 8.0 if value == 49.005 else 1e-3
            assert data["value"].values[:, :, start] == pytest.approx(np.full((2, 2), value), abs=bar)


def optimal(learner: TabularLearner, runs: int) -> np.ndarray:
    data = learn_in_tables(climbing(), learner, discount=0.0, steps=1000, runs=runs, seed=0)
    actions = data["policy"].values[:, :, 0].argmax(axis=2)
    return np.array(CLIMBING)[actions[:, 0], actions[:, 1]]


def test_of_climbers_only_optimists_reach_the_top() -> None:
    cooled = {"temperature": 16.0, "cooling": 0.995}
    # Of 300 runs: the bars stand five standard errors from .13 and .01.
    assert 0.03 < np.mean(optimal(IndependentQ(**cooled), 300) == 11) < 0.23
    assert np.mean(optimal(JointAction(**cooled), 300) == 11) < 0.04
    assert np.mean(optimal(JointAction(optimistic=True, **cooled), 300) == 11) == 1.0


def test_independent_climbers_do_what_a_second_writing_does() -> None:
    """Shares of the four outcomes; an error rate of about .001 each over the draws of both."""
    rng, runs, payoffs = np.random.default_rng(0), 4000, np.array(CLIMBING, float)
    worth = np.zeros((2, runs, 3))
    each, temperature = np.arange(runs), 16.0
    for _ in range(1000):
        weights = np.exp((worth - worth.max(axis=2, keepdims=True)) / temperature)
        sums = (weights / weights.sum(axis=2, keepdims=True)).cumsum(axis=2)
        one, two = (rng.random((2, runs, 1)) > sums[..., :2]).sum(axis=2)
        got = payoffs[one, two]
        for player, action in enumerate((one, two)):
            worth[player, each, action] += 0.1 * (got - worth[player, each, action])
        temperature = max(0.05, 0.995 * temperature)
    best = worth.argmax(axis=2)
    again = payoffs[best[0], best[1]]
    found = optimal(IndependentQ(temperature=16.0, cooling=0.995), 1000)
    for outcome in (5, 6, 7, 11):
        p = np.mean(again == outcome)
        error = np.sqrt(p * (1 - p) * (1 / runs + 1 / 1000))
        assert abs(np.mean(found == outcome) - p) < 3.3 * error + 1e-9


def test_the_law_as_plain_python_gives_the_same_bits() -> None:
    pairs: list[tuple[EnumeratedGame, TabularLearner | tuple[TabularLearner, ...]]] = [
        (without_state([[3, -1], [-1, 1]], [[-3, 1], [1, -1]]), (MinimaxQ(), JointAction(temperature=2.0))),
        (escape_room(2), (FriendQ(), IndependentQ())),
    ]
    for tables, learners in pairs:
        states = []
        for compile_law in (True, False):
            process = process_of(tables, learners, discount=0.9, steps=40, compile_law=compile_law)
            states.append(play_runs(process, runs=2, seed=3, every=0, workers=1).states)
        for one, two in zip(*states, strict=True):
            assert np.array_equal(one, two)


def test_choices_follow_the_policy_exploration_and_boltzmann() -> None:
    draws = np.random.default_rng(1).random((20_000, 2))
    policy, worth, weights = np.array([0.2, 0.0, 0.8]), np.array([1.0, 2.0, 0.0]), np.empty(3)

    def shares(exploration: float, temperature: float) -> np.ndarray:
        chosen = [
            chosen_action(policy, worth, exploration, temperature, *pair, weights) for pair in draws.tolist()
        ]
        return np.bincount(chosen, minlength=3) / len(draws)

    # Standard errors are at most .0036: bars stand above four of them.
    assert shares(0.0, 0.0) == pytest.approx(policy, abs=0.015)
    assert shares(0.0, 0.0)[1] == 0.0
    assert shares(0.3, 0.0) == pytest.approx(0.7 * policy + 0.1, abs=0.015)
    boltzmann = np.exp(worth / 2.0) / np.exp(worth / 2.0).sum()
    assert shares(0.3, 2.0) == pytest.approx(boltzmann, abs=0.015)


def test_a_record_holds_what_was_done_and_got() -> None:
    data = learn_in_tables(climbing(), JointAction(), discount=0.0, steps=30, runs=2, seed=0, record="all")
    one, two = np.moveaxis(data["action"].values, 2, 0)
    assert data["reward"].values[..., 0].tolist() == np.array(CLIMBING)[one, two].tolist()
    assert dict(data.sizes)["step"] == 30


def test_three_players_learn_together() -> None:
    for learner in (IndependentQ(), JointAction(), FriendQ()):
        data = learn_in_tables(escape_room(3), learner, discount=0.9, steps=50, runs=1, seed=0)
        assert data["policy"].values.sum(axis=-1) == pytest.approx(1.0)


GENERAL = Game.bimatrix([[3, 0], [4, 1]], [[3, 4], [0, 1]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: learn(without_state([[3, 0], [4, 1]], [[3, 4], [0, 1]]), MinimaxQ()),
            "^MinimaxQ plays zero-sum games of two players: rewards must add up to 0 .* got a sum of up to 6",
        ),
        (lambda: learn(escape_room(3), MinimaxQ()), "^MinimaxQ plays .*: the game must have 2 players, got 3$"),
        (lambda: learn(escape_room(3), FoeQ()), "^FoeQ plays .*: the game must have 2 players, got 3$"),
        (
            lambda: learn(escape_room(2), (FriendQ(),) * 3),
            "there must be a learner for each of 2 players, got 3 learners",
        ),
        (lambda: learn(escape_room(2), "friend"), "learners must be learners in tables"),
        (lambda: learn(EscapeRoom(), FriendQ()), "game must be a EnumeratedGame|game must be an EnumeratedGame"),
        (lambda: learn_in_tables(climbing(), FriendQ(), discount=1.5, steps=5), r"discount must lie in \[0, 1\]"),
        (lambda: learn_in_tables(climbing(), FriendQ(), discount=0.5, steps=0), "steps must be at least 1, got 0"),
        (lambda: FriendQ(rate=0.0), r"rate must lie in \(0, 1\], got 0"),
        (lambda: FriendQ(last_rate=2.0), r"last_rate must lie in \(0, 1\], got 2"),
        (lambda: FriendQ(exploration=1.1), r"exploration must lie in \[0, 1\], got 1\.1"),
        (lambda: FriendQ(cooling=0.0), r"cooling must lie in \(0, 1\], got 0"),
        (lambda: FriendQ(least_temperature=0.0), "least_temperature must be positive, got 0"),
        (lambda: FriendQ(temperature=-1.0), "temperature must lie in"),
    ],
)  # fmt: skip
def test_errors_state_the_rule_and_the_value(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def learn(game: object, learners: object) -> object:
    return learn_in_tables(game, learners, discount=0.9, steps=5, runs=1, seed=0)  # type: ignore[arg-type]
