"""Every public function of `theory` meets every kind of wrong argument."""

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import theory
from tests.wrong_arguments import DILEMMA, WRONG, Call, problems_of, public_callables
from theory import altruism
from theory.incentives.implementation import k_implementation
from theory.repeated.zero_determinant import zero_determinant

# What functions return; nobody makes it by hand.
RESULTS = {
    *("BargainingSolution", "Basins", "BatchEquilibria", "BatchVerdict", "CheapestIncentives", "Dominance"),
    *(
        "Confirmation",
        "CorrelatedEquilibrium",
        "Elimination",
        "EmpiricalVerdict",
        "Equilibria",
        "EquilibriumWelfare",
    ),
    *(
        "ExpectedPayment",
        "FairnessDisagreement",
        "FixationTimes",
        "LedgerTables",
        "LinearRelation",
        "LogitEquilibrium",
    ),
    *("FrozenPlayer", "FrozenResponse", "FrozenVerdict"),
    *(
        "MachineResponse",
        "MachinesVerdict",
        "MemoryOneDeviations",
        "MemoryOneResult",
        "MetaVerdict",
        "NashReversion",
        "NetworkGame",
    ),
    *("NoRationalAgreement", "ParetoSlack", "RestPoint", "SelfishnessLevel", "SmallMutationDistribution"),
    *("StrategicGame", "StrictPair", "StrictPairs", "SustainingDiscount", "Trajectory", "Verdict"),
    "WinStayLoseShiftLaw",
    *(
        "AltruismCase",
        "AltruismSurfaces",
        "CooperationThresholds",
        "CooperativenessEstimates",
        "FullAltruism",
    ),
    *("Guarantee", "MirrorFixedPoints", "MirrorTrajectory", "Monotonicity", "MonotonicityClaim"),
    *("MonotonicityCounterexample", "SeparablePayoffs", "WeightInterval"),
}


class Stubborn:
    """A frozen player who always plays action 1."""

    n_actions, loss_bound = (2, 2), None
    start, resolution, lowest = np.zeros(1), np.ones(1), np.full(1, -np.inf)

    def action_probabilities(self, states: Any) -> Any:
        return np.tile([0.0, 1.0], (len(states), 1))

    def next_states(self, states: Any, own: Any, other: Any) -> Any:
        return states


CC = [[1.0, 0.0], [1.0, 0.0]]
MATRIX = [[3.0, 1.0], [4.0, 2.0]]
LINEAR = WRONG["linear dilemma"]
NETWORK = WRONG["network game"]
PROBLEM = theory.BargainingProblem.of(DILEMMA)
TIT_FOR_TAT = theory.MemoryOne(1.0, (1.0, 0.0, 1.0, 0.0))
MACHINE = theory.FiniteState.of_memory_one(TIT_FOR_TAT)
MIRROR = altruism.ActionMirror(0.5)
FROZEN: dict[str, Any] = {"discount": 0.9, "noise": 0.0, "resolution": [1.0], "max_states": 9}
FEASIBLE = theory.FeasibleSet.of(DILEMMA)
JUDGE = {"disagreement": "security", "within": "lotteries", "tolerance": 0.02}
TREE = 'EFG 2 R "t" { "x" }\np "" 1 1 "" { "a" "b" } 0\nt "" 1 "" { 1 }\nt "" 2 "" { 2 }\n'
QUANTECON = SimpleNamespace(
    N=2, payoff_arrays=MATRIX, players=[SimpleNamespace(payoff_array=np.array(MATRIX))] * 2
)
POPULATION: dict[str, Any] = {"process": "birth-death", "accumulation": "mean", "intensity": None}
ON_GRAPH = {"matrix": MATRIX, "size": None, "graph": [(0, 1), (1, 2)], "initial": 1, **POPULATION}
WELL_MIXED = {**ON_GRAPH, "size": 3, "graph": None}


def game_call(function: Callable[..., Any], **more: Any) -> Call:
    """Return a call with a game as its first argument."""
    return Call(function, {"game": DILEMMA, **more})


def read_if_there(read: Callable[[Any], Any], path: Any) -> None:
    """Read a file; one that is not there is the right kind of argument."""
    with suppress(FileNotFoundError):
        read(path)


