import json
import re
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import beta

from tests.examples import examples
from theory import Game, judge, named_game
from theory.equilibria.correlated import correlated_regrets
from theory.many_players.linear_dilemma import linear_dilemma
from theory.verdicts.facts import game_facts
from theory.verdicts.observed import Estimate, count_plays, judge_counts, judge_plays
from theory.verdicts.readings import correlated_reading, independence_is_refuted, independent_reading

MANY = 10**7


def bounded(estimate):
    """Return the smallest distance of the value from being between its bounds (0 if it is)."""
    return np.all((estimate.low <= estimate.value) & (estimate.value <= estimate.high))


def quantities(outcome):
    for field in fields(outcome):
        value = getattr(outcome, field.name)
        if hasattr(value, "is_at_most"):
            yield field.name, value


# Textbook outcomes, played so often that the data tell everything


def test_mutual_defection():
    verdict = judge_counts(named_game("prisoners-dilemma"), [[0, 0], [0, MANY]])
    independent, correlated = verdict.independent, verdict.correlated
    assert independent.label == "Pareto-dominated Nash equilibrium"
    assert correlated.label == "Pareto-dominated correlated equilibrium"
    for outcome in (independent, correlated):
        assert outcome.payoffs.value == pytest.approx([1, 1])
        assert outcome.is_equilibrium is True
        assert outcome.is_pareto_optimal is False
        assert outcome.is_individually_rational is True
        # Defection is dominant, so that there is no better equilibrium of either kind.
        assert outcome.is_welfare_optimal_equilibrium is True
        assert outcome.best_equilibrium_welfare == pytest.approx(2)
        assert outcome.pareto_slack.value == pytest.approx(4)
        assert outcome.pareto_dominating == pytest.approx([3, 3])
    assert verdict.independence_refuted is False


def test_mutual_cooperation_is_no_equilibrium():
    verdict = judge_counts(named_game("prisoners-dilemma"), [[MANY, 0], [0, 0]])
    for outcome in (verdict.independent, verdict.correlated):
        assert outcome.label == "Pareto-optimal, not an equilibrium"
        assert outcome.is_welfare_optimal_equilibrium is False
        assert outcome.pareto_dominating is None
        assert outcome.regrets.value == pytest.approx([1, 1])
        assert outcome.nash_bargaining_distance.value == pytest.approx(0)


def test_exploitation():
    verdict = judge_counts(named_game("prisoners-dilemma"), [[0, MANY], [0, 0]])
    for outcome in (verdict.independent, verdict.correlated):
        assert outcome.label.endswith("not an equilibrium, below the security level of player 1")
        assert outcome.is_individually_rational is False
        assert outcome.rationality_tolerance.value == pytest.approx(1 / 4)


def test_turns_are_a_correlated_equilibrium_but_no_profile():
    # Chicken of Table 3.2: one dares and one yields, each as often.
    verdict = judge_counts(named_game("chicken-3.2"), [[0, MANY], [MANY, 0]])
    assert verdict.independence_refuted is True
    assert verdict.correlated.is_equilibrium is True
    assert verdict.correlated.payoffs.value == pytest.approx([2.5, 2.5])
    # Read as independent mixtures of 1/2, each outcome has 1/4: (3 + 1 + 4 + 0) / 4 for each.
    assert verdict.independent.payoffs.value == pytest.approx([2, 2])
    assert verdict.independent.is_equilibrium is True
    assert verdict.independent.best_equilibrium_welfare == pytest.approx(5)
    assert verdict.independent.is_welfare_optimal_equilibrium is False
    # Aumann's (1974) lottery over three outcomes is best among correlated equilibria.
    assert verdict.correlated.best_equilibrium_welfare == pytest.approx(16 / 3)
    assert verdict.correlated.welfare_tolerance.value == pytest.approx((16 / 3 - 5) / 6)


