r"""Verdicts on play that was observed: what the frequencies of outcomes say, and what they cannot tell.

Rounds are taken for independent draws from one distribution over outcomes. (Learners change: give the rounds
after they have settled.) The distribution is read in two ways:

- as a *correlated outcome*: players may have been coordinated by their common history. It is a correlated
  equilibrium if nobody gains by replacing an action that it plays by another one wherever it plays it (Aumann
  1987);
- as *independent mixtures*, one per player, from the frequencies of its own actions: a profile of the game,
  which may be a Nash equilibrium.

Every quantity is an estimate between two bounds. The bounds follow from simultaneous Clopper-Pearson
intervals (`theory.statistics`), so that *all* of a reading hold at once with probability at least
`confidence`, for any number of rounds. A yes or no is given where the bounds agree on it; otherwise the data
cannot tell, which is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.arguments import checked
from theory.checks import FloatArray, finite_array, number_within, shown, truth_value
from theory.equilibria.welfare import Bounds
from theory.games.checks import matrix_game
from theory.games.game import Game
from theory.verdicts.facts import GameFacts, game_facts
from theory.verdicts.observed_play import correlated_reading, independence_is_refuted, independent_reading
from theory.verdicts.readings import EmpiricalOutcome, empirical_outcome
from theory.verdicts.verdict import check_tolerance


@dataclass(frozen=True, eq=False)
class EmpiricalVerdict:
    """A verdict on observed play.

    Attributes
    ----------
    game_title, players
        Names.
    rounds
        Number of rounds observed.
    counts
        `[*n_actions]`: how often each outcome was seen.
    correlated, independent
        The two readings; the second is None for games with too many players and actions.
    independence_refuted
        Whether independent mixtures can be excluded, with error rate 1 - `confidence`.
    confidence
        Probability with which all bounds of a reading hold at once, at least.
    tolerance, within, disagreement, disagreement_point, security_levels
        As in `theory.Verdict`.
    note
        Why something is None though data would not help; empty if nothing is.
    """

    game_title: str
    players: tuple[str, ...]
    rounds: int
    counts: NDArray[np.int64]
    correlated: EmpiricalOutcome
    independent: EmpiricalOutcome | None
    independence_refuted: bool
    confidence: float
    tolerance: float
    within: str
    disagreement: str
    disagreement_point: FloatArray
    security_levels: FloatArray
    note: str

    @property
    def explanation(self) -> str:
        """One paragraph that gives the reasons with numbers."""
        from theory.verdicts.words import explain_play

        return explain_play(self)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields and the explanation as plain Python values, ready for JSON."""
        return {**_plain(self), "explanation": self.explanation}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


@checked(game=matrix_game, by_player=truth_value)
def judge_plays(
    game: Game,
    plays: ArrayLike | Sequence[Sequence[Any]],
    *,
    by_player: bool = False,
    confidence: float = 0.95,
    tolerance: float = 0.02,
    disagreement: str | ArrayLike = "security",
    within: str = "lotteries",
) -> EmpiricalVerdict:
    """Judge play that was observed round by round.

    Parameters
    ----------
    game
        The game that was played.
    plays
        `[rounds, n_players]`: the action of each player in each round, by position or by name; with
        `by_player` `[n_players, rounds]`.
    by_player
        Whether `plays` holds one sequence per player.
    confidence
        Probability with which all bounds of a reading hold at once, at least.
    tolerance, disagreement, within
        As for `theory.judge`.

    Raises
    ------
    ValueError
        If there is no round, an action is not one of the game's, or an argument is out of its bounds.

    Examples
    --------
    >>> from theory import named_game
    >>> plays = [("D", "D")] * 500
    >>> judge_plays(named_game("prisoners-dilemma"), plays).independent.label
    'Pareto-dominated Nash equilibrium'
    """
    return judge_counts(
        game,
        count_plays(game, plays, by_player=by_player),
        confidence=confidence,
        tolerance=tolerance,
        disagreement=disagreement,
        within=within,
    )


