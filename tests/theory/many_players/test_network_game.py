"""Games on networks: every answer against the tensor of all outcomes, closed forms, and what stays unknown."""

import json
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory import (
    Game,
    NetworkGame,
    equilibrium_welfare,
    judge,
    linear_dilemma,
    matrix_dilemma,
    named_game,
    network_game,
    pareto_slack,
    pure_equilibria,
    security_levels,
)
from theory.many_players.network_welfare import welfare_range
from theory.verdicts.facts import GameWithoutTensor
from theory.verdicts.verdict import welfare_tolerance_bounds

GRAPHS = {
    "ring": nx.cycle_graph(5),
    "star": nx.star_graph(4),
    "path": nx.path_graph(4),
    "lollipop": nx.lollipop_graph(4, 3),
    "complete": nx.complete_graph(4),
}
GAMES = ("prisoners-dilemma", "chicken", "stag-hunt", "prisoners-dilemma-axelrod", "deadlock", "harmony")
EACH = pytest.mark.parametrize(
    ("graph", "name", "accumulation"),
    [(g, n, a) for g in GRAPHS for n in GAMES for a in ("mean", "total")],
)


def build(graph: str, name: str, accumulation: str) -> NetworkGame:
    return network_game(GRAPHS[graph], named_game(name), accumulation=accumulation)


@EACH
def test_payoffs_regrets_ranges_and_levels_are_those_of_the_tensor(graph, name, accumulation) -> None:
    game = build(graph, name, accumulation)
    tensor = game.to_game()
    profile = game.profile(np.random.default_rng(3).random(game.n_players))
    assert game.expected_payoffs(profile) == pytest.approx(tensor.expected_payoffs(list(profile)))
    assert game.regrets(profile) == pytest.approx(tensor.regrets(list(profile)))
    assert game.payoff_range == pytest.approx(tensor.payoff_range)
    assert game.security_levels() == pytest.approx(security_levels(tensor))


@EACH
def test_the_welfare_range_is_that_of_all_outcomes_or_unknown(graph, name, accumulation) -> None:
    game = build(graph, name, accumulation)
    welfare = game.to_game().outcomes.sum(axis=1)
    found = np.array(game.welfare_range)
    exact = np.array([welfare.min(), welfare.max()])
    known = ~np.isnan(found)
    assert found[known] == pytest.approx(exact[known])
    # Least welfare of a Stag Hunt with averaged payoffs: the one case of these that takes more than is done.
    assert known.all() or (graph, name, accumulation) == ("lollipop", "stag-hunt", "mean")


@EACH
def test_the_slack_is_that_of_all_lotteries_or_a_lower_bound(graph, name, accumulation) -> None:
    game = build(graph, name, accumulation)
    rng = np.random.default_rng(5)
    for cooperation in (
        rng.random(game.n_players),
        np.zeros(game.n_players),
        rng.random(game.n_players) < 0.5,
    ):
        judged = game.expected_payoffs(game.profile(cooperation.astype(float)))
        slack, true = game.pareto_slack(judged), pareto_slack(game.to_game(), judged)
        if slack.exact:
            assert slack.gain == pytest.approx(true.gain, abs=1e-6)
            assert slack.relative_gain == pytest.approx(true.relative_gain, abs=1e-6)
        else:
            assert slack.gain <= true.gain + 1e-9
            assert slack.relative_gain_bound >= true.relative_gain - 1e-9
        assert (slack.dominating >= judged - 1e-9).all()
    affine = name == "prisoners-dilemma"
    assert slack.exact or not affine


