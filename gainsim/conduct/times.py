"""Times of decisions, in periods of the calendar."""

from __future__ import annotations

from gainsim.durations import Duration
from gainsim.grid import Calendar


def in_periods(time: Duration | None, key: str, calendar: Calendar) -> int:
    """How many periods a time is, 0 where none is written. Raises ValueError for what is no whole number of them."""
    step = calendar.step_months
    if time is None:
        return 0
    if time.days or time.months % step:
        raise ValueError(f"{key}: {time} is not a whole number of the calendar's steps ({calendar.step}).")
    return time.months // step
