"""CPU time to judge outcomes. Goals: one 2x2 outcome in 5 ms, each of many in 2 microseconds."""

import time

import numpy as np
import pytest

from theory import judge, judge_batch, named_game
from theory.many_players.linear_dilemma import linear_dilemma
from theory.verdicts.facts import game_facts
from theory.verdicts.observed import judge_counts
from theory.verdicts.verdict import judge_by_facts

OUTCOMES = 100_000

pytestmark = pytest.mark.benchmark(timer=time.process_time)


@pytest.fixture
def games():
    return np.random.default_rng(0).normal(size=(OUTCOMES, 2, 2, 2))


@pytest.fixture
def profiles():
    return np.random.default_rng(1).dirichlet([1, 1], size=(OUTCOMES, 2))


def test_one_outcome_of_a_2x2_game(benchmark):
    game = named_game("chicken")
    benchmark.extra_info["goal"] = "5 ms"
    assert not benchmark(judge, game, [[0.3, 0.7], [0.2, 0.8]]).is_nash


def test_another_outcome_of_a_game_whose_facts_are_known(benchmark):
    facts = game_facts(named_game("chicken"))
    assert not benchmark(judge_by_facts, facts, [[0.3, 0.7], [0.2, 0.8]]).is_nash


@pytest.mark.parametrize("within", ["lotteries", "independent", "pure"])
def test_many_outcomes_each_of_its_own_game(benchmark, games, profiles, within):
    benchmark.extra_info |= {"outcomes": OUTCOMES, "goal": "2 microseconds an outcome"}
    verdict = benchmark(judge_batch, games, profiles, within=within)
    assert len(verdict) == OUTCOMES


@pytest.mark.parametrize("within", ["lotteries", "independent", "pure"])
def test_many_outcomes_of_one_game(benchmark, games, profiles, within):
    benchmark.extra_info |= {"outcomes": OUTCOMES, "goal": "2 microseconds an outcome"}
    verdict = benchmark(judge_batch, games[0], profiles, within=within)
    assert len(verdict) == OUTCOMES


def test_linear_dilemma_of_ten_thousand_players(benchmark):
    game = linear_dilemma(10_000, greed=1, fear=1)
    assert benchmark(judge, game, game.profile(0.0)).is_nash


def test_observed_play(benchmark):
    assert benchmark(judge_counts, named_game("chicken"), [[3, 40], [45, 2]]).rounds == 90
