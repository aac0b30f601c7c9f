"""Tables and words of `gradual-tft-duels`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from scenarios.frame.results import Table
from scenarios.frame.verdicts import counted_labels
from scenarios.gradual.cast import BINARY, GAMES, LITERAL, OPPONENTS, VARIANTS
from scenarios.gradual.figures import FIGURES

Cells = list[dict[str, Any]]

# Who met whom where: what identifies a cell and the verdicts on it.
KEY = ("game", "condition", "player", "opponent")


def key_of(cell: dict[str, Any]) -> tuple[str, ...]:
    """Return who met whom where."""
    return tuple(cell[name] for name in KEY)


def figure_table(figures: Cells) -> Table:
    """Return the figures by which the literal mirror is held."""
    rows = [
        (
            FIGURES[cell["figure"]],
            f"{cell['noise']:.0%}",
            f"{cell['mean']:.4f}",
            f"{cell['interval'][0]:.4f} to {cell['interval'][1]:.4f}",
            f"{'at least' if cell['at_least'] else 'at most'} {cell['target']:g}",
            "yes" if cell["reached"] else "NO",
        )
        for cell in figures
    ]
    return Table(
        "Graded donation game (b = c = 1, 101 levels), one setting of the tunables",
        ("figure", "noise", "measured", "95% interval", "target", "reached"),
        rows,
        "Noise: with this probability another level is played. Loss: own cost, so that the defector's "
        "slips do not count in favour. Rounds to answer: the slowest run.",
    )


def duel_tables(cells: Cells, verdicts: Cells, conditions: tuple[str, ...]) -> list[Table]:
    """Return one table a condition: the donation game, the literal mirror and its rivals in full."""
    labels = {key_of(v): next(iter(v["labels"])) for v in verdicts if v["judged_in"] == "original"}
    tables = []
    for condition in conditions:
        rows = [
            _duel_row(cell, labels[key_of(cell)])
            for cell in cells
            if cell["game"] == "donation"
            and cell["condition"] == condition
            and cell["player"] in (LITERAL, BINARY, "consequentialist")
        ]
        if rows:
            tables.append(
                Table(
                    f"Graded donation game, {condition}",
                    (
                        "player", "opponent", "payoff", "partner", "level", "partner's", "loss",
                        "punishment / offence", "most frequent verdict",
                    ),
                    rows,
                    "Loss: below the security level, in payoff ranges. A ratio above 1 punishes more than the "
                    "offence cost. Verdict: in the original game, by each run's frequencies of levels.",
                )
            )  # fmt: skip
    return tables


def _duel_row(cell: dict[str, Any], label: str) -> tuple[str, ...]:
    ratio = cell["punishment_over_offence"]
    low, high = cell["payoff_interval"]
    return (
        cell["player"],
        cell["opponent"],
        f"{cell['payoff']:.3f} ± {(high - low) / 2:.3f}",
        f"{cell['partner_payoff']:.3f}",
        f"{cell['cooperation']:.2f}",
        f"{cell['partner_cooperation']:.2f}",
        f"{cell['loss_below_security']:.2%}",
        "–" if ratio is None else f"{ratio:.2f}",
        label,
    )


def verdict_table(verdicts: Cells) -> Table:
    """Return the three verdicts on the literal mirror with itself, in every game and condition."""
    rows = [
        (
            verdict["game"],
            verdict["condition"],
            verdict["judged_in"],
            counted_labels(verdict["labels"]),
        )
        for verdict in verdicts
        if (verdict["player"], verdict["opponent"]) == (LITERAL, "itself")
    ]
    return Table(
        "Verdicts on the literal mirror with itself",
        ("game", "condition", "judged in", "runs × label"),
        rows,
        "Altruistic: each player's utility is what it maximises at its mean cooperativeness. Correlated: the "
        "frequencies of pairs of levels in the original game. Tolerance .02 of the payoff range.",
    )


def variants_table(cells: Cells) -> Table:
    """Return how each variant fares with itself and with the others, as means over the games."""
    names = [name for name in VARIANTS if any(c["player"] == name for c in cells)]
    rows = []
    for condition in ("no noise", "5% noise"):
        here = [c for c in cells if c["condition"] == condition]
        for player in names:
            itself = [c for c in here if (c["player"], c["opponent"]) == (player, "itself")]
            index = {
                name: float(np.mean([c["welfare_index"] for c in group]))
                for name in names
                if (group := [c for c in here if (c["player"], c["opponent"]) == (player, name)])
            }
            # Where benefits differ it is the role that earns more.
            advantage = [
                c["advantage"]
                for c in here
                if c["player"] == player and c["opponent"] in index and c["game"] != "asymmetric-donation"
            ]
            if itself and index:
                worst = min(index, key=index.__getitem__)
                rows.append(
                    (
                        condition,
                        player,
                        f"{np.mean([c['welfare_index'] for c in itself]):.2f}",
                        f"{np.mean(list(index.values())):.2f}",
                        f"{index[worst]:.2f}",
                        worst,
                        f"{np.mean(advantage):+z.1%}" if advantage else "–",
                    )
                )
    return Table(
        "Variants with each other: welfare index, mean over the games",
        ("condition", "player", "itself", "others", "lowest", "with", "advantage"),
        rows,
        "Advantage: own payoff minus the partner's, in payoff ranges, mean over the other variants and the "
        "symmetric games.",
    )


def summary_table(cells: Cells, conditions: tuple[str, ...]) -> Table:
    """Return each player's summary in every game and condition."""
    rows = []
    for game in GAMES:
        for condition in conditions:
            here = [c for c in cells if (c["game"], c["condition"]) == (game, condition)]
            for player in dict.fromkeys(c["player"] for c in here):
                of_player = [c for c in here if c["player"] == player]
                rows.append((game, condition, player, *_summary_row(of_player)))
    return Table(
        "All games: mean payoff against the thirteen common opponents, welfare index with itself, safety",
        ("game", "condition", "player", "payoff", "self-play", "largest loss", "punishment / offence"),
        rows,
        "Largest loss: below the security level, over opponents, in payoff ranges. Ratio: median over them.",
    )


