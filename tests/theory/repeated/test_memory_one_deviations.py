"""What pure rules with memory of one round get and lose: against exact decisions, and lives lived through."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory import (
    Game,
    MemoryOne,
    memory_one_deviations,
    memory_one_payoffs,
    named_game,
    strict_memory_one,
    strict_memory_one_equilibria,
)

seeds = st.integers(0, 2**32 - 1)


def drawn(seed, sizes):
    """Return a game, rules, noise and discount."""
    rng = np.random.default_rng(seed)
    game = Game(rng.normal(size=(len(sizes), *sizes)))
    rules = rng.integers(sizes[0], size=(len(sizes), 1 + np.prod(sizes)))
    return game, rules, {"noise": rng.uniform(0.01, 0.3), "discount": rng.uniform(0.1, 0.97)}


@given(seeds)
def test_of_two_players_of_two_actions_it_is_the_exact_decision(seed):
    game, rules, terms = drawn(seed, (2, 2))
    means_c = 1.0 - rules
    first = MemoryOne(means_c[0, 0], tuple(means_c[0, 1:]))
    second = MemoryOne(means_c[1, 0], tuple(means_c[1, [1, 3, 2, 4]]))
    found = memory_one_deviations(game, rules, **terms)
    expected = strict_memory_one(first, second, game, **terms)
    np.testing.assert_allclose(found.losses, expected.losses, atol=1e-10)
    assert found.is_strict == expected.is_strict
    assert found.slack == found.losses.min()
    np.testing.assert_allclose(
        found.payoffs, memory_one_payoffs(first, second, game, **terms).payoffs, atol=1e-10
    )


@pytest.mark.parametrize("discount", [0.5, 0.99, 0.9999])
@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (1e-6, 0.0), (1.0, 1e3)])
def test_what_is_strict_is_the_exact_decision_for_all_pairs_whatever_the_patience(discount, scale, shift):
    payoffs = scale * named_game("prisoners-dilemma").payoffs + shift
    exact = strict_memory_one_equilibria(Game(payoffs), discount=discount, noise=0.02)
    rules = np.array([[1.0 - rule.first, *(1.0 - np.array(rule.after))] for rule in exact.strategies])
    for k, m in product(range(32), repeat=2):
        pair = [rules[k], rules[m][[0, 1, 3, 2, 4]]]
        found = memory_one_deviations(Game(payoffs), pair, discount=discount, noise=0.02)
        assert found.is_strict == exact.is_strict[k, m]


def lived(game, rules, terms, *, state, by, action):
    """Return discounted means from a state on, where player `by` means `action` once, round by round."""
    n_players, n_actions = game.n_players, game.n_actions[0]
    slip = terms["noise"] / (n_actions - 1)
    now, values = np.eye(rules.shape[1])[state], np.zeros(n_players)
    weight, turn = 1.0 - terms["discount"], 0
    while weight > 1e-9:
        after = np.zeros(rules.shape[1])
        for there in np.flatnonzero(now):
            for place, profile in enumerate(product(range(n_actions), repeat=n_players)):
                chance = now[there]
                for player, does in enumerate(profile):
                    means = action if (turn, player) == (0, by) else rules[player, there]
                    chance *= 1.0 - terms["noise"] if does == means else slip
                after[1 + place] += chance
                values += weight * chance * np.array([game.payoffs[(i, *profile)] for i in range(n_players)])
        now, weight, turn = after, weight * terms["discount"], turn + 1
    return values


@pytest.mark.parametrize("sizes", [(2, 2), (3, 3), (2, 2, 2)])
def test_meaning_another_action_once_costs_what_living_through_it_gives(sizes):
    game, rules, terms = drawn(8, sizes)
    terms = {"noise": 0.06, "discount": 0.6}
    found = memory_one_deviations(game, rules, **terms)
    whole = lived(game, rules, terms, state=0, by=0, action=rules[0, 0])
    np.testing.assert_allclose(found.payoffs, whole, atol=1e-6)
    for player, state in ((0, 0), (0, 3), (1, 2), (len(sizes) - 1, 4)):
        kept, *others = (
            lived(game, rules, terms, state=state, by=player, action=action)[player]
            for action in sorted(range(sizes[0]), key=lambda action: action != rules[player, state])
        )
        assert found.losses[player, state] == pytest.approx(kept - max(others), abs=1e-6)


@given(seeds, st.sampled_from([(2, 2, 2), (3, 3)]))
def test_losses_scale_with_payoffs_and_do_not_see_what_is_added(seed, sizes):
    game, rules, terms = drawn(seed, sizes)
    found = memory_one_deviations(game, rules, **terms)
    scaled = memory_one_deviations(Game(1e6 * game.payoffs - 3e6), rules, **terms)
    np.testing.assert_allclose(scaled.losses, 1e6 * found.losses, atol=1e-3)
    np.testing.assert_allclose(scaled.payoffs, 1e6 * found.payoffs - 3e6, atol=1e-3)
    assert scaled.is_strict == found.is_strict


@given(seeds)
def test_who_is_called_first_does_not_matter(seed):
    game, rules, terms = drawn(seed, (2, 2, 2))
    order = [2, 0, 1]
    turned = Game(game.payoffs[order].transpose(0, 3, 1, 2))
    places = 1 + np.arange(8).reshape(2, 2, 2).transpose(order).ravel()
    found = memory_one_deviations(game, rules, **terms)
    again = memory_one_deviations(turned, rules[order][:, [0, *places]], **terms)
    np.testing.assert_allclose(again.losses, found.losses[order][:, [0, *places]], atol=1e-10)


@given(seeds)
def test_nothing_is_lost_by_an_action_that_pays_the_same_and_that_nobody_tells_apart(seed):
    game, rules, terms = drawn(seed, (3, 3))
    payoffs = game.payoffs.copy()
    payoffs[:, 1], payoffs[:, :, 1] = payoffs[:, 0], payoffs[:, :, 0]
    # After any outcome what is meant after the one with 0 for every 1.
    blind = rules[:, [0, *1 + np.array([0, 0, 2, 0, 0, 2, 6, 6, 8])]]
    found = memory_one_deviations(Game(payoffs), blind, **terms)
    assert (found.losses[blind < 2] <= 1e-9).all()
    assert not (found.is_strict and (blind < 2).any())
    # Against an action that pays less always, the third one, something is left to lose or to gain.
    assert (np.abs(found.losses[blind == 2]) > 1e-9).all()


@pytest.mark.parametrize(
    ("game", "rules", "message"),
    [
        (Game(np.ones((2, 2, 3))), np.zeros((2, 7)), "all players of game must have as many actions"),
        (Game(np.ones((2, 2, 2))), np.zeros((2, 4)), r"rules must be of shape \(2, 5\)"),
        (Game(np.ones((2, 2, 2))), np.full((2, 5), 2), "rules must be actions 0 to 1, got 2"),
        (Game(np.ones((2, 2, 2))), np.full((2, 5), 0.5), "rules must be actions 0 to 1, got 0.5"),
        (Game(np.ones((2, 46, 46))), np.zeros((2, 2117)), "game must have at most 2048 outcomes, got 2116"),
    ],
)
def test_what_makes_no_sense_is_refused(game, rules, message):
    with pytest.raises(ValueError, match=message):
        memory_one_deviations(game, rules, noise=0.1, discount=0.5)


def test_noise_at_which_nothing_is_meant_is_refused():
    with pytest.raises(ValueError, match=r"noise must be below 0\.5, where what is meant counts, got 0\.5"):
        memory_one_deviations(Game(np.ones((2, 2, 2))), np.zeros((2, 5)), noise=0.5, discount=0.5)
