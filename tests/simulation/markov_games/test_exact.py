"""Values, visits and best responses against closed forms, other parts of the project, and all policies tried."""

from itertools import product

import numpy as np
import pytest

from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.exact import (
    best_response,
    best_welfare,
    discounted_values,
    episode_values,
    joint_policy,
    visits,
)
from simulation.markov_games.games.escape_room import EscapeRoom
from simulation.markov_games.games.iterated_game import IteratedGame
from theory import Game, named_game
from theory.repeated.memory_one import MemoryOne, memory_one_payoffs

PD = named_game("prisoners-dilemma")


@pytest.fixture(scope="module")
def iterated() -> EnumeratedGame:
    return enumerate_game(IteratedGame(game=PD, slip=0.02))


def remembering(
    tables: EnumeratedGame, first: float, after: dict[tuple[int, int], float], player: int
) -> np.ndarray:
    """Return `[S, 2]`: a memory-one strategy, `after[own, other]` its chances of C."""
    policy = np.empty((tables.n_states, 2))
    for state, (one, two) in enumerate(np.asarray(tables.states.actions).tolist()):
        own, other = (one, two) if player == 0 else (two, one)
        chance = first if own < 0 else after[own, other]
        policy[state] = chance, 1.0 - chance
    return policy


def test_discounted_values_are_those_of_memory_one_strategies(iterated: EnumeratedGame) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        pair = rng.random((2, 5))
        policies = np.stack(
            [
                remembering(iterated, p[0], dict(zip(product((0, 1), repeat=2), p[1:], strict=True)), player)
                for player, p in enumerate(pair)
            ]
        )
        # The theory's noise swaps as slips do; its discounted payoffs are means, ours are sums.
        first, second = (MemoryOne(p[0], tuple(p[1:])) for p in pair)
        expected = memory_one_payoffs(first, second, PD, noise=0.02, discount=0.9).payoffs
        start = discounted_values(iterated, policies, discount=0.9) @ iterated.start
        assert (1.0 - 0.9) * start == pytest.approx(expected, abs=1e-10)


def test_visits_add_up_and_give_the_values(iterated: EnumeratedGame) -> None:
    policies = np.full((2, iterated.n_states, 2), 0.5)
    counted = visits(iterated, policies, horizon=7)
    assert counted.sum() == pytest.approx(7.0)
    discounted = visits(iterated, policies, horizon=400, discount=0.9)
    assert discounted.sum() == pytest.approx(10.0)
    values = discounted_values(iterated, policies, discount=0.9) @ iterated.start
    assert np.einsum("nsj,sj->n", iterated.rewards, discounted) == pytest.approx(values, abs=1e-9)


def test_a_best_response_is_the_best_of_all_pure_policies(iterated: EnumeratedGame) -> None:
    rng = np.random.default_rng(1)
    for player, discount in ((0, 0.5), (1, 0.9), (0, 0.99)):
        policies = rng.dirichlet([1.0, 1.0], (2, iterated.n_states))
        tried = []
        for actions in product((0, 1), repeat=iterated.n_states):
            trial = policies.copy()
            trial[player] = np.eye(2)[list(actions)]
            tried.append(iterated.start @ discounted_values(iterated, trial, discount=discount)[player])
        found = best_response(iterated, policies, player=player, discount=discount)
        assert found.value == pytest.approx(max(tried), abs=1e-9)
        in_force = iterated.start @ discounted_values(iterated, policies, discount=discount)[player]
        assert found.gain == pytest.approx(max(tried) - in_force, abs=1e-9)


def test_the_best_response_in_an_episode_knows_that_it_ends() -> None:
    # Against Tit-for-Tat it pays to cooperate, but for the last round of ten.
    tables = enumerate_game(IteratedGame(game=PD, horizon=10))
    copies = {(own, other): float(other == 0) for own, other in product((0, 1), repeat=2)}
    policies = np.stack([remembering(tables, 1.0, copies, player) for player in (0, 1)])
    found = best_response(tables, policies, player=0)
    r, t = PD.payoffs[0, 0, 0], PD.payoffs[0, 1, 0]
    assert found.value == pytest.approx(9 * r + t)
    assert found.gain == pytest.approx(t - r)
    assert found.actions[-1].tolist() == [1] * tables.n_states


def test_a_matrix_game_played_once_is_that_game() -> None:
    rng = np.random.default_rng(2)
    game = Game(rng.random((3, 2, 2, 2)))
    tables = enumerate_game(IteratedGame(game=game, horizon=1, remember=False))
    profile = rng.dirichlet([1.0, 1.0], 3)
    policies = np.repeat(profile[:, None, :], tables.n_states, axis=1)
    assert episode_values(tables, policies) == pytest.approx(game.expected_payoffs(list(profile)), abs=1e-6)
    assert best_welfare(tables) == pytest.approx(game.payoffs.sum(axis=0).max(), abs=1e-6)


def test_a_game_that_ends_is_worth_only_what_came_before() -> None:
    tables = enumerate_game(EscapeRoom())
    sure = np.zeros((2, tables.n_states, 3))
    sure[0, :, 0] = sure[1, :, 2] = 1.0  # the first goes to the lever, the second to the door
    assert visits(tables, sure).sum() == pytest.approx(1.0)
    assert episode_values(tables, sure) == pytest.approx([-1.0, 10.0])
    assert discounted_values(tables, sure, discount=0.9) @ tables.start == pytest.approx([-1.0, 10.0])
    assert joint_policy(tables, sure).sum(axis=1) == pytest.approx(np.ones(tables.n_states))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda game, policies: visits(game, policies[:, :, :1]),
            r"policies must be \[player, state, action\] of shape",
        ),
        (lambda game, policies: visits(game, policies * 0.9), "that sum to 1 in every state"),
        (lambda game, policies: discounted_values(game, policies, discount=1.0), "discount must be below 1"),
        (lambda game, policies: best_response(game, policies, player=2), "player must be"),
        (lambda game, policies: visits(game, policies, horizon=0), "horizon must be at least 1, got 0"),
        (lambda game, policies: enumerate_game(game), "if it lists its outcomes, got EnumeratedGame"),
        (
            lambda game, policies: enumerate_game(game.game, max_states=3),
            "at most 3 states to be enumerated",
        ),
    ],
)
def test_errors_state_the_rule_and_the_value(iterated: EnumeratedGame, call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(iterated, np.full((2, iterated.n_states, 2), 0.5))
