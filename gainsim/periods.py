"""Times as they are written, in periods of the calendar."""

from __future__ import annotations

from gainsim.durations import Duration
from gainsim.grid import Calendar


def in_periods(time: Duration | None, key: str, calendar: Calendar) -> int:
    """How many periods a time is, 0 where none is written.

    key: under which it is written
    Raises ValueError for what is no whole number of them.
    """
    step = calendar.step_months
    if time is None:
        return 0
    if time.days or time.months % step:
        whole = Duration(months=max(1, round(time.years * 12 / step)) * step)
        raise ValueError(f"{key}: {time} is not a whole number of the calendar's steps ({calendar.step}). Write {whole}.")
    return time.months // step
