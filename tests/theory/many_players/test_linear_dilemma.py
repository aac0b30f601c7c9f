import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory.games.dilemmas import matrix_dilemma
from theory.games.game import StrategicGame
from theory.many_players.linear_dilemma import LinearDilemma, linear_dilemma

halves = st.integers(-8, 8).map(lambda k: k / 2)


@st.composite
def dilemmas(draw, most_players=6):
    return linear_dilemma(
        draw(st.integers(2, most_players)),
        greed=draw(halves),
        fear=draw(halves),
        reward=draw(halves),
        punishment=draw(halves),
    )


@st.composite
def dilemmas_with_cooperation(draw, most_players=6):
    game = draw(dilemmas(most_players))
    probability = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))
    return game, np.array(draw(st.lists(probability, min_size=game.n_players, max_size=game.n_players)))


def test_payoffs_of_the_thesis():
    # Thesis Fig. 4.2, footnote 4, with 10 players.
    game = linear_dilemma(10, greed=1, fear=1)
    assert (game.reward, game.sucker, game.temptation, game.punishment) == (3, 0, 4, 1)
    assert game.cooperator_payoff(10) == 3
    assert game.defector_payoff(0) == 1
    assert game.defector_payoff(9) == 4
    assert game.cooperator_payoff(1) == 0
    assert game.cooperator_payoff([1, 4, 7, 10]) == pytest.approx([0, 1, 2, 3])
    assert game.defector_payoff([0, 3, 6, 9]) == pytest.approx([1, 2, 3, 4])
    assert game.welfare([0, 1, 10]) == pytest.approx([10, 9 * (1 + 3 / 9), 30])


@pytest.mark.parametrize(("greed", "fear"), [(1, 1), (0.5, -1), (-1, 1), (2.25, 0.75)])
def test_two_players_play_the_matrix_dilemma(greed, fear):
    game = linear_dilemma(2, greed=greed, fear=fear, reward=2.5, punishment=-1).to_game()
    matrix = matrix_dilemma(greed=greed, fear=fear, reward=2.5, punishment=-1)
    assert np.array_equal(game.payoffs, matrix.payoffs)


def test_interpolation_is_exact_at_the_ends_and_between_equal_ones():
    # -.9 + (-.3 + .9) is not -.3 in binary, and 1.5 (1 - 1/3) + 1.5 / 3 need not be 1.5.
    game = LinearDilemma(5, -0.3, -0.9, 0.7, -0.9)
    assert (game.cooperator_payoff([1, 5]) == [-0.9, -0.3]).all()
    assert (game.defector_payoff([0, 4]) == [-0.9, 0.7]).all()
    assert (LinearDilemma(6, 1.5, 1.5, 1.1, 1.1).to_game().payoff_range == 1.5 - 1.1).all()
    assert (LinearDilemma(6, 1.1, 1.1, 1.1, 1.1).to_game().payoff_range == 0).all()


def test_it_is_a_strategic_game_without_a_tensor():
    game = linear_dilemma(3, greed=1, fear=0.5, title="three")
    assert isinstance(game, StrategicGame)
    assert game.n_actions == (2, 2, 2)
    assert game.players == ("player 1", "player 2", "player 3")
    assert (game.title, game.greed, game.fear) == ("three", 1, 0.5)
    assert linear_dilemma(3, greed=1, fear=0.5).title == ""
    tensor = game.to_game()
    assert (tensor.title, tensor.players, tensor.actions[2]) == ("three", game.players, ("C", "D"))
    # Player 1 alone defects, then player 3 alone cooperates.
    assert tensor.payoffs[:, 1, 0, 0] == pytest.approx([4, 1.75, 1.75])
    assert tensor.payoffs[:, 1, 1, 0] == pytest.approx([2.5, 2.5, 0.5])


