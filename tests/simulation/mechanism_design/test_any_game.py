"""Planners in any finite game: gradients by finite differences, agreement with the 2x2 law, what is refused."""

import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from simulation import MechanismDesignParameters, simulate
from simulation.engine.randomness import run_generator
from simulation.engine.runs import play_runs
from simulation.mechanism_design.any_game import (
    FiniteGameParameters,
    finite_game_process,
    incentive_terms,
    simulate_game,
)
from simulation.mechanism_design.any_game_law import game_round, new_game_room, new_game_round
from theory import Game, linear_dilemma, named_game

UNITS = 4
TABLES = ("outcome", "own-action", "layer", "network")


def random_game(n_actions: tuple[int, ...], seed: int = 0) -> Game:
    return Game(run_generator(seed).normal(size=(len(n_actions), *n_actions)))


# What may be combined of budgets and signs.
PAYMENTS = [
    {"budget": budget, "incentive_signs": signs} | ({"budget_limit": 2.0} if budget == "limited" else {})
    for budget, signs in (
        ("unrestricted", "both"),
        ("unrestricted", "rewards"),
        ("unrestricted", "punishments"),
        ("revenue-neutral", "both"),
        ("limited", "both"),
        ("limited", "rewards"),
        ("limited", "punishments"),
    )
]


def name_of(payments: dict) -> str:
    return f"{payments['budget']}-{payments['incentive_signs']}"


GAMES = {"2x2": random_game((2, 2)), "3x2": random_game((3, 2)), "2x3x2": random_game((2, 3, 2))}


def policies(theta: np.ndarray, game: Game) -> list[np.ndarray]:
    """Softmax policies whose last logit is 0."""
    found, first = [], 0
    for n in game.n_actions:
        logits = np.append(theta[first : first + n - 1], 0.0)
        found.append(np.exp(logits) / np.exp(logits).sum())
        first += n - 1
    return found


def incentives(weights: np.ndarray, parameters: FiniteGameParameters) -> np.ndarray:
    """c tanh(z / 2) and its budgets, written independently of the law."""
    game, table = parameters.game, parameters.table
    outcomes = list(game.pure_profiles())
    z = np.zeros((game.n_players, len(outcomes)))
    starts = np.concatenate([[0], np.cumsum(game.n_actions)])
    for i in range(game.n_players):
        for o, actions in enumerate(outcomes):
            if table == "outcome":
                z[i, o] = weights[i * len(outcomes) + o]
            elif table == "own-action":
                z[i, o] = weights[starts[i] + actions[i]]
            elif table == "network":
                outputs, kernel = np.split(weights, [game.n_players * (UNITS + 1)])
                one_hot = np.zeros(starts[-1] + 1)
                one_hot[[*(starts[:-1] + actions), -1]] = 1.0
                hidden = np.tanh(one_hot @ kernel.reshape(-1, UNITS))
                z[i, o] = outputs.reshape(-1, UNITS + 1)[i] @ np.append(hidden, 1.0)
            else:
                row = weights[i * (starts[-1] + 1) :][: starts[-1] + 1]
                z[i, o] = row[-1] + sum(row[starts[j] + a] for j, a in enumerate(actions))
    paid = parameters.bound * np.tanh(z / 2)
    if parameters.incentive_signs != "both":
        sign = 1 if parameters.incentive_signs == "rewards" else -1
        paid = sign * parameters.bound / (1 + np.exp(-z))
    if parameters.budget == "revenue-neutral":
        paid = paid - paid.mean(axis=0)
    if parameters.budget == "limited":
        paid = paid * np.minimum(1.0, parameters.budget_limit / np.abs(paid).sum(axis=0))
    return paid.reshape(game.n_players, *game.n_actions)


