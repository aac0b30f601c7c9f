"""Hashes of what every law and driver simulates, for tests that compare them from machine to machine.

    .venv/bin/python tests/goldens.py           writes tests/goldens.json anew, after a law has been changed
    .venv/bin/python tests/goldens.py --new     adds cases that are not there yet, and drops those that are no more
    .venv/bin/python tests/goldens.py --check   compares it with what this machine simulates
    .venv/bin/python tests/goldens.py --laws    the same without the scenarios, which take most of the time

A hash covers the values of one variable of a case. All that is not a number is one NaN, and -0 is 0; attributes and
statistics (standard errors, ranks, intervals) are left out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("goldens.json")
STATISTICS = re.compile("standard_error|covariance|rank|wins|good_partner|_low$|_high$")
# By linear programs or over surfaces: equal to 1e-9; by JAX: the same bits on one kind of machine.
SOLVED = re.compile(
    r"least_payment|^altruism-atlas|^escape-room|^commons|^classic-learners|^learners|^planner-that-leaves|^coin-game"
)

Case = Callable[[], Any]


def digest(values: Any) -> str:
    """Return the hash of an array's shape and values."""
    array = np.asarray(values)
    if array.dtype.kind == "f":
        array = np.where(np.isnan(array), np.nan, array.astype(np.float64) + 0.0)
    elif array.dtype.kind in "iu":
        array = array.astype(np.int64)
    elif array.dtype.kind != "b":
        array = array.astype("U64")
    little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<")))
    return hashlib.sha256(f"{array.shape}".encode() + little.tobytes()).hexdigest()[:16]


def hashes(data: Any) -> dict[str, str]:
    """Return the hash of every variable of a dataset (or of a dictionary of arrays)."""
    arrays = (
        data if isinstance(data, dict) else {name: values.values for name, values in data.data_vars.items()}
    )
    return {name: digest(values) for name, values in sorted(arrays.items()) if not STATISTICS.search(name)}


def mechanism_design() -> Iterator[tuple[str, Case]]:
    from simulation import MechanismDesignParameters, simulate
    from theory import named_game

    variants: dict[str, dict[str, Any]] = {
        "exact": {},
        "estimated": {"value_function": "estimated"},
        "literal": {"value_function": "literal", "optimiser": "ascent", "learning_rate": 0.05},
        "decoupled": {"value_function": "decoupled", "flip_probability": 0.1, "knowledge": "modelled"},
        "decoupled-sampled": {"value_function": "decoupled-sampled", "sees": (True, False)},
        "stochastic": {"value_function": "estimated", "policy": "stochastic", "planner_optimiser": "ascent"},
        "others-rewards": {"policy": "others-rewards"},
        "revenue-neutral": {"budget": "revenue-neutral", "alpha": (0.3, 0.1)},
        "revenue-neutral-reference": {"budget": "revenue-neutral-reference"},
        "limited": {
            "value_function": "literal",
            "budget": "limited",
            "budget_limit": 1.5,
            "cost_norm": "squared",
        },
        "rewards": {"incentive_signs": "rewards", "planner_episodes": 150, "cost_of": "norm-of-expected"},
        "retires": {"planner_retires": True, "game": named_game("stag-hunt"), "initial_cooperation": 0.7},
        "chicken": {"game": named_game("chicken"), "learners": "expected"},
    }
    for name, options in variants.items():
        parameters = MechanismDesignParameters(**{"episodes": 300, **options})
        yield f"mechanism-design {name}", lambda p=parameters: simulate(p, runs=3, seed=1, record=7)


def many_players() -> Iterator[tuple[str, Case]]:
    from simulation import ManyPlayersParameters, simulate_many

    for learners in ("sampled", "expected"):
        parameters = ManyPlayersParameters(n_players=7, episodes=300, learners=learners)
        yield f"many-players {learners}", lambda p=parameters: simulate_many(p, runs=2, seed=2, record=5)
    named: Any = ("policy-gradient", "policy-gradient-ascent", "expected-policy-gradient-ascent")
    by_rules = ManyPlayersParameters(n_players=3, episodes=300, learners=named)
    yield "many-players by rules", lambda: simulate_many(by_rules, runs=2, seed=2, record=5)


