"""Best responses to frozen players: machines that another method solves, and bounds that hold what a tree gives."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.theory.repeated.frozen_players import Counter, FrozenMachine
from theory import FiniteState, Game, best_response_to_frozen, best_response_to_machine, named_game

AXELROD = Game.bimatrix([[3, 0], [5, 1]], [[3, 5], [0, 1]])
TIT_FOR_TAT = FiniteState((1.0, 0.0), ((0, 1, 0, 1), (0, 1, 0, 1)))


def random_machine(seed: int) -> FiniteState:
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 7))
    cooperation = random.choice([0.0, 1.0, random.random()], size=n)
    return FiniteState(tuple(cooperation), tuple(map(tuple, random.integers(0, n, (n, 4)))))


@pytest.mark.parametrize("seed", range(30))
def test_machines_are_answered_as_policy_iteration_does(seed: int) -> None:
    random = np.random.default_rng([seed, 1])
    game, player = Game(random.normal(size=(2, 2, 2))), seed % 2
    machine = random_machine(seed)
    # In another role's machine own actions stand first, too.
    expected = best_response_to_machine(game, machine, player, discount=0.95).payoff
    found = best_response_to_frozen(game, FrozenMachine(machine), player, discount=0.95)
    assert found.is_exact
    assert found.lower <= expected + 1e-12
    assert expected <= found.upper + 1e-12
    assert found.upper - found.lower < 1e-6 * float(np.ptp(game.payoffs))


def test_slips_of_both_hands_cost_what_the_closed_form_says() -> None:
    # Against Tit-for-Tat always C is best at .9. It is then in state C with probability 1 - e (start: 1), and both
    # slip: the payoff is bilinear in what is played.
    e, d = 0.1, 0.9
    c = np.array([1.0 - e, e])
    trusted, distrusted = c @ AXELROD.payoffs[1] @ c, c[::-1] @ AXELROD.payoffs[1] @ c
    expected = (1 - d) * trusted + d * ((1 - e) * trusted + e * distrusted)
    found = best_response_to_frozen(AXELROD, FrozenMachine(TIT_FOR_TAT), 1, discount=d, noise=e)
    assert found.lower == pytest.approx(expected, abs=2e-6)


def true_value(counter: Counter, discount: float) -> float:
    """Return the best of all sequences, by a tree of rounded numbers so deep that what is left is below 1e-9."""

    @cache
    def best(count: float, rounds: int) -> float:
        if rounds == 0:
            return 0.0
        own = 0 if count <= 1.0 else 1
        worth = []
        for other in (0, 1):
            moved = count + (counter.up if other else -counter.down)
            after = round(min(3.0, max(0.0, moved)), 12)
            payoff = float(AXELROD.payoffs[1, own, other])
            worth.append((1 - discount) * payoff + discount * best(after, rounds - 1))
        return max(worth)

    return best(0.0, 60)


@pytest.mark.parametrize(("up", "down"), [(0.7, 0.31), (2**0.5, 3**0.5 / 2), (0.9, 0.45), (1.0, 1.0)])
@pytest.mark.parametrize("step", [0.5, 0.25, 0.02, 1e-3])
def test_bounds_hold_the_value_that_a_tree_of_all_sequences_gives(
    up: float, down: float, step: float
) -> None:
    counter = Counter(up, down, np.array([step]))
    value = true_value(counter, 0.7)
    found = best_response_to_frozen(AXELROD, counter, 1, discount=0.7)
    assert found.lower - 1e-6 <= value <= found.upper + 1e-6
    increments = np.array([up, down, 3.0]) / step
    assert found.is_exact == bool((np.abs(increments - increments.round()) < 1e-6).all())
    if found.is_exact:
        assert found.upper - found.lower < 1e-5


def test_a_finer_grid_says_more() -> None:
    coarse, fine = (
        best_response_to_frozen(AXELROD, Counter(0.7, 0.31, np.array([step])), 1, discount=0.7)
        for step in (0.5, 0.02)
    )
    assert fine.upper - fine.lower < 0.5 * (coarse.upper - coarse.lower)
    assert coarse.n_states < fine.n_states


def test_what_is_too_low_to_be_told_apart_is_bounded_too() -> None:
    # Against C the count would fall for ever; it is clipped at 0 here, so that from 1/2 down it is one place.
    counter = Counter(0.7, 0.31, np.array([0.1]), lowest=np.array([0.5]), start=np.array([1.0]))
    exact = best_response_to_frozen(
        AXELROD, Counter(0.7, 0.31, np.array([0.001]), start=np.array([1.0])), 1, discount=0.7
    )
    found = best_response_to_frozen(AXELROD, counter, 1, discount=0.7)
    assert found.lower <= exact.lower + 1e-6
    assert exact.upper - 1e-6 <= found.upper


def test_wrong_players_and_too_many_states_are_refused_with_the_figure() -> None:
    with pytest.raises(
        ValueError, match=r"max_states must be at least .* more than \d+ at resolution .* got 3"
    ):
        best_response_to_frozen(AXELROD, Counter(0.7, 0.31, np.array([0.1])), 1, max_states=3)
    with pytest.raises(ValueError, match=r"resolution must be 1 positive steps, got \[0\.0\]"):
        best_response_to_frozen(AXELROD, Counter(0.7, 0.31, np.array([0.1])), 1, resolution=[0.0])
    three = Game(np.zeros((2, 3, 3)))
    with pytest.raises(ValueError, match=r"own and other's actions, got \(2, 2\)"):
        best_response_to_frozen(three, FrozenMachine(TIT_FOR_TAT), 1)
    with pytest.raises(ValueError, match=r"frozen must be a frozen player such as .*, got 3"):
        best_response_to_frozen(AXELROD, 3, 1)  # type: ignore[arg-type]
    broken = FrozenMachine(TIT_FOR_TAT)
    broken.action_probabilities = lambda states: np.full((len(states), 2), 0.7)  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="at least 0 and with sum 1, got"):
        best_response_to_frozen(AXELROD, broken, 1)
    with pytest.raises(ValueError, match=r"at most .* steps, got one of"):
        best_response_to_frozen(AXELROD, Counter(0.7, 0.31, np.array([1e-18])), 1)


def test_actions_that_are_the_only_one_change_nothing() -> None:
    game = named_game("chicken")
    alone = Game(game.payoffs[:, :, :1])

    class Lonely(FrozenMachine):
        def next_states(self, states, own, other):  # type: ignore[no-untyped-def]
            return states

    frozen = Lonely(TIT_FOR_TAT, n_actions=(2, 1))
    found = best_response_to_frozen(alone, frozen, 1, noise=0.0)
    assert found.lower == pytest.approx(float(alone.payoffs[1, 0, 0]), abs=1e-5)
