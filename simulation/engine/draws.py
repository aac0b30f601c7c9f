r"""Draws of normal and geometric numbers and of orders, from uniform ones alone.

NumPy's own methods for these call the C library, and may change from version to version. Uniform draws (`random`)
are whole numbers of the generator times 2**-53: the same bits on every machine, and so are these, which take one
uniform draw for each number (`simulation.engine.elementary`).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulation.engine.compilation import compiled, rare_rule, rule
from simulation.engine.elementary import log, log1p
from theory.checks import FloatArray

# 2**-54, half of the distance between uniform draws: draws are moved to the middle of what they stand for.
_HALF = 5.551115123125783e-17
LONGEST = 2**62


@rule
def normal_of(draw: float) -> float:
    """Return the standard normal number of which a share of `draw` in [0, 1) is smaller (Wichura 1988, AS 241).

    The draw is moved by 2**-54, so that the least and the largest give -8.2 and 8.2; the error is below 1e-15 of
    the number.
    """
    q = (float(draw) - 0.5) + _HALF
    if abs(q) > 0.425:
        return _normal_tail(q)
    r = 0.180625 - q * q
    # fmt: off
    above = (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
        + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
        + 1.3314166789178437745e2) * r + 3.3871328727963666080)
    below = (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
        + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
        + 4.2313330701600911252e1) * r + 1.0)
    # fmt: on
    return q * above / below


@rare_rule
def _normal_tail(q: float) -> float:
    r = math.sqrt(-log(0.5 - abs(q)))
    # fmt: off
    if r <= 5.0:
        r -= 1.6
        above = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r
            + 2.41780725177450611770e-1) * r + 1.27045825245236838258) * r + 3.64784832476320460504) * r
            + 5.76949722146069140550) * r + 4.63033784615654529590) * r + 1.42343711074968357734)
        below = (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r
            + 1.51986665636164571966e-2) * r + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r
            + 1.67638483018380384940) * r + 2.05319162663775882187) * r + 1.0)
    else:
        r -= 5.0
        above = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
            + 1.24266094738807843860e-3) * r + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r
            + 1.78482653991729133580) * r + 5.46378491116411436990) * r + 6.65790464350110377720)
        below = (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r
            + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r
            + 1.36929880922735805310e-1) * r + 5.99832206555887937690e-1) * r + 1.0)
    # fmt: on
    return above / below if q > 0.0 else -above / below


def _make_normal(draws: FloatArray) -> None:
    for k in range(draws.size):
        draws[k] = normal_of(draws[k])


_make_normal_compiled = compiled(_make_normal)


def normal(generator: np.random.Generator, deviation: float, size: int) -> FloatArray:
    """Return `[size]` normal numbers of mean 0."""
    numbers = generator.random(size)
    _make_normal_compiled(numbers)
    numbers *= deviation
    return numbers


def geometric(generator: np.random.Generator, chance: float, size: int) -> NDArray[np.int64]:
    """Return `[size]` numbers of attempts up to the first success, each of which has a `chance` in (0, 1].

    They are at least 1 and at most 2**62.
    """
    if chance == 1.0:
        return np.ones(size, dtype=np.int64)
    rate = log1p(-chance)
    failures = [log1p(-draw) / rate for draw in generator.random(size).tolist()]
    return np.array([min(1 + int(min(k, LONGEST)), LONGEST) for k in failures], dtype=np.int64)


def permutation(generator: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Return the numbers from 0 to `size` - 1 in random order."""
    return np.argsort(generator.random(size), kind="stable")
