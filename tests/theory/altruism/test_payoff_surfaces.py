import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.altruism.payoff_surfaces import SELECTIONS, best_reply_rest_point, surfaces
from theory.games.catalogue import named_game
from theory.games.game import Game

PD = named_game("prisoners-dilemma-3.2")
QUARTERS = [0, 0.25, 0.5, 0.75, 1]

games = arrays(np.float64, (2, 2, 2), elements=st.integers(0, 6).map(float)).map(Game)
larger_games = arrays(np.float64, (2, 3, 2), elements=st.integers(0, 6).map(float)).map(Game)


@pytest.mark.parametrize("selection", ["best-reply", "best-equilibrium", "worst-equilibrium"])
def test_the_prisoners_dilemma_switches_at_one_third(selection):
    found = surfaces(PD, QUARTERS, [0, 0.3, 0.4], selection=selection)
    # Rows: alpha; columns: beta. C costs oneself 1 and gives 3.
    assert found.V1.tolist() == [[1, 1, 4]] * 2 + [[0, 0, 3]] * 3
    assert found.V2.tolist() == [[1, 1, 0]] * 2 + [[4, 4, 3]] * 3
    assert found.W.tolist() == [[2, 2, 4]] * 2 + [[4, 4, 6]] * 3
    assert [m.tolist() for m in found.profiles[2][1]] == [[1, 0], [0, 1]]
    assert found.known.all()
    assert found.known.shape == (5, 3)
    assert found.note == ""
    assert found.selection == selection
    assert found.alphas.tolist() == QUARTERS
    assert found.betas.tolist() == [0, 0.3, 0.4]
    assert found.game is PD


def test_the_default_grid_and_selection():
    found = surfaces(named_game("harmony"))
    assert found.W.shape == (21, 21)
    assert found.alphas == pytest.approx(np.arange(21) / 20)
    assert found.selection == "best-equilibrium"


def test_best_and_worst_equilibria_differ_where_there_are_several():
    game = named_game("stag-hunt-3.2")
    best = surfaces(game, [0, 0.45, 0.55], [0], selection="best-equilibrium")
    worst = surfaces(game, [0, 0.45, 0.55], [0], selection="worst-equilibrium")
    assert best.W[:, 0].tolist() == [8, 8, 8]
    # D is the best reply to D until 1/2; mixing is worse than mutual defection at 0.45 only.
    assert worst.W[0, 0] == pytest.approx(2)
    assert worst.W[1, 0] == pytest.approx(2)
    assert worst.W[2, 0] == pytest.approx(8)


def test_among_equally_good_equilibria_player_1_is_favoured():
    found = surfaces(named_game("chicken-3.2"), [0], [0], selection="best-equilibrium")
    assert (found.V1[0, 0], found.V2[0, 0]) == (4, 1)


def test_welfare_is_judged_by_the_original_payoffs():
    # Of the two equilibria of the altruistic game (weights 1, 0) the first has the higher U1 + U2.
    game = Game.bimatrix([[0, 0], [0, 4]], [[3, 0], [0, 0]])
    altruistic = game.altruistic(1, 0)
    assert altruistic.payoffs.sum(axis=0).tolist() == [[6, 0], [0, 4]]
    found = surfaces(game, [1], [0], selection="best-equilibrium")
    assert found.W[0, 0] == 4
    assert found.V1[0, 0] == 4


def test_a_continuum_is_judged_by_its_extremes():
    # Player 1 is indifferent between two rows that give player 2 different payoffs.
    game = Game.bimatrix([[1], [1]], [[5], [0]])
    assert surfaces(game, [0], [0], selection="best-equilibrium").W.tolist() == [[6]]
    assert surfaces(game, [0], [0], selection="worst-equilibrium").W.tolist() == [[1]]


def test_best_reply_play_starts_from_mutual_defection_unless_told():
    game = named_game("stag-hunt-3.2")
    assert surfaces(game, [0], [0], selection="best-reply").W.tolist() == [[2]]
    assert surfaces(game, [0], [0], selection="best-reply", start=(0, 0)).W.tolist() == [[8]]
    assert surfaces(game, [0], [0], selection="best-reply", start=(0, 1)).W.tolist() == [[2]]


def test_player_1_moves_first():
    # From mutual defection in Chicken player 1 gives way before player 2 can.
    assert best_reply_rest_point(named_game("chicken-3.2"), (1, 1)) == (0, 1)
    assert best_reply_rest_point(named_game("chicken-3.2"), (0, 0)) == (1, 0)


def test_ties_keep_the_action_and_otherwise_take_the_first():
    indifferent = Game.bimatrix([[1, 1], [1, 1]], [[1, 1], [1, 1]])
    for start in indifferent.pure_profiles():
        assert best_reply_rest_point(indifferent, start) == start
    game = Game.bimatrix([[2], [2], [0]], [[0], [0], [0]])
    assert best_reply_rest_point(game, (2, 0)) == (0, 0)
    assert best_reply_rest_point(game, (1, 0)) == (1, 0)


