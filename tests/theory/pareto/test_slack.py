from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from tests.examples import examples
from theory import Game, named_game, pareto_optimal_profiles, pareto_slack
from theory.many_players.linear_dilemma import linear_dilemma
from theory.pareto import independent as search
from theory.pareto import slack as pareto

C, D = 0, 1

# Two exploiters can each get 4 from the other: independent mixing reaches sqrt(u_1) + sqrt(u_2) <= 2 only.
EXPLOITATION = Game.bimatrix([[0, 4], [0, 0]], [[0, 0], [4, 0]])

# (0, 0) pays (1.5, 1.5); a lottery over the two last cells pays (2, 2), but mixing independently hits -10.
LOTTERY_NEEDED = Game.bimatrix(
    [[1.5, -10, -10], [-10, 4, -10], [-10, -10, 0]], [[1.5, -10, -10], [-10, 0, -10], [-10, -10, 4]]
)


def games(shape, low=-4, high=4):
    tensor = (len(shape), *shape)
    return arrays(np.float64, tensor, elements=st.integers(low, high).map(float)).map(Game)


def mixtures(n_actions):
    weights = st.lists(st.integers(0, 4), min_size=n_actions, max_size=n_actions).filter(any)
    return weights.map(lambda w: np.array(w) / sum(w))


def largest_gain_by_linear_program(outcomes, judged, units):
    gains = (outcomes - judged) / units
    result = linprog(
        -gains.sum(axis=1),
        A_ub=-gains.T,
        b_ub=np.full(len(judged), 1e-10),
        A_eq=np.ones((1, len(outcomes))),
        b_eq=[1],
    )
    return max(-result.fun, 0.0) if result.status == 0 else 0.0


# Textbook games


@pytest.mark.parametrize("within", ["lotteries", "independent", "pure"])
@pytest.mark.parametrize(
    ("name", "optimal"),
    [
        ("prisoners-dilemma", {(C, C), (C, D), (D, C)}),
        ("chicken", {(C, C), (C, D), (D, C)}),
        ("stag-hunt", {(C, C)}),
        ("deadlock", {(D, D), (C, D), (D, C)}),
        ("battle-of-the-sexes", {(0, 0), (1, 1)}),
        ("matching-pennies", set(product((0, 1), (0, 1)))),
    ],
)
def test_optimal_profiles_of_textbook_games(name, optimal, within):
    found = pareto_optimal_profiles(named_game(name), within)
    assert set(found) == optimal
    assert list(found) == sorted(found)


def test_alternation_dominates_mutual_cooperation():
    # T + S > 2R: condition 3 of Macy & Flache (2002) fails.
    game = Game.bimatrix([[3, 0], [7, 1]], [[3, 7], [0, 1]])
    assert (C, C) in pareto_optimal_profiles(game, "pure")
    assert (C, C) not in pareto_optimal_profiles(game)
    assert (C, C) not in pareto_optimal_profiles(game, "independent")
    slack = pareto_slack(game, [3, 3])
    assert slack.gain == pytest.approx(1)
    assert slack.dominating.sum() == pytest.approx(7)
    assert (slack.dominating >= 3 - 1e-12).all()


def test_ties_are_dominated():
    # Weak optimality would keep (0, 1): nobody can gain there without the other standing still.
    game = Game.bimatrix([[2, 2], [0, 2]], [[1, 0], [1, 1]])
    assert pareto_optimal_profiles(game) == ((0, 0), (1, 1))
    assert pareto_slack(game, [2, 0]).gain == 1
    np.testing.assert_array_equal(pareto_slack(game, [2, 0]).dominating, [2, 1])
    # A payoff that exceeds the best by rounding is the best.
    assert pareto_slack(game, [2 + 4e-16, 0]).gain == pytest.approx(1)


