"""The scenarios by name: a new one adds one line here. Others come by the path of a file, or from packages."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from scenarios.frame.scenario import Scenario
from theory.checks import known_name, shown

# name: (module, what it is in one line)
_SCENARIOS = {
    "thesis-table-4.2": (
        "scenarios.thesis.table_4_2",
        "does a planner lead learners to cooperation, and does it last? (thesis Table 4.2)",
    ),
    "altruism-atlas": (
        "scenarios.altruism.altruism_atlas",
        "does altruism cost oneself, help the other and raise welfare? (thesis section 5.2)",
    ),
    "thesis-table-4.3": (
        "scenarios.thesis.table_4_3",
        "variants of the planner's learning rule, the published and better ones (thesis Table 4.3)",
    ),
    "thesis-figure-4.1": (
        "scenarios.thesis.figure_4_1",
        "how a planner's incentives change the Prisoner's Dilemma over time (thesis Fig. 4.1)",
    ),
    "gradual-tft-duels": (
        "scenarios.gradual.gradual_tft_duels",
        "gradual Tit-for-Tat against everyone, beside contrite Tit-for-Tat and others (thesis section 5.4)",
    ),
    "gradual-tft-convergence": (
        "scenarios.gradual.gradual_tft_convergence",
        "where do two gradual Tit-for-Tat rest, ledgers and literal mirrors, beside what theory predicts?",
    ),
    "fairness-disagreement": (
        "scenarios.gradual.fairness_disagreement",
        "two notions of fairness: does mirroring save cooperation, or conceding? (thesis 6.3.1, 6.4.3)",
    ),
    "axelrod-first": (
        "scenarios.tournaments.axelrod_first",
        "Axelrod's first tournament reproduced, cell by cell: who wins, how surely? (Axelrod 1980)",
    ),
    "noisy-tournament": (
        "scenarios.tournaments.noisy_tournament",
        "forty classics, gradual Tit-for-Tat and other mirrors, with noise",
    ),
    "thesis-figure-4.2": (
        "scenarios.thesis.figure_4_2",
        "a planner among ten to ten thousand players (thesis Fig. 4.2)",
    ),
    "planner-cost": (
        "scenarios.planner.planner_cost",
        "what a learned planner pays, beside the least that theory allows",
    ),
    "planner-knowledge": (
        "scenarios.planner.planner_knowledge",
        "what a planner loses that must model, mishears or does not see the players",
    ),
    "planner-handover": (
        "scenarios.planner.planner_handover",
        "what is left when the planner goes: learners against literal mirrors",
    ),
    "planner-on-networks": (
        "scenarios.networks.planner_on_networks",
        "what a planner with a budget buys on a network, whom it should pay, and who needs none",
    ),
    "cooperation-on-networks": (
        "scenarios.networks.cooperation_on_networks",
        "when defectors, Tit-for-Tat and mirrors invade, by degree and clustering",
    ),
    "coin-game": (
        "scenarios.stateful.coin_game",
        "does a planner lead two learners to leave each other's coins? (thesis section 4.3.1)",
    ),
    "coin-game-gradual-tft": (
        "scenarios.stateful.coin_game_gradual_tft",
        "who keeps cooperation in the Coin Game without a planner: amTFT, a ledger, mirrors of degrees",
    ),
    "escape-room": (
        "scenarios.stateful.escape_room",
        "who holds the lever that lets others out, alone, led, and when the planner has left",
    ),
    "learners": (
        "scenarios.stateful.learners",
        "whom is it best to learn as? gradient learners, all against all, in repeated dilemmas",
    ),
    "classic-learners": (
        "scenarios.stateful.classic_learners",
        "do the classic learners do what is known of them, and where does each lose? (thesis chapter 2)",
    ),
    "planner-that-leaves": (
        "scenarios.stateful.planner_that_leaves",
        "what learners with memory keep when a planner has left, that of Eq. 4.3 or one trained for its absence",
    ),
}


def scenario_names() -> tuple[str, ...]:
    """Return the names of all scenarios."""
    return tuple(_SCENARIOS)


def scenario_summary(name: str) -> str:
    """Return what a scenario is about, in one line."""
    return _SCENARIOS[name][1]


def is_path(name: str) -> bool:
    """Return whether a name stands for a file: it ends in `.toml` or `.py`, or has a separator of folders."""
    return name.endswith((".toml", ".py")) or "/" in name or os.sep in name


def load_scenario(name: str) -> Scenario[Any, Any, Any]:
    """Return a scenario: one of the project's or of an installed package by name, or that of a file by its path.

    Raises
    ------
    ValueError
        If there is none of that name, with the nearest ones; if a library that its module needs is missing, or a
        file or package does not hold what it should.
    """
    if is_path(name):
        return _of_file(Path(name))
    if name in _SCENARIOS:
        return _ours(name)
    from scenarios.experiments.packages import SCENARIOS, names_of_packages, scenario_of_package

    known_name("scenario", name, (*scenario_names(), *names_of_packages(SCENARIOS)))
    return scenario_of_package(name)


def package_scenarios() -> tuple[dict[str, str], dict[str, str]]:
    """Return what the scenarios of installed packages are about, by name, and why others cannot be played."""
    from scenarios.experiments.packages import SCENARIOS, names_of_packages, scenario_of_package

    summaries, faults = {}, {}
    for name in names_of_packages(SCENARIOS):
        try:
            summaries[name] = scenario_of_package(name, taken=_SCENARIOS).about
        except ValueError as error:
            faults[name] = str(error)
    return summaries, faults


def _of_file(path: Path) -> Scenario[Any, Any, Any]:
    if path.suffix == ".toml":
        from scenarios.experiments.experiment import scenario_of_file

        return scenario_of_file(path)
    if path.suffix != ".py":
        raise ValueError(f"a scenario's file must end in .toml or .py, got {shown(str(path))}")
    from scenarios.experiments.python_file import scenario_of_python_file

    return scenario_of_python_file(path)


def _ours(name: str) -> Scenario[Any, Any, Any]:
    try:
        module = import_module(_SCENARIOS[name][0])
    except ModuleNotFoundError as error:
        raise ValueError(f"the scenario {name} cannot be played here: {error}") from error
    scenario: Scenario[Any, Any, Any] = module.SCENARIO
    return scenario
