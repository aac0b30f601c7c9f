"""What a file writes as a table of its own: games, players, learning rules, networks, shares of rules, strategies.

Each is a name, or a table of which one key says what it is. A file names no code: learning rules are the project's,
or those that an installed package brings under a name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationInfo, create_model

from scenarios.experiments.packages import RULES, names_of_packages, rule_of_package
from scenarios.experiments.schema import (
    NONE,
    Table,
    annotation,
    listed,
    made_of,
    model_of,
    one_of_tables,
    read_field,
    read_type,
)
from simulation import (
    LearningRule,
    Strategy,
    graded_donation_game,
    graded_public_good,
    memory_one,
    strategy,
    strategy_names,
)
from simulation.gradual.continuous import ContinuousMirror
from simulation.gradual.graded_games import GradedGame
from simulation.gradual.players import PLAYERS, LiteralMirror
from simulation.gradual.players.rule_learner import RuleLearner
from simulation.gradual.seat import DuelPlayer
from simulation.learning.catalogue import LEARNING_RULES
from simulation.mechanism_design.parameters import LEARNERS
from simulation.population.networks import NetworkDescription
from simulation.population.rules.catalogue import AGENTS_CALLED
from theory import Game, linear_dilemma, matrix_dilemma, named_game
from theory.checks import LARGEST_PAYOFF, finite_number, known_name, shown
from theory.games.nfg import MOST_PAYOFFS
from theory.graphs import connected_graph

# Deeper than any game's payoffs, which have an axis for each of at most 63 players, and one for the players.
DEEPEST = 64


def _table(called: str, /, **definitions: Any) -> Any:
    """Return the model of a table; a key that is given a type alone is required."""
    with_defaults: dict[str, Any] = {
        key: given if isinstance(given, tuple) else (given, ...) for key, given in definitions.items()
    }
    return create_model(called, __base__=Table, **with_defaults)


def _made(model: Any, make: Callable[..., Any], *left_out: str) -> Any:
    """Return how a table becomes what `make` makes of its keys, but for those left out."""

    def of_table(table: Table) -> Any:
        return make(**{key: value for key, value in table.given().items() if key not in left_out})

    return Annotated[model, AfterValidator(of_table)]


# Games. What stands in the table says which it is; `kind` does where several have the same keys.

GAME_FORMS = ("name", "file", "payoffs")
MATRIX_DILEMMA = "matrix-dilemma"


def form_of_game(table: Mapping[str, Any], usual: str = MATRIX_DILEMMA) -> Any:
    """Return what tells a way of writing a game from others."""
    return next((key for key in GAME_FORMS if key in table), table.get("kind", usual))


def game(kinds: Sequence[str] = ()) -> Any:
    """Return how a game is read: a name, or a table with a name, a file, payoffs, or the numbers of a dilemma."""
    models = {form: model for form, model in _games().items() if not kinds or form in kinds}
    usual = next(iter(kinds), MATRIX_DILEMMA)
    return one_of_tables("game", "name", models, lambda table: form_of_game(table, usual))


@cache
def _games() -> dict[str, Any]:
    dilemma = {"greed": float, "fear": float, "reward": (float, 3.0), "punishment": (float, 1.0)}
    kind: Any = (str, "")
    one_or_two = annotation(float | tuple[float, float])
    payoffs = Annotated[Any, AfterValidator(_numbers)]
    return {
        "name": _made(_table("named game", name=str), named_game),
        "file": Annotated[_table("game file", file=str), AfterValidator(_game_of_file)],
        "payoffs": _made(
            _table(
                "payoffs", payoffs=payoffs, actions=(listed(tuple[str, ...]), None), players=(listed(str), None),
                title=(str, ""),
            ),
            Game,
        ),
        MATRIX_DILEMMA: _made(
            _table(MATRIX_DILEMMA, kind=kind, title=(str, ""), **dilemma), matrix_dilemma, "kind"
        ),
        "linear-dilemma": _made(
            _table("linear-dilemma", kind=kind, n_players=int, **dilemma), _linear_dilemma, "kind"
        ),
        "graded-donation-game": _made(
            _table(
                "graded-donation-game", kind=kind, benefit=(one_or_two, 1.0), cost=(one_or_two, 1.0),
                interaction=(float, 0.0), levels=(int, 21), title=(str, ""),
            ),
            _donation_game, "kind",
        ),
        "graded-public-good": _made(
            _table(
                "graded-public-good", kind=kind, n_players=(int, 2), benefit=(float, 1.5), cost=(float, 1.0),
                exponent=(float, 1.0), levels=(int, 11),
            ),
            graded_public_good, "kind",
        ),
    }  # fmt: skip


def _donation_game(**numbers: Any) -> Game:
    return graded_donation_game(**{"levels": 21, **numbers})


def _linear_dilemma(*, n_players: int, **numbers: Any) -> Game:
    return linear_dilemma(n_players, **numbers).to_game()


def _game_of_file(table: Any, info: ValidationInfo) -> Game:
    path = Path((info.context or {}).get("folder", ".")) / table.file
    if "\0" in table.file or path.suffix.lower() != ".nfg":
        raise ValueError(f"file must be the path of a .nfg file, got {shown(table.file)}")
    try:
        if not path.is_file():
            raise ValueError(f"file must be that of a game, got {shown(table.file)}, which is none")
        return Game.from_nfg(path)
    except OSError as error:
        raise ValueError(f"file must be readable, got {shown(table.file)}: {error.strerror}") from None


def _numbers(given: Any) -> Any:
    """Return lists of lists of numbers as they are; truth values and text are none."""
    waiting, entries = [(given, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, list):
            if depth >= DEEPEST:
                raise ValueError(f"payoffs must be nested at most {DEEPEST} deep")
            waiting += [(entry, depth + 1) for entry in value]
            entries += len(value)
        elif type(value) not in (int, float) or depth == 0:
            raise ValueError(f"payoffs must be lists of numbers, players first, got {shown(value)}")
        elif isinstance(value, int) and abs(value) > LARGEST_PAYOFF:
            raise ValueError(f"payoffs must be at most {LARGEST_PAYOFF:g}, got {shown(value)}")
    if entries > MOST_PAYOFFS:
        raise ValueError(f"payoffs must be at most {MOST_PAYOFFS} numbers, got {entries}")
    return given


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
    return _made(create_model(name, __base__=model_of(kind), kind=(str, "")), kind, "kind")


# Networks, and who lives on them


def network() -> Any:
    """Return how a network is read: its kind, a table that describes it, or its edges."""
    models = {
        "edges": _made(
            _table("edges", edges=listed(tuple[int, int])),
            lambda edges: connected_graph("edges", list(edges)),
        ),
        "described": _made(model_of(NetworkDescription), NetworkDescription),
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
read_type(GradedGame, lambda kinds, default: game(("graded-donation-game", "graded-public-good")))
read_type(Game, lambda kinds, default: game())
read_type(DuelPlayer, players)
read_type(Strategy, lambda kinds, default: Annotated[Any, AfterValidator(_strategy)])
read_field("MechanismDesignParameters", "learners", lambda: learners(NONE, *LEARNERS))
read_field("ManyPlayersParameters", "learners", lambda: learners("sampled", "expected"))
read_field("FiniteGameParameters", "learners", lambda: learners("expected"))
read_field("PopulationParameters", "graph", network)
read_field("PopulationParameters", "rules", lambda: Annotated[Any, AfterValidator(_rules_of_agents)])
read_field("LiteralMirror", "prior", lambda: annotation(tuple[float, ...] | None))
read_field("LiteralMirror", "families", None)
