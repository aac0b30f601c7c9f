"""How often the intervals of tournaments hold the truth, where chance ends matches and repetitions are few."""

import numpy as np
import pytest

from simulation.tournaments.classic import round_robin
from theory import named_game

GAME = named_game("prisoners-dilemma-axelrod")
FIELD = (
    "tit-for-tat", "always-defect", "always-cooperate", "grim", "random", "generous-tit-for-tat",
    "win-stay-lose-shift", "alternator", "tit-for-two-tats", "two-tits-for-tat", "extort-2",
    "suspicious-tit-for-tat",
)  # fmt: skip
TOURNAMENTS = 2000


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("prob_end", [0.005, 0.05])
def test_intervals_of_scores_and_ranks_hold_the_truth(prob_end: float, noise: float) -> None:
    # All rules are machines, so that the truth is exact. A share of 95% in 2000 has a standard error of .5%.
    terms = {"game": GAME, "prob_end": prob_end, "noise": noise}
    truth = round_robin(FIELD, exact=True, **terms)
    true_score, true_rank = truth["score"].values, truth["rank"].values
    score_held, rank_held, width = [], [], []
    for seed in range(TOURNAMENTS):
        data = round_robin(FIELD, seed=seed, workers=1, **terms)
        of = {name: data[name].values for name in ("score_low", "score_high", "rank_low", "rank_high")}
        score_held.append((of["score_low"] <= true_score) & (true_score <= of["score_high"]))
        rank_held.append((of["rank_low"] <= true_rank) & (true_rank <= of["rank_high"]))
        width.append(of["rank_high"] - of["rank_low"])
    by_strategy, by_rank = np.mean(score_held, axis=0), np.mean(rank_held, axis=0)
    print(
        f"prob_end {prob_end:g}, noise {noise:g}: scores held {by_strategy.mean():.4f}, each at least "
        f"{by_strategy.min():.4f}; ranks held {by_rank.mean():.4f}, each at least {by_rank.min():.4f}; "
        f"mean width of rank intervals {np.mean(width):.2f}"
    )
    assert 0.935 <= by_strategy.mean() <= 0.965
    assert by_strategy.min() >= 0.92
    assert by_rank.min() >= 0.935
