"""Parameters of a population on a network."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulation.engine.draws import normal
from simulation.engine.randomness import whole_number
from simulation.gradual.ledgers.rule import LedgerBook
from simulation.gradual.players.gradual_tit_for_tat import GradualPlayer
from simulation.gradual.seat import describe
from simulation.learning.catalogue import LEARNING_RULES, learning_rule
from simulation.learning.policy_gradient import EXPECTED_POLICY_GRADIENT, POLICY_GRADIENT
from simulation.learning.rule import LearningRule
from simulation.population.law import Law, population_law, rules_with
from simulation.population.networks import Network, NetworkDescription, as_network
from simulation.population.rules.catalogue import AGENTS_CALLED, POPULATION_RULES
from simulation.population.rules.fixed import FIXED_AGENT
from simulation.population.rules.gradual_tit_for_tat import GRADUAL_AGENT, ledgers_of, no_ledgers
from simulation.population.rules.mirror import MIRROR_AGENT
from simulation.population.start import (
    chosen_to_be_paid,
    mirror_of,
    new_books,
    rules_of_agents,
    start_memory,
)
from simulation.population.state import (
    BOUNDARY,
    CHOSEN,
    EVERYONE,
    PopulationConstants,
    PopulationRoom,
    PopulationState,
    PopulationSums,
    new_population_room,
    new_population_sums,
)
from theory import Game, NetworkGame, named_game, network_game
from theory.arguments import check_fields, checked, of_type
from theory.checks import (
    FloatArray,
    finite_array,
    finite_number,
    is_list,
    known_name,
    number_within,
    plain_text,
    shown,
)
from theory.deprecation import renamed_fields
from theory.graphs import ACCUMULATIONS

if TYPE_CHECKING:
    import networkx as nx

TARGETS = {
    "everyone": EVERYONE,
    "highest-degree": CHOSEN,
    "lowest-degree": CHOSEN,
    "random": CHOSEN,
    "boundary": BOUNDARY,
}


@renamed_fields(budget="budget_per_agent")
@dataclass(frozen=True, kw_only=True)
class PopulationParameters:
    """Parameters of a population; by default learners in the Prisoner's Dilemma on a grid, without a planner.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states, or the graph cannot be played on.
    """

    graph: NetworkDescription | Network | nx.Graph = field(default_factory=NetworkDescription)
    """A description, or a connected undirected networkx graph without loops."""
    game: Game = field(default_factory=lambda: named_game("prisoners-dilemma"))
    """Symmetric, of two players with two actions each; action 0 is C."""
    rules: Mapping[Any, float] | Sequence[str | LearningRule] = field(
        default_factory=lambda: {"learner": 1.0}
    )
    """Shares of "learner" (by the policy gradient), "imitator", "mirror" (of how often partners cooperate),
    "gradual-tit-for-tat" (keeps a ledger with each partner, so that it needs `per_partner`), "tit-for-tat" and
    "contrite-tit-for-tat" (towards each partner, so that they need it, too), "cooperator",
    "defector", "fixed" (keeps its first P(C)) and of learners by a `LearningRule` of your own or
    named in `simulation.learning.catalogue`, summing to 1 and placed at random; or one of these for each agent, in
    order. In a Mesa model agents of your own are among them, too: subclasses of `NetworkAgent` with a `step()`."""
    per_partner: bool = False
    """Whether mirrors hold a belief and an action for each partner (direct reciprocity), or one of each for all
    (generalised reciprocity). Ledgers are kept with each partner alone."""
    accumulation: str = "mean"
    """Whether a payoff is the "mean" or the "total" over partners."""
    noise: float = 0.0
    """Probability in [0, 1/2) with which an action flips."""
    steps: int = 1000
    """At least 1."""

    initial_cooperation: float = 0.25
    """P(C) at the start of fixed agents and of learners whose rule has a policy parameter, and the probability with
    which an imitator starts as a cooperator (else as a defector), in (0, 1)."""
    alpha: float = 0.0
    """Cooperativeness at the start of all but those who mirror."""
    learners: str = "sampled"
    """Whether a "learner" learns from "sampled" rewards, or by the gradient of the "expected" reward."""
    learning_rate: float = 0.01
    """Step size of Adam, positive."""
    intensity: float = 10.0
    """Of imitation, at least 0: the neighbour is imitated with chance sigmoid(intensity * payoff difference)."""
    epsilon: float = 0.05
    """Generosity of mirrors, in [-1, 1]."""
    forgetting: float = 0.1
    """With which mirrors' memory fades before each step, in [0, 1]."""
    prior: tuple[float, float] = (1.0, 1.0)
    """Of mirrors' Beta belief about how often partners cooperate, positive."""
    opening: float | None = None
    """Probability of C, in [0, 1], of each action in a step before the first, from which mirrors and those who keep
    books learn as from any other; None: there is none."""
    gradual: GradualPlayer = field(default_factory=GradualPlayer)
    """By which agents "gradual-tit-for-tat" keep their ledgers: agreement, credit, loss budget, trust and others."""

    planner_steps: int | None = 0
    """The planner acts in so many first steps; None: in all; 0: never."""
    targets: str = "everyone"
    """Whom it may pay: "everyone"; `target_share` of the agents with the "highest-degree" or "lowest-degree" (ties
    by lot) or chosen at "random", always the same; or those at a "boundary": who did not all play the
    same in the last step, they and their neighbours."""
    target_share: float = 0.2
    """In (0, 1]."""
    budget_per_agent: float | None = None
    """Most that it pays in a step for each agent of the population, in absolute value, at least 0; None: no limit."""
    bound: float = 3.0
    """c: no incentive is larger in absolute value, positive."""
    cost: float = 0.0002
    """Price of the incentives' root mean square in the planner's objective, at least 0."""
    planner_learning_rate: float = 0.01
    """Step size of Adam for the planner, positive."""
    lookahead_rate: float = 0.01
    """The learners' step size eta that it reckons with, positive."""
    planner_scale: float = 0.1
    """Standard deviation of its initial weights, at least 0."""

    def __post_init__(self) -> None:
        check_fields(self)
        _check_game(self.game)
        known_name("accumulation", self.accumulation, ACCUMULATIONS)
        known_name("learners", self.learners, ("sampled", "expected"))
        known_name("targets", self.targets, tuple(TARGETS))
        whole_number("steps", self.steps, at_least=1)
        if self.planner_steps is not None:
            whole_number("planner_steps", self.planner_steps, at_least=0)
        if not 0.0 <= finite_number("noise", self.noise) < 0.5:
            raise ValueError(f"noise must lie in [0, 1/2), got {self.noise}")
        if not 0.0 < finite_number("initial_cooperation", self.initial_cooperation) < 1.0:
            raise ValueError(f"initial_cooperation must lie in (0, 1), got {self.initial_cooperation}")
        if not 0.0 < finite_number("target_share", self.target_share) <= 1.0:
            raise ValueError(f"target_share must lie in (0, 1], got {self.target_share}")
        finite_number("alpha", self.alpha)
        of_type(GradualPlayer)("gradual", self.gradual)
        number_within("epsilon", self.epsilon, -1.0, 1.0)
        number_within("forgetting", self.forgetting, 0.0, 1.0)
        if self.opening is not None:
            number_within("opening", self.opening, 0.0, 1.0)
        for name in ("learning_rate", "planner_learning_rate", "lookahead_rate", "bound"):
            if finite_number(name, getattr(self, name)) <= 0.0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        for name in ("intensity", "cost", "planner_scale", "budget_per_agent"):
            if name != "budget_per_agent" or self.budget_per_agent is not None:
                number_within(name, getattr(self, name), 0.0, math.inf)
        if (
            not is_list(self.prior)
            or len(self.prior) != 2
            or min(finite_number("prior", part) for part in self.prior) <= 0.0
        ):
            raise ValueError(f"prior must be two positive numbers, got {self.prior}")
        if not isinstance(self.graph, NetworkDescription):
            self.network  # noqa: B018 # a given graph is checked at once, a description when it is built
        self._check_rules()

    def _check_rules(self) -> None:
        if not isinstance(self.rules, Mapping) and not is_list(self.rules):
            raise ValueError(
                f"rules must be shares by name or a name for each agent, got {shown(self.rules)}"
            )
        self.learning_rules, self.own_agents  # noqa: B018 # names that are not known, or not told apart, are found here
        if isinstance(self.rules, Mapping):
            shares = [
                number_within(f"share of {_name(given)}", share, 0.0, 1.0)
                for given, share in self.rules.items()
            ]
            if abs(sum(shares) - 1.0) > 1e-9:
                raise ValueError(f"shares of rules must sum to 1, got {self._by_name}")
        elif len(self.rules) != self.network.n_agents:
            raise ValueError(
                f"rules must name one rule for each of {self.network.n_agents} agents, got {len(self.rules)}"
            )
        if self.books and not self.per_partner:
            raise ValueError(
                f"per_partner must be True where agents follow {self.books[0]}, who keep a book on each "
                "partner, got False"
            )
        if self.planned_steps and not any(self.has(name) for name in self.learning_rules):
            raise ValueError(
                "a planner learns through the learners' next step, so rules must hold learners, got "
                f"{', '.join(sorted(set(self._by_name))) or 'none'}"
            )

    @checked(name=plain_text)
    def has(self, name: str) -> bool:
        """Return whether some agents follow a rule, by the name that parameters give it."""
        known_name("rule", name, self._names_of_agents)
        by_name = self._by_name
        return by_name.get(name, 0.0) > 0.0 if isinstance(by_name, dict) else name in by_name

    @cached_property
    def learning_rules(self) -> dict[str, LearningRule]:
        """The rules of those who learn, by name: that of a "learner", then those of the catalogue and your own."""
        own = EXPECTED_POLICY_GRADIENT if self.learners == "expected" else POLICY_GRADIENT
        found = {"learner": own.tuned(learning_rate=self.learning_rate)}
        for given in self.rules:
            if (isinstance(given, str) and given in AGENTS_CALLED) or _is_of_agents(given):
                continue
            if not isinstance(given, LearningRule):
                known_name(
                    "rule",
                    given,
                    (*AGENTS_CALLED, *LEARNING_RULES),
                    otherwise="a LearningRule of your own",
                )
            rule = learning_rule(given)
            if rule.name in AGENTS_CALLED or found.get(rule.name, rule) != rule:
                raise ValueError(
                    f"learning rules must be told apart by their names, got another one called {rule.name!r}"
                )
            found[rule.name] = rule
        return found

    @cached_property
    def own_agents(self) -> dict[str, type]:
        """Classes of agents who take a step of their own in a Mesa model, by name."""
        found: dict[str, type] = {}
        for given in filter(_is_of_agents, self.rules):
            name = given.__name__
            if name in AGENTS_CALLED or name in self.learning_rules or found.get(name, given) is not given:
                raise ValueError(f"rules must be told apart by their names, got another one called {name!r}")
            found[name] = given
        return found

    @property
    def further_rules(self) -> tuple[LearningRule, ...]:
        """The learning rules beside that of a "learner"."""
        return tuple(self.learning_rules.values())[1:]

    @property
    def rules_of_law(self) -> tuple[LearningRule, ...]:
        """The learning rules of which the law is made."""
        return tuple(rule.untuned for rule in self.learning_rules.values())

    @cached_property
    def books(self) -> tuple[str, ...]:
        """The rules, of those that are named, by which agents keep a book with each partner."""
        return tuple(rule.name for rule in POPULATION_RULES if rule.by_book and rule.name in self._by_name)

    @cached_property
    def rule_names(self) -> tuple[str, ...]:
        """The rules by which agents live, as datasets name them, in the order of `PopulationState.rule`."""
        own = (rule.name for rule in POPULATION_RULES if not rule.by_book or rule.name in self.books)
        return (*own, *(rule.name for rule in self.further_rules))

    @property
    def _names_of_agents(self) -> tuple[str, ...]:
        return (*AGENTS_CALLED, *(rule.name for rule in self.further_rules), *self.own_agents)

    @cached_property
    def _by_name(self) -> dict[str, float] | list[str]:
        if isinstance(self.rules, Mapping):
            return {_name(given): share for given, share in self.rules.items()}
        return [_name(given) for given in self.rules]

    def room(self) -> PopulationRoom:
        """Return empty room for what everybody does and gets in a step."""
        return new_population_room(self.network.n_agents, self.n_conducts)

    def record(self) -> PopulationSums:
        """Return an empty record of a step."""
        return new_population_sums(len(self.rule_names))

    @property
    def law(self) -> Law:
        """The law of one step, in plain Python."""
        return population_law(self.rules_of_law, self.books)

    @cached_property
    def network(self) -> Network:
        """Who plays with whom."""
        return as_network(self.graph)

    @cached_property
    def network_game(self) -> NetworkGame:
        """The game of all agents with one action for all partners."""
        rows = (self.network.starts, self.network.neighbours)
        return network_game(rows, self.game, accumulation=self.accumulation)

    @checked(mean_payoff=finite_array)
    def welfare_index(self, mean_payoff: FloatArray | float) -> FloatArray:
        """Return (W - Wmin) / (Wmax - Wmin) of mean payoffs; NaN where the range of welfare is not known."""
        lowest, highest = self.network_game.welfare_range
        spread = highest - lowest
        over_lowest = np.asarray(mean_payoff) * self.network.n_agents - lowest
        return np.asarray(over_lowest / spread if spread else np.full_like(over_lowest, np.nan))

    @property
    def planned_steps(self) -> int:
        """In how many steps the planner acts."""
        return self.steps if self.planner_steps is None else min(self.planner_steps, self.steps)

    @property
    def n_conducts(self) -> int:
        """How many actions are chosen in a step: one for each agent, or for each partner of each agent."""
        return 2 * self.network.n_edges if self.per_partner else self.network.n_agents

    @property
    def n_books(self) -> int:
        """How many books there are: one for each partner of each agent where some keep them."""
        return 2 * self.network.n_edges if self.books else 0

    @cached_property
    def constants(self) -> PopulationConstants:
        """What the law needs of these parameters."""
        network = self.network
        (reward, sucker), (temptation, punishment) = self.game.payoffs[0].tolist()
        budget = (
            math.inf if self.budget_per_agent is None else float(self.budget_per_agent) * network.n_agents
        )
        rules = rules_with(self.rules_of_law, self.books)
        keep_ledgers = GRADUAL_AGENT.name in self.books
        first, second = ledgers_of(self.gradual, self.game) if keep_ledgers else no_ledgers()
        partners = network.degrees.astype(np.float64)
        return PopulationConstants(
            starts=network.starts,
            neighbours=network.neighbours,
            seen=network.reverse if self.per_partner else network.neighbours,
            partners=partners,
            weights=np.ones_like(partners) if self.accumulation == "total" else 1.0 / partners,
            by_partner=bool(self.per_partner),
            reward=reward,
            sucker=sucker,
            temptation=temptation,
            punishment=punishment,
            noise=float(self.noise),
            tunables=tuple(rule.values for rule in self.learning_rules.values()),
            intensity=float(self.intensity),
            epsilon=float(self.epsilon),
            forgetting=float(self.forgetting),
            prior_cooperations=float(self.prior[0]),
            prior_defections=float(self.prior[1]),
            looks=np.array([rule.looks is not None for rule in rules], dtype=np.int8),
            learns=np.array([rule.learns for rule in rules], dtype=np.int8),
            has_theta=np.array([rule.has_theta for rule in rules], dtype=np.int8),
            slips_by_partner=np.array([rule.means_towards is not None for rule in rules], dtype=np.int8),
            draws_by_partner=bool(self.per_partner and (self.noise > 0.0 or self.books)),
            first_in_pair=first,
            second_in_pair=second,
            targets=TARGETS[self.targets],
            planner_learning_rate=float(self.planner_learning_rate),
            lookahead_rate=float(self.lookahead_rate),
            bound=float(self.bound),
            cost=float(self.cost),
            budget=budget,
            planned_steps=math.inf if self.planner_steps is None else float(self.planner_steps),
        )

    @property
    def mirror_of_prior(self) -> tuple[float, float]:
        """Alpha and theta of a mirror that has seen nothing."""
        return mirror_of(*self.prior, constants=self.constants)

    @checked(generator=of_type(np.random.Generator))
    def rules_of_agents(self, generator: np.random.Generator) -> NDArray[Any]:
        """Return `[N]`: by what name parameters call the rule of each agent; the first that a start draws."""
        return rules_of_agents(self._by_name, self.network.n_agents, self._names_of_agents, generator)

    def _lives_by(self, name: str) -> str:
        if name in self.own_agents:
            return FIXED_AGENT.name  # between their own steps
        return AGENTS_CALLED.get(name, (name,))[0]

    @checked(generator=of_type(np.random.Generator))
    def start(self, generator: np.random.Generator) -> PopulationState:
        """Return the state before the first step.

        Drawn are, in this order: who plays which rule, imitators, planner, whom it pays, what was done before.
        """
        n = self.network.n_agents
        names = self.rules_of_agents(generator)
        numbers = {name: k for k, name in enumerate(self.rule_names)}
        memory = start_memory(names, self.learning_rules, self.initial_cooperation, generator)
        alpha = np.full(n, float(self.alpha))
        mirrors = names == MIRROR_AGENT.name
        alpha[mirrors], memory[0, mirrors] = self.mirror_of_prior
        books = np.zeros((len(LedgerBook._fields), self.n_books))
        for name in self.books:
            keepers = names == name
            places = keepers[self.network.sources]
            opened, levels, meant = new_books(name, self.constants)
            books[:, places] = opened[:, places]
            alpha[keepers], memory[0, keepers] = levels[keepers], meant[keepers]
        planner = normal(generator, self.planner_scale, 2)
        state = PopulationState(
            rule=np.array([numbers[self._lives_by(name)] for name in names], dtype=np.int8),
            memory=memory,
            alpha=alpha,
            cooperations=np.full(self.n_conducts, float(self.prior[0])),
            defections=np.full(self.n_conducts, float(self.prior[1])),
            books=books,
            mixed=np.ones(n, dtype=np.int8),
            chosen=chosen_to_be_paid(self.network.degrees, self.targets, self.target_share, generator),
            planner=planner,
            planner_first=np.zeros(2),
            planner_second=np.zeros(2),
            planner_powers=np.ones(2),
            paid=np.zeros(1),
        )
        if self.opening is not None:
            self._remember_opening(state, generator)
        return state

    def _remember_opening(self, state: PopulationState, generator: np.random.Generator) -> None:
        """Let those who remember partners learn of a step before the first."""
        constants, room = self.constants, self.room()
        assert self.opening is not None
        room.cooperated[:] = generator.random(self.n_conducts) < self.opening
        room.seen[:] = np.add.reduceat(
            room.cooperated[constants.seen], constants.starts[:-1], dtype=np.float64
        )
        for number, of_rule in enumerate(rules_with(self.rules_of_law, self.books)):
            if of_rule.by_book or of_rule is MIRROR_AGENT:
                for i in np.flatnonzero(state.rule == number).tolist():
                    of_rule.changes(state, i, constants, room)

    def to_json(self) -> str:
        """Return the parameters as JSON; a given graph by its size alone, rules by agent by their numbers."""
        values: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values["game"] = {"title": self.game.title, "payoffs": self.game.payoffs.tolist()}
        if isinstance(self.graph, NetworkDescription):
            values["graph"] = {name: getattr(self.graph, name) for name in self.graph.__dataclass_fields__}
        else:
            values["graph"] = {"agents": self.network.n_agents, "edges": self.network.n_edges}
        values["gradual"] = describe(self.gradual)
        by_name = self._by_name
        counted = by_name if isinstance(by_name, dict) else {name: by_name.count(name) for name in by_name}
        values["rules"] = counted
        if self.further_rules:
            values["learning_rules"] = [rule.to_dict() for rule in self.further_rules]
        return json.dumps(values)


def _is_of_agents(given: Any) -> bool:
    """Return whether a rule is a class of agents who take a step of their own."""
    return isinstance(given, type) and callable(getattr(given, "step", None))


def _name(given: str | LearningRule | type) -> str:
    if isinstance(given, type):
        return given.__name__
    return given.name if isinstance(given, LearningRule) else given


def _check_game(game: Game) -> None:
    if not isinstance(game, Game) or game.n_actions != (2, 2):
        raise ValueError(f"game must be a game of two players with two actions each, got {game!r}")
    if not game.is_symmetric:
        raise ValueError(f"game must be symmetric, since neighbours have no roles, got {game!r}")
