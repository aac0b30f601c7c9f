import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.altruism.counterexamples import altruism_counterexamples
from theory.altruism.effects import (
    SEPARABLE,
    SEPARABLE_LOGIT,
    SOCIAL_OPTIMUM,
    STRICT,
    Guarantee,
    has_unique_strict_equilibrium,
    monotonicity,
)
from theory.altruism.payoff_surfaces import surfaces
from theory.equilibria.nash import nash_equilibria
from theory.games.catalogue import named_game
from theory.games.game import Game

PD = named_game("prisoners-dilemma-3.2")
CASES = {case.name: case for case in altruism_counterexamples()}
GRID = [0, 0.25, 0.5, 0.75, 1]

games = arrays(np.float64, (2, 2, 2), elements=st.integers(0, 7).map(float)).map(Game)
effects = st.tuples(*[arrays(np.float64, n, elements=st.integers(-6, 6).map(float)) for n in (3, 2, 3, 2)])


def separable_game(parts) -> Game:
    return Game.bimatrix(parts[0][:, None] + parts[1], parts[2][:, None] + parts[3])


def verdicts(found):
    return {(claim.payoff, claim.weight): claim.holds for claim in found.claims}


def test_the_six_claims_of_the_thesis():
    found = monotonicity(PD, GRID, GRID)
    assert [claim.statement for claim in found.claims] == [
        "V1 falls in alpha",
        "V1 rises in beta",
        "V2 rises in alpha",
        "V2 falls in beta",
        "W rises in alpha",
        "W rises in beta",
    ]
    assert found.holds is True
    assert found.claim("W", "beta") is found.claims[5]
    assert found.surfaces.alphas.tolist() == GRID


@pytest.mark.parametrize("selection", ["best-reply", "best-equilibrium", "worst-equilibrium"])
def test_separable_payoffs_guarantee_all_claims(selection):
    found = monotonicity(PD, GRID, GRID, selection=selection)
    assert {claim.theorem for claim in found.claims} == {SEPARABLE}
    assert all(claim.counterexample is None for claim in found.claims)


@settings(max_examples=examples(30), deadline=None)
@given(effects, st.sampled_from(["best-reply", "best-equilibrium", "worst-equilibrium"]))
def test_separable_payoffs_make_all_claims_true(parts, selection):
    found = monotonicity(separable_game(parts), GRID, GRID, selection=selection)
    assert found.holds is True
    assert {claim.theorem for claim in found.claims} == {SEPARABLE}


@settings(max_examples=examples(25), deadline=None)
@given(effects, st.sampled_from([0.3, 1.0]))
def test_what_is_promised_of_logit_replies_holds(parts, rationality):
    found = monotonicity(
        separable_game(parts),
        [0, 0.3, 1],
        [0, 0.6, 1],
        selection="logit",
        rationality=rationality,
        tolerance=1e-7,
    )
    promised = {("V2", "alpha"), ("V1", "beta")}
    assert promised <= {(c.payoff, c.weight) for c in found.claims if c.theorem == SEPARABLE_LOGIT}
    for player, weight, own in ((0, "alpha", "V1"), (1, "beta", "V2")):
        a = parts[0] if player == 0 else parts[3]
        b = parts[2] if player == 0 else parts[1]
        da, db = np.subtract.outer(a, a), np.subtract.outer(b, b)
        for payoff, sufficient in ((own, (da * db <= 0).all()), ("W", ((da + db) * db >= 0).all())):
            claim = found.claim(payoff, weight)
            assert (claim.theorem == SEPARABLE_LOGIT) == sufficient
            assert claim.holds or not sufficient


def test_logit_replies_can_raise_the_own_payoff_in_a_separable_game():
    # What helps the other helps oneself: careless play gets better as one cares more.
    game = Game.bimatrix([[1, 1], [0, 0]], [[1, 1], [0, 0]])
    found = monotonicity(game, [0, 1], [0], selection="logit", rationality=1)
    assert found.claim("V1", "alpha").holds is False
    assert found.claim("V1", "alpha").theorem is None
    assert found.claim("V2", "alpha").theorem == SEPARABLE_LOGIT
    assert found.claim("W", "alpha").theorem == SEPARABLE_LOGIT


