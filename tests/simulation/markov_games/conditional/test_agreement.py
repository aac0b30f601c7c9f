"""What is agreed on, beside what theory knows of a matrix game, and by Bellman's equations in the Coin Game."""

from dataclasses import replace

import numpy as np
import pytest

from simulation.markov_games.conditional.agreement import AgreedPlay, agreed_play, joint_place
from simulation.markov_games.conditional.ledger import state_harm
from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.exact import best_response, episode_values
from simulation.markov_games.games.iterated_game import IteratedGame
from theory import Game, ledger_tables, named_game


def one_state(game: Game) -> EnumeratedGame:
    return enumerate_game(IteratedGame(game=game, remember=False, horizon=20))


@pytest.mark.parametrize("name", ["prisoners-dilemma", "stag-hunt"])
@pytest.mark.parametrize("role", [0, 1])
def test_harms_without_state_are_those_of_theory(name: str, role: int) -> None:
    game = named_game(name)
    play = agreed_play(one_state(game))
    expected = ledger_tables(game, role)
    harms = state_harm(play, role, play.gains)[0].reshape(2, 2)
    assert (harms if role == 0 else harms.T) == pytest.approx(expected.net_harm, abs=1e-9)
    assert state_harm(play, role, play.above_defence) == pytest.approx(
        state_harm(play, role, play.gains), abs=1e-9
    )
    assert play.gain_a_step == pytest.approx(np.diff([expected.security, expected.agreed_payoffs], axis=0)[0])


def test_coin_game(coins: AgreedPlay) -> None:
    game = coins.game
    # The most of an episode is had by players who see the step, too; research had it at .6986 a step.
    assert episode_values(game, coins.agreed) == pytest.approx([34.93, 34.93], abs=0.005)
    # Whoever picks up everything is safe against all, and two of these are an equilibrium.
    assert (1.0 - coins.discount) * coins.secured @ game.start == pytest.approx([0.0, 0.0], abs=1e-9)
    assert best_response(game, coins.safe, player=0).gain == pytest.approx(0.0, abs=1e-9)
    # Bellman: no joint action gives both together more than the agreement, the agreed one gives as much.
    assert coins.gains.sum(axis=0).max() == pytest.approx(0.0, abs=1e-8)
    agreed = joint_place(coins, 0, *coins.agreed_actions)
    assert coins.gains[:, np.arange(game.n_states), agreed] == pytest.approx(0.0, abs=1e-8)
    # Shapley: the safe policy never falls below the security value, whatever the other does.
    surplus = coins.above_security[0].reshape(-1, 4, 4)
    assert np.einsum("sa,sab->sb", coins.safe[0], surplus).min() == pytest.approx(0.0, abs=1e-8)


def test_what_is_agreed_on_does_not_hang_on_rounding(coins: AgreedPlay) -> None:
    """On a torus many moves are equally good: none of them is chosen by the last bits of a payoff."""
    rounding = 1.0 + 1e-13 * np.random.default_rng(3).standard_normal(coins.game.rewards.shape)
    again = agreed_play(replace(coins.game, rewards=coins.game.rewards * rounding), discount=coins.discount)
    assert np.array_equal(again.agreed, coins.agreed)
    assert np.abs(again.safe - coins.safe).max() < 1e-9


def test_where_there_is_nothing_to_agree_on() -> None:
    dilemma = one_state(named_game("prisoners-dilemma"))
    with pytest.raises(ValueError, match="must give both more than they can secure"):
        agreed_play(one_state(Game.bimatrix([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])))
    with pytest.raises(ValueError, match="do not end by themselves"):
        agreed_play(replace(dilemma, probabilities=0.9 * dilemma.probabilities))
    with pytest.raises(ValueError, match="discount must be below 1"):
        agreed_play(dilemma, discount=1.0)
