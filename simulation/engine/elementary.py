r"""exp, log, log1p, tanh and powers of IEEE-754 operations alone: the same bits on every machine.

The C library's functions differ in their last bits from library to library and, within one, from processor to
processor (with and without fused multiplication and addition). These use additions, multiplications, divisions and
whole-number operations on a double's bits, each of which IEEE 754 defines to the last bit, in an order that the text
fixes. They are off by less than one unit in the last place over all doubles (tests compare with mpmath), and are the
same in plain Python and in compiled laws.

- exp (Tang 1989): x = (k + j/128) log 2 + r with |r| <= log(2) / 256; 2^(j/128) is looked up to twice the
  precision, and a polynomial gives exp(r) - 1.
- log (Tang 1990): x = 2^k z with z in [11/16, 11/8); the reciprocal of z is looked up to 10 bits, so that its product
  with z differs by r from 1, exactly, and log(1 + r) is a polynomial.
- tanh: at the middle c of a stretch it is looked up in two parts, and with t = tanh(x - c), a polynomial,
  tanh x = tanh c + t (1 - tanh(c)^2) / (1 + t tanh c).

Out of the ordinary: exp gives subnormal numbers, 0 and infinity where they are nearest; the logarithm of 0 is
-infinity, of a negative number NaN; log1p and tanh of -0 are -0; NaN gives NaN. Nothing raises an error.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
from numba.core import types
from numba.extending import intrinsic, overload
from numpy.typing import NDArray

from simulation.engine.compilation import compiled, rare_rule, rule
from simulation.engine.elementary_tables import (
    EXP,
    LOG,
    LOG_2_HIGH,
    LOG_2_LOW,
    STEP_HIGH,
    STEP_LOW,
    STEPS_PER_UNIT,
    TANH,
)
from simulation.engine.linked_rules import RULE_OPTIONS
from theory.checks import FloatArray

# 1.5 * 2**52: adding and subtracting it rounds to a whole number.
_ROUNDING = 6755399441055744.0
_SMALLEST_NORMAL = 2.2250738585072014e-308
_TWO_TO_54 = 18014398509481984.0
# The bits of 11/16, where z begins, and the first 16 bits of 1/16, where the table of tanh begins.
_LOG_START = 0x3FE6000000000000
_TANH_START = 0x3FB0
# 2**27 + 1 splits a double into two halves whose products are exact (Dekker 1971).
_SPLITTER = 134217729.0
_INLINED: Any = {"forceinline": True} | RULE_OPTIONS


def bits_of(x: float) -> int:
    """Return the bits of a double, as a signed whole number."""
    bits: int = struct.unpack("<q", struct.pack("<d", x))[0]
    return bits


def from_bits(bits: int) -> float:
    """Return the double of which `bits` are the bits."""
    x: float = struct.unpack("<d", struct.pack("<q", bits))[0]
    return x


@intrinsic
def _as_whole_number(typing: Any, x: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.int64))

    return types.int64(types.float64), generate


@intrinsic
def _as_double(typing: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return types.float64(types.int64), generate


# numba compares the names of parameters, and their types if they have any, with those of what is returned.
@overload(bits_of, jit_options=_INLINED)
def _compiled_bits_of(x):  # type: ignore[no-untyped-def]
    return lambda x: _as_whole_number(x)  # type: ignore[call-arg]


@overload(from_bits, jit_options=_INLINED)
def _compiled_from_bits(bits):  # type: ignore[no-untyped-def]
    return lambda bits: _as_double(bits)  # type: ignore[call-arg]


@rule
def power_of_two(k: int) -> float:
    """Return 2**k for k in [-1022, 1023]."""
    return from_bits((k + 1023) << 52)


@rule
def exp(x: float) -> float:
    """Return e**x."""
    x = float(x)
    if x >= -700.0 and x <= 709.0:
        steps = _steps(x)
        k = int(steps)
        scale = float(EXP[2 * (k & 127)]) * power_of_two(k >> 7)
        return scale + scale * _less_one(x, steps, k)
    return _extreme_exp(x)


@rule
def _steps(x: float) -> float:
    """Return the whole number nearest to 128 x / log 2."""
    return (x * STEPS_PER_UNIT + _ROUNDING) - _ROUNDING


@rule
def _less_one(x: float, steps: float, k: int) -> float:
    """Return the share by which e**x exceeds the power of two that is looked up; steps = k = `_steps(x)`."""
    r = (x - steps * STEP_HIGH) - steps * STEP_LOW
    r2 = r * r
    # Side by side, so that few operations wait for each other.
    begun = (float(EXP[2 * (k & 127) + 1]) + r) + r2 * (0.5 + r * (1.0 / 6.0))
    return begun + r2 * r2 * (1.0 / 24.0 + r * (1.0 / 120.0))


@rare_rule
def _extreme_exp(x: float) -> float:
    if x > 710.0:
        return math.inf
    if x < -746.0:
        return 0.0
    if x != x:
        return x
    steps = _steps(x)
    return _scaled(int(steps), _less_one(x, steps, int(steps)))


@rule
def _scaled(k: int, less_one: float) -> float:
    """Return (1 + less_one) 2**(k / 128) for |k| < 150,000."""
    high = float(EXP[2 * (k & 127)])
    # In two steps, of which the first is exact, so that a subnormal result is rounded once.
    first = 128 if k < 0 else -128
    return (high + high * less_one) * power_of_two((k >> 7) + first) * power_of_two(-first)


@rule
def log(x: float) -> float:
    """Return the natural logarithm."""
    x = float(x)
    if x >= _SMALLEST_NORMAL and x < math.inf:
        high, low = _log_parts(x, 0, 0.0)
        return high + low
    return _extreme_log(x)


@rule
def _log_parts(x: float, exponent: int, rest: float) -> tuple[float, float]:
    """Return two numbers whose sum is the logarithm of (x + rest) / 2**exponent, x normal, |rest| below its ulp."""
    bits = bits_of(x)
    offset = bits - _LOG_START
    k = offset >> 52
    j = 3 * ((offset >> 45) & 127)
    z_bits = bits - (k << 52)
    z = from_bits(z_bits)
    z_high = from_bits((z_bits >> 21) << 21)
    inverse = float(LOG[j])
    a = z_high * inverse - 1.0
    b = (z - z_high) * inverse
    r = a + b
    left = b - (r - a)
    if rest != 0.0:
        left += rest * power_of_two(-k) * inverse
    scale = float(k - exponent)
    high = scale * LOG_2_HIGH + float(LOG[j + 1])
    low = scale * LOG_2_LOW + float(LOG[j + 2])
    total = high + r
    low += (high - total) + r
    r2 = r * r
    series = r2 * (r * (1.0 / 3.0) - 0.5) + r2 * r2 * (
        (r * (1.0 / 5.0) - 0.25) + r2 * ((r * (1.0 / 7.0) - 1.0 / 6.0) - r2 * 0.125)
    )
    return total, low + (left * (1.0 - r) + series)


@rare_rule
def _extreme_log(x: float) -> float:
    if x == 0.0:
        return -math.inf
    if x < 0.0:
        return math.nan
    if x < 1.0:
        high, low = _log_parts(x * _TWO_TO_54, 54, 0.0)
        return high + low
    return x  # infinity, NaN


@rule
def log1p(x: float) -> float:
    """Return the natural logarithm of 1 + x."""
    x = float(x)
    if x > -1.0 and x < 9007199254740992.0:
        if x < 1e-6 and x > -1e-6:
            return x - x * x * (0.5 - x * (1.0 / 3.0))
        y = 1.0 + x
        rest = x - (y - 1.0) if x < 1.0 else 1.0 - (y - x)
        high, low = _log_parts(y, 0, rest)
        return high + low
    return log(1.0 + x)


@rule
def tanh(x: float) -> float:
    """Return the hyperbolic tangent."""
    x = float(x)
    size = abs(x)
    if size < 0.0625:
        s = x * x
        if s < 1e-20:
            return x
        series = 2.0 / 15.0 - s * (17.0 / 315.0 - s * (62.0 / 2835.0 - s * (1382.0 / 155925.0)))
        return x - x * s * (1.0 / 3.0 - s * series)
    if size < 20.0:
        stretch = bits_of(size) >> 48
        j = 3 * (stretch - _TANH_START)
        d = size - from_bits((stretch << 48) + (1 << 47))
        s = d * d
        series = 2.0 / 15.0 - s * (17.0 / 315.0 - s * (62.0 / 2835.0 - s * (1382.0 / 155925.0)))
        t = d - d * s * (1.0 / 3.0 - s * series)
        at = float(TANH[j])
        size = at + (float(TANH[j + 1]) + t * float(TANH[j + 2]) / (1.0 + t * at))
        return size if x > 0.0 else -size
    if x != x:
        return x
    return 1.0 if x > 0.0 else -1.0


@rare_rule
def power(x: float, y: float) -> float:
    """Return x**y for x >= 0 and finite y; NaN for a negative x."""
    x, y = float(x), float(y)
    if y == 0.0:
        return 1.0
    if y == 1.0:
        return x
    if not (x > 0.0 and x < math.inf):
        return exp(y * log(x))
    subnormal = x < _SMALLEST_NORMAL
    large, small = _log_parts(x * _TWO_TO_54 if subnormal else x, 54 if subnormal else 0, 0.0)
    high = large + small
    low = small - (high - large)
    product = y * high
    if not abs(product) < 746.0:
        return exp(product)
    y_high, y_low = _halves(y)
    first, second = _halves(high)
    rest = ((y_high * first - product) + y_high * second + y_low * first) + y_low * second + y * low
    steps = _steps(product)
    less_one = _less_one(product, steps, int(steps))
    return _scaled(int(steps), less_one + (rest + rest * less_one))


@rule
def _halves(x: float) -> tuple[float, float]:
    large = x * _SPLITTER
    high = large - (large - x)
    return high, x - high


def _exp_each(values: FloatArray) -> None:
    for k in range(values.size):
        values[k] = exp(values[k])


def _power_each(values: FloatArray, exponent: float) -> None:
    for k in range(values.size):
        values[k] = power(values[k], exponent)


_exp_each_compiled = compiled(_exp_each)
_power_each_compiled = compiled(_power_each)


def exp_of(values: NDArray[Any]) -> FloatArray:
    """Return e**x of each of `values[...]`: the same bits as one by one."""
    flat = np.array(values, dtype=np.float64).ravel()
    _exp_each_compiled(flat)
    return flat.reshape(np.shape(values))


def power_of(values: NDArray[Any], exponent: float) -> FloatArray:
    """Return x**exponent of each of `values[...]`, at least 0: the same bits as one by one."""
    flat = np.array(values, dtype=np.float64).ravel()
    _power_each_compiled(flat, float(exponent))
    return flat.reshape(np.shape(values))


def matrix_product(a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
    """Return the product of `a[..., n]` and `b[n, m]`, `[..., m]`.

    Terms are added in an order that depends on the shapes alone. That of NumPy's own product depends on the
    processor, as does whether it rounds once or twice for a multiplication and an addition.
    """
    return np.asarray((a[..., None] * b).sum(axis=-2))
