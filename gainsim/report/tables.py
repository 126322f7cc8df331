"""The tables of the page, as rows of text: every figure already in words, so that the template only sets them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gainsim.ledger import Line
from gainsim.report.words import (
    line_words,
    name_words,
    whole,
)
from gainsim.summary import Summary
from gainsim.words import doubt, share

Floats = NDArray[np.float64]
#: years of one profit and loss table, by how many characters its longest amount has at most; a longer contract has
#: several tables, one below the other
YEARS_ACROSS = ((8, 8), (10, 6))


# --- profit and loss -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A row of the profit and loss: what it is, and by year and in total, (base case, mean)."""

    name: str
    total: bool
    base: Floats
    mean: Floats

    def cells(self, years: slice, scale: float, last: bool) -> list[tuple[str, str]]:
        """The text of some years, and of the total behind the last."""
        pairs = list(zip(self.base[years].tolist(), self.mean[years].tolist(), strict=True))
        if last:
            pairs.append((float(self.base.sum()), float(self.mean.sum())))
        return [(whole(base / scale), whole(mean / scale)) for base, mean in pairs]


@dataclass(frozen=True)
class YearTable:
    """Some years of the profit and loss. rows: (name, is a total, cells)"""

    years: list[str]
    rows: list[tuple[str, bool, list[tuple[str, str]]]]


def year_tables(summary: Summary) -> tuple[str, list[YearTable]]:
    """The unit of the amounts, and the profit and loss, so many years across at a time."""
    entries = profit_and_loss(summary)
    largest = max((float(np.abs(values).sum()) for e in entries for values in (e.base, e.mean)), default=0.0)
    scale, said = (1.0, "") if largest < 1e8 else (1e3, "thousand ") if largest < 1e11 else (1e6, "million ")
    years = summary.base.years
    longest = max(
        (len(text) for e in entries for cell in e.cells(slice(None), scale, False) for text in cell), default=0
    )
    across = next((count for characters, count in YEARS_ACROSS if longest <= characters), 4)
    tables = []
    for first in range(0, len(years), across):
        part, last = slice(first, first + across), first + across >= len(years)
        rows = [(entry.name, entry.total, entry.cells(part, scale, last)) for entry in entries]
        tables.append(YearTable([*years[part], *(["total"] if last else [])], rows))
    return f"{said}{summary.run.model.scenario.currency}", tables


def profit_and_loss(summary: Summary) -> list[Entry]:
    """Payments by term, costs by layer, the margins between them; then the customer's side."""
    book = _Book(summary)
    entries = book.by_group("payment")
    revenue = book.sum("Revenue", [line for line in book.lines if line.role == "payment"])
    entries.append(revenue)
    if others := [line for line in book.lines if line.role == "party"]:
        entries += book.by_group("party")
        entries.append(book.sum("From further parties", others))
    counted = [line for line in book.lines if line.agreed]
    for layer, title in (
        ("contribution", "Contribution"),
        ("overhead", "Margin after overhead"),
        ("capital", "Margin after capital"),
    ):
        own = [line for line in book.lines if line.role in ("cost", "accrual") and line.layer == layer]
        if own or layer == "contribution":
            counted += own
            entries += book.by_group("cost", "accrual", layer=layer)
            entries.append(book.sum(title, counted))
    if taxes := [line for line in book.lines if line.role == "tax"]:
        entries.append(book.sum("Tax", taxes, total=False))
        entries.append(book.sum("Margin after tax", [*counted, *taxes]))
    if summary.outcome.says_customer:
        own = [line for line in book.lines if line.role == "customer"]
        entries += [book.sum(f"Customer: {name_words(line.step)}", [line], total=False) for line in own]
        entries.append(Entry("Customer: pays the supplier", False, 0.0 - revenue.base, 0.0 - revenue.mean))
        gains = book.sum("", own)
        entries.append(Entry("Customer's net benefit", True, gains.base - revenue.base, gains.mean - revenue.mean))
    return entries


class _Book:
    """The lines by year of a summary."""

    def __init__(self, summary: Summary) -> None:
        self.lines = summary.run.rows.lines
        self.summary = summary

    def sum(self, name: str, lines: Iterable[Line], total: bool = True) -> Entry:
        """Some lines added up."""
        names = {line.name for line in lines}
        wanted = np.array([line.name in names for line in self.lines], bool)
        return Entry(
            name, total, self.summary.base.by_year[wanted].sum(axis=0), self.summary.mean_by_year[wanted].sum(axis=0)
        )

    def by_group(self, *roles: str, layer: str | None = None) -> list[Entry]:
        """One entry a term or cost."""
        lines = [line for line in self.lines if line.role in roles and layer in (None, line.layer)]
        groups = dict.fromkeys(line.group for line in lines)
        return [self.sum(name_words(g), [line for line in lines if line.group == g], total=False) for g in groups]


# --- clause by clause ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClauseRow:
    """A clause: base case, mean, what uncertainty adds, and how often it binds. share: 0 to 100, as a bar is long."""

    name: str
    role: str
    base: str
    mean: str
    convexity: str
    error: str
    binds: str
    share: float
    never: bool


_ROLES = {"payment": "payment", "party": "further party's", "gain": "reckoned", "figure": "figure", "cost": "cost",
          "accrual": "cost, no cash",
          "cash": "cash, no cost", "customer": "customer's", "tax": "tax"}  # fmt: skip


def clause_rows(summary: Summary) -> list[ClauseRow]:
    """Every line of the ledger over the contract's life."""
    rows = []
    for clause in (each for each in summary.clauses if each.line.role != "decision"):
        never = clause.binds.value == 0.0
        rows.append(
            ClauseRow(
                line_words(clause.line),
                _ROLES.get(clause.line.role, clause.line.role),
                whole(clause.base),
                whole(clause.mean.value),
                whole(clause.convexity),
                doubt(clause.mean),
                share(clause.binds.value),
                round(100.0 * clause.binds.value, 1),
                never,
            )
        )
    return rows
