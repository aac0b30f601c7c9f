r"""Finite-state machines as strategies: three ways of writing them down, and which of them are in equilibrium.

Freeze one machine: for the other player the repeated game becomes a decision process whose state is the
machine's, so that a best response is found exactly, by policy iteration (Howard 1960). With per-round payoffs
u, discount d and the frozen machine's P(C) in state s, its value is the normalised sum (1 - d) sum_t d^t u_t,

    V(s) = max over a of  sum over b of P(b | s) [(1 - d) u(a, b) + d V(next state of s after b and a)].

A pair of machines is a Nash equilibrium of the repeated game if neither gains by such a response.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np

from theory.arguments import checked, count, function, name_of, number, place
from theory.checks import (
    FloatArray,
    IntArray,
    finite_array,
    is_list,
    known_name,
    number_below_one,
    number_within,
    position,
    shown,
    whole_number,
)
from theory.games.checks import two_by_two_game
from theory.games.game import Game
from theory.repeated.memory_one import OUTCOMES, MemoryOne, memory_one_strategy

Transition = tuple[int, ...]

# A history of so many turns has 22 million states where both actions are seen.
DEEPEST_HISTORY = 12

# Machines beyond this size cannot be checked for their memory in reasonable time.
_MANY_STATES = 2_000

# Policy iteration improves every state at once; it ends after a few dozen rounds on any machine of use.
MOST_IMPROVEMENTS = 10_000

# What an action must gain, as a share of the payoff range, to count as better than the one in force.
IMPROVEMENT = 1e-12


@dataclass(frozen=True)
class FiniteState:
    """A machine: each state cooperates with a probability, each outcome leads to a state.

    Attributes
    ----------
    cooperation
        `[n_states]` probabilities of C.
    transitions
        `[n_states][4]`: the state after (own, other's) actions CC, CD, DC, DD, counted from 0. A row of two
        entries is read as the state after the other's C and D, whatever the own action was.
    start
        The state in which a match begins.
    """

    cooperation: tuple[float, ...]
    transitions: tuple[Transition, ...]
    start: int = 0

    def __post_init__(self) -> None:
        if not is_list(self.cooperation) or not is_list(self.transitions):
            raise ValueError(
                "cooperation and transitions must be lists with an entry for each state, "
                f"got {shown(self.cooperation)} and {shown(self.transitions)}"
            )
        cooperation = tuple(
            number_within(f"the probability of C in state {k}", p, 0.0, 1.0)
            for k, p in enumerate(self.cooperation)
        )
        if not cooperation or len(self.transitions) != len(cooperation):
            raise ValueError(
                "a machine must have one row of transitions for each state, "
                f"got {len(cooperation)} states and {len(self.transitions)} rows"
            )
        rows = tuple(_transition(k, row, len(cooperation)) for k, row in enumerate(self.transitions))
        object.__setattr__(self, "cooperation", cooperation)
        object.__setattr__(self, "transitions", rows)
        object.__setattr__(self, "start", _state("start", self.start, len(cooperation)))

    @classmethod
    @checked(rule=memory_one_strategy)
    def of_memory_one(cls, rule: MemoryOne) -> FiniteState:
        """Return the machine of a memory-one strategy: one state for the start, one for each outcome."""
        return cls((rule.first, *rule.after), ((1, 2, 3, 4),) * 5)

    @classmethod
    @checked(
        depth=count(0, DEEPEST_HISTORY), cooperation=function, sees=name_of("what is seen", ("both", "other"))
    )
    def of_history(
        cls,
        depth: int,
        cooperation: Callable[[str, str], float],
        *,
        sees: Literal["both", "other"] = "both",
    ) -> FiniteState:
        """Return the machine of a rule that looks at the last `depth` turns.

        `cooperation(own, other)` gets the last actions as texts such as "CCD", the latest last, shorter in
        the first turns; with `sees="other"` the own actions are hidden ("") and the machine is smaller.
        """
        seen = OUTCOMES if sees == "both" else ("C", "D")
        histories = [h for length in range(depth + 1) for h in product(seen, repeat=length)]
        number = {history: k for k, history in enumerate(histories)}
        probabilities = tuple(
            cooperation("".join(turn[:-1] for turn in history), "".join(turn[-1] for turn in history))
            for history in histories
        )
        following = [[number[(*history, turn)[-depth:]] for turn in seen] for history in histories]
        return cls(probabilities, tuple(_transition(k, row, len(number)) for k, row in enumerate(following)))

    @classmethod
    def of_mealy(
        cls, transitions: Sequence[tuple[int, str, int, str]], *, start: int, first: str
    ) -> FiniteState:
        """Return the machine of a table whose actions stand on the transitions (Ashlock's notation).

        Each row is (state, other's action, next state, own next action); `first` is the opening action.
        """
        table = {
            (state, seen): (to, action) for state, seen, to, action in _mealy_rows("transitions", transitions)
        }
        if (
            known_name("first", first, ("C", "D"))
            and (whole_number("start", start, at_least=0), "C") not in table
        ):
            raise ValueError(f"start must be a state of the table, got {start}")
        number = {(start, first): 0}
        waiting = [(start, first)]
        rows: list[tuple[int, int]] = []
        # The list grows while it is walked: each new pair of state and action is visited once.
        for state, _ in waiting:
            following = []
            for seen in "CD":
                to = table[state, seen]
                if to not in number:
                    number[to] = len(number)
                    waiting.append(to)
                following.append(number[to])
            rows.append((following[0], following[1]))
        return cls(
            tuple(float(action == "C") for _, action in waiting),
            tuple(_transition(k, row, len(number)) for k, row in enumerate(rows)),
        )

    @property
    def n_states(self) -> int:
        """Number of states."""
        return len(self.cooperation)

    @property
    def is_stochastic(self) -> bool:
        """Whether a state mixes between C and D."""
        return any(0.0 < p < 1.0 for p in self.cooperation)

    @property
    def memory_depth(self) -> float:
        """The least d such that the last d turns decide how the machine plays on; `math.inf` if none does.

        Start from two states that the machine can be in. After the same outcomes they are in a pair of states
        again; d is the longest such walk through pairs that behave differently.
        """
        reached = self._reachable()
        if len(reached) > _MANY_STATES:
            raise ValueError(
                f"memory_depth is computed for at most {_MANY_STATES} states, got {len(reached)}"
            )
        behaviour = self._behaviours()
        differing = {
            (a, b): None for a, b in combinations(sorted(reached), 2) if behaviour[a] != behaviour[b]
        }
        depth: dict[tuple[int, int], float] = {}
        pending = dict(differing)
        # Peel pairs all of whose successors are settled; what cannot be peeled lies on or before a cycle.
        while pending:
            settled = []
            for pair in pending:
                following = [
                    _pair(self.transitions[pair[0]][k], self.transitions[pair[1]][k]) for k in range(4)
                ]
                alive = [pair_after for pair_after in following if pair_after in differing]
                if all(pair_after in depth for pair_after in alive):
                    settled.append((pair, 1 + max((depth[p] for p in alive), default=0)))
            if not settled:
                return math.inf
            for pair, value in settled:
                depth[pair] = value
                del pending[pair]
        return max(depth.values(), default=0)

    def _reachable(self) -> set[int]:
        reached, waiting = {self.start}, [self.start]
        while waiting:
            for state in self.transitions[waiting.pop()]:
                if state not in reached:
                    reached.add(state)
                    waiting.append(state)
        return reached

    def _behaviours(self) -> list[int]:
        """Return a number for each state, the same for those that always play alike (Moore's refinement)."""
        classes = _numbered([(p,) for p in self.cooperation])
        while True:
            finer = _numbered(
                [(classes[state], *(classes[to] for to in row)) for state, row in enumerate(self.transitions)]
            )
            if max(finer) == max(classes):
                return finer
            classes = finer


def _numbered(keys: Sequence[tuple[float, ...]]) -> list[int]:
    number: dict[tuple[float, ...], int] = {}
    return [number.setdefault(key, len(number)) for key in keys]


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _transition(state: int, row: Sequence[int], n_states: int) -> Transition:
    if not is_list(row):
        raise ValueError(f"the transitions of state {state} must be a list of states, got {shown(row)}")
    entries = tuple(row) * 2 if len(row) == 2 else tuple(row)
    if len(entries) != 4:
        raise ValueError(
            f"the transitions of state {state} must be four states, after CC, CD, DC and DD, "
            f"or two, after the other's C and D, got {row!r}"
        )
    cc, cd, dc, dd = (_state(f"a transition of state {state}", to, n_states) for to in entries)
    return cc, cd, dc, dd


def _state(name: str, state: int, n_states: int) -> int:
    try:
        number = whole_number(name, state, 0, n_states - 1)
    except ValueError:
        raise ValueError(f"{name} must be a state from 0 to {n_states - 1}, got {shown(state)}") from None
    return number


def _mealy_rows(name: str, value: Any) -> Sequence[tuple[int, str, int, str]]:
    """Return the rows of a table in which every state is left by both actions, or raise ValueError."""
    rows = list(value) if is_list(value) else []
    left: set[tuple[int, str]] = set()
    for row in rows:
        if not is_list(row) or len(row) != 4 or row[1] not in ("C", "D") or row[3] not in ("C", "D"):
            raise ValueError(f"{name} must be rows (state, C or D, next state, C or D), got {shown(row)}")
        whole_number(f"a state of {name}", row[0], at_least=0)
        whole_number(f"a state of {name}", row[2], at_least=0)
        left.add((int(row[0]), str(row[1])))
    missing = [(row[2], seen) for row in rows for seen in "CD" if (row[2], seen) not in left]
    if not rows or missing:
        raise ValueError(f"{name} must say what follows each state and action, got {shown(missing or value)}")
    return rows


@runtime_checkable
class Machine(Protocol):
    """A finite-state strategy for two actions, such as `simulation.FiniteState`."""

    @property
    def cooperation(self) -> Sequence[float]:
        """`[n_states]`: P(C) in each state."""

    @property
    def transitions(self) -> Sequence[Sequence[int]]:
        """`[n_states][4]`: the state after the (own, other's) actions CC, CD, DC, DD."""

    @property
    def start(self) -> int:
        """The state in which play begins."""


def machine(name: str, value: Any) -> Machine:
    """Return a machine of which every probability and state is in its bounds, or raise ValueError."""
    if not isinstance(value, Machine) or isinstance(value, type):
        raise ValueError(f"{name} must be a machine such as simulation.FiniteState, got {shown(value)}")
    cooperation = finite_array(f"P(C) in the states of {name}", value.cooperation)
    if cooperation.ndim != 1 or not cooperation.size or cooperation.min() < 0.0 or cooperation.max() > 1.0:
        raise ValueError(f"P(C) in the states of {name} must lie in [0, 1], got {shown(value.cooperation)}")
    n_states = len(cooperation)
    following = finite_array(f"transitions of {name}", value.transitions)
    if following.shape != (n_states, 4):
        raise ValueError(
            f"{name} must have four transitions for each of {n_states} states, got shape {following.shape}"
        )
    if ((following != np.floor(following)) | (following < 0) | (following >= n_states)).any():
        raise ValueError(
            f"transitions of {name} must be states from 0 to {n_states - 1}, got {shown(value.transitions)}"
        )
    position(f"start of {name}", value.start, n_states)
    return value


@dataclass(frozen=True, eq=False)
class MachineResponse:
    """A best response to a frozen machine.

    Attributes
    ----------
    payoff
        The responder's discounted payoff per round, from the machine's start.
    actions
        `[n_states]`: the responder's action, 0 for C and 1 for D, in each state of the machine.
    discount
        With which payoffs were discounted.
    """

    payoff: float
    actions: IntArray
    discount: float


@dataclass(frozen=True, eq=False)
class MachinesVerdict:
    """Whether a pair of machines is a Nash equilibrium of the repeated game.

    Attributes
    ----------
    payoffs
        `[2]`: discounted payoffs per round of the pair.
    best_response_payoffs
        `[2]`: what each would get by a best response to the other as it is.
    gains
        `[2]`: the difference, at least 0, in payoff units per round.
    least_tolerance
        The larger gain as a share of that player's payoff range: the least tolerance at which the answer is yes.
    is_equilibrium
        Whether `least_tolerance` is at most `tolerance`.
    responses
        A best response of each player to the other.
    discount, tolerance
        As given.
    """

    payoffs: FloatArray
    best_response_payoffs: FloatArray
    gains: FloatArray
    least_tolerance: float
    is_equilibrium: bool
    responses: tuple[MachineResponse, MachineResponse]
    discount: float
    tolerance: float


@checked(game=two_by_two_game, first=machine, second=machine, tolerance=number(0.0))
def judge_machines(
    game: Game, first: Machine, second: Machine, *, discount: float = 0.99, tolerance: float = 1e-6
) -> MachinesVerdict:
    """Judge a pair of machines in the repeated game.

    Parameters
    ----------
    game
        The stage game, of two players with two actions each; action 0 is C.
    first, second
        The machines of player 1 and player 2.
    discount
        d in [0, 1): weight of the next round relative to this one, or the probability that there is one.
    tolerance
        Share, at least 0, of a player's payoff range up to which a gain counts as none.

    Raises
    ------
    ValueError
        If the game is not 2x2 or an argument is out of its bounds.
    """
    payoffs = machine_payoffs(game, first, second, discount=discount)
    responses = (
        best_response_to_machine(game, second, 0, discount=discount),
        best_response_to_machine(game, first, 1, discount=discount),
    )
    best = np.array([response.payoff for response in responses])
    # A best response is at least as good as the machine itself; rounding may say otherwise by a digit.
    gains = np.maximum(best - payoffs, 0.0)
    ranges = game.payoff_range
    share = float((gains / np.where(ranges > 0.0, ranges, 1.0)).max())
    return MachinesVerdict(
        payoffs, best, gains, share, share <= tolerance, responses, float(discount), tolerance
    )


@checked(game=two_by_two_game, first=machine, second=machine)
def machine_payoffs(game: Game, first: Machine, second: Machine, *, discount: float = 0.99) -> FloatArray:
    """Return `[2]`, the discounted payoffs per round of two machines against each other."""
    d = number_below_one("discount", discount)
    pairs = [(first.start, second.start)]
    number = {pairs[0]: 0}
    rows: list[int] = []
    columns: list[int] = []
    chances: list[float] = []
    immediate: list[FloatArray] = []
    # The list grows while it is walked: each pair of states that play can reach is visited once.
    for index, (one, two) in enumerate(pairs):
        p, q = first.cooperation[one], second.cooperation[two]
        mean = np.zeros(2)
        for row, column, chance in _outcomes(p, q):
            mean += chance * game.payoffs[:, row, column]
            following = (
                first.transitions[one][2 * row + column],
                second.transitions[two][2 * column + row],
            )
            if following not in number:
                number[following] = len(pairs)
                pairs.append(following)
            rows.append(index)
            columns.append(number[following])
            chances.append(chance)
        immediate.append(mean)
    values = _solve(rows, columns, d * np.array(chances), (1.0 - d) * np.array(immediate))
    return np.asarray(values[0])


@checked(game=two_by_two_game, machine=machine, player=place(2))
def best_response_to_machine(
    game: Game, machine: Machine, player: int, *, discount: float = 0.99
) -> MachineResponse:
    """Return a best response of `player` (0 or 1) to a machine of the other, by policy iteration."""
    d = number_below_one("discount", discount)
    # own[a, b]: the responder's payoff from its action a and the machine's b.
    own = game.payoffs[0] if player == 0 else game.payoffs[1].T
    cooperation = np.array(machine.cooperation, dtype=np.float64)
    chance = np.stack([cooperation, 1.0 - cooperation], axis=1)
    # following[s, a, b]: transitions are by the machine's own action first.
    following = np.array(machine.transitions, dtype=np.int64).reshape(-1, 2, 2).transpose(0, 2, 1)
    immediate = (1.0 - d) * np.einsum("sb,ab->sa", chance, own)
    states = np.arange(len(cooperation))
    actions = immediate.argmax(axis=1)
    margin = IMPROVEMENT * float(np.ptp(own))
    for _ in range(MOST_IMPROVEMENTS):
        rows = np.repeat(states, 2)
        values = _solve(
            rows,
            following[states, actions].ravel(),
            d * chance.ravel(),
            immediate[states, actions],
        )
        worth = immediate + d * np.einsum("sb,sab->sa", chance, values[following])
        better = worth.max(axis=1) > worth[states, actions] + margin
        if not better.any():
            return MachineResponse(float(values[machine.start]), actions, d)
        actions = np.where(better, worth.argmax(axis=1), actions)
    raise ValueError(f"policy iteration did not end after {MOST_IMPROVEMENTS} improvements")


def _outcomes(p: float, q: float) -> list[tuple[int, int, float]]:
    """Return the outcomes that can happen: both actions and their probability."""
    both = [(0, 0, p * q), (0, 1, p * (1.0 - q)), (1, 0, (1.0 - p) * q), (1, 1, (1.0 - p) * (1.0 - q))]
    return [outcome for outcome in both if outcome[2] > 0.0]


def _solve(
    rows: Sequence[int] | IntArray,
    columns: Sequence[int] | IntArray,
    weights: FloatArray,
    immediate: FloatArray,
) -> FloatArray:
    """Return the values v = immediate + W v, where W has `weights` at `rows` and `columns`."""
    from scipy.sparse import coo_array, eye_array
    from scipy.sparse.linalg import spsolve

    n = len(immediate)
    matrix = eye_array(n) - coo_array((weights, (rows, columns)), shape=(n, n))
    return np.asarray(spsolve(matrix.tocsc(), immediate), dtype=np.float64)
