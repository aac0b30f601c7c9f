"""The Mesa model of a population: one `step()` applies the law once to all agents."""

from __future__ import annotations

from functools import partial
from math import nan

import mesa
import numpy as np

from simulation.engine.model import LawModel
from simulation.learning.policy_gradient import sigmoid_of
from simulation.population.agents import NetworkAgent, NetworkPlanner
from simulation.population.driver import draws_per_step, step_compiled
from simulation.population.outcome import divergence, is_finite, outcome_of
from simulation.population.parameters import PopulationParameters
from simulation.population.state import (
    BY_RULE,
    MEAN_PAYOFF,
    RULES,
    SUMMARY,
    PopulationState,
    new_population_round,
)
from simulation.population.verdicts import PopulationVerdict, judge_outcome
from theory.arguments import given_or_default
from theory.checks import FloatArray


def summary_of(model: Population, column: int) -> float:
    """Return a column of the last step's summary."""
    return float(model.last_round.summary[column])


def welfare_index_of(model: Population) -> float:
    """Return (W - Wmin) / (Wmax - Wmin) of the last step, NaN where the range of welfare is not known."""
    return float(model.parameters.welfare_index(summary_of(model, MEAN_PAYOFF)))


def mean_of_rule(model: Population, rule: int, column: int) -> float:
    """Return a mean of the last step over the agents of one rule, NaN where there are none."""
    agents = float(model.last_round.by_rule[rule, 0])
    return float(model.last_round.by_rule[rule, column]) / agents if agents else nan


# Module-level functions of the model, so that it can be pickled.
REPORTERS = {
    **{name: partial(summary_of, column=column) for column, name in enumerate(SUMMARY)},
    "welfare_index": welfare_index_of,
    **{
        f"{name}_{of}": partial(mean_of_rule, rule=rule, column=column)
        for rule, of in enumerate(RULES)
        for column, name in enumerate(BY_RULE)
        if column
    },
}


class Population(LawModel):
    """Learners, imitators, mirrors (gradual Tit-for-Tat), fixed agents and a planner on a network.

    With the same seed the model takes, bit for bit, the steps of run 0 of `simulation.simulate_population`. The
    data collector gets model reporters, one row after each step; for data by agent, copy arrays of `state`
    and `last_round`, or take a data frame when it is needed.

    Parameters
    ----------
    parameters
        By default learners in the Prisoner's Dilemma on a grid, without a planner.
    rng
        A whole number to reproduce a run; a `numpy.random.Generator` is used as it is; None draws a seed.
    run
        Which run of the seed this is.
    """

    def __init__(
        self,
        parameters: PopulationParameters | None = None,
        *,
        rng: int | np.random.Generator | None = None,
        run: int = 0,
    ) -> None:
        super().__init__(rng, run)
        self.parameters = given_or_default("parameters", parameters, PopulationParameters)
        self._draws = np.empty(0)
        self.constants = self.parameters.constants
        self.state = self._draw_start(self._generator)
        network = self.parameters.network
        self.last_round = new_population_round(network.n_agents, self.parameters.n_conducts)
        self.step_number = 0
        self.members = [NetworkAgent(self, row) for row in range(network.n_agents)]
        self.planner = NetworkPlanner(self)
        self.datacollector = mesa.DataCollector(model_reporters=dict(REPORTERS))
        self.running = True
        self._settle()

    def _draw_start(self, generator: np.random.Generator) -> PopulationState:
        return self.parameters.start(generator)

    def step(self) -> None:
        """Play once; `running` turns False when the parameters' number of steps is reached.

        Raises
        ------
        ValueError
            If the run diverges in this step.
        """
        size = draws_per_step(self.state, self.constants)
        if len(self._draws) != size:
            self._draws = np.empty(size)
        self._generator.random(out=self._draws)
        step_compiled(self.state, self._draws, self.planning, self.constants, self.last_round)
        if not is_finite(self.state):
            raise ValueError(divergence("the run", self.step_number, self.state))
        self.step_number += 1
        self.running = self.step_number < self.parameters.steps
        self.datacollector.collect(self)

    @property
    def planning(self) -> bool:
        """Whether the planner acts in the next step."""
        until = self.parameters.planner_steps
        return until is None or self.step_number < until

    @property
    def cooperation_probability(self) -> FloatArray:
        """`[N]`: with which everybody means to cooperate (mirrors: last meant)."""
        return sigmoid_of(self.state.theta)

    def judge(self, *, tolerance: float = 0.02) -> PopulationVerdict:
        """Judge what the population has come to, after at least one step."""
        if not self.step_number:
            raise ValueError("a population can be judged after its first step, got none so far")
        return judge_outcome(
            self.parameters, outcome_of(self.parameters, self.state, self.last_round), tolerance=tolerance
        )
