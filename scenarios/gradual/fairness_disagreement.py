"""Two notions of fairness in an asymmetric game: does gradual mirroring save what the binary rule loses?

Thesis sections 6.3.1 and 6.4.3: players who disagree about what is fair take the other's fair play for an offence.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Result
from scenarios.frame.scenario import Progress, RunParameters, silent
from scenarios.gradual.fairness_cast import DEFECTOR, FORMS, LEVELS, NOISES, RULES, seated
from scenarios.gradual.fairness_tables import fair_table, fairness_finding, pair_table, summary_table
from scenarios.gradual.measures import duel_measures
from scenarios.gradual.verdicts import facts_of, three_verdicts
from simulation.engine.randomness import whole_number
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import GradedGame, graded_donation_game
from theory.checks import FloatArray
from theory.verdicts.facts import GameFacts

NAME = "fairness-disagreement"


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """The two players' benefits make the game asymmetric."""

    quick_runs = 3

    runs: int = 20
    rounds: int = 1000
    burn_in: int = 100
    benefits: tuple[float, float] = (3.0, 1.0)
    """What the other's full cooperation is worth to each player, positive."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("rounds", self.rounds, at_least=self.burn_in + 1)

    @property
    def game(self) -> GradedGame:
        """The asymmetric donation game; cooperation costs both the same."""
        return graded_donation_game(benefit=self.benefits, levels=LEVELS)


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Let every pair of notions of fairness meet under every rule."""
    started = time.perf_counter()
    game = parameters.game
    facts = facts_of(game)
    todo = [
        (rule, noise, one, two)
        for rule in RULES
        for noise in NOISES
        for one in (*FORMS, DEFECTOR)
        for two in (*FORMS, DEFECTOR)
        if (one, two) != (DEFECTOR, DEFECTOR)
    ]
    cells: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    kept: dict[str, xr.Dataset] = {}
    complete = True
    try:
        for rule, noise, one, two in progress(todo, total=len(todo)):
            players = (seated(rule, one), seated(rule, two))
            data = play_duels(
                *players, game=game, rounds=parameters.rounds,
                runs=parameters.runs, seed=parameters.seed, noise=noise, burn_in=parameters.burn_in, workers=1,
            )  # fmt: skip
            where = {"rule": rule, "noise": noise, "player_1": one, "player_2": two}
            cells.append(where | _measures(facts, data, parameters.burn_in))
            verdicts += [where | v for v in three_verdicts(facts, data, players, parameters.burn_in)]
            kept["/".join((rule.replace(", ", "-"), f"noise-{noise:g}", f"{one}-and-{two}"))] = data[
                ["level", "payoff"]
            ].isel(run=slice(0, 3))
    except KeyboardInterrupt:
        if not cells:
            raise
        complete = False
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=complete,
        cells=cells,
        verdicts=verdicts,
        finding=fairness_finding(cells),
        tables=[fair_table(game), summary_table(cells), pair_table(cells, verdicts)],
        make_pictures=partial(_pictures, game, cells),
        data=_data(kept, parameters),
    )


def _measures(facts: GameFacts, data: xr.Dataset, burn_in: int) -> dict[str, Any]:
    payoffs = data["mean_payoff"].values
    lost = np.maximum(facts.security_levels - payoffs, 0.0).mean(axis=0) / facts.scale
    return duel_measures(facts, data, burn_in) | {
        "welfare_index_of_runs": _index(facts, payoffs).tolist(),
        "partner_loss_below_security": float(lost[1]),
    }


def _index(facts: GameFacts, payoffs: FloatArray) -> FloatArray:
    return np.asarray((payoffs.sum(axis=1) - facts.welfare.lowest) / facts.welfare.spread)


def _pictures(game: GradedGame, cells: list[dict[str, Any]]) -> list[Picture]:
    from scenarios.pictures.gradual import draw_fairness

    return [
        Picture(f"fairness-noise-{100 * noise:.0f}", partial(draw_fairness, game, here, noise))
        for noise in NOISES
        if (
            here := [
                c for c in cells if c["noise"] == noise and DEFECTOR not in (c["player_1"], c["player_2"])
            ]
        )
    ]


def _data(kept: dict[str, xr.Dataset], parameters: Parameters) -> xr.DataTree:
    tree = xr.DataTree.from_dict(kept)
    tree.attrs = {"scenario": NAME, "parameters": json.dumps(asdict(parameters))}
    return tree
