"""What is measured: the true value and its errors, drawn once, each year of the calendar, or each period."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import gainsim
from gainsim.api import load_text
from gainsim.bridge import realise
from gainsim.model import Mode, build_world
from gainsim.streams.source import Philox

OFFER = """
gainsim: 1
title: measured
currency: EUR
calendar: {{ start: 2027-10, months: 18, step: month, year: calendar, stub_years: full }}
money: {{ discount_rate: 0% pa }}
drivers:
  saving: {{ control: supplier, unit: MWh/month, schedule: {{ 2027-10: 50, 2028-03: 70 }} }}
  level: {{ control: supplier, unit: fraction, constant: 0.9 }}
value:
  seen: {{ measure: saving, errors: {errors} }}
  graded: {{ measure: level, errors: {{ grade: {{ size: 0.01, drawn: once }} }} }}
contract:
  share:
    term: sharing
    of: {of}
    clock: {{ measured: {measured} }}
    steps: [{{ share: {{ below 0: 100%, above: 100% }} }}]
"""
TRUE = np.array([50.0] * 5 + [70.0] * 13)
YEARS = [range(3), range(3, 15), range(15, 18)]
PATHS = 4_000


def offer(errors: str, of: str = "seen * 1 EUR/MWh", measured: str = "year") -> gainsim.Offer:
    return load_text(OFFER.format(errors=errors, of=of, measured=measured))


def errors(written: str, mode: Mode = "drawn") -> NDArray[np.float64]:
    """What is measured less what is true, (periods, paths)."""
    world = build_world(offer(written).loaded.scenario, mode)
    paths = np.arange(PATHS, dtype=np.uint64)
    facts, _ = realise(world, Philox(world.plan(PATHS, 5)), paths, range(world.calendar.periods))
    return facts["seen"] - TRUE[:, None]


def assert_normal(x: NDArray[np.float64], sd: float) -> None:
    """Mean and variance of independent draws within 4 of their standard errors."""
    n = x.size
    assert abs(x.mean()) < 4.0 * sd / np.sqrt(n)
    assert abs(x.var() - sd * sd) < 4.0 * sd * sd * np.sqrt(2.0 / n)


def test_an_error_drawn_once_stays_for_life() -> None:
    found = errors("{ meter: { size: 4 MWh per month, drawn: once } }")
    np.testing.assert_allclose(found, np.broadcast_to(found[0], found.shape), rtol=0, atol=1e-12)
    assert_normal(found[0], 4.0)


def test_an_error_drawn_each_year_changes_where_a_year_of_the_calendar_begins() -> None:
    found = errors("{ meter: { size: 4 MWh per month, drawn: each year } }")
    firsts = [found[year.start] for year in YEARS]
    for year, first in zip(YEARS, firsts, strict=True):
        np.testing.assert_allclose(found[list(year)], np.broadcast_to(first, (len(year), PATHS)), rtol=0, atol=1e-12)
        assert_normal(first, 4.0)
    assert np.abs(np.corrcoef(firsts)[np.triu_indices(3, 1)]).max() < 4.0 / np.sqrt(PATHS)


def test_an_error_drawn_each_period_is_another_in_each() -> None:
    found = errors("{ meter: { size: 4 MWh per month, drawn: each period } }")
    assert np.abs(np.corrcoef(found)[np.triu_indices(18, 1)]).max() < 5.0 / np.sqrt(PATHS)  # of 153 pairs
    assert_normal(found, 4.0)


def test_errors_are_independent_and_add_up_and_may_be_a_part_of_what_is_true() -> None:
    found = errors(
        "{ meter: { size: 3 MWh per month, drawn: once }, model: { size: 8% of saving, drawn: each period } }"
    )
    assert_normal(found[0], 5.0)  # 3² + (8% of 50)²
    apart = found - found[0]
    assert apart[4].var() == pytest.approx(2 * 4.0**2, rel=0.1)
    assert apart[17].var() == pytest.approx(4.0**2 + 5.6**2, rel=0.1)


def test_in_the_base_case_what_is_measured_is_true() -> None:
    world = build_world(offer("{ meter: { size: 4 MWh per month, drawn: once } }").loaded.scenario, "central")
    facts, _ = realise(world, Philox(world.plan(1, 5)), np.array([0], np.uint64), range(world.calendar.periods))
    np.testing.assert_array_equal(facts["seen"][:, 0], TRUE)


def test_an_error_has_the_unit_of_what_is_measured() -> None:
    with pytest.raises(gainsim.ScenarioError, match="An error has the unit of what is measured"):
        offer("{ meter: { size: 4 EUR per month, drawn: once } }")


def test_what_is_measured_is_not_known_beforehand() -> None:
    """A level that is certain may stand for a year; the same level as measured must say what it comes to."""
    meter = "{ meter: { size: 4 MWh per month, drawn: once } }"
    offer(meter, "seen * level * 1 EUR/MWh")
    with pytest.raises(gainsim.ScenarioError, match=r"Say mean\(graded\)"):
        offer(meter, "seen * graded * 1 EUR/MWh")
