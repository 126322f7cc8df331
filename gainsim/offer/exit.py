"""The early end of a contract as written."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from gainsim.offer.fields import Clauses, DurationText, FormulaText, ShareText
from gainsim.offer.milestones import DelayClockText
from gainsim.offer.term import TermText


class Unrecovered(Clauses):
    """The part of what was bought that is not written down yet."""

    costs: list[str]
    """Costs with `straight_line`."""
    share: ShareText
    """What part of it is paid."""


class Termination(TermText):
    """The contract may end early: on a condition, after a notice, with a payment."""

    term: Literal["termination"]
    """An early end."""
    when: FormulaText
    """A condition, asked at each period's end: with it notice is given."""
    over: Literal["period", "year", "life"] = "period"
    """What totals and payments in `when` count: those of the period, or of the year or the life so far."""
    notice: DurationText | None = None
    """How long the contract runs on after that period; it ends at its end, unless said."""
    ramp_down: DurationText | None = None
    """The last part of the notice, in which the scope falls to nothing in a straight line."""
    payment: FormulaText | None = None
    """What is paid at the end; a negative amount is paid by the supplier."""
    unrecovered: Unrecovered | None = None
    """What is paid for what is not written down."""
    clock: DelayClockText = DelayClockText.model_construct()
    """When the payments at the end are settled and paid."""

    @model_validator(mode="after")
    def _ramp_within_the_notice(self) -> Self:
        if self.ramp_down is not None and (self.notice is None or self.ramp_down.years > self.notice.years):
            raise ValueError("ramp_down is the last part of the notice. Write a notice that is at least as long.")
        return self
