"""What a page watches of a world's Mesa model: its course, what it has come to, and theory's verdict on that.

Of learners the outcome is what they mean to play next. Of players by turns it is what was played in the last
`WINDOW` rounds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from simulation.engine.model import LawModel
from simulation.gradual.graded_games import GradedGame
from simulation.gradual.groups.model import GradualGroup
from simulation.gradual.groups.outcome import frequencies_on_grid, judged_game
from simulation.gradual.groups.public_good import worth_and_cost
from simulation.gradual.models import GradualPair
from simulation.handover.model import GuidedPair
from simulation.mechanism_design.model import MechanismDesign
from simulation.population.model import Population
from simulation.population.networks import NetworkDescription
from simulation.population.state import BOTH, FOR_COOPERATING, FOR_DEFECTING, ONE
from theory import Game, Verdict, judge, welfare_optimal_correlated_equilibrium
from theory.checks import FloatArray
from theory.games.game import Profile
from theory.verdicts.facts import GameFacts, game_facts
from theory.verdicts.joint import label_joint_by_facts
from theory.verdicts.verdict import LEARNED_TOLERANCE, judge_by_facts
from theory.verdicts.words import in_figures, listed

if TYPE_CHECKING:
    import networkx as nx

# Rounds.
WINDOW = 50


@dataclass(frozen=True)
class Judged:
    """A verdict in words."""

    judged_in: str
    label: str
    explanation: str
    measures: str
    """Its tolerance, and the numbers that it turns on."""


class Watch(ABC):
    """Looks at a model after each of its steps."""

    unit: str
    """What a step is."""
    game: Game | None = None
    """Of two players, in whose payoff space the outcome moves; None: there is no such game."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.course: dict[str, list[float]] = {}
        self.trail: list[FloatArray] = []
        self.look()

    @property
    def taken(self) -> int:
        """Steps so far."""
        return int(self.model._steps_taken)

    @property
    def steps(self) -> int:
        """All steps of the run."""
        return int(self.model._process.steps)

    def look(self) -> None:
        """Note what there is after a step."""
        for name, value in self.now().items():
            self.course.setdefault(name, []).append(float(value))
        point = self.payoffs()
        if point is not None:
            self.trail.append(np.asarray(point, dtype=np.float64))

    @abstractmethod
    def now(self) -> Mapping[str, float]:
        """Return what the course shows, by name."""

    def payoffs(self) -> Any:
        """Return `[2]`: the payoffs of the present outcome in the original game; None where there are none yet."""
        return None

    @abstractmethod
    def judged(self) -> Iterator[Judged]:
        """Yield the verdicts on the present outcome."""


class WatchLearners(Watch):
    """Two learners and a planner."""

    unit = "episode"
    model: MechanismDesign

    def __init__(self, model: MechanismDesign) -> None:
        self.game = model.parameters.game
        super().__init__(model)

    def now(self) -> Mapping[str, float]:
        """Return each learner's P(C), and that of both."""
        one, two = self.model.cooperation_probability
        return {"P(C) of player 1": one, "P(C) of player 2": two, "P(C, C)": one * two}

    def payoffs(self) -> FloatArray:
        """Return the expected payoffs."""
        return self.model.parameters.game.expected_payoffs(self.model.profile)

    def judged(self) -> Iterator[Judged]:
        """Yield verdicts in the original game, with incentives, and in that of learners who care."""
        profile, original, in_force = self.model.profile, self.model.parameters.game, self.model.game_in_force
        yield _judged("the original game", judge(original, profile, tolerance=LEARNED_TOLERANCE))
        if self.model.planner.incentives.any():
            verdict = judge(in_force, profile, tolerance=LEARNED_TOLERANCE)
            yield _judged("the game with the incentives in force", verdict)
        alpha = self.model.state.alpha
        if alpha.any():
            verdict = judge(in_force.altruistic(*alpha), profile, tolerance=LEARNED_TOLERANCE)
            yield _judged("the game that they care for", verdict)


