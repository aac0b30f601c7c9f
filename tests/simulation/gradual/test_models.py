"""The Mesa face of graded duels."""

import pickle

import mesa
import numpy as np
import pytest

from simulation.gradual.duels import play_duels
from simulation.gradual.graded_games import graded_donation_game
from simulation.gradual.models import DuelAgent, GradualPair, GradualTitForTat, LiteralMirrorAgent
from simulation.gradual.players import FixedCooperativeness, GradualPlayer, LevelLearner, LiteralMirror
from theory import judge, named_game


def test_every_parameter_has_a_default() -> None:
    model = GradualPair(rng=1)
    assert isinstance(model, mesa.Model)
    assert len(model.agents_by_type[GradualTitForTat]) == 2
    assert GradualPair().running
    literal = GradualPair(LiteralMirror(), LiteralMirror(), rng=1)
    assert len(literal.agents_by_type[LiteralMirrorAgent]) == 2


def test_model_and_batch_take_the_same_steps() -> None:
    game = named_game("prisoners-dilemma")
    players = (LiteralMirror(reward_share=0.5), LevelLearner())
    data = play_duels(*players, game=game, rounds=40, seed=7, noise=0.1, runs=2)
    model = GradualPair(*players, game=game, rounds=40, rng=7, noise=0.1, run=1)
    for turn in range(40):
        model.step()
        here = data.isel(run=1, round=turn)
        assert [player.level for player in model.players] == here["level"].values.tolist()
        assert [player.payoff for player in model.players] == here["payoff"].values.tolist()
        assert model.players[0].beta_hat == here["estimate"].values[0]
        assert model.players[0].deviation == here["deviation"].values[0]
    assert not model.running
    assert type(model.players[1]) is DuelAgent
    assert np.isnan(model.players[1].alpha)


def test_beliefs_can_be_watched() -> None:
    model = GradualPair(LiteralMirror(), FixedCooperativeness(beta=0.3), rng=0)
    mirror, fixed = model.players
    assert mirror.beta_hat == pytest.approx(0.5)
    assert mirror.interval() == pytest.approx((0.05, 0.95))
    assert np.isnan(model.welfare)
    assert np.isnan(mirror.level)
    for _ in range(10):
        model.step()
    assert mirror.beta_hat == pytest.approx(0.3, abs=1e-3)
    assert mirror.interval(0.9) == pytest.approx((0.3, 0.3))
    assert mirror.belief.sum() == pytest.approx(1.0)
    assert mirror.grid[30] == pytest.approx(0.3)
    assert mirror.zero_evidence == 0
    assert mirror.log_evidence < 0.0
    assert fixed.alpha == 0.3
    assert judge(model.game, model.profile).welfare == pytest.approx(model.welfare)


def test_what_a_ledger_holds_can_be_watched_and_written() -> None:
    game = named_game("prisoners-dilemma")  # R, S, T, P = 3, 0, 4, 1
    model = GradualPair(GradualPlayer(), FixedCooperativeness(beta=0.0), game=game, rng=0)
    mirror = model.players[0]
    assert (mirror.ledger, mirror.account, mirror.quarrel, mirror.offers, mirror.mistrust) == (0, 0, 0, 0, 0)
    assert (mirror.beta_hat, mirror.alpha) == (1, 1)
    model.step()
    model.step()
    assert (mirror.ledger, mirror.beta_hat, mirror.alpha) == (2, 0, 0)
    assert mirror.account == pytest.approx(2 * (0 - 1) / 4)
    assert mirror.quarrel == pytest.approx(2 * (4 - 3) / 4)
    mirror.ledger, mirror.account = 0.0, 0.0
    model.step()
    assert model.last_actions.tolist() == [0, 1]
    assert GradualPair(GradualPlayer(trust=0.0), game=game, rng=0).players[0].mistrust == pytest.approx(2.05)


def test_alpha_can_be_set_by_hand() -> None:
    model = GradualPair(LiteralMirror(), LiteralMirror(), rng=0)
    model.players[0].alpha = 0.25
    model.step()
    assert model.players[0].level == 0.25
    with pytest.raises(ValueError, match=r"alpha must lie in \[-1, 1\], got 1.5"):
        model.players[0].alpha = 1.5


def test_collector_shows_both_agents() -> None:
    model = GradualPair(rng=0, rounds=5, game=graded_donation_game(levels=11))
    while model.running:
        model.step()
    frame = model.datacollector.get_agent_vars_dataframe()
    assert list(frame.columns) == ["level", "payoff", "alpha", "beta_hat", "deviation"]
    assert len(frame) == 12
    assert len(model.datacollector.get_model_vars_dataframe()) == 6


def test_model_survives_pickling() -> None:
    model = GradualPair(rng=4, noise=0.2)
    model.step()
    copy = pickle.loads(pickle.dumps(model))
    for either in (model, copy):
        for _ in range(5):
            either.step()
    assert model.players[0].alpha == copy.players[0].alpha
    assert copy.players[0].alpha == copy.minds[0].alpha[0]


@pytest.mark.parametrize("rng", ["1", 1.5, -1])
def test_seed_must_be_a_whole_number(rng: object) -> None:
    with pytest.raises(ValueError, match="rng must be"):
        GradualPair(rng=rng)
