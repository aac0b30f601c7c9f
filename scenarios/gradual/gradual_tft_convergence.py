"""Where does gradual mirroring lead, beside what theory predicts for perfect estimates? (thesis section 5.4)."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Result, Table
from scenarios.frame.scenario import Progress, RunParameters, silent
from scenarios.gradual.cast import GAMES
from scenarios.gradual.groups import GROUPS, group_cell, group_finding, group_table
from scenarios.gradual.measures import interval_of
from scenarios.gradual.verdicts import facts_of, three_verdicts
from simulation.engine.randomness import whole_number
from simulation.gradual.continuous import ContinuousMirror, play_continuous_duels
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import GradedGame
from simulation.gradual.players import GradualPlayer
from simulation.gradual.policies import cooperativeness_grid, policy_family
from simulation.gradual.surfaces import ValueSurfaces, value_surfaces
from theory import Game
from theory.altruism.mirror import mirror_fixed_points

NAME = "gradual-tft-convergence"
CONTINUOUS = "donation, continuous"
GENEROSITIES = ((0.05, 0.05), (0.0, 0.0), (0.05, -0.02), (0.02, -0.05))
NOISES = (0.0, 0.05, 0.2)

# A pair has converged where both weights stay this near to the prediction.
NEAR = 0.05


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Only the number of runs and the seed are worth changing."""

    quick_runs = 3

    runs: int = 20
    rounds: int = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("rounds", self.rounds, at_least=20)


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Let pairs of mirrors play in every game, at every noise and pair of generosities."""
    started = time.perf_counter()
    games = {name: make() for name, make in GAMES.items()} | {CONTINUOUS: GAMES["donation"]()}
    todo = [(g, noise, pair) for g in games for noise in NOISES for pair in GENEROSITIES]
    cells: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    kept: dict[str, xr.Dataset] = {}
    facts: dict[str, Any] = {}
    surfaces: dict[str, ValueSurfaces] = {}
    groups: list[dict[str, Any]] = []
    steps = [*todo, *((group, noise) for group in GROUPS for noise in NOISES[:2])]
    complete = True
    try:
        for step in progress(steps, total=len(steps)):
            if len(step) == 2:
                cell, verdict = group_cell(
                    step[0],
                    noise=step[1],
                    rounds=parameters.rounds,
                    runs=parameters.runs,
                    seed=parameters.seed,
                )
                groups.append(cell)
                verdicts += [] if verdict is None else [verdict]
                continue
            name, noise, pair = step
            if name not in facts:
                facts[name], surfaces[name] = facts_of(games[name]), _surfaces(games[name])
            data = _play(parameters, games[name], noise, pair, continuous=name == CONTINUOUS)
            where = {"game": name, "noise": noise, "epsilon": list(pair)}
            cells.append(where | _measures(games[name], data, pair, surfaces[name], parameters.rounds))
            mirrors = (GradualPlayer(epsilon=pair[0]), GradualPlayer(epsilon=pair[1]))
            burn_in = parameters.rounds // 2
            verdicts += [where | v for v in three_verdicts(facts[name], data, mirrors, burn_in)]
            if noise > 0.0 or pair == GENEROSITIES[0]:
                kept[f"{name}/noise-{noise:g}/epsilon{pair[0]:+g}{pair[1]:+g}"] = data[["alpha", "level"]]
    except KeyboardInterrupt:
        if not cells:
            raise
        complete = False
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=complete,
        cells=[*cells, *groups],
        verdicts=verdicts,
        finding=" ".join(
            text for text in (_finding(cells), _judged(verdicts), group_finding(groups)) if text
        ),
        tables=[_table(cells), *([group_table(groups, verdicts)] if groups else [])],
        make_pictures=partial(_pictures, kept, groups),
        data=_data(kept, parameters),
    )


def _play(
    parameters: Parameters, game: Game, noise: float, pair: tuple[float, float], *, continuous: bool
) -> xr.Dataset:
    rounds = parameters.rounds
    if continuous:
        assert isinstance(game, GradedGame)
        return play_continuous_duels(
            ContinuousMirror(epsilon=pair[0]), ContinuousMirror(epsilon=pair[1]), game=game, rounds=rounds,
            runs=parameters.runs, seed=parameters.seed, noise=noise, burn_in=rounds // 2,
        )  # fmt: skip
    return play_duels(
        GradualPlayer(epsilon=pair[0]), GradualPlayer(epsilon=pair[1]), game=game, rounds=rounds,
        runs=parameters.runs, seed=parameters.seed, noise=noise, burn_in=rounds // 2, workers=1,
    )  # fmt: skip


def _surfaces(game: Game) -> ValueSurfaces:
    weights = cooperativeness_grid(51)
    families = [policy_family(game, player, weights=weights) for player in range(2)]
    return value_surfaces(game, families[0], families[1])


def _measures(
    game: Game, data: xr.Dataset, pair: tuple[float, float], surfaces: ValueSurfaces, rounds: int
) -> dict[str, Any]:
    """Compare the second half of a run with where mirrors with perfect estimates rest."""
    alpha = data["alpha"].values
    late = alpha[:, rounds // 2 :].mean(axis=1)
    fixed = mirror_fixed_points(*pair)
    # With generosities that sum to zero every point of a segment rests: the nearest one is compared.
    low, high = fixed.vertices.min(axis=0), fixed.vertices.max(axis=0)
    predicted = (
        np.clip(late, low, high) if fixed.continuum else np.broadcast_to(fixed.vertices[0], late.shape)
    )
    distance = np.abs(late - predicted).max(axis=1)
    near = (np.abs(alpha - predicted[:, None]).max(axis=2) <= NEAR).astype(float)
    arrived = np.where(near.any(axis=1), near.argmax(axis=1), np.nan)
    welfare = game.payoffs.sum(axis=0)
    index = (data["mean_payoff"].values.sum(axis=1) - welfare.min()) / (welfare.max() - welfare.min())
    mean, lower, upper = interval_of(index)
    at = [int(np.abs(surfaces.alpha - weight).argmin()) for weight in fixed.vertices[0]]
    reached = (surfaces.welfare[at[0], at[1]] - welfare.min()) / (welfare.max() - welfare.min())
    return {
        "alpha": late.mean(axis=0).tolist(),
        "alpha_std": late.std(axis=0).tolist(),
        "predicted": None if fixed.continuum else fixed.vertices[0].tolist(),
        "distance": float(distance.mean()),
        "predicted_welfare_index": None if fixed.continuum else float(reached),
        "runs_as_predicted": None if fixed.continuum else int((distance <= NEAR).sum()),
        "runs_with_predicted_welfare": None
        if fixed.continuum
        else int((np.abs(index - reached) <= NEAR).sum()),
        "median_round_of_arrival": float(np.median(arrived)) if np.isfinite(arrived).all() else None,
        "welfare_index": mean,
        "welfare_index_interval": [lower, upper],
        "separability_error": surfaces.separability_error,
        "runs": len(late),
    }


def _table(cells: list[dict[str, Any]]) -> Table:
    rows = []
    for cell in cells:
        predicted = "any equal pair" if cell["predicted"] is None else _pair(cell["predicted"])
        as_predicted = (
            "–" if cell["runs_as_predicted"] is None else f"{cell['runs_as_predicted']}/{cell['runs']}"
        )
        arrival = cell["median_round_of_arrival"]
        rows.append(
            (
                cell["game"],
                f"{cell['separability_error']:.3f}",
                f"{cell['noise']:.0%}",
                _pair(cell["epsilon"]),
                predicted,
                _pair(cell["alpha"]),
                as_predicted,
                "–" if arrival is None or cell["predicted"] is None else f"{arrival:.0f}",
                f"{cell['welfare_index']:.3f}",
                "–" if cell["predicted"] is None else f"{cell['predicted_welfare_index']:.3f}",
            )
        )
    return Table(
        "Pairs of mirrors: where alpha and beta rest in the second half of the rounds",
        (
            "game", "not separable", "noise", "epsilons", "predicted", "alpha, beta", "as predicted", "round",
            "welfare", "predicted welfare",
        ),
        rows,
        "Not separable: largest residual of V = f(alpha) + g(beta), as a share of its range. Predicted: rest of "
        f"mirrors with perfect estimates. As predicted: runs within {NEAR:g}. Round: median of first coming so "
        "near. Welfare: index between 0 and 1; predicted at the predicted weights, without noise.",
    )  # fmt: skip


def _pair(values: Any) -> str:
    return f"({values[0]:.2f}, {values[1]:.2f})"


def _finding(cells: list[dict[str, Any]]) -> str:
    sentences = []
    for noise in NOISES:
        here = [c for c in cells if c["noise"] == noise and c["runs_as_predicted"] is not None]
        graded = [c for c in here if c["separability_error"] < 1e-9]
        other = [c for c in here if c["separability_error"] >= 1e-9]
        parts = []
        for kind, group in (("separable", graded), ("other", other)):
            if group:
                runs = sum(c["runs"] for c in group)
                weights = sum(c["runs_as_predicted"] for c in group)
                welfare = sum(c["runs_with_predicted_welfare"] for c in group)
                parts.append(
                    f"in {kind} games the weights in {weights} and the welfare in {welfare} of {runs} runs"
                )
        if parts:
            sentences.append(f"With {noise:.0%} noise theory foretells {' and '.join(parts)}.")
    both = [c for c in cells if tuple(c["epsilon"]) == GENEROSITIES[0] and c["noise"] == 0.0]
    if both:
        words = ", ".join(f"{c['game']} {c['welfare_index']:.2f}" for c in both)
        sentences.append(f"Welfare index where both are generous, without noise: {words}.")
    return " ".join(sentences)


def _judged(verdicts: list[dict[str, Any]]) -> str:
    """Say how many runs of generous pairs are equilibria, of the original and of the altruistic game."""
    words = []
    for noise in NOISES:
        counts = {}
        for kind in ("original", "altruistic"):
            labels = [
                v["labels"]
                for v in verdicts
                if v["judged_in"] == kind
                and v["noise"] == noise
                and tuple(v.get("epsilon", ())) == GENEROSITIES[0]
            ]
            runs = sum(sum(of_one.values()) for of_one in labels)
            equilibria = sum(
                n for of_one in labels for label, n in of_one.items() if "not an equilibrium" not in label
            )
            counts[kind] = (equilibria, runs)
        if counts["original"][1]:
            words.append(
                f"with {noise:.0%} noise {counts['original'][0]} and {counts['altruistic'][0]} of "
                f"{counts['original'][1]} runs"
            )
    if not words:
        return ""
    return f"Generous pairs are at a Nash equilibrium of the original and of the altruistic game {'; '.join(words)}."


def _pictures(kept: dict[str, xr.Dataset], groups: list[dict[str, Any]]) -> list[Picture]:
    from scenarios.pictures.gradual import draw_convergence, draw_groups

    pictures = [Picture("groups", partial(draw_groups, groups))] if groups else []
    for noise in NOISES:
        runs = {
            name: kept[key]
            for name in (*GAMES, CONTINUOUS)
            if (key := f"{name}/noise-{noise:g}/epsilon{GENEROSITIES[0][0]:+g}{GENEROSITIES[0][1]:+g}")
            in kept
        }
        if runs:
            pictures.append(
                Picture(f"convergence-noise-{100 * noise:.0f}", partial(draw_convergence, runs, noise))
            )
    return pictures


def _data(kept: dict[str, xr.Dataset], parameters: Parameters) -> xr.DataTree:
    tree = xr.DataTree.from_dict(kept)
    tree.attrs = {"scenario": NAME, "parameters": json.dumps(asdict(parameters))}
    return tree
