"""What all Mesa models have in common: settled agents, seeds that are kept, randomness that is rewound."""

import gc
import inspect
import pickle
import weakref

import mesa
import numpy as np
import pytest

from simulation import (
    CoinGame,
    CoinGameModel,
    DuelParameters,
    EscapeRoom,
    EscapeRoomModel,
    GradualGroup,
    GradualPair,
    GroupParameters,
    GuidedPair,
    HandoverParameters,
    LedgerGroupParameters,
    MechanismDesign,
    MechanismDesignParameters,
    NetworkDescription,
    Population,
    PopulationParameters,
    graded_donation_game,
    simulate,
)
from simulation.engine.fields import described
from simulation.markov_games.models import GridModel

SHORT = MechanismDesignParameters(episodes=3, planner_episodes=1, knowledge="modelled")
MODELS = (MechanismDesign, GradualPair, GradualGroup, GuidedPair, Population, CoinGameModel, EscapeRoomModel)
every_model = pytest.mark.parametrize("make", MODELS)


class Stranger(mesa.Agent):
    """An agent that no law knows."""


def draws_to_come(model) -> list[float]:  # type: ignore[no-untyped-def]
    return [*model._generator.random(5).tolist(), *model.rng.random(5).tolist(), model.random.random()]


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
    ("make", "clock"),
    [
        (lambda: MechanismDesign(MechanismDesignParameters(episodes=3), rng=0), "episode"),
        (lambda: GradualPair(rounds=3, rng=0), "turn"),
        (lambda: GradualGroup(GroupParameters(rounds=3), rng=0), "turn"),
        (lambda: GuidedPair(HandoverParameters(planner=SHORT), rng=0), "turn"),
        (lambda: Population(PopulationParameters(steps=3), rng=0), "step_number"),
        (lambda: CoinGameModel(CoinGame(horizon=3), rng=0), "turn"),
    ],
)
def test_a_model_runs_for_as_many_steps_as_its_parameters_say(make, clock) -> None:  # type: ignore[no-untyped-def]
    model = make()
    for taken in range(3):
        assert (model.running, getattr(model, clock)) == (True, taken)
        model.step()
    assert (model.running, getattr(model, clock)) == (False, 3)
    assert len(model.datacollector.get_model_vars_dataframe()) == 4


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


# Of each model: its keywords in few words, and the same in one piece.
TWO_WAYS = (
    (MechanismDesign, {"episodes": 3, "planner_episodes": 1}, MechanismDesignParameters),
    (GradualPair, {"rounds": 3, "noise": 0.1, "game": graded_donation_game(levels=5)}, DuelParameters),
    (GradualGroup, {"n_players": 3, "rounds": 3}, LedgerGroupParameters),
    (GuidedPair, {"planner": SHORT, "noise": 0.1}, HandoverParameters),
    (Population, {"graph": NetworkDescription(size=9), "steps": 3, "alpha": 0.2}, PopulationParameters),
    (CoinGameModel, {"size": 4, "horizon": 3}, CoinGame),
    (EscapeRoomModel, {"players": 3, "horizon": 3}, EscapeRoom),
)
each_model = pytest.mark.parametrize(
    ("make", "keywords", "kind"), TWO_WAYS, ids=[make.__name__ for make, *_ in TWO_WAYS]
)


@each_model
def test_keywords_are_the_fields_of_the_parameters(make, keywords, kind) -> None:  # type: ignore[no-untyped-def]
    by_keyword, in_one_piece = make(**keywords, rng=2), make(parameters=kind(**keywords), seed=2)
    assert described(by_keyword.parameters) == described(in_one_piece.parameters)
    assert set(inspect.signature(kind).parameters) <= set(inspect.signature(make).parameters)
    for model in (by_keyword, in_one_piece):
        model.run_model()
    one, other = (model.datacollector.get_model_vars_dataframe() for model in (by_keyword, in_one_piece))
    assert one.equals(other)


@each_model
def test_what_is_said_twice_or_wrongly_is_refused_in_a_sentence(make, keywords, kind) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(
        ValueError, match="give parameters in one piece or their fields by keyword, got parameters"
    ):
        make(parameters=kind(), **keywords)
    wrong = {f"{next(iter(keywords))}x": 1}
    with pytest.raises(
        ValueError, match=f"unknown keyword '{next(iter(wrong))}'; nearest: {next(iter(keywords))}"
    ):
        make(**wrong)
    with pytest.raises(ValueError, match="rng and seed are two names of one argument: give one, got 1 and 2"):
        make(rng=1, seed=2)
    with pytest.raises(ValueError, match="seed must be a whole number"):
        make(seed="1")
    for reporters in (
        {"model_reporters": {"x": 3}},
        {"agent_reporters": {1: "alpha"}},
        {"agent_reporters": ["alpha"]},
    ):
        with pytest.raises(ValueError, match=f"{next(iter(reporters))} must "):
            make(**reporters)


