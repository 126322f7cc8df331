"""Kinds of errors of measurement: bias, drift, errors that hang together, missing readings; and the standard error of a window."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import gainsim
from gainsim.api import load_text
from gainsim.bridge import realise
from gainsim.model import Mode, build_world
from gainsim.streams.source import Philox

Floats = NDArray[np.float64]
MONTHS, PATHS = 24, 4_000
#: another true value in every month
TRUE = 100.0 + np.arange(MONTHS)
OFFER = """
gainsim: 1
title: measured
currency: EUR
calendar: {{ start: 2027-01, months: 24, step: month, year: contract }}
money: {{ discount_rate: 0% pa }}
drivers:
  saving: {{ control: supplier, unit: EUR/month, schedule: {{ {schedule} }} }}
value:
  seen: {{ measure: saving, {seen} }}
contract:
  it: {term}
"""
SCHEDULE = ", ".join(f"{2027 + t // 12}-{t % 12 + 1:02}: {100 + t}" for t in range(MONTHS))
SHARE = "{ term: payment, amount: seen, clock: { measured: year } }"


def offer(seen: str, term: str = SHARE) -> gainsim.Offer:
    return load_text(OFFER.format(schedule=SCHEDULE, seen=seen, term=term))


def read(seen: str, mode: Mode = "drawn") -> Floats:
    """What is read, (periods, paths)."""
    world = build_world(offer(seen).loaded.scenario, mode)
    paths = np.arange(PATHS, dtype=np.uint64)
    return realise(world, Philox(world.plan(PATHS, 5)), paths, range(MONTHS))[0]["seen"]


def error(seen: str, mode: Mode = "drawn") -> Floats:
    return read(seen, mode) - TRUE[:, None]


def assert_deviation(x: Floats, sd: float) -> None:
    """Of independent normal draws, within 4 of their standard errors."""
    assert abs(x.mean()) < 4.0 * sd / math.sqrt(x.size)
    assert abs(x.var() - sd * sd) < 4.0 * sd * sd * math.sqrt(2.0 / x.size)


# --- what is fixed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["drawn", "central"])
def test_a_bias_is_there_in_every_period_and_in_the_base_case(mode: Mode) -> None:
    found = error("errors: { meter: { bias: -3% of saving } }", mode)
    np.testing.assert_allclose(found, np.broadcast_to(-0.03 * TRUE[:, None], found.shape), atol=1e-12)


@pytest.mark.parametrize("mode", ["drawn", "central"])
def test_a_drift_grows_by_the_year_and_a_period_counts_with_its_middle(mode: Mode) -> None:
    found = error("errors: { meter: { drift: 6 EUR per month } }", mode)
    np.testing.assert_allclose(found[:, 0], 0.5 * (np.arange(MONTHS) + 0.5), atol=1e-12)


def test_a_meter_that_is_recalibrated_drifts_from_there_on() -> None:
    found = error("errors: { meter: { drift: 6 EUR per month, recalibrated_every: 9 months } }")
    since = np.array([*range(9), *range(9), *range(6)])
    np.testing.assert_allclose(found[:, 0], 0.5 * (since + 0.5), atol=1e-12)


# --- what is drawn ---------------------------------------------------------------------------------------------------


def test_a_drift_of_unknown_sign_is_drawn_once() -> None:
    found = error("errors: { meter: { drift: 6 EUR per month, drawn: once } }")
    slope = found / (0.5 * (np.arange(MONTHS) + 0.5))[:, None]
    np.testing.assert_allclose(slope, np.broadcast_to(slope[0], slope.shape), atol=1e-9)
    assert_deviation(slope[0], 1.0)


def test_or_each_time_a_meter_is_set_right() -> None:
    found = error(
        "errors: { meter: { drift: 6 EUR per month, drawn: each recalibration, recalibrated_every: 1 year } }"
    )
    slope = found / np.tile(0.5 * (np.arange(12) + 0.5), 2)[:, None]
    np.testing.assert_allclose(slope[:12], np.broadcast_to(slope[0], (12, PATHS)), atol=1e-9)
    assert_deviation(slope[12], 1.0)
    assert abs(np.corrcoef(slope[0], slope[12])[0, 1]) < 4.0 / math.sqrt(PATHS)


def test_errors_hang_together_as_said() -> None:
    """The correlation of errors k months apart is 0.6 to the power k, and each has the deviation that is written."""
    found = error("errors: { model: { size: 5 EUR per month, drawn: each period, autocorrelation: 0.6 } }")
    for t in (0, 1, 12, 23):
        assert_deviation(found[t], 5.0)
    for apart in (1, 2, 5):
        assert abs(np.corrcoef(found[10], found[10 + apart])[0, 1] - 0.6**apart) < 4.0 / math.sqrt(PATHS)


# --- readings that are missing ---------------------------------------------------------------------------------------


def missing(filled: str) -> tuple[Floats, NDArray[np.bool_]]:
    """What is read, and where a reading was missing: no true value is like another, and none is its own mean so far."""
    found = read(f"missing: {{ chance: 20%, filled: {filled} }}")
    gone = found != TRUE[:, None]
    assert abs(gone.mean() - 0.2) < 4.0 * math.sqrt(0.16 / gone.size)
    return found, gone


def test_nothing_counts_where_a_reading_is_missing() -> None:
    found, gone = missing("nothing")
    np.testing.assert_array_equal(found, np.where(gone, 0.0, TRUE[:, None]))


def test_the_last_reading_counts_where_one_is_missing() -> None:
    found, gone = missing("last reading")
    last = np.zeros(PATHS)
    for t in range(MONTHS):
        last = np.where(gone[t], last, TRUE[t])
        np.testing.assert_array_equal(found[t], last)


def test_the_mean_so_far_counts_where_a_reading_is_missing() -> None:
    found, gone = missing("mean so far")
    for path in range(50):
        readings: list[float] = []
        for t in range(MONTHS):
            if gone[t, path]:
                assert found[t, path] == pytest.approx(np.mean(readings) if readings else 0.0)
            else:
                readings.append(TRUE[t])


def test_in_the_base_case_no_reading_is_missing() -> None:
    np.testing.assert_array_equal(error("missing: { chance: 20%, filled: nothing }", "central"), 0.0)


# --- the standard error of a window ----------------------------------------------------------------------------------

SIZE = 0.04 * TRUE


def squared(alike: float) -> Floats:
    """By year the variance of a sum of errors whose correlation is alike ** distance, from its definition."""
    distance = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    return np.array([float(year @ alike**distance @ year) for year in SIZE.reshape(2, 12)])


@pytest.mark.parametrize(
    ("drawn", "variance"),
    [
        ("once", squared(1.0)),
        ("each year", squared(1.0)),
        ("each period", squared(0.0)),
        ("each period, autocorrelation: 0.6", squared(0.6)),
    ],
)
def test_the_standard_error_of_a_year_follows_from_how_errors_are_drawn(drawn: str, variance: Floats) -> None:
    term = "{ term: payment, amount: error(seen), clock: { measured: year } }"
    found = gainsim.simulate(
        offer(f"errors: {{ a: {{ size: 4% of saving, drawn: {drawn} }} }}", term), paths=20, seed=1
    )
    np.testing.assert_allclose(found.run.row_mean, np.sqrt(variance), rtol=1e-12)


def test_the_standard_error_of_the_life_counts_years_apart_and_adds_squares_of_errors() -> None:
    term = "{ term: payment, amount: error(seen), clock: { measured: life } }"
    seen = "errors: { a: { size: 4% of saving, drawn: each year }, b: { size: 30 EUR per month, drawn: once }, c: { bias: 9 } }"
    found = gainsim.simulate(offer(seen, term), paths=20, seed=1)
    assert found.measures["expected_revenue"].value == pytest.approx(math.sqrt(squared(1.0).sum() + (24 * 30.0) ** 2))


def test_it_is_the_deviation_of_what_is_measured() -> None:
    seen = "errors: { a: { size: 4% of saving, drawn: each period, autocorrelation: 0.6 } }"
    totals = read(seen).reshape(2, 12, PATHS).sum(axis=1)
    for year, variance in zip(totals, squared(0.6), strict=True):
        assert abs(year.var() - variance) < 4.0 * variance * math.sqrt(2.0 / PATHS)


def test_saving_counts_only_where_it_is_twice_its_error() -> None:
    """A yearly saving of 1,266 is twice 633: with an error of 52 a month, once for life, 624, it counts; with 53, 636, not."""
    term = "{ term: payment, amount: total(saving), when: total(saving) >= 2 * error(seen), clock: { measured: year } }"
    for size, paid in ((52, [1_266.0, 1_410.0]), (53, [0.0, 1_410.0]), (59, [0.0, 0.0])):
        found = gainsim.simulate(
            offer(f"errors: {{ a: {{ size: {size} EUR per month, drawn: once }} }}", term), paths=20, seed=1
        )
        assert found.run.row_mean.tolist() == paid


def test_on_actuals_what_is_read_is_read_and_its_error_is_known() -> None:
    term = "{ term: payment, amount: seen + error(seen), clock: { measured: year } }"
    settled = gainsim.settle(
        offer("errors: { a: { size: 10 EUR per month, drawn: once }, b: { bias: 5 } }", term),
        pd.DataFrame({"settlement": range(1, 25), "seen": [7.0] * 24}),
    )
    assert settled.paid["amount"].tolist() == [12 * 17.0] * 2


def test_a_window_in_which_the_contract_ends_counts_up_to_its_end() -> None:
    written = OFFER.format(
        schedule=SCHEDULE,
        seen="errors: { a: { size: 10 EUR per month, drawn: once } }",
        term="{ term: payment, amount: error(seen), clock: { measured: year } }\n"
        "  out: { term: termination, when: elapsed >= 15 months, notice: 1 month }",
    )
    found = gainsim.simulate(load_text(written), paths=20, seed=1)
    of_the_term = found.run.rows.plan.line == [line.name for line in found.run.rows.lines].index("it.amount")
    assert found.run.row_mean[of_the_term].tolist() == [120.0, 40.0]


@pytest.mark.parametrize("sampling", ["pseudo_random", "sobol", "antithetic"])
def test_one_path_alone_has_the_same_bits_as_in_the_crowd(sampling: str) -> None:
    """The crowd is run by the compiled loop, a path alone by NumPy."""
    seen = """errors: {
      a: { size: 4% of saving, drawn: each period, autocorrelation: 0.6 }, b: { size: 3, drawn: each year }, c: { bias: 2 },
      d: { drift: 5, drawn: each recalibration, recalibrated_every: 6 months }, e: { size: 1, drawn: once } },
    missing: { chance: 10%, filled: mean so far }"""
    term = "{ term: payment, amount: seen + error(seen), clock: { measured: quarter } }"
    crowd = gainsim.simulate(offer(seen, term), paths=2_048, seed=2, sampling=sampling)
    for path in (0, 7, 2_047):
        total = 0.0
        for amount in crowd.statement(path).query("line == 'it.amount'")["amount"]:
            total = total + amount
        assert crowd.run.total[0, path] == total
