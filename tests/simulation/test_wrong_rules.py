"""Rules of users with a typo are told in a sentence, compiled or not; none reads or writes beyond its numbers."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import pytest

from simulation import (
    FiniteGameParameters,
    Functions,
    GradualPair,
    LearningRule,
    LiteralMirror,
    ManyPlayersParameters,
    MechanismDesign,
    MechanismDesignParameters,
    Population,
    PopulationParameters,
    RuleLearner,
    TitForTat,
    play_duels,
    play_match,
    round_robin,
    simulate,
    simulate_game,
    simulate_many,
    simulate_population,
)
from simulation.engine.compilation import is_own, rule
from simulation.gradual.seat import DuelPlayer, reading, seat_at, viewing
from tests.simulation.learning.rules import in_a_crowd, typo
from theory import named_game

CHICKEN = named_game("chicken")
BEYOND = "a rule of your own looks beyond the numbers that there are"
COMPILED = pytest.mark.parametrize("compile_law", [True, False])


class Numbers(NamedTuple):
    late: float
    level: float


class Memory(NamedTuple):
    rounds: np.ndarray


numbers, memory = reading(Numbers), viewing(Memory)


@dataclass(frozen=True, kw_only=True)
class Counting(DuelPlayer):
    """Cooperates, and plays `level` in round `late`, which is later than what is tried in plain Python."""

    Memory: ClassVar = Memory
    late: float = 30.0
    level: float = 1.0

    def seat(self, game, role):
        return seat_at(game, role, Numbers(self.late, self.level))

    @staticmethod
    def choose(seat, mind, asked):
        now = memory(mind.memory).rounds[0] == numbers(seat.numbers).late
        return int(numbers(seat.numbers).level) if now else 0

    @staticmethod
    def learn(seat, mind, played):
        memory(mind.memory).rounds[0] += 1.0


class Forgetful(Counting):
    """Does not declare what it remembers."""

    Memory: ClassVar = DuelPlayer.Memory


class Unseated(Counting):
    """Does not hand its numbers to its rules."""

    def seat(self, game, role):
        return seat_at(game, role)


class LateForgetful(Forgetful):
    """Looks at what it has not declared long after what is tried in plain Python."""

    @staticmethod
    def choose(seat, mind, asked):
        return 0 if asked.turn < 30 or mind.memory[5] == 0.0 else 1

    learn = staticmethod(DuelPlayer.learn)


@COMPILED
@pytest.mark.parametrize("level", [2, 6, -1, -7])
@pytest.mark.parametrize("late", [0, 40])
def test_an_action_that_the_game_does_not_have_is_told(level: int, late: int, compile_law: bool) -> None:
    wrong = rf"^run 0, round {late}: `Counting.choose` must return a level from 0 to 1, got {level:g}"
    wrong_one = Counting(level=level, late=late)
    for pair in ((wrong_one, Counting()), (Counting(), wrong_one)):  # one law for both
        with pytest.raises(ValueError, match=wrong.replace("+", r"\+")):
            play_duels(*pair, game=CHICKEN, rounds=60, runs=70, noise=0.05, compile_law=compile_law)


def test_an_action_that_the_game_does_not_have_is_told_by_the_model() -> None:
    model = GradualPair(Counting(level=101, late=3), Counting(), game=None, rng=0)
    for _ in range(3):
        model.step()
    with pytest.raises(
        ValueError, match=r"^the run, round 3: `Counting.choose` must return a level from 0 to 100, got 101"
    ):
        model.step()


@COMPILED
@pytest.mark.parametrize("player", [Forgetful(), Unseated(), LateForgetful()])
def test_what_a_player_does_not_have_is_told(player: DuelPlayer, compile_law: bool) -> None:
    with pytest.raises(ValueError, match=BEYOND):
        play_duels(player, Counting(), game=CHICKEN, rounds=60, runs=3, compile_law=compile_law)


def test_what_is_right_plays_the_same_compiled_or_not() -> None:
    plain, fast = (
        play_duels(
            Counting(), Counting(), game=CHICKEN, rounds=60, runs=3, noise=0.1, compile_law=compile_law
        )
        for compile_law in (False, True)
    )
    assert fast.identical(plain)
    assert fast["frequency"].values[:, 0, 1].min() > 0.0


def planned(given: LearningRule, compile_law: bool) -> None:
    simulate(pair_of(given), runs=3, compile_law=compile_law)


def planned_in_mesa(given: LearningRule, compile_law: bool) -> None:
    model = MechanismDesign(pair_of(given), rng=0)
    while model.running:
        model.step()


def among_many(given: LearningRule, compile_law: bool) -> None:
    learners = (given, "policy-gradient", given)
    simulate_many(
        ManyPlayersParameters(n_players=3, learners=learners, episodes=60), runs=3, compile_law=compile_law
    )


def in_any_game(given: LearningRule, compile_law: bool) -> None:
    learners = (given, "policy-gradient")
    simulate_game(
        FiniteGameParameters(game=CHICKEN, learners=learners, episodes=60), runs=3, compile_law=compile_law
    )


def dueling(given: LearningRule, compile_law: bool) -> None:
    play_duels(RuleLearner(rule=given), TitForTat(), game=CHICKEN, rounds=60, runs=3, compile_law=compile_law)


def crowded(given: LearningRule, compile_law: bool) -> None:
    simulate_population(crowd_of(given), runs=2, compile_law=compile_law)


def crowded_in_mesa(given: LearningRule, compile_law: bool) -> None:
    model = Population(crowd_of(given), rng=0)
    while model.running:
        model.step()


# Beside a rule that remembers more, in whose rows an index might fall.


def pair_of(given: LearningRule) -> MechanismDesignParameters:
    return MechanismDesignParameters(learners=(given, "policy-gradient"), episodes=60)


def crowd_of(given: LearningRule) -> PopulationParameters:
    rules = in_a_crowd({given: 0.5, "learner": 0.2, "imitator": 0.3})
    return PopulationParameters(rules=rules, steps=60, noise=0.05)


PLAYED = (planned, planned_in_mesa, among_many, in_any_game, dueling, crowded, crowded_in_mesa)
# Of compiled laws those that take longest to be compiled are left to `make test-all`; a model compiles its own.
COMPILED_PLAYS = pytest.mark.parametrize(
    ("play", "compile_law"),
    [
        *[(play, False) for play in (planned, among_many, in_any_game, dueling, crowded)],
        *[(play, True) for play in (among_many, dueling)],
        *[
            pytest.param(play, True, marks=pytest.mark.slow)
            for play in (planned, planned_in_mesa, in_any_game, crowded, crowded_in_mesa)
        ],
    ],
)
Play = Callable[[LearningRule, bool], None]


@COMPILED_PLAYS
@pytest.mark.parametrize("p", [1.7, -0.2, math.nan])
def test_a_learning_rule_that_gives_no_probability_is_told(play: Play, p: float, compile_law: bool) -> None:
    wrong = rf"'typo' must give a probability of C in \[0, 1\], got {p:g}"
    with pytest.raises(ValueError, match=wrong) as told:
        play(typo(p), compile_law)
    assert "diverged" not in str(told.value)


@COMPILED_PLAYS
@pytest.mark.parametrize("at", [1, 1000, 10**7, -1000])
def test_a_learning_rule_that_writes_beyond_its_memory_is_told(
    play: Play, at: int, compile_law: bool
) -> None:
    with pytest.raises(ValueError, match=BEYOND):
        play(typo(at=at), compile_law)


@pytest.mark.slow
@pytest.mark.parametrize("play", PLAYED)
def test_a_learning_rule_without_typo_plays(play: Play) -> None:
    play(typo(p=1.0), True)


# Stands for NaN, which no tunable can be.
NO_NUMBER = 99.0


def strategy_cooperates(memory, turn, known):
    p = math.nan if memory[1] == NO_NUMBER else memory[1]
    return p if turn >= 5 else 1.0


def strategy_updates(memory, turn, own, other, known):
    if turn == 7:
        memory[int(memory[2])] += 1.0


def strategy(p: float = 1.0, at: int = 0, *, compiles: bool, is_stochastic: bool = True) -> Functions:
    """Return a strategy that gives `p` from turn 5 on, and writes to `memory[at]` after turn 7."""
    functions = (strategy_cooperates, strategy_updates)
    if compiles:
        functions = (rule(strategy_cooperates), rule(strategy_updates))
    memory = (0.0, p if math.isfinite(p) else NO_NUMBER, float(at))
    return Functions(*functions, memory=memory, compiles=compiles, is_stochastic=is_stochastic)


@pytest.mark.filterwarnings("ignore:strategies in plain Python")
@pytest.mark.parametrize("compiles", [True, False])
@pytest.mark.parametrize(
    ("typo", "message"),
    [
        ({"p": 1.7}, "must be a probability, got 1.7 on turn 5"),
        ({"p": -0.2}, "must be a probability, got -0.2 on turn 5"),
        ({"p": math.nan}, "must be a probability, got nan on turn 5"),
        (
            {"p": 0.5, "is_stochastic": False},
            "must be 0 or 1, since is_stochastic is False, got 0.5 on turn 5",
        ),
        ({"at": 3}, BEYOND),
        ({"at": -4}, BEYOND),
        ({"at": 10**7}, BEYOND),
    ],
)
def test_strategies_with_a_typo_are_told(typo: dict, message: str, compiles: bool) -> None:
    mine = strategy(**typo, compiles=compiles)
    with pytest.raises(ValueError, match=message):
        play_match(mine, "alternator", game=CHICKEN, turns=20)
    with pytest.raises(ValueError, match=message):
        round_robin([mine, "tit-for-tat"], game=CHICKEN, turns=20, repetitions=3)


@pytest.mark.filterwarnings("ignore:strategies in plain Python")
@pytest.mark.parametrize("compiles", [True, False])
def test_strategies_without_typo_play(compiles: bool) -> None:
    mine = strategy(0.0, compiles=compiles, is_stochastic=False)
    assert play_match(mine, "always-cooperate", game=CHICKEN, turns=20).cooperation[0] == 0.25


def test_only_rules_of_others_look_at_each_index() -> None:
    assert is_own(LiteralMirror.choose)
    assert is_own(reading(LiteralMirror.Memory))
    assert not is_own(Counting.choose)
    assert not is_own(numbers)
