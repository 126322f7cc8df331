"""What the supplier's cash comes to over time: internal rate of return, payback, and the deepest trough.

Taken of dated cash, (dates, paths), in the sign of the ledger; standard errors by influence, as in `gainsim.measures`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gainsim.measures import Undefined, probability, quantile
from gainsim.sample import EQUAL, Influence, Sample, check_paths, refuse_not_finite
from gainsim.sums import strict_sum

Floats = NDArray[np.float64]
#: more than this a year is no return on money that is out: hardly any is, or it comes in before it goes out
HIGHEST_RETURN = 10.0
#: less than this is none either: pay comes first, and a small credit follows it
LOWEST_RETURN = -0.99


def irr(cash: ArrayLike, years: ArrayLike, sample: Sample = EQUAL) -> Influence | Undefined:
    """The internal rate of return of the expected cash flows: the r with Σ m(t) (1+r)^−t = 0, m(t) = E[cash at t].

    It is `Undefined`, with the reason, unless m changes sign once (then no other rate above −100% fits), or its running
    balance, added up over time, does (then no other rate above 0 fits): costs and pay may alternate every month; where r
    would be more than `HIGHEST_RETURN` or less than `LOWEST_RETURN`. Its influence, by the implicit function theorem, is
    Σ cash(t) (1+r)^−t / Σ t m(t) (1+r)^−(t+1).

    cash:    (dates, paths) money, positive = received by the supplier
    years:   (dates,) ascending; what counts is the time between dates
    returns: a rate a year as a fraction, 0.1 = 10%

    >>> round(irr([[-100.0, -100.0], [0.0, 0.0], [100.0, 142.0]], [0.0, 1.0, 2.0]).value, 12)
    0.1
    >>> irr([[-100.0], [230.0], [-132.0]], [0.0, 1.0, 2.0])
    Undefined(reason='expected cash changes sign 2 times, its balance added up over time 2 times: no single rate.')

    Source: Descartes' rule of signs, which holds for real exponents too; Pratt and Hammond, Evaluating and comparing
    projects: simple detection of false alarms, Journal of Finance 34 (1979), after Norstrom, JFQA 7 (1972)
    """
    flows, times = _cash(cash, years, sample)
    totals = sample.totals(flows)  # signs of totals, not means: exact for whole amounts
    turns, above_zero = _sign_changes(totals), _most_rates_above_zero(totals, times)
    if turns == 0:
        return Undefined("expected cash never changes sign: no rate makes its value 0.")
    if turns == 1 or above_zero == 1 or (above_zero == 0 and _most_rates_below_zero(totals, times) == 1):
        found = _solve_irr(flows, totals / sample.size(flows.shape[1]), times, sample)
        if found.value < LOWEST_RETURN:
            return Undefined(f"it would be below {100.0 * LOWEST_RETURN:.0f}% a year: hardly any of what moves first comes back.")
        if found.value <= HIGHEST_RETURN:
            return found
        return Undefined(f"it would be more than {100.0 * HIGHEST_RETURN:,.0f}% a year, where hardly any money is out.")
    counts = f"expected cash changes sign {turns} times, its balance added up over time {above_zero} times"
    return Undefined(f"{counts}: no single rate.")


def _most_rates_above_zero(totals: Floats, times: Floats) -> int:
    """No more rates above 0 fit than the balance, added up over time, changes its sign; as many, or less by 2, 4, …

    With s = log(1+r), the value of the cash over s² is the Laplace transform of that sum, whose signs it cannot exceed.
    """
    balance = np.add.accumulate(totals)
    over_time = np.add.accumulate(balance[:-1] * np.diff(times))
    return _sign_changes(np.append(over_time, balance[-1]))  # beyond the last date the last balance decides


def _most_rates_below_zero(totals: Floats, times: Floats) -> int:
    """The same with time turned round: where 1+r is below 1, its inverse is above."""
    return _most_rates_above_zero(totals[::-1], times[-1] - times[::-1])


def _solve_irr(flows: Floats, means: Floats, times: Floats, sample: Sample) -> Influence:
    """The rate by its base in (0, 1]: 1/(1+r) where the total turns from the sign of the first flow, else 1+r."""
    signed = means[means != 0.0]
    growing = float(strict_sum(means)) * signed[0] <= 0.0
    exponents, first = (times - times[0], signed[0]) if growing else (times[-1] - times, signed[-1])
    digits = _digits(exponents)
    low, base = 0.0, 1.0
    while low < (middle := (low + base) / 2.0) < base:
        if float(strict_sum(means * _power(middle, digits))) * first > 0.0:
            low = middle
        else:
            base = middle
    factors = _power(base, digits)
    slope = float(strict_sum(exponents * means * factors)) / base
    values = np.zeros(flows.shape[1])
    for factor, flow in zip(factors.tolist(), flows, strict=True):
        values += factor * flow
    values -= sample.mean(values)
    if growing:
        return Influence(1.0 / base - 1.0, values / (slope * base * base))
    return Influence(base - 1.0, -values / slope)


@dataclass(frozen=True, eq=False)
class _Digits:
    """Exponents by their binary digits: of the whole part from its lowest, of the rest from its highest.

    whole, rest: a digit of every exponent, (exponents,), true where it is 1
    """

    count: int
    whole: list[NDArray[np.bool_]]
    rest: list[NDArray[np.bool_]]


def _digits(exponents: Floats) -> _Digits:
    """The digits of exponents of 0 or more."""
    found = _Digits(len(exponents), [], [])
    whole = np.floor(exponents)
    rest = exponents - whole
    while np.any(whole > 0.0):
        half = np.floor(whole / 2.0)
        found.whole.append(whole > 2.0 * half)
        whole = half
    while np.any(rest > 0.0):
        rest = 2.0 * rest
        found.rest.append(rest >= 1.0)
        rest = np.where(rest >= 1.0, rest - 1.0, rest)
    return found


def _power(base: float, digits: _Digits) -> Floats:
    """A base in (0, 1] to some exponents: squares for whole years, square roots for the rest, no logarithm."""
    result, square, root = np.ones(digits.count), base, base
    for digit in digits.whole:
        np.multiply(result, square, out=result, where=digit)
        square *= square
    for digit in digits.rest:
        root = math.sqrt(root)
        np.multiply(result, root, out=result, where=digit)
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
    expected = float(payback_years(sample.totals(flows)[:, None], times)[0])  # as in irr: sums, not means
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


def _cash(cash: ArrayLike, years: ArrayLike, sample: Sample) -> tuple[Floats, Floats]:
    """Cash as (dates, paths) and years as (dates,), checked against each other and the sample."""
    flows, times = _finite(cash), np.asarray(years, dtype=np.float64)
    if times.shape != flows.shape[:1] or not np.all(np.isfinite(times)) or np.any(np.diff(times) <= 0.0):
        raise ValueError(f"{flows.shape[0]} dates of cash need as many years, each later than the one before.")
    check_paths(flows.shape[1], sample)
    return flows, times


def _finite(cash: ArrayLike) -> Floats:
    """Cash as (dates, paths) finite numbers."""
    flows = np.asarray(cash, dtype=np.float64)
    if flows.ndim != 2 or flows.size == 0:
        raise ValueError(f"cash has the shape (dates, paths), at least one of each; this has {flows.shape}.")
    refuse_not_finite(flows, "cash flows")
    return flows
