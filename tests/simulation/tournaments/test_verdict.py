"""From datasets to meta-games: matrices, correlated errors, two roles, what is missing."""

import networkx as nx
import numpy as np
import pytest

from simulation.tournaments.classic import round_robin
from simulation.tournaments.verdict import judge_tournament, symmetric_errors
from theory import Game, named_game

AXELROD = named_game("prisoners-dilemma-axelrod")
ASYMMETRIC = Game.bimatrix([[3, 0], [4, 1]], [[2, 5], [-1, 1]])
THREE = ["tit-for-tat", "always-defect", "always-cooperate"]


def test_a_tournament_is_judged_as_its_table() -> None:
    data = round_robin(THREE, game=AXELROD, turns=10)
    verdict = judge_tournament(data)
    assert verdict.game.payoffs[0].tolist() == data["payoffs"].values.tolist()
    assert verdict.game.payoffs[1].tolist() == data["payoffs"].values.T.tolist()
    assert verdict.draws == 500
    sure = {e.row[0][0]: e.sure_equilibrium for e in verdict.equilibria if len(e.row) == 1}
    assert sure == {"tit-for-tat": 1, "always-defect": 1}


def test_roles_of_an_asymmetric_game_make_two_populations() -> None:
    data = round_robin(THREE, game=ASYMMETRIC, turns=10, noise=0.1)
    game = judge_tournament(data, draws=3).game
    for i, row in enumerate(THREE):
        for j, column in enumerate(THREE):
            expected = [
                float(data["role_payoffs"].sel(role="row", strategy=row, opponent=column)),
                float(data["role_payoffs"].sel(role="column", strategy=column, opponent=row)),
            ]
            assert game.payoffs[:, i, j] == pytest.approx(expected)


def test_error_draws_have_the_measured_covariance() -> None:
    data = round_robin(["joss", "random"], game=AXELROD, turns=20, repetitions=30)
    normals = np.random.default_rng(0).standard_normal((40_000, 2, 2))
    errors = symmetric_errors(data, normals)
    assert errors.std(axis=0) == pytest.approx(data["payoffs_standard_error"].values, rel=0.03)
    measured = float(data["payoff_covariance"][0, 1])
    assert np.cov(errors[:, 0, 1], errors[:, 1, 0])[0, 1] == pytest.approx(measured, rel=0.1)
    assert abs(np.corrcoef(errors[:, 0, 0], errors[:, 1, 1])[0, 1]) < 0.03


def test_draws_depend_on_the_seed_alone() -> None:
    data = round_robin(["joss", "random", "grim"], game=AXELROD, turns=20, repetitions=5, noise=0.1)
    assert judge_tournament(data, seed=1).to_dict() == judge_tournament(data, seed=1).to_dict()


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="got no match of 'tit-for-tat' with 'tit-for-tat'"):
        judge_tournament(round_robin(THREE, game=AXELROD, turns=3, self_play=False))
    with pytest.raises(ValueError, match="with 'always-cooperate'"):
        judge_tournament(round_robin(THREE, game=AXELROD, turns=3, graph=nx.path_graph(3)))
    single = round_robin(["random", "grim"], game=AXELROD, turns=3, repetitions=1)
    with pytest.raises(ValueError, match="error draws need at least 2 repetitions, got 1"):
        judge_tournament(single)
    assert judge_tournament(single, draws=0).draws == 0
    with pytest.raises(ValueError, match="draws must be at least 0, got -1"):
        judge_tournament(single, draws=-1)
