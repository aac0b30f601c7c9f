r"""Duels with continuous levels in the graded donation game, judged on the game's grid of levels.

Gradual Tit-for-Tat keeps its ledger as in games with a grid (`simulation.gradual.ledgers.continuous`). What follows
is about the literal mirror.

With V_i(x) = b_i x_j + k x_i x_j - c_i x_i^2 / 2 a player of cooperativeness alpha, who maximises
V_i + alpha V_j in reply to the other's last level y, plays the closed form

    x_i = clip((alpha b_j + (1 + alpha) k y) / c_i, 0, 1),

which is alpha b_j / c_i where levels do not interact. Nothing is rounded to a grid of levels.

Beliefs about the other's beta stay on a grid (`simulation.gradual.beliefs`). The other is thought to aim at its
closed form m(beta), to miss it by a logistic error of scale s that is cut off at 0 and 1, and with
probability h (the tremble) to play a uniform level. With F the logistic distribution function and f its
density, the likelihood of a level x is

    (1 - h) F(-m / s)                at x = 0,
    (1 - h) f((x - m) / s) / s + h   for 0 < x < 1,
    (1 - h) (1 - F((1 - m) / s))     at x = 1:

probabilities at both ends, a density between. The scale should not be far below the distance between two
points of the grid, or a beta between them fits neither.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from simulation.engine.compilation import rule
from simulation.engine.elementary import exp, log
from simulation.engine.layout import copied
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, whole_number
from simulation.engine.runs import Played, Process, Record, play_runs, recording_interval
from simulation.engine.workers import worker_threads
from simulation.gradual.beliefs import belief_deviation, belief_mean, belief_update, uniform_prior
from simulation.gradual.graded_games import DonationPayoffs, GradedGame, graded_donation_game
from simulation.gradual.ledgers.continuous import (
    intended_degree,
    ledger_level,
    remember_levels,
    settle_levels,
)
from simulation.gradual.ledgers.donation import DonationLedger, agreed_levels, donation_ledger
from simulation.gradual.ledgers.rule import LedgerBook, LedgerNumbers, begin
from simulation.gradual.mirroring import MirrorTunables, mirrored
from simulation.gradual.players import FixedCooperativeness, FixedLevel, GradualPlayer, TitForTat
from simulation.gradual.players.gradual_tit_for_tat import LEAST_BUDGET, ledger_numbers
from simulation.gradual.policies import cooperativeness_grid
from simulation.gradual.seat import describe
from theory.arguments import check_fields, checked, of_type, optional
from theory.checks import FloatArray, finite_number, is_list, number_within, shown, truth_value

# Before the first round both are taken to have played this level.
FIRST_LEVEL = 0.5

# For each player whether its level slips to a uniform one, and where to; where a ledger is kept then one more, for
# its peace offers. Without ledgers there are none of these, so that other duels stay what they are.
DRAWS, DRAWS_WITH_LEDGERS = 4, 6


@dataclass(frozen=True, kw_only=True)
class ContinuousMirror(MirrorTunables):
    """The literal mirror with continuous levels: the closed-form best reply, and a belief on a grid.

    Defaults are those of `LiteralMirror`; the scale of the other's error is twice the grid's step.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    spread: float = 0.02
    """s > 0: scale of the logistic error with which the other is thought to meet the level it aims at."""
    believed_game: GradedGame | None = None
    """The donation game that the player believes in; None: the true one (section 6.3.2)."""

    def __post_init__(self) -> None:
        check_fields(self)
        super().__post_init__()
        optional(of_type(GradedGame))("believed_game", self.believed_game)
        if finite_number("spread", self.spread) <= 0.0:
            raise ValueError(f"spread must be positive, got {self.spread}")


class ContinuousSeat(NamedTuple):
    """What stays fixed of a player.

    It mirrors, keeps a ledger, copies, keeps one level, or plays by a weight that nothing else changes.
    """

    mirrors: bool
    keeps_ledger: bool
    copies: bool
    level: float
    """In [0, 1] of one who keeps it; -1 of others."""
    weight: float
    later_weight: float
    switch_round: float
    """From which on the later weight holds."""
    epsilon: float
    uncertainty_factor: float
    forgetting: float
    tremble: float
    spread: float
    grid: FloatArray
    """`[b]`: the other's cooperativeness; length 1 for players without belief."""
    prior: FloatArray
    """`[b]`."""
    own_reply: FloatArray
    """`[3]`: b of the other, own cost, interaction, as the player believes them."""
    other_reply: FloatArray
    """`[3]`: own b, the other's cost, interaction, as the player believes them."""
    numbers: LedgerNumbers
    """All 0 of players who keep no ledger, as in the next."""
    ledger: DonationLedger


