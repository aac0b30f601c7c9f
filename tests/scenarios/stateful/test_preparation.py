"""Without JAX every scenario with state says in one line what is to be installed, and nothing else of it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """
import sys
sys.modules["jax"] = None  # as if it were not installed
from scenarios.registry import _SCENARIOS, load_scenario
names = [name for name, (module, *_) in _SCENARIOS.items() if module.startswith("scenarios.stateful.")]
for name in names:
    try:
        scenario = load_scenario(name)
        scenario.run(scenario.Parameters().quick())
        print(name, "played")
    except ValueError as error:
        print(name, error)
"""


def test_without_jax_each_names_what_is_to_be_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=ROOT, check=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) >= 6
    assert all("pip install 'commonweal[deep]'" in line for line in lines), lines
    assert not done.stderr