def test_optimal_within_independent_mixtures_but_not_within_lotteries():
    assert (0, 0) in pareto_optimal_profiles(LOTTERY_NEEDED, "independent")
    assert (0, 0) not in pareto_optimal_profiles(LOTTERY_NEEDED, "lotteries")
    slack = pareto_slack(LOTTERY_NEEDED, [1.5, 1.5])
    assert slack.gain == pytest.approx(1)
    np.testing.assert_allclose(slack.dominating.sum(), 4)
    assert pareto_slack(LOTTERY_NEEDED, [1.5, 1.5], within="independent").gain == 0
    assert pareto_slack(LOTTERY_NEEDED, [1.5, 1.5], within="independent").exact


def test_independently_mixed_and_pure_optimality_differ():
    # The two last rows mix to (4, 4) in the first column, but no pure profile dominates (3, 3).
    game = Game.bimatrix([[3, 0], [0, 0], [8, 0]], [[3, 0], [8, 0], [0, 0]])
    assert (0, 0) in pareto_optimal_profiles(game, "pure")
    assert (0, 0) not in pareto_optimal_profiles(game, "independent")
    slack = pareto_slack(game, [3, 3], within="independent")
    assert slack.gain == pytest.approx(2)
    assert slack.exact


# Slack in numbers


def test_slack_of_mutual_defection():
    slack = pareto_slack(named_game("prisoners-dilemma"), [1, 1])
    assert slack.gain == 4
    assert slack.relative_gain == 1  # 2 of 4 for each
    np.testing.assert_array_equal(slack.dominating, [3, 3])
    assert slack.exact
    assert slack.relative_gain_bound is None


def test_largest_total_gain_may_go_to_one_player():
    # From (0, 0) the sum is largest at (10, 1), where nobody has less.
    game = Game.bimatrix([[0, 10], [4, 0]], [[0, 1], [4, 0]])
    slack = pareto_slack(game, [0, 0])
    assert slack.gain == 11
    np.testing.assert_array_equal(slack.dominating, [10, 1])
    # In ranges of 10 and 4 player 2's gain of 4 counts 1, and (4, 4) is worth 1.4 rather than 1.25.
    assert slack.relative_gain == pytest.approx(1.4)
    # Holding player 2 to 2.5, halfway between (4, 4) and (10, 1), leaves (7, 2.5).
    slack = pareto_slack(game, [3, 2.5])
    assert slack.gain == pytest.approx(4)
    np.testing.assert_allclose(slack.dominating, [7, 2.5])
    slack = pareto_slack(game, [3, 2.5], within="pure")
    assert slack.gain == 2.5
    np.testing.assert_array_equal(slack.dominating, [4, 4])


@pytest.mark.parametrize("within", ["lotteries", "independent", "pure"])
def test_no_slack(within):
    game = named_game("prisoners-dilemma")
    for payoffs in ([3, 3], [0, 4], [5, 5], [4, 0], [-1, 5]):  # the last but one and last are not feasible
        slack = pareto_slack(game, payoffs, within=within)
        assert (slack.gain, slack.relative_gain, slack.exact) == (0, 0, True)
        np.testing.assert_array_equal(slack.dominating, payoffs)


def test_mixed_profiles_leave_a_little_on_the_table():
    game = named_game("prisoners-dilemma")
    almost = [[0.99, 0.01], [0.99, 0.01]]
    slack = pareto_slack(game, game.expected_payoffs(almost))
    # 3 - 2 * (0.0297 + ...): between nothing and a tenth, in full the distance of the sum from 6.
    assert slack.gain == pytest.approx(6 - game.expected_payoffs(almost).sum(), abs=1e-12)


def test_independent_mixing_in_a_game_of_exploitation():
    # u_1 = 4 p (1 - q) and u_2 = 4 (1 - p) q: (1, 1) is optimal, though a coin gives (2, 2).
    slack = pareto_slack(EXPLOITATION, [1, 1], within="independent")
    assert slack.gain == pytest.approx(0, abs=1e-9)
    assert pareto_slack(EXPLOITATION, [1, 1]).gain == pytest.approx(2)
    # With (1/4, 1) to keep, the curved frontier is best where player 1 just keeps it: sqrt(u_2) = 2 - 1/2.
    slack = pareto_slack(EXPLOITATION, [0.25, 1], within="independent")
    assert slack.gain == pytest.approx(1.25, abs=1e-9)
    np.testing.assert_allclose(slack.dominating, [0.25, 2.25], atol=1e-9)
    # Turned round, the second player's floor binds.
    slack = pareto_slack(EXPLOITATION, [1, 0.25], within="independent")
    np.testing.assert_allclose(slack.dominating, [2.25, 0.25], atol=1e-9)


