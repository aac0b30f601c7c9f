r"""Ordinary reinforcement learners that choose among levels, knowing the bin of the other's last level.

With situation s, choice a, reward r, next situation s', learning rate eta and discount gamma:

- *Q-learning*: Q(s, a) += eta (r + gamma max_b Q(s', b) - Q(s, a)), played epsilon-greedily;
- *policy gradient* (REINFORCE as an online rule: Baxter & Bartlett 2001): with softmax preferences theta and
  trace z <- gamma z + grad log pi(a | s), theta += eta (r - average r) z;
- *actor-critic*: delta = r + gamma v(s') - v(s), v(s) += eta delta, theta += eta delta grad log pi(a | s).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from simulation.engine.compilation import rule
from simulation.engine.elementary import exp
from simulation.engine.randomness import whole_number
from simulation.gradual.seat import Asked, DuelPlayer, Mind, Played, Seat, reading, seat_at, viewing
from theory import Game
from theory.arguments import check_fields, checked, place
from theory.checks import FloatArray, finite_number, known_name, number_within
from theory.games.checks import two_player_game
from theory.resolution import TIE

# How fast the policy gradient's baseline follows the rewards.
BASELINE_RATE = 0.01

# Who wins among choices of equal value: the first, one by lot, or the last.
TIES = ("cooperation", "lot", "defection")
TO_COOPERATION, BY_LOT = 0, 1

METHODS = ("q-learning", "policy-gradient", "actor-critic")
Q_LEARNING, POLICY_GRADIENT, ACTOR_CRITIC = range(3)


class Numbers(NamedTuple):
    """What the rules go by."""

    method: float
    """Which of the methods."""
    learning_rate: float
    discount: float
    exploration: float
    ties: float
    """Who wins among equal values: the place in `TIES`."""


class Memory(NamedTuple):
    """What is remembered beside the tables."""

    choice: FloatArray
    """The last one."""
    situation: FloatArray
    """In which it was made."""
    average_reward: FloatArray


numbers, memory = reading(Numbers), viewing(Memory)


@rule
def situation_of(other: int, n_actions: int, situations: int) -> int:
    """Return the bin of the other's last level."""
    return other * situations // n_actions


@rule
def level_of_choice(choice: int, choices: int, n_actions: int) -> int:
    """Return the action of a choice: the nearest to an even spread, alike from either end.

    Two of the levels are the ends, and the others are symmetric between them; where the middle choice falls between
    two levels, which no symmetric spread can avoid, it is the more cooperative one.
    """
    mirrored = choices - 1 - choice
    from_end = min(choice, mirrored)
    # The nearest level; halfway between two the one nearer to the end.
    nearest = (2 * from_end * (n_actions - 1) + choices - 2) // (2 * (choices - 1))
    return nearest if choice <= mirrored else n_actions - 1 - nearest


@rule
def softmax_choice(preferences: FloatArray, draw: float) -> int:
    """Return a choice drawn with probability proportional to exp(preferences)."""
    n: int = preferences.shape[0]
    highest = preferences[0]
    for a in range(1, n):
        highest = max(highest, preferences[a])
    total = 0.0
    for a in range(n):
        total += exp(preferences[a] - highest)
    left = draw * total
    for a in range(n - 1):
        left -= exp(preferences[a] - highest)
        if left < 0.0:
            return a
    return n - 1


@rule
def add_score(table: FloatArray, preferences: FloatArray, choice: int, step: float) -> None:
    """Add step * grad log pi(choice) for softmax `preferences[n]` to `table[n]`."""
    n = preferences.shape[0]
    highest = preferences[0]
    for a in range(1, n):
        highest = max(highest, preferences[a])
    total = 0.0
    for a in range(n):
        total += exp(preferences[a] - highest)
    for a in range(n):
        p = exp(preferences[a] - highest) / total
        table[a] += step * ((1.0 if a == choice else 0.0) - p)


@rule
def highest_of(values: FloatArray) -> float:
    """Return the highest value."""
    highest: float = values[0]
    for a in range(1, values.shape[0]):
        highest = max(highest, values[a])
    return highest


@rule
def best_choice(values: FloatArray, ties: float, draw: float) -> int:
    """Return a choice of the highest value, up to rounding; among several as `ties` says, a place in `TIES`."""
    n: int = values.shape[0]
    highest = highest_of(values)
    least = highest - TIE * abs(highest)
    equals = 0
    for a in range(n):
        equals += 1 if values[a] >= least else 0
    passed = 0 if ties == TO_COOPERATION else equals - 1
    if ties == BY_LOT:
        passed = int(draw * equals)
    best = 0
    while values[best] < least or passed > 0:
        passed -= 1 if values[best] >= least else 0
        best += 1
    return best


@rule
def q_step(
    values: FloatArray,
    situation: int,
    choice: int,
    following: int,
    payoff: float,
    learning_rate: float,
    discount: float,
) -> None:
    """Take one step of Q-learning on `values[situations, choices]`, from a situation to the following one."""
    target = payoff + discount * highest_of(values[following])
    values[situation, choice] += learning_rate * (target - values[situation, choice])


@rule
def trace_step(
    preferences: FloatArray,
    trace: FloatArray,
    average: FloatArray,
    situation: int,
    choice: int,
    payoff: float,
    first: bool,
    learning_rate: float,
    discount: float,
) -> None:
    """Take one step along the eligibility trace; both `[situations, choices]`, `average[1]` is the baseline."""
    situations, choices = preferences.shape
    if first:
        average[0] = payoff
    for s in range(situations):
        for a in range(choices):
            trace[s, a] *= discount
    add_score(trace[situation], preferences[situation], choice, 1.0)
    advantage = payoff - average[0]
    for s in range(situations):
        for a in range(choices):
            preferences[s, a] += learning_rate * advantage * trace[s, a]
    average[0] += BASELINE_RATE * advantage


