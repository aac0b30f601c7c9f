"""The scenario `planner-on-networks`: cells, equal seeds, interruption, what it says."""

import json

import numpy as np
import pytest

from scenarios.networks.beside import (
    CONTRITE,
    DEFECTORS,
    LEDGERS,
    NOBODY,
    OTHERS,
    PLAIN,
    SHARES,
    Alone,
    Beside,
    build,
    cells_alone,
    cells_beside,
)
from scenarios.networks.budgets import BUDGETS, CONDITIONS, POPULATIONS, TARGETS, Parameters
from scenarios.networks.planner_on_networks import SCENARIO
from simulation import simulate_population

pytestmark = pytest.mark.slow  # its laws compile for half a minute

SMALL = Parameters(runs=2, agents=40, steps=100, ledger_runs=2, ledger_agents=20)


@pytest.fixture(scope="module")
def result():
    return SCENARIO.run(SMALL)


def test_every_cell_is_measured_with_an_interval(result) -> None:
    budget = [cell for cell in result.cells if cell["question"] == "budget and targets"]
    assert len(budget) == len(TARGETS) * len(BUDGETS) * 4
    remaining = [cell for cell in result.cells if cell["question"] == "what remains"]
    # Learners everywhere, mirrors in all populations but the first; two conditions and two moments.
    assert len(remaining) == (5 + 4) * 2 * 2
    alone = [cell for cell in result.cells if cell["question"] == "alone"]
    assert len(alone) == len(cells_alone()) * 2
    for cell in result.cells:
        low, high = cell["interval"]
        assert low <= cell["mean"] <= high


def test_no_cell_pays_more_than_its_budget(result) -> None:
    for cell in result.cells:
        if cell.get("quantity") == "outlay":
            assert cell["mean"] <= cell["budget"] * (1 + 1e-12)
    budgets = result.data["budgets"].to_dataset()
    assert budgets.sizes["cell"] == len(TARGETS) * len(BUDGETS)
    assert (budgets["outlay"] <= budgets["budget"] * (1 + 1e-12)).all()


def test_a_cell_is_what_the_simulation_gives(result) -> None:
    data = simulate_population(SMALL.with_budget("random", 0.1), runs=2, seed=0)
    cell = next(
        c for c in result.cells
        if (c.get("targets"), c.get("budget"), c["quantity"]) == ("random", 0.1, "outlay")
    )  # fmt: skip
    assert cell["mean"] == pytest.approx(data["outlay"].mean())
    budgets = result.data["budgets"].to_dataset()
    (place,) = np.flatnonzero((budgets["targets"] == "random") & (budgets["budget"] == 0.1))
    stored = budgets["cooperation"].isel(cell=place).values
    assert np.array_equal(stored, data["cooperation"].values[:, ::10])


def test_what_remains_is_compared_run_by_run_with_never_having_had_a_planner(result) -> None:
    off, never = (
        simulate_population(SMALL.turned_off("half mirrors", condition), runs=2, seed=0)[
            "cooperation_by_rule"
        ].sel(by_rule="mirror", step=slice(490, 499))
        for condition in CONDITIONS
    )
    one, two = (off - never).mean("step").values
    cells = [c for c in result.cells if c.get("population") == "half mirrors"]
    (cell,) = (
        c for c in cells
        if (c["condition"], c["moment"], c["quantity"]) == ("turned-off", "at the end", "cooperation of mirrors")
    )  # fmt: skip
    assert cell["difference_to_never_on"] == pytest.approx((one + two) / 2)
    # Of two runs: Student's t of one degree of freedom, 12.706, times half their distance.
    low, high = cell["difference_interval"]
    assert (high - low) / 2 == pytest.approx(12.7062047 * abs(one - two) / 2)
    assert all(c["difference_to_never_on"] is None for c in cells if c["condition"] == "never-on")


def test_ledgers_are_compared_run_by_run_with_who_is_in_their_place(result) -> None:
    off, _ = CONDITIONS
    at_end = {"step": slice(490, 499)}
    mine, theirs = (
        simulate_population(build(SMALL, Beside(players, 0.5, "imitators", off, 0.01)), runs=2, seed=0).sel(
            at_end
        )
        for players in (LEDGERS, DEFECTORS)
    )
    imitators = [data["cooperation_by_rule"].sel(by_rule="imitator")[:, ::10] for data in (mine, theirs)]
    payoffs = mine["payoff_by_rule"].sel(by_rule=["gradual-tit-for-tat", "imitator"])[:, ::10]
    of_pair = [
        c for c in result.cells
        if c["question"] == "beside" and c["moment"] == "at the end" and c["slips"] == 0.01 and not c["repeat"]
        and (c["players"], c["share"], c["others"], c["condition"], c["graph"])
        == (LEDGERS, 0.5, "imitators", off, "scale-free")
    ]  # fmt: skip
    found = {(c["quantity"], c["compared_with"]): c["mean"] for c in of_pair}
    assert found["cooperation of others", None] == pytest.approx(float(imitators[0].mean()))
    assert found["cooperation of others", DEFECTORS] == pytest.approx(
        float((imitators[0] - imitators[1]).mean())
    )
    ahead = payoffs.sel(by_rule="gradual-tit-for-tat") - payoffs.sel(by_rule="imitator")
    assert found["payoff of players", "others"] == pytest.approx(float(ahead.mean()))
    compared = {with_ for quantity, with_ in found if quantity == "payoff of players"}
    assert compared == {None, "others", "never on", CONTRITE, PLAIN, DEFECTORS}
    assert ("cooperation of others", NOBODY) in found