def test_logit_replies_can_lower_welfare_in_a_separable_game():
    # Each unit for the other costs two.
    game = Game.bimatrix([[-2, -2], [0, 0]], [[1, 1], [0, 0]])
    found = monotonicity(game, [0, 0.5], [0], selection="logit", rationality=1)
    assert found.claim("W", "alpha").holds is False
    assert found.claim("V1", "alpha").theorem == SEPARABLE_LOGIT


@pytest.mark.parametrize(
    ("name", "selection", "refuted"),
    [
        ("own-payoff-rises", "best-equilibrium", ("V1", "alpha")),
        ("welfare-falls", "best-equilibrium", ("W", "alpha")),
        ("other-payoff-falls", "best-equilibrium", ("V2", "alpha")),
        ("bad-equilibrium-appears", "worst-equilibrium", ("W", "alpha")),
        ("mixed-equilibrium", "best-equilibrium", ("W", "alpha")),
    ],
)
def test_counterexamples_are_found(name, selection, refuted):
    case = CASES[name]
    alphas, betas = sorted({case.before[0], case.after[0]}), sorted({case.before[1], case.after[1]})
    found = monotonicity(case.game, alphas, betas, selection=selection)
    claim = found.claim(*refuted)
    assert found.holds is False
    assert claim.holds is False
    assert claim.theorem is None
    counterexample = claim.counterexample
    assert counterexample.violation > 0
    if name in {"own-payoff-rises", "welfare-falls", "other-payoff-falls", "mixed-equilibrium"}:
        assert (counterexample.before, counterexample.after) == (case.before, case.after)
        assert counterexample.payoffs_before == pytest.approx(case.payoffs_before)
        assert counterexample.payoffs_after == pytest.approx(case.payoffs_after)


def test_a_counterexample_shows_its_equilibria():
    found = monotonicity(CASES["welfare-falls"].game, [0, 1], [0])
    shown = found.claim("W", "alpha").counterexample
    assert (shown.before, shown.after) == ((0, 0), (1, 0))
    assert [m.tolist() for m in shown.profile_before] == [[0, 1], [0, 1]]
    assert [m.tolist() for m in shown.profile_after] == [[1, 0], [1, 0]]
    assert shown.payoffs_before.tolist() == [4, 1]
    assert shown.payoffs_after.tolist() == [0, 4]
    assert shown.violation == 1
    assert verdicts(found)["V1", "alpha"] is True


def test_the_mirrored_game_refutes_the_mirrored_claim():
    game = CASES["welfare-falls"].game
    mirrored = Game(game.payoffs[::-1].transpose(0, 2, 1))
    found = monotonicity(mirrored, [0], [0, 1])
    shown = found.claim("W", "beta").counterexample
    assert (shown.before, shown.after) == ((0, 0), (0, 1))
    assert shown.payoffs_after.tolist() == [4, 0]
    assert found.claim("V2", "beta").holds is True


def test_the_smallest_counterexample_has_the_smallest_step_and_then_the_largest_violation():
    # V1 jumps up at alpha = 1/4 (thesis weights of the counterexample), whatever the grid.
    game = CASES["own-payoff-rises"].game
    coarse = monotonicity(game, [0, 0.2, 1], [0]).claim("V1", "alpha").counterexample
    assert (coarse.before, coarse.after) == ((0.2, 0), (1, 0))
    fine = monotonicity(game, [0, 0.2, 0.3, 1], [0]).claim("V1", "alpha").counterexample
    assert (fine.before, fine.after) == ((0.2, 0), (0.3, 0))
    chicken = named_game("chicken")
    found = monotonicity(chicken, GRID, GRID)
    values = found.surfaces.W.data
    shown = found.claim("W", "alpha").counterexample
    drops = [(values[k, j] - values[k + 1, j], GRID[k], GRID[j]) for k in range(4) for j in range(5)]
    assert shown.violation == pytest.approx(max(drops)[0])
    assert shown.after[0] - shown.before[0] == 0.25
    assert (shown.violation, *shown.before) in [pytest.approx(drop) for drop in drops]


