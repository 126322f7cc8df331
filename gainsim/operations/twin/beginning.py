"""How a history begins: what there is, and where everything stands at hour 0."""

from __future__ import annotations

import numpy as np
from numba import njit

from gainsim.operations.twin.ages import live
from gainsim.operations.twin.codes import DRAWN_LIFE, IN_FLEET, IN_TASK, NEVER, QUIET
from gainsim.operations.twin.leaves import set_next
from gainsim.operations.twin.state import (
    ASSET,
    BLOCK,
    CREW,
    FLEET,
    ONE,
    PART,
    PLACE,
    SLOT,
    SOURCE,
    SPARE,
    drawn,
    inlined,
    record,
    touch,
)


@njit(nogil=True, error_model="numpy")
def laid_out(fleets, modes, tasks, crews, spares, weather, first_mask, pools):  # type: ignore[no-untyped-def]
    """Room for all that there is, as `State` has it."""
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
    slot_of = np.zeros(count + seats[kinds] - own, SLOT)
    asset_of = np.zeros(seats[kinds], ASSET)
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
    sources = np.zeros(requests + len(weather), SOURCE)
    for n in range(requests):
        sources[n].mode = len(modes) + n
    for n in range(len(weather)):
        sources[requests + n].mode = weather[n]
    leaves = len(asset_of) + len(sources)
    blocks, groups = (leaves + 15) >> 4, len(first_mask) - 1
    return (
        np.zeros(1, ONE), slot_of, asset_of, np.zeros(len(fleets), FLEET), np.zeros(len(crews), CREW),
        np.zeros(len(spares), SPARE), sources, seats, free, np.empty(kinds, np.int64), np.zeros(pools[kinds], PART),
        np.zeros(pools[kinds + 1], PART), np.empty(len(slot_of), np.int64), np.empty(3 * len(slot_of), np.int64),
        np.empty(len(asset_of), np.int64), np.empty(16 * blocks), np.empty(blocks, BLOCK),
        np.empty(groups, np.int64), np.empty(len(tasks) * IN_TASK + len(fleets) * IN_FLEET + groups, PLACE),
    )  # fmt: skip


@inlined
def begin_path(r, s, first_row):  # type: ignore[no-untyped-def]
    """Rule 1: at hour 0 every asset is new, all stocks are full, and nobody waits."""
    one = record(s.one, 0)
    one.now = one.mark = 0.0
    one.wake, one.closes = NEVER, r.hours[1]
    one.waits = one.gone = one.fresh = one.touched = one.busy = one.due = one.owed = one.stood = one.period = one.events = 0
    one.short = -1
    one.changed = 1
    one.serving = -1
    one.missed = 0
    for c in range(len(s.crews)):
        record(s.crews, c).free = record(r.crews, c).number
    for p in range(len(s.spares)):
        record(s.spares, p).parts, record(s.spares, p).left, record(s.spares, p).claims = record(r.spares, p).stock, 0, 0
    for k in range(len(s.open)):
        s.open[k] = s.seats[k + 1] - s.seats[k]
    for n in range(len(s.free)):
        s.free[n] = s.seats[0] + n
    s.times[:] = NEVER
    for block in range(len(s.blocks)):
        record(s.blocks, block).next = NEVER
    for f in range(len(s.fleets)):
        fleet = record(s.fleets, f)
        fleet.running, fleet.stood = record(r.fleets, f).most, -1
        fleet.standing = record(r.fleets, f).assets - fleet.running
    for a in range(len(s.assets)):
        asset = record(s.assets, a)
        asset.hours = asset.use = asset.started = asset.stretch = asset.mark = 0.0
        asset.down, asset.runs, asset.ages, asset.busy, asset.spent, asset.touched = 0, 0, 0, 0, -1, 0
        for i in range(asset.slot, asset.slot + asset.slots):
            slot = record(s.slots, i)
            slot.state, slot.life, slot.queued, slot.born = QUIET, 0, 0, 0.0
            slot.fails = slot.calls = slot.leaves = NEVER
            if a < s.seats[0]:
                slot.life_row = first_row[i]
                live(r, slot)
        if a < s.seats[0] and a - record(r.fleets, asset.fleet).first_asset < record(r.fleets, asset.fleet).most:
            asset.runs, asset.ages = 1, 1
            touch(s, a)
    of_assets = len(s.slots) - len(s.free)
    for n in range(len(s.sources)):
        source = record(s.sources, n)
        source.count, source.foul = 0, 0
        if source.mode >= 0:
            source.row = first_row[of_assets + source.mode - len(r.modes)]  # their lives stand behind those of assets
            set_next(s, len(s.assets) + n, drawn(r, source.mode, source.row, DRAWN_LIFE))
