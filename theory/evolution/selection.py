r"""What processes of selection in finite populations have in common: their names, bounds, payoffs and graphs.

In a step of `birth-death` one individual reproduces, chosen with probability proportional to fitness, and its
offspring replaces a random neighbour (Moran 1958; on graphs Lieberman, Hauert & Nowak 2005). In the others a random
individual gets a new strategy:

- `death-birth`: that of a neighbour, chosen with probability proportional to fitness (Ohtsuki, Hauert,
  Lieberman & Nowak 2006);
- `imitation`: the same, but it competes itself, and may keep its own (Ohtsuki et al. 2006);
- `pairwise`: that of one random neighbour, with probability 1 / (1 + exp(-w (payoff of the neighbour - own
  payoff))) (Szabó & Tőke 1998; Traulsen, Nowak & Pacheco 2006).

In `wright-fisher` all individuals get a new one at once: that of a parent among them and their neighbours, chosen
with probability proportional to fitness (Wright 1931; Imhof & Nowak 2006).

In a well-mixed population everybody else is a neighbour. On a graph all edges count alike, for games and for
replacement; weights, which are known with both uses (Allen et al. 2017), are refused. Payoffs come from games with
all neighbours, summed (`total`) or averaged (`mean`). Fitness is the payoff, or 1 - w + w * payoff for an intensity
of selection w in [0, 1]. Whoever has no competitor of positive fitness keeps its strategy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, known_name, number_within, payoff_array, whole_number
from theory.graphs import ACCUMULATIONS

PROCESSES = ("birth-death", "death-birth", "pairwise", "imitation", "wright-fisher")

NO_FITNESS = "some of those who compete must have a positive fitness, got a state without any"


@dataclass(frozen=True)
class Selection:
    """How payoffs become chances.

    Attributes
    ----------
    process, accumulation
        Names of `PROCESSES` and `ACCUMULATIONS`.
    background, slope
        Fitness is `background + slope * payoff`. In `pairwise` this is the exponent that is compared.
    """

    process: str
    accumulation: str
    background: float
    slope: float

    def fitness(self, payoffs: FloatArray) -> FloatArray:
        """Return the fitness that payoffs make, or raise ValueError where it would be negative."""
        fitness = np.asarray(self.background + self.slope * payoffs)
        if self.process == "pairwise" or not fitness.size:
            return fitness
        # Sums may miss a fitness of zero by rounding.
        rounding = 1e-12 * (self.background + abs(self.slope) * float(np.abs(payoffs).max()))
        if fitness.min() < -rounding:
            raise ValueError(
                f"fitness must not be negative, got {fitness.min():g}: lower the intensity or shift payoffs"
            )
        return np.maximum(fitness, 0.0)

    def partners(self, number: FloatArray) -> FloatArray:
        """Return what sums of payoffs over so many partners are divided by."""
        return number if self.accumulation == "mean" else np.ones_like(number)

    def check_fitness(self, matrix: FloatArray, degrees: FloatArray, size: int) -> None:
        """Raise ValueError if somebody's fitness is negative in some population of at least two strategies.

        `degrees` holds the numbers of partners that occur among `size` individuals. Payoffs are linear in the
        partners' strategies, so the worst are all alike; only who is everybody's partner must leave one for the
        other strategy where they are of its own.
        """
        lowest = np.inf
        others = ~np.eye(len(matrix), dtype=bool)
        for degree in np.unique(degrees):
            partners = self.partners(np.asarray(float(degree)))
            against_others = degree * np.where(others, matrix, np.inf).min(axis=1)
            spared = np.where(others, matrix, np.inf).min(axis=1) if degree == size - 1 else np.diag(matrix)
            against_own = (degree - 1) * np.diag(matrix) + spared
            worst = np.minimum(against_others, against_own) / partners
            lowest = min(lowest, float(worst.min()))
        self.fitness(np.array([lowest]))


def checked_selection(process: str, accumulation: str, intensity: float | None) -> Selection:
    """Return how payoffs become chances, or raise ValueError where a name or the intensity is wrong."""
    known_name("process", process, PROCESSES)
    known_name("accumulation", accumulation, ACCUMULATIONS)
    if intensity is None:
        return Selection(process, accumulation, 0.0, 1.0)
    if process == "pairwise":
        return Selection(process, accumulation, 0.0, number_within("intensity", intensity, 0.0, np.inf))
    w = number_within("intensity", intensity, 0.0, 1.0)
    return Selection(process, accumulation, 1.0 - w, w)


def checked_matrix(matrix: ArrayLike, strategies: int | None = None) -> FloatArray:
    """Return `[n, n]` payoffs of strategy against strategy, or raise ValueError."""
    payoffs = payoff_array("matrix", matrix)
    if strategies is not None and payoffs.shape != (strategies, strategies):
        raise ValueError(f"matrix must have shape {(strategies, strategies)}, got {payoffs.shape}")
    if payoffs.ndim != 2 or payoffs.shape[0] != payoffs.shape[1] or len(payoffs) < 2:
        raise ValueError(
            f"matrix must have shape (n, n) for at least two strategies, got shape {payoffs.shape}"
        )
    return payoffs


def check_population(size: int | None, graph: Any) -> None:
    """Raise ValueError unless exactly one of a size and a graph is given, and the size is at least 2."""
    if (size is None) == (graph is None):
        raise ValueError("give either the size of a well-mixed population or a graph, got both or neither")
    if size is not None:
        whole_number("size", size, at_least=2)


def logistic(gap: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-gap)), the chance of copying somebody who is ahead by the gap."""
    from scipy.special import expit

    return np.asarray(expit(gap))
