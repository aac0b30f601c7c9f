"""A training that was cut off and goes on has the bits of one that nothing disturbed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from simulation.markov_games.enumerated import enumerate_game
from simulation.markov_games.games.iterated_game import IteratedGame
from simulation.markov_games.keys import keys_of_runs
from simulation.markov_games.planner.checkpoint import Checkpoint, Checkpoints
from simulation.markov_games.planner.planning import ExactPlanning, plan_exactly
from simulation.markov_games.planner.sampling import SampledPlanning, plan_by_episodes
from simulation.markov_games.planner.training import trained
from theory import named_game


class Walk(NamedTuple):
    """A trainer whose runs carry a key, a number and a tree of them."""

    name: str = "walk"

    def begin(self, world: Any, numbers: Any, key: jax.Array) -> Any:
        return key, jnp.zeros(()), {"steps": (jnp.zeros((2,)), jnp.int32(0))}

    def update(self, world: Any, numbers: Any, carried: Any, number: jax.Array) -> Any:
        key, at, tree = carried
        key, drawn = jax.random.split(key)
        at = 0.9 * at + world * jax.random.normal(drawn) + numbers * number
        steps, count = tree["steps"]
        return (key, at, {"steps": (steps + at, count + 1)}), {"at": at, "count": count}

    def end(self, world: Any, numbers: Any, carried: Any) -> Any:
        return {"at": carried[1], "steps": carried[2]["steps"][0]}


class Cut(BaseException):
    """The process ends."""


class CutOff(Checkpoints):
    """Ends after so many writings."""

    def __init__(self, folder: Path, writings: int) -> None:
        super().__init__(folder, seconds=0.0)
        self.left = writings

    def of(self, first: int, training: Any) -> Checkpoint:
        file = super().of(first, training)
        write = file.write

        def cut(state: Any) -> None:
            write(state)
            self.left -= 1
            if self.left == 0:
                raise Cut

        file.write = cut  # type: ignore[method-assign]
        return file


def walked(kept: Checkpoints | None = None, **changes: Any) -> list[np.ndarray]:
    given = {"world": 1.5, "numbers": 0.01, "updates": 350, "seed": 4} | changes
    keys = keys_of_runs(given["seed"], 5)
    found = trained(
        Walk(given.get("name", "walk")),
        given["world"],
        given["numbers"],
        keys,
        given["updates"],
        together=2,
        kept=kept,
    )
    return [np.asarray(leaf) for leaf in jax.tree.leaves(found)]


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


# Three parts of two runs, of four pieces each.
@pytest.mark.parametrize("writings", range(1, 13))
def test_wherever_it_was_cut_off_it_goes_on_to_the_same_bits(tmp_path: Path, writings: int) -> None:
    folder = tmp_path / "kept"
    with pytest.raises(Cut):
        walked(CutOff(folder, writings))
    assert len(list(folder.iterdir())) == (writings + 3) // 4
    rest = CutOff(folder, 1000)
    assert same(walked(rest), walked())
    # A part that is done is not written again, and what was played before the cut is not played again.
    assert 1000 - rest.left == 12 - writings
    assert not folder.exists()


@pytest.mark.parametrize(
    "change", [{"world": 1.0}, {"numbers": 0.0}, {"updates": 300}, {"seed": 5}, {"name": "other"}]
)
def test_what_another_training_left_is_not_taken(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(Cut):
        walked(CutOff(tmp_path / "kept", 6), **change)
    assert same(walked(Checkpoints(tmp_path / "kept")), walked())


@pytest.mark.parametrize(
    "damage", [lambda content: content[:200], lambda content: b"", lambda content: b"PK" + content]
)
def test_what_is_damaged_is_not_taken(tmp_path: Path, damage: Any) -> None:
    with pytest.raises(Cut):
        walked(CutOff(tmp_path / "kept", 6))
    for file in (tmp_path / "kept").iterdir():
        file.write_bytes(damage(file.read_bytes()))
    assert same(walked(Checkpoints(tmp_path / "kept")), walked())


def test_between_two_writings_time_must_pass(tmp_path: Path) -> None:
    patient = CutOff(tmp_path, 1000)
    patient._seconds = 3600.0
    walked(patient)
    assert 1000 - patient.left == 3  # the last of each part


def test_a_disk_that_is_full_does_not_stop_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    kept = CutOff(tmp_path / "kept", 1000)
    monkeypatch.setattr(np, "savez", full)
    assert same(walked(kept), walked())


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"checkpoint must be a folder that can be written, got .*file"):
        Checkpoints(tmp_path / "file")


def test_files_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    walked(CutOff(tmp_path, 1000))
    assert os.listdir(tmp_path) == ["mine.txt"]


@pytest.fixture
def _cut_after_the_first_part(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End once when the first part of the runs is written."""
    write, cuts = Checkpoint.write, [1]

    def cut(self: Checkpoint, state: Any) -> None:
        write(self, state)
        if cuts:
            cuts.pop()
            raise Cut

    monkeypatch.setattr(Checkpoint, "write", cut)
    yield
    assert not cuts


@pytest.mark.slow
@pytest.mark.usefixtures("_cut_after_the_first_part")
def test_planners_go_on(tmp_path: Path) -> None:
    game = enumerate_game(IteratedGame(game=named_game("chicken"), horizon=4, slip=0.05))
    planning = SampledPlanning(updates=20, planner_updates=10, environments=4, steps=2)

    def plan(**options: Any) -> Any:
        return plan_by_episodes(game, planning, encoding="each-apart", runs=7, seed=2, **options)

    with pytest.raises(Cut):
        plan(checkpoint=tmp_path / "kept")
    assert plan(checkpoint=str(tmp_path / "kept")).identical(plan())
    exact = ExactPlanning(updates=120, planner_updates=60)
    assert plan_exactly(game, exact, runs=2, checkpoint=tmp_path / "kept").identical(
        plan_exactly(game, exact, runs=2)
    )
    assert os.listdir(tmp_path) == []
