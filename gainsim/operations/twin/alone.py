"""Failures and repairs that meet nobody: what follows of them at once, without a round."""

from __future__ import annotations

from numba.cpython.unsafe.numbers import trailing_zeros

from gainsim.operations.twin.ages import tell_ages, use_now
from gainsim.operations.twin.codes import (
    BEGINS,
    BY_HOURS,
    BY_USE,
    DONE,
    DRAWN_ACCESS,
    DRAWN_LEAD,
    DRAWN_REPAIR,
    DRAWN_SUPPLY,
    FAILS,
    FAILURES,
    LACKS,
    NEVER,
    NO_SHIFT,
    NO_SPARE,
    PLANNED,
    QUIET,
    RUNS,
    TRAVEL,
    URGENT,
    VISITS,
    WEATHER,
    WORKING,
)
from gainsim.operations.twin.dispatch import answered, is_foul, lacks_beside_crew, on_the_way
from gainsim.operations.twin.happening import completed, parts_come, renew
from gainsim.operations.twin.leaves import next_of_other_leaves, others, set_among
from gainsim.operations.twin.parts import order_spare
from gainsim.operations.twin.passing import fleets_pass, next_period, reach, tell_serving
from gainsim.operations.twin.spent import spend, work
from gainsim.operations.twin.state import add_up, drawn, happened, inlined, record
from gainsim.operations.twin.weeks import owed_hours, shift_at


@inlined
def goes_alone(r, s, where):  # type: ignore[no-untyped-def]
    """Whether what happens now is one failure that is begun before anything else happens, or the end of one, and nobody waits or
    stands by. If so, it is told; of a failure, up to its end where nothing else happens before.

    where: the block of leaves in which something happens, -1 where it is not in one alone
    """
    one = record(s.one, 0)
    if where < 0 or one.waits > 0:
        return False
    whose = record(s.blocks, where).whose
    a = (where << 4) + int(trailing_zeros(whose))  # type: ignore[call-arg]
    if whose & (whose - 1) != 0 or a >= s.seats[0]:
        return False
    asset, fleet = record(s.assets, a), record(s.fleets, record(s.assets, a).fleet)
    if fleet.standing > 0:
        return False
    if asset.runs > 0:
        return begins_alone(r, s, a)
    slot = record(s.slots, asset.culprit)
    full = fleet.running == record(r.fleets, asset.fleet).most
    if full or asset.busy > 1 or slot.state != WORKING or slot.taken == PLANNED:
        return False
    ends_alone(r, s, asset.culprit, *others(s.times, a))
    return True


@inlined
def begins_alone(r, s, a):  # type: ignore[no-untyped-def]
    """Whether an asset fails that waits for no more than its part and the next shift, before anything else happens."""
    one, i = record(s.one, 0), fails_alone(r, s, a)
    if i < 0:
        return False
    now, asset, slot = one.now, record(s.assets, a), record(s.slots, i)
    ready = now
    task, fleet = record(r.tasks, slot.task), record(s.fleets, asset.fleet)
    if task.spare >= 0 and one.due > 0:
        parts_come(r, s)
        if one.due > 0 and record(s.due, 0).time == now:
            return False
    lacks = lacks_beside_crew(r, s, task)
    if lacks == WEATHER:
        return False
    if lacks == NO_SPARE:
        if r.depots or is_foul(r, s, task) or record(s.spares, task.spare).left > 0:
            return False
        ready = part_comes(s, task.spare, now + drawn(r, slot.mode, slot.life_row, DRAWN_LEAD))
    option, begins = who_begins(r, s, task, ready)
    counts = r.fleet_hours or fleet.running == record(r.fleets, asset.fleet).needed
    first, whose = others(s.times, a)
    until = next_of_others(r, s, slot, task, next_of_other_leaves(s, a, first))
    if counts or r.spent or not r.steady or one.busy > 0 or one.missed > 0:
        until = min(until, one.closes)
    if option < 0 or begins >= min(until, now + task.escalates):
        return False
    if counts:
        fleets_pass(r, s)
        fleet.running -= 1
        tell_serving(r, s)
    else:
        fleet.running -= 1
    waits_alone(r, s, i, ready, begins)
    sets_out(r, s, i, option)
    if slot.done < until:
        goes_on(r, s, i)
        ends_alone(r, s, i, first, whose)
        return True
    slot.state, slot.stopped, slot.cause = WORKING, now, -1
    asset.runs, asset.down, asset.busy, asset.culprit, asset.blamed, asset.spent = 0, 1, 1, i, i, TRAVEL
    set_among(s, a, slot.done, first, whose)
    return True


@inlined
def waits_alone(r, s, i, ready, begins):  # type: ignore[no-untyped-def]
    """An asset fails now; its part is there when it is ready, and a crew begins."""
    one, slot = record(s.one, 0), record(s.slots, i)
    a, now, asset, p = slot.asset, one.now, record(s.assets, slot.asset), record(r.tasks, slot.task).spare
    add_up(s, slot.task, FAILURES, 1.0)
    happened(s, a, slot.task, FAILS)
    slot.since, slot.row, slot.key = now, slot.life_row, (i << 21) | slot.life
    if p >= 0:
        order_spare(r, s, i, p)
        record(s.spares, p).parts -= 1  # below 0 until the part that was waited for is put in stock, as what comes is
        record(s.spares, p).claims -= 1
    ages = record(r.modes, slot.mode).ages
    asset.hours = slot.limit if ages == BY_HOURS else asset.hours + (now - asset.started)
    if r.used:
        asset.use = slot.limit if ages == BY_USE else asset.use + (now - asset.stretch) * use_now(r, s, asset.fleet)
    if r.spent:
        add_up(s, slot.task, NO_SPARE, owed_hours(r, now, ready))
        add_up(s, slot.task, NO_SHIFT, owed_hours(r, ready, begins))
    if len(s.log) > 0:
        if ready > now:
            happened(s, a, slot.task, LACKS)
        one.now = ready
        if begins > ready:
            happened(s, a, slot.task, LACKS + NO_SHIFT - NO_SPARE)
    one.now = begins
    if begins >= one.closes:
        reach(r, s, begins)


