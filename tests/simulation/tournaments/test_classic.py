"""Round robins: against matches and hand-made tables, errors of scores and ranks, graphs, workers, bad input."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from simulation.matches.match import exact_match, play_match
from simulation.matches.strategies.catalogue import strategy, strategy_names
from simulation.tournaments.classic import round_robin, standings
from simulation.tournaments.ranking import (
    freedom_of_sum,
    freedom_of_variance,
    random_ranks,
    ranks,
)
from theory import Game, named_game
from theory.repeated.memory_one import MemoryOne
from theory.statistics import student_quantile

AXELROD = named_game("prisoners-dilemma-axelrod")
ASYMMETRIC = Game.bimatrix([[3, 0], [4, 1]], [[2, 5], [-1, 1]])
THREE = ["tit-for-tat", "always-defect", "always-cooperate"]
MIXED = ["joss", "random", "soft-majority", "nydegger", "tullock"]
NOISY = {"game": AXELROD, "turns": 40, "noise": 0.05, "repetitions": 8, "seed": 1}


def test_a_tournament_by_hand() -> None:
    data = round_robin(THREE, game=AXELROD, turns=10, repetitions=2)
    assert data["payoffs"].values.tolist() == [[3, 0.9, 3], [1.4, 1, 5], [3, 0, 3]]
    assert data["cooperation"].values == pytest.approx(np.array([[1, 0.1, 1], [0, 0, 0], [1, 1, 1]]))
    assert data["distribution"].sel(strategy="always-defect", opponent="tit-for-tat").values.tolist() == [
        0, 0, 0.1, 0.9]  # fmt: skip
    assert data["score"].values == pytest.approx([2.3, 7.4 / 3, 2])
    assert data["rank"].values.tolist() == [2, 1, 3]
    assert data["rank_low"].values.tolist() == data["rank_high"].values.tolist() == [2, 1, 3]
    assert data["wins"].values.tolist() == [0, 2, 0]
    assert data["good_partner"].values.tolist() == [1, 0, 1]
    assert data["opponents"].values.tolist() == [3, 3, 3]
    for name in ("payoffs", "cooperation", "score", "rank"):
        assert (data[f"{name}_standard_error"] == 0).all()
    without = round_robin(THREE, game=AXELROD, turns=10, repetitions=2, self_play=False)
    assert without["score"].values == pytest.approx([1.95, 3.2, 1.5])
    assert np.isnan(np.diag(without["payoffs"])).all()


@pytest.mark.parametrize("game", [AXELROD, ASYMMETRIC])
def test_entries_are_those_of_matches(game: Game) -> None:
    terms = NOISY | {"game": game}
    data = round_robin(["joss", "eatherley"], **terms)
    match = play_match("joss", "eatherley", **terms)
    row = data["role_payoffs"].sel(role="row") if game is ASYMMETRIC else data["payoffs"]
    column = data["role_payoffs"].sel(role="column") if game is ASYMMETRIC else data["payoffs"]
    assert row.sel(strategy="joss", opponent="eatherley") == pytest.approx(match.payoffs[0])
    assert column.sel(strategy="eatherley", opponent="joss") == pytest.approx(match.payoffs[1])
    if game is AXELROD:
        assert "role_payoffs" not in data
        assert data["distribution"].sel(strategy="joss", opponent="eatherley").values == pytest.approx(
            match.distribution
        )
        assert data["cooperation_standard_error"].sel(strategy="eatherley", opponent="joss") == pytest.approx(
            match.cooperation_standard_error[1]
        )
    else:
        assert data["payoffs"].values == pytest.approx(data["role_payoffs"].mean("role").values)


@pytest.mark.parametrize("game", [AXELROD, ASYMMETRIC])
def test_sampled_payoffs_agree_with_exact_ones(game: Game) -> None:
    names = [name for name in strategy_names() if strategy(name).machine][::3]
    terms = {"game": game, "turns": 50, "noise": 0.05}
    sampled = round_robin(names, repetitions=1500, seed=2, **terms)
    exact = round_robin(names, exact=True, repetitions=1, **terms)
    assert exact["is_exact"].all()
    z = (sampled["payoffs"] - exact["payoffs"]) / sampled["payoffs_standard_error"]
    # The largest of some 200 standard normal deviations.
    assert float(np.abs(z).max()) < 4
    assert float(z.std()) == pytest.approx(1, abs=0.2)
    z = (sampled["score"] - exact["score"]) / sampled["score_standard_error"]
    assert float(np.abs(z).max()) < 4
    assert exact["payoffs"].values[0, 1] == pytest.approx(
        np.mean(
            [
                exact_match(names[0], names[1], **terms).payoffs[0],
                exact_match(names[1], names[0], **terms).payoffs[1],
            ]
        )
    )
    assert (exact["score_standard_error"] == 0).all()


def test_exact_tournaments_sample_what_cannot_be_exact() -> None:
    data = round_robin(MIXED, exact=True, **NOISY)
    sampled = round_robin(MIXED, **NOISY)
    machines = np.array([strategy(name).machine is not None for name in MIXED])
    assert np.array_equal(data["is_exact"].values, np.outer(machines, machines))
    rest = ~data["is_exact"].values
    assert np.array_equal(data["payoffs"].values[rest], sampled["payoffs"].values[rest])
    assert (data["payoffs_standard_error"].values[~rest] == 0).all()
    assert (data["payoffs_standard_error"].values[rest] > 0).all()


def test_any_number_of_workers_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    import simulation.matches.runs as driver

    monkeypatch.setattr(driver, "MACHINE_DRAWS", 500)
    monkeypatch.setattr(driver, "LOCKSTEP_DRAWS", 2000)
    one = round_robin(MIXED, workers=1, record_actions=True, **NOISY)
    assert one.identical(round_robin(MIXED, workers=8, record_actions=True, **NOISY))
    monkeypatch.undo()
    assert one.identical(round_robin(MIXED, workers=2, record_actions=True, **NOISY))
    assert not one.equals(round_robin(MIXED, record_actions=True, **NOISY | {"seed": 2}))


def test_scores_and_their_errors_are_those_of_repeated_tournaments() -> None:
    results = [round_robin(MIXED, **NOISY | {"seed": seed}) for seed in range(200)]
    scores = np.array([data["score"] for data in results])
    claimed = np.mean([data["score_standard_error"] for data in results], axis=0)
    # The spread of 200 scores is known up to 5%.
    assert claimed == pytest.approx(scores.std(axis=0), rel=0.2)
    spread = np.array([data["rank"] for data in results]).std(axis=0)
    claimed = np.mean([data["rank_standard_error"] for data in results], axis=0)
    # Where neighbours are close the error draws, which start at a measured score, spread somewhat more.
    assert (claimed <= 1.7 * spread + 0.1).all()
    assert (claimed >= 0.7 * spread - 0.1).all()
    for data in results[:5]:
        assert data["repetition_score"].mean("repetition").values == pytest.approx(data["score"].values)
        assert (data["rank_low"] <= data["rank"]).all()
        assert (data["rank"] <= data["rank_high"]).all()


def test_the_error_against_a_twin_counts_both_seats() -> None:
    results = [round_robin(["joss"], **NOISY | {"seed": seed}) for seed in range(200)]
    spread = np.std([float(data["payoffs"][0, 0]) for data in results])
    claimed = np.mean([float(data["payoffs_standard_error"][0, 0]) for data in results])
    assert claimed == pytest.approx(spread, rel=0.2)


def test_a_graph_says_who_meets_whom() -> None:
    whole = round_robin(MIXED, **NOISY)
    path = nx.path_graph(5)
    data = round_robin(MIXED, graph=path, self_play=False, **NOISY)
    met = nx.to_numpy_array(path) > 0
    assert np.array_equal(np.isfinite(data["payoffs"].values), met)
    assert np.array_equal(data["payoffs"].values[met], whole["payoffs"].values[met])
    assert data["opponents"].values.tolist() == [1, 2, 2, 2, 1]
    assert float(data["score"][1]) == pytest.approx(whole["payoffs"].values[1, [0, 2]].mean())
    by_name = nx.relabel_nodes(path, dict(enumerate(MIXED)))
    assert data.identical(round_robin(MIXED, graph=by_name, self_play=False, **NOISY))
    with_twins = round_robin(MIXED, graph=path, **NOISY)
    assert np.isfinite(np.diag(with_twins["payoffs"])).all()
    for kept in (data.attrs, with_twins.attrs):
        assert kept["edges"] == [0, 1, 1, 2, 2, 3, 3, 4]
    assert (whole.attrs["self_play"], data.attrs["self_play"]) == (1, 0)
    assert "edges" not in whole.attrs


@pytest.mark.parametrize("game", [AXELROD, ASYMMETRIC])
def test_recorded_repetitions_are_what_the_actions_of_each_pair_give(game: Game) -> None:
    names = ["joss", "eatherley", "random"]
    graph = nx.Graph([("joss", "eatherley"), ("eatherley", "random")])
    data = round_robin(
        names, graph=graph, record_actions=True, record_repetitions=True, **NOISY | {"game": game}
    )
    assert data["repetition_payoffs"].dims == ("repetition", "strategy", "opponent")
    expected = np.zeros((8, 3, 3))
    matches = np.zeros((3, 3))
    for k, (first, second) in enumerate(zip(data["first"].values, data["second"].values, strict=True)):
        i, j = names.index(first), names.index(second)
        actions = data["actions"].values[k]
        for seat, (own, other) in enumerate([(i, j), (j, i)]):
            expected[:, own, other] += game.payoffs[seat][actions[:, :, 0], actions[:, :, 1]].mean(axis=1)
            matches[own, other] += 1
    with np.errstate(invalid="ignore"):
        assert data["repetition_payoffs"].values == pytest.approx(expected / matches, nan_ok=True)
    assert data["repetition_payoffs"].mean("repetition").values == pytest.approx(
        data["payoffs"].values, nan_ok=True
    )
    assert np.isnan(data["repetition_payoffs"].sel(strategy="joss", opponent="random")).all()
    assert "repetition_payoffs" not in round_robin(names, **NOISY)


def test_recorded_actions_are_those_of_the_matches() -> None:
    data = round_robin(
        ["tit-for-tat", "alternator"], game=AXELROD, turns=4, repetitions=2, record_actions=True
    )
    assert list(zip(data["first"].values, data["second"].values, strict=True)) == [
        ("tit-for-tat", "tit-for-tat"),
        ("tit-for-tat", "alternator"),
        ("alternator", "alternator"),
    ]
    assert data["actions"][1, 1].values.tolist() == [[0, 0], [0, 1], [1, 0], [0, 1]]
    ends = round_robin(["grim", "joss"], game=AXELROD, prob_end=0.3, repetitions=6, record_actions=True)
    actions = ends["actions"].values
    assert ((actions == -1).all(axis=-1) == (actions == -1).any(axis=-1)).all()
    assert len(np.unique((actions[..., 0] >= 0).sum(axis=-1))) > 2


def test_one_repetition_gives_no_errors_where_something_is_random() -> None:
    data = round_robin(MIXED, **NOISY | {"repetitions": 1})
    assert np.isnan(data["score_standard_error"]).all()
    assert np.isnan(data["rank_standard_error"]).all()
    assert sorted(data["rank"].values) == [1, 2, 3, 4, 5]


def test_attributes_say_how_it_was_played() -> None:
    data = round_robin(THREE, game=AXELROD, turns=7, prob_end=0.1, repetitions=2, seed=4)
    assert data.attrs["turns"] == 7
    assert data.attrs["prob_end"] == 0.1
    assert data.attrs["seed"] == 4
    assert data.attrs["game_payoffs"] == [3, 0, 5, 1, 3, 5, 0, 1]


def test_rules_and_memory_one_vectors_can_take_part() -> None:
    data = round_robin([MemoryOne(1, (1, 1, 1, 1)), "always-defect"], game=AXELROD, turns=3)
    assert data["strategy"].values.tolist() == ["player 1", "always-defect"]
    assert float(data["payoffs"][1, 0]) == 5


def test_ranks_share_ties() -> None:
    assert ranks(np.array([2.0, 3.0, 3.0, 1.0]), tie=0).tolist() == [3, 1.5, 1.5, 4]
    assert ranks(np.array([2.0, 2.0 + 1e-12, 1.0]), tie=1e-9).tolist() == [1.5, 1.5, 3]
    assert ranks(np.array([[1.0, 2.0], [5.0, 4.0]]), tie=0).tolist() == [[2, 1], [1, 2]]


MANY = np.full(2, np.inf)


def test_errors_of_ranks() -> None:
    far = random_ranks(np.array([0.0, 1.0]), np.eye(2) * 1e-6, MANY, seed=0, tie=0)
    assert [x.tolist() for x in far] == [[0, 0], [2, 1], [2, 1]]
    level = random_ranks(np.zeros(2), np.eye(2), MANY, seed=0, tie=0)
    assert level[0] == pytest.approx([0.5, 0.5], abs=0.01)
    assert level[1].tolist() == [1, 1]
    assert level[2].tolist() == [2, 2]
    # Scores that err together keep their order.
    together = random_ranks(np.array([0.0, 0.1]), np.ones((2, 2)), MANY, seed=0, tie=0)
    assert [x.tolist() for x in together] == [[0, 0], [2, 1], [2, 1]]
    same = random_ranks(np.array([0.1, 0.1]), np.ones((2, 2)), MANY, seed=0, tie=0)
    assert [x.tolist() for x in same] == [[0, 0], [1.5, 1.5], [1.5, 1.5]]


@pytest.mark.parametrize("scores", [np.zeros(6), np.arange(6) * 0.5, np.arange(6) * 2.0])
def test_rank_intervals_hold_the_true_ranks_of_any_scores(scores) -> None:
    # Of 250 normal experiments 95% would be 237.5, with a deviation of 3.4.
    generator = np.random.default_rng(0)
    true = ranks(scores, tie=0)
    held = np.zeros(6)
    for seed in range(250):
        drawn = random_ranks(
            scores + generator.normal(size=6), np.eye(6), np.full(6, np.inf), seed=seed, tie=1e-9
        )
        held += (drawn[1] <= true) & (true <= drawn[2])
    assert (held >= 0.91 * 250).all()


def test_intervals_of_few_repetitions_are_student_s() -> None:
    # 2.5706 is the quantile of 5 degrees of freedom.
    assert student_quantile(0.975, np.array([5.0, np.inf])) == pytest.approx([2.570582, 1.959964], abs=1e-5)
    # Two equal variances of 5 each have 10 together.
    assert freedom_of_sum(np.array([2 / 5, 1 / 5, 0]), np.array([2.0, 1.0, 0.0])).tolist() == [10, 5, np.inf]
    data = round_robin(MIXED, **NOISY)
    assert np.allclose(data["score_high"] - data["score"], data["score"] - data["score_low"])
    assert (data["score_high"] - data["score"] > 1.96 * data["score_standard_error"]).all()
    assert standings(data, MIXED)["score_high"].equals(data["score_high"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"strategies": []}, "at least one strategy, got none"),
        ({"strategies": ["grim", "grim"]}, "must have different names, got 'grim' 2 times"),
        ({"strategies": ["grimm"]}, "unknown strategy 'grimm'; nearest: grim"),
        ({"noise": 0.7}, r"noise must lie in \[0, 1/2\), got 0.7"),
        ({"repetitions": 0}, "repetitions must be at least 1, got 0"),
        ({"rounds": 5}, "rounds and turns are two names of one argument"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"seed": "x"}, "seed must be a whole number, got 'x'"),
        ({"exact": True, "record_actions": True}, "record_actions needs played matches, got exact=True"),
        ({"graph": nx.DiGraph([(0, 1), (1, 2)])}, "graph must be undirected.* got a directed one"),
        ({"graph": nx.path_graph(4)}, "the strategies' names or 0 ... 2, got 4 nodes such as 0"),
        ({"graph": nx.Graph([(0, 1), (2, 2)])}, "no isolated nodes, got 'always-cooperate' without an edge"),
        ({"strategies": ["grim"], "self_play": False}, "each strategy must meet somebody, got 'grim' alone"),
    ],
)
def test_bad_arguments_state_the_rule_and_the_value(arguments: dict, message: str) -> None:
    defaults = {"strategies": THREE, "game": AXELROD, "turns": 5}
    with pytest.raises(ValueError, match=message):
        round_robin(**defaults | arguments)


def test_rounds_and_runs_are_second_names() -> None:
    data = round_robin(THREE, game=AXELROD, rounds=5, runs=2)
    assert data.identical(round_robin(THREE, game=AXELROD, turns=5, repetitions=2))


def test_twins_enter_under_different_names() -> None:
    twin = replace(strategy("grim"), name="grim II")
    assert round_robin(["grim", twin], game=AXELROD, turns=5)["rank"].values.tolist() == [1.5, 1.5]


def test_variances_of_heavy_tails_have_few_degrees_of_freedom() -> None:
    generator = np.random.default_rng(0)
    assert freedom_of_variance(np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 5.0]])).tolist() == [np.inf, 2]
    two_values = np.tile([0.0, 1.0], 5)  # no tails at all
    assert freedom_of_variance(two_values) == pytest.approx(9)
    for r, draw in ((200, generator.standard_normal), (200, generator.standard_exponential)):
        samples = draw((4000, r))
        # By definition 2 / f is the relative variance of the variance.
        spread = np.var(samples.var(axis=1, ddof=1)) / np.mean(samples.var(axis=1, ddof=1)) ** 2
        assert np.median(2.0 / freedom_of_variance(samples)) == pytest.approx(spread, rel=0.25)


def test_what_a_pair_of_roles_gives_adds_up() -> None:
    data = round_robin(["joss", "random"], game=ASYMMETRIC, turns=20, repetitions=8, noise=0.1)
    freedom = data["payoffs_degrees_of_freedom"].values
    assert (freedom > 2).all()
    assert (np.diag(freedom) <= 7 + 1e-9).all()
    assert (freedom <= 14 + 1e-9).all()
    never = round_robin(["grim", "always-defect"], game=AXELROD, turns=20)
    assert np.isinf(never["payoffs_degrees_of_freedom"]).all()
