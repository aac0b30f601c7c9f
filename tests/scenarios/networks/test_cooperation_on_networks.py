"""The scenario `cooperation-on-networks`: invasions as `evolve` gives them, moments, interruption, what it says."""

import json
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from scenarios.networks.cooperation_on_networks import SCENARIO
from scenarios.networks.invasions import (
    GENERALISED,
    MOMENTS,
    NETWORKS,
    PAIRS,
    RIVALS,
    STRATEGIES,
    TURNS,
    WATCHED,
    Invasion,
    Parameters,
    payoffs_between,
    three_strategies,
    watch_moments,
)
from simulation import evolve, exact_match, play_match
from theory import fixation_probability, named_game

pytestmark = pytest.mark.slow  # its laws compile for half a minute

SMALL = Parameters(runs=20, agents=25, watched=25, sampled=1000)


@pytest.fixture(scope="module")
def result():
    return SCENARIO.run(SMALL)


def test_payoffs_of_defectors_and_tit_for_tat_are_exact(result) -> None:
    for turns in TURNS:
        data = result.data[f"matches-{turns}"].to_dataset()
        match = exact_match(
            "tit-for-tat", "always-defect", game=named_game("prisoners-dilemma"), turns=turns, noise=0.05
        )
        found = data["payoffs"].sel(strategy="tit-for-tat", opponent="always-defect")
        assert float(found) == pytest.approx(match.payoffs[0])
        exact = data["is_exact"].values
        assert exact[:2, :2].all()
        assert not exact[2].any()
        assert data["payoffs_standard_error"].max() < 0.02


def test_invasions_are_those_of_evolve(result) -> None:
    cells = [cell for cell in result.cells if cell["part"] == "invasion"]
    assert len(cells) == len(NETWORKS) * len(PAIRS) * len(TURNS)
    matrix = result.data["matches-5"]["payoffs"].values
    graph = SMALL.network("ring 8").build().to_networkx()
    runs = evolve(
        matrix[np.ix_((1, 0), (1, 0))],
        graph=graph,
        process="death-birth",
        accumulation="mean",
        runs=20,
        seed=0,
    )
    cell = next(
        c for c in cells
        if (c["network"], c["turns"], c["invader"], c["resident"]) == ("ring 8", 5, "Tit-for-Tat", "defectors")
    )  # fmt: skip
    assert cell["takes_over"] == pytest.approx(float((runs["fixated"] == 0).mean()))
    assert cell["times_neutral"] == pytest.approx(25 * cell["takes_over"])
    assert cell["clustering"] == pytest.approx(9 / 14)  # 3 (k - 2) / (4 (k - 1)) of a ring of degree k
    low, high = cell["interval"]
    assert low <= cell["takes_over"] <= high


def test_gradual_tit_for_tat_invades_by_what_it_gets_in_matches(result) -> None:
    data = result.data["matches-gradual-50"].to_dataset()
    names = ["gradual-tit-for-tat", "contrite-tit-for-tat"]
    payoffs = data["payoffs"].sel(strategy=names, opponent=names).values
    cell = Invasion("regular 8", 50, "gradual Tit-for-Tat", "contrite Tit-for-Tat")
    assert np.array_equal(payoffs_between(SMALL, cell), payoffs)
    reverse = replace(cell, invader=cell.resident, resident=cell.invader)
    assert np.array_equal(payoffs_between(SMALL, reverse), payoffs[::-1, ::-1])
    match = play_match(*names, game=named_game("prisoners-dilemma"), turns=50, noise=0.05, runs=1000, seed=1)
    # Two samples of a thousand matches each: four standard errors.
    error = np.hypot(match.payoffs_standard_error, [data["payoffs_standard_error"].sel(
        strategy=one, opponent=other).item() for one, other in (names, names[::-1])])  # fmt: skip
    assert (np.abs(match.payoffs - [payoffs[0, 1], payoffs[1, 0]]) < 4 * error).all()
    exact = exact_match(names[1], names[1], game=named_game("prisoners-dilemma"), turns=50, noise=0.05)
    assert payoffs[1, 1] == pytest.approx(exact.payoffs[0])


