"""Players of finite memory, and responses to them: in the Prisoner's Dilemma of Table 4.1 by hand and brute force."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from simulation.markov_games.conditional.agreement import AgreedPlay, agreed_play
from simulation.markov_games.conditional.consequentialist import MarkovConsequentialist
from simulation.markov_games.conditional.evaluation import beside_others, judge_match, luck_free
from simulation.markov_games.conditional.ledger import StateLedger
from simulation.markov_games.conditional.markov_tit_for_tat import MarkovTitForTat
from simulation.markov_games.conditional.matches import play_matches
from simulation.markov_games.conditional.player import FiniteMemory, Grid, grid_from_to, without_memory
from simulation.markov_games.conditional.responses import opposition
from simulation.markov_games.enumerated import enumerate_game
from simulation.markov_games.exact import episode_values
from simulation.markov_games.games.iterated_game import IteratedGame
from theory import named_game

R, S, T, P = 3, 0, 4, 1
OWN, OTHER = np.array([[R, S], [T, P]]), np.array([[R, T], [S, P]])


@pytest.fixture(scope="module")
def play() -> AgreedPlay:
    return agreed_play(
        enumerate_game(IteratedGame(game=named_game("prisoners-dilemma"), remember=False, horizon=8))
    )


def answers(player: FiniteMemory, others: list[int]) -> list[int]:
    """Return what the player in role 0 plays to the other's actions, where no lot decides."""
    memory, played, state = player.begin(1), [], np.zeros(1, int)
    for other in others:
        own = int(player.chances(memory, state)[0].argmax())
        played.append(own)
        memory = player.remember(memory, state, np.array([2 * own + other]), np.zeros(1))
    return played


def ledger_by_hand(others: list[int], budget: int = 3, cap: int = 3, most: int = 3) -> list[int]:
    """Return what the page of the ledger says that it plays: N in whole harms, A in ranges of 4."""
    owed, account, played = 0, Fraction(0), []
    for other in others:
        own = 1 if owed >= 2 or account + Fraction(S - P, 4) < -budget else 0
        played.append(own)
        owed = max(-most, min(most, owed + (other - own)))
        account = min(Fraction(cap), account + Fraction(int(OWN[own, other]) - P, 4))
    return played


@pytest.mark.parametrize("budget", [3, 1])
def test_the_ledger_without_state_is_the_ledger(play: AgreedPlay, budget: int) -> None:
    ledger = StateLedger(loss_budget=float(budget), account_step=0.25).seated(play, 0)
    generator = np.random.default_rng(0)
    for share in (0.2, 0.5, 0.8, 1.0):
        others = [int(draw < share) for draw in generator.random(300)]
        assert answers(ledger, others) == ledger_by_hand(others, budget)
    # One harm is forgiven, two are answered once, and whoever always defects is never trusted again.
    assert answers(ledger, [1, 0, 0, 1, 0, 0]) == [0, 0, 0, 0, 1, 0]
    assert answers(ledger, [1] * 6) == [0, 0, 1, 1, 1, 1]


def test_markov_tit_for_tat_by_hand(play: AgreedPlay) -> None:
    # A defection gains T - R = 1; k steps of (D, D) after it cost 2 (1 - gamma^k) / (1 - gamma).
    for multiplier in (1.0, 6.0, 20.0):
        wanted = multiplier * (T - R)
        steps = next(k for k in range(1, 100) if (R - P) * (1 - 0.99**k) / 0.01 >= wanted)
        player = MarkovTitForTat(multiplier=multiplier).seated(play, 0)
        assert answers(player, [1] + [0] * (steps + 3)) == [0] + [1] * steps + [0] * 3
    # With a threshold of 2 the third defection is one too many, and costs three times as much.
    player = MarkovTitForTat(threshold=2.0, multiplier=1.0).seated(play, 0)
    assert answers(player, [1, 0, 1, 1, 0, 0, 0, 0]) == [0, 0, 0, 0, 1, 1, 0, 0]
    # What would never cost enough is punished for the longest time.
    assert answers(MarkovTitForTat(multiplier=1e4, longest=5).seated(play, 0), [1] + [0] * 7) == [0] + [
        1
    ] * 5 + [0, 0]


def test_consequentialists_look_at_their_average(play: AgreedPlay) -> None:
    kind = MarkovConsequentialist()
    assert kind.threshold(play, 0) == pytest.approx((R + S) / 2)
    player = kind.seated(play, 0)
    others = [int(draw < 0.5) for draw in np.random.default_rng(1).random(40)]
    expected, total = [], 0
    for steps, other in enumerate(others):
        expected.append(0 if total >= 1.5 * steps else 1)
        total += int(OWN[expected[-1], other])
    assert answers(player, others) == expected


