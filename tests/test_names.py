"""One name for one thing: no two functions of `theory` and `simulation` share a name, nor two types of array."""

import ast
from collections import defaultdict

from tests.imports import modules, parsed

ARRAYS = ("NDArray[", "np.ndarray[")


def of_two_floors() -> dict[str, ast.Module]:
    sources = {name: source for name, source in modules().items() if not name.startswith("scenarios")}
    return {name: parsed(source) for name, source in sources.items()}


def test_no_two_public_functions_share_a_name() -> None:
    homes = defaultdict(list)
    for module, tree in of_two_floors().items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                homes[node.name].append(module)
    shared = {name: places for name, places in homes.items() if len(places) > 1}
    assert not shared, shared


def test_a_type_of_array_has_one_name_and_one_home() -> None:
    homes, names = defaultdict(list), defaultdict(set)
    for module, tree in of_two_floors().items():
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = ast.unparse(node.value)
                if value.startswith(ARRAYS):
                    homes[node.targets[0].id].append(module)
                    names[value].add(node.targets[0].id)
    assert all(len(places) == 1 for places in homes.values()), dict(homes)
    assert all(len(known) == 1 for known in names.values()), dict(names)
