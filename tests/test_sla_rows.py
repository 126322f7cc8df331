"""Published rows on service levels: how a level is measured, how much downtime it allows, unavailability deductions."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gainsim.api import base_case
from tests.test_validation_rows import Row, Rows, compare, of_kind, offer

ROWS = "sla_credit_rows"
#: failures of one criterion in a month that have each repetition factor; the rows name the factor alone
FAILURES = {1: 4, 1.5: 8, 2: 9}


def paid(title: str, amount: str, facts: dict[str, tuple[str, float]]) -> float:
    """What a payment by this formula comes to in one year."""
    term = {"term": "payment", "amount": amount, "clock": {"measured": "year"}}
    repetition = {"whole": {"up to 4": 1, "up to 8": 1.5, "above": 2}}
    return base_case(offer(title, {"pay": term}, dict(facts), tables={"repetition": repetition})).revenue


def test_uptime_of_the_minutes(validation_rows: Rows) -> None:
    """Uptime in percent: what is left of the minutes of a month, over the window."""

    def uptime(row: Row) -> float:
        inputs = row["inputs"]
        minutes = {
            "minutes": ("minute/year", inputs["days"] * 24 * 60),
            "down": ("minute/year", inputs["downtime_min"]),
        }
        return paid(row["id"], "100 USD * (minutes - down) / minutes", minutes)

    compare(of_kind(validation_rows(ROWS), "uptime_minutes"), uptime)


@pytest.mark.parametrize("side", [-1, 1])
def test_downtime_that_a_level_allows(validation_rows: Rows, side: int) -> None:
    """A credit is due for a downtime longer than published, by more than the rounding of the page, and not for less."""
    rows = of_kind(validation_rows(ROWS), "downtime_allowed")
    assert rows, "no row of this kind"
    for row in rows:
        down = float(row["expected"]) + side * float(row["tol_abs"])
        facts: dict[str, tuple[str, Any]] = {
            "minutes": ("minute/year", row["inputs"]["month_hours"] * 60),
            "down": ("minute/year", down),
        }
        levels = {"uptime": {"level": "1 - down / minutes", "credits": {f"below {row['inputs']['uptime']}": "100%"}}}
        term = {"term": "service_levels", "of": 50, "at_risk": "100%", "levels": levels, "clock": {"measured": "year"}}
        assert base_case(offer(row["id"], {"sla": term}, facts)).revenue == (-50.0 if side > 0 else 0.0), row["id"]


def test_availability_in_series(validation_rows: Rows) -> None:
    def both(row: Row) -> float:
        parts = {f"part_{n}": ("fraction", each) for n, each in enumerate(row["inputs"]["components"])}
        return paid(row["id"], f"1 USD * {' * '.join(parts)}", parts)

    compare(of_kind(validation_rows(ROWS), "series_availability"), both)


def test_unavailability_deductions(validation_rows: Rows) -> None:
    """Area rate × weighting × deduction periods × 1/2 if used all the same × the factor of so many failures."""

    def deduction(row: Row) -> float:
        inputs = row["inputs"]
        facts = {
            "area_rate": ("USD/period", inputs["area_rate"]),
            "weighting": ("1", inputs["weighting"]),
            "periods": ("period/year", inputs["deduction_periods"]),
            "used": ("1", 1.0 if inputs["unavailable_but_used"] < 1 else 0.0),
            "failures": ("1", FAILURES[inputs["repetition"]]),
        }
        used = "(0.5 if used > 0 else 1)"
        return -paid(row["id"], f"-area_rate * weighting * periods * {used} * repetition(failures)", facts)

    rows = of_kind(validation_rows(ROWS), "pfi_unavailability")
    assert {math.isclose(row["inputs"]["unavailable_but_used"], 0.5) for row in rows} == {True, False}
    compare(rows, deduction)
