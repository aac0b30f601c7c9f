"""All players of graded duels, by name; each lives beside its rules, one file an idea.

A player is a frozen dataclass, as people write it down; its `seat` gives the tables that the law works on.
"""

from __future__ import annotations

from simulation.gradual.conditional_players import BinaryTitForTat as BinaryTitForTat
from simulation.gradual.conditional_players import ConsequentialistCooperator as ConsequentialistCooperator
from simulation.gradual.fixed_player import FixedCooperativeness as FixedCooperativeness
from simulation.gradual.gradual_player import GradualPlayer as GradualPlayer
from simulation.gradual.level_learners import LevelLearner as LevelLearner
from simulation.gradual.probing import ProbingMirror as ProbingMirror
from simulation.gradual.reciprocal_players import Grim as Grim
from simulation.gradual.reciprocal_players import TitForTat as TitForTat
from simulation.gradual.reciprocal_players import WinStayLoseShift as WinStayLoseShift
from simulation.gradual.seats import DuelPlayer as DuelPlayer
