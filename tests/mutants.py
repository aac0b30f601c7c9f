"""Mutation testing: does a test notice when one operator, number or statement of the code is changed?

    make mutants FILES="theory/verdicts/meta_game.py theory/equilibria*.py" MUTANTS=400 SEED=0

All changes that `alternatives` knows are listed for all files, and as many as asked for are drawn by the seed. The
tests run once, traced, to learn which of them reach which line; then each mutant is imported in place of its
module by a process of its own, which runs the tests that reach the changed line, those of the file that mirrors the
module first, quick ones before slow ones, until one fails. Laws that a mutant leaves alone are compiled once for all.
A mutant that runs three times as long as it should counts as noticed, and so does one that asks for more than
`MOST_MEMORY`.

Not mutated, since no test should notice: docstrings, annotations and the aliases of types that they use, imports,
decorators, protocols (which run nothing), the words of errors, `strict=` of zip. What counts as rounding (a number
below 1e-6) becomes a million times larger instead of twice: a test should notice what that swallows, but not know the
last digit of a tolerance.

Printed are all mutants that no test noticed, and the share of noticed ones with its exact (Clopper-Pearson) 95%
interval over the draw.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib.machinery
import importlib.util
import inspect
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Bytes that a mutant may ask for.
MOST_MEMORY = 4 * 2**30

# Where machine code is kept of laws as they are on the disk.
COMPILED = "compiled"

# What compiles and keeps it: its mutants compile all laws anew.
ENGINE = "simulation/engine/"

ROOT = Path(__file__).resolve().parent.parent

SWAPPED: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Continue: (ast.Break,),
    ast.Break: (ast.Continue,),
}
RENAMED = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "argmin": "argmax",
    "argmax": "argmin",
    "minimum": "maximum",
    "maximum": "minimum",
    "floor": "ceil",
    "ceil": "floor",
}


@dataclass(frozen=True)
class Mutant:
    """One change of one file: the `choice`-th alternative of the `node`-th node, in the order of `_nodes`."""

    file: str
    node: int
    choice: int
    lines: tuple[int, int]
    change: str


def alternatives(node: ast.AST) -> list[ast.AST]:
    """Return what a node may be changed into."""
    changed: list[ast.AST] = []

    def with_(**fields: Any) -> None:
        twin = copy.deepcopy(node)
        for name, value in fields.items():
            setattr(twin, name, value)
        changed.append(twin)

    if isinstance(node, ast.Compare):
        for k, operator in enumerate(node.ops):
            for other in SWAPPED[type(operator)]:
                with_(ops=[*node.ops[:k], other(), *node.ops[k + 1 :]])
    elif isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)):
        for other in SWAPPED.get(type(node.op), ()):
            with_(op=other())
    elif isinstance(node, (ast.Continue, ast.Break)):
        changed += [other() for other in SWAPPED[type(node)]]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        changed.append(node.operand)
    elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
        if not isinstance(node.test, (ast.UnaryOp, ast.Compare)):  # whose own alternatives negate them
            with_(test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.comprehension):
        for k, test in enumerate(node.ifs):
            with_(ifs=[*node.ifs[:k], ast.UnaryOp(ast.Not(), test), *node.ifs[k + 1 :]])
    elif isinstance(node, ast.Constant):
        changed += [ast.Constant(value) for value in _other_values(node.value)]
    elif isinstance(node, (ast.Return, ast.Assign)) and node.value is not None and not _is_none(node.value):
        with_(value=ast.Constant(None))
    elif isinstance(node, (ast.Raise, ast.Expr)):
        changed.append(ast.Pass())
    elif isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in RENAMED:
            function = copy.deepcopy(node.func)
            setattr(function, "id" if isinstance(function, ast.Name) else "attr", RENAMED[name])
            with_(func=function)
        for k, keyword in enumerate(node.keywords):
            if keyword.arg not in (None, "strict"):
                with_(keywords=[*node.keywords[:k], *node.keywords[k + 1 :]])
    return changed


def _other_values(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, float):
        if 0.0 < abs(value) < 1e-6:
            return [1e6 * value]
        return [2.0 * value if value else 1.0]
    if isinstance(value, str) and value:
        return [f"{value}?"]
    return []


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _nodes(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Yield every place that may be mutated, as its parent, the parent's field and the index in it."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        parent = waiting.pop()
        for field, value in ast.iter_fields(parent):
            if field in ("decorator_list", "annotation", "returns", "format_spec", "type_params"):
                continue
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(node, ast.AST) or _is_left_alone(node, parent):
                    continue
                yield parent, field, index
                if not isinstance(node, ast.Raise):  # the words of errors
                    waiting.append(node)


def _is_left_alone(node: ast.AST, parent: ast.AST) -> bool:
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Assert)):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.ClassDef) and "Protocol" in map(ast.unparse, node.bases):
        return True
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return True
    if isinstance(node, ast.Assign) and isinstance(parent, ast.Module):
        return ast.unparse(node.targets[0]) == "__all__" or _is_type_alias(node.value)
    return isinstance(parent, ast.keyword) and parent.arg == "strict"


def _is_type_alias(value: ast.AST) -> bool:
    """Return whether a value is like `tuple[Name, ...]`: only annotations use it, and those are never evaluated."""
    if not isinstance(value, ast.Subscript):
        return False
    return ast.unparse(value.value) in ("tuple", "list", "dict", "set", "frozenset", "Callable", "NDArray")


def _at(place: tuple[ast.AST, str, int | None]) -> ast.AST:
    parent, field, index = place
    value = getattr(parent, field)
    found: ast.AST = value if index is None else value[index]
    return found


def mutants_of(file: str, text: str) -> list[Mutant]:
    """Return all mutants of a file, in a fixed order."""
    tree = ast.parse(text)
    found = []
    for number, place in enumerate(_nodes(tree)):
        node = _at(place)
        holder = node if hasattr(node, "lineno") else place[0]
        first = getattr(holder, "lineno", 1)
        end = node.test if isinstance(node, (ast.If, ast.While)) else holder
        last = getattr(end, "end_lineno", first)
        for choice, other in enumerate(alternatives(node)):
            change = f"{_shown(node)}  ->  {_shown(other)}"
            found.append(Mutant(file, number, choice, (first, last or first), change))
    return found


def _shown(node: ast.AST) -> str:
    if isinstance(node, (ast.If, ast.While)):
        return f"if {ast.unparse(node.test)}"
    line = " ".join(ast.unparse(node).split())
    return line if len(line) <= 90 else f"{line[:87]}..."


def mutated(mutant: Mutant, text: str) -> ast.Module:
    """Return the syntax tree of a file with one mutant's change."""
    tree = ast.parse(text)
    for number, place in enumerate(_nodes(tree)):
        if number == mutant.node:
            parent, field, index = place
            other = ast.copy_location(alternatives(_at(place))[mutant.choice], _at(place))
            if index is None:
                setattr(parent, field, other)
            else:
                getattr(parent, field)[index] = other
            return ast.fix_missing_locations(tree)
    raise ValueError(f"a mutant's node must be one of the file's, got {mutant.node}")


