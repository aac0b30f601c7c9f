"""Dials: what is declared for a page is what the parameters have and take."""

from typing import Any

import numpy as np
import pytest

from scenarios.command.viewing import NAMES
from scenarios.frame.settings import with_settings
from scenarios.view.dials import AS_GIVEN, Choice, Panel, Slider
from scenarios.view.watched import Watched
from scenarios.view.worlds import PAGES
from simulation import MechanismDesignParameters
from simulation.engine.fields import value_at
from simulation.worlds.catalogue import world, world_names

DIALS = [(name, dial) for name, page in PAGES.items() for dial in page.dials]
SLIDERS = [
    pytest.param(name, dial, id=f"{name}-{dial.path}") for name, dial in DIALS if isinstance(dial, Slider)
]
CHOICES = [
    pytest.param(name, dial, id=f"{name}-{dial.name}") for name, dial in DIALS if isinstance(dial, Choice)
]


def panel_of(name: str) -> Panel:
    return Panel.of(world(name).Parameters(), PAGES[name].dials)


def moved(slider: Slider) -> list[float]:
    """Both ends, and every step between them that is not one of ten thousand."""
    count = round((slider.high - slider.low) / slider.step)
    return [slider.number(slider.low + k * slider.step) for k in range(0, count + 1, max(1, count // 5))]


def test_every_world_whose_mesa_model_is_played_by_itself_has_a_page() -> None:
    assert tuple(PAGES) == NAMES
    assert set(world_names()) - set(NAMES) == {
        "many-players", "finite-game", "continuous-duels", "matches", "tournament", "evolution"
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_every_dial_that_is_declared_and_each_by_one_name(name: str) -> None:
    panel = panel_of(name)
    assert len(panel.dials) == len(PAGES[name].dials) == len(panel.first)
    assert AS_GIVEN not in panel.first.values()


@pytest.mark.parametrize("name", NAMES)
def test_dials_that_have_not_moved_leave_the_parameters_as_they_are(name: str) -> None:
    panel = panel_of(name)
    assert panel.parameters({}) is panel.start
    assert panel.parameters(panel.first) is panel.start


@pytest.mark.parametrize(("name", "slider"), SLIDERS)
def test_the_parameters_take_what_a_slider_can_say(name: str, slider: Slider) -> None:
    panel = panel_of(name)
    assert slider.low < slider.high
    assert slider.low <= panel.first[slider.name] <= slider.high
    for number in moved(slider):
        found = value_at(panel.parameters({slider.name: number}), slider.path)
        if number != panel.first[slider.name]:
            # A dilemma's greed is the difference of two payoffs.
            assert found == pytest.approx((number,) * slider.of_each if slider.of_each else number, abs=1e-12)
        assert isinstance(number, int) is slider.is_whole


@pytest.mark.parametrize(("name", "choice"), CHOICES)
def test_the_parameters_take_what_can_be_chosen(name: str, choice: Choice) -> None:
    panel = panel_of(name)
    for option, changes in choice.options.items():
        parameters = panel.parameters({choice.name: option})
        assert choice.at(parameters) == option
        for path, value in changes.items():
            found = value_at(parameters, path)
            assert found is value or found == value or option == panel.first[choice.name]


@pytest.mark.parametrize("name", NAMES)
def test_any_positions_together_give_parameters_or_say_what_is_refused(name: str) -> None:
    panel = panel_of(name)
    draw = np.random.default_rng(1)
    refusals = []
    for _ in range(100):
        at: dict[str, Any] = {}
        for dial in panel.dials:
            options = moved(dial) if isinstance(dial, Slider) else list(dial.options)
            at[dial.name] = options[draw.integers(len(options))]
        try:
            panel.parameters(at)
        except ValueError as error:
            refusals.append(str(error))
    assert len(refusals) < 50
    assert all(", got " in refusal for refusal in refusals)


@pytest.mark.parametrize(("name", "slider"), SLIDERS)
def test_what_a_slider_says_reaches_the_model(name: str, slider: Slider) -> None:
    high = slider.high if slider.high != panel_of(name).first[slider.name] else slider.low
    page = PAGES[name]
    at = {slider.name: high}
    if slider.path == "intensity":
        at["who_plays"] = "imitators"
    watched = Watched(page, panel_of(name), "3", **at)
    assert watched.refusal == ""
    assert watched.watch is not None
    model = watched.watch.model
    np.testing.assert_allclose(value_at(model.parameters, slider.path), high, rtol=0.0, atol=1e-12)


def test_a_page_starts_from_any_parameters() -> None:
    start = with_settings(
        MechanismDesignParameters(),
        ["game=battle-of-the-sexes", "bound=11", "learners=expected-policy-gradient"],
    )
    panel = Panel.of(start, PAGES["mechanism-design"].dials)
    assert panel.parameters(panel.first) is start
    assert "game_greed" not in panel.first  # this game has no greed
    assert panel.first["learners"] == AS_GIVEN
    inputs = panel.inputs()
    assert inputs["bound"]["max"] == inputs["bound"]["value"] == 11
    assert inputs["learners"]["values"] == [AS_GIVEN, "sampled", "expected"]
    changed = panel.parameters({**panel.first, "bound": 2.0})
    assert (changed.bound, changed.learners, changed.game) == (2.0, start.learners, start.game)


def test_the_part_of_a_whole_that_is_chosen_is_of_the_chosen_one() -> None:
    parameters = panel_of("population").parameters({"network": "ring", "graph_size": 300})
    assert (parameters.graph.kind, parameters.graph.size, parameters.network.n_agents) == ("ring", 300, 300)


@pytest.mark.parametrize(
    ("step", "given", "meant"), [(0.1, 0.1 + 0.2, 0.3), (0.0002, 0.0006000000000000001, 0.0006)]
)
def test_the_rounding_of_a_browser_is_left_out(step: float, given: float, meant: float) -> None:
    assert Slider("bound", 0.0, 1.0, step).number(given) == meant
