"""The base case in the terminal, as a pricing spreadsheet shows it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gainsim.base import BaseCase
from gainsim.early_end import ends_here
from gainsim.lifecycle import lifecycle, lifecycle_rows
from gainsim.measuring import before_tax, of_nothing_there
from gainsim.outcome import LAYERS
from gainsim.text.offer import amount, limits, table, without_value

Floats = NDArray[np.float64]
_MARGINS = {"contribution": "contribution", "overhead": "margin after overhead", "capital": "margin after capital"}
_SAID = {
    "npv": "net present value",
    "npv_after_tax": "net present value after tax",
    "expected_margin": "contribution / revenue",
    "expected_margin_after_capital": "after capital / revenue",
    "irr": "internal rate of return",
    "payback": "payback",
    "cash_trough": "deepest cash trough",
    "working_capital_cost": "interest on working capital",
    "customer_npv": "customer's net benefit, discounted",
}
#: left out where the file says nothing of them
_ONLY_IF_THERE = frozenset({"npv_after_tax", "working_capital_cost"})


def base_page(base: BaseCase) -> str:
    """The base case as a page of text: profit and loss and cash by year, what it comes to, the limits it can answer."""
    silent = of_nothing_there(base.measures)
    shown = [name for name in _SAID if base.outcome.says_customer or name != "customer_npv"]
    untaxed = before_tax(base.measures)
    taken = {name: base.measures[name] for name in shown if name not in _ONLY_IF_THERE & silent}
    figures = [
        (f"{_SAID[name]}{', before tax' if name in untaxed else ''}", each.shown[0]) for name, each in taken.items()
    ]
    parts = [profit_and_loss(base), *_early_end(base), *_decisions(base), "", table(figures)]
    parts += without_value(taken)
    if base.limits:
        parts += ["", limits(base.limits, sure=False)]
    if base.not_judged:
        parts += ["", f"Only a simulation can judge {', '.join(base.not_judged)}: leave --base-case out."]
    return "\n".join(parts)


def _early_end(base: BaseCase) -> list[str]:
    """That the contract ends early even without chance, in which year and by what; nothing where it does not."""
    return [
        f"\nThe contract ends early, in {year}, by '{line.group}'."
        for line, amounts in zip(base.lines, base.by_year.tolist(), strict=True)
        for year, value in zip(base.years, amounts, strict=True)
        if ends_here(line, value)
    ]


def _decisions(base: BaseCase) -> list[str]:
    """What the parties have decided by each year's end, and what they are taken to decide without chance; nothing without any."""
    found = lifecycle(base.run)
    if found is None:
        return []
    written = base.model.scenario.lifecycle.values()
    rule = ["A decision with a chance is taken here where its chance is 50% or more."] * any(each.chance for each in written)
    _, *rows = lifecycle_rows(found)  # the first is of futures
    return ["", table(rows, head=("decided", *found.years)), *rule]


def profit_and_loss(base: BaseCase) -> str:
    """By year and over the whole life: payments, further parties, costs by layer, the margins between them, cash, the customer."""
    rows: list[tuple[str, ...]] = []

    def add(title: str, values: Floats) -> None:
        rows.append((title, *(amount(float(v)) for v in values), amount(float(np.add.accumulate(values)[-1]))))

    def parts(roles: Sequence[str], layer: str = "") -> bool:
        own = [n for n, line in enumerate(base.lines) if line.role in roles and layer in ("", line.layer)]
        for number in own:
            add(f"  {base.lines[number].name}", base.by_year[number])
        return bool(own)

    parts(["payment"])
    add("revenue", base.sum("payment"))
    if parts(["party"]):
        add("from further parties", base.sum("party"))
    for depth, layer in enumerate(LAYERS):
        if parts(["cost", "accrual"], layer) or layer == "contribution":
            add(_MARGINS[layer], base.sum("payment", "party", "cost", "accrual", layers=LAYERS[: depth + 1]))
    if parts(["tax"]):
        add("margin after tax", base.sum("payment", "party", "cost", "accrual", "tax"))
    add("cash, as it is paid", base.cash)
    if parts(["customer"]):
        add("  pays the supplier", 0.0 - base.sum("payment"))
        add("customer's net benefit", base.sum("customer") - base.sum("payment"))
    return table(rows, head=(base.currency, *base.years, "whole life"))
