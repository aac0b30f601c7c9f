"""A planner that leads players of duels and leaves: the law, its drivers, and what remains."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from simulation import (
    ContriteTitForTat,
    FirmButFair,
    FixedCooperativeness,
    GradualPlayer,
    HandoverParameters,
    LevelLearner,
    LiteralMirror,
    MechanismDesignParameters,
    MemoryOneLearner,
    OutcomeQLearner,
    RuleLearner,
    TitForTat,
    WinStayLoseShift,
    play_duels,
    simulate_handover,
)
from simulation.engine.randomness import run_generator
from simulation.gradual.policies import policy_family
from simulation.gradual.seat import DuelPlayer
from simulation.handover.law import (
    cooperation_in_force,
    cooperation_pays,
    new_table,
    set_incentive_table,
    set_likelihood,
)
from simulation.handover.model import GuidedPair
from simulation.handover.parameters import prior_of_defectors
from simulation.mechanism_design.runs import incentives_by_outcome
from simulation.planner.incentives import new_incentives
from simulation.planner.state import new_workspace
from theory import dominated_actions, named_game

RECORDED = ("cooperation_probability", "action", "payoff", "additional_reward", "alpha", "estimate")


def short(*, rounds=60, planned=40, **options):
    planner = {
        key: options.pop(key) for key in ("game", "knowledge", "policy", "planner_retires") if key in options
    }
    parameters = HandoverParameters(**options)
    return replace(
        parameters,
        planner=replace(parameters.planner, episodes=rounds, planner_episodes=planned, **planner),
    )


CLOSED_FORM = {"policy": "others-rewards", "knowledge": "known"}


PAIRS = [
    (GradualPlayer(), TitForTat(generosity=0.2)),
    (OutcomeQLearner(), LiteralMirror(grid_points=11)),
    (MemoryOneLearner(), RuleLearner()),
    (LevelLearner(), WinStayLoseShift()),
]


@pytest.mark.parametrize("informed", [True, False])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "-".join(type(player).__name__ for player in pair))
def test_pairs_of_all_kinds_play_compiled_plainly_and_in_mesa_bit_for_bit(pair, informed):
    parameters = short(player=pair, informed=informed, noise=0.1, defected_before=True)
    compiled = simulate_handover(parameters, runs=2, seed=5, burn_in=40)
    xr.testing.assert_identical(
        compiled, simulate_handover(parameters, runs=2, seed=5, burn_in=40, compile_law=False)
    )
    model = GuidedPair(parameters, rng=5, run=1)
    played = []
    while model.running:
        model.step()
        played.append([(1.0 - player.level, player.payoff) for player in model.players])
    seen = np.stack([compiled["action"].values[1], compiled["payoff"].values[1]], axis=2)
    assert np.array_equal(np.array(played), seen)


@pytest.mark.parametrize("game", ["prisoners-dilemma", "chicken", "stag-hunt"])
@pytest.mark.parametrize(
    "player",
    [TitForTat(), ContriteTitForTat(begins_provoked=True), WinStayLoseShift(), FirmButFair(forgiveness=0.0)],
)
def test_without_a_planner_players_who_mix_nothing_duel_as_ever(player, game):
    game = named_game(game)
    other = TitForTat()
    duel = play_duels(player, other, game=game, rounds=30, start=(1, 1))
    data = simulate_handover(
        short(rounds=30, planned=0, game=game, player=(player, other), defected_before=True), runs=1
    )
    assert np.array_equal(data["payoff"].values[0], duel["payoff"].values[0])
    assert np.array_equal(1.0 - data["action"].values[0], duel["level"].values[0])


def test_cooperation_pays_where_defection_is_weakly_dominated_in_the_game_in_force():
    """By `theory.dominated_actions`; small whole numbers, so that ties are many."""
    generator = np.random.default_rng(0)
    counts = {True: 0, False: 0}
    for _ in range(200):
        game = named_game(str(generator.choice(["prisoners-dilemma", "chicken", "stag-hunt"])))
        own = generator.integers(0, 3, (2, 2)).astype(float)
        in_force = game.with_incentives(np.stack([own, np.zeros((2, 2))]))
        dominated = {(d.player, d.action) for d in dominated_actions(in_force, kind="weak", by="pure")}
        pays = cooperation_pays(game.payoffs[0], own)
        assert pays == ((0, 1) in dominated)
        counts[pays] += 1
    assert min(counts.values()) > 20


def test_one_round_of_pay_hands_over_to_tit_for_tat_that_is_informed_and_nothing_to_one_that_is_not():
    def after(planned, **options):
        parameters = short(
            rounds=50, planned=planned, player=TitForTat(), defected_before=True, **CLOSED_FORM, **options
        )
        return simulate_handover(parameters, runs=1)["action"].values[0].tolist()

    assert after(0) == [[1, 1]] * 50
    assert after(1) == [[0, 0]] * 50
    assert after(40, informed=False) == [[1, 1]] * 50
    # The Stag Hunt of Table 4.1: against D it makes no difference, S + T = 2P, against C it pays.
    assert after(1, game=named_game("stag-hunt")) == [[0, 0]] * 50


def test_who_does_not_read_what_is_announced_goes_by_what_it_gets():
    # Win-stay lose-shift aspires to (R + P) / 2. The closed form gives it S + T for C against a defector, which is
    # enough to stay; S is not.
    players = (WinStayLoseShift(), FixedCooperativeness(beta=0.0))
    parameters = short(rounds=12, planned=5, player=players, informed=False, **CLOSED_FORM)
    actions = simulate_handover(parameters, runs=1)["action"].values[0, :, 0]
    assert actions.tolist() == [0] * 6 + [1, 0, 1, 0, 1, 0]


def test_learners_learn_from_what_they_are_paid():
    # Against a defector: who is paid what the other gets has S + T > 2P by C, and learns it while it is paid.
    learner = OutcomeQLearner(learning_rate=0.5, exploration=0.2, expected_cooperation=0.0, discount=0.0)
    for informed in (True, False):
        parameters = short(
            rounds=2000, planned=1000, player=(learner, FixedCooperativeness(beta=0.0)), informed=informed,
            **CLOSED_FORM,
        )  # fmt: skip
        cooperates = simulate_handover(parameters, runs=4)["action"].values[:, :, 0] == 0
        # But for the 10% of exploration that are D: 2000 and 3600 choices, so far off by chance once in 1e9.
        assert cooperates[:, 500:1000].mean() == pytest.approx(0.9, abs=0.04)
        assert cooperates[:, 1100:].mean() == pytest.approx(0.1, abs=0.04)


def test_ledger_mirrors_need_no_planner():
    # From mutual mistrust peace offers end the quarrel; without slips agreed play then goes on for ever.
    for planned in (0, 2):
        parameters = short(rounds=200, planned=planned, player=GradualPlayer(trust=0.05), **CLOSED_FORM)
        data = simulate_handover(parameters, runs=20, burn_in=100)
        assert (data["joint_cooperation"].values == 1.0).all()


def test_beliefs_are_kept_of_those_who_have_them():
    data = simulate_handover(
        short(rounds=5, planned=0, player=(TitForTat(), LiteralMirror(grid_points=7))), runs=2
    )
    assert np.isnan(data["belief"].values[:, 0]).all()
    assert data["belief"].values[:, 1].sum(axis=1) == pytest.approx(np.ones(2))
    assert "belief" not in simulate_handover(short(rounds=5, planned=0, player=TitForTat()), runs=1)
    assert np.isnan(data["alpha"].values[:, :, 0]).all()


class Stubborn(DuelPlayer):
    """Never cooperates, and cannot be compiled."""

    @staticmethod
    def choose(seat, mind, asked):
        return {"D": 1}["D"]


class Undecided(DuelPlayer):
    """Plays what the game does not have."""

    @staticmethod
    def choose(seat, mind, asked):
        return 2


def test_players_of_ones_own_are_led_too():
    parameters = short(rounds=20, planned=10, player=(Stubborn(), TitForTat()), **CLOSED_FORM)
    with pytest.warns(UserWarning, match="cannot be compiled") as told:
        data = simulate_handover(parameters, runs=1)
    assert [warning.filename for warning in told] == [__file__]
    # Informed, it cooperates for what it is paid, and no longer.
    assert data["action"].values[0, :, 0].tolist() == [0] * 10 + [1] * 10
    with pytest.warns(UserWarning, match="cannot be compiled") as told:
        GuidedPair(parameters, rng=1)
    assert [warning.filename for warning in told] == [__file__]
    wrong = short(rounds=20, planned=10, player=Undecided(), informed=False)
    with pytest.raises(ValueError, match=r"round|episode 0: .*must return a level from 0 to 1, got 2"):
        simulate_handover(wrong, runs=1, compile_law=False)


def test_a_learner_that_diverges_is_named():
    parameters = short(player=(TitForTat(), OutcomeQLearner(learning_rate=1e200)))
    with pytest.raises(ValueError, match=r"player 2 has learnt .*a smaller learning_rate would help"):
        simulate_handover(parameters, runs=1)


@pytest.mark.parametrize("attribution", ["character", "incentives"])
@pytest.mark.parametrize("game", ["prisoners-dilemma", "chicken", "stag-hunt"])
def test_compiled_plain_and_mesa_agree_bit_for_bit(game, attribution):
    parameters = short(game=named_game(game), attribution=attribution, noise=0.1)
    compiled = simulate_handover(parameters, runs=2, seed=5, burn_in=40)
    plain = simulate_handover(parameters, runs=2, seed=5, burn_in=40, compile_law=False)
    xr.testing.assert_identical(compiled, plain)
    model = GuidedPair(parameters, rng=5, run=1)
    while model.running:
        model.step()
    table = model.datacollector.get_agenttype_vars_dataframe(type(model.players[0])).unstack()
    assert np.array_equal(table["beta_hat"].to_numpy()[1:], compiled["estimate"].values[1])
    assert np.array_equal(1.0 - table["level"].to_numpy()[1:], compiled["action"].values[1])
    assert np.array_equal(table["payoff"].to_numpy()[1:], compiled["payoff"].values[1])
    assert model.average_additional_reward == compiled["average_additional_reward"].values[1]
    assert np.array_equal(np.stack([mind.belief for mind in model.minds]), compiled["belief"].values[1])


def test_a_run_depends_on_neither_the_number_of_runs_nor_on_what_is_recorded():
    many = simulate_handover(short(), runs=18, seed=1, burn_in=50)
    one_by_one = simulate_handover(short(), runs=17, seed=1, record=7, burn_in=50)
    for name in RECORDED:
        assert np.array_equal(many[name].values[:17, ::7], one_by_one[name].values)
    assert np.array_equal(many["belief"].values[:17], one_by_one["belief"].values)
    summary = simulate_handover(short(), runs=2, seed=1, record="summary", burn_in=50)
    assert "action" not in summary
    assert np.array_equal(summary["joint_cooperation"].values, many["joint_cooperation"].values[:2])


def test_frequencies_count_the_last_rounds():
    data = simulate_handover(short(noise=0.5), runs=3, seed=2, burn_in=35)
    action = data["action"].values[:, -25:]
    outcomes = 2 * action[:, :, 0] + action[:, :, 1]
    for outcome in range(4):
        assert np.array_equal(
            data["outcome_frequency"].values[:, outcome], (outcomes == outcome).mean(axis=1)
        )


def test_how_many_rounds_are_counted_may_still_be_said_for_one_version():
    of_last = simulate_handover(short(noise=0.5), runs=3, seed=2, burn_in=35)
    with pytest.warns(DeprecationWarning, match="counted of simulate_handover is called burn_in now") as told:
        xr.testing.assert_identical(simulate_handover(short(noise=0.5), runs=3, seed=2, counted=25), of_last)
    assert [warning.filename for warning in told] == [__file__]
    with (
        pytest.warns(DeprecationWarning, match="counted"),
        pytest.raises(ValueError, match="counted must be at most the 60 rounds, got 61"),
    ):
        simulate_handover(short(), counted=61)


def test_by_default_the_last_500_rounds_are_counted_and_all_of_fewer():
    assert simulate_handover(short(), runs=1).attrs["burn_in"] == 0
    assert simulate_handover(short(rounds=520), runs=1).attrs["burn_in"] == 20


def test_without_a_planner_the_players_duel_as_ever():
    # From the same last actions: duels begin after the middle action, which is C of two.
    game = named_game("prisoners-dilemma")
    hopeful = LiteralMirror(forgetting=0.05)
    parameters = short(rounds=30, planned=0, player=hopeful)
    duel = play_duels(hopeful, hopeful, game=game, rounds=30)
    data = simulate_handover(parameters)
    # In the Prisoner's Dilemma best replies do not depend on the other's last action.
    assert np.array_equal(data["estimate"].values[0], duel["estimate"].values[0])
    assert np.array_equal(data["payoff"].values[0], duel["payoff"].values[0])


@pytest.mark.parametrize("game", ["prisoners-dilemma", "chicken", "stag-hunt", "battle-of-the-sexes"])
def test_replies_and_likelihoods_are_those_of_the_policy_family_of_the_game_in_force(game):
    game = named_game(game)
    # Cooperativeness is about the other's payoff in the game itself, so only the own incentives count.
    own = np.array([[0.5, -1.0], [0.25, 2.0]])
    in_force = policy_family(game.with_incentives(np.stack([own, np.zeros((2, 2))])), 0)
    observer = LiteralMirror().seat(game, 1)
    for last in (0, 1):
        for k, weight in enumerate(in_force.weights):
            expected = in_force.probabilities[k, last, 0]
            p = cooperation_in_force(
                game.payoffs[0], game.payoffs[1], own[0, last], own[1, last], weight, last
            )
            assert p == expected
            for action in (0, 1):
                set_likelihood(observer, last, action, own, 0.1)
                chance = in_force.probabilities[k, last, action]
                assert observer.likelihood[last, action, k] == pytest.approx(0.9 * chance + 0.05)


def test_likelihoods_without_incentives_are_those_of_the_player():
    game = named_game("chicken")
    player, untouched = (LiteralMirror(tremble=0.05).seat(game, 0) for _ in range(2))
    for last in (0, 1):
        for action in (0, 1):
            set_likelihood(player, last, action, np.zeros((2, 2)), 0.05)
    assert player.likelihood == pytest.approx(untouched.likelihood)


def test_the_prior_of_defectors_doubts_a_little():
    prior = prior_of_defectors()
    grid = np.linspace(0.0, 1.0, 101)
    assert prior.sum() == pytest.approx(1.0)
    assert prior[grid > 0.1 + 1e-9].sum() == pytest.approx(0.01 * 90 / 101)
    assert prior @ grid == pytest.approx(0.99 * 0.05 + 0.01 * 0.5)
    assert HandoverParameters().player.epsilon + prior @ grid > 0.1  # alpha itself, with generosity
    assert prior @ grid < 0.1


def test_cooperation_outlasts_the_planner_if_it_is_credited_to_character():
    # One run each: without noise nothing but the planner's initial layer differs between runs.
    kept = simulate_handover(record=100, runs=2, seed=11)
    planned = kept.sel(episode=slice(0, 3999))
    assert planned["action"].values[:, 0].tolist() == [[1, 1], [1, 1]]
    assert kept["joint_cooperation"].values.tolist() == [1.0, 1.0]
    assert (kept.sel(episode=slice(4000, None))["additional_reward"] == 0.0).all()
    lost = simulate_handover(HandoverParameters(attribution="incentives"), record=100, runs=2, seed=11)
    assert (lost.sel(episode=3900)["action"] == 0).all()
    assert lost["joint_cooperation"].values.tolist() == [0.0, 0.0]


def test_the_closed_form_planner_leads_at_once():
    parameters = short(policy="others-rewards", knowledge="known", rounds=30, planned=20)
    data = simulate_handover(parameters, runs=1, burn_in=25)
    assert data["joint_cooperation"].values.tolist() == [1.0]
    paid = data["additional_reward"].values[0, :20]
    assert np.array_equal(paid, data["payoff"].values[0, :20, ::-1])


def test_what_is_announced_is_what_is_paid_on_average():
    planner = replace(HandoverParameters().planner, flip_probability=0.3)
    state, table, workspace = (
        planner.start(run_generator(3, 0)),
        new_table(),
        new_workspace(planner.critic_units),
    )
    set_incentive_table(table, True, state, planner.constants, workspace)
    by_outcome = np.zeros((4, 2))
    incentives_by_outcome(state, planner.constants, new_incentives(), by_outcome)
    assert table[0].ravel() == pytest.approx(by_outcome[:, 0])
    assert table[1].T.ravel() == pytest.approx(by_outcome[:, 1])
    unseen = replace(planner, flip_probability=0.0, sees=(True, False))
    set_incentive_table(table, True, state, unseen.constants, workspace)
    assert table[0][:, 0] == pytest.approx(table[0][:, 1]), "nobody sees what player 2 does"


def test_a_planner_that_retires_pays_no_more():
    parameters = short(rounds=4000, planned=4000, planner_retires=True, game=named_game("chicken"))
    data = simulate_handover(parameters, runs=1, burn_in=3990)
    retired = int(data["planner_retired"].values[0])
    assert (retired >= 0) == bool((data["additional_reward"].values[0, -1] == 0.0).all())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attribution": "luck"}, "unknown attribution 'luck'"),
        ({"noise": 1.5}, r"noise must lie in \[0, 1\], got 1.5"),
        ({"planner": MechanismDesignParameters()}, "knowledge must be 'modelled', got 'known'"),
        ({"player": LiteralMirror(form="nash")}, "got form 'nash'"),
        ({"player": (TitForTat(), LiteralMirror(form="nash"))}, "got form 'nash'"),
        ({"player": "tit-for-tat"}, "player must be a player of duels"),
        ({"player": (TitForTat(),)}, "player must be a player of duels, or one for each of two"),
        ({"informed": "yes"}, "informed must be True or False, got 'yes'"),
        ({"defected_before": 2}, "defected_before must be True or False, got 2"),
        (
            {"attribution": "incentives", "informed": False},
            "who are informed, got informed False",
        ),
        ({"attribution": "incentives", "player": TitForTat()}, "for literal mirrors who are informed"),
        ({"player": LiteralMirror(reward_share=0.5)}, "reward_share 0.5"),
        ({"player": LiteralMirror(probe_probability=0.1)}, "got probe_probability 0.1"),
        ({"player": LiteralMirror(other_forms=("sum", "nash"))}, "other_forms"),
        (
            {"player": LiteralMirror(believed_game=named_game("chicken"))},
            "believed_game and families must be None",
        ),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        HandoverParameters(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runs": 0}, "runs must be at least 1, got 0"),
        ({"burn_in": 60}, "burn_in must be less than the 60 rounds, got 60"),
        ({"burn_in": -1}, "burn_in must be at least 0, got -1"),
        (
            {"counted": 20, "burn_in": 40},
            "counted and burn_in are two names of one argument: give one, got 20 and 40",
        ),
        ({"record": "some"}, "record must be 'all', 'summary' or every how many episodes, got 'some'"),
    ],
)
def test_bad_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        simulate_handover(short(), **options)
    with pytest.raises(ValueError, match="doubt must lie in"):
        prior_of_defectors(doubt=2.0)
