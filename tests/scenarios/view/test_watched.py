"""The watched model: it is the world's own, bit for bit, and says what the world's own verdicts say."""

from typing import Any

import numpy as np
import pytest

from scenarios.view.dials import Panel
from scenarios.view.watched import Watched
from scenarios.view.watches import WINDOW, Watch
from scenarios.view.worlds import PAGES
from simulation import judge_runs, play_duels, simulate, simulate_handover, simulate_population
from simulation.engine.fields import with_values
from simulation.worlds.catalogue import world

SEED = 5


def watched(name: str, *, seed: str = str(SEED), start: dict[str, Any] | None = None, **at: Any) -> Watched:
    parameters = with_values(world(name).Parameters(), start or {})
    return Watched(PAGES[name], Panel.of(parameters, PAGES[name].dials), seed, **at)


def stepped(model: Watched, steps: int) -> Watch:
    for _ in range(steps):
        model.step()
    assert model.watch is not None
    assert model.refusal == ""
    assert model.steps == model.watch.taken == steps
    return model.watch


def labels(watch: Watch) -> list[str]:
    return [judged.label for judged in watch.judged()]


def world_labels(name: str, parameters: Any, data: Any) -> list[str]:
    return [str(label) for label in judge_runs(world(name), parameters, data)["label"].values[0]]


def test_learners_are_those_of_the_world_and_so_are_their_verdicts() -> None:
    model = watched("mechanism-design", start={"episodes": 40}, bound=2.0, alpha=0.1)
    watch = stepped(model, 40)
    data = simulate(model.parameters, runs=1, seed=SEED)
    chances = data["cooperation_probability"].values[0]
    # The dataset has what an episode was played with, the course also what it led to.
    assert watch.course["P(C) of player 1"][:-1] == chances[:, 0].tolist()
    assert watch.course["P(C, C)"][:-1] == (chances[:, 0] * chances[:, 1]).tolist()
    final = data["final_cooperation_probability"].values[0]
    assert watch.course["P(C) of player 2"][-1] == final[1]
    profile = [np.array([p, 1.0 - p]) for p in final]
    np.testing.assert_allclose(watch.trail[-1], model.parameters.game.expected_payoffs(profile), atol=1e-14)
    assert labels(watch) == world_labels("mechanism-design", model.parameters, data)
    assert len(labels(watch)) == 3


def test_a_population_is_that_of_the_world_and_so_are_its_verdicts() -> None:
    model = watched("population", start={"steps": 30}, planner_steps=30)
    watch = stepped(model, 30)
    data = simulate_population(model.parameters, runs=1, seed=SEED)
    final = data["final_cooperation_probability"].values[0]
    assert watch.course["P(C), mean"][-1] == final.mean()
    expected = world_labels("population", model.parameters, data)
    assert labels(watch) == expected
    assert len(expected) == 3
    pairs = data["final_pairs"].values[0].reshape(2, 2) / 200.0  # a torus of 100 agents has 200 edges
    both = np.einsum("ij,pij->p", pairs, model.parameters.game.payoffs).mean()
    np.testing.assert_allclose(watch.trail[-1], [both, both])


@pytest.mark.parametrize("second", ["defector", "Tit-for-Tat"])
def test_a_duel_is_judged_by_its_last_rounds(second: str) -> None:
    model = watched("duels", start={"rounds": 80}, second_player=second, noise=0.1)
    watch = stepped(model, 80)
    p = model.parameters
    data = play_duels(
        p.first, p.second, game=p.game, rounds=80, noise=0.1, runs=1, seed=SEED, burn_in=80 - WINDOW
    )
    np.testing.assert_allclose(watch.trail[-1], data["mean_payoff"].values[0], atol=1e-12)
    levels = [watch.course[f"level of player {player}"][-1] for player in (1, 2)]
    np.testing.assert_allclose(levels, data["mean_level"].values[0], atol=1e-12)
    assert labels(watch) == world_labels("duels", p, data)


def test_a_handover_is_judged_by_its_last_rounds_together() -> None:
    start = {"planner.episodes": 60, "planner.planner_episodes": 30}
    model = watched("handover", start=start, noise=0.2)
    watch = stepped(model, 60)
    data = simulate_handover(model.parameters, runs=1, seed=SEED, burn_in=60 - WINDOW)
    shares = data["outcome_frequency"].values[0].reshape(2, 2)
    np.testing.assert_allclose(watch.counts / WINDOW, shares)
    assert labels(watch) == world_labels("handover", model.parameters, data)


@pytest.mark.parametrize("name", ["groups", "literal-groups"])
def test_a_group_is_judged_where_its_game_is_small_enough(name: str) -> None:
    small = stepped(watched(name, noise=0.1), 5)
    assert len(labels(small)) == 1
    assert np.all(np.asarray(small.course["level, mean"][1:]) <= 1.0)
    assert labels(stepped(watched(name, n_players=12), 5)) == []


@pytest.mark.parametrize("name", list(PAGES))
def test_nothing_is_stepped_after_the_end(name: str) -> None:
    field = {"population": "steps", "mechanism-design": "episodes", "handover": "planner.episodes"}.get(
        name, "rounds"
    )
    start = {field: 3} | ({"planner.planner_episodes": 2} if name == "handover" else {})
    model = watched(name, start=start)
    for _ in range(7):
        model.step()
    assert not model.running
    assert model.steps == 3
    assert model.watch is not None
    assert {len(values) for values in model.watch.course.values()} == {4}


def test_the_seed_is_a_number_however_it_is_written() -> None:
    # An input of text gives texts, of which NumPy would make another seed, or an error.
    one, two = (stepped(watched("mechanism-design", seed=seed), 5) for seed in ("7", " 7 "))
    assert one.course == two.course
    assert one.course != stepped(watched("mechanism-design", seed="8"), 5).course


@pytest.mark.parametrize("seed", ["seven", "", "-1", "1.5"])
def test_what_is_no_seed_is_said_and_nothing_is_played(seed: str) -> None:
    model = watched("mechanism-design", seed=seed)
    assert model.refusal.startswith("seed must be")
    model.step()
    assert (model.steps, model.running, model.watch) == (0, False, None)


def test_positions_that_make_no_sense_together_are_said() -> None:
    model = watched("population", who_plays="imitators", planner_steps=100)
    assert "so rules must hold learners" in model.refusal
    assert not model.running


def test_a_step_that_fails_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    model = watched("mechanism-design")
    assert model.watch is not None

    def fail() -> None:
        raise ValueError("payoffs must stay finite, got inf")

    monkeypatch.setattr(model.watch.model, "step", fail)
    model.step()
    assert (model.refusal, model.running, model.steps) == ("payoffs must stay finite, got inf", False, 0)


def test_a_planner_who_cannot_is_noticed() -> None:
    model = watched("mechanism-design", bound=0.1)
    assert any("bound" in notice for notice in model.notices)
