"""Classic reciprocal strategies on degrees of cooperation; with two levels they are the well-known ones."""

from __future__ import annotations

from simulation.compilation import rule
from simulation.gradual.state import CHOICE, COUNTER, Mind, Player

# Position of generous Tit-for-Tat's tunable, and of win-stay lose-shift's.
GENEROSITY = 0
ASPIRATION = 0


@rule
def is_cooperative(action: int, n_actions: int) -> bool:
    """Return whether a level is at least 1/2."""
    return 2 * action <= n_actions - 1


@rule
def play_tit_for_tat(player: Player, other: int, first: bool, draw: float) -> int:
    """Cooperate fully at first and with the probability of generosity; else copy the other's last level."""
    return 0 if first or draw < player.tunables[GENEROSITY] else other


@rule
def play_grim(player: Player, mind: Mind, other: int, first: bool) -> int:
    """Cooperate fully until the other's level is below 1/2, then defect for ever."""
    n_actions = player.own_payoffs.shape[1]
    if not first and not is_cooperative(other, n_actions):
        mind.numbers[COUNTER] = 1.0
    return player.own_payoffs.shape[0] - 1 if mind.numbers[COUNTER] > 0.0 else 0


@rule
def play_win_stay(mind: Mind, first: bool) -> int:
    """Cooperate fully at first; then keep the level or shift as the last payoff said."""
    return 0 if first else int(mind.numbers[CHOICE])


@rule
def learn_win_stay(player: Player, mind: Mind, own: int, payoff: float) -> None:
    """Keep the level if the payoff reached the aspiration; else shift between C and D."""
    n_actions = player.own_payoffs.shape[0]
    if payoff >= player.tunables[ASPIRATION]:
        mind.numbers[CHOICE] = own
    else:
        mind.numbers[CHOICE] = n_actions - 1 if is_cooperative(own, n_actions) else 0
