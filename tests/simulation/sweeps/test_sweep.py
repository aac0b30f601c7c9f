"""Sweeps in memory: paths reach what they say, points depend on themselves alone, nothing is held of them."""

import itertools
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from simulation import (
    DuelParameters,
    FixedLevel,
    HandoverParameters,
    LiteralMirror,
    MechanismDesignParameters,
    NetworkDescription,
    PopulationParameters,
    graded_donation_game,
    simulate,
    sweep,
)
from simulation.engine.fields import described, in_few_words, paths_of, value_at, with_values
from simulation.learning.catalogue import LEARNING_RULES, learning_rule
from tests.scenarios.sweeps.coins import COINS, Coin
from theory import Game, matrix_dilemma, named_game

BRIEF = MechanismDesignParameters(episodes=20)


def test_paths_reach_parameters_within_parameters_players_networks_and_games() -> None:
    handover = with_values(
        HandoverParameters(), {"planner.bound": 1.5, "planner.game.greed": 2.0, "noise": 0.1}
    )
    assert (handover.planner.bound, handover.noise) == (1.5, 0.1)
    assert handover.planner.game.payoffs[0, 1, 0] == 3.0 + 2.0  # T = R + greed
    population = with_values(PopulationParameters(), {"graph.size": 25, "game": named_game("stag-hunt")})
    assert (population.network.n_agents, population.game.title) == (25, "Stag Hunt")
    duel = with_values(DuelParameters(), {"second.credit": 2.0, "game.levels": 5, "game.benefit": 2.0})
    assert (duel.second.credit, duel.first.credit != 2.0) == (2.0, True)
    np.testing.assert_array_equal(duel.game.payoffs, graded_donation_game(levels=5, benefit=2.0).payoffs)


def test_a_dilemma_is_tuned_by_its_four_numbers() -> None:
    game = matrix_dilemma(greed=1, fear=1)
    tuned = with_values(replace(BRIEF, game=game), {"game.fear": 2.0, "game.reward": 4.0}).game
    np.testing.assert_array_equal(tuned.payoffs, matrix_dilemma(greed=1, fear=2, reward=4).payoffs)
    assert tuned.title == "Dilemma of greed 1 and fear 2"
    assert game.tuned(greed=1.0) is game


def test_a_learning_rule_is_tuned_by_its_tunables() -> None:
    name = next(iter(LEARNING_RULES))
    tunable, value = next(iter(learning_rule(name).tunables.items()))
    parameters = replace(BRIEF, learners=learning_rule(name))
    changed = with_values(parameters, {f"learners.{tunable}": value / 2})
    assert changed.learners.tunables[tunable] == value / 2


def test_a_part_is_of_the_new_whole_where_both_are_given() -> None:
    parameters = with_values(BRIEF, {"game.greed": 2.0, "game": matrix_dilemma(greed=0, fear=3)})
    np.testing.assert_array_equal(parameters.game.payoffs, matrix_dilemma(greed=2, fear=3).payoffs)


