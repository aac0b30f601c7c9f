"""Learning rules as objects: what they must be made of, and what becomes of those that cannot be compiled."""

import math
import pickle
import re

import numpy as np
import pytest

from simulation import (
    Experience,
    LearningRule,
    MechanismDesignParameters,
    PopulationParameters,
    simulate,
    simulate_population,
)
from simulation.learning.catalogue import LEARNING_RULES, learning_rule
from simulation.learning.rule import cooperation_of, notice_uncompiled_rules
from tests.simulation.learning.rules import boltzmann, bush_mosteller_in_lists
from theory.checks import by_names


def experience(**known: float) -> Experience:
    nothing = dict.fromkeys(Experience._fields, math.nan)
    return Experience(**(nothing | {"noise": 0.0} | known))


def misspells(memory, tunables, experience):
    memory[0] = experience.rewrad


def made(**changes) -> LearningRule:
    parts = {
        "name": "mine", "memory": {"x": 0.0}, "cooperation": boltzmann.cooperation, "learn": boltzmann.learn,
    }  # fmt: skip
    return LearningRule(**(parts | changes))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": ""}, "must not be empty"),
        ({"memory": {}}, "at least one number"),
        ({"memory": [1.0]}, "must be numbers by name"),
        ({"memory": {"x": math.nan}}, "memory 'x'"),
        ({"tunables": {"rate": "fast"}}, "tunables 'rate'"),
        ({"cooperation": 0.5}, "cooperation must be a function"),
        ({"cooperation": lambda memory: 0.5}, r"must take \(memory, tunables\), got \(memory\)"),
        ({"learn": lambda memory, tunables: None}, r"learn must take .*, got \(memory, tunables\)"),
        ({"memory": {"x": 0.0, "theta": 0.0}, "policy_parameter": "theta"}, "remembered first"),
    ],
)
def test_a_rule_says_what_it_must_be_made_of(changes: dict, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        made(**changes)


def test_tuned_rules_keep_the_rest_and_know_their_tunables() -> None:
    hot = boltzmann.tuned(name="hot", temperature=2.0)
    assert hot.values == (0.1, 2.0)
    assert (hot.name, hot.memory, boltzmann.values) == ("hot", boltzmann.memory, (0.1, 0.5))
    assert hot != boltzmann
    assert {boltzmann: 1, boltzmann.tuned(): 2} == {boltzmann: 2}
    with pytest.raises(ValueError, match="tunable of boltzmann-q"):
        boltzmann.tuned(heat=1.0)


def test_rules_of_a_module_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(boltzmann)) == boltzmann


def test_the_policy_parameter_starts_where_the_law_lets_it() -> None:
    assert learning_rule("policy-gradient").start(-1.5).tolist() == [-1.5, 0.0, 0.0, 1.0, 1.0]
    assert boltzmann.start(-1.5).tolist() == [0.0, 0.0]
    assert learning_rule(boltzmann) is boltzmann
    with pytest.raises(
        ValueError,
        match=r"unknown learning rule 'policy-gradeint'; nearest: policy-gradient, .*; known: policy-gradient, .*, "
        "expected-policy-gradient-ascent, .*or a LearningRule of your own",
    ):
        learning_rule("policy-gradeint")


@pytest.mark.parametrize("cooperated", [0.0, 1.0])
@pytest.mark.parametrize("theta", [-2.0, 0.3])
def test_plain_ascent_climbs_the_derivative_of_what_it_is_after(theta: float, cooperated: float) -> None:
    def p(x: float) -> float:
        return 1 / (1 + math.exp(-x))

    def chance(x: float) -> float:
        return p(x) if cooperated else 1 - p(x)

    h = 1e-6
    log_slope = (math.log(chance(theta + h)) - math.log(chance(theta - h))) / (2 * h)
    memory, rule = np.array([theta]), learning_rule("policy-gradient-ascent")
    seen = experience(score=cooperated - p(theta), reward=1.7)
    rule.learn(memory, (0.1,), seen)
    assert memory[0] == pytest.approx(theta + 0.1 * log_slope * 1.7, abs=1e-9)
    # The expected reward is gain * P(C) and what does not depend on theta.
    memory = np.array([theta])
    gain_slope = -0.8 * (p(theta + h) - p(theta - h)) / (2 * h)
    known = experience(cooperation_probability=p(theta), expected_gain=-0.8)
    learning_rule("expected-policy-gradient-ascent").learn(memory, (0.1,), known)
    assert memory[0] == pytest.approx(theta + 0.1 * gain_slope, abs=1e-9)


