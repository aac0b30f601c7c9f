"""What notebooks show: HTML that parses, holds the numbers of the text and no markup of anybody else."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import theory
from theory import (
    BargainingProblem,
    Game,
    judge,
    judge_batch,
    judge_meta_game,
    judge_plays,
    linear_dilemma,
    logit_equilibrium,
    named_game,
    named_games,
    nash_equilibria,
    network_game,
    welfare_optimal_correlated_equilibrium,
)
from theory.tables import Pieces, ShownAsTables, Table, Underlined, as_html, exactly

PRISONERS = named_game("prisoners-dilemma")
HOSTILE = "<script>alert('x')</script> & \"q\" \x1b[31m\u202e<b>"


class Page(HTMLParser):
    """Reads tables back; refuses what is not closed, and whatever asks for something from elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.underlined: list[str] = []
        self.tags: set[str] = set()
        self.captions: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"style", "scope"}
        assert all("url" not in (value or "") for _, value in attrs)
        if tag == "br":
            self.rows[-1][-1] += "\n"
            return
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "caption" in self.open:
            self.captions.append(data)
        elif {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data
            if self.open[-1] == "u":
                self.underlined.append(data)


def page_of(shown: ShownAsTables) -> Page:
    html = shown._repr_html_()
    assert html is not None
    page = Page(html)
    assert page.tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td", "u", "br", "p"}
    return page


def test_a_game_is_drawn_as_its_payoff_matrix_with_best_replies_underlined() -> None:
    page = page_of(PRISONERS)
    assert page.captions == ["Prisoner's Dilemma"]
    assert page.rows == [
        ["player 1 \\ player 2", "C", "D"],
        ["C", "3, 3", "0, 4"],
        ["D", "4, 0", "1, 1"],
    ]
    assert page.underlined == ["4", "4", "1", "1"], "D is best, whatever the other does"


def test_best_replies_are_those_of_payoffs_as_they_are_read() -> None:
    # 1e-15 more is rounding: both actions are best replies.
    page = page_of(Game.bimatrix([[1.0, 0.0], [1.0 + 1e-15, 0.0]], [[0.0, 0.0], [0.0, 0.0]]))
    assert len(page.underlined) == 8


@pytest.mark.parametrize("name", named_games())
def test_every_named_game_shows_all_of_its_payoffs(name: str) -> None:
    game = named_game(name)
    page = page_of(game)
    entries = [entry for row in page.rows for entry in row[1:] if re.search(r"\d, ", entry)]
    read = [[float(number) for number in entry.split(", ")] for entry in entries]
    # Matrices show the first two players' actions, one for each combination of the others'.
    matrices = np.moveaxis(game.payoffs, (1, 2), (-2, -1)).reshape(game.n_players, -1)
    assert np.array(read).T.tolist() == matrices.tolist()


def test_games_of_one_player_and_large_ones() -> None:
    assert page_of(Game([[1.5, 2.0]])).rows == [["player 1", "payoff"], ["C", "1.5"], ["D", "2"]]
    large = page_of(Game(np.zeros((2, 30, 40))))
    assert large.rows == [["players", "actions"], ["2", "30 x 40"]]


@pytest.mark.parametrize("number", [0.1 + 0.2, 1 / 3, 1e-9, 123456789.123, -0.0, 5e99])
def test_no_payoff_is_cut(number: float) -> None:
    page = page_of(Game.bimatrix([[number, 0], [0, 0]], [[0, 0], [0, 0]]))
    assert float(page.rows[1][1].split(", ")[0]) == number
    assert exactly(-0.0) == "0"


def test_games_without_a_tensor_show_what_one_player_gets() -> None:
    page = page_of(linear_dilemma(10, greed=1, fear=1))
    assert page.rows == [["one player", "all others C", "all others D"], ["C", "3", "0"], ["D", "4", "1"]]
    network = page_of(network_game([(0, 1), (1, 2)], PRISONERS))
    assert network.rows == [
        ["one player", "its partner C", "its partner D"],
        ["C", "3", "0"],
        ["D", "4", "1"],
    ]


def test_equilibria_are_shown_by_names_of_actions() -> None:
    found = nash_equilibria(named_game("chicken"))
    assert page_of(found).rows == [
        ["profile", "payoffs", "welfare"],
        ["(C, D)", "(2, 3.5)", "5.5"],
        ["(0.6667 C + 0.3333 D, 0.6667 C + 0.3333 D)", "(2.667, 2.667)", "5.333"],
        ["(D, C)", "(3.5, 2)", "5.5"],
    ]
    assert "game=" not in repr(found)
    unknown = theory.Equilibria(found.profiles, True, False, (), "by hand")
    assert unknown._repr_html_() is None


def test_a_logit_equilibrium_says_whether_its_branch_is_the_only_one() -> None:
    page = page_of(logit_equilibrium(PRISONERS, 0.0))
    assert page.captions == ["Prisoner's Dilemma: logit equilibrium at rationality 0"]
    assert page.rows[1] == ["player 1", "0.5 C + 0.5 D", "2"]
    (table,) = logit_equilibrium(named_game("stag-hunt"), 5.0).as_tables()
    assert "branch off at rationality 2" in table.note


def test_a_correlated_equilibrium_shows_what_is_drawn() -> None:
    # Aumann (1974), in payoffs (6, 6), (2, 7), (7, 2), (0, 0): the best gives half to peace and a quarter each.
    chicken = Game.bimatrix([[6, 2], [7, 0]], [[6, 7], [2, 0]])
    found = welfare_optimal_correlated_equilibrium(chicken)
    page = page_of(found)
    assert page.rows[1:] == [
        ["(C, C)", "0.5", "(6, 6)"],
        ["(C, D)", "0.25", "(2, 7)"],
        ["(D, C)", "0.25", "(7, 2)"],
    ]
    assert "game=" not in repr(found)
    flat = welfare_optimal_correlated_equilibrium(Game(np.zeros((2, 5, 5))))
    assert len(flat.as_tables()[0].rows) <= 20


def test_a_bargaining_solution_shows_gains() -> None:
    page = page_of(BargainingProblem([[0, 0], [4, 0], [0, 2]], [0, 0]).nash())
    assert page.captions == ["Nash solution"]
    assert page.rows[1:] == [["player 1", "2", "2"], ["player 2", "1", "1"]]


def test_a_verdict_on_a_tournament_shows_equilibria_and_where_selection_leads() -> None:
    # Hawk and Dove with V = 2, C = 4: the mixture of one half each is evolutionarily stable (Maynard Smith 1982).
    hawks = judge_meta_game([[-1.0, 2.0], [0.0, 1.0]], PRISONERS, names=["hawk", "dove"])
    page = page_of(hawks)
    assert page.captions == ["Equilibria of the meta-game", "Where the replicator dynamics leads"]
    assert ["0.5 hawk + 0.5 dove", "0.5 hawk + 0.5 dove", "(0.5, 0.5)", "stable"] in [
        row[:4] for row in page.rows
    ]
    assert ["0.5 hawk + 0.5 dove", "0.5", "100%"] in page.rows
    names = ["<b>", "a\nb"]
    assert page_of(judge_meta_game([[1.0, 0.0], [0.0, 1.0]], PRISONERS, names=names)).rows[1][0] in (
        "<b>",
        "a\\nb",
    )


def test_a_table_without_a_title_has_no_caption() -> None:
    assert "<caption" not in as_html([Table("", ("a",), [("1",)])])


def test_a_verdict_is_shown_by_its_quantities() -> None:
    page = page_of(judge(PRISONERS, [[0, 1], [0, 1]]))
    assert page.captions == ["Verdict in Prisoner's Dilemma"]
    for row in (
        ["label", "Pareto-dominated Nash equilibrium"],
        ["payoffs", "(1, 1)"],
        ["welfare", "2"],
        ["Pareto slack", "4"],
    ):
        assert row in page.rows


def test_a_verdict_in_a_game_of_many_players_is_short() -> None:
    game = linear_dilemma(10_000, greed=1, fear=1)
    verdict = judge(game, game.profile(1.0))
    assert len(verdict._repr_html_()) < 10_000
    assert ["payoffs", "3 each"] in page_of(verdict).rows


def test_observed_play_shows_both_readings() -> None:
    page = page_of(judge_plays(PRISONERS, [("D", "D")] * 50))
    assert page.rows[0] == ["quantity", "correlated", "independent"]
    assert all(len(row) == 3 for row in page.rows)


def test_many_verdicts_are_counted_by_label() -> None:
    profiles = [[[1, 0], [1, 0]], [[0, 1], [0, 1]], [[0, 1], [0, 1]]]
    page = page_of(judge_batch(PRISONERS, profiles))
    assert page.rows == [
        ["label", "outcomes", "regret", "Pareto slack"],
        # (D, D) pays 1 each where 3 were possible; who leaves (C, C) gains 4 - 3.
        ["Pareto-dominated Nash equilibrium", "2", "0", "4"],
        ["Pareto-optimal, not an equilibrium", "1", "1", "0"],
    ]


def test_names_from_files_are_shown_as_text() -> None:
    game = Game.bimatrix(
        [[1, 0], [0, 1]],
        [[1, 0], [0, 1]],
        title=HOSTILE,
        players=[HOSTILE, "b"],
        actions=[[HOSTILE, "y"], ["x", HOSTILE]],
    )
    written = "<script>alert('x')</script> & \"q\" \\x1b[31m\\u202e<b>"
    shown: list[ShownAsTables] = [game, nash_equilibria(game), judge(game, [[1, 0], [1, 0]])]
    shown += [judge_plays(game, [(0, 0)]), judge_batch(game, [[[1, 0], [1, 0]]] * 2)]
    for each in shown:
        page = page_of(each)
        assert "script" not in page.tags
    assert page_of(game).rows[0][0] == f"{written} \\ b"
    assert page_of(game).rows[1][0] == written


def test_colours_are_those_of_the_page() -> None:
    html = as_html(PRISONERS.as_tables())
    # Pages without a document type give tables black letters of their own, on dark pages, too.
    assert re.search(r'<table style="[^"]*color: inherit', html)
    assert not re.search(r"(?<!-)color: (?!inherit)|background|#[0-9a-f]{3}", html)


def test_lines_and_pieces_of_an_entry() -> None:
    table = Table(
        "t", ("a", "b"), [("x", ("one", "two\nhalf")), ("y", Pieces([Underlined("1"), ", ", "<2>"]))]
    )
    page = Page(as_html([table]))
    assert page.rows[1:] == [["x", "one\ntwo\\nhalf"], ["y", "1, <2>"]]
    assert page.underlined == ["1"]


def test_plain_text_is_what_it_was() -> None:
    assert repr(PRISONERS) == '<Game "Prisoner\'s Dilemma": 2 players, 2x2 actions>'
    assert repr(judge(PRISONERS, [[0, 1], [0, 1]])).startswith("Verdict(game_title=")


@pytest.mark.parametrize("rows", [[("one",)], [("one", 2)]])
def test_a_table_that_is_none(rows) -> None:
    with pytest.raises(ValueError, match="must"):
        Table("t", ("a", "b"), rows)
