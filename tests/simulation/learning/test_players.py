"""Players by learning rules in one law: what each of them remembers, and whose function is called for whom."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from simulation.learning.catalogue import learning_rule, rules_of_players
from simulation.learning.players import (
    chooses_by,
    cooperation_of_players,
    kinds_of,
    learns_by,
    players_rules,
    remembered_at_start,
    wrong_of_rules,
)
from tests.simulation.learning.rules import boltzmann
from tests.simulation.learning.test_rule import experience, made

HOT = boltzmann.tuned(name="hot", temperature=2.0)
ASCENT = learning_rule("policy-gradient-ascent")
RULES = (boltzmann, ASCENT, HOT)


def test_rules_that_differ_in_names_and_numbers_alone_are_one_kind() -> None:
    assert [kind.remembered for kind in kinds_of(RULES)] == [2, 1]
    fixed = players_rules(RULES)
    assert fixed.kind.tolist() == [0, 1, 0]
    assert fixed.tunables.tolist() == [[0.1, 0.5], [0.01, 0.0], [0.1, 2.0]]
    assert players_rules(()).kind.shape == (0,)


def test_everybody_remembers_what_its_rule_says_and_chooses_by_it() -> None:
    theta = np.array([-1.0, 0.4, -1.0])
    memory = remembered_at_start(RULES, theta)
    assert memory.tolist() == [[0.0, 0.0], [0.4, 0.0], [0.0, 0.0]]
    assert theta == pytest.approx([0.0, 0.4, 0.0], abs=1e-15)
    memory[2] = [1.0, 0.0]
    p = [0.5, 1 / (1 + math.exp(-0.4)), 1 / (1 + math.exp(-0.5))]
    assert cooperation_of_players(RULES, memory[None])[0] == pytest.approx(p, abs=1e-15)
    fixed, chooses = players_rules(RULES), chooses_by(kinds_of(RULES))
    chosen = [chooses(*of_player) for of_player in zip(fixed.kind, memory, fixed.tunables, strict=True)]
    assert chosen == pytest.approx(p, abs=1e-15)


def test_everybody_learns_by_its_own_rule_and_tunables() -> None:
    memory = remembered_at_start(RULES, np.zeros(3))
    fixed, learns = players_rules(RULES), learns_by(kinds_of(RULES))
    seen = experience(cooperated=1.0, score=0.5, reward=3.0)
    for of_player in zip(fixed.kind, memory, fixed.tunables, strict=True):
        learns(*of_player, seen)
    assert memory == pytest.approx(np.array([[0.3, 0.0], [0.015, 0.0], [0.3, 0.0]]), abs=1e-15)


def test_whose_probability_is_none_is_told() -> None:
    wrong = made(name="wrong", cooperation=lambda memory, tunables: memory[0])
    rules, memory = (boltzmann, wrong), np.array([[0.0, 0.0], [1.5, 7.0]])
    assert wrong_of_rules(rules, SimpleNamespace(memory=memory)) == (
        "the learning rule 'wrong' must give a probability of C in [0, 1], got 1.5"
    )
    memory[1, 0] = 1.0
    assert wrong_of_rules(rules, SimpleNamespace(memory=memory)) == ""
    memory[1, 0] = math.nan
    assert wrong_of_rules(rules, SimpleNamespace(memory=memory)) == ""


def test_one_rule_stands_for_all_players_and_a_name_for_its_rule() -> None:
    assert rules_of_players(boltzmann, 3, ("sampled",)) == (boltzmann,) * 3
    assert rules_of_players("policy-gradient-ascent", 2, ("sampled",)) == (ASCENT, ASCENT)
    assert rules_of_players(("policy-gradient-ascent", HOT), 2, ("sampled",)) == (ASCENT, HOT)
    assert rules_of_players("sampled", 2, ("sampled",)) is None
