"""Tables and words of `fairness-disagreement`."""

from __future__ import annotations

from typing import Any

import numpy as np

from scenarios.frame.results import Table
from scenarios.gradual.fairness_cast import DEFECTOR, FORMS, NOISES, RULES
from scenarios.gradual.measures import interval_of
from simulation.gradual.graded_games import GradedGame
from simulation.gradual.policies import fair_actions


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


def fairness_finding(cells: list[dict[str, Any]]) -> str:
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
        if {"gradual", "binary"} < set(found):
            best = max(found, key=lambda rule: found[rule]["differ"][0])
            sentences.append(
                f"With {noise:.0%} noise most is saved by: {best} ({found[best]['differ'][0]:.2f})."
            )
    return " ".join(sentences)


def _pair(payoffs: list[float]) -> str:
    return f"{payoffs[0]:.2f} and {payoffs[1]:.2f}"
