"""What a run says of an offer, and how far it may be wrong: every measure with its influence on each path.

A measure θ of the simulated outcomes has an *influence* ψ per path, its first-order answer to a little more weight on
that path: θ_estimated − θ ≈ Σ wᵢ ψᵢ. From it one function, `estimate`, makes every standard error: weighted or not,
by independent groups, alone or as a paired difference, where futures common to both offers cancel.

All outcomes are in the sign of the ledger: positive is good for the supplier. Only + − × ÷ √ and comparisons are used,
sums over paths are strict: the same bits on every machine (the Student factor of `Estimate.interval` excepted).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gainsim.errors import DataError
from gainsim.sums import strict_sum

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number from a simulation, with its doubt.

    value:              in its unit, in the sign of the ledger
    standard_error:     same unit; infinite where one path or one group cannot tell
    unit:               as it is shown
    degrees_of_freedom: paths − 1, or groups − 1
    """

    value: float
    standard_error: float
    unit: str = ""
    degrees_of_freedom: float = math.inf

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The range that covers the true value with this probability: value ± t × standard error.

        t is Student's quantile at (1 + level) / 2 for the degrees of freedom, so few groups mean a wide range.

        >>> low, high = Estimate(10.0, 1.0, degrees_of_freedom=7).interval(0.95)
        >>> round(low, 3), round(high, 3)
        (7.635, 12.365)

        Source: Student, The probable error of a mean, Biometrika 6 (1908)
        """
        from scipy.special import stdtrit  # here alone: reading a measure needs no SciPy

        if math.isinf(self.standard_error):
            return -math.inf, math.inf
        reach = float(stdtrit(self.degrees_of_freedom, (1.0 + float(_share(level))) / 2.0)) * self.standard_error
        return self.value - reach, self.value + reach


@dataclass(frozen=True, eq=False)
class Influence:
    """A value and each path's influence on it.

    value: the measure
    psi:   (paths,) same unit; its mean, weighted as the paths are, is zero
    """

    value: float
    psi: Floats

    def __sub__(self, other: Influence) -> Influence:
        return Influence(self.value - other.value, self.psi - other.psi)


@dataclass(frozen=True)
class Undefined:
    """A measure that has no value here, and why."""

    reason: str


@dataclass(frozen=True, eq=False)
class Sample:
    """How the paths were drawn.

    weights: (paths,) ≥ 0, of any total (importance sampling, conditioning); None: all alike
    groups:  (paths,) whole numbers; paths of one group were drawn together (one Latin hypercube, one scrambling),
             groups independently of each other. Groups, each counted once, then replace paths in standard errors
    """

    weights: Floats | None = None
    groups: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if self.weights is None:
            return
        _refuse_not_finite(np.asarray(self.weights, dtype=np.float64), "weights")
        if np.any(self.weights < 0.0) or not np.any(self.weights > 0.0):
            raise DataError("weights of paths must be 0 or more, and not all 0.")

    def total(self, x: Floats) -> float:
        """Σ wᵢ xᵢ, with weights as given (1 where there are none)."""
        return float(strict_sum(x if self.weights is None else self.weights * x))

    def size(self, paths: int) -> float:
        """Σ wᵢ, with weights as given: the number of paths where there are none."""
        return float(paths) if self.weights is None else float(strict_sum(self.weights))

    def mean(self, x: Floats) -> float:
        """Σ wᵢ xᵢ / Σ wᵢ."""
        return self.total(x) / self.size(x.shape[0])

    def contributions(self, psi: Floats) -> Floats:
        """(paths,) what each path adds to the error: wᵢ ψᵢ / Σ w."""
        return (psi if self.weights is None else self.weights * psi) / self.size(psi.shape[0])

    def independent_parts(self, psi: Floats) -> Floats:
        """(groups,) the contributions of each group; (paths,) where every path is its own group."""
        parts = self.contributions(psi)
        if self.groups is None:
            return parts
        order = np.argsort(self.groups, kind="stable")
        edges = np.flatnonzero(np.diff(self.groups[order])) + 1
        return np.array([float(strict_sum(part)) for part in np.split(parts[order], edges)])


EQUAL = Sample()


def estimate(influence: Influence, sample: Sample = EQUAL, unit: str = "") -> Estimate:
    """The measure with its standard error, whatever the measure and however the paths were drawn.

    standard error = √( m/(m−1) × Σ cₖ² ), cₖ = Σ wᵢψᵢ / Σ w over the k-th of m independent parts: a path, or a group

    Without weights or groups this is √( Σψ² / (n(n−1)) ), with weights that of the self-normalised mean, with groups
    the spread between them. Like every first-order error it is silent on what no path has met: an event seen
    in none of n paths has standard error 0, and up to 3/n is compatible with it.

    >>> estimate(mean([1.0, 2.0, 3.0, 6.0]), unit="EUR")
    Estimate(value=3.0, standard_error=1.0801234497346432, unit='EUR', degrees_of_freedom=3.0)

    Source: Hampel, The influence curve and its role in robust estimation, JASA 69 (1974); groups as clusters: Liang &
    Zeger, Biometrika 73 (1986); weights: Owen, Monte Carlo theory, methods and examples, section 9.2
    """
    _check_paths(influence.psi.shape[0], sample)
    parts = sample.independent_parts(influence.psi)
    count = parts.shape[0]
    if count < 2:
        return Estimate(influence.value, math.inf, unit, 0.0)
    error = math.sqrt(count / (count - 1) * float(strict_sum(parts * parts)))
    return Estimate(influence.value, error, unit, float(count - 1))


def difference(a: Influence, b: Influence, sample: Sample = EQUAL, unit: str = "") -> Estimate:
    """a − b on the same paths: differences of values and of influences, so that what is common cancels.

    a, b: any two measures of the same paths

    >>> offer = np.array([10.0, 20.0, 60.0])
    >>> difference(mean(offer + 5.0), mean(offer))
    Estimate(value=5.0, standard_error=0.0, unit='', degrees_of_freedom=2.0)

    Source: as for `estimate`; common random numbers: Glasserman, Monte Carlo Methods in Financial Engineering, 4.1
    """
    return estimate(a - b, sample, unit)


def mean(x: ArrayLike, sample: Sample = EQUAL) -> Influence:
    """The expected value: Σ wᵢ xᵢ / Σ wᵢ, with influence xᵢ − mean.

    x: (paths,) any unit and sign

    >>> mean([1.0, 5.0], Sample(weights=np.array([3.0, 1.0]))).value
    2.0

    Source: definition
    """
    values = _outcomes(x, sample)
    centre = sample.mean(values)
    return Influence(centre, values - centre)


def probability(event: ArrayLike, sample: Sample = EQUAL) -> Influence:
    """How likely an event is: the (weighted) share of paths on which it is true.

    event: (paths,) true or false

    >>> probability(np.array([0.0, 3.0, 4.0, 9.0]) >= 4.0).value
    0.5

    Source: definition
    """
    if np.asarray(event).dtype != np.bool_:
        raise ValueError("an event is true or false on each path. Write a comparison, as in x >= 0.")
    return mean(event, sample)


def ratio(a: ArrayLike, b: ArrayLike, sample: Sample = EQUAL) -> Influence:
    """The ratio of expected values E[a] / E[b], with influence (a − ratio × b) / E[b].

    The expected margin is ratio(revenue − cost, revenue), not the mean of each path's margin.

    a, b: (paths,) any units and signs; E[b] is not 0

    >>> ratio([1.0, 5.0], [10.0, 10.0]).value
    0.3

    Source: Cochran, Sampling Techniques (1977), section 6.3 (the delta method)
    """
    above, below = _outcomes(a, sample), _outcomes(b, sample)
    base = sample.mean(below)
    if base == 0.0:
        raise DataError("the ratio has no value: the mean of its denominator is 0.")
    value = sample.mean(above) / base
    return Influence(value, (above - value * below) / base)


def variance(x: ArrayLike, sample: Sample = EQUAL) -> Influence:
    """The mean square distance from the mean, with influence (x − mean)² − variance.

    The divisor is Σ w, not n − 1: a weight of 2 is the same as the path twice.

    x: (paths,) any unit; the result has its square

    >>> variance([1.0, 3.0, 5.0, 7.0]).value
    5.0

    Source: Hampel (1974)
    """
    values = _outcomes(x, sample)
    distances = values - sample.mean(values)
    squares = distances * distances
    value = sample.mean(squares)
    return Influence(value, squares - value)


def standard_deviation(x: ArrayLike, sample: Sample = EQUAL) -> Influence:
    """The root of `variance`, with influence of the variance / (2 × standard deviation); 0 where nothing varies.

    x: (paths,) any unit

    >>> standard_deviation([1.0, 1.0, 5.0, 5.0]).value
    2.0

    Source: Hampel (1974)
    """
    square = variance(x, sample)
    value = math.sqrt(square.value)
    return Influence(value, square.psi / (2.0 * value) if value > 0.0 else square.psi)


def quantile(x: ArrayLike, p: float, sample: Sample = EQUAL) -> Influence:
    """The smallest outcome q that a share p of the paths does not exceed, with influence (F(q) − 1{x ≤ q}) / f(q).

    Equality: where exactly p of the paths lie at or below an outcome, that outcome is the quantile. p is read as
    the fraction it stands for, so that 0.05 of 100 paths are 5 paths. 1/f is the slope of the sorted outcomes across
    a window about q: where all of these share one value (a capped payment) the standard error is 0.

    x: (paths,) any unit
    p: between 0 and 1, both excluded

    >>> quantile([4.0, 1.0, 3.0, 2.0], 0.5).value
    2.0

    Source: Hyndman & Fan, Sample quantiles in statistical packages (1996), definition 1; the slope: Siddiqui (1960);
    the window: Hall & Sheather, On the distribution of a studentized quantile, JRSS B 50 (1988)
    """
    values = _outcomes(x, sample)
    ordered, weights = _ranked(values, sample)
    share = float(_share(p))
    value = float(ordered[_rank(weights, _mass(_share(p), weights))])
    reached = (values <= value).astype(np.float64)
    parts = sample.contributions(share - reached)
    equivalent = share * (1.0 - share) / float(strict_sum(parts * parts))  # so many equal paths know F(q) as well
    slope = _slope(ordered, weights, share, equivalent)
    return Influence(value, slope * (sample.mean(reached) - reached))


def var(x: ArrayLike, level: float, sample: Sample = EQUAL) -> Influence:
    """Value at risk in the sign of the ledger: the best outcome of the worst part, `quantile` at 1 − level.

    x:     (paths,) money, positive = good for the supplier
    level: 0.95 means the worst 5%

    >>> var([-50, -20, -10, 0, 5, 10, 20, 30, 40, 75], 0.8).value
    -20.0

    Source: McNeil, Frey & Embrechts, Quantitative Risk Management (2015), section 2.3
    """
    return quantile(x, float(1 - _share(level)), sample)


def cvar(x: ArrayLike, level: float, sample: Sample = EQUAL) -> Influence:
    """The mean of the worst part, in the sign of the ledger: q + E[min(x − q, 0)] / (1 − level), q the value at risk.

    A path on the edge of the worst part counts with the fraction that fills it. TVaR and expected shortfall are the
    same thing. Influence: q + min(x − q, 0) / (1 − level) − cvar.

    x:     (paths,) money, positive = good for the supplier
    level: 0.95 means the worst 5%

    >>> cvar([-50, -20, -10, 0, 5, 10, 20, 30, 40, 75], 0.8).value
    -35.0

    Source: Acerbi & Tasche, On the coherence of expected shortfall, Journal of Banking & Finance 26 (2002)
    """
    values = _outcomes(x, sample)
    ordered, weights = _ranked(values, sample)
    part = 1 - _share(level)
    mass = _mass(part, weights)
    edge = float(ordered[_rank(weights, mass)])
    short = np.where(values < edge, values - edge, 0.0)
    value = edge + sample.total(short) / mass
    return Influence(value, edge - value + short / float(part))


def _ranked(values: Floats, sample: Sample) -> tuple[Floats, Floats]:
    """Outcomes that have weight, ascending, and the weight up to and including each."""
    order = np.argsort(values, kind="stable")
    if sample.weights is None:
        return values[order], np.arange(1.0, len(values) + 1.0)
    order = order[sample.weights[order] > 0.0]
    return values[order], np.add.accumulate(sample.weights[order])


def _mass(share: Fraction, weights: Floats) -> float:
    """That share of all weight, rounded once: 0.05 of 100 paths is 5, not 5.000000000000004."""
    return float(share * Fraction(float(weights[-1])))


def _rank(weights: Floats, mass: float) -> int:
    """The first place at which the weight reaches this mass; the last place beyond the end."""
    return min(int(np.searchsorted(weights, mass)), len(weights) - 1)


def _slope(ordered: Floats, weights: Floats, share: float, equivalent: float) -> float:
    """dq/dp, by how much the sorted outcomes rise across a window about the quantile, per share of weight.

    The window is m paths to either side, m³ = 4k², k the paths in the smaller tail. It is Hall and Sheather's for a
    95% interval and normal outcomes, n^(2/3) 1.96^(2/3) (1.5 φ²/(2z²+1))^(1/3), within 8% for p from 0.01 to 0.99,
    found by counting instead of logarithms and powers.
    """
    tail = equivalent * min(share, 1.0 - share)
    half = bisect_left(range(int(tail) + 5), 4.0 * tail * tail, key=lambda m: m * m * m) / equivalent
    low, high = (_rank(weights, at * float(weights[-1])) for at in (share - half, share + half))
    if low == high:
        return 0.0
    return float((ordered[high] - ordered[low]) / (weights[high] - weights[low]) * weights[-1])


def irr(cash: ArrayLike, years: ArrayLike, sample: Sample = EQUAL) -> Influence | Undefined:
    """The internal rate of return of the expected cash flows: the r with Σ m(t) (1+r)^−t = 0, m(t) = E[cash at t].

    It is `Undefined`, with the reason, unless m changes sign once (then no other rate above −100% fits) or the sum of m
    up to each date does (then no other rate above 0 fits). Its influence, by the implicit function theorem, is
    Σ cash(t) (1+r)^−t / Σ t m(t) (1+r)^−(t+1).

    cash:    (dates, paths) money, positive = received by the supplier
    years:   (dates,) ascending; what counts is the time between dates
    returns: a rate a year as a fraction, 0.1 = 10%

    >>> round(irr([[-100.0, -100.0], [0.0, 0.0], [100.0, 142.0]], [0.0, 1.0, 2.0]).value, 12)
    0.1
    >>> irr([[-100.0], [230.0], [-132.0]], [0.0, 1.0, 2.0])
    Undefined(reason='expected cash changes sign 2 times, its running sum 2 times: no single rate.')

    Source: Norstrom, A sufficient condition for a unique nonnegative internal rate of return, JFQA 7 (1972); Descartes'
    rule of signs, which holds for real exponents too
    """
    flows, times = _cash(cash, years, sample)
    totals = np.array([sample.total(flow) for flow in flows])  # signs of totals, not means: exact for whole amounts
    turns, running = _sign_changes(totals), _sign_changes(np.add.accumulate(totals))
    if turns == 0:
        return Undefined("expected cash never changes sign: no rate makes its value 0.")
    if turns > 1 and running != 1:
        counts = f"expected cash changes sign {turns} times, its running sum {running} times"
        return Undefined(f"{counts}: no single rate.")
    return _solve_irr(flows, totals / sample.size(flows.shape[1]), times, sample)


def _solve_irr(flows: Floats, means: Floats, times: Floats, sample: Sample) -> Influence:
    """The rate by its base in (0, 1]: 1/(1+r) where the total turns from the sign of the first flow, else 1+r."""
    signed = means[means != 0.0]
    growing = float(strict_sum(means)) * signed[0] <= 0.0
    exponents, first = (times - times[0], signed[0]) if growing else (times[-1] - times, signed[-1])
    low, base = 0.0, 1.0
    while low < (middle := (low + base) / 2.0) < base:
        if float(strict_sum(means * _power(middle, exponents))) * first > 0.0:
            low = middle
        else:
            base = middle
    factors = _power(base, exponents)
    slope = float(strict_sum(exponents * means * factors)) / base
    values = np.zeros(flows.shape[1])
    for factor, flow in zip(factors.tolist(), flows, strict=True):
        values += factor * flow
    values -= sample.mean(values)
    if growing:
        return Influence(1.0 / base - 1.0, values / (slope * base * base))
    return Influence(base - 1.0, -values / slope)


def _power(base: float, exponents: Floats) -> Floats:
    """A base in (0, 1] to exponents of 0 or more: squares for whole years, square roots for the rest, no logarithm."""
    whole = np.floor(exponents)
    rest = exponents - whole
    result, square, root = np.ones_like(exponents), base, base
    while np.any(whole > 0.0):
        half = np.floor(whole / 2.0)
        result = np.where(whole > 2.0 * half, result * square, result)
        whole, square = half, square * square
    while np.any(rest > 0.0):
        root, rest = math.sqrt(root), 2.0 * rest
        result = np.where(rest >= 1.0, result * root, result)
        rest = np.where(rest >= 1.0, rest - 1.0, rest)
    return result


def _sign_changes(x: Floats) -> int:
    """How often the sign turns, zeros left out."""
    signs = x[x != 0.0] > 0.0
    return int(np.count_nonzero(signs[1:] != signs[:-1]))


@dataclass(frozen=True, eq=False)
class Payback:
    """When the money is back, for the expected cash flows and path by path.

    expected: the year from which the running sum of expected cash stays 0 or more; None if it ends below
    share:    the probability that a path pays back
    median:   the year by which half of all paths have paid back for good; None if fewer than half do
    """

    expected: float | None
    share: Influence
    median: Influence | None


def payback(cash: ArrayLike, years: ArrayLike, sample: Sample = EQUAL) -> Payback:
    """When the cash spent is back for good (see `Payback`); the equality side is with the supplier: 0 is paid back.

    cash:  (dates, paths) money, positive = received by the supplier
    years: (dates,) ascending

    >>> result = payback([[-4.0, -4.0, -4.0], [3.0, 5.0, 1.0], [3.0, 5.0, 1.0]], [0.0, 1.0, 2.0])
    >>> result.expected, result.share.value == 2 / 3, result.median.value
    (2.0, True, 2.0)

    Source: definition
    """
    flows, times = _cash(cash, years, sample)
    expected = float(payback_years([[sample.total(flow)] for flow in flows], times)[0])  # as in irr: sums, not means
    by_path = payback_years(flows, times)
    share = probability(np.isfinite(by_path), sample)
    median = None
    if share.value >= 0.5:  # then the paths that never pay back lie above the median, wherever they are put
        median = quantile(np.where(np.isfinite(by_path), by_path, times[-1]), 0.5, sample)
    return Payback(expected if math.isfinite(expected) else None, share, median)


def payback_years(cash: ArrayLike, years: ArrayLike) -> Floats:
    """The first date from which cumulative cash stays 0 or more, path by path; infinite where it ends below 0.

    cash:    (dates, paths) money, positive = received by the supplier
    years:   (dates,) ascending
    returns: (paths,) one of the years, or inf

    >>> payback_years([[-1.0, -1.0], [2.0, 0.5], [-1.0, 0.0]], [0.0, 0.5, 1.0])
    array([0.5, inf])

    Source: definition
    """
    flows, times = _cash(cash, years, EQUAL)
    running, since = np.zeros(flows.shape[1]), np.full(flows.shape[1], math.inf)
    for flow, year in zip(flows, times.tolist(), strict=True):
        running += flow
        since = np.where(running < 0.0, math.inf, np.where(since < year, since, year))
    return since


def deepest_trough(cash: ArrayLike) -> Floats:
    """The lowest point of cumulative cash, path by path: the money a supplier must be able to advance.

    It counts the 0 before the first date, so it is never above 0. Its mean, quantile or cvar are ordinary measures.

    cash:    (dates, paths) money, positive = received by the supplier
    returns: (paths,) money, 0 or less

    >>> deepest_trough([[-3.0, 1.0], [-1.0, 1.0], [9.0, -1.0]])
    array([-4.,  0.])

    Source: definition
    """
    flows = _finite(cash)
    running, deepest = np.zeros(flows.shape[1]), np.zeros(flows.shape[1])
    for flow in flows:
        running += flow
        deepest = np.where(running < deepest, running, deepest)
    return deepest


def _share(level: float) -> Fraction:
    """The fraction a level stands for: 0.05, and 1 − 0.95 as computers have it, are both 1/20."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"a level or share lies between 0 and 1, both excluded; {level} does not. Write 0.95 for 95%.")
    share = Fraction(level).limit_denominator(10**9)
    return share if 0 < share < 1 else Fraction(level)


