"""Who meets whom in which game, in the scenarios about mirroring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from simulation.gradual.graded_games import graded_donation_game, graded_public_good
from simulation.gradual.players import (
    BinaryTitForTat,
    ConsequentialistCooperator,
    DuelPlayer,
    FixedCooperativeness,
    Grim,
    LevelLearner,
    LiteralMirror,
    ProbingMirror,
    TitForTat,
    WinStayLoseShift,
)
from theory import Game, matrix_dilemma, named_game

LEVELS = 21

GAMES: dict[str, Callable[[], Game]] = {
    "donation": lambda: graded_donation_game(levels=LEVELS),
    "asymmetric-donation": lambda: graded_donation_game(benefit=(2.0, 1.0), levels=LEVELS),
    "public-good": lambda: graded_public_good(2, benefit=1.5, exponent=0.5, levels=LEVELS),
    "partnership": lambda: graded_donation_game(benefit=0.5, interaction=0.4, levels=LEVELS),
    "prisoners-dilemma": lambda: named_game("prisoners-dilemma"),
    "chicken": lambda: named_game("chicken"),
    "stag-hunt": lambda: named_game("stag-hunt"),
}


@cache
def stage_game(name: str) -> Game:
    """Return a game by name, always the same object, so that what is known of it is worked out once."""
    return GAMES[name]()


# What the players with a wrong model take the payoffs for: cooperation at twice its cost, or twice the greed.
WRONG_MODELS: dict[str, Callable[[], Game]] = {
    "donation": lambda: graded_donation_game(cost=2.0, levels=LEVELS),
    "asymmetric-donation": lambda: graded_donation_game(benefit=(2.0, 1.0), cost=2.0, levels=LEVELS),
    "public-good": lambda: graded_public_good(2, benefit=1.5, cost=2.0, exponent=0.5, levels=LEVELS),
    "partnership": lambda: graded_donation_game(benefit=0.5, interaction=0.4, cost=2.0, levels=LEVELS),
    "prisoners-dilemma": lambda: matrix_dilemma(greed=2.0, fear=1.0),
    "chicken": lambda: matrix_dilemma(greed=1.0, fear=-1.0),
    "stag-hunt": lambda: matrix_dilemma(greed=-0.5, fear=1.0),
}

LITERAL = "literal-mirror"
BINARY = "binary"

# Variants of the literal mirror, what they change in the one setting of tunables.
VARIANTS: dict[str, dict[str, object]] = {
    LITERAL: {},
    "epsilon 0": {"epsilon": 0.0},
    "epsilon by uncertainty": {"epsilon": 0.0, "uncertainty_factor": 1.0},
    "by rewards": {"reward_share": 1.0},
    "actions and rewards": {"reward_share": 0.5},
    "in value": {"form": "value"},
    "Nash welfare": {"form": "nash"},
    "with probes": {"probe_probability": 0.5},
    "probes in doubt": {"probe_probability": 0.5, "probe_in_doubt": True},
}

RIVALS: dict[str, DuelPlayer] = {
    BINARY: BinaryTitForTat(),
    "consequentialist": ConsequentialistCooperator(),
}

OPPONENTS: dict[str, DuelPlayer] = {
    "cooperator": FixedCooperativeness(beta=1.0),
    "beta 0.5": FixedCooperativeness(beta=0.5),
    "defector": FixedCooperativeness(beta=0.0),
    "spiteful -0.5": FixedCooperativeness(beta=-0.5),
    "switches to 0": FixedCooperativeness(beta=1.0, later=0.0, switch_round=500),
    "switches to 1": FixedCooperativeness(beta=0.0, later=1.0, switch_round=500),
    "tit-for-tat": TitForTat(),
    "generous TFT": TitForTat(generosity=0.1),
    "grim": Grim(),
    "win-stay": WinStayLoseShift(),
    "q-learning": LevelLearner(rule="q-learning"),
    "reinforce": LevelLearner(rule="policy-gradient"),
    "actor-critic": LevelLearner(rule="actor-critic"),
}
PLAYERS = (*VARIANTS, *RIVALS, "probing")
LEARNERS = ("q-learning", "reinforce", "actor-critic")
MATRIX_GAMES = ("prisoners-dilemma", "chicken", "stag-hunt")


@cache
def row_players(game: str, *, wrong_model: bool) -> Mapping[str, DuelPlayer]:
    """Return the players whose performance is measured in a game, by name."""
    if wrong_model:
        believed = WRONG_MODELS[game]()
        return {
            name: LiteralMirror(believed_game=believed, **VARIANTS[name])  # type: ignore[arg-type]
            for name in (LITERAL, "by rewards", "actions and rewards")
        }
    players: dict[str, DuelPlayer] = {
        name: LiteralMirror(**changes)  # type: ignore[arg-type]
        for name, changes in VARIANTS.items()
    }
    players |= RIVALS
    if game in ("prisoners-dilemma", "stag-hunt"):
        # Chicken is left out: there defection does not secure the security level.
        players["probing"] = ProbingMirror()
    return players


@cache
def column_players(game: str, name: str, *, wrong_model: bool) -> Mapping[str, DuelPlayer]:
    """Return the opponents of a player: the common ones, itself, rivals and every other variant.

    Who has a wrong model meets, of the variants, only the plain one with the right model.
    """
    variants: dict[str, DuelPlayer] = {
        variant: LiteralMirror(**changes)  # type: ignore[arg-type]
        for variant, changes in VARIANTS.items()
        if variant == LITERAL or not wrong_model
    }
    others = {n: p for n, p in (variants | RIVALS).items() if n != name or wrong_model}
    return OPPONENTS | {"itself": row_players(game, wrong_model=wrong_model)[name]} | others
