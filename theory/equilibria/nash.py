r"""Nash equilibria of finite games, each verified by its regret.

Strictly dominated actions are eliminated first: no equilibrium plays them. Then

- two players: all *extreme* equilibria (`theory.equilibria.bimatrix`), which span all others; where there may be
  too many, in zero-sum games the one equilibrium, if it is the only one, by linear programs
  (`theory.equilibria.zero_sum`);
- more players: pure equilibria and, support by support, mixed ones with a certificate that none is missing
  (`theory.equilibria.n_players`).

Where that would take too long the result says `complete=False`, and holds at least what was found cheaply.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations, product

import numpy as np

from theory.arguments import checked, count
from theory.checks import FloatArray
from theory.equilibria.bimatrix import MAX_SUBSETS, bimatrix_equilibria
from theory.equilibria.dominance import Elimination, eliminate_dominated
from theory.equilibria.lemke_howson import lemke_howson
from theory.equilibria.n_players import MixedProfile as MixedProfile
from theory.equilibria.n_players import n_player_equilibria
from theory.equilibria.n_players import pure_equilibria as pure_equilibria
from theory.equilibria.polytope import HOPELESS, VertexLimitError, most_vertices
from theory.equilibria.tables import equilibria_table
from theory.equilibria.zero_sum import ZeroSumForm, extreme_optimal_mixtures, zero_sum_form
from theory.games.checks import matrix_game
from theory.games.game import Game
from theory.tables import ShownAsTables, Table

# Largest regret of an equilibrium, as a share of the player's payoff range.
REGRET_TOLERANCE = 1e-9

# Vertices of a best-response polytope that are visited: about what 13 x 13 actions have. In floats this
# takes less than a second, in exact arithmetic (for games with ties) up to a quarter of a minute.
MAX_VERTICES = 20_000

# Support profiles with three and more mixing players that are looked at, and boxes into which their mixtures
# are divided: some ten seconds.
MAX_SUPPORTS = 1500
MAX_BOXES = 300_000

# Polytopes that can have so many vertices are enumerated in milliseconds.
QUICK_VERTICES = 1000

# Lemke-Howson paths that are followed in a game that is too large to enumerate.
LEMKE_HOWSON_PATHS = 3


@dataclass(frozen=True, eq=False)
class Equilibria(ShownAsTables):
    """The Nash equilibria of a game.

    Attributes
    ----------
    profiles
        Profiles, each a tuple of one probability vector per player, sorted by falling probability of the
        first player's first action, its second one, ... In all of them nobody's regret exceeds
        `REGRET_TOLERANCE` times its payoff range. For two players (also where only two have more than one
        undominated action) these are the extreme equilibria, of which all others are convex combinations.
    complete
        Whether `profiles` are all equilibria there are (two players: all extreme ones). Payoffs that
        differ by no more than the game's `resolution` are equal, in every reduced game and slice, too.
    continuum
        Whether infinitely many equilibria are known to exist. If `complete`, False says that there are not.
    maximal_subsets
        Two players and `complete`: the maximal Nash subsets. Each is a pair (U, V) of tuples of mixtures:
        every mixture in the convex hull of U with every one in that of V is an equilibrium, and the union of
        these products is the set of all equilibria. Otherwise empty.
    method
        How they were found.
    note
        What could not be promised, and what to do about it; empty if there is nothing to say.
    game
        Whose they are; for showing them by names of actions.
    """

    profiles: tuple[MixedProfile, ...]
    complete: bool
    continuum: bool
    maximal_subsets: tuple[tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]], ...]
    method: str
    note: str = ""
    game: Game | None = field(default=None, repr=False)

    def as_tables(self) -> list[Table]:
        """Return the equilibria with their payoffs and welfare, as notebooks show them."""
        if self.game is None:
            raise ValueError("equilibria must know their game to be shown as tables, got no game")
        return [
            equilibria_table(
                self.game, self.profiles, complete=self.complete, continuum=self.continuum, note=self.note
            )
        ]

    def _repr_html_(self) -> str | None:  # type: ignore[override] # None: notebooks show the plain text
        return None if self.game is None else super()._repr_html_()


@checked(game=matrix_game, max_vertices=count(), max_supports=count(), max_boxes=count())
def nash_equilibria(
    game: Game,
    *,
    max_vertices: int = MAX_VERTICES,
    max_supports: int = MAX_SUPPORTS,
    max_boxes: int = MAX_BOXES,
) -> Equilibria:
    """Return the Nash equilibria of a game: all of them where that can be promised.

    Parameters
    ----------
    game
        A game given by its payoffs.
    max_vertices
        Two players: largest number of vertices of a best-response polytope to visit. Larger games get their
        pure equilibria and the ends of a few Lemke-Howson paths, `complete=False`.
    max_supports, max_boxes
        Three and more players: largest number of support profiles to look at, and of boxes into which to
        divide their mixtures. Where this is not enough, `complete=False`.

    Raises
    ------
    ValueError
        If the game has no payoff tensor (a `LinearDilemma` has its own `equilibria()`) or a bound is below 1.
    """
    read = game.as_read
    reduction = _reduced(read)
    if game.n_players == 1:
        found = _of_one(read)
    elif sum(n > 1 for n in reduction.game.n_actions) <= 2:
        found = _of_two(read, reduction, max_vertices)
    else:
        found = _of_many(read, reduction, max_vertices, max_supports, max_boxes)
    return replace(found, game=game)


def _reduced(game: Game) -> Elimination:
    if game.n_actions == (2, 2):
        # The closed form is faster without.
        return Elimination(game, ((0, 1), (0, 1)), (), game.n_actions)
    return eliminate_dominated(game, by="pure" if game.n_players == 2 else "mixed")


def _of_one(game: Game) -> Equilibria:
    best = _sorted([game.pure(*outcome) for outcome in pure_equilibria(game)])
    return Equilibria(best, True, len(best) > 1, (), method="best actions")


def _of_two(game: Game, reduction: Elimination, max_vertices: int) -> Equilibria:
    """Return the equilibria of a game in which at most two players have a choice left.

    Actions that only mixtures dominate are eliminated, and linear programs are solved for zero-sum games, where
    enumeration is not quick.
    """
    pair, A, B = _pair_game(game, reduction)
    largest = max(most_vertices(*A.shape), most_vertices(*B.T.shape))
    form = zero_sum_form(A, B, resolution=game.resolution[pair]) if largest > QUICK_VERTICES else None
    if form is not None:
        optimal = _of_zero_sum(game, reduction, pair, form)
        if optimal.complete or largest > HOPELESS * max_vertices:
            return optimal
    elif largest > HOPELESS * max_vertices and (smaller := _reduced_by_mixtures(game, reduction)):
        return _of_two(game, smaller, max_vertices)
    try:
        return _of_pair(game, reduction, pair, A, B, max_vertices)
    except VertexLimitError as error:
        if form is not None:
            return optimal
        smaller = _reduced_by_mixtures(game, reduction)
        return (
            _of_two(game, smaller, max_vertices)
            if smaller
            else _of_two_large(game, reduction, pair, A, B, str(error))
        )


def _pair_game(game: Game, reduction: Elimination) -> tuple[list[int], FloatArray, FloatArray]:
    """Return the two players with a choice left, and what they play for."""
    n_actions = reduction.game.n_actions
    # The two with most actions; of equals the first.
    pair = sorted(sorted(range(game.n_players), key=lambda i: -n_actions[i])[:2])
    choice = tuple(slice(None) if i in pair else 0 for i in range(game.n_players))
    A, B = (reduction.game.payoffs[i][choice] for i in pair)
    return pair, A, B


def _reduced_by_mixtures(game: Game, reduction: Elimination) -> Elimination | None:
    """Return the game without the actions that mixtures dominate, or None if there are none left."""
    if game.n_players > 2:
        return None  # they were eliminated to begin with
    smaller = eliminate_dominated(game, by="mixed")
    return smaller if smaller.game.n_actions != reduction.game.n_actions else None


def _of_zero_sum(game: Game, reduction: Elimination, pair: list[int], form: ZeroSumForm) -> Equilibria:
    """Return pairs of optimal mixtures: all equilibria if they are unique, else extreme ones."""
    rows, columns = (
        [_restored(mixture, reduction, i) for mixture in mixtures]
        for i, mixtures in zip(pair, extreme_optimal_mixtures(form), strict=True)
    )
    profiles = _verified(game, [_profile(reduction, pair, x, y) for x, y in product(rows, columns)])
    complete = form.is_unique and len(profiles) == 1
    return Equilibria(
        profiles=_sorted(profiles),
        complete=complete,
        continuum=_differ_in_one_mixture(profiles),
        maximal_subsets=(((rows[0],), (columns[0],)),) if complete and game.n_players == 2 else (),
        method="linear programs of the zero-sum game",
        note=""
        if complete
        else "Not all equilibria: these are all pairs of optimal mixtures, of which some extreme ones are listed.",
    )


def _of_pair(
    game: Game, reduction: Elimination, pair: list[int], A: FloatArray, B: FloatArray, max_vertices: int
) -> Equilibria:
    """Return all extreme equilibria between two players."""
    found = bimatrix_equilibria(A, B, max_vertices=max_vertices, resolution=game.resolution[pair])
    rows, columns = (
        [_restored(mixture, reduction, i) for mixture in mixtures]
        for i, mixtures in zip(pair, (found.rows, found.columns), strict=True)
    )
    profiles = [_profile(reduction, pair, rows[x], columns[y]) for x, y in found.pairs]
    verified = _verified(game, profiles)
    subsets: tuple[tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]], ...] = ()
    note = ""
    if len(verified) < len(profiles):
        note = f"{len(profiles) - len(verified)} candidates failed the test of their regrets."
    elif found.subsets is None:
        note = f"The maximal Nash subsets are more than {MAX_SUBSETS} and not listed."
    elif game.n_players == 2:
        subsets = tuple(
            (tuple(rows[x] for x in xs), tuple(columns[y] for y in ys)) for xs, ys in found.subsets
        )
    method = "closed form" if A.shape == (2, 2) else "vertices of the best-response polytopes"
    return Equilibria(
        profiles=_sorted(verified),
        # An empty list would contradict Nash's theorem.
        complete=0 < len(verified) == len(profiles),
        continuum=found.continuum,
        maximal_subsets=subsets,
        method=method + " in exact arithmetic" * found.is_exact,
        note=note,
    )


def _of_two_large(
    game: Game, reduction: Elimination, pair: list[int], A: FloatArray, B: FloatArray, reason: str
) -> Equilibria:
    """Return the pure equilibria and one at the end of a Lemke-Howson path."""
    candidates = [
        reduction.original_profile(reduction.game.pure(*a)) for a in pure_equilibria(reduction.game)
    ]
    for label in range(min(LEMKE_HOWSON_PATHS, sum(A.shape))):
        end = lemke_howson(A, B, label)
        if end is not None:
            x, y = (_restored(mixture, reduction, i) for i, mixture in zip(pair, end, strict=True))
            candidates.append(_profile(reduction, pair, x, y))
    return Equilibria(
        profiles=_sorted(_verified(game, candidates)),
        complete=False,
        continuum=False,
        maximal_subsets=(),
        method="pure profiles, Lemke-Howson paths",
        note=(
            f"Not all equilibria: {reason}. Raise max_vertices, or take one equilibrium: "
            "theory.logit_equilibrium, or quantecon's lemke_howson."
        ),
    )


def _of_many(
    game: Game, reduction: Elimination, max_vertices: int, max_supports: int, max_boxes: int
) -> Equilibria:
    """Return the equilibria of a game in which three or more players have a choice left."""
    found = n_player_equilibria(
        reduction.game,
        tolerance=REGRET_TOLERANCE * game.payoff_range,
        max_vertices=max_vertices,
        max_supports=max_supports,
        max_boxes=max_boxes,
    )
    profiles = _verified(game, [reduction.original_profile(profile) for profile in found.profiles])
    return Equilibria(
        profiles=_sorted(profiles),
        complete=not found.gaps and len(profiles) == len(found.profiles),
        continuum=_differ_in_one_mixture(profiles),
        maximal_subsets=(),
        method="pairs of players by best-response polytopes, larger supports by subdivision",
        note=" ".join(dict.fromkeys(found.gaps)),
    )


def _restored(mixture: FloatArray, reduction: Elimination, player: int) -> FloatArray:
    """Return a player's mixture in the reduced game as one in the original game, read-only."""
    restored = np.zeros(reduction.n_actions[player])
    restored[list(reduction.kept[player])] = mixture
    restored.flags.writeable = False
    return restored


