"""What waits: the queue, the seats of calls and worn parts, and who leaves."""

from __future__ import annotations

from gainsim.operations.twin.codes import (
    CALLED,
    DRAWN_PATIENCE,
    FAILURES,
    GOES,
    NEVER,
    QUIET,
    TURNED_AWAY,
    URGENT,
    WAITING,
)
from gainsim.operations.twin.parts import order_spare
from gainsim.operations.twin.state import add_up, drawn, happened, inlined, record, touch


@inlined
def wait(r, s, i, taken):  # type: ignore[no-untyped-def]
    """Something waits from now on, or with another priority; it is put into the queue before the round's dispatch."""
    one, slot = record(s.one, 0), record(s.slots, i)
    one.gone += slot.queued
    slot.queued, slot.taken, slot.priority = 0, taken, record(r.tasks, slot.task).priority[taken]
    s.fresh[one.fresh] = i
    one.fresh += 1


@inlined
def give_up(r, s, i):  # type: ignore[no-untyped-def]
    """Something waits no more, and takes no spare after all: the one that it ordered is left for another."""
    slot = record(s.slots, i)
    p = record(r.tasks, slot.task).spare
    if p >= 0 and slot.orders == 0:
        record(s.spares, p).claims -= 1
        record(s.spares, p).left += 1
    slot.state = QUIET
    record(s.one, 0).gone += slot.queued
    slot.queued = 0


@inlined
def join_queue(r, s):  # type: ignore[no-untyped-def]
    """Who waits no more leaves the queue; then the new ones order their spares and join it."""
    one = record(s.one, 0)
    if one.gone > 0:
        kept = 0
        for at in range(one.waits):
            if record(s.slots, s.queue[at]).queued > 0:
                s.queue[kept] = s.queue[at]
                kept += 1
        one.waits, one.gone = kept, 0
    for n in range(one.fresh):
        i = s.fresh[n]
        slot = record(s.slots, i)
        if slot.queued > 0 or (slot.state != CALLED and slot.state != WAITING):
            continue  # it failed as it was called for, or left as it came
        p = record(r.tasks, slot.task).spare
        if slot.orders > 0 and p >= 0:
            order_spare(r, s, i, p)
        slot.orders, slot.queued = 0, 1
        at = one.waits
        while at > 0:
            other = record(s.slots, s.queue[at - 1])
            if other.priority < slot.priority or (
                other.priority == slot.priority
                and (other.since < slot.since or (other.since == slot.since and other.order < slot.order))
            ):
                break
            s.queue[at] = s.queue[at - 1]
            at -= 1
        s.queue[at] = i
        one.waits += 1
    one.fresh = 0


@inlined
def take_seat(r, s, kind, task, mode, row, order, key, who):  # type: ignore[no-untyped-def]
    """A call from outside, or a worn part at a shop, takes a seat and waits; gives the seat's slot."""
    one = record(s.one, 0)
    if s.open[kind] == 0:
        one.short = -2 - kind
        return
    s.open[kind] -= 1
    a = s.free[s.seats[kind] - s.seats[0] + s.open[kind]]
    asset = record(s.assets, a)
    i = asset.slot
    slot = record(s.slots, i)
    slot.task, slot.mode, slot.row, slot.order, slot.key, slot.who = task, mode, row, order, key, who
    slot.since, slot.state, slot.cause, slot.orders = one.now, WAITING, -1, 1
    slot.leaves = one.now + (drawn(r, mode, row, DRAWN_PATIENCE) if who >= 0 else NEVER)
    slot.escalates = one.now + record(r.tasks, task).escalates
    asset.down, asset.culprit, asset.busy = 1, i, 1
    one.busy += 1
    add_up(s, task, FAILURES, 1.0)
    wait(r, s, i, URGENT)
    touch(s, a)


@inlined
def leave_seat(s, i):  # type: ignore[no-untyped-def]
    """A seat is left; it is free as the round is settled."""
    asset = record(s.assets, record(s.slots, i).asset)
    record(s.slots, i).state = QUIET
    asset.down = asset.busy = 0
    record(s.one, 0).busy -= 1
    touch(s, record(s.slots, i).asset)


@inlined
def turn_away(r, s):  # type: ignore[no-untyped-def]
    """There is no room for the last calls that came."""
    one = record(s.one, 0)
    for t in range(len(r.modes), len(r.tasks)):
        while record(r.tasks, t).room < NEVER:
            count, last = 0, -1
            for at in range(one.waits):
                i = s.queue[at]
                if record(s.slots, i).task == t and record(s.slots, i).queued > 0:
                    count += 1
                    if last < 0 or record(s.slots, i).who > record(s.slots, last).who:
                        last = i
            if count <= record(r.tasks, t).room:
                break
            add_up(s, t, TURNED_AWAY, 1.0)
            happened(s, record(s.slots, last).who, t, GOES)
            give_up(r, s, last)
            leave_seat(s, last)
