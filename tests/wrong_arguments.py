"""Wrong arguments for every public function: what must be refused with the rule and the value.

A table of calls that are right says for each argument which of the wrong values are right there, too. All others
must raise a ValueError of the project's own, that says what is wanted and what was given, without a warning and
without being kept waiting.
"""

import inspect
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import networkx as nx
import numpy as np

from theory import Game, linear_dilemma, named_game, network_game

ROOT = Path(__file__).parent.parent

# A guard against calls that hang, not a bound on anything.
SECONDS = 300

DILEMMA = named_game("prisoners-dilemma")

WRONG: dict[str, Any] = {
    "none": None,
    "text": "abc",
    "digits": "1",
    "nan": float("nan"),
    "infinity": float("inf"),
    "complex": 1 + 1j,
    "truth": True,
    "giant": 10**400,
    "large": 10**20,
    "negative": -1,
    "fraction": 0.5,
    "empty": [],
    "names": ["a", "a"],
    "numbers as text": [["1", "2"], ["3", "4"]],
    "nans": [[float("nan"), 1.0], [1.0, 1.0]],
    "complexes": [[1j, 1.0], [1.0, 1.0]],
    "ragged": [[1], [1, 2]],
    "cube": np.ones((3, 3, 3)),
    "mapping": {},
    "object": object(),
    "class": Game,
    "game": DILEMMA,
    "three players": Game(np.arange(24.0).reshape(3, 2, 2, 2)),
    "linear dilemma": linear_dilemma(3, greed=1, fear=1),
    "network game": network_game(nx.path_graph(3), DILEMMA),
    "graph": nx.path_graph(3),
    "edges": [(0, 1), (1, 2)],
    "matrix": [[0, 1, 0], [1, 0, 1], [0, 1, 0]],
    "directed": nx.DiGraph([(0, 1), (1, 2)]),
    "weighted": nx.Graph([(0, 1, {"weight": 2.0}), (1, 2, {"weight": 0.5})]),
}


@dataclass(frozen=True)
class Call:
    """A call that is right: a function and a value for each of its arguments."""

    function: Callable[..., Any]
    arguments: dict[str, Any] = field(default_factory=dict)
    answers: bool = True


def public_callables(module: ModuleType, *, results: set[str]) -> set[str]:
    """Return the names of what a module offers to be called: functions, classes and their methods with arguments.

    What another package makes is asked there. `results` are classes that functions return, which nobody makes
    by hand; their methods count.
    """
    found: dict[Any, str] = {}
    for name in module.__all__:
        public = getattr(module, name)
        if getattr(public, "__module__", module.__name__).split(".")[0] != module.__name__.split(".")[0]:
            continue  # is offered here too, and asked where it lives
        if not inspect.isclass(public):
            if callable(public) and inspect.signature(public).parameters:
                found[public] = name
            continue
        if getattr(public, "_is_protocol", False):
            continue
        if name not in results and inspect.signature(public).parameters:
            found[public] = name
        for method_name, method in inspect.getmembers(public, callable):
            home = inspect.unwrap(getattr(method, "__func__", method))
            is_ours = str(getattr(home, "__module__", "")).split(".")[0] == public.__module__.split(".")[0]
            if not method_name.startswith("_") and is_ours and _own_parameters(method):
                # Of an inherited method the class that has it first.
                found.setdefault(home, f"{name}.{method_name}")
    return set(found.values())


def _own_parameters(method: Any) -> list[str]:
    return [name for name in inspect.signature(method).parameters if name not in ("self", "cls")]


def problems_of(name: str, call: Call, right_too: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with how a function meets wrong arguments; nothing where all is well.

    `right_too` says by "function.argument" which of the wrong values are right there, parted by `;`.
    """
    parameters = inspect.signature(call.function).parameters
    if set(parameters) != set(call.arguments):
        yield f"the table must have a value for each of {list(parameters)}, got {list(call.arguments)}"
    for argument, right in call.arguments.items():
        answer = outcome_of(call, argument, right)
        if call.answers and answer != "accepted":
            yield f"the right call: {answer}"
        accepted = {tag.strip() for tag in right_too.get(f"{name}.{argument}", "").split(";")}
        for tag, value in WRONG.items():
            outcome = outcome_of(call, argument, value)
            wanted = "accepted" if tag in accepted else "refused"
            if outcome != wanted:
                yield f"{argument} = {tag}: {outcome} (wanted: {wanted})"


def outcome_of(call: Call, argument: str, value: Any) -> str:
    """Return "accepted", "refused", or what else happens if an argument has another value."""
    try:
        with _no_hanging(), warnings.catch_warnings():
            warnings.simplefilter("error")
            _play(call, argument, value)
    except ValueError as error:
        return _as_refusal(error)
    except _HangsError:
        return "hangs"
    except BaseException as error:
        return f"{type(error).__name__}: {str(error)[:150]} at {_place(error)}"
    return "accepted"


def _play(call: Call, argument: str, value: Any) -> Any:
    parameters = inspect.signature(call.function).parameters
    given: list[Any] = []
    named: dict[str, Any] = {}
    for name, valid in (call.arguments | {argument: value}).items():
        kind = parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            right = call.arguments[name]
            given += right if value is right or name != argument else [value, *right[1:]]
        elif kind is inspect.Parameter.POSITIONAL_ONLY or kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            given.append(valid)
        else:
            named[name] = valid
    return call.function(*given, **named)


def _as_refusal(error: ValueError) -> str:
    """Return "refused" if an error is the project's own and says what was given."""
    message = str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    if not _is_ours(frame.filename):
        return f"somebody else's ValueError: {message[:150]} at {_place(error)}"
    if not any(
        word in message for word in ("got ", "unknown ", "disagreement point", "is not known", "line 1")
    ):
        return f"a ValueError that does not say what was given: {message[:150]} at {_place(error)}"
    return "refused" if len(message) < 1500 else f"a ValueError of {len(message)} characters"


def _place(error: BaseException) -> str:
    ours = [f for f in traceback.extract_tb(error.__traceback__) if _is_ours(f.filename)]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "the call"


def _is_ours(filename: str) -> bool:
    return any(Path(filename).is_relative_to(ROOT / floor) for floor in ("theory", "simulation"))


class _HangsError(BaseException):
    """A call has not come to an end."""


@contextmanager
def _no_hanging() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise _HangsError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
