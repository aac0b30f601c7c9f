"""One step of a population: gradients against all outcomes, mirrors against theory, the planner's budget."""

import itertools
import math
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from simulation import ManyPlayersParameters, PopulationParameters
from simulation.engine.randomness import run_generator
from simulation.engine.runs import play_runs
from simulation.learning.policy_gradient import FIRM
from simulation.mechanism_design.many_players_law import (
    initial_many_state,
    many_player_round,
    new_many_room,
    new_many_round,
)
from simulation.population.rules.mirror import estimate, is_cooperation_best
from simulation.population.runs import draws_per_step, population_process
from simulation.population.state import (
    BY_RULE,
    SUMMARY,
    PopulationRoom,
    PopulationRound,
    PopulationSums,
)
from theory import Game, matrix_dilemma, named_game
from theory.altruism.thresholds import reply_interval

GRAPH = nx.lollipop_graph(3, 2)  # a triangle with a tail: degrees 2, 2, 3, 2, 1
MIXED = {"learner": 0.4, "imitator": 0.2, "mirror": 0.2, "cooperator": 0.1, "defector": 0.1}


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


def new_round(parameters: PopulationParameters) -> PopulationRound:
    return PopulationRound(*parameters.room(), *parameters.record())


def apply_law(
    parameters: PopulationParameters, state, draws, planning: bool, record: PopulationRound
) -> None:
    """Apply the law once, with or without the planner."""
    constants = parameters.constants._replace(planned_steps=math.inf if planning else 0.0)
    sums = len(PopulationSums._fields)
    parameters.law(
        state, draws, 0, constants, PopulationRoom(*record[:-sums]), PopulationSums(*record[-sums:])
    )


def one_step(parameters: PopulationParameters, *, draws=None, planning=False, **changes):
    """Run one step from a start state with some arrays changed."""
    state = parameters.start(run_generator(0))
    for name, values in changes.items():
        getattr(state, name)[:] = values
    record = new_round(parameters)
    if draws is None:
        draws = run_generator(9).random(draws_per_step(state, parameters.constants))
    apply_law(parameters, state, np.array(draws), planning, record)
    return state, record


def everything(state, room, record) -> list[np.ndarray]:
    return [array.copy() for array in (*state, *room, *record)]


def gradient_of(state) -> np.ndarray:
    """`[N]`: what learners climbed in their first step, from Adam's running mean."""
    return state.memory[1] / (1 - 0.9)


def payoffs_of(parameters: PopulationParameters, actions: np.ndarray) -> np.ndarray:
    """`[N, 2]`: own payoffs and those of the partners in the games with one, from the game's matrix."""
    own = np.zeros((len(actions), 2))
    for i in range(len(actions)):
        partners = parameters.network.of(i)
        weight = 1.0 if parameters.accumulation == "total" else 1 / len(partners)
        for j in partners:
            own[i] += weight * parameters.game.payoffs[:, 1 - actions[i], 1 - actions[j]]
    return own


def expectations(parameters: PopulationParameters, theta, offer) -> np.ndarray:
    """`[N, 3]`: expected own and partners' payoffs and incentives, summed over all outcomes, noise included."""
    chance = parameters.noise + (1 - 2 * parameters.noise) * sigmoid(theta)
    total = np.zeros((len(chance), 3))
    for actions in itertools.product((1, 0), repeat=len(chance)):
        a = np.array(actions)
        weight = np.prod(np.where(a, chance, 1 - chance))
        total[:, :2] += weight * payoffs_of(parameters, a)
        total[:, 2] += weight * np.where(a, offer[0], offer[1])
    return total


def slope(function, x, k, h=1e-5):
    step = h * np.eye(len(x))[k]
    return (function(x + step) - function(x - step)) / (2 * h)


