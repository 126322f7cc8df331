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
        fleet, running = record(s.fleets, f), record(s.fleets, f).running
        record(s.of_fleet, f).up += (running + fleet.standing) * hours
        record(s.of_fleet, f).running += running * hours
        if running >= record(r.fleets, f).needed:
            record(s.of_fleet, f).served += hours
            serving |= 1 << f
        made = float(running)
        if record(r.fleets, f).wanted >= 0:
            made = min(made, r.wanted[record(r.fleets, f).wanted, one.period, r.column])
        record(s.of_fleet, f).made += made * hours
    if serving != one.serving:
        tell_serving(r, s, serving)
    for g in range(len(s.of_group)):
        if s.served[g] > 0:
            s.of_group[g] += hours


@inlined
def tell_serving(r, s, serving):  # type: ignore[no-untyped-def]
    """Other fleets serve now: whether each group does, the whole and each site."""
    record(s.one, 0).serving = serving
    for g in range(len(s.of_group)):
        s.served[g] = 0
        for at in range(r.first_mask[g], r.first_mask[g + 1]):
            if r.masks[at] & serving == r.masks[at]:
                s.served[g] = 1
                break
