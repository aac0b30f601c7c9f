"""Everything that is true of a game without time: games, equilibria, Pareto sets, bargaining, verdicts.

Names are loaded when first used, so that importing the package costs nothing. `theory.altruism` gathers what
chapter 5 of the thesis asks about cooperativeness.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theory import altruism as altruism
    from theory.altruism.selfishness import SelfishnessLevel as SelfishnessLevel
    from theory.altruism.selfishness import selfishness_level as selfishness_level
    from theory.bargaining.fairness import FairnessDisagreement as FairnessDisagreement
    from theory.bargaining.fairness import fairness_disagreement as fairness_disagreement
    from theory.bargaining.security import disagreement_point as disagreement_point
    from theory.bargaining.security import security_levels as security_levels
    from theory.bargaining.solutions import BargainingProblem as BargainingProblem
    from theory.bargaining.solutions import BargainingSolution as BargainingSolution
    from theory.bargaining.solutions import NoRationalAgreement as NoRationalAgreement
    from theory.equilibria.correlated import CorrelatedEquilibrium as CorrelatedEquilibrium
    from theory.equilibria.correlated import correlated_regrets as correlated_regrets
    from theory.equilibria.correlated import (
        welfare_optimal_correlated_equilibrium as welfare_optimal_correlated_equilibrium,
    )
    from theory.equilibria.dominance import Dominance as Dominance
    from theory.equilibria.dominance import Elimination as Elimination
    from theory.equilibria.dominance import dominated_actions as dominated_actions
    from theory.equilibria.dominance import eliminate_dominated as eliminate_dominated
    from theory.equilibria.logit import LogitEquilibrium as LogitEquilibrium
    from theory.equilibria.logit import logit_equilibrium as logit_equilibrium
    from theory.equilibria.n_players import pure_equilibria as pure_equilibria
    from theory.equilibria.nash import Equilibria as Equilibria
    from theory.equilibria.nash import nash_equilibria as nash_equilibria
    from theory.equilibria.two_by_two import BatchEquilibria as BatchEquilibria
    from theory.equilibria.two_by_two import batch_equilibria as batch_equilibria
    from theory.equilibria.welfare import EquilibriumWelfare as EquilibriumWelfare
    from theory.equilibria.welfare import equilibrium_welfare as equilibrium_welfare
    from theory.evolution.absorption_times import FixationTimes as FixationTimes
    from theory.evolution.absorption_times import fixation_times as fixation_times
    from theory.evolution.dynamics import Trajectory as Trajectory
    from theory.evolution.dynamics import logit_dynamics as logit_dynamics
    from theory.evolution.dynamics import replicator_dynamics as replicator_dynamics
    from theory.evolution.fixation import fixation_probability as fixation_probability
    from theory.evolution.replicator import Basins as Basins
    from theory.evolution.replicator import RestPoint as RestPoint
    from theory.evolution.replicator import replicator_basins as replicator_basins
    from theory.evolution.replicator import replicator_rest_points as replicator_rest_points
    from theory.evolution.small_mutation import SmallMutationDistribution as SmallMutationDistribution
    from theory.evolution.small_mutation import small_mutation_distribution as small_mutation_distribution
    from theory.evolution.small_mutation import stationary_distribution as stationary_distribution
    from theory.games.catalogue import named_game as named_game
    from theory.games.catalogue import named_games as named_games
    from theory.games.conversion import from_nashpy as from_nashpy
    from theory.games.conversion import from_pygambit as from_pygambit
    from theory.games.conversion import from_quantecon as from_quantecon
    from theory.games.conversion import to_nashpy as to_nashpy
    from theory.games.conversion import to_pygambit as to_pygambit
    from theory.games.conversion import to_quantecon as to_quantecon
    from theory.games.dilemmas import MatrixDilemma as MatrixDilemma
    from theory.games.dilemmas import matrix_dilemma as matrix_dilemma
    from theory.games.efg import parse_efg as parse_efg
    from theory.games.efg import read_efg as read_efg
    from theory.games.game import Game as Game
    from theory.games.game import StrategicGame as StrategicGame
    from theory.games.nfg import format_nfg as format_nfg
    from theory.games.nfg import parse_nfg as parse_nfg
    from theory.games.nfg import read_nfg as read_nfg
    from theory.incentives.cheapest import CheapestIncentives as CheapestIncentives
    from theory.incentives.cheapest import cheapest_incentives as cheapest_incentives
    from theory.incentives.expected_payment import ExpectedPayment as ExpectedPayment
    from theory.incentives.expected_payment import least_expected_payment as least_expected_payment
    from theory.many_players.linear_dilemma import LinearDilemma as LinearDilemma
    from theory.many_players.linear_dilemma import linear_dilemma as linear_dilemma
    from theory.many_players.network_game import NetworkGame as NetworkGame
    from theory.many_players.network_game import network_game as network_game
    from theory.pareto.feasible_set import FeasibleSet as FeasibleSet
    from theory.pareto.slack import ParetoSlack as ParetoSlack
    from theory.pareto.slack import pareto_optimal_profiles as pareto_optimal_profiles
    from theory.pareto.slack import pareto_slack as pareto_slack
    from theory.repeated.folk_theorem import SustainingDiscount as SustainingDiscount
    from theory.repeated.folk_theorem import folk_theorem_set as folk_theorem_set
    from theory.repeated.folk_theorem import subgame_perfect_discount as subgame_perfect_discount
    from theory.repeated.frozen_machines import MachineResponse as MachineResponse
    from theory.repeated.frozen_machines import MachinesVerdict as MachinesVerdict
    from theory.repeated.frozen_machines import best_response_to_machine as best_response_to_machine
    from theory.repeated.frozen_machines import judge_machines as judge_machines
    from theory.repeated.frozen_machines import machine_payoffs as machine_payoffs
    from theory.repeated.memory_one import MemoryOne as MemoryOne
    from theory.repeated.memory_one import MemoryOneResult as MemoryOneResult
    from theory.repeated.memory_one import memory_one_payoffs as memory_one_payoffs
    from theory.repeated.nash_reversion import NashReversion as NashReversion
    from theory.repeated.nash_reversion import friedman_discount as friedman_discount
    from theory.repeated.subgame_perfect import subgame_perfect_payoffs as subgame_perfect_payoffs
    from theory.repeated.zero_determinant import LinearRelation as LinearRelation
    from theory.repeated.zero_determinant import enforced_relation as enforced_relation
    from theory.verdicts.batch import BatchVerdict as BatchVerdict
    from theory.verdicts.batch import judge_batch as judge_batch
    from theory.verdicts.meta_game import MetaVerdict as MetaVerdict
    from theory.verdicts.meta_game import judge_meta_game as judge_meta_game
    from theory.verdicts.observed import EmpiricalVerdict as EmpiricalVerdict
    from theory.verdicts.observed import judge_counts as judge_counts
    from theory.verdicts.observed import judge_plays as judge_plays
    from theory.verdicts.verdict import Verdict as Verdict
    from theory.verdicts.verdict import judge as judge

_HOME_OF = {
    "BargainingProblem": "bargaining.solutions",
    "BargainingSolution": "bargaining.solutions",
    "Basins": "evolution.replicator",
    "BatchEquilibria": "equilibria.two_by_two",
    "BatchVerdict": "verdicts.batch",
    "CheapestIncentives": "incentives.cheapest",
    "CorrelatedEquilibrium": "equilibria.correlated",
    "Dominance": "equilibria.dominance",
    "Elimination": "equilibria.dominance",
    "EmpiricalVerdict": "verdicts.observed",
    "Equilibria": "equilibria.nash",
    "EquilibriumWelfare": "equilibria.welfare",
    "ExpectedPayment": "incentives.expected_payment",
    "FairnessDisagreement": "bargaining.fairness",
    "FeasibleSet": "pareto.feasible_set",
    "FixationTimes": "evolution.absorption_times",
    "Game": "games.game",
    "LinearDilemma": "many_players.linear_dilemma",
    "LinearRelation": "repeated.zero_determinant",
    "LogitEquilibrium": "equilibria.logit",
    "MachineResponse": "repeated.frozen_machines",
    "MachinesVerdict": "repeated.frozen_machines",
    "MatrixDilemma": "games.dilemmas",
    "MemoryOne": "repeated.memory_one",
    "MemoryOneResult": "repeated.memory_one",
    "MetaVerdict": "verdicts.meta_game",
    "NashReversion": "repeated.nash_reversion",
    "NetworkGame": "many_players.network_game",
    "NoRationalAgreement": "bargaining.solutions",
    "ParetoSlack": "pareto.slack",
    "RestPoint": "evolution.replicator",
    "SelfishnessLevel": "altruism.selfishness",
    "SmallMutationDistribution": "evolution.small_mutation",
    "StrategicGame": "games.game",
    "SustainingDiscount": "repeated.folk_theorem",
    "Trajectory": "evolution.dynamics",
    "Verdict": "verdicts.verdict",
    "batch_equilibria": "equilibria.two_by_two",
    "best_response_to_machine": "repeated.frozen_machines",
    "cheapest_incentives": "incentives.cheapest",
    "correlated_regrets": "equilibria.correlated",
    "disagreement_point": "bargaining.security",
    "dominated_actions": "equilibria.dominance",
    "eliminate_dominated": "equilibria.dominance",
    "enforced_relation": "repeated.zero_determinant",
    "equilibrium_welfare": "equilibria.welfare",
    "fairness_disagreement": "bargaining.fairness",
    "fixation_probability": "evolution.fixation",
    "fixation_times": "evolution.absorption_times",
    "folk_theorem_set": "repeated.folk_theorem",
    "format_nfg": "games.nfg",
    "friedman_discount": "repeated.nash_reversion",
    "from_nashpy": "games.conversion",
    "from_pygambit": "games.conversion",
    "from_quantecon": "games.conversion",
    "judge": "verdicts.verdict",
    "judge_batch": "verdicts.batch",
    "judge_counts": "verdicts.observed",
    "judge_machines": "repeated.frozen_machines",
    "judge_meta_game": "verdicts.meta_game",
    "judge_plays": "verdicts.observed",
    "least_expected_payment": "incentives.expected_payment",
    "linear_dilemma": "many_players.linear_dilemma",
    "logit_dynamics": "evolution.dynamics",
    "logit_equilibrium": "equilibria.logit",
    "machine_payoffs": "repeated.frozen_machines",
    "matrix_dilemma": "games.dilemmas",
    "memory_one_payoffs": "repeated.memory_one",
    "named_game": "games.catalogue",
    "named_games": "games.catalogue",
    "nash_equilibria": "equilibria.nash",
    "network_game": "many_players.network_game",
    "pareto_optimal_profiles": "pareto.slack",
    "pareto_slack": "pareto.slack",
    "parse_efg": "games.efg",
    "parse_nfg": "games.nfg",
    "pure_equilibria": "equilibria.n_players",
    "read_efg": "games.efg",
    "read_nfg": "games.nfg",
    "replicator_basins": "evolution.replicator",
    "replicator_dynamics": "evolution.dynamics",
    "replicator_rest_points": "evolution.replicator",
    "security_levels": "bargaining.security",
    "selfishness_level": "altruism.selfishness",
    "small_mutation_distribution": "evolution.small_mutation",
    "stationary_distribution": "evolution.small_mutation",
    "subgame_perfect_discount": "repeated.folk_theorem",
    "subgame_perfect_payoffs": "repeated.subgame_perfect",
    "to_nashpy": "games.conversion",
    "to_pygambit": "games.conversion",
    "to_quantecon": "games.conversion",
    "welfare_optimal_correlated_equilibrium": "equilibria.correlated",
}
_MODULES = ("altruism",)

__all__ = sorted((*_HOME_OF, *_MODULES))


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"theory.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'theory' has no attribute {name!r}")
    return getattr(import_module(f"theory.{_HOME_OF[name]}"), name)
