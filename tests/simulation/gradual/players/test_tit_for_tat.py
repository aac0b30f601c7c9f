"""The generosity that is safe: published values, and what it is safe from by exact payoffs."""

import pytest

from simulation.gradual.players import TitForTat
from simulation.gradual.players.tit_for_tat import numbers, safe_generosity
from theory import Game, MemoryOne, memory_one_payoffs, named_game


def game_of(t: float, r: float, p: float, s: float) -> Game:
    return Game.bimatrix([[r, s], [t, p]], [[r, t], [s, p]])


@pytest.mark.parametrize(
    ("game", "generosity"),
    [
        (game_of(5, 3, 1, 0), 1 / 3),  # Nowak & Sigmund (1992)
        (game_of(4.5, 3, 1, 0), 1 / 2),
        (game_of(6, 4, 1, 0), 1 / 2),
        (game_of(5, 3, 0.5, 0), 1 / 3),
        (game_of(6, 3, 1, 0), 0.0),  # 2 R = T + S: none is safe
        (named_game("stag-hunt"), 1.0),
        (game_of(3, 1, 2, 0), 0.0),  # Deadlock: nothing to be gained by it
    ],
)
def test_known_values(game: Game, generosity: float) -> None:
    for role in (0, 1):
        assert safe_generosity(game, role) == pytest.approx(generosity)
        assert numbers(TitForTat(generosity=None).seat(game, role).numbers).generosity == pytest.approx(
            generosity
        )


@pytest.mark.parametrize("payoffs", [(5, 3, 1, 0), (6, 4, 1, 0), (4.5, 3, 1, 0), (4, 3, 1, 0)])
def test_defection_pays_against_more_of_it_and_not_against_less(payoffs: tuple[float, ...]) -> None:
    game = game_of(*payoffs)
    g = safe_generosity(game, 0)
    pure = [MemoryOne(1 - a, tuple(1 - k for k in (b, c, d, e)))
            for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1) for e in (0, 1)]  # fmt: skip
    for off, may_gain in ((-0.05, False), (0.05, True)):
        generous = MemoryOne(1, (1, g + off, 1, g + off))
        gains = [memory_one_payoffs(rival, generous, game).payoffs[0] - payoffs[1] for rival in pure]
        assert (max(gains) > 1e-6) == may_gain