class ContinuousMind(NamedTuple):
    """What a player carries from round to round; the first five and those of the book are one number each, `[1]`."""

    alpha: FloatArray
    """Cooperativeness of the next round; NaN for players who have none."""
    estimate: FloatArray
    """beta_hat; NaN for players who estimate nothing."""
    deviation: FloatArray
    zero_evidence: FloatArray
    log_evidence: FloatArray
    belief: FloatArray
    """`[b]`."""
    likelihood: FloatArray
    """`[b]`: of the level that was seen last."""
    book: LedgerBook


class ContinuousDuel(NamedTuple):
    """What stays fixed."""

    first: ContinuousSeat
    second: ContinuousSeat
    benefit: FloatArray
    """`[2]`, like the cost."""
    cost: FloatArray
    interaction: float
    noise: float
    earlier: int
    """How many rounds the players take to have been played before the first: 1 where it is said how it began."""


class ContinuousState(NamedTuple):
    """What is carried from round to round."""

    first: ContinuousMind
    second: ContinuousMind
    last: FloatArray
    """`[2]`: the levels played last."""


class ContinuousRound(NamedTuple):
    """The record of one round, `[2]` each, written anew by the law."""

    level: FloatArray
    payoff: FloatArray
    alpha: FloatArray
    estimate: FloatArray
    deviation: FloatArray


def new_continuous_round() -> ContinuousRound:
    """Return an empty record."""
    return ContinuousRound(*(np.zeros(2) for _ in ContinuousRound._fields))


@rule
def best_level(weight: float, other: float, reply: FloatArray) -> float:
    """Return the level that maximises V_own + weight V_other in reply to the other's level."""
    wanted = (weight * reply[0] + (1.0 + weight) * reply[2] * other) / reply[1]
    return float(min(1.0, max(0.0, wanted)))


@rule
def level_likelihood(level: float, aim: float, spread: float, tremble: float) -> float:
    """Return the likelihood of a level for a player that aims at `aim`, both in [0, 1].

    Levels 0 and 1 have the mass of what is cut off there, F(-distance / s); other levels a density. Neither
    overflows, however small the spread.
    """
    decay = exp(-abs(level - aim) / spread)
    beyond = (1.0 - tremble) * decay / (1.0 + decay)
    if level <= 0.0 or level >= 1.0:
        return beyond
    return beyond / (spread * (1.0 + decay)) + tremble


@rule
def mirror_belief(seat: ContinuousSeat, mind: ContinuousMind) -> None:
    """Set alpha to clip(beta_hat + epsilon)."""
    mean = belief_mean(mind.belief, seat.grid)
    deviation = belief_deviation(mind.belief, seat.grid, mean)
    mind.estimate[0] = mean
    mind.deviation[0] = deviation
    mind.alpha[0] = mirrored(mean, deviation, seat.epsilon, seat.uncertainty_factor, 0.0, 1.0)


@rule
def reflect_ledger(seat: ContinuousSeat, mind: ContinuousMind) -> None:
    """Set the estimate of the other's cooperativeness by the ledger, and the degree of what is meant next."""
    mind.estimate[0] = min(1.0, max(0.0, 1.0 - mind.book.ledger[0]))
    mind.alpha[0] = intended_degree(seat.numbers, seat.ledger, mind.book)


@rule
def choose_continuous_level(
    seat: ContinuousSeat, mind: ContinuousMind, other: float, turn: int, draw: float
) -> float:
    """Return the level that a player chooses in round `turn`, counted from 0, by a draw for a peace offer."""
    if seat.keeps_ledger:
        return ledger_level(seat.numbers, seat.ledger, mind.book, draw)
    if seat.level >= 0.0:
        return seat.level
    if seat.copies:
        return 1.0 if turn == 0 else other
    if not seat.mirrors:
        mind.alpha[0] = seat.later_weight if turn >= seat.switch_round else seat.weight
    return best_level(mind.alpha[0], other, seat.own_reply)


@rule
def learn_level(
    seat: ContinuousSeat, mind: ContinuousMind, own_before: float, own: float, other: float
) -> None:
    """Let a player learn from the levels of a round, in which the other's replied to `own_before`."""
    if seat.keeps_ledger:
        settle_levels(seat.numbers, seat.ledger, mind.book, own, other)
        reflect_ledger(seat, mind)
    if not seat.mirrors:
        return
    for k in range(seat.grid.shape[0]):
        aim = best_level(seat.grid[k], own_before, seat.other_reply)
        mind.likelihood[k] = level_likelihood(other, aim, seat.spread, seat.tremble)
    evidence = belief_update(mind.belief, seat.prior, mind.likelihood, seat.forgetting)
    if evidence > 0.0:
        mind.log_evidence[0] += log(evidence)
    else:
        mind.zero_evidence[0] += 1.0
    mirror_belief(seat, mind)


