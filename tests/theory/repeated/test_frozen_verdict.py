"""Verdicts on frozen players: classics whose largest sums are known, and machines by trying all sequences."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tests.theory.repeated.frozen_players import Counter, FrozenMachine
from theory import FiniteState, Game, judge_frozen, ledger_tables

AXELROD = Game.bimatrix([[3, 0], [5, 1]], [[3, 5], [0, 1]])
TIT_FOR_TAT = FiniteState((1.0, 0.0), ((0, 1, 0, 1), (0, 1, 0, 1)))
ALWAYS_COOPERATE, ALWAYS_DEFECT = FiniteState((1.0,), ((0,) * 4,)), FiniteState((0.0,), ((0,) * 4,))
WIN_STAY = FiniteState((1.0, 0.0), ((0, 1, 0, 1), (0, 1, 1, 0)))


@pytest.mark.parametrize("role", [0, 1])
def test_classics(role: int) -> None:
    def judged(machine: FiniteState):  # type: ignore[no-untyped-def]
        return judge_frozen(AXELROD, FrozenMachine(machine), role)

    mirror = judged(TIT_FOR_TAT)
    assert (mirror.largest_loss, mirror.largest_lead, mirror.largest_surplus_harm) == (0.2, 0.4, 0.0)
    assert mirror.deviation_gain == pytest.approx([0.0, 0.0], abs=1e-6)
    assert mirror.probable_loss == 0.2
    victim = judged(ALWAYS_COOPERATE)
    assert (victim.largest_loss, victim.largest_lead, victim.largest_surplus_harm) == (None, None, 0.0)
    assert (victim.loss_rate, victim.lead_rate) == pytest.approx((0.2, 0.4), abs=1e-4)
    assert victim.deviation_gain == pytest.approx([0.4, 0.4], abs=1e-6)
    thief = judged(ALWAYS_DEFECT)
    assert (thief.largest_loss, thief.largest_lead, thief.largest_surplus_harm) == (0.0, 0.0, None)
    # A defector gets 5 and 1 by turns, 3 on average, and costs it 1 half of the time.
    simpleton = judged(WIN_STAY)
    assert (simpleton.largest_loss, simpleton.largest_lead) == (None, pytest.approx(0.4))
    assert simpleton.loss_rate == pytest.approx(0.1, abs=1e-4)


@pytest.mark.parametrize("seed", range(20))
def test_largest_sums_are_those_of_all_sequences(seed: int) -> None:
    random = np.random.default_rng([seed, 7])
    n = int(random.integers(1, 4))
    cooperation = random.choice([0.0, 0.5, 1.0], size=n)
    machine = FiniteState(tuple(cooperation), tuple(map(tuple, random.integers(0, n, (n, 4)))))
    verdict = judge_frozen(AXELROD, FrozenMachine(machine), 0)
    tables = ledger_tables(AXELROD, 0)
    for amounts, found in (
        (-tables.above_security, verdict.largest_loss),
        (tables.gain_of_other, verdict.largest_lead),
        (-tables.net_harm, verdict.largest_surplus_harm),
    ):
        most = largest_by_round(machine, amounts, rounds=200)
        if found is None:  # it has grown in the later rounds
            assert most[-1] > most[99] + 1e-9
        else:
            assert found == pytest.approx(most[-1], abs=1e-9)


def largest_by_round(machine: FiniteState, amounts: np.ndarray, *, rounds: int) -> list[float]:
    """Return the largest sum that any sequence of outcomes has had by each round."""
    totals, most = {machine.start: 0.0}, [0.0]
    for _ in range(rounds):
        after: dict[int, float] = {}
        for state, total in totals.items():
            for own, other in product((0, 1), repeat=2):
                if (machine.cooperation[state] if own == 0 else 1.0 - machine.cooperation[state]) == 0.0:
                    continue
                following = machine.transitions[state][2 * own + other]
                after[following] = max(after.get(following, -np.inf), total + float(amounts[own, other]))
        totals = after
        most.append(max(most[-1], *totals.values()))
    return most


def test_where_nature_chooses_only_what_the_player_promises_is_said() -> None:
    counter = Counter(0.7, 0.31, np.array([0.25]), loss_bound=2.5)
    verdict = judge_frozen(AXELROD, counter, 0)
    assert not verdict.is_exact
    assert (verdict.largest_loss, verdict.largest_lead) == (2.5, None)
    assert 0.0 < verdict.lead_rate <= 0.4


def test_losses_by_a_mixture_are_bounded_in_expectation_and_in_probability() -> None:
    # Matching pennies plus what both like: the security level takes both actions by halves.
    mixed = Game.bimatrix([[4, -2, -2], [0, 1, -1], [0, -1, 1]], [[4, 0, 0], [-2, -1, 1], [-2, 1, -1]])
    tables = ledger_tables(mixed, 0)
    assert not tables.is_security_pure
    counter = Counter(1.0, 1.0, np.ones(1), loss_bound=2.0, n_actions=(3, 3))
    counter.action_probabilities = lambda states: np.tile([0.2, 0.4, 0.4], (len(states), 1))  # type: ignore
    verdict = judge_frozen(mixed, counter, 0, rounds=800)
    assert verdict.largest_loss is None
    assert verdict.largest_expected_loss == 2.0
    assert verdict.probable_loss == pytest.approx(2.0 + (400 * np.log(1000)) ** 0.5)


def test_a_game_without_an_agreement_is_refused() -> None:
    deadlock = Game.bimatrix([[1, 0], [3, 2]], [[1, 3], [0, 2]])
    with pytest.raises(
        ValueError, match="game must have an agreed play, got one where no outcome gives both"
    ):
        judge_frozen(deadlock, FrozenMachine(TIT_FOR_TAT), 0)
