"""All rules of populations."""

from __future__ import annotations

from simulation.population.rules.fixed import FIXED_AGENT
from simulation.population.rules.gradual_tit_for_tat import GRADUAL_AGENT
from simulation.population.rules.imitator import IMITATOR_AGENT
from simulation.population.rules.learner import LEARNER_AGENT
from simulation.population.rules.mirror import MIRROR_AGENT
from simulation.population.rules.tit_for_tat import CONTRITE_AGENT, TIT_FOR_TAT_AGENT

# Their order is that of numbers in `PopulationState.rule`, and of the lot by which agents are placed.
POPULATION_RULES = (
    LEARNER_AGENT,
    IMITATOR_AGENT,
    MIRROR_AGENT,
    FIXED_AGENT,
    GRADUAL_AGENT,
    TIT_FOR_TAT_AGENT,
    CONTRITE_AGENT,
)

# What parameters call the agents of each rule, with the rule's name and where their theta starts.
AGENTS_CALLED: dict[str, tuple[str, float | None]] = {
    called: (rule.name, theta)
    for rule in POPULATION_RULES
    for called, theta in (rule.called or {rule.name: None}).items()
}