@pytest.mark.parametrize("accumulation", ["mean", "total"])
@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("game", ["prisoners-dilemma", "chicken", "stag-hunt"])
def test_expected_learners_ascend_their_reward_over_all_outcomes(game, noise, accumulation) -> None:
    parameters = PopulationParameters(
        graph=GRAPH, game=named_game(game), noise=noise, accumulation=accumulation, learners="expected"
    )
    theta, alpha = np.array([0.3, -0.8, 1.1, -0.2, 0.5]), np.array([0.0, 0.5, 1.0, -0.3, 0.2])
    state, _ = one_step(parameters, theta=theta, alpha=alpha)
    for i in range(5):

        def reward(t, i=i):
            own, others, _ = expectations(parameters, t, (0, 0))[i]
            return own + alpha[i] * others

        assert gradient_of(state)[i] == pytest.approx(slope(reward, theta, i), abs=1e-8)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_reinforce_is_the_expected_gradient_on_average(noise: float) -> None:
    parameters = PopulationParameters(graph=GRAPH, noise=noise, alpha=0.4)
    theta = np.array([0.3, -0.8, 1.1, -0.2, 0.5])
    chance = noise + (1 - 2 * noise) * sigmoid(theta)
    average = np.zeros(5)
    for actions in itertools.product((1, 0), repeat=5):
        a = np.array(actions)
        state, record = one_step(parameters, theta=theta, draws=np.where(a, 0.0, 1.0 - 1e-12))
        assert record.cooperated.tolist() == list(actions)
        average += np.prod(np.where(a, chance, 1 - chance)) * gradient_of(state)
    expected = PopulationParameters(graph=GRAPH, noise=noise, alpha=0.4, learners="expected")
    assert average == pytest.approx(gradient_of(one_step(expected, theta=theta)[0]))


@pytest.mark.parametrize("per_partner", [False, True])
@pytest.mark.parametrize("accumulation", ["mean", "total"])
def test_everybody_gets_what_the_matrix_says(accumulation: str, per_partner: bool) -> None:
    parameters = PopulationParameters(
        graph=GRAPH, game=named_game("chicken"), rules=["learner", "defector", "cooperator", "learner", "fixed"],
        accumulation=accumulation, per_partner=per_partner,
    )  # fmt: skip
    _, record = one_step(parameters, draws=[0.0, 0.5, 0.5, 0.99, 0.2])
    actions = np.array([1, 0, 1, 0, 1])
    assert record.payoff == pytest.approx(payoffs_of(parameters, actions)[:, 0])
    assert record.share.tolist() == actions.tolist()
    edges = [(u, v) for u, v in GRAPH.edges]
    summary = dict(zip(SUMMARY, record.summary.tolist(), strict=True))
    assert summary["cooperation"] == pytest.approx(0.6)
    assert summary["mean_payoff"] == pytest.approx(record.payoff.mean())
    assert summary["both_cooperate"] == np.mean([actions[u] and actions[v] for u, v in edges])
    assert summary["one_cooperates"] == np.mean([actions[u] != actions[v] for u, v in edges])
    assert record.by_rule[:, 0].tolist() == [2, 0, 0, 3]
    assert record.by_rule[0, BY_RULE.index("payoff")] == pytest.approx(record.payoff[[0, 3]].sum())


def test_mirrors_cooperate_from_the_weight_at_which_theory_says_that_it_is_a_best_reply() -> None:
    for game in (
        named_game("prisoners-dilemma-axelrod"),
        named_game("stag-hunt"),
        matrix_dilemma(greed=2, fear=0.5),
    ):
        constants = PopulationParameters(graph=GRAPH, game=game).constants
        for q in (0.0, 0.3, 0.5, 1.0):
            interval = reply_interval(game, 0, [[1.0, 0.0], [q, 1.0 - q]])
            for alpha in np.linspace(0.01, 0.99, 34):
                assert is_cooperation_best(q, alpha, constants) == (alpha in interval)


@pytest.mark.parametrize("unit", [1.0, 0.1, 1 / 3])
def test_a_mirror_on_the_edge_cooperates_in_any_unit(unit: float) -> None:
    # In a donation game of benefit 1 that weight is indifferent that equals the cost, whatever the other does.
    for cost in np.arange(1, 50) / 50:
        price = unit * cost
        game = Game.bimatrix([[unit - price, -price], [unit, 0.0]], [[unit - price, unit], [-price, 0.0]])
        constants = PopulationParameters(graph=GRAPH, game=game).constants
        for q in (0.0, 0.3, 1.0):
            assert is_cooperation_best(q, float(cost), constants)
            assert not is_cooperation_best(q, float(cost) - 1e-6, constants)


