"""Tournaments in graded games against duels one by one, closed forms, and the tournaments of C and D."""

import networkx as nx
import numpy as np
import pytest
import xarray as xr

from simulation import (
    FixedCooperativeness,
    GradualPlayer,
    LiteralMirror,
    TitForTat,
    evolve,
    graded_donation_game,
    graded_round_robin,
    gradual_tit_for_tat,
    judge_tournament,
    round_robin,
    standings,
)
from theory import Game, named_game

GAME = graded_donation_game(benefit=2.0, cost=1.0, levels=5)
FIELD = {
    "kind": FixedCooperativeness(beta=1.0),
    "selfish": FixedCooperativeness(beta=0.0),
    "tit-for-tat": TitForTat(),
    "mirror": LiteralMirror(),
}


@pytest.fixture(scope="module")
def table() -> xr.Dataset:
    return graded_round_robin(FIELD, game=GAME, rounds=60, runs=8, noise=0.05, seed=1)


def test_fixed_players_get_the_game_s_payoffs() -> None:
    found = graded_round_robin(
        {name: FIELD[name] for name in ("kind", "selfish")}, game=GAME, rounds=20, runs=3
    )
    # b x_j - c x_i^2 / 2 with b = 2, c = 1: alpha = 1 plays min(1, alpha b / c) = 1, alpha = 0 plays 0.
    assert found["payoffs"].values == pytest.approx(np.array([[1.5, -0.5], [2.0, 0.0]]))
    assert found["cooperation"].values == pytest.approx(np.array([[1, 1], [0, 0]]))
    assert (found["payoffs_standard_error"] == 0).all()
    assert found["score"].values == pytest.approx([0.5, 1.0])
    assert found["rank"].values.tolist() == [2, 1]
    assert found["wins"].values.tolist() == [0, 1]
    assert found["good_partner"].values.tolist() == [1, 0]


def test_a_ledger_mirror_keeps_its_security_and_agrees_with_who_agrees() -> None:
    player = GradualPlayer()
    found = graded_round_robin(
        {"ledger": player, "tit-for-tat": TitForTat(), "selfish": FIELD["selfish"]},
        game=GAME,
        rounds=200,
        runs=4,
    )
    payoffs = found["payoffs"]
    # The agreed play gives both 1.5, as above.
    assert payoffs.values[:2, :2] == pytest.approx(np.full((2, 2), 1.5))
    lowest = player.loss_budget_in(player.tables(GAME, 0)) * np.ptp(GAME.payoffs[0]) / 200
    assert -lowest <= float(payoffs.sel(strategy="ledger", opponent="selfish")) <= 0.0
    assert float(payoffs.sel(strategy="selfish", opponent="ledger")) < 0.2


def test_with_two_levels_a_ledger_mirror_gets_what_it_gets_in_matches() -> None:
    game, player = named_game("prisoners-dilemma-axelrod"), GradualPlayer(offer_probability=0.0)
    graded = graded_round_robin({"ledger": player, "tit-for-tat": TitForTat()}, game=game, rounds=50, runs=1)
    matches = round_robin([gradual_tit_for_tat(player), "tit-for-tat"], game=game, turns=50, repetitions=1)
    assert graded["payoffs"].values == pytest.approx(matches["payoffs"].values)


def test_standings_among_some_are_those_of_their_own_tournament(table: xr.Dataset) -> None:
    some = standings(table, ["selfish", "mirror"])
    places = [1, 3]
    among = table["payoffs"].values[np.ix_(places, places)]
    assert some["score"].values == pytest.approx(among.mean(axis=1))
    assert sorted(some["rank"].values) == [1, 2]


def test_shape_and_errors_are_those_of_a_round_robin(table: xr.Dataset) -> None:
    assert table["payoffs"].dims == ("strategy", "opponent")
    assert table["payoffs"].notnull().all()
    for name in ("score", "score_standard_error", "rank", "rank_low", "rank_high", "opponents", "wins"):
        assert table[name].dims == ("strategy",)
    assert table["repetition_score"].mean("repetition").values == pytest.approx(table["score"].values)
    assert (table["payoffs_standard_error"] >= 0).all()
    assert float(table["payoffs_standard_error"].max()) > 0
    assert ((table["cooperation"] >= 0) & (table["cooperation"] <= 1)).all()


