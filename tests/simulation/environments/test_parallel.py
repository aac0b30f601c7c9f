"""Every game as PettingZoo's environment: PettingZoo's own tests, payoffs by hand, and play against exact values."""

import itertools
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from gymnasium.spaces import Dict, Discrete
from pettingzoo.test import parallel_api_test, parallel_seed_test, render_test, seed_test
from pettingzoo.utils.conversions import parallel_to_aec

import simulation.markov_games.games
from simulation import (
    CoinGame,
    EscapeRoom,
    MarkovGame,
    Step,
    enumerate_game,
    episode_values,
    parallel_environment,
)
from simulation.markov_games.games.soccer import Soccer
from tests.simulation.environments.catalogue import DILEMMA, MASKED, REPEATED, UNEQUAL, WITH_STATE, Entry
from theory import linear_dilemma, named_game

ROOT = Path(__file__).resolve().parents[3]
ALL = REPEATED | MASKED | WITH_STATE


@pytest.fixture(params=ALL)
def entry(request: pytest.FixtureRequest) -> Entry:
    return ALL[request.param]


def test_every_game_with_state_has_an_entry() -> None:
    folder = simulation.markov_games.games
    for module in pkgutil.iter_modules(folder.__path__):
        import_module(f"{folder.__name__}.{module.name}")
    kinds: list[Any] = [MarkovGame]
    for kind in kinds:
        kinds += kind.__subclasses__()
    ours = {
        kind for kind in kinds if kind.__module__.startswith(folder.__name__) and not kind.__abstractmethods__
    }
    assert ours == {type(entry.game) for entry in WITH_STATE.values()}, "give each an entry in catalogue.py"


def test_pettingzoo_takes_it_for_a_parallel_environment(entry: Entry) -> None:
    parallel_api_test(entry.make(), num_cycles=40)


@pytest.mark.parametrize("name", [*REPEATED, *WITH_STATE])
def test_a_seed_decides_all_chance(name: str) -> None:
    # PettingZoo 1.27 samples actions without a look at masks here, so masked environments are asked below.
    parallel_seed_test(ALL[name].make, num_cycles=20)


def test_a_seed_decides_all_chance_turn_by_turn(entry: Entry) -> None:
    seed_test(lambda: parallel_to_aec(entry.make()), num_cycles=20)


def test_it_is_rendered_as_text(entry: Entry, capsys: pytest.CaptureFixture[str]) -> None:
    render_test(
        lambda **asked: parallel_to_aec(entry.make(**asked)),
        custom_tests={"ansi": lambda text: "step" in text},
    )
    assert capsys.readouterr().out.startswith("step 0 of ")


@pytest.mark.parametrize("name", [*REPEATED, *WITH_STATE])
def test_states_are_of_their_space(name: str) -> None:
    environment = ALL[name].make()
    environment.reset(seed=0)
    generator = np.random.default_rng(1)
    while environment.agents:
        assert environment.state_space.contains(environment.state())
        actions = {
            agent: generator.integers(environment.action_space(agent).n) for agent in environment.agents
        }
        seen, *_ = environment.step(actions)
        for agent, view in seen.items():
            assert environment.observation_space(agent).contains(view)


def outcomes_of(name: str) -> Any:
    environment = REPEATED[name].make(horizon=10**6, noise=0.0)
    environment.reset(seed=0)
    counts = [range(environment.action_space(agent).n) for agent in environment.possible_agents]
    for actions in itertools.product(*counts):
        _, rewards, *_ = environment.step(dict(zip(environment.agents, actions, strict=True)))
        yield actions, [rewards[agent] for agent in environment.agents]


@pytest.mark.parametrize("name", ["matrix dilemma", "two unequal players", "three unequal players"])
def test_rewards_are_the_payoffs_of_the_table(name: str) -> None:
    table = REPEATED[name].game.payoffs
    for actions, rewards in outcomes_of(name):
        assert rewards == [table[(player, *actions)] for player in range(len(table))]


def test_rewards_of_a_linear_dilemma_are_what_the_thesis_says() -> None:
    # R = 3, P = 1, T = R + greed, S = P - fear; between them linear in the share of the others who cooperate.
    for actions, rewards in outcomes_of("linear dilemma"):
        for player, action in enumerate(actions):
            others = (actions.count(0) - (action == 0)) / 4
            wanted = (1 - others) * 0.5 + others * 3 if action == 0 else (1 - others) * 1 + others * 4
            assert rewards[player] == pytest.approx(wanted, abs=1e-12)


def test_rewards_on_a_network_are_means_over_neighbours() -> None:
    chicken = named_game("chicken").payoffs[0]
    for actions, rewards in outcomes_of("game on a network"):
        for player, reward in enumerate(rewards):
            neighbours = [k for k in (player - 1, player + 1) if 0 <= k < 4]
            assert reward == np.mean([chicken[actions[player], actions[k]] for k in neighbours])


