"""The plain numbers of 2x2 games against the general equations of logit equilibria, and against their definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory import Game, logit_equilibrium, named_game

ENTRY = st.one_of(st.integers(-3, 3).map(float), st.floats(-5, 5).map(lambda x: round(x, 3)))


def with_a_spectator(game: Game) -> Game:
    """Return the game with a third player who has nothing to choose: the general equations are used."""
    return Game(np.concatenate([game.payoffs, np.zeros((1, 2, 2))])[..., None])


def compare(game: Game, rationality: float) -> None:
    one, other = (logit_equilibrium(g, rationality) for g in (game, with_a_spectator(game)))
    for x, y in zip(one.profile, other.profile, strict=False):
        assert x == pytest.approx(y, abs=1e-8)
    assert (one.bifurcation is None) == (other.bifurcation is None)
    if one.bifurcation is not None:
        assert one.bifurcation == pytest.approx(other.bifurcation, rel=1e-6)
    assert one.turning_points == pytest.approx(other.turning_points, rel=1e-6)


@given(st.lists(ENTRY, min_size=8, max_size=8), st.sampled_from([0.0, 0.4, 2.0, 7.0]))
@settings(max_examples=examples(40), deadline=None)
def test_the_branch_is_that_of_the_general_equations(payoffs, rationality):
    compare(Game(np.reshape(payoffs, (2, 2, 2))), rationality)


@pytest.mark.parametrize("name", ["stag-hunt", "chicken", "prisoners-dilemma", "stag-hunt-3.2"])
@pytest.mark.parametrize("rationality", [1.0, 3.0, 30.0])
def test_symmetric_games_keep_to_their_symmetric_solution(name, rationality):
    game = named_game(name)
    compare(game, rationality)
    (p, _), (q, _) = logit_equilibrium(game, rationality).profile
    assert p == pytest.approx(q, abs=1e-9)
    # The definition: probabilities in the proportion of exponentials.
    gain = game.action_payoffs(0, [[q, 1 - q]] * 2) @ [1.0, -1.0]
    assert p == pytest.approx(1.0 / (1.0 + np.exp(-rationality * gain)), abs=1e-9)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_units_of_payoff_do_not_matter(unit):
    payoffs = np.array([[[3.0, 0.0], [2.5, 1.0]], [[2.0, 2.5], [0.0, 1.0]]])
    plain, scaled = logit_equilibrium(Game(payoffs), 4.0), logit_equilibrium(Game(unit * payoffs), 4.0 / unit)
    for x, y in zip(plain.profile, scaled.profile, strict=True):
        assert x == pytest.approx(y, abs=1e-9)
