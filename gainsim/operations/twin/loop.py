"""The loop over paths, periods and instants; what passes between them, and what follows of each."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import njit
from numba.cpython.unsafe.numbers import trailing_zeros

from gainsim.operations.twin.ages import tell_ages, use_now
from gainsim.operations.twin.alone import fails_alone, goes_on_alone
from gainsim.operations.twin.beginning import begin_path, laid_out
from gainsim.operations.twin.codes import (
    COMING,
    NEVER,
    NO_SPARE,
    PLANNED,
    PLANNED_WORK,
    QUIET,
    TRAVEL,
    WAITING,
    WORKING,
)
from gainsim.operations.twin.dispatch import dispatch, tell_lacks
from gainsim.operations.twin.happening import asset_has, fail, parts_arrive, parts_come, source_has, start
from gainsim.operations.twin.leaves import set_next
from gainsim.operations.twin.passing import fleets_pass
from gainsim.operations.twin.state import (
    BY_CAUSE,
    IN_FLEET,
    IN_TASK,
    OF_FLEET,
    OF_TASK,
    OVERDUE,
    OVERTIME,
    RESPONSE,
    Rules,
    State,
    borrowed,
    inlined,
    record,
    touch,
)
from gainsim.operations.twin.waiting import join_queue, turn_away
from gainsim.operations.twin.weeks import hours_on_shift, owed_hours


@inlined
def settle(r, s):  # type: ignore[no-untyped-def]
    """What follows for the assets and calls to which something happened: their hours so far, and what happens to them next."""
    one = record(s.one, 0)
    now = one.now
    for n in range(one.touched):
        a = s.touched[n]
        asset = record(s.assets, a)
        asset.touched = 0
        if r.spent and asset.spent >= 0 and now > asset.mark:
            slot, of_asset = record(s.slots, asset.blamed), a < s.seats[0]  # calls wait whether or not the service is owed
            at, part = asset.mark, asset.spent
            if part == TRAVEL:
                for until in (slot.there, slot.admitted):
                    to = min(until, now)
                    if to > at:
                        s.spent[slot.task, part] += owed_hours(r, at, to) if of_asset else to - at
                        at = to
                    part += 1
            if now > at:
                s.spent[slot.task, part] += owed_hours(r, at, now) if of_asset else now - at
        asset.mark, asset.spent, asset.blamed = now, -1, asset.culprit
        if a >= s.seats[0] and asset.down == 0:
            kind = 0
            while s.seats[kind + 1] <= a:
                kind += 1
            s.free[s.seats[kind] - s.seats[0] + s.open[kind]] = a
            s.open[kind] += 1
        if asset.down > 0:
            slot = record(s.slots, asset.culprit)
            asset.spent = TRAVEL if slot.taken != PLANNED else PLANNED_WORK
            if slot.state == WAITING:
                asset.spent = NO_SPARE + slot.cause
        if asset.ages > 0 and asset.runs > 0:
            tell_ages(r, s, a)
        asset.ages = 0
        first = NEVER
        for i in range(asset.slot, asset.slot + asset.slots):
            slot = record(s.slots, i)
            if slot.manned > 0:
                hours = now - slot.mark
                slot.mark = now
                record(s.of_task, slot.task).work += hours
                if r.overtime and hours > 0.0 and record(s.crews, slot.crew).until < NEVER:
                    on_shift = hours_on_shift(record(r.crews, slot.crew).shifts, now - hours + r.monday, now + r.monday)
                    record(s.of_task, slot.task).overtime += max(hours - on_shift, 0.0)
                if slot.state == QUIET:
                    slot.manned = 0
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
def play_round(r, s, where):  # type: ignore[no-untyped-def]
    """What happens at this instant, once through. where: as `next_instant` has it"""
    i = fails_alone(r, s, where)
    if i < 0:
        what_happens(r, s)
    else:
        touch(s, record(s.slots, i).asset)
        fail(r, s, i)
    if i < 0 or not goes_on_alone(r, s, i):
        what_follows(r, s)


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
def close_period(r, s, added, places, sums):  # type: ignore[no-untyped-def]
    """A period has ended: write down what was added up, and begin the next."""
    one = record(s.one, 0)
    told = sums[r.column, one.period]
    for n in range(len(places)):
        told[n] = added[places[n]]
    added[:] = 0.0
    for a in range(s.seats[0] if r.used else 0):
        asset = record(s.assets, a)
        if asset.runs > 0 and record(r.fleets, asset.fleet).use >= 0:
            asset.use += (one.now - asset.stretch) * use_now(r, s, asset.fleet)
            asset.stretch, asset.ages = one.now, 1
            set_next(s, a, one.now)
    one.period += 1
    one.closes = r.hours[min(one.period + 1, len(r.hours) - 1)]


def _compiled(sources: str) -> Any:
    """The function of these sources: what is compiled is kept on a machine by what it encloses, and so anew when a part changes."""

    @njit(cache=True, nogil=True, error_model="numpy")
    def histories(  # type: ignore[no-untyped-def]
        lives, rows, first_row, laws, travels,
        hours, fleets, modes, tasks, crew_of, renewed, crews, spares, weather, masks, first_mask, owed, monday,
        pools, use, wanted, places, sums, log,
    ):
        """Add up the histories of the paths of a block, as `Table`, `Rules` and `Given` have them.

        pools:  how many seats there are for each kind of requests, and each shop; of parts under way; of parts ordered at depots
        places: of what is wanted, as `account.place` says
        sums:   (paths, periods, places) of the block
        log:    (events, 4) time, asset, mode and what happens, of the last path; without rows: none is kept
        Gives (-1, events, rounds), the events of the last path and the rounds of all; with a mode as the first where more of its
        lives are needed than are known, and -2 - n where of pool n are.
        """
        kept = laid_out(fleets, modes, tasks, crews, spares, weather, first_mask, pools)
        added, at_fleets = kept[18], len(tasks) * IN_TASK
        at_groups = at_fleets + len(fleets) * IN_FLEET
        s = State(
            borrowed(kept[0]), borrowed(kept[1]), borrowed(kept[2]), borrowed(kept[3]), borrowed(kept[4]), borrowed(kept[5]),
            borrowed(kept[6]), borrowed(kept[7]), borrowed(kept[8]), borrowed(kept[9]), borrowed(kept[10]), borrowed(kept[11]),
            borrowed(kept[12]), borrowed(kept[13]), borrowed(kept[14]), borrowed(kept[15]), borrowed(kept[16]), borrowed(kept[17]),
            borrowed(added[:at_fleets].view(OF_TASK)), borrowed(added[:at_fleets].reshape(len(tasks), IN_TASK)),
            borrowed(added[at_fleets:at_groups].view(OF_FLEET)), borrowed(added[at_groups:]), borrowed(log),
        )  # fmt: skip
        one = s.one[0]
        always_owed = owed[1] - owed[0] == 24.0 and owed[2:].all()
        overtime = times = spent = fleet_hours = planned = False
        for n in range(len(places)):
            asked = places[n] % IN_TASK if places[n] < at_fleets else -1
            overtime = overtime or asked == OVERTIME
            times = times or (asked >= RESPONSE and asked <= OVERDUE)
            spent = spent or asked >= BY_CAUSE
            fleet_hours = fleet_hours or (places[n] >= at_fleets and places[n] < at_groups)
        for mode in range(len(modes)):
            planned = planned or modes[mode].maintenance > 0 or modes[mode].chance > 0.0
        for path in range(min(rows.shape[0], len(sums))):
            r = Rules(
                borrowed(hours), borrowed(fleets), borrowed(modes), borrowed(tasks), borrowed(crew_of), borrowed(renewed),
                borrowed(crews), borrowed(spares), borrowed(weather), borrowed(masks), borrowed(first_mask), borrowed(owed),
                monday, borrowed(lives), borrowed(laws), borrowed(travels), borrowed(rows[path]), borrowed(use),
                borrowed(wanted), path, always_owed, overtime, times, spent, fleet_hours, planned, len(use) > 0,
            )  # fmt: skip
            begin_path(r, s, first_row)
            added[:] = 0.0
            closes = False
            while one.short == -1:
                settle(r, s)
                if closes:
                    close_period(r, s, added, places, sums)
                    if one.period + 1 == len(hours):
                        break
                now, where = next_instant(s)
                if one.due > 0:
                    parts_come(r, s, min(now, one.closes))
                    if one.due > 0 and record(s.due, 0).time <= now:
                        now, where = record(s.due, 0).time, -1
                closes = one.closes <= now
                one.now = one.closes if closes else now
                fleets_pass(r, s)
                if not closes:
                    play_round(r, s, where)
                elif one.busy > 0:
                    for a in range(len(s.assets)):
                        if s.assets[a].busy > 0:
                            touch(s, a)
            if one.short != -1:
                return one.short, 0, one.rounds
        return -1, one.events + 0 * (len(kept[0]) + len(sources)), one.rounds  # what is borrowed is kept until here

    return histories


histories = _compiled(sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))).hexdigest())
