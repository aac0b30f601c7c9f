"""Gradual Tit-for-Tat in matches against the player of duels that it is, and against its bounds."""

from dataclasses import dataclass

import numpy as np
import pytest

from simulation import (
    FiniteState,
    GradualPlayer,
    exact_match,
    gradual_tit_for_tat,
    play_duels,
    play_match,
    round_robin,
    strategy,
)
from simulation.gradual.seat import Asked, DuelPlayer, Played, new_mind
from simulation.matches.strategies.base import Known, first_memory
from theory import Game, ledger_tables, named_game, named_games

NO_OFFERS = GradualPlayer(offer_probability=0.0)
GAMES = {
    **{name: named_game(name) for name in named_games() if named_game(name).n_actions == (2, 2)},
    "unequal": Game.bimatrix([[3, 0], [4, 1]], [[5, 7], [-2, 0]]),
    # Two outcomes alike, (C, D) and (D, C): both players must mean the same one.
    "taking turns": Game.bimatrix([[0, 4], [3, 1]], [[0, 3], [4, 1]]),
    # The agreed play is (D, C).
    "agreed apart": Game.bimatrix([[1, 0], [6, 2]], [[1, 0], [5, 2]]),
}
MIXED = {
    name for name, game in GAMES.items() if not all(ledger_tables(game, i).is_security_pure for i in (0, 1))
}


@dataclass(frozen=True)
class Machine(DuelPlayer):
    """A finite-state machine of C and D, by its first action and its answer to each outcome, own action first."""

    first: int
    answers: tuple[int, int, int, int]

    def seat(self, game, role):
        return super().seat(game, role)._replace(numbers=np.array([self.first, *self.answers], dtype=float))

    class Memory(tuple):
        _fields = ("outcome",)

    @staticmethod
    def choose(seat, mind, asked):
        return int(seat.numbers[int(mind.memory[0])])

    @staticmethod
    def learn(seat, mind, played):
        mind.memory[0] = 1 + 2 * played.own + played.other


MACHINES = {
    "tit-for-tat": Machine(0, (0, 1, 0, 1)),
    "always-defect": Machine(1, (1, 1, 1, 1)),
    "win-stay-lose-shift": Machine(0, (0, 1, 1, 0)),
}


def duel(*players: DuelPlayer, game: Game, rounds: int) -> tuple[str, str]:
    data = play_duels(*players, game=game, rounds=rounds, seed=0, compile_law=False)
    return tuple("".join("DC"[int(level)] for level in of.T) for of in data["level"].values[0].T)  # type: ignore[return-value]


@pytest.mark.parametrize("name", sorted(GAMES.keys() - MIXED))
@pytest.mark.parametrize("opponent", MACHINES)
def test_a_match_is_the_duel_of_the_same_players(name: str, opponent: str) -> None:
    game, rounds = GAMES[name], 60
    for player in (NO_OFFERS, GradualPlayer(offer_probability=0.0, trust=0.05, loss_budget=1.0)):
        mirror = gradual_tit_for_tat(player)
        expected = duel(player, MACHINES[opponent], game=game, rounds=rounds)
        assert play_match(mirror, opponent, game=game, turns=rounds).trace() == expected
        expected = duel(MACHINES[opponent], player, game=game, rounds=rounds)
        assert play_match(opponent, mirror, game=game, turns=rounds).trace() == expected
        expected = duel(player, player, game=game, rounds=rounds)
        assert play_match(mirror, mirror, game=game, turns=rounds).trace() == expected


