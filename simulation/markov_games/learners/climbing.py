"""Letting two learners by gradients, exact or estimated, play a repeated 2x2 game, many runs at once."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import xarray as xr

from simulation.engine.draws import normal
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import run_generator
from simulation.markov_games.learners.estimated_meeting import EstimatedMeeting
from simulation.markov_games.learners.meeting import Meeting
from simulation.markov_games.learners.shaping import GradientLearner
from theory import Game
from theory.arguments import checked, count, number, of_type
from theory.arguments import seed as seed_of


@checked(
    first=of_type(GradientLearner), second=of_type(GradientLearner), discount=number(0.0, 1.0), updates=count(),
    deviation=number(0.0, 1e9), episodes=count(0), rounds=count(), runs=count(), seed=seed_of,
)  # fmt: skip
def climb_together(
    first: GradientLearner,
    second: GradientLearner,
    *,
    game: Game,
    discount: float = 0.96,
    updates: int = 200,
    deviation: float = 1.0,
    episodes: int = 0,
    rounds: int = 50,
    runs: int = 10,
    seed: int = 0,
) -> xr.Dataset:
    """Return what two learners come to who both move at once, each along its own direction.

    Parameters
    ----------
    first, second
        The learners.
    game
        Of two players with two actions each, repeated for ever.
    discount
        In [0, 1).
    updates
        How often both learn.
    deviation
        Standard deviation of the normally distributed numbers, P(C) = sigmoid, that all begin with.
    episodes, rounds
        If episodes are asked for, at least 2, gradients are estimated from so many, each of so many rounds; 0: they
        are exact.
    runs
        How many pairs.
    seed
        Run i depends on the seed, i and the rest alone, on one kind of machine.

    Returns
    -------
    xarray.Dataset
        Dimensions run, player, state, update. `cooperation` (run, player, state): P(C) after CC, CD, DC, DD,
        player 1's action first for both, and at the start, after the last update. `payoff` (run, player): (1 -
        discount) times the sum of discounted payoffs then. `payoff_before` (run, update, player): the same before
        each update. Payoffs are exact, however learners come to their gradients.

    Raises
    ------
    ValueError
        If a learner does not play the game, the discount is 1, or an argument breaks its rule; if numbers left the
        finite.
    """
    for one in (first, second):
        refusal = one.refusal(game)
        if refusal:
            raise ValueError(f"{type(one).__name__} plays {one.plays}: {refusal}")
    if discount == 1.0:
        raise ValueError("discount must be below 1 in a game that is repeated for ever, got 1")
    if episodes == 1:
        raise ValueError("episodes must be 0, or at least 2 to be compared with each other, got 1")
    generators = tuple(run_generator(seed, run) for run in range(runs))
    draws = [normal(generator, deviation, 10).reshape(2, 5) for generator in generators]
    theta, payoffs = np.stack(draws, axis=1), game.payoffs.reshape(2, 4)
    before = np.empty((runs, updates, 2))
    for update in range(updates):
        meeting = Meeting(theta, payoffs, discount)
        before[:, update] = meeting.values
        if episodes:
            meeting = EstimatedMeeting(theta, payoffs, discount, generators, episodes, rounds)
        with np.errstate(over="ignore", invalid="ignore"):  # said below
            steps = [one.rate * one.direction(meeting, i) for i, one in enumerate((first, second))]
            theta = theta + np.stack(steps)
        if not np.isfinite(theta).all():
            run = int(np.argwhere(~np.isfinite(theta).all(axis=(0, 2)))[0, 0])
            raise ValueError(f"numbers must stay finite, got others in update {update} of run {run}")
    last = Meeting(theta, payoffs, discount)
    data = xr.Dataset(
        {
            "cooperation": (("run", "player", "state"), np.moveaxis(last.cooperation, 0, 1)),
            "payoff": (("run", "player"), (1.0 - discount) * last.values),
            "payoff_before": (("run", "update", "player"), (1.0 - discount) * before),
        },
        {"player": [1, 2], "state": ["CC", "CD", "DC", "DD", "start"]},
    )
    told = [{"learner": type(one).__name__} | asdict(one) for one in (first, second)]
    return with_provenance(
        data, law=climb_together, seed=seed, game=game,
        parameters={"learners": told, "discount": discount, "updates": updates, "deviation": deviation}
        | ({"episodes": episodes, "rounds": rounds} if episodes else {}),
    )  # fmt: skip
