"""A figure that notebooks show by itself: nothing needs to be registered with pyplot."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

RESOLUTION = 100


class ShownFigure(Figure):
    """A figure that a cell of a notebook shows where it is the last value."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, dpi=RESOLUTION, format="png")
        return file.getvalue()