@given(dilemmas_with_cooperation())
@settings(max_examples=examples(80), deadline=None)
def test_agrees_with_the_tensor(drawn):
    game, cooperation = drawn
    tensor, profile = game.to_game(), game.profile(cooperation)
    assert profile[:, 0] == pytest.approx(cooperation, abs=0)
    assert game.expected_payoffs(profile) == pytest.approx(tensor.expected_payoffs(profile), abs=1e-12)
    assert game.regrets(profile) == pytest.approx(tensor.regrets(profile), abs=1e-12)
    assert (game.regrets(profile) >= 0).all()
    assert game.payoff_range == pytest.approx(tensor.payoff_range, abs=1e-12)
    welfare = tensor.payoffs.sum(axis=0)
    assert game.welfare_range == pytest.approx((welfare.min(), welfare.max()), abs=1e-12)


@given(dilemmas())
@settings(max_examples=examples(80), deadline=None)
def test_security_and_minimax_levels_are_those_of_the_tensor(game):
    own = np.moveaxis(game.to_game().payoffs[0], 0, 0).reshape(2, -1)
    mixtures = np.linspace(0, 1, 6001)[:, None]
    on_grid = (mixtures * own[0] + (1 - mixtures) * own[1]).min(axis=1).max()
    levels = game.security_levels()
    assert levels.shape == (game.n_players,)
    assert on_grid - 1e-12 <= levels[0] <= on_grid + game.payoff_range[0] / 6000
    assert (levels == levels[0]).all()
    assert game.minimax_levels() == pytest.approx([own.max(axis=0).min()] * game.n_players, abs=1e-12)


@pytest.mark.parametrize(
    ("reward", "sucker", "temptation", "punishment", "level"),
    [
        (3, 0, 4, 1, 1),  # Prisoner's Dilemma: defect
        (3, 2, 3.5, 1, 2),  # Chicken: cooperate
        (1, 0, 0, 1, 0.5),  # a coordination game of one's own: [[S, R], [P, T]] = [[0, 1], [1, 0]]
        (4, 0, 1, 3, 2),  # [[0, 4], [3, 1]]: cooperate with probability 1/3
    ],
)
def test_security_levels_in_closed_form(reward, sucker, temptation, punishment, level):
    game = LinearDilemma(7, reward, sucker, temptation, punishment)
    assert game.security_levels() == pytest.approx([level] * 7)


@given(dilemmas(), st.floats(0.1, 10), st.floats(-5, 5))
@settings(max_examples=examples(40), deadline=None)
def test_rescaled_payoffs_rescale_every_answer(game, factor, shift):
    moved = LinearDilemma(
        game.n_players,
        *(factor * p + shift for p in (game.reward, game.sucker, game.temptation, game.punishment)),
    )
    profile = game.profile(np.linspace(0.2, 1, game.n_players))
    for answer in ("security_levels", "minimax_levels"):
        assert getattr(moved, answer)() == pytest.approx(factor * getattr(game, answer)() + shift, abs=1e-9)
    assert moved.expected_payoffs(profile) == pytest.approx(
        factor * game.expected_payoffs(profile) + shift, abs=1e-9
    )
    assert moved.regrets(profile) == pytest.approx(factor * game.regrets(profile), abs=1e-9)
    assert moved.bargaining_point("nash") == pytest.approx(
        factor * game.bargaining_point("nash") + shift, abs=1e-9
    )


@pytest.mark.parametrize("name", ["nash", "kalai-smorodinsky", "egalitarian", "utilitarian"])
def test_symmetry_decides_the_bargaining_points(name):
    assert linear_dilemma(5, greed=1, fear=1).bargaining_point(name) == pytest.approx([3] * 5)
    # Greed that makes a few defectors worth having: the roles are drawn by lot.
    greedy = linear_dilemma(4, greed=5, fear=-3)
    shares = greedy.welfare(np.arange(5)) / 4
    assert greedy.bargaining_point(name) == pytest.approx([shares.max()] * 4)
    assert shares.max() > 3
    assert greedy.bargaining_point(name, disagreement=1.0) == pytest.approx([shares.max()] * 4)
    assert greedy.bargaining_point(name, disagreement=[1.0] * 4) == pytest.approx([shares.max()] * 4)


def test_nobody_bargains_for_less_than_the_disagreement():
    from theory.pareto.feasible_set import NoRationalAgreement

    game = linear_dilemma(5, greed=1, fear=1)
    assert game.bargaining_point("nash", disagreement=3) == pytest.approx([3] * 5)
    with pytest.raises(NoRationalAgreement, match=r"got disagreement point 3\.5, which is beyond"):
        game.bargaining_point("nash", disagreement=3.5)


