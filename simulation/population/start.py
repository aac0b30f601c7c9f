"""What a population begins with: who plays which rule, what everybody remembers, whom a planner pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.engine.draws import permutation
from simulation.engine.elementary import log
from simulation.gradual.ledgers.rule import LedgerBook
from simulation.learning.policy_gradient import FIRM, log_odds
from simulation.learning.rule import LearningRule
from simulation.population.networks import IndexArray
from simulation.population.rules.catalogue import AGENTS_CALLED
from simulation.population.rules.gradual_tit_for_tat import GRADUAL_AGENT, ledger_start
from simulation.population.rules.imitator import IMITATOR_AGENT
from simulation.population.rules.mirror import estimate, is_cooperation_best, mirrored_alpha
from simulation.population.state import PopulationConstants
from theory.checks import FloatArray, SmallArray


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


def start_memory(
    names: NDArray[Any],
    learning_rules: Mapping[str, LearningRule],
    p: float,
    generator: np.random.Generator,
) -> FloatArray:
    """Return what everybody remembers, `[M, n_agents]`; learners and imitators begin with a probability p of C."""
    theta = log(p / (1.0 - p))
    memory = np.zeros((max(len(rule.memory) for rule in learning_rules.values()), len(names)))
    memory[0] = theta
    for name, rule in learning_rules.items():
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


def new_books(name: str, constants: PopulationConstants) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return `[5, 2E]` books with partners whom nobody has met, and `[N]` alpha and theta of those who keep them.

    `name` is that of the rule by which they do: ledgers, or moods, which are content at first.
    """
    if name != GRADUAL_AGENT.name:
        agents = np.ones(len(constants.partners))
        return np.zeros((len(LedgerBook._fields), len(constants.seen))), agents, FIRM * agents
    first, second = ledger_start(constants.first_in_pair), ledger_start(constants.second_in_pair)
    is_first = np.arange(len(constants.seen)) < constants.seen
    books = np.where(is_first, np.array(first.book)[:, None], np.array(second.book)[:, None])
    levels, chances = (
        np.add.reduceat(np.where(is_first, one, other), constants.starts[:-1]) / constants.partners
        for one, other in ((first.level, second.level), (first.chance, second.chance))
    )
    return books, levels, np.array([log_odds(share) for share in chances.tolist()])


def chosen_to_be_paid(
    degrees: IndexArray, targets: str, share: float, generator: np.random.Generator
) -> SmallArray:
    """Return whom a planner pays that has chosen a fixed set: the first by degree, ties by lot."""
    chosen = np.zeros(len(degrees), dtype=np.int8)
    if targets not in ("highest-degree", "lowest-degree", "random"):
        return chosen
    by_lot = permutation(generator, len(degrees))
    if targets != "random":
        sign = -1 if targets == "highest-degree" else 1
        by_lot = by_lot[np.argsort(sign * degrees[by_lot], kind="stable")]
    number = max(1, round(share * len(degrees)))
    chosen[by_lot[:number]] = 1
    return chosen
