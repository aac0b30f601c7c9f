from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.altruism.selfishness import selfishness_level
from theory.games.catalogue import named_game
from theory.games.dilemmas import matrix_dilemma
from theory.games.game import Game
from theory.many_players.linear_dilemma import LinearDilemma


def public_goods(n_players, endowment, multiplier):
    """u_i = b - s_i + (c / n) sum_j s_j for contributions s_i in 0, 1, ..., b."""
    contributions = np.indices((endowment + 1,) * n_players)
    return Game(endowment - contributions + multiplier / n_players * contributions.sum(axis=0))


def travellers_dilemma(bonus, largest=100):
    """Claims from 2: the lower one is paid to both, plus and minus the bonus where claims differ."""
    own, other = np.meshgrid(np.arange(2, largest + 1), np.arange(2, largest + 1), indexing="ij")
    A = np.minimum(own, other) + bonus * np.sign(other - own)
    return Game.bimatrix(A, A.T)


@pytest.mark.parametrize(
    ("n_players", "benefit", "cost"), [(2, 3, 1), (3, 2, 1), (5, 1, 3), (4, 0.5, 0.1), (2, 1.5, 1)]
)
def test_published_level_of_the_n_player_prisoners_dilemma(n_players, benefit, cost):
    # Apt & Schaefer (2014), abstract: c / (b (n - 1) - c). Cooperating costs c and gives each other one b.
    everyone = benefit * (n_players - 1)
    game = LinearDilemma(n_players, everyone - cost, -cost, everyone, 0).to_game()
    found = selfishness_level(game)
    assert found.level == pytest.approx(cost / (everyone - cost))
    assert found.optimum == (0,) * n_players
    assert found.deviation == 1
    assert found.altruism == pytest.approx(cost / everyone)


@pytest.mark.parametrize(("n_players", "multiplier"), [(2, 1.5), (3, 2), (4, 1.2), (3, 3), (3, 4)])
def test_published_level_of_public_goods(n_players, multiplier):
    # Apt & Schaefer (2014): max(0, (1 - c/n) / (c - 1)).
    found = selfishness_level(public_goods(n_players, 3, multiplier))
    assert found.level == pytest.approx(max(0, (1 - multiplier / n_players) / (multiplier - 1)))
    assert found.optimum == (3,) * n_players


@pytest.mark.parametrize("bonus", [2, 5, 20])
def test_published_level_of_the_travellers_dilemma(bonus):
    # Apt & Schaefer (2014): (b - 1) / 2.
    found = selfishness_level(travellers_dilemma(bonus))
    assert found.level == pytest.approx((bonus - 1) / 2)
    assert found.optimum == (98, 98)
    assert found.deviation == 97


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("prisoners-dilemma", 0.5),
        ("prisoners-dilemma-3.2", 0.5),
        ("prisoners-dilemma-axelrod", 2.0),
        ("chicken-3.2", 1.0),
        ("stag-hunt", 0.0),
        ("battle-of-the-sexes", 0.0),
        ("matching-pennies", inf),
        ("rock-paper-scissors", inf),
    ],
)
def test_levels_of_the_catalogue(name, level):
    found = selfishness_level(named_game(name))
    assert found.level == pytest.approx(level)
    if level == 0:
        assert (found.player, found.deviation, found.altruism) == (None, None, 0)
    if level == inf:
        assert found.altruism == 1
        assert found.player in (0, 1)


def test_the_best_of_several_optima_counts():
    # Both (U, L) and (D, R) have welfare 4; player 0 would leave the first for 3, and nobody the second.
    game = Game.bimatrix([[2, 0], [3, 2]], [[2, 0], [0, 2]])
    assert selfishness_level(game).optimum == (1, 1)
    assert selfishness_level(game).level == 0
    # (U, L) and (D, L) have welfare 4; nothing keeps player 0 at the first, a little player 1 at the second.
    game = Game.bimatrix([[2, 0], [3, 0]], [[2, 0], [1, 1.5]])
    found = selfishness_level(game)
    assert (found.optimum, found.player, found.deviation) == ((1, 0), 1, 1)
    assert found.level == pytest.approx(0.5 / 2.5)


def test_the_most_appealing_deviation_counts():
    # Player 0 gains 1 at a loss of 2, and 2 at a loss of 8; player 1 gains 1 at a loss of 4.
    game = Game([[[4, -1], [5, 0], [6, 0]], [[4, 5], [1, 0], [-6, 0]]])
    found = selfishness_level(game)
    assert (found.level, found.player, found.deviation) == (pytest.approx(0.5), 0, 1)


def test_rounding_is_no_gain():
    # .1 + .2 > .3 in binary.
    game = Game.bimatrix([[0.3, 0], [0.1 + 0.2, 0]], [[0.3, 0], [0.3, 0]])
    assert selfishness_level(game).level == 0


payoffs = arrays(float, (2, 3, 2), elements=st.integers(-6, 6).map(float))


@given(payoffs)
@settings(max_examples=examples(150), deadline=None)
def test_definition(tensor):
    game = Game(tensor)
    found = selfishness_level(game)
    welfare = tensor.sum(axis=0)
    optima = [tuple(o) for o in np.argwhere(welfare == welfare.max())]

    def best_regret(alpha):
        shared = game.with_incentives(np.stack([alpha * welfare, alpha * welfare]))
        return min(shared.regrets(shared.pure(*o)).max() for o in optima)

    if found.level == inf:
        assert best_regret(1e6) > 0.5
    else:
        assert best_regret(found.level) == pytest.approx(0, abs=1e-9)
        assert found.level == 0 or best_regret(0.999 * found.level) > 1e-6
        a = found.altruism
        assert found.level == pytest.approx(a / (1 - a))
        altruistic = game.altruistic([[1, a], [a, 1]])
        assert altruistic.regrets(altruistic.pure(*found.optimum)).max() == pytest.approx(0, abs=1e-9)


@given(payoffs, st.floats(0.01, 100), st.floats(-10, 10))
@settings(max_examples=examples(60), deadline=None)
def test_invariant_to_units_of_payoff(tensor, factor, shift):
    # Apt & Schaefer (2014): invariant under positive linear transformations, the same for everyone.
    assert selfishness_level(Game(factor * tensor + shift)).level == pytest.approx(
        selfishness_level(Game(tensor)).level, rel=1e-6
    )


@given(payoffs)
@settings(max_examples=examples(60), deadline=None)
def test_names_of_players_and_actions_do_not_matter(tensor):
    renamed = tensor[::-1, ::-1].transpose(0, 2, 1)
    assert selfishness_level(Game(renamed)).level == selfishness_level(Game(tensor)).level


def test_greed_alone_decides_in_matrix_dilemmas():
    # (T - R) / (2 R - T - S); as a weight (T - R) / (R - S).
    game = matrix_dilemma(greed=0.5, fear=-1)
    assert selfishness_level(game).level == pytest.approx(0.5 / (6 - 3.5 - 2))
    assert selfishness_level(game).altruism == pytest.approx(0.5 / (3 - 2))
