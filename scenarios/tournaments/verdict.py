"""What scenarios of tournaments share: the verdict of game theory as plain data and as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Table
from simulation.tournaments.verdict import judge_tournament
from theory.verdicts.meta_game import stability_in_words

# Keys of a verdict on a tournament; what stands in it by strategy is `theory.judge_meta_game`'s.
KEYS_OF_VERDICTS = {
    "equilibria": "symmetric equilibria of the meta-game, with `row`, `payoffs`, stability and how sure each is",
    "strict_sets": "sets of strategies that are closed under best replies among themselves, with their payoff",
    "basins": "where replicator dynamics leads, with the share of starts that end there",
    "survivors": "strategies that iterated elimination of dominated ones leaves",
    "complete": "whether all equilibria were found",
    "draws": "of the sampling error, over which shares are counted",
}


def judged(data: xr.Dataset) -> dict[str, Any]:
    """Return the verdict on a tournament as plain data, without shares of error draws where errors are unknown."""
    unknown = bool(np.isnan(data["payoffs_standard_error"].values).any())
    verdict = judge_tournament(data, draws=0) if unknown else judge_tournament(data)
    return verdict.to_dict()


def _condition(verdict: dict[str, Any]) -> str:
    return str(verdict["condition"])


def equilibrium_table(
    verdicts: list[dict[str, Any]], where: Callable[[dict[str, Any]], str] = _condition
) -> Table:
    """Return the equilibria of each verdict's meta-game; `where` says in words what was judged."""
    rows = [
        (
            where(verdict),
            _mixture(equilibrium["row"]),
            f"{equilibrium['payoffs'][0]:.3f}",
            stability_in_words(equilibrium["is_evolutionarily_stable"], equilibrium["is_neutrally_stable"]),
            "yes" if equilibrium["is_pareto_optimal"] else "no",
            _percent(equilibrium["sure_equilibrium"]),
            _percent(equilibrium["sure_stable"]),
        )
        for verdict in verdicts
        for equilibrium in verdict["equilibria"]
    ]
    return Table(
        "Equilibria of the meta-game (everybody chooses a strategy for the whole match)",
        ("in", "strategy", "payoff", "evolution", "Pareto", "sure", "stable"),
        rows,
        "Evolution: stable, neutrally stable (others drift in) or unstable, against mixtures of strategies too. "
        "Pareto: whether at most 2% of the "
        "payoff range is left on the table. Sure, stable: shares of the draws of the sampling error in which it is "
        "an equilibrium and evolutionarily stable.",
    )


def basin_table(verdicts: list[dict[str, Any]]) -> Table:
    """Return where selection leads in each verdict's meta-game."""
    rows = [
        (
            verdict["condition"],
            _mixture_in_short(basin["strategies"]),
            f"{basin['payoff']:.3f}",
            f"{basin['share']:.0%}",
            "yes" if basin["from_even_start"] else "no",
            _percent(basin["sure"]),
        )
        for verdict in verdicts
        for basin in verdict["basins"]
    ]
    return Table(
        "Where selection leads in the meta-game (replicator dynamics)",
        ("in", "strategies left", "payoff", "starts", "even", "sure"),
        rows,
        "Starts: share of a grid of initial states that ends with these strategies. Even: whether equal shares of "
        "all do; sure: in how many draws of the sampling error these end so.",
    )


# Names of a mixture that a table has room for.
MOST_NAMED = 3


def _mixture_in_short(mixture: Any) -> str:
    if len(mixture) == 1:
        return str(mixture[0][0])
    largest = sorted(mixture, key=lambda part: -part[1])
    named = " + ".join(f"{share:.2f} {name}" for name, share in largest[:MOST_NAMED])
    return named + (f" + {len(largest) - MOST_NAMED} more" if len(largest) > MOST_NAMED else "")


def _mixture(mixture: Any) -> str:
    if len(mixture) == 1:
        return str(mixture[0][0])
    return " + ".join(f"{share:.2f} {name}" for name, share in mixture)


def stable_in_words(verdict: dict[str, Any]) -> str:
    """Return how many equilibria of a verdict are evolutionarily stable, and how many are not decided."""
    found = [equilibrium["is_evolutionarily_stable"] for equilibrium in verdict["equilibria"]]
    undecided = found.count(None)
    return f"{found.count(True)}" + (f" ({undecided} not decided)" if undecided else "")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
