r"""Is a pair of finite-state strategies an equilibrium of the repeated game?

Freeze one machine: for the other player the repeated game becomes a decision process whose state is the
machine's, so that a best response is found exactly, by policy iteration (Howard 1960). With per-round payoffs
u, discount d and the frozen machine's P(C) in state s, its value is the normalised sum (1 - d) sum_t d^t u_t,

    V(s) = max over a of  sum over b of P(b | s) [(1 - d) u(a, b) + d V(next state of s after b and a)].

A pair of machines is a Nash equilibrium of the repeated game if neither gains by such a response.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from theory.arguments import checked, number, place
from theory.checks import FloatArray, finite_array, number_within, position, shown
from theory.games.checks import two_by_two_game

if TYPE_CHECKING:
    from theory.games.game import Game

# Policy iteration improves every state at once; it ends after a few dozen rounds on any machine of use.
MOST_IMPROVEMENTS = 10_000

# What an action must gain, as a share of the payoff range, to count as better than the one in force.
IMPROVEMENT = 1e-12

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


@runtime_checkable
class Machine(Protocol):
    """A finite-state strategy for two actions, such as `simulation.FiniteState`."""

    @property
    def cooperation(self) -> Sequence[float]:
        """`[n_states]`: P(C) in each state."""

    @property
    def transitions(self) -> Sequence[Sequence[int]]:
        """`[n_states][4]`: the state after the (own, other's) actions CC, CD, DC, DD."""

    @property
    def start(self) -> int:
        """The state in which play begins."""


def machine(name: str, value: Any) -> Machine:
    """Return a machine of which every probability and state is in its bounds, or raise ValueError."""
    if not isinstance(value, Machine) or isinstance(value, type):
        raise ValueError(f"{name} must be a machine such as simulation.FiniteState, got {shown(value)}")
    cooperation = finite_array(f"P(C) in the states of {name}", value.cooperation)
    if cooperation.ndim != 1 or not cooperation.size or cooperation.min() < 0.0 or cooperation.max() > 1.0:
        raise ValueError(f"P(C) in the states of {name} must lie in [0, 1], got {shown(value.cooperation)}")
    n_states = len(cooperation)
    following = finite_array(f"transitions of {name}", value.transitions)
    if following.shape != (n_states, 4):
        raise ValueError(
            f"{name} must have four transitions for each of {n_states} states, got shape {following.shape}"
        )
    if ((following != np.floor(following)) | (following < 0) | (following >= n_states)).any():
        raise ValueError(
            f"transitions of {name} must be states from 0 to {n_states - 1}, got {shown(value.transitions)}"
        )
    position(f"start of {name}", value.start, n_states)
    return value


@dataclass(frozen=True, eq=False)
class MachineResponse:
    """A best response to a frozen machine.

    Attributes
    ----------
    payoff
        The responder's discounted payoff per round, from the machine's start.
    actions
        `[n_states]`: the responder's action, 0 for C and 1 for D, in each state of the machine.
    discount
        With which payoffs were discounted.
    """

    payoff: float
    actions: IntArray
    discount: float


@dataclass(frozen=True, eq=False)
class MachinesVerdict:
    """Whether a pair of machines is a Nash equilibrium of the repeated game.

    Attributes
    ----------
    payoffs
        `[2]`: discounted payoffs per round of the pair.
    best_response_payoffs
        `[2]`: what each would get by a best response to the other as it is.
    gains
        `[2]`: the difference, at least 0, in payoff units per round.
    least_tolerance
        The larger gain as a share of that player's payoff range: the least tolerance at which the answer is yes.
    is_equilibrium
        Whether `least_tolerance` is at most `tolerance`.
    responses
        A best response of each player to the other.
    discount, tolerance
        As given.
    """

    payoffs: FloatArray
    best_response_payoffs: FloatArray
    gains: FloatArray
    least_tolerance: float
    is_equilibrium: bool
    responses: tuple[MachineResponse, MachineResponse]
    discount: float
    tolerance: float


@checked(game=two_by_two_game, first=machine, second=machine, tolerance=number(0.0))
def judge_machines(
    game: Game, first: Machine, second: Machine, *, discount: float = 0.99, tolerance: float = 1e-6
) -> MachinesVerdict:
    """Judge a pair of machines in the repeated game.

    Parameters
    ----------
    game
        The stage game, of two players with two actions each; action 0 is C.
    first, second
        The machines of player 1 and player 2.
    discount
        d in [0, 1): weight of the next round relative to this one, or the probability that there is one.
    tolerance
        Share, at least 0, of a player's payoff range up to which a gain counts as none.

    Raises
    ------
    ValueError
        If the game is not 2x2 or an argument is out of its bounds.
    """
    payoffs = machine_payoffs(game, first, second, discount=discount)
    responses = (
        best_response_to_machine(game, second, 0, discount=discount),
        best_response_to_machine(game, first, 1, discount=discount),
    )
    best = np.array([response.payoff for response in responses])
    # A best response is at least as good as the machine itself; rounding may say otherwise by a digit.
    gains = np.maximum(best - payoffs, 0.0)
    ranges = game.payoff_range
    share = float((gains / np.where(ranges > 0.0, ranges, 1.0)).max())
    return MachinesVerdict(
        payoffs, best, gains, share, share <= tolerance, responses, float(discount), tolerance
    )


@checked(game=two_by_two_game, first=machine, second=machine)
def machine_payoffs(game: Game, first: Machine, second: Machine, *, discount: float = 0.99) -> FloatArray:
    """Return `[2]`, the discounted payoffs per round of two machines against each other."""
    d = _discount(discount)
    pairs = [(first.start, second.start)]
    number = {pairs[0]: 0}
    rows: list[int] = []
    columns: list[int] = []
    chances: list[float] = []
    immediate: list[FloatArray] = []
    # The list grows while it is walked: each pair of states that play can reach is visited once.
    for index, (one, two) in enumerate(pairs):
        p, q = first.cooperation[one], second.cooperation[two]
        mean = np.zeros(2)
        for row, column, chance in _outcomes(p, q):
            mean += chance * game.payoffs[:, row, column]
            following = (
                first.transitions[one][2 * row + column],
                second.transitions[two][2 * column + row],
            )
            if following not in number:
                number[following] = len(pairs)
                pairs.append(following)
            rows.append(index)
            columns.append(number[following])
            chances.append(chance)
        immediate.append(mean)
    values = _solve(rows, columns, d * np.array(chances), (1.0 - d) * np.array(immediate))
    return np.asarray(values[0])


@checked(game=two_by_two_game, machine=machine, player=place(2))
def best_response_to_machine(
    game: Game, machine: Machine, player: int, *, discount: float = 0.99
) -> MachineResponse:
    """Return a best response of `player` (0 or 1) to a machine of the other, by policy iteration."""
    d = _discount(discount)
    # own[a, b]: the responder's payoff from its action a and the machine's b.
    own = game.payoffs[0] if player == 0 else game.payoffs[1].T
    cooperation = np.array(machine.cooperation, dtype=np.float64)
    chance = np.stack([cooperation, 1.0 - cooperation], axis=1)
    # following[s, a, b]: transitions are by the machine's own action first.
    following = np.array(machine.transitions, dtype=np.int64).reshape(-1, 2, 2).transpose(0, 2, 1)
    immediate = (1.0 - d) * np.einsum("sb,ab->sa", chance, own)
    states = np.arange(len(cooperation))
    actions = immediate.argmax(axis=1)
    margin = IMPROVEMENT * float(np.ptp(own))
    for _ in range(MOST_IMPROVEMENTS):
        rows = np.repeat(states, 2)
        values = _solve(
            rows,
            following[states, actions].ravel(),
            d * chance.ravel(),
            immediate[states, actions],
        )
        worth = immediate + d * np.einsum("sb,sab->sa", chance, values[following])
        better = worth.max(axis=1) > worth[states, actions] + margin
        if not better.any():
            return MachineResponse(float(values[machine.start]), actions, d)
        actions = np.where(better, worth.argmax(axis=1), actions)
    raise ValueError(f"policy iteration did not end after {MOST_IMPROVEMENTS} improvements")


def _outcomes(p: float, q: float) -> list[tuple[int, int, float]]:
    """Return the outcomes that can happen: both actions and their probability."""
    both = [(0, 0, p * q), (0, 1, p * (1.0 - q)), (1, 0, (1.0 - p) * q), (1, 1, (1.0 - p) * (1.0 - q))]
    return [outcome for outcome in both if outcome[2] > 0.0]


def _solve(
    rows: Sequence[int] | IntArray,
    columns: Sequence[int] | IntArray,
    weights: FloatArray,
    immediate: FloatArray,
) -> FloatArray:
    """Return the values v = immediate + W v, where W has `weights` at `rows` and `columns`."""
    from scipy.sparse import coo_array, eye_array
    from scipy.sparse.linalg import spsolve

    n = len(immediate)
    matrix = eye_array(n) - coo_array((weights, (rows, columns)), shape=(n, n))
    return np.asarray(spsolve(matrix.tocsc(), immediate), dtype=np.float64)


def _discount(discount: float) -> float:
    d = number_within("discount", discount, 0.0, 1.0)
    if d == 1.0:
        raise ValueError("discount must be below 1, got 1")
    return d
