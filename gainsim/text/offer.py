"""What the terminal shows: aligned tables and sentences, rounded to what the figures can bear."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from gainsim.deals import DealTerms
from gainsim.early_end import EarlyEnd, early_end_rows, early_end_words
from gainsim.error_costs import error_cost_head, error_cost_rows
from gainsim.judging import Judgement
from gainsim.lifecycle import lifecycle_rows
from gainsim.measures import Estimate
from gainsim.measuring import Measured, before_tax, of_nothing_there
from gainsim.precision import precision_words
from gainsim.put_in import put_in_by_year
from gainsim.summary import Clause, Summary
from gainsim.terms.exit import ENDS
from gainsim.titles import TITLES
from gainsim.two_sides import TwoSides, budget_words, two_sides_head, two_sides_rows
from gainsim.words import counted, doubt, drawn, gap, share, two_digits


def table(rows: Iterable[Sequence[str]], head: Sequence[str] = (), left: Collection[int] = (0,)) -> str:
    """Columns of text, those with a number in `left` aligned left, the others right.

    >>> print(table([("fee", "1,200"), ("share", "34")], head=("line", "EUR")))
    line     EUR
    fee    1,200
    share     34
    """
    cells = [list(head)] * bool(head) + [list(row) for row in rows]
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))] if cells else []
    lines = []
    for row in cells:
        parts = [c.ljust(w) if k in left else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def amount(value: float) -> str:
    """Money in a table: whole units with thousands separators; what rounds to nothing is a dot.

    >>> amount(-1234567.8), amount(0.0), amount(-0.3)
    ('-1,234,568', '.', '.')
    """
    said = f"{value:z,.0f}"
    return "." if said == "0" else said


def measure_rows(taken: Mapping[str, Measured]) -> list[tuple[str, str, str]]:
    """(title, value, doubt) of every measure that is shown, in the order in which costs are taken off."""
    empty, untaxed = of_nothing_there(taken), before_tax(taken)
    titles = {name: f"{title}, before tax" if name in untaxed else title for name, title in TITLES.items()}
    return [(title, *taken[name].shown) for name, title in titles.items() if name in taken and name not in empty]


def verdict(summary: Summary) -> str:
    """The answer in one or two sentences."""
    low, high, loss = (summary.measures[name] for name in ("npv_p5", "npv_p95", "chance_of_loss"))
    text = (
        f"Expected NPV {summary.measures['npv'].shown[0]}; "
        f"in nine futures of ten between {_bare(low)} and {_bare(high)}; "
        f"chance of loss {loss.in_short}."
    )
    return f"{text} {_limits_words(summary)}"


def _bare(money: Measured) -> str:
    return money.shown[0].rpartition(" ")[0]


def _limits_words(summary: Summary) -> str:
    of, broken, unknown = len(summary.limits), len(summary.broken), len(summary.open)
    if not of:
        return "The file states no house limits."
    if of == 1:
        return f"The house limit {'is broken' if broken else 'cannot be judged' if unknown else 'is kept'}."
    said = [f"{broken} of {of} house limits {'is' if broken == 1 else 'are'} broken"] if broken else []
    said += [f"{unknown} of {of} house limits cannot be judged"] if unknown else []
    return f"{'; '.join(said)}." if said else f"The house limits are kept (all {of})."


def memo(summary: Summary) -> str:
    """The summary of a run as a page of text."""
    run = summary.run
    parts = [
        run.model.scenario.title,
        f"{counted(run.paths, 'future')}, seed {run.seed}, run {summary.run_id}; ± is one standard error",
        *([drawn(run)] if run.groups is not None else ()),
        *(f"with {change}" for change in summary.changes if change.path[0] != "run"),  # the line above says these
        "",
        verdict(summary),
        "",
        table(measure_rows(summary.measures)),
        *without_value(summary.measures),
        *_first_deal_words(summary.measures),
        "",
        heading("Against the base case (every driver at its central value), clause by clause"),
        clauses(summary),
    ]
    figures = [c for c in summary.clauses if c.line.role == "figure" and c.line.step != ENDS]
    if figures:
        rows = [(c.line.name, _counted(c.base), _counted(c.mean.value), doubt(c.mean)) for c in figures]
        parts += ["", table(rows, head=("figure, whole life", "base case", "mean", ""))]
    if summary.sides is not None:
        parts += ["", heading("Two sides, on the same futures, not discounted"), sides(summary.sides, summary.base.currency)]
    if summary.error_costs:
        head = error_cost_head(summary.base.currency)
        told = heading("Errors of measurement: the run less the same with each measured value read exactly")
        parts += ["", told, table(error_cost_rows(summary.error_costs), head=head)]
    if summary.early_end is not None:
        parts += ["", heading("Early end"), early_end(summary.early_end, run.paths)]
    if summary.lifecycle is not None:
        head = ("by year", *summary.lifecycle.years)
        parts += ["", heading("Lifecycle"), table(lifecycle_rows(summary.lifecycle), head=head)]
    if summary.efforts:
        head = ("put in, by year", *summary.efforts[0].years)
        parts += ["", heading("Effort"), table(put_in_by_year(summary.efforts), head=head)]
    for deal in summary.deals:
        parts += ["", heading(f"Deal terms of {deal.name}, committed"), deal_terms(deal)]
    if summary.adjustment is not None:
        parts += ["", heading("Control variates"), str(summary.adjustment)]
    if summary.sized is not None:
        parts += ["", heading("Precision"), precision_words(summary.sized, summary.reached)]
    if summary.limits:
        parts += ["", heading("House limits"), limits(summary.limits)]
    if summary.approval is not None:
        parts += ["", heading("Approval"), approval_words(summary)]
    parts += ["", heading("Checks")]
    parts += [f"- {check}" for check in summary.checks] or ["Nothing makes this run suspect."]
    return "\n".join(parts)


def approval_words(summary: Summary) -> str:
    """What the house's rules recommend, at which level, and what is in the way of a lower one."""
    assert summary.approval is not None
    said = [summary.recommendation[1]]
    for level, rules in summary.approval.asked[:-1]:
        said.append(limits([judged for judged in rules if not judged.kept], head=f"beyond the {level}"))
    return "\n".join(said)


