"""What a player of duels is made of: a class of its own rules, a seat of tables that stay, a mind that changes.

A player is a frozen dataclass of its tunables that inherits from `DuelPlayer`. Its `seat` returns the tables of a
game that its rules work on; `choose` and `learn` are such rules, which are compiled into the law of a duel. Numbers
of its own it reads by name (`reading`), and what it remembers it reads and writes by name (`viewing`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np

from simulation.engine.compilation import rule
from simulation.engine.provenance import describe_game, qualified_name, source_of
from simulation.gradual.policies import PolicyFamily, draw_action, own_and_other, policy_index
from simulation.learning.rule import LearningRule
from theory import Game
from theory.arguments import checked, place, with_methods
from theory.checks import FloatArray
from theory.games.checks import two_player_game


class Seat(NamedTuple):
    """What stays fixed during a duel. Tables that a player does not use have length 1.

    With k own and m other's actions, w policies and b points of the belief's grid:
    """

    numbers: FloatArray
    """`[n]`: the player's own constants, which its rules read by name (`reading`)."""
    weights: FloatArray
    """`[w]`: cooperativeness of the policies, equally spaced."""
    cumulative: FloatArray
    """`[w, m, k]`: cumulative probabilities of own actions in reply to the other's last."""
    grid: FloatArray
    """`[b]`: the other's cooperativeness."""
    prior: FloatArray
    """`[b]`."""
    likelihood: FloatArray
    """`[k, m, b]`: of the other's action in reply to one's own last."""
    values: FloatArray
    """`[w, b]`: V_own(alpha, beta)."""
    own_payoffs: FloatArray
    """`[k, m]`: as the player believes them."""
    other_payoffs: FloatArray
    """`[k, m]`: as the player believes them."""
    by_outcome: FloatArray
    """`[t, k, m]`: a player's own tables by own and other's action."""
    by_action: FloatArray
    """`[t, k]`: a player's own tables by own action."""


class Mind(NamedTuple):
    """What a player carries from round to round. The first six are one number each, `[1]`, which everybody has."""

    alpha: FloatArray
    """Cooperativeness of the next round; NaN for players who have none."""
    estimate: FloatArray
    """beta_hat; NaN for players who estimate nothing."""
    deviation: FloatArray
    """Standard deviation of the belief; NaN for players who have none."""
    zero_evidence: FloatArray
    """Rounds so far that no cooperativeness could explain."""
    log_evidence: FloatArray
    """Sum of the log probabilities of the other's actions so far."""
    wrong: FloatArray
    """The first choice that was none, such as an action that the game does not have; 0 as long as there is none."""
    memory: FloatArray
    """`[n]`: what else the player remembers, which its rules read and write by name (`viewing`)."""
    belief: FloatArray
    """`[b]`."""
    curve: FloatArray
    """`[b]`: average of V_own(alpha_t, .)."""
    table: FloatArray
    """`[situations, choices]`: a learner's values or preferences."""
    trace: FloatArray
    """`[situations, choices]`: eligibility, or the critic in column 0."""


class Asked(NamedTuple):
    """What a player knows when it is asked for an action."""

    other: int
    """The other's last action, as played; where it was misread, as it was taken."""
    turn: int
    """The round, counted from 0; where the players are told how it began (`start` of a duel) that was round 0."""
    draw: float
    """Uniform on [0, 1): for the choice."""
    extra: float
    """Uniform on [0, 1): for exploring or probing."""


class Played(NamedTuple):
    """What a player knows of a round that was just played; actions are as played, slips included.

    The other's is the one that the player took it for, where it was misread.
    """

    own_before: int
    """The own last action, to which the other replied."""
    own: int
    other: int
    payoff: float
    """The own payoff, true whatever the player believes in."""
    turn: int
    """The round, counted from 0; as in `Asked`."""


Choose = Callable[[Seat, Mind, Asked], int]
Learn = Callable[[Seat, Mind, Played], None]


class Nothing(NamedTuple):
    """The memory of a player who remembers nothing but what everybody does."""


class DuelPlayer(ABC):
    """Whoever can take part in a duel. `choose` and `learn` are rules: plain Python that can be compiled."""

    Memory: ClassVar[type[tuple[Any, ...]]] = Nothing
    """A `NamedTuple` of what the player remembers in `Mind.memory`, all 0 before the first round."""
    learns_from_payoffs: ClassVar[bool] = False
    """Whether payoffs alone move it, as they move learners: then incentives do when they are paid, and what a planner
    announces tells it nothing (see `simulation.HandoverParameters.informed`)."""

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game: what the game itself gives."""
        return seat_at(game, role)

    def table_shape(self, game: Game, role: int) -> tuple[int, int]:
        """Return the shape of a learner's table: (1, 1) for those who do not learn by one."""
        return 1, 1

    @staticmethod  # noqa: B027 # to do nothing is a sound default
    def start(seat: Seat, mind: Mind) -> None:
        """Set a new mind, in which alpha and estimates are NaN and all else is 0, to what it is at first."""

    @staticmethod
    @abstractmethod
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Return an action, 0 for full cooperation."""

    @staticmethod  # noqa: B027
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Let the mind learn from a round: nothing, unless a player says otherwise."""

    def remember(self, seat: Seat, mind: Mind, played: Played) -> None:
        """Let a new mind learn from a round that is taken to have been played before the first: as from any."""
        self.learn(seat, mind, played)

    def complaint(self, wrong: float, n_actions: int) -> str:
        """Return what to say of a choice that is none (`Mind.wrong`)."""
        return f"`{type(self).__name__}.choose` must return a level from 0 to {n_actions - 1}, got {wrong:g}"


