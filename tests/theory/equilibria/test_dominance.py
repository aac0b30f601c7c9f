import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.equilibria.dominance import dominated_actions, eliminate_dominated, restricted
from theory.equilibria.nash import nash_equilibria
from theory.games.catalogue import named_game
from theory.games.game import Game

# Action 2 of the row is dominated by neither of the others but by their even mixture (Fudenberg & Tirole 1991,
# figure 1.3, with the column indifferent).
BY_MIXTURE = Game.bimatrix([[3, 0], [0, 3], [1, 1]], np.zeros((3, 2)))


def found(game, **options):
    return [(d.player, d.action) for d in dominated_actions(game, **options)]


def test_prisoners_dilemma():
    game = named_game("prisoners-dilemma")
    assert found(game) == [(0, 0), (1, 0)]
    assert [d.mixture.tolist() for d in dominated_actions(game)] == [[0, 1], [0, 1]]
    result = eliminate_dominated(game)
    assert result.solves_game
    assert result.kept == ((1,), (1,))
    assert result.n_actions == (2, 2)
    assert result.game.payoffs.tolist() == [[[1]], [[1]]]
    assert result.game.actions == (("D",), ("D",))
    assert [x.tolist() for x in result.original_profile([[1], [1]])] == [[0, 1], [0, 1]]


@pytest.mark.parametrize("name", ["chicken", "stag-hunt", "battle-of-the-sexes", "rock-paper-scissors"])
@pytest.mark.parametrize("kind", ["strict", "weak"])
def test_games_without_dominance(name, kind):
    game = named_game(name)
    assert found(game, kind=kind) == []
    result = eliminate_dominated(game)
    assert not result.solves_game
    assert result.eliminated == ()
    assert np.array_equal(result.game.payoffs, game.payoffs)


def test_domination_by_a_mixture():
    assert found(BY_MIXTURE, by="pure") == []
    (dominance,) = dominated_actions(BY_MIXTURE)
    assert (dominance.player, dominance.action, dominance.round) == (0, 2, 1)
    assert dominance.mixture == pytest.approx([0.5, 0.5, 0.0])
    assert eliminate_dominated(BY_MIXTURE).kept == ((0, 1), (0, 1))
    assert eliminate_dominated(BY_MIXTURE, by="pure").kept == ((0, 1, 2), (0, 1))


@pytest.mark.parametrize(
    ("third", "strict", "weak"),
    [
        ([1.5, 1.5], False, False),  # equal to the even mixture
        ([1.5, 1.4], True, True),  # by a little more of the first
        ([1.4, 1.4], True, True),
        ([1.5, 1.6], False, False),
        ([3.0, 0.0], False, False),  # a twin dominates nobody
        ([3.0, -1.0], False, True),
        ([2.9, -0.1], True, True),
    ],
)
@pytest.mark.parametrize("scale", [1e-5, 1.0, 1e5])
def test_strict_and_weak(third, strict, weak, scale):
    A = scale * np.array([[3, 0], [0, 3], third])
    game = Game.bimatrix(A, np.zeros((3, 2)))
    assert found(game, kind="strict") == [(0, 2)] * strict
    assert found(game, kind="weak") == [(0, 2)] * weak
    for dominance in dominated_actions(game, kind="weak"):
        gains = dominance.mixture @ A - A[2]
        assert dominance.mixture.sum() == pytest.approx(1.0)
        assert dominance.mixture[2] == 0
        assert gains.min() >= -1e-9 * scale
        assert gains.max() > 1e-6 * scale


def test_weak_domination_by_a_mixture_only():
    # Against columns 0 and 1 the even mixture pays the same as action 2, against column 2 more.
    game = Game.bimatrix([[2, 0, 1], [0, 2, 1], [1, 1, 0]], np.zeros((3, 3)))
    assert found(game, kind="weak", by="pure") == []
    assert found(game, kind="strict") == []
    (dominance,) = dominated_actions(game, kind="weak")
    assert dominance.mixture == pytest.approx([0.5, 0.5, 0.0])