def slope(function, x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    steps = h * np.eye(len(x))
    return np.array([(function(x + s) - function(x - s)) / (2 * h) for s in steps])


def one_round(state, constants, *, planning: bool = True, before: float = 0.0) -> SimpleNamespace:
    """Play an episode; return what stands in the room and in the record, where `before` stood."""
    room, record = new_game_room(constants, len(state.weights)), new_game_round(constants)
    for part in (*room, *record):
        part[...] = before
    step = 0 if planning else constants.planned_episodes
    game_round(state, np.zeros(0), step, constants, room, record)
    return SimpleNamespace(**room._asdict(), **record._asdict())


def played(parameters: FiniteGameParameters):
    state, constants = parameters.start(run_generator(3)), parameters.constants
    state.theta[:] = run_generator(4).normal(size=len(state.theta))
    state.weights[:] = run_generator(5).normal(size=len(state.weights))
    theta, weights = state.theta.copy(), state.weights.copy()
    record = one_round(state, constants)
    return theta, weights, record


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("payments", PAYMENTS, ids=name_of)
def test_learners_ascend_their_expected_reward(game: Game, table: str, payments: dict) -> None:
    parameters = FiniteGameParameters(game=game, table=table, units=UNITS, **payments)
    theta, weights, record = played(parameters)
    total = game.with_incentives(incentives(weights, parameters))
    first = 0
    for i, n in enumerate(game.n_actions):
        found = slope(lambda t, i=i: total.expected_payoffs(policies(t, game))[i], theta)
        assert record.gradient[first : first + n - 1] == pytest.approx(found[first : first + n - 1], abs=1e-8)
        first += n - 1


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("payments", PAYMENTS, ids=name_of)
def test_the_planner_ascends_eq_4_7(game: Game, table: str, payments: dict) -> None:
    parameters = FiniteGameParameters(
        game=game, table=table, units=UNITS, cost=0.3, lookahead_rate=0.7, bound=2.0, **payments
    )
    theta, weights, record = played(parameters)
    push = slope(lambda t: game.expected_payoffs(policies(t, game)).sum(), theta)

    def joint(of_theta: np.ndarray) -> np.ndarray:
        chances = np.ones(())
        for mixture in policies(of_theta, game):
            chances = np.multiply.outer(chances, mixture)
        return chances.ravel()

    # Of every outcome's probability by every logit, and whose logit it is.
    changes, owner = slope(joint, theta), np.repeat(range(game.n_players), np.array(game.n_actions) - 1)

    def objective(of_weights: np.ndarray) -> float:
        extra = incentives(of_weights, parameters).reshape(game.n_players, -1)
        value = 0.7 * float((push * (changes * extra[owner]).sum(axis=1)).sum())
        return value - 0.3 * float(joint(theta) @ np.linalg.norm(extra, axis=0))

    assert record.weight_gradient == pytest.approx(slope(objective, weights, 1e-4), abs=2e-6)
    extra = incentives(weights, parameters).reshape(game.n_players, -1)
    assert record.incentive == pytest.approx(extra)
    assert [*record.welfare, *record.additional_reward] == pytest.approx(
        [game.expected_payoffs(policies(theta, game)).sum(), (joint(theta) * np.abs(extra)).sum()]
    )


def test_the_limit_of_these_tests_binds_at_some_outcomes_and_not_at_others() -> None:
    for payments in PAYMENTS[-3:]:
        parameters = FiniteGameParameters(game=GAMES["3x2"], bound=2.0, **payments)
        record = played(parameters)[2]
        totals = np.abs(record.incentive).sum(axis=0)
        assert totals.max() == pytest.approx(2.0)
        assert totals.min() < 1.99


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("payments", PAYMENTS, ids=name_of)
def test_python_and_compiled_agree_bit_for_bit(table: str, payments: dict) -> None:
    # In this game the first actions are soon stable, so that the planner retires on the way.
    payoffs = np.array(GAMES["2x3x2"].payoffs)
    payoffs[:, 0, 0, 0] += 9.0
    process = finite_game_process(
        FiniteGameParameters(
            game=Game(payoffs), table=table, planner_retires=True, learning_rate=0.4, episodes=40,
            planner_episodes=35, **payments,
        )
    )  # fmt: skip
    machine = play_runs(process, runs=2, seed=1, every=2, workers=1)
    plain = play_runs(replace(process, compile_law=False), runs=2, seed=1, every=2, workers=1)
    assert ((machine.states.clock[:, 1] > 0) & (machine.states.clock[:, 1] < 35)).all()
    for one, other in zip(
        (*plain.states, *plain.recorded.values(), *plain.ends[1]),
        (*machine.states, *machine.recorded.values(), *machine.ends[1]),
        strict=True,
    ):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("planning", [True, False])
def test_what_a_record_held_before_makes_no_difference(table: str, planning: bool) -> None:
    # Policies of players with fewer actions than others are padded with 0, which nothing writes.
    parameters, results = FiniteGameParameters(game=random_game((2, 2, 2)), table=table), []
    for before in (0.0, np.nan):
        state, constants = parameters.start(run_generator(1)), parameters.constants
        for _ in range(3):
            record = one_round(state, constants, planning=planning, before=before)
        results.append((*state, record.policy, record.incentive, record.welfare, record.additional_reward))
    for clean, dirty in zip(*results, strict=True):
        assert np.array_equal(clean, dirty)


def test_policies_of_extreme_logits_do_not_overflow() -> None:
    game = random_game((3, 4))
    parameters = FiniteGameParameters(game=game)
    for logits in (
        [900.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 900.0, 0.0, 0.0, 905.0],
        [-900.0, -900.0, 1.0, 900.0, 0.0],
    ):
        state, constants = parameters.start(run_generator(0)), parameters.constants
        state.theta[:] = logits
        record = one_round(state, constants)
        for i, (first, last) in enumerate(((0, 2), (2, 5))):
            shifted = np.append(logits[first:last], 0.0)
            expected = np.exp(shifted - shifted.max()) / np.exp(shifted - shifted.max()).sum()
            assert record.policy[i, : last - first + 1] == pytest.approx(expected, abs=1e-300)


def test_the_norm_s_subgradient_is_zero_where_nothing_is_paid() -> None:
    parameters = FiniteGameParameters(planner_scale=0.0, cost=5.0)
    state, constants = parameters.start(run_generator(0)), parameters.constants
    record = one_round(state, constants)
    assert (record.incentive == 0).all()
    free = FiniteGameParameters(planner_scale=0.0, cost=0.0)
    other = one_round(free.start(run_generator(0)), free.constants)
    assert record.weight_gradient.tolist() == other.weight_gradient.tolist()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("payments", PAYMENTS, ids=name_of)
def test_payments_add_up_and_keep_to_the_budget(table: str, payments: dict) -> None:
    game = GAMES["2x3x2"]
    parameters = FiniteGameParameters(game=game, table=table, episodes=40, **payments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that some cannot reach the best outcome
        data = simulate_game(parameters, runs=2)
    final = data["final_incentive"].values
    sign = {"both": 0, "rewards": 1, "punishments": -1}[parameters.incentive_signs]
    assert sign == 0 or (sign * final > 0).all()
    if parameters.budget == "revenue-neutral":
        assert final.sum(axis=1) == pytest.approx(0.0, abs=1e-12)
        # Three players' rewards within c, less their mean.
        assert np.abs(final).max() <= 2 * parameters.bound * (1 - 1 / 3)
    else:
        assert np.abs(final).max() < parameters.bound
    if parameters.budget == "limited":
        assert (np.abs(final).sum(axis=1) <= 2.0 * (1 + 1e-12)).all()
    paid = data["additional_reward"].values
    assert (paid > 0).all()
    assert data["average_additional_reward"].values == pytest.approx(paid.mean(axis=1))
    for run in range(2):
        policies_of = data["policy"].values[run, 7]
        profile = [policies_of[i, :n] for i, n in enumerate(game.n_actions)]
        assert data["welfare"].values[run, 7] == pytest.approx(game.expected_payoffs(profile).sum())


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken", "stag-hunt"])
def test_the_layer_coincides_with_the_literal_planner_of_two_by_two_games(name: str) -> None:
    # W_1 a_C + W_0 a_D + b of one-hot actions is (W_1 - W_0) a + const, the layer of section 4.2. Adam takes
    # other steps in these coordinates, so gradients are compared at the same function, and results at the end.
    game = named_game(name)
    ours = simulate_game(
        FiniteGameParameters(game=game, table="layer", initial_last_action=0.75, initial_deviation=0.0),
        runs=2,
        record="summary",
    )
    literal = simulate(
        MechanismDesignParameters(game=game, value_function="literal", cost_of="expected-norm"),
        runs=2,
        record="summary",
    )
    p = ours["final_policy"].values[:, :, 0]
    assert p == pytest.approx(literal["final_cooperation_probability"].values, abs=2e-3)


@pytest.mark.parametrize("name", ["prisoners-dilemma", "chicken", "stag-hunt"])
@pytest.mark.parametrize("payments", PAYMENTS, ids=name_of)
def test_one_round_coincides_with_the_literal_law(name: str, payments: dict) -> None:
    from simulation.mechanism_design.law import mechanism_design_round
    from simulation.planner.state import new_round, new_workspace

    game, theta = named_game(name), np.array([0.4, -0.7])
    layer = np.array([0.9, -0.3, 0.4, 1.1, -0.2, 0.6])
    literal = MechanismDesignParameters(
        game=game,
        value_function="literal",
        cost_of="expected-norm",
        optimiser="ascent",
        planner_optimiser="ascent",
        **payments,
    )
    state, workspace = literal.start(run_generator(0)), new_workspace(20)
    state.theta[:], state.planner[:] = theta, layer
    mechanism_design_round(state, np.array([0.5, 0.5]), True, literal.constants, workspace, new_round())
    general = FiniteGameParameters(game=game, table="layer", **payments)
    ours, constants = general.start(run_generator(0)), general.constants
    ours.theta[:] = theta
    # Weights of player i: its layer entries for (1C, 1D, 2C, 2D), and the bias.
    for i in range(2):
        ours.weights[5 * i : 5 * i + 5] = [layer[i], 0.0, layer[2 + i], 0.0, layer[4 + i]]
    record = one_round(ours, constants)
    assert record.gradient == pytest.approx(workspace.theta_gradient, abs=1e-12)
    for i in range(2):
        for entry, of_layer in ((0, i), (2, 2 + i), (4, 4 + i)):
            assert record.weight_gradient[5 * i + entry] == pytest.approx(
                workspace.planner_gradient[of_layer], abs=1e-12
            )


def test_many_players_reach_the_best_outcome_of_a_linear_dilemma() -> None:
    dilemma = linear_dilemma(4, greed=1.0, fear=1.0)
    payoffs = np.zeros((4, 2, 2, 2, 2))
    for actions in np.ndindex(2, 2, 2, 2):
        k = 4 - sum(actions)
        for i in range(4):
            payoffs[(i, *actions)] = (
                dilemma.defector_payoff(k) if actions[i] else dilemma.cooperator_payoff(k)
            )
    data = simulate_game(FiniteGameParameters(game=Game(payoffs), table="own-action"), runs=2)
    assert (data["welfare_index"] > 0.99).all()
    never = simulate_game(FiniteGameParameters(game=Game(payoffs), planner_episodes=0), runs=2)
    assert (never["welfare_index"] < 0.01).all()
    assert (never["final_incentive"] == 0).all()
    assert (never["average_additional_reward"] == 0).all()


def test_a_planner_improves_a_random_game_of_three_players() -> None:
    game = GAMES["2x3x2"]
    data = simulate_game(FiniteGameParameters(game=game), runs=3, record=10)
    never = simulate_game(FiniteGameParameters(game=game, planner_episodes=0), runs=3, record="summary")
    assert (data["final_welfare"].values > never["final_welfare"].values).all()
    totals = game.payoffs.sum(axis=0)
    assert (data["final_welfare"].values <= totals.max() + 1e-9).all()
    # The planner climbs: where it ends, nobody could raise welfare much alone (a better outcome may be further).
    common = Game(np.stack([totals] * 3))
    for policy in data["final_policy"].values:
        profile = [policy[i, :n] for i, n in enumerate(game.n_actions)]
        assert common.regrets(profile).max() < 0.02 * float(np.ptp(totals))
    assert data["policy"].dims == ("run", "episode", "player", "action")
    assert data["final_policy"].sum("action").values == pytest.approx(np.ones((3, 3)))


def test_run_depends_on_parameters_seed_and_its_number_alone() -> None:
    parameters = FiniteGameParameters(episodes=30)
    many = simulate_game(parameters, runs=3, seed=2)
    assert many.isel(run=slice(0, 2)).equals(simulate_game(parameters, runs=2, seed=2))
    assert many.isel(episode=slice(0, None, 7)).equals(simulate_game(parameters, runs=3, seed=2, record=7))
    assert not many.equals(simulate_game(parameters, runs=3, seed=3))


def test_terms_are_those_of_the_tables() -> None:
    outcomes = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
    assert incentive_terms((2, 2), outcomes, "outcome").tolist() == [
        [[0], [1], [2], [3]],
        [[4], [5], [6], [7]],
    ]
    assert incentive_terms((2, 2), outcomes, "own-action").tolist() == [
        [[0], [0], [1], [1]],
        [[2], [3], [2], [3]],
    ]
    layer = incentive_terms((2, 2), outcomes, "layer")
    assert layer[1].tolist() == [[5, 7, 9], [5, 8, 9], [6, 7, 9], [6, 8, 9]]
    network = incentive_terms((2, 2), outcomes, "network")
    assert network.tolist() == [[[0, 2, 4], [0, 3, 4], [1, 2, 4], [1, 3, 4]]]


def test_a_network_needs_far_fewer_weights_than_a_table_of_many_players() -> None:
    game = random_game((2,) * 10)
    sizes = {
        table: len(FiniteGameParameters(game=game, table=table).start(run_generator(0)).weights)
        for table in TABLES
    }
    assert sizes == {"outcome": 10 * 2**10, "own-action": 20, "layer": 210, "network": 16 * 21 + 10 * 17}


def test_initial_weights_are_small_and_the_run_s_own() -> None:
    parameters = FiniteGameParameters(table="network", units=200, planner_scale=0.02)
    one, again, other = (parameters.start(run_generator(0, run)).weights for run in (0, 0, 1))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    # 1402 draws: a standard deviation 10% off has probability below 1e-6.
    assert one.std() == pytest.approx(0.02, rel=0.1)


def test_outcomes_that_are_never_played_change_in_a_network_and_not_in_a_table() -> None:
    changed = {}
    for table in TABLES:
        parameters = FiniteGameParameters(table=table)
        state, constants = parameters.start(run_generator(0)), parameters.constants
        state.theta[:] = [-800.0, 0.0]  # exp(-800) is 0: player 1 never plays C
        record = one_round(state, constants)
        assert record.chance[:2].tolist() == [0.0, 0.0]
        after = one_round(state, constants)
        changed[table] = bool((after.incentive[1, :2] != record.incentive[1, :2]).any())
    assert changed == {"outcome": False, "own-action": True, "layer": True, "network": True}


def test_a_bound_that_cannot_work_is_said_before_the_run() -> None:
    # Defecting from (C, C) gains 1, and two incentives of c each turn 2c: the least bound is 1/2.
    with pytest.warns(UserWarning, match=r"bound 0.4 make \(C, C\).*the least bound is 0.5"):
        data = simulate_game(FiniteGameParameters(bound=0.4, initial_last_action=0.75), runs=1)
    assert (data["final_policy"].values[:, :, 0] < 0.1).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        simulate_game(FiniteGameParameters(bound=0.51, episodes=2), runs=1)
        simulate_game(FiniteGameParameters(bound=0.1, planner_episodes=0, episodes=2), runs=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        # Three players who would each gain 1 by defecting from (C, C, C): greed 1, whoever else cooperates.
        ({"bound": 0.45}, r"bound 0.45 make \(C, C, C\).*the least bound is 0.5"),
        ({"bound": 0.9, "incentive_signs": "rewards"}, "the least bound is 1"),
        ({"bound": 0.9, "incentive_signs": "punishments"}, "the least bound is 1"),
        # n g / (2 (n - 1)): what the mean leaves of 2c must outweigh g.
        ({"bound": 0.7, "budget": "revenue-neutral"}, "the least bound is 0.75"),
        # Three rewards of g - B within B.
        ({"budget": "limited", "budget_limit": 0.7}, "the least budget is 0.75"),
        (
            {"budget": "limited", "budget_limit": 2.9, "incentive_signs": "rewards"},
            "budget 2.9 a round .* least budget is 3",
        ),
    ],
)
def test_what_cannot_work_is_said_of_three_players_too(options: dict, message: str) -> None:
    game = linear_dilemma(3, greed=1.0, fear=1.0).to_game()
    with pytest.warns(UserWarning, match=message) as said:
        simulate_game(FiniteGameParameters(game=game, episodes=2, **options), runs=1)
    assert said[0].filename == __file__


def test_what_can_work_is_not_warned_of() -> None:
    game = linear_dilemma(3, greed=1.0, fear=1.0).to_game()
    for options in (
        {"bound": 0.75, "budget": "revenue-neutral"},
        {"budget": "limited", "budget_limit": 0.75},
        {"budget": "limited", "budget_limit": 1.0, "incentive_signs": "punishments"},
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            simulate_game(FiniteGameParameters(game=game, episodes=2, **options), runs=1)


def test_a_planner_retires_when_cooperation_is_stable_and_not_before() -> None:
    # Of three players in a stag hunt and in a Prisoner's Dilemma, both with payoffs linear in the cooperators.
    hunt, dilemma = (linear_dilemma(3, greed=greed, fear=1.0).to_game() for greed in (-1.0, 1.0))
    welfare = hunt.payoffs.sum(axis=0)
    enough = welfare.max() - 0.02 * np.ptp(welfare)
    start = {"initial_last_action": 0.75, "planner_retires": True}
    data = simulate_game(FiniteGameParameters(game=hunt, **start), runs=3)
    assert (data["planner_retired"] > 0).all()
    for run in range(3):
        left = int(data["planner_retired"][run])
        paid = data["additional_reward"].values[run]
        assert (paid[: left + 1] > 0).all()
        assert (paid[left + 1 :] == 0).all()
        assert (hunt.regrets(data["policy"].values[run, left]) <= 0.02 * hunt.payoff_range).all()
        assert data["welfare"].values[run, left] >= enough > data["welfare"].values[run, left - 1]
    assert (data["welfare_index"] > 0.98).all()
    assert (data["final_incentive"] == 0).all()
    never = simulate_game(FiniteGameParameters(game=dilemma, **start), runs=2, record="summary")
    assert (never["planner_retired"] == -1).all()
    assert (never["final_incentive"] != 0).all()
    stays = simulate_game(FiniteGameParameters(game=hunt, episodes=3), runs=1, record="summary")
    assert stays["planner_retired"].values.tolist() == [-1]


@pytest.mark.parametrize("episodes", [1, 4000])
def test_a_run_that_diverges_stops_with_the_episode_and_the_values(episodes: int) -> None:
    game = Game.bimatrix([[1e100, 0], [0, 0]], [[1e100, 0], [0, 0]])
    steps = {"lookahead_rate": 1e300, "learning_rate": 1e300, "episodes": episodes}
    with pytest.raises(ValueError, match=r"run 0 diverged in episode 0: welfare .*, logits"):
        simulate_game(FiniteGameParameters(game=game, **steps), runs=1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"game": "chicken"}, "game must be a theory.Game, got 'chicken'"),
        ({"game": Game(np.zeros((1, 1)))}, r"some player must have two actions, got \(1,\)"),
        ({"game": Game(np.zeros((2, 300, 300)))}, "game must have at most 100000 payoffs, got 180000"),
        ({"table": "outcomes"}, "unknown table 'outcomes'; nearest: outcome"),
        ({"units": 0}, "units must be at least 1, got 0"),
        (
            {"table": "network", "planner_scale": 0.0},
            "planner_scale must be positive with the table 'network'",
        ),
        ({"episodes": 0}, "episodes must be at least 1, got 0"),
        ({"planner_episodes": -1}, "planner_episodes must be at least 0, got -1"),
        ({"initial_last_action": 1.0}, r"initial_last_action must lie in \(0, 1\), got 1.0"),
        ({"bound": 0.0}, "bound must be positive, got 0.0"),
        ({"cost": -1.0}, "cost must be at least 0, got -1.0"),
        ({"initial_deviation": -1.0}, "initial_deviation must be at least 0, got -1.0"),
        (
            {"budget": "revenue-neutral-reference"},
            "unknown budget 'revenue-neutral-reference'; nearest: reve",
        ),
        ({"budget": "limited"}, "budget_limit must be a positive number with the budget 'limited' and None"),
        (
            {"budget": "limited", "budget_limit": 0.0},
            "budget_limit must be positive, got 0",
        ),
        ({"budget": "limited", "budget_limit": np.inf}, "budget_limit must be finite, got inf"),
        ({"budget_limit": 1.0}, "budget_limit must be .* None with others, got 1.0 with 'unrestricted'"),
        ({"incentive_signs": "reward"}, "unknown incentive_signs 'reward'; nearest: rewards"),
        (
            {"budget": "revenue-neutral", "incentive_signs": "punishments"},
            "positive for some players and negative for others, so incentive_signs must be 'both', got 'pun",
        ),
        (
            {"budget": "revenue-neutral", "game": Game(np.zeros((1, 2)))},
            "the game must have at least two players, got 1",
        ),
        ({"planner_retires": 1}, "planner_retires must be True or False, got 1"),
        ({"planner_retires": True, "planner_episodes": 0}, "a planner that retires must act first"),
    ],
)
def test_bad_parameters_state_the_rule_and_the_value(values: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FiniteGameParameters(**values)
