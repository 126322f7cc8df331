"""A failure that nobody else meets: what follows of it at once, up to its end."""

from __future__ import annotations

from numba.cpython.unsafe.numbers import trailing_zeros

from gainsim.operations.twin.codes import LACKS, NEVER, NO_CREW, NO_SHIFT, NO_SPARE, TRAVEL
from gainsim.operations.twin.dispatch import begin_work, lacks_beside_crew, who_comes
from gainsim.operations.twin.happening import finish, run
from gainsim.operations.twin.leaves import set_next
from gainsim.operations.twin.parts import order_spare
from gainsim.operations.twin.passing import fleets_pass
from gainsim.operations.twin.state import happened, inlined, record
from gainsim.operations.twin.weeks import is_on_shift, owed_hours


@inlined
def fails_alone(r, s, where):  # type: ignore[no-untyped-def]
    """The slot by which an asset fails, if nothing else happens at this instant, and nobody waits or stands by; else -1.

    where: the block of leaves in which something happens, -1 where it is not in one alone
    """
    one = record(s.one, 0)
    if where < 0 or one.waits > 0:
        return -1
    whose = record(s.blocks, where).whose
    a = (where << 4) + int(trailing_zeros(whose))  # type: ignore[call-arg]
    if whose & (whose - 1) != 0 or a >= s.seats[0]:
        return -1
    asset = record(s.assets, a)
    if asset.runs == 0 or asset.ages > 0 or asset.busy > 0 or record(s.fleets, asset.fleet).standing > 0:
        return -1
    fails = -1
    for i in range(asset.slot, asset.slot + asset.slots):
        if record(s.slots, i).calls == one.now:
            return -1
        if fails < 0 and record(s.slots, i).fails == one.now:
            fails = i
    return fails


@inlined
def next_of_others(s, a):  # type: ignore[no-untyped-def]
    """When something happens next but to this asset, or the period closes."""
    one = record(s.one, 0)
    set_next(s, a, NEVER)
    time = one.closes
    for block in range(len(s.blocks)):
        time = min(time, record(s.blocks, block).next)
    return min(time, record(s.due, 0).time) if one.due > 0 else time


@inlined
def goes_on_alone(r, s, i):  # type: ignore[no-untyped-def]
    """What follows of such a failure before anything else happens; whether it needs nothing more of this instant's round."""
    one, slot, until = record(s.one, 0), record(s.slots, i), 0.0
    a, task = slot.asset, record(r.tasks, slot.task)
    one.stood = 0
    if task.spare >= 0:
        order_spare(r, s, i, task.spare)
        slot.orders = 0
        if one.due > 0 and record(s.due, 0).time == one.now:
            return False
    if lacks_beside_crew(r, s, task) != NO_CREW:
        return False
    if one.busy == 1:
        until = next_of_others(s, a)
    option = who_comes(r, s, task, slot.taken)
    if option < 0:
        begins = min(until, slot.escalates)
        for o in range(task.first_option, task.first_option + task.options[slot.taken]):
            if is_on_shift(r, s, r.crew_of[o]):
                return False
            begins = min(begins, record(s.crews, r.crew_of[o]).until)
        if begins == until or begins == slot.escalates:
            return False
        slot.cause = NO_SHIFT - NO_SPARE
        happened(s, a, slot.task, LACKS + slot.cause)
        one.now = begins
        if r.spent:
            s.spent[slot.task, NO_SHIFT] += owed_hours(r, slot.since, begins)
        option = who_comes(r, s, task, slot.taken)
        if option < 0:
            return False
    begin_work(r, s, i, option)
    one.fresh = 0
    if slot.done < until:
        asset = record(s.assets, a)
        asset.mark, asset.spent, asset.blamed = one.now, TRAVEL, i
        one.now = slot.done
        fleets_pass(r, s)
        finish(r, s, i)
        run(s, a)
        one.stood = 0
    return True
