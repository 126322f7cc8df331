"""The sheets behind the schedules: curves, whose risk it is, and what is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gainsim.analyses.owners import SPLIT, Owners
from gainsim.measures import Estimate, quantile
from gainsim.offer.scenario import Cost
from gainsim.report import answer, tables
from gainsim.report.figures import FAN, curve
from gainsim.report.words import limit_words, measure_words, name_words
from gainsim.report.workbook.numbers import TermNumber
from gainsim.report.workbook.schedule import Check
from gainsim.report.workbook.sheet import BLUE, ORANGE, Book, Sheet
from gainsim.summary import Summary

SUMMARY, ASSUMPTIONS, CURVES, OWNERS, CHECKS = "Summary", "Assumptions", "Curves", "Risk by owner", "Checks"
#: how many points a curve has
_POINTS = 101


# --- curves ----------------------------------------------------------------------------------------------------------


def curves_sheet(book: Book, summary: Summary) -> None:
    """How likely each party's result stays below an amount, and the supplier's cash by year in bands, as native charts."""
    out = book.sheet(CURVES)
    out.widths(14, *([16] * 12))
    currency, outcome = summary.run.model.scenario.currency, summary.outcome
    out.text(0, 0, "Curves", "title")
    parties = {
        "supplier's NPV": outcome.npv,
        **({"customer's net benefit, discounted": outcome.customer_npv} if outcome.says_customer else {}),
    }
    _head(out, 2, *(part for name in parties for part in (name, "share of futures at or below")))
    for n, values in enumerate(parties.values()):
        amounts, shares = curve(values, _POINTS)
        for row, (amount, share) in enumerate(zip(amounts.tolist(), shares.tolist(), strict=True), start=3):
            out.number(row, 2 * n, amount, "whole")
            out.number(row, 2 * n + 1, share, "percent")
    chart = book.made.add_chart({"type": "scatter", "subtype": "straight"})
    for n, name in enumerate(parties):
        points = min(_POINTS, summary.run.paths)
        chart.add_series({
            "name": name, "categories": [CURVES, 3, 2 * n, 2 + points, 2 * n],
            "values": [CURVES, 3, 2 * n + 1, 2 + points, 2 * n + 1],
            "line": {"color": (BLUE, ORANGE)[n], "width": 2},
        })  # fmt: skip
    left = 2 * len(parties) + 1
    out.text(1, left, f"the supplier's cumulative cash at each year's end, {currency}", "note")
    bands, base = _cash_bands(summary)
    for column, said in enumerate(("year", *(f"P{100 * share:g}" for share in FAN), "base case"), start=left):
        out.text(2, column, said, "head")
    for n, year in enumerate(summary.base.years):
        out.text(3 + n, left, year)
        for column, value in enumerate((*bands[:, n].tolist(), float(base[n])), start=left + 1):
            out.number(3 + n, column, value, "whole")
    out.place(
        chart,
        "The chance that it comes to this or less",
        4,
        left + len(FAN) + 3,
        x=currency,
        y="share of futures",
        percent=True,
    )
    fan = book.made.add_chart({"type": "line"})
    last = 2 + len(summary.base.years)
    for n, said in enumerate((*(f"P{100 * share:g}" for share in FAN), "base case"), start=1):
        fan.add_series({
            "name": said, "categories": [CURVES, 3, left, last, left], "values": [CURVES, 3, left + n, last, left + n],
            "line": {"color": _PENS[n - 1], "width": 1.5, **({"dash_type": "dash"} if n > len(FAN) else {})},
        })  # fmt: skip
    out.place(fan, "The supplier's cumulative cash by year", 23, left + len(FAN) + 3, y=currency)


_PENS = ("#8dbcdc", "#4d98c8", BLUE, "#4d98c8", "#8dbcdc", "#222222")


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
    out.widths(30, *([16] * 12))
    out.text(0, 0, "Whose risk it is: the net present value, by who controls what moves", "title")
    said = [part for what in SPLIT if what != "variance" for part in (what, "standard error")]
    _head(out, 2, "", "part of the variance", *said, "its drivers")
    whole = found.whole["variance"].value
    rows = [
        ("no driver moves", found.none, ""),
        *((part.owner, part.parts, ", ".join(map(name_words, part.drivers))) for part in found.parts),
    ]
    for row, (name, of, drivers) in enumerate([*rows, ("the offer", found.whole, "")], start=3):
        out.text(row, 0, name, "answer" if name == "the offer" else "")
        out.number(row, 1, of["variance"].value / whole if whole > 0.0 else 0.0, "percent")
        for column, what in enumerate((each for each in SPLIT if each != "variance"), start=1):
            form = "percent" if what == "chance of loss" else "whole"
            out.number(row, 2 * column, of[what].value, form)
            out.number(row, 2 * column + 1, of[what].standard_error, form)
        out.text(row, 2 * len(SPLIT), drivers)
    last = 2 + len(rows)
    chart = book.made.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "part of the variance",
            "categories": [OWNERS, 4, 0, last, 0],
            "values": [OWNERS, 4, 1, last, 1],
            "fill": {"color": BLUE},
        }
    )
    row = last + 4
    _head(
        out, row, "standing at its central value", "our NPV", "standard error", "its worst 5%, mean", "standard error"
    )
    for each in (*found.owners_without, *found.drivers_without):
        row += 1
        out.text(row, 0, name_words(each.name))
        for column, estimate in ((1, each.supplier), (3, each.worst)):
            out.number(row, column, estimate.value, "whole")
            out.number(row, column + 1, estimate.standard_error, "whole")
    out.place(chart, "Part of the variance of the NPV", row + 2, 0, percent=True)


def checks_sheet(book: Book, checks: Sequence[Check]) -> None:
    """What must hold, a row each, reckoned by the workbook itself."""
    out = book.sheet(CHECKS)
    out.widths(100, 12)
    out.text(0, 0, "Checks", "title")
    out.text(
        1,
        0,
        "After a change of a fact or a number, FALSE tells that the payment is no longer the engine's: that is what was changed.",
        "note",
    )
    _head(out, 2, "what must hold", "holds")
    for row, check in enumerate(checks, start=3):
        out.text(row, 0, check.says)
        out.cell(row, 1, f"={check.formula}", True, "")
    out.mark_false(3, 1, 2 + len(checks))


def all_hold(checks: Sequence[Check]) -> str:
    """The formula that is TRUE where every check holds."""
    return f"=AND({CHECKS}!B4:B{3 + len(checks)})"
