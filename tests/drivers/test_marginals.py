"""Distributions: the right quantiles everywhere, the right moments when simulated, the right central values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from gainsim.drivers.marginals import Marginal
from gainsim.drivers.shapes import marginal
from gainsim.offer.shapes import Shape
from gainsim.ops.arrays import run_arrays
from gainsim.ops.kernels import norm_ppf
from gainsim.ops.loop import Loop
from gainsim.ops.program import Program
from gainsim.ops.tree import Node
from gainsim.streams.source import Philox, Plan, StreamPlan

Floats = NDArray[np.float64]
PATHS = 200_704  # 49 blocks of 4,096


@dataclass(frozen=True)
class Case:
    """A distribution as written, and as SciPy knows it: within `known_to` of its deviation."""

    written: dict[str, Any]
    known: Any
    mode: float | None = None
    known_to: float = 2e-11


def _lognormal(log_mean: float, log_sd: float) -> Any:
    return stats.lognorm(s=log_sd, scale=math.exp(log_mean))


def _by_moments(mean: float, sd: float) -> Any:
    variance = math.log1p((sd / mean) ** 2)
    return _lognormal(math.log(mean) - variance / 2, math.sqrt(variance))


def _pert(low: float, mode: float, high: float) -> Any:
    width = high - low
    return stats.beta(1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width, loc=low, scale=width)


def _triangular(low: float, mode: float, high: float) -> Any:
    return stats.triang((mode - low) / (high - low), loc=low, scale=high - low)


CASES = {
    "normal": Case({"normal": {"mean": 5, "sd": 2}}, stats.norm(5, 2)),
    "normal_below_0": Case({"normal": {"mean": -3, "sd": "25%"}}, stats.norm(-3, 0.25)),
    "lognormal_by_mean": Case({"lognormal": {"mean": 100, "sd": 40}}, _by_moments(100, 40)),
    "lognormal_by_median": Case(
        {"lognormal": {"median": 20, "p90": 35}}, _lognormal(math.log(20), math.log(1.75) / stats.norm.ppf(0.9))
    ),
    "lognormal_by_log": Case({"lognormal": {"log_mean": -1, "log_sd": 0.6}}, _lognormal(-1, 0.6)),
    "uniform": Case({"uniform": {"low": -2, "high": 6}}, stats.uniform(-2, 8)),
    "triangular": Case({"triangular": {"low": 1, "mode": 2, "high": 7}}, _triangular(1, 2, 7), 2),
    "triangular_left": Case({"triangular": {"low": -4, "mode": 1, "high": 2}}, _triangular(-4, 1, 2), 1),
    "triangular_rising": Case({"triangular": {"low": 0, "mode": 3, "high": 3}}, _triangular(0, 3, 3), 3),
    "triangular_falling": Case({"triangular": {"low": 0, "mode": 0, "high": 3}}, _triangular(0, 0, 3), 0),
    "pert": Case({"pert": {"low": "12%", "mode": "20%", "high": "26%"}}, _pert(0.12, 0.2, 0.26), 0.2),
    "pert_at_its_edge": Case({"pert": {"low": 10, "mode": 10, "high": 30}}, _pert(10, 10, 30), 10),
    "beta": Case({"beta": {"alpha": 60, "beta": 0.35}}, stats.beta(60, 0.35)),
    "beta_stretched": Case({"beta": {"alpha": 2, "beta": 5, "low": -1, "high": 3}}, stats.beta(2, 5, loc=-1, scale=4)),
    "gamma": Case({"gamma": {"shape": 2.5, "scale": 4}}, stats.gamma(2.5, scale=4)),
    "gamma_below_1": Case({"gamma": {"shape": 0.3, "scale": 10}}, stats.gamma(0.3, scale=10)),
    "gamma_from_7": Case({"gamma": {"shape": 300, "scale": 0.1, "low": 7}}, stats.gamma(300, loc=7, scale=0.1)),
    "weibull": Case({"weibull": {"shape": 1.7, "scale": 12}}, stats.weibull_min(1.7, scale=12)),
    "weibull_from_3": Case({"weibull": {"shape": 0.8, "scale": 2, "low": 3}}, stats.weibull_min(0.8, loc=3, scale=2)),
    "student_t": Case({"student_t": {"degrees": 9, "location": 3, "scale": 2}}, stats.t(9, loc=3, scale=2)),
    "skew_normal": Case(
        {"skew_normal": {"skew": 4, "location": -2, "scale": 3}}, stats.skewnorm(4, loc=-2, scale=3), known_to=1e-9
    ),
    "skew_normal_left": Case({"skew_normal": {"skew": -1.5, "location": 0, "scale": 1}}, stats.skewnorm(-1.5), known_to=1e-9),
    "logistic": Case({"logistic": {"location": 5, "scale": 0.5}}, stats.logistic(5, 0.5)),
    "gumbel": Case({"gumbel": {"of": "largest", "location": 10, "scale": 3}}, stats.gumbel_r(10, 3)),
    "gumbel_smallest": Case({"gumbel": {"of": "smallest", "location": 10, "scale": 3}}, stats.gumbel_l(10, 3)),
    "pareto": Case({"pareto": {"tail": 12, "minimum": 50}}, stats.pareto(12, scale=50)),
    "generalised_pareto": Case(
        {"generalised_pareto": {"tail": 0.08, "scale": 2, "low": 10}}, stats.genpareto(0.08, loc=10, scale=2)
    ),
    "generalised_pareto_short": Case(
        {"generalised_pareto": {"tail": -0.4, "scale": 2, "low": 1}}, stats.genpareto(-0.4, loc=1, scale=2)
    ),
    "generalised_pareto_exponential": Case(
        {"generalised_pareto": {"tail": 0, "scale": 2, "low": 1}}, stats.expon(1, 2)
    ),
    "truncated_normal": Case(
        {"truncated": {"of": {"normal": {"mean": 10, "sd": 4}}, "low": 8, "high": 17}},
        stats.truncnorm(-0.5, 1.75, loc=10, scale=4),
    ),
    "truncated_above": Case(
        {"truncated": {"of": {"normal": {"mean": 0, "sd": 1}}, "low": 3}}, stats.truncnorm(3, np.inf), known_to=1e-6
    ),
}
OUTCOMES = [(3.0, 0.25), (-1.0, 0.4), (10.0, 0.05), (0.0, 0.3)]
every_case = pytest.mark.parametrize("name", CASES)


def _marginal(written: dict[str, Any]) -> Marginal:
    return marginal(Shape.model_validate(written))


# ------------------------------------------------------------------------------------------------ quantiles


@every_case
def test_every_quantile_is_the_known_one(name: str) -> None:
    """From -6 to 6 sigma, each half from its own tail."""
    case = CASES[name]
    z = np.linspace(-6.0, 6.0, 481)
    expected = np.where(z < 0, case.known.ppf(stats.norm.cdf(z)), case.known.isf(stats.norm.sf(z)))
    scale = case.known.std()
    np.testing.assert_allclose(_marginal(case.written).quantile(z), expected, rtol=1e-12, atol=case.known_to * scale)


@every_case
def test_a_higher_score_never_gives_a_lower_value(name: str) -> None:
    """Dependence, strata and shifts work on the scores: they rely on it."""
    value = _marginal(CASES[name].written).quantile(np.linspace(-8.2, 8.2, 20_001))
    slack = 4e-16 * np.abs(value).max()
    assert np.diff(value).min() >= -slack
    low, high = CASES[name].known.support()
    assert low - slack <= value.min()
    assert value.max() <= high + slack


@pytest.mark.parametrize("written", [{"normal": {"mean": 5, "sd": 0}}, {"lognormal": {"mean": 5, "sd": 0}}])
def test_without_spread_a_distribution_is_its_mean(written: dict[str, Any]) -> None:
    shape = _marginal(written)
    np.testing.assert_allclose(shape.quantile(np.array([-5.0, 0.0, 5.0])), 5.0, rtol=1e-15)
    assert (shape.mean, shape.median) == (pytest.approx(5.0, rel=1e-15), pytest.approx(5.0, rel=1e-15))


@every_case
def test_a_step_given_nodes_writes_a_tree(name: str) -> None:
    program = Program(periods=1)
    section = program.section("now")
    assert isinstance(_marginal(CASES[name].written).quantile(program.draw("z", section)), Node)


# ------------------------------------------------------------------------------------------------ moments, simulated


@pytest.fixture(scope="module")
def simulated(values: Callable[..., dict[str, Floats]]) -> dict[str, Floats]:
    """{name: (2, paths)}: each distribution in the first and the fourth period, all independent."""
    drivers = {name: {**case.written, "drawn": "each period"} for name, case in CASES.items()}
    drivers["discrete"] = {"discrete": [{"value": v, "chance": c} for v, c in OUTCOMES], "drawn": "each period"}
    return values(drivers, at=[0, 3], paths=PATHS)


def _errors_in_mean(simulated: dict[str, Floats], period: int) -> Floats:
    return np.array([
        (simulated[name][period].mean() - case.known.mean()) / (case.known.std() / math.sqrt(PATHS))
        for name, case in CASES.items()
    ])  # fmt: skip


def _errors_in_variance(simulated: dict[str, Floats], period: int) -> Floats:
    found = []
    for name, case in CASES.items():
        variance, kurtosis = case.known.var(), float(case.known.stats(moments="k"))
        error = variance * math.sqrt((kurtosis + 2.0) / PATHS)
        found.append((((simulated[name][period] - case.known.mean()) ** 2).mean() - variance) / error)
    return np.array(found)


@pytest.mark.parametrize("period", [0, 1])
@pytest.mark.parametrize("errors", [_errors_in_mean, _errors_in_variance])
def test_mean_and_variance_are_the_known_ones(
    simulated: dict[str, Floats], errors: Callable[[dict[str, Floats], int], Floats], period: int
) -> None:
    """Each within 4 standard errors; together, the sum of squares lies in its 99% band."""
    z = errors(simulated, period)
    assert np.abs(z).max() <= 4.0, dict(zip(CASES, z.round(2), strict=True))
    low, high = stats.chi2.ppf([0.005, 0.995], len(z))
    assert low <= (z * z).sum() <= high


def test_draws_of_different_periods_are_independent(simulated: dict[str, Floats]) -> None:
    z = np.array([np.corrcoef(*simulated[name])[0, 1] * math.sqrt(PATHS) for name in CASES])
    assert np.abs(z).max() <= 4.0
    low, high = stats.chi2.ppf([0.005, 0.995], len(z))
    assert low <= (z * z).sum() <= high


def test_a_value_drawn_once_holds_for_life(values: Callable[..., dict[str, Floats]]) -> None:
    got = values({"level": {"normal": {"mean": 0, "sd": 1}, "drawn": "once"}}, at=[0, 5], paths=4096)["level"]
    np.testing.assert_array_equal(got[0], got[1])
    assert len(np.unique(got[0])) == 4096


# ------------------------------------------------------------------------------------------------ discrete


def _discrete(*outcomes: tuple[float, float]) -> Marginal:
    return _marginal({"discrete": [{"value": value, "chance": chance} for value, chance in outcomes]})


def test_outcomes_come_as_often_as_their_chances_say(simulated: dict[str, Floats]) -> None:
    for period in (0, 1):
        x = simulated["discrete"][period]
        assert set(np.unique(x)) == {value for value, _ in OUTCOMES}
        counts = np.array([(x == value).sum() for value, _ in OUTCOMES])
        expected = PATHS * np.array([chance for _, chance in OUTCOMES])
        low, high = stats.chi2.ppf([0.005, 0.995], len(OUTCOMES) - 1)
        assert low <= ((counts - expected) ** 2 / expected).sum() <= high


def test_a_discrete_value_steps_at_the_scores_of_its_cumulative_chances() -> None:
    shape = _discrete(*OUTCOMES)
    edges = stats.norm.ppf([0.4, 0.7, 0.95])
    for edge, below, above in zip(edges, (-1.0, 0.0, 3.0), (0.0, 3.0, 10.0), strict=True):
        assert shape.quantile(np.array([edge - 1e-12, edge + 1e-12])).tolist() == [below, above]


def test_mean_and_median_of_outcomes() -> None:
    shape = _discrete(*OUTCOMES)
    assert shape.mean == pytest.approx(0.85, abs=1e-15)
    assert shape.median == 0.0
    assert _discrete((1.0, 0.5), (2.0, 0.5)).median == 1.0  # of the values between which it lies, the lower
    assert _discrete((7.0, 1.0)).quantile(np.array([-9.0, 9.0])).tolist() == [7.0, 7.0]


def test_an_outcome_without_chance_never_comes() -> None:
    shape = _discrete((-5.0, 0.0), (1.0, 0.5), (2.0, 0.5), (9.0, 0.0))
    assert shape.quantile(np.array([-9.0, -8.2, 8.2, 9.0])).tolist() == [1.0, 1.0, 2.0, 2.0]


@pytest.mark.parametrize("chances", [(0.35, 0.1, 0.05, 0.5), (0.1,) * 10, (0.15, 0.35, 0.5), (0.05,) * 20])
def test_half_the_chance_is_half_the_chance_whatever_the_rounding(chances: tuple[float, ...]) -> None:
    """The median is the lowest value that half of all futures do not exceed; sums of decimals are a bit off."""
    shape = _discrete(*((float(k), chance) for k, chance in enumerate(chances)))
    exact, reached = 0, 0.0
    for exact, chance in enumerate(chances):  # noqa: B007
        reached = round(reached + chance, 9)
        if reached >= 0.5:
            break
    assert shape.median == exact


# ------------------------------------------------------------------------------------------------ central values


@every_case
def test_central_values_are_the_known_ones(name: str) -> None:
    case, shape = CASES[name], _marginal(CASES[name].written)
    assert shape.central("mean") == pytest.approx(case.known.mean(), rel=1e-12)
    assert shape.central("median") == pytest.approx(case.known.median(), rel=1e-12)
    assert shape.central(4.25) == 4.25
    assert shape.mode == case.mode
    if case.mode is not None:
        assert shape.central("mode") == case.mode
        x = np.linspace(*case.known.support(), 10_001)
        assert x[np.argmax(case.known.pdf(x))] == pytest.approx(case.mode, abs=1e-3 * (x[-1] - x[0]))


@every_case
def test_the_median_is_the_value_of_the_score_0(name: str) -> None:
    shape = _marginal(CASES[name].written)
    assert float(shape.quantile(np.zeros(1))[0]) == pytest.approx(shape.median, rel=1e-14)


def test_the_mean_of_a_pert_is_the_usual_one() -> None:
    shape = _marginal({"pert": {"low": 10, "mode": 14, "high": 30}})
    assert shape.mean == pytest.approx((10 + 4 * 14 + 30) / 6, rel=1e-15)


def test_where_two_outcomes_meet_the_lower_one_holds() -> None:
    """A quantile is the least value whose chance of not being exceeded is reached: at one half, the first of two."""
    assert _discrete((2.0, 0.5), (1.0, 0.5)).quantile(np.array([0.0, 1e-300])).tolist() == [1.0, 2.0]


def test_chances_that_add_up_to_a_little_more_than_one() -> None:
    """The outermost keep their chances, and the excess falls to one between."""
    shape = _discrete((1.0, 0.6), (2.0, 0.4 + 5e-10), (3.0, 1e-10))
    assert shape.quantile(np.array([-8.2, 0.0, 1.0, 8.2])).tolist() == [1.0, 1.0, 2.0, 3.0]
    edge = stats.norm.isf(1e-10)
    assert shape.quantile(np.array([edge - 1e-9, edge + 1e-9])).tolist() == [2.0, 3.0]


@pytest.mark.parametrize("z", [-7.0, -3.0, -0.5, 0.0, 0.5, 3.0, 7.0])
def test_where_scipy_is_rough_the_quantile_is_exact(z: float) -> None:
    """The chance beyond it, by integration of the density in 30 digits, is that of the score: to 1e-12 of itself."""
    mpmath.mp.dps = 30
    nearest = mpmath.ncdf(-abs(z))
    cut = marginal(Shape.model_validate(CASES["truncated_above"].written)).at(z)
    beyond = mpmath.ncdf(-mpmath.mpf(cut)) / mpmath.ncdf(-3)
    assert float((1 - beyond if z < 0 else beyond) / nearest) == pytest.approx(1.0, abs=2e-12 if z >= 0 else 1e-15 / float(nearest))
    leaning = marginal(Shape.model_validate({"skew_normal": {"skew": 4, "location": 0, "scale": 1}})).at(z)

    def density(x: Any) -> Any:
        return 2 * mpmath.npdf(x) * mpmath.ncdf(4 * x)

    ends = [leaning - d for d in (12, 4, 1, 0)] if z < 0 else [leaning + d for d in (0, 1, 4, 12)]
    assert float(mpmath.quad(density, ends) / nearest) == pytest.approx(1.0, abs=1e-11)


# ------------------------------------------------------------------------------------------------ counts


COUNTS = {
    "poisson": ({"poisson": {"mean": 0.3}}, stats.poisson(0.3)),
    "poisson_many": ({"poisson": {"mean": 4_000}}, stats.poisson(4_000)),
    "binomial": ({"binomial": {"trials": 12, "chance": "35%"}}, stats.binom(12, 0.35)),
    "binomial_many": ({"binomial": {"trials": 5_000, "chance": 0.999}}, stats.binom(5_000, 0.999)),
    "negative_binomial": ({"negative_binomial": {"mean": 6, "sd": 4}}, stats.nbinom(3.6, 0.375)),
    "negative_binomial_rare": ({"negative_binomial": {"mean": 0.5, "sd": 2}}, stats.nbinom(1 / 14, 0.125)),
}


@pytest.mark.parametrize("name", COUNTS)
def test_every_count_is_as_likely_as_it_should_be(name: str) -> None:
    """The score at which each number begins has the chance to stay below it, and to exceed it, that SciPy reckons."""
    written, known = COUNTS[name]
    shape = _marginal(written)
    z = np.linspace(-8.0, 8.0, 4_001)
    value = shape.quantile(z)
    assert (known.sf(value - 1) >= stats.norm.sf(z) * (1 - 1e-11)).all()
    assert (known.cdf(value) >= stats.norm.cdf(z) * (1 - 1e-11)).all()
    assert (known.sf(value) <= stats.norm.sf(z) * (1 + 1e-11)).all()
    assert (known.cdf(value - 1) <= stats.norm.cdf(z) * (1 + 1e-11)).all()
    assert shape.mean == pytest.approx(known.mean(), rel=1e-13)
    assert shape.median == known.median()


def test_a_negative_binomial_needs_more_spread_than_a_poisson() -> None:
    with pytest.raises(ValueError, match="must lie above the mean 4"):
        Shape.model_validate({"negative_binomial": {"mean": 4, "sd": 2}})


def test_a_sure_success_is_no_chance() -> None:
    assert _marginal({"binomial": {"trials": 7, "chance": 1}}).quantile(np.array([-8.0, 8.0])).tolist() == [7.0, 7.0]


# ------------------------------------------------------------------------------------------------ what was observed


def test_observed_values_come_equally_often() -> None:
    shape = _marginal({"empirical": {"values": [30, 10, 20, 20], "between": "nothing"}})
    z = stats.norm.ppf([0.01, 0.2499, 0.2501, 0.7499, 0.7501, 0.99])
    assert shape.quantile(z).tolist() == [10.0, 10.0, 20.0, 20.0, 30.0, 30.0]
    assert (shape.mean, shape.median) == (20.0, 20.0)


def test_between_observed_values_a_line() -> None:
    """Four values: thirds of the chance lie between neighbours, evenly."""
    shape = _marginal({"empirical": {"values": [0, 3, 6, 15], "between": "line"}})
    z = stats.norm.ppf([1 / 6, 1 / 3, 0.5, 5 / 6])
    np.testing.assert_allclose(shape.quantile(z), [1.5, 3.0, 4.5, 10.5], rtol=1e-14)
    assert shape.quantile(np.array([-8.2, 8.2])) == pytest.approx([0.0, 15.0], abs=1e-13)
    assert shape.mean == pytest.approx((1.5 + 4.5 + 10.5) / 3)
    assert shape.median == 4.5


# ------------------------------------------------------------------------------------------------ told otherwise


TOLD: list[tuple[dict[str, Any], Any]] = [
    ({"gamma": {"mean": 30, "sd": 15}}, stats.gamma(4, scale=7.5)),
    ({"gamma": {"mean": 30, "sd": 15, "low": 10}}, stats.gamma(16 / 9, loc=10, scale=11.25)),
    ({"gamma": {"mean": 30, "sd": 15, "shape": 9}}, stats.gamma(9, loc=-15, scale=5)),
    ({"logistic": {"mean": 3, "sd": 2}}, stats.logistic(3, 2 * math.sqrt(3) / math.pi)),
    ({"gumbel": {"of": "largest", "mean": 3, "sd": 2}}, None),
    ({"weibull": {"mean": 10, "sd": 10}}, stats.expon(scale=10)),
    ({"student_t": {"mean": 3, "sd": 2, "degrees": 8}}, stats.t(8, loc=3, scale=2 * math.sqrt(0.75))),
    ({"pareto": {"mean": 4, "sd": math.sqrt(2)}}, stats.pareto(4, scale=3)),
    ({"generalised_pareto": {"mean": 5, "sd": 5, "tail": 0}}, stats.expon(0, 5)),
    ({"skew_normal": {"mean": 5, "sd": 2, "skew": 0}}, stats.norm(5, 2)),
]


@pytest.mark.parametrize(("written", "known"), TOLD)
def test_what_mean_and_deviation_leave_open_is_found(written: dict[str, Any], known: Any) -> None:
    (told,) = written.values()
    shape = _marginal(written)
    z = np.linspace(-8.2, 8.2, 400_001)
    weight = stats.norm.pdf(z) * (z[1] - z[0])
    x = shape.quantile(z)
    assert (x * weight).sum() == pytest.approx(told["mean"], rel=1e-5)
    assert math.sqrt(((x - told["mean"]) ** 2 * weight).sum()) == pytest.approx(told["sd"], rel=1e-3)
    assert shape.mean == pytest.approx(told["mean"], rel=1e-11)
    if known is not None:
        places = np.array([-2.0, 0.0, 1.0, 3.0])
        np.testing.assert_allclose(shape.quantile(places), known.ppf(stats.norm.cdf(places)), rtol=1e-9)


#: families, and shapes whose own percentiles they must be found from
FROM_PERCENTILES: list[tuple[str, dict[str, Any], Any]] = [
    ("normal", {}, stats.norm(7, 2)),
    ("lognormal", {}, stats.lognorm(0.4, scale=20)),
    ("lognormal", {}, stats.lognorm(0.4, loc=-30, scale=20)),
    ("gamma", {}, stats.gamma(3, scale=5)),
    ("gamma", {}, stats.gamma(3, loc=40, scale=5)),
    ("gamma", {"low": 40}, stats.gamma(3, loc=40, scale=5)),
    ("weibull", {}, stats.weibull_min(2.2, scale=5)),
    ("weibull", {}, stats.weibull_min(2.2, loc=-5, scale=5)),
    ("logistic", {}, stats.logistic(-3, 2)),
    ("gumbel", {"of": "smallest"}, stats.gumbel_l(4, 2)),
    ("student_t", {"degrees": 3}, stats.t(3, loc=10, scale=4)),
    ("skew_normal", {}, stats.skewnorm(3, loc=10, scale=4)),
    ("generalised_pareto", {}, stats.genpareto(0.3, loc=10, scale=4)),
    ("pareto", {}, stats.pareto(2.5, scale=4)),
]


@pytest.mark.parametrize(("kind", "own", "known"), FROM_PERCENTILES)
def test_a_distribution_is_found_from_its_percentiles(kind: str, own: dict[str, Any], known: Any) -> None:
    """As many as are needed; then every other percentile is right as well."""
    three = known.kwds.get("loc", 0) != 0 and kind in ("lognormal", "gamma", "weibull") and "low" not in own
    three = three or kind in ("skew_normal", "generalised_pareto")
    chances = [0.1, 0.5, 0.9] if three else [0.25, 0.9]
    shape = _marginal({kind: {**own, "percentiles": {chance: float(known.ppf(chance)) for chance in chances}}})
    wanted = np.array([0.001, 0.05, 0.3, 0.7, 0.99, 0.9999])
    np.testing.assert_allclose(shape.quantile(stats.norm.ppf(wanted)), known.ppf(wanted), rtol=2e-8)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"gamma": {"shape": 2}}, "lacks its scale"),
        ({"gamma": {"mean": 3}}, "write mean and sd together"),
        ({"gamma": {"mean": -3, "sd": 1}}, "must lie above the lowest value 0"),
        ({"gamma": {"percentiles": {0.1: 60, 0.9: 40}}}, "percentiles rise: 40 at 90% must lie above 60 at 10%"),
        ({"gamma": {"percentiles": {0: 60, 0.9: 140}}}, "between 0% and 100%, both excluded"),
        ({"student_t": {"percentiles": {0.1: 60, 0.5: 100, 0.9: 140}}}, "percentiles hardly tell the degrees"),
        ({"student_t": {"mean": 1, "sd": 2, "degrees": 2}}, "no finite standard deviation"),
        ({"generalised_pareto": {"mean": 1, "sd": 2, "low": 0}}, "mean and sd do not tell the tail"),
        ({"lognormal": {"percentiles": {0.1: 1, 0.5: 3, 0.9: 4}}}, "leans to the right"),
        ({"normal": {"percentiles": {0.1: 1, 0.5: 3, 0.9: 4}}}, "two percentiles give a normal"),
        ({"gamma": {"percentiles": {0.1: 1, 0.9: 1.00001}}}, "would lie outside 0.05 to 100000"),
        ({"truncated": {"of": {"poisson": {"mean": 3}}, "low": 2}}, "has single values"),
        ({"truncated": {"of": {"normal": {"mean": 3, "sd": 1}}}}, "say where it is cut"),
        ({"truncated": {"of": {"uniform": {"low": 0, "high": 1}}, "low": 2}}, "nothing of this uniform"),
        ({"empirical": {"values": [1], "between": "line"}}, "at least 2 items"),
    ],
)
def test_what_cannot_be_is_refused(written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _marginal(written)


# ------------------------------------------------------------------------------------------------ made of others


PARTS = [
    {"weight": "70%", "normal": {"mean": 10, "sd": 2}},
    {"weight": "20%", "uniform": {"low": 0, "high": 40}},
    {"weight": "10%", "gamma": {"shape": 2, "scale": 20}},
]


def test_a_mixture_is_the_weighted_sum_of_its_parts(values: Callable[..., dict[str, Floats]]) -> None:
    x = values({"x": {"mixture": PARTS, "drawn": "each period"}}, at=[0], paths=PATHS)["x"][0]
    known = [(0.7, stats.norm(10, 2)), (0.2, stats.uniform(0, 40)), (0.1, stats.gamma(2, scale=20))]
    for place in (3.0, 8.0, 11.0, 30.0, 60.0):
        chance = sum(weight * law.cdf(place) for weight, law in known)
        assert abs((x <= place).mean() - chance) <= 4 * math.sqrt(chance * (1 - chance) / PATHS)
    shape = _marginal({"mixture": PARTS})
    assert shape.mean == pytest.approx(0.7 * 10 + 0.2 * 20 + 0.1 * 40)
    assert sum(weight * law.cdf(shape.median) for weight, law in known) == pytest.approx(0.5, abs=1e-12)


COMPOUND: list[tuple[dict[str, Any], float, float]] = [  # as written; its mean and variance by hand
    # Poisson 4, gamma sizes of mean 6 and second moment 48: 24, and 4 x 48
    ({"number": {"poisson": {"mean": 4}}, "size": {"gamma": {"shape": 3, "scale": 2}}}, 24.0, 192.0),
    # 6 trials of 30%, uniform sizes to 12: 1.8 x 6; 1.8 x 12 + 1.26 x 36
    ({"number": {"binomial": {"trials": 6, "chance": "30%"}}, "size": {"uniform": {"low": 0, "high": 12}}}, 10.8, 66.96),
    # exponential sizes of mean 10 beyond 5: half-lives of e; mean 10 / √e, second moment 200 / √e
    (
        {
            "number": {"negative_binomial": {"mean": 2, "sd": 2}},
            "size": {"weibull": {"shape": 1, "scale": 10}},
            "each": {"deductible": 5},
        },
        20 * math.exp(-0.5),
        2 * (200 * math.exp(-0.5) - 100 * math.exp(-1)) + 4 * 100 * math.exp(-1),
    ),
]


@pytest.mark.parametrize(("written", "mean", "variance"), COMPOUND)
def test_a_compound_sum_has_the_moments_of_wald(
    values: Callable[..., dict[str, Floats]], written: dict[str, Any], mean: float, variance: float
) -> None:
    """E[N] E[X], and E[N] Var X + Var N E[X]², within 4 standard errors."""
    x = values({"x": {"compound": written, "drawn": "each period"}}, at=[0], paths=PATHS)["x"][0]
    assert abs(x.mean() - mean) <= 4 * x.std() / math.sqrt(PATHS)
    spread = (x - mean) ** 2
    assert abs(spread.mean() - variance) <= 4 * spread.std() / math.sqrt(PATHS)
    assert _marginal({"compound": written}).mean == pytest.approx(mean, rel=1e-6)


def test_a_compound_sum_of_very_many_is_refused() -> None:
    with pytest.raises(ValueError, match="200 are the most"):
        _marginal({"compound": {"number": {"poisson": {"mean": 300}}, "size": {"normal": {"mean": 1, "sd": 1}}}})


@pytest.mark.parametrize(
    ("size", "each", "mean"),
    [
        ({"pareto": {"minimum": 1, "tail": 1.5}}, {"deductible": 5}, 2 / math.sqrt(5)),  # ∫ x^-1.5 from 5 on
        ({"pareto": {"minimum": 1, "tail": 0.9}}, {"deductible": 5}, math.inf),
        ({"pareto": {"minimum": 1, "tail": 0.9}}, {"deductible": 5, "limit": 95}, 10 * (100**0.1 - 5**0.1)),
        ({"poisson": {"mean": 2}}, {"deductible": 1}, 1 + math.exp(-2)),  # E N - 1 + P(N = 0)
    ],
)
def test_the_mean_of_a_layer_knows_heavy_tails_and_single_values(
    size: dict[str, Any], each: dict[str, float], mean: float
) -> None:
    shape = _marginal({"compound": {"number": {"poisson": {"mean": 3}}, "size": size, "each": each}})
    assert shape.mean == pytest.approx(3 * mean, rel=1e-6)


def test_a_truncated_mean_is_infinite_where_the_heavy_tail_is_left() -> None:
    pareto, t = {"pareto": {"minimum": 1, "tail": 0.9}}, {"student_t": {"degrees": 1, "location": 0, "scale": 1}}
    assert _marginal({"truncated": {"of": pareto, "low": 2}}).mean == math.inf
    between = _marginal({"truncated": {"of": pareto, "low": 2, "high": 100}}).mean  # ∫ 0.9 x^-0.9, of 2^-0.9 - 100^-0.9
    assert between == pytest.approx(9 * (100**0.1 - 2**0.1) / (2**-0.9 - 100**-0.9), rel=1e-6)
    assert _marginal({"truncated": {"of": t, "high": 1}}).mean == -math.inf
    assert _marginal({"truncated": {"of": t, "low": -1, "high": 1}}).mean == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("low", [-3.0, 0.5, 4.0])
@pytest.mark.parametrize(
    ("written", "law"),
    [
        ({"pareto": {"minimum": 2, "tail": 1.05}}, stats.pareto(1.05, scale=2)),
        ({"generalised_pareto": {"low": -1, "scale": 2, "tail": 0.9}}, stats.genpareto(0.9, loc=-1, scale=2)),
        ({"student_t": {"degrees": 1.2, "location": 1, "scale": 2}}, stats.t(1.2, loc=1, scale=2)),
    ],
)
def test_the_mean_of_a_heavy_tail_that_is_left_is_exact(written: dict[str, Any], law: Any, low: float) -> None:
    """low + ∫ of the chances to lie above, over that above low; beyond 1,000 SciPy's chances give what is asymptotic."""
    order = {"pareto": 1.05, "generalised_pareto": 1 / 0.9, "student_t": 1.2}[next(iter(written))]
    far = 1e9
    body = integrate.quad(law.sf, low, 1e3, limit=500, points=[2.0] if low < 2.0 else None)[0]
    body += integrate.quad(lambda y: law.sf(math.exp(y)) * math.exp(y), math.log(1e3), math.log(far), limit=500)[0]
    tail = law.sf(far) * far / (order - 1.0)  # sf falls as x^-order
    expected = low + (body + tail) / law.sf(low)
    assert _marginal({"truncated": {"of": written, "low": low}}).mean == pytest.approx(expected, rel=1e-6)