def test_rewards_of_degrees_are_those_of_the_formulas() -> None:
    for (first, second), rewards in outcomes_of("graded donation game"):
        x, y = 1 - first / 4, 1 - second / 4
        wanted = [2 * y + 0.5 * x * y - x * x / 2, 2 * x + 0.5 * x * y - y * y / 2]
        assert rewards == pytest.approx(wanted, abs=1e-12)
    for actions, rewards in outcomes_of("graded public good"):
        levels = [1 - action / 3 for action in actions]
        wanted = [1.5 * sum(levels) / 3 - level * level / 2 for level in levels]
        assert rewards == pytest.approx(wanted, abs=1e-12)


def test_what_is_seen_are_the_last_rounds_oneself_first() -> None:
    environment = REPEATED["three unequal players"].make()
    seen, _ = environment.reset(seed=0)
    assert [view.tolist() for view in seen.values()] == [[2, 3, 4] * 2, [3, 4, 2] * 2, [4, 2, 3] * 2]
    for actions in ((1, 2, 3), (0, 1, 2)):
        seen, *_ = environment.step(dict(zip(environment.agents, actions, strict=True)))
    assert seen["player_0"].tolist() == [0, 1, 2, 1, 2, 3]
    assert seen["player_1"].tolist() == [1, 2, 0, 2, 3, 1]
    assert seen["player_2"].tolist() == [2, 0, 1, 3, 1, 2]
    assert environment.state().tolist() == seen["player_0"].tolist()


def test_masks_tell_whose_actions_are_whose() -> None:
    environment = MASKED["three unequal players, masked"].make()
    seen, _ = environment.reset(seed=0)
    assert [view["action_mask"].tolist() for view in seen.values()] == [
        [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1],
    ]  # fmt: skip
    assert {space.n for space in environment.action_spaces.values()} == {4}
    spaces = list(environment.observation_spaces.values())
    assert isinstance(spaces[0], Dict)
    assert spaces[0] == spaces[1] == spaces[2], "who shares a policy sees one space"
    with pytest.raises(ValueError, match=r"the action of player_0 must be 0 or 1, got 2"):
        environment.step(dict.fromkeys(environment.agents, 2))


def test_where_all_have_as_many_actions_there_is_nothing_to_mask() -> None:
    seen, _ = parallel_environment(DILEMMA, masked=True).reset(seed=0)
    assert seen["player_0"].tolist() == [2, 2]


def test_a_horizon_truncates_and_does_not_terminate() -> None:
    for name in ("matrix dilemma", "Coin Game"):
        environment = ALL[name].make(horizon=7)
        environment.reset(seed=0)
        for step in range(1, 8):
            assert environment.agents == environment.possible_agents
            _, _, terminated, truncated, _ = environment.step(dict.fromkeys(environment.agents, 0))
            assert not any(terminated.values())
            assert list(truncated.values()) == [step == 7] * 2
        assert environment.agents == []
        assert environment.step({}) == ({}, {}, {}, {}, {})


def test_a_game_that_ends_terminates_and_is_not_truncated() -> None:
    for horizon in (2, 5):
        environment = parallel_environment(EscapeRoom(), horizon=horizon)
        environment.reset(seed=0)
        _, _, terminated, truncated, _ = environment.step({"player_0": 1, "player_1": 1})
        assert (terminated["player_0"], truncated["player_0"]) == (False, False)
        # One holds the lever, the other leaves by the door in the last step that there may be, or an earlier one.
        _, rewards, terminated, truncated, _ = environment.step({"player_0": 0, "player_1": 2})
        assert rewards == {"player_0": -1.0, "player_1": 10.0}
        assert (terminated["player_0"], truncated["player_0"]) == (True, False)
        assert environment.agents == []


def totals(environment: Any, episodes: int, seed: int) -> np.ndarray:
    """Return `[episodes, n_players]`: sums of rewards where all choose uniformly."""
    generator = np.random.default_rng(seed)
    environment.reset(seed=seed)
    found = np.zeros((episodes, len(environment.possible_agents)))
    for total in found:
        environment.reset()
        while environment.agents:
            actions = {
                agent: generator.integers(environment.action_space(agent).n) for agent in environment.agents
            }
            total += list(environment.step(actions)[1].values())
    return found


@pytest.mark.parametrize(
    ("game", "episodes"),
    [
        (EscapeRoom(players=3, needed=1), 300),
        (Soccer(rows=2, columns=3, goal_rows=(0,), horizon=8), 200),
        pytest.param(CoinGame(size=2, horizon=10, ties="lot"), 200, marks=pytest.mark.slow),
    ],
    ids=("Escape Room", "soccer", "Coin Game"),
)
def test_uniform_play_gets_what_the_tables_say(game: Any, episodes: int) -> None:
    tables = enumerate_game(game)
    uniform = np.full((game.n_players, tables.n_states, game.n_actions), 1.0 / game.n_actions)
    exact = episode_values(tables, uniform)
    found = totals(parallel_environment(game), episodes, seed=3)
    error = found.std(axis=0, ddof=1) / np.sqrt(episodes)
    # Five standard errors: a right environment fails less than once in 100,000 seeds; this one is fixed.
    assert (np.abs(found.mean(axis=0) - exact) < 5 * error).all()
    assert (error > 0).all()


