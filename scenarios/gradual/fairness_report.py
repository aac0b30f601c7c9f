"""What `fairness-disagreement` reports: what each rule saves, what insisting takes, and how every pair fared."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from scenarios.frame.results import Picture, Table
from scenarios.gradual.fairness_cast import (
    AGREEMENTS,
    BINARY,
    CONTRITE,
    DEFECTOR,
    FORMS,
    GRADUAL,
    ITSELF,
)
from scenarios.gradual.measures import interval_of
from simulation.gradual.graded_games import GradedGame
from simulation.gradual.policies import fair_actions
from theory.checks import FloatArray
from theory.repeated.ledger import ledger_tables

Cells = list[dict[str, Any]]


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


def summary_of(cells: Cells, rule: str, noise: float) -> dict[str, Any] | None:
    """Return how a rule fares over all pairs who agree, all who disagree, and against defectors.

    Intervals are over runs, each run's index being the mean over the pairs: so they say nothing of other notions.
    """
    here = [c for c in cells if (c["rule"], c["noise"], c["meets"]) == (rule, noise, ITSELF)]
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


def summaries_at(cells: Cells, noise: float) -> dict[str, dict[str, Any]]:
    """Return how each rule fares at a noise, by rule."""
    rules = dict.fromkeys(c["rule"] for c in cells)
    return {rule: found for rule in rules if (found := summary_of(cells, rule, noise))}


def summary_table(cells: Cells, verdicts: Cells) -> Table:
    """Return what each rule saves, and at what price."""
    rows = []
    for noise in dict.fromkeys(c["noise"] for c in cells):
        for rule, found in summaries_at(cells, noise).items():
            efficient, judged = _efficient_runs(verdicts, rule, noise)
            rows.append(
                (
                    f"{noise:.0%}",
                    rule,
                    *(_with_interval(found[which]) for which in ("agree", "differ")),
                    f"{found['lowest']:.2f}",
                    *(f"{payoff:.2f}" for payoff in found["payoffs_differ"]),
                    f"{efficient} of {judged}",
                    "–" if found["robbed"] is None else f"{found['robbed']:.1%}",
                )
            )
    return Table(
        "What each rule saves: welfare index over pairs of notions, payoffs, and what a defector takes",
        ("noise", "rule", "agree", "disagree", "lowest", "payoff 1", "payoff 2", "efficient", "robbed"),
        rows,
        "Agree, disagree: mean over 4 and 12 pairs, ± half of the 95% interval over runs. Lowest: of the pairs who "
        "disagree; the payoffs are theirs too. Efficient: runs of these pairs that are judged Pareto-optimal in "
        "the original game. Robbed: largest loss below the security level against a defector, in ranges. "
        "Contrite players have no notion of fairness: their pairs are all alike.",
    )


def _efficient_runs(verdicts: Cells, rule: str, noise: float) -> tuple[int, int]:
    """Return how many runs of pairs who disagree are judged Pareto-optimal, and how many are judged."""
    labels = [
        (label, runs)
        for verdict in verdicts
        if (verdict["rule"], verdict["noise"], verdict["meets"]) == (rule, noise, ITSELF)
        and verdict["judged_in"] == "original"
        and verdict["player_1"] != verdict["player_2"]
        and DEFECTOR not in (verdict["player_1"], verdict["player_2"])
        for label, runs in verdict["labels"].items()
    ]
    optimal = [runs for label, runs in labels if label.startswith(("Pareto-optimal", "welfare-optimal"))]
    return sum(optimal), sum(runs for _, runs in labels)


def _with_interval(found: tuple[float, float, float]) -> str:
    mean, low, high = found
    return f"{mean:.3f} ± {(high - low) / 2:.3f}"


def insisting_table(game: GradedGame, cells: Cells) -> Table:
    """Return what those take who insist on their notion, and what it leaves to those who concede."""
    rows = []
    for meets in dict.fromkeys(c["meets"] for c in cells if c["meets"] != ITSELF):
        for noise in dict.fromkeys(c["noise"] for c in cells):
            for insists in (1, 2):
                here = [c for c in cells if (c["meets"], c["noise"], c["insists"]) == (meets, noise, insists)]
                if here:
                    gains = np.array([_shares_of_own_gain(game, c) for c in here])
                    conceding, insisting = gains[:, :, 2 - insists], gains[:, :, insists - 1]
                    welfare = interval_of(np.mean([c["welfare_index_of_runs"] for c in here], axis=0))
                    rows.append(
                        (
                            f"{noise:.0%}",
                            meets,
                            str(3 - insists),
                            _with_interval(interval_of(conceding.mean(axis=0))),
                            f"{conceding.min():.2f}",
                            _with_interval(interval_of(insisting.mean(axis=0))),
                            _with_interval(welfare),
                        )
                    )
    return Table(
        "Those who concede beside those who insist on their notion",
        ("noise", "the other", "conceding is", "it gets", "least", "the other gets", "welfare"),
        rows,
        "Gets: gain over the security level as a share of what one's own notion gives, mean over the pairs who "
        "disagree, ± half of the 95% interval over runs; least: of any run of any pair. The insisting ledger is "
        "gradual Tit-for-Tat; the unmoved one plays its part of what it thinks fair, whatever happens.",
    )


def _shares_of_own_gain(game: GradedGame, cell: dict[str, Any]) -> FloatArray:
    """Return `[runs, 2]`: what each got above its security level, as a share of what its own notion gives it."""
    payoffs = np.array(cell["payoffs_of_runs"])
    shares = np.empty_like(payoffs)
    for player, notion in enumerate((cell["player_1"], cell["player_2"])):
        tables = ledger_tables(game, player, agreement=AGREEMENTS[notion])
        security, agreed = tables.security[0], tables.agreed_payoffs[0]
        shares[:, player] = (payoffs[:, player] - security) / (agreed - security)
    return shares


def pair_table(cells: Cells, verdicts: Cells) -> Table:
    """Return how every pair fared."""
    original = [verdict for verdict in verdicts if verdict["judged_in"] == "original"]
    rows = [
        (
            cell["rule"],
            f"{cell['noise']:.0%}",
            *(_seat_name(cell, player) for player in (1, 2)),
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


def _seat_name(cell: dict[str, Any], player: int) -> str:
    notion = str(cell[f"player_{player}"])
    return f"{notion}, {cell['meets']}" if cell["insists"] == player else notion


def finding(cells: Cells) -> str:
    """Say what each rule saves."""
    sentences = []
    for noise in dict.fromkeys(c["noise"] for c in cells):
        found = summaries_at(cells, noise)
        for rule, one in found.items():
            sentences.append(
                f"{rule.capitalize()}, {noise:.0%} noise: the welfare index is {one['agree'][0]:.2f} where the "
                f"players agree about fairness (payoffs {_pair(one['payoffs_agree'])}) and {one['differ'][0]:.2f} "
                f"where they do not ({_pair(one['payoffs_differ'])})."
            )
        if {GRADUAL, BINARY} < set(found):
            best = max(found.keys() - {CONTRITE}, key=lambda rule: found[rule]["differ"][0])
            sentences.append(
                f"With {noise:.0%} noise, of those who have a notion most is saved by: {best} "
                f"({found[best]['differ'][0]:.2f})."
            )
    return " ".join(sentences)


def _pair(payoffs: list[float]) -> str:
    return f"{payoffs[0]:.2f} and {payoffs[1]:.2f}"


def pictures_of(game: GradedGame, cells: Cells) -> list[Picture]:
    """Return a picture of where pairs end for each noise."""
    from scenarios.pictures.gradual import draw_fairness

    pairs = [c for c in cells if c["meets"] == ITSELF and DEFECTOR not in (c["player_1"], c["player_2"])]
    return [
        Picture(
            f"fairness-noise-{100 * noise:.0f}",
            partial(draw_fairness, game, [c for c in pairs if c["noise"] == noise], noise),
        )
        for noise in dict.fromkeys(c["noise"] for c in pairs)
    ]
