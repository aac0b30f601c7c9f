import numpy as np
import pytest

from theory.equilibria.lemke_howson import lemke_howson
from theory.games.game import Game


def is_equilibrium(A, B, profile):
    game = Game.bimatrix(A, B)
    return (game.regrets(profile) <= 1e-9 * game.payoff_range).all()


@pytest.mark.parametrize("payoff", [2, 10, 1000])
@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (6, 6), (12, 9)])
def test_every_path_ends_in_an_equilibrium(shape, payoff):
    rng = np.random.default_rng(payoff)
    A, B = rng.integers(0, payoff, (2, *shape)).astype(float)
    for label in range(sum(shape)):
        assert is_equilibrium(A, B, lemke_howson(A, B, label))


def test_paths_of_games_in_which_peers_do_not_halt():
    # nashpy 0.0.43 runs for ever on this game from label 4, although it is not degenerate.
    rng = np.random.default_rng(5)
    A, B = rng.integers(0, 100, (2, 6, 6)).astype(float)
    assert is_equilibrium(A, B, lemke_howson(A, B, 4))


@pytest.mark.parametrize("label", range(6))
def test_an_equilibrium_pair_that_paths_do_not_reach(label):
    # Shapley (1974), fig. 3: from (0, 0) every path ends in the pure equilibrium.
    A = np.array([[0, 3, 0], [2, 2, 0], [3, 0, 1]], float)
    x, y = lemke_howson(A, A.T, label)
    assert x.tolist() == y.tolist() == [0, 0, 1]


def test_paths_end_at_each_pure_equilibrium_of_a_coordination_game():
    ends = [lemke_howson(np.eye(2), np.eye(2), label) for label in range(4)]
    assert [x.tolist() for x, _ in ends] == [y.tolist() for _, y in ends]
    assert {tuple(x) for x, _ in ends} == {(1, 0), (0, 1)}


def test_constant_payoffs_and_single_actions():
    for shape in ((1, 1), (1, 3), (3, 1), (3, 3)):
        A = np.ones(shape)
        assert is_equilibrium(A, A, lemke_howson(A, A))


def test_long_paths_are_given_up():
    rng = np.random.default_rng(0)
    A, B = rng.random((2, 10, 10))
    assert lemke_howson(A, B) is not None
    assert lemke_howson(A, B, max_exchanges=1) is None
