"""The scenarios by name: a new one adds one line here. Others come by the path of a file, or from packages."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from scenarios.frame.scenario import Scenario
from theory.checks import known_name, shown

# name: (module, what it asks, what it found: each in a line)
_SCENARIOS = {
    "thesis-table-4.2": (
        "scenarios.thesis.table_4_2",
        "does a planner lead learners to cooperation, and does it last? (thesis Table 4.2)",
        "P(C,C) is 99% with a planner; when it has left .5% (Prisoner's Dilemma), 65% (Chicken), 99.6% (Stag Hunt).",
    ),
    "altruism-atlas": (
        "scenarios.altruism.altruism_atlas",
        "does altruism cost oneself, help the other and raise welfare? (thesis section 5.2)",
        "13 of 48 such claims fail in the thesis's own games; where payoffs are separable they hold, save at ties.",
    ),
    "thesis-table-4.3": (
        "scenarios.thesis.table_4_3",
        "variants of the planner's learning rule, the published and better ones (thesis Table 4.3)",
        "All 18 printed means agree. One round for both estimates gives P(C,C) .525 (Prisoner's Dilemma), two .987.",
    ),
    "thesis-figure-4.1": (
        "scenarios.thesis.figure_4_1",
        "how a planner's incentives change the Prisoner's Dilemma over time (thesis Fig. 4.1)",
        "It rewards at first, then only threatens: 1.88 an episode at first, .095 in the end, which is not 0.",
    ),
    "gradual-tft-duels": (
        "scenarios.gradual.gradual_tft_duels",
        "gradual Tit-for-Tat against everyone, beside contrite Tit-for-Tat and others (thesis section 5.4)",
        "Like contrite Tit-for-Tat (index .002 apart), but in Chicken a defector takes only .7%; 8 of 9 targets met.",
    ),
    "gradual-tft-convergence": (
        "scenarios.gradual.gradual_tft_convergence",
        "where do two gradual Tit-for-Tat rest, ledgers and literal mirrors, beside what theory predicts?",
        "With slips of .01 two ledgers keep .977 to .997 of all gains; not where slips cost more than C gains.",
    ),
    "fairness-disagreement": (
        "scenarios.gradual.fairness_disagreement",
        "two notions of fairness: does mirroring save cooperation, or conceding? (thesis 6.3.1, 6.4.3)",
        "Mirroring alone does not (welfare index .51), conceding does (.89); a defector takes next to nothing.",
    ),
    "axelrod-first": (
        "scenarios.tournaments.axelrod_first",
        "Axelrod's first tournament reproduced, cell by cell: who wins, how surely? (Axelrod 1980)",
        "49 of 50 pairs without chance agree to the point; Tit-for-Tat wins, but not with every reading of others.",
    ),
    "noisy-tournament": (
        "scenarios.tournaments.noisy_tournament",
        "forty classics, gradual Tit-for-Tat and other mirrors, with noise",
        "Gradual Tit-for-Tat is 4th of 41 with noise, 9th without (Tit-for-Tat: 10th to 14th), and never first.",
    ),
    "thesis-figure-4.2": (
        "scenarios.thesis.figure_4_2",
        "a planner among ten to ten thousand players (thesis Fig. 4.2)",
        "It scales: mean P(C) .995 with ten players and with ten thousand, for .42 and .41 a player and episode.",
    ),
    "planner-cost": (
        "scenarios.planner.planner_cost",
        "what a learned planner pays, beside the least that theory allows",
        "1.2 to 2.0 times the least payment of the same effect: it turns to punishing later than at P(C) = 1/2.",
    ),
    "planner-knowledge": (
        "scenarios.planner.planner_knowledge",
        "what a planner loses that must model, mishears or does not see the players",
        "Models cost nothing if actions are seen right; who is not seen defects (P(C,C) .6%), but in the Stag Hunt.",
    ),
    "planner-handover": (
        "scenarios.planner.planner_handover",
        "what is left when the planner goes: learners against literal mirrors",
        "Prisoner's Dilemma: memory-one learners keep P(C,C) .40 to .60, memoryless ones .00; ledgers need none.",
    ),
    "planner-on-networks": (
        "scenarios.networks.planner_on_networks",
        "what a planner with a budget buys on a network, whom it should pay, and who needs none",
        "Pay hubs; nothing remains among learners when it leaves; ledgers need none (.986 C, slips .01). One game.",
    ),
    "cooperation-on-networks": (
        "scenarios.networks.cooperation_on_networks",
        "when defectors, Tit-for-Tat and mirrors invade, by degree and clustering",
        "Tit-for-Tat and mirrors keep defectors out on 13 of 13 networks, but not with one action for everybody.",
    ),
    "coin-game": (
        "scenarios.stateful.coins.coin_game",
        "does a planner lead two learners to leave each other's coins? (thesis section 4.3.1)",
        "Yes, in 40 of 40 runs at c = 2, in 10 of 10 at c = .75, none at c = .5; when it leaves cooperation goes.",
    ),
    "coin-game-gradual-tft": (
        "scenarios.stateful.coins.coin_game_gradual_tft",
        "who keeps cooperation in the Coin Game without a planner: amTFT, a ledger, mirrors of degrees",
        "A ledger with state: two have .999 of the most, a defector costs one 1.99 in all. Degrees do less well.",
    ),
    "escape-room": (
        "scenarios.stateful.escape_room",
        "who holds the lever that lets others out, alone, led, and when the planner has left",
        "Alone nobody (0 of 40 pairs), led 39 or 40 of 40; of 40 who explore when it has left 16 still do.",
    ),
    "commons": (
        "scenarios.stateful.commons",
        "does a commons last, whose harvesters learn alone, are led, or were led? (thesis section 2.1)",
        "Not where it is scarce: alone two, three, four take 66%, 54%, 37% of the best; led 95%, which goes later.",
    ),
    "learners": (
        "scenarios.stateful.learning.learners",
        "whom is it best to learn as? gradient learners, all against all, in repeated dilemmas",
        "As LOLA: in the Prisoner's Dilemma 86 of 100 pairs cooperate, in Chicken it exploits others (3.49 to 2.01).",
    ),
    "classic-learners": (
        "scenarios.stateful.learning.classic_learners",
        "do the classic learners do what is known of them, and where does each lose? (thesis chapter 2)",
        "All 17 known outcomes came out; 93% of LOLA's pairs cooperate, 56% punish, and a third is no equilibrium.",
    ),
    "planner-that-leaves": (
        "scenarios.stateful.leaving.planner_that_leaves",
        "what learners with memory keep when a planner has left, that of Eq. 4.3 or one trained for its absence",
        "Trained for its absence it leaves 50 of 50 pairs cooperating (not without memory), Eq. 4.3's 0, 2 and 46.",
    ),
}


def scenario_names() -> tuple[str, ...]:
    """Return the names of all scenarios."""
    return tuple(_SCENARIOS)


def scenario_summary(name: str) -> str:
    """Return what a scenario is about, in one line."""
    return _SCENARIOS[name][1]


def scenario_finding(name: str) -> str:
    """Return what a scenario found, in one line; its page opens with the same at length."""
    return _SCENARIOS[name][2]


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
