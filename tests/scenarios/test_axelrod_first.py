"""The scenario `axelrod-first`: fields, readings, combinations, and what it says."""

import json

import numpy as np
import pytest

from scenarios import axelrod_first
from scenarios.axelrod_first import PUBLISHED, Parameters, combinations, readings
from simulation.tournament import standings

PARAMETERS = Parameters(runs=4)


@pytest.fixture(scope="module")
def result():
    return axelrod_first.run(PARAMETERS)


def test_the_published_table_has_fifteen_entries_in_order() -> None:
    points = list(PUBLISHED.values())
    assert len(points) == 15
    assert points == sorted(points, reverse=True)
    assert points[0] == 504.5


def test_default_readings_are_near_the_published_table(result) -> None:
    cells = {cell["strategy"]: cell for cell in result.cells if cell["condition"] == "default readings"}
    assert set(cells) == set(PUBLISHED)
    ranks = [cells[name]["rank"] for name in PUBLISHED]
    assert np.corrcoef(ranks, range(15))[0, 1] > 0.8
    assert 495 < cells["tit-for-tat"]["points"] < 520
    assert cells["tit-for-tat"]["rank"] > 1  # it need not win, and does not
    for cell in cells.values():
        assert cell["best_rank_over_readings"] <= cell["worst_rank_over_readings"]


def test_combinations_are_tournaments_of_their_own(result) -> None:
    data = result.data["prisoners-dilemma-axelrod/all-readings"].to_dataset()
    combined = combinations(data, readings())
    assert {len(ranks) for ranks in combined.values()} == {2**7 * 3}
    first = standings(data, list(PUBLISHED))
    for name in PUBLISHED:
        # The first combination is the default one; ties share a rank there.
        assert combined[name][0] <= float(first["rank"].sel(strategy=name)) <= combined[name][0] + 1
    last = standings(data, axelrod_first._field({r.entry: r.strategy.name for r in readings()}))
    for name, ranked in zip(PUBLISHED, last["rank"].values, strict=True):
        assert combined[name][-1] <= ranked <= combined[name][-1] + 1


def test_each_reading_is_another_strategy(result) -> None:
    data = result.data["prisoners-dilemma-axelrod/all-readings"].to_dataset()
    for reading in readings():
        own = data["payoffs"].sel(strategy=reading.strategy.name, opponent=list(PUBLISHED))
        default = data["payoffs"].sel(strategy=reading.entry, opponent=list(PUBLISHED))
        assert not np.allclose(own, default), reading.strategy.name


def test_result_is_plain_and_says_who_wins(result) -> None:
    json.dumps(result.to_dict(), allow_nan=False)
    assert result.complete
    assert "Tit-for-Tat, the winner of 1980, has rank" in result.finding
    assert result.verdicts[0]["equilibria"]
    assert [len(table.rows) for table in result.tables[:2]] == [15, len(readings())]


@pytest.mark.slow
def test_pictures_can_be_drawn(result) -> None:
    assert [picture.name for picture in result.pictures] == [
        "axelrod-first-ranks",
        "axelrod-first-readings",
        "axelrod-first-payoffs",
    ]
    for picture in result.pictures:
        picture.draw().canvas.draw()


def test_parameters() -> None:
    assert Parameters().quick().runs == 5
    with pytest.raises(ValueError, match="runs must be at least 2, got 1"):
        Parameters(runs=1)
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        Parameters(seed=-1)
