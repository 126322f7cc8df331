"""Expected payments against closed forms: one seed of the long study, the standard error, and published collars."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
import yaml

from gainsim.api import Result, load_text, simulate
from gainsim.measures import estimate, mean
from tests import exact
from tests.exact import INF, Lognormal, Normal
from validation.expectations import CASES, PATHS, Case, band, estimates, offer_of, payments

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
SEED = 20_271


# --- the family ------------------------------------------------------------------------------------------------------


@cache
def family() -> list[tuple[float, float]]:
    """Every clause of the study, simulated once: the mean payment and the standard error that gainsim states."""
    return [(e.value, e.standard_error) for e in estimates(offer_of(CASES), PATHS, SEED)]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_expected_payment(number: int) -> None:
    """Within four standard errors, and these are small: at most half a percent of the value."""
    case, (value, error) = CASES[number], family()[number]
    assert error <= 0.005 * abs(case.expected)
    assert abs(value - case.expected) <= 4.0 * error


def test_errors_of_the_family_are_as_large_as_stated() -> None:
    """The mean of z² lies in its 99% band: neither too few paths nor too wide an error passes."""
    squares = [((value - case.expected) / error) ** 2 for case, (value, error) in zip(CASES, family(), strict=True)]
    low, high = band(len(CASES))
    assert low <= np.mean(squares) <= high


def test_stated_standard_error_is_the_exact_one() -> None:
    """The stated error is the exact deviation over √n, up to the error of a variance: √((kurtosis - 1) / n)."""
    squares = []
    for case, (_, error) in zip(CASES, family(), strict=True):
        variance = (error * math.sqrt(PATHS) / case.deviation) ** 2
        z = (variance - 1.0) / math.sqrt((case.kurtosis - 1.0) / PATHS)
        assert abs(z) <= 4.0, case.name
        squares.append(z * z)
    low, high = band(len(CASES))
    assert low <= np.mean(squares) <= high


def test_error_falls_with_the_square_root_of_the_paths() -> None:
    """The slope of log RMS error over four sizes and twelve seeds is -1/2."""
    chosen = [case for case in CASES if case.name.endswith(("bands, normal", "bands, lognormal", "credits, normal"))]
    offer = offer_of(chosen)
    sizes = (512, 2_048, 8_192, 32_768)
    errors = []
    for size in sizes:
        z = [
            (found.value - case.expected) / case.deviation
            for seed in range(12)
            for found, case in zip(estimates(offer, size, 1_000 * size + seed), chosen, strict=True)
        ]
        errors.append(math.sqrt(float(np.mean(np.square(z)))))
    slope = float(np.polyfit(np.log(sizes), np.log(errors), 1)[0])
    assert -0.6 <= slope <= -0.4


@pytest.mark.parametrize("case", [case for case in CASES if "sum" not in case.name], ids=lambda case: case.name)
def test_the_closed_form_agrees_with_a_slow_integral(case: Case) -> None:
    """The partial moments of tests/exact.py against the midpoint rule: no clause is judged by one derivation alone."""

    def pays(x: float) -> float:
        return math.fsum(level + slope * x for low, high, level, slope in case.pieces if low < x < high)

    slow = exact.by_quadrature(case.law, pays)
    assert slow == pytest.approx(case.expected, rel=2e-4)


# --- one driver that walks: published collars ---------------------------------------------------------------------


def walking(
    months: int, step: str, rate: float, walks: Sequence[tuple[float, float, float]], terms: Sequence[Any]
) -> Result:
    """Terms settled at the end on geometric walks x1, x2, ...: (start, drift, volatility), both continuous, per year.

    What a term is worth today, discounted at `rate`, is its NPV.
    """
    stub = {} if months % 12 == 0 else {"stub_years": "full"}
    drivers = {
        f"x{n}": {
            "control": "nobody",
            "unit": "USD",
            "central": "mean",
            "geometric_walk": {
                "start": start,
                "drift": f"{100.0 * drift:.12g}% pa continuous",
                "volatility": f"{100.0 * volatility:.12g}% pa",
            },
        }
        for n, (start, drift, volatility) in enumerate(walks, start=1)
    }
    document = {
        "gainsim": 1,
        "title": "one driver that walks",
        "currency": "USD",
        "calendar": {"start": "2027-01", "months": months, "step": step, "year": "contract", **stub},
        "money": {"discount_rate": f"{100.0 * rate:.12g}% pa continuous"},
        "drivers": drivers,
        "contract": {f"term{n}": {**term, "clock": {"measured": "life"}} for n, term in enumerate(terms, start=1)},
    }
    return simulate(load_text(yaml.safe_dump(document, sort_keys=False, width=100_000)), paths=PATHS, seed=SEED)


def share_all(of: Any, *steps: dict[str, Any], pain: str = "0%") -> dict[str, Any]:
    return {"term": "sharing", "of": of, "steps": [*steps, {"share": {"below 0": pain, "above": "100%"}}]}


def present_values(result: Result) -> list[tuple[float, float]]:
    """What each term is worth, with its standard error."""
    found: dict[str, Any] = {}
    for line, amounts in zip(result.run.rows.lines, result.run.npv, strict=True):
        if line.role == "payment":
            found[line.group] = found.get(line.group, 0.0) + amounts
    return [(e.value, e.standard_error) for e in (estimate(mean(amounts)) for amounts in found.values())]


def square_z(row: Row, value: float, error: float, largest: float) -> float:
    """Four standard errors and the source's rounding, the error at most `largest` of the value (or of 1); z²."""
    expected = float(row["expected"])
    assert error <= largest * max(abs(expected), 1.0), row["id"]
    assert abs(value - expected) <= 4.0 * error + float(row["tol_abs"]), (row["id"], value, expected, error)
    return ((value - expected) / error) ** 2


