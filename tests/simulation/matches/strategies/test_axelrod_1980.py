"""Entries of Axelrod's first tournament against definitions of their own: exact fractions, drawn waits, scipy."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from simulation.matches.match import play_match
from simulation.matches.strategies.axelrod_1980 import (
    feld_rule,
    seems_independent,
    shubik_rule,
    stein_rapoport_rule,
    tideman_chieruzzi_rule,
)
from simulation.matches.strategies.axelrod_1980_programs import downing_rule, graaskamp_rule, six_digits
from simulation.matches.strategies.base import Functions, Known
from simulation.matches.strategies.catalogue import strategy
from theory import named_game
from theory.repeated.machines import FiniteState

AXELROD = named_game("prisoners-dilemma-axelrod")
KNOWN = Known(np.array(AXELROD.payoffs), 200, 0.0)


def chances(rule: Functions, own: str, other: str, known: Known = KNOWN) -> list[float]:
    """Return the chance of C on each turn and the next, when these actions are carried out."""
    memory = np.array(rule.memory)
    found = [float(rule.cooperation(memory, 0, known))]
    for turn, (a, b) in enumerate(zip(own, other, strict=True)):
        rule.update(memory, turn, "CD".index(a), "CD".index(b), known)
        found.append(float(rule.cooperation(memory, turn + 1, known)))
    return found


def answers(rule: Functions, script: str, known: Known = KNOWN) -> str:
    """Return what a rule without chance plays against a script, and its next action."""
    memory, played = np.array(rule.memory), ""
    for turn, action in enumerate(script):
        played += "DC"[int(rule.cooperation(memory, turn, known))]
        rule.update(memory, turn, "CD".index(played[-1]), "CD".index(action), known)
    return played + "DC"[int(rule.cooperation(memory, len(script), known))]


def scripted(text: str) -> FiniteState:
    """Return the player of a text; it ends in its last action for ever."""
    rows = tuple((k, k) for k in (*range(1, len(text)), len(text) - 1))
    return FiniteState(tuple(float(a == "C") for a in text), rows)


plays = st.integers(1, 40).flatmap(
    lambda turns: st.tuples(*(st.text("CD", min_size=turns, max_size=turns) for _ in range(2)))
)
payoffs = st.lists(st.integers(-9, 9), min_size=4, max_size=4)


@given(plays, payoffs)
def test_downing_takes_the_best_of_c_d_and_both_in_turns(
    actions: tuple[str, str], numbers: list[int]
) -> None:
    reward, sucker, temptation, punishment = numbers
    own, other = actions
    mine = np.array([[reward, sucker], [temptation, punishment]], dtype=float)
    known = Known(np.stack([mine, mine.T]), 0, 0.0)
    pairs = list(zip(own, other[1:], strict=False))
    after = {
        action: Fraction(sum(b == "C" for a, b in pairs if a == action), sum(a == action for a, _ in pairs))
        if any(a == action for a, _ in pairs)
        else Fraction(1, 2)
        for action in "CD"
    }
    g, b = after["C"], after["D"]
    by_c = reward * g + sucker * (1 - g)
    by_d = temptation * b + punishment * (1 - b)
    # A C is met by the answer to a D, and a D by the answer to a C.
    by_turns = (reward * b + sucker * (1 - b) + temptation * g + punishment * (1 - g)) / 2
    if by_c >= by_d and by_c >= by_turns:
        expected = 1.0
    elif max(by_c, by_turns) >= by_d:
        expected = float(own[-1] == "D")
    else:
        expected = 0.0
    assert chances(downing_rule(), own, other, known)[-1] == expected


@given(st.fractions(min_value=-500, max_value=500, max_denominator=200))
def test_six_hexadecimal_digits_are_cut_not_rounded(number: Fraction) -> None:
    number = Fraction(float(number))
    exponent = next((k for k in range(-12, 12) if abs(number) < Fraction(16) ** k), 0)
    unit = Fraction(16) ** (exponent - 6)
    expected = int(number / unit) * unit  # int cuts towards zero
    assert six_digits(float(number)) == expected


def test_hexadecimal_arithmetic_decides_ties_of_downing_against_shubik() -> None:
    """The table of 1980 has 271 and 261; no other pair without chance depends on it."""
    found = {
        digits: [
            (200 * play_match(name, downing_rule(hexadecimal=digits), game=AXELROD, turns=200).payoffs).round(
                6
            )
            for name in (
                "shubik",
                "tit-for-tat",
                "tideman-chieruzzi",
                "nydegger",
                "stein-rapoport",
                "grim",
                "davis",
            )
        ]
        for digits in (False, True)
    }
    assert found[True][0].tolist() == [271, 261]
    assert found[False][0].tolist() == [253, 268]
    assert np.array_equal(found[True][1:], found[False][1:])


def likelihood(own: str, other: str, noise: float) -> float:
    """Return the chance of Graaskamp's actions from turn 58 on, over all waits that can have been drawn."""

    def from_turn(k: int, waiting: int) -> float:
        if k == len(own):
            return 1.0
        intended = other[k - 1] if waiting else "D"
        chance = 1 - noise if own[k] == intended else noise
        if chance == 0.0:
            return 0.0
        rest = [waiting - 1] if waiting else range(5, 15)
        return chance * sum(from_turn(k + 1, left) for left in rest) / len(rest)

    return sum(from_turn(57, waiting) for waiting in range(5, 15)) / 10


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_graaskamps_actions_have_the_chances_of_waits_that_are_drawn(noise: float) -> None:
    generator = np.random.default_rng(3)
    known = KNOWN._replace(noise=noise)
    # Friendly enough to be played with, but neither a twin nor Tit-for-Tat; then anything.
    opening = "C" * 30 + "D" + "C" * 26
    own = "C" + opening[:49] + "D" + "C" * 6
    total = 0
    for _ in range(12):
        tail = "".join(generator.choice(["C", "D"], size=16, p=[0.7, 0.3]))
        other = opening + tail
        intended = [other[k - 1] for k in range(57, len(other))]
        # Rare defections at two places, one of them perhaps hidden by Tit-for-Tat's own.
        for places in itertools.combinations_with_replacement((5, 8, 14), 2):
            mine = "".join("D" if k in places else action for k, action in enumerate(intended))
            found = chances(graaskamp_rule(), own + mine, other, known)
            product = 1.0
            for action, cooperation in zip(mine, found[57:], strict=False):
                carried_out = cooperation * (1 - noise) + (1 - cooperation) * noise
                product *= carried_out if action == "C" else 1 - carried_out
                if product == 0.0:
                    break
            assert product == pytest.approx(likelihood(own + mine, other, noise), rel=1e-9, abs=1e-300)
            total += product > 0
    assert total > 12


