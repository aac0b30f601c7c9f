import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def scenario_text() -> str:
    """Give the scenario that CONTRIBUTING shows."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (text,) = (
        block
        for block in re.findall(r"^```python\n(.*?)^```\n", page, re.MULTILINE | re.DOTALL)
        if "SCENARIO = Scenario(" in block
    )
    return text