class WatchPair(Watch):
    """Two players of a game with degrees of cooperation, with a planner or without one."""

    unit = "round"
    model: GradualPair | GuidedPair
    game: Game

    def __init__(self, model: GradualPair | GuidedPair) -> None:
        self.game = model.game
        self._last: deque[tuple[int, int]] = deque(maxlen=WINDOW)
        super().__init__(model)

    def look(self) -> None:
        """Note the last actions and what each thinks."""
        if self.taken:
            one, two = self.model.last_actions
            self._last.append((int(one), int(two)))
        super().look()

    def now(self) -> Mapping[str, float]:
        """Return levels, as means over the last rounds, and what is kept in mind."""
        counts = self.counts
        played = bool(counts.any())
        found = {}
        for role, player in enumerate(self.model.players):
            frequency = counts.sum(axis=1 - role)
            levels = np.linspace(1.0, 0.0, len(frequency))
            found[f"level of player {role + 1}"] = frequency @ levels / frequency.sum() if played else np.nan
            found[f"alpha of player {role + 1}"] = player.alpha
            found[f"estimate by player {role + 1}"] = player.beta_hat
        return found

    @property
    def counts(self) -> FloatArray:
        """`[actions, actions]`: how often each outcome was played in the last rounds."""
        counts = np.zeros(self.game.n_actions)
        for one, two in self._last:
            counts[one, two] += 1.0
        return counts

    def payoffs(self) -> FloatArray | None:
        """Return the mean payoffs of the last rounds."""
        if not self._last:
            return None
        one, two = np.array(self._last).T
        return np.asarray(self.game.payoffs[:, one, two].mean(axis=1))

    def judged(self) -> Iterator[Judged]:
        """Yield the verdict on how often each played each action in the last rounds."""
        if self._last:
            counts = self.counts / len(self._last)
            profile = [counts.sum(axis=1), counts.sum(axis=0)]
            verdict = judge_by_facts(self._facts, profile, tolerance=LEARNED_TOLERANCE)
            yield _judged(f"the original game, on the last {len(self._last)} rounds", verdict)

    @cached_property
    def _facts(self) -> GameFacts:
        return game_facts(self.game)


class WatchGuidedPair(WatchPair):
    """Two players whom a planner leads and leaves."""

    model: GuidedPair

    def judged(self) -> Iterator[Judged]:
        """Yield the verdict on the outcomes of the last rounds, played together."""
        if self._last:
            shares = self.counts / len(self._last)
            yield judged_together(
                f"the original game, on the last {len(self._last)} rounds", self.game, shares
            )


