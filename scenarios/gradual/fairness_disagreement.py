"""Two notions of fairness in an asymmetric game: does mirroring save what the binary rule loses?

Thesis sections 6.3.1 and 6.4.3: players who disagree about what is fair take the other's fair play for an offence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Measured, Report, RunParameters, Scenario
from scenarios.gradual.measures import KEYS_OF_DUELS, duel_measures, interval_of
from scenarios.gradual.verdicts import facts_of, three_verdicts
from simulation.engine.randomness import whole_number
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import GradedGame, graded_donation_game
from simulation.gradual.players import BinaryTitForTat, DuelPlayer, FixedCooperativeness, LiteralMirror
from simulation.gradual.policies import Form, fair_actions
from theory.checks import FloatArray, known_name
from theory.verdicts.facts import GameFacts

NAME = "fairness-disagreement"
FORMS: tuple[Form, ...] = ("sum", "nash", "kalai-smorodinsky", "egalitarian")
# The last four change the literal mirror in one thing each, and in two; all were set down before any was played.
RULES = (
    "literal-mirror",
    "binary",
    "binary, lenient",
    "doubting form",
    "generous by doubt",
    "share of own fair",
    "share, doubting form",
)
NOISES = (0.0, 0.05)
LEVELS = 21

_SHARES: dict[Form, Form] = {
    "sum": "value",
    "nash": "nash-value",
    "kalai-smorodinsky": "kalai-smorodinsky-value",
    "egalitarian": "egalitarian-value",
}

# Who plays against a rule to see what it can be robbed of.
DEFECTOR = "defector"

# Runs of each cell whose rounds are stored.
KEPT_RUNS = 3


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """The two players' benefits make the game asymmetric."""

    quick_runs = 3

    runs: int = 20
    rounds: int = 1000
    """Of a duel, more than `burn_in`; means are over the rounds from `burn_in` on."""
    burn_in: int = 100
    """Rounds at the beginning of a duel that do not count."""
    benefits: tuple[float, float] = (3.0, 1.0)
    """What the other's full cooperation is worth to each player, positive."""
    notions: tuple[Form, ...] = FORMS
    """Notions of fairness that meet each other."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("rounds", self.rounds, at_least=self.burn_in + 1)
        for notion in self.notions:
            known_name("notion of fairness", notion, FORMS)

    @cached_property
    def game(self) -> GradedGame:
        """The asymmetric donation game; cooperation costs both the same."""
        return graded_donation_game(benefit=self.benefits, levels=LEVELS)


class Cell(NamedTuple):
    """Two players who follow one rule, by a notion of fairness each; at most one is the defector."""

    rule: str
    noise: float
    player_1: str
    player_2: str


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return every pair of notions, and each with the defector, under every rule."""
    seats = (*parameters.notions, DEFECTOR)
    return [
        Cell(rule, noise, one, two)
        for rule in RULES
        for noise in NOISES
        for one in seats
        for two in seats
        if (one, two) != (DEFECTOR, DEFECTOR)
    ]


def group(cell: Cell) -> str:
    """Return the name of a cell's group in the stored file."""
    return f"{cell.rule.replace(', ', '-')}/noise-{cell.noise:g}/{cell.player_1}-and-{cell.player_2}"


def player_of(rule: str, form: Form) -> DuelPlayer:
    """Return the player who follows a rule by a notion of fairness.

    - *doubting form*: the belief is about the other's notion and its cooperativeness together;
    - *generous by doubt*: one standard deviation of the belief is added to the generosity;
    - *share of own fair*: cooperativeness is the share of the way from defection to the outcome that the player
      thinks fair (mirroring in value); with *doubting form* both.
    """
    share: Form = _SHARES[form]
    mirrors = {
        "literal-mirror": LiteralMirror(form=form),
        "doubting form": LiteralMirror(form=form, other_forms=FORMS),
        "generous by doubt": LiteralMirror(form=form, uncertainty_factor=1.0),
        "share of own fair": LiteralMirror(form=share),
        "share, doubting form": LiteralMirror(form=share, other_forms=tuple(_SHARES.values())),
    }
    if rule in mirrors:
        return mirrors[rule]
    # The lenient one tolerates a debit of ten full defections, and takes back no more than was lost.
    lenient = rule == "binary, lenient"
    return BinaryTitForTat(form=form, debit_limit=10.0 if lenient else 0.5, factor=1.0 if lenient else 2.0)


def seated(rule: str, notion: str) -> DuelPlayer:
    """Return the player who follows a rule by a notion of fairness, or the defector."""
    return FixedCooperativeness(beta=0.0) if notion == DEFECTOR else player_of(rule, notion)  # type: ignore[arg-type]


def build(parameters: Parameters, cell: Cell) -> tuple[GradedGame, DuelPlayer, DuelPlayer]:
    """Return the game and the two players of a cell."""
    return parameters.game, seated(cell.rule, cell.player_1), seated(cell.rule, cell.player_2)


