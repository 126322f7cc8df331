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

from gainsim import ops
from gainsim.errors import DataError
from gainsim.sample import EQUAL, Influence, Sample, check_paths, refuse_not_finite
from gainsim.sums import strict_sum

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number from a simulation, with its doubt.

    value:              in its unit, in the sign of the ledger
    standard_error:     same unit; infinite where too few paths or groups stand behind the value to tell
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

    @property
    def sign_is_right(self) -> float:
        """How likely the true value has the sign of this one: Student's distribution at |value| / standard error.

        >>> round(Estimate(2.0, 1.0, degrees_of_freedom=9_999).sign_is_right, 3), Estimate(3.0, 0.0).sign_is_right
        (0.977, 1.0)
        """
        from scipy.special import stdtr

        if self.standard_error == 0.0:
            return 1.0 if self.value else 0.5
        return float(stdtr(self.degrees_of_freedom, abs(self.value) / self.standard_error))


@dataclass(frozen=True)
class Undefined:
    """A measure that has no value here, and why."""

    reason: str


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
    check_paths(influence.psi.shape[0], sample)
    parts = sample.independent_parts(influence.psi)
    count = parts.shape[0]
    degrees = float(count - 1 - influence.spent)
    if count < 2 or not influence.known:
        return Estimate(influence.value, math.inf, unit, degrees)
    error = math.sqrt(count / (count - 1) * float(strict_sum(parts * parts)))
    return Estimate(influence.value, error, unit, degrees)


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
    """The expected value: Σ wᵢ xᵢ / Σ wᵢ, with influence xᵢ − mean; adjusted by the sample's control variates.

    x: (paths,) any unit and sign

    >>> mean([1.0, 5.0], Sample(weights=np.array([3.0, 1.0]))).value
    2.0

    Source: definition
    """
    return sample.adjusted(_as_drawn(_outcomes(x, sample), sample))


def _as_drawn(values: Floats, sample: Sample) -> Influence:
    centre = sample.mean(values)
    return Influence(centre, values - centre)


def probability(event: ArrayLike, sample: Sample = EQUAL) -> Influence:
    """How likely an event is: the (weighted) share of paths on which it is true. Control variates leave it as it is drawn.

    event: (paths,) true or false

    >>> probability(np.array([0.0, 3.0, 4.0, 9.0]) >= 4.0).value
    0.5

    Source: definition
    """
    if np.asarray(event).dtype != np.bool_:
        raise ValueError("an event is true or false on each path. Write a comparison, as in x >= 0.")
    return _as_drawn(_outcomes(event, sample), sample)


def ratio(a: ArrayLike, b: ArrayLike, sample: Sample = EQUAL) -> Influence:
    """The ratio of expected values E[a] / E[b], with influence (a − ratio × b) / E[b].

    The expected margin is ratio(revenue − cost, revenue), not the mean of each path's margin.

    a, b: (paths,) any units and signs; E[b] is not 0

    >>> ratio([1.0, 5.0], [10.0, 10.0]).value
    0.3

    Source: Cochran, Sampling Techniques (1977), section 6.3 (the delta method)
    """
    above, below = mean(a, sample), mean(b, sample)
    if below.value == 0.0:
        raise DataError("the ratio has no value: the mean of its denominator is 0.")
    return above.over(below)


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
    a window about q: where all of these share one value (a capped payment) the standard error is 0. It is not known
    where q is the lowest or the highest path: beyond it there is nothing to tell the slope from.

    x: (paths,) any unit
    p: between 0 and 1, both excluded

    >>> quantile([4.0, 1.0, 3.0, 2.0], 0.5).value
    2.0

    Source: Hyndman & Fan, Sample quantiles in statistical packages (1996), definition 1; the slope: Siddiqui (1960);
    the window: Hall & Sheather, On the distribution of a studentized quantile, JRSS B 50 (1988)
    """
    values = _outcomes(x, sample)
    ascending, share = _Ascending(values, sample), float(_share(p))
    rank = ascending.rank(ascending.mass(_share(p)))
    value = ascending.value(rank)
    reached = (values <= value).astype(np.float64)
    parts = sample.contributions(share - reached)
    equivalent = share * (1.0 - share) / float(strict_sum(parts * parts))  # so many equal paths know F(q) as well
    slope = _slope(ascending, share, equivalent)
    return Influence(value, slope * (sample.mean(reached) - reached), known=0 < rank < ascending.last)


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
    same thing. Influence: q + min(x − q, 0) / (1 − level) − cvar; not known where one path alone makes the worst part.

    x:     (paths,) money, positive = good for the supplier
    level: 0.95 means the worst 5%

    >>> cvar([-50, -20, -10, 0, 5, 10, 20, 30, 40, 75], 0.8).value
    -35.0

    Source: Acerbi & Tasche, On the coherence of expected shortfall, Journal of Banking & Finance 26 (2002)
    """
    values = _outcomes(x, sample)
    ascending, part = _Ascending(values, sample), 1 - _share(level)
    mass = ascending.mass(part)
    rank = ascending.rank(mass)
    edge = ascending.value(rank)
    short = np.where(values < edge, values - edge, 0.0)
    value = edge + sample.total(short) / mass
    return Influence(value, edge - value + short / float(part), known=rank > 0)


