import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.altruism.separability import separate_payoffs
from theory.games.catalogue import named_game
from theory.games.game import Game

effects = st.tuples(*[arrays(np.float64, n, elements=st.integers(-9, 9).map(float)) for n in (3, 2, 3, 2)])


def test_the_prisoners_dilemma_of_the_thesis_is_a_donation_game():
    # D gives 1 to oneself, C gives 3 to the other: means are split off from the own effects.
    separable = separate_payoffs(named_game("prisoners-dilemma-3.2"))
    assert [own.tolist() for own in separable.own] == [[-0.5, 0.5]] * 2
    assert [other.tolist() for other in separable.other] == [[3.5, 0.5]] * 2
    own, given_ = separable.effects_of(0)
    assert (own.tolist(), given_.tolist()) == ([-0.5, 0.5], [3.5, 0.5])


@pytest.mark.parametrize(
    ("name", "separable"),
    [
        ("prisoners-dilemma-3.2", True),
        ("prisoners-dilemma", True),
        ("prisoners-dilemma-axelrod", False),
        ("chicken", False),
        ("chicken-3.2", False),
        ("stag-hunt", False),
        ("battle-of-the-sexes", False),
        ("matching-pennies", False),
        ("rock-paper-scissors", False),
    ],
)
def test_named_games(name, separable):
    assert (separate_payoffs(named_game(name)) is not None) == separable


@settings(max_examples=examples(80), deadline=None)
@given(effects)
def test_sums_are_taken_apart(parts):
    a1, b1, b2, a2 = parts[0], parts[1], parts[2], parts[3]
    game = Game.bimatrix(a1[:, None] + b1, b2[:, None] + a2)
    separable = separate_payoffs(game)
    assert separable.own[0] == pytest.approx(a1 - a1.mean())
    assert separable.own[1] == pytest.approx(a2 - a2.mean())
    assert separable.other[0] == pytest.approx(b1 + a1.mean())
    assert separable.other[1] == pytest.approx(b2 + a2.mean())
    own, given_ = separable.effects_of(1)
    assert own is separable.own[1]
    assert given_ is separable.other[0]
    assert separable.own[0][:, None] + separable.other[0] == pytest.approx(game.payoffs[0])
    assert separable.other[1][:, None] + separable.own[1] == pytest.approx(game.payoffs[1])


@settings(max_examples=examples(60), deadline=None)
@given(effects, st.integers(0, 1), st.sampled_from([-1e-6, 1e-6, 3]))
def test_one_entry_off_is_enough_to_be_inseparable(parts, player, change):
    tensor = np.stack([parts[0][:, None] + parts[1], parts[2][:, None] + parts[3]])
    tensor[player, 1, 1] += change
    assert separate_payoffs(Game(tensor)) is None


def test_decimals_and_large_payoffs_are_separable_up_to_rounding():
    a, b = np.array([0.1, 0.7, 0.3]), np.array([0.2, 0.6, 1.1])
    assert separate_payoffs(Game.bimatrix(a[:, None] + b, 1e9 + a[:, None] + 7 * b)) is not None
    assert separate_payoffs(Game.bimatrix(np.full((2, 2), 0.1), np.full((2, 2), 1e15))) is not None


def test_only_two_players():
    with pytest.raises(ValueError, match="game must be a game of two players, got 3"):
        separate_payoffs(Game(np.zeros((3, 2, 2, 2))))
