"""Histories of operations, compiled: the rules of docs/reference/operations.md, event by event, path by path.

Only sums and comparisons of what was drawn: the bits are the same on every machine. Everything stands in this one file, for the
compiler's cache knows of no other.

What something in a history stands for is kept in records: an asset's `slots` are its modes, one after the other; a request, or a
worn part at a shop, is an asset of its own with one slot, a seat, that is taken from those that are free. What happens next to
each asset, kind of requests and site is a leaf.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
from numba import njit
from numba.core import cgutils, types
from numba.cpython.unsafe.numbers import trailing_zeros
from numba.extending import intrinsic

#: what is added up of a task, as `account.OF_TASK` names it; the hours by cause at the end
FAILURES, PLANNED_CALLS, VISITS, PARTS, WORK, OVERTIME, RESPONSE, RESPONDED, WORST_RESPONSE, LATE = range(10)
COMPLETION, COMPLETED, WORST_COMPLETION, OVERDUE, TURNED_AWAY, LEFT, ESCALATIONS, AT_ONCE, AT_DEPOT = range(10, 19)
NO_SPARE, WEATHER, NO_SHIFT, NO_CREW, TRAVEL, ACCESS, REPAIR, PLANNED_WORK = range(19, 27)
OF_TASK = 27
#: what is added up of a fleet, as `account.OF_FLEET` names it
UP, RUNNING, SERVED, MADE = range(4)
OF_FLEET = 4
#: what happens, as `history.WHAT` has it; and from `LACKS` on, what somebody waits for
FAILS, BEGINS, DONE, RUNS, GOES, CALLS, STOPS = range(7)
LACKS = 10
#: kinds of durations, as `laws.KINDS` has them; the life itself stands first
_LIFE, _REPAIR, _TRAVEL, _ACCESS, _LEAD, _SUPPLY, _PATIENCE, _FIRST, _FORESEEN, _AHEAD, _PLANNED, _SHOP = range(12)
#: how a mode stands: it ages; planned work waits; a failure or call waits; the crew of planned work is under way; work is done
_QUIET, _CALLED, _WAITS, _COMES, _WORKS = range(5)
#: how a task is taken: as planned work, as a failure or call, and once it waited for long
_PLAN, _URGENT, _LONG = range(3)
#: by what a mode ages
_HOURS, _CALENDAR, _USE = range(3)
_NEVER = 1e300

#: of one mode of an asset, or a seat. fails, calls: when its life ends, and when planned work is called for, of a running asset;
#: limit, call: the ages of these; born: the age at which the life began; since: of the failure or call; there, admitted, done: when
#: the crew arrives, has access, and has done; planned, repair: hours of work; stopped: since when it holds the asset down; mark: up
#: to where its crew's hours are counted; life_row: of the life it is in; row: of that it is called for; order: among what waits
#: since the same instant; key: of what it orders; queued: whether it stands in the queue; orders: whether it still has to order its
#: spare; manned: whether it has a crew; who: as the log has it, below 0 a part at a shop
_SLOT = np.dtype([
    ("fails", "f8"), ("calls", "f8"), ("limit", "f8"), ("call", "f8"), ("born", "f8"), ("since", "f8"), ("there", "f8"),
    ("admitted", "f8"), ("done", "f8"), ("planned", "f8"), ("repair", "f8"), ("stopped", "f8"), ("mark", "f8"), ("leaves", "f8"),
    ("escalates", "f8"), ("asset", "i8"), ("task", "i8"), ("mode", "i8"), ("life", "i8"), ("life_row", "i8"), ("row", "i8"),
    ("order", "i8"), ("key", "i8"), ("state", "i8"), ("taken", "i8"), ("priority", "i8"), ("crew", "i8"), ("cause", "i8"),
    ("queued", "i8"), ("orders", "i8"), ("manned", "i8"), ("who", "i8"),
])  # fmt: skip
#: of an asset. hours, use: its ages; started: since when it runs; stretch: since when it uses as much an hour; down: how many of
#: its modes hold it down; culprit: the one of them that does so first; blamed, spent: the one, and on what, that its hours are
#: counted for since mark; ages: whether it has to be told when its modes end; busy: how many of these wait or have a crew;
#: touched: whether something happened to it
_ASSET = np.dtype([
    ("hours", "f8"), ("use", "f8"), ("started", "f8"), ("stretch", "f8"), ("mark", "f8"), ("fleet", "i8"), ("slot", "i8"),
    ("slots", "i8"), ("runs", "i8"), ("down", "i8"), ("culprit", "i8"), ("blamed", "i8"), ("spent", "i8"), ("ages", "i8"),
    ("busy", "i8"), ("touched", "i8"),
])  # fmt: skip
#: stood: the asset that stands by, if it is the only one
_FLEET = np.dtype([("running", "i8"), ("standing", "i8"), ("stood", "i8")])
#: until: as long as it is on shift, or not
_CREW = np.dtype([("free", "i8"), ("on", "i8"), ("until", "f8")])
#: left: parts on order for calls that were withdrawn; claims: how many wait that take one
_SPARE = np.dtype([("parts", "i8"), ("left", "i8"), ("claims", "i8")])
#: a part under way, or ordered at a depot
_PART = np.dtype([("time", "f8"), ("lead", "f8"), ("spare", "i8"), ("mode", "i8"), ("row", "i8"), ("key", "i8")])
#: what comes from outside: kinds of requests, and weather. count: of calls, or spells; row: of the next
_SOURCE = np.dtype([("mode", "i8"), ("count", "i8"), ("row", "i8"), ("foul", "i8")])
#: what there is one of. mark: up to where the hours of fleets are counted; waits: how many stand in the queue; gone: whether some
#: of these wait no more; fresh, touched: how many begin to wait, and to how many assets something happened; busy: how many assets
#: and seats are down or wait for a crew; due, owed: parts under way, and ordered at depots; stood: whether somebody may start;
#: short: what there is too little of
_ONE = np.dtype([
    ("now", "f8"), ("wake", "f8"), ("mark", "f8"), ("waits", "i8"), ("gone", "i8"), ("fresh", "i8"), ("touched", "i8"),
    ("busy", "i8"), ("due", "i8"), ("owed", "i8"), ("stood", "i8"), ("period", "i8"), ("events", "i8"), ("short", "i8"),
])  # fmt: skip

#: the rules, and what was drawn and given on the path that runs
_Rules = namedtuple(
    "_Rules",
    "hours fleets modes tasks crew_of renewed crews spares weather masks first_mask owed monday lengths width place fixed"
    " travel_place travel_fixed drawn use wanted column always_owed overtime",
)
#: where things stand on the path that runs
_State = namedtuple(
    "_State",
    "one slots assets fleets crews spares sources seats free open due owed queue fresh touched times bits least least_bits"
    " of_task of_fleet of_group log",
)


def _without_owner(context, array):  # type: ignore[no-untyped-def]
    """The same array without its owner: who counts references to so many arrays does nothing else."""

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        made = context.make_array(signature.args[0])(context, builder, values[0])
        made.meminfo = cgutils.get_null_value(made.meminfo.type)  # type: ignore[no-untyped-call]
        made.parent = cgutils.get_null_value(made.parent.type)  # type: ignore[no-untyped-call]
        return made._getvalue()

    return array(array), code


_borrowed: Any = intrinsic(_without_owner)


def _record(context, array, index):  # type: ignore[no-untyped-def]
    """The record of an array that has this number; numbers below 0, which would count from the end, are not looked for."""

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        made = context.make_array(signature.args[0])(context, builder, values[0])
        data = builder.bitcast(made.data, cgutils.voidptr_t)
        place = builder.mul(values[1], context.get_constant(types.intp, array.dtype.size))
        return builder.bitcast(builder.gep(data, [place]), context.get_value_type(array.dtype))

    return array.dtype(array, types.int64), code


_at: Any = intrinsic(_record)

#: what stands in one place of the whole, and what is called from several
_options: Any = {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_part = njit(nogil=True, error_model="numpy", **_options)


@_part
def _day(hour):  # type: ignore[no-untyped-def]
    """The day of an hour, counted from 0; its quotient is never rounded up to the next day, and a remainder would take long."""
    return int(hour / 24.0)


@njit(nogil=True, error_model="numpy")
def _on_shift(shifts, hour):  # type: ignore[no-untyped-def]
    """Whether a crew begins repairs at this hour, counted from a Monday's midnight."""
    day = _day(hour)
    return shifts[2 + day % 7] > 0.0 and shifts[0] <= hour - 24.0 * day < shifts[1]