def test_a_mirror_forgets_estimates_and_mirrors() -> None:
    parameters = PopulationParameters(
        graph=GRAPH, rules=["cooperator", "defector", "mirror", "cooperator", "fixed"],
        forgetting=0.25, prior=(2.0, 1.0), epsilon=0.05,
    )  # fmt: skip
    state, record = one_step(parameters, cooperations=5.0, defections=3.0)
    # Node 2 sees C, D, C of its three neighbours.
    c, d = 0.75 * 5 + 0.25 * 2 + 2, 0.75 * 3 + 0.25 * 1 + 1
    assert (state.cooperations[2], state.defections[2]) == pytest.approx((c, d))
    assert state.alpha[2] == pytest.approx(c / (c + d) + 0.05)
    assert record.share[2] == 1.0  # 5/8 + .05 is above the threshold of a third
    state, record = one_step(parameters, cooperations=1.0, defections=9.0, alpha=0.3)
    assert record.share[2] == 0.0
    assert state.theta[2] == -FIRM


def test_estimates_take_noise_out() -> None:
    assert estimate(3.0, 1.0, 0.0) == 0.75
    assert estimate(9.0, 1.0, 0.1) == estimate(9.9, 0.1, 0.1) == 1.0
    assert estimate(0.1, 9.9, 0.1) == 0.0
    assert estimate(5.0, 5.0, 0.2) == pytest.approx(0.5)


def test_towards_each_partner_on_its_own() -> None:
    parameters = PopulationParameters(
        graph=GRAPH, rules=["cooperator", "defector", "mirror", "cooperator", "fixed"], per_partner=True, epsilon=0.0,
        forgetting=0.0,
    )  # fmt: skip
    state, record = one_step(parameters)
    for _ in range(3):
        apply_law(parameters, state, np.full(5, 0.5), False, record)
    start = parameters.network.starts[2]
    # One cooperation seen for the prior's one and one defection: after four steps 5/6 and 1/6.
    assert state.cooperations[start : start + 3].tolist() == [5.0, 1.0, 5.0]
    assert record.cooperated[start : start + 3].tolist() == [1, 0, 1]
    assert record.share[2] == pytest.approx(2 / 3)
    assert state.theta[2] == pytest.approx(math.log(2))
    assert state.alpha[2] == pytest.approx((5 / 6 + 1 / 6 + 5 / 6) / 3)
    assert record.payoff[2] == pytest.approx((3 + 1 + 3) / 3)
    assert record.payoff[1] == pytest.approx((4 + 1) / 2)


def test_mirrors_slip_with_each_partner_on_its_own_and_others_with_all_alike() -> None:
    parameters = PopulationParameters(
        graph=nx.star_graph(200), rules=["mirror"] + ["fixed"] * 200, per_partner=True, noise=0.2
    )
    _, record = one_step(parameters)
    assert 0.1 < 1 - record.share[0] < 0.3
    other = PopulationParameters(
        graph=nx.star_graph(200), rules=["cooperator"] + ["fixed"] * 200, per_partner=True, noise=0.2
    )
    assert one_step(other)[1].share[0] in (0.0, 1.0)


def test_imitators_take_over_what_earned_more_all_at_once() -> None:
    graph = nx.path_graph(3)
    parameters = PopulationParameters(graph=graph, rules=["imitator"] * 3, intensity=1e6)
    theta, alpha = np.array([FIRM, -FIRM, FIRM]), np.array([0.1, 0.2, 0.3])
    # The defector in the middle gets 4, the others 0: both copy it, and it copies nobody.
    state, _ = one_step(parameters, theta=theta, alpha=alpha, draws=[0.5, 0.5, 0.5, 0.3, 0.3, 0.3])
    assert state.theta.tolist() == [-FIRM] * 3
    assert state.alpha.tolist() == [0.2] * 3


def test_imitation_has_the_fermi_probability() -> None:
    parameters = PopulationParameters(graph=nx.path_graph(2), rules=["imitator", "fixed"], intensity=0.5)
    # C against D: 0 against 4, so imitated with probability sigmoid(2).
    for draw, imitates in ((0.88, True), (0.881, False)):
        state, _ = one_step(parameters, theta=[FIRM, -FIRM], draws=[0.5, 0.5, draw, 0.5])
        assert bool(state.theta[0] == -FIRM) is imitates
    assert 1 / (1 + math.exp(-2)) == pytest.approx(0.8808, abs=1e-4)


