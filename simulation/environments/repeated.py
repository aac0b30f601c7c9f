"""A game of theory, played again and again by learners who see the last rounds, as an environment of PettingZoo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulation.environments.base import GameEnvironment
from simulation.environments.past import Past
from simulation.gradual.law import slip
from theory import Game
from theory.checks import FloatArray, IntArray
from theory.games.game import StrategicGame


class RepeatedGameEnvironment(GameEnvironment):
    """A finite game, again and again; see `simulation.parallel_environment`."""

    def __init__(
        self,
        game: StrategicGame,
        *,
        horizon: int,
        depth: int,
        noise: float,
        masked: bool,
        render_mode: str | None,
    ) -> None:
        self.game = game
        self.noise = noise
        # Who shares one policy sees numbers of one range.
        most = (max(game.n_actions),) * game.n_players
        self._past = Past(most if masked else game.n_actions, depth)
        self._payoffs = payoffs_of_outcomes(game)
        self._names = names_of_actions(game)
        players = range(game.n_players)
        super().__init__(
            name=f"{getattr(game, 'title', '') or 'repeated game'}",
            n_actions=tuple(game.n_actions),
            views=[self._past.space(player) for player in players],
            board=self._past.space(0),
            horizon=horizon,
            masked=masked,
            render_mode=render_mode,
        )

    def _begin(self, generator: np.random.Generator) -> None:
        self._past.clear()

    def _play(self, actions: list[int], generator: np.random.Generator) -> tuple[FloatArray, bool, list[int]]:
        draws = generator.random((len(actions), 2))
        played = [
            slip(action, n, self.noise, whether, where)
            for action, n, (whether, where) in zip(actions, self._n_actions, draws.tolist(), strict=True)
        ]
        self._past.add(played)
        return self._payoffs(played), False, played

    def _view(self, player: int) -> IntArray:
        return self._past.seen_by(player)

    def _board(self) -> IntArray:
        return self._past.seen_by(0)

    def _text(self) -> str:
        last = self._past.rounds[0]
        if not self._steps:
            return "nothing has been played"
        return ", ".join(
            f"player_{player} {names[action]}"
            for player, (action, names) in enumerate(zip(last, self._names, strict=True))
        )


def payoffs_of_outcomes(game: StrategicGame) -> Callable[[list[int]], FloatArray]:
    """Return the function of the players' actions that gives `[n_players]` payoffs, with or without a tensor."""
    if isinstance(game, Game):
        by_outcome = np.moveaxis(game.payoffs, 0, -1)
        return lambda actions: np.asarray(by_outcome[tuple(actions)])
    sure = [np.eye(n) for n in game.n_actions]
    return lambda actions: game.expected_payoffs(
        [each[action] for each, action in zip(sure, actions, strict=True)]
    )


def names_of_actions(game: StrategicGame) -> tuple[tuple[str, ...], ...]:
    """Return the names of each player's actions."""
    if isinstance(game, Game):
        return game.actions
    return tuple(
        ("C", "D") if n == 2 else tuple(str(action + 1) for action in range(n)) for n in game.n_actions
    )
