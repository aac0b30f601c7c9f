"""Whatever stands in files and arguments: an answer, or exit code 2 and one line; never a traceback."""

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from theory import named_game

CommandLine = Callable[..., tuple[int, str, str]]

TREE = """EFG 2 R "a card" { "Ann" "Bob" }
c "" 1 "" { "red" 1/2 "black" 1/2 } 0
p "" 1 1 "" { "Raise" "Fold" } 0
t "" 1 "" { 2, -2 }
p "" 2 1 "" { "Meet" "Pass" } 1
t "" 3 "" { -2, 2 }
t "" 4 "" { -1, 1 }
t "" 5 "" { 0, 0 }
"""
FILES = {
    "game.nfg": named_game("chicken").to_nfg(),
    "GAME.EFG": TREE,
    "plays.csv": "row,column\nC,D\nD,D\n",
    "plays.txt": "\ufeff0;1\n1;1\n",
}
ARRAYS = "[[3, 0], [4, 1]]", "[[[9, 9], [1, 10]], [[10, 1], [3, 3]]]", "[[1, 2, 3]]"
PROFILES = "C,D", "0,1", "[[.9, .1], [1, 0]]", "1;1", "Raise,Meet"
PIECES = (
    *"{}[],;\"'-.\\\n\t\0\x1b01CD", '""', "1/0", "9e99", "1e101", "1e9999", "NaN", "true", "null", "\u2460", "\xe9",
    "9" * 50, "[" * 300, '"x"', "\u202e",
)  # fmt: skip


def mutated(text: str, rng: random.Random) -> str:
    for _ in range(rng.choice([0, 0, 1, 1, 2, 5])):
        start = rng.randint(0, len(text))
        stop = min(len(text), start + rng.randint(0, 10))
        middle = rng.choice([rng.choice(PIECES), "", text[start:stop] * 2])
        text = text[:start] + middle + text[stop:]
    return text


def arguments(folder: Path, rng: random.Random) -> list[str]:
    """Write mutated files and return a command that reads them."""
    for name, text in FILES.items():
        content = mutated(text, rng).encode("utf-8", "surrogatepass")
        if rng.random() < 0.1:
            content = rng.randbytes(rng.randint(0, 200))
        (folder / name).write_bytes(content)
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
    return [*command, "--json"]


def check(commonweal: CommandLine, folder: Path, seed: int, commands: int) -> Counter[int]:
    rng = random.Random(seed)
    codes: Counter[int] = Counter()
    for _ in range(commands):
        command = arguments(folder, rng)
        code, out, err = commonweal(*command)
        codes[code] += 1
        if code == 0:
            assert json.loads(out), command
        else:
            assert (code, out) == (2, ""), command
            assert err.startswith("commonweal: "), command
            assert len(err.splitlines()) == 1, command
            assert len(err) < 800, command
    return codes


def test_mutated_files_and_arguments(commonweal: CommandLine, tmp_path: Path) -> None:
    codes = check(commonweal, tmp_path, seed=0, commands=100)
    assert min(codes[0], codes[2]) > 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_many_mutated_files_and_arguments(commonweal: CommandLine, tmp_path: Path, seed: int) -> None:
    check(commonweal, tmp_path, seed, commands=800)
