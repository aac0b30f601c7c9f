"""What a game shows of itself: its payoffs, as game theorists draw them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from theory.checks import FloatArray
from theory.tables import Entry, Pieces, Table, Underlined, exactly

# Outcomes of a game that is written out.
MOST_OUTCOMES = 64


def payoff_matrices(
    payoffs: FloatArray,
    *,
    title: str,
    players: Sequence[str],
    actions: Sequence[Sequence[str]],
    as_read: FloatArray,
) -> list[Table]:
    """Return payoffs as a matrix, the row player's first, with those of best replies underlined.

    Of more than two players there is a matrix for each combination of the others' actions; of one player a list. A
    game of more than `MOST_OUTCOMES` outcomes is named by its size alone.

    Parameters
    ----------
    payoffs
        `[n_players, *n_actions]`.
    title, players, actions
        Names.
    as_read
        `payoffs` in which those that differ by rounding alone are equal: what is a best reply is read from these.
    """
    title = title or "Game"
    if payoffs[0].size > MOST_OUTCOMES:
        sizes = " x ".join(str(len(names)) for names in actions)
        row = (str(len(players)), sizes)
        return [Table(title, ("players", "actions"), [row], "It is too large to be written out.")]
    best = np.stack([of_one == of_one.max(axis=k, keepdims=True) for k, of_one in enumerate(as_read)])

    def entry(*outcome: int) -> Entry:
        pieces: list[str] = []
        for player in range(len(players)):
            number = exactly(payoffs[(player, *outcome)])
            pieces += [Underlined(number) if best[(player, *outcome)] else number, ", "]
        return Pieces(pieces[:-1])

    note = f"Payoffs of {', '.join(players)}; underlined: best replies."
    if len(players) == 1:
        rows = [(name, entry(k)) for k, name in enumerate(actions[0])]
        return [Table(title, (players[0], "payoff"), rows, note)]
    tables = []
    for others in product(*(range(len(names)) for names in actions[2:])):
        played = [
            f"{player} plays {names[action]}"
            for player, names, action in zip(players[2:], actions[2:], others, strict=True)
        ]
        of_others: list[Sequence[Entry]] = [
            (name, *(entry(row, column, *others) for column in range(len(actions[1]))))
            for row, name in enumerate(actions[0])
        ]
        heading = f"{title}: {', '.join(played)}" if played else title
        is_last = all(action == len(names) - 1 for action, names in zip(others, actions[2:], strict=True))
        corner = f"{players[0]} \\ {players[1]}"
        tables.append(Table(heading, (corner, *actions[1]), of_others, note if is_last else ""))
    return tables