def _summary_row(cells: Cells) -> tuple[str, ...]:
    common = [c["payoff"] for c in cells if c["opponent"] in OPPONENTS]
    itself = [c["welfare_index"] for c in cells if c["opponent"] == "itself"]
    ratios = [c["punishment_over_offence"] for c in cells if c["punishment_over_offence"] is not None]
    return (
        f"{np.mean(common):.3f}" if common else "–",
        f"{itself[0]:.3f}" if itself else "–",
        f"{max(c['loss_below_security'] for c in cells):.1%}",
        f"{np.median(ratios):.2f}" if ratios else "–",
    )


def _compare(cells: Cells, condition: str) -> tuple[int, int, int, list[str], list[str]]:
    """Count where the literal mirror earns more than binary against the same opponent, less, or neither clearly."""
    wins, losses, ties = 0, 0, 0
    won: dict[str, int] = {}
    lost: dict[str, int] = {}
    by_key = {(c["game"], c["condition"], c["player"], c["opponent"]): c for c in cells}
    for (game, where, player, opponent), cell in by_key.items():
        rival = by_key.get((game, where, BINARY, opponent))
        if player != LITERAL or where != condition or rival is None or opponent not in OPPONENTS:
            continue
        if cell["payoff_interval"][0] > rival["payoff_interval"][1] + 1e-9:
            wins += 1
            won[opponent] = won.get(opponent, 0) + 1
        elif cell["payoff_interval"][1] < rival["payoff_interval"][0] - 1e-9:
            losses += 1
            lost[opponent] = lost.get(opponent, 0) + 1
        else:
            ties += 1
    most = [sorted(d, key=lambda name: -d[name])[:4] for d in (won, lost)]
    return wins, losses, ties, most[0], most[1]


def _against(names: list[str]) -> str:
    return f" (most often against {', '.join(names)})" if names else ""


def _with_itself(verdicts: Cells, condition: str) -> str:
    """Say how the literal mirror with itself is judged, over all games."""
    words = []
    for kind, name in (("original", "Nash"), ("altruistic", "Nash"), ("correlated", "correlated")):
        counts: Counter[str] = Counter()
        for verdict in verdicts:
            if (verdict["judged_in"], verdict["condition"]) == (kind, condition) and (
                verdict["player"],
                verdict["opponent"],
            ) == (LITERAL, "itself"):
                counts.update(verdict["labels"])
        if counts:
            equilibria = sum(runs for label, runs in counts.items() if "not an equilibrium" not in label)
            optimal = sum(runs for label, runs in counts.items() if "Pareto-dominated" not in label)
            where = "by its joint play" if kind == "correlated" else f"in the {kind} game"
            # A welfare-optimal equilibrium is named so only where it is Pareto-optimal too.
            words.append(f"{where} {equilibria} are {name} equilibria and {optimal} Pareto-optimal")
    if not words:
        return ""
    return f"Of {counts.total()} runs of {LITERAL} with itself ({condition}), {'; '.join(words)}."


def _among_variants(cells: Cells, condition: str) -> str:
    """Say which pairs of different variants do best and worst, over all games."""
    pairs: dict[frozenset[str], list[float]] = {}
    for cell in cells:
        pair = frozenset((cell["player"], cell["opponent"]))
        if cell["condition"] == condition and len(pair) == 2 and pair <= set(VARIANTS):
            pairs.setdefault(pair, []).append(cell["welfare_index"])
    if not pairs:
        return ""
    means = {pair: sum(values) / len(values) for pair, values in pairs.items()}
    worst, best = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    return (
        f"Of pairs of different variants ({condition}) {' and '.join(sorted(best))} do best (mean welfare index "
        f"{means[best]:.2f}), {' and '.join(sorted(worst))} worst ({means[worst]:.2f})."
    )


def finding(figures: Cells, cells: Cells, verdicts: Cells) -> str:
    """Say which figures are reached, who earns more than the binary rule, and how play with itself is judged."""
    sentences = []
    if figures:
        reached = sum(cell["reached"] for cell in figures)
        sentences.append(f"{reached} of {len(figures)} figures are reached with one setting of the tunables.")
    for condition in ("no noise", "5% noise"):
        wins, losses, ties, won, lost = _compare(cells, condition)
        if wins + losses + ties == 0:
            continue
        sentences.append(
            f"With {condition}, the literal mirror earns clearly more than the binary rule in {wins} of "
            f"{wins + losses + ties} pairs of game and common opponent"
            + _against(won)
            + f", clearly less in {losses}"
            + _against(lost)
            + "."
        )
        for name in (LITERAL, "with probes", "probes in doubt", BINARY):
            itself = {
                c["game"]: c["welfare_index"]
                for c in cells
                if (c["player"], c["opponent"], c["condition"]) == (name, "itself", condition)
            }
            if itself:
                words = ", ".join(f"{game} {index:.2f}" for game, index in itself.items())
                sentences.append(f"Welfare index of {name} with itself ({condition}): {words}.")
        sentences += [_with_itself(verdicts, condition), _among_variants(cells, condition)]
    return " ".join(sentence for sentence in sentences if sentence)
