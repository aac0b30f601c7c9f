"""Groups of gradual Tit-for-Tat players in a graded public good, over many runs at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, get_args

import numpy as np
import xarray as xr

from simulation.engine.compilation import compiled
from simulation.engine.elementary import power_of
from simulation.engine.provenance import with_provenance
from simulation.engine.randomness import known_seed, run_generator, whole_number
from simulation.engine.sizes import refuse_beyond_memory
from simulation.engine.workers import Check, blocks, in_threads
from simulation.gradual.beliefs import uniform_prior, warn_if_levels_are_finer
from simulation.gradual.graded_games import (
    GradedGame,
    PublicGoodPayoffs,
    cooperation_levels,
    graded_public_good,
)
from simulation.gradual.group_law import (
    Group,
    GroupRound,
    GroupState,
    group_round,
    new_group_round,
    new_group_state,
    start_group,
)
from simulation.gradual.policies import LARGEST_TABLE, TIE, cooperativeness_grid
from theory.altruism.group_mirror import Aggregate
from theory.arguments import check_fields, checked, of_type, optional
from theory.checks import FloatArray, finite_number, is_list, known_name, number_within, shown, truth_value

DRAWS = 3


@dataclass(frozen=True, kw_only=True)
class GroupParameters:
    """A group in a graded public good V_i = b mean(x)^e - c x_i^2 / 2.

    Raises
    ------
    ValueError
        If a value is outside the bounds that its line states.
    """

    n_players: int = 5
    """At least 2."""
    benefit: float = 1.0
    """b: what the good is worth to each when all cooperate fully, positive."""
    cost: float = 1.0
    """c: twice what one's own full cooperation costs, positive."""
    exponent: float = 1.0
    """e in (0, 1]: returns are constant at 1 and diminish below."""
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
    noise: float = 0.0
    """Probability, for each player in each round, that a uniform level is played instead."""
    rounds: int = 1000
    """At least 1."""

    def __post_init__(self) -> None:
        check_fields(self)
        n = whole_number("n_players", self.n_players, at_least=2)
        levels = whole_number("levels", self.levels, at_least=2)
        for name in ("benefit", "cost"):
            if finite_number(name, getattr(self, name)) <= 0.0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name):g}")
        if not 0.0 < finite_number("exponent", self.exponent) <= 1.0:
            raise ValueError(f"exponent must lie in (0, 1], got {self.exponent:g}")
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
        for name in ("forgetting", "tremble", "noise"):
            number_within(name, getattr(self, name), 0.0, 1.0)
        points = whole_number("grid_points", self.grid_points, at_least=2)
        whole_number("rounds", self.rounds, at_least=1)
        entries = points * ((n - 1) * (levels - 1) + 1) * levels
        if entries > LARGEST_TABLE:
            raise ValueError(
                f"a policy table may have {LARGEST_TABLE} entries, got {entries}: give fewer levels"
            )

    @property
    def game(self) -> GradedGame:
        """The stage game with its payoff tensor, for verdicts; ValueError if it is too large for one."""
        return graded_public_good(
            self.n_players,
            benefit=self.benefit,
            cost=self.cost,
            exponent=self.exponent,
            levels=self.levels,
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


def public_good_policies(parameters: GroupParameters) -> tuple[FloatArray, FloatArray]:
    """Return replies by weight and others' sum of actions, `[w, S, k]`, and payoffs `[S, k]`.

    A player of weight alpha maximises b (1 + alpha (n - 1)) mean^e - c x^2 / 2: what it adds to the good is worth as
    much to each of the others, whose costs it cannot change. Ties are shared evenly.
    """
    n, k = parameters.n_players, parameters.levels
    own = cooperation_levels(k)
    sums = (n - 1) - np.arange((n - 1) * (k - 1) + 1)[:, None] / (k - 1)
    good = PublicGoodPayoffs(parameters.benefit, parameters.cost, parameters.exponent)
    mean = (sums + own) / n
    worth = good.benefit * power_of(mean, good.exponent)
    cost = good.cost * own * own / 2.0
    weights = cooperativeness_grid(parameters.grid_points)[:, None, None]
    utilities = (1.0 + weights * (n - 1)) * worth - cost
    spread = np.ptp(utilities, axis=2, keepdims=True)
    best = (utilities >= utilities.max(axis=2, keepdims=True) - TIE * spread).astype(np.float64)
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


class GroupOutputs(NamedTuple):
    """Recorded rounds, `[rounds, n]` each."""

    action: np.ndarray[Any, np.dtype[np.int64]]
    payoff: FloatArray
    alpha: FloatArray
    estimate: FloatArray


def _drive(
    group: Group, state: GroupState, draws: FloatArray, first: int, record: GroupRound, out: GroupOutputs
) -> None:
    """Play `draws[rounds, n, 3]` of one run, which begin with round `first`."""
    if first == 0:
        start_group(group, state)
    for k in range(draws.shape[0]):
        turn = first + k
        group_round(group, state, draws[k], record)
        for i in range(draws.shape[1]):
            out.action[turn, i] = record.action[i]
            out.payoff[turn, i] = record.payoff[i]
            out.alpha[turn, i] = record.alpha[i]
            out.estimate[turn, i] = state.estimate[i]


_drive_compiled = compiled(_drive)


@checked(parameters=optional(of_type(GroupParameters)), compile_law=truth_value)
def play_groups(
    parameters: GroupParameters | None = None,
    *,
    runs: int = 1,
    seed: int | None = 0,
    burn_in: int = 0,
    compile_law: bool = True,
) -> xr.Dataset:
    """Play independent runs of a group and return their trajectories.

    Run i depends on (parameters, seed, i) alone; the Mesa model `GradualGroup` with the same seed takes the
    same steps.

    Parameters
    ----------
    parameters
        Of the group; by default five mirrors.
    runs
        At least 1.
    seed
        A whole number, at least 0; None draws one, which the dataset keeps.
    burn_in
        Means are taken over the rounds from this one on.
    compile_law
        False plays the same law as plain Python.

    Returns
    -------
    xarray.Dataset
        By (run, round, player): `level` and `payoff` as played, `alpha` with which the round was played, and
        `estimate` of each player's weight by the others after it. By (run, player), over the rounds from
        `burn_in` on: `mean_payoff`, `mean_level`, and `frequency` of each action, which `theory.judge` takes as a
        profile.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, or the rounds do not fit into memory.
    """
    p = parameters or GroupParameters()
    runs, seed = whole_number("runs", runs, at_least=1), known_seed(seed)
    if whole_number("burn_in", burn_in, at_least=0) >= p.rounds:
        raise ValueError(f"burn_in must be less than the {p.rounds} rounds, got {burn_in}")
    # Each of four numbers is kept and stacked, one of them twice, and actions are compared with all levels.
    refuse_beyond_memory(
        f"{runs} runs of {p.rounds} rounds of {p.n_players} players",
        runs * p.rounds * p.n_players * (9 * 8 + p.levels),
        lower="runs or rounds",
    )
    group, drive = group_tables(p), _drive_compiled if compile_law else _drive

    def play(run: int, check: Check) -> GroupOutputs:
        generator, shape = run_generator(seed, run), (p.rounds, p.n_players)
        out = GroupOutputs(np.zeros(shape, np.int64), *(np.zeros(shape) for _ in range(3)))
        state, record = new_group_state(p.n_players, p.grid_points), new_group_round(p.n_players)
        for first, length in blocks(p.rounds, p.n_players * DRAWS, check, compiled=compile_law):
            draws = generator.random((length, p.n_players, DRAWS))
            drive(group, state, draws, first, record, out)
        return out

    outputs = in_threads(play, range(runs), 1)
    return with_provenance(
        _dataset(p, outputs, burn_in), law=group_round, seed=seed, parameters=asdict(p), burn_in=burn_in
    )


def _dataset(p: GroupParameters, outputs: list[GroupOutputs], burn_in: int) -> xr.Dataset:
    action, payoff, alpha, estimate = (np.stack(part) for part in zip(*outputs, strict=True))
    level = cooperation_levels(p.levels)[action]
    counted = action[:, burn_in:]
    frequency = (counted[..., None] == np.arange(p.levels)).mean(axis=1)
    by_round, by_player = ("run", "round", "player"), ("run", "player")
    return xr.Dataset(
        {
            "level": (by_round, level),
            "payoff": (by_round, payoff),
            "alpha": (by_round, alpha),
            "estimate": (by_round, estimate),
            "mean_payoff": (by_player, payoff[:, burn_in:].mean(axis=1)),
            "mean_level": (by_player, level[:, burn_in:].mean(axis=1)),
            "frequency": (("run", "player", "action"), frequency),
        },
        {
            "run": np.arange(len(outputs)),
            "round": np.arange(p.rounds),
            "player": np.arange(1, p.n_players + 1),
        },
    )
