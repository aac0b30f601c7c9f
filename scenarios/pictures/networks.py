"""Pictures of populations on networks: who cooperates at four moments, shares over time, what budgets buy."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from scenarios.frame.look import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    axes_or_new,
    draw_mean_and_spread,
    label_axes,
    new_figure,
    show_as_written,
    title_figure,
)
from theory.checks import FloatArray, finite_array, position, shown
from theory.graphs import undirected_graph
from theory.statistics import mean_interval

if TYPE_CHECKING:
    import networkx as nx
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Defection is dark and cooperation bright, also in grey.
COLOURS = "cividis"

# Of groups of nodes, in the order of their names.
MARKERS = "os^vDP"

_KINDS = {"ring": "o", "lattice": "P", "small world": "v", "regular": "s", "scale-free": "D"}

_POPULATIONS = {
    "learners": "(a) Learners alone",
    "half mirrors": "(b) Half mirrors, one action for all partners",
    "half mirrors, direct": "(c) Half mirrors, one action for each partner",
    "half mirrors, mistrustful": "(d) As (b), mirrors that begin mistrustful",
    "half mirrors, mistrustful, direct": "(e) As (c), mirrors that begin mistrustful",
}
_TARGETS = {
    "everyone": (BLACK, "o"),
    "highest-degree": (BLUE, "s"),
    "lowest-degree": (ORANGE, "v"),
    "random": (GREEN, "D"),
    "boundary": (PURPLE, "^"),
}


def draw_network(
    graph: Any,
    cooperativeness: ArrayLike,
    *,
    groups: Mapping[str, Iterable[int]] | None = None,
    positions: Mapping[Hashable, Any] | None = None,
    torus: bool = False,
    title: str = "",
    label: str = "probability of cooperation",
    legend: bool = True,
    colour_bar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network whose nodes are coloured by how cooperative they are, dark where not, bright where fully.

    Larger nodes have more neighbours.

    Parameters
    ----------
    graph
        An undirected networkx graph, a list of edges or a symmetric matrix of ones and zeros.
    cooperativeness
        `[n_nodes]`, in [0, 1], in the order of the graph's nodes: of one run, at one moment.
    groups
        Numbers of nodes (places in that order) by a name for the legend; each group has its own mark, others are
        circles as those of the first group.
    positions
        Where each node lies, two numbers; by default a force-directed layout is computed, the same each time.
    torus
        Whether the network goes around the edges of its positions; what goes around is left out.
    title
        Of the axes; the mean over nodes follows it.
    label
        Of the colours: what `cooperativeness` is.
    legend, colour_bar
        Whether to draw them.
    ax
        Where to draw; by default on a new figure, `.figure` of what is returned.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is not one number in [0, 1] for each node, or a group names a node that is not there.
    """
    network = undirected_graph("graph", graph)
    values = finite_array("cooperativeness", cooperativeness)
    if values.shape != (len(network),) or (values < 0).any() or (values > 1).any():
        raise ValueError(
            f"cooperativeness must be a number in [0, 1] for each of {len(network)} nodes, "
            f"got {shown(cooperativeness)}"
        )
    marks = _marks(groups or {}, len(network))
    at = _places(network, positions)
    axis = axes_or_new(ax, width=6.0, height=5.4)
    _draw_edges(axis, network, at, torus)
    degrees = np.array([degree for _, degree in network.degree])
    sizes = (24.0 if torus else 9.0) + 3.0 * np.minimum(degrees, 40)
    dots: Any = None
    for name, marker in zip(groups or {"": ()}, cycle(MARKERS)):
        which = np.array([mark == marker for mark in marks])
        dots = axis.scatter(
            at[which, 0], at[which, 1], c=values[which], s=sizes[which], marker=marker, cmap=COLOURS, vmin=0, vmax=1,
            edgecolors="0.25", linewidths=0.4, zorder=2, label=name or None,
        )  # fmt: skip
    mean = f"mean {values.mean():.2f}"
    axis.set_title(f"{title} ({mean})" if title else mean, fontsize=11)
    axis.set_axis_off()
    axis.set_aspect("equal")
    if groups and legend:
        axis.legend(fontsize=9, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    if colour_bar:
        _draw_colour_bar(axis.figure, axis, dots, label)
    return show_as_written(axis)


def _marks(groups: Mapping[str, Iterable[int]], n_nodes: int) -> list[str]:
    """Return the mark of each node."""
    marks = [MARKERS[0]] * n_nodes
    for (name, nodes), marker in zip(groups.items(), cycle(MARKERS)):
        for node in nodes:
            marks[position(f"a node of group {name!r}", node, n_nodes)] = marker
    return marks


def _places(network: nx.Graph, positions: Mapping[Hashable, Any] | None) -> FloatArray:
    """Return `[n_nodes, 2]`: where each node lies."""
    import networkx as nx

    place = nx.spring_layout(network, seed=1, iterations=150) if positions is None else positions
    missing = next((node for node in network if node not in place), None)
    if missing is not None:
        raise ValueError(f"positions must have a place for each node, got none for {missing!r}")
    return np.array([place[node] for node in network], dtype=np.float64).reshape(-1, 2)


def _draw_edges(axis: Axes, network: nx.Graph, at: FloatArray, torus: bool) -> None:
    from matplotlib.collections import LineCollection

    number = {node: k for k, node in enumerate(network)}
    lines = np.array([[at[number[u]], at[number[v]]] for u, v in network.edges]).reshape(-1, 2, 2)
    if torus:
        lines = lines[(np.abs(lines[:, 0] - lines[:, 1]) <= np.ptp(at, axis=0) / 2).all(axis=1)]
    axis.add_collection(LineCollection(list(lines), colors="0.75", linewidths=0.35, zorder=1))


def _draw_colour_bar(figure: Any, axes: Any, dots: Any, label: str, *, shrink: float = 0.5) -> None:
    bar = figure.colorbar(dots, ax=axes, location="bottom", shrink=shrink, aspect=35, pad=0.02)
    bar.set_label(label, fontsize=10)
    bar.ax.tick_params(labelsize=9)


def draw_network_moments(
    graph: nx.Graph,
    values: FloatArray,
    *,
    titles: Sequence[str],
    title: str,
    label: str,
    groups: Sequence[Mapping[str, Iterable[int]]],
    positions: Mapping[Hashable, Any] | None = None,
) -> Figure:
    """Draw a network at some moments, nodes coloured by `values[moments, n_nodes]` in [0, 1].

    `groups` are those of `draw_network` at each moment; `positions` are those of a torus.
    """
    places = positions or dict(zip(graph, _places(graph, None), strict=True))
    figure, axes = new_figure(1, len(titles), width=3.5 * len(titles), height=4.3)
    title_figure(figure, title)
    for axis, of_moment, of_groups, text in zip(axes[0], values, groups, titles, strict=True):
        draw_network(
            graph, of_moment, groups=of_groups, positions=places, torus=positions is not None, title=text,
            legend=False, colour_bar=False, ax=axis,
        )  # fmt: skip
    _draw_colour_bar(figure, axes[0].tolist(), axes[0, 0].collections[-1], label, shrink=0.35)
    return figure


def draw_budgets(measured: Mapping[tuple[str, Any], Mapping[str, FloatArray]]) -> Figure:
    """Draw cooperation, welfare and what was paid against the budget, a line for each choice of targets."""
    figure, axes = new_figure(1, 3, width=12.6, height=4.4)
    runs = max(len(values) for of_cell in measured.values() for values in of_cell.values())
    title_figure(
        figure,
        f"What a budget buys, by whom the planner may pay: mean of {runs} runs (bars: its 95% interval)",
    )
    panels = (
        ("cooperation", "share of actions that are C", "(a) Cooperation", 1.0),
        ("welfare_index", "welfare index", "(b) Welfare", 1.0),
        ("outlay", "paid an agent and step, mean of all steps", "(c) What was paid", np.inf),
    )
    for axis, (quantity, y, title, most) in zip(axes[0], panels, strict=True):
        for targets, (colour, marker) in _TARGETS.items():
            budgets = [budget for name, budget in measured if name == targets]
            if not budgets:
                continue
            values = [measured[targets, budget][quantity] for budget in budgets]
            means = np.array([v.mean() for v in values])
            ends = np.array([_interval_within(v, most) for v in values])
            bars = np.abs(np.array([means - ends[:, 0], ends[:, 1] - means]))
            axis.errorbar(
                budgets, means, yerr=bars, color=colour, marker=marker, markersize=5, linewidth=1.4, capsize=2,
                label=targets,
            )  # fmt: skip
        axis.set_xscale("log")
        shown = sorted({budget for _, budget in measured})
        ticks = [budget for budget in shown if budget in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)]
        axis.set_xticks(ticks, [f"{budget:g}" for budget in ticks])
        axis.minorticks_off()
        label_axes(axis, x="budget an agent and step (payoff units)", y=y, title=title)
    for axis in axes[0, :2]:
        axis.set_ylim(-0.03, 1.03)
    axes[0, 2].set_ylim(bottom=0.0)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=5, fontsize=9, frameon=False)
    return figure


