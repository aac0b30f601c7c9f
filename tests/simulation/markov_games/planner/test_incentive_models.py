"""What a planner looks at, and what it may pay: encodings against the rules of games, options' promises."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.games.coin_game import MOVES, CoinGame
from simulation.markov_games.planner.encodings import Offers, Views, encoding_of, events, own_frame
from simulation.markov_games.planner.incentive_models import (
    Limits,
    Rules,
    incentives_of,
    unbounded_incentives,
)
from simulation.markov_games.planner.planning import ExactPlanning, plan_exactly
from simulation.markov_games.planner.policies import LEAK

outputs = st.lists(st.floats(-5.0, 5.0), min_size=12, max_size=12).map(
    lambda each: jnp.asarray(each).reshape(3, 2, 2)
)
BOUND = st.floats(0.1, 10.0)


@pytest.fixture(scope="module")
def coins() -> EnumeratedGame:
    return enumerate_game(CoinGame())


def picks(game: EnumeratedGame) -> np.ndarray:
    """Return `[S, J, player, own colour or not]`: who picks up what, by the rules of moves alone."""
    moved = np.empty((game.n_states, len(game.actions), 2), int)
    for player in range(2):
        cells = np.asarray(game.states.players)[:, player]
        for joint, actions in enumerate(game.actions):
            row, column = MOVES[actions[player]]
            moved[:, joint, player] = (cells // 3 + row) % 3 * 3 + (cells % 3 + column) % 3
    lying = np.asarray(game.states.coins)
    found = [[moved[..., i] == lying[:, None, colour] for colour in (i, 1 - i)] for i in range(2)]
    return np.moveaxis(np.array(found), (0, 1), (2, 3))


def test_events_are_who_picks_what_seen_by_who_is_paid(coins: EnumeratedGame) -> None:
    cells, seen = events(coins), picks(coins)
    assert cells.max() == 6
    pairs = []
    for player in range(2):
        told = seen[:, :, ::-1] if player else seen
        rows = told.reshape(-1, 4) @ (1, 2, 4, 8)
        pairs.append(set(zip(rows.tolist(), cells[player].ravel().tolist(), strict=True)))
    assert pairs[0] == pairs[1]
    assert len(pairs[0]) == 7


def test_own_frame_shows_the_same_to_both_where_they_stand_alike(coins: EnumeratedGame) -> None:
    views = own_frame(coins)
    assert views.states.shape == (2, 128, 27)
    joint = 1 * 4 + 3  # the first moves down, the second to the right
    assert views.actions[0, joint].tolist() == [0, 1, 0, 0, 0, 0, 0, 1]
    assert views.actions[1, joint].tolist() == [0, 0, 0, 1, 0, 1, 0, 0]


def test_a_network_is_one_over_what_it_sees(coins: EnumeratedGame) -> None:
    views = own_frame(coins)
    rng = np.random.default_rng(0)
    shapes = {"state": (27, 5), "action": (8, 5), "bias": (5,), "out": (5, 1), "shift": (1,)}
    numbers = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    found = np.asarray(unbounded_incentives({k: jnp.asarray(v) for k, v in numbers.items()}, views))
    for player, state, joint in ((0, 3, 7), (1, 100, 2)):
        inputs = np.concatenate([views.states[player, state], views.actions[player, joint]])
        units = inputs @ np.concatenate([numbers["state"], numbers["action"]]) + numbers["bias"]
        expected = np.where(units > 0.0, units, LEAK * units) @ numbers["out"] + numbers["shift"]
        assert found[player, state, joint] == pytest.approx(expected[0], rel=1e-4)


@given(outputs, BOUND)
def test_signs_and_bound_hold(z, bound: float) -> None:
    limits = Limits(bound, 0.0)
    both, pays, fines = (
        np.asarray(incentives_of(z, Rules(signs, "unrestricted"), limits))
        for signs in ("both", "rewards", "punishments")
    )
    assert np.abs(both).max() <= bound * (1 + 1e-6)
    assert pays.min() >= 0.0
    assert pays.max() <= bound * (1 + 1e-6)
    assert fines.max() <= 0.0
    assert pays - fines == pytest.approx(both + bound, abs=1e-5 * bound)


@given(outputs, BOUND)
def test_neutral_incentives_sum_to_nothing(z, bound: float) -> None:
    paid = np.asarray(incentives_of(z, Rules("both", "revenue-neutral"), Limits(bound, 0.0)))
    assert paid.sum(axis=0) == pytest.approx(0.0, abs=1e-5 * bound)


@given(outputs, BOUND, st.floats(0.1, 5.0))
def test_a_limited_budget_is_kept_and_changes_nothing_below_it(z, bound: float, limit: float) -> None:
    free = np.asarray(incentives_of(z, Rules("both", "unrestricted"), Limits(bound, 0.0)))
    kept = np.asarray(incentives_of(z, Rules("both", "limited"), Limits(bound, limit)))
    total, spent = np.abs(free).sum(axis=0), np.abs(kept).sum(axis=0)
    assert np.all(spent <= limit * (1 + 1e-5))
    assert spent == pytest.approx(np.minimum(total, limit), rel=1e-4)
    assert np.all(kept * free >= 0.0)


def test_what_is_no_encoding_is_refused(coins: EnumeratedGame) -> None:
    with pytest.raises(ValueError, match="unknown encoding 'own'"):
        encoding_of(coins, "own")
    with pytest.raises(ValueError, match=r"views must be \[1 or 2, 128, size\]"):
        encoding_of(coins, Views(np.zeros((3, 128, 2)), np.zeros((3, 16, 2))))
    with pytest.raises(ValueError, match=r"offers must be of shape \(2, 128, 16\), got \(2, 128\)"):
        encoding_of(coins, Offers(np.zeros((2, 128))))


def test_offers_are_paid_whatever_comes_of_them(coins: EnumeratedGame) -> None:
    z = np.random.default_rng(2).normal(size=coins.rewards.shape)
    led = ExactPlanning(updates=3, planner_updates=3, bound=1.5)
    data = plan_exactly(coins, led, encoding=Offers(z), runs=2)
    for run in (0, 1):
        np.testing.assert_allclose(data["incentive"].values[run], 1.5 * np.tanh(z), rtol=1e-6)
    # Learners are led by them, though nobody plans: without offers they would learn something else.
    alone = plan_exactly(coins, replace(led, planner_updates=0), encoding=Offers(z), runs=2)
    assert np.abs(data["policy"].values - alone["policy"].values).max() > 1e-3
