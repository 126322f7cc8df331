"""The page of a report: one HTML file that needs nothing else."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import gainsim
from gainsim.report import charts, style, tables
from gainsim.report.words import short
from gainsim.summary import Summary
from gainsim.units import percent_text

if TYPE_CHECKING:
    from jinja2 import Template


def render(summary: Summary, document_text: str | None, elapsed: float | None, written: date) -> str:
    """The page as text. elapsed: seconds the run took, if known; written: the day on the page."""
    from markupsafe import Markup

    scenario = summary.run.model.scenario
    unit, years = tables.year_tables(summary)
    return _template().render(
        title=scenario.title,
        about=(scenario.about or "").strip(),
        verdict=tables.verdict(summary),
        broken=bool(summary.broken),
        judged=bool(summary.limits),
        limits=tables.limit_rows(summary),
        measures=tables.measure_groups(summary),
        pictures=[(name, Markup(drawn), said) for name, drawn, said in pictures(summary)],
        year_unit=unit,
        year_tables=years,
        clauses=tables.clause_rows(summary),
        currency=scenario.currency,
        checks=summary.checks,
        settings=tables.setting_rows(summary),
        controls=tables.control_rows(scenario),
        drivers=tables.driver_rows(summary),
        values=tables.value_rows(scenario),
        dependence=tables.dependence_rows(scenario),
        record=record(summary, elapsed, written),
        document=document_text,
        says_customer=summary.outcome.says_customer,
    )


def pictures(summary: Summary) -> list[tuple[str, str, str]]:
    """(name, SVG, caption) of every picture that the run has figures for."""
    npv = summary.outcome.npv
    ends = f"from {short(float(npv.min()))} to {short(float(npv.max()))} {summary.run.model.scenario.currency}"
    drawn = [
        ("s_curve", charts.s_curve, f"NPV of all paths, {ends}. A steep curve is a narrow range. The base case is the "
         "offer with every driver at its central value; it need not lie at P50."),
        ("waterfall", charts.waterfall, "Each bar begins where the last one ended. Blue brings money, orange costs it. "
         "The right-hand side shows which clauses make, and which soften, the worst futures."),
    ]  # fmt: skip
    if summary.run.rows.dates:
        drawn.insert(1, ("cash_fan", charts.cash_fan, "Money in and out by the day it is paid, not discounted. "
                         "Payments within ten days of each other are shown as one."))  # fmt: skip
    if summary.outcome.says_customer:
        regret = summary.measures["customer_chance_of_regret"].estimate
        chance = percent_text(regret.value) if regret is not None else "some"
        drawn.append(("customer_benefit", charts.customer_benefit, f"What the customer gains and avoids, less what it "
                      f"spends and pays us, not discounted. It is worse off than without the contract in {chance} of paths."))  # fmt: skip
    return [
        (name, style.svg(function(summary), f"{name.replace('_', ' ')}. {said}"), said)
        for name, function, said in drawn
    ]


def record(summary: Summary, elapsed: float | None, written: date) -> list[tuple[str, str]]:
    """What it takes to make this run again."""
    run = summary.run
    rows = [
        ("Run id", summary.run_id),
        ("Seed", str(run.seed)),
        ("Paths", f"{run.paths:,}"),
        ("gainsim", gainsim.__version__),
        ("Lines, rows of the ledger", f"{len(run.rows.lines)}, {len(run.rows.keys):,}"),
    ]
    if elapsed is not None:
        rows.append(("Elapsed", f"{elapsed:.2f} s"))
    return [*rows, ("Written", f"{written:%Y-%m-%d}")]


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    options: dict[str, Any] = {
        "autoescape": True,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    return Environment(loader=PackageLoader("gainsim.report"), **options).get_template("report.html")
