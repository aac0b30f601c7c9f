"""Literal mirrors as finite-state machines: they play as the law does, and theory can judge them."""

import math
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation import LiteralMirror, frozen_machine
from simulation.gradual.seat import Asked, Played, new_mind
from simulation.handover.parameters import prior_of_defectors
from tests.examples import examples
from theory import Game, best_response_to_machine, judge_machines, named_game

PRISONERS_DILEMMA = named_game("prisoners-dilemma")


def after_cooperation(player, rounds=50):
    """Return the belief of a player of the Prisoner's Dilemma who has seen nothing but C."""
    seat = player.seat(PRISONERS_DILEMMA, 0)
    mind = new_mind(player, seat, PRISONERS_DILEMMA, 0)
    for _ in range(rounds):
        player.learn(seat, mind, Played(0, 0, 0, math.nan, 1))
    return mind.belief.copy()


def play_by_law(player, game, role, others):
    """Return the actions that the law plays against a sequence, after mutual defection."""
    seat = player.seat(game, role)
    mind = new_mind(player, seat, game, role)
    own_before, other_before, actions = 1, 1, []
    for turn, other in enumerate(others):
        own = player.choose(seat, mind, Asked(other_before, turn, 0.0, 0.0))
        player.learn(seat, mind, Played(own_before, own, other, math.nan, turn))
        own_before, other_before = own, other
        actions.append(own)
    return actions


def play_by_machine(machine, others):
    state, actions = machine.start, []
    for other in others:
        own = 0 if machine.cooperation[state] > 0.0 else 1
        actions.append(own)
        state = machine.transitions[state][2 * own + other]
    return actions


class LearnsInPython(LiteralMirror):
    """Learns by the same text, uncompiled, and counts."""

    learned: ClassVar[list[Played]] = []

    @staticmethod
    def learn(seat, mind, played):
        LearnsInPython.learned.append(played)
        LiteralMirror.learn(seat, mind, played)


@pytest.mark.parametrize(
    "tunables", [{}, {"selection": "logit", "rationality": 3.0, "uncertainty_factor": 0.5}]
)
def test_compiled_and_plain_learning_make_one_machine(tunables):
    given_arguments = {"forgetting": 0.1, "grid_points": 11, **tunables}
    machine = frozen_machine(LiteralMirror(**given_arguments), PRISONERS_DILEMMA, 1, resolution=0.05)
    LearnsInPython.learned.clear()
    assert frozen_machine(LearnsInPython(**given_arguments), PRISONERS_DILEMMA, 1, resolution=0.05) == machine
    # Two lessons for each action that may be played in a state.
    states = machine.cooperation
    assert len(LearnsInPython.learned) == 2 * sum((x > 0.0) + (x < 1.0) for x in states) > 10


@settings(max_examples=examples(40), deadline=None)
@given(
    others=st.lists(st.sampled_from([0, 1]), max_size=40),
    forgetting=st.sampled_from([0.02, 0.05, 0.2]),
    role=st.sampled_from([0, 1]),
)
def test_the_machine_plays_as_the_law_does(others, forgetting, role):
    player = LiteralMirror(forgetting=forgetting)
    machine = frozen_machine(player, PRISONERS_DILEMMA, role, resolution=1e-4)
    assert play_by_machine(machine, others) == play_by_law(player, PRISONERS_DILEMMA, role, others)


def test_the_machine_replies_to_the_other_s_last_action():
    # In the Stag Hunt a selfish player's best reply is the other's last action.
    player = LiteralMirror(epsilon=0.0, prior=prior_of_defectors(highest=0.0, doubt=0.0))
    game = named_game("stag-hunt")
    after_c = frozen_machine(player, game, 0, last=(1, 0))
    after_d = frozen_machine(player, game, 0, last=(0, 1))
    assert (after_c.cooperation[after_c.start], after_d.cooperation[after_d.start]) == (1.0, 0.0)


def test_a_mirror_that_forgets_as_fast_as_it_doubts_answers_one_defection_with_one():
    # With R, S, T, P = 3, 0, 4, 1 a player cooperates from cooperativeness 1/3 on. After long cooperation the
    # belief that the other is below 1/3 is forgetting's; one defection multiplies its odds by 39.
    player = LiteralMirror(prior=tuple(prior_of_defectors()), forgetting=0.05, tremble=0.05)
    machine = frozen_machine(player, PRISONERS_DILEMMA, 0, belief=after_cooperation(player), last=(0, 0))
    assert play_by_machine(machine, [0, 1, 0, 0, 1, 0, 0]) == [0, 0, 1, 0, 0, 1, 0]
    after_three = play_by_machine(machine, [0, 1, 1, 1, 0, 0, 0, 0])
    assert after_three[2:6] == [1, 1, 1, 1], "three in a row are remembered for longer"
    verdict = judge_machines(PRISONERS_DILEMMA, machine, machine, discount=0.9)
    assert verdict.payoffs == pytest.approx([3.0, 3.0])


def test_a_mirror_that_hardly_forgets_is_exploited_by_defecting_now_and_then():
    player = LiteralMirror(prior=tuple(prior_of_defectors()), forgetting=0.01, tremble=0.05)
    machine = frozen_machine(player, PRISONERS_DILEMMA, 0, belief=after_cooperation(player), last=(0, 0))
    response = best_response_to_machine(PRISONERS_DILEMMA, machine, 1, discount=0.99)
    state, others = machine.start, []
    for _ in range(2000):
        others.append(int(response.actions[state]))
        own = 0 if machine.cooperation[state] > 0.0 else 1
        state = machine.transitions[state][2 * own + others[-1]]
    # What the response promises is what it gets from the player itself, who begins in mutual defection.
    climb = [0] * 50
    own = play_by_law(player, PRISONERS_DILEMMA, 0, climb + others)[50:]
    got = [PRISONERS_DILEMMA.payoffs[1, a, b] for a, b in zip(own, others, strict=True)]
    discounted = 0.01 * sum(0.99**t * u for t, u in enumerate(got))
    assert discounted == pytest.approx(response.payoff, abs=0.02)
    assert response.payoff > 3.3
    assert sum(own) == 0, "it is forgiven every time"


def test_an_action_that_is_never_played_leads_nowhere():
    machine = frozen_machine(LiteralMirror(), PRISONERS_DILEMMA, 0)
    for state, row in enumerate(machine.transitions):
        if machine.cooperation[state] == 1.0:
            assert row[2:] == (state, state)
        else:
            assert row[:2] == (state, state)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"game": Game(np.zeros((2, 3, 3)))},
            r"a game of two players with two actions each, got .*3x3 actions",
        ),
        (
            {"player": LiteralMirror(reward_share=0.2)},
            "by actions alone and does not probe, got reward_share 0.2",
        ),
        ({"player": LiteralMirror(probe_probability=0.5)}, "and probe_probability 0.5"),
        ({"resolution": 0.0}, "resolution must be positive, got 0"),
        ({"max_states": 3}, "the machine must have at most 3 states, got more"),
        ({"belief": np.ones(101)}, "belief must sum to one"),
        ({"belief": np.eye(101)[100]}, "got 1.97 of it elsewhere"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    given_arguments = {"player": LiteralMirror(), "game": PRISONERS_DILEMMA} | arguments
    player, game = given_arguments.pop("player"), given_arguments.pop("game")
    with pytest.raises(ValueError, match=message):
        frozen_machine(player, game, 0, **given_arguments)