def _interval_within(values: FloatArray, most: float) -> tuple[float, float]:
    """Return the interval of a mean as far as it lies between 0 and the most that is possible."""
    low, high = mean_interval(values) or (float(values.mean()), float(values.mean()))
    return max(low, 0.0), min(high, most)


def draw_turned_off(done: Mapping[tuple[str, Any], xr.Dataset], *, off: int) -> Figure:
    """Draw cooperation of learners and mirrors over time, with a planner until step `off` and without one."""
    populations = list(dict.fromkeys(name for name, _ in done))
    rows, columns = -(-len(populations) // 3), min(len(populations), 3)
    figure, axes = new_figure(rows, columns, width=4.2 * columns, height=3.8 * rows + 0.4)
    runs = max(data.sizes["run"] for data in done.values())
    title_figure(
        figure,
        f"Cooperation with a planner that is turned off: mean of {runs} runs (band: lowest to highest run)",
    )
    for axis in axes.flat[len(populations) :]:
        axis.set_axis_off()
    for axis, population in zip(axes.flat, populations, strict=False):
        for (name, condition), data in done.items():
            if name != population:
                continue
            with_planner = condition != "never-on"
            for of, colour in (("learner", BLUE), ("mirror", RED)):
                values = data["cooperation_by_rule"].sel(by_rule=of).values
                if np.isfinite(values).all():
                    draw_mean_and_spread(
                        axis, data["step"].values, values, colour=colour, style="-" if with_planner else ":",
                        label=f"{of}s, {'planner' if with_planner else 'no planner'}",
                    )  # fmt: skip
        axis.axvline(off, color=BLACK, linestyle="--", linewidth=1)
        axis.set_ylim(-0.03, 1.03)
        label_axes(axis, x="step", y="share of actions that are C", title=_POPULATIONS[population])
    handles = {
        name: handle
        for axis in axes.flat
        for handle, name in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        list(handles.values()), list(handles), loc="outside lower center", ncols=4, fontsize=9, frameon=False
    )
    return figure


def draw_beside(courses: Mapping[tuple[str, float], Mapping[str, xr.DataArray]], *, off: int) -> Figure:
    """Draw how others cooperated over time, by who was beside them, with a planner until step `off`."""
    figure, axes = new_figure(1, len(courses), width=3.6 * len(courses), height=4.2)
    runs = max(len(values) for by_players in courses.values() for values in by_players.values())
    title_figure(
        figure,
        f"Cooperation by who is beside, planner turned off: mean of {runs} runs (band: lowest to highest run)",
    )
    for axis, letter, ((others, share), by_players) in zip(
        axes[0], "abcdefgh", courses.items(), strict=False
    ):
        for (players, values), colour in zip(
            by_players.items(), (BLACK, RED, ORANGE, GREEN, BLUE), strict=False
        ):
            draw_mean_and_spread(
                axis, values["step"].values, values.values, colour=colour, style="-", label=players
            )
        axis.axvline(off, color=BLACK, linestyle="--", linewidth=1)
        axis.set_ylim(-0.03, 1.03)
        label_axes(
            axis,
            x="step",
            y=f"share of {others}' actions that are C",
            title=f"({letter}) {others}, {share:.0%} beside",
        )
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=5, fontsize=9, frameon=False)
    return figure


