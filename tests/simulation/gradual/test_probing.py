"""Probing on account: the bound against every opponent, and the escape from mutual defection."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.gradual.duels import play_duels
from simulation.gradual.players import FixedCooperativeness, ProbingMirror, TitForTat
from simulation.gradual.probing import learn_probing, play_probing
from simulation.gradual.seats import new_mind
from simulation.gradual.state import Mind
from theory import Game, named_game

DILEMMA = named_game("prisoners-dilemma")


@settings(max_examples=60, deadline=None)
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
    seat = ProbingMirror(budget=budget, cap=cap, probability=probability).seat(stage, 0)
    mind = Mind(*(part[0] for part in new_mind(seat, (1, 1), 1)))
    security = 1.0
    account = worst_stretch = loss = 0.0
    other = 0
    for turn, action in enumerate(actions):
        own = play_probing(seat, mind, other, turn == 0, draws.random())
        payoff = float(stage.payoffs[0, own, action])
        learn_probing(seat, mind, payoff)
        other = action
        account += security - payoff
        loss = max(loss, account)
        worst_stretch = max(0.0, worst_stretch + security - payoff)
        assert worst_stretch <= budget + cap + 1e-6
    assert loss <= budget + 1e-6


def test_a_defector_takes_the_budget_and_no_more() -> None:
    data = play_duels(
        ProbingMirror(budget=4.0), FixedCooperativeness(beta=0.0), game=DILEMMA, rounds=2000, runs=20
    )
    loss = (1.0 - data["payoff"].values[:, :, 0]).sum(axis=1)
    assert (loss == 4.0).all()


@pytest.mark.parametrize("budget", [2.0, 4.0])
def test_mutual_defection_is_left_at_the_first_probe(budget: float) -> None:
    first = ProbingMirror(budget=budget)
    seat = first.seat(DILEMMA, 0)
    minds = [Mind(*(part[0] for part in new_mind(seat, (1, 1), 1))) for _ in range(2)]
    generator = np.random.default_rng(1)
    last = [1, 1]  # both have just defected
    played = []
    for _ in range(200):
        draws = generator.random(2)
        now = [play_probing(seat, minds[i], last[1 - i], False, draws[i]) for i in range(2)]
        for i in range(2):
            learn_probing(seat, minds[i], float(DILEMMA.payoffs[0, now[i], now[1 - i]]))
        last = now
        played.append(tuple(now))
    first_probe = next(t for t, actions in enumerate(played) if 0 in actions)
    assert set(played[first_probe + 1 :]) == {(0, 0)}


def test_without_probing_mutual_defection_stays() -> None:
    seat = ProbingMirror(probability=0.0).seat(DILEMMA, 0)
    mind = Mind(*(part[0] for part in new_mind(seat, (1, 1), 1)))
    assert play_probing(seat, mind, 1, False, 0.0) == 1


def test_noise_is_survived_better_than_by_tit_for_tat() -> None:
    settings = {"game": DILEMMA, "rounds": 2000, "runs": 20, "noise": 0.05, "record": "summary"}
    probing = play_duels(ProbingMirror(), ProbingMirror(), **settings)["mean_level"].mean()
    classic = play_duels(TitForTat(), TitForTat(), **settings)["mean_level"].mean()
    assert float(probing) > float(classic) + 0.2


def test_security_level_is_that_of_a_mixture_too() -> None:
    pennies = Game.bimatrix([[1.0, -1.0], [-1.0, 1.0]], [[-1.0, 1.0], [1.0, -1.0]])
    with pytest.raises(ValueError, match="defection secures the security level 0, got -1"):
        ProbingMirror().seat(pennies, 0)
