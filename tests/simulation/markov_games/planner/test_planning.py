"""The planner with state: its gradient by differences of exact values; Escape Room, where nobody gets out alone."""

from dataclasses import replace

import numpy as np
import pytest

from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.exact import visits
from simulation.markov_games.games.escape_room import EscapeRoom
from simulation.markov_games.games.iterated_game import IteratedGame
from simulation.markov_games.planner.encodings import by_actions
from simulation.markov_games.planner.planning import ExactPlanning, plan_exactly
from theory import Game, named_game


@pytest.fixture(scope="module")
def iterated() -> EnumeratedGame:
    return enumerate_game(IteratedGame(game=named_game("chicken"), horizon=4, slip=0.05))


def softmax(theta: np.ndarray) -> np.ndarray:
    weights = np.exp(theta)
    return weights / weights.sum(axis=-1, keepdims=True)


def slopes(function, at: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Return central differences of a number."""
    found = np.empty(at.shape)
    for place in np.ndindex(at.shape):
        moved = np.zeros(at.shape)
        moved[place] = step
        found[place] = (function(at + moved) - function(at - moved)) / (2.0 * step)
    return found


def test_first_updates_are_the_gradients_of_the_thesis(iterated: EnumeratedGame) -> None:
    """Eqs. 4.1 and 4.3, by differences of values that are summed over all ways an episode may go."""
    options = {"bound": 1.5, "discount": 0.9, "learner_rate": 0.05, "planner_rate": 0.2}
    both = ExactPlanning(updates=2, planner_updates=2, **options)
    data = plan_exactly(iterated, both, runs=1, seed=3)

    def value(theta: np.ndarray, rewards: np.ndarray) -> float:
        return float(np.sum(rewards * visits(iterated, softmax(theta), discount=0.9)))

    def own_slopes(theta: np.ndarray, rewards: np.ndarray) -> np.ndarray:
        """Return how the value of each player's rewards changes with its own numbers."""
        found = np.empty(theta.shape)
        for i in range(2):

            def of_player(own: np.ndarray, i: int = i) -> float:
                moved = theta.copy()
                moved[i] = own
                return value(moved, rewards[i])

            found[i] = slopes(of_player, theta[i])
        return found

    theta_before = first_numbers(iterated, seed=3)
    assert data["welfare"].values[0, 0] == pytest.approx(
        np.sum(iterated.rewards * visits(iterated, softmax(theta_before))), abs=1e-9
    )
    after = theta_before + 0.05 * own_slopes(theta_before, iterated.rewards)
    # The planner offers nothing at first; its first step of Adam goes by the gradient's signs.
    welfare = slopes(lambda theta: value(theta, iterated.rewards.sum(axis=0)), theta_before)
    size = iterated.rewards.size

    def objective(phi: np.ndarray) -> float:
        offered = 1.5 * np.tanh(phi).reshape(iterated.rewards.shape)
        return float(np.sum(own_slopes(theta_before, offered) * welfare))

    signs = np.sign(slopes(objective, np.zeros(size), step=1e-3))
    first_offer = 1.5 * np.tanh(0.2 * signs)
    offered = first_offer.reshape(iterated.rewards.shape)
    second = after + 0.05 * own_slopes(after, iterated.rewards + offered)
    assert data["policy"].values[0] == pytest.approx(softmax(second), abs=1e-6)


def first_numbers(game: EnumeratedGame, seed: int) -> np.ndarray:
    """Return what a run begins with, as it says it draws them: normal with deviation .1."""
    import jax

    with jax.enable_x64(True):
        key = jax.random.fold_in(jax.random.key(seed), 0)
        return np.asarray(0.1 * jax.random.normal(key, (2, game.n_states, game.game.n_actions)))


@pytest.mark.slow
def test_alone_nobody_holds_the_lever_and_with_a_planner_somebody_gets_out() -> None:
    # Alone 0 of 20 come near 9, with a planner 20 of 20: at 95% at least .83 of all starts.
    room = enumerate_game(EscapeRoom())
    alone = plan_exactly(room, ExactPlanning(updates=300, planner_updates=0), runs=20, seed=1000)
    assert alone["welfare"].values[:, -1].max() < 0.95 * 9
    led = plan_exactly(room, ExactPlanning(updates=300, planner_updates=300), runs=20, seed=1000)
    assert led["welfare"].values[:, -1].min() >= 0.95 * 9
    assert np.abs(led["incentive"].values).max() <= 2.0
    assert led["payoff"].values.sum(axis=1) == pytest.approx(led["welfare"].values[:, -1], abs=0.1)


def test_runs_depend_on_seed_and_number_alone_and_nothing_is_paid_when_the_planner_has_left(
    iterated: EnumeratedGame,
) -> None:
    leaves = ExactPlanning(updates=2, planner_updates=1, cost=0.1)
    one, three = (plan_exactly(iterated, leaves, runs=runs, seed=7) for runs in (1, 3))
    assert one["welfare"].values == pytest.approx(three["welfare"].values[:1], rel=1e-12)
    assert (three["paid"].values == 0.0).all()
    stays = plan_exactly(iterated, replace(leaves, planner_updates=2), runs=3, seed=7)
    assert (stays["paid"].values[:, 1] > 0.0).all()


@pytest.mark.parametrize(("over", "horizon"), [("visits", 3), ("states", 1)])
def test_entropy_counts_by_visits_or_all_states_alike(over: str, horizon: int) -> None:
    """Where the first action gives 1 and the second 0, whatever came before, log-odds can be told by hand."""
    first = np.array([1.0, 0.0])
    both = np.stack([np.broadcast_to(first[:, None], (2, 2)), np.broadcast_to(first, (2, 2))])
    game = enumerate_game(IteratedGame(game=Game(both), horizon=horizon))
    learning = ExactPlanning(
        updates=400,
        planner_updates=0,
        discount=0.8,
        learner_optimiser="adam",
        entropy=0.5 if over == "visits" else 4.0,
        entropy_over=over,
    )
    policy = plan_exactly(game, learning, runs=1)["policy"].values[0]
    odds = np.log(policy[..., 0] / policy[..., 1])
    if over == "visits":  # 1 / .5, in every state
        assert odds == pytest.approx(np.full((2, 5), 2.0), abs=1e-3)
    else:  # 1 / (4 / 5) where an episode begins and ends, which is one state of five; elsewhere nothing but entropy
        expected = np.where(np.arange(5) == int(np.argmax(game.start)), 1.25, 0.0)
        assert odds == pytest.approx(np.stack([expected] * 2), abs=1e-3)


@pytest.mark.slow
def test_an_encoding_by_actions_pays_alike_in_all_states(iterated: EnumeratedGame) -> None:
    cells = by_actions(iterated)
    assert cells.max() == 7
    data = plan_exactly(iterated, ExactPlanning(updates=2, planner_updates=2), encoding=cells, runs=1)
    assert np.ptp(data["incentive"].values, axis=2).max() == 0.0 < np.ptp(data["incentive"].values)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bound": 0.0}, "bound must be positive, got 0"),
        ({"learner_rate": -1.0}, "learner_rate must be positive, got -1"),
        ({"discount": 0.0}, r"discount must lie in \(0, 1\], got 0"),
        ({"updates": 0}, "updates must be at least 1, got 0"),
        ({"tremble": 1.5}, r"tremble must lie in \[0, 1\], got 1.5"),
        ({"cost": -1.0}, "cost must lie in"),
        ({"entropy_over": "steps"}, "unknown what entropy is over 'steps'"),
    ],
)
def test_errors_state_the_rule_and_the_value(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ExactPlanning(**options)


def test_an_encoding_of_another_shape_is_refused(iterated: EnumeratedGame) -> None:
    with pytest.raises(ValueError, match="an encoding must be whole numbers from 0 of shape"):
        plan_exactly(iterated, ExactPlanning(), encoding=np.zeros((2, 2)))
