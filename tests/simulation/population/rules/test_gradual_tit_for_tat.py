"""Agents who keep ledgers on a network: the player of duels with every partner, its guarantees, what models show."""

import networkx as nx
import numpy as np
import pytest

from simulation import GradualPlayer, Population, PopulationParameters, simulate_population
from simulation.engine.randomness import run_generator
from simulation.gradual.seat import Asked, Played, new_mind
from simulation.learning.policy_gradient import FIRM
from simulation.population.runs import draws_per_step
from theory import Game, named_game

RULE = "gradual-tit-for-tat"
PAIR = nx.path_graph(2)
# Either action alone secures 0, the mixture of .6 C 1.2; unlike actions give more to both.
UNLIKE = Game.bimatrix([[0, 2], [3, 0]], [[0, 3], [2, 0]])


def steps_of(parameters: PopulationParameters, seed: int, rounds: int):
    """Yield draws, chances, actions (0 is C) and books of each step by the law in plain Python."""
    generator = run_generator(seed)
    state, room, record = parameters.start(generator), parameters.room(), parameters.record()
    for step in range(rounds):
        draws = generator.random(draws_per_step(state, parameters.constants))
        parameters.law(state, draws, step, parameters.constants, room, record)
        yield draws, room.chance.copy(), 1 - room.cooperated, state.books.copy()


def chance_of_duel(player: GradualPlayer, seat, mind) -> float:
    """P(C) of a player of duels, by counting over a grid of both of its draws."""
    grid = (np.arange(40) + 0.5) / 40
    chosen = [player.choose(seat, mind, Asked(0, 0, a, b)) for a in grid for b in grid]
    return chosen.count(0) / len(chosen)


@pytest.mark.parametrize(
    ("game", "player"),
    [
        (named_game("prisoners-dilemma"), GradualPlayer(trust=0.0, offer_probability=0.5)),
        (named_game("chicken"), GradualPlayer(loss_budget=0.5, trust=0.3, credit=0.2, offer_probability=0.5)),
        (named_game("stag-hunt"), GradualPlayer(trust=0.05, offer_probability=0.5)),
        (UNLIKE, GradualPlayer(loss_budget=0.5, credit=0.2)),
    ],
)
def test_a_pair_means_and_books_what_two_players_of_a_duel_do(game: Game, player: GradualPlayer) -> None:
    parameters = PopulationParameters(
        graph=PAIR, game=game, rules=[RULE, RULE], per_partner=True, noise=0.15, gradual=player
    )
    seats = [player.seat(game, role) for role in (0, 1)]
    minds = [new_mind(player, seats[role], game, role) for role in (0, 1)]
    seen = set()
    for turn, (_, chances, actions, books) in enumerate(steps_of(parameters, 3, 60)):
        for role in (0, 1):
            meant = chance_of_duel(player, seats[role], minds[role])
            assert chances[role] == pytest.approx(0.15 + 0.7 * meant, abs=0.02)
            seen.add(round(meant, 2))
            player.learn(
                seats[role], minds[role], Played(0, int(actions[role]), int(actions[1 - role]), 0.0, turn)
            )
            assert books[:, role].tolist() == minds[role].memory.tolist()
    assert not seen <= {0.0, 1.0}  # offers, or a mixture


def test_by_the_same_draws_a_pair_plays_the_same_duel() -> None:
    # Mistrustful, so that the first rounds are a quarrel that peace offers end.
    player, game = (
        GradualPlayer(trust=0.0, offer_probability=0.2, offer_decay=0.9),
        named_game("prisoners-dilemma"),
    )
    parameters = PopulationParameters(graph=PAIR, rules=[RULE, "defector"], per_partner=True, gradual=player)
    seat = player.seat(game, 0)
    mind = new_mind(player, seat, game, 0)
    played = []
    for turn, (draws, _, actions, _) in enumerate(steps_of(parameters, 8, 80)):
        chosen = player.choose(seat, mind, Asked(1, turn, draws[-2], 0.5))
        player.learn(seat, mind, Played(0, chosen, 1, 0.0, turn))
        assert chosen == actions[0]
        played.append(chosen)
    assert 0 < played.count(0) < 40


def test_each_partner_gets_what_it_deserves() -> None:
    parameters = PopulationParameters(
        graph=nx.star_graph(3), rules=[RULE, "cooperator", "defector", RULE], per_partner=True, steps=100
    )
    model = Population(parameters, rng=1)
    hub = model.members[0]
    assert hub.alpha == 1.0
    assert hub.theta == FIRM
    while model.running:
        model.step()
    assert [partner.rule for partner in hub.neighbours] == ["fixed", "fixed", RULE]
    assert hub.book.ledger.tolist() == [0.0, pytest.approx(hub.book.ledger[1]), 0.0]
    assert hub.book.ledger[1] > 1.0
    assert hub.book.account[0] == 5.0
    # Two temptations are what a quarrel must have cost the other: the defector gained by every offer.
    assert hub.book.offers[1] > 1.0
    assert (hub.alpha, hub.share) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    # What it got from the defector, above the security level P = 1 and in ranges of 4, stands on its account.
    assert -3.0 <= hub.book.account[1] < 0.0


