"""What all environments of several learners have in common: PettingZoo's parallel interface around a game's step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import logger
from gymnasium.spaces import Box, Dict, Discrete, Space
from gymnasium.utils import seeding
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from simulation.engine.randomness import known_seed
from theory.checks import FloatArray, known_name, position, shown

RENDER_MODES = ("human", "ansi")

# Of an episode of a game that is played again and again, where nobody says how many.
ROUNDS = 100


def checked_mode(mode: Any) -> str | None:
    """Return a render mode, or raise ValueError."""
    return None if mode is None else known_name("render_mode", mode, RENDER_MODES)


def new_generator(seed: Any, before: np.random.Generator | None) -> np.random.Generator:
    """Return the generator of an episode: a new one from a seed, or the one that there is; the first is drawn."""
    if seed is None and before is not None:
        return before
    return seeding.np_random(known_seed(seed))[0]


def checked_options(options: Any) -> None:
    """Raise ValueError unless options, of which there are none here, are a dictionary or None."""
    if options is not None and not isinstance(options, Mapping):
        raise ValueError(f"options must be a dictionary or None, got {shown(options)}")


class GameEnvironment(ParallelEnv):  # type: ignore[misc] # PettingZoo is untyped
    """A game whose players, `player_0` and so on, act at once; an episode is truncated after `horizon` steps.

    `reset(seed)` begins an episode, from which all chance of it and of the following ones comes; without a seed the
    chance goes on. Where the players have different numbers of actions and `masked` is True, all have the actions of
    the one who has most, and observations are dictionaries of `observation` and `action_mask`.
    """

    def __init__(
        self,
        *,
        name: str,
        n_actions: tuple[int, ...],
        views: list[Space[Any]],
        board: Space[Any],
        horizon: int,
        masked: bool,
        render_mode: str | None,
    ) -> None:
        self.metadata = {
            "name": name, "render_modes": list(RENDER_MODES), "is_parallelizable": True, "render_fps": 4,
        }  # fmt: skip
        self.render_mode = checked_mode(render_mode)
        self.possible_agents = [f"player_{player}" for player in range(len(n_actions))]
        self.agents: list[str] = []
        self.horizon = horizon
        self.state_space = board
        self.np_random: np.random.Generator | None = None
        self._n_actions = n_actions
        most = max(n_actions)
        self._masks = (
            [(np.arange(most) < n).astype(np.int8) for n in n_actions]
            if masked and min(n_actions) < most
            else None
        )
        offered = n_actions if self._masks is None else (most,) * len(n_actions)
        self.action_spaces = {
            agent: Discrete(n) for agent, n in zip(self.possible_agents, offered, strict=True)
        }
        if self._masks is not None:
            views = [
                Dict({"observation": view, "action_mask": Box(0, 1, (most,), np.int8)}) for view in views
            ]
        self.observation_spaces = dict(zip(self.possible_agents, views, strict=True))
        self._steps = 0
        self._rewards: FloatArray | None = None

    def observation_space(self, agent: str) -> Space[Any]:
        """Return what an agent may see."""
        return self.observation_spaces[known_name("agent", agent, self.possible_agents)]

    def action_space(self, agent: str) -> Space[Any]:
        """Return what an agent may do."""
        return self.action_spaces[known_name("agent", agent, self.possible_agents)]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Begin an episode; return by agent what it sees, and an empty dictionary.

        Parameters
        ----------
        seed
            A whole number, at least 0; None goes on with the chance that there is, at first one that is drawn.
        options
            None are known; whatever is in the dictionary is ignored.
        """
        checked_options(options)
        self.np_random = new_generator(seed, self.np_random)
        self.agents = list(self.possible_agents)
        self._steps, self._rewards = 0, None
        self._begin(self.np_random)
        if self.render_mode == "human":
            self.render()
        return self._observations(), {agent: {} for agent in self.agents}

    def step(
        self, actions: dict[str, int]
    ) -> tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """Play a step; return observations, rewards, terminations, truncations and `infos` by agent.

        Parameters
        ----------
        actions
            One of each agent, counted from 0. After the end of an episode there are no agents, and nothing happens.

        Raises
        ------
        ValueError
            If no episode has begun, an agent's action is missing, or one is none.
        """
        if self.np_random is None:
            raise ValueError(f"reset must be called before step, got step({shown(actions)})")
        if not isinstance(actions, Mapping) or set(actions) != set(self.agents):
            raise ValueError(
                f"actions must be a dictionary with an action of each of {shown(self.agents)}, got {shown(actions)}"
            )
        if not self.agents:
            return {}, {}, {}, {}, {}
        chosen = [
            position(f"the action of {agent}", actions[agent], n)
            for agent, n in zip(self.agents, self._n_actions, strict=True)
        ]
        self._rewards, terminated, played = self._play(chosen, self.np_random)
        self._steps += 1
        agents, truncated = self.agents, self._steps >= self.horizon and not terminated
        observations = self._observations()
        if terminated or truncated:
            self.agents = []
        if self.render_mode == "human":
            self.render()
        return (
            observations,
            dict(zip(agents, self._rewards.tolist(), strict=True)),
            dict.fromkeys(agents, terminated),
            dict.fromkeys(agents, truncated),
            {agent: {"action": action} for agent, action in zip(agents, played, strict=True)},
        )

    def state(self) -> NDArray[Any]:
        """Return what all is known of, seen by nobody in particular: an element of `state_space`."""
        if self.np_random is None:
            raise ValueError("reset must be called before state, got no episode")
        return self._board()

    def render(self) -> str | None:
        """Return the last step as text ("ansi"), or print it ("human")."""
        if self.render_mode is None:
            logger.warn("render is called without a render_mode, which is 'human' or 'ansi'")
            return None
        if self.np_random is None:
            raise ValueError("reset must be called before render, got no episode")
        gave = "" if self._rewards is None else f"; rewards {', '.join(f'{r:g}' for r in self._rewards)}"
        text = f"step {self._steps} of {self.horizon}: {self._text()}{gave}\n"
        if self.render_mode == "ansi":
            return text
        print(text, end="")
        return None

    def _observations(self) -> dict[str, Any]:
        seen: list[Any] = [self._view(player) for player in range(len(self.possible_agents))]
        if self._masks is not None:
            seen = [
                {"observation": view, "action_mask": mask.copy()}
                for view, mask in zip(seen, self._masks, strict=True)
            ]
        return dict(zip(self.possible_agents, seen, strict=True))

    @abstractmethod
    def _begin(self, generator: np.random.Generator) -> None:
        """Begin an episode."""

    @abstractmethod
    def _play(self, actions: list[int], generator: np.random.Generator) -> tuple[FloatArray, bool, list[int]]:
        """Play a step; return `[n_players]` rewards, whether the game has ended, and the actions as played."""

    @abstractmethod
    def _view(self, player: int) -> NDArray[Any]:
        """Return what a player sees."""

    @abstractmethod
    def _board(self) -> NDArray[Any]:
        """Return the state."""

    @abstractmethod
    def _text(self) -> str:
        """Return the state as text on one line."""
