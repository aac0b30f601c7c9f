"""How laws and rules go through numba's compiler: rules are linked into laws, which alone become machine code.

By itself numba optimises every function that a law calls, and makes machine code of it, before it does the same again
with all of them inside of the law. Rules are called from laws only, so the first of these is work for nothing:
two thirds of the time that a law takes to compile.

Inside of a law its rules are made private. Else two laws that other processes compiled, and that call different rules
of one name (a factory makes such), would share whichever of them is loaded first.

A compilation of more than a second tells the log (`logging`, level INFO), where the command line listens.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any

from llvmlite import binding
from numba import _dynfunc  # type: ignore[attr-defined]  # it is compiled
from numba.core import config
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import register_pass
from numba.core.environment import lookup_environment
from numba.core.typed_passes import NativeLowering

# Programs that want to say that a compilation takes long listen here, or at `simulation`; by itself it is silent.
_LOG = logging.getLogger(__name__)

_ENVIRONMENT = "_ZN08NumbaEnv"

# LLVM's words for how wide vectors may be. By itself LLVM 22 takes 512 bits on Zen 4, which works on 256 at a time:
# an episode with Adam's steps becomes a fifth to a half longer, since loops are short, and arrays that begin anywhere
# straddle two lines of the cache. Zen 5 works on 512 bits; 256 there cost as much.
_VECTOR_WIDTH = '"prefer-vector-width"="256"'
FULL_WIDTH = ("znver5",)
"""As LLVM calls them."""


def processor() -> str:
    """Return LLVM's name of the processor that code is made for."""
    return str(getattr(config, "CPU_NAME", None) or binding.get_host_cpu_name())


class _RuleLibrary(JITCodeLibrary):
    """The code of a rule and of all that it calls, for linking alone."""

    def _optimize_final_module(self) -> None:
        """Leave it to the law that the rule is linked into."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class _LoopLibrary(_RuleLibrary):
    """The code of a loop that stays a function of its own."""

    def add_ir_module(self, ir_module: Any) -> None:
        for function in ir_module.functions:
            if not function.is_declaration and processor() not in FULL_WIDTH:
                set.add(function.attributes, _VECTOR_WIDTH)  # llvmlite's own `add` knows no texts
        super().add_ir_module(ir_module)


class _LawLibrary(JITCodeLibrary):
    """The code of a law, with all that it calls."""

    def _optimize_final_module(self) -> None:
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage.name == "linkonce_odr":
                function.linkage = "internal"
        super()._optimize_final_module()


@register_pass(mutates_CFG=True, analysis_only=False)
class _RuleLowering(NativeLowering):
    _name = "rule_lowering"
    _library: type[_RuleLibrary] = _RuleLibrary

    def run_pass(self, state: Any) -> bool:
        """Do what numba does, but for an entry from Python, which nobody takes."""
        library = _new_library(self._library, state)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered = state.cr
        description = lowered.fndesc
        name = description.qualname.rpartition(".")[2]
        entry = _dynfunc.make_function(
            description.lookup_module(), name, "a rule for laws", 0, lowered.env, (library,)
        )
        state.targetctx.insert_user_function(entry, description, [library])
        state.reload_init.extend(library._reload_init)
        state.cr = lowered._replace(cfunc=entry)
        return True


@register_pass(mutates_CFG=True, analysis_only=False)
class _LoopLowering(_RuleLowering):
    _name = "loop_lowering"
    _library = _LoopLibrary

    def run_pass(self, state: Any) -> bool:
        """Do what is done with rules, and never take it into the law: what is private and called once would be."""
        changed = super().run_pass(state)
        loop = state.library._final_module.get_function(state.cr.fndesc.llvm_func_name)
        loop.add_function_attribute("noinline")
        return changed


@register_pass(mutates_CFG=True, analysis_only=False)
class _LawLowering(NativeLowering):
    _name = "law_lowering"

    def run_pass(self, state: Any) -> bool:
        """Do what numba does, and give rules their environments, as it does when it loads a law from a file."""
        library = _new_library(_LawLibrary, state)
        super().run_pass(state)
        for variable in library._final_module.global_variables:
            known = variable.name.startswith(_ENVIRONMENT) and lookup_environment(variable.name)
            if known:
                library.codegen.set_env(variable.name, known)
        return True


def _new_library(kind: type[Any], state: Any) -> Any:
    library = kind(state.targetctx.codegen(), state.func_id.func_qualname)
    library.enable_object_caching()
    state.library = library
    return library


class _LoweredDifferently(Compiler):
    """numba's compiler with another last step."""

    lowering: type[NativeLowering]

    def define_pipelines(self) -> list[Any]:
        """Return numba's sequence of steps, with the last one changed."""
        pipelines: list[Any] = super().define_pipelines()
        for pipeline in pipelines:
            steps = [
                (self.lowering if step is NativeLowering else step, why) for step, why in pipeline.passes
            ]
            pipeline.passes = steps
            pipeline._finalized = False
            pipeline.finalize()
        return pipelines


class RuleCompiler(_LoweredDifferently):
    """Compiles a rule for laws that call it."""

    lowering = _RuleLowering


class LoopCompiler(_LoweredDifferently):
    """Compiles a rule that stays a function of its own within the law."""

    lowering = _LoopLowering


# What numba is to know of every rule: no counting of references, and no entries from Python or C.
RULE_OPTIONS: dict[str, Any] = {"_nrt": False, "no_cfunc_wrapper": True, "pipeline_class": RuleCompiler}


class LawCompiler(_LoweredDifferently):
    """Compiles a law with all the rules that it calls."""

    lowering = _LawLowering
    seconds_in_silence = 1.0

    def compile_extra(self, func: Any) -> Any:
        """Compile, and tell the log if that takes long."""
        with told_if_slow(f"{func.__module__}.{func.__qualname__}", after=self.seconds_in_silence):
            return super().compile_extra(func)


@contextmanager
def told_if_slow(name: str, *, after: float) -> Iterator[None]:
    """Tell the log, at the level of information, that a law is compiled if that is not done `after` seconds."""
    timer = Timer(after, _LOG.info, ("compiling %s, once", name))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
