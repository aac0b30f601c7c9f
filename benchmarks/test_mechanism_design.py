"""CPU time of the planner's experiments. `make bench` prints the figures; nothing here asserts a time.

pytest-benchmark is told to measure CPU seconds of the process, which a shared machine disturbs least.
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from scenarios.thesis.table_4_2 import SCENARIO, Cell, Parameters, build
from simulation import MechanismDesign, simulate
from simulation.mechanism_design.law import mechanism_design_round

pytestmark = pytest.mark.benchmark(timer=time.process_time)
PROGRAM = str(Path(sys.executable).parent / "commonweal")


def test_table_4_2_in_the_batch_driver(benchmark) -> None:
    """90 runs, 480,000 episodes, after compilation."""

    def table() -> None:
        for cell in SCENARIO.cells(Parameters()):
            simulate(build(Parameters(), cell), runs=10, seed=0, record="summary")

    table()
    benchmark.pedantic(table, rounds=5)


def test_one_run_in_the_compiled_batch(benchmark) -> None:
    """4000 episodes."""
    parameters = build(Parameters(), Cell("chicken", "with-planner"))
    simulate(parameters, runs=1, record="summary")
    benchmark.pedantic(simulate, (parameters,), {"runs": 1, "record": "summary"}, rounds=10)


def test_one_run_in_plain_python(benchmark) -> None:
    """4000 episodes of the same law, uncompiled."""
    parameters = build(Parameters(), Cell("chicken", "with-planner"))
    options = {"runs": 1, "record": "summary", "law": mechanism_design_round}
    with pytest.warns(UserWarning, match="uncompiled"):
        benchmark.pedantic(simulate, (parameters,), options, rounds=1)


def test_one_run_of_the_mesa_model(benchmark) -> None:
    """4000 steps with data collection."""

    def steps() -> None:
        model = MechanismDesign(build(Parameters(), Cell("chicken", "with-planner")), rng=0)
        while model.running:
            model.step()

    benchmark.pedantic(steps, rounds=2)


@pytest.mark.benchmark(timer=time.perf_counter)
def test_help(benchmark) -> None:
    """Wall time of `commonweal --help`."""
    benchmark.pedantic(
        subprocess.run, ([PROGRAM, "--help"],), {"check": True, "capture_output": True}, rounds=5
    )


@pytest.mark.benchmark(timer=time.perf_counter)
def test_the_main_job(benchmark, tmp_path: Path) -> None:
    """Wall time of what `make run` does on a machine that is set up."""
    command = [PROGRAM, "run", "thesis-table-4.2", "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    benchmark.pedantic(subprocess.run, (command,), {"check": True, "capture_output": True}, rounds=3)