def test_payoffs_that_never_vary_cannot_be_gained():
    game = Game.bimatrix([[2, 2], [2, 2]], [[0, 1], [5, 3]])
    for within in ("lotteries", "independent", "pure"):
        assert pareto_slack(game, [2, 1], within=within).gain == pytest.approx(4)
        assert pareto_slack(game, [2, 1], within=within).relative_gain == pytest.approx(0.8)
        assert pareto_optimal_profiles(game, within) == ((1, 0),)
    constant = Game(np.ones((2, 2, 2)))
    assert len(pareto_optimal_profiles(constant)) == 4
    assert pareto_slack(constant, [1, 1]).gain == 0


# Two players against independent computations


@settings(max_examples=examples(150), deadline=None)
@given(games((2, 3)), mixtures(6))
def test_lotteries_agree_with_linear_programs(game, lottery):
    outcomes = game.outcomes
    judged = lottery @ outcomes
    slack = pareto_slack(game, judged)
    units = np.where(game.payoff_range > 0, game.payoff_range, 1)
    assert slack.gain == pytest.approx(largest_gain_by_linear_program(outcomes, judged, np.ones(2)), abs=1e-7)
    assert slack.relative_gain == pytest.approx(
        largest_gain_by_linear_program(outcomes, judged, units), abs=1e-7
    )
    assert (slack.dominating >= judged - 1e-9).all()
    assert slack.dominating.sum() - judged.sum() == pytest.approx(slack.gain, abs=1e-9)


@settings(max_examples=examples(150), deadline=None)
@given(games((2, 2)), mixtures(2), mixtures(2))
def test_no_profile_of_a_grid_beats_independent_mixing(game, row, column):
    judged = game.expected_payoffs([row, column])
    slack = pareto_slack(game, judged, within="independent")
    p = np.linspace(0, 1, 81)
    weights = np.stack([p, 1 - p])
    grid = np.einsum("iab,ax,by->xyi", game.payoffs, weights, weights).reshape(-1, 2)
    dominating = grid[(grid >= judged - 1e-12).all(axis=1)]
    assert (dominating.sum(axis=1) - judged.sum()).max(initial=0.0) <= slack.gain + 1e-9
    assert slack.gain <= pareto_slack(game, judged).gain + 1e-9
    assert (slack.dominating >= judged - 1e-9).all()


@settings(max_examples=examples(60), deadline=None)
@given(games((2, 2)), mixtures(2), mixtures(2))
def test_closed_form_agrees_with_branch_and_bound(game, row, column):
    judged = game.expected_payoffs([row, column])
    slack = pareto_slack(game, judged, within="independent")
    found = search.IndependentSearch(game, judged, np.ones(2))
    found.run()
    assert found.value <= slack.relative_gain + 1e-9
    assert slack.relative_gain <= found.bound + 1e-9


@settings(max_examples=examples(100), deadline=None)
@given(games((2, 2)), st.sampled_from([(0, 0), (0, 1), (1, 0), (1, 1)]))
def test_pure_profiles_of_two_by_two_games_need_no_coin(game, profile):
    judged = game.payoffs[:, profile[0], profile[1]]
    alone = pareto_slack(game, judged, within="independent").relative_gain > 1e-9
    with_coin = pareto_slack(game, judged).relative_gain > 1e-9
    assert alone == with_coin
    assert (profile in pareto_optimal_profiles(game, "independent")) == (not alone)


