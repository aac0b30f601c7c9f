import importlib.resources
import random
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pygambit
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tests.examples import examples
from theory.games.conversion import format_nfg, parse_nfg, read_nfg
from theory.games.game import Game

DATA = Path(__file__).parent / "data"
CATALOGUE = sorted(Path(str(importlib.resources.files("pygambit"))).rglob("*.nfg"))


def gambit_arrays(game):
    return np.array([[float(Fraction(str(u))) for u in payoffs.flat] for payoffs in game.to_arrays()])


def test_payoffs_by_outcome_with_the_first_player_fastest():
    game = read_nfg(DATA / "selten-horse.nfg")
    assert game.title == 'Selten (1975), "horse"'
    assert game.players == ("Player 1", "Player 2", "Player 3")
    assert game.actions == (("C", "D"), ("c", "d"), ("L", "R"))
    # The seven contingencies after the first: (D, c, L), (C, d, L), (D, d, L), (C, c, R), ...
    assert game.payoffs[:, 0, 0, 0].tolist() == [1, 1, 1]
    assert game.payoffs[:, 1, 0, 0].tolist() == [3, 3, 2]
    assert game.payoffs[:, 0, 1, 0].tolist() == [4, 4, 0]
    assert game.payoffs[:, 1, 1, 0].tolist() == [3, 3, 2]
    assert game.payoffs[:, 0, 0, 1].tolist() == [1, 1, 1]
    assert game.payoffs[:, 1, 0, 1].tolist() == [0, 0, 0]
    assert game.payoffs[:, 0, 1, 1].tolist() == [0, 0, 1]
    assert game.payoffs[:, 1, 1, 1].tolist() == [0, 0, 0]


def test_payoffs_in_a_list_in_every_form_of_a_number():
    game = read_nfg(DATA / "number-forms.nfg")
    assert game.actions == (("1", "2", "3"), ("1", "2"))
    assert game.payoffs[0].tolist() == [[1 / 3, 3.0], [4.0, 1.5e-3], [0.25, 0.0]]
    assert game.payoffs[1].tolist() == [[-3.5, 1000.0], [-0.5, -200.0], [-0.75, 0.0]]
    assert np.signbit(game.payoffs[1, 2, 1])


def test_a_plus_sign_is_a_sign():
    # pygambit 17.0.0b2 refuses it, although its scanner knows it.
    assert parse_nfg('NFG 1 R "t" { "x" } { 2 } +4 +.5e+1').payoffs.tolist() == [[4, 5]]


def test_outcome_zero_pays_nothing():
    game = read_nfg(DATA / "null-outcome.nfg")
    assert game.title == ""
    assert game.players == ("player 1", "player 2")  # blank in the file
    assert game.payoffs.tolist() == [[[0, 0.5], [0.5, 0]], [[0, 2.5], [2.5, 0]]]


def test_strategies_without_names_are_told_apart_by_number():
    game = parse_nfg('NFG 1 R "t" { "x" "y" } { { "" "b" "" } { "" "c" } } 1 2 3 4 5 6 7 8 9 10 11 12')
    assert game.actions == (("1", "b", "3"), ("", "c"))


@pytest.mark.parametrize("counts", ["99999999999999999 99999999999999999", "3000 2000"])
def test_more_payoffs_than_can_be_read_are_refused_first(counts):
    with pytest.raises(
        ValueError, match=r"^big\.nfg must have at most 10000000 payoffs, got 2 players with .* x"
    ):
        parse_nfg('NFG 1 R "t" { "x" "y" } { ' + counts + " }\n1 2 3", name="big.nfg")


def test_strategies_of_one_name_are_refused_with_the_file():
    with pytest.raises(ValueError, match=r"^some\.nfg: actions of player 1 must be different names, got"):
        parse_nfg('NFG 1 R "t" { "x" } { { "a" "a" } } 1 2', name="some.nfg")


def test_the_catalogue_of_gambit_is_there():
    assert len(CATALOGUE) >= 8
    assert {path.name for path in CATALOGUE} >= {"sec3.nfg", "sec6.nfg", "6x6_game_with_75_eq.nfg"}


