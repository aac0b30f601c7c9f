"""Does a planner lead two learners to leave each other's coins? The Coin Game of thesis section 4.3.1, arm by arm.

Success was fixed before any result was seen: a welfare of at least .65 a step, mean over the last tenth of training,
where selfish players have 0 and the most that joint play can have is .6986.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from scenarios.frame.scenario import RunParameters, Scenario
from scenarios.stateful.coins.arms import ARMS, ENVIRONMENTS, EXACT, SAMPLED, SHOWN, STEPS, Arm
from scenarios.stateful.coins.report import report
from scenarios.stateful.preparation import prepare_jax
from theory.checks import FloatArray, IntArray, known_name, whole_number

if TYPE_CHECKING:
    from simulation.markov_games.enumerated import EnumeratedGame
    from simulation.markov_games.planner.encodings import Offers
    from simulation.markov_games.planner.planning import ExactPlanning
    from simulation.markov_games.planner.sampling import SampledPlanning

# Points of a learning curve that are kept; each is the mean of the updates since the one before.
POINTS = 60

# Steps of the episode that is drawn.
FILM = 12


@dataclass(frozen=True, kw_only=True)
class Parameters(RunParameters):
    """Arms, and how long learners learn."""

    runs: int = 40
    seed: int = 1000
    arms: tuple[str, ...] = SHOWN
    """See `scenarios/stateful/coins/arms.py`; by default those that take a minute at most."""
    ablation_runs: int = 10
    """Of arms that switch one thing off or change it."""
    network_runs: int = 10
    """Of arms in which the planner is a network, which take longest."""
    updates: int = 390
    """Of learners under planners of events, 1280 steps each (at least 60); others take a multiple."""
    judged: int = 5
    """Runs of each arm on which the theory gives a verdict."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for arm in self.arms:
            known_name("arm", arm, tuple(ARMS))
        whole_number("ablation_runs", self.ablation_runs, at_least=1)
        whole_number("network_runs", self.network_runs, at_least=1)
        whole_number("updates", self.updates, at_least=60)
        whole_number("judged", self.judged, at_least=1)

    def quick(self) -> Parameters:
        """Return the parameters of a short look: two runs alone, and two led by events."""
        short = tuple(arm for arm in self.arms if arm in ("alone", "events")) or self.arms[:1]
        return replace(
            self,
            runs=min(self.runs, 2),
            arms=short,
            judged=min(self.judged, 2),
        )

    def runs_of(self, arm: Arm) -> int:
        """Return how many runs an arm has."""
        if arm.is_headline:
            return self.runs
        return min(self.runs, self.network_runs if arm.length > 1.0 else self.ablation_runs)


class Cell(NamedTuple):
    """Who leads how: a name of `ARMS`."""

    arm: str


def cells_of(parameters: Parameters) -> list[Cell]:
    """Return the arms that are asked for."""
    return [Cell(arm) for arm in parameters.arms]


def build(parameters: Parameters, cell: Cell) -> SampledPlanning | ExactPlanning:
    """Return how learners and planner of an arm climb."""
    prepare_jax()
    from simulation.markov_games.planner.planning import ExactPlanning
    from simulation.markov_games.planner.sampling import SampledPlanning

    arm = ARMS[cell.arm]
    updates = round(parameters.updates * arm.length)
    led = round(updates * arm.led)
    shared: dict[str, Any] = {
        "updates": updates,
        "planner_updates": led,
        "planner_rate": 0.03,
        "bound": 2.0,
    }
    if arm.gradients == EXACT:
        learning = {"discount": 0.96, "learner_rate": 0.003, "learner_optimiser": "adam"}
        return ExactPlanning(**(shared | learning | dict(arm.changes)))
    return SampledPlanning(**(shared | {"environments": ENVIRONMENTS, "steps": STEPS} | dict(arm.changes)))


def play(parameters: Parameters, cell: Cell, kept: Path | None = None) -> xr.Dataset:
    """Let all runs learn, and judge what some have come to."""
    from simulation.markov_games.exact import best_welfare
    from simulation.markov_games.planner.planning import plan_exactly
    from simulation.markov_games.planner.policies import PolicyNetwork
    from simulation.markov_games.planner.sampling import plan_by_episodes

    arm, planning = ARMS[cell.arm], build(parameters, cell)
    game = _game("first" if arm.view == "first" else "centred", arm.debts)
    asked: dict[str, Any] = {
        "policies": PolicyNetwork(),
        "encoding": encoding_of_arm(game, arm.encoding),
        "measures": measures_of(game),
        "runs": parameters.runs_of(arm),
        "seed": parameters.seed,
        "checkpoint": kept,
    }
    learn: Any = plan_by_episodes if arm.gradients == SAMPLED else plan_exactly
    data = learn(game, planning, **asked)
    horizon = game.game.horizon
    return (
        _courses(data, horizon)
        .merge(_final(data, horizon, planning.planner_updates))
        .merge(_judged(game, data, parameters.judged))
        .merge(_film(game, data["policy"].values[0].astype(float), parameters.seed))
        .assign_attrs(
            best_welfare=best_welfare(game) / horizon, updates=planning.updates, bound=planning.bound
        )
    )


