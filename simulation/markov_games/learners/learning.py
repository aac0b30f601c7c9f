"""Letting learners in tables play a game that is written out, many runs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from simulation.engine.provenance import with_provenance
from simulation.engine.runs import Process, Record, play_runs, recording_interval
from simulation.engine.workers import worker_threads
from simulation.markov_games.enumerated import EnumeratedGame
from simulation.markov_games.learners.catalogue import assessments_of
from simulation.markov_games.learners.chances import chances_of
from simulation.markov_games.learners.law import (
    TablesConstants,
    TablesRoom,
    TablesState,
    TablesStep,
    law_of,
)
from simulation.markov_games.learners.tabular import TabularLearner
from simulation.markov_games.matrix_game import new_tableau
from theory.arguments import checked, count, number, of_type
from theory.arguments import seed as seed_of
from theory.checks import IntArray, shown


@checked(game=of_type(EnumeratedGame), discount=number(0.0, 1.0), steps=count(), runs=count(), seed=seed_of)
def learn_in_tables(
    game: EnumeratedGame,
    learners: TabularLearner | Sequence[TabularLearner],
    *,
    discount: float,
    steps: int,
    runs: int = 10,
    seed: int = 0,
    record: Record = "summary",
    workers: int | None = None,
) -> xr.Dataset:
    """Return what learners in tables come to.

    Parameters
    ----------
    game
        The tables. Rewards are those of the outcomes that are drawn.
    learners
        One for each player, or one for all.
    discount
        Of what comes after a step, in [0, 1].
    steps
        Of the game; episodes follow each other.
    runs, seed, record, workers
        As everywhere: run i depends on all else, the seed and i alone.

    Returns
    -------
    xarray.Dataset
        Dimensions run, player, state, action. `policy`: probabilities of what is meant at the end, without
        exploration; `value` (run, player, state): what each takes a state to be worth. With a record also
        `action` and `reward` (run, step, player).

    Raises
    ------
    ValueError
        If there is not a learner for each player, one does not play such a game, or an argument breaks its rule.
    """
    process = process_of(game, learners, discount=discount, steps=steps)
    every = recording_interval(record, "step")
    played = play_runs(process, runs=runs, seed=seed, every=every, workers=worker_threads(workers))
    last: TablesState = played.states
    data = played.dataset(
        {
            "policy": (("run", "player", "state", "action"), last.policy),
            "value": (("run", "player", "state"), last.value),
        },
        {"player": np.arange(1, game.n_players + 1)},
    )
    told = [{"learner": type(one).__name__} | asdict(one) for one in seated_at(game, learners)]
    return with_provenance(
        data, law=process.law, seed=seed, parameters={"learners": told, "discount": discount, "steps": steps},
        markov_game=repr(game.game),
    )  # fmt: skip


def seated_at(
    game: EnumeratedGame, learners: TabularLearner | Sequence[TabularLearner]
) -> tuple[TabularLearner, ...]:
    """Return a learner for each player, all of whom play the game.

    Raises
    ------
    ValueError
        If there is not a learner for each player, or one does not play such a game.
    """
    if not isinstance(learners, TabularLearner | Sequence):
        raise ValueError(f"learners must be learners in tables, got {shown(learners)}")
    seated = (learners,) * game.n_players if isinstance(learners, TabularLearner) else tuple(learners)
    for one in seated:
        if not isinstance(one, TabularLearner):
            raise ValueError(f"learners must be learners in tables, got {shown(one)}")
    for one in seated:
        refusal = one.refusal(game)
        if refusal:
            raise ValueError(f"{type(one).__name__} plays {one.plays}: {refusal}")
    if len(seated) != game.n_players:
        raise ValueError(
            f"there must be a learner for each of {game.n_players} players, got {len(seated)} learners"
        )
    return seated


def process_of(
    game: EnumeratedGame,
    learners: TabularLearner | Sequence[TabularLearner],
    *,
    discount: float,
    steps: int,
    compile_law: bool = True,
) -> Process:
    """Return the process of learners in tables; `compile_law=False` plays the same law as plain Python."""
    seated = seated_at(game, learners)
    players, n_actions = game.n_players, game.game.n_actions
    kinds = assessments_of(seated)
    width = np.array([n_actions ** (players - 1) if one.sees_others else 1 for one in seated])
    numbers = np.zeros((players, max([len(one.numbers) for one in seated] + [1])))
    for row, one in zip(numbers, seated, strict=True):
        row[: len(one.numbers)] = one.numbers
    constants = TablesConstants(
        chances=chances_of(game),
        others=_places_of_others(game, seated),
        kind=np.array([kinds.index(type(one).assess) for one in seated]),
        width=width,
        numbers=numbers,
        exploration=np.array([one.exploration for one in seated]),
        falling=np.array(
            [1.0 if one.last_rate is None else (one.last_rate / one.rate) ** (1.0 / steps) for one in seated]
        ),
        cooling=np.array([one.cooling for one in seated]),
        least_temperature=np.array([one.least_temperature for one in seated]),
        discount=float(discount),
        horizon=game.game.horizon,
    )
    return Process(
        law=law_of(kinds),
        unit="step",
        steps=steps,
        draws=2 * players + 2,
        constants=constants,
        start=partial(_start, game, seated, int(width.max())),
        room=partial(_room, players, n_actions, int(width.max())),
        record=partial(_record, players),
        recorded={"action": ("player",), "reward": ("player",)},
        watched=_watched,
        tell=_tell,
        compile_law=compile_law,
    )


def _places_of_others(game: EnumeratedGame, seated: tuple[TabularLearner, ...]) -> IntArray:
    """Return `[n_players, J]`: which of their joint actions the others play, the last one's changing fastest."""
    places = np.zeros((game.n_players, len(game.actions)), np.int64)
    for player, one in enumerate(seated):
        if one.sees_others:
            for actions in np.delete(game.actions, player, axis=1).T:
                places[player] = places[player] * game.game.n_actions + actions
    return places


def _start(
    game: EnumeratedGame,
    seated: tuple[TabularLearner, ...],
    width: int,
    generator: np.random.Generator,
) -> TablesState:
    shape = (game.n_players, game.n_states)
    first = np.array([one.first_value for one in seated])
    n_actions = game.game.n_actions
    # Of several first states one is drawn by its chance.
    where = int(np.searchsorted(np.cumsum(game.start), generator.random() * game.start.sum(), side="right"))
    return TablesState(
        values=np.broadcast_to(first[:, None, None, None], (*shape, n_actions, width)).copy(),
        seen=np.ones((*shape, width)),
        worth=np.broadcast_to(first[:, None, None], (*shape, n_actions)).copy(),
        policy=np.full((*shape, n_actions), 1.0 / n_actions),
        value=np.broadcast_to(first[:, None], shape).copy(),
        rates=np.array([one.rate for one in seated]),
        temperatures=np.array([one.temperature for one in seated]),
        where=np.array([min(where, game.n_states - 1), 0]),
    )


def _room(players: int, n_actions: int, width: int) -> TablesRoom:
    return TablesRoom(new_tableau(n_actions, width), np.zeros(players, np.int64), np.zeros(n_actions))


def _record(players: int) -> TablesStep:
    return TablesStep(np.zeros(players, np.int64), np.zeros(players))


def _watched(state: TablesState) -> tuple[Any, ...]:
    return state.values, state.worth


def _tell(state: TablesState, record: TablesStep, before: TablesState | None) -> str:
    return f"rewards {record.reward.tolist()}, actions {record.action.tolist()}"
