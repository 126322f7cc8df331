"""Hours of the week: when crews are on shift, and when the service is owed."""

from __future__ import annotations

from numba import njit

from gainsim.operations.plant import HOURS_OF_WEEK
from gainsim.operations.twin.codes import NEVER
from gainsim.operations.twin.state import inlined, record


@inlined
def day_of(hour):  # type: ignore[no-untyped-def]
    """The day of an hour, counted from 0; its quotient is never rounded up to the next day, and a remainder would take long."""
    return int(hour / 24.0)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=False)
def hours_on_shift(shifts, begin, end):  # type: ignore[no-untyped-def]
    """How many of the hours from `begin` to `end` are on shift, both counted from a Monday's midnight."""
    found, day = 0.0, day_of(begin)
    while 24.0 * day < end:
        if shifts[2 + day % 7] > 0.0:
            span = min(end, 24.0 * day + shifts[1]) - max(begin, 24.0 * day + shifts[0])
            if span > 0.0:
                found += span
        day += 1
    return found


@inlined
def owed_hours(r, begin, end):  # type: ignore[no-untyped-def]
    """How many of these hours the service is owed in."""
    if r.always_owed:
        return end - begin
    return hours_on_shift(r.owed, begin + r.monday, end + r.monday)


@inlined
def is_always(r, c):  # type: ignore[no-untyped-def]
    """Whether a crew is on shift around the clock."""
    return record(r.crews, c).changes[0] == 0


@inlined
def shift_at(r, c, now):  # type: ignore[no-untyped-def]
    """Whether a crew is on shift, and begins repairs, and until when that is so."""
    hour = int(now) + int(r.monday)  # their sum might be rounded up to the next hour
    change = int(record(r.crews, c).changes[hour % HOURS_OF_WEEK])
    return change >= 0, NEVER if change == 0 else float(hour + abs(change)) - r.monday
