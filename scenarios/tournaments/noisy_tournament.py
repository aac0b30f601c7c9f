"""Forty classics and mirrors at four levels of noise.

Each mirror enters alone as the 41st of the same field. The question was fixed beforehand: without noise, does
any of ten frequency mirrors come within .01 of Tit-for-Tat's score, and is it among the first five at noise .05 and
.1? So were field, settings and seed; ten rules are tried, so the best of them is the best of ten. Gradual
Tit-for-Tat, with its defaults, and noise .01 came later, and what it gets beside its rivals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Report, RunParameters, Scenario
from scenarios.tournaments.rivals import (
    POPULATION,
    long_run_table,
    opponent_cells,
    opponent_table,
    rival_cells,
    rival_table,
)
from scenarios.tournaments.verdict import KEYS_OF_VERDICTS, equilibrium_table, judged, stable_in_words
from simulation.matches.strategies.base import Strategy
from simulation.matches.strategies.catalogue import strategy
from simulation.matches.strategies.mirrors import frequency_mirror
from simulation.tournaments.classic import round_robin, standings
from theory import named_game
from theory.checks import FloatArray, finite_number

NAME = "noisy-tournament"
GAME = "prisoners-dilemma-axelrod"
TURNS = 200
NOISE = (0.0, 0.01, 0.05, 0.1)

# Levels of noise of the question.
ASKED = (0.05, 0.1)

FIELD = (
    "always-cooperate", "always-defect", "random", "tit-for-tat", "suspicious-tit-for-tat",
    "anti-tit-for-tat", "bully", "win-stay-lose-shift", "generous-tit-for-tat", "firm-but-fair",
    "alternator", "stochastic-cooperator", "extort-2", "generous-zero-determinant-2", "equalizer-2",
    "joss", "grofman", "grim", "tit-for-two-tats", "two-tits-for-tat",
    "hard-tit-for-tat", "hard-tit-for-two-tats", "contrite-tit-for-tat", "spiteful-tit-for-tat", "soft-grudger",
    "prober", "remorseful-prober", "handshake", "tester", "cycler-ccd",
    "fortress-3", "davis", "nydegger", "soft-majority", "hard-majority",
    "gradual-of-beaufils", "omega-tit-for-tat", "adaptive", "shubik", "tideman-chieruzzi",
)  # fmt: skip

# (response, forgetting, epsilon)
RULES = tuple(
    (response, forgetting, epsilon)
    for response, epsilon in (
        ("linear", 0.05), ("linear", 0.2), ("sharp", 0.15), ("threshold", 0.0), ("reciprocal", 0.0),
    )
    for forgetting in (0.1, 0.5)
)  # fmt: skip

_PREFIX = "frequency-mirror "

GRADUAL = "gradual-tit-for-tat"
# Beside whom it is looked at, and who may take over a population from it.
REFERENCES = ("tit-for-tat", "contrite-tit-for-tat")
RIVALS = (
    "always-defect", "tit-for-tat", "win-stay-lose-shift", "generous-tit-for-tat", "contrite-tit-for-tat",
)  # fmt: skip

# How close to Tit-for-Tat's score is close, in payoff per turn; and how many ranks are the top.
CLOSE, TOP = 0.01, 5


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Field and rules are fixed; the number of matches, the levels of noise and the seed can be changed."""

    least_runs = 2
    quick_runs = 5

    runs: int = 100
    """Matches of each pair."""
    noise: tuple[float, ...] = NOISE
    """With which probabilities an action is swapped, in [0, 1/2)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for rate in self.noise:
            if not 0.0 <= finite_number("noise", rate) < 0.5:
                raise ValueError(f"noise must lie in [0, 1/2), got {rate}")


class Cell(NamedTuple):
    """A tournament."""

    noise: float


Done = Mapping[Cell, xr.Dataset]


@cache
def frequency_mirrors() -> tuple[Strategy, ...]:
    """Return the mirrors of how often the other cooperates."""
    return tuple(
        frequency_mirror(
            response,
            forgetting=forgetting,
            epsilon=epsilon,
            name=f"{_PREFIX}{response} ({forgetting:g}, {epsilon:g})",
        )
        for response, forgetting, epsilon in RULES
    )


def mirrors() -> tuple[Strategy, ...]:
    """Return the mirrors that enter, each alone."""
    return (strategy(GRADUAL), *frequency_mirrors())


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Play one tournament of the field and all mirrors."""
    return round_robin(
        [*FIELD, *mirrors()],
        game=named_game(GAME),
        turns=TURNS,
        repetitions=parameters.runs,
        noise=cell.noise,
        seed=parameters.seed,
    )


def report(parameters: Parameters, done: Done) -> Report:
    """Rank each mirror in the field and judge the classics."""
    cells = [measured for cell, data in done.items() for measured in _cells(cell, data)]
    among = [measured for cell, data in done.items() for measured in _gradual_cells(cell, data)]
    verdicts = [
        cell._asdict() | judged(data.sel(strategy=list(FIELD), opponent=list(FIELD)))
        for cell, data in done.items()
    ]
    return Report(
        cells=[*cells, *among],
        verdicts=verdicts,
        finding=_finding(cells, among, verdicts),
        tables=[
            _mirror_table(cells),
            opponent_table(among, GRADUAL, REFERENCES[0]),
            rival_table(among, GRADUAL),
            long_run_table(among),
            _field_table(done),
            equilibrium_table(verdicts, where=lambda verdict: f"{verdict['noise']:g}"),
        ],
        make_pictures=partial(_pictures, done, cells),
    )


