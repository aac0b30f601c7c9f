"""Text from outside is shown as text, on the terminal and in pictures, whatever it holds."""

import unicodedata
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from scenarios.command.streams import ForgivingStream
from scenarios.command.tables import TerminalProgress, print_table
from scenarios.command.terminal import PlainConsole
from scenarios.frame.look import as_files, figure_of, new_figure
from scenarios.frame.plain_text import in_ascii, in_one_line, shortened, visible
from scenarios.frame.results import Table
from scenarios.pictures.payoff_space import draw_payoff_space
from theory import Game

HOSTILE = (
    "a [/] b",
    "[red]x[/red]",
    "[link=https://example.org]x[/link]",
    ":smile:",
    r"\[bold]",
    "$\\frac{$",
    "$x^2$",
    "\x1b]0;title\x07",
    "\x1b[31m",
    "\x9b31m",
    "\u202eabc",
    "a\0b",
    "\ud800",
    "two\nlines",
    "{0} {task}",
    "%s%n",
)


def console(**options) -> tuple[PlainConsole, StringIO]:
    file = StringIO()
    return PlainConsole(file=file, width=100, markup=False, emoji=False, **options), file


@given(st.text(st.characters(), max_size=30))
def test_nothing_that_is_shown_is_obeyed(text: str) -> None:
    shown = in_one_line(text)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\ufeff")
    assert in_one_line(shown) == shown
    assert in_ascii(shown).isascii()
    if all(unicodedata.category(c)[0] in "LNPSM" or c == " " for c in text):
        assert shown == text


def test_what_is_spelled_out() -> None:
    assert visible("a\x1b[1mb\tc\nd") == "a\\x1b[1mb\tc\nd"
    assert in_one_line("a\tb\nc\u2028\u202e") == "a\\tb\\nc\\u2028\\u202e"
    assert visible("Zo\u00eb \u2665 \u00b1") == "Zo\u00eb \u2665 \u00b1"
    assert in_ascii("0.5 \u00b1 0.1 \u00e9") == "0.5 +- 0.1 \\xe9"


def test_long_texts_are_cut_and_say_so() -> None:
    text = "x" * 5000
    assert len(shortened(text)) < 700
    assert "4400 characters left out" in shortened(text)
    assert shortened("short") == "short"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("options", [{}, {"force_terminal": True}])
def test_terminals_show_it(text: str, options: dict[str, bool]) -> None:
    terminal, file = console(**options, color_system=None)
    print_table(terminal, Table(text, (text, "b"), [(text, text)], text))
    terminal.print(text)
    printed = file.getvalue()
    assert printed.count(in_one_line(text)) >= 4
    assert not set(printed) & set("\x1b\x9b\x07\0\u202e")


def test_entries_of_several_lines_are_shown_below_each_other_and_no_other_text_is() -> None:
    terminal, file = console(color_system=None)
    print_table(terminal, Table("t", ("a", "b"), [("x\ny", ("first", "second\nthird"))]))
    lines = [line.split() for line in file.getvalue().splitlines()]
    assert ["x\\ny", "first"] in lines
    assert ["second\\nthird"] in lines


@pytest.mark.parametrize("text", HOSTILE)
def test_progress_shows_it(text: str) -> None:
    terminal, file = console(color_system=None)
    list(TerminalProgress(terminal, text)([1], total=1))
    assert in_one_line(text) in file.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
def test_pictures_show_it(text: str) -> None:
    game = Game(
        [[[3, 0], [4, 1]], [[3, 4], [0, 1]]],
        title=text,
        players=[text, "b"],
        actions=[[text, "y"], ["x", "y"]],
    )
    figures = []

    def draw() -> Figure:
        figures.append(figure_of(draw_payoff_space, game))
        return figures[0]

    assert len(as_files(draw)["png"]) > 10_000
    shown = [drawn.get_text() for drawn in figures[0].findobj(Text)]
    assert f"{visible(text, keep=chr(10))}: payoff space" in shown
    assert not any(drawn.get_parse_math() for drawn in figures[0].findobj(Text) if drawn.get_text())


def test_long_names_leave_room_for_the_picture() -> None:
    name = "leave the bed and then surrender " * 3
    actions = [[name + action for action in "CD"]] * 2
    for payoffs in ([[3, 0], [4, 1]], [[1, 1], [1, 1]]):
        game = Game.bimatrix(payoffs, payoffs, title=name * 9, players=[name * 2, name * 3], actions=actions)
        # matplotlib warns where it finds no room, and warnings are errors here.
        as_files(lambda game=game: figure_of(draw_payoff_space, game))


class Full(StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_standard_error_that_is_full_or_closed_stops_nothing() -> None:
    for stream in (Full(), None):
        bar = PlainConsole(file=ForgivingStream(stream), width=80)  # type: ignore[arg-type]
        assert list(TerminalProgress(bar, "work")(range(3), total=3)) == [0, 1, 2]


@pytest.mark.parametrize("scale", ["log", "symlog"])
def test_ticks_of_logarithmic_axes_are_numbers(scale: str) -> None:
    figure, axes = new_figure(1, 1, width=4, height=3)
    axes[0, 0].plot([1.0, 10_000.0], [1.0, 10_000.0])
    axes[0, 0].set_xscale(scale)
    axes[0, 0].set_yscale(scale)
    as_files(lambda: figure)
    for axis in (axes[0, 0].xaxis, axes[0, 0].yaxis):
        shown = {tick.get_text() for tick in axis.get_ticklabels(which="both")}
        assert {"10", "1,000"} <= shown
        assert not any("$" in text for text in shown)
