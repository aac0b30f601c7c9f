"""What a strategy of a repeated 2x2 game is.

A strategy is data, so it can be stored, compared and sent to another process. Its rule is one of three:

- `theory.repeated.memory_one.MemoryOne`: probabilities of C at first and after each outcome;
- `FiniteState`: a machine whose state says with which probability it cooperates, and where to go after
  each outcome; every memory-one strategy is one;
- `Functions`: a pair of functions on an array of numbers, for everything that counts or learns.

Actions are 0 (C) and 1 (D). All rules see the actions that were *carried out*: where noise turns a C
into a D, the player itself sees that it defected. Outcomes are in the player's own eyes, own action
first: CC, CD, DC, DD.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from theory.arguments import check_fields, function, function_of, optional
from theory.checks import FloatArray, finite_array, number_within, plain_text, truth_value
from theory.repeated.machines import FiniteState as FiniteState
from theory.repeated.memory_one import MemoryOne

COOPERATE, DEFECT = 0, 1


class Known(NamedTuple):
    """What a player knows of the match that it is in."""

    payoffs: FloatArray
    """`[2, 2, 2]`: own and other's payoffs by own and other's action."""
    turns: int
    """How many turns the match has; 0 if nobody knows."""
    noise: float
    """Probability in [0, 1/2) with which each action flips."""
    role: int = 0
    """0 for the row player, 1 for the column player: who is named first where a game has two outcomes alike."""


Prepared = Callable[[Known], Sequence[float] | FloatArray]
Cooperation = Callable[[FloatArray, int, Known], float]
Update = Callable[[FloatArray, int, int, int, Known], None]


@dataclass(frozen=True)
class Functions:
    """A rule given by two functions.

    Attributes
    ----------
    cooperation
        `cooperation(memory, turn, known)` returns the probability of C on a turn (counted from 0). It must
        not change `memory`.
    update
        `update(memory, turn, own, other, known)` changes `memory` in place after the turn's actions.
    memory
        The numbers in memory when a match begins; parameters of the rule can be among them.
    memory_depth
        How many turns back the rule looks once the match is under way; `math.inf` if it counts or learns.
    is_stochastic
        Whether it ever cooperates with a probability that is neither 0 nor 1. False promises that it never does:
        matches in which nothing is random are played once. Who breaks the promise is refused.
    compiles
        Whether both functions are marked by `simulation.engine.compilation.rule`, so that they can be compiled.
        Else they run as plain Python, some hundred times slower, and a warning says so.
    prepared
        For rules whose memory depends on the game: `prepared(known)` returns it before a match begins, in plain
        Python, and `memory` is (). None: every match begins with `memory`.
    """

    cooperation: Cooperation
    update: Update
    memory: tuple[float, ...]
    memory_depth: float = math.inf
    is_stochastic: bool = True
    compiles: bool = False
    prepared: Prepared | None = None

    def __post_init__(self) -> None:
        for name, takes in (
            ("cooperation", "memory, turn, known"),
            ("update", "memory, turn, own, other, known"),
        ):
            function_of(takes)(name, getattr(self, name))
        optional(function)("prepared", self.prepared)
        for name in ("is_stochastic", "compiles"):
            truth_value(name, getattr(self, name))
        if not (isinstance(self.memory_depth, float) and self.memory_depth == math.inf):
            number_within("memory_depth", self.memory_depth, 0.0, math.inf)
        memory = tuple(_numbers("memory", self.memory).tolist())
        if self.prepared is not None and memory:
            raise ValueError(f"memory must be () where prepared makes it, got {memory}")
        object.__setattr__(self, "memory", memory)


def first_memory(rule: Functions, known: Known) -> FloatArray:
    """Return the numbers that a rule has in memory when a match begins, or raise ValueError."""
    if rule.prepared is None:
        return np.array(rule.memory, dtype=np.float64)
    return _numbers("what prepared returns", rule.prepared(known))


def _numbers(name: str, value: Any) -> FloatArray:
    """Return a sequence of finite numbers as an array."""
    numbers = finite_array(name, value)
    if numbers.ndim != 1:
        raise ValueError(f"{name} must be a sequence of numbers, got shape {numbers.shape}")
    return numbers


Rule = MemoryOne | FiniteState | Functions


@dataclass(frozen=True)
class Strategy:
    """A named strategy.

    Attributes
    ----------
    name
        Identifies it in tables and datasets.
    rule
        How it plays.
    source
        Who described it where; empty for one of your own.
    """

    name: str
    rule: Rule
    source: str = ""

    def __post_init__(self) -> None:
        check_fields(self)
        if isinstance(self.rule, Strategy):
            raise ValueError(
                f"a strategy's rule must be a MemoryOne, FiniteState or Functions, got the strategy "
                f"{self.rule.name!r}: to name it anew take dataclasses.replace(strategy, name=...)"
            )
        if not isinstance(self.rule, MemoryOne | FiniteState | Functions):
            raise ValueError(
                "a strategy's rule must be a MemoryOne, FiniteState or Functions, "
                f"got {type(self.rule).__name__}"
            )

    @property
    def machine(self) -> FiniteState | None:
        """The rule as a finite-state machine; None if it is not one."""
        if isinstance(self.rule, MemoryOne):
            return FiniteState.of_memory_one(self.rule)
        return self.rule if isinstance(self.rule, FiniteState) else None

    @property
    def memory_depth(self) -> float:
        """How many turns back the rule looks, `math.inf` if no number is enough."""
        if isinstance(self.rule, Functions):
            return self.rule.memory_depth
        machine = self.machine
        assert machine is not None
        return machine.memory_depth

    @property
    def is_stochastic(self) -> bool:
        """Whether it ever mixes between C and D."""
        if isinstance(self.rule, Functions):
            return self.rule.is_stochastic
        machine = self.machine
        assert machine is not None
        return machine.is_stochastic


def memory_one(
    first: float, after: tuple[float, float, float, float], *, name: str | None = None
) -> Strategy:
    """Return the strategy that looks one turn back.

    Parameters
    ----------
    first
        Probability of C on the first turn.
    after
        Probabilities of C after (own, other's) actions CC, CD, DC and DD.
    name
        By default the probabilities.
    """
    rule = MemoryOne(first, after)
    numbers = ", ".join(f"{p:g}" for p in rule.after)
    name = optional(plain_text)("name", name)
    return Strategy(name or f"memory-one {rule.first:g} ({numbers})", rule)