@pytest.mark.parametrize("role", [0, 1])
@pytest.mark.parametrize("name", GAMES)
def test_its_chances_are_those_of_the_player_of_duels(name: str, role: int) -> None:
    game, player = GAMES[name], GradualPlayer()
    payoffs = game.payoffs if role == 0 else game.payoffs[::-1].transpose(0, 2, 1)
    known = Known(np.ascontiguousarray(payoffs), 0, 0.0, role)
    functions = gradual_tit_for_tat(player).rule
    generator = np.random.default_rng(5)
    grid = (np.arange(64) + 0.5) / 64
    # So many draws find a probability to half the step between them; offers need one draw, mixtures another.
    extras, tolerance = ((np.arange(10) + 0.5) / 10, 0.06) if name in MIXED else (grid[:1], 0.01)
    drawn = 0
    for share in (0.1, 0.4, 0.9):
        seat = player.seat(game, role)
        mind, memory = new_mind(player, seat, game, role), first_memory(functions, known)
        for turn in range(25):
            chance = functions.cooperation(memory, turn, known)
            asked = [
                player.choose(seat, mind, Asked(0, turn, draw, extra)) for draw in grid for extra in extras
            ]
            assert chance == pytest.approx(np.mean(np.array(asked) == 0), abs=tolerance)
            drawn += 0.0 < chance < 1.0
            own, other = int(generator.random() > chance), int(generator.random() > share)
            player.learn(seat, mind, Played(0, own, other, 0.0, turn))
            functions.update(memory, turn, own, other, known)
    # Offers end quarrels that cost the other: there are some where a punishment is a loss.
    assert drawn or name not in (
        "prisoners-dilemma",
        "prisoners-dilemma-axelrod",
        "matching-pennies",
        "unequal",
    )


def test_both_mean_the_same_of_two_outcomes_that_are_alike() -> None:
    assert play_match(
        "gradual-tit-for-tat", "gradual-tit-for-tat", game=GAMES["taking turns"], turns=20
    ).trace() == ("C" * 20, "D" * 20)


@pytest.mark.parametrize("name", sorted(GAMES.keys() - MIXED))
def test_no_script_costs_it_more_than_its_budget(name: str) -> None:
    game, player = GAMES[name], GradualPlayer()
    generator = np.random.default_rng(2)
    for role in (0, 1):
        tables = player.tables(game, role)
        for share in (0.0, 0.3, 0.5, 0.8):
            actions = generator.random(120) < share
            script = FiniteState(
                tuple(float(c) for c in actions), tuple((k, k) for k in (*range(1, 120), 119))
            )
            pair = [script, script]
            pair[role] = gradual_tit_for_tat(player)
            played = play_match(*pair, game=game, turns=120, repetitions=20, seed=1).actions
            got = game.payoffs[role][played[..., 0], played[..., 1]] - tables.security[0]
            spread = float(np.ptp(game.payoffs[role]))
            assert (np.cumsum(got, axis=1) >= -(player.loss_budget_in(tables) * spread) - 1e-6).all()


def test_with_noise_it_keeps_what_tit_for_tat_loses() -> None:
    game = named_game("prisoners-dilemma-axelrod")
    field = ["gradual-tit-for-tat", "tit-for-tat", "always-defect"]
    table = round_robin(field, game=game, turns=200, repetitions=50, noise=0.01, seed=3)
    own = table["payoffs"].sel(strategy="gradual-tit-for-tat")
    assert float(own.sel(opponent="gradual-tit-for-tat")) > 2.9
    assert float(own.sel(opponent="tit-for-tat")) > 2.7 > float(table["payoffs"].values[1, 1])
    # The security level is 1; what two slips and a few offers cost is small beside 200 turns.
    assert float(own.sel(opponent="always-defect")) > 0.95


def test_the_one_of_the_catalogue_has_the_defaults_and_others_say_what_is_not() -> None:
    assert strategy("gradual-tit-for-tat") == gradual_tit_for_tat() == gradual_tit_for_tat(GradualPlayer())
    assert gradual_tit_for_tat(GradualPlayer(trust=0.5)).name == "gradual-tit-for-tat (trust 0.5)"
    assert gradual_tit_for_tat(name="mine").name == "mine"
    assert gradual_tit_for_tat(GradualPlayer(trust=0.5)) != gradual_tit_for_tat(
        name="gradual-tit-for-tat (trust 0.5)"
    )


def test_it_is_no_machine() -> None:
    with pytest.raises(ValueError, match="got 'gradual-tit-for-tat', which counts or learns: use play_match"):
        exact_match("tit-for-tat", "gradual-tit-for-tat", game=GAMES["chicken"], turns=5)
