"""CPU time of graded duels. `make bench` prints the figures; nothing here asserts a time."""

import time

import pytest

from simulation.gradual.continuous import ContinuousMirror, play_continuous_duels
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.groups.runs import GroupParameters, play_groups
from simulation.gradual.models import GradualPair
from simulation.gradual.players import GradualPlayer, LiteralMirror, TitForTat
from theory import named_game

pytestmark = pytest.mark.benchmark(timer=time.process_time)
GAME = graded_donation_game()


def duels(runs: int, noise: float = 0.05) -> None:
    play_duels(
        LiteralMirror(), LiteralMirror(), game=GAME, rounds=1000, runs=runs, noise=noise, burn_in=100,
        record="summary", workers=1,
    )  # fmt: skip


def test_a_million_rounds_of_a_pair_with_101_point_beliefs(benchmark) -> None:
    """1000 duels of 1000 rounds, draws and summaries included: seconds are microseconds a round."""
    duels(1)
    benchmark.pedantic(duels, (1000,), rounds=5)


def test_ten_thousand_duels_of_a_thousand_rounds(benchmark) -> None:
    duels(1)
    benchmark.pedantic(duels, (10_000,), rounds=1)


@pytest.mark.parametrize("player", [GradualPlayer(), TitForTat()], ids=["ledger", "tit-for-tat"])
def test_a_million_rounds_of_a_pair_in_a_dilemma(benchmark, player) -> None:
    """Seconds are microseconds a round; a pair by the ledger is to take at most twice a pair of Tit-for-Tat."""

    def pairs(runs: int) -> None:
        game = named_game("prisoners-dilemma")
        play_duels(player, player, game=game, rounds=1000, runs=runs, noise=0.05, record="summary", workers=1)

    pairs(1)
    benchmark.pedantic(pairs, (1000,), rounds=5)


def test_a_thousand_steps_of_the_mesa_model(benchmark) -> None:
    def steps() -> None:
        model = GradualPair(LiteralMirror(), LiteralMirror(), rng=0, noise=0.05)
        while model.running:
            model.step()

    benchmark.pedantic(steps, rounds=2, warmup_rounds=1)


def test_a_hundred_thousand_rounds_of_a_pair_with_continuous_levels(benchmark) -> None:
    """Seconds are tens of microseconds a round; what `LiteralMirror` looks up is computed here."""

    def continuous(runs: int) -> None:
        play_continuous_duels(ContinuousMirror(), ContinuousMirror(), runs=runs, noise=0.05, burn_in=100)

    continuous(1)
    benchmark.pedantic(continuous, (100,), rounds=3)


def test_a_hundred_thousand_rounds_of_a_group_of_five(benchmark) -> None:
    """Seconds are tens of microseconds a round of five players."""
    play_groups(GroupParameters(noise=0.05))
    benchmark.pedantic(play_groups, (GroupParameters(noise=0.05),), {"runs": 100}, rounds=3)
