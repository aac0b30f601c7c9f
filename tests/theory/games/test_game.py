"""What a game says of itself."""

from collections import Counter

import numpy as np
import pytest

from theory import Game, named_game


def test_symmetric_games() -> None:
    assert named_game("chicken").is_symmetric
    assert not Game([[[3, 0], [4, 1]], [[3, 4], [0, 2]]]).is_symmetric
    assert not Game(np.zeros((2, 2, 3))).is_symmetric
    assert not Game(np.zeros((3, 2, 2, 2))).is_symmetric


@pytest.mark.parametrize(
    ("payoffs", "message"),
    [
        ([[(9, 9), (1, 10)], [(10, 1), (3, 3)]], r"got tuples such as \(9, 9\) innermost"),
        ((((9, 9), (1, 10)), ((10, 1), (3, 3))), r"got tuples such as \(9, 9\) innermost"),
        ([[[(1, 2, 3)] * 2] * 2] * 2, r"got tuples such as \(1, 2, 3\) innermost"),
        ([[[1, 2], [3, 4], [5, 6]]] * 3, r"got shape \(3, 3, 2\); if its last axis has the players"),
        (np.zeros((4, 2, 2)), r"got shape \(4, 2, 2\); if its last axis has the players"),
        (np.zeros((2, 2, 2, 3)), r"got shape \(2, 2, 2, 3\); if its last axis has the players"),
        (np.zeros((3, 3)), r"got shape \(3, 3\)$"),
    ],
)
def test_payoffs_by_outcome_are_not_read_as_payoffs_by_player(payoffs, message):
    with pytest.raises(ValueError, match=message):
        Game(payoffs)


def test_payoffs_by_outcome_with_the_players_put_first():
    by_outcome = [[(9, 9), (1, 10)], [(10, 1), (3, 3)]]
    game = Game(np.moveaxis(np.array(by_outcome), -1, 0))
    assert [tuple(u) for u in game.outcomes] == [(9, 9), (1, 10), (10, 1), (3, 3)]
    # Lists and arrays are read players first, whatever the lengths: rows of the first player's matrix.
    assert Game([[[9, 9], [1, 10]], [[10, 1], [3, 3]]]).payoffs[0].tolist() == [[9, 9], [1, 10]]


@pytest.mark.parametrize("n_players", [2, 3, 4])
def test_fehr_and_schmidt_on_public_goods(n_players):
    # Proposition 4 of Fehr & Schmidt (1999): everybody keeps or gives 1, of which all get a each, 1/N < a < 1.
    # (a) Who has beta < 1 - a keeps it whatever others do. (c) With k such players, the others' giving is an
    # equilibrium if k / (N - 1) < (a + beta - 1) / (alpha + beta) for all of them.
    generator = np.random.default_rng(7)
    gives = 1 - np.indices((2,) * n_players)  # action 0 gives
    seen = Counter()
    for _ in range(60):
        a = generator.uniform(1 / n_players, 1)
        guilt = generator.uniform(0, 1, n_players)
        envy = guilt + generator.exponential(0.3, n_players)
        game = Game(1 - gives + a * gives.sum(axis=0)).inequity_averse(envy=envy, guilt=guilt)
        selfish = guilt < 1 - a
        for player in np.flatnonzero(selfish):
            own = np.moveaxis(game.payoffs[player], player, 0)
            assert (own[1] > own[0]).all()
        others = ~selfish
        holds = selfish.sum() / (n_players - 1) < (a + guilt - 1) / (envy + guilt)
        if others.any():
            given = game.pure(*selfish.astype(int))
            assert (game.regrets(given).max() <= 1e-12) == holds[others].all()
            seen[bool(holds[others].all())] += 1
    assert min(seen[True], seen[False]) > 3


def test_inequity_is_that_between_outcomes_and_scales_with_payoffs():
    game = Game.bimatrix([[3, 0], [4, 1]], [[3, 4], [0, 1]])
    averse = game.inequity_averse(envy=0.5, guilt=[0.25, 0])
    # Player 1 at (D, C) has 4 and the other 0; player 2 minds only having less.
    assert averse.payoffs[0].tolist() == [[3, -2], [3, 1]]
    assert averse.payoffs[1].tolist() == [[3, 4], [-2, 1]]
    assert game.inequity_averse().payoffs.tolist() == game.payoffs.tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"envy": [1, 2, 3]}, r"envy must be one number or one for each of 2 players, got shape \(3,\)"),
        ({"guilt": float("inf")}, "guilt must be finite, got inf"),
    ],
)
def test_inequity_says_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        Game.bimatrix([[3, 0], [4, 1]], [[3, 4], [0, 1]]).inequity_averse(**options)


def test_a_pure_profile_is_given_by_positions_or_by_names():
    game = Game.bimatrix([[3, 0], [4, 1]], [[3, 4], [0, 1]], actions=[["stay", "go"], ["left", "right"]])
    for actions in ((1, 0), ("go", "left"), ("go", 0)):
        assert [mixture.tolist() for mixture in game.pure(*actions)] == [[0, 1], [1, 0]]
    with pytest.raises(ValueError, match="unknown action of player 2 'rigth'; nearest: right"):
        game.pure("go", "rigth")
    with pytest.raises(ValueError, match="actions must be one of each of 2 players, got 1"):
        game.pure("go")
