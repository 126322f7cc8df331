"""Hours, volumes, counts and prices of things that a distribution without an end lets fall below 0: a run says it."""

from __future__ import annotations

import pytest

from gainsim.futures import futures
from gainsim.scenario.load import Loaded, load_text
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
  y: { unit: UNIT, control: nobody, central: mean, drawn: once, normal: { mean: 5, sd: 0.2 } }
value:
  read: READ
contract:
  fee: { term: fee, amount: 30_000 EUR per month }
costs:
  people: { amount: "9_000 EUR per month + 0 EUR/month * (0 if read > read else 1)"INDEXED }
"""
#: Φ(-2), and 1 - (1 - Φ(-2))^12
RARELY, ONCE = "2.3%", "24.1%"


def notes(
    unit: str = "hour/month", kind: str = "normal: { mean: 100, sd: 50 }", drawn: str = "each period", read: str = "x",
    added: str = "", indexed: str = "",
) -> tuple[Loaded, list[str]]:
    text = OFFER.replace("UNIT", unit).replace("KIND", kind).replace("DRAWN", drawn).replace("READ", read)
    text = text.replace("INDEXED", indexed).replace("value:", f"{added}value:", 1)
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
        "truncated: { of: { uniform: { low: -1, high: 100 } }, high: 90 }",
        "truncated: { of: { normal: { mean: 100, sd: 40 } }, high: 300 }",  # still 0.6%
        "mixture: [{ weight: 50%, normal: { mean: 100, sd: 40 } }, { weight: 50%, lognormal: { mean: 100, sd: 50 } }]",
        "mixture: [{ weight: 90%, normal: { mean: 100, sd: 50 } }, { weight: 10%, uniform: { low: -1, high: 9 } }]",  # says so
        "mixture: [{ weight: 90%, normal: { mean: 100, sd: 50 } }, { weight: 10%, normal: { mean: -50, sd: 50 } }]",  # lies there
        "uniform: { low: -1, high: 100 }",
    ],
)
def test_what_has_an_end_or_lies_about_0_is_taken_as_meant(kind: str) -> None:
    assert not notes(kind=kind)[1]


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        # Φ(-2) of all, of which Φ(0.5) = 69.1% are left
        ("truncated: { of: { normal: { mean: 100, sd: 50 } }, high: 125 }", "3.3%"),
        # half of Φ(-2) and half of Φ(-1.5), which is 6.7%
        ("mixture: [{ weight: 50%, normal: { mean: 100, sd: 50 } }, { weight: 50%, normal: { mean: 30, sd: 20 } }]", "4.5%"),
        # what ends at 0 adds nothing: half of Φ(-1.5)
        ("mixture: [{ weight: 50%, gamma: { mean: 100, sd: 50 } }, { weight: 50%, normal: { mean: 30, sd: 20 } }]", "3.3%"),
    ],
)
def test_what_is_cut_above_or_mixed_falls_as_often_as_its_own_law_says(kind: str, share: str) -> None:
    _, (said,) = notes(kind=kind, drawn="once")
    assert f"in {share} of the futures. " in said


def test_what_it_says_to_write_fits_what_is_written() -> None:
    (plain,) = notes()[1]
    (cut,) = notes(kind="truncated: { of: { normal: { mean: 100, sd: 50 } }, high: 300 }")[1]
    assert "as truncated: { of: { normal: … }, low: 0 }, or read it as max(x, 0); if it may" in plain
    assert "as low: 0 beside high, or read it as max(x, 0); if it may" in cut


@pytest.mark.parametrize(
    "read", ["max(x, 0)", "max(0 hour/month, x)", "max(x, y, 5)", "clip(x, 0, 200)", "2 * max(x, 0) + clip(x, 1, y)"]
)
def test_what_is_read_as_no_less_than_0_is_held(read: str) -> None:
    assert not notes(read=f'"{read}"')[1]


@pytest.mark.parametrize(
    "read", ["max(x, 0) + x", "max(2 * x - 10, x)", "max(x, y)", "max(x, -10)", "clip(x, -10, 200)", "clip(10, 0, x)", "min(x, 0)"]
)
def test_what_is_held_elsewhere_or_in_part_is_not(read: str) -> None:
    assert notes(read=f'"{read}"')[1] == notes()[1]


FLEET = """\
operations:
  hall:
    fleets:
      pumps:
        assets: 1
        KEY: x
        capacity: 1
        failures: { wear: { life: { exponential: { mean: 900 } }, repair: 8, crew: fitters } }
    crews: { fitters: { number: 1 } }
"""
FOLLOWER = """\
  later: { unit: EUR/hour, control: nobody, follows: { of: x, start: 30 } }
"""


@pytest.mark.parametrize("added", [FLEET.replace("KEY", "use"), FLEET.replace("KEY", "demand"), FOLLOWER])
def test_what_is_read_by_its_name_is_held_by_no_formula(added: str) -> None:
    """A fleet and a follower read it as it is, though the contract holds it."""
    _, (said,) = notes(read='"max(x, 0)"', added=added)
    assert "low: 0 }; if it may" in said


def test_what_a_cost_is_indexed_by_is_not_held() -> None:
    _, (said,) = notes(read='"max(x, 0)"', indexed=", indexed: x")
    assert "max(" not in said
