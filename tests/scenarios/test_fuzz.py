"""Whatever stands in files and arguments: an answer, or exit code 2 and one line; never a traceback."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scenarios.command.plays import read_plays
from tests.mutation import CommandLine, as_bytes, mutated, outcomes, readings
from theory import Game, named_game, parse_nfg

Texts = Callable[[random.Random, int], Iterator[str]]

TREE = """EFG 2 R "a card" { "Ann" "Bob" }
c "" 1 "" { "red" 1/2 "black" 1/2 } 0
p "" 1 1 "" { "Raise" "Fold" } 0
t "" 1 "" { 2, -2 }
p "" 2 1 "" { "Meet" "Pass" } 1
t "" 3 "" { -2, 2 }
t "" 4 "" { -1, 1 }
t "" 5 "" { 0, 0 }
"""
OUTCOMES = """NFG 1 R "by outcomes" { "Ann" "Bob \\"B\\"" } { { "up" "down" } { "left" "right" "" } }
"a comment"
{ { "both" 3, 3 } { "one" 0 4/3 } { "other" 4.5e0, -.5 } { "none" 1, 1 } }
1 2 3 4 0 1
"""
NFG = {
    "two": named_game("chicken").to_nfg(),
    "outcomes": OUTCOMES,
    "numbers": 'NFG 1 D "three" { "a" "b" "c" } { 2 2 2 }\n' + " ".join(map(str, range(24))),
}
PLAYS = {
    "names": "row,column\nC,D\nD,D\nC,C\n\nD,C\n",
    "positions": "\ufeff0;1\n1;1\n0;0\n",
    "tabs": 'first\tsecond\n"C"\tD\n" D"\tC\n',
}
FILES = {
    "game.nfg": NFG["two"],
    "GAME.EFG": TREE,
    "plays.csv": PLAYS["names"],
    "plays.txt": PLAYS["positions"],
}
ARRAYS = "[[3, 0], [4, 1]]", "[[[9, 9], [1, 10]], [[10, 1], [3, 3]]]", "[[1, 2, 3]]"
PROFILES = "C,D", "0,1", "[[.9, .1], [1, 0]]", "1;1", "Raise,Meet"


def arguments(folder: Path, seed: int, commands: int) -> Iterator[list[str]]:
    """Write mutated files and yield commands that read them."""
    rng = random.Random(seed)
    for _ in range(commands):
        for name, text in FILES.items():
            (folder / name).write_bytes(as_bytes(mutated(text, rng), rng))
        files = [str(folder / name) for name in FILES]
        array = mutated(rng.choice(ARRAYS), rng)
        game = rng.choice(
            [[files[0]], [files[1]], [array], [array] * 2, [array, mutated(rng.choice(ARRAYS), rng)]]
        )
        game = [text.replace("\0", "") for text in game]
        command = rng.choice(
            [
                ["solve", *game],
                ["judge", *game, "--profile", mutated(rng.choice(PROFILES), rng).replace("\0", "")],
                ["judge", *game, "--data", rng.choice(files[2:])],
            ]
        )
        yield [*command, "--json"]


def of_games(rng: random.Random, number: int) -> Iterator[str]:
    return (mutated(rng.choice(list(NFG.values())), rng) for _ in range(number))


def of_plays(rng: random.Random, number: int) -> Iterator[str]:
    return (mutated(rng.choice(list(PLAYS.values())), rng) for _ in range(number))


def read_whole(path: Path) -> None:
    """Read a game; what was read can be written and read again."""
    game = Game.from_nfg(path)
    assert parse_nfg(game.to_nfg()).to_nfg() == game.to_nfg()


CHICKEN = named_game("chicken")
KINDS = pytest.mark.parametrize(
    ("texts", "name", "read"),
    [(of_games, "game.nfg", read_whole), (of_plays, "plays.csv", lambda path: read_plays(path, CHICKEN))],
    ids=["games", "plays"],
)


def test_mutated_files_and_arguments(commonweal: CommandLine, tmp_path: Path) -> None:
    codes = outcomes(arguments(tmp_path, 0, 100), commonweal, json.loads)
    assert min(codes[0], codes[2]) > 10


@KINDS
def test_mutated_files_are_read_or_refused(
    tmp_path: Path, texts: Texts, name: str, read: Callable[[Path], object]
) -> None:
    rng = random.Random(0)
    found = readings(texts(rng, 500), tmp_path / name, read, rng)
    assert min(found["read"], found["refused"]) > 50


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_many_mutated_files_and_arguments(commonweal: CommandLine, tmp_path: Path, seed: int) -> None:
    outcomes(arguments(tmp_path, seed, 800), commonweal, json.loads)


@pytest.mark.slow
@KINDS
def test_ten_thousand_mutated_files_are_read_or_refused(
    tmp_path: Path, texts: Texts, name: str, read: Callable[[Path], object]
) -> None:
    rng = random.Random(1)
    assert readings(texts(rng, 10_000), tmp_path / name, read, rng).total() == 10_000