def test_who_stands_in_for_ledgers_stands_where_they_do_and_has_their_draws() -> None:
    off, _ = CONDITIONS
    starts = {
        players: build(SMALL, Beside(players, share, "imitators", off, 0.01)).start(np.random.default_rng(1))
        for share in SHARES[:1]
        for players in (LEDGERS, DEFECTORS, PLAIN, CONTRITE)
    }
    learn = [state.rule < 2 for state in starts.values()]
    assert all(np.array_equal(learn[0], other) for other in learn)
    assert 1 <= (~learn[0]).sum() <= 3
    assert len({tuple(state.memory[0, learn[0]]) for state in starts.values()}) == 1
    assert all(np.array_equal(starts[LEDGERS].planner, state.planner) for state in starts.values())


def test_players_alone_have_no_planner_and_begin_as_said() -> None:
    for opening, remembered in (("CC", 0.0), ("DD", 1.0)):
        parameters = build(SMALL, Alone(PLAIN, opening, 0.0))
        assert parameters.planned_steps == 0
        assert (parameters.start(np.random.default_rng(0)).books[0] == remembered).all()


def test_after_the_planner_left_nothing_is_paid(result) -> None:
    data = result.data["turned-off"].to_dataset()
    assert data["population"].values.tolist() == [name for name in POPULATIONS for _ in CONDITIONS]
    assert data["snapshot"].values.tolist() == [0, 20, 100, 500]
    off = data.isel(cell=data["condition"].values == "turned-off")
    assert (off["outlay"].sel(step=slice(None, 99)) > 0).all()
    assert (off["outlay"].sel(step=slice(100, None)) == 0).all()
    assert (data["outlay"].isel(cell=data["condition"].values == "never-on") == 0).all()


def test_result_is_plain_and_says_what_was_measured(result) -> None:
    json.dumps(result.to_dict(), allow_nan=False)
    assert result.complete
    assert "Paying everyone" in result.finding
    assert "At a budget of 0.1 the welfare index is" in result.finding
    assert result.finding.count("Turned off among") == len(POPULATIONS)
    assert "Networks of ledgers need no planner" in result.finding
    assert all(f"Of the actions of {others} whose planner has left" in result.finding for others in OTHERS)
    assert {verdict["judged_in"] for verdict in result.verdicts} == {"original", "with-incentives"}
    assert sum("players" in verdict for verdict in result.verdicts) == len(cells_alone()) + len(
        cells_beside()
    )
    assert all(sum(verdict["labels"].values()) == 2 for verdict in result.verdicts)


def test_interrupted_it_keeps_what_is_finished() -> None:
    def after(number):
        def steps(steps, *, total):
            for k, step in enumerate(steps):
                if k == number:
                    raise KeyboardInterrupt
                yield step

        return steps

    partial = SCENARIO.run(SMALL, after(3))
    assert not partial.complete
    assert len(partial.cells) == 3 * 4
    assert "Turned off" not in partial.finding
    assert [picture.name for picture in partial.pictures] == ["planner-on-networks-budget"]
    with pytest.raises(KeyboardInterrupt):
        SCENARIO.run(SMALL, after(0))


def test_one_run_has_no_interval() -> None:
    def first_only(steps, *, total):
        for k, step in enumerate(steps):
            if k == 1:
                raise KeyboardInterrupt
            yield step

    single = SCENARIO.run(Parameters(runs=1, agents=20, steps=100), first_only)
    assert all(cell["interval"] is None for cell in single.cells)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"runs": 0}, "runs must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"agents": 19}, "agents must be at least 20"),
        ({"steps": 99}, "steps must be at least 100"),
        ({"ledger_runs": 0}, "ledger_runs must be at least 1"),
        ({"ledger_agents": 19}, "ledger_agents must be at least 20"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**arguments)


@pytest.mark.slow
def test_pictures_can_be_drawn(result) -> None:
    assert [picture.name for picture in result.pictures] == [
        f"planner-on-networks-{name}" for name in ("budget", "turned-off", "moments", "ledgers")
    ]
    for picture in result.pictures:
        picture.draw().canvas.draw()
