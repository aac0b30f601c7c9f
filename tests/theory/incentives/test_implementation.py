import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from tests.examples import examples
from theory.equilibria.dominance import dominated_actions
from theory.games.catalogue import named_game
from theory.games.game import Game
from theory.incentives.implementation import k_implementation

small_payoffs = st.integers(-4, 4).map(float)
bimatrices = arrays(float, (2, 2, 3), elements=small_payoffs)
three_players = arrays(float, (3, 2, 2, 2), elements=small_payoffs)


def undominated(game):
    dominated = {(d.player, d.action) for d in dominated_actions(game, kind="weak", by="pure")}
    return [[a for a in range(n) if (i, a) not in dominated] for i, n in enumerate(game.n_actions)]


def check(game, targets, found):
    """The promises implement the targets at the price."""
    assert (found.promises >= 0).all()
    left = undominated(game.with_incentives(found.promises))
    assert set(product(*left)) <= {tuple(t) for t in targets}
    assert all(set(a) <= set(z) for a, z in zip(left, found.implemented, strict=True))
    costs = [found.promises[(slice(None), *profile)].sum() for profile in product(*left)]
    if found.attained:
        assert max(costs) <= found.price + 1e-9
    else:
        # Dominance is judged with a tolerance coarser than the premium; its cost is small.
        assert max(costs) <= found.price + 1e-4 * max(game.payoff_range.max(), 1)


@given(st.one_of(bimatrices, three_players), st.data())
@settings(max_examples=examples(120), deadline=None)
def test_theorem_of_monderer_and_tennenholtz_for_single_profiles(payoffs, data):
    game = Game(payoffs)
    profile = data.draw(st.sampled_from(list(game.pure_profiles())))
    found = k_implementation(game, profile)
    # JAIR 21 (2004), Theorem 1: what each gains by its best deviation.
    gains = game.regrets(game.pure(*profile))
    assert found.price == pytest.approx(gains.sum(), abs=1e-12)
    assert found.attained
    assert found.implemented == tuple((a,) for a in profile)
    assert found.promises[(slice(None), *profile)] == pytest.approx(gains, abs=1e-12)
    check(game, [profile], found)


@pytest.mark.parametrize(
    ("name", "profile", "price"),
    [
        ("prisoners-dilemma", (0, 0), 2),
        ("prisoners-dilemma", (1, 1), 0),
        ("prisoners-dilemma", (0, 1), 1),
        ("prisoners-dilemma-axelrod", (0, 0), 4),
        ("chicken-3.2", (0, 0), 2),
        ("stag-hunt", (0, 0), 0),
        ("matching-pennies", (0, 0), 2),
        ("rock-paper-scissors", (0, 0), 2),
    ],
)
def test_equilibria_are_free_and_others_cost_what_deviating_gains(name, profile, price):
    assert k_implementation(named_game(name), profile).price == pytest.approx(price)


def test_promises_that_are_never_kept_do_the_work():
    # Rewards for cooperating: 1 each if both do, and more, never paid, if only one does.
    promises = k_implementation(named_game("prisoners-dilemma"), (0, 0)).promises
    assert promises[:, 0, 0] == pytest.approx([1, 1])
    assert promises[0, 0, 1] == promises[1, 1, 0] > 1
    assert promises[0, 1].tolist() == [0, 0]
    assert promises[1, :, 1].tolist() == [0, 0]


def test_sets_can_be_cheaper_than_each_of_their_profiles():
    game = named_game("matching-pennies")
    anything = list(game.pure_profiles())
    assert k_implementation(game, anything).price == 0
    assert {k_implementation(game, profile).price for profile in anything} == {2}


def price_by_linear_programs(game, targets):
    """The same by brute force: for each product and each map, the linear program over all promises."""
    best = np.inf
    n, shape = game.n_players, game.n_actions
    subsets = [[z for r in range(1, 1 << k) for z in [[a for a in range(k) if r >> a & 1]]] for k in shape]
    flat = np.arange(n * int(np.prod(shape))).reshape(n, *shape)
    for sets in product(*subsets):
        if not set(product(*sets)) <= set(targets):
            continue
        outside = [[a for a in range(k) if a not in z] for k, z in zip(shape, sets, strict=True)]
        for maps in product(*(product(z, repeat=len(o)) for z, o in zip(sets, outside, strict=True))):
            rows, right = [], []
            for i, (others, dominating) in enumerate(zip(outside, maps, strict=True)):
                payoffs, index = np.moveaxis(game.payoffs[i], i, 0), np.moveaxis(flat[i], i, 0)
                for x, z in zip(others, dominating, strict=True):
                    for place in np.ndindex(*payoffs.shape[1:]):
                        row = np.zeros(flat.size + 1)
                        row[index[z][place]], row[index[x][place]] = -1, 1
                        rows.append(row)
                        right.append(payoffs[z][place] - payoffs[x][place])
            for profile in product(*sets):
                row = np.zeros(flat.size + 1)
                row[flat[(slice(None), *profile)]] = 1
                row[-1] = -1
                rows.append(row)
                right.append(0)
            result = linprog(np.append(np.zeros(flat.size), 1), A_ub=np.array(rows), b_ub=right)
            best = min(best, result.fun)
    return best


