"""The page of several offers: side by side, path by path against the first, and their curves in one picture."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import gainsim
from gainsim.analyses import comparison_rows as rows
from gainsim.analyses.changed import in_words
from gainsim.analyses.comparison import Comparison
from gainsim.report import style
from gainsim.report.answer import MEASURES
from gainsim.report.charts import room, share_axis
from gainsim.report.figures import curve
from gainsim.report.page import template
from gainsim.report.study import Table
from gainsim.report.words import measure_words
from gainsim.words import drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]


def render_offers(found: Comparison, elapsed: float | None, written: date) -> str:
    """The page as text. elapsed: seconds the runs took, if known; written: the day on the page."""
    from markupsafe import Markup

    whole = found.document
    rules = (
        ("guardrails", "Guardrails", rows.guardrail_rows(found)),
        ("accepts", "What the customer asks for", rows.accept_rows(found)),
        ("limits", "Limits of the house", rows.limit_rows(found)),
    )
    return template("offers.html").render(
        title=found.title,
        verdict=rows.verdict(found),
        names=list(found.offers),
        titles=rows.titles(found),
        others=list(found.others),
        reference=found.reference,
        currency=found.currency,
        measures=rows.measure_rows(found, MEASURES, measure_words),
        differences=rows.difference_rows(found, MEASURES, measure_words),
        pictures=[(name, Markup(drawn), said) for name, drawn, said in pictures(found)],
        against=[
            (name, rows.better(found, name), Table(rows.BETTER_HEAD, rows.better_rows(found, name)), told)
            for name, told in ((name, in_words(found.different(name))) for name in found.others)
        ],
        decided=rows.decided_rows(found),
        deals=rows.deal_table(found),
        approvals=rows.approval_rows(found),
        rules=[rule for rule in rules if rule[2]],
        checks=rows.checks(found),
        about=str(whole.data.get("about") or "").strip() if whole is not None else "",
        abouts=_abouts(found),
        document=whole.text if whole is not None else None,
        record=_record(found, elapsed, written),
    )


def _abouts(found: Comparison) -> list[tuple[str, str]]:
    """What the file says of each offer by itself."""
    own = found.document.data.get("offers", {}) if found.document is not None else {}
    return [(name, str(own[name]["about"]).strip()) for name in found.offers if own.get(name, {}).get("about")]


def _record(found: Comparison, elapsed: float | None, written: date) -> list[tuple[str, str]]:
    run = found.first.run
    changes = found.document.changes if found.document is not None else ()
    said = [
        ("Run ids", ", ".join(f"{name} {summary.run_id}" for name, summary in found.offers.items())),
        ("Seed", str(run.seed)),
        ("Paths", f"{run.paths:,}"),
        ("Sampling", drawn(run) or "Pseudo-random."),
        *(("Control variates", f"{name}: {one.adjustment}") for name, one in found.offers.items() if one.adjustment is not None),
        ("gainsim", gainsim.__version__),
        ("Changes", "; ".join(map(str, changes)) or "none: the file as it was read"),
    ]
    if elapsed is not None:
        said.append(("Elapsed", f"{elapsed:.2f} s"))
    return [*said, ("Written", f"{written:%Y-%m-%d}")]


def pictures(found: Comparison) -> list[tuple[str, str, str]]:
    """(name, SVG, caption): everybody's curve for the supplier, and for the customer where all files speak of it."""
    drawn = [
        ("s_curves", curves(found, "npv"), "The further right a curve lies, the more we earn; the steeper, the surer.")
    ]
    if all(summary.outcome.says_customer for summary in found.offers.values()):
        said = "What the customer gains and avoids, less what it spends and pays us, discounted."
        drawn.append(("customer_curves", curves(found, "customer_npv"), said))
    for number, name in enumerate(found.others, 1):
        said = f"Path by path: on the share of futures to the left of 0, {name} is worse than {found.reference}."
        drawn.append((f"difference_{number}", apart(found, name), said))
    return [(name, style.svg(picture, f"{name.replace('_', ' ')}. {said}"), said) for name, picture, said in drawn]


_TITLES = {
    "npv": "Supplier's NPV: the chance that it comes to this or less",
    "customer_npv": "Customer's net benefit, discounted: the chance that it comes to this or less",
}


def apart(found: Comparison, name: str) -> Figure:
    """The distribution of what an offer brings more than the first, path by path, for each party of which the files speak."""
    one, other = found.offers[name].outcome, found.first.outcome
    sides = [("ours (NPV)", one.npv - other.npv)]
    if one.says_customer and other.says_customer:
        sides.append(("the customer's, discounted", one.customer_npv - other.customer_npv))
    less = found.difference(name, "npv").estimate
    error = style.errors([("mean of ours", less)] if less is not None else [])
    with style.styled():
        title = f"{name} less {found.reference}: the chance that the difference comes to this or less"
        drawn = style.figure(3.4, title, [found.offers[name], found.first], error)
        ax = style.axes(drawn, top=0.65)
        for number, (whose, values) in enumerate(sides):
            x, share = curve(values)
            colour, dashes = style.PENS[number]
            ax.plot(x, share, color=colour, linestyle=dashes, label=whose, gid=f"difference {number}")
        ends = [end for _, values in sides for end in (float(values.min()), float(values.max()))]
        ax.axvline(0.0, color=style.MUTED, linewidth=0.8)
        share_axis(ax)
        room(ax, min(*ends, 0.0), max(*ends, 0.0))
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.0)
        style.money_axis(ax.xaxis, found.currency)
    return drawn


def curves(found: Comparison, measure: str) -> Figure:
    """The S-curve of every offer on one pair of axes; measure: "npv" or "customer_npv"."""
    means = [(name, s.measures[measure].estimate) for name, s in found.offers.items()]
    error = style.errors([(f"mean of {name}", mean) for name, mean in means if mean is not None])
    with style.styled():
        drawn = style.figure(3.6, _TITLES[measure], list(found.offers.values()), error)
        ax = style.axes(drawn, top=0.65)
        ends: list[float] = []
        for number, (name, summary) in enumerate(found.offers.items()):
            x, share = curve(getattr(summary.outcome, measure))
            colour, dashes = style.PENS[number % len(style.PENS)]
            ax.plot(x, share, color=colour, linestyle=dashes, label=name, gid=f"curve {name}")
            ends += [float(x[0]), float(x[-1])]
        if min(ends) < 0.0 < max(ends):
            ax.axvline(0.0, color=style.MUTED, linewidth=0.8)
        share_axis(ax)
        room(ax, min(ends), max(ends))
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, borderaxespad=0.0)
        style.money_axis(ax.xaxis, found.currency)
    return drawn