def test_graaskamp_tells_tit_for_tat_its_twin_and_the_weak() -> None:
    rule = graaskamp_rule()
    tit_for_tat = play_match("graaskamp", "tit-for-tat", game=AXELROD, turns=200, repetitions=3)
    assert {tit_for_tat.trace(k)[0] for k in range(3)} == {"C" * 50 + "DCDCDC" + "C" * 144}
    twin = play_match("graaskamp", rule, game=AXELROD, turns=200, repetitions=3)
    assert {twin.trace(k)[0] for k in range(3)} == {"C" * 50 + "D" * 6 + "C" * 144}
    # Others with 40 * 3 + 16 = 136 and 40 * 3 + 0 + 15 = 135 points after 56 turns.
    assert chances(rule, "C" * 40 + "D" * 16, "C" * 40 + "D" * 16)[-1] == 1.0
    assert chances(rule, "C" * 40 + "D" * 16, "C" * 41 + "D" * 15)[-1] == 0.0


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_stein_and_rapoports_test_is_pearsons(counts: list[int]) -> None:
    table = np.array(counts).reshape(2, 2)
    found = seems_independent(counts[0] + counts[1], counts[0], counts[2] + counts[3], counts[2])
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        assert found
        return
    p_value = chi2_contingency(table, correction=False).pvalue
    if abs(p_value - 0.05) > 1e-9:
        assert found == (p_value > 0.05)