def draw_invasions(cells: Sequence[Mapping[str, Any]], *, pairs: Sequence[tuple[str, str]]) -> Figure:
    """Draw how often one invader takes over: against degree, and against clustering where the degree is about 8."""
    figure, axes = new_figure(2, len(pairs), width=2.35 * len(pairs), height=5.6)
    title_figure(
        figure,
        "How often one invader takes over, in units of 1/N, what it would be without selection (bars: 95%)",
    )
    for column, (invader, resident) in enumerate(pairs):
        of_pair = [c for c in cells if (c["invader"], c["resident"]) == (invader, resident)]
        top, bottom = axes[:, column]
        _draw_invasion_panel(top, of_pair, by="degree")
        _draw_invasion_panel(bottom, [c for c in of_pair if 7 < c["degree"] < 9], by="clustering")
        top.set_xscale("log", base=2)
        top.set_xticks([2, 4, 8, 16], ["2", "4", "8", "16"])
        y = "times 1/N" if column == 0 else ""
        label_axes(top, x="degree", y=y, title=f"{invader}\ninto {resident}")
        label_axes(bottom, x="clustering (degree 8)", y=y)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=5, fontsize=8.5, frameon=False)
    return figure


def _draw_invasion_panel(axis: Any, cells: Sequence[Mapping[str, Any]], *, by: str) -> None:
    for turns, colour in zip(dict.fromkeys(cell["turns"] for cell in cells), (ORANGE, BLUE), strict=False):
        for kind, marker in _KINDS.items():
            of = [c for c in cells if c["turns"] == turns and c["network"].startswith(kind)]
            if of:
                means = np.array([c["times_neutral"] for c in of])
                low, high = np.array([c["interval"] for c in of]).T / of[0]["neutral"]
                axis.errorbar(
                    [c[by] for c in of], means, yerr=np.abs(np.array([means - low, high - means])), fmt=marker,
                    color=colour, markersize=5, linewidth=1, alpha=0.85, label=f"{kind}, {turns} turns",
                )  # fmt: skip
    axis.axhline(1.0, color=BLACK, linestyle="--", linewidth=1)
    axis.set_yscale("symlog", linthresh=1.0)
    axis.set_ylim(-0.1, 64)
    axis.set_yticks([0, 1, 4, 16, 64], ["0", "1", "4", "16", "64"])
    axis.minorticks_off()


def draw_shares(watched: Mapping[str, xr.Dataset], *, size: int, title: str) -> Figure:
    """Draw the strategies' shares over generations, a panel for each network."""
    figure, axes = new_figure(1, len(watched), width=3.3 * len(watched), height=3.9)
    runs = next(iter(watched.values())).sizes["run"]
    title_figure(figure, f"{title} (mean of {runs} runs; band: its 95% interval)")
    for axis, (name, data) in zip(axes[0], watched.items(), strict=True):
        generations = data["step"].values / size
        for strategy, colour in zip(data["strategy"].values, (RED, BLUE, GREEN), strict=False):
            shares = data["counts"].sel(strategy=strategy).values / size
            mean = shares.mean(axis=0)
            ends = np.array([_interval_within(at, 1.0) for at in shares.T])
            axis.plot(generations, mean, color=colour, linewidth=1.7, label=str(strategy))
            axis.fill_between(generations, *ends.T, color=colour, alpha=0.18, linewidth=0)
        axis.set_ylim(-0.03, 1.03)
        label_axes(axis, x="generation", y="share", title=name)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    return figure
