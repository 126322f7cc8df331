"""A gain share with a yearly cap: it kills effort near the year's end, and what that costs both parties."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from gainsim.measures import Estimate, difference, mean
from gainsim.ops.arrays import run_arrays
from gainsim.outcome import Outcome
from gainsim.streams.source import Philox
from tests.scenarios.test_shipped import line, load, simulated, verdicts

NAME = "capped_gain_share"
PATHS, YEARS, MONTHS = 4_000, 3, 12
#: of a month in a year, counted from 0: the last whose work counts in that year
LAST_THAT_COUNTS = 10


@cache
def told(offer: str, name: str) -> np.ndarray:
    """A line of an offer with what its effort sees, (periods in which it falls due, PATHS)."""
    loaded = load(f"{NAME}:{offer}")
    model = loaded.model.told
    source = Philox(model.plan(PATHS, loaded.scenario.run.seed))
    rows = run_arrays(model.program, source, np.arange(PATHS, dtype=np.uint64))
    return np.array([row for row, (_, n) in zip(rows, model.program.rows, strict=True) if model.lines[n].name == name])


def engineers(offer: str) -> np.ndarray:
    """(years, months, PATHS)"""
    return told(offer, "engineers.put in").reshape(YEARS, MONTHS, PATHS)


def saved_so_far(offer: str) -> np.ndarray:
    """In the year, when a month begins, (years, months, PATHS)."""
    return told(offer, "engineers.reached").reshape(YEARS, MONTHS, PATHS)


def lifted(offer: str) -> tuple[Estimate, Estimate]:
    """What an offer without the cap brings the supplier and the customer, on the same futures."""
    other, capped = (Outcome(simulated(f"{NAME}:{each}")) for each in (offer, "capped"))
    return (
        difference(mean(other.margin()), mean(capped.margin())),
        difference(mean(other.customer_benefit), mean(capped.customer_benefit)),
    )


def test_without_a_cap_there_are_as_many_as_their_marginal_saving_pays_for() -> None:
    """Half of 1.5m × 4% × exp(-e / 2) is 9,000 at e = 2.41; of the quarters of an engineer that are looked at, 2.5 is best."""
    best = 2.0 * math.log(0.5 * 1_500_000 * 0.04 / 9_000)
    assert best == pytest.approx(2.41, abs=0.01)
    found = engineers("uncapped").reshape(-1, PATHS)[:-1]
    assert found[0] == pytest.approx(2.5)
    assert found.mean() == pytest.approx(2.5, abs=0.05)
    assert found.min() > 1.5


def test_the_cap_is_seen_coming_from_the_start() -> None:
    assert engineers("capped")[:, 0] == pytest.approx(1.5)
    assert engineers("capped")[:, 1:9].mean() < 1.6


def test_the_cap_sends_the_engineers_home_near_the_end_of_the_year() -> None:
    by_month = engineers("capped")[:, : LAST_THAT_COUNTS + 1].mean(axis=(0, 2))
    assert by_month[-1] == by_month.min() < by_month[0] - 0.2
    idle = (engineers("capped") == 0.0).mean(axis=(0, 2))
    assert idle[:6].max() == 0.0
    assert (np.diff(idle[6 : LAST_THAT_COUNTS + 1]) > 0.0).all()
    assert idle[LAST_THAT_COUNTS] == pytest.approx(0.30, abs=0.03)


def test_nobody_works_where_the_cap_is_all_but_full_and_they_worked_before() -> None:
    """Full at 600,000 beyond 1% promised and 1% of deadband of about 18m: 960,000."""
    now, so_far = engineers("capped")[:, LAST_THAT_COUNTS], saved_so_far("capped")[:, LAST_THAT_COUNTS]
    full = so_far >= 900_000
    assert 0.15 < full.mean() < 0.30
    assert not now[full].any()
    assert now[~full].mean() > 1.5
    first_half = engineers("capped")[:, :6].mean(axis=1)
    assert first_half[full].mean() > 1.3


def test_they_are_back_for_the_next_year_and_gone_at_the_end() -> None:
    assert engineers("capped")[:-1, -1] == pytest.approx(1.5, abs=0.25)
    assert not engineers("capped")[-1, -1].any()


def test_on_paper_the_cap_is_cheap() -> None:
    run = simulated(f"{NAME}:capped")
    kept = run.total[line(run, "gain_share.cap")]
    assert mean(kept).value == pytest.approx(-52_000, abs=3_000)
    paid = told("capped", "gain_share.share above") + told("capped", "gain_share.cap")
    assert paid.max() == pytest.approx(300_000)


def test_it_costs_both_and_most_who_asked_for_it() -> None:
    ours, theirs = lifted("uncapped")
    assert abs(ours.value - 198_000) <= 500 + 4 * ours.standard_error
    assert abs(theirs.value - 433_000) <= 500 + 4 * theirs.standard_error


def test_a_share_that_falls_instead_of_ending_brings_back_a_part() -> None:
    assert engineers("tapered")[:, :-1].min() > 0.5
    assert engineers("capped").mean() < engineers("tapered").mean() < engineers("uncapped").mean()
    (ours, theirs), (all_ours, all_theirs) = lifted("tapered"), lifted("uncapped")
    assert ours.value / all_ours.value == pytest.approx(0.27, abs=0.03)
    assert theirs.value / all_theirs.value == pytest.approx(0.53, abs=0.03)


@pytest.mark.parametrize("offer", ["capped", "tapered", "uncapped"])
def test_the_house_limits_are_kept(offer: str) -> None:
    assert all(verdicts(f"{NAME}:{offer}").values())
