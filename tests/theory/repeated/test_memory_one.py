from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory.games.catalogue import named_game
from theory.games.game import Game
from theory.repeated.memory_one import MemoryOne, memory_one_payoffs, outcome_chain

AXELROD = named_game("prisoners-dilemma-axelrod")

TIT_FOR_TAT = MemoryOne(1, (1, 0, 1, 0))
WIN_STAY_LOSE_SHIFT = MemoryOne(1, (1, 0, 0, 1))
GRIM = MemoryOne(1, (1, 0, 0, 0))
ALTERNATOR = MemoryOne(1, (0, 0, 1, 1))
ALWAYS_COOPERATE = MemoryOne(1, (1, 1, 1, 1))
ALWAYS_DEFECT = MemoryOne(0, (0, 0, 0, 0))

probability = st.sampled_from([0, 1, 0.5, 0.25, 0.0625, 1 - 0.0625])
strategies = st.builds(MemoryOne, probability, st.tuples(*[probability] * 4))


def payoffs(*arguments, **keywords):
    return memory_one_payoffs(*arguments, AXELROD, **keywords).payoffs.tolist()


@pytest.mark.parametrize(
    ("first", "second", "per_turn", "cooperation"),
    [
        (TIT_FOR_TAT, TIT_FOR_TAT, (3, 3), (1, 1)),
        (TIT_FOR_TAT, ALWAYS_DEFECT, (1, 1), (0, 0)),
        (TIT_FOR_TAT, MemoryOne(0, TIT_FOR_TAT.after), (2.5, 2.5), (0.5, 0.5)),
        (ALTERNATOR, ALWAYS_COOPERATE, (4, 1.5), (0.5, 1)),
        (ALTERNATOR, ALWAYS_DEFECT, (0.5, 3), (0.5, 0)),
        (WIN_STAY_LOSE_SHIFT, ALWAYS_DEFECT, (0.5, 3), (0.5, 0)),
        (GRIM, ALTERNATOR, (3, 0.5), (0, 0.5)),
    ],
)
def test_long_run_of_deterministic_pairs(first, second, per_turn, cooperation):
    result = memory_one_payoffs(first, second, AXELROD)
    assert result.payoffs == pytest.approx(per_turn)
    assert result.cooperation == pytest.approx(cooperation)


@pytest.mark.parametrize(
    ("turns", "per_turn"),
    [(1, (0, 5)), (2, (0.5, 3)), (3, (2 / 3, 7 / 3)), (5, (0.8, 1.8)), (200, (0.995, 1.02))],
)
def test_tit_for_tat_against_a_defector_loses_the_first_turn_only(turns, per_turn):
    assert payoffs(TIT_FOR_TAT, ALWAYS_DEFECT, turns=turns) == pytest.approx(per_turn)


def test_discounted_tit_for_tat_against_a_defector():
    # (1 - d) 0 + d 1 and (1 - d) 5 + d 1.
    assert payoffs(TIT_FOR_TAT, ALWAYS_DEFECT, discount=0.75) == pytest.approx([0.75, 2.0])
    assert payoffs(TIT_FOR_TAT, ALWAYS_DEFECT, discount=0) == pytest.approx([0, 5])
    assert payoffs(TIT_FOR_TAT, ALWAYS_DEFECT, discount=1e-300) == pytest.approx([0, 5])


@pytest.mark.parametrize("noise", [1e-12, 1e-6, 0.01, 0.3])
def test_noise_makes_tit_for_tat_meet_all_outcomes_equally_often(noise):
    result = memory_one_payoffs(TIT_FOR_TAT, TIT_FOR_TAT, AXELROD, noise=noise)
    assert result.distribution == pytest.approx([0.25] * 4, abs=1e-12)
    assert result.payoffs == pytest.approx([2.25, 2.25])


@pytest.mark.parametrize("noise", [1e-12, 1e-4, 0.05])
def test_win_stay_lose_shift_recovers_from_noise(noise):
    # Nowak & Sigmund (1993): an error costs one turn of mutual defection and one of exploitation.
    result = memory_one_payoffs(WIN_STAY_LOSE_SHIFT, WIN_STAY_LOSE_SHIFT, AXELROD, noise=noise)
    stationary = exact_long_run(WIN_STAY_LOSE_SHIFT, WIN_STAY_LOSE_SHIFT, noise)
    assert result.distribution == pytest.approx(stationary, rel=1e-12)
    if noise < 0.01:
        assert 1 - result.distribution[0] == pytest.approx(4 * noise, rel=10 * noise, abs=1e-15)