def finite_games() -> Iterator[tuple[str, Case]]:
    from simulation import FiniteGameParameters, simulate_game
    from theory import Game

    # Three players with two, three and two actions; whole numbers, of which the least bits depend on nothing.
    payoffs = np.array([[(7 * i + 5 * k + 3 * i * k) % 11 for k in range(12)] for i in range(3)]) / 2.0
    game = Game(payoffs.reshape(3, 2, 3, 2))
    for table in ("outcome", "own-action", "layer", "network"):
        for budget, limit in (("unrestricted", None), ("revenue-neutral", None), ("limited", 2.0)):
            parameters = FiniteGameParameters(
                game=game,
                table=table,
                episodes=200,
                budget=budget,
                budget_limit=limit,
                initial_last_action=0.5,
            )
            yield (
                f"finite-game {table} {budget}",
                lambda p=parameters: simulate_game(p, runs=2, seed=3, record=9),
            )
    game = Game(payoffs[:, :8].reshape(3, 2, 2, 2))
    named: Any = ("policy-gradient", "policy-gradient-ascent", "expected-policy-gradient-ascent")
    by_rules = FiniteGameParameters(game=game, episodes=200, learners=named)
    yield "finite-game by rules", lambda: simulate_game(by_rules, runs=2, seed=3, record=9)


def handover() -> Iterator[tuple[str, Case]]:
    from simulation import (
        GradualPlayer,
        HandoverParameters,
        LiteralMirror,
        MechanismDesignParameters,
        MemoryOneLearner,
        simulate_handover,
    )
    from simulation.handover.parameters import prior_of_defectors

    for attribution in ("character", "incentives"):
        parameters = HandoverParameters(
            planner=MechanismDesignParameters(
                episodes=300, planner_episodes=150, initial_cooperation=0.05, knowledge="modelled", cost=0.0
            ),
            player=LiteralMirror(prior=tuple(prior_of_defectors()), forgetting=0.05, tremble=0.05),
            attribution=attribution,  # type: ignore[arg-type]
            noise=0.02,
        )
        yield (
            f"handover {attribution}",
            lambda p=parameters: simulate_handover(p, runs=2, seed=4, record=5, burn_in=200),
        )
    lead = parameters.planner
    for informed in (True, False):
        pair = HandoverParameters(
            planner=lead,
            player=(GradualPlayer(trust=0.05), MemoryOneLearner()),
            informed=informed,
            defected_before=True,
            noise=0.1,
        )
        yield (
            f"handover pair {'informed' if informed else 'paid'}",
            lambda p=pair: simulate_handover(p, runs=2, seed=4, record=5, burn_in=200),
        )


def duels() -> Iterator[tuple[str, Case]]:
    from simulation import graded_donation_game, play_duels
    from simulation.gradual import players
    from theory import named_game

    two, graded = named_game("chicken"), graded_donation_game(interaction=0.3, cost=(1.0, 1.3), levels=11)
    mirror = players.LiteralMirror(tremble=0.05, forgetting=0.02)
    field: dict[str, Any] = {
        "gradual": players.GradualPlayer(),
        "gradual mistrustful": players.GradualPlayer(trust=0.0, agreement="egalitarian"),
        "literal-mirror": mirror,
        "logit": players.LiteralMirror(selection="logit", rationality=2.0, tremble=0.05),
        "by rewards": players.LiteralMirror(reward_share=0.4, tremble=0.05, grid_points=21),
        "nash": players.LiteralMirror(form="nash", tremble=0.05, grid_points=41),
        "doubting": players.LiteralMirror(other_forms=("sum", "value"), tremble=0.05),
        "q-learning": players.LevelLearner(),
        "policy-gradient": players.LevelLearner(rule="policy-gradient"),
        "actor-critic": players.LevelLearner(rule="actor-critic"),
        "outcome-q": players.OutcomeQLearner(),
        "memory-one": players.MemoryOneLearner(),
        "binary": players.BinaryTitForTat(),
        "consequentialist": players.ConsequentialistCooperator(),
        "tit-for-tat": players.TitForTat(generosity=0.1),
        "grim": players.Grim(),
        "win-stay": players.WinStayLoseShift(),
        "fixed": players.FixedCooperativeness(beta=0.8, later=0.1, switch_round=50),
    }
    for name, player in field.items():
        for title, game in (("2x2", two), ("graded", graded)):
            yield (
                f"duel {name} {title}",
                lambda p=player, g=game: play_duels(
                    p, mirror, game=g, rounds=120, runs=2, seed=5, noise=0.05, burn_in=10
                ),
            )
    for title, game in (("2x2", two), ("graded", graded)):
        yield (
            f"duel literal-mirror {title} without noise",
            lambda g=game: play_duels(mirror, mirror, game=g, rounds=120, runs=2, seed=5),
        )
        yield (
            f"duel misread {title}",
            lambda g=game: play_duels(
                field["gradual"],
                mirror,
                game=g,
                rounds=120,
                runs=2,
                seed=5,
                noise=0.05,
                misreading=0.1,
                start=(0, 1),
            ),
        )
    for name, player in (("contrite", players.ContriteTitForTat()), ("firm", players.FirmButFair())):
        yield (
            f"duel {name} 2x2",
            lambda p=player: play_duels(
                p, mirror, game=two, rounds=120, runs=2, seed=5, noise=0.05, burn_in=10
            ),
        )
    asks, gives = (
        players.ConcedingMirror(gradual=players.GradualPlayer(agreement=notion))
        for notion in ("utilitarian", "egalitarian")
    )
    unequal = graded_donation_game(benefit=(3.0, 1.0), levels=21)
    yield (
        "duel conceding donation",
        lambda: play_duels(asks, gives, game=unequal, rounds=120, runs=2, seed=5, noise=0.05, burn_in=10),
    )
    prober = players.ProbingMirror(probe_probability=0.3)
    dilemma = named_game("prisoners-dilemma")
    yield (
        "duel probing 2x2",
        lambda: play_duels(prober, mirror, game=dilemma, rounds=120, runs=2, seed=5, noise=0.05),
    )


