"""A population before its first step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulation.engine.draws import normal, permutation
from simulation.engine.elementary import log
from simulation.population.networks import IndexArray
from simulation.population.rules.catalogue import AGENTS_CALLED
from simulation.population.rules.imitator import IMITATOR_AGENT
from simulation.population.rules.mirror import MIRROR_AGENT, estimate, is_cooperation_best, mirrored_alpha
from simulation.population.state import FIRM, PopulationConstants, PopulationState, SmallArray
from theory.checks import FloatArray

if TYPE_CHECKING:
    from simulation.population.parameters import PopulationParameters


def start_state(
    parameters: PopulationParameters, names: NDArray[Any], generator: np.random.Generator
) -> PopulationState:
    """Return the state before the first step of agents whose rules have `names[n_agents]`.

    Drawn are, in this order: imitators, planner, whom it pays.
    """
    n = parameters.network.n_agents
    numbers = {name: k for k, name in enumerate(parameters.rule_names)}
    memory = _memory(parameters, names, generator)
    alpha = np.full(n, float(parameters.alpha))
    mirrors = names == MIRROR_AGENT.name
    alpha[mirrors], memory[0, mirrors] = parameters.mirror_of_prior
    planner = normal(generator, parameters.planner_scale, 2)
    return PopulationState(
        rule=np.array([numbers[AGENTS_CALLED.get(name, (name,))[0]] for name in names], dtype=np.int8),
        memory=memory,
        alpha=alpha,
        cooperations=np.full(parameters.n_conducts, float(parameters.prior[0])),
        defections=np.full(parameters.n_conducts, float(parameters.prior[1])),
        mixed=np.ones(n, dtype=np.int8),
        chosen=_chosen(parameters, generator),
        planner=planner,
        planner_first=np.zeros(2),
        planner_second=np.zeros(2),
        planner_powers=np.ones(2),
        paid=np.zeros(1),
    )


def rules_of_agents(
    rules: Mapping[str, float] | Sequence[str],
    n_agents: int,
    known: Sequence[str],
    generator: np.random.Generator,
) -> NDArray[Any]:
    """Return `[n_agents]` names; shares are rounded by largest remainders."""
    if not isinstance(rules, Mapping):
        return np.array(rules)
    exact = np.array([rules.get(name, 0.0) for name in known]) * n_agents
    counts = np.floor(exact + 1e-9).astype(np.int64)
    missing = n_agents - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    names = np.repeat(np.array(known), counts)
    return names if (counts == n_agents).any() else names[permutation(generator, n_agents)]


def _memory(
    parameters: PopulationParameters, names: NDArray[Any], generator: np.random.Generator
) -> FloatArray:
    """Return what everybody remembers, `[M, n_agents]`."""
    p = parameters.initial_cooperation
    theta = log(p / (1.0 - p))
    memory = np.zeros((max(len(rule.memory) for rule in parameters.learning_rules.values()), len(names)))
    memory[0] = theta
    for name, rule in parameters.learning_rules.items():
        memory[: len(rule.memory), names == name] = rule.start(theta)[:, None]
    imitators = np.flatnonzero(names == IMITATOR_AGENT.name)
    memory[0, imitators] = np.where(generator.random(len(imitators)) < p, FIRM, -FIRM)
    for name, (_, start) in AGENTS_CALLED.items():
        if start is not None:
            memory[0, names == name] = start
    return memory


def mirror_of(
    cooperations: float, defections: float, *, constants: PopulationConstants
) -> tuple[float, float]:
    """Return alpha and theta of a mirror that remembers so much of all its partners."""
    q = estimate(float(cooperations), float(defections), constants.noise)
    alpha = mirrored_alpha(q, constants.epsilon)
    return alpha, FIRM if is_cooperation_best(q, alpha, constants) else -FIRM


def _chosen(parameters: PopulationParameters, generator: np.random.Generator) -> SmallArray:
    """Return whom a planner pays that has chosen a fixed set: the first by degree, ties by lot."""
    degrees: IndexArray = parameters.network.degrees
    chosen = np.zeros(len(degrees), dtype=np.int8)
    if parameters.targets not in ("highest-degree", "lowest-degree", "random"):
        return chosen
    by_lot = permutation(generator, len(degrees))
    if parameters.targets != "random":
        sign = -1 if parameters.targets == "highest-degree" else 1
        by_lot = by_lot[np.argsort(sign * degrees[by_lot], kind="stable")]
    number = max(1, round(parameters.target_share * len(degrees)))
    chosen[by_lot[:number]] = 1
    return chosen
