"""The law of duels is made of players' rules: the project's own, and those of a stranger."""

import json
import warnings
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import pytest

from simulation import graded_round_robin
from simulation.gradual.duels import play_duels
from simulation.gradual.law import RULES, duel_round, law_between
from simulation.gradual.models import GradualPair
from simulation.gradual.players import PLAYERS, Grim, LiteralMirror, TitForTat
from simulation.gradual.seat import DuelPlayer, reading, seat_at, viewing
from theory import named_game

DILEMMA = named_game("prisoners-dilemma")


class Numbers(NamedTuple):
    patience: float


class Memory(NamedTuple):
    defections: np.ndarray
    turns: np.ndarray


numbers, memory = reading(Numbers), viewing(Memory)


@dataclass(frozen=True, kw_only=True)
class Patient(DuelPlayer):
    """Cooperates until the other has defected more often than patience says."""

    Memory: ClassVar = Memory
    patience: float = 0.0

    def seat(self, game, role):  # type: ignore[no-untyped-def]
        return seat_at(game, role, Numbers(self.patience))

    @staticmethod
    def choose(seat, mind, asked):  # type: ignore[no-untyped-def]
        return 1 if memory(mind.memory).defections[0] > numbers(seat.numbers).patience else 0

    @staticmethod
    def learn(seat, mind, played):  # type: ignore[no-untyped-def]
        memory(mind.memory).defections[0] += played.other
        memory(mind.memory).turns[0] += 1.0


class Uncompilable(Patient):
    """The same, by a dictionary."""

    @staticmethod
    def choose(seat, mind, asked):  # type: ignore[no-untyped-def]
        return {False: 0, True: 1}[bool(mind.memory[0] > seat.numbers[0])]


class Exploding(Patient):
    """Remembers what is no number any more."""

    @staticmethod
    def learn(seat, mind, played):  # type: ignore[no-untyped-def]
        memory(mind.memory).turns[0] += 1e308 * played.turn


def test_the_list_of_players_is_the_list_of_the_law() -> None:
    assert len(PLAYERS) == len(set(RULES)) > 5
    assert law_between(LiteralMirror(), Grim())[0] is duel_round
    law, places = law_between(Patient(), Patient())
    assert law is not duel_round
    assert places == (0, 0)
    assert law_between(Patient(patience=3.0), Patient())[0] is law


def test_a_vector_is_read_and_written_by_name() -> None:
    vector = np.array([1.5, 2.5])
    memory(vector).turns[0] += 1.0
    assert vector.tolist() == [1.5, 3.5]
    assert numbers(vector) == Numbers(1.5)


@pytest.mark.parametrize("order", [0, 1])
def test_a_player_of_your_own_plays_compiled_in_plain_python_and_in_mesa_alike(order: int) -> None:
    players = [(Patient(patience=1.0), LiteralMirror()), (LiteralMirror(), Patient(patience=1.0))][order]
    settings = {"game": DILEMMA, "rounds": 60, "seed": 2, "noise": 0.1}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = play_duels(*players, runs=2, **settings)
        assert data.identical(play_duels(*players, runs=2, compile_law=False, **settings))
        model = GradualPair(*players, game=DILEMMA, rounds=60, noise=0.1, rng=2)
        model.run_model()
    assert model.players[0].level == data["level"].values[0, -1, 0]
    described = json.loads(data.attrs[("first", "second")[order]])
    assert described["patience"] == 1.0
    assert len(described["source"]) == 64


def test_it_does_what_it_says_against_players_of_the_project_and_of_its_own() -> None:
    # Without patience and noise it is Grim.
    settings = {"game": DILEMMA, "rounds": 100, "seed": 1, "noise": 0.05}
    mine, theirs = play_duels(Patient(), TitForTat(), **settings), play_duels(Grim(), TitForTat(), **settings)
    assert np.array_equal(mine["level"], theirs["level"])
    assert (play_duels(Patient(), Patient(), game=DILEMMA, rounds=20)["mean_level"] == 1.0).all()
    field = {"mine": Patient(patience=2.0), "echo": TitForTat()}
    assert set(graded_round_robin(field, game=DILEMMA, rounds=20)["strategy"].values.tolist()) == {
        "mine",
        "echo",
    }


def test_what_cannot_be_compiled_runs_in_plain_python_with_one_notice() -> None:
    settings = {"game": DILEMMA, "rounds": 40, "seed": 3, "noise": 0.1}
    with pytest.warns(UserWarning, match=r"runs in plain Python, .* line \d+ of test_law.py") as told:
        slow = play_duels(Uncompilable(), LiteralMirror(), **settings)
    assert len(told) == 1
    assert told[0].filename == __file__
    assert np.array_equal(slow["level"], play_duels(Patient(), LiteralMirror(), **settings)["level"])
    with pytest.warns(UserWarning, match="runs in plain Python") as told:
        model = GradualPair(Uncompilable(), LiteralMirror(), game=DILEMMA, noise=0.1, rng=3)
    assert told[0].filename == __file__
    model.step()
    assert model.players[0].level == slow["level"].values[0, 0, 0]


def test_a_memory_that_leaves_the_finite_is_told_with_its_round() -> None:
    with pytest.raises(ValueError, match=r"run 0 diverged in round 2: player 1 has learnt \[0.0, inf\]"):
        play_duels(Exploding(), Patient(), game=DILEMMA, rounds=10)


@pytest.mark.parametrize("player", [3, object(), Patient, DuelPlayer])
def test_who_has_no_rules_is_no_player(player: object) -> None:
    with pytest.raises(
        ValueError, match=r"first must be a player of duels such as simulation\.LiteralMirror"
    ):
        play_duels(player, Grim(), game=DILEMMA)
