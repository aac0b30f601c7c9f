"""Duels: the figures that the literal mirror reaches, drivers against each other, opponents by hand."""

import pickle

import numpy as np
import pytest

from simulation.gradual import players
from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.players import (
    BinaryTitForTat,
    ConcedingMirror,
    ConsequentialistCooperator,
    ContriteTitForTat,
    DuelPlayer,
    FirmButFair,
    FixedCooperativeness,
    FixedLevel,
    Grim,
    LevelLearner,
    LiteralMirror,
    MemoryOneLearner,
    OutcomeQLearner,
    ProbingMirror,
    TitForTat,
    WinStayLoseShift,
)
from theory import Game, named_game

GAME = graded_donation_game()
DILEMMA = named_game("prisoners-dilemma")
NOISES = pytest.mark.parametrize("noise", [0.0, 0.05])


def against(opponent: DuelPlayer, **arguments):  # type: ignore[no-untyped-def]
    settings = {"game": GAME, "rounds": 1000, "runs": 40, "burn_in": 100, "record": "summary"} | arguments
    return play_duels(LiteralMirror(), opponent, **settings)


@NOISES
def test_mirrors_reach_full_cooperation(noise: float) -> None:
    welfare = against(LiteralMirror(), noise=noise)["mean_payoff"].sum("player")
    # The game's welfare lies between 0 and 1, so this is the welfare index.
    assert float(welfare.mean()) >= (0.99 if noise == 0.0 else 0.95)


@NOISES
def test_a_defector_gains_next_to_nothing(noise: float) -> None:
    played = against(FixedCooperativeness(beta=0.0), noise=noise)["frequency"].values[:, 0]
    # The own cost alone, so that the defector's slips do not count in favour; the payoff range is 1.5.
    cost = played @ (np.linspace(1, 0, 101) ** 2 / 2)
    assert float(cost.mean()) / 1.5 <= (0.01 if noise == 0.0 else 0.02)


@NOISES
def test_a_fixed_cooperativeness_is_found(noise: float) -> None:
    errors = []
    for seed, beta in enumerate(np.random.default_rng(0).random(40)):
        data = against(
            FixedCooperativeness(beta=beta),
            rounds=200, runs=4, burn_in=0, record=199, seed=seed, noise=noise,
        )  # fmt: skip
        errors.append(data["estimate"].values[:, -1, 0] - beta)
    assert np.sqrt(np.mean(np.square(errors))) <= (0.02 if noise == 0.0 else 0.05)


@NOISES
def test_a_switch_to_defection_is_answered(noise: float) -> None:
    switching = FixedCooperativeness(beta=1.0, later=0.0, switch_round=200)
    data = against(switching, rounds=300, burn_in=0, record="all", noise=noise)
    alpha = data["alpha"].values[:, 200:, 0]
    answered = np.argmax(alpha <= 0.1, axis=1)
    assert (alpha <= 0.1).any(axis=1).all()
    assert answered.max() <= (30 if noise == 0.0 else 60)


def test_without_noise_alpha_is_beta_plus_epsilon() -> None:
    data = against(FixedCooperativeness(beta=0.4), rounds=100, runs=1, burn_in=99, record="all")
    assert data["alpha"].values[0, -1, 0] == pytest.approx(0.45, abs=2e-3)
    assert data["mean_level"].values[0] == pytest.approx([0.45, 0.4])


PLAYERS: list[DuelPlayer] = [
    LiteralMirror(),
    LiteralMirror(reward_share=1.0, uncertainty_factor=1.0),
    LiteralMirror(selection="logit", rationality=10.0, reward_share=0.5),
    LiteralMirror(probe_probability=0.5, other_forms=("sum", "value")),
    FixedCooperativeness(beta=0.7, later=-0.5, switch_round=20),
    TitForTat(generosity=0.2),
    ContriteTitForTat(),
    ConcedingMirror(),
    FirmButFair(),
    FixedLevel(cooperation=0.4),
    Grim(),
    WinStayLoseShift(),
    BinaryTitForTat(),
    ConsequentialistCooperator(),
    ProbingMirror(),
    LevelLearner(rule="q-learning"),
    LevelLearner(rule="policy-gradient"),
    LevelLearner(rule="actor-critic"),
    OutcomeQLearner(),
    MemoryOneLearner(),
]


