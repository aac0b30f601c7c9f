"""What is left when the planner goes: learners against mirrors, with and without a planner at first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import xarray as xr

from scenarios.frame.results import Entry, Picture, Table
from scenarios.frame.scenario import Report, Scenario
from scenarios.frame.verdicts import LEARNED_TOLERANCE, counted_labels
from scenarios.planner.handover_verdicts import (
    COUNTED,
    DISCOUNT,
    SLIPS,
    learners_verdict,
    mirrors_verdict,
    stability_by_forgetting,
)
from scenarios.thesis.cells import GAMES, GamesParameters, titles_of
from simulation import HandoverParameters, MechanismDesignParameters, simulate, simulate_handover
from theory import named_game
from theory.statistics import share_difference_interval, share_interval

NONE, LEARNED, CLOSED_FORM = "none", "learned", "closed form"
PLANNERS = (NONE, LEARNED, CLOSED_FORM)

LEARNERS, MIRRORS, WARY = "learners", "mirrors", "wary mirrors"
PLAYERS = (LEARNERS, MIRRORS, WARY)

# To what a mirror attributes cooperation that is paid for; a wary one gives no credit for it.
ATTRIBUTION: Mapping[str, Any] = MappingProxyType({MIRRORS: "character", WARY: "incentives"})

FORGETTING = (0.01, 0.03, 0.04, 0.05, 0.1)

# An odd number, so that play which alternates is seen in both phases.
RECORD_EVERY = 25


@dataclass(frozen=True, kw_only=True)
class Parameters(GamesParameters):
    """The planner acts in the first `episodes`, and as many follow without it."""

    least_episodes = COUNTED

    runs: int = 100
    seed: int = 10000


class Cell(NamedTuple):
    """A game, who leads at first, and who plays."""

    game: str
    planner: str
    players: str


def build(parameters: Parameters, cell: Cell) -> HandoverParameters:
    """Return the parameters of one cell; those of its planner are also the learners'."""
    closed = cell.planner == CLOSED_FORM
    options = HandoverParameters(attribution=ATTRIBUTION.get(cell.players, "character"))
    lead = MechanismDesignParameters(
        game=named_game(cell.game),
        episodes=2 * parameters.episodes,
        planner_episodes=0 if cell.planner == NONE else parameters.episodes,
        initial_cooperation=options.planner.initial_cooperation,
        policy="others-rewards" if closed else "layer",
        knowledge="known" if closed else "modelled",
    )
    return replace(options, planner=lead)


def play(parameters: Parameters, cell: Cell) -> xr.Dataset:
    """Simulate a cell, all on the same seeds."""
    options, runs, seed = build(parameters, cell), parameters.runs, parameters.seed
    if cell.players == LEARNERS:
        return simulate(options.planner, runs=runs, seed=seed, record=RECORD_EVERY)
    burn_in = options.planner.episodes - COUNTED
    return simulate_handover(options, runs=runs, seed=seed, record=RECORD_EVERY, burn_in=burn_in)


def report(parameters: Parameters, done: Mapping[Cell, xr.Dataset]) -> Report:
    """Compare with what no planner leaves, judge what is left and what holds it together."""
    cells, titles = _cells(done), titles_of(done)
    verdicts = [_verdict(parameters, cell, data) for cell, data in done.items()]
    stability = _stability(
        parameters, [game for game in titles if Cell(game, PLANNERS[-1], PLAYERS[-1]) in done]
    )
    return Report(
        cells=[*cells, *stability],
        verdicts=verdicts,
        finding=_finding(cells, verdicts, stability),
        tables=[*_tables(cells, verdicts, titles), *_stability_table(stability, titles)],
        make_pictures=partial(_pictures, parameters, done, stability),
    )


def _verdict(parameters: Parameters, cell: Cell, data: xr.Dataset) -> dict[str, Any]:
    options = build(parameters, cell)
    if cell.players == LEARNERS:
        judged = learners_verdict(options.planner.game, data)
    else:
        judged = mirrors_verdict(options, data)
    return cell._asdict() | {"judged_in": "original"} | judged


