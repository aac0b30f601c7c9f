"""A learning rule is one object: what a learner remembers, how it chooses, and what it makes of a round.

    boltzmann = LearningRule(
        name="boltzmann-q",
        memory={"value_of_c": 0.0, "value_of_d": 0.0},
        tunables={"learning_rate": 0.1, "temperature": 0.2},
        cooperation=...,  # (memory, tunables) -> P(C)
        learn=...,  # (memory, tunables, experience) -> None
    )

The same object plays wherever somebody learns. The rules of this package are made in the same way, one file each, and
nothing else is known of them. Both functions are compiled together with the law that calls them, if they can be:
numbers, `if`, `for` and the functions of `simulation.engine.elementary`, and no arrays of their own.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from simulation.engine.compilation import UNTRANSLATABLE, compiled, line_beyond_numba, rule
from theory.arguments import check_fields, checked, function_of, optional
from theory.checks import FloatArray, finite_number, known_name, plain_text, shown

Tunables = tuple[float, ...]
Cooperation = Callable[[FloatArray, Tunables], float]


class Experience(NamedTuple):
    """What a learner knows of the round that it has just played; all are numbers."""

    cooperated: float
    """1 if C was carried out, 0 for D."""
    cooperation_probability: float
    """With which C was carried out, noise included; of a learner who never slips what its rule gave."""
    noise: float
    """Probability in [0, 1/2) with which what is meant is flipped; the learner sees what was carried out."""
    score: float
    """Derivative by theta of the log probability of what was carried out, if P(C) = sigmoid(theta) is what is meant:
    a - P(C) without noise, a = 1 for C and 0 for D (thesis Eq. 3.10)."""
    reward: float
    """Own payoff + alpha * the others' payoffs + incentive (thesis Eq. 4.1), in payoff units."""
    expected_gain: float
    """What C instead of D would have added to the expected reward, given with which probabilities the others
    cooperated; NaN for rules that do not ask for it (`expects`)."""
    others_cooperated: float
    """Share of the others who carried out C, in [0, 1]."""


Learn = Callable[[FloatArray, Tunables, Experience], None]


@dataclass(frozen=True, kw_only=True)
class LearningRule:
    """A rule by which a learner chooses between C and D, and learns from what happens.

    Raises
    ------
    ValueError
        If the name is empty, a function is none, a number is not finite, or the policy parameter is not what is
        remembered first.
    """

    name: str
    """Of the rule in tables and datasets."""
    memory: Mapping[str, float]
    """The numbers that a learner remembers, by name, with what they are before the first round; at least one."""
    cooperation: Cooperation
    """`(memory, tunables) -> P(C)` in [0, 1]; `memory` holds the remembered numbers in their order, `tunables` is a
    tuple of the tunables' values in theirs."""
    learn: Learn
    """`(memory, tunables, experience) -> None` writes into `memory` what is remembered after a round."""
    tunables: Mapping[str, float] = field(default_factory=dict)
    """Named numbers that stay fixed during a run, with their defaults."""
    policy_parameter: str | None = None
    """The name of theta, for rules with P(C) = sigmoid(theta). It is remembered first, and starts where the law lets
    learners start (`initial_cooperation`). A planner looks ahead through it (thesis Eq. 4.3). Of a rule without one
    that of two players makes itself a model from what it sees (Eq. 4.6), and others, who know everybody's P(C), take
    its log-odds for theta."""
    expects: bool = False
    """Whether the rule learns from `experience.expected_gain`, which only a law can know that sees with which
    probabilities the others cooperate."""
    source: str = ""
    """Where the rule is from."""

    def __post_init__(self) -> None:
        check_fields(self)
        if not self.name:
            raise ValueError("name of a learning rule must not be empty")
        for name, takes in (("cooperation", "memory, tunables"), ("learn", "memory, tunables, experience")):
            given = function_of(takes)(name, getattr(self, name))
            # Marked, it can be called from compiled code.
            object.__setattr__(self, name, rule(given) if isinstance(given, FunctionType) else given)
        for name in ("memory", "tunables"):
            object.__setattr__(self, name, _numbers(name, getattr(self, name)))
        if not self.memory:
            raise ValueError("memory of a learning rule must have at least one number, got none")
        if self.policy_parameter not in (None, next(iter(self.memory))):
            raise ValueError(
                f"the policy parameter must be what is remembered first, {next(iter(self.memory))!r}, got "
                f"{self.policy_parameter!r}"
            )

    def __hash__(self) -> int:
        return hash((self.name, self.cooperation, self.learn, *self.tunables.items()))

    @checked(name=optional(plain_text))
    def tuned(self, *, name: str | None = None, **tunables: float) -> LearningRule:
        """Return the rule with other values of some tunables, and another name if one is given.

        Raises
        ------
        ValueError
            If the rule has no such tunable.
        """
        for given in tunables:
            known_name(f"tunable of {self.name}", given, tuple(self.tunables))
        return replace(self, name=name or self.name, tunables={**self.tunables, **tunables})

    @property
    def values(self) -> Tunables:
        """The tunables as the rule's functions take them."""
        return tuple(self.tunables.values())

    @checked(theta=finite_number)
    def start(self, theta: float) -> FloatArray:
        """Return `[numbers]` remembered before the first round; `theta` is where a policy parameter starts."""
        numbers = np.array(list(self.memory.values()))
        if self.policy_parameter is not None:
            numbers[0] = theta
        return numbers

    @property
    def untuned(self) -> LearningRule:
        """The rule with zeros for all its numbers: what a law is made of, whatever the numbers are."""
        return replace(
            self, memory=dict.fromkeys(self.memory, 0.0), tunables=dict.fromkeys(self.tunables, 0.0)
        )

    @property
    def fault(self) -> str:
        """Why the rule cannot be compiled; empty if it can."""
        return _fault(self.cooperation, self.learn, len(self.tunables))

    def to_dict(self) -> dict[str, Any]:
        """Return name, tunables and starts of the rule as plain values for JSON."""
        return {"name": self.name, "tunables": dict(self.tunables), "memory": dict(self.memory)}


