"""Courses over time: values by hand, means by closed forms, events that hit what they are said to hit."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from gainsim.drivers.courses import COURSES, Course
from gainsim.grid import Calendar
from gainsim.offer.drivers import Driver

Floats = NDArray[np.float64]
Values = Callable[..., dict[str, Floats]]
PATHS = 100_352
MONTHS = Calendar(date(2027, 1, 1), 60, "month", "contract")


def _driver(kind: str, written: dict[str, Any]) -> Driver:
    return Driver.model_validate({"unit": "index", "control": "nobody", "central": "mean", kind: written})


def _course(kind: str, written: dict[str, Any]) -> Course:
    return COURSES[kind](getattr(_driver(kind, written), kind), MONTHS)


def _near(sample: Floats, expected: float) -> None:
    """Within 4 standard errors."""
    assert abs(sample.mean() - expected) <= 4.0 * sample.std() / math.sqrt(len(sample)) + 1e-12 * abs(expected)


# ------------------------------------------------------------------------------------------------ curves


def test_a_logistic_adoption_passes_a_tenth_a_half_and_nine_tenths_in_time() -> None:
    """Half at 24 months, 10% to 90% in 18: the middles of months 14.5 to 15.5 lie half a month around 15."""
    written = {"of": "logistic", "potential": 800, "half_at": "24 months", "from_10_to_90": "18 months"}
    got = _course("adoption", written).central("mean")
    expected = 800 / (1 + np.exp((24 - (np.arange(60) + 0.5)) / (18 / (2 * math.log(9)))))
    np.testing.assert_allclose(got, expected, rtol=1e-13)
    assert (got[14] + got[15]) / 2 == pytest.approx(80, rel=0.01)
    assert (got[23] + got[24]) / 2 == pytest.approx(400, rel=1e-12)
    assert (got[32] + got[33]) / 2 == pytest.approx(720, rel=0.01)


def test_a_bass_adoption_solves_its_differential_equation() -> None:
    """F' = (p + q F) (1 - F), from 0."""
    written = {"of": "bass", "potential": 1, "innovation": 0.03, "imitation": 0.4}
    got = _course("adoption", written).central("mean")
    solved = integrate.solve_ivp(
        lambda _, f: (0.03 + 0.4 * f) * (1 - f), (0, 5), [0.0], t_eval=(np.arange(60) + 0.5) / 12, rtol=1e-11, atol=1e-13
    )
    np.testing.assert_allclose(got, solved.y[0], rtol=1e-8)


def test_learning_loses_the_same_part_with_each_doubling() -> None:
    """Half a month before the end of months 12 and 36, one and two doublings of 12 months' experience are nearly done."""
    got = _course("learning", {"start": 200, "rate": "80%", "experience": "12 months"}).central("median")
    doublings = np.log2((12 + np.arange(60) + 0.5) / 12)
    np.testing.assert_allclose(got, 200 * 0.8**doublings, rtol=1e-13)
    assert got[11] == pytest.approx(160, rel=0.01)
    assert got[35] == pytest.approx(128, rel=0.01)
    assert _course("learning", {"start": 200, "rate": 0.8, "experience": "1 months", "lowest": 90}).central("mean")[-1] == 90


