"""Processes with a longer memory: moments against closed forms and recursions of their own, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from gainsim.drivers import series
from gainsim.drivers.autoregression import autoregression
from gainsim.grid import Calendar
from gainsim.offer.drivers import Driver
from gainsim.offer.series import Autoregression, Bootstrap, Garch, RegimeSwitching

Floats = NDArray[np.float64]
Values = Callable[..., dict[str, Floats]]
PATHS = 200_704
MONTHS = Calendar(date(2027, 1, 1), 48, "month", "contract")


def _error(sample: Floats, expected: float) -> float:
    return float((sample.mean() - expected) / (sample.std(ddof=1) / math.sqrt(len(sample))))


def _near(*errors: float) -> None:
    """Each within 4 standard errors."""
    assert max(abs(z) for z in errors) <= 4.0, errors


# ------------------------------------------------------------------------------------------------ autoregressions


def test_an_arma_process_has_the_moments_of_its_covariance_matrix(values: Values) -> None:
    """ARMA(2, 1): the vector (y, y-1, e) steps by a matrix; its mean and covariance follow by matrix powers."""
    ar, ma, sd = [0.6, 0.25], [0.4], 3.0
    written = {"of": "level", "step": "month", "start": [108, 104], "mean": 100, "ar": ar, "ma": ma, "sd": sd}
    at = [0, 5, 23]
    x = values({"x": {"autoregression": written}}, at=at, step="month", paths=PATHS)["x"]
    move, shock = np.array([[0.6, 0.25, 0.4], [1, 0, 0], [0, 0, 0]]), np.array([[1.0], [0.0], [1.0]])
    mean, cov = np.array([4.0, 8.0, 0.0]), np.zeros((3, 3))
    for t in range(24):
        mean, cov = move @ mean, move @ cov @ move.T + sd * sd * shock @ shock.T
        if t in at:
            sample = x[at.index(t)]
            _near(_error(sample, 100 + mean[0]), _error((sample - 100 - mean[0]) ** 2, cov[0, 0]))
            process = autoregression(Autoregression.model_validate(written), MONTHS)
            assert process.mean is not None
            assert process.mean[t] == pytest.approx(100 + mean[0], rel=1e-13)


@pytest.mark.parametrize("of", ["price", "log"])
def test_in_the_long_run_the_mean_is_that_of_the_price_or_the_median_that_of_the_log(of: str, values: Values) -> None:
    written = {"of": of, "step": "month", "start": 80, "mean": 100, "ar": [0.9], "sd": 0.05}
    x = values({"x": {"autoregression": written}}, at=[119], step="month", paths=PATHS)["x"][0]
    variance = 0.05**2 / (1 - 0.81)
    _near(_error(x, 100 * math.exp(0.0 if of == "price" else variance / 2)))
    _near(_error(np.log(x), math.log(100) - (variance / 2 if of == "price" else 0.0)))


def test_an_autoregression_of_one_lag_is_a_mean_reversion(values: Values) -> None:
    """ar = exp(-speed / 12): the same moments as the process in continuous time, from one stream the same values."""
    speed, sigma = 1.2, 6.0
    keep = math.exp(-speed / 12)
    one = {"of": "level", "step": "month", "start": 4, "mean": 9, "ar": [keep],
           "sd": sigma * math.sqrt((1 - keep**2) / (2 * speed))}  # fmt: skip
    other = {"of": "level", "start": 4, "mean": 9, "speed": speed, "volatility": f"{sigma} pa"}
    a = values({"x": {"autoregression": one}}, at=[0, 30], step="month", paths=4096)["x"]
    b = values({"x": {"mean_reverting": other}}, at=[0, 30], step="month", paths=4096)["x"]
    np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)


# ------------------------------------------------------------------------------------------------ volatility


def test_a_garch_walk_keeps_its_mean_and_its_long_run_variance(values: Values) -> None:
    """E v is a recursion with weight α + β; the kurtosis of a step in the long run is 3 (1 - (α+β)²) / (1 - (α+β)² - 2α²)."""
    written = {"step": "month", "start": 100, "drift": "6% pa", "volatility": "24% pa", "reaction": 0.15,
               "persistence": 0.7, "now": "48% pa"}  # fmt: skip
    at = [0, 5, 58, 59]
    x = np.log(values({"x": {"garch": written}}, at=at, step="month", paths=PATHS)["x"] / 100)
    _near(*(_error(np.exp(x[k]), 1.06 ** ((t + 1) / 12)) for k, t in enumerate(at)))
    long_run, opening = 0.24**2 / 12, 0.48**2 / 12
    growth = math.log(1.06) / 12
    after = long_run + (opening - long_run) * 0.85**59
    step = x[3] - x[2] - growth
    _near(_error(x[0] - growth, -opening / 2), _error((x[0] - growth + opening / 2) ** 2, opening), _error(step, -after / 2))
    surprise = step + 0.5 * long_run
    kurtosis = 3 * (1 - 0.85**2) / (1 - 0.85**2 - 2 * 0.15**2)
    # the variance of a step is E v and, its mean being -v/2, a hundredth of a thousandth of it more
    assert (surprise**2).mean() == pytest.approx(long_run, rel=0.02)
    assert (surprise**4).mean() / (surprise**2).mean() ** 2 == pytest.approx(kurtosis, rel=0.05)


# ------------------------------------------------------------------------------------------------ regimes

REGIMES = {
    "step": "month",
    "start": 50,
    "starts_in": "calm",
    "regimes": {
        "calm": {"drift": "2% pa", "volatility": "10% pa", "leaves": {"crisis": "5%"}},
        "crisis": {"drift": "-20% pa", "volatility": "60% pa", "leaves": {"calm": "30%"}},
    },
}


def test_regimes_come_as_often_and_move_the_mean_as_the_chain_says(values: Values) -> None:
    """By matrix powers of the chain: chances of the regimes, means of the path, second moments of the log changes."""
    at = [0, 1, 11, 35, 36]
    x = values({"x": {"regime_switching": REGIMES}}, at=at, step="month", paths=PATHS)["x"]
    chain = np.array([[0.95, 0.05], [0.3, 0.7]])
    growth = np.array([1.02, 0.8]) ** (1 / 12)
    process = series.regime_switching(RegimeSwitching.model_validate(REGIMES), MONTHS)
    assert process.mean is not None
    state = np.array([1.0, 0.0])
    for t in range(37):
        state = (state @ chain) * growth
        if t in at:
            assert process.mean[t] == pytest.approx(50 * state.sum(), rel=1e-13)
            _near(_error(x[at.index(t)], 50 * state.sum()))
    chance = np.array([1.0, 0.0]) @ np.linalg.matrix_power(chain, 37)
    drift = np.log([1.02, 0.8]) / 12 - np.array([0.1, 0.6]) ** 2 / 24
    second = chance @ (np.array([0.1, 0.6]) ** 2 / 12 + drift**2)
    _near(_error(np.log(x[4] / x[3]) ** 2, second), _error(np.log(x[4] / x[3]), chance @ drift))


# ------------------------------------------------------------------------------------------------ history

HISTORY = [3.0, 4.0, 7.0, 5.0, 6.0, 9.0, 8.0, 12.0, 11.0]


def test_a_block_of_history_runs_as_it_came(values: Values) -> None:
    written = {"of": "levels", "step": "month", "history": HISTORY, "block": 3, "trend": "kept", "start": 5}
    at = list(range(6))
    x = values({"x": {"bootstrap": written}}, at=at, step="month", paths=70_000)["x"]
    runs = {tuple(HISTORY[k : k + 3]) for k in range(7)}
    for first in (0, 3):
        seen, counts = np.unique(x[first : first + 3], axis=1, return_counts=True)
        assert {tuple(run) for run in seen.T} == runs
        assert stats.chisquare(counts).pvalue > 1e-5
    process = series.bootstrap(Bootstrap.model_validate(written), MONTHS)
    assert process.mean is not None
    np.testing.assert_allclose(process.mean[:3], [np.mean(HISTORY[k : k + 7]) for k in range(3)], rtol=1e-14)


@pytest.mark.parametrize("of", ["changes", "log changes"])
@pytest.mark.parametrize("trend", ["kept", "removed"])
def test_changes_of_history_add_up(of: str, trend: str, values: Values) -> None:
    """A path's changes are those of history, less their average where the trend is removed; means by enumeration."""
    written = {"of": of, "step": "month", "history": HISTORY, "block": 2, "trend": trend, "start": 50}
    x = values({"x": {"bootstrap": written}}, at=[0, 1, 2], step="month", paths=PATHS)["x"]
    source = np.log(HISTORY) if of == "log changes" else np.array(HISTORY)
    pieces = np.diff(source) - (np.diff(source).mean() if trend == "removed" else 0.0)
    moved = np.log(x / 50) if of == "log changes" else x - 50
    found = {round(v, 9) for v in np.unique(moved[0].round(9))}
    assert found == {round(v, 9) for v in pieces[:7]}
    both = pieces[:7] + pieces[1:8]
    totals = both[:, None] + pieces[None, :7]
    expected = (50 * np.exp(totals)).mean() if of == "log changes" else 50 + totals.mean()
    process = series.bootstrap(Bootstrap.model_validate(written), MONTHS)
    assert process.mean is not None
    assert process.mean[2] == pytest.approx(expected, rel=1e-13)
    _near(_error(x[2], expected))


