"""Any game as an environment of several learners, with PettingZoo's parallel interface."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from simulation.environments.base import ROUNDS, GameEnvironment, checked_mode
from simulation.environments.repeated import RepeatedGameEnvironment
from theory.arguments import checked, count, number, optional
from theory.checks import truth_value
from theory.games.checks import strategic_game
from theory.games.game import StrategicGame

if TYPE_CHECKING:
    from simulation.markov_games.protocol import MarkovGame


def _playable(name: str, value: Any) -> Any:
    """Return a game of theory or a game with state, or raise ValueError; JAX is not loaded for that."""
    return value if is_markov_game(value) else strategic_game(name, value)


def is_markov_game(value: Any) -> bool:
    """Return whether a value is a game with state; where that module is not loaded nobody can have made one."""
    protocol = sys.modules.get("simulation.markov_games.protocol")
    return protocol is not None and isinstance(value, protocol.MarkovGame)


@checked(
    game=_playable,
    horizon=optional(count()),
    depth=count(1),
    noise=number(0.0, 1.0),
    masked=truth_value,
    render_mode=lambda _, value: checked_mode(value),
)
def parallel_environment(
    game: StrategicGame | MarkovGame,
    *,
    horizon: int | None = None,
    depth: int = 1,
    noise: float = 0.0,
    masked: bool = False,
    render_mode: str | None = None,
) -> GameEnvironment:
    """Return a game as PettingZoo's parallel environment, whose agents are `player_0`, `player_1` and so on.

    A game of theory is played again and again, by learners who see the last rounds: of each, newest first, all
    actions as played, one's own first and the others' in order from oneself; for a round that has not been, how many
    actions each has (`MultiDiscrete`). A game with state gives what its `observe` does (`Box`). Rewards are payoffs.
    An episode is truncated after `horizon` steps; it terminates only where a game with state ends by itself.

    Parameters
    ----------
    game
        Any game of theory (matrix games, linear dilemmas, graded games, games on networks), or with state.
    horizon
        Steps of an episode, at least 1; by default 100 rounds, or what the game with state says.
    depth
        How many last rounds are seen, at least 1.
    noise
        Probability in [0, 1], for each player in each round, that another action is played, each of the others alike.
    masked
        Where the players have different numbers of actions: whether all are given the most of them, with an
        `action_mask` beside each observation. Else each has its own.
    render_mode
        "ansi" returns each step as text when asked to `render`, "human" prints it. None: neither.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, or `depth`, `noise` or `masked` is given for a game with state, which
        says by itself what is seen and what chance does.
    """
    if not is_markov_game(game):
        return RepeatedGameEnvironment(
            game,  # type: ignore[arg-type] # by the check above
            horizon=ROUNDS if horizon is None else horizon,
            depth=depth,
            noise=noise,
            masked=masked,
            render_mode=render_mode,
        )
    if (depth, noise, masked) != (1, 0.0, False):
        raise ValueError(
            "depth, noise and masked are for games that are played again and again, got "
            f"depth={depth}, noise={noise:g}, masked={masked} for a game with state, which says so by itself"
        )
    from simulation.environments.markov import MarkovGameEnvironment

    return MarkovGameEnvironment(
        game,  # type: ignore[arg-type]
        horizon=game.horizon if horizon is None else horizon,  # type: ignore[union-attr]
        render_mode=render_mode,
    )