@njit(nogil=True, error_model="numpy")
def _next_change(shifts, hour):  # type: ignore[no-untyped-def]
    """When the next shift of a crew begins or ends after this hour."""
    day = _day(hour)
    while True:
        if shifts[2 + day % 7] > 0.0:
            for edge in range(2):
                if 24.0 * day + shifts[edge] > hour:
                    return 24.0 * day + shifts[edge]
        day += 1


@njit(cache=True, nogil=True, error_model="numpy")
def hours_on_shift(shifts, begin, end):  # type: ignore[no-untyped-def]
    """How many of the hours from `begin` to `end` are on shift, both counted from a Monday's midnight."""
    found, day = 0.0, _day(begin)
    while 24.0 * day < end:
        if shifts[2 + day % 7] > 0.0:
            span = min(end, 24.0 * day + shifts[1]) - max(begin, 24.0 * day + shifts[0])
            if span > 0.0:
                found += span
        day += 1
    return found


@_part
def _set(s, leaf, time):  # type: ignore[no-untyped-def]
    """When something happens next to a leaf, and to the first of its block.

    Times stand in blocks and are compared as whole numbers, which have the same order: a tree would be one guess after another.
    """
    s.times[leaf >> 4, leaf & 15] = time
    bits = s.bits[leaf >> 4]
    least = min(min(bits[0], bits[1]), min(bits[2], bits[3]))
    for at in range(4, 16, 4):
        least = min(least, min(min(bits[at], bits[at + 1]), min(bits[at + 2], bits[at + 3])))
    s.least_bits[leaf >> 4] = least


@njit(nogil=True, error_model="numpy")
def _push(heap, count, part):  # type: ignore[no-untyped-def]
    """Put a part under way into a heap, the earliest on top."""
    at = count
    while at > 0:
        above = (at - 1) >> 1
        if heap[above].time <= part.time:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = part


@njit(nogil=True, error_model="numpy")
def _pop(heap, count):  # type: ignore[no-untyped-def]
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


@_part
def _drawn(r, mode, row, kind):  # type: ignore[no-untyped-def]
    """What was drawn of this kind for a life that has this row."""
    at = r.place[mode, kind]
    return r.fixed[mode, kind] if at < 0 else r.drawn[row + at]


@_part
def _happened(s, who, mode, what):  # type: ignore[no-untyped-def]
    """An event of the log."""
    one = _at(s.one, 0)
    if one.events < len(s.log):
        at = one.events
        s.log[at, 0], s.log[at, 1], s.log[at, 2], s.log[at, 3] = one.now, who, mode, what
    one.events += 1


@_part
def _touch(s, a):  # type: ignore[no-untyped-def]
    """Something happens to an asset or seat: what follows of it is settled at the end of the round."""
    if _at(s.assets, a).touched == 0:
        _at(s.assets, a).touched = 1
        s.touched[_at(s.one, 0).touched] = a
        _at(s.one, 0).touched += 1


@_part
def _owed(r, begin, end):  # type: ignore[no-untyped-def]
    """How many of these hours the service is owed in."""
    if r.always_owed:
        return end - begin
    return hours_on_shift(r.owed, begin + r.monday, end + r.monday)