@EACH
def test_what_is_known_of_equilibria_is_true_of_the_tensor(graph, name, accumulation) -> None:
    game = build(graph, name, accumulation)
    known = game.equilibria()
    tensor = game.to_game()
    welfare = [
        float(tensor.outcomes.sum(axis=1).reshape(tensor.n_actions)[k]) for k in pure_equilibria(tensor)
    ]
    if known.best_welfare is not None:
        assert known.best_welfare == pytest.approx(max(welfare))
    if known.worst_welfare is not None:
        assert known.worst_welfare == pytest.approx(min(welfare))
    if name in ("prisoners-dilemma", "deadlock", "harmony", "prisoners-dilemma-axelrod"):
        assert known.complete
        assert known.continuum is False
        assert len(welfare) == 1


def test_on_a_complete_graph_it_is_the_linear_dilemma() -> None:
    game, linear = build("complete", "prisoners-dilemma", "mean"), linear_dilemma(4, greed=1, fear=1)
    p = np.array([0.1, 0.9, 0.4, 0.7])
    assert game.expected_payoffs(game.profile(p)) == pytest.approx(linear.expected_payoffs(linear.profile(p)))
    one, other = (judge(g, g.profile(p), tolerance=0.02) for g in (game, linear))
    assert one.label == other.label
    assert one.pareto_slack == pytest.approx(other.pareto_slack)
    assert one.welfare_index == pytest.approx(other.welfare_index)


def test_defection_on_a_large_network_is_judged_without_listing_outcomes() -> None:
    game = network_game(nx.barabasi_albert_graph(30_000, 2, seed=0), named_game("prisoners-dilemma"))
    assert isinstance(game, GameWithoutTensor)
    verdict = judge(game, game.profile(0.0))
    assert verdict.label == "Pareto-dominated Nash equilibrium"
    assert verdict.is_welfare_optimal_nash
    assert verdict.nash_bargaining_distance is None
    assert "bargaining solution 'nash' of a game on a network is not known" in verdict.note


def test_where_hubs_gain_by_defecting_full_cooperation_has_not_the_highest_welfare() -> None:
    # A star of four leaves with averaged payoffs: each leaf has the hub alone as its partner.
    game = build("star", "prisoners-dilemma", "mean")
    hub_only = game.profile(np.array([1.0, 0.0, 0.0, 0.0, 0.0]))
    assert game.expected_payoffs(hub_only).sum() == pytest.approx(0 + 4 * 4)
    assert game.welfare_range[1] == pytest.approx(16.0)
    assert game.expected_payoffs(game.profile(1.0)).sum() == pytest.approx(15.0)


def test_without_all_equilibria_the_verdict_says_so() -> None:
    chicken = build("ring", "chicken", "mean")
    verdict = judge(chicken, chicken.profile(1.0))
    assert verdict.best_nash_welfare is None
    assert verdict.is_nash is False
    assert "does not know all its equilibria" in verdict.note
    # In the Stag Hunt on a ring both ends are equilibria of extreme welfare.
    hunt = equilibrium_welfare(build("ring", "stag-hunt", "mean"))
    assert (hunt.worst, hunt.best, hunt.continuum) == (5.0, 15.0, None)


def test_an_explanation_says_where_dominance_is_unknown() -> None:
    # The two with the most neighbours differ from the rest: a lottery gives more to all, 1.84 payoff ranges in total.
    edges = [(0, 3), (0, 4), (1, 4), (2, 3), (3, 4)]
    game = network_game(edges, Game.bimatrix([[-2, 0], [2, -1]], [[-2, 2], [0, -1]]))
    profile = np.eye(2)[[1, 1, 0, 0, 1]]
    assert judge(game.to_game(), profile).pareto_tolerance > 1
    verdict = judge(game, profile)
    assert (verdict.is_pareto_optimal, verdict.pareto_dominating) == (None, None)
    assert "Whether a lottery gives anyone more without a loss to another is unknown." in verdict.explanation
    assert "No lottery" not in verdict.explanation


class Hard(NetworkGame):
    """A game whose range of welfare is looked for by fewer means."""

    bounds: ClassVar = {"most_enumerated": 0}

    @classmethod
    def of(cls, game: NetworkGame) -> NetworkGame:
        return cls(game.starts, game.neighbours, game.tables, game.accumulation, game.title)

    @cached_property
    def welfare_range(self) -> tuple[float, float]:
        return welfare_range(self, **self.bounds)


