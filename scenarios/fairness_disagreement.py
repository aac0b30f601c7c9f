"""Two notions of fairness in an asymmetric game: does gradual mirroring save what the binary rule loses?

Thesis sections 6.3.1 and 6.4.3: players who disagree about what is fair take the other's fair play for an offence.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import xarray as xr

from scenarios.gradual_measures import duel_measures, interval_of
from scenarios.gradual_verdicts import facts_of, judged
from scenarios.scenario import Picture, Progress, Result, Table, silent
from simulation.environments.graded_games import GradedGame, graded_donation_game
from simulation.gradual.duels import play_duels
from simulation.gradual.players import BinaryTitForTat, DuelPlayer, GradualPlayer
from simulation.gradual.policies import Form, fair_actions
from simulation.randomness import whole_number

NAME = "fairness-disagreement"
FORMS: tuple[Form, ...] = ("sum", "nash", "kalai-smorodinsky", "egalitarian")
RULES = ("gradual", "binary", "binary, lenient")
NOISES = (0.0, 0.05)
LEVELS = 21


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The two players' benefits make the game asymmetric."""

    runs: int = 20
    seed: int = 0
    rounds: int = 1000
    burn_in: int = 100
    benefits: tuple[float, float] = (3.0, 1.0)
    """What the other's full cooperation is worth to each player, positive."""

    def __post_init__(self) -> None:
        whole_number("runs", self.runs, at_least=1)
        whole_number("seed", self.seed, at_least=0)
        whole_number("rounds", self.rounds, at_least=self.burn_in + 1)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: three runs."""
        return replace(self, runs=min(self.runs, 3))

    @property
    def game(self) -> GradedGame:
        """The asymmetric donation game; cooperation costs both the same."""
        return graded_donation_game(benefit=self.benefits, levels=LEVELS)


def player_of(rule: str, form: Form) -> DuelPlayer:
    """Return the player who follows a rule by a notion of fairness."""
    if rule == "gradual":
        return GradualPlayer(form=form)
    # The lenient one tolerates a debit of ten full defections, and takes back no more than was lost.
    lenient = rule == "binary, lenient"
    return BinaryTitForTat(form=form, debit_limit=10.0 if lenient else 0.5, factor=1.0 if lenient else 2.0)


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Let every pair of notions of fairness meet under every rule."""
    started = time.perf_counter()
    game = parameters.game
    facts = facts_of(game)
    todo = [(rule, noise, one, two) for rule in RULES for noise in NOISES for one in FORMS for two in FORMS]
    cells: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    kept: dict[str, xr.Dataset] = {}
    complete = True
    try:
        for rule, noise, one, two in progress(todo, total=len(todo)):
            data = play_duels(
                player_of(rule, one), player_of(rule, two), game=game, rounds=parameters.rounds,
                runs=parameters.runs, seed=parameters.seed, noise=noise, burn_in=parameters.burn_in, workers=1,
            )  # fmt: skip
            where = {"rule": rule, "noise": noise, "player_1": one, "player_2": two}
            index = interval_of(data["mean_payoff"].values.sum(axis=1))
            measured = duel_measures(facts, data, parameters.burn_in)
            cells.append(where | measured | {"welfare": index[0], "welfare_interval": list(index[1:])})
            verdicts.append(where | {"judged_in": "original"} | judged(facts, data))
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
        finding=_finding(cells),
        tables=[_fair_table(game), _table(cells, verdicts)],
        pictures=_pictures(game, cells),
        data=_data(kept, parameters),
    )


def _fair_table(game: GradedGame) -> Table:
    rows = []
    for form in FORMS:
        one, two = fair_actions(game, 0, form=form)
        payoffs = game.payoffs[:, one, two]
        rows.append(
            (form, f"{game.levels[one]:g}", f"{game.levels[two]:g}", f"{payoffs[0]:.3f}", f"{payoffs[1]:.3f}")
        )
    return Table(
        f"What each notion of fairness asks for in the {game.title}",
        ("fairness", "level of 1", "level of 2", "payoff of 1", "payoff of 2"),
        rows,
    )


def _table(cells: list[dict[str, Any]], verdicts: list[dict[str, Any]]) -> Table:
    rows = [
        (
            cell["rule"],
            f"{cell['noise']:.0%}",
            cell["player_1"],
            cell["player_2"],
            f"{cell['payoff']:.3f}",
            f"{cell['partner_payoff']:.3f}",
            f"{cell['cooperation']:.2f}",
            f"{cell['partner_cooperation']:.2f}",
            f"{cell['welfare_index']:.3f}",
            next(iter(verdict["labels"])),
        )
        for cell, verdict in zip(cells, verdicts, strict=True)
    ]
    return Table(
        "Who gets what when notions of fairness meet",
        (
            "rule", "noise", "player 1", "player 2", "payoff 1", "payoff 2", "level 1", "level 2", "welfare",
            "most frequent verdict",
        ),
        rows,
        "Welfare: index between 0 and 1. Verdicts in the original game.",
    )  # fmt: skip


def _finding(cells: list[dict[str, Any]]) -> str:
    sentences = []
    for noise in NOISES:
        for rule in RULES:
            here = [c for c in cells if c["rule"] == rule and c["noise"] == noise]
            agree = [c for c in here if c["player_1"] == c["player_2"]]
            differ = [c for c in here if c["player_1"] != c["player_2"]]
            if not agree or not differ:
                continue
            means = [
                sum(c[name] for c in group) / len(group)
                for group in (agree, differ)
                for name in ("welfare_index", "payoff", "partner_payoff")
            ]
            sentences.append(
                f"{rule.capitalize()}, {noise:.0%} noise: the welfare index is {means[0]:.2f} where the players "
                f"agree about fairness (payoffs {means[1]:.2f} and {means[2]:.2f}) and {means[3]:.2f} where they "
                f"do not ({means[4]:.2f} and {means[5]:.2f})."
            )
    return " ".join(sentences)


def _pictures(game: GradedGame, cells: list[dict[str, Any]]) -> list[Picture]:
    from scenarios.plots_gradual import draw_fairness

    return [
        Picture(f"fairness-noise-{100 * noise:.0f}", partial(draw_fairness, game, here, noise))
        for noise in NOISES
        if (here := [c for c in cells if c["noise"] == noise])
    ]


def _data(kept: dict[str, xr.Dataset], parameters: Parameters) -> xr.DataTree:
    tree = xr.DataTree.from_dict(kept)
    tree.attrs = {"scenario": NAME, "parameters": json.dumps(asdict(parameters))}
    return tree