def _outcomes(x: ArrayLike, sample: Sample) -> Floats:
    """x as (paths,) finite numbers, as many as the sample has."""
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 1 or values.shape[0] == 0:
        raise ValueError(f"a measure needs one number per path, (paths,); this has the shape {values.shape}.")
    _refuse_not_finite(values, "outcomes")
    _check_paths(values.shape[0], sample)
    return values


def _cash(cash: ArrayLike, years: ArrayLike, sample: Sample) -> tuple[Floats, Floats]:
    """Cash as (dates, paths) and years as (dates,), checked against each other and the sample."""
    flows, times = _finite(cash), np.asarray(years, dtype=np.float64)
    if times.shape != flows.shape[:1] or not np.all(np.isfinite(times)) or np.any(np.diff(times) <= 0.0):
        raise ValueError(f"{flows.shape[0]} dates of cash need as many years, each later than the one before.")
    _check_paths(flows.shape[1], sample)
    return flows, times


def _finite(cash: ArrayLike) -> Floats:
    """Cash as (dates, paths) finite numbers."""
    flows = np.asarray(cash, dtype=np.float64)
    if flows.ndim != 2 or flows.size == 0:
        raise ValueError(f"cash has the shape (dates, paths), at least one of each; this has {flows.shape}.")
    _refuse_not_finite(flows, "cash flows")
    return flows


def _refuse_not_finite(x: Floats, what: str) -> None:
    bad = np.flatnonzero(~np.isfinite(x))
    if len(bad):
        first = int((bad % x.shape[-1]).min())
        raise DataError(f"{len(bad)} of {x.size} {what} are not finite, first on path {first} (paths count from 0).")


def _check_paths(paths: int, sample: Sample) -> None:
    for name, given in (("weights", sample.weights), ("groups", sample.groups)):
        if given is not None and np.shape(given) != (paths,):
            raise ValueError(f"{paths} paths need {name} of the shape ({paths},); these have {np.shape(given)}.")
