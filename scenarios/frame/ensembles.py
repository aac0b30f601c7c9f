"""Random symmetric games of a kind: Prisoner's Dilemmas, Chickens and Stag Hunts, by four sorted numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from theory.checks import FloatArray

# The order of four random payoffs, from the greatest on, and which ensemble of a seed it is.
ENSEMBLES: Mapping[str, tuple[str, int]] = MappingProxyType(
    {"dilemmas": ("TRPS", 1), "chickens": ("TRSP", 2), "stag-hunts": ("RTPS", 3)}
)


def random_payoffs(ensemble: str, number: int, seed: int) -> FloatArray:
    """Return `[number, 4]`: T, R, P and S of random games of a kind.

    Four numbers, uniform on [0, 1) and sorted, are drawn again until 2 R > T + S: else taking turns would beat
    mutual cooperation.
    """
    order, stream = ENSEMBLES[ensemble]
    generator = np.random.default_rng([seed, stream])
    games: list[list[float]] = []
    while len(games) < number:
        payoff = dict(zip(order, np.sort(generator.random(4))[::-1].tolist(), strict=True))
        if 2.0 * payoff["R"] > payoff["T"] + payoff["S"]:
            games.append([payoff[letter] for letter in "TRPS"])
    return np.array(games)
