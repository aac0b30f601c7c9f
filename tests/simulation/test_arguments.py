"""Every public function of `simulation` meets every kind of wrong argument."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pytest

import simulation
import theory
from simulation.gradual.seat import DuelPlayer
from simulation.learning.policy_gradient import POLICY_GRADIENT
from simulation.markov_games.games.iterated_game import IteratedGame
from tests.wrong_arguments import DILEMMA, Call, problems_of, public_callables
from theory import MemoryOne

# What functions return, nobody makes it by hand; a law, which only compiled code calls; and what takes any names.
RESULTS = {
    "AgreedPlay",
    "BestResponse",
    "CooperatorEvaluation",
    "DegreesOfCooperation",
    "EnumeratedGame",
    "Experience",
    "FictitiousPlay",
    "MatchResult",
    "NetworkAgent",
    "Outcomes",
    "PolicyFamily",
    "PopulationVerdict",
    "RewardEstimate",
    "Step",
    "SweepPoint",
    "TrainedPlanner",
    "UnsafeMirrorWarning",
    "ValueSurfaces",
    "VerdictCounts",
}
LAWS = {"mechanism_design_round", "LearningRule.tuned", "GradedGame.tuned"}
# What JAX compiles of a game with state, which sees states of the game's own.
RULES_OF_GAMES = {"canonical", "observe", "outcomes", "reset", "step"}
# What drivers and laws ask of a player of duels.
RULES_OF_PLAYERS = {"Memory", "choose", "complaint", "learn", "remember", "start", "table_shape"}


CLIMBING = ("NaiveLearner", "NaturalGradient", "LookAhead", "Lola", "StableOpponentShaping")
IN_TABLES = ("IndependentQ", "JointAction", "MinimaxQ", "FriendQ", "FoeQ")
# What whoever lets learners play asks of them.
RULES_OF_LEARNERS = {"assess", "direction", "refusal"}
# What whoever lets players of games with state meet asks of them.
RULES_OF_MARKOV_PLAYERS = {"begin", "chances", "remember"}
CONDITIONAL = ("ActionMirror", "MarkovConsequentialist", "MarkovTitForTat", "RewardMirror", "StateLedger")


def is_law(name: str) -> bool:
    owner, _, method = name.partition(".")
    if not inspect.isclass(found := getattr(simulation, owner)):
        return name in LAWS
    asked = {
        DuelPlayer: RULES_OF_PLAYERS,
        simulation.FiniteMemory: RULES_OF_MARKOV_PLAYERS,
        simulation.MarkovGame: RULES_OF_GAMES,
        simulation.GradientLearner: RULES_OF_LEARNERS,
        simulation.TabularLearner: RULES_OF_LEARNERS,
    }
    return name in LAWS or any(issubclass(found, kind) and method in asked[kind] for kind in asked)


def with_defaults(function: Callable[..., Any], **given: Any) -> Call:
    """Return a call that gives every argument its default, but for those that are given."""
    if inspect.isclass(function) and hasattr(function, "__dataclass_fields__"):
        right = function(**given)
        return Call(function, {name: getattr(right, name) for name in inspect.signature(function).parameters})
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not parameter.empty
    }
    return Call(function, {**dict.fromkeys(inspect.signature(function).parameters), **defaults, **given})


def a_model(kind: type, parameters: Any, **given: Any) -> Call:
    """Return a call that makes a model of parameters in one piece, whose fields are asked by themselves."""
    signature = inspect.signature(kind)
    of_parameters = {field.name for field in fields(parameters)}

    def make(*given_by_place: Any, **arguments: Any) -> Any:
        return kind(*given_by_place, **arguments)

    own = [one for name, one in signature.parameters.items() if name not in of_parameters]
    make.__dict__["__signature__"] = signature.replace(parameters=own)
    return with_defaults(make, parameters=parameters, rng=1, **given)


QUICK: dict[str, Any] = {"runs": 1, "workers": 1}
PARAMETERS = simulation.MechanismDesignParameters(episodes=3)
GAME_PARAMETERS = simulation.FiniteGameParameters(episodes=3)
HANDOVER = simulation.HandoverParameters(
    planner=simulation.MechanismDesignParameters(
        episodes=3, planner_episodes=1, knowledge="modelled", value_function="decoupled"
    )
)
MANY = simulation.ManyPlayersParameters(n_players=3, episodes=3)
RULE = POLICY_GRADIENT
POPULATION = simulation.PopulationParameters(graph=[(0, 1), (1, 2)], steps=3)
GROUP = simulation.GroupParameters(n_players=3, levels=3, rounds=3)
LEDGERS = simulation.LedgerGroupParameters(n_players=3, rounds=3)
PLAYER = simulation.LiteralMirror(grid_points=5)
FAMILY = simulation.policy_family(DILEMMA, 0)
OTHER_FAMILY = simulation.policy_family(DILEMMA, 1)
GRADED = simulation.graded_donation_game(benefit=2.0, levels=5)
MIRROR = simulation.ContinuousMirror(grid_points=5)
BELIEF = simulation.CooperativenessBelief(np.linspace(0, 1, 5))
TIT_FOR_TAT = simulation.memory_one(1.0, (1.0, 0.0, 1.0, 0.0))
MATCH = {"game": DILEMMA, "turns": 3}


@cache
def played() -> Any:
    return simulation.play_match("grim", "alternator", game=DILEMMA, turns=3)


@cache
def tournament() -> Any:
    return simulation.round_robin(["grim", "alternator"], game=DILEMMA, turns=3, repetitions=2, workers=1)


@cache
def evolved() -> Any:
    return simulation.evolve([[3, 1], [4, 2]], size=5, steps=50, runs=3, workers=1)


@cache
def population_data() -> Any:
    return simulation.simulate_population(POPULATION, runs=1, workers=1)


@cache
def model() -> Any:
    return simulation.MechanismDesign(PARAMETERS, rng=1)


@cache
def coins() -> Any:
    return simulation.CoinGameModel(rng=1)


@cache
def stepped() -> Any:
    population = simulation.Population(POPULATION, rng=1)
    population.step()
    return population


@cache
def pair() -> Any:
    return simulation.GradualPair(PLAYER, PLAYER, game=DILEMMA, rounds=3, rng=1)


@cache
def room() -> Any:
    return simulation.enumerate_game(simulation.EscapeRoom())


def room_state() -> Any:
    return simulation.EscapeRoom().starts()[1]._replace(places=np.array([1, 1]))


@cache
def agreed() -> Any:
    repeated = IteratedGame(game=DILEMMA, remember=False, horizon=8)
    return simulation.agreed_play(simulation.enumerate_game(repeated))


@cache
def conditional(name: str) -> Any:
    kind = getattr(simulation, name)
    if "Mirror" not in name:
        return kind()
    return kind(degrees=simulation.degrees_of_cooperation(agreed().game, temperature=0.5))


def at_random() -> np.ndarray:
    return np.full((2, room().n_states, 3), 1.0 / 3.0)


WIN_STAY = MemoryOne(1.0, (1.0, 0.0, 0.0, 1.0))
LITTLE_TRAINING = simulation.AbsenceTraining(
    generations=1, offspring=2, groups=1, planner_updates=1, updates_after=1
)
LITTLE_SAMPLED_PLANNING = simulation.SampledPlanning(updates=2, environments=4, steps=5)
SEAT = {"game": DILEMMA, "role": 0}
TABLES = theory.ledger_tables(DILEMMA, 0)

# Made when they are needed, since some compile a law.
CALLS: dict[str, Callable[[], Call]] = {
    "sweep": lambda: with_defaults(simulation.sweep, parameters=PARAMETERS, over={"bound": [1.0]}),
    "world": lambda: Call(simulation.world, {"name": "duels"}),
    "BinaryTitForTat": lambda: with_defaults(simulation.BinaryTitForTat),
    "BinaryTitForTat.seat": lambda: Call(simulation.BinaryTitForTat().seat, SEAT),
    "ConsequentialistCooperator": lambda: with_defaults(simulation.ConsequentialistCooperator),
    "ConsequentialistCooperator.seat": lambda: Call(simulation.ConsequentialistCooperator().seat, SEAT),
    "ContinuousMirror": lambda: with_defaults(simulation.ContinuousMirror),
    "CooperativenessBelief": lambda: with_defaults(
        simulation.CooperativenessBelief, grid=np.linspace(0, 1, 5)
    ),
    "CooperativenessBelief.interval": lambda: Call(BELIEF.interval, {"confidence": 0.9}),
    "CooperativenessBelief.update": lambda: Call(BELIEF.update, {"likelihood": np.ones(5)}),
    "CoinGame": lambda: with_defaults(simulation.CoinGame),
    "CoinGameModel": lambda: a_model(simulation.CoinGameModel, simulation.CoinGame()),
    "CoinGameModel.deregister_agent": lambda: Call(coins().deregister_agent, {"agent": None}, answers=False),
    "CoinGameModel.register_agent": lambda: Call(coins().register_agent, {"agent": None}, answers=False),
    "CoinGameModel.reset_rng": lambda: Call(coins().reset_rng, {"rng": 1}),
    "ContinuousDuelParameters": lambda: with_defaults(simulation.ContinuousDuelParameters),
    "DuelParameters": lambda: with_defaults(simulation.DuelParameters),
    "Commons": lambda: with_defaults(simulation.Commons),
    "CountedDebts": lambda: with_defaults(simulation.CountedDebts),
    "EnumeratedGame.place_of": lambda: Call(room().place_of, {"state": room_state()}),
    **{
        name: lambda name=name: Call(
            type(conditional(name)),
            {one.name: getattr(conditional(name), one.name) for one in fields(conditional(name))},
        )
        for name in CONDITIONAL
    },
    **{
        f"{name}.seated": lambda name=name: Call(conditional(name).seated, {"play": agreed(), "role": 0})
        for name in CONDITIONAL
    },
    "MarkovConsequentialist.threshold": lambda: Call(
        simulation.MarkovConsequentialist().threshold, {"play": agreed(), "role": 0}
    ),
    "FiniteMemory": lambda: with_defaults(
        simulation.FiniteMemory,
        role=0,
        policy=np.full((1, 1, 2), 0.5),
        successors=np.zeros((1, 1, 4), dtype=int),
    ),
    "CooperatorEvaluation.judge": lambda: with_defaults(
        simulation.evaluate_cooperator(agreed(), conditional("MarkovTitForTat"), runs=2).judge
    ),
    "agreed_play": lambda: with_defaults(simulation.agreed_play, game=agreed().game),
    "degrees_of_cooperation": lambda: with_defaults(
        simulation.degrees_of_cooperation, game=agreed().game, temperature=0.5
    ),
    "evaluate_cooperator": lambda: with_defaults(
        simulation.evaluate_cooperator, play=agreed(), cooperator=conditional("MarkovTitForTat"), runs=2
    ),
    "play_markov_game": lambda: with_defaults(
        simulation.play_markov_game,
        play=agreed(),
        first=conditional("MarkovTitForTat"),
        second=agreed().safe[1],
        runs=2,
    ),
    "AbsenceTraining": lambda: with_defaults(simulation.AbsenceTraining),
    "GradientPlanner": lambda: with_defaults(simulation.GradientPlanner),
    "LeavingParameters": lambda: with_defaults(simulation.LeavingParameters, game=DILEMMA),
    "MemoryOneGradient": lambda: with_defaults(simulation.MemoryOneGradient, name="natural"),
    "TablePlanner": lambda: with_defaults(simulation.TablePlanner, incentives=np.zeros((2, 5, 4))),
    "simulate_leaving": lambda: with_defaults(
        simulation.simulate_leaving,
        parameters=simulation.LeavingParameters(game=DILEMMA, updates=200),
        runs=1,
    ),
    "train_for_absence": lambda: with_defaults(
        simulation.train_for_absence,
        parameters=simulation.LeavingParameters(game=DILEMMA),
        training=LITTLE_TRAINING,
    ),
    "tutor": lambda: with_defaults(simulation.tutor, target=WIN_STAY),
    "climb_together": lambda: with_defaults(
        simulation.climb_together,
        first=simulation.Lola(),
        second=simulation.NaiveLearner(),
        game=DILEMMA,
        updates=2,
        runs=1,
    ),
    "fictitious_play": lambda: with_defaults(simulation.fictitious_play, game=DILEMMA, rounds=5),
    "learn_in_tables": lambda: with_defaults(
        simulation.learn_in_tables,
        game=room(),
        learners=simulation.IndependentQ(),
        discount=0.9,
        steps=5,
        **QUICK,
    ),
    **{name: lambda name=name: with_defaults(getattr(simulation, name)) for name in (*CLIMBING, *IN_TABLES)},
    "InequityAverse": lambda: with_defaults(simulation.InequityAverse, game=simulation.EscapeRoom()),
    "EscapeRoom": lambda: with_defaults(simulation.EscapeRoom),
    "EscapeRoomModel": lambda: a_model(
        simulation.EscapeRoomModel, simulation.EscapeRoom(), policies=at_random()
    ),
    "ExactPlanning": lambda: with_defaults(simulation.ExactPlanning),
    "FiniteGameParameters": lambda: with_defaults(simulation.FiniteGameParameters),
    "FiniteGameParameters.start": lambda: Call(
        GAME_PARAMETERS.start, {"generator": np.random.default_rng(1)}
    ),
    "FiniteGameParameters.warn_if_out_of_reach": lambda: Call(
        GAME_PARAMETERS.warn_if_out_of_reach, {"stacklevel": 2}
    ),
    "FixedCooperativeness": lambda: with_defaults(simulation.FixedCooperativeness),
    "FixedCooperativeness.seat": lambda: Call(simulation.FixedCooperativeness().seat, SEAT),
    "Functions": lambda: with_defaults(
        simulation.Functions, cooperation=lambda *_: 1.0, update=lambda *_: None, memory=(0.0,)
    ),
    "GradedGame": lambda: with_defaults(
        simulation.GradedGame,
        payoffs_of_levels=lambda levels: np.array([levels[1] - levels[0], levels[0] - levels[1]]),
        n_players=2,
        levels=3,
    ),
    "GradedGame.payoffs_at": lambda: Call(GRADED.payoffs_at, {"levels": [0.5, 0.5]}),
    "GradualGroup": lambda: a_model(simulation.GradualGroup, LEDGERS),
    "Grim.seat": lambda: Call(simulation.Grim().seat, SEAT),
    "GradualPair": lambda: with_defaults(simulation.GradualPair, game=DILEMMA, rounds=3, rng=1),
    "GradualPlayer": lambda: with_defaults(simulation.GradualPlayer),
    "GradualPlayer.loss_budget_in": lambda: Call(
        simulation.GradualPlayer().loss_budget_in, {"tables": TABLES}
    ),
    "GradualPlayer.numbers_in": lambda: Call(simulation.GradualPlayer().numbers_in, {"tables": TABLES}),
    "GradualPlayer.seat": lambda: Call(simulation.GradualPlayer().seat, SEAT),
    "GradualPlayer.tables": lambda: Call(simulation.GradualPlayer().tables, SEAT),
    "ConcedingMirror": lambda: with_defaults(simulation.ConcedingMirror),
    "ConcedingMirror.seat": lambda: Call(simulation.ConcedingMirror().seat, SEAT),
    "ConcedingMirror.terms": lambda: Call(simulation.ConcedingMirror().terms, SEAT),
    "ContriteTitForTat": lambda: with_defaults(simulation.ContriteTitForTat),
    "ContriteTitForTat.seat": lambda: Call(simulation.ContriteTitForTat().seat, SEAT),
    "FixedLevel": lambda: with_defaults(simulation.FixedLevel),
    "FixedLevel.seat": lambda: Call(simulation.FixedLevel().seat, SEAT),
    "FirmButFair": lambda: with_defaults(simulation.FirmButFair),
    "FirmButFair.seat": lambda: Call(simulation.FirmButFair().seat, SEAT),
    "GradualTitForTat": lambda: Call(
        simulation.GradualTitForTat, {"model": pair(), "role": 0}, answers=False
    ),
    "LiteralMirror": lambda: with_defaults(simulation.LiteralMirror),
    "LiteralMirror.policies": lambda: Call(PLAYER.policies, SEAT),
    "LiteralMirror.seat": lambda: Call(PLAYER.seat, SEAT),
    "LiteralMirrorAgent": lambda: Call(
        simulation.LiteralMirrorAgent, {"model": pair(), "role": 0}, answers=False
    ),
    "LiteralMirrorAgent.interval": lambda: Call(pair().players[0].interval, {"confidence": 0.9}),
    "GroupParameters": lambda: with_defaults(simulation.GroupParameters),
    "LedgerGroupParameters": lambda: with_defaults(simulation.LedgerGroupParameters),
    "GuidedPair": lambda: a_model(simulation.GuidedPair, HANDOVER),
    "HandoverParameters": lambda: with_defaults(simulation.HandoverParameters),
    "HandoverParameters.constants": lambda: Call(HANDOVER.constants, {"burn_in": 1}),
    "HandoverParameters.start": lambda: Call(HANDOVER.start, {"generator": np.random.default_rng(1)}),
    "Learner": lambda: Call(simulation.Learner, {"model": model(), "player": 0}, answers=False),
    "LearningRule": lambda: Call(
        simulation.LearningRule,
        {
            "name": "mine",
            "memory": {"x": 0.0},
            "cooperation": RULE.cooperation,
            "learn": RULE.learn,
            "tunables": {},
            "policy_parameter": None,
            "expects": False,
            "source": "",
        },
    ),
    "LearningRule.start": lambda: Call(RULE.start, {"theta": 0.0}),
    "RuleLearner": lambda: with_defaults(simulation.RuleLearner),
    "RuleLearner.seat": lambda: Call(simulation.RuleLearner().seat, SEAT),
    "MemoryOneLearner": lambda: with_defaults(simulation.MemoryOneLearner),
    "MemoryOneLearner.seat": lambda: Call(simulation.MemoryOneLearner().seat, SEAT),
    "OutcomeQLearner": lambda: with_defaults(simulation.OutcomeQLearner),
    "OutcomeQLearner.seat": lambda: Call(simulation.OutcomeQLearner().seat, SEAT),
    "LevelLearner": lambda: with_defaults(simulation.LevelLearner),
    "LevelLearner.seat": lambda: Call(simulation.LevelLearner().seat, SEAT),
    "LevelLearner.table_shape": lambda: Call(simulation.LevelLearner().table_shape, SEAT),
    "ManyPlayersParameters": lambda: with_defaults(simulation.ManyPlayersParameters),
    "MatchResult.trace": lambda: Call(played().trace, {"repetition": 0}),
    "MechanismDesign": lambda: a_model(simulation.MechanismDesign, PARAMETERS),
    "MechanismDesignParameters": lambda: with_defaults(simulation.MechanismDesignParameters),
    "MechanismDesignParameters.start": lambda: Call(
        PARAMETERS.start, {"generator": np.random.default_rng(1)}
    ),
    "MechanismDesignParameters.warn_if_out_of_reach": lambda: Call(
        PARAMETERS.warn_if_out_of_reach, {"stacklevel": 2}
    ),
    "NetworkDescription": lambda: with_defaults(simulation.NetworkDescription),
    "Planner": lambda: Call(simulation.Planner, {"model": model()}, answers=False),
    "PolicyFamily.mean_actions": lambda: Call(FAMILY.mean_actions, {"of_actions": [0.0, 1.0]}),
    "Population": lambda: a_model(simulation.Population, POPULATION),
    "Population.judge": lambda: Call(stepped().judge, {"tolerance": 0.02}),
    "PopulationParameters": lambda: with_defaults(simulation.PopulationParameters),
    "PopulationParameters.rules_of_agents": lambda: Call(
        POPULATION.rules_of_agents, {"generator": np.random.default_rng(1)}
    ),
    "PopulationParameters.has": lambda: Call(POPULATION.has, {"name": "learner"}),
    "PopulationParameters.start": lambda: Call(POPULATION.start, {"generator": np.random.default_rng(1)}),
    "PopulationParameters.welfare_index": lambda: Call(POPULATION.welfare_index, {"mean_payoff": 1.0}),
    "ProbingMirror": lambda: with_defaults(simulation.ProbingMirror),
    "ProbingMirror.seat": lambda: Call(simulation.ProbingMirror().seat, SEAT),
    "Strategy": lambda: Call(
        simulation.Strategy, {"name": "a", "rule": MemoryOne(1.0, (1.0, 0.0, 1.0, 0.0)), "source": ""}
    ),
    "TitForTat": lambda: with_defaults(simulation.TitForTat),
    "TitForTat.seat": lambda: Call(simulation.TitForTat().seat, SEAT),
    "WinStayLoseShift.seat": lambda: Call(simulation.WinStayLoseShift().seat, SEAT),
    "best_response": lambda: with_defaults(
        simulation.best_response, game=room(), policies=at_random(), player=0
    ),
    "best_welfare": lambda: with_defaults(simulation.best_welfare, game=room()),
    "discounted_values": lambda: Call(
        simulation.discounted_values, {"game": room(), "policies": at_random(), "discount": 0.9}
    ),
    "environment_against": lambda: with_defaults(
        simulation.environment_against, opponent="tit-for-tat", game=DILEMMA
    ),
    "enumerate_game": lambda: with_defaults(simulation.enumerate_game, game=simulation.EscapeRoom()),
    "episode_values": lambda: with_defaults(simulation.episode_values, game=room(), policies=at_random()),
    "evolve": lambda: with_defaults(simulation.evolve, matrix=[[3, 1], [4, 2]], size=5, steps=10, workers=1),
    "evolve on a graph": lambda: with_defaults(
        simulation.evolve, matrix=[[3, 1], [4, 2]], graph=[(0, 1), (1, 2)], steps=10, workers=1
    ),
    "exact_match": lambda: with_defaults(simulation.exact_match, a="grim", b="alternator", **MATCH),
    "fixation_estimates": lambda: with_defaults(simulation.fixation_estimates, data=evolved()),
    "frozen_ledger": lambda: with_defaults(
        simulation.frozen_ledger, player=simulation.GradualPlayer(), game=DILEMMA, role=0
    ),
    "frozen_machine": lambda: with_defaults(
        simulation.frozen_machine, player=PLAYER, game=DILEMMA, role=0, max_states=500, resolution=0.1
    ),
    "gradual_tit_for_tat": lambda: with_defaults(
        simulation.gradual_tit_for_tat, player=simulation.GradualPlayer(trust=0.5)
    ),
    "graded_donation_game": lambda: with_defaults(simulation.graded_donation_game, levels=5),
    "graded_public_good": lambda: with_defaults(simulation.graded_public_good, levels=3),
    "graded_round_robin": lambda: with_defaults(
        simulation.graded_round_robin,
        players={"a": simulation.TitForTat(), "b": simulation.Grim()},
        game=DILEMMA,
        rounds=3,
        runs=2,
        workers=1,
    ),
    "frequency_mirror": lambda: with_defaults(simulation.frequency_mirror),
    "incentive_tensors": lambda: Call(simulation.incentive_tensors, {"incentive": np.zeros((1, 4, 2))}),
    "invert_values": lambda: with_defaults(
        simulation.invert_values, grid=[0.0, 0.5, 1.0], values=[0.0, 1.0, 2.0], reward=1.0
    ),
    "judge_policies": lambda: with_defaults(simulation.judge_policies, game=room(), policies=at_random()),
    "judge_population": lambda: with_defaults(
        simulation.judge_population, parameters=POPULATION, data=population_data()
    ),
    "judge_runs": lambda: with_defaults(
        simulation.judge_runs,
        world=simulation.world("mechanism-design"),
        parameters=PARAMETERS,
        data=simulation.simulate(PARAMETERS, **QUICK, record="summary"),
    ),
    "count_verdicts": lambda: with_defaults(
        simulation.count_verdicts,
        judged=simulation.judge_runs(
            simulation.world("mechanism-design"),
            PARAMETERS,
            simulation.simulate(PARAMETERS, **QUICK, record="summary"),
        ),
    ),
    "judge_tournament": lambda: with_defaults(simulation.judge_tournament, data=tournament(), draws=10),
    "plan_by_episodes": lambda: with_defaults(
        simulation.plan_by_episodes, game=room(), parameters=LITTLE_SAMPLED_PLANNING, runs=1
    ),
    "plan_exactly": lambda: with_defaults(
        simulation.plan_exactly, game=room(), parameters=simulation.ExactPlanning(updates=2), runs=1
    ),
    "SampledPlanning": lambda: with_defaults(simulation.SampledPlanning),
    "learned_family": lambda: with_defaults(
        simulation.learned_family, game=DILEMMA, player=0, steps=2, weights=[0.0, 1.0]
    ),
    "learned_profiles": lambda: Call(
        simulation.learned_profiles, {"cooperation_probability": np.full((1, 2), 0.5)}
    ),
    "memory_one": lambda: with_defaults(simulation.memory_one, first=1.0, after=(1.0, 0.0, 1.0, 0.0)),
    "play_continuous_duels": lambda: with_defaults(
        simulation.play_continuous_duels, first=MIRROR, second=MIRROR, game=GRADED, rounds=3, workers=1
    ),
    "parallel_environment": lambda: with_defaults(simulation.parallel_environment, game=DILEMMA),
    "play_duels": lambda: with_defaults(
        simulation.play_duels, first=PLAYER, second=PLAYER, game=DILEMMA, rounds=3, workers=1
    ),
    "play_groups": lambda: with_defaults(simulation.play_groups, parameters=GROUP, workers=1),
    "play_match": lambda: with_defaults(simulation.play_match, a="grim", b="alternator", **MATCH),
    "policy_family": lambda: with_defaults(
        simulation.policy_family, game=DILEMMA, player=0, weights=[0.0, 1.0]
    ),
    "q_learning": lambda: with_defaults(simulation.q_learning),
    "reinforce": lambda: with_defaults(simulation.reinforce),
    "round_robin": lambda: with_defaults(
        simulation.round_robin,
        strategies=["grim", "alternator"],
        game=DILEMMA,
        turns=3,
        repetitions=2,
        workers=1,
    ),
    "simulate": lambda: with_defaults(simulation.simulate, parameters=PARAMETERS, **QUICK),
    "simulate_game": lambda: with_defaults(simulation.simulate_game, parameters=GAME_PARAMETERS, **QUICK),
    "simulate_handover": lambda: with_defaults(
        simulation.simulate_handover, parameters=HANDOVER, burn_in=1, **QUICK
    ),
    "simulate_many": lambda: with_defaults(simulation.simulate_many, parameters=MANY, **QUICK),
    "simulate_population": lambda: with_defaults(
        simulation.simulate_population, parameters=POPULATION, **QUICK
    ),
    "standings": lambda: Call(simulation.standings, {"data": tournament(), "names": ["grim", "alternator"]}),
    "strategy": lambda: Call(simulation.strategy, {"name": "grim"}),
    "value_surfaces": lambda: with_defaults(
        simulation.value_surfaces, game=DILEMMA, first=FAMILY, second=OTHER_FAMILY, rounds=3
    ),
}

RIGHT_TOO: dict[str, str] = {
    "ContinuousDuelParameters.burn_in": "none",
    "ContinuousDuelParameters.noise": "fraction",
    "ContinuousDuelParameters.start": "none",
    "DuelParameters.burn_in": "none",
    "DuelParameters.game": "game",
    "DuelParameters.misreading": "fraction",
    "DuelParameters.noise": "fraction",
    "DuelParameters.start": "none",
    "judge_runs.tolerance": "fraction",
    "environment_against.game": "game",
    "environment_against.horizon": "none",
    "environment_against.misreading": "fraction",
    "environment_against.planner": "none",
    "environment_against.render_mode": "none",
    "parallel_environment.game": "game; three players; linear dilemma; network game",
    "parallel_environment.horizon": "none",
    "parallel_environment.masked": "truth",
    "parallel_environment.noise": "fraction",
    "parallel_environment.render_mode": "none",
    "sweep.variables": "empty; names",
    "sweep.map": "class",
    "sweep.over": "mapping",
    "sweep.seed": "none; giant; large",
    "sweep.world": "none",
    "CoinGame.stay": "truth",
    "CoinGame.anywhere": "truth",
    "CoinGame.coin": "fraction",
    "CoinGame.loss": "fraction",
    "CoinGameModel.parameters": "none",
    "CoinGameModel.policies": "none",
    "CoinGameModel.rng": "none; giant; large",
    "CoinGameModel.seed": "none",
    "CoinGameModel.model_reporters": "none; mapping",
    "CoinGameModel.agent_reporters": "none; mapping",
    "Commons.growth": "fraction",
    **{
        f"{name}.{field}": "fraction"
        for name, own in {
            "ActionMirror": ("epsilon", "remembered"),
            "RewardMirror": ("epsilon", "tau"),
            "MarkovTitForTat": ("threshold", "multiplier", "grid_step"),
            "MarkovConsequentialist": ("share", "surplus_cap", "grid_step"),
            "StateLedger": ("credit", "loss_budget", "account_cap", "ledger_step", "account_step"),
            "LeavingParameters": ("discount", "deviation", "kick"),
        }.items()
        for field in own
    },
    "CooperatorEvaluation.judge.tolerance": "fraction",
    "agreed_play.discount": "fraction",
    "degrees_of_cooperation.discount": "fraction",
    "degrees_of_cooperation.temperature": "fraction",
    "evaluate_cooperator.seed": "giant; large",
    "play_markov_game.steps": "none",
    "play_markov_game.noise": "fraction",
    "play_markov_game.seed": "giant; large",
    "AbsenceTraining.bound": "large; fraction",
    "AbsenceTraining.spread": "large; fraction",
    "AbsenceTraining.rate": "large; fraction",
    "GradientPlanner.bound": "large; fraction",
    "GradientPlanner.rate": "large; fraction",
    "LeavingParameters.game": "game; three players",
    "LeavingParameters.planner": "none",
    "LeavingParameters.start": "none",
    "MemoryOneGradient.rate": "none; large; fraction",
    "TablePlanner.incentives": "cube",
    "simulate_leaving.seed": "giant; large",
    "train_for_absence.among": "none",
    "train_for_absence.seed": "giant; large",
    "tutor.bound": "large; fraction",
    "climb_together.game": "game",
    "climb_together.discount": "fraction",
    "climb_together.deviation": "fraction",
    "climb_together.seed": "giant; large",
    "fictitious_play.game": "game",
    "learn_in_tables.discount": "fraction",
    "learn_in_tables.seed": "giant; large",
    "learn_in_tables.workers": "none",
    **{
        f"{name}.{field}": accepted
        for name in CLIMBING
        for field, accepted in {
            "rate": "large; fraction",
            **dict.fromkeys(("lookahead_rate", "most_undone", "at_rest"), "fraction"),
        }.items()
    },
    **{
        f"{name}.{field}": accepted
        for name in IN_TABLES
        for field, accepted in {
            **dict.fromkeys(("rate", "exploration", "temperature", "cooling"), "fraction"),
            "last_rate": "none; fraction",
            "least_temperature": "large; fraction",
            "first_value": "large; negative; fraction",
        }.items()
    },
    "JointAction.optimistic": "truth",
    "InequityAverse.envy": "fraction",
    "InequityAverse.guilt": "fraction",
    "EscapeRoom.escape": "fraction",
    "EscapeRoom.move": "fraction",
    "EscapeRoomModel.parameters": "none",
    "EscapeRoomModel.policies": "none",
    "EscapeRoomModel.rng": "none; giant; large",
    "EscapeRoomModel.seed": "none",
    "EscapeRoomModel.model_reporters": "none; mapping",
    "EscapeRoomModel.agent_reporters": "none; mapping",
    "ExactPlanning.bound": "large; fraction",
    "ExactPlanning.budget_limit": "none",
    "ExactPlanning.discount": "fraction",
    "ExactPlanning.learner_rate": "large; fraction",
    "ExactPlanning.planner_rate": "large; fraction",
    "ExactPlanning.cost": "fraction",
    "ExactPlanning.final_cost": "none; fraction",
    "ExactPlanning.entropy": "fraction",
    "ExactPlanning.final_entropy": "none; fraction",
    "ExactPlanning.tremble": "fraction",
    "ExactPlanning.deviation": "fraction",
    "SampledPlanning.bound": "large; fraction",
    "SampledPlanning.budget_limit": "none",
    "SampledPlanning.discount": "fraction",
    "SampledPlanning.learner_rate": "large; fraction",
    "SampledPlanning.planner_rate": "large; fraction",
    "SampledPlanning.cost": "fraction",
    "SampledPlanning.final_cost": "none; fraction",
    "SampledPlanning.entropy": "fraction",
    "SampledPlanning.final_entropy": "none; fraction",
    "SampledPlanning.tremble": "fraction",
    "SampledPlanning.steps": "none",
    "SampledPlanning.critic_rate": "large; fraction",
    "SampledPlanning.advantage_decay": "fraction",
    "SampledPlanning.trace": "truth",
    "SampledPlanning.model_rate": "large; fraction",
    "plan_exactly.policies": "none",
    "plan_exactly.measures": "none; mapping",
    "plan_exactly.seed": "giant; large",
    "plan_exactly.checkpoint": "none; text; digits",
    "plan_by_episodes.policies": "none",
    "plan_by_episodes.measures": "none; mapping",
    "plan_by_episodes.seed": "giant; large",
    "plan_by_episodes.checkpoint": "none; text; digits",
    "best_response.discount": "none; fraction",
    "best_welfare.horizon": "none",
    "discounted_values.discount": "fraction",
    "episode_values.horizon": "none",
    "judge_policies.incentives": "none",
    "judge_policies.tolerance": "fraction",
    "judge_policies.title": "text; digits",
    "CoinGameModel.reset_rng.rng": "none; giant; large",
    "BinaryTitForTat.debit_limit": "large; fraction",
    "BinaryTitForTat.factor": "large; fraction",
    "BinaryTitForTat.form": "none",
    "BinaryTitForTat.seat.game": "game",
    "ConsequentialistCooperator.share": "fraction",
    "ConsequentialistCooperator.rate": "fraction",
    "ConsequentialistCooperator.seat.game": "game",
    "ContinuousMirror.epsilon": "negative; fraction",
    "ContinuousMirror.uncertainty_factor": "large; fraction",
    "ContinuousMirror.forgetting": "fraction",
    "ContinuousMirror.tremble": "fraction",
    "ContinuousMirror.spread": "large; fraction",
    "ContinuousMirror.believed_game": "none",
    "CooperativenessBelief.prior": "none",
    "CooperativenessBelief.forgetting": "fraction",
    "CooperativenessBelief.interval.confidence": "fraction",
    "FiniteGameParameters.game": "game; three players",
    "FiniteGameParameters.planner_episodes": "none",
    "FiniteGameParameters.planner_retires": "truth",
    "FiniteGameParameters.initial_last_action": "none; fraction",
    "FiniteGameParameters.initial_deviation": "large; fraction",
    "FiniteGameParameters.learning_rate": "large; fraction",
    "FiniteGameParameters.planner_learning_rate": "large; fraction",
    "FiniteGameParameters.lookahead_rate": "large; fraction",
    "FiniteGameParameters.budget_limit": "none",
    "FiniteGameParameters.bound": "large; fraction",
    "FiniteGameParameters.cost": "large; fraction",
    "FiniteGameParameters.planner_scale": "large; fraction",
    "ConcedingMirror.concessions": "empty",
    "ConcedingMirror.notions": "empty",
    "ConcedingMirror.seat.game": "game",
    "ConcedingMirror.terms.game": "game",
    "FixedCooperativeness.beta": "negative; fraction",
    "FixedCooperativeness.later": "none; negative; fraction",
    "FixedCooperativeness.rationality": "none",
    "FixedCooperativeness.seat.game": "game",
    "Functions.memory": "empty",
    "Functions.memory_depth": "infinity; large; fraction",
    "Functions.is_stochastic": "truth",
    "Functions.compiles": "truth",
    "GradedGame.title": "text; digits",
    "GradualGroup.parameters": "none",
    "GradualGroup.rng": "none; giant; large",
    "GradualGroup.seed": "none",
    "GradualGroup.model_reporters": "none; mapping",
    "GradualGroup.agent_reporters": "none; mapping",
    "GradualPair.first": "none",
    "GradualPair.second": "none",
    "GradualPair.game": "none; game",
    "GradualPair.noise": "fraction",
    "GradualPair.misreading": "fraction",
    "GradualPair.start": "none",
    "GradualPair.burn_in": "none",
    "GradualPair.parameters": "none",
    "GradualPair.rng": "none; giant; large",
    "GradualPair.seed": "none",
    "GradualPair.model_reporters": "none; mapping",
    "GradualPair.agent_reporters": "none; mapping",
    "GradualPlayer.credit": "large; fraction",
    "GradualPlayer.severity": "fraction",
    "GradualPlayer.offer_probability": "fraction",
    "GradualPlayer.offer_decay": "fraction",
    "GradualPlayer.calm": "large; fraction",
    "GradualPlayer.loss_budget": "none; large; fraction",
    "GradualPlayer.patience": "fraction",
    "GradualPlayer.margin": "large; fraction",
    "GradualPlayer.account_cap": "large; fraction",
    "GradualPlayer.most_claimed": "large; fraction",
    "GradualPlayer.trust": "fraction",
    "Grim.seat.game": "game",
    "GradualPlayer.seat.game": "game",
    "GradualPlayer.tables.game": "game",
    "LiteralMirror.epsilon": "negative; fraction",
    "LiteralMirror.uncertainty_factor": "large; fraction",
    "LiteralMirror.forgetting": "fraction",
    "LiteralMirror.tremble": "fraction",
    "LiteralMirror.reward_share": "fraction",
    "LiteralMirror.reward_rate": "fraction",
    "LiteralMirror.prior": "none",
    "LiteralMirror.other_forms": "empty",
    "LiteralMirror.rationality": "none",
    "LiteralMirror.believed_game": "none; game",
    "LiteralMirror.families": "none",
    "LiteralMirror.probe_probability": "fraction",
    "LiteralMirror.probe_in_doubt": "truth",
    "LiteralMirror.probe_budget": "large; fraction",
    "LiteralMirror.probe_cap": "large; fraction",
    "LiteralMirror.policies.game": "game",
    "LiteralMirror.seat.game": "game",
    "LiteralMirrorAgent.interval.confidence": "fraction",
    "ContriteTitForTat.begins_provoked": "truth",
    "ContriteTitForTat.seat.game": "game",
    "GroupParameters.benefit": "large; fraction",
    "GroupParameters.cost": "large; fraction",
    "GroupParameters.exponent": "fraction",
    "GroupParameters.epsilon": "negative; fraction",
    "GroupParameters.stubborn": "empty",
    "LedgerGroupParameters.benefit": "large; fraction",
    "LedgerGroupParameters.cost": "large; fraction",
    "LedgerGroupParameters.exponent": "fraction",
    "LedgerGroupParameters.noise": "fraction",
    "LedgerGroupParameters.stubborn_levels": "empty",
    "GroupParameters.forgetting": "fraction",
    "GroupParameters.tremble": "fraction",
    "GroupParameters.noise": "fraction",
    "GuidedPair.parameters": "none",
    "GuidedPair.rng": "none; giant; large",
    "GuidedPair.seed": "none",
    "GuidedPair.model_reporters": "none; mapping",
    "GuidedPair.agent_reporters": "none; mapping",
    "HandoverParameters.noise": "fraction",
    "HandoverParameters.informed": "truth",
    "HandoverParameters.defected_before": "truth",
    "LearningRule.name": "text; digits",
    "LearningRule.source": "text; digits",
    "LearningRule.tunables": "mapping",
    "LearningRule.policy_parameter": "none",
    "LearningRule.expects": "truth",
    "LearningRule.start.theta": "large; negative; fraction",
    "RuleLearner.initial_cooperation": "fraction",
    "RuleLearner.seat.game": "game",
    "MemoryOneLearner.learning_rate": "large; fraction",
    "MemoryOneLearner.discount": "fraction",
    "MemoryOneLearner.initial_cooperation": "fraction",
    "MemoryOneLearner.seat.game": "game",
    "OutcomeQLearner.learning_rate": "large; fraction",
    "OutcomeQLearner.discount": "fraction",
    "OutcomeQLearner.exploration": "fraction",
    "OutcomeQLearner.expected_cooperation": "fraction",
    "OutcomeQLearner.seat.game": "game",
    "LevelLearner.learning_rate": "large; fraction",
    "LevelLearner.discount": "fraction",
    "LevelLearner.exploration": "fraction",
    "LevelLearner.seat.game": "game",
    "LevelLearner.table_shape.game": "game",
    "ManyPlayersParameters.greed": "large; negative; fraction",
    "ManyPlayersParameters.fear": "large; negative; fraction",
    "ManyPlayersParameters.planner_episodes": "none",
    "ManyPlayersParameters.initial_cooperation": "fraction",
    "ManyPlayersParameters.learning_rate": "large; fraction",
    "ManyPlayersParameters.planner_learning_rate": "large; fraction",
    "ManyPlayersParameters.lookahead_rate": "large; fraction",
    "ManyPlayersParameters.bound": "large; fraction",
    "ManyPlayersParameters.cost": "large; fraction",
    "ManyPlayersParameters.planner_scale": "large; fraction",
    "MechanismDesign.parameters": "none",
    "MechanismDesign.rng": "none; giant; large",
    "MechanismDesign.seed": "none",
    "MechanismDesign.model_reporters": "none; mapping",
    "MechanismDesign.agent_reporters": "none; mapping",
    "MechanismDesign.law": "none",
    "MechanismDesignParameters.game": "game",
    "MechanismDesignParameters.initial_cooperation": "fraction",
    "MechanismDesignParameters.learners": "none",
    "MechanismDesignParameters.learning_rate": "large; fraction",
    "MechanismDesignParameters.discount": "fraction",
    "MechanismDesignParameters.planner_episodes": "none",
    "MechanismDesignParameters.planner_retires": "truth",
    "MechanismDesignParameters.baseline": "none",
    "MechanismDesignParameters.policy_deviation": "large; fraction",
    "MechanismDesignParameters.budget_limit": "none",
    "MechanismDesignParameters.bound": "large; fraction",
    "MechanismDesignParameters.cost": "none; large; fraction",
    "MechanismDesignParameters.cost_of": "none",
    "MechanismDesignParameters.planner_learning_rate": "large; fraction",
    "MechanismDesignParameters.lookahead_rate": "large; fraction",
    "MechanismDesignParameters.planner_scale": "large; fraction",
    "NetworkDescription.rewiring": "fraction",
    "NetworkDescription.seed": "giant; large",
    "Population.parameters": "none",
    "Population.rng": "none; giant; large",
    "Population.seed": "none",
    "Population.model_reporters": "none; mapping",
    "Population.agent_reporters": "none; mapping",
    "Population.judge.tolerance": "fraction",
    "PopulationParameters.graph": "graph; edges; matrix",
    "PopulationParameters.game": "game",
    "PopulationParameters.per_partner": "truth",
    "PopulationParameters.initial_cooperation": "fraction",
    "PopulationParameters.opening": "none; fraction",
    "PopulationParameters.alpha": "large; negative; fraction",
    "PopulationParameters.learning_rate": "large; fraction",
    "PopulationParameters.intensity": "large; fraction",
    "PopulationParameters.epsilon": "negative; fraction",
    "PopulationParameters.forgetting": "fraction",
    "PopulationParameters.planner_steps": "none",
    "PopulationParameters.target_share": "fraction",
    "PopulationParameters.budget_per_agent": "none; large; fraction",
    "PopulationParameters.bound": "large; fraction",
    "PopulationParameters.cost": "large; fraction",
    "PopulationParameters.planner_learning_rate": "large; fraction",
    "PopulationParameters.lookahead_rate": "large; fraction",
    "PopulationParameters.planner_scale": "large; fraction",
    "PopulationParameters.welfare_index.mean_payoff": "large; negative; fraction; empty; cube; edges; matrix",
    "ProbingMirror.probe_budget": "large; fraction",
    "ProbingMirror.probe_cap": "large; fraction",
    "ProbingMirror.probe_probability": "fraction",
    "ProbingMirror.seat.game": "game",
    "Strategy.name": "text; digits",
    "Strategy.source": "text; digits",
    "TitForTat.generosity": "none; fraction",
    "FirmButFair.forgiveness": "fraction",
    "FixedLevel.cooperation": "fraction",
    "FixedLevel.seat.game": "game",
    "FirmButFair.seat.game": "game",
    "TitForTat.seat.game": "game",
    "WinStayLoseShift.seat.game": "game",
    "evolve.matrix": "edges; matrix",
    "evolve.graph": "none",
    "evolve.initial": "none",
    "evolve.intensity": "none; fraction",
    "evolve.mutation": "fraction",
    "evolve.seed": "none; giant; large",
    "evolve.names": "none",
    "evolve.workers": "none",
    "evolve on a graph.matrix": "edges; matrix",
    "evolve on a graph.size": "none",
    "evolve on a graph.graph": "graph; edges; matrix",
    "evolve on a graph.initial": "none",
    "evolve on a graph.intensity": "none; fraction",
    "evolve on a graph.mutation": "fraction",
    "evolve on a graph.seed": "none; giant; large",
    "evolve on a graph.names": "none",
    "evolve on a graph.workers": "none",
    "exact_match.game": "game",
    "exact_match.rounds": "none",
    "exact_match.prob_end": "none; fraction",
    "fixation_estimates.confidence": "fraction",
    "frozen_ledger.game": "game",
    "frozen_ledger.coarsest": "large; fraction",
    "frozen_machine.game": "game",
    "frozen_machine.belief": "none",
    "frozen_machine.resolution": "large; fraction",
    "graded_donation_game.benefit": "large; fraction",
    "graded_donation_game.cost": "large; fraction",
    "graded_donation_game.interaction": "large; negative; fraction",
    "graded_donation_game.title": "text; digits",
    "graded_public_good.benefit": "large; fraction",
    "graded_public_good.cost": "large; fraction",
    "graded_public_good.exponent": "fraction",
    "graded_round_robin.game": "game",
    "graded_round_robin.noise": "fraction",
    "graded_round_robin.self_play": "truth",
    "graded_round_robin.graph": "none",
    "graded_round_robin.seed": "none; giant; large",
    "graded_round_robin.workers": "none",
    "frequency_mirror.forgetting": "fraction",
    "frequency_mirror.epsilon": "negative; fraction",
    "frequency_mirror.name": "none; text; digits",
    "Functions.prepared": "none",
    "gradual_tit_for_tat.player": "none",
    "gradual_tit_for_tat.name": "none; text; digits",
    "invert_values.reward": "large; negative; fraction",
    "invert_values.uncertainty": "large; fraction",
    "judge_population.tolerance": "fraction",
    "judge_tournament.seed": "giant; large",
    "learned_family.game": "game",
    "learned_family.weights": "none",
    "learned_family.learning_rate": "large; fraction",
    "learned_profiles.cooperation_probability": "fraction; empty; cube; matrix",
    "memory_one.first": "fraction",
    "memory_one.name": "none; text; digits",
    "play_continuous_duels.game": "none",
    "play_continuous_duels.seed": "none; giant; large",
    "play_continuous_duels.noise": "fraction",
    "play_continuous_duels.start": "none",
    "play_continuous_duels.workers": "none",
    "play_continuous_duels.compile_law": "truth",
    "play_duels.game": "game",
    "play_duels.seed": "none; giant; large",
    "play_duels.noise": "fraction",
    "play_duels.misreading": "fraction",
    "play_duels.start": "none",
    "play_duels.workers": "none",
    "play_duels.compile_law": "truth",
    "play_groups.parameters": "none",
    "play_groups.seed": "none; giant; large",
    "play_groups.workers": "none",
    "play_groups.compile_law": "truth",
    "play_match.game": "game",
    "play_match.rounds": "none",
    "play_match.runs": "none",
    "play_match.prob_end": "none; fraction",
    "play_match.seed": "none; giant; large",
    "policy_family.game": "game",
    "policy_family.weights": "none",
    "policy_family.rationality": "none",
    "q_learning.learning_rate": "fraction",
    "q_learning.discount": "fraction",
    "q_learning.exploration": "fraction",
    "q_learning.name": "text; digits",
    "reinforce.learning_rate": "fraction",
    "reinforce.baseline_rate": "fraction",
    "reinforce.theta": "large; negative; fraction",
    "reinforce.name": "text; digits",
    "round_robin.game": "game",
    "round_robin.rounds": "none",
    "round_robin.runs": "none",
    "round_robin.prob_end": "none; fraction",
    "round_robin.self_play": "truth",
    "round_robin.graph": "none",
    "round_robin.seed": "none; giant; large",
    "round_robin.exact": "truth",
    "round_robin.record_actions": "truth",
    "round_robin.record_repetitions": "truth",
    "round_robin.workers": "none",
    "simulate.parameters": "none",
    "simulate.compile_law": "truth",
    "simulate.seed": "none; giant; large",
    "simulate.workers": "none",
    "simulate.law": "none",
    "simulate_game.parameters": "none",
    "simulate_game.workers": "none",
    "simulate_game.compile_law": "truth",
    "simulate_game.seed": "none; giant; large",
    "simulate_handover.parameters": "none",
    "simulate_handover.seed": "none; giant; large",
    "simulate_handover.burn_in": "none",
    "simulate_handover.workers": "none",
    "simulate_handover.compile_law": "truth",
    "simulate_many.parameters": "none",
    "simulate_many.compile_law": "truth",
    "simulate_many.seed": "none; giant; large",
    "simulate_many.workers": "none",
    "simulate_population.parameters": "none",
    "simulate_population.seed": "none; giant; large",
    "simulate_population.snapshots": "empty",
    "simulate_population.compile_law": "truth",
    "simulate_population.workers": "none",
    "standings.names": "empty",
    "value_surfaces.game": "game",
}


# Takes arrays that JAX may be tracing, as `outcomes` does: nothing can be asked of them.
TRACED = {"CoinGame.pick_ups", "CountedDebts.pick_ups"}
# Learners of one's own inherit from these; by themselves they do nothing.
TO_INHERIT_FROM = {"ConditionalCooperator.seated", "GradientLearner", "TabularLearner"}


def test_the_table_holds_every_public_function() -> None:
    offered = {name for name in public_callables(simulation, results=RESULTS) if not is_law(name)}
    offered -= TRACED | TO_INHERIT_FROM
    assert {name.removesuffix(" on a graph") for name in CALLS} - {"LevelLearner.table_shape"} == offered


# Whose programs take longest to be compiled.
LONGER = ("plan_by_episodes",)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in LONGER else []) for name in CALLS]
)
def test_wrong_arguments_are_refused_with_the_rule_and_the_value(name: str) -> None:
    assert not list(problems_of(name, CALLS[name](), RIGHT_TOO))
