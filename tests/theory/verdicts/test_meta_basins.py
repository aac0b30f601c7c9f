"""Basins of meta-games against games whose dynamics is known."""

import numpy as np
import pytest

from theory import Game, judge_meta_game, named_game
from theory.verdicts.meta_basins import meta_basins

STAGE = named_game("prisoners-dilemma")
NO_DRAWS = np.zeros((0, 2, 2))


def test_a_coordination_game_has_two_basins() -> None:
    # The first wins where its share is above 1/4.
    first, second = meta_basins(np.array([[3.0, 0.0], [0.0, 1.0]]), ("a", "b"), NO_DRAWS)
    assert first.strategies == (("a", pytest.approx(1.0)),)
    assert second.strategies == (("b", pytest.approx(1.0)),)
    assert (first.payoff, second.payoff) == (pytest.approx(3.0), pytest.approx(1.0))
    # Of the 21 starts (k + 1/2) / 21, sixteen are above 1/4.
    assert first.share == pytest.approx(16 / 21)
    assert first.share + second.share == pytest.approx(1.0)
    assert first.is_at_rest
    assert second.is_at_rest
    assert first.from_even_start
    assert not second.from_even_start
    assert first.sure is None


def test_mixtures_that_no_pure_equilibrium_shows() -> None:
    # Hawks and doves among 13 strategies, so many that equilibria are not all looked for.
    matrix = np.full((15, 15), -9.0)
    matrix[:2, :2] = [[-1, 2], [0, 1]]
    matrix[:2, 2:] = 5.0
    matrix[2:, 2:] = 4.0 + 0.1 * np.eye(13)
    verdict = judge_meta_game(matrix, STAGE, names=[f"s{k}" for k in range(15)])
    (only,) = verdict.basins
    assert only.share == 1.0
    assert [name for name, _ in only.strategies] == ["s0", "s1"]
    assert [share for _, share in only.strategies] == pytest.approx([0.5, 0.5], abs=1e-6)
    assert verdict.to_dict()["basins"][0]["share"] == 1.0


def test_draws_say_how_sure_the_end_is() -> None:
    # The even start goes to the first where it is paid more than .99.
    matrix = np.array([[1.0, 0.0], [0.0, 0.99]])
    errors = np.zeros((40, 2, 2))
    errors[:, 0, 0] = np.where(np.arange(40) % 4 == 0, -0.1, 0.1)
    found = {basin.strategies[0][0]: basin for basin in meta_basins(matrix, ("a", "b"), matrix + errors)}
    assert found["a"].sure == pytest.approx(0.75)
    assert found["b"].sure == pytest.approx(0.25)


def test_what_cycles_is_not_at_rest() -> None:
    matrix = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    basins = meta_basins(matrix, ("r", "p", "s"), np.zeros((0, 3, 3)))
    assert len(basins) == 1
    assert basins[0].from_even_start
    assert not basins[0].is_at_rest


def test_one_strategy_and_two_populations() -> None:
    (only,) = meta_basins(np.array([[2.0]]), ("a",), np.zeros((3, 1, 1)))
    assert only.strategies == (("a", 1.0),)
    assert (only.share, only.sure) == (1.0, 1.0)
    rows = np.stack([np.eye(2), np.eye(2)])
    assert judge_meta_game(rows, Game(np.zeros((2, 2, 2))), names=("a", "b")).basins == ()
