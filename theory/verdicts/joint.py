"""Verdicts on joint play, taken for a correlated outcome: players may have been coordinated by their history.

These are of frequencies as they are, where rounds are no independent draws and nothing bounds what is behind them;
`theory.judge_counts` has the bounds of those that are.
"""

from __future__ import annotations

from theory.checks import FloatArray
from theory.equilibria.correlated import correlated_regrets
from theory.games.checks import matrix_game
from theory.verdicts.facts import GameFacts
from theory.verdicts.verdict import LabelledOutcome, check_tolerance
from theory.verdicts.words import label_of, label_suffix


def label_joint_by_facts(
    facts: GameFacts, joint: FloatArray, *, best_welfare: float, tolerance: float
) -> LabelledOutcome:
    """Return the label of joint play, by facts of its game that are known already.

    Parameters
    ----------
    facts
        What `theory.verdicts.facts.game_facts` returned, of a game with a payoff tensor.
    joint
        `[*n_actions]`: the share of each outcome, summing to 1.
    best_welfare
        Of all correlated equilibria of the game (`theory.welfare_optimal_correlated_equilibrium`).
    tolerance
        As for `judge`.
    """
    check_tolerance(tolerance)
    game = matrix_game("game", facts.game)
    payoffs = game.outcomes.T @ joint.ravel()
    regrets = correlated_regrets(game, joint)
    slack = facts.slack(payoffs - facts.lowest)
    regret = float((regrets / facts.scale).max())
    short = (best_welfare - payoffs.sum()) / (facts.welfare.spread or 1.0)
    is_optimal = slack.relative_gain <= tolerance
    label = label_of(regret <= tolerance, is_optimal, max(regret, short) <= tolerance)
    below = (facts.security_levels - payoffs) / facts.scale > tolerance
    return LabelledOutcome(
        label.replace("Nash equilibrium", "correlated equilibrium")
        + label_suffix([name for name, is_below in zip(game.players, below, strict=True) if is_below]),
        regrets,
        slack.gain,
    )
