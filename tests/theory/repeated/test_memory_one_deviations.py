"""What profiles are worth and what deviations cost: against theory's decision, and games lived through."""

from itertools import product

import numpy as np
import pytest

from scenarios.stateful.leaving.deviations import judged, of_two_actions
from theory import Game, MemoryOne, memory_one_payoffs, strict_memory_one


def test_of_two_players_worth_and_losses_are_those_of_theory():
    rng = np.random.default_rng(3)
    for _ in range(40):
        game = Game(rng.normal(size=(2, 2, 2)))
        noise, discount = rng.uniform(0.01, 0.3), rng.uniform(0.1, 0.97)
        pure = rng.integers(2, size=(2, 5)).astype(float)
        first, second = (
            MemoryOne(pure[0, 0], tuple(pure[0, 1:])),
            MemoryOne(pure[1, 0], tuple(pure[1, [1, 3, 2, 4]])),
        )
        found = judged(game, of_two_actions(pure), noise=noise, discount=discount)
        expected = strict_memory_one(first, second, game, discount=discount, noise=noise)
        np.testing.assert_allclose(found.losses, expected.losses, atol=1e-10)
        reached = memory_one_payoffs(first, second, game, noise=noise, discount=discount)
        assert found.welfare == pytest.approx(float(reached.payoffs.sum()), abs=1e-10)


def test_of_three_levels_a_slip_of_the_mind_costs_what_living_through_it_gives():
    rng = np.random.default_rng(8)
    game, noise, discount = Game(rng.normal(size=(2, 3, 3))), 0.06, 0.8
    meant = rng.integers(3, size=(2, 10))

    def lived(state, by, action):
        """Return both players' discounted means from a state on, where player `by` means `action` once."""
        now, values = np.eye(10)[state], np.zeros(2)
        for turn in range(200):
            after = np.zeros(10)
            for there, own, other in product(np.flatnonzero(now), range(3), range(3)):
                means = [meant[0, there], meant[1, there]]
                if turn == 0:
                    means[by] = action
                chances = [
                    1 - noise if does == means[i] else noise / 2 for i, does in enumerate((own, other))
                ]
                after[1 + 3 * own + other] += now[there] * chances[0] * chances[1]
            values += (
                (1 - discount) * discount**turn * np.array([row.ravel() @ after[1:] for row in game.payoffs])
            )
            now = after
        return values

    found = judged(game, np.eye(3)[meant], noise=noise, discount=discount)
    assert found.welfare == pytest.approx(lived(0, 0, meant[0, 0]).sum())
    for player, state in ((0, 0), (0, 5), (1, 2), (1, 8)):
        follows = lived(state, player, meant[player, state])[player]
        losses = [
            follows - lived(state, player, action)[player]
            for action in range(3)
            if action != meant[player, state]
        ]
        assert found.losses[player, state] == pytest.approx(min(losses))
