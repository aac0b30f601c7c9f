r"""Whether a linear dilemma has a Pareto-optimal Nash equilibrium, decided at its pure equilibria.

*Within lotteries the pure equilibria decide.* Let a mixed equilibrium be Pareto-optimal. Its payoffs then lie
on a face of the set of feasible payoffs on which some sum with positive weights is largest, so every outcome
that it may lead to is on that face, hence Pareto-optimal too. One of these outcomes is an equilibrium: in
each case of `theory.many_players.linear_equilibria` the players of a mixed equilibrium end up, with positive
probability, with a number of cooperators at which nobody wants to change. By symmetry all outcomes with that
number are alike.

Within fewer dominating outcomes a mixed equilibrium may be optimal although no pure one is; then the
question stays open unless there are no mixed equilibria.
"""

from __future__ import annotations

import numpy as np

from theory.many_players.linear_dilemma import LinearDilemma
from theory.pareto.slack import TOLERANCE


def pareto_optimal_nash_exists(game: LinearDilemma, *, within: str = "lotteries") -> bool | None:
    """Return whether some Nash equilibrium is Pareto-optimal, or None where the pure ones cannot tell.

    Parameters
    ----------
    game
        The linear dilemma.
    within
        What may dominate: `lotteries`, `independent` mixtures or `pure` profiles.

    Raises
    ------
    ValueError
        If `within` is unknown, or the slack of a pure equilibrium cannot be settled within it.
    """
    equilibria = game.equilibria()
    if equilibria.best_welfare >= game.welfare_range[1]:
        return True  # nothing dominates the largest welfare
    for cooperators in equilibria.cooperators:
        profile = game.profile((np.arange(game.n_players) < cooperators).astype(np.float64))
        slack = game.pareto_slack(game.expected_payoffs(profile), within=within)
        if slack.relative_gain <= TOLERANCE:
            return True
    only_pure = game.greed * game.fear > 0
    return False if within == "lotteries" or only_pure else None
