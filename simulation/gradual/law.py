"""One round of a duel of two players in a game with degrees of cooperation, as a law.

1. Each player chooses an action from what it knows: the other's last action as played, and its mind.
2. With the probability of noise, for each player by itself, the action is swapped: a uniform one of the other
   actions is played instead, in a 2x2 game the other one.
3. Both receive their payoffs and observe both actions as played; with the probability of misreading, for each player
   by itself and known to nobody, the other's action is taken for a uniform one of its other actions. Each mind learns
   from what it took the actions for, and from its true payoff.

Before the first round both are taken to have played the middle action, or what they are said to have begun with:
then that is the players' round 0, from which they learn (`DuelPlayer.remember`), and the first that counts is their
round 1.

`draws[8]` are uniform on [0, 1), four a player: for the choice, whether it slips, where it slips to, and for
exploring or probing. Given whether it slipped, the second is uniform again on its part of [0, 1): it decides what the
player misreads.

The law knows no player by name: it is made of the rules of a list of players, and asks those at a player's place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from simulation.engine.compilation import rule
from simulation.gradual.players import PLAYERS
from simulation.gradual.seat import Asked, Choose, DuelPlayer, Learn, Mind, Played, Seat
from theory.checks import FloatArray, IntArray

DRAWS = 8

# Makes a law of two players of rules that they may have, `chooses[place]` and `learns[place]`.
LawMaker = Callable[[Sequence[Choose], Sequence[Learn]], Callable[..., None]]


class Duel(NamedTuple):
    """What stays fixed."""

    first: Seat
    second: Seat
    first_place: int
    """Of the first player's rules among those that the law was made for."""
    second_place: int
    payoffs: FloatArray
    """`[2, k, m]`, the true ones."""
    noise: float
    misreading: float
    earlier: int
    """How many rounds the players take to have been played before the first: 1 where it is said how it began."""
    burn_in: int


class DuelState(NamedTuple):
    """What is carried from round to round."""

    first: Mind
    second: Mind
    last: IntArray
    """`[2]`: the actions played last."""
    seen: IntArray
    """`[2]`: what each player took the other's last action for."""
    payoff: FloatArray
    """`[2]`: sums over the rounds from the burn-in on."""
    actions: FloatArray
    """`[2, most actions]`: how often each was played in these rounds."""


class DuelRound(NamedTuple):
    """The record of one round, `[2]` each, written anew by the law each time."""

    action: IntArray
    """As played, slips included."""
    level: FloatArray
    """Degree of cooperation, in [0, 1]."""
    payoff: FloatArray
    alpha: FloatArray
    """Cooperativeness with which the round was played; NaN for players who have none."""
    estimate: FloatArray
    """beta_hat after the round; NaN for players who estimate nothing."""
    deviation: FloatArray
    """Standard deviation of the belief after the round."""


def new_duel_round() -> DuelRound:
    """Return an empty record."""
    return DuelRound(np.zeros(2, np.int64), np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2))


@rule
def middle_action(n_actions: int) -> int:
    """Return the action that the other is taken to have played before the first round: the middle one."""
    return (n_actions - 1) // 2


@rule
def cooperation_level(action: int, n_actions: int) -> float:
    """Return the degree of cooperation of an action: 1 for the first, 0 for the last."""
    return (n_actions - 1 - action) / max(n_actions - 1, 1)


@rule
def another(action: int, n_actions: int, where: float) -> int:
    """Return a uniform one of the other actions by a draw on [0, 1); the action itself where it is the only one."""
    if n_actions == 1:
        return action
    other = min(n_actions - 2, int(where * (n_actions - 1)))
    return other + 1 if other >= action else other


@rule
def slip(action: int, n_actions: int, noise: float, whether: float, where: float) -> int:
    """Return the action as played: with the probability of noise a uniform one of the others."""
    return another(action, n_actions, where) if whether < noise else action


@rule
def drawn_again(draw: float, below: float) -> float:
    """Return a draw that is uniform on [0, 1) whether or not the one that is given fell below a bound."""
    return draw / below if draw < below else (draw - below) / (1.0 - below)


@rule
def misread(action: int, n_actions: int, misreading: float, draw: float) -> int:
    """Return what an action is taken for: with the probability of misreading a uniform one of the others."""
    return another(action, n_actions, draw / misreading) if draw < misreading else action


