"""The law of duels is made of players' rules: the project's own, and those of a stranger."""

import json
import warnings
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import pytest

from simulation import graded_donation_game, graded_round_robin
from simulation.gradual.duels import play_duels
from simulation.gradual.law import RULES, another, drawn_again, duel_round, law_between, misread, slip
from simulation.gradual.models import GradualPair
from simulation.gradual.players import (
    PLAYERS,
    ContriteTitForTat,
    FixedCooperativeness,
    GradualPlayer,
    Grim,
    LevelLearner,
    LiteralMirror,
    TitForTat,
    WinStayLoseShift,
)
from simulation.gradual.players.rule_learner import RuleLearner
from simulation.gradual.seat import DuelPlayer, reading, seat_at, viewing
from tests.test_goldens import goldens
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


class Overreaching(Patient):
    """Looks beyond what it remembers."""

    @staticmethod
    def learn(seat, mind, played):  # type: ignore[no-untyped-def]
        mind.memory[7] += 1.0


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


@pytest.mark.parametrize("n_actions", [2, 3, 5])
def test_a_slip_is_each_of_the_other_actions_alike(n_actions: int) -> None:
    draws = (np.arange(12 * (n_actions - 1)) + 0.5) / (12 * (n_actions - 1))
    for action in range(n_actions):
        found = Counter(slip(action, n_actions, 0.3, 0.29, where) for where in draws)
        assert found == dict.fromkeys(set(range(n_actions)) - {action}, 12)
        assert {slip(action, n_actions, 0.3, 0.3, where) for where in draws} == {action}
    assert another(0, 1, 0.5) == 0
    assert another(0, n_actions, 1.0) == n_actions - 1  # as a quotient of draws may round to


@pytest.mark.parametrize("noise", [0.0, 0.25, 0.75, 1.0])
def test_what_decides_a_slip_is_uniform_again_whether_it_slipped_or_not(noise: float) -> None:
    draws = (np.arange(48) + 0.5) / 48
    for part in (draws[draws < noise], draws[draws >= noise]):
        again = [drawn_again(draw, noise) for draw in part]
        assert again == pytest.approx((np.arange(len(part)) + 0.5) / max(len(part), 1))
    found = Counter(misread(1, 3, 0.25, draw) for draw in draws)
    assert found == {1: 36, 0: 6, 2: 6}


def test_the_literal_mirror_plays_as_it_was_published_where_a_slip_draws_a_uniform_action(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "simulation.gradual.law.slip",
        lambda action, n_actions, noise, whether, where: (
            int(where * n_actions) if whether < noise else action
        ),
    )
    mirror = LiteralMirror(tremble=0.05, forgetting=0.02)
    data = play_duels(
        mirror, mirror, game=named_game("chicken"), rounds=120, runs=2, seed=5, noise=0.05, burn_in=10,
        compile_law=False,
    )  # fmt: skip
    found = goldens.hashes(data)
    # Hashes of the law whose slips were such.
    assert (found["level"], found["estimate"], found["payoff"]) == (
        "5695c2f85331bdbc",
        "1337f18bf07f9ef8",
        "159c10b5dc0cabff",
    )


def test_players_slip_and_misread_as_often_as_is_said() -> None:
    # 40,000 rounds: binomial with standard deviations of at most .0018, so that six of them fail once in 10^8.
    game, always = graded_donation_game(levels=5), FixedCooperativeness(beta=1.0)
    data = play_duels(always, always, game=game, rounds=2000, runs=20, noise=0.1, record="summary")
    frequency = data["frequency"].mean("run").values
    assert frequency == pytest.approx(np.array([[0.9, *[0.025] * 4]] * 2), abs=0.011)
    data = play_duels(
        TitForTat(), always, game=DILEMMA, rounds=2000, runs=20, noise=0.1, misreading=0.2, record="summary"
    )
    # It answers what it read, .1 * .8 + .9 * .2 = .26 of the rounds a D, and slips.
    assert data["mean_level"].mean("run").values == pytest.approx(
        [1 - (0.26 * 0.9 + 0.74 * 0.1), 0.9], abs=0.015
    )


