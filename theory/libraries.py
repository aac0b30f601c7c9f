"""Libraries that only some people need."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def optional_library(module: str, *, extra: str = "", purpose: str = "for this conversion") -> Any:
    """Return an imported library, or raise ValueError that says how to install it."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        how = f"pip install 'commonweal[{extra}]'" if extra else f"pip install {package}"
        raise ValueError(f"{package} must be installed {purpose} ({how}), got {error}") from error
