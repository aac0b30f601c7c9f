import numpy as np
import pytest

from theory.many_players.linear_dilemma import linear_dilemma
from theory.many_players.linear_efficiency import pareto_optimal_nash_exists


@pytest.mark.parametrize(
    ("greed", "fear", "exists"),
    [
        (1, 1, False),  # all defect although all would gain by cooperating
        (-1, 1, True),  # all cooperate
        (-1, -1, True),  # cooperation is dominant
    ],
)
@pytest.mark.parametrize("within", ["lotteries", "pure"])
def test_by_kind_of_dilemma(greed, fear, exists, within):
    for n in (2, 3, 5):
        assert pareto_optimal_nash_exists(linear_dilemma(n, greed=greed, fear=fear), within=within) is exists


def test_chicken_depends_on_the_number_of_players():
    # Of two one cooperates, of three two: the defector has more than if all cooperated. Of five three
    # cooperate, for 2.5 each, and defectors have 2.875: all would have 3 if all cooperated.
    games = {n: linear_dilemma(n, greed=0.5, fear=-1) for n in (2, 3, 5)}
    assert [game.equilibria().cooperators for game in games.values()] == [(1,), (2,), (3,)]
    assert [pareto_optimal_nash_exists(game) for game in games.values()] == [True, True, False]


def test_all_indifferent_includes_the_largest_welfare():
    assert pareto_optimal_nash_exists(linear_dilemma(4, greed=0, fear=0)) is True


def test_chicken_whose_equilibria_are_all_dominated():
    # A reward of 3 if all cooperate, and much less where only one or two do.
    game = linear_dilemma(4, greed=0.1, fear=-0.05, reward=3, punishment=0)
    assert game.equilibria().cooperators == (1, 2)
    exists = pareto_optimal_nash_exists(game)
    assert exists is False
    # Mixed equilibria might be undominated by pure profiles: that stays open.
    assert pareto_optimal_nash_exists(game, within="pure") is None


def test_mixed_equilibria_decide_nothing_within_lotteries():
    # Sampled equilibria in which two or more mix: where no pure one is optimal, neither are these.
    game = linear_dilemma(4, greed=0.1, fear=-0.05, reward=3, punishment=0)
    level = game.equilibria().symmetric[0]
    profile = game.profile(np.full(4, level))
    assert game.regrets(profile) == pytest.approx(np.zeros(4), abs=1e-12)
    assert game.pareto_slack(game.expected_payoffs(profile)).relative_gain > 0.1


def test_unknown_sense_of_domination():
    with pytest.raises(ValueError, match="unknown set of dominating outcomes"):
        pareto_optimal_nash_exists(linear_dilemma(3, greed=1, fear=1), within="lottery")
