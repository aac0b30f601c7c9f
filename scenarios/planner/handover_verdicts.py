"""Judging what is left after a planner: the stage game by observed play, the repeated game by frozen pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from scenarios.frame.verdicts import LEARNED_TOLERANCE
from simulation import (
    FiniteState,
    HandoverParameters,
    LiteralMirror,
    frozen_machine,
    learned_profiles,
    simulate_handover,
)
from theory import Game, MachinesVerdict, judge_batch, judge_counts, judge_machines

# Weight of the next round: a hundred rounds are expected to follow.
DISCOUNT = 0.99

# Last rounds that are counted: enough for the intervals of judged play to be narrower than the tolerance.
COUNTED = 2000

# With what probability an action is swapped where slips are studied.
SLIPS = 0.01


def learners_verdict(game: Game, data: xr.Dataset) -> dict[str, Any]:
    """Judge the final mixtures of learners, run by run, in the stage game and as frozen machines."""
    p = data["final_cooperation_probability"].values
    labels = judge_batch(game.payoffs, learned_profiles(p), tolerance=LEARNED_TOLERANCE).label
    # Whoever mixes alike in every round is a machine of one state.
    machines = [[FiniteState((float(x),), ((0, 0, 0, 0),)) for x in pair] for pair in p]
    judged = [_judge(game, *pair) for pair in machines]
    return _summary((str(label) for label in labels), judged, game)


def mirrors_verdict(parameters: HandoverParameters, data: xr.Dataset) -> dict[str, Any]:
    """Judge the last rounds of mirroring players, run by run, and the players themselves as frozen machines."""
    game = parameters.planner.game
    counted = parameters.planner.episodes - data.attrs["burn_in"]
    counts = np.rint(data["outcome_frequency"].values * counted).astype(int)
    labels = {}
    for row in counts:
        if tuple(row) not in labels:
            verdict = judge_counts(game, row.reshape(2, 2), tolerance=LEARNED_TOLERANCE)
            labels[tuple(row)] = verdict.correlated.label
    judged: dict[bytes, MachinesVerdict] = {}
    keys = []
    for run in range(len(counts)):
        belief, last = data["belief"].values[run], data["last_action"].values[run]
        # Beliefs that differ by no more than rounding make the same machines.
        keys.append(np.round(belief, 6).tobytes() + last.tobytes())
        if keys[-1] not in judged:
            judged[keys[-1]] = judge_mirrors(parameters, belief, last)
    return _summary((labels[tuple(row)] for row in counts), [judged[key] for key in keys], game)


def judge_mirrors(parameters: HandoverParameters, belief: Any, last: Any) -> MachinesVerdict:
    """Judge two mirroring players with `belief[2, n]` after the actions `last[2]`, in the original game."""
    game, player = parameters.planner.game, parameters.player
    assert isinstance(player, LiteralMirror)
    alike = np.array_equal(belief[0], belief[1]) and last[0] == last[1]
    first, *other = (
        frozen_machine(player, game, role, belief=belief[role], last=(int(last[role]), int(last[1 - role])))
        for role in ((0,) if alike and game.is_symmetric else (0, 1))
    )
    return _judge(game, first, *(other or [first]))


def stability_by_forgetting(
    parameters: HandoverParameters, rates: Iterable[float], *, seed: int
) -> list[dict[str, float]]:
    """Return for each rate of forgetting what keeps trusting mirrors together: nobody's gain, and no slip.

    The players get their trust from a planner that pays each what the other gets, in 200 rounds. `share_of_range` is
    what deviating a hundred rounds later gains, a share of the payoff range; `with_slips` is the frequency of
    (C,C) in the last of 4000 rounds in which each player slips with probability `SLIPS`, the mean of 20 runs.
    """
    planner = replace(parameters.planner, policy="others-rewards", knowledge="known", planner_episodes=200)
    found = []
    assert isinstance(parameters.player, LiteralMirror)
    for rate in rates:
        player = replace(parameters.player, forgetting=rate)
        calm = replace(parameters, planner=replace(planner, episodes=300), player=player)
        data = simulate_handover(calm, runs=1, seed=seed, record="summary", burn_in=250)
        if float(data["joint_cooperation"].values[0]) < 1.0:
            continue  # nothing to be stable
        verdict = judge_mirrors(calm, data["belief"].values[0], data["last_action"].values[0])
        noisy = replace(calm, planner=replace(planner, episodes=4200), noise=SLIPS)
        burn_in = noisy.planner.episodes - COUNTED
        with_slips = simulate_handover(noisy, runs=20, seed=seed, record="summary", burn_in=burn_in)
        found.append(
            {
                "forgetting": rate,
                "share_of_range": verdict.least_tolerance,
                "with_slips": float(with_slips["joint_cooperation"].mean()),
            }
        )
    return found


def _judge(game: Game, first: FiniteState, second: FiniteState) -> MachinesVerdict:
    return judge_machines(game, first, second, discount=DISCOUNT, tolerance=LEARNED_TOLERANCE)


def _summary(labels: Iterable[str], judged: list[MachinesVerdict], game: Game) -> dict[str, Any]:
    gains = [float(verdict.gains.max()) for verdict in judged]
    return {
        "labels": dict(Counter(labels).most_common()),
        "repeated_equilibria": sum(verdict.is_equilibrium for verdict in judged),
        "runs": len(judged),
        "median_gain": float(np.median(gains)),
        "largest_gain": max(gains),
        "median_least_tolerance": float(np.median([verdict.least_tolerance for verdict in judged])),
        "payoff_range": game.payoff_range.tolist(),
        "discount": DISCOUNT,
        "tolerance": LEARNED_TOLERANCE,
    }
