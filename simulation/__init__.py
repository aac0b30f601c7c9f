"""Everything that happens in time: learning rules, laws, agents, matches, tournaments, models.

Names are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.evolution.estimates import fixation_estimates as fixation_estimates
    from simulation.evolution.runs import evolve as evolve
    from simulation.gradual.beliefs import CooperativenessBelief as CooperativenessBelief
    from simulation.gradual.continuous import ContinuousMirror as ContinuousMirror
    from simulation.gradual.continuous import play_continuous_duels as play_continuous_duels
    from simulation.gradual.duels import play_duels as play_duels
    from simulation.gradual.frozen import frozen_machine as frozen_machine
    from simulation.gradual.graded_games import GradedGame as GradedGame
    from simulation.gradual.graded_games import graded_donation_game as graded_donation_game
    from simulation.gradual.graded_games import graded_public_good as graded_public_good
    from simulation.gradual.group_model import GradualGroup as GradualGroup
    from simulation.gradual.groups import GroupParameters as GroupParameters
    from simulation.gradual.groups import play_groups as play_groups
    from simulation.gradual.models import GradualPair as GradualPair
    from simulation.gradual.models import GradualTitForTat as GradualTitForTat
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
    from simulation.handover.model import GuidedPair as GuidedPair
    from simulation.handover.parameters import HandoverParameters as HandoverParameters
    from simulation.handover.runs import simulate_handover as simulate_handover
    from simulation.matches.match import MatchResult as MatchResult
    from simulation.matches.match import exact_match as exact_match
    from simulation.matches.match import play_match as play_match
    from simulation.matches.strategies.base import Functions as Functions
    from simulation.matches.strategies.base import Strategy as Strategy
    from simulation.matches.strategies.base import memory_one as memory_one
    from simulation.matches.strategies.catalogue import strategy as strategy
    from simulation.matches.strategies.catalogue import strategy_names as strategy_names
    from simulation.matches.strategies.learners import q_learning as q_learning
    from simulation.matches.strategies.learners import reinforce as reinforce
    from simulation.matches.strategies.mirrors import gradual_tit_for_tat as gradual_tit_for_tat
    from simulation.mechanism_design.agents import Learner as Learner
    from simulation.mechanism_design.agents import Planner as Planner
    from simulation.mechanism_design.any_game import simulate_game as simulate_game
    from simulation.mechanism_design.any_game_parameters import FiniteGameParameters as FiniteGameParameters
    from simulation.mechanism_design.law import mechanism_design_round as mechanism_design_round
    from simulation.mechanism_design.many_players import ManyPlayersParameters as ManyPlayersParameters
    from simulation.mechanism_design.many_players import simulate_many as simulate_many
    from simulation.mechanism_design.model import MechanismDesign as MechanismDesign
    from simulation.mechanism_design.parameters import MechanismDesignParameters as MechanismDesignParameters
    from simulation.mechanism_design.runs import incentive_tensors as incentive_tensors
    from simulation.mechanism_design.runs import learned_profiles as learned_profiles
    from simulation.mechanism_design.runs import simulate as simulate
    from simulation.population.model import Population as Population
    from simulation.population.networks import NetworkDescription as NetworkDescription
    from simulation.population.parameters import PopulationParameters as PopulationParameters
    from simulation.population.runs import simulate_population as simulate_population
    from simulation.population.verdicts import PopulationVerdict as PopulationVerdict
    from simulation.population.verdicts import judge_population as judge_population
    from simulation.tournaments.classic import round_robin as round_robin
    from simulation.tournaments.classic import standings as standings
    from simulation.tournaments.graded import graded_round_robin as graded_round_robin
    from simulation.tournaments.verdict import judge_tournament as judge_tournament
    from theory.repeated.machines import FiniteState as FiniteState

_HOME_OF = {
    "BinaryTitForTat": "gradual.players",
    "ConsequentialistCooperator": "gradual.players",
    "ContinuousMirror": "gradual.continuous",
    "CooperativenessBelief": "gradual.beliefs",
    "FiniteGameParameters": "mechanism_design.any_game_parameters",
    "FiniteState": "matches.strategies.base",
    "FixedCooperativeness": "gradual.players",
    "Functions": "matches.strategies.base",
    "GradedGame": "gradual.graded_games",
    "GradualGroup": "gradual.group_model",
    "GradualPair": "gradual.models",
    "GradualPlayer": "gradual.players",
    "GradualTitForTat": "gradual.models",
    "Grim": "gradual.players",
    "GroupParameters": "gradual.groups",
    "GuidedPair": "handover.model",
    "HandoverParameters": "handover.parameters",
    "Learner": "mechanism_design.agents",
    "LevelLearner": "gradual.players",
    "ManyPlayersParameters": "mechanism_design.many_players",
    "MatchResult": "matches.match",
    "MechanismDesign": "mechanism_design.model",
    "MechanismDesignParameters": "mechanism_design.parameters",
    "NetworkDescription": "population.networks",
    "Planner": "mechanism_design.agents",
    "PolicyFamily": "gradual.policies",
    "Population": "population.model",
    "PopulationParameters": "population.parameters",
    "PopulationVerdict": "population.verdicts",
    "ProbingMirror": "gradual.players",
    "RewardEstimate": "gradual.reward_inversion",
    "Strategy": "matches.strategies.base",
    "TitForTat": "gradual.players",
    "ValueSurfaces": "gradual.surfaces",
    "WinStayLoseShift": "gradual.players",
    "evolve": "evolution.runs",
    "exact_match": "matches.match",
    "fixation_estimates": "evolution.estimates",
    "frozen_machine": "gradual.frozen",
    "graded_donation_game": "gradual.graded_games",
    "graded_public_good": "gradual.graded_games",
    "graded_round_robin": "tournaments.graded",
    "gradual_tit_for_tat": "matches.strategies.mirrors",
    "incentive_tensors": "mechanism_design.runs",
    "invert_values": "gradual.reward_inversion",
    "judge_population": "population.verdicts",
    "judge_tournament": "tournaments.verdict",
    "learned_family": "gradual.policies",
    "learned_profiles": "mechanism_design.runs",
    "mechanism_design_round": "mechanism_design.law",
    "memory_one": "matches.strategies.base",
    "play_continuous_duels": "gradual.continuous",
    "play_duels": "gradual.duels",
    "play_groups": "gradual.groups",
    "play_match": "matches.match",
    "policy_family": "gradual.policies",
    "q_learning": "matches.strategies.learners",
    "reinforce": "matches.strategies.learners",
    "round_robin": "tournaments.classic",
    "simulate": "mechanism_design.runs",
    "simulate_game": "mechanism_design.any_game",
    "simulate_handover": "handover.runs",
    "simulate_many": "mechanism_design.many_players",
    "simulate_population": "population.runs",
    "standings": "tournaments.classic",
    "strategy": "matches.strategies.catalogue",
    "strategy_names": "matches.strategies.catalogue",
    "value_surfaces": "gradual.surfaces",
}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'simulation' has no attribute {name!r}")
    return getattr(import_module(f"simulation.{_HOME_OF[name]}"), name)