def test_every_path_that_is_told_is_a_path() -> None:
    parameters = HandoverParameters()
    paths = list(paths_of(parameters))
    assert {"planner.bound", "planner.game.fear", "player.epsilon", "noise"} <= set(paths)
    for path in paths:
        value_at(parameters, path)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("bund", "nearest: bound"),
        ("game.gred", "nearest: game.greed"),
        ("bound.x", "bound"),
        ("", "parameter"),
    ],
)
def test_an_unknown_path_names_the_nearest(path: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        with_values(BRIEF, {path: 1.0})
    with pytest.raises(ValueError, match=hint):
        sweep(BRIEF, {path: [1.0]})


def test_a_game_that_is_no_dilemma_has_no_greed() -> None:
    with pytest.raises(ValueError, match=r"unknown parameter 'game\.greed'"):
        sweep(replace(BRIEF, game=Game.bimatrix([[1, 0], [0, 1]], [[1, 0], [0, 1]])), {"game.greed": [1.0]})


def test_a_point_is_what_the_world_alone_gives() -> None:
    points = list(sweep(BRIEF, {"bound": [1.0, 2.0], "game.greed": [0.5, 1.0]}, runs=3, seed=4))
    assert [tuple(point.values.values()) for point in points] == list(
        itertools.product([1.0, 2.0], [0.5, 1.0])
    )
    for point in points:
        game = BRIEF.game.tuned(greed=point.values["game.greed"])
        alone = simulate(replace(BRIEF, bound=point.values["bound"], game=game), runs=3, seed=4)
        np.testing.assert_array_equal(point.data["joint_cooperation"], alone["joint_cooperation"])
        assert float(point.data["bound"]) == point.values["bound"]


def test_a_point_depends_on_itself_alone_and_shares_its_random_numbers_with_the_others() -> None:
    among_others = list(
        sweep(Coin(), {"chance": [0.2, 0.7, 0.9]}, runs=5, seed=1, variables=["draw"], world=COINS)
    )
    (alone,) = sweep(Coin(), {"chance": [0.7]}, runs=3, seed=1, variables=["draw"], world=COINS)
    np.testing.assert_array_equal(alone.data["heads"], among_others[1].data["heads"][:3])
    for point in among_others:
        np.testing.assert_array_equal(point.data["draw"], among_others[0].data["draw"])
    # So that what is less likely never happens where the likelier does not.
    assert (among_others[0].data["heads"].values <= among_others[1].data["heads"].values).all()


def test_nothing_is_played_before_it_is_asked_for() -> None:
    asked = []

    def one_by_one(play, numbers):
        for number in numbers:
            asked.append(number)
            yield play(number)

    points = sweep(Coin(), {"place": range(10**5)}, runs=1, world=COINS, map=one_by_one)
    assert not asked
    assert [point.values["place"] for point in itertools.islice(points, 3)] == [0, 1, 2]
    assert asked == [0, 1, 2]


def test_points_may_come_in_any_order() -> None:
    def backwards(play, numbers):
        return (play(number) for number in reversed(numbers))

    points = list(sweep(Coin(), {"place": [5, 6, 7]}, runs=1, world=COINS, map=backwards))
    assert [(point.number, point.values["place"]) for point in points] == [(2, 7), (1, 6), (0, 5)]


def test_a_point_that_fails_says_why_and_the_others_stand() -> None:
    points = list(sweep(Coin(), {"chance": [0.5, 2.0], "breaks": [False, True]}, runs=2, world=COINS))
    assert [point.error for point in points] == [
        "",
        "RuntimeError: the coin broke",
        *["chance must lie in [0, 1], got 2.0"] * 2,
    ]
    assert [point.data is None for point in points] == [False, True, True, True]


@pytest.mark.parametrize(
    ("over", "rule"),
    [
        ({"bound": 1.0}, "values of bound must be a list of at least one, got 1.0"),
        ({"bound": []}, "values of bound must be a list of at least one"),
        ({"bound": "12"}, "values of bound must be a list"),
        ({"bound": [1, 1.0]}, "values of bound must differ"),
        ([1, 2], "over must be lists of values by path"),
    ],
)
def test_what_is_no_list_of_values_is_refused_at_once(over, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        sweep(BRIEF, over)


def test_values_that_are_no_numbers_have_labels() -> None:
    assert in_few_words(LiteralMirror(epsilon=0.1)) == "LiteralMirror(epsilon=0.1)"
    assert in_few_words(FixedLevel()) == "FixedLevel"
    assert in_few_words((0.5, None, True)) == "0.5,none,true"
    assert in_few_words(named_game("chicken")) == "Chicken"
    (point,) = sweep(DuelParameters(rounds=5), {"second": [FixedLevel(cooperation=0.5)]}, runs=1)
    assert str(point.data["second"].values) == "FixedLevel(cooperation=0.5)"


def test_descriptions_tell_apart_what_gives_different_results() -> None:
    ring, path = nx.cycle_graph(4), nx.path_graph(4)
    different = [
        BRIEF,
        replace(BRIEF, bound=1.0),
        replace(BRIEF, game=matrix_dilemma(greed=2, fear=1)),
        replace(BRIEF, learners=learning_rule(next(iter(LEARNING_RULES)))),
        PopulationParameters(graph=ring),
        PopulationParameters(graph=path),
        PopulationParameters(graph=NetworkDescription(kind="ring", size=10)),
        DuelParameters(),
        DuelParameters(second=FixedLevel()),
    ]
    texts = [repr(described(value)) for value in different]
    assert len(set(texts)) == len(texts)
    assert texts == [repr(described(value)) for value in different]