def test_noise_of_one_plays_the_opposite():
    assert payoffs(ALWAYS_COOPERATE, ALWAYS_COOPERATE, noise=1) == [1, 1]


def test_noise_acts_on_the_first_turn_too():
    result = memory_one_payoffs(ALWAYS_COOPERATE, ALWAYS_DEFECT, AXELROD, noise=0.1, turns=1)
    assert result.distribution == pytest.approx([0.9 * 0.1, 0.9 * 0.9, 0.1 * 0.1, 0.1 * 0.9])
    assert result.cooperation == pytest.approx([0.9, 0.1])


def test_the_opening_decides_between_absorbing_outcomes():
    # Both repeat themselves for ever: every outcome is absorbing.
    one, other = MemoryOne(0.3, (1, 1, 0, 0)), MemoryOne(0.8, (1, 1, 0, 0))
    result = memory_one_payoffs(one, other, AXELROD)
    assert result.distribution == pytest.approx([0.24, 0.06, 0.56, 0.14])


def test_mass_reaches_absorbing_classes_through_transient_outcomes():
    # From CC, player 1 defects with chance 1/4 for ever, player 2 with chance 1/2.
    one, other = MemoryOne(1, (0.75, 1, 0, 0)), MemoryOne(1, (0.5, 1, 0, 0))
    leaves = 1 - 0.75 * 0.5
    result = memory_one_payoffs(one, other, AXELROD)
    expected = [0, 0.75 * 0.5 / leaves, 0.25 * 0.5 / leaves, 0.25 * 0.5 / leaves]
    assert result.distribution == pytest.approx(expected)


def test_asymmetric_games_pay_each_player_its_own():
    game = Game.bimatrix([[1, 2], [3, 4]], [[50, 60], [70, 80]])
    result = memory_one_payoffs(MemoryOne(1, (1, 1, 1, 1)), MemoryOne(0.25, (0.25,) * 4), game)
    assert result.payoffs == pytest.approx([0.25 * 1 + 0.75 * 2, 0.25 * 50 + 0.75 * 60])


def test_the_second_player_reads_its_own_action_first():
    # Player 2 cooperates after having cooperated against a defector, and only then.
    first, second = MemoryOne(0, (0,) * 4), MemoryOne(1, (0, 1, 0, 0))
    assert memory_one_payoffs(first, second, AXELROD).distribution.tolist() == [0, 0, 1, 0]
    start, transitions = outcome_chain(first, second)
    assert start.tolist() == [0, 0, 1, 0]
    assert transitions.tolist() == [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]]


def exact_chain(first: MemoryOne, second: MemoryOne, noise: float = 0.0):
    """Opening and transitions in rationals, written out from the definition."""
    flip = Fraction(noise)
    index = {(1, 1): 0, (1, 0): 1, (0, 1): 2, (0, 0): 3}

    def move(p, q):
        p, q = (Fraction(x) * (1 - flip) + (1 - Fraction(x)) * flip for x in (p, q))
        return [p * q, p * (1 - q), (1 - p) * q, (1 - p) * (1 - q)]

    rows = [move(first.after[index[own, other]], second.after[index[other, own]]) for own, other in index]
    return move(first.first, second.first), rows


def exact_long_run(first: MemoryOne, second: MemoryOne, noise: float = 0.0):
    """The Cesàro limit in rationals: the projection v P* with P* = I - D (I - P), by the resolvent's residue.

    P* is the limit of (1 - d) (I - d P)^-1 for d -> 1, a rational function of d: with x = 1 - d small
    enough and exact arithmetic, Richardson extrapolation over polynomials in x of degree 8.
    """
    start, rows = exact_chain(first, second, noise)
    # Exact limit of x -> x v (x I + (1 - x)(I - P))^-1 at 0: numerator and denominator are polynomials in x.
    nodes = [Fraction(k, 64) for k in range(1, 6)]
    determinants, numerators = [], []
    for x in nodes:
        matrix = [[(i == j) - (1 - x) * rows[i][j] for j in range(4)] for i in range(4)]
        determinant, solution = solve([list(column) for column in zip(*matrix, strict=True)], start)
        determinants.append(determinant)
        numerators.append([x * y * determinant for y in solution])
    denominator = polynomial(nodes, determinants)
    order = next(k for k, c in enumerate(denominator) if c != 0)
    limits = []
    for j in range(4):
        numerator = polynomial(nodes, [row[j] for row in numerators])
        limits.append(float(numerator[order] / denominator[order]))
    return limits