def _cells(cell: Cell, data: xr.Dataset) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = []
    for rule in mirrors():
        table = standings(data, [*FIELD, rule.name])
        own, other = table.sel(strategy=rule.name), table.sel(strategy="tit-for-tat")
        part = data.sel(strategy=rule.name)
        cells.append(
            {
                "part": "field",
                "game": GAME,
                "noise": cell.noise,
                "strategy": rule.name,
                "score": float(own["score"]),
                "standard_error": float(own["score_standard_error"]),
                "rank": float(own["rank"]),
                "rank_low": float(own["rank_low"]),
                "rank_high": float(own["rank_high"]),
                "tit_for_tat_score": float(other["score"]),
                "tit_for_tat_rank": float(other["rank"]),
                "self_play": float(part["payoffs"].sel(opponent=rule.name)),
                "given_to_always_defect": float(
                    data["payoffs"].sel(strategy="always-defect", opponent=rule.name)
                ),
                "is_close": bool(own["score"] >= other["score"] - CLOSE),
                "is_top": bool(own["rank"] <= TOP),
            }
        )
    return cells


def _gradual_cells(cell: Cell, data: xr.Dataset) -> list[dict[str, Any]]:
    where = {"game": GAME, "noise": cell.noise}
    field = [*FIELD, GRADUAL]
    table = data.sel(strategy=field, opponent=field)
    return [*opponent_cells(table, GRADUAL, REFERENCES, where), *rival_cells(table, GRADUAL, RIVALS, where)]


def _mirror_table(cells: list[dict[str, Any]]) -> Table:
    rows = [
        (
            f"{cell['noise']:g}",
            _short(cell),
            f"{cell['rank']:g} ({cell['rank_low']:g}–{cell['rank_high']:g})",
            f"{cell['score']:.3f} ± {cell['standard_error']:.3f}",
            f"{cell['tit_for_tat_score']:.3f}",
            f"{cell['self_play']:.2f}",
            f"{cell['given_to_always_defect']:.2f}",
        )
        for cell in cells
    ]
    return Table(
        "Mirrors, each alone as the 41st of the field",
        ("noise", "rule", "rank (95%)", "score", "TFT", "twin", "AllD"),
        rows,
        "Rule: of frequency mirrors the response (forgetting, epsilon). Score: payoff per turn, mean over 41 "
        "opponents ± standard error. "
        "Rank: 1 is best, with the ranks that sampling errors allow. TFT: Tit-for-Tat's score beside it. "
        "Twin: what it gets from itself. AllD: what always-defect gets from it.",
    )


def _field_table(done: Done) -> Table:
    tables = {cell.noise: standings(data, FIELD) for cell, data in done.items()}
    first = next(iter(tables.values()))
    rows = []
    for name in sorted(FIELD, key=lambda name: float(first["rank"].sel(strategy=name))):
        of = [table.sel(strategy=name) for table in tables.values()]
        rows.append((name, *(f"{float(x['rank']):g}: {float(x['score']):.3f}" for x in of)))
    return Table(
        "The forty classics among themselves: rank and payoff per turn",
        ("strategy", *(f"noise {noise:g}" for noise in tables)),
        rows,
    )


def _finding(cells: list[dict[str, Any]], among: list[dict[str, Any]], verdicts: list[dict[str, Any]]) -> str:
    sentences = []
    by_noise: dict[float, list[dict[str, Any]]] = {}
    for cell in cells:
        by_noise.setdefault(cell["noise"], []).append(cell)
    for noise, of_noise in by_noise.items():
        gradual, *others = of_noise
        best = min(others, key=lambda cell: (cell["rank"], -cell["score"]))
        literal = others[0]
        sentences.append(
            f"At noise {noise:g} {GRADUAL} has rank {_rank(gradual)} of 41, Tit-for-Tat "
            f"{gradual['tit_for_tat_rank']:g}, {_more_and_less(among, noise)}. "
            f"The best frequency mirror, {_short(best)}, has rank {_rank(best)}; "
            f"{sum(c['is_top'] for c in others)} of {len(others)} are among the first {TOP}, "
            f"{sum(c['is_close'] for c in others)} come within {CLOSE:g} of Tit-for-Tat's score or above; the "
            f"rule taken literally ({_short(literal)}) has rank {literal['rank']:g}."
        )
    if set(NOISE) <= set(by_noise):
        passing = _passing(by_noise)
        sentences.append(
            f"Rules that are close to Tit-for-Tat without noise and among the first {TOP} at noise "
            f"{' and '.join(f'{noise:g}' for noise in ASKED)}: {', '.join(passing) or 'none'}."
        )
    stable = [f"{stable_in_words(verdict)} at noise {verdict['noise']:g}" for verdict in verdicts]
    sentences.append(f"Evolutionarily stable equilibria among the classics: {', '.join(stable)}.")
    return " ".join(sentences)