_with_rules = with_methods("a player of duels such as simulation.LiteralMirror()", "seat", "choose", "learn")


def duel_player(name: str, value: Any) -> DuelPlayer:
    """Return a player of duels, or raise ValueError."""
    player: DuelPlayer = _with_rules(name, value)
    return player


Named = TypeVar("Named", bound="tuple[Any, ...]")


def reading(kind: type[Named]) -> Callable[[FloatArray], Named]:
    """Return the rule that reads a vector as the `NamedTuple` of numbers `kind`, in the order of its fields."""
    return _made(kind, "vector[{}]")


def viewing(kind: type[Named]) -> Callable[[FloatArray], Named]:
    """Return the rule that views a vector as the `NamedTuple` `kind` of arrays `[1]`, which can be written to."""
    return _made(kind, "vector[{0}:{0} + 1]")


def _made(kind: type[Named], part: str) -> Callable[[FloatArray], Named]:
    # Compiled code has no loops over the fields of a tuple, so the rule is written out for them, as a lambda of this
    # file: whatever depends on it depends on this file and on that of `kind`.
    # Whose tuple it is, theirs is the rule.
    parts = ", ".join(part.format(k) for k in range(len(kind._fields)))  # type: ignore[attr-defined]
    written = compile(f"lambda vector: kind({parts})", __file__, "eval")
    made: Callable[[FloatArray], Named] = rule(eval(written, {"kind": kind, "__name__": kind.__module__}))
    return made


def new_mind(player: DuelPlayer, seat: Seat, game: Game, role: int) -> Mind:
    """Return the mind of a player before the first round."""
    remembered = len(player.Memory._fields)  # type: ignore[attr-defined]
    points, table = len(seat.grid), player.table_shape(game, role)
    mind = Mind(
        alpha=np.full(1, np.nan),
        estimate=np.full(1, np.nan),
        deviation=np.full(1, np.nan),
        zero_evidence=np.zeros(1),
        log_evidence=np.zeros(1),
        wrong=np.zeros(1),
        memory=np.zeros(remembered),
        belief=np.zeros(points),
        curve=np.zeros(points),
        table=np.zeros(table),
        trace=np.zeros(table),
    )
    player.start(seat, mind)
    return mind


def seat_at(
    game: Game,
    role: int,
    numbers: tuple[float, ...] = (),
    *,
    own: PolicyFamily | None = None,
    grid: FloatArray | None = None,
    prior: FloatArray | None = None,
    likelihood: FloatArray | None = None,
    values: FloatArray | None = None,
    by_outcome: FloatArray | None = None,
    by_action: FloatArray | None = None,
) -> Seat:
    """Return the tables of a player with some `numbers` of its own; what it does not use has length 1."""
    mine, theirs = own_and_other(game, role)
    cumulative = np.zeros((1, 1, 1)) if own is None else np.cumsum(own.probabilities, axis=2)
    if cumulative.shape[2] > 1:
        # Rounding must not leave a last action without its share, nor give one to an action that has none.
        cumulative /= cumulative[:, :, -1:]
    return Seat(
        np.array(numbers, dtype=np.float64),
        np.zeros(1) if own is None else np.array(own.weights),
        np.ascontiguousarray(cumulative),
        np.zeros(1) if grid is None else grid,
        np.zeros(1) if prior is None else prior,
        np.zeros((1, 1, 1)) if likelihood is None else likelihood,
        np.zeros((1, 1)) if values is None else values,
        np.ascontiguousarray(mine.T),
        np.ascontiguousarray(theirs.T),
        np.zeros((1, 1, 1)) if by_outcome is None else by_outcome,
        np.zeros((1, 1)) if by_action is None else by_action,
    )


@rule
def reply_by_cooperativeness(seat: Seat, alpha: float, other: int, draw: float) -> int:
    """Return the action of the policy of cooperativeness alpha in reply to the other's last action."""
    return draw_action(seat.cumulative, policy_index(seat.weights, alpha), other, draw)


@rule
def is_cooperative(action: int, n_actions: int) -> bool:
    """Return whether a level is at least 1/2."""
    return 2 * action <= n_actions - 1


@rule
def last_outcome(own: int, other: int, own_actions: int, other_actions: int) -> int:
    """Return 0 to 3 for CC, CD, DC, DD; levels of 1/2 or more are C."""
    first = 0 if is_cooperative(own, own_actions) else 2
    return first if is_cooperative(other, other_actions) else first + 1


@rule
def outcome_before_the_first(other: int, other_actions: int) -> int:
    """Return the outcome that stands for what came before the first round: both have done what the other has."""
    return 0 if is_cooperative(other, other_actions) else 3


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
    if isinstance(value, LearningRule):
        return value.to_dict() | {"sources": [source_of(part) for part in (value.cooperation, value.learn)]}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value if value is None or isinstance(value, bool | int | float | str) else repr(value)
