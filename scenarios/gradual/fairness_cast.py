"""Who meets whom in `fairness-disagreement`: notions of fairness, and the rules that follow them."""

from __future__ import annotations

from simulation.gradual.players import BinaryTitForTat, DuelPlayer, FixedCooperativeness, GradualPlayer
from simulation.gradual.policies import Form

FORMS: tuple[Form, ...] = ("sum", "nash", "kalai-smorodinsky", "egalitarian")
# The last four change the gradual rule in one thing each, and in two; all were set down before any was played.
RULES = (
    "gradual",
    "binary",
    "binary, lenient",
    "doubting form",
    "generous by doubt",
    "share of own fair",
    "share, doubting form",
)
NOISES = (0.0, 0.05)
LEVELS = 21

_SHARES: dict[Form, Form] = {
    "sum": "value",
    "nash": "nash-value",
    "kalai-smorodinsky": "kalai-smorodinsky-value",
    "egalitarian": "egalitarian-value",
}

# Who plays against a rule to see what it can be robbed of.
DEFECTOR = "defector"


def player_of(rule: str, form: Form) -> DuelPlayer:
    """Return the player who follows a rule by a notion of fairness.

    - *doubting form*: the belief is about the other's notion and its cooperativeness together;
    - *generous by doubt*: one standard deviation of the belief is added to the generosity;
    - *share of own fair*: cooperativeness is the share of the way from defection to the outcome that the player
      thinks fair (mirroring in value); with *doubting form* both.
    """
    share: Form = _SHARES[form]
    gradual = {
        "gradual": GradualPlayer(form=form),
        "doubting form": GradualPlayer(form=form, other_forms=FORMS),
        "generous by doubt": GradualPlayer(form=form, uncertainty_factor=1.0),
        "share of own fair": GradualPlayer(form=share),
        "share, doubting form": GradualPlayer(form=share, other_forms=tuple(_SHARES.values())),
    }
    if rule in gradual:
        return gradual[rule]
    # The lenient one tolerates a debit of ten full defections, and takes back no more than was lost.
    lenient = rule == "binary, lenient"
    return BinaryTitForTat(form=form, debit_limit=10.0 if lenient else 0.5, factor=1.0 if lenient else 2.0)


def seated(rule: str, notion: str) -> DuelPlayer:
    """Return the player who follows a rule by a notion of fairness, or the defector."""
    return FixedCooperativeness(beta=0.0) if notion == DEFECTOR else player_of(rule, notion)  # type: ignore[arg-type]