def test_rounds():
    # Osborne & Rubinstein (1994), figure 60.1 style: B, then R, then the rest in turn.
    game = Game.bimatrix(
        [[1, 1, 0], [0, 0, 2]],
        [[0, 2, 1], [3, 1, 0]],
        actions=[("U", "D"), ("L", "M", "R")],
        players=["Ann", "Bob"],
        title="three rounds",
    )
    result = eliminate_dominated(game, by="pure")
    assert [(d.round, d.player, d.action) for d in result.eliminated] == [(1, 1, 2), (2, 0, 1), (3, 1, 0)]
    assert result.kept == ((0,), (1,))
    assert result.solves_game
    assert (result.game.players, result.game.actions, result.game.title) == (
        ("Ann", "Bob"),
        (("U",), ("M",)),
        "three rounds",
    )
    # Mixtures are of the original game's actions.
    assert [d.mixture.tolist() for d in result.eliminated] == [[0, 1, 0], [1, 0], [0, 1, 0]]


def test_the_map_of_indices():
    payoffs = np.zeros((2, 4, 3))
    payoffs[0] = [[0, 0, 0], [5, 1, 0], [-1, -1, -1], [1, 5, 0]]
    payoffs[1, :, 1] = -9
    payoffs[1, :, 2] = payoffs[1, :, 0] + [0, 1, 0, -1]
    result = eliminate_dominated(Game(payoffs))
    assert result.kept == ((0, 1, 3), (0, 2))
    assert np.array_equal(result.game.payoffs, payoffs[:, [0, 1, 3]][:, :, [0, 2]])
    profile = result.original_profile([[0.25, 0.5, 0.25], [0.1, 0.9]])
    assert [x.tolist() for x in profile] == [[0.25, 0.5, 0, 0.25], [0.1, 0, 0.9]]
    with pytest.raises(ValueError, match="profile must have one probability vector for each of 2 players"):
        result.original_profile([[1, 0, 0]])


def test_three_players():
    rng = np.random.default_rng(0)
    payoffs = rng.random((3, 2, 3, 2))
    payoffs[1, :, 2] = payoffs[1, :, :2].mean(axis=1) - 0.01
    assert (1, 2) in found(Game(payoffs))
    payoffs[1, :, 2] += 0.02
    assert (1, 2) not in [(d.player, d.action) for d in dominated_actions(Game(payoffs)) if d.mixture[2]]
    assert restricted(Game(payoffs), [(1,), (0, 2), (0, 1)]).n_actions == (1, 2, 2)


@settings(max_examples=examples(40), deadline=None)
@given(
    st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
        lambda shape: arrays(np.float64, (2, *shape), elements=st.integers(0, 4).map(float))
    )
)
def test_equilibria_survive_elimination(payoffs):
    game = Game(payoffs)
    result = eliminate_dominated(game)
    reduced = [result.original_profile(p) for p in nash_equilibria(result.game).profiles]
    whole = nash_equilibria(game).profiles
    assert {tuple(np.concatenate(p).round(9)) for p in reduced} == {
        tuple(np.concatenate(p).round(9)) for p in whole
    }
    # Nothing is left to eliminate, and what was eliminated is never a best reply to pure play of what was left.
    assert dominated_actions(result.game) == ()
    lost = {(d.player, d.action) for d in result.eliminated}
    assert lost == {(i, a) for i in (0, 1) for a in range(game.n_actions[i]) if a not in result.kept[i]}
    for dominance in dominated_actions(game):
        values = payoffs[0] if dominance.player == 0 else payoffs[1].T
        assert (dominance.mixture @ values > values[dominance.action]).all()
    assert {(d.player, d.action) for d in dominated_actions(game)} <= set(found(game, kind="weak"))
    assert set(found(game, by="pure")) <= set(found(game))


def test_single_actions_are_not_dominated():
    assert found(Game(np.ones((3, 1, 1, 1))), kind="weak") == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "very weak"}, "unknown kind of dominance 'very weak'"),
        ({"by": "lotteries"}, "unknown domination by 'lotteries'"),
    ],
)
def test_unknown_options(options, message):
    with pytest.raises(ValueError, match=message):
        dominated_actions(BY_MIXTURE, **options)
