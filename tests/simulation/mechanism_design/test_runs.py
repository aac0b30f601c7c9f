"""The batch driver: independence of runs, records, errors; and the Mesa model, bit for bit the same."""

import warnings

import numpy as np
import pytest

from simulation import MechanismDesign, MechanismDesignParameters, simulate
from simulation.engine.runs import CHUNK
from simulation.mechanism_design.law import mechanism_design_round
from simulation.mechanism_design.runs import incentive_tensors, learned_profiles
from theory import named_game

SHORT = MechanismDesignParameters(episodes=60, planner_episodes=40)


def test_dataset_has_the_promised_dimensions() -> None:
    data = simulate(SHORT, runs=3, seed=0)
    assert dict(data.sizes) == {"run": 3, "player": 2, "outcome": 4, "episode": 60}
    assert data["incentive"].dims == ("run", "episode", "outcome", "player")
    assert data["cooperation_probability"].dims == ("run", "episode", "player")
    assert list(data["outcome"].values) == ["CC", "CD", "DC", "DD"]


def test_run_depends_on_parameters_seed_and_its_number_alone() -> None:
    many = simulate(SHORT, runs=5, seed=3)
    few = simulate(SHORT, runs=2, seed=3)
    assert many.isel(run=slice(0, 2)).equals(few)
    assert not many.equals(simulate(SHORT, runs=5, seed=4))
    assert len(np.unique(many["final_cooperation_probability"].values)) == 10


def test_any_number_of_workers_gives_the_same_bits() -> None:
    runs = 2 * CHUNK + 3
    one = simulate(SHORT, runs=runs, seed=0, record="summary", workers=1)
    assert one.equals(simulate(SHORT, runs=runs, seed=0, record="summary", workers=3))


def test_every_kth_episode_is_a_part_of_all() -> None:
    everything = simulate(SHORT, runs=2, seed=0)
    thinned = simulate(SHORT, runs=2, seed=0, record=7)
    assert thinned["episode"].values.tolist() == list(range(0, 60, 7))
    assert thinned.equals(everything.isel(episode=slice(0, None, 7)))
    summary = simulate(SHORT, runs=2, seed=0, record="summary")
    assert "episode" not in summary.sizes
    assert summary.equals(everything[list(summary.data_vars)].drop_vars("episode", errors="ignore"))


def test_planner_is_turned_off_after_its_episodes() -> None:
    data = simulate(SHORT, runs=2, seed=0)
    paid = data["additional_reward"].values
    assert (paid[:, :40] != 0).all()
    assert (paid[:, 40:] == 0).all()
    assert (data["incentive"].values[:, 40:] == 0).all()
    assert (data["final_incentive"] == 0).all()
    never = simulate(MechanismDesignParameters(episodes=10, planner_episodes=0), runs=1)
    assert (never["additional_reward"] == 0).all()


def test_condition_turned_off_continues_the_condition_with_planner() -> None:
    with_planner = simulate(MechanismDesignParameters(episodes=40), runs=2, seed=1)
    assert simulate(SHORT, runs=2, seed=1)["action"].isel(episode=slice(0, 40)).equals(with_planner["action"])


def test_recorded_incentive_of_the_outcome_played_is_what_was_paid() -> None:
    data = simulate(SHORT, runs=3, seed=2)
    actions = data["action"].values
    outcome = 2 * actions[..., 0] + actions[..., 1]
    of_outcome = np.take_along_axis(data["incentive"].values, outcome[..., None, None], axis=2)[:, :, 0]
    assert np.array_equal(of_outcome, data["additional_reward"].values)


def test_payoffs_are_those_of_the_original_game() -> None:
    game = named_game("chicken")
    data = simulate(MechanismDesignParameters(game=game, episodes=80), runs=2, seed=2)
    rows, columns = data["action"].values[..., 0], data["action"].values[..., 1]
    assert np.array_equal(data["payoff"].values[..., 0], game.payoffs[0][rows, columns])
    assert np.array_equal(data["payoff"].values[..., 1], game.payoffs[1][rows, columns])


