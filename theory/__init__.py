"""Everything that is true of a game without time: games, equilibria, Pareto sets, bargaining, verdicts.

Names are loaded when first used, so that importing the package costs nothing. `theory.altruism` gathers what
chapter 5 of the thesis asks about cooperativeness.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theory import altruism as altruism
    from theory.absorption_times import FixationTimes as FixationTimes
    from theory.absorption_times import fixation_times as fixation_times
    from theory.bargaining import BargainingProblem as BargainingProblem
    from theory.bargaining import BargainingSolution as BargainingSolution
    from theory.bargaining import NoRationalAgreement as NoRationalAgreement
    from theory.catalogue import named_game as named_game
    from theory.catalogue import named_games as named_games
    from theory.conversion import from_nashpy as from_nashpy
    from theory.conversion import from_pygambit as from_pygambit
    from theory.conversion import from_quantecon as from_quantecon
    from theory.conversion import to_nashpy as to_nashpy
    from theory.conversion import to_pygambit as to_pygambit
    from theory.conversion import to_quantecon as to_quantecon
    from theory.correlated import CorrelatedEquilibrium as CorrelatedEquilibrium
    from theory.correlated import correlated_regrets as correlated_regrets
    from theory.correlated import (
        welfare_optimal_correlated_equilibrium as welfare_optimal_correlated_equilibrium,
    )
    from theory.dilemmas import MatrixDilemma as MatrixDilemma
    from theory.dilemmas import matrix_dilemma as matrix_dilemma
    from theory.dominance import Dominance as Dominance
    from theory.dominance import Elimination as Elimination
    from theory.dominance import dominated_actions as dominated_actions
    from theory.dominance import eliminate_dominated as eliminate_dominated
    from theory.dynamics import Trajectory as Trajectory
    from theory.dynamics import logit_dynamics as logit_dynamics
    from theory.dynamics import replicator_dynamics as replicator_dynamics
    from theory.efg import parse_efg as parse_efg
    from theory.efg import read_efg as read_efg
    from theory.empirical import EmpiricalVerdict as EmpiricalVerdict
    from theory.empirical import judge_counts as judge_counts
    from theory.empirical import judge_plays as judge_plays
    from theory.equilibria import Equilibria as Equilibria
    from theory.equilibria import nash_equilibria as nash_equilibria
    from theory.equilibria_2x2 import BatchEquilibria as BatchEquilibria
    from theory.equilibria_2x2 import batch_equilibria as batch_equilibria
    from theory.equilibria_n_player import pure_equilibria as pure_equilibria
    from theory.fairness import FairnessDisagreement as FairnessDisagreement
    from theory.fairness import fairness_disagreement as fairness_disagreement
    from theory.feasible_set import FeasibleSet as FeasibleSet
    from theory.fixation import fixation_probability as fixation_probability
    from theory.folk_theorem import SustainingDiscount as SustainingDiscount
    from theory.folk_theorem import folk_theorem_set as folk_theorem_set
    from theory.folk_theorem import subgame_perfect_discount as subgame_perfect_discount
    from theory.frozen_machines import MachineResponse as MachineResponse
    from theory.frozen_machines import MachinesVerdict as MachinesVerdict
    from theory.frozen_machines import best_response_to_machine as best_response_to_machine
    from theory.frozen_machines import judge_machines as judge_machines
    from theory.frozen_machines import machine_payoffs as machine_payoffs
    from theory.games import Game as Game
    from theory.games import StrategicGame as StrategicGame
    from theory.gradient_incentives import ExpectedPayment as ExpectedPayment
    from theory.gradient_incentives import least_expected_payment as least_expected_payment
    from theory.incentives import CheapestIncentives as CheapestIncentives
    from theory.incentives import cheapest_incentives as cheapest_incentives
    from theory.linear_dilemmas import LinearDilemma as LinearDilemma
    from theory.linear_dilemmas import linear_dilemma as linear_dilemma
    from theory.logit import LogitEquilibrium as LogitEquilibrium
    from theory.logit import logit_equilibrium as logit_equilibrium
    from theory.memory_one import MemoryOne as MemoryOne
    from theory.memory_one import MemoryOneResult as MemoryOneResult
    from theory.memory_one import memory_one_payoffs as memory_one_payoffs
    from theory.meta_game import MetaVerdict as MetaVerdict
    from theory.meta_game import judge_meta_game as judge_meta_game
    from theory.nash_reversion import NashReversion as NashReversion
    from theory.nash_reversion import friedman_discount as friedman_discount
    from theory.network_games import NetworkGame as NetworkGame
    from theory.network_games import network_game as network_game
    from theory.nfg import format_nfg as format_nfg
    from theory.nfg import parse_nfg as parse_nfg
    from theory.nfg import read_nfg as read_nfg
    from theory.pareto import ParetoSlack as ParetoSlack
    from theory.pareto import pareto_optimal_profiles as pareto_optimal_profiles
    from theory.pareto import pareto_slack as pareto_slack
    from theory.replicator import Basins as Basins
    from theory.replicator import RestPoint as RestPoint
    from theory.replicator import replicator_basins as replicator_basins
    from theory.replicator import replicator_rest_points as replicator_rest_points
    from theory.security import disagreement_point as disagreement_point
    from theory.security import security_levels as security_levels
    from theory.selfishness import SelfishnessLevel as SelfishnessLevel
    from theory.selfishness import selfishness_level as selfishness_level
    from theory.small_mutation import SmallMutationDistribution as SmallMutationDistribution
    from theory.small_mutation import small_mutation_distribution as small_mutation_distribution
    from theory.small_mutation import stationary_distribution as stationary_distribution
    from theory.subgame_perfect import subgame_perfect_payoffs as subgame_perfect_payoffs
    from theory.verdict import Verdict as Verdict
    from theory.verdict import judge as judge
    from theory.verdict_batch import BatchVerdict as BatchVerdict
    from theory.verdict_batch import judge_batch as judge_batch
    from theory.welfare import EquilibriumWelfare as EquilibriumWelfare
    from theory.welfare import equilibrium_welfare as equilibrium_welfare
    from theory.zero_determinant import LinearRelation as LinearRelation
    from theory.zero_determinant import enforced_relation as enforced_relation

_HOME_OF = {
    "BargainingProblem": "bargaining",
    "BargainingSolution": "bargaining",
    "Basins": "replicator",
    "BatchEquilibria": "equilibria_2x2",
    "BatchVerdict": "verdict_batch",
    "CheapestIncentives": "incentives",
    "CorrelatedEquilibrium": "correlated",
    "Dominance": "dominance",
    "Elimination": "dominance",
    "EmpiricalVerdict": "empirical",
    "Equilibria": "equilibria",
    "EquilibriumWelfare": "welfare",
    "ExpectedPayment": "gradient_incentives",
    "FairnessDisagreement": "fairness",
    "FeasibleSet": "feasible_set",
    "FixationTimes": "absorption_times",
    "Game": "games",
    "LinearDilemma": "linear_dilemmas",
    "LinearRelation": "zero_determinant",
    "LogitEquilibrium": "logit",
    "MachineResponse": "frozen_machines",
    "MachinesVerdict": "frozen_machines",
    "MatrixDilemma": "dilemmas",
    "MemoryOne": "memory_one",
    "MemoryOneResult": "memory_one",
    "MetaVerdict": "meta_game",
    "NashReversion": "nash_reversion",
    "NetworkGame": "network_games",
    "NoRationalAgreement": "bargaining",
    "ParetoSlack": "pareto",
    "RestPoint": "replicator",
    "SelfishnessLevel": "selfishness",
    "SmallMutationDistribution": "small_mutation",
    "StrategicGame": "games",
    "SustainingDiscount": "folk_theorem",
    "Trajectory": "dynamics",
    "Verdict": "verdict",
    "batch_equilibria": "equilibria_2x2",
    "best_response_to_machine": "frozen_machines",
    "cheapest_incentives": "incentives",
    "correlated_regrets": "correlated",
    "disagreement_point": "security",
    "dominated_actions": "dominance",
    "eliminate_dominated": "dominance",
    "enforced_relation": "zero_determinant",
    "equilibrium_welfare": "welfare",
    "fairness_disagreement": "fairness",
    "fixation_probability": "fixation",
    "fixation_times": "absorption_times",
    "folk_theorem_set": "folk_theorem",
    "format_nfg": "nfg",
    "friedman_discount": "nash_reversion",
    "from_nashpy": "conversion",
    "from_pygambit": "conversion",
    "from_quantecon": "conversion",
    "judge": "verdict",
    "judge_batch": "verdict_batch",
    "judge_counts": "empirical",
    "judge_machines": "frozen_machines",
    "judge_meta_game": "meta_game",
    "judge_plays": "empirical",
    "least_expected_payment": "gradient_incentives",
    "linear_dilemma": "linear_dilemmas",
    "logit_dynamics": "dynamics",
    "logit_equilibrium": "logit",
    "machine_payoffs": "frozen_machines",
    "matrix_dilemma": "dilemmas",
    "memory_one_payoffs": "memory_one",
    "named_game": "catalogue",
    "named_games": "catalogue",
    "nash_equilibria": "equilibria",
    "network_game": "network_games",
    "pareto_optimal_profiles": "pareto",
    "pareto_slack": "pareto",
    "parse_efg": "efg",
    "parse_nfg": "nfg",
    "pure_equilibria": "equilibria_n_player",
    "read_efg": "efg",
    "read_nfg": "nfg",
    "replicator_basins": "replicator",
    "replicator_dynamics": "dynamics",
    "replicator_rest_points": "replicator",
    "security_levels": "security",
    "selfishness_level": "selfishness",
    "small_mutation_distribution": "small_mutation",
    "stationary_distribution": "small_mutation",
    "subgame_perfect_discount": "folk_theorem",
    "subgame_perfect_payoffs": "subgame_perfect",
    "to_nashpy": "conversion",
    "to_pygambit": "conversion",
    "to_quantecon": "conversion",
    "welfare_optimal_correlated_equilibrium": "correlated",
}
_MODULES = ("altruism",)

__all__ = sorted((*_HOME_OF, *_MODULES))


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"theory.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'theory' has no attribute {name!r}")
    return getattr(import_module(f"theory.{_HOME_OF[name]}"), name)