@lru_cache(maxsize=2)
def _game(view: Literal["first", "centred"], debts: int) -> EnumeratedGame:
    from simulation.markov_games.enumerated import enumerate_game
    from simulation.markov_games.games.coin_game import CoinGame
    from simulation.markov_games.games.counted_debts import CountedDebts

    game = CoinGame(view=view)
    # Episodes begin with any debt, so that learners meet them all.
    return enumerate_game(CountedDebts(game=game, most=debts, begin="any") if debts else game)


def encoding_of_arm(game: EnumeratedGame, name: str) -> Any:
    """Return what an arm's planner looks at: events with numbers for each player or debt, or what a tutor pays."""
    from simulation.markov_games.planner.encodings import events

    if name == "events-apart":
        cells = events(game)
        return cells + (cells.max() + 1) * np.arange(len(cells))[:, None, None]
    if name == "events-and-debts":
        owes = _owed(game)
        return events(game) * (owes.max() - owes.min() + 1) + (owes - owes.min())[:, :, None]
    return taking_back(game) if name == "taking-back" else name


# Of which a tutor pays c tanh: .9993 c.
_SURE = 4.0


def taking_back(game: EnumeratedGame) -> Offers:
    """Return what a tutor pays who wants coins left, but for those of a player that owes one.

    It is all for a coin of one's own, or of one's debtor, and as much in fines for another's.
    """
    from simulation.markov_games.planner.encodings import Offers

    picked = measures_of(game)
    own, other = (
        np.stack([picked[f"{whose} {player}"] for player in (1, 2)]) > 0.0 for whose in ("own", "other")
    )
    is_owed = _owed(game)[:, :, None] < 0
    return Offers(_SURE * np.where(other, np.where(is_owed, 1.0, -1.0), own))


def _owed(game: EnumeratedGame) -> IntArray:
    """Return `[n_players, S]`: what each owes the other."""
    first = np.asarray(game.states.owed)
    return np.stack([first, -first])


def measures_of(game: EnumeratedGame) -> dict[str, FloatArray]:
    """Return `[S, J]` of how often each player picks coins of its own colour, and of the other's."""
    import jax
    import jax.numpy as jnp

    each = jax.vmap(jax.vmap(game.game.pick_ups, (None, 0)), (0, None))  # type: ignore[attr-defined]
    with jax.enable_x64(True):  # as the states were found
        picked = np.asarray(jax.jit(each)(game.states, jnp.asarray(game.actions)), float)
    names = {"own 1": (0, 0), "own 2": (1, 1), "other 1": (0, 1), "other 2": (1, 0)}
    return {name: picked[:, :, player, colour] for name, (player, colour) in names.items()}


def _courses(data: xr.Dataset, horizon: int) -> xr.Dataset:
    """Return learning curves a step, means over blocks of updates."""
    updates = data.sizes["update"]
    ends = np.unique(np.linspace(0, updates, min(POINTS, updates) + 1).astype(int))[1:]
    starts = np.concatenate([[0], ends[:-1]])

    def blocks(name: str) -> FloatArray:
        values = data[name].values.astype(float)
        sums = np.concatenate([np.zeros_like(values[:, :1]), np.cumsum(values, axis=1)], axis=1)
        width = (ends - starts).reshape(1, -1, *[1] * (values.ndim - 2))
        return np.asarray((sums[:, ends] - sums[:, starts]) / width / horizon)

    return xr.Dataset(
        {
            "welfare": (("run", "point"), blocks("welfare")),
            "paid": (("run", "point"), blocks("paid")),
            "reward": (("run", "point", "player"), blocks("reward")),
        },
        {"point": ends},
    )


