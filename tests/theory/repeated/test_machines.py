"""Machines: ways of writing them, their memory, and the repeated game against closed forms and brute force."""

import itertools
import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.matches.strategies.base import Functions, Strategy, memory_one
from simulation.matches.strategies.catalogue import strategy
from simulation.matches.strategies.short_memory import contrite_tit_for_tat, davis, nydegger
from tests.examples import examples
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
from theory.repeated.machines import FiniteState

TIT_FOR_TAT = FiniteState((1, 0), ((0, 1), (0, 1)))


def test_rows_of_two_depend_on_the_other_alone() -> None:
    assert TIT_FOR_TAT.transitions == ((0, 1, 0, 1), (0, 1, 0, 1))


def test_memory_one_strategies_are_machines() -> None:
    machine = FiniteState.of_memory_one(MemoryOne(0.3, (1, 0.2, 0, 0.7)))
    assert machine.cooperation == (0.3, 1, 0.2, 0, 0.7)
    assert machine.transitions == ((1, 2, 3, 4),) * 5
    assert machine.is_stochastic
    assert not TIT_FOR_TAT.is_stochastic


@pytest.mark.parametrize(
    ("machine", "depth"),
    [
        (FiniteState((0.4,), ((0, 0),)), 0),
        (FiniteState((1, 1), ((1, 1), (0, 0))), 0),
        (TIT_FOR_TAT, 1),
        (FiniteState.of_memory_one(MemoryOne(1, (0, 0, 0, 0))), 1),  # only the first turn differs
        (FiniteState((1, 1, 0), ((0, 1), (0, 2), (0, 2))), 2),
        (nydegger(), 3),
        (FiniteState((1, 0), ((0, 1), (1, 1))), math.inf),
        (FiniteState((1, 0), ((1, 1), (0, 0))), math.inf),
        # A state that is never entered does not count.
        (FiniteState((1, 0), ((0, 0), (1, 1))), 0),
    ],
)
def test_memory_depth(machine: FiniteState, depth: float) -> None:
    assert machine.memory_depth == depth


def test_tables_with_actions_on_the_transitions() -> None:
    # Tit-for-Tat in Ashlock's notation has one state.
    machine = FiniteState.of_mealy([(1, "C", 1, "C"), (1, "D", 1, "D")], start=1, first="C")
    assert machine == TIT_FOR_TAT


def test_rules_of_the_last_turns() -> None:
    machine = FiniteState.of_history(2, lambda own, other: float(own + other in ("", "CC", "CDCC")))
    assert machine.n_states == 1 + 4 + 16
    state = machine.start
    path = [machine.cooperation[state]]
    for outcome in (0, 2, 0, 0):
        state = machine.transitions[state][outcome]
        path.append(machine.cooperation[state])
    # After CC; after (CD, CC) own and other's actions; after (DC, CC); after (CC, CC).
    assert path == [1, 1, 1, 0, 0]
    hidden = FiniteState.of_history(3, lambda own, other: float(not own and "D" not in other), sees="other")
    assert hidden.n_states == 15
    assert hidden.memory_depth == 3


def test_contrite_tit_for_tat_accepts_the_punishment_of_its_own_mistake() -> None:
    content, provoked, contrite = 0, 1, 2
    machine = contrite_tit_for_tat()
    assert machine.transitions[content] == (content, provoked, contrite, content)
    # It stays contrite, whatever the other does, until its C is carried out.
    assert machine.transitions[contrite] == (content, content, contrite, contrite)
    assert machine.transitions[provoked][1] == provoked


def played(machine: FiniteState, script: str) -> str:
    """Return the machine's actions against a script, and the next one."""
    state, actions = machine.start, ""
    for action in script:
        actions += "DC"[int(machine.cooperation[state])]
        state = machine.transitions[state][2 * (actions[-1] == "D") + (action == "D")]
    return actions + "DC"[int(machine.cooperation[state])]


@pytest.mark.parametrize(
    ("script", "from_the_third", "remembering_all"),
    [
        ("CCCCCDC", "CCCCCCDD", "CCCCCCDD"),
        ("CDCCCC", "CCCCCCC", "CCCDDDD"),
        ("CCDC", "CCCDD", "CCCDD"),
        ("DDCCDC", "CCCCCDD", "CCCDDDD"),
    ],
)
def test_davis_counts_defections_from_the_last_patient_turn_on_or_all(
    script: str, from_the_third: str, remembering_all: str
) -> None:
    assert played(davis(3), script) == from_the_third
    assert played(davis(3, remembers_all=True), script) == remembering_all