def continuous_duels() -> Iterator[tuple[str, Case]]:
    from simulation import (
        ContinuousMirror,
        FixedCooperativeness,
        GradualPlayer,
        graded_donation_game,
        play_continuous_duels,
    )

    game = graded_donation_game(interaction=0.3, cost=(1.0, 1.3))
    for name, spread in (("wide", 0.05), ("narrow", 0.001)):
        mirror = ContinuousMirror(spread=spread, tremble=0.05)
        yield (
            f"continuous-duel {name}",
            lambda m=mirror: play_continuous_duels(
                m, FixedCooperativeness(beta=0.6), game=game, rounds=60, runs=2, seed=6, noise=0.05
            ),
        )
    ledger = GradualPlayer(credit=0.1, offer_probability=0.5)
    yield (
        "continuous-duel ledger",
        lambda: play_continuous_duels(
            ledger, ContinuousMirror(), game=game, rounds=60, runs=2, seed=6, noise=0.2, start=(0.9, 0.2)
        ),
    )


def groups() -> Iterator[tuple[str, Case]]:
    from simulation import GradualPlayer, GroupParameters, LedgerGroupParameters, play_groups

    for exponent, aggregate in ((1.0, "mean"), (0.6, "least")):
        parameters = GroupParameters(
            rounds=100,
            noise=0.03,
            exponent=exponent,
            aggregate=aggregate,
            stubborn=(0.2,),
            levels=11,  # type: ignore[arg-type]
        )
        yield f"group {aggregate}", lambda p=parameters: play_groups(p, runs=2, seed=7)
        keepers = LedgerGroupParameters(
            n_players=4, levels=11, noise=0.1, rounds=80, aggregate=aggregate, stubborn_levels=(0.4,), exponent=0.7,
            gradual=GradualPlayer(trust=0.5, offer_probability=0.5),
        )  # fmt: skip
        yield f"group ledgers {aggregate}", lambda p=keepers: play_groups(p, runs=2, seed=7)


def evolution() -> Iterator[tuple[str, Case]]:
    import networkx as nx

    from simulation import evolve

    matrix = [[1.5, 0.25, 1.0], [2.0, 0.5, 0.75], [0.3, 1.9, 1.1]]
    graph = nx.barabasi_albert_graph(40, 2, seed=1)
    for process in ("birth-death", "death-birth", "pairwise", "imitation", "wright-fisher"):
        options: dict[str, Any] = {
            "process": process, "mutation": 0.01, "steps": 400, "runs": 2, "seed": 8, "record": 10,
            "accumulation": "mean", "intensity": 0.7,
        }  # fmt: skip
        yield f"evolution {process} well-mixed", lambda o=options: evolve(matrix, size=30, **o)
        yield f"evolution {process} graph", lambda o=options: evolve(matrix, graph=graph, **o)


