"""Distributions as openturns has them: every value, means and deviations, and what is found from moments and percentiles."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from gainsim.drivers.marginals import Marginal
from gainsim.drivers.shapes import marginal
from gainsim.offer.shapes import Shape
from tests.peer import peer

ot = peer("openturns")
Values = Callable[..., dict[str, NDArray[np.float64]]]
PATHS = 200_704


def _marginal(**written: Any) -> Marginal:
    return marginal(Shape.model_validate(written))


def _pert(low: float, mode: float, high: float) -> Any:
    """Vose: shapes 1 + 4 (mode - low) / width and 1 + 4 (high - mode) / width."""
    width = high - low
    return ot.Beta(1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width, low, high)


def _skew_normal(skew: float, location: float, scale: float) -> Any:
    """Azzalini's second construction: δ|X| + √(1 - δ²) Y of two normal numbers; a sum whose law openturns integrates."""
    d = skew / math.hypot(1.0, skew)
    half = ot.TruncatedDistribution(ot.Normal(), 0.0, ot.TruncatedDistribution.LOWER)
    return location + scale * d * half + scale * math.sqrt(1.0 - d * d) * ot.Normal()


def _smallest(location: float, scale: float) -> Any:
    """A smallest value is a largest one mirrored."""
    return -1.0 * ot.Gumbel(scale, -location)


CASES = {
    "normal": ({"normal": {"mean": 5, "sd": 2}}, ot.Normal(5, 2)),
    "lognormal": ({"lognormal": {"log_mean": -1, "log_sd": 0.6}}, ot.LogNormal(-1, 0.6)),
    "lognormal by mean": ({"lognormal": {"mean": 100, "sd": 40}}, ot.LogNormalMuSigma(100, 40, 0).getDistribution()),
    "uniform": ({"uniform": {"low": -2, "high": 6}}, ot.Uniform(-2, 6)),
    "triangular": ({"triangular": {"low": 1, "mode": 2, "high": 7}}, ot.Triangular(1, 2, 7)),
    "pert": ({"pert": {"low": 12, "mode": 20, "high": 26}}, _pert(12, 20, 26)),
    "beta": ({"beta": {"alpha": 2, "beta": 5, "low": -1, "high": 3}}, ot.Beta(2, 5, -1, 3)),
    "gamma": ({"gamma": {"shape": 2.5, "scale": 4, "low": 7}}, ot.Gamma(2.5, 0.25, 7)),
    "gamma below 1": ({"gamma": {"shape": 0.3, "scale": 10}}, ot.Gamma(0.3, 0.1)),
    "weibull": ({"weibull": {"shape": 1.7, "scale": 12, "low": 3}}, ot.WeibullMin(12, 1.7, 3)),
    "student_t": ({"student_t": {"degrees": 9, "location": 3, "scale": 2}}, ot.Student(9, 3, 2)),
    "skew_normal": ({"skew_normal": {"skew": 4, "location": -2, "scale": 3}}, _skew_normal(4, -2, 3)),
    "logistic": ({"logistic": {"location": 5, "scale": 0.5}}, ot.Logistic(5, 0.5)),
    "gumbel": ({"gumbel": {"of": "largest", "location": 10, "scale": 3}}, ot.Gumbel(3, 10)),
    "gumbel, smallest": ({"gumbel": {"of": "smallest", "location": 10, "scale": 3}}, _smallest(10, 3)),
    "pareto": ({"pareto": {"tail": 12, "minimum": 50}}, ot.Pareto(50, 12, 0)),
    "generalised_pareto": (
        {"generalised_pareto": {"tail": 0.08, "scale": 2, "low": 10}}, ot.GeneralizedPareto(2, 0.08, 10),
    ),
    "generalised_pareto, short": (
        {"generalised_pareto": {"tail": -0.4, "scale": 2, "low": 1}}, ot.GeneralizedPareto(2, -0.4, 1),
    ),
    "truncated": (
        {"truncated": {"of": {"normal": {"mean": 10, "sd": 4}}, "low": 8, "high": 17}},
        ot.TruncatedNormal(10, 4, 8, 17),
    ),
    "truncated gamma": (
        {"truncated": {"of": {"gamma": {"shape": 2.5, "scale": 4}}, "low": 5, "high": 30}},
        ot.TruncatedDistribution(ot.Gamma(2.5, 0.25), 5.0, 30.0),
    ),
    "empirical, a line": (
        {"empirical": {"values": [0, 3, 6, 15], "between": "line"}},
        ot.Mixture([ot.Uniform(0, 3), ot.Uniform(3, 6), ot.Uniform(6, 15)]),
    ),
}  # fmt: skip
every_case = pytest.mark.parametrize(("written", "known"), CASES.values(), ids=CASES)


@every_case
def test_every_value_is_exceeded_as_often_as_openturns_says(written: dict[str, Any], known: Any) -> None:
    """From 6 deviations below to 6 above: the chance below the value, or above it, is that of its score."""
    z = np.linspace(-6.0, 6.0, 121)
    x = _marginal(**written).quantile(z).reshape(-1, 1)
    below, above = (np.asarray(chance(x)).ravel() for chance in (known.computeCDF, known.computeComplementaryCDF))
    nearer, expected = np.where(z < 0.0, below, above), stats.norm.sf(np.abs(z))
    np.testing.assert_allclose(nearer, expected, rtol=1e-8, atol=3e-14)


@every_case
def test_mean_and_median_are_those_of_openturns(written: dict[str, Any], known: Any) -> None:
    shape = _marginal(**written)
    assert shape.mean == pytest.approx(known.getMean()[0], rel=1e-9)
    assert shape.median == pytest.approx(known.computeQuantile(0.5)[0], rel=1e-8)


