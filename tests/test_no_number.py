"""What is no number never becomes money: whatever clause, comparison or memory it meets, the run ends with its place."""

from __future__ import annotations

import pytest

import gainsim
from gainsim.errors import DataError

OFFER = """
gainsim: 1
title: a number that may be none
currency: EUR
calendar: {{ start: 2027-01, years: 2, step: month, year: contract }}
money: {{ discount_rate: 0% pa }}
run: {{ paths: 200, seed: 3 }}
drivers:
  saving: {{ control: supplier, unit: EUR/month, drawn: each period, central: mean, normal: {{ mean: 1_000, sd: 100 }} }}
  up: {{ control: supplier, unit: fraction, drawn: each period, central: mean, uniform: {{ low: 0, high: 1 }} }}
  spoilt:
    about: 1 from some month on
    control: nobody
    unit: fraction
    central: 0
    event: {{ chance: 20%, months: {{ uniform: {{ low: 1, high: 20 }} }}, size: 1, lasts: for good }}
value:
  hours: 1 - spoilt
  level: up / hours
{values}
contract:
  share:
    term: sharing
    of: {gain}
    clock: {{ measured: year }}
    {extra}
    steps: {steps}
{terms}
"""


def run(
    *, values: str = "  plain: saving", gain: str = "saving", steps: str = "", extra: str = "", terms: str = ""
) -> gainsim.Result:
    steps = steps or "[ share: { below 0: 0%, above: 50% } ]"
    text = OFFER.format(values=values, gain=gain, steps=steps, extra=extra or "about: plain", terms=terms)
    return gainsim.simulate(gainsim.load_text(text))


def test_the_size_of_an_error_that_goes_below_nothing_does_not_hide_behind_a_cap() -> None:
    """From the month on in which `spoilt` comes the size is below 0: it has no root, and the reading no value."""
    read = "  read: { measure: saving, errors: { meter: { size: 100 EUR per month * (1 - 2 * spoilt), drawn: each period } } }"
    capped = "[ share: { below 0: 0%, above: 50% }, limit_payment: { cap: 4_000, floor: 0, per: settlement } ]"
    told = r"value\.read\.errors\.meter.*size '100 EUR per month \* \(1 - 2 \* spoilt\)' of an error of measurement is negative"
    with pytest.raises(DataError, match=told):
        run(values=read, gain="read", steps=capped)


@pytest.mark.parametrize(
    "amount",
    [
        "min(level * 1_000 EUR, 500)",
        "max(level * 1_000 EUR, 500)",
        "500 if level > 98% else 0",
        "500 if not (level > 98%) else 0",
        "500 if hours > 0 or level > 98% else 0",
        "500 if hours < 1 and level > 98% else 0",
        "clip(1_000 EUR * sqrt(hours - 50%), 0, 500)",
        "clip(1_000 EUR * log(hours - 50%), 0, 500)",
        "max(1_000 EUR * round(level, 0.1), 500)",
    ],
)
def test_a_formula_turns_it_into_no_amount(amount: str) -> None:
    with pytest.raises(DataError, match="is not a finite number on path"):
        run(terms=f'  bonus: {{ term: payment, amount: "{amount}", clock: {{ measured: month }} }}')


@pytest.mark.parametrize(
    "amount",
    [
        "min(level * 1_000 EUR, 500) if hours > 0 else 0",
        "500 if hours > 0 and level > 98% else 0",
        "500 if hours < 1 or level > 98% else 0",
        "500 if max(spoilt, hours) > 0 else 0",
    ],
)
def test_what_nothing_hangs_on_may_be_none(amount: str) -> None:
    run(terms=f'  bonus: {{ term: payment, amount: "{amount}", clock: {{ measured: month }} }}')


def test_an_amount_that_is_not_due_may_be_none() -> None:
    run(
        terms='  bonus: { term: payment, amount: "min(level * 1_000 EUR, 500)", when: hours > 0, clock: { measured: month } }'
    )


@pytest.mark.parametrize("extra", ["active_while: level > 50%"])
def test_a_term_stands_on_no_comparison_with_it(extra: str) -> None:
    with pytest.raises(DataError, match="the quotient of"):
        run(extra=extra)


def test_a_contract_neither_ends_nor_goes_on_for_it() -> None:
    with pytest.raises(DataError, match="the quotient of"):
        run(terms="  left: { term: termination, when: last(level) < 1%, notice: 1 month }")


def test_a_memory_keeps_it_as_what_it_is() -> None:
    """A target that keeps the highest level: of one that is no number none is the highest, in that year or later."""
    best = "  best: { ratchet: mean(level), start: 0, every: year, keeps: highest }"
    bonus = '  bonus: { term: payment, amount: "min(last(best) * 1_000 EUR, 500)", clock: { measured: year } }'
    with pytest.raises(DataError, match="the quotient of"):
        run(values=best, terms=bonus)


def test_a_milestone_is_not_missed_for_it() -> None:
    with pytest.raises(DataError, match="the quotient of"):
        run(terms="  done: { term: milestone, amount: 500 EUR, reached: level > 200% }")
