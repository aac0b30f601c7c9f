"""What is known of classic learners beforehand, each with its source: a text, a closed form or a definition.

Figures are printed as known only where they follow from a closed form or a definition; what a paper claims in words
stands in words. Where no published figure could be checked there is no entry, and the table says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

ABSTRACT = "Foerster et al. 2018, abstract"
CLOSED = "closed form"
DEFINITION = "definition"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What should come out.

    Attributes
    ----------
    words
        What is known, as the table shows it.
    source
        Where from.
    value, within
        A number, and how far from it a mean may be.
    above, below
        Bounds, beyond which all of the 95% interval must be.
    """

    words: str
    source: str
    value: float | None = None
    within: float = 0.0
    above: float = -math.inf
    below: float = math.inf

    def holds(self, mean: float, interval: tuple[float, float] | None) -> bool | None:
        """Return whether what was measured agrees; None where too few runs were measured to tell."""
        if self.value is not None:
            return abs(mean - self.value) <= self.within
        low, high = interval or (mean, mean)
        if low > self.above and high < self.below:
            return True
        return False if high <= self.above or low >= self.below else None


# The real root of x^3 = x^2 + 1: by which stretches of Shapley's game grow (docs/classic-learners.md derives it).
SHAPLEYS_RATIO = 1.4655712318767680

# A value of the grid games is known to agree within two hundredths of what a prize of 100 and a loss of 1 span.
_GRID = 0.02 * 101.0

KNOWN: dict[tuple[str, str, str], Known] = {
    ("naive", "iterated-dilemma", "cooperate"): Known(
        words="independent learning does not cooperate", source=ABSTRACT, below=0.5
    ),
    ("lola", "iterated-dilemma", "cooperate"): Known(words="cooperation", source=ABSTRACT, above=0.5),
    ("lola", "iterated-dilemma", "cooperate conditionally"): Known(
        words="tit-for-tat emerges", source=ABSTRACT, above=0.5
    ),
    ("lola-against-naive", "iterated-dilemma", "first ahead by"): Known(
        words="LOLA gets more", source=ABSTRACT, above=0.0
    ),
    ("lola", "iterated-pennies", "within .1 of 1/2"): Known(
        words="converges to the equilibrium", source=ABSTRACT, above=0.5
    ),
    ("fictitious-play", "shapley", "growth of stretches"): Known(
        words="1.46557", source=CLOSED, value=SHAPLEYS_RATIO, within=0.005
    ),
    ("fictitious-play", "shapley", "largest regret"): Known(
        words="never at rest (Shapley 1964)", source=CLOSED, above=0.05
    ),
    ("fictitious-play", "rock-paper-scissors", "largest regret"): Known(
        words="0 in the limit (Robinson 1951)", source=CLOSED, value=0.0, within=0.04
    ),
    ("fictitious-play", "matching-pennies", "largest regret"): Known(
        words="0 in the limit (Robinson 1951)", source=CLOSED, value=0.0, within=0.04
    ),
    ("minimax-q", "matching-pennies", "value"): Known(words="0", source=CLOSED, value=0.0, within=0.04),
    ("minimax-q", "rock-paper-scissors", "value"): Known(words="0", source=CLOSED, value=0.0, within=0.04),
    ("minimax-q", "biased-pennies", "value"): Known(words="10/3", source=CLOSED, value=10 / 3, within=0.08),
    ("friend-q", "grid-game-1", "value"): Known(
        words="100 × .99^3", source=CLOSED, value=100 * 0.99**3, within=_GRID
    ),
    ("friend-q", "grid-game-2", "value"): Known(
        words="100 × .99^2", source=CLOSED, value=100 * 0.99**2, within=_GRID
    ),
    ("foe-q", "grid-game-1", "value"): Known(words="0", source=CLOSED, value=0.0, within=_GRID),
    ("foe-q", "grid-game-2", "value"): Known(
        words="50 × .99^2", source=CLOSED, value=50 * 0.99**2, within=_GRID
    ),
    ("minimax-q", "soccer", "value with the ball"): Known(
        words="0.2185, solved exactly", source="Shapley iteration", value=0.21848444, within=0.04
    ),
    ("minimax-q", "soccer", "worst loss at kick-off"): Known(
        words="0, solved exactly", source="Shapley iteration", value=0.0, within=0.04
    ),
    ("optimistic-joint-action", "climbing", "best outcome"): Known(
        words="11 is the best", source=DEFINITION, above=0.5
    ),
}
