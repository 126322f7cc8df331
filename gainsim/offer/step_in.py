"""The right to step in as written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gainsim.offer.fields import DurationText, FormulaText, SizeText, WholeNumber
from gainsim.offer.milestones import DelayClockText
from gainsim.offer.term import TermText


class StepIn(TermText):
    """The customer, or a further party, does the work itself for a time. The term's name says when: 1 then, else 0."""

    term: Literal["step_in"]
    """A step-in."""
    when: FormulaText
    """A condition, asked at each period's end: with it notice is given."""
    over: Literal["period", "year", "life"] = "period"
    """What totals and payments in `when` and `until` count: those of the period, or of the year or the life so far."""
    notice: DurationText | None = None
    """How long after that period the step-in begins; with the next period, unless said."""
    lasts: DurationText | None = None
    """How long it lasts at most; to the contract's end, unless this or `until` is said."""
    until: FormulaText | None = None
    """A condition, asked at the end of each of its periods: with it the step-in is over."""
    at_most: Annotated[WholeNumber, Field(ge=1)] | None = None
    """How many times in the contract's life; as often as it comes, unless said."""
    charge: SizeText | None = None
    """What the supplier pays for each of its periods, as what the work costs who does it."""
    clock: DelayClockText = DelayClockText.model_construct()
    """When the charge of a period is settled and paid."""
