"""Conditional cooperators in the Coin Game: the three criteria, and what the ledger keeps of its guarantees there."""

import numpy as np
import pytest

from simulation.markov_games.conditional.agreement import AgreedPlay
from simulation.markov_games.conditional.evaluation import beside_others
from simulation.markov_games.conditional.ledger import StateLedger
from simulation.markov_games.conditional.markov_tit_for_tat import MarkovTitForTat
from simulation.markov_games.conditional.matches import play_matches
from simulation.markov_games.exact import best_welfare

STEPS = 100


def test_two_ledgers_come_to_rest_after_any_quarrel(coins: AgreedPlay) -> None:
    # Each has been told that the other did it the greatest harm that is remembered, or is owed it.
    game, kind = coins.game, StateLedger()
    book = kind.book()
    players = []
    for role, owed in ((0, 3.0), (1, -3.0)):
        player = kind.seated(coins, role)
        object.__setattr__(player, "start", book.place(owed, kind.account_cap))
        players.append(player)
    welfare = play_matches(game, *players, runs=200, steps=60, seed=1)
    late = game.rewards.sum(axis=0)[welfare.states, welfare.joint][:, 30:].mean(axis=1)
    agreed = play_matches(
        game, *(StateLedger(credit=2.9).seated(coins, k) for k in (0, 1)), runs=200, steps=60, seed=1
    )
    expected = game.rewards.sum(axis=0)[agreed.states, agreed.joint][:, 30:].mean(axis=1)
    # Within four standard errors of what two have who never quarrel: wrong once in 16,000.
    difference = late - expected
    assert abs(difference.mean()) < 4.0 * difference.std() / np.sqrt(200)


@pytest.mark.slow
def test_criteria(coins: AgreedPlay) -> None:
    best = best_welfare(coins.game) / STEPS
    for kind in (StateLedger(), MarkovTitForTat(multiplier=24.0)):
        player = kind.seated(coins, 0)
        beside = beside_others(coins, player, steps=300)
        assert beside.safety / STEPS >= -0.02
        assert beside.incentive > 0.0
        pair = play_matches(coins.game, player, kind.seated(coins, 1), runs=400)
        welfare = pair.mean_of(coins.game.rewards.sum(axis=0))
        assert welfare.mean() - 4.0 * welfare.std() / 20.0 >= 0.95 * best
        # In the long run nobody gets more than by cooperating.
        rate = (beside.exploited[300] - beside.exploited[200]) / 100
        assert rate == pytest.approx(0.35, abs=1e-3)


@pytest.mark.slow
def test_whatever_the_other_does_the_ledger_loses_no_more_than_its_budget(coins: AgreedPlay) -> None:
    kind = StateLedger()
    beside = beside_others(coins, kind.seated(coins, 0))
    # Three ranges of 3; values at the last step may differ from the first by what a state is worth.
    assert beside.with_foe >= -9.0
    assert beside.with_foe_from >= -9.0 - np.ptp(coins.secured)
