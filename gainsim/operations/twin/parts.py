"""Rule 4: spares are ordered, sent and stocked."""

from __future__ import annotations

from gainsim.operations.twin.codes import AT_DEPOT, AT_ONCE, DRAWN_LEAD, DRAWN_SUPPLY, PARTS
from gainsim.operations.twin.state import add_up, called, drawn, inlined, record


@inlined
def place_for(heap, count, time):  # type: ignore[no-untyped-def]
    """Where a part under way that arrives then stands in a heap, the earliest on top."""
    at = count
    while at > 0:
        above = (at - 1) >> 1
        if record(heap, above).time <= time:
            break
        heap[at] = heap[above]
        at = above
    return at


@called
def pop(heap, count):  # type: ignore[no-untyped-def]
    """Take the earliest part out of a heap of so many."""
    last, at = count - 1, 0
    time = heap[last].time
    while 2 * at + 1 < last:
        below = 2 * at + 1
        if below + 1 < last and heap[below + 1].time < heap[below].time:
            below += 1
        if heap[below].time >= time:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = heap[last]


@inlined
def send(s, time, spare, mode, row, key):  # type: ignore[no-untyped-def]
    """A part is under way."""
    one = record(s.one, 0)
    if one.due == len(s.due):
        one.short = -2 - (len(s.seats) - 1)
    else:
        part = record(s.due, place_for(s.due, one.due, time))
        part.time, part.spare, part.mode, part.row, part.key = time, spare, mode, row, key
        one.due += 1


@inlined
def order_spare(r, s, i, p):  # type: ignore[no-untyped-def]
    """A failure or call orders the spare that it takes."""
    slot, one = record(s.slots, i), record(s.one, 0)
    t, spare, depot = slot.task, record(s.spares, p), record(r.spares, p).depot
    finds = spare.parts > spare.claims
    spare.claims += 1
    if spare.left > 0:  # one is on order already, for a call that was withdrawn
        spare.left -= 1
        return
    add_up(s, t, PARTS, 1.0)
    if finds:
        add_up(s, t, AT_ONCE, 1.0)
    time, sent = one.now + drawn(r, slot.mode, slot.row, DRAWN_LEAD), p
    if depot >= 0:
        if record(s.spares, depot).parts > 0:
            record(s.spares, depot).parts -= 1
            add_up(s, t, AT_DEPOT, 1.0)
            send(s, time, p, slot.mode, slot.row, slot.key)
        elif one.owed == len(s.owed):
            one.short = -2 - len(s.seats)
        else:
            late = record(s.owed, one.owed)
            late.lead, late.spare, late.mode, late.row, late.key = time - one.now, p, slot.mode, slot.row, slot.key
            late.lead = drawn(r, slot.mode, slot.row, DRAWN_LEAD)
            one.owed += 1
        time, sent = one.now + drawn(r, slot.mode, slot.row, DRAWN_SUPPLY), depot
    send(s, time, sent, slot.mode, slot.row, slot.key)


@inlined
def stocked(r, s, p):  # type: ignore[no-untyped-def]
    """A part is in stock; a depot sends it to the order that came first."""
    one, order = record(s.one, 0), 0
    while order < one.owed and record(r.spares, record(s.owed, order).spare).depot != p:
        order += 1
    if order == one.owed:
        record(s.spares, p).parts += 1
    else:
        late = record(s.owed, order)
        send(s, one.now + late.lead, late.spare, late.mode, late.row, late.key)
        one.owed -= 1
        for later in range(order, one.owed):
            s.owed[later] = s.owed[later + 1]