def test_the_mean_error_is_that_of_independent_duels(table: xr.Dataset) -> None:
    many = graded_round_robin(FIELD, game=GAME, rounds=60, runs=32, noise=0.05, seed=2)
    ratio = table["payoffs_standard_error"].values.mean() / many["payoffs_standard_error"].values.mean()
    assert 1.5 < ratio < 2.7
    gap = np.abs(table["payoffs"] - many["payoffs"]).values
    error = np.hypot(table["payoffs_standard_error"], many["payoffs_standard_error"]).values
    assert (gap <= 5 * error + 1e-12).all()


def test_neither_workers_nor_graphs_change_duels(table: xr.Dataset) -> None:
    options = {"game": GAME, "rounds": 60, "runs": 8, "noise": 0.05, "seed": 1}
    xr.testing.assert_identical(table, graded_round_robin(FIELD, workers=1, **options))
    ring = graded_round_robin(FIELD, graph=nx.cycle_graph(4), self_play=False, **options)
    met = ring["payoffs"].notnull()
    assert int(met.sum()) == 8
    xr.testing.assert_equal(ring["payoffs"], table["payoffs"].where(met))
    assert ring.attrs["edges"] == [0, 1, 0, 3, 1, 2, 2, 3]
    assert (ring.attrs["self_play"], table.attrs["self_play"]) == (0, 1)


def test_two_levels_are_c_and_d() -> None:
    game = named_game("prisoners-dilemma")
    field = {"C": FixedCooperativeness(beta=1.0), "D": FixedCooperativeness(beta=0.0)}
    found = graded_round_robin(field, game=game, rounds=5, runs=2)
    assert found["cooperation"].values[1].tolist() == [0.0, 0.0]
    assert float(found["payoffs"].sel(strategy="D", opponent="D")) == game.payoffs[0, 1, 1]


def test_asymmetric_games_are_played_both_ways() -> None:
    game = graded_donation_game(benefit=(2.0, 1.0), cost=1.0, levels=3)
    found = graded_round_robin(FIELD, game=game, rounds=10, runs=2)
    assert found["role_payoffs"].dims == ("role", "strategy", "opponent")
    mean = found["role_payoffs"].mean("role")
    xr.testing.assert_allclose(mean, found["payoffs"])


def test_it_is_judged_and_evolves(table: xr.Dataset) -> None:
    verdict = judge_tournament(table, draws=20)
    assert verdict.basins
    shifted = table.assign(payoffs=table["payoffs"] + 5.0)
    data = evolve(shifted, size=20, accumulation="mean", runs=3)
    assert data["strategy"].values.tolist() == list(FIELD)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"players": {}}, "at least one player, got none"),
        ({"game": Game(np.zeros((3, 2, 2, 2)))}, "a game of two players, got 3"),
        ({"game": Game(np.zeros((2, 2, 3)))}, r"same number of levels, got \(2, 3\)"),
        ({"runs": 0}, "runs must be at least 1, got 0"),
        ({"noise": 1.5}, r"noise must lie in \[0, 1\], got 1.5"),
        ({"rounds": 0}, "rounds must be at least 1, got 0"),
        ({"burn_in": 200}, "burn_in must be less than the 200 rounds"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"graph": nx.DiGraph([(0, 1)])}, "graph must be undirected"),
        ({"graph": nx.path_graph(9)}, "the nodes of graph must be the strategies' names"),
    ],
)
def test_bad_arguments(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        graded_round_robin(**({"players": FIELD, "game": GAME} | arguments))


def test_names_that_look_alike_are_refused() -> None:
    with pytest.raises(ValueError, match="players must have names that differ as text"):
        graded_round_robin({1: TitForTat(), "1": TitForTat()}, game=GAME)


def test_repetitions_is_the_old_name_of_runs() -> None:
    options = {"players": FIELD, "game": GAME, "rounds": 5}
    with pytest.warns(DeprecationWarning, match="repetitions of graded_round_robin is called runs now"):
        xr.testing.assert_identical(
            graded_round_robin(**options, repetitions=2), graded_round_robin(**options, runs=2)
        )


@pytest.mark.parametrize("seed", [46, 109, 133])
def test_errors_that_cancel_are_no_square_roots_of_rounding(seed: int) -> None:
    field = {"mirror": LiteralMirror(), "kind": FixedCooperativeness(beta=1.0)}
    data = graded_round_robin(
        field, game=graded_donation_game(levels=5), rounds=20, noise=0.1, runs=2, seed=seed, workers=1
    )
    assert (data["payoffs_standard_error"].values >= 0.0).all()
