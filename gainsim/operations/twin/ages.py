"""Rules 2 and 3: how assets age, when their modes end, and what stops them."""

from __future__ import annotations

from gainsim.operations.twin.codes import (
    BY_CALENDAR,
    BY_HOURS,
    DRAWN_AHEAD,
    DRAWN_FIRST,
    DRAWN_FORESEEN,
    DRAWN_LIFE,
    NEVER,
)
from gainsim.operations.twin.state import drawn, inlined, record


@inlined
def use_now(r, s, f):  # type: ignore[no-untyped-def]
    """What a running asset of a fleet is used an hour."""
    return 0.0 if record(r.fleets, f).use < 0 else r.use[record(r.fleets, f).use, record(s.one, 0).period, r.column]


@inlined
def reached(r, s, asset, age, ages):  # type: ignore[no-untyped-def]
    """When a running asset reaches an age; by use, within this period."""
    if ages == BY_HOURS:
        return asset.started + max(age - asset.hours, 0.0)
    if ages == BY_CALENDAR:
        return max(age, asset.started)
    rate = use_now(r, s, asset.fleet)
    if rate > 0.0 and age < NEVER:
        time = asset.stretch + max(age - asset.use, 0.0) / rate
        if time < r.hours[record(s.one, 0).period + 1]:
            return time
    return NEVER


@inlined
def live(r, slot):  # type: ignore[no-untyped-def]
    """A life begins: at which ages it ends, and planned work is called for."""
    mode = record(r.modes, slot.mode)
    life = drawn(r, slot.mode, slot.life_row, DRAWN_LIFE)
    slot.limit, slot.call = slot.born + life, NEVER
    if mode.maintenance > 0:
        slot.limit = NEVER
        slot.call = slot.born + (drawn(r, slot.mode, slot.life_row, DRAWN_FIRST) if slot.life == 0 else life)
    elif mode.chance > 0.0 and drawn(r, slot.mode, slot.life_row, DRAWN_FORESEEN) < mode.chance:
        slot.call = max(slot.born, slot.limit - drawn(r, slot.mode, slot.life_row, DRAWN_AHEAD))


@inlined
def tell_ages(r, s, a):  # type: ignore[no-untyped-def]
    """An asset runs: when each of its modes ends, and planned work is called for. Gives the first of these times."""
    asset, first, ends = record(s.assets, a), NEVER, 0
    for i in range(asset.slot, asset.slot + asset.slots):
        slot = record(s.slots, i)
        time = asset.started + max(slot.limit - asset.hours, 0.0)
        if not r.by_hours and record(r.modes, slot.mode).ages != BY_HOURS:
            time = reached(r, s, asset, slot.limit, record(r.modes, slot.mode).ages)
        slot.fails = time
        ends = i if time < first else ends
        first = min(first, time)
    asset.culprit = ends
    if r.planned:
        for i in range(asset.slot, asset.slot + asset.slots):
            slot = record(s.slots, i)
            slot.calls = reached(r, s, asset, slot.call, record(r.modes, slot.mode).ages)
            first = min(first, slot.calls)
    return first


@inlined
def hold(r, s, i):  # type: ignore[no-untyped-def]
    """A mode holds its asset down from now on."""
    one, slot = record(s.one, 0), record(s.slots, i)
    asset = record(s.assets, slot.asset)
    slot.stopped = one.now
    asset.down += 1
    if asset.down > 1:
        return
    asset.culprit = i
    fleet = record(s.fleets, asset.fleet)
    if asset.runs > 0:
        asset.runs = 0
        asset.hours += one.now - asset.started
        asset.use += (one.now - asset.stretch) * use_now(r, s, asset.fleet)
        fleet.running -= 1
        one.stood = one.changed = 1
    else:
        fleet.standing -= 1
        fleet.stood = -1
