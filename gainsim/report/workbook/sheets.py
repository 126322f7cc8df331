"""The sheets beside the schedules: the answer, the assumptions, curves, whose risk it is, and what is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gainsim.analyses.owner_rows import Lines, owner_lines
from gainsim.analyses.owners import SHARE, Owners
from gainsim.measures import Estimate, quantile
from gainsim.offer.scenario import Cost
from gainsim.report import tables
from gainsim.report.figures import FAN, curve
from gainsim.report.words import limit_words, measure_words, name_words
from gainsim.report.workbook.numbers import TermNumber
from gainsim.report.workbook.schedule import Check
from gainsim.report.workbook.sheet import BLUE, ORANGE, Book, Sheet
from gainsim.summary import Summary

SUMMARY, ASSUMPTIONS, CURVES, OWNERS, CHECKS = "Summary", "Assumptions", "Curves", "Risk by owner", "Checks"
#: how many points a curve has
_POINTS = 101


def _value(out: Sheet, row: int, column: int, found: Estimate | None, unit: str) -> None:
    """A figure with its standard error beside it; one that nothing is known of has none."""
    if found is not None:
        form = "percent" if unit.startswith("fraction") else "figure" if unit == "years" else "whole"
        out.number(row, column, found.value, form)
        out.number(row, column + 1, found.standard_error, form)
    out.text(row, column + 2, {"fraction": "", "fraction per year": "a year"}.get(unit, unit), "unit")


def summary_sheet(out: Sheet, summary: Summary, record: Sequence[tuple[str, str]], all_hold: str) -> None:
    """The answer, both parties' measures, the limits of the house, and the record of the run."""
    out.widths(52, 16, 16, 12, 40)
    scenario = summary.run.model.scenario
    out.text(0, 0, scenario.title, "title")
    out.text(1, 0, f"{summary.recommendation[1]} {tables.verdict(summary)}", "answer")
    out.text(2, 0, "The workbook's formulas give the engine's figures:")
    out.cell(2, 1, all_hold, True, "answer")
    row = 4
    customers = [name for name in summary.measures if name.startswith("customer_") or name == "value_created"]
    for title, names in (
        ("The supplier", [n for n in summary.measures if n not in customers]),
        ("The customer", customers),
    ):
        shown = [name for name in names if summary.measures[name].estimate is not None]
        if not shown:
            continue
        for column, said in enumerate((title, "mean or share", "standard error", "")):
            out.text(row, column, said, "head")
        for name in shown:
            row += 1
            out.text(row, 0, measure_words(name))
            _value(out, row, 1, summary.measures[name].estimate, summary.measures[name].unit)
        row += 2
    if summary.limits:
        for column, said in enumerate(("Limits of the house", "found", "standard error", "", "")):
            out.text(row, column, said, "head")
        for judged, told in zip(summary.limits, tables.limit_rows(summary.limits), strict=True):
            row += 1
            out.text(row, 0, limit_words(judged))
            _value(out, row, 1, judged.measured.estimate, judged.measured.unit)
            out.text(row, 4, told.verdict)
        row += 2
    _pairs(out, row, "Run record", record)


def _pairs(out: Sheet, row: int, title: str, pairs: Sequence[tuple[str, str]]) -> int:
    """Rows of a name and what it says; gives the row behind them and a gap."""
    out.text(row, 0, title, "head")
    out.text(row, 1, "", "head")
    for name, said in pairs:
        row += 1
        out.text(row, 0, name)
        out.text(row, 1, said)
    return row + 2


def assumptions_sheet(
    book: Book,
    summary: Summary,
    numbers: Mapping[str, TermNumber],
    fixed: Sequence[TermNumber],
    clauses: Mapping[str, str],
) -> None:
    """The contract in words and in numbers, each in a named cell; every driver and value; what the file says of money."""
    out = book.sheet(ASSUMPTIONS)
    out.widths(26, 44, 18, 16, 40, 44, 30)
    scenario = summary.run.model.scenario
    out.text(0, 0, "What is assumed", "title")
    out.text(1, 0, "Blue figures may be changed: the schedules reckon with them at once.", "note")
    row = _pairs(out, 3, "The contract in words", [(name_words(name), said) for name, said in clauses.items()])
    _head(out, row, "The contract's numbers", "which", "value", "unit", "name of the cell", "as written")
    for number in [*numbers.values(), *fixed]:
        row += 1
        live = number.name in numbers
        out.text(row, 0, name_words(number.term))
        out.text(row, 1, number.place)
        out.number(row, 2, number.value, ("share" if _is_share(number) else "input") if live else "figure")
        out.text(row, 3, "" if number.unit is None else str(number.unit), "unit")
        out.text(row, 4, number.name if live else "fixed: it stands in the formulas")
        out.text(row, 5, number.text)
        if live:
            book.name(number.name, f"{ASSUMPTIONS}!$C${row + 1}")
    row += 2
    _head(out, row, "Drivers", "what it is", "who controls it", "unit", "how it moves", "its central value")
    for driver in tables.driver_rows(summary):
        row += 1
        said = (name_words(driver.name), driver.about, driver.control, driver.unit, driver.moves, driver.central)
        for column, text in enumerate(said):
            out.text(row, column, text)
    row += 2
    row = _pairs(out, row, "Values", [(name_words(name), said) for name, said in tables.value_rows(scenario)])
    costs = [(name_words(name), _cost_words(cost)) for name, cost in scenario.costs.items()]
    row = _pairs(out, row, "Costs", costs)
    customer = {
        "gains": scenario.customer.gains,
        "no longer spends": scenario.customer.avoids,
        "newly spends": scenario.customer.spends,
    }
    own = [
        (f"{kind}: {name_words(name)}", formula.text)
        for kind, part in customer.items()
        for name, formula in part.items()
    ]
    row = _pairs(out, row, "The customer's side", own) if own else row
    if links := tables.dependence_rows(scenario):
        row = _pairs(out, row, "What moves together", [("", link) for link in links])
    _pairs(out, row, "Money and time", tables.setting_rows(summary))


def _is_share(number: TermNumber) -> bool:
    return "%" in number.text and abs(number.value) <= 1.0 and number.unit is not None and not number.unit.powers


def _cost_words(cost: Cost) -> str:
    said = [cost.amount.text]
    for key, words in (("at", "at {}"), ("indexed", "following {}"), ("straight_line", "written down over {}")):
        if (value := getattr(cost, key)) is not None:
            said.append(words.format(value))
    return ", ".join(said)


def _head(out: Sheet, row: int, *said: str) -> None:
    for column, each in enumerate(said):
        out.text(row, column, each, "head")


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
    row = 0
    for lines in owner_lines(found):
        row = _lines(out, lines, row) + 2
    chart, owners = book.made.add_chart({"type": "bar"}), len(found.parts)
    chart.add_series(
        {
            "name": SHARE,
            "categories": [OWNERS, 4, 0, 3 + owners, 0],
            "values": [OWNERS, 4, 1, 3 + owners, 1],
            "fill": {"color": BLUE},
        }
    )
    out.place(chart, "Part of the variance of the NPV", row, 0, percent=True)


def _lines(out: Sheet, lines: Lines, row: int) -> int:
    """A table from a row on, each standard error beside its figure; gives the row behind it."""
    out.text(row, 0, lines.title, "title")
    _head(out, row + 2, lines.head[0], *(part for each in lines.head[1:] for part in (each, "standard error")))
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
        out.text(row, 0, note, "note")
    return row + 1


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
