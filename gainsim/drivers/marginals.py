"""Distributions: each a function of one normal score, with its mean and median.

Draws come first, values later: whatever couples, stratifies or shifts the draws works on the scores, and every
distribution is a monotone function of its own score. Written in the vocabulary, set up in strict arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim import ops
from gainsim.drivers import families, finding, steps
from gainsim.drivers.families import Tail
from gainsim.drivers.scores import Scores, spaced
from gainsim.offer import distributions as written
from gainsim.offer.families import Family
from gainsim.ops import Value, kernels, scalars
from gainsim.streams.tables import HIGHEST, beta_table

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Marginal:
    """A distribution.

    quantile: from a normal score, and `further` scores of its own where it needs more than one, to the value
    mode:     only where one is declared
    edges:    of single values: the scores above which the next one holds
    below, above: the tails of a family, where they are heavy
    order:    that from which on its moments are infinite: it has a mean above 1, a standard deviation above 2
    parts:    of a mixture
    of_uniform: the value of the uniform that a score is made of, where that is less to reckon than the value of the score
    """

    quantile: Callable[..., Value]
    mean: float
    median: float
    mode: float | None = None
    further: int = 0
    edges: Floats | None = None
    below: Tail | None = None
    above: Tail | None = None
    order: float = math.inf
    parts: tuple[Marginal, ...] = ()
    of_uniform: Callable[[Value], Value] | None = None

    def central(self, choice: str | float | None) -> float:
        """The declared central value: mean, median, mode or a number."""
        if not isinstance(choice, str):
            assert choice is not None
            return float(choice)
        value = getattr(self, choice)
        if value is None:
            raise ValueError("this distribution has no declared mode. Write central: mean, median or a number.")
        if not math.isfinite(value):
            raise ValueError(f"no finite {choice} of this distribution is known. Write another central value, or a number.")
        return float(value)

    def at(self, z: float, *further: float) -> float:
        """The value of one score, and of those of its own."""
        return float(np.asarray(self.quantile(*(np.array([score]) for score in (z, *further))))[0])

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest value that is ever drawn."""
        if self.parts:
            low, high = zip(*(part.ends for part in self.parts), strict=True)
            return min(low), max(high)
        scores = (-HIGHEST, HIGHEST)
        values = [self.at(z, *[other] * self.further) for z in scores for other in scores]
        return min(values), max(values)

    def average(self, of: Callable[[Value], Value], stride: float) -> Floats:
        """The mean of a function of the value, (n,) → (n, …), summed up over the last one's axes apart.

        Single values count with their chances; else it is taken over scores a stride apart.
        """
        if self.further:
            raise ValueError("what is drawn by several scores, a mixture or a compound sum, has no mean here. Write a number.")
        scores = spaced(stride) if self.edges is None else _of_single_values(self.edges)
        return scores.mean(np.asarray(of(np.asarray(self.quantile(scores.at)))))


def _of_single_values(edges: Floats) -> Scores:
    """A score for each value, and the chance of it."""
    below = np.append(kernels.norm_cdf(edges), 1.0)
    return Scores(np.append(edges, HIGHEST), below - np.append(0.0, below[:-1]))


def normal(p: written.Normal) -> Marginal:
    """mean + sd z."""
    if p.percentiles is not None:
        (low, below), (high, above) = sorted(p.percentiles.items())
        z_low, z_high = scalars.norm_ppf(low), scalars.norm_ppf(high)
        sd = (above - below) / (z_high - z_low)
        return _normal(below - sd * z_low, sd)
    assert p.mean is not None
    assert p.sd is not None
    return _normal(p.mean, p.sd)


def _normal(mean: float, sd: float) -> Marginal:
    return Marginal(lambda z: mean + sd * z, mean, mean)


def lognormal(p: written.Lognormal) -> Marginal:
    """low + exp(m + s z). With mean M and deviation D of the value itself, s² = ln(1 + D²/M²) and m = ln M - s²/2.

    Through two percentiles the log is a straight line. Through three, low is where their distances from it stand in the
    proportion of a lognormal: it is found between them and far below.
    """
    low = 0.0
    if p.mean is not None and p.sd is not None:
        variance = scalars.log(1.0 + (p.sd / p.mean) * (p.sd / p.mean))
        m, s = scalars.log(p.mean) - 0.5 * variance, math.sqrt(variance)
    elif p.median is not None and p.p90 is not None:
        m, s = scalars.log(p.median), scalars.log(p.p90 / p.median) / scalars.norm_ppf(0.9)
    elif p.percentiles is not None:
        low, m, s = _log_line(sorted(p.percentiles.items()))
    else:
        assert p.log_mean is not None
        assert p.log_sd is not None
        m, s = p.log_mean, p.log_sd
    shape = Marginal(lambda z: ops.exp(m + s * z), scalars.exp(m + 0.5 * s * s), scalars.exp(m))
    return shape if low == 0.0 else Marginal(lambda z: low + ops.exp(m + s * z), low + shape.mean, low + shape.median)


