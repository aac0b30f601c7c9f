"""The driver of all laws, on a law whose runs can be reckoned by hand."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation.engine import workers
from simulation.engine.compilation import rule
from simulation.engine.randomness import run_generator
from simulation.engine.runs import CHUNK, Process, play_runs, recording_interval, take_step


class Walk(NamedTuple):
    place: NDArray
    """`[1]`"""
    visits: NDArray
    """`[2]`: steps to the left and to the right, from the burn-in on."""


class Terms(NamedTuple):
    burn_in: int
    wall: float
    """Beyond it a walk leaves the finite."""


class Room(NamedTuple):
    move: NDArray


class Stride(NamedTuple):
    move: NDArray
    """`[1]`"""
    sides: NDArray
    """`[2]`: 1 for the side of the step."""
    before: NDArray


@rule
def walk(state: Walk, draws: NDArray, step: int, constants: Terms, room: Room, record: Stride) -> None:
    """Go to the right by the first draw, or to the left by the second."""
    room.move[0] = draws[1] if draws[0] < 0.5 else -draws[1]
    side = 1 if room.move[0] > 0.0 else 0
    state.place[0] += room.move[0]
    if state.place[0] > constants.wall:
        state.place[0] = np.inf
    record.move[0] = room.move[0]
    record.sides[side] = 1
    record.sides[1 - side] = 0
    if step >= constants.burn_in:
        state.visits[side] += 1


@rule
def look(state: Walk, step: int, constants: Terms, room: Room, record: Stride) -> None:
    record.before[0] = state.place[0]


def start(generator: np.random.Generator) -> Walk:
    return Walk(generator.random(1), np.zeros(2, np.int32))


def process(steps: int = 25, **changes: Any) -> Process:
    given = Process(
        law=walk,
        unit="round",
        steps=steps,
        draws=2,
        constants=Terms(burn_in=10, wall=1e9),
        start=start,
        room=lambda: Room(np.zeros(1)),
        record=lambda: Stride(np.zeros(1), np.zeros(2, np.int8), np.zeros(1)),
        recorded={"move": (), "sides": ("side",), "before": ()},
        watched=lambda state: (state.place,),
        tell=lambda state, record, before: f"place {state.place[0]:g} after a move of {record.move[0]:.3f}",
        observe=look,
    )
    return replace(given, **changes)


def by_hand(seed: int, run: int, steps: int) -> tuple[NDArray, NDArray]:
    """Return the places `[steps + 1]` and the moves of a run."""
    generator = run_generator(seed, run)
    places, moves = [generator.random(1)[0]], []
    for draws in generator.random((steps, 2)):
        moves.append(draws[1] if draws[0] < 0.5 else -draws[1])
        places.append(places[-1] + moves[-1])
    return np.array(places), np.array(moves)


def test_each_run_is_what_its_draws_make_of_it() -> None:
    played = play_runs(process(), runs=3, seed=4, every=1, workers=1)
    for run in range(3):
        places, moves = by_hand(4, run, 25)
        assert np.array_equal(played.recorded["move"][run], moves)
        assert np.array_equal(played.recorded["before"][run], places[:-1])
        assert np.array_equal(played.recorded["sides"][run], np.stack([moves < 0, moves > 0], axis=1))
        assert played.states.place[run, 0] == places[-1]
        assert played.states.visits[run].tolist() == [(moves[10:] < 0).sum(), (moves[10:] > 0).sum()]
    assert played.recorded["sides"].dtype == np.int8
    assert played.states.visits.dtype == np.int32


def test_the_dataset_names_what_was_recorded() -> None:
    played = play_runs(process(), runs=2, seed=0, every=4, workers=1)
    data = played.dataset({"end": ("run", played.states.place[:, 0])}, {"side": ["left", "right"]})
    assert data["sides"].dims == ("run", "round", "side")
    assert data["move"].dims == ("run", "round")
    assert data["round"].values.tolist() == list(range(0, 25, 4))
    assert data["run"].values.tolist() == [0, 1]
    nothing = play_runs(process(), runs=2, seed=0, every=0, workers=1)
    assert nothing.recorded == {}
    assert set(nothing.dataset({}, {}).sizes) == {"run"}


@pytest.mark.parametrize("runs", [1, 5, 2 * CHUNK + 3])
def test_neither_chunks_nor_blocks_nor_workers_nor_compilation_make_a_difference(
    runs: int, monkeypatch
) -> None:
    usual = play_runs(process(), runs=runs, seed=1, every=3, workers=1)
    plain = play_runs(process(compile_law=False), runs=runs, seed=1, every=3, workers=2)
    monkeypatch.setattr(workers, "BLOCK_DRAWS", 17)
    cut = play_runs(process(), runs=runs, seed=1, every=3, workers=3)
    for other in (plain, cut):
        for name, values in usual.recorded.items():
            assert np.array_equal(other.recorded[name], values)
        assert np.array_equal(other.states.place, usual.states.place)
        assert np.array_equal(other.states.visits, usual.states.visits)


def test_single_steps_are_those_of_the_batch() -> None:
    given = process()
    generator = run_generator(2, 1)
    state, room, record = start(generator), given.room(), given.record()
    for step in range(10):
        take_step(given, state, generator.random(2), step, room, record)
    take_step(given, state, generator.random((15, 2)), 10, room, record)  # several steps at once
    played = play_runs(given, runs=2, seed=2, every=0, workers=1)
    assert np.array_equal(state.place, played.states.place[1])
    assert np.array_equal(state.visits, played.states.visits[1])


@pytest.mark.parametrize("compile_law", [True, False])
def test_a_divergence_is_told_with_the_run_and_the_step(compile_law: bool) -> None:
    walks = [by_hand(3, run, 400) for run in range(4)]
    wall = 3.0
    left = [np.flatnonzero(places > wall) for places, _ in walks]
    first = next(run for run in range(4) if left[run].size)
    step = left[first][0] - 1
    given = process(400, constants=Terms(0, wall), compile_law=compile_law)
    message = f"run {first} diverged in round {step}: place inf after a move of {walks[first][1][step]:.3f}"
    with pytest.raises(ValueError, match=message):
        play_runs(given, runs=4, seed=3, every=0, workers=1)
    with pytest.raises(ValueError, match=message):
        play_runs(given, runs=4, seed=3, every=1, workers=2)


def test_states_are_kept_at_moments() -> None:
    played = play_runs(
        process(),
        runs=2,
        seed=6,
        every=0,
        workers=2,
        moments=(25, 0, 7),
        keep=lambda state: state.place.item(),
    )
    for run in range(2):
        places, _ = by_hand(6, run, 25)
        assert played.kept[run] == [places[25], places[0], places[7]]


def test_ends_of_runs_see_the_last_step() -> None:
    def finish(state: Walk, room: Room, record: Stride) -> tuple[float, float]:
        return float(state.place[0]), float(record.move[0])

    played = play_runs(process(finish=finish), runs=3, seed=7, every=0, workers=2)
    for run in range(3):
        places, moves = by_hand(7, run, 25)
        assert played.ends[run] == (places[-1], moves[-1])


def test_draws_may_depend_on_the_start() -> None:
    def two_or_three(state: Walk) -> int:
        return 2 if state.place[0] < 0.5 else 3

    played = play_runs(process(draws=two_or_three), runs=6, seed=8, every=0, workers=2)
    for run in range(6):
        generator = run_generator(8, run)
        place = generator.random(1)[0]
        for draws in generator.random((25, 2 if place < 0.5 else 3)):
            place += draws[1] if draws[0] < 0.5 else -draws[1]
        assert played.states.place[run, 0] == place


def test_a_law_of_ones_own_is_looked_at_in_each_step() -> None:
    def fault(record: Stride) -> str:
        return "" if record.move[0] < 0.9 else f"the law must go slowly, got {record.move[0]:.4f}"

    moves = [by_hand(9, run, 25)[1] for run in range(5)]
    run = next(run for run in range(5) if (moves[run] >= 0.9).any())
    step = np.flatnonzero(moves[run] >= 0.9)[0]
    own = process(compile_law=False, fault=fault)
    with pytest.raises(
        ValueError, match=f"run {run}, round {step}: the law must go slowly, got {moves[run][step]:.4f}"
    ):
        play_runs(own, runs=5, seed=9, every=0, workers=1)

    def divides(*arguments: Any) -> None:
        raise ZeroDivisionError("nothing to divide by")

    with pytest.raises(
        ValueError, match=r"run 0 diverged in round 0: place .*; ZeroDivisionError: nothing to"
    ):
        play_runs(replace(own, law=divides), runs=5, seed=9, every=0, workers=1)


def test_what_does_not_fit_is_refused_with_what_is_asked_for() -> None:
    with pytest.raises(
        ValueError, match="for 1000000000000 runs of 25 recorded rounds of one: lower runs, or"
    ):
        play_runs(process(), runs=10**12, seed=0, every=1, workers=1, what=" of one")
    with pytest.raises(ValueError, match="for 1 runs of 0 recorded rounds: lower runs"):
        play_runs(process(state_bytes=10**15), runs=1, seed=0, every=0, workers=1)


@pytest.mark.parametrize(("record", "every"), [("all", 1), ("summary", 0), (7, 7)])
def test_recording_intervals(record: Any, every: int) -> None:
    assert recording_interval(record) == every


@pytest.mark.parametrize("record", ["some", 0, 1.5, True])
def test_other_intervals_are_refused(record: Any) -> None:
    with pytest.raises(ValueError, match="record must be"):
        recording_interval(record, "round")
