"""Examples of hypothesis are the same in every run, a loaded machine is no failure, several processes are none."""

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "commonweal", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("commonweal")


def pytest_configure(config: pytest.Config) -> None:
    """Let quantecon keep its compiled code before several processes would at once.

    Two that compile its generalised functions at the same time leave files that do not fit each other (numba 0.68),
    and each process that reads them later is aborted.
    """
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        subprocess.run([sys.executable, "-c", "import quantecon.game_theory"], check=False)