@pytest.mark.parametrize("path", [*CATALOGUE, *DATA.glob("*.nfg")], ids=lambda path: path.name)
def test_reads_what_gambit_reads(path):
    ours, theirs = read_nfg(path), pygambit.read_nfg(str(path))
    assert ours.title == theirs.title
    assert ours.n_players == len(theirs.players)
    if path.name != "null-outcome.nfg":  # names to the nameless, which Gambit gives others
        assert list(ours.players) == list(theirs.players)
        assert [list(names) for names in ours.actions] == [theirs.get_strategies(p) for p in theirs.players]
    assert ours.n_actions == theirs.to_arrays()[0].shape
    assert np.array_equal(ours.payoffs.reshape(ours.n_players, -1), gambit_arrays(theirs))


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.name)
def test_gambit_reads_what_we_write(path, tmp_path):
    game = read_nfg(path)
    written = tmp_path / "written.nfg"
    written.write_text(game.to_nfg(), encoding="utf-8")
    theirs = pygambit.read_nfg(str(written))
    assert theirs.title == game.title
    assert np.array_equal(game.payoffs.reshape(game.n_players, -1), gambit_arrays(theirs))
    assert np.array_equal(Game.from_nfg(str(written)).payoffs, game.payoffs)


def test_what_is_written():
    game = Game.bimatrix(
        [[3, 0.5, -0.0], [1e-300, 0.1, 1e20]],
        [[1, 2, 3], [4, 5, 6]],
        players=["a\\b", 'c"d'],
        actions=[["x\\", "\\\\"], ["1", "2", "3"]],
        title='say "yes"',
    )
    assert format_nfg(game) == (
        'NFG 1 R "say \\"yes\\"" { "a\\b" "c\\"d" }\n'
        "{\n"
        '  { "x\\\\" "\\\\\\\\" }\n'
        '  { "1" "2" "3" }\n'
        "}\n"
        "\n"
        "3 1\n"
        "1e-300 4\n"
        "0.5 2\n"
        "0.1 5\n"
        "-0 3\n"
        "1e+20 6\n"
    )


names = st.text(st.sampled_from('ab "\\{}\n,é0'), max_size=6)


@st.composite
def games(draw):
    shape = draw(array_shapes(min_dims=1, max_dims=4, max_side=3))
    payoffs = draw(arrays(float, (len(shape), *shape), elements=st.floats(-1e100, 1e100)))
    players = draw(st.lists(names, min_size=len(shape), max_size=len(shape)))
    actions = [draw(st.lists(names, min_size=n, max_size=n, unique=True)) for n in shape]
    return Game(payoffs, players=players, actions=actions, title=draw(names))


def test_as_many_players_as_an_array_has_axes_for():
    game = Game(np.arange(63.0).reshape(63, *[1] * 63))
    assert np.array_equal(parse_nfg(format_nfg(game)).payoffs, game.payoffs)


@given(games())
@example(Game([[[0.1, 1 / 3], [5e-324, -0.0]], [[1e100, -1e100], [2**53 + 2, 1e22]]], title="\\"))
@settings(max_examples=examples(150), deadline=None)
def test_written_and_read_again_bit_for_bit(game):
    again = parse_nfg(format_nfg(game))
    assert again.payoffs.tobytes() == np.ascontiguousarray(game.payoffs).tobytes()
    assert (again.title, again.players, again.actions) == (game.title, game.players, game.actions)


@given(st.integers(0, 10**6))
@settings(max_examples=examples(40), deadline=None)
def test_whitespace_only_separates(seed):
    rng = random.Random(seed)
    text = 'NFG 1 R "t" { "x" "y" } { { "a" "b" } { "c" } } "note" { { "o" 1 , 2 } { "" 3/2 4 } } 2 1'
    tokens = text.split(" ")
    text = "".join(token + rng.choice([" ", "\n", "\t \r\n", "\v\f"]) for token in tokens)
    assert parse_nfg(text).payoffs.tolist() == [[[1.5], [1]], [[4], [2]]]


def test_lines_and_columns_count_from_one():
    for text, where in (("\n\nNFG 2", "line 3, column 5"), ("\nNFG 1\n\n R 3", "line 4, column 4")):
        with pytest.raises(ValueError, match=f"^nfg, {where}: "):
            parse_nfg(text)


def test_braces_and_commas_need_no_whitespace():
    text = 'NFG 1 R"t"{"x""y"}{{"a""b"}{"c"}}"note"{{"o"1,2}{""3/2,4}}2 1'
    assert parse_nfg(text).payoffs.tolist() == [[[1.5], [1]], [[4], [2]]]


