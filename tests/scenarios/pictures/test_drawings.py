"""Drawing functions for own work: they draw where they are told, what theory says, and change nothing else."""

import subprocess
import sys
from typing import Any

import matplotlib
import networkx as nx
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

import commonweal
import scenarios
from commonweal import draw_network, draw_payoff_space
from theory import Game, judge, judge_batch, judge_plays, named_game

DRAWINGS = [name for name in scenarios.__all__ if name.startswith("draw_")]
CHICKEN = named_game("chicken")  # C C: 3, 3; C D: 2, 3.5; D C: 3.5, 2; D D: 1, 1
GRAPH = nx.path_graph(4)


def two_axes() -> tuple[Figure, Axes, Axes]:
    figure = Figure(layout="constrained")
    first, second = figure.subplots(1, 2)
    return figure, first, second


def legend(axes: Axes) -> list[str]:
    found = axes.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def marked(axes: Axes, label: str) -> Any:
    (points,) = (each for each in axes.collections if each.get_label() == label)
    return points


def test_all_drawings_are_public_and_documented() -> None:
    assert len(DRAWINGS) >= 2
    for name in DRAWINGS:
        assert getattr(commonweal, name) is getattr(scenarios, name)
        assert "ax\n        " in (getattr(scenarios, name).__doc__ or ""), name


