"""A tournament as a table for the terminal and as plain data for JSON."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Table
from simulation.engine.provenance import MADE_BY


def standings_table(data: xr.Dataset) -> Table:
    """Return the standings of what `simulation.round_robin` returned, the best first."""
    rows = []
    for k in np.argsort(-data["score"].values, kind="stable"):
        of = data.isel(strategy=k, opponent=k)
        low, high = float(of["rank_low"]), float(of["rank_high"])
        error = _number(float(of["score_standard_error"]), ".3f")
        rows.append(
            (
                f"{float(of['rank']):g}",
                str(of["strategy"].values),
                f"{float(of['score']):.3f} ± {error}",
                "–" if math.isnan(low) else f"{low:g}–{high:g}",
                f"{float(of['wins']):g}",
                _number(float(of["good_partner"]), ".0%"),
            )
        )
    return Table(
        f"Tournament in {data.attrs['game'] or 'a 2x2 game'}",
        ("rank", "strategy", "score", "95%", "wins", "good partner"),
        rows,
        "Score: payoff per turn, mean over opponents ± standard error. 95%: ranks that sampling errors allow. Wins: "
        "matches a repetition against others in which it got more. Good partner: share of those in which it "
        "cooperated at least as often as the other.",
    )


def tournament_to_dict(data: xr.Dataset) -> dict[str, Any]:
    """Return a tournament ready for JSON: how it was played, standings best first, payoff and cooperation matrices.

    Unknown numbers (pairs that did not meet, errors of a single repetition) are None.
    """
    names = [str(name) for name, values in data.data_vars.items() if values.dims == ("strategy",)]
    order = np.argsort(-data["score"].values, kind="stable")
    strategies = [str(name) for name in data["strategy"].values]
    return {
        "settings": {
            name: value for name, value in data.attrs.items() if name not in (*MADE_BY, "strategies")
        },
        "standings": [
            {"strategy": strategies[k]} | {name: _plain(data[name].values[k].item()) for name in names}
            for k in order
        ],
        "strategies": strategies,
        "payoffs": _plain(data["payoffs"].values.tolist()),
        "cooperation": _plain(data["cooperation"].values.tolist()),
    }


def _number(value: float, form: str) -> str:
    return "–" if math.isnan(value) else format(value, form)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and math.isnan(value) else value
