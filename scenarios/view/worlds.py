"""The worlds that have a page: for each its model, its dials, and what is drawn beside the verdict.

A page needs no more than this: the parameters say what a dial means and what they refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scenarios.view.dials import Choice, Dial, Slider, choice_of
from scenarios.view.pictures import (
    draw_group,
    draw_incentives,
    draw_minds,
    draw_network_now,
    draw_outcome,
    draw_shares,
)
from scenarios.view.watches import (
    Watch,
    WatchGroup,
    WatchGuidedPair,
    WatchLearners,
    WatchPair,
    WatchPopulation,
)
from simulation.engine.model import LawModel
from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.groups.model import GradualGroup
from simulation.gradual.models import GradualPair
from simulation.gradual.players import (
    BinaryTitForTat,
    FixedLevel,
    GradualPlayer,
    Grim,
    LevelLearner,
    LiteralMirror,
    OutcomeQLearner,
    TitForTat,
)
from simulation.handover.model import GuidedPair
from simulation.mechanism_design.model import MechanismDesign
from simulation.population.model import Population
from simulation.population.networks import NetworkDescription
from theory import named_game
from theory.checks import known_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Page:
    """What a world's page is made of."""

    model: Callable[[Any, int], LawModel]
    """Of parameters and a seed."""
    watch: Callable[[Any], Watch]
    dials: Sequence[Dial]
    pictures: Sequence[Callable[[Any], Figure]]
    """Drawn around the verdict: two above, the others below."""
    steps_a_frame: int
    """Between pictures, at first."""
    begins: Mapping[str, Any] = field(default_factory=dict)
    """What the page begins with in place of the world's defaults, by path: where these alone show nothing."""


def _dilemma(above: str = "") -> list[Dial]:
    return [
        Slider(f"{above}game.greed", -2.0, 4.0, 0.1, "greed T - R"),
        Slider(f"{above}game.fear", -2.0, 4.0, 0.1, "fear P - S"),
    ]


def _paying(above: str = "") -> list[Dial]:
    return [
        Slider(f"{above}bound", 0.1, 6.0, 0.1, "bound of incentives"),
        Slider(f"{above}cost", 0.0, 0.02, 0.0002, "cost of incentives", for_none=0.0002),
        Slider(f"{above}planner_learning_rate", 0.001, 0.05, 0.001, "planner's step size"),
    ]


def _budgets(above: str = "") -> list[Dial]:
    return [
        choice_of(f"{above}budget", "unrestricted", "revenue-neutral", label="budget"),
        choice_of(f"{above}incentive_signs", "both", "rewards", "punishments", label="incentives"),
    ]


_GRADUAL = (
    Slider("credit", 0.0, 3.0, 0.05, "credit"),
    Slider("severity", 0.05, 1.0, 0.05, "severity"),
    Slider("trust", 0.0, 1.0, 0.05, "trust at first"),
    Slider("margin", 0.0, 3.0, 0.1, "margin"),
)


def _gradual(above: str, whose: str = "") -> list[Dial]:
    return [
        Slider(f"{above}.{dial.path}", dial.low, dial.high, dial.step, f"{dial.label}{whose}")
        for dial in _GRADUAL
    ]


_GOOD = (
    Slider("n_players", 2, 12, 1, "players"),
    Slider("benefit", 0.1, 4.0, 0.1, "benefit b"),
    Slider("cost", 0.1, 4.0, 0.1, "cost c"),
    Slider("exponent", 0.1, 1.0, 0.1, "exponent e"),
    Slider("noise", 0.0, 0.5, 0.01, "noise"),
)


def _stubborn(path: str, level: float) -> Choice:
    return Choice(
        "stubborn players",
        {"none": {path: ()}, "one, who defects": {path: (0.0,)}, "one, half-hearted": {path: (level,)}},
    )


