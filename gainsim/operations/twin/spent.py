"""Hours that crews work, that responses and completions take, and what an asset's downtime is spent on."""

from __future__ import annotations

from gainsim.operations.twin.codes import OVERTIME, TRAVEL, WORK
from gainsim.operations.twin.state import add_up, inlined, keep_largest, record
from gainsim.operations.twin.weeks import hours_on_shift, is_always, owed_hours


@inlined
def work(r, s, task, crew, hours):  # type: ignore[no-untyped-def]
    """A member of a crew has worked for so many hours, up to now."""
    one = record(s.one, 0)
    add_up(s, task, WORK, hours)
    if r.overtime and hours > 0.0 and not is_always(r, crew):
        on_shift = hours_on_shift(record(r.crews, crew).shifts, one.now - hours + r.monday, one.now + r.monday)
        add_up(s, task, OVERTIME, max(hours - on_shift, 0.0))


@inlined
def took(s, task, what, hours, limit):  # type: ignore[no-untyped-def]
    """A response or completion took so many hours. what: the first of four that stand side by side: the hours, how often, the most,
    and how often more than the limit"""
    add_up(s, task, what, hours)
    add_up(s, task, what + 1, 1.0)
    keep_largest(s, task, what + 2, hours)
    if hours > limit:
        add_up(s, task, what + 3, 1.0)


@inlined
def spend(r, s, i, part, since, of_asset):  # type: ignore[no-untyped-def]
    """Hours up to now are spent on something; from travel on also on what follows of it. Calls wait whether or not it is owed."""
    now, slot, at = record(s.one, 0).now, record(s.slots, i), since
    if part == TRAVEL:
        for until in (slot.there, slot.admitted):
            to = min(until, now)
            if to > at:
                add_up(s, slot.task, part, owed_hours(r, at, to) if of_asset else to - at)
                at = to
            part += 1
    if now > at:
        add_up(s, slot.task, part, owed_hours(r, at, now) if of_asset else now - at)