def test_stein_and_rapoport_give_up_on_defectors_before_turn_15_but_on_no_cooperator() -> None:
    lone = "D" * 20 + "C" + "D" * 19
    assert answers(stein_rapoport_rule(), lone)[4:] == "D" * 37
    # Tit-for-Tat answers the lone C where one who has only defected is not random, or is not taken for it.
    assert answers(stein_rapoport_rule(spares_defectors=True), lone)[21] == "C"
    assert answers(stein_rapoport_rule(), "C" * 40) == "C" * 41
    assert answers(stein_rapoport_rule(), "C" * 199) == "C" * 198 + "DD"
    # One who alternates depends on its action before as much as can be, and has as many C as D.
    alternating = "CD" * 20
    assert "C" in answers(stein_rapoport_rule(), alternating)[20:]
    assert "C" not in answers(stein_rapoport_rule(counts=True), alternating)[20:]
    with pytest.raises(ValueError, match="spares_defectors is a reading of the test of transitions"):
        stein_rapoport_rule(counts=True, spares_defectors=True)


def test_tideman_and_chieruzzi_punish_the_kth_finished_run_by_k_minus_one_turns_more() -> None:
    script = "CDDCCCDCCCCDDDCCCCCDCCCC"
    #         Tit-for-Tat, then one turn more, two, three.
    expected = "CCDDCCCDDCCCDDDDDCCCDDDD"
    assert answers(tideman_chieruzzi_rule(), script)[: len(expected)] == expected
    # Run k costs k turns from its first defection on, whatever comes meanwhile.
    assert answers(tideman_chieruzzi_rule(from_the_first=True), "CDCCCDCCCC")[:11] == "CCDCCCDDCCC"


@pytest.mark.parametrize(
    ("lead", "before", "own", "other", "turn", "by_default", "by_the_other_reading"),
    [
        (30, "C", "C", "C", 40, True, True),
        (10, "D", "D", "C", 40, True, True),
        (4, "D", "D", "C", 40, False, False),  # with the 5 of this turn the lead is 9
        # A run that has just begun denies it; a long one does not, unless the other must cooperate.
        (30, "C", "D", "D", 40, False, False),
        (30, "D", "D", "D", 40, True, False),
        # Turn 190 is the last with ten more to come.
        (30, "C", "C", "C", 188, True, True),
        (30, "C", "C", "C", 189, False, False),
    ],
)
def test_when_tideman_and_chieruzzi_start_afresh(
    lead: float, before: str, own: str, other: str, turn: int, by_default: bool, by_the_other_reading: bool
) -> None:
    """One that has not defected so far, but perhaps on these last turns, is far from 50:50."""
    for from_the_first, expected in ((False, by_default), (True, by_the_other_reading)):
        rule = tideman_chieruzzi_rule(from_the_first=from_the_first)
        memory = np.array(rule.memory)
        memory[3], memory[7] = lead, "CD".index(before)
        rule.update(memory, turn, "CD".index(own), "CD".index(other), KNOWN)
        assert (memory[4] == turn + 2) == expected
        assert (rule.cooperation(memory, turn + 1, KNOWN) == 1.0) == (expected or (other == "C"))
        if expected and turn < 180:
            # Two C, whatever comes; and no second start within twenty turns.
            rule.update(memory, turn + 1, 0, 1, KNOWN)
            assert rule.cooperation(memory, turn + 2, KNOWN) == 1.0
            memory[3] = 100.0
            for later in range(turn + 2, turn + 20):
                rule.update(memory, later, 0, 0, KNOWN)
                assert memory[4] == turn + 2
            rule.update(memory, turn + 20, 0, 0, KNOWN)
            assert memory[4] == turn + 22


def test_shubik_and_the_other_reading_part_where_he_punishes() -> None:
    assert answers(shubik_rule(), "CDCDDCCC") == "CCDCDDCCC"
    assert answers(shubik_rule(any_defection=True), "CDCDDCCC") != answers(shubik_rule(), "CDCDDCCC")


def test_feld_falls_linearly_to_a_half_and_geometrically_to_the_same() -> None:
    linear = chances(feld_rule(), "C" * 250, "C" * 250)
    geometric = chances(feld_rule(geometric=True), "C" * 250, "C" * 250)
    assert linear == pytest.approx([1 - min(t, 199) / 398 for t in range(251)])
    assert geometric == pytest.approx([0.5 ** (min(t, 199) / 199) for t in range(251)])


def test_grofman_gives_up_after_mutual_defection() -> None:
    assert strategy("grofman").rule.after == (1, 2 / 7, 2 / 7, 0)
