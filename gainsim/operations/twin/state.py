"""Where things stand in a history: records, how they are handed down, and what every part of the rules does with them."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
from numba import njit
from numba.core import cgutils, types
from numba.extending import intrinsic

from gainsim.operations.twin.codes import IN_TASK, KINDS

#: of one mode of an asset, or a seat. fails, calls: when its life ends, and when planned work is called for, while the asset runs;
#: limit, call: the ages of these; born: the age at which the life began; since: of the failure or call; there, admitted, done: when
#: the crew arrives, has access, and has done; planned, repair: hours of work; stopped: since when it holds the asset down; mark: up
#: to where its crew's hours are counted; life_row: of the life it is in; row: of that it is called for; order: among what waits
#: since the same instant; key: of what it orders; queued: whether it stands in the queue; orders: whether it still has to order its
#: spare; who: as the log has it, below 0 a part at a shop
SLOT = np.dtype([
    ("fails", "f8"), ("calls", "f8"), ("limit", "f8"), ("call", "f8"), ("born", "f8"), ("since", "f8"), ("there", "f8"),
    ("admitted", "f8"), ("done", "f8"), ("planned", "f8"), ("repair", "f8"), ("stopped", "f8"), ("mark", "f8"), ("leaves", "f8"),
    ("escalates", "f8"), ("asset", "i8"), ("task", "i8"), ("mode", "i8"), ("life", "i8"), ("life_row", "i8"), ("row", "i8"),
    ("order", "i8"), ("key", "i8"), ("state", "i8"), ("taken", "i8"), ("priority", "i8"), ("crew", "i8"), ("cause", "i8"),
    ("queued", "i8"), ("orders", "i8"), ("who", "i8"), ("", "i8"),
])  # fmt: skip
#: of an asset. hours, use: its ages; started: since when it runs; stretch: since when it uses as much an hour; down: how many of
#: its modes hold it down; culprit: the one of them that does so first, or that ends next while it runs; blamed, spent: the one, and
#: on what, that its hours are counted for since mark; ages: whether it has to be told when its modes end; busy: how many of these
#: wait or have a crew; touched: whether something happened to it
ASSET = np.dtype([
    ("hours", "f8"), ("use", "f8"), ("started", "f8"), ("stretch", "f8"), ("mark", "f8"), ("fleet", "i8"), ("slot", "i8"),
    ("slots", "i8"), ("runs", "i8"), ("down", "i8"), ("culprit", "i8"), ("blamed", "i8"), ("spent", "i8"), ("ages", "i8"),
    ("busy", "i8"), ("touched", "i8"),
])  # fmt: skip
#: stood: the asset that stands by, if it is the only one
FLEET = np.dtype([("running", "i8"), ("standing", "i8"), ("stood", "i8")])
CREW = np.dtype([("free", "i8")])
#: left: parts on order for calls that were withdrawn; claims: how many wait that take one
SPARE = np.dtype([("parts", "i8"), ("left", "i8"), ("claims", "i8")])
#: a part under way, or ordered at a depot
PART = np.dtype([("time", "f8"), ("lead", "f8"), ("spare", "i8"), ("mode", "i8"), ("row", "i8"), ("key", "i8")])
#: what comes from outside: kinds of requests, and weather. count: of calls, or spells; row: of the next
SOURCE = np.dtype([("mode", "i8"), ("count", "i8"), ("row", "i8"), ("foul", "i8")])
#: what there is one of. closes: when the period does; mark: up to where the hours of fleets are counted; waits: how many stand in
#: the queue; gone: whether some of these wait no more; fresh, touched: how many begin to wait, and to how many assets something
#: happened; busy: how many assets and seats are down or wait for a crew; due, owed: parts under way, and ordered at depots; stood:
#: whether somebody may start; short: what there is too little of; changed: whether others run since it was last told which fleets
#: serve; serving: those, as bits; missed: how many groups do not serve; rounds: how many were played, on all paths
ONE = np.dtype([
    ("now", "f8"), ("wake", "f8"), ("closes", "f8"), ("mark", "f8"), ("waits", "i8"), ("gone", "i8"), ("fresh", "i8"),
    ("touched", "i8"), ("busy", "i8"), ("due", "i8"), ("owed", "i8"), ("stood", "i8"), ("period", "i8"), ("events", "i8"),
    ("short", "i8"), ("serving", "i8"), ("missed", "i8"), ("changed", "i8"), ("rounds", "i8"),
])  # fmt: skip

#: what is added up of one thing in one period
SUM = np.dtype([("of", "f8")])
#: where the sums of a thing stand, period by period; those of all that nobody asks for stand in one place
PLACE = np.dtype([("first", "i8")])

#: of sixteen leaves: when something happens next to one of them, and to which, a bit each
BLOCK = np.dtype([("next", "f8"), ("whose", "i8")])

#: the rules, and what was drawn and given on the path that runs. overtime, times, spent, fleet_hours: whether anybody asks for
#: overtime, for response or completion, for hours by cause, for what fleets do; planned: whether work is planned; by_hours: whether
#: all modes age by the hours that their assets run; used: whether fleets have a use; depots: whether parts come from depots or
#: shops; steady: whether a period's end changes nothing while nobody is busy and all groups serve
Rules = namedtuple(
    "Rules",
    "hours fleets modes tasks crew_of renewed crews spares weather masks first_mask owed monday lives laws travels"
    " columns place use wanted column always_owed overtime times spent fleet_hours planned by_hours used depots steady",
)
#: where things stand on the path that runs
State = namedtuple(
    "State",
    "one slots assets fleets crews spares sources seats free open due owed queue fresh touched times blocks missed"
    " sums places log",
)


def _without_owner(context, array):  # type: ignore[no-untyped-def]
    """The same array without its owner: who counts references to so many arrays does nothing else."""

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        made = context.make_array(signature.args[0])(context, builder, values[0])
        made.meminfo = cgutils.get_null_value(made.meminfo.type)  # type: ignore[no-untyped-call]
        made.parent = cgutils.get_null_value(made.parent.type)  # type: ignore[no-untyped-call]
        return made._getvalue()

    return array(array), code


borrowed: Any = intrinsic(_without_owner)


def _record(context, array, index):  # type: ignore[no-untyped-def]
    """The record of an array that has this number; numbers below 0, which would count from the end, are not looked for."""

    def code(context, builder, signature, values):  # type: ignore[no-untyped-def]
        made = context.make_array(signature.args[0])(context, builder, values[0])
        data = builder.bitcast(made.data, cgutils.voidptr_t)
        place = builder.mul(values[1], context.get_constant(types.intp, array.dtype.size))
        return builder.bitcast(builder.gep(data, [place]), context.get_value_type(array.dtype))

    return array.dtype(array, types.int64), code


record: Any = intrinsic(_record)

#: what stands in one place of the whole. It owns nothing: without counting references it is compiled in two thirds of the time
_options: Any = {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
inlined = njit(nogil=True, error_model="numpy", **_options)
#: what is long and seldom needed stands once, and is called
called = njit(nogil=True, error_model="numpy", forceinline=False)


@inlined
def add(s, place, amount):  # type: ignore[no-untyped-def]
    """Add something up at its place in this period."""
    record(s.sums, record(s.places, place).first + record(s.one, 0).period).of += amount


@inlined
def add_up(s, task, what, amount):  # type: ignore[no-untyped-def]
    """Add something up of a task in this period."""
    add(s, task * IN_TASK + what, amount)


@inlined
def keep_largest(s, task, what, amount):  # type: ignore[no-untyped-def]
    """The largest of something of a task in this period."""
    at = record(s.places, task * IN_TASK + what).first + record(s.one, 0).period
    record(s.sums, at).of = max(record(s.sums, at).of, amount)


@inlined
def drawn(r, mode, row, kind):  # type: ignore[no-untyped-def]
    """What was drawn of this kind for a life that has this row."""
    law = record(r.laws, mode * KINDS + kind)
    return law.fixed if law.place < 0 else r.columns[row + law.place, r.place]


@inlined
def happened(s, who, mode, what):  # type: ignore[no-untyped-def]
    """An event of the log."""
    if len(s.log) == 0:
        return
    one = record(s.one, 0)
    if one.events < len(s.log):
        at = one.events
        s.log[at, 0], s.log[at, 1], s.log[at, 2], s.log[at, 3] = one.now, who, mode, what
    one.events += 1


@inlined
def touch(s, a):  # type: ignore[no-untyped-def]
    """Something happens to an asset or seat: what follows of it is settled at the end of the round."""
    if record(s.assets, a).touched == 0:
        record(s.assets, a).touched = 1
        s.touched[record(s.one, 0).touched] = a
        record(s.one, 0).touched += 1
