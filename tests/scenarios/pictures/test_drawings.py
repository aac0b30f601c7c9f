"""Drawing functions for own work: they draw where they are told, what theory says, and change nothing else."""

import subprocess
import sys
from typing import Any

import matplotlib
import networkx as nx
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

import commonweal
import scenarios
from commonweal import (
    draw_incentives,
    draw_learning_curves,
    draw_network,
    draw_payoff_heat_map,
    draw_payoff_space,
    draw_ranks,
    draw_score_boxes,
    draw_simplex,
    draw_sweep,
    draw_sweep_verdicts,
)
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
    assert len(DRAWINGS) >= 10
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


def recorded(runs: int = 3) -> xr.Dataset:
    rng = np.random.default_rng(1)
    return xr.Dataset(
        {
            "cooperation_probability": (("run", "episode", "player"), rng.random((runs, 5, 2))),
            "welfare": (("run", "episode"), rng.random((runs, 5)), {"long_name": "sum", "units": "payoff"}),
            "incentive": (("run", "episode", "outcome", "player"), rng.normal(size=(runs, 5, 4, 2))),
            "final": (("run",), rng.random(runs)),
        },
        {"episode": 10 * np.arange(5), "player": [1, 2], "outcome": ["CC", "CD", "DC", "DD"]},
        {"game": "Chicken"},
    )


def thick(axes: Axes) -> dict[str, Any]:
    return {str(line.get_label()): line for line in axes.lines if line.get_linewidth() > 1}


def test_learning_curves_are_the_mean_the_band_and_every_run() -> None:
    data = recorded()
    axes = draw_learning_curves(data)
    means = thick(axes)
    assert list(means) == ["player 1", "player 2"]
    for player, line in enumerate(means.values()):
        values = data["cooperation_probability"].values[:, :, player]
        assert line.get_xdata().tolist() == [0, 10, 20, 30, 40]
        assert line.get_ydata() == pytest.approx(values.sum(axis=0) / 3)
        band = axes.collections[player].get_paths()[0].vertices
        for place, episode in enumerate((0, 10, 20, 30, 40)):
            at = band[band[:, 0] == episode, 1]
            assert (at.min(), at.max()) == pytest.approx((min(values[:, place]), max(values[:, place])))
    assert len(axes.lines) == 2 + 2 * 3
    title = axes.get_title(loc="left")
    for said in ("Chicken", "mean of 3 runs", "band: lowest to highest run", "3 single runs"):
        assert said in title


def test_a_quantity_of_one_curve_and_of_one_run() -> None:
    axes = draw_learning_curves(recorded(1), "welfare", title="Mine")
    assert axes.get_legend() is None
    assert axes.get_ylabel() == "sum (payoff)"
    assert axes.get_title(loc="left") == "Mine"
    assert len(axes.lines) == 1
    assert "1 run" in draw_learning_curves(recorded(1)).get_title(loc="left")


@pytest.mark.parametrize(
    ("data", "quantity", "message"),
    [
        (recorded(), "final", "unknown quantity 'final'"),
        (recorded()[["final"]], "final", r'data must hold steps by run \(record="all" keeps them\)'),
        (recorded(), "incentive", "at most 7 curves, of one thing, got 4 of outcome, 2 of player"),
        (3, "welfare", "data must be a dataset that a simulation returns, got 3"),
    ],
)
def test_curves_that_cannot_be_drawn(data: Any, quantity: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw_learning_curves(data, quantity)


def test_incentives_are_drawn_by_outcome() -> None:
    data = recorded()
    axes = draw_incentives(data, player=1)
    lines = {label: line for label, line in thick(axes).items() if label.startswith("(")}
    assert list(lines) == ["(C, C)", "(C, D)", "(D, C)", "(D, D)"]
    mean = data["incentive"].values[:, :, 2, 1].sum(axis=0) / 3
    assert lines["(D, C)"].get_ydata() == pytest.approx(mean)
    assert "incentives of player 2" in axes.get_title(loc="left")
    with pytest.raises(ValueError, match="player must be 0 or 1, got 2"):
        draw_incentives(data, player=2)
    with pytest.raises(ValueError, match="incentives must be by episode"):
        draw_incentives(data.isel(episode=0))


def tournament() -> xr.Dataset:
    names = ["a", "$b$", "c"]
    return xr.Dataset(
        {
            "payoffs": (("strategy", "opponent"), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [0.0, 0.5, 0.7]]),
            "score": (("strategy",), [2.0, 5.0, 0.4]),
            "repetition_score": (("repetition", "strategy"), [[2.0, 5.0, 0.4], [2.5, 5.5, 0.4]]),
            "rank": (("strategy",), [2, 1, 3]),
            "rank_low": (("strategy",), [1, 1, 3]),
            "rank_high": (("strategy",), [2, 2, 3]),
        },
        {"strategy": names, "opponent": names},
        {"game": "Chicken", "noise": 0.1},
    )