COUNTS = {
    "poisson": ({"poisson": {"mean": 4.2}}, ot.Poisson(4.2)),
    "binomial": ({"binomial": {"trials": 12, "chance": "35%"}}, ot.Binomial(12, 0.35)),
    "negative_binomial": ({"negative_binomial": {"mean": 6, "sd": 4}}, ot.Polya(3.6, 0.625)),
    "discrete": (
        {"discrete": [{"value": v, "chance": c} for v, c in ((-1, 0.4), (0, 0.3), (3, 0.25), (10, 0.05))]},
        ot.Mixture([ot.Dirac(v) for v in (-1.0, 0.0, 3.0, 10.0)], [0.4, 0.3, 0.25, 0.05]),
    ),
}


@pytest.mark.parametrize(("written", "known"), COUNTS.values(), ids=COUNTS)
def test_single_values_come_as_often_as_openturns_says(written: dict[str, Any], known: Any) -> None:
    """Of each value, the highest score at which it holds is that of the chance not to exceed it."""
    shape = _marginal(**written)
    assert shape.edges is not None
    some = shape.edges[np.abs(shape.edges) < 6.0]
    values = shape.quantile(some - 1e-9)
    below, above = (np.array([chance([v]) for v in values]) for chance in (known.computeCDF, known.computeComplementaryCDF))
    np.testing.assert_allclose(np.where(some < 0, stats.norm.ppf(below), stats.norm.isf(above)), some, atol=1e-9)
    assert shape.mean == pytest.approx(known.getMean()[0], rel=1e-12)


FROM_MOMENTS = {
    "lognormal": ({}, ot.LogNormal(1.2, 0.7)),
    "gamma": ({"low": 10}, ot.Gamma(2.5, 0.25, 10)),
    "weibull": ({"low": 2}, ot.WeibullMin(7, 2.2, 2)),
    "gumbel": ({"of": "largest"}, ot.Gumbel(1.5, 3)),
    "logistic": ({}, ot.Logistic(-3, 2)),
    "student_t": ({"degrees": 8}, ot.Student(8, 3, 2)),
    "skew_normal": ({"skew": 4}, _skew_normal(4, -2, 3)),
    "pareto": ({}, ot.Pareto(3, 4, 0)),
    "generalised_pareto": ({"tail": 0.08}, ot.GeneralizedPareto(2, 0.08, 10)),
}


@pytest.mark.parametrize("family", FROM_MOMENTS)
def test_mean_and_deviation_tell_the_same_distribution(family: str) -> None:
    """Those that openturns knows of a distribution lead back to it."""
    said, known = FROM_MOMENTS[family]
    mean, sd = known.getMean()[0], known.getStandardDeviation()[0]
    z = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
    x = _marginal(**{family: {"mean": mean, "sd": sd, **said}}).quantile(z)
    np.testing.assert_allclose(np.asarray(known.computeCDF(x.reshape(-1, 1))).ravel(), stats.norm.cdf(z), rtol=1e-6)


FROM_PERCENTILES = {
    "gamma": ({"10%": 60, "90%": 140}, ot.Gamma(), {2: 0.0}),
    "weibull": ({"20%": 3, "70%": 8}, ot.WeibullMin(), {2: 0.0}),
    "logistic": ({"25%": -1, "90%": 6}, ot.Logistic(), {}),
    "lognormal": ({"10%": 4, "50%": 9, "90%": 30}, ot.LogNormal(), {}),
}


@pytest.mark.parametrize("family", FROM_PERCENTILES)
def test_percentiles_tell_the_same_distribution(family: str) -> None:
    """openturns moves all parameters until the quantiles are matched; 1% and 99% are not among those that are written."""
    told, law, known = FROM_PERCENTILES[family]
    factory = ot.QuantileMatchingFactory(law, [float(chance.rstrip("%")) / 100 for chance in told])
    factory.setKnownParameter(list(known.values()), list(known))
    found = factory.buildFromQuantiles([float(value) for value in told.values()])
    x = _marginal(**{family: {"percentiles": told}}).quantile(stats.norm.ppf([0.01, 0.5, 0.99]))
    np.testing.assert_allclose(x, [found.computeQuantile(p)[0] for p in (0.01, 0.5, 0.99)], rtol=1e-5)


def test_mixtures_and_compound_sums_fall_as_often_as_openturns_says(values: Values) -> None:
    """n gamma claims of one scale are a gamma of n times the shape: with a Poisson number, a mixture with an atom at 0."""
    parts = [{"weight": "70%", "normal": {"mean": 10, "sd": 2}}, {"weight": "30%", "gamma": {"shape": 4, "scale": 6}}]
    claims = {"number": {"poisson": {"mean": 2.5}}, "size": {"gamma": {"shape": 1.5, "scale": 8}}, "each": {}}
    drivers = {"mixed": {"mixture": parts}, "claims": {"compound": claims}}
    x = values({name: {**driver, "drawn": "once"} for name, driver in drivers.items()}, paths=PATHS)
    number = ot.Poisson(2.5)
    sums = [ot.Dirac(0.0), *(ot.Gamma(1.5 * n, 1 / 8) for n in range(1, 40))]
    known = {
        "mixed": ot.Mixture([ot.Normal(10, 2), ot.Gamma(4, 1 / 6)], [0.7, 0.3]),
        "claims": ot.Mixture(sums, [number.computePDF([n]) for n in range(40)]),
    }
    for name, law in known.items():
        for at in (0.0, 4.0, 9.0, 15.0, 40.0, 90.0):
            chance, found = law.computeCDF(at), (x[name][0] <= at).mean()
            assert abs(found - chance) <= 4.0 * math.sqrt(chance * (1.0 - chance) / PATHS) + 1e-9, (name, at, found, chance)
