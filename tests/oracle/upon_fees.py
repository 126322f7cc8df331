"""The oracle's terms upon fees, from fee_at_risk, minimum_revenue and fee_credit in docs/reference/terms.md."""

from __future__ import annotations

from typing import Any

from tests.oracle.calendar import Window
from tests.oracle.formulas import World, over_window
from tests.oracle.standing import stands

Clause = dict[str, Any]


def _paid(world: World, names: list[str], window: Window) -> float:
    assert world.paid is not None
    together = 0.0
    for name in names:
        together = together + world.paid(name, window)
    return together


def fee_at_risk(term: Clause, world: World, windows: list[Window]) -> list[float]:
    """ "takes off `part` × `of` … and pays `earned` × `part` × `of`" """
    found = []
    for window in windows:
        at_risk = over_window(term["part"], world, window) * over_window(term["of"], world, window)
        found.append(over_window(term["earned"], world, window) * at_risk - at_risk)
    return found


def minimum_revenue(term: Clause, world: World, windows: list[Window]) -> list[float]:
    """What is missing to a minimum."""
    life, found = world.life, []
    before: dict[int, float] = {}  # what this term has paid, by year, or in the life
    for window in windows:
        last = window[1]
        if term["per"] == "settlement":
            found.append(max(over_window(term["at_least"], world, window) - _paid(world, term["of"], window), 0.0))
            continue
        year = life.year_of(last) if term["per"] == "year" else 0
        inside = [p for p in range(life.periods) if term["per"] == "life" or life.year_of(p) == year]
        months = (last - inside[0] + 1) * life.step
        # "the months of the year up to the window's end / 12; … / the months of the stub where they count `full`"
        whole = 12 if term["per"] == "year" and life.stub_years == "prorated" else len(inside) * life.step
        minimum = over_window(term["at_least"], world, (last, last)) * months / whole
        missing = max(minimum - _paid(world, term["of"], (inside[0], last)), 0.0)
        paid = missing - before.get(year, 0.0) if stands(term, world, last) else 0.0
        before[year] = before.get(year, 0.0) + paid
        found.append(paid)
    return found


def fee_credit(term: Clause, world: World, windows: list[Window]) -> list[float]:
    """A balance of what has been paid on account, credited against other payments."""
    found, balance = [], 0.0
    for window in windows:
        balance = balance + over_window(term["part"], world, window) * _paid(world, term["of"], window)
        # "the lesser of the balance and of what the terms in `against` pay in the window, neither taken below 0"
        credit = min(max(balance, 0.0), max(_paid(world, term["against"], window), 0.0))
        credit = credit if stands(term, world, window[1]) else 0.0
        balance = balance - credit
        found.append(-credit)
    return found


AMOUNTS = {"fee_at_risk": fee_at_risk, "minimum_revenue": minimum_revenue, "fee_credit": fee_credit}
