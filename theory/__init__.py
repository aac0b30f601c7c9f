"""Everything that is true of a game without time: games, equilibria, Pareto sets, bargaining, verdicts.

Names are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theory.bargaining import BargainingProblem as BargainingProblem
    from theory.bargaining import BargainingSolution as BargainingSolution
    from theory.bargaining import NoRationalAgreement as NoRationalAgreement
    from theory.catalogue import named_game as named_game
    from theory.catalogue import named_games as named_games
    from theory.dilemmas import MatrixDilemma as MatrixDilemma
    from theory.dilemmas import matrix_dilemma as matrix_dilemma
    from theory.equilibria import Equilibria as Equilibria
    from theory.equilibria import nash_equilibria as nash_equilibria
    from theory.feasible_set import FeasibleSet as FeasibleSet
    from theory.games import Game as Game
    from theory.games import StrategicGame as StrategicGame
    from theory.linear_dilemmas import LinearDilemma as LinearDilemma
    from theory.linear_dilemmas import linear_dilemma as linear_dilemma
    from theory.logit import LogitEquilibrium as LogitEquilibrium
    from theory.logit import logit_equilibrium as logit_equilibrium
    from theory.nfg import format_nfg as format_nfg
    from theory.nfg import parse_nfg as parse_nfg
    from theory.nfg import read_nfg as read_nfg
    from theory.pareto import pareto_optimal_profiles as pareto_optimal_profiles
    from theory.pareto import pareto_slack as pareto_slack
    from theory.security import disagreement_point as disagreement_point
    from theory.security import security_levels as security_levels
    from theory.verdict import Verdict as Verdict
    from theory.verdict import judge as judge
    from theory.verdict_batch import BatchVerdict as BatchVerdict
    from theory.verdict_batch import judge_batch as judge_batch

_HOME_OF = {
    "BargainingProblem": "bargaining",
    "BargainingSolution": "bargaining",
    "BatchVerdict": "verdict_batch",
    "Equilibria": "equilibria",
    "FeasibleSet": "feasible_set",
    "Game": "games",
    "LinearDilemma": "linear_dilemmas",
    "LogitEquilibrium": "logit",
    "MatrixDilemma": "dilemmas",
    "NoRationalAgreement": "bargaining",
    "StrategicGame": "games",
    "Verdict": "verdict",
    "disagreement_point": "security",
    "format_nfg": "nfg",
    "judge": "verdict",
    "judge_batch": "verdict_batch",
    "linear_dilemma": "linear_dilemmas",
    "logit_equilibrium": "logit",
    "matrix_dilemma": "dilemmas",
    "named_game": "catalogue",
    "named_games": "catalogue",
    "nash_equilibria": "equilibria",
    "pareto_optimal_profiles": "pareto",
    "pareto_slack": "pareto",
    "parse_nfg": "nfg",
    "read_nfg": "nfg",
    "security_levels": "security",
}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'theory' has no attribute {name!r}")
    return getattr(import_module(f"theory.{_HOME_OF[name]}"), name)