def test_who_misreads_knows_its_own_action_and_payoff() -> None:
    settings = {"game": DILEMMA, "rounds": 200, "runs": 2, "noise": 0.1, "seed": 3}
    # Win-stay lose-shift goes by these alone.
    clear, blurred = (
        play_duels(WinStayLoseShift(), WinStayLoseShift(), misreading=misreading, **settings)
        for misreading in (0.0, 0.5)
    )
    assert np.array_equal(clear["payoff"], blurred["payoff"])
    # One who always misreads takes a Tit-for-Tat that begins with C for a defector, who answers in kind.
    data = play_duels(TitForTat(), TitForTat(), game=DILEMMA, rounds=4, misreading=1.0)
    assert data["level"].values[0].tolist() == [[1, 1], [0, 0], [1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("player", "start", "levels"),
    [
        (TitForTat(), (0, 1), [[0, 1], [1, 0], [0, 1]]),
        (TitForTat(), (1, 1), [[0, 0], [0, 0], [0, 0]]),
        (WinStayLoseShift(), (1, 1), [[1, 1], [1, 1], [1, 1]]),
        (WinStayLoseShift(), (0, 1), [[0, 0], [1, 1], [1, 1]]),
        (ContriteTitForTat(), (0, 1), [[0, 1], [1, 1], [1, 1]]),
        (Grim(), (1, 0), [[1, 0], [0, 0], [0, 0]]),
        (GradualPlayer(), (1, 1), [[1, 1], [1, 1], [1, 1]]),
        (GradualPlayer(credit=0.0), (0, 1), [[0, 1], [1, 1], [1, 1]]),
        (Patient(), (1, 0), [[1, 0], [0, 0], [0, 0]]),
    ],
)
def test_players_answer_the_round_that_is_taken_to_have_been_before(player, start, levels) -> None:  # type: ignore[no-untyped-def]
    data = play_duels(player, player, game=DILEMMA, rounds=3, start=start)
    assert data["level"].values[0].tolist() == levels
    assert np.array_equal(data["payoff"].mean("round"), data["mean_payoff"])


def test_a_ledger_books_the_harm_before_the_first_round_and_nothing_else() -> None:
    model = GradualPair(GradualPlayer(), GradualPlayer(), game=DILEMMA, start=(0, 1), rng=0)
    victim, offender = model.players
    assert (victim.ledger, offender.ledger) == (1, -1)
    for player in model.players:
        assert (player.account, player.quarrel, player.offers, player.mistrust) == (0, 0, 0, 0)
    assert victim.beta_hat == 0
    assert model.last_actions.tolist() == [0, 1]
    # The minds of others who begin without are as they were.
    assert GradualPair(GradualPlayer(), GradualPlayer(), game=DILEMMA, rng=0).players[0].ledger == 0


def test_a_learner_makes_of_the_round_before_what_it_can() -> None:
    # With P(C) = 1/2 at first, a policy gradient raises it for a C that paid more than a D does on average.
    rule = RuleLearner(rule="policy-gradient")
    with_c = play_duels(rule, TitForTat(), game=DILEMMA, rounds=1, start=(0, 0), runs=400, seed=1)
    with_d = play_duels(rule, TitForTat(), game=DILEMMA, rounds=1, start=(1, 0), runs=400, seed=1)
    # Alike draws: whoever cooperates after a D that paid T does so after a C that paid R, or the other way round.
    assert (with_c["level"] >= with_d["level"])[:, 0, 0].all()
    # A learner of levels made no choice there, and learns nothing.
    first = [
        play_duels(LevelLearner(), Grim(), game=DILEMMA, rounds=5, start=start)["level"]
        .values[0, :, 0]
        .tolist()
        for start in ((0, 0), (1, 0))
    ]
    assert first[0] == first[1]


def test_a_rule_that_looks_beyond_its_memory_is_told_so_in_the_round_before() -> None:
    with pytest.raises(ValueError, match="looks beyond the numbers that there are"):
        play_duels(Overreaching(), Patient(), game=DILEMMA, rounds=5, start=(0, 0))


def test_model_and_batch_take_the_same_steps_with_start_slips_and_misreading() -> None:
    game = graded_donation_game(levels=5)
    terms = {"game": game, "noise": 0.1, "misreading": 0.2, "start": (1, 3), "rounds": 60}
    players = (GradualPlayer(), LiteralMirror())
    data = play_duels(*players, seed=9, runs=2, **terms)
    assert data.identical(play_duels(*players, seed=9, runs=2, compile_law=False, **terms))
    model = GradualPair(*players, rng=9, run=1, **terms)
    for turn in range(60):
        model.step()
        here = data.isel(run=1, round=turn)
        assert [player.level for player in model.players] == here["level"].values.tolist()
        assert [player.beta_hat for player in model.players] == here["estimate"].values.tolist()
