"""The Mesa faces of games with state: the Coin Game on its torus, Escape Room with its lever, start and door."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any

import numpy as np
from mesa.discrete_space import OrthogonalVonNeumannGrid
from numpy.typing import ArrayLike

from simulation.engine.agent import LawAgent
from simulation.engine.keywords import parameters_of, takes_fields_of
from simulation.engine.model import LawModel
from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.exact import checked_policies
from simulation.markov_games.games.coin_game import NOWHERE, CoinGame
from simulation.markov_games.games.escape_room import EscapeRoom
from simulation.markov_games.play import PlayedEpisode, StepRewards
from simulation.markov_games.protocol import ListedGame
from theory.checks import FloatArray

Coordinate = tuple[int, int]


@lru_cache(maxsize=8)
def _written_out(game: ListedGame) -> EnumeratedGame:
    """Return a game's tables, the same for all models of it: they take a second, and nobody writes to them."""
    return enumerate_game(game)


class GridPlayer(LawAgent):
    """A player on the cells of a grid."""

    def __init__(self, model: GridModel, number: int) -> None:
        super().__init__(model)
        self.number = number

    @property
    def coordinate(self) -> Coordinate:
        """Row and column of its cell."""
        row, column = self.model.coordinates[self.number]
        return row, column

    @property
    def action(self) -> int:
        """Of the last step that was played, counted from 0; -1 before the first."""
        return int(self.model.state.actions[self.number])

    @property
    def reward(self) -> float:
        """Of the last step, in payoff units; NaN before the first."""
        return float(self.model.last_step.rewards[self.number]) if self.model.turn else math.nan

    @property
    def total(self) -> float:
        """Sum of rewards so far."""
        return float(self.model.state.total[self.number])

    @property
    def policy(self) -> FloatArray:
        """`[A]`: with what chance it takes each action now."""
        return np.asarray(self.model._chances_in(self.model.board)[self.number])


class Coin(LawAgent):
    """The coin of a player's colour."""

    def __init__(self, model: CoinGameModel, colour: int) -> None:
        super().__init__(model)
        self.colour = colour

    @property
    def coordinate(self) -> Coordinate | None:
        """Row and column of its cell; None where none of this colour lies on the board."""
        cell = int(self.model.board.coins[self.colour])
        return None if cell == NOWHERE else divmod(cell, self.model.parameters.size)


class GridModel(LawModel):
    """An episode of a game with state whose players stand on the cells of a grid; a step is one of the game's.

    Attributes
    ----------
    parameters
        The game.
    tables
        The game written out, whose states are in the order of `policies`; None where all play at random.
    grid
        Mesa's cells, on which the agents stand: what Mesa's pages draw.
    players
        Agents, in the game's order.
    """

    _of_your_own = "give `policies`"

    _is_torus = False

    def __init__(
        self,
        game: ListedGame,
        shape: Coordinate,
        policies: ArrayLike | None,
        rng: int | np.random.Generator | None,
        run: int,
        **options: Any,
    ) -> None:
        super().__init__(rng, run, **options)
        self.parameters: Any = game
        self.tables: EnumeratedGame | None = None if policies is None else _written_out(game)
        self.policies = (
            None if self.tables is None or policies is None else checked_policies(self.tables, policies)
        )
        self._episode = PlayedEpisode(game, self._chances_in)
        self._begin(self._episode.process())
        self.last_step: StepRewards = self._record
        self.grid = OrthogonalVonNeumannGrid(shape, torus=self._is_torus, random=self.random)
        self.players = [GridPlayer(self, number) for number in range(game.n_players)]
        self._further_agents()
        shown = ("coordinate", "action", "reward", "total")
        self._put()
        self._settle(
            self.players,
            model_reporters={"welfare": "welfare", "terminated": "terminated"},
            agenttype_reporters={GridPlayer: {name: attrgetter(name) for name in shown}},
        )

    def step(self) -> None:
        """Play a step; `running` turns False when the game has ended or the horizon is reached."""
        super().step()
        self.running = self.running and not self.terminated

    def _chances_in(self, state: Any) -> FloatArray:
        """Return `[n_players, A]`: with what chance each player takes each action in a state."""
        game = self.parameters
        if self.tables is None or self.policies is None:
            return np.full((game.n_players, game.n_actions), 1.0 / game.n_actions)
        return np.asarray(self.policies[:, self.tables.place_of(state)])

    @property
    def board(self) -> Any:
        """The game's state."""
        return self._episode.state_of(self.state.numbers)

    @property
    def turn(self) -> int:
        """How many steps have been played."""
        return self._steps_taken

    @property
    def terminated(self) -> bool:
        """Whether the game has ended; an episode of `horizon` steps is cut without that."""
        return bool(self.state.ended[0])

    @property
    def welfare(self) -> float:
        """Sum of all rewards so far, in payoff units."""
        return float(self.state.total.sum())

    @property
    @abstractmethod
    def coordinates(self) -> list[Coordinate]:
        """Row and column of each player."""

    def _further_agents(self) -> None:
        """Make what else lies on the grid."""

    def _after_law(self) -> None:
        self._put()

    def _put(self) -> None:
        """Put every agent on its cell."""
        for agent in self.agents:
            agent.cell = None if agent.coordinate is None else self.grid[agent.coordinate]