def _log_line(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """low, m and s of the lognormal distribution through these percentiles."""
    z, x = [scalars.norm_ppf(chance) for chance, _ in points], [value for _, value in points]
    if len(points) == 2:
        if not x[0] > 0.0:
            raise ValueError(f"a lognormal value is above 0; {x[0]:g} is written. Three percentiles may lie anywhere.")
        s = scalars.log(x[1] / x[0]) / (z[1] - z[0])
        return 0.0, scalars.log(x[0]) - s * z[0], s

    def apart(s: float) -> float:
        e = [scalars.exp(s * score) for score in z]
        return (e[2] - e[1]) / (e[1] - e[0]) - (x[2] - x[1]) / (x[1] - x[0])

    try:
        s = scalars.root(apart, 1e-6, 20.0)
    except ValueError:
        raise ValueError(
            "a lognormal leans to the right; of these percentiles the lower two lie as far apart, or farther. Write skew_normal."
        ) from None
    scale = (x[2] - x[0]) / (scalars.exp(s * z[2]) - scalars.exp(s * z[0]))
    return x[0] - scale * scalars.exp(s * z[0]), scalars.log(scale), s


def uniform(p: written.Uniform) -> Marginal:
    """low + (high - low) Φ(z)."""
    width = p.high - p.low
    middle = 0.5 * (p.low + p.high)
    return Marginal(
        lambda z: p.low + width * ops.norm_cdf(z), middle, middle, of_uniform=lambda u: p.low + width * u
    )


def exponential(p: written.Exponential) -> Marginal:
    """-mean × ln(1 - Φ(z))."""
    return Marginal(
        lambda z: p.mean * families.exponential(z),
        p.mean,
        p.mean * scalars.log(2.0),
        of_uniform=lambda u: -p.mean * ops.log(1.0 - u),
    )


def triangular(p: written.Triangular) -> Marginal:
    """The square root of the probability, rising from low, falling to high; the smaller tail is always used."""
    width, rise, fall = p.high - p.low, p.mode - p.low, p.high - p.mode
    edge = rise / width

    def quantile(z: Value) -> Value:
        below, above = ops.norm_cdf(z), ops.norm_cdf(-z)
        left = p.low + ops.sqrt(below * (width * rise))
        right = p.high - ops.sqrt(above * (width * fall))
        return ops.where(below < edge, left, right)

    median = p.low + math.sqrt(0.5 * width * rise) if edge > 0.5 else p.high - math.sqrt(0.5 * width * fall)
    return Marginal(quantile, (p.low + p.mode + p.high) / 3.0, median, p.mode)


def beta(p: written.Beta) -> Marginal:
    """low + (high - low) B(z), B a table of the beta quantile over the normal score."""
    return _stretched_beta(p.alpha, p.beta, p.low, p.high, None)


def pert(p: written.Pert) -> Marginal:
    """A beta with alpha = 1 + 4 (mode - low) / width, beta = 1 + 4 (high - mode) / width (Malcolm and others, 1959)."""
    width = p.high - p.low
    return _stretched_beta(
        1.0 + 4.0 * (p.mode - p.low) / width, 1.0 + 4.0 * (p.high - p.mode) / width, p.low, p.high, p.mode
    )


def _stretched_beta(a: float, b: float, low: float, high: float, mode: float | None) -> Marginal:
    table, width = beta_table(a, b), high - low
    median = float(table.lookup(np.zeros(1))[0])
    return Marginal(lambda z: low + width * table.lookup(z), low + width * (a / (a + b)), low + width * median, mode)


def family(p: Family) -> Marginal:
    """location + scale × the standard value."""
    at = finding.found(p)
    location, scale, standard = at.location, at.scale, at.standard
    mean, median = location + scale * standard.mean, location + scale * float(standard.at(np.zeros(1))[0])
    below, above = (_moved(tail, location, scale) for tail in (standard.below, standard.above))

    def placed(value: Callable[[Value], Value]) -> Callable[[Value], Value]:
        if location == 0.0:
            return lambda drawn: scale * value(drawn)
        return lambda drawn: location + scale * value(drawn)

    return Marginal(
        placed(standard.quantile),
        mean,
        median,
        below=below,
        above=above,
        order=order_of(below, above),
        of_uniform=None if standard.of_uniform is None else placed(standard.of_uniform),
    )


def order_of(*tails: Tail | None) -> float:
    """The order from which on there is no moment of what has these tails."""
    return min((tail.order for tail in tails if tail is not None), default=math.inf)


def _moved(tail: Tail | None, location: float, scale: float) -> Tail | None:
    if tail is None:
        return None
    return Tail(tail.order, lambda x, chance: location + scale * tail.mean((x - location) / scale, chance))


def stepped(law: steps.Steps, mean: float) -> Marginal:
    """Single values; the median is the lowest that is reached with a chance of a half, a billionth more or less."""
    median = float(np.asarray(law.quantile(np.array([-1e-9])))[0])
    return Marginal(law.quantile, mean, median, edges=law.edges)


def discrete(outcomes: list[written.Outcome]) -> Marginal:
    """Steps at the normal scores of the cumulative chances, from the lowest value up."""
    ordered = sorted((o for o in outcomes if o.chance > 0), key=lambda o: o.value)
    mean = 0.0
    for outcome in ordered:  # one by one: newer Pythons' sum() rounds otherwise
        mean = mean + outcome.value * outcome.chance
    return stepped(steps.from_chances([o.value for o in ordered], [o.chance for o in ordered]), mean)


def empirical(p: written.Empirical) -> Marginal:
    """The values themselves, each with the same chance; or the straight lines through them.

    On the lines the two outermost values count half: no value comes that was not between two observed ones.
    """
    ordered, count = sorted(p.values), len(p.values)
    total = 0.0
    for value in ordered:
        total = total + value
    if p.between == "nothing":
        return stepped(steps.from_chances(ordered, [1.0 / count] * count), total / count)
    mean = (total - 0.5 * (ordered[0] + ordered[-1])) / (count - 1)
    quantile = steps.line_through(ordered)
    return Marginal(quantile, mean, float(np.asarray(quantile(np.zeros(1)))[0]))
