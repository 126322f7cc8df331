"""Hours of the week: when crews are on shift, and when the service is owed."""

from __future__ import annotations

from numba import njit

from gainsim.operations.twin.state import inlined, record


@inlined
def day_of(hour):  # type: ignore[no-untyped-def]
    """The day of an hour, counted from 0; its quotient is never rounded up to the next day, and a remainder would take long."""
    return int(hour / 24.0)


@njit(nogil=True, error_model="numpy")
def on_shift_at(shifts, hour):  # type: ignore[no-untyped-def]
    """Whether a crew begins repairs at this hour, counted from a Monday's midnight."""
    day = day_of(hour)
    return shifts[2 + day % 7] > 0.0 and shifts[0] <= hour - 24.0 * day < shifts[1]


@njit(nogil=True, error_model="numpy")
def next_change(shifts, hour):  # type: ignore[no-untyped-def]
    """When the next shift of a crew begins or ends after this hour."""
    day = day_of(hour)
    while True:
        if shifts[2 + day % 7] > 0.0:
            for edge in range(2):
                if 24.0 * day + shifts[edge] > hour:
                    return 24.0 * day + shifts[edge]
        day += 1


@njit(cache=True, nogil=True, error_model="numpy")
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
def is_on_shift(r, s, c):  # type: ignore[no-untyped-def]
    """Whether a crew is on shift."""
    crew, now = record(s.crews, c), record(s.one, 0).now
    if now >= crew.until:
        crew.on = on_shift_at(record(r.crews, c).shifts, now + r.monday)
        crew.until = next_change(record(r.crews, c).shifts, now + r.monday) - r.monday
    return crew.on > 0
