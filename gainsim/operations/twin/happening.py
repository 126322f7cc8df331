"""What happens to assets, calls, sites, parts and those that stand by."""

from __future__ import annotations

from gainsim.operations.twin.ages import hold, live, tell_ages
from gainsim.operations.twin.codes import (
    BY_CALENDAR,
    BY_HOURS,
    BY_USE,
    CALLED,
    CALLS,
    COMING,
    COMPLETION,
    DONE,
    DRAWN_LIFE,
    DRAWN_REPAIR,
    ESCALATED,
    ESCALATIONS,
    FAILS,
    FAILURES,
    GOES,
    LEFT,
    NEVER,
    PLANNED,
    PLANNED_CALLS,
    QUIET,
    RUNS,
    STOPS,
    URGENT,
    WAITING,
    WORKING,
)
from gainsim.operations.twin.dispatch import answered
from gainsim.operations.twin.leaves import set_next
from gainsim.operations.twin.parts import pop, stocked
from gainsim.operations.twin.spent import took, work
from gainsim.operations.twin.state import add_up, drawn, happened, inlined, record, touch
from gainsim.operations.twin.waiting import give_up, leave_seat, take_seat, wait


@inlined
def plan(r, s, i):  # type: ignore[no-untyped-def]
    """Planned work is called for."""
    one, slot = record(s.one, 0), record(s.slots, i)
    slot.state, slot.since, slot.orders = CALLED, one.now, 1
    slot.row, slot.key = slot.life_row, (i << 21) | slot.life
    record(s.assets, slot.asset).busy += 1
    one.busy += 1
    add_up(s, slot.task, PLANNED_CALLS, 1.0)
    wait(r, s, i, PLANNED)
    happened(s, slot.asset, slot.task, CALLS)


@inlined
def fail(r, s, i):  # type: ignore[no-untyped-def]
    """An asset fails; what was planned for that mode is a repair now."""
    one, slot = record(s.one, 0), record(s.slots, i)
    asset, ages = record(s.assets, slot.asset), record(r.modes, slot.mode).ages
    hold(r, s, i)
    if ages == BY_HOURS:
        asset.hours = slot.limit
    elif ages == BY_USE:
        asset.use = slot.limit
    add_up(s, slot.task, FAILURES, 1.0)
    slot.since = one.now
    happened(s, slot.asset, slot.task, FAILS)
    if slot.state == COMING:
        slot.state, slot.taken = WORKING, URGENT
        slot.done = slot.admitted + slot.repair
        answered(r, s, i)
        return
    if slot.state == QUIET:
        slot.row, slot.key, slot.orders = slot.life_row, (i << 21) | slot.life, 1
        asset.busy += 1
        one.busy += 1
    slot.state, slot.cause, slot.escalates = WAITING, -1, one.now + record(r.tasks, slot.task).escalates
    wait(r, s, i, URGENT)


@inlined
def finish(r, s, i):  # type: ignore[no-untyped-def]
    """A repair, planned work, a call or a part at a shop is done."""
    one, slot = record(s.one, 0), record(s.slots, i)
    a = slot.asset
    asset = record(s.assets, a)
    record(s.crews, slot.crew).free += 1
    work(r, s, slot.task, slot.crew, one.now - slot.mark)
    if slot.taken != PLANNED:
        completed(r, s, i)
    if a >= s.seats[0]:
        if slot.who < 0:
            stocked(r, s, -1 - slot.who)
        else:
            happened(s, slot.who, slot.task, DONE)
        leave_seat(s, i)
        return
    happened(s, a, slot.task, DONE)
    slot.state = QUIET
    asset.busy -= 1
    one.busy -= 1
    renew(r, s, i)
    asset.down -= 1
    if asset.down == 0:
        fleet = record(s.fleets, asset.fleet)
        fleet.stood = a if fleet.standing == 0 else -1
        fleet.standing += 1
        one.stood = 1
    elif asset.culprit == i:
        asset.culprit = -1
        for j in range(asset.slot, asset.slot + asset.slots):
            holds = record(s.slots, j).state == WAITING or record(s.slots, j).state == WORKING
            if holds and (asset.culprit < 0 or record(s.slots, j).stopped < record(s.slots, asset.culprit).stopped):
                asset.culprit = j


@inlined
def completed(r, s, i):  # type: ignore[no-untyped-def]
    """How long after a failure or call it is done."""
    if not r.times:
        return
    slot = record(s.slots, i)
    took(s, slot.task, COMPLETION, record(s.one, 0).now - slot.since, record(r.tasks, slot.task).done_within)


@inlined
def renew(r, s, i):  # type: ignore[no-untyped-def]
    """The modes that a repair or planned work renews begin new lives; what was planned for them is withdrawn."""
    one, slot = record(s.one, 0), record(s.slots, i)
    asset = record(s.assets, slot.asset)
    first = record(r.modes, slot.mode).first_renewed
    for at in range(first, first + record(r.modes, slot.mode).renewed):
        other = record(s.slots, asset.slot + r.renewed[at])
        if r.planned and other.state == CALLED:
            happened(s, slot.asset, other.task, GOES)
            give_up(r, s, asset.slot + r.renewed[at])
            asset.busy -= 1
            one.busy -= 1
        other.life += 1
        if other.life >= record(r.lives, other.mode).known:
            one.short = other.mode
            return
        other.life_row += record(r.lives, other.mode).width
        ages = record(r.modes, other.mode).ages
        other.born = asset.hours if ages == BY_HOURS else one.now if ages == BY_CALENDAR else asset.use
        live(r, other)