def test_aumanns_correlated_equilibrium():
    # Aumann (1974): (C, C), (C, D), (D, C) with 1/3 each give 5 to each, the mixed equilibrium only 14/3.
    # The best has (C, C) with 1/2 and 5.25 for each.
    game = named_game("chicken-aumann")
    verdict = judge_counts(game, [[MANY, MANY], [MANY, 0]])
    assert verdict.correlated.payoffs.value == pytest.approx([5, 5])
    assert verdict.correlated.is_equilibrium is True
    assert verdict.correlated.best_equilibrium_welfare == pytest.approx(10.5)
    assert verdict.independent.payoffs.value == pytest.approx([14 / 3, 14 / 3])
    best = judge_counts(game, [[2 * MANY, MANY], [MANY, 0]])
    assert best.correlated.is_welfare_optimal_equilibrium is True
    assert best.correlated.label == "Pareto-dominated correlated equilibrium"
    beyond = judge_counts(game, [[3 * MANY, MANY], [MANY, 0]])
    assert beyond.correlated.is_equilibrium is False
    assert beyond.correlated.regrets.value == pytest.approx([1 / 5, 1 / 5])


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken", "stag-hunt", "battle-of-the-sexes"])
@pytest.mark.parametrize("profile", [([1, 0], [0, 1]), ([0, 1], [0, 1]), ([0.5, 0.5], [0.25, 0.75])])
def test_independent_reading_of_much_data_is_the_verdict_on_the_profile(name, profile):
    game = named_game(name)
    counts = np.round(MANY * np.multiply.outer(*profile))
    read = judge_counts(game, counts).independent
    exact = judge(game, profile, tolerance=0.02)
    assert read.label == exact.label
    assert read.payoffs.value == pytest.approx(exact.payoffs)
    assert read.regrets.value == pytest.approx(exact.regrets)
    assert read.welfare_index.value == pytest.approx(exact.welfare_index)
    assert read.is_welfare_optimal_equilibrium == exact.is_welfare_optimal_nash
    for theirs, ours in (
        ("nash_tolerance", "equilibrium_tolerance"),
        ("pareto_tolerance",) * 2,
        ("rationality_tolerance",) * 2,
        ("welfare_tolerance",) * 2,
        ("nash_bargaining_distance",) * 2,
        ("kalai_smorodinsky_distance",) * 2,
        ("pareto_slack",) * 2,
    ):
        estimate = getattr(read, ours)
        assert estimate.value == pytest.approx(getattr(exact, theirs), abs=1e-9)
        assert estimate.high - estimate.low < 0.02


def test_more_rounds_settle_more():
    game = named_game("prisoners-dilemma")
    few, some, many = (judge_counts(game, [[0, 0], [0, n]]) for n in (20, 100, 1000))
    assert few.correlated.label == "Pareto-dominated, the data cannot tell whether an equilibrium"
    assert few.correlated.is_equilibrium is None
    assert some.correlated.is_equilibrium is True
    widths = [v.correlated.welfare.high - v.correlated.welfare.low for v in (few, some, many)]
    assert widths[0] > 3 * widths[1] > 9 * widths[2]


def test_what_the_data_cannot_tell():
    game = named_game("chicken")
    assert judge_counts(game, [[1, 0], [0, 0]]).independent.label == "the data cannot tell"
    # Close to the Pareto frontier, far from an equilibrium.
    nearly = judge_counts(game, [[1000, 5], [5, 0]], tolerance=0.01)
    assert nearly.correlated.is_equilibrium is False
    assert nearly.correlated.is_pareto_optimal is None
    assert nearly.correlated.label == "not an equilibrium, the data cannot tell whether Pareto-optimal"
    # The slack adds up what both miss, so that it is harder to bound than a regret.
    equilibrium = judge_counts(named_game("stag-hunt"), [[300, 0], [0, 0]], tolerance=0.02)
    assert equilibrium.independent.is_equilibrium is True
    assert equilibrium.independent.label == "Nash equilibrium, the data cannot tell whether Pareto-optimal"


def test_pareto_optimality_can_be_settled_before_equilibrium():
    few = judge_counts(named_game("matching-pennies"), [[3, 2], [2, 3]])
    assert few.correlated.label == "Pareto-optimal, the data cannot tell whether an equilibrium"


def test_an_estimate_settles_what_both_bounds_agree_on():
    estimate = Estimate(0.5, 0.25, 0.75)
    assert [estimate.is_at_most(limit) for limit in (0.2, 0.25, 0.5, 0.75, 1)] == [
        False,
        None,
        None,
        True,
        True,
    ]


def test_slack_is_at_least_what_the_best_payoffs_that_the_data_allow_leave():
    # (3, 3) dominates all that 500 rounds of mutual defection allow, with a total of 6.
    outcome = judge_counts(named_game("prisoners-dilemma"), [[0, 0], [0, 500]]).correlated
    assert outcome.pareto_slack.low == pytest.approx(6 - outcome.welfare.high)
    assert outcome.pareto_slack.high == pytest.approx(6 - outcome.welfare.low)


