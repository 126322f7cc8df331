"""What the terminal shows: aligned tables and sentences, rounded to what the figures can bear."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from gainsim.ledger import Line
from gainsim.measuring import Judgement, Measured
from gainsim.model import Model
from gainsim.summary import BaseCase, Clause, Summary

#: how measures are called where people read them
TITLES = {
    "expected_revenue": "revenue",
    "committed_revenue": "  committed",
    "expected_variable_revenue": "  variable",
    "expected_cost": "cost",
    "contribution": "contribution",
    "margin_after_overhead": "margin after overhead",
    "margin_after_capital": "margin after capital",
    "expected_margin": "contribution / revenue",
    "expected_margin_after_overhead": "after overhead / revenue",
    "expected_margin_after_capital": "after capital / revenue",
    "npv": "net present value",
    "npv_p5": "  P5",
    "npv_p50": "  P50",
    "npv_p95": "  P95",
    "cvar_95": "mean of the worst 5%",
    "chance_of_loss": "chance of loss (NPV below 0)",
    "irr": "internal rate of return",
    "payback": "payback, median",
    "cash_trough": "deepest cash trough, mean",
    "tcv": "total contract value, committed",
    "acv": "annual contract value",
    "customer_net_benefit": "customer's net benefit",
    "customer_chance_of_regret": "customer worse off",
}


def table(rows: Iterable[Sequence[str]], head: Sequence[str] = (), left: int = 1) -> str:
    """Columns of text, the first `left` aligned left, the others right.

    >>> print(table([("fee", "1,200"), ("share", "34")], head=("line", "EUR")))
    line     EUR
    fee    1,200
    share     34
    """
    cells = [list(head)] * bool(head) + [list(row) for row in rows]
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))] if cells else []
    lines = []
    for row in cells:
        parts = [c.ljust(w) if k < left else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def amount(value: float) -> str:
    """Money in a table: whole units with thousands separators; nothing is shown as a dot.

    >>> amount(-1234567.8), amount(0.0)
    ('-1,234,568', '.')
    """
    return "." if value == 0.0 else f"{value:,.0f}".replace("-0", "0") if abs(value) < 0.5 else f"{value:,.0f}"


def figure(value: float, unit: str) -> str:
    """A value in its unit.

    >>> figure(0.1234, "fraction"), figure(3.25, "years"), figure(1e6, "EUR")
    ('12.3%', '3.2 years', '1,000,000 EUR')
    """
    if not math.isfinite(value):
        return "unknown"
    if unit.startswith("fraction"):
        return f"{value:.1%}" + (" pa" if unit.endswith("year") else "")
    if unit == "years":
        return f"{value:.1f} years"
    return f"{value:,.0f} {unit}"


def doubt(error: float, unit: str) -> str:
    """A standard error, with two digits that count.

    >>> doubt(1096.17, "EUR"), doubt(0.00025, "fraction"), doubt(0.0, "EUR")
    ('± 1,100', '± 0.03%', '')
    """
    if error == 0.0:
        return ""
    if not math.isfinite(error):
        return "± unknown"
    if unit.startswith("fraction"):
        return f"± {100.0 * error:.2f}%"
    digits = max(0, 1 - math.floor(math.log10(error)))
    rounded = round(error, digits if error < 10 else -(math.floor(math.log10(error)) - 1))
    return f"± {rounded:,.0f}" if error >= 10 else f"± {rounded:.{digits}f}"


def _measure_row(title: str, measured: Measured) -> tuple[str, str, str]:
    found = measured.estimate
    if found is None:
        return title, "none", ""
    return title, figure(found.value, measured.unit), doubt(found.standard_error, measured.unit)


def verdict(summary: Summary) -> str:
    """The answer in one or two sentences."""
    npv = summary.measures["npv"].estimate
    low, high = summary.measures["npv_p5"].estimate, summary.measures["npv_p95"].estimate
    loss = summary.measures["chance_of_loss"].estimate
    assert npv is not None and low is not None and high is not None and loss is not None
    currency = summary.run.model.scenario.currency
    text = (
        f"Expected NPV {npv.value:,.0f} {currency}; "
        f"in nine futures of ten between {low.value:,.0f} and {high.value:,.0f}; "
        f"chance of loss {loss.value:.1%}."
    )
    if not summary.limits:
        return text + " The file states no house limits."
    if not summary.broken:
        return text + f" The house limits are kept (all {len(summary.limits)})."
    broken, of = len(summary.broken), len(summary.limits)
    return text + f" {broken} of {of} house limits {'is' if broken == 1 else 'are'} broken."


def memo(summary: Summary) -> str:
    """The summary of a run as a page of text."""
    run = summary.run
    measures = table([_measure_row(title, summary.measures[name]) for name, title in TITLES.items()], left=1)
    parts = [
        run.model.scenario.title,
        f"{run.paths:,} futures, seed {run.seed}, run {summary.run_id}; ± is one standard error",
        "",
        verdict(summary),
        "",
        measures,
        "",
        _heading("Against the base case (every driver at its central value), clause by clause"),
        clauses(summary),
    ]
    figures = [(c.line.name, amount(c.base), amount(c.mean.value)) for c in summary.clauses if c.line.role == "figure"]
    if figures:
        parts += ["", table(figures, head=("figure", "base case", "mean"))]
    missing = [m for n, m in summary.measures.items() if m.estimate is None and n in TITLES]
    parts += [f"\nNo {TITLES[m.name].strip()}: {m.reason.rstrip('.')}." for m in missing]
    if summary.limits:
        parts += ["", _heading("House limits"), limits(summary.limits)]
    parts += ["", _heading("Checks")]
    parts += [f"- {check}" for check in summary.checks] or ["Nothing makes this run suspect."]
    return "\n".join(parts)


def _heading(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"


_SHOWN = ("payment", "cost", "accrual", "customer")


def clauses(summary: Summary) -> str:
    """Every line that counts in someone's result: base case, mean, difference, how often it is not zero."""
    rows: list[tuple[str, ...]] = []
    for clause in summary.clauses:
        if clause.line.role in _SHOWN:
            rows.append(_clause_row(clause))
    revenue, base = summary.measures["expected_revenue"].estimate, summary.base
    margin, npv = summary.measures["margin_after_capital"].estimate, summary.measures["npv"].estimate
    assert revenue is not None and margin is not None and npv is not None
    for title, before, found in (
        ("revenue", base.revenue, revenue),
        ("margin after capital", base.margins["capital"], margin),
        ("net present value", base.npv, npv),
    ):
        change = found.value - before
        rows.append(
            (f"= {title}", amount(before), amount(found.value), doubt(found.standard_error, ""), amount(change), "")
        )
    currency = summary.run.model.scenario.currency
    return table(rows, head=(f"{currency}, whole life", "base case", "mean", "", "convexity", "binds"))


