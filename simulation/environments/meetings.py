"""Whom one learner meets: a player of duels, alone or under a planner, a strategy of matches, or somebody's own.

A meeting is one episode, made anew for each, and so is whatever its player remembers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from simulation.engine.layout import copied
from simulation.engine.runs import Process, indices_told, take_step
from simulation.environments.past import Past
from simulation.gradual.duels import duel_process
from simulation.gradual.law import drawn_again, misread, slip
from simulation.gradual.seat import Asked, DuelPlayer, Mind, Seat, viewing
from simulation.handover.parameters import HandoverParameters
from simulation.handover.runs import handover_process
from simulation.matches.runs import Terms
from simulation.matches.strategies.base import Functions, Strategy, first_memory
from simulation.matches.terms import Player, as_strategy, checked_terms
from simulation.mechanism_design.parameters import MechanismDesignParameters
from theory import Game
from theory.checks import FloatArray, IntArray, position, shown
from theory.repeated.machines import FiniteState
from theory.repeated.memory_one import MemoryOne

# Draws of a round: of each player, one to choose by, two for whether and where its action slips, one to explore by.
DRAWS = 8


class Acting(Protocol):
    """A player of somebody's own, who is asked for an action in every round."""

    def act(self, observation: IntArray) -> int:
        """Return an action; what is seen is what a learner in this seat would see."""


Opponent = Player | DuelPlayer
Factory = Callable[[np.random.Generator], Opponent | Acting]


@dataclass(frozen=True)
class Circumstances:
    """What all episodes of an environment have in common."""

    game: Game
    role: int
    """The learner's: 0 the row, 1 the column player."""
    depth: int
    noise: float
    misreading: float
    planner: MechanismDesignParameters | None


class Met(NamedTuple):
    """What happened in a round; `[2]` each, by role."""

    actions: IntArray
    """As played, slips included."""
    seen: IntArray
    """What each took the other's action for."""
    additional_rewards: FloatArray
    """What a planner paid, in payoff units."""


class Meeting(ABC):
    """An episode with somebody."""

    @abstractmethod
    def play(self, action: int, generator: np.random.Generator) -> Met:
        """Play a round in which the learner chooses an action."""


NewMeeting = Callable[[np.random.Generator], Meeting]


def meetings_with(opponent: Opponent | Factory, around: Circumstances) -> NewMeeting:
    """Return the function of an episode's generator that makes a meeting, or raise ValueError."""
    acts = hasattr(opponent, "act")
    if acts and not isinstance(opponent, type):
        raise ValueError(
            "an opponent with a method `act` may remember what was played, so it must come from a function of a "
            f"generator that makes a new one for each episode, got {shown(opponent)} itself"
        )
    if acts or (callable(opponent) and not isinstance(opponent, type)):
        return partial(_meeting_of_factory, opponent, around)  # type: ignore[arg-type] # it is called
    return _meetings_with_known(opponent, around)


def _meeting_of_factory(make: Factory, around: Circumstances, generator: np.random.Generator) -> Meeting:
    opponent = make(generator)
    if not isinstance(opponent, type) and callable(getattr(opponent, "act", None)):
        if around.planner is not None:
            raise ValueError(f"a planner leads players of duels, got {shown(opponent)}")
        return ActingMeeting(opponent, around)  # type: ignore[arg-type]
    return _meetings_with_known(opponent, around)(generator)


def _meetings_with_known(opponent: Any, around: Circumstances) -> NewMeeting:
    if isinstance(opponent, DuelPlayer):
        return partial(LawMeeting, _process_with(opponent, around), around.role)
    if not isinstance(opponent, str | Strategy | MemoryOne | FiniteState | Functions):
        raise ValueError(
            "opponent must be the name of a strategy, a Strategy or its rule, a player of duels such as "
            "simulation.GradualPlayer(), or a function of a generator that makes one of these or an object with a "
            f"method `act`, got {shown(opponent)}"
        )
    strategy = as_strategy(opponent, "opponent")
    if around.planner is not None:
        raise ValueError(
            f"a planner leads players of duels, such as simulation.RuleLearner(), got the strategy {strategy.name!r}"
        )
    terms = checked_terms(around.game, 1, noise=around.noise)
    return lambda generator: StrategyMeeting(strategy, terms, around)


class Told(NamedTuple):
    """What the learner's seat in a law remembers."""

    action: FloatArray


told = viewing(Told)


