"""Pictures of a page: what they show is what the model holds."""

import numpy as np
import pytest

from scenarios.frame.look import as_files
from scenarios.view.dials import Panel
from scenarios.view.pictures import draw_incentives, draw_network_now, draw_outcome, draw_shares
from scenarios.view.watched import Watched
from scenarios.view.watches import Watch
from scenarios.view.worlds import PAGES
from simulation import simulate
from simulation.worlds.catalogue import world


def watch_of(name: str, steps: int, **at: object) -> Watch:
    model = Watched(PAGES[name], Panel.of(world(name).Parameters(), PAGES[name].dials), "2", **at)
    for _ in range(steps):
        model.step()
    assert model.watch is not None
    return model.watch


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("name", list(PAGES))
def test_every_picture_is_drawn_from_the_first_step_on(name: str, steps: int) -> None:
    watch = watch_of(name, steps)
    for draw in PAGES[name].pictures:
        file = as_files(lambda draw=draw: draw(watch))["png"]  # type: ignore[misc]
        assert file.startswith(b"\x89PNG")


def test_the_outcome_stands_where_its_payoffs_are() -> None:
    watch = watch_of("mechanism-design", 20)
    axis = draw_outcome(watch).axes[0]
    (now,) = (one for one in axis.collections if one.get_label() == "outcome now")
    np.testing.assert_allclose(now.get_offsets()[0], watch.trail[-1])
    (way,) = (one for one in axis.lines if one.get_label().startswith("way"))
    np.testing.assert_allclose(way.get_xydata(), watch.trail)
    assert {
        "Pareto frontier",
        "Nash equilibria",
        "security levels",
        "Nash bargaining",
        "Kalai-Smorodinsky",
    } <= {text.get_text() for text in axis.get_legend().get_texts()}


def test_incentives_are_those_of_the_planner() -> None:
    watch = watch_of("mechanism-design", 20)
    bars = draw_incentives(watch).axes[0].patches
    data = simulate(watch.model.parameters, runs=1, seed=2)
    # Recorded before the planner's step of an episode: the picture is of the next episode.
    expected = data["incentive"].values[0, 20]
    assert sorted(bar.get_height() for bar in bars) == pytest.approx(sorted(expected.ravel()), abs=1e-12)


def test_a_planner_that_is_off_is_said_to_be_off() -> None:
    axis = draw_incentives(watch_of("mechanism-design", 1, planner_episodes=0)).axes[0]
    assert axis.get_title(loc="left") == "The planner is off"
    assert all(bar.get_height() == 0.0 for bar in axis.patches)


@pytest.mark.parametrize("network", ["grid", "ring", "small world", "scale-free", "random regular"])
def test_agents_are_coloured_by_their_cooperation_and_joined_to_their_neighbours(network: str) -> None:
    watch = watch_of("population", 3, network=network)
    axis = draw_network_now(watch).axes[0]
    lines, dots = axis.collections
    np.testing.assert_array_equal(dots.get_array(), watch.model.cooperation_probability)
    of = watch.model.parameters.network.of
    joined = {tuple(sorted((i, int(j)))) for i in range(100) for j in of(i)}
    around = 20 if network == "grid" else 0  # a torus of 10 x 10: those that go around are left out
    assert len(lines.get_segments()) == len(joined) - around


def test_long_courses_are_drawn_by_few_points_with_the_last_among_them() -> None:
    watch = watch_of("mechanism-design", 0)
    for name in watch.course:
        watch.course[name] = np.linspace(0.0, 1.0, 5001).tolist()
    line = draw_shares(watch).axes[0].lines[0]
    assert len(line.get_xdata()) <= 400
    assert (line.get_xdata()[-1], line.get_ydata()[-1]) == (5000, 1.0)
