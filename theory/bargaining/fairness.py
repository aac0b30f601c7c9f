r"""How far notions of fairness disagree in a game (thesis section 6.3.1).

Two players may both want to cooperate and still fail because one thinks of the Nash bargaining solution
as fair and the other of Kalai and Smorodinsky's. How much that matters depends on the game: in a symmetric
game all notions agree, in others they are far apart, and each player has a notion that favours it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.bargaining.solutions import BargainingProblem, BargainingSolution
from theory.checks import FloatArray, known_name, shown
from theory.games.game import StrategicGame

# Gains closer than this fraction of a player's payoff range are the same.
SAME_GAIN = 1e-7


@dataclass(frozen=True, eq=False)
class FairnessDisagreement:
    """Four notions of fairness compared in one bargaining problem.

    Attributes
    ----------
    notions
        The names: Nash, Kalai-Smorodinsky, egalitarian, utilitarian.
    solutions
        The bargaining solution of each notion.
    gains
        `[4, n_players]` gains of each player by each notion, divided by the player's payoff range; a
        utilitarian gain may be negative.
    distances
        `[4, 4]` Euclidean distances between the solutions, payoffs divided by the players' ranges. Where the
        utilitarian solution is a face, to its nearest point.
    stakes
        `[n_players]` what the choice of a notion decides: a player's largest minus smallest gain.
    preferred
        For each player the notions by which it gains most.
    """

    notions: tuple[str, ...]
    solutions: tuple[BargainingSolution, ...]
    gains: FloatArray
    distances: FloatArray
    stakes: FloatArray
    preferred: tuple[tuple[str, ...], ...]

    @property
    def largest(self) -> float:
        """The largest distance between two notions; 0 where all agree."""
        return float(self.distances.max())

    @property
    def farthest_apart(self) -> tuple[str, str]:
        """The two notions with the largest distance."""
        first, second = np.unravel_index(int(self.distances.argmax()), self.distances.shape)
        return self.notions[int(first)], self.notions[int(second)]

    def distance(self, one: str, other: str) -> float:
        """Return the distance between two notions by name."""
        return float(self.distances[self._index(one), self._index(other)])

    def winner(self, notion: str, *, rather_than: str) -> int | None:
        """Return the player who gains most if one notion is chosen rather than another; None if nobody does.

        Players are counted from 0, and gains are in payoff ranges.
        """
        advantage = self.gains[self._index(notion)] - self.gains[self._index(rather_than)]
        return int(advantage.argmax()) if advantage.max() > SAME_GAIN else None

    def _index(self, notion: str) -> int:
        return self.notions.index(known_name("notion of fairness", notion, self.notions))


def fairness_disagreement(
    game: StrategicGame | BargainingProblem, *, disagreement: str | ArrayLike | None = None
) -> FairnessDisagreement:
    """Return how far the Nash, Kalai-Smorodinsky, egalitarian and utilitarian solutions are apart.

    Parameters
    ----------
    game
        A game that lists its outcomes, or a bargaining problem.
    disagreement
        The disagreement point of the game by name or as payoffs, by default the security levels; a problem
        has its own, and takes no other.

    Raises
    ------
    NoRationalAgreement
        If no feasible payoff gives everybody at least the disagreement point.
    """
    if not isinstance(game, BargainingProblem):
        problem = BargainingProblem.of(game, "security" if disagreement is None else disagreement)
    elif disagreement is None:
        problem = game
    else:
        raise ValueError(
            f"a bargaining problem has its own disagreement point, got {shown(disagreement)}, too"
        )
    solutions = (
        problem.nash(),
        problem.kalai_smorodinsky(),
        problem.egalitarian(),
        problem.utilitarian(),
    )
    notions = tuple(solution.name for solution in solutions)
    gains = np.array([solution.gains / solution.scale for solution in solutions])
    # The utilitarian solution, which may be a face, is last: every other one is a point.
    distances = np.zeros((len(solutions), len(solutions)))
    for i, one in enumerate(solutions):
        for j, other in enumerate(solutions[:i]):
            distances[i, j] = distances[j, i] = one.distance_to(other.point)
    most = gains.max(axis=0) - SAME_GAIN
    return FairnessDisagreement(
        notions=notions,
        solutions=solutions,
        gains=gains,
        distances=distances,
        stakes=gains.max(axis=0) - gains.min(axis=0),
        preferred=tuple(
            tuple(notion for notion, gain in zip(notions, own, strict=True) if gain >= least)
            for own, least in zip(gains.T, most, strict=True)
        ),
    )