@each_model
def test_data_are_collected_before_the_first_step_and_after_each(make, keywords, kind) -> None:  # type: ignore[no-untyped-def]
    model = make(
        **keywords,
        rng=1,
        model_reporters={"agents_there": lambda model: len(model.agents), "seed": "seed"},
        agent_reporters={"number": "unique_id", "none": "no_such_attribute"},
    )
    model.run_model()
    frame = model.datacollector.get_model_vars_dataframe()
    rows = model._steps_taken + 1
    assert len(frame) == rows > 1
    assert frame["agents_there"].tolist() == [len(model.agents)] * rows
    assert frame["seed"].tolist() == [1] * rows
    assert len(frame.columns) > 2  # beside the model's own
    of_agents = model.datacollector.get_agent_vars_dataframe()
    assert of_agents["number"].tolist() == model.agents.get("unique_id") * rows
    assert of_agents["none"].isna().all()
    assert sorted(set(of_agents.index.get_level_values("Step"))) == list(range(rows))


@each_model
def test_agents_take_no_steps_of_their_own_and_say_why(make, keywords, kind) -> None:  # type: ignore[no-untyped-def]
    model = make(**keywords, rng=1)
    for call in (model.agents.do, model.agents.shuffle_do, model.agents.map):
        for method in ("step", "advance"):
            with pytest.raises(
                ValueError,
                match=rf"agents of {make.__name__} take no steps of their own, .*; got {method}\(\) of ",
            ):
                call(method)
    assert model._steps_taken == 0


@each_model
def test_sets_of_agents_do_what_mesa_says(make, keywords, kind) -> None:  # type: ignore[no-untyped-def]
    model = make(**keywords, rng=1)
    model.step()
    agents = model.agents
    numbers = agents.get("unique_id")
    assert numbers == list(range(1, len(agents) + 1))
    assert agents.agg("unique_id", max) == len(agents)
    assert [agent.unique_id for agent in agents.sort("unique_id", ascending=False)] == numbers[::-1]
    assert len(agents.select(lambda agent: agent.unique_id > 1, at_most=1)) == 1
    assert agents.map(lambda agent: agent.unique_id) == numbers
    agents.set("seen", 0)
    agents.do(lambda agent: setattr(agent, "seen", agent.seen + 1))
    agents.shuffle_do(lambda agent: setattr(agent, "seen", agent.seen + 1))
    assert agents.get("seen") == [2] * len(agents)
    kinds = agents.groupby(lambda agent: type(agent).__name__).count()
    assert kinds == {kind.__name__: len(some) for kind, some in model.agents_by_type.items()}
    # The law works on rows, whatever order the agents are in.
    twin = make(**keywords, rng=1)
    twin.step()
    agents.shuffle(inplace=True)
    while model.running:
        model.step()
        twin.step()
    one, other = (either.datacollector.get_model_vars_dataframe() for either in (model, twin))
    assert one.equals(other)


@each_model
def test_a_model_that_nobody_holds_is_freed(make, keywords, kind) -> None:  # type: ignore[no-untyped-def]
    model = make(**keywords, rng=1)
    model.step()
    model.grid  # noqa: B018 # is made when it is asked for
    with pytest.raises(ValueError, match="are settled"):
        Stranger(model)
    held = weakref.ref(model)
    del model
    gc.collect()
    assert held() is None


@each_model
def test_mesa_runs_batches_over_keywords(make, keywords, kind) -> None:  # type: ignore[no-untyped-def]
    given = {name: [value] for name, value in keywords.items()}
    rows = mesa.batch_run(
        make, {**given, "rng": [3, 4], "model_reporters": [{"seed": "seed"}], "agent_reporters": [{}]},
        display_progress=False,
    )  # fmt: skip
    assert [row["seed"] for row in rows] == [3, 4]


def test_every_iteration_of_a_batch_without_a_seed_draws_its_own() -> None:
    given = {"rounds": 3, "model_reporters": [{"seed": "seed"}], "agent_reporters": [{}]}
    newer = "rng" in inspect.signature(mesa.batch_run).parameters
    often = {"rng": [None] * 3} if newer else {"iterations": 3}
    rows = mesa.batch_run(GradualPair, given, display_progress=False, **often)
    assert len({row["seed"] for row in rows}) == 3
    if newer:
        rows = mesa.batch_run(GradualPair, given, display_progress=False, rng=[7, 8])
        assert [row["seed"] for row in rows] == [7, 8]


@each_model
def test_who_plays_stands_on_cells_joined_as_they_play(make, keywords, kind) -> None:  # type: ignore[no-untyped-def]
    model = make(**keywords, rng=1)
    model.step()
    on_cells = list(model.grid.agents)
    if isinstance(model, GridModel):
        assert {(agent.coordinate, agent.cell.coordinate) for agent in model.players} == {
            (agent.coordinate, agent.coordinate) for agent in model.players
        }
        return
    assert on_cells == list(model._players)
    for agent in on_cells:
        around = {id(other) for other in agent.cell.neighborhood.agents}
        others = (
            agent.neighbours
            if isinstance(model, Population)
            else [one for one in on_cells if one is not agent]
        )
        assert around == {id(other) for other in others}
    copy = pickle.loads(pickle.dumps(model))
    copy.step()
    assert len(copy.grid.agents) == len(on_cells)