def test_frontier_can_be_settled_although_the_shares_are_not():
    # In the Battle of the Sexes any lottery over the two meetings is efficient, whatever their shares.
    verdict = judge_counts(named_game("battle-of-the-sexes"), [[210, 0], [0, 190]], tolerance=0.05)
    assert verdict.correlated.is_pareto_optimal is True
    assert verdict.correlated.label == "welfare-optimal correlated equilibrium"
    assert verdict.correlated.payoffs.high[0] - verdict.correlated.payoffs.low[0] > 0.1
    assert verdict.correlated.pareto_slack.high < 0.1


def test_confidence_and_tolerance_matter():
    game = named_game("prisoners-dilemma")
    counts = [[0, 3], [2, 195]]
    wide, narrow = judge_counts(game, counts, confidence=0.99), judge_counts(game, counts, confidence=0.6)
    assert wide.correlated.welfare.low < narrow.correlated.welfare.low
    assert wide.correlated.welfare.high > narrow.correlated.welfare.high
    assert (wide.confidence, narrow.confidence) == (0.99, 0.6)
    assert judge_counts(game, counts, tolerance=0.001).correlated.is_equilibrium is not True
    assert judge_counts(game, counts, tolerance=0.2).correlated.is_equilibrium is True


def test_senses_of_domination():
    # T + S > 2 R: turns dominate mutual cooperation, no single outcome does.
    game = Game.bimatrix([[3, 0], [8, 1]], [[3, 8], [0, 1]])
    counts = [[MANY, 0], [0, 0]]
    assert judge_counts(game, counts).correlated.is_pareto_optimal is False
    pure = judge_counts(game, counts, within="pure")
    assert pure.correlated.is_pareto_optimal is True
    assert pure.within == "pure"


def test_disagreement_point():
    game = named_game("chicken-3.2")
    verdict = judge_counts(game, [[1, 2], [3, 4]], disagreement="defection")
    assert verdict.disagreement == "defection"
    assert verdict.disagreement_point == pytest.approx([0, 0])
    assert verdict.security_levels == pytest.approx([1, 1])
    nowhere = judge_counts(game, [[1, 2], [3, 4]], disagreement=[9, 9])
    assert nowhere.correlated.nash_bargaining_distance is None
    assert "Bargaining points are unknown" in nowhere.note


def test_constant_welfare():
    verdict = judge_counts(named_game("matching-pennies"), [[50, 50], [50, 50]])
    assert verdict.correlated.welfare_index is None
    assert verdict.correlated.pareto_slack.high == pytest.approx(0, abs=1e-9)
    assert verdict.correlated.welfare_tolerance.value == pytest.approx(0)


# Bounds


THREE_PLAYERS = np.random.default_rng(0).normal(size=(3, 2, 2, 2))
small_games = st.one_of(
    st.just(THREE_PLAYERS),
    arrays(np.float64, (2, 2, 2), elements=st.integers(-3, 3).map(float)),
    arrays(np.float64, (2, 2, 3), elements=st.integers(-3, 3).map(float)),
)


@given(small_games, st.integers(0, 2**32 - 1), st.integers(1, 400))
@settings(max_examples=examples(40), deadline=None)
def test_estimates_lie_between_their_bounds(payoffs, seed, rounds):
    rng = np.random.default_rng(seed)
    game = Game(payoffs)
    shares = rng.dirichlet(np.full(int(np.prod(game.n_actions)), 0.4))
    counts = rng.multinomial(rounds, shares).reshape(game.n_actions)
    verdict = judge_counts(game, counts)
    for outcome in (verdict.correlated, verdict.independent):
        for name, estimate in quantities(outcome):
            assert bounded(estimate), name
    assert verdict.correlated.regrets.value == pytest.approx(
        correlated_regrets(game, counts / rounds), abs=1e-9
    )