def _rank(cell: dict[str, Any]) -> str:
    return f"{cell['rank']:g} ({cell['rank_low']:g} to {cell['rank_high']:g})"


def _more_and_less(among: list[dict[str, Any]], noise: float) -> str:
    """Say from how many opponents gradual Tit-for-Tat gets more than Tit-for-Tat does, and from how many less."""
    cell = next(c for c in among if c["noise"] == noise and c.get("reference") == REFERENCES[0])
    most = [
        f"{name} {ahead:+.2f}" for what in ("more", "less") for name, ahead in list(cell[what].items())[:1]
    ]
    return (
        f"than which it gets clearly more from {len(cell['more'])} opponents and less from {len(cell['less'])}"
        + (f" ({', '.join(most)})" if most else "")
    )


def _passing(by_noise: Mapping[float, list[dict[str, Any]]]) -> list[str]:
    names = {c["strategy"] for c in by_noise[0.0] if c["is_close"]}
    for noise in ASKED:
        names &= {c["strategy"] for c in by_noise[noise] if c["is_top"]}
    return sorted(_short(c) for c in by_noise[0.0] if c["strategy"] in names)


def _short(cell: dict[str, Any]) -> str:
    return str(cell["strategy"]).removeprefix(_PREFIX)


def _pictures(done: Done, cells: list[dict[str, Any]]) -> list[Picture]:
    from scenarios.frame.look import figure_of
    from scenarios.pictures.tournament import draw_payoff_heat_map, draw_ranks_by_noise, draw_score_boxes

    pictures = [
        Picture(
            f"{NAME}-ranks",
            partial(
                draw_ranks_by_noise, [cell.noise for cell in done], _rank_groups(done, cells),
                title="Mirrors among forty classics (bars: ranks that sampling errors allow, 95%)",
            ),
        )
    ]  # fmt: skip
    for cell, data in done.items():
        label = f"{NAME}-{cell.noise:g}"
        title = f"Forty classics and {len(mirrors())} mirrors, noise {cell.noise:g}"
        pictures += [
            Picture(f"{label}-payoffs", partial(figure_of, draw_payoff_heat_map, data, title=title)),
            Picture(f"{label}-scores", partial(figure_of, draw_score_boxes, data, title=title)),
        ]
    return pictures


def _rank_groups(
    done: Done, cells: list[dict[str, Any]]
) -> list[tuple[str, FloatArray, FloatArray, FloatArray]]:
    tables = [standings(data, FIELD).sel(strategy="tit-for-tat") for data in done.values()]
    rank, low, high = (
        np.array([float(t[name]) for t in tables]) for name in ("rank", "rank_low", "rank_high")
    )
    groups = [("tit-for-tat (among the forty)", rank, low, high)]
    for rule in mirrors():
        of_rule = [cell for cell in cells if cell["strategy"] == rule.name]
        rank, low, high = (
            np.array([cell[name] for cell in of_rule]) for name in ("rank", "rank_low", "rank_high")
        )
        groups.append((_short(of_rule[0]), rank, low, high))
    return groups


KEYS = KEYS_OF_VERDICTS | {
    "part": "`field`, a mirror alone among the forty; `opponents`, `evolution` and `long run`, gradual Tit-for-Tat",
    "strategy": "the mirror: response (forgetting, epsilon) of frequency mirrors",
    "reference": "of `opponents`: than whom it gets more or less",
    "more": "opponents from whom it clearly gets more, and how much per turn; `less`, less",
    "less": "see `more`",
    "rival": "of `evolution`: with whom it competes",
    "takes_over": f"how often one of it takes over from {POPULATION - 1} rivals, in units of 1/{POPULATION}: value "
    "and 95% interval; `is_taken_over`, the reverse",
    "is_taken_over": "see `takes_over`",
    "barrier": "share of rivals below which it gets more than they, with its interval; None where both get the same",
    "long_run": "share of time of the rival, or of `strategy`, where mutations among all six are rare",
    "score": "its payoff per turn, mean over the field and itself",
    "standard_error": "of `score`",
    "rank": "of its score in the field of 41 with it; 1 is best",
    "rank_low": "lower end of the 95% interval of `rank`; `rank_high` is the upper end",
    "rank_high": "see `rank_low`",
    "tit_for_tat_score": "Tit-for-Tat's score in the same field; `tit_for_tat_rank` likewise",
    "tit_for_tat_rank": "see `tit_for_tat_score`",
    "self_play": "its payoff per turn with itself",
    "given_to_always_defect": "what always-defect gets from it per turn",
    "is_close": f"whether its score is at least Tit-for-Tat's less {CLOSE:g}",
    "is_top": f"whether its rank is at most {TOP}",
}

SCENARIO = Scenario(
    name=NAME,
    Parameters=Parameters,
    cells=lambda parameters: [Cell(noise) for noise in parameters.noise],
    play=play,
    report=report,
    group=lambda cell: f"{GAME}/noise-{cell.noise:g}",
    keys=KEYS,
)