@rule
def continuous_round(
    state: ContinuousState,
    draws: FloatArray,
    turn: int,
    duel: ContinuousDuel,
    room: Any,
    record: ContinuousRound,
) -> None:
    """Play round `turn`; `state` and `record` are updated. `draws` are uniform on [0, 1): 4, or 6 with ledgers."""
    last, theirs = state.last, turn + duel.earlier
    one = draws[DRAWS] if duel.first.keeps_ledger else 0.0
    two = draws[DRAWS + 1] if duel.second.keeps_ledger else 0.0
    x = choose_continuous_level(duel.first, state.first, last[1], theirs, one)
    y = choose_continuous_level(duel.second, state.second, last[0], theirs, two)
    x = draws[1] if draws[0] < duel.noise else x
    y = draws[3] if draws[2] < duel.noise else y
    record.level[0] = x
    record.level[1] = y
    record.payoff[0] = duel.benefit[0] * y + duel.interaction * x * y - duel.cost[0] * x * x / 2.0
    record.payoff[1] = duel.benefit[1] * x + duel.interaction * x * y - duel.cost[1] * y * y / 2.0
    record.alpha[0] = state.first.alpha[0]
    record.alpha[1] = state.second.alpha[0]
    learn_level(duel.first, state.first, last[0], x, y)
    learn_level(duel.second, state.second, last[1], y, x)
    last[0] = x
    last[1] = y
    record.estimate[0] = state.first.estimate[0]
    record.estimate[1] = state.second.estimate[0]
    record.deviation[0] = state.first.deviation[0]
    record.deviation[1] = state.second.deviation[0]


ContinuousPlayer = GradualPlayer | ContinuousMirror | FixedCooperativeness | FixedLevel | TitForTat


@checked(compile_law=truth_value)
def play_continuous_duels(
    first: ContinuousPlayer,
    second: ContinuousPlayer,
    *,
    game: GradedGame | None = None,
    rounds: int = 1000,
    runs: int = 1,
    seed: int | None = 0,
    noise: float = 0.0,
    start: Sequence[float] | None = None,
    burn_in: int = 0,
    record: Record = "all",
    workers: int | None = None,
    compile_law: bool = True,
) -> xr.Dataset:
    """Play independent duels in which levels are any numbers in [0, 1].

    Run i depends on (players, game, seed, i) alone.

    Parameters
    ----------
    first, second
        Gradual Tit-for-Tat by its ledger, a literal mirror, a fixed cooperativeness (of form "sum", by best reply), a
        fixed level or plain Tit-for-Tat.
    game
        A graded donation game; its grid is used for `frequency`, and for what a `GradualPlayer` agrees on where that
        is given as an action of each player. By default b = c = 1, 101 levels.
    rounds, runs
        At least 1.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
    noise
        Probability, for each player in each round, that a uniform level is played instead.
    start
        Level of each player, in [0, 1], in a round that both take to have been played before the first: they learn
        from it and answer it, but it counts for nothing else. None: they begin without, and best replies are to 1/2.
    burn_in
        Means are taken over the rounds from this one on.
    record
        "all" rounds, every k-th (an int), or the "summary" at the end of each run alone. All are held until the
        means are taken.
    workers
        Threads; by default one for each processor. Results do not depend on it.
    compile_law
        False plays the same law as plain Python.

    Returns
    -------
    xarray.Dataset
        As `play_duels` returns it; `frequency` (run, player, action) counts levels rounded to the game's grid,
        ready for `theory.judge`.

    Raises
    ------
    ValueError
        If the game is no graded donation game, an argument is out of its bounds, or the rounds do not fit into
        memory.
    """
    stage = graded_donation_game() if game is None else of_type(GradedGame)("game", game)
    payoffs = donation_of(stage)
    seed = known_seed(seed)
    rounds = whole_number("rounds", rounds, at_least=1)
    runs = whole_number("runs", runs, at_least=1)
    if whole_number("burn_in", burn_in, at_least=0) >= rounds:
        raise ValueError(f"burn_in must be less than the {rounds} rounds, got {burn_in}")
    every, workers = recording_interval(record, "round"), worker_threads(workers)
    rate = number_within("noise", noise, 0.0, 1.0)
    seats = [_seat(player, stage, role) for role, player in enumerate((first, second))]
    (one, first_mind), (two, second_mind) = seats
    state = ContinuousState(first_mind, second_mind, np.full(2, FIRST_LEVEL))
    begun = None if start is None else starting_levels(start)
    if begun is not None:
        state = copied(state)
        _let_remember(state, (one, two), begun)
    keeps_ledgers = one.keeps_ledger or two.keeps_ledger
    process = Process(
        law=continuous_round,
        unit="round",
        steps=rounds,
        draws=DRAWS_WITH_LEDGERS if keeps_ledgers else DRAWS,
        constants=ContinuousDuel(
            one,
            two,
            np.array(payoffs.benefit),
            np.array(payoffs.cost),
            payoffs.interaction,
            rate,
            int(begun is not None),
        ),
        start=partial(_same, state),
        room=tuple,
        record=new_continuous_round,
        recorded=dict.fromkeys(ContinuousRound._fields, ("player",)),
        watched=_levels,
        tell=_divergence,
        compile_law=compile_law,
    )
    # Levels are compared with all levels of the grid.
    played = play_runs(
        process, runs=runs, seed=seed, every=1, workers=workers, beside=rounds * 2 * (3 * 8 + len(stage.levels)),
        lower="runs, rounds or grid_points",
    )  # fmt: skip
    return with_provenance(
        _dataset(stage, played, burn_in, every),
        law=continuous_round,
        seed=seed,
        game=stage,
        first=describe(first),
        second=describe(second),
        rounds=rounds,
        noise=rate,
        start=None if begun is None else list(begun),
        burn_in=burn_in,
    )