def test_summary_is_computed_from_the_final_policies_and_all_payments() -> None:
    game = named_game("stag-hunt")
    data = simulate(MechanismDesignParameters(game=game, episodes=80), runs=3, seed=2)
    for run in range(3):
        p, q = data["final_cooperation_probability"].values[run]
        assert data["joint_cooperation"].values[run] == pytest.approx(p * q)
        assert data["welfare"].values[run] == pytest.approx(
            game.expected_payoffs([[p, 1 - p], [q, 1 - q]]).sum()
        )
    paid = np.abs(data["additional_reward"].values).sum(axis=(1, 2)) / 80
    assert data["average_additional_reward"].values == pytest.approx(paid)
    assert data["cumulative_additional_reward"].values[:, -1].sum(axis=1) / 80 == pytest.approx(paid)


def test_profiles_and_incentive_tensors_fit_the_theory() -> None:
    assert learned_profiles(np.array([0.9, 0.25])).tolist() == [[0.9, pytest.approx(0.1)], [0.25, 0.75]]
    by_outcome = np.arange(8.0).reshape(4, 2)  # CC, CD, DC, DD by player
    assert incentive_tensors(by_outcome).tolist() == [[[0, 2], [4, 6]], [[1, 3], [5, 7]]]


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken", "stag-hunt"])
def test_mesa_model_takes_the_steps_of_the_batch_bit_for_bit(name: str) -> None:
    parameters = MechanismDesignParameters(game=named_game(name), episodes=60, planner_episodes=40)
    data = simulate(parameters, runs=2, seed=11)
    for run in range(2):
        model = MechanismDesign(parameters, rng=11, run=run)
        for episode in range(60):
            recorded = data.isel(run=run, episode=episode)
            assert np.array_equal(model.planner.incentives, recorded["incentive"])
            assert np.array_equal(model.cooperation_probability, recorded["cooperation_probability"])
            model.step()
        assert np.array_equal(
            model.cooperation_probability, data["final_cooperation_probability"].values[run]
        )
        assert model.average_additional_reward == data["average_additional_reward"].values[run]
        assert model.welfare == data["welfare"].values[run]


def test_a_law_of_your_own_runs_under_both_drivers_with_one_notice() -> None:
    calls = []

    def law(state, draws, planning, constants, workspace, record) -> None:
        calls.append(planning)
        mechanism_design_round(state, draws, planning, constants, workspace, record)

    parameters = MechanismDesignParameters(episodes=30)
    with pytest.warns(UserWarning, match="uncompiled") as notices:
        data = simulate(parameters, runs=2, seed=0, law=law)
    assert len(notices) == 1
    assert len(calls) == 60
    assert data.equals(simulate(parameters, runs=2, seed=0))
    with pytest.warns(UserWarning, match="uncompiled"):
        model = MechanismDesign(parameters, rng=0, law=law)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(30):
            model.step()
    assert np.array_equal(model.cooperation_probability, data["final_cooperation_probability"].values[0])


def spoiling(run: int, episode: int, spoil):  # type: ignore[no-untyped-def]
    """Return a law that goes wrong in one episode of one run of 5 episodes."""
    calls = []

    def law(state, draws, planning, constants, workspace, record) -> None:
        mechanism_design_round(state, draws, planning, constants, workspace, record)
        if len(calls) == 5 * run + episode:
            spoil(state, record)
        calls.append(None)

    return law


def put(part: str, value: float):  # type: ignore[no-untyped-def]
    def spoil(state, record) -> None:  # type: ignore[no-untyped-def]
        getattr(state if hasattr(state, part) else record, part)[1] = value

    return spoil


def divide_by_zero(state, record) -> None:  # type: ignore[no-untyped-def]
    raise ZeroDivisionError