@settings(max_examples=examples(60), deadline=None)
@given(games((3, 3)))
def test_larger_sets_dominate_more(game):
    pure = set(pareto_optimal_profiles(game, "pure"))
    lotteries = set(pareto_optimal_profiles(game))
    assert lotteries <= pure
    assert lotteries  # the outcome with the largest sum of a tie-break
    for profile in pure:
        payoffs = game.payoffs[:, profile[0], profile[1]]
        others = game.outcomes
        assert not ((others >= payoffs).all(axis=1) & (others > payoffs).any(axis=1)).any()


@settings(max_examples=examples(60), deadline=None)
@given(games((2, 2)), mixtures(4), st.tuples(st.floats(0.1, 50), st.floats(0.1, 50)), st.integers(-99, 99))
def test_relative_gain_is_invariant_and_profiles_follow(game, lottery, factors, shift):
    scaled = Game(game.payoffs * np.array(factors)[:, None, None] + shift)
    judged = lottery @ game.outcomes
    for within in ("lotteries", "independent", "pure"):
        before = pareto_slack(game, judged, within=within)
        after = pareto_slack(scaled, judged * factors + shift, within=within)
        assert after.relative_gain == pytest.approx(before.relative_gain, abs=1e-9)
        assert pareto_optimal_profiles(scaled, within) == pareto_optimal_profiles(game, within)
        swapped = pareto_slack(Game(game.payoffs[::-1].transpose(0, 2, 1)), judged[::-1], within=within)
        assert swapped.gain == pytest.approx(before.gain, abs=1e-9)
        relabelled = pareto_slack(Game(game.payoffs[:, ::-1]), judged, within=within)
        assert relabelled.gain == pytest.approx(before.gain, abs=1e-9)


# More players and larger games


def test_three_players():
    # A public good: each of three keeps 1 or gives 1 that pays everyone 0.6.
    giving = np.array(list(product((0, 1), repeat=3)))
    payoffs = (giving + 0.6 * (1 - giving).sum(axis=1, keepdims=True)).T.reshape(3, 2, 2, 2)
    game = Game(payoffs)
    slack = pareto_slack(game, [1, 1, 1])
    assert slack.gain == pytest.approx(3 * 0.8)
    assert slack.relative_gain == pytest.approx(2.4 / np.ptp(payoffs[0]))
    np.testing.assert_allclose(slack.dominating, [1.8] * 3, atol=1e-9)
    # Pure: nobody else may fall below what it keeps; one who keeps alone has 2.2.
    assert pareto_slack(game, [1, 1, 1], within="pure").gain == pytest.approx(2.4)
    assert pareto_slack(game, [1.2, 1, 1], within="pure").gain == pytest.approx(2.2)
    assert pareto_slack(game, [2.2, 1.2, 1.2]).gain == 0
    # Payoffs are linear in the probabilities, so that lotteries reach no more than independent mixing.
    for judged in ([1, 1, 1], [1.2, 1, 1.1], [1.8, 1.2, 1.3]):
        independent = pareto_slack(game, judged, within="independent")
        assert independent.exact
        assert independent.gain == pytest.approx(pareto_slack(game, judged).gain, abs=1e-6)
    optimal = pareto_optimal_profiles(game)
    assert optimal == tuple(p for p in game.pure_profiles() if p.count(D) < 2)
    assert pareto_optimal_profiles(game, "independent") == optimal
    # Two who keep 1.6 each are better off where all give.
    assert pareto_optimal_profiles(game, "pure") == optimal


@settings(max_examples=examples(12), deadline=None)
@given(games((2, 2, 2)), mixtures(8))
def test_three_players_agree_with_linear_programs(game, lottery):
    outcomes, units = game.outcomes, np.where(game.payoff_range > 0, game.payoff_range, 1)
    judged = lottery @ outcomes
    slack = pareto_slack(game, judged)
    assert slack.gain == pytest.approx(largest_gain_by_linear_program(outcomes, judged, np.ones(3)), abs=1e-6)
    assert slack.relative_gain == pytest.approx(
        largest_gain_by_linear_program(outcomes, judged, units), abs=1e-6
    )
    for k, profile in enumerate(game.pure_profiles()):
        dominated = largest_gain_by_linear_program(outcomes, outcomes[k], units) > 1e-6
        assert (profile in pareto_optimal_profiles(game)) == (not dominated)