# ------------------------------------------------------------------------------------------------ jumps


@pytest.mark.parametrize("drift", ["includes them", "leaves them out"])
def test_a_walk_with_jumps_has_mertons_moments(drift: str, values: Values) -> None:
    """Log: variance (σ² + λ (m² + s²)) t; mean of the value as the drift says."""
    jumps = {"a_year": 2, "log_mean": -0.15, "log_sd": 0.2, "drift": drift}
    written = {"start": 10, "drift": "5% pa", "volatility": "20% pa", "jumps": jumps}
    x = values({"x": {"geometric_walk": written}}, at=[35], step="month", paths=PATHS)["x"][0]
    lift = 2 * (math.exp(-0.15 + 0.02) - 1)
    growth = math.log(1.05) + (0.0 if drift == "includes them" else lift)
    _near(_error(x, 10 * math.exp(3 * growth)))
    centre = 3 * (growth - lift - 0.02 - 2 * 0.15)
    log = np.log(x / 10)
    _near(_error(log, centre), _error((log - centre) ** 2, 3 * (0.04 + 2 * (0.15**2 + 0.2**2))))
    third = 3 * 2 * (-(0.15**3) - 3 * 0.15 * 0.2**2)  # λ t (m³ + 3 m s²)
    _near(_error((log - centre) ** 3, third))