def test_names_alone_load_no_matplotlib_and_drawing_no_pyplot() -> None:
    code = f"""
import commonweal, sys
for name in {DRAWINGS}:
    getattr(commonweal, name)
print("matplotlib" in sys.modules)
commonweal.draw_payoff_space(commonweal.named_game("chicken"))
print("matplotlib" in sys.modules, "matplotlib.pyplot" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "False"]


def test_drawings_keep_to_the_axes_and_leave_the_style_alone() -> None:
    before = dict(matplotlib.rcParams)
    figure, first, second = two_axes()
    assert draw_payoff_space(CHICKEN, ax=first) is first
    assert not second.has_data()
    assert draw_network(GRAPH, [0, 1, 0, 1], ax=second) is second
    assert second.has_data()
    assert figure.axes[:2] == [first, second]
    assert len(figure.axes) == 3, "the third is the bar of colours"
    assert draw_payoff_space(CHICKEN).figure is not draw_payoff_space(CHICKEN).figure
    assert dict(matplotlib.rcParams) == before


def test_a_new_figure_is_shown_by_a_notebook_without_pyplot() -> None:
    image = draw_payoff_space(CHICKEN).figure._repr_png_()  # type: ignore[union-attr]
    assert image.startswith(b"\x89PNG\r\n\x1a\n")


def test_what_is_no_axes_is_refused() -> None:
    with pytest.raises(ValueError, match="ax must be axes of matplotlib, or None for a new figure, got 3"):
        draw_payoff_space(CHICKEN, ax=3)  # type: ignore[arg-type]


def test_outcomes_lie_where_their_payoffs_are() -> None:
    both = np.array([[[1, 0], [1, 0]], [[0.5, 0.5], [1, 0]]])
    axes = draw_payoff_space(
        CHICKEN,
        {
            "profiles": both,
            "batch": judge_batch(CHICKEN.payoffs, both),
            "verdicts": [judge(CHICKEN, profile) for profile in both],
            "judged": judge(CHICKEN, [[0.5, 0.5], [1, 0]]),
            "seen": judge_plays(CHICKEN, [("C", "C"), ("D", "C")]),
        },
    )
    # Half of (3, 3) and half of (3.5, 2).
    for label in ("runs: profiles (2)", "runs: batch (2)", "runs: verdicts (2)"):
        assert np.asarray(marked(axes, label).get_offsets()) == pytest.approx(np.array([[3, 3], [3.25, 2.5]]))
    for label in ("judged", "seen"):
        assert np.asarray(marked(axes, label).get_offsets()) == pytest.approx(np.array([[3.25, 2.5]]))
    # The worst that each can be held to is 2: a player who plays C gets no less, and D is not better against D.
    assert np.asarray(marked(axes, "security levels").get_offsets()) == pytest.approx(np.array([[2.0, 2.0]]))
    assert "Chicken: payoff space" in axes.get_title(loc="left")


def test_learned_outcomes_of_a_simulation_are_marked_run_by_run() -> None:
    from simulation import MechanismDesignParameters, simulate

    data = simulate(MechanismDesignParameters(game=CHICKEN, episodes=5), runs=3, seed=0, record="summary")
    (points,) = [np.asarray(marked(draw_payoff_space(CHICKEN, {"a": data}), "runs: a (3)").get_offsets())]
    one, two = data["final_cooperation_probability"].values.T
    expected = 3 * one * two + 2 * one * (1 - two) + 3.5 * (1 - one) * two + (1 - one) * (1 - two)
    assert points[:, 0] == pytest.approx(expected)
    with pytest.raises(ValueError, match="'a' must hold final_cooperation_probability by run and player"):
        draw_payoff_space(CHICKEN, {"a": data.drop_vars("final_cooperation_probability")})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((Game(np.zeros((3, 2, 2, 2))),), "two players, got 3"),
        (("chicken",), "game must be a Game, got 'chicken'"),
        ((CHICKEN, [[[1, 0], [1, 0]]]), "outcomes must be given by their names"),
        ((CHICKEN, {"a": [[[1, 0]]]}), "one probability vector for each of 2 players, got 1"),
    ],
)
def test_a_payoff_space_that_cannot_be_drawn(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw_payoff_space(*arguments)


def test_colours_and_marks_of_a_network() -> None:
    axes = draw_network(
        [("a", "b"), ("b", "c")], [0.0, 0.5, 1.0], groups={"learners": [0, 1], "mirrors": [2]}, title="Path"
    )
    learners, mirrors = marked(axes, "learners"), marked(axes, "mirrors")
    assert learners.get_array().tolist() == [0.0, 0.5]
    assert mirrors.get_array().tolist() == [1.0]
    assert len(mirrors.get_paths()[0].vertices) != len(learners.get_paths()[0].vertices)
    assert isinstance(mirrors.norm, Normalize)
    assert (mirrors.norm.vmin, mirrors.norm.vmax) == (0, 1)
    assert axes.get_title() == "Path (mean 0.50)"
    assert legend(axes) == ["learners", "mirrors"]
    assert len(axes.figure.axes) == 2


def test_edges_around_a_torus_are_left_out() -> None:
    ring = nx.cycle_graph(5)
    places = {node: (node, 0.0) for node in ring}
    for torus, edges in ((False, 5), (True, 4)):
        axes = draw_network(ring, np.ones(5), positions=places, torus=torus)
        assert len(axes.collections[0].get_paths()) == edges


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cooperativeness": [0.1, 0.2]}, r"a number in \[0, 1\] for each of 4 nodes"),
        ({"cooperativeness": [0.1, 0.2, 0.3, 1.4]}, r"a number in \[0, 1\] for each of 4 nodes"),
        ({"groups": {"all": [4]}}, "a node of group 'all' must be a whole number from 0 to 3, got 4"),
        ({"positions": {0: (0, 0)}}, "positions must have a place for each node, got none for 1"),
        ({"graph": nx.DiGraph([(0, 1)])}, "graph must be undirected"),
    ],
)
def test_a_network_that_cannot_be_drawn(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw_network(**({"graph": GRAPH, "cooperativeness": np.zeros(4)} | options))


def test_text_is_shown_as_written() -> None:
    game = Game.bimatrix(
        [[3, 0], [4, 1]], [[3, 4], [0, 1]], title="$x$", players=["$a$", "b\x1b"], actions=[["$c$", "d"]] * 2
    )
    axes = draw_payoff_space(game, {"$run$": judge(game, [[1, 0], [1, 0]])})
    texts = [axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]  # type: ignore[attr-defined]
    texts += axes.get_legend().get_texts()  # type: ignore[union-attr]
    assert not any(text.get_parse_math() for text in texts)
    assert axes.get_ylabel() == r"payoff of b\x1b"
    axes.figure.canvas.draw()
