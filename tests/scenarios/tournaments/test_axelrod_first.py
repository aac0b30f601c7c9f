"""The scenario `axelrod-first`: the table of 1980, the comparison with it, readings, and what it says."""

import io
import json

import numpy as np
import pytest
from rich.console import Console
from scipy.stats import chi2

from scenarios.command.tables import print_result
from scenarios.tournaments.axelrod_comparison import fit_all, fit_pair
from scenarios.tournaments.axelrod_first import GAME, PUBLISHED, SCENARIO, Parameters
from scenarios.tournaments.axelrod_published import CODES, table_of_1980
from scenarios.tournaments.axelrod_readings import readings
from simulation.matches.runs import sample_matches
from simulation.matches.strategies.catalogue import strategy
from simulation.matches.terms import checked_terms
from simulation.tournaments.classic import round_robin, standings
from theory import named_game


@pytest.fixture(scope="module")
def result():
    return SCENARIO.run(Parameters(runs=50))


def of_condition(result, condition: str) -> list[dict]:
    return [cell for cell in result.cells if cell["condition"] == condition]


def test_the_published_averages_are_those_of_fifteen_entries_in_order() -> None:
    points = list(PUBLISHED.values())
    assert len(points) == 15
    assert points == sorted(points, reverse=True)
    assert points[0] == 504.5
    assert list(CODES) == list(PUBLISHED)


def test_rows_of_the_table_have_the_published_averages() -> None:
    table = table_of_1980()
    gaps = dict(zip(table.names, np.abs(table.points.mean(axis=1) - table.averages), strict=True))
    assert gaps.pop("nydegger") == pytest.approx(0.367, abs=0.001)  # 485.5 is printed
    assert max(gaps.values()) <= 0.134


def test_only_what_was_seen_counts_as_seen() -> None:
    table = table_of_1980()
    seen = {name: int(row.sum()) for name, row in zip(table.names, table.seen, strict=True)}
    assert [seen[name] for name in table.names[:5]] == [15, 15, 15, 14, 13]
    assert not any(seen[name] for name in table.names[5:])
    # The transcription has another number there.
    assert not table.seen[table.names.index("grofman"), table.names.index("feld")]


def test_no_pair_gives_more_in_all_than_mutual_cooperation_nor_less_than_defection() -> None:
    points = table_of_1980().points
    assert ((points + points.T <= 1201) & (points + points.T >= 399)).all()


def test_a_mean_of_five_rounded_games_has_the_chi_squared_it_should() -> None:
    """Tables of 600 pairs that the rules themselves print, of two entries and of twins."""
    terms = checked_terms(named_game(GAME), 200, noise=0.0)
    field = [strategy(name) for name in ("joss", "tullock", "random")]
    pairs = [(0, 1), (0, 2), (0, 0)]
    played = sample_matches(field, pairs, terms, repetitions=5000, seed=5).counts
    for k, (i, j) in enumerate(pairs):
        scores = played[k] @ np.array([[3, 0, 5, 1], [3, 5, 0, 1]]).T
        scores = scores.mean(axis=1, keepdims=True) if i == j else scores
        simulated, printed = scores[:2000], scores[2000:].reshape(600, 5, -1).mean(axis=1).round()
        fits = [fit_pair("a", "b", row, simulated) for row in printed]
        found = np.array([fit.chi_squared for fit in fits])
        degrees = scores.shape[1]
        # Five standard errors of a mean of 600, of a share of 600, and of the difference of means of 600 and 400.
        assert found.mean() == pytest.approx(degrees, abs=5 * np.sqrt(2 * degrees / 600))
        share = (found > chi2.isf(0.05, degrees)).mean()
        assert share == pytest.approx(0.05, abs=5 * np.sqrt(0.05 * 0.95 / 600))
        assert fits[0].simulated.shape == (400,)
        apart = abs(fits[0].simulated.mean() - found.mean())
        assert apart < 5 * np.sqrt(2 * degrees * (1 / 600 + 1 / 400))


def test_the_monte_carlo_error_is_how_much_chi_squared_varies() -> None:
    generator = np.random.default_rng(1)
    # Skewed scores, so that errors of mean and covariance go together.
    scores = generator.exponential(10.0, size=(300, 400, 2)) @ np.array([[1.0, 0.5], [0.0, 1.0]])
    fits = [fit_pair("a", "b", np.array([16.0, 20.0]), games) for games in scores]
    spread = np.std([fit.chi_squared for fit in fits], ddof=1)
    stated = np.median([fit.chi_squared_error for fit in fits])
    # The spread of 300 has itself an error of some 4%.
    assert stated == pytest.approx(spread, rel=0.2)


def test_pairs_without_chance_agree_to_the_point_or_not_at_all() -> None:
    games = np.tile([600.0, 595.0], (10, 1))
    met = fit_pair("a", "b", np.array([600.0, 595.0]), games)
    missed = fit_pair("a", "b", np.array([600.0, 596.0]), games)
    assert (met.is_exact, met.p_value, missed.is_exact, missed.p_value) == (True, 1.0, False, 0.0)
    total = fit_all([met, missed])
    assert (total.exact, total.free_of_chance, total.degrees, total.p_value) == (1, 2, 0, 1.0)


