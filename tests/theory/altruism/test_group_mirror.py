"""Mirroring in groups: closed forms, two players as in `theory.altruism.mirror`, monotone play as by brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from theory.altruism.group_mirror import group_mirror_rest, group_mirror_step
from theory.altruism.mirror import mirror_fixed_points, mirror_step

NAN = float("nan")


@pytest.mark.parametrize(("n", "defectors"), [(3, 1), (5, 1), (5, 2), (21, 1), (21, 4), (100, 3)])
def test_mirrors_beside_defectors_rest_where_the_closed_form_says(n: int, defectors: int) -> None:
    stubborn = [0.0] * defectors + [NAN] * (n - defectors)
    rest = group_mirror_rest([0.05] * n, stubborn=stubborn)
    assert rest.unique
    assert rest.lowest[:defectors].tolist() == [0.0] * defectors
    assert rest.lowest[defectors:] == pytest.approx(min(1.0, 0.05 * (n - 1) / defectors), abs=1e-9)
    least = group_mirror_rest([0.05] * n, stubborn=stubborn, aggregate="least")
    assert least.highest[defectors:] == pytest.approx(0.05)


@pytest.mark.parametrize("pair", [(0.05, 0.05), (0.05, -0.02), (0.02, -0.05), (0.3, -0.3), (0.0, 0.0)])
@pytest.mark.parametrize("aggregate", ["mean", "least"])
def test_two_players_are_the_pair(pair: tuple[float, float], aggregate) -> None:  # type: ignore[no-untyped-def]
    rest, fixed = group_mirror_rest(pair, aggregate=aggregate), mirror_fixed_points(*pair)
    assert rest.unique == (not fixed.continuum)
    assert rest.lowest == pytest.approx(fixed.vertices.min(axis=0), abs=1e-9)
    assert rest.highest == pytest.approx(fixed.vertices.max(axis=0), abs=1e-9)
    weights = np.array([0.3, 0.8])
    stepped = group_mirror_step(weights, np.array(pair), aggregate=aggregate)
    assert stepped == pytest.approx(mirror_step(weights, pair))


@pytest.mark.parametrize("epsilon", [[0.1, 0.0, -0.05], [0.1, -0.1, 0.01, 0.0]])
def test_the_sum_of_generosities_decides(epsilon: list[float]) -> None:
    up, down = group_mirror_rest(epsilon), group_mirror_rest(np.negative(epsilon))
    assert up.unique
    assert down.unique
    assert up.lowest.max() == 1.0
    assert down.highest.min() == 0.0
    # Turned around, the one is the other: 1 - alpha mirrors with the opposite generosity.
    assert down.highest == pytest.approx(1.0 - up.lowest)


def test_a_zero_sum_leaves_a_segment() -> None:
    rest = group_mirror_rest([0.1, -0.1, 0.0])
    assert not rest.unique
    # Halfway between, weights that differ by epsilon (n - 1) / n rest: alpha_i n / (n - 1) = s / (n - 1) + epsilon_i.
    middle = np.array([0.5 + 0.1 * 2 / 3, 0.5 - 0.1 * 2 / 3, 0.5])
    assert group_mirror_step(middle, np.array([0.1, -0.1, 0.0])) == pytest.approx(middle)
    assert (rest.lowest <= middle).all()
    assert (middle <= rest.highest).all()


def test_differences_die_out_from_three_players_on() -> None:
    weights = np.array([0.6, 0.4, 0.5, 0.5])
    following = group_mirror_step(weights, np.zeros(4))
    assert following - 0.5 == pytest.approx(-(weights - 0.5) / 3)


@settings(max_examples=examples(50), deadline=None)
@given(
    epsilon=st.lists(st.floats(-0.2, 0.2), min_size=2, max_size=5),
    start=st.randoms(use_true_random=False),
    aggregate=st.sampled_from(["mean", "least"]),
)
def test_all_play_ends_between_the_lowest_and_the_highest_rest(epsilon, start, aggregate) -> None:  # type: ignore[no-untyped-def]
    epsilon = [round(e, 2) for e in epsilon]
    rest = group_mirror_rest(epsilon, aggregate=aggregate)
    weights = np.array([start.random() for _ in epsilon])
    for _ in range(3000):
        weights = group_mirror_step(weights, np.array(epsilon), aggregate=aggregate)
    assert (weights >= rest.lowest - 1e-6).all()
    assert (weights <= rest.highest + 1e-6).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: group_mirror_rest([0.1]), "generosity must be one number for each of at least 2 players"),
        (lambda: group_mirror_rest([0.1, NAN]), "generosity must be finite"),
        (lambda: group_mirror_rest([0.1, 0.1], aggregate="most"), "unknown aggregate 'most'"),  # type: ignore[arg-type]
        (
            lambda: group_mirror_rest([0.1, 0.1], stubborn=[2.0, NAN]),
            r"stubborn must be 2 weights in \[0, 1\]",
        ),
        (lambda: group_mirror_rest([0.1, 0.1], stubborn=[NAN]), "stubborn must be 2 weights"),
        (lambda: group_mirror_rest([1e-7, 0.0]), "weights must come to rest within 200000 updates"),
    ],
)
def test_errors_state_the_rule_and_the_value(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        make()
