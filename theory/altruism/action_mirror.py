r"""Mirroring a cooperativeness that is read off single actions (thesis section 5.3.1).

Where cooperation pays from a threshold t on (in the Prisoner's Dilemma of Table 3.2, t = 1/3 whatever the
other does), one action shows only a set: defection that the other's weight lies in [0, t), cooperation
that it lies in [t, 1]. An *estimator* picks one number from that set:

- `"lower"`: its lower end, 0 after defection and t after cooperation;
- `"mean"`: the mean of a uniform posterior (equation 5.1 with a uniform prior), t/2 and (1 + t)/2;
- `"upper"`: its upper end (the benefit of the doubt), just below t and 1.

A mirroring player then weighs the other's payoff by clip(estimate + epsilon) and cooperates if this
reaches its own threshold. Mutual defection is absorbing if and only if the estimate after defection plus
epsilon stays below the threshold, and the same inequality decides whether a pure defector can exploit the
player. So **escape from mutual defection and safety against a defector exclude each other** for every
rule that looks one action back.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nextafter
from typing import Any, Literal, get_args

from theory.arguments import checked
from theory.checks import finite_number, is_list, known_name, position, shown

Estimator = Literal["lower", "mean", "upper"]

COOPERATE, DEFECT = 0, 1


@dataclass(frozen=True)
class CooperativenessEstimates:
    """What one action tells of the weight behind it: `after_cooperation` and `after_defection`."""

    after_cooperation: float
    after_defection: float


def cooperativeness_estimates(threshold: float, estimator: Estimator) -> CooperativenessEstimates:
    """Return the estimates of the weight of a player who cooperates from `threshold` in (0, 1] on."""
    t = _threshold(threshold)
    known_name("estimator", estimator, get_args(Estimator))
    if estimator == "lower":
        return CooperativenessEstimates(after_cooperation=t, after_defection=0.0)
    if estimator == "mean":
        return CooperativenessEstimates(after_cooperation=(1.0 + t) / 2.0, after_defection=t / 2.0)
    # The set [0, t) is open: its upper end is not in it, the largest number below t is.
    return CooperativenessEstimates(after_cooperation=1.0, after_defection=nextafter(t, 0.0))


@dataclass(frozen=True)
class ActionMirror:
    """A player who mirrors the weight that it reads off the other's last action.

    Attributes
    ----------
    threshold
        The weight in (0, 1] from which this player cooperates, such as the lower end of
        `theory.altruism.cooperation_thresholds(game).alpha`.
    estimator
        `"lower"`, `"mean"` or `"upper"`.
    epsilon
        Its generosity, added to the estimate.
    threshold_of_other
        The weight from which the other cooperates, in this player's eyes; by default `threshold`.
    """

    threshold: float
    estimator: Estimator = "mean"
    epsilon: float = 0.0
    threshold_of_other: float | None = None

    def __post_init__(self) -> None:
        finite_number("epsilon", self.epsilon)
        _threshold(self.threshold)
        self.estimates  # noqa: B018 - a wrong estimator must fail here, not at the first move

    @property
    def estimates(self) -> CooperativenessEstimates:
        """What this player reads off the other's actions."""
        other = self.threshold if self.threshold_of_other is None else self.threshold_of_other
        return cooperativeness_estimates(other, self.estimator)

    def weight(self, seen: int) -> float:
        """Return clip(estimate + epsilon), the weight after seeing action 0 (C) or 1 (D)."""
        seen = position("an action that is seen", seen, 2)
        estimates = self.estimates
        estimate = estimates.after_cooperation if seen == COOPERATE else estimates.after_defection
        return min(1.0, max(0.0, estimate + self.epsilon))

    def reply(self, seen: int) -> int:
        """Return the action, 0 (C) or 1 (D), after seeing the other's action."""
        return COOPERATE if self.weight(seen) >= self.threshold else DEFECT

    @property
    def forgives_defection(self) -> bool:
        """Whether it cooperates right after a defection: it escapes mutual defection, and is exploitable."""
        return self.reply(DEFECT) == COOPERATE

    @property
    def is_safe_against_defector(self) -> bool:
        """Whether an unconditional defector meets defection: exactly where defection is not forgiven."""
        return not self.forgives_defection


def action_mirror(name: str, value: Any) -> ActionMirror:
    """Return a player who mirrors actions, or raise ValueError."""
    if not isinstance(value, ActionMirror):
        raise ValueError(f"{name} must be an ActionMirror, got {shown(value)}")
    return value


@checked(first=action_mirror, second=action_mirror)
def mutual_defection_is_absorbing(first: ActionMirror, second: ActionMirror) -> bool:
    """Return whether two mirroring players never leave (D, D): neither forgives a defection."""
    return first.is_safe_against_defector and second.is_safe_against_defector


@checked(first=action_mirror, second=action_mirror)
def mirrored_play(
    first: ActionMirror, second: ActionMirror, start: tuple[int, int]
) -> tuple[tuple[int, int], ...]:
    """Return the cycle of action pairs that simultaneous mirroring from `start` ends in.

    The cycle is given from the pair at which play enters it: one pair is a rest point, two are an echo.
    There are four pairs, so that the search ends after four rounds at most.
    """
    if not is_list(start) or len(start) != 2:
        raise ValueError(f"start must be an action of each player, got {shown(start)}")
    visited = [(position("an action in start", start[0], 2), position("an action in start", start[1], 2))]
    while True:
        one, other = visited[-1]
        following = (first.reply(other), second.reply(one))
        if following in visited:
            return tuple(visited[visited.index(following) :])
        visited.append(following)


def _threshold(value: float) -> float:
    threshold = finite_number("threshold", value)
    if not 0.0 < threshold <= 1.0:
        raise ValueError(
            f"threshold must lie in (0, 1], where actions tell something about the weight, got {threshold:g}"
        )
    return threshold
