import io
from itertools import permutations, product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.examples import examples
from theory.equilibria.n_players import Effort, NPlayerEquilibria, n_player_equilibria
from theory.equilibria.nash import REGRET_TOLERANCE, nash_equilibria, pure_equilibria
from theory.games.game import Game


def game_of(outcomes, shape):
    """A game from its outcomes, the first player's action changing fastest (Gambit's order)."""
    payoffs = np.zeros((len(shape), *shape))
    for payoff, actions in zip(outcomes, product(*(range(n) for n in reversed(shape))), strict=True):
        payoffs[(slice(None), *reversed(actions))] = payoff
    return Game(payoffs)


def search(game, effort, **bounds) -> NPlayerEquilibria:
    """What `nash_equilibria` asks of a game without dominated actions, with other bounds on the effort."""
    usual = {"max_vertices": 20_000, "max_supports": 5000, "max_boxes": 300_000}
    tolerance = REGRET_TOLERANCE * game.payoff_range
    return n_player_equilibria(game, tolerance=tolerance, effort=effort, **usual | bounds)


def as_set(profiles, digits=7):
    return {tuple(np.round(np.concatenate(profile), digits) + 0.0) for profile in profiles}


# McKelvey & McLennan (1997), J. Econ. Theory 72: nine equilibria, the most that a regular 2x2x2 game has.
NINE = game_of(
    [(9, 8, 12), (0, 0, 0), (0, 0, 0), (9, 8, 2), (0, 0, 0), (3, 4, 6), (3, 4, 6), (0, 0, 0)], (2, 2, 2)
)
# Nau, Gomez Canovas & Hansen (2004), Int. J. Game Theory 32, sections 4, 5 and 6.
IRRATIONAL = game_of(
    [(3, 0, 2), (0, 1, 0), (0, 2, 0), (1, 0, 0), (1, 0, 0), (0, 3, 0), (0, 1, 0), (2, 0, 3)], (2, 2, 2)
)
MIXED_CONTINUUM = game_of(
    [(0, 0, 2), (3, 0, 0), (0, 3, 0), (0, 0, 0), (1, 1, 0), (0, 0, 0), (0, 0, 0), (0, 0, 3)], (2, 2, 2)
)
SEGMENT = game_of(
    [
        *[(2, 0, 0), (0, 2, 1), (0, 1, 1), (1, 0, 2), (1, 0, 2), (0, 1, 1), (0, 2, 1), (2, 0, 0)],
        *[(1, 0, 1), (0, 2, 0), (0, 1, 2), (2, 0, 1), (2, 0, 1), (0, 1, 2), (0, 2, 0), (1, 0, 1)],
    ],
    (2, 2, 4),
)


def volunteers(n):
    """Diekmann (1985): everyone gets 1 if somebody volunteers (action 0), which costs 1/2."""
    payoffs = np.zeros((n, *[2] * n))
    for actions in product((0, 1), repeat=n):
        payoffs[(slice(None), *actions)] = (0 in actions) - 0.5 * (np.array(actions) == 0)
    return Game(payoffs)


def test_nine_equilibria():
    found = nash_equilibria(NINE)
    assert found.complete
    assert not found.continuum
    assert found.maximal_subsets == ()
    first = [tuple(x[0] for x in profile) for profile in found.profiles]
    expected = [
        (1, 1, 1),
        (1, 0, 0),
        (1 / 2, 1 / 2, 1),
        (1 / 2, 2 / 5, 1 / 4),
        (2 / 5, 1 / 2, 1 / 3),
        (1 / 3, 1, 1 / 4),
        (0, 1, 0),
        (0, 1 / 4, 1 / 3),
        (0, 0, 1),
    ]
    assert np.array(first) == pytest.approx(np.array(expected), abs=1e-12)


def test_an_irrational_equilibrium():
    found = nash_equilibria(IRRATIONAL)
    assert found.complete
    (profile,) = found.profiles
    assert [x[0] for x in profile] == pytest.approx([0.61923, 0.47980, 0.37883], abs=1e-5)
    assert IRRATIONAL.regrets(profile) == pytest.approx(np.zeros(3), abs=1e-14)