@_part
def _fleets_pass(r, s):  # type: ignore[no-untyped-def]
    """Count what the fleets did since the last instant."""
    one = _at(s.one, 0)
    hours, serving = _owed(r, one.mark, one.now), 0
    one.mark = one.now
    for f in range(len(s.fleets)):
        fleet, running = _at(s.fleets, f), _at(s.fleets, f).running
        s.of_fleet[f, UP] += (running + fleet.standing) * hours
        s.of_fleet[f, RUNNING] += running * hours
        if running >= _at(r.fleets, f).needed:
            s.of_fleet[f, SERVED] += hours
            serving |= 1 << f
        made = float(running)
        if _at(r.fleets, f).wanted >= 0:
            made = min(made, r.wanted[_at(r.fleets, f).wanted, one.period, r.column])
        s.of_fleet[f, MADE] += made * hours
    for g in range(len(s.of_group)):
        for at in range(r.first_mask[g], r.first_mask[g + 1]):
            if r.masks[at] & serving == r.masks[at]:
                s.of_group[g] += hours
                break


# --- ages -----------------------------------------------------------------------------------------------------------


@_part
def _use(r, s, f):  # type: ignore[no-untyped-def]
    """What a running asset of a fleet is used an hour."""
    return 0.0 if _at(r.fleets, f).use < 0 else r.use[_at(r.fleets, f).use, _at(s.one, 0).period, r.column]


@_part
def _reached(r, s, asset, age, ages):  # type: ignore[no-untyped-def]
    """When a running asset reaches an age; by use, within this period."""
    if age >= _NEVER:
        return _NEVER
    if ages == _HOURS:
        return asset.started + max(age - asset.hours, 0.0)
    if ages == _CALENDAR:
        return max(age, asset.started)
    rate = _use(r, s, asset.fleet)
    if rate > 0.0:
        time = asset.stretch + max(age - asset.use, 0.0) / rate
        if time < r.hours[_at(s.one, 0).period + 1]:
            return time
    return _NEVER


@_part
def _live(r, slot):  # type: ignore[no-untyped-def]
    """A life begins: at which ages it ends, and planned work is called for."""
    mode = _at(r.modes, slot.mode)
    life = _drawn(r, slot.mode, slot.life_row, _LIFE)
    slot.limit, slot.call = slot.born + life, _NEVER
    if mode.maintenance > 0:
        slot.limit = _NEVER
        slot.call = slot.born + (_drawn(r, slot.mode, slot.life_row, _FIRST) if slot.life == 0 else life)
    elif mode.chance > 0.0 and _drawn(r, slot.mode, slot.life_row, _FORESEEN) < mode.chance:
        slot.call = max(slot.born, slot.limit - _drawn(r, slot.mode, slot.life_row, _AHEAD))


@_part
def _ages(r, s, a):  # type: ignore[no-untyped-def]
    """An asset runs: when each of its modes ends."""
    asset = _at(s.assets, a)
    for i in range(asset.slot, asset.slot + asset.slots):
        slot = _at(s.slots, i)
        ages = _at(r.modes, slot.mode).ages
        slot.fails = _reached(r, s, asset, slot.limit, ages)
        slot.calls = _reached(r, s, asset, slot.call, ages)


@_part
def _held(r, s, i):  # type: ignore[no-untyped-def]
    """A mode holds its asset down from now on."""
    one, slot = _at(s.one, 0), _at(s.slots, i)
    asset = _at(s.assets, slot.asset)
    slot.stopped = one.now
    asset.down += 1
    if asset.down > 1:
        return
    asset.culprit = i
    fleet = _at(s.fleets, asset.fleet)
    if asset.runs > 0:
        asset.runs = 0
        asset.hours += one.now - asset.started
        asset.use += (one.now - asset.stretch) * _use(r, s, asset.fleet)
        for j in range(asset.slot, asset.slot + asset.slots):
            _at(s.slots, j).fails, _at(s.slots, j).calls = _NEVER, _NEVER
        fleet.running -= 1
        one.stood = 1
    else:
        fleet.standing -= 1
        fleet.stood = -1


# --- parts ----------------------------------------------------------------------------------------------------------


@_part
def _sent(s, time, spare, mode, row, key):  # type: ignore[no-untyped-def]
    """A part is under way."""
    one = _at(s.one, 0)
    if one.due + 1 >= len(s.due):
        one.short = -2 - (len(s.seats) - 1)
    else:
        part = _at(s.due, len(s.due) - 1)  # the last place is for what is written down
        part.time, part.spare, part.mode, part.row, part.key = time, spare, mode, row, key
        _push(s.due, one.due, part)
        one.due += 1


@_part
def _ordered(r, s, i, p):  # type: ignore[no-untyped-def]
    """A failure or call orders the spare that it takes."""
    slot, one = _at(s.slots, i), _at(s.one, 0)
    t, spare, depot = slot.task, _at(s.spares, p), _at(r.spares, p).depot
    if spare.parts > spare.claims:
        s.of_task[t, AT_ONCE] += 1.0
    spare.claims += 1
    if spare.left > 0:  # one is on order already, for a call that was withdrawn
        spare.left -= 1
        return
    s.of_task[t, PARTS] += 1.0
    time, sent = one.now + _drawn(r, slot.mode, slot.row, _LEAD), p
    if depot >= 0:
        if _at(s.spares, depot).parts > 0:
            _at(s.spares, depot).parts -= 1
            s.of_task[t, AT_DEPOT] += 1.0
            _sent(s, time, p, slot.mode, slot.row, slot.key)
        elif one.owed == len(s.owed):
            one.short = -2 - len(s.seats)
        else:
            late = _at(s.owed, one.owed)
            late.lead, late.spare, late.mode, late.row, late.key = time - one.now, p, slot.mode, slot.row, slot.key
            late.lead = _drawn(r, slot.mode, slot.row, _LEAD)
            one.owed += 1
        time, sent = one.now + _drawn(r, slot.mode, slot.row, _SUPPLY), depot
    _sent(s, time, sent, slot.mode, slot.row, slot.key)


@_part
def _stocked(r, s, p):  # type: ignore[no-untyped-def]
    """A part is in stock; a depot sends it to the order that came first."""
    one, order = _at(s.one, 0), 0
    while order < one.owed and _at(r.spares, _at(s.owed, order).spare).depot != p:
        order += 1
    if order == one.owed:
        _at(s.spares, p).parts += 1
    else:
        late = _at(s.owed, order)
        _sent(s, one.now + late.lead, late.spare, late.mode, late.row, late.key)
        one.owed -= 1
        for later in range(order, one.owed):
            s.owed[later] = s.owed[later + 1]