def test_all_pairs_without_chance_but_one_agree_to_the_point(result) -> None:
    cells = [c for c in of_condition(result, "cell") if "name-withheld" not in (c["strategy"], c["opponent"])]
    assert len(cells) == 14 * 14
    free = [cell for cell in cells if cell["is_free_of_chance"]]
    # 50 pairs, of which 10 are twins with one cell.
    assert len(free) == 2 * 50 - 10
    missed = {(c["strategy"], c["opponent"]) for c in free if round(c["points"], 6) != c["table_points"]}
    assert missed == {("shubik", "downing"), ("downing", "shubik")}
    # With six hexadecimal digits that pair agrees too, and no other is lost.
    hexadecimal = of_condition(result, "hexadecimal")[0]
    assert (hexadecimal["exact"], hexadecimal["free_of_chance"]) == (9, 9)


def test_the_others_fit(result) -> None:
    cells = [c for c in of_condition(result, "cell") if "name-withheld" not in (c["strategy"], c["opponent"])]
    pairs = {frozenset((c["strategy"], c["opponent"])): c for c in cells if not c["is_free_of_chance"]}
    assert len(pairs) == 55
    assert sum(c["pair_degrees"] for c in pairs.values()) == 106
    # Covariances of 50 games make it some 6% larger than it is.
    assert chi2.sf(sum(c["pair_chi_squared"] for c in pairs.values()) / 1.06, 106) > 0.01


def test_tit_for_tat_wins_and_the_order_is_nearly_the_published_one(result) -> None:
    cells = {cell["strategy"]: cell for cell in of_condition(result, "field")}
    assert list(cells) == list(PUBLISHED)
    assert cells["tit-for-tat"]["rank"] == 1
    assert cells["tit-for-tat"]["first_in"] == cells["tit-for-tat"]["tournaments"] == 10
    ranks = [cell["rank"] for cell in cells.values()]
    assert np.corrcoef(ranks, range(15))[0, 1] > 0.97
    for cell in cells.values():
        assert cell["tournament_rank_low"] <= cell["tournament_rank_high"]
        assert abs(cell["points"] - cell["published_points"]) < 15


def test_readings_that_the_table_rejects_are_rejected(result) -> None:
    cells = {(cell["strategy"], cell["condition"]): cell for cell in result.cells}
    for reading in readings():
        default, other = cells[reading.entry, reading.default], cells[reading.entry, reading.other]
        if reading.other in ("geometric", "hexadecimal", "always 30%"):
            continue
        missed = [cell["free_of_chance"] - cell["exact"] for cell in (default, other)]
        assert missed[1] > missed[0] or other["chi_squared"] > default["chi_squared"] + 10, reading


def test_a_reading_alone_is_a_tournament_of_its_own(result) -> None:
    reading = next(reading for reading in readings() if reading.other == "counts")
    field = [reading.strategy if name == reading.entry else name for name in PUBLISHED]
    # Chance differs, so that the means agree within their errors.
    data = round_robin(field, game=named_game(GAME), turns=200, repetitions=50, seed=8)
    cell = of_condition(result, "counts")[0]
    alone = standings(data, [str(name) for name in data["strategy"].values]).sel(
        strategy=reading.strategy.name
    )
    error = 200 * float(alone["score_standard_error"])
    assert cell["points"] == pytest.approx(200 * float(alone["score"]), abs=6 * error)


def test_it_is_plain_and_fits_the_terminal_whole(result) -> None:
    json.dumps(result.to_dict(), allow_nan=False)
    assert result.complete
    assert result.verdicts[0]["equilibria"]
    text = io.StringIO()
    print_result(Console(file=text, width=80), result)
    assert "…" not in text.getvalue()
    assert "tit-for-tat is first in 10 of 10" in " ".join(text.getvalue().split())


def test_tables_put_recalled_cells_in_brackets(result) -> None:
    blocks = [table for table in result.tables if table.title.startswith("Points of the row against")]
    text = np.array([[cell for block in blocks for cell in block.rows[k][1:]] for k in range(15)])
    assert text.shape == (15, 15)
    assert np.array_equal(np.char.startswith(text, "("), ~table_of_1980().seen)


def test_pictures_can_be_drawn(result) -> None:
    assert [picture.name for picture in result.pictures] == [
        "axelrod-first-table",
        "axelrod-first-ranks",
        "axelrod-first-payoffs",
    ]
    for picture in result.pictures:
        picture.draw().canvas.draw()


def test_parameters() -> None:
    assert Parameters().quick().runs == 50
    with pytest.raises(ValueError, match="runs must be at least 10, got 1"):
        Parameters(runs=1)
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        Parameters(seed=-1)
