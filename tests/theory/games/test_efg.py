"""Trees in Gambit's format: their normal form beside Gambit's own, and what is refused before it is built."""

import importlib.resources
import random
import sys
from fractions import Fraction
from io import StringIO
from itertools import product
from pathlib import Path

import numpy as np
import pygambit
import pytest

from theory.equilibria.nash import nash_equilibria
from theory.games.conversion import from_pygambit, parse_nfg
from theory.games.efg import parse_efg, read_efg

CATALOGUE = sorted(Path(str(importlib.resources.files("pygambit"))).rglob("*.efg"))

# One card, seen by player 1 alone, who may raise; player 2 may call (Myerson 1991, Figure 2.1).
CARDS = """EFG 2 R "a card" { "Ann" "Bob" }
c "" 1 "" { "red" 1/2 "black" 1/2 } 0
p "" 1 1 "" { "Raise" "Fold" } 0
p "" 2 1 "" { "Meet" "Pass" } 0
t "" 1 "" { 2, -2 }
t "" 2 "" { 1, -1 }
t "" 2 "" { 1, -1 }
p "" 1 2 "" { "raise" "fold" } 0
p "" 2 1 "" { "Meet" "Pass" } 0
t "" 3 "" { -2, 2 }
t "" 2 "" { 1, -1 }
t "" 4 "" { -1, 1 }
"""


def test_a_game_of_cards():
    game = parse_efg(CARDS)
    assert (game.title, game.players) == ("a card", ("Ann", "Bob"))
    assert game.actions == (("Raise raise", "Raise fold", "Fold raise", "Fold fold"), ("Meet", "Pass"))
    assert game.payoffs[0].tolist() == [[0, 1], [0.5, 0], [-0.5, 1], [0, 0]]
    assert (game.payoffs[1] == -game.payoffs[0]).all()
    (profile,) = nash_equilibria(game).profiles
    assert game.expected_payoffs(profile) == pytest.approx([1 / 3, -1 / 3])


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.name)
def test_the_catalogue_of_gambit_as_gambit_has_it(path):
    ours, theirs = read_efg(path), pygambit.read_efg(str(path))
    as_table = parse_nfg(theirs.to_nfg())
    assert ours.n_actions == as_table.n_actions
    assert ours.players == as_table.players
    # Gambit lists strategies in the order of ours: actions at the first information set change last.
    assert np.array_equal(ours.payoffs, as_table.payoffs)
    assert np.array_equal(from_pygambit(theirs).payoffs, as_table.payoffs)


def random_tree(seed):
    """Return a random tree as text: information sets are drawn, so that players may forget."""
    rng = random.Random(seed)
    players, lines, sets, ends = rng.randint(1, 3), [], {}, [0]

    def grow(depth):
        kind = rng.random()
        if depth == 0 or kind < 0.15:
            ends[0] += 1
            pay = ", ".join(f"{rng.randint(-9, 9)}/{rng.randint(1, 4)}" for _ in range(players))
            lines.append(f't "" {ends[0]} "" {{ {pay} }}')
            return
        if kind < 0.35:
            lines.append(f'c "" {len(lines) + 1} "" {{ "1" 1/3 "2" 2/3 }} 0')
            n = 2
        else:
            player, place = rng.randint(1, players), rng.randint(1, 3)
            n = sets.setdefault((player, place), rng.randint(1, 3))
            names = " ".join(f'"{"abc"[k]}"' for k in range(n))
            lines.append(f'p "" {player} {place} "" {{ {names} }} 0')
        for _ in range(n):
            grow(depth - 1)

    grow(4)
    names = " ".join(f'"p{k}"' for k in range(players))
    return f'EFG 2 R "random" {{ {names} }}\n' + "\n".join(lines)


@pytest.mark.parametrize("seed", range(60))
def test_random_trees_as_gambit_has_them(seed):
    text = random_tree(seed)
    ours, theirs = parse_efg(text), pygambit.read_efg(StringIO(text))
    assert np.allclose(ours.payoffs, parse_nfg(theirs.to_nfg()).payoffs, atol=1e-12)
    for names in ours.actions:
        assert len(set(names)) == len(names)


