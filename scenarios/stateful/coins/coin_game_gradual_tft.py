"""Who keeps cooperation in the Coin Game without a planner: amTFT, a ledger, mirrors of degrees (thesis chapter 5).

Everything is exact but what needs chance: policies, values and best responses come from the enumerated game, and
nothing is trained. Numbers are those of a public program and of the ledger without state, but for amTFT's multiplier
of 24; how the ledger books a quarrel was changed after first trials in this game. Matches are episodes of 100 steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.scenario import Report, RunParameters, Scenario
from scenarios.frame.verdicts import LEARNED_TOLERANCE
from scenarios.stateful.coins.cast import CAST, DEGREES, FIXED, MIRRORS, Stage
from scenarios.stateful.coins.coin_game import measures_of
from scenarios.stateful.coins.gradual_tft_report import KEYS, report_on
from scenarios.stateful.preparation import prepare_jax
from theory import Verdict
from theory.checks import FloatArray, known_name, number_within, whole_number

PARTS = (DEGREES, *CAST)


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Who meets, for how long, and how often hands slip."""

    runs: int = 400
    seed: int = 1000
    parts: tuple[str, ...] = PARTS
    """Players, each of whom meets all of these, and `degrees`: what degrees of cooperation are worth."""
    noise: tuple[float, ...] = (0.005, 0.02, 0.05)
    """Probabilities with which actions of two of a kind are replaced by others, each in [0, 1]."""
    steps: int = 100
    """Of a match, at least 10."""
    long_run: int = 300
    """Steps of the longest match with an exploiter, more than those of a match."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for part in self.parts:
            known_name("part", part, PARTS)
        for level in self.noise:
            number_within("noise", level, 0.0, 1.0)
        whole_number("steps", self.steps, at_least=10)
        whole_number("long_run", self.long_run, at_least=self.steps + 1)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: few short matches among those who need no degrees."""
        return replace(
            self,
            runs=min(self.runs, 20),
            parts=tuple(part for part in self.parts if part in (*FIXED, "ledger")) or self.parts,
            noise=self.noise[-1:],
            steps=min(self.steps, 20),
            long_run=min(self.long_run, 40),
        )

    @property
    def players(self) -> tuple[str, ...]:
        """Those who meet."""
        return tuple(part for part in self.parts if part != DEGREES)


class Cell(NamedTuple):
    """A player, or the degrees."""

    part: str


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return the cells, a part each."""
    return [Cell(part) for part in parameters.parts]


def build(parameters: Parameters, cell: Cell) -> None:
    """Refuse to begin where JAX is missing."""
    prepare_jax()


@lru_cache(maxsize=2)
def stage(steps: int, with_degrees: bool) -> Stage:
    """Return the game, what is agreed in it, and policies by degree where these are needed."""
    from simulation.markov_games.conditional.agreement import agreed_play
    from simulation.markov_games.conditional.cooperativeness import degrees_of_cooperation
    from simulation.markov_games.enumerated import enumerate_game
    from simulation.markov_games.games.coin_game import CoinGame

    game = enumerate_game(CoinGame(horizon=steps))
    degrees = degrees_of_cooperation(game) if with_degrees else None
    return Stage(agreed_play(game), degrees, measures_of(game))


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Let a player meet all others, and find out what the best and the worst opponent make of it."""
    from simulation.markov_games.exact import best_welfare

    needed = {DEGREES, *MIRRORS} & set(parameters.parts)
    ready = stage(parameters.steps, bool(needed))
    if cell.part == DEGREES:
        return _degrees(ready)
    data = _meetings(parameters, ready, cell.part)
    beside = _beside(parameters, ready, cell.part, data)
    return data.assign_attrs(beside, best_welfare=best_welfare(ready.play.game) / parameters.steps)


def _degrees(ready: Stage) -> xr.Dataset:
    degrees = ready.degrees
    assert degrees is not None
    names = ("player", "own_degree", "other_degree")
    return xr.Dataset(
        {"value": (names, degrees.values)},
        {"own_degree": degrees.degrees, "other_degree": degrees.degrees},
    )


