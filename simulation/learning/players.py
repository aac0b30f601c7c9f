"""Players who each live by a learning rule, in one law: who follows which, what they remember, what they come to.

A law is made of the kinds of rules that there are, whose names and numbers do not matter to it: players of one kind
share its code, whatever their tunables are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.learning.policy_gradient import log_odds
from simulation.learning.rule import Cooperation, Learn, LearningRule, cooperation_of, no_probability
from theory.checks import FloatArray, IntArray


class Kind(NamedTuple):
    """What a law must know of a learning rule."""

    cooperation: Cooperation
    learn: Learn
    remembered: int
    """How many numbers a player remembers."""
    tunables: int
    """How many there are."""
    expects: bool


class PlayersRules(NamedTuple):
    """Which rules players live by, for the constants of a law; empty where they live by none."""

    kind: IntArray
    """`[n_players]`: the place of a player's among the kinds that the law is made of."""
    tunables: FloatArray
    """`[n_players, most tunables]`, padded with 0."""


def _kind(given: LearningRule) -> Kind:
    return Kind(given.cooperation, given.learn, len(given.memory), len(given.tunables), given.expects)


def kinds_of(rules: Sequence[LearningRule]) -> tuple[Kind, ...]:
    """Return the different kinds among players' rules, in the order in which they come."""
    return tuple(dict.fromkeys(_kind(given) for given in dict.fromkeys(rules)))


def players_rules(rules: Sequence[LearningRule]) -> PlayersRules:
    """Return what is fixed of players' rules, none for none."""
    places = {kind: place for place, kind in enumerate(kinds_of(rules))}
    tunables = np.zeros((len(rules), max((len(given.tunables) for given in rules), default=0)))
    for row, given in zip(tunables, rules, strict=True):
        row[: len(given.tunables)] = given.values
    return PlayersRules(np.array([places[_kind(given)] for given in rules], dtype=np.int64), tunables)


def remembered_at_start(rules: Sequence[LearningRule], theta: FloatArray) -> FloatArray:
    """Return `[n_players, numbers]` remembered before the first round, padded with 0.

    `theta[n_players]`, where policy parameters start, becomes the log-odds of everybody's P(C).
    """
    memory = np.zeros((len(rules), max(len(given.memory) for given in rules)))
    known: dict[tuple[int, float], tuple[FloatArray, float]] = {}
    for i, (given, at) in enumerate(zip(rules, theta.tolist(), strict=True)):
        if (id(given), at) not in known:
            own = given.start(at)
            known[id(given), at] = own, log_odds(cooperation_of(given, own))
        memory[i, : len(given.memory)], theta[i] = known[id(given), at]
    return memory


def cooperation_of_players(rules: Sequence[LearningRule], memory: FloatArray) -> FloatArray:
    """Return `[runs, n_players]`, everybody's P(C) from what they remember, `[runs, n_players, numbers]`."""
    return np.array(
        [
            [
                cooperation_of(given, own[: len(given.memory)])
                for given, own in zip(rules, of_run, strict=True)
            ]
            for of_run in memory
        ]
    )


def wrong_of_rules(rules: Sequence[LearningRule], state: Any) -> str:
    """Return what to say of the first player whose rule gives no probability; empty if all do.

    `state.memory[n_players, numbers]` is what a run carries of them.
    """
    for given, row in zip(rules, state.memory, strict=True):
        own = row[: len(given.memory)]
        p = float(given.cooperation(own, given.values)) if np.isfinite(own).all() else 0.0
        if not 0.0 <= p <= 1.0:
            return no_probability(given, p)
    return ""


@rule
def show_log_odds(theta: FloatArray, i: int, p: float) -> None:
    """Let theta be the log-odds of P(C); NaN, for good, once a rule has given what is no probability."""
    if 0.0 <= p <= 1.0 and theta[i] == theta[i]:
        theta[i] = log_odds(p)
    else:
        theta[i] = math.nan


def chooses_by(kinds: tuple[Kind, ...], first: int = 0) -> Any:
    """Return the rule `(kind, memory, tunables) -> P(C)`, of a player's rows of numbers."""
    cooperation, remembered = kinds[0].cooperation, kinds[0].remembered
    fixed = _tuple_of(kinds[0].tunables)

    @rule
    def by_first(kind: int, memory: FloatArray, tunables: FloatArray) -> float:
        return cooperation(memory[:remembered], fixed(tunables))

    if len(kinds) == 1:
        return by_first
    others = chooses_by(kinds[1:], first + 1)

    @rule
    def by_all(kind: int, memory: FloatArray, tunables: FloatArray) -> float:
        if kind == first:
            return by_first(kind, memory, tunables)
        p: float = others(kind, memory, tunables)
        return p

    return by_all


def learns_by(kinds: tuple[Kind, ...], first: int = 0) -> Any:
    """Return the rule `(kind, memory, tunables, experience) -> None`, of a player's rows of numbers."""
    learn, remembered = kinds[0].learn, kinds[0].remembered
    fixed = _tuple_of(kinds[0].tunables)

    @rule
    def by_first(kind: int, memory: FloatArray, tunables: FloatArray, experience: Any) -> None:
        learn(memory[:remembered], fixed(tunables), experience)

    if len(kinds) == 1:
        return by_first
    others = learns_by(kinds[1:], first + 1)

    @rule
    def by_all(kind: int, memory: FloatArray, tunables: FloatArray, experience: Any) -> None:
        if kind == first:
            by_first(kind, memory, tunables, experience)
        else:
            others(kind, memory, tunables, experience)

    return by_all


def _tuple_of(size: int) -> Any:
    """Return the rule that makes a tuple of the first numbers of a row, as functions of rules take their tunables."""
    if size == 0:

        @rule
        def nothing(row: FloatArray) -> tuple[()]:
            return ()

        return nothing
    fewer = _tuple_of(size - 1)

    @rule
    def of_row(row: FloatArray) -> Any:
        return (*fewer(row), float(row[size - 1]))

    return of_row
