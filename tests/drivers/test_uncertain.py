"""Parameters that are distributions: each path has its own, for life; means and variances by conditioning on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from gainsim.offer.drivers import Driver

from .test_processes import _central

Floats = NDArray[np.float64]
Values = Callable[..., dict[str, Floats]]
PATHS = 200_704


def _near(sample: Floats, expected: float) -> None:
    """Within 4 standard errors."""
    assert abs(sample.mean() - expected) <= 4.0 * sample.std() / math.sqrt(len(sample))


def test_a_walk_with_an_uncertain_drift_and_volatility(values: Values) -> None:
    """E S = start E[(1 + r)^t]; Var ln S = t² Var g + t E σ² + t²/4 Var σ², g = ln(1 + r) and σ being independent."""
    drift, volatility = {"uniform": {"low": "-2%", "high": "10%"}}, {"uniform": {"low": "10%", "high": "40%"}}
    written = {"geometric_walk": {"start": 50, "drift": drift, "volatility": volatility}}
    x = values({"x": written}, at=[59], step="month", paths=PATHS)["x"][0]
    mean = 50 * integrate.quad(lambda r: (1 + r) ** 5, -0.02, 0.1)[0] / 0.12
    _near(x, mean)
    assert _central(written, "mean", months=60)[-1] == pytest.approx(mean, rel=1e-9)
    g = [integrate.quad(lambda r, k=k: math.log(1 + r) ** k, -0.02, 0.1)[0] / 0.12 for k in (1, 2)]
    v = [integrate.quad(lambda s, k=k: s ** (2 * k), 0.1, 0.4)[0] / 0.3 for k in (1, 2)]
    centre = math.log(50) + 5 * (g[0] - v[0] / 2)
    variance = 25 * (g[1] - g[0] ** 2) + 5 * v[0] + 25 / 4 * (v[1] - v[0] ** 2)
    _near(np.log(x), centre)
    _near((np.log(x) - centre) ** 2, variance)


def test_a_garch_with_an_uncertain_drift(values: Values) -> None:
    """Its mean grows by the drift of the path whatever its variance does: E S = start E[(1 + r)^t]."""
    written = {"garch": {"step": "month", "start": 50, "drift": {"uniform": {"low": "-2%", "high": "10%"}},
                         "volatility": "20% pa", "reaction": 0.1, "persistence": 0.8}}  # fmt: skip
    mean = 50 * integrate.quad(lambda r: (1 + r) ** 2, -0.02, 0.1)[0] / 0.12
    _near(values({"x": written}, at=[23], step="month", paths=PATHS)["x"][0], mean)
    assert _central(written, "mean", months=24)[-1] == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("of", ["price", "log", "level"])
def test_a_reversion_to_an_uncertain_mean_at_an_uncertain_speed(of: str, values: Values) -> None:
    """Long after the start the mean is that of the uncertain one (of log: times half the long-run variance)."""
    mean, half_life = {"uniform": {"low": 80, "high": 120}}, {"uniform": {"low": 6, "high": 12}}
    volatility = "20% pa" if of != "level" else "15 pa"
    written = {"mean_reverting": {"of": of, "start": 60, "mean": mean, "half_life": half_life, "volatility": volatility}}
    x = values({"x": written}, at=[5, 119], step="month", paths=PATHS)["x"]
    lift = 1.0
    if of == "log":
        lift = integrate.quad(lambda m: math.exp(0.04 * m / 12 / (4 * math.log(2))), 6, 12)[0] / 6
    _near(x[1], 100 * lift)
    central = _central(written, "mean", months=120)
    assert central[-1] == pytest.approx(100 * lift, rel=2e-4)  # what is left of the start after ten years
    _near(x[0], float(central[5]))


def test_the_mean_counts_single_values_with_their_chances() -> None:
    """Half of the paths lose half a year, half gain half: after three years 0.5 (0.125 + 3.375). And of a speed and a mean."""
    drift = {"discrete": [{"value": -0.5, "chance": 0.5}, {"value": 0.5, "chance": 0.5}]}
    jumps = {"a_year": 2, "log_mean": 0.1, "log_sd": 0.2, "drift": "leaves them out"}
    walk = {"geometric_walk": {"start": 100, "drift": drift, "volatility": {"uniform": {"low": 0.1, "high": 0.4}}, "jumps": jumps}}
    raised = math.exp(3 * 2 * (math.exp(0.12) - 1))
    assert _central(walk, "mean")[-1] == pytest.approx(175 * raised, rel=1e-12)

    def certain(mean: float, months: float) -> Floats:
        written = {"of": "price", "start": 60, "mean": mean, "speed": 12 * math.log(2) / months, "volatility": "30% pa"}
        return _central({"mean_reverting": written}, "mean")

    mean = {"discrete": [{"value": 80, "chance": 0.3}, {"value": 120, "chance": 0.7}]}
    half_life = {"discrete": [{"value": 3, "chance": 0.2}, {"value": 12, "chance": 0.8}]}
    written = {"of": "price", "start": 60, "mean": mean, "half_life": half_life, "volatility": "30% pa"}
    expected = sum(p * q * certain(m, h) for m, p in ((80, 0.3), (120, 0.7)) for h, q in ((3, 0.2), (12, 0.8)))
    np.testing.assert_allclose(_central({"mean_reverting": written}, "mean"), expected, rtol=1e-12)


def test_an_uncertain_parameter_of_no_spread_is_a_certain_one(values: Values) -> None:
    """To rounding: the formulas are arranged otherwise."""
    certain = {"mean_reverting": {"of": "price", "start": 60, "mean": 90, "half_life": "9 months", "volatility": "30% pa"}}
    sure = {"normal": {"mean": 90, "sd": 0}}
    same = {"mean_reverting": {**certain["mean_reverting"], "mean": sure}}
    at = [0, 7, 35]
    a, b = (values({"x": driver}, at=at, step="month", paths=4096)["x"] for driver in (certain, same))
    np.testing.assert_allclose(a, b, rtol=1e-12)
    walk = {"geometric_walk": {"start": 60, "drift": "3% pa", "volatility": "30% pa"}}
    same = {"geometric_walk": {**walk["geometric_walk"], "drift": {"normal": {"mean": 0.03, "sd": 0}}}}
    a, b = (values({"x": driver}, at=at, step="month", paths=4096)["x"] for driver in (walk, same))
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_each_path_keeps_its_own_drift(values: Values) -> None:
    """Without volatility two years tell the drift of a path, and the third year shows it again."""
    drift = {"gamma": {"mean": 0.05, "sd": 0.02}}
    walk = {"geometric_walk": {"start": 1, "drift": drift, "volatility": "0% pa"}}
    x = values({"x": walk}, at=[23, 35], step="month", paths=8192)["x"]
    np.testing.assert_allclose(x[1], x[0] ** 1.5, rtol=1e-12)
    rates = np.sqrt(x[0]) - 1
    assert stats.kstest(rates, stats.gamma(6.25, scale=0.008).cdf).pvalue > 1e-4


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"drift": {"normal": {"mean": 0.02, "sd": 0.5}}}, "drift has no meaning below -1"),
        ({"volatility": {"compound": {"number": {"poisson": {"mean": 1}}, "size": {"uniform": {"low": 0, "high": 1}}}}},
         "a mixture or a compound sum cannot stand here"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(written: dict[str, Any], message: str, values: Values) -> None:
    walk = {"start": 60, "drift": "3% pa", "volatility": "30% pa", **written}
    Driver.model_validate({"unit": "index", "control": "nobody", "central": "mean", "geometric_walk": walk})
    with pytest.raises((ValueError, AssertionError), match=message):
        _central({"geometric_walk": walk}, "mean")
