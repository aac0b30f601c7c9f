"""Matrix-game social dilemmas of two players, by greed and fear (thesis section 3.1.2)."""

from __future__ import annotations

from theory.arguments import checked
from theory.checks import finite_number, plain_text
from theory.games.game import Game


class MatrixDilemma(Game):
    """A symmetric game of two players who cooperate (action 0) or defect (action 1).

    R is the *reward* of mutual cooperation, P the *punishment* of mutual defection, T the *temptation* of
    defecting against a cooperator and S the *sucker* payoff of cooperating against a defector. *Greed*
    is T - R, *fear* is P - S.
    """

    def __init__(
        self, *, reward: float, sucker: float, temptation: float, punishment: float, title: str = ""
    ) -> None:
        self.reward = finite_number("reward", reward)
        self.sucker = finite_number("sucker", sucker)
        self.temptation = finite_number("temptation", temptation)
        self.punishment = finite_number("punishment", punishment)
        row = [[self.reward, self.sucker], [self.temptation, self.punishment]]
        column = [[self.reward, self.temptation], [self.sucker, self.punishment]]
        super().__init__([row, column], actions=(("C", "D"), ("C", "D")), title=title)

    @property
    def greed(self) -> float:
        """T - R: the motive to exploit a cooperator."""
        return self.temptation - self.reward

    @property
    def fear(self) -> float:
        """P - S: the motive to avoid being exploited."""
        return self.punishment - self.sucker

    @property
    def tunables(self) -> dict[str, float]:
        """The four numbers that make the game, by the names that `tuned` knows."""
        return {
            "greed": self.greed,
            "fear": self.fear,
            "reward": self.reward,
            "punishment": self.punishment,
        }

    def tuned(
        self,
        *,
        greed: float | None = None,
        fear: float | None = None,
        reward: float | None = None,
        punishment: float | None = None,
    ) -> MatrixDilemma:
        """Return the dilemma with some of its numbers changed, the others as they are, and a title that says so."""
        given = {"greed": greed, "fear": fear, "reward": reward, "punishment": punishment}
        changes = {name: finite_number(name, value) for name, value in given.items() if value is not None}
        if all(changes[name] == self.tunables[name] for name in changes):
            return self
        numbers = self.tunables | changes
        title = f"Dilemma of greed {numbers['greed']:g} and fear {numbers['fear']:g}"
        return matrix_dilemma(**numbers, title=title)

    @property
    def violated_conditions(self) -> tuple[str, ...]:
        """Those of the four conditions of a social dilemma (Macy & Flache 2002) that do not hold."""
        R, S, T, P = self.reward, self.sucker, self.temptation, self.punishment
        conditions = {
            f"1: mutual cooperation is preferred to mutual defection (R > P): {R:g} > {P:g}": R > P,
            f"2: mutual cooperation is preferred to being exploited (R > S): {R:g} > {S:g}": R > S,
            "3: mutual cooperation is preferred to unilateral defection by either player alike "
            f"(2R > T + S): {2 * R:g} > {T + S:g}": 2 * R > T + S,
            f"4: there is greed or fear (T > R or P > S): {T:g} > {R:g} or {P:g} > {S:g}": T > R or P > S,
        }
        return tuple(condition for condition, holds in conditions.items() if not holds)

    @property
    def is_social_dilemma(self) -> bool:
        """Whether all four conditions hold."""
        return not self.violated_conditions


@checked(title=plain_text)
def matrix_dilemma(
    *, greed: float, fear: float, reward: float = 3.0, punishment: float = 1.0, title: str = ""
) -> MatrixDilemma:
    """Return the symmetric 2x2 game with T = reward + greed and S = punishment - fear (thesis Table 4.1).

    Any finite values are accepted: `violated_conditions` of the game says what keeps it from being a
    social dilemma.
    """
    return MatrixDilemma(
        reward=finite_number("reward", reward),
        sucker=finite_number("punishment", punishment) - finite_number("fear", fear),
        temptation=finite_number("reward", reward) + finite_number("greed", greed),
        punishment=punishment,
        title=title,
    )
