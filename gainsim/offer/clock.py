"""The clocks of a term as written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from gainsim.offer.fields import Clauses, DurationText

WindowKind = Literal["period", "month", "quarter", "half_year", "year", "life"]


class ClockText(Clauses):
    """When a term is measured, settled, invoiced and paid."""

    measured: WindowKind = "period"
    """The window over which it is assessed."""
    year: Literal["contract", "calendar", "fiscal"] | None = None
    """Which year windows follow, if not the calendar's."""
    settled: DurationText | None = None
    """How long after the window's end the result is due."""
    invoiced: Literal["in advance", "in arrears"] = "in arrears"
    """At the window's start or after its end."""
    paid: DurationText | None = None
    """How long after the invoice the money moves."""


def _in_arrears(clock: ClockText) -> ClockText:
    if clock.invoiced == "in advance":
        raise ValueError("a result is known only after its window: only a fee is invoiced in advance. Leave it out.")
    return clock


#: the clock of a term that pays by results
ResultClockText = Annotated[ClockText, AfterValidator(_in_arrears)]
