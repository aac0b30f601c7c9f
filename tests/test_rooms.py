"""Rooms import downwards in the order of CONTRIBUTING's map, and no file imports in a circle."""

import ast
import re
from pathlib import Path

import networkx as nx
import pytest
from PIL import Image

from tests.imports import FLOORS, ROOT, import_graph, modules, named_in, parsed, room_map, room_of


@pytest.fixture(scope="module")
def graph() -> nx.DiGraph:
    return import_graph()


def test_no_file_imports_in_a_circle(graph: nx.DiGraph) -> None:
    circles = [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1]
    assert not circles, f"imports in a circle: {circles}"


def test_rooms_import_only_rooms_above_them_in_the_map(graph: nx.DiGraph) -> None:
    order = {room: k for k, room in enumerate(room_map())}
    for importer, imported in graph.edges:
        if imported not in FLOORS:  # the list of a floor's public names
            assert order[room_of(imported)] <= order[room_of(importer)], f"{importer} imports {imported}"


def test_the_map_says_what_each_docstring_says() -> None:
    sentences = room_map()
    top = {room_of(module) for module in modules()}
    folders = {module for module, source in modules().items() if source.name == "__init__.py"}
    assert set(sentences) == top | folders
    for room, sentence in sentences.items():
        docstring = ast.get_docstring(parsed(modules()[room]))
        assert docstring is not None, room
        assert sentence == docstring.partition("\n\n")[0].replace("\n", " "), room


def test_the_picture_shows_the_rooms_of_the_map() -> None:
    with Image.open(ROOT / "docs" / "pictures" / "architecture.png") as picture:
        shown = picture.text["Description"].split()
    assert shown == list(room_map()), "draw it anew: .venv/bin/python docs/architecture.py"


def test_tests_mirror_the_rooms() -> None:
    rooms = {module.replace(".", "/") for module in modules()}
    for floor in FLOORS:
        for test in (ROOT / "tests" / floor).rglob("test_*.py"):
            folder = test.parent.relative_to(ROOT / "tests").as_posix()
            assert folder in rooms, f"{test} stands in a folder that mirrors none"


def test_names_on_the_ways_through_the_house_are_in_their_files() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)`\s\(`(\w+)`", page)
    assert len(named) > 15
    for path, name in named:
        assert re.search(
            rf"^(def|class) {name}\b", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE
        ), f"{name} is not in {path}"


EVERY_KIND = """
import theory.checks
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from theory.games.game import Game
def solve():
    from theory import judge
    return import_module("scenarios.thesis.table_4_2")
"""


def test_imports_of_every_kind_are_seen(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(EVERY_KIND)
    seen = {"theory.checks", "theory.games.game.Game", "theory.judge", "scenarios.thesis.table_4_2"}
    assert seen <= set(named_in(tmp_path / "mine.py"))
    graph = import_graph()
    assert graph.has_edge("scenarios.registry", "scenarios.thesis.table_4_2")
    assert graph.has_edge("scenarios.cli", "theory.verdicts.verdict")  # `from theory import judge`