def test_payoffs_of_many_ends_are_exact():
    # Thirds and sevenths whose sum is a whole number, which sums of floats miss.
    shares = [Fraction(1, 3), Fraction(2, 21), Fraction(4, 7)]
    ends = "\n".join(f't "" {k + 1} "" {{ {u} }}' for k, u in enumerate((3, 21, 7)))
    chance = " ".join(f'"{k}" {share}' for k, share in enumerate(shares))
    text = f'EFG 2 R "t" {{ "x" }}\nc "" 1 "" {{ {chance} }} 0\n{ends}'
    assert parse_efg(text).payoffs.tolist() == [[7.0]]


def chain(decisions):
    moves = "".join(
        f'p "" 1 {k + 1} "" {{ "on" "off" }} 0\nt "" {k + 1} "" {{ 1, 2 }}\n' for k in range(decisions)
    )
    return f'EFG 2 R "t" {{ "A" "B" }}\n{moves}t "" {decisions + 1} "" {{ 1, 2 }}\n'


def parallel(sets):
    shares = " ".join(f'"{k}" 1/{sets}' for k in range(sets))
    moves = "".join(
        f'p "" 1 {k + 1} "" {{ "U" "D" }} 0\nt "" 1 "" {{ 1, 2 }}\nt "" 2 "" {{ 3, 2 }}\n'
        for k in range(sets)
    )
    return f'EFG 2 R "t" {{ "A" "B" }}\nc "" 1 "" {{ {shares} }} 0\n{moves}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (parallel(20), "must have at most 1000000 outcomes, got 1048576 (1048576 x 1 strategies)"),
        (parallel(400), "must have at most 1000000 outcomes, got 10^120"),
        (chain(3000), "must hold at most 2000 moves of players and chance, got 3000"),
        (CARDS.replace("2, -2", "1e9999999, 0"), "line 5, column 13: numbers must have at most 400 digits"),
        (
            CARDS.replace("2, -2", "9" * 500 + ", 0"),
            "line 5, column 13: numbers must have at most 400 digits",
        ),
        (CARDS.replace("2, -2", "1e200, 0"), "payoffs must be at most 1e+100 in absolute value, got 1e200"),
        (CARDS.replace("\nt ", "\nx ", 1), "must be a game in Gambit's .efg format"),
        (CARDS[:200], "must be a game in Gambit's .efg format"),
        ("", "must be a game in Gambit's .efg format"),
        ("\0", "must be a game in Gambit's .efg format"),
    ],
    ids=range(10),
)
def test_what_is_refused(text, message):
    with pytest.raises(ValueError, match=r"^some\.efg") as caught:
        parse_efg(text, name="some.efg")
    assert message in str(caught.value)


def test_the_longest_chain_and_the_largest_form():
    assert parse_efg(chain(800)).n_actions == (801, 1)
    assert parse_efg(parallel(10)).n_actions == (1024, 1)


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygambit", None)
    with pytest.raises(
        ValueError, match=r"pygambit must be installed to read \.efg files .*commonweal\[files\]"
    ):
        parse_efg(CARDS)


def mutated(text, rng):
    pieces = [
        "{",
        "}",
        '"',
        '""',
        "0",
        "-1",
        "99999999999",
        "1/0",
        ".5",
        "c",
        "p",
        "t",
        ",",
        "\n",
        "\0",
        "é",
        "\\",
    ]
    for _ in range(rng.randint(1, 4)):
        i = rng.randrange(len(text) + 1)
        j = min(len(text), i + rng.randint(0, 12))
        text = rng.choice([text[:i] + rng.choice(pieces) + text[j:], text[:i] + text[j:], text[:i]])
    return text


def test_mutated_files_are_read_or_refused():
    rng = random.Random(1)
    outcomes = []
    for _, path in product(range(12), CATALOGUE):
        text = mutated(path.read_text(encoding="utf-8"), rng)
        try:
            outcomes.append(parse_efg(text, name="mutated").title)
        except ValueError as error:
            outcomes.append(str(error)[:7])
    assert 50 < outcomes.count("mutated") < len(outcomes) - 50