@given(arrays(float, (2, 2, 3), elements=small_payoffs), st.sets(st.integers(0, 5), min_size=1))
@settings(max_examples=examples(25), deadline=None)
def test_prices_of_sets(payoffs, chosen):
    game = Game(payoffs)
    profiles = list(game.pure_profiles())
    targets = [profiles[k] for k in sorted(chosen)]
    found = k_implementation(game, targets)
    assert found.price == pytest.approx(price_by_linear_programs(game, targets), abs=1e-9)
    check(game, targets, found)


def test_the_price_of_a_set_is_the_largest_sum_in_one_profile():
    # Matching pennies, and a third action that pays player 0 one more than heads, whatever player 1 does. Heads
    # must be paid that one, and a trifle more somewhere.
    game = Game.bimatrix([[1, -1], [-1, 1], [2, 0]], [[-1, 1], [1, -1], [0, 0]])
    targets = list(product([0, 1], [0, 1]))
    found = k_implementation(game, targets)
    assert (found.price, found.implemented, found.attained) == (1, ((0, 1), (0, 1)), False)
    assert found.promises[0].sum() == pytest.approx(2 + 3e-6, abs=1e-9)
    assert {k_implementation(game, target).price for target in targets} == {2, 3}
    check(game, targets, found)


def test_one_unbreakable_tie_is_enough():
    # Heads twice more, then an action that is worse anyhow.
    pennies = np.array([[1.0, -1], [-1, 1], [1, -1], [-2, -2]])
    found = k_implementation(Game.bimatrix(pennies, -pennies), list(product([0, 1], [0, 1])))
    assert (found.price, found.attained) == (0, False)


def test_a_tie_that_no_free_payment_breaks():
    # Matching pennies, with heads twice. Without a premium, however small, the third action stays.
    pennies = np.array([[1.0, -1], [-1, 1], [1, -1]])
    game = Game.bimatrix(pennies, -pennies)
    targets = list(product([0, 1], [0, 1]))
    found = k_implementation(game, targets)
    assert found.price == 0
    assert not found.attained
    assert found.implemented == ((0, 1), (0, 1))
    assert found.promises.sum() == pytest.approx(2e-6)
    assert (found.promises[0, 0].sum(), found.promises.min()) == (found.promises.sum(), 0)


def test_a_tie_broken_where_less_is_paid():
    # The same with a fourth action that costs 1 to be dominated by tails: half of that is free for heads.
    payoffs = np.array([[1.0, -1], [-1, 1], [1, -1], [0, 1]])
    game = Game.bimatrix(payoffs, [[-1, 1], [1, -1], [-1, 1], [0, 0]])
    targets = list(product([0, 1], [0, 1]))
    found = k_implementation(game, targets)
    assert (found.price, found.attained) == (1, True)
    assert found.price == pytest.approx(price_by_linear_programs(game, targets))
    assert found.promises[0, 0].max() == 0.5
    check(game, targets, found)


def test_promises_off_the_path_break_ties_for_nothing():
    game = Game.bimatrix([[1, 2], [1, 2]], [[0, 3], [3, 0]])
    found = k_implementation(game, [(0, 0), (0, 1)])
    assert (found.price, found.attained, found.implemented) == (0, True, ((0,), (1,)))
    check(game, [(0, 0), (0, 1)], found)


@given(bimatrices, st.floats(0.1, 50), st.floats(-20, 20), st.integers(0, 5))
@settings(max_examples=examples(40), deadline=None)
def test_units_of_payoff(payoffs, factor, shift, which):
    profile = list(Game(payoffs).pure_profiles())[which]
    price = k_implementation(Game(payoffs), profile).price
    assert k_implementation(Game(factor * payoffs + shift), profile).price == pytest.approx(
        factor * price, abs=1e-9
    )


def test_rounding_is_no_gain():
    game = Game.bimatrix([[0.3, 0], [0.1 + 0.2, 0]], [[1, 0], [1, 0]])
    assert k_implementation(game, (0, 0)).price == 0


def test_single_profiles_of_large_games():
    game = Game(np.random.default_rng(0).normal(size=(2, 60, 60)))
    found = k_implementation(game, (7, 30))
    assert found.price == pytest.approx(game.regrets(game.pure(7, 30)).sum())


@pytest.mark.parametrize(
    ("game", "targets", "message"),
    [
        (Game([[1, 2]]), (0,), "at least two players with at least two actions each, got (2,) actions"),
        (Game.bimatrix([[1], [2]], [[1], [2]]), (0, 0), "two actions each, got (2, 1) actions"),
        (named_game("chicken"), (0,), "actions must be one of each of 2 players, got 1"),
        (named_game("chicken"), (0, 2), "the action of player 2 must be 0 or 1, got 2"),
        (named_game("chicken"), [(0, 1), (-1, 0)], "the action of player 1 must be 0 or 1, got -1"),
        (named_game("chicken"), [], "targets must be a profile of actions, or a list of them, got []"),
        (
            Game(np.zeros((2, 9, 9))),
            list(product(range(9), range(9))),
            "targets must leave at most 100000 ways to reach them, got 261121: ask for fewer profiles",
        ),
        (
            Game(np.zeros((2, 9, 9))),
            list(product(range(4), range(4))),
            # Sum over m and k of C(4, m) C(4, k) m^(9 - m) k^(9 - k), for sets of m and of k actions.
            "targets must leave at most 100000 ways to reach them, got 22202944",
        ),
    ],
)
def test_bad_arguments(game, targets, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        k_implementation(game, targets)
