r"""Finite games in strategic form.

A game of n players is one payoff tensor of shape `[n_players, *n_actions]`: `payoffs[i, a_1, ..., a_n]`
is what player i (counted from 0) receives when player j plays action a_j. Action 0 is *cooperate* and
action 1 is *defect* wherever these words make sense. A *profile* holds one probability vector per
player, `profile[i]` of length `n_actions[i]`.

For a bimatrix game (A, B) player 0 chooses the row and `payoffs[0] = A`, `payoffs[1] = B`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product
from os import PathLike, fspath
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import (
    FloatArray,
    distinct_names,
    finite_array,
    finite_number,
    is_list,
    known_name,
    names_of,
    payoff_array,
    plain_text,
    position,
    probability_vector,
    shown,
)
from theory.games import nfg
from theory.games.tables import payoff_matrices
from theory.resolution import read, resolution_of
from theory.tables import ShownAsTables, Table
from theory.text_files import read_text

if TYPE_CHECKING:
    from theory.geometry.frontier import Frontier

Profile = Sequence[ArrayLike] | FloatArray


@runtime_checkable
class StrategicGame(Protocol):
    """What every game answers, whether or not it stores a payoff tensor."""

    @property
    def n_players(self) -> int:
        """Number of players."""

    @property
    def n_actions(self) -> tuple[int, ...]:
        """Number of actions of each player."""

    @property
    def payoff_range(self) -> FloatArray:
        """`[n_players]`: largest minus smallest payoff of each player over the outcomes."""

    def expected_payoffs(self, profile: Profile) -> FloatArray:
        """`[n_players]`: expected payoffs when all mix independently."""

    def regrets(self, profile: Profile) -> FloatArray:
        """`[n_players]`: what each player would gain by its best reply."""


def _refuse_pairs(name: str, payoffs: ArrayLike) -> None:
    """Raise ValueError for a nested list whose innermost parts are tuples: payoffs of one outcome each."""
    inner: object = payoffs
    while isinstance(inner, (list, tuple)) and inner and isinstance(inner[0], (list, tuple)):
        inner = inner[0]
    if isinstance(inner, tuple):
        raise ValueError(
            f"{name} must have the players first, [n_players, *n_actions], in lists or an array, got tuples such "
            f"as {inner} innermost, which read like one outcome's payoffs: np.moveaxis({name}, -1, 0) puts "
            "players first"
        )


def _like_pairs(shape: tuple[int, ...]) -> str:
    """Return what to do about an array whose last axis has the players, if its shape says so."""
    if len(shape) < 2 or shape[-1] != len(shape) - 1 or 0 in shape:
        return ""
    return "; if its last axis has the players, np.moveaxis(payoffs, -1, 0) puts them first"


class Game(ShownAsTables):
    """A game given by its payoff tensor.

    Parameters
    ----------
    payoffs
        `[n_players, *n_actions]`, finite. A game is immutable: the tensor is copied and read-only. Players come
        first also where the last axis is as long: lists of payoff pairs are another game. Tuples innermost,
        which pairs are mostly written as, are refused.
    actions
        Names of each player's actions; by default "C" and "D" where a player has two, else "1", "2", ...
    players
        Names of the players; by default, and where a name is blank, "player 1", "player 2", ...
    title
        A name for tables and pictures.
    resolution
        `[n_players]`: payoffs of a player that differ by no more are one payoff, as far as preferences are
        concerned. By default, and at least, 1e-12 of the payoff range, or 8 units in the last place of the
        largest absolute payoff if that is more. Payoffs that were computed from others should be given the
        resolution of those: `altruistic`, `with_incentives` and reductions of games do so.

    Raises
    ------
    ValueError
        If the tensor is not finite, its shape does not fit its number of players, names do not fit, or a
        resolution is negative.
    """

    def __init__(
        self,
        payoffs: ArrayLike,
        *,
        actions: Sequence[Sequence[str]] | None = None,
        players: Sequence[str] | None = None,
        title: str = "",
        resolution: ArrayLike | None = None,
    ) -> None:
        _refuse_pairs("payoffs", payoffs)
        tensor = payoff_array("payoffs", payoffs)
        if tensor.ndim < 2 or tensor.shape[0] != tensor.ndim - 1 or 0 in tensor.shape:
            raise ValueError(
                "payoffs must have shape [n_players, *n_actions] with one action axis per player "
                f"and at least one action each, got shape {tensor.shape}{_like_pairs(tensor.shape)}"
            )
        tensor.flags.writeable = False
        self._payoffs = tensor
        self._least_resolution = None if resolution is None else self._checked_resolution(resolution)
        self.title = plain_text("title", title)
        self.players = self._names_of_players(players)
        self.actions = self._names_of_actions(actions)

    @classmethod
    def bimatrix(
        cls,
        A: ArrayLike,
        B: ArrayLike,
        *,
        actions: Sequence[Sequence[str]] | None = None,
        players: Sequence[str] | None = None,
        title: str = "",
    ) -> Game:
        """Return the two-player game in which `A[r, c]` is paid to the row and `B[r, c]` to the column."""
        rows, columns = payoff_array("A", A), payoff_array("B", B)
        if rows.ndim != 2 or rows.shape != columns.shape:
            raise ValueError(
                f"A and B must be two matrices of the same shape, got shapes {rows.shape} and {columns.shape}"
            )
        return cls(np.stack([rows, columns]), actions=actions, players=players, title=title)

    @classmethod
    def from_nfg(cls, path: str | PathLike[str]) -> Game:
        """Read a game from a file in Gambit's `.nfg` format (see `theory.games.nfg`)."""
        return nfg.game_of(read_text(path), name=fspath(path), make=Game)

    def to_nfg(self) -> str:
        """Return the game as text in Gambit's `.nfg` format (see `theory.games.nfg`)."""
        return nfg.text_of(self.payoffs, actions=self.actions, players=self.players, title=self.title)

    def _names_of_players(self, players: Sequence[str] | None) -> tuple[str, ...]:
        given = ("",) * self.n_players if players is None else names_of("players", players, self.n_players)
        # A blank name would leave a hole in every sentence about its player.
        return tuple(name if name.strip() else f"player {i + 1}" for i, name in enumerate(given))

    def _names_of_actions(self, actions: Sequence[Sequence[str]] | None) -> tuple[tuple[str, ...], ...]:
        if actions is None:
            return tuple(
                ("C", "D") if n == 2 else tuple(str(k + 1) for k in range(n)) for n in self.n_actions
            )
        if not is_list(actions) or len(actions) != self.n_players:
            raise ValueError(
                f"actions must be one list of names for each of {self.n_players} players, got {shown(actions)}"
            )
        return tuple(
            distinct_names(f"actions of player {i + 1}", of_player, n)
            for i, (of_player, n) in enumerate(zip(actions, self.n_actions, strict=True))
        )

    def _checked_resolution(self, given: ArrayLike) -> FloatArray:
        limits = payoff_array("resolution", given)
        if limits.shape != (self.n_players,) or (limits < 0).any():
            raise ValueError(
                f"resolution must be {self.n_players} numbers of at least 0, got {limits.tolist()}"
            )
        return limits

    @property
    def payoffs(self) -> FloatArray:
        """`[n_players, *n_actions]`, read-only."""
        return self._payoffs

    @cached_property
    def resolution(self) -> FloatArray:
        """`[n_players]`: payoffs of a player that differ by no more are one payoff; read-only."""
        limits = resolution_of(self._payoffs)
        if self._least_resolution is not None:
            limits = np.maximum(limits, self._least_resolution)
        limits.flags.writeable = False
        return limits

    @property
    def as_read(self) -> Game:
        """The same game with payoffs exactly equal that differ by no more than the resolution.

        All preferences are those of the game as it is read; payoffs are reported as they were given.
        """
        return self if self._read is None else self._read

    @cached_property
    def _read(self) -> Game | None:
        flat = self._payoffs.reshape(self.n_players, -1)
        values = read(flat, self.resolution)
        return None if values is flat else self._with_payoffs(values.reshape(self._payoffs.shape))

    @property
    def n_players(self) -> int:
        """Number of players."""
        return int(self._payoffs.shape[0])

    @property
    def n_actions(self) -> tuple[int, ...]:
        """Number of actions of each player."""
        return tuple(int(n) for n in self._payoffs.shape[1:])

    @cached_property
    def payoff_range(self) -> FloatArray:
        """`[n_players]`: largest minus smallest payoff of each player over the outcomes; read-only.

        0 where all are one payoff, as they are read: constant but for rounding.
        """
        flat = self.as_read.payoffs.reshape(self.n_players, -1)
        spread = np.asarray(flat.max(axis=1) - flat.min(axis=1))
        spread.flags.writeable = False
        return spread

    @cached_property
    def frontier(self) -> Frontier:
        """The Pareto frontier of lotteries over the outcomes; of two players alone."""
        from theory.geometry.frontier import Frontier

        return Frontier.of(self.outcomes)

    @property
    def is_symmetric(self) -> bool:
        """Whether it is a game of two players in which each gets what the other would in its place."""
        return (
            self.n_players == 2
            and self.n_actions[0] == self.n_actions[1]
            and bool((self._payoffs[0] == self._payoffs[1].T).all())
        )

    @property
    def outcomes(self) -> FloatArray:
        """`[n_outcomes, n_players]`: payoffs of the pure profiles, in the order of `pure_profiles`."""
        return np.ascontiguousarray(self._payoffs.reshape(self.n_players, -1).T)

    def pure_profiles(self) -> Iterator[tuple[int, ...]]:
        """Yield the pure profiles as action tuples, the last player's action changing fastest."""
        return product(*(range(n) for n in self.n_actions))

    def action_payoffs(self, player: int, profile: Profile) -> FloatArray:
        """Return `[n_actions[player]]`: what each action pays against the others' mixtures."""
        player = position("player", player, self.n_players)
        return self._action_payoffs(player, self.check_profile(profile))

    def _action_payoffs(self, player: int, mixtures: Sequence[FloatArray]) -> FloatArray:
        tensor = self._payoffs[player]
        # Later axes first, so that the positions of the earlier ones stay as they are.
        for other in reversed(range(self.n_players)):
            if other != player:
                tensor = np.tensordot(tensor, mixtures[other], axes=(other, 0))
        return np.asarray(tensor)

    def expected_payoffs(self, profile: Profile) -> FloatArray:
        """Return `[n_players]`: expected payoffs when all mix independently."""
        mixtures = self.check_profile(profile)
        return np.array([self._action_payoffs(i, mixtures) @ mixtures[i] for i in range(self.n_players)])

    def regrets(self, profile: Profile) -> FloatArray:
        """Return `[n_players]`: what each player would gain by its best reply (never negative).

        Actions that pay as much as the best one, but for the `resolution`, are best replies.
        """
        mixtures = self.check_profile(profile)
        gains = np.empty(self.n_players)
        for i, mixture in enumerate(mixtures):
            payoffs = self.as_read._action_payoffs(i, mixtures)
            # A convex combination of differences that are all >= 0, so that rounding cannot go below 0.
            short = payoffs.max() - payoffs
            gains[i] = np.where(short > self.resolution[i], short, 0.0) @ mixture
        return gains

    def check_profile(self, profile: Profile) -> tuple[FloatArray, ...]:
        """Return the profile as probability vectors, or raise ValueError with what is wrong."""
        if not is_list(profile):
            raise ValueError(
                f"profile must have one probability vector for each of {self.n_players} players, "
                f"got {shown(profile)}"
            )
        if len(profile) != self.n_players:
            raise ValueError(
                f"profile must have one probability vector for each of {self.n_players} players, "
                f"got {len(profile)}"
            )
        for name, mixture, n in zip(self.players, profile, self.n_actions, strict=True):
            if isinstance(mixture, (str, int, np.integer)):
                raise ValueError(
                    f"profile of {name} must be {n} probabilities, got {shown(mixture)}; `pure` of the game makes "
                    "a profile of actions"
                )
        return tuple(
            probability_vector(f"profile of {name}", mixture, n)
            for name, mixture, n in zip(self.players, profile, self.n_actions, strict=True)
        )

    def pure(self, *actions: int | str) -> tuple[FloatArray, ...]:
        """Return the profile in which player i plays `actions[i]`, a position from 0 or a name, for sure."""
        if len(actions) == self.n_players:
            actions = tuple(
                names.index(known_name(f"action of {player}", action, names))
                if isinstance(action, str)
                else action
                for player, action, names in zip(self.players, actions, self.actions, strict=True)
            )
        places = self.outcome(cast(Sequence[int], actions))
        return tuple(np.eye(n)[a] for a, n in zip(places, self.n_actions, strict=True))

    def name_of(self, outcome: Sequence[int]) -> str:
        """Return a pure profile in words, such as "(C, D)"."""
        return "(" + ", ".join(self.actions[i][a] for i, a in enumerate(self.outcome(outcome))) + ")"

    def outcome(self, actions: Sequence[int]) -> tuple[int, ...]:
        """Return a pure profile as whole numbers, one action a player, or raise ValueError."""
        if not is_list(actions):
            raise ValueError(f"actions must be one of each of {self.n_players} players, got {shown(actions)}")
        if len(actions) != self.n_players:
            raise ValueError(f"actions must be one of each of {self.n_players} players, got {len(actions)}")
        return tuple(
            position(f"the action of player {i + 1}", action, n)
            for i, (action, n) in enumerate(zip(actions, self.n_actions, strict=True))
        )

    def altruistic(self, alpha: ArrayLike, beta: float | None = None) -> Game:
        r"""Return the game in which players also care for each other's payoffs (thesis section 5.2).

        With two numbers (two players) the utilities are U_1 = V_1 + alpha V_2 and U_2 = V_2 + beta V_1.
        With one weight matrix w of shape `[n_players, n_players]` they are U_i = sum_j w[i, j] V_j.
        `altruistic(1, 1)` gives everyone the sum of all payoffs: the fully cooperative game of thesis
        section 4.1.2.
        """
        if beta is None:
            weights = finite_array("altruism weights", alpha)
            if weights.shape != (self.n_players, self.n_players):
                raise ValueError(
                    "altruism weights must be alpha and beta (two players) or a matrix of shape "
                    f"{(self.n_players, self.n_players)}, got shape {weights.shape}"
                )
        elif self.n_players != 2:
            raise ValueError(
                f"altruistic(alpha, beta) is for two players, got {self.n_players}: give a matrix"
            )
        else:
            weights = np.array([[1.0, finite_number("alpha", alpha)], [finite_number("beta", beta), 1.0]])
        utilities = np.tensordot(weights, self._payoffs, axes=(1, 0))
        return self._with_payoffs(utilities, np.abs(weights) @ self.resolution)

    def inequity_averse(self, *, envy: ArrayLike = 0.0, guilt: ArrayLike = 0.0) -> Game:
        r"""Return the game of players who mind having less than others, and having more (Fehr & Schmidt 1999).

            U_i = V_i - envy_i / (N - 1) sum_j max(V_j - V_i, 0) - guilt_i / (N - 1) sum_j max(V_i - V_j, 0),

        outcome by outcome: a mixture is disliked for what may come of it, not for its mean.

        Parameters
        ----------
        envy, guilt
            alpha and beta of the paper, utility per payoff unit; one number for all, or `[n_players]`. The paper has
            0 <= beta < 1 and beta <= alpha; here any finite numbers may be had.

        Raises
        ------
        ValueError
            If numbers are not finite, or not one or one a player; or if there is one player alone.
        """
        if self.n_players < 2:
            raise ValueError(f"inequity is between two players or more, got {self.n_players}")
        dislikes = []
        for name, given in (("envy", envy), ("guilt", guilt)):
            values = finite_array(name, given)
            if values.shape not in ((), (self.n_players,)):
                raise ValueError(
                    f"{name} must be one number or one for each of {self.n_players} players, "
                    f"got shape {values.shape}"
                )
            dislikes.append(np.broadcast_to(values, self.n_players) / (self.n_players - 1))
        utilities, resolution = self._payoffs.copy(), self.resolution.copy()
        for i, (less, more) in enumerate(zip(*dislikes, strict=True)):
            for j in range(self.n_players):
                ahead = self._payoffs[i] - self._payoffs[j]
                utilities[i] -= less * np.maximum(-ahead, 0.0) + more * np.maximum(ahead, 0.0)
                if j != i:
                    resolution[i] += max(abs(less), abs(more)) * (self.resolution[i] + self.resolution[j])
        return self._with_payoffs(utilities, resolution)

    def with_incentives(self, incentives: ArrayLike) -> Game:
        """Return the game with `incentives[n_players, *n_actions]` added to its payoffs (section 4.1.1)."""
        _refuse_pairs("incentives", incentives)
        extra = payoff_array("incentives", incentives)
        if extra.shape != self._payoffs.shape:
            raise ValueError(
                f"incentives must have the payoffs' shape {self._payoffs.shape}, got {extra.shape}"
            )
        return self._with_payoffs(self._payoffs + extra, self.resolution + resolution_of(extra))

    def _with_payoffs(self, payoffs: FloatArray, resolution: FloatArray | None = None) -> Game:
        return Game(
            payoffs,
            actions=self.actions,
            players=self.players,
            title=self.title,
            resolution=self.resolution if resolution is None else resolution,
        )

    def as_tables(self) -> list[Table]:
        """Return the payoffs as matrices, the row player's first, as notebooks show the game."""
        return payoff_matrices(
            self.payoffs,
            title=self.title,
            players=self.players,
            actions=self.actions,
            as_read=self.as_read.payoffs,
        )

    def __repr__(self) -> str:
        shape = "x".join(str(n) for n in self.n_actions)
        return f"<Game {self.title or 'untitled'!r}: {self.n_players} players, {shape} actions>"
