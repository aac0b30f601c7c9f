"""A learner of another library finds the best reply to opponents against whom theory knows it."""

from typing import Any

import numpy as np
import pytest

from simulation import environment_against
from theory import named_game

tabular_qlearner = pytest.importorskip("open_spiel.python.algorithms.tabular_qlearner")


def time_step(observation: np.ndarray, reward: float | None = None) -> Any:
    from open_spiel.python.rl_environment import StepType, TimeStep

    seen = {"info_state": [observation.tolist()], "legal_actions": [[0, 1]], "current_player": 0}
    return TimeStep(seen, [reward], [1.0], StepType.FIRST if reward is None else StepType.MID)


# In the Prisoner's Dilemma with T = 4, R = 3, P = 1, S = 0, at a discount of 0.95: to defect is dominant against who
# heeds nothing; against Tit-for-Tat to cooperate is worth 3 a round, to defect at most (4 + 0.95 * 0) / 1.95.
@pytest.mark.parametrize(
    ("opponent", "best"), [("always-defect", 1), ("always-cooperate", 1), ("tit-for-tat", 0)]
)
def test_a_q_learner_of_openspiel_finds_the_best_reply(opponent: str, best: int) -> None:
    from open_spiel.python.rl_tools import LinearSchedule

    rounds = 3000
    np.random.seed(0)  # noqa: NPY002 # its draws are from NumPy's global generator
    learner = tabular_qlearner.QLearner(
        0, 2, discount_factor=0.95, epsilon_schedule=LinearSchedule(1.0, 0.0, rounds)
    )
    environment = environment_against(opponent, game=named_game("prisoners-dilemma"), horizon=rounds)
    now, truncated = time_step(environment.reset(seed=0)[0]), False
    while not truncated:
        observation, reward, _, truncated, _ = environment.step(learner.step(now).action)
        now = time_step(observation, reward)
    observation, played = environment.reset(seed=1)[0], []
    for _ in range(50):
        played.append(learner.step(time_step(observation), is_evaluation=True).action)
        observation, *_ = environment.step(played[-1])
    # At the very first an outcome of which little was seen may decide.
    assert set(played[5:]) == {best}
