"""When play needs no planner any more: agreement with verdicts, for any number of players and actions."""

import itertools

import numpy as np
import pytest

from simulation.engine.randomness import run_generator
from simulation.planner.stability import STABILITY_TOLERANCE, cooperation_is_stable, outcomes_of
from theory import Game, judge, judge_batch, named_game


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken", "stag-hunt", "stag-hunt-3.2", "harmony"])
def test_stability_is_the_verdict_that_no_better_is_possible(name: str) -> None:
    game = named_game(name)
    profiles = np.array(
        [[[p, 1 - p], [q, 1 - q]] for p, q in itertools.product(np.linspace(0, 1, 41), repeat=2)]
    )
    verdicts = judge_batch(np.broadcast_to(game.payoffs, (len(profiles), 2, 2, 2)), profiles, tolerance=0.02)
    # The best equilibrium is one of the best outcomes, and play is as good and stable.
    best = game.payoffs.sum(axis=0).max()
    spread = best - game.payoffs.sum(axis=0).min()
    expected = verdicts.is_nash & (best - verdicts.welfare <= 0.02 * spread)
    outcomes = outcomes_of(game)
    assert [cooperation_is_stable(outcomes, profile) for profile in profiles] == expected.tolist()


@pytest.mark.parametrize("seed", range(12))
def test_stability_in_games_without_symmetry(seed: int) -> None:
    # Payoffs of one player weigh little in welfare, so that its regrets decide near the best outcome too.
    payoffs = run_generator(seed).normal(size=(2, 2, 2))
    payoffs[seed % 2] *= 0.02
    game, answers = Game(payoffs), set()
    total = payoffs.sum(axis=0)
    row, column = np.unravel_index(total.argmax(), (2, 2))
    for x, y in itertools.product([0.0, 0.004, 0.01, 0.015, 0.03, 0.1, 0.5, 1.0], repeat=2):
        p, q = (x if row else 1 - x), (y if column else 1 - y)
        verdict = judge(game, [[p, 1 - p], [q, 1 - q]], tolerance=0.02)
        expected = verdict.is_nash and total.max() - verdict.welfare <= 0.02 * np.ptp(total)
        assert cooperation_is_stable(outcomes_of(game), np.array([[p, 1 - p], [q, 1 - q]])) == expected
        answers.add(expected)
    assert False in answers


def padded(profile: list[np.ndarray]) -> np.ndarray:
    policy = np.full((len(profile), max(len(mixture) for mixture in profile)), np.nan)
    for i, mixture in enumerate(profile):
        policy[i, : len(mixture)] = mixture
    return policy


@pytest.mark.parametrize("n_actions", [(3, 2), (2, 3, 2), (2, 2, 2, 2), (4,)])
def test_stability_of_any_number_of_players_and_actions(n_actions: tuple[int, ...]) -> None:
    answers = set()
    for seed in range(20):
        generator = run_generator(seed)
        payoffs = generator.normal(size=(len(n_actions), *n_actions))
        best = np.unravel_index(payoffs.sum(axis=0).argmax(), n_actions)
        # In half of the games, the best outcome pays everybody more than any deviation does.
        if seed % 2:
            payoffs[(slice(None), *best)] += 2.0
        game = Game(payoffs)
        welfare, spread = payoffs.sum(axis=0), np.ptp(payoffs.sum(axis=0))
        for x in (0.0, 0.001, 0.005, 0.02, 0.3):
            profile = [
                (1 - x) * pure + x * generator.dirichlet(np.ones(n))
                for pure, n in zip(game.pure(*best), n_actions, strict=True)
            ]
            loss = welfare.max() - game.expected_payoffs(profile).sum()
            small_regrets = (game.regrets(profile) <= STABILITY_TOLERANCE * game.payoff_range).all()
            expected = bool(loss <= STABILITY_TOLERANCE * spread and small_regrets)
            assert cooperation_is_stable(outcomes_of(game), padded(profile)) == expected
            answers.add(expected)
    assert answers == {True, False}


def test_where_nothing_can_be_lost_play_is_stable() -> None:
    # Sums of decimals that are equal but for rounding must not count as a loss.
    game = Game(np.full((3, 2, 3, 2), 0.1))
    profile = [np.full(n, 1.0 / n) for n in game.n_actions]
    assert cooperation_is_stable(outcomes_of(game), padded(profile))
