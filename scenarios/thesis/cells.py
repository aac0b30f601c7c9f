"""What the scenarios of chapter 4 share: cells of simulations by game and arm, beside published means.

An *arm* is what is varied within a game: a condition of Table 4.2, a variant of Table 4.3. A cell is a named tuple of
the game's name and the arm, whose names of parts are the keys under which measured quantities give them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
import xarray as xr

from scenarios.frame.published import PublishedCell
from scenarios.frame.results import Entry, Picture, Table
from scenarios.frame.scenario import RunParameters
from scenarios.frame.verdicts import summarise_verdicts
from simulation import MechanismDesignParameters, incentive_tensors, learned_profiles, simulate
from theory import named_game
from theory.checks import FloatArray, whole_number
from theory.statistics import Sample, holm_rejects, welch_p_value

GAMES = ("prisoners-dilemma", "chicken", "stag-hunt")
QUANTITIES = {
    "joint_cooperation": "P(C,C)",
    "welfare": "V",
    "average_additional_reward": "add. reward",
}

KEYS_OF_COMPARISON = {
    "thesis_mean": "the thesis's mean over ten runs, None where it gives none; `thesis_std` likewise",
    "thesis_std": "see `thesis_mean`",
    "agrees": "whether Welch's test of equal means is not rejected; None where nothing is compared",
    "reference_protocol_range": "where a ten-run mean falls 95 times of 100 when the reference protocol is repeated",
}

# Family-wise error rate of the comparison with the published means.
LEVEL = 0.01

# Pictures need no more than every tenth episode.
RECORD_EVERY = 10


@dataclass(frozen=True, kw_only=True)
class EpisodeParameters(RunParameters):
    """What the parameters of every scenario of chapter 4 begin with."""

    least_episodes: ClassVar[int] = 1

    episodes: int = 4000
    """Of each run."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("episodes", self.episodes, at_least=self.least_episodes)


@dataclass(frozen=True, kw_only=True)
class GamesParameters(EpisodeParameters):
    """What the parameters of scenarios of several games begin with."""

    games: tuple[str, ...] = GAMES
    """Names of two-player games with two actions, as `commonweal list` gives them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.games or len(set(self.games)) < len(self.games):
            raise ValueError(f"games must be different names, at least one, got {self.games}")
        for name in self.games:
            named_game(name)


class GameCell(Protocol):
    """A named tuple whose first part is the name of a game."""

    @property
    def game(self) -> str:
        """The name of the game."""

    def _asdict(self) -> dict[str, Any]:
        """Return the parts by their names."""


CellOf = TypeVar("CellOf", bound=GameCell)


def keys_of(cell: GameCell) -> dict[str, Any]:
    """Return a cell's parts by their names, as measured quantities and verdicts give them."""
    return cell._asdict()


def titles_of(done: Iterable[GameCell]) -> dict[str, str]:
    """Return the titles of the games of cells, by name."""
    return {cell.game: named_game(cell.game).title for cell in done}


def by_game(done: Mapping[CellOf, xr.Dataset]) -> dict[str, dict[str, xr.Dataset]]:
    """Return the data by game, and in it by the arm in words."""
    games: dict[str, dict[str, xr.Dataset]] = {}
    for cell, data in done.items():
        arm = ": ".join(str(part) for name, part in cell._asdict().items() if name != "game")
        games.setdefault(cell.game, {})[arm] = data
    return games


def simulated(parameters: EpisodeParameters, options: MechanismDesignParameters) -> xr.Dataset:
    """Simulate a cell."""
    return simulate(options, runs=parameters.runs, seed=parameters.seed, record=RECORD_EVERY)


def measured_cells(
    done: Mapping[CellOf, xr.Dataset],
    published: Mapping[tuple[CellOf, str], PublishedCell],
    keys: Callable[[CellOf], dict[str, Any]] = keys_of,
) -> list[dict[str, Any]]:
    """Return a dictionary for every quantity of every cell, which `keys` names in it.

    Where `published` has an entry (cell, quantity), `agrees` says whether Welch's test of equal means
    is not rejected, at the family-wise error rate `LEVEL` over all cells compared.
    """
    cells: list[dict[str, Any]] = []
    p_values = []
    for place, data in done.items():
        for quantity in QUANTITIES:
            values = data[quantity].values
            mean, std, runs = float(values.mean()), float(values.std()), int(values.size)
            thesis = published.get((place, quantity))
            p_values.append(welch_p_value(Sample(mean, std, runs), thesis) if thesis else None)
            usual = thesis.reference_protocol_range if thesis else None
            cells.append(
                keys(place)
                | {
                    "quantity": quantity,
                    "mean": mean,
                    "std": std,
                    "runs": runs,
                    "thesis_mean": thesis.mean if thesis else None,
                    "thesis_std": thesis.std if thesis else None,
                    "agrees": None,
                    "reference_protocol_range": list(usual) if usual else None,
                }
            )
    for cell, rejected in zip(cells, holm_rejects(p_values, LEVEL), strict=True):
        cell["agrees"] = None if rejected is None else not rejected
    return cells


