r"""Groups in a graded public good, over many runs at once: the driver, and the rule of literal mirrors.

Those who keep ledgers are in `simulation.gradual.groups.ledgers`. Literal mirrors:

A player of weight alpha maximises V_i + alpha times the sum of the others' payoffs in reply to the others' last
levels. In a public good (`simulation.gradual.graded_games`) only their sum matters, so that one table of replies
by weight and by the sum of the others' actions serves everybody, and one table of likelihoods.

A level reaches all others alike: nobody can answer the others one by one. So a mirror keeps a belief about *each*
other player (Eq. 5.1) and mirrors their mean estimate, or the least one (`theory.altruism.group_mirror`). All see
all actions, and mirrors share prior, forgetting and tremble: hence they hold the same belief about player j, which
is kept once.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, NamedTuple, get_args

import numpy as np
import xarray as xr

from simulation.engine.compilation import rule
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, whole_number
from simulation.engine.runs import Played, Process, Record, play_runs, recording_interval
from simulation.engine.workers import worker_threads
from simulation.gradual.beliefs import belief_mean, belief_update, uniform_prior, warn_if_levels_are_finer
from simulation.gradual.graded_games import cooperation_levels
from simulation.gradual.groups.ledgers import LedgerGroupParameters, ledger_group_process
from simulation.gradual.groups.public_good import PublicGoodGroup, worth_and_cost
from simulation.gradual.law import cooperation_level, middle_action, slip
from simulation.gradual.mirroring import mirrored
from simulation.gradual.policies import (
    LARGEST_TABLE,
    are_best,
    cooperativeness_grid,
    draw_action,
    policy_index,
)
from theory.altruism.group_mirror import Aggregate
from theory.arguments import checked, of_type, optional
from theory.checks import (
    FloatArray,
    IntArray,
    is_list,
    known_name,
    number_within,
    shown,
    truth_value,
)

# For each player: for the choice, whether it slips, and where to.
DRAWS = 3


@dataclass(frozen=True, kw_only=True)
class GroupParameters(PublicGoodGroup):
    """A group of literal mirrors in a graded public good V_i = b mean(x)^e - c x_i^2 / 2.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    levels: int = 21
    """Levels of the grid, at least 2. A level stands for all the weights that choose it, of which an estimate is the
    middle: mirrors climb only where the generosity is more than half of their range, n / (n - 1) c / b levels."""
    epsilon: float | tuple[float, ...] = 0.05
    """Generosity, in [-1, 1]: one number, or one for each player."""
    stubborn: tuple[float, ...] = ()
    """Weights in [0, 1] of the last players of the group, who do not mirror."""
    aggregate: Aggregate = "mean"
    """Whether the `"mean"` or the `"least"` estimate of the others is mirrored."""
    forgetting: float = 0.01
    """phi in [0, 1]: probability before each round that a player has drawn a new cooperativeness."""
    tremble: float = 0.05
    """h in [0, 1]: probability with which others are thought to play any level."""
    grid_points: int = 101
    """Points of beliefs and policies on [0, 1], at least 2."""

    def __post_init__(self) -> None:
        super().__post_init__()
        n, levels = self.n_players, self.levels
        if isinstance(self.epsilon, tuple) and len(self.epsilon) != n:
            raise ValueError(f"epsilon must be one number or one for each of {n} players, got {self.epsilon}")
        for value in self.epsilon if isinstance(self.epsilon, tuple) else (self.epsilon,):
            number_within("epsilon", value, -1.0, 1.0)
        if not is_list(self.stubborn):
            raise ValueError(f"stubborn must be a list of weights, got {shown(self.stubborn)}")
        if len(self.stubborn) > n:
            raise ValueError(f"stubborn must be weights of at most {n} players, got {len(self.stubborn)}")
        for weight in self.stubborn:
            number_within("stubborn", weight, 0.0, 1.0)
        known_name("aggregate", self.aggregate, get_args(Aggregate))
        for name in ("forgetting", "tremble"):
            number_within(name, getattr(self, name), 0.0, 1.0)
        points = whole_number("grid_points", self.grid_points, at_least=2)
        entries = points * ((n - 1) * (levels - 1) + 1) * levels
        if entries > LARGEST_TABLE:
            raise ValueError(
                f"a policy table may have {LARGEST_TABLE} entries, got {entries}: give fewer levels"
            )

    @property
    def generosities(self) -> FloatArray:
        """`[n_players]`: epsilon of each."""
        return np.broadcast_to(np.array(self.epsilon, dtype=np.float64), self.n_players).copy()

    @property
    def stubborn_weights(self) -> FloatArray:
        """`[n_players]`: the weights of the stubborn players, NaN for mirrors."""
        mirrors = self.n_players - len(self.stubborn)
        return np.array([*[np.nan] * mirrors, *self.stubborn])


