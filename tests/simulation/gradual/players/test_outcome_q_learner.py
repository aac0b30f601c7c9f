"""A Q-learner whose state is the last outcome finds the best response to a player with memory one."""

import numpy as np
import pytest

from simulation.engine.runs import play_runs
from simulation.gradual.duels import duel_process
from simulation.gradual.players import FixedCooperativeness, OutcomeQLearner, TitForTat
from simulation.gradual.seat import new_mind
from theory import named_game

GAME = named_game("prisoners-dilemma")
DISCOUNT = 0.9


def values_against_tit_for_tat() -> np.ndarray:
    """Return Q[outcome, action] by value iteration: Tit-for-Tat answers with the learner's last action."""
    payoffs = GAME.payoffs[0]
    values = np.zeros((4, 2))
    for _ in range(2000):
        values = np.array(
            [
                [payoffs[a, s // 2] + DISCOUNT * values[2 * a + s // 2].max() for a in range(2)]
                for s in range(4)
            ]
        )
    return values


def learnt(player: OutcomeQLearner, other: object, rounds: int, role: int = 0) -> np.ndarray:
    players = (player, other) if role == 0 else (other, player)
    process = duel_process(*players, game=GAME, rounds=rounds, noise=0.0, start=(1, 1))
    played = play_runs(process, runs=1, seed=3, every=0, workers=1)
    return np.asarray((played.states.first, played.states.second)[role].table[0])


@pytest.mark.parametrize("role", [0, 1])
def test_it_learns_the_values_of_the_decision_problem_that_tit_for_tat_is(role: int) -> None:
    # Nothing is random in what follows from an action, so a fixed step converges to the values themselves.
    player = OutcomeQLearner(learning_rate=0.2, exploration=0.5, discount=DISCOUNT)
    assert learnt(player, TitForTat(), 20_000, role) == pytest.approx(values_against_tit_for_tat(), abs=1e-8)
    assert (values_against_tit_for_tat().argmax(axis=1) == 0).all(), "cooperation is the best response"


def test_it_begins_with_the_values_of_play_against_a_fixed_probability() -> None:
    for x in (0.0, 0.05, 1.0):
        player = OutcomeQLearner(expected_cooperation=x)
        seat = player.seat(GAME, 1)
        table = new_mind(player, seat, GAME, 1).table
        expected = GAME.payoffs[1].T @ [x, 1.0 - x]
        for row in table:
            # The Bellman equation of a chain whose states are all alike.
            assert row == pytest.approx(expected + player.discount * row.max())


def test_values_that_are_right_stay() -> None:
    player = OutcomeQLearner(expected_cooperation=0.0, learning_rate=0.7, exploration=0.5)
    start = new_mind(player, player.seat(GAME, 0), GAME, 0).table
    assert learnt(player, FixedCooperativeness(beta=0.0), 500) == pytest.approx(start)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate must be positive, got 0"),
        ({"discount": 1.0}, r"discount must lie in \[0, 1\), got 1"),
        ({"exploration": 2.0}, r"exploration must lie in \[0, 1\], got 2"),
        ({"expected_cooperation": -0.5}, r"expected_cooperation must lie in \[0, 1\], got -0.5"),
    ],
)
def test_values_out_of_bounds_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OutcomeQLearner(**options)
