"""Prices watched at the ends of periods: one seed of `validation/monitoring.py`, on rows of its own, and the laws it rests on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.exact import INF, Lognormal, mean
from validation.extreme_laws import AtDates, Corrected, EveryMoment, Extremes, Walk, beyond
from validation.monitoring import distances, exponents, holds, watched
from validation.option_clauses import geometric_average
from validation.option_dates import at_dates, begins_inside, expectation, walk_of
from validation.options import FILE, means, payoffs

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
SEED, PATHS, DATES = 20_271, 65_536, (12, 48)
ASSET = {"spot": 100.0, "r": 0.07, "q": 0.03, "vol": 0.3, "t": 0.75}
BARRIERS = {"Down": 90.0, "Up": 120.0}


def _row(sub: str, **more: Any) -> Row:
    return {"id": f"{sub} {more}", "sub": sub, "inputs": {**ASSET, **more}}


def _rows() -> list[Row]:
    """Every kind, in both directions."""
    rows = []
    for side, level in BARRIERS.items():
        for out in ("Out", "In"):
            for kind in ("Call", "Put"):
                rows.append(_row("barrier_rebate", barrier=level, barrier_type=side + out, rebate=4.0, strike=102.0, type=kind))
        far = {"barrier": level, "direction": side.lower(), "cash": 20.0}
        rows += [
            _row("binary_barrier_cash", barrier=level, barrier_type=f"{side}Out", cash=20.0, strike=102.0, type="Put"),
            _row("binary_barrier_asset", barrier=level, barrier_type=f"{side}In", cash=0.0, strike=102.0, type="Call"),
            _row("one_touch_cash_at_hit", pays="if hit", **far),
            _row("one_touch_cash_at_expiry", pays="if never hit", **far),
            _row("one_touch_asset_at_expiry", pays="if hit", **far),
        ]
    for kind in ("Call", "Put"):
        rows += [
            _row("lookback_fixed", running_extreme=100.0, strike=104.0, type=kind),
            _row("lookback_fixed", running_extreme=100.0, strike=97.0, type=kind),
            _row("lookback_floating", running_extreme={"Call": 96.0, "Put": 105.0}[kind], type=kind),
        ]
    return rows


def test_prices_at_dates_and_how_they_go_to_those_at_every_moment() -> None:
    """Within four errors of the integrated price; off the continuous one as 1/√n, the corrected one off as 1/n."""
    results = watched(_rows(), DATES, PATHS, [SEED])
    assert holds(results), exponents(results)
    few, many = distances(results).values()
    assert few["simulated"] > 30.0 * few["error"], "that dates move the price is seen beyond doubt"
    assert few["corrected"] < 0.1 * few["at_dates"], "the correction leaves a tenth at 12 dates"
    assert many["corrected"] < 0.05 * many["at_dates"]
    for each in results:
        assert abs(each.simulated - each.corrected) <= 4.0 * each.error + abs(each.at_dates - each.corrected)


def test_every_way_to_say_what_was_seen_pays_the_same() -> None:
    """The window's highest, a high-water mark of each period, a value that follows: the same money on every path."""
    clauses = {f"x{n}": at_dates(row, 12) for n, row in enumerate(_rows()) if row["sub"].startswith("lookback")}
    for name, (first, *others) in payoffs(clauses, 4_096, SEED, ways=True).items():
        assert np.count_nonzero(first) > 1_000
        assert len(others) == len(clauses[name].terms) - 1 >= 1
        for other in others:
            np.testing.assert_allclose(other, first, rtol=0.0, atol=1e-10)


