"""Histories of operations, compiled: the rules of docs/reference/operations.md, event by event, path by path.

Only sums and comparisons of what was drawn: the bits are the same on every machine. Everything stands in this one file, for the
compiler's cache knows of no other.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: what a history adds up in each period and fleet; the last fleet stands for all of them
UP, SERVED, FAILURES, WAITING, ACCESS, VISITS, WORK, PARTS, RESPONSE = range(9)
#: what is added up of requests besides: calls turned away, those that left, those whom the crew reached late
TURNED_AWAY, LEFT, LATE = range(9, 12)
SUMS = 12
#: what each mode is the cause of over the whole contract: calls, those whose spare was in stock at once, and at the
#: depot, and hours down, told apart
CALLS, AT_ONCE, AT_DEPOT, NO_SPARE, NO_SHIFT, NO_CREW, ON_THE_WAY, NO_ACCESS, AT_WORK = range(9)
CAUSES = 9
#: what happens to an asset: it fails, its repair begins, and ends, and it starts to run; a call comes, is begun and done, or goes
FAILS, BEGINS, STANDS, RUNS, GOES = range(5)
#: durations of a life: the life itself, repair, travel, access, lead time, the depot's lead time, patience
_REPAIR, _TRAVEL, _ACCESS, _LEAD, _SUPPLY, _PATIENCE = range(1, 7)  # the life itself is always drawn, and stands first
_NEVER = 1e300


@njit(cache=True, nogil=True, error_model="numpy")
def _push(times, parts, count, time, part):  # type: ignore[no-untyped-def]
    """Put an arrival into a heap, the earliest on top."""
    i = count
    while i > 0:
        above = (i - 1) >> 1
        if times[above] <= time:
            break
        times[i], parts[i] = times[above], parts[above]
        i = above
    times[i], parts[i] = time, part


@njit(cache=True, nogil=True, error_model="numpy")
def _pop(times, parts, count):  # type: ignore[no-untyped-def]
    """Take the earliest arrival out of a heap of so many."""
    time, part = times[count - 1], parts[count - 1]
    last, i = count - 1, 0
    while 2 * i + 1 < last:
        below = 2 * i + 1
        if below + 1 < last and times[below + 1] < times[below]:
            below += 1
        if times[below] >= time:
            break
        times[i], parts[i] = times[below], parts[below]
        i = below
    times[i], parts[i] = time, part


@njit(cache=True, nogil=True, error_model="numpy")
def _day(hour):  # type: ignore[no-untyped-def]
    """The day of an hour, counted from 0; its quotient is never rounded up to the next day, and a remainder would take long."""
    return int(hour / 24.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _on_shift(shifts, hour):  # type: ignore[no-untyped-def]
    """Whether a crew begins repairs at this hour, counted from a Monday's midnight."""
    day = _day(hour)
    return shifts[2 + day % 7] > 0.0 and shifts[0] <= hour - 24.0 * day < shifts[1]


@njit(cache=True, nogil=True, error_model="numpy")
def _next_shift(shifts, hour):  # type: ignore[no-untyped-def]
    """When the next shift of a crew begins after this hour."""
    day = _day(hour)
    while shifts[2 + day % 7] == 0.0 or 24.0 * day + shifts[0] <= hour:
        day += 1
    return 24.0 * day + shifts[0]