PAGES = {
    "mechanism-design": Page(
        lambda parameters, seed: MechanismDesign(parameters, rng=seed),
        WatchLearners,
        (
            *_dilemma(),
            *_paying(),
            Slider("planner_episodes", 0, 4000, 100, "episodes with a planner", for_none=4000),
            Slider("flip_probability", 0.0, 0.45, 0.01, "planner's misreading"),
            Slider("initial_cooperation", 0.05, 0.95, 0.05, "P(C) at first"),
            Slider("learning_rate", 0.001, 0.05, 0.001, "learners' step size"),
            Slider("alpha", 0.0, 1.0, 0.05, "alpha of both", of_each=2),
            Choice("learners", {"sampled": {"learners": None}, "expected": {"learners": "expected"}}),
            *_budgets(),
        ),
        (draw_outcome, draw_incentives, draw_shares),
        steps_a_frame=25,
    ),
    "population": Page(
        lambda parameters, seed: Population(parameters, rng=seed),
        WatchPopulation,
        (
            *_dilemma(),
            Slider("graph.size", 100, 400, 100, "agents"),
            Choice(
                "network",
                {
                    "grid": {"graph": NetworkDescription()},
                    "ring": {"graph": NetworkDescription(kind="ring")},
                    "small world": {"graph": NetworkDescription(kind="small-world")},
                    "scale-free": {"graph": NetworkDescription(kind="scale-free")},
                    "random regular": {"graph": NetworkDescription(kind="random-regular")},
                },
            ),
            Choice(
                "who plays",
                {
                    "learners": {"rules": {"learner": 1.0}},
                    "imitators": {"rules": {"imitator": 1.0}},
                    "learners, half mirrors": {"rules": {"learner": 0.5, "mirror": 0.5}},
                    "learners, half gradual Tit-for-Tat": {
                        "rules": {"learner": 0.5, "gradual-tit-for-tat": 0.5},
                        "per_partner": True,
                    },
                    "learners, a tenth defectors": {"rules": {"learner": 0.9, "defector": 0.1}},
                },
            ),
            Slider("planner_steps", 0, 1000, 50, "steps with a planner", for_none=1000),
            *_paying(),
            Slider("budget_per_agent", 0.0, 2.0, 0.05, "budget an agent", for_none=2.0),
            choice_of("targets", "everyone", "highest-degree", "lowest-degree", "random", "boundary"),
            Slider("noise", 0.0, 0.45, 0.01, "noise"),
            Slider("initial_cooperation", 0.05, 0.95, 0.05, "P(C) at first"),
            Slider("alpha", 0.0, 1.0, 0.05, "alpha"),
            Slider("learning_rate", 0.001, 0.1, 0.001, "learners' step size"),
            Slider("intensity", 0.0, 20.0, 0.5, "intensity of imitation"),
            Slider("epsilon", -0.5, 0.5, 0.05, "mirrors' generosity"),
        ),
        (draw_outcome, draw_network_now, draw_shares),
        steps_a_frame=11,
    ),
    "duels": Page(
        lambda parameters, seed: GradualPair(parameters=parameters, rng=seed),
        WatchPair,
        (
            Choice(
                "game",
                {
                    "graded donation": {"game": graded_donation_game(levels=21)},
                    "prisoner's dilemma": {"game": named_game("prisoners-dilemma")},
                    "chicken": {"game": named_game("chicken")},
                    "stag hunt": {"game": named_game("stag-hunt")},
                },
            ),
            Choice(
                "second player",
                {
                    "gradual Tit-for-Tat": {"second": GradualPlayer()},
                    "literal mirror": {"second": LiteralMirror()},
                    "Tit-for-Tat": {"second": TitForTat()},
                    "binary Tit-for-Tat": {"second": BinaryTitForTat()},
                    "grim": {"second": Grim()},
                    "defector": {"second": FixedLevel(cooperation=0.0)},
                    "half-hearted": {"second": FixedLevel(cooperation=0.5)},
                    "learner of levels": {"second": LevelLearner()},
                    "Q-learner": {"second": OutcomeQLearner()},
                },
            ),
            Slider("noise", 0.0, 0.5, 0.01, "noise"),
            Slider("misreading", 0.0, 0.5, 0.01, "misreading"),
            *_gradual("first", " of player 1"),
        ),
        (draw_outcome, draw_minds, draw_shares),
        steps_a_frame=5,
        begins={"noise": 0.05},
    ),
    "groups": Page(
        lambda parameters, seed: GradualGroup(parameters, rng=seed),
        WatchGroup,
        (
            *_GOOD,
            *_gradual("gradual"),
            _stubborn("stubborn_levels", 0.5),
            choice_of("aggregate", "mean", "least", label="whose debt counts"),
        ),
        (draw_group, draw_shares),
        steps_a_frame=5,
        begins={"noise": 0.05},
    ),
    "literal-groups": Page(
        lambda parameters, seed: GradualGroup(parameters, rng=seed),
        WatchGroup,
        (
            *_GOOD,
            Slider("epsilon", -0.5, 0.5, 0.05, "generosity"),
            Slider("forgetting", 0.0, 0.5, 0.01, "forgetting"),
            Slider("tremble", 0.0, 0.5, 0.01, "tremble"),
            _stubborn("stubborn", 0.5),
            choice_of("aggregate", "mean", "least", label="which estimate is mirrored"),
        ),
        (draw_group, draw_shares),
        steps_a_frame=5,
    ),
    "handover": Page(
        lambda parameters, seed: GuidedPair(parameters, rng=seed),
        WatchGuidedPair,
        (
            *_dilemma("planner."),
            *_paying("planner."),
            Slider("planner.planner_episodes", 0, 8000, 100, "rounds with a planner", for_none=8000),
            Slider("noise", 0.0, 0.5, 0.01, "noise"),
            Slider("player.epsilon", -0.5, 0.5, 0.05, "mirrors' generosity"),
            choice_of("informed", False, True, label="players are told of incentives"),
            *_budgets("planner."),
        ),
        (draw_outcome, draw_incentives, draw_shares, draw_minds),
        steps_a_frame=25,
    ),
}


def page_of(name: str) -> Page:
    """Return what a world's page is made of, or raise ValueError that names the nearest one."""
    return PAGES[known_name("world with a page", name, tuple(PAGES))]
