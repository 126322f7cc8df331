"""A memo in the terminal: the answer first, the offer in words, both sides, whose risk it is, limits, and what must be true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import fill
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.memo import ForCustomer, Memo
from gainsim.analyses.memo_words import by_day, by_year, costs_by_name, customer_verdict, what_words_mean, whose_risk_of
from gainsim.analyses.owners import SPLIT
from gainsim.analyses.stress_data import to_json as stress_json
from gainsim.analyses.stress_words import case_rows, columns_of_words, notes
from gainsim.approval import approval_json
from gainsim.measures import Estimate
from gainsim.summary import to_json as run_json
from gainsim.text.offer import approval_words, heading, limits, measure_rows, sides, table, verdict
from gainsim.text.told import shown, table_within
from gainsim.words import counted, share

Floats = NDArray[np.float64]
_WIDTH = 118
SCHEMA, CUSTOMER_SCHEMA = "gainsim/memo/1", "gainsim/memo-for-customer/1"


def memo_page(memo: Memo) -> str:
    """The memo for the house."""
    summary = memo.summary
    scenario = summary.run.model.scenario
    parts = [
        f"{scenario.title}\n{counted(summary.run.paths, 'future')}, seed {summary.run.seed}; ± is one standard error",
        f"{memo.recommendation[1]}\n{verdict(summary)}",
        _section("Term and money", table(memo.basics, left=(0, 1))),
        _section("The offer", _clauses(memo.clauses)),
    ]
    if summary.sides is not None:
        parts.append(_section("Both parties, on the same futures, not discounted", sides(summary.sides, scenario.currency)))
    else:
        parts.append(_section("What we earn and can lose", table(measure_rows(summary.measures))))
    parts += [shown(costs_by_name(memo)), shown(whose_risk_of(memo))]
    head, rows = case_rows(memo.stresses)
    stressed = [table_within(head, rows, left=columns_of_words(head)), "", *notes(memo.stresses)]
    parts.append(_section("Under stress, the worst first", "\n".join(stressed).rstrip()))
    if summary.limits:
        parts.append(_section("Limits of the house", limits(summary.limits)))
    if summary.approval is not None:
        parts.append(_section("Approval", approval_words(summary)))
    parts.append(_section("What must be true", _listed(memo.must_be_true) or "Nothing is assumed: there is no driver."))
    parts.append(_section("What makes the run suspect", _listed(memo.suspect) or "Nothing in the file or the run is suspect."))
    parts.append(_section("Run", table(memo.record, left=(0, 1))))
    return "\n\n".join(parts)


def _section(title: str, body: str) -> str:
    return f"{heading(title)}\n{body}"


def _clauses(said: Mapping[str, str]) -> str:
    return _listed(f"{name.replace('_', ' ')}: {sentence}" for name, sentence in said.items())


def _listed(said: Iterable[str]) -> str:
    return "\n".join(fill(f"- {each}", _WIDTH, subsequent_indent="  ", break_long_words=False) for each in said)


# --- for the customer ------------------------------------------------------------------------------------------------


def customer_page(found: ForCustomer) -> str:
    """The memo for the customer."""
    run = found.summary.run
    parts = [
        f"{found.loaded.scenario.title}\n{counted(run.paths, 'future')}, seed {run.seed}; ± is one standard error",
        customer_verdict(found),
        _section("Term", table(found.basics, left=(0, 1))),
        _section("The offer", _clauses(found.clauses)),
        *([_section("What the words mean", _clauses(_defined(found)))] if found.definitions else []),
        shown(by_year(found)),
        shown(by_day(found)),
    ]
    if found.over_budget:
        years = ", ".join(f"{year} {share(part)}" for year, part in found.over_budget.items())
        parts.append(_section("Budget", f"Chance that the payments of a year exceed the budget: {years}."))
    if found.asks:
        rows = [(ask.name.replace("_", " "), _whole_or_part(ask.part), ask.about) for ask in found.asks]
        parts.append(_section("What lies in your hands", table(rows, left=(0, 1, 2))))
    parts.append(_section("Run", table(found.record, left=(0, 1))))
    return "\n\n".join(parts)


def _defined(found: ForCustomer) -> dict[str, str]:
    return {name: f"{said} ({unit})" if unit else said for name, said, unit in what_words_mean(found).rows}


def _whole_or_part(part: float) -> str:
    return "" if part == 1.0 else f"{100.0 * part:g}% of it"


# --- for machines ----------------------------------------------------------------------------------------------------


def memo_json(memo: Memo) -> dict[str, Any]:
    """The memo for the house as plain data: what `gainsim run --json` has, and what is gathered beside it."""
    verdict, words = memo.recommendation
    owners = {
        part.owner: {"drivers": list(part.drivers), **{what: _estimate(part.parts[what]) for what in SPLIT}}
        for part in memo.owners.parts
    }
    return {
        **run_json(memo.summary),
        "schema": SCHEMA,
        "recommendation": {"verdict": verdict, "words": words},
        "approval": approval_json(memo.summary.approval),
        "clauses_in_words": dict(memo.clauses),
        "owners": owners,
        "stress": stress_json(memo.stresses),
        "term": dict(memo.basics),
        "must_be_true": list(memo.must_be_true),
        "suspect": list(memo.suspect),
        "record": dict(memo.record),
    }


def customer_json(found: ForCustomer) -> dict[str, Any]:
    """The memo for the customer as plain data."""
    return {
        "schema": CUSTOMER_SCHEMA,
        "scenario": found.loaded.scenario.title,
        "currency": found.loaded.scenario.currency,
        "term": dict(found.basics),
        "years": list(found.years),
        "clauses_in_words": dict(found.clauses),
        "definitions": {name: {"says": said, "unit": unit} for name, (said, unit) in found.definitions.items()},
        "payments": {name: amounts.tolist() for name, amounts in found.payments.items()},
        "paid_by_day": dict(zip((*found.years, "later"), found.cash.tolist(), strict=True)),
        "own": {name: amounts.tolist() for name, amounts in found.own.items()},
        "net_benefit": {name: _estimate(of) for name, of in found.result.items()},
        "over_budget": dict(found.over_budget),
        "asks": {ask.name: {"part": ask.part, "about": ask.about} for ask in found.asks},
        "record": dict(found.record),
    }


def _estimate(of: Estimate) -> dict[str, float]:
    return {"value": of.value, "standard_error": of.standard_error}