def _final(data: xr.Dataset, horizon: int, led: int) -> xr.Dataset:
    """Return means a step over the last tenth of training."""
    updates = data.sizes["update"]
    tenth = max(1, updates // 10)
    mean = data.isel(update=slice(updates - tenth, None)).mean("update") / horizon
    own, other = (
        np.stack([mean["measured"].sel(measure=f"{whose} {player}").values for player in (1, 2)], axis=1)
        for whose in ("own", "other")
    )
    picked = own + other
    when_led = data["welfare"].isel(update=slice(max(0, led - tenth), led or None))
    return xr.Dataset(
        {
            "final_welfare": ("run", mean["welfare"].values),
            "final_reward": (("run", "player"), mean["reward"].values),
            "final_paid": ("run", mean["paid"].values),
            "own_fraction": (("run", "player"), own / np.where(picked > 0.0, picked, 1.0)),
            "pick_up_rate": (("run", "player"), picked),
            "welfare_when_led": ("run", when_led.mean("update").values / horizon),
        }
    )


def _judged(game: EnumeratedGame, data: xr.Dataset, runs: int) -> xr.Dataset:
    """Return what the theory finds of the first runs' last policies, in the game as it is and with incentives.

    Security levels, which a whole verdict has too, would take a linear program for each state and step.
    """
    from simulation.markov_games.policy_game import PolicyGame

    policies = data["policy"].values[:runs].astype(float)
    policies /= policies.sum(axis=-1, keepdims=True)
    plain = PolicyGame(game)
    regrets, regrets_paid, slacks = [], [], []
    for policy, incentives in zip(policies, data["incentive"].values.astype(float), strict=False):
        paid = plain.with_incentives(incentives)
        regrets.append(plain.regrets(policy) / plain.payoff_range)
        regrets_paid.append(paid.regrets(policy) / paid.payoff_range)
        slacks.append(plain.pareto_slack(plain.expected_payoffs(policy)).gain)
    return xr.Dataset(
        {
            "relative_regret": (("judged", "player"), regrets),
            "relative_regret_with_incentives": (("judged", "player"), regrets_paid),
            "pareto_slack": ("judged", slacks),
        }
    )


def _film(game: EnumeratedGame, policies: FloatArray, seed: int) -> xr.Dataset:
    """Return where players and coins are in the first steps of an episode under the first run's policies.

    States may be told apart only up to where the first player is: it is put on any cell, and followed by its moves.
    """
    from simulation.markov_games.games.coin_game import MOVES

    rng = np.random.default_rng(seed)
    boards = getattr(game.states, "board", game.states)
    players, coins = (np.asarray(each) for each in (boards.players, boards.coins))
    board: Any = getattr(game.game, "game", game.game)
    size, n_actions = board.size, board.n_actions
    state = int(rng.choice(game.n_states, p=game.start / game.start.sum()))
    row, column = divmod(int(rng.integers(size**2)), size)
    frames, rewards = [], []
    for _ in range(FILM):
        here = divmod(int(players[state, 0]), size)
        cells = [*players[state], *coins[state]]
        places = [
            (cell // size - here[0] + row) % size * size + (cell % size - here[1] + column) % size
            for cell in cells
        ]
        frames.append([place if cell >= 0 else -1 for place, cell in zip(places, cells, strict=True)])
        chosen = [int(rng.choice(n_actions, p=each[state] / each[state].sum())) for each in policies]
        joint = chosen[0] * n_actions + chosen[1]
        rewards.append(game.rewards[:, state, joint])
        row, column = (row + MOVES[chosen[0]][0]) % size, (column + MOVES[chosen[0]][1]) % size
        chances = game.probabilities[state, joint]
        state = int(game.successors[state, joint, rng.choice(len(chances), p=chances / chances.sum())])
    return xr.Dataset(
        {"film": (("frame", "piece"), frames), "film_reward": (("frame", "player"), rewards)},
        {"piece": ["player 1", "player 2", "coin 1", "coin 2"]},
    )


SCENARIO = Scenario(
    name="coin-game",
    Parameters=Parameters,
    cells=cells_of,
    build=build,
    play=play,
    play_from=play,
    report=report,
    keys={
        "arm": "who leads and how all learn: a name of scenarios/stateful/coins/arms.py",
        "succeeded": "runs with a welfare of at least .65 a step over the last tenth of training",
        "best_welfare": "the most that joint play can have, a step",
        "bound": "c: no incentive is larger in absolute value",
        "updates": "of the learners",
        "welfare": "mean over runs of the sum of both players' rewards a step, over the last tenth of training",
        "least_welfare": "the least of any run",
        "own_fraction": "coins of the own colour among those picked up: the lower of both players, mean over runs",
        "pick_up_rate": "coins picked up a step by both players, mean over runs",
        "below_zero": "runs in which one player gets less than -.01 a step",
        "paid": "absolute incentives a step over the last tenth, mean over runs",
        "paid_first": "the same over the first half of training",
        "judged": "runs whose last policies are judged",
        "equilibria": "of these, runs in which nobody would gain more than the tolerance by another policy",
        "equilibria_with_incentives": "the same, with the incentives of the end",
        "median_relative_regret": "of the player who has more of it, as a share of its payoff range",
        "welfare_when_led": "welfare a step while the planner was there, over its last updates",
    },
)
