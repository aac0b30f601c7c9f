"""Thesis section 5.2: does altruism cost oneself, help the other and raise welfare? (Its "proof to be delivered".)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scenarios.frame.results import Picture, Table
from scenarios.frame.scenario import Measured, Report, RunParameters, Scenario
from scenarios.frame.verdicts import summarise_verdicts
from simulation.engine.randomness import run_generator, whole_number
from theory import Game, altruism, named_game

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "altruism-atlas"
GAMES = (
    "prisoners-dilemma",
    "chicken",
    "stag-hunt",
    "prisoners-dilemma-3.2",
    "chicken-3.2",
    "stag-hunt-3.2",
)
CLAIMS = ("V1 falls in alpha", "V1 rises in beta", "W rises in alpha", "W rises in beta")
SELECTIONS = ("best-equilibrium", "worst-equilibrium")

# Random games are judged on this grid of weights.
COARSE = (0.0, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """What the atlas covers."""

    runs: int = 400
    """Random 2x2 games with payoffs uniform on [0, 1], to see how common exceptions are."""
    grid: int = 20
    """Weights from 0 to 1 at which the named games are solved, at least 2. (With 20 none falls on a threshold
    of these games, where ties would blur which equilibrium is meant.)"""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("grid", self.grid, at_least=2)

    def quick(self) -> Parameters:
        """Return the parameters of a short look."""
        return replace(self, runs=min(self.runs, 20), grid=min(self.grid, 6))


@dataclass(frozen=True)
class NamedGame:
    """A game of the catalogue, over a fine grid of weights."""

    game: str


@dataclass(frozen=True)
class Counterexample:
    """A small game that breaks a claim."""

    name: str


@dataclass(frozen=True)
class RandomGames:
    """Many random games, judged at one of their equilibria."""

    selection: str


Cell = NamedGame | Counterexample | RandomGames


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return what is looked at."""
    return [
        *(NamedGame(name) for name in GAMES),
        *(Counterexample(case.name) for case in altruism.altruism_counterexamples()),
        *(RandomGames(selection) for selection in SELECTIONS),
    ]


def group(cell: Cell) -> str:
    """Return the name of a cell's group; data have the named games alone."""
    match cell:
        case NamedGame(game):
            return game
        case Counterexample(name):
            return f"counterexamples/{name}"
        case RandomGames(selection):
            return f"random/{selection}"


def play(parameters: Parameters, cell: Cell) -> Measured:
    """Test the claims in a named game, in a counterexample or in random games."""
    match cell:
        case NamedGame(game):
            return _named(game, parameters)
        case Counterexample(name):
            return _counterexample(name)
        case RandomGames(selection):
            return Measured(cells=_random(selection, parameters))


def _named(name: str, parameters: Parameters) -> Measured:
    game = named_game(name)
    weights = np.linspace(0.0, 1.0, parameters.grid)
    thresholds = altruism.cooperation_thresholds(game)
    cells: list[dict[str, Any]] = [
        {
            "game": name,
            "quantity": "thresholds",
            "cooperation_from": thresholds.alpha.lower if thresholds.alpha else None,
            "defection_up_to": thresholds.defection_alpha.upper if thresholds.defection_alpha else None,
        }
    ]
    best, worst = (
        altruism.monotonicity(game, weights, weights, selection=selection)  # type: ignore[arg-type]
        for selection in SELECTIONS
    )
    for selection, found in zip(SELECTIONS, (best, worst), strict=True):
        cells += [_claim_cell(name, selection, claim) for claim in found.claims if claim.statement in CLAIMS]
    return Measured(data=_data(best.surfaces), cells=cells)


def _counterexample(name: str) -> Measured:
    (case,) = (case for case in altruism.altruism_counterexamples() if case.name == name)
    cell = {
        "game": name,
        "quantity": "counterexample",
        "statement": case.statement,
        "before": list(case.before),
        "after": list(case.after),
        "payoffs_before": case.payoffs_before.tolist(),
        "payoffs_after": case.payoffs_after.tolist(),
    }
    verdicts = [
        {"game": name, "condition": condition, "judged_in": "original"}
        | summarise_verdicts(case.game, np.array([profile]))
        for condition, profile in (("before", case.profile_before), ("after", case.profile_after))
    ]
    return Measured(cells=[cell], verdicts=verdicts)


