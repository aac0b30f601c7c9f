"""Players of graded duels, as people write them down; `seat` gives the tables that the law works on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simulation.gradual.beliefs import floored_likelihoods, uniform_prior
from simulation.gradual.policies import (
    Form,
    PolicyFamily,
    Selection,
    cooperativeness_grid,
    fair_actions,
    own_and_other,
    policy_family,
)
from simulation.gradual.seats import DuelPlayer as DuelPlayer
from simulation.gradual.seats import seat_at
from simulation.gradual.state import (
    ACTOR_CRITIC,
    BINARY,
    CONSEQUENTIALIST,
    FIXED,
    GRADUAL,
    GRIM,
    POLICY_GRADIENT,
    PROBING,
    Q_LEARNING,
    TIT_FOR_TAT,
    WIN_STAY,
    Player,
)
from simulation.gradual.surfaces import value_surfaces
from simulation.randomness import whole_number
from theory import Game, security_levels
from theory._checks import finite_number, known_name, number_within, probability_vector

_LEARNERS = {
    "q-learning": Q_LEARNING,
    "policy-gradient": POLICY_GRADIENT,
    "actor-critic": ACTOR_CRITIC,
}


@dataclass(frozen=True, kw_only=True)
class GradualPlayer:
    """Mirror the other's degree of cooperativeness (thesis chapter 5).

    The defaults are one setting for all games and noise levels.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    epsilon: float = 0.05
    """Generosity added to the estimate, in [-1, 1]."""
    uncertainty_factor: float = 0.0
    """u >= 0: generosity for each standard deviation of the belief."""
    forgetting: float = 0.01
    """phi in [0, 1]: probability before each round that the other has drawn a new cooperativeness."""
    tremble: float = 0.05
    """h in [0, 1]: probability with which the other is thought to play any action."""
    reward_share: float = 0.0
    """Share in [0, 1] of the estimate by rewards (section 5.3.2) in the combined estimate."""
    reward_rate: float = 0.05
    """tau in (0, 1]: weight of the newest reward in the average."""
    grid_points: int = 101
    """Points of the belief and policies on [0, 1], at least 2."""
    prior: ArrayLike | None = None
    """`[grid_points]` prior probabilities of the other's cooperativeness; None: all alike."""
    form: Form = "sum"
    """What cooperativeness maximises, see `simulation.gradual.policies`; the other is thought to do alike."""
    selection: Selection = "best-reply"
    """`"best-reply"` or `"logit"`."""
    rationality: float | None = None
    """Of logit selection."""
    disagreement: str = "security"
    """Disagreement point of the forms with gains."""
    believed_game: Game | None = None
    """The payoffs that the player believes in; None: the true ones (section 6.3.2)."""
    families: tuple[PolicyFamily, PolicyFamily] | None = None
    """Own policies and those that the other is thought to have; None: those of form and selection."""

    def __post_init__(self) -> None:
        number_within("epsilon", self.epsilon, -1.0, 1.0)
        number_within("uncertainty_factor", self.uncertainty_factor, 0.0, math.inf)
        number_within("forgetting", self.forgetting, 0.0, 1.0)
        number_within("tremble", self.tremble, 0.0, 1.0)
        number_within("reward_share", self.reward_share, 0.0, 1.0)
        if not 0.0 < finite_number("reward_rate", self.reward_rate) <= 1.0:
            raise ValueError(f"reward_rate must lie in (0, 1], got {self.reward_rate}")
        whole_number("grid_points", self.grid_points, at_least=2)
        if self.prior is not None:
            probability_vector("prior", self.prior, self.grid_points)

    def policies(self, game: Game, role: int) -> tuple[PolicyFamily, PolicyFamily]:
        """Return the own policies and those that the other is thought to have."""
        if self.families is not None:
            return self.families
        own, other = (
            policy_family(
                self.believed_game or game,
                player,
                weights=cooperativeness_grid(self.grid_points),
                form=self.form,
                selection=self.selection,
                rationality=self.rationality,
                disagreement=self.disagreement,
            )
            for player in (role, 1 - role)
        )
        return own, other

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        believed = self.believed_game or game
        if believed.n_actions != game.n_actions:
            raise ValueError(
                f"believed_game must have the game's actions {game.n_actions}, got {believed.n_actions}"
            )
        own, other = self.policies(game, role)
        points = len(other.weights)
        values = np.zeros((1, 1))
        if self.reward_share > 0.0:
            by_role = (own, other) if role == 0 else (other, own)
            surfaces = value_surfaces(believed, *by_role)
            # Rows are the own cooperativeness, whichever player that is.
            values = surfaces.values[0] if role == 0 else np.ascontiguousarray(surfaces.values[1].T)
        prior = uniform_prior(points) if self.prior is None else np.array(self.prior, dtype=np.float64)
        return seat_at(
            believed,
            role,
            GRADUAL,
            (
                self.forgetting,
                self.epsilon,
                self.uncertainty_factor,
                self.reward_share,
                self.reward_rate,
                float(own.weights[0]),
                float(own.weights[-1]),
            ),
            own=own,
            grid=other.weights.copy(),
            prior=prior / prior.sum(),
            likelihood=floored_likelihoods(other, self.tremble),
            values=values,
        )