@pytest.mark.parametrize("rule", [*LEARNING_RULES.values(), boltzmann], ids=lambda rule: rule.name)
def test_rules_compile(rule: LearningRule) -> None:
    assert rule.fault == ""
    assert notice_uncompiled_rules([rule], stacklevel=1)


def test_a_rule_that_cannot_be_compiled_is_noticed_once() -> None:
    told = r"line \d+ of rules\.py is beyond numba: Cannot capture .* 'experience'"
    assert re.match(told, bush_mosteller_in_lists.fault)
    assert "Unknown attribute 'rewrad'" in made(learn=misspells).fault
    with pytest.warns(UserWarning, match="'bush-mosteller' runs in plain Python"):
        assert not notice_uncompiled_rules([bush_mosteller_in_lists, boltzmann], stacklevel=1)


def test_what_is_no_probability_is_refused() -> None:
    wrong = made(cooperation=lambda memory, tunables: memory[0], learn=boltzmann.learn)
    with pytest.raises(ValueError, match=r"in \[0, 1\], got 2"):
        cooperation_of(wrong, np.array([2.0]))


def _returns_memory(memory, tunables, experience):
    return [memory[0] + tunables[0]]


def test_what_is_learned_is_written_and_not_returned() -> None:
    functional = made(
        name="functional",
        tunables={"rate": 0.1},
        cooperation=lambda memory, tunables: memory[0],
        learn=_returns_memory,
    )
    with pytest.raises(
        ValueError, match=r"'functional' must write into memory and return nothing, got \[.*0\.1"
    ):
        notice_uncompiled_rules([functional], stacklevel=1)


def _imports(memory, tunables):
    import math

    return 1.0 / (1.0 + math.exp(-memory[0]))


def test_opcodes_that_numba_does_not_know_are_played_in_plain_python() -> None:
    importing = made(name="importing", cooperation=_imports, learn=lambda memory, tunables, experience: None)
    with pytest.warns(UserWarning, match="'importing' runs in plain Python, .*IMPORT_NAME"):
        data = simulate(MechanismDesignParameters(learners=importing, episodes=2), runs=1, seed=0)
    assert data["final_cooperation_probability"].values.tolist() == [[0.5, 0.5]]


def test_rules_with_one_name_do_not_hide_each_other() -> None:
    with pytest.raises(ValueError, match="learning rules must have different names, got 'boltzmann-q' twice"):
        by_names("learning rules", (boltzmann, boltzmann.tuned(temperature=2.0)))


def _forgets_return(memory, tunables):
    memory[0] + 0.5


def test_a_rule_that_returns_nothing_is_told_wherever_it_plays() -> None:
    silent = LearningRule(
        name="silent", memory={"a": 0.0}, cooperation=_forgets_return, learn=boltzmann.learn
    )
    wrong = r"'silent' must give a probability of C in \[0, 1\], got None"
    with pytest.raises(ValueError, match=wrong):
        simulate_population(PopulationParameters(rules={silent: 1.0}, steps=1), runs=1, seed=0)
    with pytest.raises(ValueError, match=wrong):
        simulate(MechanismDesignParameters(learners=silent, episodes=1), runs=1, seed=0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_run_that_diverges_shows_what_learners_remember() -> None:
    doubling = boltzmann.tuned(learning_rate=-1e200)
    with pytest.raises(ValueError, match=r"diverged in episode \d+: after memory \[\[.*came memory \[\["):
        simulate(MechanismDesignParameters(learners=doubling, episodes=50), runs=1, seed=0, compile_law=False)
