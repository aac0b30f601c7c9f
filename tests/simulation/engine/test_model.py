"""What all Mesa models have in common: settled agents, seeds that are kept, randomness that is rewound."""

import mesa
import numpy as np
import pytest

from simulation import (
    CoinGame,
    CoinGameModel,
    EscapeRoomModel,
    GradualGroup,
    GradualPair,
    GroupParameters,
    GuidedPair,
    HandoverParameters,
    MechanismDesign,
    MechanismDesignParameters,
    Population,
    PopulationParameters,
    simulate,
)

SHORT = MechanismDesignParameters(episodes=3, planner_episodes=1, knowledge="modelled")
MODELS = (MechanismDesign, GradualPair, GradualGroup, GuidedPair, Population, CoinGameModel, EscapeRoomModel)
every_model = pytest.mark.parametrize("make", MODELS)


class Stranger(mesa.Agent):
    """An agent that no law knows."""


def draws_to_come(model) -> list[float]:  # type: ignore[no-untyped-def]
    return [*model._generator.random(5).tolist(), *model.rng.random(5).tolist()]


@every_model
def test_agents_cannot_be_removed_or_added(make) -> None:  # type: ignore[no-untyped-def]
    model = make(rng=0)
    before = list(model.agents)
    for agent in before[:3]:
        with pytest.raises(ValueError, match=f"agents of {make.__name__} cannot be removed, .*, got "):
            agent.remove()
    with pytest.raises(ValueError, match="cannot be removed"):
        model.remove_all_agents()
    with pytest.raises(
        ValueError, match=f"agents of {make.__name__} are settled .* one more, of type Stranger"
    ):
        Stranger(model)
    assert list(model.agents) == before
    model.step()


@every_model
def test_the_seed_that_was_drawn_repeats_the_run(make) -> None:  # type: ignore[no-untyped-def]
    model, other = make(), make()
    assert model.seed != other.seed
    again = make(rng=model.seed)
    assert draws_to_come(again) == draws_to_come(model)
    assert make(rng=np.random.default_rng(0)).seed is None


@pytest.mark.parametrize(
    ("make", "clock", "rows_at_start"),
    [
        (lambda: MechanismDesign(MechanismDesignParameters(episodes=3), rng=0), "episode", 1),
        (lambda: GradualPair(rounds=3, rng=0), "turn", 1),
        (lambda: GradualGroup(GroupParameters(rounds=3), rng=0), "turn", 1),
        (lambda: GuidedPair(HandoverParameters(planner=SHORT), rng=0), "turn", 1),
        (lambda: Population(PopulationParameters(steps=3), rng=0), "step_number", 0),
        (lambda: CoinGameModel(CoinGame(horizon=3), rng=0), "turn", 1),
    ],
)
def test_a_model_runs_for_as_many_steps_as_its_parameters_say(make, clock, rows_at_start) -> None:  # type: ignore[no-untyped-def]
    model = make()
    for taken in range(3):
        assert (model.running, getattr(model, clock)) == (True, taken)
        model.step()
    assert (model.running, getattr(model, clock)) == (False, 3)
    assert len(model.datacollector.get_model_vars_dataframe()) == rows_at_start + 3


def test_a_drawn_seed_repeats_in_the_batch() -> None:
    parameters = MechanismDesignParameters(episodes=20)
    model = MechanismDesign(parameters)
    while model.running:
        model.step()
    final = simulate(parameters, runs=1, seed=model.seed)["final_cooperation_probability"].values[0]
    assert final.tolist() == model.cooperation_probability.tolist()


@every_model
@pytest.mark.parametrize("rng", [3, "generator"])
def test_randomness_is_rewound_to_the_first_step(make, rng) -> None:  # type: ignore[no-untyped-def]
    def begin():  # type: ignore[no-untyped-def]
        return make(rng=np.random.default_rng(3) if rng == "generator" else rng)

    model = begin()
    for _ in range(3):
        model.step()
    model.reset_rng()
    assert draws_to_come(model) == draws_to_come(begin())
    model.step()
    model.reset_rng(8)
    assert model.seed == 8
    assert draws_to_come(model) == draws_to_come(make(rng=8))


def test_mesa_runs_batches_by_the_number_of_the_run() -> None:
    parameters = MechanismDesignParameters(episodes=4)
    rows = mesa.batch_run(
        MechanismDesign, {"parameters": [parameters], "rng": 5, "run": [0, 1, 2]}, display_progress=False
    )
    # Which of the rows that were collected Mesa reports differs between its versions.
    for run, row in enumerate(rows):
        model = MechanismDesign(parameters, rng=5, run=run)
        model.run_model()
        assert row["joint_cooperation"] in model.datacollector.model_vars["joint_cooperation"][1:]
    assert len({row["joint_cooperation"] for row in rows}) == 3
