"""Draw the rooms of the three floors and who imports whom, from CONTRIBUTING's map and the sources.

An arrow leads from a room to one that it imports, where it does not reach it by way of other arrows. The files that
everybody imports (checks of arguments and the like) are one box. `make gallery` runs this.
"""

from __future__ import annotations

import sys
from pathlib import Path

import networkx as nx
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scenarios.frame.look import BLUE, GREEN, ORANGE  # noqa: E402
from tests.imports import FLOORS, import_graph, modules, room_map, room_of  # noqa: E402

PICTURE = ROOT / "docs" / "pictures" / "architecture.png"
COLOURS = dict(zip(FLOORS, (BLUE, GREEN, ORANGE), strict=True))
SHARED = "theory.checks, arguments, graphs, ... (imported by all)"
WIDTH = 12.0

# What a floor knows; the last words of its band.
KNOWS = {
    "theory": "what is true of a game without time",
    "simulation": "everything that happens in time",
    "scenarios": "experiments, the command line, pictures",
}


def rooms() -> nx.DiGraph:
    """Return the rooms in the order of the map, with the arrows that are drawn."""
    names = {room: _drawn(room) for room in room_map() if room.count(".") == 1}
    order = {name: k for k, name in enumerate(dict.fromkeys(names.values()))}
    graph = nx.DiGraph()
    graph.add_nodes_from(order)
    for importer, imported in import_graph().edges:
        ends = [names.get(room_of(module)) for module in (importer, imported)]
        if None not in ends and order[ends[1]] < order[ends[0]]:
            graph.add_edge(*ends)
    arrows = nx.transitive_reduction(graph)
    arrows.remove_edges_from([edge for edge in arrows.edges if edge[1] == SHARED])
    return nx.DiGraph(arrows)


def _drawn(room: str) -> str:
    is_file = modules()[room].name != "__init__.py"
    return SHARED if is_file and room.startswith("theory.") else room


def draw() -> Figure:
    """Return the picture."""
    graph = rooms()
    rows = _rows(graph)
    figure = Figure(figsize=(10, 0.53 * sum(map(len, rows.values())) + 0.8), layout="constrained")
    axes = figure.add_subplot()
    axes.set_axis_off()
    places: dict[str, tuple[float, float]] = {}
    height = 0.0
    for floor in FLOORS:
        bottom = height - 0.5
        for row in rows[floor]:
            for k, room in enumerate(row):
                below = [places[other][0] for other in graph.successors(room)]
                places[room] = (_abscissa(k, row, below), height)
            height += 1
        _draw_band(axes, floor, bottom, height - 0.5)
        height += 0.45
    for importer, imported in graph.edges:
        _draw_arrow(axes, places[importer], places[imported], COLOURS[importer.split(".")[0]])
    for room, place in places.items():
        _draw_room(axes, room, place)
    title = "commonweal.py: all public names"
    axes.text(WIDTH / 2, height - 0.65, title, ha="center", va="center", fontsize=10, style="italic")
    axes.set_xlim(-1.3, 12.1)
    axes.set_ylim(-0.7, height - 0.3)
    return figure


def _abscissa(k: int, row: list[str], below: list[float]) -> float:
    """Return where the k-th room of a row stands: spread evenly, alone above what it imports."""
    if len(row) > 1:
        return (k + 0.5) * WIDTH / len(row)
    return min(max(_mean(below, WIDTH / 2), 3.0), WIDTH - 3.0)


def _rows(graph: nx.DiGraph) -> dict[str, list[list[str]]]:
    """Return the rooms of each floor row by row, lowest first: each above those of its floor that it imports."""
    level: dict[str, int] = {}
    for room in graph:  # in the order of the map
        below = [other for other in graph.successors(room) if other.split(".")[0] == room.split(".")[0]]
        level[room] = 1 + max((level[other] for other in below), default=-1)
    # What everybody imports has a row of its own.
    level = {room: level[room] + (room.startswith("theory.") and room != SHARED) for room in level}
    rows = {floor: [] for floor in FLOORS}
    places: dict[str, float] = {}
    for floor in FLOORS:
        own = [room for room in graph if room.startswith(floor + ".")]
        for k in range(max(level[room] for room in own) + 1):
            row = [room for room in own if level[room] == k]
            row.sort(
                key=lambda room: _mean(
                    [places[other] for other in graph.successors(room) if other in places], 0.5
                )
            )
            places |= {room: (j + 0.5) / len(row) for j, room in enumerate(row)}
            rows[floor].append(row)
    return rows


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _draw_band(axes: Axes, floor: str, bottom: float, top: float) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (-1.2, bottom),
            13.2,
            top - bottom,
            boxstyle="round,pad=0,rounding_size=0.15",
            facecolor=COLOURS[floor],
            alpha=0.08,
            edgecolor="none",
        )
    )
    axes.text(
        -1.05,
        (bottom + top) / 2,
        f"{floor}/",
        rotation=90,
        ha="center",
        va="center",
        fontsize=13,
        weight="bold",
        color=COLOURS[floor],
    )
    axes.text(
        -0.72,
        (bottom + top) / 2,
        KNOWS[floor],
        rotation=90,
        ha="center",
        va="center",
        fontsize=8,
        color=COLOURS[floor],
    )


def _draw_room(axes: Axes, room: str, place: tuple[float, float]) -> None:
    floor, _, name = room.partition(".")
    axes.text(
        *place,
        name.replace("_", " "),
        ha="center",
        va="center",
        fontsize=10,
        bbox={
            "boxstyle": "round,pad=0.35",
            "facecolor": "white",
            "edgecolor": COLOURS[floor],
            "linewidth": 1.2,
        },
    )


def _draw_arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    (x, y), (to_x, to_y) = start, end
    axes.add_patch(
        FancyArrowPatch(
            (x, y - 0.24),
            (to_x, to_y + 0.3),
            arrowstyle="-|>",
            mutation_scale=8,
            linewidth=0.9,
            color=colour,
            alpha=0.65,
            connectionstyle=f"arc3,rad={0.06 if to_x > x else -0.06}",
        )
    )


def main() -> None:
    """Write the picture, and into it which rooms it shows, for a test."""
    draw().savefig(PICTURE, dpi=150, metadata={"Description": " ".join(room_map())})


if __name__ == "__main__":
    main()
