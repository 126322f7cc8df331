"""What is paid for reaching something, early or late, as written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import model_validator

from gainsim.grid import parse_date, parse_month
from gainsim.numbers import Written
from gainsim.offer.clock import ResultClockText
from gainsim.offer.fields import Clauses, DurationText, FormulaText, ReadBy, SizeText, read_formula, reader, text_schema
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
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return Moment(text, date=parse_date(text))
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return Moment(text, date=parse_month(text))
    return Moment(text, after=read_formula(written))


MomentText = Annotated[Moment, ReadBy(reader(Moment, _moment, "a moment")), text_schema("24 months")]


class TimeRate(Clauses):
    """An amount for each day, week or month."""

    amount: SizeText
    """A size, for each of them."""
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