def test_a_violation_over_two_unknown_points_is_found():
    # Best-reply play circles at medium weights only.
    game = CASES["mixed-equilibrium"].game
    found = monotonicity(game, GRID, [0], selection="best-reply")
    assert found.holds is None or found.holds is False
    assert not found.surfaces.known.all()


def test_unknown_equilibria_leave_claims_open():
    found = monotonicity(named_game("matching-pennies"), [0, 0.5, 1], [0, 0.5, 1], selection="best-reply")
    assert found.surfaces.known.any()
    assert found.holds is None
    assert {claim.holds for claim in found.claims} == {None}
    assert {claim.theorem for claim in found.claims} == {None}


def test_a_counterexample_counts_even_if_others_are_unknown(monkeypatch):
    from types import SimpleNamespace

    solve = nash_equilibria

    def sometimes(game):
        found = solve(game)
        unknown = 0.2 < game.payoffs[0, 0, 0] / 3 < 0.9
        return SimpleNamespace(profiles=found.profiles, complete=not unknown)

    monkeypatch.setattr("theory.altruism.payoff_surfaces.nash_equilibria", sometimes)
    found = monotonicity(CASES["own-payoff-rises"].game, [0, 0.1, 0.5, 1], [0])
    assert found.surfaces.known[:, 0].tolist() == [True, True, False, True]
    shown = found.claim("V1", "alpha").counterexample
    assert (shown.before, shown.after) == ((0.1, 0), (1, 0))
    assert found.claim("V1", "alpha").holds is False
    assert found.claim("V1", "beta").holds is None
    assert found.holds is False


def test_tolerance_is_a_share_of_the_payoffs_range():
    game = CASES["welfare-falls"].game  # W falls from 5 to 4, of a range from 1 to 6
    assert monotonicity(game, [0, 1], [0], tolerance=0.19).claim("W", "alpha").holds is False
    assert monotonicity(game, [0, 1], [0], tolerance=0.21).claim("W", "alpha").holds is True


def test_unique_strict_equilibria():
    assert has_unique_strict_equilibrium(PD)
    assert has_unique_strict_equilibrium(named_game("harmony"))
    assert not has_unique_strict_equilibrium(named_game("stag-hunt"))
    assert not has_unique_strict_equilibrium(named_game("chicken"))
    assert not has_unique_strict_equilibrium(named_game("matching-pennies"))
    # One pure equilibrium that is not strict; a strict one beside a weak one.
    assert not has_unique_strict_equilibrium(Game.bimatrix([[1, 0], [1, 1]], [[1, 0], [0, 1]]))
    assert not has_unique_strict_equilibrium(Game.bimatrix([[2, 0], [0, 0]], [[2, 0], [0, 0]]))


@settings(max_examples=examples(200), deadline=None)
@given(games)
def test_a_unique_strict_equilibrium_is_the_only_one(game):
    found = nash_equilibria(game)
    if has_unique_strict_equilibrium(game):
        assert len(found.profiles) == 1
        assert not found.continuum
        assert all(mixture.max() == 1 for mixture in found.profiles[0])


@settings(max_examples=examples(200), deadline=None)
@given(games, st.sampled_from(GRID[:-1]), st.sampled_from([0, 0.3, 1]))
def test_unique_strict_equilibria_keep_what_is_proved_of_them(game, alpha, beta):
    later = alpha + 0.25
    if not all(has_unique_strict_equilibrium(game.altruistic(a, beta)) for a in (alpha, later)):
        return
    found = surfaces(game, [alpha, later], [beta])
    (v1, w1), (v2, w2) = found.V1.data[:, 0], found.V2.data[:, 0]
    assert not (w1 < v1 and w2 < v2)
    if beta == 0:
        assert w2 >= v2
    if beta == 1:
        assert w1 + w2 >= v1 + v2 - 1e-9


