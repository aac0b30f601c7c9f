import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from simulation.engine.reached_sources import reached_digest

STATE = """
from typing import NamedTuple

class State(NamedTuple):
    own: float
    other: float
"""
RATES = """
RATE = 0.5
TABLE = (1.0, 2.0)

def scaled(x):
    return RATE * x * TABLE[1]
"""
LAW = """
from __future__ import annotations
from the_state import State
from the_rates import scaled
import math

def law(state: State) -> float:
    return scaled(state.own) + math.sqrt(state.other)

def unused():
    return 0.0
"""


def load(folder: Path, name: str, text: str) -> Any:
    source = folder / f"{name}.py"
    source.write_text(text, encoding="utf-8")
    spec = spec_from_file_location(name, source)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def digest(folder: Path, *, state: str = STATE, rates: str = RATES, law: str = LAW) -> str:
    place = folder / str(len(list(folder.iterdir())))
    place.mkdir()
    load(place, "the_state", state)
    load(place, "the_rates", rates)
    return reached_digest(load(place, "the_law", law).law)


@pytest.mark.parametrize(
    "edit",
    [
        {"rates": RATES.replace("0.5", "0.25")},
        {"rates": RATES.replace("2.0", "3.0")},
        {"rates": RATES.replace("RATE * x", "RATE + x")},
        {"state": STATE.replace("own: float\n    other: float", "other: float\n    own: float")},
        {"law": LAW.replace("+ math", "- math")},
    ],
    ids=["constant", "table", "callee", "order of fields", "law"],
)
def test_every_edit_that_is_reached_changes_the_hash(edit: dict[str, str], tmp_path: Path) -> None:
    assert digest(tmp_path) == digest(tmp_path)
    assert digest(tmp_path, **edit) != digest(tmp_path)


def test_an_edit_beside_what_is_reached_changes_nothing(tmp_path: Path) -> None:
    state = STATE + "\n"
    assert digest(tmp_path, state=state) != digest(tmp_path), "the file of a state is reached"
    load(tmp_path, "the_catalogue", "GAMES = ()\n")
    law = LAW.replace("import math", "import math\nimport the_catalogue")
    before = digest(tmp_path, law=law)
    load(tmp_path, "the_catalogue", "GAMES = (1,)\n")
    assert digest(tmp_path, law=law) == before


def test_what_is_defined_below_the_law_is_refused(tmp_path: Path) -> None:
    law = load(tmp_path, "early_law", "def law(x):\n    return later(x)\n").law
    with pytest.raises(ValueError, match="must be defined above it, got 'later' in law"):
        reached_digest(law)


def test_a_constant_without_a_stable_text_is_refused(tmp_path: Path) -> None:
    law = load(tmp_path, "odd_law", "THING = object()\n\ndef law(x):\n    return THING\n").law
    with pytest.raises(ValueError, match="must be a number, text, array or tuple, got THING=<object"):
        reached_digest(law)
