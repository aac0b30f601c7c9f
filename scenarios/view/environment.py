"""What Solara reads from the environment when it is imported: no word to anybody, and all files from this machine."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

HOST = "127.0.0.1"

# The port of the address for files that are not installed is nobody's.
_SETTINGS = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_MODE": "production",
    "SOLARA_ASSETS_CDN": f"http://{HOST}:9/",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_CHECK_HOOKS": "off",  # Mesa's page has one that is called on a condition that never changes
}


def set_environment() -> None:
    """Say to Solara what it is to do, and where files are, before it is imported.

    An environment that borrows another's packages has no such files of its own.
    """
    os.environ.update(_SETTINGS)
    found = find_spec("ipyvuetify")
    if found is None or found.origin is None:
        return
    prefix = Path(found.origin).resolve().parents[4]
    os.environ.setdefault("JUPYTER_CONFIG_PATH", str(prefix / "etc" / "jupyter"))
    os.environ.setdefault("JUPYTER_PATH", str(prefix / "share" / "jupyter"))
    os.environ.setdefault("SOLARA_ASSETS_PROXY_CACHE_DIR", str(prefix / "share" / "solara" / "cdn"))
