import re
import sys
from io import StringIO

import nashpy
import numpy as np
import pygambit
import pytest
import quantecon.game_theory as quantecon
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory.games.conversion import (
    from_nashpy,
    from_pygambit,
    from_quantecon,
    to_nashpy,
    to_pygambit,
    to_quantecon,
)
from theory.games.game import Game


def random_game(seed, n_actions):
    return Game(np.random.default_rng(seed).normal(size=(len(n_actions), *n_actions)))


shapes = st.lists(st.integers(1, 4), min_size=1, max_size=4)


def test_nashpy():
    game = Game.bimatrix([[3, 0, 1], [4, 1, 2]], [[3, 4, 0], [0, 1, 5]])
    theirs = to_nashpy(game)
    assert isinstance(theirs, nashpy.Game)
    # The row plays 0 and the column plays 2.
    assert theirs[[1, 0], [0, 0, 1]].tolist() == [1, 0]
    again = from_nashpy(theirs, title="again")
    assert np.array_equal(again.payoffs, game.payoffs)
    assert again.title == "again"
    zero_sum = from_nashpy(nashpy.Game([[1, -2], [-3, 4]]))
    assert zero_sum.title == ""
    assert zero_sum.payoffs[1].tolist() == [[-1, 2], [3, -4]]


@given(st.integers(0, 10**6), shapes)
@settings(max_examples=examples(40), deadline=None)
def test_quantecon(seed, n_actions):
    game = random_game(seed, n_actions)
    theirs = to_quantecon(game)
    assert theirs.nums_actions == game.n_actions
    if game.n_players > 1:
        for outcome in game.pure_profiles():
            assert np.array_equal(theirs[outcome], game.payoffs[(slice(None), *outcome)])
    again = from_quantecon(theirs, title="again")
    assert np.array_equal(again.payoffs, game.payoffs)
    assert again.title == "again"


def test_quantecon_own_example():
    # Built by its own constructor, with whole numbers: matching pennies.
    theirs = quantecon.NormalFormGame([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    assert from_quantecon(theirs).title == ""
    assert from_quantecon(theirs).payoffs.tolist() == [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]


@given(st.integers(0, 10**6), shapes)
@settings(max_examples=examples(25), deadline=None)
def test_pygambit(seed, n_actions):
    game = random_game(seed, n_actions)
    theirs = to_pygambit(game)
    assert isinstance(theirs, pygambit.StrategicGame)
    for payoffs, tensor in zip(theirs.to_arrays(), game.payoffs, strict=True):
        assert np.array_equal(payoffs.astype(float), tensor)
    assert np.array_equal(from_pygambit(theirs).payoffs, game.payoffs)


def test_pygambit_reads_payoffs_of_any_size():
    game = Game([[5e-324, -1e100, 1e22, 1 / 3, 2**53 + 2, -1.5e-17, 0.1, 1e16]])
    assert np.array_equal(from_pygambit(to_pygambit(game)).payoffs, game.payoffs)


def test_pygambit_keeps_names():
    game = Game.bimatrix(
        [[1 / 3, 0], [0, 1]],
        [[1, 2], [3, 1e-20]],
        players=["Ann", 'Bob "B"'],
        actions=[["up", "down"], ["left", "right"]],
        title="names \\ of 'all' kinds",
    )
    again = from_pygambit(to_pygambit(game))
    assert (again.title, again.players, again.actions) == (game.title, game.players, game.actions)
    assert np.array_equal(again.payoffs, game.payoffs)


def test_extensive_games_of_pygambit_become_strategic():
    theirs = pygambit.catalog.load("books/myerson1991/fig2_1")
    game = from_pygambit(theirs)
    assert game.n_players == len(theirs.players)
    assert game.title == theirs.title


def test_payoffs_of_pygambit_that_overflow_name_the_game():
    theirs = pygambit.read_nfg(StringIO('NFG 1 R "too much" { "one" } { 2 } 1e200 1'))
    with pytest.raises(ValueError, match=r"pygambit game 'too much', line \d+, .* at most 1e\+100"):
        from_pygambit(theirs)


def test_nashpy_is_for_two_players():
    with pytest.raises(ValueError, match="game must be a game of two players, got 3"):
        to_nashpy(random_game(0, (2, 2, 2)))


@pytest.mark.parametrize(
    ("module", "convert", "message"),
    [
        ("nashpy", to_nashpy, "nashpy must be installed for this conversion (pip install nashpy), got "),
        (
            "quantecon.game_theory",
            to_quantecon,
            "quantecon must be installed for this conversion (pip install 'commonweal[solvers]'), got ",
        ),
        (
            "pygambit",
            to_pygambit,
            "pygambit must be installed for this conversion (pip install 'commonweal[files]'), got ",
        ),
    ],
)
def test_missing_libraries_are_named(module, convert, message, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ValueError, match=re.escape(message)):
        convert(random_game(0, (2, 2)))