@given(small_games, st.integers(0, 2**32 - 1), st.integers(1, 60))
@settings(max_examples=examples(40), deadline=None)
def test_bounds_hold_for_every_distribution_that_they_allow(payoffs, seed, rounds):
    rng = np.random.default_rng(seed)
    game = Game(payoffs)
    facts = game_facts(game)
    counts = rng.multinomial(rounds, rng.dirichlet(np.ones(int(np.prod(game.n_actions)))))
    verdict = judge_counts(game, counts.reshape(game.n_actions))
    bounds = correlated_reading(game, counts.reshape(game.n_actions), error=0.05).bounds
    corners = bounds.corners()
    for _ in range(5):
        truth = rng.dirichlet(np.full(len(corners), 0.3)) @ corners
        outcome = verdict.correlated
        u = truth @ game.outcomes
        slack = facts.slack(u - facts.lowest)
        check(outcome.payoffs, u)
        check(outcome.regrets, correlated_regrets(game, truth.reshape(game.n_actions)))
        check(outcome.welfare, u.sum())
        check(outcome.pareto_slack, slack.gain)
        check(outcome.pareto_tolerance, slack.relative_gain)


def check(estimate, truth):
    assert np.all(estimate.low <= truth + 1e-7)
    assert np.all(truth <= estimate.high + 1e-7)


def true_quantities(game, distribution, profile):
    """Return the true payoffs, regrets and slack of a distribution, or of a profile."""
    facts = game_facts(game)
    if profile is None:
        u, regrets = distribution.ravel() @ game.outcomes, correlated_regrets(game, distribution)
    else:
        u, regrets = game.expected_payoffs(profile), game.regrets(profile)
    slack = facts.slack(u - facts.lowest)
    return {"payoffs": u, "regrets": regrets, "welfare": u.sum(), "pareto_slack": slack.gain}


def misses(outcome, truth):
    return any(
        np.any(value < getattr(outcome, name).low - 1e-9)
        or np.any(value > getattr(outcome, name).high + 1e-9)
        for name, value in truth.items()
    )


@pytest.mark.slow
@pytest.mark.parametrize("rounds", [10, 500])
@pytest.mark.parametrize("profile", [([0.5, 0.5], [0.5, 0.5]), ([0.9, 0.1], [0.02, 0.98]), ([1, 0], [0, 1])])
def test_all_bounds_hold_at_once_as_often_as_promised(rounds, profile):
    # 80% confidence, 120 repetitions: with a true error rate of 20% more than 43 misses (z = 4.3) have
    # probability below 1e-4. Seeds are fixed.
    rng = np.random.default_rng([rounds, int(100 * profile[0][0])])
    game = named_game("chicken")
    product = np.multiply.outer(*profile)
    missed = np.zeros(2, dtype=int)
    for _ in range(120):
        counts = rng.multinomial(rounds, product.ravel()).reshape(2, 2)
        verdict = judge_counts(game, counts, confidence=0.8)
        missed[0] += misses(verdict.correlated, true_quantities(game, product, None))
        missed[1] += misses(verdict.independent, true_quantities(game, None, profile))
    assert (missed <= 43).all()


@pytest.mark.slow
def test_independence_is_rarely_refuted_wrongly():
    # 10% error, 400 repetitions: more than 70 wrong answers (z = 5) have probability below 1e-6.
    rng = np.random.default_rng(8)
    wrong = 0
    for _ in range(400):
        profile = rng.dirichlet([0.7, 0.7], size=2)
        counts = rng.multinomial(200, np.multiply.outer(*profile).ravel()).reshape(2, 2)
        wrong += independence_is_refuted(counts.astype(float), error=0.1)
    assert wrong <= 70


def test_coverage_is_exact_for_two_rounds():
    # All possible data of a short record, weighted by their probabilities: nothing is left to chance.
    game = named_game("prisoners-dilemma")
    distribution = np.array([[0.4, 0.1], [0.2, 0.3]])
    truth = true_quantities(game, distribution, None)
    covered = 0.0
    for first in range(4):
        for second in range(4):
            counts = np.zeros(4)
            counts[first] += 1
            counts[second] += 1
            if not misses(judge_counts(game, counts.reshape(2, 2), confidence=0.6).correlated, truth):
                covered += distribution.ravel()[first] * distribution.ravel()[second]
    assert covered >= 0.6


def test_independence_by_hand():
    assert independence_is_refuted(np.array([[50.0, 0], [0, 50]]), error=0.05)
    assert not independence_is_refuted(np.array([[2.0, 0], [0, 2]]), error=0.05)
    assert not independence_is_refuted(np.array([[25.0, 25], [25, 25]]), error=0.05)
    # Three players of whom any two are independent: the third follows the parity of the others.
    parity = np.indices((2, 2, 2)).sum(axis=0) % 2 * 100.0
    assert independence_is_refuted(parity, error=0.05)