# --- what waits -----------------------------------------------------------------------------------------------------


@_part
def _waits(r, s, i, taken):  # type: ignore[no-untyped-def]
    """Something waits from now on, or with another priority; it is put into the queue before the round's dispatch."""
    one, slot = _at(s.one, 0), _at(s.slots, i)
    one.gone += slot.queued
    slot.queued, slot.taken, slot.priority = 0, taken, _at(r.tasks, slot.task).priority[taken]
    s.fresh[one.fresh] = i
    one.fresh += 1


@_part
def _given_up(r, s, i):  # type: ignore[no-untyped-def]
    """Something waits no more, and takes no spare after all: the one that it ordered is left for another."""
    slot = _at(s.slots, i)
    p = _at(r.tasks, slot.task).spare
    if p >= 0 and slot.orders == 0:
        _at(s.spares, p).claims -= 1
        _at(s.spares, p).left += 1
    slot.state = _QUIET
    _at(s.one, 0).gone += slot.queued
    slot.queued = 0


@_part
def _queue(r, s):  # type: ignore[no-untyped-def]
    """Who waits no more leaves the queue; then the new ones order their spares and join it."""
    one = _at(s.one, 0)
    if one.gone > 0:
        kept = 0
        for at in range(one.waits):
            if _at(s.slots, s.queue[at]).queued > 0:
                s.queue[kept] = s.queue[at]
                kept += 1
        one.waits, one.gone = kept, 0
    for n in range(one.fresh):
        i = s.fresh[n]
        slot = _at(s.slots, i)
        if slot.queued > 0 or (slot.state != _CALLED and slot.state != _WAITS):
            continue  # it failed as it was called for, or left as it came
        p = _at(r.tasks, slot.task).spare
        if slot.orders > 0 and p >= 0:
            _ordered(r, s, i, p)
        slot.orders, slot.queued = 0, 1
        at = one.waits
        while at > 0:
            other = _at(s.slots, s.queue[at - 1])
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


@_part
def _called(r, s, kind, task, mode, row, order, key, who):  # type: ignore[no-untyped-def]
    """A call from outside, or a worn part at a shop, takes a seat and waits; gives the seat's slot."""
    one = _at(s.one, 0)
    if s.open[kind] == 0:
        one.short = -2 - kind
        return
    s.open[kind] -= 1
    a = s.free[s.seats[kind] - s.seats[0] + s.open[kind]]
    asset = _at(s.assets, a)
    i = asset.slot
    slot = _at(s.slots, i)
    slot.task, slot.mode, slot.row, slot.order, slot.key, slot.who = task, mode, row, order, key, who
    slot.since, slot.state, slot.cause, slot.orders = one.now, _WAITS, -1, 1
    slot.leaves = one.now + (_drawn(r, mode, row, _PATIENCE) if who >= 0 else _NEVER)
    slot.escalates = one.now + _at(r.tasks, task).escalates
    asset.down, asset.culprit, asset.busy = 1, i, 1
    one.busy += 1
    s.of_task[task, FAILURES] += 1.0
    _waits(r, s, i, _URGENT)
    _touch(s, a)


@_part
def _gone(s, i):  # type: ignore[no-untyped-def]
    """A seat is left; it is free as the round is settled."""
    asset = _at(s.assets, _at(s.slots, i).asset)
    _at(s.slots, i).state = _QUIET
    asset.down = asset.busy = 0
    _at(s.one, 0).busy -= 1
    _touch(s, _at(s.slots, i).asset)


# --- what happens ---------------------------------------------------------------------------------------------------


@_part
def _plan(r, s, i):  # type: ignore[no-untyped-def]
    """Planned work is called for."""
    one, slot = _at(s.one, 0), _at(s.slots, i)
    slot.state, slot.since, slot.orders = _CALLED, one.now, 1
    slot.row, slot.key = slot.life_row, (i << 21) | slot.life
    _at(s.assets, slot.asset).busy += 1
    one.busy += 1
    s.of_task[slot.task, PLANNED_CALLS] += 1.0
    _waits(r, s, i, _PLAN)
    _happened(s, slot.asset, slot.task, CALLS)


@_part
def _fail(r, s, i):  # type: ignore[no-untyped-def]
    """An asset fails; what was planned for that mode is a repair now."""
    one, slot = _at(s.one, 0), _at(s.slots, i)
    asset, ages = _at(s.assets, slot.asset), _at(r.modes, slot.mode).ages
    _held(r, s, i)
    if ages == _HOURS:
        asset.hours = slot.limit
    elif ages == _USE:
        asset.use = slot.limit
    s.of_task[slot.task, FAILURES] += 1.0
    slot.since = one.now
    _happened(s, slot.asset, slot.task, FAILS)
    if slot.state == _COMES:
        slot.state, slot.taken = _WORKS, _URGENT
        slot.done = slot.admitted + slot.repair
        _answered(r, s, i)
        return
    if slot.state == _QUIET:
        slot.row, slot.key, slot.orders = slot.life_row, (i << 21) | slot.life, 1
        asset.busy += 1
        one.busy += 1
    slot.state, slot.cause, slot.escalates = _WAITS, -1, one.now + _at(r.tasks, slot.task).escalates
    _waits(r, s, i, _URGENT)


@_part
def _answered(r, s, i):  # type: ignore[no-untyped-def]
    """How long after a failure or call its crew is there."""
    slot = _at(s.slots, i)
    hours = max(slot.there - slot.since, 0.0)
    s.of_task[slot.task, RESPONSE] += hours
    s.of_task[slot.task, RESPONDED] += 1.0
    s.of_task[slot.task, WORST_RESPONSE] = max(s.of_task[slot.task, WORST_RESPONSE], hours)
    if hours > _at(r.tasks, slot.task).within:
        s.of_task[slot.task, LATE] += 1.0


