"""CPU time of the planner's variants and of many players. `make bench` prints the figures.

The measures to hold: thesis Table 4.3 (nine published cells) at 100 runs a cell within 8 s of CPU, N = 1000
players for ten runs of 4000 episodes within 2 s, and a cost per episode that is linear in N.
"""

import time

import numpy as np
import pytest

from scenarios.thesis.table_4_3 import PRINTED, SCENARIO, VARIANTS, Parameters, build
from simulation import FiniteGameParameters, ManyPlayersParameters, simulate, simulate_game, simulate_many

pytestmark = pytest.mark.benchmark(timer=time.process_time)


@pytest.mark.parametrize("variants", [PRINTED, tuple(VARIANTS)], ids=["published", "all"])
def test_table_4_3_at_a_hundred_runs_a_cell(benchmark, variants: tuple[str, ...]) -> None:
    """Three games, 4000 episodes, after compilation."""

    def table(runs: int = 100) -> None:
        for cell in SCENARIO.cells(Parameters()):
            if cell.variant in variants:
                simulate(build(Parameters(), cell), runs=runs, record="summary")

    table(1)
    benchmark.pedantic(table, rounds=2)


def test_a_thousand_players(benchmark) -> None:
    """Ten runs of 4000 episodes."""
    parameters = ManyPlayersParameters(n_players=1000)
    simulate_many(ManyPlayersParameters(n_players=10, episodes=2), runs=1, record="summary")
    benchmark.pedantic(simulate_many, (parameters,), {"runs": 10, "record": "summary"}, rounds=2)


@pytest.mark.parametrize("n_players", [10, 100, 1000, 10_000])
def test_an_episode_of_many_players(benchmark, n_players: int) -> None:
    """4000 episodes of one run; divided by 4000 N it is the same for all N but the smallest."""
    parameters = ManyPlayersParameters(n_players=n_players)
    simulate_many(ManyPlayersParameters(n_players=10, episodes=2), runs=1, record="summary")
    benchmark.pedantic(simulate_many, (parameters,), {"runs": 1, "record": "summary"}, rounds=2)
    if benchmark.stats:
        benchmark.extra_info["nanoseconds a player and episode"] = round(
            1e9 * float(np.min(benchmark.stats.stats.data)) / 4000 / n_players, 2
        )


def test_a_finite_game_of_three_players(benchmark) -> None:
    """4000 episodes of one run, 3 x 3 x 3 actions, incentives by outcome."""
    from theory import Game

    game = Game(np.random.default_rng(0).normal(size=(3, 3, 3, 3)))
    parameters = FiniteGameParameters(game=game)
    simulate_game(FiniteGameParameters(episodes=2), runs=1, record="summary")
    benchmark.pedantic(simulate_game, (parameters,), {"runs": 1, "record": "summary"}, rounds=3)