def test_tables_show_each_invasion_by_and_of_gradual_tit_for_tat(result) -> None:
    cells = [cell for cell in result.cells if cell["part"] == "gradual"]
    assert [sum(cell["turns"] == turns for cell in cells) for turns in TURNS] == [13 * 6, 13 * 12]
    assert {cell["resident"] for cell in cells} == {"gradual Tit-for-Tat", *RIVALS}
    tables = [table for table in result.tables if table.title.startswith("Gradual Tit-for-Tat (L)")]
    assert [table.columns[1:3] for table in tables] == [("D→L", "L→D"), ("D→L", "L→D"), ("W→L", "L→W")]
    cell = next(c for c in cells if (c["network"], c["turns"], c["resident"]) == ("ring 2", 50, "defectors"))
    shown = next(row for row in tables[1].rows if row[0] == "ring 2")
    assert shown[2][:-1] == f"{cell['times_neutral']:.1f}"


@pytest.mark.slow
def test_on_a_small_ring_invasions_agree_with_the_exact_solution() -> None:
    # 20,000 invasions; four standard errors, so wrong in one of 15,000 seeds.
    matrix = SMALL.matches[5]["payoffs"].values
    graph = nx.cycle_graph(10)
    for pair in ((1, 0), (2, 1)):
        payoffs = matrix[np.ix_(pair, pair)]
        exact = fixation_probability(payoffs, graph=graph, process="death-birth", accumulation="mean")
        runs = evolve(payoffs, graph=graph, process="death-birth", accumulation="mean", runs=20_000, seed=1)
        share = float((runs["fixated"] == 0).mean())
        assert share == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20_000))


def test_moments_are_moments_of_one_run() -> None:
    moments = watch_moments(SMALL, WATCHED[0])
    assert MOMENTS == (0, 3, 15, 200)
    assert len(moments) == 4
    counts = three_strategies(SMALL, WATCHED[0], 200 * 25, runs=1)["counts"].isel(run=0)
    for generation, strategies in zip((3, 15, 200), moments[1:], strict=True):
        at = counts.sel(step=generation * 25).values
        assert np.bincount(strategies, minlength=3).tolist() == at.tolist()


def test_rare_defectors_gain_from_those_who_cannot_tell_them_apart(result) -> None:
    cells = [cell for cell in result.cells if cell["part"] == "rare among many"]
    assert len(cells) == 4 * len(GENERALISED)
    ahead = {(c["network"], c["rare"], c["reciprocity"]): c["payoff_ahead"] for c in cells}
    for network in GENERALISED:
        assert ahead[network, "defector", "direct"] < -1 < 0 < ahead[network, "defector", "generalised"]


def test_result_is_plain_and_says_what_was_measured(result) -> None:
    json.dumps(result.to_dict(), allow_nan=False)
    assert result.complete
    for turns in TURNS:
        assert f"Matches of {turns} turns, selection on 13 networks" in result.finding
    assert "By degree (ring networks, 2 → 4 → 8 → 16" in result.finding
    assert "By clustering (degree 8" in result.finding
    assert "With generalised reciprocity rare defectors get more on 7 of 7" in result.finding
    assert result.data["watched"]["network"].values.tolist() == list(WATCHED)
    assert result.data["invasions"].sizes["cell"] == len(NETWORKS) * len(PAIRS) * len(TURNS)
    assert [verdict["turns"] for verdict in result.verdicts] == [5, 50]


def test_interrupted_it_keeps_what_is_finished() -> None:
    def after(number):
        def steps(steps, *, total):
            for k, step in enumerate(steps):
                if k == number:
                    raise KeyboardInterrupt
                yield step

        return steps

    partial = SCENARIO.run(SMALL, after(2 * len(PAIRS)))
    assert not partial.complete
    assert len(partial.cells) == 2 * len(PAIRS)
    assert "rare" not in partial.finding
    assert [picture.name for picture in partial.pictures] == ["cooperation-on-networks-invasions"]
    with pytest.raises(KeyboardInterrupt):
        SCENARIO.run(SMALL, after(0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"runs": 1}, "runs must be at least 2"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"agents": 16}, "agents must be at least 20"),
        ({"agents": 50}, "agents must be a square number, for lattices, got 50"),
        ({"watched": 30}, "watched must be a square number"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**arguments)


@pytest.mark.slow
def test_pictures_can_be_drawn(result) -> None:
    assert [picture.name for picture in result.pictures] == [
        f"cooperation-on-networks-{name}" for name in ("invasions", "shares", "moments", "simplex")
    ]
    for picture in result.pictures:
        picture.draw().canvas.draw()
    assert replace(SMALL, runs=30).quick().runs == 30
    assert len(STRATEGIES) == 3
