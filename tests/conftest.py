"""Examples of hypothesis are the same in every run, a loaded machine is no failure, several processes are none."""

import gc
import os
import pathlib
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, settings

from simulation.engine.kept_programs import environment_to_keep_programs

settings.register_profile(
    "commonweal", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("commonweal")


def pytest_configure(config: pytest.Config) -> None:
    """Let quantecon keep its compiled code before several processes would at once, and let JAX keep its own.

    Two that compile its generalised functions at the same time leave files that do not fit each other (numba 0.68),
    and each process that reads them later is aborted. Programs of JAX are kept for the other processes of this run
    and for the next run. Python looks for garbage less often than by itself, which takes a tenth of the time of all
    tests (CPython 3.11).
    """
    gc.set_threshold(200_000, 20, 50)
    for name, value in environment_to_keep_programs().items():
        os.environ.setdefault(name, value)
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        subprocess.run([sys.executable, "-c", "import quantecon.game_theory"], check=False)


def pytest_collection_finish() -> None:
    """Let Python look for garbage no more in what was loaded to collect the tests, which stays until the end."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the second half begin with theory, and put what runs the whole house last: pages, goldens, names.

    Of two processes the first begins with the first half of the tests, which compile laws, the second with the other
    half, of which theory compiles none. Else both compile the same laws at the same time. What theory leaves free of
    the second half finds the laws kept when its turn comes.
    """
    here = pathlib.Path(__file__).parent
    last = [item for item in items if item.path.parent == here]
    theory = [item for item in items if item.path.is_relative_to(here / "theory")]
    longest = [item for item in items if item.path.is_relative_to(here / "simulation" / "handover")]
    apart = {*last, *theory, *longest}
    compiling = [item for item in items if item not in apart]
    half = len(items) // 2 - len(longest)
    items[:] = [*longest, *compiling[:half], *theory, *compiling[half:], *last]
