"""Who imports whom, read from the sources: at the top of a file, inside a function, for type checkers, or by name.

What comes from a package's list of public names (`from theory import Game`) counts as an import of the file that
defines it. A text that is the whole name of a module counts too: `scenarios.registry` loads its scenarios by name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("theory", "simulation", "scenarios")

_ROW = re.compile(r"^\| `([\w/.]*\w)` \| (.+) \|$", re.MULTILINE)


def modules() -> dict[str, Path]:
    """Return every module of the three floors by its dotted name."""
    return {_dotted(source): source for floor in FLOORS for source in sorted((ROOT / floor).rglob("*.py"))}


@cache
def parsed(source: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(source.read_text(encoding="utf-8"))


def import_graph() -> nx.DiGraph:
    """Return the graph of modules, an edge from each to what it imports."""
    known = modules()
    homes = _homes_of_public_names()
    graph = nx.DiGraph()
    graph.add_nodes_from(known)
    for module, source in known.items():
        for named in named_in(source):
            target = homes.get(named, named)
            while target not in known and "." in target:  # a name in a module
                target = target.rpartition(".")[0]
            if target in known and target != module:
                graph.add_edge(module, target)
    return graph


def room_map() -> dict[str, str]:
    """Return the map in CONTRIBUTING.md: what is in each room, bottom floor first, in the order of imports."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [(path, sentence) for path, sentence in _ROW.findall(page) if path.split("/")[0] in FLOORS]
    assert len(rows) == len(dict(rows)), "a room stands twice in the map"
    return {path.removesuffix(".py").replace("/", "."): sentence for path, sentence in rows}


def room_of(module: str) -> str:
    """Return the room that a module lies in: a folder or a file of one of the floors."""
    return ".".join(module.split(".")[:2])


def named_in(source: Path) -> Iterator[str]:
    """Yield the dotted names of all that a file imports."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(".") > 1:
            yield node.value


def _dotted(source: Path) -> str:
    parts = source.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _homes_of_public_names() -> dict[str, str]:
    """Return where the public names of the packages that list them are defined."""
    homes = {}
    for stub in (stub for floor in FLOORS for stub in sorted((ROOT / floor).rglob("__init__.pyi"))):
        package = _dotted(stub)
        for node in parsed(stub).body:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    homes[f"{package}.{alias.name}"] = ".".join(
                        filter(None, (package, node.module, alias.name))
                    )
    return homes
