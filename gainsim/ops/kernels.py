"""Strict kernels: exp, log, the normal distribution and Philox, written once in the vocabulary.

Each is a fixed sequence of IEEE additions, multiplications, divisions, square roots, comparisons and bit operations.
Given arrays it runs in NumPy; given nodes it becomes part of the compiled loop; the bits are the same on every machine.

Sources: log after fdlibm (Sun Microsystems, 1993); the inverse normal is algorithm AS 241 (Wichura, Applied Statistics
37, 1988); the normal integral uses Cody's rational approximations to erfc (Mathematics of Computation 23, 1969);
Philox 4x32-10 is by Salmon, Moraes, Dror and Shaw (Parallel random numbers: as easy as 1, 2, 3; SC11, 2011).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gainsim import ops
from gainsim.ops.bits import from_bits, iadd, iand, imul, ior, ishl, ishr, isub, ixor, to_bits, to_float
from gainsim.ops.tree import Node

Value = Any
Words = tuple[Value, Value, Value, Value]

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_ROUND = 6755399441055744.0  # 1.5 * 2^52: adding it leaves the nearest whole number in the low bits
_EXP_HIGHEST, _EXP_LOWEST = 709.782712893384, -707.0
_MASK32 = 0xFFFFFFFF


def _horner(x: Value, coefficients: tuple[float, ...]) -> Value:
    """A polynomial, coefficients from the highest power down."""
    result: Value = coefficients[0]
    for coefficient in coefficients[1:]:
        result = result * x + coefficient
    return result


def _horner_of_two(x: Value, first: Value, a: tuple[float, ...], b: tuple[float, ...]) -> Value:
    """The polynomial `a` where the condition `first` holds, else `b`: the same bits as either alone, at the price of one."""
    result: Value = ops.choose(first, a[0], b[0])
    for one, other in zip(a[1:], b[1:], strict=True):
        result = result * x + (one if one == other else ops.choose(first, one, other))
    return result


def _array(x: Value) -> Value:
    return x if isinstance(x, Node) else np.asarray(x, dtype=np.float64)


# (e^r - 1 - r) / r² on |r| <= ln(2)/2 by a polynomial through Chebyshev's points: off by a seventh of half the last bit
_EXP = (2.510038549551032e-08, 2.7620088445409746e-07, 2.7557268459997064e-06, 2.4801521295954376e-05,
        1.9841269863053618e-04, 1.3888888917213717e-03, 8.3333333333300620e-03, 4.1666666666624130e-02,
        1.6666666666666669e-01, 5.0000000000000010e-01, 1.0, 1.0)  # fmt: skip


def exp(x: Value) -> Value:
    """e to the power x, within 1.25 units in the last place; infinite above 709.78, zero below -707 (1e-307).

    >>> round(float(exp(np.array([1.0]))[0]), 12)
    2.718281828459
    """
    x = _array(x)
    below, above = x < _EXP_LOWEST, x > _EXP_HIGHEST
    held = ops.choose(below, _EXP_LOWEST, ops.choose(above, _EXP_HIGHEST, x))  # what is no number passes
    shifted = held * 1.4426950408889634 + _ROUND
    whole = shifted - _ROUND
    rest = (held - whole * LN2_HIGH) - whole * LN2_LOW
    # up to 709.78 the power is at most 1024, and where it is the polynomial is below 1: the exponent does not run over
    result = from_bits(iadd(to_bits(_horner(rest, _EXP)), ishl(to_bits(shifted), 52)))
    return ops.choose(below, 0.0, ops.choose(above, np.inf, result))


def _log_of_normal(x: Value) -> Value:
    """The natural logarithm of a positive normal double; the kernels' own, without the special cases."""
    i = iadd(to_bits(x), 0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
    k = isub(ishr(i, 52), 1023)
    m = from_bits(iadd(iand(i, 0x000FFFFFFFFFFFFF), 0x3FE6A09E667F3BCD))
    f = m - 1.0
    s = f / (f + 2.0)
    z = s * s
    w = z * z
    odd = w * _horner(w, (1.531383769920937332e-01, 2.222219843214978396e-01, 3.999999999940941908e-01))
    even = z * _horner(
        w, (1.479819860511658591e-01, 1.818357216161805012e-01, 2.857142874366239149e-01, 6.666666666666735130e-01)
    )
    half = f * 0.5 * f
    dk = to_float(k)
    return dk * LN2_HIGH - ((half - (s * (half + (odd + even)) + dk * LN2_LOW)) - f)


def log(x: Value) -> Value:
    """The natural logarithm, within 1 unit in the last place; of 0 minus infinity, of a negative number not a number.

    >>> float(log(np.array([10.0]))[0])
    2.302585092994046
    """
    x = _array(x)
    small = x < 2.2250738585072014e-308
    scaled = x * ops.choose(small, 18014398509481984.0, 1.0)  # 2^54 brings subnormals up
    result = _log_of_normal(scaled) - ops.choose(small, 37.42994775023705, 0.0)  # 54 ln 2
    result = ops.choose(x > 1.7976931348623157e308, np.inf, result)
    return ops.choose(x > 0.0, result, ops.choose(x >= 0.0, -np.inf, np.nan))


def logistic(x: Value) -> Value:
    """1 / (1 + e to the power -x): a chance whose odds are e to the power x; no power runs over, however large x is.

    >>> [round(float(y), 6) for y in logistic(np.array([-1.0, 0.0, 1.0]))]
    [0.268941, 0.5, 0.731059]
    """
    x = _array(x)
    smaller = exp(0.0 - ops.absolute(x))
    return ops.choose(x < 0.0, smaller, 1.0) / (1.0 + smaller)


_PPF_CENTRE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
_PPF_TAIL = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
)  # fmt: skip
_PPF_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)  # fmt: skip
PPF_CENTRE_HALF_WIDTH = 0.425