def _clause_row(clause: Clause) -> tuple[str, ...]:
    often = clause.binds.value
    binds = "" if clause.line.role != "payment" else "<0.1%" if 0.0 < often < 0.0005 else f"{often:.1%}"
    return (
        f"  {clause.line.name}",
        amount(clause.base),
        amount(clause.mean.value),
        doubt(clause.mean.standard_error, ""),
        "." if abs(clause.convexity) < 0.5 else amount(clause.convexity),
        binds,
    )


def limits(found: Sequence[Judgement]) -> str:
    """Each limit of the house: what is demanded, what was found, by how much it is kept or broken."""
    rows = []
    for limit in found:
        if limit.measured.estimate is None:
            rows.append((limit.name, limit.rule, limit.measured.reason, "BROKEN: not to be judged"))
            continue
        value = figure(limit.measured.estimate.value, limit.measured.unit)
        by = figure(abs(limit.margin), limit.measured.unit)
        sure = "" if limit.sure else " (within the Monte Carlo error)"
        rows.append((limit.name, limit.rule, value, f"{'kept' if limit.kept else 'BROKEN'} by {by}{sure}"))
    return table(rows, head=("limit", "rule", "found", ""), left=2)


def profit_and_loss(base: BaseCase) -> str:
    """The base case by year, as a pricing spreadsheet shows it."""
    lines = base.model.lines
    years = len(base.years)
    rows: list[tuple[str, ...]] = []

    def add(title: str, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
        rows.append((title, *(amount(float(v)) for v in values), amount(float(values.sum()))))

    def total(wanted: Iterable[bool]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        chosen = [base.by_year[k] for k, use in enumerate(wanted) if use]
        return np.sum(chosen, axis=0) if chosen else np.zeros(years)

    layers = ("contribution", "overhead", "capital")
    for number, line in enumerate(lines):
        if line.role == "payment":
            add(f"  {line.name}", base.by_year[number])
    add("revenue", total(line.role == "payment" for line in lines))
    for depth, layer in enumerate(layers):
        for number, line in enumerate(lines):
            if line.role in ("cost", "accrual") and line.layer == layer:
                add(f"  {line.name}", base.by_year[number])
        title = {"contribution": "contribution", "overhead": "after overhead", "capital": "after capital"}[layer]
        add(
            title,
            total(line.role == "payment" or (line.in_margin and line.layer in layers[: depth + 1]) for line in lines),
        )
    for number, line in enumerate(lines):
        if line.role == "customer":
            add(f"  {line.name}", base.by_year[number])
    currency = base.model.scenario.currency
    return table(rows, head=(currency, *base.years, "whole life")) + f"\n\nnet present value {base.npv:,.0f} {currency}"


def statement(
    model: Model, amounts: np.ndarray[tuple[int, ...], np.dtype[np.float64]], period: int | None = None
) -> str:
    """One path's statement, settlement by settlement, step by step; `period` (from 1) limits it to one period."""
    parts: list[str] = []
    by_period: dict[int, list[tuple[Line, float]]] = {}
    for (t, number), value in zip(model.program.rows, amounts, strict=True):
        if period is None or t == period - 1:
            by_period.setdefault(t, []).append((model.lines[number], float(value)))
    for t, entries in by_period.items():
        parts += ["", _heading(f"{model.calendar.period(t).label} (period {t + 1})"), _settled(t, entries)]
    return "\n".join(parts).lstrip("\n")


def _settled(t: int, entries: Sequence[tuple[Line, float]]) -> str:
    rows: list[tuple[str, ...]] = []
    for group in dict.fromkeys(line.group for line, _ in entries):
        own = [(line, value) for line, value in entries if line.group == group]
        paid = 0.0
        for line, value in own:
            when = next(s for s in line.settlements if s.at == t)
            paid += value if line.role == "payment" else 0.0
            direction = {"gain": "gain", "figure": "figure", "accrual": "no cash"}.get(
                line.role, _direction(line, value)
            )
            rows.append(
                (
                    f"  {line.name}",
                    f"{value:,.2f}",
                    direction,
                    when.window.label if line.role == "payment" else "",
                    str(when.paid),
                )
            )
        if any(line.role == "payment" for line, _ in own):
            rows.append((f"{group} paid", f"{paid:,.2f}", "", "", ""))
    return _statement_table(rows)


def _direction(line: Line, value: float) -> str:
    if value == 0.0:
        return ""
    first, second = (line.payer, line.payee) if value > 0 else (line.payee, line.payer)
    return f"{first} to {second}"


def _statement_table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[k]) for row in rows) for k in range(5)]
    return "\n".join(
        "  ".join(
            (r[0].ljust(widths[0]), r[1].rjust(widths[1]), r[2].ljust(widths[2]), r[3].ljust(widths[3]), r[4])
        ).rstrip()
        for r in rows
    )


def waterfall(summary: Summary) -> str:
    """From the first clause to the NPV: what each line brings on average, and on the worst 5% of paths."""
    rows = []
    for clause in summary.clauses:
        if clause.line.role in ("payment", "cost", "cash"):
            rows.append(
                (f"  {clause.line.name}", amount(clause.npv), amount(clause.tail), amount(clause.tail - clause.npv))
            )
    total = [sum(c.npv for c in summary.clauses if c.line.role in ("payment", "cost", "cash"))]
    tail = sum(c.tail for c in summary.clauses if c.line.role in ("payment", "cost", "cash"))
    rows.append(("= net present value", amount(total[0]), amount(tail), amount(tail - total[0])))
    currency = summary.run.model.scenario.currency
    return table(rows, head=(f"{currency}, discounted", "mean", "worst 5%", "difference"))
