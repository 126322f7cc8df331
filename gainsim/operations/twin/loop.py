"""The loop over paths, periods and instants; what passes between them, and what follows of each."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numba.cpython.unsafe.numbers import trailing_zeros

from gainsim.operations.twin.ages import tell_ages, use_now
from gainsim.operations.twin.alone import goes_alone
from gainsim.operations.twin.beginning import begin_path, laid_out
from gainsim.operations.twin.codes import (
    BY_HOURS,
    COMING,
    IN_FLEET,
    IN_TASK,
    NEVER,
    NO_SPARE,
    OVERDUE,
    OVERTIME,
    PLANNED,
    PLANNED_WORK,
    QUIET,
    RESPONSE,
    TRAVEL,
    WAITING,
    WORKING,
)
from gainsim.operations.twin.dispatch import dispatch, tell_lacks
from gainsim.operations.twin.drawing import draw
from gainsim.operations.twin.happening import asset_has, parts_arrive, parts_come, source_has, start
from gainsim.operations.twin.leaves import set_next
from gainsim.operations.twin.passing import fleets_pass, next_period, reach, tell_serving
from gainsim.operations.twin.spent import spend, work
from gainsim.operations.twin.state import (
    SUM,
    Rules,
    State,
    borrowed,
    inlined,
    record,
    touch,
)
from gainsim.operations.twin.turning import turn
from gainsim.operations.twin.waiting import join_queue, turn_away
from gainsim.operations.twin.weeks import hours_on_shift


@inlined
def settle(r, s):  # type: ignore[no-untyped-def]
    """What follows for the assets and calls to which something happened: their hours so far, and what happens to them next."""
    one = record(s.one, 0)
    now = one.now
    for n in range(one.touched):
        a = s.touched[n]
        asset = record(s.assets, a)
        asset.touched = 0
        if r.spent:
            if asset.spent >= 0 and now > asset.mark:
                spend(r, s, asset.blamed, asset.spent, asset.mark, a < s.seats[0])
            asset.mark, asset.spent, asset.blamed = now, -1, asset.culprit
            if asset.down > 0:
                slot = record(s.slots, asset.culprit)
                asset.spent = TRAVEL if slot.taken != PLANNED else PLANNED_WORK
                if slot.state == WAITING:
                    asset.spent = NO_SPARE + slot.cause
        if a >= s.seats[0] and asset.down == 0:
            kind = 0
            while s.seats[kind + 1] <= a:
                kind += 1
            s.free[s.seats[kind] - s.seats[0] + s.open[kind]] = a
            s.open[kind] += 1
        if asset.ages > 0 and asset.runs > 0:
            tell_ages(r, s, a)
        asset.ages = 0
        first = NEVER
        if asset.busy == 1 and asset.down == 1:
            slot = record(s.slots, asset.culprit)
            first = slot.done if slot.state == WORKING else min(slot.leaves, slot.escalates)
        for i in range(asset.slot, asset.slot if first < NEVER else asset.slot + asset.slots):
            slot = record(s.slots, i)
            if slot.state == WORKING:
                first = min(first, slot.done)
            elif slot.state == WAITING:
                first = min(first, min(slot.leaves, slot.escalates))
            else:
                if asset.runs > 0:
                    first = min(first, slot.fails)
                    if slot.state == QUIET:
                        first = min(first, slot.calls)
                if slot.state == COMING:
                    first = min(first, slot.admitted)
        set_next(s, a, first)
    one.touched = 0


@inlined
def go_on(r, s):  # type: ignore[no-untyped-def]
    """A period closes: what is worked on is worked on in the next as well."""
    now = record(s.one, 0).now
    for a in range(len(s.assets)):
        asset = record(s.assets, a)
        if asset.busy > 0:
            if r.spent:
                touch(s, a)
            for i in range(asset.slot, asset.slot + asset.slots):
                slot = record(s.slots, i)
                if slot.state >= COMING:
                    work(r, s, slot.task, slot.crew, now - slot.mark)
                    slot.mark = now


@inlined
def next_instant(s):  # type: ignore[no-untyped-def]
    """When something happens next but for parts that arrive, and in which block of leaves, if nowhere else; else -1."""
    one, where = record(s.one, 0), -1
    now = one.wake
    for block in range(len(s.blocks)):
        time = record(s.blocks, block).next
        if time < now:
            now, where = time, block
        elif time == now:
            where = -1
    return now, where


@inlined
def what_happens(r, s):  # type: ignore[no-untyped-def]
    """What happens to each asset, call and site at this instant."""
    one = record(s.one, 0)
    for block in range(len(s.blocks)):
        if record(s.blocks, block).next == one.now:
            whose = record(s.blocks, block).whose
            while whose != 0 and one.short == -1:
                leaf = (block << 4) + int(trailing_zeros(whose))  # type: ignore[call-arg]
                whose &= whose - 1
                if leaf < len(s.assets):
                    asset_has(r, s, leaf)
                else:
                    source_has(r, s, leaf - len(s.assets))


@inlined
def what_follows(r, s):  # type: ignore[no-untyped-def]
    """What arrives at this instant, who begins and who still waits."""
    one = record(s.one, 0)
    one.rounds += 1
    while one.short == -1:
        join_queue(r, s)
        if one.due == 0 or record(s.due, 0).time != one.now:
            break
        parts_arrive(r, s)
    if one.stood > 0:
        one.stood = 0
        start(r, s)
    dispatch(r, s)
    turn_away(r, s)
    tell_lacks(r, s)


@inlined
def close_period(r, s):  # type: ignore[no-untyped-def]
    """A period has ended, and the next begins: perhaps with another use of what runs."""
    one = record(s.one, 0)
    for a in range(s.seats[0] if r.used else 0):
        asset = record(s.assets, a)
        if asset.runs > 0 and record(r.fleets, asset.fleet).use >= 0:
            asset.use += (one.now - asset.stretch) * use_now(r, s, asset.fleet)
            asset.stretch, asset.ages = one.now, 1
            set_next(s, a, one.now)
    next_period(r, s)


@inlined
def play(r, s):  # type: ignore[no-untyped-def]
    """A path from its begin to its end, or to where something is short."""
    one, end, closes = record(s.one, 0), r.hours[len(r.hours) - 1], False
    while one.short == -1:
        if one.touched > 0:
            settle(r, s)
        if one.changed > 0:
            tell_serving(r, s)
        if closes:
            close_period(r, s)
            if one.period + 1 == len(r.hours):
                break
        now, where = next_instant(s)
        if (one.waits > 0 or r.depots) and one.due > 0 and record(s.due, 0).time <= now:
            now, where = record(s.due, 0).time, -1
        if r.steady and one.busy == 0 and one.missed == 0:
            if now >= end:
                break
            reach(r, s, now)
        closes = one.closes <= now
        one.now = one.closes if closes else now
        if not closes and goes_alone(r, s, where):
            continue
        fleets_pass(r, s)
        if not closes:
            parts_come(r, s)
            what_happens(r, s)
            what_follows(r, s)
        elif one.busy > 0:
            go_on(r, s)


@inlined
def tell(totals, asked, places, begun, sums, told):  # type: ignore[no-untyped-def]
    """What a path comes to, (totals, periods), from what was added up of each place in each period.

    begun: what it began with: hours, which went off as nobody was served; what is left where all did is but rounding
    """
    periods = told.shape[1]
    for n in range(len(totals)):
        total = record(totals, n)
        told[n] = 0.0
        for at in range(total.first, total.first + total.places):
            first = record(places, asked[at]).first
            here, whole = sums[first : first + periods], begun[first : first + periods]
            if total.largest > 0:
                for period in range(periods):
                    told[n, period] = max(told[n, period], here[period])
            else:
                for period in range(periods):
                    told[n, period] += here[period] if here[period] > 1e-9 * whole[period] else 0.0


def _compiled(sources: str) -> Any:
    """The function of these sources: what is compiled is kept on a machine by what it encloses, and so anew when a part changes."""

    @njit(cache=True, nogil=True, error_model="numpy")
    def histories(  # type: ignore[no-untyped-def]
        path, block, lives, drawings, columns, first_row, laws, travels,
        hours, fleets, modes, tasks, crew_of, renewed, crews, spares, weather, masks, first_mask, owed, monday,
        pools, use, wanted, totals, places, begin, end, sums, log,
    ):
        """Add up the histories of paths, as `Table`, `Rules` and `Given` have them.

        pools:  how many seats there are for each kind of requests, and each shop; of parts under way; of parts ordered at depots
        totals, places: what is wanted, as `account.placed` has it
        begin, end: which of the paths
        sums:   (totals × periods, paths)
        log:    (events, 4) time, asset, mode and what happens, of the last path; without rows: none is kept
        Gives (-1, end, events, rounds), the events of the last path and the rounds of all; with a mode as the first where more of
        its lives are needed than are known, and -2 - n where of pool n are: then the second is where to go on.
        """
        kept = laid_out(fleets, modes, tasks, crews, spares, weather, first_mask, pools)
        always_owed = owed[1] - owed[0] == 24.0 and owed[2:].all()
        at_fleets, periods = len(tasks) * IN_TASK, len(hours) - 1
        at_groups, last = at_fleets + len(fleets) * IN_FLEET, len(places) * periods
        kept[18].view(np.int64)[:] = last
        begun = np.zeros(last + periods)
        for n in range(len(places)):
            place = kept[18][places[n]]
            if place.first == last:
                place.first = n * periods
                for period in range(periods if places[n] >= at_groups else 0):  # of groups, what is not served goes off all hours
                    begun[n * periods + period] = hours[period + 1] - hours[period]
                    if not always_owed:
                        begun[n * periods + period] = hours_on_shift(owed, hours[period] + monday, hours[period + 1] + monday)
        added = np.empty(len(begun))
        s = State(
            borrowed(kept[0]), borrowed(kept[1]), borrowed(kept[2]), borrowed(kept[3]), borrowed(kept[4]), borrowed(kept[5]),
            borrowed(kept[6]), borrowed(kept[7]), borrowed(kept[8]), borrowed(kept[9]), borrowed(kept[10]), borrowed(kept[11]),
            borrowed(kept[12]), borrowed(kept[13]), borrowed(kept[14]), borrowed(kept[15]), borrowed(kept[16]), borrowed(kept[17]),
            borrowed(added.view(SUM)), borrowed(kept[18]), borrowed(log),
        )  # fmt: skip
        one = s.one[0]
        overtime = times = spent = fleet_hours = planned = depots = False
        by_hours = True
        for n in range(len(places)):
            asked = places[n] % IN_TASK if places[n] < at_fleets else -1
            overtime = overtime or asked == OVERTIME
            times = times or (asked >= RESPONSE and asked <= OVERDUE)
            spent = spent or asked >= NO_SPARE
            fleet_hours = fleet_hours or (places[n] >= at_fleets and places[n] < at_groups)
        for mode in range(len(modes)):
            planned = planned or modes[mode].maintenance > 0 or modes[mode].chance > 0.0
            by_hours = by_hours and modes[mode].ages == BY_HOURS
        for p in range(len(spares)):
            depots = depots or spares[p].depot >= 0 or spares[p].shop >= 0
        used, steady = len(use) > 0, not fleet_hours and len(use) == 0
        ages, told = np.empty(block), np.empty((block, len(totals), len(hours) - 1))
        for first in range(begin, end, block):
            paths = min(block, end - first)
            draw(drawings, columns, ages, path + first, hours[-1] + 1.0)  # an hour more: ends of lives are rounded sums
            for nth in range(paths):
                r = Rules(
                    borrowed(hours), borrowed(fleets), borrowed(modes), borrowed(tasks), borrowed(crew_of), borrowed(renewed),
                    borrowed(crews), borrowed(spares), borrowed(weather), borrowed(masks), borrowed(first_mask), borrowed(owed),
                    monday, borrowed(lives), borrowed(laws), borrowed(travels), borrowed(columns), nth, borrowed(use),
                    borrowed(wanted), first + nth, always_owed, overtime, times, spent, fleet_hours, planned, by_hours,
                    used, depots, steady,
                )  # fmt: skip
                begin_path(r, s, first_row)
                for n in range(len(begun)):  # one by one: whole vectors
                    added[n] = begun[n]
                play(r, s)
                if one.short != -1:
                    return one.short, first, 0, one.rounds
                tell(totals, places, kept[18], begun, added, told[nth])
            turn(told[:paths].reshape(paths, -1), sums[:, first : first + paths])
        return -1, end, one.events + 0 * (len(kept[0]) + len(sources)), one.rounds  # what is borrowed is kept until here

    return histories


histories = _compiled(sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))).hexdigest())