@_part
def _finish(r, s, i):  # type: ignore[no-untyped-def]
    """A repair, planned work, a call or a part at a shop is done."""
    one, slot = _at(s.one, 0), _at(s.slots, i)
    a = slot.asset
    asset = _at(s.assets, a)
    _at(s.crews, slot.crew).free += 1
    if slot.taken != _PLAN:
        hours = one.now - slot.since
        s.of_task[slot.task, COMPLETION] += hours
        s.of_task[slot.task, COMPLETED] += 1.0
        s.of_task[slot.task, WORST_COMPLETION] = max(s.of_task[slot.task, WORST_COMPLETION], hours)
        if hours > _at(r.tasks, slot.task).done_within:
            s.of_task[slot.task, OVERDUE] += 1.0
    if a >= s.seats[0]:
        if slot.who < 0:
            _stocked(r, s, -1 - slot.who)
        else:
            _happened(s, slot.who, slot.task, DONE)
        _gone(s, i)
        return
    _happened(s, a, slot.task, DONE)
    slot.state = _QUIET
    asset.busy -= 1
    one.busy -= 1
    first = _at(r.modes, slot.mode).first_renewed
    for at in range(first, first + _at(r.modes, slot.mode).renewed):
        other = _at(s.slots, asset.slot + r.renewed[at])
        if other.state == _CALLED:
            _happened(s, a, other.task, GOES)
            _given_up(r, s, asset.slot + r.renewed[at])
            asset.busy -= 1
            one.busy -= 1
        other.life += 1
        if other.life >= r.lengths[other.mode]:
            one.short = other.mode
            return
        other.life_row += r.width[other.mode]
        ages = _at(r.modes, other.mode).ages
        other.born = asset.hours if ages == _HOURS else one.now if ages == _CALENDAR else asset.use
        _live(r, other)
    asset.down -= 1
    if asset.down == 0:
        fleet = _at(s.fleets, asset.fleet)
        fleet.stood = a if fleet.standing == 0 else -1
        fleet.standing += 1
        one.stood = 1
    elif asset.culprit == i:
        asset.culprit = -1
        for j in range(asset.slot, asset.slot + asset.slots):
            holds = _at(s.slots, j).state == _WAITS or _at(s.slots, j).state == _WORKS
            if holds and (asset.culprit < 0 or _at(s.slots, j).stopped < _at(s.slots, asset.culprit).stopped):
                asset.culprit = j


@_part
def _stop(r, s, i):  # type: ignore[no-untyped-def]
    """The crew of planned work is there, and stops the asset."""
    slot = _at(s.slots, i)
    _held(r, s, i)
    slot.state, slot.done = _WORKS, slot.admitted + slot.planned
    _happened(s, slot.asset, slot.task, STOPS)


@_part
def _asset_has(r, s, a):  # type: ignore[no-untyped-def]
    """What happens to an asset, or to a call, at this instant."""
    asset, now = _at(s.assets, a), _at(s.one, 0).now
    begin, end = asset.slot, asset.slot + asset.slots
    _touch(s, a)
    if asset.runs > 0:
        if asset.ages > 0:  # a period begins, with another use
            _ages(r, s, a)
            asset.ages = 0
        fails = -1
        for i in range(begin, end):
            if _at(s.slots, i).state == _QUIET and _at(s.slots, i).calls == now:
                _plan(r, s, i)
            if fails < 0 and _at(s.slots, i).fails == now:
                fails = i
        if fails >= 0:
            _fail(r, s, fails)
    else:
        for i in range(begin, end):
            slot = _at(s.slots, i)
            if slot.state == _WORKS and slot.done == now:
                _finish(r, s, i)
            elif slot.state == _WAITS and slot.leaves == now:
                s.of_task[slot.task, LEFT] += 1.0
                _happened(s, slot.who, slot.task, GOES)
                _given_up(r, s, i)
                _gone(s, i)
            elif slot.state == _WAITS and slot.escalates == now:
                s.of_task[slot.task, ESCALATIONS] += 1.0
                slot.escalates = _NEVER
                _waits(r, s, i, _LONG)
    for i in range(begin, end):
        if _at(s.slots, i).state == _COMES and _at(s.slots, i).admitted == now:
            _stop(r, s, i)


@_part
def _source_has(r, s, n):  # type: ignore[no-untyped-def]
    """A call comes from outside, or the weather changes."""
    one, source = _at(s.one, 0), _at(s.sources, n)
    mode, lasts = source.mode, _REPAIR
    if n < len(s.sources) - len(r.weather):
        who, key = s.seats[0] + source.count, (len(s.slots) + n) << 21 | source.count
        _happened(s, who, mode, FAILS)
        _called(r, s, n, mode, mode, source.row, key << 21, key, who)
    else:
        source.foul = 1 - source.foul
    if source.foul == 0:
        source.count += 1
        source.row += r.width[mode]
        lasts = _LIFE
        if source.count >= r.lengths[mode]:
            one.short = mode
            return
    _set(s, len(s.assets) + n, one.now + _drawn(r, mode, source.row, lasts))


@_part
def _parts_arrive(r, s):  # type: ignore[no-untyped-def]
    """Parts arrive in stock, at depots, or worn at shops."""
    one = _at(s.one, 0)
    while one.due > 0 and _at(s.due, 0).time == one.now and one.short == -1:
        spare, mode, row, key = _at(s.due, 0).spare, _at(s.due, 0).mode, _at(s.due, 0).row, _at(s.due, 0).key
        _pop(s.due, one.due)
        one.due -= 1
        task = _at(r.spares, spare).shop
        if task < 0:
            _stocked(r, s, spare)
        else:
            order = (len(s.slots) + task) << 42
            _called(r, s, task - len(r.modes), task, mode, row, order | key, key, -1 - spare)