def judged_cells(
    done: Mapping[CellOf, xr.Dataset], keys: Callable[[CellOf], dict[str, Any]] = keys_of
) -> list[dict[str, Any]]:
    """Return the verdicts of every cell, in the original game and with the incentives in force."""
    verdicts = []
    for cell, data in done.items():
        game = named_game(cell.game)
        profiles = learned_profiles(data["final_cooperation_probability"].values)
        in_force = incentive_tensors(data["final_incentive"].values)
        for judged_in, incentives in (("original", None), ("with-incentives", in_force)):
            where = keys(cell) | {"judged_in": judged_in}
            verdicts.append(where | summarise_verdicts(game, profiles, incentives))
    return verdicts


def comparison_tables(
    cells: list[dict[str, Any]], arm: str, titles: Mapping[str, str], note: str
) -> list[Table]:
    """Return the cells beside the thesis's, a table a game."""
    games = list(dict.fromkeys(cell["game"] for cell in cells))
    return [
        Table(
            f"{titles[game]}: mean ± standard deviation over runs",
            (arm, "quantity", "here", "thesis", "agrees"),
            [_row(cell, arm) for cell in cells if cell["game"] == game],
            note if game == games[-1] else "",
        )
        for game in games
    ]


COMPARISON_NOTE = (
    "Agrees: Welch's test against the thesis's ten runs is not rejected, family-wise error "
    f"{LEVEL:.0%} (Holm). Add. reward: absolute, summed over players, an episode."
)


def _row(cell: dict[str, Any], arm: str) -> tuple[Entry, ...]:
    in_percent = cell["quantity"] == "joint_cooperation"
    thesis = "–"
    if cell["thesis_mean"] is not None:
        thesis = plus_minus(cell["thesis_mean"], cell["thesis_std"], in_percent)
    return (
        cell[arm],
        QUANTITIES[cell["quantity"]],
        plus_minus(cell["mean"], cell["std"], in_percent),
        thesis,
        {True: "yes", False: "NO", None: "–"}[cell["agrees"]],
    )


def plus_minus(mean: float, std: float, in_percent: bool) -> str:
    """Return a mean and a standard deviation; small shares get more digits."""
    if in_percent:
        digits = 1 if abs(mean) >= 0.01 else 4
        return f"{100 * mean:.{digits}f}% ± {100 * std:.{digits}f}%"
    return f"{mean:.3f} ± {std:.3f}"


def percent(share: float) -> str:
    """Return a share with three digits."""
    return f"{100 * share:.3g}%"


def payoff_space_pictures(done: Mapping[CellOf, xr.Dataset], arms: Iterable[str]) -> list[Picture]:
    """Return for each game a picture of where its runs ended."""
    from scenarios.frame.look import figure_of
    from scenarios.pictures.payoff_space import draw_payoff_space

    arms, pictures = tuple(arms), []
    for game, of_game in by_game(done).items():
        learned = {arm: of_game[arm] for arm in arms if arm in of_game}
        if learned:
            draw = partial(figure_of, draw_payoff_space, named_game(game), learned)
            pictures.append(Picture(f"{game}-payoff-space", draw))
    return pictures


def first_lasting(holds: np.ndarray[Any, Any], episodes: np.ndarray[Any, Any]) -> FloatArray:
    """Return for each run the episode from which `holds[run, episode]` to the end; NaN if there is none."""
    failures = ~holds[:, ::-1]
    at_end = np.where(failures.any(axis=1), failures.argmax(axis=1), holds.shape[1])
    start = holds.shape[1] - at_end
    return np.where(at_end > 0, episodes[np.minimum(start, holds.shape[1] - 1)].astype(np.float64), np.nan)
