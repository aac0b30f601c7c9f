"""Promises about the project's shape: floors, light imports, where packages live."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import scenarios
import simulation
import theory

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "theory": {"theory"},
    "simulation": {"theory", "simulation"},
    "scenarios": {"theory", "simulation", "scenarios"},
}
FLOORS = set(MAY_IMPORT)
HEAVY = {
    "dask",
    "jax",
    "matplotlib",
    "mesa",
    "nashpy",
    "numba",
    "pandas",
    "quantecon",
    "scipy",
    "xarray",
}


def imported_modules(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}: imports are absolute"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("floor", sorted(FLOORS))
def test_imports_go_down_only(floor: str) -> None:
    sources = sorted((ROOT / floor).rglob("*.py"))
    assert sources
    for source in sources:
        used = {name.split(".")[0] for name in imported_modules(source)} & FLOORS
        assert used <= MAY_IMPORT[floor], f"{source} imports {used - MAY_IMPORT[floor]}"


def test_theory_knows_no_randomness_and_no_mesa() -> None:
    for source in (ROOT / "theory").rglob("*.py"):
        assert not imported_modules(source) & {"random", "mesa", "numpy.random"}, source


@pytest.mark.parametrize("module", ["scenarios.cli", "theory", "simulation", "scenarios.registry"])
def test_import_loads_no_heavy_library(module: str) -> None:
    code = f"import {module}, sys; print(*sorted(name.split('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("package", [theory, simulation, scenarios], ids=lambda package: package.__name__)
def test_packages_are_those_of_this_checkout(package: object) -> None:
    # PyPI has distributions called `simulation` and `scenarios`, which could take our place unnoticed.
    assert Path(package.__file__).resolve().parent == ROOT / package.__name__  # type: ignore[attr-defined]


@pytest.mark.parametrize("package", [theory, simulation], ids=lambda package: package.__name__)
def test_every_public_name_is_there_and_documented(package: object) -> None:
    names = package.__all__  # type: ignore[attr-defined]
    assert names == sorted(names)
    for name in names:
        assert getattr(package, name).__doc__, name


@pytest.mark.parametrize("package", [theory, simulation], ids=lambda package: package.__name__)
def test_type_checkers_see_the_same_public_names(package: object) -> None:
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    for_checkers = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    assert for_checkers == set(package.__all__)  # type: ignore[attr-defined]


@pytest.mark.parametrize("package", [theory, simulation], ids=lambda package: package.__name__)
def test_unknown_public_name_is_an_attribute_error(package: object) -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        package.nonsense  # type: ignore[attr-defined]  # noqa: B018