@pytest.mark.parametrize("game", [graded_donation_game(levels=5, interaction=0.2), DILEMMA])
@pytest.mark.parametrize("player", PLAYERS, ids=lambda p: getattr(p, "rule", type(p).__name__))
def test_python_and_compiled_law_agree_bit_for_bit(player: DuelPlayer, game: Game) -> None:
    settings = {"game": game, "rounds": 60, "runs": 2, "noise": 0.1, "seed": 5}
    fast = play_duels(player, LiteralMirror(), **settings)
    slow = play_duels(player, LiteralMirror(), **settings, compile_law=False)
    assert fast.identical(slow)


def test_runs_and_workers_change_nothing() -> None:
    many = against(LiteralMirror(), rounds=40_000, runs=3, noise=0.1, workers=2)
    alone = against(LiteralMirror(), rounds=40_000, runs=2, noise=0.1, workers=1)
    assert many.isel(run=slice(2)).identical(alone)


def test_recording_every_third_round() -> None:
    settings = {"rounds": 10, "runs": 2, "burn_in": 0, "noise": 0.3}
    every, some = (
        against(LiteralMirror(), record="all", **settings),
        against(LiteralMirror(), record=3, **settings),
    )
    assert some["round"].values.tolist() == [0, 3, 6, 9]
    assert np.array_equal(every["level"].sel(round=some["round"]), some["level"])
    assert every["mean_payoff"].values == pytest.approx(every["payoff"].mean("round").values)
    assert every["mean_level"].values == pytest.approx(every["level"].mean("round").values)
    assert every["frequency"].sum("action").values == pytest.approx(np.ones((2, 2)))


def levels_of(first, second, rounds: int, **arguments) -> list[list[float]]:  # type: ignore[no-untyped-def]
    data = play_duels(first, second, rounds=rounds, **{"game": DILEMMA, **arguments})
    return data["level"].values[0].T.tolist()


def test_tit_for_tat_copies() -> None:
    switching = FixedCooperativeness(beta=1.0, later=0.25, switch_round=2)
    game = graded_donation_game(levels=5)
    assert levels_of(TitForTat(), switching, 5, game=game)[0] == [1.0, 1.0, 1.0, 0.25, 0.25]
    assert levels_of(TitForTat(generosity=1.0), switching, 5, game=game)[0] == [1.0] * 5


def test_grim_never_forgives() -> None:
    switching = FixedCooperativeness(beta=0.0, later=1.0, switch_round=1)
    assert levels_of(Grim(), switching, 4)[0] == [1.0, 0.0, 0.0, 0.0]


def test_win_stay_lose_shift_alternates_against_a_defector() -> None:
    assert levels_of(WinStayLoseShift(), FixedCooperativeness(beta=0.0), 4)[0] == [1.0, 0.0, 1.0, 0.0]
    assert levels_of(WinStayLoseShift(), WinStayLoseShift(), 3) == [[1.0] * 3] * 2


def test_binary_rule_punishes_for_as_long_as_the_debit_is_worth() -> None:
    # One defection gains T - R = 1; twice that is taken back by (R - P) = 2 a round: one round.
    once = FixedCooperativeness(beta=0.0, later=1.0, switch_round=1)
    assert levels_of(BinaryTitForTat(factor=2.0), once, 4)[0] == [1.0, 0.0, 1.0, 1.0]
    assert levels_of(BinaryTitForTat(factor=5.0), once, 6)[0] == [1.0, 0.0, 0.0, 0.0, 1.0, 1.0]
    # The debit of 1 exceeds 1.5 times the gain of 1 only with the second defection.
    always = FixedCooperativeness(beta=0.0)
    assert levels_of(BinaryTitForTat(debit_limit=1.5, factor=0.1), always, 4)[0] == [1.0, 1.0, 0.0, 1.0]


def test_consequentialist_defects_while_its_average_is_low() -> None:
    # It requires (V(C,D) + V(C,C)) / 2 = 1.5: after 0 it defects, after 1, 1, ... too.
    always = FixedCooperativeness(beta=0.0)
    assert levels_of(ConsequentialistCooperator(), always, 4)[0] == [1.0, 0.0, 0.0, 0.0]
    assert levels_of(ConsequentialistCooperator(), FixedCooperativeness(beta=1.0), 3)[0] == [1.0] * 3


