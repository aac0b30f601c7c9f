"""A file of plays has one reading, which is said, or it is refused with file, line and rule."""

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.command.plays import parse_plays, read_plays
from theory import Game, judge_counts, judge_plays, named_game

DILEMMA = named_game("prisoners-dilemma")
LEVELS = Game(np.arange(18.0).reshape(2, 3, 3))  # actions 1, 2, 3
NUMBERED = Game(np.arange(8.0).reshape(2, 2, 2), actions=[["0", "1"]] * 2)
THREE = Game(np.arange(24.0).reshape(3, 2, 2, 2))


def counts_of(outcomes: list[tuple[int, ...]], game: Game) -> list:
    counts = np.zeros(game.n_actions, dtype=int)
    for outcome, times in Counter(outcomes).items():
        counts[outcome] = times
    return counts.tolist()


@pytest.mark.parametrize(
    ("text", "game", "outcomes", "read_as"),
    [
        ("C,D\nD,D\n", DILEMMA, [(0, 1), (1, 1)], "2 rounds in lines 1 to 2, actions read as names"),
        (
            "0,1\n1,1",
            DILEMMA,
            [(0, 1), (1, 1)],
            "actions read as positions from 0, separated by commas; no h",
        ),
        ("C;D\r\nD;D\r\n", DILEMMA, [(0, 1), (1, 1)], "separated by semicolons"),
        ("C\tD\rD\tD", DILEMMA, [(0, 1), (1, 1)], "separated by tabs"),
        (
            "\n Ann , Bob\n\nC, D\n\nD,D\n\n",
            DILEMMA,
            [(0, 1), (1, 1)],
            "2 rounds in lines 4 to 6, actions read as names, separated by commas; the line before them is a "
            "heading (Ann, Bob).",
        ),
        ('"C","D"', DILEMMA, [(0, 1)], "1 round in line 1"),
        ("C,C\nC,C\nC,C", DILEMMA, [(0, 0)] * 3, "3 rounds"),
        ("0,0", LEVELS, [(0, 0)], "positions from 0"),
        ("3,1\n1,1", LEVELS, [(2, 0), (0, 0)], "read as names"),
        ("0,1\n1,1", NUMBERED, [(0, 1), (1, 1)], "read as names"),  # positions say the same
        ("C,D,D\nD,D,C", THREE, [(0, 1, 1), (1, 1, 0)], "2 rounds"),
        ("player 1,player 2\n0,2", LEVELS, [(0, 2)], "heading (player 1, player 2)"),
    ],
)
def test_readings(text: str, game: Game, outcomes: list[tuple[int, ...]], read_as: str) -> None:
    plays = parse_plays(text, game, name="plays.csv")
    assert plays.counts.tolist() == counts_of(outcomes, game)
    assert plays.reading.startswith("plays.csv: ")
    assert read_as in plays.reading
    if len(text.split("\n")) == 2 and "Ann" not in text and "player" not in text and "\r" not in text:
        assert (judge_plays(game, outcomes).counts == judge_counts(game, plays.counts).counts).all()


