"""Round robins: turns per CPU second, beside the Axelrod library where it is installed.

Setting of both: 30 short-memory strategies, 200 turns, noise .05, self-play.
"""

import importlib.util
import time
from collections.abc import Callable

import pytest

from simulation.matches.strategies.catalogue import strategy, strategy_names
from simulation.tournaments.classic import round_robin
from theory import named_game
from theory.repeated.memory_one import MemoryOne

GAME = named_game("prisoners-dilemma-axelrod")
MACHINES = [name for name in strategy_names() if strategy(name).machine][:30]
TURNS, NOISE = 200, 0.05
PAIRS = 30 * 31 // 2

TARGET = 25e6
"""Turns per CPU second."""


def cpu_seconds(call: Callable[[], object], *, rounds: int) -> float:
    """Return the best of some rounds, after a first one that compiles."""
    call()
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return best


def play(repetitions: int) -> object:
    return round_robin(MACHINES, game=GAME, turns=TURNS, repetitions=repetitions, noise=NOISE, workers=1)


def test_round_robin(benchmark) -> None:
    benchmark.extra_info["turns"] = PAIRS * TURNS * 10
    benchmark(play, 10)
    rate = PAIRS * TURNS * 10 / cpu_seconds(lambda: play(10), rounds=10)
    benchmark.extra_info["turns_per_cpu_second"] = rate
    assert rate >= TARGET, f"{rate / 1e6:.1f} million turns per CPU second"


def test_exact_matrix_of_memory_one_strategies(benchmark) -> None:
    names = [name for name in strategy_names() if isinstance(strategy(name).rule, MemoryOne)]
    vectors = [strategy(name).rule for name in names]
    field = (vectors * 2)[:30]

    def exact() -> object:
        return round_robin(field, game=GAME, turns=TURNS, noise=NOISE, repetitions=1, exact=True)

    benchmark(exact)
    seconds = cpu_seconds(exact, rounds=10)
    benchmark.extra_info["cpu_seconds"] = seconds
    assert seconds < 0.05


def test_round_robin_of_the_whole_catalogue(benchmark) -> None:
    names = strategy_names()
    benchmark(lambda: round_robin(names, game=GAME, turns=TURNS, repetitions=10, noise=NOISE, workers=1))
    benchmark.extra_info["turns"] = len(names) * (len(names) + 1) // 2 * TURNS * 10


@pytest.mark.skipif(importlib.util.find_spec("axelrod") is None, reason="Axelrod is not installed")
def test_round_robin_beside_axelrod(benchmark) -> None:
    import axelrod

    peers = [player for player in axelrod.short_run_time_strategies if _is_short(axelrod, player)][:30]

    def peer() -> object:
        tournament = axelrod.Tournament(
            [player() for player in peers], turns=TURNS, repetitions=2, noise=NOISE, seed=0
        )
        return tournament.play(progress_bar=False)

    benchmark.pedantic(peer, rounds=1)
    theirs = PAIRS * TURNS * 2 / cpu_seconds(peer, rounds=1)
    ours = PAIRS * TURNS * 10 / cpu_seconds(lambda: play(10), rounds=10)
    benchmark.extra_info["turns_per_cpu_second"] = {"axelrod": theirs, "commonweal": ours}
    assert ours > 100 * theirs


def _is_short(axelrod, player) -> bool:
    return axelrod.Classifiers["memory_depth"](player()) <= 3
