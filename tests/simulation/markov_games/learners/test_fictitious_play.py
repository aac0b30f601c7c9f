"""Fictitious play against the plain loop, nashpy and closed forms."""

import nashpy
import numpy as np
import pytest

from simulation.markov_games.learners.fictitious_play import fictitious_play
from theory import Game, named_game

SHAPLEYS_GAME = Game.bimatrix([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 1], [1, 0, 0]])


def round_by_round(game: Game, rounds: int, first: tuple[int, int]) -> list[tuple[int, int]]:
    of_row, of_column = game.payoffs
    seen = [np.zeros(n) for n in game.n_actions]
    actions, course = list(first), []
    for _ in range(rounds):
        course.append((actions[0], actions[1]))
        for i in (0, 1):
            seen[i][actions[i]] += 1
        for i, worth in enumerate((of_row @ seen[1], seen[0] @ of_column)):
            if worth[actions[i]] < worth.max() - 1e-9 * max(1.0, np.abs(worth).max()):
                actions[i] = int(worth.argmax())
    return course


def test_leaps_play_what_single_rounds_play() -> None:
    rng = np.random.default_rng(0)
    for trial in range(60):
        shape = tuple(rng.integers(1, 5, 2))
        payoffs = rng.integers(-2, 3, (2, *shape)) if trial % 2 else rng.normal(size=(2, *shape))
        game, first = Game.bimatrix(*payoffs), (int(rng.integers(shape[0])), int(rng.integers(shape[1])))
        played = fictitious_play(game, rounds=300, first=first)
        course = [
            tuple(outcome)
            for outcome, length in zip(played.outcomes.tolist(), played.lengths.tolist(), strict=True)
            for _ in range(length)
        ]
        assert course == round_by_round(game, 300, first)
        for i in (0, 1):
            counts = np.bincount([outcome[i] for outcome in course], minlength=shape[i])
            assert played.frequencies[i] == pytest.approx(counts / 300)


def test_nashpy_plays_the_same_where_nobody_is_ever_indifferent() -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        payoffs = rng.normal(size=(2, 3, 3))
        np.random.seed(0)  # noqa: NPY002 (nashpy draws its first actions from there)
        *_, (row, column) = counts = list(nashpy.Game(*payoffs).fictitious_play(iterations=400))
        first = (int(np.argmax(counts[1][0])), int(np.argmax(counts[1][1])))
        played = fictitious_play(Game.bimatrix(*payoffs), rounds=400, first=first)
        assert played.frequencies[0] * 400 == pytest.approx(row)
        assert played.frequencies[1] * 400 == pytest.approx(column)


def test_in_shapleys_game_stretches_grow_by_the_real_root_of_x3_equals_x2_plus_1() -> None:
    # An action is in force for two stretches and is left when the next one has been seen as often as it. Of lengths
    # that grow by x: x^5 - x^4 - x^3 + 1 = (x - 1)(x + 1)(x^3 - x^2 - 1) = 0.
    (root,) = [float(x.real) for x in np.roots([1, -1, 0, -1]) if abs(x.imag) < 1e-12]
    played = fictitious_play(SHAPLEYS_GAME, rounds=200_000, first=(0, 1))
    assert played.growth[-1] == pytest.approx(root, abs=1e-4)
    assert root == pytest.approx(1.4656, abs=1e-4)
    # It cycles through all six outcomes that pay somebody, and never comes to rest.
    assert [tuple(outcome) for outcome in played.outcomes[:7].tolist()] == [
        (0, 1), (1, 1), (1, 2), (2, 2), (2, 0), (0, 0), (0, 1)
    ]  # fmt: skip
    assert max(played.regrets) > 0.1
    later = fictitious_play(SHAPLEYS_GAME, rounds=10**9, first=(0, 1))
    assert later.growth[-1] == pytest.approx(root, abs=1e-8)
    assert max(later.regrets) > 0.1


def test_frequencies_come_to_an_equilibrium_of_zero_sum_and_2x2_games() -> None:
    for name in ("rock-paper-scissors", "matching-pennies"):
        assert fictitious_play(named_game(name), rounds=10**6).regrets.max() < 0.002
    rng = np.random.default_rng(2)
    for _ in range(50):
        game = Game.bimatrix(*rng.normal(size=(2, 2, 2)))
        assert fictitious_play(game, rounds=10**6).regrets.max() < 0.01


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fictitious_play(Game(np.zeros((3, 2, 2, 2))), rounds=5), "plays games of two players.* got 3"),
        (lambda: fictitious_play(SHAPLEYS_GAME, rounds=0), "rounds must be at least 1, got 0"),
        (lambda: fictitious_play(SHAPLEYS_GAME, rounds=5, first=(3, 0)), r"first\[0\] must be a whole number from 0"),
        (lambda: fictitious_play("shapley", rounds=5), "game must be a Game, got 'shapley'"),
    ],
)  # fmt: skip
def test_errors_state_the_rule_and_the_value(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
