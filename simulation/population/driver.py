"""Running the law: compiled, over blocks of steps."""

from __future__ import annotations

from simulation.engine.compilation import compiled, rule
from simulation.population.law import population_step
from simulation.population.state import (
    IMITATOR,
    PopulationConstants,
    PopulationRound,
    PopulationState,
)
from theory.checks import FloatArray


def draws_per_step(state: PopulationState, constants: PopulationConstants) -> int:
    """Return how many uniform draws the next step takes."""
    agents = len(state.rule)
    draws = agents
    if (state.rule == IMITATOR).any():
        draws += agents
    if constants.by_partner and constants.noise > 0.0:
        draws += len(constants.neighbours)
    return draws


def _step(
    state: PopulationState,
    draws: FloatArray,
    planning: bool,
    constants: PopulationConstants,
    record: PopulationRound,
) -> None:
    population_step(state, draws, planning, constants, record)


step_compiled = compiled(_step)


@rule
def run_steps(
    state: PopulationState,
    draws: FloatArray,
    first: int,
    planned_steps: int,
    constants: PopulationConstants,
    every: int,
    record: PopulationRound,
    summary: FloatArray,
    by_rule: FloatArray,
) -> None:
    """Run the law over `draws[steps, k]`, which begin with step `first`; every `every`-th step is recorded.

    Of step t the record is row t // every of `summary[recorded, ...]` and `by_rule[recorded, ...]`.
    """
    for k in range(draws.shape[0]):
        step = first + k
        population_step(state, draws[k], step < planned_steps, constants, record)
        if every > 0 and step % every == 0:
            for column in range(record.summary.shape[0]):
                summary[step // every, column] = record.summary[column]
            for which in range(record.by_rule.shape[0]):
                for column in range(record.by_rule.shape[1]):
                    by_rule[step // every, which, column] = record.by_rule[which, column]


def _run_steps(
    state: PopulationState,
    draws: FloatArray,
    first: int,
    planned_steps: int,
    constants: PopulationConstants,
    every: int,
    record: PopulationRound,
    summary: FloatArray,
    by_rule: FloatArray,
) -> None:
    run_steps(state, draws, first, planned_steps, constants, every, record, summary, by_rule)


run_steps_compiled = compiled(_run_steps)
