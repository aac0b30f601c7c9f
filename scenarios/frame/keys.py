"""What keys of measured quantities and verdicts mean that several scenarios share; each declares its own beside."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COMMON_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "game": "name of the game that was played",
        "condition": "what was varied within a game, such as `without-planner`",
        "n_players": "number of players",
        "player": "who played; `opponent`: whom it met",
        "opponent": "see `player`",
        "noise": "probability that an action is another than was chosen",
        "quantity": "what was measured of each run",
        "mean": "mean over runs; None where it happened in none",
        "std": "standard deviation over runs (of the population: divided by their number)",
        "interval": "95% interval of `mean`: Student's t, of shares exact (Clopper & Pearson); None for a single run",
        "runs": "how many runs were measured or judged",
        "runs_in_which_it_happened": "how many of them `mean` is over",
        "welfare_index": "mean of (W - Wmin) / (Wmax - Wmin), the sum of payoffs between the game's least and most",
        "judged_in": "the game that outcomes are judged in: `original`, `with-incentives` in force at the end, ...",
        "labels": "how many runs got which label (docs/verdicts.md)",
        "median_regret": "median over runs of what the player who could gain most would gain by deviating",
        "median_pareto_slack": "median over runs of the total gain that some outcome offers without a loss to anyone",
        "tolerance": "what counts as equal, as a share of the payoff range",
        "incentives_in_force": "whether a planner pays anything at the end of some run",
    }
)