@pytest.mark.parametrize(
    ("text", "game", "message"),
    [
        (
            "1,1",
            LEVELS,
            r"plays.csv must have one reading, got two: actions as names, separated by commas, no heading "
            r"\(line 1 is \(1, 1\)\), or actions as positions from 0, separated by commas, no heading \(line 1 is "
            r"\(2, 2\)\); say which with --actions-as names or positions",
        ),
        ("a,b\n1,2\n", LEVELS, r"got two: .*heading first \(line 2 is \(1, 2\)\), or .*\(line 2 is \(2, 3\)\)"),
        ("0,1\n3,1", LEVELS, r"got none: names fail in line 1, where '0' is not .*, positions .* 2, where '3'"),
        ("c,d\nC,D", DILEMMA, r"line 1: 'c' must be an action \(C, D\) or a position from 0 to 1, of .*; nearest: C"),
        ("Ann,D\nC,D", DILEMMA, "line 1: 'Ann' must be an action"),
        ("Ann,Bob\nC,D\nAnn,Bob", DILEMMA, "line 3: 'Ann' must be an action"),
        ("C,D\n\nC,\n", DILEMMA, "line 3: '' must be an action .* of player 2"),
        ("C,D\n0,D\n", DILEMMA, "for all lines, got none: names fail in line 2, where '0' is"),
        ("C,D\nC,D,D\n", DILEMMA, "every line of plays.csv must have an action .* got 3 in line 2, separ"),
        ("C D\n", DILEMMA, "got 1 in line 1"),
        ("C;D\nC,D\n", DILEMMA, "got 1 in line 2, separated by semicolons"),
        ("", DILEMMA, "must hold at least one line of plays, got none"),
        (" \n\n", DILEMMA, "must hold at least one line of plays, got none"),
        ("Ann,Bob\n", DILEMMA, "must hold at least one line of plays, got a heading alone"),
        ("C,\u2460\n", DILEMMA, "line 1: '\u2460' must be an action"),
        ("0,\u0661\n", DILEMMA, "line 1: '\u0661' must be an action"),
        ("C," + "1" * 5000, DILEMMA, r"line 1: '1{199} \.\.\. must be an action"),
        ("C," + "x" * 131_073, DILEMMA, r"plays.csv, line 1: the quotes or cells cannot be read \(field larger"),
        ('C,"D\nD,D', DILEMMA, "plays.csv, line 1: the quotes or cells cannot be read"),
        ("-1,0", DILEMMA, "'-1' must be an action"),
        ("1,2", DILEMMA, r"line 1: '2' must be an action \(C, D\) or a position from 0 to 1"),
    ],
)  # fmt: skip
def test_what_has_no_reading_or_two(text: str, game: Game, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        parse_plays(text, game, name="plays.csv")
    assert str(caught.value).startswith(("plays.csv", "every line of plays.csv"))
    assert len(str(caught.value)) < 400


def test_a_reading_that_is_asked_for() -> None:
    def outcome(actions_as: str) -> tuple[int, ...]:
        return parse_plays("1,2", LEVELS, name="x", actions_as=actions_as).only_outcome()

    assert outcome("names") == (0, 1)
    assert outcome("positions") == (1, 2)
    with pytest.raises(ValueError, match="unknown reading of actions 'name'; nearest: names"):
        outcome("name")
    with pytest.raises(ValueError, match="x, line 2: 'C' must be a position from 0 to 2, of player 1"):
        parse_plays("0,1\nC,D", LEVELS, name="x", actions_as="positions")


def test_players_who_are_called_like_actions() -> None:
    game = Game(DILEMMA.payoffs, players=["C", "D"])
    with pytest.raises(ValueError, match=r"got two: .* no heading .*, or .* a heading first"):
        parse_plays("C,D\nD,D", game, name="x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xef\xbb\xbfC,D\r\n", ""),
        ("C;D".encode("utf-16"), ""),
        (b"Ann,Bj\xf6rn\nC,D\n", r"plays\.csv, line 1, column 7: the file must be UTF-8 text, got byte 0xf6"),
        (
            b"\xff\xfeC\x00,\x00D",
            r"plays\.csv, line 1, column 3: the file must be UTF-16 text, got byte 0x44",
        ),
    ],
)
def test_marks_and_encodings(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "plays.csv"
    path.write_bytes(content)
    if message:
        with pytest.raises(ValueError, match=message):
            read_plays(path, DILEMMA)
    else:
        assert read_plays(path, DILEMMA).only_outcome() == (0, 1)


def test_what_cannot_be_read_at_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a file of plays must exist, got .*missing"):
        read_plays(tmp_path / "missing", DILEMMA)
    with pytest.raises(ValueError, match="a file of plays must be a file, got"):
        read_plays(tmp_path, DILEMMA)


@given(
    st.sampled_from(",;\t"),
    st.sampled_from([DILEMMA, LEVELS, THREE, Game([[1.0, 2, 3, 4]], actions=[["a", "b c", 'd"', "e"]])]),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_what_a_program_writes_is_read(separator: str, game: Game, seed: int, by_name: bool) -> None:
    import csv
    from io import StringIO

    rng = random.Random(seed)
    outcomes = [tuple(rng.randrange(n) for n in game.n_actions) for _ in range(rng.randint(1, 30))]
    file = StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    if rng.random() < 0.5:
        writer.writerow([f"column {k}" for k in range(game.n_players)])
    writer.writerows(
        [game.actions[i][a] if by_name else a for i, a in enumerate(outcome)] for outcome in outcomes
    )
    plays = parse_plays(file.getvalue(), game, name="x", actions_as="names" if by_name else "positions")
    assert plays.counts.tolist() == counts_of(outcomes, game)


def test_mutated_and_random_files_are_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(3)
    path = tmp_path / "fuzz.csv"
    good = b'row,column\nC,D\nD,D\n0,1\n\xef\xbb\xbf;\t"\x00\r\n'
    refused = 0
    for _ in range(600):
        content = bytearray(good if rng.random() < 0.6 else rng.randbytes(rng.randint(0, 60)))
        for _ in range(rng.randint(0, 6)):
            place = rng.randint(0, len(content))
            content[place : place + rng.randint(0, 3)] = rng.choice(
                [b",", b";", b"C", b"\n", b'"', b"\xff", b"1"]
            )
        path.write_bytes(bytes(content))
        try:
            assert read_plays(path, DILEMMA).counts.sum() > 0
        except ValueError as error:
            refused += str(path) in str(error)
    assert refused > 400