def _random(selection: str, parameters: Parameters) -> list[dict[str, Any]]:
    broken = dict.fromkeys(CLAIMS, 0)
    generator = run_generator(parameters.seed)
    for _ in range(parameters.runs):
        payoffs = generator.random((2, 2, 2))
        found = altruism.monotonicity(Game(payoffs), COARSE, COARSE, selection=selection)  # type: ignore[arg-type]
        for claim in found.claims:
            if claim.statement in CLAIMS:
                broken[claim.statement] += claim.holds is False
    shares = {statement: count / parameters.runs for statement, count in broken.items()}
    return [
        {
            "game": "random",
            "quantity": "share_of_games_that_break_it",
            "claim": statement,
            "selection": selection,
            "mean": share,
            "standard_error": float(np.sqrt(share * (1.0 - share) / parameters.runs)),
            "runs": parameters.runs,
        }
        for statement, share in shares.items()
    ]


def _claim_cell(game: str, selection: str, claim: altruism.MonotonicityClaim) -> dict[str, Any]:
    example = claim.counterexample
    return {
        "game": game,
        "quantity": "claim",
        "selection": selection,
        "claim": claim.statement,
        "holds": claim.holds,
        "theorem": claim.theorem,
        "before": list(example.before) if example else None,
        "after": list(example.after) if example else None,
        "violation": example.violation if example else None,
    }


def _data(found: altruism.AltruismSurfaces) -> xr.Dataset:
    return xr.Dataset(
        {payoff: (("alpha", "beta"), getattr(found, payoff).filled(np.nan)) for payoff in ("V1", "V2", "W")},
        {"alpha": found.alphas, "beta": found.betas},
        {"selection": found.selection},
    )


def report(parameters: Parameters, done: Mapping[Cell, Measured]) -> Report:
    """Say which claims hold, where they break, and how common that is."""
    cells = [cell for found in done.values() for cell in found.cells]
    verdicts = [verdict for found in done.values() for verdict in found.verdicts]
    data = {group(cell): found.data for cell, found in done.items() if found.data is not None}
    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=_finding(cells),
        tables=_tables(cells, verdicts),
        make_pictures=partial(_pictures, data),
    )


def _tables(cells: Sequence[dict[str, Any]], verdicts: Sequence[dict[str, Any]]) -> list[Table]:
    """Return what has been found as tables, leaving out those without a row."""
    claims = [cell for cell in cells if cell["quantity"] == "claim"]
    made = (
        (_claims_table, claims),
        (_broken_table, [cell for cell in claims if cell["holds"] is False]),
        (_thresholds_table, [cell for cell in cells if cell["quantity"] == "thresholds"]),
        (_cases_table, [cell for cell in cells if cell["quantity"] == "counterexample"]),
        (_verdicts_table, verdicts),
        (_random_table, [cell for cell in cells if cell["game"] == "random"]),
    )
    return [make(of_table) for make, of_table in made if of_table]


def _claims_table(claims: Sequence[dict[str, Any]]) -> Table:
    rows = []
    for game, selection in dict.fromkeys((cell["game"], cell["selection"]) for cell in claims):
        found = {c["claim"]: c for c in claims if (c["game"], c["selection"]) == (game, selection)}
        answers = [{True: "yes", False: "NO", None: "–"}[found[claim]["holds"]] for claim in CLAIMS]
        theorems = {cell["theorem"] for cell in found.values()} - {None}
        rows.append(
            (game, selection.removesuffix("-equilibrium"), *answers, ", ".join(sorted(theorems)) or "–")
        )
    return Table(
        "Does altruism cost oneself, help the other, raise welfare?",
        ("game", "NE", "V1 α", "V1 β", "W α", "W β", "theorem"),
        rows,
        "Does V1 fall in alpha and rise in beta, and does W rise in both, on the grid of weights and at the best "
        "or worst equilibrium (NE)? The theorem makes it true for all weights. V2 mirrors V1 in these games.",
    )


def _broken_table(claims: Sequence[dict[str, Any]]) -> Table:
    rows = [
        (
            cell["game"],
            cell["selection"].removesuffix("-equilibrium"),
            cell["claim"],
            f"{_weights(cell['before'])} to {_weights(cell['after'])}",
            f"{cell['violation']:.3g}",
        )
        for cell in claims
    ]
    return Table(
        "Smallest counterexample on the grid to each claim that fails",
        ("game", "equilibrium", "claim", "weights", "by"),
        rows,
        "Weights are (alpha, beta); the last column is how far the payoff moves the wrong way.",
    )


def _thresholds_table(cells: Sequence[dict[str, Any]]) -> Table:
    rows = [
        (cell["game"], _number(cell["cooperation_from"]), _number(cell["defection_up_to"])) for cell in cells
    ]
    return Table(
        "Weights at which outcomes are equilibria",
        ("game", "(C, C) from alpha = beta =", "(D, D) up to"),
        rows,
        "–: (D, D) is an equilibrium for no weight in question.",
    )


