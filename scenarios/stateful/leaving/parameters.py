"""Parameters of `planner-that-leaves`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scenarios.frame.scenario import RunParameters
from scenarios.stateful.leaving.terms import TABLES
from theory.checks import known_name, number_within, positive_number, seed_number, whole_number


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Learners, planners and how long they have."""

    runs: int = 50
    """Pairs of learners: run i is that of the seed plus i."""
    seed: int = 2000
    tables: tuple[str, ...] = ("leaving",)
    """What is asked: leaving, unknown, threshold, artefact, games, controls, dilemmas, sampled, many, graded."""
    planner_updates: int = 100
    """So many updates a planner acts, at least 1."""
    updates: int = 20_000
    """So many follow, at least 200; near the bound more, where learners need them."""
    noise: float = 0.02
    """Probability that the other action is played than is meant, in (0, 1/2)."""
    discount: float = 0.96
    """In [0, 1)."""
    bound: float = 3.0
    """c: no incentive is larger, in payoff units; positive."""
    training_seed: int = 7
    """Of the learners that planners are trained on, and of what is tried: other learners than those met."""
    generations: int = 15
    """Of the evolution strategy that trains them, at least 1."""
    dilemmas: int = 40
    """Random ones, at least 1."""
    dilemma_seed: int = 1
    """Which these are."""
    dilemma_discount: float = 0.8
    """In random dilemmas: about half of them have their bound below it."""
    sampled_updates: int = 2000
    """After the planner, of learners whose gradients are sampled, at least 200."""
    sampled_runs: int = 20
    """Pairs of these, at least 1."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for table in self.tables:
            known_name("table", table, TABLES)
        for name, least in (("planner_updates", 1), ("generations", 1), ("dilemmas", 1), ("sampled_runs", 1)):
            whole_number(name, getattr(self, name), at_least=least)
        whole_number("updates", self.updates, at_least=200)
        whole_number("sampled_updates", self.sampled_updates, at_least=200)
        number_within("noise", self.noise, 0.0, 0.5)
        for name in ("discount", "dilemma_discount"):
            number_within(name, getattr(self, name), 0.0, 1.0)
        positive_number("bound", self.bound)
        seed_number("training_seed", self.training_seed)
        seed_number("dilemma_seed", self.dilemma_seed)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs of a tenth of the updates."""
        return replace(
            self,
            runs=min(self.runs, 2),
            updates=min(self.updates, 2000),
            generations=min(self.generations, 8),
            dilemmas=min(self.dilemmas, 4),
            sampled_updates=min(self.sampled_updates, 200),
            sampled_runs=min(self.sampled_runs, 2),
        )

    def runs_of(self, table: str) -> int:
        """Return how many runs a cell of a table has."""
        return min(self.runs, self.sampled_runs) if table == "sampled" else self.runs

    @property
    def training(self) -> tuple[int, int, float, float, float]:
        """What a planner is trained with, but for the seed."""
        return self.generations, self.planner_updates, self.bound, self.noise, self.discount