def test_the_mean_of_a_lower_tail_that_is_left_is_that_of_the_mirror_image() -> None:
    t = {"student_t": {"degrees": 1.2, "location": 0, "scale": 2}}
    below, above = (_marginal({"truncated": {"of": t, **cut}}) for cut in ({"high": -3}, {"low": 3}))
    assert below.mean == pytest.approx(-above.mean, rel=1e-12)
    assert below.order == above.order == 1.2


HEAVY: dict[str, Any] = {"pareto": {"minimum": 1, "tail": 1.5}}


@pytest.mark.parametrize(
    ("written", "order"),
    [
        ({"normal": {"mean": 1, "sd": 1}}, math.inf),
        ({"student_t": {"degrees": 3, "location": 0, "scale": 1}}, 3.0),
        ({"pareto": {"minimum": 1, "tail": 0.8}}, 0.8),
        ({"generalised_pareto": {"low": 0, "scale": 1, "tail": 0.5}}, 2.0),
        ({"generalised_pareto": {"low": 0, "scale": 1, "tail": -0.5}}, math.inf),
        ({"truncated": {"of": {"pareto": {"minimum": 1, "tail": 0.8}}, "high": 9}}, math.inf),
        ({"truncated": {"of": {"student_t": {"degrees": 3, "location": 0, "scale": 1}}, "high": 9}}, 3.0),
        ({"mixture": [{"weight": "50%", **HEAVY}, {"weight": "50%", "normal": {"mean": 1, "sd": 1}}]}, 1.5),
        ({"compound": {"number": {"poisson": {"mean": 2}}, "size": HEAVY}}, 1.5),
        ({"compound": {"number": {"poisson": {"mean": 2}}, "size": HEAVY, "each": {"limit": 9}}}, math.inf),
    ],
)
def test_from_which_order_on_there_is_no_moment(written: dict[str, Any], order: float) -> None:
    assert _marginal(written).order == order


