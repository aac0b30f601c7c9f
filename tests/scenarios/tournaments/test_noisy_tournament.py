"""The scenario `noisy-tournament`: field, ranks of each rule alone, interruption, what it says."""

import json

import numpy as np
import pytest

from scenarios.tournaments.noisy_tournament import FIELD, NOISE, SCENARIO, Parameters, frequency_mirrors
from simulation.matches.strategies.catalogue import strategy
from simulation.tournaments.classic import round_robin
from theory import named_game


@pytest.fixture(scope="module")
def result():
    return SCENARIO.run(Parameters(runs=2))


def test_the_field_is_forty_classics_and_ten_rules() -> None:
    assert len(set(FIELD)) == 40
    assert not any("frequency-mirror" in name for name in FIELD)
    for name in FIELD:
        strategy(name)
    assert (
        len({rule.name for rule in frequency_mirrors()})
        == len({rule.rule for rule in frequency_mirrors()})
        == 10
    )


@pytest.mark.slow
def test_each_rule_is_ranked_alone_in_the_field(result) -> None:
    cells = [cell for cell in result.cells if cell["part"] == "field"]
    assert len(cells) == 44
    data = result.data["prisoners-dilemma-axelrod/noise-0.05"].to_dataset()
    cell = next(c for c in cells if c["noise"] == 0.05)
    members = [*FIELD, cell["strategy"]]
    scores = data["payoffs"].sel(strategy=members, opponent=members).mean("opponent")
    assert cell["score"] == pytest.approx(float(scores[-1]))
    assert cell["rank"] == pytest.approx(1 + float((scores > scores[-1]).sum()), abs=0.5)
    assert cell["tit_for_tat_score"] == pytest.approx(float(scores.sel(strategy="tit-for-tat")))
    assert cell["is_top"] == (cell["rank"] <= 5)
    assert cell["is_close"] == (cell["score"] >= cell["tit_for_tat_score"] - 0.01)


def test_the_first_level_has_no_noise(result) -> None:
    data = result.data["prisoners-dilemma-axelrod/noise-0"].to_dataset()
    quiet = round_robin(["grim", "davis"], game=named_game("prisoners-dilemma-axelrod"), turns=200)
    assert float(data["payoffs"].sel(strategy="grim", opponent="davis")) == float(quiet["payoffs"][0, 1])


def test_result_is_plain_and_answers_the_question(result) -> None:
    json.dumps(result.to_dict(), allow_nan=False)
    assert result.complete
    assert "close to Tit-for-Tat without noise and among the first 5 at noise 0.05 and 0.1:" in result.finding
    assert [verdict["noise"] for verdict in result.verdicts] == list(NOISE)
    assert [len(table.rows) for table in result.tables][2:5] == [20, 6, 40]


def test_interrupted_it_keeps_what_is_finished() -> None:
    def once(steps, *, total):
        for k, step in enumerate(steps):
            if k == 1:
                raise KeyboardInterrupt
            yield step

    partial = SCENARIO.run(Parameters(runs=2), once)
    assert not partial.complete
    assert sum(cell["part"] == "field" for cell in partial.cells) == 11
    assert list(partial.data["prisoners-dilemma-axelrod"].children) == ["noise-0"]

    def never(steps, *, total):
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        SCENARIO.run(Parameters(runs=2), never)


@pytest.mark.slow
def test_pictures_can_be_drawn(result) -> None:
    assert [picture.name for picture in result.pictures][:3] == [
        "noisy-tournament-ranks", "noisy-tournament-0-payoffs", "noisy-tournament-0-scores"]  # fmt: skip
    for picture in result.pictures[:3]:
        picture.draw().canvas.draw()
    ranks = np.array([cell["rank"] for cell in result.cells if cell["part"] == "field"])
    assert ((ranks >= 1) & (ranks <= 41)).all()