def _same(state: ContinuousState, generator: np.random.Generator) -> ContinuousState:
    return state


def donation_of(game: GradedGame) -> DonationPayoffs:
    """Return the payoffs of a graded donation game, or raise ValueError for another one."""
    payoffs = getattr(game, "payoffs_of_levels", None)
    if not isinstance(payoffs, DonationPayoffs):
        raise ValueError(f"continuous levels are played in graded donation games, got {game!r}")
    return payoffs


def starting_levels(start: Sequence[float]) -> tuple[float, float]:
    """Return the level of each player in a round before the first, or raise ValueError."""
    if not is_list(start) or len(start) != 2:
        raise ValueError(f"start must be a level of each player, got {shown(start)}")
    one, two = (number_within(f"start of player {i + 1}", start[i], 0.0, 1.0) for i in range(2))
    return float(one), float(two)


def _let_remember(
    state: ContinuousState, seats: tuple[ContinuousSeat, ContinuousSeat], levels: tuple[float, float]
) -> None:
    """Let new minds remember a round before the first; of a book, account and quarrel begin with the play."""
    for role, (seat, mind) in enumerate(zip(seats, (state.first, state.second), strict=True)):
        own, other = levels[role], levels[1 - role]
        if seat.keeps_ledger:
            remember_levels(seat.numbers, seat.ledger, mind.book, own, other)
            reflect_ledger(seat, mind)
        else:
            learn_level(seat, mind, FIRST_LEVEL, own, other)
    state.last[:] = levels


def _seat(player: Any, game: GradedGame, role: int) -> tuple[ContinuousSeat, ContinuousMind]:
    """Return tables and first mind as player `role` (0 or 1); those of the last few players are kept."""
    what = player, donation_of(game), role, len(game.levels)
    try:
        return _kept_seat(*what)
    except TypeError:  # what cannot be looked up
        return _seat_and_mind(*what)


def _seat_and_mind(
    player: Any, true: DonationPayoffs, role: int, levels: int
) -> tuple[ContinuousSeat, ContinuousMind]:
    seat = _new_seat(player, true, role, levels)
    return seat, _new_mind(seat)


_kept_seat = lru_cache(maxsize=8)(_seat_and_mind)