@inlined
def stop(r, s, i):  # type: ignore[no-untyped-def]
    """The crew of planned work is there, and stops the asset."""
    slot = record(s.slots, i)
    hold(r, s, i)
    slot.state, slot.done = WORKING, slot.admitted + slot.planned
    happened(s, slot.asset, slot.task, STOPS)


@inlined
def asset_has(r, s, a):  # type: ignore[no-untyped-def]
    """What happens to an asset, or to a call, at this instant."""
    asset, now = record(s.assets, a), record(s.one, 0).now
    begin, end = asset.slot, asset.slot + asset.slots
    touch(s, a)
    if asset.runs > 0:
        if asset.ages > 0:  # a period begins, with another use
            tell_ages(r, s, a)
            asset.ages = 0
        fails = -1
        for i in range(begin, end):
            if r.planned and record(s.slots, i).state == QUIET and record(s.slots, i).calls == now:
                plan(r, s, i)
            if fails < 0 and record(s.slots, i).fails == now:
                fails = i
        if fails >= 0:
            fail(r, s, fails)
    else:
        for i in range(begin, end):
            slot = record(s.slots, i)
            if slot.state == WORKING and slot.done == now:
                finish(r, s, i)
            elif slot.state == WAITING and slot.leaves == now:
                add_up(s, slot.task, LEFT, 1.0)
                happened(s, slot.who, slot.task, GOES)
                give_up(r, s, i)
                leave_seat(s, i)
            elif slot.state == WAITING and slot.escalates == now:
                add_up(s, slot.task, ESCALATIONS, 1.0)
                slot.escalates = NEVER
                wait(r, s, i, ESCALATED)
    for i in range(begin, end if r.planned else begin):
        if record(s.slots, i).state == COMING and record(s.slots, i).admitted == now:
            stop(r, s, i)


@inlined
def source_has(r, s, n):  # type: ignore[no-untyped-def]
    """A call comes from outside, or the weather changes."""
    one, source = record(s.one, 0), record(s.sources, n)
    mode, lasts = source.mode, DRAWN_REPAIR
    if n < len(s.sources) - len(r.weather):
        who, key = s.seats[0] + source.count, (len(s.slots) + n) << 21 | source.count
        happened(s, who, mode, FAILS)
        take_seat(r, s, n, mode, mode, source.row, key << 21, key, who)
    else:
        source.foul = 1 - source.foul
    if source.foul == 0:
        source.count += 1
        source.row += record(r.lives, mode).width
        lasts = DRAWN_LIFE
        if source.count >= record(r.lives, mode).known:
            one.short = mode
            return
    set_next(s, len(s.assets) + n, one.now + drawn(r, mode, source.row, lasts))


@inlined
def parts_arrive(r, s):  # type: ignore[no-untyped-def]
    """Parts arrive in stock, at depots, or worn at shops."""
    one = record(s.one, 0)
    while one.due > 0 and record(s.due, 0).time == one.now and one.short == -1:
        spare, mode, row, key = record(s.due, 0).spare, record(s.due, 0).mode, record(s.due, 0).row, record(s.due, 0).key
        pop(s.due, one.due)
        one.due -= 1
        task = record(r.spares, spare).shop
        if task < 0:
            stocked(r, s, spare)
        else:
            order = (len(s.slots) + task) << 42
            take_seat(r, s, task - len(r.modes), task, mode, row, order | key, key, -1 - spare)


@inlined
def parts_come(r, s):  # type: ignore[no-untyped-def]
    """Parts that arrived since something happened last are in stock: nobody waited for them, and nothing else followed."""
    one = record(s.one, 0)
    while one.due > 0 and record(s.due, 0).time < one.now:
        record(s.spares, record(s.due, 0).spare).parts += 1
        pop(s.due, one.due)
        one.due -= 1


@inlined
def start(r, s):  # type: ignore[no-untyped-def]
    """Assets that stand by start, in the order of their numbers, while too few of their fleet run."""
    for f in range(len(s.fleets)):
        fleet = record(s.fleets, f)
        a = fleet.stood if fleet.stood >= 0 else record(r.fleets, f).first_asset
        while fleet.standing > 0 and fleet.running < record(r.fleets, f).most:
            asset = record(s.assets, a)
            if asset.runs == 0 and asset.down == 0:
                run(s, a)
            a += 1


@inlined
def run(s, a):  # type: ignore[no-untyped-def]
    """An asset that stands by runs from now on."""
    asset, one = record(s.assets, a), record(s.one, 0)
    fleet = record(s.fleets, asset.fleet)
    asset.runs, asset.ages, asset.started, asset.stretch = 1, 1, one.now, one.now
    one.changed = 1
    fleet.running += 1
    fleet.standing -= 1
    fleet.stood = -1
    happened(s, a, -1, RUNS)
    touch(s, a)
