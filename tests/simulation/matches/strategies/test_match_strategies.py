"""Gradual Tit-for-Tat and the probing mirror as strategies in matches."""

import numpy as np
import pytest

from simulation.matches.match import play_match
from simulation.matches.strategies.base import memory_one
from simulation.matches.strategies.match_strategies import cooperates, gradual_tit_for_tat, probing_mirror
from theory import named_game

GAME = named_game("prisoners-dilemma")
DEFECTOR = memory_one(0.0, (0.0, 0.0, 0.0, 0.0), name="defector")
COOPERATOR = memory_one(1.0, (1.0, 1.0, 1.0, 1.0), name="cooperator")


@pytest.mark.parametrize("make", [gradual_tit_for_tat, probing_mirror])
def test_nice_players_cooperate_with_each_other(make) -> None:  # type: ignore[no-untyped-def]
    result = play_match(make(), make(), game=GAME, turns=100, seed=1)
    assert result.payoffs.tolist() == [3.0, 3.0]


def test_gradual_stops_cooperating_with_a_defector() -> None:
    result = play_match(gradual_tit_for_tat(), DEFECTOR, game=GAME, turns=100, seed=1)
    own, other = result.trace()
    assert own.startswith("C")
    assert set(own[5:]) == {"D"}
    assert set(other) == {"D"}


@pytest.mark.parametrize("cost", range(1, 50))
def test_units_do_not_decide_who_is_on_the_edge(cost: int) -> None:
    # A weight of cost / 50 is indifferent in the donation game of that cost and benefit 1: C by the rule.
    for unit in (1.0, 0.1, 1 / 3, 7e5):
        benefit, price = unit, unit * (cost / 50)
        own = np.array([[benefit - price, -price], [benefit, 0.0]])
        other = own.T.copy()
        for reply_to in range(2):
            assert cooperates(own, other, reply_to, cost / 50)
            assert not cooperates(own, other, reply_to, cost / 50 - 1e-6)


def test_gradual_is_not_put_off_by_one_defection() -> None:
    once = memory_one(0.0, (1.0, 1.0, 1.0, 1.0))
    result = play_match(gradual_tit_for_tat(), once, game=GAME, turns=50, seed=1)
    assert result.cooperation[0] == 1.0


def test_probing_loses_the_budget_to_a_defector_and_no_more() -> None:
    result = play_match(probing_mirror(budget=3.0), DEFECTOR, game=GAME, turns=500, seed=2)
    assert result.payoffs[0] * 500 == pytest.approx(500 - 3.0)


def test_probing_leaves_mutual_defection() -> None:
    # The other begins with D and then copies.
    suspicious = memory_one(0.0, (1.0, 0.0, 1.0, 0.0))
    result = play_match(probing_mirror(), suspicious, game=GAME, turns=300, seed=3)
    assert set(result.trace()[0][-100:]) == {"C"}
    assert play_match(probing_mirror(), COOPERATOR, game=GAME, turns=20, seed=1).cooperation[0] == 1.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gradual_tit_for_tat(epsilon=2.0), r"epsilon must lie in \[-1, 1\], got 2"),
        (lambda: gradual_tit_for_tat(forgetting=-1.0), r"forgetting must lie in \[0, 1\], got -1"),
        (lambda: gradual_tit_for_tat(tremble=0.0), r"tremble must lie in \(0, 1\], got 0"),
        (lambda: probing_mirror(budget=-1.0), "budget must lie in"),
        (lambda: probing_mirror(probability=1.5), r"probability must lie in \[0, 1\], got 1.5"),
    ],
)
def test_errors_state_the_rule_and_the_value(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        make()
