"""What equilibria show of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from theory.games.game import Game, Profile
from theory.tables import Table, in_brackets, to_four_figures


def equilibria_table(
    game: Game, profiles: Sequence[Profile], *, complete: bool, continuum: bool, note: str = ""
) -> Table:
    """Return equilibria by names of actions, with payoffs and welfare; the note says if these are all."""
    rows = []
    for profile in profiles:
        payoffs = game.expected_payoffs(profile)
        rows.append(
            (mixtures_in_words(game, profile), in_brackets(payoffs), to_four_figures(float(payoffs.sum())))
        )
    known = "These are all equilibria." if complete else "There may be more equilibria."
    if continuum:
        known = "There are infinitely many equilibria; these are the extreme ones. " + (
            "" if complete else "There may be more."
        )
    title = f"{game.title or 'Game'}: Nash equilibria"
    return Table(
        title, ("profile", "payoffs", "welfare"), rows, f"{known} {note}".rstrip() if note else known
    )


def mixtures_in_words(game: Game, profile: Profile) -> str:
    """Return a profile such as "(C, 0.6667 C + 0.3333 D)", by names of actions."""
    texts = [mixture_in_words(names, mixture) for names, mixture in zip(game.actions, profile, strict=True)]
    return "(" + ", ".join(texts) + ")"


def mixture_in_words(names: Sequence[str], mixture: Iterable[float]) -> str:
    """Return one player's mixture, such as "0.6667 C + 0.3333 D"."""
    played = [(p, name) for p, name in zip(mixture, names, strict=True) if p > 0]
    return played[0][1] if len(played) == 1 else " + ".join(f"{p:.4g} {name}" for p, name in played)
