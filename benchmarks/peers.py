"""Commonweal beside its peers: the same work, in CPU seconds, in one go.

`make bench-peers` runs this with the project's Python; the peers live in an environment of their own
(`benchmarks/peers.txt`). Each measurement is a process of its own on one core, ours and theirs by turns; the best of
its rounds counts, after a first one that compiles and fills caches.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

TURNS, NOISE = 200, 0.05

# Thirty classics by our name and Axelrod's.
CLASSICS = {
    "always-cooperate": "Cooperator",
    "always-defect": "Defector",
    "random": "Random",
    "tit-for-tat": "TitForTat",
    "suspicious-tit-for-tat": "SuspiciousTitForTat",
    "anti-tit-for-tat": "AntiTitForTat",
    "bully": "Bully",
    "win-stay-lose-shift": "WinStayLoseShift",
    "win-shift-lose-stay": "WinShiftLoseStay",
    "generous-tit-for-tat": "GTFT",
    "firm-but-fair": "FirmButFair",
    "alternator": "Alternator",
    "stochastic-cooperator": "StochasticCooperator",
    "extort-2": "ZDExtort2",
    "generous-zero-determinant-2": "ZDGTFT2",
    "joss": "FirstByJoss",
    "grofman": "FirstByGrofman",
    "grim": "Grudger",
    "tit-for-two-tats": "TitFor2Tats",
    "two-tits-for-tat": "TwoTitsForTat",
    "hard-tit-for-tat": "HardTitForTat",
    "hard-tit-for-two-tats": "HardTitFor2Tats",
    "contrite-tit-for-tat": "ContriteTitForTat",
    "remorseful-prober": "RemorsefulProber",
    "cycler-ccd": "CyclerCCD",
    "cycler-ddc": "CyclerDDC",
    "fortress-3": "Fortress3",
    "fortress-4": "Fortress4",
    "ripoff": "Ripoff",
    "prober": "Prober",
}
PAIRS = len(CLASSICS) * (len(CLASSICS) + 1) // 2

# Hawk and dove coexist half and half, so that steps seldom do nothing; all states are kept.
HAWK_DOVE = [[-1.0, 2.0], [0.0, 1.0]]
SIZE, MUTATION, STEPS = 100, 1e-3, 2_000_000

# A lone mutant of fitness 1.2 on a ring, in games of 10 turns with noise.
RING, RING_STEPS = 100, 100


def best_rate(work: float, call: Callable[[], object], *, rounds: int) -> float:
    """Return work per CPU second in the best round, after a first one."""
    call()
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return work / best


def our_round_robin() -> float:
    from simulation import round_robin
    from theory import named_game

    game = named_game("prisoners-dilemma-axelrod")

    def play() -> object:
        return round_robin(list(CLASSICS), game=game, turns=TURNS, repetitions=10, noise=NOISE, workers=1)

    return best_rate(PAIRS * TURNS * 10, play, rounds=10)


def axelrod_round_robin() -> float:
    import axelrod

    def play() -> object:
        players = [getattr(axelrod, name)() for name in CLASSICS.values()]
        tournament = axelrod.Tournament(players, turns=TURNS, repetitions=2, noise=NOISE, seed=0)
        return tournament.play(progress_bar=False)

    return best_rate(PAIRS * TURNS * 2, play, rounds=2)


def our_pairwise_comparison() -> float:
    from simulation import evolve

    def run() -> object:
        return evolve(
            HAWK_DOVE, size=SIZE, process="pairwise", accumulation="mean", intensity=1.0, mutation=MUTATION,
            initial=50, steps=STEPS, record="all", workers=1,
        )  # fmt: skip

    return best_rate(STEPS, run, rounds=5)


def egttools_pairwise_comparison() -> float:
    import egttools
    import numpy as np
    from egttools.numerical import PairwiseComparisonNumerical

    game = egttools.games.Matrix2PlayerGameHolder(2, np.array(HAWK_DOVE))
    solver = PairwiseComparisonNumerical(SIZE, game, 10_000)
    start = np.array([50, 50])
    return best_rate(STEPS, lambda: solver.run_with_mutation(STEPS, 1.0, MUTATION, start), rounds=5)


def our_moran_process() -> float:
    import networkx as nx

    from simulation import evolve, round_robin
    from theory import named_game

    game = named_game("prisoners-dilemma-axelrod")
    steps = 1_000_000

    def run() -> object:
        table = round_robin(
            ["tit-for-tat", "always-defect"], game=game, turns=10, noise=NOISE, exact=True, repetitions=1
        )
        return evolve(table, graph=nx.cycle_graph(RING), initial=50, mutation=1e-3, steps=steps, workers=1)

    return best_rate(steps, run, rounds=5)


def axelrod_moran_process() -> float:
    import axelrod

    ring = axelrod.graph.cycle(RING)

    def run() -> object:
        players = [axelrod.TitForTat(), axelrod.Defector()] * (RING // 2)
        process = axelrod.MoranProcess(players, turns=10, noise=NOISE, interaction_graph=ring, seed=0)
        for _ in range(RING_STEPS):
            next(process)
        return process

    return best_rate(RING_STEPS, run, rounds=2)


# What is measured, in what, by whom: ours first.
MEASUREMENTS = {
    "round robin of 30 classics, noise .05": ("turns", our_round_robin, axelrod_round_robin, "Axelrod"),
    "pairwise comparison, N = 100": (
        "steps",
        our_pairwise_comparison,
        egttools_pairwise_comparison,
        "egttools",
    ),
    "birth-death on a ring of 100": ("steps", our_moran_process, axelrod_moran_process, "Axelrod"),
}


def measured(python: Path | str, function: str) -> float:
    """Measure in a process of its own, on one core."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [str(python), __file__, "--measure", function],
        capture_output=True, text=True, check=False, cwd=ROOT, env=environment,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{function} failed:\n{done.stderr}")
    return float(done.stdout.split()[-1])


def main() -> None:
    """Measure everything, or one thing in this process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", default=str(ROOT / ".venv-peers" / "bin" / "python"))
    parser.add_argument("--measure")
    arguments = parser.parse_args()
    if arguments.measure:
        print(globals()[arguments.measure]())
        return
    print(f"per CPU second, Python {platform.python_version()}, commonweal {version('commonweal')}")
    print(f"{'':38} {'unit':6} {'commonweal':>13} {'peer':>12}            {'ratio':>9}")
    for name, (unit, ours, theirs, peer) in MEASUREMENTS.items():
        our_rate = measured(sys.executable, ours.__name__)
        peer_rate = measured(arguments.peers, theirs.__name__)
        print(
            f"{name:38} {unit:6} {our_rate:13,.0f} {peer_rate:12,.0f} {peer:10} {our_rate / peer_rate:9,.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
