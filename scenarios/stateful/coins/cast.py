"""Who meets in the Coin Game: players with a memory beside the state, by name, and how each is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from theory.checks import FloatArray

if TYPE_CHECKING:
    from simulation.markov_games.conditional.agreement import AgreedPlay
    from simulation.markov_games.conditional.cooperativeness import DegreesOfCooperation
    from simulation.markov_games.conditional.player import MarkovPlayer

FIXED = ("cooperator", "defector")

# Kind and what differs from its defaults: amTFT by its threshold and multiplier, of which 2 and 6 are marltoolbox's.
FINITE: dict[str, tuple[str, dict[str, float]]] = {
    "amtft": ("amtft", {}),
    "amtft-24": ("amtft", {"multiplier": 24.0}),
    "amtft-2-6": ("amtft", {"threshold": 2.0}),
    "ccc": ("ccc", {}),
    "ledger": ("ledger", {}),
    "ledger-strict": ("ledger", {"credit": 0.05}),
}
MIRRORS: dict[str, tuple[str, dict[str, float]]] = {
    "bayes": ("bayes", {}),
    "bayes-kind": ("bayes", {"epsilon": 0.1}),
    "rewards": ("rewards", {}),
    "rewards-kind": ("rewards", {"epsilon": 0.1}),
}
CAST = (*FIXED, *FINITE, *MIRRORS)

# The part in which degrees of cooperation are weighed against each other.
DEGREES = "degrees"


@dataclass(frozen=True, eq=False)
class Stage:
    """What players need to know to be made."""

    play: AgreedPlay
    degrees: DegreesOfCooperation | None
    picks: Mapping[str, FloatArray]
    """`[S, J]`: how often each player picks up coins of its own colour, and of the other's."""

    @cache  # noqa: B019 - a stage is kept as long as its players
    def seated(self, name: str, role: int) -> MarkovPlayer:
        """Return a player of the cast in a role."""
        from simulation.markov_games.conditional.player import without_memory

        if name in FIXED:
            policies = self.play.agreed if name == "cooperator" else self.play.safe
            return without_memory(policies[role], role=role)
        if name in FINITE:
            kind, changes = FINITE[name]
            player: MarkovPlayer = _finite(kind)(**changes).seated(self.play, role)
            return player
        kind, changes = MIRRORS[name]
        mirror: MarkovPlayer = _mirror(kind)(degrees=self.degrees, **changes).seated(self.play, role)
        return mirror


def _finite(kind: str) -> Any:
    from simulation.markov_games.conditional.consequentialist import MarkovConsequentialist
    from simulation.markov_games.conditional.ledger import StateLedger
    from simulation.markov_games.conditional.markov_tit_for_tat import MarkovTitForTat

    return {"amtft": MarkovTitForTat, "ccc": MarkovConsequentialist, "ledger": StateLedger}[kind]


def _mirror(kind: str) -> Any:
    from simulation.markov_games.conditional.action_mirror import ActionMirror
    from simulation.markov_games.conditional.reward_mirror import RewardMirror

    kinds: dict[str, Any] = {"bayes": ActionMirror, "rewards": RewardMirror}
    return kinds[kind]
