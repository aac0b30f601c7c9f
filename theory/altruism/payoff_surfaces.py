r"""Original payoffs as functions of the players' cooperativeness (thesis section 5.2).

Player 1 maximises V1 + alpha V2, player 2 maximises V2 + beta V1. What they get depends on which equilibrium
of that game they play, so V1(alpha, beta), V2(alpha, beta) and W = V1 + V2 are functions only once a
*selection* is stated. The payoffs shown are always the original ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from theory.arguments import checked
from theory.checks import BoolArray, FloatArray, finite_array, finite_number, known_name
from theory.equilibria.logit import logit_equilibrium
from theory.equilibria.nash import MixedProfile, nash_equilibria
from theory.games.checks import two_player_game
from theory.games.game import Game

Selection = Literal["best-reply", "best-equilibrium", "worst-equilibrium", "logit"]

SELECTIONS: tuple[str, ...] = get_args(Selection)

DEFAULT_GRID = 21


@dataclass(frozen=True, eq=False)
class AltruismSurfaces:
    """Equilibrium payoffs over a grid of weights.

    Attributes
    ----------
    game
        The game with its original payoffs.
    alphas, betas
        `[n_alpha]`, `[n_beta]`: rising weights in [0, 1].
    selection
        Which equilibrium of the altruistic game is meant.
    V1, V2, W
        `[n_alpha, n_beta]`: original payoffs of the players and their sum, in payoff units. Masked arrays: a
        point is masked where the selection does not exist or is not known.
    profiles
        `profiles[k][l]`: the equilibrium at (alphas[k], betas[l]), or None where masked.
    note
        Why points are masked; empty if none is.
    """

    game: Game
    alphas: FloatArray
    betas: FloatArray
    selection: str
    V1: np.ma.MaskedArray
    V2: np.ma.MaskedArray
    W: np.ma.MaskedArray
    profiles: tuple[tuple[MixedProfile | None, ...], ...]
    note: str = ""

    @property
    def known(self) -> BoolArray:
        """`[n_alpha, n_beta]`: whether the selection gives an equilibrium."""
        return ~np.ma.getmaskarray(self.W)


@checked(game=two_player_game)
def surfaces(
    game: Game,
    alphas: ArrayLike | None = None,
    betas: ArrayLike | None = None,
    *,
    selection: Selection = "best-equilibrium",
    start: tuple[int, int] | None = None,
    rationality: float | None = None,
) -> AltruismSurfaces:
    """Return V1, V2 and W over a grid of alpha and beta.

    Parameters
    ----------
    game
        A game of two players.
    alphas, betas
        Rising weights in [0, 1]; by default 21 from 0 to 1.
    selection
        `"best-equilibrium"`, `"worst-equilibrium"`: the equilibrium of the altruistic game with the
        highest or lowest *original* welfare; among those with the same, the one best for player 1.
        Unknown where the solver does not find all equilibria.
        `"best-reply"`: where best-reply play ends that begins at `start`; the players take turns, player 1
        first, keep an action that is as good as any, and otherwise take the first best one. Where play
        goes round in a cycle there is no such equilibrium.
        `"logit"`: the logit equilibrium with `rationality` on the principal branch, which is followed
        straight on where other equilibria branch off (`theory.equilibria.logit`).
    start
        The actions from which `"best-reply"` begins; by default each player's last (mutual defection).
    rationality
        For `"logit"`: lambda >= 0, in 1/payoff.
    """
    rows, columns = _weights("alphas", alphas), _weights("betas", betas)
    select, reason = _selector(game, selection, start, rationality)
    profiles = tuple(
        tuple(select(game.altruistic(float(alpha), float(beta))) for beta in columns) for alpha in rows
    )
    payoffs = np.zeros((2, len(rows), len(columns)))
    unknown = np.ones((len(rows), len(columns)), dtype=bool)
    for point in np.ndindex(unknown.shape):
        profile = profiles[point[0]][point[1]]
        if profile is not None:
            payoffs[:, *point] = game.expected_payoffs(profile)
            unknown[point] = False
    V1, V2, W = (np.ma.array(v, mask=unknown) for v in (*payoffs, payoffs.sum(axis=0)))
    return AltruismSurfaces(
        game, rows, columns, selection, V1, V2, W, profiles, note=reason if unknown.any() else ""
    )


@checked(game=two_player_game)
def best_reply_rest_point(game: Game, start: tuple[int, int]) -> tuple[int, int] | None:
    """Return where best-reply play from `start` stops, or None if it goes round in a cycle.

    The players take turns, player 1 first; one who already plays a best reply stays.
    """
    read = game.as_read
    actions = list(game.outcome(start))
    seen: set[tuple[int, int]] = set()
    while (actions[0], actions[1]) not in seen:
        seen.add((actions[0], actions[1]))
        before = tuple(actions)
        for player in (0, 1):
            payoffs = read.payoffs[player].take(actions[1 - player], axis=1 - player)
            if payoffs[actions[player]] < payoffs.max():
                actions[player] = int(payoffs.argmax())
        if before == tuple(actions):
            return actions[0], actions[1]
    return None


def _selector(
    game: Game, selection: str, start: tuple[int, int] | None, rationality: float | None
) -> tuple[Callable[[Game], MixedProfile | None], str]:
    """Return the function from the altruistic game to its selected equilibrium, and why it may have none."""
    known_name("selection", selection, SELECTIONS)
    if start is not None and selection != "best-reply":
        raise ValueError(f'start is for selection "best-reply", got selection {selection!r}')
    if (rationality is None) == (selection == "logit"):
        raise ValueError(
            'rationality must be given for selection "logit" and no other, '
            f"got {rationality!r} for {selection!r}"
        )
    if selection == "best-reply":
        actions = (game.n_actions[0] - 1, game.n_actions[1] - 1) if start is None else start
        game.pure(*actions)  # raises if there are no such actions
        return _best_reply_selector(actions), "best-reply play goes round in a cycle"
    if selection == "logit":
        assert rationality is not None
        return _logit_selector(finite_number("rationality", rationality)), "no logit equilibrium was found"
    sign = 1.0 if selection == "best-equilibrium" else -1.0
    return _welfare_selector(game, sign), "the solver did not find all equilibria"


def _best_reply_selector(start: tuple[int, int]) -> Callable[[Game], MixedProfile | None]:
    def select(altruistic: Game) -> MixedProfile | None:
        rest = best_reply_rest_point(altruistic, start)
        return None if rest is None else altruistic.pure(*rest)

    return select


def _welfare_selector(game: Game, sign: float) -> Callable[[Game], MixedProfile | None]:
    """Select by the original welfare.

    Welfare is bilinear on each product of mixtures that is a maximal Nash subset, so that its extremes over
    a continuum are found at extreme equilibria.
    """
    tie = float(game.resolution.sum())

    def select(altruistic: Game) -> MixedProfile | None:
        found = nash_equilibria(altruistic)
        if not found.complete:
            return None
        payoffs = np.array([game.expected_payoffs(profile) for profile in found.profiles])
        welfare = sign * payoffs.sum(axis=1)
        tied = np.flatnonzero(welfare >= welfare.max() - tie)
        # The first listed of those that pay player 1 the same.
        best = payoffs[tied, 0] >= payoffs[tied, 0].max() - game.resolution[0]
        return found.profiles[tied[best.argmax()]]

    return select


def _logit_selector(rationality: float) -> Callable[[Game], MixedProfile | None]:
    def select(altruistic: Game) -> MixedProfile | None:
        return logit_equilibrium(altruistic, rationality).profile

    return select


def _weights(name: str, values: ArrayLike | None) -> FloatArray:
    if values is None:
        return np.linspace(0.0, 1.0, DEFAULT_GRID)
    weights = finite_array(name, values)
    if weights.ndim != 1 or not len(weights) or (np.diff(weights) <= 0).any():
        raise ValueError(f"{name} must be a rising list of weights, got {values!r}")
    if weights[0] < 0 or weights[-1] > 1:
        raise ValueError(f"{name} must lie in [0, 1], got {weights[0]:g} to {weights[-1]:g}")
    return weights