def clopper_pearson(seen, draws, tail):
    low = beta.ppf(tail, seen, draws - seen + 1) if seen else 0.0
    high = beta.ppf(1 - tail, seen + 1, draws - seen) if seen < draws else 1.0
    return low, high


@pytest.mark.parametrize("errors", [0.05, 0.4])
def test_independence_is_refuted_from_the_first_round_on_that_can(errors):
    # Two players who always do the same, n times each action. Half of the error is for the four outcomes, a quarter
    # for each player; each interval has two sides.
    for n in range(1, 40):
        same, differ = (clopper_pearson(seen, 2 * n, errors / 2 / 8) for seen in (n, 0))
        low, high = clopper_pearson(n, 2 * n, errors / 4 / 2)
        refuted = high**2 < same[0] or low**2 > differ[1]
        assert independence_is_refuted(np.array([[n, 0.0], [0, n]]), error=errors) == refuted
    assert refuted


def test_independent_reading_has_a_bound_on_its_corners():
    counts = np.ones((2, 2))
    assert independent_reading(named_game("chicken"), counts, error=0.05, most_corners=4) is not None
    assert independent_reading(named_game("chicken"), counts, error=0.05, most_corners=3) is None


def test_game_with_too_many_actions_for_corners():
    game = Game(np.zeros((2, 12, 2)))
    verdict = judge_counts(game, np.ones((12, 2)))
    assert verdict.independent is None
    assert "too large to be read as independent mixtures" in verdict.note
    assert verdict.to_dict()["independent"] is None
    assert verdict.correlated.is_equilibrium is True


def test_best_correlated_equilibrium_may_be_unknown(monkeypatch):
    def too_large(game):
        raise ValueError("too large")

    monkeypatch.setattr("theory.verdicts.observed.welfare_optimal_correlated_equilibrium", too_large)
    verdict = judge_counts(named_game("chicken"), [[0, MANY], [0, 0]])
    assert verdict.correlated.best_equilibrium_welfare is None
    assert verdict.correlated.welfare_tolerance is None
    assert verdict.correlated.is_welfare_optimal_equilibrium is None
    assert verdict.correlated.label == "Pareto-optimal correlated equilibrium, welfare optimality unknown"
    assert "The best correlated equilibrium is unknown: too large." in verdict.note
    assert verdict.independent.is_welfare_optimal_equilibrium is True


def test_units_and_shifts_change_no_answer():
    rng = np.random.default_rng(4)
    for _ in range(10):
        payoffs = rng.integers(-3, 4, size=(2, 2, 2)).astype(float)
        counts = rng.multinomial(150, rng.dirichlet(np.ones(4))).reshape(2, 2)
        first = judge_counts(Game(payoffs), counts)
        second = judge_counts(Game(3 * payoffs + 100), counts)
        for one, other in ((first.correlated, second.correlated), (first.independent, second.independent)):
            assert one.label == other.label
            assert other.pareto_slack.high == pytest.approx(3 * one.pareto_slack.high, abs=1e-6)
            assert other.pareto_tolerance.low == pytest.approx(one.pareto_tolerance.low, abs=1e-7)
            assert other.welfare.low == pytest.approx(3 * one.welfare.low + 200)


# Ways to give plays


def test_plays_by_round_and_by_player_and_by_name():
    game = named_game("prisoners-dilemma")
    rounds = [(0, 0), (0, 1), (1, 1), (1, 1)]
    expected = np.array([[1, 1], [0, 2]])
    assert (count_plays(game, rounds) == expected).all()
    assert (count_plays(game, np.array(rounds)) == expected).all()
    assert (count_plays(game, np.array(rounds, dtype=float)) == expected).all()
    assert (count_plays(game, np.array(rounds).T, by_player=True) == expected).all()
    assert (count_plays(game, ["CDDD", "CDDD"], by_player=True) == [[1, 0], [0, 3]]).all()
    assert (count_plays(game, [("C", "C"), ("C", "D"), ("D", "D"), ("D", 1)]) == expected).all()
    verdict = judge_plays(game, rounds)
    assert verdict.rounds == 4
    assert (verdict.counts == expected).all()
    assert verdict.to_dict() == judge_counts(game, expected).to_dict()


