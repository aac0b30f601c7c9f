"""One word for one thing, in all public calls: the words of `docs/words.md`."""

import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import mesa
import pytest

import simulation
import theory
from tests.vocabulary import keywords, unsaid

# What calls return; nobody makes one by hand.
RESULTS = {
    "Dominance", "FrozenResponse", "FrozenVerdict", "MatchResult", "MetaVerdict", "MirrorFixedPoints",
    "MirrorTrajectory", "NetworkAgent", "SelfishnessLevel", "SweepPoint", "UnsafeMirrorWarning", "Verdict",
}  # fmt: skip

# Words that are one kind of value wherever they are said.
ONE_KIND = {
    "budget_limit": "float", "budget_per_agent": "float", "burn_in": "int",
    "compile_law": "bool", "confidence": "float", "divisions": "int", "episodes": "int",
    "incentive_signs": "str", "kind": "str", "noise": "float", "prob_end": "float", "probe_budget": "float",
    "repetitions": "int", "role": "int", "rounds": "int", "run": "int", "runs": "int", "seed": "int",
    "steps": "int", "tolerance": "float", "turns": "int", "workers": "int",
}  # fmt: skip


def offered() -> Iterator[tuple[str, Any]]:
    """Yield all public functions, classes and methods by name."""
    for floor in (theory, simulation, theory.altruism):
        for name in floor.__all__:
            public = getattr(floor, name)
            if not callable(public):
                continue
            if name not in RESULTS:
                yield name, public
            for method, function in inspect.getmembers(public, callable) if inspect.isclass(public) else ():
                home = str(getattr(function, "__module__", "")).partition(".")[0]
                if not method.startswith("_") and home in ("theory", "simulation"):
                    yield f"{name}.{method}", function


def said() -> dict[str, dict[str, str]]:
    """Return of each parameter by name what it is annotated with, by call."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for call, function in offered():
        for name, parameter in inspect.signature(function).parameters.items():
            kind = parameter.annotation
            found[name][call] = kind if isinstance(kind, str) else getattr(kind, "__forward_arg__", "")
    return found


SAID = said()
DRIVERS = {
    name: inspect.signature(call).parameters
    for name, call in offered()
    if inspect.signature(call).return_annotation == "xr.Dataset"
    and "data" not in inspect.signature(call).parameters
}
MODELS = [
    public
    for name in simulation.__all__
    if inspect.isclass(public := getattr(simulation, name)) and issubclass(public, mesa.Model)
]


def test_whole_numbers_that_calls_take_are_words_of_the_page() -> None:
    whole = {name for name, calls in SAID.items() if any(re.match(r"int\b", kind) for kind in calls.values())}
    assert not whole - keywords(), "explain them in docs/words.md, or take a word that stands there"


def test_every_keyword_of_the_page_is_said() -> None:
    assert not keywords() - set(SAID)


def test_what_another_word_stands_for_is_not_said() -> None:
    assert len(unsaid()) > 20
    assert not unsaid() & (set(SAID) | keywords())


@pytest.mark.parametrize("word", ONE_KIND)
def test_a_word_is_one_kind_of_value(word: str) -> None:
    assert {kind.removesuffix(" | None") for kind in SAID[word].values()} == {ONE_KIND[word]}


# Drivers that play all runs side by side, and keep every update.
SIDE_BY_SIDE = (
    "plan_exactly",
    "plan_by_episodes",
    "climb_together",
    "play_markov_game",
    "simulate_leaving",
)


@pytest.mark.parametrize("driver", DRIVERS)
def test_drivers_say_how_runs_are_played_in_the_same_words(driver: str) -> None:
    wanted = {"runs", "seed", "workers"} | (set() if driver.endswith("round_robin") else {"record"})
    if driver in SIDE_BY_SIDE:
        wanted = {"runs", "seed"}
    assert wanted <= set(DRIVERS[driver])
    assert all(DRIVERS[driver][word].kind is inspect.Parameter.KEYWORD_ONLY for word in wanted)
    assert DRIVERS[driver]["seed"].default == 0
    assert driver in SIDE_BY_SIDE or DRIVERS[driver]["workers"].default is None


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_models_are_made_in_the_same_words(model: type) -> None:
    parameters = inspect.signature(model).parameters
    defaults = {
        "parameters": None,
        "rng": None,
        "seed": None,
        "run": 0,
        "model_reporters": None,
        "agent_reporters": None,
    }
    assert {name: parameters[name].default for name in defaults} == defaults


def test_there_are_drivers_and_models_to_look_at() -> None:
    assert len(DRIVERS) == 17
    assert len(MODELS) == 7
