"""What a memo tells in tables: what it costs the house; to the customer what words mean, what it pays and has, and when."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gainsim.analyses.memo import ForCustomer, Memo
from gainsim.analyses.owner_rows import whose_risk
from gainsim.analyses.told import Row, Told
from gainsim.clause_words.words import name_of
from gainsim.words import doubt, figure, of_futures

Floats = NDArray[np.float64]


def costs_by_name(memo: Memo) -> Told:
    """What each cost comes to for the supplier, and all of them."""
    summary, currency = memo.summary, memo.loaded.scenario.currency
    own = [clause for clause in summary.clauses if clause.line.role in ("cost", "accrual")]
    told = [(name_of(clause.line.name.replace(".", ": ")), clause.mean) for clause in own]
    together = summary.measures["expected_cost"].estimate
    told += [("= all costs", together)] if together is not None else []
    rows = [(name, f"{of.value:z,.0f}", doubt(of)) for name, of in told]
    note = "Not discounted; capital counts as it is written down."
    return Told("costs", "What it costs us", (f"{currency}, whole life", "on average", ""), rows, [note])


def whose_risk_of(memo: Memo) -> Told:
    """Whose risk it is, and on which futures that is told where the figures above it stand on others, or are adjusted."""
    told, paths, notes = whose_risk(memo.owners).told(), memo.owners.paths, []
    if paths < memo.summary.run.paths:
        notes.append(f"Here, and under stress, figures are of the first {paths:,} futures.")
    if memo.summary.adjustment is not None:
        notes.append("Here, and under stress, they are as drawn; the means above are adjusted by the drivers' exact means.")
    return told._replace(notes=[*told.notes, *notes])


def customer_verdict(found: ForCustomer) -> str:
    """What the customer has of it, in a sentence or two."""
    whole, currency = float(found.paid.sum()), found.loaded.scenario.currency
    pays = f"You pay {figure(whole, currency)} over the contract on average"
    if not found.result:
        return f"{pays}; the offer says nothing of what you gain."
    net, low, high = (found.result[name] for name in ("net benefit", "P5", "P95"))
    end = f"{'worse' if net.value < 0.0 else 'better'} off by {figure(abs(net.value), currency)}"
    between = f"{low.value:z,.0f} and {figure(high.value, currency)}"
    return (
        f"{pays}, and are {end} than without it; in nine futures of ten your net benefit lies between {between}. "
        f"In {of_futures(found.worse_off.in_short)} of futures you are worse off."
    )


def what_words_mean(found: ForCustomer) -> Told:
    """Each name that the clauses read."""
    rows = [(name_of(name), said, name_of(unit)) for name, (said, unit) in found.definitions.items()]
    return Told("words", "What the words mean", ("where it says", "it means", "unit"), rows, words=(0, 1, 2))


def by_year(found: ForCustomer) -> Told:
    """What it has and pays, as it is reckoned for each year, and over the whole life."""
    head = (f"{found.loaded.scenario.currency}, on average", *found.years, "whole life")
    note = (
        "With a minus sign stands what you pay or spend, without one what you get. What is reckoned over several years "
        "stands in the last of them, whenever it is paid."
    )
    return Told("years", "By year", head, [_amounts(name, of) for name, of in _reckoned(found)], [note])


def _reckoned(found: ForCustomer) -> Iterator[tuple[str, Floats]]:
    customer = found.loaded.scenario.customer
    kinds = {"you gain": customer.gains, "you no longer spend": customer.avoids, "you newly spend": customer.spends}
    for name, amounts in found.own.items():
        kind = next((said for said, part in kinds.items() if name in part), "")
        yield f"{kind}: {name_of(name)}".removeprefix(": "), amounts
    for name, amounts in found.payments.items():
        yield f"from {name_of(name)}", 0.0 - amounts
    yield "= from all terms", 0.0 - found.paid
    if found.own:
        yield "= net benefit", found.has


def by_day(found: ForCustomer) -> Told:
    """What it pays by the year in which the day of payment lies."""
    head = (f"{found.loaded.scenario.currency}, on average", *found.years, "later", "in all")
    note = "What is reckoned for a year may be paid in the next: here each payment stands in the year in which it is to be paid."
    return Told("days", "By the day of payment", head, [_amounts("you pay", 0.0 - found.cash)], [note])


def _amounts(name: str, amounts: Floats) -> Row:
    """By year, and together."""
    return name, *(f"{amount:z,.0f}" for amount in (*amounts.tolist(), float(amounts.sum())))