@settings(max_examples=examples(25), deadline=None)
@given(games((2, 2)), mixtures(2), mixtures(2))
def test_an_action_twice_changes_nothing(game, row, column):
    judged = game.expected_payoffs([row, column])
    expected = pareto_slack(game, judged, within="independent")
    wider = Game(game.payoffs[:, [0, 1, 1]])
    found = pareto_slack(wider, judged, within="independent")
    assert found.relative_gain == pytest.approx(expected.relative_gain, abs=2e-6)


@settings(max_examples=examples(6), deadline=None)
@given(games((2, 2)), mixtures(2), mixtures(2))
def test_an_onlooker_changes_nothing(game, row, column):
    judged = game.expected_payoffs([row, column])
    onlooker = np.stack([game.payoffs[0], game.payoffs[1], np.ones((2, 2))])[..., None]
    found = pareto_slack(Game(onlooker), [*judged, 1], within="independent")
    expected = pareto_slack(game, judged, within="independent")
    assert found.gain <= expected.gain + 1e-6
    assert found.gain >= expected.gain - 1e-6 or not found.exact
    bound = found.relative_gain if found.exact else found.relative_gain_bound
    assert expected.relative_gain <= bound + 1e-6


@settings(max_examples=examples(25), deadline=None)
@given(games((3, 3)), mixtures(3), mixtures(3))
def test_search_is_bounded_by_lotteries_and_verified(game, row, column):
    judged = game.expected_payoffs([row, column])
    slack = pareto_slack(game, judged, within="independent")
    assert slack.relative_gain <= pareto_slack(game, judged).relative_gain + 1e-7
    assert (slack.dominating >= judged - 1e-8).all()
    p = np.array([w for w in product(range(5), repeat=3) if sum(w) == 4]) / 4
    grid = np.einsum("iab,xa,yb->xyi", game.payoffs, p, p).reshape(-1, 2)
    dominating = grid[(grid >= judged - 1e-12).all(axis=1)]
    best = (dominating.sum(axis=1) - judged.sum()).max(initial=0.0)
    assert best <= slack.gain + 1e-5 * game.payoff_range.sum() or not slack.exact


def test_a_search_without_end_says_so():
    slack = pareto.slack_by_search(LOTTERY_NEEDED, np.array([1.5, 1.5]), most_steps=0)
    assert slack.exact is False
    assert slack.relative_gain == 0
    assert 0 < slack.relative_gain_bound <= 1 / 14 + 1e-9
    with pytest.raises(
        ValueError, match=r"profile \(1, 1\) must be settled within 0 steps, got relative gain between 0 and"
    ):
        pareto.is_optimal_by_search(LOTTERY_NEEDED, 0, 1e-6, most_steps=0)


def test_a_search_stops_after_the_steps_it_is_allowed():
    # Half of each coin: (1, 1) is optimal among independent mixtures, which takes cuts around 1/2 to prove.
    judged = np.array([1.0, 1.0])
    full = search.IndependentSearch(EXPLOITATION, judged, np.ones(2))
    full.run()
    assert 10 < full.steps < 2000
    assert full.value <= full.bound <= full.value + 1e-6
    bounds = [full.bound]
    for steps in (9, 3):
        cut_short = search.IndependentSearch(EXPLOITATION, judged, np.ones(2), most_steps=steps)
        cut_short.run()
        assert cut_short.steps == steps
        bounds.append(cut_short.bound)
    # Every cut makes the bound better, from the lotteries' 1/2 on.
    assert bounds == sorted(bounds)
    assert bounds[-1] < 0.5
    # Whoever asks only whether 1/10 more can be had is answered sooner.
    asked = search.IndependentSearch(EXPLOITATION, judged, np.ones(2), enough=0.1)
    asked.run()
    assert asked.steps < full.steps
    assert asked.bound <= 0.1
    asked = search.IndependentSearch(EXPLOITATION, np.zeros(2), np.ones(2), enough=0.1)
    asked.run()
    assert asked.value > 0.1


