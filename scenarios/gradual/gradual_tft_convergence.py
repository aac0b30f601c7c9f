"""Where does mirroring lead, beside what theory predicts for perfect estimates? (thesis section 5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Measured, Report, RunParameters, Scenario
from scenarios.gradual.cast import GAMES, stage_game
from scenarios.gradual.groups import (
    GROUPS,
    KEYS_OF_GROUPS,
    group_finding,
    group_parameters,
    group_table,
    play_group,
)
from scenarios.gradual.measures import interval_of
from scenarios.gradual.verdicts import facts_of, three_verdicts
from simulation.engine.randomness import whole_number
from simulation.gradual.continuous import ContinuousMirror, play_continuous_duels
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import GradedGame
from simulation.gradual.players import LiteralMirror
from simulation.gradual.policies import cooperativeness_grid, policy_family
from simulation.gradual.surfaces import ValueSurfaces, value_surfaces
from theory import Game
from theory.altruism.mirror import mirror_fixed_points
from theory.checks import known_name

NAME = "gradual-tft-convergence"
CONTINUOUS = "donation, continuous"
"""The donation game with a continuum of levels."""
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
    """Of a duel or a group, at least 20; what counts is their second half."""
    games: tuple[str, ...] = (*GAMES, CONTINUOUS)
    """Of pairs."""
    groups: tuple[str, ...] = tuple(GROUPS)
    """Of more players, in the public good."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("rounds", self.rounds, at_least=20)
        for game in self.games:
            known_name("game", game, (*GAMES, CONTINUOUS))
        for group in self.groups:
            known_name("group", group, tuple(GROUPS))


@dataclass(frozen=True)
class Pair:
    """Two mirrors in a game."""

    game: str
    noise: float
    epsilon: tuple[float, float]


@dataclass(frozen=True)
class Group:
    """A group in the public good."""

    group: str
    noise: float


Cell = Pair | Group


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return pairs of mirrors in every game, at every noise and pair of generosities, then groups."""
    pairs = [
        Pair(game, noise, pair) for game in parameters.games for noise in NOISES for pair in GENEROSITIES
    ]
    return [*pairs, *(Group(group, noise) for group in parameters.groups for noise in NOISES[:2])]


def group_of_cell(cell: Cell) -> str:
    """Return the name of a cell's group in the stored file."""
    if isinstance(cell, Group):
        return f"groups/{cell.group}/noise-{cell.noise:g}"
    return f"{cell.game}/noise-{cell.noise:g}/epsilon{cell.epsilon[0]:+g}{cell.epsilon[1]:+g}"


def build(parameters: Parameters, cell: Cell) -> object:
    """Return who plays: the mirrors of a pair, or the parameters of a group."""
    if isinstance(cell, Group):
        return group_parameters(cell.group, noise=cell.noise, rounds=parameters.rounds)
    return _mirrors(cell)


def play(parameters: Parameters, cell: Cell) -> Measured:
    """Play, measure and judge a cell."""
    if isinstance(cell, Group):
        options = group_parameters(cell.group, noise=cell.noise, rounds=parameters.rounds)
        return play_group(
            {"group": cell.group, "noise": cell.noise}, options, runs=parameters.runs, seed=parameters.seed
        )
    game = stage_game("donation" if cell.game == CONTINUOUS else cell.game)
    data = _duels(parameters, cell, game)
    where = {"game": cell.game, "noise": cell.noise, "epsilon": list(cell.epsilon)}
    verdicts = three_verdicts(facts_of(game), data, _mirrors(cell), parameters.rounds // 2)
    is_kept = cell.noise > 0.0 or cell.epsilon == GENEROSITIES[0]
    return Measured(
        data=data[["alpha", "level"]] if is_kept else None,
        cells=[where | _measures(game, data, cell.epsilon, parameters.rounds)],
        verdicts=[where | verdict for verdict in verdicts],
    )


def _mirrors(cell: Pair) -> tuple[LiteralMirror, LiteralMirror]:
    one, two = cell.epsilon
    return LiteralMirror(epsilon=one), LiteralMirror(epsilon=two)


def _duels(parameters: Parameters, cell: Pair, game: Game) -> xr.Dataset:
    rounds = parameters.rounds
    if cell.game == CONTINUOUS:
        assert isinstance(game, GradedGame)
        one, two = cell.epsilon
        return play_continuous_duels(
            ContinuousMirror(epsilon=one), ContinuousMirror(epsilon=two), game=game, rounds=rounds,
            runs=parameters.runs, seed=parameters.seed, noise=cell.noise, burn_in=rounds // 2,
        )  # fmt: skip
    return play_duels(
        *_mirrors(cell), game=game, rounds=rounds,
        runs=parameters.runs, seed=parameters.seed, noise=cell.noise, burn_in=rounds // 2, workers=1,
    )  # fmt: skip


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


def report(parameters: Parameters, done: Mapping[Cell, Measured]) -> Report:
    """Compare pairs and groups with what theory foretells."""
    pairs = [cell for of, found in done.items() if isinstance(of, Pair) for cell in found.cells]
    groups = [cell for of, found in done.items() if isinstance(of, Group) for cell in found.cells]
    verdicts = [verdict for found in done.values() for verdict in found.verdicts]
    kept = {cell: found.data for cell, found in done.items() if found.data is not None}
    sentences = (_finding(pairs), _judged(verdicts), group_finding(groups))
    return Report(
        cells=[*pairs, *groups],
        verdicts=verdicts,
        finding=" ".join(text for text in sentences if text),
        tables=[
            *([_table(pairs)] if pairs else []),
            *([group_table(groups, verdicts)] if groups else []),
        ],
        make_pictures=partial(_pictures, kept, groups),
    )


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


def _pictures(kept: Mapping[Cell, xr.Dataset], groups: list[dict[str, Any]]) -> list[Picture]:
    from scenarios.pictures.gradual import draw_convergence, draw_groups

    pictures = [Picture("groups", partial(draw_groups, groups))] if groups else []
    for noise in NOISES:
        runs = {
            game: kept[cell]
            for game in (*GAMES, CONTINUOUS)
            if (cell := Pair(game, noise, GENEROSITIES[0])) in kept
        }
        if runs:
            pictures.append(
                Picture(f"convergence-noise-{100 * noise:.0f}", partial(draw_convergence, runs, noise))
            )
    return pictures


KEYS = KEYS_OF_GROUPS | {
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

SCENARIO = Scenario(
    name=NAME,
    Parameters=Parameters,
    cells=cells_of,
    build=build,
    play=play,
    report=report,
    group=group_of_cell,
    keys=KEYS,
)