CALLS = {
    "BargainingProblem": Call(
        theory.BargainingProblem, {"outcomes": [[1, 0], [0, 1]], "disagreement": [0, 0]}
    ),
    "BargainingProblem.of": Call(theory.BargainingProblem.of, {"game": DILEMMA, "disagreement": "security"}),
    "BargainingProblem.utilitarian": Call(PROBLEM.utilitarian, {"rational": False}),
    "BargainingSolution.distance_to": Call(PROBLEM.nash().distance_to, {"payoffs": [1, 1]}),
    "Elimination.original_profile": Call(
        theory.eliminate_dominated(DILEMMA).original_profile, {"profile": [[1.0], [1.0]]}
    ),
    "FairnessDisagreement.distance": Call(
        theory.fairness_disagreement(DILEMMA).distance, {"one": "Nash", "other": "egalitarian"}
    ),
    "FairnessDisagreement.winner": Call(
        theory.fairness_disagreement(DILEMMA).winner, {"notion": "Nash", "rather_than": "egalitarian"}
    ),
    "FeasibleSet": Call(theory.FeasibleSet, {"outcomes": [[1, 0], [0, 1]]}),
    "FeasibleSet.of": game_call(theory.FeasibleSet.of),
    "FeasibleSet.contains": Call(FEASIBLE.contains, {"point": [1, 1], "tolerance": 1e-9}),
    "FeasibleSet.distance_to": Call(FEASIBLE.distance_to, {"point": [1, 1]}),
    "FeasibleSet.individually_rational": Call(FEASIBLE.individually_rational, {"disagreement": [1, 1]}),
    "FeasibleSet.maximise": Call(FEASIBLE.maximise, {"direction": [1, 1]}),
    "FiniteState": Call(
        theory.FiniteState, {"cooperation": (1.0, 0.0), "transitions": ((0, 1), (0, 1)), "start": 0}
    ),
    "FiniteState.of_history": Call(
        theory.FiniteState.of_history,
        {"depth": 1, "cooperation": lambda own, other: 1.0, "sees": "both"},
    ),
    "FiniteState.of_mealy": Call(
        theory.FiniteState.of_mealy,
        {"transitions": [(0, "C", 0, "C"), (0, "D", 0, "D")], "start": 0, "first": "C"},
    ),
    "FiniteState.of_memory_one": Call(theory.FiniteState.of_memory_one, {"rule": TIT_FOR_TAT}),
    "Game": Call(
        theory.Game,
        {
            "payoffs": DILEMMA.payoffs,
            "actions": [["C", "D"]] * 2,
            "players": ["a", "b"],
            "title": "",
            "resolution": None,
        },
    ),
    "Game.action_payoffs": Call(DILEMMA.action_payoffs, {"player": 0, "profile": CC}),
    "Game.inequity_averse": Call(DILEMMA.inequity_averse, {"envy": 0.5, "guilt": 0.5}),
    "Game.altruistic": Call(DILEMMA.altruistic, {"alpha": 0.5, "beta": 0.5}),
    "Game.bimatrix": Call(
        theory.Game.bimatrix,
        {"A": MATRIX, "B": MATRIX, "actions": [["C", "D"]] * 2, "players": ["a", "b"], "title": ""},
    ),
    "Game.check_profile": Call(DILEMMA.check_profile, {"profile": CC}),
    "Game.expected_payoffs": Call(DILEMMA.expected_payoffs, {"profile": CC}),
    "Game.from_nfg": Call(lambda path: read_if_there(theory.Game.from_nfg, path), {"path": "none.nfg"}),
    "Game.name_of": Call(DILEMMA.name_of, {"outcome": (0, 1)}),
    "Game.outcome": Call(DILEMMA.outcome, {"actions": (0, 1)}),
    "Game.pure": Call(DILEMMA.pure, {"actions": (0, 1)}),
    "Game.regrets": Call(DILEMMA.regrets, {"profile": CC}),
    "Game.with_incentives": Call(DILEMMA.with_incentives, {"incentives": np.zeros((2, 2, 2))}),
    "LinearDilemma": Call(
        theory.LinearDilemma,
        {"n_players": 3, "reward": 3, "sucker": 0, "temptation": 4, "punishment": 1, "title": ""},
    ),
    "LinearDilemma.bargaining_point": Call(LINEAR.bargaining_point, {"name": "nash", "disagreement": None}),
    "LinearDilemma.check_profile": Call(LINEAR.check_profile, {"profile": [[1, 0]] * 3}),
    "LinearDilemma.cooperator_payoff": Call(LINEAR.cooperator_payoff, {"cooperators": 2}),
    "LinearDilemma.defector_payoff": Call(LINEAR.defector_payoff, {"cooperators": 2}),
    "LinearDilemma.expected_payoffs": Call(LINEAR.expected_payoffs, {"profile": [[1, 0]] * 3}),
    "LinearDilemma.pareto_slack": Call(LINEAR.pareto_slack, {"payoffs": [1, 1, 1], "within": "lotteries"}),
    "LinearDilemma.profile": Call(LINEAR.profile, {"cooperation": 0.5}),
    "LinearDilemma.regrets": Call(LINEAR.regrets, {"profile": [[1, 0]] * 3}),
    "LinearDilemma.welfare": Call(LINEAR.welfare, {"cooperators": 2}),
    "EquilibriumWelfare.with_found": Call(theory.equilibrium_welfare(DILEMMA).with_found, {"welfare": 2.0}),
    "parse_efg": Call(theory.parse_efg, {"text": TREE, "name": "efg"}),
    "read_efg": Call(lambda path: read_if_there(theory.read_efg, path), {"path": "none.efg"}),
    "MatrixDilemma": Call(
        theory.MatrixDilemma, {"reward": 3, "sucker": 0, "temptation": 4, "punishment": 1, "title": ""}
    ),
    "MemoryOne": Call(theory.MemoryOne, {"first": 1.0, "after": (1.0, 0.0, 1.0, 0.0)}),
    "MemoryOne.with_noise": Call(TIT_FOR_TAT.with_noise, {"noise": 0.1}),
    "NetworkGame.altruistic": Call(NETWORK.altruistic, {"alpha": 0.5}),
    "NetworkGame.bargaining_point": Call(
        NETWORK.bargaining_point, {"name": "nash", "disagreement": None}, answers=False
    ),
    "NetworkGame.pareto_slack": Call(NETWORK.pareto_slack, {"payoffs": [1, 1, 1], "within": "lotteries"}),
    "NetworkGame.sum_over_neighbours": Call(NETWORK.sum_over_neighbours, {"values": np.ones(3)}),
    "NetworkGame.with_incentives": Call(NETWORK.with_incentives, {"incentives": np.zeros((3, 2))}),
    "batch_equilibria": Call(theory.batch_equilibria, {"payoffs": DILEMMA.payoffs[None]}),
    "best_response_to_machine": game_call(
        theory.best_response_to_machine,
        machine=MACHINE,
        player=0,
        discount=0.9,
    ),
    "cheapest_incentives": game_call(
        theory.cheapest_incentives,
        target=(0, 0),
        solution="nash",
        margin=0.0,
        incentive_signs="both",
        bound=None,
        revenue_neutral=False,
        off_path="total",
    ),
    "correlated_regrets": game_call(
        theory.correlated_regrets, distribution=np.full((2, 2), 0.25), coarse=False
    ),
    "disagreement_point": game_call(theory.disagreement_point, disagreement="security"),
    "dominated_actions": game_call(theory.dominated_actions, kind="strict", by="mixed"),
    "eliminate_dominated": game_call(theory.eliminate_dominated, by="mixed"),
    "enforced_relation": Call(
        theory.enforced_relation, {"strategy": TIT_FOR_TAT, "game": DILEMMA, "player": 0, "tolerance": 1e-9}
    ),
    "equilibrium_welfare": game_call(theory.equilibrium_welfare),
    "fairness_disagreement": game_call(theory.fairness_disagreement, disagreement="security"),
    "fixation_probability": Call(theory.fixation_probability, WELL_MIXED),
    "fixation_probability on a graph": Call(theory.fixation_probability, ON_GRAPH),
    "fixation_times": Call(theory.fixation_times, WELL_MIXED),
    "fixation_times on a graph": Call(theory.fixation_times, ON_GRAPH),
    "folk_theorem_set": game_call(theory.folk_theorem_set, punishment="security"),
    "format_nfg": game_call(theory.format_nfg),
    "friedman_discount": game_call(theory.friedman_discount, profile=CC, payoffs=None, reversion_to=None),
    "from_nashpy": Call(theory.from_nashpy, {"game": theory.to_nashpy(DILEMMA), "title": ""}),
    "from_pygambit": Call(theory.from_pygambit, {"game": DILEMMA}),
    "from_quantecon": Call(theory.from_quantecon, {"game": QUANTECON, "title": ""}),
    "confirm_equilibria": game_call(theory.confirm_equilibria, equilibria=theory.nash_equilibria(DILEMMA)),
    "judge": game_call(theory.judge, profile=CC, confirm=False, **JUDGE),
    "judge_batch": Call(theory.judge_batch, {"payoffs": DILEMMA.payoffs[None], "profiles": [CC], **JUDGE}),
    "judge_counts": game_call(theory.judge_counts, counts=[[3, 0], [0, 1]], confidence=0.95, **JUDGE),
    "best_response_to_frozen": game_call(
        theory.best_response_to_frozen, frozen=Stubborn(), player=0, **FROZEN
    ),
    "judge_frozen": game_call(
        theory.judge_frozen, frozen=Stubborn(), role=0, agreement="nash", rounds=10, **FROZEN
    ),
    "judge_machines": game_call(
        theory.judge_machines,
        first=MACHINE,
        second=MACHINE,
        discount=0.9,
        tolerance=1e-6,
    ),
    "judge_meta_game": Call(
        theory.judge_meta_game,
        {"payoffs": MATRIX, "stage_game": DILEMMA, "names": ["a", "b"], "errors": None, "tolerance": 0.02},
    ),
    "judge_plays": game_call(
        theory.judge_plays, plays=[[0, 0], [0, 1]], by_player=False, confidence=0.95, **JUDGE
    ),
    "least_expected_payment": Call(
        theory.least_expected_payment,
        {
            "cooperation": [0.5, 0.5],
            "gradients": [0.1, 0.1],
            "bound": None,
            "incentive_signs": "both",
            "revenue_neutral": False,
            "norm": "total",
        },
    ),
    "linear_dilemma": Call(
        theory.linear_dilemma,
        {"n_players": 3, "greed": 1, "fear": 1, "reward": 3, "punishment": 1, "title": ""},
    ),
    "logit_dynamics": Call(
        theory.logit_dynamics, {"game": MATRIX, "initial": [0.5, 0.5], "rationality": 1.0, "times": [0, 1]}
    ),
    "logit_equilibrium": game_call(theory.logit_equilibrium, rationality=1.0),
    "machine_payoffs": game_call(theory.machine_payoffs, first=MACHINE, second=MACHINE, discount=0.9),
    "MatrixDilemma.tuned": Call(
        theory.matrix_dilemma(greed=1, fear=1).tuned, dict.fromkeys(("greed", "fear", "reward", "punishment"))
    ),
    "LinearDilemma.with_incentives": Call(
        theory.linear_dilemma(3, greed=1, fear=1).with_incentives, {"incentives": [1.0, 0.0]}
    ),
    "matrix_dilemma": Call(
        theory.matrix_dilemma, {"greed": 1, "fear": 1, "reward": 3, "punishment": 1, "title": ""}
    ),
    "memory_one_deviations": game_call(
        theory.memory_one_deviations, rules=np.zeros((2, 5)), discount=0.5, noise=0.1
    ),
    "memory_one_payoffs": Call(
        theory.memory_one_payoffs,
        {
            "first": TIT_FOR_TAT,
            "second": TIT_FOR_TAT,
            "game": DILEMMA,
            "noise": 0.0,
            "discount": None,
            "turns": None,
            "rounds": None,
        },
    ),
    "named_game": Call(theory.named_game, {"name": "chicken"}),
    "nash_equilibria": game_call(theory.nash_equilibria, max_vertices=100, max_supports=100, max_boxes=100),
    "network_game": Call(theory.network_game, {"graph": [(0, 1)], "game": DILEMMA, "accumulation": "mean"}),
    "pareto_optimal_profiles": game_call(theory.pareto_optimal_profiles, within="lotteries", tolerance=1e-6),
    "pareto_slack": game_call(theory.pareto_slack, payoffs=[1, 1], within="lotteries"),
    "parse_nfg": Call(theory.parse_nfg, {"text": DILEMMA.to_nfg(), "name": "nfg"}),
    "pure_equilibria": game_call(theory.pure_equilibria),
    "read_nfg": Call(lambda path: read_if_there(theory.read_nfg, path), {"path": "none.nfg"}),
    "replicator_basins": Call(
        theory.replicator_basins,
        {"matrix": MATRIX, "divisions": 2, "points": None, "duration": 10.0, "tolerance": 0.001},
    ),
    "replicator_dynamics": Call(
        theory.replicator_dynamics, {"game": MATRIX, "initial": [0.5, 0.5], "times": [0, 1]}
    ),
    "replicator_rest_points": Call(theory.replicator_rest_points, {"matrix": MATRIX}),
    "ledger_tables": game_call(theory.ledger_tables, player=0, agreement="nash"),
    "LedgerTables.deterring_budget": Call(
        theory.ledger_tables(DILEMMA, 0).deterring_budget, {"discount": 0.9}
    ),
    "security_levels": game_call(theory.security_levels),
    "selfishness_level": game_call(theory.selfishness_level),
    "small_mutation_distribution": Call(
        theory.small_mutation_distribution, {"matrix": MATRIX, "size": 3, **POPULATION}
    ),
    "stationary_distribution": Call(
        theory.stationary_distribution, {"matrix": MATRIX, "size": 3, "mutation": 0.1, **POPULATION}
    ),
    "subgame_perfect_discount": game_call(
        theory.subgame_perfect_discount, profile=CC, payoffs=None, precision=1e-3, max_iterations=50
    ),
    "strict_memory_one": Call(
        theory.strict_memory_one,
        {"first": TIT_FOR_TAT, "second": TIT_FOR_TAT, "game": DILEMMA, "discount": 0.5, "noise": None},
    ),
    "strict_memory_one_equilibria": game_call(theory.strict_memory_one_equilibria, discount=0.5, noise=None),
    "win_stay_lose_shift_law": game_call(theory.win_stay_lose_shift_law, noise=None),
    "subgame_perfect_payoffs": game_call(
        theory.subgame_perfect_payoffs, discount=0.5, stage_mixtures=True, max_iterations=50
    ),
    "to_nashpy": game_call(theory.to_nashpy),
    "to_pygambit": game_call(theory.to_pygambit),
    "to_quantecon": game_call(theory.to_quantecon),
    "welfare_optimal_correlated_equilibrium": game_call(theory.welfare_optimal_correlated_equilibrium),
    # Not gathered by the package, and as public.
    "implementation.k_implementation": game_call(k_implementation, targets=(0, 0)),
    "zero_determinant.zero_determinant": Call(
        zero_determinant,
        {
            "game": DILEMMA,
            "baseline": 1.0,
            "slope": None,
            "extortion_factor": 2.0,
            "phi": 0.1,
            "first": 1.0,
            "player": 0,
        },
    ),
    # Chapter 5.
    "altruism.ActionMirror": Call(
        altruism.ActionMirror,
        {"threshold": 0.5, "estimator": "mean", "epsilon": 0.0, "threshold_of_other": None},
    ),
    "altruism.ActionMirror.reply": Call(MIRROR.reply, {"seen": 0}),
    "altruism.ActionMirror.weight": Call(MIRROR.weight, {"seen": 0}),
    "altruism.CooperationThresholds.is_equilibrium": Call(
        altruism.cooperation_thresholds(DILEMMA).is_equilibrium, {"alpha": 0.5, "beta": 0.5}
    ),
    "altruism.MirrorFixedPoints.limit": Call(
        altruism.mirror_fixed_points(0.1, 0.1).limit, {"start": (0.0, 0.0), "update": "simultaneous"}
    ),
    "altruism.Monotonicity.claim": Call(
        altruism.monotonicity(DILEMMA).claim, {"payoff": "W", "weight": "alpha"}
    ),
    "altruism.SeparablePayoffs.effects_of": Call(
        altruism.separate_payoffs(theory.Game.bimatrix([[3, 0], [4, 1]], [[3, 4], [0, 1]])).effects_of,
        {"player": 0},
    ),
    "altruism.best_reply_rest_point": game_call(altruism.best_reply_rest_point, start=(0, 0)),
    "altruism.cooperation_thresholds": game_call(altruism.cooperation_thresholds, profile=CC, defection=None),
    "altruism.cooperativeness_estimates": Call(
        altruism.cooperativeness_estimates, {"threshold": 0.5, "estimator": "mean"}
    ),
    "altruism.full_altruism": game_call(altruism.full_altruism),
    "altruism.mirror_fixed_points": Call(altruism.mirror_fixed_points, {"epsilon_1": 0.1, "epsilon_2": 0.1}),
    "altruism.mirror_step": Call(
        altruism.mirror_step,
        {"weights": np.zeros(2), "generosity": (0.1, 0.1), "update": "simultaneous"},
    ),
    "altruism.mirror_trajectory": Call(
        altruism.mirror_trajectory,
        {
            "start": (0.0, 0.0),
            "epsilon_1": 0.1,
            "epsilon_2": 0.1,
            "update": "simultaneous",
            "max_updates": 100,
        },
    ),
    "altruism.mirrored_play": Call(
        altruism.mirrored_play, {"first": MIRROR, "second": MIRROR, "start": (0, 0)}
    ),
    "altruism.monotonicity": game_call(
        altruism.monotonicity,
        alphas=[0, 1],
        betas=[0, 1],
        selection="best-equilibrium",
        start=None,
        rationality=None,
        tolerance=1e-9,
    ),
    "altruism.mutual_defection_is_absorbing": Call(
        altruism.mutual_defection_is_absorbing, {"first": MIRROR, "second": MIRROR}
    ),
    "altruism.reply_interval": game_call(altruism.reply_interval, player=0, profile=CC),
    "altruism.separate_payoffs": game_call(altruism.separate_payoffs),
    "altruism.surfaces": game_call(
        altruism.surfaces,
        alphas=[0, 1],
        betas=[0, 1],
        selection="best-equilibrium",
        start=None,
        rationality=None,
    ),
}