def test_a_continuum_of_mixed_equilibria():
    found = nash_equilibria(MIXED_CONTINUUM)
    assert not found.complete
    assert "1 of 1 profiles of supports" in found.note
    # Three pure equilibria, two in which one player mixes, and the continuum, which is not listed.
    assert as_set(found.profiles) >= {
        (1, 0, 0, 1, 1, 0),
        (0, 1, 1, 0, 1, 0),
        (0, 1, 0, 1, 0, 1),
        (1, 0, 0, 1, 0.25, 0.75),
        (0, 1, 1, 0, 0.25, 0.75),
    }


def test_a_segment_of_equilibria():
    found = nash_equilibria(SEGMENT)
    assert not found.complete
    assert found.continuum
    ends = {(0.5,) * 4 + (0.5, 0.5, 0, 0), (0.5,) * 4 + (0, 0, 0.5, 0.5)}
    assert as_set(found.profiles) == ends


@pytest.mark.parametrize("n", [3, 4, 5])
def test_the_volunteers_dilemma(n):
    game = volunteers(n)
    found = nash_equilibria(game)
    assert found.complete
    volunteering = sorted([round(float(x[0]), 9) for x in profile] for profile in found.profiles)
    # One volunteers, or k of them play the mixed equilibrium of k players while the others wait.
    expected = []
    for k in range(1, n + 1):
        share = 1.0 if k == 1 else 1 - 0.5 ** (1 / (k - 1))
        expected += [list(p) for p in set(permutations([share] * k + [0.0] * (n - k)))]
    assert np.array(volunteering) == pytest.approx(np.array(sorted(expected)), abs=1e-9)


def test_three_players_matching_pennies():
    # Jordan (1993): each wants to match the next, the last one to mismatch the first.
    payoffs = np.zeros((3, 2, 2, 2))
    for a, b, c in product((0, 1), repeat=3):
        payoffs[:, a, b, c] = (a == b, b == c, c != a)
    found = nash_equilibria(Game(payoffs))
    assert found.complete
    assert as_set(found.profiles) == {(0.5,) * 6}


def test_one_dimension_of_irrational_probabilities():
    # Two of three have to choose action 0 for it to pay 1; action 1 pays 1/4 for sure.
    payoffs = np.zeros((3, 2, 2, 2))
    for actions in product((0, 1), repeat=3):
        together = sum(a == 0 for a in actions) >= 2
        payoffs[(slice(None), *actions)] = [float(together) if a == 0 else 0.25 for a in actions]
    found = nash_equilibria(Game(payoffs))
    # 1 - (1 - p)^2 = 1/4 for all three, and the pure ones.
    p = 1 - sqrt(3) / 2
    assert found.complete
    assert as_set(found.profiles) >= as_set([[(1, 0)] * 3, [(0, 1)] * 3, [(p, 1 - p)] * 3])
    assert len(found.profiles) % 2 == 1


# Equilibria (probabilities of action 0, or of the first two of three) of games in which pygambit 17.0.0b2's
# enumpoly_solve finds all but these.
MISSED_BY_GAMBIT = [
    (
        [
            [[[1, 8], [3, 6]], [[6, 5], [6, 0]]],
            [[[1, 4], [6, 5]], [[2, 7], [5, 3]]],
            [[[1, 9], [7, 4]], [[5, 0], [0, 4]]],
        ],
        (0.063, 0.937, 0.45982, 0.54018, 0.54104, 0.45896),
    ),
    (
        [
            [[[0, 7], [8, 3]], [[7, 7], [2, 6]]],
            [[[8, 9], [1, 1]], [[4, 7], [1, 4]]],
            [[[9, 2], [6, 0]], [[6, 9], [8, 0]]],
        ],
        (0.3, 0.7, 1.0, 0.0, 0.0, 1.0),
    ),
    (
        [
            [[[4, 3], [8, 1]], [[9, 1], [0, 9]], [[3, 4], [1, 7]]],
            [[[5, 8], [5, 3]], [[4, 7], [7, 7]], [[6, 7], [1, 3]]],
            [[[5, 9], [1, 5]], [[5, 8], [8, 5]], [[7, 3], [0, 3]]],
        ],
        (0.38357, 0.61643, 0.0, 0.08517, 0.91483, 0.5091, 0.4909),
    ),
]


