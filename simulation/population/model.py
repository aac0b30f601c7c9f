"""The Mesa model of a population: one `step()` applies the law once, and each agent is a view on its row."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from math import nan
from typing import Any

import numpy as np
from mesa.discrete_space import OrthogonalVonNeumannGrid

from simulation.engine.agent import LawAgent
from simulation.engine.keywords import parameters_of, takes_fields_of
from simulation.engine.model import LawModel
from simulation.gradual.ledgers.rule import LedgerBook
from simulation.learning.policy_gradient import log_odds, sigmoid
from simulation.learning.rule import LearningRule, cooperation_of, notice_uncompiled_rules
from simulation.population.networks import NetworkDescription
from simulation.population.outcome import (
    PopulationVerdict,
    cooperation_probabilities,
    judge_outcome,
    outcome_of,
)
from simulation.population.parameters import PopulationParameters
from simulation.population.rules.mirror import MIRROR_AGENT
from simulation.population.runs import population_process
from simulation.population.start import new_books
from simulation.population.state import BY_RULE, MEAN_PAYOFF, SUMMARY, PopulationRound
from theory.checks import FloatArray, finite_number, known_name, number_within, shown


def summary_of(model: Population, column: int) -> float:
    """Return a column of the last step's summary, NaN before the first."""
    return float(model.last_round.summary[column]) if model.step_number else nan


def welfare_index_of(model: Population) -> float:
    """Return (W - Wmin) / (Wmax - Wmin) of the last step, NaN before it and where the range is not known."""
    if not model.step_number:
        return nan
    return float(model.parameters.welfare_index(summary_of(model, MEAN_PAYOFF)))


def mean_of_rule(model: Population, rule: int, column: int) -> float:
    """Return a mean of the last step over the agents of one rule, NaN where there are none."""
    agents = float(model.last_round.by_rule[rule, 0])
    return float(model.last_round.by_rule[rule, column]) / agents if agents else nan


def reporters_of(parameters: PopulationParameters) -> dict[str, Callable[[Population], float]]:
    """Return what the data collector takes of each step: module-level functions, so that models can be pickled."""
    return {
        **{name: partial(summary_of, column=column) for column, name in enumerate(SUMMARY)},
        "welfare_index": welfare_index_of,
        **{
            f"{name}_{of}": partial(mean_of_rule, rule=rule, column=column)
            for rule, of in enumerate(parameters.rule_names)
            for column, name in enumerate(BY_RULE)
            if column
        },
    }