HEADER = 'NFG 1 R "t" { "x" "y" } { 2 1 }\n'
OUTCOMES = 'NFG 1 R "t" { "x" "y" } { 2 1 }\n{ { "o" 1, 2 } }\n'


@pytest.mark.parametrize(
    ("text", "line", "column", "expected", "got"),
    [
        ("", 1, 1, "NFG, the mark of a strategic game's file", "the end of the file"),
        ('EFG 2 R "t"', 1, 1, "NFG, the mark of a strategic game's file", "'EFG'"),
        ('"NFG" 1 R "t"', 1, 1, "NFG, the mark of a strategic game's file", "'\"NFG\"'"),
        ('NFG 2 R "t"', 1, 5, "1, the format's version", "'2'"),
        ('NFG 1 F "t"', 1, 7, "R or D, the type of the numbers", "'F'"),
        ("NFG 1 R\n{", 2, 1, "the title in quotes", "'{'"),
        ('NFG 1 R "t\n', 1, 9, "the title in quotes", "a quote that is never closed"),
        ('NFG 1 R "t\\"', 1, 9, "the title in quotes", "a quote that is never closed"),
        ('NFG 1 R "t"\n  "x" }', 2, 3, "{ before the players' names", "'\"x\"'"),
        ('NFG 1 R "t" { }', 1, 15, "one of the players' names in quotes", "'}'"),
        ('NFG 1 R "t" { "x" y }', 1, 19, "a name in quotes, or } after the players' names", "'y'"),
        ('NFG 1 R "t" { "x" } 2', 1, 21, "{ before the strategies", "'2'"),
        ('NFG 1 R "t" { "x" "y" } { 2 }', 1, 29, "number of strategies of player 2", "'}'"),
        ('NFG 1 R "t" { "x" } { 2 3 }', 1, 25, "} after 1 numbers of strategies", "'3'"),
        ('NFG 1 R "t" { "x" } { 0 }', 1, 23, "number of strategies of player 1, at least 1", "'0'"),
        ('NFG 1 R "t" { "x" } { 2.0 }', 1, 23, "number of strategies of player 1, at least 1", "'2.0'"),
        ('NFG 1 R "t" { "x" } { -2 }', 1, 23, "number of strategies of player 1, at least 1", "'-2'"),
        (
            'NFG 1 R "t" { "x" } { { "a" }',
            1,
            30,
            "} after the strategies of 1 players",
            "the end of the file",
        ),
        ('NFG 1 R "t" { "x" } { { } }', 1, 25, "one of the strategies of player 1 in quotes", "'}'"),
        ('NFG 1 R "t" { "x" "y" } { { "a" } }', 1, 35, "{ before the strategies of player 2", "'}'"),
        ('NFG 1 R "t" } "x" }', 1, 13, "{ before the players' names", "'}'"),
        ('NFG 1 R "t" { "x" {', 1, 19, "a name in quotes, or } after the players' names", "'{'"),
        ('NFG 1 R "t" { "x" } }', 1, 21, "{ before the strategies", "'}'"),
        ('NFG 1 R "t" { "x" } { 2 {', 1, 25, "} after 1 numbers of strategies", "'{'"),
        ('NFG 1 R "t" { "x" } { { "a" } {', 1, 31, "} after the strategies of 1 players", "'{'"),
        (HEADER + '{ { "o" 1, 2 {', 2, 14, "} after 2 payoffs of outcome 1", "'{'"),
        (HEADER, 2, 1, "payoff of player 1 in contingency 1 of 2", "the end of the file"),
        (HEADER + "1 2\n3", 3, 2, "payoff of player 2 in contingency 2 of 2", "the end of the file"),
        (HEADER + "1 2\n3, 4", 3, 2, "payoff of player 2 in contingency 2 of 2", "','"),
        (HEADER + "1 2 3 4x", 2, 7, "payoff of player 2 in contingency 2 of 2", "'4x'"),
        (HEADER + "1 2 3 --4", 2, 7, "payoff of player 2 in contingency 2 of 2", "'--4'"),
        (HEADER + "1 2 3 nan", 2, 7, "payoff of player 2 in contingency 2 of 2", "'nan'"),
        (HEADER + "1 2 3 4\n 5", 3, 2, "the end of the file after the last contingency", "'5'"),
        (HEADER + '1 2 3 4 "', 2, 9, "the end of the file after", "a quote that is never closed"),
        (HEADER + "1 2 1e101", 2, 5, "a payoff of at most 1e+100 in absolute value", "'1e101'"),
        (HEADER + "1 2 -1e999", 2, 5, "a payoff of at most 1e+100 in absolute value", "'-1e999'"),
        (HEADER + "1 2 3/0", 2, 5, "a decimal, or a / between two whole numbers, the second not 0", "'3/0'"),
        (HEADER + "1 2 1.5/2", 2, 5, "a decimal, or a / between two whole numbers", "'1.5/2'"),
        (HEADER + "1 2 " + "9" * 400 + "/1", 2, 5, "a decimal, or a /", repr("9" * 40)),
        (HEADER + "1 2 " + "9" * 5000 + "/1", 2, 5, "a decimal, or a /", repr("9" * 40)),
        (HEADER + "1 2 " + "9" * 5000, 2, 5, "a payoff of at most", repr("9" * 40)),
        ('NFG 1 R "t" { "x" } { ' + "9" * 5000 + " } 1", 1, 23, "number of strategies", repr("9" * 40)),
        (HEADER + '{ "o" 1, 2 }', 2, 3, "{ before another outcome, or } after the last", "'\"o\"'"),
        (HEADER + "{ { 1, 2 } }", 2, 5, "the name of outcome 1 in quotes", "'1'"),
        (HEADER + '{ { "o" 1 } }', 2, 11, "payoff of player 2 in outcome 1", "'}'"),
        (HEADER + '{ { "o" 1, 2, 3 } }', 2, 15, "} after 2 payoffs of outcome 1", "'3'"),
        (HEADER + '{ { "o" 1, 2 } { "p" x', 2, 22, "payoff of player 1 in outcome 2", "'x'"),
        (OUTCOMES + "1", 3, 2, "outcome number in contingency 2 of 2", "the end of the file"),
        (OUTCOMES + "1 2", 3, 3, "outcome number in contingency 2 of 2, a whole number from 0 to 1", "'2'"),
        (OUTCOMES + "1 -1", 3, 3, "outcome number in contingency 2 of 2, a whole number from 0 to 1", "'-1'"),
        (OUTCOMES + "1 1 1", 3, 5, "the end of the file after the last contingency", "'1'"),
        ('NFG 1 R "t" { ' + '"x" ' * 64 + "} { ", 1, 13, "at most 63 players, as many as an array", "'{'"),
    ],
)
def test_malformed_and_truncated_texts(text, line, column, expected, got):
    where = f"some file, line {line}, column {column}: expected {expected}"
    with pytest.raises(ValueError, match=rf"^{re.escape(where)}.*got {re.escape(got)}"):
        parse_nfg(text, name="some file")


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.name)
def test_every_truncation_is_noticed(path):
    text = path.read_text(encoding="utf-8").rstrip()
    for length in range(0, len(text) - 1, max(1, len(text) // 60)):
        # A number cut in two is still a number, but then those after it are missing.
        with pytest.raises(ValueError, match=r"^cut, line \d+, column \d+: expected .*, got "):
            parse_nfg(text[:length], name="cut")


def test_long_malformed_numbers_take_no_time():
    with pytest.raises(ValueError, match="payoff of player 1"):
        parse_nfg(HEADER + "1" * 200_000 + "x")


def test_files(tmp_path):
    marked = tmp_path / "marked.nfg"
    marked.write_bytes(b"\xef\xbb\xbf" + (HEADER + "1 2 3 4").encode())
    assert read_nfg(marked).payoffs.tolist() == [[[1], [3]], [[2], [4]]]
    binary = tmp_path / "binary.nfg"
    binary.write_bytes(b'\nNFG 1 R "\xc3\xa9"\n { "\xc3\xa9\xe4" }\n\n')
    with pytest.raises(
        ValueError, match=r"binary\.nfg, line 3, column 6: the file must be UTF-8 text, got byte 0xe4"
    ):
        read_nfg(binary)
    short = tmp_path / "short.nfg"
    short.write_text(HEADER)
    with pytest.raises(ValueError, match=re.escape(f"{short}, line 2, column 1: expected payoff")):
        read_nfg(str(short))
    with pytest.raises(FileNotFoundError):
        read_nfg(tmp_path / "missing.nfg")
    with pytest.raises(ValueError, match=r"^nfg, line 1, column 1"):
        parse_nfg("")
