"""What a duel is measured by: payoffs, safety, how punishment compares with the offence."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from theory import Game
from theory.checks import FloatArray
from theory.verdicts.facts import GameFacts

KEYS_OF_DUELS = {
    "payoff": "mean payoff of the first player over counted rounds and runs; `payoff_interval`: its 95% interval",
    "payoff_interval": "see `payoff`",
    "partner_payoff": "mean payoff of the second player",
    "cooperation": "mean level of cooperation that the first player played; `partner_cooperation` of the second",
    "partner_cooperation": "see `cooperation`",
    "advantage": "first player's payoff less the second's, in payoff ranges",
    "loss_below_security": "how far the first player is below its security level, in payoff ranges",
    "offence": "what the first player would have got more a round had the second cooperated fully",
    "punishment": "what the second player would have got more a round had the first cooperated fully",
    "punishment_over_offence": "their ratio; None where there is no offence",
    "zero_evidence": "rounds that no cooperativeness of the second player could explain to the first",
}


def interval_of(values: FloatArray) -> tuple[float, float, float]:
    """Return the mean over runs and its 95% interval (Student's t); a single run has no width."""
    mean = float(values.mean())
    if len(values) < 2 or float(values.std()) == 0.0:
        return mean, mean, mean
    from scipy.stats import t

    half = float(t.ppf(0.975, len(values) - 1)) * float(values.std(ddof=1)) / len(values) ** 0.5
    return mean, mean - half, mean + half


def duel_measures(facts: GameFacts, data: xr.Dataset, burn_in: int) -> dict[str, Any]:
    """Return how player 1 fared in duels whose rounds are all recorded, over the rounds from `burn_in` on.

    Offence is what player 1 would have got more had player 2 cooperated fully, given its own actions;
    punishment what player 2 would have got more had player 1 cooperated fully, given player 2's. Both are
    sums of the positive parts over rounds; their ratio, over all runs, is None where there is no offence.
    """
    game, security = facts.game, facts.security_levels
    assert isinstance(game, Game)
    payoffs = data["mean_payoff"].values
    levels = data["level"].values[:, burn_in:]
    own, other = (
        np.rint((1.0 - levels[:, :, i]) * (n - 1)).astype(int) for i, n in enumerate(game.n_actions)
    )
    offence = np.maximum(game.payoffs[0][own, 0] - game.payoffs[0][own, other], 0.0).mean(axis=1)
    punishment = np.maximum(game.payoffs[1][0, other] - game.payoffs[1][own, other], 0.0).mean(axis=1)
    spread = game.payoff_range
    welfare = game.payoffs.sum(axis=0)
    index = (payoffs.sum(axis=1) - welfare.min()) / (welfare.max() - welfare.min())
    mean, low, high = interval_of(payoffs[:, 0])
    enough = offence.mean() > 1e-3 * spread[0]
    return {
        "payoff": mean,
        "payoff_interval": [low, high],
        "partner_payoff": float(payoffs[:, 1].mean()),
        "cooperation": float(data["mean_level"].values[:, 0].mean()),
        "partner_cooperation": float(data["mean_level"].values[:, 1].mean()),
        "welfare_index": float(index.mean()),
        "advantage": float(((payoffs[:, 0] - payoffs[:, 1]) / spread.max()).mean()),
        "loss_below_security": float(np.maximum(security[0] - payoffs[:, 0], 0.0).mean() / spread[0]),
        "offence": float(offence.mean()),
        "punishment": float(punishment.mean()),
        "punishment_over_offence": float(punishment.mean() / offence.mean()) if enough else None,
        "zero_evidence": float(data["zero_evidence"].values[:, 0].mean()),
        "runs": len(payoffs),
    }