class _Planted(importlib.machinery.SourceFileLoader):
    """Imports the mutant in place of its module."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname: str) -> Any:
        return compile(self.tree, self.path, "exec", dont_inherit=True)


class _Finder:
    def __init__(self, mutant: Mutant) -> None:
        self.path = str(ROOT / mutant.file)
        self.name = ".".join(Path(mutant.file).with_suffix("").parts)
        self.tree = mutated(mutant, Path(self.path).read_text(encoding="utf-8"))

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(
            name, self.path, loader=_Planted(name, self.path, self.tree)
        )


class _Chosen:
    """A plugin that runs the named tests in the named order."""

    def __init__(self, names: list[str]) -> None:
        self.rank = {name: k for k, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.rank), key=lambda item: self.rank[item.nodeid]
        )


class _Traced:
    """A plugin that notes which lines of the files each test reaches, and how long it takes."""

    def __init__(self, files: list[str]) -> None:
        self.files = {str(ROOT / file): file for file in files}
        self.lines: dict[str, dict[str, list[int]]] = {}
        self.seconds: dict[str, float] = {}

    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> None:
        reached: dict[str, set[int]] = {}

        def local(frame: Any, event: str, argument: Any) -> Any:
            if event == "line":
                reached[self.files[frame.f_code.co_filename]].add(frame.f_lineno)
            return local

        def tracer(frame: Any, event: str, argument: Any) -> Any:
            file = self.files.get(frame.f_code.co_filename)
            # What an import runs, whichever test comes first does: every test depends on it.
            if file is None or not frame.f_code.co_flags & inspect.CO_OPTIMIZED:
                return None
            reached.setdefault(file, set()).add(frame.f_lineno)
            return local

        self._forget()
        self._finish = (item.nodeid, reached, time.perf_counter())
        sys.settrace(tracer)

    def _forget(self) -> None:
        """Clear what the files' functions keep, so that each test reaches what it depends on."""
        for module in list(sys.modules.values()):
            if getattr(module, "__file__", None) in self.files:
                for value in vars(module).values():
                    if hasattr(value, "cache_clear"):
                        value.cache_clear()

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        sys.settrace(None)
        name, reached, begun = self._finish
        self.seconds[name] = time.perf_counter() - begun
        self.lines[name] = {file: sorted(lines) for file, lines in reached.items()}