def _cases_table(cells: Sequence[dict[str, Any]]) -> Table:
    rows = [
        (
            cell["game"],
            f"{_weights(cell['before'])} to {_weights(cell['after'])}",
            f"{_weights(cell['payoffs_before'])} to {_weights(cell['payoffs_after'])}",
        )
        for cell in cells
    ]
    return Table(
        "Counterexamples",
        ("game", "weights", "payoffs (V1, V2)"),
        rows,
        " ".join(f"{cell['game']}: {cell['statement']}." for cell in cells),
    )


def _verdicts_table(verdicts: Sequence[dict[str, Any]]) -> Table:
    rows = [
        (
            verdict["game"],
            verdict["condition"],
            next(iter(verdict["labels"])),
            f"{verdict['median_regret']:.3g}",
        )
        for verdict in verdicts
    ]
    return Table(
        "Verdicts in the original game",
        ("game", "altruism", "label", "regret"),
        rows,
        "Before and after the weights rise, each at the equilibrium of the altruistic game.",
    )


def _random_table(cells: Sequence[dict[str, Any]]) -> Table:
    rows = [
        (cell["selection"], cell["claim"], f"{cell['mean']:.1%} ± {cell['standard_error']:.1%}")
        for cell in cells
    ]
    return Table(
        f"How many of {cells[0]['runs']} random games break a claim",
        ("equilibrium", "claim", "share ± standard error"),
        rows,
        "Payoffs uniform on [0, 1]; weights in {0, 1/2, 1}.",
    )


def _weights(pair: Sequence[float]) -> str:
    return "(" + ", ".join(f"{value:z.3g}" for value in pair) + ")"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:z.3g}"


def _finding(cells: Sequence[dict[str, Any]]) -> str:
    claims = [cell for cell in cells if cell["quantity"] == "claim"]
    cases = [cell for cell in cells if cell["quantity"] == "counterexample"]
    random = [cell for cell in cells if cell["game"] == "random"]
    parts = []
    if claims:
        hold = sum(cell["holds"] is True for cell in claims)
        proved = sum(cell["theorem"] is not None for cell in claims)
        parts.append(
            f"in the thesis's own games {hold} of {len(claims)} such claims hold ({proved} by theorem)"
        )
    if cases:
        parts.append(f"{len(cases)} small games break one or more each")
    text = "That V1 falls in alpha and rises in beta and that W rises in both is not true in general"
    text += f": {', and '.join(parts)}." if parts else "."
    if random:
        worst = max(random, key=lambda cell: cell["mean"])
        text += (
            f" Of random games, up to {worst['mean']:.0%} break a single claim "
            f"(«{worst['claim']}», {worst['selection']})."
        )
    return text


def _pictures(data: Mapping[str, xr.Dataset]) -> list[Picture]:
    from scenarios.pictures.altruism import draw_counterexamples

    pictures = [
        Picture("counterexamples", partial(draw_counterexamples, altruism.altruism_counterexamples()))
    ]
    if data:
        pictures.append(Picture("surfaces", partial(_drawn_surfaces, data)))
    return pictures


def _drawn_surfaces(data: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the surfaces of named games, found again from the weights of their data: profiles are not stored."""
    from scenarios.pictures.altruism import draw_surfaces

    return draw_surfaces(
        {
            name: altruism.surfaces(
                named_game(name), found["alpha"], found["beta"], selection=found.attrs["selection"]
            )
            for name, found in data.items()
        }
    )


KEYS = {
    "cooperation_from": "of `thresholds`: from this weight alpha = beta on (C, C) is an equilibrium",
    "defection_up_to": "of `thresholds`: up to this weight (D, D) is an equilibrium; None: for none in question",
    "claim": "what was claimed of payoffs V1, V2 or welfare W in the weights alpha or beta",
    "selection": "whether payoffs are those of the best or of the worst equilibrium",
    "holds": "whether no pair of weights of the grid breaks the claim; None: not settled",
    "theorem": "what makes it true for all weights, if anything",
    "before": "weights (alpha, beta) of the smallest counterexample, and `after` one of them rose",
    "after": "see `before`",
    "violation": "how far the payoff moves the wrong way",
    "statement": "of a `counterexample`: what it breaks",
    "payoffs_before": "payoffs (V1, V2) at the weights `before`; `payoffs_after` likewise",
    "payoffs_after": "see `payoffs_before`",
    "standard_error": "of a share of random games",
}

SCENARIO = Scenario(
    name=NAME,
    Parameters=Parameters,
    cells=cells_of,
    play=play,
    report=report,
    group=group,
    keys=KEYS,
)
