"""What is paid for reaching something, early or late, as written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import WithJsonSchema, model_validator

from gainsim.durations import parse_duration
from gainsim.grid import parse_date, parse_month
from gainsim.numbers import Written
from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import (
    AT_KEY,
    Clauses,
    Duration,
    DurationText,
    FormulaText,
    ReadBy,
    SizeText,
    problems_below,
    read_formula,
    read_size,
    reader,
    text_schema,
)
from gainsim.offer.rates import RateBand, banded
from gainsim.offer.term import TermText
from gainsim.ops.formula import Formula


@dataclass(frozen=True)
class Moment:
    """A moment of the contract: a date, or a time since its start."""

    text: str
    date: date | None = None
    after: Formula | None = None


def _moment(written: Written) -> Moment:
    text = str(written).strip()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}|\d{1,2}([./-])\d{1,2}\1\d{4}", text):  # a day, or what is meant for one
        return Moment(text, date=parse_date(text))
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return Moment(text, date=parse_month(text))
    return Moment(text, after=read_formula(written))


MomentText = Annotated[Moment, ReadBy(reader(Moment, _moment, "a moment")), text_schema("24 months")]


_BY_TIME = {"up to 30 days": "1_000 EUR", "above": "2_500 EUR"}
_bands = banded("up to", "above", _BY_TIME, parse_duration, read_size)


def _by_time(written: Any) -> tuple[RateBand[Duration], ...]:
    """An amount that is the same from the first day on, or one for each part of the time."""
    if not isinstance(written, Mapping | tuple):
        return (RateBand("above", None, read_size(written)),)
    bands: tuple[RateBand[Duration], ...] = _bands(written)
    for before, band in pairwise(bands):
        if band.edge is not None and before.edge is not None and band.edge.years <= before.edge.years:
            message = f"{band.edge} is not beyond {before.edge}, where the band before it ends. Write the shorter time first."
            raise problems_below([((band.label, AT_KEY), message)])
    return bands


#: one band that has no end where the amount is always the same
AmountByTime = Annotated[
    tuple[RateBand[Duration], ...],
    ReadBy(_by_time),
    WithJsonSchema(
        {"anyOf": [{"type": ["number", "string"], "examples": ["2% of baseline_cost"]}, {"type": "object", "examples": [_BY_TIME]}]}
    ),
]


class TimeRate(Clauses):
    """An amount for each day, week or month."""

    amount: AmountByTime
    """A size, for each of them; or one up to each of several times, which counts in its part of the time alone."""
    per: Literal["day", "week", "month"]
    """For each of which: a month is a twelfth of a year, a day one of its 365 parts, a week seven days."""
    begun: Literal["in part", "in full", "not"]
    """How the last one counts if it is not complete."""
    at_most: SizeText | None = None
    """The most it comes to in all."""


class DelayClockText(Clauses):
    """When what is paid once falls due, and when the money moves."""

    settled: DurationText | None = None
    """How long after the end of the period the result is due."""
    paid: DurationText | None = None
    """How long after the invoice the money moves."""


class Milestone(TermText):
    """An amount paid once, when something is reached; more for reaching it early, less for reaching it late."""

    term: Literal["milestone"]
    """A milestone."""
    amount: FormulaText
    """What is paid for it."""
    reached: FormulaText
    """A condition, asked at each period's end; or a time since the contract's start, as a driver in months."""
    due: MomentText | None = None
    """When it should be reached."""
    early: TimeRate | None = None
    """What is paid on top for the time from reaching it to `due`."""
    late: TimeRate | None = None
    """What is taken off for the time from `due` to reaching it."""
    clock: DelayClockText = DelayClockText.model_construct()
    """When it is settled and paid."""

    @model_validator(mode="after")
    def _due_is_said(self) -> Self:
        if self.due is None and (self.early is not None or self.late is not None):
            raise ValueError("early and late are counted from a moment. Add due: 2028-03, or due: 14 months.")
        if self.due is not None and self.early is None and self.late is None:
            raise ValueError("due moves no money by itself. Add early or late, or leave it out.")
        return self


class Grace(Clauses):
    """A time for which a delay is borne."""

    time: DurationText
    """How long."""
    then: Literal["excess", "from_first"]
    """What counts of a longer delay: what lies beyond it, or all of it."""


class DelayDamages(TermText):
    """What the supplier pays for each day, week or month by which something is reached too late."""

    term: Literal["delay_damages"]
    """Delay damages."""
    due: MomentText
    """When it should be reached."""
    reached: FormulaText
    """A condition, asked at each period's end; or a time since the contract's start, as a driver in months."""
    rate: TimeRate
    """What is paid for the delay, and at most in all."""
    grace: Grace | None = None
    """A delay that costs nothing."""
    clock: ResultClockText
    """When they are settled and paid, as the delay grows."""
