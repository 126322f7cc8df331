"""Both sides of an offer on the same futures: what each party gains, spends, pays, and has of the value created."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.budget import OVER
from gainsim.judging import Judgement, judge
from gainsim.ledger import Line
from gainsim.measures import Estimate, estimate, mean, probability, quantile, ratio
from gainsim.measuring import Measured, Measures
from gainsim.outcome import Outcome
from gainsim.sample import Influence
from gainsim.words import of_futures, share
from gainsim.years import year_labels

Floats = NDArray[np.float64]
#: the row that tells how likely each ends worse off than without the contract
BELOW = "chance of less than 0"


@dataclass(frozen=True)
class Row:
    """One row: what it is, and what it comes to for each party and for all; None where a party has no part in it."""

    name: str
    supplier: Estimate | None
    customer: Estimate | None
    others: Estimate | None
    together: Estimate | None

    @property
    def by_party(self) -> dict[str, Estimate | None]:
        """By party, all together last."""
        return {"supplier": self.supplier, "customer": self.customer, "others": self.others, "together": self.together}


@dataclass(frozen=True)
class TwoSides:
    """The two sides of an offer.

    rows:        from what is gained to the result of each, its part of the value created, and its doubt
    over_budget: the chance that the customer pays more than its budget in some year; None where no budget is stated
    by_year:     the same by year
    accepts:     what the customer asks for to sign, held against the run
    """

    rows: tuple[Row, ...]
    over_budget: Measured | None
    by_year: Mapping[str, float]
    accepts: tuple[Judgement, ...]

    @property
    def has_others(self) -> bool:
        """Whether further parties have a part in it."""
        return any(row.others is not None for row in self.rows)


def two_sides(outcome: Outcome) -> TwoSides | None:
    """Both sides of a run; None where the file says nothing of what the customer gains."""
    if not outcome.says_customer:
        return None
    scenario, measures = outcome.run.model.scenario, Measures(outcome)
    asked = tuple(judge(f"customer_{name}", limit, measures) for name, limit in scenario.customer.accepts.items())
    stated = scenario.customer.budget is not None
    return TwoSides(
        tuple(_rows(outcome)),
        measures.of("customer_chance_over_budget") if stated else None,
        _over_by_year(outcome) if stated else {},
        asked,
    )


def _rows(outcome: Outcome) -> list[Row]:
    own = _customers_own(outcome)
    margin, benefit, value = outcome.margin(), outcome.customer_benefit, outcome.value_created
    others = 0.0 - outcome.from_parties if outcome.run.model.scenario.parties else None
    result = (margin, benefit, others, value)
    rows = [_money(outcome, name, None, amount, None, amount) for name, amount in own.items() if amount.any()]
    rows.append(_money(outcome, "payments", outcome.revenue, 0.0 - outcome.revenue, None, np.zeros_like(margin)))
    if others is not None:
        rows.append(_money(outcome, "further parties", outcome.from_parties, None, others, np.zeros_like(margin)))
    rows.append(_money(outcome, "cost", outcome.cost, None, None, outcome.cost))
    rows.append(_money(outcome, "= result", *result))
    if mean(value, outcome.sample).value > 0.0:
        rows.append(
            _row(outcome, "part of the value created", "fraction", lambda x: ratio(x, value, outcome.sample), *result)
        )
    rows.append(_row(outcome, "P5", _currency(outcome), lambda x: quantile(x, 0.05, outcome.sample), *result))
    rows.append(_row(outcome, "P95", _currency(outcome), lambda x: quantile(x, 0.95, outcome.sample), *result))
    below = _row(outcome, BELOW, "fraction", lambda x: probability(x < 0.0, outcome.sample), *result)
    return [*rows, below]


def _customers_own(outcome: Outcome) -> dict[str, Floats]:
    """What the customer gains, no longer spends, newly spends and puts in, and what of these ends with its default."""
    scenario = outcome.run.model.scenario
    kinds = [kind for kind in ("gains", "avoids", "spends") for _ in getattr(scenario.customer, kind)]
    kinds += ["effort" for effort in scenario.effort.values() if effort.by == "customer"]
    titles = {"gains": "gained", "avoids": "no longer spent", "spends": "newly spent", "effort": "put in"}
    found = {title: np.zeros(outcome.run.paths) for title in (*titles.values(), "ended by default")}
    lines = [
        (line, amounts) for line, amounts in zip(outcome.run.rows.lines, outcome.run.total, strict=True) if _own(line)
    ]
    for number, (line, amounts) in enumerate(lines):
        title = titles[kinds[number]] if line.group == "customer" else "ended by default"
        found[title] = found[title] + amounts
    return found


def _own(line: Line) -> bool:
    return line.role == "customer"


def _currency(outcome: Outcome) -> str:
    return outcome.run.model.scenario.currency


def _money(outcome: Outcome, name: str, *amounts: Floats | None) -> Row:
    return _row(outcome, name, _currency(outcome), lambda x: mean(x, outcome.sample), *amounts)


def _row(outcome: Outcome, name: str, unit: str, of: Callable[[Floats], Influence], *amounts: Floats | None) -> Row:
    found = [None if amount is None else estimate(of(amount), outcome.sample, unit) for amount in amounts]
    return Row(name, *found)


def _over_by_year(outcome: Outcome) -> dict[str, float]:
    """By year the share of futures on which the customer's payments exceed its budget."""
    run = outcome.run
    shares = [
        part
        for (_, number), part in zip(run.rows.keys, run.row_bound.tolist(), strict=True)
        if run.rows.lines[number].step == OVER and run.rows.lines[number].group == "customer"
    ]
    return dict(zip(year_labels(run.model.calendar), shares, strict=True))


