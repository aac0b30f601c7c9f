"""How far a training is, in a file: a process that ends loses half a minute of it.

A file belongs to one training: what it is of stands in it as a hash, and a file of another one, of another release or
a damaged one is written over. It is whole or absent, and gone when the training is done. Bits are those of a training
that nothing disturbed, on one kind of machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
import time
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

SECONDS = 30.0
"""Between two writings."""


class Checkpoints:
    """The folder of a training whose runs are played in parts.

    Parameters
    ----------
    folder
        Made if it is missing.
    seconds
        Between two writings, at least.

    Raises
    ------
    ValueError
        If it cannot be written.
    """

    def __init__(self, folder: str | os.PathLike[str], *, seconds: float = SECONDS) -> None:
        self._folder = Path(folder)
        self._seconds = seconds
        self._made: list[Checkpoint] = []
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder):
                pass
        except OSError as error:
            rule = "checkpoint must be a folder that can be written"
            raise ValueError(f"{rule}, got {self._folder}: {error.strerror}") from error

    def of(self, first: int, training: Any) -> Checkpoint:
        """Return the file of the runs from this one on."""
        file = Checkpoint(self._folder / f"runs-{first:06d}.npz", training, self._seconds)
        self._made.append(file)
        return file

    def remove(self) -> None:
        """Remove what was kept of a training that is done, and the folder if nothing else is in it."""
        with contextlib.suppress(OSError):
            for file in self._made:
                file.path.unlink(missing_ok=True)
            self._folder.rmdir()


class Checkpoint:
    """The file of runs that are played together.

    Parameters
    ----------
    path
        Of the file.
    training
        All that their bits depend on: arrays, and what has a text.
    seconds
        Between two writings, at least.
    """

    def __init__(self, path: Path, training: Any, seconds: float = SECONDS) -> None:
        self.path = path
        self._seconds = seconds
        self._signature = _signature(training)
        self._written = time.monotonic()

    def read(self, like: Any) -> Any:
        """Return what was written, in the shape of `like`; None if nothing of this training was."""
        leaves, shape = jax.tree.flatten(like)
        try:
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as kept:
                if str(kept["signature"]) != self._signature:
                    return None
                found = [kept[f"leaf_{number}"] for number in range(len(leaves))]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return jax.tree.unflatten(
            shape, [_as(leaf, values) for leaf, values in zip(leaves, found, strict=True)]
        )

    def is_due(self, is_done: bool) -> bool:
        """Say whether a state is to be written: the last one, or one long after the one before."""
        return is_done or time.monotonic() - self._written >= self._seconds

    def write(self, state: Any) -> None:
        """Write a state; a full disk does not stop the training."""
        arrays: dict[str, Any] = {
            f"leaf_{number}": _values(leaf) for number, leaf in enumerate(jax.tree.leaves(state))
        }
        beside = self.path.with_name(f".{self.path.name}.partial")
        try:
            with beside.open("wb") as file:
                np.savez(file, signature=np.array(self._signature), **arrays)
            beside.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
        self._written = time.monotonic()


def _signature(training: Any) -> str:
    leaves, shape = jax.tree.flatten(training)
    made_by = [version(name) for name in ("commonweal", "jax", "jaxlib")]
    digest = hashlib.sha256("\n".join([*made_by, str(shape)]).encode())
    for leaf in leaves:
        values = _values(leaf)
        is_text = values.dtype.kind in "OUV"
        described = repr(leaf) if is_text else f"{values.dtype} {values.shape}"
        digest.update(described.encode() + b"\n")
        if not is_text:
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _is_key(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _values(leaf: Any) -> Any:
    return np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)


def _as(leaf: Any, values: Any) -> Any:
    if _is_key(leaf):
        return jax.random.wrap_key_data(jnp.asarray(values))
    return jnp.asarray(values) if isinstance(leaf, jax.Array) else values
