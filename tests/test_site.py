"""The site: every page has its place in the contents, and Sphinx builds it all without a warning."""

import importlib.util
import re
import subprocess
import sys
import tomllib
import zlib
from pathlib import Path
from pkgutil import resolve_name

import pytest

ROOT = Path(__file__).resolve().parent.parent

_spec = importlib.util.spec_from_file_location("website", ROOT / "docs" / "website.py")
website = importlib.util.module_from_spec(_spec)
sys.modules["website"] = website  # dataclasses look themselves up there
_spec.loader.exec_module(website)


def test_every_page_is_in_the_contents() -> None:
    placed = [page for listed in website.parts().values() for page in listed]
    assert len(placed) == len(set(placed))
    for page in set(website.pages()) - set(placed) - {website.FRONT, website.CONTENTS}:
        pytest.fail(f"{page.relative_to(ROOT)} is not in docs/README.md: give it a line there, in its part")


def test_every_picture_of_a_page_is_in_the_gallery_once() -> None:
    shown = re.findall(r"^```\{figure\} /(\S+)$", website.gallery(), re.MULTILINE)
    pages = set(website.pages()) - {website.FRONT}
    assert sorted(shown) == sorted(
        {picture.file.relative_to(ROOT).as_posix() for page in pages for picture in website.pictures_of(page)}
    )


def test_the_reference_has_every_public_name() -> None:
    text = "".join(website.reference().values())
    for package in website.PACKAGES:
        for name in set(resolve_name(package).__all__) - {"altruism"}:
            assert re.search(rf"(:: |`){package}\.{name}\b", text), f"{package}.{name}"


def test_a_link_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^docs/files.md links to ../setup.py, which is no file$"):
        list(website.linked_files(ROOT / "docs" / "files.md", "See [the set-up](../setup.py)."))
    page = ROOT / "docs" / "files.md"
    assert list(website.linked_files(page, "[a](words.md) [b](../LICENSE#x)")) == [ROOT / "LICENSE"]


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.jsdelivr.net/npm/mathjax@3/es5/tex-mml-chtml.js"></script>',
        '<link rel="stylesheet" href="//fonts.googleapis.com/css">',
        '<img alt="" src="http://somewhere.org/badge.png">',
    ],
)
def test_what_would_come_from_a_network_is_found(text: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(f'<a href="https://github.com">{text}</a>')
    (tmp_path / "good.html").write_text('<a href="https://github.com">a</a><img src="_images/a.png">')
    (tmp_path / "style.css").write_text("a { background: url(https://somewhere.org/a.png) }")
    assert website.from_network(tmp_path) == ["page.html", "style.css"]


def test_the_citation_is_of_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    for key, said in (("version", "version"), ("title", "name"), ("license", "license")):
        assert f"{key}: {project[said]}" in citation
    assert f'abstract: "{project["description"]}"' in citation
    authors = [f"  - name: {author['name']}" for author in project["authors"]]
    assert [line for line in citation if "name: " in line] == authors


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    if not all(importlib.util.find_spec(module) for module in ("sphinx", "myst_parser", "furo")):
        pytest.skip("the site needs the extra `docs`: make docs installs it")
    ended = subprocess.run(
        [sys.executable, ROOT / "docs" / "website.py", tmp_path], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    site = tmp_path / "html"
    for page in website.pages():
        name = "index" if page == website.FRONT else page.relative_to(ROOT).with_suffix("").as_posix()
        assert (site / f"{name}.html").is_file(), name
    for built in [
        site / "index.html",
        *(site / "docs").rglob("*.html"),
        *(site / "reference").glob("*.html"),
    ]:
        text = re.sub(r"<(pre|code|script)\b.*?</\1>", "", built.read_text(encoding="utf-8"), flags=re.DOTALL)
        raw = re.findall(r"`|:::|\]\([^)]*\.md|:(?:math|py:\w+):", text)
        assert not raw, f"{built.relative_to(site)} shows markup as text: {raw[:5]}"
    # What can be linked to: every public name, but second names of the same thing.
    listed = zlib.decompress((site / "objects.inv").read_bytes().split(b"zlib.\n", 1)[1]).decode()
    named = {line.split()[0] for line in listed.splitlines()}
    public = {f"{package}.{name}" for package in website.PACKAGES for name in resolve_name(package).__all__}
    explained = {id(resolve_name(name)) for name in public & named}
    assert not [name for name in public - named if id(resolve_name(name)) not in explained]