def test_no_neighbour_costs_more_than_the_budget() -> None:
    parameters = PopulationParameters(
        graph=nx.complete_graph(5), rules=[RULE] + ["defector"] * 4, per_partner=True, noise=0.0, steps=400,
        accumulation="total", gradual=GradualPlayer(loss_budget=1.0, offer_probability=1.0, offer_decay=1.0),
    )  # fmt: skip
    data = simulate_population(parameters, runs=5, seed=2)
    below = (data["payoff_by_rule"].sel(by_rule=RULE) - 4 * 1.0).cumsum("step")
    # Each of four partners takes at most one payoff range of 4.
    assert float(below.min()) >= -16.0
    assert float(below.min()) <= -12.0


def test_a_mistrustful_network_comes_to_cooperate_and_slips_do_not_end_it() -> None:
    for noise, least in ((0.0, 1.0), (0.01, 0.95)):
        parameters = PopulationParameters(
            rules={RULE: 1.0}, per_partner=True, gradual=GradualPlayer(trust=0.05), noise=noise, steps=200
        )
        data = simulate_population(parameters, runs=2, seed=4)
        assert float(data["cooperation"][:, 0].max()) < 0.1
        assert float(data["cooperation"][:, 100:].mean()) >= least


def test_offers_to_several_partners_are_drawn_one_by_one() -> None:
    parameters = PopulationParameters(
        graph=nx.star_graph(60), rules=[RULE] + ["defector"] * 60, per_partner=True,
        gradual=GradualPlayer(trust=0.0, offer_probability=0.5),
    )  # fmt: skip
    offered = [60 - actions[:60].sum() for _, _, actions, _ in steps_of(parameters, 5, 12)]
    assert any(0 < number < 60 for number in offered)


def test_unlike_parts_go_by_number() -> None:
    parameters = PopulationParameters(
        graph=nx.path_graph(3), game=UNLIKE, rules=[RULE] * 3, per_partner=True,
        gradual=GradualPlayer(agreement=(1, 0)),
    )  # fmt: skip
    for _, _, actions, _ in steps_of(parameters, 0, 5):
        assert actions.tolist() == [1, 0, 1, 0]
    start = parameters.start(run_generator(0))
    assert start.theta[1] == pytest.approx(0.0)


def test_models_batches_and_plain_python_agree_bit_for_bit() -> None:
    parameters = PopulationParameters(
        graph=nx.barabasi_albert_graph(30, 2, seed=1), per_partner=True, noise=0.05, steps=40, planner_steps=20,
        rules={RULE: 0.4, "learner": 0.2, "imitator": 0.1, "mirror": 0.1, "defector": 0.2},
        gradual=GradualPlayer(trust=0.5),
    )  # fmt: skip
    data = simulate_population(parameters, runs=2, seed=6)
    assert data.identical(simulate_population(parameters, runs=2, seed=6, compile_law=False))
    model = Population(parameters, rng=6)
    while model.running:
        model.step()
    assert np.array_equal(model.state.alpha, data["final_alpha"].values[0])
    assert np.array_equal(model.cooperation_probability, data["final_cooperation_probability"].values[0])
    *_, (_, _, _, books) = steps_of(parameters, 6, 40)
    assert np.array_equal(books, model.state.books)
    for agent in model.members:
        assert all(len(entry) == agent.degree for entry in agent.book)


def test_agents_can_be_made_to_keep_ledgers_and_changed_by_hand() -> None:
    parameters = PopulationParameters(
        graph=nx.path_graph(3), rules={RULE: 0.0, "fixed": 1.0}, per_partner=True, initial_cooperation=0.999
    )
    model = Population(parameters, rng=0)
    agent = model.members[1]
    agent.rule = RULE
    assert (agent.alpha, agent.theta) == (1.0, FIRM)
    agent.book.ledger[0] = 3.0
    model.step()
    assert model.last_round.cooperated[1:3].tolist() == [0, 1]
    with pytest.raises(ValueError, match="alpha of an agent that keeps books follows from them"):
        agent.alpha = 0.5


def test_nobody_keeps_a_book_unless_parameters_say_so() -> None:
    model = Population(PopulationParameters(per_partner=True), rng=0)
    assert model.state.books.shape == (5, 0)
    assert model.members[0].book.offers.shape == (0,)
    assert RULE not in model.parameters.rule_names
    with pytest.raises(
        ValueError, match=f"per_partner must be True where agents follow {RULE}, .* got False"
    ):
        PopulationParameters(rules={RULE: 1.0})
    with pytest.raises(ValueError, match="gradual must be a GradualPlayer, got 'nash'"):
        PopulationParameters(gradual="nash")
