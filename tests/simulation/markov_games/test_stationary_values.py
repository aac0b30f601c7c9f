"""Matrix games against linear programs, and values against foes and with friends against closed forms."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import linprog

from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.games.escape_room import EscapeRoom
from simulation.markov_games.games.iterated_game import IteratedGame
from simulation.markov_games.matrix_game import new_tableau, solve_matrix_game
from simulation.markov_games.stationary_values import foe_values, friend_values, team_values
from theory import Game


@pytest.fixture(scope="module")
def rooms() -> tuple[EnumeratedGame, EnumeratedGame]:
    return enumerate_game(EscapeRoom()), enumerate_game(EscapeRoom(players=3))


def by_linear_program(payoffs: np.ndarray) -> float:
    rows, columns = payoffs.shape
    found = linprog(
        np.r_[np.zeros(rows), -1.0],
        A_ub=np.c_[-payoffs.T, np.ones(columns)],
        b_ub=np.zeros(columns),
        A_eq=[np.r_[np.ones(rows), 0.0]],
        b_eq=[1.0],
        bounds=[(0, None)] * rows + [(None, None)],
    )
    return float(found.x[-1])


def test_values_are_those_of_linear_programs_and_mixtures_secure_them() -> None:
    rng = np.random.default_rng(0)
    for trial in range(150):
        shape = tuple(rng.integers(1, 7, 2))
        # Whole numbers have ties and degenerate corners.
        payoffs = (
            rng.integers(-2, 3, shape) if trial % 2 else rng.normal(scale=10.0 ** (trial % 7), size=shape)
        ) * 1.0
        mixture = np.empty(shape[0])
        value = solve_matrix_game(payoffs, new_tableau(*shape), mixture)
        scale = max(1.0, np.abs(payoffs).max())
        assert value == pytest.approx(by_linear_program(payoffs), abs=1e-8 * scale)
        assert (mixture @ payoffs).min() == pytest.approx(value, abs=1e-10 * scale)
        assert mixture.min() >= 0.0
        assert mixture.sum() == pytest.approx(1.0)


def test_rows_and_columns_that_are_alike_but_for_rounding_leave_a_finite_value() -> None:
    rng = np.random.default_rng(1)
    for trial in range(600):
        shape = tuple(rng.integers(2, 6, 2))
        size = 10.0 ** -rng.integers(0, 14)
        near = rng.integers(-1, 2, shape) + 10.0 ** -rng.integers(9, 17) * rng.normal(size=shape)
        payoffs = size * (near[rng.integers(0, shape[0], shape[0])] if trial % 2 else near)
        mixture = np.empty(shape[0])
        value = solve_matrix_game(payoffs, new_tableau(*shape), mixture)
        # Nearly degenerate corners cost digits: what is found must be secured and held within 1e-6 of the range.
        assert (mixture @ payoffs).min() == pytest.approx(value, abs=1e-6 * size)
        other = np.empty(shape[1])
        against = solve_matrix_game(-payoffs.T, new_tableau(*shape[::-1]), other)
        assert value == pytest.approx(-against, abs=1e-6 * size)


def test_a_game_without_state_is_worth_its_value_for_ever() -> None:
    # [[3, -1], [-1, 1]] is worth 1/3 a round: (1/3) / (1 - 0.9) = 10/3; (1/3, 2/3) secures it.
    tables = enumerate_game(
        IteratedGame(game=Game.bimatrix([[3, -1], [-1, 1]], [[-3, 1], [1, -1]]), remember=False)
    )
    assert tables.n_states == 1
    foe = foe_values(tables, discount=0.9)
    assert foe.values == pytest.approx([10 / 3], abs=1e-8)
    assert foe.policy == pytest.approx(np.array([[1 / 3, 2 / 3]]), abs=1e-8)
    assert foe.mixed.tolist() == [True]
    assert friend_values(tables, discount=0.9).values == pytest.approx([30.0], abs=1e-8)
    assert team_values(tables, discount=0.9).values == pytest.approx([0.0], abs=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda two, three: foe_values(three, discount=0.9), "the game must have 2 players, got 3"),
        (lambda two, three: foe_values(two, discount=1.0), "discount must be below 1"),
        (lambda two, three: friend_values(two, discount=1.5), r"discount must lie in \[0, 1\], got 1\.5"),
        (
            lambda two, three: friend_values(three, discount=0.9, player=3),
            "player must be a whole .* 0 to 2",
        ),
        (lambda two, three: team_values(two, discount=1.0), "discount must be below 1"),
    ],
)
def test_errors_state_the_rule_and_the_value(
    call: Callable[..., object], message: str, rooms: tuple[EnumeratedGame, EnumeratedGame]
) -> None:
    with pytest.raises(ValueError, match=message):
        call(*rooms)
