"""The worlds by name. A new one adds one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from theory.checks import known_name, shown

if TYPE_CHECKING:
    from simulation.worlds.world import World

# name: (module, its class of parameters, what it is in one line)
_WORLDS = {
    "mechanism-design": (
        "simulation.worlds.mechanism_design",
        "MechanismDesignParameters",
        "two learners in a 2x2 game, with or without a planner (thesis chapter 4)",
    ),
    "many-players": (
        "simulation.worlds.many_players",
        "ManyPlayersParameters",
        "learners in a linear dilemma of N players, with or without a planner (thesis Fig. 4.2)",
    ),
    "finite-game": (
        "simulation.worlds.finite_game",
        "FiniteGameParameters",
        "learners in any finite game, with or without a planner",
    ),
    "population": (
        "simulation.worlds.population",
        "PopulationParameters",
        "learners, imitators and mirrors on a network, with or without a planner",
    ),
    "duels": (
        "simulation.worlds.duels",
        "DuelParameters",
        "two players with degrees of cooperation, such as gradual Tit-for-Tat (thesis chapter 5)",
    ),
    "continuous-duels": (
        "simulation.worlds.continuous_duels",
        "ContinuousDuelParameters",
        "the same in the graded donation game, with any level from 0 to 1",
    ),
    "groups": (
        "simulation.worlds.groups",
        "LedgerGroupParameters",
        "a group of gradual Tit-for-Tat in a graded public good",
    ),
    "literal-groups": (
        "simulation.worlds.literal_groups",
        "GroupParameters",
        "a group of literal mirrors in a graded public good",
    ),
    "handover": (
        "simulation.worlds.handover",
        "HandoverParameters",
        "two players whom a planner leads at first and then leaves to themselves",
    ),
    "matches": (
        "simulation.worlds.matches",
        "MatchParameters",
        "two strategies of a repeated 2x2 game",
    ),
    "tournament": (
        "simulation.worlds.tournament",
        "TournamentParameters",
        "strategies of a repeated 2x2 game, all against all",
    ),
    "evolution": (
        "simulation.worlds.evolution",
        "EvolutionParameters",
        "strategies of a repeated 2x2 game that compete in a finite population",
    ),
}


def world_names() -> tuple[str, ...]:
    """Return the names of all worlds."""
    return tuple(_WORLDS)


def world_summary(name: str) -> str:
    """Return what a world is, in one line."""
    return _WORLDS[known_name("world", name, world_names())][2]


def world(name: str) -> World[Any]:
    """Return a world by its name; ValueError names the nearest ones where there is none."""
    module = import_module(_WORLDS[known_name("world", name, world_names())][0])
    found: World[Any] = module.WORLD
    return found


def world_played_from(parameters: Any) -> World[Any]:
    """Return the world that is played from parameters of their kind, or raise ValueError."""
    wanted = {name: kind for name, (_, kind, _) in _WORLDS.items()}
    for name, kind in wanted.items():
        if kind in {base.__name__ for base in type(parameters).__mro__}:
            found = world(name)
            if isinstance(parameters, found.Parameters):
                return found
    raise ValueError(
        f"parameters must be of a world, one of {', '.join(wanted.values())}, got {shown(parameters)}"
    )
