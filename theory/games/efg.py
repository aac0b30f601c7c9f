r"""Games in extensive form, from Gambit's file format `.efg`, in their reduced normal form.

Reading is Gambit's own: pygambit (extra `files`) checks the file and writes the tree down in one form, from
which the normal form is computed here. Strategies of a player that differ only at information sets which
they themselves keep from being reached are one strategy: the *reduced* normal form (Kuhn 1953; Gambit's
also). A strategy is named by what it does at the information sets that it may reach, such as `Raise Fold`.

The number of strategies is known before any is built, and a form that is too large is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from io import StringIO
from math import lcm, log10, prod
from os import PathLike, fspath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.arguments import checked
from theory.checks import LARGEST_PAYOFF, BoolArray, FloatArray, plain_text
from theory.games.gambit_text import Reader, read_names, unquoted
from theory.games.game import Game
from theory.libraries import optional_library
from theory.text_files import end_of, read_text

MOST_CELLS = 10**6
# Gambit goes down a tree by recursion; this deep its stack is safe.
MOST_DECISIONS = 2000
# Products of cells and ends of the tree: some seconds.
MOST_PRODUCTS = 5 * 10**9

_DECISION = re.compile(r'(?<![^\s}"])[cp](?=\s*")')
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
# Gambit computes with all digits of a number: 1e9999999 takes it half a minute.
_VAST_NUMBER = re.compile(r"(?<![^\s{},/])[+-]?(?:[\d./]{400,}|[\d./]+[eE][+-]?\d{4,})")

_LONGEST_NAME = 120
_CHUNK = 10**7


def read_efg(path: str | PathLike[str]) -> Game:
    """Read a game in extensive form from a file in Gambit's `.efg` format, as its reduced normal form.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If pygambit is missing or refuses the file, or the normal form is too large (`MOST_CELLS` outcomes).
    """
    return parse_efg(read_text(path), name=fspath(path))


@checked(text=plain_text, name=plain_text)
def parse_efg(text: str, *, name: str = "efg") -> Game:
    """Return the reduced normal form of the game that a text in Gambit's `.efg` format describes.

    Parameters
    ----------
    text
        The content of the file.
    name
        What errors call the text.

    Raises
    ------
    ValueError
        As for `read_efg`.
    """
    gambit = optional_library("pygambit", extra="files", purpose="to read .efg files")
    _check_is_readable(text, name)
    try:
        normalised = gambit.read_efg(StringIO(text)).to_efg()
    except Exception as error:  # Gambit's parser raises what it pleases
        raise ValueError(f"{name} must be a game in Gambit's .efg format: {error}") from None
    return strategic_form(normalised, name=name)


def strategic_form(normalised: str, *, name: str) -> Game:
    """Return the reduced normal form of the game of a text that Gambit wrote (`to_efg`).

    Raises
    ------
    ValueError
        If it is too large.
    """
    tree = _read_tree(Reader(normalised, name))
    counts = [_count_strategies(tree, player) for player in range(len(tree.players))]
    cells = prod(count for count, _ in counts)
    if cells > MOST_CELLS:
        about = "" if all(exact for _, exact in counts) else "up to "
        raise ValueError(
            f"{name}: the reduced normal form must have at most {MOST_CELLS} outcomes, "
            f"got {about}{_figure(cells)} ({' x '.join(about + _figure(count) for count, _ in counts)} strategies)"
        )
    if cells * len(tree.ends) > MOST_PRODUCTS:
        raise ValueError(
            f"{name}: outcomes of the normal form times ends of the tree must be at most {MOST_PRODUCTS}, "
            f"got {cells} x {len(tree.ends)}"
        )
    strategies = [list(_strategies(tree, player)) for player in range(len(tree.players))]
    names = [_names(tree, player, of_player) for player, of_player in enumerate(strategies)]
    try:
        return Game(_payoffs(tree, strategies), actions=names, players=tree.players, title=tree.title)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _check_is_readable(text: str, name: str) -> None:
    """Raise ValueError for what Gambit would not survive, or take minutes for."""
    bare = _TEXT.sub(lambda quoted: '""'.ljust(len(quoted.group())), text)
    vast = _VAST_NUMBER.search(bare)
    if vast:
        raise ValueError(
            f"{name}, {end_of(text[: vast.start()])}: numbers must have at most 400 digits and exponents at "
            f"most 3, got {vast.group()[:40]!r}"
        )
    decisions = len(_DECISION.findall(bare))
    if decisions > MOST_DECISIONS:
        raise ValueError(
            f"{name} must hold at most {MOST_DECISIONS} moves of players and chance, got {decisions}"
        )


def _figure(count: int) -> str:
    return str(count) if count < 10**15 else f"10^{log10(count):.0f}"


@dataclass
class _Node:
    """A node: of a player (0, 1, ...), of chance (-1), or an end (no children)."""

    player: int = -1
    information_set: int = 0
    children: list[int] = field(default_factory=list)


@dataclass
class _Tree:
    """A game in extensive form.

    Attributes
    ----------
    nodes
        In the order of the file: parents before children.
    labels
        Of the actions, by player and information set, in the order of the file.
    ends
        The node, the probability by chance and the players' payoffs of each end.
    """

    title: str
    players: list[str]
    nodes: list[_Node] = field(default_factory=list)
    labels: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    ends: list[tuple[int, Fraction, list[Fraction]]] = field(default_factory=list)


def _read_tree(reader: Reader) -> _Tree:
    """Return the tree of a text that Gambit wrote."""
    for kind, text in (("word", "EFG"), ("number", "2"), ("word", "R")):
        reader.expect(kind, text, text=text)
    title = unquoted(reader.expect("text", "the title"))
    tree = _Tree(title, read_names(reader, "the players' names"))
    if reader.current.kind == "text":
        reader.advance()
    nothing = [Fraction(0)] * len(tree.players)
    # What waits to be read: the parent (none for the root), the probability and the payoffs so far.
    waiting: list[tuple[int | None, Fraction, list[Fraction]]] = [(None, Fraction(1), nothing)]
    while waiting:
        parent, probability, paid = waiting.pop()
        here = len(tree.nodes)
        if parent is not None:
            tree.nodes[parent].children.append(here)
        kind = reader.expect("word", "c, p or t, the kind of a node").text
        reader.expect("text", "the name of a node")
        node = _Node()
        tree.nodes.append(node)
        shares: list[Fraction] = []
        if kind != "t":
            node.player = int(reader.expect("number", "a player").text) - 1 if kind == "p" else -1
            node.information_set = int(reader.expect("number", "an information set").text)
            shares = _read_actions(reader, tree, node)
        paid = [a + b for a, b in zip(paid, _read_outcome(reader, len(paid)), strict=True)]
        if kind == "t":
            tree.ends.append((here, probability, paid))
        waiting += [(here, probability * share, paid) for share in reversed(shares)]
    reader.expect("end", "the end of the file after the last node")
    return tree


def _read_actions(reader: Reader, tree: _Tree, node: _Node) -> list[Fraction]:
    """Read the actions of a node and return by what each multiplies the probability by chance."""
    if reader.current.kind == "text":
        reader.advance()  # the information set's name
    reader.expect("brace", "{ before actions", text="{")
    labels, shares = [], []
    while reader.current.kind == "text":
        labels.append(unquoted(reader.advance()))
        chance = node.player < 0
        shares.append(Fraction(reader.expect("number", "a probability").text) if chance else Fraction(1))
    reader.expect("brace", "} after actions", text="}")
    tree.labels.setdefault((node.player, node.information_set), labels)
    return shares


def _read_outcome(reader: Reader, n_players: int) -> list[Fraction]:
    """Return what a node pays to each player."""
    reader.expect("number", "an outcome")
    if reader.current.kind != "text":
        return [Fraction(0)] * n_players
    reader.advance()  # the outcome's name
    reader.expect("brace", "{ before payoffs", text="{")
    payoffs = []
    while reader.current.text != "}":
        token = reader.expect("number", "a payoff")
        payoffs.append(Fraction(token.text))
        if abs(payoffs[-1]) > LARGEST_PAYOFF:
            raise ValueError(
                f"{reader.name}: payoffs must be at most {LARGEST_PAYOFF:g} in absolute value, got {token.text[:40]}"
            )
        if reader.current.kind == "comma":
            reader.advance()
    reader.advance()
    return payoffs


def _count_strategies(tree: _Tree, player: int) -> tuple[int, bool]:
    """Return the number of a player's reduced strategies, and whether it is exact or only a bound.

    A player that forgets none of its own moves reaches each information set by one sequence of them. So the
    sets form a forest, in which strategies multiply over sets and add up over actions.
    """
    own = [information_set for owner, information_set in tree.labels if owner == player]
    before: dict[int, tuple[int, int] | None] = {}  # the last own move before a set
    forgets = False
    waiting: list[tuple[int, tuple[int, int] | None]] = [(0, None)]
    while waiting:
        here, last = waiting.pop()
        node = tree.nodes[here]
        if node.player != player:
            waiting += [(child, last) for child in reversed(node.children)]
            continue
        forgets = forgets or before.setdefault(node.information_set, last) != last
        children = list(enumerate(node.children))
        waiting += [(child, (node.information_set, k)) for k, child in reversed(children)]
    if forgets:
        return prod(len(tree.labels[player, information_set]) for information_set in own), False
    after = {(s, k): 1 for s in own for k in range(len(tree.labels[player, s]))}
    total = 1
    for information_set in reversed(before):  # sets that come later were met later
        count = sum(after[information_set, k] for k in range(len(tree.labels[player, information_set])))
        last_move = before[information_set]
        if last_move is None:
            total *= count
        else:
            after[last_move] *= count
    return total, True


def _strategies(tree: _Tree, player: int) -> Iterator[dict[int, int]]:
    """Yield a player's reduced strategies: the action at each information set that it may reach."""
    # What waits: nodes to be looked at (a chain of pairs, which many share), and the choices so far.
    waiting: list[tuple[Any, dict[int, int]]] = [((0, None), {})]
    while waiting:
        nodes, chosen = waiting.pop()
        while nodes is not None:
            here, nodes = nodes
            node = tree.nodes[here]
            if node.player != player:
                for child in reversed(node.children):
                    nodes = (child, nodes)
            elif node.information_set in chosen:
                nodes = (node.children[chosen[node.information_set]], nodes)
            else:
                waiting += [
                    ((child, nodes), chosen | {node.information_set: k})
                    for k, child in reversed(list(enumerate(node.children)))
                ]
                break
        else:
            yield chosen


