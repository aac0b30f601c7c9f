"""Who follows which notion of fairness by which rule, in `fairness-disagreement`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from simulation.gradual.graded_games import GradedGame
from simulation.gradual.players import (
    BinaryTitForTat,
    ConcedingMirror,
    ContriteTitForTat,
    DuelPlayer,
    FixedCooperativeness,
    FixedLevel,
    GradualPlayer,
    LiteralMirror,
)
from simulation.gradual.policies import Form, fair_actions
from theory.repeated.ledger import Agreement

FORMS: tuple[Form, ...] = ("sum", "nash", "kalai-smorodinsky", "egalitarian")
AGREEMENTS: Mapping[Form, Agreement] = MappingProxyType(
    {
        "sum": "utilitarian",
        "nash": "nash",
        "kalai-smorodinsky": "kalai-smorodinsky",
        "egalitarian": "egalitarian",
    }
)
_SHARES: dict[Form, Form] = {
    "sum": "value",
    "nash": "nash-value",
    "kalai-smorodinsky": "kalai-smorodinsky-value",
    "egalitarian": "egalitarian-value",
}

# Who plays against a rule to see what it can be robbed of.
DEFECTOR = "defector"

GRADUAL, LITERAL, BINARY, CONCEDING, CONTRITE = (
    "gradual-tit-for-tat", "literal-mirror", "binary", "conceding", "contrite",
)  # fmt: skip
Follow = Callable[[Form], DuelPlayer]


def gradual(form: Form) -> GradualPlayer:
    """Return the ledger mirror whose agreed play is that of a notion of fairness."""
    return GradualPlayer(agreement=AGREEMENTS[form])


# Who follows each rule by a notion of fairness. Those from the literal mirror on change it in one thing each, and in
# two: *doubting form*: the belief is about the other's notion and its cooperativeness together; *generous by doubt*:
# one standard deviation of the belief is added to the generosity; *share of own fair*: cooperativeness is the share
# of the way from defection to the outcome that the player thinks fair (mirroring in value). The lenient binary rule
# tolerates a debit of ten full defections, and takes back no more than was lost. The contrite one has no notion.
FOLLOWERS: Mapping[str, Follow] = MappingProxyType(
    {
        GRADUAL: gradual,
        CONCEDING: lambda form: ConcedingMirror(gradual=gradual(form)),
        LITERAL: lambda form: LiteralMirror(form=form),
        BINARY: lambda form: BinaryTitForTat(form=form),
        "binary, lenient": lambda form: BinaryTitForTat(form=form, debit_limit=10.0, factor=1.0),
        "doubting form": lambda form: LiteralMirror(form=form, other_forms=FORMS),
        "generous by doubt": lambda form: LiteralMirror(form=form, uncertainty_factor=1.0),
        "share of own fair": lambda form: LiteralMirror(form=_SHARES[form]),
        "share, doubting form": lambda form: LiteralMirror(
            form=_SHARES[form], other_forms=tuple(_SHARES.values())
        ),
        CONTRITE: lambda form: ContriteTitForTat(),
    }
)
RULES = tuple(FOLLOWERS)

# Whom a conceding player meets that never concedes: a ledger of its own notion; its own part of what that asks for.
ITSELF, LEDGER, UNMOVED = "itself", "insisting ledger", "unmoved"


def follower(rule: str, notion: str) -> DuelPlayer:
    """Return who follows a rule by a notion of fairness, or the defector."""
    return FixedCooperativeness(beta=0.0) if notion == DEFECTOR else FOLLOWERS[rule](notion)  # type: ignore[arg-type]


def insister(meets: str, notion: Form, game: GradedGame, role: int) -> DuelPlayer:
    """Return who insists on its notion of fairness as player `role` of a game."""
    if meets == LEDGER:
        return gradual(notion)
    return FixedLevel(cooperation=float(game.levels[fair_actions(game, role, form=notion)[0]]))