def solve(matrix, right):
    """Determinant and solution of a system of linear equations in rationals."""
    size, determinant = len(right), Fraction(1)
    rows = [[Fraction(x) for x in row] + [Fraction(b)] for row, b in zip(matrix, right, strict=True)]
    for k in range(size):
        pivot = next(i for i in range(k, size) if rows[i][k] != 0)
        if pivot != k:
            rows[k], rows[pivot] = rows[pivot], rows[k]
            determinant = -determinant
        determinant *= rows[k][k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(size):
            if i != k:
                rows[i] = [x - rows[i][k] * y for x, y in zip(rows[i], rows[k], strict=True)]
    return determinant, [row[-1] for row in rows]


def polynomial(nodes, values):
    """Coefficients, constant first, of the polynomial through the points."""
    return solve([[x**k for k in range(len(nodes))] for x in nodes], values)[1]


@settings(max_examples=examples(150), deadline=None)
@given(strategies, strategies, st.sampled_from([0.0, 0.0, 0.125]))
def test_long_run_is_exact_for_every_class_structure(first, second, noise):
    result = memory_one_payoffs(first, second, AXELROD, noise=noise)
    assert result.distribution == pytest.approx(exact_long_run(first, second, noise), abs=1e-13)


@settings(max_examples=examples(60), deadline=None)
@given(strategies, strategies, st.integers(1, 70))
def test_finite_matches_add_up_the_turns(first, second, turns):
    state, rows = exact_chain(first, second)
    total = [Fraction(0)] * 4
    for _ in range(turns):
        total = [x + y for x, y in zip(total, state, strict=True)]
        state = [sum(state[i] * rows[i][j] for i in range(4)) for j in range(4)]
    expected = [float(x / turns) for x in total]
    result = memory_one_payoffs(first, second, AXELROD, turns=turns)
    assert result.distribution == pytest.approx(expected, abs=1e-13)


@settings(max_examples=examples(60), deadline=None)
@given(strategies, strategies, st.sampled_from([0.0, 0.5, 0.875, 1 - 2.0**-20, 1 - 2.0**-50]))
def test_discounted_play_solves_its_equation(first, second, discount):
    start, rows = exact_chain(first, second)
    d = Fraction(discount)
    system = [[(i == j) - d * rows[i][j] for i in range(4)] for j in range(4)]
    expected = [float(x * (1 - d)) for x in solve(system, start)[1]]
    result = memory_one_payoffs(first, second, AXELROD, discount=discount)
    assert result.distribution == pytest.approx(expected, abs=1e-13)


@settings(max_examples=examples(60), deadline=None)
@given(strategies, strategies, st.sampled_from([{}, {"turns": 7}, {"discount": 0.9}, {"noise": 0.1}]))
def test_renaming_the_players_swaps_the_results(first, second, horizon):
    game = Game.bimatrix([[1, 2], [3, 4]], [[5, -6], [7, 8]])
    swapped = Game.bimatrix([[5, 7], [-6, 8]], [[1, 3], [2, 4]])
    one = memory_one_payoffs(first, second, game, **horizon)
    other = memory_one_payoffs(second, first, swapped, **horizon)
    assert one.payoffs == pytest.approx(other.payoffs[::-1])
    assert one.cooperation == pytest.approx(other.cooperation[::-1])
    assert one.distribution == pytest.approx(other.distribution[[0, 2, 1, 3]])


def test_chances_at_the_bound_are_treated_exactly():
    # Two rare moves lead from CC to DD and one back: the rates decide, however small.
    one = MemoryOne(1, (1 - 2.0**-50, 1, 2.0**-40, 2.0**-60))
    other = MemoryOne(0, (0, 0, 0, 0))
    # CD leaves at rate 0 once reached: absorbing; from DD it is reached with chance 2^-60.
    assert memory_one_payoffs(one, other, AXELROD).distribution.tolist() == [0, 1, 0, 0]
    one = MemoryOne(1, (1, 1 - 2.0**-53, 1, 1e-24))
    result = memory_one_payoffs(one, other, AXELROD)
    assert result.distribution[1] == pytest.approx(1e-24 / 2.0**-53, rel=1e-12)


def test_a_very_long_match_is_the_long_run():
    a, b = MemoryOne(0.5, (0.9, 0.1, 0.6, 0.3)), MemoryOne(0.2, (0.8, 0.4, 0.1, 0.7))
    long_run = memory_one_payoffs(a, b, AXELROD)
    assert memory_one_payoffs(a, b, AXELROD, turns=10**18).distribution == pytest.approx(
        long_run.distribution, abs=1e-13
    )


def test_with_noise_flips_each_probability():
    noisy = MemoryOne(1, (1, 0, 0.5, 0.25)).with_noise(0.1)
    assert noisy.first == pytest.approx(0.9)
    assert noisy.after == pytest.approx((0.9, 0.1, 0.5, 0.3))


def test_strategies_are_values():
    assert MemoryOne(1, [1, 0, 1, 0]) == TIT_FOR_TAT
    assert hash(MemoryOne(1.0, (1.0, 0.0, 1.0, 0.0))) == hash(TIT_FOR_TAT)
    assert isinstance(MemoryOne(1, np.array([1, 0, 1, 0])).after[0], float)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MemoryOne(1.2, (1, 0, 1, 0)), r"first must lie in \[0, 1\], got 1.2"),
        (lambda: MemoryOne(1, (1, 0, 1)), r"after must be four probabilities.*got shape \(3,\)"),
        (lambda: MemoryOne(1, (1, 0, -0.5, 0)), r"probability of C after DC must lie in \[0, 1\], got -0.5"),
        (lambda: TIT_FOR_TAT.with_noise(2), r"noise must lie in \[0, 1\], got 2"),
        (lambda: payoffs(TIT_FOR_TAT, GRIM, noise=-1), r"noise must lie in \[0, 1\], got -1"),
        (lambda: payoffs(TIT_FOR_TAT, GRIM, turns=0), "turns must be at least 1, got 0"),
        (
            lambda: payoffs(TIT_FOR_TAT, GRIM, turns=2.5),
            "turns must be a whole number, got 2.5",
        ),
        (lambda: payoffs(TIT_FOR_TAT, GRIM, discount=1), "discount must be below 1, got 1"),
        (lambda: payoffs(TIT_FOR_TAT, GRIM, discount=-0.1), r"discount must lie in \[0, 1\], got -0.1"),
        (lambda: payoffs(TIT_FOR_TAT, GRIM, discount=0.5, turns=3), "give discount or turns, not both"),
        (
            lambda: payoffs(MemoryOne(1, (5e-324, 0, 1, 0)), TIT_FOR_TAT),
            "chances of an outcome must be 0 or at least 1e-25, got 4.94066e-324",
        ),
        (
            lambda: memory_one_payoffs(TIT_FOR_TAT, GRIM, named_game("rock-paper-scissors")),
            "a game of two players with two actions each, got .*3x3 actions",
        ),
    ],
)
def test_errors_state_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("after_cd", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("after_dd", [0.0, 0.3])
def test_who_remembers_one_round_and_is_safe_never_leaves_mutual_defection(
    after_cd: float, after_dd: float
) -> None:
    # Safe from an always-defector in the long run: never C after (D, D), and not surely C after (C, D).
    game = Game.bimatrix([[3, 0], [5, 1]], [[3, 5], [0, 1]])
    rule = MemoryOne(1.0, (1.0, after_cd, 1.0, after_dd))
    defector = MemoryOne(0.0, (0.0, 0.0, 0.0, 0.0))
    lost = 1.0 - memory_one_payoffs(rule, defector, game).payoffs[0]
    share = 1.0 if after_cd == 1.0 else after_dd / (1.0 - after_cd + after_dd)
    assert lost == pytest.approx(share, abs=1e-12)
    if lost > 0.0:
        return
    # From mutual defection two copies stay there, but a copy that is after one slip alone in defecting comes back.
    fallen = MemoryOne(0.0, rule.after)
    assert memory_one_payoffs(fallen, fallen, game).distribution.tolist() == [0, 0, 0, 1]
    together = memory_one_payoffs(rule, fallen, game).distribution[0]
    assert together == pytest.approx(1.0 if after_cd > 0.0 else 0.0, abs=1e-9)