@_part
def _start(r, s):  # type: ignore[no-untyped-def]
    """Assets that stand by start, in the order of their numbers, while too few of their fleet run."""
    for f in range(len(s.fleets)):
        fleet = _at(s.fleets, f)
        a = fleet.stood if fleet.stood >= 0 else _at(r.fleets, f).first_asset
        while fleet.standing > 0 and fleet.running < _at(r.fleets, f).most:
            asset = _at(s.assets, a)
            if asset.runs == 0 and asset.down == 0:
                asset.runs, asset.ages, asset.started, asset.stretch = 1, 1, _at(s.one, 0).now, _at(s.one, 0).now
                fleet.running += 1
                fleet.standing -= 1
                fleet.stood = -1
                _happened(s, a, -1, RUNS)
                _touch(s, a)
            a += 1


@_part
def _shift(r, s, c):  # type: ignore[no-untyped-def]
    """Whether a crew is on shift."""
    crew, now = _at(s.crews, c), _at(s.one, 0).now
    if now >= crew.until:
        crew.on = _on_shift(_at(r.crews, c).shifts, now + r.monday)
        crew.until = _next_change(_at(r.crews, c).shifts, now + r.monday) - r.monday
    return crew.on > 0


@_part
def _dispatch(r, s):  # type: ignore[no-untyped-def]
    """What waits and can begin begins, in its order, and takes a member of the crew and its spare."""
    one, kept = _at(s.one, 0), 0
    one.wake = _NEVER
    for at in range(one.waits):
        i = s.queue[at]
        slot = _at(s.slots, i)
        task = _at(r.tasks, slot.task)
        cause = NO_CREW
        if task.spare >= 0 and _at(s.spares, task.spare).parts == 0:
            cause = NO_SPARE
        elif task.site >= 0 and _at(s.sources, len(s.sources) - len(r.weather) + task.site).foul > 0:
            cause = WEATHER
        option, anybody = -1, False
        for o in range(task.first_option, task.first_option + task.options[slot.taken]):
            c = r.crew_of[o]
            on_shift = _shift(r, s, c)
            anybody = anybody or on_shift
            if cause == NO_CREW and (not on_shift or slot.state == _WAITS):  # the shift that begins, or what it is that lacks
                one.wake = min(one.wake, _at(s.crews, c).until)
            if option < 0 and on_shift and _at(s.crews, c).free > 0:
                option = o
        if cause == NO_CREW and option >= 0:
            _begin(r, s, i, option)
            continue
        if cause == NO_CREW and not anybody:
            cause = NO_SHIFT
        if slot.state == _WAITS and slot.cause != cause - NO_SPARE:
            slot.cause = cause - NO_SPARE
            _touch(s, slot.asset)
            if slot.asset < s.seats[0]:
                _happened(s, slot.asset, slot.task, LACKS + slot.cause)
            elif slot.who >= 0:
                _happened(s, slot.who, slot.task, LACKS + slot.cause)
        s.queue[kept] = i
        kept += 1
    one.waits = kept


@_part
def _begin(r, s, i, option):  # type: ignore[no-untyped-def]
    """A crew sets out."""
    one, slot = _at(s.one, 0), _at(s.slots, i)
    spare, seat = _at(r.tasks, slot.task).spare, slot.asset >= s.seats[0]
    slot.crew, slot.mark, slot.manned, slot.queued = r.crew_of[option], one.now, 1, 0
    _at(s.crews, slot.crew).free -= 1
    if spare >= 0:
        _at(s.spares, spare).parts -= 1
        _at(s.spares, spare).claims -= 1
    s.of_task[slot.task, VISITS] += 1.0
    _touch(s, slot.asset)
    if seat and slot.who < 0:
        slot.there = slot.admitted = one.now
        slot.repair = _drawn(r, slot.mode, slot.row, _SHOP)
    else:
        at = r.travel_place[option]
        slot.there = one.now + (r.travel_fixed[option] if at < 0 else r.drawn[slot.row + at])
        slot.admitted = slot.there + _drawn(r, slot.mode, slot.row, _ACCESS)
        slot.repair = _drawn(r, slot.mode, slot.row, _REPAIR)
        _happened(s, slot.who if seat else slot.asset, slot.task, BEGINS)
        if slot.taken == _PLAN:
            slot.planned = _drawn(r, slot.mode, slot.row, _PLANNED)
            slot.state = _COMES
            return
    slot.state, slot.done = _WORKS, slot.admitted + slot.repair
    _answered(r, s, i)


@_part
def _turn_away(r, s):  # type: ignore[no-untyped-def]
    """There is no room for the last calls that came."""
    one = _at(s.one, 0)
    for t in range(len(r.modes), len(r.tasks)):
        while _at(r.tasks, t).room < _NEVER:
            count, last = 0, -1
            for at in range(one.waits):
                i = s.queue[at]
                if _at(s.slots, i).task == t and _at(s.slots, i).queued > 0:
                    count += 1
                    if last < 0 or _at(s.slots, i).who > _at(s.slots, last).who:
                        last = i
            if count <= _at(r.tasks, t).room:
                break
            s.of_task[t, TURNED_AWAY] += 1.0
            _happened(s, _at(s.slots, last).who, t, GOES)
            _given_up(r, s, last)
            _gone(s, last)


