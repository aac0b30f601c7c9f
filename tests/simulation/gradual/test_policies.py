"""Policies by cooperativeness: closed forms, and each form against its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.policies import (
    PolicyFamily,
    cooperative_utilities,
    cooperativeness_grid,
    fair_actions,
    learned_family,
    policy_family,
)
from tests.examples import examples
from theory import BargainingProblem, Game, NoRationalAgreement, named_game


@pytest.mark.parametrize(("player", "slope"), [(0, 0.5), (1, 0.25)])
def test_best_reply_in_the_donation_game_is_the_closed_form(player: int, slope: float) -> None:
    # x_i = alpha b_j / c_i, whatever the other plays
    game = graded_donation_game(benefit=(1.0, 2.0), cost=4.0, levels=101)
    family = policy_family(game, player)
    levels = family.mean_actions(game.levels)
    assert np.ptp(levels, axis=1).max() == 0.0
    assert levels[:, 0] == pytest.approx(slope * family.weights, abs=0.0051)


def test_replies_depend_on_the_other_s_level_where_levels_interact() -> None:
    # V1 + alpha V2 has the maximum x = (alpha b + (1 + alpha) k y) / c.
    game = graded_donation_game(interaction=0.5, cost=2.0, levels=201)
    levels = policy_family(game, 0, weights=[0.0, 0.4]).mean_actions(game.levels)
    y = game.levels
    assert levels[0] == pytest.approx(0.25 * y, abs=0.0026)
    assert levels[1] == pytest.approx((0.4 + 1.4 * 0.5 * y) / 2.0, abs=0.0026)


def test_prisoners_dilemma_is_cooperative_from_one_third_on() -> None:
    family = policy_family(named_game("prisoners-dilemma"), 1, weights=cooperativeness_grid(31))
    cooperates = family.probabilities[:, :, 0]
    # Table 4.1's dilemma: greed 1, fear 1, T - R over R - S = 1/3, P - S over T - P = 1/3
    assert (cooperates[family.weights < 0.33] == 0.0).all()
    assert (cooperates[family.weights > 0.34] == 1.0).all()


def test_ties_are_shared() -> None:
    game = Game.bimatrix([[1.0, 0.0], [1.0, 5.0]], [[0.0, 0.0], [0.0, 0.0]])
    family = policy_family(game, 0, weights=[0.0])
    assert family.probabilities[0].tolist() == [[0.5, 0.5], [0.0, 1.0]]


def test_spite_lowers_the_other_s_payoff_at_a_price() -> None:
    # Burning costs me 1 and the other 4: done below alpha = -1/4.
    game = Game.bimatrix([[0.0], [-1.0]], [[0.0], [-4.0]])
    family = policy_family(game, 0, weights=[-0.3, -0.2])
    assert family.probabilities[:, 0, 1].tolist() == [1.0, 0.0]


def test_logit_is_the_closed_form() -> None:
    game = named_game("prisoners-dilemma")
    family = policy_family(game, 0, weights=[0.5], selection="logit", rationality=2.0)
    R, S, T, P = game.payoffs[0].ravel()
    for other, (c, d) in enumerate([(R + 0.5 * R, T + 0.5 * S), (S + 0.5 * T, P + 0.5 * P)]):
        assert family.probabilities[0, other, 0] == pytest.approx(1.0 / (1.0 + np.exp(2.0 * (d - c))))


def test_learned_policies_approach_the_best_reply() -> None:
    game = named_game("prisoners-dilemma")
    learned = learned_family(game, 0, weights=[0.1, 0.9], steps=3000)
    best = policy_family(game, 0, weights=[0.1, 0.9])
    assert np.abs(learned.probabilities - best.probabilities).max() < 0.01
    even = learned_family(game, 0, weights=[0.1, 0.9], steps=0)
    assert (even.probabilities == 0.5).all()


@pytest.mark.parametrize("form", ["nash", "kalai-smorodinsky", "egalitarian"])
def test_forms_with_gains_are_their_definition(form: str) -> None:
    game = Game.bimatrix([[4.0, 0.0], [6.0, 1.0]], [[3.0, 5.0], [-1.0, 0.0]])
    d = BargainingProblem.of(game).disagreement
    ideal = BargainingProblem.of(game).ideal_point - d
    w = 0.7
    utilities = cooperative_utilities(game, 1, np.array([w]), form=form)[0]
    for own in range(2):
        for other in range(2):
            v = game.payoffs[:, other, own]
            raw = v - d
            g = raw / ideal
            welfare = {
                "nash": np.sqrt(g[0] * g[1]) if min(g) >= 0 else min(g),
                "kalai-smorodinsky": min(g),
                "egalitarian": min(raw) / ideal[1],
            }[form]
            assert utilities[other, own] == pytest.approx(w * welfare + (1 - w) * g[1])


@settings(max_examples=examples(25), deadline=None)
@given(
    scale=st.floats(0.1, 10.0),
    shift=st.floats(-5.0, 5.0),
    form=st.sampled_from(["nash", "kalai-smorodinsky"]),
)
def test_scaled_gains_do_not_depend_on_units(scale: float, shift: float, form: str) -> None:
    game = graded_donation_game(benefit=(2.0, 1.0), levels=7)
    other_units = Game(np.stack([scale * game.payoffs[0] + shift, game.payoffs[1]]))
    w = np.array([0.35])
    for player in range(2):
        before = cooperative_utilities(game, player, w, form=form)
        after = cooperative_utilities(other_units, player, w, form=form)
        assert after == pytest.approx(before, abs=1e-7)


def test_value_form_gives_the_share_between_defection_and_cooperation() -> None:
    # The other's payoff is 2 x, x is free up to the level 1: cooperation gives 2, defection 0.
    game = graded_donation_game(benefit=2.0, levels=101)
    family = policy_family(game, 0, weights=[0.0, 0.25, 0.5, 0.75, 1.0], form="value")
    assert family.mean_actions(game.levels)[:, 40] == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])


def test_value_form_without_meaning_is_selfish() -> None:
    game = Game.bimatrix([[1.0], [2.0]], [[0.0], [0.0]])
    assert policy_family(game, 0, weights=[1.0], form="value").probabilities.tolist() == [[[0.0, 1.0]]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda g: policy_family(g, 0, weights=[]), "weights must be a grid of at least one"),
        (
            lambda g: policy_family(g, 0, weights=[0.0, 1.2]),
            r"cooperativeness must lie in \[-1, 1\], got 1.2",
        ),
        (lambda g: policy_family(g, 0, weights=[0.0, 0.1, 0.5]), "ascending and equally spaced"),
        (lambda g: policy_family(g, 0, weights=[0.5, 0.0]), "ascending and equally spaced"),
        (lambda g: policy_family(g, 2), "player must be 0 or 1, got 2"),
        (lambda g: policy_family(g, 0, form="fair"), "unknown form 'fair'"),
        (lambda g: policy_family(g, 0, selection="best"), "unknown selection 'best'"),
        (lambda g: policy_family(g, 0, rationality=1.0), "rationality is for logit selection, got 1.0"),
        (lambda g: policy_family(g, 0, selection="logit"), "needs a rationality of at least 0, got None"),
        (lambda g: policy_family(g, 0, selection="logit", rationality=-1.0), "at least 0, got -1.0"),
        (lambda g: learned_family(g, 0, learning_rate=0.0), "learning_rate must be positive, got 0"),
        (lambda g: cooperativeness_grid(1), "points must be at least 2, got 1"),
        (lambda g: cooperativeness_grid(3, low=-2.0), r"cooperativeness must lie in \[-1, 1\], got -2"),
        (lambda g: PolicyFamily(0, np.zeros(2), np.zeros((1, 2, 2))), "probabilities must have shape"),
        (lambda g: PolicyFamily(0, np.zeros(1), np.ones((1, 2, 2))), "sum to one over actions"),
        (lambda g: policy_family(Game(np.zeros((3, 2, 2, 2))), 0), "must be a game of two players, got 3"),
    ],
)
def test_errors_state_the_rule_and_the_value(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(named_game("prisoners-dilemma"))


def test_forms_with_gains_need_something_to_gain() -> None:
    game = named_game("prisoners-dilemma")
    with pytest.raises(NoRationalAgreement):
        policy_family(game, 0, form="nash", disagreement=[9.0, 9.0])
    constant = Game.bimatrix([[1.0, 1.0], [1.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(ValueError, match="must have something to gain over the disagreement point"):
        policy_family(constant, 0, form="kalai-smorodinsky")


def test_fair_actions_are_the_best_outcome_of_the_form() -> None:
    game = graded_donation_game(benefit=(2.0, 1.0), levels=21)
    assert fair_actions(game, 0) == (0, 0)
    fair = {form: fair_actions(game, 0, form=form) for form in ("nash", "kalai-smorodinsky", "egalitarian")}
    problem = BargainingProblem.of(game)
    d, ideal = problem.disagreement, problem.ideal_point
    payoffs = {form: game.payoffs[:, own, other] for form, (own, other) in fair.items()}
    gains = (game.payoffs - d[:, None, None]) / (ideal - d)[:, None, None]
    best = gains.min(axis=0).max()
    assert ((payoffs["kalai-smorodinsky"] - d) / (ideal - d)).min() == pytest.approx(best)
    assert payoffs["egalitarian"].min() == pytest.approx(game.payoffs.min(axis=0).max())
    assert payoffs["nash"].prod() == pytest.approx(
        np.where(gains.min(axis=0) > 0, game.payoffs.prod(axis=0), 0).max()
    )
    own, other = fair["nash"]
    assert fair_actions(game, 1, form="nash") == (other, own)


@pytest.mark.parametrize(
    ("form", "fair"), [("nash-value", 0.85), ("kalai-smorodinsky-value", 0.8), ("egalitarian-value", 0.5)]
)
def test_value_of_a_notion_is_the_share_of_the_way_to_its_fair_level(form: str, fair: float) -> None:
    # The other's payoff is linear in one's level, so the share s is the level over the fair one.
    game = graded_donation_game(benefit=(3.0, 1.0), levels=21)
    notion = form.removesuffix("-value")
    own, _ = fair_actions(game, 1, form=notion)  # type: ignore[arg-type]
    assert game.levels[own] == pytest.approx(fair)
    family = policy_family(game, 1, weights=[0.0, 0.5, 1.0], form=form)  # type: ignore[arg-type]
    levels = family.mean_actions(game.levels)
    assert np.ptp(levels, axis=1).max() == 0.0
    assert levels[:, 0] == pytest.approx([0.0, 0.5 * fair, fair], abs=0.0251)
