"""Histories of operations, compiled: the rules of docs/reference/operations.md, event by event, path by path.

Only sums and comparisons of what was drawn: the bits are the same on every machine. Everything stands in this one file, for the
compiler's cache knows of no other.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: what a history adds up in each period and fleet; the last fleet stands for all of them
UP, SERVED, FAILURES, WAITING, ACCESS, VISITS, WORK, PARTS, RESPONSE = range(9)
SUMS = 9
#: what each mode is the cause of over the whole contract: calls, those whose spare was in stock at once, and at the
#: depot, and hours down, told apart
CALLS, AT_ONCE, AT_DEPOT, NO_SPARE, NO_SHIFT, NO_CREW, ON_THE_WAY, NO_ACCESS, AT_WORK = range(9)
CAUSES = 9
#: what happens to an asset: it fails, its repair begins, and ends, and it starts to run
FAILS, BEGINS, STANDS, RUNS = range(4)
#: durations of a life: the life itself, repair, travel, access, lead time, the depot's lead time
_REPAIR, _TRAVEL, _ACCESS, _LEAD, _SUPPLY = range(1, 6)  # the life itself is always drawn, and stands first
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
    sums, first, log, causes=None,
):
    """Add up the histories of the paths of a block, as `Table` and `Plant` have them.

    sums:   (fleets + 1, SUMS, periods, paths), filled from path `first` on, for as many as the block has or there are
    log:    (events, 4) time, asset, mode and what happens, of the last path; without rows: none is kept
    causes: (modes, CAUSES, paths), filled likewise; None: not asked for, and then the compiler leaves out what belongs to it
    Gives (-1, events); or (mode, 0) where more lives of a mode are needed than are known.
    """
    fleets, assets, periods = len(needed), first_asset[-1], len(hours) - 1
    fleet = np.empty(assets, np.int64)
    slot = np.empty(assets, np.int64)
    n = 0
    for f in range(fleets):
        for a in range(first_asset[f], first_asset[f + 1]):
            fleet[a], slot[a] = f, n
            n += first_mode[f + 1] - first_mode[f]
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
            standing[f] = first_asset[f + 1] - first_asset[f] - most[f]
        for a in range(assets):
            age[a], state[a] = 0.0, RUNS
            m0 = first_mode[fleet[a]]
            best = 0
            for j in range(first_mode[fleet[a] + 1] - m0):
                life[slot[a] + j] = 0
                limit[slot[a] + j] = drawn[first_row[slot[a] + j]]
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
            for a in range(earliest, assets):
                if next_time[a] != now:
                    continue
                f, m = fleet[a], mode[a]
                here = slot[a] + m - first_mode[f]
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
                            lead = drawn[first_row[here] + width[m] * life[here] + place[m, _LEAD]]
                        store, sent = depot[spare[m]], True
                        if store >= 0:
                            supply = fixed[m, _SUPPLY]
                            if place[m, _SUPPLY] >= 0:
                                supply = drawn[first_row[here] + width[m] * life[here] + place[m, _SUPPLY]]
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
                    what = FAILS
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
                            limit[other] = age[a] + drawn[first_row[other] + width[m0 + j] * life[other]]
                        if limit[other] < limit[slot[a] + best]:
                            best = j
                    mode[a] = m0 + best
                    what = STANDS
                if events < len(log):
                    log[events, 0], log[events, 1], log[events, 2], log[events, 3] = now, a, m, what
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
                    row = first_row[here] + width[m] * life[here]
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
                    kept_sums[f, RESPONSE] += arrives - failed_at[a]
                    if events < len(log):
                        log[events, 0], log[events, 1], log[events, 2], log[events, 3] = now, a, m, BEGINS
                    events += 1
                else:
                    queue[kept] = a
                    kept += 1
            waits = kept
    return -1, events
