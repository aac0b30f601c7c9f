"""Gradual Tit-for-Tat as people write it down, and the tables of its policies, belief and values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from simulation.gradual.beliefs import (
    belief_deviation,
    belief_mean,
    floored_likelihoods,
    uniform_prior,
    warn_if_levels_are_finer,
)
from simulation.gradual.policies import (
    Form,
    PolicyFamily,
    Selection,
    check_style,
    cooperativeness_grid,
    form_name,
    own_and_other,
    policy_family,
)
from simulation.gradual.seat import seat_at
from simulation.gradual.state import GRADUAL, Player
from simulation.gradual.surfaces import value_surfaces
from simulation.gradual.tunables import MirrorTunables
from theory import Game, security_levels
from theory.arguments import check_fields, checked, of_type, optional, place
from theory.checks import FloatArray, finite_number, is_list, number_within, probability_vector, shown
from theory.games.checks import two_player_game


@dataclass(frozen=True, kw_only=True)
class GradualPlayer(MirrorTunables):
    """Mirror the other's degree of cooperativeness (thesis chapter 5).

    The defaults are one setting for all games and noise levels.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    reward_share: float = 0.0
    """Share in [0, 1] of the estimate by rewards (section 5.3.2) in the combined estimate."""
    reward_rate: float = 0.05
    """tau in (0, 1]: weight of the newest reward in the average."""
    grid_points: int = 101
    """Points of the belief and policies on [0, 1], at least 2. A level that is the best reply of no point of the
    grid tells nothing: where levels are finer than cooperativeness, give more points (or play continuous levels,
    `simulation.gradual.continuous`)."""
    prior: ArrayLike | None = None
    """`[grid_points]` prior probabilities of the other's cooperativeness; None: all alike."""
    form: Form = "sum"
    """What cooperativeness maximises, see `simulation.gradual.policies`; the other is thought to do alike."""
    other_forms: tuple[Form, ...] = ()
    """Forms that the other may have instead, all alike likely beforehand: the belief is then about form and
    cooperativeness together, and the estimate is the mean cooperativeness over both (section 6.3.1)."""
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
    probe_probability: float = 0.0
    """Of a probe, two rounds of full cooperation, in a round in which the reply and the other's last level are
    below 1/2; in [0, 1]. 0: no probes (see `simulation.gradual.players.probing`)."""
    probe_in_doubt: bool = False
    """Whether that probability is multiplied by the standard deviation of the belief over that of the prior: who
    is sure of the other's cooperativeness has nothing to probe for."""
    probe_budget: float = 1.0
    """Total loss below the security level up to any probe that is accepted, in own payoff ranges, >= 0."""
    probe_cap: float = 5.0
    """The most that the account of probes holds, in own payoff ranges, >= 0."""

    def __post_init__(self) -> None:
        check_fields(self)
        super().__post_init__()
        number_within("reward_share", self.reward_share, 0.0, 1.0)
        if not 0.0 < finite_number("reward_rate", self.reward_rate) <= 1.0:
            raise ValueError(f"reward_rate must lie in (0, 1], got {self.reward_rate}")
        if self.prior is not None:
            probability_vector("prior", self.prior, self.grid_points)
        number_within("probe_probability", self.probe_probability, 0.0, 1.0)
        number_within("probe_budget", self.probe_budget, 0.0, math.inf)
        number_within("probe_cap", self.probe_cap, 0.0, math.inf)
        check_style(self.form, self.selection, self.rationality, self.disagreement)
        if not is_list(self.other_forms):
            raise ValueError(f"other_forms must be a list of forms, got {shown(self.other_forms)}")
        for form in self.other_forms:
            form_name("form", form)
        optional(two_player_game)("believed_game", self.believed_game)
        if self.families is not None:
            if not is_list(self.families) or len(self.families) != 2:
                raise ValueError(f"families must be those of both players, got {shown(self.families)}")
            for family in self.families:
                of_type(PolicyFamily)("each of families", family)
        if len(self.other_forms) and (self.reward_share > 0.0 or self.families is not None):
            raise ValueError(
                "other_forms are for estimates by actions and the policies of forms, got "
                f"{self.other_forms} with reward_share {self.reward_share:g} or families"
            )

    @checked(game=two_player_game, role=place(2))
    def policies(self, game: Game, role: int) -> tuple[PolicyFamily, ...]:
        """Return the own policies, and for each form that the other may have those it is thought to have."""
        if self.families is not None:
            return self.families
        wanted = [(role, self.form), *((1 - role, form) for form in self.other_forms or (self.form,))]
        return tuple(
            policy_family(
                self.believed_game or game,
                player,
                weights=cooperativeness_grid(self.grid_points),
                form=form,
                selection=self.selection,
                rationality=self.rationality,
                disagreement=self.disagreement,
            )
            for player, form in wanted
        )

    @checked(game=two_player_game, role=place(2))
    def seat(self, game: Game, role: int) -> Player:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        believed = self.believed_game or game
        if believed.n_actions != game.n_actions:
            raise ValueError(
                f"believed_game must have the game's actions {game.n_actions}, got {believed.n_actions}"
            )
        if self.families is None and self.selection == "best-reply":
            warn_if_levels_are_finer(game.n_actions[1 - role], self.grid_points)
        own, *others = self.policies(game, role)
        points = len(others[0].weights)
        prior = uniform_prior(points) if self.prior is None else np.array(self.prior, dtype=np.float64)
        spread = float(believed.payoff_range[role]) or 1.0
        return seat_at(
            believed,
            role,
            GRADUAL,
            (  # in the order in which `gradual_rules` names them
                self.forgetting,
                self.epsilon,
                self.uncertainty_factor,
                self.reward_share,
                self.reward_rate,
                float(own.weights[0]),
                float(own.weights[-1]),
                self.probe_probability,
                self.probe_budget * spread,
                self.probe_cap * spread,
                float(security_levels(believed)[role]),
                float(own_and_other(believed, role)[0][:, 0].min()),
                _deviation_of(prior / prior.sum(), others[0].weights) if self.probe_in_doubt else 0.0,
            ),
            own=own,
            grid=np.concatenate([other.weights for other in others]),
            prior=np.tile(prior / prior.sum() / len(others), len(others)),
            likelihood=np.concatenate([floored_likelihoods(o, self.tremble) for o in others], axis=2),
            values=self._values(believed, role) if self.reward_share > 0.0 else None,
        )

    def _values(self, game: Game, role: int) -> FloatArray:
        """Return `[n_weights, n_weights]`: V_own by own and other's cooperativeness."""
        if self.families is not None:
            return _own_values(game, role, *self.families)
        kept = _values_of_form(
            game,
            role,
            self.grid_points,
            self.form,
            self.selection,
            self.rationality,
            self.disagreement,
        )
        return kept.copy()


def _deviation_of(prior: FloatArray, grid: FloatArray) -> float:
    return float(belief_deviation(prior, grid, belief_mean(prior, grid)))


def _own_values(game: Game, role: int, own: PolicyFamily, other: PolicyFamily) -> FloatArray:
    """Return V_own; rows are the own cooperativeness, whichever player that is."""
    surfaces = value_surfaces(game, *((own, other) if role == 0 else (other, own)))
    return surfaces.values[0] if role == 0 else np.ascontiguousarray(surfaces.values[1].T)


@lru_cache(maxsize=64)
def _values_of_form(
    game: Game,
    role: int,
    points: int,
    form: Form,
    selection: Selection,
    rationality: float | None,
    disagreement: str,
) -> FloatArray:
    """Return V_own of the usual policies: kept, since surfaces of games whose replies cycle take seconds."""
    player = GradualPlayer(
        grid_points=points,
        form=form,
        selection=selection,
        rationality=rationality,
        disagreement=disagreement,
    )
    own, other = player.policies(game, role)
    values = _own_values(game, role, own, other)
    values.flags.writeable = False
    return values
