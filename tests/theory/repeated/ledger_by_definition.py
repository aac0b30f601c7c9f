"""The tables of a ledger mirror by their definitions, in exact rationals: what `theory.ledger_tables` must give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product

import numpy as np

Rows = list[list[Fraction]]
Place = tuple[int, int]


def value_of(rows: Rows) -> Fraction:
    """Return what the row player secures by mixing.

    Some best mixture makes the columns of a square part pay alike, and is nought outside of it (Shapley & Snow 1950).
    """
    secured = []
    for size in range(1, min(len(rows), len(rows[0])) + 1):
        for x in combinations(range(len(rows)), size):
            for y in combinations(range(len(rows[0])), size):
                alike = [[rows[i][j] for i in x] + [Fraction(-1)] for j in y]
                solved = _solved([*alike, [Fraction(1)] * size + [Fraction(0)]])
                if solved is None or min(solved[:size]) < 0:
                    continue
                mixed = zip(x, solved[:size], strict=True)
                weights = dict(mixed)
                secured.append(
                    min(sum(weights[i] * rows[i][j] for i in weights) for j in range(len(rows[0])))
                )
    return max(Fraction(amount) for amount in secured)


def _solved(matrix: Rows) -> list[Fraction] | None:
    """Solve a square system whose right side is (0, ..., 0, 1), by elimination; None where it is singular."""
    n = len(matrix)
    rows = [[*row, Fraction(int(i == n - 1))] for i, row in enumerate(matrix)]
    for column in range(n):
        pivot = next((i for i in range(column, n) if rows[i][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for i in range(n):
            if i != column and rows[i][column]:
                factor = rows[i][column] / rows[column][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    return [rows[i][n] / rows[i][i] for i in range(n)]


class Defined:
    """A game of whole payoffs `[2, n, m]` as a ledger in one seat sees it: own actions in rows."""

    def __init__(self, payoffs: np.ndarray, player: int, agreement: str | Place) -> None:
        self.payoffs = [[[Fraction(int(u)) for u in row] for row in of_one] for of_one in payoffs]
        first = value_of(self.payoffs[0])
        second = value_of([list(column) for column in zip(*self.payoffs[1], strict=True)])
        self.in_game_order = [first, second]
        self.agreed_in_game = self._agreed(agreement)
        seat = (player, 1 - player)
        self.levels = [self.in_game_order[i] for i in seat]
        self.own, self.other = (
            [list(column) for column in zip(*self.payoffs[i], strict=True)] if player else self.payoffs[i]
            for i in seat
        )
        found = self.agreed_in_game
        self.agreed = None if found is None else (found[player], found[1 - player])
        self.n, self.m = len(self.own), len(self.own[0])

    def _agreed(self, agreement: str | Place) -> Place | None:
        n, m = len(self.payoffs[0]), len(self.payoffs[0][0])
        gains = {
            (x, y): [self.payoffs[i][x][y] - self.in_game_order[i] for i in (0, 1)]
            for x, y in product(range(n), range(m))
        }
        usable = [place for place, both in gains.items() if min(both) > 0]
        if not isinstance(agreement, str):
            return agreement if agreement in usable else None
        if not usable:
            return None
        ideal = [max(both[i] for both in gains.values() if min(both) >= 0) for i in (0, 1)]

        def shares(place: Place) -> list[Fraction]:
            return [gain / most for gain, most in zip(gains[place], ideal, strict=True)]

        compared: dict[str, Callable[[Place], tuple[Fraction, Fraction]]] = {
            "nash": lambda place: (gains[place][0] * gains[place][1], min(shares(place))),
            "kalai-smorodinsky": lambda place: (min(shares(place)), max(shares(place))),
            "egalitarian": lambda place: (min(gains[place]), max(gains[place])),
            "utilitarian": lambda place: (gains[place][0] + gains[place][1], min(gains[place])),
        }
        return max(usable, key=compared[agreement])

    @property
    def places(self) -> list[Place]:
        return list(product(range(self.n), range(self.m)))

    @property
    def values(self) -> list[Fraction]:
        if self.agreed is None:
            return self.levels
        x, y = self.agreed
        return [self.own[x][y], self.other[x][y]]

    def relative(self, x: int, y: int) -> list[Fraction]:
        """What either gets above the agreed payoff, in units of what the agreement gains it."""
        gains = [v - d for v, d in zip(self.values, self.levels, strict=True)]
        return [
            (self.own[x][y] - self.values[0]) / gains[0],
            (self.other[x][y] - self.values[1]) / gains[1],
        ]

    @property
    def full_harm(self) -> Fraction:
        if self.agreed is None:
            return Fraction(0)
        return max(self._net(self.agreed[0], y) for y in range(self.m))

    def _net(self, x: int, y: int) -> Fraction:
        own, other = self.relative(x, y)
        return other - own

    def net_harm(self, x: int, y: int) -> Fraction:
        return Fraction(0) if self.agreed is None else self._net(x, y) / (self.full_harm or 1)

    @property
    def first_order(self) -> Fraction:
        return Fraction(0) if self.agreed is None else max(sum(self.relative(*p)) for p in self.places)

    @property
    def temptation(self) -> Fraction:
        if self.agreed is None:
            return Fraction(0)
        return (max(self.other[self.agreed[0]]) - self.values[1]) / spread_of(self.other)

    def harsh(self, x: int) -> Fraction:
        """How much an own action harms one who keeps to the agreement."""
        return Fraction(0) if self.agreed is None else -self.net_harm(x, self.agreed[1])

    def cost(self, x: int) -> Fraction:
        return Fraction(0) if self.agreed is None else -self.own[x][self.agreed[1]]

    @cached_property
    def pure_maxmin(self) -> set[int]:
        """The own actions that secure the own level alone and are best by what is compared; empty where none does."""
        securing = [x for x in range(self.n) if min(self.own[x]) == self.levels[0]]
        keys = {x: (sorted(self.own[x]), self.harsh(x)) for x in securing}
        return {x for x in securing if keys[x] == max(keys.values())}

    @property
    def minmax(self) -> set[int]:
        """The own actions that leave the other least and are best by what is compared."""
        keys = {x: (max(self.other[x]), -self.harsh(x), self.cost(x)) for x in range(self.n)}
        return {x for x in keys if keys[x] == min(keys.values())}

    def deterring(self, mixture: Sequence[Fraction], resisting: int, discount: Fraction) -> set[Fraction]:
        """Return the losses, in own payoff ranges, that deter a bully, of all its best replies to the mixture."""
        got = [sum(mixture[x] * self.other[x][y] for x in range(self.n)) for y in range(self.m)]
        most, losses = max(got), {}
        for y in range(self.m):
            if got[y] == most:
                losses[y] = (self.levels[0] - self.own[resisting][y]) / spread_of(self.own)
        found = set()
        for y in [y for y in losses if losses[y] == max(losses.values())]:
            left, rounds = self.other[resisting][y], 0
            if self.agreed is not None and losses[y] > 0 and most > self.values[1] > left:
                while discount**rounds * (most - left) > self.values[1] - left:
                    rounds += 1
            found.add(losses[y] * rounds if rounds else Fraction(0))
        return found


def spread_of(rows: Rows) -> Fraction:
    """Return the payoff range, or 1 where all are alike."""
    every = [u for row in rows for u in row]
    return max(every) - min(every) or Fraction(1)
