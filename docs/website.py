"""Build the documentation site from the pages, their pictures and the docstrings: `make docs`.

Pages keep their places, so that links between them and into the repository lead to the same on the site. Three things
are made when it is built: the order of the pages, from the lists of `docs/README.md`; the gallery, of the pictures
that pages show; and the reference, from the docstrings of all public names. Nothing that a page needs comes from a
network: that is checked at the end.

    python docs/website.py [FOLDER]

The site goes to `build/docs/html`, or to `html` below FOLDER; warnings are errors.
"""

from __future__ import annotations

import importlib
import inspect
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from pkgutil import resolve_name

ROOT = Path(__file__).resolve().parent.parent
FRONT = ROOT / "README.md"
CONTENTS = ROOT / "docs" / "README.md"
# Where public names are listed; a name that two of them list is explained by the first.
PACKAGES = ("theory", "theory.altruism", "simulation", "scenarios")
# Classes of other people, whose members are explained by them.
OTHERS = ("object", "tuple", "Exception", "Warning", "Model", "Agent", "Protocol", "Generic")

_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
_PART = re.compile(r"^## (.+)$", re.MULTILINE)
_STUB_LINE = re.compile(r"from \.([\w.]*) import \(?\s*(\w+) as \w+")
_FROM_NETWORK = (
    re.compile(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"'](?:https?:)?//", re.IGNORECASE),
    re.compile(
        r"<link\b[^>]*rel=[\"'](?:stylesheet|preload|preconnect|icon)[^>]*href=[\"'](?:https?:)?//",
        re.IGNORECASE,
    ),
    re.compile(r"@import\s|url\(\s*[\"']?(?:https?:)?//"),
)


def pages() -> list[Path]:
    """Return what is on the site as it stands in the repository."""
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*top, *sorted((ROOT / "docs").rglob("*.md"))]


def parts() -> dict[str, list[Path]]:
    """Return the pages of each part of the contents, in their order; experiments are all that there are."""
    pieces = _PART.split(CONTENTS.read_text(encoding="utf-8"))
    found: dict[str, list[Path]] = {}
    seen: set[Path] = {CONTENTS, FRONT}
    for title, text in zip(pieces[1::2], pieces[2::2], strict=True):
        linked = [
            (CONTENTS.parent / link[3]).resolve() for link in _LINK.finditer(text) if "://" not in link[3]
        ]
        if title == "Experiments":
            linked += sorted((ROOT / "docs" / "scenarios").glob("*.md"))
        found[title] = [page for page in dict.fromkeys(linked) if page.suffix == ".md" and page not in seen]
        seen.update(found[title])
    return found


def lay_out(folder: Path) -> None:
    """Write everything that Sphinx reads into a new folder: the pages in their places, and those that are made."""
    shutil.rmtree(folder, ignore_errors=True)
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for target in linked_files(page, text):
            _copy(target, folder)
        place = folder / ("index.md" if page == FRONT else page.relative_to(ROOT))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_LINK.sub(partial(_to_the_index, page), text), encoding="utf-8")
    (folder / "docs" / "gallery.md").write_text(gallery(), encoding="utf-8")
    for name, text in reference().items():
        place = folder / "reference" / f"{name}.rst"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    with (folder / "index.md").open("a", encoding="utf-8") as index:
        index.write("".join(_toctrees()))


def _to_the_index(page: Path, link: re.Match[str]) -> str:
    """Return a link; README is the index of the site."""
    leads_to_front = (page.parent / link[3]).resolve() == FRONT
    return link[0].replace("README.md", "index.md") if leads_to_front else link[0]


def linked_files(page: Path, text: str) -> Iterator[Path]:
    """Yield the files that a page links to or shows, other than pages; what is none raises ValueError."""
    for link in _LINK.finditer(text):
        target = (page.parent / link[3]).resolve()
        if "://" in link[3] or target.suffix == ".md":
            continue
        if not target.is_file():
            raise ValueError(f"{page.relative_to(ROOT)} links to {link[3]}, which is no file")
        yield target


def _copy(file: Path, folder: Path) -> None:
    place = folder / file.relative_to(ROOT)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, place)


def _toctrees() -> Iterator[str]:
    for title, listed in parts().items():
        names = [page.relative_to(ROOT).with_suffix("").as_posix() for page in listed]
        if title == "Experiments":
            names.insert(0, "docs/gallery")
        if title == "Reference":
            names += [f"reference/{package}" for package in PACKAGES if "." not in package]
        if title == "About":
            names.insert(0, "docs/README")
        yield f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "\n".join(names) + "\n```\n"


@dataclass(frozen=True)
class Picture:
    """A picture that a page shows: what it is called, and its file."""

    caption: str
    file: Path


def pictures_of(page: Path) -> list[Picture]:
    """Return the pictures of a page in their order."""
    links = _LINK.finditer(page.read_text(encoding="utf-8"))
    return [Picture(link[2], (page.parent / link[3]).resolve()) for link in links if link[1]]


