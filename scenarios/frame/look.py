"""The look that all pictures share: colours that colour-blind readers can tell apart, no global settings.

matplotlib is loaded when something is drawn, not before.
"""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from scenarios.frame.plain_text import visible
from theory.checks import FloatArray, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

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

# Of curves in one picture, in their order.
CURVE_COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK)

RESOLUTION = 150


# Of a title.
_LETTERS_AN_INCH = 10.5

# Longer texts, which only names and titles from outside are, would take the picture's place.
LONGEST_TEXT = 120


def as_files(draw: Callable[[], Figure], kinds: Sequence[str] = ("png",)) -> dict[str, bytes]:
    """Return a picture as files, by kind (`png`, `svg`, `pdf`).

    Every text in it is shown as it is written: nothing in it is a formula. The same picture has the same bytes.
    """
    import matplotlib
    from matplotlib.text import Text

    settings: Any = {"text.parse_math": False, "svg.hashsalt": "commonweal"}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        figure = draw()
        _write_ticks_plainly(figure)
        for text in figure.findobj(Text):
            _write(text)
        return {kind: _saved(figure, kind) for kind in kinds}


def _write(text: Text) -> None:
    written = visible(text.get_text(), keep="\n")
    text.set_text(written if len(written) <= LONGEST_TEXT else written[:LONGEST_TEXT] + "...")


def show_as_written(axes: Axes) -> Axes:
    """Show every text of the axes as it is written, as `as_files` does for a whole figure; return the axes.

    Nothing in it is a formula but the ticks of logarithmic axes, which matplotlib writes.
    """
    for text in _texts(axes):
        _write(text)
        text.set_parse_math(False)
    return axes


def _texts(axes: Axes) -> Iterator[Text]:
    from matplotlib.ticker import FixedFormatter, FuncFormatter

    yield axes.title
    yield cast("Text", axes._left_title)  # type: ignore[attr-defined] # a title on the left has no other name
    yield from axes.texts
    legend = axes.get_legend()
    if legend is not None:
        yield from (legend.get_title(), *legend.get_texts())
    for axis in (axes.xaxis, axes.yaxis):
        yield axis.label
        if isinstance(axis.get_major_formatter(), (FixedFormatter, FuncFormatter)):
            yield from axis.get_ticklabels()


def _saved(figure: Figure, kind: str) -> bytes:
    file = io.BytesIO()
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    figure.savefig(file, dpi=RESOLUTION, format=kind, metadata=undated.get(kind))
    return file.getvalue()


def _write_ticks_plainly(figure: Figure) -> None:
    """Write the ticks of logarithmic axes as numbers: matplotlib writes them as formulas."""
    from matplotlib.ticker import LogFormatter, NullFormatter, StrMethodFormatter

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_formatter(), LogFormatter):
                axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
                axis.set_minor_formatter(NullFormatter())


def new_figure(rows: int, columns: int, *, width: float, height: float) -> tuple[Figure, Any]:
    """Return a figure of so many inches and its axes `[rows, columns]`."""
    from scenarios.frame.shown_figure import ShownFigure

    figure = ShownFigure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=9)
        axis.grid(alpha=0.25, linewidth=0.6)
        axis.set_axisbelow(True)
    return figure, axes


def axes_or_new(ax: Axes | None, *, width: float, height: float) -> Axes:
    """Return the axes that were given, as they are, or those of a new figure of so many inches.

    Raises
    ------
    ValueError
        If `ax` is something else.
    """
    from matplotlib.axes import Axes

    if ax is None:
        return cast("Axes", new_figure(1, 1, width=width, height=height)[1][0, 0])
    if not isinstance(ax, Axes):
        raise ValueError(f"ax must be axes of matplotlib, or None for a new figure, got {shown(ax)}")
    return ax


def figure_of(draw: Callable[..., Axes], *arguments: Any, **options: Any) -> Figure:
    """Return the figure that a function draws which returns its axes."""
    figure = draw(*arguments, **options).get_figure(root=True)
    return cast("Figure", figure)


def title_figure(figure: Figure, title: str) -> None:
    """Write what all panels have in common above them, in lines that fit the figure."""
    figure.suptitle(textwrap.fill(title, int(_LETTERS_AN_INCH * figure.get_figwidth())), fontsize=12)


def label_axes(axis: Axes, *, x: str, y: str, title: str = "") -> None:
    """Name both axes and the panel."""
    axis.set_xlabel(x, fontsize=10)
    axis.set_ylabel(y, fontsize=10)
    if title:
        axis.set_title(title, fontsize=11, loc="left")


def title_drawing(axis: Axes, title: str, *, own_figure: bool) -> None:
    """Write a title above the figure that a drawing has for itself, or above axes that were given."""
    if own_figure:
        title_figure(cast("Figure", axis.figure), title)
    else:
        axis.set_title(title, fontsize=11, loc="left")


def runs_in_words(runs: int, *, band: str) -> str:
    """Say what a mean is of, and what the band is, if there is one."""
    mean = f"mean of {runs} runs" if runs > 1 else "1 run"
    return f"{mean} (band: {band})" if band else mean


def draw_mean_and_spread(
    axis: Axes, x: FloatArray, values: FloatArray, *, colour: str, label: str, style: str = "-"
) -> None:
    """Draw `values[runs, len(x)]` as their mean and the band between the lowest and the highest run."""
    axis.plot(x, values.mean(axis=0), color=colour, label=label, linestyle=style, linewidth=1.7)
    if len(values) > 1:
        axis.fill_between(
            x, np.min(values, axis=0), np.max(values, axis=0), color=colour, alpha=0.18, linewidth=0
        )