# ------------------------------------------------------------------------------------------------ followers


def test_an_index_follows_another_driver_later_and_in_part(values: Values) -> None:
    """Two months later, 60% of the change since the start; before the contract the values that are written, 90 and 110."""
    gas = {"geometric_walk": {"start": 100, "drift": "2% pa", "volatility": "30% pa"}}
    fuel = {"central": None, "follows": {"of": "gas", "lag": "2 months", "start": 50, "pass_through": "60%", "before": [90, 110]}}
    x = values({"fuel": fuel, "gas": gas}, at=list(range(6)), step="month", paths=4096)
    late = np.concatenate([np.full((1, 4096), 90.0), np.full((1, 4096), 110.0), x["gas"][:4]])
    np.testing.assert_allclose(x["fuel"], 50 * (1 + 0.6 * (late / 100 - 1)), rtol=1e-14)
    at_once = {"central": None, "follows": {"of": "gas", "start": 100}}
    both = values({"gas": gas, "fuel": at_once}, at=[3], step="month", paths=4096)
    np.testing.assert_allclose(both["fuel"], both["gas"], rtol=1e-14)


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("kind", "written", "message"),
    [
        ("autoregression", {"ar": []}, "has ar, ma, or both"),
        ("autoregression", {"start": [1, 2, 3]}, "write one, or as many as ar has: 2"),
        ("autoregression", {"of": "log", "start": -1}, "Did you mean of: level"),
        ("garch", {"persistence": 0.95}, "no long-run volatility"),
        ("regime_switching", {"starts_in": "boom"}, "no regime 'boom'"),
        ("bootstrap", {"block": 6}, "more than half of a history of 9"),
        ("bootstrap", {"trend": "removed"}, "levels have no trend"),
    ],
)
def test_what_makes_no_sense_is_refused(kind: str, written: dict[str, Any], message: str) -> None:
    whole: dict[str, dict[str, Any]] = {
        "autoregression": {"of": "level", "step": "month", "start": 4, "mean": 9, "ar": [0.5, 0.2], "sd": 1},
        "garch": {"step": "month", "start": 1, "drift": "1% pa", "volatility": "9% pa", "reaction": 0.1, "persistence": 0.8},
        "regime_switching": REGIMES,
        "bootstrap": {"of": "levels", "step": "month", "history": HISTORY, "block": 3, "trend": "kept", "start": 5},
    }
    driver = {"unit": "index", "control": "nobody", "central": "mean", kind: {**whole[kind], **written}}
    with pytest.raises(ValueError, match=message):
        Driver.model_validate(driver)


def test_chances_to_leave_that_add_up_to_all_but_for_rounding_may_stand() -> None:
    """0.05 + 0.55 + 0.3 + 0.1 is above 1 in the last digit."""
    calm = {"drift": "0% pa", "volatility": "9% pa"}
    leaves = dict(zip("bcde", ("5%", "55%", "30%", "10%"), strict=True))
    regimes = {"a": {**calm, "leaves": leaves}, **{name: {**calm, "leaves": {"a": "50%"}} for name in leaves}}
    written = RegimeSwitching.model_validate({**REGIMES, "starts_in": "a", "regimes": regimes})
    assert np.isfinite(series.regime_switching(written, MONTHS).mean).all()


def test_an_autoregression_that_never_settles_is_refused() -> None:
    for ar in ([1.0], [0.7, 0.31], [1.8, -0.7, 0.1]):
        written = {"of": "level", "step": "month", "start": 4, "mean": 9, "ar": ar, "sd": 1}
        with pytest.raises(ValueError, match="never settles"):
            autoregression(Autoregression.model_validate(written), MONTHS)


def test_a_process_of_months_runs_on_a_calendar_of_months() -> None:
    written = {"step": "quarter", "start": 1, "drift": "1% pa", "volatility": "9% pa", "reaction": 0.1, "persistence": 0.8}
    with pytest.raises(ValueError, match="steps of a quarter; the calendar has steps of a month"):
        series.garch(Garch.model_validate(written), MONTHS)
