"""What fleets do while time passes: hours that they run, stand by, serve and make something of."""

from __future__ import annotations

from gainsim.operations.twin.state import inlined, record
from gainsim.operations.twin.weeks import owed_hours


@inlined
def fleets_pass(r, s):  # type: ignore[no-untyped-def]
    """Count what the fleets did since the last instant."""
    one = record(s.one, 0)
    hours, serving = owed_hours(r, one.mark, one.now), 0
    one.mark = one.now
    for f in range(len(s.fleets)):
        running = record(s.fleets, f).running
        serves = running >= record(r.fleets, f).needed
        if serves:
            serving |= 1 << f
        if r.fleet_hours:
            added, made = record(s.of_fleet, f), float(running)
            added.up += (running + record(s.fleets, f).standing) * hours
            added.running += running * hours
            if serves:
                added.served += hours
            if record(r.fleets, f).wanted >= 0:
                made = min(made, r.wanted[record(r.fleets, f).wanted, one.period, r.column])
            added.made += made * hours
    if serving != one.serving:
        tell_serving(r, s, serving)
    for n in range(one.groups):
        s.of_group[s.served[n]] += hours


@inlined
def tell_serving(r, s, serving):  # type: ignore[no-untyped-def]
    """Other fleets serve now: which groups do, of the whole and each site."""
    one = record(s.one, 0)
    one.serving, one.groups = serving, 0
    for g in range(len(s.of_group)):
        for at in range(r.first_mask[g], r.first_mask[g + 1]):
            if r.masks[at] & serving == r.masks[at]:
                s.served[one.groups] = g
                one.groups += 1
                break
