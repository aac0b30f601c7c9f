"""Own exp, log, log1p, tanh and powers against mpmath, and compiled against plain Python."""

import math
import random
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from simulation.engine import elementary, elementary_tables
from simulation.engine.compilation import compiled
from simulation.engine.elementary import bits_of, exp, from_bits, log, log1p, matrix_product, power, tanh

mpf = mpmath.mpf
LARGEST = 1.7976931348623157e308
LEAST = 5e-324


@pytest.fixture(autouse=True)
def _precision() -> Any:
    with mpmath.workprec(200):
        yield


def units_off(got: float, exact: Any) -> float:
    """Return the distance from the exact value in units of the last place of the double nearest to it."""
    nearest = float(exact)
    if math.isinf(nearest) or math.isinf(got):
        return 0.0 if got == nearest else math.inf
    return float(abs(mpf(got) - exact) / mpf(math.ulp(nearest)))


def near(*centres: float) -> list[float]:
    """Return doubles beside each centre."""
    found = []
    for x in centres:
        below = above = x
        for _ in range(3):
            below, above = math.nextafter(below, -math.inf), math.nextafter(above, math.inf)
            found += [below, above]
    return [*centres, *found]


def of_any_size(draw: random.Random, n: int) -> list[float]:
    """Return positive doubles of evenly spread exponents, subnormal ones included."""
    return [x for x in (from_bits(draw.getrandbits(63)) for _ in range(n)) if 0.0 < x < math.inf]


DRAW = random.Random(1)
STRETCHES = [0.6875 + k / 256 for k in range(80)] + [1 + k / 128 for k in range(48)]
POINTS = {
    "exp": [
        *(DRAW.uniform(-746, 711) for _ in range(3000)),
        *(DRAW.uniform(-746, -699) for _ in range(1000)),
        *(DRAW.choice([-1, 1]) * 2.0 ** -DRAW.uniform(0, 70) for _ in range(1000)),
        *near(0.0, -700.0, 709.0, 709.782712893384, -708.3964185322641, -745.1332191019412, -744.4400719213812),
        *(sign * x for x in of_any_size(DRAW, 300) for sign in (-1, 1)),
    ],
    "log": [
        *of_any_size(DRAW, 3000),
        *(1 + DRAW.uniform(-0.4, 0.5) * 2.0 ** -DRAW.randrange(50) for _ in range(2000)),
        *near(1.0, 2.2250738585072014e-308, *STRETCHES),
        LEAST, LARGEST,
    ],
    "log1p": [
        *(DRAW.choice([-1, 1]) * 2.0 ** -DRAW.uniform(0, 70) for _ in range(3000)),
        *(-DRAW.random() for _ in range(1000)),
        *of_any_size(DRAW, 1000),
        *near(1e-6, -1e-6, 1.0, 9007199254740992.0, math.nextafter(-1.0, 0.0) + 1e-15),
        math.nextafter(-1.0, 0.0), LEAST, -LEAST, LARGEST,
    ],
    "tanh": [
        *(DRAW.uniform(-21, 21) for _ in range(3000)),
        *(DRAW.choice([-1, 1]) * 2.0 ** DRAW.uniform(-70, 5) for _ in range(2000)),
        *near(*(2.0**e * (1 + m / 16) for e in range(-4, 4) for m in range(16)), 16.0, 20.0),
        LEAST, LARGEST,
    ],
}  # fmt: skip
FUNCTIONS = {"exp": exp, "log": log, "log1p": log1p, "tanh": tanh}


def exactly(name: str, x: float) -> Any:
    """Return the value to 200 bits; where that would be a vast power, a number beyond all doubles."""
    if name == "exp" and abs(x) > 1000.0:
        return mpf(2) ** math.copysign(2000, x)
    if name == "exp" and abs(x) < 2.0**-100:
        return 1 + mpf(x)
    if name == "log1p" and abs(x) < 2.0**-70:
        return mpf(x) - mpf(x) ** 2 / 2
    if name == "tanh" and abs(x) < 2.0**-70:
        return mpf(x)
    return getattr(mpmath, name)(mpf(x))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_is_off_by_less_than_one_unit_in_the_last_place(name: str) -> None:
    worst, at = max((units_off(FUNCTIONS[name](x), exactly(name, x)), x) for x in POINTS[name])
    assert worst < 0.8, f"{name}({at!r}) is off by {worst:.2f} units in the last place"