class Group(NamedTuple):
    """What stays fixed. With n players, k actions, S = (n - 1)(k - 1) + 1 sums, w weights:"""

    weights: FloatArray
    """`[w]`: of policies and beliefs."""
    cumulative: FloatArray
    """`[w, S, k]`: cumulative probabilities of actions in reply to the sum of the others' last actions."""
    likelihood: FloatArray
    """`[S, k, w]`: of an action, by the sum of the actions that it replied to."""
    prior: FloatArray
    """`[w]`."""
    payoffs: FloatArray
    """`[S, k]`: a player's payoff by the sum of the others' actions and its own."""
    epsilon: FloatArray
    """`[n]`: generosities."""
    stubborn: FloatArray
    """`[n]`: a weight in [0, 1] that stays, or NaN for a mirror."""
    forgetting: float
    noise: float
    least: bool
    """Whether the least cooperative of the others is mirrored, not their mean."""


class GroupState(NamedTuple):
    """What is carried from round to round."""

    belief: FloatArray
    """`[n, w]`: everybody's belief about each player's weight."""
    alpha: FloatArray
    """`[n]`."""
    estimate: FloatArray
    """`[n]`: mean of the belief about each player."""
    last: IntArray
    """`[n]`: the actions played last."""


class GroupRound(NamedTuple):
    """The record of one round, `[n]` each, written anew by the law."""

    action: IntArray
    level: FloatArray
    payoff: FloatArray
    alpha: FloatArray
    """With which the round was played."""
    estimate: FloatArray
    """Of each player's weight by the others, after the round."""


def public_good_policies(parameters: GroupParameters) -> tuple[FloatArray, FloatArray]:
    """Return replies by weight and others' sum of actions, `[w, S, k]`, and payoffs `[S, k]`.

    A player of weight alpha maximises b (1 + alpha (n - 1)) mean^e - c x^2 / 2: what it adds to the good is worth as
    much to each of the others, whose costs it cannot change. Ties are shared evenly.
    """
    worth, cost = worth_and_cost(parameters)
    weights = cooperativeness_grid(parameters.grid_points)[:, None, None]
    utilities = (1.0 + weights * (parameters.n_players - 1)) * worth - cost
    best = are_best(utilities, axis=2).astype(np.float64)
    return best / best.sum(axis=2, keepdims=True), worth - cost


def group_tables(parameters: GroupParameters) -> Group:
    """Return the tables that the law works on."""
    warn_if_levels_are_finer(parameters.levels, parameters.grid_points)
    policies, payoffs = public_good_policies(parameters)
    cumulative = np.cumsum(policies, axis=2)
    floored = (1.0 - parameters.tremble) * policies + parameters.tremble / parameters.levels
    return Group(
        cooperativeness_grid(parameters.grid_points),
        np.ascontiguousarray(cumulative / cumulative[:, :, -1:]),
        np.ascontiguousarray(floored.transpose(1, 2, 0)),
        uniform_prior(parameters.grid_points),
        payoffs,
        parameters.generosities,
        parameters.stubborn_weights,
        parameters.forgetting,
        parameters.noise,
        parameters.aggregate == "least",
    )


def new_group_round(n_players: int) -> GroupRound:
    """Return an empty record."""
    n = n_players
    return GroupRound(np.zeros(n, np.int64), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n))


def start_of(group: Group) -> GroupState:
    """Return the state before the first round: the prior about all, who seem to have played the middle action."""
    n = len(group.epsilon)
    last = np.full(n, middle_action(group.payoffs.shape[1]))
    estimate = np.full(n, float(belief_mean(group.prior, group.weights)))
    state = GroupState(np.tile(group.prior, (n, 1)), np.zeros(n), estimate, last)
    mirror_group(group, state)
    return state


@rule
def of_others(estimate: FloatArray, player: int, least: bool) -> float:
    """Return the mean, or the least, of the estimates of all others."""
    total = 0.0
    smallest = math.inf
    for j in range(estimate.shape[0]):
        if j != player:
            total += estimate[j]
            smallest = min(smallest, estimate[j])
    return smallest if least else total / (estimate.shape[0] - 1)


@rule
def mirror_group(group: Group, state: GroupState) -> None:
    """Set every mirror's weight to clip(estimate of the others + epsilon)."""
    for i in range(state.alpha.shape[0]):
        if math.isnan(group.stubborn[i]):
            of_all = of_others(state.estimate, i, group.least)
            state.alpha[i] = mirrored(of_all, 0.0, group.epsilon[i], 0.0, 0.0, 1.0)
        else:
            state.alpha[i] = group.stubborn[i]


