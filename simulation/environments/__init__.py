"""Environments for other libraries' learners: games as PettingZoo's, one learner against a player as Gymnasium's."""

try:
    import gymnasium as gymnasium
    import pettingzoo as pettingzoo
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "environments need PettingZoo and Gymnasium (pip install 'commonweal[marl]')"
    ) from error

# So that `gymnasium.make` knows it, and what makes vectors of environments by name.
gymnasium.register(
    id="commonweal/Against-v0", entry_point="simulation.environments.against:environment_against"
)
