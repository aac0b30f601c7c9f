"""Players of graded duels, a file each: what they are tuned by, their tables and their rules.

A new player is a new file and one line here. `simulation.gradual.seat` says what it consists of. A learning rule
plays by `rule_learner`, which brings the rule's functions with it and so needs no place in the list.
"""

from __future__ import annotations

from simulation.gradual.players.binary_tit_for_tat import BinaryTitForTat as BinaryTitForTat
from simulation.gradual.players.conceding_mirror import ConcedingMirror as ConcedingMirror
from simulation.gradual.players.consequentialist_cooperator import (
    ConsequentialistCooperator as ConsequentialistCooperator,
)
from simulation.gradual.players.contrite_tit_for_tat import ContriteTitForTat as ContriteTitForTat
from simulation.gradual.players.firm_but_fair import FirmButFair as FirmButFair
from simulation.gradual.players.fixed_cooperativeness import FixedCooperativeness as FixedCooperativeness
from simulation.gradual.players.fixed_level import FixedLevel as FixedLevel
from simulation.gradual.players.gradual_tit_for_tat import GradualPlayer as GradualPlayer
from simulation.gradual.players.grim import Grim as Grim
from simulation.gradual.players.level_learner import LevelLearner as LevelLearner
from simulation.gradual.players.literal_mirror import LiteralMirror as LiteralMirror
from simulation.gradual.players.memory_one_learner import MemoryOneLearner as MemoryOneLearner
from simulation.gradual.players.outcome_q_learner import OutcomeQLearner as OutcomeQLearner
from simulation.gradual.players.probing_mirror import ProbingMirror as ProbingMirror
from simulation.gradual.players.tit_for_tat import TitForTat as TitForTat
from simulation.gradual.players.win_stay_lose_shift import WinStayLoseShift as WinStayLoseShift
from simulation.gradual.seat import DuelPlayer as DuelPlayer

# All that are imported above. A law tells them apart by their places here.
PLAYERS: tuple[type[DuelPlayer], ...] = tuple(
    kind for kind in tuple(globals().values()) if isinstance(kind, type) and DuelPlayer in kind.__bases__
)