@pytest.mark.parametrize("step", ["year", "month"])
def test_collar_on_a_geometric_walk(validation_rows: Rows, step: str) -> None:
    """Published expectations of a floor and a cap on a walk, in one step or in twelve."""
    rows = [row for row in validation_rows("drivers_risk_sensitivity") if row["sub"] == "gbm_collar_expectation"]
    for row in rows:
        p = row["inputs"]
        limits = {"limit_gain": {"floor": p["floor"], "cap": p["cap"]}}
        walk = (p["s0"], p["mu"], p["sigma"])
        result = walking(round(12 * p["t"]), step, 0.0, [walk], [share_all("last(x1)", limits)])
        found = result.measures["expected_revenue"]
        square_z(row, found.value, found.standard_error, 0.001)


# --- a few figures without any folder --------------------------------------------------------------------------------


def test_call_on_a_walk_is_blacks_formula() -> None:
    """The same, with figures of our own: a forward of 105, three strikes, quarters."""
    strikes = (90.0, 105.0, 130.0)
    walks = [(100.0, math.log(1.05), 0.25)] * len(strikes)
    terms = [share_all(f"last(x{n})", {"against": strike}) for n, strike in enumerate(strikes, start=1)]
    for strike, (value, error) in zip(strikes, present_values(walking(12, "quarter", 0.0, walks, terms)), strict=True):
        assert abs(value - exact.black_call(105.0, strike, 0.25)) <= 4.0 * error
        assert error <= 0.01 * value


def test_payments_are_the_sum_of_their_lines() -> None:
    """What these tests add up is what gainsim reports as revenue."""
    result = simulate(offer_of(CASES[:5]), paths=2_000, seed=SEED)
    total = sum(float(amounts.mean()) for amounts in payments(result).values())
    assert total == pytest.approx(result.measures["expected_revenue"].value, rel=1e-12)


def test_laws_have_the_moments_they_are_named_by() -> None:
    law = exact.lognormal_by_mean(100.0, 60.0)
    whole = [(0.0, INF, 0.0, 1.0)]
    assert exact.mean(law, whole) == pytest.approx(100.0, rel=1e-12)
    assert exact.deviation(law, whole) == pytest.approx(60.0, rel=1e-12)
    assert exact.central_moments(Normal(5.0, 2.0), [(-INF, INF, 0.0, 1.0)]) == pytest.approx((4.0, 48.0), rel=1e-9)
    assert exact.mean(Lognormal(0.0, 1.0), [(1.0, INF, 1.0, 0.0)]) == pytest.approx(0.5, rel=1e-12)