def test_nydeggers_program_and_the_printed_list_differ_in_known_states() -> None:
    """Compare the D states that it reaches with those that Axelrod (1980) prints."""
    printed = {1, 6, 7, 17, 22, 23, 26, 29, 30, 31, 33, 38, 39, 45, 49, 54, 55, 58, 61}
    machine = nydegger()
    reached: dict[int, bool] = {}
    for others in itertools.product("CD", repeat=9):
        # The newest turn, of weight 1, comes in last; an own D counts 2.
        number, state = 0, machine.start
        for other in others:
            cooperates = machine.cooperation[state] == 1.0
            reached[number] = cooperates
            outcome = 2 * (not cooperates) + (other == "D")
            number, state = (4 * number + outcome) % 64, machine.transitions[state][outcome]
    defects = {number for number, cooperates in reached.items() if not cooperates}
    assert defects - printed == {10, 11, 14, 15, 18, 19, 36, 37}
    assert printed - set(reached) == {17, 29, 38, 39}
    # Nothing on the list that is reached is answered by C.
    assert printed & set(reached) <= defects


def test_nydegger_opens_with_tit_for_tat_and_the_exception() -> None:
    for machine in (nydegger(), nydegger(printed_list=True)):
        assert played(machine, "CC") == "CCC"
        assert played(machine, "CD") == "CCD"
        assert played(machine, "DD") == "CDD"
        # It alone cooperated first and alone defected then: Tit-for-Tat would cooperate.
        assert played(machine, "DC") == "CDD"


def test_zero_determinant_strategies_are_those_of_stewart_and_plotkin() -> None:
    published = {
        "extort-2": (8 / 9, 1 / 2, 1 / 3, 0),
        "generous-zero-determinant-2": (1, 1 / 8, 1, 1 / 4),
        "equalizer-2": (3 / 4, 1 / 4, 1 / 2, 1 / 4),
    }
    for name, after in published.items():
        assert strategy(name).rule.after == pytest.approx(after)


def test_a_strategy_of_your_own_is_a_vector_a_table_or_two_functions() -> None:
    vector = memory_one(1, (1, 0, 1, 0.25))
    assert vector.name == "memory-one 1 (1, 0, 1, 0.25)"
    assert memory_one(1, (1, 0, 1, 0), name="mine").name == "mine"
    table = Strategy("table", TIT_FOR_TAT)
    assert table.memory_depth == 1
    functions = Functions(lambda m, t, k: m[0], lambda m, t, a, b, k: None, (0.5,))
    assert Strategy("functions", functions).machine is None
    assert Strategy("functions", functions).is_stochastic
    assert Strategy("functions", functions).memory_depth == math.inf


def _cooperates(memory, turn, known):
    return 1.0


def _remembers_nothing(memory, turn, own, other, known):
    pass


def test_built_in_functions_that_do_not_tell_their_arguments_are_taken() -> None:
    assert Functions(max, max, ()).cooperation is max


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FiniteState((), ()), "one row of transitions for each state, got 0 states and 0 rows"),
        (lambda: FiniteState((1, 0), ((0, 1),)), "got 2 states and 1 rows"),
        (
            lambda: FiniteState((1.5,), ((0, 0),)),
            r"the probability of C in state 0 must lie in \[0, 1\], got 1.5",
        ),
        (lambda: FiniteState((1,), ((0, 1),)), "a transition of state 0 must be a state from 0 to 0, got 1"),
        (lambda: FiniteState((1,), ((0, 0, 0),)), r"must be four states.*got \(0, 0, 0\)"),
        (lambda: FiniteState((1,), ((0, 0),), start=-1), "start must be a state from 0 to 0, got -1"),
        (lambda: memory_one(1, (1, 0, 1)), "after must be four probabilities"),  # type: ignore[arg-type]
        (lambda: memory_one(1, (1, 0, 1, 2)), "the probability of C after DD must lie"),
        (lambda: Strategy("x", "tit-for-tat"), "must be a MemoryOne, FiniteState or Functions, got str"),  # type: ignore[arg-type]
        (
            lambda: Functions(_cooperates, _remembers_nothing, (1.0,), prepared=lambda known: (1.0,)),
            r"memory must be \(\) where prepared makes it, got \(1.0,\)",
        ),
        (
            lambda: Functions(_cooperates, _remembers_nothing, (), prepared=3),
            "prepared must be a function, got 3",
        ),  # type: ignore[arg-type]
        (
            lambda: Functions(_cooperates, _remembers_nothing, ((1.0,),)),
            r"memory must be a sequence of numbers",
        ),  # type: ignore[arg-type]
        (lambda: strategy("tit-for-tats"), "unknown strategy 'tit-for-tats'; nearest: .*tit-for-tat"),
    ],
)
def test_errors_state_the_rule_and_the_value(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


PRISONERS_DILEMMA = named_game("prisoners-dilemma")  # R = 3, S = 0, T = 4, P = 1


@dataclass(frozen=True)
class Machine:
    """Somebody else's: what it has to have, and no more."""

    cooperation: tuple[float, ...]
    transitions: tuple[tuple[int, ...], ...]
    start: int = 0


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


@settings(max_examples=examples(30), deadline=None)
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


@settings(max_examples=examples(15), deadline=None)
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
