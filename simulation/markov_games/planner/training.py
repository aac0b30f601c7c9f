"""Playing updates of many runs at once, compiled once for each shape: how many updates there are is no part of it.

A trainer says what a run begins with, what one update does, and what is told in the end. Runs are played side by
side, updates in pieces of a fixed size, after each of which an interrupt is heard, and how far they are may be kept.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from simulation.markov_games.planner.checkpoint import Checkpoint, Checkpoints

# Updates of a piece, between which nothing returns to Python.
PIECE = 100


class Trainer(Protocol):
    """What code is compiled for: told apart by its parts, which are numbers, names and frozen dataclasses."""

    def begin(self, world: Any, numbers: Any, key: jax.Array) -> Any:
        """Return what a run carries from update to update."""

    def update(self, world: Any, numbers: Any, carried: Any, number: jax.Array) -> tuple[Any, Any]:
        """Return what is carried then, and what is told of this update."""

    def end(self, world: Any, numbers: Any, carried: Any) -> Any:
        """Return what is told after the last update."""


def trained(
    trainer: Trainer,
    world: Any,
    numbers: Any,
    keys: jax.Array,
    updates: int,
    *,
    together: int | None = None,
    kept: Checkpoints | None = None,
) -> tuple[Any, Any]:
    """Return what is told of updates `[runs, updates, ...]`, and after them `[runs, ...]`, as arrays of NumPy.

    Runs begin with `keys[runs]`. So many are played together, by default all; fewer than that are filled up, so that
    a run's bits do not depend on how many there are. How far they are may be `kept`.
    """
    runs, together = len(keys), together or len(keys)
    firsts = range(0, runs, together)
    parts = []
    for first in firsts:
        chosen = keys[jnp.minimum(jnp.arange(first, first + together), runs - 1)]
        training = Training(trainer, world, numbers, chosen, updates)
        part = training.done(None if kept is None else kept.of(first, training))
        here = min(together, runs - first)
        parts.append(jax.tree.map(lambda leaf: leaf[:here], part))  # noqa: B023
    if kept is not None:
        kept.remove()
    told, ended = jax.tree.map(lambda *each: np.concatenate(each), *parts)
    return told, ended


class Training(NamedTuple):
    """Runs that are played together: all that their bits depend on."""

    trainer: Trainer
    world: Any
    numbers: Any
    keys: jax.Array
    updates: int

    def done(self, kept: Checkpoint | None) -> tuple[Any, Any]:
        """Return what is told of the updates, and after them; go on from what is kept."""
        trainer, world, numbers, keys, updates = self
        carried, told, done = _begun(trainer, world, numbers, keys), None, 0
        if kept is not None:
            row = jax.eval_shape(partial(_played, trainer), world, numbers, carried, 0, 0)[1]
            carried, told, done = kept.read((carried, row, 0)) or (carried, told, done)
        pieces = [] if told is None else [told]
        for first in range(int(done), updates, PIECE):
            count = min(PIECE, updates - first)
            carried, rows = _played(trainer, world, numbers, carried, first, count)
            pieces.append(jax.tree.map(lambda row: np.asarray(row)[:, :count], rows))  # noqa: B023
            if kept is not None and kept.is_due(first + count == updates):
                pieces = [_joined(pieces)]
                kept.write((carried, pieces[0], first + count))
        ended = _ended(trainer, world, numbers, carried)
        return _joined(pieces), jax.tree.map(np.asarray, ended)


def _joined(pieces: list[Any]) -> Any:
    return jax.tree.map(lambda *each: np.concatenate(each, axis=1), *pieces)


@partial(jax.jit, static_argnums=0)
def _begun(trainer: Trainer, world: Any, numbers: Any, keys: jax.Array) -> Any:
    return jax.vmap(lambda key: trainer.begin(world, numbers, key))(keys)


@partial(jax.jit, static_argnums=0)
def _played(trainer: Trainer, world: Any, numbers: Any, carried: Any, done: Any, count: Any) -> Any:
    def of_run(carried: Any) -> Any:
        def update(carried: Any, number: Any) -> Any:
            return trainer.update(world, numbers, carried, number)

        _, told = jax.eval_shape(update, carried, 0)
        rows = jax.tree.map(lambda leaf: jnp.zeros((PIECE, *leaf.shape), leaf.dtype), told)

        def go_on(k: jax.Array, so_far: Any) -> Any:
            carried, rows = so_far
            carried, told = update(carried, done + k)
            return carried, jax.tree.map(lambda row, leaf: row.at[k].set(leaf), rows, told)

        return jax.lax.fori_loop(0, count, go_on, (carried, rows))

    return jax.vmap(of_run)(carried)


@partial(jax.jit, static_argnums=0)
def _ended(trainer: Trainer, world: Any, numbers: Any, carried: Any) -> Any:
    return jax.vmap(lambda each: trainer.end(world, numbers, each))(carried)
