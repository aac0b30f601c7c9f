"""All public names in one place: `import commonweal`, or `from commonweal import judge, simulate`.

This file stands above the floors: it gives what they offer, each name when it is first used, runs the command line of
`scenarios`, and is imported by none of them. It says so where another module is found by one of these names.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation import *  # noqa: F403
    from theory import *  # noqa: F403

    # isort: split
    from scenarios import draw_incentives as draw_incentives
    from scenarios import draw_learning_curves as draw_learning_curves
    from scenarios import draw_network as draw_network
    from scenarios import draw_payoff_heat_map as draw_payoff_heat_map
    from scenarios import draw_payoff_space as draw_payoff_space
    from scenarios import draw_ranks as draw_ranks
    from scenarios import draw_score_boxes as draw_score_boxes
    from scenarios import draw_simplex as draw_simplex
    from scenarios import draw_sweep as draw_sweep
    from scenarios import draw_sweep_verdicts as draw_sweep_verdicts
    from scenarios import sweep as sweep  # type: ignore[assignment] # the one that is stored

    __version__: str

_FLOORS = ("theory", "simulation", "scenarios")


def main() -> None:
    """Run the command line."""
    try:
        _refuse_other_floors()
    except ImportError as error:
        sys.exit(f"commonweal: {error}")
    import_module("scenarios.cli").main()


@cache
def _refuse_other_floors() -> None:
    """Raise ImportError if a module of somebody else is found by the name of one of ours."""
    for floor in _FLOORS:
        ours, found = Path(__file__).resolve().parent / floor, _place_of(floor)
        if found != ours:
            raise ImportError(
                f"`import {floor}` must find the package in {ours}, got {found or 'none'}; rename what was found, "
                "or start Python in another folder: its own folder and those of PYTHONPATH come first",
                name=floor,
            )


def _place_of(name: str) -> Path | None:
    """Return the folder of a package, or the file of a module, that `import name` finds."""
    module = sys.modules.get(name)
    spec = None if module is not None else find_spec(name)
    file = getattr(module, "__file__", None) or getattr(spec, "origin", None)
    folders = getattr(module, "__path__", None) or getattr(spec, "submodule_search_locations", None)
    where = next(iter(folders), None) if folders else file
    return None if where is None else Path(where).resolve()


if not TYPE_CHECKING:  # so that type checkers still know what is no name of ours

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from importlib.metadata import version

            return version("commonweal")
        homes = _homes()
        if name == "__all__":
            return sorted(homes)
        if name not in homes:
            raise AttributeError(f"module 'commonweal' has no attribute {name!r}")
        return getattr(homes[name], name)

    def __dir__() -> list[str]:
        return sorted((*_homes(), "__version__"))


@cache
def _homes() -> dict[str, ModuleType]:
    """Return the floor that each public name comes from."""
    _refuse_other_floors()
    floors = [import_module(floor) for floor in _FLOORS]
    return {name: floor for floor in floors for name in getattr(floor, "__all__", ())}


if __name__ == "__main__":
    main()
