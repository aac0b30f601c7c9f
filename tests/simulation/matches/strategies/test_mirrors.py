"""Frequency mirrors in the iterated game: Bayes's rule by hand, its responses, bad settings."""

import math
from fractions import Fraction

import numpy as np
import pytest

from simulation.matches.match import play_match
from simulation.matches.strategies.base import Known
from simulation.matches.strategies.mirrors import frequency_mirror
from theory import named_game

GAME = named_game("prisoners-dilemma-axelrod")
GRID = np.linspace(0, 1, 21)
PRIOR = GRID / GRID.sum()


def chance_after(strategy, other: str, own: str = "", noise: float = 0.0) -> float:
    memory, known = np.array(strategy.rule.memory), Known(np.array(GAME.payoffs), 0, noise)
    for turn, action in enumerate(other):
        mine = "CD".index(own[turn]) if own else 0
        strategy.rule.update(memory, turn, mine, "CD".index(action), known)
    return float(strategy.rule.cooperation(memory, len(other), known))


def test_the_linear_response_is_the_posterior_mean_and_epsilon() -> None:
    assert chance_after(frequency_mirror(), "") == pytest.approx(PRIOR @ GRID)
    # Without forgetting: C, C, D with noise .1.
    likelihood = 0.9 * GRID + 0.1 * (1 - GRID)
    posterior = PRIOR * likelihood**2 * (1 - likelihood)
    mean = posterior @ GRID / posterior.sum()
    found = chance_after(frequency_mirror(forgetting=0, epsilon=0.07), "CCD", noise=0.1)
    assert found == pytest.approx(mean + 0.07)


def test_forgetting_mixes_the_prior_in_before_each_turn() -> None:
    first = PRIOR * (1 - GRID) / (PRIOR @ (1 - GRID))
    second = (0.7 * first + 0.3 * PRIOR) * (1 - GRID)
    found = chance_after(frequency_mirror(forgetting=0.3), "DD")
    assert found == pytest.approx(second @ GRID / second.sum())


def test_responses_to_a_defector_and_a_cooperator() -> None:
    for response in ("threshold", "reciprocal"):
        assert chance_after(frequency_mirror(response), "CCC") == 1
        assert chance_after(frequency_mirror(response), "DDD") == 0
    linear = chance_after(frequency_mirror(), "DDD")
    sharp = chance_after(frequency_mirror("sharp"), "DDD")
    assert sharp == pytest.approx(1 / (1 + math.exp(-10 * (linear - 0.5))))
    assert chance_after(frequency_mirror(epsilon=1), "CCC") == 1
    assert chance_after(frequency_mirror(epsilon=-1), "DDD") == 0
    assert chance_after(frequency_mirror("threshold", epsilon=0.5), "DDD") == 1


def test_the_reciprocal_response_forgives_what_it_provoked() -> None:
    # The other's D on turns 2 to 4 answer its own D on turns 1 to 3.
    reciprocal = frequency_mirror("reciprocal", forgetting=0.0)
    assert chance_after(reciprocal, "CDDD", own="DDDC") == 1
    assert chance_after(reciprocal, "CDDD", own="CCCC") == 0
    # Only defections are excused.
    assert chance_after(frequency_mirror("threshold", forgetting=0.0), "CDDD", own="DDDC") == 0


@pytest.mark.parametrize("response", ["threshold", "reciprocal"])
def test_what_is_forgotten_does_not_decide_a_tie(response: str) -> None:
    # In exact arithmetic the belief after a first D is proportional to beta (1 - beta), of mean 1/2: C by the rule.
    exact = [Fraction(k, 20) * (1 - Fraction(k, 20)) for k in range(21)]
    assert sum(k * p for k, p in zip(range(21), exact, strict=True)) / sum(exact) == 10
    for forgetting in np.linspace(0.0, 1.0, 101):
        rule = frequency_mirror(response, forgetting=float(forgetting))
        assert chance_after(rule, "D") == 1
        assert chance_after(frequency_mirror(response, forgetting=float(forgetting), epsilon=-1e-6), "D") == 0


def test_it_cooperates_with_its_twin_and_punishes_defectors() -> None:
    rule = frequency_mirror("threshold")
    assert play_match(rule, rule, game=GAME, turns=50).cooperation.tolist() == [1, 1]
    assert play_match(rule, "always-defect", game=GAME, turns=200).cooperation[0] < 0.02


def test_names_tell_the_settings() -> None:
    assert frequency_mirror().name == "frequency-mirror linear (forgetting 0.1, epsilon 0)"
    assert frequency_mirror(name="mine").name == "mine"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"response": "sharpest"}, "unknown response 'sharpest'; nearest: sharp"),
        ({"forgetting": 1.5}, r"forgetting must lie in \[0, 1\], got 1.5"),
        ({"epsilon": -2}, r"epsilon must lie in \[-1, 1\], got -2"),
    ],
)
def test_bad_settings_state_the_rule_and_the_value(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        frequency_mirror(**settings)
