"""Programs that JAX has compiled, kept in files for later processes: damaged or foreign ones are never asked for.

JAX keeps its programs itself, under a hash of each. What it leaves to others is done here: it writes a file in place,
so that one which was cut off stays cut off (JAX 0.10 warns of it in every later process, and compiles); it knows no
owner; it trusts that the processor is the one that the program was compiled on; and it removes nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from llvmlite import binding

from simulation.engine.compilation import kept_folder
from simulation.engine.kept_code import remove_least_recently_used

# Of one processor and release; those of all scenarios and tests are 3 megabytes.
MOST_BYTES = 200_000_000

# Folders of other processors and releases that are left beside the one in use, and that one.
MOST_FOLDERS = 4

_ZSTANDARD = b"\x28\xb5\x2f\xfd"  # how a file of that format begins, which JAX prefers where it can be read


def keep_programs() -> None:
    """Let JAX keep its programs where compiled laws are, unless it was told where, or nothing can be kept.

    To be called before the first program of a process is compiled.
    """
    import jax

    config: Any = jax.config  # typed in part
    if config.jax_compilation_cache_dir is not None:
        return
    for name, value in _settings().items():
        config.update(name, value)


def environment_to_keep_programs() -> dict[str, str]:
    """Return the variables by which JAX keeps its programs in processes that start with them; none if it cannot."""
    return {name.upper(): str(value) for name, value in _settings().items()}


def programs_folder() -> Path:
    """Return the folder of the programs of this processor and this release of JAX."""
    features = binding.get_host_cpu_features().flatten()
    made_by = (version("jax"), version("jaxlib"), sys.version, binding.get_host_cpu_name(), features)
    return kept_folder() / "programs" / hashlib.sha256("\n".join(made_by).encode()).hexdigest()[:16]


def remove_unsound(folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
    """Remove programs that are not whole, and the oldest ones beyond so many bytes."""
    kept: list[tuple[float, int, Path]] = []
    for file in folder.iterdir():
        with contextlib.suppress(OSError):  # removed by another process meanwhile
            if _is_whole(file.read_bytes()):
                found = file.stat()
                kept.append((found.st_mtime, found.st_size, file))
            else:
                file.unlink()
    total = sum(size for _, size, _ in kept)
    for _, size, file in sorted(kept):
        if total <= most_bytes:
            break
        total -= size
        with contextlib.suppress(OSError):
            file.unlink()


def _settings() -> dict[str, object]:
    """Return how JAX is to keep programs, in a folder that is ready for it; empty if there can be none."""
    folder = programs_folder()
    if not _made_ours(folder):
        return {}
    remove_unsound(folder)
    return {
        "jax_compilation_cache_dir": str(folder),
        # Programs of a few milliseconds are many: together they are seconds.
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
        "jax_persistent_cache_enable_xla_caches": "none",
    }


def _is_whole(content: bytes) -> bool:
    if content.startswith(_ZSTANDARD):
        return True  # its reader tests a checksum; Python has one from 3.14 on
    reader = zlib.decompressobj()
    try:
        reader.decompress(content)
    except zlib.error:
        return False
    return reader.eof


def _made_ours(folder: Path) -> bool:
    """Make the folder; return whether we can keep programs there and nobody else can: they run in our name."""
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700)
            remove_least_recently_used(folder.parent, most=MOST_FOLDERS)
        owned = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
        return owned and not folder.stat().st_mode & 0o022 and os.access(folder, os.W_OK)
    except OSError:
        return False