@pytest.mark.parametrize("budget", [None, 0.15, 2.0])
@pytest.mark.parametrize("accumulation", ["mean", "total"])
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_the_planner_ascends_its_objective_over_all_outcomes(noise, accumulation, budget) -> None:
    parameters = PopulationParameters(
        graph=GRAPH, rules=["learner"] * 4 + ["fixed"], planner_steps=None, cost=0.05, lookahead_rate=0.7,
        budget_per_agent=budget, accumulation=accumulation, noise=noise, targets="random", target_share=0.6,
    )  # fmt: skip
    theta, layer = np.array([0.3, -0.8, 1.1, -0.2, 0.5]), np.array([0.9, -0.4])
    chosen = np.array([1, 1, 0, 1, 1])
    draws = np.array([0.1, 0.2, 0.9, 0.99, 0.3])
    _, record = one_step(parameters, planning=True, theta=theta, planner=layer, chosen=chosen, draws=draws)
    a = record.cooperated * chosen
    d = (1 - record.cooperated) * chosen

    def paid(of_layer):
        r = 3.0 * np.tanh((of_layer[0] * np.array([1.0, 0.0]) + of_layer[1]) / 2)
        wanted = a.sum() * abs(r[0]) + d.sum() * abs(r[1])
        return r if budget is None else r * min(1.0, 5 * budget / wanted)

    def objective(of_layer):
        offer = paid(of_layer)
        value = 0.0
        for i in (0, 1, 3):  # the learners who may be paid
            welfare = slope(lambda t: expectations(parameters, t, (0, 0))[:, 0].sum(), theta, i)
            incentive = slope(lambda t, i=i: expectations(parameters, t, offer)[i, 2], theta, i)
            value += 0.7 * welfare * incentive / 5
        return float(value - 0.05 * np.sqrt((a.sum() * offer[0] ** 2 + d.sum() * offer[1] ** 2) / 5))

    for k in range(2):
        assert record.planner_gradient[k] == pytest.approx(slope(objective, layer, k, 1e-4), abs=1e-6)
    assert record.incentive == pytest.approx(a * paid(layer)[0] + d * paid(layer)[1])
    assert record.summary[SUMMARY.index("outlay")] == pytest.approx(np.abs(record.incentive).sum() / 5)
    assert record.summary[SUMMARY.index("targeted")] == pytest.approx(0.8)


@pytest.mark.parametrize("per_partner", [False, True])
@pytest.mark.parametrize("targets", ["everyone", "highest-degree", "boundary"])
def test_the_budget_is_never_exceeded(targets: str, per_partner: bool) -> None:
    parameters = PopulationParameters(
        rules=MIXED, planner_steps=None, budget_per_agent=0.05, targets=targets, per_partner=per_partner,
        noise=0.05,
        planner_learning_rate=0.3,
    )  # fmt: skip
    state = parameters.start(run_generator(1))
    record, generator = new_round(parameters), run_generator(2)
    most = 0.0
    for _ in range(60):
        draws = generator.random(draws_per_step(state, parameters.constants))
        apply_law(parameters, state, draws, True, record)
        most = max(most, record.summary[SUMMARY.index("outlay")])
        assert np.abs(record.incentive).sum() <= 0.05 * 100 * (1 + 1e-12)
    assert most == pytest.approx(0.05)


def test_whom_the_planner_may_pay() -> None:
    graph = nx.star_graph(9)
    hubs, leaves, lot = (
        PopulationParameters(graph=graph, targets=targets, target_share=0.1, planner_steps=None)
        for targets in ("highest-degree", "lowest-degree", "random")
    )
    assert hubs.start(run_generator(0)).chosen.tolist() == [1] + [0] * 9
    assert leaves.start(run_generator(0)).chosen[0] == 0
    drawn = {int(lot.start(run_generator(0, run)).chosen.argmax()) for run in range(60)}
    assert len(drawn) > 5
    assert all(p.start(run_generator(3)).chosen.sum() == 1 for p in (hubs, leaves, lot))


