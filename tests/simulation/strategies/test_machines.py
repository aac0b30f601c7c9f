"""Finite-state machines: ways of writing them, and their memory."""

import math

import pytest

from simulation.strategies.base import Functions, Strategy, memory_one
from simulation.strategies.catalogue import strategy
from simulation.strategies.machines import FiniteState
from simulation.strategies.short_memory import contrite_tit_for_tat, davis, nydegger
from theory.memory_one import MemoryOne

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


def test_davis_remembers_defections_of_the_first_ten_turns() -> None:
    machine = davis(3)
    for script, expected in (("CCCCCD C", "CCCCCCDD"), ("DCCC", "CCCDD"), ("CCDC", "CCCDD")):
        state, played = machine.start, ""
        for action in script.replace(" ", ""):
            played += "DC"[int(machine.cooperation[state])]
            state = machine.transitions[state][int(action == "D")]
        played += "DC"[int(machine.cooperation[state])]
        assert played == expected[: len(played)]


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
        (lambda: Functions(max, max, ((1.0,),)), r"memory must be a sequence of numbers"),  # type: ignore[arg-type]
        (lambda: strategy("tit-for-tats"), "unknown strategy 'tit-for-tats'; nearest: .*tit-for-tat"),
    ],
)
def test_errors_state_the_rule_and_the_value(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
