"""The page without a browser: what Solara makes of it, and what its buttons do."""

from collections.abc import Iterator
from typing import Any

import ipyvuetify
import ipywidgets
import pytest

from scenarios.view import page  # isort: skip # it says to Solara what to do before that is imported

import solara

from scenarios.view.worlds import PAGES
from simulation import judge_runs, simulate
from simulation.engine.fields import with_values
from simulation.worlds.catalogue import world


class Rendered:
    def __init__(self, rendered: Any) -> None:
        self.rendered = rendered

    def pictures(self) -> list[bytes]:
        return [bytes(widget.value) for widget in self.rendered.find(ipywidgets.Image).widgets]

    def texts(self) -> list[str]:
        paragraphs = self.rendered.find(ipyvuetify.Html, tag="p").widgets
        return [text for one in paragraphs for text in one.children if isinstance(text, str)]

    def click(self, label: str) -> None:
        (button,) = [one for one in self.rendered.find(ipyvuetify.Btn).widgets if label in one.children]
        button.click()

    def slider(self, label: str) -> Any:
        (found,) = [one for one in self.rendered.find(ipyvuetify.Slider).widgets if one.label == label]
        return found


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    made = []

    def show(name: str, seed: int = 0, **values: Any) -> Rendered:
        start = with_values(world(name).Parameters(), values)
        page.open_page(page.Opened(name, start, seed))
        # The layout is what has a side bar, for controls.
        _, rendered = solara.render(solara.AppLayout(children=[page.Page()]), handle_error=False)
        made.append(rendered)
        return Rendered(rendered)

    # Every step is seen.
    monkeypatch.setattr(page, "_INTERVAL", 1)
    yield show
    for rendered in made:
        rendered.close()


@pytest.mark.parametrize("name", list(PAGES))
def test_every_world_shows_its_pictures_its_dials_and_its_verdict(name: str, opened: Any) -> None:
    shown = opened(name)
    assert len(shown.pictures()) == len(PAGES[name].pictures)
    assert all(picture.startswith(b"\x89PNG") for picture in shown.pictures())
    labels = {one.label for one in shown.rendered.find(ipyvuetify.Slider).widgets}
    assert {dial.label or dial.path for dial in PAGES[name].dials if hasattr(dial, "step")} <= labels
    assert any(text.startswith("Seed 0, ") for text in shown.texts())


def test_a_step_moves_the_outcome_and_reset_brings_it_back(opened: Any) -> None:
    shown = opened("mechanism-design", seed=4)
    first = shown.pictures()
    shown.click("Step")
    stepped = shown.pictures()
    assert all(one != other for one, other in zip(first, stepped, strict=True))
    steps = PAGES["mechanism-design"].steps_a_frame
    assert f"Seed 4, episode {steps} of 4000." in shown.texts()
    shown.click("Reset")
    assert shown.pictures() == first
    assert "Seed 4, episode 0 of 4000." in shown.texts()
    shown.click("Step")
    assert shown.pictures() == stepped


def test_the_verdict_is_that_of_the_world(opened: Any) -> None:
    steps = PAGES["mechanism-design"].steps_a_frame
    shown = opened("mechanism-design", seed=4, episodes=steps)
    shown.click("Step")
    parameters = with_values(world("mechanism-design").Parameters(), {"episodes": steps})
    verdicts = judge_runs(world("mechanism-design"), parameters, simulate(parameters, runs=1, seed=4))
    for label in verdicts["label"].values[0]:
        assert str(label) in shown.texts()
    assert any("Tolerance 0.02" in text and "Pareto slack" in text for text in shown.texts())


def test_a_slider_takes_effect_with_reset(opened: Any) -> None:
    shown = opened("mechanism-design")
    first = shown.pictures()
    shown.slider("greed T - R").v_model = 2.5
    assert shown.pictures() == first
    shown.click("Reset")
    assert shown.pictures()[0] != first[0]
    shown.slider("greed T - R").v_model = 1.0
    shown.click("Reset")
    assert shown.pictures() == first


def test_what_is_refused_is_said_in_place_of_pictures(opened: Any) -> None:
    shown = opened("mechanism-design")
    (seed,) = [one for one in shown.rendered.find(ipyvuetify.TextField).widgets if one.label == "seed"]
    seed.v_model = "seven"
    seed.fire_event("focusout", None)  # what is typed counts when the field is left
    shown.click("Reset")
    assert "seed must be a whole number, got 'seven'" in shown.texts()
    assert shown.pictures() == []


def test_parameters_are_shown_with_what_they_mean() -> None:
    rows = page.parameter_rows(world("population").Parameters())
    assert ("graph.size", "100", "Number of agents, at least 3.") in rows
