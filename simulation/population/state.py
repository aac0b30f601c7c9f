"""What a population carries from step to step, what stays fixed, and the record of one step.

N is the number of agents and E of undirected edges. *Conduct* is what an agent does towards a partner. It is held
once for each agent, `[N]`, where everybody treats all partners alike (generalised reciprocity), and once for each
directed edge, `[2E]`, where mirrors and those who keep books treat each partner on its own (direct reciprocity).
"""

from __future__ import annotations

from collections import namedtuple
from typing import NamedTuple

import numpy as np

from simulation.gradual.ledgers.rule import LedgerGame, LedgerNumbers
from simulation.population.networks import IndexArray
from theory.checks import FloatArray, SmallArray

# Whom the planner may pay, by number.
EVERYONE, CHOSEN, BOUNDARY = range(3)

# Columns of a step's summary: shares of all actions, means over agents, shares of all edges, and what is paid.
SUMMARY = (
    "cooperation",
    "mean_payoff",
    "outlay",
    "targeted",
    "both_cooperate",
    "one_cooperates",
    "incentive_for_cooperating",
    "incentive_for_defecting",
)
(COOPERATION, MEAN_PAYOFF, OUTLAY, TARGETED, BOTH, ONE, FOR_COOPERATING, FOR_DEFECTING) = range(len(SUMMARY))

# Columns of a step's sums by rule.
BY_RULE = ("agents", "cooperation", "payoff", "alpha")


class LedgerPart(NamedTuple):
    """What one of two partners who keep ledgers goes by."""

    numbers: LedgerNumbers
    game: LedgerGame


class PopulationState(NamedTuple):
    """All that a run carries from one step to the next."""

    rule: SmallArray
    """`[N]`: places in `simulation.population.rules.catalogue`, then those of further learning rules."""
    memory: FloatArray
    """`[M, N]`: the numbers that each learner's rule remembers, at least one. Of everybody but learners by a rule
    without a policy parameter the first is theta, P(C) = sigmoid(theta). Mirrors and those who keep books do not
    use theirs: it shows what they last meant to play, as the log-odds of the share of partners, within -FIRM and
    FIRM."""
    alpha: FloatArray
    """`[N]` cooperativeness: weight of a partner's payoff. With conduct by partner that of a mirror is its mean; who
    keeps books shows the mean level of what it means to play next."""
    cooperations: FloatArray
    """`[N or 2E]`: what a mirror remembers of cooperations, prior included: first parameter of a Beta belief."""
    defections: FloatArray
    """`[N or 2E]`: the same of defections, its second parameter."""
    books: FloatArray
    """`[5, 2E]`: what is remembered of each partner, a row for each field of a `LedgerBook`;
    of Tit-for-Tat the first row is its mood; `[5, 0]` where nobody keeps a book."""
    mixed: SmallArray
    """`[N]`: 1 where the agent and its neighbours did not all play the same in the last step; 1 at the start."""
    chosen: SmallArray
    """`[N]`: 1 for agents that a planner pays which has chosen a fixed set."""
    planner: FloatArray
    """`[2]` w and b."""
    planner_first: FloatArray
    planner_second: FloatArray
    planner_powers: FloatArray
    paid: FloatArray
    """`[1]` absolute incentives so far, summed over agents and steps."""

    @property
    def theta(self) -> FloatArray:
        """`[N]`, a view: the first number that everybody remembers."""
        theta: FloatArray = self.memory[0]
        return theta