@dataclass(frozen=True, kw_only=True)
class FixedCooperativeness:
    """Play by a cooperativeness that nothing changes: 1 a cooperator, 0 a defector, below 0 spite."""

    beta: float = 1.0
    """In [-1, 1]."""
    later: float | None = None
    """Cooperativeness from `switch_round` on, in [-1, 1]; None: no change."""
    switch_round: int = 0
    """At least 0; rounds are counted from 0."""
    form: Form = "sum"
    selection: Selection = "best-reply"
    rationality: float | None = None

    def __post_init__(self) -> None:
        number_within("beta", self.beta, -1.0, 1.0)
        if self.later is not None:
            number_within("later", self.later, -1.0, 1.0)
        whole_number("switch_round", self.switch_round, at_least=0)

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        later = self.beta if self.later is None else self.later
        weights = np.array([self.beta] if later == self.beta else sorted((self.beta, later)))
        own = policy_family(
            game,
            role,
            weights=weights,
            form=self.form,
            selection=self.selection,
            rationality=self.rationality,
        )
        switch = math.inf if self.later is None else float(self.switch_round)
        return seat_at(game, role, FIXED, (self.beta, later, switch), own=own)


@dataclass(frozen=True, kw_only=True)
class TitForTat:
    """Copy the other's last level; with the probability of generosity cooperate fully instead."""

    generosity: float = 0.0
    """In [0, 1]."""

    def __post_init__(self) -> None:
        number_within("generosity", self.generosity, 0.0, 1.0)

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        if game.n_actions[0] != game.n_actions[1]:
            raise ValueError(f"Tit-for-Tat needs the same levels for both players, got {game.n_actions}")
        return seat_at(game, role, TIT_FOR_TAT, (self.generosity,))


@dataclass(frozen=True)
class Grim:
    """Cooperate fully until the other's level is below 1/2, then defect for ever."""

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        return seat_at(game, role, GRIM, ())


@dataclass(frozen=True)
class WinStayLoseShift:
    """Keep the level while the payoff is above the middle of (C, C)'s and (D, D)'s, else shift."""

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        payoffs = game.payoffs[role]
        return seat_at(game, role, WIN_STAY, ((payoffs[0, 0] + payoffs[-1, -1]) / 2.0,))


@dataclass(frozen=True, kw_only=True)
class BinaryTitForTat:
    """Switch between fair cooperation and full defection by the other's debit (Lerer & Peysakhovich 2017)."""

    debit_limit: float = 0.5
    """A punishment starts when the debit exceeds this share, >= 0, of the gain from full defection."""
    factor: float = 2.0
    """A punishment costs the other at least so many times its debit; positive."""
    form: Form | None = None
    """The notion of fairness whose best outcome is the cooperative policy; None: full cooperation of both."""
    disagreement: str = "security"
    """Disagreement point of the forms with gains."""

    def __post_init__(self) -> None:
        number_within("debit_limit", self.debit_limit, 0.0, math.inf)
        if finite_number("factor", self.factor) <= 0.0:
            raise ValueError(f"factor must be positive, got {self.factor}")

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        own, other = 0, 0
        if self.form is not None:
            own, other = fair_actions(game, role, form=self.form, disagreement=self.disagreement)
        theirs = own_and_other(game, role)[1]  # rows are the other's actions
        gain = max(0.0, float(theirs[-1, own] - theirs[other, own]))
        return seat_at(game, role, BINARY, (self.debit_limit * gain, self.factor, float(own), float(other)))


