"""Learning rules as a user of the project would write them."""

from simulation import Experience, LearningRule
from simulation.engine.elementary import exp


def _chooses(memory, tunables) -> float:
    _, temperature = tunables
    return 1.0 / (1.0 + exp((memory[1] - memory[0]) / temperature))


def _learns(memory, tunables, experience: Experience) -> None:
    learning_rate, _ = tunables
    action = 0 if experience.cooperated == 1.0 else 1
    memory[action] += learning_rate * (experience.reward - memory[action])


boltzmann = LearningRule(
    name="boltzmann-q",
    memory={"value_of_c": 0.0, "value_of_d": 0.0},
    tunables={"learning_rate": 0.1, "temperature": 0.5},
    cooperation=_chooses,
    learn=_learns,
)


def _moves(memory, tunables, experience: Experience) -> None:
    towards = sorted(
        [experience.cooperated, 1.0 - experience.cooperated], key=lambda a: -a * experience.reward
    )
    memory[0] += tunables[0] * (towards[0] * experience.cooperated - memory[0]) * (experience.reward > 0)


# Sorting by a function is nothing that numba translates.
bush_mosteller_in_lists = LearningRule(
    name="bush-mosteller",
    memory={"p": 0.5},
    tunables={"learning_rate": 0.1},
    cooperation=lambda memory, tunables: memory[0],
    learn=_moves,
)