def test_noise_plays_each_other_action_alike() -> None:
    environment = parallel_environment(UNEQUAL, noise=0.3, horizon=4000)
    environment.reset(seed=5)
    counts = np.zeros(3)
    while environment.agents:
        *_, told = environment.step({"player_0": 0, "player_1": 1})
        counts[told["player_1"]["action"]] += 1
    expected = 4000 * np.array([0.15, 0.7, 0.15])
    # Five standard deviations of a binomial count.
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected * (1 - expected / 4000))).all()


def test_without_a_seed_the_chance_goes_on_and_with_it_begins_anew() -> None:
    environment = parallel_environment(CoinGame())
    first = [environment.reset(seed=4)[0]["player_0"].tolist(), environment.reset()[0]["player_0"].tolist()]
    again = [environment.reset(seed=4)[0]["player_0"].tolist(), environment.reset()[0]["player_0"].tolist()]
    assert first == again
    assert first[0] != first[1]


class Stairs(MarkovGame):
    """Climb by as much as both want, up to four; a game that lists nothing and cannot be looked up by its value."""

    n_players, n_actions, horizon = 2, 2, 9
    __hash__ = None  # type: ignore[assignment]

    def reset(self, key: Any) -> Any:
        return {"height": jnp.array(0)}

    def step(self, state: Any, actions: Any, key: Any) -> Step:
        height = state["height"] + actions.sum()
        return Step({"height": height}, actions / 3.0, height >= 4)

    def observe(self, state: Any) -> Any:
        return jnp.tile(state["height"] / 4.0, (2, 1))


def test_a_game_of_ones_own_is_played_with_rewards_in_double_precision() -> None:
    environment = parallel_environment(Stairs(), render_mode="ansi")
    environment.reset(seed=0)
    seen, rewards, terminated, _, _ = environment.step({"player_0": 1, "player_1": 0})
    assert rewards == {"player_0": 1 / 3, "player_1": 0.0}
    assert seen["player_1"].tolist() == [0.25]
    assert environment.render() == "step 1 of 9: height 1; rewards 0.333333, 0\n"
    environment.step({"player_0": 1, "player_1": 1})
    *_, terminated, _, _ = environment.step({"player_0": 0, "player_1": 1})
    assert terminated == {"player_0": True, "player_1": True}


def test_errors_say_the_rule_and_what_was_given() -> None:
    environment = parallel_environment(DILEMMA)
    with pytest.raises(ValueError, match=r"reset must be called before step, got step"):
        environment.step({"player_0": 0, "player_1": 0})
    environment.reset(seed=0)
    for actions in ({}, {"player_0": 0}, {"player_0": 0, "player_1": 0, "player_2": 0}, [0, 0]):
        with pytest.raises(ValueError, match=r"an action of each of \['player_0', 'player_1'\], got "):
            environment.step(actions)
    for action in (2, -1, 0.5, None, True, "C"):
        with pytest.raises(ValueError, match=r"the action of player_1 must be 0 or 1, got "):
            environment.step({"player_0": 0, "player_1": action})
    for seed in (-1, 0.5, "a"):
        with pytest.raises(ValueError, match=r"seed must "):
            environment.reset(seed=seed)
    with pytest.raises(ValueError, match=r"options must be a dictionary or None, got 3"):
        environment.reset(options=3)
    with pytest.raises(ValueError, match=r"unknown agent 'player_3'"):
        environment.action_space("player_3")
    with pytest.raises(
        ValueError, match=r"may have 1000000 numbers in all, got depth 1 for each of 2000 players"
    ):
        parallel_environment(linear_dilemma(2000, greed=1.0, fear=1.0))
    for given in ({"depth": 2}, {"noise": 0.1}, {"masked": True}):
        with pytest.raises(
            ValueError, match=r"depth, noise and masked are for games that are played again and again"
        ):
            parallel_environment(CoinGame(), **given)


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_matrix_games_need_no_jax() -> None:
    done = run(
        "import sys; sys.modules['jax'] = None\n"
        "from simulation import environment_against, parallel_environment; from theory import named_game\n"
        "game = named_game('chicken'); environment = parallel_environment(game); environment.reset(seed=0)\n"
        "print(environment.step({'player_0': 0, 'player_1': 1})[1])\n"
        "environment_against('grim', game=game).reset(seed=0)"
    )
    assert done.stdout == "{'player_0': 2.0, 'player_1': 3.5}\n", done.stderr


@pytest.mark.parametrize("missing", ["pettingzoo", "gymnasium"])
def test_what_is_to_be_installed_is_said_in_one_line(missing: str) -> None:
    done = run(f"import sys; sys.modules[{missing!r}] = None\nfrom simulation import parallel_environment")
    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: environments need PettingZoo and Gymnasium (pip install 'commonweal[marl]')"
    )


def test_spaces_are_numbers_of_actions() -> None:
    environment = parallel_environment(UNEQUAL)
    assert environment.action_space("player_0") == Discrete(2)
    assert environment.action_space("player_1") == Discrete(3)