@inlined
def sets_out(r, s, i, option):  # type: ignore[no-untyped-def]
    """A crew begins, and it is known when it will be done."""
    one, slot = record(s.one, 0), record(s.slots, i)
    add_up(s, slot.task, VISITS, 1.0)
    happened(s, slot.asset, slot.task, BEGINS)
    slot.crew, slot.mark, slot.taken, slot.orders = r.crew_of[option], one.now, URGENT, 0
    slot.there = one.now + on_the_way(r, option, slot.row)
    slot.admitted = slot.there + drawn(r, slot.mode, slot.row, DRAWN_ACCESS)
    slot.done = slot.admitted + drawn(r, slot.mode, slot.row, DRAWN_REPAIR)
    answered(r, s, i)
    record(s.crews, slot.crew).free -= 1
    record(s.assets, slot.asset).mark = one.now
    one.busy += 1


@inlined
def goes_on(r, s, i):  # type: ignore[no-untyped-def]
    """Periods close while a crew works, up to when it is done."""
    one, slot = record(s.one, 0), record(s.slots, i)
    while one.closes <= slot.done:
        one.now = one.closes
        work(r, s, slot.task, slot.crew, one.now - slot.mark)
        slot.mark = one.now
        next_period(r, s)
    one.now = slot.done


@inlined
def fails_alone(r, s, a):  # type: ignore[no-untyped-def]
    """The slot by which an asset that runs fails now; -1, where something else happens to it."""
    asset, now = record(s.assets, a), record(s.one, 0).now
    if asset.busy > 0 or asset.ages > 0:
        return -1
    if r.planned:
        for i in range(asset.slot, asset.slot + asset.slots):
            if record(s.slots, i).calls == now:
                return -1
    return asset.culprit if record(s.slots, asset.culprit).fails == now else -1


@inlined
def part_comes(s, p, own):  # type: ignore[no-untyped-def]
    """When the first part of those under way is in stock. own: when one comes that is about to be ordered"""
    time = own
    for at in range(record(s.one, 0).due):
        if record(s.due, at).spare == p:
            time = min(time, record(s.due, at).time)
    return time


@inlined
def who_begins(r, s, task, ready):  # type: ignore[no-untyped-def]
    """Who begins a failure first, as it is ready or as the next shift begins, and when; -1 where that hangs on who is busy."""
    begins, first, busy = NEVER, -1, False
    for o in range(task.first_option, task.first_option + task.options[URGENT]):
        on_shift, until = shift_at(r, r.crew_of[o], ready)
        time = ready if on_shift else until
        if record(s.crews, r.crew_of[o]).free == 0:
            busy = True
        elif time < begins:
            first, begins = o, time
    return (-1 if busy and begins > ready else first), begins


@inlined
def next_of_others(r, s, slot, task, first):  # type: ignore[no-untyped-def]
    """When something happens next but to this asset, or the contract ends. Where there are neither depots nor shops, a part that
    arrives later is in stock, and nothing else follows of it.

    first: when it does so to other assets, to calls or the weather
    """
    one = record(s.one, 0)
    time = min(r.hours[len(r.hours) - 1], first)
    if r.depots and one.due > 0:
        time = min(time, record(s.due, 0).time)
    if task.spare >= 0:
        arrives = one.now + drawn(r, slot.mode, slot.life_row, DRAWN_LEAD)
        if record(r.spares, task.spare).depot >= 0:
            arrives = min(arrives, one.now + drawn(r, slot.mode, slot.life_row, DRAWN_SUPPLY))
        if r.depots or arrives == one.now:
            time = min(time, arrives)
    return time


@inlined
def ends_alone(r, s, i, first, whose):  # type: ignore[no-untyped-def]
    """A repair is done, and its asset runs on. first, whose: of others in its block of leaves, as `set_among` has them"""
    one, slot = record(s.one, 0), record(s.slots, i)
    a = slot.asset
    asset, fleet = record(s.assets, a), record(s.fleets, record(s.assets, a).fleet)
    if r.fleet_hours or fleet.running + 1 == record(r.fleets, asset.fleet).needed:
        fleets_pass(r, s)
        one.changed = 1
    fleet.running += 1
    record(s.crews, slot.crew).free += 1
    one.busy -= 1
    work(r, s, slot.task, slot.crew, one.now - slot.mark)
    if r.spent:
        spend(r, s, i, TRAVEL, asset.mark, True)
    completed(r, s, i)
    happened(s, a, slot.task, DONE)
    slot.state = QUIET
    renew(r, s, i)
    happened(s, a, -1, RUNS)
    asset.runs, asset.down, asset.busy, asset.spent = 1, 0, 0, -1
    asset.started = asset.stretch = one.now
    set_among(s, a, tell_ages(r, s, a), first, whose)
