"""Who leads the players of the Coin Game in the scenario `coin-game`, and how all of them learn: the arms by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

# How a planner comes to its gradients.
SAMPLED, EXACT = "sampled", "exact"

# Steps of each environment from one update to the next, and environments: 1280 steps.
STEPS, ENVIRONMENTS = 20, 64


class Arm(NamedTuple):
    """Who leads, and how all learn."""

    words: str
    """What is special about it."""
    encoding: str = "events"
    gradients: str = SAMPLED
    view: str = "centred"
    length: float = 1.0
    """Updates, as a multiple of the scenario's."""
    led: float = 1.0
    """The share of updates in which the planner acts."""
    changes: Mapping[str, Any] = MappingProxyType({})
    """Of the planner's and the learners' parameters."""
    is_headline: bool = False
    """Whether all runs are played, and not only those of an ablation."""


def _events(words: str, **changes: Any) -> Arm:
    return Arm(words, changes=MappingProxyType(changes))


def _network(words: str, encoding: str = "own-frame", *, length: float = 4.0, **changes: Any) -> Arm:
    view = "first" if encoding == "thesis" else "centred"
    slow = {"bound": 1.0, "planner_rate": 0.003, "entropy": 0.2, "final_entropy": 0.02}
    return Arm(words, encoding, view=view, length=length, changes=MappingProxyType(slow | changes))


ARMS: Mapping[str, Arm] = MappingProxyType(
    {
        "alone": Arm("no planner", led=0.0),
        "events": Arm("who picked what, c = 2", is_headline=True),
        "c-0.5": _events("c = .5", bound=0.5),
        "c-0.75": _events("c = .75", bound=0.75),
        "c-1": _events("c = 1", bound=1.0),
        "c-1.25": _events("c = 1.25", bound=1.25),
        "c-1.5": _events("c = 1.5", bound=1.5),
        "no-trace": _events("credit for the step alone", trace=False),
        "no-frame": Arm("each player paid by numbers of its own", "events-apart"),
        "no-entropy": _events("learners do not explore", entropy=0.0),
        "same-batch": _events("both estimates from the same episodes (biased)", halves="same-batch"),
        "modelled": _events("policies estimated from actions (Eq. 4.6)", knowledge="modelled"),
        "pays-only": _events("rewards only", signs="rewards"),
        "fines-only": _events("punishments only", signs="punishments"),
        "neutral": _events("revenue-neutral", budget="revenue-neutral"),
        "cost": _events("a cost of .1 from the middle on", final_cost=0.1),
        "leaves": Arm("leaves half-way", led=0.5),
        "own-frame-exact": Arm(
            "exact gradients, c = 1",
            "own-frame",
            EXACT,
            length=2.0,
            changes=MappingProxyType({"bound": 1.0, "planner_rate": 0.003, "entropy": 0.3}),
            is_headline=True,
        ),
        "own-frame": _network("what each sees, c = 1, halves of 128", environments=256),
        "own-frame-biased": _network("what each sees, c = 1, same batch", halves="same-batch"),
        "thesis": _network("the thesis's encoding, c = 1", "thesis", halves="same-batch"),
    }
)

# What is played unless more is asked for: planners that see who picked what.
SHOWN = (
    *("alone", "events", "c-0.5", "c-0.75", "c-1", "no-trace", "no-frame", "same-batch", "cost", "leaves"),
)
