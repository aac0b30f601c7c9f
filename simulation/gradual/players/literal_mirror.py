"""The literal mirror (thesis chapter 5): play by cooperativeness, estimate the other's, and mirror it as it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from simulation.engine.compilation import rule
from simulation.engine.elementary import log
from simulation.gradual.beliefs import (
    belief_deviation,
    belief_mean,
    belief_update,
    floored_likelihoods,
    uniform_prior,
    warn_if_levels_are_finer,
)
from simulation.gradual.mirroring import MirrorTunables, combined, mirrored
from simulation.gradual.players.probing_mirror import booked, is_affordable
from simulation.gradual.policies import (
    Form,
    PolicyFamily,
    Selection,
    check_style,
    cooperativeness_grid,
    form_name,
    own_and_other,
    policy_family,
    policy_index,
)
from simulation.gradual.reward_inversion import average_curve, average_reward, invert_curve
from simulation.gradual.seat import (
    Asked,
    DuelPlayer,
    Mind,
    Played,
    Seat,
    is_cooperative,
    reading,
    reply_by_cooperativeness,
    seat_at,
    viewing,
)
from simulation.gradual.surfaces import value_surfaces
from simulation.gradual.unsafe_mirror import warn_if_unsafe
from theory import Game, security_levels
from theory.arguments import check_fields, checked, of_type, optional, place
from theory.checks import FloatArray, finite_number, is_list, number_within, probability_vector, shown
from theory.games.checks import two_player_game


class Numbers(NamedTuple):
    """What the rules go by."""

    forgetting: float
    epsilon: float
    uncertainty_factor: float
    reward_share: float
    reward_rate: float
    low: float
    """The least cooperativeness of the policies."""
    high: float
    """The greatest."""
    probe_probability: float
    probe_budget: float
    """In payoff units."""
    probe_cap: float
    """In payoff units."""
    security: float
    """The own security level."""
    worst: float
    """The least payoff of full cooperation."""
    doubt: float
    """Standard deviation of the prior, where who is sure probes less; else 0."""


class Memory(NamedTuple):
    """What is remembered beside belief and curve."""

    account: FloatArray
    """Of probes."""
    is_probing: FloatArray
    average_reward: FloatArray
    lower: FloatArray
    """Lower end of the estimates by rewards."""
    upper: FloatArray


numbers, memory = reading(Numbers), viewing(Memory)


@rule
def mirror(seat: Seat, mind: Mind, by_rewards: float) -> None:
    """Set alpha to the cooperativeness that the belief, and the estimate by rewards, are mirrored by."""
    own = numbers(seat.numbers)
    mean = belief_mean(mind.belief, seat.grid)
    deviation = belief_deviation(mind.belief, seat.grid, mean)
    estimate = combined(mean, by_rewards, own.reward_share)
    mind.estimate[0] = estimate
    mind.deviation[0] = deviation
    mind.alpha[0] = mirrored(estimate, deviation, own.epsilon, own.uncertainty_factor, own.low, own.high)


@dataclass(frozen=True, kw_only=True)
class LiteralMirror(MirrorTunables, DuelPlayer):
    """Mirror the other's degree of cooperativeness, literally as thesis chapter 5 says.

    The defaults are one setting for all games and noise levels. Two traps come with the rule: in many 2x2 games who
    always defects exploits it for ever, and where it is safe from that, two of them never leave mutual defection
    (`theory.altruism.action_mirror`). `GradualPlayer` has neither.

    Warns
    -----
    UnsafeMirrorWarning
        When its tables are made for a 2x2 game in which it can be exploited so (`seat`): asked of mirrors with the
        form "sum", best replies and a uniform prior, and without policies, rewards or probes.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    Memory: ClassVar = Memory

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
    below 1/2; in [0, 1]. 0: no probes (see `simulation.gradual.players.probing_mirror`)."""
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
    def seat(self, game: Game, role: int) -> Seat:
        """Return the tables of this player as player `role` (0 or 1) of the game."""
        believed = self.believed_game or game
        if believed.n_actions != game.n_actions:
            raise ValueError(
                f"believed_game must have the game's actions {game.n_actions}, got {believed.n_actions}"
            )
        if self.families is None and self.selection == "best-reply":
            warn_if_levels_are_finer(game.n_actions[1 - role], self.grid_points)
        if self._mirrors_single_actions:
            warn_if_unsafe(self, believed, role)
        own, *others = self.policies(game, role)
        points = len(others[0].weights)
        prior = uniform_prior(points) if self.prior is None else np.array(self.prior, dtype=np.float64)
        spread = float(believed.payoff_range[role]) or 1.0
        return seat_at(
            believed,
            role,
            Numbers(
                forgetting=self.forgetting,
                epsilon=self.epsilon,
                uncertainty_factor=self.uncertainty_factor,
                reward_share=self.reward_share,
                reward_rate=self.reward_rate,
                low=float(own.weights[0]),
                high=float(own.weights[-1]),
                probe_probability=self.probe_probability,
                probe_budget=self.probe_budget * spread,
                probe_cap=self.probe_cap * spread,
                security=float(security_levels(believed)[role]),
                worst=float(own_and_other(believed, role)[0][:, 0].min()),
                doubt=_deviation_of(prior / prior.sum(), others[0].weights) if self.probe_in_doubt else 0.0,
            ),
            own=own,
            grid=np.concatenate([other.weights for other in others]),
            prior=np.tile(prior / prior.sum() / len(others), len(others)),
            likelihood=np.concatenate([floored_likelihoods(o, self.tremble) for o in others], axis=2),
            values=self._values(believed, role) if self.reward_share > 0.0 else None,
        )

    @property
    def _mirrors_single_actions(self) -> bool:
        """Whether an action tells of the other what `theory.altruism.action_mirror` says, and nothing else does."""
        is_plain = self.families is None and self.prior is None and not self.other_forms
        of_actions = self.reward_share == 0.0 and self.probe_probability == 0.0
        return is_plain and of_actions and self.form == "sum" and self.selection == "best-reply"

    @staticmethod
    def start(seat: Seat, mind: Mind) -> None:
        """Begin with the prior and mirror its mean."""
        mind.belief[:] = seat.prior
        mirror(seat, mind, 0.0)

    @staticmethod
    @rule
    def choose(seat: Seat, mind: Mind, asked: Asked) -> int:
        """Return the reply of the present cooperativeness; or full cooperation, where that is a probe."""
        own, remembered = numbers(seat.numbers), memory(mind.memory)
        reply = reply_by_cooperativeness(seat, mind.alpha[0], asked.other, asked.draw)
        if own.probe_probability == 0.0:
            return reply
        own_actions, other_actions = seat.own_payoffs.shape
        probing = remembered.is_probing[0] > 0.0
        both_low = not is_cooperative(reply, own_actions) and not is_cooperative(asked.other, other_actions)
        chance = own.probe_probability
        if own.doubt > 0.0:
            chance *= min(1.0, mind.deviation[0] / own.doubt)
        starting = not probing and asked.turn > 0 and both_low and asked.extra < chance
        affordable = is_affordable(remembered.account[0], own.worst, own.security, own.probe_budget)
        remembered.is_probing[0] = 1.0 if starting and affordable else 0.0
        return 0 if affordable and (probing or starting) else reply

    @staticmethod
    @rule
    def learn(seat: Seat, mind: Mind, played: Played) -> None:
        """Update the account of probes, the belief, the average reward and alpha."""
        own, remembered = numbers(seat.numbers), memory(mind.memory)
        remembered.account[0] = booked(remembered.account[0], played.payoff, own.security, own.probe_cap)
        likelihood = seat.likelihood[played.own_before, played.other]
        evidence = belief_update(mind.belief, seat.prior, likelihood, own.forgetting)
        if evidence > 0.0:
            mind.log_evidence[0] += log(evidence)
        else:
            mind.zero_evidence[0] += 1.0
        by_rewards = 0.0
        if own.reward_share > 0.0:
            rate, average, first = own.reward_rate, remembered.average_reward, played.turn == 0
            average[0] = average_reward(average[0], played.payoff, rate, first)
            index = policy_index(seat.weights, mind.alpha[0])
            average_curve(mind.curve, seat.values[index], rate, first)
            lower, upper, by_rewards = invert_curve(seat.grid, mind.curve, average[0])
            remembered.lower[0] = lower
            remembered.upper[0] = upper
        mirror(seat, mind, by_rewards)

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
    player = LiteralMirror(
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
