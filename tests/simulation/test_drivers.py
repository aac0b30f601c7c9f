"""What all drivers share: blocks, seeds that are drawn, provenance, memory that is refused, interrupts."""

import json
import signal
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import xarray as xr

from simulation import (
    FixedCooperativeness,
    GradualPair,
    GradualPlayer,
    GroupParameters,
    GuidedPair,
    HandoverParameters,
    LevelLearner,
    LiteralMirror,
    MechanismDesignParameters,
    NetworkDescription,
    Population,
    PopulationParameters,
    evolve,
    frequency_mirror,
    graded_donation_game,
    graded_round_robin,
    gradual_tit_for_tat,
    play_duels,
    play_groups,
    round_robin,
    simulate,
    simulate_handover,
    simulate_many,
    simulate_population,
)
from simulation.engine import sizes, workers
from simulation.engine.reached_sources import reached_digest
from simulation.gradual.continuous import ContinuousMirror, play_continuous_duels
from simulation.mechanism_design.any_game import FiniteGameParameters, simulate_game
from simulation.mechanism_design.many_players import ManyPlayersParameters
from tests.vocabulary import dimensions
from theory import named_game

DILEMMA = named_game("prisoners-dilemma")
GRADED = graded_donation_game(levels=5)
MIRROR = frequency_mirror("threshold")


def mechanism(steps: int, **options) -> xr.Dataset:
    return simulate(MechanismDesignParameters(episodes=steps), **options)


def many(steps: int, **options) -> xr.Dataset:
    return simulate_many(ManyPlayersParameters(episodes=steps, n_players=3), **options)


def finite(steps: int, **options) -> xr.Dataset:
    return simulate_game(FiniteGameParameters(episodes=steps, game=DILEMMA), **options)


