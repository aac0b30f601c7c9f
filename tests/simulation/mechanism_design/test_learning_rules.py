"""Somebody's learning rule under the planner, against learners written here on the same draws."""

import json
import math
import pickle
from dataclasses import replace

import numpy as np
import pytest

from simulation import MechanismDesign, MechanismDesignParameters, simulate
from simulation.engine.randomness import run_generator
from simulation.mechanism_design.law import round_by
from simulation.planner.state import new_round, new_workspace
from tests.simulation.learning.rules import boltzmann, bush_mosteller_in_lists, typo

HOT = boltzmann.tuned(name="hot", temperature=1.5)


def test_q_learners_under_the_planner_on_the_same_draws() -> None:
    parameters = MechanismDesignParameters(learners=(boltzmann, HOT), alpha=(0.2, 0.0), episodes=200)
    data = simulate(parameters, runs=2, seed=3).isel(run=1)
    generator = run_generator(3, 1)
    parameters.start(generator)
    values = np.zeros((2, 2))
    for t in range(200):
        p = [
            1 / (1 + math.exp((d - c) / heat))
            for (c, d), heat in zip(values.tolist(), (0.5, 1.5), strict=True)
        ]
        assert data["cooperation_probability"][t].values == pytest.approx(p, abs=1e-12)
        row, column = (0 if draw < q else 1 for draw, q in zip(generator.random(2), p, strict=True))
        assert data["action"][t].values.tolist() == [row, column]
        payoffs = parameters.game.payoffs[:, row, column]
        rewards = payoffs + np.array([0.2, 0.0]) * payoffs[::-1] + data["additional_reward"][t].values
        for i, action in enumerate((row, column)):
            values[i, action] += 0.1 * (rewards[i] - values[i, action])
    assert abs(data["additional_reward"].values).sum() > 1.0


def test_without_a_planner_values_come_to_their_fixed_point() -> None:
    # Against a player who always defects, Q(C) is S and Q(D) is P in the Prisoner's Dilemma, and
    # P(C) = 1 / (1 + exp((P - S) / temperature)).
    # Who learns nothing, and values C 100 below D. P(C) is 1e-87.
    always_defects = replace(
        boltzmann.tuned(name="defector", learning_rate=0.0), memory={"value_of_c": -100.0, "value_of_d": 0.0}
    )
    parameters = MechanismDesignParameters(learners=(HOT, always_defects), planner_episodes=0, episodes=2000)
    data = simulate(parameters, runs=3, seed=1, record="summary")
    sucker, punishment = parameters.game.payoffs[0, :, 1].tolist()
    p = 1 / (1 + math.exp((punishment - sucker) / 1.5))
    assert data["final_cooperation_probability"].values[:, 0] == pytest.approx([p] * 3, abs=1e-9)


def test_the_planner_meets_a_rule_without_a_gradient_by_its_model() -> None:
    by_itself = MechanismDesignParameters(learners=boltzmann, episodes=300)
    asked_for = MechanismDesignParameters(learners=boltzmann, episodes=300, knowledge="modelled")
    assert not by_itself.full_sight
    one, other = (simulate(parameters, runs=1, seed=2) for parameters in (by_itself, asked_for))
    assert np.array_equal(one["incentive"], other["incentive"])
    assert MechanismDesignParameters(learners="policy-gradient").full_sight


def test_mesa_is_the_batch_bit_for_bit_and_plain_python_too() -> None:
    parameters = MechanismDesignParameters(learners=(boltzmann, HOT), episodes=60)
    data = simulate(parameters, runs=1, seed=4).isel(run=0)
    model = pickle.loads(pickle.dumps(MechanismDesign(parameters, rng=4)))
    for t in range(60):
        assert np.array_equal(model.cooperation_probability, data["cooperation_probability"][t].values)
        model.step()
    generator = run_generator(4)
    state, law = parameters.start(generator), round_by((boltzmann, HOT))
    for _ in range(60):
        law(state, generator.random(2), True, parameters.constants, new_workspace(20), new_round())
    for plain, machine in zip(state, model.state, strict=True):
        assert np.array_equal(plain, machine)
    assert model.learners[0].memory.tolist() == state.memory[0].tolist()
    model.learners[0].memory[:] = [1.0, 0.5]
    assert model.learners[0].cooperation_probability == pytest.approx(1 / (1 + math.exp(-1.0)))
    with pytest.raises(ValueError, match="policy parameter"):
        model.learners[0].theta = 0.0


def test_the_expected_gradient_by_rule_is_that_of_the_law() -> None:
    options = {"value_function": "literal", "episodes": 100, "alpha": (0.3, 0.1)}
    usual = simulate(MechanismDesignParameters(learners="expected", **options), runs=1, seed=1)
    by_rule = simulate(
        MechanismDesignParameters(learners="expected-policy-gradient", **options), runs=1, seed=1
    )
    assert by_rule["cooperation_probability"].values == pytest.approx(
        usual["cooperation_probability"].values, abs=1e-9
    )


def test_a_rule_in_plain_python_plays_with_a_notice() -> None:
    parameters = MechanismDesignParameters(learners=bush_mosteller_in_lists, episodes=5)
    with pytest.warns(UserWarning, match="plain Python"):
        data = simulate(parameters, runs=1, seed=0)
    assert json.loads(data.attrs["parameters"])["learners"][0]["name"] == "bush-mosteller"


@pytest.mark.parametrize(
    ("learners", "error"),
    [
        (
            "boltzmann",
            "unknown learners 'boltzmann'; known: sampled, expected, policy-gradient.*a LearningRule",
        ),
        ((boltzmann,), "one for each"),
        (1.0, "a name or a LearningRule"),
    ],
)
def test_who_may_learn(learners: object, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        MechanismDesignParameters(learners=learners)


@pytest.mark.parametrize("p", [0.0, 1e-20, 0.1, 1.0 - 2.0**-53, 1.0])
def test_what_is_said_after_the_run_is_what_the_rule_gives_to_the_bit(p: float) -> None:
    # In round 20, which is not played any more, the first learner would cooperate with p.
    parameters = MechanismDesignParameters(learners=(typo(p=p), "policy-gradient"), episodes=20)
    data = simulate(parameters, runs=1, seed=0, record="summary")
    model = MechanismDesign(parameters, rng=0)
    while model.running:
        model.step()
    said = data["final_cooperation_probability"].values[0].tolist()
    assert said == [learner.cooperation_probability for learner in model.learners]
    assert said[0] == p