def _pytest(arguments: list[str], plugin: object) -> int:
    import pytest

    os.chdir(ROOT)
    quiet = "ignore::pytest.PytestAssertRewriteWarning"  # hypothesis is loaded before the children fork
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow", "-W", quiet]
    return int(pytest.main([*options, *arguments], plugins=[plugin]))


def _forked(work: Any, output: Path) -> int:
    """Run `work()` in a child process, whose exit code is what it returns; return the child's number."""
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        os.setsid()
        with output.open("w") as sink:
            os.dup2(sink.fileno(), 1)
            os.dup2(sink.fileno(), 2)
            code = work()
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def learn(files: list[str], tests: list[str], folder: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """Run the tests once; return the lines of the files that each reaches, and its seconds."""
    notes = folder / "reached.json"

    def work() -> int:
        os.environ["NUMBA_CACHE_DIR"] = str(folder / COMPILED)
        traced = _Traced(files)
        code = _pytest(tests, traced)
        notes.write_text(json.dumps([traced.lines, traced.seconds]))
        return code

    _, status = os.waitpid(_forked(work, folder / "learn.txt"), 0)
    if status:
        tail = (folder / "learn.txt").read_text()[-2000:]
        raise SystemExit(f"the tests must pass before mutants are made:\n{tail}")
    lines, seconds = json.loads(notes.read_text())
    return lines, seconds


def tests_for(mutant: Mutant, lines: dict[str, Any], seconds: dict[str, float]) -> list[str]:
    """Return the tests that reach a mutant's lines (where only the import does: its file), in the order to run."""
    first, last = mutant.lines
    reaching = [
        name
        for name, files in lines.items()
        if any(first <= line <= last for line in files.get(mutant.file, ()))
    ]
    reaching = reaching or [name for name, files in lines.items() if mutant.file in files]
    return sorted(reaching, key=lambda name: (not _is_of_module(mutant, name), seconds[name]))


def _is_of_module(mutant: Mutant, test: str) -> bool:
    file = Path(mutant.file)
    return Path(test.split("::")[0]) == Path("tests") / file.with_name(f"test_{file.name}")


def run(mutants: list[Mutant], lines: Any, seconds: dict[str, float], folder: Path, jobs: int) -> list[str]:
    """Return for each mutant `noticed`, `too slow` or `survived`."""
    verdicts = [""] * len(mutants)
    running: dict[int, tuple[int, float]] = {}
    waiting = list(range(len(mutants)))[::-1]
    while waiting or running:
        while waiting and len(running) < jobs:
            k = waiting.pop()
            names = tests_for(mutants[k], lines, seconds)
            if not names:
                verdicts[k] = "survived"
                continue
            child = _forked(lambda k=k, names=names: _try(mutants[k], names, folder, k), folder / f"{k}.txt")
            limit = 20.0 + 3.0 * jobs * sum(seconds[name] for name in names)
            running[child] = (k, time.monotonic() + limit)
        for child, (k, limit) in list(running.items()):
            done, status = os.waitpid(child, os.WNOHANG)
            if not done and time.monotonic() > limit:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)
                os.waitpid(child, 0)
                verdicts[k] = "too slow"
            elif done:
                verdicts[k] = "noticed" if status else "survived"
            if verdicts[k]:
                del running[child]
                done_so_far = len(mutants) - len(waiting) - len(running)
                print(f"\r{done_so_far} of {len(mutants)}", end="", flush=True)
        time.sleep(0.02)
    print()
    return verdicts