@_part
def _settle(r, s):  # type: ignore[no-untyped-def]
    """What follows for the assets and calls to which something happened: their hours so far, and what happens to them next."""
    one = _at(s.one, 0)
    now = one.now
    for n in range(one.touched):
        a = s.touched[n]
        asset = _at(s.assets, a)
        asset.touched = 0
        if asset.spent >= 0 and now > asset.mark:
            slot, of_asset = _at(s.slots, asset.blamed), a < s.seats[0]  # calls wait whether or not the service is owed
            at, part = asset.mark, asset.spent
            if part == TRAVEL:
                for until in (slot.there, slot.admitted):
                    to = min(until, now)
                    if to > at:
                        s.of_task[slot.task, part] += _owed(r, at, to) if of_asset else to - at
                        at = to
                    part += 1
            if now > at:
                s.of_task[slot.task, part] += _owed(r, at, now) if of_asset else now - at
        asset.mark, asset.spent, asset.blamed = now, -1, asset.culprit
        if a >= s.seats[0] and asset.down == 0:
            kind = 0
            while s.seats[kind + 1] <= a:
                kind += 1
            s.free[s.seats[kind] - s.seats[0] + s.open[kind]] = a
            s.open[kind] += 1
        if asset.down > 0:
            slot = _at(s.slots, asset.culprit)
            asset.spent = TRAVEL if slot.taken != _PLAN else PLANNED_WORK
            if slot.state == _WAITS:
                asset.spent = NO_SPARE + slot.cause
        if asset.ages > 0 and asset.runs > 0:
            _ages(r, s, a)
        asset.ages = 0
        first = _NEVER
        for i in range(asset.slot, asset.slot + asset.slots):
            slot = _at(s.slots, i)
            if slot.manned > 0:
                hours = now - slot.mark
                slot.mark = now
                s.of_task[slot.task, WORK] += hours
                if r.overtime and hours > 0.0 and _at(s.crews, slot.crew).until < _NEVER:
                    on_shift = hours_on_shift(_at(r.crews, slot.crew).shifts, now - hours + r.monday, now + r.monday)
                    s.of_task[slot.task, OVERTIME] += max(hours - on_shift, 0.0)
                if slot.state == _QUIET:
                    slot.manned = 0
            if slot.state == _WORKS:
                first = min(first, slot.done)
            elif slot.state == _WAITS:
                first = min(first, min(slot.leaves, slot.escalates))
            else:
                first = min(first, slot.fails)
                if slot.state == _QUIET:
                    first = min(first, slot.calls)
                elif slot.state == _COMES:
                    first = min(first, slot.admitted)
        _set(s, a, first)
    one.touched = 0


@_part
def _round(r, s):  # type: ignore[no-untyped-def]
    """What happens at this instant, once through."""
    one = _at(s.one, 0)
    for block in range(len(s.least)):
        if s.least[block] == one.now:
            bits, least, whose = s.bits[block], s.least_bits[block], 0
            for at in range(16):
                whose |= int(bits[at] == least) << at
            while whose != 0 and one.short == -1:
                leaf = (block << 4) + int(trailing_zeros(whose))  # type: ignore[call-arg]
                whose &= whose - 1
                if leaf < len(s.assets):
                    _asset_has(r, s, leaf)
                else:
                    _source_has(r, s, leaf - len(s.assets))
    while one.short == -1:
        _queue(r, s)
        if one.due == 0 or _at(s.due, 0).time != one.now:
            break
        _parts_arrive(r, s)
    if one.stood > 0:
        one.stood = 0
        _start(r, s)
    _dispatch(r, s)
    _turn_away(r, s)


@_part
def _close(r, s, added, places, sums):  # type: ignore[no-untyped-def]
    """A period has ended: write down what was added up, and begin the next."""
    one = _at(s.one, 0)
    for n in range(len(places)):
        sums[r.column, one.period, n] = added[places[n]]
    added[:] = 0.0
    for a in range(s.seats[0]):
        asset = _at(s.assets, a)
        if asset.runs > 0 and _at(r.fleets, asset.fleet).use >= 0:
            asset.use += (one.now - asset.stretch) * _use(r, s, asset.fleet)
            asset.stretch, asset.ages = one.now, 1
            _set(s, a, one.now)
    one.period += 1


@_part
def _begin_path(r, s, first_row, slots):  # type: ignore[no-untyped-def]
    """At hour 0 every asset is new, all stocks are full, and nobody waits. slots: of assets; then come those of sources."""
    one = _at(s.one, 0)
    one.now = one.mark = 0.0
    one.wake = _NEVER
    one.waits = one.gone = one.fresh = one.touched = one.busy = one.due = one.owed = one.stood = one.period = one.events = 0
    one.short = -1
    for c in range(len(s.crews)):
        shifts = _at(r.crews, c).shifts
        always = shifts[1] - shifts[0] == 24.0 and shifts[2:].all()
        _at(s.crews, c).free, _at(s.crews, c).on, _at(s.crews, c).until = _at(r.crews, c).number, 1, _NEVER if always else -1.0
    for p in range(len(s.spares)):
        _at(s.spares, p).parts, _at(s.spares, p).left, _at(s.spares, p).claims = _at(r.spares, p).stock, 0, 0
    for k in range(len(s.open)):
        s.open[k] = s.seats[k + 1] - s.seats[k]
    for n in range(len(s.free)):
        s.free[n] = s.seats[0] + n
    s.times[:] = _NEVER
    s.least[:] = _NEVER
    for f in range(len(s.fleets)):
        fleet = _at(s.fleets, f)
        fleet.running, fleet.stood = _at(r.fleets, f).most, -1
        fleet.standing = _at(r.fleets, f).assets - fleet.running
    for a in range(len(s.assets)):
        asset = _at(s.assets, a)
        asset.hours = asset.use = asset.started = asset.stretch = asset.mark = 0.0
        asset.down, asset.runs, asset.ages, asset.busy, asset.spent, asset.touched = 0, 0, 0, 0, -1, 0
        for i in range(asset.slot, asset.slot + asset.slots):
            slot = _at(s.slots, i)
            slot.state, slot.life, slot.queued, slot.manned, slot.born = _QUIET, 0, 0, 0, 0.0
            slot.fails = slot.calls = slot.leaves = _NEVER
            if a < s.seats[0]:
                slot.life_row = first_row[i]
                _live(r, slot)
        if a < s.seats[0] and a - _at(r.fleets, asset.fleet).first_asset < _at(r.fleets, asset.fleet).most:
            asset.runs, asset.ages = 1, 1
            _touch(s, a)
    for n in range(len(s.sources)):
        source = _at(s.sources, n)
        source.count, source.foul = 0, 0
        if source.mode >= 0:
            source.row = first_row[slots + source.mode - len(r.modes)]
            _set(s, len(s.assets) + n, _drawn(r, source.mode, source.row, _LIFE))


