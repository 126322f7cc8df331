"""When a decision is asked: the periods at whose end it is, and why there is none where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from gainsim.durations import Duration
from gainsim.grid import Calendar
from gainsim.offer.lifecycle import Decision
from gainsim.periods import in_periods
from gainsim.spelling import listed


def due(written: Decision, waits: int, calendar: Calendar) -> tuple[int, ...]:
    """The periods at whose end it is asked; none whose decision would hold only beyond the calendar's end.

    waits: how many periods later than with the next one it holds
    Raises ValueError for a time outside the contract, and where none is left, with the time that leaves none.
    """
    if written.at is not None:
        counted = [at for at in _times(written.at, calendar) if at < calendar.periods - waits]
        if not counted:
            raise ValueError(_none_at(written.at, waits, calendar))
        return tuple(at - 1 for at in counted)
    assert written.every is not None
    ends = [window.last + 1 for window in calendar.windows(written.every, key="every: ")]
    counted = [at for at in ends if at < calendar.periods - waits]
    first = in_periods(written.first, "first", calendar)
    last = calendar.periods if written.last is None else in_periods(written.last, "last", calendar)
    asked = [at for at in counted if first <= at <= last]
    if not asked:
        raise ValueError(_none_of_every(written, first, last, ends, counted, calendar))
    return tuple(at - 1 for at in asked)


def _times(written: Sequence[Duration], calendar: Calendar) -> list[int]:
    """The times at which it is asked, in periods and in their order."""
    found: list[int] = []
    for number, moment in enumerate(written):
        at, place = in_periods(moment, "at", calendar), f"at[{number}]: '{moment}'"
        if at in found:
            raise ValueError(f"{place} stands here twice. Write each moment once.")
        if not 0 < at <= calendar.periods:
            raise ValueError(f"{place} lies outside the contract, which takes {calendar.months} months. Ask within it.")
        found.append(at)
    return sorted(found)


def _none_at(written: Sequence[Duration], waits: int, calendar: Calendar) -> str:
    """That what is decided at none of these times would ever hold."""
    latest = calendar.periods - 1 - waits
    if latest < 1:
        return _too_late(waits, calendar)
    lie = "lies" if len(written) == 1 else "lie"
    told = f"{listed(map(str, written))} after the contract's start {lie} outside the times at which a decision counts"
    return f"at: {told}. Write a time from {_time(1, calendar)} to {_time(latest, calendar)}."


def _none_of_every(
    written: Decision, first: int, last: int, ends: Sequence[int], counted: Sequence[int], calendar: Calendar
) -> str:
    """Why no window ends at a time at which it may be asked. first, last: in periods"""
    every = written.every
    if not counted:
        waits = in_periods(written.after, "after", calendar)
        if waits and ends[0] < calendar.periods:
            return _too_late(waits, calendar, ends[0])
        return f"every: {every}: it is first asked when the contract ends, and decides nothing more. Ask it oftener, or at a time."
    earliest, latest = _time(counted[0], calendar), _time(counted[-1], calendar)
    if first > counted[-1]:
        return f"first: {written.first} is later than it is asked at all: for the last time after {latest}. Write that or less."
    if last < counted[0]:
        return f"last: {written.last} is earlier than it is asked at all: for the first time after {earliest}. Write that or more."
    if last < first:
        return f"last: {written.last} is earlier than first: {written.first}. Write the later one as last."
    between = f"between first: {written.first} and last: {written.last} it is never asked"
    return f"last: {between}, as no {every} ends there. Write a later last."


def _too_late(waits: int, calendar: Calendar, asked: int = 1) -> str:
    """That what is decided holds only after the contract's end, whenever it is asked."""
    most = calendar.periods - 1 - asked
    fix = f"Write {_time(most, calendar)} or less." if most > 0 else "Leave it out."
    length, when = _time(calendar.periods, calendar), _time(asked, calendar)
    return f"after: {_time(waits, calendar)} after it is first asked, at {when}, the contract of {length} has ended. {fix}"


def _time(periods: int, calendar: Calendar) -> Duration:
    return Duration(months=periods * calendar.step_months)