def sides(found: TwoSides, currency: str) -> str:
    """What each party has of the offer, the customer's budget, and what it asks for to sign."""
    said = [table(two_sides_rows(found), head=two_sides_head(found, currency))]
    if found.over_budget is not None:
        said += ["", budget_words(found)]
    if found.accepts:
        asked = [replace(each, name=each.name.removeprefix("customer_")) for each in found.accepts]
        said += ["", limits(asked, head="the customer asks for")]
    return "\n".join(said)


def early_end(found: EarlyEnd, paths: int) -> str:
    """How many futures see the contract end early, when, and by which termination."""
    words = early_end_words(found, paths)
    head = ("share of futures, by", *found.by_year, "all", "")
    return words if found.months is None else f"{words}\n{table(early_end_rows(found), head=head)}"


def _counted(value: float) -> str:
    """A figure that is no money: a large one whole, a small one to two significant digits."""
    return f"{value:z,.0f}" if abs(value) >= 100.0 else two_digits(value)


def deal_terms(deal: DealTerms) -> str:
    """The figures of a subscription, and its guardrails."""
    said = table(deal.rows)
    if deal.guardrails:
        rows = [(rule.name, rule.rule, rule.found, rule.verdict) for rule in deal.guardrails]
        said += "\n\n" + table(rows, head=("guardrail", "rule", "found", ""), left=(0, 1, 2))
    return said


def without_value(taken: Mapping[str, Measured]) -> list[str]:
    """Why some measures have no value, a reason said once for all that share it."""
    reasons: dict[str, list[str]] = {}
    silent = of_nothing_there(taken)
    for name, measured in taken.items():
        if measured.estimate is None and name in TITLES and name not in silent and not TITLES[name].startswith(" "):
            reasons.setdefault(measured.reason.rstrip("."), []).append(TITLES[name])
    return [f"\nNo {', no '.join(names)}: {reason}." for reason, names in reasons.items()]


