"""One name for one thing: no two functions of `theory` and `simulation` share a name, nor two types of array."""

import ast
from collections import defaultdict

from tests.imports import modules, parsed

# Functions that still share a name, in order of the map, each with its reason. The list only shrinks.
SHARED_FUNCTIONS: dict[str, str] = {}

# Types of array that still have several names or homes. The list only shrinks.
SHARED_ARRAYS: dict[str, str] = {
    "SmallArray": "`Actions` of matches are the same",
}
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
    assert set(shared) == set(SHARED_FUNCTIONS), {
        name: shared.get(name, "take it out of the list") for name in set(shared) ^ set(SHARED_FUNCTIONS)
    }


def test_a_type_of_array_has_one_name_and_one_home() -> None:
    homes, names = defaultdict(list), defaultdict(set)
    for module, tree in of_two_floors().items():
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = ast.unparse(node.value)
                if value.startswith(ARRAYS):
                    homes[node.targets[0].id].append(module)
                    names[value].add(node.targets[0].id)
    shared = {name for name, places in homes.items() if len(places) > 1}
    shared |= {name for known in names.values() if len(known) > 1 for name in known} - {"Actions"}
    assert shared == set(SHARED_ARRAYS), (dict(homes), dict(names))