@dataclass(frozen=True, kw_only=True)
class Outsider(DuelPlayer):
    """The learner, as laws see it: a player who plays the action that it is told."""

    Memory: ClassVar = Told
    learns_from_payoffs: ClassVar = True

    @staticmethod
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Return the action."""
        return int(told(mind.memory).action[0])


def _process_with(opponent: DuelPlayer, around: Circumstances) -> Process:
    players = (Outsider(), opponent) if around.role == 0 else (opponent, Outsider())
    if around.planner is None:
        return duel_process(
            *players, game=around.game, rounds=1, noise=around.noise, misreading=around.misreading, compile_law=False
        )  # fmt: skip
    led = HandoverParameters(planner=around.planner, player=players, informed=False, noise=around.noise)
    return handover_process(led, compile_law=False)


class LawMeeting(Meeting):
    """A duel, or one under a planner, by the law that plays it elsewhere."""

    def __init__(self, process: Process, role: int, generator: np.random.Generator) -> None:
        self._process = process
        self.state = copied(process.start(generator))
        self._told = told((self.state.first, self.state.second)[role].memory)
        self._room = process.room()
        self._record = process.record()
        self._rounds = 0

    def play(self, action: int, generator: np.random.Generator) -> Met:
        """Play a round in which the learner chooses an action."""
        self._told.action[0] = action
        draws = generator.random(self._process.draws_of(self.state))
        take_step(self._process, self.state, draws, self._rounds, self._room, self._record)
        self._rounds += 1
        played = np.array(self._record.action, np.int64)
        if hasattr(self._record, "planned"):
            return Met(played, played[::-1], np.array(self._record.planned.additional_reward))
        return Met(played, np.array(self.state.seen), np.zeros(2))


class AskedMeeting(Meeting):
    """A meeting with somebody who is asked for an action and told what was played."""

    def __init__(self, around: Circumstances) -> None:
        self._around = around

    def play(self, action: int, generator: np.random.Generator) -> Met:
        """Play a round, on the draws of a round of duels."""
        around, role = self._around, self._around.role
        draws = generator.random(DRAWS).reshape(2, 4)
        chosen = [action, action]
        chosen[1 - role] = self._choose(draws[1 - role, 0])
        counts = around.game.n_actions
        played = [slip(chosen[i], counts[i], around.noise, draws[i, 1], draws[i, 2]) for i in range(2)]
        seen = [
            misread(played[1 - i], counts[1 - i], around.misreading, drawn_again(draws[i, 1], around.noise))
            for i in range(2)
        ]
        self._learn(played[1 - role], seen[1 - role])
        return Met(np.array(played), np.array(seen), np.zeros(2))

    @abstractmethod
    def _choose(self, draw: float) -> int:
        """Return the other's action."""

    @abstractmethod
    def _learn(self, own: int, other: int) -> None:
        """Tell the other what was played, in its own eyes."""


class StrategyMeeting(AskedMeeting):
    """A match with a strategy, which does not know how long it lasts."""

    def __init__(self, strategy: Strategy, terms: Terms, around: Circumstances) -> None:
        super().__init__(around)
        self._name = strategy.name
        self._machine = strategy.machine
        self._state = 0 if self._machine is None else self._machine.start
        self._known = terms.known_to(1 - around.role)._replace(turns=0)
        rule = strategy.rule
        self._functions = rule if isinstance(rule, Functions) else None
        self._memory = np.empty(0) if self._functions is None else first_memory(self._functions, self._known)
        self._turn = 0

    def _choose(self, draw: float) -> int:
        if self._machine is not None:
            return int(draw >= self._machine.cooperation[self._state])
        assert self._functions is not None
        with indices_told():
            chance = float(self._functions.cooperation(self._memory, self._turn, self._known))
        if not 0.0 <= chance <= 1.0:
            raise ValueError(
                f"the cooperation of {self._name!r} must be a probability, got {chance} on turn {self._turn}"
            )
        return int(draw >= chance)

    def _learn(self, own: int, other: int) -> None:
        if self._machine is not None:
            self._state = self._machine.transitions[self._state][2 * own + other]
        elif self._functions is not None:
            with indices_told():
                self._functions.update(self._memory, self._turn, own, other, self._known)
        self._turn += 1


class ActingMeeting(AskedMeeting):
    """A meeting with an object of somebody's own."""

    def __init__(self, other: Acting, around: Circumstances) -> None:
        super().__init__(around)
        self._other = other
        self._role = 1 - around.role
        self._past = Past(around.game.n_actions, around.depth)

    def _choose(self, draw: float) -> int:
        action = self._other.act(self._past.seen_by(self._role))
        return position("the action of the opponent", action, self._around.game.n_actions[self._role])

    def _learn(self, own: int, other: int) -> None:
        self._past.add([own, other] if self._role == 0 else [other, own])
