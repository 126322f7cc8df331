"""The page of a report: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import gainsim
from gainsim.analyses import assumptions
from gainsim.early_end import early_end_rows, early_end_words
from gainsim.error_costs import error_cost_head, error_cost_rows
from gainsim.lifecycle import lifecycle_rows
from gainsim.precision import precision_words
from gainsim.put_in import put_in_by_year
from gainsim.report import answer, charts, style, tables
from gainsim.report.words import short
from gainsim.summary import Summary
from gainsim.two_sides import budget_words, two_sides_head, two_sides_rows
from gainsim.words import drawn, percent

if TYPE_CHECKING:
    from jinja2 import Template
    from matplotlib.figure import Figure


def render(summary: Summary, elapsed: float | None, written: date) -> str:
    """The page as text. elapsed: seconds the run took, if known; written: the day on the page."""
    from markupsafe import Markup

    scenario = summary.run.model.scenario
    unit, years = tables.year_tables(summary)
    return template().render(
        title=scenario.title,
        about=(scenario.about or "").strip(),
        verdict=answer.verdict(summary),
        recommended=summary.recommendation[1] if summary.approval is not None else "",
        broken=bool(summary.broken or summary.open),
        judged=bool(summary.limits),
        limits=answer.limit_rows(summary.limits),
        measures=answer.measure_groups(summary),
        pictures=[(name, Markup(drawn), said) for name, drawn, said in pictures(summary)],
        year_unit=unit,
        year_tables=years,
        clauses=tables.clause_rows(summary),
        currency=scenario.currency,
        checks=summary.checks,
        deals=summary.deals,
        sides=summary.sides,
        sides_head=two_sides_head,
        sides_rows=two_sides_rows,
        budget_words=budget_words,
        accepts=[] if summary.sides is None else answer.limit_rows(summary.sides.accepts),
        error_costs=error_cost_rows(summary.error_costs),
        error_cost_head=error_cost_head(scenario.currency),
        early_end=summary.early_end,
        early_end_words=early_end_words,
        early_end_rows=early_end_rows,
        decisions=[(name, each.by, each.about, assumptions.decision_words(each)) for name, each in scenario.lifecycle.items()],
        lifecycle=summary.lifecycle,
        lifecycle_rows=lifecycle_rows,
        efforts=summary.efforts,
        put_in_by_year=put_in_by_year,
        paths=summary.run.paths,
        settings=assumptions.setting_rows(summary),
        controls=assumptions.control_rows(scenario),
        drivers=assumptions.driver_rows(summary),
        values=assumptions.value_rows(scenario),
        dependence=assumptions.dependence_rows(scenario),
        record=record(summary, elapsed, written),
        document=summary.document.text if summary.document is not None else None,
        says_customer=summary.outcome.says_customer,
    )


def pictures(summary: Summary) -> list[tuple[str, str, str]]:
    """(name, SVG, caption) of every picture that the run has figures for."""
    drawn: list[tuple[str, Callable[[Summary], Figure], str]] = [("s_curve", charts.s_curve, _about_curve(summary))]
    if summary.run.rows.dates:
        drawn.append(("cash_fan", charts.cash_fan, _ABOUT_FAN))
    drawn.append(("waterfall", charts.waterfall, _ABOUT_WATERFALL))
    if summary.outcome.says_customer:
        drawn.append(("customer_benefit", charts.customer_benefit, _about_customer(summary)))
    return [(name, style.svg(draw(summary), f"{name.replace('_', ' ')}. {said}"), said) for name, draw, said in drawn]


_ABOUT_FAN = (
    "Money in and out by the day it is paid, not discounted. Payments within ten days of each other are shown as one."
)
_ABOUT_WATERFALL = (
    "Each bar begins where the last one ended. Blue brings money, orange costs it. "
    "The right-hand side shows which clauses make, and which soften, the worst futures."
)


def _about_curve(summary: Summary) -> str:
    npv = summary.outcome.npv
    return (
        f"NPV of all paths, from {short(float(npv.min()))} to {short(float(npv.max()))} {summary.run.model.scenario.currency}. "
        "A steep curve is a narrow range. The base case is the offer with every driver at its central value; it need not "
        "lie at P50."
    )


def _about_customer(summary: Summary) -> str:
    regret = summary.measures["customer_chance_of_regret"].estimate
    said = "What the customer gains and avoids, less what it spends and pays us, not discounted."
    if regret is None or regret.value == 0.0:
        return f"{said} On no path is it worse off than without the contract."
    return f"{said} It is worse off than without the contract on {percent(regret.value)} of paths."


def record(summary: Summary, elapsed: float | None, written: date) -> list[tuple[str, str]]:
    """What it takes to make this run again."""
    run = summary.run
    rows = [
        ("Run id", summary.run_id),
        ("Seed", str(run.seed)),
        ("Paths", f"{run.paths:,}"),
        ("Sampling", drawn(run) or "Pseudo-random."),
        *([("Control variates", str(summary.adjustment))] if summary.adjustment is not None else []),
        *([("Precision", precision_words(summary.sized, summary.reached))] if summary.sized is not None else []),
        ("gainsim", gainsim.__version__),
        *([("File (SHA-256)", summary.document.sha256)] if summary.document is not None else []),
        ("Changes", "; ".join(map(str, summary.changes)) or "none: the file as it was read"),
    ]
    if elapsed is not None:
        rows += [("Lines, rows of the ledger", f"{len(run.rows.lines)}, {len(run.rows.keys):,}"), ("Elapsed", f"{elapsed:.2f} s")]
    return [*rows, ("Written", f"{written:%Y-%m-%d}")]


@cache
def template(name: str = "report.html") -> Template:
    """A page with its places still open; compiled once."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    options: dict[str, Any] = {
        "autoescape": True,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    return Environment(loader=PackageLoader("gainsim.report"), **options).get_template(name)
