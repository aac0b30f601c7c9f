"""What games of many players show of themselves, of which no matrix is written: what one player gets."""

from __future__ import annotations

from collections.abc import Sequence

from theory.tables import Table, exactly


def one_players_payoffs(
    title: str, table: Sequence[Sequence[float]], *, note: str, partners: str = "all others"
) -> list[Table]:
    """Return what C and D pay where the partners cooperate and where they defect: `table` is [[R, S], [T, P]]."""
    columns = ("one player", f"{partners} C", f"{partners} D")
    rows = [(name, *map(exactly, payoffs)) for name, payoffs in zip("CD", table, strict=True)]
    return [Table(title or "Game", columns, rows, note)]
