"""Machines in the repeated game: closed forms of textbook strategies, and best responses against brute force."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import (
    Game,
    MemoryOne,
    best_response_to_machine,
    judge_machines,
    machine_payoffs,
    matrix_dilemma,
    memory_one_payoffs,
    named_game,
)

PRISONERS_DILEMMA = named_game("prisoners-dilemma")  # R = 3, S = 0, T = 4, P = 1


@dataclass(frozen=True)
class Machine:
    cooperation: tuple[float, ...]
    transitions: tuple[tuple[int, ...], ...]
    start: int = 0


TIT_FOR_TAT = Machine((1.0, 0.0), ((0, 1, 0, 1),) * 2)
GRIM = Machine((1.0, 0.0), ((0, 1, 1, 1), (1, 1, 1, 1)))
WIN_STAY = Machine((1.0, 0.0), ((0, 1, 1, 0),) * 2)
ALWAYS_COOPERATE = Machine((1.0,), ((0, 0, 0, 0),))
ALWAYS_DEFECT = Machine((0.0,), ((0, 0, 0, 0),))
TIT_FOR_TWO_TATS = Machine((1.0, 1.0, 0.0), ((0, 1, 0, 1), (0, 2, 0, 2), (0, 2, 0, 2)))


def machine_of(rule: MemoryOne) -> Machine:
    return Machine((rule.first, *rule.after), ((1, 2, 3, 4),) * 5)


def test_tit_for_tat_is_an_equilibrium_from_the_discount_of_axelrod_on():
    # Axelrod (1984): d >= max((T - R) / (T - P), (T - R) / (R - S)) = max(1/3, 1/3).
    assert judge_machines(PRISONERS_DILEMMA, TIT_FOR_TAT, TIT_FOR_TAT, discount=0.34).is_equilibrium
    assert not judge_machines(PRISONERS_DILEMMA, TIT_FOR_TAT, TIT_FOR_TAT, discount=0.32).is_equilibrium


def test_grim_is_an_equilibrium_from_its_own_discount_on():
    # d >= (T - R) / (T - P).
    game = matrix_dilemma(greed=2.0, fear=1.0, reward=3.0, punishment=1.0)
    critical = (game.temptation - game.reward) / (game.temptation - game.punishment)
    assert judge_machines(game, GRIM, GRIM, discount=critical + 0.01).is_equilibrium
    verdict = judge_machines(game, GRIM, GRIM, discount=critical - 0.01)
    assert not verdict.is_equilibrium
    d = critical - 0.01
    gain = (1 - d) * game.temptation + d * game.punishment - game.reward
    assert verdict.gains == pytest.approx([gain, gain])
    assert verdict.least_tolerance == pytest.approx(gain / np.ptp(game.payoffs[0]))


def test_tit_for_two_tats_is_exploited_by_alternating():
    verdict = judge_machines(PRISONERS_DILEMMA, TIT_FOR_TWO_TATS, TIT_FOR_TWO_TATS, discount=0.99)
    d = 0.99
    alternating = (4.0 + d * 3.0) / (1.0 + d)
    assert verdict.payoffs == pytest.approx([3.0, 3.0])
    assert verdict.best_response_payoffs == pytest.approx([alternating, alternating])
    assert verdict.responses[0].actions.tolist()[:2] == [1, 0]
    assert not verdict.is_equilibrium


def test_an_unconditional_cooperator_is_worth_defecting_against():
    response = best_response_to_machine(PRISONERS_DILEMMA, ALWAYS_COOPERATE, 1, discount=0.9)
    assert response.payoff == pytest.approx(4.0)
    assert response.actions.tolist() == [1]
    assert response.discount == 0.9


def test_mutual_defection_is_an_equilibrium():
    verdict = judge_machines(PRISONERS_DILEMMA, ALWAYS_DEFECT, ALWAYS_DEFECT)
    assert verdict.is_equilibrium
    assert verdict.gains.tolist() == [0.0, 0.0]
    assert (verdict.discount, verdict.tolerance) == (0.99, 1e-6)


def test_the_second_player_of_an_asymmetric_game_is_judged_by_its_own_payoffs():
    game = Game([[[3, 0], [4, 1]], [[30, 40], [0, 10]]])
    verdict = judge_machines(game, ALWAYS_COOPERATE, ALWAYS_COOPERATE, tolerance=0.25)
    assert verdict.payoffs == pytest.approx([3.0, 30.0])
    assert verdict.best_response_payoffs == pytest.approx([4.0, 40.0])
    assert verdict.least_tolerance == pytest.approx(0.25)
    assert not judge_machines(game, ALWAYS_COOPERATE, ALWAYS_COOPERATE, tolerance=0.2).is_equilibrium


def test_transitions_are_by_the_machines_own_action_first():
    # Cooperates for ever only after its own C met a D: nobody else's reading gives the responder 4 from then on.
    odd = Machine((1.0, 1.0, 0.0), ((2, 1, 2, 2), (1, 1, 1, 1), (2, 2, 2, 2)))
    response = best_response_to_machine(PRISONERS_DILEMMA, odd, 0, discount=0.5)
    assert response.payoff == pytest.approx(4.0)


@settings(max_examples=30, deadline=None)
@given(
    first=st.lists(st.floats(0.0, 1.0), min_size=5, max_size=5),
    second=st.lists(st.floats(0.0, 1.0), min_size=5, max_size=5),
    discount=st.floats(0.0, 0.99),
)
def test_payoffs_of_memory_one_machines_are_those_of_their_chain(first, second, discount):
    rules = [
        MemoryOne(p[0], tuple(p[1:])) for p in ([round(x, 3) for x in first], [round(x, 3) for x in second])
    ]
    exact = memory_one_payoffs(*rules, PRISONERS_DILEMMA, discount=discount).payoffs
    machines = [machine_of(rule) for rule in rules]
    assert machine_payoffs(PRISONERS_DILEMMA, *machines, discount=discount) == pytest.approx(exact, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    cooperation=st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3),
    moves=st.lists(st.integers(0, 2), min_size=12, max_size=12),
    player=st.sampled_from([0, 1]),
)
def test_no_rule_that_knows_the_machines_state_does_better(cooperation, moves, player):
    game = Game([[[3, 0], [5, 1]], [[2, 4], [-1, 0]]])
    machine = Machine(tuple(cooperation), tuple(tuple(moves[4 * s : 4 * s + 4]) for s in range(3)))
    response = best_response_to_machine(game, machine, player, discount=0.9)
    payoffs = []
    for plan in product((0, 1), repeat=3):
        # The responder walks through the machine's states beside it: it sees both actions.
        mirrored = tuple(tuple(row[2 * (k % 2) + k // 2] for k in range(4)) for row in machine.transitions)
        responder = Machine(tuple(1.0 - a for a in plan), mirrored)
        pair = (responder, machine) if player == 0 else (machine, responder)
        payoffs.append(machine_payoffs(game, *pair, discount=0.9)[player])
        if list(plan) == response.actions.tolist():
            assert payoffs[-1] == pytest.approx(response.payoff)
    assert response.payoff == pytest.approx(max(payoffs))


def test_payoffs_of_win_stay_lose_shift_against_defection_alternate():
    # It is exploited in every other round.
    payoffs = machine_payoffs(PRISONERS_DILEMMA, WIN_STAY, ALWAYS_DEFECT, discount=0.5)
    assert payoffs == pytest.approx([1 / 3, 3.0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"discount": 1.0}, "discount must be below 1, got 1"),
        ({"discount": -0.1}, r"discount must lie in \[0, 1\], got -0.1"),
        ({"tolerance": -1.0}, "tolerance must lie in"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        judge_machines(PRISONERS_DILEMMA, GRIM, GRIM, **arguments)


def test_other_games_and_players_are_refused():
    with pytest.raises(ValueError, match=r"a game of two players with two actions each, got .*3x3 actions"):
        judge_machines(Game(np.zeros((2, 3, 3))), GRIM, GRIM)
    with pytest.raises(ValueError, match="player must be 0 or 1, got 2"):
        best_response_to_machine(PRISONERS_DILEMMA, GRIM, 2)