def test_options_reach_the_verdict():
    verdict = judge_plays(
        named_game("chicken"),
        [[0, 0], [1, 1]],
        by_player=True,
        confidence=0.9,
        tolerance=0.1,
        disagreement="defection",
        within="pure",
    )
    assert (verdict.rounds, verdict.confidence, verdict.tolerance) == (2, 0.9, 0.1)
    assert (verdict.disagreement, verdict.within) == ("defection", "pure")
    assert verdict.counts.tolist() == [[0, 2], [0, 0]]


def test_explanation():
    text = judge_counts(named_game("chicken"), [[0, 500], [500, 0]]).explanation
    assert text.startswith("Chicken, 1000 rounds, all bounds at 95% confidence. ")
    assert "Read as a correlated outcome: Pareto-dominated correlated equilibrium." in text
    assert "Read as independent mixtures: " in text
    assert "Payoffs are about (2.75, 2.75), welfare 5.5 (" in text
    assert "The players did not mix independently" in text
    few = judge_counts(Game(named_game("chicken").payoffs), [[1, 0], [0, 0]])
    assert few.explanation.startswith("This play, 1 rounds")
    assert "With a tolerance of 0.02, more rounds would be needed to tell." in few.explanation
    settled = judge_counts(named_game("prisoners-dilemma"), [[0, 0], [0, MANY]]).explanation
    assert "more rounds" not in settled
    assert "did not mix" not in settled


def test_plain_values():
    verdict = judge_counts(named_game("battle-of-the-sexes"), [[1, 2], [3, 4]])
    plain = verdict.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["correlated"]["payoffs"]["value"] == verdict.correlated.payoffs.value.tolist()
    assert plain["explanation"] == verdict.explanation
    assert plain["counts"] == [[1, 2], [3, 4]]
    assert plain["players"] == ["player 1", "player 2"]


# Bad input


@pytest.mark.parametrize(
    ("plays", "message"),
    [
        ([], "plays must hold at least one round, got none"),
        ([(0, 0, 0)], "an action of each of 2 players in every round, got those of 3 in 1 rounds"),
        ([(0, 0), (1,)], "plays must give an action of every player in every round"),
        ([(0, 0), (0, 2)], "actions of player 2 must be one of C, D or a position below 2, got 2 in round 1"),
        ([("C", "c")], "actions of player 2 must be one of C, D or a position below 2, got 'c' in round 0"),
        ([(0, -1)], "got -1 in round 0"),
        ([(0, 0.5)], "got 0.5 in round 0"),
        ([(0, [1])], "got [1] in round 0"),
        (
            [(0, 0), (np.nan, 0)],
            "actions of player 1 must be one of C, D or a position below 2, got nan in round 1",
        ),
        ([1, 2], "plays must give an action of every player in every round"),
    ],
)
def test_bad_plays(plays, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        judge_plays(named_game("prisoners-dilemma"), plays)


def test_bad_sequences_of_players():
    game = named_game("prisoners-dilemma")
    with pytest.raises(ValueError, match=re.escape("got those of 2 in 1 or 2 rounds")):
        count_plays(game, [[0, 0], [1]], by_player=True)
    with pytest.raises(ValueError, match="at least one round"):
        count_plays(game, [[], []], by_player=True)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1, 2, 3, 4], "counts must have shape (2, 2), got (4,)"),
        ([[1, -2], [3, 4]], "counts must be whole numbers from 0, not all 0, got [1.0, -2.0, 3.0, 4.0]"),
        ([[0.5, 2], [3, 4]], "counts must be whole numbers from 0"),
        ([[0, 0], [0, 0]], "counts must be whole numbers from 0, not all 0"),
        ([[np.nan, 0], [0, 1]], "counts must be finite"),
    ],
)
def test_bad_counts(counts, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        judge_counts(named_game("prisoners-dilemma"), counts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"confidence": 0.3}, "confidence must lie in [0.5, 1], got 0.3"),
        ({"confidence": 1.0}, "confidence must lie in [0.5, 1], got 1"),
        ({"tolerance": -1}, "tolerance must lie in [0, 1], got -1"),
        ({"within": "lottery"}, "unknown set of dominating outcomes"),
        ({"disagreement": "securty"}, "unknown disagreement point"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        judge_counts(named_game("prisoners-dilemma"), [[1, 0], [0, 0]], **options)


def test_games_without_a_tensor_are_refused():
    with pytest.raises(
        ValueError,
        match=re.escape("game must have a payoff tensor, as a theory.Game has, got a LinearDilemma"),
    ):
        judge_plays(linear_dilemma(3, greed=1, fear=1), [(0, 0, 0)])
