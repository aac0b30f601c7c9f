"""Gradual Tit-for-Tat against everyone, beside the binary rules: the experiment of thesis section 5.4."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import xarray as xr

from scenarios.frame.results import Picture, Result
from scenarios.frame.scenario import Progress, RunParameters, silent
from scenarios.gradual.cast import (
    BINARY,
    GAMES,
    GRADUAL,
    LEARNERS,
    OPPONENTS,
    VARIANTS,
    column_players,
    row_players,
)
from scenarios.gradual.duel_tables import (
    duel_tables,
    figure_table,
    summary_table,
    variants_table,
    verdict_table,
)
from scenarios.gradual.figures import measured_figures
from scenarios.gradual.measures import duel_measures
from scenarios.gradual.verdicts import facts_of, three_verdicts
from simulation.engine.randomness import whole_number
from simulation.gradual.duels import play_duels
from simulation.gradual.players import DuelPlayer

NAME = "gradual-tft-duels"
CONDITIONS = {"no noise": 0.0, "5% noise": 0.05, "wrong model": 0.0}


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Only the number of runs and the seed are worth changing."""

    rounds: int = 1000
    """Of a duel; means are over the rounds from `burn_in` on."""
    burn_in: int = 100
    learning_rounds: int = 6000
    """Of a duel with a learner; means are over the last sixth."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("rounds", self.rounds, at_least=501)
        whole_number("learning_rounds", self.learning_rounds, at_least=6)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs, less time for learners."""
        return replace(self, runs=min(self.runs, 2), learning_rounds=min(self.learning_rounds, 1200))


class Duel(NamedTuple):
    """One cell of the tables."""

    game: str
    condition: str
    player: str
    opponent: str


def run(parameters: Parameters, progress: Progress = silent) -> Result:
    """Play all duels, measure and judge them."""
    started = time.perf_counter()
    todo = list(_duels())
    cells: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    kept: dict[str, xr.Dataset] = {}
    figures: list[dict[str, Any]] = []
    games = {name: make() for name, make in GAMES.items()}
    facts = {name: facts_of(game) for name, game in games.items()}
    complete = True
    try:
        figures = measured_figures(runs=max(parameters.runs, 2) * 10, seed=parameters.seed)
        for duel, player, opponent in progress(todo, total=len(todo)):
            data, burn_in = _play(parameters, games[duel.game], duel, player, opponent)
            cells.append(duel._asdict() | duel_measures(facts[duel.game], data, burn_in))
            three = three_verdicts(facts[duel.game], data, (player, opponent), burn_in)
            verdicts += [duel._asdict() | verdict for verdict in three]
            if duel.player in (GRADUAL, BINARY) and duel.game == "donation":
                shown = data if "round" not in data.dims else data.isel(round=slice(0, parameters.rounds))
                kept["/".join(part.replace(" ", "-") for part in duel)] = shown
    except KeyboardInterrupt:
        if not cells:
            raise
        complete = False
    return Result(
        scenario=NAME,
        parameters=asdict(parameters),
        seconds=time.perf_counter() - started,
        complete=complete,
        cells=[*figures, *cells],
        verdicts=verdicts,
        finding=_finding(figures, cells, verdicts),
        tables=[
            figure_table(figures),
            *duel_tables(cells, verdicts, tuple(CONDITIONS)),
            summary_table(cells, tuple(CONDITIONS)),
            variants_table(cells),
            verdict_table(verdicts),
        ],
        make_pictures=partial(_pictures, kept, cells),
        data=_data(kept, parameters),
    )


def _duels() -> Iterator[tuple[Duel, DuelPlayer, DuelPlayer]]:
    for game in GAMES:
        for condition in CONDITIONS:
            wrong = condition == "wrong model"
            for name, player in row_players(game, wrong_model=wrong).items():
                for opponent, other in column_players(name, player, wrong_model=wrong).items():
                    yield Duel(game, condition, name, opponent), player, other


def _play(
    parameters: Parameters, game: Any, duel: Duel, player: DuelPlayer, opponent: DuelPlayer
) -> tuple[xr.Dataset, int]:
    learning = duel.opponent in LEARNERS
    rounds = parameters.learning_rounds if learning else parameters.rounds
    burn_in = rounds - rounds // 6 if learning else parameters.burn_in
    data = play_duels(
        player,
        opponent,
        game=game,
        rounds=rounds,
        runs=parameters.runs,
        seed=parameters.seed,
        noise=CONDITIONS[duel.condition],
        burn_in=burn_in,
        workers=1,
    )
    return data, burn_in