def test_wear_is_restored_at_each_renewal() -> None:
    """3% a year, 6 months old at the start, renewed every 24 months: new again after 18 months, and after 42."""
    written = {"start": 0.98, "loss": "3%", "loses": "in a straight line", "age": "6 months", "renewed": "24 months"}
    got = _course("wear", written).central("mean")
    assert got[0] == pytest.approx(0.98 * (1 - 0.03 * 6.5 / 12), rel=1e-13)
    assert got[17] == pytest.approx(0.98 * (1 - 0.03 * 23.5 / 12), rel=1e-13)
    assert got[18] == got[42] == pytest.approx(0.98 * (1 - 0.03 * 0.5 / 12), rel=1e-13)
    left = _course("wear", {"start": 1, "loss": "10%", "loses": "of what is left"}).central("mean")
    assert left[30] == pytest.approx(0.9 ** (30.5 / 12), rel=1e-13)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("adoption", {"of": "logistic", "potential": {"triangular": {"low": 500, "mode": 800, "high": 900}},
                      "half_at": "20 months", "from_10_to_90": "20 months", "pace": {"lognormal": {"mean": 1, "sd": 0.3}}}),
        ("adoption", {"of": "bass", "potential": {"normal": {"mean": 100, "sd": 10}}, "innovation": 0.03, "imitation": 0.5,
                      "pace": {"uniform": {"low": 0.5, "high": 1.5}}, "noise": 4}),
        ("learning", {"start": 90, "rate": {"pert": {"low": 0.7, "mode": 0.85, "high": 0.95}}, "experience": "6 months"}),
        ("wear", {"start": 1, "loss": {"gamma": {"mean": 0.05, "sd": 0.03}}, "loses": "of what is left", "noise": 0.01}),
        ("event", {"chance": "40%", "months": {"uniform": {"low": 6, "high": 50}}, "size": {"normal": {"mean": 9, "sd": 3}},
                   "lasts": "10 months"}),
    ],
)  # fmt: skip
def test_the_central_mean_is_the_mean_over_the_paths(kind: str, written: dict[str, Any], values: Values) -> None:
    at = [0, 11, 30, 59]
    x = values({"x": {kind: written}}, at=at, step="month", paths=PATHS)["x"]
    mean = _course(kind, written).central("mean")
    for sample, t in zip(x, at, strict=True):
        _near(sample, float(mean[t]))


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("adoption", {"of": "bass", "potential": 1, "innovation": 0.03, "imitation": 0.4}),
        ("adoption", {"of": "logistic", "potential": 9, "half_at": "3 months", "from_10_to_90": "9 months"}),
        ("learning", {"start": 90, "rate": 0.8, "experience": "6 months", "lowest": 60}),
        ("wear", {"start": 1, "loss": 0.05, "loses": "in a straight line", "renewed": "12 months"}),
        ("event", {"chance": 1, "on": "2028-03-07", "size": 4, "lasts": "for good"}),
    ],
)
def test_a_course_without_chance_is_certain(kind: str, written: dict[str, Any], values: Values) -> None:
    x = values({"x": {kind: written}}, at=[3, 30], step="month", paths=4096)["x"]
    assert (x == _course(kind, written).central("mean")[[3, 30]][:, None]).all()


# ------------------------------------------------------------------------------------------------ events


def test_an_event_covers_the_part_of_each_period_that_it_should(values: Values) -> None:
    """From 2027-03-11, a third of March gone (10 of 31 days), for two months."""
    written = {"chance": 1, "on": "2027-03-11", "size": 6, "lasts": "2 months"}
    x = values({"x": {"event": written}}, at=list(range(6)), step="month", paths=4096)["x"][:, 0]
    np.testing.assert_allclose(x, [0, 0, 6 * 21 / 31, 6, 6 * 10 / 31, 0], rtol=1e-12)


def test_an_event_comes_as_often_and_when_it_should(values: Values) -> None:
    written = {"chance": "30%", "months": {"weibull": {"shape": 2, "scale": 20}}, "size": 1, "lasts": "for good"}
    x = values({"x": {"event": written}}, at=[11, 23, 47], step="month", paths=PATHS)["x"]
    for sample, months in zip(x, (12, 24, 48), strict=True):
        _near(1.0 * (sample > 0), 0.3 * stats.weibull_min(2, scale=20).cdf(months))


def test_an_event_that_hits_drivers_moves_them_all_on_the_same_paths(values: Values) -> None:
    plain = {"gas": {"geometric_walk": {"start": 30, "drift": "0% pa", "volatility": "20% pa"}}, "demand": {"constant": 100}}
    crisis = {"unit": "fraction",
              "event": {"chance": "50%", "on": "2027-04-01", "size": 1, "lasts": "6 months",
                        "hits": {"gas": 0.8, "demand": "-25%"}}}  # fmt: skip
    at = [2, 5, 11]
    before = values(plain, at=at, step="month", paths=4096)
    after = values({**plain, "crisis": crisis}, at=at, step="month", paths=4096)
    on = after["crisis"]
    assert set(np.unique(on[1])) == {0.0, 1.0}
    assert (on[[0, 2]] == 0.0).all()
    np.testing.assert_allclose(after["gas"], before["gas"] * (1 + 0.8 * on), rtol=1e-15)
    np.testing.assert_allclose(after["demand"], 100 * (1 - 0.25 * on), rtol=1e-15)


@pytest.mark.parametrize(
    ("kind", "written", "message"),
    [
        ("adoption", {"of": "bass", "potential": 1, "half_at": "3 months"}, "given by innovation and imitation"),
        ("event", {"chance": "30%", "size": 1, "lasts": "for good"}, "say when it comes"),
        ("event", {"chance": "130%", "on": "2027-03", "size": 1, "lasts": "for good"}, "chance"),
    ],
)
def test_what_makes_no_sense_is_refused(kind: str, written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _driver(kind, written)
