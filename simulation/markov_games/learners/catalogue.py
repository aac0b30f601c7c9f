"""The project's learners in tables: a law is made of the assessments of all, so that one is compiled for any."""

from __future__ import annotations

from simulation.markov_games.learners.friend_or_foe_q import FoeQ, FriendQ
from simulation.markov_games.learners.independent_q import IndependentQ
from simulation.markov_games.learners.joint_action import JointAction
from simulation.markov_games.learners.minimax_q import MinimaxQ
from simulation.markov_games.learners.tabular import Assess, TabularLearner

TABULAR_LEARNERS: tuple[type[TabularLearner], ...] = (IndependentQ, JointAction, MinimaxQ, FriendQ, FoeQ)


def assessments_of(learners: tuple[TabularLearner, ...]) -> tuple[Assess, ...]:
    """Return the assessments that a law of these learners is made of: all of the project's, or theirs."""
    own = tuple(dict.fromkeys(kind.assess for kind in TABULAR_LEARNERS))
    theirs = tuple(dict.fromkeys(type(one).assess for one in learners))
    return own if set(theirs) <= set(own) else theirs
