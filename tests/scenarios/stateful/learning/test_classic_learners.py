"""The scenario of classic learners: who plays what, what is known, measures and words."""

import numpy as np
import pytest

from scenarios.stateful.learning.cast import BOARDS, GRADIENT, MATRIX, REPEATED, TABULAR, TRIALS, Trial
from scenarios.stateful.learning.classic_learners import SCENARIO, Parameters, cells_of
from scenarios.stateful.learning.classic_report import finding, known_tables
from scenarios.stateful.learning.known import KNOWN, SHAPLEYS_RATIO, Known
from scenarios.stateful.learning.trials import play_matrix_game, play_pairs
from theory import MemoryOne, memory_one_payoffs


def test_everything_that_is_known_is_asked_of_somebody() -> None:
    assert {Trial(learner, game) for learner, game, _ in KNOWN} <= set(TRIALS)
    assert len(set(TRIALS)) == len(TRIALS)


def test_a_known_value_must_be_near_and_a_bound_must_be_cleared() -> None:
    value = Known(words="", source="", value=1.0, within=0.1)
    assert value.holds(1.05, (0.0, 2.0)) is True
    assert value.holds(1.2, (0.0, 2.0)) is False
    above = Known(words="", source="", above=0.5)
    assert above.holds(0.6, (0.55, 0.65)) is True
    assert above.holds(0.6, (0.45, 0.75)) is None
    assert above.holds(0.4, (0.3, 0.45)) is False
    assert Known(words="", source="", below=0.5).holds(0.6, (0.55, 0.65)) is False
    assert above.holds(0.6, None) is True


def test_shapleys_ratio_is_the_root_of_its_equation() -> None:
    ratio = SHAPLEYS_RATIO
    assert abs(ratio**3 - ratio**2 - 1.0) < 1e-14


def test_the_payoff_of_tit_for_tat_in_this_dilemma_is_that_of_mutual_cooperation() -> None:
    tit_for_tat = MemoryOne(1.0, (1.0, 0.0, 1.0, 0.0))
    game = REPEATED["iterated-dilemma"].game
    assert memory_one_payoffs(tit_for_tat, tit_for_tat, game, discount=0.96).payoffs == pytest.approx(
        [-1.0, -1.0]
    )


def test_pairs_are_measured_and_judged_each_by_itself() -> None:
    trial = Trial("lola", "iterated-dilemma")
    measured = play_pairs(trial, pairs=20, judged=5, updates=200, seed=0)
    assert measured.data is not None
    payoff = measured.data["payoff"].values
    by = {cell["quantity"]: cell for cell in measured.cells}
    assert by["payoff of a round"]["mean"] == pytest.approx(payoff.mean())
    # More than -1.2 is more than .8 of the way from -2 to -1.
    assert by["cooperate"]["mean"] == np.mean(payoff.mean(axis=1) > -1.2)
    assert by["cooperate conditionally"]["mean"] <= by["cooperate"]["mean"]
    (verdict,) = measured.verdicts
    assert sum(verdict["labels"].values()) == 5


def test_two_defectors_are_an_equilibrium_of_the_repeated_dilemma() -> None:
    measured = play_pairs(Trial("naive", "iterated-dilemma"), pairs=6, judged=6, updates=300, seed=2)
    assert measured.data is not None
    defect = (measured.data["payoff"].values.mean(axis=1) < -1.99).sum()
    (verdict,) = measured.verdicts
    assert verdict["labels"].get("Nash equilibrium", 0) >= defect > 0


@pytest.mark.slow
def test_final_actions_in_the_climbing_game_are_judged_as_what_they_are() -> None:
    measured = play_matrix_game(
        Trial("optimistic-joint-action", "climbing"), runs=5, steps=1000, seed=0
    )  # all reach the top
    (verdict,) = measured.verdicts
    assert verdict["labels"] == {"welfare-optimal Nash equilibrium": 5}


@pytest.fixture(scope="module")
def result():
    small = {
        "runs": 4,
        "pairs": 6,
        "judged": 2,
        "updates": 50,
        "rounds": 1000,
        "steps": 300,
        "team_steps": 100,
    }
    games = ("iterated-dilemma", "iterated-pennies", "shapley", "biased-pennies", "climbing")
    return SCENARIO.run(Parameters(**small, games=games))


def test_a_short_run_has_a_table_for_each_game_and_says_what_came_out(result) -> None:
    assert result.complete
    titles = [table.title for table in result.tables]
    assert titles == [
        "Iterated Prisoner's Dilemma", "Iterated Matching Pennies", "Shapley's game", "Biased Matching Pennies",
        "Climbing game", "Classic learners: verdicts on what each run came to",
    ]  # fmt: skip
    known = [cell for cell in result.cells if cell["known"] is not None]
    assert f"of {len(known)} known outcomes came out" in result.finding
    for picture in result.pictures:
        assert picture.draw() is not None


def test_a_known_outcome_that_does_not_come_out_is_named() -> None:
    cell = {
        "learner": "minimax-q", "environment": "biased-pennies", "quantity": "value", "mean": 1.0,
        "interval": [0.9, 1.1], "std": 0.1, "runs": 5, "known": "10/3", "source": "closed form", "agrees": False,
    }  # fmt: skip
    assert "Not so: minimax-Q in the biased Matching Pennies, value 1 where 10/3." in finding([cell])
    (table,) = known_tables([cell])
    assert table.rows[0][-1] == "no"


def test_a_short_look_plays_no_boards_and_who_asks_for_boards_alone_gets_them() -> None:
    quick = cells_of(Parameters().quick())
    assert not {cell.environment for cell in quick} & set(BOARDS)
    assert {cell.environment for cell in cells_of(Parameters(games=("soccer",)).quick())} == {"soccer"}
    assert {cell.learner for cell in quick} <= set(GRADIENT) | set(TABULAR) | {"fictitious-play"}
    assert {cell.environment for cell in quick} <= set(REPEATED) | set(MATRIX)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"games": ("chess",)}, "unknown game 'chess'"),
        ({"pairs": 0}, "pairs must be at least 1, got 0"),
        ({"rounds": 10}, "rounds must be at least 1000, got 10"),
        ({"soccer_steps": 0}, "soccer_steps must be at least 1, got 0"),
    ],
)
def test_wrong_parameters_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**options)
