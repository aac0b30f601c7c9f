"""nashpy agrees with right answers, and wrong answers are told."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from scenarios.command.theory_tables import solution_tables, solve
from theory import Equilibria, Game, confirm_equilibria, judge, linear_dilemma, named_game, nash_equilibria

# Three equilibria, of which nashpy's support enumeration loses two by rounding.
FOUR_BY_FOUR = Game.bimatrix(
    [[148, 999, 190, 652], [750, 234, 282, 434], [263, 974, 177, 897], [797, 844, 115, 392]],
    [[628, 493, 665, 676], [662, 60, 959, 555], [903, 271, 361, 879], [186, 64, 373, 679]],
)
CHICKEN = named_game("chicken")


@pytest.mark.parametrize("n_actions", [(2, 2), (3, 3), (2, 5), (6, 4), (7, 7)])
def test_it_finds_the_same_in_random_games(n_actions: tuple[int, int]) -> None:
    games = [np.random.default_rng(k).uniform(-1, 1, (2, *n_actions)) * 10.0 ** (k - 6) for k in range(16)]
    answers = [confirm_equilibria(Game(payoffs)).agrees for payoffs in games]
    assert False not in answers
    assert answers.count(True) >= 14  # the others have a vertex within 1e-5 of one more facet


def test_it_finds_what_its_support_enumeration_loses() -> None:
    found = confirm_equilibria(FOUR_BY_FOUR)
    assert found.agrees
    assert found.note == "nashpy, asked independently, finds the same 3 equilibria."
    assert confirm_equilibria(named_game("prisoners-dilemma")).note.endswith("the same one equilibrium.")


def lost(right: Equilibria) -> Equilibria:
    return replace(right, profiles=right.profiles[1:])


def invented(right: Equilibria) -> Equilibria:
    return replace(right, profiles=(*right.profiles, CHICKEN.pure(0, 0)))


def moved(right: Equilibria) -> Equilibria:
    (x, y), *others = right.profiles
    away = np.array([1e-4, -1e-4]) * (1 if x[0] < 0.5 else -1)
    return replace(right, profiles=((x + away, y), *others))


@pytest.mark.parametrize(("wrong", "unconfirmed", "missing"), [(lost, 0, 1), (invented, 1, 0), (moved, 1, 1)])
def test_a_wrong_answer_is_told(wrong, unconfirmed: int, missing: int) -> None:
    found = confirm_equilibria(CHICKEN, wrong(nash_equilibria(CHICKEN)))
    assert found.agrees is False
    assert (len(found.unconfirmed), len(found.missing)) == (unconfirmed, missing)
    assert f"does not find {unconfirmed} of these equilibria and finds {missing} others" in found.note
    solution = solve(CHICKEN)
    solution["equilibria"]["confirmation"] = found.to_dict()
    assert "nashpy disagrees" in solution_tables(CHICKEN, solution)[0].note


@pytest.mark.parametrize(
    ("game", "reason"),
    [
        (Game.bimatrix([[1, 1], [0, 2]], [[1, 1], [0, 2]]), "infinitely many equilibria"),
        (Game.bimatrix([[0, 0], [0, 0]], [[1, 0], [0, 1]]), "infinitely many equilibria"),
        (Game.bimatrix([[1, 0], [0, 0]], [[1, 0], [0, 0]]), "degenerate"),
        (Game(np.random.default_rng(0).random((2, 1, 3))), "a player has one action"),
        (Game(np.random.default_rng(0).random((2, 9, 2))), "more than 8 actions"),
        (Game(np.random.default_rng(0).random((3, 2, 2, 2))), "this one has 3"),
    ],
)
def test_it_is_not_asked_where_it_cannot_be_trusted(game: Game, reason: str) -> None:
    found = confirm_equilibria(game)
    assert found.agrees is None
    assert reason in found.note


def test_it_is_not_asked_where_not_all_equilibria_are_known() -> None:
    some = replace(nash_equilibria(CHICKEN), complete=False)
    assert "nothing to compare" in confirm_equilibria(CHICKEN, some).note


def test_verdicts_confirm_when_asked() -> None:
    assert judge(CHICKEN, [[1, 0], [1, 0]]).confirmation is None
    assert "confirmation" not in judge(CHICKEN, [[1, 0], [1, 0]]).to_dict()
    verdict = judge(CHICKEN, [[1, 0], [1, 0]], confirm=True)
    assert verdict.confirmation is not None
    assert verdict.to_dict()["confirmation"]["agrees"] is True
    with pytest.raises(ValueError, match="must have a payoff tensor"):
        judge(linear_dilemma(3, greed=1, fear=1), [[1, 0]] * 3, confirm=True)


def test_nobody_pays_for_nashpy_who_does_not_ask() -> None:
    code = (
        "import sys; from theory import judge, named_game, nash_equilibria; game = named_game('chicken'); "
        "nash_equilibria(game); judge(game, [[1, 0], [1, 0]]); sys.exit('nashpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
