import pytest

from theory.altruism.counterexamples import altruism_counterexamples
from theory.altruism.effects import has_unique_strict_equilibrium
from theory.altruism.payoff_surfaces import surfaces
from theory.equilibria.nash import nash_equilibria

CASES = {case.name: case for case in altruism_counterexamples()}


@pytest.mark.parametrize(
    ("name", "before", "after", "payoffs_before", "payoffs_after"),
    [
        ("own-payoff-rises", (0, 0), (1, 0), (1, 1), (2, 4)),
        ("welfare-falls", (0, 0), (1, 0), (4, 1), (0, 4)),
        ("other-payoff-falls", (0, 1), (1, 1), (1, 5), (4, 4)),
        ("bad-equilibrium-appears", (0, 0), (0.75, 0.75), (4, 4), (2, 2)),
        ("mixed-equilibrium", (0, 0), (0.5, 0), (2 / 3, 1 / 2), (5 / 8, 1 / 2)),
        ("stag-hunt-mixed", (0, 0), (0.25, 0.25), (2, 2), (1.28, 1.28)),
    ],
)
def test_payoffs_before_and_after(name, before, after, payoffs_before, payoffs_after):
    case = CASES[name]
    assert (case.before, case.after) == (before, after)
    assert case.payoffs_before == pytest.approx(payoffs_before)
    assert case.payoffs_after == pytest.approx(payoffs_after)


def test_there_are_six():
    assert len(CASES) == 6
    assert len({case.statement for case in CASES.values()}) == 6
    assert all(case.game.title == name for name, case in CASES.items())


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_profiles_are_equilibria_of_the_altruistic_games(case):
    for weights, profile in ((case.before, case.profile_before), (case.after, case.profile_after)):
        assert case.game.altruistic(*weights).regrets(profile) == pytest.approx([0, 0], abs=1e-12)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_weights_only_rise(case):
    assert case.before[0] <= case.after[0]
    assert case.before[1] <= case.after[1]
    assert case.before != case.after


@pytest.mark.parametrize("name", ["own-payoff-rises", "welfare-falls", "other-payoff-falls"])
def test_the_first_three_have_unique_strict_equilibria(name):
    case = CASES[name]
    assert case.equilibrium == "unique"
    for weights in (case.before, case.after):
        assert has_unique_strict_equilibrium(case.game.altruistic(*weights))
        assert len(nash_equilibria(case.game.altruistic(*weights)).profiles) == 1


def test_the_mixed_one_is_unique_too():
    case = CASES["mixed-equilibrium"]
    assert case.equilibrium == "unique"
    for weights in (case.before, case.after):
        assert len(nash_equilibria(case.game.altruistic(*weights)).profiles) == 1


def test_the_worst_equilibrium_is_the_one_that_appears():
    case = CASES["bad-equilibrium-appears"]
    assert case.equilibrium == "worst-strict"
    game = case.game.altruistic(*case.after)
    strict = [p for p in nash_equilibria(game).profiles if all(mixture.max() == 1 for mixture in p)]
    assert sorted(case.game.expected_payoffs(p).sum() for p in strict) == [4, 8]
    worst = surfaces(case.game, [0, 0.75], [0, 0.75], selection="worst-equilibrium")
    # The mixed equilibrium between the two is worse still.
    assert worst.W[0, 0] == 8
    assert 3 < worst.W[1, 1] < 4
    best = surfaces(case.game, [0, 0.75], [0, 0.75], selection="best-equilibrium")
    assert (best.W[0, 0], best.W[1, 1]) == (8, 8)


def test_the_stag_hunt_is_that_of_the_thesis():
    from theory.games.catalogue import named_game

    case = CASES["stag-hunt-mixed"]
    assert case.equilibrium == "mixed"
    assert case.game.payoffs.tolist() == named_game("stag-hunt-3.2").payoffs.tolist()
