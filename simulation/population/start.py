"""A population before its first step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.engine.draws import normal, permutation
from simulation.engine.elementary import log
from simulation.population.mirrors import estimate, is_cooperation_best, mirrored_alpha
from simulation.population.networks import IndexArray
from simulation.population.state import (
    FIRM,
    FIXED,
    IMITATOR,
    LEARNER,
    MIRROR,
    PopulationConstants,
    PopulationState,
    SmallArray,
)
from theory.checks import FloatArray

if TYPE_CHECKING:
    from simulation.population.parameters import PopulationParameters

# What parameters call the agents of each rule.
RULE_NAMES = ("learner", "imitator", "mirror", "cooperator", "defector", "fixed")
_RULE_OF = np.array([LEARNER, IMITATOR, MIRROR, FIXED, FIXED, FIXED], dtype=np.int8)


def start_state(parameters: PopulationParameters, generator: np.random.Generator) -> PopulationState:
    """Return the state before the first step, drawn in the order: places, imitators, planner, whom it pays."""
    n = parameters.network.n_agents
    kinds = _kinds(parameters.rules, n, generator)
    theta = _thetas(parameters, kinds, generator)
    alpha = np.full(n, float(parameters.alpha))
    mirrors = kinds == RULE_NAMES.index("mirror")
    alpha[mirrors], theta[mirrors] = parameters.mirror_of_prior
    planner = normal(generator, parameters.planner_scale, 2)
    return PopulationState(
        rule=_RULE_OF[kinds],
        theta=theta,
        alpha=alpha,
        theta_first=np.zeros(n),
        theta_second=np.zeros(n),
        cooperations=np.full(parameters.n_conducts, float(parameters.prior[0])),
        defections=np.full(parameters.n_conducts, float(parameters.prior[1])),
        mixed=np.ones(n, dtype=np.int8),
        chosen=_chosen(parameters, generator),
        planner=planner,
        planner_first=np.zeros(2),
        planner_second=np.zeros(2),
        learner_powers=np.ones((2, n)),
        planner_powers=np.ones(2),
        paid=np.zeros(1),
    )


def _kinds(
    rules: Mapping[str, float] | Sequence[str], n_agents: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Return `[n_agents]` places in `RULE_NAMES`; shares are rounded by largest remainders."""
    if not isinstance(rules, Mapping):
        return np.array([RULE_NAMES.index(name) for name in rules])
    exact = np.array([rules.get(name, 0.0) for name in RULE_NAMES]) * n_agents
    counts = np.floor(exact + 1e-9).astype(np.int64)
    missing = n_agents - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    kinds = np.repeat(np.arange(len(RULE_NAMES)), counts)
    return kinds if (counts == n_agents).any() else kinds[permutation(generator, n_agents)]


def _thetas(
    parameters: PopulationParameters, kinds: NDArray[np.int64], generator: np.random.Generator
) -> FloatArray:
    p = parameters.initial_cooperation
    theta = np.full(len(kinds), log(p / (1.0 - p)))
    imitators = np.flatnonzero(kinds == RULE_NAMES.index("imitator"))
    theta[imitators] = np.where(generator.random(len(imitators)) < p, FIRM, -FIRM)
    theta[kinds == RULE_NAMES.index("cooperator")] = FIRM
    theta[kinds == RULE_NAMES.index("defector")] = -FIRM
    return theta


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
