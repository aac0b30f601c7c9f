"""Promises about the project's shape: floors, light imports, where packages live."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import scenarios
import simulation
import theory
from tests.imports import parsed

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "theory": {"theory"},
    "simulation": {"theory", "simulation"},
    "scenarios": {"theory", "simulation", "scenarios"},
}
FLOORS = set(MAY_IMPORT)
HEAVY = {
    "altair",
    "dask",
    "gymnasium",
    "ipywidgets",
    "jax",
    "matplotlib",
    "mesa",
    "nashpy",
    "numba",
    "pandas",
    "pydantic",
    "pettingzoo",
    "quantecon",
    "scipy",
    "solara",
    "uvicorn",
    "xarray",
}


def imported_modules(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(parsed(source)):
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
        used = {name.split(".")[0] for name in imported_modules(source)} & (FLOORS | {"commonweal"})
        assert used <= MAY_IMPORT[floor], f"{source} imports {used - MAY_IMPORT[floor]}"


def test_theory_knows_no_randomness_and_no_mesa() -> None:
    for source in (ROOT / "theory").rglob("*.py"):
        assert not imported_modules(source) & {"random", "mesa", "numpy.random"}, source


@pytest.mark.parametrize("module", ["commonweal", "scenarios.cli", "scenarios.registry"])
def test_import_loads_no_heavy_library(module: str) -> None:
    code = f"import {module}, sys; dir({module}); print(*sorted(name.split('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("package", [theory, simulation, scenarios], ids=lambda package: package.__name__)
def test_packages_are_those_of_this_checkout(package: object) -> None:
    # PyPI has distributions called `simulation` and `scenarios`, which could take our place unnoticed.
    assert Path(package.__file__).resolve().parent == ROOT / package.__name__  # type: ignore[attr-defined]


PUBLIC = pytest.mark.parametrize(
    "package", [theory, theory.altruism, simulation], ids=lambda package: package.__name__
)


@PUBLIC
def test_every_public_name_is_there_and_documented(package: ModuleType) -> None:
    for name in package.__all__:
        assert getattr(package, name).__doc__, name


@PUBLIC
def test_completion_offers_the_public_names(package: ModuleType) -> None:
    assert dir(package) == sorted(package.__all__)
    assert len(set(package.__all__)) == len(package.__all__) > 10


@PUBLIC
def test_the_list_of_public_names_says_a_name_a_line(package: ModuleType) -> None:
    stub = Path(str(package.__file__)).with_suffix(".pyi")
    listed: list[str] = []
    for node in parsed(stub).body:
        assert isinstance(node, ast.ImportFrom)
        (alias,) = node.names
        assert alias.asname == alias.name, "`as` the same name is what makes it public to type checkers"
        listed.append(alias.name)
    assert sorted(listed) == package.__all__


def test_an_unknown_public_name_is_an_attribute_error_that_knows_a_close_one() -> None:
    with pytest.raises(AttributeError, match="No theory attribute nonsense"):
        theory.nonsense  # type: ignore[attr-defined]  # noqa: B018
    done = subprocess.run(
        [sys.executable, "-c", "import theory; theory.jduge"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stderr.strip().endswith("Did you mean: 'judge'?")


def test_importing_one_public_name_loads_no_other_topic() -> None:
    code = "from theory import matrix_dilemma; import sys; print(*(n for n in sys.modules if n[:7] == 'theory.'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    topics = {folder.name for folder in (ROOT / "theory").iterdir() if folder.is_dir()}
    assert {name.split(".")[1] for name in done.stdout.split()} & topics == {"games"}


REACHED_BY_NAME = {
    "h5netcdf": "xarray writes and reads NetCDF by it",
    "h5py": "h5netcdf stands on it",
}


def test_every_dependency_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.match(r"[\w-]+", line)[0].replace("-", "_") for line in project["dependencies"]}  # type: ignore[index]
    sources = [source for floor in FLOORS for source in (ROOT / floor).rglob("*.py")]
    imported = {name.split(".")[0] for source in sources for name in imported_modules(source)}
    assert needed - imported == set(REACHED_BY_NAME)