def gambit_equilibria(game):
    gambit = pytest.importorskip("pygambit")
    result = gambit.nash.enumpoly_solve(gambit.read_nfg(io.BytesIO(game.to_nfg().encode())))
    return as_set(
        (
            [np.array([float(profile[i][a]) for a in of_player]) for i, of_player in named]
            for named in [list(zip(game.players, game.actions, strict=True))]
            for profile in result.equilibria
        ),
        5,
    )


@pytest.mark.parametrize(("payoffs", "missed"), MISSED_BY_GAMBIT)
def test_equilibria_that_gambit_misses(payoffs, missed):
    game = Game(payoffs)
    found = nash_equilibria(game)
    assert found.complete
    assert as_set(found.profiles, 5) - gambit_equilibria(game) >= {missed}


@pytest.mark.parametrize(("shape", "n_games"), [((2, 2, 2), 60), ((3, 2, 2), 15), ((2, 2, 2, 2), 5)])
def test_agreement_with_gambit(shape, n_games):
    rng = np.random.default_rng(len(shape) + shape[0])
    n_equal = 0
    for _ in range(n_games):
        game = Game(rng.random((len(shape), *shape)).round(3))
        ours, theirs = as_set(nash_equilibria(game).profiles, 4), gambit_equilibria(game)
        theirs = {tuple(np.round(v, 4)) for v in theirs}
        near = {v for v in theirs if any(np.abs(np.subtract(v, w)).max() < 2e-4 for w in ours)}
        assert near == theirs  # what it finds is right; it misses some
        n_equal += len(ours) == len(theirs)
    assert n_equal >= n_games // 2


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 2, 2), (3, 3, 2), (2, 2, 2, 2)])
def test_generic_games_have_an_odd_number_all_of_which_are_found(shape):
    rng = np.random.default_rng(7)
    for _ in range(12):
        game = Game(rng.random((len(shape), *shape)))
        found = nash_equilibria(game)
        assert found.complete
        assert found.note == ""
        assert not found.continuum
        assert len(found.profiles) % 2 == 1  # Harsanyi (1973), Wilson (1971)
        for profile in found.profiles:
            assert (game.regrets(profile) <= REGRET_TOLERANCE * game.payoff_range).all()


@settings(max_examples=examples(25), deadline=None)
@given(
    arrays(np.float64, (3, 2, 2, 2), elements=st.integers(0, 9).map(float)),
    st.permutations(range(3)),
    st.data(),
)
def test_relabelling_and_affine_invariance(payoffs, order, data):
    reference = nash_equilibria(Game(payoffs))
    flips = data.draw(st.lists(st.booleans(), min_size=3, max_size=3))
    actions = [slice(None, None, -1 if flip else 1) for flip in flips]
    scale = np.array([1.0, 1e-3, 1e3]).reshape(3, 1, 1, 1)
    changed = (scale * payoffs + 5)[(slice(None), *actions)]
    changed = changed[list(order)].transpose(0, *(1 + i for i in order))
    found = nash_equilibria(Game(changed))
    assert found.complete == reference.complete
    if found.complete:
        expected = [[profile[i][actions[i]] for i in order] for profile in reference.profiles]
        assert as_set(found.profiles, 6) == as_set(expected, 6)
        assert found.continuum == reference.continuum


def test_players_without_a_choice():
    rng = np.random.default_rng(1)
    inner = rng.random((2, 3, 3))
    payoffs = np.zeros((4, 1, 3, 1, 3))
    payoffs[[1, 3]] = inner[:, np.newaxis, :, np.newaxis, :]
    found = nash_equilibria(Game(payoffs))
    assert found.complete
    expected = [([1], x, [1], y) for x, y in nash_equilibria(Game(inner)).profiles]
    assert as_set(found.profiles) == as_set(expected)
    assert found.method == "vertices of the best-response polytopes"
    assert found.maximal_subsets == ()