def test_guarantees_of_the_prisoners_dilemma():
    found = monotonicity(PD, [0, 0.2, 1], [0, 0.2, 1])
    assert found.guarantees == (
        Guarantee(STRICT, "V1 and V2 never both fall where one weight rises"),
        Guarantee(STRICT, "V2 rises in alpha where beta = 0"),
        Guarantee(STRICT, "W rises in alpha where beta = 1"),
        Guarantee(STRICT, "V1 rises in beta where alpha = 0"),
        Guarantee(STRICT, "W rises in beta where alpha = 1"),
        Guarantee(
            SOCIAL_OPTIMUM,
            "W is the highest of all outcomes where alpha >= 0.333333 and beta >= 0.333333",
        ),
    )


def test_guarantees_need_their_slice_of_the_grid():
    found = monotonicity(PD, [0.5, 0.6], [0.2, 1], selection="worst-equilibrium")
    assert [g.statement for g in found.guarantees] == [
        "V1 and V2 never both fall where one weight rises",
        "W rises in alpha where beta = 1",
    ]
    assert (
        monotonicity(named_game("stag-hunt"), [0, 1], [0, 1], selection="worst-equilibrium").guarantees == ()
    )


def test_guarantees_on_one_slice_only():
    # The welfare falling game: unique strict equilibria along both axes' ends but not between.
    game = CASES["welfare-falls"].game
    found = monotonicity(game, GRID, GRID)
    strict = np.array([[has_unique_strict_equilibrium(game.altruistic(a, b)) for b in GRID] for a in GRID])
    expected = []
    if strict[:, 0].all():
        expected.append("V2 rises in alpha where beta = 0")
    if strict[:, -1].all():
        expected.append("W rises in alpha where beta = 1")
    if strict[0].all():
        expected.append("V1 rises in beta where alpha = 0")
    if strict[-1].all():
        expected.append("W rises in beta where alpha = 1")
    assert [g.statement for g in found.guarantees if g.theorem == STRICT] == expected
    assert 0 < len(expected) < 4


def test_logit_equilibria_and_larger_games_have_no_guarantees_of_unique_equilibria():
    assert monotonicity(PD, [0, 1], [0, 1], selection="logit", rationality=1).guarantees == ()
    larger = monotonicity(Game(np.ones((2, 3, 3))), [0, 1], [0, 1])
    assert [g.theorem for g in larger.guarantees] == [SOCIAL_OPTIMUM]


@settings(max_examples=examples(25), deadline=None)
@given(games)
def test_from_the_thresholds_on_welfare_is_highest(game):
    from theory.altruism.thresholds import cooperation_thresholds

    found = monotonicity(game, GRID, GRID)
    thresholds = cooperation_thresholds(game)
    (promise,) = [g.statement for g in found.guarantees if g.theorem == SOCIAL_OPTIMUM]
    assert f"alpha >= {thresholds.alpha.lower:.6g} and beta >= {thresholds.beta.lower:.6g}" in promise
    for k, alpha in enumerate(GRID):
        for j, beta in enumerate(GRID):
            if alpha > thresholds.alpha.lower + 1e-9 and beta > thresholds.beta.lower + 1e-9:
                assert found.surfaces.W[k, j] == pytest.approx(game.payoffs.sum(axis=0).max())


def test_best_reply_play_from_a_stated_start():
    found = monotonicity(
        named_game("stag-hunt-3.2"), [0, 0.6], [0, 0.6], selection="best-reply", start=(0, 0)
    )
    assert found.surfaces.W.data.tolist() == [[8, 8], [8, 8]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: monotonicity(PD, tolerance=-1), "tolerance must lie in"),
        (lambda: monotonicity(PD, tolerance=float("nan")), "tolerance must be finite, got nan"),
        (lambda: monotonicity(PD, [0, 1], [0]).claim("V3", "alpha"), "got 'V3' in 'alpha'"),
        (lambda: monotonicity(PD, [0, 1], [0]).claim("W", "gamma"), "got 'W' in 'gamma'"),
        (
            lambda: has_unique_strict_equilibrium(named_game("rock-paper-scissors")),
            r"the test is for games of 2x2 actions, got \(3, 3\)",
        ),
    ],
)
def test_errors_state_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()