def _new_seat(player: Any, true: DonationPayoffs, role: int, levels: int) -> ContinuousSeat:
    believed = true
    if isinstance(player, ContinuousMirror) and player.believed_game is not None:
        believed = donation_of(player.believed_game)
    replies = [
        np.array([believed.benefit[1 - i], believed.cost[i], believed.interaction]) for i in (role, 1 - role)
    ]
    seat = ContinuousSeat(
        mirrors=False, keeps_ledger=False, copies=False, level=-1.0, weight=0.0, later_weight=0.0,
        switch_round=math.inf, epsilon=0.0, uncertainty_factor=0.0, forgetting=0.0, tremble=0.0, spread=0.0,
        grid=np.zeros(1), prior=np.zeros(1), own_reply=replies[0], other_reply=replies[1],
        numbers=LedgerNumbers(*[0.0] * len(LedgerNumbers._fields)),
        ledger=DonationLedger(*[0.0] * len(DonationLedger._fields)),
    )  # fmt: skip
    if isinstance(player, GradualPlayer):
        numbers, ledger = _ledger_of(player, true, role, levels)
        return seat._replace(keeps_ledger=True, numbers=numbers, ledger=ledger)
    if isinstance(player, ContinuousMirror):
        grid = cooperativeness_grid(player.grid_points)
        return seat._replace(
            mirrors=True, epsilon=float(player.epsilon), uncertainty_factor=float(player.uncertainty_factor),
            forgetting=float(player.forgetting), tremble=float(player.tremble), spread=float(player.spread),
            grid=grid, prior=uniform_prior(len(grid)),
        )  # fmt: skip
    if isinstance(player, FixedCooperativeness) and (player.form, player.selection) == ("sum", "best-reply"):
        if player.later is None:
            return seat._replace(weight=float(player.beta))
        later, switch = float(player.later), float(player.switch_round)
        return seat._replace(weight=float(player.beta), later_weight=later, switch_round=switch)
    if isinstance(player, FixedLevel):
        return seat._replace(level=float(player.cooperation))
    if isinstance(player, TitForTat) and player.generosity == 0.0:
        return seat._replace(copies=True)
    raise ValueError(
        "players of continuous duels must be a GradualPlayer, a ContinuousMirror, a FixedCooperativeness of form "
        f"'sum' by best reply, a FixedLevel, or TitForTat without generosity, got {player!r}"
    )


def _ledger_of(
    player: GradualPlayer, payoffs: DonationPayoffs, role: int, levels: int
) -> tuple[LedgerNumbers, DonationLedger]:
    """Return what a ledger mirror goes by, and the game as it sees it.

    Against the maxmin play, level 0, no level pays the other more than its security: nobody bullies, and the budget
    need not deter.
    """
    agreement = player.agreement if isinstance(player.agreement, str) else tuple(player.agreement)
    agreed, _ = agreed_levels(payoffs, agreement, levels)
    game = donation_ledger(payoffs, role, agreed)
    numbers = ledger_numbers(
        player,
        None if agreed is None else (agreed[role], agreed[1 - role]),
        budget=LEAST_BUDGET if player.loss_budget is None else player.loss_budget,
        temptation=game.temptation,
        punishments=0,
    )
    return numbers, game


def _new_mind(seat: ContinuousSeat) -> ContinuousMind:
    points = len(seat.grid)
    mind = ContinuousMind(
        alpha=np.full(1, np.nan),
        estimate=np.full(1, np.nan),
        deviation=np.full(1, np.nan),
        zero_evidence=np.zeros(1),
        log_evidence=np.zeros(1),
        belief=np.zeros(points),
        likelihood=np.zeros(points),
        book=LedgerBook(*(np.zeros(1) for _ in LedgerBook._fields)),
    )
    if seat.keeps_ledger:
        begin(seat.numbers, mind.book)
        reflect_ledger(seat, mind)
    if seat.mirrors:
        mind.belief[:] = seat.prior
        mirror_belief(seat, mind)
    return mind


def _levels(state: ContinuousState) -> tuple[FloatArray]:
    return (state.last,)


def _divergence(state: ContinuousState, record: Any, before: Any) -> str:
    return f"levels {state.last.tolist()}"


def _dataset(game: GradedGame, played: Played, burn_in: int, every: int) -> xr.Dataset:
    counted = played.recorded["level"][:, burn_in:]
    nearest = np.rint((1.0 - counted) * (len(game.levels) - 1)).astype(int)
    by_player = ("run", "player")
    minds = (played.states.first, played.states.second)
    data: dict[str, Any] = {
        "mean_payoff": (by_player, played.recorded["payoff"][:, burn_in:].mean(axis=1)),
        "mean_level": (by_player, counted.mean(axis=1)),
        "frequency": (
            ("run", "player", "action"),
            (nearest[..., None] == np.arange(len(game.levels))).mean(axis=1),
        ),
        "zero_evidence": (by_player, np.concatenate([mind.zero_evidence for mind in minds], axis=1)),
        "log_evidence": (by_player, np.concatenate([mind.log_evidence for mind in minds], axis=1)),
    }
    return played.thinned(every).dataset(data, {"player": [1, 2]})
