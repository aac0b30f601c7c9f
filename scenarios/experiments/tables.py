"""What a file writes as a table of its own: players, learning rules, networks, shares of rules, strategies.

Each is a name, or a table of which one key says what it is. A file names no code: learning rules are the project's,
or those that an installed package brings under a name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Annotated, Any

from pydantic import AfterValidator, create_model

from scenarios.experiments.packages import RULES, names_of_packages, rule_of_package
from scenarios.experiments.schema import (
    NONE,
    annotation,
    listed,
    made_by,
    made_of,
    model_of,
    one_of_tables,
    read_field,
    read_type,
    table_of,
)
from simulation import (
    LearningRule,
    Strategy,
    memory_one,
    strategy,
    strategy_names,
)
from simulation.gradual.continuous import ContinuousMirror
from simulation.gradual.players import PLAYERS, LiteralMirror
from simulation.gradual.players.rule_learner import RuleLearner
from simulation.gradual.seat import DuelPlayer
from simulation.learning.catalogue import LEARNING_RULES
from simulation.mechanism_design.parameters import LEARNERS
from simulation.population.networks import NetworkDescription
from simulation.population.rules.catalogue import AGENTS_CALLED
from theory.checks import finite_number, known_name, shown
from theory.graphs import connected_graph

# Learning rules


def rule_names() -> tuple[str, ...]:
    """Return the names of learning rules: the project's, and those of installed packages."""
    return (*LEARNING_RULES, *(name for name in names_of_packages(RULES) if name not in LEARNING_RULES))


def rule_called(name: str) -> LearningRule:
    """Return a learning rule by its name."""
    return LEARNING_RULES[name] if name in LEARNING_RULES else rule_of_package(name)


def _tuned(given: Any) -> LearningRule:
    """Return the rule of a name, or of a table with its name and some of its tunables."""
    table = {"name": given} if isinstance(given, str) else given
    if not isinstance(table, Mapping) or not isinstance(table.get("name"), str):
        raise ValueError(f"must be a learning rule: a name, or a table with a name, got {shown(given)}")
    rule = rule_called(known_name("learning rule", table["name"], rule_names()))
    tunables: dict[str, Any] = {key: value for key, value in table.items() if key != "name"}
    for key in tunables:
        known_name(f"tunable of {rule.name}", key, ("name", *rule.tunables))
    for key, value in tunables.items():
        finite_number(key, value)
    return rule.tuned(**tunables)


def _learner(usual: Sequence[str], given: Any) -> Any:
    if isinstance(given, list):
        return tuple(_tuned(one) for one in given)
    if isinstance(given, str) and given in usual:
        return None if given == NONE else given
    if isinstance(given, str):
        known_name("learners", given, (*usual, *rule_names()))
    return _tuned(given)


def learners(*usual: str) -> Any:
    """Return how learners are read: a usual kind, a rule, or a rule for each player."""
    return Annotated[Any, AfterValidator(partial(_learner, usual))]


# Players of duels


ANY_PLAYER: tuple[type, ...] = (*PLAYERS, RuleLearner)


def kind_of_player(player: type) -> str:
    """Return the name of a kind of player: that of its file."""
    if player is ContinuousMirror:
        return kind_of_player(LiteralMirror)
    return player.__module__.rpartition(".")[2].replace("_", "-")


def players(kinds: Sequence[type], default: Any = None) -> Any:
    """Return how a player of duels is read: its kind, or a table with its kind and what it is tuned by.

    A table without a kind is of the default player, in what it does not say.
    """
    allowed = ANY_PLAYER if DuelPlayer in kinds else kinds
    models: dict[Any, Any] = {kind_of_player(kind): _player(kind) for kind in allowed}
    if default is None:
        return one_of_tables("player", "kind", models, lambda table: table.get("kind"))
    models |= {_DEFAULT: made_of(type(default), default)}
    return one_of_tables("player", "kind", models, lambda table: table.get("kind", _DEFAULT))


_DEFAULT = "default"


@cache
def _player(kind: type) -> Any:
    name = kind_of_player(kind)
    return made_by(create_model(name, __base__=model_of(kind), kind=(str, "")), kind, "kind")


# Networks, and who lives on them


def network() -> Any:
    """Return how a network is read: its kind, a table that describes it, or its edges."""
    models = {
        "edges": made_by(
            table_of("edges", edges=listed(tuple[int, int])),
            lambda edges: connected_graph("edges", list(edges)),
        ),
        "described": made_by(model_of(NetworkDescription), NetworkDescription),
    }
    return one_of_tables(
        "network", "kind", models, lambda table: "edges" if "edges" in table else "described"
    )


def _rules_of_agents(given: Any) -> Any:
    """Return shares by name or learning rule, or a name for each agent in order."""
    names = (*AGENTS_CALLED, *rule_names())
    if isinstance(given, Mapping):
        shares = given.items()
    elif isinstance(given, list) and given and all(isinstance(one, Mapping) for one in given):
        return {
            _agent(names, {key: value for key, value in one.items() if key != "share"}): one.get("share")
            for one in given
        }
    elif isinstance(given, list):
        return [_agent(names, name) for name in given]
    else:
        raise ValueError(f"must be shares by name, or a list of names, got {shown(given)}")
    return {_agent(names, name): share for name, share in shares}


def _agent(names: Sequence[str], given: Any) -> Any:
    table = {"name": given} if isinstance(given, str) else given
    if not isinstance(table, Mapping):
        raise ValueError(f"must name rules of agents, got {shown(given)}")
    name = known_name("rule", table.get("name", ""), names)
    if name in AGENTS_CALLED:
        if len(table) > 1:
            raise ValueError(f"{name} has no tunables of its own here, got {shown(dict(table))}")
        return name
    return _tuned(given)


# Strategies of matches


def _strategy(given: Any) -> Strategy:
    """Return the strategy of a name, or a memory-one strategy of a table with `first` and `after`."""
    if isinstance(given, str):
        return strategy(known_name("strategy", given, strategy_names()))
    if not isinstance(given, Mapping):
        raise ValueError(f"must be a strategy: a name, or a table with first and after, got {shown(given)}")
    for key in given:
        known_name("key of a strategy", key, ("name", "first", "after"))
    first: Any = given.get("first")
    after: Any = given.get("after")
    return memory_one(first, tuple(after) if isinstance(after, list) else after, name=given.get("name"))


read_type(LearningRule, lambda kinds, default: Annotated[Any, AfterValidator(_tuned)])
read_type(DuelPlayer, players)
read_type(Strategy, lambda kinds, default: Annotated[Any, AfterValidator(_strategy)])
read_field("MechanismDesignParameters", "learners", lambda: learners(NONE, *LEARNERS))
read_field("ManyPlayersParameters", "learners", lambda: learners("sampled", "expected"))
read_field("FiniteGameParameters", "learners", lambda: learners("expected"))
read_field("PopulationParameters", "graph", network)
read_field("PopulationParameters", "rules", lambda: Annotated[Any, AfterValidator(_rules_of_agents)])
read_field("LiteralMirror", "prior", lambda: annotation(tuple[float, ...] | None))
read_field("LiteralMirror", "families", None)
