"""What these tests share: the Coin Game, and what is agreed in it."""

import pytest

from simulation.markov_games.conditional.agreement import AgreedPlay, agreed_play
from simulation.markov_games.enumerated import enumerate_game
from simulation.markov_games.games.coin_game import CoinGame


@pytest.fixture(scope="session")
def coins() -> AgreedPlay:
    """Return the agreement in the Coin Game, for all tests."""
    return agreed_play(enumerate_game(CoinGame()))
