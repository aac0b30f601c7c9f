"""The simplex shows what theory says: names, rest points and basins."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from scenarios.frame.look import figure_of
from scenarios.pictures.simplex import CORNERS, draw_simplex

HAWKS = [[-1.0, 2.0, -1.0], [0.0, 1.0, 0.0], [-2.0, -2.0, -2.0]]
NAMES = ("hawk", "dove", "nobody")


def texts(figure: Figure) -> list[str]:
    axis = figure.axes[0]
    return [t.get_text() for t in axis.texts] + [t.get_text() for t in axis.get_legend().get_texts()]


def test_corners_rest_points_and_speed() -> None:
    figure = figure_of(draw_simplex, HAWKS, NAMES, title="Hawks", resolution=15)
    assert set(NAMES) <= set(texts(figure))
    assert {"stable", "unstable"} <= set(texts(figure))
    assert figure.axes[0].get_title(loc="left") == "Hawks"
    assert figure.axes[1].get_ylabel() == "speed of change"
    stable = next(c for c in figure.axes[0].collections if c.get_label() == "stable")
    assert np.asarray(stable.get_offsets()) == pytest.approx(((CORNERS[0] + CORNERS[1]) / 2)[None])


def test_basins_are_named_with_their_shares() -> None:
    figure = figure_of(draw_simplex, np.eye(3), ("a", "b", "c"), colour="basin", resolution=10)
    assert {"to a: 30%", "to b: 30%", "to c: 30%", "comes to rest elsewhere: 9%"} <= set(texts(figure))
    figure = figure_of(draw_simplex, HAWKS, NAMES, colour="basin", resolution=8)
    assert "to 50% hawk, 50% dove: 100%" in texts(figure)


def test_paths_lie_over_the_flow() -> None:
    path = [[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]]
    figure = figure_of(draw_simplex, HAWKS, NAMES, paths=[path, path], path_label="a run", resolution=15)
    assert texts(figure).count("a run") == 1
    line = next(line for line in figure.axes[0].lines if line.get_label() == "a run")
    assert line.get_xydata()[-1] == pytest.approx(CORNERS[1])


@pytest.mark.parametrize("colour", ["speed", "basin"])
def test_lines_of_rest_points_are_drawn(colour: str, tmp_path) -> None:
    # Always C and Tit-for-Tat do the same without defectors.
    edge = figure_of(
        draw_simplex, [[3, 3, 0], [3, 3, 0.9], [5, 1.2, 1]], ("C", "TFT", "D"), colour=colour, resolution=10
    )
    line = next(line for line in edge.axes[0].lines if line.get_label() == "rest points")
    assert line.get_xydata() == pytest.approx(CORNERS[:2])
    # x = y = (1 - z) / 2 rests for all z: payoffs of all are equal where x = y.
    inside = figure_of(
        draw_simplex, [[0, 1, 0], [1, 0, 0], [0.5, 0.5, 0]], ("a", "b", "c"), colour=colour, resolution=10
    )
    lines = [line for line in inside.axes[0].lines if line.get_linewidth() == 3.5]
    ends = {tuple(np.round(point, 6)) for line in lines for point in line.get_xydata()}
    assert tuple(np.round((CORNERS[0] + CORNERS[1]) / 2, 6)) in ends
    inside.savefig(tmp_path / "simplex.png", dpi=50)
    assert draw_simplex(np.ones((3, 3)), NAMES, colour=colour, resolution=8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.eye(2), ("a", "b")), r"three strategies, got a matrix of shape \(2, 2\) and 2 names"),
        ((np.eye(3), ("a", "b")), "and 2 names"),
        ((np.full((3, 3), np.nan), NAMES), "matrix must be finite"),
    ],
)
def test_bad_matrices(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        draw_simplex(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colour": "red"}, "unknown colour 'red'"),
        ({"paths": [[0.5, 0.5, 0.0]]}, r"shape \[times, 3\], got shape \(3,\)"),
        ({"paths": [[[0.5, 0.6, 0.0]]]}, "shares that sum to one"),
    ],
)
def test_bad_options(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        draw_simplex(np.eye(3), NAMES, **options)
