import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from simulation.engine.reached_sources import reached_digest, source_file

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
    with pytest.raises(
        ValueError, match="must be a number, text, array, function or tuple, got THING=<object"
    ):
        reached_digest(law)


FACTORY = """
SCALE = 2.0

def double(x):
    return SCALE * x

def triple(x):
    return 3.0 * x

def make(rule, rate=0.5, rules=(), *, bound=1.0):
    def law(x, rate=rate, *, bound=bound):
        y = rule(x)
        for one in rules:
            y = one(y)
        return y * rate + bound
    return law
"""


@pytest.fixture
def factory(tmp_path: Path) -> Any:
    return load(tmp_path, "the_factory", FACTORY)


def test_what_a_factory_closes_over_is_reached(factory: Any) -> None:
    double, triple, make = factory.double, factory.triple, factory.make
    laws = [
        make(double),
        make(triple),
        make(double, 0.25),
        make(double, bound=2.0),
        make(double, rules=(double,)),
        make(double, rules=(triple,)),
        make(double, rules=(double, triple)),
        make(double, rules=(triple, double)),
        make(make(double)),
        make(make(triple)),
        make(make(double), rules=(make(triple),)),
        make(make(triple), rules=(make(double),)),
    ]
    assert len({reached_digest(law) for law in laws}) == len(laws)
    assert reached_digest(make(double, rules=(triple,))) == reached_digest(make(double, rules=(triple,)))


def test_rules_that_are_marked_are_followed_in_closures(tmp_path: Path) -> None:
    marked = "from simulation.engine.compilation import rule\n" + FACTORY.replace(
        "def double", "@rule\ndef double"
    )
    before = load(tmp_path, "the_factory", marked)
    after = load(tmp_path, "the_factory", marked.replace("SCALE = 2.0", "SCALE = 4.0"))
    first, second = (of.make(of.triple, rules=(of.double,)) for of in (before, after))
    assert reached_digest(first) != reached_digest(second)


def test_what_a_law_reads_of_a_module_is_reached(tmp_path: Path) -> None:
    text = "import {name} as r\nfrom math import sqrt\n\ndef law(x):\n    return r.scaled(x) + sqrt(x)\n"
    before = RATES + "\nOTHER = object()\n"
    digests = set()
    for name, rates in (("rates_one", before), ("rates_two", before.replace("0.5", "0.25"))):
        load(tmp_path, name, rates)
        digests.add(reached_digest(load(tmp_path, f"law_of_{name}", text.format(name=name)).law))
    assert len(digests) == 2


def test_a_law_that_stands_in_no_file_is_known_by_its_bytecode() -> None:
    def law(expression: str) -> Any:
        scope: dict[str, Any] = {"__name__": "notebook"}
        exec(f"def rule(x):\n    return {expression}\n\ndef law(x):\n    return rule(x)\n", scope)
        return scope["law"]

    assert reached_digest(law("x + 1.0")) == reached_digest(law("x + 1.0"))
    assert reached_digest(law("x + 1.0")) != reached_digest(law("x + 2.0"))
    assert reached_digest(law("x + 1.0")) != reached_digest(law("x - 1.0"))
    assert reached_digest(law("x in {'a', 'b', 'c'}")) == reached_digest(law("x in {'a', 'b', 'c'}"))


def test_code_of_a_file_that_was_edited_meanwhile_is_nobody_s(tmp_path: Path) -> None:
    """A process that imported a file before an edit must not leave its code for those who import it afterwards."""
    text = "def law(x):\n    return x + 1.0\n"
    late = load(tmp_path, "late", text)
    (tmp_path / "late.py").write_text(text.replace("1.0", "2.0"), encoding="utf-8")
    of_the_late = reached_digest(late.law, bytecode=True)
    afterwards = load(tmp_path, "late", text.replace("1.0", "2.0"))
    assert reached_digest(afterwards.law, bytecode=True) != of_the_late


def test_only_what_has_a_version_in_the_cache_is_taken_for_granted() -> None:
    assert source_file(nx.density) is not None, "a package that is installed may be edited, or be this one"
    assert source_file(np.trace) is None
    assert source_file(json.dumps) is None


def test_what_is_not_closed_over_yet_is_refused() -> None:
    def law(x: float) -> float:
        return later(x)

    with pytest.raises(ValueError, match=r"must be defined above it, got 'later' in .*law"):
        reached_digest(law)

    def later(x: float) -> float:
        return x