class Harder(Hard):
    bounds: ClassVar = {"most_enumerated": 0, "largest_program": 0}


def test_a_welfare_without_known_bounds_stays_unknown() -> None:
    game = Hard.of(network_game(nx.lollipop_graph(4, 3), named_game("stag-hunt")))
    assert np.isnan(game.welfare_range[0])
    verdict = judge(game, game.profile(0.5))
    assert verdict.welfare_range == (None, pytest.approx(21.0))
    assert verdict.welfare_index is None
    assert json.loads(json.dumps(verdict.to_dict(), allow_nan=False))["welfare_range"][0] is None
    assert "unknown" not in verdict.explanation.split("Welfare is")[1].split(".")[0]


LESS_FOR_ONE = Game([[[1, -2], [3, 1]], [[1, 3], [-2, 1]]])


@pytest.mark.parametrize(
    ("players", "cooperation", "tolerance"), [(5, 0.08, 0.2453333), (3, 0.02, 0.0588), (4, 0.0, 0.0)]
)
def test_welfare_tolerances_are_shares_of_the_range_of_welfare(players, cooperation, tolerance) -> None:
    game = network_game(nx.complete_graph(players), LESS_FOR_ONE)
    for asked in (game, game.to_game()):
        verdict = judge(asked, game.profile(cooperation), tolerance=0.05)
        assert verdict.is_welfare_optimal_nash is (tolerance <= 0.05)
        assert verdict.welfare_tolerance == pytest.approx(tolerance, abs=1e-6)


@given(st.integers(0, 10**6), st.sampled_from(sorted(GRAPHS)), st.sampled_from([0.0, 0.03, 0.5, 0.97, 1.0]))
@settings(max_examples=examples(40), deadline=None)
def test_what_is_said_without_the_range_of_welfare_is_true(seed, graph, cooperation) -> None:
    row = np.random.default_rng(seed).integers(-3, 4, (2, 2)).astype(float)
    game = network_game(GRAPHS[graph], Game([row, row.T]))
    said = equilibrium_welfare(Harder.of(game))
    bounds = welfare_tolerance_bounds(
        said, (game.expected_payoffs(game.profile(cooperation)).sum(),) * 2, 0.0
    )
    knows = equilibrium_welfare(game)
    welfare = game.to_game().outcomes.sum(axis=1)
    assert knows.over_outcomes.bounds == pytest.approx((welfare.min(), welfare.max()), abs=1e-9)
    exact = welfare_tolerance_bounds(
        knows, (game.expected_payoffs(game.profile(cooperation)).sum(),) * 2, 0.0
    )
    # Knowing more of the range narrows the bounds, and never leaves them.
    assert bounds[0] - 1e-9 <= exact[0] <= exact[1] <= bounds[1] + 1e-9


@given(st.integers(0, 10**6))
def test_supermodular_welfare_is_settled_by_the_program(seed: int) -> None:
    # Tables of one's own for each player, with R + P > S + T: persistency alone leaves players open.
    rng = np.random.default_rng(seed)
    base = network_game(GRAPHS["lollipop"], named_game("stag-hunt"))
    tables = rng.normal(size=(base.n_players, 2, 2))
    tables[:, 0, 0] += np.maximum(0.0, tables[:, 0, 1] + tables[:, 1, 0] - tables[:, 0, 0] - tables[:, 1, 1])
    game = replace(base, tables=tables)
    assert game.welfare_range[1] == pytest.approx(game.to_game().outcomes.sum(axis=1).max())