# By name, so that a new strategy changes no bits.
_STRATEGIES = """
    always-cooperate always-defect random tit-for-tat suspicious-tit-for-tat anti-tit-for-tat bully
    win-stay-lose-shift win-shift-lose-stay generous-tit-for-tat firm-but-fair alternator stochastic-cooperator
    extort-2 generous-zero-determinant-2 equalizer-2 joss grofman name-withheld grim tit-for-two-tats
    two-tits-for-tat hard-tit-for-tat hard-tit-for-two-tats contrite-tit-for-tat spiteful-tit-for-tat soft-grudger
    reverse-grudger prober prober-2 prober-3 remorseful-prober handshake tester detective cycler-ccd cycler-ddc
    fortress-3 fortress-4 ripoff thumper punish-once davis nydegger soft-majority hard-majority eatherley champion
    forgiver gradual-of-beaufils omega-tit-for-tat adaptive tideman-chieruzzi shubik stein-rapoport graaskamp
    downing feld tullock reinforce q-learning frequency-mirror-linear frequency-mirror-sharp
    frequency-mirror-threshold frequency-mirror-reciprocal
"""


def tournaments() -> Iterator[tuple[str, Case]]:
    from simulation import (
        FixedCooperativeness,
        TitForTat,
        exact_match,
        frequency_mirror,
        graded_donation_game,
        graded_round_robin,
        play_match,
        q_learning,
        round_robin,
        strategy,
    )
    from simulation.matches.strategies.mirrors import RESPONSES
    from theory import named_game

    game = named_game("prisoners-dilemma")
    mirrors = [frequency_mirror(response) for response in RESPONSES]

    def table(**options: Any) -> Any:
        field = [*_STRATEGIES.split(), *mirrors]
        return round_robin(field, game=game, repetitions=2, seed=9, noise=0.03, **options)

    yield "tournament turns", lambda: table(turns=15)
    yield "tournament prob_end", lambda: table(prob_end=0.1)

    def answers(mirror: Any) -> dict[str, Any]:
        played = play_match(mirror, "random", game=game, rounds=40, runs=5, seed=10, noise=0.05)
        return {"actions": played.actions, "payoffs": played.payoffs}

    def match() -> dict[str, Any]:
        played = play_match(
            strategy("tit-for-tat"), q_learning(), game=game, prob_end=0.02, repetitions=5, seed=10
        )
        exact = exact_match("tit-for-tat", "grim", game=game, turns=40, prob_end=0.05, noise=0.1)
        return {
            "actions": played.actions, "payoffs": played.payoffs, "exact payoffs": exact.payoffs,
            "exact distribution": exact.distribution,
        }  # fmt: skip

    yield "match", match
    for mirror, response in zip(mirrors, RESPONSES, strict=True):
        yield f"match frequency-mirror-{response}", lambda m=mirror: answers(m)
    yield "match gradual-tit-for-tat", lambda: answers("gradual-tit-for-tat")
    players = {
        "kind": FixedCooperativeness(beta=1.0),
        "half": FixedCooperativeness(beta=0.5),
        "tft": TitForTat(),
    }
    yield (
        "graded tournament",
        lambda: graded_round_robin(
            players, game=graded_donation_game(levels=11), rounds=30, runs=2, noise=0.1, seed=11
        ),
    )


def populations() -> Iterator[tuple[str, Case]]:
    from simulation import GradualPlayer, NetworkDescription, PopulationParameters, simulate_population
    from theory import named_game

    mixed = {"learner": 0.3, "imitator": 0.2, "mirror": 0.3, "cooperator": 0.1, "fixed": 0.1}
    small_world = NetworkDescription(kind="small-world", size=40)
    variants: dict[str, dict[str, Any]] = {
        "mixed": {"rules": mixed},
        "per partner": {"rules": mixed, "per_partner": True, "noise": 0.05, "graph": small_world},
        "expected": {"learners": "expected", "planner_steps": 60, "graph": NetworkDescription(kind="ring", size=30)},
        "ledgers": {
            "rules": {"gradual-tit-for-tat": 0.6, "learner": 0.2, "imitator": 0.1, "defector": 0.1},
            "per_partner": True, "noise": 0.05, "graph": small_world, "game": named_game("chicken"),
            "gradual": GradualPlayer(trust=0.3),
        },
        "moods": {
            "rules": {"tit-for-tat": 0.4, "contrite-tit-for-tat": 0.4, "gradual-tit-for-tat": 0.1, "learner": 0.1},
            "per_partner": True, "noise": 0.05, "graph": small_world, "opening": 0.5,
        },
        "hubs": {
            "rules": mixed, "planner_steps": None, "targets": "highest-degree", "accumulation": "total",
            "graph": NetworkDescription(kind="scale-free", size=50), "budget_per_agent": 0.2,
        },
        "boundary": {
            "planner_steps": 60, "targets": "boundary", "noise": 0.05,
            "graph": NetworkDescription(kind="random-regular", size=30),
        },
    }  # fmt: skip
    for name, options in variants.items():
        parameters = PopulationParameters(**{"steps": 100, **options})
        yield (
            f"population {name}",
            lambda p=parameters: simulate_population(p, runs=2, seed=12, record=5, snapshots=(10, 100)),
        )


