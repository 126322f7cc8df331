"""Rules 6 and 7: who begins, who sets out, and what the others lack."""

from __future__ import annotations

from gainsim.operations.twin.codes import (
    BEGINS,
    COMING,
    DRAWN_ACCESS,
    DRAWN_PLANNED,
    DRAWN_REPAIR,
    DRAWN_SHOP,
    LACKS,
    NEVER,
    NO_CREW,
    NO_SHIFT,
    NO_SPARE,
    PLANNED,
    RESPONSE,
    VISITS,
    WAITING,
    WEATHER,
    WORKING,
)
from gainsim.operations.twin.spent import took
from gainsim.operations.twin.state import add_up, drawn, happened, inlined, record, touch
from gainsim.operations.twin.weeks import shift_at


@inlined
def lacks_beside_crew(r, s, task):  # type: ignore[no-untyped-def]
    """Whether spare or weather is lacking for a task; if neither, it is nothing but a crew."""
    if task.spare >= 0 and record(s.spares, task.spare).parts == 0:
        return NO_SPARE
    return WEATHER if is_foul(r, s, task) else NO_CREW


@inlined
def is_foul(r, s, task):  # type: ignore[no-untyped-def]
    """Whether the weather is foul where a task is done."""
    return task.site >= 0 and record(s.sources, len(s.sources) - len(r.weather) + task.site).foul > 0


@inlined
def who_comes(r, s, task, taken):  # type: ignore[no-untyped-def]
    """The first of those who may do a task that has a member free and is on shift; -1: nobody."""
    for o in range(task.first_option, task.first_option + task.options[taken]):
        if record(s.crews, r.crew_of[o]).free > 0 and shift_at(r, r.crew_of[o], record(s.one, 0).now)[0]:
            return o
    return -1


@inlined
def on_the_way(r, option, row):  # type: ignore[no-untyped-def]
    """Hours of travel of who may do a task, for the life that has this row."""
    travel = record(r.travels, option)
    return travel.fixed if travel.place < 0 else r.columns[row + travel.place, r.place]


@inlined
def dispatch(r, s):  # type: ignore[no-untyped-def]
    """What waits and can begin begins, in its order, and takes a member of the crew and its spare."""
    one, kept = record(s.one, 0), 0
    for at in range(one.waits):
        i = s.queue[at]
        slot = record(s.slots, i)
        task, option = record(r.tasks, slot.task), -1
        if lacks_beside_crew(r, s, task) == NO_CREW:
            option = who_comes(r, s, task, slot.taken)
        if option >= 0:
            begin_work(r, s, i, option)
        else:
            s.queue[kept] = i
            kept += 1
    one.waits = kept


@inlined
def begin_work(r, s, i, option):  # type: ignore[no-untyped-def]
    """A crew sets out."""
    one, slot = record(s.one, 0), record(s.slots, i)
    spare, seat = record(r.tasks, slot.task).spare, slot.asset >= s.seats[0]
    slot.crew, slot.mark, slot.queued = r.crew_of[option], one.now, 0
    record(s.crews, slot.crew).free -= 1
    if spare >= 0:
        record(s.spares, spare).parts -= 1
        record(s.spares, spare).claims -= 1
    add_up(s, slot.task, VISITS, 1.0)
    touch(s, slot.asset)
    if seat and slot.who < 0:
        slot.there = slot.admitted = one.now
        slot.repair = drawn(r, slot.mode, slot.row, DRAWN_SHOP)
    else:
        slot.there = one.now + on_the_way(r, option, slot.row)
        slot.admitted = slot.there + drawn(r, slot.mode, slot.row, DRAWN_ACCESS)
        slot.repair = drawn(r, slot.mode, slot.row, DRAWN_REPAIR)
        happened(s, slot.who if seat else slot.asset, slot.task, BEGINS)
        if slot.taken == PLANNED:
            slot.planned = drawn(r, slot.mode, slot.row, DRAWN_PLANNED)
            slot.state = COMING
            return
    slot.state, slot.done = WORKING, slot.admitted + slot.repair
    answered(r, s, i)


@inlined
def answered(r, s, i):  # type: ignore[no-untyped-def]
    """How long after a failure or call its crew is there."""
    if not r.times:
        return
    slot = record(s.slots, i)
    took(s, slot.task, RESPONSE, max(slot.there - slot.since, 0.0), record(r.tasks, slot.task).within)


@inlined
def tell_lacks(r, s):  # type: ignore[no-untyped-def]
    """What those wait for that did not begin, and when a shift changes that."""
    one = record(s.one, 0)
    one.wake = NEVER
    for at in range(one.waits):
        slot = record(s.slots, s.queue[at])
        task = record(r.tasks, slot.task)
        cause = lacks_beside_crew(r, s, task)
        if cause == NO_CREW:
            anybody = False
            for o in range(task.first_option, task.first_option + task.options[slot.taken]):
                on_shift, until = shift_at(r, r.crew_of[o], one.now)
                anybody = anybody or on_shift
                if not on_shift or slot.state == WAITING:  # the shift that begins, or what it is that lacks
                    one.wake = min(one.wake, until)
            if not anybody:
                cause = NO_SHIFT
        if slot.state == WAITING and slot.cause != cause - NO_SPARE:
            slot.cause = cause - NO_SPARE
            touch(s, slot.asset)
            if slot.asset < s.seats[0]:
                happened(s, slot.asset, slot.task, LACKS + slot.cause)
            elif slot.who >= 0:
                happened(s, slot.who, slot.task, LACKS + slot.cause)
