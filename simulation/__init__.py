"""Everything that happens in time: learning rules, laws, agents, matches, tournaments, models.

Names are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.agents import Learner as Learner
    from simulation.agents import Planner as Planner
    from simulation.environments.graded_games import GradedGame as GradedGame
    from simulation.environments.graded_games import graded_donation_game as graded_donation_game
    from simulation.environments.graded_games import graded_public_good as graded_public_good
    from simulation.evolution import evolve as evolve
    from simulation.evolution_estimates import fixation_estimates as fixation_estimates
    from simulation.finite_game_parameters import FiniteGameParameters as FiniteGameParameters
    from simulation.finite_games import simulate_game as simulate_game
    from simulation.graded_tournament import graded_round_robin as graded_round_robin
    from simulation.gradual.beliefs import CooperativenessBelief as CooperativenessBelief
    from simulation.gradual.continuous_duels import ContinuousMirror as ContinuousMirror
    from simulation.gradual.continuous_duels import play_continuous_duels as play_continuous_duels
    from simulation.gradual.duels import play_duels as play_duels
    from simulation.gradual.frozen import frozen_machine as frozen_machine
    from simulation.gradual.groups import GroupParameters as GroupParameters
    from simulation.gradual.groups import play_groups as play_groups
    from simulation.gradual.players import BinaryTitForTat as BinaryTitForTat
    from simulation.gradual.players import ConsequentialistCooperator as ConsequentialistCooperator
    from simulation.gradual.players import FixedCooperativeness as FixedCooperativeness
    from simulation.gradual.players import GradualPlayer as GradualPlayer
    from simulation.gradual.players import Grim as Grim
    from simulation.gradual.players import LevelLearner as LevelLearner
    from simulation.gradual.players import ProbingMirror as ProbingMirror
    from simulation.gradual.players import TitForTat as TitForTat
    from simulation.gradual.players import WinStayLoseShift as WinStayLoseShift
    from simulation.gradual.policies import PolicyFamily as PolicyFamily
    from simulation.gradual.policies import learned_family as learned_family
    from simulation.gradual.policies import policy_family as policy_family
    from simulation.gradual.reward_inversion import RewardEstimate as RewardEstimate
    from simulation.gradual.reward_inversion import invert_values as invert_values
    from simulation.gradual.surfaces import ValueSurfaces as ValueSurfaces
    from simulation.gradual.surfaces import value_surfaces as value_surfaces
    from simulation.gradual_group_model import GradualGroup as GradualGroup
    from simulation.gradual_models import GradualPair as GradualPair
    from simulation.gradual_models import GradualTitForTat as GradualTitForTat
    from simulation.handover import simulate_handover as simulate_handover
    from simulation.handover_model import GuidedPair as GuidedPair
    from simulation.handover_parameters import HandoverParameters as HandoverParameters
    from simulation.many_players import ManyPlayersParameters as ManyPlayersParameters
    from simulation.many_players import simulate_many as simulate_many
    from simulation.matches import MatchResult as MatchResult
    from simulation.matches import exact_match as exact_match
    from simulation.matches import play_match as play_match
    from simulation.mechanism_design import incentive_tensors as incentive_tensors
    from simulation.mechanism_design import learned_profiles as learned_profiles
    from simulation.mechanism_design import simulate as simulate
    from simulation.mechanism_law import mechanism_design_round as mechanism_design_round
    from simulation.mechanism_parameters import MechanismDesignParameters as MechanismDesignParameters
    from simulation.models import MechanismDesign as MechanismDesign
    from simulation.population.batch import simulate_population as simulate_population
    from simulation.population.model import Population as Population
    from simulation.population.networks import NetworkDescription as NetworkDescription
    from simulation.population.parameters import PopulationParameters as PopulationParameters
    from simulation.population.verdicts import PopulationVerdict as PopulationVerdict
    from simulation.population.verdicts import judge_population as judge_population
    from simulation.strategies.base import Functions as Functions
    from simulation.strategies.base import Strategy as Strategy
    from simulation.strategies.base import memory_one as memory_one
    from simulation.strategies.catalogue import strategy as strategy
    from simulation.strategies.catalogue import strategy_names as strategy_names
    from simulation.strategies.gradual_tit_for_tat import gradual_tit_for_tat as gradual_tit_for_tat
    from simulation.strategies.learners import q_learning as q_learning
    from simulation.strategies.learners import reinforce as reinforce
    from simulation.strategies.machines import FiniteState as FiniteState
    from simulation.tournament import round_robin as round_robin
    from simulation.tournament import standings as standings
    from simulation.tournament_verdict import judge_tournament as judge_tournament

_HOME_OF = {
    "BinaryTitForTat": "gradual.players",
    "ConsequentialistCooperator": "gradual.players",
    "ContinuousMirror": "gradual.continuous_duels",
    "CooperativenessBelief": "gradual.beliefs",
    "FiniteGameParameters": "finite_game_parameters",
    "FiniteState": "strategies.machines",
    "FixedCooperativeness": "gradual.players",
    "Functions": "strategies.base",
    "GradedGame": "environments.graded_games",
    "GradualGroup": "gradual_group_model",
    "GradualPair": "gradual_models",
    "GradualPlayer": "gradual.players",
    "GradualTitForTat": "gradual_models",
    "Grim": "gradual.players",
    "GroupParameters": "gradual.groups",
    "GuidedPair": "handover_model",
    "HandoverParameters": "handover_parameters",
    "Learner": "agents",
    "LevelLearner": "gradual.players",
    "ManyPlayersParameters": "many_players",
    "MatchResult": "matches",
    "MechanismDesign": "models",
    "MechanismDesignParameters": "mechanism_parameters",
    "NetworkDescription": "population.networks",
    "Planner": "agents",
    "PolicyFamily": "gradual.policies",
    "Population": "population.model",
    "PopulationParameters": "population.parameters",
    "PopulationVerdict": "population.verdicts",
    "ProbingMirror": "gradual.players",
    "RewardEstimate": "gradual.reward_inversion",
    "Strategy": "strategies.base",
    "TitForTat": "gradual.players",
    "ValueSurfaces": "gradual.surfaces",
    "WinStayLoseShift": "gradual.players",
    "evolve": "evolution",
    "exact_match": "matches",
    "fixation_estimates": "evolution_estimates",
    "frozen_machine": "gradual.frozen",
    "graded_donation_game": "environments.graded_games",
    "graded_public_good": "environments.graded_games",
    "graded_round_robin": "graded_tournament",
    "gradual_tit_for_tat": "strategies.gradual_tit_for_tat",
    "incentive_tensors": "mechanism_design",
    "invert_values": "gradual.reward_inversion",
    "judge_population": "population.verdicts",
    "judge_tournament": "tournament_verdict",
    "learned_family": "gradual.policies",
    "learned_profiles": "mechanism_design",
    "mechanism_design_round": "mechanism_law",
    "memory_one": "strategies.base",
    "play_continuous_duels": "gradual.continuous_duels",
    "play_duels": "gradual.duels",
    "play_groups": "gradual.groups",
    "play_match": "matches",
    "policy_family": "gradual.policies",
    "q_learning": "strategies.learners",
    "reinforce": "strategies.learners",
    "round_robin": "tournament",
    "simulate": "mechanism_design",
    "simulate_game": "finite_games",
    "simulate_handover": "handover",
    "simulate_many": "many_players",
    "simulate_population": "population.batch",
    "standings": "tournament",
    "strategy": "strategies.catalogue",
    "strategy_names": "strategies.catalogue",
    "value_surfaces": "gradual.surfaces",
}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'simulation' has no attribute {name!r}")
    return getattr(import_module(f"simulation.{_HOME_OF[name]}"), name)
