"""Duels of the gradual rule and its rivals: ensembles, measures by hand, one slip, the report."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy.stats import ttest_1samp

from scenarios.frame.ensembles import ENSEMBLES, random_payoffs
from scenarios.gradual import gradual_tft_duels
from scenarios.gradual.duel_cast import (
    GAMES,
    OPPONENTS,
    RULES,
    stage_game,
    start_in,
)
from scenarios.gradual.duel_play import (
    Errors,
    Terms,
    bounds_of,
    duel,
    games_of,
    measured,
    paired_difference,
    pooled,
    recovers,
    security_of,
    verdicts_on,
)
from scenarios.gradual.duel_report import reported
from simulation import play_duels
from theory import judge, named_game, security_levels

DILEMMA = named_game("prisoners-dilemma")
NONE = Errors(0.0, 0.0)


@pytest.mark.parametrize("kind", ENSEMBLES)
def test_random_games_are_of_their_kind_and_turns_do_not_pay(kind: str) -> None:
    payoffs, games = games_of(kind, 60, 5)
    t, r, p, s = payoffs.T
    chain = {"dilemmas": (t, r, p, s), "chickens": (t, r, s, p), "stag-hunts": (r, t, p, s)}[kind]
    assert all((higher > lower).all() for higher, lower in itertools.pairwise(chain))
    assert (2 * r > t + s).all()
    assert ((payoffs >= 0.0) & (payoffs < 1.0)).all()
    for of_game, security, game in zip(payoffs, security_of(payoffs), games, strict=True):
        assert security_levels(game)[0] == pytest.approx(security)
        assert (game.payoffs[0, 0, 0], game.payoffs[1, 0, 1]) == (of_game[1], of_game[0])
        assert game.is_symmetric
    assert np.array_equal(random_payoffs(kind, 20, 5), payoffs[:20])
    assert not np.array_equal(random_payoffs(kind, 20, 6), payoffs[:20])


@pytest.mark.parametrize("game", GAMES)
def test_everyone_can_be_seated_and_cooperation_is_worth_an_index_of_one(game: str) -> None:
    stage = stage_game(game)
    for name, player in OPPONENTS.items():
        found = duel(player, OPPONENTS["cooperator"], stage, Terms(5, 1, 0), NONE, "CC")
        security, reward, _ = bounds_of(stage)
        assert reward > security
        if name != "defector":
            assert found.payoff[0, 0] == pytest.approx(reward)


def test_duels_are_those_of_the_driver() -> None:
    errors = Errors(0.1, 0.05)
    found = duel(
        RULES["gradual"], RULES["win-stay"], DILEMMA, Terms(50, 3, 7), errors, "CD", every_round=True
    )
    data = play_duels(
        RULES["gradual"], RULES["win-stay"], game=DILEMMA, rounds=50, runs=3, seed=7, noise=0.1, misreading=0.05,
        start=(0, 1),
    )  # fmt: skip
    assert np.array_equal(found.payoff, data["mean_payoff"].values)
    assert np.array_equal(found.frequency, data["frequency"].values)
    assert np.array_equal(found.actions, 1 - data["level"].values)


def test_harm_is_counted_by_hand() -> None:
    # R, S, T, P = 3, 0, 4, 1. Two Tit-for-Tats from CD: DC, CD, DC, CD, DC: three times given, twice received.
    found = duel(
        RULES["tit-for-tat"], RULES["tit-for-tat"], DILEMMA, Terms(5, 1, 0), NONE, "CD", every_round=True
    )
    kept = measured(DILEMMA, found)
    assert (kept["given"][0], kept["received"][0], kept["cooperation"][0]) == (3, 2, 0)
    assert kept["payoff"][0] == pytest.approx((3 * 4 + 2 * 0) / 5)
    assert kept["partner_payoff"][0] == pytest.approx((3 * 0 + 2 * 4) / 5)
    # Against a defector the gradual rule meets D with C twice, then with D; with one credit it has lost two harms.
    found = duel(
        RULES["gradual"], OPPONENTS["defector"], DILEMMA, Terms(9, 1, 0), NONE, "CC", every_round=True
    )
    kept = measured(DILEMMA, found)
    assert kept["given"][0] == 0
    assert kept["received"][0] == (found.actions[0, :, 0] == 0).sum() >= 2


@pytest.mark.parametrize(
    ("player", "back"),
    [("gradual", True), ("contrite", True), ("win-stay", True), ("tit-for-tat", False), ("grim", False)],
)
def test_who_survives_one_slip(player: str, back: bool) -> None:
    found = recovers(RULES[player], DILEMMA, Terms(1, 3, 1))
    assert found.shape == (2, 3)
    assert (found == back).all()


def test_pooled_shares_and_their_differences_by_hand() -> None:
    # T, R, P, S: two dilemmas, one of which has nearly nothing to be gained.
    payoffs = np.array([[1.0, 0.8, 0.3, 0.0], [1.0, 0.51, 0.5, 0.0]])
    share, short = pooled(np.array([0.8, 0.4]), payoffs)
    assert share == pytest.approx((0.5 - 0.1) / 0.51)
    assert short == pytest.approx(np.median([0.0, 0.11]))
    # With as much to be gained in each game the interval is Student's.
    generator = np.random.default_rng(1)
    payoffs = np.tile([1.0, 0.7, 0.2, 0.0], (30, 1))
    first, second = generator.random((2, 30))
    found = paired_difference(first, second, payoffs)
    wanted = ttest_1samp((first - second) / 0.5, 0.0).confidence_interval(0.95)
    assert found == pytest.approx(((first - second).mean() / 0.5, wanted.low, wanted.high))


def test_the_interval_of_a_ratio_holds_it_as_often_as_it_says() -> None:
    # 400 ensembles of 100 games, in which the first gains .1 of what there is to gain more, with noise. The share of
    # intervals that hold .1 has a standard deviation of .011; a bound of four of them fails once in 16,000.
    generator = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        payoffs = np.sort(generator.random((100, 4)), axis=1)[:, ::-1]
        to_gain = payoffs[:, 1] - payoffs[:, 2]
        gained = 0.1 * to_gain + generator.normal(0.0, 0.05, 100)
        _, low, high = paired_difference(gained, np.zeros(100), payoffs)
        held += low <= 0.1 <= high
    assert abs(held / 400 - 0.95) < 0.045


def test_every_run_is_judged_as_if_alone() -> None:
    _payoffs, games = games_of("chickens", 3, 1)
    chosen = list(games)
    frequency = np.random.default_rng(2).dirichlet([1.0, 1.0], (2, 3, 2, 2))
    tensors = np.stack([np.array(game.payoffs) for game in chosen])
    found = verdicts_on(tensors, list(frequency))
    for lot, verdict in zip(frequency, found, strict=True):
        labels = [
            judge(game, list(of_run), tolerance=0.02).label
            for game, of_game in zip(chosen, lot, strict=True)
            for of_run in of_game
        ]
        assert verdict["labels"] == {label: labels.count(label) for label in labels}
    of_one = verdicts_on(DILEMMA, [np.array([[[1.0, 0.0]] * 2] * 4), np.array([[[0.0, 1.0]] * 2] * 4)])
    assert [verdict["labels"] for verdict in of_one] == [
        {"Pareto-optimal, not an equilibrium": 4},
        {"Pareto-dominated Nash equilibrium": 4},
    ]


SMALL = gradual_tft_duels.Parameters(
    runs=2, rounds=60, games=("prisoners-dilemma", "donation"), players=("gradual", "contrite", "win-stay"),
    noise=(0.0, 0.005, 0.05), ensembles=("dilemmas",), ensemble_seeds=(1, 2), dilemmas=4, ensemble_runs=2,
)  # fmt: skip


def test_a_small_run_hangs_together_whole_and_in_parts() -> None:
    result = gradual_tft_duels.SCENARIO.run(SMALL)
    assert result.complete
    assert isinstance(result.data, xr.DataTree)
    json.dumps(result.to_dict(), allow_nan=False)
    for picture in result.pictures:
        picture.draw().canvas.draw()
    alone = [cell for cell in result.cells if cell["part"] == "self-play"]
    assert len(alone) == 2 * 3 * 3 * 4  # games, players, starts, kinds of errors
    assert all(
        cell["index"] == 1.0
        for cell in alone
        if cell["start"] == "CC" and not cell["noise"] + cell["misreading"]
    )
    judged_runs = [sum(verdict["labels"].values()) for verdict in result.verdicts]
    assert set(judged_runs) == {2, 4 * 2}
    titles = [table.title for table in result.tables]
    assert titles[0].startswith("In 2x2 games the gradual rule is close to contrite Tit-for-Tat")
    assert len(titles) == 10
    # Whatever is missing, the rest is reported.
    for left_out in ("self-play", "ensemble", "against"):
        cells = [cell for cell in result.cells if cell["part"] != left_out]
        data = {
            tuple(node.path[1:].replace("dilemmas-", "dilemmas ").split("/")): node.dataset
            for node in result.data.subtree
            if node.dataset.data_vars and not node.path.startswith(f"/{left_out}/")
        }
        rest = reported(cells, [], data)
        assert rest.finding
        assert 0 < len(rest.tables) < 10


@pytest.mark.filterwarnings("error")
def test_the_literal_rule_is_shown_where_it_is_not_safe_without_a_warning() -> None:
    cell = gradual_tft_duels.Cell(gradual_tft_duels.SELF_PLAY, "dilemma-5-3-1-0", "literal-mirror")
    assert gradual_tft_duels.play(replace(SMALL, rounds=20, noise=(0.0,)), cell).cells


def test_a_start_is_full_cooperation_or_none() -> None:
    assert start_in(stage_game("donation"), "CD") == (0, 20)
    assert start_in(stage_game("chicken"), "DD") == (1, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"games": ("poker",)}, "unknown game 'poker'"),
        ({"players": ("nobody",)}, "unknown player 'nobody'"),
        ({"ensembles": ("poker",)}, "unknown ensemble 'poker'"),
        ({"noise": (1.5,)}, r"noise must lie in \[0, 1\], got 1.5"),
        ({"misreading": -1.0}, r"misreading must lie in \[0, 1\], got -1"),
        ({"dilemmas": 1}, "dilemmas must be at least 2, got 1"),
    ],
)
def test_errors_state_the_rule_and_the_value(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **changes)  # type: ignore[arg-type]
