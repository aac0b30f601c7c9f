"""Files and folders that are whole or absent, and that never take another's name."""

from __future__ import annotations

import contextlib
import os
import tempfile
from datetime import datetime
from itertools import count
from pathlib import Path

try:
    import fcntl
except ImportError:  # a system without locks: what a killed run left is then never touched
    fcntl = None  # type: ignore[assignment]

CAN_LOCK = fcntl is not None


def check_writable(out: Path) -> None:
    """Raise ValueError if results could not be written into the folder `out`; make it if it is missing."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise ValueError(f"the output folder must be writable, got {out}: {error.strerror}") from error


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write a file beside its place and rename it, so that it is whole or absent, whatever happens in between."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def locked(path: Path) -> int | None:
    """Return an open handle that locks a file or folder until it is closed; None if that is not to be had.

    The lock follows what is renamed, and goes with the process that holds it, however that ends.
    """
    if fcntl is None:
        return None
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever held it a moment ago may have renamed or removed it.
        if os.path.samestat(os.stat(path), os.fstat(handle)):
            return handle
    except OSError:
        pass
    os.close(handle)
    return None


def rename_to_fresh(partial: Path, out: Path, name: str, ending: str = "") -> Path:
    """Rename to a name that nobody has: a second run never overwrites a first."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    if partial.is_dir():
        partial.chmod(0o755)
    for attempt in count(1):
        fresh = out / (f"{name}-{stamp}" + (f"-{attempt}" if attempt > 1 else "") + ending)
        if _take(partial, fresh):
            return fresh
    raise AssertionError("some name is free")


def _take(partial: Path, fresh: Path) -> bool:
    """Rename a file or a folder unless the name is taken; return whether it was not.

    A file's new name is made as a second link, which fails where the name exists, also if somebody else took it
    a moment ago; renaming would overwrite. A folder that holds something is never overwritten by renaming.
    """
    if partial.is_dir():
        return _rename_folder(partial, fresh)
    try:
        os.link(partial, fresh)
    except FileExistsError:
        return False
    except OSError:  # a file system without links: the name is taken by an empty file of our own
        try:
            os.close(os.open(fresh, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        os.replace(partial, fresh)
    else:
        partial.unlink()
    return True


def _rename_folder(partial: Path, fresh: Path) -> bool:
    if fresh.exists():
        return False
    try:
        os.rename(partial, fresh)
    except OSError:
        # Somebody took the name in between; any other failure is real.
        if not fresh.exists():
            raise
        return False
    return True