def _first_deal_words(taken: Mapping[str, Measured]) -> list[str]:
    """That the first deal, or what comes after it, loses, where the part after it lies outside 0 to 1; else nothing."""
    later = taken["contribution_after_first_deal"].estimate
    if later is None or 0.0 <= later.value <= 1.0:
        return []
    first, then = "the first deal", "what comes after the first deal"
    loses, earns = (first, then) if later.value > 1.0 else (then, first)
    return [f"\nOn average {loses} loses in contribution, and {earns} brings more than all of it."]


def heading(text: str) -> str:
    """A text underlined.

    >>> print(heading("Checks"))
    Checks
    ------
    """
    return f"{text}\n{'-' * len(text)}"


def clauses(summary: Summary) -> str:
    """Every line that counts in someone's result, each block above its sum: base case, mean, difference, how often."""
    taken, base = summary.measures, summary.base
    rows: list[tuple[str, ...]] = []

    def block(measure: str, title: str, *roles: str, layer: str = "", pays: bool = False) -> None:
        own = [c for c in summary.clauses if c.line.role in roles and layer in ("", c.line.layer)]
        found = taken[measure].estimate
        if found is None or not (own or layer in ("", "contribution")):
            return
        rows.extend(_clause_row(clause) for clause in own)
        if pays and (revenue := taken["expected_revenue"].estimate) is not None:
            rows.append(_sum_row("  pays the supplier", -base.revenue, -revenue.value, revenue))
        before = base.measures[measure].estimate
        rows.append(_sum_row(f"= {title}", before.value if before is not None else 0.0, found.value, found))

    block("expected_revenue", "revenue", "payment")
    if summary.run.model.scenario.parties:
        block("expected_from_parties", "from further parties", "party")
    block("contribution", "contribution", "cost", "accrual", layer="contribution")
    block("margin_after_overhead", "margin after overhead", "cost", "accrual", layer="overhead")
    block("margin_after_capital", "margin after capital", "cost", "accrual", layer="capital")
    if summary.run.model.scenario.money.tax is not None:
        block("margin_after_tax", "margin after tax", "tax")
    block("npv", "net present value, supplier")
    block("customer_net_benefit", "customer's net benefit", "customer", pays=True)
    return table(rows, head=(f"{base.currency}, whole life", "base case", "mean", "", "convexity", "binds"))


def _sum_row(title: str, base: float, mean: float, found: Estimate) -> tuple[str, ...]:
    return title, amount(base), amount(mean), doubt(found), amount(mean - base), ""


def _clause_row(clause: Clause) -> tuple[str, ...]:
    binds = share(clause.binds.value) if clause.line.agreed else ""
    return (
        f"  {clause.line.name}",
        amount(clause.base),
        amount(clause.mean.value),
        doubt(clause.mean),
        amount(clause.convexity),
        binds,
    )


def limits(found: Sequence[Judgement], sure: bool = True, head: str = "limit") -> str:
    """Each limit, of the house or the customer's: what is demanded, what was found, by how much it is kept or broken.

    sure: whether to say which verdict chance may yet tip over
    """
    rows, reasons = [], []
    for limit in found:
        value = limit.measured.shown[0]
        if limit.verdict == "open":
            rows.append((limit.name, limit.rule, value, "cannot be judged"))
            reasons.append(f"{limit.name} cannot be judged: {limit.measured.reason.rstrip('.')}.")
            continue
        by = gap(abs(limit.margin), limit.measured.unit)
        unsure = " (within the Monte Carlo error)" if sure and not limit.sure else ""
        rows.append((limit.name, limit.rule, value, f"{'kept' if limit.kept else 'BROKEN'} by {by}{unsure}"))
    lines = table(rows, head=(head, "rule", "found", ""), left=(0, 1, 3))
    return "\n".join([lines, *reasons])


def by_line(summary: Summary) -> str:
    """From the first clause to the NPV: what each line brings on average, and on the worst 5% of paths."""
    moving = [c for c in summary.clauses if c.line.suppliers_cash]
    rows = [(f"  {c.line.name}", amount(c.npv), amount(c.tail), amount(c.tail - c.npv)) for c in moving]
    total, tail = sum(c.npv for c in moving), sum(c.tail for c in moving)
    rows.append(("= net present value", amount(total), amount(tail), amount(tail - total)))
    return table(rows, head=(f"{summary.base.currency}, discounted", "mean", "worst 5%", "difference"))
