"""Rules of graded donation games: what they mean, and which theory singles out, against arithmetic."""

from itertools import product

import numpy as np
import pytest

from scenarios.stateful.leaving.graded import (
    BENEFITS,
    all_symmetric,
    graded,
    pair_of,
    rule_name,
    rules,
    target,
)
from scenarios.stateful.leaving.parameters import Parameters
from scenarios.stateful.leaving.planner_that_leaves import SCENARIO, report
from scenarios.stateful.leaving.terms import Cell, cells_of
from theory import Game, memory_one_deviations, win_stay_lose_shift_law


@pytest.mark.parametrize("benefit", BENEFITS.values())
def test_a_graded_game_pays_what_the_other_gives_less_half_the_square_of_ones_own_level(benefit):
    game, levels = graded(benefit), (1.0, 0.5, 0.0)
    for (i, own), (j, other) in product(enumerate(levels), repeat=2):
        assert game.payoffs[0, i, j] == pytest.approx(benefit * other - own**2 / 2)
        assert game.payoffs[1, j, i] == game.payoffs[0, i, j]


def test_rules_mean_what_they_say():
    # After full-full, full-half, full-none, half-full, ..., none-none, their own level first.
    written = {name: "".join("FHN"[level] for level in after) for name, after in rules().items()}
    assert written == {
        "Copy": "FHNFHNFHN",
        "WSLS": "FNNNFNNNF",
        "Grim": "FNNNNNNNN",
        "Pay Back": "FHHFFNHHH",
        "Climb": "FNNNFNNNH",
        "All-full": "FFFFFFFFF",
        "All-none": "NNNNNNNNN",
    }
    assert target().tolist() == [0, 0, 2, 2, 2, 0, 2, 2, 2, 1]


def test_pairs_are_named_from_both_sides():
    pay_back = pair_of(rules()["Pay Back"], first=2)
    # After half by the first and full by the second, that is full-half to the second, who goes down.
    assert pay_back[:, 1 + 3 * 1 + 0].argmax(axis=1).tolist() == [0, 1]
    assert rule_name(pay_back) == "Pay Back"
    pay_back[1, 4] = np.roll(pay_back[1, 4], 1)
    assert rule_name(pay_back) == "other rules"


@pytest.mark.parametrize("benefit", BENEFITS.values())
def test_all_rules_are_judged_as_one_pair_is(benefit):
    every = all_symmetric(benefit, 0.02, 0.96)
    places = np.random.default_rng(1).integers(len(every.rules), size=30)
    for place in [*places, *np.flatnonzero(every.slack > 1e-9)]:
        pair = pair_of(every.rules[place]).argmax(axis=-1)
        found = memory_one_deviations(graded(benefit), pair, noise=0.02, discount=0.96)
        assert found.losses[:, 1:].min() == pytest.approx(every.slack[place], abs=1e-12)
        assert found.payoffs.sum() == pytest.approx(every.welfare[place])


@pytest.mark.parametrize("benefit", [1.0, 1.2, 1.5])
@pytest.mark.parametrize("discount", [0.3, 0.6, 0.8, 0.9, 0.96])
def test_climb_is_strict_where_arithmetic_says_so_if_hands_hardly_slip(benefit, discount):
    every = all_symmetric(benefit, 1e-7, discount)
    full, half = benefit - 1 / 2, benefit / 2 - 1 / 8
    # Who means none once after equal levels saves 1/2 at most, and loses a round of full for none and one for half.
    # Who means half saves less and loses the same. Who means more than it is to loses at once and later.
    costs = discount * full + discount**2 * (full - half) - 1 / 2
    place = (every.rules == rules()["Climb"]).all(axis=1).argmax()
    assert (every.slack[place] > 0) == (costs > 0)


def test_with_two_levels_nothing_efficient_is_strict_at_the_lower_benefit():
    bounds = []
    for benefit in (1.5, 1.0):
        payoffs = graded(benefit).payoffs[:, ::2, ::2]
        bounds.append(float(win_stay_lose_shift_law(Game(payoffs), noise=0.0).discount))
    assert bounds == pytest.approx([0.5, 1.0])
    without_half = Game(graded(1.0).payoffs[:, ::2, ::2])
    for after in product((0, 1), repeat=4):
        pair = [[0, *after], [0, after[0], after[2], after[1], after[3]]]
        found = memory_one_deviations(without_half, pair, noise=0.02, discount=0.96)
        efficient = without_half.outcomes.sum(axis=1).max()
        assert found.losses[:, 1:].min() <= 0.0 or found.payoffs.sum() < 0.6 * efficient


def test_the_report_says_beforehand_what_theory_singles_out():
    parameters = Parameters(runs=2, updates=200, planner_updates=1)
    cell = Cell("graded", "graded-1", "projected", "tutor", "", "")
    assert cell in cells_of(("graded",))
    found = report(parameters, {cell: SCENARIO.play(parameters, cell)})
    assert [row[:3] for row in found.tables[2].rows] == [
        ("graded-1", name, strict)
        for name, strict in zip(rules(), ("no", "no", "yes", "no", "yes", "no", "yes"), strict=True)
    ]
    assert "24 of 19,683 rules are strict, 4 of these" in found.tables[2].note
    assert "what Climb reaches" in found.tables[0].note


@pytest.mark.slow
@pytest.mark.parametrize("name", BENEFITS)
def test_a_tutor_leaves_climb(name):
    # All 50 of the table stay, so that 2 of 2 fail by chance almost never.
    data = SCENARIO.play(Parameters(runs=2, updates=400), Cell("graded", name, "natural", "tutor", "", ""))
    assert data["lasts"].values.tolist() == [True, True]
    assert set(data["label"].values.tolist()) == {"Climb"}