def title_of(page: Path) -> str:
    """Return the heading of a page."""
    found = re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else page.stem


def gallery() -> str:
    """Return the page of all pictures, each once, by the page that shows and explains it: experiments first."""
    text = [
        "# Gallery\n\nEvery picture leads to the page that says what was run for it, and what it shows.\n"
    ]
    listed = parts()
    seen: set[Path] = set()
    for page in [*listed["Experiments"], *(page for pages in listed.values() for page in pages)]:
        shown = [picture for picture in pictures_of(page) if picture.file not in seen]
        seen.update(picture.file for picture in shown)
        if shown:
            place = "/" + page.relative_to(ROOT).with_suffix("").as_posix()
            figures = "".join(_figure(picture, f"..{place}.html") for picture in shown)
            text.append(f"\n## [{title_of(page)}]({place}.md)\n\n````{{container}} gallery\n{figures}````\n")
    return "".join(text)


def _figure(picture: Picture, target: str) -> str:
    source = picture.file.relative_to(ROOT).as_posix()
    options = f":alt: {picture.caption}\n:target: {target}"
    return f"```{{figure}} /{source}\n{options}\n\n{picture.caption}\n```\n"


def public_names(package: str) -> dict[str, list[str]]:
    """Return the public names of a package by the room that they come from, as its `__init__.pyi` lists them."""
    stub = ROOT / package.replace(".", "/") / "__init__.pyi"
    rooms: dict[str, list[str]] = {}
    for module, name in _STUB_LINE.findall(stub.read_text(encoding="utf-8")):
        if module:
            room = module.split(".")[0] if (stub.parent / module.split(".")[0]).is_dir() else ""
            rooms.setdefault(room, []).append(name)
    return rooms


def reference() -> dict[str, str]:
    """Return the pages of the reference by name: one a package, and one for each room of it."""
    listed: dict[str, list[str]] = {}
    for package in PACKAGES:
        listed.setdefault(package, [])
        for room, names in public_names(package).items():
            page = f"{package}.{room}" if room else package
            listed.setdefault(page, []).extend(f"{package}.{name}" for name in names)
    homes = _homes([name for names in listed.values() for name in names])
    written = {}
    for page, names in listed.items():
        rooms = [other for other in listed if other.rpartition(".")[0] == page]
        about = inspect.getdoc(importlib.import_module(page)) or ""
        text = [
            f"{page}\n{'=' * len(page)}\n\n",
            f".. py:module:: {page}\n\n" if page in PACKAGES else "",
            about,
        ]
        if rooms:
            text.append("\n\n.. toctree::\n   :maxdepth: 2\n\n" + "\n".join(f"   {room}" for room in rooms))
        written[page] = "".join([*text, "\n\n", *(_entry(name, homes) for name in names)])
    return written


def _homes(names: list[str]) -> dict[int, str]:
    """Return under which name each thing is explained: the first."""
    return {id(resolve_name(name)): name for name in reversed(names)}


def _entry(name: str, homes: dict[int, str]) -> str:
    thing = resolve_name(name)
    if homes[id(thing)] != name:
        return f":py:obj:`{name} <{homes[id(thing)]}>` is the same as `{homes[id(thing)]}`.\n\n"
    if not isinstance(thing, type):
        return f".. {'autofunction' if callable(thing) else 'autodata'}:: {name}\n\n"
    # What it has from a public class is explained there.
    bases = [base for base in thing.__mro__[1:] if id(base) in homes]
    others = ", ".join([*OTHERS, *(base.__name__ for base in bases)])
    inheritance = "   :show-inheritance:\n" if bases else ""
    return f".. autoclass:: {name}\n   :members:\n   :inherited-members: {others}\n{inheritance}\n"


def from_network(site: Path) -> list[str]:
    """Return which files of a built site would load something from elsewhere."""
    return [
        str(file.relative_to(site))
        for file in sorted(site.rglob("*"))
        if file.suffix in (".html", ".css")
        if any(pattern.search(file.read_text(encoding="utf-8")) for pattern in _FROM_NETWORK)
    ]


def build(folder: Path) -> int:
    """Build the site below a folder; return 0, or what Sphinx returns where it warns or fails."""
    from sphinx.cmd.build import build_main

    lay_out(folder / "pages")
    site = folder / "html"
    arguments = ["-q", "-W", "--keep-going", "-c", str(ROOT / "docs"), "-d", str(folder / "doctrees")]
    failed = build_main([*arguments, "-b", "html", str(folder / "pages"), str(site)])
    if elsewhere := from_network(site):
        print(f"these load something from a network: {', '.join(elsewhere)}", file=sys.stderr)
        return 1
    return failed


def main() -> None:
    """Build the site."""
    sys.path.insert(0, str(ROOT))
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "docs"
    if failed := build(folder):
        sys.exit(failed)
    print(f"{folder / 'html' / 'index.html'}")


if __name__ == "__main__":
    main()
