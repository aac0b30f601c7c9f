"""Escape Room by its rules, and what is the best that joint play can have."""

from itertools import product

import jax.numpy as jnp
import numpy as np
import pytest

from simulation.markov_games.enumerated import enumerate_game
from simulation.markov_games.exact import best_welfare
from simulation.markov_games.games.escape_room import EscapeRoom, RoomState


@pytest.mark.parametrize(("players", "needed", "best"), [(2, 1, 9), (3, 2, 8), (3, 1, 19)])
def test_the_best_is_that_some_hold_the_lever_and_the_others_leave_at_once(
    players: int, needed: int, best: float
) -> None:
    # N - M get out for 10 each, and the M who go to the lever pay 1 each.
    assert best == 10 * (players - needed) - needed
    assert best_welfare(enumerate_game(EscapeRoom(players=players, needed=needed))) == pytest.approx(
        best, abs=1e-9
    )


def test_every_step_of_two_players_by_hand() -> None:
    game = EscapeRoom()
    for places, actions in product(product(range(3), repeat=2), repeat=2):
        may = game.outcomes(RoomState(jnp.array(places)), jnp.array(actions))
        is_open = 0 in actions
        expected = [
            10.0 if is_open and actions[i] == 2 else 0.0 if actions[i] == places[i] else -1.0
            for i in range(2)
        ]
        assert np.asarray(may.rewards[0], float).tolist() == expected
        assert bool(may.terminated[0]) == (is_open and 2 in actions)
        assert np.asarray(may.states.places[0]).tolist() == list(actions)


def test_where_the_door_opened_for_somebody_the_episode_ends() -> None:
    tables = enumerate_game(EscapeRoom())
    ends = tables.probabilities.sum(axis=2) == 0.0
    lever_and_door = [set(actions) == {0, 2} for actions in tables.actions.tolist()]
    assert np.array_equal(ends, np.tile(lever_and_door, (tables.n_states, 1)))
    # Lever and door together are nobody's places at the beginning of a step.
    assert tables.n_states == 9 - 2


def test_everybody_sees_the_room_from_its_own_place() -> None:
    seen = np.asarray(EscapeRoom(players=3, needed=1).observe(RoomState(jnp.array([0, 1, 2]))), int)
    assert seen.reshape(3, 3, 3).argmax(axis=2).tolist() == [[0, 1, 2], [1, 2, 0], [2, 0, 1]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"players": 1}, r"players must lie in \[2, 10\], got 1"),
        ({"needed": 2}, r"needed must lie in \[1, 1\], got 2"),
        ({"needed": 0}, r"needed must lie in \[1, 1\], got 0"),
        ({"horizon": 0}, "horizon must be at least 1, got 0"),
        ({"escape": -1.0}, "escape must lie in"),
    ],
)
def test_errors_state_the_rule_and_the_value(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EscapeRoom(**options)
