"""The scenario `coin-game`: arms, counts and their intervals, what it says, a short look."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from scenarios.stateful.coins.arms import ARMS
from scenarios.stateful.coins.coin_game import (
    SCENARIO,
    Cell,
    Parameters,
    build,
    cells_of,
    encoding_of_arm,
    report,
    taking_back,
)
from scenarios.stateful.preparation import prepare_jax
from simulation import (
    CoinGame,
    CountedDebts,
    SampledPlanning,
    best_welfare,
    enumerate_game,
    plan_by_episodes,
)
from simulation.markov_games.planner.checkpoint import Checkpoint
from simulation.markov_games.planner.policies import PolicyNetwork


def finished(welfare: list[float], *, bound: float = 2.0, when_led: float = 0.69) -> xr.Dataset:
    """Return what `play` returns, of runs that end with this welfare."""
    runs = len(welfare)
    course = np.linspace(0.0, np.array(welfare), 6).T
    of_each = np.tile(np.array(welfare)[:, None], (1, 2)) / 2.0
    return xr.Dataset(
        {
            "welfare": (("run", "point"), course),
            "paid": (("run", "point"), np.ones((runs, 6))),
            "reward": (("run", "point", "player"), np.repeat(course[:, :, None], 2, axis=2) / 2.0),
            "final_welfare": ("run", welfare),
            "final_reward": (("run", "player"), of_each),
            "final_paid": ("run", np.full(runs, 2.0)),
            "own_fraction": (("run", "player"), np.tile([0.9, 0.8], (runs, 1))),
            "pick_up_rate": (("run", "player"), np.full((runs, 2), 0.35)),
            "welfare_when_led": ("run", np.full(runs, when_led)),
            "relative_regret": (("judged", "player"), [[0.1, 0.2]]),
            "relative_regret_with_incentives": (("judged", "player"), [[0.01, 0.02]]),
            "pareto_slack": ("judged", [0.5]),
            "film": (("frame", "piece"), np.tile([0, 4, 8, -1], (12, 1))),
            "film_reward": (("frame", "player"), np.tile([1.0, 0.0], (12, 1))),
        },
        {"point": np.arange(65, 391, 65)},
        {"best_welfare": 0.6986, "updates": 390, "bound": bound},
    )


def test_arms_change_what_they_say_and_have_their_runs() -> None:
    parameters = Parameters()
    assert set(parameters.arms) < set(ARMS)
    assert len(cells_of(parameters)) == 10
    assert parameters.runs_of(ARMS["events"]) == 40
    assert parameters.runs_of(ARMS["no-trace"]) == 10
    assert parameters.runs_of(ARMS["thesis"]) == 10
    assert Parameters(runs=40, network_runs=5).runs_of(ARMS["own-frame-exact"]) == 5
    assert build(parameters, Cell("alone")).planner_updates == 0
    events = build(parameters, Cell("events"))
    assert (events.bound, events.updates, events.halves, events.trace) == (2.0, 390, "independent", True)
    # At most 5,000 episodes of 100 steps.
    assert events.updates * events.environments * events.steps <= 500_000
    exact = build(parameters, Cell("own-frame-exact"))
    assert (exact.bound, exact.entropy_over, exact.updates) == (1.0, "visits", 780)
    halves = build(parameters, Cell("own-frame"))
    assert (halves.bound, halves.halves, halves.environments) == (1.0, "independent", 256)
    # One change each.
    biased = build(parameters, Cell("own-frame-biased"))
    assert build(parameters, Cell("own-frame-no-trace")) == replace(biased, trace=False)
    assert build(parameters, Cell("own-frame-hasty")) == replace(biased, planner_rate=0.003)
    # Thesis 4.3.1: c, cost, 250,000 episodes (here 249,600) of 100 steps.
    thesis = build(parameters, Cell("thesis"))
    assert (thesis.bound, thesis.cost, thesis.learner_rate) == (1.0, 1.5e-8, 0.000083333)
    assert thesis.updates * thesis.environments * thesis.steps == 24_960_000
    leaves = build(parameters, Cell("leaves"))
    assert (leaves.planner_updates, leaves.updates) == (195, 390)


def test_a_tutor_pays_for_coins_of_ones_own_and_of_a_debtor() -> None:
    # By what both get in a step: one coin, 1 for whoever stands on it, and 2 lost by its colour if the other does.
    game = enumerate_game(CountedDebts(most=1))
    offers, cells = taking_back(game).numbers, encoding_of_arm(game, "events-and-debts")
    owed = np.asarray(game.states.owed)
    seen = set()
    for state, joint in np.ndindex(*game.rewards.shape[1:]):
        gets = tuple(game.rewards[:, state, joint].round().astype(int))
        owes_first = owed[state] < 0  # the second owes the first
        expected = {(1, 0): 1, (1, -2): 1 if owes_first else -1, (0, 1): 0, (-2, 1): 0, (0, 0): 0}
        if gets in expected:
            assert np.sign(offers[0, state, joint]) == expected[gets]
            seen.add((gets, int(owed[state])))
    assert len(seen) == 15
    # Cells tell apart exactly what was got, from oneself, and what is owed.
    rows = [(tuple(game.rewards[:, s, j]), int(owed[s])) for s, j in np.ndindex(*game.rewards.shape[1:])]
    assert len(set(zip(rows, cells[0].ravel().tolist(), strict=True))) == len(set(rows))
    for arm, seen_by_planner in {
        "debts": "events",
        "debts-seen": "events-and-debts",
        "debts-taught": "taking-back",
    }.items():
        assert (ARMS[arm].encoding, ARMS[arm].debts, ARMS[arm].led) == (seen_by_planner, 2, 0.5)


def test_success_is_counted_from_65_hundredths_a_step_with_the_exact_interval() -> None:
    # Two of four: Clopper & Pearson's interval is .0676 to .9324.
    (cell,) = report(Parameters(), {Cell("events"): finished([0.65, 0.69, 0.649, -0.2])}).cells
    assert (cell["succeeded"], cell["runs"], cell["below_zero"]) == (2, 4, 1)
    assert cell["interval"] == pytest.approx([0.0676, 0.9324], abs=1e-4)
    assert (cell["own_fraction"], cell["pick_up_rate"]) == pytest.approx((0.8, 0.7))


def test_the_least_bound_is_that_from_which_all_succeed() -> None:
    done = {
        Cell("c-1"): finished([0.69, 0.3], bound=1.0),
        Cell("events"): finished([0.69, 0.69], bound=2.0),
        Cell("c-1.5"): finished([0.69, 0.66], bound=1.5),
        Cell("leaves"): finished([0.2, 0.2]),
    }
    said = report(Parameters(), done).finding
    assert "All runs succeed from c = 1.5 on, and 1 of 2 (0.01 to 0.99) at c = 1." in said
    assert "When it leaves half-way, 0.690 become 0.200." in said


def test_networks_are_counted_by_how_they_come_to_their_gradients() -> None:
    done = {
        Cell("own-frame-exact"): finished([0.69, 0.66], bound=1.0),
        Cell("own-frame"): finished([0.69, 0.3], bound=1.0),
    }
    said = report(Parameters(), done).finding
    assert (
        "succeeds in 2 of 2 (0.16 to 1.00) by exact gradients, in 1 of 2 (0.01 to 0.99) by estimates" in said
    )


def test_pictures_are_drawn() -> None:
    done = {Cell("alone"): finished([0.0]), Cell("events"): finished([0.69, 0.1])}
    names = []
    for picture in report(Parameters(), done).make_pictures():
        names.append(picture.name)
        assert picture.draw().axes
    assert names == ["coin-game", "coin-game-players", "coin-game-film-alone", "coin-game-film-events"]


def test_an_unknown_arm_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown arm 'event'"):
        Parameters(arms=("event",))


@pytest.mark.slow
def test_a_planner_that_sees_who_picks_what_leads_to_cooperation_that_goes_with_it() -> None:
    # Of 40 runs of either arm all succeed and none: of 5, all and none, in all but one of 1000 seeds and more.
    parameters = Parameters(runs=5, arms=("alone", "events", "leaves"), judged=1)
    alone, events, leaves = (SCENARIO.play(parameters, cell) for cell in cells_of(parameters))
    assert alone["final_welfare"].values.max() < 0.1
    assert events["final_welfare"].values.min() >= 0.65
    assert events["own_fraction"].values.min() > 0.95
    assert leaves["welfare_when_led"].values.min() >= 0.65
    assert leaves["final_welfare"].values.max() < 0.65


@pytest.mark.slow
def test_a_network_finds_out_who_picks_what_where_learners_explore() -> None:
    # Of 10 runs of the first arm all succeeded, and of 5 of the second none: chances that are 95% sure to be above
    # .69 and below .52. That fewer than 2 of 5, or more than 4 of 5, succeed has a chance below 4% in either case.
    parameters = Parameters(runs=5, arms=("own-frame-biased", "own-frame-sure"), judged=1)
    explored, sure = (SCENARIO.play(parameters, cell) for cell in cells_of(parameters))
    assert (explored["final_welfare"].values >= 0.65).sum() >= 2
    assert (sure["final_welfare"].values >= 0.65).sum() <= 4


def test_arms_that_no_sentence_is_about_are_told_one_by_one() -> None:
    parameters = Parameters(runs=2, arms=("thesis",))
    finding = report(parameters, {Cell("thesis"): finished([0.2, 0.4])}).finding
    assert finding == "Of 0.6986 a step two learners reach, by arm: thesis 0.300 (0 of 2 (0.00 to 0.84))."


@pytest.mark.slow
def test_a_cell_that_was_cut_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven runs are played five and two together; after the five the process ends."""
    parameters = Parameters(runs=7, arms=("events",), updates=60, judged=1)
    write = Checkpoint.write

    def write_and_end(self: Checkpoint, state: object) -> None:
        write(self, state)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Checkpoint, "write", write_and_end)
        with pytest.raises(KeyboardInterrupt):
            SCENARIO.run(parameters, at_work=tmp_path)
    (folder,) = tmp_path.iterdir()
    assert [file.name for file in folder.iterdir()] == ["runs-000000.npz"]
    resumed = SCENARIO.run(parameters, at_work=tmp_path)
    assert resumed.data.identical(SCENARIO.run(parameters).data)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_board_with_two_coins_takes_longer() -> None:
    # Of 10 runs 1 succeeded in 390 updates, and 10 in 1170: chances that are 95% sure to be below .45 and above .69.
    # That more than 7 of 10, or fewer than 4 of 10, succeed has a chance below 2% in either case.
    prepare_jax()
    game = enumerate_game(CoinGame(colours="both"))
    wanted = 0.93 * best_welfare(game)
    succeeded = []
    for updates in (390, 1170):
        planning = SampledPlanning(updates=updates, planner_updates=updates, planner_rate=0.03, bound=2.0)
        data = plan_by_episodes(
            game, planning, policies=PolicyNetwork(), encoding="events", runs=10, seed=5000
        )
        welfare = data["welfare"].values[:, -updates // 10 :].mean(axis=1)
        succeeded.append(int((welfare >= wanted).sum()))
    assert succeeded[0] <= 7
    assert succeeded[1] >= 4
