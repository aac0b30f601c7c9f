"""What `planner-that-leaves` varies: games, who meets whom, and under which terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scenarios.stateful.leaving.graded import BENEFITS, graded
from scenarios.stateful.leaving.many import SHARES, public_good
from theory import Game, MemoryOne, named_game, win_stay_lose_shift_law

WIN_STAY = MemoryOne(1.0, (1.0, 0.0, 0.0, 1.0))

KINDS = ("softmax", "natural", "projected")

GAMES = ("prisoners-dilemma", "chicken", "stag-hunt", "prisoners-dilemma-lola")

# Of the learners that are let go at Win-Stay, Lose-Shift: they mean what it means with chance .9975, about.
SURE = 6.0


class Cell(NamedTuple):
    """Who meets whom, and what for."""

    table: str
    game: str
    learners: str
    """A kind, or two joined by `+`."""
    planner: str
    """`none`, `eq-4.3`, `tutor`, or `absence`: trained for its absence."""
    trained_on: str
    """The learners that a planner was trained on; empty if it was not."""
    terms: str
    """What differs from the parameters, by name; empty: nothing."""


class Terms(NamedTuple):
    """What differs from the scenario's parameters."""

    noise: float | None = None
    discount: float | None = None
    above: float | None = None
    """The discount is the law's bound plus this, and learners begin at Win-Stay, Lose-Shift."""
    start: tuple[float, ...] | None = None
    """Mean log-odds of meaning C, before the first round and after CC, CD, DC, DD."""
    kick: float = 0.0
    pace: float = 1.0
    """By what the learners' rates are multiplied."""
    seeds: int = 0
    """What is added to the seed."""
    episodes: int = 64
    rounds: int = 50


# Learners begin near All-C, in log-odds that differ in states that are visited and in others.
STARTS = {
    "all 3": (3.0, 3.0, 3.0, 3.0, 3.0),
    "CC 6, others 3": (3.0, 6.0, 3.0, 3.0, 3.0),
    "CC 3, others 6": (6.0, 3.0, 6.0, 6.0, 6.0),
    "all 6": (6.0, 6.0, 6.0, 6.0, 6.0),
}
START_DEVIATION, NEAR_DEVIATION = 0.3, 0.5

NEAR = {
    f"noise {noise:g}, bound {above:+g}": Terms(noise=noise, above=above)
    for noise in (0.001, 0.02, 0.05)
    for above in (-0.02, 0.02)
}

CONTROLS = {
    "other seeds": Terms(seeds=3000),
    "discount .8": Terms(discount=0.8),
    "discount .9": Terms(discount=0.9),
    "discount .99": Terms(discount=0.99),
    "noise .05": Terms(noise=0.05),
    "kick": Terms(kick=1.0),
    "half the rates": Terms(pace=0.5),
    "twice the rates": Terms(pace=2.0),
}

SAMPLED = {
    "64 episodes": Terms(),
    "16 episodes": Terms(episodes=16),
    "25 rounds": Terms(rounds=25),
    "a tenth of the rate": Terms(pace=0.1),
}

AT_FIRST = {name: Terms(start=start) for name, start in STARTS.items()}

TERMS = {"": Terms()} | NEAR | AT_FIRST | CONTROLS | SAMPLED


def named(game: str) -> Game:
    """Return a game by name."""
    if game in SHARES:
        return public_good(game)
    if game in BENEFITS:
        return graded(BENEFITS[game])
    if (
        game == "prisoners-dilemma-lola"
    ):  # Foerster et al. (2018), "Learning with Opponent-Learning Awareness".
        return symmetric(-1.0, -3.0, 0.0, -2.0)
    return named_game(game)


def symmetric(reward: float, sucker: float, temptation: float, punishment: float) -> Game:
    """Return a symmetric game."""
    first = np.array([[reward, sucker], [temptation, punishment]])
    return Game.bimatrix(first, first.T)


def random_dilemmas(number: int, seed: int) -> list[Game]:
    """Return Prisoner's Dilemmas with payoffs from 0 to 4 in which mutual cooperation is the best on average."""
    rng = np.random.default_rng(seed)
    games: list[Game] = []
    while len(games) < number:
        greed, fear = rng.uniform(0.2, 3.0), rng.uniform(0.2, 2.0)
        if greed - fear < 2.0:
            unit = 4.0 / (greed + fear + 2.0)
            games.append(symmetric(unit * (fear + 2.0), 0.0, 4.0, unit * fear))
    return games


def bound_of(game: Game, noise: float) -> float:
    """Return from which discount on Win-Stay, Lose-Shift is strict."""
    return float(win_stay_lose_shift_law(game, noise=noise).discount)


def cells_of(tables: Sequence[str]) -> list[Cell]:
    """Return the cells of tables."""
    return [cell for table in tables for cell in _CELLS[table]]


def _leaving() -> list[Cell]:
    planners = ("none", "eq-4.3", "tutor", "absence")
    return [
        Cell("leaving", GAMES[0], kind, planner, kind if planner == "absence" else "", "")
        for kind in KINDS
        for planner in planners
    ]


def _unknown() -> list[Cell]:
    pairs = [(trained, met) for trained in KINDS for met in KINDS if trained != met]
    mixed = [("natural", f"{one}+{other}") for one, other in zip(KINDS, (*KINDS[1:], KINDS[0]), strict=True)]
    return [Cell("unknown", GAMES[0], met, "absence", trained, "") for trained, met in [*pairs, *mixed]]


def _near() -> list[Cell]:
    # Projected learners would take over a million updates to unlearn at the smallest noise.
    kinds = {0.001: ("natural",), 0.02: ("natural", "projected"), 0.05: ("natural", "projected")}
    return [
        Cell("threshold", GAMES[0], kind, "none", "", name)
        for name, terms in NEAR.items()
        for kind in kinds[terms.noise or 0.0]
    ]


def _games() -> list[Cell]:
    return [
        Cell("games", game, kind, planner, "natural" if planner == "absence" else "", "")
        for game in GAMES[1:]
        for planner in ("eq-4.3", "absence")
        for kind in KINDS
    ]


def _controls() -> list[Cell]:
    return [
        Cell("controls", GAMES[0], kind, "absence", "natural", name) for name in CONTROLS for kind in KINDS
    ]


def _other_games(table: str, games: Sequence[str]) -> list[Cell]:
    return [
        Cell(table, game, kind, planner, kind if planner == "absence" else "", "")
        for game in games
        for kind in KINDS
        for planner in ("eq-4.3", "tutor", "absence")
    ]


def _sampled() -> list[Cell]:
    met = [(kind, "64 episodes") for kind in KINDS]
    met += [("projected", name) for name in SAMPLED if name != "64 episodes"]
    return [Cell("sampled", GAMES[0], kind, "absence", "natural", name) for kind, name in met]


_CELLS = {
    "leaving": _leaving(),
    "unknown": _unknown(),
    "threshold": _near(),
    "artefact": [Cell("artefact", GAMES[0], kind, "none", "", start) for kind in KINDS for start in STARTS],
    "games": _games(),
    "controls": _controls(),
    "dilemmas": [Cell("dilemmas", "random", kind, "tutor", "", "") for kind in ("natural", "projected")],
    "sampled": _sampled(),
    "many": _other_games("many", tuple(SHARES)),
    "graded": _other_games("graded", tuple(BENEFITS)),
}

TABLES = tuple(_CELLS)