# --- in words --------------------------------------------------------------------------------------------------------


def two_sides_head(found: TwoSides, currency: str) -> tuple[str, ...]:
    """The head of the table: two columns a party, the second for its doubt."""
    parties = ("supplier", "customer", *(("others",) if found.has_others else ()), "together")
    return (f"{currency}, whole life", *(cell for party in parties for cell in (party, "")))


def two_sides_rows(found: TwoSides) -> list[tuple[str, ...]]:
    """The rows of the table in words."""
    rows = []
    for row in found.rows:
        each = row.by_party if found.has_others else {k: v for k, v in row.by_party.items() if k != "others"}
        rows.append((row.name, *(cell for estimated in each.values() for cell in _cells(estimated, row.name == BELOW))))
    return rows


def _cells(found: Estimate | None, event: bool) -> tuple[str, str]:
    if found is None:
        return "", ""
    said, error = Measured("", found, found.unit, event=event).shown
    return said if found.unit == "fraction" else f"{found.value:z,.0f}", error


def budget_words(found: TwoSides) -> str:
    """How likely the customer's payments exceed its budget, in all and by year."""
    assert found.over_budget is not None
    years = ", ".join(f"{year} {share(part)}" for year, part in found.by_year.items())
    often = of_futures(found.over_budget.in_short)
    return f"The customer pays more than its budget in some year on {often} of futures: {years}."


# --- for machines ----------------------------------------------------------------------------------------------------


def two_sides_json(found: TwoSides) -> dict[str, Any]:
    """Both sides as plain data: rows by name, by party; the budget by year."""
    return {
        "rows": {
            row.name.removeprefix("= "): {
                party: None
                if each is None
                else {"value": each.value + 0.0, "standard_error": _finite(each), "unit": each.unit}
                for party, each in row.by_party.items()
            }
            for row in found.rows
        },
        "over_budget_by_year": dict(found.by_year) if found.over_budget is not None else None,
    }


def _finite(each: Estimate) -> float | None:
    return each.standard_error if np.isfinite(each.standard_error) else None