def certainty_equivalent(x: ArrayLike, aversion: float, sample: Sample = EQUAL) -> Influence:
    """What an uncertain result is worth to who is averse to risk: −log E[exp(−a x)] / a; without aversion, its mean.

    Influence: (1 − exp(−a (x − value))) / a.

    x:        (paths,) money, positive = good for who has it
    aversion: a, per unit of it, 0 or more

    >>> round(certainty_equivalent([0.0, 2.0], 1.0).value, 4)
    0.5662

    Source: Pratt, Risk aversion in the small and in the large, Econometrica 32 (1964)
    """
    if aversion == 0.0:
        return mean(x, sample)
    values = _outcomes(x, sample)
    least = float(values.min())
    expected = np.array([sample.mean(ops.exp(-aversion * (values - least)))])
    value = least - float(ops.log(expected)[0]) / aversion
    return Influence(value, (1.0 - ops.exp(-aversion * (values - value))) / aversion)


class _Ascending:
    """Outcomes that have weight, the lowest first, equal ones as they are drawn. Those that weigh alike are never sorted:
    of so many only a few are asked for.

    last: the last place; places count from 0
    """

    def __init__(self, values: Floats, sample: Sample) -> None:
        self._values, self._reached = values, None
        if sample.weights is not None:
            order = np.argsort(values, kind="stable")
            order = order[sample.weights[order] > 0.0]
            self._values, self._reached = values[order], np.add.accumulate(sample.weights[order])
        self.last = len(self._values) - 1

    def value(self, rank: int) -> float:
        """The outcome at a place."""
        if self._reached is not None:
            return float(self._values[rank])
        value = float(np.partition(self._values, rank)[rank])
        if value == 0.0:  # of either sign: the one that is drawn as late as its place says
            return float(self._values[self._values == 0.0][rank - np.count_nonzero(self._values < 0.0)])
        return value

    def reached(self, rank: int) -> float:
        """The weight up to and including a place."""
        return rank + 1.0 if self._reached is None else float(self._reached[rank])

    def mass(self, share: Fraction) -> float:
        """That share of all weight, rounded once: 0.05 of 100 paths is 5, not 5.000000000000004."""
        return float(share * Fraction(self.reached(self.last)))

    def rank(self, mass: float) -> int:
        """The first place at which the weight reaches this mass; the last place beyond the end."""
        found = math.ceil(mass) - 1 if self._reached is None else int(np.searchsorted(self._reached, mass))
        return min(max(found, 0), self.last)


def _slope(ascending: _Ascending, share: float, equivalent: float) -> float:
    """dq/dp, by how much the sorted outcomes rise across a window about the quantile, per share of weight.

    The window is m paths to either side, m³ = 4k², k the paths in the smaller tail. It is Hall and Sheather's for a
    95% interval and normal outcomes, n^(2/3) 1.96^(2/3) (1.5 φ²/(2z²+1))^(1/3), within 8% for p from 0.01 to 0.99,
    found by counting instead of logarithms and powers.
    """
    tail = equivalent * min(share, 1.0 - share)
    half = bisect_left(range(int(tail) + 5), 4.0 * tail * tail, key=lambda m: m * m * m) / equivalent
    whole = ascending.reached(ascending.last)
    low, high = (ascending.rank(at * whole) for at in (share - half, share + half))
    if low == high:
        return 0.0
    rise = ascending.value(high) - ascending.value(low)
    return rise / (ascending.reached(high) - ascending.reached(low)) * whole


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
    refuse_not_finite(values, "outcomes")
    check_paths(values.shape[0], sample)
    return values
