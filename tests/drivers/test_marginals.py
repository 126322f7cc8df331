"""Distributions: the right quantiles everywhere, the right moments when simulated, the right central values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from gainsim.drivers.marginals import Marginal, marginal
from gainsim.offer.drivers import Shape
from gainsim.ops.program import Program
from gainsim.ops.tree import Node

Floats = NDArray[np.float64]
PATHS = 200_704  # 49 blocks of 4,096


@dataclass(frozen=True)
class Case:
    """A distribution as written, and as SciPy knows it."""

    written: dict[str, Any]
    known: Any
    mode: float | None = None


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
    np.testing.assert_allclose(_marginal(case.written).quantile(z), expected, rtol=1e-12, atol=2e-11 * scale)


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
    """What is left for the last outcome is nothing; drawn scores end at 8.21."""
    shape = _discrete((1.0, 0.6), (2.0, 0.4 + 5e-10), (3.0, 1e-10))
    assert shape.quantile(np.array([-8.2, 0.0, 1.0, 8.2])).tolist() == [1.0, 1.0, 2.0, 2.0]