def test_constant_payoffs_are_their_own_bargain():
    game = LinearDilemma(3, 0.1, 0.1, 0.1, 0.1)
    assert game.bargaining_point("nash") == pytest.approx([0.1] * 3)
    assert game.payoff_range == pytest.approx([0] * 3)


def test_a_million_players():
    game = linear_dilemma(10**6, greed=1, fear=1)
    profile = game.profile(np.linspace(0, 1, 10**6))
    payoffs, regrets = game.expected_payoffs(profile), game.regrets(profile)
    welfare_range = game.welfare_range
    # Half of the others cooperate: 1.5 for a cooperator, 2.5 for a defector.
    assert payoffs.mean() == pytest.approx(2.0, abs=1e-6)
    assert np.allclose(regrets, np.linspace(0, 1, 10**6), rtol=0, atol=1e-9)
    assert welfare_range == (10**6, 3 * 10**6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_players": 1}, "n_players must lie in [2, 1000000], got 1"),
        ({"n_players": 10**6 + 1}, "n_players must lie in [2, 1000000], got 1000001"),
        ({"n_players": 2.5}, "n_players must be a whole number, got 2.5"),
        ({"greed": "much"}, "greed must be one number, got 'much'"),
        ({"fear": np.nan}, "fear must be finite, got nan"),
        ({"reward": np.inf}, "reward must be finite, got inf"),
        ({"punishment": [1, 2]}, "punishment must be one number, got [1, 2]"),
        ({"greed": 1e101}, "temptation must be at most 1e+100 in absolute value, got 1e+101"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        linear_dilemma(**{"n_players": 3, "greed": 1, "fear": 1} | arguments)


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ([[1, 0], [1, 0]], "profile must have two probabilities for each of 3 players, got shape (2, 2)"),
        ([[1, 0], [1, 0], [1.5, -0.5]], "profile of player 3 must be non-negative, got [1.5, -0.5]"),
        ([[1, 0], [0.5, 0.4], [0, 1]], "profile of player 2 must sum to one, got [0.5, 0.4]"),
        ([[1, 0], [np.nan, 0.4], [0, 1]], "profile must be finite, got nan at position (1, 0)"),
        ([[1, 0], [1], [0, 1]], "profile must be a rectangular array of numbers"),
    ],
)
def test_bad_profiles(profile, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        linear_dilemma(3, greed=1, fear=1).regrets(profile)


@pytest.mark.parametrize(
    ("cooperation", "message"),
    [
        ([0.5, 0.5], "cooperation must be one probability or one for each of 3 players, got shape (2,)"),
        ([0.5, 1.5, 0.5], "cooperation must lie in [0, 1], got 1.5"),
        ([0.0, 1.0, -0.5], "cooperation must lie in [0, 1], got -0.5"),
        ("often", "cooperation must be a rectangular array of numbers, got 'often'"),
        (-0.25, "cooperation must lie in [0, 1], got -0.25"),
    ],
)
def test_bad_cooperation(cooperation, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        linear_dilemma(3, greed=1, fear=1).profile(cooperation)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "nach"}, "unknown bargaining solution 'nach'; nearest: nash"),
        ({"name": "nash", "disagreement": [1, 1]}, "disagreement must be one number or one for each of 3"),
        ({"name": "nash", "disagreement": np.nan}, "disagreement must be finite, got nan"),
        (
            {"name": "nash", "disagreement": [1, 1, 2]},
            "disagreement must be the same for all players, for symmetry to decide the solution, "
            "got values from 1 to 2",
        ),
    ],
)
def test_bad_bargaining(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        linear_dilemma(3, greed=1, fear=1).bargaining_point(**arguments)


def test_tensors_are_for_few_players():
    assert linear_dilemma(16, greed=1, fear=1).to_game().n_players == 16
    with pytest.raises(ValueError, match=r"n_players must be at most 16 for a payoff tensor .* got 17"):
        linear_dilemma(17, greed=1, fear=1).to_game()
