"""Three strategies in one population: the simplex of their shares, with the replicator dynamics on it."""

from __future__ import annotations

from collections.abc import Sequence
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
    SKY,
    YELLOW,
    axes_or_new,
    show_as_written,
)
from theory import replicator_basins, replicator_rest_points
from theory.checks import FloatArray, finite_array, known_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The first strategy is the lower left corner, the second the lower right one, the third the top.
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3.0) / 2.0]])

COLOURS = ("speed", "basin")
BASIN_COLOURS = (SKY, ORANGE, GREEN, PURPLE, YELLOW, BLUE, RED)
AT_REST, MOVING = "#c8c8c8", "#f2f2f2"


def draw_simplex(
    matrix: ArrayLike,
    names: Sequence[str],
    *,
    colour: str = "speed",
    paths: Sequence[ArrayLike] = (),
    path_label: str = "simulated",
    title: str = "",
    resolution: int = 60,
    ax: Axes | None = None,
) -> Axes:
    """Draw three strategies in one population: the simplex of their shares, with the replicator dynamics on it.

    Parameters
    ----------
    matrix
        `[3, 3]`: payoff of the row strategy against the column strategy.
    names
        The strategies' names, for the corners.
    colour
        "speed": streamlines coloured by speed; "basin": areas coloured by the rest point that they reach.
    paths
        `[times, 3]` shares each, drawn over the dynamics with a dot where they end: runs of
        `simulation.evolve`, say.
    path_label
        What the legend calls them.
    title
        A title.
    resolution
        Points along an edge of what is computed.
    ax
        Where to draw; by default on a new figure, `.figure` of what is returned.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the matrix, names or shares are not those of three strategies.
    """
    payoffs = finite_array("matrix", matrix)
    if payoffs.shape != (3, 3) or len(names) != 3:
        raise ValueError(
            f"a simplex shows three strategies, got a matrix of shape {payoffs.shape} and {len(names)} names"
        )
    known_name("colour", colour, COLOURS)
    courses = [_shares(path) for path in paths]
    axis = axes_or_new(ax, width=7.4, height=6.0)
    _draw_triangle(axis, names, title)
    areas: list[Any] = []
    if colour == "basin":
        areas = _draw_basins(axis, payoffs, names, resolution)
        _draw_streams(axis, payoffs, resolution, speed=False)
    else:
        streams = _draw_streams(axis, payoffs, resolution, speed=True)
        bar = axis.figure.colorbar(streams.lines, ax=axis, shrink=0.6, pad=0.02)
        bar.set_label("speed of change", fontsize=9)
        bar.ax.tick_params(labelsize=8)
    for k, course in enumerate(courses):
        at = course @ CORNERS
        axis.plot(*at.T, color=RED, linewidth=1.3, alpha=0.8, zorder=5, label=path_label if k == 0 else None)
        axis.scatter(at[-1, 0], at[-1, 1], s=26, color=RED, edgecolor="white", linewidth=0.6, zorder=6)
    _draw_rest_points(axis, payoffs)
    handles, _ = axis.get_legend_handles_labels()
    axis.legend(
        handles=[*areas, *handles], fontsize=8.5, loc="upper left", bbox_to_anchor=(0.0, 1.0), frameon=False,
        handlelength=1.4, labelspacing=0.5,
    )  # fmt: skip
    return show_as_written(axis)


def _shares(path: ArrayLike) -> FloatArray:
    course = finite_array("path", path)
    if course.ndim != 2 or course.shape[1] != 3 or len(course) == 0:
        raise ValueError(f"a path must have shape [times, 3], got shape {course.shape}")
    if (course < 0).any() or np.abs(course.sum(axis=1) - 1.0).max() > 1e-6:
        raise ValueError("a path must hold shares that sum to one at each time")
    return course


def _draw_triangle(axis: Axes, names: Sequence[str], title: str) -> None:
    axis.set_aspect("equal")
    axis.set_axis_off()
    axis.set_xlim(-0.12, 1.12)
    axis.set_ylim(-0.11, 1.12)
    axis.plot(*CORNERS[[0, 1, 2, 0]].T, color=BLACK, linewidth=1.2, zorder=4)
    for corner, name, below in zip(CORNERS, names, (True, True, False), strict=True):
        axis.annotate(
            name, corner, xytext=(0, -9 if below else 9), textcoords="offset points", ha="center",
            va="top" if below else "bottom", fontsize=11,
        )  # fmt: skip
    if title:
        axis.set_title(title, fontsize=11.5, loc="left")


