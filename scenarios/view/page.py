"""The page in a browser: SolaraViz with a world's dials, its pictures and the verdict in words.

Solara calls `Page` once for each visitor, who gets a world of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scenarios.view.environment import set_environment

set_environment()

import solara  # noqa: E402
import solara.alias  # noqa: E402
from mesa.visualization import SolaraViz  # noqa: E402

from scenarios.frame.look import as_files  # noqa: E402
from scenarios.frame.plain_text import visible  # noqa: E402
from scenarios.frame.settings import settings_of, written  # noqa: E402
from scenarios.view.dials import Panel  # noqa: E402
from scenarios.view.watched import Watched  # noqa: E402
from scenarios.view.watches import Watch  # noqa: E402
from scenarios.view.worlds import page_of  # noqa: E402

# Milliseconds between frames, at first.
_INTERVAL = 51

_drawing = threading.Lock()

_STYLE = """
.commonweal-picture img { width: 100%; max-height: 384px; object-fit: contain; }
.commonweal-words { height: 384px; overflow-y: auto; padding: 6px 18px; font-size: 14px; line-height: 1.45; }
.commonweal-words p { margin: 0 0 5px; }
.commonweal-words .judged-in { margin-top: 14px; font-weight: 600; }
.commonweal-words .label { font-size: 18px; color: #0072B2; }
.commonweal-words .measures { opacity: 0.7; font-size: 13px; }
.commonweal-words .refusal { color: #b00020; font-weight: 600; }
.commonweal-words .notice { border-left: 3px solid #E69F00; padding-left: 8px; }
.commonweal-words table { border-collapse: collapse; font-size: 13px; }
.commonweal-words td { vertical-align: top; padding: 2px 18px 2px 0; }
.commonweal-words tr:first-child td { font-weight: 600; }
.vue-grid-item:has(.commonweal-parameters) { width: 98% !important; height: 85vh !important; }
.commonweal-parameters { height: 83vh; }
"""


@dataclass(frozen=True)
class Opened:
    """What is shown: a world, from what parameters and with which seed."""

    world: str
    start: Any
    seed: int = 0


_opened: list[Opened] = [Opened("mechanism-design", None)]


def open_page(opened: Opened) -> None:
    """Let all visitors who come from now on see a world."""
    _opened[:] = [opened]


@solara.component
def Page() -> None:  # noqa: N802 # Solara looks for this name
    """Show the world that was opened."""
    opened = _opened[-1]
    model = solara.use_memo(lambda: first_model(opened), [])
    shown = solara.use_memo(lambda: [*((one, 0) for one in components(model)), (shown_parameters, 1)], [])
    solara.Style(_STYLE)
    solara.Title(f"commonweal: {opened.world}")
    SolaraViz(
        model,
        components=shown,
        model_params=model_parameters(model, opened.seed),
        name=f"commonweal: {opened.world}",
        play_interval=_INTERVAL,
        render_interval=model.page.steps_a_frame,
    )


def first_model(opened: Opened) -> Watched:
    """Return the model that a visitor sees first."""
    page = page_of(opened.world)
    return Watched(page, Panel.of(opened.start, page.dials), opened.seed)


def model_parameters(model: Watched, seed: int) -> dict[str, Any]:
    """Return what SolaraViz makes models from: what stays, the seed, and the dials."""
    text = {"type": "InputText", "label": "seed", "value": str(seed)}
    return {"page": model.page, "panel": model.panel, "seed": text, **model.panel.inputs()}


def components(model: Watched) -> list[Callable[[Watched], Any]]:
    """Return what is shown of a model: at most two pictures, then the verdict, then the other pictures."""
    drawn = [_picture(draw) for draw in model.page.pictures]
    above = min(2, len(drawn) - 1)
    return [*drawn[:above], shown_verdict, *drawn[above:]]


def _picture(draw: Callable[[Any], Any]) -> Callable[[Watched], None]:
    def shown_picture(model: Watched) -> None:
        with solara.Div(classes=["commonweal-picture"]):
            if model.watch is not None:
                solara.alias.rw.Image(value=_drawn(draw, model.watch), format="png")

    return shown_picture


def _drawn(draw: Callable[[Any], Any], watch: Watch) -> bytes:
    """Return a picture as a file; one at a time, since matplotlib's settings are everybody's."""
    with _drawing:
        return as_files(lambda: draw(watch))["png"]


def shown_verdict(model: Watched) -> None:
    """Show where the run is, and theory's verdicts on what it has come to, in words."""
    with solara.Div(classes=["commonweal-words"]):
        for css, text in verdict_lines(model):
            _paragraph(text, css)


def verdict_lines(model: Watched) -> Iterator[tuple[str, str]]:
    """Yield what is said of a run, each with its kind."""
    watch = model.watch
    if model.refusal:
        yield "refusal", model.refusal
    if watch is None:
        yield "measures", "Nothing is played: change what is refused, and press Reset."
        return
    yield "measures", f"Seed {model.seed_text}, {watch.unit} {watch.taken} of {watch.steps}."
    for notice in model.notices:
        yield "notice", notice
    verdicts = list(watch.judged())
    for verdict in verdicts:
        yield "judged-in", f"In {verdict.judged_in}"
        yield "label", verdict.label
        yield "reasons", verdict.explanation
        yield "measures", verdict.measures
    if not verdicts:
        why = (
            "is judged after its first step"
            if not watch.taken
            else "has no game that is small enough to be judged"
        )
        yield "label", f"This world {why}"


def shown_parameters(model: Watched) -> None:
    """Show all parameters that are in force, with what they mean."""
    with solara.Div(classes=["commonweal-words", "commonweal-parameters"]):
        if model.parameters is None:
            _paragraph(model.refusal, "refusal")
            return
        _paragraph(
            "In force since the last Reset. Dials take effect with Reset; everything else is set by "
            "commonweal view NAME --set path=value.",
            "measures",
        )
        rows = [("path", "value", "meaning"), *parameter_rows(model.parameters)]
        cells = [
            solara.v.Html(tag="tr", children=[solara.v.Html(tag="td", children=[text]) for text in row])
            for row in rows
        ]
        solara.v.Html(tag="table", children=cells)


def parameter_rows(parameters: Any) -> list[tuple[str, str, str]]:
    """Return path, value and meaning of each parameter."""
    return [(one.path, written(one.value), one.meaning) for one in settings_of(parameters)]


def _paragraph(text: str, css: str) -> None:
    solara.v.Html(tag="p", class_=css, children=[visible(text)])