def test_the_median_of_a_compound_sum_is_not_known() -> None:
    shape = _marginal({"compound": COMPOUND[0][0]})
    with pytest.raises(ValueError, match="no finite median"):
        shape.central("median")


# ------------------------------------------------------------------------------------------------ of uniforms


OF_UNIFORMS = {
    "uniform": CASES["uniform"],
    "exponential": Case({"exponential": {"mean": 500}}, stats.expon(scale=500)),
    "weibull": CASES["weibull"],
    "weibull_from_3": CASES["weibull_from_3"],
}


@pytest.mark.parametrize("name", OF_UNIFORMS)
def test_the_value_of_a_uniform_is_the_quantile(name: str) -> None:
    """From the lowest uniform to the highest that is drawn, and the same as by the score that is made of it."""
    case = OF_UNIFORMS[name]
    shape = _marginal(case.written)
    assert shape.of_uniform is not None
    u = np.concatenate([2.0**-53 * np.array([1, 3, 5]), np.linspace(0.001, 0.999, 999), 1.0 - 2.0**-53 * np.array([5, 3, 1])])
    by_uniform = np.asarray(shape.of_uniform(u))
    np.testing.assert_allclose(by_uniform, case.known.ppf(u), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(by_uniform, shape.quantile(norm_ppf(u)), rtol=1e-9, atol=1e-15)


# ------------------------------------------------------------------------------------------------ two runners


def test_a_stream_of_uniforms_is_the_same_by_loop_and_by_arrays() -> None:
    """Beside one of scores, in an odd number of periods: the uniforms are those of the source, and neither moves the other."""
    program = Program(3)
    section = program.section("draws")
    program.line("uniform", section, program.draw_uniform("even", section))
    program.line("score", section, program.draw("normal", section))
    source = Philox(Plan(tuple(StreamPlan(stream, 3) for stream in program.streams), 128, 4711))
    paths = np.arange(128, 256, dtype=np.uint64)
    looped = np.empty((6, 128))
    Loop(program, 128).run(source.key_table(program.streams), 128, looped)
    assert (looped == run_arrays(program, source, paths)).all()
    for period in range(3):
        assert (looped[2 * period] == source.uniforms("even", paths, period)).all()
        assert (looped[2 * period + 1] == source.normals("normal", paths, period)).all()


def test_the_loop_gives_the_bits_of_the_arrays(values: Callable[..., dict[str, Floats]]) -> None:
    """Every kind of distribution, drawn by the compiled loop and reckoned from the same scores in NumPy."""
    written = {name: case.written for name, case in CASES.items()}
    written |= {name: law for name, (law, _) in COUNTS.items()}
    written |= {f"told_{n}": law for n, (law, _) in enumerate(TOLD)}
    written |= {
        "observed": {"empirical": {"values": [3, 8, 1, 9.5, -2], "between": "nothing"}},
        "on_lines": {"empirical": {"values": [3, 8, 1, 9.5, -2], "between": "line"}},
        "mixed": {"mixture": PARTS},
        "sum": {"compound": COMPOUND[2][0]},
    }
    looped = values({name: {**law, "drawn": "each period"} for name, law in written.items()}, at=[0], paths=4096)
    for name, law in written.items():
        shape = _marginal(law)
        streams = [name, *(f"{name}/{n}" for n in range(1, shape.further + 1))]
        source = Philox(Plan(tuple(StreamPlan(stream, 1) for stream in streams), 4096, 4711))
        scores = [source.normals(stream, np.arange(4096, dtype=np.uint64), 0) for stream in streams]
        with np.errstate(all="ignore"):
            plain = np.asarray(shape.quantile(*scores)) + 0.0
        assert (plain == looped[name][0]).all(), name


def _single(*values: float) -> dict[str, Any]:
    return {"discrete": [{"value": value, "chance": 1 / len(values)} for value in values]}


@pytest.mark.parametrize(
    ("written", "ends"),
    [
        (_single(3, 7), (3.0, 7.0)),
        (
            {"mixture": [{"weight": "20%", **_single(3)}, {"weight": "30%", **_single(-5, 9)}, {"weight": "50%", **_single(4)}]},
            (-5.0, 9.0),
        ),
        ({"compound": {"number": {"binomial": {"trials": 3, "chance": "50%"}}, "size": _single(2, 6)}}, (0.0, 18.0)),
        ({"compound": {"number": {"binomial": {"trials": 3, "chance": "50%"}}, "size": _single(-2, 6)}}, (-6.0, 18.0)),
        (
            {"compound": {"number": {"binomial": {"trials": 3, "chance": "50%"}}, "size": _single(2, 6), "each": {"limit": 5}}},
            (0.0, 15.0),
        ),
    ],
)  # fmt: skip
def test_the_least_and_the_largest_value(written: dict[str, Any], ends: tuple[float, float]) -> None:
    """By hand: of every part of a mixture; of a sum, none or all three of its events."""
    assert _marginal(written).ends == ends


def test_the_median_of_a_mixture_of_single_values() -> None:
    """By hand: 40% below 3, 20% of 3, 40% above it."""
    parts = [{"weight": "20%", **_single(3)}, {"weight": "80%", **_single(-5, 9)}]
    assert _marginal({"mixture": parts}).median == 3.0
