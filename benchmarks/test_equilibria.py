"""CPU time of equilibria beside nashpy, quantecon and Gambit, in one run and on the same games.

`make bench` prints the figures; nothing here asserts a time. Peers that are not installed are left out, and
so are peers that would take minutes. Who finds how many equilibria is in the column `found` of the saved
results.
"""

import io
import time
import warnings

import numpy as np
import pytest

from theory.equilibria.logit import logit_equilibrium
from theory.equilibria.nash import nash_equilibria
from theory.equilibria.two_by_two import batch_equilibria
from theory.games.catalogue import named_game
from theory.games.game import Game

pytestmark = pytest.mark.benchmark(timer=time.process_time)

MILLION = 1_000_000
CHUNK = 100_000


def random_bimatrix(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 1000, (2, n, n)).astype(float)


def nashpy_game(payoffs: np.ndarray):
    return pytest.importorskip("nashpy").Game(*payoffs)


def quantecon_game(payoffs: np.ndarray):
    quantecon = pytest.importorskip("quantecon.game_theory")
    A, B = payoffs
    return quantecon.NormalFormGame([quantecon.Player(A), quantecon.Player(np.ascontiguousarray(B.T))])


def gambit_game(payoffs: np.ndarray):
    gambit = pytest.importorskip("pygambit")
    return gambit.read_nfg(io.BytesIO(Game(payoffs).to_nfg().encode()))


def quietly(function, *arguments):
    """Call a peer without its warnings about rounding and degeneracy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments)


def test_a_million_2x2_games(benchmark) -> None:
    """All equilibria, in chunks: seconds are microseconds a game."""
    benchmark.group = "2x2, a million games"
    games = np.random.default_rng(0).random((MILLION, 2, 2, 2))

    def solve() -> None:
        for start in range(0, MILLION, CHUNK):
            batch_equilibria(games[start : start + CHUNK])

    benchmark.pedantic(solve, rounds=5, warmup_rounds=1)


def test_a_million_2x2_games_in_one_call(benchmark) -> None:
    benchmark.group = "2x2, a million games"
    games = np.random.default_rng(0).random((MILLION, 2, 2, 2))
    benchmark.pedantic(batch_equilibria, (games,), rounds=5, warmup_rounds=1)


SINGLE_2X2 = {
    "commonweal": lambda: len(nash_equilibria(named_game("chicken")).profiles),
    "nashpy support": lambda: len(list(nashpy_game(named_game("chicken").payoffs).support_enumeration())),
    "nashpy vertex": lambda: len(list(nashpy_game(named_game("chicken").payoffs).vertex_enumeration())),
    "quantecon support": lambda: len(
        pytest.importorskip("quantecon.game_theory").support_enumeration(
            quantecon_game(named_game("chicken").payoffs)
        )
    ),
}


@pytest.mark.parametrize("solver", SINGLE_2X2)
def test_one_2x2_game(benchmark, solver: str) -> None:
    benchmark.group = "2x2, one game"
    quietly(SINGLE_2X2[solver])
    benchmark.extra_info["found"] = quietly(benchmark, SINGLE_2X2[solver])


def solve_bimatrix(solver: str, payoffs: np.ndarray):
    """Return a call that counts the equilibria that a solver finds."""
    if solver == "commonweal":
        game = Game(payoffs)
        return lambda: len(nash_equilibria(game).profiles)
    if solver == "nashpy vertex":
        peer = nashpy_game(payoffs + 1)  # zeros among the payoffs make its polytopes unbounded
        return lambda: len(list(peer.vertex_enumeration()))
    if solver == "nashpy support":
        peer = nashpy_game(payoffs)
        return lambda: len(list(peer.support_enumeration()))
    if solver == "quantecon vertex":
        peer = quantecon_game(payoffs)
        enumerate_vertices = pytest.importorskip("quantecon.game_theory").vertex_enumeration
        return lambda: len(enumerate_vertices(peer))
    peer, solve = gambit_game(payoffs), pytest.importorskip("pygambit").nash.enummixed_solve
    return lambda: len(solve(peer, rational=solver == "gambit exact").equilibria)


PEERS = {
    4: ("commonweal", "quantecon vertex", "gambit exact", "nashpy vertex", "nashpy support"),
    6: ("commonweal", "quantecon vertex", "gambit exact"),
    8: ("commonweal", "quantecon vertex", "gambit float"),
    12: ("commonweal", "quantecon vertex"),
}


@pytest.mark.parametrize(("n", "solver"), [(n, solver) for n, solvers in PEERS.items() for solver in solvers])
def test_all_equilibria_of_a_bimatrix_game(benchmark, n: int, solver: str) -> None:
    benchmark.group = f"{n}x{n}, all equilibria"
    solve = solve_bimatrix(solver, random_bimatrix(n))
    quietly(solve)
    benchmark.extra_info["found"] = quietly(lambda: benchmark.pedantic(solve, rounds=3))


@pytest.mark.parametrize("solver", ["commonweal", "gambit exact"])
def test_a_degenerate_game(benchmark, solver: str) -> None:
    """Payoffs 0, 1 and 2: many ties, where quantecon and nashpy miss equilibria."""
    benchmark.group = "6x6 with ties, all extreme equilibria"
    solve = solve_bimatrix(solver, np.random.default_rng(0).integers(0, 3, (2, 6, 6)).astype(float))
    benchmark.extra_info["found"] = benchmark.pedantic(solve, rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("solver", ["commonweal", "gambit enumpoly"])
@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 2, 2), (3, 3, 3)])
def test_three_players(benchmark, shape: tuple[int, ...], solver: str) -> None:
    if solver == "gambit enumpoly" and shape == (3, 3, 3):
        pytest.skip("takes minutes")
    benchmark.group = f"{'x'.join(map(str, shape))}, all equilibria"
    payoffs = np.random.default_rng(1).integers(0, 1000, (3, *shape)).astype(float)
    if solver == "commonweal":
        game = Game(payoffs)
        found = benchmark.pedantic(nash_equilibria, (game,), rounds=3, warmup_rounds=1).profiles
    else:
        peer, solve = gambit_game(payoffs), pytest.importorskip("pygambit").nash.enumpoly_solve
        found = benchmark.pedantic(solve, (peer,), rounds=3, warmup_rounds=1).equilibria
    benchmark.extra_info["found"] = len(found)


@pytest.mark.parametrize("solver", ["commonweal", "gambit"])
def test_a_logit_equilibrium(benchmark, solver: str) -> None:
    benchmark.group = "8x8, logit equilibrium at rationality 0.05"
    payoffs = random_bimatrix(8)
    if solver == "commonweal":
        benchmark.pedantic(logit_equilibrium, (Game(payoffs), 0.05), rounds=3, warmup_rounds=1)
    else:
        peer, solve = gambit_game(payoffs), pytest.importorskip("pygambit").qre.logit_solve_lambda
        benchmark.pedantic(solve, (peer,), {"lam": [0.05]}, rounds=3, warmup_rounds=1)
