"""Win-Stay, Lose-Shift among many: against arithmetic."""

import numpy as np
import pytest

from scenarios.stateful.leaving.many import SHARES, profile_name, public_good, win_stay
from scenarios.stateful.leaving.parameters import Parameters
from scenarios.stateful.leaving.planner_that_leaves import SCENARIO
from scenarios.stateful.leaving.terms import Cell
from theory import memory_one_deviations


@pytest.mark.parametrize("name", SHARES)
def test_a_public_good_pays_its_share_of_what_is_given(name):
    n_players, share = SHARES[name]
    game = public_good(name)
    for profile in np.ndindex(*(2,) * n_players):
        given = profile.count(0)
        for player in range(n_players):
            assert game.payoffs[(player, *profile)] == pytest.approx((profile[player] == 1) + share * given)
    assert 1.0 / n_players < share < 1.0  # a dilemma


@pytest.mark.parametrize("name", SHARES)
def test_a_slip_of_the_mind_costs_what_arithmetic_says_where_hands_do_not_slip(name):
    # All gave last. Who keeps once saves 1 - share now; all keep in the next round, and give again from then on: that
    # costs it n share - 1, discounted. Hands that slip once in a million change that by no more than 1e-4.
    n_players, share = SHARES[name]
    rules = np.tile(1 - win_stay(n_players), (n_players, 1))
    for discount in (0.4, 0.6, 0.9):
        found = memory_one_deviations(public_good(name), rules, noise=1e-6, discount=discount)
        expected = (1.0 - discount) * (discount * (n_players * share - 1.0) - (1.0 - share))
        np.testing.assert_allclose(found.losses[:, 1], expected, atol=1e-4)
        assert found.payoffs.sum() == pytest.approx(n_players * n_players * share, abs=1e-3)


def test_profiles_are_named_whatever_they_begin_with():
    rule = np.tile(win_stay(3), (3, 1)).astype(float)
    assert profile_name(rule) == "WSLS"
    rule[:, 0] = 0.0
    assert profile_name(rule) == "WSLS"
    assert profile_name(np.zeros((4, 17))) == "All-D"
    mixed = rule.copy()
    mixed[1] = 1.0
    assert profile_name(mixed) == "other rules"
    strange = np.zeros((3, 9))
    strange[:, 4] = 1.0
    assert profile_name(strange) == "other rules"


@pytest.mark.slow
def test_a_tutor_leaves_what_it_pays_for_among_three():
    # Natural learners let go near a strict rule: of 50 runs all stay, so that 2 of 2 fail by chance almost never.
    parameters = Parameters(runs=2, updates=400)
    data = SCENARIO.play(parameters, Cell("many", "public-good-3", "natural", "tutor", "", ""))
    assert data["lasts"].values.tolist() == [True, True]
    assert set(data["label"].values.tolist()) == {"WSLS"}
    assert data["slack"].values.min() > 0.0
