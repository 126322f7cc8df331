"""Step-ins: their length and number, what is committed under them, and their memory from settlement to settlement."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import gainsim
from tests.terms.settled import settled


def runs(level: list[float], **more: Any) -> list[tuple[int, int]]:
    """The step-ins on a level below 1: (first period, number of periods) of each."""
    contract = {"desk": {"term": "step_in", "when": "level < 1", **more}}
    now = settled(contract, {"level": ("1", level)}, step="month").lines["desk.stepped in"]
    found, at = [], 0
    for on, group in groupby(now):
        length = len(list(group))
        found += [(at, length)] if on else []
        at += length
    return found


@settings(max_examples=40, deadline=None)
@given(
    some.lists(some.booleans(), min_size=1, max_size=24), some.integers(0, 2), some.integers(1, 3), some.integers(1, 3)
)  # fmt: skip
def test_each_follows_a_failure_and_lasts_as_long_as_agreed(met: list[bool], notice: int, lasts: int, times: int) -> None:
    more = {"notice": f"{notice} months", "lasts": f"{lasts} months", "at_most": times}
    found = runs([1.0 if each else 0.0 for each in met], **more)
    assert len(found) <= times
    for first, length in found:
        assert not met[first - notice - 1]
        assert length == min(lasts, len(met) - first)
    # what is not asked is what lies between a failure and the end of what followed it
    covered = {t for first, _ in found for t in range(first - notice - 1, first + lasts)}
    if len(found) < times:
        assert all(met[t] for t in range(len(met) - notice - 1) if t not in covered)


@settings(max_examples=25, deadline=None)
@given(some.lists(some.floats(0, 2), min_size=1, max_size=12))
def test_a_right_that_is_never_used_changes_nothing(level: list[float]) -> None:
    fee = {"term": "fee", "amount": "100 EUR per month", "active_while": "desk < 1"}
    never = {"term": "step_in", "when": "level < 0", "charge": "7 EUR"}
    assert settled({"desk": never, "fee": fee}, {"level": ("1", level)}, step="month").pays == {
        "desk": [0.0] * len(level), "fee": [100.0] * len(level),
    }  # fmt: skip


OFFER = """
gainsim: 1
title: A desk that may be taken over
currency: EUR
calendar: { start: 2027-01, years: 1, step: month, year: contract }
money: { discount_rate: 0% pa }
drivers:
  level: { control: supplier, unit: fraction, central: mean, drawn: each period, uniform: { low: 60%, high: 100% } }
contract:
  fee: { term: fee, amount: 100 EUR per month, active_while: desk < 1 }
  whole: { term: fee, amount: 10 EUR per month }
  credits: { term: service_credits, level: level, credits: { below 80%: 10% }, of: fee, clock: {} }
  desk: { term: step_in, when: paid(credits) < 0 EUR, notice: 1 month, lasts: 2 months, at_most: 2, charge: 7 EUR }
"""


def test_what_a_step_in_may_stop_is_not_committed() -> None:
    """The fee is written before the credits that decide on it; that it is left to chance is seen all the same."""
    model = gainsim.load_text(OFFER).loaded.model
    assert {line.name: line.committed for line in model.lines if line.group in ("fee", "whole")} == {
        "fee.amount": False, "whole.amount": True,
    }  # fmt: skip


@pytest.mark.parametrize("cut", range(1, 12))
def test_settled_in_two_pieces_it_goes_on_where_it_was(cut: int) -> None:
    offer = gainsim.load_text(OFFER)
    level = [0.9, 0.7, 0.9, 0.7, 0.7, 0.7, 0.9, 0.9, 0.9, 0.7, 0.7, 0.7]
    rows = pd.DataFrame({"settlement": range(1, 13), "level": level})
    whole = gainsim.settle(offer, rows)
    # failed in month 2, stepped in in months 4 and 5; failed again in month 6, stepped in in months 8 and 9
    found = whole.paid.set_index(["term", "settlement"])["amount"]
    assert found["desk"].tolist() == [0, 0, 0, -7, -7, 0, 0, -7, -7, 0, 0, 0]
    assert found["credits"].tolist() == [0, -10, 0, 0, 0, -10, 0, 0, 0, -10, -10, -10]
    before = gainsim.settle(offer, rows[:cut])
    after = gainsim.settle(offer, rows[cut:], opening=before.closing)
    pd.testing.assert_frame_equal(pd.concat([before.lines, after.lines], ignore_index=True), whole.lines)
    assert after.closing["accounts"] == whole.closing["accounts"]