@rule
def learn_q(seat: Seat, mind: Mind, played: Played) -> None:
    """Take one step of Q-learning."""
    own, remembered = numbers(seat.numbers), memory(mind.memory)
    situation, choice = int(remembered.situation[0]), int(remembered.choice[0])
    following = situation_of(played.other, seat.own_payoffs.shape[1], mind.table.shape[0])
    q_step(mind.table, situation, choice, following, played.payoff, own.learning_rate, own.discount)


@rule
def learn_policy_gradient(seat: Seat, mind: Mind, played: Played) -> None:
    """Take one step along the eligibility trace."""
    own, remembered = numbers(seat.numbers), memory(mind.memory)
    situation, choice = int(remembered.situation[0]), int(remembered.choice[0])
    first, average = played.turn == 0, remembered.average_reward
    trace_step(
        mind.table,
        mind.trace,
        average,
        situation,
        choice,
        played.payoff,
        first,
        own.learning_rate,
        own.discount,
    )


@rule
def learn_actor_critic(seat: Seat, mind: Mind, played: Played) -> None:
    """Take one step of the critic, whose values are column 0 of the trace, and of the actor."""
    own, remembered = numbers(seat.numbers), memory(mind.memory)
    situation, choice = int(remembered.situation[0]), int(remembered.choice[0])
    following = situation_of(played.other, seat.own_payoffs.shape[1], mind.table.shape[0])
    error = played.payoff + own.discount * mind.trace[following, 0] - mind.trace[situation, 0]
    mind.trace[situation, 0] += own.learning_rate * error
    add_score(mind.table[situation], mind.table[situation], choice, own.learning_rate * error)


@rule
def choose_level(seat: Seat, mind: Mind, asked: Asked) -> int:
    """Choose a level: epsilon-greedily by values, or by softmax of preferences."""
    own, remembered = numbers(seat.numbers), memory(mind.memory)
    situations, choices = mind.table.shape
    situation = situation_of(asked.other, seat.own_payoffs.shape[1], situations)
    if own.method != Q_LEARNING:
        choice = softmax_choice(mind.table[situation], asked.draw)
    elif asked.extra < own.exploration:
        choice = int(asked.draw * choices)
    else:
        choice = best_choice(mind.table[situation], own.ties, asked.draw)
    remembered.choice[0] = choice
    remembered.situation[0] = situation
    return level_of_choice(choice, choices, seat.own_payoffs.shape[0])


@rule
def learn_by_method(seat: Seat, mind: Mind, played: Played) -> None:
    """Take one step of the method."""
    method = numbers(seat.numbers).method
    if method == Q_LEARNING:
        learn_q(seat, mind, played)
    elif method == POLICY_GRADIENT:
        learn_policy_gradient(seat, mind, played)
    else:
        learn_actor_critic(seat, mind, played)


@dataclass(frozen=True, kw_only=True)
class LevelLearner(DuelPlayer):
    """An ordinary reinforcement learner that chooses among levels (see this module's text)."""

    Memory: ClassVar = Memory
    learns_from_payoffs: ClassVar[bool] = True

    rule: str = "q-learning"
    """`"q-learning"`, `"policy-gradient"` (REINFORCE) or `"actor-critic"`."""
    learning_rate: float = 0.05
    """Positive."""
    discount: float = 0.9
    """In [0, 1)."""
    exploration: float = 0.05
    """Share of uniform choices of Q-learning, in [0, 1]."""
    ties: str = "cooperation"
    """Which of the choices of equal value Q-learning takes, as all are at first: the most cooperative one for
    "cooperation", the least for "defection", one by "lot". Only "lot" tells what it has learnt from what it has not
    unlearnt."""
    choices: int = 6
    """Levels to choose from, at least 2, spread evenly and alike from both ends; never more than the game has."""
    situations: int = 3
    """Bins of the other's last level, at least 1; never more than the game has levels. The numbers of
    levels in them differ by one at most."""

    def __post_init__(self) -> None:
        check_fields(self)
        known_name("learning rule", self.rule, METHODS)
        check_learner(self.learning_rate, self.discount)
        number_within("exploration", self.exploration, 0.0, 1.0)
        known_name("ties", self.ties, TIES)
        whole_number("choices", self.choices, at_least=2)
        whole_number("situations", self.situations, at_least=1)

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        method = METHODS.index(self.rule)
        ties = TIES.index(self.ties)
        return seat_at(game, role, Numbers(method, self.learning_rate, self.discount, self.exploration, ties))

    @checked(game=two_player_game, role=place(2))
    def table_shape(self, game: Game, role: int) -> tuple[int, int]:
        """Return how many situations and choices the learner tells apart in this game."""
        return min(self.situations, game.n_actions[1 - role]), min(self.choices, game.n_actions[role])

    def remember(self, seat: Seat, mind: Mind, played: Played) -> None:
        """Learn nothing from a round before the first: there it made no choice."""

    choose = staticmethod(choose_level)
    learn = staticmethod(learn_by_method)


def check_learner(learning_rate: float, discount: float) -> None:
    """Raise ValueError unless the learning rate is positive and the discount lies in [0, 1)."""
    if finite_number("learning_rate", learning_rate) <= 0.0:
        raise ValueError(f"learning_rate must be positive, got {learning_rate}")
    if not 0.0 <= finite_number("discount", discount) < 1.0:
        raise ValueError(f"discount must lie in [0, 1), got {discount}")