def test_one_player_and_one_action():
    alone = Game([[1.0, 5, 5, 2]])
    for within in ("lotteries", "independent", "pure"):
        assert pareto_optimal_profiles(alone, within) == ((1,), (2,))
        assert pareto_slack(alone, [2], within=within).gain == pytest.approx(3)
    dictator = Game.bimatrix([[1, 5]], [[2, 2]])
    for within in ("lotteries", "independent", "pure"):
        assert pareto_optimal_profiles(dictator, within) == ((0, 1),)
        assert pareto_slack(dictator, [1, 2], within=within).gain == pytest.approx(4)


def test_many_outcomes():
    rng = np.random.default_rng(5)
    game = Game(rng.normal(size=(2, 60, 60)))
    pure = pareto_optimal_profiles(game, "pure")
    for profile in pure:
        payoffs = game.payoffs[(slice(None), *profile)]
        assert not (game.outcomes > payoffs).all(axis=1).any()
    frontier = pareto_optimal_profiles(game)
    assert set(frontier) < set(pure)
    sums = game.outcomes.sum(axis=1)
    assert np.unravel_index(int(sums.argmax()), (60, 60)) in [tuple(p) for p in frontier]


def test_a_game_without_tensor_answers_for_itself():
    dilemma = linear_dilemma(4, greed=1, fear=1)
    assert pareto_slack(dilemma, np.ones(4)).gain == pytest.approx(8)
    with pytest.raises(
        ValueError, match=r"game must have a payoff tensor, as a theory.Game has, got a LinearDilemma"
    ):
        pareto_optimal_profiles(dilemma)


def test_bad_arguments(monkeypatch):
    game = named_game("chicken")
    with pytest.raises(ValueError, match="unknown set of dominating outcomes 'lottery'; nearest: lotteries"):
        pareto_slack(game, [1, 1], within="lottery")
    with pytest.raises(
        ValueError, match="unknown set of dominating outcomes 'hull'; known: lotteries, indep"
    ):
        pareto_optimal_profiles(game, "hull")
    with pytest.raises(ValueError, match=r"payoffs must be 2 payoffs, got shape \(3,\)"):
        pareto_slack(game, [1, 1, 1])
    with pytest.raises(ValueError, match="payoffs must be finite, got nan"):
        pareto_slack(game, [1, np.nan])
    with pytest.raises(ValueError, match=r"tolerance must lie in \[0, inf\], got -0.1"):
        pareto_optimal_profiles(game, tolerance=-0.1)
    with pytest.raises(ValueError, match=r"tolerance must lie in \[1e-06, inf\], got 0"):
        pareto_optimal_profiles(game, "independent", tolerance=0)
    with pytest.raises(
        ValueError, match='at most 2 profiles can be compared with lotteries, got 3: use within="pure"'
    ):
        pareto.undominated_by_lotteries(Game(np.eye(3).reshape(3, 3, 1, 1)), [0, 1, 2], 1e-6, most=2)


def test_tolerance_forgives_small_gains():
    game = Game.bimatrix([[1, 0]], [[1, 1 + 1e-3]])
    assert pareto_optimal_profiles(game) == ((0, 0), (0, 1))
    nearly = Game.bimatrix([[1, 1 - 1e-3]], [[1, 0]])
    assert pareto_optimal_profiles(nearly) == ((0, 0),)
    cheap = Game.bimatrix([[1, 1 - 1e-3, 0]], [[1, 1, 0]])
    assert pareto_optimal_profiles(cheap) == ((0, 0),)
    for within in ("lotteries", "independent", "pure"):
        assert pareto_optimal_profiles(cheap, within, tolerance=2e-3) == ((0, 0), (0, 1))
