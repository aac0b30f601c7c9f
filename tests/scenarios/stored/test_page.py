"""One result as one HTML file: all of it is there, nothing is fetched, and text stays text."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from scenarios.frame.results import Table
from scenarios.stored.page import page_of
from scenarios.stored.reading import StoredResult

HOSTILE = '<script>alert("x")</script>&\x1b]0;t\x07'


class Reader(HTMLParser):
    """Collects tags, sources and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.text += "\n" if tag == "br" else ""
        self.sources += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]

    def handle_data(self, data: str) -> None:
        self.text += data


def result(folder: Path) -> StoredResult:
    return StoredResult(
        folder=folder,
        scenario="trial",
        parameters={"seed": 3, "planner": {"bound": 2.0}},
        complete=True,
        ended="",
        seconds=12.34,
        versions={"commonweal": "0.1.0", "python": "3.11.7"},
        cells=[],
        verdicts=[],
        finding="Half of them agree.",
        tables=[Table("A table", ("column",), [(("two", "lines"),)], "Its note.")],
        missing_pictures=[],
    )


def test_everything_is_on_the_page_and_nothing_comes_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(b"a picture of dots")
    (tmp_path / "one.svg").write_text("<svg/>")
    (tmp_path / "two.png").write_bytes(b"another")
    read = Reader(page_of(result(tmp_path)))
    for text in ("trial", "Half of them agree.", "A table", "two\nlines", "Its note.", "planner.bound", "12.3",
                 "version of python", "seed 3"):  # fmt: skip
        assert text in read.text
    assert [source.partition(";")[0] for source in read.sources] == ["data:image/svg+xml", "data:image/png"]
    assert not {"script", "link", "iframe"} & set(read.tags)


def test_text_from_outside_is_shown_as_text(tmp_path: Path) -> None:
    hostile = replace(
        result(tmp_path),
        finding=HOSTILE,
        parameters={HOSTILE: HOSTILE},
        tables=[Table(HOSTILE, (HOSTILE,), [(HOSTILE,)], HOSTILE)],
    )
    page = page_of(hostile)
    assert "<script" not in page
    assert "\x1b" not in page
    assert Reader(page).text.count('<script>alert("x")</script>&\\x1b]0;t\\x07') == 7


def test_a_result_that_is_not_complete_says_so(tmp_path: Path) -> None:
    partial = replace(result(tmp_path), complete=False, ended="by a signal", missing_pictures=["one"])
    text = Reader(page_of(partial)).text
    assert "not complete: cells are missing. It ended by a signal." in text
    assert "Pictures are missing: one." in text
