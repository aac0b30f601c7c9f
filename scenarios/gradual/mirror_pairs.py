"""Two literal mirrors: where their weights rest, beside what theory foretells for perfect estimates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Table
from scenarios.frame.scenario import Measured
from scenarios.gradual.cast import GAMES, stage_game
from scenarios.gradual.measures import interval_of
from scenarios.gradual.verdicts import facts_of, three_verdicts
from simulation.gradual.continuous import ContinuousMirror, play_continuous_duels
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import GradedGame
from simulation.gradual.players import LiteralMirror
from simulation.gradual.policies import cooperativeness_grid, policy_family
from simulation.gradual.surfaces import ValueSurfaces, value_surfaces
from theory import Game
from theory.altruism.mirror import mirror_fixed_points

CONTINUOUS = "donation, continuous"
"""The donation game with a continuum of levels."""
PAIR_GAMES = (*GAMES, CONTINUOUS)
GENEROSITIES = ((0.05, 0.05), (0.0, 0.0), (0.05, -0.02), (0.02, -0.05))
NOISES = (0.0, 0.05, 0.2)

# A pair has converged where both weights stay this near to the prediction.
NEAR = 0.05

KEYS_OF_PAIRS = {
    "epsilon": "generosities of the two mirrors",
    "alpha": "mean weights in the second half of the rounds: of the two mirrors, or of all mirrors of a group",
    "alpha_std": "their standard deviations over runs",
    "predicted": "where mirrors with perfect estimates rest, None: on a segment; of groups [lowest, highest]",
    "distance": "mean distance of the weights to the prediction",
    "predicted_welfare_index": "the welfare index at the predicted weights, without noise",
    "runs_as_predicted": f"runs whose weights are within {NEAR:g} of the prediction",
    "runs_with_predicted_welfare": f"runs whose welfare index is within {NEAR:g} of the predicted one",
    "median_round_of_arrival": "median over runs of the first round with weights so near; None if some never came",
    "welfare_index_interval": "95% interval of `welfare_index`",
    "separability_error": "largest residual of V = f(alpha) + g(beta), as a share of its range",
}


@dataclass(frozen=True)
class Pair:
    """Two mirrors in a game."""

    game: str
    noise: float
    epsilon: tuple[float, float]


def mirrors_of(cell: Pair) -> tuple[LiteralMirror, LiteralMirror]:
    """Return who plays."""
    one, two = cell.epsilon
    return LiteralMirror(epsilon=one), LiteralMirror(epsilon=two)


def play_pair(cell: Pair, *, rounds: int, runs: int, seed: int) -> Measured:
    """Play a pair, measure the second half of the rounds and judge each run."""
    game = stage_game("donation" if cell.game == CONTINUOUS else cell.game)
    data = _duels(cell, game, rounds=rounds, runs=runs, seed=seed)
    where = {"game": cell.game, "noise": cell.noise, "epsilon": list(cell.epsilon)}
    verdicts = three_verdicts(facts_of(game), data, mirrors_of(cell), rounds // 2)
    is_kept = cell.noise > 0.0 or cell.epsilon == GENEROSITIES[0]
    return Measured(
        data=data[["alpha", "level"]] if is_kept else None,
        cells=[where | _measures(game, data, cell.epsilon, rounds)],
        verdicts=[where | verdict for verdict in verdicts],
    )


def _duels(cell: Pair, game: Game, *, rounds: int, runs: int, seed: int) -> xr.Dataset:
    terms: dict[str, Any] = {
        "rounds": rounds, "runs": runs, "seed": seed, "noise": cell.noise, "burn_in": rounds // 2
    }  # fmt: skip
    if cell.game == CONTINUOUS:
        assert isinstance(game, GradedGame)
        one, two = (ContinuousMirror(epsilon=epsilon) for epsilon in cell.epsilon)
        return play_continuous_duels(one, two, game=game, **terms)
    return play_duels(*mirrors_of(cell), game=game, workers=1, **terms)


@cache
def _surfaces(game: Game) -> ValueSurfaces:
    weights = cooperativeness_grid(51)
    families = [policy_family(game, player, weights=weights) for player in range(2)]
    return value_surfaces(game, families[0], families[1])


def _measures(game: Game, data: xr.Dataset, pair: tuple[float, float], rounds: int) -> dict[str, Any]:
    """Compare the second half of a run with where mirrors with perfect estimates rest."""
    surfaces = _surfaces(game)
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


def pair_table(cells: list[dict[str, Any]]) -> Table:
    """Return where pairs rest, predicted and measured."""
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
        "Pairs of literal mirrors: where alpha and beta rest in the second half of the rounds",
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


def pair_finding(cells: list[dict[str, Any]]) -> str:
    """Say in how many runs theory foretells pairs."""
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


def pair_verdicts(verdicts: list[dict[str, Any]]) -> str:
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
