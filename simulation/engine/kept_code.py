"""Machine code of laws kept in files: what is damaged, stale or foreign there is compiled again and replaced.

A file holds one law for one set of argument types. Its folder is named by the hash of all that the law reaches; its
name says by what the code was made: law, types, processor, the compiler's versions and settings, and our part in it.
It begins with a hash of that and of what follows, so that a file which was cut off, overwritten or renamed is never
trusted, nor is one that belongs to another user. What cannot be read or written costs a compilation, nothing else: no
error, and no other place is tried (numba's own cache goes beside the source then, where it does not notice an edited
callee).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core import config
from numba.core import types as _typed_types
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

types: Any = _typed_types  # type checkers know less of it than there is

_SETTINGS = ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "BOUNDSCHECK", "DEBUGINFO_DEFAULT", "USING_SVML")
_VERSIONS = (numba.__version__, llvmlite.__version__, np.__version__, platform.python_version())
# The files that say how laws are compiled, which no law reaches.
_COMPILER = hashlib.sha256(
    b"".join(Path(__file__).with_name(name).read_bytes() for name in ("compilation.py", "linked_rules.py"))
).hexdigest()
_HASH = hashlib.sha256().digest_size
_SUFFIX = ".law"

# Folders of laws that are kept, of which the project itself has some fifty.
MOST_FOLDERS = 256


class KeptCode(NullCache):
    """What numba asks for the machine code of one law, and gives it to.

    Parameters
    ----------
    function
        The law.
    folder
        Where files of this law as it now stands are, whether or not it exists.
    """

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._folder = folder

    @property
    def cache_path(self) -> str:
        """The folder, as numba calls it."""
        return str(self._folder)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled law for these types of arguments, None where there is none that can be trusted."""
        target_context.refresh()
        key = self._key(sig, target_context.codegen())
        if key is None:
            return None
        content = _read_sound(self._file(key), key)
        if content is None:
            return None
        try:
            loaded = CompileResult._rebuild(target_context, *pickle.loads(content))
        except Exception:  # written soundly, by something that this process cannot follow
            return None
        if tuple(loaded.signature.args) != _arguments(sig):
            return None
        with contextlib.suppress(OSError):
            os.utime(self._folder)  # used: the last to be removed
        return loaded

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled law, if that can be."""
        key = self._key(sig, data.codegen)
        if key is None or data.library.has_dynamic_globals or any(not part.can_cache for part in data.lifted):
            return
        with contextlib.suppress(Exception):  # what cannot be kept is compiled again by the next process
            _make_folder(self._folder)
            _write_whole(self._file(key), key, dumps(data._reduce()))

    def flush(self) -> None:
        """Forget all that is kept of the law."""
        for file in self._folder.glob(f"{self._short_name}-*{_SUFFIX}"):
            with contextlib.suppress(OSError):
                file.unlink()

    @property
    def _short_name(self) -> str:
        return re.sub(r"\W+", ".", self._name)[-80:]

    def _file(self, key: str) -> Path:
        return self._folder / f"{self._short_name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}{_SUFFIX}"

    def _key(self, sig: Any, codegen: Any) -> str | None:
        """Return all that the machine code is made by; None where an argument is a function, which has no name."""
        arguments = list(_with_parts(_arguments(sig)))
        if any(isinstance(kind, types.Callable) for kind in arguments):
            return None
        settings = [f"{name}={getattr(config, name, None)}" for name in _SETTINGS]
        made_by = (*_VERSIONS, _COMPILER, *codegen.magic_tuple(), *settings, self._folder.name, self._name)
        return "\n".join([*map(str, made_by), *map(_text_of_type, arguments)])


def _arguments(sig: Any) -> tuple[Any, ...]:
    return tuple(getattr(sig, "args", sig))


def _with_parts(kinds: Iterable[Any]) -> Iterator[Any]:
    """Yield types of arguments and, of each tuple, its parts."""
    for kind in kinds:
        yield kind
        if isinstance(kind, types.BaseTuple):
            yield from _with_parts(kind)


def _text_of_type(kind: Any) -> str:
    if not isinstance(kind, types.BaseNamedTuple):
        return str(kind)
    of = kind.instance_class
    return f"{of.__module__}.{of.__qualname__}{kind.fields}"


def _read_sound(file: Path, key: str) -> bytes | None:
    """Return what was written for this key; None if nothing was, or what is there is not that."""
    try:
        with file.open("rb") as stream:
            # Code that another user has written could do what it likes in our name.
            if hasattr(os, "getuid") and os.fstat(stream.fileno()).st_uid not in (0, os.getuid()):
                return None
            content = stream.read()
    except OSError:
        return None
    return content[_HASH:] if content[:_HASH] == _hash_of(key, content[_HASH:]) else None


def _write_whole(file: Path, key: str, content: bytes) -> None:
    """Write a file that is whole or absent, whoever else reads or writes it."""
    number, beside = tempfile.mkstemp(prefix=file.stem, dir=file.parent)
    try:
        with open(number, "wb") as stream:
            stream.write(_hash_of(key, content) + content)
        os.replace(beside, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _hash_of(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\n" + content).digest()


def _make_folder(folder: Path) -> None:
    """Make a folder for a law; of too many beside it the least recently used are removed.

    Another process may be reading them: it keeps what it has opened, and compiles what it does not find.
    """
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    remove_least_recently_used(folder.parent, most=MOST_FOLDERS)


def remove_least_recently_used(base: Path, *, most: int) -> None:
    """Remove folders of compiled laws below `base` until at most `most` are left; others' folders stay."""
    used: list[tuple[float, Path]] = []
    for folder in base.iterdir():
        with contextlib.suppress(OSError):  # removed by another process meanwhile
            if re.fullmatch("[0-9a-f]{16}", folder.name) and folder.is_dir():
                used.append((folder.stat().st_mtime, folder))
    for _, folder in sorted(used)[: max(0, len(used) - most)]:
        shutil.rmtree(folder, ignore_errors=True)
