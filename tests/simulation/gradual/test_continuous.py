"""Duels with continuous levels: closed forms, the likelihood, drivers against each other, the limit of grids."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.gradual.continuous import (
    ContinuousMirror,
    best_level,
    level_likelihood,
    play_continuous_duels,
)
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import graded_donation_game, graded_public_good
from simulation.gradual.players import FixedCooperativeness, Grim, LiteralMirror, TitForTat
from theory import judge, named_game

NOISES = pytest.mark.parametrize("noise", [0.0, 0.05])


@given(
    weight=st.floats(0.0, 1.0),
    other=st.floats(0.0, 1.0),
    benefit=st.floats(0.1, 3.0),
    cost=st.floats(0.1, 3.0),
    interaction=st.floats(-1.0, 1.0),
)
def test_the_closed_form_is_the_best_of_many_levels(  # type: ignore[no-untyped-def]
    weight, other, benefit, cost, interaction
) -> None:
    game = graded_donation_game(benefit=(1.0, benefit), cost=(cost, 1.0), interaction=interaction, levels=2)

    def utility(x):  # type: ignore[no-untyped-def]
        one, two = game.payoffs_of_levels([np.asarray(x), np.asarray(other)])
        return one + weight * two

    best = best_level(weight, other, np.array([benefit, cost, interaction]))
    assert 0.0 <= best <= 1.0
    assert float(utility(best)) >= utility(np.linspace(0.0, 1.0, 501)).max() - 1e-12


@given(aim=st.floats(0.0, 1.0), spread=st.floats(0.005, 0.5), tremble=st.floats(0.0, 1.0))
def test_likelihoods_of_all_levels_sum_to_one(aim: float, spread: float, tremble: float) -> None:
    inner = (np.arange(2_000) + 0.5) / 2_000
    density = np.mean([level_likelihood(x, aim, spread, tremble) for x in inner])
    ends = level_likelihood(0.0, aim, spread, tremble) + level_likelihood(1.0, aim, spread, tremble)
    assert density + ends == pytest.approx(1.0, abs=1e-3)


def test_the_logistic_error_has_its_closed_form() -> None:
    # At the aim the density is 1 / (4 s); at an end the half beyond it is cut off there.
    assert level_likelihood(0.5, 0.5, 0.02, 0.0) == pytest.approx(12.5)
    assert level_likelihood(1.0, 1.0, 0.02, 0.1) == pytest.approx(0.45)
    assert level_likelihood(0.3, 0.3 - 0.02 * math.log(3.0), 0.02, 0.0) == pytest.approx(0.1875 / 0.02)


@NOISES
def test_the_figures_of_the_graded_game_are_reached_with_continuous_levels_too(noise: float) -> None:
    mirror, settings = ContinuousMirror(), {"noise": noise, "runs": 40, "burn_in": 100}
    welfare = play_continuous_duels(mirror, mirror, **settings)["mean_payoff"].sum("player")
    assert float(welfare.mean()) >= (0.99 if noise == 0.0 else 0.95)
    robbed = play_continuous_duels(mirror, FixedCooperativeness(beta=0.0), **settings)
    cost = robbed["level"].values[:, 100:, 0] ** 2 / 2.0
    assert cost.mean() / 1.5 <= (0.01 if noise == 0.0 else 0.02)
    errors = []
    for seed, beta in enumerate(np.random.default_rng(0).random(30)):
        fixed = FixedCooperativeness(beta=beta)
        data = play_continuous_duels(mirror, fixed, noise=noise, runs=4, rounds=200, seed=seed)
        errors.append(data["estimate"].values[:, -1, 0] - beta)
    assert np.sqrt(np.mean(np.square(errors))) <= (0.02 if noise == 0.0 else 0.05)
    turncoat = FixedCooperativeness(beta=1.0, later=0.0, switch_round=100)
    data = play_continuous_duels(mirror, turncoat, noise=noise, runs=40, rounds=200)
    low = data["alpha"].values[:, 100:, 0] <= 0.1
    assert low.any(axis=1).all()
    assert low.argmax(axis=1).max() <= (30 if noise == 0.0 else 60)


def test_grids_of_levels_come_near_the_continuum() -> None:
    # A weight that all these grids of levels know: the mirror's own level, beta + .05, is known from 21 on.
    fixed = FixedCooperativeness(beta=0.4)
    limit = play_continuous_duels(ContinuousMirror(), fixed, rounds=300, burn_in=100)
    assert limit["mean_level"].values[0] == pytest.approx([0.45, 0.4], abs=0.003)
    for levels in (21, 51, 101):
        game = graded_donation_game(levels=levels)
        data = play_duels(LiteralMirror(), fixed, game=game, rounds=300, burn_in=100)
        step = 1.0 / (levels - 1)
        assert data["mean_level"].values[0] == pytest.approx(limit["mean_level"].values[0], abs=step)
        assert data["mean_payoff"].values[0] == pytest.approx(limit["mean_payoff"].values[0], abs=step)


@NOISES
def test_python_and_compiled_law_agree_bit_for_bit(noise: float) -> None:
    game = graded_donation_game(benefit=(1.0, 2.0), interaction=0.3)
    settings = {"game": game, "rounds": 40, "runs": 2, "noise": noise, "seed": 3}
    for other in (
        TitForTat(),
        FixedCooperativeness(beta=0.7, later=-0.2, switch_round=20),
        ContinuousMirror(),
    ):
        fast = play_continuous_duels(ContinuousMirror(uncertainty_factor=0.5), other, **settings)
        slow = play_continuous_duels(
            ContinuousMirror(uncertainty_factor=0.5), other, **settings, compile_law=False
        )
        assert fast.identical(slow)


def test_runs_are_their_own() -> None:
    many = play_continuous_duels(ContinuousMirror(), TitForTat(), rounds=50, runs=3, noise=0.2, seed=7)
    few = play_continuous_duels(ContinuousMirror(), TitForTat(), rounds=50, runs=2, noise=0.2, seed=7)
    assert many.isel(run=slice(2)).identical(few)


def test_play_is_judged_on_the_game_s_grid() -> None:
    game = graded_donation_game(levels=21)
    data = play_continuous_duels(ContinuousMirror(), TitForTat(), game=game, burn_in=500)
    assert data["frequency"].values.sum(axis=2) == pytest.approx(np.ones((1, 2)))
    assert (
        judge(game, data["frequency"].values[0], tolerance=0.02).label == "Pareto-optimal, not an equilibrium"
    )
    assert data["payoff"].values[0, 3] == pytest.approx(game.payoffs_at(data["level"].values[0, 3]))


def test_payoffs_are_those_of_the_continuous_game_where_levels_interact() -> None:
    game = graded_donation_game(benefit=(1.0, 2.0), cost=(1.5, 0.8), interaction=0.4, levels=2)
    data = play_continuous_duels(ContinuousMirror(), ContinuousMirror(), game=game, rounds=20, noise=0.5)
    for level, payoff in zip(data["level"].values[0], data["payoff"].values[0], strict=True):
        assert payoff == pytest.approx(game.payoffs_at(level))


def test_tit_for_tat_copies_and_a_wrong_model_halves_the_estimate() -> None:
    data = play_continuous_duels(TitForTat(), FixedCooperativeness(beta=0.31), rounds=5)
    assert data["level"].values[0, :, 0].tolist() == [1.0, 0.31, 0.31, 0.31, 0.31]
    wrong = ContinuousMirror(believed_game=graded_donation_game(benefit=2.0))
    data = play_continuous_duels(wrong, FixedCooperativeness(beta=0.8), rounds=300)
    assert data["estimate"].values[0, -1, 0] == pytest.approx(0.4, abs=0.01)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ContinuousMirror(epsilon=2.0), r"epsilon must lie in \[-1, 1\], got 2"),
        (lambda: ContinuousMirror(uncertainty_factor=-1.0), "uncertainty_factor must lie in"),
        (lambda: ContinuousMirror(forgetting=2.0), r"forgetting must lie in \[0, 1\], got 2"),
        (lambda: ContinuousMirror(tremble=-1.0), r"tremble must lie in \[0, 1\], got -1"),
        (lambda: ContinuousMirror(spread=0.0), "spread must be positive, got 0"),
        (lambda: ContinuousMirror(grid_points=1), "grid_points must be at least 2, got 1"),
        (lambda: play(game=graded_public_good(2)), "continuous levels are played in graded donation games"),
        (lambda: play(game=named_game("chicken")), "game must be a GradedGame, got <Game 'Chicken'"),
        (lambda: play(rounds=0), "rounds must be at least 1, got 0"),
        (lambda: play(runs=0), "runs must be at least 1, got 0"),
        (lambda: play(rounds=5, burn_in=5), "burn_in must be less than the 5 rounds, got 5"),
        (lambda: play(noise=2.0), r"noise must lie in \[0, 1\], got 2"),
        (lambda: play_continuous_duels(Grim(), TitForTat()), "players of continuous duels must be"),  # type: ignore[arg-type]
    ],
)
def test_errors_state_the_rule_and_the_value(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        make()


def play(**arguments) -> None:  # type: ignore[no-untyped-def]
    play_continuous_duels(ContinuousMirror(), TitForTat(), **arguments)