def test_the_boundary_is_where_neighbours_do_not_play_alike() -> None:
    parameters = PopulationParameters(
        graph=nx.path_graph(6), rules=["cooperator"] * 3 + ["defector"] * 2 + ["learner"], targets="boundary",
        planner_steps=None,
    )  # fmt: skip
    state, record = one_step(parameters, planning=True, draws=[0.5] * 6)
    assert record.targeted.tolist() == [1] * 6  # before the first step nobody is known to be within
    assert state.mixed.tolist() == [0, 0, 1, 1, 0, 0]
    apply_law(parameters, state, np.full(6, 0.99), True, record)
    assert record.targeted.tolist() == [0, 0, 1, 1, 0, 0]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"per_partner": True, "noise": 0.05},
        {"learners": "expected", "noise": 0.1, "accumulation": "total"},
        {"targets": "boundary", "budget_per_agent": 0.1},
        {"per_partner": True, "targets": "highest-degree"},
    ],
)
def test_python_and_compiled_agree_bit_for_bit(options: dict) -> None:
    parameters = PopulationParameters(
        graph=nx.barabasi_albert_graph(30, 2, seed=1), rules=MIXED, planner_steps=20, alpha=0.3, **options
    )
    process = replace(population_process(parameters), steps=30, finish=everything)
    results = []
    for law in (process, replace(process, compile_law=False)):
        played = play_runs(law, runs=1, seed=4, every=2, workers=1)
        results.append((*played.ends[0], *played.recorded.values()))
    for machine, plain in zip(*results, strict=True):
        assert np.array_equal(plain, machine, equal_nan=True)
    outlay = played.recorded["summary"][0, :, SUMMARY.index("outlay")]
    assert (outlay[:10] > 0).all()
    assert (outlay[10:] == 0).all()


@pytest.mark.parametrize("learners", ["sampled", "expected"])
@pytest.mark.parametrize(("greed", "fear"), [(1.0, 1.0), (0.5, -1.0), (-1.0, 1.0)])
def test_where_all_are_neighbours_it_is_the_law_of_linear_dilemmas(greed, fear, learners) -> None:
    many = ManyPlayersParameters(n_players=7, greed=greed, fear=fear, learners=learners, cost=0.01)
    state, room, record = (
        initial_many_state(7, -0.5, 0.1, run_generator(1)),
        new_many_room(7),
        new_many_round(),
    )
    ours = PopulationParameters(
        graph=nx.complete_graph(7), game=matrix_dilemma(greed=greed, fear=fear), learners=learners, cost=0.01,
        planner_steps=None,
    )  # fmt: skip
    own_state, own_record = ours.start(run_generator(2)), new_round(ours)
    own_state.theta[:], own_state.planner[:] = -0.5, state.planner
    for draws in run_generator(3).random((40, 7)):
        many_player_round(state, draws, 0, many.constants, room, record)
        apply_law(ours, own_state, draws, True, own_record)
    assert own_state.theta == pytest.approx(state.theta, abs=1e-9)
    assert own_state.planner == pytest.approx(state.planner, abs=1e-9)
    assert own_state.paid[0] == pytest.approx(state.paid[0])


def test_a_direct_mirror_forgets_towards_its_prior() -> None:
    parameters = PopulationParameters(
        graph=nx.path_graph(3), rules=["cooperator", "mirror", "defector"], per_partner=True, forgetting=0.25,
        prior=(2.0, 3.0),
    )  # fmt: skip
    state, _ = one_step(parameters, cooperations=5.0, defections=7.0)
    assert state.cooperations[1:3] == pytest.approx([0.75 * 5 + 0.25 * 2 + 1, 0.75 * 5 + 0.25 * 2])
    assert state.defections[1:3] == pytest.approx([0.75 * 7 + 0.25 * 3, 0.75 * 7 + 0.25 * 3 + 1])


def test_imitators_start_as_cooperators_with_the_initial_probability() -> None:
    parameters = PopulationParameters(rules={"imitator": 1.0}, initial_cooperation=0.1, planner_scale=0.0)
    state = parameters.start(run_generator(0))
    assert set(state.theta.tolist()) == {FIRM, -FIRM}
    assert 1 <= (state.theta == FIRM).sum() <= 25  # of 100: outside in less than one of 10,000 seeds
    assert state.planner.tolist() == [0.0, 0.0]
