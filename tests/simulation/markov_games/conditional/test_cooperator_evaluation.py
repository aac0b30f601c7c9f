"""Cooperators of one's own are evaluated: Grim, of finite memory and as an object, by hand in repeated dilemmas."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from simulation import (
    ActionMirror,
    AgreedPlay,
    ConditionalCooperator,
    FiniteMemory,
    RewardMirror,
    agreed_play,
    degrees_of_cooperation,
    enumerate_game,
    evaluate_cooperator,
    play_markov_game,
)
from simulation.markov_games.conditional.exploiter import tried_exploiters
from simulation.markov_games.games.iterated_game import IteratedGame
from theory import Game, named_game

ROUNDS = 8


@dataclass(frozen=True)
class Grim(ConditionalCooperator):
    """Keep to what is agreed until the other does not."""

    def seated(self, play: AgreedPlay, role: int) -> FiniteMemory:
        policy = np.stack([play.agreed[role], play.safe[role]])
        broken = np.where(play.kept[1 - role], 0, 1)
        return FiniteMemory(role, policy, np.stack([broken, np.ones_like(broken)]))


@dataclass(frozen=True)
class Watchful:
    """The same as an object that remembers of each match whether the other kept to it."""

    play: AgreedPlay
    role: int

    def begin(self, runs: int) -> Any:
        return np.ones(runs, bool)

    def chances(self, memory: Any, states: Any) -> Any:
        agreed, safe = self.play.agreed[self.role, states], self.play.safe[self.role, states]
        return np.where(memory[:, None], agreed, safe)

    def remember(self, memory: Any, states: Any, joint: Any, lots: Any) -> Any:
        return memory & self.play.kept[1 - self.role, states, joint]


class WatchfulGrim(ConditionalCooperator):
    """Whose memory nobody has written out."""

    def seated(self, play: AgreedPlay, role: int) -> Watchful:
        return Watchful(play, role)


def repeated(game: Game) -> AgreedPlay:
    return agreed_play(enumerate_game(IteratedGame(game=game, remember=False, horizon=ROUNDS)))


# Reward, sucker's payoff, temptation and punishment of each player.
FIRST, SECOND = (3, 0, 4, 1), (6, 0, 8, 2)


@pytest.fixture(scope="module")
def uneven() -> AgreedPlay:
    (r, s, t, p), (r2, s2, t2, p2) = FIRST, SECOND
    return repeated(Game.bimatrix([[r, s], [t, p]], [[r2, t2], [s2, p2]]))


@pytest.mark.parametrize("kind", [Grim(), WatchfulGrim()])
def test_criteria_by_hand(uneven: AgreedPlay, kind: ConditionalCooperator) -> None:
    found = evaluate_cooperator(uneven, kind, runs=3)
    assert found.self_match == pytest.approx([0.0, 0.0])
    assert found.self_match_interval == pytest.approx(np.zeros((2, 2)))
    for role, (own, other) in enumerate(((FIRST, SECOND), (SECOND, FIRST))):
        _, s, _, p = own
        r, _, t, punished = other
        # A defector takes once, and two who defect have p from the first round on.
        assert found.safety[role] == pytest.approx((s - p) / ROUNDS)
        assert found.incentive[role] == pytest.approx(r - (t + (ROUNDS - 1) * punished) / ROUNDS)
        if found.is_exact:
            # The best response cooperates until the last round.
            assert found.exploited[role] == pytest.approx((t - r) / ROUNDS)
            assert found.least[role] == pytest.approx((s + (ROUNDS - 1) * p) / ROUNDS)
    assert found.is_exact == (kind == Grim())


def test_verdicts_ask_for_exact_best_responses(uneven: AgreedPlay) -> None:
    verdict = evaluate_cooperator(uneven, Grim(), runs=2).judge()
    assert verdict.regrets == pytest.approx([4 - 3, 8 - 6])
    assert verdict.is_pareto_optimal
    with pytest.raises(ValueError, match="must be a FiniteMemory, got others"):
        evaluate_cooperator(uneven, WatchfulGrim(), runs=2).judge()


def test_mirrors_are_watched(uneven: AgreedPlay) -> None:
    # It plays the kindest degree whatever happens: nobody gets more from it than who always defects.
    degrees = degrees_of_cooperation(uneven.game, grid_points=3, temperature=0.5)
    found = evaluate_cooperator(uneven, RewardMirror(degrees=degrees, epsilon=1.0), runs=20)
    assert not found.is_exact
    assert (found.incentive < 0.0).all()
    assert (found.exploited > 0.0).all()


def test_fixed_degrees_are_tried_on_a_mirror() -> None:
    play = repeated(named_game("chicken"))
    degrees = degrees_of_cooperation(play.game, grid_points=5, temperature=0.5)
    mirror = ActionMirror(degrees=degrees).seated(play, 0)
    tried = tried_exploiters(play, mirror, seed=3)
    for policies in (*degrees.policies, play.agreed, play.safe):
        assert any(
            isinstance(other, FiniteMemory) and np.array_equal(other.policy, policies[1][None])
            for other in tried
        )


@dataclass(frozen=True)
class Tosser:
    """Tosses a coin in every step."""

    role: int

    def begin(self, runs: int) -> Any:
        return np.zeros(runs)

    def chances(self, memory: Any, states: Any) -> Any:
        return np.full((len(states), 2), 0.5)

    def remember(self, memory: Any, states: Any, joint: Any, lots: Any) -> Any:
        return memory


class Coin(ConditionalCooperator):
    """Who does nothing else."""

    def seated(self, play: AgreedPlay, role: int) -> Tosser:
        return Tosser(role)


def test_who_was_lucky_while_it_was_chosen_is_measured_anew() -> None:
    # Beside a coin, stag and hare get 2 a step on average, 4 is agreed. Of two means of two matches the larger is .1
    # too large. Four standard errors of 300 evaluations: wrong once in 16,000, for each role.
    play = repeated(Game.bimatrix([[4, 0], [3, 1]], [[4, 3], [0, 1]]))
    assert play.agreed[0, 0].tolist() == [1.0, 0.0]
    assert play.safe[0, 0].tolist() == [0.0, 1.0]
    found = np.array([evaluate_cooperator(play, Coin(), runs=2, seed=seed).exploited for seed in range(300)])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (error < 0.04).all()
    assert (np.abs(found.mean(axis=0) + 2.0) < 4.0 * error).all()


def test_matches_step_by_step() -> None:
    play = repeated(named_game("prisoners-dilemma"))
    data = play_markov_game(play, Grim(), play.safe[1], steps=3, runs=2)
    assert data["action"].values.tolist() == [[[0, 1], [1, 1], [1, 1]]] * 2
    assert data["payoff"].values.tolist() == [[[0, 4], [1, 1], [1, 1]]] * 2
    assert (data["state"] == 0).all()
    assert data.attrs["seed"] == 0
    same = play_markov_game(play, Grim().seated(play, 0), Watchful(play, 1), noise=0.2, seed=4)
    both = play_markov_game(play, Grim(), WatchfulGrim(), noise=0.2, seed=4)
    assert same["action"].equals(both["action"])


def test_who_does_not_fit_is_refused(uneven: AgreedPlay) -> None:
    with pytest.raises(ValueError, match="first must play in role 0 here, got a player in role 1"):
        play_markov_game(uneven, Grim().seated(uneven, 1), Grim())
    three = FiniteMemory(1, np.full((1, 1, 3), 1 / 3), np.zeros((1, 1, 9), int))
    with pytest.raises(ValueError, match=r"second must be a player of this game.* \(1, 2\), got \(1, 3\)"):
        play_markov_game(uneven, Grim(), three)
    with pytest.raises(ValueError, match=r"a policy .* of shape"):
        play_markov_game(uneven, Grim(), np.ones((2, 2)) / 2)


@pytest.mark.parametrize(
    ("chances", "message"),
    [
        (np.ones(2), r"chances of first must be \[runs, action\], here of shape \(2, 2\), got \(2,\)"),
        (np.ones((2, 2)), r"chances of first must be probabilities that sum to 1, got \[\[1.0, 1.0\]"),
        (None, "what the chances of first return must be a rectangular array of numbers, got None"),
    ],
)
def test_a_player_of_ones_own_that_answers_wrongly_is_refused(
    uneven: AgreedPlay, chances: Any, message: str
) -> None:
    class Odd(Watchful):
        def chances(self, memory: Any, states: Any) -> Any:
            return chances

    class Seated(ConditionalCooperator):
        def seated(self, play: AgreedPlay, role: int) -> Any:
            return Odd(play, role)

    class Nobody(ConditionalCooperator):
        def seated(self, play: AgreedPlay, role: int) -> Any:
            return None

    with pytest.raises(ValueError, match=message):
        play_markov_game(uneven, Seated(), Grim())
    with pytest.raises(ValueError, match=r"what Nobody.seated returns must be a player .*, got None"):
        evaluate_cooperator(uneven, Nobody())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"role": 2}, "role must be 0 or 1, got 2"),
        ({"policy": np.ones((1, 1, 2))}, "policy must be probabilities that sum to 1"),
        (
            {"successors": np.zeros((1, 1, 3))},
            r"of shape \(1, 1, 4\), or have an axis more, got shape \(1, 1, 3\)",
        ),
        ({"successors": np.ones((1, 1, 4))}, "places of 1 memories, from 0 to 0, got 1 to 1"),
        ({"successors": np.full((1, 1, 4), 0.5)}, "successors must be whole numbers"),
        (
            {"lots": np.full((1, 1, 4, 2), 0.5)},
            r"lots must be of the shape \(1, 1, 4, 1\), got \(1, 1, 4, 2\)",
        ),
        ({"start": 1}, "start must be"),
    ],
)
def test_wrong_memories_are_refused(changed: dict[str, Any], message: str) -> None:
    right = {"role": 0, "policy": np.full((1, 1, 2), 0.5), "successors": np.zeros((1, 1, 4), int)}
    with pytest.raises(ValueError, match=message):
        FiniteMemory(**(right | changed))
