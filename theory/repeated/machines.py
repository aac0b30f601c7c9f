"""Finite-state machines as strategies, and three ways of writing them down."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal

from theory.arguments import checked, count, function, name_of
from theory.checks import is_list, known_name, number_within, shown, whole_number
from theory.repeated.memory_one import OUTCOMES, MemoryOne, memory_one_strategy

Transition = tuple[int, ...]

# A history of so many turns has 22 million states where both actions are seen.
DEEPEST_HISTORY = 12

# Machines beyond this size cannot be checked for their memory in reasonable time.
_MANY_STATES = 2_000


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
