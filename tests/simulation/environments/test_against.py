"""One learner against a player: Gymnasium's own tests, the same play as elsewhere, and no memory of past episodes."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from simulation import (
    FixedLevel,
    Functions,
    GradualPair,
    GradualPlayer,
    GuidedPair,
    HandoverParameters,
    LevelLearner,
    LiteralMirror,
    MechanismDesignParameters,
    OutcomeQLearner,
    ProbingMirror,
    RuleLearner,
    environment_against,
    exact_match,
    graded_donation_game,
    memory_one,
    play_match,
    strategy,
    strategy_names,
)
from simulation.engine.randomness import run_generator
from simulation.gradual.players import PLAYERS
from theory import Game, named_game

DILEMMA = named_game("prisoners-dilemma")
GRADED = graded_donation_game(benefit=2.0, levels=5)
# Payoffs that are all different, and players who differ.
ASYMMETRIC = Game.bimatrix([[3.0, 0.0], [4.0, 1.0]], [[3.5, 4.5], [0.5, 1.5]])
PLANNER = MechanismDesignParameters(episodes=30, planner_episodes=20, knowledge="modelled")


class AtRandom:
    """Somebody's own player, who looks at nothing."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator = generator

    def act(self, observation: np.ndarray) -> int:
        return int(self.generator.integers(2))


def either(generator: np.random.Generator) -> Any:
    return GradualPlayer() if generator.random() < 0.5 else "always-defect"


OPPONENTS: dict[str, dict[str, Any]] = {
    "a name": {"opponent": "tit-for-tat", "game": DILEMMA},
    "a strategy that counts": {"opponent": strategy("gradual-tit-for-tat"), "game": DILEMMA, "noise": 0.1},
    "a vector": {"opponent": memory_one(0.5, (0.9, 0.1, 0.8, 0.2)), "game": ASYMMETRIC, "role": 1},
    "gradual Tit-for-Tat": {"opponent": GradualPlayer(), "game": DILEMMA, "depth": 2},
    "gradual Tit-for-Tat of degrees": {"opponent": GradualPlayer(), "game": GRADED, "misreading": 0.1},
    "a learner": {"opponent": LevelLearner(), "game": GRADED, "role": 1},
    "a learner under a planner": {"opponent": RuleLearner(), "planner": PLANNER},
    "somebody's own": {"opponent": AtRandom, "game": DILEMMA, "role": 1, "noise": 0.1, "misreading": 0.1},
    "one of two": {"opponent": either, "game": DILEMMA},
}


@pytest.fixture(params=OPPONENTS)
def asked(request: pytest.FixtureRequest) -> dict[str, Any]:
    return OPPONENTS[request.param]


def test_gymnasium_takes_it_for_an_environment(asked: dict[str, Any]) -> None:
    check_env(gymnasium.make("simulation.environments:commonweal/Against-v0", **asked).unwrapped)


def play(environment: Any, actions: list[int], **reset: Any) -> list[Any]:
    """Return all that an episode gives, as plain values."""
    seen, told = environment.reset(**reset)
    given: list[Any] = [seen.tolist()]
    assert told == {}
    for action in actions:
        seen, reward, terminated, truncated, told = environment.step(action)
        assert terminated is False
        assert environment.observation_space.contains(seen)
        given.append((seen.tolist(), reward, truncated, {name: part.tolist() for name, part in told.items()}))
    return given


def test_an_episode_leaves_nothing_behind(asked: dict[str, Any]) -> None:
    environment = environment_against(**asked, horizon=25)
    last = int(environment.action_space.n) - 1
    mixed = [0, last, last, 0, 0] * 5
    first = play(environment, mixed, seed=7)
    play(environment, [last] * 25, seed=8)  # whoever can learn from defection has done so
    play(environment, [last] * 11, seed=9)  # left before its end
    assert play(environment, mixed, seed=7) == first
    assert play(environment_against(**asked, horizon=25), mixed, seed=7) == first