def test_an_average_over_dates_goes_to_the_one_over_every_moment(validation_rows: Rows) -> None:
    """The published price of Kemna and Vorst (1990) as 1/n: the log of a geometric average is normal, over n dates or all."""
    (row,) = (row for row in validation_rows(FILE) if row["sub"] == "asian_geometric_continuous")
    p = row["inputs"]
    walk, grown = walk_of(p), math.exp(p["r"] * p["t"])

    def price(middle: float, variance: float) -> float:
        log_mean = math.log(walk.spot) + walk.log_drift * walk.years * middle
        return mean(Lognormal(log_mean, walk.vol * math.sqrt(walk.years * variance)), [(0.0, p["strike"], p["strike"], -1.0)])

    every_moment = price(1 / 2, 1 / 3)
    assert every_moment / grown == pytest.approx(float(row["expected"]), abs=float(row["tol_abs"]))
    over = {n: price((n + 1) / (2 * n), (n + 1) * (2 * n + 1) / (6 * n * n)) for n in (4, 16, 96, 384)}
    assert (over[96] - every_moment) / (over[384] - every_moment) == pytest.approx(4.0, rel=0.05)
    fixings = {n: {**p, "fixings": [p["t"] * k / n for k in range(1, n + 1)]} for n in (4, 16)}
    found = means({f"x{n}": geometric_average(said) for n, said in fixings.items()}, PATHS, [SEED])
    for n, (simulated, error) in zip(fixings, found.values(), strict=True):
        assert error < over[n] - every_moment, "that dates move the price is seen"
        assert abs(simulated - over[n]) <= 4.0 * error


# --- the laws ----------------------------------------------------------------------------------------------------------


def test_prices_at_every_moment_are_the_published_ones(validation_rows: Rows) -> None:
    rows = [row for row in validation_rows(FILE) if begins_inside(row)]
    assert len(rows) > 90
    for row in rows:
        price = math.exp(-row["inputs"]["r"] * row["inputs"]["t"]) * expectation(row, EveryMoment(walk_of(row["inputs"])))
        assert price == pytest.approx(float(row["expected"]), abs=float(row["tol_abs"])), row["id"]


@pytest.mark.parametrize("dates", [1, 7, 60])
def test_the_best_at_dates_is_that_of_spitzers_identity(dates: int) -> None:
    """n E(n) = Σ a(k) E(n - k), with E(n) = E[exp(the best of n steps and 0)] and a(k) = E[exp(max(the k-th sum, 0))].

    Spitzer, A combinatorial lemma and its application to probability theory, Transactions of the AMS 82 (1956)
    """
    walk = Walk(100.0, 0.04, 0.3, 0.75)
    for up in (True, False):
        side = 1.0 if up else -1.0
        found = [1.0]
        over = []
        for k in range(1, dates + 1):
            law = walk.end(1.0, walk.years * k / dates)
            over.append(law.part(1, 1.0, INF) + law.part(0, 0.0, 1.0) if up else law.part(1, 0.0, 1.0) + law.part(0, 1.0, INF))
            found.append(math.fsum(a * e for a, e in zip(over, reversed(found), strict=True)) / k)
        got = beyond(AtDates(walk, dates), walk.spot, upwards=up)
        assert got == pytest.approx(side * 100.0 * (found[-1] - 1.0), rel=1e-8)


@pytest.mark.parametrize("level", [92.0, 113.0])
def test_with_one_date_only_the_end_counts(level: float) -> None:
    walk = Walk(100.0, 0.04, 0.3, 0.75)
    law, pieces = AtDates(walk, 1), [(95.0, INF, -95.0, 1.0)]
    assert law.untouched(pieces, level) == pytest.approx(mean(walk.end(), walk.inside(pieces, level)), rel=1e-12)
    beyond_it = walk.end().part(0, 0.0, level) if level < 100.0 else walk.end().part(0, level, INF)
    assert law.touched(np.array([level]))[0] == pytest.approx(beyond_it, rel=1e-12)
    assert law.touched(np.array([level]), 0.07)[0] == pytest.approx(math.exp(-0.07 * 0.75) * beyond_it, rel=1e-12)


@pytest.mark.parametrize("level", [92.0, 113.0])
def test_chances_by_going_forwards_and_backwards_are_the_same(level: float) -> None:
    """And so they are by the function that is 1: what is not touched at a rate next to nothing is untouched."""
    walk = Walk(100.0, 0.04, 0.3, 0.75)
    laws: list[Extremes] = [AtDates(walk, 25), EveryMoment(walk), Corrected(walk, 25)]
    for law in laws:
        chance = law.touched(np.array([level]))[0]
        assert law.touched(np.array([level]), 1e-13)[0] == pytest.approx(chance, abs=1e-11)
        assert law.untouched([(0.0, INF, 1.0, 0.0)], level) == pytest.approx(1.0 - chance, abs=1e-11)