class CoinGameModel(GridModel):
    """The Coin Game on its torus; its coins are agents, too.

    Parameters
    ----------
    parameters
        The game; by default as `CoinGame()`.
    policies
        `[2, S, A]` probabilities, the states in the order of `simulation.enumerate_game`; by default uniform.
    rng
        A whole number to reproduce an episode; a `numpy.random.Generator` is used as it is; None draws a seed.
    seed
        The same, under Mesa's other name.
    run
        Which run of the seed this is.
    model_reporters
        Further ones of Mesa's `DataCollector`, beside the model's own.
    agent_reporters
        Likewise of all agents, but instead of the model's own; none for `{}`.
    """

    _is_torus = True

    @takes_fields_of(CoinGame)
    def __init__(
        self,
        parameters: CoinGame | None = None,
        *,
        policies: ArrayLike | None = None,
        rng: int | np.random.Generator | None = None,
        seed: int | None = None,
        run: int = 0,
        model_reporters: Mapping[str, Any] | None = None,
        agent_reporters: Mapping[str, Any] | None = None,
        **keywords: Any,
    ) -> None:
        game = parameters_of(CoinGame, parameters, keywords)
        super().__init__(
            game, (game.size, game.size), policies, rng, run,
            seed=seed, model_reporters=model_reporters, agent_reporters=agent_reporters,
        )  # fmt: skip

    @property
    def coordinates(self) -> list[Coordinate]:
        """Row and column of each player."""
        return [divmod(int(cell), self.parameters.size) for cell in self.board.players]

    def _further_agents(self) -> None:
        self.coins = [Coin(self, colour) for colour in range(2)]


class EscapeRoomModel(GridModel):
    """Escape Room, whose row of three cells is the lever, the start and the door.

    Parameters
    ----------
    parameters
        The game; by default ER(2,1).
    policies
        `[N, S, 3]` probabilities, the states in the order of `simulation.enumerate_game`; by default uniform.
    rng
        A whole number to reproduce an episode; a `numpy.random.Generator` is used as it is; None draws a seed.
    seed
        The same, under Mesa's other name.
    run
        Which run of the seed this is.
    model_reporters
        Further ones of Mesa's `DataCollector`, beside the model's own.
    agent_reporters
        Likewise of all agents, but instead of the model's own; none for `{}`.
    """

    @takes_fields_of(EscapeRoom)
    def __init__(
        self,
        parameters: EscapeRoom | None = None,
        *,
        policies: ArrayLike | None = None,
        rng: int | np.random.Generator | None = None,
        seed: int | None = None,
        run: int = 0,
        model_reporters: Mapping[str, Any] | None = None,
        agent_reporters: Mapping[str, Any] | None = None,
        **keywords: Any,
    ) -> None:
        game = parameters_of(EscapeRoom, parameters, keywords)
        super().__init__(
            game, (1, 3), policies, rng, run,
            seed=seed, model_reporters=model_reporters, agent_reporters=agent_reporters,
        )  # fmt: skip

    @property
    def coordinates(self) -> list[Coordinate]:
        """Row 0 and the place of each player: 0 lever, 1 start, 2 door."""
        return [(0, int(place)) for place in self.board.places]