def _cells(done: Mapping[Cell, xr.Dataset]) -> list[dict[str, Any]]:
    """Return P(C,C) of each cell, and by how much more runs end in cooperation than without a planner."""
    cells = []
    for cell, data in done.items():
        values = data["joint_cooperation"].values
        successes, runs = _successes(data), len(values)
        without = done.get(cell._replace(planner=NONE))
        difference, interval = None, None
        if cell.planner != NONE and without is not None:
            before = _successes(without)
            difference = (successes - before) / runs
            interval = list(share_difference_interval(successes, runs, before, runs))
        recorded = data["cooperation_probability"].values.prod(axis=2)
        half = recorded.shape[1] // 2
        cells.append(
            {
                **cell._asdict(),
                "quantity": "joint_cooperation",
                "mean": float(values.mean()),
                "std": float(values.std()),
                "runs": runs,
                "with_planner": float(recorded[:, half - COUNTED // RECORD_EVERY // 4 : half].mean()),
                "average_additional_reward": 2.0 * float(data["average_additional_reward"].values.mean()),
                "successes": successes,
                "success_interval": list(share_interval(successes, runs)),
                "difference_to_none": difference,
                "difference_interval": interval,
            }
        )
    return cells


def _successes(data: xr.Dataset) -> int:
    return int((data["joint_cooperation"] > 0.5).sum())


def _stability(parameters: Parameters, games: list[str]) -> list[dict[str, Any]]:
    return [
        {"game": game, "quantity": "stability"} | found
        for game in games
        for found in stability_by_forgetting(
            build(parameters, Cell(game, LEARNED, MIRRORS)), FORGETTING, seed=parameters.seed
        )
    ]


NOTE = (
    "Wary mirrors explain what is paid for by the pay, mirrors by character. Closed form: each is paid what "
    "the other gets (thesis section 4.1.2). With: mean P(C,C) at the end of the planner's time. After: as many "
    f"rounds later; of mirrors the frequency of (C,C) in the last {COUNTED} rounds. Reward: additional, a round "
    "of the planner's time. Difference: of the share of runs that end with P(C,C) > 1/2 to that of the same "
    "players without a planner, 95% interval (Newcombe 1998, with exact intervals of each share)."
)
VERDICT_NOTE = (
    "Labels: of the stage game, run by run. Repeated: runs in which the pair, frozen as it is at the end, is a Nash "
    f"equilibrium of the repeated original game (discount {DISCOUNT}, tolerance {LEARNED_TOLERANCE:g} of the payoff "
    "range); gain: what a best response to the other would add to a round's payoff, median over runs."
)


def _tables(
    cells: list[dict[str, Any]], verdicts: list[dict[str, Any]], titles: Mapping[str, str]
) -> list[Table]:
    tables = []
    games = list(dict.fromkeys(cell["game"] for cell in cells))
    for game in games:
        last = game == games[-1]
        tables.append(
            Table(
                f"{titles[game]}: what is left of cooperation",
                ("players", "planner", "with", "after", "reward", "difference"),
                [_row(cell) for cell in cells if cell["game"] == game],
                NOTE if last else "",
            )
        )
    tables += [
        Table(
            f"{titles[game]}: verdicts on what each run ended in",
            ("players", "planner", "runs × label", "repeated", "gain"),
            [_verdict_row(verdict) for verdict in verdicts if verdict["game"] == game],
            VERDICT_NOTE if game == games[-1] else "",
        )
        for game in games
    ]
    return tables


def _row(cell: dict[str, Any]) -> tuple[str, ...]:
    interval = cell["difference_interval"]
    return (
        cell["players"],
        cell["planner"],
        f"{cell['with_planner']:.3f}" if cell["planner"] != NONE else "–",
        f"{cell['mean']:.3f}",
        f"{cell['average_additional_reward']:.2f}",
        f"{cell['difference_to_none']:+z.2f} [{interval[0]:+z.2f}, {interval[1]:+z.2f}]" if interval else "–",
    )


def _verdict_row(verdict: dict[str, Any]) -> tuple[Entry, ...]:
    labels: Counter[str] = Counter()
    for label, runs in verdict["labels"].items():
        labels[label.split(", below")[0]] += runs
    return (
        verdict["players"],
        verdict["planner"],
        counted_labels(labels),
        f"{verdict['repeated_equilibria']} of {verdict['runs']}",
        f"{verdict['median_gain']:.3f}",
    )


def _stability_table(stability: list[dict[str, Any]], titles: Mapping[str, str]) -> list[Table]:
    if not stability:
        return []
    note = (
        "By the rate at which a mirror forgets (its tremble is .05 throughout; duels use .01). Gain: of a best "
        "response to a trusting mirror, a round, as a share of the payoff range. With slips: P(C,C) after 4000 "
        f"rounds in which each action is swapped with probability {SLIPS:g}."
    )
    rows = []
    for game in dict.fromkeys(entry["game"] for entry in stability):
        by_rate = {entry["forgetting"]: entry for entry in stability if entry["game"] == game}
        for key, name in (("share_of_range", "gain"), ("with_slips", "with slips")):
            shown = (f"{by_rate[rate][key]:.3f}" if rate in by_rate else "–" for rate in FORGETTING)
            rows.append((titles[game] if name == "gain" else "", name, *shown))
    columns = ("game", "forgetting", *(f"{rate:g}" for rate in FORGETTING))
    return [Table("Why it lasts, or does not", columns, rows, note)]


def _finding(
    cells: list[dict[str, Any]], verdicts: list[dict[str, Any]], stability: list[dict[str, Any]]
) -> str:
    """Say for each game what a learned planner leaves to learners and to mirrors, and whether it is stable."""
    sentences = []
    for game in dict.fromkeys(cell["game"] for cell in cells):
        of = {(c["players"], c["planner"]): c for c in cells if c["game"] == game}
        judged = {(v["players"], v["planner"]): v for v in verdicts if v["game"] == game}
        if not all((players, LEARNED) in of for players in PLAYERS):
            continue
        learners, mirrors, wary = (of[players, LEARNED] for players in PLAYERS)
        more, less = mirrors["successes"], learners["successes"]
        interval = share_difference_interval(more, mirrors["runs"], less, learners["runs"])
        stable = judged[MIRRORS, LEARNED]
        sentences.append(
            f"{named_game(game).title}: after a learned planner P(C,C) is {learners['mean']:.3f} among learners, "
            f"{mirrors['mean']:.3f} among mirrors (more runs cooperate by {(more - less) / mirrors['runs']:+z.2f}, "
            f"95% interval {interval[0]:+z.2f} to {interval[1]:+z.2f}) and {wary['mean']:.3f} among wary "
            f"ones; the mirrors' pair is an equilibrium of the repeated game in "
            f"{stable['repeated_equilibria']} of {stable['runs']} runs (a deviation gains "
            f"{stable['median_gain']:.2f})."
        )
    safe = [entry for entry in stability if entry["game"] == GAMES[0]]
    exploited = [entry["forgetting"] for entry in safe if entry["share_of_range"] > LEARNED_TOLERANCE]
    broken = [entry["forgetting"] for entry in safe if entry["with_slips"] < 0.5]
    if exploited and broken:
        sentences.append(
            f"Mirrors of the {named_game(GAMES[0]).title} that forget at rates up to {max(exploited):g} can be "
            f"exploited by defecting now and then; from {min(broken):g} on a slip ends their cooperation."
        )
    return " ".join(sentences)


def _pictures(
    parameters: Parameters, done: Mapping[Cell, xr.Dataset], stability: list[dict[str, Any]]
) -> list[Picture]:
    from scenarios.pictures.handover import draw_after_the_planner, draw_trust

    pictures = []
    for game in titles_of(done):
        of_game = {(cell.players, cell.planner): data for cell, data in done.items() if cell.game == game}
        draw = partial(draw_after_the_planner, named_game(game), of_game, parameters.episodes)
        pictures.append(Picture(f"{game}-handover", draw))
    trusting = done.get(Cell(GAMES[0], LEARNED, MIRRORS))
    wary = done.get(Cell(GAMES[0], LEARNED, WARY))
    if trusting is not None and wary is not None and stability:
        of_mirrors = {MIRRORS: trusting, WARY: wary}
        draw = partial(
            draw_trust, named_game(GAMES[0]), of_mirrors, stability, parameters.episodes, slips=SLIPS
        )
        pictures.append(Picture("why-it-lasts", draw))
    return pictures


SCENARIO = Scenario(
    name="planner-handover",
    Parameters=Parameters,
    cells=lambda parameters: [
        Cell(game, planner, players)
        for game in parameters.games
        for players in PLAYERS
        for planner in PLANNERS
    ],
    build=build,
    play=play,
    report=report,
    keys={
        "planner": "who leads at first",
        "players": "who is led",
        "with_planner": "mean P(C,C) at the end of the planner's time",
        "average_additional_reward": "what the planner gives, absolute, a round of its time",
        "successes": "runs that end with P(C,C) above 1/2; `success_interval`: 95% of their share",
        "success_interval": "see `successes`",
        "difference_to_none": "share of successes less that without a planner; `difference_interval`: 95%",
        "difference_interval": "see `difference_to_none`",
        "forgetting": "of `stability`: the rate at which mirrors forget",
        "share_of_range": "what deviating from trusting mirrors gains a round, in payoff ranges",
        "with_slips": "frequency of (C,C) where actions slip now and then",
        "repeated_equilibria": "runs whose pair, as it is at the end, is an equilibrium of the repeated game",
        "median_gain": "median over runs of what a best response adds to a round's payoff; `largest_gain` likewise",
        "largest_gain": "see `median_gain`",
        "median_least_tolerance": "median over runs of the least tolerance at which the pair is an equilibrium",
        "payoff_range": "of each player",
        "discount": "weight of the next round",
    },
)
