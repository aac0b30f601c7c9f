"""The look that all pictures share: colours that colour-blind readers can tell apart, no global settings."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import LogFormatter, NullFormatter, StrMethodFormatter

from scenarios.frame.plain_text import visible
from theory.checks import FloatArray

# Okabe & Ito (2008), "Color Universal Design".
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#F0E442",
    "#000000",
)

RESOLUTION = 150


# Of a title.
_LETTERS_AN_INCH = 10.5

# Longer texts, which only names and titles from outside are, would take the picture's place.
LONGEST_TEXT = 120


def as_files(draw: Callable[[], Figure], kinds: Sequence[str] = ("png",)) -> dict[str, bytes]:
    """Return a picture as files, by kind (`png`, `svg`, `pdf`).

    Every text in it is shown as it is written: nothing in it is a formula. The same picture has the same bytes.
    """
    settings: Any = {"text.parse_math": False, "svg.hashsalt": "commonweal"}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        figure = draw()
        _write_ticks_plainly(figure)
        for text in figure.findobj(Text):
            written = visible(text.get_text(), keep="\n")
            text.set_text(written if len(written) <= LONGEST_TEXT else written[:LONGEST_TEXT] + "...")
        return {kind: _saved(figure, kind) for kind in kinds}


def _saved(figure: Figure, kind: str) -> bytes:
    file = io.BytesIO()
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    figure.savefig(file, dpi=RESOLUTION, format=kind, metadata=undated.get(kind))
    return file.getvalue()


def _write_ticks_plainly(figure: Figure) -> None:
    """Write the ticks of logarithmic axes as numbers: matplotlib writes them as formulas."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_formatter(), LogFormatter):
                axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
                axis.set_minor_formatter(NullFormatter())


def new_figure(rows: int, columns: int, *, width: float, height: float) -> tuple[Figure, Any]:
    """Return a figure of so many inches and its axes `[rows, columns]`."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=9)
        axis.grid(alpha=0.25, linewidth=0.6)
        axis.set_axisbelow(True)
    return figure, axes


def title_figure(figure: Figure, title: str) -> None:
    """Write what all panels have in common above them, in lines that fit the figure."""
    figure.suptitle(textwrap.fill(title, int(_LETTERS_AN_INCH * figure.get_figwidth())), fontsize=12)


def label_axes(axis: Axes, *, x: str, y: str, title: str = "") -> None:
    """Name both axes and the panel."""
    axis.set_xlabel(x, fontsize=10)
    axis.set_ylabel(y, fontsize=10)
    if title:
        axis.set_title(title, fontsize=11, loc="left")


def draw_mean_and_spread(
    axis: Axes, x: FloatArray, values: FloatArray, *, colour: str, label: str, style: str = "-"
) -> None:
    """Draw `values[runs, len(x)]` as their mean and the band between the lowest and the highest run."""
    axis.plot(x, values.mean(axis=0), color=colour, label=label, linestyle=style, linewidth=1.7)
    if len(values) > 1:
        axis.fill_between(
            x, np.min(values, axis=0), np.max(values, axis=0), color=colour, alpha=0.18, linewidth=0
        )