@pytest.mark.parametrize("kind", [StateLedger(account_step=0.25), MarkovTitForTat(multiplier=2.0)])
def test_best_responses_by_brute_force(play: AgreedPlay, kind: StateLedger | MarkovTitForTat) -> None:
    player = kind.seated(play, 0)
    steps = 8
    paid, kept = [], []
    for others in product((0, 1), repeat=steps):
        own = answers(player, list(others))
        paid.append(sum(int(OTHER[x, y]) for x, y in zip(own, others, strict=True)))
        kept.append(sum(int(OWN[x, y]) for x, y in zip(own, others, strict=True)))
    beside = beside_others(play, player)
    assert beside.exploited[steps] == pytest.approx(max(paid))
    assert beside.with_foe == pytest.approx(min(kept))
    # The theorem: no more than three ranges of 4 below security, of P a step.
    assert beside.with_foe >= steps * P - 12 or not isinstance(kind, StateLedger)
    defected = answers(player, [1] * steps)
    assert beside.safety == pytest.approx(sum(int(OWN[x, 1]) for x in defected) - steps * P)


def test_a_player_sits_in_either_seat(play: AgreedPlay) -> None:
    for kind in (StateLedger(), MarkovTitForTat(), MarkovConsequentialist()):
        first, second = (beside_others(play, kind.seated(play, role), steps=12) for role in (0, 1))
        for one, other in zip(first, second, strict=True):
            assert one == pytest.approx(other)


def test_matches_follow_exact_values(play: AgreedPlay) -> None:
    ledger, coin = StateLedger().seated(play, 0), np.full((1, 2), 0.5)
    exact = opposition(play.game, ledger).totals(coin, play.game.rewards[1])[8]
    played = play_matches(play.game, ledger, without_memory(coin, role=1), runs=2000, seed=3)
    sums = 8 * played.mean_of(play.game.rewards[1])
    # Four standard errors: wrong once in 16,000.
    assert abs(sums.mean() - exact) < 4.0 * sums.std() / np.sqrt(2000)
    slips = play_matches(play.game, ledger, StateLedger().seated(play, 1), runs=500, steps=1, noise=0.2)
    assert (slips.joint == 0).mean() == pytest.approx(0.64, abs=0.1)


def test_luck_is_taken_out_and_the_mean_is_kept() -> None:
    game = enumerate_game(IteratedGame(game=named_game("prisoners-dilemma"), slip=0.2, horizon=12))
    play = agreed_play(game)
    coins = [without_memory(np.full((game.n_states, 2), 0.5), role=role) for role in (0, 1)]
    kind = [without_memory(play.agreed[role], role=role) for role in (0, 1)]
    kept = luck_free(play, play_matches(game, *kind, runs=20))
    assert 12 * kept == pytest.approx(np.tile(episode_values(game, play.agreed), (20, 1)))
    found = 12 * luck_free(play, play_matches(game, *coins, runs=1000, seed=5))
    exact = episode_values(game, np.full((2, game.n_states, 2), 0.5))
    # Four standard errors of two means: wrong once in 8000.
    assert (np.abs(found.mean(axis=0) - exact) < 4 * found.std(axis=0) / np.sqrt(1000)).all()


def test_verdicts_on_matches(play: AgreedPlay) -> None:
    # Two ledgers get R; the best response takes one T more, the last step another.
    beside = beside_others(play, StateLedger().seated(play, 0))
    verdict = judge_match(play.game, [24.0, 24.0], np.full(2, beside.exploited[8]), tolerance=0.02)
    assert verdict.regrets == pytest.approx([2.0, 2.0])
    assert verdict.is_pareto_optimal
    assert not verdict.is_nash
    assert verdict.nash_tolerance == pytest.approx(2.0 / (8 * 4))


def test_grids_round_by_lot_and_keep_the_mean() -> None:
    grid = grid_from_to(-1.0, 1.0, 0.25)
    assert grid == Grid(-1.0, 0.25, 9)
    values = np.array([-2.0, -0.9, 0.0, 0.3, 1.0, 5.0])
    below, up = grid.rounded(values)
    mean = (1.0 - up) * grid.points[below] + up * grid.points[below + 1]
    assert mean == pytest.approx(np.clip(values, -1.0, 1.0))


def test_bad_input(play: AgreedPlay) -> None:
    ledger = StateLedger().seated(play, 0)
    with pytest.raises(ValueError, match="must have roles 0 and 1, got 0 and 0"):
        play_matches(play.game, ledger, ledger)
    for kind, wrong in (
        (StateLedger, {"credit": -1.0}),
        (StateLedger, {"most_claimed": 1.0}),
        (MarkovTitForTat, {"multiplier": 0.0}),
        (MarkovTitForTat, {"longest": 0}),
        (MarkovConsequentialist, {"share": 2.0}),
    ):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} must"):
            kind(**wrong)
