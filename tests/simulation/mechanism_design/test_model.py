"""The Mesa face: agents are views on the model's state."""

import json
import pickle

import mesa
import numpy as np
import pytest

from simulation import Learner, MechanismDesign, MechanismDesignParameters, Planner
from theory import judge, named_game


def test_every_parameter_has_a_default() -> None:
    model = MechanismDesign(rng=3)
    assert isinstance(model, mesa.Model)
    assert sorted(type(agent).__name__ for agent in model.agents) == ["Learner", "Learner", "Planner"]
    assert MechanismDesign().running


def test_agents_are_found_as_mesa_users_expect() -> None:
    model = MechanismDesign(rng=3)
    assert len(model.agents_by_type[Learner]) == 2
    assert len(model.agents_by_type[Planner]) == 1
    assert model.agents_by_type[Learner].get("alpha") == [0.0, 0.0]


def test_same_seed_same_run_other_seed_another() -> None:
    def trace(**arguments: object) -> list[float]:
        model = MechanismDesign(**arguments)
        for _ in range(25):
            model.step()
        return model.cooperation_probability.tolist()

    assert trace(rng=3) == trace(rng=3) != trace(rng=4)
    assert trace(rng=3) != trace(rng=3, run=1)
    generator = np.random.default_rng(9)
    assert trace(rng=generator) != trace(rng=generator), "a generator goes on where it stopped"


def test_agents_can_be_changed_by_hand_between_steps() -> None:
    model = MechanismDesign(rng=3)
    model.step()
    first, second = model.learners
    first.theta, second.theta = 50.0, -50.0
    first.alpha = 0.5
    assert model.cooperation_probability.tolist() == pytest.approx([1.0, 0.0])
    model.step()
    assert (first.action, second.action) == ("C", "D")
    assert (first.payoff, second.payoff) == (0.0, 4.0)
    assert first.additional_reward != 0.0
    assert model.state.alpha.tolist() == [0.5, 0.0]
    with pytest.raises(ValueError, match="theta must be finite"):
        first.theta = float("inf")
    with pytest.raises(ValueError, match="alpha must be finite"):
        first.alpha = float("nan")


def test_attributes_are_plain_numbers_that_json_writes() -> None:
    model = MechanismDesign(rng=3)
    model.step()
    learner = model.learners[0]
    json.dumps([learner.theta, learner.alpha, learner.cooperation_probability, learner.payoff, model.welfare])


def test_planner_shows_what_it_would_pay_until_it_is_off() -> None:
    model = MechanismDesign(MechanismDesignParameters(episodes=3, planner_episodes=1), rng=0)
    before = model.planner.incentives
    assert model.planner.active
    assert (before != 0).all()
    model.step()
    learner = model.learners[0]
    outcome = 2 * (learner.action == "D") + (model.learners[1].action == "D")
    assert learner.additional_reward == before[outcome, 0]
    assert not model.planner.active
    assert (model.planner.incentives == 0).all()
    assert model.game_in_force.payoffs.tolist() == model.parameters.game.payoffs.tolist()
    assert model.planner.layer.shape == (6,)


def test_model_stops_after_its_episodes_and_collects_each() -> None:
    model = MechanismDesign(MechanismDesignParameters(episodes=12), rng=0)
    while model.running:
        model.step()
    frame = model.datacollector.get_model_vars_dataframe()
    assert model.episode == 12
    assert list(frame.columns) == ["joint_cooperation", "welfare", "average_additional_reward"]
    assert len(frame) == 13
    assert frame["joint_cooperation"].iloc[0] == pytest.approx(0.0625)


def test_profile_and_game_in_force_are_ready_to_be_judged() -> None:
    model = MechanismDesign(MechanismDesignParameters(game=named_game("stag-hunt")), rng=0)
    for learner in model.learners:
        learner.theta = 30.0
    verdict = judge(model.parameters.game, model.profile, tolerance=0.02)
    assert verdict.label == "welfare-optimal Nash equilibrium"
    in_force = model.game_in_force
    extra = in_force.payoffs - model.parameters.game.payoffs
    assert extra[:, 0, 1] == pytest.approx(model.planner.incentives[1])


def test_model_survives_pickling() -> None:
    model = MechanismDesign(MechanismDesignParameters(episodes=40), rng=5)
    for _ in range(10):
        model.step()
    copy = pickle.loads(pickle.dumps(model))
    for either in (model, copy):
        for _ in range(10):
            either.step()
    assert np.array_equal(model.cooperation_probability, copy.cooperation_probability)
    assert copy.learners[0].theta == copy.state.theta[0]


@pytest.mark.parametrize("rng", ["1", 1.5, -1])
def test_seed_must_be_a_whole_number(rng: object) -> None:
    with pytest.raises(ValueError, match="rng must be"):
        MechanismDesign(rng=rng)


def test_a_model_says_before_it_runs_what_no_incentive_can_do() -> None:
    with pytest.warns(UserWarning, match="within the bound 0.4 .* the least bound is 0.5"):
        MechanismDesign(MechanismDesignParameters(bound=0.4), rng=0)


def test_a_model_that_diverges_stops_with_the_episode_and_the_values() -> None:
    model = MechanismDesign(MechanismDesignParameters(bound=1e300), rng=0)
    with pytest.raises(
        ValueError, match=r"the run diverged in episode 0: theta \[.*layer \[nan, .*; smaller"
    ):
        model.step()
