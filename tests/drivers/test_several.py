"""Several sets of parameters: each path has one of them for life, and then moves as the process with that set does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gainsim.offer.drivers import Driver
from gainsim.ops.arrays import run_arrays
from gainsim.ops.loop import Loop
from gainsim.ops.run_text import BLOCK
from gainsim.scenario.load import load_text
from gainsim.streams.source import Philox

from .test_processes import _central

Floats = NDArray[np.float64]
Values = Callable[..., dict[str, Floats]]

#: kind, what is certain, and three sets: (keys down to the parameter) → its value in each
GARCH = {"step": "month", "start": 50, "reaction": 0.1}
CALM, CRISIS = {"leaves": {"crisis": "5%"}}, {"drift": "-20% pa", "volatility": "60% pa"}
REGIMES = {"step": "month", "start": 50, "starts_in": "calm", "regimes": {"calm": CALM, "crisis": CRISIS}}
WALK = {"start": 10, "jumps": {"drift": "leaves them out", "log_sd": 0.1}}
ARMA = {"of": "log", "step": "month", "start": [90, 80], "season": [1 + 0.1 * m for m in range(12)]}
SETS: dict[str, tuple[str, dict[str, Any], dict[tuple[str | int, ...], list[Any]]]] = {
    "a garch": ("garch", GARCH, {
        ("drift",): ["1% pa", "5% pa", "9% pa"], ("volatility",): ["10% pa", "20% pa", "40% pa"],
        ("persistence",): [0.5, 0.7, 0.85], ("now",): ["30% pa", "10% pa", "20% pa"]}),
    "regimes": ("regime_switching", REGIMES, {
        ("regimes", "calm", "drift"): ["2% pa", "3% pa", "5% pa"], ("regimes", "calm", "volatility"): ["8% pa", "10% pa", "12% pa"],
        ("regimes", "crisis", "leaves", "calm"): ["10%", "30%", "90%"]}),
    "a walk with jumps": ("geometric_walk", WALK, {
        ("drift",): ["1% pa", "5% pa", "9% pa"], ("volatility",): ["10% pa", "20% pa", "40% pa"],
        ("jumps", "a_year"): [0.2, 3, 12], ("jumps", "log_mean"): [-0.5, 0.05, -0.1]}),
    "a reversion": ("mean_reverting", {"of": "price", "start": 60}, {
        ("mean",): [80, 100, 120], ("half_life",): ["3 months", "2 years", "9 months"],
        ("volatility",): ["10% pa", "20% pa", "40% pa"]}),
    "an autoregression": ("autoregression", ARMA, {
        ("mean",): [80, 100, 120], ("ar", 0): [0.5, 1.2, -0.3], ("ar", 1): [0.2, -0.5, 0.3], ("ma", 0): [0.4, -0.3, 0.0],
        ("sd",): [0.05, 0.1, 0.2]}),
}  # fmt: skip
CASES = pytest.mark.parametrize("name", SETS)


def _put(written: Any, keys: tuple[str | int, ...], value: Any) -> Any:
    if not keys:
        return value
    key, *rest = keys
    if isinstance(key, int):
        before = written or []
        return [_put(before[key] if key < len(before) else None, tuple(rest), value) if n == key else before[n]
                for n in range(max(len(before), key + 1))]  # fmt: skip
    return {**(written or {}), key: _put((written or {}).get(key), tuple(rest), value)}


def _driver(name: str, place: int | None) -> dict[str, Any]:
    """With the set at one place, or with all of them."""
    kind, written, sets = SETS[name]
    for keys, each in sets.items():
        written = _put(written, keys, each if place is None else each[place])
    return {kind: written}


@CASES
def test_each_path_moves_as_one_of_the_processes_does(name: str, values: Values) -> None:
    """The same draws under the same name: every path has the values of one of the three certain processes, for life."""
    at = [0, 1, 2, 11, 35]
    several, *certain = (values({"x": _driver(name, place)}, at=at, step="month", paths=8_192)["x"] for place in (None, 0, 1, 2))
    same = np.array([np.isclose(several, x, rtol=1e-9, atol=0).all(axis=0) for x in certain])
    np.testing.assert_array_equal(same.sum(axis=0), 1)
    parts = same.mean(axis=1)
    assert np.abs(parts - 1 / 3).max() < 4 * np.sqrt(2 / 9 / 8_192)


@CASES
def test_the_mean_is_the_average_of_theirs(name: str) -> None:
    each = [_central(_driver(name, place), "mean") for place in range(3)]
    np.testing.assert_allclose(_central(_driver(name, None), "mean"), np.mean(each, axis=0), rtol=1e-13)


def test_a_drawn_drift_stands_beside_sets(values: Values) -> None:
    """Each path draws its drift from the distribution whichever set it has: the mean grows by E[(1 + drift)^t]."""
    drift = {"discrete": [{"value": "0%", "chance": "50%"}, {"value": "10%", "chance": "50%"}]}
    written = _driver("a garch", None)["garch"] | {"drift": drift}
    mean = _central({"garch": written}, "mean")[-1]
    assert mean == pytest.approx(50 * (1 + 1.1**3) / 2, rel=1e-12)
    x = values({"x": {"garch": written}}, at=[35], step="month", paths=200_704)["x"][0]
    assert abs(x.mean() - mean) < 4 * x.std() / np.sqrt(x.size)


def test_both_runners_give_the_same_bits() -> None:
    drivers = "".join(
        f"  d{number}: {{ unit: EUR/MWh, control: nobody, central: mean, {kind}: {written} }}\n"
        for number, name in enumerate(SETS)
        for kind, written in _driver(name, None).items()
    )
    offer = load_text(
        "gainsim: 1\ntitle: Sets\ncurrency: EUR\ncalendar: { start: 2027-01, years: 2, step: month, year: contract }\n"
        f"money: {{ discount_rate: 6% pa }}\ndrivers:\n{drivers}"
        "contract:\n  sale: { term: payment, amount: (d0 + d1 + d2 + d3 + d4) * 1 MWh, clock: { paid: 0 days } }\n",
        "sets.yaml",
    )[""]
    program, draws = offer.model.program, Philox(offer.model.plan(BLOCK, 5))
    expected = run_arrays(program, draws, np.arange(BLOCK, dtype=np.uint64))
    lines = np.empty((len(program.rows), BLOCK))
    Loop(program).run(draws.key_table([*program.streams, *program.once_streams]), 0, lines)
    np.testing.assert_array_equal(lines.view(np.uint64), expected.view(np.uint64))


@pytest.mark.parametrize(
    ("name", "keys", "value", "message"),
    [
        ("a garch", ("now",), ["10% pa", "20% pa"], "there are lists of 2 and of 3 values"),
        ("a garch", ("persistence",), [0.5, 0.95, 0.8], "add up to 1.05"),
        ("a garch", ("persistence",), [0.5], "2 or more|at least 2"),
        ("regimes", ("regimes", "calm", "leaves", "crisis"), ["5%", "110%", "5%"], "110%"),
        ("an autoregression", ("mean",), [80, -1, 90], "a mean above 0"),
        ("a reversion", ("half_life",), ["3 months", "0 months", "1 year"], "longer than nothing"),
        ("a reversion", ("of",), "share", "and certain"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, keys: tuple[str | int, ...], value: Any, message: str) -> None:
    (kind, written), *_ = _driver(name, None).items()
    driver = {"unit": "index", "control": "nobody", "central": "mean", kind: _put(written, keys, value)}
    with pytest.raises(ValueError, match=message):
        Driver.model_validate(driver)


def test_the_median_of_several_sets_is_not_known() -> None:
    with pytest.raises((ValueError, AssertionError)):
        _central(_driver("an autoregression", None), "median")
