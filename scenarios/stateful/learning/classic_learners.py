"""Do the classic learners of games do what is known of them, and where does each of them lose? (thesis chapter 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scenarios.frame.results import Picture
from scenarios.frame.scenario import Measured, Report, RunParameters, Scenario
from scenarios.stateful.learning.cast import (
    BOARDS,
    FICTITIOUS,
    GAMES,
    GRADIENT,
    MATRIX,
    SOCCER,
    TRIALS,
    Trial,
)
from scenarios.stateful.learning.classic_report import finding, known_tables, pictures_of, verdict_table
from scenarios.stateful.learning.trials import (
    has_common_interest,
    play_board,
    play_fictitiously,
    play_matrix_game,
    play_pairs,
)
from scenarios.stateful.preparation import prepare_jax
from theory.checks import known_name, whole_number

NAME = "classic-learners"
COUNTS = (
    "pairs",
    "judged",
    "updates",
    "steps",
    "team_steps",
    "solved_runs",
    "board_steps",
    "soccer_runs",
    "soccer_steps",
)


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """How long learners learn; figures on the page are those of the defaults."""

    quick_runs = 50

    runs: int = 1000
    """Of learners in tables in climbing and penalty games."""
    pairs: int = 1000
    """Of learners by gradients."""
    judged: int = 100
    """Of these pairs the first ones, which are judged."""
    updates: int = 200
    """Of learners by gradients."""
    rounds: int = 1_000_000
    """Of fictitious play, at least 1000."""
    steps: int = 5_000
    """Of minimax-Q in zero-sum games without state."""
    team_steps: int = 1_000
    """Of learners in climbing and penalty games."""
    solved_runs: int = 10
    """Of learners in tables in games that are solved exactly: zero-sum games without state, grid games."""
    board_steps: int = 100_000
    """In grid games."""
    soccer_runs: int = 3
    """Of learners in tables in soccer."""
    soccer_steps: int = 1_000_000
    """In soccer."""
    games: tuple[str, ...] = tuple(game for game in GAMES if game != SOCCER)
    """Which of the games are played; soccer, in which all are slow to learn, only if it is named."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("rounds", self.rounds, at_least=1000)
        for name in COUNTS:
            whole_number(name, getattr(self, name), at_least=1)
        for game in self.games:
            known_name("game", game, GAMES)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: few runs, and no boards."""
        without_boards = tuple(game for game in self.games if game not in BOARDS)
        return replace(
            self,
            runs=min(self.runs, self.quick_runs),
            pairs=min(self.pairs, self.quick_runs),
            judged=min(self.judged, 10),
            solved_runs=min(self.solved_runs, 2),
            games=without_boards or self.games,
        )


def cells_of(parameters: Parameters) -> list[Trial]:
    """Return who plays which of the games."""
    return [trial for trial in TRIALS if trial.environment in parameters.games]


def play(parameters: Parameters, cell: Trial) -> Measured:
    """Play one learner in one game, measure and judge it."""
    prepare_jax()
    p, seed = parameters, parameters.seed
    if cell.learner in GRADIENT:
        return play_pairs(cell, pairs=p.pairs, judged=p.judged, updates=p.updates, seed=seed)
    if cell.learner == FICTITIOUS:
        return play_fictitiously(cell, rounds=p.rounds)
    if cell.environment in MATRIX:
        if has_common_interest(cell):
            return play_matrix_game(cell, runs=p.runs, steps=p.team_steps, seed=seed)
        return play_matrix_game(cell, runs=p.solved_runs, steps=p.steps, seed=seed)
    if cell.environment == SOCCER:
        return play_board(cell, runs=p.soccer_runs, steps=p.soccer_steps, seed=seed)
    return play_board(cell, runs=p.solved_runs, steps=p.board_steps, seed=seed)


def report(parameters: Parameters, done: Mapping[Trial, Measured]) -> Report:
    """Say what of all that is known came out."""
    cells = [cell for measured in done.values() for cell in measured.cells]
    verdicts = [verdict for measured in done.values() for verdict in measured.verdicts]
    data = {trial: measured.data for trial, measured in done.items() if measured.data is not None}

    def pictures() -> list[Picture]:
        return pictures_of(data)

    return Report(
        cells=cells,
        verdicts=verdicts,
        finding=finding(cells),
        tables=[*known_tables(cells), verdict_table(verdicts)],
        make_pictures=pictures,
    )


KEYS = {
    "learner": "who learned; both players do, where only one is named",
    "environment": "the game or board that was played",
    "known": "what is known beforehand of the quantity; None where no published figure could be checked",
    "source": "where that is known from",
    "agrees": "whether what was measured agrees with it; None where nothing is known or runs are too few to tell",
}

SCENARIO = Scenario(
    name=NAME, Parameters=Parameters, cells=cells_of, play=play, report=report, keys=KEYS
)  # fmt: skip
