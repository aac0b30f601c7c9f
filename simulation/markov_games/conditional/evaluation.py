"""How good a conditional cooperator is: the criteria of Lerer and Peysakhovich (2017), and the verdict of theory.

With S(X, Y) the row's payoff and C, D the agreed and the safe policy, they ask for self-match S(X, X) near S(C, C),
safety S(X, D) - S(D, D) near 0 or above, and an incentive to cooperate S(C, X) - S(D, X) above 0. The last compares
two policies of the other's alone; an *exploiter* compares all there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulation.markov_games.conditional.agreement import AgreedPlay
from simulation.markov_games.conditional.matches import Played
from simulation.markov_games.conditional.player import FiniteMemory, without_memory
from simulation.markov_games.conditional.responses import opposition
from simulation.markov_games.enumerated import EnumeratedGame
from simulation.markov_games.exact import episode_values, expected_ahead, joint_policy
from simulation.markov_games.policy_game import PolicyGame
from theory import Verdict, judge
from theory.checks import FloatArray, finite_array, whole_number
from theory.games.game import Profile


class Beside(NamedTuple):
    """What a player of finite memory comes to in an episode beside some others, exactly; sums in payoff units."""

    safety: float
    """S(X, D) - S(D, D)."""
    incentive: float
    """S(C, X) - S(D, X), the other's."""
    with_cooperator: float
    """S(X, C)."""
    exploited: FloatArray
    """`[steps + 1]`: what the best response gets in matches of so many steps."""
    exploited_from: float
    """The most that it gets in an episode from any one state on, beyond the agreement from there."""
    with_foe: float
    """The least that the player gets in an episode, whatever the other does."""
    with_foe_from: float
    """The least of that from any one state on, beyond what its safe policy gets from there at least."""


def beside_others(play: AgreedPlay, player: FiniteMemory, *, steps: int | None = None) -> Beside:
    """Return what a player comes to beside cooperator, defector, exploiter and foe.

    Parameters
    ----------
    play, player
        What is agreed, and who plays.
    steps
        Of the longest match with an exploiter, at least those of an episode, which is the default.

    Raises
    ------
    ValueError
        If these are fewer.
    """
    game, own, other = play.game, player.role, 1 - player.role
    others, horizon = opposition(game, player), play.game.game.horizon
    longest = horizon if steps is None else whole_number("steps", steps, at_least=horizon)
    mine, theirs = game.rewards[own], game.rewards[other]
    exploiter, foe = others.best(theirs, steps=longest), others.best(-mine)
    cooperating, robbing = (
        others.totals(policies[other], theirs)[-1] for policies in (play.agreed, play.safe)
    )
    secured = opposition(game, without_memory(play.safe[own], role=own)).best(-mine).from_states[-1]
    return Beside(
        safety=float(others.totals(play.safe[other], mine)[-1] - episode_values(game, play.safe)[own]),
        incentive=float(cooperating - robbing),
        with_cooperator=float(others.totals(play.agreed[other], mine)[-1]),
        exploited=exploiter.totals,
        exploited_from=float((exploiter.from_states[horizon] - _agreed_ahead(play)[-1, other]).max()),
        with_foe=-float(foe.totals[-1]),
        with_foe_from=float((secured - foe.from_states[-1]).min()),
    )


def judge_match(
    game: EnumeratedGame, payoffs: FloatArray, best: FloatArray, *, tolerance: float = 1e-6, title: str = ""
) -> Verdict:
    """Judge what two players come to, in the game in which everybody may play anything, with any memory.

    Parameters
    ----------
    game
        The tables.
    payoffs, best
        `[2]`: what each gets in an episode, and what it would get by its best response to the other.
    tolerance
        As for `theory.judge`: shares of the payoff ranges.
    title
        What the verdict calls the game.
    """
    received, most = finite_array("payoffs", payoffs), finite_array("best", best)
    return judge(_MatchGame(game, title, received, most), [[1.0], [1.0]], tolerance=tolerance)


@dataclass(frozen=True, eq=False)
class _MatchGame(PolicyGame):
    """The game between policies, of which one pair is looked at that is known by what it comes to."""

    received: FloatArray = field(default_factory=lambda: np.zeros(2))
    best: FloatArray = field(default_factory=lambda: np.zeros(2))

    @property
    def n_actions(self) -> tuple[int, ...]:
        """One of each player: those of the pair."""
        return (1, 1)

    def check_profile(self, profile: Profile) -> tuple[FloatArray, ...]:
        """Return the pair."""
        return (np.ones(1), np.ones(1))

    def expected_payoffs(self, profile: Profile) -> FloatArray:
        """Return `[2]`."""
        return self.received

    def regrets(self, profile: Profile) -> FloatArray:
        """Return `[2]`: what each would gain by its best response."""
        return np.asarray(np.maximum(self.best - self.received, 0.0))


def luck_free(play: AgreedPlay, played: Played) -> FloatArray:
    """Return `[runs, 2]`: what players have in matches a step, with luck taken out of it.

    What is had is told apart from what luck gave, by what the agreement would be worth from each state to the end of
    the match: an episode is worth what that is at its start, and each step adds

        r + E W_{left - 1}(s') - W_left(s).

    The mean is that of the rewards; two who keep to the agreement have no variance at all (Burch and others 2018,
    "AIVAT").
    """
    ahead = _agreed_ahead(play, steps=played.states.shape[1])
    total = np.tile(ahead[-1] @ play.game.start, (len(played.states), 1))
    for left, (states, joint) in enumerate(
        zip(played.states.T[::-1], played.joint.T[::-1], strict=True), start=1
    ):
        for player in (0, 1):
            expected = (
                play.game.probabilities[states, joint]
                * ahead[left - 1, player][play.game.successors[states, joint]]
            ).sum(axis=1)
            total[:, player] += (
                play.game.rewards[player, states, joint] + expected - ahead[left, player, states]
            )
    return np.asarray(total / played.states.shape[1])


def _agreed_ahead(play: AgreedPlay, *, steps: int | None = None) -> FloatArray:
    """Return `[steps + 1, 2, S]`: what the agreement gives in so many steps from each state on."""
    joint = joint_policy(play.game, play.agreed)
    length = play.game.game.horizon if steps is None else steps
    ahead = np.zeros((length + 1, 2, play.game.n_states))
    for left in range(length):
        for player, rewards in enumerate(play.game.rewards):
            worth = rewards + expected_ahead(play.game, ahead[left, player])
            ahead[left + 1, player] = (worth * joint).sum(axis=1)
    return ahead
