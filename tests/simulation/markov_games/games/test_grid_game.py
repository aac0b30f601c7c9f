"""Hu and Wellman's grid games against a second writing of their rules, and closed forms of friends and foes."""

from functools import cache
from itertools import product

import numpy as np
import pytest

from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.games.grid_game import GridGame, second_grid_game
from simulation.markov_games.learners.chances import chances_of
from simulation.markov_games.stationary_values import foe_values, friend_values, team_values

STEPS = [(-1, 0), (1, 0), (0, -1), (0, 1)]  # up, down, left, right, as (row, column) changes


@cache
def written_out(game: GridGame) -> EnumeratedGame:
    return enumerate_game(game)


def by_hand(game: GridGame, cells: tuple, moves: tuple) -> dict:
    """Return chances by (cells after, rewards, over)."""
    found: dict = {}
    ways = []
    for (row, column), move in zip(cells, moves, strict=True):
        down, right = STEPS[move]
        aim = (row + down, column + right)
        if not (0 <= aim[0] < 3 and 0 <= aim[1] < 3):
            ways.append([((row, column), 1.0)])
        elif move == 0 and (row, column) in game.barriers:
            ways.append([(aim, 0.5), ((row, column), 0.5)])
        else:
            ways.append([(aim, 1.0)])
    for (one, p), (two, q) in product(*ways):
        after, rewards = (one, two), [0.0, 0.0]
        clash = one == two and set(game.goals) != {one}
        if clash or (one, two) == (cells[1], cells[0]):
            after, rewards = cells, [-1.0, -1.0]
        there = [after[i] == game.goals[i] for i in (0, 1)]
        rewards = [rewards[i] + 100.0 * there[i] for i in (0, 1)]
        key = (after, tuple(rewards), any(there))
        found[key] = found.get(key, 0.0) + p * q
    return found


@pytest.mark.parametrize("game", [GridGame(), second_grid_game()], ids=["first", "second"])
def test_every_outcome_is_that_of_the_rules_written_a_second_time(game: GridGame) -> None:
    tables = written_out(game)
    chances = chances_of(tables)
    probabilities = np.diff(chances.cumulative, axis=2, prepend=0.0)
    cells = [tuple(divmod(int(c), 3) for c in places) for places in np.asarray(tables.states.places)]
    assert set(cells) <= {
        (a, b) for a, b in product(product(range(3), repeat=2), repeat=2) if a != b
    }  # never two on a cell
    for s, j in product(range(tables.n_states), range(16)):
        expected = by_hand(game, cells[s], tuple(tables.actions[j].tolist()))
        found: dict = {}
        for k, p in enumerate(probabilities[s, j]):
            if p > 0.0:
                ended = bool(chances.ended[s, j, k])
                rewards = tuple(chances.rewards[s, j, k].tolist())
                after = "over" if ended else cells[chances.successors[s, j, k]]
                found[after, rewards] = found.get((after, rewards), 0.0) + p
        told: dict = {}
        for (after, rewards, over), p in expected.items():
            key = ("over" if over else after, rewards)
            told[key] = told.get(key, 0.0) + p
        assert found == told


def test_friends_walk_the_shortest_way_and_foes_give_what_cannot_be_hindered() -> None:
    # First game: four steps, and a foe stands in one's goal. Second: three steps around the barrier, and a foe leaves
    # nothing but the barrier to go through.
    for game, friend, foe, team in (
        (GridGame(), 100 * 0.99**3, 0.0, 2 * 100 * 0.99**3),
        (second_grid_game(), 100 * 0.99**2, 0.5 * 100 * 0.99**2, None),
    ):
        tables = written_out(game)
        for player in (0, 1):
            assert friend_values(tables, discount=0.99, player=player).at_start(tables) == pytest.approx(
                friend
            )
            assert foe_values(tables, discount=0.99, player=player).at_start(tables) == pytest.approx(foe)
        best = team_values(tables, discount=0.99).at_start(tables)
        if team is not None:
            assert best == pytest.approx(team)
        # In the second a team needs one through the barrier; it walks on only where that comes soon enough.
        assert best <= 2 * friend


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beginnings": ((2, 0), (3, 2))}, "beginnings must be cells"),
        ({"goals": ((0, 2), (0, 3))}, r"goals must be cells \(row, column\) of 3 rows and 3 columns"),
        ({"barriers": ((-1, 0),)}, "barriers must be cells"),
        ({"beginnings": ((2, 0), (2, 0))}, "two players must begin on different cells"),
        ({"goals": ((2, 0), (0, 0))}, "nobody may begin at its goal"),
        ({"beginnings": ((2, 0),)}, "beginnings must be a cell for each of two players"),
        ({"passage": 1.5}, r"passage must lie in \[0, 1\], got 1\.5"),
        ({"rows": 21}, r"rows must lie in \[1, 20\], got 21"),
    ],
)
def test_impossible_grids_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GridGame(**options)
