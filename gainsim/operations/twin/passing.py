"""What passes with time: hours that fleets run, stand by and make something of, hours that nobody is served, and periods."""

from __future__ import annotations

from gainsim.operations.twin.codes import IN_FLEET, IN_TASK, MADE, RUNNING, SERVED, UP
from gainsim.operations.twin.state import add, inlined, record
from gainsim.operations.twin.weeks import owed_hours


@inlined
def fleets_pass(r, s):  # type: ignore[no-untyped-def]
    """Count what the fleets did since this was last done: before others of them run, and as a period closes."""
    one = record(s.one, 0)
    hours = owed_hours(r, one.mark, one.now)
    one.mark = one.now
    for f in range(len(s.fleets) if r.fleet_hours else 0):
        place, running = len(r.tasks) * IN_TASK + f * IN_FLEET, record(s.fleets, f).running
        made = float(running)
        add(s, place + UP, (running + record(s.fleets, f).standing) * hours)
        add(s, place + RUNNING, running * hours)
        if running >= record(r.fleets, f).needed:
            add(s, place + SERVED, hours)
        if record(r.fleets, f).wanted >= 0:
            made = min(made, r.wanted[record(r.fleets, f).wanted, one.period, r.column])
        add(s, place + MADE, made * hours)
    for n in range(one.missed):
        add(s, s.missed[n], -hours)  # what nobody misses is served whole


@inlined
def tell_serving(r, s):  # type: ignore[no-untyped-def]
    """Others run now: which fleets serve, and which groups do not, the whole or sites."""
    one, serving = record(s.one, 0), 0
    one.changed = 0
    for f in range(len(s.fleets)):
        if record(s.fleets, f).running >= record(r.fleets, f).needed:
            serving |= 1 << f
    if serving != one.serving:
        one.serving, one.missed = serving, 0
        for g in range(len(r.first_mask) - 1):
            serves = False
            for at in range(r.first_mask[g], r.first_mask[g + 1]):
                serves = serves or r.masks[at] & serving == r.masks[at]
            if not serves:
                s.missed[one.missed] = len(r.tasks) * IN_TASK + len(s.fleets) * IN_FLEET + g
                one.missed += 1


@inlined
def next_period(r, s):  # type: ignore[no-untyped-def]
    """A period has ended, and the next begins."""
    one = record(s.one, 0)
    one.period += 1
    one.closes = r.hours[min(one.period + 1, len(r.hours) - 1)]


@inlined
def reach(r, s, now):  # type: ignore[no-untyped-def]
    """Periods in which nothing happens have ended up to now: which it is that has not."""
    one, last = record(s.one, 0), len(r.hours) - 1
    period = int(now * (last / r.hours[last]))
    while r.hours[period] > now:
        period -= 1
    while r.hours[period + 1] <= now:
        period += 1
    one.period, one.closes = period, r.hours[period + 1]
