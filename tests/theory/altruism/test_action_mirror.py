import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory.altruism.action_mirror import (
    ActionMirror,
    cooperativeness_estimates,
    mirrored_play,
    mutual_defection_is_absorbing,
)
from theory.altruism.thresholds import cooperation_thresholds
from theory.games.catalogue import named_game

C, D = 0, 1
THIRD = 1 / 3


def test_the_prisoners_dilemma_has_the_threshold_of_these_tests():
    assert cooperation_thresholds(named_game("prisoners-dilemma-3.2")).alpha.lower == pytest.approx(THIRD)


@pytest.mark.parametrize(
    ("estimator", "after_cooperation", "after_defection"),
    [("lower", THIRD, 0.0), ("mean", 2 / 3, 1 / 6), ("upper", 1.0, THIRD)],
)
def test_estimates_are_points_of_the_set_that_an_action_shows(estimator, after_cooperation, after_defection):
    estimates = cooperativeness_estimates(THIRD, estimator)
    assert estimates.after_cooperation == pytest.approx(after_cooperation)
    assert estimates.after_defection == pytest.approx(after_defection)


def test_the_upper_end_after_defection_stays_below_the_threshold():
    assert cooperativeness_estimates(THIRD, "upper").after_defection < THIRD


@pytest.mark.parametrize(
    ("estimator", "epsilon", "absorbing"),
    [
        ("lower", 0.0, True),
        ("lower", 0.33, True),
        ("lower", 0.34, False),
        ("mean", 0.0, True),
        ("mean", 0.16, True),
        ("mean", 0.17, False),
        ("upper", 0.0, True),
        ("upper", -0.1, True),
        ("upper", 1e-9, False),
    ],
)
def test_mutual_defection_is_absorbing_below_the_threshold(estimator, epsilon, absorbing):
    player = ActionMirror(THIRD, estimator, epsilon)
    assert mutual_defection_is_absorbing(player, player) is absorbing
    assert (mirrored_play(player, player, (D, D)) == ((D, D),)) is absorbing
    # The same inequality: who would leave mutual defection can be exploited by a pure defector.
    assert player.is_safe_against_defector is absorbing
    assert player.forgives_defection is not absorbing


def test_one_who_forgives_is_enough_to_leave_mutual_defection():
    stern, kind = ActionMirror(THIRD, "lower"), ActionMirror(THIRD, "upper", 0.1)
    assert not mutual_defection_is_absorbing(stern, kind)
    assert not mutual_defection_is_absorbing(kind, stern)
    assert mirrored_play(stern, kind, (D, D)) == ((C, C),)


@pytest.mark.parametrize("estimator", ["lower", "mean", "upper"])
def test_without_generosity_exploitation_echoes(estimator):
    player = ActionMirror(THIRD, estimator)
    assert mirrored_play(player, player, (C, D)) == ((C, D), (D, C))
    assert mirrored_play(player, player, (C, C)) == ((C, C),)


def test_stinginess_ends_mutual_cooperation():
    player = ActionMirror(THIRD, "lower", -0.05)
    assert mirrored_play(player, player, (C, C)) == ((D, D),)


@pytest.mark.parametrize(("seen", "weight"), [(C, 2 / 3 + 0.1), (D, 1 / 6 + 0.1)])
def test_weights_are_estimates_plus_generosity(seen, weight):
    assert ActionMirror(THIRD, "mean", 0.1).weight(seen) == pytest.approx(weight)


def test_weights_are_clipped():
    assert ActionMirror(THIRD, "mean", 5).weight(D) == 1.0
    assert ActionMirror(THIRD, "mean", -5).weight(C) == 0.0


def test_the_other_players_threshold_is_what_its_actions_are_read_by():
    player = ActionMirror(0.5, "mean", 0.0, threshold_of_other=0.2)
    assert player.weight(C) == pytest.approx(0.6)
    assert player.weight(D) == pytest.approx(0.1)
    assert player.reply(C) == C
    assert ActionMirror(0.61, "mean", 0.0, threshold_of_other=0.2).reply(C) == D


def test_a_weight_at_the_threshold_cooperates():
    assert ActionMirror(0.25, "lower").reply(C) == C


@settings(max_examples=examples(100), deadline=None)
@given(
    st.floats(0.01, 1),
    st.sampled_from(["lower", "mean", "upper"]),
    st.floats(-1, 1),
    st.sampled_from([(C, C), (C, D), (D, C), (D, D)]),
)
def test_play_between_equals_ends_in_a_rest_point_or_an_echo(threshold, estimator, epsilon, start):
    player = ActionMirror(threshold, estimator, epsilon)
    cycle = mirrored_play(player, player, start)
    following = [(player.reply(b), player.reply(a)) for a, b in cycle]
    assert following == [*cycle[1:], cycle[0]]
    assert len(cycle) <= 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cooperativeness_estimates(0, "mean"), r"threshold must lie in \(0, 1\].*, got 0"),
        (lambda: cooperativeness_estimates(1.5, "mean"), r"threshold must lie in \(0, 1\].*, got 1.5"),
        (lambda: cooperativeness_estimates(0.5, "median"), "unknown estimator 'median'"),
        (lambda: ActionMirror(-1), r"threshold must lie in \(0, 1\].*, got -1"),
        (lambda: ActionMirror(0.5, "best"), "unknown estimator 'best'"),
        (lambda: ActionMirror(0.5, threshold_of_other=0), r"threshold must lie in \(0, 1\].*, got 0"),
        (lambda: ActionMirror(2, threshold_of_other=0.5), r"threshold must lie in \(0, 1\].*, got 2"),
        (lambda: ActionMirror(0.5, epsilon=float("nan")), "epsilon must be finite"),
        (lambda: ActionMirror(0.5).weight(2), r"an action that is seen must be 0 or 1, got 2"),
    ],
)
def test_errors_state_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
