"""The clocks of a term as written."""

from __future__ import annotations

from typing import Literal

from gainsim.offer.fields import Clauses, DurationText

WindowKind = Literal["period", "month", "quarter", "half_year", "year", "life"]


class ClockText(Clauses):
    """When a term is measured, settled, invoiced and paid.

    measured: the assessment window; settled: how long after its end the result is due; invoiced: at the window's start
    or end; paid: how long after the invoice; year: which year a yearly window is, if not the calendar's
    """

    measured: WindowKind = "period"
    year: Literal["contract", "calendar", "fiscal"] | None = None
    settled: DurationText | None = None
    invoiced: Literal["in advance", "in arrears"] = "in arrears"
    paid: DurationText | None = None
