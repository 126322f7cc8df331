"""Processes as their peers step them: QuantLib's walks and reversions, statsmodels' autoregressions, arch's variances."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gainsim.drivers import processes, series
from gainsim.drivers.autoregression import autoregression
from gainsim.drivers.evolution import Evolution
from gainsim.grid import Calendar
from gainsim.offer.drivers import GeometricWalk, MeanReverting
from gainsim.offer.series import Autoregression, Garch
from tests.peer import peer
from tests.peers.market import Market

ql = peer("QuantLib")
MARKET = Market(ql)
arch = peer("arch")
arima = peer("statsmodels.tsa.arima_process")
Floats = NDArray[np.float64]
Values = Callable[..., dict[str, Floats]]
PATHS = 200_704
MONTHS = Calendar(date(2027, 1, 1), 60, "month", "contract")
SCORES = np.random.default_rng(5).standard_normal(60)


def _path(process: Evolution, scores: Floats) -> Floats:
    """The values of one path, from its scores."""
    memory: Any = [np.array([value]) for value in process.memory]
    path = []
    for period, z in enumerate(scores):
        dated = [row[period] for row in process.dated] + [np.array([n]) for n in process.numbers.values()]
        value, memory = process.step([np.array([z])], memory, dated)
        path.append(float(value[0]))
    return np.array(path)


def _evolved(peer_process: Any, start: float, scores: Floats) -> Floats:
    """QuantLib's own path, a month a step."""
    path, x = [], start
    for period, z in enumerate(scores.tolist()):
        x = peer_process.evolve(period / 12, x, 1 / 12, z)
        path.append(x)
    return np.array(path)


# ------------------------------------------------------------------------------------------------ walks and reversions


def test_a_walk_takes_quantlibs_steps() -> None:
    """The same path from the same scores: the growth is r - q, so that the mean grows by it."""
    walk = GeometricWalk.model_validate({"start": 80, "drift": "2% pa continuous", "volatility": "35% pa"})
    known = MARKET.black_scholes(spot=80, r=0.07, q=0.05, vol=0.35)
    np.testing.assert_allclose(_path(processes.walk(walk, MONTHS), SCORES), _evolved(known, 80.0, SCORES), rtol=1e-12)


def test_a_walk_with_jumps_is_worth_what_quantlib_says(values: Values) -> None:
    """After a year, calls and puts at several strikes by Bates' engine; the mean grows by r - q with the jumps or without."""
    jumps = {"a_year": 2.5, "log_mean": -0.1, "log_sd": 0.2}
    engine = MARKET.merton(spot=80, r=0.07, q=0.05, vol=0.2, **jumps)
    walk = {"start": 80, "drift": "2% pa continuous", "volatility": "20% pa", "jumps": {**jumps, "drift": "includes them"}}
    apart = 2.5 * math.expm1(-0.1 + 0.02)  # what jumps add to the growth of the mean
    other = {**walk, "drift": f"{2.0 - 100.0 * apart!r}% pa continuous", "jumps": {**jumps, "drift": "leaves them out"}}
    x = values({"x": {"geometric_walk": walk}, "y": {"geometric_walk": other}}, at=[11], step="month", paths=PATHS)
    for ends in (x["x"][0], x["y"][0]):
        for side, sign in ((ql.Option.Call, 1.0), (ql.Option.Put, -1.0)):
            for strike in (60.0, 80.0, 110.0):
                option = ql.VanillaOption(ql.PlainVanillaPayoff(side, strike), MARKET.expires(365))
                option.setPricingEngine(engine)
                paid = math.exp(-0.07) * np.maximum(sign * (ends - strike), 0.0)
                assert abs(paid.mean() - option.NPV()) <= 4.0 * paid.std() / math.sqrt(PATHS) + 1e-4


REVERSIONS = {
    "level": (3.0, -4.0, lambda y: y, lambda x: x),
    "log": (88.0, 120.0, np.exp, math.log),
    "share": (0.7, 0.2, lambda y: 1 / (1 + np.exp(-y)), lambda x: math.log(x / (1 - x))),
}


@pytest.mark.parametrize("of", REVERSIONS)
def test_a_reversion_takes_quantlibs_steps(of: str) -> None:
    """Ornstein and Uhlenbeck's process, of the level, the log or the log of the odds: path, mean and median."""
    mean, start, back, into = REVERSIONS[of]
    volatility = "5 pa" if of == "level" else "50% pa"
    size = 5.0 if of == "level" else 0.5
    written = {"of": of, "start": start, "mean": mean, "speed": 0.8, "volatility": volatility}
    process = processes.reversion(MeanReverting.model_validate(written), MONTHS)
    known = ql.OrnsteinUhlenbeckProcess(0.8, size, into(start), into(mean))
    np.testing.assert_allclose(_path(process, SCORES), back(_evolved(known, into(start), SCORES)), rtol=1e-11)
    assert process.mean is not None
    assert process.median is not None
    for period in (0, 11, 59):
        t = (period + 1) / 12
        middle, spread = known.expectation(0.0, into(start), t), known.stdDeviation(0.0, into(start), t)
        assert process.median[period] == pytest.approx(back(middle), rel=1e-12)
        if of == "level":
            assert process.mean[period] == pytest.approx(middle, rel=1e-12)
        if of == "log":
            assert process.mean[period] == pytest.approx(math.exp(middle + spread**2 / 2), rel=1e-12)


