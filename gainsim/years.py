"""The contract by year: what years are called, and what of the ledger belongs to each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gainsim.bridge import Rows
from gainsim.grid import Calendar, Window
from gainsim.model import Model

Floats = NDArray[np.float64]


def year_labels(calendar: Calendar) -> tuple[str, ...]:
    """What the years of a contract are called: "2027", or "2027/28" for one that ends in the next.

    >>> from datetime import date
    >>> year_labels(Calendar(date(2027, 4, 1), 24, "month", "contract"))
    ('2027/28', '2028/29')
    >>> year_labels(Calendar(date(2027, 4, 1), 24, "month", "calendar", stub_years="prorated"))
    ('2027', '2028', '2029')
    """
    windows = calendar.windows("year")
    labels = tuple(_label(calendar, window) for window in windows)
    return labels if len(set(labels)) == len(labels) else tuple(window.label for window in windows)


def _label(calendar: Calendar, window: Window) -> str:
    first, last = calendar.period(window.first).start.year, calendar.period(window.last).start.year
    return f"{first}" if first == last else f"{first}/{last % 100:02}"


def by_year(model: Model, amounts: Floats) -> Floats:
    """(lines, years) from (rows,): each settlement in the year in which its window ends."""
    table = np.zeros((len(model.lines), len(model.calendar.windows("year"))))
    settled = [{s.at: s for s in line.settlements} for line in model.lines]
    for (t, line), amount in zip(model.program.rows, amounts, strict=True):
        table[line, model.calendar.year_of(settled[line][t].window.last)] += amount
    return table


def cash_by_year(calendar: Calendar, rows: Rows, cash: Floats) -> Floats:
    """(years,) from (dates,): cash in the year in which it moves; what moves after the contract, in its last year."""
    table = np.zeros(len(calendar.windows("year")))
    for when, amount in zip(rows.dates, cash, strict=True):
        table[calendar.year_of(min(calendar.index(when), calendar.periods - 1))] += amount
    return table