def test_domination_by_mixtures_is_used():
    # Player 1's third action is worse than the even mixture of the others, player 3's second one than its first.
    payoffs = np.zeros((3, 3, 2, 2))
    payoffs[0, 0] = [[4, 4], [0, 0]]
    payoffs[0, 1] = [[0, 0], [4, 4]]
    payoffs[0, 2] = 1
    payoffs[1, 0, 1] = payoffs[1, 1, 0] = 1
    payoffs[2, ..., 0] = 1
    found = nash_equilibria(Game(payoffs))
    assert as_set(found.profiles) == {(0.5, 0.5, 0, 0.5, 0.5, 1, 0)}
    assert (found.complete, found.method) == (True, "closed form")


def test_dominance_is_used_and_undone():
    # Everybody's first two actions are a game of their own, the third one is dominated.
    rng = np.random.default_rng(2)
    inner = rng.random((3, 2, 2, 2))
    payoffs = np.pad(inner, [(0, 0), (0, 1), (0, 1), (0, 1)], mode="edge")
    for i in range(3):
        payoffs[(i, *[slice(None) if j != i else 2 for j in range(3)])] = -1.0
    found = nash_equilibria(Game(payoffs))
    assert found.complete
    expected = [[np.append(x, 0) for x in profile] for profile in nash_equilibria(Game(inner)).profiles]
    assert as_set(found.profiles) == as_set(expected)


def test_a_game_that_dominance_solves():
    # Public goods: 4 players keep 1 or have .4 paid to each.
    payoffs = np.zeros((4, 2, 2, 2, 2))
    for actions in product((0, 1), repeat=4):
        payoffs[(slice(None), *actions)] = 0.4 * actions.count(0) + np.array(actions)
    found = nash_equilibria(Game(payoffs))
    assert found.complete
    assert as_set(found.profiles) == {(0, 1) * 4}


def test_constant_payoffs():
    found = nash_equilibria(Game(np.ones((3, 2, 2, 2))))
    assert (found.complete, found.continuum) == (False, True)
    assert {v for v in as_set(found.profiles) if set(v) == {0, 1}} == {
        tuple(np.ravel([(1, 0) if a == 0 else (0, 1) for a in actions]))
        for actions in product((0, 1), repeat=3)
    }
    assert found.note.count("continuum of equilibria") == 1
    assert "of which the ends are listed at most. 1 of 1 profiles" in found.note
    assert found.method == ("pairs of players by best-response polytopes, larger supports by subdivision")


def test_a_continuum_that_a_third_player_excludes():
    # Players 1 and 2 do not care what they do, but if player 3 plays action 0 it gains by action 1,
    # against which both have a strict best reply.
    payoffs = np.zeros((3, 2, 2, 2))
    payoffs[2, :, :, 1] = 1.0
    payoffs[0, 0, :, 1] = payoffs[1, :, 0, 1] = 1.0
    found = nash_equilibria(Game(payoffs))
    assert (found.complete, found.continuum) == (True, False)
    assert as_set(found.profiles) == {(1, 0, 1, 0, 0, 1)}


def test_bounds():
    rng = np.random.default_rng(0)
    game = Game(rng.random((3, 3, 3, 3)))
    complete = nash_equilibria(game)
    assert complete.complete
    for bounds in ({"max_supports": 20}, {"max_boxes": 30}, {"max_vertices": 2}):
        found = nash_equilibria(game, **bounds)
        assert not found.complete
        assert found.note
        assert as_set(found.profiles) <= as_set(complete.profiles)
    note = nash_equilibria(game, max_supports=27 + 26).note
    assert "37 profiles of supports with three or more mixing players were not searched" in note
    assert "in 37 of them one start of Newton's method was tried" in note
    (gap,) = search(game, Effort(tried_supports=26), max_supports=26).gaps
    assert "64 profiles" in gap
    assert "none was tried" in gap