class WatchPopulation(Watch):
    """A population on its network: what is drawn of payoffs are those of two neighbours."""

    unit = "step"
    model: Population
    game: Game

    def __init__(self, model: Population) -> None:
        self.game = model.parameters.game
        super().__init__(model)

    def now(self) -> Mapping[str, float]:
        """Return cooperation of all, and of each rule where there are several."""
        parameters = self.model.parameters
        found = {"P(C), mean": self.model.cooperation_probability.mean()}
        names = [name for name in parameters.rule_names if parameters.has(name)]
        rules = self.model.state.rule
        for name in names if len(names) > 1 else ():
            of_rule = rules == parameters.rule_names.index(name)
            if of_rule.any():
                found[f"P(C) of {name}s"] = self.model.cooperation_probability[of_rule].mean()
        if self.model.state.alpha.any():
            found["alpha, mean"] = self.model.state.alpha.mean()
        return found

    def payoffs(self) -> FloatArray | None:
        """Return the mean payoff over neighbours, which both of two have."""
        if not self.taken:
            return None
        return np.asarray(self.game.outcomes.T @ self.shares.ravel())

    @property
    def shares(self) -> FloatArray:
        """`[2, 2]`: of edges by what was played on them in the last step, half of those with C and D either way."""
        both, one = self.model.last_round.summary[[BOTH, ONE]]
        return np.array([[both, one / 2.0], [one / 2.0, 1.0 - both - one]])

    @cached_property
    def graph(self) -> nx.Graph:
        """Who plays with whom, agents by number."""
        import networkx as nx

        network = self.model.parameters.network
        graph = nx.Graph()
        graph.add_nodes_from(range(network.n_agents))
        graph.add_edges_from(zip(network.sources.tolist(), network.neighbours.tolist(), strict=True))
        return graph

    @cached_property
    def positions(self) -> Mapping[Any, Any]:
        """Where each agent is drawn: on a grid or a ring, or by a force-directed layout."""
        import networkx as nx

        n, described = self.model.parameters.network.n_agents, self.model.parameters.graph
        if isinstance(described, NetworkDescription) and described.kind == "grid":
            columns = n // described.rows
            return {agent: (agent % columns, -(agent // columns)) for agent in range(n)}
        is_ring = isinstance(described, NetworkDescription) and described.kind == "ring"
        places: Mapping[Any, Any] = (
            nx.circular_layout(self.graph)
            if is_ring
            else nx.spring_layout(self.graph, seed=1, iterations=100)
        )
        return places

    @property
    def is_torus(self) -> bool:
        """Whether the network goes around the edges of its positions."""
        described = self.model.parameters.graph
        return isinstance(described, NetworkDescription) and described.kind == "grid"

    @property
    def incentives(self) -> FloatArray:
        """`[2]`: what was paid for C and for D in the last step."""
        return np.asarray(self.model.last_round.summary[[FOR_COOPERATING, FOR_DEFECTING]])

    def judged(self) -> Iterator[Judged]:
        """Yield verdicts on all agents in the game on their network, and on pairs of neighbours."""
        if not self.taken:
            return
        verdicts = self.model.judge(tolerance=LEARNED_TOLERANCE)
        for judged_in, verdict in (
            ("the game of all on the network", verdicts.original),
            ("that game with the incentives in force", verdicts.with_incentives),
            ("the game that they care for", verdicts.altruistic),
        ):
            if verdict is not None:
                yield _judged(judged_in, verdict)
        yield judged_together("the game of two neighbours, on the last step", self.game, self.shares)


class WatchGroup(Watch):
    """A group in a graded public good."""

    unit = "round"
    model: GradualGroup

    def __init__(self, model: GradualGroup) -> None:
        self._last: deque[Any] = deque(maxlen=WINDOW)
        super().__init__(model)

    def look(self) -> None:
        """Note the last levels and payoffs."""
        if self.taken:
            record = self.model.last_round
            self._last.append((record.action.copy(), record.level.copy(), record.payoff.copy()))
        super().look()

    def now(self) -> Mapping[str, float]:
        """Return mean levels and weights."""
        players = self.model.players
        if not self._last:
            return {
                "level, mean": np.nan,
                "lowest level": np.nan,
                "alpha, mean": self.model.state.alpha.mean(),
            }
        levels = self.mean(1)
        alpha = np.mean([player.alpha for player in players])
        return {"level, mean": levels.mean(), "lowest level": levels.min(), "alpha, mean": alpha}

    def mean(self, quantity: int) -> FloatArray:
        """Return `[n]`: levels (1) or payoffs (2) of each, as means over the last rounds."""
        return np.asarray(np.mean([of_round[quantity] for of_round in self._last], axis=0))

    def judged(self) -> Iterator[Judged]:
        """Yield the verdict on how often each played each level; nothing for numbers of players without a game."""
        if not self._last or self.judged_game is None:
            return
        actions = np.array([of_round[0] for of_round in self._last])
        levels = self.model.parameters.levels
        frequency = (actions[:, :, None] == np.arange(levels)).mean(axis=0)
        profile: Profile = list(frequencies_on_grid(frequency, self.judged_game.n_actions[0]))
        verdict = judge_by_facts(self._facts, profile, tolerance=LEARNED_TOLERANCE)
        grid = self.judged_game.n_actions[0]
        yield _judged(f"the original game with {grid} levels, on the last {len(self._last)} rounds", verdict)

    @property
    def payoff_of_all(self) -> tuple[float, float]:
        """What each gets if all cooperate fully, and if nobody does."""
        worth, cost = worth_and_cost(self.model.parameters)
        payoffs = worth - cost
        return float(payoffs[0, 0]), float(payoffs[-1, -1])

    @cached_property
    def judged_game(self) -> GradedGame | None:
        """In which the group is judged, if it is small enough."""
        return judged_game(self.model.parameters)

    @cached_property
    def _facts(self) -> GameFacts:
        assert self.judged_game is not None
        return game_facts(self.judged_game)


def _judged(judged_in: str, verdict: Verdict) -> Judged:
    least = {"an equilibrium": verdict.nash_tolerance, "Pareto-optimal": verdict.pareto_tolerance}
    numbers = "; ".join(f"{what} from {in_figures(tolerance)} on" for what, tolerance in least.items())
    return Judged(
        judged_in,
        verdict.label,
        verdict.explanation.partition(". ")[2],
        f"Tolerance {verdict.tolerance:g} of the payoff range ({numbers}). Pareto slack "
        f"{in_figures(verdict.pareto_slack)} in payoff units.",
    )


def judged_together(judged_in: str, game: Game, shares: FloatArray) -> Judged:
    """Return the verdict on how often each outcome was played, `[*n_actions]`: a correlated outcome."""
    facts, best = _facts_of_joint(game)
    found = label_joint_by_facts(facts, shares, best_welfare=best, tolerance=LEARNED_TOLERANCE)
    payoffs = game.outcomes.T @ shares.ravel()
    regret, tolerance = (
        max(0.0, float(gains.max())) for gains in (found.regrets, found.regrets / facts.scale)
    )
    return Judged(
        judged_in,
        found.label,
        f"Payoffs are {listed(payoffs)}, welfare {in_figures(payoffs.sum())}. Nobody gains more than "
        f"{in_figures(regret)} by replacing an action wherever it plays it. The best correlated equilibrium has "
        f"welfare {in_figures(best)}.",
        f"Tolerance {LEARNED_TOLERANCE:g} of the payoff range (an equilibrium from {in_figures(tolerance)} on). "
        f"Pareto slack {in_figures(found.pareto_slack)} in payoff units.",
    )


@lru_cache(maxsize=8)
def _facts_of_joint(game: Game) -> tuple[GameFacts, float]:
    return game_facts(game), float(welfare_optimal_correlated_equilibrium(game).welfare)


def is_led(model: LawModel) -> bool:
    """Return whether a planner acts in the model's next step."""
    return bool(getattr(model, "planning", False))
