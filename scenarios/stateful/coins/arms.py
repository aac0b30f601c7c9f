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
    debts: int = 0
    """Coins up to which players remember who owes whom; 0: they remember nothing."""
    is_headline: bool = False
    """Whether all runs are played, and not only those of an ablation."""


def _events(words: str, **changes: Any) -> Arm:
    return Arm(words, changes=MappingProxyType(changes))


# Learners who are soon sure of what they do no longer show a network what to pay for: so they explore much at first.
_EXPLORING: Mapping[str, Any] = MappingProxyType(
    {"bound": 1.0, "planner_rate": 0.001, "entropy": 1.0, "final_entropy": 0.03}
)


def _network(words: str, encoding: str = "own-frame", *, view: str = "centred", **changes: Any) -> Arm:
    """Return an arm whose planner is a network that learns from episodes, both estimates from the same ones."""
    together = {**_EXPLORING, "halves": "same-batch", **changes}
    return Arm(words, encoding, view=view, length=2.5, changes=MappingProxyType(together))


def _exact_network(words: str, **changes: Any) -> Arm:
    """Return an arm whose planner is a network that climbs exact gradients."""
    together = {**_EXPLORING, "entropy_over": "visits", **changes}
    return Arm(words, "own-frame", EXACT, length=2.0, changes=MappingProxyType(together))


def _remembered(words: str, encoding: str, debts: int = 2) -> Arm:
    """Return an arm whose planner leaves learners that count what they owe, after as long as those of networks."""
    return Arm(words, encoding, length=4.0, led=0.5, debts=debts)


# Of the thesis (4.3.1): 250,000 episodes, to a multiple of 390 updates; the learners' rate, also for the
# planner, as its own is not told. The weight of entropy is its program's; all else is as in the other arms.
_THESIS_LENGTH = 50.0
_THESIS_RATE = 0.000083333
_THESIS: Mapping[str, Any] = MappingProxyType(
    {
        "bound": 1.0,
        "learner_rate": _THESIS_RATE,
        "critic_rate": _THESIS_RATE,
        "planner_rate": _THESIS_RATE,
        "cost": 1.5e-8,
        "entropy": 0.1,
        "halves": "same-batch",
    }
)


ARMS: Mapping[str, Arm] = MappingProxyType(
    {
        "alone": Arm("no planner", led=0.0),
        "events": Arm("who picked what, c = 2", is_headline=True),
        "c-0.5": _events("c = .5", bound=0.5),
        "c-0.625": _events("c = .625", bound=0.625),
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
        "fines-c-1": _events("punishments only, c = 1", bound=1.0, signs="punishments"),
        "neutral": _events("revenue-neutral", budget="revenue-neutral"),
        "cost": _events("a cost of .1 from the middle on", final_cost=0.1),
        "leaves": Arm("leaves half-way", led=0.5),
        "leaves-later": Arm("leaves half-way, each half four times as long", length=4.0, led=0.5),
        "debts": _remembered("the same; learners count what they owe, up to two coins", "events"),
        "debts-seen": _remembered("the same; the planner sees debts, too", "events-and-debts"),
        "debts-taught": _remembered("the same; a tutor pays for taking back what is owed", "taking-back"),
        "debts-1-taught": _remembered("the same; learners count up to one coin", "taking-back", debts=1),
        "own-frame-exact": _exact_network(
            "a network that sees what each sees and does, exact gradients, c = 1"
        ),
        "own-frame-biased": _network("the same from episodes, both estimates from the same ones (biased)"),
        "own-frame": _network(
            "the same from episodes, estimates from halves of 128", halves="independent", environments=256
        ),
        "own-frame-c-0.5": _network("own-frame-biased with c = .5", bound=0.5),
        "own-frame-c-0.75": _network("own-frame-biased with c = .75", bound=0.75),
        "own-frame-c-0.875": _network("own-frame-biased with c = .875", bound=0.875),
        "own-frame-halves-c-0.75": _network(
            "own-frame with c = .75", halves="independent", environments=256, bound=0.75
        ),
        "own-frame-no-trace": _network("own-frame-biased, credit for the step alone", trace=False),
        "own-frame-hasty": _network(
            "own-frame-biased, the planner's steps three times as large", planner_rate=0.003
        ),
        "own-frame-sure": _network(
            "own-frame-biased, learners explore little", entropy=0.2, final_entropy=0.02
        ),
        "one-frame": _network(
            "own-frame-biased, but one view for both: where all is from the first", "thesis"
        ),
        "one-frame-c-2": _network("one-frame with c = 2", "thesis", bound=2.0),
        "thesis-view": _network(
            "one-frame, on the board as it is, which both see as the first does", "thesis", view="first"
        ),
        "thesis": Arm(
            "what the thesis says: its view, c, rates, cost, 250,000 episodes",
            "thesis",
            view="first",
            length=_THESIS_LENGTH,
            changes=_THESIS,
        ),
    }
)

# What is played unless more is asked for: planners that see who picked what.
SHOWN = (
    *("alone", "events", "c-0.5", "c-0.75", "c-1", "no-trace", "no-frame", "same-batch", "cost", "leaves"),
)
