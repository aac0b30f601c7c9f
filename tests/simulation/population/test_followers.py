"""Loops over the agents who live by one rule: they reach these and nobody else, compiled and in plain Python."""

import numpy as np
import pytest

from simulation import NetworkDescription, PopulationParameters
from simulation.engine.compilation import compiled, rule
from simulation.engine.randomness import run_generator
from simulation.population.followers import count_followers, for_followers, in_turn

PARAMETERS = PopulationParameters(graph=NetworkDescription(kind="ring", size=37))


@rule
def _doubles(state, i, constants, room) -> None:
    state.alpha[i] *= 2.0


@rule
def _adds_three(state, i, constants, room) -> None:
    state.alpha[i] += 3.0


# Of rule 0 first one, then the other, which is not what the other way round would give; of rule 2 one.
PARTS = in_turn(
    [
        *(count_followers(which) for which in range(4)),
        for_followers(0, _doubles),
        for_followers(0, _adds_three),
        for_followers(2, _doubles),
    ]
)


def _all_parts(state, constants, room, record) -> None:
    PARTS(state, constants, room, record)


COMPILED = compiled(_all_parts)


@pytest.mark.parametrize("known", [(0, 1, 2), (1, 3), (0,), (2,)])
def test_all_who_follow_a_rule_change_and_nobody_else(known: tuple[int, ...]) -> None:
    generator = np.random.default_rng(0)
    follows = generator.choice(known, 37)
    before = generator.random(37)
    expected = np.where(follows == 0, 2 * before + 3, np.where(follows == 2, 2 * before, before))
    for apply in (_all_parts, COMPILED):
        state, record = PARAMETERS.start(run_generator(0)), PARAMETERS.record()
        state.rule[:], state.alpha[:] = follows, before
        apply(state, PARAMETERS.constants, PARAMETERS.room(), record)
        assert state.alpha.tolist() == expected.tolist()
        assert record.by_rule[:, 0].tolist() == [(follows == which).sum() for which in range(4)]