class NetworkAgent(LawAgent):
    """One agent of a population; `row` is its number.

    Reading and writing its attributes reads and writes the arrays that the law works on, so that agents can be
    inspected and changed by hand between steps. Views are for people: whatever concerns all agents is
    faster on `model.state` and `model.last_round`.

    A subclass with a `step()` of its own, named among the `rules` of a `Population`, adapts by that: it keeps its
    P(C) and alpha until it changes them there. All play first, then these agents step in the order of their rows.
    """

    def __init__(self, model: Population, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def node(self) -> Hashable:
        """The node of the graph on which the agent sits."""
        nodes = self.model.parameters.network.nodes
        return self.row if nodes is None else nodes[self.row]

    @property
    def rule(self) -> str:
        """By which it adapts: "learner", "imitator", "mirror", "fixed", or another that parameters name."""
        name: str = self.model.parameters.rule_names[int(self.model.state.rule[self.row])]
        return name

    @rule.setter
    def rule(self, name: str) -> None:
        parameters, state, row = self.model.parameters, self.model.state, self.row
        which = parameters.rule_names.index(known_name("rule", name, parameters.rule_names))
        theta = self.theta
        # A learner of another rule must not go on moving by its momentum, and what it remembers starts afresh; a new
        # mirror has seen nothing.
        learned = parameters.learning_rules.get(name)
        fresh = parameters.learning_rules["learner"].start(theta) if learned is None else learned.start(theta)
        state.memory[:, row] = 0.0
        state.memory[: len(fresh), row] = fresh
        if name == MIRROR_AGENT.name != self.rule:
            self._cooperations[:], self._defections[:] = parameters.prior
            state.alpha[row], state.memory[0, row] = parameters.mirror_of_prior
        if name in parameters.books and name != self.rule:
            books, levels, meant = new_books(name, parameters.constants)
            state.books[:, self._places] = books[:, self._places]
            state.alpha[row], state.memory[0, row] = levels[row], meant[row]
        state.rule[row] = which

    @property
    def _learning_rule(self) -> LearningRule | None:
        """By which it learns, if that has no policy parameter."""
        rule = self.model.parameters.learning_rules.get(self.rule)
        return None if rule is None or rule.policy_parameter is not None else rule

    @property
    def theta(self) -> float:
        """Policy parameter: P(C) = sigmoid(theta). Mirrors and who keeps books: what they last meant to play.

        Of a learner whose rule has none it is the log-odds of P(C), and cannot be set.
        """
        if self._learning_rule is not None:
            return log_odds(self.cooperation_probability)
        return float(self.model.state.memory[0, self.row])

    @theta.setter
    def theta(self, value: float) -> None:
        if self._learning_rule is not None:
            raise ValueError(
                f"theta can be set where a rule has a policy parameter, got the rule {self.rule!r}, whose `memory` "
                "can be changed"
            )
        self.model.state.memory[0, self.row] = finite_number("theta", value)

    @property
    def memory(self) -> FloatArray:
        """The numbers that its rule remembers, a view: writing changes them."""
        rule = self.model.parameters.learning_rules.get(self.rule)
        memory: FloatArray = self.model.state.memory[: 1 if rule is None else len(rule.memory), self.row]
        return memory

    @property
    def alpha(self) -> float:
        """Cooperativeness: the weight of partners' payoffs. A mirror's follows from its belief after each step.

        Of who keeps books it is the mean level of what it means to do to its partners next.
        """
        return float(self.model.state.alpha[self.row])

    @alpha.setter
    def alpha(self, value: float) -> None:
        if self.rule == "mirror" and self.model.parameters.per_partner:
            raise ValueError(
                "alpha of a mirror that treats each partner on its own is a mean of several: change "
                "`remembered`, its beliefs"
            )
        if self.rule in self.model.parameters.books:
            raise ValueError("alpha of an agent that keeps books follows from them: change `book`")
        self.model.state.alpha[self.row] = finite_number("alpha", value)

    @property
    def cooperation_probability(self) -> float:
        """P(C) of the next step; of a mirror, or who keeps books, what it last meant, as a mean over partners."""
        rule = self._learning_rule
        return sigmoid(self.theta) if rule is None else cooperation_of(rule, self.memory)

    @cooperation_probability.setter
    def cooperation_probability(self, value: float) -> None:
        self.theta = log_odds(number_within("cooperation_probability", value, 0.0, 1.0))

    @property
    def share(self) -> float:
        """Share of partners towards whom C was carried out in the last step; NaN before the first."""
        return float(self.model.last_round.share[self.row]) if self.model.step_number else nan

    @property
    def payoff(self) -> float:
        """Payoff of the last step, without incentive; NaN before the first."""
        return float(self.model.last_round.payoff[self.row]) if self.model.step_number else nan

    @property
    def incentive(self) -> float:
        """What the planner gave in the last step; NaN before the first."""
        return float(self.model.last_round.incentive[self.row]) if self.model.step_number else nan

    @property
    def degree(self) -> int:
        """Number of neighbours."""
        return int(self.model.parameters.network.degrees[self.row])

    @property
    def neighbours(self) -> list[NetworkAgent]:
        """The agents it plays with."""
        members = self.model.members
        return [members[k] for k in self.model.parameters.network.of(self.row).tolist()]

    @property
    def remembered(self) -> FloatArray:
        """`[k, 2]`, a copy: remembered cooperations and defections of a mirror, prior included.

        There is one row for all partners, or one for each where conduct is by partner. Assigning changes them.
        """
        return np.stack([self._cooperations, self._defections], axis=1)

    @remembered.setter
    def remembered(self, values: Any) -> None:
        given = np.broadcast_to(np.asarray(values, dtype=np.float64), self.remembered.shape)
        if not (np.isfinite(given) & (given > 0.0)).all():
            raise ValueError(f"remembered must be positive numbers, got {values!r}")
        self._cooperations[:], self._defections[:] = given.T

    @property
    def book(self) -> LedgerBook:
        """`[k]` each, views: ledger, account, mistrust, quarrel and offers towards each of `neighbours`, in order.

        Writing changes them. Of length 0 where nobody keeps a book. Of Tit-for-Tat the first is its mood, 0 content,
        1 provoked, 2 contrite, and the others are not used.
        """
        books = self.model.state.books
        return LedgerBook(*(books[:, self._places] if books.size else books))

    @property
    def _places(self) -> slice:
        """Where conduct by partner stands."""
        starts = self.model.parameters.network.starts
        return slice(int(starts[self.row]), int(starts[self.row + 1]))

    @property
    def _cooperations(self) -> FloatArray:
        return self._conduct(self.model.state.cooperations)

    @property
    def _defections(self) -> FloatArray:
        return self._conduct(self.model.state.defections)

    def _conduct(self, array: FloatArray) -> FloatArray:
        if not self.model.parameters.per_partner:
            return array[self.row : self.row + 1]
        return array[self._places]


class NetworkPlanner(LawAgent):
    """The planner of a population (`simulation.population.planner`)."""

    @property
    def layer(self) -> FloatArray:
        """`[2]`: w and b of its offer; writing changes it."""
        layer: FloatArray = self.model.state.planner
        return layer

    @property
    def active(self) -> bool:
        """Whether it acts in the next step."""
        return bool(self.model.planning)

    @property
    def paid(self) -> float:
        """Absolute incentives so far, summed over agents and steps."""
        return float(self.model.state.paid[0])


class Population(LawModel):
    """Learners, imitators, mirrors, fixed agents and a planner on a network.

    With the same seed the model takes, bit for bit, the steps of run 0 of `simulation.simulate_population`. The
    data collector gets model reporters; for data by agent, copy arrays of `state` and `last_round`, or give
    `agent_reporters`, which take longer than a step.

    Agents of your own, who take a step in Python after each round, are subclasses of `NetworkAgent` with a
    `step()`, named among `rules`; the data collector counts them as "fixed".

    Parameters
    ----------
    parameters
        By default learners in the Prisoner's Dilemma on a grid, without a planner.
    rng
        A whole number to reproduce a run; a `numpy.random.Generator` is used as it is; None draws a seed.
    seed
        The same, under Mesa's other name.
    run
        Which run of the seed this is.
    model_reporters
        Further ones of Mesa's `DataCollector`, beside the model's own.
    agent_reporters
        Likewise of all agents, but instead of the model's own; none for `{}`.
    """

    _of_your_own = "name a LearningRule among `rules`, or a class of agents who take a step of their own"

    @takes_fields_of(PopulationParameters)
    def __init__(
        self,
        parameters: PopulationParameters | None = None,
        *,
        rng: int | np.random.Generator | None = None,
        seed: int | None = None,
        run: int = 0,
        model_reporters: Mapping[str, Any] | None = None,
        agent_reporters: Mapping[str, Any] | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            rng, run, seed=seed, model_reporters=model_reporters, agent_reporters=agent_reporters
        )
        self.parameters = parameters_of(PopulationParameters, parameters, keywords)
        notice_uncompiled_rules(self.parameters.further_rules, stacklevel=3)
        # Who is who is the first that a start draws, and so is drawn here once more.
        kinds = self._kinds(copy.deepcopy(self._generator))
        self._begin(population_process(self.parameters))
        self.last_round: Any = PopulationRound(*self._room, *self._record)
        self.members = [kind(self, row) for row, kind in enumerate(kinds)]
        self._stepping = [agent for agent in self.members if type(agent) is not NetworkAgent]
        self.planner = NetworkPlanner(self)
        self._settle(self.members, model_reporters=reporters_of(self.parameters))

    def _kinds(self, generator: np.random.Generator) -> list[type[NetworkAgent]]:
        own = self.parameters.own_agents
        for kind in own.values():
            if not issubclass(kind, NetworkAgent) or kind.step is LawAgent.step:
                raise ValueError(
                    f"a class among rules must be a NetworkAgent with a step() of its own, got {shown(kind)}"
                )
        if not own:
            return [NetworkAgent] * self.parameters.network.n_agents
        return [own.get(name, NetworkAgent) for name in self.parameters.rules_of_agents(generator).tolist()]

    def _after_law(self) -> None:
        for agent in self._stepping:
            agent.step()

    def _new_grid(self) -> tuple[Any, Sequence[Hashable]]:
        """Return cells of the network, by rows; those of a grid that is described are a grid of Mesa's."""
        graph, network = self.parameters.graph, self.parameters.network
        rows = range(network.n_agents)
        if isinstance(graph, NetworkDescription) and graph.kind == "grid":
            shape = (graph.rows, graph.size // graph.rows)
            cells = OrthogonalVonNeumannGrid(shape, torus=True, capacity=1, random=self.random)
            return cells, [divmod(row, shape[1]) for row in rows]
        return self._network_of(network.to_networkx()), rows

    @property
    def step_number(self) -> int:
        """How many steps have been taken."""
        return self._steps_taken

    @property
    def planning(self) -> bool:
        """Whether the planner acts in the next step."""
        until = self.parameters.planner_steps
        return until is None or self.step_number < until

    @property
    def cooperation_probability(self) -> FloatArray:
        """`[N]`: with which everybody means to cooperate (mirrors: last meant)."""
        return cooperation_probabilities(self.parameters, self.state)

    def judge(self, *, tolerance: float = 0.02) -> PopulationVerdict:
        """Judge what the population has come to, after at least one step."""
        if not self.step_number:
            raise ValueError("a population can be judged after its first step, got none so far")
        outcome = outcome_of(self.parameters, self.state, self._room, self._record)
        return judge_outcome(self.parameters, outcome, tolerance=tolerance)