@pytest.mark.parametrize("kind", PLAYERS, ids=lambda kind: kind.__name__)
def test_players_of_duels_meet_a_fresh_learner_in_each_episode(kind: Any) -> None:
    environment = environment_against(kind(), game=DILEMMA, horizon=40)
    fresh = play(environment, [0, 1] * 20, seed=1)
    play(environment, [1] * 40)
    assert play(environment, [0, 1] * 20, seed=1) == fresh


def test_a_gradual_player_forgives_in_the_next_episode_and_not_before() -> None:
    environment = environment_against(GradualPlayer(), game=DILEMMA, horizon=30)
    for seed in range(3):
        replies = [told["action"][1] for *_, told in play(environment, [1] * 30, seed=seed)[1:]]
        assert replies[0] == 0, "who has met nobody cooperates"
        assert replies.count(1) > 0.6 * len(replies), (
            "and does not let itself be exploited, but for offers of peace"
        )


def on_the_draws_of_a_model(environment: Any, seed: int) -> None:
    """Begin an episode whose chance is that of a Mesa model with this `rng`."""
    environment.np_random = run_generator(seed)
    environment.reset()


@pytest.mark.parametrize("role", [0, 1])
@pytest.mark.parametrize("noise", [0.0, 0.2])
@pytest.mark.parametrize(
    "player",
    [GradualPlayer(), LiteralMirror(grid_points=11), ProbingMirror(), LevelLearner(), OutcomeQLearner()],
    ids=lambda player: type(player).__name__,
)
def test_players_of_duels_play_as_in_the_model_of_mesa(player: Any, noise: float, role: int) -> None:
    always = FixedLevel(cooperation=0.0)
    pair = (always, player) if role == 0 else (player, always)
    terms: dict[str, Any] = {"game": ASYMMETRIC, "noise": noise, "misreading": noise / 2}
    model = GradualPair(*pair, **terms, rounds=60, rng=5)
    environment = environment_against(player, **terms, role=role, horizon=60)
    on_the_draws_of_a_model(environment, 5)
    for _ in range(60):
        model.step()
        _, reward, _, _, told = environment.step(1)
        assert told["action"].tolist() == model.last_actions.tolist()
        assert told["payoff"].tolist() == [agent.payoff for agent in model.players]
        assert reward == model.players[role].payoff


@pytest.mark.parametrize("role", [0, 1])
def test_a_learner_under_a_planner_learns_as_in_the_model_of_mesa(role: int) -> None:
    pair = (FixedLevel(), RuleLearner()) if role == 0 else (RuleLearner(), FixedLevel())
    model = GuidedPair(HandoverParameters(planner=PLANNER, player=pair, informed=False, noise=0.1), rng=6)
    environment = environment_against(RuleLearner(), planner=PLANNER, role=role, noise=0.1)
    on_the_draws_of_a_model(environment, 6)
    paid = 0.0
    for turn in range(30):
        model.step()
        _, reward, _, truncated, told = environment.step(0)
        assert told["action"].tolist() == model.last_actions.tolist()
        assert told["payoff"].tolist() == [agent.payoff for agent in model.players]
        assert reward == told["payoff"][role] + told["additional_reward"][role]
        paid += abs(told["additional_reward"]).sum()
        assert model.planner.paid == pytest.approx(paid, abs=1e-12)
        assert (told["additional_reward"] != 0).any() == (turn < 20)
        assert truncated == (turn == 29)


CERTAIN = [name for name in strategy_names() if not strategy(name).is_stochastic]


@pytest.mark.parametrize("name", [name for name in CERTAIN if strategy(name).machine is not None])
def test_strategies_play_as_in_matches(name: str) -> None:
    against = play_match("two-tits-for-tat", name, game=DILEMMA, turns=40)
    assert against.actions is not None
    environment = environment_against(name, game=DILEMMA, horizon=40)
    given = play(environment, against.actions[0, :, 0].tolist(), seed=0)[1:]
    assert [told["action"] for *_, told in given] == against.actions[0].tolist()