def handover(steps: int, **options) -> xr.Dataset:
    planner = replace(HandoverParameters().planner, episodes=steps, planner_episodes=steps // 2)
    return simulate_handover(HandoverParameters(planner=planner), **options)


def population(steps: int, **options) -> xr.Dataset:
    rules = {"learner": 0.5, "imitator": 0.25, "mirror": 0.25}
    return simulate_population(
        PopulationParameters(graph=nx.cycle_graph(8), rules=rules, steps=steps, noise=0.1), **options
    )


def duels(steps: int, **options) -> xr.Dataset:
    return play_duels(LiteralMirror(), LiteralMirror(), game=GRADED, rounds=steps, noise=0.1, **options)


def continuous(steps: int, **options) -> xr.Dataset:
    return play_continuous_duels(ContinuousMirror(), ContinuousMirror(), rounds=steps, noise=0.1, **options)


def groups(steps: int, **options) -> xr.Dataset:
    return play_groups(GroupParameters(rounds=steps, noise=0.1), **options)


def evolution(steps: int, **options) -> xr.Dataset:
    return evolve([[3, 0], [4, 1]], graph=nx.cycle_graph(6), mutation=0.1, steps=steps, **options)


def tournament(steps: int, *, runs: int, **options) -> xr.Dataset:
    field = [MIRROR, "tit-for-tat", "always-defect"]
    return round_robin(field, game=DILEMMA, turns=steps, noise=0.1, repetitions=runs, **options)


def graded(steps: int, *, runs: int, **options) -> xr.Dataset:
    field = {"mirror": LiteralMirror(), "kind": FixedCooperativeness(beta=1.0)}
    return graded_round_robin(field, game=GRADED, rounds=steps, noise=0.1, runs=runs, **options)


DRIVERS = (
    mechanism,
    many,
    finite,
    handover,
    population,
    duels,
    continuous,
    groups,
    evolution,
    tournament,
    graded,
)
every_driver = pytest.mark.parametrize("play", DRIVERS, ids=lambda play: play.__name__)


@every_driver
def test_blocks_make_no_difference(play, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    whole = play(30, runs=3, seed=5)
    monkeypatch.setattr(workers, "BLOCK_DRAWS", 40)
    xr.testing.assert_identical(play(30, runs=3, seed=5), whole)


@every_driver
def test_workers_make_no_difference(play) -> None:  # type: ignore[no-untyped-def]
    # As many runs as make more than one part.
    xr.testing.assert_identical(*(play(20, runs=70, seed=5, workers=threads) for threads in (1, 3)))


# Of evolution the summary leaves out who plays what at the end, too.
RECORDING = [play for play in DRIVERS if play not in (evolution, tournament, graded)]


@pytest.mark.parametrize("play", RECORDING)
def test_every_kth_step_is_recorded_or_none_and_nothing_else_changes(play) -> None:  # type: ignore[no-untyped-def]
    whole, thinned, summary = (play(20, runs=2, seed=5, record=record) for record in ("all", 7, "summary"))
    step = next(name for name in ("episode", "round", "step") if name in whole.dims)
    assert thinned[step].values.tolist() == [0, 7, 14]
    xr.testing.assert_identical(thinned, whole.isel({step: slice(0, None, 7)}))
    xr.testing.assert_identical(summary, whole.drop_dims(step))


@pytest.mark.parametrize("play", [mechanism, many, finite, handover, duels, continuous, groups])
def test_laws_in_plain_python_give_the_same_bits(play) -> None:  # type: ignore[no-untyped-def]
    xr.testing.assert_identical(play(20, runs=2, seed=5, compile_law=False), play(20, runs=2, seed=5))


@every_driver
def test_a_seed_that_was_drawn_is_kept(play) -> None:  # type: ignore[no-untyped-def]
    first, second = (play(20, runs=2, seed=None) for _ in range(2))
    assert first.attrs["seed"] != second.attrs["seed"]
    xr.testing.assert_identical(play(20, runs=2, seed=int(first.attrs["seed"])), first)


@every_driver
def test_a_dataset_says_where_it_comes_from_in_netcdf_too(play, tmp_path) -> None:  # type: ignore[no-untyped-def]
    seed = 2**70
    data = play(20, runs=2, seed=seed)
    data.to_netcdf(tmp_path / "data.nc", engine="h5netcdf")
    stored = xr.load_dataset(tmp_path / "data.nc", engine="h5netcdf")
    assert int(stored.attrs["seed"]) == seed
    assert json.loads(stored.attrs["versions"])["numpy"] == np.__version__
    assert stored.attrs["law"].startswith("simulation.")
    assert len(stored.attrs["law_source"]) == 64
    game = {duels: GRADED, graded: GRADED, continuous: graded_donation_game(), groups: None}.get(
        play, DILEMMA
    )
    if play is many:
        assert stored.attrs["game_payoffs"].tolist() == [3.0, 0.0, 4.0, 1.0]
    elif play is evolution:
        assert stored.attrs["payoffs"].tolist() == [3.0, 0.0, 4.0, 1.0]
    elif game is not None and game.payoffs.size <= 4096:
        assert stored.attrs["game_payoffs"].tolist() == game.payoffs.ravel().tolist()
    elif game is not None:
        assert stored.attrs["game_rule"] == repr(game.payoffs_of_levels)
    described = stored.attrs.get("parameters") or stored.attrs.get("first") or stored.attrs.get("players")
    described = described or stored.attrs.get("strategies") or '{"process": ""}'
    assert isinstance(json.loads(described), dict)


@every_driver
def test_every_variable_says_what_it_means(play) -> None:  # type: ignore[no-untyped-def]
    options = {"record": "all"} if play is evolution else {}
    data = play(20, runs=2, **options)
    assert not set(data.dims) - dimensions(), "explain them in docs/words.md"
    assert all(set(variable.attrs) == {"long_name", "units"} for variable in data.data_vars.values())


def test_graphs_are_kept() -> None:
    ring = {(k, k + 1) for k in range(7)} | {(0, 7)}
    assert {tuple(edge) for edge in population(5, runs=1).attrs["edges"].reshape(-1, 2).tolist()} == ring
    star = nx.relabel_nodes(nx.star_graph(3), dict(enumerate("abcd")))
    data = evolve([[3, 0], [4, 1]], graph=star, steps=5)
    assert data.attrs["edges"].tolist() == [0, 1, 0, 2, 0, 3]
    assert json.loads(data.attrs["nodes"]) == ["a", "b", "c", "d"]


def test_a_rule_of_your_own_is_known_by_name_and_source() -> None:
    data = tournament(5, runs=1)
    described = json.loads(data.attrs["strategies"])
    own = described[MIRROR.name]
    assert own["sources"] == [reached_digest(f) for f in (MIRROR.rule.cooperation, MIRROR.rule.update)]
    assert own["memory"] == list(MIRROR.rule.memory)
    mine = gradual_tit_for_tat(GradualPlayer(trust=0.25))
    played = round_robin([mine], game=DILEMMA, turns=2, repetitions=1)
    name, source, settings = json.loads(played.attrs["strategies"])[mine.name]["prepared"]
    assert (name.split(".")[-1], source) == ("LedgerMemory", reached_digest(type(mine.rule.prepared)))
    assert "trust=0.25" in settings
    assert described["always-defect"] == {"first": 0.0, "after": [0.0] * 4}


# What a tournament keeps does not grow with the length of its matches.
TOO_LARGE = [(play, 30, 10**12) for play in DRIVERS] + [(play, 10**12, 3) for play in DRIVERS[:-2]]


@pytest.mark.parametrize(("play", "steps", "runs"), TOO_LARGE)
def test_what_does_not_fit_is_refused_before_it_is_asked_for(play, steps, runs, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(sizes, "free_memory", lambda: 10**8)
    options = {"record": "all"} if play is evolution else {}
    with pytest.raises(
        ValueError, match=r"what is kept must fit into the 95 MiB .*, got \d+ MiB for \d+ .*: lower "
    ):
        play(steps, runs=runs, **options)


@pytest.mark.parametrize("play", [mechanism, many, finite, handover, population, duels, evolution, graded])
@pytest.mark.parametrize("steps", [0, 10**20])
def test_steps_that_no_counter_counts_are_refused(play, steps) -> None:  # type: ignore[no-untyped-def]
    options = {} if play is graded else {"record": "summary"}
    rule = "at least 1, got 0" if steps == 0 else "at most 9007199254740992, got 100000000000000000000"
    with pytest.raises(ValueError, match=rule):
        play(steps, runs=2, **options)


def interrupt_after(seconds: float):  # type: ignore[no-untyped-def]
    def handler(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)


@pytest.mark.parametrize("play", [mechanism, many, finite, handover, population, duels, evolution, graded])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs an alarm")
def test_an_interrupt_ends_begun_runs(play, threads) -> None:  # type: ignore[no-untyped-def]
    options = {"workers": threads} | ({} if play is graded else {"record": "summary"})
    play(30, runs=2, **options)  # compiled before the clock runs
    before = signal.getsignal(signal.SIGALRM)
    try:
        interrupt_after(0.05)
        # Uninterrupted this would take hours.
        with pytest.raises(KeyboardInterrupt):
            play(10**11, runs=2, **options)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def diverging(kind: str):  # type: ignore[no-untyped-def]
    """Return a driver and the step at which its Mesa model diverges with the same seed."""
    if kind == "population":
        # Gradients beyond the largest double.
        parameters = PopulationParameters(
            graph=nx.complete_graph(3), game=named_game("chicken"), alpha=1e308, steps=40, learning_rate=1e308
        )
        return (lambda: simulate_population(parameters, runs=2, seed=1)), Population(parameters, rng=1)
    if kind == "handover":
        start = HandoverParameters().planner
        parameters = HandoverParameters(planner=replace(start, episodes=60, planner_learning_rate=1e308))
        return (lambda: simulate_handover(parameters, runs=2, seed=1)), GuidedPair(parameters, rng=1)
    players = (LevelLearner(learning_rate=1e200), FixedCooperativeness(beta=1.0))
    return (
        lambda: play_duels(*players, game=GRADED, rounds=60, runs=2, seed=1),
        GradualPair(*players, game=GRADED, rounds=60, rng=1),
    )


@pytest.mark.parametrize("kind", ["population", "handover", "duels"])
def test_a_divergence_is_told_with_the_step_in_which_it_happens(kind: str) -> None:
    play, model = diverging(kind)
    with pytest.raises(ValueError, match=r"the run diverged in (step|episode|round)") as of_model:
        model.run_model()
    with pytest.raises(ValueError, match=r"run 0 diverged in (step|episode|round)") as of_batch:
        play()
    assert str(of_batch.value) == str(of_model.value).replace("the run", "run 0", 1)


def test_a_network_that_does_not_fit_is_refused(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(sizes, "free_memory", lambda: 10**8)
    for kind in ("ring", "scale-free"):
        with pytest.raises(
            ValueError, match=f"for a {kind} network of 1000000000 agents: lower size or degree"
        ):
            NetworkDescription(kind=kind, size=10**9).build()