def test_spiteful_players_do_harm_where_it_is_cheap() -> None:
    burn = Game.bimatrix([[2.0, 0.0], [1.5, -0.5]], [[2.0, 1.5], [0.0, -0.5]])
    assert levels_of(FixedCooperativeness(beta=0.0), FixedCooperativeness(beta=-0.5), 2, game=burn) == [
        [1.0, 1.0],
        [0.0, 0.0],
    ]


@pytest.mark.parametrize("rule", ["q-learning", "policy-gradient", "actor-critic"])
def test_learners_learn_what_pays(rule: str) -> None:
    # Against a cooperator of fixed level defection pays; after learning it is what is played.
    learner = LevelLearner(rule=rule)
    data = play_duels(
        learner,
        FixedCooperativeness(beta=1.0),
        game=DILEMMA,
        rounds=5000,
        runs=4,
        burn_in=4000,
        record="summary",
    )
    assert (data["mean_level"].values[:, 0] < 0.1).all()


def test_a_wrong_model_of_the_payoffs_biases_the_estimate_as_it_should() -> None:
    # Who thinks that the other's benefit is 2 takes x = beta for beta / 2 (x = beta b / c).
    wrong = LiteralMirror(believed_game=graded_donation_game(benefit=2.0))
    data = play_duels(wrong, FixedCooperativeness(beta=0.8), game=GAME, rounds=300)
    assert data["estimate"].values[0, -1, 0] == pytest.approx(0.4, abs=0.01)


@NOISES
def test_rewards_alone_find_the_cooperativeness_too(noise: float) -> None:
    by_rewards = LiteralMirror(reward_share=1.0)
    data = play_duels(
        by_rewards, FixedCooperativeness(beta=0.6), game=GAME, rounds=400, runs=40, noise=noise, record=399
    )
    errors = data["estimate"].values[:, -1, 0] - 0.6
    assert np.abs(errors).max() <= (1e-6 if noise == 0.0 else 0.3)
    assert abs(errors.mean()) <= 0.03


def test_a_belief_about_form_and_cooperativeness_together_weighs_both_explanations() -> None:
    # In this game a fair player by the egalitarian notion plays 1/2: to a maximiser of the sum, half-hearted.
    game = graded_donation_game(benefit=(3.0, 1.0), levels=21)
    fair = FixedCooperativeness(beta=1.0, form="egalitarian-value")
    settings = {"game": game, "rounds": 200, "seed": 1}
    naive = play_duels(LiteralMirror(form="value"), fair, **settings)
    broad = LiteralMirror(form="value", other_forms=("value", "egalitarian-value"), epsilon=0.0)
    wise = play_duels(broad, fair, **settings)
    assert naive["estimate"].values[0, -1, 0] == pytest.approx(0.5, abs=0.02)
    # Level 1/2 is the nearest to .48, ..., .52 by the one notion and to .96, ..., 1 by the other: five points each.
    assert wise["estimate"].values[0, -1, 0] == pytest.approx((0.5 + 0.98) / 2, abs=0.01)


def test_levels_that_no_point_of_the_grid_plays_tell_nothing_and_a_warning_says_so() -> None:
    # Level .435 lies between what .43 and .44 play: all are as unlikely, and the prior's mean remains.
    fine, fixed = graded_donation_game(levels=201), FixedCooperativeness(beta=0.435)
    with pytest.warns(UserWarning, match="give grid_points=201 or more"):
        data = play_duels(LiteralMirror(), fixed, game=fine, rounds=50)
    assert data["estimate"].values[0, -1, 0] == pytest.approx(0.5)
    data = play_duels(LiteralMirror(grid_points=201), fixed, game=fine, rounds=50)
    assert data["estimate"].values[0, -1, 0] == pytest.approx(0.435, abs=2e-3)


