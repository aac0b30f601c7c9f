"""Probing on account: the bound against every opponent, and the escape from mutual defection."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.players import FixedCooperativeness, LiteralMirror, ProbingMirror, TitForTat
from simulation.gradual.players.literal_mirror import memory
from simulation.gradual.seat import Asked, Played, new_mind
from tests.examples import examples
from theory import Game, named_game, security_levels

DILEMMA = named_game("prisoners-dilemma")


@settings(max_examples=examples(60), deadline=None)
@given(
    budget=st.floats(0.0, 8.0),
    cap=st.floats(0.0, 10.0),
    probability=st.floats(0.0, 1.0),
    actions=st.lists(st.integers(0, 1), min_size=1, max_size=80),
    draws=st.randoms(use_true_random=False),
    game=st.sampled_from(["prisoners-dilemma", "stag-hunt"]),
)
def test_no_opponent_takes_more_than_the_budget(budget, cap, probability, actions, draws, game) -> None:  # type: ignore[no-untyped-def]
    # Opponents are arbitrary sequences of actions: whatever a strategy does against it is one of them.
    stage = named_game(game)
    player = ProbingMirror(probe_budget=budget, probe_cap=cap, probe_probability=probability)
    seat = player.seat(stage, 0)
    mind = new_mind(player, seat, stage, 0)
    security = 1.0
    account = worst_stretch = loss = 0.0
    other = 0
    for turn, action in enumerate(actions):
        own = player.choose(seat, mind, Asked(other, turn, 0.0, draws.random()))
        payoff = float(stage.payoffs[0, own, action])
        player.learn(seat, mind, Played(0, own, action, payoff, turn))
        other = action
        account += security - payoff
        loss = max(loss, account)
        worst_stretch = max(0.0, worst_stretch + security - payoff)
        assert worst_stretch <= budget + cap + 1e-6
    assert loss <= budget + 1e-6


def test_a_defector_takes_the_budget_and_no_more() -> None:
    data = play_duels(
        ProbingMirror(probe_budget=4.0), FixedCooperativeness(beta=0.0), game=DILEMMA, rounds=2000, runs=20
    )
    loss = (1.0 - data["payoff"].values[:, :, 0]).sum(axis=1)
    assert (loss == 4.0).all()


@pytest.mark.parametrize("budget", [2.0, 4.0])
def test_mutual_defection_is_left_at_the_first_probe(budget: float) -> None:
    first = ProbingMirror(probe_budget=budget)
    seat = first.seat(DILEMMA, 0)
    minds = [new_mind(first, seat, DILEMMA, 0) for _ in range(2)]
    generator = np.random.default_rng(1)
    last = [1, 1]  # both have just defected
    played = []
    for _ in range(200):
        draws = generator.random(2)
        now = [first.choose(seat, minds[i], Asked(last[1 - i], 1, 0.0, draws[i])) for i in range(2)]
        for i in range(2):
            payoff = float(DILEMMA.payoffs[0, now[i], now[1 - i]])
            first.learn(seat, minds[i], Played(last[i], now[i], now[1 - i], payoff, 1))
        last = now
        played.append(tuple(now))
    first_probe = next(t for t, actions in enumerate(played) if 0 in actions)
    assert set(played[first_probe + 1 :]) == {(0, 0)}


def test_without_probing_mutual_defection_stays() -> None:
    player = ProbingMirror(probe_probability=0.0)
    seat = player.seat(DILEMMA, 0)
    assert player.choose(seat, new_mind(player, seat, DILEMMA, 0), Asked(1, 1, 0.0, 0.0)) == 1


@settings(max_examples=examples(40), deadline=None)
@given(
    budget=st.floats(0.0, 2.0),
    cap=st.floats(0.0, 5.0),
    epsilon=st.floats(-0.5, 0.5),
    levels=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=60),
    draws=st.randoms(use_true_random=False),
    game=st.sampled_from(["prisoners-dilemma", "stag-hunt", "chicken", "donation"]),
)
def test_no_probe_of_a_graded_player_leaves_more_lost_than_the_budget(  # type: ignore[no-untyped-def]
    budget, cap, epsilon, levels, draws, game
) -> None:
    stage = graded_donation_game(levels=5) if game == "donation" else named_game(game)
    spread = float(stage.payoff_range[0])
    player = LiteralMirror(
        epsilon=epsilon, probe_probability=0.5, probe_budget=budget, probe_cap=cap, grid_points=11
    )
    seat = player.seat(stage, 0)
    mind = new_mind(player, seat, stage, 0)
    security = float(security_levels(stage)[0])
    n = stage.n_actions[1]
    plain = LiteralMirror(epsilon=epsilon, grid_points=11).seat(stage, 0)
    loss, own_before, other = 0.0, n // 2, n // 2
    for turn, level in enumerate(levels):
        draw = draws.random()
        reply = player.choose(plain, mind, Asked(other, turn, draw, 0.0))
        own = player.choose(seat, mind, Asked(other, turn, draw, draws.random()))
        assert own in (0, reply)
        action = min(int(level * n), n - 1)
        payoff = float(stage.payoffs[0, own, action])
        player.learn(seat, mind, Played(own_before, own, action, payoff, turn))
        loss += security - payoff
        if own != reply:
            assert loss <= budget * spread + 1e-6
        own_before, other = own, action


def test_probes_come_in_twos_and_only_where_both_are_low() -> None:
    stage = named_game("stag-hunt")
    player = LiteralMirror(probe_probability=0.5)
    seat = player.seat(stage, 0)
    mind = new_mind(player, seat, stage, 0)

    def chosen(other: int, turn: int, extra: float) -> int:
        return player.choose(seat, mind, Asked(other, turn, 0.0, extra))

    assert chosen(0, 1, 0.0) == 0  # a reply, not a probe
    assert chosen(1, 0, 0.0) == 1  # nothing has been played yet
    assert chosen(1, 1, 0.5) == 1
    assert chosen(1, 1, 0.49) == 0
    assert chosen(1, 1, 0.99) == 0  # the second of the probe
    assert chosen(1, 1, 0.99) == 1


def test_who_is_sure_probes_less() -> None:
    stage = named_game("stag-hunt")
    player = LiteralMirror(probe_probability=0.5, probe_in_doubt=True)
    seat = player.seat(stage, 0)
    mind = new_mind(player, seat, stage, 0)

    def probes(extra: float) -> bool:
        memory(mind.memory).is_probing[0] = 0.0
        return player.choose(seat, mind, Asked(1, 1, 0.0, extra)) == 0

    # As unsure as the prior, whose deviation on 101 points is .2915: probability 1/2.
    assert mind.deviation[0] == pytest.approx(0.29155, abs=1e-5)
    assert probes(0.499)
    # A tenth as unsure: 1/20.
    mind.deviation[0] *= 0.1
    assert not probes(0.051)
    assert probes(0.049)
    # More unsure than the prior: still 1/2 at most.
    mind.deviation[0] = 0.5
    assert not probes(0.501)


def test_probes_lead_stag_hunters_out_of_mutual_defection() -> None:
    arguments = {"game": named_game("stag-hunt"), "rounds": 1000, "runs": 20, "noise": 0.05, "burn_in": 100}
    plain, probing = (
        float(play_duels(player, player, record="summary", **arguments)["mean_level"].mean())
        for player in (LiteralMirror(), LiteralMirror(probe_probability=0.5))
    )
    # Twenty runs of 900 rounds: the difference is far above its standard error of about .01.
    assert probing > plain + 0.3
    doubting = LiteralMirror(probe_probability=0.5, probe_in_doubt=True)
    assert play_duels(doubting, doubting, record="summary", **arguments)["mean_level"].mean() > plain + 0.3


def test_noise_is_survived_better_than_by_tit_for_tat() -> None:
    settings = {"game": DILEMMA, "rounds": 2000, "runs": 20, "noise": 0.05, "record": "summary"}
    probing = play_duels(ProbingMirror(), ProbingMirror(), **settings)["mean_level"].mean()
    classic = play_duels(TitForTat(), TitForTat(), **settings)["mean_level"].mean()
    assert float(probing) > float(classic) + 0.2


def test_security_level_is_that_of_a_mixture_too() -> None:
    pennies = Game.bimatrix([[1.0, -1.0], [-1.0, 1.0]], [[-1.0, 1.0], [1.0, -1.0]])
    with pytest.raises(ValueError, match="defection secures the security level 0, got -1"):
        ProbingMirror().seat(pennies, 0)
