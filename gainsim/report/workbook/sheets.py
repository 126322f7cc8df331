"""The sheets behind the schedules: curves, whose risk it is, and what is checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gainsim.analyses.owner_rows import Lines, owner_lines
from gainsim.analyses.owners import SHARE, Owners
from gainsim.measures import quantile
from gainsim.report.figures import FAN, curve
from gainsim.report.words import name_words
from gainsim.report.workbook.schedule import Check
from gainsim.report.workbook.sheet import BLUE, ORANGE, Book, Sheet
from gainsim.report.workbook.summary import CHECKS
from gainsim.summary import Summary

CURVES, OWNERS = "Curves", "Risk by owner"
#: how many points a curve has
_POINTS = 101


# --- curves ----------------------------------------------------------------------------------------------------------

#: the row of the heads of the figures, below the charts
_HEADS = 22


def curves_sheet(book: Book, summary: Summary) -> None:
    """How likely each party's result stays below an amount, and the supplier's cash by year in bands, as native charts."""
    out = book.sheet(CURVES)
    out.widths(*([16.0] * 13))
    currency, outcome = summary.run.model.scenario.currency, summary.outcome
    out.text(0, 0, "Curves", "title")
    parties = {"supplier's NPV": outcome.npv}
    if outcome.says_customer:
        parties["customer's net benefit, discounted"] = outcome.customer_npv
    chart = book.made.add_chart({"type": "scatter", "subtype": "straight"})
    for n, (name, values) in enumerate(parties.items()):
        out.texts(_HEADS, (f"{name}, {currency}", "share of futures at or below"), "figures", column=2 * n)
        amounts, shares = curve(values, _POINTS)
        for row, (amount, share) in enumerate(zip(amounts.tolist(), shares.tolist(), strict=True), start=_HEADS + 1):
            out.number(row, 2 * n, amount, "whole")
            out.number(row, 2 * n + 1, share, "percent")
        last = _HEADS + len(amounts)
        chart.add_series({
            "name": name, "categories": [CURVES, _HEADS + 1, 2 * n, last, 2 * n],
            "values": [CURVES, _HEADS + 1, 2 * n + 1, last, 2 * n + 1],
            "line": {"color": (BLUE, ORANGE)[n], "width": 2},
        })  # fmt: skip
    out.place(chart, "The chance that it comes to this or less", 2, 0, x=currency, y="share of futures", percent=True)
    _cash_by_year(out, summary, 2 * len(parties) + 1)
    out.prints(2 * len(parties) + 3 + len(FAN))


_PENS = ("#8dbcdc", "#4d98c8", BLUE, "#4d98c8", "#8dbcdc", "#222222")


def _cash_by_year(out: Sheet, summary: Summary, left: int) -> None:
    """The bands of the supplier's cumulative cash, and their chart, from a column on."""
    currency, years = summary.run.model.scenario.currency, summary.base.years
    out.text(_HEADS - 1, left, f"the supplier's cumulative cash at each year's end, {currency}", "note")
    bands, base = _cash_bands(summary)
    lines = (*(f"P{100 * share:g}" for share in FAN), "base case")
    out.text(_HEADS, left, "year", "head")
    out.texts(_HEADS, lines, "figures", column=left + 1)
    for row, year in enumerate(years, start=_HEADS + 1):
        out.text(row, left, year)
        for column, value in enumerate(
            (*bands[:, row - _HEADS - 1].tolist(), float(base[row - _HEADS - 1])), start=left + 1
        ):
            out.number(row, column, value, "whole")
    fan = out.book.made.add_chart({"type": "line"})
    last = _HEADS + len(years)
    for n, said in enumerate(lines, start=1):
        fan.add_series({
            "name": said, "categories": [CURVES, _HEADS + 1, left, last, left],
            "values": [CURVES, _HEADS + 1, left + n, last, left + n],
            "line": {"color": _PENS[n - 1], "width": 1.5, **({"dash_type": "dash"} if n > len(FAN) else {})},
        })  # fmt: skip
    out.place(fan, "The supplier's cumulative cash at each year's end", 2, 6, y=currency)


def _cash_bands(summary: Summary) -> tuple[np.ndarray, np.ndarray]:
    """(FAN, years) and (years,): cumulative cash at each year's end over all futures, and in the base case."""
    calendar, rows = summary.run.model.calendar, summary.run.rows
    years = [calendar.year_of(min(calendar.index(when), calendar.periods - 1)) for when in rows.dates]
    running, bands = np.zeros(summary.run.paths), np.zeros((len(FAN), len(summary.base.years)))
    for year in range(len(summary.base.years)):
        for of, flow in zip(years, summary.run.cash, strict=True):
            if of == year:
                running = running + flow
        bands[:, year] = [quantile(running, share).value for share in FAN]
    return bands, np.add.accumulate(summary.base.cash)


# --- whose risk it is, and what is checked ------------------------------------------------------------------------------


def owners_sheet(book: Book, found: Owners) -> None:
    """What chance does to the offer, split by who controls what moves; the parts add up."""
    out = book.sheet(OWNERS)
    tables = owner_lines(found)
    columns = max(2 * len(lines.head) - 1 for lines in tables)
    out.widths(34, *([14] * (columns - 1)))
    row = 0
    for lines in tables:
        row = _lines(out, lines, row) + 2
    chart, owners = book.made.add_chart({"type": "column"}), len(found.parts)
    chart.add_series({
        "name": SHARE, "categories": [OWNERS, 3, 0, 3 + owners, 0], "values": [OWNERS, 3, 1, 3 + owners, 1],
        "fill": {"color": BLUE}, "gap": 60,
    })  # fmt: skip
    out.place(chart, "Part of the variance of the NPV", row, 0, percent=True)
    out.prints(columns, breaks=[row])


def _lines(out: Sheet, lines: Lines, row: int) -> int:
    """A table from a row on, each standard error beside its figure; gives the row behind it."""
    out.text(row, 0, lines.title, "title")
    out.text(row + 2, 0, lines.head[0], "head")
    out.texts(row + 2, [part for each in lines.head[1:] for part in (each, "standard error")], "figures", column=1)
    row += 3
    for line in lines.rows:
        out.text(row, 0, name_words(line.name), "answer" if line.name == "= the offer" else "")
        for column, of in enumerate(line.figures):
            if of is not None:
                form = "percent" if of.unit == "fraction" else "whole"
                out.number(row, 2 * column + 1, of.value, form)
                out.number(row, 2 * column + 2, of.standard_error, form)
        row += 1
    for note in lines.notes:
        row += 1
        out.prose(row, 0, 2 * len(lines.head) - 2, note, "notes")
    return row + 1


_AFTER = "After a change of a fact or a number, FALSE tells that the payment is no longer the engine's: that is what was changed."


def checks_sheet(book: Book, checks: Sequence[Check]) -> None:
    """What must hold, a row each, reckoned by the workbook itself."""
    out = book.sheet(CHECKS)
    out.widths(110, 12)
    out.text(0, 0, "Checks", "title")
    out.text(1, 0, _AFTER, "note")
    out.text(2, 0, "what must hold", "head")
    out.text(2, 1, "holds", "figures")
    for row, check in enumerate(checks, start=3):
        out.text(row, 0, check.says)
        out.cell(row, 1, f"={check.formula}", True, "right")
    out.mark(3, 1, 2 + len(checks), "FALSE")
    out.prints(2, head=(2, 2))


def all_hold(checks: Sequence[Check]) -> str:
    """The formula that is TRUE where every check holds, without its sign."""
    return f"AND({CHECKS}!B4:B{3 + len(checks)})"
