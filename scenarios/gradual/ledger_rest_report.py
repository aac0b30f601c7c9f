"""Tables and words on where two ledger mirrors rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from scenarios.frame.results import Table
from scenarios.frame.verdicts import counted_labels
from scenarios.gradual.ledger_rest import CONTINUOUS, ENSEMBLE, GRADED, MATRIX, NEAR, SLIPS, STAG_HUNTS

Cells = Sequence[dict[str, Any]]

KEYS_OF_LEDGERS = {
    "player": "of two ledgers: `gradual-tit-for-tat`, the name under which they play",
    "start": "the actions that both are taken to have played before the first round",
    "agreed": f"share of rounds in the second half in which both levels are within {NEAR:g} of the agreed play",
    "agreed_interval": "95% interval of `agreed`",
    "agreed_in_theory": "what theory foretells of it, None where it is silent; `index_in_theory`: of `index`",
    "index_in_theory": "see `agreed_in_theory`",
    "given_up": "in how many games of an ensemble two ledgers are less than half of the later rounds at the agreed "
    "play; `given_up_in_theory`: in how many that would pay less than can be secured",
    "given_up_in_theory": "see `given_up`",
    "most_agreed": "the most that `agreed` can be: what slips alone leave",
    "slowest_arrival": "first round at the agreed play, of the slowest run; None if some run was never there",
    "index": "sum of (payoff - security level) over that of (agreed payoff - security level), both players and all "
    "games of an ensemble, in the second half; `index_interval`: its 95% interval",
    "index_interval": "see `index`",
}


def answer_table(cells: Cells) -> Table:
    """Return by kinds of games where two ledgers rest, beside theory."""
    ensembles = tuple(dict.fromkeys(c["game"] for c in cells if c["game"].startswith(ENSEMBLE)))
    rows = []
    for kind, games in (
        ("named dilemmas and Chickens", tuple(game for game in MATRIX if game not in STAG_HUNTS)),
        ("named Stag Hunts", STAG_HUNTS),
        ("graded games", GRADED),
        ("games of continuous levels", tuple(CONTINUOUS)),
        ("ensembles of random dilemmas", ensembles),
    ):
        for noise in SLIPS:
            here = [c for c in cells if c["game"] in games and c["noise"] == noise]
            if here:
                foretold = [c["agreed_in_theory"] for c in here]
                most = f"at most {here[0]['most_agreed']:.3f}" if noise else "–"
                rows.append(
                    (
                        f"{len({c['game'] for c in here})} {kind}",
                        f"{noise:g}",
                        _between(c["agreed"] for c in here),
                        most if None in foretold else _between(foretold),
                        _latest(here),
                        _between(c["index"] for c in here),
                    )
                )
    return Table(
        "gradual-tit-for-tat is the ledger mirror, not the literal one: where two of it rest, all games and starts",
        ("games", "slips", "at the agreed play", "theory", "there by round", "index"),
        rows,
        "Lowest and highest mean of a game from CC, DD or CD, which both take to have been played before the "
        f"first round. At the agreed play: share of rounds in the second half, both levels within {NEAR:g}. Theory: "
        "theorem J of "
        "docs/ledger.md, or what slips alone leave. There by round: first at the agreed play, slowest run. Index: "
        "sum(payoff - d) / sum(v - d) in the second half, with security levels d and agreed payoffs v.",
    )


def ledger_table(cells: Cells, verdicts: Cells) -> Table:
    """Return where two ledgers rest in each game, all starts together, and how their runs are judged."""
    rows = []
    for game, noise in dict.fromkeys((c["game"], c["noise"]) for c in cells):
        here = [c for c in cells if (c["game"], c["noise"]) == (game, noise)]
        labels: Counter[str] = Counter()
        for verdict in verdicts:
            if (verdict["game"], verdict["noise"]) == (game, noise):
                labels.update(verdict["labels"])
        rows.append(
            (
                game,
                f"{noise:g}",
                f"{np.mean([c['agreed'] for c in here]):.3f}",
                _theory(here, "agreed_in_theory"),
                _latest(here),
                f"{np.mean([c['index'] for c in here]):.3f}",
                _theory(here, "index_in_theory"),
                f"{min(c['index'] for c in here):.3f}",
                counted_labels(dict(labels.most_common())),
            )
        )
    return Table(
        "Two ledgers, means over the starts CC, DD and CD",
        (
            "game",
            "slips",
            "agreed play",
            "theory",
            "by round",
            "index",
            "theory",
            "worst start",
            "runs × label",
        ),
        rows,
        "Verdicts: each run by its players' frequencies of levels in the second half, in the original game, with a "
        "tolerance of .02.",
    )


def ledger_finding(cells: Cells) -> str:
    """Say where two ledgers rest, and how near to what theory foretells."""
    sentences = []
    for noise in SLIPS:
        here = [c for c in cells if c["noise"] == noise]
        told = [c for c in here if c["agreed_in_theory"] is not None]
        if told:
            off = max(abs(c["agreed"] - c["agreed_in_theory"]) for c in told)
            drawn = [c for c in here if "given_up" in c]
            sentences.append(
                f"Two ledgers, slips {noise:g}: at the agreed play in {_between(c['agreed'] for c in here)} of the "
                f"later rounds, index {_between(c['index'] for c in here)}; theory foretells {len(told)} of "
                f"{len(here)} combinations of game and start, and is at most {off:.3f} off."
            )
            if any(c["given_up"] or c["given_up_in_theory"] for c in drawn):
                sentences.append(
                    f"Left for mutual defection, of random dilemmas of a seed and from a start: "
                    f"{_whole(drawn, 'given_up')} (foretold {_whole(drawn, 'given_up_in_theory')})."
                )
    return " ".join(sentences)


def _between(values: Iterable[float]) -> str:
    """Return the lowest and the highest of some values."""
    found = list(values)
    low, high = f"{min(found):.3f}", f"{max(found):.3f}"
    return low if low == high else f"{low} to {high}"


def _whole(cells: Cells, key: str) -> str:
    """Return the lowest and the highest of some counts."""
    found = [cell[key] for cell in cells]
    return f"{min(found)} to {max(found)}"


def _latest(cells: Cells) -> str:
    """Return the round by which the slowest run of all was at the agreed play."""
    rounds = [cell["slowest_arrival"] for cell in cells]
    return "not all" if None in rounds else f"{max(rounds):.0f}"


def _theory(cells: Cells, key: str) -> str:
    """Return the mean of what theory foretells from some starts, if it does from all of them."""
    foretold = [cell[key] for cell in cells]
    return "–" if None in foretold else f"{np.mean(foretold):.3f}"