def duel_law(chooses: Sequence[Choose], learns: Sequence[Learn]) -> Callable[..., None]:
    """Return the law for players whose rules are among these, `chooses[place]` and `learns[place]`."""
    choose, learn = at_place(chooses), at_place(learns)

    @rule
    def duel_round(
        state: DuelState, draws: FloatArray, turn: int, duel: Duel, room: Any, record: DuelRound
    ) -> None:
        last, seen, payoffs, noise = state.last, state.seen, duel.payoffs, duel.noise
        theirs = turn + duel.earlier
        asked = Asked(seen[0], theirs, draws[0], draws[3])
        one = choose(duel.first_place, duel.first, state.first, asked)
        asked = Asked(seen[1], theirs, draws[4], draws[7])
        two = choose(duel.second_place, duel.second, state.second, asked)
        one = slip(one, payoffs.shape[1], noise, draws[1], draws[2])
        two = slip(two, payoffs.shape[2], noise, draws[5], draws[6])
        record.action[0] = one
        record.action[1] = two
        record.level[0] = cooperation_level(one, payoffs.shape[1])
        record.level[1] = cooperation_level(two, payoffs.shape[2])
        record.payoff[0] = payoffs[0, one, two]
        record.payoff[1] = payoffs[1, one, two]
        record.alpha[0] = state.first.alpha[0]
        record.alpha[1] = state.second.alpha[0]
        seen[0] = misread(two, payoffs.shape[2], duel.misreading, drawn_again(draws[1], noise))
        seen[1] = misread(one, payoffs.shape[1], duel.misreading, drawn_again(draws[5], noise))
        played = Played(last[0], one, seen[0], record.payoff[0], theirs)
        learn(duel.first_place, duel.first, state.first, played)
        played = Played(last[1], two, seen[1], record.payoff[1], theirs)
        learn(duel.second_place, duel.second, state.second, played)
        last[0] = one
        last[1] = two
        record.estimate[0] = state.first.estimate[0]
        record.estimate[1] = state.second.estimate[0]
        record.deviation[0] = state.first.deviation[0]
        record.deviation[1] = state.second.deviation[0]
        if turn >= duel.burn_in:
            for i in range(2):
                state.payoff[i] += record.payoff[i]
                state.actions[i, record.action[i]] += 1.0

    return duel_round


def at_place(rules: Sequence[Callable[..., Any]]) -> Callable[..., Any]:
    """Return the rule that calls the one at a place: `rules[place](seat, mind, what)`."""
    # Compiled code cannot look a function up in a list, so the choice is written out, as a function of this file.
    *others, last = (f"return rule_{place}(seat, mind, what)" for place in range(len(rules)))
    lines = [*(f"if place == {place}: {call}" for place, call in enumerate(others)), last]
    written = compile("\n ".join(["def at_place(place, seat, mind, what):", *lines]), __file__, "exec")
    names: dict[str, Any] = {f"rule_{place}": this for place, this in enumerate(rules)} | {
        "__name__": __name__
    }
    exec(written, names)
    marked: Callable[..., Any] = rule(names["at_place"])
    return marked


# Of all players of the project: one law serves them, compiled once.
RULES = tuple((kind.choose, kind.learn) for kind in PLAYERS)
duel_round = duel_law(*zip(*RULES, strict=True))
duel_round.__qualname__ = "duel_round"  # as which it can be pickled


def law_between(
    first: DuelPlayer,
    second: DuelPlayer,
    *,
    make: LawMaker = duel_law,
    usual: Callable[..., None] = duel_round,
    rules: tuple[tuple[Choose, Learn], ...] = RULES,
) -> tuple[Callable[..., None], tuple[int, int]]:
    """Return the law of two players, and the places of both in it.

    It is the `usual` one for players whose `rules` that was made of, and else one of these two players' rules alone,
    which `make` makes. By default it is that of a duel, the usual one that of the players of the project.
    """
    one, two = ((player.choose, player.learn) for player in (first, second))
    if one in rules and two in rules:
        return usual, (rules.index(one), rules.index(two))
    own = tuple(dict.fromkeys((one, two)))
    return _law_of(make, own), (own.index(one), own.index(two))


@lru_cache(maxsize=256)
def _law_of(make: LawMaker, rules: tuple[tuple[Choose, Learn], ...]) -> Callable[..., None]:
    # Marked, a function can be called from compiled code.
    marked = [pair if pair in RULES else (_held_to_actions(rule(pair[0])), rule(pair[1])) for pair in rules]
    return make(*zip(*marked, strict=True))


def _held_to_actions(choose: Choose) -> Choose:
    """Return the rule that keeps a choice that is no action in the mind, and cooperates in its place.

    Else compiled code would look for its payoff beyond the game's.
    """

    @rule
    def held_to_actions(seat: Seat, mind: Mind, asked: Asked) -> int:
        action = choose(seat, mind, asked)
        if 0 <= action < seat.own_payoffs.shape[0] and action == int(action):
            return int(action)
        if mind.wrong[0] == 0.0:
            mind.wrong[0] = action
        return 0

    return held_to_actions