@dataclass(frozen=True, kw_only=True)
class ConsequentialistCooperator:
    """Cooperate fully while one's average reward is as cooperation promises (Peysakhovich & Lerer 2018)."""

    share: float = 0.5
    """a in [0, 1]: the average required is (1 - a) V(C, D) + a V(C, C)."""
    rate: float = 0.05
    """Weight in (0, 1] of the newest reward in the average."""

    def __post_init__(self) -> None:
        number_within("share", self.share, 0.0, 1.0)
        if not 0.0 < finite_number("rate", self.rate) <= 1.0:
            raise ValueError(f"rate must lie in (0, 1], got {self.rate}")

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        mine = own_and_other(game, role)[0]
        required = (1.0 - self.share) * mine[-1, 0] + self.share * mine[0, 0]
        return seat_at(game, role, CONSEQUENTIALIST, (float(required), self.rate))


@dataclass(frozen=True, kw_only=True)
class ProbingMirror:
    """Mirror C and D, probe out of mutual defection, and never lose more than a budget (see `probing`)."""

    budget: float = 4.0
    """Total loss below the security level that is accepted, in payoff units, at least 0."""
    cap: float = 20.0
    """The most that the account holds, in payoff units, at least 0."""
    probability: float = 0.1
    """Of a probe in a round in which the other has just defected, in [0, 1]."""

    def __post_init__(self) -> None:
        number_within("budget", self.budget, 0.0, math.inf)
        number_within("cap", self.cap, 0.0, math.inf)
        number_within("probability", self.probability, 0.0, 1.0)

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        mine = own_and_other(game, role)[0]
        security = float(security_levels(game)[role])
        defection = float(mine[:, -1].min())
        if defection < security - 1e-9 * float(game.payoff_range[role]):
            raise ValueError(
                "probing on account needs a game in which defection secures the security level "
                f"{security:g}, got {defection:g}"
            )
        tunables = (self.budget, self.cap, self.probability, security, float(mine[:, 0].min()))
        return seat_at(game, role, PROBING, tunables)


@dataclass(frozen=True, kw_only=True)
class LevelLearner:
    """An ordinary reinforcement learner that chooses among levels (see `level_learners`)."""

    rule: str = "q-learning"
    """`"q-learning"`, `"policy-gradient"` (REINFORCE) or `"actor-critic"`."""
    learning_rate: float = 0.05
    """Positive."""
    discount: float = 0.9
    """In [0, 1)."""
    exploration: float = 0.05
    """Share of uniform choices of Q-learning, in [0, 1]."""
    choices: int = 6
    """Levels to choose from, spread evenly, at least 2; never more than the game has."""
    situations: int = 3
    """Bins of the other's last level, at least 1; never more than the game has levels."""

    def __post_init__(self) -> None:
        known_name("learning rule", self.rule, tuple(_LEARNERS))
        if finite_number("learning_rate", self.learning_rate) <= 0.0:
            raise ValueError(f"learning_rate must be positive, got {self.learning_rate}")
        if not 0.0 <= finite_number("discount", self.discount) < 1.0:
            raise ValueError(f"discount must lie in [0, 1), got {self.discount}")
        number_within("exploration", self.exploration, 0.0, 1.0)
        whole_number("choices", self.choices, at_least=2)
        whole_number("situations", self.situations, at_least=1)

    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        tunables = (self.learning_rate, self.discount, self.exploration)
        return seat_at(game, role, _LEARNERS[self.rule], tunables)

    def table_shape(self, game: Game, role: int) -> tuple[int, int]:
        """Return how many situations and choices the learner tells apart in this game."""
        return min(self.situations, game.n_actions[1 - role]), min(self.choices, game.n_actions[role])