@njit(cache=True, nogil=True, error_model="numpy")
def hours_on_shift(shifts, begin, end):  # type: ignore[no-untyped-def]
    """How many of the hours from `begin` to `end` a crew begins repairs in, both counted from a Monday's midnight."""
    if shifts[0] == 0.0 and shifts[1] == 24.0 and shifts[2:].min() > 0.0:
        return end - begin
    found, day = 0.0, _day(begin)
    while 24.0 * day < end:
        if shifts[2 + day % 7] > 0.0:
            span = min(end, 24.0 * day + shifts[1]) - max(begin, 24.0 * day + shifts[0])
            if span > 0.0:
                found += span
        day += 1
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def histories(  # type: ignore[no-untyped-def]
    lengths, rows, first_row, width, place, fixed,
    hours, first_asset, most, needed, first_mode, crew, spare, priority, renews, number, stock, depot, shifts, monday,
    seats, room, within, sums, first, log, causes=None,
):
    """Add up the histories of the paths of a block, as `Table` and `Plant` have them.

    Each kind of request stands as a fleet of `seats` that do not run: a call takes one that is free and fails at once.

    sums:   (fleets + requests + 1, SUMS, periods, paths), filled from path `first` on, for as many as the block has or there are
    log:    (events, 4) time, asset, mode and what happens, of the last path; without rows: none is kept
    causes: (modes, CAUSES, paths), filled likewise; None: not asked for, and then the compiler leaves out what belongs to it
    Gives (-1, events); (mode, 0) where more lives of a mode are needed than are known; (-2 - n, 0) where seats of request n are.
    """
    fleets, assets, periods = len(needed), first_asset[-1], len(hours) - 1
    fleet = np.empty(assets, np.int64)
    slot = np.empty(assets, np.int64)
    n = 0
    for f in range(fleets):
        for a in range(first_asset[f], first_asset[f + 1]):
            fleet[a], slot[a] = f, n
            n += first_mode[f + 1] - first_mode[f]
    own = fleets - len(seats)  # fleets of assets; requests follow
    slots = len(first_row) - len(seats)
    base = np.empty(n, np.int64)  # where the durations of each slot begin; seats share those of their calls
    base[:slots] = first_row[:slots]
    for a in range(first_asset[own], assets):
        base[slot[a]] = first_row[slots + fleet[a] - own]
    next_call, calls = np.empty(len(seats)), np.empty(len(seats), np.int64)
    limit, life = np.empty(n), np.empty(n, np.int64)  # the age at which each mode ends, and which of its lives it is
    age, next_time, failed_at = np.empty(assets), np.empty(assets), np.empty(assets)
    mode, state = np.empty(assets, np.int64), np.empty(assets, np.int64)
    queue = np.empty(assets, np.int64)
    running, standing = np.empty(fleets, np.int64), np.empty(fleets, np.int64)
    waiting, repaired = np.empty(fleets, np.int64), np.empty(fleets, np.int64)
    free, parts = np.empty(len(number), np.int64), np.empty(len(stock), np.int64)
    on_order = np.empty(len(stock), np.int64)
    due, due_part = np.empty(64), np.empty(64, np.int64)
    owed, owed_lead = np.empty(64, np.int64), np.empty(64)  # orders that a depot has not sent, as they came
    kept_sums = np.empty((fleets + 1, SUMS))  # of the period that runs
    always = np.empty(len(number), np.bool_)
    for c in range(len(number)):
        always[c] = shifts[c, 1] - shifts[c, 0] == 24.0 and shifts[c, 2:].all()
    end = hours[periods]
    events = 0
    for path in range(min(rows.shape[0], sums.shape[3] - first)):
        drawn = rows[path]
        free[:], parts[:] = number, stock
        if causes is not None:
            on_order[:] = 0
            causes[:, :, first + path] = 0.0
        waits, arrivals, owes, period, last, events, wake = 0, 0, 0, 0, 0.0, 0, _NEVER
        for f in range(fleets):
            running[f], waiting[f], repaired[f] = most[f], 0, 0
            standing[f] = first_asset[f + 1] - first_asset[f] - most[f] if f < own else 0
        for r in range(len(seats)):
            next_call[r], calls[r] = drawn[first_row[slots + r]], 0
        for a in range(assets):
            age[a], state[a] = 0.0, RUNS
            m0 = first_mode[fleet[a]]
            best = 0
            for j in range(first_mode[fleet[a] + 1] - m0):
                life[slot[a] + j] = 0
                limit[slot[a] + j] = drawn[base[slot[a] + j]]
                if limit[slot[a] + j] < limit[slot[a] + best]:
                    best = j
            mode[a] = m0 + best
            next_time[a] = limit[slot[a] + best]
            if a - first_asset[fleet[a]] >= most[fleet[a]]:
                state[a], next_time[a] = STANDS, _NEVER
        kept_sums[:] = 0.0
        while True:
            now = due[0] if arrivals > 0 and due[0] < wake else wake
            earliest = 0
            for a in range(assets):
                if next_time[a] < now:
                    now, earliest = next_time[a], a
            for r in range(len(seats)):
                if next_call[r] < now:
                    now, earliest = next_call[r], first_asset[own]
            until = now if now < end else end
            if causes is not None:
                for at in range(waits):
                    m = mode[queue[at]]
                    since, to = last + monday, until + monday
                    if spare[m] >= 0 and parts[spare[m]] == 0:
                        causes[m, NO_SPARE, first + path] += to - since
                    else:
                        on_shift = hours_on_shift(shifts[crew[m]], since, to)
                        causes[m, NO_SHIFT, first + path] += (to - since) - on_shift
                        causes[m, NO_CREW, first + path] += on_shift
            while last < until:  # what lasted since the last instant, period by period
                stop = hours[period + 1] if hours[period + 1] < until else until
                span = stop - last
                all_serve = True
                for f in range(fleets):
                    kept_sums[f, UP] += (running[f] + standing[f]) * span
                    kept_sums[f, WAITING] += waiting[f] * span
                    kept_sums[f, WORK] += repaired[f] * span
                    if running[f] >= needed[f]:
                        kept_sums[f, SERVED] += span
                    else:
                        all_serve = False
                if all_serve:
                    kept_sums[fleets, SERVED] += span
                last = stop
                if last == hours[period + 1]:
                    for f in range(fleets + 1):
                        for s in range(SUMS):
                            sums[f, s, period, first + path] = kept_sums[f, s]
                            kept_sums[f, s] = 0.0
                    period += 1
            if now >= end:
                break
            for r in range(len(seats)):
                if next_call[r] == now:
                    f, m = own + r, first_mode[own + r]
                    a = first_asset[f]
                    while a < first_asset[f + 1] and state[a] != STANDS:
                        a += 1
                    if a == first_asset[f + 1]:
                        return -2 - r, 0
                    state[a], next_time[a], life[slot[a]], limit[slot[a]] = RUNS, now, calls[r], 0.0
                    running[f] += 1
                    calls[r] += 1
                    if calls[r] >= lengths[m]:
                        return m, 0
                    next_call[r] = now + drawn[first_row[slots + r] + width[m] * calls[r]]
            for a in range(earliest, assets):
                if next_time[a] != now:
                    continue
                f, m = fleet[a], mode[a]
                here = slot[a] + m - first_mode[f]
                who = a if f < own else first_asset[own] + life[here]
                if state[a] == RUNS:  # it fails
                    state[a], next_time[a], failed_at[a] = FAILS, _NEVER, now
                    age[a] = limit[here]
                    running[f] -= 1
                    waiting[f] += 1
                    kept_sums[f, FAILURES] += 1.0
                    if causes is not None:
                        causes[m, CALLS, first + path] += 1.0
                        if spare[m] >= 0:
                            causes[m, AT_ONCE, first + path] += 1.0 if stock[spare[m]] > on_order[spare[m]] else 0.0
                            on_order[spare[m]] += 1
                    at = waits
                    while at > 0:
                        b = queue[at - 1]
                        after = priority[m] < priority[mode[b]] or (
                            priority[m] == priority[mode[b]]
                            and (now < failed_at[b] or (now == failed_at[b] and a < b))
                        )
                        if not after:
                            break
                        queue[at] = b
                        at -= 1
                    queue[at] = a
                    waits += 1
                    if spare[m] >= 0:
                        kept_sums[f, PARTS] += 1.0
                        if arrivals + 2 > len(due):
                            wider, wider_part = np.empty(2 * len(due)), np.empty(2 * len(due), np.int64)
                            wider[:arrivals], wider_part[:arrivals] = due[:arrivals], due_part[:arrivals]
                            due, due_part = wider, wider_part
                        lead = fixed[m, _LEAD]
                        if place[m, _LEAD] >= 0:
                            lead = drawn[base[here] + width[m] * life[here] + place[m, _LEAD]]
                        store, sent = depot[spare[m]], True
                        if store >= 0:
                            supply = fixed[m, _SUPPLY]
                            if place[m, _SUPPLY] >= 0:
                                supply = drawn[base[here] + width[m] * life[here] + place[m, _SUPPLY]]
                            _push(due, due_part, arrivals, now + supply, store)
                            arrivals += 1
                            sent = parts[store] > 0
                            if causes is not None:
                                causes[m, AT_DEPOT, first + path] += 1.0 if sent else 0.0
                                on_order[store] += 1
                            if sent:
                                parts[store] -= 1
                            else:
                                if owes == len(owed):
                                    more, more_lead = np.empty(2 * owes, np.int64), np.empty(2 * owes)
                                    more[:owes], more_lead[:owes] = owed, owed_lead
                                    owed, owed_lead = more, more_lead
                                owed[owes], owed_lead[owes] = spare[m], lead
                                owes += 1
                        if sent:
                            _push(due, due_part, arrivals, now + lead, spare[m])
                            arrivals += 1
                    if f >= own:
                        patience = fixed[m, _PATIENCE]
                        if place[m, _PATIENCE] >= 0:
                            patience = drawn[base[here] + width[m] * life[here] + place[m, _PATIENCE]]
                        next_time[a] = now + patience
                    what = FAILS
                elif state[a] == FAILS:  # a call has waited long enough
                    state[a], next_time[a] = STANDS, _NEVER
                    waiting[f] -= 1
                    kept_sums[f, LEFT] += 1.0
                    waits -= 1
                    at = 0
                    while queue[at] != a:
                        at += 1
                    for later in range(at, waits):
                        queue[later] = queue[later + 1]
                    what = GOES
                elif f >= own:  # a call is done
                    state[a], next_time[a] = STANDS, _NEVER
                    repaired[f] -= 1
                    free[crew[m]] += 1
                    what = STANDS
                else:  # its repair ends
                    state[a], next_time[a] = STANDS, _NEVER
                    standing[f] += 1
                    repaired[f] -= 1
                    free[crew[m]] += 1
                    m0 = first_mode[f]
                    best = 0
                    for j in range(first_mode[f + 1] - m0):
                        other = slot[a] + j
                        if other == here or renews[m]:
                            life[other] += 1
                            if life[other] >= lengths[m0 + j]:
                                return m0 + j, 0
                            limit[other] = age[a] + drawn[base[other] + width[m0 + j] * life[other]]
                        if limit[other] < limit[slot[a] + best]:
                            best = j
                    mode[a] = m0 + best
                    what = STANDS
                if events < len(log):
                    log[events, 0], log[events, 1], log[events, 2], log[events, 3] = now, who, m, what
                events += 1
            while arrivals > 0 and due[0] == now:
                part = due_part[0]
                if causes is not None:
                    on_order[part] -= 1
                _pop(due, due_part, arrivals)
                arrivals -= 1
                order = 0
                while order < owes and depot[owed[order]] != part:
                    order += 1
                if order == owes:
                    parts[part] += 1
                else:  # the depot sends it to the order that came first
                    _push(due, due_part, arrivals, now + owed_lead[order], owed[order])
                    arrivals += 1
                    owes -= 1
                    for later in range(order, owes):
                        owed[later], owed_lead[later] = owed[later + 1], owed_lead[later + 1]
            for f in range(fleets):
                a = first_asset[f]
                while standing[f] > 0 and running[f] < most[f]:
                    if state[a] == STANDS:
                        state[a] = RUNS
                        next_time[a] = now + (limit[slot[a] + mode[a] - first_mode[f]] - age[a])
                        standing[f] -= 1
                        running[f] += 1
                        if events < len(log):
                            log[events, 0], log[events, 1], log[events, 2], log[events, 3] = now, a, mode[a], RUNS
                        events += 1
                    a += 1
            kept, wake = 0, _NEVER
            for at in range(waits):  # the dispatcher
                a = queue[at]
                f, m = fleet[a], mode[a]
                on_shift = always[crew[m]] or _on_shift(shifts[crew[m]], now + monday)
                if not on_shift:
                    wake = min(wake, _next_shift(shifts[crew[m]], now + monday) - monday)
                if on_shift and free[crew[m]] > 0 and (spare[m] < 0 or parts[spare[m]] > 0):
                    here = slot[a] + m - first_mode[f]
                    row = base[here] + width[m] * life[here]
                    travel, access, repair = fixed[m, _TRAVEL], fixed[m, _ACCESS], fixed[m, _REPAIR]
                    if place[m, _TRAVEL] >= 0:
                        travel = drawn[row + place[m, _TRAVEL]]
                    if place[m, _ACCESS] >= 0:
                        access = drawn[row + place[m, _ACCESS]]
                    if place[m, _REPAIR] >= 0:
                        repair = drawn[row + place[m, _REPAIR]]
                    arrives = now + travel
                    state[a], next_time[a] = BEGINS, arrives + access + repair
                    kept_sums[f, ACCESS] += access
                    if causes is not None:  # what the contract's end cuts off is no hour of it
                        left = end - now
                        for part, lasts in ((ON_THE_WAY, travel), (NO_ACCESS, access), (AT_WORK, repair)):
                            causes[m, part, first + path] += min(lasts, left)
                            left -= min(lasts, left)
                    free[crew[m]] -= 1
                    if spare[m] >= 0:
                        parts[spare[m]] -= 1
                    waiting[f] -= 1
                    repaired[f] += 1
                    kept_sums[f, VISITS] += 1.0
                    who = a if f < own else first_asset[own] + life[here]
                    kept_sums[f, RESPONSE] += arrives - failed_at[a]
                    if f >= own and arrives - failed_at[a] > within[f - own]:
                        kept_sums[f, LATE] += 1.0
                    if events < len(log):
                        log[events, 0], log[events, 1], log[events, 2], log[events, 3] = now, who, m, BEGINS
                    events += 1
                else:
                    queue[kept] = a
                    kept += 1
            waits = kept
            for r in range(len(seats)):
                at = waits
                while waiting[own + r] > room[r]:  # there is no room for the last that came
                    at -= 1
                    a = queue[at]
                    if fleet[a] != own + r:
                        continue
                    who = first_asset[own] + life[slot[a]]
                    state[a], next_time[a] = STANDS, _NEVER
                    waiting[own + r] -= 1
                    kept_sums[own + r, TURNED_AWAY] += 1.0
                    waits -= 1
                    for later in range(at, waits):
                        queue[later] = queue[later + 1]
                    if events < len(log):
                        log[events, 0], log[events, 1], log[events, 2], log[events, 3] = now, who, mode[a], GOES
                    events += 1
    return -1, events
