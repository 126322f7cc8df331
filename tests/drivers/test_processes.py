"""Processes: moments against closed forms, whatever the step; shapes of ramps; central values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from gainsim.drivers import processes
from gainsim.drivers.season import season_by_period
from gainsim.facts import Facts
from gainsim.grid import Calendar
from gainsim.offer.drivers import Driver, GeometricWalk, MeanReverting, Ramp
from gainsim.ops.arrays import run_arrays
from gainsim.ops.program import Program
from gainsim.problems import Problems
from gainsim.world import World

Floats = NDArray[np.float64]
Values = Callable[..., dict[str, Floats]]
PATHS = 200_704
STEPS = {"month": 12, "quarter": 4, "year": 1}
TIMES = (1, 2, 4)  # years, the year's end


@dataclass(frozen=True)
class Known:
    """Mean at a time, and covariance of two times (the first not later)."""

    mean: Callable[[float], float]
    covariance: Callable[[float, float], float]


def _walk(start: float, growth: float, sigma: float) -> Known:
    """dS = growth S dt + sigma S dW."""

    def mean(t: float) -> float:
        return start * math.exp(growth * t)

    return Known(mean, lambda s, t: mean(s) * mean(t) * math.expm1(sigma**2 * s))


def _level(start: float, centre: float, speed: float, sigma: float) -> Known:
    """dX = speed (centre - X) dt + sigma dW."""
    return Known(
        lambda t: centre + (start - centre) * math.exp(-speed * t),
        lambda s, t: sigma**2 / (2 * speed) * -math.expm1(-2 * speed * s) * math.exp(-speed * (t - s)),
    )


def _exponential(log: Known) -> Known:
    def mean(t: float) -> float:
        return math.exp(log.mean(t) + 0.5 * log.covariance(t, t))

    return Known(mean, lambda s, t: mean(s) * mean(t) * math.expm1(log.covariance(s, t)))


_SPEED = math.log(2.0) / 0.75  # a half-life of 9 months
PROCESSES: dict[str, tuple[dict[str, Any], Known]] = {
    "walk": (
        {"geometric_walk": {"start": 100, "drift": "3% pa", "volatility": "25% pa"}},
        _walk(100, math.log(1.03), 0.25),
    ),
    "walk_continuous": (
        {"geometric_walk": {"start": 2, "drift": "-5% pa continuous", "volatility": "10% pa"}},
        _walk(2, -0.05, 0.1),
    ),
    "of_price": (
        {"mean_reverting": {"of": "price", "start": 60, "mean": 88, "half_life": "9 months", "volatility": "34% pa"}},
        _exponential(_level(math.log(60), math.log(88) - 0.34**2 / (4 * _SPEED), _SPEED, 0.34)),
    ),
    "of_log": (
        {"mean_reverting": {"of": "log", "start": 120, "mean": 88, "speed": 0.4, "volatility": "30% pa"}},
        _exponential(_level(math.log(120), math.log(88), 0.4, 0.3)),
    ),
    "of_level": (
        {"mean_reverting": {"of": "level", "start": -4, "mean": 3, "half_life": "2 years", "volatility": "5 pa"}},
        _level(-4, 3, math.log(2.0) / 2, 5),
    ),
}


@pytest.fixture(scope="module")
def simulated(values: Values) -> dict[tuple[str, str], Floats]:
    """{(process, step): (times, paths)}, every one from a stream of its own."""
    found = {}
    for step, periods in STEPS.items():
        drivers = {f"{name}_{step}": written for name, (written, _) in PROCESSES.items()}
        got = values(drivers, at=[t * periods - 1 for t in TIMES], step=step, paths=PATHS)
        found |= {(name, step): got[f"{name}_{step}"] for name in PROCESSES}
    return found


def _error(products: Floats, expected: float) -> float:
    """How many standard errors the mean lies away."""
    return float((products.mean() - expected) / (products.std(ddof=1) / math.sqrt(len(products))))


def _assert_family(z: dict[Any, float]) -> None:
    """Each within 4 standard errors; independent ones together with a sum of squares in its 99% band."""
    worst = max(z, key=lambda name: abs(z[name]))
    assert abs(z[worst]) <= 4.0, (worst, z[worst])
    low, high = stats.chi2.ppf([0.005, 0.995], len(z))
    assert low <= sum(x * x for x in z.values()) <= high


@pytest.mark.parametrize("time", range(len(TIMES)))
def test_means_are_the_known_ones_whatever_the_step(simulated: dict[tuple[str, str], Floats], time: int) -> None:
    _assert_family({k: _error(x[time], PROCESSES[k[0]][1].mean(TIMES[time])) for k, x in simulated.items()})


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)])
def test_covariances_are_the_known_ones_whatever_the_step(
    simulated: dict[tuple[str, str], Floats], first: int, second: int
) -> None:
    """Variances, and the autocovariance at lags of one, two and three years."""
    z = {}
    for (name, step), x in simulated.items():
        known, s, t = PROCESSES[name][1], TIMES[first], TIMES[second]
        products = (x[first] - known.mean(s)) * (x[second] - known.mean(t))
        z[name, step] = _error(products, known.covariance(s, t))
    _assert_family(z)


def test_the_estimates_are_sharp(simulated: dict[tuple[str, str], Floats]) -> None:
    """A standard error of a mean below 0.2% of the scale of what is estimated: too wide a band would prove nothing."""
    for (name, _), x in simulated.items():
        scale = abs(PROCESSES[name][1].mean(1)) + math.sqrt(PROCESSES[name][1].covariance(1, 1))
        assert x[0].std() / math.sqrt(PATHS) < 0.002 * scale


@pytest.mark.parametrize("time", range(len(TIMES)))
def test_monthly_quarterly_and_yearly_steps_have_one_distribution(
    simulated: dict[tuple[str, str], Floats], time: int
) -> None:
    """Kolmogorov-Smirnov for two samples, three pairs and five processes: each rejects by chance once in 10,000."""
    for name in PROCESSES:
        for one, other in (("month", "quarter"), ("month", "year"), ("quarter", "year")):
            a, b = np.sort(simulated[name, one][time]), np.sort(simulated[name, other][time])
            together = np.concatenate([a, b])
            distance = (
                np.abs(np.searchsorted(a, together, "right") - np.searchsorted(b, together, "right")).max() / PATHS
            )
            assert distance * math.sqrt(PATHS / 2) < stats.kstwobign.isf(1e-4), (name, one, other)


@pytest.mark.parametrize("step", STEPS)
def test_steps_multiply_up_to_the_year(step: str) -> None:
    """12 monthly transitions are one yearly one, in closed form: no step has an error of its own."""
    calendar = Calendar(date(2027, 1, 1), 12, step, "contract")  # type: ignore[arg-type]
    n = STEPS[step]
    written = MeanReverting.model_validate(PROCESSES["of_price"][0]["mean_reverting"])
    process = processes.mean_reverting(written, calendar)
    assert process.keep**n == pytest.approx(math.exp(-_SPEED), rel=1e-14)
    variance = sum(process.sd**2 * process.keep ** (2 * k) for k in range(n))
    assert variance == pytest.approx(0.34**2 / (2 * _SPEED) * (1 - math.exp(-2 * _SPEED)), rel=1e-13)
    walk = processes.geometric_walk(GeometricWalk.model_validate(PROCESSES["walk"][0]["geometric_walk"]), calendar)
    assert n * walk.drift == pytest.approx(math.log(1.03) - 0.25**2 / 2, rel=1e-13)
    assert n * walk.volatility**2 == pytest.approx(0.25**2, rel=1e-13)


def test_a_nominal_drift_depends_on_its_step() -> None:
    """12% nominal: 1% a month, 3% a quarter, 12% a year."""
    written = GeometricWalk.model_validate({"start": 1, "drift": "12% pa nominal", "volatility": "0% pa"})
    for step, growth in (("month", 1.01**12), ("quarter", 1.03**4), ("year", 1.12)):
        calendar = Calendar(date(2027, 1, 1), 12, step, "contract")  # type: ignore[arg-type]
        assert processes.walk(written, calendar).central("mean", calendar.periods)[-1] == pytest.approx(growth, rel=1e-13)


def test_without_volatility_a_process_follows_its_mean(values: Values) -> None:
    drivers = {
        "walk": {"geometric_walk": {"start": 100, "drift": "3% pa", "volatility": "0% pa"}},
        "price": {"mean_reverting": {"of": "price", "start": 60, "mean": 88, "speed": 0.4, "volatility": "0% pa"}},
        "level": {"mean_reverting": {"of": "level", "start": -4, "mean": 3, "speed": 0.4, "volatility": "0 pa"}},
    }
    got = values(drivers, at=[0, 11, 35], step="month", paths=4096)
    t = np.array([1, 12, 36]) / 12
    np.testing.assert_allclose(got["walk"][:, 0], 100 * 1.03**t, rtol=1e-13)
    np.testing.assert_allclose(got["price"][:, 0], 88 * (60 / 88) ** np.exp(-0.4 * t), rtol=1e-13)
    np.testing.assert_allclose(got["level"][:, 0], 3 - 7 * np.exp(-0.4 * t), rtol=1e-12)
    for x in got.values():
        assert (x == x[:, :1]).all()


# ------------------------------------------------------------------------------------------------ shares


def test_a_share_stays_between_its_ends_and_its_log_odds_revert(values: Values) -> None:
    """The log of the odds is the level; half of the paths lie below the median that is written; the mean by integration."""
    written = {"of": "share", "start": "40%", "mean": "70%", "half_life": "6 months", "volatility": "150% pa"}
    odds = {"start": math.log(0.4 / 0.6), "mean": math.log(0.7 / 0.3)}
    level = {"of": "level", **odds, "half_life": "6 months", "volatility": "1.5 pa"}
    at = [0, 11, 59]
    x = values({"x": {"mean_reverting": written}}, at=at, step="month", paths=PATHS)["x"]
    y = values({"x": {"mean_reverting": level}}, at=at, step="month", paths=PATHS)["x"]
    np.testing.assert_allclose(np.log(x / (1 - x)), y, rtol=1e-9, atol=1e-9)
    assert 0.0 < x.min() < x.max() < 1.0
    median, mean = (_central({"mean_reverting": written}, choice, months=60) for choice in ("median", "mean"))
    assert median[59] == pytest.approx(0.7, abs=2e-3)
    for sample, t in zip(x, at, strict=True):
        assert abs((sample < median[t]).mean() - 0.5) * 2 * math.sqrt(PATHS) <= 4.0
        assert abs(_error(sample, float(mean[t]))) <= 4.0


# ------------------------------------------------------------------------------------------------ seasons

SEASON = [1.2, 0.9, 0.8, 1.1]


def test_a_season_multiplies_a_price_and_is_added_to_a_level(values: Values) -> None:
    """Season by season against the same stream without one."""
    plain = {
        "walk": {"geometric_walk": {"start": 100, "drift": "3% pa", "volatility": "20% pa"}},
        "price": {"mean_reverting": {"of": "price", "start": 60, "mean": 88, "speed": 0.4, "volatility": "20% pa"}},
        "level": {"mean_reverting": {"of": "level", "start": 4, "mean": 3, "speed": 0.4, "volatility": "20% pa"}},
    }
    seasonal = {n: {kind: {**p, "season": SEASON} for kind, p in written.items()} for n, written in plain.items()}
    at = list(range(6))
    before, after = (values(drivers, at=at, step="quarter", paths=4096) for drivers in (plain, seasonal))
    factor = np.array([SEASON[t % 4] for t in at])[:, None]
    np.testing.assert_allclose(after["walk"], before["walk"] * factor, rtol=1e-14)
    np.testing.assert_allclose(after["price"], before["price"] * factor, rtol=1e-14)
    np.testing.assert_allclose(after["level"], before["level"] + factor, rtol=0, atol=1e-14)


def test_a_season_follows_the_calendar_month_not_the_contract() -> None:
    calendar = Calendar(date(2027, 10, 1), 15, "month", "contract", stub_years="prorated")
    months = season_by_period([float(m) for m in range(1, 13)], calendar, 1.0)
    assert months.tolist() == [10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert season_by_period(None, calendar, 1.0).tolist() == [1.0] * 15
    with pytest.raises(ValueError, match="season: 12 values are needed, one for each month of the year; written are 4"):
        season_by_period(SEASON, calendar, 1.0)


# ------------------------------------------------------------------------------------------------ ramps


def _progress(t: int, delay: float, rise: float) -> float:
    """By hand: half-way through the month t, in years."""
    return min(max(((t + 0.5) / 12 - delay) / rise, 0.0), 1.0)


RAMP = {"delay": "6 months", "time_to_full_effect": "18 months"}


def test_moments_of_a_ramp(values: Values) -> None:
    """full × progress + noise: mean m p, variance s² p² + n², covariance of two periods s² p q."""
    full, at = stats.triang(0.5, loc=0.1, scale=0.2), [5, 6, 14, 23, 35]
    written = {"full_effect": {"triangular": {"low": 0.1, "mode": 0.2, "high": 0.3}}, **RAMP, "noise": 0.02}
    x = values({"saving": {"ramp": written}}, at=at, step="month", paths=PATHS)["saving"]
    p = np.array([_progress(t, 0.5, 1.5) for t in at])
    np.testing.assert_allclose(p, [0.0, 1 / 36, 17 / 36, 35 / 36, 1.0], rtol=1e-12)
    for i in range(len(at)):
        centred = x[i] - full.mean() * p[i]
        assert abs(_error(x[i], full.mean() * p[i])) <= 4.0
        assert abs(_error(centred**2, full.var() * p[i] ** 2 + 0.02**2)) <= 4.0
        for j in range(i):
            other = x[j] - full.mean() * p[j]
            assert abs(_error(centred * other, full.var() * p[i] * p[j])) <= 4.0


def test_a_ramp_without_noise_is_one_draw_on_its_way(values: Values) -> None:
    written = {"full_effect": {"uniform": {"low": 1, "high": 2}}, **RAMP, "fade": "4% pa"}
    at = [5, 12, 23, 24, 47]
    x = values({"saving": {"ramp": written}}, at=at, step="month", paths=4096)["saving"]
    assert len(np.unique(x[3])) == 4096
    progress = processes.ramp(
        Ramp.model_validate(written), Calendar(date(2027, 1, 1), 48, "month", "contract")
    ).progress
    np.testing.assert_allclose(x, np.outer(progress[at] / progress[24], x[3]), rtol=1e-13)
    np.testing.assert_allclose(progress[:24], [_progress(t, 0.5, 1.5) for t in range(24)], rtol=1e-13)
    # from the end of the second year on, 4% a year is lost, whatever the part of the year
    np.testing.assert_allclose(progress[24:], [0.96 ** ((t - 23.5) / 12) for t in range(24, 48)], rtol=1e-13)


@pytest.mark.parametrize(("delay", "rise", "first_full"), [("0 months", "0 months", 0), ("6 months", "0 months", 6)])
def test_a_ramp_without_a_rise_is_a_step(delay: str, rise: str, first_full: int) -> None:
    written = Ramp.model_validate({"full_effect": 0.2, "delay": delay, "time_to_full_effect": rise})
    shape = processes.ramp(written, Calendar(date(2027, 1, 1), 12, "month", "contract"))
    assert shape.progress.tolist() == [0.0] * first_full + [1.0] * (12 - first_full)
    assert (shape.full_effect, shape.noise) == (0.2, 0.0)


# ------------------------------------------------------------------------------------------------ central values


def _central(written: dict[str, Any], choice: Any, months: int = 36, step: str = "month") -> Floats:
    """The driver of an offer in which every driver has its central value."""
    calendar = Calendar(date(2027, 1, 1), months, step, "contract")  # type: ignore[arg-type]
    program, problems = Program(calendar.periods), Problems()
    driver = Driver.model_validate({"unit": "index", "control": "nobody", "central": choice, **written})
    world = World(program, calendar, "central", {"x": driver}, [], problems)
    facts = Facts(program, calendar, "EUR")
    world.realise(facts)
    assert not problems.found
    program.line("x", program.section("shown"), facts["x"].value)
    return run_arrays(program, None, np.zeros(1, np.uint64))[:, 0]


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("step", STEPS)
def test_the_central_mean_is_the_mean(name: str, step: str) -> None:
    written, known = PROCESSES[name]
    n = STEPS[step]
    expected = [known.mean((t + 1) / n) for t in range(3 * n)]
    np.testing.assert_allclose(_central(written, "mean", step=step), expected, rtol=1e-12)


@pytest.mark.parametrize("name", PROCESSES)
def test_the_central_median_is_half_way(name: str, simulated: dict[tuple[str, str], Floats]) -> None:
    """Half the simulated paths lie below it, within 4 standard errors of a count."""
    median = _central(PROCESSES[name][0], "median", months=48)
    for time, year in enumerate(TIMES):
        for step in STEPS:
            below = (simulated[name, step][time] < median[12 * year - 1]).mean()
            assert abs(below - 0.5) * 2 * math.sqrt(PATHS) <= 4.0


@pytest.mark.parametrize("written", [written for written, _ in PROCESSES.values()])
def test_a_central_number_holds_in_every_period(written: dict[str, Any]) -> None:
    assert _central(written, 42.0).tolist() == [42.0] * 36


def test_the_central_value_of_a_ramp_is_that_of_its_full_effect() -> None:
    written = {"ramp": {"full_effect": {"pert": {"low": 0.12, "mode": 0.2, "high": 0.26}}, **RAMP, "noise": 0.02}}
    p = np.array([_progress(t, 0.5, 1.5) for t in range(36)])
    np.testing.assert_allclose(_central(written, "mean"), p * (0.12 + 0.8 + 0.26) / 6, rtol=1e-12)
    np.testing.assert_allclose(_central(written, "mode"), p * 0.2, rtol=1e-12)
    np.testing.assert_allclose(
        _central(written, "median"), p * (0.12 + 0.14 * stats.beta(1 + 4 * 8 / 14, 1 + 4 * 6 / 14).median()), rtol=1e-11
    )
    np.testing.assert_allclose(_central(written, 0.15), p * 0.15, rtol=1e-12)
    np.testing.assert_allclose(_central({"ramp": {**written["ramp"], "full_effect": 0.3}}, "mode"), p * 0.3, rtol=1e-12)


def test_the_central_value_of_a_distribution_holds_for_life() -> None:
    written = {"triangular": {"low": 1, "mode": 2, "high": 7}, "drawn": "each period"}
    assert set(_central(written, "mode")) == {2.0}
    assert set(_central(written, "mean")) == {10.0 / 3.0}