@pytest.mark.filterwarnings("ignore:a law in plain Python")
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (put("theta", np.nan), r"{} diverged in episode 3: after theta .* came theta \[.*nan\]"),
        (put("planner", np.inf), r"{} diverged in episode 3: .* came theta .* and \[.*inf"),
        (divide_by_zero, r"{} diverged in episode 3: .* ZeroDivisionError"),
        (
            put("payoff", np.nan),
            r"{}, episode 3: the law .*law must write a finite payoff, got nan for player 2",
        ),
        (
            put("additional_reward", -np.inf),
            r"{}, episode 3: .* a finite additional_reward, got -inf for player 2",
        ),
        (put("cooperation_probability", 7.0), r"{}, episode 3: .* in \[0, 1\], got 7 for player 2"),
        (put("cooperation_probability", np.nan), r"{}, episode 3: .* in \[0, 1\], got nan for player 2"),
        (put("cooperated", 0.5), r"{}, episode 3: .* 1 for C or 0 for D, got 0.5 for player 2"),
    ],
)
def test_a_law_that_goes_wrong_is_told_where_it_does(spoil, message: str) -> None:  # type: ignore[no-untyped-def]
    parameters = MechanismDesignParameters(episodes=5)
    with pytest.raises(ValueError, match=message.format("run 1")):
        simulate(parameters, runs=3, law=spoiling(1, 3, spoil))
    model = MechanismDesign(parameters, rng=0, law=spoiling(0, 3, spoil))
    for _ in range(3):
        model.step()
    with pytest.raises(ValueError, match=message.format("the run")):
        model.step()


@pytest.mark.filterwarnings("ignore:a law in plain Python")
def test_a_law_of_your_own_is_kept_by_name_and_source() -> None:
    def law(*arguments) -> None:  # type: ignore[no-untyped-def]
        mechanism_design_round(*arguments)

    parameters = MechanismDesignParameters(episodes=5)
    own, other = simulate(parameters, runs=1, law=law), simulate(parameters, runs=1)
    assert own.attrs["law"].endswith("test_a_law_of_your_own_is_kept_by_name_and_source.<locals>.law")
    assert other.attrs["law"] == "simulation.mechanism_design.law.mechanism_design_round"
    assert own.attrs["law_source"] != other.attrs["law_source"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"runs": 0}, "runs must be at least 1, got 0"),
        ({"runs": 1.5}, "runs must be a whole number, got 1.5"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"seed": "one"}, "seed must be a whole number, got 'one'"),
        ({"record": "some"}, "record must be .*, got 'some'"),
        ({"record": 0}, "record must be at least 1, got 0"),
        ({"workers": -2}, "workers must be at least 1, got -2"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
    ],
)
def test_bad_arguments_state_the_rule_and_the_value(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(SHORT, **arguments)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"game": named_game("rock-paper-scissors")}, "game must be a game of two players"),
        ({"game": "chicken"}, "game must be a game of two players"),
        ({"episodes": 0}, "episodes must be at least 1, got 0"),
        ({"planner_episodes": -1}, "planner_episodes must be at least 0, got -1"),
        ({"initial_cooperation": 1.0}, r"initial_cooperation must lie in \(0, 1\), got 1.0"),
        ({"initial_cooperation": 0.0}, r"initial_cooperation must lie in \(0, 1\), got 0.0"),
        ({"alpha": (0.0,)}, "alpha must be one number for each of two learners"),
        ({"alpha": (0.0, float("nan"))}, "alpha must be finite"),
        ({"discount": 1.0}, r"discount must lie in \[0, 1\), got 1.0"),
        ({"learning_rate": 0.0}, "learning_rate must be positive, got 0.0"),
        ({"planner_learning_rate": -1.0}, "planner_learning_rate must be positive"),
        ({"lookahead_rate": 0.0}, "lookahead_rate must be positive"),
        ({"bound": -3.0}, "bound must be positive, got -3.0"),
        ({"cost": -1.0}, "cost must be at least 0"),
        ({"planner_scale": -0.1}, "planner_scale must be at least 0"),
        ({"critic_units": 0}, "critic_units must be at least 1, got 0"),
    ],
)
def test_bad_parameters_state_the_rule_and_the_value(values: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MechanismDesignParameters(**values)
