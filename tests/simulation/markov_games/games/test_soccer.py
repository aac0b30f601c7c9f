"""Littman's soccer against a second writing of its rules, and its values against best responses to fixed policies."""

import numpy as np
import pytest

from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.exact import best_response
from simulation.markov_games.games.soccer import Soccer
from simulation.markov_games.learners.chances import chances_of
from simulation.markov_games.stationary_values import StationaryValues, foe_values

MOVES = {"north": (-1, 0), "south": (1, 0), "east": (0, 1), "west": (0, -1), "stand": (0, 0)}
BOARD = [(row, column) for row in range(4) for column in range(5)]


@pytest.fixture(scope="module")
def tables() -> EnumeratedGame:
    return enumerate_game(Soccer())


@pytest.fixture(scope="module")
def values(tables: EnumeratedGame) -> list[StationaryValues]:
    return [foe_values(tables, discount=0.9, player=player) for player in (0, 1)]


def by_hand(cells: dict[str, tuple[int, int]], holder: str, moves: dict[str, str], order: str) -> tuple:
    """Play one step of A (who attacks the west) and B; `order` is AB or BA. Returns (what is then, A's reward)."""
    for mover in order:
        other = "B" if mover == "A" else "A"
        goal = {"A": [(1, -1), (2, -1)], "B": [(1, 5), (2, 5)]}[mover]
        row, column = cells[mover]
        down, right = MOVES[moves[mover]]
        aim = (row + down, column + right)
        if holder == mover and aim in goal:
            return None, {"A": 1.0, "B": -1.0}[mover]
        if aim == cells[other]:
            holder = other
        elif aim in BOARD:
            cells = cells | {mover: aim}
    return (BOARD.index(cells["A"]), BOARD.index(cells["B"]), "AB".index(holder)), 0.0


def test_every_outcome_is_that_of_the_rules_written_a_second_time(tables: EnumeratedGame) -> None:
    chances = chances_of(tables)
    places, ball = np.asarray(tables.states.places), np.asarray(tables.states.ball)
    assert chances.cumulative[..., 0].tolist() == np.full((760, 25), 0.5).tolist()
    names = list(MOVES)
    for s in range(tables.n_states):
        cells = {"A": BOARD[places[s, 0]], "B": BOARD[places[s, 1]]}
        for j, (a, b) in enumerate(tables.actions):
            for k, order in enumerate(("AB", "BA")):
                then, reward = by_hand(cells, "AB"[ball[s]], {"A": names[a], "B": names[b]}, order)
                assert chances.rewards[s, j, k].tolist() == [reward, -reward]
                assert chances.ended[s, j, k] == (then is None)
                if then is not None:
                    at = chances.successors[s, j, k]
                    assert (*places[at].tolist(), int(ball[at])) == then


def test_all_places_of_two_players_and_a_ball_can_be_come_to(tables: EnumeratedGame) -> None:
    assert tables.n_states == 20 * 19 * 2
    assert tables.start.tolist()[:2] == [0.5, 0.5]


def test_the_value_is_what_best_responses_to_both_policies_give(
    tables: EnumeratedGame, values: list[StationaryValues]
) -> None:
    policies = np.stack([values[0].policy, values[1].policy])
    for player in (0, 1):
        against = best_response(tables, policies, player=player, discount=0.9)
        assert against.gain == pytest.approx(0.0, abs=1e-8)
        assert against.value == pytest.approx(values[player].at_start(tables), abs=1e-8)
    assert values[0].values == pytest.approx(-values[1].values, abs=1e-9)


def test_the_one_with_the_ball_at_kick_off_is_ahead_as_much_as_the_other_would_be(
    tables: EnumeratedGame, values: list[StationaryValues]
) -> None:
    # The first two states are the kick-offs. Half a turn of the board makes each player the other.
    assert np.asarray(tables.states.ball)[:2].tolist() == [0, 1]
    with_ball, without = values[0].values[:2]
    assert with_ball == pytest.approx(-without, abs=1e-9)
    assert 0.2184 < with_ball < 0.2186
    assert values[0].mixed.sum() == values[1].mixed.sum() == 56


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": 1}, r"rows must lie in \[2, 20\], got 1"),
        ({"columns": 2}, r"columns must lie in \[3, 20\], got 2"),
        ({"goal_rows": (4,)}, r"goal_rows must be rows from 0 to 3, got \(4,\)"),
        ({"goal_rows": ()}, r"goal_rows must be rows from 0 to 3, got \(\)"),
        ({"horizon": 0}, "horizon must be at least 1, got 0"),
    ],
)
def test_impossible_boards_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Soccer(**options)


def test_each_sees_the_board_by_its_own_place_first() -> None:
    seen = np.asarray(Soccer().observe(Soccer().kick_off(1)))
    assert seen.shape == (2, 41)
    assert np.argmax(seen[:, :20], axis=1).tolist() == np.asarray(Soccer().kick_off(1).places).tolist()
    assert seen[:, 40].tolist() == [0.0, 1.0]
