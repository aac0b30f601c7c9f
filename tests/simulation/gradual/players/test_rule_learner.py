"""Learning rules play duels: compiled, in plain Python and in Mesa alike, and they learn."""

import json
import pickle

import numpy as np
import pytest

from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.models import GradualPair
from simulation.gradual.players import FixedCooperativeness
from simulation.gradual.players.rule_learner import RuleLearner
from simulation.gradual.seat import DuelPlayer
from simulation.learning.policy_gradient import EXPECTED_POLICY_GRADIENT
from tests.simulation.learning.rules import boltzmann, bush_mosteller_in_lists
from theory import named_game

DILEMMA = named_game("prisoners-dilemma")
# Who plays all levels: a best response would be one of them.
OTHER = FixedCooperativeness(beta=0.5, selection="logit", rationality=1.0)


@pytest.mark.parametrize("game", [DILEMMA, graded_donation_game(levels=4)], ids=["2x2", "graded"])
@pytest.mark.parametrize(
    "player", [RuleLearner(initial_cooperation=0.3), RuleLearner(rule=boltzmann)], ids=lambda p: p.rule.name
)
def test_compiled_plain_and_mesa_agree_bit_for_bit(player, game) -> None:  # type: ignore[no-untyped-def]
    settings = {"game": game, "rounds": 60, "seed": 5, "noise": 0.1}
    data = play_duels(player, OTHER, runs=2, **settings)
    assert data.identical(play_duels(player, OTHER, runs=2, compile_law=False, **settings))
    model = GradualPair(player, OTHER, game=game, rounds=60, noise=0.1, rng=5)
    model.run_model()
    assert model.players[0].payoff == data["payoff"].values[0, -1, 0]


def test_boltzmann_q_learns_by_hand_what_it_is_paid() -> None:
    # Against a defector the values are averages of S = 0 after C and of P = 1 after D, at rate .1 from 0.
    player = RuleLearner(rule=boltzmann)
    model = GradualPair(player, FixedCooperativeness(beta=0.0), game=DILEMMA, rounds=200, rng=1)
    values = [0.0, 0.0]
    while model.running:
        model.step()
        action = 0 if model.players[0].level == 1.0 else 1
        values[action] += 0.1 * (model.players[0].payoff - values[action])
    assert model.minds[0].memory == pytest.approx(values)
    assert values[1] > 0.9


def test_it_cooperates_with_a_cooperator_as_the_closed_form_says() -> None:
    # The values become R = 3 and T = 4, so that P(C) = 1 / (1 + exp((4 - 3) / .5)). Standard error .005.
    data = play_duels(
        RuleLearner(rule=boltzmann), FixedCooperativeness(beta=1.0), game=DILEMMA, rounds=2000, runs=4,
        burn_in=1000, record="summary",
    )  # fmt: skip
    assert data["mean_level"].values[:, 0].mean() == pytest.approx(1.0 / (1.0 + np.exp(2.0)), abs=0.025)


def test_a_rule_is_described_with_its_tunables_and_sources() -> None:
    data = play_duels(RuleLearner(rule=boltzmann), OTHER, game=DILEMMA, rounds=5)
    described = json.loads(data.attrs["first"])
    assert described["player"] == "RuleLearner"
    assert described["rule"]["tunables"] == {"learning_rate": 0.1, "temperature": 0.5}
    assert [len(source) for source in described["rule"]["sources"]] == [64, 64]


def test_a_rule_that_cannot_be_compiled_plays_in_plain_python() -> None:
    with pytest.warns(UserWarning, match="runs in plain Python"):
        data = play_duels(RuleLearner(rule=bush_mosteller_in_lists), OTHER, game=DILEMMA, rounds=20)
    assert np.isfinite(data["payoff"].values).all()


def test_errors_state_the_rule_and_the_value() -> None:
    with pytest.raises(
        ValueError, match=r"must learn from what is played, .* got 'expected-policy-gradient'"
    ):
        RuleLearner(rule=EXPECTED_POLICY_GRADIENT)
    with pytest.raises(ValueError, match=r"initial_cooperation must lie in \(0, 1\), got 1"):
        RuleLearner(initial_cooperation=1.0)
    with pytest.raises(ValueError, match="unknown learning rule 'policy'; nearest: "):
        RuleLearner(rule="policy")
    assert pickle.loads(pickle.dumps(RuleLearner())) == RuleLearner(rule="policy-gradient")


def test_a_player_without_a_choice_is_none() -> None:
    class Undecided(DuelPlayer):
        pass

    with pytest.raises(TypeError, match=r"abstract .*choose"):
        Undecided()
