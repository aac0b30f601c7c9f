r"""Policies by cooperativeness (thesis section 5.2).

A player of cooperativeness alpha replies to the level y that the other played last, by maximising

- `"sum"`: V_own + alpha V_other, in raw payoff units. Negative alpha is spite;
- a welfare function W of the gains g_i = (V_i - d_i) / (a_i - d_i) over the disagreement point d,
  scaled by each player's ideal gain a_i - d_i: alpha W + (1 - alpha) g_own. This is the thesis's
  alpha W + (1 - alpha) V_own without its clash of units. W is, for `"nash"`, sqrt(g_1 g_2) where neither is
  negative and min(g_1, g_2) elsewhere; for `"kalai-smorodinsky"` min(g_1, g_2); for `"egalitarian"` the
  smaller gain in raw units, divided by the player's own ideal gain;
- `"value"`, the second parametrisation of section 5.2: cooperativeness is the other's expected reward
  relative to pure cooperation and pure defection. The player chooses the action whose share

      s(x) = (V_other(x, y) - V_other(x_0, y)) / (V_other(x_1, y) - V_other(x_0, y))

  is nearest to alpha, where x_0 and x_1 maximise V_own + 0 V_other and V_own + 1 V_other. Where the two give
  the other the same, cooperativeness means nothing, and the player maximises V_own;
- `"nash-value"`, `"kalai-smorodinsky-value"` and `"egalitarian-value"`, the same share where pure cooperation
  x_1 is the own part of the outcome that the notion of fairness likes best, whatever the other plays.

Selection is explicit: `"best-reply"` spreads evenly over the actions that are best (up to 1e-12 of the
range of all utilities), `"logit"` plays actions with probability proportional to exp(rationality * utility), and
`learned_family` follows the policy gradient for so many steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulation.engine.compilation import rule
from simulation.engine.elementary import exp_of
from theory import BargainingProblem, Game
from theory.arguments import checked, place
from theory.bargaining.security import DISAGREEMENTS
from theory.checks import FloatArray, finite_array, finite_number, known_name
from theory.games.checks import payoffs_of_players, two_player_game
from theory.resolution import SHARE

Form = Literal[
    "sum",
    "nash",
    "kalai-smorodinsky",
    "egalitarian",
    "value",
    "nash-value",
    "kalai-smorodinsky-value",
    "egalitarian-value",
]
Selection = Literal["best-reply", "logit"]


# A table of this many probabilities takes 80 MB.
LARGEST_TABLE = 10_000_000


@dataclass(frozen=True, eq=False)
class PolicyFamily:
    """One player's policies, by cooperativeness.

    Attributes
    ----------
    player
        0 or 1: whose policies.
    weights
        `[n_weights]`: the cooperativeness alpha of each policy, equally spaced and ascending.
    probabilities
        `[n_weights, n_actions of the other, n_actions]`: of each action, in reply to the other's last.
    """

    player: int
    weights: FloatArray
    probabilities: FloatArray

    def __post_init__(self) -> None:
        if self.probabilities.ndim != 3 or len(self.probabilities) != len(self.weights):
            raise ValueError(
                "probabilities must have shape [n_weights, n_actions of the other, n_actions], got "
                f"{self.probabilities.shape} with {len(self.weights)} weights"
            )
        wrong = np.abs(self.probabilities.sum(axis=2) - 1.0).max()
        if (self.probabilities < 0.0).any() or not wrong <= 1e-6:
            raise ValueError("probabilities must be non-negative and sum to one over actions")

    @checked(of_actions=finite_array)
    def mean_actions(self, of_actions: ArrayLike) -> FloatArray:
        """Return `[n_weights, n_actions of the other]`: mean of a quantity of the own actions."""
        quantity = np.asarray(of_actions)
        if quantity.shape != self.probabilities.shape[2:]:
            raise ValueError(
                f"of_actions must be one number for each of {self.probabilities.shape[2]} actions, "
                f"got shape {quantity.shape}"
            )
        return np.asarray((self.probabilities * quantity).sum(axis=2))


def check_style(
    form: object, selection: object, rationality: object, disagreement: object = "security"
) -> None:
    """Raise ValueError unless these are a form, a selection with its rationality, and a disagreement point."""
    form_name("form", form)
    known_name("selection", selection, get_args(Selection))  # type: ignore[arg-type]
    if selection == "best-reply" and rationality is not None:
        raise ValueError(f"rationality is for logit selection, got {rationality} with best-reply")
    if selection == "logit" and (rationality is None or finite_number("rationality", rationality) < 0.0):
        raise ValueError(f"logit selection needs a rationality of at least 0, got {rationality}")
    named_disagreement("disagreement", disagreement)


def form_name(name: str, value: object) -> object:
    """Return the name of a form of cooperation, or raise ValueError."""
    return known_name(name, value, get_args(Form))  # type: ignore[arg-type]


def named_disagreement(name: str, value: object) -> object:
    """Return a disagreement point by its name or as two payoffs, or raise ValueError."""
    if isinstance(value, str):
        return known_name(name, value, DISAGREEMENTS)
    return payoffs_of_players(name, value, 2)  # type: ignore[arg-type]


def cooperativeness_grid(points: int = 101, *, low: float = 0.0, high: float = 1.0) -> FloatArray:
    """Return `[points]` equally spaced weights from `low` to `high`, within [-1, 1]."""
    from simulation.engine.randomness import whole_number

    n = whole_number("points", points, at_least=2)
    return check_weights(np.linspace(finite_number("low", low), finite_number("high", high), n))


def check_weights(weights: ArrayLike) -> FloatArray:
    """Return a grid of cooperativeness, or raise ValueError with what is wrong."""
    grid = finite_array("weights", weights)
    if grid.ndim != 1 or grid.size == 0:
        raise ValueError(f"weights must be a grid of at least one cooperativeness, got shape {grid.shape}")
    if (np.abs(grid) > 1.0).any():
        raise ValueError(f"cooperativeness must lie in [-1, 1], got {grid[np.abs(grid) > 1.0][0]:g}")
    steps = np.diff(grid)
    if steps.size and (steps.min() <= 0.0 or np.ptp(steps) > 1e-9):
        raise ValueError(f"weights must be ascending and equally spaced, got {grid.tolist()}")
    return grid


@rule
def draw_action(cumulative: FloatArray, policy: int, other: int, draw: float) -> int:
    """Return the first action whose cumulative probability exceeds a draw that is uniform on [0, 1).

    The probabilities are those of `policy` in reply to the other's action: `cumulative[policy, other]`.
    """
    low: int = 0
    high: int = cumulative.shape[2] - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[policy, other, middle] > draw:
            high = middle
        else:
            low = middle + 1
    return low


@rule
def policy_index(weights: FloatArray, alpha: float) -> int:
    """Return the position in `weights[w]`, equally spaced, that is nearest to alpha."""
    n: int = weights.shape[0]
    if n == 1:
        return 0
    position = int((alpha - weights[0]) / (weights[n - 1] - weights[0]) * (n - 1) + 0.5)
    return min(n - 1, max(0, position))


@checked(game=two_player_game, player=place(2))
def policy_family(
    game: Game,
    player: int,
    *,
    weights: ArrayLike | None = None,
    form: Form = "sum",
    selection: Selection = "best-reply",
    rationality: float | None = None,
    disagreement: str | ArrayLike = "security",
) -> PolicyFamily:
    """Return the policies of one player by cooperativeness.

    Parameters
    ----------
    game
        A game of two players, actions ordered from most to least cooperative.
    player
        0 or 1.
    weights
        Equally spaced cooperativeness in [-1, 1]; by default 0, .01, ..., 1.
    form
        What is maximised, see the head of this module.
    selection
        `"best-reply"` or `"logit"`.
    rationality
        Of logit selection, at least 0, in units of 1 / utility.
    disagreement
        The disagreement point of the forms with gains, as for `theory.disagreement_point`.

    Raises
    ------
    ValueError
        If an argument is out of its bounds, or (`theory.NoRationalAgreement`, and where a player has no
        gain to make) a form with gains is asked of a game that has none.
    """
    check_style(form, selection, rationality, disagreement)
    grid = cooperativeness_grid() if weights is None else check_weights(weights)
    utilities = cooperative_utilities(game, player, grid, form=form, disagreement=disagreement)
    if selection == "best-reply":
        best = are_best(utilities, axis=2).astype(np.float64)
        return PolicyFamily(player, grid, best / best.sum(axis=2, keepdims=True))
    assert rationality is not None
    return PolicyFamily(player, grid, softmax(rationality * utilities))


@checked(game=two_player_game, player=place(2), form=form_name, disagreement=named_disagreement)
def learned_family(
    game: Game,
    player: int,
    *,
    weights: ArrayLike | None = None,
    form: Form = "sum",
    steps: int = 200,
    learning_rate: float = 1.0,
    disagreement: str | ArrayLike = "security",
) -> PolicyFamily:
    """Return the policies that gradient ascent reaches: "learned" selection.

    For each cooperativeness and each last action of the other, a softmax policy starts even and climbs its
    expected utility by the exact policy gradient (thesis Eq. 3.10), `steps` times at `learning_rate`.
    Other parameters are those of `policy_family`.
    """
    from simulation.engine.randomness import whole_number

    grid = cooperativeness_grid() if weights is None else check_weights(weights)
    utilities = cooperative_utilities(game, player, grid, form=form, disagreement=disagreement)
    rate = finite_number("learning_rate", learning_rate)
    if rate <= 0.0:
        raise ValueError(f"learning_rate must be positive, got {rate:g}")
    preferences = np.zeros_like(utilities)
    for _ in range(whole_number("steps", steps, at_least=0)):
        policy = softmax(preferences)
        baseline = (policy * utilities).sum(axis=2, keepdims=True)
        preferences += rate * policy * (utilities - baseline)
    return PolicyFamily(player, grid, softmax(preferences))


def are_best(utilities: FloatArray, axis: int | None = None) -> NDArray[np.bool_]:
    """Return which utilities are the highest along an axis, up to `SHARE` of the range of all of them."""
    return np.asarray(utilities >= utilities.max(axis=axis, keepdims=True) - SHARE * np.ptp(utilities))


def softmax(values: FloatArray) -> FloatArray:
    """Return exp(values) divided by its sum over the last axis, without overflow."""
    e = exp_of(values - values.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def cooperative_utilities(
    game: Game,
    player: int,
    weights: FloatArray,
    *,
    form: Form = "sum",
    disagreement: str | ArrayLike = "security",
) -> FloatArray:
    """Return `[n_weights, n_actions of the other, n_actions]`: what a player of each weight maximises."""
    own, other = own_and_other(game, player)
    known_name("form", form, get_args(Form))
    if len(weights) * own.size > LARGEST_TABLE:
        raise ValueError(f"a policy table may have {LARGEST_TABLE} entries, got {len(weights)} x {own.shape}")
    w = weights[:, None, None]
    if form == "sum":
        return own + w * other
    if form == "value":
        return _nearness_in_value(own, other, are_best(own + other, axis=1).argmax(axis=1), w)
    if form.endswith("-value"):
        notion: Form = form.removesuffix("-value")  # type: ignore[assignment]
        fair, _ = fair_actions(game, player, form=notion, disagreement=disagreement)
        return _nearness_in_value(own, other, np.full(len(own), fair), w)
    gains, in_own_units = _gains(game, player, disagreement)
    mine, theirs = gains
    if form == "egalitarian":
        welfare = np.minimum(*in_own_units)
    elif form == "kalai-smorodinsky":
        welfare = np.minimum(mine, theirs)
    else:
        neither_loses = (mine >= 0.0) & (theirs >= 0.0)
        product = np.where(neither_loses, mine * theirs, 0.0)
        welfare = np.where(neither_loses, np.sqrt(product), np.minimum(mine, theirs))
    return np.asarray(w * welfare + (1.0 - w) * mine)


def fair_actions(
    game: Game, player: int, *, form: Form = "sum", disagreement: str | ArrayLike = "security"
) -> tuple[int, int]:
    """Return the own and the other's action in the outcome that a player of cooperativeness 1 likes best.

    Where several are equally good, the first is taken: the most cooperative one of the other's.
    """
    utilities = cooperative_utilities(game, player, np.ones(1), form=form, disagreement=disagreement)[0]
    other, own = np.unravel_index(int(are_best(utilities).argmax()), utilities.shape)
    return int(own), int(other)


def own_and_other(game: Game, player: int) -> tuple[FloatArray, FloatArray]:
    """Return the payoffs of a player and of the other, both `[n_actions of the other, own n_actions]`."""
    tensor = game.payoffs if player == 1 else game.payoffs.transpose(0, 2, 1)
    return np.ascontiguousarray(tensor[player]), np.ascontiguousarray(tensor[1 - player])


def _gains(
    game: Game, player: int, disagreement: str | ArrayLike
) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """Return own and other's gains, scaled by each one's ideal gain, and in units of the own ideal gain."""
    problem = BargainingProblem.of(game, disagreement)
    ideal = problem.ideal_point - problem.disagreement
    if (ideal <= SHARE * game.payoff_range).any():
        raise ValueError(
            "each player must have something to gain over the disagreement point, "
            f"got ideal gains {ideal.tolist()}"
        )
    own, other = own_and_other(game, player)
    mine = own - problem.disagreement[player]
    theirs = other - problem.disagreement[1 - player]
    return (mine / ideal[player], theirs / ideal[1 - player]), (mine / ideal[player], theirs / ideal[player])


def _nearness_in_value(
    own: FloatArray, other: FloatArray, cooperation: NDArray[np.int64], w: FloatArray
) -> FloatArray:
    """Return minus the distance of each action's share s(x) from alpha (the parametrisation by value).

    `cooperation[n_actions of the other]` is the action x_1 of pure cooperation in reply to each.
    """
    rows = np.arange(len(own))
    at_defection = other[rows, are_best(own, axis=1).argmax(axis=1)][:, None]
    at_cooperation = other[rows, cooperation][:, None]
    width = at_cooperation - at_defection
    meaningful = np.abs(width) > SHARE * np.ptp(other)
    share = (other - at_defection) / np.where(meaningful, width, 1.0)
    # Among actions that are equally near, the own payoff decides: far smaller than any difference in shares.
    tie_break = 1e-9 * (own - own.max()) / (np.ptp(own) or 1.0)
    return np.asarray(np.where(meaningful, -np.abs(share - w) + tie_break, own + 0.0 * w))
