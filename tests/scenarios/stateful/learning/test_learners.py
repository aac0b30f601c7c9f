"""The scenario `learners`: who gains from whom, what the choice of a learner is judged as, and missing cells."""

import json

import numpy as np
import pytest
from scipy.stats import norm

from scenarios.stateful.learning.learners import (
    ALL,
    SCENARIO,
    Cell,
    Parameters,
    cells_of,
    judge_choice,
    label_of_pair,
    play,
    report,
)
from theory import named_game

DILEMMA = named_game("prisoners-dilemma")
SHORT = Parameters(
    runs=4, games=("chicken",), learners=("naive", "lola"), updates=60, random_games=1, random_runs=2
)


@pytest.fixture(scope="module")
def done():
    return {cell: play(SHORT, cell) for cell in cells_of(SHORT)}


def always(cooperation: float) -> list[float]:
    return [cooperation] * 5


def test_known_pairs_have_their_labels() -> None:
    """All-D is an equilibrium of the repeated dilemma, All-C is none; Grim's (C only after CC) is an optimal one."""
    grim = [1.0, 0.0, 0.0, 0.0, 1.0]
    labels = [
        label_of_pair(DILEMMA, np.array([one, one]), np.array([got, got]), discount=0.96)
        for one, got in ((always(0.0), 1.0), (always(1.0), 3.0), (grim, 3.0))
    ]
    assert labels == [
        "Pareto-dominated Nash equilibrium",
        "Pareto-optimal, not an equilibrium",
        "Pareto-optimal Nash equilibrium",
    ]


def test_the_choice_of_a_learner_is_judged_by_what_was_measured() -> None:
    """Payoffs without error that make a dilemma of the choice: who exploits is the only equilibrium."""
    met = {
        ("kind", "kind"): np.full((3, 2), 3.0),
        ("kind", "sly"): np.tile([0.5, 3.5], (3, 1)),
        ("sly", "sly"): np.full((3, 2), 1.0),
    }
    verdict = judge_choice(DILEMMA, ("kind", "sly"), met, seed=0)
    assert verdict.game.payoffs[0].tolist() == [[3.0, 0.5], [3.5, 1.0]]
    (found,) = verdict.equilibria
    assert (found.row, found.is_strict, found.sure_equilibrium) == ((("sly", 1.0),), True, 1.0)
    assert not found.is_pareto_optimal


def test_an_equilibrium_is_as_sure_as_the_measured_payoffs() -> None:
    """To be b gains -.02 +- .05 against a: a is an equilibrium in Phi(.4) of the draws, to four standard errors."""
    varied = 0.98 + np.tile([1.0, -1.0], 200)
    met = {
        ("a", "a"): np.full((400, 2), 1.0),
        ("a", "b"): np.stack([np.zeros(400), varied], axis=1),
        ("b", "b"): np.full((400, 2), -1.0),
    }
    verdict = judge_choice(DILEMMA, ("a", "b"), met, seed=1)
    (found,) = [one for one in verdict.equilibria if one.row == (("a", 1.0),)]
    assert found.sure_equilibrium == pytest.approx(norm.cdf(0.4), abs=0.085)


def test_lola_takes_more_than_the_naive_in_chicken(done) -> None:
    """On the page 3.49 against 2.01, means of 100 runs; of four runs at least three must have that order."""
    data = done[Cell("chicken", "naive", "lola")].data
    assert (data["payoff"].values[:, 1] > data["payoff"].values[:, 0]).sum() >= 3


def test_all_is_reported_and_plain(done) -> None:
    told = report(SHORT, done)
    assert [table.title for table in told.tables] == [
        "Chicken: payoffs",
        "Verdicts on what each pair came to, in the repeated game",
        "Equilibria of the meta-game (everybody chooses a strategy for the whole match)",
        "Where selection leads in the meta-game (replicator dynamics)",
        "Random games",
    ]
    json.dumps([told.cells, told.verdicts], allow_nan=False)
    assert "Chicken, equilibria of the choice of a learner" in told.finding
    counted = [sum(v["labels"].values()) for v in told.verdicts if "labels" in v]
    assert counted == [4, 4, 4]
    assert [picture.name for picture in told.make_pictures()] == ["learners-curves"]


def test_a_missing_pair_leaves_the_rest(done) -> None:
    left = {
        cell: measured for cell, measured in done.items() if cell.opponent != "lola" and cell.learner != ALL
    }
    told = report(SHORT, left)
    assert len(told.tables) == 2
    assert "naive gets" in told.finding


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"learners": ("lola",)}, r"learners must be at least two different ones, got \('lola',\)"),
        ({"learners": ("lola", "lola")}, "two different ones"),
        ({"games": ("matching-pennies",)}, "game"),
        ({"discount": 1.0}, "discount"),
        ({"random_runs": 1}, "random_runs must be at least 2, got 1"),
    ],
)
def test_what_cannot_be_is_refused(changed, message) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**changed)


def test_the_quick_look_has_no_random_games() -> None:
    assert all(cell.learner != ALL for cell in SCENARIO.cells(Parameters().quick()))