def play(parameters: Parameters, cell: Cell) -> Measured:
    """Play duels, measure and judge them."""
    game, *players = build(parameters, cell)
    burn_in, facts = parameters.burn_in, facts_of(game)
    data = play_duels(
        *players, game=game, rounds=parameters.rounds,
        runs=parameters.runs, seed=parameters.seed, noise=cell.noise, burn_in=burn_in, workers=1,
    )  # fmt: skip
    where = cell._asdict()
    return Measured(
        data=data[["level", "payoff"]].isel(run=slice(0, KEPT_RUNS)),
        cells=[where | _measures(facts, data, burn_in)],
        verdicts=[
            where | verdict for verdict in three_verdicts(facts, data, (players[0], players[1]), burn_in)
        ],
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


def report(parameters: Parameters, done: Mapping[Cell, Measured]) -> Report:
    """Say what each rule saves where notions of fairness differ, and what a defector takes."""
    cells = [cell for measured in done.values() for cell in measured.cells]
    verdicts = [verdict for measured in done.values() for verdict in measured.verdicts]
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=finding(cells),
        tables=[fair_table(parameters.game), summary_table(cells), pair_table(cells, verdicts)],
        make_pictures=partial(_pictures, parameters.game, cells),
    )


def fair_table(game: GradedGame) -> Table:
    """Return what each notion of fairness asks for."""
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


def pair_table(cells: list[dict[str, Any]], verdicts: list[dict[str, Any]]) -> Table:
    """Return how every pair fared."""
    original = [verdict for verdict in verdicts if verdict["judged_in"] == "original"]
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
        for cell, verdict in zip(cells, original, strict=True)
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


def summary_of(cells: list[dict[str, Any]], rule: str, noise: float) -> dict[str, Any] | None:
    """Return how a rule fares over all pairs who agree, all who disagree, and against defectors.

    Intervals are over runs, each run's index being the mean over the pairs: so they say nothing of other notions.
    """
    here = [c for c in cells if c["rule"] == rule and c["noise"] == noise]
    robbed = [c for c in here if DEFECTOR in (c["player_1"], c["player_2"])]
    pairs = [c for c in here if c not in robbed]
    agree = [c for c in pairs if c["player_1"] == c["player_2"]]
    differ = [c for c in pairs if c["player_1"] != c["player_2"]]
    if not agree or not differ:
        return None
    losses = [
        c["loss_below_security"] if c["player_2"] == DEFECTOR else c["partner_loss_below_security"]
        for c in robbed
    ]
    return {
        "agree": interval_of(np.mean([c["welfare_index_of_runs"] for c in agree], axis=0)),
        "differ": interval_of(np.mean([c["welfare_index_of_runs"] for c in differ], axis=0)),
        "lowest": min(c["welfare_index"] for c in differ),
        "payoffs_agree": [float(np.mean([c[k] for c in agree])) for k in ("payoff", "partner_payoff")],
        "payoffs_differ": [float(np.mean([c[k] for c in differ])) for k in ("payoff", "partner_payoff")],
        "robbed": max(losses) if losses else None,
    }


def summary_table(cells: list[dict[str, Any]]) -> Table:
    """Return what each rule saves, and at what price."""
    rows = []
    for noise in NOISES:
        for rule in RULES:
            found = summary_of(cells, rule, noise)
            if found:
                rows.append(
                    (
                        f"{noise:.0%}",
                        rule,
                        *(
                            f"{mean:.3f} ± {(high - low) / 2:.3f}"
                            for mean, low, high in (found["agree"], found["differ"])
                        ),
                        f"{found['lowest']:.2f}",
                        *(f"{payoff:.2f}" for payoff in found["payoffs_differ"]),
                        "–" if found["robbed"] is None else f"{found['robbed']:.1%}",
                    )
                )
    return Table(
        "What each rule saves: welfare index over pairs of notions, payoffs, and what a defector takes",
        ("noise", "rule", "agree", "disagree", "lowest", "payoff 1", "payoff 2", "robbed"),
        rows,
        "Agree, disagree: mean over 4 and 12 pairs, with 95% intervals over runs. Lowest: of the pairs who disagree; "
        "the payoffs are theirs too. Robbed: largest loss below the security level against a defector, in ranges.",
    )


def finding(cells: list[dict[str, Any]]) -> str:
    """Say what each rule saves."""
    sentences = []
    for noise in NOISES:
        found = {rule: summary for rule in RULES if (summary := summary_of(cells, rule, noise))}
        for rule, one in found.items():
            sentences.append(
                f"{rule.capitalize()}, {noise:.0%} noise: the welfare index is {one['agree'][0]:.2f} where the "
                f"players agree about fairness (payoffs {_pair(one['payoffs_agree'])}) and {one['differ'][0]:.2f} "
                f"where they do not ({_pair(one['payoffs_differ'])})."
            )
        if {"literal-mirror", "binary"} < set(found):
            best = max(found, key=lambda rule: found[rule]["differ"][0])
            sentences.append(
                f"With {noise:.0%} noise most is saved by: {best} ({found[best]['differ'][0]:.2f})."
            )
    return " ".join(sentences)


def _pair(payoffs: list[float]) -> str:
    return f"{payoffs[0]:.2f} and {payoffs[1]:.2f}"


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


KEYS = KEYS_OF_DUELS | {
    "rule": "that both players follow; the defector follows none",
    "player_1": "the first player's notion of fairness, or `defector`; `player_2` likewise",
    "player_2": "see `player_1`",
    "welfare_index_of_runs": "the welfare index of each run",
    "partner_loss_below_security": "`loss_below_security` of the second player",
}

SCENARIO = Scenario(
    name=NAME,
    Parameters=Parameters,
    cells=cells_of,
    build=build,
    play=play,
    report=report,
    group=group,
    keys=KEYS,
)
