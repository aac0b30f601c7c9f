"""From a player as people write it down to the tables and minds that the law works on."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from simulation.engine.provenance import describe_game, qualified_name, source_of
from simulation.gradual.policies import PolicyFamily, own_and_other
from simulation.gradual.state import N_NUMBERS, N_TUNABLES, Mind, Player
from theory import Game
from theory.arguments import with_methods
from theory.checks import FloatArray


class DuelPlayer(Protocol):
    """Whoever can take part in a duel."""

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""


_with_seat = with_methods("a player of duels such as simulation.GradualPlayer()", "seat")


def duel_player(name: str, value: Any) -> DuelPlayer:
    """Return a player of duels, or raise ValueError."""
    player: DuelPlayer = _with_seat(name, value)
    return player


def new_mind(player: Player, table_shape: tuple[int, int], runs: int) -> Mind:
    """Return the minds of `runs` runs, all zeros."""
    belief = np.zeros((runs, len(player.grid)))
    table = np.zeros((runs, *table_shape))
    return Mind(np.zeros((runs, N_NUMBERS)), belief, np.zeros_like(belief), table, np.zeros_like(table))


def table_shape_of(player: DuelPlayer, game: Game, role: int) -> tuple[int, int]:
    """Return the shape of a player's learning table: (1, 1) for those who do not learn by one."""
    shape: tuple[int, int] = player.table_shape(game, role) if hasattr(player, "table_shape") else (1, 1)
    return shape


def describe(player: object) -> dict[str, Any]:
    """Return a player's name and tunables as plain values for JSON; of a user's own the hash of its source too."""
    values = {name: getattr(player, name) for name in getattr(player, "__dataclass_fields__", {})}
    plain = {name: _plain(value) for name, value in values.items()}
    kind = type(player)
    known = {"player": kind.__name__}
    if not kind.__module__.startswith("simulation."):
        known = {"player": qualified_name(kind), "source": source_of(kind)}
    return known | plain


def _plain(value: Any) -> Any:
    if isinstance(value, Game):
        return describe_game(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value if value is None or isinstance(value, bool | int | float | str) else repr(value)


def seat_at(
    game: Game,
    role: int,
    kind: int,
    tunables: tuple[float, ...],
    *,
    own: PolicyFamily | None = None,
    grid: FloatArray | None = None,
    prior: FloatArray | None = None,
    likelihood: FloatArray | None = None,
    values: FloatArray | None = None,
) -> Player:
    """Return the tables of a player of some kind; what the kind does not use has length 1."""
    mine, theirs = own_and_other(game, role)
    cumulative = np.zeros((1, 1, 1)) if own is None else np.cumsum(own.probabilities, axis=2)
    if cumulative.shape[2] > 1:
        # Rounding must not leave a last action without its share, nor give one to an action that has none.
        cumulative /= cumulative[:, :, -1:]
    return Player(
        kind,
        np.array([*tunables, *[0.0] * (N_TUNABLES - len(tunables))]),
        np.zeros(1) if own is None else np.array(own.weights),
        np.ascontiguousarray(cumulative),
        np.zeros(1) if grid is None else grid,
        np.zeros(1) if prior is None else prior,
        np.zeros((1, 1, 1)) if likelihood is None else likelihood,
        np.zeros((1, 1)) if values is None else values,
        np.ascontiguousarray(mine.T),
        np.ascontiguousarray(theirs.T),
    )