def test_a_price_reverts_to_the_mean_of_the_price() -> None:
    """The level of the log is ln(mean) less half of QuantLib's variance in the long run."""
    written = {"of": "price", "start": 60, "mean": 88, "speed": 0.8, "volatility": "34% pa"}
    process = processes.reversion(MeanReverting.model_validate(written), MONTHS)
    long_run = ql.OrnsteinUhlenbeckProcess(0.8, 0.34, 0.0, 0.0).variance(0.0, 0.0, 1_000.0)
    known = ql.OrnsteinUhlenbeckProcess(0.8, 0.34, math.log(60), math.log(88) - long_run / 2)
    np.testing.assert_allclose(_path(process, SCORES), np.exp(_evolved(known, math.log(60), SCORES)), rtol=1e-12)


# ------------------------------------------------------------------------------------------------ autoregressions


def test_an_autoregression_takes_the_steps_of_statsmodels() -> None:
    """ARMA(2, 2) from its mean: the same filter over the same surprises."""
    ar, ma = [0.6, 0.25], [0.4, -0.2]
    written = {"of": "level", "step": "month", "start": 50, "mean": 50, "ar": ar, "ma": ma, "sd": 3}
    process = autoregression(Autoregression.model_validate(written), MONTHS)
    known = arima.ArmaProcess.from_coeffs(ar, ma)
    path = known.generate_sample(60, scale=3.0, distrvs=lambda size: SCORES.reshape(size))
    np.testing.assert_allclose(_path(process, SCORES), 50.0 + path, rtol=1e-12)


def test_autocovariances_of_an_autoregression_are_those_of_statsmodels(values: Values) -> None:
    """In the long run, of distances from 0 to 6 months."""
    ar, ma = [0.5, 0.2], [0.4]
    written = {"of": "level", "step": "month", "start": 0, "mean": 0, "ar": ar, "ma": ma, "sd": 2}
    at = [*range(113, 120)]
    x = values({"x": {"autoregression": written}}, at=at, step="month", paths=PATHS)["x"]
    known = arima.ArmaProcess.from_coeffs(ar, ma).acovf(7) * 4.0
    for lag, covariance in enumerate(known):
        products = x[6] * x[6 - lag]
        assert abs(products.mean() - covariance) <= 4.0 * products.std() / math.sqrt(PATHS), lag


# ------------------------------------------------------------------------------------------------ changing variance

GARCH = {"step": "month", "start": 100, "drift": "6% pa", "volatility": "24% pa", "reaction": 0.15, "persistence": 0.7}


def test_the_variance_of_a_garch_walk_answers_as_that_of_arch() -> None:
    """Variances are made of the surprises of a path by the recursion of arch, from the long-run one."""
    path = _path(series.garch(Garch.model_validate(GARCH), MONTHS), SCORES)
    long_run = 0.24**2 / 12
    changes = np.diff(np.log(np.append(100.0, path)))
    model = arch.univariate.GARCH(1, 0, 1)
    parameters = np.array([0.15 * long_run, 0.15, 0.7])
    variances, surprises = np.empty(60), np.empty(60)
    growth = math.log(1.06) / 12
    for period in range(60):  # the next variance needs the last surprise, the next surprise that variance
        surprises[period] = 0.0
        known = np.empty(period + 1)
        model.compute_variance(parameters, surprises[: period + 1], known, long_run, np.tile([0.0, 1e9], (period + 1, 1)))
        variances[period] = known[-1]
        surprises[period] = changes[period] - growth + variances[period] / 2
    np.testing.assert_allclose(surprises / np.sqrt(variances), SCORES, rtol=1e-9, atol=1e-11)


def test_variances_of_a_garch_walk_are_those_that_arch_foretells(values: Values) -> None:
    """From the variance after a history, month by month."""
    history = np.random.default_rng(8).standard_normal(240) * 0.24 / math.sqrt(12)
    long_run = 0.24**2 / 12
    model = arch.univariate.ZeroMean(history, volatility=arch.univariate.GARCH(1, 0, 1), rescale=False)
    foretold = model.forecast(np.array([0.15 * long_run, 0.15, 0.7]), horizon=24).variance.to_numpy()[-1]
    written = {**GARCH, "now": f"{100.0 * math.sqrt(12.0 * foretold[0])!r}% pa"}
    x = values({"x": {"garch": written}}, at=[*range(24)], step="month", paths=PATHS)["x"]
    changes = np.diff(np.log(np.vstack([np.full(PATHS, 100.0), x])), axis=0) - math.log(1.06) / 12
    for period, expected in enumerate(foretold):
        # the mean of a change is minus half its variance; that this half itself varies adds a ten-thousandth
        squares = (changes[period] + expected / 2) ** 2
        assert abs(squares.mean() - expected) <= 4.0 * squares.std() / math.sqrt(PATHS) + 2e-4 * expected, period
