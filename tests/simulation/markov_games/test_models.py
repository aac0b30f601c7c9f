"""Games with state in Mesa: agents stand where the state has them, rewards by hand, policies, seeds that repeat."""

import numpy as np
import pytest

from simulation.markov_games.enumerated import enumerate_game
from simulation.markov_games.exact import episode_values
from simulation.markov_games.games.coin_game import MOVES, CoinGame
from simulation.markov_games.games.escape_room import DOOR, LEVER, START, EscapeRoom
from simulation.markov_games.models import Coin, CoinGameModel, EscapeRoomModel, GridPlayer

# The same in all tests: each game is compiled by itself.
COINS = CoinGame(horizon=60)


def always(tables, *places: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    return np.stack([np.tile(np.eye(3)[place], (tables.n_states, 1)) for place in places])


def test_one_holds_the_lever_and_the_other_gets_out() -> None:
    tables = enumerate_game(EscapeRoom())
    model = EscapeRoomModel(policies=always(tables, LEVER, DOOR), rng=0)
    assert [player.coordinate for player in model.players] == [(0, START)] * 2
    assert all(np.isnan(player.reward) for player in model.players)
    model.run_model()
    assert (model.turn, model.running, model.terminated, model.welfare) == (1, False, True, 9.0)
    assert [player.coordinate for player in model.players] == [(0, LEVER), (0, DOOR)]
    assert [player.cell for player in model.players] == [model.grid[0, LEVER], model.grid[0, DOOR]]
    # Nothing more happens to those who step on.
    model.step()
    assert [(player.action, player.reward, player.total) for player in model.players] == [
        (LEVER, 0.0, -1.0),
        (DOOR, 0.0, 10.0),
    ]


def test_an_episode_that_does_not_end_is_cut_after_the_horizon() -> None:
    tables = enumerate_game(EscapeRoom())
    model = EscapeRoomModel(policies=always(tables, START, START), rng=0)
    model.run_model()
    assert (model.turn, model.terminated, model.welfare) == (5, False, 0.0)
    assert len(model.datacollector.get_model_vars_dataframe()) == 6  # before the first step, too


def test_coins_are_picked_by_who_stands_on_them_by_hand() -> None:
    """Rewards, moves and coins of 60 steps, worked out from what is collected."""
    model = CoinGameModel(COINS, rng=5)
    picked = 0
    while model.running:
        places = [player.coordinate for player in model.players]
        coins = {coin.colour: coin.coordinate for coin in model.coins if coin.coordinate is not None}
        model.step()
        (colour, lies) = next(iter(coins.items()))
        moved = [player.coordinate for player in model.players]
        for (row, column), player in zip(places, model.players, strict=True):
            down, right = MOVES[player.action]
            assert player.coordinate == ((row + down) % 3, (column + right) % 3)
        gets = [there == lies for there in moved]
        expected = [float(got) for got in gets]
        expected[colour] -= 2.0 * gets[1 - colour]
        assert [player.reward for player in model.players] == expected
        picked += any(gets)
        assert [agent.coordinate for agent in model.agents if agent.cell is not None] == [
            agent.cell.coordinate for agent in model.agents if agent.cell is not None
        ]
        assert sum(coin.cell is not None for coin in model.coins) == 1
    assert picked > 5
    assert {type(agent) for agent in model.agents} == {GridPlayer, Coin}


@pytest.mark.slow
def test_mean_welfare_of_sampled_episodes_is_the_exact_one() -> None:
    # 300 episodes of at most 5 steps; the error of the mean is below 5 standard errors but once in 1.7 million.
    game = EscapeRoom()
    tables = enumerate_game(game)
    policies = np.random.default_rng(3).dirichlet([1.0, 1.0, 1.0], (2, tables.n_states))
    totals = []
    for run in range(300):
        model = EscapeRoomModel(game, policies=policies, rng=11, run=run)
        model.run_model()
        totals.append([player.total for player in model.players])
    error = np.std(totals, axis=0) / np.sqrt(len(totals))
    assert (np.abs(np.mean(totals, axis=0) - episode_values(tables, policies)) < 5 * error).all()


def test_a_seed_repeats_an_episode_and_another_run_is_another_one() -> None:
    def course(**given):  # type: ignore[no-untyped-def]
        model = CoinGameModel(COINS, **given)
        model.run_model()
        return model.datacollector.get_agenttype_vars_dataframe(GridPlayer)

    assert course(rng=4).equals(course(rng=4))
    assert not course(rng=4).equals(course(rng=4, run=1))


def test_a_large_board_is_played_without_its_tables() -> None:
    model = CoinGameModel(CoinGame(size=6, horizon=2, colours="both"), rng=1)
    model.run_model()
    assert model.tables is None
    assert len({coin.coordinate for coin in model.coins}) == 2
    assert model.players[0].policy == pytest.approx([0.25] * 4)


def test_policies_are_those_of_the_state_seen_from_oneself() -> None:
    tables = enumerate_game(COINS)
    policies = np.random.default_rng(0).dirichlet([1.0] * 4, (2, tables.n_states))
    model = CoinGameModel(COINS, policies=policies, rng=2)
    players, coins = np.asarray(tables.states.players), np.asarray(tables.states.coins)
    for _ in range(4):
        canonical = COINS.canonical(model.board)
        same = [
            number
            for number in range(tables.n_states)
            if (players[number] == np.asarray(canonical.players)).all()
            and (coins[number] == np.asarray(canonical.coins)).all()
        ]
        assert len(same) == 1
        assert model.players[1].policy == pytest.approx(policies[1, same[0]])
        model.step()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CoinGameModel(COINS, policies=np.ones((2, 3, 4))), "policies must be"),
        (lambda: EscapeRoomModel(CoinGame()), "parameters must be"),  # type: ignore[arg-type]
        (lambda: enumerate_game(EscapeRoom()).place_of(3), "state must be one that can be reached"),
    ],
)
def test_errors_state_the_rule(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        make()
