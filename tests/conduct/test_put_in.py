"""How much effort is put in, in the record of a run and in its report."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from gainsim.put_in import put_in_by_year
from gainsim.report.page import render
from gainsim.summary import Summary, summarise, to_json
from gainsim.text.offer import memo
from tests.conduct.test_effort import CERTAIN, HALF, MONTHS, THRESHOLD, lines_of, loaded, per_hour, responsive, written


def summary_of(document: dict[str, Any]) -> Summary:
    offer = loaded(document)
    return summarise(offer.simulate(100, 1), offer.document)


def test_a_plan_as_written_is_in_the_record_and_by_year_in_the_report() -> None:
    effort = {"plan": "4 from month 7 else 2", "cost": per_hour(0.2)}
    summary = summary_of(written(effort, HALF, CERTAIN, years=2))
    told = to_json(summary)["effort"]["hours"]
    assert (told["plan"], told["by"], told["at_most"]) == ("as written", "supplier", 10.0)
    assert told["put_in"] == [2.0] * 6 + [4.0] * 18
    assert put_in_by_year(summary.efforts) == [("hours, hour", "3", "4")]
    assert "put in, by year" in memo(summary)
    assert '<section id="effort">' in render(summary, None, date(2027, 1, 1))


def test_the_best_plan_is_in_the_record() -> None:
    """Half of a gain up to 30 a year: 60 hours a year earn all there is to earn, 5 a month."""
    capped = [*HALF, {"limit_payment": {"floor": "0 EUR", "cap": "30 EUR", "per": "settlement"}}]
    told = to_json(summary_of(written({"plan": "best constant", "cost": per_hour(0.2)}, capped, CERTAIN)))["effort"]["hours"]
    assert told["plan"] == "best constant"
    assert told["put_in"] == pytest.approx([5.0] * MONTHS)


def test_what_a_responsive_effort_goes_by_is_in_the_record() -> None:
    """From the recorded corners alone follows what each path puts in: all, where a unit is worth more than 0.9, else nothing."""
    offer = responsive()
    run = offer.simulate(100, 1)
    told = to_json(summarise(run, offer.document))["effort"]["hours"]
    assert (told["watches"], told["over"], told["watched_unit"]) == ("total(gain)", "year", "EUR")
    corners = told["worth"]["gain"]
    assert len(corners) == MONTHS
    for path in range(20):
        seen = lines_of(offer, path)
        for month, line in enumerate(corners):
            worth = np.interp(seen["hours.reached"][month], line["reached"], line["worth"])
            assert worth == pytest.approx(seen["hours.worth of gain"][month])
            if abs(worth - 0.9) > 1e-6:
                assert seen["hours.put in"][month] == (10.0 if worth > 0.9 else 0.0)


def test_a_band_is_told_where_futures_differ() -> None:
    summary = summarise(responsive().simulate(100, 1), responsive().document)
    (mean, band) = put_in_by_year(summary.efforts)
    assert band[0] == "  P10 to P90"
    low, high = map(float, band[1].split(" to "))
    assert low <= float(mean[1]) <= high


def test_without_effort_nothing_is_said_of_it() -> None:
    document = written({"plan": 2, "cost": per_hour(0.2)}, THRESHOLD, CERTAIN)
    del document["effort"], document["drivers"]["gain"]["effort"]
    summary = summary_of(document)
    assert to_json(summary)["effort"] == {}
    assert "put in" not in memo(summary)
    assert 'id="effort"' not in render(summary, None, date(2027, 1, 1))