def _names(tree: _Tree, player: int, strategies: list[dict[int, int]]) -> list[str]:
    """Return a name for each strategy: its actions, with their information sets where they must be told."""
    if not strategies[0]:
        return ["no move"]

    def words(form: str) -> list[str]:
        return [
            " ".join(form.format(set=s, action=tree.labels[player, s][k]) for s, k in strategy.items())
            for strategy in strategies
        ]

    for form in ("{action}", "{set}:{action}"):
        names = words(form)
        if len(set(names)) == len(names) and max(map(len, names)) <= _LONGEST_NAME:
            return names
    return [str(k + 1) for k in range(len(strategies))]


def _payoffs(tree: _Tree, strategies: list[list[dict[int, int]]]) -> FloatArray:
    """Return `[n_players, *n_strategies]`: the expected payoffs, exact before they are rounded if they can be."""
    shape = tuple(len(of_player) for of_player in strategies)
    reached = [_reached(tree, player, of_player) for player, of_player in enumerate(strategies)]
    payoffs = np.zeros((len(shape), prod(shape[:-1]), shape[-1]))
    weights, divisors = zip(*(_weights(tree, player) for player in range(len(shape))), strict=True)
    size = max(1, _CHUNK // max(prod(shape[:-1]), shape[-1]))
    for start in range(0, len(tree.ends), size):
        part = slice(start, start + size)
        others = np.ones((1, len(tree.ends[part])))
        for of_player in reached[:-1]:
            others = (others[:, None] * of_player[None, :, part]).reshape(-1, others.shape[-1])
        last = reached[-1][:, part].T.astype(np.float64)
        for i, of_ends in enumerate(weights):
            payoffs[i] += (others * of_ends[part]) @ last
    return np.array(
        [tensor.reshape(shape) / divisor for tensor, divisor in zip(payoffs, divisors, strict=True)]
    )


def _weights(tree: _Tree, player: int) -> tuple[FloatArray, float]:
    """Return `[n_ends]`, probability by chance times payoff, and a common divisor of them.

    They are whole numbers, whose sums are exact in any order, wherever these are small enough.
    """
    products = [probability * paid[player] for _, probability, paid in tree.ends]
    divisor = 1
    for product in products:
        divisor = lcm(divisor, product.denominator)
        if divisor >= 2**53:
            return np.array([float(product) for product in products]), 1.0
    if sum(abs(product) for product in products) * divisor >= 2**53:
        return np.array([float(product) for product in products]), 1.0
    return np.array([float(product * divisor) for product in products]), float(divisor)


def _reached(tree: _Tree, player: int, strategies: list[dict[int, int]]) -> BoolArray:
    """Return `[n_strategies, n_ends]`: whether a player's strategy lets an end be reached."""
    choices: dict[int, NDArray[np.intp]] = {
        s: np.array([strategy.get(s, -1) for strategy in strategies])
        for owner, s in tree.labels
        if owner == player
    }
    place = {node: k for k, (node, _, _) in enumerate(tree.ends)}
    reached = np.zeros((len(strategies), len(tree.ends)), dtype=np.bool_)
    waiting = [(0, np.ones(len(strategies), dtype=np.bool_))]
    while waiting:
        here, by = waiting.pop()
        node = tree.nodes[here]
        if not node.children:
            reached[:, place[here]] = by
        for k, child in enumerate(node.children):
            own = node.player == player
            waiting.append((child, by & (choices[node.information_set] == k) if own else by))
    return reached
