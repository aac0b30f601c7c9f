"""Who owes whom in the Coin Game, against a book that is kept by what players get."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from simulation import CoinGame, CountedDebts, enumerate_game
from simulation.markov_games.exact import best_response, discounted_values, visits

# What two players get in a step says who took a coin of the other's colour: of one coin on the board, each gets 1 who
# stands on it, and 2 are lost by the player of its colour if the other does.
TAKEN = {(1, -2): 1, (-1, 1): -1, (-2, 1): -1, (1, -1): 1, (1, 0): 0, (0, 1): 0, (0, 0): 0}


@pytest.mark.parametrize("most", [1, 2, 3])
def test_debts_are_those_of_a_book_kept_by_rewards(most):
    game = CountedDebts(most=most)
    step = jax.jit(game.step)
    rng = np.random.default_rng(5)
    state, owed, met = game.reset(jax.random.key(3)), 0, set()
    assert int(state.owed) == 0
    for number in range(1500):
        now = step(state, jnp.asarray(rng.integers(4, size=2)), jax.random.fold_in(jax.random.key(4), number))
        owed = min(most, max(-most, owed + TAKEN[tuple(int(reward) for reward in now.rewards)]))
        state = now.state
        assert int(state.owed) == owed
        met.add(owed)
    assert met == set(range(-most, most + 1))


def test_a_book_that_nobody_reads_changes_nothing():
    bare, counted = enumerate_game(CoinGame()), enumerate_game(CountedDebts(most=2))
    policies = np.random.default_rng(1).dirichlet(np.ones(4), size=(2, bare.n_states))
    boards = [
        bare.place_of(jax.tree.map(lambda cells, k=k: cells[k], counted.states.board))
        for k in range(counted.n_states)
    ]
    summed = np.zeros_like(bare.rewards[0])
    np.add.at(summed, boards, visits(counted, policies[:, boards]))
    np.testing.assert_allclose(summed, visits(bare, policies), atol=1e-10)


def test_every_player_sees_what_it_owes_itself():
    game = CountedDebts(most=2, begin="any")
    weights, states = game.starts()
    assert float(weights.sum()) == pytest.approx(1.0)
    seen = np.asarray(jax.vmap(game.observe)(states))[..., -5:]
    owed = np.asarray(states.owed)
    assert sorted(set(owed.tolist())) == [-2, -1, 0, 1, 2]
    np.testing.assert_array_equal(seen.argmax(axis=2), np.stack([owed + 2, 2 - owed], axis=1))
    np.testing.assert_array_equal(seen.sum(axis=2), 1.0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"most": 0}, "most"),
        ({"most": 9}, "most"),
        ({"begin": "odd"}, "beginning"),
        ({"game": 3}, "must be a CoinGame, got 3"),
        ({"game": CoinGame(ties="lot")}, "ties by lot"),
    ],
)
def test_what_cannot_be_counted_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        CountedDebts(**wrong)


def taken_back(game, discount):
    """Return the policies that leave the other's coins unless the other owes one, and then take what there is."""
    from simulation.markov_games.conditional.agreement import agreed_play

    bare = enumerate_game(game.game.game)
    leaving = agreed_play(bare, discount=discount).agreed
    taking = leaving
    for _ in range(4):
        taking = np.stack(
            [
                np.eye(4)[best_response(bare, taking, player=player, discount=discount).actions]
                for player in (0, 1)
            ]
        )
    boards = [
        bare.place_of(jax.tree.map(lambda cells, k=k: cells[k], game.states.board))
        for k in range(game.n_states)
    ]
    owed = np.asarray(game.states.owed)
    owes_me = np.stack([owed < 0, owed > 0])
    return np.where(owes_me[..., None], taking[:, boards], leaving[:, boards])


def answered_in_turn(game, policies, slips, discount, turns=12):
    """Return the policies that best responses in turn lead to, hands slipping, and their welfare a step."""
    for turn in range(turns):
        player = turn % 2
        slipping = (1.0 - slips) * policies + slips / 4
        best = best_response(game, slipping, player=player, discount=discount)
        policies = policies.copy()
        policies[player] = np.eye(4)[best.actions]
    worth = discounted_values(game, (1.0 - slips) * policies + slips / 4, discount=discount)
    return policies, float((worth @ game.start).sum()) * (1.0 - discount)


# With one coin counted it falls; with more it depends on the discount, and falls at a lower one and at a higher one.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("most", "discount", "welfare"),
    [(1, 0.96, 0.0), (2, 0.96, 0.67), (3, 0.96, 0.67), (2, 0.9, 0.0), (2, 0.99, 0.0)],
)
def test_where_taking_back_answered_in_turn_keeps_the_peace(most, discount, welfare):
    game = enumerate_game(CountedDebts(most=most))
    _, found = answered_in_turn(game, taken_back(game, discount), 0.02, discount)
    assert found == pytest.approx(welfare, abs=0.02)
