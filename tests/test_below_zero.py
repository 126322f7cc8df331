"""Hours, volumes, counts and prices of things that a distribution without an end lets fall below 0: a run says it."""

from __future__ import annotations

import pytest

from gainsim.futures import futures
from gainsim.scenario.load import load_text
from gainsim.summary import summarise
from gainsim.text.futures import page

OFFER = """\
gainsim: 1
title: People by the hour
currency: EUR
calendar: { start: 2027-01, months: 12, step: month, year: contract }
money: { discount_rate: 6% pa }
drivers:
  x:
    unit: UNIT
    control: nobody
    central: mean
    drawn: DRAWN
    KIND
value:
  read: READ
contract:
  fee: { term: fee, amount: 30_000 EUR per month }
costs:
  people: { amount: "9_000 EUR per month + 0 EUR/month * (0 if read > read else 1)" }
"""
#: Φ(-2), and 1 - (1 - Φ(-2))^12
RARELY, ONCE = "2.3%", "24.1%"


def notes(unit: str = "hour/month", kind: str = "normal: { mean: 100, sd: 50 }", drawn: str = "each period", read: str = "x"):
    text = OFFER.replace("UNIT", unit).replace("KIND", kind).replace("DRAWN", drawn).replace("READ", read)
    (loaded,) = load_text(text, "people.yaml").values()
    return loaded, [note for note in loaded.notes if "below 0" in note]


def test_it_is_told_with_its_line_how_often_and_what_to_write() -> None:
    loaded, (said,) = notes()
    assert said.startswith(f"drivers.x (line 7) falls below 0 hour/month in {RARELY} of the periods, in {ONCE} of the futures")
    assert "low: 0" in said
    summary = summarise(loaded.simulate(1_000, 1), loaded.document)
    assert said in summary.checks
    assert said in " ".join(page(futures(loaded.scenario, 1_000, 1, place=loaded.document.place)).split())


def test_of_what_is_drawn_once_the_futures_are_told() -> None:
    _, (said,) = notes(drawn="once")
    assert f"in {RARELY} of the futures. " in said


@pytest.mark.parametrize("unit", ["MWh/month", "EUR/hour", "seat", "months", "EUR/MWh/month"])
def test_units_of_things_hardly_mean_to(unit: str) -> None:
    assert notes(unit)[1]


@pytest.mark.parametrize("unit", ["fraction", "1", "EUR", "EUR/month", "1/year", "degC"])
def test_rates_parts_amounts_of_money_and_temperatures_may(unit: str) -> None:
    assert not notes(unit, "normal: { mean: 1.0, sd: 0.5 }")[1]


@pytest.mark.parametrize(
    "kind",
    [
        "normal: { mean: 0, sd: 50 }",  # a difference
        "normal: { mean: 40, sd: 50 }",  # below 0 in more than a fifth of its draws: a gain that may be a loss
        "normal: { mean: 100, sd: 40 }",  # Φ(-2.5) = 0.6%
        "lognormal: { mean: 100, sd: 50 }",
        "truncated: { of: { normal: { mean: 100, sd: 50 } }, low: 0 }",
        "truncated: { of: { normal: { mean: 100, sd: 50 } }, low: -20 }",  # says that it may
        "uniform: { low: -1, high: 100 }",
    ],
)
def test_what_has_an_end_or_lies_about_0_is_taken_as_meant(kind: str) -> None:
    assert not notes(kind=kind)[1]


def test_what_is_read_as_no_less_than_0_is_held() -> None:
    assert not notes(read='"max(x, 0)"')[1]
    assert not notes(read='"clip(x, 0, 200)"')[1]
    assert notes(read='"max(x, 0) + x"')[1]
    assert notes(read='"max(2 * x - 10, x)"')[1] == notes()[1]