@rule
def group_round(
    state: GroupState, draws: FloatArray, turn: int, group: Group, room: Any, record: GroupRound
) -> None:
    """Play a round; `state` and `record` are updated. `draws[3 n]` are uniform on [0, 1), three a player."""
    n = state.alpha.shape[0]
    k = group.payoffs.shape[1]
    before = 0
    for i in range(n):
        before += state.last[i]
    total = 0
    for i in range(n):
        policy = policy_index(group.weights, state.alpha[i])
        chosen = draw_action(group.cumulative, policy, before - state.last[i], draws[DRAWS * i])
        record.action[i] = slip(chosen, k, group.noise, draws[DRAWS * i + 1], draws[DRAWS * i + 2])
        record.level[i] = cooperation_level(record.action[i], k)
        record.alpha[i] = state.alpha[i]
        total += record.action[i]
    for i in range(n):
        record.payoff[i] = group.payoffs[total - record.action[i], record.action[i]]
        seen = group.likelihood[before - state.last[i], record.action[i]]
        belief_update(state.belief[i], group.prior, seen, group.forgetting)
        state.estimate[i] = belief_mean(state.belief[i], group.weights)
        record.estimate[i] = state.estimate[i]
    for i in range(n):
        state.last[i] = record.action[i]
    mirror_group(group, state)


def group_process(
    parameters: GroupParameters | LedgerGroupParameters, *, compile_law: bool = True
) -> Process:
    """Return what the driver and the Mesa model must know of groups."""
    if isinstance(parameters, LedgerGroupParameters):
        return ledger_group_process(parameters, compile_law=compile_law)
    group = group_tables(parameters)
    return Process(
        law=group_round,
        unit="round",
        steps=parameters.rounds,
        draws=DRAWS * parameters.n_players,
        constants=group,
        start=partial(_same, start_of(group)),
        room=tuple,
        record=partial(new_group_round, parameters.n_players),
        recorded={name: ("player",) for name in GroupRound._fields if name != "action"},
        watched=_weights,
        tell=_divergence,
        compile_law=compile_law,
    )


def _same(state: GroupState, generator: np.random.Generator) -> GroupState:
    return state


def _weights(state: GroupState) -> tuple[FloatArray]:
    return (state.alpha,)


def _divergence(state: GroupState, record: Any, before: Any) -> str:
    return f"weights {state.alpha.tolist()}"


@checked(parameters=optional(of_type(GroupParameters, LedgerGroupParameters)), compile_law=truth_value)
def play_groups(
    parameters: GroupParameters | LedgerGroupParameters | None = None,
    *,
    runs: int = 1,
    seed: int | None = 0,
    burn_in: int = 0,
    record: Record = "all",
    workers: int | None = None,
    compile_law: bool = True,
) -> xr.Dataset:
    """Play independent runs of a group and return their trajectories.

    Run i depends on (parameters, seed, i) alone; the Mesa model `GradualGroup` with the same seed takes the
    same steps.

    Parameters
    ----------
    parameters
        Of the group: `LedgerGroupParameters` of gradual Tit-for-Tat, who keep ledgers, by default five of them; or
        `GroupParameters` of literal mirrors.
    runs
        At least 1.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
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
        By (run, round, player), for recorded rounds: `level` and `payoff` as played, `alpha` with which the round
        was played, and `estimate` of each player's weight by the others after it; of those who keep ledgers also
        `ledger`, `account` and `offers` after it. By (run, player), over the rounds from `burn_in` on:
        `mean_payoff`, `mean_level`, and `frequency` of each action, which `theory.judge` takes as a profile.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, or the rounds do not fit into memory.
    """
    p = parameters or LedgerGroupParameters()
    runs, seed = whole_number("runs", runs, at_least=1), known_seed(seed)
    if whole_number("burn_in", burn_in, at_least=0) >= p.rounds:
        raise ValueError(f"burn_in must be less than the {p.rounds} rounds, got {burn_in}")
    every, workers = recording_interval(record, "round"), worker_threads(workers)
    process = group_process(p, compile_law=compile_law)
    # Levels are compared with all levels of the grid.
    beside = p.rounds * p.n_players * (2 * 8 + p.levels)
    what = f" of {p.n_players} players"
    played = play_runs(process, runs=runs, seed=seed, every=1, workers=workers, what=what, beside=beside)
    return with_provenance(
        _dataset(p, played, burn_in, every), law=process.law, seed=seed, parameters=asdict(p), burn_in=burn_in
    )


def _dataset(p: PublicGoodGroup, played: Played, burn_in: int, every: int) -> xr.Dataset:
    counted = {name: played.recorded[name][:, burn_in:] for name in ("level", "payoff")}
    at_level = counted["level"][..., None] == cooperation_levels(p.levels)
    data: dict[str, Any] = {
        "mean_payoff": (("run", "player"), counted["payoff"].mean(axis=1)),
        "mean_level": (("run", "player"), counted["level"].mean(axis=1)),
        "frequency": (("run", "player", "action"), at_level.mean(axis=1)),
    }
    return played.thinned(every).dataset(data, {"player": np.arange(1, p.n_players + 1)})