def test_altruism_and_incentives_change_each_players_table() -> None:
    for accumulation in ("mean", "total"):
        game = build("path", "chicken", accumulation)
        alpha, extra = np.array([0.0, 0.5, 1.0, -0.2]), np.arange(8.0).reshape(4, 2)
        changed = game.altruistic(alpha).with_incentives(extra)
        p = game.profile(np.array([0.2, 0.9, 0.5, 0.4]))
        matrix = named_game("chicken").payoffs
        expected = []
        for i, neighbours in enumerate(([1], [0, 2], [1, 3], [2])):
            weight = 1.0 if accumulation == "total" else 1 / len(neighbours)
            own, theirs = (sum(p[i] @ table @ p[j] for j in neighbours) for table in matrix)
            expected.append(weight * (own + alpha[i] * theirs) + extra[i] @ p[i])
        assert changed.expected_payoffs(p) == pytest.approx(expected)
    with pytest.raises(ValueError, match="same table"):
        changed.altruistic(0.5)


def test_in_the_dilemma_altruism_of_a_third_makes_cooperation_an_equilibrium() -> None:
    game = build("ring", "prisoners-dilemma", "mean")
    for alpha, is_nash in ((0.3, False), (0.34, True)):
        assert judge(game.altruistic(alpha), game.profile(1.0)).is_nash is is_nash


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (nx.DiGraph([(0, 1), (1, 0)]), "graph must be undirected"),
        (nx.MultiGraph([(0, 1), (0, 1)]), "at most one edge"),
        (nx.Graph([(0, 1), (1, 1)]), "graph must have no loops"),
        (nx.empty_graph(3), "must have a neighbour"),
        (([0, 1, 1], [1]), "must have a neighbour"),
        (([0, 1, 3, 4], [1, 0, 2, 0]), "edges must be undirected"),
        (([0, 1], [0]), "starts must run"),
        (([0, 1, 2], [1, 0, 1]), "starts must run"),
        (([0, 1, 2], [1, 7]), "other players below 2"),
    ],
)
def test_graphs_that_make_no_sense_are_refused(graph, message) -> None:
    with pytest.raises(ValueError, match=message):
        network_game(graph, named_game("chicken"))


def test_other_bad_input_is_refused_in_one_line() -> None:
    ring = GRAPHS["ring"]
    with pytest.raises(ValueError, match="must be symmetric"):
        network_game(ring, named_game("battle-of-the-sexes"))
    with pytest.raises(ValueError, match="unknown accumulation 'sum'"):
        network_game(ring, named_game("chicken"), accumulation="sum")
    game = network_game(ring, matrix_dilemma(greed=1, fear=1))
    with pytest.raises(ValueError, match="profile must have two probabilities for each of 5"):
        game.expected_payoffs(np.ones((3, 2)))
    with pytest.raises(ValueError, match="profile of player 2 must be non-negative"):
        game.expected_payoffs(np.array([[1, 0], [-1, 2], [1, 0], [1, 0], [1, 0]], float))
    with pytest.raises(ValueError, match="profile of player 1 must sum to one"):
        game.regrets(np.full((5, 2), 0.6))
    with pytest.raises(ValueError, match="cooperation must lie in"):
        game.profile(1.5)
    with pytest.raises(ValueError, match="one probability or one for each of 5"):
        game.profile([0.5, 0.5])
    with pytest.raises(ValueError, match="payoffs must be 5 payoffs"):
        game.pareto_slack([1.0])
    with pytest.raises(ValueError, match="alpha must be one number"):
        game.altruistic([1.0, 2.0])
    with pytest.raises(ValueError, match="incentives must have shape"):
        game.with_incentives([1.0, 2.0])
    with pytest.raises(ValueError, match="at most 16"):
        network_game(nx.cycle_graph(17), named_game("chicken")).to_game()


def test_one_known_welfare_of_two_is_not_complete() -> None:
    # All-C is the best equilibrium of this Stag Hunt; its worst is not known.
    known = network_game(nx.lollipop_graph(4, 3), named_game("stag-hunt")).equilibria()
    assert known.best_welfare == pytest.approx(21.0)
    assert known.worst_welfare is None
    assert not known.complete
