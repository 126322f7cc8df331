"""Groups of scores that share what they draw in common: Archimedean copulas by their frailty, and Student's t.

A group takes each member's own normal score and what all share, and gives the member's coupled score: normal again,
rising with its own. So the margins stay what they are, whatever the group.

Source of the Archimedean groups: A. W. Marshall and I. Olkin, Families of multivariate distributions, Journal of the
American Statistical Association 83 (1988)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gainsim import ops
from gainsim.dependence.ranks import sin_pi
from gainsim.drivers.families import exponential, gamma, t_density
from gainsim.offer.dependence import Group
from gainsim.ops import Value, kernels, scalars
from gainsim.streams.densities import POINTS, WEIGHTS

#: U and 1 - U of a member, each with its own digits, from its exponential draw and what is shared
Margin = Callable[[Value, Value], tuple[Value, Value]]
_LN2 = 0.6931471805599453


@dataclass(frozen=True)
class Coupling:
    """How a group couples.

    draws:  how many scores of its own the group draws
    shared: from these to what all members share
    score:  from a member's own score and what is shared to its coupled score
    """

    draws: int
    shared: Callable[[Sequence[Value]], Value]
    score: Callable[[Value, Value], Value]


def coupling(group: Group) -> Coupling:
    """The group that is written."""
    if group.kind == "student_t":
        assert group.degrees is not None
        return student_t(group.degrees)
    assert group.tau is not None
    return {"clayton": clayton, "gumbel": gumbel, "frank": frank}[group.kind](group.tau, group.tail == _OTHER[group.kind])


_OTHER = {"clayton": "upper", "gumbel": "lower", "frank": ""}  # the tail that is not the family's own


def clayton(tau: float, mirrored: bool) -> Coupling:
    """ψ(t) = (1 + t)^(-1/θ) with θ = 2τ / (1 - τ), V gamma of shape 1/θ; the lower tail depends by 2^(-1/θ)."""
    shape = 0.5 * (1.0 - tau) / tau
    law = gamma(shape)

    def margin(e: Value, v: Value) -> tuple[Value, Value]:
        return _of_fall(shape * _log_of_1_and(e / v))

    return _frailty(1, lambda scores: ops.maximum(law.quantile(scores[0]), 1e-290), margin, mirrored)


def gumbel(tau: float, mirrored: bool) -> Coupling:
    """ψ(t) = exp(-t^α) with α = 1 - τ, V positive stable; the upper tail depends by 2 - 2^α.

    With p uniform and w exponential, V^α = sin(παp)^α (sin(π(1-α)p) / w)^(1-α) / sin(πp). What is shared is its logarithm.

    Source: J. M. Chambers, C. L. Mallows and B. W. Stuck, A method for simulating stable random variables, Journal of the
    American Statistical Association 71 (1976); the positive case is by M. Kanter (1975)
    """
    alpha = 1.0 - tau

    def shared(scores: Sequence[Value]) -> Value:
        p, rest = ops.norm_cdf(scores[0]), ops.norm_cdf(-scores[0])
        first = ops.log(sin_pi(alpha * p, tau + alpha * rest))
        second = ops.log(sin_pi(tau * p, alpha + tau * rest)) - ops.log(exponential(scores[1]))
        return (alpha * first + tau * second) - ops.log(sin_pi(p, rest))

    def margin(e: Value, log_v: Value) -> tuple[Value, Value]:
        return _of_fall(ops.exp(alpha * ops.log(e) - log_v))

    return _frailty(2, shared, margin, mirrored)


def frank(tau: float, mirrored: bool) -> Coupling:
    """ψ(t) = -ln(1 - (1 - e^-θ) e^-t) / θ, V logarithmic with parameter 1 - e^-θ; no tail depends.

    V is geometric given a uniform u: 1 + whole part of ln u' / ln(1 - e^(-θu)). And 1 - ψ(t) = ln(1 + (e^θ - 1) (1 - e^-t)) / θ.

    Source: A. W. Kemp, Efficient generation of logarithmically distributed pseudo-random variables, Applied Statistics 30
    (1981)
    """
    theta = frank_parameter(tau)
    least = scalars.exp(-theta)
    part, odds = 1.0 - least, 1.0 / least - 1.0

    def shared(scores: Sequence[Value]) -> Value:
        x = theta * ops.norm_cdf(scores[0])
        fall = -ops.where(x > _LN2, _log_of_1_and(-ops.exp(-x)), ops.log(_gone(x)))
        return 1.0 + ops.rounded(exponential(scores[1]) / fall, 1.0, "towards zero")

    def margin(e: Value, v: Value) -> tuple[Value, Value]:
        t = e / v
        left, gone = ops.exp(-t), _gone(t)
        rest = gone + least * left  # 1 - (1 - e^-θ) e^-t
        fall = ops.where(rest < 0.5, ops.log(rest), _log_of_1_and(-part * left))
        return fall * (-1.0 / theta), _log_of_1_and(odds * gone) / theta

    return _frailty(2, shared, margin, mirrored)


@lru_cache(maxsize=64)
def frank_parameter(tau: float) -> float:
    """θ with τ = 1 - 4/θ (1 - D(θ)), D(θ) = 1/θ ∫ x / (e^x - 1) from 0 to θ, by Gauss and Legendre's ten points.

    >>> round(frank_parameter(0.5), 6)
    5.736283
    """

    def apart(theta: float) -> float:
        panels = int(theta) + 1
        width = theta / panels
        middles = width * (np.arange(panels) + 0.5)
        total = np.zeros(panels)
        for point, weight in zip(POINTS, WEIGHTS, strict=True):
            for x in (middles - 0.5 * width * point, middles + 0.5 * width * point):
                total = total + 0.5 * width * weight * (x * kernels.exp(-x) / _gone(x))
        return 1.0 - 4.0 / theta * (1.0 - float(np.add.accumulate(total)[-1]) / theta) - tau

    return scalars.root(apart, 1e-3, 100.0)


def _frailty(draws: int, shared: Callable[[Sequence[Value]], Value], margin: Margin, mirrored: bool) -> Coupling:
    """U = ψ(E / V), E a member's own exponential draw; mirrored, 1 - U takes its place, and the other tail depends."""
    side = -1.0 if mirrored else 1.0

    def score(own: Value, common: Value) -> Value:
        below, above = margin(exponential(-side * own), common)
        nearer = below < above
        z = side * ops.norm_ppf(ops.maximum(ops.where(nearer, below, above), 1e-300))
        return ops.where(nearer, z, -z)

    return Coupling(draws, shared, score)