def surfaces() -> Iterator[tuple[str, Case]]:
    from simulation import graded_public_good, learned_family, policy_family, value_surfaces
    from theory import named_game

    def both() -> dict[str, Any]:
        game = named_game("stag-hunt")
        weights = np.linspace(0.0, 1.0, 11)
        families = [
            policy_family(game, i, weights=weights, selection="logit", rationality=1.7) for i in range(2)
        ]
        return {
            "values": value_surfaces(game, *families).values,
            "learned": learned_family(game, 0, weights=weights, steps=50).probabilities,
            "public good": graded_public_good(3, exponent=0.7, levels=7).payoffs,
        }

    yield "surfaces", both


def scenarios() -> Iterator[tuple[str, Case]]:
    from scenarios.registry import load_scenario, scenario_names

    def data(name: str) -> dict[str, Any]:
        scenario = load_scenario(name)
        tree = scenario.run(scenario.Parameters().quick()).data
        return {
            f"{node.path}/{variable}": values.values
            for node in tree.subtree
            for variable, values in node.data_vars.items()
            if not SOLVED.search(variable)
        }

    for name in scenario_names():
        if not SOLVED.search(name):
            yield f"scenario {name}", lambda name=name: data(name)


FAMILIES = (
    mechanism_design, many_players, finite_games, handover, duels, continuous_duels, groups, evolution, tournaments,
    populations, surfaces, scenarios,
)  # fmt: skip


def simulated(
    family: Callable[[], Iterator[tuple[str, Case]]], known: Collection[str] = ()
) -> dict[str, dict[str, str]]:
    """Return the hashes of all cases of a family, but of those that are `known`."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # of incentives that are out of reach, and of plain Python
        return {name: hashes(case()) for name, case in family() if name not in known}


def with_new_cases(families: Sequence[Callable[[], Iterator[tuple[str, Case]]]]) -> dict[str, dict[str, str]]:
    """Return what was written without cases that are no more, and with new ones: no others are played."""
    kept = read()
    names = {name for family in families for name, _ in family()}
    found = {name: of_case for name, of_case in kept.items() if name in names}
    for family in families:
        found |= simulated(family, kept)
    return found


def differences(found: dict[str, dict[str, str]], kept: dict[str, dict[str, str]]) -> list[str]:
    """Say which variables of which cases differ, or are in one of the two alone."""
    return [
        f"{case}: {name}"
        for case in sorted(found.keys() | kept.keys())
        for name in sorted(found.get(case, {}).keys() | kept.get(case, {}).keys())
        if found.get(case, {}).get(name) != kept.get(case, {}).get(name)
    ]


def read() -> dict[str, dict[str, str]]:
    """Return the hashes that were written."""
    kept: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return kept


def main() -> int:
    """Write the hashes, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--laws", action="store_true", help="compare all but the scenarios")
    parser.add_argument("--new", action="store_true", help="write new cases only")
    arguments = parser.parse_args()
    if arguments.new:
        return write(with_new_cases(FAMILIES))
    found: dict[str, dict[str, str]] = {}
    for family in FAMILIES:
        if not (arguments.laws and family is scenarios):
            found |= simulated(family)
    if arguments.check or arguments.laws:
        kept = read()
        if arguments.laws:
            kept = {case: hashed for case, hashed in kept.items() if not case.startswith("scenario ")}
        wrong = differences(found, kept)
        print(*wrong, sep="\n", end="\n" if wrong else "")
        print(f"{len(wrong)} of {sum(map(len, found.values()))} variables differ from {FILE.name}")
        return int(bool(wrong))
    return write(found)


def write(found: dict[str, dict[str, str]]) -> int:
    """Write the hashes, and return the exit code of that."""
    FILE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"wrote {len(found)} cases with {sum(map(len, found.values()))} variables to {FILE}")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.exit(main())