RIGHT_TOO: dict[str, str] = {
    "BargainingProblem.outcomes": "edges",
    "BargainingProblem.of.game": "game; three players",
    "BargainingProblem.utilitarian.rational": "truth",
    "FeasibleSet.outcomes": "edges; matrix",
    "FeasibleSet.of.game": "game; three players",
    "FeasibleSet.contains.tolerance": "large; fraction",
    "Game.actions": "none; numbers as text",
    "Game.players": "none; names",
    "Game.title": "text; digits",
    "Game.inequity_averse.envy": "large; negative; fraction",
    "Game.inequity_averse.guilt": "large; negative; fraction",
    "Game.altruistic.alpha": "large; negative; fraction",
    "Game.altruistic.beta": "large; negative; fraction",
    "Game.resolution": "none",
    "Game.bimatrix.A": "edges",
    "Game.bimatrix.B": "edges",
    "Game.bimatrix.actions": "none; numbers as text",
    "Game.bimatrix.players": "none; names",
    "Game.bimatrix.title": "text; digits",
    "Game.from_nfg.path": "text; digits",
    "LinearDilemma.reward": "large; negative; fraction",
    "LinearDilemma.sucker": "large; negative; fraction",
    "LinearDilemma.temptation": "large; negative; fraction",
    "LinearDilemma.punishment": "large; negative; fraction",
    "LinearDilemma.title": "text; digits",
    "LinearDilemma.bargaining_point.disagreement": "none; negative; fraction",
    "LinearDilemma.cooperator_payoff.cooperators": "large; negative; fraction; empty; cube; edges; matrix",
    "LinearDilemma.defector_payoff.cooperators": "large; negative; fraction; empty; cube; edges; matrix",
    "LinearDilemma.profile.cooperation": "fraction",
    "LinearDilemma.welfare.cooperators": "large; negative; fraction; empty; cube; edges; matrix",
    "EquilibriumWelfare.with_found.welfare": "large; negative; fraction",
    "parse_efg.name": "text; digits",
    "read_efg.path": "text; digits",
    "MatrixDilemma.reward": "large; negative; fraction",
    "MatrixDilemma.sucker": "large; negative; fraction",
    "MatrixDilemma.temptation": "large; negative; fraction",
    "MatrixDilemma.punishment": "large; negative; fraction",
    "MatrixDilemma.title": "text; digits",
    "MatrixDilemma.tuned.greed": "none; large; negative; fraction",
    "MatrixDilemma.tuned.fear": "none; large; negative; fraction",
    "MatrixDilemma.tuned.reward": "none; large; negative; fraction",
    "MatrixDilemma.tuned.punishment": "none; large; negative; fraction",
    "MemoryOne.first": "fraction",
    "MemoryOne.with_noise.noise": "fraction",
    "NetworkGame.altruistic.alpha": "large; negative; fraction",
    "NetworkGame.sum_over_neighbours.values": "cube; matrix",
    "best_response_to_machine.game": "game",
    "best_response_to_machine.discount": "fraction",
    "cheapest_incentives.game": "game",
    "cheapest_incentives.margin": "large; fraction",
    "cheapest_incentives.bound": "none; large; fraction",
    "cheapest_incentives.revenue_neutral": "truth",
    "correlated_regrets.game": "game",
    "correlated_regrets.coarse": "truth",
    "disagreement_point.game": "game; three players; linear dilemma; network game",
    "dominated_actions.game": "game; three players",
    "eliminate_dominated.game": "game; three players",
    "enforced_relation.game": "game",
    "enforced_relation.tolerance": "large; fraction",
    "equilibrium_welfare.game": "game; three players; linear dilemma; network game",
    "fairness_disagreement.game": "game; three players",
    "fairness_disagreement.disagreement": "none",
    "fixation_probability.matrix": "edges",
    "fixation_probability.graph": "none",
    "fixation_probability.intensity": "none; fraction",
    "fixation_probability on a graph.matrix": "edges",
    "fixation_probability on a graph.size": "none",
    "fixation_probability on a graph.graph": "graph; edges; matrix",
    "fixation_probability on a graph.intensity": "none; fraction",
    "fixation_times.matrix": "edges",
    "fixation_times.graph": "none",
    "fixation_times.intensity": "none; fraction",
    "fixation_times on a graph.matrix": "edges",
    "fixation_times on a graph.size": "none",
    "fixation_times on a graph.graph": "graph; edges; matrix",
    "fixation_times on a graph.intensity": "none; fraction",
    "folk_theorem_set.game": "game; three players",
    "format_nfg.game": "game; three players",
    "friedman_discount.game": "game",
    "friedman_discount.payoffs": "none",
    "friedman_discount.reversion_to": "none",
    "from_nashpy.title": "text; digits",
    "from_pygambit.game": "game; three players",
    "from_quantecon.title": "text; digits",
    "judge.game": "game",
    "judge.tolerance": "fraction",
    "judge_batch.payoffs": "game",
    "judge_batch.tolerance": "fraction",
    "judge_counts.game": "game",
    "judge_counts.counts": "edges",
    "judge_counts.confidence": "fraction",
    "judge_counts.tolerance": "fraction",
    "best_response_to_frozen.game": "game",
    "best_response_to_frozen.discount": "fraction",
    "best_response_to_frozen.noise": "fraction",
    "best_response_to_frozen.resolution": "none",
    "judge_frozen.game": "game",
    "judge_frozen.discount": "fraction",
    "judge_frozen.noise": "fraction",
    "judge_frozen.resolution": "none",
    "judge_machines.game": "game",
    "judge_machines.discount": "fraction",
    "judge_machines.tolerance": "large; fraction",
    "judge_meta_game.payoffs": "edges",
    "judge_meta_game.stage_game": "game",
    "judge_meta_game.errors": "none",
    "judge_meta_game.tolerance": "fraction",
    "judge_plays.game": "game",
    "confirm_equilibria.game": "game; three players",
    "confirm_equilibria.equilibria": "none",
    "judge.confirm": "truth",
    "judge_plays.by_player": "truth",
    "judge_plays.confidence": "fraction",
    "judge_plays.tolerance": "fraction",
    "least_expected_payment.bound": "none; large; fraction",
    "least_expected_payment.revenue_neutral": "truth",
    "linear_dilemma.greed": "large; negative; fraction",
    "linear_dilemma.fear": "large; negative; fraction",
    "linear_dilemma.reward": "large; negative; fraction",
    "linear_dilemma.punishment": "large; negative; fraction",
    "linear_dilemma.title": "text; digits",
    "logit_dynamics.game": "game; edges",
    "logit_dynamics.rationality": "large; fraction",
    "logit_equilibrium.game": "game; three players",
    "logit_equilibrium.rationality": "large; fraction",
    "machine_payoffs.game": "game",
    "machine_payoffs.discount": "fraction",
    "matrix_dilemma.greed": "large; negative; fraction",
    "matrix_dilemma.fear": "large; negative; fraction",
    "matrix_dilemma.reward": "large; negative; fraction",
    "matrix_dilemma.punishment": "large; negative; fraction",
    "matrix_dilemma.title": "text; digits",
    "memory_one_deviations.game": "game",
    "memory_one_deviations.discount": "fraction",
    "memory_one_payoffs.game": "game",
    "memory_one_payoffs.noise": "fraction",
    "memory_one_payoffs.discount": "none; fraction",
    "memory_one_payoffs.turns": "none; giant; large",
    "memory_one_payoffs.rounds": "none; giant; large",
    "nash_equilibria.game": "game; three players",
    "network_game.graph": "numbers as text; graph; edges; matrix",
    "network_game.game": "game",
    "pareto_optimal_profiles.game": "game; three players",
    "pareto_optimal_profiles.tolerance": "large; fraction",
    "pareto_slack.game": "game",
    "parse_nfg.name": "text; digits",
    "pure_equilibria.game": "game; three players",
    "read_nfg.path": "text; digits",
    "replicator_basins.matrix": "edges; matrix",
    "replicator_basins.points": "none",
    "replicator_basins.duration": "none; large; fraction",
    "replicator_basins.tolerance": "fraction",
    "replicator_dynamics.game": "game; edges",
    "replicator_rest_points.matrix": "edges; matrix",
    "ledger_tables.game": "game",
    "LedgerTables.deterring_budget.discount": "fraction",
    "security_levels.game": "game; three players; linear dilemma; network game",
    "selfishness_level.game": "game; three players",
    "small_mutation_distribution.matrix": "edges",
    "small_mutation_distribution.intensity": "none; fraction",
    "stationary_distribution.matrix": "edges",
    "stationary_distribution.mutation": "fraction",
    "stationary_distribution.intensity": "none; fraction",
    "subgame_perfect_discount.game": "game",
    "subgame_perfect_discount.payoffs": "none",
    "subgame_perfect_discount.precision": "large; fraction",
    "subgame_perfect_payoffs.game": "game",
    "strict_memory_one.game": "game",
    "strict_memory_one.discount": "fraction",
    "strict_memory_one.noise": "none",
    "strict_memory_one_equilibria.game": "game",
    "strict_memory_one_equilibria.discount": "fraction",
    "strict_memory_one_equilibria.noise": "none",
    "win_stay_lose_shift_law.game": "game",
    "win_stay_lose_shift_law.noise": "none",
    "subgame_perfect_payoffs.discount": "fraction",
    "subgame_perfect_payoffs.stage_mixtures": "truth",
    "to_nashpy.game": "game",
    "to_pygambit.game": "game; three players",
    "to_quantecon.game": "game; three players",
    "welfare_optimal_correlated_equilibrium.game": "game; three players",
    "implementation.k_implementation.game": "game",
    "zero_determinant.zero_determinant.game": "game",
    "zero_determinant.zero_determinant.slope": "none",
    "zero_determinant.zero_determinant.phi": "none",
    "zero_determinant.zero_determinant.first": "fraction",
    "altruism.ActionMirror.threshold": "fraction",
    "altruism.ActionMirror.epsilon": "large; negative; fraction",
    "altruism.ActionMirror.threshold_of_other": "none; fraction",
    "altruism.CooperationThresholds.is_equilibrium.alpha": "large; negative; fraction",
    "altruism.CooperationThresholds.is_equilibrium.beta": "large; negative; fraction",
    "altruism.best_reply_rest_point.game": "game",
    "altruism.cooperation_thresholds.game": "game",
    "altruism.cooperation_thresholds.profile": "none",
    "altruism.cooperation_thresholds.defection": "none",
    "altruism.cooperativeness_estimates.threshold": "fraction",
    "altruism.full_altruism.game": "game; three players",
    "altruism.mirror_fixed_points.epsilon_1": "large; negative; fraction",
    "altruism.mirror_fixed_points.epsilon_2": "large; negative; fraction",
    "altruism.mirror_trajectory.epsilon_1": "large; negative; fraction",
    "altruism.mirror_trajectory.epsilon_2": "large; negative; fraction",
    "altruism.monotonicity.game": "game",
    "altruism.monotonicity.alphas": "none",
    "altruism.monotonicity.betas": "none",
    "altruism.monotonicity.start": "none",
    "altruism.monotonicity.rationality": "none",
    "altruism.monotonicity.tolerance": "large; fraction",
    "altruism.reply_interval.game": "game",
    "altruism.separate_payoffs.game": "game",
    "altruism.surfaces.game": "game",
    "altruism.surfaces.alphas": "none",
    "altruism.surfaces.betas": "none",
    "altruism.surfaces.start": "none",
    "altruism.surfaces.rationality": "none",
}


def test_the_table_holds_every_public_function() -> None:
    public = public_callables(theory, results=RESULTS)
    public |= {f"altruism.{name}" for name in public_callables(altruism, results=RESULTS)}
    modules = {name for name in CALLS if name.split(".")[0] in ("implementation", "zero_determinant")}
    assert {name.removesuffix(" on a graph") for name in CALLS} - modules == public


@pytest.mark.parametrize("name", CALLS)
def test_wrong_arguments_are_refused_with_the_rule_and_the_value(name: str) -> None:
    assert not list(problems_of(name, CALLS[name], RIGHT_TOO))


def test_populations_that_do_not_fit_into_memory_are_refused_with_the_figure() -> None:
    for ask in (theory.fixation_probability, theory.fixation_times, theory.small_mutation_distribution):
        with pytest.raises(ValueError, match=r"size must be at most 10000000 .*, got 1000000000000"):
            ask([[2, 1], [1, 2]], size=10**12)


@pytest.mark.parametrize("number", [np.int64(1), np.float32(1), np.array(1.0), Fraction(1)])
def test_numbers_of_other_libraries_are_numbers(number: Any) -> None:
    assert theory.linear_dilemma(3, greed=number, fear=1) == theory.linear_dilemma(3, greed=1, fear=1)
