"""The game of policies: one round of a matrix game as `theory` has it, Escape Room by hand, slack by brute force."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.games.escape_room import DOOR, LEVER, START, EscapeRoom
from simulation.markov_games.games.iterated_game import IteratedGame
from simulation.markov_games.policy_game import PolicyGame, judge_policies
from theory import Game, judge, named_game


@pytest.fixture(scope="module")
def room() -> EnumeratedGame:
    return enumerate_game(EscapeRoom())


def always(room: EnumeratedGame, *places: int) -> np.ndarray:
    """Return policies by which each player goes to one place, whatever the state."""
    return np.stack([np.tile(np.eye(3)[place], (room.n_states, 1)) for place in places])


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken", "stag-hunt"])
@pytest.mark.parametrize("chances", [(1.0, 1.0), (0.0, 0.0), (1.0, 0.0), (0.3, 0.8)])
def test_a_game_of_one_round_is_judged_as_the_matrix_game(name: str, chances: tuple[float, ...]) -> None:
    game = named_game(name)
    once = enumerate_game(IteratedGame(game=game, horizon=1))
    policies = np.stack([np.tile([p, 1.0 - p], (once.n_states, 1)) for p in chances])
    found = judge_policies(once, policies)
    expected = judge(game, [[p, 1.0 - p] for p in chances])
    for field in ("payoffs", "regrets", "security_levels", "pareto_slack", "welfare_index", "nash_tolerance"):
        assert getattr(found, field) == pytest.approx(getattr(expected, field), abs=1e-9), field
    assert found.is_pareto_optimal == expected.is_pareto_optimal
    assert found.is_nash == expected.is_nash


def test_escape_room_by_hand(room: EnumeratedGame) -> None:
    # The holder pays 1 and would save it by staying; who gets out has 10, the most there is.
    out = judge_policies(room, always(room, LEVER, DOOR))
    assert out.payoffs == pytest.approx([-1.0, 10.0])
    assert out.regrets == pytest.approx([1.0, 0.0])
    assert out.label == "Pareto-optimal, not an equilibrium, below the security level of player 1"
    # Each can stay and have 0. If nobody goes, nobody gains by going; by lot both would gain 9/2.
    stays = judge_policies(room, always(room, START, START))
    assert stays.security_levels == pytest.approx([0.0, 0.0])
    assert stays.label == "Pareto-dominated Nash equilibrium"
    assert stays.pareto_slack == pytest.approx(9.0)
    # Two who move in each of five steps have the least.
    assert stays.welfare_range == pytest.approx((-10.0, 9.0))


def test_incentives_that_make_the_holder_indifferent_make_it_stay(room: EnumeratedGame) -> None:
    pays = np.zeros_like(room.rewards)
    out = np.flatnonzero((room.actions == (LEVER, DOOR)).all(axis=1))[0]
    pays[0, :, out] = 1.0
    judged = judge_policies(room, always(room, LEVER, DOOR), incentives=pays)
    assert judged.regrets == pytest.approx([0.0, 0.0])
    assert judged.is_nash
    assert judged.payoffs == pytest.approx([0.0, 10.0])


def plays(tables: EnumeratedGame) -> np.ndarray:
    """Return the payoffs of all plays of two rounds that see the state, `[k, n_players]`, by trying all."""
    joint, found = range(len(tables.actions)), []
    first = int(tables.start.argmax())
    for opening in joint:
        following = np.flatnonzero(tables.probabilities[first, opening] > 0)
        for answers in product(joint, repeat=len(following)):
            payoffs = tables.rewards[:, first, opening].copy()
            for k, answer in zip(following, answers, strict=True):
                chance = tables.probabilities[first, opening, k]
                payoffs += chance * tables.rewards[:, tables.successors[first, opening, k], answer]
            found.append(payoffs)
    return np.array(found)


@pytest.mark.parametrize("seed", range(4))
def test_slack_is_that_of_a_linear_program_over_all_plays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    game = Game(rng.integers(-5, 6, (2, 2, 2)))
    tables = enumerate_game(IteratedGame(game=game, horizon=2, slip=0.1))
    policies = rng.dirichlet([1.0, 1.0], (2, tables.n_states))
    played = PolicyGame(tables)
    judged = played.expected_payoffs(policies)
    outcomes = plays(tables)
    assert played.payoff_range == pytest.approx(np.ptp(outcomes, axis=0))
    program = linprog(
        -outcomes.sum(axis=1),
        A_ub=-outcomes.T,
        b_ub=-judged,
        A_eq=np.ones((1, len(outcomes))),
        b_eq=[1.0],
    )
    assert played.pareto_slack(judged).gain == pytest.approx(-program.fun - judged.sum(), abs=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda room: judge_policies(room, np.zeros((2, 3))), "policies must be"),
        (
            lambda room: judge_policies(room, always(room, 0, 2), incentives=np.zeros(3)),
            "shape of the rewards",
        ),
        (lambda room: PolicyGame(room).pareto_slack([0.0, 0.0], within="pure"), "what lotteries dominate"),
        (lambda room: PolicyGame(room).bargaining_point("nash"), "is not worked out"),
        (lambda room: judge_policies("a room", np.zeros(1)), "must be"),  # type: ignore[arg-type]
    ],
)
def test_errors_state_the_rule(room: EnumeratedGame, call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(room)
