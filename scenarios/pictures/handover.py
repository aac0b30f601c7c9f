"""Pictures of what is left after a planner: by how long it led, and how much more than without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios.frame.look import BLUE, GREEN, ORANGE, RED, label_axes, new_figure, title_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = (BLUE, GREEN, "tab:purple", ORANGE, RED)

STYLES = {"informed": "-", "paid": (0, (4, 2))}


def draw_what_is_left(title: str, cells: list[dict[str, Any]]) -> Figure:
    """Draw P(C,C) after the planner by the rounds that it led wary players, a panel for each kind of them."""
    kinds = list(dict.fromkeys(cell["players"] for cell in cells))
    planned = sorted({cell["planned"] for cell in cells})
    rates = list(dict.fromkeys(cell["slips"] for cell in cells))
    rows = -(-len(kinds) // 3)
    figure, axes = new_figure(rows, 3, width=12.0, height=3.0 * rows + 0.8)
    runs = max(cell["runs"] for cell in cells)
    title_figure(
        figure, f"{title}: what is left among players who expect defection, mean of up to {runs} runs"
    )
    for place, (axis, players) in enumerate(zip(axes.flat, kinds, strict=False)):
        for slips, colour in zip(rates, COLOURS, strict=False):
            of_rate = [
                cell
                for cell in cells
                if (cell["players"], cell["slips"], cell["prior"]) == (players, slips, "wary")
            ]
            for planner, marker in (("closed form", "o"), ("learned", "^")):
                for information, style in STYLES.items():
                    of_line = {
                        cell["planned"]: cell["mean"]
                        for cell in of_rate
                        if cell["planner"] == "none"
                        or (cell["planner"], cell["information"]) == (planner, information)
                    }
                    if len(of_line) > 1:
                        axis.plot(
                            [planned.index(each) for each in of_line],
                            list(of_line.values()),
                            color=colour,
                            marker=marker,
                            markersize=4,
                            markerfacecolor=colour if planner == "closed form" else "white",
                            linestyle=style,
                            linewidth=1.2,
                            label=f"slips {slips:g}" if planner == "closed form" else None,
                        )
        axis.set_ylim(-0.04, 1.04)
        axis.set_xticks(range(len(planned)), [f"{each:,}" for each in planned])
        label_axes(
            axis,
            x="rounds of the planner" if place >= len(kinds) - 3 else "",
            y="P(C,C) after the planner" if place % 3 == 0 else "",
            title=players,
        )
    for axis in axes.flat[len(kinds) :]:
        axis.set_axis_off()
    by_label = dict(zip(*axes.flat[0].get_legend_handles_labels()[::-1], strict=True))
    figure.legend(
        by_label.values(),
        by_label.keys(),
        loc="outside lower center",
        ncols=len(rates),
        fontsize=9,
        title="full marks: closed form, white: learned; solid: informed of it, dashed: only paid",
        title_fontsize=9,
    )
    return figure


def draw_differences(title: str, cells: list[dict[str, Any]], longest: int) -> Figure:
    """Draw by how much more the longest planner leaves than none, with intervals: a panel for each planner."""
    rates = list(dict.fromkeys(cell["slips"] for cell in cells))
    planners = ("closed form", "learned")
    of_longest = [cell for cell in cells if cell["planned"] == longest]
    rows = list(dict.fromkeys((cell["players"], cell["prior"], cell["information"]) for cell in of_longest))
    figure, axes = new_figure(1, 2, width=12.0, height=0.36 * len(rows) + 1.6)
    title_figure(
        figure, f"{title}: P(C,C) after {longest:,} rounds of a planner less that without one (95% intervals)"
    )
    for axis, planner in zip(axes[0], planners, strict=True):
        for shift, (slips, colour) in enumerate(zip(rates, COLOURS, strict=False)):
            for place, row in enumerate(rows):
                for cell in of_longest:
                    if (cell["planner"], cell["slips"]) != (planner, slips):
                        continue
                    if (cell["players"], cell["prior"], cell["information"]) != row:
                        continue
                    height = len(rows) - place + 0.13 * (len(rates) / 2 - shift)
                    low, high = cell["difference_interval"]
                    axis.plot([low, high], [height, height], color=colour, linewidth=1.2)
                    axis.plot(
                        cell["difference_to_none"],
                        height,
                        "o",
                        color=colour,
                        markersize=3.5,
                        label=f"slips {slips:g}" if place == 0 else None,
                    )
        axis.axvline(0.0, color="black", linewidth=0.8)
        axis.set_xlim(-1.05, 1.05)
        names = [f"{players}, {prior}, {information}" for players, prior, information in rows]
        shown = names if planner == planners[0] else [""] * len(rows)
        axis.set_yticks([len(rows) - place for place in range(len(rows))], shown, fontsize=8)
        label_axes(axis, x="difference of P(C,C)", y="", title=f"planner: {planner}")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(rates), fontsize=9)
    return figure
