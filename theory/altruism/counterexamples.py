"""Six small games in which more altruism makes things worse (thesis section 5.2).

The thesis expects that player 1's payoff V1 falls in its own weight alpha and rises in the other's weight
beta, and that welfare W = V1 + V2 rises in both. None of the three holds for every game: in the first three
games the equilibrium is unique and strict before and after, so that no choice among equilibria is to
blame. What is true instead is in `theory.altruism.monotonicity` and `theory.altruism.thresholds`.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from theory.checks import FloatArray
from theory.games.game import Game, Profile


@dataclass(frozen=True, eq=False)
class AltruismCase:
    """A game, two pairs of weights, and what equilibrium play gives at each of them.

    Attributes
    ----------
    name, statement
        A short name, and what goes against the expectation.
    game
        The game with its original payoffs.
    before, after
        The weights (alpha, beta) compared; none of them falls.
    profile_before, profile_after
        The equilibrium of `game.altruistic(*before)`, and of `game.altruistic(*after)`.
    equilibrium
        Which one it is: `"unique"`, `"worst-strict"` or `"mixed"` (between two pure ones).
    """

    name: str
    statement: str
    game: Game
    before: tuple[float, float]
    after: tuple[float, float]
    profile_before: tuple[FloatArray, ...]
    profile_after: tuple[FloatArray, ...]
    equilibrium: str

    @property
    def payoffs_before(self) -> FloatArray:
        """`[2]`: original payoffs (V1, V2) at the first equilibrium."""
        return self.game.expected_payoffs(self.profile_before)

    @property
    def payoffs_after(self) -> FloatArray:
        """`[2]`: original payoffs (V1, V2) at the second equilibrium."""
        return self.game.expected_payoffs(self.profile_after)


def altruism_counterexamples() -> tuple[AltruismCase, ...]:
    """Return the six counterexamples; payoffs are listed as bimatrices, mixtures exactly."""
    top, bottom, half = [1, 0], [0, 1], [1 / 2, 1 / 2]
    return (
        _case(
            "own-payoff-rises",
            "player 1 gains from its own altruism: it gives way, and the other's reply repays it",
            ([[0, 2], [1, 3]], [[3, 4], [1, 0]]),
            before=((0, 0), (bottom, top)),
            after=((1, 0), (top, bottom)),
        ),
        _case(
            "welfare-falls",
            "player 1 gives, the selfish player 2 takes more than that, and gains less than player 1 loses",
            ([[0, 3], [1, 4]], [[4, 3], [0, 1]]),
            before=((0, 0), (bottom, bottom)),
            after=((1, 0), (top, top)),
        ),
        _case(
            "other-payoff-falls",
            "player 2, itself fully altruistic, gives up more for player 1 than player 1's altruism gives it",
            ([[1, 5], [0, 4]], [[5, 0], [7, 4]]),
            before=((0, 1), (top, top)),
            after=((1, 1), (bottom, bottom)),
        ),
        _case(
            "bad-equilibrium-appears",
            "the best outcome was the only equilibrium; altruism adds a strict one, half as good",
            ([[4, 3], [0, 2]], [[4, 0], [3, 2]]),
            before=((0, 0), (top, top)),
            after=((0.75, 0.75), (bottom, bottom)),
            equilibrium="worst-strict",
        ),
        _case(
            "mixed-equilibrium",
            "player 1 and welfare lose, and player 2 gains nothing",
            ([[2, 0], [0, 1]], [[0, 1], [1, 0]]),
            before=((0, 0), (half, [1 / 3, 2 / 3])),
            after=((0.5, 0), (half, [1 / 4, 3 / 4])),
        ),
        _case(
            "stag-hunt-mixed",
            "in the Stag Hunt's equilibrium between its two pure ones, both hunt the stag less",
            ([[4, 0], [3, 1]], [[4, 3], [0, 1]]),
            before=((0, 0), (half, half)),
            after=((0.25, 0.25), ([1 / 5, 4 / 5], [1 / 5, 4 / 5])),
            equilibrium="mixed",
        ),
    )


def _case(
    name: str,
    statement: str,
    payoffs: tuple[ArrayLike, ArrayLike],
    *,
    before: tuple[tuple[float, float], Profile],
    after: tuple[tuple[float, float], Profile],
    equilibrium: str = "unique",
) -> AltruismCase:
    game = Game.bimatrix(*payoffs, title=name)
    return AltruismCase(
        name=name,
        statement=statement,
        game=game,
        before=before[0],
        after=after[0],
        profile_before=game.check_profile(before[1]),
        profile_after=game.check_profile(after[1]),
        equilibrium=equilibrium,
    )
