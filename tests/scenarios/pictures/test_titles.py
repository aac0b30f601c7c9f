"""Titles are whole, whatever the size of a picture; intervals stay within what is possible."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scenarios.command.tournament import _pictures
from scenarios.frame.look import new_figure, title_figure
from scenarios.pictures.networks import draw_budgets
from simulation import round_robin, strategy
from theory import named_game


def title_is_inside(figure: Figure) -> bool:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (title,) = [text for text in figure.texts if text.get_text() == figure.get_suptitle()]
    at, whole = title.get_window_extent(canvas.get_renderer()), figure.bbox
    return bool(at.x0 >= whole.x0 and at.x1 <= whole.x1 and at.y1 <= whole.y1)


@pytest.mark.parametrize("width", [3.0, 6.0, 12.0])
def test_a_long_title_is_broken_where_the_figure_ends(width: float) -> None:
    figure, _ = new_figure(1, 1, width=width, height=4.0)
    title = "Prisoner's Dilemma, learners with a planner: mean of 100 runs (band: lowest to highest run)"
    title_figure(figure, title)
    assert " ".join(figure.get_suptitle().split()) == title
    assert title_is_inside(figure)


def test_the_title_of_a_small_tournament_says_what_was_played_and_is_whole() -> None:
    players = [strategy("tit-for-tat"), strategy("always-defect")]
    game = named_game("prisoners-dilemma-axelrod")
    data = round_robin(players, game=game, turns=5, repetitions=2, noise=0.05, seed=0)
    figure = _pictures(data)[0].draw()
    told = " ".join(figure.get_suptitle().split())
    assert told == "Tournament in Prisoner's Dilemma (Axelrod 1980), noise 0.05, repetitions: 2"
    assert title_is_inside(figure)


def test_intervals_of_what_cannot_be_negative_end_at_zero() -> None:
    # Two runs: Student's t gives an interval of 12.7 standard errors to each side.
    values = {name: np.array([0.0, 0.2]) for name in ("cooperation", "welfare_index", "outlay")}
    figure = draw_budgets({("everyone", 0.1): values})
    for axis in figure.axes:
        (bars,) = axis.containers
        ends = np.concatenate([part.get_segments()[0][:, 1] for part in bars.lines[2]])
        assert ends.min() == pytest.approx(0.0)
    assert "mean of 2 runs" in figure.get_suptitle()
