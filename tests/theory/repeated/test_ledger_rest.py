"""Where two ledger mirrors rest: the closed form against the chain that it solves."""

import numpy as np
import pytest

from theory.repeated.ledger_rest import resting_play


def chain(noise: float) -> np.ndarray:
    """Return frequencies of CC, CD, DC, DD by the walk of what player 2 owes player 1, -3 to 3."""
    step = np.zeros((7, 7))
    outcomes = np.zeros((7, 2, 2))
    for owed in range(-3, 4):
        means = (owed >= 2, owed <= -2)  # D is meant by who is owed more than the credit
        for slips in np.ndindex(2, 2):
            chance = np.prod([noise if slip else 1.0 - noise for slip in slips])
            one, two = (int(means[i]) ^ slips[i] for i in range(2))
            outcomes[owed + 3, one, two] += chance
            step[owed + 3, min(3, max(-3, owed + two - one)) + 3] += chance
    values, vectors = np.linalg.eig(step.T)
    resting = np.real(vectors[:, np.argmin(np.abs(values - 1.0))])
    return np.einsum("n,nab->ab", resting / resting.sum(), outcomes)


@pytest.mark.parametrize("noise", [0.001, 0.01, 0.05, 0.3, 0.5])
def test_the_closed_form_is_the_chain_s(noise: float) -> None:
    found, expected = resting_play(noise), chain(noise)
    assert found.both_cooperate == pytest.approx(expected[0, 0])
    assert found.one_cooperates == pytest.approx(expected[0, 1] + expected[1, 0])
    assert found.neither_cooperates == pytest.approx(expected[1, 1])


def test_without_slips_both_cooperate_and_a_slip_costs_eight_thirds_of_a_round_by_two() -> None:
    assert resting_play(0.0) == (1.0, 0.0, 0.0)
    assert (1.0 - resting_play(1e-6).both_cooperate) / 1e-6 == pytest.approx(8.0 / 3.0, rel=1e-4)
    with pytest.raises(ValueError, match=r"noise must lie in \[0, 0.5\], got 0.6"):
        resting_play(0.6)
