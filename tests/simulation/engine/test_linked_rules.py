import logging
import time
from contextlib import suppress
from typing import Any

import numba
import numpy as np
import pytest
from numba.core import event

from simulation.engine.compilation import compiled, loop_rule, rare_rule, rule
from simulation.engine.linked_rules import FULL_WIDTH, LawCompiler, processor, told_if_slow


@numba.njit  # type: ignore[untyped-decorator]
def of_somebody_else(x: float) -> float:
    return x * 7.0


@rule
def often(x: float) -> float:
    return x + 1.0


@rare_rule
def seldom(x: float) -> float:
    if x < 0.0:
        raise ValueError("x must be at least 0")
    return often(x) * of_somebody_else(x)


def law(x: float) -> float:
    return seldom(x) if x < 10.0 else often(x)


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))


def test_a_law_gives_what_it_gives_in_python_compiled_and_loaded() -> None:
    for hits in (0, 1):
        twin: Any = compiled(law)
        for x in (0.0, 3.25, 11.0):
            assert twin(x) == law(x)
        with pytest.raises(ValueError, match="x must be at least 0"):
            twin(-1.0)
        assert sum(twin.stats.cache_hits.values()) == hits


@loop_rule
def add_up(numbers: Any) -> float:
    total = 0.0
    for k in range(numbers.shape[0]):
        total += often(numbers[k])
    return total


def law_of_a_loop(numbers: Any) -> float:
    return add_up(numbers)


def test_loops_stay_functions_whose_vectors_are_as_wide_as_the_processor_works() -> None:
    twin: Any = compiled(law_of_a_loop)
    assert twin(np.arange(5.0)) == law_of_a_loop(np.arange(5.0)) == 15.0
    (overload,) = twin.overloads.values()
    code = overload.library.get_llvm_str().splitlines()
    attributes = dict(
        line.removeprefix("attributes ").split(" = ", 1) for line in code if line[:12] == "attributes #"
    )
    (defined,) = (line for line in code if line.startswith("define ") and "6add_up" in line)
    of_loop = attributes[defined.removesuffix(" {").rpartition(" ")[2]]
    assert ('"prefer-vector-width"="256"' in of_loop) is (processor() not in FULL_WIDTH)
    assert "noinline" in of_loop


def test_rules_do_not_show_in_the_code_of_a_law() -> None:
    twin: Any = compiled(law)
    twin(1.0)
    (overload,) = twin.overloads.values()
    public = [
        function.name
        for function in overload.library.get_defined_functions()
        if function.linkage.name != "internal"
    ]
    assert public
    assert not [name for name in public if "seldom" in name or "often" in name]


def test_a_rule_can_be_called_from_any_compiled_function() -> None:
    @numba.njit  # type: ignore[untyped-decorator]
    def mine(x: float) -> float:
        return often(x) + seldom(x)

    assert mine(2.0) == often(2.0) + seldom(2.0)


def test_no_machine_code_is_made_of_a_rule() -> None:
    @rare_rule
    def fresh(x: float) -> float:
        return often(x) / 2.0

    def law_of_fresh(x: float) -> float:
        return fresh(x)

    made: list[Any] = []

    class Made(event.Listener):  # type: ignore[misc]
        def on_start(self, of: Any) -> None:
            pass

        def on_end(self, of: Any) -> None:
            made.extend(of.data["dispatcher"].overloads.values())

    twin: Any = compiled(law_of_fresh)
    with event.install_listener("numba:compile", Made()):
        assert twin(1.0) == 1.0
    engine = made[-1].library.codegen._engine
    assert {
        one.fndesc.qualname.rpartition(".")[2]: engine.is_symbol_defined(one.fndesc.mangled_name)
        for one in made
    } == {"fresh": False, "law_of_fresh": True} | {
        one.fndesc.qualname: False for one in made if one.fndesc.qualname == "often"
    }


def wait_until_told(log: pytest.LogCaptureFixture) -> None:
    end = time.monotonic() + 60.0
    while not log.messages and time.monotonic() < end:
        time.sleep(0.001)


def test_a_slow_compilation_is_told_while_it_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "simulation")
    with told_if_slow("some law", after=0.0):
        wait_until_told(caplog)
        assert caplog.messages == ["compiling some law, once"]
    assert len(caplog.messages) == 1


def test_what_is_done_or_has_failed_in_time_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "simulation")
    with told_if_slow("some law", after=0.2):
        pass
    with suppress(ZeroDivisionError), told_if_slow("some law", after=0.2):
        raise ZeroDivisionError
    time.sleep(0.4)
    assert caplog.messages == []


def test_compiling_a_law_is_told_and_loading_it_is_not(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "simulation")
    monkeypatch.setattr(LawCompiler, "seconds_in_silence", 0.0)
    compiled(law)(1.0)
    wait_until_told(caplog)
    assert caplog.messages == [f"compiling {law.__module__}.law, once"]
    compiled(law)(1.0)
    assert len(caplog.messages) == 1


def test_the_log_is_silent_where_nobody_listens() -> None:
    assert not logging.getLogger("simulation.engine.linked_rules").isEnabledFor(logging.INFO)
