"""Groups of mirrors: replies against brute force, theory's predictions, two players as in duels, drivers."""

import numpy as np
import pytest

from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import graded_public_good
from simulation.gradual.groups.model import GradualGroup
from simulation.gradual.groups.runs import GroupParameters, play_groups, public_good_policies
from simulation.gradual.players import LiteralMirror
from theory import judge
from theory.altruism.group_mirror import group_mirror_rest


@pytest.mark.parametrize("exponent", [1.0, 0.5])
@pytest.mark.parametrize("n_players", [2, 3])
def test_replies_are_the_best_of_the_altruistic_game(n_players: int, exponent: float) -> None:
    p = GroupParameters(n_players=n_players, levels=5, exponent=exponent, benefit=1.3, grid_points=5)
    policies, payoffs = public_good_policies(p)
    tensor = p.game.payoffs
    for others in np.ndindex(*(5,) * (n_players - 1)):
        own = tensor[(0, slice(None), *others)]
        assert payoffs[sum(others)] == pytest.approx(own)
        for k, alpha in enumerate(np.linspace(0.0, 1.0, 5)):
            utility = own + alpha * tensor[(slice(1, None), slice(None), *others)].sum(axis=0)
            best = np.isclose(utility, utility.max(), atol=1e-12)
            assert ((policies[k, sum(others)] > 0.0) == best).all()


def test_two_players_are_a_duel() -> None:
    # With 24 levels no weight of the grid above 0 is torn between two levels, so that no draw matters.
    group = play_groups(GroupParameters(n_players=2, levels=24, rounds=60))
    game = graded_public_good(2, benefit=1.0, levels=24)
    duel = play_duels(LiteralMirror(), LiteralMirror(), game=game, rounds=60)
    assert group["alpha"].values == pytest.approx(duel["alpha"].values)
    assert group["level"].values.tolist() == duel["level"].values.tolist()


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("n_players", [2, 3, 5, 12])
def test_generous_mirrors_reach_full_cooperation(n_players: int, noise: float) -> None:
    p = GroupParameters(n_players=n_players, noise=noise)
    data = play_groups(p, runs=5, burn_in=100)
    rest = group_mirror_rest(p.generosities)
    assert data["alpha"].values[:, 500:].mean(axis=(0, 1)) == pytest.approx(rest.lowest, abs=0.02)
    # Slips are uniform, so that they cost half a level each.
    assert float(data["mean_level"].mean()) >= 1.0 - noise / 2 - 0.015


def test_one_defector_is_answered_by_the_share_that_theory_foretells() -> None:
    # Fine levels: a level hides a range of weights of 1.25 / 100, so that the rest is met as near as that.
    p = GroupParameters(stubborn=(0.0,), levels=101)
    alpha = play_groups(p, burn_in=500)["alpha"].values[0, -1]
    rest = group_mirror_rest(p.generosities, stubborn=p.stubborn_weights)
    assert rest.lowest[0] == pytest.approx(0.2)
    # A mirror's own weight is read as the middle of the weights of its level: at most half a range above it.
    assert alpha[:4] == pytest.approx(rest.lowest[:4], abs=4 * 0.0125)
    least = play_groups(GroupParameters(stubborn=(0.0,), levels=101, aggregate="least"))
    assert least["alpha"].values[0, -1, :4] == pytest.approx(0.05, abs=0.01)


def test_stingy_groups_fall() -> None:
    data = play_groups(GroupParameters(n_players=3, epsilon=(0.02, -0.1, -0.1), levels=51, rounds=300))
    assert data["alpha"].values[0, -1].max() <= 0.05


def test_a_group_is_judged_in_its_game() -> None:
    p = GroupParameters(n_players=3, levels=6, epsilon=0.2)
    data = play_groups(p, burn_in=500)
    assert (
        judge(p.game, data["frequency"].values[0], tolerance=0.02).label
        == "Pareto-optimal, not an equilibrium"
    )


SETTINGS = GroupParameters(n_players=4, levels=5, noise=0.1, stubborn=(0.3,), rounds=40, exponent=0.5)


def test_python_compiled_code_and_mesa_agree_bit_for_bit() -> None:
    fast = play_groups(SETTINGS, runs=2, seed=5)
    assert fast.identical(play_groups(SETTINGS, runs=2, seed=5, compile_law=False))
    assert fast.isel(run=slice(1)).identical(play_groups(SETTINGS, runs=1, seed=5))
    model = GradualGroup(SETTINGS, rng=5)
    steps = 0
    while model.running:
        played_with = [player.alpha for player in model.players]
        model.step()
        assert [player.level for player in model.players] == fast["level"].values[0, steps].tolist()
        assert [player.payoff for player in model.players] == fast["payoff"].values[0, steps].tolist()
        assert played_with == fast["alpha"].values[0, steps].tolist()
        steps += 1
    assert steps == 40
    assert [player.estimate for player in model.players] == fast["estimate"].values[0, -1].tolist()
    assert model.welfare == pytest.approx(fast["payoff"].values[0, -1].sum())


def test_members_are_views_that_can_be_changed() -> None:
    model = GradualGroup(SETTINGS, rng=1)
    assert np.isnan(model.players[0].level)
    assert [player.is_stubborn for player in model.players] == [False, False, False, True]
    model.players[0].alpha = 1.0
    model.step()
    assert model.players[0].interval(0.9)[0] <= model.players[0].estimate <= model.players[0].interval(0.9)[1]
    assert len(model.datacollector.get_agent_vars_dataframe()) == 8
    with pytest.raises(ValueError, match=r"alpha must lie in \[0, 1\], got 2"):
        model.players[0].alpha = 2.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_players": 1}, "n_players must be at least 2, got 1"),
        ({"levels": 1}, "levels must be at least 2, got 1"),
        ({"benefit": 0.0}, "benefit must be positive, got 0"),
        ({"cost": -1.0}, "cost must be positive, got -1"),
        ({"exponent": 1.5}, r"exponent must lie in \(0, 1\], got 1.5"),
        ({"epsilon": 2.0}, r"epsilon must lie in \[-1, 1\], got 2"),
        ({"epsilon": (0.1, 0.2)}, "epsilon must be one number or one for each of 5 players"),
        ({"stubborn": (0.0,) * 6}, "stubborn must be weights of at most 5 players, got 6"),
        ({"stubborn": (1.2,)}, r"stubborn must lie in \[0, 1\], got 1.2"),
        ({"aggregate": "most"}, "unknown aggregate 'most'"),
        ({"forgetting": 2.0}, r"forgetting must lie in \[0, 1\], got 2"),
        ({"tremble": -1.0}, r"tremble must lie in \[0, 1\], got -1"),
        ({"noise": 1.1}, r"noise must lie in \[0, 1\], got 1.1"),
        ({"grid_points": 1}, "grid_points must be at least 2, got 1"),
        ({"rounds": 0}, "rounds must be at least 1, got 0"),
        ({"n_players": 100, "levels": 101}, "a policy table may have 10000000 entries"),
    ],
)
def test_errors_state_the_rule_and_the_value(arguments, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        GroupParameters(**arguments)


def test_driver_errors() -> None:
    with pytest.raises(ValueError, match="runs must be at least 1, got 0"):
        play_groups(runs=0)
    with pytest.raises(ValueError, match="burn_in must be less than the 1000 rounds, got 1000"):
        play_groups(burn_in=1000)
