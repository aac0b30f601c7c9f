r"""The surfaces V_1(alpha, beta), V_2(alpha, beta) and W(alpha, beta) of thesis section 5.2.

Players of cooperativeness alpha and beta reply to each other's last actions, x_{t+1} from pi_1(. | alpha,
y_t) and y_{t+1} from pi_2(. | beta, x_t). From independent even mixtures x_t and y_t stay independent, so
that two probability vectors describe play:

    p_{t+1} = q_t pi_1(alpha),    q_{t+1} = p_t pi_2(beta).

V_i is the mean payoff over the last half of `rounds`, or at the rest where p and q stop moving (within
1e-12). In a separable game that is after one round, and at the one equilibrium of the altruistic game
wherever best replies are unique and lead there. Where they cycle the mean is over the cycle, and
`settled` is False.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.engine.compilation import compiled
from simulation.engine.randomness import whole_number
from simulation.gradual.policies import PolicyFamily
from theory import Game
from theory.arguments import checked, of_type
from theory.checks import FloatArray
from theory.games.checks import two_player_game

AT_REST = 1e-12


@dataclass(frozen=True, eq=False)
class ValueSurfaces:
    """Payoffs by cooperativeness.

    Attributes
    ----------
    alpha, beta
        `[n]`, `[m]`: cooperativeness of players 1 and 2.
    values
        `[2, n, m]`: V_1 and V_2.
    settled
        `[n, m]`: whether play came to rest within the rounds.
    """

    alpha: FloatArray
    beta: FloatArray
    values: FloatArray
    settled: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

    @property
    def welfare(self) -> FloatArray:
        """`[n, m]`: W = V_1 + V_2."""
        return np.asarray(self.values.sum(axis=0))

    @property
    def separability_error(self) -> float:
        """Largest residual of V_i = f_i(alpha) + g_i(beta), as a share of the range of V_i."""
        worst = 0.0
        for v in self.values:
            fit = v.mean(axis=1, keepdims=True) + v.mean(axis=0, keepdims=True) - v.mean()
            worst = max(worst, float(np.abs(v - fit).max()) / (float(np.ptp(v)) or 1.0))
        return worst


def _add_replies(played: FloatArray, table: FloatArray, of_first: bool, out: FloatArray) -> None:
    """Add to `out[n, m, k]` the mean over `played[n, m, l]` of the replies `table[n or m, l, k]`."""
    for a in range(played.shape[0]):
        for b in range(played.shape[1]):
            weight = a if of_first else b
            for action in range(played.shape[2]):
                share = played[a, b, action]
                if share > 0.0:  # of the best replies to most there are few
                    for k in range(out.shape[2]):
                        out[a, b, k] += share * table[weight, action, k]


def _add_expectations(payoffs: FloatArray, p: FloatArray, q: FloatArray, out: FloatArray) -> None:
    """Add to `out[2, n, m]` the expected payoffs of `p[n, m, k]` against `q[n, m, l]`."""
    for a in range(p.shape[0]):
        for b in range(p.shape[1]):
            for i in range(p.shape[2]):
                if p[a, b, i] > 0.0:
                    for player in range(2):
                        mean = 0.0
                        for j in range(q.shape[2]):
                            mean += payoffs[player, i, j] * q[a, b, j]
                        out[player, a, b] += p[a, b, i] * mean


_add_replies_compiled = compiled(_add_replies)
_add_expectations_compiled = compiled(_add_expectations)


@checked(game=two_player_game, first=of_type(PolicyFamily), second=of_type(PolicyFamily))
def value_surfaces(
    game: Game, first: PolicyFamily, second: PolicyFamily, *, rounds: int = 200
) -> ValueSurfaces:
    """Return V_1 and V_2 for all pairs of cooperativeness.

    Parameters
    ----------
    game
        Of two players.
    first, second
        Policy families of player 1 and player 2.
    rounds
        At least 2: after so many an unsettled pair is averaged over the last half of them.
    """
    limit = whole_number("rounds", rounds, at_least=2)
    n, m = len(first.weights), len(second.weights)
    for family, shape in ((first, game.n_actions), (second, game.n_actions[::-1])):
        if family.probabilities.shape[:0:-1] != shape:
            raise ValueError(
                f"policies must be those of the game, of {game.n_actions} actions, got a family of shape "
                f"{family.probabilities.shape}"
            )
    p = np.full((n, m, game.n_actions[0]), 1.0 / game.n_actions[0])
    q = np.full((n, m, game.n_actions[1]), 1.0 / game.n_actions[1])
    total, counted = np.zeros((2, n, m)), 0
    moved = np.full((n, m), np.inf)
    for t in range(1, limit + 1):
        following, q_following = np.zeros_like(p), np.zeros_like(q)
        _add_replies_compiled(q, first.probabilities, True, following)
        _add_replies_compiled(p, second.probabilities, False, q_following)
        moved = np.maximum(np.abs(following - p).max(axis=2), np.abs(q_following - q).max(axis=2))
        p, q = following, q_following
        at_rest = bool((moved <= AT_REST).all())
        if at_rest or t > limit // 2:
            here = _payoffs(game, p, q)
            total, counted = (here, 1) if at_rest else (total + here, counted + 1)
        if at_rest:
            break
    return ValueSurfaces(first.weights, second.weights, total / counted, moved <= AT_REST)


def _payoffs(game: Game, p: FloatArray, q: FloatArray) -> FloatArray:
    values = np.zeros((2, *p.shape[:2]))
    _add_expectations_compiled(np.ascontiguousarray(game.payoffs), p, q, values)
    return values
