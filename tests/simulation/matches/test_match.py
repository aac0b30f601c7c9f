"""Matches: closed forms, sampled against exact, noise, lengths, errors."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.engine.compilation import rule
from simulation.matches.match import exact_match, play_match
from simulation.matches.runs import Terms
from simulation.matches.strategies.base import Functions, Known, Strategy, memory_one
from simulation.matches.strategies.catalogue import strategy
from simulation.matches.strategies.learners import q_learning, reinforce
from simulation.matches.terms import MOST_TURNS
from tests.examples import examples
from theory import Game, named_game
from theory.repeated.machines import FiniteState
from theory.repeated.memory_one import MemoryOne, memory_one_payoffs

AXELROD = named_game("prisoners-dilemma-axelrod")
ASYMMETRIC = Game.bimatrix([[3, 0], [4, 1]], [[2, 5], [-1, 1]])
probabilities = st.integers(0, 1000).map(lambda k: k / 1000)
memory_ones = st.builds(MemoryOne, probabilities, st.tuples(*[probabilities] * 4))


def test_textbook_matches() -> None:
    match = play_match("tit-for-tat", "always-defect", game=AXELROD, turns=10)
    assert match.trace() == ("CDDDDDDDDD", "DDDDDDDDDD")
    assert match.payoffs.tolist() == [0.9, 1.4]
    assert match.cooperation.tolist() == [0.1, 0.0]
    assert match.distribution.tolist() == [0, 0.1, 0, 0.9]
    assert match.payoffs_standard_error.tolist() == [0, 0]
    match = play_match("alternator", "grim", game=AXELROD, turns=5)
    assert match.trace() == ("CDCDC", "CCDDD")


def test_the_row_player_gets_the_row_payoffs() -> None:
    match = play_match("always-cooperate", "always-defect", game=ASYMMETRIC, turns=3)
    assert match.payoffs.tolist() == [0, 5]
    assert exact_match("always-defect", "always-cooperate", game=ASYMMETRIC, turns=3).payoffs.tolist() == [
        4,
        -1,
    ]


def test_exact_matches_of_machines_by_hand() -> None:
    # A flip of the first action by grim's twin: both cooperate on turn 1 with probability .9.
    match = exact_match("grim", "grim", game=AXELROD, turns=2, noise=0.1)
    first = np.array([0.81, 0.09, 0.09, 0.01])
    # After CD the first is provoked alone: D with .9, the other C with .9; after DD both are.
    second = 0.81 * first
    second += 0.09 * np.array([0.09, 0.01, 0.81, 0.09]) + 0.09 * np.array([0.09, 0.81, 0.01, 0.09])
    second += 0.01 * np.array([0.01, 0.09, 0.09, 0.81])
    assert match.distribution == pytest.approx((first + second) / 2)
    assert match.is_exact


@settings(max_examples=examples(30), deadline=None)
@given(memory_ones, memory_ones, st.integers(0, 49).map(lambda k: k / 100), st.integers(1, 40))
def test_machines_of_memory_one_strategies_agree_with_the_theory(a, b, noise: float, turns: int) -> None:
    expected = memory_one_payoffs(a, b, ASYMMETRIC, noise=noise, turns=turns)
    machines = [FiniteState.of_memory_one(rule) for rule in (a, b)]
    for players in ((a, b), machines):
        found = exact_match(*players, game=ASYMMETRIC, noise=noise, turns=turns)
        assert found.payoffs == pytest.approx(expected.payoffs, abs=1e-12)
        assert found.cooperation == pytest.approx(expected.cooperation, abs=1e-12)


@settings(max_examples=examples(15), deadline=None)
@given(memory_ones, memory_ones, st.integers(20, 999).map(lambda k: k / 1000))
def test_probabilistic_ends_agree_with_discounting(a, b, prob_end: float) -> None:
    expected = memory_one_payoffs(a, b, AXELROD, discount=1 - prob_end)
    machines = [FiniteState.of_memory_one(rule) for rule in (a, b)]
    for players in ((a, b), machines):
        found = exact_match(*players, game=AXELROD, prob_end=prob_end)
        assert found.distribution == pytest.approx(expected.distribution, abs=1e-9)


def test_a_largest_length_truncates_the_geometric_one() -> None:
    # Turn t is played with probability .5^t: weights 4 : 2 : 1 of three turns.
    found = exact_match("alternator", "always-cooperate", game=AXELROD, turns=3, prob_end=0.5)
    assert found.cooperation[0] == pytest.approx(5 / 7)
    certain = exact_match("alternator", "always-cooperate", game=AXELROD, turns=3, prob_end=1)
    assert certain.cooperation[0] == 1
    never = exact_match("alternator", "always-cooperate", game=AXELROD, turns=3, prob_end=0)
    assert never.cooperation[0] == pytest.approx(2 / 3)


SETTINGS = [
    {"turns": 30, "noise": 0.05},
    {"prob_end": 0.05, "noise": 0.2},
    {"turns": 12, "prob_end": 0.1},
]


@pytest.mark.parametrize("terms", SETTINGS)
@pytest.mark.parametrize(
    "pair", [("joss", "nydegger"), ("contrite-tit-for-tat", "random"), ("prober", "extort-2")]
)
def test_sampled_means_are_within_four_standard_errors_of_exact_ones(pair, terms) -> None:
    sampled = play_match(*pair, game=ASYMMETRIC, repetitions=3000, seed=5, **terms)
    exact = exact_match(*pair, game=ASYMMETRIC, **terms)
    assert (np.abs(sampled.payoffs - exact.payoffs) <= 4 * sampled.payoffs_standard_error).all()
    assert (np.abs(sampled.cooperation - exact.cooperation) <= 4 * sampled.cooperation_standard_error).all()


@pytest.mark.parametrize("terms", SETTINGS)
def test_standard_errors_are_those_of_repeated_experiments(terms) -> None:
    results = [
        play_match("joss", "random", game=AXELROD, repetitions=50, seed=seed, **terms) for seed in range(300)
    ]
    spread = np.std([result.payoffs for result in results], axis=0)
    claimed = np.mean([result.payoffs_standard_error for result in results], axis=0)
    # The spread of 300 results is known up to 4%.
    assert claimed == pytest.approx(spread, rel=0.13)


@pytest.mark.parametrize("terms", [{"prob_end": 0.05}, {"prob_end": 0.05, "turns": 30}, {"prob_end": 0.4}])
def test_ends_by_chance_are_averaged_over(terms) -> None:
    # Nothing but the ends is random. Taking ten lengths as they come errs seven times as much.
    pair = ("tit-for-tat", "always-defect")
    exact = exact_match(*pair, game=AXELROD, **terms)
    errors = []
    for seed in range(200):
        found = play_match(*pair, game=AXELROD, repetitions=10, seed=seed, **terms)
        errors.append(found.payoffs - exact.payoffs)
        assert found.payoffs == pytest.approx(AXELROD.payoffs.reshape(2, 4) @ found.distribution)
    # A length has a standard deviation of nearly its mean, and only exp(-2) of it is left.
    expected = np.abs(exact.payoffs - 1.0) / np.sqrt(10)
    assert (np.std(errors, axis=0) < 0.17 * expected).all()
    # The mean of 200 is known to 7% of their deviation.
    assert (np.abs(np.mean(errors, axis=0)) < 0.3 * np.std(errors, axis=0) + 1e-12).all()


def test_means_over_ends_are_those_of_matches_with_ends() -> None:
    found = play_match("joss", "extort-2", game=AXELROD, prob_end=0.2, noise=0.1, repetitions=20_000, seed=1)
    totals = np.array(
        [AXELROD.payoffs[seat][found.actions[..., 0], found.actions[..., 1]] for seat in range(2)]
    )
    played = found.actions[..., 0] >= 0
    totals, turns = np.where(played, totals, 0.0).sum(axis=2), played.sum(axis=1)
    means = totals.sum(axis=1) / turns.sum()
    errors = np.std(totals - means[:, None] * turns, axis=1) / turns.mean() / np.sqrt(20_000)
    assert (np.abs(found.payoffs - means) < 4 * errors).all()
    assert (found.payoffs_standard_error < errors).all()


def test_repetitions_do_not_depend_on_their_number_and_noise_flips_both_ways() -> None:
    many = play_match("grim", "tullock", game=AXELROD, turns=40, noise=0.1, repetitions=7, seed=2)
    few = play_match("grim", "tullock", game=AXELROD, turns=40, noise=0.1, repetitions=3, seed=2)
    assert np.array_equal(many.actions[:3], few.actions)
    assert not np.array_equal(many.actions[0], many.actions[1])
    flips = play_match(
        "always-cooperate", "always-defect", game=AXELROD, turns=50_000, noise=0.1, seed=1
    ).cooperation
    assert flips == pytest.approx([0.9, 0.1], abs=0.006)


@pytest.mark.parametrize("terms", SETTINGS)
def test_machines_in_lockstep_play_what_the_compiled_loop_plays(terms) -> None:
    machine = strategy("remorseful-prober")
    table = machine.machine
    # The same machine as a pair of functions is no machine to the driver.
    functions = Functions(
        lambda memory, turn, known: table.cooperation[int(memory[0])],
        lambda memory, turn, own, other, known: memory.__setitem__(
            0, table.transitions[int(memory[0])][2 * own + other]
        ),
        (float(table.start),),
    )
    compiled = play_match(machine, "joss", game=AXELROD, repetitions=5, seed=4, **terms)
    with pytest.warns(UserWarning, match="plain Python run uncompiled, .* slower: player 1") as told:
        lockstep = play_match(functions, "joss", game=AXELROD, repetitions=5, seed=4, **terms)
    assert [warning.filename for warning in told] == [__file__]
    assert np.array_equal(compiled.actions, lockstep.actions)
    assert np.array_equal(compiled.payoffs, lockstep.payoffs)


def test_long_matches_are_cut_into_stretches_that_join(monkeypatch: pytest.MonkeyPatch) -> None:
    import simulation.matches.runs as driver

    for players in (("joss", "random"), ("eatherley", "random")):
        for terms in SETTINGS:
            whole = play_match(*players, game=AXELROD, repetitions=9, seed=3, **terms)
            with monkeypatch.context() as patch:
                patch.setattr(driver, "MACHINE_DRAWS", 100)
                patch.setattr(driver, "LOCKSTEP_DRAWS", 100)
                cut = play_match(*players, game=AXELROD, repetitions=9, seed=3, **terms)
            assert np.array_equal(whole.actions, cut.actions)
            assert np.array_equal(whole.payoffs, cut.payoffs)


def test_learners_learn() -> None:
    arguments = {"game": AXELROD, "turns": 3000, "repetitions": 20, "seed": 0}
    match = play_match(reinforce(), "always-cooperate", **arguments)
    assert match.actions[:, -100:, 0].mean() > 0.95  # D pays more whatever the other does
    faithful = play_match(q_learning(exploration=0.1), "tit-for-tat", **arguments)
    assert (faithful.actions[:, -500:, 0] == 0).mean() > 0.8  # a patient learner cooperates with Tit-for-Tat
    frozen = play_match(reinforce(learning_rate=0.0, theta=1.0), "random", **arguments)
    assert frozen.cooperation[0] == pytest.approx(1 / (1 + np.exp(-1)), abs=0.01)


def test_players_know_payoffs_turns_and_noise() -> None:
    seen = []

    def cooperation(memory, turn, known) -> float:
        seen.append((known.payoffs.tolist(), known.turns, known.noise))
        return 1.0

    spy = Strategy("spy", Functions(cooperation, lambda *_: None, (), is_stochastic=False))
    with pytest.warns(UserWarning, match="uncompiled"):
        play_match(spy, spy, game=ASYMMETRIC, turns=1, noise=0.25)
    with pytest.warns(UserWarning, match="uncompiled"):
        play_match("grim", spy, game=ASYMMETRIC, turns=2, prob_end=0.5)
    row, column = [[[3, 0], [4, 1]], [[2, 5], [-1, 1]]], [[[2, -1], [5, 1]], [[3, 4], [0, 1]]]
    assert seen[:2] == [(row, 1, 0.25), (column, 1, 0.25)]
    assert seen[2] == (column, 0, 0.0)


def test_in_both_roles_players_are_given_payoffs_that_they_cannot_write() -> None:
    # For arrays that may and may not be written numba would compile each rule twice.
    terms = Terms(ASYMMETRIC, turns=3, prob_end=None, noise=0.0)
    assert [terms.known_to(role).payoffs.flags.writeable for role in (0, 1)] == [False, False]


def test_a_memory_that_depends_on_the_game_is_prepared_for_each_player_of_a_match() -> None:
    seen = []

    def prepared(known: Known) -> list[float]:
        seen.append(known)
        # It cooperates if mutual cooperation gives it as much as the other.
        return [float(known.payoffs[0, 0, 0] >= known.payoffs[1, 0, 0])]

    proud = Functions(
        lambda memory, turn, known: memory[0],
        lambda memory, turn, own, other, known: memory.__setitem__(0, 1.0 - memory[0]),
        (),
        is_stochastic=False,
        prepared=prepared,
    )
    with pytest.warns(UserWarning, match="uncompiled"):
        match = play_match(proud, proud, game=ASYMMETRIC, turns=3, noise=0.25, repetitions=2)
    assert [known.role for known in seen] == [0, 1]
    assert [known.payoffs.tolist() for known in seen] == [
        ASYMMETRIC.payoffs.tolist(),
        [ASYMMETRIC.payoffs[1].T.tolist(), ASYMMETRIC.payoffs[0].T.tolist()],
    ]
    assert match.repetitions == 2
    with pytest.warns(UserWarning, match="uncompiled"):
        found = play_match(proud, proud, game=ASYMMETRIC, turns=3, repetitions=2)
    # Each match begins with the memory that was prepared: (C, C) gives 3 to the row player and 2 to the other.
    assert found.trace(0) == found.trace(1) == ("CDC", "DCD")
    with (
        pytest.warns(UserWarning, match="uncompiled"),
        pytest.raises(ValueError, match="what prepared returns must be finite"),
    ):
        play_match(replace(proud, prepared=lambda known: [np.nan]), "grim", game=ASYMMETRIC, turns=3)


def test_one_repetition_cannot_tell_the_error() -> None:
    match = play_match("random", "grim", game=AXELROD, turns=5)
    assert np.isnan(match.payoffs_standard_error).all()
    with pytest.raises(ValueError, match="an exact result has no actions"):
        exact_match("random", "grim", game=AXELROD, turns=5).trace()


BAD = replace(strategy("eatherley"), rule=replace(strategy("eatherley").rule, memory=(1.0, -9.0)), name="bad")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"turns": 0}, "turns must be at least 1, got 0"),
        ({"turns": 1.5}, "turns must be a whole number, got 1.5"),
        ({"turns": MOST_TURNS + 1}, "turns must be at most 10000000, got 10000001"),
        ({"turns": None}, "give turns, prob_end or both, got neither"),
        ({"prob_end": 1.1}, r"prob_end must lie in \[0, 1\], got 1.1"),
        ({"turns": None, "prob_end": 1e-9}, "prob_end must be at least 1e-05 without turns, got 1e-09"),
        ({"noise": 0.5}, r"noise must lie in \[0, 1/2\), got 0.5"),
        ({"noise": -0.1}, r"noise must lie in \[0, 1\], got -0.1"),
        ({"noise": float("nan")}, "noise must be finite"),
        ({"repetitions": 0}, "repetitions must be at least 1, got 0"),
        ({"runs": 0}, "runs must be at least 1, got 0"),
        ({"rounds": 5}, "rounds and turns are two names of one argument: give one, got 5 and 5"),
        ({"runs": 2, "repetitions": 1}, "runs and repetitions are two names of one argument"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"game": named_game("rock-paper-scissors")}, r"two actions each, got \(3, 3\)"),
        ({"game": "chicken"}, "two actions each, got 'chicken'"),
        ({"a": "tit-for-tatt"}, "unknown strategy 'tit-for-tatt'; nearest: tit-for-tat"),
        (
            {"a": 3},
            "a player of matches must be a name, a Strategy, a MemoryOne, a FiniteState or Functions, got 3",
        ),
        ({"a": BAD, "turns": 3}, "the cooperation of 'bad' must be a probability, got inf on turn 0"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bad_arguments_state_the_rule_and_the_value(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        play_match(**{"a": "grim", "b": "joss", "game": AXELROD, "turns": 5} | arguments)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"cooperation": lambda memory: 1.0},
            r"cooperation must take \(memory, turn, known\), got \(memory\)",
        ),
        (
            {"update": lambda memory, own, other: None},
            r"update must take \(memory, .*, got \(memory, own, other\)",
        ),
    ],
)
def test_functions_of_other_arguments_are_refused(wrong: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(BAD.rule, **wrong)


def test_rounds_and_runs_are_second_names() -> None:
    pair = {"a": "grim", "b": "joss", "game": AXELROD}
    sampled = (
        play_match(**pair, seed=1, **names)
        for names in ({"turns": 5, "repetitions": 3}, {"rounds": 5, "runs": 3})
    )
    first, second = (result.actions for result in sampled)
    assert first.shape == (3, 5, 2)
    assert np.array_equal(first, second)
    assert np.array_equal(exact_match(**pair, rounds=5).payoffs, exact_match(**pair, turns=5).payoffs)


def test_exact_matches_say_when_they_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="got 'soft-majority', which counts or learns: use play_match"):
        exact_match("grim", "soft-majority", game=AXELROD, turns=5)
    with pytest.raises(ValueError, match=r"at most 2e\+09 pairs of states times turns, got .* 'nydegger'"):
        exact_match("nydegger", "nydegger", game=AXELROD, turns=10_000_000)
    # In closed form any length is possible.
    long = exact_match("joss", memory_one(1, (1, 0, 1, 0.3)), game=AXELROD, turns=10_000_000)
    assert long.distribution.sum() == pytest.approx(1)


@rule
def _misspells(memory, turn, known):
    return known.payofs[0, 0, 0]


@rule
def _forgets_return(memory, turn, known):
    memory[0] + 1.0


@rule
def _cooperates_by_text(memory, turn, known):
    return float(f"{memory[0]:g}")


@rule
def _forgets(memory, turn, own, other, known):
    memory[0] = 1.0


@pytest.mark.parametrize(
    ("cooperation", "kind", "error"),
    [
        (_misspells, AttributeError, "no attribute 'payofs'"),
        (_forgets_return, ValueError, "'player 1' must be a probability, got nan on turn 0"),
        (
            _cooperates_by_text,
            ValueError,
            "compiles of 'player 1' must be False, since its rule cannot be compiled",
        ),
    ],
)
def test_rules_that_cannot_be_compiled_are_told_as_plain_python_tells_them(cooperation, kind, error) -> None:
    wrong = Functions(cooperation, _forgets, memory=(1.0,), compiles=True)
    with pytest.raises(kind, match=error):
        play_match(wrong, "alternator", game=named_game("chicken"), turns=3, seed=0)


def test_a_strategy_is_no_rule_of_another() -> None:
    named = memory_one(1.0, (1.0, 0.0, 1.0, 0.0), name="mine")
    with pytest.raises(
        ValueError, match=r"got the strategy 'mine': to name it anew take dataclasses.replace"
    ):
        Strategy("yours", named)  # type: ignore[arg-type]
    assert replace(named, name="yours").rule == named.rule
