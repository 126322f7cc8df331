"""The rows of a comparison's tables, as the terminal and the page show them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from gainsim.analyses.comparison import Comparison
from gainsim.judging import Judgement
from gainsim.lifecycle import lifecycle_rows
from gainsim.measures import Estimate
from gainsim.measuring import Measured
from gainsim.summary import Summary
from gainsim.words import doubt, percent

Row = tuple[str, ...]
#: what says something of one offer and misleads between two: the higher rate may well be of the smaller sum
_ALONE = ("irr",)
#: below this it is told that the sign of a difference may be chance
_SURE = 0.975
#: what a measure is called where the table stands
Title = Callable[[str], str]


def verdict(found: Comparison) -> str:
    """Who does best with what, on average over the futures."""
    said = [f"On average {_best(found, 'npv', 'we earn most', 'we earn the same')}"]
    if all(summary.measures["customer_npv"].estimate is not None for summary in found.offers.values()):
        said.append(_best(found, "customer_npv", "the customer is best off", "the customer is as well off"))
    return f"{'; '.join(said)} (discounted)."


def better_rows(found: Comparison, name: str) -> list[Row]:
    """(whose, difference and doubt, its 95% interval, how likely its sign is right, on what share of futures) of an offer.

    Discounted, less the first offer, of each party; of a customer only where all files speak of it.
    """
    rows: list[Row] = []
    for whose, measure, side in (("ours (NPV)", "npv", "supplier"), ("the customer's, discounted", "customer_npv", "customer")):
        measured, share = found.difference(name, measure), found.ahead(name, side)
        if (less := measured.estimate) is None or share is None:
            continue
        low, high = (f"{end:+z,.0f}" for end in less.interval()) if less.standard_error < math.inf else ("?", "?")
        rows.append((whose, *_gained(measured, found.currency), low, high, _sure(less), percent(share.value)))
    return rows


BETTER_HEAD = ("", "on average", "", "95% from", "to", "sign is right", "ahead on")


def _sure(less: Estimate) -> str:
    """How likely a difference has the sign that was found."""
    if not less.standard_error:
        return "certain" if less.value else "alike"
    return "above 99.99%" if less.sign_is_right > 0.9999 else percent(less.sign_is_right)


def better(found: Comparison, name: str) -> str:
    """For whom an offer is better than the first on average, and how sure that is, in one sentence."""
    said = []
    for whose, measure in (("us", "npv"), ("the customer", "customer_npv")):
        less = found.difference(name, measure).estimate
        if less is not None:
            said.append(_for_whom(less, whose, found.currency))
    return f"{name} is {', and '.join(said)}."


def _for_whom(less: Estimate, whose: str, currency: str) -> str:
    if not less.value and not less.standard_error:
        return f"alike for {whose}"
    way, size = "better" if less.value > 0.0 else "worse", f"{abs(less.value):,.0f} {currency}"
    if less.sign_is_right < _SURE:
        return f"{way} for {whose} by {size}, which chance may have made ({percent(less.sign_is_right)} sure)"
    return f"{way} for {whose} by {size}"


def titles(found: Comparison) -> list[Row]:
    """(offer, title) of each offer that has a title of its own."""
    own = {name: _own_title(summary) for name, summary in found.offers.items()}
    return [(name, title) for name, title in own.items() if title not in (name, found.title)]


def _own_title(summary: Summary) -> str:
    """What an offer is called, without the title of the file that holds it with others."""
    title, whole = summary.run.model.scenario.title, summary.document and summary.document.whole
    return title.removeprefix(f"{whole.data['title']}: ") if whole else title


def _best(found: Comparison, measure: str, most: str, alike: str) -> str:
    """With which offer a mean is highest, and what it is; where all have the very same, that they do."""
    means = {name: s.measures[measure].estimate for name, s in found.offers.items()}
    values = {name: mean.value for name, mean in means.items() if mean is not None}
    best = max(values, key=lambda name: values[name])
    shown = found.offers[best].measures[measure].shown[0]
    same = len(values) > 1 and len(set(values.values())) == 1
    return f"{alike} with each, {shown}" if same else f"{most} with {best}, {shown}"


def measure_rows(found: Comparison, names: Sequence[str], title: Title) -> list[Row]:
    """(title, value and doubt of each offer) of every measure that says something of at least one of them."""
    return [
        (title(name), *(part for s in found.offers.values() for part in _shown(s.measures[name], found.currency)))
        for name in names
        if name in found.measures and name not in _ALONE
    ]


def _shown(measured: Measured, currency: str) -> tuple[str, str]:
    value, error = measured.shown
    return value.removesuffix(f" {currency}"), error


def difference_rows(found: Comparison, names: Sequence[str], title: Title) -> list[Row]:
    """(title, difference and its doubt of each other offer), path by path against the first; what is alike is left out."""
    rows: list[Row] = []
    for name in names:
        if name not in found.measures or name in _ALONE:
            continue
        measured = [found.difference(other, name) for other in found.others]
        if any(each.estimate is not None and (each.estimate.value or doubt(each.estimate)) for each in measured):
            rows.append((title(name), *(part for each in measured for part in _gained(each, found.currency))))
    for side, said in (("supplier", "futures better for us (NPV)"), ("customer", "futures better for the customer")):
        shares = [found.ahead(other, side) for other in found.others]
        if any(share is not None for share in shares):
            cells = (("none", "") if share is None else (percent(share.value), doubt(share)) for share in shares)
            rows.append((said, *(part for cell in cells for part in cell)))
    return rows


def _gained(measured: Measured, currency: str) -> tuple[str, str]:
    """A difference with its sign; of percentages in points."""
    if measured.estimate is None:
        return "none", ""
    value = measured.estimate.value
    if measured.unit.startswith("fraction"):
        return f"{100.0 * value:+z.1f} pp", doubt(measured.estimate)
    if measured.unit == "years":
        return f"{value:+z.1f} years", doubt(measured.estimate)
    return f"{value:+z,.0f}{measured.unit.removeprefix(currency)}", doubt(measured.estimate)


def deal_table(found: Comparison) -> list[Row]:
    """(title, figure of each offer) of their subscriptions; "none" where an offer has no such figure."""
    several = any(len(summary.deals) > 1 for summary in found.offers.values())
    columns = [
        {
            f"{deal.name}: {title.strip()}" if several else title: shown
            for deal in summary.deals
            for title, shown in deal.rows
        }
        for summary in found.offers.values()
    ]
    titles = dict.fromkeys(title for column in columns for title in column)
    return [(title, *(column.get(title, "none") for column in columns)) for title in titles]


def guardrail_rows(found: Comparison) -> list[Row]:
    """(offer, guardrail, rule, found, verdict) of every subscription."""
    return [
        (name, rule.name, rule.rule, rule.found, rule.verdict)
        for name, summary in found.offers.items()
        for deal in summary.deals
        for rule in deal.guardrails
    ]


_VERDICTS = {"kept": "kept", "broken": "BROKEN", "open": "cannot be judged"}


def limit_rows(found: Comparison) -> list[Row]:
    """(offer, limit, rule, found, verdict) of the house."""
    return [_judged(name, limit) for name, summary in found.offers.items() for limit in summary.limits]


def approval_rows(found: Comparison) -> list[Row]:
    """(offer, what the rules of the house recommend) where some file says who may approve."""
    if all(summary.approval is None for summary in found.offers.values()):
        return []
    return [(name, summary.recommendation[1]) for name, summary in found.offers.items()]


def accept_rows(found: Comparison) -> list[Row]:
    """The same of what the customer asks for to sign."""
    sides = ((name, summary.sides) for name, summary in found.offers.items())
    asked = ((name, limit) for name, side in sides if side is not None for limit in side.accepts)
    return [_judged(name, replace(limit, name=limit.name.removeprefix("customer_"))) for name, limit in asked]


def _judged(name: str, limit: Judgement) -> Row:
    unsure = "" if limit.sure or limit.verdict == "open" else " (within the Monte Carlo error)"
    return name, limit.name, limit.rule, limit.measured.shown[0], f"{_VERDICTS[limit.verdict]}{unsure}"


def checks(found: Comparison) -> list[str]:
    """What makes an offer suspect; what holds of all is said once, and what one offer leaves unread another may read."""
    said: dict[str, list[str]] = {}
    for name, summary in found.offers.items():
        for check in summary.checks:
            said.setdefault(check, []).append(name)
    return [
        check if len(names) == len(found.offers) else f"{', '.join(names)}: {check}"
        for check, names in said.items()
        if len(names) == len(found.offers) or not check.startswith("nothing reads ")
    ]


def decided_rows(found: Comparison) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The head and the rows of what the parties decide by year, one offer below the other; no rows where nobody decides."""
    told = {name: one.lifecycle for name, one in found.offers.items() if one.lifecycle is not None}
    by_row: dict[str, list[tuple[str, ...]]] = {}
    for name, each in told.items():
        for title, *cells in lifecycle_rows(each):
            first = title if title not in by_row else ""
            by_row.setdefault(title, []).append((first, name, *cells))
    years = next((each.years for each in told.values()), ())
    return ("by year", "", *years), [row for rows in by_row.values() for row in rows]
