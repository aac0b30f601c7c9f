"""One entry for each environment of several learners: a game, and what the environment is asked for."""

from dataclasses import dataclass, field
from typing import Any

import networkx as nx
import numpy as np

from simulation import (
    CoinGame,
    Commons,
    CountedDebts,
    EscapeRoom,
    InequityAverse,
    graded_donation_game,
    graded_public_good,
    parallel_environment,
)
from simulation.markov_games.games.grid_game import GridGame, second_grid_game
from simulation.markov_games.games.iterated_game import IteratedGame
from simulation.markov_games.games.soccer import Soccer
from theory import Game, linear_dilemma, named_game, network_game


@dataclass(frozen=True)
class Entry:
    """A game and what its environment is asked for."""

    game: Any
    asked: dict[str, Any] = field(default_factory=dict)

    def make(self, **more: Any) -> Any:
        return parallel_environment(self.game, **(self.asked | more))


DILEMMA = named_game("prisoners-dilemma")
# Payoffs that are all different, so that no two outcomes can be taken for each other.
UNEQUAL = Game(np.arange(12.0).reshape(2, 2, 3))
THREE = Game(np.arange(3 * 2 * 3 * 4, dtype=float).reshape(3, 2, 3, 4) - 20.0)

REPEATED = {
    "matrix dilemma": Entry(DILEMMA),
    "with a long memory and noise": Entry(DILEMMA, {"depth": 3, "noise": 0.1, "horizon": 30}),
    "two unequal players": Entry(UNEQUAL),
    "three unequal players": Entry(THREE, {"depth": 2}),
    "linear dilemma": Entry(linear_dilemma(5, greed=1.0, fear=0.5)),
    "game on a network": Entry(network_game(nx.path_graph(4), named_game("chicken"))),
    "graded donation game": Entry(graded_donation_game(benefit=2.0, interaction=0.5, levels=5)),
    "graded public good": Entry(graded_public_good(3, levels=4)),
}
MASKED = {
    "two unequal players, masked": Entry(UNEQUAL, {"masked": True}),
    "three unequal players, masked": Entry(THREE, {"masked": True}),
}
WITH_STATE = {
    "Coin Game": Entry(CoinGame()),
    "Coin Game, all else": Entry(
        CoinGame(size=2, colours="both", ties="lot", stay=True, anywhere=True, view="board", horizon=20)
    ),
    "Coin Game, debts counted": Entry(CountedDebts(game=CoinGame(ties="first"), most=1, begin="any")),
    "Escape Room": Entry(EscapeRoom(players=3, needed=1)),
    "commons": Entry(Commons(players=3, capacity=9)),
    "commons of players who mind inequity": Entry(InequityAverse(game=Commons(), envy=0.5, guilt=0.25)),
    "soccer": Entry(Soccer()),
    "grid game": Entry(GridGame()),
    "second grid game": Entry(second_grid_game(), {"horizon": 30}),
    "iterated game": Entry(IteratedGame(game=DILEMMA, slip=0.1)),
}
