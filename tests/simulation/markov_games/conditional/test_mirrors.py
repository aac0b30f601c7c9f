"""Degrees of cooperation and their mirrors: in a game of one state by closed forms, beliefs by exact rationals."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import brentq

from simulation.markov_games.conditional.action_mirror import ActionMirror
from simulation.markov_games.conditional.agreement import AgreedPlay, agreed_play
from simulation.markov_games.conditional.cooperativeness import DegreesOfCooperation, degrees_of_cooperation
from simulation.markov_games.conditional.exploiter import trained_exploiter
from simulation.markov_games.conditional.matches import play_matches
from simulation.markov_games.conditional.reward_mirror import Averages, RewardMirror
from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.games.iterated_game import IteratedGame
from theory import named_game

R, S, T, P = 3.0, 0.0, 4.0, 1.0


@pytest.fixture(scope="module")
def game() -> EnumeratedGame:
    return enumerate_game(IteratedGame(game=named_game("prisoners-dilemma"), remember=False, horizon=100))


@pytest.fixture(scope="module")
def play(game: EnumeratedGame) -> AgreedPlay:
    return agreed_play(game)


@pytest.fixture(scope="module")
def degrees(game: EnumeratedGame) -> DegreesOfCooperation:
    return degrees_of_cooperation(game, grid_points=6, temperature=0.5)


def test_degrees_are_logit_equilibria(degrees: DegreesOfCooperation) -> None:
    for alpha, policies in zip(degrees.degrees, degrees.policies, strict=True):

        def excess(p: float, alpha: float = alpha) -> float:
            of_c = p * (R + alpha * R) + (1 - p) * (S + alpha * T)
            of_d = p * (T + alpha * S) + (1 - p) * (P + alpha * P)
            return float(p - 1.0 / (1.0 + np.exp((of_d - of_c) / 0.5)))

        root = brentq(excess, 0.0, 1.0)
        assert policies[:, 0, 0] == pytest.approx([root, root], abs=1e-7)
    kept = degrees.policies[:, 0, 0, 0]
    p, q = kept[:, None], kept[None, :]
    assert degrees.values[0] == pytest.approx(
        p * q * R + p * (1 - q) * S + (1 - p) * q * T + (1 - p) * (1 - q) * P
    )
    assert degrees.values[1] == pytest.approx(degrees.values[0].T)
    # Thesis 5.2: V_1 falls in alpha and rises in beta, W rises in both.
    assert (np.diff(degrees.values[0], axis=0) < 0).all()
    assert (np.diff(degrees.values[0], axis=1) > 0).all()
    assert (np.diff(degrees.values.sum(axis=0), axis=0) > 0).all()


@pytest.mark.parametrize("role", [0, 1])
def test_beliefs_follow_bayes(play: AgreedPlay, degrees: DegreesOfCooperation, role: int) -> None:
    player = ActionMirror(degrees=degrees, remembered=1.0).seated(play, role)
    chances = [Fraction(float(p)) for p in degrees.policies[:, 1 - role, 0, 0]]
    belief = [Fraction(1, 6)] * 6
    memory = player.begin(1)
    for other in (0, 1, 1, 0, 0, 0, 1):
        belief = [b * (p if other == 0 else 1 - p) for b, p in zip(belief, chances, strict=True)]
        joint = np.array([other if role == 0 else 2 * other])
        memory = player.remember(memory, np.zeros(1, int), joint, np.zeros(1))
    found = np.exp(memory[0]) / np.exp(memory[0]).sum()
    assert found == pytest.approx([float(b / sum(belief)) for b in belief])
    mean = float(sum(b * k for k, b in enumerate(belief)) / sum(belief)) / 5
    assert degrees.degrees[player.degree(memory)[0]] == pytest.approx(round(mean * 5) / 5)
    generous = ActionMirror(degrees=degrees, epsilon=1.0).seated(play, role)
    assert generous.degree(generous.begin(3)).tolist() == [5, 5, 5]


def test_rewards_tell_the_degree(play: AgreedPlay, degrees: DegreesOfCooperation) -> None:
    for role in (0, 1):
        player = RewardMirror(degrees=degrees).seated(play, role)
        worth = degrees.values[0] if role == 0 else degrees.values[1].T
        for own in (0, 3, 5):
            seen = player.other_degree(worth[own], np.full(6, own))
            assert seen == pytest.approx(degrees.degrees)
        # Below and above all that any degree gives: the thesis has 0 for both.
        outside = player.other_degree(np.array([S - 1.0, T + 1.0]), np.array([2, 2]))
        assert outside.tolist() == [0.0, 1.0]
        memory = player.remember(player.begin(1), np.zeros(1, int), np.array([3]), np.zeros(1))
        assert memory.average == pytest.approx(0.03 * P + 0.97 * worth[-1, -1])
    held = Averages(np.array([T + 1.0]), np.array([0]))
    assert player.remember(held, np.zeros(1, int), np.array([3]), np.zeros(1)).place.tolist() == [5]


def test_who_is_always_kind_is_exploited_fully(play: AgreedPlay, degrees: DegreesOfCooperation) -> None:
    game = play.game
    kind = RewardMirror(degrees=degrees, epsilon=1.0).seated(play, 0)
    exploiter = trained_exploiter(game, kind, rounds=2, matches=12)
    got = play_matches(game, kind, exploiter, runs=200).mean_of(game.rewards[1])
    kept = degrees.policies[-1, 0, 0, 0]
    # Beside a fixed mixture the best is to defect always. Four standard errors: wrong once in 16,000.
    assert abs(got.mean() - (kept * T + (1 - kept) * P)) < 4 * got.std() / np.sqrt(200)


def test_bad_input(game: EnumeratedGame, degrees: DegreesOfCooperation) -> None:
    for wrong in ({"epsilon": 2.0}, {"remembered": 0.0}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} must"):
            ActionMirror(degrees=degrees, **wrong)
    with pytest.raises(ValueError, match="tau must"):
        RewardMirror(degrees=degrees, tau=0.0)
    with pytest.raises(ValueError, match="grid_points must be at least 2, got 1"):
        degrees_of_cooperation(game, grid_points=1)
