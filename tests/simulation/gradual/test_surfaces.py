"""Value surfaces against closed forms and brute force."""

import numpy as np
import pytest

from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.policies import cooperativeness_grid, policy_family
from simulation.gradual.surfaces import value_surfaces
from theory import Game, named_game

WEIGHTS = cooperativeness_grid(11)


def families(game: Game, **arguments):  # type: ignore[no-untyped-def]
    return [policy_family(game, player, weights=WEIGHTS, **arguments) for player in range(2)]


def test_donation_surface_is_the_closed_form() -> None:
    # V1 = b beta b / c - c (alpha b / c)^2 / 2 with b = c = 1
    game = graded_donation_game(levels=101)
    surfaces = value_surfaces(game, *families(game))
    alpha, beta = WEIGHTS[:, None], WEIGHTS[None, :]
    assert surfaces.values[0] == pytest.approx(beta - alpha**2 / 2)
    assert surfaces.values[1] == pytest.approx(alpha - beta**2 / 2)
    assert surfaces.settled.all()
    assert surfaces.separability_error < 1e-12
    assert surfaces.welfare[-1, -1] == pytest.approx(1.0)


def test_interaction_breaks_separability_and_reaches_the_equilibrium() -> None:
    game = graded_donation_game(levels=201, interaction=0.4, cost=2.0)
    surfaces = value_surfaces(game, *families(game))
    assert surfaces.separability_error > 0.01
    # At alpha = beta = 1: c x = b + 2 k x, so x = b / (c - 2 k), clipped to 1.
    x = min(1.0, 1.0 / (2.0 - 0.8))
    assert surfaces.values[0, -1, -1] == pytest.approx(x + 0.4 * x * x - x * x, abs=0.01)


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken", "stag-hunt"])
@pytest.mark.parametrize("selection", [{}, {"selection": "logit", "rationality": 3.0}])
def test_surfaces_are_what_sampled_play_gives(name: str, selection) -> None:  # type: ignore[no-untyped-def]
    # Brute force: the joint distribution of both last actions, iterated as one Markov chain of four states.
    game = named_game(name)
    first, second = families(game, **selection)
    surfaces = value_surfaces(game, first, second, rounds=400)
    for a in (0, 4, 10):
        for b in (0, 7, 10):
            joint = np.full(4, 0.25)
            chain = np.zeros((4, 4))
            for x in range(2):
                for y in range(2):
                    chain[2 * x + y] = np.outer(first.probabilities[a, y], second.probabilities[b, x]).ravel()
            seen = []
            for t in range(400):
                joint = joint @ chain
                if t >= 200:
                    seen.append(joint)
            expected = game.payoffs.reshape(2, 4) @ np.mean(seen, axis=0)
            assert surfaces.values[:, a, b] == pytest.approx(expected, abs=1e-6)


def test_cycles_are_averaged_and_reported() -> None:
    # Matching pennies: best replies turn round for ever.
    pennies = Game.bimatrix([[1.0, -1.0], [-1.0, 1.0]], [[-1.0, 1.0], [1.0, -1.0]])
    tilted = Game.bimatrix([[2.0, -1.0], [-1.0, 1.0]], [[-2.0, 1.0], [1.0, -1.0]])
    for game in (pennies, tilted):
        surfaces = value_surfaces(game, *families(game), rounds=64)
        assert surfaces.values.shape == (2, 11, 11)
        assert np.isfinite(surfaces.values).all()


def test_rounds_must_be_enough() -> None:
    game = named_game("chicken")
    with pytest.raises(ValueError, match="rounds must be at least 2, got 1"):
        value_surfaces(game, *families(game), rounds=1)