def test_zero_evidence_is_counted_where_nothing_trembles() -> None:
    # Two levels, so cooperativeness explains everything; but never a level between 0 and its best reply.
    certain = LiteralMirror(tremble=0.0, grid_points=2)
    with pytest.warns(UserWarning, match="101 levels are finer than a belief of 2 points"):
        data = play_duels(certain, FixedCooperativeness(beta=0.5), game=GAME, rounds=10)
    assert data["zero_evidence"].values[0].tolist() == [10.0, 0.0]
    assert data["estimate"].values[0, -1, 0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LiteralMirror(epsilon=2.0), r"epsilon must lie in \[-1, 1\], got 2"),
        (lambda: LiteralMirror(uncertainty_factor=-1.0), "uncertainty_factor must lie in"),
        (lambda: LiteralMirror(forgetting=1.5), r"forgetting must lie in \[0, 1\], got 1.5"),
        (lambda: LiteralMirror(tremble=-0.5), r"tremble must lie in \[0, 1\], got -0.5"),
        (lambda: LiteralMirror(reward_share=3.0), r"reward_share must lie in \[0, 1\], got 3"),
        (lambda: LiteralMirror(reward_rate=0.0), r"reward_rate must lie in \(0, 1\], got 0"),
        (lambda: LiteralMirror(grid_points=1), "grid_points must be at least 2, got 1"),
        (lambda: LiteralMirror(grid_points=2, prior=[0.5, 0.4]), "prior must sum to one"),
        (lambda: LiteralMirror(probe_probability=1.1), r"probe_probability must lie in \[0, 1\], got 1.1"),
        (lambda: LiteralMirror(probe_budget=-1.0), "probe_budget must lie in"),
        (lambda: LiteralMirror(probe_cap=-1.0), "probe_cap must lie in"),
        (
            lambda: LiteralMirror(other_forms=("nash",), reward_share=0.5),
            "other_forms are for estimates by actions",
        ),
        (lambda: FixedCooperativeness(beta=1.5), r"beta must lie in \[-1, 1\], got 1.5"),
        (lambda: FixedCooperativeness(later=-2.0), r"later must lie in \[-1, 1\], got -2"),
        (lambda: FixedCooperativeness(switch_round=-1), "switch_round must be at least 0, got -1"),
        (lambda: TitForTat(generosity=2.0), r"generosity must lie in \[0, 1\], got 2"),
        (lambda: BinaryTitForTat(factor=0.0), "factor must be positive, got 0"),
        (lambda: BinaryTitForTat(debit_limit=-1.0), "debit_limit must lie in"),
        (lambda: ConsequentialistCooperator(share=2.0), r"share must lie in \[0, 1\], got 2"),
        (lambda: ConsequentialistCooperator(rate=0.0), r"rate must lie in \(0, 1\], got 0"),
        (lambda: ProbingMirror(probe_budget=-1.0), "probe_budget must lie in"),
        (lambda: ProbingMirror(probe_probability=2.0), r"probe_probability must lie in \[0, 1\], got 2"),
        (lambda: LevelLearner(rule="lola"), "unknown learning rule 'lola'"),
        (lambda: LevelLearner(learning_rate=0.0), "learning_rate must be positive, got 0"),
        (lambda: LevelLearner(discount=1.0), r"discount must lie in \[0, 1\), got 1"),
        (lambda: LevelLearner(choices=1), "choices must be at least 2, got 1"),
        (lambda: against(Grim(), noise=1.1), r"noise must lie in \[0, 1\], got 1.1"),
        (lambda: against(Grim(), misreading=-0.1), r"misreading must lie in \[0, 1\], got -0.1"),
        (lambda: against(Grim(), start=(0,)), r"start must be an action of each player, got \(0,\)"),
        (lambda: against(Grim(), start=(0, 101)), "start of player 2 must be"),
        (lambda: FirmButFair(forgiveness=-1.0), r"forgiveness must lie in \[0, 1\], got -1"),
        (lambda: against(Grim(), rounds=0), "rounds must be at least 1, got 0"),
        (lambda: against(Grim(), burn_in=1000), "burn_in must be less than the 1000 rounds, got 1000"),
        (lambda: against(Grim(), record="some"), "record must be 'all', 'summary' or every how many"),
        (
            lambda: play_duels(LiteralMirror(believed_game=GAME), Grim(), game=DILEMMA),
            "believed_game must have the game's actions",
        ),
        (lambda: play_duels(ProbingMirror(), Grim(), game=named_game("chicken")), "probing on account needs"),
    ],
)
def test_errors_state_the_rule_and_the_value(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("player", PLAYERS, ids=lambda p: getattr(p, "rule", type(p).__name__))
def test_players_survive_pickling_and_are_known_by_one_module(player: DuelPlayer) -> None:
    assert pickle.loads(pickle.dumps(player)) == player
    assert getattr(players, type(player).__name__) is type(player)