def test_powers_are_off_by_less_than_one_unit_in_the_last_place() -> None:
    draw = random.Random(2)
    pairs = [(2.0 ** draw.uniform(-40, 40), draw.uniform(-18, 18)) for _ in range(2000)]
    pairs += [(draw.random(), draw.random()) for _ in range(1000)] + [(2.0**-1070, 0.3), (1.0, 7.0)]
    for x, y in pairs:
        assert units_off(power(x, y), mpmath.power(mpf(x), mpf(y))) < 0.8, (x, y)


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("exp", math.inf, math.inf), ("exp", -math.inf, 0.0), ("exp", math.nan, math.nan),
        ("exp", 0.0, 1.0), ("exp", -0.0, 1.0), ("exp", 709.782712893384, 1.7976931348622732e308),
        ("exp", 709.7827128933841, math.inf), ("exp", -745.1332191019411, LEAST), ("exp", -745.1332191019412, 0.0),
        ("log", 0.0, -math.inf), ("log", -0.0, -math.inf), ("log", -1.0, math.nan), ("log", -math.inf, math.nan),
        ("log", math.inf, math.inf), ("log", math.nan, math.nan), ("log", 1.0, 0.0),
        ("log1p", -1.0, -math.inf), ("log1p", -1.5, math.nan), ("log1p", math.inf, math.inf),
        ("log1p", math.nan, math.nan), ("log1p", 0.0, 0.0), ("log1p", -0.0, -0.0),
        ("tanh", math.inf, 1.0), ("tanh", -math.inf, -1.0), ("tanh", math.nan, math.nan), ("tanh", 0.0, 0.0),
        ("tanh", -0.0, -0.0),
    ],
)  # fmt: skip
def test_out_of_the_ordinary(name: str, x: float, expected: float) -> None:
    got = FUNCTIONS[name](x)
    if math.isnan(expected):
        assert math.isnan(got)
    else:
        assert got == pytest.approx(expected, rel=1e-15, abs=0.0)
        assert math.copysign(1.0, got) == math.copysign(1.0, expected)


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [(0.0, 0.5, 0.0), (0.0, 0.0, 1.0), (0.0, -1.0, math.inf), (0.3, 1.0, 0.3), (0.3, 0.0, 1.0),
     (math.inf, 0.5, math.inf), (2.0, 2000.0, math.inf), (2.0, -2000.0, 0.0), (-1.0, 0.5, math.nan)],
)  # fmt: skip
def test_powers_out_of_the_ordinary(x: float, y: float, expected: float) -> None:
    got = power(x, y)
    assert math.isnan(got) if math.isnan(expected) else got == expected


def each(function: Callable[[float], float]) -> Callable[..., None]:
    def run(values: np.ndarray, out: np.ndarray) -> None:
        for k in range(values.size):
            out[k] = function(values[k])

    return compiled(run)


# Defined here, since what compiled code reaches must have a text that can be hashed.
@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_and_plain_have_the_same_bits(name: str) -> None:
    draw = random.Random(3)
    values = POINTS[name] + [from_bits(draw.getrandbits(64) - 2**63) for _ in range(3000)]
    values += [0.0, -0.0, math.inf, -math.inf, math.nan]
    out = np.zeros(len(values))
    each(FUNCTIONS[name])(np.array(values), out)
    plain = np.array([FUNCTIONS[name](x) for x in values])
    same = (out.view(np.int64) == plain.view(np.int64)) | (np.isnan(out) & np.isnan(plain))
    assert same.all(), np.array(values)[~same][:5]


def test_arrays_have_the_bits_of_single_numbers() -> None:
    values = np.random.default_rng(4).uniform(0.0, 3.0, (5, 7))
    assert np.array_equal(elementary.exp_of(values), [[exp(x) for x in row] for row in values.tolist()])
    assert np.array_equal(
        elementary.power_of(values, 0.3), [[power(x, 0.3) for x in row] for row in values.tolist()]
    )
    assert elementary.exp_of(np.zeros(())).shape == ()


def test_bits_go_both_ways() -> None:
    draw = random.Random(5)
    for x in (1.0, -0.0, LEAST, LARGEST, -math.inf, *(draw.gauss(0, 1e9) for _ in range(100))):
        assert math.copysign(1.0, from_bits(bits_of(x))) == math.copysign(1.0, x)
        assert from_bits(bits_of(x)) == x
        assert bits_of(x) == np.float64(x).view(np.int64)
    assert [elementary.power_of_two(k) for k in (-1022, 0, 1023)] == [2.0**-1022, 1.0, 2.0**1023]


def test_product_is_that_of_exact_numbers() -> None:
    draw = np.random.default_rng(6)
    a, b = draw.integers(-1000, 1000, (3, 4, 5)), draw.integers(-1000, 1000, (5, 2)).astype(float)
    assert np.array_equal(matrix_product(a, b), a @ b)
    assert np.array_equal(matrix_product(a[0, 0], b), a[0, 0] @ b)


def two_parts(value: Any, bits: int | None = None) -> list[float]:
    """Return the double nearest to a value (of multiples of 2**-bits), and the nearest to the rest."""
    high = float(value if bits is None else mpmath.nint(value * mpf(2) ** bits) / mpf(2) ** bits)
    return [high, float(value - mpf(high))]


def test_tables_are_what_their_lines_state() -> None:
    tables = elementary_tables
    assert two_parts(mpmath.log(2) / 128, 42) == [tables.STEP_HIGH, tables.STEP_LOW]
    assert two_parts(mpmath.log(2), 42) == [tables.LOG_2_HIGH, tables.LOG_2_LOW]
    assert float(128 / mpmath.log(2)) == tables.STEPS_PER_UNIT
    powers = [mpf(2) ** (mpf(j) / 128) for j in range(128)]
    assert tables.EXP.tolist() == [x for p in powers for x in (float(p), float(p / mpf(float(p)) - 1))]
    middles = [mpf(x) + (mpf(1) / 512 if x < 1 else mpf(1) / 256) for x in STRETCHES]
    inverses = [float(mpmath.nint(1024 / c)) / 1024 for c in middles]
    inverses[79] = inverses[80] = 1.0
    assert tables.LOG.tolist() == [
        x for inverse in inverses for x in (inverse, *two_parts(-mpmath.log(mpf(inverse)), 42))
    ]
    middles = [mpf(2) ** e * (1 + mpf(2 * m + 1) / 32) for e in range(-4, 5) for m in range(16)][:132]
    values = [mpmath.tanh(c) for c in middles]
    assert tables.TANH.tolist() == [x for t in values for x in (*two_parts(t), float(1 - t * t))]