def _of_fall(fall: Value) -> tuple[Value, Value]:
    """e^-x and 1 - e^-x."""
    return ops.exp(-fall), _gone(fall)


def _gone(x: Value) -> Value:
    """1 - e^-x for x >= 0, with all its digits near 0: there by its series."""
    near, series = ops.minimum(x, _LN2), 1.0
    for n in range(17, 1, -1):
        series = 1.0 - near * (1.0 / n) * series
    return ops.where(x < _LN2, near * series, 1.0 - ops.exp(-x))


def _log_of_1_and(x: Value) -> Value:
    """ln(1 + x) for x > -1, with all its digits near 0 (W. Kahan's rule)."""
    whole = 1.0 + x
    gone = whole - 1.0
    seen = ops.either(gone > 0.0, gone < 0.0)
    return ops.where(seen, ops.log(whole) * (x / ops.where(seen, gone, 1.0)), x)


@lru_cache(maxsize=64)
def student_t(degrees: float) -> Coupling:
    """x = z √(ν / W), W chi-squared and shared; its normal score by a table over asinh(x / √ν).

    Both tails depend, by twice the chance that a t of ν + 1 degrees lies below -√((ν + 1)(1 - r) / (1 + r)).

    Source: S. Demarta and A. J. McNeil, The t copula and related copulas, International Statistical Review 73 (2005)
    """
    law = gamma(0.5 * degrees)  # of W / 2
    scores = t_density(degrees).scores()

    def shared(own: Sequence[Value]) -> Value:
        return ops.sqrt(0.5 / ops.maximum(law.quantile(own[0]), 1e-290))

    def score(own: Value, common: Value) -> Value:
        x = own * common
        size = ops.absolute(x)
        y = ops.log(size + ops.sqrt(1.0 + size * size))
        return scores(ops.where(x < 0.0, -y, y))

    return Coupling(1, shared, score)
