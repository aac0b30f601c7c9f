"""Names and hashes of laws and rules: what changes them, and what does not."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from simulation.engine.provenance import describe_game, edges_of, qualified_name, source_of, with_provenance
from simulation.mechanism_design.law import mechanism_design_round
from theory import Game, linear_dilemma, named_game

LAW = """
from helper import factor
SCALE = {scale}
def law(x):
    return SCALE * factor(x)
"""


def hash_of(folder: Path, *, scale: int = 2, factor: str = "x + 1") -> str:
    """Return the hash of a law in a file of its own, which calls a function of another, in a fresh process."""
    (folder / "law.py").write_text(LAW.format(scale=scale))
    (folder / "helper.py").write_text(f"def factor(x):\n    return {factor}\n")
    root = Path(__file__).resolve().parents[3]
    program = (
        f"import sys; sys.path[:0] = [{str(folder)!r}, {str(root)!r}]; from law import law; "
        "from simulation.engine.provenance import source_of; print(source_of(law))"
    )
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_hash_sees_constants_and_callees(tmp_path: Path) -> None:
    first = hash_of(tmp_path)
    assert hash_of(tmp_path) == first
    assert len({first, hash_of(tmp_path, scale=3), hash_of(tmp_path, factor="x + 2")}) == 3


def defined(text: str):  # type: ignore[no-untyped-def]
    """Return a function that stands in no file, as in a notebook."""
    namespace: dict[str, object] = {"__name__": "notebook"}
    exec(text, namespace)
    return namespace["law"]


def test_functions_without_a_file_are_known_by_what_they_do() -> None:
    one, same, other = (defined(f"def law(x):\n    return x + {k}\n") for k in (1, 1, 2))
    assert source_of(one) == source_of(same)
    assert source_of(one) != source_of(other)
    assert qualified_name(one) == "notebook.law"


def test_closures_are_told_apart_by_what_they_hold() -> None:
    def made(value):  # type: ignore[no-untyped-def]
        def law(x: float) -> float:
            return float(x * value)

        return law

    assert source_of(made(1.0)) == source_of(made(1.0))
    assert source_of(made(1.0)) != source_of(made(2.0))
    # What has no stable text leaves the source.
    assert source_of(made([1])) == source_of(made([2]))


def test_objects_that_can_be_called_are_known_by_their_class() -> None:
    class Law:
        def __call__(self) -> None:
            """Do nothing."""

    assert qualified_name(Law()).endswith("<locals>.Law")
    assert source_of(Law()) == source_of(Law)


def test_names_of_rules() -> None:
    assert qualified_name(mechanism_design_round) == "simulation.mechanism_design.law.mechanism_design_round"


def test_games_are_described() -> None:
    assert describe_game(named_game("chicken")) == {
        "title": "Chicken", "actions": [2, 2], "payoffs": named_game("chicken").payoffs.ravel().tolist(),
    }  # fmt: skip
    assert describe_game(linear_dilemma(7, greed=1, fear=2)) == {
        "title": linear_dilemma(7, greed=1, fear=2).title, "players": 7, "payoffs": [3.0, -1.0, 4.0, 1.0],
    }  # fmt: skip
    # Many payoffs without a rule are kept all the same.
    large = Game(np.arange(2 * 50 * 50.0).reshape(2, 50, 50))
    assert describe_game(large)["payoffs"] == list(range(5000))


@pytest.mark.parametrize("seed", [0, 2**63 - 1, 2**63, 10**40])
def test_seeds_of_any_size_are_kept(seed: int, tmp_path: Path) -> None:
    data = with_provenance(
        xr.Dataset(), law=mechanism_design_round, seed=seed, flag=True, nothing=None, some=[1, 2]
    )
    data.to_netcdf(tmp_path / "data.nc", engine="h5netcdf")
    stored = xr.load_dataset(tmp_path / "data.nc", engine="h5netcdf").attrs
    assert int(stored["seed"]) == seed
    assert (stored["flag"], stored["nothing"], stored["some"].tolist()) == (1, "null", [1, 2])


def test_edges_are_those_of_the_rows() -> None:
    # The path 0 - 1 - 2.
    edges = edges_of(np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1]))
    assert edges.tolist() == [0, 1, 1, 2]