def _try(mutant: Mutant, names: list[str], folder: Path, k: int) -> int:
    # Laws that reach a change have other bytecode or constants, by which they are kept. Each mutant has its own
    # links to the code of the others, so that none spoils it for the next; those of the engine might not keep it.
    compiled = folder / f"compiled-{k}"
    if (folder / COMPILED).exists() and not mutant.file.startswith(ENGINE):
        shutil.copytree(folder / COMPILED, compiled, copy_function=os.link)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    sys.dont_write_bytecode = True
    os.environ["NUMBA_CACHE_DIR"] = str(compiled)
    sys.meta_path.insert(0, _Finder(mutant))
    own = [name for name in names if _is_of_module(mutant, name)]
    # Nothing else is imported as long as these notice it.
    for chosen in filter(None, (own, names[len(own) :])):
        code = _pytest(["-x", *sorted({name.split("::")[0] for name in chosen})], _Chosen(chosen))
        if code:
            return code
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+", help="files or patterns, relative to the project")
    parser.add_argument("--mutants", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tests", nargs="+", default=["tests/theory"])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    files = sorted({str(path.relative_to(ROOT)) for name in arguments.files for path in ROOT.glob(name)})
    every = [one for file in files for one in mutants_of(file, (ROOT / file).read_text(encoding="utf-8"))]
    drawn = random.Random(arguments.seed).sample(every, min(arguments.mutants, len(every)))
    print(f"{len(drawn)} of {len(every)} mutants of {len(files)} files, seed {arguments.seed}")
    # What every child needs is loaded once, before it forks; nothing of the project.
    for name in (
        "numpy",
        "scipy.optimize",
        "scipy.stats",
        "networkx",
        "hypothesis",
        "pytest",
        "numba",
        "nashpy",
    ):
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        lines, seconds = learn(files, arguments.tests, folder)
        print(f"{len(lines)} tests, {sum(seconds.values()):.0f} s traced")
        verdicts = run(drawn, lines, seconds, folder, arguments.jobs)
    report(drawn, verdicts)


def report(mutants: list[Mutant], verdicts: list[str]) -> None:
    """Print what survived, and the share of noticed mutants with its exact interval."""
    from scipy.stats import binomtest

    for mutant, verdict in sorted(zip(mutants, verdicts, strict=True), key=lambda pair: str(pair[0])):
        if verdict == "survived":
            print(f"{mutant.file}:{mutant.lines[0]}: {mutant.change}")
    noticed = sum(verdict != "survived" for verdict in verdicts)
    interval = binomtest(noticed, len(verdicts)).proportion_ci(method="exact")
    print(
        f"{noticed} of {len(verdicts)} noticed ({verdicts.count('too slow')} by time): "
        f"{noticed / len(verdicts):.3f}, 95% interval {interval.low:.3f} to {interval.high:.3f}"
    )


if __name__ == "__main__":
    main()
