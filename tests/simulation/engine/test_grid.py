"""Mesa's drawers draw each model's cells through matplotlib, without a page."""

import warnings
from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from simulation import (
    CoinGameModel,
    EscapeRoomModel,
    GradualGroup,
    GradualPair,
    GuidedPair,
    MechanismDesign,
    NetworkDescription,
    Population,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what Mesa's pages are made of warns when it is imported
    pytest.importorskip(
        "mesa.visualization", reason="Mesa draws with the libraries of its pages: commonweal[view]"
    )
    from mesa.visualization import SpaceRenderer
    from mesa.visualization.components import AgentPortrayalStyle

COLOURS = ("#aa3311", "#1133aa")

MODELS = {
    "pair": lambda: MechanismDesign(rng=1),
    "duel": lambda: GradualPair(rng=1),
    "group": lambda: GradualGroup(n_players=4, rng=1),
    "guided pair": lambda: GuidedPair(rng=1),
    "grid": lambda: Population(graph=NetworkDescription(size=12), rng=1),
    "network": lambda: Population(graph=NetworkDescription(kind="scale-free", size=30), rng=1),
    "coins": lambda: CoinGameModel(rng=1),
    "escape room": lambda: EscapeRoomModel(rng=1),
}


def drawn(model) -> Figure:  # type: ignore[no-untyped-def]
    """Return the figure of a model's cells, whose agents are coloured by turns."""

    def portrayal(agent) -> AgentPortrayalStyle:  # type: ignore[no-untyped-def]
        return AgentPortrayalStyle(color=COLOURS[agent.unique_id % 2], size=40)

    renderer = SpaceRenderer(model, backend="matplotlib")
    if hasattr(renderer, "setup_agents"):  # Mesa 3.5
        renderer.setup_agents(portrayal)
        renderer.draw_structure()
        renderer.draw_agents()
    else:
        renderer.draw_structure()
        renderer.draw_agents(portrayal)
    return renderer.canvas.figure


@pytest.mark.parametrize("name", MODELS)
def test_every_player_is_drawn_in_its_colour(name: str) -> None:
    model = MODELS[name]()
    model.step()
    with mpl.rc_context({"backend": "agg"}):
        figure = drawn(model)
        figure.canvas.draw()
    on_cells = [agent for agent in model.agents if agent.cell is not None]
    assert len(on_cells) >= 2
    offsets, faces = zip(*_points(figure), strict=True)
    for parity, colour in enumerate(COLOURS):
        wanted = sum(agent.unique_id % 2 == parity for agent in on_cells)
        assert sum(np.allclose(face, to_rgba(colour)[:3]) for face in faces) == wanted
    assert np.isfinite(offsets).all()


def _points(figure: Figure) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield place and colour of each point of a figure."""
    for points in figure.axes[0].collections:
        if isinstance(points, PathCollection):
            faces = points.get_facecolors()
            for place, offset in enumerate(points.get_offsets()):
                yield np.asarray(offset), faces[place % len(faces)][:3]
