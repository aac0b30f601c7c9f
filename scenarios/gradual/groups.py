"""Groups in the graded public good: where literal mirrors rest, beside theory, and ledgers beside them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Table
from scenarios.frame.scenario import Measured
from scenarios.gradual.measures import interval_of
from scenarios.gradual.verdicts import facts_of, judged
from simulation.gradual.graded_games import PublicGoodPayoffs, cooperation_levels, graded_public_good
from simulation.gradual.groups.ledgers import LedgerGroupParameters
from simulation.gradual.groups.outcome import JUDGED_LEVELS, frequencies_on_grid
from simulation.gradual.groups.public_good import PublicGoodGroup
from simulation.gradual.groups.runs import GroupParameters, play_groups
from theory.altruism.group_mirror import group_mirror_rest
from theory.checks import BoolArray, FloatArray
from theory.verdicts.facts import GameFacts

LEVELS = 41

groups: dict[str, GroupParameters] = {
    "2 mirrors": GroupParameters(n_players=2),
    "3 mirrors": GroupParameters(n_players=3),
    "5 mirrors": GroupParameters(n_players=5),
    "20 mirrors": GroupParameters(n_players=20),
    "3 mirrors, diminishing returns": GroupParameters(n_players=3, benefit=1.5, exponent=0.5),
    "5 mirrors, one generous": GroupParameters(n_players=5, epsilon=(0.15, *(-0.02,) * 4)),
    "5 mirrors, one stingy": GroupParameters(n_players=5, epsilon=(-0.15, *(0.02,) * 4)),
    "2 mirrors, 1 defector": GroupParameters(n_players=3, stubborn=(0.0,)),
    "4 mirrors, 1 defector": GroupParameters(n_players=5, stubborn=(0.0,)),
    "3 mirrors, 2 defectors": GroupParameters(n_players=5, stubborn=(0.0, 0.0)),
    "19 mirrors, 1 defector": GroupParameters(n_players=20, stubborn=(0.0,)),
    "4 mirrors of the least, 1 defector": GroupParameters(n_players=5, stubborn=(0.0,), aggregate="least"),
    "5 mirrors of the least": GroupParameters(n_players=5, aggregate="least"),
}

# The same groups of those who keep ledgers: only generosities have no counterpart.
LEDGERS: dict[str, LedgerGroupParameters] = {
    "2 ledgers": LedgerGroupParameters(n_players=2),
    "3 ledgers": LedgerGroupParameters(n_players=3),
    "5 ledgers": LedgerGroupParameters(n_players=5),
    "20 ledgers": LedgerGroupParameters(n_players=20),
    "3 ledgers, diminishing returns": LedgerGroupParameters(n_players=3, benefit=1.5, exponent=0.5),
    "2 ledgers, 1 defector": LedgerGroupParameters(n_players=3, stubborn_levels=(0.0,)),
    "4 ledgers, 1 defector": LedgerGroupParameters(n_players=5, stubborn_levels=(0.0,)),
    "3 ledgers, 2 defectors": LedgerGroupParameters(n_players=5, stubborn_levels=(0.0, 0.0)),
    "19 ledgers, 1 defector": LedgerGroupParameters(n_players=20, stubborn_levels=(0.0,)),
    "4 ledgers of the least, 1 defector": LedgerGroupParameters(
        n_players=5, stubborn_levels=(0.0,), aggregate="least"
    ),
    "5 ledgers of the least": LedgerGroupParameters(n_players=5, aggregate="least"),
}
ALL_groups = (*groups, *LEDGERS)

# A group rests as foretold where the mirrors' mean weight is this near.
NEAR = 0.05


KEYS_OF_groups = {
    "group": "who plays the public good",
    "alpha_interval": "95% interval of `alpha`; of ledgers that is the degree that is meant",
    "level": "mean level of cooperation of the mirrors or ledgers",
    "mirror_payoff": "their mean payoff; `stubborn_payoff`: of the defectors, None where there are none",
    "stubborn_payoff": "see `mirror_payoff`",
}


def group_parameters(name: str, *, noise: float, rounds: int) -> GroupParameters | LedgerGroupParameters:
    """Return the parameters of a group by name."""
    group = groups[name] if name in groups else LEDGERS[name]
    return replace(group, noise=noise, rounds=rounds, levels=LEVELS)


def play_group(
    where: dict[str, Any], p: GroupParameters | LedgerGroupParameters, *, runs: int, seed: int
) -> Measured:
    """Play a group; measure the second half of the rounds, and judge it where its game is not too large.

    `where` says in measured quantities and verdicts what was played.
    """
    rounds = p.rounds
    data = play_groups(p, runs=runs, seed=seed, burn_in=rounds // 2)
    mirrors = np.isnan(p.stubborn_weights) if isinstance(p, GroupParameters) else p.stubborn_actions < 0
    late = data["alpha"].values[:, rounds // 2 :, mirrors].mean(axis=(1, 2))
    mean, lower, upper = interval_of(late)
    payoffs = data["mean_payoff"].values
    index, index_low, index_high = interval_of(welfare_index(p, payoffs.sum(axis=1)))
    cell = (
        where
        | (_foretold(p, mirrors, late) if isinstance(p, GroupParameters) else {})
        | {
            "alpha": mean,
            "alpha_interval": [lower, upper],
            "level": float(data["mean_level"].values[:, mirrors].mean()),
            "mirror_payoff": float(payoffs[:, mirrors].mean()),
            "stubborn_payoff": None if mirrors.all() else float(payoffs[:, ~mirrors].mean()),
            "welfare_index": index,
            "welfare_index_interval": [index_low, index_high],
            "runs": runs,
        }
    )
    facts = _facts(p)
    if facts is None:
        return Measured(cells=[cell])
    coarse = frequencies_on_grid(data["frequency"].values, JUDGED_LEVELS[p.n_players])
    judged_data = xr.Dataset({"frequency": (("run", "player", "action"), coarse)})
    return Measured(cells=[cell], verdicts=[where | {"judged_in": "original"} | judged(facts, judged_data)])


def _foretold(p: GroupParameters, mirrors: BoolArray, late: FloatArray) -> dict[str, Any]:
    """Return where literal mirrors with perfect estimates rest, and how many runs do."""
    rest = group_mirror_rest(p.generosities, stubborn=p.stubborn_weights, aggregate=p.aggregate)
    low, high = float(rest.lowest[mirrors].mean()), float(rest.highest[mirrors].mean())
    near = (late >= low - NEAR) & (late <= high + NEAR)
    return {"predicted": [low, high], "runs_as_predicted": int(near.sum())}


def welfare_index(p: PublicGoodGroup, welfare: FloatArray) -> FloatArray:
    """Return (W - Wmin) / (Wmax - Wmin) over the outcomes of the group's grid of levels.

    Welfare is concave and symmetric in the levels: largest where all play one level, least where each plays 0 or 1.
    """
    good = PublicGoodPayoffs(p.benefit, p.cost, p.exponent)
    alike = good([cooperation_levels(p.levels)] * p.n_players).sum(axis=0)
    ends = [
        float(good([np.array(float(i < full)) for i in range(p.n_players)]).sum())
        for full in range(p.n_players + 1)
    ]
    return np.asarray((welfare - min(ends)) / (alike.max() - min(ends)))


def _facts(p: PublicGoodGroup) -> GameFacts | None:
    levels = JUDGED_LEVELS.get(p.n_players)
    return None if levels is None else _facts_of_good(p.n_players, p.benefit, p.exponent, levels)


@cache
def _facts_of_good(n_players: int, benefit: float, exponent: float, levels: int) -> GameFacts:
    return facts_of(graded_public_good(n_players, benefit=benefit, exponent=exponent, levels=levels))


def group_table(cells: list[dict[str, Any]], verdicts: list[dict[str, Any]]) -> Table:
    """Return where groups rest, predicted and measured."""
    labels = {(v["group"], v["noise"]): next(iter(v["labels"])) for v in verdicts if "group" in v}
    rows = []
    for cell in cells:
        low, high = cell["predicted"]
        rows.append(
            (
                cell["group"],
                f"{cell['noise']:.0%}",
                f"{low:.2f}" if high - low < 0.005 else f"{low:.2f} to {high:.2f}",
                f"{cell['alpha']:.2f}",
                f"{cell['runs_as_predicted']}/{cell['runs']}",
                f"{cell['mirror_payoff']:.3f}",
                "–" if cell["stubborn_payoff"] is None else f"{cell['stubborn_payoff']:.3f}",
                f"{cell['welfare_index']:.3f}",
                labels.get((cell["group"], cell["noise"]), "not judged"),
            )
        )
    return Table(
        f"Groups of literal mirrors in the graded public good ({LEVELS} levels): weight in the later rounds",
        (
            "group",
            "noise",
            "predicted",
            "alpha",
            "as predicted",
            "payoff",
            "defector's",
            "welfare",
            "verdict",
        ),
        rows,
        "b = c = 1, constant returns (diminishing: b = 1.5, exponent 1/2); generosity .05 where nothing is said. "
        "Generous: .15 and four of -.02; stingy: -.15 and four of .02. Verdict: the most frequent, in the original "
        "game on a grid of "
        + ", ".join(f"{k} levels for {n} players" for n, k in JUDGED_LEVELS.items())
        + "; larger games are not judged.",
    )


def beside_table(cells: list[dict[str, Any]], verdicts: list[dict[str, Any]]) -> Table:
    """Return what groups of ledgers get beside the same groups of literal mirrors."""
    labels = {(v["group"], v["noise"]): next(iter(v["labels"])) for v in verdicts}
    by_place = {(cell["group"], cell["noise"]): cell for cell in cells}
    rows = []
    for (group, noise), cell in by_place.items():
        literal = by_place.get((group.replace("ledgers", "mirrors"), noise))
        if group in LEDGERS:
            rows.append(
                (
                    group,
                    f"{noise:.0%}",
                    f"{cell['level']:.2f}",
                    *(_each(one, "mirror_payoff") for one in (cell, literal)),
                    *(_each(one, "stubborn_payoff") for one in (cell, literal)),
                    *(_each(one, "welfare_index") for one in (cell, literal)),
                    labels.get((group, noise), "not judged"),
                )
            )
    return Table(
        "Groups who keep ledgers, beside the same groups of literal mirrors (lit.), in the second half of the rounds",
        (
            "group",
            "noise",
            "level",
            "payoff",
            "lit.",
            "defector's",
            "lit.",
            "welfare",
            "lit.",
            "verdict on ledgers",
        ),
        rows,
        "Where returns are constant full cooperation of all pays .5 each and that of nobody 0.",
    )


def _each(cell: dict[str, Any] | None, key: str) -> str:
    return "–" if cell is None or cell[key] is None else f"{cell[key]:.3f}"


def group_finding(cells: list[dict[str, Any]]) -> str:
    """Say how far theory foretells groups."""
    sentences = []
    for noise in dict.fromkeys(c["noise"] for c in cells):
        here = [c for c in cells if c["noise"] == noise]
        runs, right = sum(c["runs"] for c in here), sum(c["runs_as_predicted"] for c in here)
        words = ", ".join(
            f"{c['group']} {c['alpha']:.2f} ({c['predicted'][0]:.2f})"
            for c in here
            if "defector" in c["group"]
        )
        sentences.append(
            f"Groups in the public good, {noise:.0%} noise: as foretold in {right} of {runs} runs; weight beside "
            f"defectors (foretold): {words}."
        )
    return " ".join(sentences)