def _profile(reduction: Elimination, pair: list[int], x: FloatArray, y: FloatArray) -> MixedProfile:
    """Return the profile in which `pair` plays (x, y), and everyone else its only action."""
    profile = [_restored(np.eye(len(kept))[0], reduction, i) for i, kept in enumerate(reduction.kept)]
    profile[pair[0]], profile[pair[1]] = x, y
    return tuple(profile)


def _verified(game: Game, profiles: list[MixedProfile]) -> list[MixedProfile]:
    tolerance = REGRET_TOLERANCE * game.payoff_range
    return [profile for profile in profiles if (game.regrets(profile) <= tolerance).all()]


def _sorted(profiles: list[MixedProfile]) -> tuple[MixedProfile, ...]:
    """Return the profiles in order, each once; rounded, so that last digits do not decide."""
    by_key = {tuple(-np.round(np.concatenate(profile), 9)): profile for profile in reversed(profiles)}
    return tuple(by_key[key] for key in sorted(by_key))


def _differ_in_one_mixture(profiles: list[MixedProfile]) -> bool:
    """Return whether two equilibria differ in one player's mixture: all between them are equilibria, too.

    The others' regrets are linear in that mixture and 0 at both ends; the player's own best replies are the
    same.
    """
    return any(
        sum(not np.allclose(x, y, rtol=0.0, atol=1e-7) for x, y in zip(first, second, strict=True)) == 1
        for first, second in combinations(profiles, 2)
    )