class PopulationConstants(NamedTuple):
    """What stays fixed during a run."""

    starts: IndexArray
    neighbours: IndexArray
    seen: IndexArray
    """`[2E]`: where the conduct of the neighbour on an edge towards oneself stands."""
    partners: FloatArray
    """`[N]`: their numbers, so that the loop over learners is simple enough to be vectorised."""
    weights: FloatArray
    """`[N]`: of each game in its players' payoffs: 1 if these are summed over partners, 1 / partners if averaged."""
    by_partner: bool
    reward: float
    sucker: float
    temptation: float
    punishment: float
    noise: float
    tunables: tuple[tuple[float, ...], ...]
    """Of the rule "learner", then of each further learning rule."""
    intensity: float
    epsilon: float
    forgetting: float
    prior_cooperations: float
    prior_defections: float
    looks: SmallArray
    """`[rules]`: 1 for rules by which agents look at others, with a draw of their own."""
    learns: SmallArray
    """`[rules]`: 1 for rules through which a planner looks ahead."""
    has_theta: SmallArray
    """`[rules]`: 1 where what is remembered first is theta."""
    slips_by_partner: SmallArray
    """`[rules]`: 1 for rules that treat each partner on its own, if conduct is by partner."""
    draws_by_partner: bool
    """Whether these draw for each partner: where there is noise, or a peace offer to be made."""
    first_in_pair: LedgerPart
    """Of those who keep ledgers: what the agent of smaller number in a pair goes by."""
    second_in_pair: LedgerPart
    """The same of the agent of larger number; another part only where the agreed play gives them different ones."""
    targets: int
    planner_learning_rate: float
    lookahead_rate: float
    bound: float
    cost: float
    budget: float
    """Most that may be paid in a step, in absolute value, summed over agents; infinite if there is no limit."""
    planned_steps: float
    """In how many first steps the planner acts; infinite if it never stops."""


class PopulationRoom(NamedTuple):
    """What everybody does and gets in a step, and intermediate results."""

    chance: FloatArray
    """`[N or 2E]`: probability with which C was carried out."""
    cooperated: SmallArray
    """`[N or 2E]`: 1 where C was carried out, 0 for D."""
    own_chance: FloatArray
    """`[N]`: the same of each agent towards all partners, or towards the last one."""
    share: FloatArray
    """`[N]`: share of partners towards whom C was carried out."""
    payoff: FloatArray
    """`[N]`, without incentives."""
    incentive: FloatArray
    """`[N]`."""
    gain: FloatArray
    """`[N]`: what cooperating adds to the expected reward; NaN for rules that do not ask for it."""
    reward: FloatArray
    """`[N]`: own payoff + alpha * the partners' payoffs in the games with it + incentive."""
    seen: FloatArray
    """`[N]`: number of partners who carried out C."""
    next_theta: FloatArray
    """`[N]`: what an imitator that has looked at another will be."""
    next_alpha: FloatArray
    targeted: SmallArray
    """`[N]`: 1 for agents whom the planner may pay; left alone while it is off."""
    learners: IndexArray
    """`[N]`: those whom the planner looks ahead through, first."""
    planner_gradient: FloatArray
    offer: FloatArray
    """`[5]`: r(C), r(D), how many of those who may be paid cooperated and defected, and s."""


class PopulationSums(NamedTuple):
    """The record of one step: what all agents together do and get."""

    summary: FloatArray
    """`[8]`: see `SUMMARY`."""
    by_rule: FloatArray
    """`[rules, 4]`: sums over the agents of each rule, see `BY_RULE`."""


# Room and record in one, as models show them.
PopulationRound = namedtuple("PopulationRound", PopulationRoom._fields + PopulationSums._fields)  # type: ignore[misc]


def new_population_room(n_agents: int, n_conducts: int) -> PopulationRoom:
    """Return empty room; `n_conducts` is N or 2E."""
    agents = [np.zeros(n_agents) for _ in range(8)]
    own_chance, share, payoff, incentive, reward, seen, next_theta, next_alpha = agents
    return PopulationRoom(
        chance=np.zeros(n_conducts),
        cooperated=np.zeros(n_conducts, dtype=np.int8),
        own_chance=own_chance,
        share=share,
        payoff=payoff,
        incentive=incentive,
        gain=np.full(n_agents, np.nan),
        reward=reward,
        seen=seen,
        next_theta=next_theta,
        next_alpha=next_alpha,
        targeted=np.zeros(n_agents, dtype=np.int8),
        learners=np.zeros(n_agents, dtype=np.int32),
        planner_gradient=np.zeros(2),
        offer=np.zeros(5),
    )


def new_population_sums(n_rules: int) -> PopulationSums:
    """Return an empty record."""
    return PopulationSums(summary=np.zeros(len(SUMMARY)), by_rule=np.zeros((n_rules, len(BY_RULE))))