def test_strategies_that_count_play_as_in_matches() -> None:
    for name in ("gradual-tit-for-tat", "soft-majority"):
        against = play_match(name, "two-tits-for-tat", game=DILEMMA, turns=40)
        assert against.actions is not None
        environment = environment_against(name, game=DILEMMA, horizon=40, role=1)
        given = play(environment, against.actions[0, :, 1].tolist(), seed=0)[1:]
        assert [told["action"] for *_, told in given] == against.actions[0].tolist()


def test_play_with_chance_and_noise_gets_what_an_exact_match_gets() -> None:
    mine, other, noise = (0.9, 0.1, 0.6, 0.3), (0.7, 0.2, 0.9, 0.4), 0.05
    exact = exact_match(
        memory_one(1.0, mine), memory_one(0.5, other), game=ASYMMETRIC, turns=20, noise=noise
    ).payoffs
    environment = environment_against(memory_one(0.5, other), game=ASYMMETRIC, noise=noise, horizon=20)
    generator = np.random.default_rng(2)
    means = []
    for episode in range(500):
        seen, _ = environment.reset(seed=3 if episode == 0 else None)
        total, truncated = np.zeros(2), False
        while not truncated:
            chance = 1.0 if seen[0] == 2 else mine[2 * seen[0] + seen[1]]
            seen, _, _, truncated, told = environment.step(int(generator.random() >= chance))
            total += told["payoff"]
        means.append(total / 20)
    error = np.std(means, axis=0, ddof=1) / np.sqrt(500)
    # Five standard errors: a right environment fails less than once in 100,000 seeds; this one is fixed.
    assert (np.abs(np.mean(means, axis=0) - exact) < 5 * error).all()


def test_a_factory_is_asked_as_each_episode_begins_and_by_its_generator() -> None:
    met = []

    class Noted:
        def __init__(self) -> None:
            self.seen: list[list[int]] = []
            met.append(self)

        def act(self, observation: np.ndarray) -> int:
            self.seen.append(observation.tolist())
            return 1

    environment = environment_against(lambda generator: Noted(), game=ASYMMETRIC, horizon=3)
    for _ in range(2):
        play(environment, [0, 1, 0], seed=0)
    assert [noted.seen for noted in met] == [[[2, 2], [1, 0], [1, 1]]] * 2
    chosen = environment_against(either, game=DILEMMA, horizon=1)
    assert {play(chosen, [0], seed=seed)[1][3]["action"][1] for seed in range(20)} == {0, 1}


def test_misreading_changes_what_is_seen_and_not_what_is_paid() -> None:
    environment = environment_against("always-cooperate", game=ASYMMETRIC, misreading=1.0, horizon=9)
    for seen, reward, _, told in play(environment, [0] * 9, seed=0)[1:]:
        assert (seen, reward, told["action"]) == ([0, 1], 3.0, [0, 0])
    # Tit-for-Tat who takes each C for a D.
    environment = environment_against("tit-for-tat", game=ASYMMETRIC, misreading=1.0, horizon=3)
    assert [told["action"] for *_, told in play(environment, [0, 0, 0], seed=0)[1:]] == [
        [0, 0],
        [0, 1],
        [0, 1],
    ]


def test_episodes_can_be_played_in_vectors_and_observations_as_zeros_and_ones() -> None:
    name = "simulation.environments:commonweal/Against-v0"
    vector = gymnasium.make_vec(name, 3, opponent="tit-for-tat", game=DILEMMA, horizon=5)
    seen, _ = vector.reset(seed=1)
    assert seen.shape == (3, 2)
    seen, rewards, *_ = vector.step(np.array([0, 1, 0]))
    assert rewards.tolist() == [3.0, 4.0, 3.0]
    flat = gymnasium.wrappers.FlattenObservation(environment_against("grim", game=DILEMMA))
    assert flat.reset(seed=0)[0].tolist() == [0, 0, 1, 0, 0, 1]


