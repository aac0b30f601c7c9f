"""Rewrite the output that the pages show, by running what they show; and redraw their pictures.

In every page (README.md and docs/**/*.md) the Python blocks are run in order in one namespace, and a `text`
block behind a Python block becomes what it printed. In a `console` block, lines behind `$ commonweal ...`
become what the command prints; a command with nothing behind it is run too, with `--quick` if it is a `run`. A
`toml` block that begins with `# NAME.toml` is a file of that name for the commands behind it.
A sweep's folder is named by a hash of what it is asked for, of which pages say `DIGEST`.
Pictures that a page shows are copied from the runs on that page. `make gallery` runs this; the tests assert
that it would change no text.

    python docs/refresh.py [PAGE ...]

Pages are paths from the project's root, such as docs/command-line.md; by default all.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from theory.checks import known_name

ROOT = Path(__file__).resolve().parent.parent

_BLOCK = re.compile(r"^```(python|console|text|toml)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"# ([\w.-]+\.toml)\n")
_STAMP = re.compile(r"-\d{8}-\d{6}(-\d+)?")
_DIGEST = re.compile(r"(results/sweep-[\w-]+)-[0-9a-f]{10}\b")


def pages() -> list[Path]:
    """Return all pages."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def refreshed(text: str, results: Path) -> str:
    """Return a page with the output of what it shows; runs store their results in the folder `results`."""
    namespace: dict[str, Any] = {}
    printed = ""
    pieces, position = [], 0
    for block in _BLOCK.finditer(text):
        kind, body = block.groups()
        if kind == "python" and not body.startswith(" "):  # an indented block is a part of a file
            printed = _output_of_python(body, namespace)
        elif kind == "toml" and (file := _FILE.match(body)):
            (results / file[1]).write_text(body, encoding="utf-8")
        elif kind == "console":
            body = "".join(_command_with_output(part, results) for part in _commands(body))
        elif kind == "text" and printed:
            body, printed = printed, ""
        pieces += [text[position : block.start()], f"```{kind}\n{body}```\n"]
        position = block.end()
    return "".join(pieces) + text[position:]


def _output_of_python(code: str, namespace: dict[str, Any]) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, "page", "exec"), namespace)
    return _without_trailing_space(output.getvalue())


def _commands(body: str) -> list[str]:
    return re.split(r"^(?=\$ )", body, flags=re.MULTILINE)


def _command_with_output(part: str, results: Path) -> str:
    if not part.startswith("$ commonweal"):
        return part
    line, shown = part.split("\n", 1)
    arguments = shlex.split(line[2:].split("  #")[0])
    written = arguments[1] == "new"
    arguments = [
        str(results / one) if (results / one).is_file() or (written and one.endswith(".toml")) else one
        for one in arguments
    ]
    if arguments[1] in ("run", "judge", "solve", "tournament", "show", "report", "sweep"):
        arguments += ["--out", str(results)]
    if arguments[1] == "sweep":
        arguments += ["--workers", "1"]  # another number would print the same
    if arguments[1] == "run" and not shown.strip():
        arguments += ["--quick"]
    printed = _output_of_command(arguments, refused=shown.startswith("commonweal: "))
    for file in results.glob("*.toml"):
        printed = printed.replace(str(file), file.name)
    printed = printed.replace(str(results), "results")
    printed = _STAMP.sub("-DATE-TIME", _without_trailing_space(printed))
    printed = _DIGEST.sub(r"\1-DIGEST", printed)
    return f"{line}\n{printed}" if shown.strip() else f"{line}\n{shown}"


def _output_of_command(arguments: list[str], *, refused: bool = False) -> str:
    from scenarios import cli

    output, errors = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", arguments),
        mock.patch.dict("os.environ", {"COLUMNS": "80"}),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        try:
            cli.main()
        except SystemExit as ending:
            if ending.code and refused:
                return errors.getvalue()
            if ending.code:
                raise RuntimeError(f"{shlex.join(arguments)}: {errors.getvalue()}") from ending
    return output.getvalue()


def _without_trailing_space(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n") + "\n"


def chosen(names: Sequence[str]) -> list[Path]:
    """Return the pages of these names, or all; an unknown name raises ValueError with the nearest ones."""
    by_name = {str(page.relative_to(ROOT)): page for page in pages()}
    for name in names:
        known_name("page", name, tuple(by_name))
    return [by_name[name] for name in names] or pages()


def main() -> None:
    """Rewrite pages and their pictures."""
    try:
        wanted = chosen(sys.argv[1:])
    except ValueError as error:
        sys.exit(f"docs/refresh.py: {error}")
    for page in wanted:
        text = page.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as results:
            page.write_text(refreshed(text, Path(results)), encoding="utf-8")
            for shown in re.findall(r"\]\(([^)]*pictures/[^)]*\.png)\)", text):
                target = (page.parent / shown).resolve()
                for drawn in sorted(Path(results).glob(f"*/{target.name}")):
                    target.parent.mkdir(exist_ok=True)
                    shutil.copy(drawn, target)
        print(page.relative_to(ROOT))


if __name__ == "__main__":
    main()
