r"""Verdicts on many outcomes of 2x2 games at once, in closed form: what `theory.judge` says of each.

Facts of the games are settled first, once if all outcomes are of one game. The work is done in chunks that
stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.bargaining.security import DISAGREEMENTS, SAME_PAYOFFS
from theory.checks import PROBABILITY_TOLERANCE, BoolArray, FloatArray, finite_array, known_name, payoff_array
from theory.equilibria.two_by_two import batch_equilibria
from theory.games.game import Game
from theory.pareto.slack import TOLERANCE
from theory.resolution import spread_between
from theory.tables import ShownAsTables, Table, to_four_figures
from theory.verdicts.facts import NEGLIGIBLE
from theory.verdicts.two_by_two import (
    SLACK_WITHIN,
    BargainingPoints,
    ScaledGames,
    bargaining_points,
    mix,
    relative_gain,
    security_levels_of_cells,
)
from theory.verdicts.verdict import check_tolerance
from theory.verdicts.words import LABELS, label_suffix

# Large enough to hide NumPy's overhead, small enough that a chunk's arrays stay in the cache.
CHUNK = 8192


@dataclass(frozen=True, eq=False)
class BatchVerdict(ShownAsTables):
    """What `Verdict` says, for many outcomes of 2x2 games; NaN stands for its None.

    Attributes
    ----------
    payoffs, regrets, security_levels, disagreement_point, pareto_dominating
        `[n_outcomes, 2]`, in payoff units. `pareto_dominating` is NaN where nothing dominates.
    welfare, pareto_slack, best_nash_welfare, worst_nash_welfare
        `[n_outcomes]`, in payoff units.
    welfare_index
        `[n_outcomes]`, within [0, 1]; NaN where all outcomes of the game have the same welfare.
    is_nash, is_pareto_optimal, is_individually_rational, is_welfare_optimal_nash, pareto_optimal_nash_exists
        `[n_outcomes]`, booleans.
    nash_tolerance, pareto_tolerance, rationality_tolerance, welfare_tolerance
        `[n_outcomes]`: the least tolerance at which each yes or no would be yes.
    nash_bargaining_distance, kalai_smorodinsky_distance
        `[n_outcomes]`, in payoff ranges; NaN where no agreement is rational for both.
    label_code
        `[n_outcomes]`: the position of each label in `label_names`.
    label_names
        All labels that there can be.
    tolerance, within, disagreement
        As asked for; `disagreement` is "given" for a point.
    """

    payoffs: FloatArray
    welfare: FloatArray
    regrets: FloatArray
    is_nash: BoolArray
    pareto_slack: FloatArray
    pareto_dominating: FloatArray
    is_pareto_optimal: BoolArray
    security_levels: FloatArray
    is_individually_rational: BoolArray
    welfare_index: FloatArray
    best_nash_welfare: FloatArray
    worst_nash_welfare: FloatArray
    pareto_optimal_nash_exists: BoolArray
    is_welfare_optimal_nash: BoolArray
    disagreement_point: FloatArray
    nash_bargaining_distance: FloatArray
    kalai_smorodinsky_distance: FloatArray
    nash_tolerance: FloatArray
    pareto_tolerance: FloatArray
    rationality_tolerance: FloatArray
    welfare_tolerance: FloatArray
    label_code: NDArray[np.uint8]
    label_names: tuple[str, ...]
    tolerance: float
    within: str
    disagreement: str

    def __len__(self) -> int:
        return len(self.welfare)

    @cached_property
    def labels(self) -> NDArray[np.str_]:
        """`[n_outcomes]`: the label of each outcome."""
        return np.array(self.label_names)[self.label_code]

    @property
    def label(self) -> NDArray[np.str_]:
        """The same as `labels`: the name of the field in `Verdict`."""
        return self.labels

    def label_counts(self) -> dict[str, int]:
        """Return how many outcomes got each label that occurs, the most frequent first."""
        counts = np.bincount(self.label_code, minlength=len(self.label_names))
        ranked = np.argsort(-counts, kind="stable")
        return {self.label_names[code]: int(counts[code]) for code in ranked if counts[code]}

    def as_tables(self) -> list[Table]:
        """Return how many outcomes got which label, with medians of regret and slack."""
        labels = self.labels
        rows = []
        for label, outcomes in self.label_counts().items():
            here = labels == label
            regret, slack = self.regrets[here].max(axis=1), self.pareto_slack[here]
            rows.append(
                (label, str(outcomes), *(to_four_figures(float(np.median(each))) for each in (regret, slack)))
            )
        return [
            Table(
                f"Verdicts on {len(self)} outcomes",
                ("label", "outcomes", "regret", "Pareto slack"),
                rows,
                f"Regret (the largest of a player) and slack are medians over these outcomes, in payoff units. "
                f"Tolerance {self.tolerance:g} of the range; dominated by: {self.within}.",
            )
        ]


def judge_batch(
    payoffs: ArrayLike | Game,
    profiles: ArrayLike,
    *,
    disagreement: str | ArrayLike = "security",
    within: str = "lotteries",
    tolerance: float = 1e-6,
) -> BatchVerdict:
    """Judge many outcomes of 2x2 games; every answer is that of `judge`.

    Parameters
    ----------
    payoffs
        `[n_outcomes, 2, 2, 2]`, a game for each outcome (player, action of player 1, action of player 2), or
        one game for all: `[2, 2, 2]` or a `Game`.
    profiles
        `[n_outcomes, 2, 2]`: each player's probability of each action.
    disagreement
        A name that `theory.disagreement_point` knows, or the payoffs themselves, `[2]` or `[n_outcomes, 2]`.
    within
        What may dominate: `lotteries`, `independent` mixtures or `pure` profiles.
    tolerance
        The share of the range of each quantity that counts as nothing.

    Returns
    -------
    BatchVerdict

    Raises
    ------
    ValueError
        If an array has the wrong shape, or an entry is not finite or not a probability: the first one is
        named.
    """
    players = payoffs.players if isinstance(payoffs, Game) else ("player 1", "player 2")
    resolution = payoffs.resolution if isinstance(payoffs, Game) else None
    tensors = _checked_games(payoffs.payoffs if isinstance(payoffs, Game) else payoffs)
    cooperation = _checked_cooperation(profiles)
    n_outcomes = len(cooperation)
    if len(tensors) not in (1, n_outcomes):
        raise ValueError(
            f"payoffs must hold one game or one for each of {n_outcomes} profiles, got {len(tensors)} games"
        )
    points = _checked_disagreement(disagreement, n_outcomes)
    known_name("domination within", within, tuple(SLACK_WITHIN))
    check_tolerance(tolerance)
    chunks = [
        _judge_chunk(facts, cooperation[start : start + CHUNK].T, within=within, tolerance=tolerance)
        for start, facts in _facts_of_chunks(tensors, resolution, points, n_outcomes, within)
    ]
    return BatchVerdict(
        **{name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]},
        label_names=_label_names(players),
        tolerance=tolerance,
        within=within,
        disagreement=disagreement if isinstance(disagreement, str) else "given",
    )


@dataclass(frozen=True, eq=False)
class TwoByTwoFacts:
    """Facts of games; all arrays have the games last.

    Attributes
    ----------
    games
        The games.
    security, disagreement
        `[2, games]`, scaled.
    bargaining
        The bargaining points, scaled.
    lowest_welfare, welfare_spread
        `[games]`: smallest sum of payoffs, and largest minus smallest (0 if it is constant but for rounding).
    best_nash_welfare, worst_nash_welfare
        `[games]`, over all Nash equilibria.
    pareto_optimal_nash_exists
        `[games]`.
    """

    games: ScaledGames
    security: FloatArray
    disagreement: FloatArray
    bargaining: BargainingPoints
    lowest_welfare: FloatArray
    welfare_spread: FloatArray
    best_nash_welfare: FloatArray
    worst_nash_welfare: FloatArray
    pareto_optimal_nash_exists: BoolArray

    @classmethod
    def of(
        cls,
        payoffs: FloatArray,
        *,
        disagreement: str | FloatArray,
        within: str,
        first_game: int = 0,
        resolution: FloatArray | None = None,
    ) -> TwoByTwoFacts:
        """Return the facts of `payoffs[2, 4, games]`; `disagreement` is a name or `[2, games]` payoffs."""
        games = ScaledGames.of(payoffs, resolution)
        security = security_levels_of_cells(games.cells)
        equilibria = _Equilibria.of(games)
        if isinstance(disagreement, str):
            point = _named_point(disagreement, games, security, equilibria, first_game)
        else:
            point = (disagreement - games.lowest) / games.scale
        welfare = payoffs[0] + payoffs[1]
        lowest, highest = welfare.min(axis=0), welfare.max(axis=0)
        return cls(
            games,
            security,
            point,
            bargaining_points(games, point),
            lowest,
            spread_between(lowest, highest, games.resolution.sum(axis=0)),
            equilibria.over_games(np.maximum, equilibria.welfare),
            equilibria.over_games(np.minimum, equilibria.welfare),
            equilibria.over_games(np.logical_or, equilibria.is_pareto_optimal(within)),
        )


@dataclass(frozen=True, eq=False)
class _Equilibria:
    """The extreme equilibria of all games in one list, those of a game side by side.

    Attributes
    ----------
    games
        The game of each equilibrium (games recur).
    first
        `[games]`: where the equilibria of each game start.
    payoffs, welfare
        `[2, equilibria]` scaled, and `[equilibria]` in payoff units.
    """

    games: ScaledGames
    first: NDArray[np.intp]
    payoffs: FloatArray
    welfare: FloatArray

    @classmethod
    def of(cls, games: ScaledGames) -> _Equilibria:
        # From the scaled payoffs, in which ties are exact.
        found = batch_equilibria(np.moveaxis(games.cells, -1, 0).reshape(-1, 2, 2, 2))
        game, place = np.nonzero(~np.isnan(found.first_action[:, :, 0]))
        p, q = found.first_action[game, place].T
        of_equilibrium = games.select(game)
        return cls(
            of_equilibrium,
            np.cumsum(found.count, dtype=np.intp) - found.count,
            np.stack([mix(cells, p, q) for cells in of_equilibrium.cells]),
            np.add(*(mix(cells, p, q) for cells in of_equilibrium.payoffs)),
        )

    def is_pareto_optimal(self, within: str) -> BoolArray:
        """Return `[equilibria]`. By `theory.verdicts.facts`, a game has optimal equilibria iff an extreme one is."""
        return np.asarray(relative_gain(self.games, self.payoffs, within) <= TOLERANCE)

    def over_games(self, function: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        """Return `[..., games]`: a ufunc such as `np.minimum` over `values[..., equilibria]` of each game."""
        if not len(self.first):
            return values
        return np.asarray(function.reduceat(values, self.first, axis=-1))


def _named_point(
    name: str, games: ScaledGames, security: FloatArray, equilibria: _Equilibria, first_game: int
) -> FloatArray:
    cc, cd, dc, dd = (games.cells[:, k] for k in range(4))
    if name == "security":
        return security
    if name == "defection":
        return dd
    if name == "minimax":  # of pure actions: the best reply to the action of the other that allows least
        return np.stack(
            [
                np.minimum(np.maximum(cc[0], dc[0]), np.maximum(cd[0], dd[0])),
                np.minimum(np.maximum(cc[1], cd[1]), np.maximum(dc[1], dd[1])),
            ]
        )
    low = equilibria.over_games(np.minimum, equilibria.payoffs)
    several = (equilibria.over_games(np.maximum, equilibria.payoffs) - low > SAME_PAYOFFS).any(axis=0)
    if several.any():
        raise ValueError(
            'disagreement "nash" needs equilibria that all pay the same, got several in game '
            f"{first_game + int(several.argmax())}. Which one is a selection: give the payoffs that you mean"
        )
    return equilibria.payoffs[:, equilibria.first]


def _facts_of_chunks(
    tensors: FloatArray,
    resolution: FloatArray | None,
    points: str | FloatArray,
    n_outcomes: int,
    within: str,
) -> Iterator[tuple[int, TwoByTwoFacts]]:
    """Yield where each chunk of outcomes starts, with the facts of its games: of one game, only once."""
    cells = tensors.reshape(-1, 2, 4)
    # A point of its own for each outcome makes games of their own.
    one_game = len(cells) == 1 and (isinstance(points, str) or len(points) == 1)
    cells = cells if one_game else np.broadcast_to(cells, (n_outcomes, 2, 4))
    facts = None
    for start in range(0, max(n_outcomes, 1), CHUNK):
        if facts is None or not one_game:
            chunk = slice(None) if one_game else slice(start, start + CHUNK)
            facts = TwoByTwoFacts.of(
                np.ascontiguousarray(np.moveaxis(cells[chunk], 0, -1)),
                disagreement=points
                if isinstance(points, str)
                else points[chunk if len(points) > 1 else ...].T,
                within=within,
                first_game=start,
                resolution=resolution,
            )
        yield start, facts


def _judge_chunk(
    facts: TwoByTwoFacts, cooperation: FloatArray, *, within: str, tolerance: float
) -> dict[str, NDArray[Any]]:
    """Return the fields of the verdict on outcomes given by `cooperation[2, n]`."""
    games, (p, q) = facts.games, cooperation
    scaled = np.stack([mix(cells, p, q) for cells in games.cells])
    payoffs = np.stack([mix(cells, p, q) for cells in games.payoffs])
    regrets = _regrets(games, p, q)
    slack, pareto_tolerance, dominating = SLACK_WITHIN[within](games, scaled)
    welfare = payoffs.sum(axis=0)
    spread = facts.welfare_spread
    varies = spread > 0
    short_of_best = np.maximum((facts.best_nash_welfare - welfare) / np.where(varies, spread, np.inf), 0.0)
    short = facts.security - scaled
    below_security = np.where(short > games.rounding, short, 0.0)
    nash_tolerance = regrets.max(axis=0)
    is_nash, is_optimal = nash_tolerance <= tolerance, pareto_tolerance <= tolerance
    is_best = is_nash & (short_of_best <= tolerance)
    chunk = {
        "payoffs": payoffs,
        "welfare": welfare,
        "regrets": regrets * games.scale,
        "is_nash": is_nash,
        "pareto_slack": slack,
        "pareto_dominating": np.where(pareto_tolerance > NEGLIGIBLE, games.unscaled(dominating), np.nan),
        "is_pareto_optimal": is_optimal,
        "security_levels": games.unscaled(facts.security),
        "is_individually_rational": (below_security <= tolerance).all(axis=0),
        "welfare_index": (welfare - facts.lowest_welfare) / np.where(varies, spread, np.nan),
        "best_nash_welfare": facts.best_nash_welfare,
        "worst_nash_welfare": facts.worst_nash_welfare,
        "pareto_optimal_nash_exists": facts.pareto_optimal_nash_exists,
        "is_welfare_optimal_nash": is_best,
        "disagreement_point": games.unscaled(facts.disagreement),
        "nash_bargaining_distance": np.hypot(*(scaled - facts.bargaining.nash)),
        "kalai_smorodinsky_distance": np.hypot(*(scaled - facts.bargaining.kalai_smorodinsky)),
        "nash_tolerance": nash_tolerance,
        "pareto_tolerance": pareto_tolerance,
        "rationality_tolerance": below_security.max(axis=0),
        "welfare_tolerance": np.maximum(nash_tolerance, short_of_best),
        "label_code": _label_codes(is_nash, is_optimal, is_best, below_security > tolerance),
    }
    n = p.shape[-1]
    return {name: np.broadcast_to(field, (*field.shape[:-1], n)).T for name, field in chunk.items()}


def _regrets(games: ScaledGames, p: FloatArray, q: FloatArray) -> FloatArray:
    """Return `[2, n]` scaled: what each player would gain by its best reply."""
    # What action 0 gains over action 1; a player whose advantage is g and who plays 0 with p forgoes
    # (1 - p) g if g > 0 and p (-g) if not. An advantage that is rounding is none.
    cells = games.cells
    row = q * (cells[0, 0] - cells[0, 2]) + (1.0 - q) * (cells[0, 1] - cells[0, 3])
    column = p * (cells[1, 0] - cells[1, 1]) + (1.0 - p) * (cells[1, 2] - cells[1, 3])
    return np.stack(
        [
            np.where(gain > tie, (1.0 - own) * gain, np.where(gain < -tie, -own * gain, 0.0))
            for gain, own, tie in zip((row, column), (p, q), games.rounding, strict=True)
        ]
    )


def _label_codes(
    is_nash: BoolArray, is_optimal: BoolArray, is_best: BoolArray, is_below: BoolArray
) -> NDArray[np.uint8]:
    """Return positions in `_label_names`: which players are below their security level counts least."""
    first = np.select(
        [is_nash & is_optimal & is_best, is_nash & is_optimal, is_nash, is_optimal], [0, 1, 2, 3], 4
    )
    return np.asarray(4 * first + is_below[0] + 2 * is_below[1], dtype=np.uint8)


def _label_names(players: tuple[str, ...]) -> tuple[str, ...]:
    subsets: tuple[tuple[str, ...], ...] = ((), players[:1], players[1:], players)
    return tuple(label + label_suffix(below) for label, below in product(LABELS, subsets))


def _checked_games(payoffs: ArrayLike) -> FloatArray:
    tensors = payoff_array("payoffs", payoffs)
    if tensors.shape == (2, 2, 2):
        return tensors[None]
    if tensors.ndim != 4 or tensors.shape[1:] != (2, 2, 2):
        raise ValueError(
            f"payoffs must have shape [n_outcomes, 2, 2, 2], or [2, 2, 2] for one game, got {tensors.shape}"
        )
    return tensors


def _checked_cooperation(profiles: ArrayLike) -> FloatArray:
    """Return `[n_outcomes, 2]`: each player's probability of action 0."""
    mixtures = finite_array("profiles", profiles)
    if mixtures.ndim != 3 or mixtures.shape[1:] != (2, 2):
        raise ValueError(f"profiles must have shape [n_outcomes, 2, 2], got {mixtures.shape}")
    total = mixtures.sum(axis=2)
    for rule, broken in (
        ("non-negative", (mixtures < 0).any(axis=2)),
        ("probabilities that sum to one", np.abs(total - 1.0) > PROBABILITY_TOLERANCE),
    ):
        if broken.any():
            outcome, player = (int(k) for k in np.argwhere(broken)[0])
            raise ValueError(
                f"profiles must be {rule}, got {mixtures[outcome, player].tolist()} "
                f"for player {player + 1} of outcome {outcome}"
            )
    return np.asarray(mixtures[..., 0] / total)


def _checked_disagreement(disagreement: str | ArrayLike, n_outcomes: int) -> str | FloatArray:
    """Return a known name, or `[1 or n_outcomes, 2]` payoffs."""
    if isinstance(disagreement, str):
        return known_name("disagreement point", disagreement, DISAGREEMENTS)
    points = finite_array("disagreement", disagreement)
    if points.shape not in ((2,), (n_outcomes, 2)):
        raise ValueError(
            f"disagreement must be a name, two payoffs or two for each of {n_outcomes} outcomes, "
            f"got shape {points.shape}"
        )
    return points.reshape(-1, 2)
