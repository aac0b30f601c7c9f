"""What one strategy gets beside others, and who takes over from whom, against games by hand."""

import math

import numpy as np
import pytest

from scenarios.tournaments.rivals import (
    barrier,
    long_run_table,
    opponent_cells,
    opponent_table,
    rival_cells,
    rival_table,
    takes_over,
)
from simulation import round_robin
from theory import named_game

FIELD = ("tit-for-tat", "always-defect", "always-cooperate", "win-stay-lose-shift")
RIVALS = FIELD[1:]


@pytest.fixture(scope="module")
def exact():
    game = named_game("prisoners-dilemma-axelrod")
    return round_robin(FIELD, game=game, turns=10, repetitions=2, exact=True)


@pytest.fixture(scope="module")
def sampled():
    game = named_game("prisoners-dilemma-axelrod")
    return round_robin(FIELD, game=game, turns=50, repetitions=10, noise=0.05)


@pytest.mark.parametrize(
    ("payoffs", "share"),
    [
        # Coordination: alike at 3 (1 - x) = x.
        ([[3.0, 0.0], [0.0, 1.0]], 0.75),
        ([[1.0, 0.0], [0.0, 3.0]], 0.25),
        # Who always gets more, and who never does.
        ([[3.0, 2.0], [2.0, 1.0]], 1.0),
        ([[2.0, 1.0], [3.0, 2.0]], 0.0),
        # Rare, the second gets more: a mixture is stable.
        ([[0.0, 2.0], [1.0, 1.0]], 0.0),
        # Alike among the first.
        ([[3.0, 2.0], [3.0, 1.0]], 1.0),
        ([[3.0, 1.0], [3.0, 2.0]], 0.0),
        ([[3.0, 2.0], [2.0, 2.0]], 1.0),
    ],
)
def test_barriers_by_hand(payoffs, share) -> None:
    assert barrier(np.array(payoffs)) == share
    assert math.isnan(barrier(np.full((2, 2), 3.0)))


def test_takeovers_are_those_of_the_birth_death_process() -> None:
    # Without a difference 1; with the fitness ratio 2 everywhere (1 - 1/2) / (1 - 2^-100) of all, not of 1/100.
    assert takes_over(np.ones((2, 2))) == pytest.approx(1.0)
    assert takes_over(np.array([[2.0, 2.0], [1.0, 1.0]])) == pytest.approx(50.0)


def test_exact_payoffs_leave_no_interval_and_ties_no_barrier(exact) -> None:
    cells = rival_cells(exact, "tit-for-tat", RIVALS, {"noise": 0.0})
    by_rival = {cell["rival"]: cell for cell in cells if cell["part"] == "evolution"}
    assert by_rival["always-cooperate"]["barrier"] is None
    assert by_rival["always-cooperate"]["takes_over"] == pytest.approx([1.0] * 3)
    # In 10 turns it gets 9 of (D, D) and once 0, always-defect once 5: at 3 (1 - x) + .9 x = 1.4 (1 - x) + x.
    assert by_rival["always-defect"]["barrier"] == pytest.approx([1.6 / 1.7] * 3)
    assert sum(cell["long_run"][0] for cell in cells) == pytest.approx(1.0)
    (opponents,) = opponent_cells(exact, "tit-for-tat", ["always-cooperate"], {"noise": 0.0})
    assert opponents["more"] == {"always-defect": pytest.approx(0.9)}
    assert opponents["less"] == {}


def test_intervals_hold_the_sampling_error(sampled) -> None:
    cells = rival_cells(sampled, "tit-for-tat", RIVALS, {"noise": 0.05})
    for cell in cells:
        for value, low, high in (cell[key] for key in ("long_run", "takes_over", "barrier") if cell.get(key)):
            assert low <= value <= high
    assert cells[0]["takes_over"][1] < cells[0]["takes_over"][2]
    opponents = opponent_cells(sampled, "tit-for-tat", ["always-cooperate", "tit-for-tat"], {"noise": 0.05})
    # Tit-for-Tat answers these; with its twin it answers slips, too.
    assert list(opponents[0]["more"]) == ["always-defect", "win-stay-lose-shift"]
    assert list(opponents[0]["less"]) == ["tit-for-tat"]
    assert opponents[1]["more"] == opponents[1]["less"] == {}


def test_tables_name_each_noise_and_rival_once(exact, sampled) -> None:
    cells = [
        cell
        for noise, data in ((0.0, exact), (0.05, sampled))
        for cell in [
            *opponent_cells(data, "tit-for-tat", ["always-cooperate"], {"noise": noise}),
            *rival_cells(data, "tit-for-tat", RIVALS, {"noise": noise}),
        ]
    ]
    shown = opponent_table(cells, "tit-for-tat", "always-cooperate")
    assert [row[0] for row in shown.rows] == [
        "always-defect", "win-stay-lose-shift", "tit-for-tat", "(from how many more)", "(from how many less)",
    ]  # fmt: skip
    assert [row[1:] for row in shown.rows[3:]] == [("1", "2"), ("0", "1")]
    assert [row[:2] for row in rival_table(cells, "tit-for-tat").rows] == [
        (noise, rival) for noise in ("0", "0.05") for rival in RIVALS
    ]
    assert [row[0] for row in long_run_table(cells).rows] == [*RIVALS, "tit-for-tat"]