def _draw_streams(axis: Axes, payoffs: FloatArray, resolution: int, *, speed: bool) -> Any:
    """Draw the flow as streamlines within the triangle."""
    x = np.linspace(0.0, 1.0, resolution)
    y = np.linspace(0.0, CORNERS[2, 1], resolution)
    grid_x, grid_y = np.meshgrid(x, y)
    top = grid_y / CORNERS[2, 1]
    shares = np.stack([1.0 - grid_x - 0.5 * top, grid_x - 0.5 * top, top], axis=-1)
    growth = shares @ payoffs.T
    change = shares * (growth - (shares * growth).sum(axis=-1, keepdims=True))
    flow = change @ CORNERS
    outside = (shares < -1e-12).any(axis=-1)
    flow[outside] = np.nan
    rate = np.linalg.norm(flow, axis=-1)
    options: dict[str, Any] = {"color": rate, "cmap": "viridis_r"} if speed else {"color": "#707070"}
    return axis.streamplot(
        x, y, flow[..., 0], flow[..., 1], density=1.15, linewidth=1.0 if speed else 0.7, arrowsize=0.9, zorder=3,
        **options,
    )  # fmt: skip


def _draw_basins(axis: Axes, payoffs: FloatArray, names: Sequence[str], resolution: int) -> list[Any]:
    """Colour the basins, and return what the legend shows of them."""
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Patch

    basins = replicator_basins(payoffs, divisions=resolution)
    colours = [_paler(shade) for shade in (*BASIN_COLOURS[: len(basins.stable)], MOVING, AT_REST)]
    # Every state of the even grid owns a hexagon around it, clipped by the triangle.
    angles = np.arange(6) * np.pi / 3 + np.pi / 6
    radius = 1.04 / (resolution + 1.5) / np.sqrt(3.0)
    hexagon = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    cells = (basins.initial @ CORNERS)[:, None] + hexagon
    areas = PolyCollection(
        list(cells), facecolors=[colours[k] for k in basins.reached], linewidths=0, zorder=1
    )
    areas.set_clip_path(_triangle(axis))
    axis.add_collection(areas)
    shares = [*basins.shares, basins.moving, basins.at_rest]
    labels = [f"to {_in_words(rest.shares, names)}" for rest in basins.stable]
    labels += ["goes on moving", "comes to rest elsewhere"]
    return [
        Patch(facecolor=shade, label=f"{label}: {share:.0%}")
        for share, label, shade in zip(shares, labels, colours, strict=True)
        if share > 0
    ]


def _paler(colour: str) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    red, green, blue = (0.55 * part + 0.45 for part in to_rgb(colour))
    return red, green, blue


def _triangle(axis: Axes) -> Any:
    from matplotlib.patches import Polygon

    triangle = Polygon(CORNERS.tolist(), closed=True, facecolor="none", edgecolor="none")
    axis.add_patch(triangle)
    return triangle


def _in_words(shares: FloatArray, names: Sequence[str]) -> str:
    return ", ".join(
        name if share > 1 - 1e-9 else f"{share:.0%} {name}"
        for share, name in zip(shares, names, strict=True)
        if share > 1e-9
    )


def _draw_rest_points(axis: Axes, payoffs: FloatArray) -> None:
    found = replicator_rest_points(payoffs)
    for k, support in enumerate(found.continua):
        ends = _ends_of_continuum(payoffs, support)
        if ends is not None:
            axis.plot(
                *(ends @ CORNERS).T, color=BLACK, linewidth=3.5, alpha=0.85, solid_capstyle="butt", zorder=7,
                label="rest points" if k == 0 else None,
            )  # fmt: skip
    styles = {
        True: (BLACK, "stable"),
        False: ("white", "unstable"),
        None: ("#9a9a9a", "stability not decided"),
    }
    for stable, (fill, label) in styles.items():
        shares = [rest.shares for rest in found.isolated if rest.is_stable is stable]
        if shares:
            x, y = (np.array(shares) @ CORNERS).T
            axis.scatter(
                x, y, s=62, color=fill, edgecolor=BLACK, linewidth=1.3, zorder=8, label=label,
                clip_on=False,
            )  # fmt: skip


def _ends_of_continuum(payoffs: FloatArray, support: Sequence[int]) -> FloatArray | None:
    """Return `[2, 3]` the ends of a line of rest points; None where they fill the triangle."""
    if len(support) == 2:
        return np.eye(3)[list(support)]
    system = np.vstack([payoffs[1:] - payoffs[0], np.ones(3)])
    directions = np.linalg.svd(system)[2][np.linalg.matrix_rank(system) :]
    if len(directions) != 1:
        return None
    middle, along = np.linalg.lstsq(system, np.array([0.0, 0.0, 1.0]), rcond=None)[0], directions[0]
    with np.errstate(divide="ignore"):
        reach = -middle / along
    low, high = reach[along > 0].max(), reach[along < 0].min()
    return np.array([middle + low * along, middle + high * along])
