"""Gradual Tit-for-Tat on networks, in tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scenarios.frame.results import Table
from scenarios.frame.verdicts import counted_labels
from scenarios.networks.beside import (
    BUDGET,
    CONTRITE,
    DEFECTORS,
    LEDGERS,
    NOBODY,
    OTHERS,
    SHARES,
    SLIPS,
    place_of,
)
from scenarios.networks.budgets import CONDITIONS

Cells = Sequence[dict[str, Any]]

OFF, NEVER = CONDITIONS
LEAVES, END = "when it leaves", "at the end"


def alone_table(cells: Cells) -> Table:
    """Return how networks of one kind of players cooperate without a planner."""
    alone = [cell for cell in cells if cell["question"] == "alone"]
    found = {(*_who_alone(cell), cell["slips"], cell["moment"]): cell for cell in alone}
    places = [(slips, moment) for slips in SLIPS for moment in ("first step", END)]
    rows = []
    for who in dict.fromkeys(_who_alone(cell) for cell in alone):
        measured = [found.get((*who, *place)) for place in places]
        rows.append((*who, *("" if cell is None else f"{cell['mean']:.3f}" for cell in measured)))
    widest = max((_half(cell) for cell in alone), default=0.0)
    return Table(
        "Networks of their own, without a planner",
        ("players", "before", "first", "end", "first, slips", "end, slips"),
        rows,
        "Share of actions that were C in the first step and in the last tenth of all, without slips and with slips "
        f"of {SLIPS[-1]:g}: means over runs, whose 95% intervals reach at most {widest:.3f} to either side. Before: "
        "what was played in a step before the first, mixed by lot. Wary ledgers claim two full harms until the other "
        "cooperates.",
    )


def beside_table(cells: Cells, others: str) -> Table:
    """Return what others do when the planner leaves, in the end, and where there never was one."""
    found = _by_place(cells, others)
    columns = {
        "paid": (OFF, "cooperation of others", LEAVES),
        "left": (OFF, "cooperation of others", END),
        "never paid": (NEVER, "cooperation of others", END),
        "players": (OFF, "cooperation of players", END),
    }
    rows = [
        (
            who if slips == f"{SLIPS[-1]:g}" else f"{who}, no slips",
            *(_shown(found.get((who, slips, *where, None))) for where in columns.values()),
        )
        for who, slips in dict.fromkeys((at[0], at[1]) for at in found)
    ]
    return Table(
        f"{others.capitalize()} beside players whom no payment moves",
        ("beside", *columns),
        rows,
        f"Share of the actions of {others} that were C, with slips of {SLIPS[-1]:g}: when they had been paid (a "
        f"budget of {BUDGET:g} an agent, for everyone), when the planner had long left, and where there never was "
        "one; and that of the players when it had left. Means over runs of a tenth of the planner's steps, ± half of "
        "the 95% interval.",
    )


def payoff_table(cells: Cells, others: str) -> Table:
    """Return what players get while the planner pays and when it has left, and against whom they lose."""
    found = _by_place(cells, others)
    slips = f"{SLIPS[-1]:g}"
    columns = {
        "paid": (LEAVES, None),
        f"− {DEFECTORS}": (LEAVES, DEFECTORS),
        "left": (END, None),
        f"− {others}": (END, "others"),
        f"− {CONTRITE}": (END, CONTRITE),
    }
    rows = []
    for who in dict.fromkeys(at[0] for at in found if at[1] == slips and not at[0].startswith(NOBODY)):
        measured = [found.get((who, slips, OFF, "payoff of players", *where)) for where in columns.values()]
        rows.append((who, *(_shown_payoff(cell) for cell in measured)))
    return Table(
        f"What players beside {others} get",
        ("players", *columns),
        rows,
        f"Payoff a step, mean over partners, with slips of {slips}: while {others} are paid, and when the planner "
        f"has long left; less what defectors or contrite Tit-for-Tat get in their place, or what the {others} beside "
        "them get, run by run; ± half of the 95% interval.",
    )


def pair_verdict_table(verdicts: Cells) -> Table:
    """Return the verdicts on pairs of neighbours, counted by label; of the first network and seed, with slips."""
    rows = [
        (
            _title(verdict),
            counted_labels(verdict["labels"]),
            f"{verdict['median_regret']:.3f}",
            f"{verdict['median_pareto_slack']:.3f}",
        )
        for verdict in verdicts
        if verdict["slips"] == SLIPS[-1]
        and not place_of(verdict)
        and verdict.get("condition", OFF) == OFF
        and verdict.get("opening", "mixed") in ("mixed", "nothing")
    ]
    return Table(
        "Verdicts on neighbours in each run's last step, as a correlated outcome",
        ("who", "runs × label", "regret", "slack"),
        rows,
        f"With slips of {SLIPS[-1]:g}; in the Prisoner's Dilemma of two, without incentives. Regret and slack are "
        "medians over runs.",
    )


def _title(verdict: dict[str, Any]) -> str:
    if "opening" in verdict:
        return f"{verdict['players']} alone, before: {verdict['opening']}"
    return f"{_who(verdict)} beside {verdict['others']}"


def _who(cell: dict[str, Any]) -> str:
    who = cell["players"] if cell["players"] == NOBODY else f"{cell['share']:.0%} {cell['players']}"
    return ", ".join(filter(None, (who, place_of(cell))))


def _who_alone(cell: dict[str, Any]) -> tuple[str, str]:
    return ", ".join(filter(None, (cell["players"], place_of(cell)))), cell["opening"]


def _by_place(cells: Cells, others: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {
        (
            _who(cell),
            f"{cell['slips']:g}",
            cell["condition"],
            cell["quantity"],
            cell["moment"],
            cell["compared_with"],
        ): cell
        for cell in cells
        if cell["question"] == "beside" and cell["others"] == others
    }


def on_ledgers(cells: Cells) -> list[str]:
    """Return what networks of ledgers need, what they keep, and where they lose, in words."""
    return [
        *_on_networks_alone(cells),
        *(sentence for others in OTHERS for sentence in _on_others(cells, others)),
    ]


def _on_networks_alone(cells: Cells) -> list[str]:
    ends = [
        cell
        for cell in cells
        if cell["question"] == "alone" and cell["moment"] == END and LEDGERS in cell["players"]
    ]
    least = [min((c["mean"] for c in ends if c["slips"] == slips), default=None) for slips in SLIPS]
    if None in least:
        return []
    return [
        f"Networks of ledgers need no planner: without one at least {least[0]:.3f} of their actions are C in the end "
        f"without slips, and {least[1]:.3f} with slips of {SLIPS[1]:g}, from every start."
    ]


def _on_others(cells: Cells, others: str) -> list[str]:
    found = _by_place(cells, others)
    slips = f"{SLIPS[-1]:g}"
    parts = []
    for share in SHARES:
        at = (f"{share:.0%} {LEDGERS}", slips, OFF)
        kept = found.get((*at, "cooperation of others", END, None))
        against = found.get((*at, "cooperation of others", END, DEFECTORS))
        ahead = found.get((*at, "payoff of players", END, "others"))
        if kept and against and ahead:
            parts.append(
                f"beside {share:.0%} of ledgers it is {kept['mean']:.2f} ({_difference(against)} against defectors "
                f"in their place), and the ledgers' payoff less theirs is {_difference(ahead)}"
            )
    nobody = found.get((NOBODY, slips, OFF, "cooperation of others", END, None))
    if not parts or not nobody:
        return []
    return [
        f"Of the actions of {others} whose planner has left {nobody['mean']:.2f} are C among themselves, with slips "
        f"of {slips}; {'; '.join(parts)}."
    ]


def _difference(cell: dict[str, Any]) -> str:
    interval = cell["interval"]
    sure = "" if interval is None else f", 95%: {interval[0]:+z.3f} to {interval[1]:+z.3f}"
    return f"{cell['mean']:+z.3f}{sure}"


def _shown(cell: dict[str, Any] | None) -> str:
    """Return a mean with half the width of its interval; nothing where there is no such cell."""
    if cell is None:
        return ""
    return f"{cell['mean']:.3f}" + ("" if cell["interval"] is None else f" ± {_half(cell):.3f}")


def _shown_payoff(cell: dict[str, Any] | None) -> str:
    """Return a mean; of differences with their sign and half the width of the interval."""
    if cell is None:
        return ""
    if cell["compared_with"] is None:
        return f"{cell['mean']:.2f}"
    return f"{cell['mean']:+z.3f}" + ("" if cell["interval"] is None else f" ± {_half(cell):.3f}")


def _half(cell: dict[str, Any]) -> float:
    """Return half the width of an interval, 0 where there is none."""
    low, high = cell["interval"] or (0.0, 0.0)
    return float(high - low) / 2