@njit(cache=True, nogil=True, error_model="numpy")
def histories(  # type: ignore[no-untyped-def]
    lengths, rows, first_row, width, place, fixed, travel_place, travel_fixed,
    hours, fleets, modes, tasks, crew_of, renewed, crews, spares, weather, masks, first_mask, owed, monday,
    pools, use, wanted, places, sums, log,
):
    """Add up the histories of the paths of a block, as `Table`, `Rules` and `Given` have them.

    pools:  how many seats there are for each kind of requests, and each shop; of parts under way; of parts ordered at depots
    places: of what is wanted, as `account.place` says
    sums:   (paths, periods, places) of the block
    log:    (events, 4) time, asset, mode and what happens, of the last path; without rows: none is kept
    Gives (-1, events); (mode, 0) where more lives of a mode are needed than are known; (-2 - n, 0) where of pool n are.
    """
    own, requests, kinds = 0, len(tasks) - len(modes), len(pools) - 2
    for spare in range(len(spares)):
        requests -= 1 if spares[spare].shop >= 0 else 0
    for f in range(len(fleets)):
        own += fleets[f].assets
    seats = np.empty(kinds + 1, np.int64)
    seats[0] = own
    for k in range(kinds):
        seats[k + 1] = seats[k] + pools[k]
    count = 0
    for f in range(len(fleets)):
        count += fleets[f].assets * fleets[f].modes
    slot_of = np.zeros(count + seats[kinds] - own, _SLOT)
    asset_of = np.zeros(seats[kinds], _ASSET)
    i = 0
    for f in range(len(fleets)):
        for a in range(fleets[f].first_asset, fleets[f].first_asset + fleets[f].assets):
            asset_of[a].fleet, asset_of[a].slot, asset_of[a].slots = f, i, fleets[f].modes
            for m in range(fleets[f].modes):
                slot_of[i].asset, slot_of[i].mode, slot_of[i].task = a, fleets[f].first_mode + m, fleets[f].first_mode + m
                slot_of[i].order = i << 42
                i += 1
    free = np.empty(seats[kinds] - own, np.int64)
    for a in range(own, seats[kinds]):
        asset_of[a].fleet, asset_of[a].slot, asset_of[a].slots = -1, i, 1
        slot_of[i].asset = a
        free[a - own] = a
        i += 1
    sources = np.zeros(requests + len(weather), _SOURCE)
    for n in range(requests):
        sources[n].mode = len(modes) + n
    for n in range(len(weather)):
        sources[requests + n].mode = weather[n]
    leaves = len(asset_of) + len(sources)
    times, least = np.empty(((leaves + 15) >> 4, 16)), np.empty((leaves + 15) >> 4)
    groups = len(first_mask) - 1
    added = np.zeros(len(tasks) * OF_TASK + len(fleets) * OF_FLEET + groups)
    at_fleets, at_groups = len(tasks) * OF_TASK, len(tasks) * OF_TASK + len(fleets) * OF_FLEET
    kept = (
        np.zeros(1, _ONE), slot_of, asset_of, np.zeros(len(fleets), _FLEET), np.zeros(len(crews), _CREW),
        np.zeros(len(spares), _SPARE), sources, seats, free, np.empty(kinds, np.int64), np.zeros(pools[kinds], _PART),
        np.zeros(pools[kinds + 1], _PART), np.empty(len(slot_of), np.int64), np.empty(3 * len(slot_of), np.int64),
        np.empty(len(asset_of), np.int64), times, times.view(np.int64), least, least.view(np.int64), added,
    )  # fmt: skip
    s = _State(
        _borrowed(kept[0]), _borrowed(kept[1]), _borrowed(kept[2]), _borrowed(kept[3]), _borrowed(kept[4]), _borrowed(kept[5]),
        _borrowed(kept[6]), _borrowed(kept[7]), _borrowed(kept[8]), _borrowed(kept[9]), _borrowed(kept[10]), _borrowed(kept[11]),
        _borrowed(kept[12]), _borrowed(kept[13]), _borrowed(kept[14]), _borrowed(kept[15]), _borrowed(kept[16]),
        _borrowed(kept[17]), _borrowed(kept[18]), _borrowed(added[:at_fleets].reshape(len(tasks), OF_TASK)),
        _borrowed(added[at_fleets:at_groups].reshape(len(fleets), OF_FLEET)), _borrowed(added[at_groups:]), _borrowed(log),
    )  # fmt: skip
    one = s.one[0]
    always_owed, overtime = owed[1] - owed[0] == 24.0 and owed[2:].all(), False
    for n in range(len(places)):
        overtime = overtime or (places[n] < at_fleets and places[n] % OF_TASK == OVERTIME)
    for path in range(min(rows.shape[0], len(sums))):
        r = _Rules(
            _borrowed(hours), _borrowed(fleets), _borrowed(modes), _borrowed(tasks), _borrowed(crew_of), _borrowed(renewed),
            _borrowed(crews), _borrowed(spares), _borrowed(weather), _borrowed(masks), _borrowed(first_mask), _borrowed(owed),
            monday, _borrowed(lengths), _borrowed(width), _borrowed(place), _borrowed(fixed), _borrowed(travel_place),
            _borrowed(travel_fixed), _borrowed(rows[path]), _borrowed(use), _borrowed(wanted), path, always_owed, overtime,
        )  # fmt: skip
        _begin_path(r, s, first_row, count)
        added[:] = 0.0
        closes = False
        while True:
            _settle(r, s)
            if closes:
                _close(r, s, added, places, sums)
            if one.short != -1 or one.period + 1 == len(hours):
                break
            one.now = one.wake
            for block in range(len(s.least)):
                one.now = min(one.now, s.least[block])
            if one.due > 0 and s.due[0].time < one.now:
                one.now = s.due[0].time
            closes = hours[one.period + 1] <= one.now
            if closes:
                one.now = hours[one.period + 1]
            _fleets_pass(r, s)
            if not closes:
                _round(r, s)
            elif one.busy > 0:
                for a in range(len(s.assets)):
                    if s.assets[a].busy > 0:
                        _touch(s, a)
        if one.short != -1:
            return one.short, 0
    return -1, one.events + 0 * len(kept[0])