def ppf_centre(u: Value) -> Value:
    """AS 241 for |u - 1/2| <= 0.425."""
    q = u - 0.5
    r = 0.180625 - q * q
    return q * _horner(r, _PPF_CENTRE[0]) / _horner(r, _PPF_CENTRE[1])


def ppf_tail(u: Value) -> Value:
    """AS 241 for |u - 1/2| > 0.425, u a normal double in (0, 1)."""
    lower = u < 0.5
    r = ops.sqrt(-_log_of_normal(ops.choose(lower, u, 1.0 - u)))
    beyond = r > 5.0
    x = r - ops.choose(beyond, 5.0, 1.6)
    top, bottom = (_horner_of_two(x, beyond, far, near) for far, near in zip(_PPF_FAR, _PPF_TAIL, strict=True))
    z = top / bottom
    return ops.choose(lower, -z, z)


def norm_ppf(u: Value) -> Value:
    """The standard normal quantile of u in (0, 1), to about 1e-15 relative (AS 241).

    >>> round(float(norm_ppf(np.array([0.975]))[0]), 12)
    1.95996398454
    """
    u = _array(u)
    return ops.choose(ops.absolute(u - 0.5) <= PPF_CENTRE_HALF_WIDTH, ppf_centre(u), ppf_tail(u))


_ERF_SMALL = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
     3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)  # fmt: skip
_ERFC_MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
     3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip
_ERFC_FAR = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
     1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1, 6.05183413124413191e-2,
     2.33520497626869185e-3),
)  # fmt: skip
_SQRT_HALF, _INV_SQRT_PI = 0.7071067811865476, 5.6418958354775628695e-1


def norm_cdf(z: Value) -> Value:
    """The standard normal distribution function, relative error about 1e-15 for |z| < 37 (Cody).

    >>> float(norm_cdf(np.array([0.0]))[0])
    0.5
    """
    z = _array(z)
    z = ops.choose(z > 40.0, 40.0, ops.choose(z < -40.0, -40.0, z))  # beyond, nothing is left; what is no number passes
    y = ops.absolute(z) * _SQRT_HALF
    square = y * y
    small = y * _horner(square, _ERF_SMALL[0]) / _horner(square, _ERF_SMALL[1])
    middle = _horner(y, _ERFC_MIDDLE[0]) / _horner(y, _ERFC_MIDDLE[1])
    inverse = 1.0 / ops.maximum(square, 1.0)
    far = inverse * _horner(inverse, _ERFC_FAR[0]) / _horner(inverse, _ERFC_FAR[1])
    far = (_INV_SQRT_PI - far) / ops.maximum(y, 1.0)
    # exp(-z*z/2) in two parts, so that the rounding of the square is not magnified
    coarse = from_bits(iand(to_bits(z), 0xFFFFFFFFF0000000))
    rest = (z - coarse) * (z + coarse)
    tail = exp(coarse * coarse * -0.5) * exp(rest * -0.5) * ops.choose(y <= 4.0, middle, far)
    below = ops.choose(y <= 0.46875, 0.5 - 0.5 * small, 0.5 * tail)
    return ops.choose(z > 0.0, 1.0 - below, below)


def philox(counter: Words, key: tuple[Value, Value]) -> Words:
    """Philox 4x32-10: four 32-bit words from a counter of four and a key of two, all held in 64-bit integers.

    >>> words = philox((0, 0, 0, 0), (0, 0))
    >>> [f"{int(w[0]):08x}" for w in words]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        # Only here are the high halves cleared: a machine multiplies 32 by 32 bits at no extra cost.
        p0, p1 = imul(iand(c0, _MASK32), 0xD2511F53), imul(iand(c2, _MASK32), 0xCD9E8D57)
        c0, c1 = ixor(ixor(ishr(p1, 32), c1), k0), p1
        c2, c3 = ixor(ixor(ishr(p0, 32), c3), k1), p0
        k0, k1 = iand(iadd(k0, 0x9E3779B9), _MASK32), iand(iadd(k1, 0xBB67AE85), _MASK32)
    c0, c1, c2, c3 = (iand(word, _MASK32) for word in (c0, c1, c2, c3))
    return c0, c1, c2, c3


def _unit_interval(high: Value, low: Value) -> Value:
    """52 bits of two words and a half: an odd multiple of 2^-53, never 0 or 1, exact."""
    mantissa = ior(ishl(high, 20), ishr(low, 12))
    return from_bits(ior(mantissa, 0x3FF0000000000000)) - (1.0 - 1.1102230246251565e-16)


def uniform_pair(path: Value, index: Value, lane: Value, key: tuple[Value, Value]) -> tuple[Value, Value]:
    """Two uniforms in (0, 1) at one address.

    path:    integers up to 2^64
    index:   up to 2^32: on the calendar, period // 2
    lane:    up to 2^32: 0 on the calendar, an asset's number for events
    key:     two words of 32 bits, from seed, stream and replicate
    returns: the uniforms of the even and of the odd period
    """
    counter = (iand(path, _MASK32), ishr(path, 32), index, lane)
    w0, w1, w2, w3 = philox(counter, key)
    return _unit_interval(w0, w1), _unit_interval(w2, w3)
