"""Learning rules among N players and in any finite game, against the laws' own learners and players written here."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from simulation import (
    FiniteGameParameters,
    ManyPlayersParameters,
    MechanismDesignParameters,
    simulate_game,
    simulate_many,
)
from simulation.engine.layout import copied, leaves
from simulation.engine.randomness import run_generator
from simulation.engine.runs import play_runs
from simulation.learning.catalogue import learning_rule
from simulation.learning.players import kinds_of
from simulation.mechanism_design.any_game import finite_game_process
from simulation.mechanism_design.any_game_law import game_round, new_game_round
from simulation.mechanism_design.law import round_by
from simulation.mechanism_design.many_players import many_players_process
from simulation.planner.state import new_round, new_workspace
from tests.simulation.learning.rules import boltzmann, bush_mosteller_in_lists
from tests.simulation.learning.test_rule import experience
from theory import Game, linear_dilemma, named_game

HOT = boltzmann.tuned(name="hot", temperature=1.5)
SLOW = learning_rule("policy-gradient-ascent").tuned(name="slow", learning_rate=0.2)
# Three of one kind, in two tunings, and one of another, which remembers less.
MIXED = (boltzmann, HOT, SLOW, boltzmann)
GREED, FEAR = 0.5, -1.0


def random_game(n_players: int) -> Game:
    return Game(run_generator(8).normal(size=(n_players, *(2,) * n_players)))


class Players:
    """MIXED, in numpy: two values of a Boltzmann Q-learner, or theta of REINFORCE."""

    def __init__(self, theta: np.ndarray) -> None:
        self.values = np.zeros((4, 2))
        self.theta = theta[2]

    @property
    def cooperation(self) -> np.ndarray:
        gap = self.values[:, 1] - self.values[:, 0]
        p = 1 / (1 + np.exp(gap / np.array([0.5, 1.5, 1.0, 0.5])))
        p[2] = 1 / (1 + np.exp(-self.theta))
        return p

    def learn(self, cooperated: np.ndarray, rewards: np.ndarray) -> None:
        self.theta += 0.2 * (cooperated[2] - self.cooperation[2]) * rewards[2]
        for i in (0, 1, 3):
            action = 0 if cooperated[i] else 1
            self.values[i, action] += 0.1 * (rewards[i] - self.values[i, action])


class Adam:
    """Algorithm 1 of Kingma & Ba, but for where epsilon stands (their section 2)."""

    def __init__(self, x: np.ndarray, rate: float) -> None:
        self.x, self.rate, self.t, self.m, self.v = x, rate, 0, np.zeros_like(x), np.zeros_like(x)

    def ascend(self, gradient: np.ndarray) -> None:
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * gradient
        self.v = 0.999 * self.v + 0.001 * gradient**2
        rate = self.rate * math.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
        self.x += rate * self.m / (np.sqrt(self.v) + 1e-8)


def test_five_episodes_of_four_players_by_hand() -> None:
    parameters = ManyPlayersParameters(
        n_players=4, greed=GREED, fear=FEAR, learners=MIXED, episodes=5, cost=0.05, planner_learning_rate=0.3
    )
    data = simulate_many(parameters, runs=2, seed=3).isel(run=1)
    generator = run_generator(3, 1)
    start = many_players_process(parameters).start(generator)
    players, planner = Players(start.theta), Adam(start.planner.copy(), 0.3)
    game = linear_dilemma(4, greed=GREED, fear=FEAR)

    def payoffs(a: np.ndarray) -> np.ndarray:
        return np.where(a, game.cooperator_payoff(a.sum()), game.defector_payoff(a.sum()))

    for t in range(5):
        p = players.cooperation
        cooperated = generator.random(4) < p
        squashed = np.tanh((planner.x[1] + planner.x[0] * np.array([1, 0])) / 2)
        for_c, for_d = parameters.bound * squashed
        paid = np.where(cooperated, for_c, for_d)
        assert data["mean_cooperation"][t] == pytest.approx(p.mean(), abs=1e-12)
        assert data["welfare"][t] == pytest.approx(payoffs(cooperated).sum(), abs=1e-12)
        assert data["additional_reward"][t] == pytest.approx(np.abs(paid).sum(), abs=1e-12)
        # Eqs. 4.3 and 4.7 over all 16 outcomes, a player.
        push = 0.0
        for actions in itertools.product((1, 0), repeat=4):
            a = np.array(actions)
            chance = np.prod(np.where(a, p, 1 - p))
            push += chance * payoffs(a).sum() * ((a - p) * p * (1 - p)).sum() * parameters.lookahead_rate / 4
        share = np.array([cooperated.mean(), 1 - cooperated.mean()])
        size = math.sqrt((share * parameters.bound**2 * squashed**2).sum())
        slope = parameters.bound / 2 * (1 - squashed**2)
        by_c, by_d = slope * (push * np.array([1, -1]) - 0.05 * share * parameters.bound * squashed / size)
        planner.ascend(np.array([by_c, by_c + by_d]))
        players.learn(cooperated, payoffs(cooperated) + paid)
    assert data["final_cooperation_probability"].values == pytest.approx(players.cooperation, abs=1e-12)
    assert data["final_incentive"].values == pytest.approx(
        parameters.bound * np.tanh((planner.x[1] + planner.x[0] * np.array([1, 0])) / 2), abs=1e-12
    )


def test_five_episodes_of_any_game_by_hand() -> None:
    game = random_game(4)
    parameters = FiniteGameParameters(game=game, learners=MIXED, episodes=5, planner_scale=1.0)
    data = simulate_game(parameters, runs=2, seed=4).isel(run=1)
    generator = run_generator(4, 1)
    start = parameters.start(generator)
    players = Players(start.theta)
    # The planner is that of players who have the same policies as logits.
    usual = replace(parameters, learners="expected")
    process, state = finite_game_process(usual), usual.start(run_generator(4, 1))
    room, record = process.room(), process.record()
    for t in range(5):
        p = players.cooperation
        state.theta[:] = np.log(p / (1 - p))
        game_round(state, np.zeros(0), t, process.constants, room, record)
        actions = 1 - (generator.random(4) < p)
        incentive = room.incentive.reshape(game.payoffs.shape)
        rewards = (game.payoffs + incentive)[(slice(None), *actions)]
        assert data["policy"][t].values[:, 0] == pytest.approx(p, abs=1e-12)
        assert data["actions"][t].values.tolist() == actions.tolist()
        assert data["reward"][t].values == pytest.approx(rewards, abs=1e-12)
        mixed = [np.array([q, 1 - q]) for q in p]
        assert data["welfare"][t] == pytest.approx(game.expected_payoffs(mixed).sum(), abs=1e-12)
        given = Game(np.abs(incentive)).expected_payoffs(mixed).sum()
        assert data["additional_reward"][t] == pytest.approx(given, abs=1e-12)
        players.learn(1 - actions, rewards)
    assert data["final_policy"].values[:, 0] == pytest.approx(players.cooperation, abs=1e-12)
    state.theta[:] = 0.0
    game_round(state, np.zeros(0), 4, process.constants, room, new_game_round(process.constants))
    assert data["final_incentive"].values == pytest.approx(room.incentive, abs=1e-12)
    assert np.abs(room.incentive).min() > 0.0


@pytest.mark.parametrize(
    ("usual", "named"), [("sampled", "policy-gradient"), ("expected", "expected-policy-gradient")]
)
def test_the_policy_gradient_by_rule_is_that_of_many_players_to_the_bit(usual: str, named: str) -> None:
    parameters = ManyPlayersParameters(n_players=7, episodes=200, planner_episodes=150, learners=usual)
    by_rule = simulate_many(replace(parameters, learners=named), runs=2, seed=2, compile_law=False)
    assert by_rule.equals(simulate_many(parameters, runs=2, seed=2))


def test_the_expected_gradient_by_rule_is_that_of_any_game() -> None:
    parameters = FiniteGameParameters(game=random_game(3), episodes=60, initial_last_action=0.6)
    usual = simulate_game(parameters, runs=2, seed=2)
    by_rule = replace(parameters, learners="expected-policy-gradient")
    by_rule = simulate_game(by_rule, runs=2, seed=2, compile_law=False)
    for name, values in usual.items():
        assert by_rule[name].values == pytest.approx(values.values, abs=1e-9)


def of_two_players(learners, named: str, greed: float, fear: float):
    """The three laws of two players without a planner, in plain Python: state, and a step from draws."""
    game = named_game(named)
    assert np.array_equal(game.payoffs, linear_dilemma(2, greed=greed, fear=fear).to_game().payoffs)
    options = {"learners": learners, "planner_episodes": 0}
    two = MechanismDesignParameters(game=game, **options)
    state, workspace, record = two.start(run_generator(0)), new_workspace(20), new_round()
    rules = tuple(given.untuned for given in two.learning_rules)
    law = round_by(rules)
    yield state, lambda draws, t: law(state, draws, False, two.constants, workspace, record)
    many = ManyPlayersParameters(n_players=2, greed=greed, fear=fear, **options)
    any_game = FiniteGameParameters(game=game, initial_last_action=0.75, initial_deviation=0.0, **options)
    for process in (many_players_process(many), finite_game_process(any_game)):
        yield of_process(process)


def of_process(process):
    state, room, record = process.start(run_generator(0)), process.room(), process.record()
    return state, lambda draws, t: process.law(state, draws, t, process.constants, room, record)


@pytest.mark.parametrize(
    "dilemma", [("prisoners-dilemma", 1.0, 1.0), ("chicken", 0.5, -1.0), ("stag-hunt", -1.0, 1.0)]
)
@pytest.mark.parametrize("learners", [(boltzmann, HOT), "policy-gradient", (SLOW, boltzmann)])
def test_two_players_have_the_same_bits_under_every_law(dilemma, learners) -> None:
    laws = list(of_two_players(learners, *dilemma))
    first = [state for state, _ in laws]
    # The same P(C) at the start, but for rounding where a game's logits come from its last action.
    for state in first[1:]:
        assert state.theta == pytest.approx(first[0].theta, abs=1e-15)
        state.memory[...] = first[0].memory
        state.theta[...] = first[0].theta
    for t, draws in enumerate(run_generator(1).random((150, 2))):
        for _, step in laws:
            step(draws, t)
        for state, _ in laws[1:]:
            assert np.array_equal(state.memory, first[0].memory)
            assert np.array_equal(state.theta, first[0].theta)
    assert len(np.unique(first[0].theta)) == 2


def test_what_two_players_expect_to_gain_is_the_same_under_every_law() -> None:
    laws = list(of_two_players("expected-policy-gradient-ascent", "chicken", 0.5, -1.0))
    for state, _ in laws:
        state.memory[:, 0] = state.theta[:] = [-0.3, 0.8]
    for t, draws in enumerate(run_generator(1).random((150, 2))):
        for _, step in laws:
            step(draws, t)
    two, many, any_game = (state.memory for state, _ in laws)
    assert np.array_equal(any_game, two)
    # Written as linear in the share of cooperators, the same gain is rounded differently.
    assert many == pytest.approx(two, abs=1e-12)
    assert abs(two[:, 0] - [-0.3, 0.8]).min() > 1e-3


MANY = ManyPlayersParameters(n_players=4, learners=MIXED, episodes=60, planner_episodes=40)
FINITE = FiniteGameParameters(game=random_game(4), learners=MIXED, episodes=60, planner_episodes=40)
PROCESSES = pytest.mark.parametrize(
    "process", [many_players_process(MANY), finite_game_process(FINITE)], ids=["many", "finite"]
)


@PROCESSES
def test_python_and_compiled_agree_bit_for_bit(process) -> None:
    machine = play_runs(process, runs=2, seed=5, every=2, workers=2)
    plain = play_runs(replace(process, compile_law=False), runs=2, seed=5, every=2, workers=1)
    for one, other in zip(plain.states, machine.states, strict=True):
        assert np.array_equal(one, other)
    for name, values in machine.recorded.items():
        assert np.array_equal(plain.recorded[name], values)
    assert (machine.recorded["additional_reward"][:, 20:] == 0).all()
    assert (machine.recorded["additional_reward"][:, :20] > 0).all()


@PROCESSES
def test_what_a_record_held_before_makes_no_difference(process) -> None:
    results = []
    for before in (0, 1):
        state = copied(process.start(run_generator(4)))
        for t, draws in enumerate(run_generator(5).random((3, 4))):
            room, record = process.room(), process.record()
            for _, part in (*leaves(room), *leaves(record)):
                part[...] = before
            process.law(state, draws, t, process.constants, room, record)
        results.append([*state, *(part for _, part in leaves(record))])
    for clean, dirty in zip(*results, strict=True):
        assert np.array_equal(clean, dirty)


def test_what_is_recorded_of_any_game_replays_everybody_s_rule_to_the_bit() -> None:
    data = simulate_game(FINITE, runs=1, seed=6).isel(run=0)
    policy, actions, reward = (data[name].values for name in ("policy", "actions", "reward"))
    start = FINITE.start(run_generator(6))
    for i, given in enumerate(MIXED):
        memory = start.memory[i, : len(given.memory)]
        for t in range(FINITE.episodes):
            p, cooperated = policy[t, i, 0], 1.0 - actions[t, i]
            assert given.cooperation(memory, given.values) == p
            seen = experience(cooperated=cooperated, score=cooperated - p, reward=reward[t, i])
            given.learn(memory, given.values, seen)
        assert given.cooperation(memory, given.values) == data["final_policy"].values[i, 0]


def test_everybody_may_have_tunables_of_its_own_in_one_law() -> None:
    rates = (0.0, 0.1, 0.0, 0.4, 0.2)
    rules = tuple(SLOW.tuned(name=f"by {rate}", learning_rate=rate) for rate in rates)
    assert len(kinds_of(rules)) == 1
    for parameters, play in (
        (ManyPlayersParameters(n_players=5, learners=rules, episodes=30), simulate_many),
        (FiniteGameParameters(game=random_game(5), learners=rules, episodes=30), simulate_game),
    ):
        data = play(parameters, runs=1, seed=1, record="summary", compile_law=False)
        process = (many_players_process if play is simulate_many else finite_game_process)(parameters)
        start = 1 / (1 + np.exp(-process.start(run_generator(1)).theta))
        name = "final_cooperation_probability" if play is simulate_many else "final_policy"
        final = data[name].values[0].reshape(5, -1)[:, 0]
        stayed = np.isclose(final, start, atol=1e-12)
        assert stayed.tolist() == [rate == 0.0 for rate in rates]


def test_datasets_keep_the_rules_with_their_tunables() -> None:
    one = json.loads(
        simulate_many(replace(MANY, learners=HOT), runs=1, compile_law=False).attrs["parameters"]
    )
    each = json.loads(simulate_game(FINITE, runs=1, compile_law=False).attrs["parameters"])
    assert one["learners"] == HOT.to_dict()
    assert each["learners"] == [given.to_dict() for given in MIXED]
    assert json.loads(json.dumps(ManyPlayersParameters().to_dict()))["learners"] == "sampled"


def test_a_rule_in_plain_python_plays_with_a_notice() -> None:
    with pytest.warns(UserWarning, match="'bush-mosteller' runs in plain Python") as said:
        simulate_many(replace(MANY, learners=bush_mosteller_in_lists, episodes=3), runs=1)
    with pytest.warns(UserWarning, match="'bush-mosteller' runs in plain Python") as told:
        simulate_game(replace(FINITE, learners=(bush_mosteller_in_lists,) * 4, episodes=3), runs=1)
    assert {warning.filename for warning in (*said, *told)} == {__file__}
    assert (len(said), len(told)) == (1, 1)


@pytest.mark.parametrize("parameters", [MANY, FINITE], ids=["many", "finite"])
@pytest.mark.parametrize(
    ("learners", "error"),
    [
        ("boltzmann", "unknown learners 'boltzmann'"),
        ((boltzmann,), "one for each of 4 players, got 1"),
        ((boltzmann, HOT, SLOW, "slow"), "unknown learning rule 'slow'"),
        (1.0, "a name or a LearningRule, or a tuple of one for each player, got 1.0"),
        (None, "a name or a LearningRule, or a tuple of one for each player, got None"),
    ],
)
def test_who_may_learn(parameters, learners: object, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        replace(parameters, learners=learners)


@pytest.mark.parametrize("n_actions", [(2, 3), (2, 1), (4, 4)])
def test_a_rule_of_two_actions_plays_no_game_of_others(n_actions: tuple[int, int]) -> None:
    told = rf"each player of the game must have two actions, got \({n_actions[0]}, {n_actions[1]}\) with learners 'b"
    with pytest.raises(ValueError, match=told):
        FiniteGameParameters(game=Game(np.zeros((2, *n_actions))), learners=boltzmann)
