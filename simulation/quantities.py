"""What the variables of datasets mean, by name: a long name, and units ("1" for shares and probabilities)."""

from __future__ import annotations


def _quantity(long_name: str, units: str = "1") -> dict[str, str]:
    return {"long_name": long_name, "units": units}


_PAYOFF = "payoff"

QUANTITIES: dict[str, dict[str, str]] = {
    "cooperation_probability": _quantity("probability of cooperating, P(C)"),
    "final_cooperation_probability": _quantity("probability of cooperating after the last step"),
    "final_mean_cooperation": _quantity("mean probability of cooperating after the last step"),
    "mean_cooperation": _quantity("mean probability of cooperating"),
    "joint_cooperation": _quantity("probability of mutual cooperation"),
    "cooperation": _quantity("share of actions that were cooperation"),
    "level": _quantity("degree of cooperation played"),
    "mean_level": _quantity("mean degree of cooperation"),
    "frequency": _quantity("share of rounds with an action"),
    "outcome_frequency": _quantity("share of rounds with an outcome"),
    "distribution": _quantity("share of turns with an outcome, own action first"),
    "action": _quantity("place of the action played"),
    "last_action": _quantity("place of the last action played"),
    "policy": _quantity("probability of each action"),
    "final_policy": _quantity("probability of each action after the last step"),
    "payoff": _quantity("payoff in the original game", _PAYOFF),
    "payoffs": _quantity("mean payoff per turn", _PAYOFF),
    "mean_payoff": _quantity("mean payoff", _PAYOFF),
    "score": _quantity("mean payoff over opponents", _PAYOFF),
    "welfare": _quantity("sum of payoffs in the original game", _PAYOFF),
    "final_welfare": _quantity("expected sum of payoffs after the last step", _PAYOFF),
    "welfare_index": _quantity("(W - Wmin) / (Wmax - Wmin) over the game's outcomes"),
    "additional_reward": _quantity("what the planner gave", _PAYOFF),
    "cumulative_additional_reward": _quantity("absolute additional rewards so far", _PAYOFF),
    "average_additional_reward": _quantity(
        "absolute additional rewards an episode, summed over players", _PAYOFF
    ),
    "average_additional_reward_per_player": _quantity(
        "absolute additional rewards an episode and player", _PAYOFF
    ),
    "incentive": _quantity("what the planner would pay for each outcome", _PAYOFF),
    "final_incentive": _quantity("what the planner would pay after the last step", _PAYOFF),
    "incentive_for_cooperating": _quantity("what the planner pays for C", _PAYOFF),
    "incentive_for_defecting": _quantity("what the planner pays for D", _PAYOFF),
    "outlay": _quantity("absolute incentives an agent", _PAYOFF),
    "outlay_per_step": _quantity("absolute incentives an agent and step", _PAYOFF),
    "planner_retired": _quantity("episode in which the planner retired, -1 if it did not"),
    "alpha": _quantity("cooperativeness: weight of the other's payoff"),
    "final_alpha": _quantity("cooperativeness after the last step"),
    "estimate": _quantity("estimate of the other's cooperativeness"),
    "deviation": _quantity("standard deviation of the belief about the other's cooperativeness"),
    "belief": _quantity("probability of each cooperativeness of the other"),
    "zero_evidence": _quantity("rounds that no cooperativeness could explain"),
    "log_evidence": _quantity("sum of the log probabilities of the other's actions"),
    "targeted": _quantity("share of agents whom the planner may pay"),
    "both_cooperate": _quantity("share of edges on which both cooperated"),
    "one_cooperates": _quantity("share of edges on which one of the two cooperated"),
    "counts": _quantity("number of players of a strategy", "players"),
    "final_counts": _quantity("number of players of a strategy after the last step", "players"),
    "mean_shares": _quantity("mean share of players of a strategy"),
    "fixated": _quantity("place of the strategy that took over, -1 if none did"),
    "fixation_time": _quantity("step with which a strategy took over", "steps"),
    "edges": _quantity("places of the two agents whom each edge joins"),
}
