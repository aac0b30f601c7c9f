"""All players of graded duels, by name; each lives beside its rules, one file an idea.

A player is a frozen dataclass, as people write it down; its `seat` gives the tables that the law works on.
"""

from __future__ import annotations

from simulation.gradual.players.conditional import BinaryTitForTat as BinaryTitForTat
from simulation.gradual.players.conditional import ConsequentialistCooperator as ConsequentialistCooperator
from simulation.gradual.players.fixed import FixedCooperativeness as FixedCooperativeness
from simulation.gradual.players.gradual import GradualPlayer as GradualPlayer
from simulation.gradual.players.learners import LevelLearner as LevelLearner
from simulation.gradual.players.probing import ProbingMirror as ProbingMirror
from simulation.gradual.players.reciprocal import Grim as Grim
from simulation.gradual.players.reciprocal import TitForTat as TitForTat
from simulation.gradual.players.reciprocal import WinStayLoseShift as WinStayLoseShift
from simulation.gradual.seat import DuelPlayer as DuelPlayer