def test_tournaments_are_drawn_the_best_on_top() -> None:
    heat = draw_payoff_heat_map(tournament())
    assert np.asarray(heat.images[0].get_array()).tolist() == [[5, 4, 6], [2, 1, 3], [0.5, 0, 0.7]]
    assert [text.get_text() for text in heat.get_yticklabels()] == ["$b$", "a", "c"]
    assert not any(text.get_parse_math() for text in heat.get_yticklabels())
    said = "Tournament in Chicken, noise 0.1, repetitions: 2"
    assert " ".join(heat.figure.get_suptitle().split()) == said  # type: ignore[union-attr]
    ranks = draw_ranks(tournament(), published={"a": 3})
    here, published = (line for line in ranks.lines if line.get_label() in ("here", "published"))
    assert here.get_xdata().tolist() == [1, 2, 3]
    assert published.get_xdata()[1] == 3
    scores = draw_score_boxes(tournament())
    assert [text.get_text() for text in scores.get_yticklabels()] == ["c", "a", "$b$"]
    for axes in (ranks, scores):
        assert " ".join(axes.get_title(loc="left").split()) == said
    _, first, second = two_axes()
    assert "noise 0.1" in draw_payoff_heat_map(tournament(), ax=first).get_title(loc="left")
    with pytest.raises(ValueError, match=r"data must be a dataset that simulation.round_robin returns"):
        draw_ranks(recorded(), ax=second)


def swept(two: bool = False) -> xr.Dataset:
    paths, shape = (("bound", "noise"), (2, 3)) if two else (("bound",), (2,))
    rng = np.random.default_rng(0)
    values = rng.random((*shape, 4))
    coordinates: dict[str, Any] = {"bound": [1.0, 2.0], "judged_in": ["original"]}
    coordinates["label"] = ["Pareto-optimal Nash equilibrium", "Pareto-dominated, not an equilibrium"]
    verdict = np.zeros((*shape, 4, 1), dtype=int)
    verdict[0, ..., 1:, 0] = 1
    data = xr.Dataset(
        {
            "joint": ((*paths, "run"), values),
            "joint_mean": (paths, values.mean(axis=-1)),
            "verdict": ((*paths, "run", "judged_in"), verdict),
            "error": (paths, np.full(shape, "", dtype=object)),
        },
        coordinates | ({"noise": [0.0, 0.1, 0.2]} if two else {}),
        {"world": "mine"},
    )
    return data


def test_sweeps_are_lines_or_maps() -> None:
    from theory.statistics import mean_interval, share_interval

    data = swept()
    axes = draw_sweep(data)
    assert axes.lines[0].get_ydata() == pytest.approx(data["joint"].values.mean(axis=1))
    low, high = mean_interval(data["joint"].values[0])  # type: ignore[misc]
    band = axes.collections[0].get_paths()[0].vertices
    at = band[band[:, 0] == 1.0, 1]
    assert (at.min(), at.max()) == pytest.approx((low, high))
    said = "mine: 4 runs of each point, mean over runs with its 95% interval"
    assert " ".join(axes.get_title(loc="left").split()) == said
    verdicts = draw_sweep_verdicts(data)
    assert verdicts.lines[0].get_ydata().tolist() == [0.25, 1.0]
    at = verdicts.collections[0].get_paths()[0].vertices
    assert at[at[:, 0] == 1.0, 1].max() == pytest.approx(share_interval(1, 4)[1])
    colours = draw_sweep(swept(two=True)).images[0].get_array()
    assert np.asarray(colours) == pytest.approx(swept(two=True)["joint"].values.mean(axis=-1))
    shares = draw_sweep_verdicts(swept(two=True)).images[0].get_array()
    assert np.asarray(shares).tolist() == [[0.25] * 3, [1.0] * 3]


def test_sweeps_that_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="unknown quantity 'nonsense'"):
        draw_sweep(swept(), "nonsense")
    with pytest.raises(ValueError, match="over one or two parameters, got 0"):
        draw_sweep(swept().isel(bound=0))
    with pytest.raises(ValueError, match="runs must be judged"):
        draw_sweep_verdicts(swept().isel(judged_in=[]))


def test_a_simplex_is_drawn_on_given_axes() -> None:
    _, first, second = two_axes()
    assert draw_simplex(np.eye(3), ("$a$", "b", "c"), resolution=8, title="Mine", ax=first) is first
    assert not second.has_data()
    assert {"$a$", "b", "c"} <= {text.get_text() for text in first.texts}
    assert not any(text.get_parse_math() for text in first.texts)
