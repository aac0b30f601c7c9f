"""Where two ledger mirrors rest whose hands slip, in 2x2 dilemmas and Chickens: theorem J of `docs/ledger.md`."""

from __future__ import annotations

from typing import NamedTuple

from theory.arguments import checked
from theory.checks import number_within


class RestingPlay(NamedTuple):
    """Long-run frequencies of outcomes; they sum to 1."""

    both_cooperate: float
    one_cooperates: float
    neither_cooperates: float


@checked()
def resting_play(noise: float) -> RestingPlay:
    """Return how often two ledger mirrors of the usual numbers play which outcome, where (C, C) is agreed on.

    What one owes the other is a walk |N| on 0, 1, 2, 3. Where it is 0 or 1 both mean C, where it is 2 or 3 one of
    them means D. With e the noise its steps have the probabilities

        0 -> 1: 2 e (1 - e),   1 -> 0 and 1 -> 2: e (1 - e),   2 -> 1 and 3 -> 2: (1 - e)^2,   2 -> 3: e^2

    which a distribution proportional to 1, 2, 2 r, 2 r^3 with r = e / (1 - e) leaves as it is. Left out are vetoes
    and peace offers, which two ledgers without errors of perception hardly make where T > R. In a Stag Hunt they may
    offer peace in place of any punishment.

    Parameters
    ----------
    noise
        e in [0, 1/2]: probability, for each player in each round, that its action is swapped.
    """
    e = number_within("noise", noise, 0.0, 0.5)
    ratio = e / (1.0 - e)
    weights = (1.0, 2.0, 2.0 * ratio, 2.0 * ratio**3)
    kind = (weights[0] + weights[1]) / sum(weights)
    both = kind * (1.0 - e) ** 2 + (1.0 - kind) * e * (1.0 - e)
    neither = kind * e**2 + (1.0 - kind) * e * (1.0 - e)
    return RestingPlay(both, 1.0 - both - neither, neither)
