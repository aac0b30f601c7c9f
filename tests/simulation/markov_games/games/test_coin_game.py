"""The Coin Game against a second writing of its rules: dictionaries and fractions, from the description alone."""

from collections import Counter
from fractions import Fraction
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from simulation.markov_games.enumerated import EnumeratedGame, enumerate_game
from simulation.markov_games.exact import best_response, best_welfare, episode_values
from simulation.markov_games.games.coin_game import CoinGame, CoinState

STEPS = {0: (-1, 0), 1: (1, 0), 2: (0, -1), 3: (0, 1), 4: (0, 0)}

VARIANTS = {
    "thesis": CoinGame(),
    "authors": CoinGame(colours="alternating", ties="first"),
    "marltoolbox": CoinGame(colours="alternating", view="board"),
    "pax": CoinGame(colours="both", stay=True, anywhere=True),
    "lot": CoinGame(ties="lot", coin=1.5, loss=0.5),
    "two-coins-apart": CoinGame(colours="both", ties="lot"),
}


def by_the_rules(game: CoinGame, players, coins, actions) -> Counter:
    """Return the chance of each (players, coins, rewards) that may follow."""
    size, found = game.size, Counter()
    moved = tuple(
        ((cell // size + STEPS[action][0]) % size) * size + (cell % size + STEPS[action][1]) % size
        for cell, action in zip(players, actions, strict=True)
    )
    free = [cell for cell in range(size**2) if game.anywhere or cell not in moved]
    picked = [colour for colour in (0, 1) if coins[colour] in moved]
    if not picked:
        new = {tuple(coins): Fraction(1)}
    elif game.colours == "both":
        new = Counter()
        for cells in product(free, repeat=len(picked)):
            put = dict(zip(picked, cells, strict=True))
            new[tuple(put.get(colour, coins[colour]) for colour in (0, 1))] += Fraction(
                1, len(free) ** len(picked)
            )
    else:
        colours = (0, 1) if game.colours == "random" else (1 - picked[0],)
        new = {
            tuple(cell if each == colour else -1 for each in (0, 1)): Fraction(1, len(free) * len(colours))
            for colour in colours
            for cell in free
        }
    for lot in (0, 1) if game.ties == "lot" else (0,):
        rewards = [0.0, 0.0]
        for colour in picked:
            on_it = [player for player in (0, 1) if moved[player] == coins[colour]]
            if len(on_it) == 2 and game.ties != "both":
                on_it = [lot]
            for player in on_it:
                rewards[player] += game.coin
                if player != colour:
                    rewards[colour] -= game.loss
        for put, chance in new.items():
            found[moved, put, tuple(rewards)] += chance / (2 if game.ties == "lot" else 1)
    return found


@pytest.mark.parametrize("game", VARIANTS.values(), ids=VARIANTS)
def test_what_may_follow_is_what_the_rules_say(game: CoinGame) -> None:
    rng = np.random.default_rng(0)
    follow = jax.jit(game.outcomes)
    for _ in range(60):
        players = rng.integers(0, game.n_cells, 2)
        if not game.anywhere and players[0] == players[1] and rng.random() < 0.5:
            continue
        coins = rng.integers(0, game.n_cells, 2)
        if game.colours != "both":
            coins[rng.integers(2)] = -1
        actions = rng.integers(0, game.n_actions, 2)
        may = follow(CoinState(jnp.array(players), jnp.array(coins)), jnp.array(actions))
        found: Counter = Counter()
        for k, chance in enumerate(np.asarray(may.probabilities, float)):
            if chance > 0.0:
                key = (
                    tuple(np.asarray(may.states.players[k]).tolist()),
                    tuple(np.asarray(may.states.coins[k]).tolist()),
                    tuple(np.asarray(may.rewards[k], float).tolist()),
                )
                found[key] += chance
        expected = by_the_rules(game, players.tolist(), coins.tolist(), actions.tolist())
        assert set(found) == set(expected)
        for key, chance in expected.items():
            assert found[key] == pytest.approx(float(chance), abs=1e-6)
        assert not np.any(may.terminated)


@pytest.fixture(scope="module")
def tables() -> EnumeratedGame:
    return enumerate_game(CoinGame())


def test_states_that_can_be_reached_by_counting(tables: EnumeratedGame) -> None:
    # Seen from player 1 the other is on one of nine cells, and the coin on a cell without a player.
    assert tables.n_states == (8 + 8 * 7) * 2
    assert enumerate_game(CoinGame(view="board")).n_states == 9 * tables.n_states
    assert tables.probabilities.sum(axis=2) == pytest.approx(np.ones((128, 16)), abs=1e-12)
    assert tables.start.sum() == pytest.approx(1.0, abs=1e-12)


def test_a_walk_of_chance_gives_what_each_other_lose(tables: EnumeratedGame) -> None:
    uniform = np.full((2, tables.n_states, 4), 0.25)
    assert episode_values(tables, uniform) == pytest.approx([0.0, 0.0], abs=1e-10)


def test_the_best_joint_play_picks_own_coins_only(tables: EnumeratedGame) -> None:
    # As much as if coins of the other's colour were worth nothing, and a loss never paid.
    best = best_welfare(tables) / 100
    assert best == pytest.approx(0.6986, abs=5e-5)
    harmless = best_welfare(enumerate_game(CoinGame(loss=0.0)))
    assert harmless / 100 > best


def test_whoever_faces_a_player_who_grabs_all_grabs_too(tables: EnumeratedGame) -> None:
    uniform = np.full((2, tables.n_states, 4), 0.25)
    response = best_response(tables, uniform, player=0)
    assert response.value / 100 == pytest.approx(0.5322, abs=5e-5)
    assert response.gain == pytest.approx(response.value, abs=1e-9)


@pytest.mark.slow
def test_episodes_are_as_the_tables_say(tables: EnumeratedGame) -> None:
    # 4000 episodes of 20 steps of a uniform walk: four standard errors of each player's mean, one seed in 8000.
    game = tables.game

    def episode(key: jax.Array) -> jax.Array:
        begin, keys = jax.random.split(key)[0], jax.random.split(jax.random.fold_in(key, 1), 20)

        def forward(state: CoinState, key: jax.Array) -> tuple[CoinState, jax.Array]:
            choose, chance = jax.random.split(key)
            step = game.step(state, jax.random.randint(choose, (2,), 0, 4), chance)
            return step.state, step.rewards

        return jax.lax.scan(forward, game.reset(begin), keys)[1].sum(axis=0)

    totals = np.asarray(jax.jit(jax.vmap(episode))(jax.random.split(jax.random.key(0), 4000)), float)
    uniform = np.full((2, tables.n_states, 4), 0.25)
    expected = episode_values(tables, uniform, horizon=20)
    error = totals.std(axis=0, ddof=1) / np.sqrt(len(totals))
    assert np.all(np.abs(totals.mean(axis=0) - expected) < 4.0 * error)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 1}, r"size must lie in \[2, 16\], got 1"),
        ({"horizon": 0}, "horizon must be at least 1, got 0"),
        ({"colours": "blue"}, "unknown rule of colours 'blue'"),
        ({"ties": "no"}, "unknown rule of ties 'no'"),
        ({"view": "x"}, "unknown view 'x'"),
        ({"coin": -1.0}, "coin must lie in"),
        ({"loss": float("nan")}, "loss must be finite"),
    ],
)
def test_errors_state_the_rule_and_the_value(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CoinGame(**options)
