"""One learner against a player, as an environment with Gymnasium's interface."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import logger
from gymnasium.spaces import Discrete

from simulation.environments.base import RENDER_MODES, ROUNDS, checked_mode, checked_options
from simulation.environments.meetings import (
    Circumstances,
    Factory,
    Meeting,
    Met,
    NewMeeting,
    Opponent,
    meetings_with,
)
from simulation.environments.past import Past
from simulation.mechanism_design.parameters import MechanismDesignParameters
from theory import Game
from theory.arguments import checked, count, number, of_type, optional, place
from theory.checks import IntArray, position, seed_number, shown
from theory.games.checks import two_player_game

Step = tuple[IntArray, float, bool, bool, dict[str, Any]]


class EnvironmentAgainst(gymnasium.Env[IntArray, np.int64]):
    """A repeated game of one learner against a player; see `simulation.environment_against`."""

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": 4}  # noqa: RUF012 # as Gymnasium has it

    def __init__(
        self, new_meeting: NewMeeting, around: Circumstances, *, horizon: int, render_mode: str | None
    ) -> None:
        self.game = around.game
        self.role = around.role
        self.horizon = horizon
        self.render_mode = checked_mode(render_mode)
        self._past = Past(self.game.n_actions, around.depth)
        self.observation_space = self._past.space(self.role)
        self.action_space = Discrete(self.game.n_actions[self.role])
        self._new_meeting = new_meeting
        self._meeting: Meeting | None = None
        self._last: Met | None = None
        self._rounds = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[IntArray, dict[str, Any]]:
        """Begin an episode, with an opponent who remembers nothing; return what is seen, and an empty dictionary.

        Parameters
        ----------
        seed
            A whole number, at least 0; None goes on with the chance that there is, at first one that is drawn.
        options
            None are known; whatever is in the dictionary is ignored.
        """
        checked_options(options)
        super().reset(seed=None if seed is None else seed_number("seed", seed))
        self._past.clear()
        self._last, self._rounds = None, 0
        self._meeting = self._new_meeting(self.np_random)
        if self.render_mode == "human":
            self.render()
        return self._past.seen_by(self.role), {}

    def step(self, action: int | np.int64) -> Step:
        """Play a round; return what is seen, the reward, False (nothing terminates), whether it is the last, `info`.

        Parameters
        ----------
        action
            Counted from 0.

        Returns
        -------
        tuple
            The last item has, `[2]` by role, each `action` as played, its `payoff`, and the `additional_reward` of a
            planner. The reward is the learner's payoff and additional reward together.

        Raises
        ------
        ValueError
            If no episode has begun or it is over, the action is none, or a learner who is met diverges.
        """
        if self._meeting is None or self._rounds >= self.horizon:
            raise ValueError(
                f"reset must be called before step, and again after {self.horizon} rounds, got step({shown(action)})"
            )
        chosen = position("action", action, self.game.n_actions[self.role])
        met = self._last = self._meeting.play(chosen, self.np_random)
        self._rounds += 1
        one, two = met.actions
        seen = [int(one), int(two)]
        seen[1 - self.role] = int(met.seen[self.role])
        self._past.add(seen)
        payoffs = np.array(self.game.payoffs[:, one, two])
        if self.render_mode == "human":
            self.render()
        return (
            self._past.seen_by(self.role),
            float(payoffs[self.role] + met.additional_rewards[self.role]),
            False,
            self._rounds >= self.horizon,
            {"action": met.actions, "payoff": payoffs, "additional_reward": met.additional_rewards},
        )

    def render(self) -> str | None:
        """Return the last round as text ("ansi"), or print it ("human")."""
        if self.render_mode is None:
            logger.warn("render is called without a render_mode, which is 'human' or 'ansi'")
            return None
        text = f"round {self._rounds} of {self.horizon}: {self._text()}\n"
        if self.render_mode == "ansi":
            return text
        print(text, end="")
        return None

    def _text(self) -> str:
        if self._last is None:
            return "nothing has been played"
        met, (own, other) = self._last, (self.role, 1 - self.role)
        names = [self.game.actions[i][met.actions[i]] for i in range(2)]
        payoff = self.game.payoffs[own][tuple(met.actions)]
        paid = met.additional_rewards[own]
        bonus = f" and {paid:g} from the planner" if paid else ""
        return f"learner {names[own]}, opponent {names[other]}; payoff {payoff:g}{bonus}"


@checked(
    game=optional(two_player_game),
    role=place(2),
    horizon=optional(count()),
    depth=count(1),
    noise=number(0.0, 1.0),
    misreading=number(0.0, 1.0),
    planner=optional(of_type(MechanismDesignParameters)),
    render_mode=lambda _, value: checked_mode(value),
)
def environment_against(
    opponent: Opponent | Factory,
    *,
    game: Game | None = None,
    role: int = 0,
    horizon: int | None = None,
    depth: int = 1,
    noise: float = 0.0,
    misreading: float = 0.0,
    planner: MechanismDesignParameters | None = None,
    render_mode: str | None = None,
) -> EnvironmentAgainst:
    """Return a repeated game of one learner against a player, as an environment of Gymnasium.

    The learner sees the last rounds as in `simulation.parallel_environment`, its own action before the other's. The
    opponent does not know how long an episode lasts, and remembers nothing of those before. An episode never
    terminates: it is truncated after `horizon` rounds. Players of duels play by the laws of duels and of hand-overs.

    Parameters
    ----------
    opponent
        A strategy of 2x2 games or its name (`simulation.strategy`); a player of duels such as `GradualPlayer()` or
        `RuleLearner()`; or a function of a `numpy.random.Generator`, called as each episode begins, that returns one
        of these (to meet a mixture of opponents), or a new object whose method `act(observation)` returns an action.
    game
        Of two players, with a payoff tensor; the planner's where there is one.
    role
        The learner's: 0 the row, 1 the column player.
    horizon
        Rounds of an episode, at least 1; by default 100, or the planner's `episodes`.
    depth
        How many last rounds are seen, at least 1.
    noise
        Probability in [0, 1], for each player in each round, that another action is played, each of the others alike;
        below 1/2 against a strategy.
    misreading
        Probability in [0, 1], for each player in each round, that it takes the other's action for another one.
    planner
        Pays both from its first round on, and learns what to pay, as in `simulation.HandoverParameters`, whose rules
        for its `knowledge` hold; the opponent is then a player of duels. The learner's rewards hold what it is paid.
    render_mode
        "ansi" returns each round as text when asked to `render`, "human" prints it. None: neither.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, there is no game or two of them, or the opponent cannot play the game.
    """
    if (game is None) == (planner is None):
        raise ValueError(
            "give a game, or a planner, whose game is then played, got "
            f"{'neither' if game is None else 'both'}"
        )
    if planner is not None and misreading > 0.0:
        raise ValueError(f"misreading must be 0 under a planner, got {misreading:g}")
    played = game if planner is None else planner.game
    around = Circumstances(played, role, depth, noise, misreading, planner)  # type: ignore[arg-type]
    default = ROUNDS if planner is None else planner.episodes
    return EnvironmentAgainst(
        meetings_with(opponent, around),
        around,
        horizon=default if horizon is None else horizon,
        render_mode=render_mode,
    )