def relabelled(game, seed):
    """Return the game with players and actions in another order, and a function that gives profiles back."""
    rng = np.random.default_rng(seed)
    players = rng.permutation(game.n_players)
    actions = [rng.permutation(n) for n in game.n_actions]
    payoffs = game.payoffs[np.ix_(range(game.n_players), *actions)]
    other = Game(np.stack([np.transpose(payoffs[i], players) for i in players]))

    def back(profile):
        restored = [np.zeros(n) for n in game.n_actions]
        for mixture, i in zip(profile, players, strict=True):
            restored[i][actions[i]] = mixture
        return tuple(restored)

    return other, back


def matching(n_actions=3):
    """Three players who get 1 each if all do the same."""
    payoffs = np.zeros((3, *[n_actions] * 3))
    for a in range(n_actions):
        payoffs[:, a, a, a] = 1.0
    return Game(payoffs)


def random_with_ties(seed, shape):
    return Game(np.random.default_rng(seed).integers(0, 2, (len(shape), *shape)).astype(float))


def minimum_effort(levels):
    effort = np.indices((levels,) * 3) + 1.0
    return Game(2 * effort.min(axis=0) - effort)


@pytest.mark.parametrize(
    "game",
    [
        pytest.param(matching(), id="matching"),
        pytest.param(minimum_effort(3), id="minimum-effort"),
        pytest.param(random_with_ties(1, (3, 3, 3)), id="ties-333", marks=pytest.mark.slow),
        pytest.param(random_with_ties(2, (2, 3, 2)), id="ties-232"),
        pytest.param(random_with_ties(3, (2, 2, 2, 2)), id="ties-2222"),
        pytest.param(
            Game(np.random.default_rng(4).integers(0, 50, (4, 3, 2, 2, 3)).astype(float)),
            id="random-3223",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_order_of_players_and_actions_does_not_matter(game):
    # A budget that is used up, so that who gets how much of it shows.
    found = nash_equilibria(game, max_boxes=5000)
    for seed in range(2):
        other, back = relabelled(game, seed)
        again = nash_equilibria(other, max_boxes=5000)
        assert (again.complete, again.continuum) == (found.complete, found.continuum)
        assert as_set(map(back, again.profiles)) == as_set(found.profiles)


def test_each_support_is_looked_at_although_others_hold_a_continuum():
    # All pure ones by support enumeration: those where all match or all differ, 1/2 and 1/2 on two actions, 1/3 each.
    pure = [profile for profile in product(range(3), repeat=3) if len(set(profile)) != 2]
    expected = {tuple(np.concatenate([np.eye(3)[a] for a in profile]).tolist()) for profile in pure}
    expected |= {tuple([0.5 * (a != left_out) for a in range(3)] * 3) for left_out in range(3)}
    expected |= {tuple([round(1 / 3, 7)] * 9)}
    assert len(expected) == 13
    assert as_set(nash_equilibria(matching(), max_boxes=20_000).profiles) == expected


def test_pure_equilibria_and_small_supports_of_a_game_with_too_many_supports():
    # Efforts 1 to 7: all alike, or all mix two levels with probability sqrt(1/2) of the larger.
    found = nash_equilibria(minimum_effort(7))
    assert not found.complete
    large = sqrt(0.5)
    symmetric = [np.eye(7)[level] for level in range(7)]
    symmetric += [(1 - large) * np.eye(7)[a] + large * np.eye(7)[b] for b in range(7) for a in range(b)]
    assert as_set((mixture,) * 3 for mixture in symmetric) == as_set(found.profiles)
    assert "1728000 profiles of supports" in found.note
    assert "were not searched (max_supports=1500); in " in found.note
    assert "in 9261 of them one start of Newton's method was tried" in found.note


def test_a_game_of_many_actions_is_answered_at_once():
    game = Game(np.random.default_rng(0).integers(0, 100, (3, 30, 30, 30)).astype(float))
    found = nash_equilibria(game)
    assert not found.complete
    assert as_set(found.profiles) >= as_set(game.pure(*outcome) for outcome in pure_equilibria(game))
    assert "More than 10^9 profiles of supports" in found.note


def test_a_game_too_large_gets_pure_equilibria_and_the_logit_limit():
    rng = np.random.default_rng(3)
    game = Game(rng.random((3, 6, 6, 6)))
    found = nash_equilibria(game, max_supports=1, max_vertices=3)
    assert not found.complete
    assert any(x.max() < 1 for profile in found.profiles for x in profile)
    for profile in found.profiles:
        assert (game.regrets(profile) <= REGRET_TOLERANCE).all()


UNSETTLED = (
    "{} profiles of supports with three or more mixing players were not settled: equilibria there may be a "
    "continuum, singular, or take more than max_boxes={} to find."
)


def test_notes_say_what_was_not_done():
    ends = "There may be a continuum of equilibria, of which the ends are listed at most."
    constant = nash_equilibria(Game(np.ones((3, 2, 2, 2))))
    assert constant.note == f"{ends} {UNSETTLED.format('1 of 1', 300_000)}"
    game = Game(np.random.default_rng(0).random((3, 3, 3, 3)))
    pairs = [(1, 2), (1, 3), (2, 3)]
    assert nash_equilibria(game, max_vertices=2).note == " ".join(
        f"Between players {i} and {j}: a best-response polytope in 3 dimensions with 6 facets must have at most 2 "
        "vertices, got more."
        for i, j in pairs
    )
    assert nash_equilibria(game, max_boxes=30).note == UNSETTLED.format("64 of 64", 30)
    assert nash_equilibria(game, max_supports=20).note == (
        "64 profiles of supports with three or more mixing players were not searched (max_supports=20); in 64 of "
        "them one start of Newton's method was tried."
    )
    assert search(game, Effort(tried_supports=0), max_supports=20).gaps == [
        "64 profiles of supports with three or more mixing players were not searched (max_supports=20); none was "
        "tried."
    ]
    assert search(game, Effort(hopeless=0)).gaps == [
        f"Where players {i} and {j} mix against single actions of the others, 3 x 3 actions have too many "
        "vertices for max_vertices=20000: none was looked at."
        for i, j in pairs
    ]
    assert search(game, Effort(pair_games=8)).gaps == [
        "Two players can mix against single actions of the others in 9 ways, more than 8: none was looked at."
    ]


def test_a_bound_is_reached_when_it_is_exceeded():
    game = Game(np.random.default_rng(0).random((3, 3, 3, 3)))
    assert search(game, Effort(pair_games=9), max_supports=64).gaps == []
    assert nash_equilibria(game, max_supports=64).complete
    assert not nash_equilibria(game, max_supports=63).complete


def test_the_logit_limit_is_looked_for_where_only_pure_equilibria_are_known(monkeypatch):
    asked = []

    def followed(game, rationality):
        assert rationality > 1000  # in units of 1 / payoff range: all but a best reply
        asked.append(game)
        raise ValueError("not followed")

    monkeypatch.setattr("theory.equilibria.n_players.logit_equilibrium", followed)
    nash_equilibria(NINE)  # complete
    nash_equilibria(MIXED_CONTINUUM)  # not complete, but mixed ones are found
    assert asked == []
    game = minimum_effort(3)
    bounds = {"max_supports": 1, "max_vertices": 3}
    found = search(game, Effort(tried_supports=0, logit_payoffs=80), **bounds)
    assert all(mixture.max() == 1 for profile in found.profiles for mixture in profile)
    assert asked == []  # 81 payoffs
    enough = Effort(tried_supports=0, logit_payoffs=81)
    assert as_set(search(game, enough, **bounds).profiles) == as_set(found.profiles)
    assert len(asked) == 1
    # Payoffs in units of each player's range, so that rationality means the same for all.
    assert asked[0].payoff_range == pytest.approx([1, 1, 1])
    scaled = Game(game.payoffs * np.array([1.0, 1e3, 1e-3]).reshape(3, 1, 1, 1))
    search(scaled, enough, **bounds)
    assert asked[1].payoffs == pytest.approx(asked[0].payoffs)
