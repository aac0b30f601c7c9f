"""One result as one HTML file that needs nothing else: finding, tables, pictures, parameters, versions, citation."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from scenarios.frame.plain_text import visible
from scenarios.stored.reading import StoredResult
from theory.tables import Table, as_html

_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}

_STYLE = """
body { font: 16px/1.5 Georgia, serif; color: #1a1a1a; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { font-family: Helvetica, Arial, sans-serif; font-weight: 600; }
.finding { font-size: 1.15rem; border-left: 4px solid #0072B2; padding-left: 1rem; }
.incomplete { border-left: 4px solid #D55E00; padding-left: 1rem; }
table { margin: 1rem 0 .3rem; font: 14px/1.4 Helvetica, Arial, sans-serif; }
table + p { color: #555; font-size: .9rem; }
img { max-width: 100%; height: auto; }
figure { margin: 1.5rem 0; }
"""


def page_of(result: StoredResult) -> str:
    """Return the page. Every text of the result is shown as text; no script, and nothing from elsewhere."""
    body = [
        f"<h1>{_text(result.scenario)}</h1>",
        f'<p class="finding">{_text(result.finding)}</p>' if result.finding else "",
        *_incompleteness(result),
        as_html(result.tables),
        *_figures(result),
        "<h2>Parameters</h2>",
        as_html([Table("", ("parameter", "value"), [(n, _shown(v)) for n, v in result.settings.items()])]),
        "<h2>How it was made</h2>",
        as_html([Table("", ("what", "value"), list(_how(result)))]),
        "<h2>Citation</h2>",
        f"<p>{_text(_citation(result))}</p>",
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{_text(result.scenario)}</title><style>{_STYLE}</style></head><body>",
            *(piece for piece in body if piece),
            "</body></html>",
            "",
        ]
    )


def _incompleteness(result: StoredResult) -> Iterable[str]:
    if not result.complete:
        ended = f" It ended {result.ended}." if result.ended else ""
        yield f'<p class="incomplete">This result is not complete: cells are missing.{_text(ended)}</p>'
    if result.missing_pictures:
        yield f'<p class="incomplete">Pictures are missing: {_text(", ".join(result.missing_pictures))}.</p>'


def _figures(result: StoredResult) -> Iterable[str]:
    """Yield each picture once, drawn by lines where that was stored."""
    by_name: dict[str, Path] = {}
    for path in result.pictures:
        if path.suffix in _TYPES and (path.suffix == ".svg" or path.stem not in by_name):
            by_name[path.stem] = path
    if by_name:
        yield "<h2>Pictures</h2>"
    for name, path in by_name.items():
        content = base64.b64encode(path.read_bytes()).decode("ascii")
        source = f"data:{_TYPES[path.suffix]};base64,{content}"
        yield f'<figure><img alt="{_text(name)}" src="{source}"><figcaption>{_text(name)}</figcaption></figure>'


def _shown(value: Any) -> str:
    return ", ".join(str(entry) for entry in value) if isinstance(value, list) else str(value)


def _how(result: StoredResult) -> Iterable[tuple[str, str]]:
    yield "folder", result.folder.name
    if result.seconds is not None:
        yield "seconds", f"{result.seconds:.1f}"
    yield from ((f"version of {name}", str(value)) for name, value in result.versions.items())


def _citation(result: StoredResult) -> str:
    version = result.versions.get("commonweal", "of unknown version")
    return (
        f"commonweal contributors: commonweal {version}, a laboratory for cooperation between learning agents; "
        f"scenario {result.scenario}, seed {result.parameters.get('seed', 'as above')}."
    )


def _text(text: str) -> str:
    return escape(visible(text), quote=True)