def count_plays(
    game: Game, plays: ArrayLike | Sequence[Sequence[Any]], *, by_player: bool = False
) -> NDArray[np.int64]:
    """Return `[*n_actions]`: how often each outcome was played; arguments as for `judge_plays`."""
    table: Any = plays.tolist() if isinstance(plays, np.ndarray) else plays
    try:
        columns = [list(column) for column in (table if by_player else zip(*table, strict=True))]
        rounds = {len(column) for column in columns}
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"plays must give an action of every player in every round, got {shown(plays)}"
        ) from error
    if rounds == set() or rounds == {0}:
        raise ValueError("plays must hold at least one round, got none")
    if len(columns) != game.n_players or len(rounds) != 1:
        raise ValueError(
            f"plays must give an action of each of {game.n_players} players in every round, "
            f"got {len(columns)} of lengths {sorted(rounds)}"
        )
    played = tuple(_positions(game, player, column) for player, column in enumerate(columns))
    counts = np.zeros(game.n_actions, dtype=np.int64)
    np.add.at(counts, played, 1)
    return counts


def _positions(game: Game, player: int, actions: list[Any]) -> NDArray[np.intp]:
    """Return the positions of a player's actions, given by position or by name."""
    names = game.actions[player]
    position = {name: k for k, name in enumerate(names)} | {k: k for k in range(len(names))}
    try:
        if any(isinstance(action, bool) for action in actions):
            raise KeyError
        return np.array([position[action] for action in actions], dtype=np.intp)
    except (KeyError, TypeError):
        number, wrong = next((t, a) for t, a in enumerate(actions) if not _is_known(a, position))
        raise ValueError(
            f"actions of {game.players[player]} must be one of {', '.join(names)} or a position below "
            f"{len(names)}, got {wrong!r} in round {number}, counted from 0"
        ) from None


def _is_known(action: Any, position: dict[Any, int]) -> bool:
    try:
        return action in position and not isinstance(action, bool)
    except TypeError:
        return False


@checked(game=matrix_game)
def judge_counts(
    game: Game,
    counts: ArrayLike,
    *,
    confidence: float = 0.95,
    tolerance: float = 0.02,
    disagreement: str | ArrayLike = "security",
    within: str = "lotteries",
) -> EmpiricalVerdict:
    """Judge play by how often each outcome was seen.

    Parameters
    ----------
    game
        The game that was played.
    counts
        `[*n_actions]`: numbers of rounds.
    confidence, tolerance, disagreement, within
        As for `judge_plays`.

    Raises
    ------
    ValueError
        If counts do not fit the game, or an argument is out of its bounds.
    """
    numbers = _checked_counts(game, counts)
    number_within("confidence", confidence, 0.5, 1 - 1e-9)
    check_tolerance(tolerance)
    facts = game_facts(game, disagreement=disagreement, within=within)
    assert isinstance(facts.shifted, Game)
    error = 1.0 - confidence
    best_correlated, note = _best_correlated_welfare(facts)
    correlated = correlated_reading(facts.shifted, numbers, error=error)
    independent = independent_reading(facts.shifted, numbers, error=error)
    if independent is None:
        note = f"{note} The game is too large to be read as independent mixtures.".strip()
    return EmpiricalVerdict(
        game_title=game.title,
        players=game.players,
        rounds=int(numbers.sum()),
        counts=numbers.astype(np.int64),
        correlated=empirical_outcome("correlated", facts, correlated, best_correlated, tolerance),
        independent=None
        if independent is None
        else empirical_outcome("independent", facts, independent, facts.equilibria.best_bounds, tolerance),
        independence_refuted=independence_is_refuted(numbers, error=error),
        confidence=confidence,
        tolerance=tolerance,
        within=within,
        disagreement=facts.disagreement,
        disagreement_point=facts.disagreement_point,
        security_levels=facts.security_levels,
        note=" ".join(text for text in (*facts.notes, note) if text),
    )


def _checked_counts(game: Game, counts: ArrayLike) -> FloatArray:
    numbers = finite_array("counts", counts)
    if numbers.shape != game.n_actions:
        raise ValueError(f"counts must have shape {game.n_actions}, got {numbers.shape}")
    if (numbers < 0).any() or (numbers != np.floor(numbers)).any() or not numbers.any():
        raise ValueError(f"counts must be whole numbers from 0, not all 0, got {numbers.ravel().tolist()}")
    return numbers


def _best_correlated_welfare(facts: GameFacts) -> tuple[Bounds, str]:
    """Return bounds of the largest welfare of all correlated equilibria, and why they are not equal."""
    from theory.equilibria.correlated import welfare_optimal_correlated_equilibrium

    assert isinstance(facts.game, Game)
    try:
        best = welfare_optimal_correlated_equilibrium(facts.game).welfare
    except ValueError as error:
        # Each Nash equilibrium is a correlated one.
        bounds = facts.equilibria.best_bounds[0], facts.welfare.bounds[1]
        return bounds, f"The best correlated equilibrium is unknown: {error}."
    return (best, best), ""