def _numbers(name: str, given: Any) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise ValueError(f"{name} of a learning rule must be numbers by name, got {shown(given)}")
    return {str(key): float(finite_number(f"{name} {key!r}", value)) for key, value in given.items()}


@lru_cache(maxsize=256)
def _fault(cooperation: Cooperation, learn: Learn, n_tunables: int) -> str:
    """Return why two functions cannot be compiled; empty if they can."""
    import numba

    def both(memory: FloatArray, tunables: Tunables, experience: Experience) -> float:
        learn(memory, tunables, experience)
        return cooperation(memory, tunables)

    kinds = (np.zeros(1), (0.0,) * n_tunables, Experience(*(0.0,) * len(Experience._fields)))
    try:
        twin: Any = compiled(both)
        if not hasattr(twin, "compile"):  # with NUMBA_DISABLE_JIT it is the plain function
            return ""
        typeof: Any = numba.typeof
        twin.compile(tuple(typeof(kind) for kind in kinds))
        if isinstance(twin.nopython_signatures[-1].return_type, numba.types.NoneType | numba.types.Optional):
            return "cooperation does not always return a number"
    # What a law reaches must be named and be constant, which is a ValueError; what numba cannot translate is its own.
    except ValueError as error:
        return str(error)
    except UNTRANSLATABLE as error:
        return line_beyond_numba(str(error))
    return ""


def notice_uncompiled_rules(rules: Sequence[LearningRule], *, stacklevel: int) -> bool:
    """Return whether all rules can be compiled; say once of those that cannot that they run as plain Python.

    Raises
    ------
    ValueError
        If what a rule gives at first is no probability, or what it learns is returned instead of written.
    """
    for given in rules:
        memory = given.start(0.0)
        cooperation_of(given, memory)
        _learns_in_place(given, memory)
    faults = {given.name: given.fault for given in rules if given.fault}
    for name, fault in faults.items():
        warnings.warn(
            f"the learning rule {name!r} runs in plain Python, about 200 times slower, since it cannot be compiled: "
            f"{fault}",
            stacklevel=stacklevel + 1,
        )
    return not faults


# A round as any rule may meet it.
_SOME_ROUND = Experience(
    cooperated=1.0,
    cooperation_probability=0.5,
    noise=0.0,
    score=0.5,
    reward=1.0,
    expected_gain=0.0,
    others_cooperated=1.0,
)


def _learns_in_place(given: LearningRule, memory: FloatArray) -> None:
    """Raise ValueError if `learn` returns what it should write into `memory`; nobody would see it."""
    learn: Any = given.learn
    try:
        with np.errstate(all="ignore"):
            returned = learn(memory, given.values, _SOME_ROUND)
    except Exception:  # what fails here and not in a run is no fault; what fails there is told with its round
        return
    if returned is not None:
        raise ValueError(
            f"learn of the learning rule {given.name!r} must write into memory and return nothing, got "
            f"{shown(returned)}"
        )


def cooperation_of(given: LearningRule, memory: FloatArray) -> float:
    """Return P(C) of a learner, held to be a probability.

    Raises
    ------
    ValueError
        If the rule gives what is none.
    """
    found = given.cooperation(memory, given.values)
    try:
        p = float(found)
    except TypeError as error:
        raise ValueError(no_probability(given, found)) from error
    if not 0.0 <= p <= 1.0:
        raise ValueError(no_probability(given, p))
    return p


def no_probability(given: LearningRule, found: Any) -> str:
    """Return what to say of a learning rule whose probability of C is none."""
    got = f"{found:g}" if isinstance(found, float) else shown(found)
    return f"the learning rule {given.name!r} must give a probability of C in [0, 1], got {got}"