def test_cycles_have_no_rest_point_and_are_masked():
    pennies = named_game("matching-pennies")
    assert best_reply_rest_point(pennies, (0, 0)) is None
    found = surfaces(pennies, [0, 0.5, 1], [0, 1], selection="best-reply")
    assert found.known.tolist() == [[False, True], [False, True], [True, True]]
    assert found.W.mask.tolist() == [[True, False], [True, False], [False, False]]
    assert found.profiles[0][0] is None
    assert found.note == "best-reply play goes round in a cycle"
    assert not np.isnan(found.V1.data).any()
    assert found.V1.mask.tolist() == found.V2.mask.tolist() == found.W.mask.tolist()


def test_incomplete_solvers_leave_points_masked(monkeypatch):
    from types import SimpleNamespace

    def solve(game):
        some = SimpleNamespace(profiles=(game.pure(1, 1),), complete=game.payoffs[0, 0, 0] > 4)
        return some

    monkeypatch.setattr("theory.altruism.payoff_surfaces.nash_equilibria", solve)
    found = surfaces(PD, [0, 1], [0], selection="worst-equilibrium")
    assert found.known.tolist() == [[False], [True]]
    assert found.note == "the solver did not find all equilibria"
    assert found.profiles[0][0] is None
    assert found.W[1, 0] == 2


def test_logit_equilibria_of_a_separable_game_in_closed_form():
    rationality = 1.7
    found = surfaces(PD, QUARTERS, QUARTERS, selection="logit", rationality=rationality)
    # The gain of C over D is 3 w - 1 whatever the other does.
    cooperates = 1 / (1 + np.exp(-rationality * (3 * np.array(QUARTERS) - 1)))
    assert found.V1.data == pytest.approx(1 - cooperates[:, None] + 3 * cooperates, abs=1e-9)
    assert found.V2.data == pytest.approx(1 + 3 * cooperates[:, None] - cooperates, abs=1e-9)


@settings(max_examples=examples(60), deadline=None)
@given(larger_games, st.sampled_from(["best-reply", "best-equilibrium", "worst-equilibrium"]))
def test_profiles_are_equilibria_and_values_are_their_original_payoffs(game, selection):
    found = surfaces(game, [0, 0.3, 1], [0.1, 1], selection=selection)
    for k, alpha in enumerate(found.alphas):
        for j, beta in enumerate(found.betas):
            profile = found.profiles[k][j]
            if profile is None:
                assert not found.known[k, j]
                continue
            assert game.altruistic(alpha, beta).regrets(profile) == pytest.approx([0, 0], abs=1e-7)
            assert [found.V1[k, j], found.V2[k, j]] == pytest.approx(game.expected_payoffs(profile).tolist())
            assert found.W[k, j] == pytest.approx(found.V1[k, j] + found.V2[k, j])


@settings(max_examples=examples(40), deadline=None)
@given(games)
def test_the_best_equilibrium_is_nowhere_worse(game):
    best = surfaces(game, [0, 0.4, 1], [0, 0.7])
    for selection in ("best-reply", "worst-equilibrium"):
        other = surfaces(game, [0, 0.4, 1], [0, 0.7], selection=selection)
        assert (best.W >= other.W - 1e-9).all()


@settings(max_examples=examples(40), deadline=None)
@given(games, st.sampled_from(["best-equilibrium", "worst-equilibrium"]))
def test_renaming_the_players_transposes_welfare(game, selection):
    swapped = Game(game.payoffs[::-1].transpose(0, 2, 1))
    one = surfaces(game, [0, 0.3, 1], [0, 0.6], selection=selection)
    other = surfaces(swapped, [0, 0.6], [0, 0.3, 1], selection=selection)
    assert one.W.data == pytest.approx(other.W.data.T, abs=1e-9)


def test_selections_are_listed():
    assert SELECTIONS == ("best-reply", "best-equilibrium", "worst-equilibrium", "logit")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: surfaces(PD, [0, 0]), r"alphas must be a rising list of weights, got \[0, 0\]"),
        (lambda: surfaces(PD, [0], [1, 0]), r"betas must be a rising list of weights"),
        (lambda: surfaces(PD, []), "alphas must be a rising list of weights"),
        (lambda: surfaces(PD, [[0]]), "alphas must be a rising list of weights"),
        (lambda: surfaces(PD, [0, 1.5]), r"alphas must lie in \[0, 1\], got 0 to 1.5"),
        (lambda: surfaces(PD, [0], [-0.5, 0]), r"betas must lie in \[0, 1\], got -0.5 to 0"),
        (lambda: surfaces(PD, [float("nan")]), "alphas must be finite"),
        (lambda: surfaces(PD, selection="fairest"), "unknown selection 'fairest'"),
        (lambda: surfaces(PD, start=(0, 0)), 'start is for selection "best-reply", got selection'),
        (
            lambda: surfaces(PD, selection="best-reply", start=(0, 2)),
            "the action of player 2 must be 0 or 1, got 2",
        ),
        (lambda: surfaces(PD, selection="logit"), "rationality must be given .*, got None for 'logit'"),
        (lambda: surfaces(PD, rationality=1), "rationality must be given .*, got 1 for 'best-equilibrium'"),
        (lambda: surfaces(PD, selection="logit", rationality=float("nan")), "rationality must be finite"),
        (lambda: surfaces(Game(np.zeros((3, 2, 2, 2)))), "must be a game of two players, got 3"),
    ],
)
def test_errors_state_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