def _compare(cells: list[dict[str, Any]], condition: str) -> tuple[int, int, int, list[str], list[str]]:
    """Count where gradual earns more than binary against the same opponent, less, or neither clearly."""
    wins, losses, ties = 0, 0, 0
    won: dict[str, int] = {}
    lost: dict[str, int] = {}
    by_key = {(c["game"], c["condition"], c["player"], c["opponent"]): c for c in cells}
    for (game, where, player, opponent), cell in by_key.items():
        rival = by_key.get((game, where, BINARY, opponent))
        if player != GRADUAL or where != condition or rival is None or opponent not in OPPONENTS:
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


def _with_itself(verdicts: list[dict[str, Any]], condition: str) -> str:
    """Say how Gradual Tit-for-Tat with itself is judged, over all games."""
    words = []
    for kind, name in (("original", "Nash"), ("altruistic", "Nash"), ("correlated", "correlated")):
        counts: Counter[str] = Counter()
        for verdict in verdicts:
            if (verdict["judged_in"], verdict["condition"]) == (kind, condition) and (
                verdict["player"],
                verdict["opponent"],
            ) == (GRADUAL, "itself"):
                counts.update(verdict["labels"])
        if counts:
            equilibria = sum(runs for label, runs in counts.items() if "not an equilibrium" not in label)
            optimal = sum(runs for label, runs in counts.items() if "Pareto-dominated" not in label)
            where = "by its joint play" if kind == "correlated" else f"in the {kind} game"
            # A welfare-optimal equilibrium is named so only where it is Pareto-optimal too.
            words.append(f"{where} {equilibria} are {name} equilibria and {optimal} Pareto-optimal")
    if not words:
        return ""
    return f"Of {counts.total()} runs of gradual with itself ({condition}), {'; '.join(words)}."


def _among_variants(cells: list[dict[str, Any]], condition: str) -> str:
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


def _finding(
    figures: list[dict[str, Any]], cells: list[dict[str, Any]], verdicts: list[dict[str, Any]]
) -> str:
    sentences = []
    if figures:
        reached = sum(cell["reached"] for cell in figures)
        sentences.append(f"{reached} of {len(figures)} figures are reached with one setting of the tunables.")
    for condition in ("no noise", "5% noise"):
        wins, losses, ties, won, lost = _compare(cells, condition)
        if wins + losses + ties == 0:
            continue
        sentences.append(
            f"With {condition}, Gradual Tit-for-Tat earns clearly more than the binary rule in {wins} of "
            f"{wins + losses + ties} pairs of game and common opponent"
            + _against(won)
            + f", clearly less in {losses}"
            + _against(lost)
            + "."
        )
        for name in (GRADUAL, "with probes", "probes in doubt", BINARY):
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


def _pictures(kept: dict[str, xr.Dataset], cells: list[dict[str, Any]]) -> list[Picture]:
    from scenarios.pictures.gradual import (
        draw_beliefs,
        draw_outcomes,
        draw_payoff_table,
        draw_surface_with_paths,
    )

    pictures = []
    for condition in ("no noise", "5% noise"):
        stem = condition.replace(" ", "-").replace("%", "-percent")
        prefix = f"donation/{condition.replace(' ', '-')}/{GRADUAL}/"
        of_gradual = {key.removeprefix(prefix): data for key, data in kept.items() if key.startswith(prefix)}
        if of_gradual:
            pictures.append(Picture(f"beliefs-{stem}", partial(draw_beliefs, of_gradual, condition)))
        here = [c for c in cells if c["game"] == "donation" and c["condition"] == condition]
        if here:
            game = GAMES["donation"]()
            pictures.append(Picture(f"payoffs-{stem}", partial(draw_payoff_table, here, condition)))
            pictures.append(Picture(f"payoff-space-{stem}", partial(draw_outcomes, game, here, condition)))
        if of_gradual and condition == "no noise":
            pictures.append(
                Picture(
                    "surface-with-paths", partial(draw_surface_with_paths, GAMES["donation"](), of_gradual)
                )
            )
    return pictures


def _data(kept: dict[str, xr.Dataset], parameters: Parameters) -> xr.DataTree:
    tree = xr.DataTree.from_dict(kept)
    tree.attrs = {"scenario": NAME, "parameters": json.dumps(asdict(parameters))}
    return tree
