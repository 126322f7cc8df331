"""Histories of operations, compiled: the rules of docs/reference/operations.md, event by event, path by path.

Only sums and comparisons of what was drawn: the bits are the same on every machine. Everything stands in this one file, for the
compiler's cache knows of no other.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: what a history adds up in each period and fleet; the last fleet stands for all of them
RUNNING, SERVED, FAILURES, WAITING, VISITS, WORK, PARTS, RESPONSE = range(8)
SUMS = 8
#: what happens to an asset
FAILS, BEGINS, RUNS = range(3)
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
def histories(  # type: ignore[no-untyped-def]
    rows, first_row, lengths, hours, first_asset, needed, first_mode, crew, spare, priority, renews, number, stock, sums, log
):
    """Add up the histories of the first paths of a block; sums: (fleets + 1, SUMS, periods, paths), filled.

    log: (events, 4) time, asset, mode and what happens, of the last path; without rows: none is kept
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
    age, since, next_time, failed_at = np.empty(assets), np.empty(assets), np.empty(assets), np.empty(assets)
    mode, state = np.empty(assets, np.int64), np.empty(assets, np.int64)
    queue = np.empty(assets, np.int64)
    running, waiting, repaired = np.empty(fleets, np.int64), np.empty(fleets, np.int64), np.empty(fleets, np.int64)
    free, parts = np.empty(len(number), np.int64), np.empty(len(stock), np.int64)
    due, due_part = np.empty(64), np.empty(64, np.int64)
    kept_sums = np.empty((fleets + 1, SUMS))  # of the period that runs
    end = hours[periods]
    events = 0
    for path in range(sums.shape[3]):
        free[:], parts[:] = number, stock
        waits, arrivals, period, last, events = 0, 0, 0, 0.0, 0
        for f in range(fleets):
            running[f], waiting[f], repaired[f] = first_asset[f + 1] - first_asset[f], 0, 0
        for a in range(assets):
            age[a], since[a], state[a] = 0.0, 0.0, RUNS
            m0 = first_mode[fleet[a]]
            best = 0
            for j in range(first_mode[fleet[a] + 1] - m0):
                life[slot[a] + j] = 0
                limit[slot[a] + j] = rows[first_row[slot[a] + j], path]
                if limit[slot[a] + j] < limit[slot[a] + best]:
                    best = j
            mode[a] = m0 + best
            next_time[a] = limit[slot[a] + best]
        kept_sums[:] = 0.0
        while True:
            now = due[0] if arrivals > 0 else _NEVER
            for a in range(assets):
                if next_time[a] < now:
                    now = next_time[a]
            until = now if now < end else end
            while last < until:  # what lasted since the last instant, period by period
                stop = hours[period + 1] if hours[period + 1] < until else until
                span = stop - last
                all_serve = True
                for f in range(fleets):
                    kept_sums[f, RUNNING] += running[f] * span
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
                            sums[f, s, period, path] = kept_sums[f, s]
                            kept_sums[f, s] = 0.0
                    period += 1
            if now >= end:
                break
            for a in range(assets):
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
                    place = waits
                    while place > 0:
                        b = queue[place - 1]
                        after = priority[m] < priority[mode[b]] or (
                            priority[m] == priority[mode[b]]
                            and (now < failed_at[b] or (now == failed_at[b] and a < b))
                        )
                        if not after:
                            break
                        queue[place] = b
                        place -= 1
                    queue[place] = a
                    waits += 1
                    if spare[m] >= 0:
                        kept_sums[f, PARTS] += 1.0
                        if arrivals == len(due):
                            wider, wider_part = np.empty(2 * arrivals), np.empty(2 * arrivals, np.int64)
                            wider[:arrivals], wider_part[:arrivals] = due, due_part
                            due, due_part = wider, wider_part
                        _push(due, due_part, arrivals, now + rows[first_row[here] + 4 * life[here] + 3, path], spare[m])
                        arrivals += 1
                    what = FAILS
                else:  # its repair ends
                    state[a], since[a] = RUNS, now
                    running[f] += 1
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
                            limit[other] = age[a] + rows[first_row[other] + 4 * life[other], path]
                        if limit[other] < limit[slot[a] + best]:
                            best = j
                    mode[a] = m0 + best
                    next_time[a] = now + (limit[slot[a] + best] - age[a])
                    what = RUNS
                if events < len(log):
                    log[events, 0], log[events, 1], log[events, 2], log[events, 3] = now, a, m, what
                events += 1
            while arrivals > 0 and due[0] == now:
                parts[due_part[0]] += 1
                _pop(due, due_part, arrivals)
                arrivals -= 1
            kept = 0
            for place in range(waits):  # the dispatcher
                a = queue[place]
                f, m = fleet[a], mode[a]
                if free[crew[m]] > 0 and (spare[m] < 0 or parts[spare[m]] > 0):
                    here = slot[a] + m - first_mode[f]
                    row = first_row[here] + 4 * life[here]
                    arrives = now + rows[row + 2, path]
                    state[a], next_time[a] = BEGINS, arrives + rows[row + 1, path]
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
