"""The commons by its rules, in fractions, and what is the best that joint play can have."""

from fractions import Fraction
from functools import cache
from itertools import product

import jax.numpy as jnp
import numpy as np
import pytest

from simulation.markov_games.enumerated import enumerate_game
from simulation.markov_games.exact import best_response, best_welfare, episode_values
from simulation.markov_games.games.commons import Commons, Stock


def followed(stock: int, actions: tuple[int, ...], *, capacity: int, growth: Fraction) -> dict[int, Fraction]:
    """Return the chance of each next stock: what is left grows logistically, in the mean and to whole units."""
    left = max(stock - sum(actions), 0)
    grown = left + growth * left * (1 - Fraction(left, capacity))
    whole = grown.numerator // grown.denominator
    chances = {min(whole, capacity): whole + 1 - grown}
    above = min(whole + 1, capacity)
    chances[above] = chances.get(above, Fraction(0)) + grown - whole
    return chances


@pytest.mark.parametrize(
    ("players", "capacity", "growth", "most"),
    [(2, 5, Fraction(1, 2), 2), (3, 4, Fraction(3, 2), 1), (2, 3, Fraction(4), 3)],
)
def test_every_step_in_fractions(players: int, capacity: int, growth: Fraction, most: int) -> None:
    game = Commons(players=players, capacity=capacity, growth=float(growth), most=most)
    for stock in range(capacity + 1):
        for actions in product(range(most + 1), repeat=players):
            may = game.outcomes(Stock(jnp.array(stock)), jnp.array(actions))
            chances: dict[int, float] = {}
            for units, chance in zip(may.states.units.tolist(), may.probabilities.tolist(), strict=True):
                chances[units] = chances.get(units, 0.0) + chance
            expected = followed(stock, actions, capacity=capacity, growth=growth)
            assert {unit: chance for unit, chance in chances.items() if chance > 0} == pytest.approx(
                {unit: float(chance) for unit, chance in expected.items() if chance > 0}, abs=1e-6
            )
            # Nobody gets more than there is, and what is wanted in vain is missing in proportion.
            taken = np.asarray(may.rewards[0], float)
            wanted = sum(actions)
            share = min(Fraction(1), Fraction(stock, wanted)) if wanted else Fraction(1)
            assert taken == pytest.approx([float(share * action) for action in actions], abs=1e-6)
            assert may.terminated.tolist() == [stock <= wanted] * 2


def test_the_best_harvest_is_that_of_one_owner_who_plans_by_hand() -> None:
    players, capacity, growth, most, horizon = 2, 6, Fraction(4, 5), 2, 7

    @cache
    def worth(stock: int, steps: int) -> Fraction:
        if steps == 0 or stock == 0:
            return Fraction(0)
        return max(
            min(total, stock)
            + sum(
                chance * worth(following, steps - 1)
                for following, chance in followed(stock, (total,), capacity=capacity, growth=growth).items()
            )
            for total in range(players * most + 1)
        )

    game = Commons(players=players, capacity=capacity, growth=float(growth), most=most, horizon=horizon)
    assert best_welfare(enumerate_game(game)) == pytest.approx(float(worth(capacity, horizon)), abs=1e-4)


@pytest.mark.parametrize("players", [2, 3])
def test_one_unit_each_lasts_and_is_no_equilibrium_where_six_units_a_player_grow_by_four_fifths(
    players: int,
) -> None:
    # A stock of K grows most at K / 2, by .8 K / 4 = 1.2 units a player, which is more than one.
    game = enumerate_game(Commons(players=players, capacity=6 * players))
    one_each = np.tile(np.eye(3)[1], (players, game.n_states, 1))
    assert episode_values(game, one_each) == pytest.approx([50.0] * players, abs=1e-4)
    assert best_response(game, one_each, player=0).gain > 0.25 * 50


def test_a_stock_that_is_gone_ends_the_episode() -> None:
    tables = enumerate_game(Commons(players=2, capacity=4, most=2))
    all_taken = tables.actions.sum(axis=1)[None, :] >= np.asarray(tables.states.units)[:, None]
    assert np.array_equal(tables.probabilities.sum(axis=2) == 0.0, all_taken)
    assert 0 not in np.asarray(tables.states.units)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"players": 1}, r"players must lie in \[2, 8\], got 1"),
        ({"capacity": 0}, r"capacity must lie in \[1, 1000\], got 0"),
        ({"growth": -0.1}, r"growth must lie in \[0, 4\], got -0.1"),
        ({"most": 0}, r"most must lie in \[1, 8\], got 0"),
        ({"horizon": 0}, "horizon must be at least 1, got 0"),
    ],
)
def test_errors_state_the_rule_and_the_value(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Commons(**options)