def _meetings(parameters: Parameters, ready: Stage, name: str) -> xr.Dataset:
    from simulation.markov_games.conditional.evaluation import luck_free
    from simulation.markov_games.conditional.matches import play_matches

    game, player = ready.play.game, ready.seated(name, 0)
    terms: dict[str, Any] = {"runs": parameters.runs, "seed": parameters.seed}
    met = {other: play_matches(game, player, ready.seated(other, 1), **terms) for other in parameters.players}
    picks = ready.picks
    twins = met[name]
    slipped = [
        luck_free(ready.play, play_matches(game, player, ready.seated(name, 1), noise=slip, **terms)).sum(
            axis=1
        )
        for slip in parameters.noise
    ]
    return xr.Dataset(
        {
            "reward": (
                ("opponent", "run", "player"),
                np.array([luck_free(ready.play, one) for one in met.values()]),
            ),
            "own_coins": ("run", twins.mean_of(picks["own 1"] + picks["own 2"])),
            "other_coins": ("run", twins.mean_of(picks["other 1"] + picks["other 2"])),
            "welfare_with_slips": (("slip", "run"), np.array(slipped).reshape(-1, parameters.runs)),
        },
        {"opponent": list(met), "slip": list(parameters.noise)},
    )


def _beside(parameters: Parameters, ready: Stage, name: str, data: xr.Dataset) -> dict[str, Any]:
    """Return what opponents make of a player, a step, and the verdict on two of a kind."""
    from simulation.markov_games.conditional.evaluation import beside_others, judge_match
    from simulation.markov_games.conditional.player import FiniteMemory
    from simulation.markov_games.exact import episode_values

    game, player, steps = ready.play.game, ready.seated(name, 0), parameters.steps
    rewards = data["reward"].mean("run")
    received = rewards.sel(opponent=name).values * steps
    if name in FIXED:
        received = episode_values(game, ready.play.agreed if name == "cooperator" else ready.play.safe)
    if isinstance(player, FiniteMemory):
        beside = beside_others(ready.play, player, steps=parameters.long_run)
        exploited = float(beside.exploited[steps])
        later = (beside.exploited[-1] - beside.exploited[steps]) / (parameters.long_run - steps)
        found: dict[str, Any] = {
            "exact": 1,
            "safety": beside.safety / steps,
            "incentive": beside.incentive / steps,
            "exploiter": exploited / steps,
            "exploiter_later": float(later),
            "exploited_from": beside.exploited_from / steps,
            "with_foe": beside.with_foe,
            "with_foe_from": beside.with_foe_from,
        }
    else:
        found = {"exact": 0, **_bounds(parameters, ready, player)}
        exploited = found["exploiter"] * steps
    verdict = judge_match(game, received, np.full(2, exploited), tolerance=LEARNED_TOLERANCE)
    return found | {
        "label": _label(verdict, exact=bool(found["exact"])),
        "regret": verdict.nash_tolerance,
        "pareto_slack": verdict.pareto_slack / steps,
    }


def _label(verdict: Verdict, *, exact: bool) -> str:
    """Return what a match is; that no exploiter was found does not show that there is none."""
    if exact or not verdict.is_nash:
        return verdict.label
    return f"{'Pareto-optimal' if verdict.is_pareto_optimal else 'Pareto-dominated'}, an equilibrium or not: unknown"


def _bounds(parameters: Parameters, ready: Stage, player: Any) -> dict[str, float]:
    """Return what was seen of a mirror: means of matches, and what the best exploiter of those tried gets."""
    from simulation.markov_games.conditional.evaluation import luck_free
    from simulation.markov_games.conditional.exploiter import OTHER_MATCHES, best_exploiter
    from simulation.markov_games.conditional.matches import play_matches
    from simulation.markov_games.conditional.player import MarkovPlayer, without_memory

    play, runs, steps, seed = ready.play, parameters.runs, parameters.steps, parameters.seed

    def got(other: MarkovPlayer, *, steps: int = steps, seed: int = seed) -> FloatArray:
        played = play_matches(play.game, player, other, runs=runs, seed=seed, steps=steps)
        return np.asarray(luck_free(play, played).mean(axis=0))

    cooperating, robbing = (got(without_memory(policies[1], role=1)) for policies in (play.agreed, play.safe))
    best = best_exploiter(play, player, runs=runs, seed=seed, steps=steps)
    early = got(best, seed=seed + OTHER_MATCHES)[1]
    whole = got(best, seed=seed + OTHER_MATCHES, steps=parameters.long_run)[1]
    later = whole * parameters.long_run - early * steps
    return {
        "safety": float(robbing[0]),
        "incentive": float(cooperating[1] - robbing[1]),
        "exploiter": float(early),
        "exploiter_later": float(later / (parameters.long_run - steps)),
    }


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Return the criteria, the payoffs of all who met, what slips cost, and the verdicts."""
    return report_on(
        {cell.part: data for cell, data in done.items() if cell.part != DEGREES},
        next((data for cell, data in done.items() if cell.part == DEGREES), None),
        parameters.steps,
        [part for part in parameters.parts if Cell(part) not in done],
    )


SCENARIO = Scenario(
    name="coin-game-gradual-tft",
    Parameters=Parameters,
    cells=cells_of,
    build=build,
    play=play,
    report=report,
    keys=KEYS,
)