def test_rounds_are_rendered_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    environment = environment_against("tit-for-tat", game=DILEMMA, render_mode="ansi")
    environment.reset(seed=0)
    assert environment.render() == "round 0 of 100: nothing has been played\n"
    environment.step(1)
    assert environment.render() == "round 1 of 100: learner D, opponent C; payoff 4\n"
    led = environment_against(RuleLearner(), planner=PLANNER, render_mode="human")
    led.reset(seed=0)
    led.step(0)
    assert " from the planner\n" in capsys.readouterr().out
    assert led.render() is None


class Wrong:
    def __init__(self, generator: np.random.Generator) -> None:
        pass

    def act(self, observation: np.ndarray) -> float:
        return 0.5


def test_errors_say_the_rule_and_what_was_given() -> None:
    for wrong in (None, 3, FixedLevel, object(), DILEMMA):
        with pytest.raises(
            ValueError, match="opponent must be the name of a strategy, a Strategy or its rule, a player"
        ):
            environment_against(wrong, game=DILEMMA)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="must come from a function of a generator"):
        environment_against(AtRandom(np.random.default_rng(0)), game=DILEMMA)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown strategy 'tit-for-tatt'"):
        environment_against("tit-for-tatt", game=DILEMMA)
    with pytest.raises(ValueError, match="game must be a game of two players with two actions each"):
        environment_against("tit-for-tat", game=GRADED)
    with pytest.raises(ValueError, match="give a game, or a planner, whose game is then played, got neither"):
        environment_against("tit-for-tat")
    with pytest.raises(ValueError, match="whose game is then played, got both"):
        environment_against(RuleLearner(), game=DILEMMA, planner=PLANNER)
    with pytest.raises(ValueError, match="a planner leads players of duels, such as"):
        environment_against("tit-for-tat", planner=PLANNER)
    with pytest.raises(ValueError, match="knowledge must be 'modelled', got 'known'"):
        environment_against(
            RuleLearner(), planner=MechanismDesignParameters(episodes=30, planner_episodes=20)
        )
    with pytest.raises(ValueError, match="misreading must be 0 under a planner, got"):
        environment_against(RuleLearner(), planner=PLANNER, misreading=0.1)
    with pytest.raises(ValueError, match=r"noise must lie in \[0, 1/2\), got 0.5"):
        environment_against("tit-for-tat", game=DILEMMA, noise=0.5)


def test_errors_in_play_say_the_rule_and_what_was_given() -> None:
    environment = environment_against("tit-for-tat", game=DILEMMA, horizon=1)
    with pytest.raises(ValueError, match="reset must be called before step, and again after 1 rounds"):
        environment.step(0)
    environment.reset(seed=0)
    for action in (2, 0.5, None, "C"):
        with pytest.raises(ValueError, match="action must be 0 or 1, got "):
            environment.step(action)  # type: ignore[arg-type]
    environment.step(0)
    with pytest.raises(ValueError, match="and again after 1 rounds"):
        environment.step(0)
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        environment.reset(seed=-1)
    wrong = environment_against(Wrong, game=DILEMMA)
    wrong.reset(seed=0)
    with pytest.raises(ValueError, match="the action of the opponent must be 0 or 1, got"):
        wrong.step(0)
    sure = Functions(lambda memory, turn, known: 1.5, lambda memory, turn, own, other, known: None, memory=())
    impossible = environment_against(sure, game=DILEMMA)
    impossible.reset(seed=0)
    with pytest.raises(ValueError, match="cooperation of 'opponent' must be a probability, got"):
        impossible.step(0)
    unknown = environment_against(lambda generator: None, game=DILEMMA)  # type: ignore[arg-type,return-value]
    with pytest.raises(ValueError, match="opponent must be the name of a strategy"):
        unknown.reset(seed=0)
