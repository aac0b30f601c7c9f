"""A learner with memory one climbs the gradient of the log probability of what it did, along its trace."""

import numpy as np
import pytest

from simulation import play_duels
from simulation.gradual.players import MemoryOneLearner, TitForTat
from simulation.gradual.seat import Asked, Played, new_mind
from theory import named_game

GAME = named_game("prisoners-dilemma")


def log_probability(table: np.ndarray, outcome: int, choice: int) -> float:
    return float(table[outcome, choice] - np.logaddexp(*table[outcome]))


def slope(table: np.ndarray, outcome: int, choice: int) -> np.ndarray:
    """Return d log P / d theta by central differences."""
    found = np.zeros_like(table)
    for place in np.ndindex(table.shape):
        step = np.zeros_like(table)
        step[place] = 1e-5
        ahead, behind = (log_probability(table + sign * step, outcome, choice) for sign in (1.0, -1.0))
        found[place] = (ahead - behind) / 2e-5
    return found


def test_it_climbs_along_the_trace_of_what_was_played() -> None:
    # With steps so small the policy stays, and so does the baseline but for its own rate of 1 in 100.
    rate, discount = 1e-9, 0.7
    player = MemoryOneLearner(learning_rate=rate, discount=discount, initial_cooperation=0.3)
    seat = player.seat(GAME, 0)
    mind = new_mind(player, seat, GAME, 0)
    start = mind.table.copy()
    assert 1.0 / (1.0 + np.exp(start[:, 1] - start[:, 0])) == pytest.approx([0.3] * 4)
    rounds = [
        (0, 1),
        (1, 1),
        (1, 0),
        (0, 0),
        (1, 0),
    ]  # own and other's action; what was chosen does not matter
    rewards = [2.0, 5.0, -1.0, 4.0, 0.5]
    outcome, trace, baseline, expected = 3, np.zeros((4, 2)), rewards[0], np.zeros((4, 2))
    for turn, ((own, other), reward) in enumerate(zip(rounds, rewards, strict=True)):
        player.choose(seat, mind, Asked(1, turn, 0.5, 0.5))
        player.learn(seat, mind, Played(0, own, other, reward, turn))
        trace = discount * trace + slope(start, outcome, own)
        expected += rate * (reward - baseline) * trace
        baseline += 0.01 * (reward - baseline)
        outcome = 2 * own + other
    assert mind.table - start == pytest.approx(expected, rel=1e-5, abs=1e-15)


def test_it_learns_to_cooperate_with_tit_for_tat_and_not_without_a_future() -> None:
    # 20 runs each; the means would lie so far off by chance less often than once in 1e6.
    settings = {"game": GAME, "rounds": 20_000, "runs": 20, "burn_in": 15_000, "record": "summary"}
    patient = play_duels(MemoryOneLearner(), TitForTat(), **settings)["mean_level"].values[:, 0]
    myopic = play_duels(MemoryOneLearner(discount=0.0), TitForTat(), **settings)["mean_level"].values[:, 0]
    assert np.median(patient) > 0.9
    assert np.median(myopic) < 0.1


@pytest.mark.parametrize("start", [(0, 1), (1, 0), (1, 1)])
def test_it_remembers_the_round_before_the_first_and_learns_nothing_from_it(start: tuple[int, int]) -> None:
    player = MemoryOneLearner()
    seat = player.seat(GAME, 0)
    mind = new_mind(player, seat, GAME, 0)
    player.remember(seat, mind, Played(0, *start, 4.0, 0))
    assert not mind.table.any()
    # With theta of this outcome alone at C, it is what is chosen by.
    mind.table[2 * start[0] + start[1], 0] = 50.0
    assert player.choose(seat, mind, Asked(start[1], 1, 0.99, 0.5)) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": -1.0}, "learning_rate must be positive, got -1"),
        ({"discount": 1.0}, r"discount must lie in \[0, 1\), got 1"),
        ({"initial_cooperation": 0.0}, r"initial_cooperation must lie in \(0, 1\), got 0"),
    ],
)
def test_values_out_of_bounds_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MemoryOneLearner(**options)
